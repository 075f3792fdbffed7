# SPDX-License-Identifier: Apache-2.0
"""The recovery code in windows: shown after joining, printed for its owner alone, confirmed by words from paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLabel, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from trainer_fakes import CODE, LINK, PATIENCE_MS, ScriptedDesk, StandInProgram, buttons, pressed, said, standing

from session.desks import CodeState, TrainerState
from ui.strings import Words
from ui.trainer.code import CodeDialog
from ui.trainer.enrol import JoinDialog
from ui.trainer.face import Face

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")
EN = Words("en")


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk(code=CodeState.UNCONFIRMED)


@pytest.fixture
def chosen() -> list[str]:
    """What the person chooses as a file, the first of these."""
    return [""]


@pytest.fixture
def window(program: StandInProgram, desk: ScriptedDesk, chosen: list[str], qtbot: QtBot) -> Iterator[CodeDialog]:
    dialog = CodeDialog(program, desk, choose=lambda _parent, _name: chosen[0])  # type: ignore[arg-type] # stands in
    dialog.show()
    qtbot.waitUntil(lambda: EN("code.why") in said(dialog), timeout=PATIENCE_MS)
    yield dialog
    if isValid(dialog):
        dialog.close()


def fields(widget: QWidget) -> dict[int, QLineEdit]:
    """The words that are asked for, by their number."""
    found = [one for one in widget.findChildren(QLineEdit) if one.isVisibleTo(widget)]
    return {int(one.accessibleName().removeprefix("Word ")): one for one in found}


def ended(dialog: QDialog) -> list[int]:
    codes: list[int] = []
    dialog.finished.connect(codes.append)
    return codes


def test_all_words_are_shown_in_order_with_their_numbers(window: CodeDialog) -> None:
    shown = re.findall(r"^(\d+)\.  ([a-z]+)$", said(window), re.MULTILINE)
    assert [(int(number), word) for number, word in shown] == list(enumerate(CODE, 1))
    assert EN("code.keep") in said(window)


def test_no_word_is_cut(window: CodeDialog) -> None:
    shown = [one for one in window.findChildren(QLabel) if one.text()[:1].isdigit()]
    assert len(shown) == len(CODE)
    for one in shown:
        drawn = one.fontMetrics().boundingRect(one.text())
        assert not one.wordWrap()
        assert one.width() >= drawn.width(), one.text()
        assert one.height() >= drawn.height(), one.text()
        card = one.parentWidget()
        assert card is not None
        assert card.rect().adjusted(8, 8, -8, -8).contains(one.geometry()), one.text()


def test_two_words_of_the_paper_confirm_it(window: CodeDialog, desk: ScriptedDesk) -> None:
    pressed(window, "I have written them down")
    assert not any(word in said(window).split() for word in CODE if len(word) > 6)
    asked = fields(window)
    assert len(asked) == 2
    for number, field in asked.items():
        field.setText(f" {CODE[number - 1].upper()} ")
    pressed(window, "Confirm")
    assert desk.verbs() == ["code", "confirm_code"]
    assert EN("code.confirmed") in said(window)
    codes = ended(window)
    pressed(window, "Close")
    assert codes == [QDialog.DialogCode.Accepted]


def test_a_wrong_word_is_named_and_confirms_nothing(window: CodeDialog, desk: ScriptedDesk) -> None:
    pressed(window, "I have written them down")
    numbers = list(fields(window))
    fields(window)[numbers[0]].setText(CODE[numbers[0] - 1])
    fields(window)[numbers[1]].setText("zoo")
    pressed(window, "Confirm")
    assert EN("code.check.wrong", number=numbers[1]) in said(window)
    assert desk.verbs() == ["code"]
    pressed(window, "Back")
    assert EN("code.why") in said(window)


def test_other_words_are_asked_for_another_time(window: CodeDialog) -> None:
    seen = set()
    for _ in range(12):
        pressed(window, "I have written them down")
        seen.add(tuple(fields(window)))
        pressed(window, "Back")
    assert len(seen) > 1


def test_later_confirms_nothing(window: CodeDialog, desk: ScriptedDesk) -> None:
    codes = ended(window)
    pressed(window, "Later")
    assert codes == [QDialog.DialogCode.Rejected]
    assert desk.verbs() == ["code"]


def test_the_page_is_for_its_owner_alone(window: CodeDialog, chosen: list[str], tmp_path: Path) -> None:
    pressed(window, EN("code.print"))
    assert list(tmp_path.iterdir()) == []  # the person chose nothing
    path = tmp_path / "code.html"
    chosen[0] = str(path)
    pressed(window, EN("code.print"))
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<li>([a-z]+)</li>", text) == list(CODE)
    assert "Of ada, in Example Labs." in text
    assert "http" not in text
    assert EN("code.printed") in said(window)


def test_a_folder_that_takes_no_page_is_said(window: CodeDialog, chosen: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    chosen[0] = str(tmp_path / "file" / "code.html")
    pressed(window, EN("code.print"))
    assert "There is a file where a folder must be" in said(window) or "gave an error" in said(window)


def test_keys_without_a_code_say_what_to_do(program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.faults["code"] = "Your keys were made before there were recovery codes."
    dialog = CodeDialog(program, desk)  # type: ignore[arg-type] # stands in for the program
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "before there were recovery codes" in said(dialog), timeout=PATIENCE_MS)


def test_a_window_that_is_closed_while_it_reads_is_not_spoken_to(
    program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    with desk.held("code"):
        dialog = CodeDialog(program, desk)  # type: ignore[arg-type] # stands in for the program
        dialog.show()
        dialog.close()
        qtbot.waitUntil(lambda: not isValid(dialog), timeout=PATIENCE_MS)
    program.settle(qtbot.waitUntil)


# --- in the state window


@pytest.fixture
def face(program: StandInProgram, desk: ScriptedDesk) -> Iterator[Face]:
    made = Face(program, desk)  # type: ignore[arg-type] # stands in for the program
    made.begin()
    yield made
    if made._dialog is not None:
        made._dialog.close()
    made.close()


def test_it_is_reminded_of_until_it_is_confirmed_and_never_while_a_session_runs(
    face: Face, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    reminder = EN("today.code.unconfirmed")
    assert reminder in said(face.window)
    desk.say(state=TrainerState.RECORDING)
    qtbot.waitUntil(lambda: reminder not in said(face.window), timeout=PATIENCE_MS)
    desk.say(state=TrainerState.IDLE)
    qtbot.waitUntil(lambda: reminder in said(face.window), timeout=PATIENCE_MS)
    pressed(face.window, EN("today.code.show"))
    assert isinstance(face._dialog, CodeDialog)
    desk.confirm_code()
    qtbot.waitUntil(lambda: reminder not in said(face.window), timeout=PATIENCE_MS)
    assert {"My recovery code …", "Add a device …"} <= set(buttons(face.window))


def test_the_window_with_the_code_has_a_place_before_it_grows_and_all_of_it_is_on_a_small_screen(
    face: Face, qtbot: QtBot
) -> None:
    face.show_code()
    assert face._dialog is not None
    assert face._dialog.x() > 0
    assert face._dialog.y() > 0
    qtbot.waitUntil(lambda: face._dialog is not None and EN("code.why") in said(face._dialog), timeout=PATIENCE_MS)
    screen = face._dialog.screen().availableGeometry()
    assert screen.contains(face._dialog.geometry()) or face._dialog.height() > screen.height() * 7 // 8


def test_whoever_has_no_code_is_told_what_to_do(face: Face, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.say(code=CodeState.NONE)
    qtbot.waitUntil(lambda: EN("today.code.none") in said(face.window), timeout=PATIENCE_MS)


def test_the_code_is_shown_once_this_computer_is_enrolled(face: Face, desk: ScriptedDesk, qtbot: QtBot) -> None:
    face.join(LINK)
    assert isinstance(face._dialog, JoinDialog)
    pressed(face._dialog, "They are the same")
    qtbot.waitUntil(lambda: isinstance(face._dialog, CodeDialog), timeout=PATIENCE_MS)
    assert EN("join.done") not in said(face.window), (
        "that it waits for the organisation stands there already, and ends by itself"
    )
    qtbot.waitUntil(lambda: face._dialog is not None and EN("code.why") in said(face._dialog), timeout=PATIENCE_MS)
    assert desk.verbs() == ["join", "code"]


# --- joining with a code


@pytest.fixture
def join(program: StandInProgram, desk: ScriptedDesk) -> Iterator[JoinDialog]:
    made = JoinDialog(program, desk)  # type: ignore[arg-type] # stands in for the program
    made.show()
    yield made
    if isValid(made):
        made.close()


def _filled(join: JoinDialog, code: str) -> None:
    (box,) = join.findChildren(QCheckBox)
    box.setChecked(True)
    texts = {one.accessibleName(): one for one in join.findChildren(QPlainTextEdit) if one.isVisibleTo(join)}
    texts["Enrolment link"].setPlainText(LINK)
    texts["Your 24 words"].setPlainText(code)
    pressed(join, "Next")


def test_a_slip_in_the_code_is_said_before_anything_is_sent(join: JoinDialog, desk: ScriptedDesk) -> None:
    _filled(join, " ".join(("abandonn", *CODE[1:])))
    assert "Word 1 is not in the list of words." in said(join)
    (field,) = [one for one in join.findChildren(QPlainTextEdit) if one.accessibleName() == "Your 24 words"]
    assert field.toPlainText().startswith("abandonn")
    assert desk.asked == []


def test_an_empty_code_is_no_code(join: JoinDialog, desk: ScriptedDesk) -> None:
    _filled(join, "  ")
    assert "these are 0" in said(join)
    assert desk.asked == []


def test_a_code_brings_the_person_back(join: JoinDialog, desk: ScriptedDesk, qtbot: QtBot) -> None:
    code = " ".join(CODE)
    _filled(join, code)
    pressed(join, "They are the same")
    qtbot.waitUntil(lambda: EN("join.recovered") in said(join), timeout=PATIENCE_MS)
    assert desk.asked == [("join", LINK, code)]


def test_what_was_typed_is_not_a_code_once_the_box_is_empty_again(
    join: JoinDialog, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    (box,) = join.findChildren(QCheckBox)
    box.setChecked(True)
    _field = next(one for one in join.findChildren(QPlainTextEdit) if one.accessibleName() == "Your 24 words")
    _field.setPlainText("half a code")
    box.setChecked(False)
    next(one for one in join.findChildren(QPlainTextEdit) if one.accessibleName() == "Enrolment link").setPlainText(LINK)
    pressed(join, "Next")
    pressed(join, "They are the same")
    qtbot.waitUntil(lambda: EN("join.done") in said(join), timeout=PATIENCE_MS)
    assert desk.asked == [("join", LINK)]
