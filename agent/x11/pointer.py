# SPDX-License-Identifier: Apache-2.0
"""Pointer motion reduced to how far and how long, per device and batch. Pure: no display, no clock."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import hypot
from typing import Final

from agent.sensor import Stroke
from agent.x11.devices import Device
from session.events import Injected

MASK_AT: Final = 32
"""Where an XI2 raw event's valuator mask begins. Source: XI2proto, RawEvent."""
REST_US: Final = 150_000
"""A rest this long parts two movements, also inside a batch. Source: session/events.py, Stats."""
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


class _Movement:
    """What one device moved in one batch."""

    __slots__ = ("device", "dx", "dy", "first_us", "last_us", "moves", "path")

    def __init__(self, device: Device, at_us: int) -> None:
        self.device = device
        self.first_us = self.last_us = at_us
        self.dx = self.dy = self.path = 0.0
        self.moves = 0


class Pointer:
    """Raw motion in; out comes one `Stroke` per device and batch, or more where it rested.

    A mouse tells steps (pixels after acceleration); a tablet or virtual pointer tells positions, scaled to the screen.
    The server's automation device claims to tell steps and may send either, so its way is taken from where the
    pointer was at the ends of its batches: never longer than the true one.

    Args:
        width_px, height_px: the screen.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size = (width_px, height_px)
        self._batch: dict[int, _Movement] = {}
        self._ended: list[_Movement] = []
        self._places: dict[int, tuple[float, float]] = {}
        self._at: tuple[int, int] | None = None

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
            return
        dx, dy = self._step(x, y, device)
        movement.dx += dx
        movement.dy += dy
        movement.path += hypot(dx, dy)

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
        """Whether `strokes` needs to know where the pointer is: automation moved it."""
        return any(m.device.injected is Injected.YES for m in self._batch.values())

    def strokes(self, position: tuple[int, int] | None) -> Sequence[Stroke]:
        """The batch's movements, which ends. `position` is the pointer's, where `asks_position`."""
        if not self._batch:
            return ()
        strokes = [self._stroke(m, position) for m in (*self._ended, *self._batch.values())]
        self._batch.clear()
        self._ended.clear()
        self._at = position
        return strokes

    def _stroke(self, movement: _Movement, position: tuple[int, int] | None) -> Stroke:
        net = hypot(movement.dx, movement.dy)
        path = max(movement.path, net)
        if movement.device.injected is Injected.YES and position and self._at:
            net = path = hypot(position[0] - self._at[0], position[1] - self._at[1])
        return Stroke(
            mono_us=movement.first_us,
            duration_ms=(movement.last_us - movement.first_us) // 1000,
            path_px=round(path),
            net_px=round(net),
            moves=movement.moves,
            source=movement.device.number,
            injected=movement.device.injected,
        )
