# SPDX-License-Identifier: Apache-2.0
"""A second device in windows: words before anything is sent, on both sides, and texts that can be carried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from trainer_fakes import ANSWER, PATIENCE_MS, PERSONAL, REQUEST, ScriptedDesk, StandInProgram, pressed, said, standing

from session.desks import CodeState
from ui.qr import MODULE_PX, QrCode
from ui.strings import Words
from ui.trainer.device import AddDevice, AskDevice
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
    return ScriptedDesk(code=CodeState.CONFIRMED)


@pytest.fixture
def add(program: StandInProgram, desk: ScriptedDesk) -> Iterator[AddDevice]:
    made = AddDevice(program, desk)  # type: ignore[arg-type] # stands in for the program
    made.show()
    yield made
    if isValid(made):
        made.close()


@pytest.fixture
def ask(program: StandInProgram, desk: ScriptedDesk) -> Iterator[AskDevice]:
    made = AskDevice(program, desk)  # type: ignore[arg-type] # stands in for the program
    made.show()
    yield made
    if isValid(made):
        made.close()


def text(widget: QWidget, name: str) -> QPlainTextEdit:
    (found,) = [
        one for one in widget.findChildren(QPlainTextEdit) if one.isVisibleTo(widget) and one.accessibleName() == name
    ]
    return found


def words_on(widget: QWidget) -> list[str]:
    return [line.split("  ")[1] for line in said(widget).split("\n") if line[:1].isdigit() and ".  " in line]


def pasted(widget: QWidget, name: str, what: str) -> None:
    text(widget, name).setPlainText(what)
    pressed(widget, "Next")


def test_what_is_no_request_is_said_and_stays(add: AddDevice, desk: ScriptedDesk) -> None:
    pasted(add, EN("device.request"), "something else")
    assert "This is no request." in said(add)
    assert text(add, EN("device.request")).toPlainText() == "something else"
    assert desk.asked == []


def test_the_new_devices_words_are_compared_before_it_is_let_in(add: AddDevice, desk: ScriptedDesk, qtbot: QtBot) -> None:
    pasted(add, EN("device.request"), f" {REQUEST.text}\n")
    assert words_on(add) == list(REQUEST.words)
    assert EN("device.compare", name="laptop") in said(add)
    assert desk.asked == []
    pressed(add, "They are the same")
    qtbot.waitUntil(lambda: EN("device.answer.why") in said(add), timeout=PATIENCE_MS)
    assert desk.asked == [("answer_request", REQUEST.text)]
    assert words_on(add) == list(ANSWER.words)
    assert text(add, EN("device.answer.text")).toPlainText() == ANSWER.text
    assert text(add, EN("device.answer.text")).isReadOnly()


def test_words_that_differ_let_nobody_in(add: AddDevice, desk: ScriptedDesk) -> None:
    pasted(add, EN("device.request"), REQUEST.text)
    pressed(add, "They differ")
    assert EN("device.differ.why") in said(add)
    with pytest.raises(AssertionError, match="They are the same"):
        pressed(add, "They are the same")
    assert desk.asked == []


def test_a_platform_that_refuses_is_said_and_can_be_asked_again(add: AddDevice, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.faults["answer_request"] = "The platform cannot be reached."
    pasted(add, EN("device.request"), REQUEST.text)
    pressed(add, "They are the same")
    qtbot.waitUntil(lambda: "The platform cannot be reached." in said(add), timeout=PATIENCE_MS)
    desk.faults.clear()
    pressed(add, "They are the same")
    qtbot.waitUntil(lambda: EN("device.answer.why") in said(add), timeout=PATIENCE_MS)


def test_a_window_that_is_closed_meanwhile_is_not_spoken_to(
    add: AddDevice, desk: ScriptedDesk, program: StandInProgram, qtbot: QtBot
) -> None:
    pasted(add, EN("device.request"), REQUEST.text)
    with desk.held("answer_request"):
        pressed(add, "They are the same")
        add.close()
        qtbot.waitUntil(lambda: not isValid(add), timeout=PATIENCE_MS)
    program.settle(qtbot.waitUntil)


def test_the_new_device_shows_its_request_as_text_and_as_a_code(ask: AskDevice) -> None:
    assert text(ask, EN("device.ask.text")).toPlainText() == REQUEST.text
    assert words_on(ask) == list(REQUEST.words)
    (code,) = ask.findChildren(QrCode)
    assert code.accessibleName() == EN("device.qr")
    pressed(ask, EN("device.copy"))
    assert QGuiApplication.clipboard().text() == REQUEST.text
    assert EN("device.copied") in said(ask)


def test_the_answers_words_are_compared_before_it_is_taken(ask: AskDevice, desk: ScriptedDesk, qtbot: QtBot) -> None:
    pressed(ask, EN("device.ask.next"))
    pasted(ask, EN("device.ask.answer.text"), "something else")
    assert "This is no answer." in said(ask)
    pasted(ask, EN("device.ask.answer.text"), ANSWER.text)
    assert words_on(ask) == list(ANSWER.words)
    assert EN("device.ask.person", name="laptop", person="ada") in said(ask)
    assert desk.verbs() == ["ask_device"]
    pressed(ask, "They are the same")
    qtbot.waitUntil(lambda: EN("device.joined") in said(ask), timeout=PATIENCE_MS)
    assert desk.asked[-1] == ("take_answer", ANSWER.text)


def test_an_answer_with_other_words_is_not_taken(ask: AskDevice, desk: ScriptedDesk) -> None:
    pressed(ask, EN("device.ask.next"))
    pasted(ask, EN("device.ask.answer.text"), ANSWER.text)
    pressed(ask, "They differ")
    assert EN("device.ask.differ.why") in said(ask)
    codes: list[int] = []
    ask.finished.connect(codes.append)
    pressed(ask, "Close")
    assert codes == [QDialog.DialogCode.Rejected]
    assert desk.verbs() == ["ask_device"]


def test_a_key_store_that_cannot_be_written_is_said(program: StandInProgram, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.faults["ask_device"] = "The disk is full."
    made = AskDevice(program, desk)  # type: ignore[arg-type] # stands in for the program
    qtbot.addWidget(made)
    made.show()
    assert "The disk is full." in said(made)


def test_from_the_state_window_and_from_joining_to_the_right_side(program: StandInProgram, qtbot: QtBot) -> None:
    enrolled, new = ScriptedDesk(code=CodeState.CONFIRMED), ScriptedDesk(PERSONAL)
    for desk, button, kind in ((enrolled, "Add a device …", AddDevice), (new, "Join an organisation …", JoinDialog)):
        face = Face(program, desk)  # type: ignore[arg-type] # stands in for the program
        face.begin()
        pressed(face.window, button)
        assert isinstance(face._dialog, kind)
        if kind is JoinDialog:
            pressed(face._dialog, EN("join.elsewhere"))
            qtbot.waitUntil(lambda shown=face: isinstance(shown._dialog, AskDevice), timeout=PATIENCE_MS)  # type: ignore[misc]
        face._dialog.close()
        face.close()


@pytest.mark.parametrize("what", [REQUEST.text, ANSWER.text])
def test_a_code_is_drawn_module_by_module_with_its_quiet_zone(qtbot: QtBot, what: str) -> None:
    code = QrCode(what, "code")
    qtbot.addWidget(code)
    image = QImage(code.size(), QImage.Format.Format_RGB32)
    code.render(image)
    side = len(code.modules) + 8
    assert (image.width(), image.height()) == (side * MODULE_PX, side * MODULE_PX)
    for down in range(side):
        for right in range(side):
            inside = 4 <= down < side - 4 and 4 <= right < side - 4
            dark = bool(inside and code.modules[down - 4][right - 4])
            pixel = image.pixelColor(right * MODULE_PX + 1, down * MODULE_PX + 1)
            assert (pixel.lightness() < 128) is dark
