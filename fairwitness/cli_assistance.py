# SPDX-License-Identifier: Apache-2.0
"""The command assistance: what stays on this computer about how its person works."""

from __future__ import annotations

import argparse
from typing import Final

import msgspec

from fairwitness.cli_keys import GOOD, Adds
from fairwitness.terminal import say

_WORDS: Final = {True: "yes", False: "no"}
_ANSWERS: Final = {word: holds for holds, word in _WORDS.items()}


def assistance(chosen: argparse.Namespace) -> int:
    """Says once that an assistive tool or a remote desktop works for you; it stays on this computer and is never sent."""
    from fairwitness.assistance import keep, said  # noqa: PLC0415 - as every command: loaded when it is asked for
    from fairwitness.places import Places  # noqa: PLC0415 - as above
    from session.assistance import Assistance  # noqa: PLC0415 - as above

    file = Places(chosen.home).assistance
    before = said(file)
    now = Assistance(
        assistive=_ANSWERS.get(chosen.assistive, before.assistive), remote=_ANSWERS.get(chosen.remote, before.remote)
    )
    if (chosen.assistive, chosen.remote) != ("", ""):
        keep(file, now)
    if chosen.json:
        say([msgspec.json.encode(now).decode()])
        return GOOD
    lines = [
        f"A tool types, points or chooses for me: {_WORDS[now.assistive]}",
        f"I work through a remote desktop, or share keyboard and mouse: {_WORDS[now.remote]}",
        "This stays on this computer: it is written into no session, and sent to nobody.",
    ]
    if now.assistive or now.remote:
        lines.append("No question is asked about your sessions; reviewers read only that each was not evaluated.")
    say(lines)
    return GOOD


def add_assistance(add: Adds) -> None:
    """Adds the command to the parser."""
    sub = add("assistance", assistance)
    for name, means in (
        ("assistive", "a tool types, points or chooses for you"),
        ("remote", "you work through a remote desktop"),
    ):
        sub.add_argument(f"--{name}", choices=tuple(_ANSWERS), default="", help=means)
