# SPDX-License-Identifier: Apache-2.0
"""The reviewer's window: the list and one session in its place, what takes long, what goes wrong, and moving about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot
from review_fakes import NOW_US, ZONE, BareReplay, ListedDesk, asking, bare_replay, forty

from session.desks import SessionCase
from session.trust.lifetime import Due, Term
from session.verify.said import Replied
from ui.background import Background
from ui.bridge import EventBridge
from ui.desk.decide import DecisionForm
from ui.desk.rows import Column
from ui.desk.session import FindingPart, MakeReplay, Replay
from ui.desk.window import RETRY_MS, ReviewWindow
from ui.replay.window import ReplayWindow
from ui.strings import Words
from ui.style import LIGHT

EN = Words("en")
PATIENCE_MS = 10_000
CONTROL = Qt.KeyboardModifier.ControlModifier
AWAY = "The platform cannot be reached."


@pytest.fixture
def desk() -> ListedDesk:
    return ListedDesk(forty())


@pytest.fixture
def closed() -> list[str]:
    return []


@pytest.fixture
def make_replay() -> MakeReplay:
    """What shows a session here."""
    return bare_replay


@pytest.fixture
def window(qtbot: QtBot, desk: ListedDesk, closed: list[str], make_replay: MakeReplay) -> Iterator[ReviewWindow]:
    bridge = EventBridge()
    background = Background(bridge)
    made = ReviewWindow(
        desk,
        EN,
        background=background,
        make_replay=make_replay,
        closed=lambda: closed.append("closed"),
        zone=ZONE,
    )
    qtbot.addWidget(made, before_close_func=lambda _: made.decisions.forget())
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=PATIENCE_MS)
    yield made
    assert background.close(10)
    bridge.close()


@pytest.fixture
def listed(qtbot: QtBot, window: ReviewWindow) -> ReviewWindow:
    window.refresh()
    qtbot.waitUntil(lambda: len(window.queue.model.rows) == 40, timeout=PATIENCE_MS)
    return window


@pytest.fixture
def opened(qtbot: QtBot, listed: ReviewWindow) -> ReviewWindow:
    listed.queue.open_selected()
    qtbot.waitUntil(lambda: not listed.shows_list, timeout=PATIENCE_MS)
    return listed


def form(window: ReviewWindow, number: int = 0) -> DecisionForm:
    return replay(window).findChildren(DecisionForm)[number]


def replay(window: ReviewWindow) -> BareReplay:
    found = [one for one in window.findChildren(BareReplay) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def reason(of: QWidget) -> QPlainTextEdit:
    (found,) = of.findChildren(QPlainTextEdit)
    return found


def write(of: DecisionForm, text: str, outcome: int = 0) -> None:
    of.findChildren(QRadioButton)[outcome].click()
    reason(of).setPlainText(text)


def press(of: QWidget, name: str) -> None:
    (found,) = [one for one in of.findChildren(QPushButton) if one.accessibleName() == name and one.isVisible()]
    found.click()


def sign(window: ReviewWindow, number: int = 0) -> None:
    press(form(window, number), "Sign decision")
    press(form(window, number), "Sign and send")


def session(window: ReviewWindow) -> str:
    assert window.page.opened is not None
    return window.page.opened.case.session_id


def shows(qtbot: QtBot, window: ReviewWindow, session_id: str) -> None:
    qtbot.waitUntil(lambda: not window.shows_list and session(window) == session_id, timeout=PATIENCE_MS)


def state(window: ReviewWindow, at: int) -> str:
    return str(window.queue.chosen.index(at, Column.STATE).data())


class TestList:
    def test_asking_says_so_and_can_be_stopped(self, qtbot: QtBot, window: ReviewWindow, desk: ListedDesk) -> None:
        with desk.held():
            window.refresh()
            window.refresh()
            assert "Asking the platform" in window.busy.accessibleName()
            assert window.busy.isVisible()
            press(window.busy, "Stop")
            assert not window.busy.isVisible()
        window.refresh()
        qtbot.waitUntil(lambda: len(window.queue.model.rows) == 40, timeout=PATIENCE_MS)
        assert desk.asked.count(("queue",)) == 2

    def test_a_platform_that_is_away_is_said_and_asked_again_by_itself(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        desk.away = AWAY
        listed.refresh()
        qtbot.waitUntil(lambda: AWAY in listed.queue.banner.text, timeout=PATIENCE_MS)
        assert "when the platform last answered" in listed.queue.banner.text
        assert len(listed.queue.model.rows) == 40
        (timer,) = [one for one in listed.findChildren(type(listed.again)) if one is listed.again]
        assert timer.isActive()
        assert timer.interval() == RETRY_MS
        desk.away = ""
        timer.timeout.emit()
        qtbot.waitUntil(lambda: listed.queue.banner.text == "" and not listed.busy.isVisible(), timeout=PATIENCE_MS)
        assert not timer.isActive()

    def test_what_ends_soon_is_said_with_whom_to_ask_also_while_the_platform_is_away(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        assert listed.due.text == ""
        desk.ends, desk.away = (Due(Term.REVIEW_KEY, "project-0", 1_795_422_600_000_000, 9),), AWAY
        listed.refresh()
        qtbot.waitUntil(lambda: bool(listed.due.text), timeout=PATIENCE_MS)
        assert listed.due.text.startswith("The review key of Cardiology answers ends in 9 days, on 23 November 2026.")
        assert listed.due.text.endswith(EN("due.ask"))

    def test_that_the_platform_contradicted_itself_stays_there_while_the_evidence_does(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        desk.lied = "receipt"
        listed.refresh()
        qtbot.waitUntil(lambda: bool(listed.contradicted.text), timeout=PATIENCE_MS)
        assert listed.contradicted.property("role") == "problem"
        assert listed.contradicted.text.startswith(EN("desk.contradicted.receipt"))
        assert "organisation/evidence" in listed.contradicted.text
        assert listed.queue.banner.text == EN("desk.stale", why="").strip()  # said once, in its own place
        desk.lies = False  # an answer that is in order takes nothing back
        listed.refresh()
        qtbot.waitUntil(lambda: not listed.queue.banner.text and not listed.busy.isVisible(), timeout=PATIENCE_MS)
        assert listed.contradicted.text
        desk.lied, desk.lies = "", True
        listed.refresh()
        qtbot.waitUntil(lambda: not listed.contradicted.text, timeout=PATIENCE_MS)

    def test_a_contradiction_that_comes_with_a_session_is_said_too(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        desk.lied = "a duty of later versions"
        listed.queue.open_selected()
        qtbot.waitUntil(lambda: bool(listed.contradicted.text), timeout=PATIENCE_MS)
        assert listed.contradicted.text.startswith(EN("desk.contradicted.other"))

    def test_away_from_the_start_claims_nothing_about_sessions(
        self, qtbot: QtBot, window: ReviewWindow, desk: ListedDesk
    ) -> None:
        desk.away = AWAY
        window.refresh()
        qtbot.waitUntil(lambda: window.queue.banner.text == AWAY, timeout=PATIENCE_MS)
        press(window.queue.banner, "Try again")
        qtbot.waitUntil(lambda: desk.asked.count(("queue",)) == 2, timeout=PATIENCE_MS)


class TestOpening:
    def test_it_shows_how_far_it_is_and_opens(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        with desk.held():
            listed.queue.open_selected()
            assert "Fetching the session of Ada Lovelace, 23 November 2026, 08:30." in listed.busy.accessibleName()
            qtbot.waitUntil(lambda: "Verifying" in listed.busy.accessibleName(), timeout=PATIENCE_MS)
            assert listed.shows_list
        shows(qtbot, listed, desk.rows[0].session_id)
        assert not listed.busy.isVisible()
        assert state(listed, 0) == "Opened"

    def test_it_can_be_stopped_and_opened_later(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        with desk.held():
            listed.queue.open_selected()
            press(listed.busy, "Stop")
            qtbot.waitUntil(lambda: ("stopped", desk.rows[0].session_id) in desk.asked, timeout=PATIENCE_MS)
        assert listed.shows_list
        assert not listed.busy.isVisible()
        listed.queue.open_selected()
        shows(qtbot, listed, desk.rows[0].session_id)

    def test_of_two_the_later_one_is_opened(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        with desk.held():
            listed.queue.open_selected()
            listed.open_from_list(desk.rows[3])
            qtbot.waitUntil(lambda: ("stopped", desk.rows[0].session_id) in desk.asked, timeout=PATIENCE_MS)
        shows(qtbot, listed, desk.rows[3].session_id)
        assert session(listed) == desk.rows[3].session_id

    def test_what_goes_wrong_is_said_with_a_way_to_try_again(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        desk.away = "There is no such session."
        listed.queue.open_selected()
        said = "The session of Ada Lovelace was not opened. There is no such session."
        qtbot.waitUntil(lambda: listed.banner.text == said, timeout=PATIENCE_MS)
        desk.away = ""
        press(listed.banner, "Try again")
        shows(qtbot, listed, desk.rows[0].session_id)
        assert listed.banner.text == ""

    def test_one_that_does_not_verify_opens_and_says_so_first(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        desk.verified = False
        listed.queue.open_selected()
        shows(qtbot, listed, desk.rows[0].session_id)
        assert "does not verify" in listed.page.banner.text
        assert len(replay(listed).findChildren(DecisionForm)) == 2

    def test_records_are_opened_once_and_off_the_windows_thread(
        self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk
    ) -> None:
        listed.queue.open_selected()
        shows(qtbot, listed, desk.rows[0].session_id)
        reader = replay(listed).cases[-1].reader
        assert reader.events() is reader.events()
        assert list(reader.events()) == desk.session.tape.events
        assert reader.session_id == desk.session.reader().session_id

    def test_one_that_no_key_opens_says_whom_to_ask(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        desk.reads_as = ""
        listed.queue.open_selected()
        shows(qtbot, listed, desk.rows[0].session_id)
        assert "None of your keys opens this session" in listed.page.banner.text

    def test_what_does_not_count_is_named(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        desk.faults = ("Statement 0a1b… does not count: it is about another seal.", "Another.")
        listed.queue.open_selected()
        shows(qtbot, listed, desk.rows[0].session_id)
        assert listed.page.uncounted.text.startswith("2 statements about this session are not shown.")
        assert "another seal" in listed.page.uncounted.text


class TestMovingAbout:
    def test_forty_sessions_are_worked_with_the_keyboard(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        qtbot.keyClick(listed.queue.table, Qt.Key.Key_Return)
        shows(qtbot, listed, desk.rows[0].session_id)
        for row in desk.rows[1:5]:
            qtbot.keyClick(replay(listed), Qt.Key.Key_PageDown, CONTROL)
            shows(qtbot, listed, row.session_id)
        qtbot.keyClick(replay(listed), Qt.Key.Key_PageUp, CONTROL)
        shows(qtbot, listed, desk.rows[3].session_id)
        qtbot.keyClick(replay(listed), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert listed.shows_list
        selected = listed.queue.selected()
        assert selected is not None
        assert selected.session_id == desk.rows[3].session_id
        assert listed.focusWidget() is listed.queue.table
        assert [state(listed, at) for at in range(6)] == ["Opened"] * 5 + ["New"]

    def test_the_ends_of_the_list_are_ends(self, qtbot: QtBot, listed: ReviewWindow, desk: ListedDesk) -> None:
        listed.open_from_list(desk.rows[-1])
        shows(qtbot, listed, desk.rows[-1].session_id)
        listed.step(1)
        assert not listed.busy.isVisible()
        listed.step(-1)
        shows(qtbot, listed, desk.rows[-2].session_id)

    def test_next_follows_what_was_shown_when_the_first_was_opened(self, qtbot: QtBot, listed: ReviewWindow) -> None:
        listed.queue.chosen.choose("ada", only_new=False)
        wanted = [row.session_id for row in listed.queue.chosen.shown()]
        listed.queue.select(wanted[0])
        listed.queue.open_selected()
        shows(qtbot, listed, wanted[0])
        listed.step(1)
        shows(qtbot, listed, wanted[1])

    def test_opening_next_keeps_the_session_until_the_next_is_here(
        self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk
    ) -> None:
        with desk.held():
            opened.step(1)
            assert session(opened) == desk.rows[0].session_id
            assert replay(opened).isVisible()
        shows(qtbot, opened, desk.rows[1].session_id)


class TestDeciding:
    def test_a_decision_is_sent_and_shown_in_place(self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk) -> None:
        first = asking(desk.session)[0]
        write(form(opened), "  They showed me the draft. ", 1)
        sign(opened)
        qtbot.waitUntil(lambda: bool(desk.decisions), timeout=PATIENCE_MS)
        asked = ("decide", desk.rows[0].session_id, first, "not upheld", "They showed me the draft.")
        assert asked in desk.asked
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)
        shown = replay(opened).cases[-1]
        assert shown.said is not None
        assert [one.finding for one in shown.said.decisions] == [first]
        assert not opened.decisions.unsaved()
        assert "2 questions, 1 decided" in opened.page.state

    def test_what_was_begun_is_there_again_after_moving_about(
        self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk
    ) -> None:
        write(form(opened, 1), "Half a thought", 2)
        opened.step(1)
        shows(qtbot, opened, desk.rows[1].session_id)
        assert reason(form(opened, 1)).toPlainText() == ""
        opened.step(-1)
        shows(qtbot, opened, desk.rows[0].session_id)
        assert reason(form(opened, 1)).toPlainText() == "Half a thought"
        assert form(opened, 1).findChildren(QRadioButton)[2].isChecked()

    def test_deciding_on_one_keeps_what_is_written_on_the_other(self, qtbot: QtBot, opened: ReviewWindow) -> None:
        write(form(opened, 1), "Still thinking", 2)
        write(form(opened, 0), "Clear.", 0)
        sign(opened)
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)
        assert reason(form(opened, 1)).toPlainText() == "Still thinking"

    def test_what_is_about_to_be_signed_is_scrolled_to(self, qtbot: QtBot, opened: ReviewWindow) -> None:
        write(form(opened, 1), "Clear.", 0)
        opened.resize(700, 400)
        press(form(opened, 1), "Sign decision")
        (sign_now,) = [one for one in form(opened, 1).findChildren(QPushButton) if one.accessibleName() == "Sign and send"]
        qtbot.waitUntil(lambda: sign_now.visibleRegion().boundingRect() == sign_now.rect(), timeout=PATIENCE_MS)

    def test_after_a_decision_the_keyboard_is_at_its_finding(self, qtbot: QtBot, opened: ReviewWindow) -> None:
        write(form(opened), "Clear.", 0)
        sign(opened)
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)
        focused = opened.focusWidget()
        assert focused is not None
        assert focused.accessibleName() == "Decide again on: Text from software"

    def test_whoever_writes_on_meanwhile_is_not_moved(self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk) -> None:
        write(form(opened), "Clear.", 0)
        write(form(opened, 1), "Still thinking", 2)
        with desk.held():
            sign(opened)
            reason(form(opened, 1)).setFocus()
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)
        assert opened.focusWidget() is reason(form(opened, 1))

    def test_a_decision_that_fails_keeps_its_words(self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk) -> None:
        write(form(opened), "Clear.", 0)
        desk.away = AWAY
        sign(opened)
        qtbot.waitUntil(lambda: reason(form(opened)).isVisible(), timeout=PATIENCE_MS)
        assert reason(form(opened)).toPlainText() == "Clear."
        assert desk.decisions == {}
        desk.away = ""
        sign(opened)
        qtbot.waitUntil(lambda: bool(desk.decisions), timeout=PATIENCE_MS)

    def test_a_decision_that_ends_after_one_moved_on_changes_only_the_list(
        self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk
    ) -> None:
        write(form(opened), "Clear.", 0)
        with desk.held():
            sign(opened)
            opened.show_list()
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)
        assert opened.shows_list

    def test_a_decision_that_fails_after_one_moved_on_is_kept_for_later(
        self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk
    ) -> None:
        write(form(opened), "Clear.", 0)
        with desk.held():
            sign(opened)
            opened.show_list()
            desk.away = AWAY
        qtbot.waitUntil(lambda: any(asked[0] == "decide" for asked in desk.asked), timeout=PATIENCE_MS)
        desk.away = ""
        opened.step(1)
        shows(qtbot, opened, desk.rows[1].session_id)
        opened.step(-1)
        shows(qtbot, opened, desk.rows[0].session_id)
        assert reason(form(opened)).toPlainText() == "Clear."

    def test_the_trainers_reply_counts_in_the_list(self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk) -> None:
        write(form(opened), "Clear.", 0)
        sign(opened)
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)
        decided = desk.decisions[desk.rows[0].session_id][0]
        desk.replies[desk.rows[0].session_id] = [Replied(decided.sha256, "Gladly.", "ada", NOW_US)]
        opened.show_list()
        opened.queue.open_selected()
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided, 1 reply", timeout=PATIENCE_MS)


class TestInTheReplayWindow:
    """The same, with the replay that people see."""

    @pytest.fixture
    def make_replay(self) -> MakeReplay:
        def made(case: SessionCase, part: FindingPart) -> Replay:
            shown = ReplayWindow(case, EN, LIGHT, finding_part=part, zone=ZONE)
            return Replay(shown, shown.show_case)

        return made

    def test_space_signs_and_letters_are_written_though_both_are_keys_of_the_replay(
        self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk
    ) -> None:
        (shown,) = opened.findChildren(ReplayWindow)
        first = shown.findChildren(DecisionForm)[0]
        upheld = first.findChildren(QRadioButton)[0]
        first.take_keyboard()
        qtbot.keyClick(upheld, Qt.Key.Key_Space)
        assert upheld.isChecked()
        reason(first).setFocus()
        qtbot.keyClicks(reason(first), "just for Sal + 0")
        assert reason(first).toPlainText() == "just for Sal + 0"
        qtbot.keyClick(reason(first), Qt.Key.Key_Return, CONTROL)
        focused = opened.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: bool(desk.decisions), timeout=PATIENCE_MS)
        assert not shown.player.playing
        qtbot.waitUntil(lambda: state(opened, 0) == "1 question decided", timeout=PATIENCE_MS)

        def said() -> str:
            return "\n".join(one.text() for one in shown.findChildren(QLabel) if one.isVisible())

        qtbot.waitUntil(lambda: "just for Sal + 0" in said(), timeout=PATIENCE_MS)
        assert "Upheld, decided by Benedetta Rossi" in said()

    def test_each_question_is_one_press_away(self, qtbot: QtBot, opened: ReviewWindow) -> None:
        (shown,) = opened.findChildren(ReplayWindow)
        first, second = shown.findChildren(DecisionForm)
        for wanted in (first, second, first):
            qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_D, CONTROL)
            assert wanted.has_keyboard

    def test_the_next_session_is_one_press_away_from_the_replay(
        self, qtbot: QtBot, opened: ReviewWindow, desk: ListedDesk
    ) -> None:
        (shown,) = opened.findChildren(ReplayWindow)
        qtbot.keyClick(shown, Qt.Key.Key_PageDown, CONTROL)
        shows(qtbot, opened, desk.rows[1].session_id)


class TestClosing:
    def test_a_window_with_nothing_unsigned_closes(self, opened: ReviewWindow, closed: list[str]) -> None:
        opened.close()
        assert closed == ["closed"]

    def test_what_was_written_is_not_lost_by_one_press(self, opened: ReviewWindow, closed: list[str]) -> None:
        write(form(opened), "Half a thought")
        opened.close()
        assert closed == []
        assert "not signed yet" in opened.banner.text
        press(opened.banner, "Close all the same")
        assert closed == ["closed"]
