# SPDX-License-Identifier: Apache-2.0
"""Withheld records that their trainer opened, as the replay tells of them. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from session.appeal import span_of
from session.events import Capture, Event, FindingRecord, Kind, Stats
from session.verify.result import SeenOpening
from ui.strings import Words

TICK_US: Final = 5_000_000
"""A record of a tick tells of the 5 s before its time. Source: docs/session-format.md, Nothing to watch live."""
_KINDS: Final = frozenset(kind.value for kind in Kind)


def opened_spans(events: Iterable[Event], opened: Collection[int]) -> tuple[tuple[int, int], ...]:
    """When the opened records that can be read here lie, UTC µs: in order, and those that touch are one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(tick_of(event) for event in events if event.seq in opened and event.body is not None):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end:
            merged.append((begin, end))
    return tuple(merged)


def tick_of(event: Event) -> tuple[int, int]:
    """From when to when a record tells of: a tick, the moment of a screenshot or finding; (0, 0) for none."""
    begin, end = span_of(event)
    if end and not isinstance(event.body, Stats | Capture | FindingRecord):
        begin = end - TICK_US
    return begin, end


def kind_words(kind: int, words: Words) -> str:
    """What records of a type hold, in words."""
    name = Kind(kind).name.lower() if kind in _KINDS else ""
    return words.of(f"kind.{name}", "kind.newer")


def counted_words(kinds: Sequence[tuple[int, int]], words: Words) -> tuple[str, ...]:
    """How many records of each type, a line each."""
    return tuple(f"{words.count('kind.records', number)}: {kind_words(kind, words)}" for kind, number in kinds)


def opening_words(one: SeenOpening, when: str, words: Words) -> str:
    """Who opened what, and when, in one sentence."""
    return words("steps.opened", when=when, name=one.name, what="; ".join(counted_words(one.kinds, words)))
