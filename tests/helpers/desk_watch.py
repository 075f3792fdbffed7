# SPDX-License-Identifier: Apache-2.0
"""Watches what a sensor emits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from desk_server import until

from agent.sensor import Observation, Sensor, SensorChange
from session.events import Reason

T = TypeVar("T", bound=Observation)


class Watch:
    """All observations in order, from whatever thread they came."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []
        self.threads: set[str] = set()

    def __call__(self, observation: Observation) -> None:
        self.threads.add(threading.current_thread().name)
        self.seen.append(observation)

    def of(self, kind: type[T]) -> Sequence[T]:
        """The observations of one type."""
        return [o for o in list(self.seen) if isinstance(o, kind)]

    def states(self, scope: str) -> Sequence[tuple[bool, Reason | None]]:
        """What was told of one scope, in order."""
        return [(o.observing, o.reason) for o in self.of(SensorChange) if o.sensor == scope]

    def wait(self, condition: Callable[[Watch], object], what: str) -> None:
        """Returns when `condition(self)` holds; fails the test when it does not come to hold."""
        until(lambda: condition(self), f"{what}; the last seen were {self.seen[-5:]}")


def running(name: str) -> bool:
    """Whether a thread of that name still runs: a stop that was not heard waits its time out and leaves one behind."""
    return any(thread.name == name for thread in threading.enumerate())


@contextmanager
def watching(sensor: Sensor, *scopes: str) -> Iterator[Watch]:
    """Starts a sensor, waits until these scopes observe, and stops it in the end."""
    watch = Watch()
    sensor.start(watch)
    try:
        for scope in scopes:
            watch.wait(lambda w, s=scope: (True, None) in w.states(s), f"{scope} observes")
        yield watch
    finally:
        sensor.stop()
