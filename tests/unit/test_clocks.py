# SPDX-License-Identifier: Apache-2.0
"""A machine's clock that was set or moved while a session ran: what its records tell of it, by example and by property."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.account.clocks import NOTABLE_US, ClockChanges, ClockStep, clock_changes
from session.events import Checkpoint, ClockPair, Edge, Event, Gap, Kind, Moment, Payload, Reason, Start, Task

T = 1_790_000_000_000_000
M = 7_000_000_000
S = 1_000_000
D = "0" * 64


class Machine:
    """A machine's clocks: seconds pass, UTC is set, it sleeps; each verb that records appends one record."""

    def __init__(self) -> None:
        self.t_us, self.mono_us = T, M
        self.events: list[Event] = []
        self._add(Kind.START, Start("5" * 32, T, M, "boot", "a", 1, D, D, D, D, D, "", "", "", ""))

    def _add(self, kind: Kind, body: Payload) -> None:
        self.events.append(Event(len(self.events) + 1, kind, body))

    def wait(self, seconds: float) -> None:
        self.t_us += round(seconds * S)
        self.mono_us += round(seconds * S)

    def set(self, seconds: float) -> None:
        self.t_us += round(seconds * S)

    def grid(self, moment: Moment = Moment.GRID) -> None:
        self._add(Kind.CHECKPOINT, Checkpoint(self.t_us, self.mono_us, moment, ""))

    def pair(self) -> None:
        self._add(Kind.CLOCK, ClockPair(self.t_us, self.mono_us, self.mono_us, "boot"))

    def task(self) -> None:
        self._add(Kind.TASK, Task(self.t_us, self.mono_us, "p"))

    def sleep(self, seconds: float) -> None:
        begun_us = self.t_us
        self.t_us += round(seconds * S)
        self._add(Kind.GAP, Gap(self.t_us, self.mono_us, Edge.POINT, Reason.SUSPEND, "session", begun_us))

    def crash(self, seconds: float, *, boot_us: int) -> None:
        begun_us = self.t_us
        self.t_us += round(seconds * S)
        self.mono_us = boot_us
        self._add(Kind.GAP, Gap(self.t_us, self.mono_us, Edge.POINT, Reason.CRASH, "session", begun_us))

    def changes(self) -> ClockChanges:
        return clock_changes(self.events)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def minutes(machine: Machine, count: int, *, ppm: int = 0) -> None:
    for _ in range(count * 2):
        machine.wait(30)
        machine.t_us += 30 * ppm
        machine.grid()


def test_a_clock_that_was_left_alone_says_nothing(machine: Machine) -> None:
    minutes(machine, 60)
    assert machine.changes() == ClockChanges()


@pytest.mark.parametrize("by_s", [3600, -3600, 2.5, -200])
def test_a_clock_that_was_set_says_when_and_by_how_much(machine: Machine, by_s: float) -> None:
    minutes(machine, 10)
    machine.set(by_s)
    minutes(machine, 10)
    # told at the first record after it, in the time that the clock would have shown there
    assert machine.changes() == ClockChanges((ClockStep(T + 630 * S, round(by_s * S)),))


def test_a_set_clock_right_before_the_stop_is_told(machine: Machine) -> None:
    minutes(machine, 1)
    machine.set(-60)
    machine.wait(1)
    machine.grid(Moment.STOP)
    assert machine.changes().steps == (ClockStep(T + 61 * S, -60 * S),)


def test_set_and_set_back_are_two_steps(machine: Machine) -> None:
    minutes(machine, 2)
    machine.set(600)
    minutes(machine, 2)
    machine.set(-600)
    minutes(machine, 2)
    assert [step.by_us for step in machine.changes().steps] == [600 * S, -600 * S]


def test_slow_moves_add_up_and_small_ones_are_not_told(machine: Machine) -> None:
    minutes(machine, 60, ppm=500)
    assert machine.changes() == ClockChanges()  # 1.8 s in an hour at the most that NTP slews
    minutes(machine, 60, ppm=500)
    assert machine.changes() == ClockChanges((), 3_600_000)


def test_suspend_is_no_set_clock(machine: Machine) -> None:
    minutes(machine, 5)
    machine.sleep(7200)
    minutes(machine, 5)
    assert machine.changes() == ClockChanges()


def test_a_checkpoint_between_waking_and_its_record_is_no_set_clock(machine: Machine) -> None:
    minutes(machine, 5)
    machine.t_us += 7200 * S
    machine.grid()
    machine.t_us -= 7200 * S
    machine.sleep(7200)
    minutes(machine, 5)
    assert machine.changes() == ClockChanges()


@pytest.mark.parametrize("boot_us", [30 * S, 90_000 * S])
def test_after_a_crash_it_is_measured_anew(machine: Machine, boot_us: int) -> None:
    minutes(machine, 5)
    machine.crash(600, boot_us=boot_us)
    minutes(machine, 5)
    assert machine.changes() == ClockChanges()
    machine.set(60)
    minutes(machine, 5)
    assert [step.by_us for step in machine.changes().steps] == [60 * S]


def test_the_seals_own_checkpoint_is_days_later_and_says_nothing(machine: Machine) -> None:
    minutes(machine, 1)
    machine.grid(Moment.STOP)
    machine.crash(0, boot_us=5)
    machine.events.pop()
    machine.t_us += 86_400 * S
    machine.grid(Moment.SEAL)
    assert machine.changes() == ClockChanges()


def test_nothing_comes_of_nothing() -> None:
    assert clock_changes([Event(1, Kind.CHECKPOINT, Checkpoint(T, M, Moment.GRID, ""))]) == ClockChanges()


PLAN = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 600)),
        st.tuples(st.just("sleep"), st.integers(1, 90_000)),
        st.tuples(st.just("set"), st.integers(-90_000, 90_000).filter(lambda by: abs(by) > 2)),
    ),
    max_size=12,
)


def played(plan: list[tuple[str, int]], *, pairs: bool) -> tuple[Machine, list[int]]:
    machine, sets = Machine(), []
    for verb, seconds in plan:
        if verb == "set":
            machine.set(seconds)
            sets.append(seconds * S)
        elif verb == "sleep":
            machine.sleep(seconds)
        if verb != "set":
            machine.wait(seconds if verb == "wait" else 1)
        for _ in range(2):  # as the recorder does: it says so at once, and goes on
            machine.grid()
            if pairs:
                machine.pair()
                machine.task()
    return machine, sets


@given(plan=PLAN, pairs=st.booleans())
def test_every_set_is_told_once_whatever_else_happens(plan: list[tuple[str, int]], *, pairs: bool) -> None:
    machine, sets = played(plan, pairs=pairs)
    assert [step.by_us for step in machine.changes().steps] == sets
    assert machine.changes().drift_us == 0


@given(plan=PLAN, by_s=st.integers(-(10**6), 10**6))
def test_only_differences_count(plan: list[tuple[str, int]], by_s: int) -> None:
    """A clock that is wrong all the time was not set: moving every reading changes places alone."""
    machine, _ = played(plan, pairs=False)
    moved = Machine()
    moved.events = [Event(e.seq, e.kind, _moved(e.body, by_s * S)) for e in machine.events]
    assert moved.changes().steps == tuple(ClockStep(one.at_us + by_s * S, one.by_us) for one in machine.changes().steps)


def _moved(body: Payload | None, by_us: int) -> Payload:
    assert isinstance(body, Start | Checkpoint | Gap)
    changes = {"t_us": body.t_us + by_us}
    if isinstance(body, Gap) and body.from_us:
        changes["from_us"] = body.from_us + by_us
    return msgspec.structs.replace(body, **changes)


@given(st.lists(st.integers(-NOTABLE_US, NOTABLE_US), max_size=30))
def test_steps_and_drift_together_are_all_that_changed(moves: list[int]) -> None:
    machine = Machine()
    for move in moves:
        machine.t_us += move
        machine.wait(30)
        machine.grid()
    changes = machine.changes()
    assert changes.steps == ()
    assert changes.drift_us == (sum(moves) if abs(sum(moves)) > NOTABLE_US else 0)
