# SPDX-License-Identifier: Apache-2.0
"""English. Plain words, present tense, no judgement; design.md §9 lists the words we use."""

from __future__ import annotations

from typing import Final

_FINDINGS: Final = {
    # injected-input
    "finding.injected-input.title": "Text from software",
    "finding.injected-input.raised": (
        "For two minutes or less, most text came from software and none from the keyboard itself. What was it?"
    ),
    "finding.injected-input.clear": "Nowhere did most text come from software while the keyboard was silent.",
    "finding.injected-input.not-evaluated": "Whether text came from software was not evaluated.",
    "finding.unknown.title": "A newer question",
    "finding.unknown": "This finding comes from a newer version than this one, which cannot explain it.",
    "alternative.dictation": "Speech was turned into text by a dictation program.",
    "alternative.expander": "A text expander or a password manager filled in text.",
    "alternative.remapper": "A program remaps the keyboard and sends each keystroke again.",
    "alternative.steno": "A stenography program writes whole words.",
    "alternative.screen-keyboard": "An on-screen keyboard or a switch was used.",
    "alternative.remote-desktop": "The desktop was used from another computer.",
    "alternative.kvm": "A program shares one keyboard among several computers.",
    "abstain.too-little": "There was too little typing to say anything.",
    "abstain.withheld": "The statistics are withheld or removed.",
    "abstain.not-observed": "The keyboard was not observed for most of the session.",
    "abstain.assistive": "You said that an assistive tool writes for you.",
    "abstain.remote": "You said that you work through a remote desktop.",
    "abstain.unknown-source": "This desktop does not say which device most keystrokes came from.",
    "abstain.remapper": "Keystrokes from software followed those of the keyboard one by one, as a remapping program does.",
    "state.raised": "asks a question",
    "state.clear": "clear",
    "state.not evaluated": "not evaluated",
    "state.unknown": "newer state",
}

_GAPS: Final = {
    "gap.pause": "Paused",
    "gap.private": "Private time",
    "gap.crash": "The program ended without warning",
    "gap.suspend": "The computer slept",
    "gap.clock": "The clock was changed",
    "gap.denied": "Permission denied",
    "gap.absent": "Not available on this desktop",
    "gap.died": "A sensor stopped",
    "gap.queue-full": "Too much at once",
    "gap.locked": "The screen was locked",
    "gap.offline": "The platform could not be reached",
    "gap.witness": "The platform answered wrongly",
    "gap.no-indicator": "The recording sign could not be shown",
    "gap.damaged": "Records were damaged",
    "gap.disk": "The disk was full",
    "gap.unknown": "Reason from a newer version",
    "scope.session": "everything",
    "scope.keyboard": "keyboard",
    "scope.pointer": "pointer",
    "scope.window": "applications",
    "scope.capture": "screenshots",
    "scope.clock": "clock",
    "scope.idle": "idle time",
    "scope.witness": "platform's time",
    "scope.unknown": "another sensor",
}

TABLE: Final[dict[str, str]] = {**_FINDINGS, **_GAPS}
"""Sentences by key."""
