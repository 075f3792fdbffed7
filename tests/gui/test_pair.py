# SPDX-License-Identifier: Apache-2.0
"""What is to be done can be reached without hunting: windows on small screens and at twice the size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from admin_fakes import PATIENCE_MS, FakeOffice, office_window, pressed
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.admin.member import MemberCard
from ui.admin.revoking import RemoveForm, RevokeForm
from ui.admin.window import OfficeWindow
from ui.look import dress
from ui.pair import FIRST, SECOND, Pair
from ui.strings import LANGUAGES, Words
from ui.style import LIGHT
from ui.widgets import FRAME_PX

SMALL = (1366 // 2, 768 // 2 - FRAME_PX)
"""A screen of 1366x768 at 200 in the hundred, without a desktop's title bar."""
PLAIN = (1240, 768 - FRAME_PX)


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    sheet, colours, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    dress(qapp, LIGHT)
    yield
    qapp.setStyleSheet(sheet)
    qapp.setPalette(colours)
    qapp.setFont(font)


@pytest.fixture(params=sorted(LANGUAGES))
def window(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[OfficeWindow]:
    with office_window(qtbot, FakeOffice(), [], Words(request.param)) as made:
        yield made


def in_sight(widget: QWidget) -> bool:
    """Whether all of it is drawn in its window, and in each pane that it stands in."""
    if not widget.isVisible():
        return False
    seen, above = QRect(QPoint(), widget.size()), widget.parentWidget()
    return above is not None and widget.visibleRegion().boundingRect() == seen


def named(widget: QWidget, name: str) -> QPushButton:
    (found,) = [one for one in widget.findChildren(QPushButton) if one.accessibleName() == name and one.isVisible()]
    return found


def test_both_panes_stand_side_by_side_where_there_is_room_else_one_behind_each_tab(qtbot: QtBot) -> None:
    first, second = QLabel("Members"), QLabel("Ada")
    pair = Pair(first, second, ("Members", "Keys"), sizes=(300, 200), wide_px=500)
    qtbot.addWidget(pair)
    pair.resize(500, 300)
    pair.show()
    assert (first.isVisible(), second.isVisible(), pair.tabs.isVisible()) == (True, True, False)
    pair.resize(499, 300)
    assert (first.isVisible(), second.isVisible(), pair.tabs.isVisible()) == (True, False, True)
    pair.tabs.setFocus()
    qtbot.keyClick(pair.tabs, Qt.Key.Key_Right)
    assert (first.isVisible(), second.isVisible()) == (False, True)
    pair.bring(FIRST)
    assert (first.isVisible(), second.isVisible()) == (True, False)
    pair.resize(600, 300)
    assert (first.isVisible(), second.isVisible()) == (True, True)


def test_a_pair_can_be_as_narrow_as_its_larger_pane(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    first.setMinimumSize(120, 50)
    second.setMinimumSize(300, 80)
    pair = Pair(first, second, ("Members", "Keys"), sizes=(300, 200), wide_px=500)
    qtbot.addWidget(pair)
    assert pair.minimumSizeHint().width() == 300
    assert pair.minimumSizeHint().height() == 80 + pair.tabs.sizeHint().height()
    pair.bring(SECOND)
    assert pair.tabs.tabText(pair.tabs.currentIndex()) == "Keys"


@pytest.mark.parametrize("size", [SMALL, PLAIN])
def test_the_office_fits_its_screen_and_what_is_signed_is_in_sight(
    qtbot: QtBot, window: OfficeWindow, size: tuple[int, int]
) -> None:
    words = window._words
    window.resize(*size)
    people = window.people
    people.table.selectRow(0)
    people._ask_revoke(None)
    form = window.findChildren(RevokeForm)[-1]
    qtbot.waitUntil(lambda: in_sight(named(form, words("sign.do"))), timeout=PATIENCE_MS)
    assert in_sight(named(form, words("do.leave")))
    people._ask_remove()
    form2 = window.findChildren(RemoveForm)[-1]
    qtbot.waitUntil(lambda: in_sight(named(form2, words("sign.do"))), timeout=PATIENCE_MS)
    window._tabs.setCurrentWidget(window.policies)
    assert in_sight(named(window.policies, words("policy.publish")))
    window._tabs.setCurrentWidget(window.review_keys)
    window.review_keys._ask_new(FakeOffice().held.projects[0])
    qtbot.waitUntil(lambda: in_sight(named(window.review_keys, words("sign.do"))), timeout=PATIENCE_MS)
    assert (window.width(), window.height()) == size


def test_what_can_be_signed_of_a_member_comes_into_sight_with_the_change(qtbot: QtBot, window: OfficeWindow) -> None:
    words = window._words
    window.resize(*PLAIN)
    window.people.table.selectRow(0)
    qtbot.waitUntil(lambda: bool(window.findChildren(MemberCard)), timeout=PATIENCE_MS)
    (card,) = window.findChildren(MemberCard)
    assert not in_sight(named(window, words("people.apply")))
    card.roles.boxes["reviewer"].setChecked(True)
    qtbot.waitUntil(lambda: in_sight(named(window, words("people.apply"))), timeout=PATIENCE_MS)


def test_on_a_narrow_screen_a_member_who_is_chosen_comes_to_the_front(qtbot: QtBot, window: OfficeWindow) -> None:
    window.resize(*SMALL)
    people = window.people
    people.table.setFocus()
    people.table.selectRow(1)
    assert people.table.isVisible()  # going through the list leaves it there
    qtbot.keyClick(people.table, Qt.Key.Key_Return)
    assert not people.table.isVisible()
    assert people._area.isVisible()
    people._pair.bring(FIRST)
    at = people.table.visualRect(people._proxy.index(0, 0)).center()
    qtbot.mouseClick(people.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert people._area.isVisible()
    pressed(window.policies, window._words("policy.show"))
    assert window.policies._pair.tabs.currentIndex() == SECOND
