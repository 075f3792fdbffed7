# SPDX-License-Identifier: Apache-2.0
"""Pointer motion reduced to how far and how long, per device and batch. Pure: no display, no clock."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import hypot, inf
from typing import Final

from agent.sensor import Stroke, Way
from agent.x11.devices import Device
from session.events import Injected

MASK_AT: Final = 32
"""Where an XI2 raw event's valuator mask begins. Source: XI2proto, RawEvent."""
REST_US: Final = 150_000
"""A rest this long parts two movements, also inside a batch. Source: session/events.py, Stats."""
FAR_PX: Final = 60.0
"""A step this long makes us look where the pointer is: some devices claim to tell steps and send positions.

Source: no measurement; above what a hand makes in 8 ms but in a jerk, and below nearly every position on a screen.
"""
NEAR_PX: Final = 1.5
"""A position is where the pointer is within this. Source: rounding to whole pixels, twice."""
_WORD: Final = struct.Struct("=I")
_FIXED: Final = struct.Struct("=iI")


def raw_motion(event: bytes, mask_words: int) -> tuple[float | None, float | None]:
    """The x and y valuators of a raw motion event, each None where it did not move; scrolling moves neither."""
    if not mask_words:
        return None, None
    moved = _WORD.unpack_from(event, MASK_AT)[0]
    at = MASK_AT + 4 * mask_words
    x = y = None
    if moved & 1:
        whole, part = _FIXED.unpack_from(event, at)
        x = whole + part / 2**32
        at += 8
    if moved & 2:
        whole, part = _FIXED.unpack_from(event, at)
        y = whole + part / 2**32
    return x, y


class _Steps:
    """Steps in a row, added up."""

    __slots__ = ("count", "dx", "dy", "least", "most", "path")

    def __init__(self) -> None:
        self.count = 0
        self.dx = self.dy = self.path = self.most = 0.0
        self.least = inf

    def add(self, dx: float, dy: float) -> None:
        length = hypot(dx, dy)
        if not length:
            return
        self.count += 1
        self.dx += dx
        self.dy += dy
        self.path += length
        self.least = min(self.least, length)
        self.most = max(self.most, length)

    @property
    def way(self) -> Way:
        return Way(self.count, self.path, self.dx, self.dy, self.least, self.most)


class _Movement:
    """What one device moved in one batch: by its numbers as steps and, for automation, by them as positions."""

    __slots__ = ("device", "first", "first_us", "last", "last_us", "moves", "places", "steps")

    def __init__(self, device: Device, at_us: int) -> None:
        self.device = device
        self.first_us = self.last_us = at_us
        self.steps = _Steps()
        self.places = _Steps()
        self.first: tuple[float, float] | None = None
        self.last = (0.0, 0.0)
        self.moves = 0

    def told(self, x: float, y: float) -> None:
        """Takes the numbers of automation, which are steps or positions; which, shows where the pointer is in the end."""
        self.steps.add(x, y)
        if self.first is None:
            self.first = (x, y)
        else:
            self.places.add(x - self.last[0], y - self.last[1])
        self.last = (x, y)


class Pointer:
    """Raw motion in; out comes one `Stroke` per device and batch, or more where it rested.

    A mouse tells steps (pixels after acceleration); a tablet or virtual pointer tells positions, scaled to the screen.
    The server's automation device claims to tell steps and may send either, so its way is taken from where the
    pointer was at the ends of its batches: never longer than the true one. How it went from event to event is told only
    where the numbers of a batch lead, as steps or as positions, to where the pointer then is.

    Args:
        width_px, height_px: the screen.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size = (width_px, height_px)
        self._batch: dict[int, _Movement] = {}
        self._ended: list[_Movement] = []
        self._places: dict[int, tuple[float, float]] = {}
        self._at: tuple[int, int] | None = None
        self._automated = False
        self._placing: set[int] = set()

    def motion(self, at_us: int, x: float | None, y: float | None, device: Device) -> None:
        """One raw motion event; one that moved neither axis (scrolling) is none."""
        if x is None and y is None:
            return
        movement = self._batch.get(device.number)
        rested = movement is not None and at_us - movement.last_us >= REST_US
        if movement is not None and rested and device.injected is not Injected.YES:
            self._ended.append(movement)
            movement = None
        if movement is None:
            movement = self._batch[device.number] = _Movement(device, at_us)
        movement.last_us = max(movement.last_us, at_us)
        movement.moves += 1
        if device.injected is Injected.YES:
            self._automated = True
            movement.told(x or 0.0, y or 0.0)
            return
        dx, dy = self._step(x, y, device)
        movement.steps.add(dx, dy)
        movement.last = (dx, dy)

    def _step(self, x: float | None, y: float | None, device: Device) -> tuple[float, float]:
        if device.axes is None:
            return x or 0.0, y or 0.0
        before = self._places.get(device.number)
        last = before or (0.0, 0.0)
        place = (
            last[0] if x is None else device.axes[0].scaled(x, self._size[0]),
            last[1] if y is None else device.axes[1].scaled(y, self._size[1]),
        )
        self._places[device.number] = place
        return (place[0] - last[0], place[1] - last[1]) if before else (0.0, 0.0)

    @property
    def asks_position(self) -> bool:
        """Whether `strokes` needs to know where the pointer is: automation moved it once, or a step was very long."""
        return bool(self._batch) and (self._automated or any(self._far(m) for m in self._batch.values()))

    def _far(self, movement: _Movement) -> bool:
        device = movement.device
        return device.axes is None and device.number not in self._placing and movement.steps.most >= FAR_PX

    def strokes(self, position: tuple[int, int] | None) -> Sequence[Stroke]:
        """The batch's movements, which ends. `position` is the pointer's, where `asks_position`."""
        if not self._batch:
            return ()
        movements = (*self._ended, *self._batch.values())
        if position is not None:
            self._placing |= {m.device.number for m in self._batch.values() if self._far(m) and _near(m.last, position)}
        strokes = [self._stroke(m, position, alone=len(movements) == 1) for m in movements]
        self._batch.clear()
        self._ended.clear()
        self._at = position
        return strokes

    def _stroke(self, movement: _Movement, position: tuple[int, int] | None, *, alone: bool) -> Stroke:
        device, steps = movement.device, movement.steps
        automated = device.injected is Injected.YES
        net = path = 0.0
        if not automated:
            net = hypot(steps.dx, steps.dy)
            path = max(steps.path, net)
            way = steps.way if device.axes is None and device.number not in self._placing else None
        else:
            if position and self._at:
                net = path = hypot(position[0] - self._at[0], position[1] - self._at[1])
            way = self._way(movement, position) if alone else None
        return Stroke(
            mono_us=movement.first_us,
            duration_ms=(movement.last_us - movement.first_us) // 1000,
            path_px=round(path),
            net_px=round(net),
            moves=movement.moves,
            source=device.number,
            injected=device.injected,
            way=way,
        )

    def _way(self, movement: _Movement, position: tuple[int, int] | None) -> Way | None:
        """How automation moved it from where it was to where it is; None where its numbers tell neither."""
        if position is None or self._at is None or movement.first is None:
            return None
        if _near(movement.last, position):
            movement.places.add(movement.first[0] - self._at[0], movement.first[1] - self._at[1])
            return movement.places.way
        reached = (self._at[0] + movement.steps.dx, self._at[1] + movement.steps.dy)
        return movement.steps.way if _near(reached, position) else None


def _near(one: tuple[float, float], other: tuple[int, int]) -> bool:
    return hypot(one[0] - other[0], one[1] - other[1]) <= NEAR_PX
