# SPDX-License-Identifier: Apache-2.0
"""The few pieces that all windows are put together from. What a piece is called on the screen is its accessible name too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.strings import Words

FRAME_PX: Final = 40
"""Height that a desktop's title bar and frame may take. Source: looked at; KDE, GNOME and openbox take 22 to 37."""
READ_PX: Final = 860
"""The longest line that is read without losing the place, some 120 letters; on a wider screen the rest stays free."""
UNBOUND_PX: Final = (1 << 24) - 1
"""Qt's QWIDGETSIZE_MAX, which PySide6 does not name."""


def open_at(window: QWidget, width_px: int, height_px: int) -> None:
    """Gives a window this size, or what its screen has room for: on 1366x768 nothing lies below the edge."""
    room = QGuiApplication.primaryScreen().availableSize()
    window.resize(min(width_px, room.width()), min(height_px, room.height() - FRAME_PX))


def label(text: str, role: str = "", *, parent: QWidget | None = None) -> QLabel:
    """Words, wrapped and selectable, plain text only. `role` as in `ui.look`."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        made.setProperty("role", role)
    return made


def button(text: str, pressed: Callable[[], object], role: str = "", *, name: str = "") -> QPushButton:
    """A button. `name` where a screen reader needs more than the text on it."""
    made = QPushButton(text)
    made.setAccessibleName(name or text)
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    made.clicked.connect(lambda _checked=False: pressed())
    return made


def card(role: str = "card") -> tuple[QFrame, QVBoxLayout]:
    """A quiet frame, and the column inside it."""
    frame = QFrame()
    frame.setProperty("role", role)
    column = QVBoxLayout(frame)
    column.setContentsMargins(16, 14, 16, 14)
    column.setSpacing(8)
    return frame, column


def row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None is the room that is left over."""
    made = QHBoxLayout()
    made.setSpacing(8)
    for widget in widgets:
        if widget is None:
            made.addStretch(1)
        else:
            made.addWidget(widget)
    return made


def column_of(*widgets: QWidget) -> QWidget:
    """Widgets under each other, as one."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        column.addWidget(widget)
    return made


def emptied(column: QLayout) -> None:
    """Takes every widget out of `column`, at once for the eye, and lets it go when its signals are through."""
    while (item := column.takeAt(0)) is not None:
        old = item.widget()
        if old is not None:
            old.hide()
            old.deleteLater()


def line() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


class Banner(QFrame):
    """One thing that wants attention, in words, with at most one thing to do. Hidden while there is none.

    Its accessible name is its words, so a screen reader reads it when it comes.

    Args:
        changed: called when it says something else, for a window to make room.
    """

    def __init__(self, parent: QWidget | None = None, *, changed: Callable[[], object] = lambda: None) -> None:
        super().__init__(parent)
        self._changed = changed
        self._words = label("")
        self._action = button("", self._act)
        self._do: Callable[[], object] = lambda: None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._action)
        self._beside = layout
        self.hide()

    def say(self, text: str, role: str = "problem", action: str = "", do: Callable[[], object] | None = None) -> None:
        """Shows `text`; `role` "problem", "ask", "good" or "card"; "" as text hides it."""
        self._do = do or (lambda: None)
        self._words.setText(text)
        self.setAccessibleName(text)
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self.setProperty("role", role)
        self.style().polish(self)
        self.setVisible(bool(text))
        self._changed()

    def put_beside(self, widget: QWidget) -> None:
        """One thing more to do, after the one that `say` names."""
        self._beside.addWidget(widget)

    @property
    def text(self) -> str:
        """What it says, "" while it is hidden."""
        return self._words.text() if not self.isHidden() else ""

    def _act(self) -> None:
        self._do()


class Busy(QFrame):
    """Something takes long: what, how far, and a way to stop it. Hidden while nothing does."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._words = label("")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._cancel: Callable[[], object] = lambda: None
        self._stop = button(words("do.cancel"), self._stopped)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._stop)
        self.hide()

    def begin(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        """Shows that `text` is going on; with `cancel` it can be stopped."""
        self._words.setText(text)
        self.setAccessibleName(text)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(text)
        self._cancel = cancel or (lambda: None)
        self._stop.setVisible(cancel is not None)
        self.show()

    def step(self, done: int, of: int) -> None:
        """How far it is."""
        self._bar.setRange(0, max(1, of))
        self._bar.setValue(min(done, of))

    def end(self) -> None:
        """It is over."""
        self.hide()

    def _stopped(self) -> None:
        self.hide()
        self._cancel()
