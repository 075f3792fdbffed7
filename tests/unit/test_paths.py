# SPDX-License-Identifier: Apache-2.0
"""How a pointer went, as counts: what a path is, which are even, and presses after one bound; from events to STATS."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, inf, pi, sin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_parts import MONO0_US, T0_US, policy, press, stroke

from agent.minimise import Minimiser
from agent.paths import is_even, is_path, joined_way
from agent.portable.pynput_input import _stroke
from agent.sensor import Observation, Stroke, Way
from agent.x11.devices import Axis, Device
from agent.x11.pointer import Pointer
from session.events import Injected, SourceCount, Stats
from session.ports import ClockReading

MOUSE = Device(number=7, injected=Injected.NO)
TABLET = Device(number=9, injected=Injected.NO, axes=(Axis(least=0, greatest=1920), Axis(least=0, greatest=1080)))
AUTOMATION = Device(number=4, injected=Injected.YES)
SCREEN = (1920, 1080)
Point = tuple[int, int]

points = st.tuples(st.integers(0, 1919), st.integers(0, 1079))


def line(begin: Point, end: Point, steps: int) -> list[Point]:
    """Places along a line, rounded to whole pixels; the beginning is not among them."""
    return [
        (
            round(begin[0] + (end[0] - begin[0]) * n / steps),
            round(begin[1] + (end[1] - begin[1]) * n / steps),
        )
        for n in range(1, steps + 1)
    ]


def way_of(places: Sequence[Point]) -> Way:
    steps = [(x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(places)]
    lengths = [hypot(*step) for step in steps if step != (0, 0)]
    return Way(
        len(lengths),
        sum(lengths),
        sum(x for x, _ in steps),
        sum(y for _, y in steps),
        min(lengths, default=inf),
        max(lengths, default=0),
    )


def moved(places: Sequence[Point], every_ms: int = 50) -> Stroke:
    return stroke(MONO0_US, every_ms * (len(places) - 2), way=way_of(places))


@given(points, points, st.integers(5, 60))
def test_a_line_in_equal_steps_is_even_whatever_rounding_does(begin: Point, end: Point, steps: int) -> None:
    movement = moved([begin, *line(begin, end, steps)])
    length_px = hypot(end[0] - begin[0], end[1] - begin[1])
    assert is_path(movement) == (length_px >= 150 and movement.way is not None and movement.way.steps >= 5)
    if length_px >= 150 and length_px / steps >= 8:
        assert is_even(movement)


@given(st.integers(8, 40), st.integers(20, 80), st.floats(0, 2 * pi))
def test_a_way_that_speeds_up_and_slows_down_is_not_even(steps: int, reach_px: int, direction: float) -> None:
    """Least jerk, as of a hand: the middle steps are the longest."""
    length_px = reach_px * 10
    shares = [n / steps for n in range(steps + 1)]
    along = [length_px * (10 * s**3 - 15 * s**4 + 6 * s**5) for s in shares]
    movement = moved([(round(px * cos(direction)), round(px * sin(direction))) for px in along])
    assert not is_even(movement)


def test_a_bow_of_equal_steps_is_not_even() -> None:
    bow = [(round(300 * sin(n / 20)), round(300 * (1 - cos(n / 20)))) for n in range(21)]
    assert is_path(moved(bow))
    assert not is_even(moved(bow))


def flat(steps: int, step_px: int, *, every_ms: int = 50) -> Stroke:
    return moved([(n * step_px, 0) for n in range(steps + 1)], every_ms)


@pytest.mark.parametrize(
    ("movement", "path", "even"),
    [
        (flat(5, 30), True, True),
        (flat(4, 40), False, False),
        (flat(5, 29), False, False),
        (flat(30, 5), True, True),
        (flat(38, 4), True, False),
        (flat(5, 30, every_ms=60), True, True),
        (flat(5, 30, every_ms=61), False, False),
        (moved([(0, 0), (30, 0), (60, 0), (90, 0), (120, 0), (152, 0)]), True, True),
        (moved([(0, 0), (30, 0), (60, 0), (90, 0), (120, 0), (153, 0)]), True, False),
        (moved([(0, 0), (60, 0), (120, 0), (180, 0), (120, 0), (60, 0)]), False, False),
        (stroke(0, 200), False, False),
        (stroke(0, 0, way=way_of([])), False, False),
    ],
)
def test_the_bounds_of_a_path_and_of_an_even_one(movement: Stroke, path: bool, even: bool) -> None:
    assert (is_path(movement), is_even(movement)) == (path, even)


@given(st.lists(points, min_size=2, max_size=40), st.integers(0, 40))
def test_a_way_in_two_parts_is_the_whole_way(places: list[Point], cut: int) -> None:
    cut = min(cut, len(places) - 1)
    joined = joined_way(way_of(places[: cut + 1]), way_of(places[cut:]))
    assert joined is not None
    assert msgspec.structs.astuple(joined) == pytest.approx(msgspec.structs.astuple(way_of(places)))
    assert joined_way(None, joined) is joined_way(joined, None) is None


# --- from the events of a device to STATS


def looks(
    places: Sequence[Point], device: Device, begin: Point, *, every_ms: int = 50, per_look: int = 3, begin_ms: int = 0
) -> list[Stroke]:
    """What the sensor tells of a device that goes through `places`: a mouse by steps, all else by positions."""
    pointer, told, last = Pointer(*SCREEN), [], begin
    pointer.motion(MONO0_US, *begin, AUTOMATION)
    pointer.strokes(begin)  # where it is, is known
    for number, place in enumerate(places, 1):
        numbers = (place[0] - last[0], place[1] - last[1]) if device is MOUSE else place
        last = place
        pointer.motion(MONO0_US + (begin_ms + every_ms * number) * 1000, *numbers, device)
        if number % per_look == 0 or number == len(places):
            told += pointer.strokes(last if pointer.asks_position else None)
    return told


def counted(*observations: Observation, ends_ms: int = 60_000) -> SourceCount:
    """The counts of the one device that it is about."""
    minimiser = Minimiser(policy(), ClockReading(T0_US, MONO0_US, MONO0_US))
    for observation in sorted(observations, key=lambda one: one.mono_us):
        minimiser.take(observation)
    end_us = ends_ms * 1000
    stats = minimiser.tick(ClockReading(T0_US + end_us, MONO0_US + end_us, MONO0_US + end_us)).stats
    assert isinstance(stats, Stats)
    (one,) = stats.sources
    return one


@pytest.mark.parametrize("device", [MOUSE, AUTOMATION])
@pytest.mark.parametrize("per_look", [1, 2, 3, 7])
def test_a_line_is_counted_however_it_falls_into_looks(device: Device, per_look: int) -> None:
    told = looks(line((100, 100), (700, 433), 20), device, (100, 100), per_look=per_look)
    one = counted(*told)
    assert (one.moves, one.paths, one.even, one.jumps) == (20, 1, 1, 0)


def test_an_event_that_moves_nothing_takes_nothing_from_a_line() -> None:
    """As some programs begin: with the place where the pointer is already."""
    told = looks([(100, 100), *line((100, 100), (700, 433), 20)], AUTOMATION, (100, 100), per_look=1)
    assert (counted(*told).paths, counted(*told).even) == (1, 1)


def test_steps_of_automation_are_followed_as_well_as_its_positions() -> None:
    pointer, at = Pointer(*SCREEN), (100, 100)
    pointer.motion(MONO0_US, *at, AUTOMATION)
    pointer.strokes(at)
    told: list[Stroke] = []
    for number in range(1, 11):
        pointer.motion(MONO0_US + number * 50_000, 20, 15, AUTOMATION)
        at = (at[0] + 20, at[1] + 15)
        told += pointer.strokes(at)
    assert (counted(*told).paths, counted(*told).even) == (1, 1)


@pytest.mark.parametrize("reached", [None, (500, 500)])
def test_automation_whose_numbers_lead_elsewhere_is_not_followed(reached: Point | None) -> None:
    pointer = Pointer(*SCREEN)
    pointer.motion(MONO0_US, 100, 100, AUTOMATION)
    pointer.strokes((100, 100))
    pointer.motion(MONO0_US + 1000, 400, 300, AUTOMATION)
    assert [one.way for one in pointer.strokes(reached)] == [None]


def test_automation_beside_a_hand_is_not_followed() -> None:
    pointer = Pointer(*SCREEN)
    pointer.motion(MONO0_US, 100, 100, AUTOMATION)
    pointer.strokes((100, 100))
    pointer.motion(MONO0_US + 1000, 3, 3, MOUSE)
    pointer.motion(MONO0_US + 2000, 400, 300, AUTOMATION)
    assert [one.way is None for one in pointer.strokes((400, 300))] == [False, True]


def test_where_automation_moved_once_a_hand_leads_to_its_next_bound() -> None:
    pointer = Pointer(*SCREEN)
    pointer.motion(MONO0_US, 3, 3, MOUSE)
    assert not pointer.asks_position
    pointer.strokes(None)
    pointer.motion(MONO0_US, 100, 100, AUTOMATION)
    pointer.strokes((100, 100))
    pointer.motion(MONO0_US + 300_000, 30, 0, MOUSE)
    assert pointer.asks_position
    pointer.strokes((130, 100))
    pointer.motion(MONO0_US + 600_000, 430, 100, AUTOMATION)
    assert [one.way for one in pointer.strokes((430, 100))] == [Way(1, 300.0, 300.0, 0.0, 300.0, 300.0)]


def test_a_tablet_is_not_followed() -> None:
    assert counted(*looks(line((100, 100), (700, 433), 20), TABLET, (100, 100))).paths == 0


def test_a_device_that_sends_positions_as_if_they_were_steps_is_not_followed() -> None:
    """Some remote desktops' are such; read as steps, positions would look like equal steps along a line."""
    pointer, told = Pointer(*SCREEN), []
    for number in range(1, 30):
        at = (800 + number, 500)
        pointer.motion(MONO0_US + number * 20_000, *at, MOUSE)
        assert pointer.asks_position == (number == 1)
        told += pointer.strokes(at if pointer.asks_position else None)
    assert {one.way for one in told} == {None}
    assert counted(*told).paths == 0


def test_a_jerk_of_a_mouse_is_not_taken_for_a_position() -> None:
    pointer = Pointer(*SCREEN)
    pointer.motion(MONO0_US, 90, 30, MOUSE)
    assert pointer.asks_position
    (told,) = pointer.strokes((890, 530))
    assert told.way is not None


def test_what_other_systems_tell_is_followed_from_place_to_place() -> None:
    places = [(100, 100), *line((100, 100), (700, 433), 20)]
    path = [(MONO0_US + number * 50_000, *place) for number, place in enumerate(places)]
    told = [_stroke(path[begin : begin + 4]) for begin in range(0, 20, 3)]
    one = counted(*(part for part in told if part is not None))
    assert (one.moves, one.paths, one.even, one.injected) == (20, 1, 1, Injected.UNKNOWN)
    resting = _stroke([path[0], (path[1][0], 100, 100)])
    assert resting is not None
    assert resting.way == Way(0, 0, 0, 0, inf, 0)


CAME = Way(1, 400.0, 400.0, 0.0, 400.0, 400.0)
NOWHERE = Way(0, 0.0, 0.0, 0.0, inf, 0.0)
MS = 1000


def bound(at_ms: int, way: Way | None = CAME, injected: Injected = Injected.YES) -> Stroke:
    return stroke(MONO0_US + at_ms * MS, 0, moves=1, way=way, injected=injected)


def pressed(at_ms: int, *, scroll: bool = False, source: int = 12, injected: Injected = Injected.YES) -> Observation:
    return press(MONO0_US + at_ms * MS, scroll=scroll, source=source, injected=injected)


@pytest.mark.parametrize(
    ("jumps", "observations"),
    [
        (1, [bound(0), pressed(5)]),
        (1, [bound(0), pressed(1000)]),
        (0, [bound(0), pressed(1001)]),
        (1, [bound(0), pressed(5), pressed(90)]),
        (2, [bound(0), pressed(5), bound(150), pressed(155)]),
        (1, [bound(0), pressed(5), bound(149), pressed(155)]),
        (0, [bound(0), bound(100, Way(1, 3.0, 3.0, 0.0, 3.0, 3.0)), pressed(105)]),
        (1, [bound(0), bound(100, NOWHERE), pressed(105), bound(110, NOWHERE)]),
        (1, [bound(0), bound(400, NOWHERE), pressed(405)]),
        (0, [bound(0), bound(100, None), pressed(105)]),
        (0, [bound(0, NOWHERE), pressed(5)]),
        (0, [bound(0, Way(1, 199.0, 199.0, 0.0, 199.0, 199.0)), pressed(5)]),
        (1, [bound(0, Way(1, 200.0, 200.0, 0.0, 200.0, 200.0)), pressed(5)]),
        (0, [bound(0, Way(2, 400.0, 400.0, 0.0, 200.0, 200.0)), pressed(5)]),
        (0, [bound(0, None), pressed(5)]),
        (0, [bound(0), pressed(5, scroll=True)]),
        (1, [bound(0), pressed(5, scroll=True), pressed(9)]),
        (0, [bound(0, injected=Injected.NO), pressed(5, injected=Injected.NO)]),
        (0, [bound(0, injected=Injected.UNKNOWN), pressed(5, injected=Injected.UNKNOWN)]),
    ],
)
def test_a_jump_is_a_press_of_software_that_came_at_one_bound(jumps: int, observations: list[Observation]) -> None:
    one = counted(*observations)
    assert (one.jumps, one.paths) == (jumps, 0)


def test_a_press_of_another_device_is_no_jump() -> None:
    minimiser = Minimiser(policy(), ClockReading(T0_US, MONO0_US, MONO0_US))
    for one in (bound(0), pressed(5, source=13)):
        minimiser.take(one)
    stats = minimiser.tick(ClockReading(T0_US, MONO0_US + 5_000_000, MONO0_US + 5_000_000)).stats
    assert stats is not None
    assert [one.jumps for one in stats.sources] == [0, 0]


@pytest.mark.parametrize(("sensor", "jumps"), [("pointer", 0), ("", 0), ("keyboard", 1)])
def test_no_jump_is_told_across_a_gap_of_the_pointer(sensor: str, jumps: int) -> None:
    minimiser = Minimiser(policy(), ClockReading(T0_US, MONO0_US, MONO0_US))
    minimiser.take(bound(0))
    minimiser.interrupt(MONO0_US + 4 * MS, sensor)
    minimiser.take(pressed(5))
    stats = minimiser.tick(ClockReading(T0_US, MONO0_US + 5_000_000, MONO0_US + 5_000_000)).stats
    assert stats is not None
    assert [one.jumps for one in stats.sources] == [jumps]


def test_a_part_of_nonsense_is_not_followed() -> None:
    one = counted(stroke(MONO0_US, 200, path_px=2**40, way=way_of([(n * 30, 0) for n in range(6)])))
    assert (one.paths, one.even) == (0, 0)
