# SPDX-License-Identifier: Apache-2.0
"""The top of a replay: how the session stands, when it was, and four figures; then what the findings ask."""

from __future__ import annotations

from datetime import tzinfo

import numpy as np
from PySide6.QtCore import QRectF, Qt

from session.findings import State
from ui.replay.canvas import BODY, SMALL, TITLE, VALUE, Canvas
from ui.replay.gaps import EVERYTHING, GapSpan
from ui.replay.layout import HEADER, MARGIN, SENTENCE, Layout
from ui.replay.model import FindingMark, ReplayModel
from ui.replay.proved import bounds_words
from ui.replay.pyramid import Coverage
from ui.replay.scene import Scene
from ui.replay.standing import Standing
from ui.replay.view import clock_words, local
from ui.strings import Words

_RIGHT = Qt.AlignmentFlag.AlignRight


def draw_header(canvas: Canvas, scene: Scene) -> None:
    """Draws everything above the lanes."""
    _standing(canvas, scene.layout, scene.standing, taken=_when(canvas, scene))
    _figures(canvas, scene)
    _sentences(canvas, scene)


def _standing(canvas: Canvas, layout: Layout, standing: Standing, *, taken: float) -> None:
    palette = canvas.palette
    colour = {"check": palette.good, "cross": palette.bad}.get(standing.sign, palette.unknown)
    canvas.sign(QRectF(MARGIN, 20, 30, 30), standing.sign, colour)
    left = MARGIN + 42
    room = layout.width - MARGIN - taken - 32 - left
    short = canvas.type.width(standing.sentence, BODY) <= room
    canvas.text(QRectF(left, 14 if short else 9, room, 26), standing.title, size_px=TITLE, bold=True, colour=colour)
    if short:
        canvas.text(QRectF(left, 40, room, 18), standing.sentence, size_px=BODY, colour=palette.quiet)
    else:
        canvas.lines(QRectF(left, 36, room, 31), standing.sentence, colour=palette.quiet)


def _when(canvas: Canvas, scene: Scene) -> float:
    """Draws when it was, and gives the width that this takes."""
    layout, model, words, zone = scene.layout, scene.model, scene.words, scene.zone
    begin, end = local(model.start_us, zone), local(model.end_us, zone)
    left = layout.width * 0.55
    room = layout.width - MARGIN - left
    proved = _proved_words(scene)
    date_top, hours_top = (7, 32) if proved else (14, 40)
    date = date_words(model.start_us, zone, words)
    took = canvas.text(QRectF(left, date_top, room, 26), date, size_px=16, bold=True, align=_RIGHT)
    hours = words("hours", begin=begin.strftime("%H:%M:%S"), end=end.strftime("%H:%M:%S"), zone=zone_words(zone, words))
    for box, said, size_px in (
        (QRectF(left, hours_top, room, 18), hours, BODY),
        (QRectF(left, 49, room, 14), proved, SMALL),
    ):
        took = max(took, canvas.text(box, said, size_px=size_px, colour=canvas.palette.quiet, align=_RIGHT))
    return took


def _proved_words(scene: Scene) -> str:
    """Between which times of the platform the session was made, "" where nothing proves it."""
    bounds = scene.standing.not_before_us, scene.standing.not_after_us
    return bounds_words("proved.header", *bounds, scene.words, scene.zone, near_us=scene.model.start_us)


def date_words(t_us: int, zone: tzinfo, words: Words) -> str:
    """The date of a moment for people: Monday 23 November 2026. Not by the C library, whose language is not ours."""
    day = local(t_us, zone)
    weekday, month = words(f"weekday.{day.weekday()}"), words(f"month.{day.month}")
    return words("date", weekday=weekday, day=day.day, month=month, year=day.year)


def zone_words(zone: tzinfo, words: Words) -> str:
    """A time zone for people: "UTC", or "Europe/Rome time"."""
    name = getattr(zone, "key", "") or "UTC"
    return "UTC" if name == "UTC" else words("zone", name=name)


def _figures(canvas: Canvas, scene: Scene) -> None:
    layout, model, words = scene.layout, scene.model, scene.words
    removed = sum(shot.removed for shot in model.shots)
    unseen = [gap for gap in model.gaps if not gap.of_platform]
    blind_us = _union_us([gap for gap in unseen if gap.scope == EVERYTHING])
    asks = [mark for mark in model.findings if mark.state == State.RAISED]
    figures = [
        (words("figure.work"), clock_words(model.account.worked_us), _manual_words(model, words)),
        (
            words("figure.screenshots"),
            words.number(len(model.shots)),
            words("figure.closed", number=words.number(removed)) if removed else "",
        ),
        (
            words("figure.gaps"),
            words.count("gaps", len(unseen)) if unseen else words("gaps.none"),
            words("figure.blind", length=clock_words(blind_us)) if blind_us else "",
        ),
        (
            words("figure.findings"),
            words.count("questions", len(asks)) if asks else words("questions.none"),
            other_states(scene),
        ),
    ]
    width = (layout.width - 2 * MARGIN) / len(figures)
    top = HEADER - 66.0
    canvas.line(MARGIN, top - 4, layout.width - MARGIN, top - 4, canvas.palette.line)
    for at, (label, value, beside) in enumerate(figures):
        left = MARGIN + at * width
        canvas.text(QRectF(left, top + 4, width - 16, 18), label, colour=canvas.palette.quiet)
        colour = canvas.palette.ask if at == 3 and asks else ""
        took = canvas.text(QRectF(left, top + 22, width - 16, 28), value, size_px=VALUE, bold=True, colour=colour)
        rest = QRectF(left + took + 10, top + 27, width - 26 - took, 20)
        if canvas.type.width(beside, SMALL) > rest.width():
            rest = QRectF(left, top + 47, width - 16, 14)
        canvas.text(rest, beside, colour=canvas.palette.quiet)


def _manual_words(model: ReplayModel, words: Words) -> str:
    manual_us = model.account.manual_us
    return words("figure.manual", length=clock_words(manual_us)) if manual_us else ""


def _union_us(gaps: list[GapSpan]) -> int:
    return Coverage(np.array([g.from_us for g in gaps]), np.array([g.to_us for g in gaps])).total


def other_states(scene: Scene) -> str:
    """How many findings ask nothing, by state; "" where there are none."""
    words = scene.words
    counts = [(key, sum(mark.state == state for mark in scene.model.findings)) for key, state in _QUIET_STATES]
    return ", ".join(words(key, number=number) for key, number in counts if number)


_QUIET_STATES = (("findings.clear", State.CLEAR), ("findings.not-evaluated", State.NOT_EVALUATED))


def _sentences(canvas: Canvas, scene: Scene) -> None:
    layout = scene.layout
    asks = [mark for mark in scene.model.findings if mark.state == State.RAISED]
    shown = asks[: layout.sentences if len(asks) <= layout.sentences else max(0, layout.sentences - 1)]
    top = float(HEADER - 6)
    for mark in shown:
        _sentence(canvas, scene, top, mark)
        top += SENTENCE
    if len(shown) < len(asks) and layout.sentences:
        more = scene.words.count("questions.others", len(asks) - len(shown))
        canvas.text(QRectF(MARGIN + 26, top, layout.width / 2, 20), more, size_px=BODY, colour=canvas.palette.quiet)


def _sentence(canvas: Canvas, scene: Scene, top: float, mark: FindingMark) -> None:
    palette, layout, words = canvas.palette, scene.layout, scene.words
    canvas.sign(QRectF(MARGIN, top + 2, 16, 16), "ask", palette.ask)
    left = MARGIN + 26.0
    if mark.from_us >= 0:
        begin, end = (local(t_us, scene.zone).strftime("%H:%M:%S") for t_us in (mark.from_us, mark.to_us))
        when = words("stretch", begin=begin, end=end)
        left += canvas.text(QRectF(left, top, 180, 20), when, size_px=BODY, colour=palette.quiet) + 12
    status = words("finding.answered" if mark.answered else "finding.unanswered")
    if mark.shadow:
        status = f"{words('finding.shadow')} {status}"
    room = layout.width * 0.34
    box = QRectF(layout.width - MARGIN - room, top, room, 20)
    right = box.right() - 20 - canvas.text(box, status, size_px=SMALL, colour=palette.quiet, align=_RIGHT)
    title = words.of(f"finding.{mark.detector}.title", "finding.unknown.title") + ":"
    left += canvas.text(QRectF(left, top, right - left, 20), title, size_px=BODY, bold=True, colour=palette.ask) + 6
    canvas.text(QRectF(left, top, right - left, 20), words.of(mark.explanation, "finding.unknown"), size_px=BODY)
