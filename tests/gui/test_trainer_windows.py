# SPDX-License-Identifier: Apache-2.0
"""The windows that open from the trainer's sign: what is asked before anything happens, and nothing typed that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from trainer_fakes import (
    LINK,
    PATIENCE_MS,
    SIX,
    TWO,
    ScriptedDesk,
    StandInProgram,
    buttons,
    pressed,
    said,
    standing,
)

from detectors.abstain import ASSISTIVE_TOOLS
from session import EnvironmentFault
from session.assistance import NOTHING_SAID, Assistance
from session.desks import NoticeDue, TrainerState, TrainerStatus
from session.trust.lifetime import Due, Term
from ui.marks import Tick
from ui.notice import notice
from ui.strings import Words
from ui.trainer.enrol import JoinDialog
from ui.trainer.forms import AssistanceForm, DeclareForm, NoteForm
from ui.trainer.notice import NoticeDialog
from ui.trainer.parts import MOST, SayBox
from ui.trainer.single import SingleInstance
from ui.trainer.window import TodayWindow
from ui.unsent import Begun

# The offscreen platform has no tray and no order of windows, and says so each time.
pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")
EN = Words("en")
FULL = "The disk is full. Free some space."
DECISION = "d" * 64


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk()


def _field(widget: QWidget, name: str) -> QPlainTextEdit | QLineEdit:
    fields = (*widget.findChildren(QPlainTextEdit), *widget.findChildren(QLineEdit))
    (found,) = [one for one in fields if one.accessibleName() == name]
    return found


def _type(widget: QWidget, name: str, text: str) -> None:
    field = _field(widget, name)
    field.setPlainText(text) if isinstance(field, QPlainTextEdit) else field.setText(text)


def _text(widget: QWidget, name: str) -> str:
    field = _field(widget, name)
    return field.toPlainText() if isinstance(field, QPlainTextEdit) else field.text()


def _enabled(widget: QWidget, text: str) -> bool:
    (found,) = [one for one in widget.findChildren(QPushButton) if one.text() == text]
    return found.isEnabled()


def _ended(dialog: QDialog) -> list[int]:
    """Codes with which it was closed; it deletes itself soon after."""
    codes: list[int] = []
    dialog.finished.connect(codes.append)
    return codes


def _refuses(*_given: object) -> None:
    raise EnvironmentFault(FULL)


# --- notice


def _due(desk: ScriptedDesk, **changes: object) -> NoticeDue:
    return desk.needs_notice("heart", **changes)


def test_the_notice_shows_every_sentence_and_reading_it_names_exactly_that_text(qtbot: QtBot, desk: ScriptedDesk) -> None:
    read: list[str] = []
    due = _due(desk, legal_basis="contract")
    dialog = NoticeDialog(due, read.append, EN)
    codes = _ended(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.isVisible)
    expected = notice(due.policy, "Example Labs", EN)
    shown = said(dialog)
    assert all(line in shown for section in expected.sections for line in (section.heading, *section.lines))
    assert buttons(dialog) == ["Not now", "I have read this"]
    pressed(dialog, "I have read this")
    assert read == [expected.sha256]
    assert codes == [QDialog.DialogCode.Accepted]


def test_where_consent_is_asked_the_buttons_agree_or_do_not(qtbot: QtBot, desk: ScriptedDesk) -> None:
    assert qtbot
    read: list[str] = []
    dialog = NoticeDialog(_due(desk, legal_basis="consent"), read.append, EN)
    codes = _ended(dialog)
    dialog.show()
    assert buttons(dialog) == ["I do not agree", "I agree"]
    pressed(dialog, "I do not agree")
    assert (read, codes) == ([], [QDialog.DialogCode.Rejected])


def test_a_notice_that_could_not_be_kept_stays_open_and_says_why(qtbot: QtBot, desk: ScriptedDesk) -> None:
    dialog = NoticeDialog(_due(desk, legal_basis="contract"), _refuses, EN)
    qtbot.addWidget(dialog)
    dialog.show()
    pressed(dialog, "I have read this")
    assert dialog.isVisible()
    assert FULL in said(dialog)


# --- forms


def _nothing_begun() -> Begun:
    return Begun({}, lambda _words: None)


@pytest.mark.parametrize("language", ["en", "it"])
def test_nobody_is_led_to_name_an_aid_to_their_health_where_reviewers_read_it(qtbot: QtBot, language: str) -> None:
    form = DeclareForm(lambda _tool, _purpose: None, Words(language), _nothing_begun())
    qtbot.addWidget(form)
    examples = form.findChildren(QLineEdit)[0].placeholderText().casefold()
    assert "deepl" in examples
    assert not any(tool in examples for tool in (*ASSISTIVE_TOOLS[:4], "dettatura", "voce", "screen reader"))
    elsewhere = {
        "en": "under Assistive tools, which stays on this computer",
        "it": "Strumenti assistivi, che resta su questo",
    }
    assert elsewhere[language] in said(form)


@pytest.mark.parametrize("before", [NOTHING_SAID, Assistance(assistive=True), Assistance(assistive=True, remote=True)])
def test_what_stays_on_this_computer_is_shown_as_it_is_and_kept_as_it_was_ticked(qtbot: QtBot, before: Assistance) -> None:
    kept: list[Assistance] = []
    form = AssistanceForm(before, kept.append, EN)
    codes = _ended(form)
    form.show()
    qtbot.waitUntil(form.isVisible)
    assistive, remote = form.findChildren(Tick)
    assert (assistive.isChecked(), remote.isChecked()) == (before.assistive, before.remote)
    assert "It stays on this computer" in said(form)
    assert "never why" in said(form)
    remote.click()
    assert buttons(form) == ["Cancel", "Save"]
    pressed(form, "Save")
    assert kept == [Assistance(before.assistive, not before.remote)]
    assert codes == [QDialog.DialogCode.Accepted]


def test_a_declaration_that_could_not_be_kept_stays_open_and_says_why(qtbot: QtBot) -> None:
    form = AssistanceForm(NOTHING_SAID, _refuses, EN)
    qtbot.addWidget(form)
    form.show()
    pressed(form, "Save")
    assert form.isVisible()
    assert FULL in said(form)


def test_a_tool_without_a_name_cannot_be_added(qtbot: QtBot) -> None:
    sent: list[tuple[str, str]] = []
    form = DeclareForm(lambda tool, purpose: sent.append((tool, purpose)), EN, _nothing_begun())
    codes = _ended(form)
    form.show()
    qtbot.waitUntil(form.isVisible)
    assert not _enabled(form, "Add to the record")
    _type(form, "Which tool", "   ")
    assert not _enabled(form, "Add to the record")
    _type(form, "Which tool", "DeepL")
    _type(form, "What for", "Two sentences")
    pressed(form, "Add to the record")
    assert sent == [("DeepL", "Two sentences")]
    assert codes == [QDialog.DialogCode.Accepted]


def test_a_tool_that_could_not_be_recorded_stays_in_the_form_with_the_reason(qtbot: QtBot) -> None:
    form = DeclareForm(_refuses, EN, _nothing_begun())
    qtbot.addWidget(form)
    form.show()
    _type(form, "Which tool", "DeepL")
    _type(form, "What for", "Two sentences")
    pressed(form, "Add to the record")
    assert form.isVisible()
    assert FULL in said(form)
    assert (_text(form, "Which tool"), _text(form, "What for")) == ("DeepL", "Two sentences")


def test_an_empty_note_cannot_be_added_and_a_refused_one_is_kept(qtbot: QtBot) -> None:
    form = NoteForm(_refuses, EN, _nothing_begun())
    qtbot.addWidget(form)
    form.show()
    assert not _enabled(form, "Add to the record")
    _type(form, "Note", " \n ")
    assert not _enabled(form, "Add to the record")
    _type(form, "Note", "The editor hung.")
    pressed(form, "Add to the record")
    assert FULL in said(form)
    assert _text(form, "Note") == "The editor hung."


# --- words on a finding


class Said:
    """What a box sent, and whether it was refused."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.done: list[str] = []
        self.fault = ""

    def send(self, text: str) -> None:
        if self.fault:
            raise EnvironmentFault(self.fault)
        self.sent.append(text)


@pytest.fixture
def spoken() -> Said:
    return Said()


@pytest.fixture
def box(qtbot: QtBot, program: StandInProgram, spoken: Said) -> SayBox:
    made = SayBox(
        "Yours",
        "Your words",
        "Save",
        EN,
        program.background,
        send=spoken.send,
        done=lambda: spoken.done.append("done"),
        after="Saved.",
    )
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_box_takes_some_words_and_not_too_many(box: SayBox, spoken: Said) -> None:
    for text, takes in (("", False), ("  \n", False), ("x", True), ("x" * MOST, True), ("x" * (MOST + 1), False)):
        box.field.setPlainText(text)
        assert _enabled(box, "Save") is takes, len(text)
    box.send_now()
    assert spoken.sent == []
    assert "-1 characters left" in said(box)
    box.field.setPlainText("x" * (MOST - 499))
    assert "499 characters left" in said(box)
    box.field.setPlainText("x" * (MOST - 500))
    assert "left" not in said(box)


def test_words_that_were_taken_leave_the_field(box: SayBox, spoken: Said, qtbot: QtBot) -> None:
    box.field.setPlainText("  I dictated this. ")
    pressed(box, "Save")
    qtbot.waitUntil(lambda: spoken.done == ["done"], timeout=PATIENCE_MS)
    assert spoken.sent == ["I dictated this."]
    assert box.unsent == ""
    assert "Saved." in said(box)


def test_words_that_were_not_taken_stay_and_can_be_sent_again(box: SayBox, spoken: Said, qtbot: QtBot) -> None:
    spoken.fault = FULL
    box.field.setPlainText("I dictated this.")
    pressed(box, "Save")
    qtbot.waitUntil(lambda: FULL in said(box), timeout=PATIENCE_MS)
    assert box.unsent == "I dictated this."
    spoken.fault = ""
    pressed(box, "Save")
    qtbot.waitUntil(lambda: spoken.sent == ["I dictated this."], timeout=PATIENCE_MS)


# --- joining


@pytest.fixture
def join(program: StandInProgram, desk: ScriptedDesk) -> Iterator[JoinDialog]:
    made = JoinDialog(program, desk)  # type: ignore[arg-type] # stands in for the program
    made.show()
    yield made
    if isValid(made):  # it deletes itself when it is closed
        made.close()


def test_what_is_no_link_is_said_and_stays_to_be_mended(join: JoinDialog, desk: ScriptedDesk) -> None:
    _type(join, "Enrolment link", "htp://nothing")
    pressed(join, "Next")
    assert "This is not an enrolment link." in said(join)
    assert _text(join, "Enrolment link") == "htp://nothing"
    assert desk.asked == []


def test_six_words_are_shown_before_anything_is_sent(join: JoinDialog, desk: ScriptedDesk) -> None:
    _type(join, "Enrolment link", f"  {LINK}\n")
    pressed(join, "Next")
    shown = said(join).split("\n")
    assert [f"{at + 1}.  {word}" for at, word in enumerate(SIX)] == [one for one in shown if one[:1].isdigit()]
    assert "You would be “ada” on platform.example." in shown
    assert desk.asked == []


def test_nothing_but_the_button_of_the_comparison_joins(join: JoinDialog, desk: ScriptedDesk, qtbot: QtBot) -> None:
    """Return and Escape, a second "Next" and every other button: the six words cannot be skipped."""
    assert not [one for one in buttons(join) if one == EN("join.same")]
    _type(join, "Enrolment link", LINK)
    pressed(join, "Next")
    same = next(one for one in join.findChildren(QPushButton) if one.text() == EN("join.same"))
    assert not same.isDefault()
    assert not same.autoDefault() or not same.hasFocus()
    qtbot.keyClick(join, Qt.Key.Key_Return)
    qtbot.keyClick(join, Qt.Key.Key_Enter)
    assert desk.asked == []
    qtbot.keyClick(join, Qt.Key.Key_Escape)
    assert desk.asked == []


def test_words_that_differ_send_nothing_and_say_what_it_means(join: JoinDialog, desk: ScriptedDesk) -> None:
    _type(join, "Enrolment link", LINK)
    pressed(join, "Next")
    pressed(join, "They differ")
    assert EN("join.differ.why") in said(join)
    assert not _enabled(join, "They are the same")
    codes = _ended(join)
    pressed(join, "Close")
    assert codes == [QDialog.DialogCode.Rejected]
    assert desk.asked == []


def test_the_same_words_enrol_this_computer_with_that_link(join: JoinDialog, desk: ScriptedDesk, qtbot: QtBot) -> None:
    _type(join, "Enrolment link", LINK)
    pressed(join, "Next")
    pressed(join, "They are the same")
    assert not _enabled(join, "They are the same")
    qtbot.waitUntil(lambda: EN("join.done") in said(join), timeout=PATIENCE_MS)
    assert desk.asked == [("join", LINK)]
    codes = _ended(join)
    pressed(join, "Close")
    assert codes == [QDialog.DialogCode.Accepted]


def test_an_enrolment_that_failed_says_why_and_can_be_tried_again(
    join: JoinDialog, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    desk.faults["join"] = "The platform cannot be reached."
    _type(join, "Enrolment link", LINK)
    pressed(join, "Next")
    pressed(join, "They are the same")
    qtbot.waitUntil(lambda: "The platform cannot be reached." in said(join), timeout=PATIENCE_MS)
    desk.faults.clear()
    pressed(join, "They are the same")
    qtbot.waitUntil(lambda: EN("join.done") in said(join), timeout=PATIENCE_MS)


def test_a_window_that_is_closed_while_it_joins_is_not_spoken_to_any_more(
    join: JoinDialog, desk: ScriptedDesk, program: StandInProgram, qtbot: QtBot
) -> None:
    _type(join, "Enrolment link", LINK)
    pressed(join, "Next")
    with desk.held():
        pressed(join, "They are the same")
        join.close()
        qtbot.waitUntil(lambda: not isValid(join), timeout=PATIENCE_MS)
    program.settle(qtbot.waitUntil)
    assert desk.asked == [("join", LINK)]


def test_a_link_that_the_program_was_started_with_goes_straight_to_the_words(
    program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    dialog = JoinDialog(program, desk, LINK)  # type: ignore[arg-type] # stands in for the program
    qtbot.addWidget(dialog)
    dialog.show()
    assert "1.  acid" in said(dialog)


# --- one program


def test_a_second_start_opens_the_firsts_window_and_is_told_so(tmp_path: Path, qtbot: QtBot) -> None:
    wanted: list[str] = []
    first = SingleInstance(tmp_path, lambda: wanted.append("first"))
    second = SingleInstance(tmp_path, lambda: wanted.append("second"))
    try:
        assert first.first()
        assert not second.first()
        qtbot.waitUntil(lambda: wanted == ["first"], timeout=PATIENCE_MS)
        first.close()
        assert second.first()
    finally:
        first.close()
        second.close()


def test_another_folder_is_another_program(tmp_path: Path, qtbot: QtBot) -> None:
    assert qtbot
    one, other = (SingleInstance(tmp_path / name, lambda: None) for name in ("a", "b"))
    try:
        assert one.first()
        assert other.first()
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("what", ["directory", "log", "receipt", "statement", "something new"])
def test_a_platform_that_contradicts_itself_has_its_own_place_in_the_state_window(
    qtbot: QtBot, language: str, what: str
) -> None:
    words = Words(language)
    nothing = lambda *_arguments: None  # noqa: E731 - what is pressed here goes nowhere
    window = TodayWindow(words, act=nothing, review=nothing, send_now=nothing, seen=nothing, closing=lambda: True)
    qtbot.addWidget(window)
    window.show()
    status = TrainerStatus(state=TrainerState.RECORDING, contradicted=what, message=FULL)
    window.show_status(status, ())
    told = window.contradicted.text
    assert "organisation/evidence" in told
    assert ("admin" if language == "en" else "amministratore") in told
    assert ("your hours count" if language == "en" else "le tue ore valgono") in told
    assert window.contradicted.accessibleName() == told
    assert words.fault(FULL) in window.banner.text  # and takes nothing else's place
    window.show_status(TrainerStatus(state=TrainerState.RECORDING), ())
    assert window.contradicted.text == ""


@pytest.mark.parametrize("language", ["en", "it"])
def test_what_ends_soon_is_said_in_the_state_window_with_whom_to_ask(qtbot: QtBot, language: str) -> None:
    words = Words(language)
    nothing = lambda *_arguments: None  # noqa: E731 - what is pressed here goes nowhere
    window = TodayWindow(words, act=nothing, review=nothing, send_now=nothing, seen=nothing, closing=lambda: True)
    qtbot.addWidget(window)
    window.show()
    near = Due(Term.REVIEW_KEY, TWO[0].id, 1_795_422_600_000_000, 9)
    window.show_status(TrainerStatus(state=TrainerState.RECORDING, due=(near,), message=FULL), TWO)
    assert TWO[0].name in window.due.text
    assert window.due.text.endswith(words("due.ask"))
    assert words.fault(FULL) in window.banner.text  # and takes nothing else's place
    window.show_status(TrainerStatus(state=TrainerState.RECORDING), TWO)
    assert window.due.text == ""
