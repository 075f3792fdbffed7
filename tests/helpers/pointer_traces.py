# SPDX-License-Identifier: Apache-2.0
"""Pointers that programs move, event by event, as the X11 sensor's own code reduces them.

observations = session("line, 20 steps a second", SOFTWARE, seed=0)

Families are re-made from what such programs were read to do, and none is copied: pyautogui's bound, its line and its
tween, a curve of the kind of ghost-cursor, WindMouse, and least jerk, the model of a hand that some of them follow. Each
session draws its own places, speeds and rests; a press follows each movement, and somebody types a little meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from math import ceil, hypot, log2, sqrt
from typing import Final

from pointer_generators import BEGIN_US, LOOK_US, keystroke

from agent.sensor import Observation, Press
from agent.x11.devices import Device
from agent.x11.pointer import Pointer
from session.events import Injected

Point = tuple[float, float]
Trace = list[tuple[float, Point]]
"""Seconds since the movement began, and where the pointer then is."""

SCREEN: Final = (1920, 1080)
SOFTWARE: Final = Device(number=4, injected=Injected.YES)
"""Sends positions, as automation does. All other devices here send steps."""
VIRTUAL: Final = Device(number=7, injected=Injected.NO)
"""A device that a program made (uinput): hardware to the desktop."""
ELSEWHERE: Final = Device(number=2, injected=Injected.UNKNOWN)
"""Where the desktop does not say what moved: no X11."""


def bound(_rng: random.Random, _begin: Point, end: Point) -> Trace:
    """One event."""
    return [(0.0, end)]


def _along(begin: Point, end: Point, shares: Sequence[float], every_s: float) -> Trace:
    return [
        (every_s * number, (begin[0] + (end[0] - begin[0]) * share, begin[1] + (end[1] - begin[1]) * share))
        for number, share in enumerate(shares)
    ]


def line(per_s: float) -> Callable[[random.Random, Point, Point], Trace]:
    """Equal steps for 0.2 to 1.2 s, the first where the pointer is already."""

    def traced(rng: random.Random, begin: Point, end: Point) -> Trace:
        steps = max(2, int(rng.uniform(0.2, 1.2) * per_s))
        return _along(begin, end, [number / steps for number in range(steps + 1)], 1 / per_s)

    return traced


def tween(rng: random.Random, begin: Point, end: Point) -> Trace:
    """The same with a quadratic start and stop."""
    steps = max(2, int(rng.uniform(0.2, 1.2) * 20))
    shares = [number / steps for number in range(steps + 1)]
    return _along(begin, end, [2 * s * s if s < 0.5 else 1 - 2 * (1 - s) ** 2 for s in shares], 0.05)


def least_jerk(rng: random.Random, begin: Point, end: Point) -> Trace:
    """A hundred events a second for 0.3 to 1 s."""
    steps = int(rng.uniform(30, 100))
    shares = [number / steps for number in range(1, steps + 1)]
    return _along(begin, end, [s**3 * (10 - 15 * s + 6 * s * s) for s in shares], 0.01)


def curve(rng: random.Random, begin: Point, end: Point) -> Trace:
    """A cubic Bézier curve to one side, as many events as the way and its target ask for, 15 ms apart."""
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    length_px = hypot(dx, dy) or 1.0
    bend_px = rng.choice((-1, 1)) * min(200.0, max(2.0, length_px))
    pulls = [rng.random() for _ in range(4)]
    one, other = (
        (begin[0] + dx * along - dy / length_px * bend_px * side, begin[1] + dy * along + dx / length_px * bend_px * side)
        for along, side in (sorted(pulls[::2])[:1] + pulls[1:2], sorted(pulls[::2])[1:] + pulls[3:])
    )
    steps = ceil((log2(2 * log2(length_px / 100 + 1) + 1) + rng.uniform(4, 12)) * 3)
    return [
        (
            0.015 * number,
            (
                _cubic(number / steps, begin[0], one[0], other[0], end[0]),
                _cubic(number / steps, begin[1], one[1], other[1], end[1]),
            ),
        )
        for number in range(steps + 1)
    ]


def _cubic(at: float, begin: float, one: float, other: float, end: float) -> float:
    rest = 1 - at
    return rest**3 * begin + 3 * rest * rest * at * one + 3 * rest * at * at * other + at**3 * end


def wind(rng: random.Random, begin: Point, end: Point) -> Trace:
    """WindMouse: gravity towards the end, wind from anywhere, 10 ms apart."""
    (x, y), speed_x, speed_y, wind_x, wind_y, most, told = begin, 0.0, 0.0, 0.0, 0.0, 15.0, []
    while (left := hypot(end[0] - x, end[1] - y)) >= 1 and len(told) < 3000:
        if left >= 12:
            blow = min(3.0, left)
            wind_x = wind_x / sqrt(3) + (2 * rng.random() - 1) * blow / sqrt(5)
            wind_y = wind_y / sqrt(3) + (2 * rng.random() - 1) * blow / sqrt(5)
        else:
            wind_x, wind_y = wind_x / sqrt(3), wind_y / sqrt(3)
            most = rng.random() * 3 + 3 if most < 3 else most / sqrt(5)
        speed_x += wind_x + 9 * (end[0] - x) / left
        speed_y += wind_y + 9 * (end[1] - y) / left
        speed = hypot(speed_x, speed_y)
        if speed > most:
            clip = most / 2 + rng.random() * most / 2
            speed_x, speed_y = speed_x / speed * clip, speed_y / speed * clip
        x, y = x + speed_x, y + speed_y
        told.append((0.01 * len(told), (x, y)))
    return told


FAMILIES: Final[dict[str, Callable[[random.Random, Point, Point], Trace]]] = {
    "one bound (pyautogui, moveTo)": bound,
    "line, 20 steps a second (pyautogui, linear)": line(20),
    "line, 100 steps a second": line(100),
    "line, quadratic start and stop (pyautogui, easeInOutQuad)": tween,
    "curve (kind of ghost-cursor)": curve,
    "WindMouse": wind,
    "least jerk": least_jerk,
}


def session(name: str, device: Device, *, seed: int, minutes: float = 22.0) -> list[Observation]:
    """What the sensor tells of a session in which a program of this family moves `device`, in order of the looks."""
    rng = random.Random(seed)  # noqa: S311 - a pattern, no secret
    events: list[tuple[float, tuple[int, int] | None]] = []
    place: Point = (960.0, 540.0)
    at_s = 1.0
    while at_s < minutes * 60 - 10:
        end = (float(rng.randrange(SCREEN[0])), float(rng.randrange(SCREEN[1])))
        trace = FAMILIES[name](rng, place, end)
        events += [(at_s + after_s, (round(x), round(y))) for after_s, (x, y) in trace]
        place = events[-1][1] or place
        at_s = events[-1][0] + rng.uniform(0.02, 0.2)
        events.append((at_s, None))
        at_s += rng.uniform(3.0, 12.0)
    typed = [keystroke(second + 0.5) for second in range(int(minutes * 60))]
    return sorted([*_told(events, device), *typed], key=lambda one: one.mono_us)


def _told(events: Sequence[tuple[float, tuple[int, int] | None]], device: Device) -> Iterator[Observation]:
    """Moves and presses (None), reduced look by look."""
    pointer, last, looked = Pointer(*SCREEN), (960, 540), 0
    for at_s, place in events:
        at_us = round(at_s * 1_000_000)
        if at_us // LOOK_US != looked:
            yield from pointer.strokes(last if pointer.asks_position else None)
            looked = at_us // LOOK_US
        if place is None:
            yield Press(BEGIN_US + at_us, False, device.number, device.injected)
        elif device is SOFTWARE:
            pointer.motion(BEGIN_US + at_us, *place, device)
            last = place
        else:
            pointer.motion(BEGIN_US + at_us, place[0] - last[0], place[1] - last[1], device)
            last = place
    yield from pointer.strokes(last if pointer.asks_position else None)
