# SPDX-License-Identifier: Apache-2.0
"""What moves a pointer: programs and a mouse on real X servers, as the record tells them apart.

Some seconds are real; the tick that they made is then laid end to end for twenty minutes, which nobody waits for.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest
from desk_hardware import Hardware
from desk_programs import printed, xdotool
from desk_server import Desk, xorg_hardware, xvfb
from desk_ticks import laid_end_to_end, tick
from desk_watch import Watch, watching
from pointer_generators import keystroke, recorded, without_timing

from agent.sensor import Press, Stroke
from agent.x11.input import KeyboardPointerSensor
from detectors import abstain
from detectors.composite import opens_review
from detectors.pointer_alone import WINDOW_US, PointerAlone
from detectors.pointer_paths import PointerPaths
from session.events import Injected, Kind, SourceCount, Stats
from session.findings import Finding, State, Weight

pytestmark = pytest.mark.slow

STEPS = 6
REST_S = 0.5
PYAUTOGUI = """
import time, pyautogui
pyautogui.FAILSAFE = False
for number in range(6):
    pyautogui.moveRel(-3 if number % 2 else 3, 0, _pause=False)
    time.sleep(0.5)
"""
PYNPUT = """
import time
from pynput.mouse import Controller
for number in range(6):
    Controller().move(-3 if number % 2 else 3, 0)
    time.sleep(0.5)
"""


def with_xdotool(desk: Desk) -> None:
    """Six steps to and fro in one run of the program."""
    pairs = [("mousemove_relative", "--", str(dx_px), "0", "sleep", str(REST_S)) for dx_px in (3, -3) * (STEPS // 2)]
    xdotool(desk, *(word for pair in pairs for word in pair))


def with_pyautogui(desk: Desk) -> None:
    printed(desk, sys.executable, "-c", PYAUTOGUI)


def with_pynput(desk: Desk) -> None:
    printed(desk, sys.executable, "-c", PYNPUT)


def by_hand(mouse: Hardware) -> None:
    """As many of a mouse, as a device in its socket makes them."""
    for number in range(STEPS):
        mouse.move(3 if number % 2 else -3, 0)
        time.sleep(REST_S)  # the device's own interval; nothing is waited for


def moves(watch: Watch) -> int:
    return sum(stroke.moves for stroke in watch.of(Stroke))


def found(body: Stats, until_us: int) -> Finding:
    detector = PointerAlone()
    return detector.finish(detector.step(detector.start(without_timing()), laid_end_to_end(body, until_us)))


def begun_us(watch: Watch) -> int:
    """When the first movement began: a program takes its time before it."""
    return min(stroke.mono_us for stroke in watch.of(Stroke))


@pytest.mark.parametrize("tool", [with_xdotool, with_pyautogui, with_pynput])
def test_steps_of_a_program_are_told_as_softwares_and_twenty_minutes_of_them_are_asked_about(
    tool: Callable[[Desk], None],
) -> None:
    with xvfb() as desk, watching(KeyboardPointerSensor(environment=desk.environment), "pointer") as watch:
        tool(desk)
        watch.wait(lambda w: moves(w) >= STEPS, "all steps")
    body = tick(watch, begun_us(watch), Stroke)
    assert [(one.injected, one.moves, one.buttons, one.scrolls) for one in body.sources] == [(Injected.YES, STEPS, 0, 0)]
    assert 1 < body.strokes <= STEPS
    assert body.pointer_idle_ms == body.span_ms  # idle is that of hands
    finding = found(body, WINDOW_US)
    assert (finding.state, finding.weight) == (State.RAISED, Weight.A)
    assert found(body, WINDOW_US - 2 * body.span_ms * 1000).state is State.NOT_EVALUATED


def test_steps_of_a_mouse_are_told_as_a_devices_and_twenty_minutes_of_them_are_asked_about_as_class_b() -> None:
    with (
        xorg_hardware() as (desk, mouse),
        watching(KeyboardPointerSensor(environment=desk.environment), "pointer") as watch,
    ):
        by_hand(mouse)
        watch.wait(lambda w: moves(w) >= STEPS, "all steps")
    body = tick(watch, begun_us(watch), Stroke)
    assert [(one.injected, one.moves, one.buttons, one.scrolls) for one in body.sources] == [(Injected.NO, STEPS, 0, 0)]
    assert 1 < body.strokes <= STEPS
    assert body.distance_px == 3 * STEPS
    assert 0 <= body.pointer_idle_ms < body.span_ms
    finding = found(body, WINDOW_US)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)


WAYS = 4
LINE_STEPS = 20
PYAUTOGUI_LINES = """
import time, pyautogui
pyautogui.FAILSAFE, pyautogui.PAUSE, pyautogui.MINIMUM_SLEEP = False, 0.0, 0.02  # finer than its own 0.05
for number in range(4):
    pyautogui.moveTo(*((100, 100) if number % 2 else (340, 280)), duration=0.4)
    time.sleep(0.4)
"""
PYAUTOGUI_BOUNDS = """
import time, pyautogui
pyautogui.FAILSAFE, pyautogui.PAUSE = False, 0.0
pyautogui.moveTo(100, 100)
time.sleep(0.4)
for number in range(4):
    pyautogui.moveTo(*((100, 100) if number % 2 else (500, 400)))
    time.sleep(0.2)
    pyautogui.click()
    time.sleep(0.3)
"""


def in_lines_with_xdotool(desk: Desk) -> None:
    """Four ways of 300 px to and fro, each in twenty equal steps, and a rest after each."""
    words: list[str] = []
    for way in range(WAYS):
        step = ("12", "9") if way % 2 == 0 else ("-12", "-9")
        words += ["mousemove_relative", "--", *step, "sleep", "0.02"] * LINE_STEPS + ["sleep", "0.4"]
    xdotool(desk, *words)


def in_lines_with_pyautogui(desk: Desk) -> None:
    """The same ways by its own interpolation, which is linear unless told otherwise."""
    printed(desk, sys.executable, "-c", PYAUTOGUI_LINES)


def at_one_bound_with_pyautogui(desk: Desk) -> None:
    """As often at once to where it clicks."""
    printed(desk, sys.executable, "-c", PYAUTOGUI_BOUNDS)


def asked(body: Stats, *, by_hand: int) -> Finding:
    """Ten minutes in which somebody types so much in each tick, and twenty of this tick."""
    keys = [keystroke(5 * number + 0.1 * (1 + key)) for number in range(120) for key in range(by_hand)]
    before = recorded(keys, 600.0)
    last = next(one for one in reversed(before) if one.kind is Kind.STATS)
    events = [*before, *laid_end_to_end(body, WINDOW_US, after=last)]
    detector = PointerPaths()
    return detector.finish(detector.step(detector.start(without_timing()), events))


def of_software(body: Stats) -> SourceCount:
    (one,) = body.sources
    assert one.injected is Injected.YES
    return one


@pytest.mark.ci
@pytest.mark.parametrize(
    ("ways", "least_moves", "told"),
    [
        (in_lines_with_xdotool, WAYS * LINE_STEPS, (WAYS - 1, WAYS - 1, 0)),  # the last is over when another begins
        (in_lines_with_pyautogui, WAYS * (LINE_STEPS - 1), (WAYS - 1, WAYS - 1, 0)),
        (at_one_bound_with_pyautogui, WAYS, (0, 0, WAYS)),
    ],
)
def test_ways_of_a_program_are_counted_and_twenty_minutes_of_them_beside_a_hand_are_asked_about(
    ways: Callable[[Desk], None], least_moves: int, told: tuple[int, int, int]
) -> None:
    with xvfb() as desk, watching(KeyboardPointerSensor(environment=desk.environment), "pointer") as watch:
        ways(desk)
        watch.wait(lambda w: moves(w) >= least_moves and len(w.of(Press)) >= told[2], "all ways")
    body = tick(watch, begun_us(watch), Stroke, Press)
    one = of_software(body)
    assert (one.paths, one.even, one.jumps) == told
    finding = asked(body, by_hand=10)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)
    assert finding.explanation == "finding.pointer-paths.software"
    assert not opens_review([finding])
    # Whoever works by software, over a shared mouse or from afar, is not asked.
    assert asked(body, by_hand=0).reason == abstain.MOSTLY_SOFTWARE


@pytest.mark.ci
def test_a_pointer_that_no_device_moves_is_not_seen_and_nothing_is_claimed() -> None:
    """As xdotool sets it (XWarpPointer): its clicks are told, and no way and no jump before them."""
    words = [word for x_px in (100, 500) * 2 for word in ("mousemove", str(x_px), "300", "sleep", "0.2", "click", "1")]
    with xvfb() as desk, watching(KeyboardPointerSensor(environment=desk.environment), "pointer") as watch:
        xdotool(desk, *words)
        watch.wait(lambda w: len(w.of(Press)) >= WAYS, "all clicks")
    body = tick(watch, watch.of(Press)[0].mono_us, Stroke, Press)
    one = of_software(body)
    assert (one.buttons, one.moves, one.paths, one.jumps) == (WAYS, 0, 0, 0)
    assert asked(body, by_hand=10).reason == abstain.FEW_PATHS
