# SPDX-License-Identifier: Apache-2.0
"""Each window and dialog fits 1366x768 at 200 in the hundred: nothing is cut off, and what is pressed is reached by keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from every_window import WINDOWS, Surroundings, cut, named_windows
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from trainer_fakes import PATIENCE_MS, StandInProgram, standing

from ui.look import dress
from ui.strings import LANGUAGES
from ui.style import LIGHT
from ui.widgets import FRAME_PX

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")
SMALL = (1366 // 2, 768 // 2 - FRAME_PX)
"""A screen of 1366x768 at 200 in the hundred, without a panel or the window's own frame."""


@pytest.fixture(params=sorted(LANGUAGES))
def program(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[StandInProgram]:
    sheet, colours, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    dress(qapp, LIGHT)
    with standing(qapp, request.param) as made:
        yield made
    qapp.setStyleSheet(sheet)
    qapp.setPalette(colours)
    qapp.setFont(font)


@pytest.fixture
def around(qtbot: QtBot, program: StandInProgram) -> Surroundings:
    return Surroundings(program, lambda question: qtbot.waitUntil(question, timeout=PATIENCE_MS))


@pytest.mark.parametrize("name", WINDOWS)
def test_it_fits_the_small_screen_and_every_control_is_reached(qtbot: QtBot, around: Surroundings, name: str) -> None:
    window = WINDOWS[name](around)
    try:
        window.resize(*SMALL)
        window.show()
        qtbot.waitExposed(window)
        QApplication.sendPostedEvents()
        least = window.minimumSizeHint().expandedTo(window.minimumSize())
        assert (least.width() <= SMALL[0], least.height() <= SMALL[1]) == (True, True), least.toTuple()
        assert (window.width(), window.height()) <= SMALL
        assert list(cut(window)) == []
    finally:
        _gone(window)


def test_no_window_is_left_out(around: Surroundings) -> None:
    known = named_windows()
    made = set()
    for make in WINDOWS.values():
        window = make(around)
        made.add(f"{type(window).__module__}.{type(window).__name__}")
        _gone(window)
    above = {base for bases in known.values() for base in bases}
    assert {name for name in known if name.rpartition(".")[2] not in above} == made


def _gone(window: QWidget) -> None:
    """Without the questions that it asks before it closes."""
    if isValid(window):
        window.hide()
        window.deleteLater()
