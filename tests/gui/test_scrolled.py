# SPDX-License-Identifier: Apache-2.0
"""What makes room: a window asks for the height at which nothing scrolls and takes what there is, and buttons wrap."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from trainer_fakes import PATIENCE_MS

from ui.scrolled import NOTICE_PX, Flow, Notices, Scrolled, fit
from ui.widgets import FRAME_PX, READ_PX, Banner, button, label

LONG = "What you write here becomes part of the record, and the reviewers of this project can read it. "


def holding(qtbot: QtBot, lines: int) -> tuple[QWidget, Scrolled]:
    window, scrolled = QWidget(), Scrolled("Words")
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(scrolled, 1)
    column.addWidget(button("Add", lambda: None))
    scrolled.column.addWidget(label(LONG * lines))
    window.setMinimumWidth(320)
    return window, scrolled


def test_a_window_is_as_high_as_its_words_and_only_what_does_not_fit_scrolls(qtbot: QtBot) -> None:
    window, scrolled = holding(qtbot, 8)
    fit(window)
    window.show()
    assert window.width() == 320
    assert scrolled.verticalScrollBar().maximum() == 0
    before_px = window.height()
    scrolled.findChildren(QLabel)[0].setText(LONG * 12)
    fit(window)
    qtbot.waitUntil(lambda: window.height() > before_px, timeout=PATIENCE_MS)
    assert scrolled.verticalScrollBar().maximum() == 0
    window.resize(320, 160)
    qtbot.waitUntil(lambda: scrolled.verticalScrollBar().maximum() > 0, timeout=PATIENCE_MS)
    assert window.minimumSizeHint().height() <= 160


def test_no_window_is_higher_than_its_screen_nor_leaves_it(qtbot: QtBot) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    window, _ = holding(qtbot, 8)
    fit(window)
    window.move(0, room.bottom() - window.height() - FRAME_PX)
    window.show()
    window.findChildren(QLabel)[0].setText(LONG * 200)
    fit(window)
    assert window.height() == room.height() - FRAME_PX
    assert window.frameGeometry().bottom() <= room.bottom()


def test_what_scrolls_is_reached_by_tab_and_what_does_not_is_passed_over(qtbot: QtBot) -> None:
    window, scrolled = holding(qtbot, 16)
    window.resize(400, 900)
    window.show()
    assert scrolled.focusPolicy().value == 0
    window.resize(400, 170)
    qtbot.waitUntil(lambda: scrolled.focusPolicy().value != 0, timeout=PATIENCE_MS)


def test_on_a_wide_screen_a_line_stays_as_long_as_it_can_be_read(qtbot: QtBot) -> None:
    window, scrolled = holding(qtbot, 16)
    window.resize(3000, 400)
    window.show()
    assert scrolled.widget().width() == READ_PX


def test_buttons_wrap_in_their_order_and_a_wider_window_takes_them_into_one_line(qtbot: QtBot) -> None:
    flow = Flow()
    qtbot.addWidget(flow)
    made = [QPushButton(f"Start: Chemistry, part {number}") for number in range(5)]
    flow.put(made)
    one_px = made[0].sizeHint().width()
    flow.resize(one_px * 2 + 20, 400)
    flow.show()
    assert [one.y() for one in made] == sorted(one.y() for one in made)
    assert len({one.y() for one in made}) == 3
    assert flow.heightForWidth(one_px * 2 + 20) == made[-1].geometry().bottom() + 1
    flow.resize(one_px * 6, 400)
    assert len({one.y() for one in made}) == 1
    flow.put([])
    assert flow.isHidden()
    assert flow.heightForWidth(100) == 0


def test_notices_take_no_room_while_there_are_none_and_scroll_to_the_one_that_is_shown(qtbot: QtBot) -> None:
    window, banner = QWidget(), Banner()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    notices = Notices("Notices", banner)
    column.addWidget(notices)
    column.addWidget(QWidget(), 1)
    window.resize(400, 300)
    window.show()
    assert notices.height() == 0
    banner.say(LONG * 4, "problem", "Close")
    qtbot.waitUntil(lambda: notices.height() >= banner.heightForWidth(400), timeout=PATIENCE_MS)
    assert notices.minimumSizeHint().height() == NOTICE_PX
    banner.say("")
    qtbot.waitUntil(lambda: notices.height() == 0, timeout=PATIENCE_MS)
