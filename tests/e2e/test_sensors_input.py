# SPDX-License-Identifier: Apache-2.0
"""Keyboard and pointer on real X servers: hardware-like devices, XTEST, and what happens when the server goes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import pytest
from desk_hardware import KEYCODES, Hardware
from desk_programs import xdotool
from desk_server import Desk, xorg_hardware, xvfb
from desk_watch import Watch, running, watching

from agent.gate import monotonic_us
from agent.sensor import Keystroke, Press, SensorChange, Stroke
from agent.x11.input import KeyboardPointerSensor
from session.events import Injected, KeyClass, Reason

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bench() -> Iterator[tuple[Desk, Hardware]]:
    with xorg_hardware() as both:
        yield both


@pytest.fixture
def watch(bench: tuple[Desk, Hardware]) -> Iterator[Watch]:
    with watching(KeyboardPointerSensor(environment=bench[0].environment), "keyboard", "pointer") as watch:
        yield watch


def tap(hardware: Hardware, name: str, dwell_s: float = 0.0) -> None:
    hardware.press(name)
    time.sleep(dwell_s)
    hardware.release(name)


def keystrokes(watch: Watch, count: int) -> list[Keystroke]:
    watch.wait(lambda w: len(w.of(Keystroke)) >= count, f"{count} keystrokes")
    return sorted(watch.of(Keystroke), key=lambda k: k.mono_us)


def test_hardware_keystroke_has_class_dwell_and_the_servers_time(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    pressed_us = monotonic_us()
    bench[1].press("a")
    down_us = monotonic_us()
    time.sleep(0.08)
    released_us = monotonic_us()
    bench[1].release("a")
    up_us = monotonic_us()
    (keystroke,) = keystrokes(watch, 1)
    assert keystroke.key_class is KeyClass.TEXT
    assert keystroke.injected is Injected.NO
    assert pressed_us - 2000 <= keystroke.mono_us <= down_us + 1000
    assert (released_us - down_us) // 1000 - 2 <= keystroke.dwell_ms <= (up_us - pressed_us) // 1000 + 2
    assert not keystroke.repeat


def test_each_key_has_its_class(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    expected = {
        "a": KeyClass.TEXT,
        "7": KeyClass.TEXT,
        ".": KeyClass.TEXT,
        " ": KeyClass.SPACE,
        "BackSpace": KeyClass.DELETE,
        "Delete": KeyClass.DELETE,
        "Return": KeyClass.ENTER,
        "KP_Enter": KeyClass.ENTER,
        "Left": KeyClass.NAVIGATION,
        "Home": KeyClass.NAVIGATION,
        "Tab": KeyClass.NAVIGATION,
        "Shift_L": KeyClass.MODIFIER,
        "Super_L": KeyClass.MODIFIER,
        "Escape": KeyClass.OTHER,
        "F5": KeyClass.OTHER,
        "Insert": KeyClass.OTHER,
    }
    for name in expected:
        tap(bench[1], name, 0.002)
    assert [k.key_class for k in keystrokes(watch, len(expected))] == list(expected.values())


@pytest.mark.parametrize(
    ("held", "pressed", "expected"),
    [
        (("Control_L",), "v", KeyClass.PASTE),
        (("Control_L", "Shift_L"), "v", KeyClass.PASTE),
        (("Shift_L",), "Insert", KeyClass.PASTE),
        (("Control_L",), "c", KeyClass.OTHER),
        (("Alt_L",), "Tab", KeyClass.OTHER),
        (("Super_L",), "a", KeyClass.OTHER),
        (("Control_L", "Alt_L"), "v", KeyClass.OTHER),
        (("Shift_L",), "v", KeyClass.TEXT),
    ],
)
def test_shortcuts_are_not_text(
    bench: tuple[Desk, Hardware], watch: Watch, held: tuple[str, ...], pressed: str, expected: KeyClass
) -> None:
    for name in held:
        bench[1].press(name)
        time.sleep(0.002)
    tap(bench[1], pressed, 0.002)
    for name in held:
        bench[1].release(name)
    found = keystrokes(watch, len(held) + 1)
    assert [k.key_class for k in found] == [KeyClass.MODIFIER] * len(held) + [expected]


def test_a_modifier_held_before_the_start_still_counts(bench: tuple[Desk, Hardware]) -> None:
    bench[1].press("Control_L")
    with watching(KeyboardPointerSensor(bench[0].name, environment={}), "keyboard") as watch:
        tap(bench[1], "v", 0.01)
        bench[1].release("Control_L")
        tap(bench[1], "v", 0.01)
        assert [k.key_class for k in keystrokes(watch, 2)] == [KeyClass.PASTE, KeyClass.TEXT]


def test_a_key_held_long_is_told_once_without_dwell(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    bench[1].press("a")
    (keystroke,) = keystrokes(watch, 1)
    told_us = monotonic_us()
    assert keystroke.dwell_ms == -1
    assert told_us - keystroke.mono_us >= 1_000_000
    bench[1].release("a")
    tap(bench[1], "b")
    assert len(keystrokes(watch, 2)) == 2


def test_repeats_are_marked(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    for _ in range(4):
        bench[1].press("x")
        time.sleep(0.002)
    bench[1].release("x")
    found = keystrokes(watch, 4)
    assert [k.repeat for k in found] == [False, True, True, True]
    assert found[0].dwell_ms >= 0
    assert [k.dwell_ms for k in found[1:]] == [-1, -1, -1]


def test_stop_tells_held_keys_and_is_prompt(bench: tuple[Desk, Hardware]) -> None:
    sensor = KeyboardPointerSensor(environment=bench[0].environment)
    with watching(sensor, "keyboard") as watch:
        bench[1].press("q")
        watch.wait(lambda _: True, "nothing")
        time.sleep(0.2)
        sensor.stop()
        assert not running("x11-input")
        assert [k.dwell_ms for k in watch.of(Keystroke)] == [-1]
        count = len(watch.seen)
    bench[1].release("q")
    tap(bench[1], "q")
    assert len(watch.seen) == count
    with watching(sensor, "keyboard") as again:
        tap(bench[1], "q")
        assert len(keystrokes(again, 1)) == 1


def test_xtest_is_injected_and_hardware_beside_it_is_not(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    xdotool(bench[0], "key", "h")
    tap(bench[1], "h")
    synthetic, real = keystrokes(watch, 2)
    assert (synthetic.injected, real.injected) == (Injected.YES, Injected.NO)
    assert synthetic.source != real.source


def test_pointer_strokes_presses_and_wheel(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    for _ in range(10):
        bench[1].move(3, 4)
    for _ in range(5):
        bench[1].move(-3, -4)
    bench[1].click(1)
    bench[1].click(5)
    watch.wait(lambda w: len(w.of(Press)) >= 2, "two presses")
    strokes = watch.of(Stroke)
    assert sum(s.moves for s in strokes) == 15
    assert sum(s.path_px for s in strokes) == 75
    assert {s.injected for s in strokes} == {Injected.NO}
    if len(strokes) == 1:
        assert strokes[0].net_px == 25
    assert [p.scroll for p in watch.of(Press)] == [False, True]


def test_automated_motion_is_measured_on_the_screen(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    xdotool(bench[0], "mousemove", "100", "100")
    xdotool(bench[0], "mousemove_relative", "1", "0")
    watch.wait(lambda w: len(w.of(Stroke)) == 1, "the first automated stroke")
    time.sleep(0.1)
    xdotool(bench[0], "mousemove_relative", "30", "40")
    watch.wait(lambda w: len(w.of(Stroke)) == 2, "the second automated stroke")
    stroke = watch.of(Stroke)[1]
    assert (stroke.injected, stroke.path_px, stroke.net_px) == (Injected.YES, 50, 50)


def test_fast_typing_loses_nothing(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    text = "the quick brown fox jumps over the lazy dog " * 10
    for letter in text:
        tap(bench[1], letter)
    found = keystrokes(watch, len(text))
    assert len(found) == len(text)
    assert sum(k.key_class is KeyClass.SPACE for k in found) == text.count(" ")
    assert all(k.dwell_ms >= 0 for k in found)


def test_no_observation_holds_a_key_number(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    tap(bench[1], "z", 0.01)
    tap(bench[1], "q", 0.01)
    first, second = keystrokes(watch, 2)
    blank = {"mono_us": 0, "dwell_ms": 0}
    assert msgspec.structs.replace(first, **blank) == msgspec.structs.replace(second, **blank)
    numbers = {v for k in (first, second) for v in (k.key_class, k.source, k.dwell_ms)}
    assert not numbers & {KEYCODES["z"], KEYCODES["q"]}


def test_all_comes_from_one_named_thread(bench: tuple[Desk, Hardware], watch: Watch) -> None:
    tap(bench[1], "a")
    keystrokes(watch, 1)
    assert watch.threads == {"x11-input"}


def test_a_dead_server_is_a_gap_for_both_and_the_sensor_still_stops() -> None:
    with xvfb(320, 240) as desk:
        sensor = KeyboardPointerSensor(environment=desk.environment)
        with watching(sensor, "keyboard", "pointer") as watch:
            desk.kill()
            for scope in ("keyboard", "pointer"):
                watch.wait(lambda w, s=scope: w.states(s)[-1] == (False, Reason.DIED), f"{scope} is a gap")
            watch.wait(lambda w: w.states("keyboard")[-1] == (False, Reason.ABSENT), "the display stays away")
            sensor.stop()
            assert not running("x11-input")


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, Reason.ABSENT),
        ({"DISPLAY": ":4095"}, Reason.ABSENT),
        ({"WAYLAND_DISPLAY": "wayland-0"}, Reason.DENIED),
        ({"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, Reason.DENIED),
    ],
)
def test_without_a_display_to_observe_it_says_so(environment: dict[str, str], reason: Reason) -> None:
    sensor = KeyboardPointerSensor(environment=environment)
    watch = Watch()
    sensor.start(watch)
    watch.wait(lambda w: len(w.of(SensorChange)) == 2, "both scopes told")
    sensor.stop()
    assert {(c.sensor, c.observing, c.reason) for c in watch.of(SensorChange)} == {
        ("keyboard", False, reason),
        ("pointer", False, reason),
    }
    ability = sensor.ability()
    assert not ability.observes
    assert ability.advice


def test_ability_counts_devices(bench: tuple[Desk, Hardware]) -> None:
    ability = KeyboardPointerSensor(environment=bench[0].environment).ability()
    assert ability.observes
    assert "4 devices" in ability.detail
