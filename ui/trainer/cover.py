# SPDX-License-Identifier: Apache-2.0
"""Covering parts of a screenshot before the seal: drawn with the pointer, or placed with the keys alone.

Keys, on the picture: Insert adds an area in the middle, the arrows move the one that was drawn last, with Shift they widen
and narrow it, Delete takes it away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QLayout, QSizePolicy, QVBoxLayout, QWidget

from session.removal import Box
from ui.scrolled import Scrolled
from ui.strings import Words
from ui.style import Palette
from ui.widgets import UNBOUND_PX, button, label, open_at, row

STEP_PX: Final = 16
"""How far one press moves or widens. Source: agent/capture/cover.py, whole blocks of the encoder."""
LEAST_PX: Final = 4
"""What is drawn smaller is a slip of the hand."""
_LEAST_WIDE_PX: Final = 240
_LEAST_HIGH_PX: Final = 135
"""Of the picture as it is shown: a paragraph of a whole screen can still be told from the next. Source: looked at."""
_LOW_PX: Final = 480
"""In a window that is lower than this the words stand beside the picture, which has all of the height."""
_BESIDE_PX: Final = 220
_SIDE_PX: Final = 20
_AROUND_PX: Final = 170
"""Title, what is told, and buttons. Source: looked at."""
_GREY: Final = "#808080"
_ARROWS: Final = {
    Qt.Key.Key_Left: QPoint(-STEP_PX, 0),
    Qt.Key.Key_Right: QPoint(STEP_PX, 0),
    Qt.Key.Key_Up: QPoint(0, -STEP_PX),
    Qt.Key.Key_Down: QPoint(0, STEP_PX),
}


class CoverCanvas(QWidget):
    """The picture with its areas, as large as there is room."""

    changed = Signal()

    def __init__(self, picture: QImage, words: Words, palette: Palette) -> None:
        super().__init__()
        self._picture, self._words, self._palette = picture, words, palette
        self._areas: list[QRect] = []
        self._from: QPoint | None = None
        self._drawn = QRect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(QSize(_LEAST_WIDE_PX, _LEAST_HIGH_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(words("cover.picture"))
        self._tell()

    @property
    def areas(self) -> tuple[Box, ...]:
        """In px of the picture, in the order in which they were drawn."""
        return tuple((one.x(), one.y(), one.width(), one.height()) for one in self._areas)

    def add(self) -> None:
        """A new area in the middle, to be moved."""
        wide, high = self._picture.width(), self._picture.height()
        self._areas.append(QRect(wide * 3 // 8, high * 3 // 8, max(1, wide // 4), max(1, high // 4)))
        self._tell()

    def take_back(self) -> None:
        """The area that was drawn last is none."""
        if self._areas:
            self._areas.pop()
            self._tell()

    def _tell(self) -> None:
        self.setAccessibleDescription(self.told())
        self.changed.emit()
        self.update()

    def told(self) -> str:
        """How many areas there are, and where the last one lies."""
        if not self._areas:
            return self._words("cover.none")
        last = self._areas[-1]
        return (
            self._words.count("cover.areas", len(self._areas))
            + " "
            + self._words("cover.last", left=last.x(), top=last.y(), wide=last.width(), high=last.height())
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """See the module."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Insert:
            self.add()
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.take_back()
        elif key in _ARROWS and self._areas:
            widens = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._shift(_ARROWS[key], widens=widens)
        else:
            super().keyPressEvent(event)

    def _shift(self, by: QPoint, *, widens: bool) -> None:
        last, whole = self._areas[-1], self._picture.rect()
        if widens:
            width, height = max(STEP_PX, last.width() + by.x()), max(STEP_PX, last.height() + by.y())
            moved = QRect(last.topLeft(), QSize(width, height)).intersected(whole)
        else:
            x = min(max(0, last.x() + by.x()), max(0, whole.width() - last.width()))
            y = min(max(0, last.y() + by.y()), max(0, whole.height() - last.height()))
            moved = QRect(QPoint(x, y), last.size())
        self._areas[-1] = moved
        self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """An area begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = self._at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """It grows."""
        if self._from is not None:
            self._drawn = self._between(self._from, self._at(event.position()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """It is there."""
        if self._from is None:
            return
        drawn = self._between(self._from, self._at(event.position()))
        self._from, self._drawn = None, QRect()
        if drawn.width() >= LEAST_PX and drawn.height() >= LEAST_PX:
            self._areas.append(drawn)
        self._tell()

    def _between(self, one: QPoint, other: QPoint) -> QRect:
        left, right = sorted((one.x(), other.x()))
        top, bottom = sorted((one.y(), other.y()))
        return QRect(left, top, right - left, bottom - top).intersected(self._picture.rect())

    def _at(self, place: QPointF) -> QPoint:
        """The pixel of the picture that is shown there."""
        box = self._box()
        share = self._picture.width() / max(1.0, box.width())
        return QPoint(round((place.x() - box.x()) * share), round((place.y() - box.y()) * share))

    def _box(self) -> QRectF:
        wide, high = max(1, self._picture.width()), max(1, self._picture.height())
        share = min(self.width() / wide, self.height() / high)
        width, height = wide * share, high * share
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws the picture, and each area as it will be: nothing shows through."""
        painter, box = QPainter(self), self._box()
        painter.fillRect(self.rect(), QColor(self._palette.track))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, self._picture)
        share = box.width() / max(1, self._picture.width())
        for area in (*self._areas, self._drawn):
            if not area.isEmpty():
                corner = QPointF(area.x() * share + box.x(), area.y() * share + box.y())
                shown = QRectF(corner, QSizeF(area.size()) * share)
                painter.fillRect(shown, QColor(_GREY))
                painter.setPen(QPen(QColor("#ffffff"), 3))
                painter.drawRect(shown)
                painter.setPen(QPen(QColor("#000000"), 1, Qt.PenStyle.DashLine))
                painter.drawRect(shown)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._palette.work), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()


class CoverDialog(QDialog):
    """Asks what of one screenshot is to be covered.

    Args:
        picture: the screenshot.
        twins: how many other screenshots show the same, and are covered with it.
        cover: takes the areas, once the person is sure.
    """

    def __init__(  # noqa: PLR0913 - one screenshot, and how it is to look
        self,
        picture: QImage,
        words: Words,
        palette: Palette,
        *,
        twins: int,
        cover: Callable[[Sequence[Box]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._cover = cover
        self.setWindowTitle(words("cover.title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.canvas = CoverCanvas(picture, words, palette)
        self._told = label("")
        self._do = button(words("cover.do"), self._sure, "primary")
        self._back = button(words("cover.back"), self.canvas.take_back)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the words give way, see `resizeEvent`
        column.setContentsMargins(_SIDE_PX, 18, _SIDE_PX, 18)
        column.setSpacing(10)
        column.addWidget(label(words("cover.title"), "heading"))
        self._about = Scrolled(words("cover.title"))
        self._about.column.addWidget(label(words("cover.why"), "quiet"))
        if twins:
            self._about.column.addWidget(label(words.count("cover.twins", twins), "quiet"))
        self._about.column.addWidget(label(words("cover.keys"), "quiet"))
        self._about.column.addStretch(1)
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._both.setSpacing(10)
        self._both.addWidget(self._about)
        self._both.addWidget(self.canvas, 1)
        column.addLayout(self._both, 1)
        column.addWidget(self._told)
        column.addLayout(
            row(
                button(words("cover.add"), self._add),
                self._back,
                None,
                button(words("do.leave"), self.reject),
                self._do,
            )
        )
        self.canvas.changed.connect(self._changed)
        self._changed()
        open_at(self, 980, 760)
        self.canvas.setFocus()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the buttons; as high as the picture is at least with what stands below it."""
        layout = self.layout()
        wide_px = layout.totalMinimumSize().width() if layout is not None else 0
        return QSize(wide_px, _LEAST_HIGH_PX + _AROUND_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Puts the words where they leave the picture the most room."""
        super().resizeEvent(event)
        low = self.height() < _LOW_PX
        self._both.setDirection(QBoxLayout.Direction.RightToLeft if low else QBoxLayout.Direction.TopToBottom)
        wide_px, high_px = (_BESIDE_PX, UNBOUND_PX) if low else (UNBOUND_PX, self._words_px())
        self._about.setMaximumSize(QSize(wide_px, high_px))

    def _words_px(self) -> int:
        """Height of the words above the picture."""
        return self._about.column.totalHeightForWidth(self.width() - 2 * _SIDE_PX)

    def _add(self) -> None:
        self.canvas.add()
        self.canvas.setFocus()

    def _changed(self) -> None:
        self._told.setText(self.canvas.told())
        for one in (self._do, self._back):
            one.setEnabled(bool(self.canvas.areas))

    def _sure(self) -> None:
        areas = self.canvas.areas
        self.accept()
        self._cover(areas)
