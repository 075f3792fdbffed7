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
from pointer_generators import without_timing

from agent.sensor import Stroke
from agent.x11.input import KeyboardPointerSensor
from detectors.pointer_alone import WINDOW_US, PointerAlone
from session.events import Injected, Stats
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
    body = tick(watch, Stroke, begun_us(watch))
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
    body = tick(watch, Stroke, begun_us(watch))
    assert [(one.injected, one.moves, one.buttons, one.scrolls) for one in body.sources] == [(Injected.NO, STEPS, 0, 0)]
    assert 1 < body.strokes <= STEPS
    assert body.distance_px == 3 * STEPS
    assert 0 <= body.pointer_idle_ms < body.span_ms
    finding = found(body, WINDOW_US)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)
