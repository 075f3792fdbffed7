# SPDX-License-Identifier: Apache-2.0
"""The clocks of this machine, and what ClockWatch reads from their differences."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.clock import NOTABLE_US, ClockWatch, SystemClock
from agent.sensor import ClockChange
from session.events import Reason
from session.ports import Clock, ClockReading

SECOND_US = 1_000_000


class Machine:
    """A machine whose clocks move only as told."""

    def __init__(self) -> None:
        self.reading = ClockReading(t_us=1_700_000_000 * SECOND_US, mono_us=5 * SECOND_US, boottime_us=9 * SECOND_US)

    def passes(self, awake_us: int, suspended_us: int = 0, jump_us: int = 0) -> ClockReading:
        before = self.reading
        self.reading = ClockReading(
            t_us=before.t_us + awake_us + suspended_us + jump_us,
            mono_us=before.mono_us + awake_us,
            boottime_us=before.boottime_us + awake_us + suspended_us,
        )
        return self.reading


def told(changes: tuple[ClockChange, ...]) -> list[tuple[Reason, int]]:
    return [(c.reason, c.by_us) for c in changes]


def test_the_system_clock_reads_all_three_together() -> None:
    clock: Clock = SystemClock()
    before = (time.time_ns() // 1000, time.monotonic_ns() // 1000, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000)
    reading = clock.read()
    after = (time.time_ns() // 1000, time.monotonic_ns() // 1000, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000)
    for early, value, late in zip(before, (reading.t_us, reading.mono_us, reading.boottime_us), after, strict=True):
        assert early <= value <= late


def test_the_boot_id_is_the_kernels() -> None:
    assert SystemClock().boot_id == Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def test_a_machine_without_a_boot_id_or_boottime_still_has_a_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    monkeypatch.setattr("agent.clock.BOOT_ID", tmp_path / "none")
    clock = SystemClock()
    reading = clock.read()
    assert clock.boot_id == ""
    assert reading.boottime_us == reading.mono_us


def test_a_suspend_is_told_once_with_its_length() -> None:
    machine = Machine()
    watch = ClockWatch(machine.reading)
    assert watch.step(machine.passes(5 * SECOND_US)) == ()
    (change,) = watch.step(machine.passes(2 * SECOND_US, suspended_us=3600 * SECOND_US))
    assert (change.reason, change.by_us, change.mono_us) == (Reason.SUSPEND, 3600 * SECOND_US, machine.reading.mono_us)
    assert watch.step(machine.passes(5 * SECOND_US)) == ()


def test_utc_set_back_and_forth_is_told_with_its_sign() -> None:
    machine = Machine()
    watch = ClockWatch(machine.reading)
    ((reason, by_us),) = told(watch.step(machine.passes(SECOND_US, jump_us=-7200 * SECOND_US)))
    assert reason is Reason.CLOCK
    assert abs(by_us + 7200 * SECOND_US) <= 500
    ((reason, by_us),) = told(watch.step(machine.passes(SECOND_US, jump_us=7200 * SECOND_US)))
    assert abs(by_us - 7200 * SECOND_US) <= 500


def test_a_suspend_and_a_jump_in_one_step_are_two_changes() -> None:
    machine = Machine()
    changes = ClockWatch(machine.reading).step(machine.passes(SECOND_US, 60 * SECOND_US, 5 * SECOND_US))
    assert [c.reason for c in changes] == [Reason.SUSPEND, Reason.CLOCK]


def test_many_small_jumps_are_not_overlooked() -> None:
    machine = Machine()
    watch = ClockWatch(machine.reading)
    total = sum(by for _ in range(10) for _, by in told(watch.step(machine.passes(SECOND_US, jump_us=400_000))))
    assert total > 3 * SECOND_US


@given(st.lists(st.tuples(st.integers(0, 60 * SECOND_US), st.integers(-500, 500)), max_size=200))
def test_slewing_is_never_told(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    watch = ClockWatch(machine.reading)
    for awake_us, ppm in steps:
        assert watch.step(machine.passes(awake_us, jump_us=awake_us * ppm // 1_000_000)) == ()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 30 * SECOND_US),
            st.sampled_from([0, 0, 2 * SECOND_US, 8 * 3600 * SECOND_US]),
            st.sampled_from([0, 0, 2 * SECOND_US, -2 * SECOND_US, 3600 * SECOND_US, -86400 * SECOND_US]),
        ),
        max_size=50,
    )
)
def test_each_suspend_and_each_jump_is_told_in_its_step(steps: list[tuple[int, int, int]]) -> None:
    machine = Machine()
    watch = ClockWatch(machine.reading)
    for awake_us, suspended_us, jump_us in steps:
        changes = dict(told(watch.step(machine.passes(awake_us, suspended_us, jump_us))))
        assert changes.get(Reason.SUSPEND, 0) == suspended_us
        assert (Reason.CLOCK in changes) == (jump_us != 0)
        assert abs(changes.get(Reason.CLOCK, 0) - jump_us) <= awake_us * ClockWatch.SLEW_PPM // 1_000_000 + 1
        assert all(abs(by) > NOTABLE_US for by in changes.values())


@given(st.integers(0, NOTABLE_US), st.integers(-NOTABLE_US, NOTABLE_US))
def test_a_second_or_less_is_not_told(suspended_us: int, jump_us: int) -> None:
    machine = Machine()
    assert ClockWatch(machine.reading).step(machine.passes(SECOND_US, suspended_us, jump_us)) == ()
