# SPDX-License-Identifier: Apache-2.0
"""What moves a pointer: xdotool and a mouse on real X servers, as the record tells them apart.

Some seconds are real; the tick that they made is then laid end to end for twenty minutes, which nobody waits for.
"""

from __future__ import annotations

import time

import msgspec
import pytest
from desk_hardware import Hardware
from desk_programs import xdotool
from desk_server import Desk, xorg_hardware, xvfb
from desk_watch import Watch, watching
from pointer_generators import without_timing

from agent.gate import monotonic_us
from agent.minimise import Minimiser
from agent.sensor import Stroke
from agent.x11.input import KeyboardPointerSensor
from detectors.pointer_alone import WINDOW_US, PointerAlone
from session.events import TICK_US, Event, Focus, Injected, Kind, Stats
from session.findings import Finding, State, Weight
from session.ports import ClockReading

pytestmark = pytest.mark.slow

STEPS = 6
REST_S = 0.5


def with_xdotool(desk: Desk) -> None:
    """Six steps to and fro in one run of the program."""
    pairs = [("mousemove_relative", "--", str(dx_px), "0", "sleep", str(REST_S)) for dx_px in (3, -3) * (STEPS // 2)]
    xdotool(desk, *(word for pair in pairs for word in pair))


def by_hand(mouse: Hardware) -> None:
    """As many of a mouse, as a device in its socket makes them."""
    for number in range(STEPS):
        mouse.move(3 if number % 2 else -3, 0)
        time.sleep(REST_S)  # the device's own interval; nothing is waited for


def moves(watch: Watch) -> int:
    return sum(stroke.moves for stroke in watch.of(Stroke))


def tick(watch: Watch, since_us: int) -> Stats:
    """The statistics of the tick in which all of it happened, by the agent's own code."""
    begin = ClockReading(1_790_000_000_000_000, since_us, since_us)
    minimiser = Minimiser(without_timing(), begin)
    for stroke in watch.of(Stroke):
        minimiser.take(stroke)
    end_us = max(since_us + TICK_US, monotonic_us())  # later where the machine is busy
    stats = minimiser.tick(ClockReading(begin.t_us + end_us - since_us, end_us, end_us)).stats
    assert stats is not None
    return stats


def laid_end_to_end(body: Stats, until_us: int) -> list[Event]:
    """A session of nothing but this tick, under one window, as often as it takes to fill so much time."""
    events: list[Event] = []
    span_us = body.span_ms * 1000
    for passed_us in range(0, until_us, span_us):
        t_us, mono_us = body.t_us + passed_us, body.mono_us + passed_us
        events.append(Event(seq=len(events) + 1, kind=Kind.FOCUS, body=Focus(t_us, mono_us)))
        again = msgspec.structs.replace(body, t_us=t_us, mono_us=mono_us)
        events.append(Event(seq=len(events) + 1, kind=Kind.STATS, body=again))
    return events


def found(body: Stats, until_us: int) -> Finding:
    detector = PointerAlone()
    return detector.finish(detector.step(detector.start(without_timing()), laid_end_to_end(body, until_us)))


def test_steps_of_xdotool_are_told_as_softwares_and_twenty_minutes_of_them_are_asked_about() -> None:
    with xvfb() as desk, watching(KeyboardPointerSensor(environment=desk.environment), "pointer") as watch:
        since_us = monotonic_us()
        with_xdotool(desk)
        watch.wait(lambda w: moves(w) >= STEPS, "all steps")
    body = tick(watch, since_us)
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
        since_us = monotonic_us()
        by_hand(mouse)
        watch.wait(lambda w: moves(w) >= STEPS, "all steps")
    body = tick(watch, since_us)
    assert [(one.injected, one.moves, one.buttons, one.scrolls) for one in body.sources] == [(Injected.NO, STEPS, 0, 0)]
    assert 1 < body.strokes <= STEPS
    assert body.distance_px == 3 * STEPS
    assert 0 <= body.pointer_idle_ms < body.span_ms
    finding = found(body, WINDOW_US)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)
