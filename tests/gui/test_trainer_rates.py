# SPDX-License-Identifier: Apache-2.0
"""A report of rates in a window: quietly offered, shown to the last number, and sent or not by a press alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from trainer_fakes import PATIENCE_MS, STARTED_US, ScriptedDesk, StandInProgram, buttons, own_counts, pressed, said, standing

from session.desks import TrainerState, TrainerStatus
from session.rates.counts import Question
from session.rates.rows import Cell
from session.rates.shown import Own
from ui.marks import Tick
from ui.rated import language_words, percent_words, project_words, question_words, system_words
from ui.strings import Words
from ui.trainer.face import Face
from ui.trainer.rates import RatesDialog
from ui.trainer.verbs import Verb, offers

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")
EN, IT = Words("en"), Words("it")
AWAY = "The platform cannot be reached just now: nothing was sent. Check the network and try again; no report sends itself."
SEND, DECLINE, LATER = "Send these sums", "Do not send", "Later"
Made = Callable[..., RatesDialog]


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk(report_until_us=STARTED_US)


@pytest.fixture
def opened(program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot) -> Iterator[Made]:
    made: list[RatesDialog] = []

    def open_(**changes: object) -> RatesDialog:
        desk.counts = own_counts(**changes)
        made.append(RatesDialog(program, desk, desk.projects()))  # type: ignore[arg-type] # stands in
        made[-1].show()
        qtbot.waitUntil(lambda: EN("rates.what") in said(made[-1]), timeout=PATIENCE_MS)
        return made[-1]

    yield open_
    for one in made:
        if isValid(one):
            one.close()


def told(qtbot: QtBot, dialog: RatesDialog, key: str, shown: Own) -> None:
    day = {"until": "5 November 2026"}
    assert shown.until_us == own_counts().until_us
    qtbot.waitUntil(lambda: EN(key, **day) in said(dialog), timeout=PATIENCE_MS)


def test_it_is_offered_while_a_report_waits_and_no_session_runs() -> None:
    def offered(**status: object) -> list[Verb]:
        return [one.verb for one in offers(TrainerStatus(**status), (), EN)]  # type: ignore[arg-type] # by name

    assert Verb.RATES in offered(state=TrainerState.IDLE, report_until_us=STARTED_US)
    assert Verb.RATES not in offered(state=TrainerState.IDLE)
    for state in set(TrainerState) - {TrainerState.IDLE}:
        assert Verb.RATES not in offered(state=state, report_until_us=STARTED_US), state


def test_the_menu_and_the_window_say_it_quietly_and_both_stop_when_it_is_answered(
    program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    face = Face(program, desk)  # type: ignore[arg-type] # stands in for the program
    face.begin()
    try:
        entry = EN("do.rates")
        assert entry in [one.text() for one in face.tray._menu.actions()]
        assert "Until 23 November 2026 you may send" in face.window.rates.text
        assert desk.asked == []
        assert entry not in buttons(face.window), "the line has its own button"
        desk.say(state=TrainerState.RECORDING)
        qtbot.waitUntil(lambda: not face.window.rates.text, timeout=PATIENCE_MS)
        assert entry not in [one.text() for one in face.tray._menu.actions()]
        desk.say(state=TrainerState.IDLE)
        qtbot.waitUntil(lambda: bool(face.window.rates.text), timeout=PATIENCE_MS)
        pressed(face.window, EN("today.rates.do"))
        dialog = face._dialog
        assert isinstance(dialog, RatesDialog)
        qtbot.waitUntil(lambda: SEND in buttons(dialog), timeout=PATIENCE_MS)
        pressed(dialog, DECLINE)
        qtbot.waitUntil(lambda: not face.window.rates.text, timeout=PATIENCE_MS)
        assert entry not in [one.text() for one in face.tray._menu.actions()]
    finally:
        face.close()


def test_exactly_the_numbers_that_would_go_are_shown(opened: Made) -> None:
    dialog = opened()
    shown = own_counts()
    (card,) = [one for one in dialog.findChildren(QFrame) if one.accessibleName() == EN("rates.numbers")]
    texts = [one.text() for one in card.findChildren(QLabel)]
    rows = [texts[start : start + 5] for start in range(5, len(texts), 5)]
    assert rows == [
        [question_words(one, EN), f"1, {one.calibration}", *map(str, (n.answered, n.raised, n.not_evaluated))]
        for one, n in zip(shown.questions, shown.counts, strict=True)
    ]
    first = next(one for one in card.findChildren(QLabel) if one.text() == "Typing without pauses")
    assert first.accessibleName() == ("Typing without pauses: answered in 10 sessions, raised in 1, not evaluated in 2."), (
        "a screen reader reads the row whole"
    )
    assert first.accessibleName() in card.accessibleDescription()
    for words in (
        "24 September 2026 to 21 October 2026 (UTC)",
        "12 of your sealed sessions on this computer count.",
        "Project: Cardiology answers. System: Linux (X11). Language of the notice: English.",
        "both together could, against the rules",
    ):
        assert words in said(dialog)


def test_both_answers_weigh_the_same_and_neither_is_given_by_a_slip(opened: Made, desk: ScriptedDesk, qtbot: QtBot) -> None:
    dialog = opened()
    pair = [one for one in dialog.findChildren(QPushButton) if one.text() in {SEND, DECLINE}]
    assert len(pair) == 2
    assert len({(one.property("role"), one.font().bold(), one.width()) for one in pair}) == 1
    assert not any(one.isDefault() or one.autoDefault() or one.hasFocus() for one in pair)
    assert {one.text() for one in dialog.findChildren(QPushButton) if one.hasFocus()} == {LATER}
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert desk.verbs() == ["report"]


def test_by_keys_alone_each_answer_is_reached(opened: Made, desk: ScriptedDesk, qtbot: QtBot) -> None:
    dialog = opened()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    seen = []
    for _ in range(8):
        qtbot.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Tab)
        seen.append(dialog.focusWidget().accessibleName())
    assert {SEND, DECLINE, LATER, EN("rates.language.tell")} <= set(seen)
    while dialog.focusWidget().accessibleName() != SEND:
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: desk.verbs() == ["report", "send_report"], timeout=PATIENCE_MS)


@pytest.mark.parametrize("close", [LATER, Qt.Key.Key_Escape])
def test_later_and_closing_note_nothing(
    opened: Made, desk: ScriptedDesk, qtbot: QtBot, close: str | Qt.Key, program: StandInProgram
) -> None:
    dialog = opened()
    if isinstance(close, str):
        pressed(dialog, close)
    else:
        qtbot.keyClick(dialog, close)
    program.settle(lambda question: qtbot.waitUntil(question, timeout=PATIENCE_MS))
    assert desk.verbs() == ["report"]
    assert desk.status().report_until_us


def test_what_stood_there_is_what_goes(opened: Made, desk: ScriptedDesk, qtbot: QtBot) -> None:
    dialog, shown = opened(), own_counts()
    pressed(dialog, SEND)
    told(qtbot, dialog, "rates.state.sent", shown)
    assert desk.asked == [("report",), ("send_report", shown)]
    assert buttons(dialog) == ["Close"]


def test_the_language_may_be_left_out_and_it_is_seen(opened: Made, desk: ScriptedDesk, qtbot: QtBot) -> None:
    dialog, shown = opened(), own_counts()
    (tell,) = dialog.findChildren(Tick)
    tell.click()
    assert "Language of the notice: (not said)." in said(dialog)
    pressed(dialog, SEND)
    told(qtbot, dialog, "rates.state.sent", shown)
    assert desk.asked[-1] == ("send_report", shown.without_language())


def test_who_declines_is_told_that_nobody_hears_of_it_and_can_think_again(
    opened: Made, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    dialog, shown = opened(), own_counts()
    pressed(dialog, DECLINE)
    told(qtbot, dialog, "rates.state.declined", shown)
    assert desk.asked[-1] == ("decline_report", shown)
    assert "fairwitness rates --send" in said(dialog)
    pressed(dialog, EN("rates.again"))
    assert SEND in buttons(dialog)
    pressed(dialog, SEND)
    told(qtbot, dialog, "rates.state.sent", shown)


def test_a_platform_that_is_away_is_said_and_the_numbers_stay_to_be_sent_again(
    opened: Made, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    dialog, shown = opened(), own_counts()
    desk.faults["send_report"] = AWAY
    pressed(dialog, SEND)
    qtbot.waitUntil(lambda: AWAY in said(dialog), timeout=PATIENCE_MS)
    assert "Typing without pauses" in said(dialog)
    desk.faults.clear()
    pressed(dialog, SEND)
    told(qtbot, dialog, "rates.state.sent", shown)
    assert AWAY not in said(dialog)


def test_while_it_is_sent_nothing_else_can_be_pressed_and_the_window_may_go(
    opened: Made, desk: ScriptedDesk, qtbot: QtBot, program: StandInProgram
) -> None:
    dialog = opened()
    with desk.held("send_report"):
        pressed(dialog, SEND)
        assert EN("rates.sending") in said(dialog)
        able = {one.text() for one in dialog.findChildren(QPushButton) if one.isVisibleTo(dialog) and one.isEnabled()}
        assert able == {LATER}
        pressed(dialog, LATER)
        qtbot.waitUntil(lambda: not isValid(dialog), timeout=PATIENCE_MS)
    program.settle(lambda question: qtbot.waitUntil(question, timeout=PATIENCE_MS))
    assert desk.verbs() == ["report", "send_report"]


def test_what_was_begun_goes_as_it_was_or_waits(opened: Made) -> None:
    dialog = opened(state="begun")
    assert EN("rates.state.begun") in said(dialog)
    assert buttons(dialog) == [LATER, SEND]
    assert not any(one.isVisibleTo(dialog) for one in dialog.findChildren(Tick))


@pytest.mark.parametrize("state", ["few", "running", "over", "sent"])
def test_where_nothing_can_be_done_it_is_said_why(opened: Made, state: str) -> None:
    dialog = opened(state=state, unread=1)
    assert EN(f"rates.state.{state}", until="5 November 2026") in said(dialog)
    assert "1 cannot be read here." in said(dialog)
    assert buttons(dialog) == ["Close"]


def test_counts_that_cannot_be_made_are_said_and_the_window_closes(
    program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    desk.faults["report"] = AWAY
    dialog = RatesDialog(program, desk, desk.projects())  # type: ignore[arg-type] # stands in
    dialog.show()
    qtbot.waitUntil(lambda: AWAY in said(dialog), timeout=PATIENCE_MS)
    pressed(dialog, "Close")
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=PATIENCE_MS)


def test_cells_have_words_in_both_languages_and_unknown_names_stay_as_they_are() -> None:
    assert [project_words(one, IT) for one in (Cell(), Cell(""), Cell("heart"))] == ["altri progetti", "(nessuno)", "heart"]
    systems = [system_words(Cell("", one), EN) for one in (None, "windows", "freebsd14")]
    assert systems == ["other systems", "Windows", "freebsd14"]
    languages = [language_words(Cell("", "", one), IT) for one in (None, "", "it", "fr")]
    assert languages == ["altre lingue", "(non detta)", "italiano", "fr"]
    assert question_words(Question("of-tomorrow", 1, "a"), EN) == "of-tomorrow"
    assert [percent_words(share, IT) for share in (0.0, 0.00158, 0.31)] == ["0 %", "0,158 %", "31 %"]
    assert IT.fault(AWAY) != AWAY
