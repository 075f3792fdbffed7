# SPDX-License-Identifier: Apache-2.0
"""Colours and type, light and dark. No Qt here: plain values, so that contrast is a test.

Rules:

1. Text on what it stands on has a contrast of at least 4.5:1. Source: WCAG 2.2, success criterion 1.4.3.
2. No meaning rests on colour alone: applications have a row and a name each, gaps a hatch each, findings a sign each.
3. Colours of applications are told apart by people who are colour-blind. Source: Okabe and Ito, 2008.
4. Nothing is red: nothing in a replay is an alarm.
"""

from __future__ import annotations

from typing import Final

import msgspec

FAMILIES: Final = ("Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
"""Asked for in this order; where none is installed, any sans-serif font that is."""

TEXT_CONTRAST: Final = 4.5
"""Source: WCAG 2.2, success criterion 1.4.3."""


class Palette(msgspec.Struct, frozen=True):
    """Colours as `#rrggbb`.

    Args:
        window, card: behind everything; behind the lanes. line: hairlines. track: an observed stretch without input.
        text, quiet: words; less important words.
        good, bad, unknown: the state of a session, as words and signs. ask: a finding that asks.
        ask_fill: the ground of `ask`'s sign.
        engaged, work, typing, typing_peak: marks of the lanes. apps: of applications. other: of all the others.
        pause .. removed: the hatches.
    """

    window: str
    card: str
    line: str
    track: str
    text: str
    quiet: str
    good: str
    bad: str
    unknown: str
    ask: str
    ask_fill: str
    engaged: str
    work: str
    typing: str
    typing_peak: str
    apps: tuple[str, ...]
    other: str
    pause: str
    private: str
    crash: str
    suspend: str
    denied: str
    other_gap: str
    removed: str


LIGHT: Final = Palette(
    window="#f4f6f8",
    card="#ffffff",
    line="#dfe4ea",
    track="#e9edf2",
    text="#18212b",
    quiet="#566371",
    good="#17694a",
    bad="#9a3c10",
    unknown="#566371",
    ask="#7a4f00",
    ask_fill="#ffe3a3",
    engaged="#4a6078",
    work="#24506e",
    typing="#24506e",
    typing_peak="#a9c4d6",
    apps=("#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31"),
    other="#9aa5b1",
    pause="#7d8b99",
    private="#8a5fa8",
    crash="#c8560f",
    suspend="#3f7fb5",
    denied="#a37b00",
    other_gap="#7d8b99",
    removed="#4b5763",
)
DARK: Final = Palette(
    window="#12171d",
    card="#1b222b",
    line="#303a46",
    track="#28313c",
    text="#e9eef3",
    quiet="#a4b0bd",
    good="#6fd0a3",
    bad="#ffab7a",
    unknown="#a4b0bd",
    ask="#ffd37a",
    ask_fill="#4a3a12",
    engaged="#9db4c9",
    work="#7fb2d6",
    typing="#7fb2d6",
    typing_peak="#3d5a70",
    apps=("#4aa3df", "#2fc79a", "#e29bc4", "#f0b53a", "#8fd0f5", "#c7a35e"),
    other="#77838f",
    pause="#8492a0",
    private="#b48fd0",
    crash="#e8843f",
    suspend="#6aa9dc",
    denied="#d0a52e",
    other_gap="#8492a0",
    removed="#b7c1cb",
)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, 1 to 21. Source: WCAG 2.2, definition of contrast ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
