# SPDX-License-Identifier: Apache-2.0
"""What was taken out after the seal, in sentences: by whom, how many of what, when, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from session.verify.result import SeenRemoval, Verification
from ui.replay.view import local
from ui.strings import Words

_NAMED: Final = frozenset({33, 34, 35, 36, 37, 38, 39, 40, 42, 64})
"""Type bytes that have words of their own. Source: docs/session-format.md, Types."""


def removal_lines(verification: Verification, words: Words, zone: tzinfo) -> Iterator[str]:
    """A line or two for each statement, the oldest first; none where nothing was taken out after the seal."""
    for one in verification.removals:
        who = "removals.person" if one.by == "person" else "removals.organisation"
        yield words(who, what=_what(one, words), time=_time(one.at_us, zone))
        if one.reason and one.by == "person":
            yield words("removals.reason", reason=one.reason)


def _what(one: SeenRemoval, words: Words) -> str:
    told = [words.count(f"removals.{kind if kind in _NAMED else 'other'}", number) for kind, number in one.kinds if number]
    return ", ".join(told) or words("removals.nothing")


def _time(at_us: int, zone: tzinfo) -> str:
    try:
        return f"{local(at_us, zone):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return "?"  # a clock that its author set outside the calendar
