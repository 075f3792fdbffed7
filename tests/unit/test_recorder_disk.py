# SPDX-License-Identifier: Apache-2.0
"""A disk that takes nothing for a while: nothing that was recorded is lost, and a gap says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from journal_disks import FullDisk
from recorder_desk import Desk, quiet_end
from recorder_parts import SECOND_US, keystroke, picture

from session.account import account, rules_of
from session.events import Edge, Gap, Kind, Moment, Raw, Reason, Stats
from session.ports import RecorderState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Desks:
    """A desk on a disk that a test fills and empties."""

    def __init__(self, home: Path) -> None:
        self.disk = FullDisk()
        self.desk = Desk(home, disk=self.disk).start()

    def fill(self) -> None:
        self.disk.left = 0

    def empty(self) -> None:
        self.disk.left = 2**62


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    desks = Desks(tmp_path)
    yield desks
    quiet_end(desks.desk)


def typed(desk: Desk) -> int:
    return sum(len(event.body.keys) for event in desk.read_back() if isinstance(event.body, Raw))


def test_recording_goes_on_in_memory_and_is_told(desks: Desks) -> None:
    desk = desks.desk
    desk.pass_time(5)
    desks.fill()
    for _ in range(4):
        desk.keyboard.play(*(keystroke(desk.clock.mono_us + n) for n in range(10)))
        desk.pass_time(5)
    status = desk.recorder.status()
    assert status.state is RecorderState.PROBLEM
    assert "Free some space" in status.message
    assert desk.is_observed
    assert typed(desk) == 0
    desks.empty()
    desk.pass_time(5)
    assert desk.recorder.status().state is RecorderState.RECORDING
    assert desk.recorder.status().message == ""
    assert typed(desk) == 40
    gap = next(body for body in desk.bodies(Kind.GAP) if isinstance(body, Gap))
    assert (gap.edge, gap.reason, gap.lost, gap.t_us - gap.from_us) == (Edge.POINT, Reason.DISK, 0, 20 * SECOND_US)
    assert desk.read_back() == desk.events


def test_a_full_disk_takes_no_work_time(desks: Desks) -> None:
    desk = desks.desk
    desks.fill()
    desk.pass_time(120)
    desks.empty()
    desk.pass_time(5)
    desk.stop()
    assert account(desk.events, rules_of(desk.policy)).worked_us == 125 * SECOND_US


def test_checkpoints_that_could_not_be_made_are_made_later_and_never_sent(desks: Desks) -> None:
    desk = desks.desk
    desks.fill()
    desk.pass_time(65)
    assert desk.uplink.submitted == []
    desks.empty()
    desk.pass_time(30)
    assert desk.moments() == [Moment.GRID]
    assert len(desk.uplink.submitted) == 1


def test_pictures_of_that_time_are_lost_and_counted(desks: Desks) -> None:
    desk = desks.desk
    desks.fill()
    desk.camera.play(*(picture(desk.clock.mono_us + n) for n in range(3)))
    desk.pass_time(5)
    desks.empty()
    desk.pass_time(5)
    desk.camera.play(picture(desk.clock.mono_us))
    desk.pass_time(5)
    gap = next(body for body in desk.bodies(Kind.GAP) if isinstance(body, Gap))
    assert (gap.reason, gap.lost) == (Reason.DISK, 3)
    assert len(desk.bodies(Kind.CAPTURE)) == 1


def test_hours_of_a_full_disk_lose_no_total(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session.journal.WAITING_BYTES", 40_000)  # what takes a quarter of an hour otherwise
    desk = desks.desk
    desks.fill()
    for _ in range(60):
        desk.keyboard.play(*(keystroke(desk.clock.mono_us + n) for n in range(3)))
        desk.pass_time(5)
    records = desk.recorder.status().records
    desk.pass_time(60)
    assert desk.recorder.status().records == records, "the journal takes no more, so nothing may be made up"
    desks.empty()
    desk.pass_time(10)
    desk.stop()
    stats = [event.body for event in desk.read_back() if isinstance(event.body, Stats)]
    assert sum(body.keys[0] for body in stats) == 180
    assert typed(desk) == 180
    assert sum(body.span_ms for body in stats) == 370_000


def test_a_stop_waits_for_the_disk(desks: Desks) -> None:
    desk = desks.desk
    desk.keyboard.play(keystroke(desk.clock.mono_us))
    desks.fill()
    desk.clock.advance(3)
    desk.recorder.stop()
    desk.turn()
    assert not desk.is_observed
    assert desk.recorder.status().state is RecorderState.PROBLEM
    assert desk.thread.is_alive()
    assert desk.waiter.timeout_s > 1, "waits for its tick, and does not spin"
    desk.pass_time(10)
    desks.empty()
    desk.pass_time(5)
    assert desk.recorder.join(5)
    assert desk.recorder.status().state is RecorderState.STOPPED
    assert typed(desk) == 1
    assert desk.moments() == [Moment.STOP]
    assert account(desk.events, rules_of(desk.policy)).worked_us == 3 * SECOND_US
    assert desk.read_back() == desk.events


def test_a_second_stop_gives_up_waiting(desks: Desks) -> None:
    desk = desks.desk
    desks.fill()
    desk.recorder.stop()
    desk.turn()
    desk.recorder.stop()
    desk.turn()
    assert desk.recorder.join(5)
    assert not desk.is_observed


@pytest.mark.parametrize("step", range(8))
def test_a_drive_that_fails_once_at_any_step_loses_nothing(tmp_path: Path, step: int) -> None:
    disk = FullDisk()
    desk = Desk(tmp_path, disk=disk).start()
    disk.fail_step = disk.steps + step
    for _ in range(6):
        desk.keyboard.play(*(keystroke(desk.clock.mono_us + n) for n in range(5)))
        desk.pass_time(5)
    desk.pass_time(30)
    desk.stop()
    assert typed(desk) == 30
    assert desk.read_back() == [event for event in desk.read_back() if event.seq < desk.journal.size]
    assert account(desk.events, rules_of(desk.policy)).worked_us == 60 * SECOND_US
    quiet_end(desk)


def test_a_person_who_stopped_waits_for_the_disk_though_the_platform_says_meanwhile_that_records_are_lost(
    desks: Desks,
) -> None:
    desk = desks.desk
    desk.pass_time(5)
    desks.fill()
    desk.recorder.stop()
    desk.turn()
    desk.recorder.lost(500)
    desk.turn()
    assert not desk.recorder.join(0), "a second stop would give up waiting"
    desks.empty()
    desk.pass_time(5)
    assert desk.recorder.join(5)
    assert (desk.recorder.status().state, desk.recorder.status().message) == (RecorderState.STOPPED, "")
