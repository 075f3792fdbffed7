# SPDX-License-Identifier: Apache-2.0
"""Plays a session: moves a moment along at a speed, by a clock that is handed in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

SPEEDS: Final = (1, 10, 60, 300)
"""Times real time: at 300, eight hours pass in a minute and a half."""
STEP_MS: Final = 50
"""Between two movements: twenty a second look like one, and leave room to decode screenshots."""


class Player(QObject):
    """One session's moment.

    Args:
        from_us, to_us: the session's bounds in UTC.
        monotonic_s: seconds that only go on; a test's own clock.

    Signals:
        moved(int): UTC µs of the moment, while it plays.
        playing_changed(bool): whether it plays.
    """

    moved = Signal(object)
    playing_changed = Signal(bool)

    def __init__(self, from_us: int, to_us: int, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._from_us, self._to_us, self._clock = from_us, to_us, monotonic_s
        self.t_us = from_us
        self.speed = SPEEDS[1]
        self._last_s = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self.step)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    def play(self) -> None:
        """Plays on from where it stands; from the beginning where it stands at the end."""
        if self.playing:
            return
        if self.t_us >= self._to_us - 1:
            self.t_us = self._from_us
        self._last_s = self._clock()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stays where it is."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def put(self, t_us: int) -> None:
        """Goes on from there."""
        self.t_us = min(max(t_us, self._from_us), self._to_us - 1)
        self._last_s = self._clock()

    def step(self) -> None:
        """Moves on by as much as has passed; ends at the end."""
        now_s = self._clock()
        passed_us = round((now_s - self._last_s) * 1_000_000 * self.speed)
        self._last_s = now_s
        self.t_us = min(self.t_us + passed_us, self._to_us - 1)
        self.moved.emit(self.t_us)
        if self.t_us >= self._to_us - 1:
            self.pause()
