# SPDX-License-Identifier: Apache-2.0
"""Covering parts of a screenshot before the seal: where it was drawn is where it is covered, by pointer or keys alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from replay_desks import PLAIN, Desk
from replay_sessions import ORIGIN_US, SESSION_ID
from trainer_fakes import PATIENCE_MS, ScriptedDesk, StandInProgram, buttons, card, pressed, said, standing

from session.desks import Stage
from session.removal import Box
from ui.look import palette_of
from ui.strings import Words
from ui.trainer.cover import LEAST_PX, STEP_PX, CoverCanvas, CoverDialog
from ui.trainer.review import ReviewWindow

EN = Words("en")
S = 1_000_000
WIDE, HIGH = 1600, 1000
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def taken() -> list[tuple[Box, ...]]:
    return []


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication, taken: list[tuple[Box, ...]]) -> Iterator[CoverDialog]:
    picture = QImage(WIDE, HIGH, QImage.Format.Format_RGB32)
    picture.fill(QColor("#2050c0"))
    palette = palette_of(qapp, dark=False)
    owner = QWidget()  # the dialog deletes itself when it is closed
    qtbot.addWidget(owner)
    made = CoverDialog(picture, EN, palette, twins=2, cover=lambda areas: taken.append(tuple(areas)), parent=owner)
    made.show()
    qtbot.waitExposed(made)
    yield made
    owner.close()


def place(canvas: CoverCanvas, x_px: int, y_px: int) -> QPoint:
    """Where this pixel of the picture is on the canvas."""
    box = canvas._box()
    return QPoint(round(box.x() + x_px * box.width() / WIDE), round(box.y() + y_px * box.height() / HIGH))


def drawn(canvas: CoverCanvas, begin: tuple[int, int], end: tuple[int, int]) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NONE, place(canvas, *begin))
    QTest.mouseMove(canvas, place(canvas, *end))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, place(canvas, *end))


def test_where_it_is_drawn_is_where_it_is_covered(dialog: CoverDialog, taken: list[tuple[Box, ...]]) -> None:
    drawn(dialog.canvas, (400, 300), (800, 500))
    drawn(dialog.canvas, (900, 700), (700, 600))  # from the lower right to the upper left
    assert "2 areas are covered." in said(dialog)
    assert taken == []
    pressed(dialog, "Cover it for good")
    ((first, second),) = taken
    pixel = WIDE / dialog.canvas._box().width()
    for found, wanted in zip((*first, *second), (400, 300, 400, 200, 700, 600, 200, 100), strict=True):
        assert abs(found - wanted) <= 2 * pixel + 1


def test_what_is_drawn_beyond_the_edge_ends_at_the_edge_and_a_slip_is_nothing(dialog: CoverDialog) -> None:
    drawn(dialog.canvas, (1500, 900), (3000, 3000))
    ((x, y, width, height),) = dialog.canvas.areas
    assert (x + width, y + height) == (WIDE, HIGH)
    drawn(dialog.canvas, (100, 100), (100, 100))
    assert len(dialog.canvas.areas) == 1
    assert LEAST_PX > 1


def test_under_an_area_nothing_shows_through(dialog: CoverDialog) -> None:
    drawn(dialog.canvas, (400, 300), (800, 500))
    shown = dialog.canvas.grab().toImage()
    assert shown.pixelColor(place(dialog.canvas, 600, 400)) == QColor("#808080")
    assert shown.pixelColor(place(dialog.canvas, 200, 400)) == QColor("#2050c0")


def test_keys_alone_place_an_area(qtbot: QtBot, dialog: CoverDialog, taken: list[tuple[Box, ...]]) -> None:
    canvas = dialog.canvas
    assert "Nothing is covered yet." in canvas.accessibleDescription()
    assert not dialog._do.isEnabled()
    qtbot.keyClick(canvas, Qt.Key.Key_Insert)
    ((x, y, width, height),) = canvas.areas
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(canvas, key)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(canvas, key, SHIFT)
    assert canvas.areas == ((x - 2 * STEP_PX, y - STEP_PX, width + STEP_PX, height + 2 * STEP_PX),)
    assert "1 area is covered." in canvas.accessibleDescription()
    for _ in range(200):
        qtbot.keyClick(canvas, Qt.Key.Key_Left)
        qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.areas[0][:2] == (0, 0)
    qtbot.keyClick(canvas, Qt.Key.Key_Insert)
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    areas = canvas.areas
    qtbot.keyClick(dialog._do, Qt.Key.Key_Space)
    assert taken == [areas]
    assert len(areas) == 1


def test_an_area_can_be_added_and_taken_away_by_buttons(dialog: CoverDialog) -> None:
    pressed(dialog, "Add an area")
    assert "begins 600 px from the left" in said(dialog)
    assert "2 other screenshots show the same picture." in said(dialog)
    pressed(dialog, "Take the last one away")
    assert dialog.canvas.areas == ()
    assert not dialog._do.isEnabled()
    for one in (dialog.canvas, dialog._do):
        assert one.accessibleName()
    pressed(dialog, "Cancel")


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


def review(qtbot: QtBot, program: StandInProgram, day: Desk) -> tuple[ReviewWindow, ScriptedDesk]:
    desk = ScriptedDesk(sessions=(card(Stage.REVIEW),))
    desk.session = day
    window = ReviewWindow(program, desk, desk.case(SESSION_ID), named="Letters", gone=lambda: None)  # type: ignore[arg-type]
    window.resize(*PLAIN)
    qtbot.addWidget(window)
    window.show()
    return window, desk


def test_from_the_review_the_covered_screenshot_stands_where_the_old_one_was(qtbot: QtBot, program: StandInProgram) -> None:
    day = Desk()
    for second in (60, 120, 180):
        day.tape.tick(second)
        shot = day.capture(second)
    day.tape.tick(240)
    window, desk = review(qtbot, program, day)
    window.replay.go(ORIGIN_US + 200 * S)
    pressed(window, "Cover part of a screenshot …")
    (made,) = window.findChildren(CoverDialog)
    made.canvas.add()
    pressed(made, "Cover it for good")
    qtbot.waitUntil(lambda: EN("cover.done") in said(window), timeout=PATIENCE_MS)
    ((_, _, seq, areas),) = [one for one in desk.asked if one[0] == "cover"]
    assert (seq, len(areas)) == (shot, 1)  # type: ignore[arg-type]
    shown = window.replay.shown().shots
    assert [(one.removed, one.t_us) for one in shown] == [(False, ORIGIN_US + 180 * S)]
    assert shown[0].seq > shot
    qtbot.waitUntil(lambda: EN.count("moment.shot.masked", 1) in said(window), timeout=PATIENCE_MS)
    pressed(window, "Seal …")
    assert "Cover part of a screenshot …" not in buttons(window)


def test_without_a_screenshot_there_is_nothing_to_cover(qtbot: QtBot, program: StandInProgram) -> None:
    day = Desk()
    day.tape.tick(60)
    window, _ = review(qtbot, program, day)
    assert "Cover part of a screenshot …" not in buttons(window)


def test_before_the_first_screenshot_it_says_where_to_go(qtbot: QtBot, program: StandInProgram) -> None:
    day = Desk()
    day.tape.tick(60)
    day.capture(100)
    day.tape.tick(160)
    window, _ = review(qtbot, program, day)
    window.replay.go(ORIGIN_US + 10 * S)
    pressed(window, "Cover part of a screenshot …")
    assert EN("cover.no.picture") in said(window)
    assert not window.findChildren(CoverDialog)
