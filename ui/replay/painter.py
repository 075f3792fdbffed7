# SPDX-License-Identifier: Apache-2.0
"""Draws one replay onto any device, at any size and scale. State first: how the session stands, then its time."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from session.findings import State
from ui.replay.canvas import SMALL, Canvas, Inks, Type
from ui.replay.header import draw_header, zone_words
from ui.replay.lanes import draw_lanes, draw_names
from ui.replay.layout import AXIS, MARGIN, PADDING, Layout, Shows, lay_out
from ui.replay.marks import (
    draw_finding_grounds,
    draw_findings,
    draw_gap_grounds,
    draw_gaps,
    draw_legend,
    draw_opened,
    draw_row_lines,
)
from ui.replay.model import ReplayModel
from ui.replay.nearby_row import draw_nearby
from ui.replay.pictures import draw_pictures
from ui.replay.scene import Scene
from ui.replay.view import axis_ticks, local
from ui.style import Palette

_LABEL_ROOM: Final = 84.0
_RIGHT: Final = Qt.AlignmentFlag.AlignRight


def layout_of(model: ReplayModel, width: float, height: float) -> Layout:
    """Where everything of `model` goes on a surface of this size, in logical pixels."""
    shows = Shows(
        apps=len(model.apps),
        statistics=not model.absent["engagement"],
        pictures=any(not shot.removed for shot in model.shots),
        questions=sum(mark.state == State.RAISED for mark in model.findings),
    )
    return lay_out(width, height, shows)


class ReplayPainter:
    """Paints scenes; keeps fonts and hatches between them. Needs a QGuiApplication."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._type = Type()
        self._inks = Inks(palette)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Draws all of `scene` but its cursor, and nothing outside its size; the painter's state is restored."""
        self.paint_frame(painter, scene)
        self.paint_plot(painter, scene)

    def paint_frame(self, painter: QPainter, scene: Scene) -> None:
        """Draws what stays the same in every view: the header, the rows' names and the legend."""
        layout, palette = scene.layout, self.palette
        canvas = self._begin(painter, QRectF(0, 0, layout.width, layout.height))
        canvas.fill(QRectF(0, 0, layout.width, layout.height), palette.window)
        draw_header(canvas, scene)
        card = QRectF(MARGIN, layout.card_top, layout.width - 2 * MARGIN, layout.card_bottom - layout.card_top)
        canvas.fill(card, palette.card, radius=8, edge=palette.line)
        zone = QRectF(layout.gutter, layout.axis_top + 6, layout.plot_left - layout.gutter - 46, 18)
        canvas.text(zone, zone_words(scene.zone, scene.words), size_px=SMALL - 1, colour=palette.quiet)
        draw_row_lines(canvas, scene)
        draw_names(canvas, scene)
        draw_legend(canvas, scene)
        foot = QRectF(MARGIN, layout.height - 20, layout.width - 2 * MARGIN, 16)
        session = scene.words("session", id=scene.model.session_id)
        canvas.text(foot, session, size_px=SMALL - 2, colour=palette.quiet, align=_RIGHT)
        painter.restore()

    def paint_plot(self, painter: QPainter, scene: Scene) -> None:
        """Draws what the view shows, over the frame."""
        layout = scene.layout
        bottom = min(layout.rows[-1].bottom, layout.height)
        canvas = self._begin(painter, QRectF(0, layout.axis_top, layout.width, max(0.0, bottom - layout.axis_top)))
        draw_finding_grounds(canvas, scene)
        self._axis(canvas, scene)
        draw_lanes(canvas, scene)
        draw_gap_grounds(canvas, scene)
        draw_nearby(canvas, scene)
        draw_pictures(canvas, scene)
        draw_findings(canvas, scene)
        draw_gaps(canvas, scene)
        draw_opened(canvas, scene)
        painter.restore()

    def _begin(self, painter: QPainter, box: QRectF) -> Canvas:
        painter.save()
        painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, on=True)
        return Canvas(painter, self.palette, self._type, self._inks)

    def paint_cursor(self, painter: QPainter, scene: Scene) -> None:
        """Draws the cursor of `scene`, with its time, over what `paint` drew."""
        at_us, layout = scene.cursor_us, scene.layout
        if at_us is None or not scene.view.from_us <= at_us < scene.view.to_us:
            return
        painter.save()
        canvas = Canvas(painter, self.palette, self._type, self._inks)
        x, told = round(scene.x_of(at_us)), local(at_us, scene.zone).strftime("%H:%M:%S")
        canvas.line(x, layout.axis_top + AXIS - 8, x, layout.rows[-1].bottom, self.palette.text)
        half = canvas.type.width(told, SMALL - 1) / 2 + 6
        left = min(x - half, layout.plot_left + layout.plot_width + PADDING - 2 - 2 * half)
        chip = QRectF(left, layout.axis_top + 6, 2 * half, 18)
        canvas.fill(chip, self.palette.text, radius=4)
        canvas.text(chip, told, size_px=SMALL - 1, colour=self.palette.card, align=Qt.AlignmentFlag.AlignHCenter)
        painter.restore()

    def _axis(self, canvas: Canvas, scene: Scene) -> None:
        layout, palette = scene.layout, self.palette
        bottom = layout.rows[-1].bottom
        end = layout.plot_left + layout.plot_width
        for tick in axis_ticks(scene.view, scene.zone, int(layout.plot_width // _LABEL_ROOM)):
            x = round(scene.x_of(tick.t_us))
            canvas.line(x, layout.axis_top + AXIS - 8, x, bottom, palette.line)
            told = tick.day or tick.words
            half = canvas.type.width(told, SMALL - 1) / 2 + 1
            left = min(x - half, end + PADDING - 2 - 2 * half)
            canvas.text(QRectF(left, layout.axis_top + 6, 2 * half, 18), told, size_px=SMALL - 1, colour=palette.quiet)
