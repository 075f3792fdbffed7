# SPDX-License-Identifier: Apache-2.0
"""What is counted of how a pointer went: long ways, those in equal steps along a line, and presses after one bound.

Rules:

1. Only counts leave. No position, direction or length of a step goes into a record.
2. What a sensor cannot tell is not counted: a tablet, a touch screen or a virtual machine's pointer jumps by nature.
3. Bounds are those of rounding to whole pixels, and none is learned from people.
"""

from __future__ import annotations

from math import hypot
from typing import Final

from agent.sensor import Press, Stroke, Way
from session.events import Injected

LONG_PX: Final = 150
"""Least length of a way that is counted. Source: docs/session-format.md, STATS."""
LEAST_STEPS: Final = 5
"""Least steps of one: with fewer, equal ones may be chance. Source: as above."""
MOST_EVERY_MS: Final = 60
"""Mean interval of steps beyond which a clock is too coarse to tell a way. Source: as above."""
LEAST_STEP_PX: Final = 5.0
"""Least step of an even way: rounding makes shorter ones look alike whoever moves. Source: as above."""
UNLIKE_PX: Final = 2.0
"""How much two steps of one length may differ: each of a step's ends is rounded by up to 0.71 px. Source: as above."""
BEND_PX: Final = 0.1
"""How much longer than the line a straight way may be, for each step: rounding alone. Source: as above."""
JUMP_PX: Final = 200
"""Least length of a jump. Source: as above."""
PRESS_US: Final = 1_000_000
"""Within so long of a jump a press follows it. Source: as above."""


def joined_way(before: Way | None, after: Way | None) -> Way | None:
    """The way of two parts, the second from where the first ended; None where one of them is not known."""
    if before is None or after is None:
        return None
    return Way(
        steps=before.steps + after.steps,
        path_px=before.path_px + after.path_px,
        dx_px=before.dx_px + after.dx_px,
        dy_px=before.dy_px + after.dy_px,
        least_px=min(before.least_px, after.least_px),
        most_px=max(before.most_px, after.most_px),
    )


def is_path(movement: Stroke) -> bool:
    """Whether a movement is long, and told finely enough to say how it went."""
    way = movement.way
    return (
        way is not None
        and way.steps >= LEAST_STEPS
        and hypot(way.dx_px, way.dy_px) >= LONG_PX
        and movement.duration_ms <= MOST_EVERY_MS * (way.steps - 1)
    )


def is_even(movement: Stroke) -> bool:
    """Whether it is such a path, and all its steps are of one length and along one line, as far as whole pixels tell."""
    way = movement.way
    return (
        way is not None
        and is_path(movement)
        and way.least_px >= LEAST_STEP_PX
        and way.most_px - way.least_px <= UNLIKE_PX
        and way.path_px - hypot(way.dx_px, way.dy_px) <= BEND_PX * way.steps
    )


class Arrivals:
    """Remembers which automation devices came somewhere at one bound and did not press there yet.

    A device of hardware or unknown origin is never remembered: a finger on a touch screen comes so too.
    """

    def __init__(self) -> None:
        self._jumped_us: dict[int, int] = {}

    def moved(self, part: Stroke, *, begins: bool) -> None:
        """Takes a part of a movement; `begins` says that a rest went before it.

        One that goes nowhere leaves what is remembered: some programs say once more where the pointer is before they press.
        """
        way = part.way
        if way is not None and not way.steps:
            return
        if begins and part.injected is Injected.YES and way is not None and way.steps == 1 and way.path_px >= JUMP_PX:
            self._jumped_us[part.source] = part.mono_us
        elif self._jumped_us:
            self._jumped_us.pop(part.source, None)

    def pressed(self, press: Press) -> bool:
        """Whether a button was pressed where its device had just jumped to; one jump counts once."""
        if press.scroll or not self._jumped_us:
            return False
        jumped_us = self._jumped_us.pop(press.source, None)
        return jumped_us is not None and 0 <= press.mono_us - jumped_us <= PRESS_US

    def forget(self) -> None:
        """Nothing is measured across a gap."""
        self._jumped_us.clear()
