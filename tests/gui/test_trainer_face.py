# SPDX-License-Identifier: Apache-2.0
"""The sign and what opens from it: the desk is told whether it can be seen, and every question waits for its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot
from review_fakes import asking
from trainer_fakes import LINK, PATIENCE_MS, STARTED_US, ScriptedDesk, StandInProgram, buttons, card, pressed, said, standing

from session.desks import Stage, TrainerState
from session.verify.said import Decided
from ui.notice import notice
from ui.strings import Words
from ui.trainer.enrol import JoinDialog
from ui.trainer.face import Face
from ui.trainer.forms import DeclareForm, NoteForm
from ui.trainer.notice import NoticeDialog
from ui.trainer.review import ReviewWindow

# The offscreen platform has no tray and no order of windows, and says so each time.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")
EN = Words("en")
FULL = "The disk is full. Free some space."


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
def begun(program: StandInProgram) -> Iterator[Callable[[ScriptedDesk], Face]]:
    faces: list[Face] = []

    def made(desk: ScriptedDesk) -> Face:
        face = Face(program, desk)  # type: ignore[arg-type] # stands in for the program
        faces.append(face)
        face.begin()
        return face

    yield made
    for face in faces:
        face.close()


Begin = Callable[[ScriptedDesk], Face]


def _top(kind: type[QWidget]) -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]


def test_without_a_tray_the_window_is_the_sign(begun: Begin, desk: ScriptedDesk) -> None:
    face = begun(desk)
    assert face.window.isVisible()
    assert desk.signs == [True]


def test_a_minimised_window_is_no_sign_and_the_desk_is_told_at_once(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    face = begun(desk)
    face.window.showMinimized()
    qtbot.waitUntil(lambda: desk.signs == [True, False], timeout=PATIENCE_MS)
    face.open()
    qtbot.waitUntil(lambda: desk.signs == [True, False, True], timeout=PATIENCE_MS)


def test_starting_shows_the_notice_first_and_reading_it_starts(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    due = desk.needs_notice("heart", legal_basis="contract")
    face = begun(desk)
    pressed(face.window, "Start: Cardiology answers")
    assert desk.asked == []
    (dialog,) = _top(NoticeDialog)
    pressed(dialog, "I have read this")
    text = notice(due.policy, "Example Labs", EN)
    assert desk.asked == [("acknowledge", "heart", text.sha256, "en"), ("start", "heart")]
    qtbot.waitUntil(lambda: "Pause" in buttons(face.window), timeout=PATIENCE_MS)
    assert _top(NoticeDialog) == []


def test_a_notice_that_was_put_off_starts_nothing(begun: Begin, desk: ScriptedDesk) -> None:
    desk.needs_notice("heart", legal_basis="consent")
    face = begun(desk)
    pressed(face.window, "Start: Cardiology answers")
    (dialog,) = _top(NoticeDialog)
    pressed(dialog, "I do not agree")
    assert desk.asked == []
    pressed(face.window, "Start: Legal drafting")
    assert desk.asked == [("start", "law")]


def test_a_day_goes_by_the_buttons_of_the_window(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    face = begun(desk)
    for text in ("Start: Legal drafting", "Pause", "Resume", "Private time", "Resume", "Stop"):
        qtbot.waitUntil(lambda text=text: text in buttons(face.window), timeout=PATIENCE_MS)  # type: ignore[misc] # binds
        pressed(face.window, text)
    assert desk.verbs() == ["start", "pause", "resume", "private", "resume", "stop"]
    qtbot.waitUntil(lambda: "Look through" in buttons(face.window), timeout=PATIENCE_MS)


def test_what_went_wrong_stays_to_be_read_while_the_status_changes(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.say(state=TrainerState.RECORDING)
    desk.faults["pause"] = FULL
    face = begun(desk)
    pressed(face.window, "Pause")
    assert FULL in said(face.window)
    desk.say(worked_us=60_000_000)
    qtbot.waitUntil(lambda: "0:01:00" in said(face.window), timeout=PATIENCE_MS)
    assert FULL in said(face.window)
    desk.faults.clear()
    pressed(face.window, "Pause")
    assert FULL not in said(face.window)


def test_quitting_while_nothing_runs_quits(begun: Begin, desk: ScriptedDesk, program: StandInProgram) -> None:
    begun(desk).leave()
    assert program.ends == [0]


def test_quitting_while_recording_asks_until_it_is_answered(
    begun: Begin, desk: ScriptedDesk, program: StandInProgram, qtbot: QtBot
) -> None:
    desk.say(state=TrainerState.RECORDING, session_id="1")
    face = begun(desk)
    face.window.close()
    assert face.window.isVisible()
    assert EN("today.quit") in said(face.window)
    held = face.window.focusWidget()
    assert isinstance(held, QPushButton)
    assert held.text() == "Keep recording"
    desk.say(worked_us=60_000_000)
    qtbot.waitUntil(lambda: "0:01:00" in said(face.window), timeout=PATIENCE_MS)
    assert EN("today.quit") in said(face.window)
    pressed(face.window, "Keep recording")
    assert EN("today.quit") not in said(face.window)
    assert program.ends == []
    face.leave()
    pressed(face.window, "Stop and quit")
    assert program.ends == [0]


def test_forms_are_opened_by_their_verbs_and_one_at_a_time(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.say(state=TrainerState.RECORDING)
    face = begun(desk)
    pressed(face.window, "Add a note …")
    pressed(face.window, "I used a tool …")
    qtbot.waitUntil(lambda: _top(NoteForm) == [], timeout=PATIENCE_MS)
    (form,) = _top(DeclareForm)
    form.findChildren(QLineEdit)[0].setText("DeepL")
    pressed(form, "Add to the record")
    assert desk.asked == [("declare", "DeepL", "")]


def test_quitting_asks_before_a_note_that_was_not_added_is_lost(
    begun: Begin, desk: ScriptedDesk, program: StandInProgram, qtbot: QtBot
) -> None:
    desk.say(state=TrainerState.RECORDING)
    face = begun(desk)
    pressed(face.window, "Add a note …")
    (form,) = _top(NoteForm)
    form.findChildren(QPlainTextEdit)[0].setPlainText("The page was slow.")
    face.leave()
    assert program.ends == []
    assert EN("review.unsent") in said(form)
    assert EN("today.quit") not in said(face.window)  # one question at a time
    pressed(form, EN("review.unsent.close"))
    qtbot.waitUntil(lambda: _top(NoteForm) == [], timeout=PATIENCE_MS)
    face.leave()
    assert EN("today.quit") in said(face.window)


def test_quitting_asks_before_a_reply_that_was_not_sent_is_lost(
    begun: Begin, desk: ScriptedDesk, program: StandInProgram, qtbot: QtBot
) -> None:
    seq = asking(desk.session)[0]
    desk.sealed = True
    desk.decisions = (Decided(seq, "ask", "Which one?", "ben", "Benedetta Rossi", STARTED_US, "cd" * 32),)
    desk.say(sessions=(card(Stage.CONFIRMED),))
    face = begun(desk)
    pressed(face.window, EN("do.look"))
    qtbot.waitUntil(lambda: len(_top(ReviewWindow)) == 1, timeout=PATIENCE_MS)
    (window,) = _top(ReviewWindow)
    box = next(one for one in window.findChildren(QPlainTextEdit) if "reply" in one.accessibleName())
    box.setPlainText("The one of the system.")
    face.leave()
    assert program.ends == []
    assert EN("review.unsent") in said(window)
    assert box.toPlainText() == "The one of the system."
    pressed(window, EN("review.unsent.close"))
    qtbot.waitUntil(lambda: _top(ReviewWindow) == [], timeout=PATIENCE_MS)
    face.leave()
    assert program.ends == [0]


def test_a_session_is_opened_once_and_a_fault_is_said(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.say(sessions=(card(Stage.REVIEW),))
    desk.faults["case"] = "The files of this session are gone."
    face = begun(desk)
    pressed(face.window, "Look through")
    qtbot.waitUntil(lambda: "The files of this session are gone." in said(face.window), timeout=PATIENCE_MS)
    desk.faults.clear()
    pressed(face.window, "Look through")
    qtbot.waitUntil(lambda: len(_top(ReviewWindow)) == 1, timeout=PATIENCE_MS)
    assert EN("review.opening") not in said(face.window)
    pressed(face.window, "Look through")
    assert desk.verbs() == ["case", "case"]
    face.join(LINK)
    assert len(_top(JoinDialog)) == 1
    _top(JoinDialog)[0].close()


class Panel:
    """Whether the desktop has a tray: the offscreen platform has none, a panel may come and go."""

    def __init__(self) -> None:
        self.there = True


@pytest.fixture
def panel(monkeypatch: pytest.MonkeyPatch) -> Panel:
    made = Panel()
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: made.there))
    return made


def test_in_a_tray_the_icon_is_the_sign_and_the_window_stays_closed(panel: Panel, begun: Begin, desk: ScriptedDesk) -> None:
    assert panel.there
    face = begun(desk)
    assert not face.window.isVisible()
    assert desk.signs == [True]
    face.open()
    face.window.close()
    assert not face.window.isVisible()
    assert desk.signs == [True]


def test_a_tray_that_goes_brings_the_window_and_observing_goes_on(
    panel: Panel, begun: Begin, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    face = begun(desk)
    panel.there = False
    qtbot.waitUntil(face.window.isVisible, timeout=PATIENCE_MS)
    assert False not in desk.signs


def test_a_fault_of_what_was_chosen_in_the_menu_opens_the_window_with_its_words(
    panel: Panel, begun: Begin, desk: ScriptedDesk
) -> None:
    assert panel.there
    desk.say(state=TrainerState.RECORDING)
    desk.faults["stop"] = FULL
    face = begun(desk)
    (stop,) = [one for one in face.tray.icon.contextMenu().actions() if one.text() == "Stop"]
    stop.trigger()
    assert face.window.isVisible()
    assert FULL in said(face.window)


def test_a_session_that_has_ended_takes_the_question_before_quitting_with_it(
    begun: Begin, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    desk.say(state=TrainerState.RECORDING, session_id="1")
    face = begun(desk)
    face.leave()
    desk.stop()
    qtbot.waitUntil(lambda: EN("today.quit") not in said(face.window), timeout=PATIENCE_MS)


def test_the_end_takes_every_window_and_the_icon_along(begun: Begin, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.say(sessions=(card(Stage.REVIEW),))
    face = begun(desk)
    pressed(face.window, "Look through")
    qtbot.waitUntil(lambda: len(_top(ReviewWindow)) == 1, timeout=PATIENCE_MS)
    face.close()
    qtbot.waitUntil(lambda: not _top(QWidget), timeout=PATIENCE_MS)
    assert not face.tray.icon.isVisible()
    assert desk.signs == [True]
