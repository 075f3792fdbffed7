# SPDX-License-Identifier: Apache-2.0
"""A QR code on the screen: black on white in every look, since not every reader takes it the other way round.

Source: ISO/IEC 18004: a quiet zone of four modules; drawn by segno's matrix.
"""

from __future__ import annotations

from typing import Final

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

MODULE_PX: Final = 3
"""Side of a module, 0.8 mm at 96 dpi: the longest text then takes 7 cm, and leaves room on a screen of 768 px."""
SMALL_MODULE_PX: Final = 2
LOW_PX: Final = 560
"""On a screen that is lower than this the small module is used, so that all of the code is in sight at once."""
_QUIET: Final = 4


class QrCode(QWidget):
    """The code of `text`; `name` is its accessible name."""

    def __init__(self, text: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modules: Final = tuple(bytes(line) for line in segno.make(text, error="l", micro=False).matrix)
        low = QGuiApplication.primaryScreen().availableSize().height() < LOW_PX
        self.module_px: Final = SMALL_MODULE_PX if low else MODULE_PX
        side_px = (len(self.modules) + 2 * _QUIET) * self.module_px
        self._side = QSize(side_px, side_px)
        self.setFixedSize(self._side)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws the modules."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        side_px = self.module_px
        for down, line in enumerate(self.modules):
            for right, dark in enumerate(line):
                if dark:
                    place = QRectF((right + _QUIET) * side_px, (down + _QUIET) * side_px, side_px, side_px)
                    painter.fillRect(place, Qt.GlobalColor.black)
        painter.end()
