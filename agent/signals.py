# SPDX-License-Identifier: Apache-2.0
"""A clean stop when the system asks for one: a signal only wakes the main loop, which stops as if a person had asked."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import FrameType

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopSignals:
    """From `with` to its end, SIGTERM, SIGINT and SIGHUP ask for a clean stop instead of ending the program.

    `fileno` becomes readable with the first of them, for whatever loop the main thread runs. The interpreter's own wake
    writes there too, since a loop that is not Python's would let a Python handler wait for ever.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._before: dict[signal.Signals, object] = {}
        self._woke_before = -1
        self.received = False

    def __enter__(self) -> Self:
        for number in STOP_SIGNALS:
            self._before[number] = signal.signal(number, self._receive)
        self._woke_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._woke_before)
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type] # what signal.signal gave
        os.close(self._read)
        os.close(self._write)

    def fileno(self) -> int:
        """Readable once a stop was asked for."""
        return self._read

    def wait(self, timeout_s: float) -> bool:
        """Waits for at most `timeout_s`; whether a stop was asked for."""
        if not self.received:
            select.select([self._read], [], [], timeout_s)
        return self.received

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.received = True
        with contextlib.suppress(BlockingIOError):  # the pipe is full of wakes already
            os.write(self._write, b"\0")
