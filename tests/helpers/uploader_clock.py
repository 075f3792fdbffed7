# SPDX-License-Identifier: Apache-2.0
"""A clock that stands still until a test moves it."""

from __future__ import annotations

from session.ports import ClockReading

BEGIN_US = 1_800_000_000_000_000


class StillClock:
    """`session.ports.Clock`; `step_us` is what each reading adds by itself."""

    def __init__(self, t_us: int = BEGIN_US, *, step_us: int = 0) -> None:
        self.t_us, self.mono_us, self.step_us = t_us, 1_000_000_000, step_us

    @property
    def boot_id(self) -> str:
        return "b" * 32

    def read(self) -> ClockReading:
        reading = ClockReading(self.t_us, self.mono_us, self.mono_us)
        self.advance(self.step_us)
        return reading

    def advance(self, by_us: int) -> None:
        self.t_us += by_us
        self.mono_us += max(0, by_us)
