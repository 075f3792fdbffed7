# SPDX-License-Identifier: Apache-2.0
"""When: what the platform's signatures prove, apart from what the machine's clock claims.

Rules:

1. A cosignature proves that everything up to its checkpoint existed by its time, in whole seconds.
2. Nobody can know a cosignature before it is made. So what the session key signed over a tree that holds it was signed
   after its time, and a record that stands behind its COSIGN was put there after it. A grant is the same for the whole.
3. So a record was *put into the session between two times*. That what it tells happened then is the machine's claim.
4. The machine's clock is compared with these bounds; it is never believed against them, and takes no time away.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Final

import msgspec

from session.account import Account
from session.account.beyond import beyond_us
from session.account.clocks import NOTABLE_US, ClockChanges
from session.events import Checkpoint, Event, Moment, Start

SECOND_US: Final = 1_000_000
WIDE_US: Final = 90_000_000
"""Two cosignatures further apart are told: three steps of the 30 s grid, so that a lost answer or two are not."""
LATE_US: Final = 1_000_000
"""A checkpoint bears the grid's moment, which it may be this late for. Source: docs/session-format.md, section 6."""


class Mark(msgspec.Struct, frozen=True):
    """The first `size` records existed by `time_us` (UTC, whole seconds), and what is behind record `seq` came after it."""

    size: int
    time_us: int
    seq: int


class Stretch(msgspec.Struct, frozen=True):
    """[from_us, to_us) in UTC: nothing was countersigned within it.

    Its ends are times of the platform; at the session's own begin and end, of the machine, less what that was ahead.
    """

    from_us: int
    to_us: int


class Times(msgspec.Struct, frozen=True):
    """Bounds of a session, all µs UTC; None where nothing proves it.

    Args:
        not_before_us: no record stood in the session before (the grant's time); None after an offline start.
        not_after_us: all of it existed by then (the receipt's time); None without a receipt.
        first_us, last_us: times of the first and the last cosignature.
        longest_us: longest time between one cosignature and the next; None with fewer than two.
        received_us: when the platform had the whole, by its receipt.
        claimed_start_us, claimed_end_us: the machine's own clock.
        ahead_us, behind_us: at least so far the machine's clock was ahead of, or behind, what the bounds allow; 0 where
            that is not above 2 s. Both where it was set in between.
        beyond_us: so much of the counted time, manual time aside, is more than can have passed by these times; 0 where
            that is little or nothing. See `session.account.beyond`.
        clock: how the machine's clock was set or moved while the session ran.
        open_stretches: where more than `WIDE_US` passed without a cosignature; empty in a personal session.
        sentence: the proof in plain words.
        marks: every cosignature, in order.
    """

    not_before_us: int | None = None
    not_after_us: int | None = None
    first_us: int | None = None
    last_us: int | None = None
    longest_us: int | None = None
    received_us: int | None = None
    claimed_start_us: int | None = None
    claimed_end_us: int | None = None
    ahead_us: int = 0
    behind_us: int = 0
    beyond_us: int = 0
    clock: ClockChanges = ClockChanges()
    open_stretches: tuple[Stretch, ...] = ()
    sentence: str = "No time is proved by the platform."
    marks: tuple[Mark, ...] = ()

    def bounds(self, seq: int) -> tuple[int | None, int | None]:
        """Between which times record `seq` was put into the session: not before, not after; None where that side is open.

        Not before the last cosignature that stands before it (or the grant); not after the first that covers it (or the
        receipt). A cosignature has whole seconds, so its second is counted to its end. Says when the record was
        committed to, not when what it tells of happened.
        """
        return _Bounds(self.marks, self.not_before_us, self.received_us).of(seq)


class _Bounds:
    """Bounds of any record; the marks are gone through once."""

    def __init__(self, marks: tuple[Mark, ...], not_before_us: int | None, received_us: int | None) -> None:
        self._marks, self._not_before_us, self._received_us = marks, not_before_us, received_us
        self._seqs = [mark.seq for mark in marks]
        self._covered = list(accumulate((mark.size for mark in marks), max))

    def of(self, seq: int) -> tuple[int | None, int | None]:
        """As `Times.bounds`. Times never go back from mark to mark: the verifier saw to that."""
        before = bisect_left(self._seqs, seq)
        first = bisect_right(self._covered, seq)
        lower = self._marks[before - 1].time_us if before else self._not_before_us
        upper = self._marks[first].time_us + SECOND_US - 1 if first < len(self._marks) else self._received_us
        return lower, upper


def proved_times(  # noqa: PLR0913 - what the steps established, each by name
    *,
    not_before_us: int | None,
    marks: tuple[Mark, ...],
    received_us: int | None,
    claimed_start_us: int | None,
    claimed_end_us: int | None,
    accounted: Account | None = None,
    landmarks: Iterable[tuple[int, int]] = (),
    events: Iterable[Event] = (),
    clock: ClockChanges | None = None,
    witnessed: bool = True,
) -> Times:
    """The times of a session with the sentence that people read.

    Args:
        not_before_us: see `Times`.
        marks: see `Times`.
        received_us: see `Times`.
        claimed_start_us: see `Times`.
        claimed_end_us: see `Times`.
        accounted: of the whole session, None where it cannot be accounted.
        landmarks: of the same records, see `session.account.walked`.
        events: the public records in order: their times are held against the bounds.
        clock: what `clock_changes` says of them.
        witnessed: whether a platform could have countersigned it; False in a personal session.
    """
    existed = [mark.time_us for mark in marks] + ([received_us] if received_us is not None else [])
    if not existed:
        sentence = "No time is proved by the platform."
        if not_before_us is not None:
            sentence = "The platform proves that the session did not begin before its grant, and no time by which it ended."
    elif not_before_us is None:
        sentence = "The platform proves that the record existed by its cosignatures, and nothing of when it began."
    else:
        sentence = "The platform proves that the record was made after its grant and existed by its cosignatures."
    claimed = claimed_start_us, claimed_end_us
    bounds = _Bounds(marks, not_before_us, received_us)
    ahead_us, behind_us = _differences(events, bounds)
    return Times(
        not_before_us=not_before_us,
        not_after_us=received_us,
        first_us=marks[0].time_us if marks else None,
        last_us=marks[-1].time_us if marks else None,
        longest_us=max((after.time_us - before.time_us for before, after in pairwise(marks)), default=None),
        received_us=received_us,
        claimed_start_us=claimed_start_us,
        claimed_end_us=claimed_end_us,
        ahead_us=ahead_us,
        behind_us=behind_us,
        beyond_us=beyond_us(accounted, landmarks, bounds.of) if accounted is not None and witnessed else 0,
        clock=clock or ClockChanges(),
        open_stretches=tuple(_open_stretches(marks, claimed, ahead_us - behind_us)) if witnessed else (),
        sentence=sentence,
        marks=marks,
    )


def _differences(events: Iterable[Event], bounds: _Bounds) -> tuple[int, int]:
    """How far the machine's clock was ahead and behind, at least, at START and the checkpoints of the recording.

    A stop may be written long after its moment, where the disk was in the way: that is not a clock behind.
    """
    ahead_us = behind_us = 0
    for event in events:
        body = event.body
        if not isinstance(body, Start | Checkpoint) or (isinstance(body, Checkpoint) and body.moment is Moment.SEAL):
            continue
        lower_us, upper_us = bounds.of(event.seq)
        if upper_us is not None:
            ahead_us = max(ahead_us, body.t_us - upper_us)
        if lower_us is not None and not (isinstance(body, Checkpoint) and body.moment is Moment.STOP):
            behind_us = max(behind_us, lower_us - body.t_us - (LATE_US if isinstance(body, Checkpoint) else 0))
    return (ahead_us if ahead_us > NOTABLE_US else 0), (behind_us if behind_us > NOTABLE_US else 0)


def _open_stretches(marks: tuple[Mark, ...], claimed: tuple[int | None, int | None], ahead_us: int) -> Iterable[Stretch]:
    """The session's own begin and end are moved by what its clock was ahead: they stand beside times of the platform."""
    start_us, end_us = (one - ahead_us if one is not None else None for one in claimed)
    times = [mark.time_us for mark in marks]
    for from_us, to_us in pairwise([one for one in (start_us, *times, end_us) if one is not None]):
        if to_us - from_us > WIDE_US:
            yield Stretch(from_us, to_us)
