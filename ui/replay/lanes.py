# SPDX-License-Identifier: Apache-2.0
"""The lanes: work time, applications, what was there in each tick, typing, screenshots."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt

from session.account import Span
from ui.replay.canvas import SMALL, Canvas, argb
from ui.replay.layout import Row
from ui.replay.model import AppRow, Confirmed
from ui.replay.pyramid import Coverage, Floats
from ui.replay.scene import Scene
from ui.replay.view import clock_words
from ui.style import Palette

_RIGHT: Final = Qt.AlignmentFlag.AlignRight
_LEAST_SHARE: Final = 0.3
"""Even a moment in front is seen: the faintest mark of an application is this strong."""
_LINE: Final = 4.0
_TINY: Final = SMALL - 2


def draw_names(canvas: Canvas, scene: Scene) -> None:
    """Writes into the gutter what each row shows, with its figure; nothing of it depends on the view."""
    model, words = scene.model, scene.words
    colours = app_colours(canvas.palette, model.apps)
    for row in scene.layout.rows:
        if row.id == "typing":
            _scale(canvas, scene, row, typing_top(scene))
        elif row.id == "work":
            name_row(canvas, scene, row, words("lane.work"), beside=clock_words(model.account.worked_us))
        elif row.id == "shots":
            name_row(canvas, scene, row, words("lane.shots"), beside=words.number(len(model.shots)) if model.shots else "")
        elif row.id == "nearby":
            marks = model.nearby.marks
            name_row(canvas, scene, row, words("lane.nearby"), beside=words.number(len(marks)) if marks else "")
        elif row.id.startswith("app:") and model.apps:
            at = app_of(row)
            app = model.apps[at]
            name = app.name or words.count("lane.others", app.count)
            name_row(canvas, scene, row, name, beside=clock_words(app.coverage.total), swatch=colours[at])
        elif row.id != "pictures":
            name_row(canvas, scene, row, words("lane.applications" if row.id == "app:0" else f"lane.{row.id}"))


def draw_lanes(canvas: Canvas, scene: Scene) -> None:
    """Draws every lane but findings and gaps, as far as the view shows it."""
    columns = canvas.columns(scene.layout.plot_width)
    edges = np.linspace(scene.view.from_us, scene.view.to_us, columns + 1)
    for row in scene.layout.rows:
        if row.id == "work":
            _work(canvas, scene, row)
        elif row.id.startswith("app:"):
            _application(canvas, scene, row, edges)
        elif row.id in ("keyboard", "pointer", "scrolling"):
            _presence(canvas, scene, row, edges)
        elif row.id == "statistics":
            note(canvas, scene, row, scene.words(f"absent.engagement.{scene.model.absent['engagement']}"))
        elif row.id == "typing":
            _typing(canvas, scene, row, edges)
        elif row.id == "shots":
            _shots(canvas, scene, row)


def app_of(row: Row) -> int:
    """Which application a row "app:N" shows."""
    return int(row.id.partition(":")[2])


def plot_box(scene: Scene, row: Row) -> QRectF:
    """The part of a row that lies on the time axis."""
    return QRectF(scene.layout.plot_left, row.top, scene.layout.plot_width, row.height)


def name_row(  # noqa: PLR0913 - a name and what may stand around it
    canvas: Canvas, scene: Scene, row: Row, name: str, *, beside: str = "", swatch: str = ""
) -> None:
    """Writes a row's name into the gutter, with a figure at its right and a swatch before it."""
    layout = scene.layout
    box = QRectF(layout.gutter, row.top, layout.plot_left - layout.gutter - 12, row.height)
    size = min(SMALL, max(8, int(row.height)))
    if swatch:
        canvas.fill(QRectF(box.left(), box.center().y() - 4, 8, 8), swatch, radius=2)
        box.setLeft(box.left() + 14)
    took = canvas.text(box, beside, size_px=size, colour=canvas.palette.quiet, align=_RIGHT)
    canvas.text(box.adjusted(0, 0, -took - 8 if took else 0, 0), name, size_px=size)


def note(canvas: Canvas, scene: Scene, row: Row, words: str) -> None:
    """Says in a row why it is empty."""
    box = plot_box(scene, row).adjusted(8, 0, 0, 0)
    ground = QRectF(box.left() - 4, box.top(), min(box.width(), canvas.type.width(words, SMALL) + 8), box.height())
    canvas.fill(ground, canvas.palette.card)
    canvas.text(box, words, colour=canvas.palette.quiet)


def app_colours(palette: Palette, rows: tuple[AppRow, ...]) -> list[str]:
    """A colour for each row: by the name, so that an application keeps it from session to session where it can."""
    taken: dict[int, str] = {}
    for row in rows:
        if row.name:
            at = sum(row.name.lower().encode()) % len(palette.apps)
            while at in taken and len(taken) < len(palette.apps):
                at = (at + 1) % len(palette.apps)
            taken[at] = row.name
    chosen = {name: palette.apps[at] for at, name in taken.items()}
    return [chosen.get(row.name, palette.other) for row in rows]


def _work(canvas: Canvas, scene: Scene, row: Row) -> None:
    palette, account = canvas.palette, scene.model.account
    bar = row.height - _LINE - 3
    for interval in account.intervals:
        if not interval.counts or not scene.sees(interval.from_us, interval.to_us):
            continue
        left, right = scene.x_of(interval.from_us), scene.x_of(interval.to_us)
        box = QRectF(left, row.top, max(1.0, right - left), bar)
        if interval.span is Span.MANUAL:
            canvas.fill(box, palette.card, edge=palette.work)
        else:
            canvas.fill(box, palette.work)
    _confirmed(canvas, scene, row.bottom - _LINE / 2)


def _confirmed(canvas: Canvas, scene: Scene, y: float) -> None:
    palette = canvas.palette
    until_us = scene.model.start_us
    for span in confirmed(scene):
        if scene.sees(span.from_us, span.to_us):
            width = _LINE if span.tight else _LINE / 3
            canvas.line(scene.x_of(span.from_us), y, scene.x_of(span.to_us), y, palette.good, width=width)
        until_us = span.to_us
    if scene.model.end_us > until_us and scene.sees(until_us, scene.model.end_us):
        canvas.line(scene.x_of(until_us), y, scene.x_of(scene.model.end_us), y, palette.quiet, width=1.5, dotted=True)


def confirmed(scene: Scene) -> tuple[Confirmed, ...]:
    """What counts as confirmed: nothing, unless the session verifies; a cosignature nobody checked confirms nothing."""
    return scene.model.confirmed if scene.standing.sign == "check" else ()


def _application(canvas: Canvas, scene: Scene, row: Row, edges: Floats) -> None:
    apps = scene.model.apps
    if not apps:
        note(canvas, scene, row, scene.words(f"absent.applications.{scene.model.absent['applications']}"))
        return
    at = app_of(row)
    canvas.line(*_middle(scene, row), canvas.palette.line)
    shares = apps[at].coverage.per_cell(edges)
    strength = np.ceil(shares * 255).astype(np.uint8)
    colour = app_colours(canvas.palette, apps)[at]
    canvas.cells(plot_box(scene, row), canvas.inks.ramp(colour, _LEAST_SHARE)[strength])


def _middle(scene: Scene, row: Row) -> tuple[float, float, float, float]:
    y = row.top + row.height / 2
    return scene.layout.plot_left, y, scene.layout.plot_left + scene.layout.plot_width, y


def _presence(canvas: Canvas, scene: Scene, row: Row, edges: Floats) -> None:
    coverage: Coverage = getattr(scene.model.ticks, row.id)
    palette = canvas.palette
    observed = scene.model.ticks.observed.per_cell(edges) > 0
    pixels = np.where(observed, np.uint32(argb(palette.track)), np.uint32(argb(palette.card)))
    pixels = np.where(coverage.per_cell(edges) > 0, np.uint32(argb(palette.engaged)), pixels)
    canvas.cells(plot_box(scene, row), pixels.astype(np.uint32))


def _typing(canvas: Canvas, scene: Scene, row: Row, edges: Floats) -> None:
    ticks, palette, box = scene.model.ticks, canvas.palette, plot_box(scene, row)
    top = typing_top(scene)
    first = np.searchsorted(ticks.stops, edges[:-1], side="right")
    stop = np.searchsorted(ticks.starts, edges[1:], side="left")
    _, peak = ticks.pyramid.query(first, stop)
    mean = (ticks.sums[np.maximum(stop, first)] - ticks.sums[first]) / np.maximum(stop - first, 1)
    rows = canvas.columns(row.height)
    heights = np.arange(rows, 0, -1, dtype=np.int32)[:, None]
    pixels = np.zeros((rows, len(edges) - 1), dtype=np.uint32)  # clear, so that axis and evidence show through
    for values, colour in ((peak, palette.typing_peak), (mean, palette.typing)):
        reach = np.rint(np.maximum(values, 0) * rows / top).astype(np.int32)
        np.copyto(pixels, np.uint32(argb(colour)), where=heights <= reach)
    canvas.cells(box, pixels)
    canvas.line(box.left(), row.bottom, box.right(), row.bottom, palette.line)


def _scale(canvas: Canvas, scene: Scene, row: Row, top: int) -> None:
    """The name of the typing lane, its unit, and both ends of its scale."""
    layout, quiet = scene.layout, canvas.palette.quiet
    gutter = QRectF(layout.gutter, row.top, layout.plot_left - layout.gutter - 12, row.height)
    upper = QRectF(gutter.left(), gutter.top() - 2, gutter.width(), 14)
    took = canvas.text(upper, f"{top:,}", size_px=_TINY, colour=quiet, align=_RIGHT)
    lower = QRectF(gutter.left(), gutter.bottom() - 12, gutter.width(), 14)
    canvas.text(lower, "0", size_px=_TINY, colour=quiet, align=_RIGHT)
    room, middle = gutter.width() - took - 6, gutter.center().y()
    canvas.text(QRectF(gutter.left(), middle - 16, room, 16), scene.words("lane.typing"))
    canvas.text(QRectF(gutter.left(), middle, room, 16), scene.words("lane.typing.unit"), size_px=_TINY, colour=quiet)


def typing_top(scene: Scene) -> int:
    """The upper end of the typing lane's scale: the same in every view, so that heights can be compared."""
    return nice_top(float(scene.model.ticks.per_minute.max()))


def nice_top(greatest: float) -> int:
    """The upper end of a scale that holds `greatest`: 60, 120, 200, 300, 400, 600, 1,000 and so on; at least 60."""
    for top in (60, 120, 200, 300, 400, 600):
        if greatest <= top:
            return top
    power = int(10 ** math.floor(math.log10(greatest)))
    return next(step * power for step in (1, 2, 5, 10) if greatest <= step * power)


def _shots(canvas: Canvas, scene: Scene, row: Row) -> None:
    model, palette = scene.model, canvas.palette
    if not model.shots:
        note(canvas, scene, row, scene.words(f"absent.screenshots.{model.absent['screenshots']}"))
        return
    canvas.line(*_middle(scene, row), palette.line)
    for shot in model.shots:
        if scene.sees(shot.t_us, shot.t_us):
            box = QRectF(scene.x_of(shot.t_us) - 1.5, row.top + 2, 3, row.height - 4)
            canvas.fill(box, palette.card if shot.removed else palette.work, edge=palette.removed if shot.removed else "")
