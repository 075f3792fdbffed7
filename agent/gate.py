# SPDX-License-Identifier: Apache-2.0
"""What the threads of all sensors share: the way out, and how long to wait before trying again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from agent.sensor import Emit, Observation, SensorChange
from session.events import Reason

RETRY_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Waits between attempts at what is gone; the last repeats. Source: a display or a process restarts within seconds."""
STOP_S: Final = 2.0
"""Longest wait for a thread's end. Source: agent/sensor.py, Sensor.stop."""


def monotonic_us() -> int:
    """CLOCK_MONOTONIC in µs, the clock of the X server's event times."""
    return time.monotonic_ns() // 1000


class Backoff:
    """How long to wait after each failure. A run that lasted longer than the longest wait begins anew."""

    def __init__(self) -> None:
        self._failures = 0

    def after(self, lasted_us: int) -> float:
        """Seconds to wait after an attempt that went well for `lasted_us`."""
        if lasted_us > RETRY_S[-1] * 1_000_000:
            self._failures = 0
        wait_s = RETRY_S[min(self._failures, len(RETRY_S) - 1)]
        self._failures += 1
        return wait_s


class Gate:
    """The way out for one run of a sensor. Once closed nothing passes, whatever a thread still does.

    Args:
        emit: where observations go.
        scopes: names under which `tell` reports.
    """

    def __init__(self, emit: Emit, scopes: Sequence[str]) -> None:
        self._emit: Emit | None = emit
        self._scopes = tuple(scopes)
        self._told: tuple[bool, Reason | None] | None = None

    def close(self) -> None:
        """Nothing passes any more."""
        self._emit = None

    def forward(self, observation: Observation) -> None:
        """Emits, unless closed."""
        emit = self._emit
        if emit is not None:
            emit(observation)

    def tell(self, obstacle: Reason | None) -> None:
        """Says that all scopes observe (None), or why not; the same again says nothing."""
        now = (obstacle is None, obstacle)
        if now == self._told:
            return
        self._told = now
        for scope in self._scopes:
            self.forward(SensorChange(mono_us=monotonic_us(), sensor=scope, observing=now[0], reason=obstacle))
