# SPDX-License-Identifier: Apache-2.0
"""What is to be done can be reached without hunting: windows on small screens and at twice the size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

import pytest
from admin_fakes import PATIENCE_MS, FakeOffice, office_window, pressed
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QRadioButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from review_fakes import ListedDesk, forty

from session.desks import SessionCase
from ui.admin.member import MemberCard
from ui.admin.revoking import RemoveForm, RevokeForm
from ui.admin.window import OfficeWindow
from ui.background import Background
from ui.bridge import EventBridge
from ui.desk.decide import DecisionForm
from ui.desk.session import FindingPart, Replay
from ui.desk.window import ReviewWindow
from ui.look import dress
from ui.pair import FIRST, SECOND, Pair, Wrapped, bring_forth
from ui.replay.window import ReplayWindow
from ui.strings import LANGUAGES, Words
from ui.style import LIGHT
from ui.widgets import FRAME_PX, row

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


def test_two_groups_stand_in_one_line_where_there_is_room_else_in_two(qtbot: QtBot) -> None:
    first, second = QLabel("Play"), QLabel("Whole session")
    both = Wrapped(row(first), row(second), margins_px=10)
    qtbot.addWidget(both)
    both.show()
    widths = [one.sizeHint().width() for one in (first, second)]
    both.resize(sum(widths) + 8 + 20, 100)
    qtbot.waitUntil(lambda: first.y() == second.y() and first.x() < second.x(), timeout=PATIENCE_MS)
    assert both.minimumSizeHint().width() == max(one.minimumSizeHint().width() for one in (first, second)) + 20
    both.resize(sum(widths) + 7 + 20, 100)
    qtbot.waitUntil(lambda: first.y() < second.y() and first.x() == second.x(), timeout=PATIENCE_MS)


def test_what_lies_in_the_pane_behind_comes_to_the_front(qtbot: QtBot) -> None:
    inside = QLabel("Ada")
    second = QScrollArea()
    second.setWidget(inside)
    pair = Pair(QLabel("Members"), second, ("Members", "Keys"), sizes=(300, 200), wide_px=5000)
    qtbot.addWidget(pair)
    pair.show()
    bring_forth(inside)
    assert second.isVisible()
    bring_forth(pair.panes[FIRST])
    assert not second.isVisible()


@pytest.fixture(params=sorted(LANGUAGES))
def review(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[ReviewWindow]:
    """A session that asks, opened on the small screen."""
    bridge, words, desk = EventBridge(), Words(request.param), ListedDesk(forty(3))
    background = Background(bridge)

    def replay(case: SessionCase, part: FindingPart) -> Replay:
        made = ReplayWindow(case, words, LIGHT, finding_part=part)
        return Replay(made, made.show_case)

    made = ReviewWindow(desk, words, background=background, make_replay=replay, closed=lambda: None, zone=UTC)
    qtbot.addWidget(made, before_close_func=lambda _: made.decisions.forget())
    made.resize(*SMALL)
    made.show()
    made.refresh()
    qtbot.waitUntil(lambda: made.queue.known, timeout=PATIENCE_MS)
    assert (made.width(), made.height()) == SMALL
    assert in_sight(named(made, words("desk.open")))
    made.queue.open_selected()
    qtbot.waitUntil(lambda: not made.shows_list, timeout=PATIENCE_MS)
    yield made
    assert background.close(PATIENCE_MS / 1000)
    bridge.close()


def test_a_session_fits_the_small_screen_and_its_question_comes_to_the_front(qtbot: QtBot, review: ReviewWindow) -> None:
    words = review._words
    (replay,) = review.findChildren(ReplayWindow)
    for name in ("desk.back", "desk.decide", "desk.next", "replay.play", "replay.zoom.all"):
        qtbot.waitUntil(lambda name=name: in_sight(named(review, words(name))), timeout=PATIENCE_MS)  # type: ignore[misc]
    assert (review.width(), review.height()) == SMALL
    assert replay.timeline.isVisible()
    named(review, words("desk.decide")).click()
    assert not replay.timeline.isVisible()
    first = replay.findChildren(DecisionForm)[0].findChildren(QRadioButton)[0]
    qtbot.waitUntil(lambda: in_sight(first), timeout=PATIENCE_MS)


def test_a_moment_or_page_that_is_asked_for_comes_to_the_front(review: ReviewWindow) -> None:
    (replay,) = review.findChildren(ReplayWindow)
    for ask in (replay._next_question, replay._keys()["F1"], replay._toggle_large, replay.steps.click):
        replay._pair.bring(SECOND)
        ask()
        assert replay._pages.isVisible(), ask


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
