# SPDX-License-Identifier: Apache-2.0
"""Findings: titles, what they ask, innocent causes, and why one was not evaluated."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    # injected-input
    "finding.injected-input.title": "Text from software",
    "finding.injected-input.raised": (
        "For two minutes or less, most text came from software, none from the keyboard. What was it?"
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
