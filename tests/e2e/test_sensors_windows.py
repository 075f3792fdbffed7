# SPDX-License-Identifier: Apache-2.0
"""The window in front, on a real display with a real window manager."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import xcffib
import xcffib.xproto
from desk_pane import pane
from desk_programs import activate, openbox, printed, retitle
from desk_server import Desk, xvfb
from desk_watch import Watch, running, watching
from xcffib.xproto import PropMode

from agent.gate import monotonic_us
from agent.sensor import FrontWindow, SensorChange
from agent.x11.windows import WindowSensor
from session.events import Reason

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with xvfb(1280, 720) as desk, openbox(desk):
        yield desk


@pytest.fixture
def watch(desk: Desk) -> Iterator[Watch]:
    with watching(WindowSensor(environment=desk.environment), "window") as watch:
        yield watch


def fronts(watch: Watch) -> list[tuple[str, str]]:
    return [(f.app, f.title) for f in watch.of(FrontWindow)]


def test_a_new_window_is_told_with_program_process_and_time(desk: Desk, watch: Watch) -> None:
    before_us = monotonic_us()
    with pane(desk, "Editor", "ffffff", (40, 40, 400, 200)) as window:
        watch.wait(lambda w: w.of(FrontWindow) and w.of(FrontWindow)[-1].app == "editor", "the window in front")
        front = watch.of(FrontWindow)[-1]
        assert front.window == window.number
        assert front.executable == Path(sys.executable).resolve().name
        assert window.pid == front.pid
        assert before_us <= front.mono_us <= monotonic_us()
    watch.wait(lambda w: w.of(FrontWindow)[-1].window == 0, "nothing in front")


def test_titles_are_told_in_their_own_alphabet(desk: Desk, watch: Watch) -> None:
    with pane(desk, "Notes", "ffffff", (100, 100, 200, 100)) as notes:
        title = "Żółć — 漢字 🙂"
        retitle(desk, str(notes.number), title)
        watch.wait(lambda w: ("notes", title) in fronts(w), "the title")
        long = "x" * 600
        retitle(desk, str(notes.number), long)
        watch.wait(lambda w: ("notes", long[:512]) in fronts(w), "the long title, cut")


def test_a_title_of_latin_1_is_read_as_such(desk: Desk, watch: Watch) -> None:
    with pane(desk, "Old", "ffffff", (100, 100, 200, 100)):
        watch.wait(lambda w: ("old", "pan\u00e9 Old") in fronts(w), "the old title")


def test_every_switch_is_told_once_and_in_order(desk: Desk, watch: Watch) -> None:
    with (
        pane(desk, "One", "ffffff", (40, 40, 400, 200)) as first,
        pane(desk, "Two", "ffffff", (500, 40, 400, 200)) as second,
    ):
        watch.wait(lambda w: w.of(FrontWindow) and w.of(FrontWindow)[-1].app == "two", "the second window")
        count = len(watch.seen)
        for number in range(40):
            window, app = ((first, "one"), (second, "two"))[number % 2]
            activate(desk, str(window.number))
            watch.wait(lambda w, app=app: w.of(FrontWindow)[-1].app == app, f"switch {number}")
        apps = [f.app for f in watch.of(FrontWindow)][-40:]
        assert apps == ["one", "two"] * 20
        assert len(watch.seen) == count + 40
        times = [f.mono_us for f in watch.of(FrontWindow)]
        assert times == sorted(times)


def test_after_a_burst_of_switches_the_last_is_told(desk: Desk, watch: Watch) -> None:
    """X tells that the front changed, not to what; on a busy machine some of a burst may be passed over, never the last."""
    with (
        pane(desk, "One", "ffffff", (40, 40, 400, 200)) as first,
        pane(desk, "Two", "ffffff", (500, 40, 400, 200)) as second,
    ):
        steps = [word for _ in range(20) for w in (second, first) for word in ("windowactivate", "--sync", str(w.number))]
        printed(desk, "xdotool", *steps)
        watch.wait(lambda w: w.of(FrontWindow)[-1].window == first.number, "the last of forty")
        apps = [f.app for f in watch.of(FrontWindow) if f.app]
        assert all(one != other for one, other in pairwise(apps))


def test_a_spinner_in_a_title_is_thinned_and_its_last_state_told(desk: Desk, watch: Watch) -> None:
    with pane(desk, "Busy", "ffffff", (40, 40, 400, 200)) as busy:
        # one xdotool for all: as fast as the server takes them
        printed(
            desk,
            "xdotool",
            *[word for n in range(1, 201) for word in ("set_window", "--name", f"step {n}", str(busy.number))],
        )
        watch.wait(lambda w: ("busy", "step 200") in fronts(w), "the last title")
        assert len([1 for app, _ in fronts(watch) if app == "busy"]) < 20


def test_without_a_window_manager_it_is_absent_until_one_comes() -> None:
    with xvfb(640, 480) as bare:
        sensor = WindowSensor(environment=bare.environment)
        ability = sensor.ability()
        assert not ability.observes
        assert "window manager" in ability.advice
        with watching(sensor) as watch:
            watch.wait(lambda w: w.states("window") == [(False, Reason.ABSENT)], "the gap")
            with openbox(bare):
                watch.wait(lambda w: w.states("window")[-1] == (True, None), "the window manager")
                assert sensor.ability().observes
                with pane(bare, "Late", "ffffff", (40, 40, 400, 200)):
                    watch.wait(lambda w: ("late") in [a for a, _ in fronts(w)], "the window")
            watch.wait(lambda w: w.states("window")[-1] == (False, Reason.ABSENT), "the window manager is gone")


def test_a_number_left_at_the_root_and_given_to_a_new_window_is_listened_to() -> None:
    """As openbox leaves it when the last window goes; here the test is the window manager, so that it happens each time."""
    with xvfb(320, 240) as bare:
        connection = xcffib.connect(display=bare.name)
        core, root = connection.core, connection.get_setup().roots[0]
        keeper, window = connection.generate_id(), connection.generate_id()

        def put(on: int, name: str, kind: str, value: bytes, width: int) -> None:
            atoms = [core.InternAtom(False, len(n), n).reply().atom for n in (name, kind)]
            core.ChangeProperty(PropMode.Replace, on, *atoms, width, len(value) * 8 // width, value)
            connection.flush()

        def create(number: int) -> None:
            core.CreateWindow(root.root_depth, number, root.root, 0, 0, 9, 9, 0, 1, root.root_visual, 0, [])

        create(keeper)
        for on in (keeper, root.root):
            put(on, "_NET_SUPPORTING_WM_CHECK", "WINDOW", struct.pack("=I", keeper), 32)
        put(root.root, "_NET_ACTIVE_WINDOW", "WINDOW", struct.pack("=I", window), 32)
        with watching(WindowSensor(environment=bare.environment), "window") as watch:
            assert [f.window for f in watch.of(FrontWindow)] == [0]
            create(window)
            put(window, "_NET_WM_NAME", "UTF8_STRING", b"first", 8)
            put(root.root, "_NET_ACTIVE_WINDOW", "WINDOW", struct.pack("=I", window), 32)
            watch.wait(lambda w: ("", "first") in fronts(w), "the new window")
            put(window, "_NET_WM_NAME", "UTF8_STRING", b"second", 8)
            watch.wait(lambda w: ("", "second") in fronts(w), "its next title")
        connection.disconnect()


def test_a_dead_server_is_a_gap_and_stop_is_prompt() -> None:
    with xvfb(320, 240) as doomed, openbox(doomed):
        sensor = WindowSensor(environment=doomed.environment)
        with watching(sensor, "window") as watch:
            doomed.kill()
            watch.wait(lambda w: w.states("window")[-1][0] is False, "the gap")
            sensor.stop()
            assert not running("x11-window")


def test_a_sleeping_sensor_stops_at_once_and_tells_nothing_more(desk: Desk) -> None:
    sensor = WindowSensor(environment=desk.environment)
    with watching(sensor, "window") as watch:
        sensor.stop()
        assert not running("x11-window")
        count = len(watch.seen)
        with pane(desk, "After", "ffffff", (40, 40, 400, 200)) as window:
            activate(desk, str(window.number))
        assert len(watch.seen) == count
        assert watch.threads == {"x11-window"}


def test_under_wayland_it_is_denied() -> None:
    sensor = WindowSensor(environment={"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"})
    watch = Watch()
    sensor.start(watch)
    watch.wait(lambda w: w.of(SensorChange), "what it says")
    sensor.stop()
    assert watch.states("window") == [(False, Reason.DENIED)]
    assert "Wayland" in sensor.ability().detail
