# SPDX-License-Identifier: Apache-2.0
"""Between the sensors' threads and the writer: a bounded queue that never makes a sensor wait.

Rules:

1. `offer` returns at once. What finds no room is counted by scope, and the writer records the count as a gap.
2. It takes something only while the writer has it open and nobody forbade it: pause, private and stop forbid before they
   return to whoever asked, long before the writer has stopped the sensors.
3. What a sensor says of itself (`SensorChange`, `Looks`) has room of its own, so that a flood never hides why it ended.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import msgspec

from agent.sensor import Beside, Copied, FrontWindow, Keystroke, Looks, Observation, Picture, Press, SensorChange, Stroke

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE_SIZE: Final = 8192
"""Observations that wait for the writer at most. Sensors reduce to some 100 a second: a minute of a stuck disk."""
QUEUE_BYTES: Final = 64 * 1024 * 1024
"""Encoded pictures that wait for the writer at most, in bytes."""
_CHANGES: Final = 256


class Lost(msgspec.Struct, frozen=True):
    """How many observations of one scope found no room, and when the first of them was."""

    scope: str
    count: int
    first_mono_us: int


class Batch(msgspec.Struct, frozen=True):
    """What came since the last batch, in the order in which it came."""

    observations: tuple[Observation, ...]
    lost: tuple[Lost, ...]


class ObservationQueue:
    """Filled by many threads, emptied by one.

    Args:
        size: most observations that wait.
        wake: called, from a sensor's thread, when half of that is reached: the writer should not wait for its tick.
        most_bytes: most bytes of pictures that wait.
    """

    def __init__(self, size: int, wake: Callable[[], None], *, most_bytes: int = QUEUE_BYTES) -> None:
        self._size = size
        self._wake = wake
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._waiting: list[Observation] = []
        self._picture_bytes = 0
        self._lost: dict[str, tuple[int, int]] = {}
        self._turn = 0
        self._is_open = False
        self.permitted = True
        """What the person wants. Set from any thread, without a lock: a signal handler may be the one who asks."""

    def open(self) -> int:
        """Lets observations in; the number belongs into each `offer` until the next `close`."""
        with self._lock:
            self._turn += 1
            self._is_open = True
            return self._turn

    def close(self) -> None:
        """From here on nothing is taken, whoever offers. What waits already stays."""
        with self._lock:
            self._is_open = False

    def offer(self, turn: int, observation: Observation) -> None:
        """Takes, counts, or (when closed, or for a sensor that outlived its turn) forgets `observation`. Never waits."""
        with self._lock:
            if turn != self._turn or not self._is_open or not self.permitted:
                return
            held = len(self._waiting)
            picture_bytes = len(observation.encoded) if isinstance(observation, Picture) else 0
            if (held >= self._size or picture_bytes) and not self._has_room(observation):
                scope = _scope_of(observation)
                count, first_mono_us = self._lost.get(scope, (0, observation.mono_us))
                self._lost[scope] = (count + 1, first_mono_us)
                return
            self._waiting.append(observation)
            self._picture_bytes += picture_bytes
        if held + 1 == self._size // 2:
            self._wake()

    def take(self) -> Batch:
        """All that waits; the queue is empty afterwards."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            lost, self._lost = self._lost, {}
            self._picture_bytes = 0
        return Batch(tuple(waiting), tuple(Lost(scope, count, first_us) for scope, (count, first_us) in lost.items()))

    def _has_room(self, observation: Observation) -> bool:
        if isinstance(observation, SensorChange | Looks):
            return len(self._waiting) < self._size + _CHANGES
        if isinstance(observation, Picture) and self._picture_bytes + len(observation.encoded) > self._most_bytes:
            return False
        return len(self._waiting) < self._size


_SCOPES: Final[dict[type[Observation], str]] = {
    Keystroke: "keyboard",
    Stroke: "pointer",
    Press: "pointer",
    FrontWindow: "window",
    Copied: "clipboard",
    Picture: "capture",
}


def _scope_of(observation: Observation) -> str:
    """Whose loss it is. By what it is and not by who sent it: one sensor may have two scopes."""
    if isinstance(observation, SensorChange):
        return observation.sensor
    if isinstance(observation, Beside):
        return observation.scope
    return _SCOPES.get(type(observation), "clock")
