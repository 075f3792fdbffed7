# SPDX-License-Identifier: Apache-2.0
"""The few things that a replay is drawn from: words that never leave their box, fills, rows of cells, hatches, signs.

Sizes are logical pixels; cells and hatches are computed at the device's own pixels, so they are sharp at any scale.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QTransform

from ui.replay.gaps import Look
from ui.replay.pyramid import Floats
from ui.style import FAMILIES, Palette

Pixels = NDArray[np.uint32]

SMALL: Final = 12
BODY: Final = 13
VALUE: Final = 21
TITLE: Final = 22

_HATCH_PX: Final = 8


class Type:
    """Fonts and their measures, made once and kept. Needs a QGuiApplication."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[int, bool], tuple[QFont, QFontMetricsF]] = {}

    def font(self, size_px: int, *, bold: bool = False) -> tuple[QFont, QFontMetricsF]:
        """The font of this size, and how to measure with it."""
        known = self._fonts.get((size_px, bold))
        if known is None:
            font = QFont(list(FAMILIES))
            font.setStyleHint(QFont.StyleHint.SansSerif)
            font.setPixelSize(size_px)
            font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
            known = self._fonts[size_px, bold] = (font, QFontMetricsF(font))
        return known

    def width(self, words: str, size_px: int, *, bold: bool = False) -> float:
        """How wide `words` are on one line."""
        return self.font(size_px, bold=bold)[1].horizontalAdvance(words)


def argb(colour: str) -> int:
    """`#rrggbb` as an opaque pixel."""
    return 0xFF000000 | int(colour[1:], 16)


def blend(ground: str, colour: str, share: Floats) -> Pixels:
    """`colour` laid on `ground` with `share` 0 to 1 for each cell."""
    result = np.full(share.shape, 0xFF000000, dtype=np.uint32)
    for shift in (16, 8, 0):
        low, high = argb(ground) >> shift & 0xFF, argb(colour) >> shift & 0xFF
        result |= np.rint(low + (high - low) * share).astype(np.uint32) << np.uint32(shift)
    return result


class Canvas:
    """One painting on one device.

    Args:
        painter: active; its state is left as it was but for pen, brush and font.
    """

    def __init__(self, painter: QPainter, palette: Palette, kinds: Type) -> None:
        self.painter = painter
        self.palette = palette
        self.type = kinds
        self.scale = painter.device().devicePixelRatioF() * abs(painter.worldTransform().m11())
        self._hatches: dict[Look, QBrush] = {}

    def text(  # noqa: PLR0913 - where, what, and how it looks
        self,
        box: QRectF,
        words: str,
        *,
        size_px: int = SMALL,
        colour: str = "",
        bold: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> float:
        """Writes one line inside `box`, centred in its height, shortened with an ellipsis; gives the width it took."""
        font, measure = self.type.font(size_px, bold=bold)
        width = measure.horizontalAdvance(words)
        if width > box.width():
            words = measure.elidedText(words, Qt.TextElideMode.ElideRight, box.width())
            width = measure.horizontalAdvance(words)
        if not words or width > box.width():
            return 0.0
        x = box.left()
        if align == Qt.AlignmentFlag.AlignRight:
            x = box.right() - width
        elif align == Qt.AlignmentFlag.AlignHCenter:
            x = box.center().x() - width / 2
        y = box.center().y() + (measure.ascent() - measure.descent()) / 2
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour or self.palette.text))
        self.painter.drawText(QPointF(x, y), words)
        return width

    def fill(self, box: QRectF, colour: str, *, radius: float = 0.0, edge: str = "") -> None:
        """Fills `box`; with `edge`, draws its outline inside it."""
        painter = self.painter
        painter.setPen(QPen(QColor(edge), 1) if edge else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        if edge:
            box = box.adjusted(0.5, 0.5, -0.5, -0.5)
        if radius:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
            painter.drawRoundedRect(box, radius, radius)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        else:
            painter.drawRect(box)

    def line(  # noqa: PLR0913 - two points and how the line looks
        self, x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1.0, dotted: bool = False
    ) -> None:  # fmt: skip
        """A straight line, without caps."""
        style = Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine
        self.painter.setPen(QPen(QColor(colour), width, style, Qt.PenCapStyle.FlatCap))
        self.painter.drawLine(QLineF(x1, y1, x2, y2))

    def columns(self, width: float) -> int:
        """How many device pixels `width` is, at least one."""
        return max(1, round(width * self.scale))

    def cells(self, box: QRectF, pixels: Pixels) -> None:
        """Draws `pixels`, shape (columns,) or (rows, columns), over the whole of `box`."""
        grid = np.ascontiguousarray(pixels.reshape(-1, pixels.shape[-1]))
        rows, columns = grid.shape
        image = QImage(grid.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32)
        self.painter.drawImage(box, image)

    def hatch(self, box: QRectF, look: Look, *, ground: str = "") -> None:
        """Fills `box` with the hatch of `look`, over `ground` or over what is there."""
        brush = self._hatches.get(look)
        if brush is None:
            brush = QBrush(_hatch_image(look, hatch_colour(self.palette, look), max(1.0, self.scale)))
            brush.setTransform(QTransform.fromScale(1 / self.scale, 1 / self.scale))
            self._hatches[look] = brush
        if ground:
            self.fill(box, ground)
        self.painter.fillRect(box, brush)

    def sign(self, box: QRectF, kind: str, colour: str) -> None:
        """A round sign: "check", "cross", "dash" or "ask", in `colour`, cut out in the card's colour."""
        painter = self.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(box)
        side, centre = box.width(), box.center()
        if kind == "ask":
            self.text(box, "?", size_px=max(9, round(side * 0.68)), bold=True, colour=self.palette.card, align=_CENTRE)
        else:
            cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(QColor(self.palette.card), max(1.4, side * 0.1), Qt.PenStyle.SolidLine, cap, join))
            for stroke in _SIGNS[kind]:
                painter.drawPolyline([QPointF(centre.x() + x * side, centre.y() + y * side) for x, y in stroke])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


_CENTRE = Qt.AlignmentFlag.AlignHCenter
_SIGNS: Final = {
    "check": (((-0.22, 0.02), (-0.06, 0.18), (0.23, -0.15)),),
    "cross": (((-0.17, -0.17), (0.17, 0.17)), ((-0.17, 0.17), (0.17, -0.17))),
    "dash": (((-0.2, 0.0), (0.2, 0.0)),),
}


def hatch_colour(palette: Palette, look: Look) -> str:
    """The colour of a hatch."""
    return {
        Look.PAUSE: palette.pause,
        Look.PRIVATE: palette.private,
        Look.CRASH: palette.crash,
        Look.SUSPEND: palette.suspend,
        Look.DENIED: palette.denied,
        Look.OTHER: palette.other_gap,
        Look.REMOVED: palette.removed,
    }[look]


def _hatch_image(look: Look, colour: str, scale: float) -> QImage:
    """One tile: of `colour` where the hatch is, clear elsewhere."""
    side = round(_HATCH_PX * scale)
    thick = max(1, round(scale * 1.25))
    y, x = np.mgrid[0:side, 0:side]
    rising, falling = (x + y) % side < thick, (x - y) % side < thick
    inked = {
        Look.PAUSE: rising,
        Look.PRIVATE: falling,
        Look.CRASH: rising | falling,
        Look.SUSPEND: y % max(2, side // 2) < thick,
        Look.DENIED: x % max(2, side // 2) < thick,
        Look.OTHER: (x % max(2, side // 2) < thick * 2) & (y % max(2, side // 2) < thick * 2),
        Look.REMOVED: (x + y) % max(2, side // 2) < thick,
    }[look]
    pixels = np.where(inked, np.uint32(argb(colour)), np.uint32(0)).astype(np.uint32)
    image = QImage(np.ascontiguousarray(pixels).data, side, side, side * 4, QImage.Format.Format_ARGB32)
    return image.copy()  # the brush outlives the array
