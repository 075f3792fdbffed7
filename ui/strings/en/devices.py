# SPDX-License-Identifier: Apache-2.0
"""The recovery code, and a second device."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "do.code": "My recovery code …",
    "do.device": "Add a device …",
    "code.window": "Your recovery code",
    "code.why": (
        "Write these 24 words on paper, in this order. If this computer is lost, they bring back your keys, your name"
        " and your earlier sessions on another one."
    ),
    "code.keep": (
        "Keep the paper apart from this computer and show it to nobody: whoever has these words can be you. Nobody "
        "can make them again, your organisation neither."
    ),
    "code.words": "The 24 words",
    "code.print": "Save as a page to print …",
    "code.print.name": "recovery-code.html",
    "code.printed": "Saved, readable by you alone. Print it, and then delete the file.",
    "code.later": "Later",
    "code.written": "I have written them down",
    "code.check": "Two words from your paper",
    "code.check.why": "So that you can be sure that the paper is right.",
    "code.check.word": "Word {number}",
    "code.check.wrong": "Word {number} is another one. Please look at your paper again.",
    "code.check.do": "Confirm",
    "code.confirmed": "Confirmed. Keep the paper in a safe place.",
    "code.loading": "Reading your code …",
    "code.page.title": "Fair Witness: recovery code",
    "code.page.about": "Of {person}, in {organisation}. Read the words by their numbers.",
    "code.page.how": (
        "On a new computer: install Fair Witness, ask your organisation for an enrolment link, choose Join an "
        "organisation, and enter these words under I have a recovery code."
    ),
    "today.code.unconfirmed": (
        "You have not confirmed your recovery code yet. Without it a lost computer takes your keys along."
    ),
    "today.code.show": "Show my code",
    "today.code.none": (
        "Your keys were made before there were recovery codes. Ask your organisation for a new enrolment link, and "
        "call fairwitness enroll 'LINK' --new-keys in a terminal: you then get new keys, and a code for them."
    ),
    "join.code": "I have a recovery code",
    "join.code.words": "Your 24 words",
    "join.code.why": ("For a new computer in place of one that is lost. Your keys, your name and your sessions come back."),
    "join.elsewhere": "I have another device …",
    "join.recovered": "This computer has your keys again. Your earlier sessions are on the platform: fairwitness fetch",
    "device.window": "Add a device",
    "device.paste": (
        "On your new device choose Join an organisation, and there I have another device. Paste here the text that it shows."
    ),
    "device.request": "Text from the new device",
    "device.compare": "The six words of “{name}”",
    "device.compare.ask": "Does your new device show the same six words?",
    "device.differ.why": (
        "Then this is somebody else's request. Nothing was sent. Copy the text again from your new device."
    ),
    "device.adding": "Letting the new device in …",
    "device.answer": "The answer for “{name}”",
    "device.answer.why": (
        "Bring this text to your new device within ten minutes, by a message or by scanning the code with a "
        "telephone. Nobody else can open it."
    ),
    "device.answer.words": "Your new device shows these six words, too:",
    "device.answer.text": "Text for the new device",
    "device.ask.window": "Join with another device",
    "device.ask": "This device asks",
    "device.ask.why": (
        "On the device that you have, choose Add a device, and paste this text there. A telephone can scan the code "
        "and pass the text on. It holds no secret."
    ),
    "device.ask.words": "The six words that you will be asked to compare:",
    "device.ask.text": "Text for your other device",
    "device.ask.next": "I have the answer",
    "device.ask.answer": "Paste the answer of your other device.",
    "device.ask.answer.text": "Answer of your other device",
    "device.ask.compare": "The six words of the answer",
    "device.ask.compare.ask": "Does your other device show the same six words?",
    "device.ask.person": "This computer would be “{name}”, of “{person}”.",
    "device.ask.differ.why": (
        "Then this answer does not come from your other device. Nothing was sent. Make a new answer there and copy it again."
    ),
    "device.joined": "This computer is enrolled. You can start.",
    "device.copy": "Copy the text",
    "device.copied": "Copied.",
    "device.qr": "QR code of the text above",
}
"""Sentences by key."""
