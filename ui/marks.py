# SPDX-License-Identifier: Apache-2.0
"""Boxes that are ticked, chosen from or counted in, with their marks drawn: a style sheet takes those only from files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QStyle, QStyleOptionButton, QWidget

_CHECK: Final = ((0.24, 0.53), (0.42, 0.71), (0.76, 0.31))
_DASH: Final = ((0.27, 0.5), (0.73, 0.5))
_DOWN: Final = ((0.1, 0.3), (0.5, 0.7), (0.9, 0.3))
_UP: Final = ((0.1, 0.7), (0.5, 0.3), (0.9, 0.7))
"""Marks as shares of the square that they stand in. Source: looked at, at 100 and 200 in the hundred."""
_ARROW_PX: Final = 9
_ARROW_FROM_RIGHT_PX: Final = 14
"""Middle of an arrow: that of the 24 pixels which `ui.look` leaves for it, and the border."""
_NUMBER_FROM_LEFT_PX: Final = 5
"""So that a number begins where words begin in the fields above and below it: a style sheet's padding stops at the edge."""


class Tick(QCheckBox):
    """A box with a name, which is its accessible name too: a check mark where it is on, a dash where it is partly on."""

    def __init__(self, text: str, *, on: bool = False) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        self.setChecked(on)

    @property
    def box(self) -> QRectF:
        """Where the box is, logical pixels."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        return QRectF(self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws the box by the style, and the mark into it."""
        super().paintEvent(event)
        state = self.checkState()
        if state is not Qt.CheckState.Unchecked:
            mark = _DASH if state is Qt.CheckState.PartiallyChecked else _CHECK
            _draw(self, self.box, mark, self.palette().highlightedText().color())


class Choice(QComboBox):
    """One of several."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws it by the style, and the arrow into it."""
        super().paintEvent(event)
        _draw(self, _arrow(self, 0.5), _DOWN, self.palette().text().color())


class Number(QSpinBox):
    """A whole number."""

    def __init__(self) -> None:
        super().__init__()
        self.lineEdit().setTextMargins(_NUMBER_FROM_LEFT_PX, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws it by the style, and both arrows into it."""
        super().paintEvent(event)
        for at, mark in ((0.32, _UP), (0.68, _DOWN)):
            _draw(self, _arrow(self, at), mark, self.palette().text().color())


def _arrow(widget: QWidget, at: float) -> QRectF:
    """The square of an arrow at that share of the height."""
    middle = QPointF(widget.width() - _ARROW_FROM_RIGHT_PX, widget.height() * at)
    half = QPointF(_ARROW_PX / 2, _ARROW_PX / 2)
    return QRectF(middle - half, middle + half)


def _draw(widget: QWidget, box: QRectF, mark: Sequence[tuple[float, float]], colour: QColor) -> None:
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, 2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline([box.topLeft() + QPointF(x * box.width(), y * box.height()) for x, y in mark])
    painter.end()
