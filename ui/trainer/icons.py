# SPDX-License-Identifier: Apache-2.0
"""The sign in the tray: one shape for each state, told apart without colour, on light panels and on dark ones.

A ring is always there. Not recording: empty. Recording: a full disc. Paused: two bars. Private time: a closed lid. Problem:
an exclamation mark. Starting and ending: three dots. Offline adds a small crossed square at the foot.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from session.desks import TrainerState

SIZES: Final = (16, 22, 24, 32, 48, 64)
_UNITS: Final = 32.0
_INK: Final = "#ffffff"
_GROUND: Final = {
    TrainerState.IDLE: "#5b6773",
    TrainerState.STARTING: "#5b6773",
    TrainerState.RECORDING: "#0f6e56",
    TrainerState.PAUSED: "#6a5a1e",
    TrainerState.PRIVATE: "#63407c",
    TrainerState.STOPPING: "#5b6773",
    TrainerState.PROBLEM: "#9a3c10",
}


def state_icon(state: TrainerState, *, offline: bool = False) -> QIcon:
    """The sign of a state, in every size that panels ask for."""
    icon = QIcon()
    for size_px in SIZES:
        icon.addPixmap(_drawn(state, offline, size_px))
    return icon


def _drawn(state: TrainerState, offline: bool, size_px: int) -> QPixmap:  # noqa: FBT001 - one state's two halves
    pixmap = QPixmap(size_px, size_px)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size_px / _UNITS, size_px / _UNITS)
    if state is TrainerState.IDLE:
        painter.setPen(QPen(QColor(_INK), 8))  # a light edge inside and outside, for panels of any colour
        painter.drawEllipse(QRectF(6, 6, 20, 20))
        painter.setPen(QPen(QColor(_GROUND[state]), 4.5))
        painter.drawEllipse(QRectF(6, 6, 20, 20))
    else:
        painter.setPen(QPen(QColor(_INK), 2.4))
        painter.setBrush(QColor(_GROUND[state]))
        painter.drawEllipse(QRectF(2, 2, 28, 28))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(_INK))
    _glyph(painter, state)
    if offline:
        _badge(painter)
    painter.end()
    return pixmap


def _glyph(painter: QPainter, state: TrainerState) -> None:
    if state is TrainerState.RECORDING:
        painter.drawEllipse(QPointF(16, 16), 7.5, 7.5)
    elif state is TrainerState.PAUSED:
        painter.drawRect(QRectF(10, 9, 4.5, 14))
        painter.drawRect(QRectF(17.5, 9, 4.5, 14))
    elif state is TrainerState.PRIVATE:
        lid = QPainterPath(QPointF(7, 13))
        lid.quadTo(QPointF(16, 25), QPointF(25, 13))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(_INK), 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPath(lid)
        for from_x, to_x in ((10.5, 8.5), (16, 16), (21.5, 23.5)):
            painter.drawLine(QPointF(from_x, 19 if from_x == 16 else 17.5), QPointF(to_x, 23.5 if from_x == 16 else 21.5))
    elif state is TrainerState.PROBLEM:
        painter.drawRect(QRectF(14, 7.5, 4, 11))
        painter.drawRect(QRectF(14, 21, 4, 4))
    elif state in (TrainerState.STARTING, TrainerState.STOPPING):
        for x in (9.5, 16, 22.5):
            painter.drawEllipse(QPointF(x, 16), 2.4, 2.4)


def _badge(painter: QPainter) -> None:
    painter.setPen(QPen(QColor("#20262d"), 1.5))
    painter.setBrush(QColor("#ffd37a"))
    painter.drawRect(QRectF(18.5, 18.5, 12.5, 12.5))
    painter.setPen(QPen(QColor("#20262d"), 2.4))
    painter.drawLine(QPointF(21.5, 21.5), QPointF(28, 28))
    painter.drawLine(QPointF(28, 21.5), QPointF(21.5, 28))
