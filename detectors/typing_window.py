# SPDX-License-Identifier: Apache-2.0
"""Five to ten minutes of typing, by pauses and pace of STATS: windows that slide over the ticks with typing in them.

Rules:

1. A tick counts when it holds an interval; those without typing are passed over, so that reading and thinking cost nothing.
2. No window reaches across what was not seen: a gap, a tick without content, another boot.
3. Every full window is looked at, so leaving ticks out can only leave windows out, and never make another one.
4. Records of an earlier version count intervals in finer bins. Their pauses are the same; a pace they do not tell.
"""

from __future__ import annotations

from typing import Final

import msgspec

from detectors.abstain import BURSTS, NOT_OBSERVED, TOO_LITTLE, WITHHELD, Sight, abstention, declared_by, watch
from detectors.answer import spread
from detectors.front import blinds
from session.assistance import Assistance
from session.events import IKI_EDGES_MS, PAUSE_EDGES_MS, Event, Gap, Kind, Stats

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

PAUSES: Final = len(PAUSE_EDGES_MS) + 1
PACES: Final = 2
_FINER: Final = len(IKI_EDGES_MS) + 1
_NONE: Final = (0,) * (PAUSES + PACES)


class TypingWindow(msgspec.Struct, frozen=True):
    """The last ticks with typing.

    Args:
        sight: how much of the keyboard was seen.
        ticks: seq and counts (pauses, then pace) of at most 120 of them, no gap among them; mono_us: time of the last.
        sums: of the last 60, 110 and 120.
        full: whether the first window was ever full; bursts: whether it was left out because text came in bursts.
    """

    sight: Sight = Sight(scope=SCOPE)
    ticks: tuple[tuple[int, tuple[int, ...]], ...] = ()
    mono_us: int = 0
    sums: tuple[tuple[int, ...], ...] = (_NONE,) * len(LENGTHS)
    full: bool = False
    bursts: bool = False

    def pauses(self, length: int) -> tuple[int, ...]:
        """Intervals of the last `length` (of `LENGTHS`) ticks with typing, by bin; () where they are not to be judged."""
        if len(self.ticks) < length:
            return ()
        counts = self.sums[LENGTHS.index(length)]
        return counts[:PAUSES] if _enough(counts, length) and not _in_bursts(counts) else ()

    def pace(self, length: int) -> tuple[int, ...]:
        """Of the intervals that could be compared, those that were not long, and those that were; () as `pauses`."""
        return self.sums[LENGTHS.index(length)][PAUSES:] if self.pauses(length) else ()


def _enough(counts: tuple[int, ...], ticks: int) -> bool:
    return sum(counts[1:PAUSES]) >= LEAST_PER_TICK * ticks


def _in_bursts(counts: tuple[int, ...]) -> bool:
    return counts[0] > BURST_SHARE * sum(counts[:PAUSES])


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
        if blind or not isinstance(body, Stats) or body.mono_us < window.mono_us:
            return _emptied(window), False
        counts = _counts(body)
        if not counts:
            return _emptied(window), False
        return (_typed(window, event.seq, body.mono_us, counts), True) if any(counts) else (window, False)
    if sight is not window.sight:
        window = msgspec.structs.replace(window, sight=sight)
    if isinstance(event.body, Gap) and blinds(event.body, SCOPE):
        return _emptied(window), False
    return window, False


def _counts(stats: Stats) -> tuple[int, ...]:
    """Pauses and pace of one tick, or () where they are counted in bins that this version does not know."""
    pauses, iki = stats.pauses, stats.iki
    if len(pauses) not in (0, PAUSES) or len(stats.pace) not in (0, PACES) or len(iki) not in (0, _FINER):
        return ()
    if iki and not pauses:
        pauses = (iki[0], sum(iki[1:12]), iki[12], iki[13], iki[14] + iki[15], iki[16])
    return (*(pauses or _NONE[:PAUSES]), *(stats.pace or _NONE[PAUSES:]))


def _emptied(window: TypingWindow) -> TypingWindow:
    if not window.ticks and not window.mono_us:
        return window
    return msgspec.structs.replace(window, ticks=(), mono_us=0, sums=TypingWindow().sums)


def _typed(window: TypingWindow, seq: int, mono_us: int, new: tuple[int, ...]) -> TypingWindow:
    ticks = window.ticks
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
        mono_us=mono_us,
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
    return spread([seq for seq, _ in window.ticks[-ticks:]])
