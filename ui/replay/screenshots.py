# SPDX-License-Identifier: Apache-2.0
"""One screenshot, as large as there is room, decoded off the paint path; or plain words why there is none."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from session.ports import SessionReader
from ui.replay.pictures import decode
from ui.strings import Words
from ui.style import Palette

KEPT: Final = 12
"""Decoded screenshots that are kept: 8 MB each at 1920x1080, and stepping back must not decode again."""
_FULL_PX: Final = 1 << 14


class ScreenshotView(QWidget):
    """Shows one screenshot of a session.

    Args:
        reader: of the session.
    """

    def __init__(self, reader: SessionReader, words: Words, palette: Palette) -> None:
        super().__init__()
        self._reader, self._words, self._palette = reader, words, palette
        self._wanted: int | None = None
        self._why = ""
        self._kept: OrderedDict[int, QImage | str] = OrderedDict()
        self._decoder = QTimer(self)
        self._decoder.setSingleShot(True)
        self._decoder.setInterval(0)
        self._decoder.timeout.connect(self._decode)
        self.setMinimumSize(QSize(200, 120))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(words("shot.name"))

    def show_seq(self, seq: int | None, why: str) -> None:
        """Shows the CAPTURE of this seq; `why` is said instead where there is none, and read out in any case."""
        if seq == self._wanted and why == self._why:
            return
        self._wanted, self._why = seq, why
        self.setAccessibleDescription(why)
        if seq is not None and seq not in self._kept:
            self._decoder.start()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws what is decoded; a screenshot that is not yet stays for the next painting."""
        painter = QPainter(self)
        room = QRectF(self.rect())
        painter.fillRect(room, QColor(self._palette.track))
        shown = self._kept.get(self._wanted) if self._wanted is not None else self._why
        if isinstance(shown, QImage):
            share = min(room.width() / shown.width(), room.height() / shown.height())
            width, height = shown.width() * share, shown.height() * share
            box = QRectF((room.width() - width) / 2, (room.height() - height) / 2, width, height)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, shown)
        elif shown:
            painter.setPen(QColor(self._palette.quiet))
            text = self._words(shown) if self._wanted is not None else shown
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(room.adjusted(12, 12, -12, -12), flags, text)
        painter.end()

    def _decode(self) -> None:
        if self._wanted is None or self._wanted in self._kept:
            return
        self._kept[self._wanted] = decode(self._reader, self._wanted, _FULL_PX)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.update()
