# SPDX-License-Identifier: Apache-2.0
"""One desk per person and computer: a second start opens the first one's window and ends.

The lock is Qt's, with the process's number inside, so a lock that a killed program left is taken over. The socket is open to
the person's own account alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QLockFile, QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from session import EnvironmentFault
from session.disk import environment_fault, make_private

_TRY_MS: Final = 100
_ANSWER_MS: Final = 2_000
_OPEN: Final = b"open\n"


class SingleInstance(QObject):
    """Asked once at the start.

    Args:
        folder: the agent's; the lock `desk.lock` lies in it.
        wanted: called on Qt's thread when a second start asks for the window.
    """

    def __init__(self, folder: Path, wanted: Callable[[], object]) -> None:
        super().__init__()
        self._folder, self._wanted = folder, wanted
        self._lock = QLockFile(str(folder / "desk.lock"))
        self._lock.setStaleLockTime(0)  # never by age: Qt looks whether the process lives
        self._name = f"fairwitness-{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:24]}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._asked)

    def first(self) -> bool:
        """Whether this is the first; if not, the first was asked to open its window.

        Raises:
            EnvironmentFault: the agent's folder cannot be used.
        """
        try:
            make_private(self._folder)
        except OSError as error:
            raise environment_fault(error, "starting Fair Witness") from error
        if self._lock.tryLock(_TRY_MS):
            QLocalServer.removeServer(self._name)
            self._server.listen(self._name)
            return True
        if self._lock.error() is QLockFile.LockError.PermissionError:
            raise EnvironmentFault("The folder of Fair Witness cannot be written. Check its permissions.")
        self._ask()
        return False

    def close(self) -> None:
        """Gives up lock and socket."""
        self._server.close()
        self._lock.unlock()

    def _ask(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(_ANSWER_MS):
            socket.write(_OPEN)
            socket.waitForBytesWritten(_ANSWER_MS)
            socket.disconnectFromServer()

    def _asked(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self._wanted()
