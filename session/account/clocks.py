# SPDX-License-Identifier: Apache-2.0
"""What a machine's own clocks say of each other: UTC that was set while a session ran, and UTC that was moved slowly. Pure.

Rules:

1. A record with both clocks tells how far UTC stands from the monotonic clock. What changes that, but for suspend, is a
   clock that was set (at once) or slewed (little by little). It takes and makes no time: see `session.account`.
2. A crash may mean another boot, whose monotonic clock says nothing of the one before: from there it is measured anew.
3. One record that stands alone with its clock is passed over: its times were read before, and written after, a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from session.events import Checkpoint, ClockPair, Edge, Event, Gap, Moment, Reason, Start, Task

NOTABLE_US: Final = 2_000_000
"""Smaller changes are not told: NTP keeps a machine on a network within this. Source: RFC 5905, STEPT is 0.128 s."""


class ClockStep(msgspec.Struct, frozen=True):
    """UTC was set by `by_us` (above 0: forward) when it would have shown `at_us`, or up to one checkpoint before."""

    at_us: int
    by_us: int


class ClockChanges(msgspec.Struct, frozen=True):
    """What became of UTC while a session ran.

    Args:
        steps: each by more than `NOTABLE_US`, in order.
        drift_us: what all smaller changes together come to, above 0 forward; 0 where that is not above `NOTABLE_US`.
    """

    steps: tuple[ClockStep, ...] = ()
    drift_us: int = 0


class _Pair(msgspec.Struct, frozen=True):
    """Both clocks at one record; `asleep_us`: suspend since the one before. `anew`: nothing leads from there to here."""

    t_us: int
    mono_us: int
    asleep_us: int
    anew: bool


def clock_changes(events: Iterable[Event]) -> ClockChanges:
    """How UTC was set and moved in these records, in order of seq. Public ones suffice; a readable CLOCK tells it finer."""
    steps: list[ClockStep] = []
    drift_us = 0
    for run in _runs(events):
        found, moved_us = _changes(run)
        steps += found
        drift_us += moved_us
    return ClockChanges(tuple(steps), drift_us if abs(drift_us) > NOTABLE_US else 0)


def _pairs(events: Iterable[Event]) -> Iterator[_Pair]:
    begun = False
    for event in events:
        body = event.body
        if isinstance(body, Start):
            begun = True
            yield _Pair(body.t_us, body.mono_us, 0, anew=True)
        elif not begun:
            continue
        elif isinstance(body, Gap):
            point = body.edge is Edge.POINT and body.scope == "session"
            asleep_us = max(0, body.t_us - body.from_us) if point and body.reason is Reason.SUSPEND and body.from_us else 0
            yield _Pair(body.t_us, body.mono_us, asleep_us, anew=point and body.reason is Reason.CRASH)
        elif isinstance(body, Task | ClockPair) or (isinstance(body, Checkpoint) and body.moment is not Moment.SEAL):
            yield _Pair(body.t_us, body.mono_us, 0, anew=False)


def _runs(events: Iterable[Event]) -> Iterator[list[tuple[int, int]]]:
    """For each boot (mono_us with suspend, offset of UTC from it) of each record."""
    run: list[tuple[int, int]] = []
    slept_us = 0
    for pair in _pairs(events):
        if pair.anew:
            if run:
                yield run
            run, slept_us = [], 0
        else:
            slept_us += pair.asleep_us
        elapsed_us = pair.mono_us + slept_us
        run.append((elapsed_us, pair.t_us - elapsed_us))
    if run:
        yield run


def _changes(run: list[tuple[int, int]]) -> tuple[list[ClockStep], int]:
    steps: list[ClockStep] = []
    drift_us = 0
    level_us = run[0][1]
    for at, (elapsed_us, offset_us) in enumerate(run):
        change_us = offset_us - level_us
        if abs(change_us) <= NOTABLE_US:
            drift_us += change_us
        elif at + 1 < len(run) and abs(run[at + 1][1] - offset_us) > NOTABLE_US:
            continue  # alone with its clock: see the module's third rule
        else:
            steps.append(ClockStep(elapsed_us + level_us, change_us))
        level_us = offset_us
    return steps, drift_us
