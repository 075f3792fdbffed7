# SPDX-License-Identifier: Apache-2.0
"""What may take long, off Qt's thread: with progress, with a way to stop it, and with an end in words.

Rules:

1. Each piece of work has a plain thread of its own; its result comes back by the bridge.
2. A fault that is meant for people arrives as its words. Anything else is a bug and goes to the thread's hook.
3. Work that was cancelled tells nobody anything more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from session import FairWitnessError, StoppedFault
from ui.bridge import EventBridge, Latest

T = TypeVar("T")


class Task:
    """One piece of work that is under way."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self.ended = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether nobody wants it any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Asks the work to stop at its next step; it tells nothing from now on."""
        self._cancelled.set()


class Background:
    """Starts work for the windows of one program.

    Args:
        bridge: by which results come back.
    """

    def __init__(self, bridge: EventBridge) -> None:
        self._bridge = bridge
        self._tasks: list[Task] = []

    def run(
        self,
        work: Callable[[Callable[[int, int], bool]], T],
        done: Callable[[T], None],
        failed: Callable[[FairWitnessError], None],
        progress: Callable[[int, int], None] | None = None,
    ) -> Task:
        """Runs `work` on a thread of its own; the other three are called on Qt's.

        `work` gets a `session.desks.Watch` to tell its progress to; it answers False once the task is cancelled.
        """
        task = Task()
        self._tasks = [one for one in self._tasks if not one.ended.is_set()] + [task]
        latest = Latest(self._bridge, lambda step: self._progressed(task, progress, step))

        def watch(at: int, of: int) -> bool:
            latest.tell((at, of))
            return not task.cancelled

        def run() -> None:
            try:
                result = work(watch)
            except StoppedFault:
                return
            except FairWitnessError as fault:
                told = fault  # the name of an except clause ends with it
                self._bridge.hand(lambda: None if task.cancelled else failed(told))
            else:
                self._bridge.hand(lambda: None if task.cancelled else done(result))
            finally:
                task.ended.set()

        threading.Thread(target=run, name="background", daemon=True).start()
        return task

    def close(self, timeout_s: float) -> bool:
        """Asks all work to stop and waits for it; False where something goes on (it ends with the program)."""
        for task in self._tasks:
            task.cancel()
        return all(task.ended.wait(timeout_s) for task in self._tasks)

    def _progressed(self, task: Task, progress: Callable[[int, int], None] | None, step: object) -> None:
        if progress is not None and not task.cancelled and isinstance(step, tuple):
            progress(*step)
