# SPDX-License-Identifier: Apache-2.0
"""What may be higher than the screen: a column that scrolls where there is no room for all of it, and buttons that wrap.

Rules:

1. What is to be pressed stands below such a column, never in it, so it is in sight on every screen.
2. A window asks for the height at which nothing scrolls, and takes what its screen has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.widgets import FRAME_PX, READ_PX, UNBOUND_PX, Banner

LEAST_PX: Final = 96
"""Four lines of text: with less of it in sight nobody reads on. Source: looked at on 1366x768 at 200 in the hundred."""
APART_PX: Final = 8
"""Between buttons that wrap."""
NOTICE_PX: Final = 46
"""A banner of one line with its button."""
FIELD_PX: Final = 84
"""Three lines and the field's own edges: more than most people write into one. Source: looked at."""
_WIDEST_PX: Final = 300
"""Of one button's least width, in logical pixels."""


class Scrolled(QScrollArea):
    """See the module. What is shown goes into `column`.

    Args:
        name: for a screen reader, who comes to it by Tab where it scrolls.
    """

    def __init__(self, name: str, *, spacing_px: int = 10) -> None:
        super().__init__()
        self._width_px = 0
        self._page = page = QWidget()
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(spacing_px)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setWidget(page)
        page.setMaximumWidth(READ_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All that it holds, at the width that `fit` found."""
        wide_px = self._width_px or self.column.totalSizeHint().width()
        return QSize(wide_px, self._needs_px(wide_px))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as what it holds with a scroll bar beside it; `LEAST_PX` high, or less where it holds less."""
        wide_px = self.column.totalMinimumSize().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(wide_px, min(LEAST_PX, self._needs_px(wide_px)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Can be scrolled by the keys alone where there is something to scroll."""
        super().resizeEvent(event)
        scrolls = self._page.height() > self.viewport().height()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if scrolls else Qt.FocusPolicy.NoFocus)

    def take(self, window: QWidget) -> None:
        """Asks for the height that its words need at the width of `window`."""
        around: list[QWidget] = [self]
        while around[-1] is not window and (above := around[-1].parentWidget()) is not None:
            around.append(above)
        margins = [layout.contentsMargins() for one in around[1:] if (layout := one.layout()) is not None]
        self._width_px = max(1, window.width() - sum(one.left() + one.right() for one in margins))
        for one in around:  # each remembers what the one inside it asked for before
            if (layout := one.layout()) is not None:
                layout.invalidate()
            one.updateGeometry()

    def _needs_px(self, wide_px: int) -> int:
        if self.column.hasHeightForWidth():
            return self.column.totalHeightForWidth(wide_px)
        return self.column.totalSizeHint().height()


class Notices(Scrolled):
    """What stands above a page, banners among it: all of it where there is room, else it scrolls in `NOTICE_PX`.

    While none of it is shown it takes no room.

    Args:
        parts: in this order; of banners the most urgent first.
    """

    def __init__(self, name: str, *parts: QWidget, margins_px: int = 0) -> None:
        super().__init__(name, spacing_px=6)
        self.column.setContentsMargins(margins_px, 0, margins_px, 0)
        self._page.setMaximumWidth(UNBOUND_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        for part in parts:
            self.column.addWidget(part)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line of words with a button beside it."""
        least = super().minimumSizeHint()
        return QSize(least.width(), min(least.height(), NOTICE_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Asks for the height that its words need at this width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._width_px = self.width()
            self.updateGeometry()
        self._bring()

    def _bring(self) -> None:
        """What wants attention is in sight, whatever stands above it."""
        for one in self.findChildren(Banner):
            if not one.isHidden():
                self.ensureWidgetVisible(one, 0, 0)
                return

    def event(self, event: QEvent) -> bool:
        """Asks for other room when a banner came or went."""
        taken = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._bring()
        return taken


class Field(QPlainTextEdit):
    """Words of several lines: asks for three, and takes more where there is room. Tab leads out of it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTabChangesFocus(True)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Three lines high."""
        return QSize(super().sizeHint().width(), FIELD_PX)


def fit(window: QWidget) -> None:
    """Gives a window the height at which nothing of it scrolls, as far as its screen has room; never less than it has."""
    layout = window.layout()
    if layout is None:
        return
    room = QGuiApplication.primaryScreen().availableSize()
    for child in window.findChildren(QWidget):
        child.ensurePolished()  # a style's edges are counted from the first on
    layout.activate()
    has = window.size() if window.testAttribute(Qt.WidgetAttribute.WA_Resized) else QSize()  # else one that Qt made up
    wide_px = max(has.width(), window.minimumWidth(), layout.totalMinimumSize().width())
    window.resize(min(wide_px, room.width()), max(1, has.height()))
    for one in window.findChildren(Scrolled):
        one.take(window)
    layout.invalidate()
    layout.activate()
    needs_px = layout.totalHeightForWidth(window.width()) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
    window.resize(window.width(), min(max(window.height(), needs_px), room.height() - FRAME_PX))
    _keep_in(window, QGuiApplication.primaryScreen().availableGeometry())


def _keep_in(window: QWidget, room: QRect) -> None:
    """Moves a window that has grown beyond the lower edge of its screen up again."""
    if window.isVisible():
        over_px = window.frameGeometry().bottom() - room.bottom()
    elif window.testAttribute(Qt.WidgetAttribute.WA_Moved):
        over_px = window.y() + FRAME_PX + window.height() - room.bottom()
    else:
        return  # the desktop has a place for it
    if over_px > 0:
        window.move(window.x(), max(room.top(), window.y() - over_px))


class Flow(QWidget):
    """Buttons side by side, as many in a line as there is room for, in as many lines as it takes."""

    def __init__(self) -> None:
        super().__init__()
        self._widgets: tuple[QWidget, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def put(self, widgets: Sequence[QWidget]) -> None:
        """Shows these in place of the ones before, which are forgotten."""
        for old in self._widgets:
            old.hide()
            old.deleteLater()
        self._widgets = tuple(widgets)
        for one in self._widgets:
            one.setParent(self)
            one.show()
        self.setVisible(bool(self._widgets))
        self.updateGeometry()
        self._place()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Yes: the narrower, the more lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As many lines as it takes."""
        places = self._places(width)
        return max((place.y() + one.sizeHint().height() for place, one in places), default=0)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All in one line."""
        wide_px = sum(one.sizeHint().width() + APART_PX for one in self._widgets)
        return QSize(wide_px, self.heightForWidth(wide_px))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The widest of them; a name that is longer than a narrow screen is cut, and told whole to a screen reader."""
        wide_px = max((one.minimumSizeHint().width() for one in self._widgets), default=0)
        return QSize(min(wide_px, _WIDEST_PX), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Places them anew."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for place, one in self._places(self.width()):
            hint = one.sizeHint()
            one.setGeometry(place.x(), place.y(), min(hint.width(), max(1, self.width())), hint.height())

    def _places(self, wide_px: int) -> list[tuple[QPoint, QWidget]]:
        found, x, y, line_px = [], 0, 0, 0
        for one in self._widgets:
            hint = one.sizeHint()
            if x and x + hint.width() > wide_px:
                x, y = 0, y + line_px + APART_PX
                line_px = 0
            found.append((QPoint(x, y), one))
            x += hint.width() + APART_PX
            line_px = max(line_px, hint.height())
        return found
