# SPDX-License-Identifier: Apache-2.0
"""Intervals of time that never overlap, and laying and painting on them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec


class Span(StrEnum):
    """What an interval was."""

    WORK = "work"
    PAUSE = "pause"
    PRIVATE = "private"
    SUSPEND = "suspend"
    CRASH = "crash"
    TRIM = "trim"
    MANUAL = "manual"


class Interval(msgspec.Struct, frozen=True):
    """[from_us, to_us) in UTC; `counts` says whether it is work time under the policy."""

    from_us: int
    to_us: int
    span: Span
    counts: bool

    @property
    def length_us(self) -> int:
        """Its length, always above 0 inside a timeline."""
        return self.to_us - self.from_us


class Timeline:
    """Sorted, disjoint intervals, none of them empty.

    A painting costs what lies under it, and moving what lies behind: the verifier bounds how many there may be.
    """

    def __init__(self) -> None:
        self._intervals: list[Interval] = []

    def lay(self, from_us: int, to_us: int, span: Span, *, counts: bool) -> None:
        """Adds at the end; where it would reach into what lies there already, only the rest is added.

        What is laid in many parts of one sort, one for each record, is one interval: a painting looks at it once.
        """
        last = self._intervals[-1] if self._intervals else None
        if last:
            from_us = max(from_us, last.to_us)
        if from_us >= to_us:
            return
        if last and (last.to_us, last.span, last.counts) == (from_us, span, counts):
            self._intervals[-1] = Interval(last.from_us, to_us, span, counts)
        else:
            self._intervals.append(Interval(from_us, to_us, span, counts))

    def paint(  # noqa: PLR0913 - an interval, what it becomes, and over what
        self, from_us: int, to_us: int, span: Span, *, counts: bool, over: Callable[[Interval], bool], bare: bool = False
    ) -> None:
        """Makes every part of [from_us, to_us) that lies on an interval for which `over` holds into `span`.

        With `bare`, the parts on which nothing lies too.
        """
        if from_us >= to_us:
            return
        first = bisect_right(self._intervals, from_us, key=lambda one: one.to_us)
        last = bisect_left(self._intervals, to_us, key=lambda one: one.from_us)
        under = self._intervals[first:last]
        if not bare and not any(map(over, under)):
            return
        laid: list[Interval] = []
        at_us = from_us
        for one in under:
            if bare and at_us < one.from_us:
                laid.append(Interval(at_us, one.from_us, span, counts))
            at_us = one.to_us
            if not over(one):
                laid.append(one)
                continue
            begin_us, end_us = max(one.from_us, from_us), min(one.to_us, to_us)
            laid.append(Interval(one.from_us, begin_us, one.span, one.counts))
            laid.append(Interval(begin_us, end_us, span, counts))
            laid.append(Interval(end_us, one.to_us, one.span, one.counts))
        if bare and at_us < to_us:
            laid.append(Interval(at_us, to_us, span, counts))
        self._intervals[first:last] = _joined(one for one in laid if one.from_us < one.to_us)

    def cut(self, at_us: int) -> None:
        """Drops all that lies after `at_us`."""
        kept = self._intervals[: bisect_left(self._intervals, at_us, key=lambda one: one.from_us)]
        if kept and kept[-1].to_us > at_us:
            kept[-1] = msgspec.structs.replace(kept[-1], to_us=at_us)
        self._intervals = kept

    def intervals(self) -> tuple[Interval, ...]:
        """All intervals in order, neighbours of one sort joined."""
        return tuple(_joined(self._intervals))


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """The same, with neighbours of one sort made one: what is painted over again and again does not stay in pieces."""
    joined: list[Interval] = []
    for one in intervals:
        before = joined[-1] if joined else None
        if before and (before.to_us, before.span, before.counts) == (one.from_us, one.span, one.counts):
            joined[-1] = Interval(before.from_us, one.to_us, one.span, one.counts)
        else:
            joined.append(one)
    return joined
