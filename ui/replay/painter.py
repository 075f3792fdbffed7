# SPDX-License-Identifier: Apache-2.0
"""Draws one replay onto any device, at any size and scale. State first: how the session stands, then its time."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from session.findings import State
from ui.replay.canvas import SMALL, Canvas, Type
from ui.replay.header import draw_header, zone_words
from ui.replay.lanes import draw_lanes
from ui.replay.layout import AXIS, MARGIN, Layout, Shows, lay_out
from ui.replay.marks import (
    draw_finding_grounds,
    draw_findings,
    draw_gap_grounds,
    draw_gaps,
    draw_legend,
    row_lines,
)
from ui.replay.model import ReplayModel
from ui.replay.pictures import draw_pictures
from ui.replay.scene import Scene
from ui.replay.view import axis_ticks
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
    """Paints scenes; keeps the fonts between them. Needs a QGuiApplication."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._type = Type()

    def paint(self, painter: QPainter, scene: Scene) -> None:
        """Draws all of `scene` and nothing outside its size; the painter's state is restored."""
        painter.save()
        surface = QRectF(0, 0, scene.layout.width, scene.layout.height)
        painter.setClipRect(surface, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, on=True)
        canvas = Canvas(painter, self.palette, self._type)
        canvas.fill(surface, self.palette.window)
        draw_header(canvas, scene)
        self._timeline(canvas, scene)
        foot = QRectF(MARGIN, scene.layout.height - 20, scene.layout.width - 2 * MARGIN, 16)
        session = scene.words("session", id=scene.model.session_id)
        canvas.text(foot, session, size_px=SMALL - 2, colour=self.palette.quiet, align=_RIGHT)
        painter.restore()

    def _timeline(self, canvas: Canvas, scene: Scene) -> None:
        layout = scene.layout
        card = QRectF(MARGIN, layout.card_top, layout.width - 2 * MARGIN, layout.card_bottom - layout.card_top)
        canvas.fill(card, self.palette.card, radius=8, edge=self.palette.line)
        draw_finding_grounds(canvas, scene)
        self._axis(canvas, scene)
        row_lines(canvas, scene)
        draw_lanes(canvas, scene)
        draw_gap_grounds(canvas, scene)
        draw_pictures(canvas, scene)
        draw_findings(canvas, scene)
        draw_gaps(canvas, scene)
        draw_legend(canvas, scene)
        if scene.cursor_us is not None and scene.sees(scene.cursor_us, scene.cursor_us):
            x = scene.x_of(scene.cursor_us)
            canvas.line(x, layout.axis_top + AXIS - 8, x, layout.rows[-1].bottom, self.palette.text)

    def _axis(self, canvas: Canvas, scene: Scene) -> None:
        layout, palette = scene.layout, self.palette
        bottom = layout.rows[-1].bottom
        end = layout.plot_left + layout.plot_width
        zone = QRectF(layout.gutter, layout.axis_top + 6, layout.plot_left - layout.gutter - 12, 18)
        canvas.text(zone, zone_words(scene.zone, scene.words), size_px=SMALL - 1, colour=palette.quiet)
        for tick in axis_ticks(scene.view, scene.zone, int(layout.plot_width // _LABEL_ROOM)):
            x = round(scene.x_of(tick.t_us))
            canvas.line(x, layout.axis_top + AXIS - 8, x, bottom, palette.line)
            half = canvas.type.width(tick.words, SMALL - 1) / 2 + 1
            left = min(max(x - half, layout.plot_left - 8), end - 2 * half)
            canvas.text(QRectF(left, layout.axis_top + 6, 2 * half, 18), tick.words, size_px=SMALL - 1, colour=palette.quiet)
