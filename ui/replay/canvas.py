# SPDX-License-Identifier: Apache-2.0
"""The few things that a replay is drawn from: words that never leave their box, fills, rows of cells, hatches, signs.

Sizes are logical pixels; cells and hatches are computed at the device's own pixels, so they are sharp at any scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from ui.replay.gaps import Look
from ui.replay.nearby import CAME, OVERLAY, RUNNER_CAME, RUNNER_WENT, WENT
from ui.style import FAMILIES, Palette

Pixels = NDArray[np.uint32]

SMALL: Final = 12
BODY: Final = 13
VALUE: Final = 21
TITLE: Final = 22

_HATCH_PX: Final = 8
_TILES: Final = 8
_MOST_WIDTHS: Final = 2048


class Type:
    """Fonts and their measures, made once and kept. Needs a QGuiApplication."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[int, bool], tuple[QFont, QFontMetricsF]] = {}
        self._widths: dict[tuple[str, int, bool], float] = {}

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

    def writes(self, words: str) -> bool:
        """Whether there is a font with these characters. Without any font Qt draws a box for each, and says nothing."""
        return all(self.font(BODY)[1].inFont(character) for character in words if not character.isspace())

    def width(self, words: str, size_px: int, *, bold: bool = False) -> float:
        """How wide `words` are on one line."""
        known = self._widths.get((words, size_px, bold))
        if known is None:
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            known = self._widths[words, size_px, bold] = self.font(size_px, bold=bold)[1].horizontalAdvance(words)
        return known


def argb(colour: str) -> int:
    """`#rrggbb` as an opaque pixel."""
    return 0xFF000000 | int(colour[1:], 16)


class Inks:
    """Hatches and ramps of one palette, made once and kept."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._ramps: dict[tuple[str, float], Pixels] = {}
        self._brushes: dict[tuple[Look, float], QBrush] = {}

    def brush(self, look: Look, scale: float) -> QBrush:
        """What fills with the hatch of `look`, in device pixels of this scale."""
        known = self._brushes.get((look, scale))
        if known is None:
            known = QBrush(_hatch_image(look, hatch_colour(self._palette, look), self._palette.card, max(1.0, scale)))
            self._brushes[look, scale] = known
        return known

    def ramp(self, colour: str, least: float) -> Pixels:
        """256 pixels: clear, then `colour` on the card ever more strongly, from a share of `least` to the whole."""
        known = self._ramps.get((colour, least))
        if known is None:
            known = self._ramps[colour, least] = _ramp(self._palette.card, colour, least)
        return known


def _ramp(ground: str, colour: str, least: float) -> Pixels:
    share = least + (1 - least) * np.linspace(0, 1, 256)
    result = np.full(256, 0xFF000000, dtype=np.uint32)
    for shift in (16, 8, 0):
        low, high = argb(ground) >> shift & 0xFF, argb(colour) >> shift & 0xFF
        result |= np.rint(low + (high - low) * share).astype(np.uint32) << np.uint32(shift)
    result[0] = 0
    return result


class Canvas:
    """One painting on one device.

    Args:
        painter: active, neither turned nor sheared; its state is left as it was but for pen, brush and font.
    """

    def __init__(self, painter: QPainter, palette: Palette, kinds: Type, inks: Inks) -> None:
        self.painter = painter
        self.palette = palette
        self.type = kinds
        self.scale = painter.device().devicePixelRatioF() * abs(painter.worldTransform().m11())
        self.inks = inks

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
        width = self.type.width(words, size_px, bold=bold)
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

    def lines(self, box: QRectF, words: str, *, size_px: int = SMALL, colour: str = "") -> None:
        """Writes inside `box`, broken between words into as many lines as its height holds; the last is shortened."""
        height = self.type.font(size_px)[1].height()
        most, lines = max(1, int(box.height() // height)), [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and len(lines) < most and self.type.width(longer, size_px) > box.width():
                lines.append(word)
            else:
                lines[-1] = longer
        for at, line in enumerate(lines):
            self.text(QRectF(box.left(), box.top() + at * height, box.width(), height), line, size_px=size_px, colour=colour)

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
        """Draws `pixels`, opaque or 0 for clear, over the whole of `box`, a device pixel each and so without scaling.

        They have the shape (columns,) for bars as high as the box, or (rows, columns), as `columns` counts them.
        """
        grid = pixels if pixels.ndim == 2 else np.broadcast_to(pixels, (self.columns(box.height()), len(pixels)))
        grid = np.ascontiguousarray(grid)
        rows, columns = grid.shape
        image = QImage(grid.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32_Premultiplied)
        with self._device() as painter:
            painter.drawImage(QPoint(round(box.left() * self.scale), round(box.top() * self.scale)), image)

    def hatch(self, box: QRectF, look: Look) -> None:
        """Fills `box` with the hatch of `look` on the card's colour: nothing of what was there shows through."""
        brush = self.inks.brush(look, self.scale)
        edges = [round(side * self.scale) for side in (box.left(), box.top(), box.right(), box.bottom())]
        with self._device() as painter:
            painter.fillRect(QRect(edges[0], edges[1], max(1, edges[2] - edges[0]), max(1, edges[3] - edges[1])), brush)

    @contextmanager
    def _device(self) -> Iterator[QPainter]:
        """The painter in device pixels: Qt draws images and textures fast and sharp only where it need not scale."""
        self.painter.save()
        self.painter.scale(1 / self.scale, 1 / self.scale)
        yield self.painter
        self.painter.restore()

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

    def glyph(self, box: QRectF, kind: str, colour: str) -> None:
        """A small mark: a full triangle upwards for what came, an empty one downwards for what went, two panes for a window.

        A full diamond for a program that ran, an empty one for one that ran no longer.
        Its shape alone tells the kind, without its colour.
        """
        painter, side = self.painter, box.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(QColor(colour), max(1.2, side * 0.13), j=Qt.PenJoinStyle.MiterJoin))
        for shape, full in _GLYPHS[kind]:
            painter.setBrush(QColor(colour if full else self.palette.card))
            painter.drawPolygon(QPolygonF([QPointF(box.left() + x * side, box.top() + y * side) for x, y in shape]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


_DIAMOND: Final = ((0.5, 0.04), (0.96, 0.5), (0.5, 0.96), (0.04, 0.5))
_GLYPHS: Final = {
    CAME: ((((0.5, 0.12), (0.92, 0.88), (0.08, 0.88)), True),),
    WENT: ((((0.5, 0.88), (0.08, 0.12), (0.92, 0.12)), False),),
    OVERLAY: (
        (((0.08, 0.35), (0.68, 0.35), (0.68, 0.92), (0.08, 0.92)), False),
        (((0.36, 0.08), (0.92, 0.08), (0.92, 0.6), (0.36, 0.6)), True),
    ),
    RUNNER_CAME: ((_DIAMOND, True),),
    RUNNER_WENT: ((_DIAMOND, False),),
}
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


def _hatch_image(look: Look, colour: str, ground: str, scale: float) -> QImage:
    """A texture: `colour` where the hatch is, `ground` elsewhere."""
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
    pixels = np.where(inked, np.uint32(argb(colour)), np.uint32(argb(ground))).astype(np.uint32)
    pixels = np.tile(pixels, (_TILES, _TILES))  # larger textures fill faster
    wide = side * _TILES
    image = QImage(np.ascontiguousarray(pixels).data, wide, wide, wide * 4, QImage.Format.Format_RGB32)
    return image.copy()  # the brush outlives the array
