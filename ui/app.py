# SPDX-License-Identifier: Apache-2.0
"""The Qt program around our windows: style, language, the bridge, the end by a signal, and faults that nobody caught.

Rules:

1. `QApplication` is made and asked for here alone (and in `ui.replay.render`, which paints without a window).
2. A fault that nobody caught is logged by its type and place, never by its words, and the person is told once.
3. The end: windows close, work in the background is asked to stop, the desk closes; each within bounds of seconds.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final

from PySide6.QtCore import QMessageLogContext, QSocketNotifier, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from ui.background import Background
from ui.bridge import EventBridge
from ui.look import dress, palette_of
from ui.strings import Words, language_of
from ui.style import Palette

_LOG: Final = logging.getLogger("fairwitness.ui")
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
CLOSE_S: Final = 5.0
"""How long the end waits for work in the background. Source: docs/architecture.md, shutdown."""


class Program:
    """One Qt program: what its windows are given.

    Args:
        name: of the program, as a desktop shows it.
        environment: in which language to speak; `os.environ` in a real program.
        dark: None for what the desktop asks for.
        arguments: for Qt.
    """

    def __init__(
        self, name: str, environment: Mapping[str, str], *, dark: bool | None = None, arguments: tuple[str, ...] = ()
    ) -> None:
        qInstallMessageHandler(_log_qt)
        self.app = QApplication([name.lower().replace(" ", ""), *arguments])
        self.app.setApplicationName("fairwitness")
        self.app.setApplicationDisplayName(name)
        self.app.setDesktopFileName("fairwitness")
        self.app.setQuitOnLastWindowClosed(False)
        self.words = Words(language_of(environment))
        self.palette: Palette = palette_of(self.app, dark=dark)
        dress(self.app, self.palette)
        if dark is None:
            self.app.styleHints().colorSchemeChanged.connect(self._redress)
        self.bridge = EventBridge()
        self.background = Background(self.bridge)
        self._notifier: QSocketNotifier | None = None
        self._at_end: list[Callable[[], object]] = []
        self._told = False

    def end_when_readable(self, fileno: int) -> None:
        """Ends the program once `fileno` can be read: `agent.signals.StopSignals`."""
        self._notifier = QSocketNotifier(fileno, QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._asked_to_end)

    def at_end(self, call: Callable[[], object]) -> None:
        """Runs `call` when the program ends, the last that was named first."""
        self._at_end.append(call)

    def run(self, tell: Callable[[str], None] | None = None) -> int:
        """Runs until somebody quits; returns the exit code. `tell` shows a person the words of a fault nobody caught."""
        before = sys.excepthook, threading.excepthook
        sys.excepthook = lambda kind, _value, trace: self._uncaught(kind, trace, tell)
        threading.excepthook = lambda hook: self.bridge.hand(lambda: self._uncaught(hook.exc_type, hook.exc_traceback, tell))
        try:
            return self.app.exec()
        finally:
            for call in reversed(self._at_end):
                call()
            self.background.close(CLOSE_S)
            self.bridge.close()
            sys.excepthook, threading.excepthook = before

    def quit(self, code: int = 0) -> None:
        """Ends `run`."""
        self.app.exit(code)

    def _asked_to_end(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        self.quit()

    def _redress(self) -> None:
        self.palette = palette_of(self.app)
        dress(self.app, self.palette)

    def _uncaught(self, kind: type[BaseException], trace: TracebackType | None, tell: Callable[[str], None] | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self.quit(128 + signal.SIGINT)
            return
        # The message of an unknown exception may quote what was observed; its type and place may not.
        _LOG.critical("uncaught: %s\n%s", kind.__name__, "".join(traceback.format_tb(trace)))
        if tell is not None and not self._told:
            self._told = True
            tell(self.words("fault.uncaught"))


def _log_qt(level: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    # Qt's own messages name widgets, plugins and fonts; titles and addresses never pass through them.
    _LOG.log(_LEVELS.get(level, logging.WARNING), "qt: %s", message)
