# SPDX-License-Identifier: Apache-2.0
"""Which areas of the screen to paint over, from what lies over what. Pure geometry, in px of the whole screen.

When in doubt more is masked, never less: only what certainly lies above, is opaque and did not change hides a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec


class Area(msgspec.Struct, frozen=True):
    """A rectangle. Empty when a side is not positive."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.y + self.height

    @property
    def empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.width <= 0 or self.height <= 0

    def within(self, other: Area) -> Area:
        """The part of it that lies in `other`, perhaps empty."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Area(x, y, min(self.right, other.right) - x, min(self.bottom, other.bottom) - y)

    def without(self, cover: Area) -> tuple[Area, ...]:
        """What is left of it under `cover`, as areas that do not overlap."""
        hole = self.within(cover)
        if hole.empty:
            return () if self.empty else (self,)
        parts = (
            Area(self.x, self.y, self.width, hole.y - self.y),
            Area(self.x, hole.bottom, self.width, self.bottom - hole.bottom),
            Area(self.x, hole.y, hole.x - self.x, hole.height),
            Area(hole.right, hole.y, self.right - hole.right, hole.height),
        )
        return tuple(part for part in parts if not part.empty)


class Layer(msgspec.Struct, frozen=True):
    """One window on the screen: all of it with its frame, whether it is masked, and which parts of it are opaque."""

    number: int
    area: Area
    masked: bool
    opaque: tuple[Area, ...] = ()


Stack = tuple[Layer, ...]
"""Windows from the lowest to the topmost; those that neither are masked nor cover anything may be left out."""


def hidden(stack: Sequence[Layer]) -> tuple[Area, ...]:
    """What is visible of the masked windows of one stack, as areas that may touch and overlap."""
    areas: list[Area] = []
    for place, layer in enumerate(stack):
        if not layer.masked:
            continue
        left: tuple[Area, ...] = (layer.area,)
        for above in stack[place + 1 :]:
            if not above.masked:
                for cover in above.opaque:
                    left = tuple(part for area in left for part in area.without(cover))
        areas.extend(left)
    return tuple(areas)


EVERYWHERE: Final = Area(-(2**20), -(2**20), 2**21, 2**21)
"""More than any screen. Source: X11 places windows by 16-bit numbers."""


def hidden_between(stacks: Iterable[Stack]) -> tuple[Area, ...]:
    """What may have been visible of masked windows while the stack went through these states.

    Unchanged stacks are exact. Otherwise nothing counts as covered; and where a masked window moved, nobody knows where
    it was in between, so everything is masked.
    """
    seen = tuple(stacks)
    if all(stack == seen[0] for stack in seen):
        return hidden(seen[0]) if seen else ()
    places: dict[int, Area] = {}
    for stack in seen:
        for layer in stack:
            if layer.masked and places.setdefault(layer.number, layer.area) != layer.area:
                return (EVERYWHERE,)
    return tuple(places.values())
