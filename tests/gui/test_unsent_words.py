# SPDX-License-Identifier: Apache-2.0
"""Words that were begun and not sent: a logout loses none, sending or giving up leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
from desk_server import xvfb
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot
from replay_desks import PLAIN
from replay_sessions import SESSION_ID
from review_fakes import ListedDesk, asking, bare_replay, forty
from shiboken6 import isValid
from trainer_fakes import (
    PATIENCE_MS,
    STARTED_US,
    ScriptedDesk,
    StandInProgram,
    buttons,
    card,
    pressed,
    said,
    standing,
)

from fairwitness.unsent import Unsent
from session.desks import RUNNING, Stage, TrainerState
from session.verify.said import Decided
from ui.background import Background
from ui.bridge import EventBridge
from ui.desk.decide import DecisionForm
from ui.desk.window import ReviewWindow
from ui.strings import Words
from ui.trainer.face import Face
from ui.trainer.forms import NOTE, PURPOSE, TOOL, DeclareForm, Form, NoteForm
from ui.trainer.review import ReviewWindow as OwnReview
from ui.unsent import SETTLE_MS, Begun, Keeper

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")
EN = Words("en")
HELPERS = Path(__file__).resolve().parents[1] / "helpers"
SAID = "The text came from a dictation program."


def test_what_was_touched_is_kept_once_a_moment_later_or_at_once_when_it_is_asked_for(qtbot: QtBot) -> None:
    kept: list[int] = []
    keeper = Keeper(lambda: kept.append(1))
    keeper.flush()
    assert kept == []
    keeper.touch()
    keeper.touch()
    assert keeper._settle.interval() == SETTLE_MS
    keeper._settle.setInterval(0)
    keeper.touch()
    qtbot.waitUntil(lambda: bool(kept), timeout=PATIENCE_MS)
    assert kept == [1]
    keeper.touch()
    keeper.flush()
    keeper.flush()
    assert kept == [1, 1]


class TestReviewer:
    @pytest.fixture
    def desk(self) -> ListedDesk:
        return ListedDesk(forty(2))

    @pytest.fixture
    def opened(self, qtbot: QtBot, desk: ListedDesk) -> Iterator[Callable[[], ReviewWindow]]:
        bridge = EventBridge()
        background = Background(bridge)

        def made() -> ReviewWindow:
            """As after another start of the program."""
            window = ReviewWindow(desk, EN, background=background, make_replay=bare_replay, closed=lambda: None, zone=UTC)
            qtbot.addWidget(window)
            window.resize(*PLAIN)
            window.show()
            window.refresh()
            qtbot.waitUntil(lambda: window.queue.known, timeout=PATIENCE_MS)
            window.queue.open_selected()
            qtbot.waitUntil(lambda: not window.shows_list, timeout=PATIENCE_MS)
            return window

        yield made
        assert background.close(PATIENCE_MS / 1000)
        bridge.close()

    def test_a_reason_that_was_begun_is_there_after_the_next_start(
        self, opened: Callable[[], ReviewWindow], desk: ListedDesk
    ) -> None:
        window, (first, _) = opened(), asking(desk.session)
        form = window.findChildren(DecisionForm)[0]
        form.findChildren(QRadioButton)[0].click()
        form.findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        window.decisions.keep_now()
        assert desk.begun == {desk.rows[0].session_id: {str(first): SAID}}
        again = opened().findChildren(DecisionForm)[0]
        assert again.findChildren(QPlainTextEdit)[0].toPlainText() == SAID
        assert not any(one.isChecked() for one in again.findChildren(QRadioButton))  # what it is, is chosen anew
        desk.begun.clear()

    def test_a_decision_that_was_sent_leaves_no_words_behind(
        self, qtbot: QtBot, opened: Callable[[], ReviewWindow], desk: ListedDesk
    ) -> None:
        window, (first, second) = opened(), asking(desk.session)
        for form in window.findChildren(DecisionForm):
            form.findChildren(QRadioButton)[1].click()
            form.findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        window.decisions.keep_now()
        assert set(desk.begun[desk.rows[0].session_id]) == {str(first), str(second)}
        form = window.findChildren(DecisionForm)[0]
        for name in ("decide.sign", "decide.confirm.sign"):
            next(one for one in form.findChildren(QPushButton) if one.text() == EN(name)).click()
        qtbot.waitUntil(lambda: bool(desk.decisions), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: window.page.state.startswith("2 questions, 1 decided"), timeout=PATIENCE_MS)
        window.decisions.keep_now()
        assert desk.begun[desk.rows[0].session_id] == {str(second): SAID}
        window.decisions.forget()

    def test_who_closes_all_the_same_gives_the_words_up(self, opened: Callable[[], ReviewWindow], desk: ListedDesk) -> None:
        other = desk.rows[1].session_id
        desk.begun[other] = {"5": "Of a session that is not open."}
        window = opened()
        window.findChildren(DecisionForm)[0].findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        window.decisions.keep_now()
        assert not window.close()
        assert window.close()
        assert desk.begun == {desk.rows[0].session_id: {}, other: {"5": "Of a session that is not open."}}

    def test_a_logout_loses_no_word_and_the_next_start_shows_them(self, tmp_path: Path) -> None:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": f"{HELPERS.parents[1]}:{HELPERS}"}
        for before in ("", SAID):
            command = [sys.executable, str(HELPERS / "unsent_program.py"), str(tmp_path / "unsent"), SAID]
            with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE) as program:
                try:
                    assert program.stdout is not None
                    assert program.stdout.readline().rstrip("\n") == before
                    assert program.stdout.readline() == "written\n"
                finally:
                    program.send_signal(signal.SIGTERM)
                assert program.wait(timeout=30) == 0
            (file,) = (tmp_path / "unsent").iterdir()
            assert file.stat().st_mode & 0o777 == 0o600
            assert list(Unsent(tmp_path / "unsent").kept(file.stem).values()) == [SAID]


class TestTrainer:
    @pytest.fixture
    def program(self, qapp: QApplication) -> Iterator[StandInProgram]:
        with standing(qapp) as made:
            yield made

    @pytest.fixture
    def desk(self) -> ScriptedDesk:
        return ScriptedDesk(sessions=(card(Stage.REVIEW),))

    @pytest.fixture
    def opened(self, program: StandInProgram, desk: ScriptedDesk) -> Iterator[Callable[[], OwnReview]]:
        made: list[OwnReview] = []

        def open_it() -> OwnReview:
            case = desk.case(SESSION_ID)
            made.append(OwnReview(program, desk, case, named="Heart", gone=lambda: None))  # type: ignore[arg-type]
            made[-1].resize(*PLAIN)
            made[-1].show()
            return made[-1]

        yield open_it
        for window in made:
            if isValid(window):
                window._leave()

    def test_answers_that_were_begun_are_there_after_the_next_start_and_go_when_they_are_given_up(
        self, opened: Callable[[], OwnReview], desk: ScriptedDesk
    ) -> None:
        window, (first, _) = opened(), asking(desk.session)
        window._boxes[first].field.setPlainText(SAID)
        assert not window.close()  # it asks; if nobody answers, because the program ends, they are kept
        assert desk.begun[SESSION_ID] == {str(first): SAID}
        again = opened()
        assert again._boxes[first].field.toPlainText() == SAID
        assert not again.close()
        pressed(again, EN("review.unsent.close"))
        assert desk.begun[SESSION_ID] == {}

    def test_an_answer_that_was_saved_and_a_seal_leave_no_words_behind(
        self, qtbot: QtBot, opened: Callable[[], OwnReview], desk: ScriptedDesk
    ) -> None:
        window, (first, second) = opened(), asking(desk.session)
        for seq in (first, second):
            window._boxes[seq].field.setPlainText(SAID)
        window._boxes[first].send_now()
        qtbot.waitUntil(lambda: desk.verbs()[-1] == "case" and "answer" in desk.verbs(), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not window._boxes[first].unsent, timeout=PATIENCE_MS)
        window._keeper.flush()
        assert desk.begun[SESSION_ID] == {str(second): SAID}
        window._seal()
        qtbot.waitUntil(lambda: desk.sealed and not window._open, timeout=PATIENCE_MS)
        window._keeper.flush()
        assert desk.begun[SESSION_ID] == {}

    def test_a_reply_is_kept_by_the_decision_that_it_answers(
        self, opened: Callable[[], OwnReview], desk: ScriptedDesk
    ) -> None:
        digest = "1" * 64  # digits alone, as a finding's number has
        desk.sealed = True
        seq = asking(desk.session)[0]
        desk.decisions = (Decided(seq, "ask", "Which program?", "ben", "Benedetta Rossi", STARTED_US, digest),)
        window = opened()
        window._replies[digest].field.setPlainText(SAID)
        window._keeper.flush()
        assert desk.begun[SESSION_ID] == {digest: SAID}
        assert opened()._replies[digest].field.toPlainText() == SAID

    def test_the_end_of_the_program_keeps_them(self, qtbot: QtBot, program: StandInProgram, desk: ScriptedDesk) -> None:
        face = Face(program, desk)  # type: ignore[arg-type] # stands in for the program
        face.review(SESSION_ID)
        qtbot.waitUntil(lambda: SESSION_ID in face._reviews, timeout=PATIENCE_MS)
        window, (first, _) = face._reviews[SESSION_ID], asking(desk.session)
        window._boxes[first].field.setPlainText(SAID)
        face.close()
        assert desk.begun[SESSION_ID] == {str(first): SAID}
        window._leave()


class TestRunning:
    """A note and a declaration, while a session runs."""

    @pytest.fixture
    def program(self, qapp: QApplication) -> Iterator[StandInProgram]:
        with standing(qapp) as made:
            yield made

    @pytest.fixture
    def desk(self) -> ScriptedDesk:
        made = ScriptedDesk()
        made.say(state=TrainerState.RECORDING)
        return made

    @pytest.fixture
    def started(self, program: StandInProgram, desk: ScriptedDesk) -> Iterator[Callable[[], Face]]:
        faces: list[Face] = []

        def made() -> Face:
            """As after another start of the program."""
            faces.append(Face(program, desk))  # type: ignore[arg-type] # stands in for the program
            faces[-1].begin()
            return faces[-1]

        yield made
        for face in faces:
            face.close()

    @staticmethod
    def form(kind: type[Form]) -> Form:
        (found,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
        assert isinstance(found, Form)
        return found

    def test_the_end_of_the_program_keeps_them_and_the_next_start_says_so_and_goes_on(
        self, started: Callable[[], Face], desk: ScriptedDesk
    ) -> None:
        face = started()
        assert EN("today.begun") not in said(face.window)
        pressed(face.window, EN("do.note"))
        assert EN("form.begun") not in said(self.form(NoteForm))
        self.form(NoteForm).findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        face.close()
        assert desk.begun[RUNNING] == {NOTE: SAID}
        again = started()
        desk.say(state=TrainerState.IDLE)
        again._show(desk.status())
        assert EN("today.begun") not in said(again.window)  # nothing can be added to no session
        desk.say(state=TrainerState.RECORDING)
        again._show(desk.status())
        assert EN("today.begun") in said(again.window)
        pressed(again.window, EN("today.begun.do"))
        assert EN("today.begun") not in said(again.window)
        assert EN("form.begun") in said(self.form(NoteForm))
        pressed(self.form(NoteForm), EN("do.add"))
        assert desk.asked == [("note", SAID)]
        assert desk.begun[RUNNING] == {}
        assert EN("today.begun") not in said(again.window)

    def test_another_window_that_takes_the_place_of_one_loses_nothing(
        self, started: Callable[[], Face], desk: ScriptedDesk
    ) -> None:
        face = started()
        pressed(face.window, EN("do.declare"))
        self.form(DeclareForm).findChildren(QLineEdit)[0].setText("DeepL")
        self.form(DeclareForm).findChildren(QPlainTextEdit)[0].setPlainText("Two sentences")
        pressed(face.window, EN("do.note"))
        self.form(NoteForm).findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        pressed(face.window, EN("do.declare"))
        assert desk.begun[RUNNING] == {NOTE: SAID, TOOL: "DeepL", PURPOSE: "Two sentences"}
        pressed(self.form(DeclareForm), EN("do.add"))
        assert desk.asked == [("declare", "DeepL", "Two sentences")]
        assert desk.begun[RUNNING] == {NOTE: SAID}

    def test_who_cancels_is_asked_and_then_gives_them_up(
        self, qtbot: QtBot, started: Callable[[], Face], desk: ScriptedDesk
    ) -> None:
        face = started()
        pressed(face.window, EN("do.note"))
        form = self.form(NoteForm)
        form.findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        for leave in (form.close, lambda: qtbot.keyClick(form, Qt.Key.Key_Escape), form._close.click):
            leave()
            assert form.isVisible()
            assert EN("review.unsent") in said(form)
            assert desk.begun[RUNNING] == {NOTE: SAID}  # if nobody answers, because the program ends
        pressed(form, EN("review.unsent.close"))
        assert not isValid(form) or not form.isVisible()
        assert desk.begun[RUNNING] == {}
        assert EN("today.begun.do") not in buttons(face.window)

    def test_an_empty_form_closes_at_once_and_keeps_nothing(self, started: Callable[[], Face], desk: ScriptedDesk) -> None:
        pressed(started().window, EN("do.note"))
        form = self.form(NoteForm)
        form.close()
        assert not isValid(form) or not form.isVisible()
        assert not desk.begun.get(RUNNING)

    def test_words_that_are_being_written_are_kept_a_moment_later(self, qtbot: QtBot) -> None:
        kept: list[object] = []
        form = NoteForm(lambda _text: None, EN, Begun({TOOL: "DeepL"}, kept.append))
        qtbot.addWidget(form)
        form._keeper._settle.setInterval(0)
        form.findChildren(QPlainTextEdit)[0].setPlainText(SAID)
        assert kept == []
        qtbot.waitUntil(lambda: bool(kept), timeout=PATIENCE_MS)
        assert kept == [{NOTE: SAID, TOOL: "DeepL"}]

    @pytest.mark.slow
    def test_a_logout_loses_no_word_of_a_window_that_is_shown(self, tmp_path: Path) -> None:
        with xvfb(1366, 768) as screen:
            environment = {**screen.environment, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": f"{HELPERS.parents[1]}:{HELPERS}"}
            for before in (("", ""), ("Two sentences", SAID)):
                command = [sys.executable, str(HELPERS / "unsent_note_program.py"), str(tmp_path), SAID]
                with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE) as program:
                    try:
                        assert program.stdout is not None
                        assert tuple(program.stdout.readline().rstrip("\n") for _ in before) == before
                        assert program.stdout.readline() == "written\n"
                    finally:
                        program.send_signal(signal.SIGTERM)
                    assert program.wait(timeout=30) == 0
                (file,) = (tmp_path / "unsent").iterdir()
                assert file.stat().st_mode & 0o777 == 0o600
                assert Unsent(tmp_path / "unsent").kept(RUNNING) == {NOTE: SAID, PURPOSE: "Two sentences"}
