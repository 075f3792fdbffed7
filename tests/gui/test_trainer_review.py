# SPDX-License-Identifier: Apache-2.0
"""The trainer's look at a session: words before the seal, the seal asked twice, a reply to each decision afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot
from replay_desks import PLAIN
from replay_sessions import SESSION_ID
from review_fakes import asking
from shiboken6 import isValid
from trainer_fakes import (
    PATIENCE_MS,
    STARTED_US,
    ScriptedDesk,
    StandInProgram,
    buttons,
    card,
    policy,
    pressed,
    said,
    standing,
)

from session.desks import Stage
from session.policy import Sending
from session.removal import stretch
from session.verify.said import Decided
from ui.strings import Words
from ui.trainer.review import ReviewWindow

EN = Words("en")
AWAY = "The platform cannot be reached."
DECISION = "d" * 64
SURE = "After sealing nothing can be changed."
Open = Callable[..., ReviewWindow]


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk(sessions=(card(Stage.REVIEW),))


@pytest.fixture
def gone() -> list[str]:
    return []


@pytest.fixture
def opened(program: StandInProgram, desk: ScriptedDesk, gone: list[str]) -> Iterator[Open]:
    windows: list[ReviewWindow] = []

    def made(named: str = "Cardiology answers") -> ReviewWindow:
        case = desk.case(SESSION_ID)
        desk.asked.clear()
        window = ReviewWindow(program, desk, case, named=named, gone=lambda: gone.append("gone"))  # type: ignore[arg-type]
        window.resize(*PLAIN)
        windows.append(window)
        window.show()
        return window

    yield made
    for window in windows:
        if isValid(window):  # it deletes itself when it is closed
            window._leave()


def _boxes(window: ReviewWindow, name: str) -> list[QPlainTextEdit]:
    """Fields that can be written into, from the top."""
    fields = [one for one in window.findChildren(QPlainTextEdit) if one.isVisibleTo(window)]
    return [one for one in fields if one.accessibleName().startswith(name)]


def _decided(desk: ScriptedDesk) -> int:
    seq = asking(desk.session)[0]
    desk.sealed = True
    desk.decisions = (Decided(seq, "ask", "Which dictation program?", "ben", "Benedetta Rossi", STARTED_US, DECISION),)
    desk.say(sessions=(card(Stage.CONFIRMED, unread=1),))
    return seq


def _save(window: ReviewWindow, name: str, at: int) -> None:
    box = _boxes(window, name)[at].parentWidget()
    assert box is not None
    (send,) = buttons(box)
    pressed(box, send)


def test_before_the_seal_every_question_takes_the_trainers_words(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    window = opened()
    assert EN("review.before") in said(window)
    boxes = _boxes(window, "Your words on")
    assert len(boxes) >= len(asking(desk.session)) == 2
    boxes[0].setPlainText("I dictated this.")
    _save(window, "Your words on", 0)
    qtbot.waitUntil(lambda: desk.verbs() == ["answer", "case"], timeout=PATIENCE_MS)
    assert desk.asked[0] == ("answer", SESSION_ID, asking(desk.session)[0], "I dictated this.")


def test_saving_words_on_one_question_keeps_what_is_typed_on_another(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    window = opened()
    first, second = _boxes(window, "Your words on")[:2]
    first.setPlainText("I dictated this.")
    second.setPlainText("Still thinking about")
    _save(window, "Your words on", 0)
    qtbot.waitUntil(lambda: not isValid(first), timeout=PATIENCE_MS)  # the replay was built anew
    qtbot.waitUntil(lambda: len(_boxes(window, "Your words on")) >= 2, timeout=PATIENCE_MS)
    assert [one.toPlainText() for one in _boxes(window, "Your words on")[:2]] == ["", "Still thinking about"]


def test_words_on_two_questions_at_once_are_both_sent_and_once_each(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    window = opened()
    texts = ["I dictated this.", "A colleague called."]
    first = _boxes(window, "Your words on")[0]
    for at, text in enumerate(texts):
        _boxes(window, "Your words on")[at].setPlainText(text)
    with desk.held():
        _save(window, "Your words on", 0)
        _save(window, "Your words on", 1)
        pressed(window, "Seal …")
        pressed(window, "Seal this session")
    qtbot.waitUntil(lambda: not isValid(first), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(_boxes(window, "Your words on")) >= 2, timeout=PATIENCE_MS)
    assert sorted(str(one[3]) for one in desk.asked if one[0] == "answer") == sorted(texts)
    assert "seal" not in desk.verbs()
    assert [one.toPlainText() for one in _boxes(window, "Your words on")[:2]] == ["", ""]


def test_a_box_whose_words_are_on_their_way_is_not_built_anew(
    opened: Open, desk: ScriptedDesk, program: StandInProgram, qtbot: QtBot
) -> None:
    window = opened()
    first, second = _boxes(window, "Your words on")[:2]
    first.setPlainText("I dictated this.")
    second.setPlainText("A colleague called.")
    with ExitStack() as until_the_end:
        with desk.held("case"):
            _save(window, "Your words on", 0)
            qtbot.waitUntil(lambda: desk.verbs() == ["answer", "case"], timeout=PATIENCE_MS)
            until_the_end.enter_context(desk.held("answer"))
            _save(window, "Your words on", 1)
        program.settle(qtbot.waitUntil, left=1)  # the session is there again, the second answer is still on its way
        assert isValid(second)
        second.setPlainText("A colleague called. Twice.")
        assert not any(one.isEnabled() for one in second.parentWidget().findChildren(QPushButton) if one.isVisible())
    qtbot.waitUntil(lambda: not isValid(second), timeout=PATIENCE_MS)
    program.settle(qtbot.waitUntil)
    assert desk.verbs() == ["answer", "case", "answer", "case"]
    qtbot.waitUntil(lambda: len(_boxes(window, "Your words on")) >= 2, timeout=PATIENCE_MS)
    assert [one.toPlainText() for one in _boxes(window, "Your words on")[:2]] == ["", "A colleague called. Twice."]


def test_words_that_could_not_be_saved_stay_and_the_reason_is_said(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.faults["answer"] = AWAY
    window = opened()
    _boxes(window, "Your words on")[0].setPlainText("I dictated this.")
    _save(window, "Your words on", 0)
    qtbot.waitUntil(lambda: AWAY in said(window), timeout=PATIENCE_MS)
    assert _boxes(window, "Your words on")[0].toPlainText() == "I dictated this."


@pytest.mark.parametrize(
    ("named", "hold_s", "told"),
    [
        ("Cardiology answers", 0, "It goes to the reviewers of Cardiology answers, at once."),
        ("Cardiology answers", 3600, "after a hold of 1 hour (you can send it earlier)"),
        ("", 3600, "The session stays on this computer."),
    ],
)
def test_sealing_is_asked_twice_and_says_what_becomes_of_it(
    opened: Open, desk: ScriptedDesk, named: str, hold_s: int, told: str
) -> None:
    desk.policy = policy(sending=Sending(hold_s=hold_s))
    window = opened(named)
    pressed(window, "Seal …")
    assert SURE in said(window)
    assert told in said(window)
    assert desk.asked == []
    pressed(window, "Not yet")
    assert SURE not in said(window)
    assert "Not yet" not in buttons(window)
    assert "Seal …" in buttons(window)


def test_closing_with_words_that_are_not_saved_asks_each_time(opened: Open) -> None:
    window = opened()
    box = _boxes(window, "Your words on")[0]
    box.setPlainText("I dictated this.")
    for _ in range(2):
        assert not window.close()
        assert EN("review.unsent") in said(window)
    assert box.toPlainText() == "I dictated this."
    box.clear()
    assert window.close()


def test_words_that_are_not_saved_can_be_left_behind(opened: Open, desk: ScriptedDesk) -> None:
    window = opened()
    _boxes(window, "Your words on")[0].setPlainText("I dictated this.")
    window.close()
    pressed(window, "Close and lose them")
    assert desk.asked == []


def test_sealing_takes_along_what_was_typed_and_not_saved(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    window = opened()
    _boxes(window, "Your words on")[1].setPlainText("A colleague called.")
    pressed(window, "Seal …")
    pressed(window, "Seal this session")
    assert EN("review.sealing") in said(window)
    qtbot.waitUntil(lambda: "Done. Waiting to send." in said(window), timeout=PATIENCE_MS)
    seq = asking(desk.session)[1]
    assert desk.asked == [("answer", SESSION_ID, seq, "A colleague called."), ("seal", SESSION_ID), ("case", SESSION_ID)]
    assert _boxes(window, "Your words on") == []
    assert "Seal …" not in buttons(window)


def test_a_seal_that_failed_says_why_and_leads_back_with_all_words(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.faults["seal"] = "The disk is full."
    window = opened()
    _boxes(window, "Your words on")[0].setPlainText("I dictated this.")
    pressed(window, "Seal …")
    pressed(window, "Seal this session")
    qtbot.waitUntil(lambda: "The disk is full." in said(window), timeout=PATIENCE_MS)
    assert not desk.sealed
    pressed(window, "Try again")
    assert EN("review.before") in said(window)


def test_a_window_that_is_closed_while_it_seals_is_not_spoken_to_any_more(
    opened: Open, desk: ScriptedDesk, program: StandInProgram, gone: list[str], qtbot: QtBot
) -> None:
    window = opened()
    assert window.windowTitle() == "Look through your session"
    pressed(window, "Seal …")
    with desk.held():
        pressed(window, "Seal this session")
        window.close()
        qtbot.waitUntil(lambda: not isValid(window), timeout=PATIENCE_MS)
    assert gone == ["gone"]
    program.settle(qtbot.waitUntil)
    assert desk.sealed


def test_a_decision_can_be_replied_to_once_and_opening_it_marks_it_read(
    opened: Open, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    _decided(desk)
    window = opened()
    assert window.windowTitle() == "Your sealed session"
    seen = window._case.said
    assert seen is not None
    assert desk.asked == [("opened", SESSION_ID, tuple(one.sha256 for one in seen.decisions))]
    assert EN("review.decided") in said(window)
    assert "Which dictation program?" in said(window)
    (box,) = _boxes(window, "Your reply to the decision of Benedetta Rossi")
    box.setPlainText("The one of the system.")
    _save(window, "Your reply", 0)
    qtbot.waitUntil(lambda: "The one of the system." in said(window), timeout=PATIENCE_MS)  # as said, under the decision
    assert desk.asked[1] == ("reply", SESSION_ID, DECISION, "The one of the system.")
    assert _boxes(window, "Your reply") == []


def test_a_reply_that_could_not_be_sent_stays_in_its_box(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    _decided(desk)
    desk.faults["reply"] = AWAY
    window = opened()
    _boxes(window, "Your reply")[0].setPlainText("The one of the system.")
    _save(window, "Your reply", 0)
    qtbot.waitUntil(lambda: AWAY in said(window), timeout=PATIENCE_MS)
    assert _boxes(window, "Your reply")[0].toPlainText() == "The one of the system."


def test_a_sealed_session_without_a_decision_only_says_where_it_is(opened: Open, desk: ScriptedDesk) -> None:
    desk.sealed = True
    desk.say(sessions=(card(Stage.CONFIRMED),))
    window = opened()
    assert "Confirmed by the platform" in said(window)
    assert (_boxes(window, "Your words"), _boxes(window, "Your reply")) == ([], [])
    assert desk.asked == []


def test_what_was_nearby_is_shown_before_the_seal_and_goes_with_its_stretch(
    opened: Open, desk: ScriptedDesk, qtbot: QtBot
) -> None:
    came, stayed = "A keyboard was connected", "A window of another program stayed over the one in front"
    desk.session.nearby(100, (98, "device-came", "keyboard", 1))
    desk.session.nearby(400, (270, "overlay", "kept-above", 1))
    window = opened()
    assert came in said(window)
    assert stayed in said(window)
    start_us, _ = window.replay.span
    window._remove(stretch(desk.session.tape.events, (start_us + 269_000_000, start_us + 271_000_000)).ranges)
    qtbot.waitUntil(lambda: came in said(window) and stayed not in said(window), timeout=PATIENCE_MS)


def test_after_the_seal_something_can_still_be_taken_out_at_once(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    window = opened()
    pressed(window, "Seal …")
    assert EN("remove.open") not in buttons(window)
    pressed(window, "Seal this session")
    qtbot.waitUntil(lambda: EN("remove.open") in buttons(window), timeout=PATIENCE_MS)


def test_a_sealed_session_that_is_chosen_again_says_where_it_is_now(opened: Open, desk: ScriptedDesk, qtbot: QtBot) -> None:
    desk.sealed = True
    desk.say(sessions=(card(Stage.HELD),))
    window = opened()
    desk.say(sessions=(card(Stage.CONFIRMED),))
    assert "Confirmed by the platform" not in said(window)
    window.again()
    qtbot.waitUntil(lambda: "Confirmed by the platform" in said(window), timeout=PATIENCE_MS)


def test_a_session_that_is_not_sealed_and_chosen_again_keeps_the_question(opened: Open) -> None:
    window = opened()
    pressed(window, "Seal …")
    window.again()
    assert SURE in said(window)
