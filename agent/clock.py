# SPDX-License-Identifier: Apache-2.0
"""The machine's clocks read together, and what their differences say: suspend, and jumps of UTC."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from agent.sensor import ClockChange
from session.events import Reason
from session.ports import ClockReading

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
"""Random at each boot. Source: random(4)."""

NOTABLE_US: Final = 1_000_000
"""Smaller differences are slewing (NTP moves UTC by at most 0.5 ms each second) and the time between two reads.

Source: adjtimex(2), and an awake machine's CLOCK_BOOTTIME, which stays within a tick of CLOCK_MONOTONIC plus its suspends.
"""


class SystemClock:
    """`session.ports.Clock` of this machine.

    On Linux UTC, CLOCK_MONOTONIC and CLOCK_BOOTTIME, read within a few µs. Elsewhere no clock of Python's counts
    through a suspend apart from UTC: `boottime_us` is the monotonic clock there, and a suspend reads as a jump of UTC.
    """

    def __init__(self) -> None:
        self._boottime = getattr(time, "CLOCK_BOOTTIME", None)
        try:
            self._boot_id = BOOT_ID.read_text("ascii").strip()
        except OSError:
            self._boot_id = ""

    def read(self) -> ClockReading:
        """All clocks, read together, in µs."""
        mono_ns = time.monotonic_ns()
        boottime_ns = mono_ns if self._boottime is None else time.clock_gettime_ns(self._boottime)
        return ClockReading(t_us=time.time_ns() // 1000, mono_us=mono_ns // 1000, boottime_us=boottime_ns // 1000)

    @property
    def boot_id(self) -> str:
        """The kernel's identifier of this boot, "" where the system has none."""
        return self._boot_id


class ClockWatch:
    """Readings in, changes out: a suspend of more than a second, a jump of UTC by more than a second either way.

    Small differences add up: what is not told yet is kept, so that ten jumps of 0.4 s are not overlooked; slewing is
    forgiven at the rate that NTP may slew. Pure; the caller brings the readings, at least one each tick.
    """

    SLEW_PPM: Final = 500
    """Source: adjtimex(2), the greatest frequency correction of the kernel's clock."""

    def __init__(self, first: ClockReading) -> None:
        self._last = first
        self._suspended_us = 0
        self._jumped_us = 0

    def step(self, reading: ClockReading) -> tuple[ClockChange, ...]:
        """What happened between the last reading and this one: SUSPEND first, then CLOCK, each with its signed µs.

        Between the two, UTC is expected to advance by the monotonic clock's advance and the suspend.
        """
        last, self._last = self._last, reading
        awake_us = reading.mono_us - last.mono_us
        suspended_us = reading.boottime_us - last.boottime_us - awake_us
        jumped_us = reading.t_us - last.t_us - awake_us - suspended_us
        self._suspended_us += suspended_us
        self._jumped_us = _towards_zero(self._jumped_us + jumped_us, awake_us * self.SLEW_PPM // 1_000_000)
        changes = []
        if self._suspended_us > NOTABLE_US:
            changes.append(ClockChange(mono_us=reading.mono_us, reason=Reason.SUSPEND, by_us=self._suspended_us))
            self._suspended_us = 0
        if abs(self._jumped_us) > NOTABLE_US:
            changes.append(ClockChange(mono_us=reading.mono_us, reason=Reason.CLOCK, by_us=self._jumped_us))
            self._jumped_us = 0
        return tuple(changes)


def _towards_zero(value: int, by: int) -> int:
    return value - by if value > by else value + by if value < -by else 0
