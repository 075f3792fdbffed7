# SPDX-License-Identifier: Apache-2.0
"""From any thread to Qt's: the one class that turns a call of ours into a signal."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class EventBridge(QObject):
    """Runs calls on the thread that made it, in the order in which they were handed in.

    Signals:
        handed(object): a call, on its way to the other side.
    """

    handed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._open = True
        self.handed.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def hand(self, call: Callable[[], None]) -> None:
        """From any thread: `call` runs on Qt's thread soon. Returns at once; after `close` nothing runs any more."""
        if self._open:
            self.handed.emit(call)

    def close(self) -> None:
        """What is still on its way is forgotten: what it would change is being taken down."""
        self._open = False

    @Slot(object)
    def _run(self, call: Callable[[], None]) -> None:
        if self._open:
            call()


class Latest:
    """Hands on only the newest of many values: a slow window sees fewer of them, and never slows who tells.

    Args:
        bridge: to Qt's thread.
        show: called there with the newest value.
    """

    def __init__(self, bridge: EventBridge, show: Callable[[object], None]) -> None:
        self._bridge, self._show = bridge, show
        self._values: list[object] = []

    def tell(self, value: object) -> None:
        """From any thread."""
        waiting = bool(self._values)
        self._values.append(value)
        if not waiting:
            self._bridge.hand(self._deliver)

    def _deliver(self) -> None:
        values, self._values = self._values, []
        if values:
            self._show(values[-1])
