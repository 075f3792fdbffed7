# SPDX-License-Identifier: Apache-2.0
"""Counted time that cannot have passed, by the times that the platform proves. Pure.

A machine's monotonic clock measures work, and its owner can make it lie. But each record was put into the session not
before one time of the platform and not after another; between two records no more time can have passed than these leave.

Source: docs/session-format.md, section 11, What cannot have passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from session.account import Account
from session.account.timeline import Span

LEAST_US: Final = 60_000_000
SHARE: Final = 1_000
"""Less than a minute, or than a thousandth of what counts, is not said: a platform's clock is corrected too, and quartz runs
as much as 0.01 % fast, slewed by NTP 0.05 %. Source: RFC 5905, the greatest frequency error of 500 ppm, doubled."""

Bounds = Callable[[int], tuple[int | None, int | None]]
"""For a seq: not before, not after (µs UTC of the platform), None where nothing proves that side."""


def beyond_us(accounted: Account, landmarks: Iterable[tuple[int, int]], bounds: Bounds) -> int:
    """How much of the counted time, manual time aside, is more than can have passed; 0 where it is little or nothing.

    Args:
        accounted: of the whole session.
        landmarks: (seq, time laid up to it in µs) of each record that lays time, in order; see `session.account.walked`.
        bounds: of any record.
    """
    pieces = [(one.from_us, one.to_us) for one in accounted.intervals if one.counts and one.span is not Span.MANUAL]
    at = counted_us = beyond = 0
    least: int | None = None
    for seq, laid_us in landmarks:
        while at < len(pieces) and pieces[at][1] <= laid_us:
            counted_us += pieces[at][1] - pieces[at][0]
            at += 1
        here_us = counted_us + (max(0, laid_us - pieces[at][0]) if at < len(pieces) else 0)
        lower_us, upper_us = bounds(seq)
        if lower_us is not None:
            least = here_us - lower_us if least is None else min(least, here_us - lower_us)
        if upper_us is not None and least is not None:
            beyond = max(beyond, here_us - upper_us - least)
    return beyond if beyond > max(LEAST_US, accounted.worked_us // SHARE) else 0
