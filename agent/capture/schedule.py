# SPDX-License-Identifier: Apache-2.0
"""When a screenshot is taken: one random moment in each interval of observed time. Pure; times come from the caller.

Only time that is observed counts, so a pause neither skips a moment nor brings one nearer, and taking many breaks
changes nothing about how often a screenshot is taken.
"""

from __future__ import annotations

import random
from typing import Protocol


class Moments(Protocol):
    """A source of whole numbers, uniform from 0 to below `below`."""

    def randrange(self, below: int, /) -> int:
        """The next number."""
        ...


class Schedule:
    """One moment, uniform in each interval of running time. Begins paused.

    Args:
        interval_us: the interval, > 0.
        moments: the source of chance; the operating system's by default, so that nobody can foretell a moment.
    """

    def __init__(self, interval_us: int, moments: Moments | None = None) -> None:
        self._interval_us = interval_us
        self._moments = moments or random.SystemRandom()
        self._ran_us = 0
        self._since_us: int | None = None
        self._interval = 0
        self._due_ran_us = self._moments.randrange(interval_us)

    def run(self, now_us: int) -> None:
        """Observed time goes on from here; without effect while it does already."""
        if self._since_us is None:
            self._since_us = now_us

    def pause(self, now_us: int) -> None:
        """Observed time stands still from here; without effect while it does already."""
        self._ran_us = self._elapsed(now_us)
        self._since_us = None

    @property
    def due_us(self) -> int | None:
        """The next moment on the caller's clock, None while paused. May lie in the past: then it is due now."""
        if self._since_us is None:
            return None
        return self._since_us + self._due_ran_us - self._ran_us

    def take(self, now_us: int) -> bool:
        """Whether a screenshot is due by `now_us`; if so, the next one falls into a later interval.

        Intervals that passed unattended (a machine that hung) are not made up for.
        """
        due_us = self.due_us
        if due_us is None or now_us < due_us:
            return False
        self._interval = max(self._interval, self._elapsed(now_us) // self._interval_us) + 1
        self._due_ran_us = self._interval * self._interval_us + self._moments.randrange(self._interval_us)
        return True

    def _elapsed(self, now_us: int) -> int:
        return self._ran_us if self._since_us is None else self._ran_us + max(0, now_us - self._since_us)
