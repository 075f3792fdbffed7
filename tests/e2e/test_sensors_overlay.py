# SPDX-License-Identifier: Apache-2.0
"""What lies over the window in front, on a real display with a real window manager."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from desk_pane import Pane, pane
from desk_programs import activate, openbox, printed
from desk_server import Desk, until, xvfb
from desk_watch import watching
from xcffib.xproto import ConfigWindow, EventMask, StackMode

from agent.sensor import Beside, Looks, Observation
from agent.x11.connection import Connection
from agent.x11.overlay import LOOK_US, Above
from agent.x11.windows import ATOMS, Owners, WindowSensor, _Windows, manager_of
from session.events import WATCHED_OVERLAYS

pytestmark = pytest.mark.slow

FRONT = (40, 40, 400, 300)
OVER = (100, 100, 200, 80)
ASIDE = (700, 500, 200, 80)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with xvfb(1280, 720) as desk, openbox(desk):
        yield desk


def sorts(desk: Desk, front: Pane) -> list[str]:
    """What is found above it, by sort."""
    return sorted(found(desk, front).values())


def lowered(desk: Desk, *windows: int) -> None:
    """Puts these below all others."""
    connection = Connection(display=desk.environment["DISPLAY"])
    for window in windows:
        connection.core.ConfigureWindow(window, ConfigWindow.StackMode, [StackMode.Below])
    connection.core.GetInputFocus().reply()
    connection.disconnect()


def found(desk: Desk, front: Pane) -> dict[int, str]:
    """What is found above it."""
    connection = Connection(display=desk.environment["DISPLAY"])
    try:
        keeper = manager_of(connection, connection.atoms(ATOMS)["_NET_SUPPORTING_WM_CHECK"])
        return Above(connection, Owners(connection)).look(front.number, keeper)
    finally:
        connection.disconnect()


def state(desk: Desk, window: Pane, word: str) -> None:
    """Asks the window manager for a state of the window, as a program does, and waits until it has it."""
    connection = Connection(display=desk.environment["DISPLAY"])
    name = f"_NET_WM_STATE_{word}"
    atoms = connection.atoms(["_NET_WM_STATE", name])
    message = struct.pack("=BBHII5I", 33, 32, 0, window.number, atoms["_NET_WM_STATE"], 1, atoms[name], 0, 1, 0)
    wanted = EventMask.SubstructureRedirect | EventMask.SubstructureNotify
    connection.core.SendEvent(False, connection.root, wanted, message)
    connection.core.GetInputFocus().reply()
    connection.disconnect()
    until(lambda: name in printed(desk, "xprop", "-id", str(window.number), "_NET_WM_STATE"), f"it is {word}")


def test_an_unmanaged_window_of_another_program_is_found_and_its_own_is_not(desk: Desk) -> None:
    with pane(desk, "Cover", "ff0000", ASIDE) as cover, pane(desk, "Editor", "ffffff", FRONT) as front:
        activate(desk, str(front.number))
        assert sorts(desk, front) == []
        front.popup(OVER, "00ff00")
        assert sorts(desk, front) == []
        cover.popup(ASIDE, "0000ff")
        assert sorts(desk, front) == []
        cover.unpop()
        cover.popup(OVER, "0000ff", named=False)
        assert sorts(desk, front) == ["unmanaged"]
        cover.unpop()
        assert sorts(desk, front) == []


def test_a_window_kept_above_and_out_of_the_task_list_is_found_and_one_that_is_only_above_is_not(desk: Desk) -> None:
    with pane(desk, "Cover", "ff0000", OVER) as cover, pane(desk, "Editor", "ffffff", FRONT) as front:
        state(desk, cover, "ABOVE")
        activate(desk, str(front.number))
        assert sorts(desk, front) == []
        state(desk, cover, "SKIP_TASKBAR")
        until(lambda: sorts(desk, front) == ["kept-above"], "it is found")
        cover.front(OVER)
        assert sorts(desk, cover) == []


def test_what_every_desktop_has_is_not_counted(desk: Desk) -> None:
    with pane(desk, "ibus-ui-gtk3", "ff0000", ASIDE) as aid, pane(desk, "Editor", "ffffff", FRONT) as front:
        activate(desk, str(front.number))
        aid.popup(OVER, "00ff00")
        assert sorts(desk, front) == []
        aid.popup(OVER, "00ff00", named=False)
        assert sorts(desk, front) == ["unmanaged"]
    with pane(desk, "Cover", "ff0000", OVER) as cover, pane(desk, "Editor", "ffffff", FRONT) as front:
        for word in ("ABOVE", "SKIP_TASKBAR"):
            state(desk, cover, word)
        activate(desk, str(front.number))
        until(lambda: sorts(desk, front) == ["kept-above"], "it is found")
        dock = ("-f", "_NET_WM_WINDOW_TYPE", "32a", "-set", "_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_DOCK")
        printed(desk, "xprop", "-id", str(cover.number), *dock)
        assert sorts(desk, front) == []


def test_a_window_behind_and_one_that_is_gone_are_none(desk: Desk) -> None:
    with pane(desk, "Behind", "ff0000", OVER) as behind, pane(desk, "Editor", "ffffff", FRONT) as front:
        activate(desk, str(front.number))
        behind.popup(OVER, "00ff00")
        assert sorts(desk, front) == ["unmanaged"]
        lowered(desk, *found(desk, front))
        assert sorts(desk, front) == []
    assert sorts(desk, front) == []


def test_two_minutes_of_looks_are_one_record_without_a_name(desk: Desk) -> None:
    """The display is real; the two minutes are our own."""
    connection = Connection(display=desk.environment["DISPLAY"])
    seen: list[Observation] = []
    with pane(desk, "Cover", "ff0000", ASIDE) as cover, pane(desk, "Editor", "ffffff", FRONT) as front:
        activate(desk, str(front.number))
        cover.popup(OVER, "0000ff")
        observer = _Windows(connection, seen.append)
        begun_us = observer.due_us
        assert begun_us is not None
        for look in range(25):
            observer.handle([], begun_us + look * LOOK_US)
            assert observer.due_us == begun_us + (look + 1) * LOOK_US
        told = [one for one in seen if isinstance(one, Beside)]
        assert told == [Beside(begun_us, scope="window", kind="overlay", what="unmanaged", number=1)]
    connection.disconnect()


def test_the_sensor_says_that_it_looks(desk: Desk) -> None:
    with watching(WindowSensor(environment=desk.environment), "window") as watch:
        assert [one.watched for one in watch.of(Looks)] == [WATCHED_OVERLAYS]
