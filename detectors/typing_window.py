# SPDX-License-Identifier: Apache-2.0
"""Five to ten minutes of typing, as the intervals that STATS counts: windows that slide over the ticks with typing in them.

Rules:

1. A tick counts when it holds an interval; those without typing are passed over, so that reading and thinking cost nothing.
2. No window reaches across what was not seen: a gap, a tick without content, another boot.
3. Every full window is looked at, so leaving ticks out can only leave windows out, and never make another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec

from detectors.abstain import BURSTS, NOT_OBSERVED, TOO_LITTLE, WITHHELD, Sight, abstention, declared_by, watch
from detectors.front import blinds
from session.assistance import Assistance
from session.events import IKI_EDGES_MS, Event, Gap, Kind, Stats

SCOPE: Final = "keyboard"
"""The sensor's name in GAP. Source: agent/x11/input.py."""
LENGTHS: Final = (60, 110, 120)
"""Ticks with typing in each of the windows: five, nine and ten minutes. Source: docs/detectors/regular-typing.md and
docs/detectors/unpaused-typing.md, Statistic.
"""
LEAST_PER_TICK: Final = 5
"""Intervals a tick in a window that is judged, on average: one a second of its typing. Source: as above."""
BURST_SHARE: Final = 0.25
"""Of a window's intervals, below 15 ms: above this share text came in bursts that no hand types. Source: as above."""
MOST_EVIDENCE: Final = 64
"""Seqs in a finding. Source: docs/session-format.md, FINDING."""

BINS: Final = len(IKI_EDGES_MS) + 1
_NONE: Final = (0,) * BINS


class TypingWindow(msgspec.Struct, frozen=True):
    """The last ticks with typing.

    Args:
        sight: how much of the keyboard was seen.
        ticks: seq and intervals of at most 120 of them, without a gap among them; mono_us: time of the last.
        sums: of the last 60, 110 and 120, by bin.
        full: whether the first window was ever full; bursts: whether it was left out because text came in bursts.
    """

    sight: Sight = Sight(scope=SCOPE)
    ticks: tuple[tuple[int, tuple[int, ...]], ...] = ()
    mono_us: int = 0
    sums: tuple[tuple[int, ...], ...] = (_NONE,) * len(LENGTHS)
    full: bool = False
    bursts: bool = False

    def intervals(self, length: int) -> tuple[int, ...]:
        """Intervals of the last `length` (of `LENGTHS`) ticks with typing, by bin; () where they are not to be judged."""
        if len(self.ticks) < length:
            return ()
        intervals = self.sums[LENGTHS.index(length)]
        return intervals if _enough(intervals, length) and not _in_bursts(intervals) else ()


def _enough(intervals: tuple[int, ...], ticks: int) -> bool:
    return sum(intervals) - intervals[0] >= LEAST_PER_TICK * ticks


def _in_bursts(intervals: tuple[int, ...]) -> bool:
    return intervals[0] > BURST_SHARE * sum(intervals)


def window_of(said: Assistance) -> TypingWindow:
    """The window before the first record; `said`: what the person declared beforehand."""
    return TypingWindow(sight=Sight(scope=SCOPE, declared=declared_by(said)))


def slide(window: TypingWindow, event: Event) -> tuple[TypingWindow, bool]:
    """`window` after one more record, and whether there is more typing in it to judge. Total: any record is taken."""
    sight = watch(window.sight, event)
    if event.kind == Kind.STATS:
        blind = window.sight.blind
        if sight is not window.sight:
            window = msgspec.structs.replace(window, sight=sight)
        body = event.body
        if blind or not isinstance(body, Stats) or len(body.iki) not in (0, BINS) or body.mono_us < window.mono_us:
            return _emptied(window), False
        return (_typed(window, event.seq, body), True) if any(body.iki) else (window, False)
    if sight is not window.sight:
        window = msgspec.structs.replace(window, sight=sight)
    if isinstance(event.body, Gap) and blinds(event.body, SCOPE):
        return _emptied(window), False
    return window, False


def _emptied(window: TypingWindow) -> TypingWindow:
    if not window.ticks and not window.mono_us:
        return window
    return msgspec.structs.replace(window, ticks=(), mono_us=0, sums=TypingWindow().sums)


def _typed(window: TypingWindow, seq: int, stats: Stats) -> TypingWindow:
    ticks, new = window.ticks, stats.iki
    sums = tuple(
        tuple(
            total + more - less
            for total, more, less in zip(before, new, ticks[-length][1] if len(ticks) >= length else _NONE, strict=True)
        )
        for length, before in zip(LENGTHS, window.sums, strict=True)
    )
    ticks = (*ticks[-LENGTHS[-1] + 1 :], (seq, new))
    enough = len(ticks) >= LENGTHS[0] and _enough(sums[0], LENGTHS[0])
    return TypingWindow(
        sight=window.sight,
        ticks=ticks,
        mono_us=stats.mono_us,
        sums=sums,
        full=window.full or (enough and not _in_bursts(sums[0])),
        bursts=window.bursts or (enough and _in_bursts(sums[0])),
    )


def why_not(window: TypingWindow, *, judged: bool) -> str:
    """The reason to abstain, or "" where a window was judged."""
    reason = abstention(window.sight, withheld=WITHHELD, unobserved=NOT_OBSERVED)
    if reason or judged:
        return reason
    return BURSTS if window.bursts else TOO_LITTLE


def evidence(window: TypingWindow, ticks: int) -> tuple[int, ...]:
    """At most 64 seqs of the STATS of its last `ticks`, first and last among them; what lies between belongs to it."""
    seqs = [seq for seq, _ in window.ticks[-ticks:]]
    if len(seqs) <= MOST_EVIDENCE:
        return tuple(seqs)
    last = len(seqs) - 1
    return tuple(seqs[at * last // (MOST_EVIDENCE - 1)] for at in range(MOST_EVIDENCE))


def median_ms(intervals: Sequence[int], bins: range) -> float:
    """The middle interval of those in `bins`, which hold some, as if evenly spread within its bin."""
    half = sum(intervals[bins.start : bins.stop]) / 2
    for at, upto in zip(bins, accumulate(intervals[bins.start : bins.stop]), strict=True):
        if upto >= half:
            low, high = edges_ms(at)
            return low + (high - low) * (half - (upto - intervals[at])) / intervals[at]
    return 0.0


def above(intervals: Sequence[int], bins: range, limit_ms: float) -> float:
    """How many of the intervals in `bins` are longer than `limit_ms`, as if evenly spread within their bins."""
    count = 0.0
    for at in bins:
        low, high = edges_ms(at)
        count += intervals[at] * min(1.0, max(0.0, (high - limit_ms) / (high - low)))
    return count


def edges_ms(at: int) -> tuple[int, int]:
    """Where bin `at` of the first 16 begins and ends."""
    return (IKI_EDGES_MS[at - 1] if at else 0), IKI_EDGES_MS[at]
