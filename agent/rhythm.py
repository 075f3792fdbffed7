# SPDX-License-Identifier: Apache-2.0
"""Whether an interval between keystrokes is long beside the person's own, so that nothing else of it has to be told.

Rules:

1. What it is compared with is in memory alone, and forgotten where the keyboard was not observed.
2. Pure: no clock. The same intervals give the same answers however they are cut into ticks.
3. Where intervals cannot be compared (too few yet, too slow, by a coarse clock) nothing is said.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from itertools import pairwise
from typing import Final

SHORTEST_US: Final = 15_000
"""Below it lie bursts that no hand types. Source: docs/detectors/regular-typing.md, Statistic."""
LONGEST_US: Final = 1_000_000
"""Above it lie pauses. Source: as above."""
REMEMBERED: Final = 300
"""Intervals whose middle one is compared with. Source: as above."""
ANEW_EVERY: Final = 25
"""Intervals after which the middle one is taken anew. Source: as above."""
SLOWEST_US: Final = 300_000
"""Middle interval of typing that can be judged: twice it lies well below the second. Source: as above."""
TIMES: Final = 2
"""An interval is long that is more than so many times the middle one. Source: as above."""
COARSE_EDGES_US: Final = (70_000, 90_000, 110_000, 130_000, 160_000, 200_000, 250_000, 320_000, 420_000)
"""Between two of these a hand leaves nothing empty. Source: as above."""
COARSE_SHARE: Final = 0.1
"""Of intervals on each side of an empty stretch that only a coarse clock leaves. Source: as above."""


class Rhythm:
    """The last intervals of one keyboard's typing. Not thread-safe."""

    def __init__(self) -> None:
        self._last_us: deque[int] = deque(maxlen=REMEMBERED)
        self._longest_us = 0  # that is not long; 0 while nothing can be said
        self._new = 0

    def forget(self) -> None:
        """Nothing before now is compared with any more."""
        self._last_us.clear()
        self._longest_us = self._new = 0

    def is_long(self, interval_us: int) -> bool | None:
        """Whether an interval is more than twice the middle one of those before it; None where that cannot be said."""
        if not SHORTEST_US < interval_us <= LONGEST_US:
            return None
        answer = interval_us > self._longest_us if self._longest_us else None
        self._last_us.append(interval_us)
        self._new += 1
        if self._new >= ANEW_EVERY and len(self._last_us) == REMEMBERED:
            self._longest_us, self._new = _longest_us(sorted(self._last_us)), 0
        return answer


def _longest_us(ordered_us: list[int]) -> int:
    """Twice the middle one of intervals in order, or 0 where they are of slow typing or of a coarse clock."""
    middle_us = ordered_us[len(ordered_us) // 2]
    below = [bisect_right(ordered_us, edge_us) for edge_us in COARSE_EDGES_US]
    least = COARSE_SHARE * len(ordered_us)
    coarse = any(one == after and least <= one <= len(ordered_us) - least for one, after in pairwise(below))
    return 0 if coarse or middle_us > SLOWEST_US else TIMES * middle_us
