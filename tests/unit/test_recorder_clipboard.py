# SPDX-License-Identifier: Apache-2.0
"""Copies and pastes in a session as the recorder writes it: one record a tick, through pause, stop and overflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from journal_disks import FullDisk
from recorder_desk import WITH_PICTURES, Desk, quiet_end
from recorder_parts import began, ceased, front, keystroke

from agent.minimise import BACKLOG_CLIPBOARD, CLOSING_CLIPBOARD
from agent.sensor import Copied
from session.events import Clipboard, KeyClass, Kind, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WITH_CLIPBOARD = WITH_PICTURES.replace(b'clipboard = "off"', b'clipboard = "sent"')


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path, policy_toml=WITH_CLIPBOARD).start()
    yield made
    quiet_end(made)


def copy_some(desk: Desk, count: int) -> None:
    desk.window.play(*(Copied(desk.clock.mono_us + number, 100 + number, "assistant") for number in range(count)))


def told(desk: Desk) -> list[tuple[str, int, str]]:
    bodies = [body for body in desk.bodies(Kind.CLIPBOARD) if isinstance(body, Clipboard)]
    return [(body.action, body.size_bytes, body.app) for body in bodies]


def test_every_tick_writes_one_whatever_was_copied(desk: Desk) -> None:
    desk.pass_time(5)
    copy_some(desk, 2)
    desk.pass_time(15)
    assert told(desk) == [("none", 0, ""), ("copy", 100, "assistant"), ("copy", 101, "assistant"), ("none", 0, "")]
    assert len(desk.bodies(Kind.STATS)) == 4


def test_the_stop_writes_all_that_still_waits(desk: Desk) -> None:
    desk.clock.advance(1)
    copy_some(desk, 4)
    desk.stop()
    assert [size_bytes for action, size_bytes, _ in told(desk) if action == "copy"] == [100, 101, 102, 103]
    assert len(told(desk)) == 1 + CLOSING_CLIPBOARD, "as many as where nothing waits"
    assert [event.body for event in desk.read_back() if event.kind == Kind.CLIPBOARD] == desk.bodies(Kind.CLIPBOARD)
    assert desk.gaps() == []


@pytest.mark.parametrize("verb", ["pause", "private"])
def test_nothing_is_written_while_held_and_what_was_copied_then_is_not_known_of_a_paste(desk: Desk, verb: str) -> None:
    copy_some(desk, 1)
    desk.pass_time(5)
    emit = desk.window.emit
    assert emit is not None
    getattr(desk.recorder, verb)()
    emit(Copied(desk.clock.mono_us, 999, "diary"))  # at once, before the writer has stopped the sensors
    desk.turn()
    held = told(desk)
    desk.pass_time(60)
    assert told(desk) == held
    desk.recorder.resume()
    desk.turn()
    desk.window.play(front(desk.clock.mono_us, app="editor"))
    desk.keyboard.play(keystroke(desk.clock.mono_us, KeyClass.PASTE))
    desk.pass_time(5)
    assert told(desk)[len(held) :] == [("paste", 0, "editor")]
    assert not [one for one in told(desk) if one[1:] == (999, "diary")]


def test_a_window_that_is_told_before_its_sensor_says_that_it_observes_is_known(desk: Desk) -> None:
    desk.window.play(ceased(desk.clock.mono_us, "window", reason=Reason.DIED))
    desk.window.play(front(desk.clock.mono_us, app="editor"), began(desk.clock.mono_us, "window"))
    desk.keyboard.play(keystroke(desk.clock.mono_us, KeyClass.PASTE))
    desk.pass_time(5)
    desk.window.play(ceased(desk.clock.mono_us, "window", reason=Reason.DIED))
    desk.keyboard.play(keystroke(desk.clock.mono_us, KeyClass.PASTE))
    desk.pass_time(5)
    assert told(desk) == [("paste", 0, "editor"), ("paste", 0, "")]


def test_copies_that_found_no_room_are_said_once_at_the_stop(desk: Desk) -> None:
    copy_some(desk, BACKLOG_CLIPBOARD + 3)
    desk.pass_time(5)
    assert desk.gaps() == []
    desk.stop()
    assert desk.gaps() == [("POINT", "queue-full", "clipboard")]
    assert len([one for one in told(desk) if one[0] == "copy"]) == BACKLOG_CLIPBOARD


def test_a_full_disk_loses_no_copy_and_parts_no_tick(tmp_path: Path) -> None:
    disk = FullDisk()
    desk = Desk(tmp_path, policy_toml=WITH_CLIPBOARD, disk=disk).start()
    try:
        disk.left = 0
        copy_some(desk, 3)
        desk.pass_time(20)
        disk.left = 2**62
        desk.pass_time(5)
        desk.stop()
        assert [size_bytes for action, size_bytes, _ in told(desk) if action == "copy"] == [100, 101, 102]
        assert len(desk.bodies(Kind.CLIPBOARD)) == len(desk.bodies(Kind.STATS)) + CLOSING_CLIPBOARD
        assert desk.read_back() == desk.events
    finally:
        quiet_end(desk)
