# SPDX-License-Identifier: Apache-2.0
"""The decision form: no answer is laid in anybody's mouth, nothing is signed unseen, nothing that was written is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from ui.desk.decide import OUTCOMES, REASON_MOST, DecisionForm, Draft
from ui.strings import Words

EN = Words("en")
PATIENCE_MS = 10_000
REASON = "The pauses fit a text that was dictated."
Make = Callable[..., DecisionForm]


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def make(qtbot: QtBot, sent: list[str]) -> Make:
    def made(draft: Draft | None = None, weight: str = "A", *, decided: bool = False) -> DecisionForm:
        form = DecisionForm(
            draft or Draft(),
            asked="Text from software",
            weight=weight,
            decided=decided,
            name="Benedetta Rossi",
            words=EN,
            send=lambda: sent.append("sent"),
        )
        qtbot.addWidget(form)
        form.resize(420, 700)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow, timeout=PATIENCE_MS)
        return form

    return made


def choices(form: QWidget) -> list[QRadioButton]:
    return form.findChildren(QRadioButton)


def reason(form: QWidget) -> QPlainTextEdit:
    (found,) = form.findChildren(QPlainTextEdit)
    return found


def said(form: QWidget) -> str:
    return "\n".join(one.text() for one in form.findChildren(QLabel) if one.isVisible())


def press(form: QWidget, name: str) -> None:
    (found,) = [one for one in form.findChildren(QPushButton) if one.accessibleName() == name and one.isVisible()]
    found.click()


def filled(form: DecisionForm, outcome: int = 1) -> DecisionForm:
    choices(form)[outcome].click()
    reason(form).setPlainText(REASON)
    return form


def test_none_of_the_three_is_chosen_beforehand_and_each_says_what_it_means(make: Make) -> None:
    form = make()
    assert [one.text() for one in choices(form)] == ["Upheld", "Not upheld", "Ask"]
    assert not any(one.isChecked() for one in choices(form))
    for choice, outcome in zip(choices(form), OUTCOMES, strict=True):
        means = EN(f"decide.means.{outcome}")
        assert means in said(form)
        assert choice.accessibleDescription() == means


def test_it_says_whose_name_it_carries_and_that_it_changes_no_pay(make: Make) -> None:
    text = said(make())
    assert "signed with your name, Benedetta Rossi" in text
    assert "changes no pay by itself" in text


@pytest.mark.parametrize(("weight", "words"), [("A", ""), ("B", "never suffices alone"), ("C", "context only")])
def test_a_lighter_finding_says_that_it_is_lighter(make: Make, weight: str, words: str) -> None:
    text = said(make(weight=weight))
    assert ("never suffices" in text) == (weight == "B")
    assert words in text


def test_what_is_missing_is_said_and_the_keyboard_goes_there(make: Make, sent: list[str]) -> None:
    form = make()
    press(form, "Sign decision")
    assert "Please choose one of the three." in said(form)
    assert form.focusWidget() is choices(form)[0]
    choices(form)[2].click()
    assert "Please choose" not in said(form)
    reason(form).setPlainText("  \n ")
    press(form, "Sign decision")
    assert "Please write your reason." in said(form)
    assert form.focusWidget() is reason(form)
    reason(form).setPlainText("x" * (REASON_MOST + 1))
    assert "4,097 of 4,096" in said(form)
    press(form, "Sign decision")
    assert "Please shorten your reason." in said(form)
    assert sent == []


def test_the_longest_reason_can_be_signed(make: Make, sent: list[str]) -> None:
    form = make()
    choices(form)[0].click()
    reason(form).setPlainText(f" {'é' * REASON_MOST} ")
    press(form, "Sign decision")
    press(form, "Sign and send")
    assert sent == ["sent"]


def test_nothing_is_signed_that_was_not_shown_once_more(make: Make, sent: list[str]) -> None:
    draft = Draft()
    form = filled(make(draft))
    press(form, "Sign decision")
    assert sent == []
    assert "Sign “not upheld” as Benedetta Rossi?" in said(form)
    assert REASON in said(form)
    assert form.focusWidget().accessibleName() == "Sign and send"  # type: ignore[union-attr] # it is there
    press(form, "Change it")
    assert form.focusWidget() is reason(form)
    assert reason(form).toPlainText() == REASON
    press(form, "Sign decision")
    press(form, "Sign and send")
    assert sent == ["sent"]
    assert (draft.sending, draft.outcome, draft.reason) == (True, "not upheld", REASON)
    assert "Signing and sending your decision." in said(form)
    assert not reason(form).isVisible()


def test_a_failure_keeps_all_that_was_written_and_says_why(make: Make) -> None:
    draft = Draft()
    form = filled(make(draft), 0)
    press(form, "Sign decision")
    press(form, "Sign and send")
    draft.sending, draft.problem = False, "The platform cannot be reached."
    draft.changed()
    assert "was not confirmed. The platform cannot be reached. What you wrote is kept here." in said(form)
    assert reason(form).isVisible()
    assert choices(form)[0].isChecked()
    press(form, "Sign decision")
    assert "not confirmed" not in said(form)


def test_a_draft_outlives_its_widget(make: Make) -> None:
    draft = Draft()
    filled(make(draft), 2)
    again = make(draft)
    assert reason(again).toPlainText() == REASON
    assert [one.isChecked() for one in choices(again)] == [False, False, True]


def test_the_cursor_stays_where_it_was(make: Make) -> None:
    draft = Draft()
    form = filled(make(draft))
    cursor = reason(form).textCursor()
    cursor.setPosition(4)
    reason(form).setTextCursor(cursor)
    again = make(draft)
    again.take_keyboard(to_write=True)
    assert again.writing
    assert reason(again).textCursor().position() == 4


def test_a_widget_made_while_the_decision_is_under_way_shows_that(make: Make) -> None:
    draft = Draft()
    form = filled(make(draft))
    press(form, "Sign decision")
    press(form, "Sign and send")
    again = make(draft)
    assert "Signing and sending" in said(again)
    draft.sending = False
    draft.changed()
    assert reason(again).isVisible()


def test_after_a_decision_another_one_can_be_written_beside_it(make: Make) -> None:
    form = make(decided=True)
    assert not reason(form).isVisible()
    assert "nothing is replaced" in said(form)
    press(form, "Decide again on: Text from software")
    assert reason(form).isVisible()
    assert not any(one.isChecked() for one in choices(form))
    assert form.focusWidget() is choices(form)[0]


def test_the_form_is_worked_with_the_keyboard_alone(make: Make, qtbot: QtBot, sent: list[str]) -> None:
    form = make()
    choices(form)[0].setFocus()
    qtbot.keyClick(choices(form)[0], Qt.Key.Key_Down)
    qtbot.keyClick(choices(form)[1], Qt.Key.Key_Space)
    assert choices(form)[1].isChecked()
    qtbot.keyClick(choices(form)[1], Qt.Key.Key_Tab)
    assert form.focusWidget() is reason(form)
    qtbot.keyClicks(reason(form), "They declared it.")
    qtbot.keyClick(reason(form), Qt.Key.Key_Tab)
    focused = form.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Sign decision"
    reason(form).setFocus()
    qtbot.keyClick(reason(form), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    focused = form.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Sign and send"
    qtbot.keyClick(focused, Qt.Key.Key_Space)
    assert sent == ["sent"]


def test_everything_that_can_be_worked_has_a_name(make: Make) -> None:
    form = make()
    for kind in (QPushButton, QRadioButton, QPlainTextEdit):
        assert all(one.accessibleName() for one in form.findChildren(kind) if one.isVisible())
    assert reason(form).accessibleDescription() == "Text from software"


@pytest.mark.parametrize("language", ["en", "it"])
def test_it_fits_beside_a_replay(qtbot: QtBot, language: str) -> None:
    form = DecisionForm(
        Draft(),
        asked="x",
        weight="B",
        decided=(),
        name="Benedetta Rossi",
        words=Words(language),
        send=lambda: None,
    )
    qtbot.addWidget(form)
    assert form.minimumSizeHint().width() <= 360
