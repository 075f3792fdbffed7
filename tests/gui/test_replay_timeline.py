# SPDX-License-Identifier: Apache-2.0
"""The timeline under pointer and keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from replay_canvas import RULES, ink, pixels_of
from replay_desks import Desk, half_a_minute, long_day, verification

from ui.replay.model import ReplayModel
from ui.replay.timeline import Timeline
from ui.replay.view import View
from ui.strings import Words
from ui.style import LIGHT


def timeline(qtbot: QtBot, desk: Desk, size: tuple[int, int] = (1366, 768)) -> Timeline:
    reader = desk.reader()
    model = ReplayModel.from_events(reader.session_id, reader.events(), RULES)
    widget = Timeline(reader, model, verification(), LIGHT, words=Words())
    qtbot.addWidget(widget)
    widget.resize(*size)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture
def day(qtbot: QtBot) -> Timeline:
    return timeline(qtbot, long_day(pictures=False))


def whole(widget: Timeline) -> View:
    return View(widget._model.start_us, widget._model.end_us)


def wheel(
    widget: Timeline, x: float, turned: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    at = QPointF(x, 300)
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, widget.mapToGlobal(at), QPoint(), turned, buttons, modifiers, phase, False)
    QApplication.sendEvent(widget, event)


def grabbed(widget: Timeline) -> QPixmap:
    picture = QPixmap(widget.size())
    widget.render(picture)
    return picture


def test_it_shows_the_whole_session_at_first(day: Timeline) -> None:
    assert day.view == whole(day)
    assert day.cursor_us is None


def test_the_wheel_zooms_about_the_pointer(day: Timeline) -> None:
    x = 700.0
    before = day._t_at(x)
    wheel(day, x, QPoint(0, 240))
    assert day.view.span_us < whole(day).span_us / 1.5
    assert abs(day._t_at(x) - before) < day.view.span_us / 1000
    wheel(day, x, QPoint(0, -1200))
    assert day.view == whole(day)


def test_the_wheel_pans_sideways_or_with_shift(day: Timeline) -> None:
    wheel(day, 700, QPoint(0, 480))
    span, at = day.view.span_us, day.view.from_us
    wheel(day, 700, QPoint(-120, 0))
    assert (day.view.span_us, day.view.from_us) == (span, at + round(span * 0.1))
    wheel(day, 700, QPoint(0, 120), Qt.KeyboardModifier.ShiftModifier)
    assert day.view.from_us == at


def test_dragging_takes_the_view_along(qtbot: QtBot, day: Timeline) -> None:
    wheel(day, 700, QPoint(0, 480))
    moment = day._t_at(700)
    qtbot.mousePress(day, Qt.MouseButton.LeftButton, pos=QPoint(700, 300))
    qtbot.mouseMove(day, QPoint(600, 300))
    qtbot.mouseRelease(day, Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
    assert abs(day._t_at(600) - moment) < day.view.span_us / 1000
    held = day.view
    qtbot.mouseMove(day, QPoint(400, 300))
    assert day.view == held


def test_a_click_puts_the_cursor_and_says_when(qtbot: QtBot, day: Timeline) -> None:
    with qtbot.waitSignal(day.cursor_moved) as moved:
        qtbot.mouseClick(day, Qt.MouseButton.LeftButton, pos=QPoint(800, 300))
    assert moved.args == [day.cursor_us] == [day._t_at(800)]


def test_keys_do_all_that_the_pointer_does(qtbot: QtBot, day: Timeline) -> None:
    qtbot.keyClick(day, Qt.Key.Key_Home)
    assert day.cursor_us == whole(day).from_us
    qtbot.keyClick(day, Qt.Key.Key_Right)
    assert day.cursor_us is not None
    assert day.cursor_us > whole(day).from_us
    qtbot.keyClick(day, Qt.Key.Key_Left)
    assert day.cursor_us == whole(day).from_us
    for _ in range(6):
        qtbot.keyClick(day, Qt.Key.Key_Plus)
    assert day.view.from_us == whole(day).from_us
    assert day.view.span_us < whole(day).span_us / 3
    at = day.view.from_us
    qtbot.keyClick(day, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert day.view.from_us > at
    qtbot.keyClick(day, Qt.Key.Key_End)
    assert day.cursor_us == whole(day).to_us - 1
    assert day.view.from_us <= day.cursor_us < day.view.to_us  # the view follows the cursor
    qtbot.keyClick(day, Qt.Key.Key_Minus)
    qtbot.keyClick(day, Qt.Key.Key_0)
    assert day.view == whole(day)


def test_it_says_aloud_what_it_shows(day: Timeline) -> None:
    assert day.accessibleName() == "Timeline of the session"
    described = "Verified. Monday 23 November 2026. Work time 6:53:20. 5 gaps. 1 question. What is nearby was not observed."
    assert day.accessibleDescription() == described
    assert day.focusPolicy() is Qt.FocusPolicy.StrongFocus


def test_the_cursor_is_drawn_over_the_lanes_and_leaves_no_trace(day: Timeline) -> None:
    without = pixels_of(grabbed(day).toImage()).copy()
    day.put_cursor(whole(day).from_us + whole(day).span_us // 4)
    x = round(day._view.x_of(day.cursor_us or 0, day._layout.plot_left, day._layout.plot_width))
    with_one = pixels_of(grabbed(day).toImage()).copy()
    row = day._layout.row("typing")
    assert row is not None
    column = with_one[int(row.top) : int(row.bottom), x - 1 : x + 2]
    assert (column == ink(LIGHT.text)).any(axis=1).all()
    day._cursor_us = None
    day.update()
    assert (pixels_of(grabbed(day).toImage()) == without).all()


def test_another_view_draws_the_same_as_a_fresh_widget_would(qtbot: QtBot, day: Timeline) -> None:
    """Frame and lanes are kept apart; nothing of an earlier view may stay."""
    grabbed(day)
    view = View(whole(day).from_us + 3_600_000_000, whole(day).from_us + 5_400_000_000)
    day.show_view(view)
    fresh = timeline(qtbot, long_day(pictures=False))
    fresh._view = view
    assert (pixels_of(grabbed(day).toImage()) == pixels_of(grabbed(fresh).toImage())).all()


def test_screenshots_come_one_by_one_after_the_first_paint(qtbot: QtBot) -> None:
    widget = timeline(qtbot, half_a_minute())
    qtbot.waitUntil(lambda: len(widget._pictures) == 2)
    qtbot.waitUntil(lambda: not widget._decoder.isActive())
    widget.resize(1600, 900)
    assert widget._layout.width == 1600


def test_a_view_outside_the_session_is_brought_inside(day: Timeline) -> None:
    day.show_view(View(0, 60_000_000))
    assert day.view == View(whole(day).from_us, whole(day).from_us + 60_000_000)
    day.put_cursor(0)
    assert day.cursor_us == whole(day).from_us
    day.put_cursor(2**53)
    assert day.cursor_us == whole(day).to_us - 1
