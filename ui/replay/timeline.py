# SPDX-License-Identifier: Apache-2.0
"""The replay as a widget: the same drawing, with zoom, pan and a cursor, by pointer and by keyboard."""

from __future__ import annotations

import html
import math
from datetime import tzinfo

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from session.findings import State
from session.ports import SessionReader
from session.verify.result import Verification
from ui.replay.header import date_words
from ui.replay.model import ReplayModel
from ui.replay.nearby import Looked
from ui.replay.nearby_row import marks_under, told_under
from ui.replay.painter import ReplayPainter, layout_of
from ui.replay.pictures import decode, slots
from ui.replay.scene import Scene
from ui.replay.standing import Standing
from ui.replay.view import View, clock_words, zone_named
from ui.strings import Words
from ui.style import Palette

ZOOM_STEP = 1.25
"""One step of the wheel or of a key; eight steps are a factor of six."""
PAN_STEP = 0.1
"""Share of the view by which an arrow key moves it."""


class Timeline(QWidget):
    """Shows one session. Screenshots are decoded one at a time after the first paint, so that it comes at once.

    Args:
        reader: of the session; kept for its screenshots.
        verification: what the verifier said, None where nobody asked it.
        standing: said instead of what follows from `verification`.

    Signals:
        cursor_moved(int): UTC in µs where the pointer or a key put the cursor.
    """

    cursor_moved = Signal(object)

    def __init__(  # noqa: PLR0913 - a session, how it stands, and how it is to look
        self,
        reader: SessionReader,
        model: ReplayModel,
        verification: Verification | None,
        palette: Palette,
        *,
        words: Words,
        zone: tzinfo | None = None,
        standing: Standing | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._model = model
        self._words = words
        self._standing = standing or Standing.of(verification, words)
        self._zone = zone or zone_named(model.zone)
        self._painter = ReplayPainter(palette)
        self._whole = View(model.start_us, model.end_us)
        self._view = self._whole
        self._cursor_us: int | None = None
        self._pictures: dict[int, QImage | str] = {}
        self._layout = layout_of(model, self.width(), self.height())
        self._frame = QPixmap()
        self._drawn = QPixmap()
        self._stale = True
        self._drag_x: float | None = None
        self._decoder = QTimer(self)
        self._decoder.setInterval(0)
        self._decoder.timeout.connect(self._decode_next)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(640, 480))
        self.setAccessibleName(words("timeline.name"))
        self.setAccessibleDescription(self._described())

    @property
    def view(self) -> View:
        """The stretch that is shown."""
        return self._view

    @property
    def cursor_us(self) -> int | None:
        """Where the cursor stands, None while it was never put."""
        return self._cursor_us

    def show_view(self, view: View) -> None:
        """Shows this stretch, as far as the session has it."""
        view = view.within(self._whole)
        if view != self._view:
            self._view = view
            self._redraw()

    @property
    def whole(self) -> View:
        """The whole session."""
        return self._whole

    def show_all(self) -> None:
        """Shows the whole session."""
        self.show_view(self._whole)

    def zoom(self, steps: int) -> None:
        """Zooms in (1) or out (-1) about the cursor, or the middle where it is out of sight."""
        view, at_us = self._view, self._cursor_us
        if at_us is None or not view.from_us <= at_us < view.to_us:
            at_us = view.from_us + view.span_us // 2
        self._zoom(ZOOM_STEP**-steps, at_us)

    def put_cursor(self, t_us: int) -> None:
        """Puts the cursor at `t_us`, inside the session, and moves the view where it would be out of sight."""
        self._cursor_us = min(max(t_us, self._whole.from_us), self._whole.to_us - 1)
        if not self._view.from_us <= self._cursor_us < self._view.to_us:
            self.show_view(self._view.panned(self._cursor_us - (self._view.from_us + self._view.span_us // 2), self._whole))
        self.update()
        self.cursor_moved.emit(self._cursor_us)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draws what changed: the frame and the lanes are kept, the cursor is laid over them."""
        scale = self.devicePixelRatioF()
        if self._frame.isNull() or self._frame.devicePixelRatioF() != scale:
            self._frame = QPixmap(self.size() * scale)
            self._frame.setDevicePixelRatio(scale)
            with QPainter(self._frame) as onto:
                self._painter.paint_frame(onto, self._scene())
            self._drawn = self._frame.copy()
            self._stale = True
        if self._stale:
            with QPainter(self._drawn) as onto:
                plot = self._plot()
                onto.drawPixmap(plot.topLeft(), self._frame, _scaled(QRectF(plot), scale).toRect())
                self._painter.paint_plot(onto, self._scene())
            self._stale = False
        with QPainter(self) as painter:
            painter.drawPixmap(event.rect().topLeft(), self._drawn, _scaled(QRectF(event.rect()), scale).toRect())
            self._painter.paint_cursor(painter, self._scene())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lays everything out anew."""
        super().resizeEvent(event)
        self._layout = layout_of(self._model, self.width(), self.height())
        self._frame = QPixmap()
        self._redraw()
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tells what a mark of the row of things nearby is, where the pointer rests on one."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            said = told_under(self._scene(), event.pos().x(), event.pos().y())
            if said:
                QToolTip.showText(event.globalPos(), _plain(said), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zooms about the pointer; with Shift, or sideways, pans."""
        turned = event.angleDelta()
        if turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pan(-(turned.x() or turned.y()) / 120 * PAN_STEP)
        elif turned.y():
            self._zoom(ZOOM_STEP ** (-turned.y() / 120), self._t_at(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begins to drag, and puts the cursor: onto a mark of something nearby where the pointer is on one."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag_x = event.position().x()
            marks = marks_under(self._scene(), self._drag_x, event.position().y())
            self.put_cursor(marks[0].t_us if marks else self._t_at(self._drag_x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drags the view along."""
        if self._drag_x is not None:
            x = event.position().x()
            self._pan((self._drag_x - x) / self._layout.plot_width)
            self._drag_x = x

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Ends dragging."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._drag_x = None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows move the cursor, with Shift the view; plus and minus zoom, 0 shows all; Home and End go to the ends."""
        pressed = event.key()
        step = round(self._view.span_us * PAN_STEP / 4)
        at_us = self._cursor_us if self._cursor_us is not None else self._view.from_us + self._view.span_us // 2
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if pressed in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            sign = 1 if pressed == Qt.Key.Key_Right else -1
            if shifted:
                self._pan(sign * PAN_STEP)
            else:
                self.put_cursor(at_us + sign * step)
        elif pressed in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1 / ZOOM_STEP, at_us)
        elif pressed == Qt.Key.Key_Minus:
            self._zoom(ZOOM_STEP, at_us)
        elif pressed == Qt.Key.Key_0:
            self.show_view(self._whole)
        elif pressed == Qt.Key.Key_Home:
            self.put_cursor(self._whole.from_us)
        elif pressed == Qt.Key.Key_End:
            self.put_cursor(self._whole.to_us - 1)
        else:
            super().keyPressEvent(event)

    def _scene(self) -> Scene:
        return Scene(
            model=self._model,
            standing=self._standing,
            layout=self._layout,
            view=self._view,
            zone=self._zone,
            words=self._words,
            pictures=self._pictures,
            cursor_us=self._cursor_us,
        )

    def _redraw(self) -> None:
        self._stale = True
        if self._missing() is not None:
            self._decoder.start()
        self.update(self._plot())

    def _plot(self) -> QRect:
        """All that depends on the view; the rest is the frame."""
        top = int(self._layout.axis_top)
        return QRect(0, top, self.width(), math.ceil(self._layout.rows[-1].bottom) - top)

    def _missing(self) -> int | None:
        return next((s.shot.seq for s in slots(self._scene()) if s.shot.seq not in self._pictures), None)

    def _decode_next(self) -> None:
        seq, row = self._missing(), self._layout.row("pictures")
        if seq is None or row is None:
            self._decoder.stop()
            return
        self._pictures[seq] = decode(self._reader, seq, round(row.height * self.devicePixelRatioF()))
        self._stale = True
        self.update(self._plot())

    def _pan(self, share: float) -> None:
        self.show_view(self._view.panned(round(self._view.span_us * share), self._whole))

    def _zoom(self, factor: float, about_us: int) -> None:
        self.show_view(self._view.zoomed(factor, about_us, self._whole))

    def _t_at(self, x: float) -> int:
        return self._view.t_of(x, self._layout.plot_left, self._layout.plot_width)

    def _described(self) -> str:
        words, model = self._words, self._model
        asks = sum(mark.state == State.RAISED for mark in model.findings)
        gaps = sum(not gap.of_platform for gap in model.gaps)
        return words(
            "timeline.described",
            title=self._standing.title,
            date=date_words(model.start_us, self._zone, words),
            worked=clock_words(model.account.worked_us),
            gaps=words.count("gaps", gaps) if gaps else words("gaps.none"),
            questions=words.count("questions", asks) if asks else words("questions.none"),
            nearby=self._nearby(),
        )

    def _nearby(self) -> str:
        words, seen = self._words, self._model.nearby
        if seen.marks:
            return words.count("nearby.marks", len(seen.marks))
        observed = seen.looked & {Looked.ALL, Looked.PART}
        return words("nearby.marks.none" if observed else "nearby.unseen")


def _plain(said: str) -> str:
    """`said` so that a tool tip, which guesses what is markup, shows it as it stands: there may be a name in it."""
    return f"<p style='white-space:pre'>{html.escape(said)}</p>" if set(said) & set("<&") else said


def _scaled(box: QRectF, scale: float) -> QRectF:
    return QRectF(box.left() * scale, box.top() * scale, box.width() * scale, box.height() * scale)
