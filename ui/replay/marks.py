# SPDX-License-Identifier: Apache-2.0
"""What lies over the lanes: gaps with their hatches, findings with their sign, and the legend that explains both."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

from session.findings import State
from ui.replay.canvas import SMALL, Canvas
from ui.replay.gaps import EVERYTHING, GapSpan, Look
from ui.replay.header import other_states
from ui.replay.lanes import confirmed, note, plot_box
from ui.replay.layout import LEGEND, PADDING, Row
from ui.replay.model import FindingMark
from ui.replay.nearby import KINDS
from ui.replay.scene import Scene

SCOPES: Final = {
    "keyboard": ("keyboard", "typing", "nearby"),
    "pointer": ("pointer", "scrolling"),
    "window": ("app:", "nearby"),
    "capture": ("shots",),
    "runners": ("nearby",),
}
"""Which rows a sensor's gap hatches; a gap of everything hatches them all, one of the platform none."""
LEAST_WIDTH: Final = 2.0
"""A gap of a millisecond is still drawn, this wide."""

_OF_ALL: Final = (EVERYTHING, "removed")
_BARE: Final = 24.0
_BAND: Final = 4.0
_CENTRE: Final = Qt.AlignmentFlag.AlignHCenter


def draw_gap_grounds(canvas: Canvas, scene: Scene) -> None:
    """Hatches every row in which something was not observed."""
    layout = scene.layout
    # Those of everything last: a pause says more than that a sensor was missing within it.
    for gap in sorted(_seen_gaps(scene), key=lambda gap: gap.scope == EVERYTHING):
        left, width = _extent(scene, gap.from_us, gap.to_us)
        if gap.scope in _OF_ALL:
            box = QRectF(left, layout.lanes_top, width, layout.lanes_bottom - layout.lanes_top)
            canvas.hatch(box, gap.look)
            continue
        for row in layout.rows:
            if row.id.startswith(SCOPES.get(gap.scope, ("none",))):
                canvas.hatch(QRectF(left, row.top, width, row.height), gap.look)


def hatched(scene: Scene, row: Row) -> list[tuple[float, float]]:
    """Left and right edge of each gap that hatches this row of what was observed."""
    edges = []
    for gap in _seen_gaps(scene):
        if gap.scope in _OF_ALL or row.id.startswith(SCOPES.get(gap.scope, ("none",))):
            left, width = _extent(scene, gap.from_us, gap.to_us)
            edges.append((left, left + width))
    return edges


def draw_gaps(canvas: Canvas, scene: Scene) -> None:
    """Draws the row of gaps, each with its reason where the words fit."""
    row = scene.layout.row("gaps")
    if row is None:
        return
    gaps = _seen_gaps(scene)
    if not any(not gap.of_platform for gap in scene.model.gaps):
        note(canvas, scene, row, scene.words("lane.gaps.none"))
        return
    boxes = []
    for gap in sorted(gaps, key=lambda gap: gap.from_us - gap.to_us):  # longest first, so that none hides a shorter one
        left, width = _extent(scene, gap.from_us, gap.to_us)
        box = QRectF(left, row.top, width, row.height)
        canvas.hatch(box, gap.look)
        boxes.append((gap, box))
    taken: list[tuple[float, float]] = []
    for gap, box in reversed(boxes):
        left, right = widest(box.left(), box.right(), taken)
        for words in gap_words(scene, gap):
            width = canvas.type.width(words, SMALL) + 12
            if width + _BARE <= right - left:  # enough of the hatch stays to be known by
                chip = QRectF((left + right - width) / 2, row.top + 1, width, row.height - 2)
                canvas.fill(chip, canvas.palette.card, radius=3)
                canvas.text(chip, words, align=_CENTRE)
                break
        taken.append((box.left(), box.right()))


def gap_words(scene: Scene, gap: GapSpan) -> tuple[str, ...]:
    """Why, and what, in words; the longest first."""
    if gap.reason is None:
        return (scene.words("removed"),)
    reason = scene.words.of(f"gap.{gap.reason.value}", "gap.unknown")
    if gap.scope == EVERYTHING:
        return (reason,)
    scope = scene.words.of(f"scope.{gap.scope}", "scope.unknown")
    return (scene.words("gap.scoped", reason=reason, scope=scope), scope[:1].upper() + scope[1:])


def _seen_gaps(scene: Scene) -> list[GapSpan]:
    return [gap for gap in scene.model.gaps if not gap.of_platform and scene.sees(gap.from_us, gap.to_us)]


def _extent(scene: Scene, from_us: int, to_us: int) -> tuple[float, float]:
    """Left edge and width, at least LEAST_WIDTH and inside the axis."""
    end = scene.layout.plot_left + scene.layout.plot_width
    left = min(scene.x_of(from_us), end - LEAST_WIDTH)
    return left, max(LEAST_WIDTH, scene.x_of(to_us) - left)


def widest(left: float, right: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The widest stretch of [left, right] that nothing in `taken` covers; (left, left) where there is none."""
    best, at = (left, left), left
    for begin, end in [*sorted(taken), (right, right)]:
        if min(begin, right) - at > best[1] - best[0]:
            best = (at, min(begin, right))
        at = max(at, end)
    return best


def draw_finding_grounds(canvas: Canvas, scene: Scene) -> None:
    """Tints the stretch of evidence of every finding that asks, behind all lanes."""
    layout = scene.layout
    findings = layout.row("findings")
    tint = QColor(canvas.palette.ask_fill)
    tint.setAlphaF(0.45)
    for mark in scene.model.findings:
        if mark.state == State.RAISED and mark.from_us >= 0 and scene.sees(mark.from_us, mark.to_us) and findings:
            left, width = _extent(scene, mark.from_us, mark.to_us)
            canvas.painter.fillRect(QRectF(left, layout.lanes_top, width, findings.top - layout.lanes_top), tint)


def draw_findings(canvas: Canvas, scene: Scene) -> None:
    """Draws the row of findings: those that ask at their evidence, the others as a word."""
    row = scene.layout.row("findings")
    if row is None:
        return
    palette = canvas.palette
    asks = [mark for mark in scene.model.findings if mark.state == State.RAISED]
    if not asks:
        others = other_states(scene)
        note(
            canvas,
            scene,
            row,
            scene.words("lane.findings.quiet", others=others) if others else scene.words("lane.findings.none"),
        )
        return
    seen = [mark for mark in asks if mark.from_us >= 0 and scene.sees(mark.from_us, mark.to_us)]
    boxes = [_mark_box(scene, row, mark) for mark in seen]
    for box in boxes:
        canvas.fill(box, palette.ask_fill, edge=palette.ask if box.width() > 3 else "")
    signs = [_sign_box(scene, box) for box in boxes]
    end = scene.layout.plot_left + scene.layout.plot_width
    for at, (mark, box, sign) in enumerate(zip(seen, boxes, signs, strict=True)):
        if any(sign.intersects(before) for before in signs[:at]):
            continue
        canvas.sign(sign, "ask", palette.ask)
        title = scene.words.of(f"finding.{mark.detector}.title", "finding.unknown.title")
        left = max(box.right(), sign.right()) + 6
        room = QRectF(left, row.top, canvas.type.width(title, SMALL) + 6, row.height)
        beside = [*boxes[:at], *boxes[at + 1 :], *signs[:at], *signs[at + 1 :]]
        if room.right() < end and not any(room.intersects(other) for other in beside):
            canvas.text(room, title, colour=palette.ask)


def _mark_box(scene: Scene, row: Row, mark: FindingMark) -> QRectF:
    left, width = _extent(scene, mark.from_us, mark.to_us)
    return QRectF(left, row.top, width, row.height)


def _sign_box(scene: Scene, box: QRectF) -> QRectF:
    """Where a mark's sign goes: on its middle, inside the axis."""
    side = min(box.height() - 4, 16.0)
    end = scene.layout.plot_left + scene.layout.plot_width - side
    return QRectF(min(max(box.center().x() - side / 2, scene.layout.plot_left), end), box.top() + 2, side, side)


def draw_opened(canvas: Canvas, scene: Scene) -> None:
    """Draws a band over the lanes wherever the trainer opened something that was withheld."""
    y = scene.layout.lanes_top - _BAND
    for from_us, to_us in scene.model.opened:
        if scene.sees(from_us, to_us):
            left, width = _extent(scene, from_us, to_us)
            canvas.fill(QRectF(left, y, max(width, _BAND), _BAND), canvas.palette.work)


def draw_legend(canvas: Canvas, scene: Scene) -> None:
    """Explains every sign that this session shows, and none that it does not; wraps, and drops what has no room."""
    layout, words = scene.layout, scene.words
    looks = [look for look in Look if any(gap.look is look and not gap.of_platform for gap in scene.model.gaps)]
    items: list[tuple[str, str]] = []
    if not scene.model.absent["engagement"]:
        items += [("track", words("legend.track")), ("typing", words("legend.typing"))]
    proved = confirmed(scene)
    if proved:
        items.append(("confirmed", words("legend.confirmed")))
    if any(not span.tight for span in proved):
        items.append(("loose", words("legend.loose")))
    if not proved or proved[-1].to_us < scene.model.end_us:
        items.append(("unconfirmed", words("legend.unconfirmed")))
    if scene.model.account.manual_us:
        items.append(("manual", words("legend.manual")))
    if scene.model.opened:
        items.append(("opened", words("legend.opened")))
    items += [(look.value, words(f"look.{look.value}")) for look in looks]
    kinds = {mark.kind for mark in scene.model.nearby.marks}
    items += [(kind, words(f"legend.{kind}")) for kind in KINDS if kind in kinds]
    x, y = layout.gutter, layout.card_bottom - LEGEND + 8.0
    end = layout.width - layout.gutter
    canvas.line(layout.gutter, y - 6, end, y - 6, canvas.palette.line)
    for kind, told in items:
        width = 24 + canvas.type.width(told, SMALL - 1) + PADDING
        if x + width - PADDING > end:
            x, y = layout.gutter, y + 17
            if y + 16 > layout.card_bottom:
                return
        _swatch(canvas, QRectF(x, y + 3, 18, 10), kind)
        canvas.text(QRectF(x + 24, y, width, 16), told, size_px=SMALL - 1, colour=canvas.palette.quiet)
        x += width


def _swatch(canvas: Canvas, box: QRectF, kind: str) -> None:
    palette = canvas.palette
    middle = box.center().y()
    if kind == "track":
        canvas.fill(box, palette.track)
    elif kind == "typing":
        canvas.fill(box, palette.typing_peak)
        canvas.fill(box.adjusted(0, 5, 0, 0), palette.typing)
    elif kind == "confirmed":
        canvas.line(box.left(), middle, box.right(), middle, palette.good, width=4)
    elif kind == "loose":
        canvas.line(box.left(), middle, box.right(), middle, palette.good, width=4 / 3)
    elif kind == "unconfirmed":
        canvas.line(box.left(), middle, box.right(), middle, palette.quiet, width=1.5, dotted=True)
    elif kind == "opened":
        canvas.fill(QRectF(box.left(), middle - _BAND / 2, box.width(), _BAND), palette.work)
    elif kind in KINDS:
        canvas.glyph(QRectF(box.center().x() - 5, middle - 5, 10, 10), kind, palette.text)
    elif kind == "manual":
        canvas.fill(box, palette.card, edge=palette.work)
    else:
        canvas.hatch(box, Look(kind))


def draw_row_lines(canvas: Canvas, scene: Scene) -> None:
    """Hairlines between the groups of rows."""
    layout = scene.layout
    for row in layout.rows:
        if row.id in ("app:0", "keyboard", "statistics", "typing", "shots", "findings", "gaps"):
            y = row.top - 7
            canvas.line(layout.gutter, y, plot_box(scene, row).right(), y, canvas.palette.line)
