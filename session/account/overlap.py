# SPDX-License-Identifier: Apache-2.0
"""Sessions of one person on two devices at once: each counts its own time, and what two count is counted once. Pure.

Rules:

1. No session is refused or shortened: `worked_us` stays what `session.account` gives.
2. Time that several count belongs to the one that began first (of two that began together, to the lower id). The others
   say of how much of their own time that is so.
3. So work time less overlap, summed over the sessions, is the length of all their work laid together; in any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from session.account import Account

Spans = tuple[tuple[int, int], ...]
"""[from_us, to_us) in UTC: disjoint, sorted, none empty, none that touches the next."""


class Worked(msgspec.Struct, frozen=True):
    """What one session counts as work: `started_us` is its START, UTC."""

    session_id: str
    started_us: int
    spans: Spans


class Counted(msgspec.Struct, frozen=True):
    """Of `worked_us`, `overlap_us` is counted in a session that began before this one."""

    worked_us: int
    overlap_us: int


def work_spans(accounted: Account, *, ahead_us: int = 0) -> Spans:
    """Where an account counts, by a clock that the machine's was `ahead_us` ahead of (below 0: behind)."""
    return _joined((one.from_us - ahead_us, one.to_us - ahead_us) for one in accounted.intervals if one.counts)


def counted_once(sessions: Iterable[Worked]) -> dict[str, Counted]:
    """By session id: what it counts, and of that, what a session that began earlier counts as well.

    Args:
        sessions: of one person, each once, in any order; those that do not meet may be there or not.
    """
    laid: Spans = ()
    counted: dict[str, Counted] = {}
    for one in sorted(sessions, key=lambda worked: (worked.started_us, worked.session_id)):
        counted[one.session_id] = Counted(length_us(one.spans), _common_us(one.spans, laid))
        laid = _joined((*laid, *one.spans))
    return counted


def length_us(spans: Iterable[tuple[int, int]]) -> int:
    """How long these are together, where they are disjoint."""
    return sum(to_us - from_us for from_us, to_us in spans)


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for from_us, to_us in sorted(spans):
        if joined and from_us <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_us))
        else:
            joined.append((from_us, to_us))
    return tuple(joined)


def _common_us(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> int:
    """How long both lay at once; each is disjoint and sorted."""
    common_us = first = second = 0
    while first < len(one) and second < len(other):
        from_us = max(one[first][0], other[second][0])
        to_us = min(one[first][1], other[second][1])
        common_us += max(0, to_us - from_us)
        if one[first][1] <= other[second][1]:
            first += 1
        else:
            second += 1
    return common_us
