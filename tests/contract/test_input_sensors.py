# SPDX-License-Identifier: Apache-2.0
"""What every input sensor keeps to, on a real display: XInput2's and pynput's run through the same tests."""

from __future__ import annotations

import gc
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from desk_editor import editor
from desk_programs import openbox, xdotool
from desk_server import Desk, until, xvfb
from recorder_parts import FakeClock

from agent.minimise import Minimiser
from agent.portable.keys import Keys
from agent.portable.pynput_input import PynputSensor
from agent.sensor import Keystroke, Observation, Press, Sensor, SensorChange, Stroke
from agent.x11.input import KeyboardPointerSensor
from detectors.abstain import UNKNOWN_SOURCE
from detectors.injected import InjectedInput
from session.events import Event, Injected, KeyClass, Kind, Reason
from session.policy import default_policy_toml, parse_policy

pytestmark = pytest.mark.slow

Make = Callable[[Desk], Sensor]


def xinput2(desk: Desk) -> Sensor:
    return KeyboardPointerSensor(desk.name, desk.environment)


def portable(desk: Desk) -> Sensor:
    return PynputSensor(desk.environment)


BOTH = pytest.mark.parametrize("make", [xinput2, portable])


@pytest.fixture(scope="module")
def display() -> Iterator[Desk]:
    with xvfb() as desk, openbox(desk), editor(desk, "front", "#ffffee"):
        yield desk


@pytest.fixture
def screen(display: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("DISPLAY", display.name)  # pynput takes it from the process's own environment alone
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return display


class Watched:
    """What a sensor told."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self._seen: list[Observation] = []
        self._lock = threading.Lock()

    def take(self, observation: Observation) -> None:
        with self._lock:
            self._seen.append(observation)

    def of(self, kind: type) -> list[Observation]:
        with self._lock:
            return [one for one in self._seen if isinstance(one, kind)]

    @property
    def keys(self) -> list[Keystroke]:
        return [one for one in self.of(Keystroke) if isinstance(one, Keystroke)]

    def observing(self) -> bool:
        changes = [one for one in self.of(SensorChange) if isinstance(one, SensorChange)]
        return len(changes) >= 2 and changes[-1].observing


@contextmanager
def watched(make: Make, desk: Desk) -> Iterator[Watched]:
    seen = Watched(make(desk))
    seen.sensor.start(seen.take)
    try:
        until(seen.observing, "the sensor observes")
        yield seen
    finally:
        seen.sensor.stop()


@BOTH
def test_keystrokes_are_told_by_class_with_their_dwell(screen: Desk, make: Make) -> None:
    with watched(make, screen) as seen:
        xdotool(screen, "key", "--delay", "40", "a", "b", "space", "BackSpace", "Return", "Left", "Escape")
        until(lambda: len(seen.keys) == 7, f"seven keystrokes: {seen.keys}")
    counted = Counter(one.key_class for one in seen.keys)
    wanted = {
        KeyClass.TEXT: 2,
        KeyClass.SPACE: 1,
        KeyClass.DELETE: 1,
        KeyClass.ENTER: 1,
        KeyClass.NAVIGATION: 1,
        KeyClass.OTHER: 1,
    }
    assert counted == wanted
    assert all(0 <= one.dwell_ms < 1000 for one in seen.keys)


@BOTH
def test_a_paste_is_known_by_its_chord(screen: Desk, make: Make) -> None:
    with watched(make, screen) as seen:
        xdotool(screen, "key", "--delay", "40", "ctrl+v", "ctrl+a", "shift+Insert")
        until(lambda: len(seen.keys) == 6, f"three chords: {seen.keys}")
    counted = Counter(one.key_class for one in seen.keys)
    assert counted == {KeyClass.PASTE: 2, KeyClass.OTHER: 1, KeyClass.MODIFIER: 3}


@BOTH
def test_movement_buttons_and_wheel_are_told(screen: Desk, make: Make) -> None:
    with watched(make, screen) as seen:
        for step in range(6):
            xdotool(screen, "mousemove_relative", "--", "10", str(step))
        xdotool(screen, "click", "1", "click", "5")
        until(lambda: len(seen.of(Press)) == 2, "a button and a step of the wheel")
        until(lambda: seen.of(Stroke), "movement")
    assert sorted(one.scroll for one in seen.of(Press) if isinstance(one, Press)) == [False, True]
    assert sum(one.path_px for one in seen.of(Stroke) if isinstance(one, Stroke)) > 20


@BOTH
def test_nothing_is_told_after_the_stop_and_again_after_a_start(screen: Desk, make: Make) -> None:
    seen = Watched(make(screen))
    for _ in range(2):
        before, changes = len(seen.keys), len(seen.of(SensorChange))
        seen.sensor.start(seen.take)
        until(lambda changes=changes: len(seen.of(SensorChange)) == changes + 2, "the sensor observes")  # type: ignore[misc] # binds
        xdotool(screen, "key", "x")
        until(lambda before=before: len(seen.keys) == before + 1, "a keystroke")  # type: ignore[misc] # binds
        seen.sensor.stop()
        told = len(seen.of(object))
        xdotool(screen, "key", "y", "z")
        assert len(seen.of(object)) == told
        seen.sensor.stop()  # again changes nothing


@BOTH
def test_a_display_that_dies_is_a_gap(monkeypatch: pytest.MonkeyPatch, make: Make) -> None:
    with xvfb() as desk:
        monkeypatch.setenv("DISPLAY", desk.name)
        with watched(make, desk) as seen:
            desk.kill()
            until(lambda: not seen.observing(), "a gap is told")
    gaps = [one for one in seen.of(SensorChange) if isinstance(one, SensorChange) and not one.observing]
    assert {one.sensor for one in gaps} == {"keyboard", "pointer"}
    gc.collect()  # a socket that was left open would be told of here, and not in somebody else's test


@BOTH
def test_what_can_be_seen_is_said(screen: Desk, make: Make) -> None:
    assert make(screen).ability().observes
    assert make(screen).name == "input"


def test_pynput_does_not_guess_the_source(screen: Desk) -> None:
    with watched(portable, screen) as seen:
        xdotool(screen, "key", "a")
        until(lambda: seen.keys, "a keystroke")
    assert seen.keys[0].injected is Injected.UNKNOWN


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, Reason.ABSENT),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, Reason.DENIED),
        ({"XDG_SESSION_TYPE": "wayland"}, Reason.DENIED),
    ],
)
def test_without_a_display_it_could_listen_to_pynput_is_a_gap_and_never_an_exception(
    environment: dict[str, str], reason: Reason
) -> None:
    sensor = PynputSensor(environment, "linux")
    assert not sensor.ability().observes
    assert sensor.ability().advice
    seen = Watched(sensor)
    sensor.start(seen.take)
    until(lambda: len(seen.of(SensorChange)) == 2, "the gap is told")
    sensor.stop()
    assert [one.reason for one in seen.of(SensorChange) if isinstance(one, SensorChange)] == [reason] * 2


@pytest.mark.parametrize(("trusted", "reason"), [(False, Reason.DENIED), (None, Reason.ABSENT)])
def test_a_mac_that_does_not_let_this_program_listen_is_a_gap_and_not_a_silence(
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool | None,
    reason: Reason,
) -> None:
    system = None if trusted is None else SimpleNamespace(AXIsProcessTrusted=lambda: trusted)
    monkeypatch.setitem(sys.modules, "HIServices", system)  # the edge of a system that is not here
    sensor = PynputSensor({}, "darwin")
    assert not sensor.ability().observes
    assert "Input Monitoring" in sensor.ability().advice
    seen = Watched(sensor)
    sensor.start(seen.take)
    until(lambda: len(seen.of(SensorChange)) == 2, "the gap is told")
    sensor.stop()
    assert {one.reason for one in seen.of(SensorChange) if isinstance(one, SensorChange)} == {reason}


def test_the_question_of_who_typed_is_not_answered_where_the_source_is_not_known(screen: Desk) -> None:
    with watched(portable, screen) as seen:
        xdotool(screen, "type", "--delay", "3", "the first answer names no condition " * 8)
        until(lambda: len(seen.keys) >= 280, "the words were seen")
    clock = FakeClock(mono_us=seen.keys[-1].mono_us)
    minimiser = Minimiser(parse_policy(default_policy_toml()), clock.read())
    for keystroke in seen.keys:
        minimiser.take(keystroke)
    bodies = [minimiser.tick(clock.read()).stats, *(minimiser.tick(clock.advance(5)).stats for _ in range(12))]
    detector = InjectedInput()
    events = [Event(seq, Kind.STATS, body) for seq, body in enumerate(bodies, 1)]
    state = detector.step(detector.start(parse_policy(default_policy_toml())), events)
    assert detector.finish(state).reason == UNKNOWN_SOURCE


# --- the reduction itself, without a display


def test_a_key_is_forgotten_at_its_release() -> None:
    keys = Keys()
    assert keys.press(0, "q", "", "q", Injected.NO) is None
    told = keys.release(80_000, "q", "", Injected.NO)
    assert told is not None
    assert (told.mono_us, told.dwell_ms, told.key_class) == (0, 80, KeyClass.TEXT)
    assert keys._down == {}
    assert keys.release(90_000, "q", "", Injected.NO) is None


def test_a_key_that_repeats_is_told_as_repeats_and_once_as_held() -> None:
    keys = Keys()
    keys.press(0, "q", "", "q", Injected.NO)
    repeated = keys.press(500_000, "q", "", "q", Injected.NO)
    assert repeated is not None
    assert repeated.repeat
    assert keys.overdue(900_000, Injected.NO) == []
    (held,) = keys.overdue(1_000_000, Injected.NO)
    assert (held.dwell_ms, held.repeat) == (-1, False)
    assert keys.release(1_200_000, "q", "", Injected.NO) is None


def test_keys_that_are_held_at_the_end_are_told_without_dwell() -> None:
    keys = Keys()
    keys.press(0, "shift", "shift", "", Injected.UNKNOWN)
    keys.press(10, "q", "", "Q", Injected.UNKNOWN)
    assert [one.key_class for one in keys.finish(Injected.UNKNOWN)] == [KeyClass.MODIFIER, KeyClass.TEXT]
    assert keys.finish(Injected.UNKNOWN) == []


@pytest.mark.parametrize(
    ("by_command", "modifier", "char", "key_class"),
    [
        (False, "ctrl_l", "v", KeyClass.PASTE),
        (False, "ctrl", "\x16", KeyClass.PASTE),
        (False, "ctrl", "c", KeyClass.OTHER),
        (False, "cmd", "v", KeyClass.OTHER),
        (True, "cmd", "v", KeyClass.PASTE),
        (True, "ctrl", "v", KeyClass.OTHER),
        (False, "shift", "V", KeyClass.TEXT),
        (False, "alt_gr", "@", KeyClass.TEXT),
    ],
)
def test_chords_by_system(*, by_command: bool, modifier: str, char: str, key_class: KeyClass) -> None:
    keys = Keys(paste_by_command=by_command)
    keys.press(0, modifier, modifier, "", Injected.NO)
    keys.press(1, char, "", char, Injected.NO)
    told = keys.release(2, char, "", Injected.NO)
    assert told is not None
    assert told.key_class is key_class
