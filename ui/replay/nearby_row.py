# SPDX-License-Identifier: Apache-2.0
"""The row of what came, went or stayed beside the window in front: quiet marks, and their words where they fit.

Marks that would lie on each other share a place: each kind is drawn once there, and pointing at it tells them all.
"""

from __future__ import annotations

from typing import Final

import msgspec
from PySide6.QtCore import QRectF

from ui.replay.canvas import SMALL, Canvas
from ui.replay.lanes import note, plot_box
from ui.replay.layout import Row
from ui.replay.marks import hatched, widest
from ui.replay.nearby import Looked, NearbyMark, looked_words, mark_line, mark_words
from ui.replay.scene import Scene

GLYPH_PX: Final = 10.0
"""Side of a mark; less in a row that is lower. Source: looked at, at 100 % and 200 %."""
NEAR_PX: Final = 3.0
"""So far beside a mark a pointer still means it. Source: looked at."""
MOST_TOLD: Final = 8
"""Marks of one place that are told in words; the others are counted."""
_APART_PX: Final = 2.0
_INDENT_PX: Final = 4.0
_LEAST_WORDS_PX: Final = 120.0
"""Less room than this leaves of a sentence nothing that tells something. Source: looked at."""


class Place(msgspec.Struct, frozen=True):
    """Marks that share a place: its left edge and width on the surface, and the kinds among them in order of time."""

    left: float
    width: float
    marks: tuple[NearbyMark, ...]
    kinds: tuple[str, ...]

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width


def places(scene: Scene, row: Row) -> tuple[Place, ...]:
    """Where the marks of the view stand, from left to right; no two places overlap, and none leaves the axis."""
    side, begin = _side(row), scene.layout.plot_left
    end = begin + scene.layout.plot_width
    made: list[Place] = []
    for mark in scene.model.nearby.marks:
        if not scene.sees(mark.t_us, mark.t_us):
            continue
        at = _place(scene.x_of(mark.t_us) - side / 2, (mark,), side, begin, end)
        while made and at.left < made[-1].right + _APART_PX:
            before = made.pop()
            at = _place(before.left, (*before.marks, *at.marks), side, begin, end)
        made.append(at)
    return tuple(made)


def _place(left: float, marks: tuple[NearbyMark, ...], side: float, begin: float, end: float) -> Place:
    kinds = tuple(dict.fromkeys(mark.kind for mark in marks))
    width = len(kinds) * (side + 1) - 1
    return Place(max(begin, min(left, end - width)), width, marks, kinds)


def marks_under(scene: Scene, x: float, y: float) -> tuple[NearbyMark, ...]:
    """The marks at a point of the surface, none where there is none within NEAR_PX."""
    row = scene.layout.row("nearby")
    if row is None or not row.top - NEAR_PX <= y <= row.bottom + NEAR_PX:
        return ()
    found = [place for place in places(scene, row) if place.left - NEAR_PX <= x <= place.right + NEAR_PX]
    return min(found, key=lambda place: abs(place.left + place.width / 2 - x)).marks if found else ()


def told_under(scene: Scene, x: float, y: float) -> str:
    """The same in words, a line each; "" for none."""
    marks = marks_under(scene, x, y)
    lines = [mark_line(mark, scene.words, scene.zone) for mark in marks[:MOST_TOLD]]
    more = len(marks) - MOST_TOLD
    return "\n".join([*lines, *([scene.words.count("finding.more", more)] if more > 0 else [])])


def draw_nearby(canvas: Canvas, scene: Scene) -> None:
    """Draws the row over the gaps, so that a mark beside one is not hidden, and says what was not observed.

    No word covers the hatch of a gap. Where there is room for some words only, those of what was not observed come first:
    a mark is known by its shape.
    """
    row = scene.layout.row("nearby")
    if row is None:
        return
    seen, box = scene.model.nearby, plot_box(scene, row)
    told = " ".join(looked_words(seen, scene.words))
    shown = _draw_marks(canvas, scene, row)
    taken = [*hatched(scene, row), *((place.left - 1, place.right + 1) for place in shown)]
    left, right = widest(box.left(), box.right(), taken)
    if not seen.marks and seen.looked == {Looked.ALL} and _room(canvas, told) > right - left:
        told = scene.words("nearby.marks.none")
    width = min(right - left, _room(canvas, told))
    if not seen.looked - {Looked.NONE, Looked.CLOSED}:
        note(canvas, scene, row, told)  # of the whole row, so that it covers no gap in something that was observed
    elif told and width >= _LEAST_WORDS_PX:
        at = right - width if seen.marks else left + _INDENT_PX
        _chip(canvas, QRectF(at, row.top, min(width, right - at), row.height), told)
        taken.append((at, at + width))
    for place in shown:
        words = " · ".join(dict.fromkeys(mark_words(mark, scene.words) for mark in place.marks[: MOST_TOLD + 1]))
        width = _room(canvas, words)
        beyond = min((begin for begin, end in taken if end > place.right + 1), default=box.right())
        if len(place.marks) <= MOST_TOLD and place.right + 1 + width <= min(beyond, box.right()):
            _chip(canvas, QRectF(place.right + 1, row.top, width, row.height), words)


def _draw_marks(canvas: Canvas, scene: Scene, row: Row) -> tuple[Place, ...]:
    box, side = plot_box(scene, row), _side(row)
    y = box.center().y()
    shown = places(scene, row)
    for place in shown:
        canvas.fill(QRectF(place.left - 1, row.top, place.width + 2, row.height), canvas.palette.card)
        for at, kind in enumerate(place.kinds):
            canvas.glyph(QRectF(place.left + at * (side + 1), y - side / 2, side, side), kind, canvas.palette.text)
    return shown


def _room(canvas: Canvas, words: str) -> float:
    return canvas.type.width(words, SMALL) + 10


def _chip(canvas: Canvas, box: QRectF, words: str) -> None:
    canvas.fill(box, canvas.palette.card)
    canvas.text(box.adjusted(4, 0, -4, 0), words, size_px=min(SMALL, max(8, int(box.height()))), colour=canvas.palette.quiet)


def _side(row: Row) -> float:
    return max(4.0, min(GLYPH_PX, row.height - 3))
