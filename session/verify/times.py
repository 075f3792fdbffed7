# SPDX-License-Identifier: Apache-2.0
"""When: what the platform's signatures prove, apart from what the machine's clock claims.

A cosignature proves that everything up to its checkpoint existed by its time; a grant, that nothing did before it. So a
record was *committed between two cosignatures*. That it happened then is the machine's claim.
"""

from __future__ import annotations

from typing import Final

import msgspec

SECOND_US: Final = 1_000_000


class Mark(msgspec.Struct, frozen=True):
    """The first `size` records existed by `time_us` (UTC, whole seconds)."""

    size: int
    time_us: int


class Times(msgspec.Struct, frozen=True):
    """Bounds of a session, all µs UTC; None where nothing proves it.

    Args:
        not_before_us: no record existed before (the grant's time).
        first_us, last_us: times of the first and the last cosignature.
        received_us: when the platform had the whole, by its receipt.
        claimed_start_us, claimed_end_us: the machine's own clock.
        sentence: the proof in plain words.
        marks: every cosignature, in order.
    """

    not_before_us: int | None = None
    first_us: int | None = None
    last_us: int | None = None
    received_us: int | None = None
    claimed_start_us: int | None = None
    claimed_end_us: int | None = None
    sentence: str = "No time is proved by the platform."
    marks: tuple[Mark, ...] = ()

    def bounds(self, seq: int) -> tuple[int | None, int | None]:
        """When record `seq` was committed: after the first, by the second; None where that side is open.

        After the last cosignature that does not cover it (or the grant), by the first that does (or the receipt).
        Says when it was committed to, not when what it tells of happened.
        """
        before = [mark.time_us for mark in self.marks if mark.size <= seq]
        covering = [mark.time_us for mark in self.marks if mark.size > seq]
        lower = max(before, default=None) if before else self.not_before_us
        return lower, min(covering, default=self.received_us)


def proved_times(
    *,
    not_before_us: int | None,
    marks: tuple[Mark, ...],
    received_us: int | None,
    claimed_start_us: int | None,
    claimed_end_us: int | None,
) -> Times:
    """The times of a session with the sentence that people read."""
    existed = [mark.time_us for mark in marks] + ([received_us] if received_us is not None else [])
    if not existed:
        sentence = "No time is proved by the platform."
        if not_before_us is not None:
            sentence = "The platform proves that the session did not begin before its grant, and no time by which it ended."
    elif not_before_us is None:
        sentence = "The platform proves that the record existed by its cosignatures, and nothing of when it began."
    else:
        sentence = "The platform proves that the record was made after its grant and existed by its cosignatures."
    return Times(
        not_before_us=not_before_us,
        first_us=marks[0].time_us if marks else None,
        last_us=marks[-1].time_us if marks else None,
        received_us=received_us,
        claimed_start_us=claimed_start_us,
        claimed_end_us=claimed_end_us,
        sentence=sentence,
        marks=marks,
    )
