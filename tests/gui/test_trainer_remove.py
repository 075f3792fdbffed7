# SPDX-License-Identifier: Apache-2.0
"""Taking something out, before the seal and after: what would go is said first, and goes only when the person says so."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from replay_desks import PLAIN, Desk, verification
from replay_sessions import ORIGIN_US, SESSION_ID, source
from trainer_fakes import PATIENCE_MS, ScriptedDesk, StandInProgram, buttons, card, pressed, said, standing

from session.desks import Stage
from session.events import Kind
from session.removal import application, screenshots, stretch
from session.verify.result import SeenRemoval
from ui.replay.removals import removal_lines
from ui.replay.screenshots import ScreenshotView
from ui.strings import Words
from ui.trainer.remove import RemoveDialog
from ui.trainer.review import ReviewWindow

EN = Words("en")
ROME = ZoneInfo("Europe/Rome")
S = 1_000_000


def day() -> Desk:
    """300 s with a tick every 5 s and a screenshot every minute; from 100 s to 200 s another application is in front."""
    desk = Desk()
    for second in range(5, 305, 5):
        desk.focus(second, *{5: ((0, 1),), 100: ((100, 2),), 200: ((200, 1),)}.get(second, ()))
        desk.tape.tick(second, source(20))
        if second % 60 == 0:
            desk.capture(second)
    return desk


@pytest.fixture
def taken() -> list[object]:
    return []


def dialog(qtbot: QtBot, desk: Desk, taken: list[object], *, second: int = 120, shots: bool = True) -> RemoveDialog:
    events = desk.reader().events()
    seqs = [event.seq for event in events if event.kind == Kind.CAPTURE]
    made = RemoveDialog(
        events,
        EN,
        t_us=ORIGIN_US + second * S,
        span=(ORIGIN_US, ORIGIN_US + 300 * S),
        shots=seqs[1:2] if shots else (),
        zone=ROME,
        remove=taken.append,
    )
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_screenshot_that_is_shown_comes_first_and_goes_when_the_person_is_sure(
    qtbot: QtBot, taken: list[object]
) -> None:
    desk = day()
    made = dialog(qtbot, desk, taken)
    assert made.shot.isChecked()
    assert "1 screenshot would go." in said(made)
    assert EN("remove.why") in said(made)
    expected = screenshots(desk.reader().events(), [e.seq for e in desk.reader().events() if e.kind == Kind.CAPTURE][1:2])
    assert taken == []
    pressed(made, "Take it out for good")
    assert taken == [expected.ranges]


def test_what_reviewers_do_not_get_is_counted_apart_as_where_it_is_verified(qtbot: QtBot) -> None:
    desk = day()
    for language, told in (
        ("en", "records that reviewers do not get would go, too."),
        ("it", "che i revisori non ricevono."),
    ):
        made = RemoveDialog(
            desk.reader().events(),
            Words(language),
            t_us=ORIGIN_US + 120 * S,
            span=(ORIGIN_US, ORIGIN_US + 300 * S),
            shots=(),
            zone=ROME,
            remove=lambda _ranges: None,
            withheld=frozenset({Kind.STATS}),
        )
        qtbot.addWidget(made)
        kinds = {event.seq: event.kind for event in desk.reader().events()}
        counted = [kinds[seq] for a, b in made.chosen().ranges for seq in range(a, b + 1)]
        stats, focus = counted.count(Kind.STATS), counted.count(Kind.FOCUS)
        assert stats > 1
        assert f"{stats} " in said(made)
        assert told in said(made)
        assert f"{focus} {'records of' if language == 'en' else 'voci di'}" in said(made)


def test_times_are_those_of_the_session_and_whoever_changes_one_means_the_stretch(qtbot: QtBot, taken: list[object]) -> None:
    desk = day()
    made = dialog(qtbot, desk, taken)
    local_time = made.begin.dateTime().toString("HH:mm:ss"), made.end.dateTime().toString("HH:mm:ss")
    assert local_time == ("16:14:20", "16:16:20")  # a minute around 14:15:20 UTC
    made.end.setDateTime(made.end.dateTime().addSecs(-60))
    assert made.stretch.isChecked()
    expected = stretch(desk.reader().events(), (ORIGIN_US + 60 * S, ORIGIN_US + 121 * S))
    assert f"{expected.screenshots} screenshots would go." in said(made)
    assert f"{expected.others} records" in said(made)
    pressed(made, "Take it out for good")
    assert taken == [expected.ranges]


def test_an_application_is_chosen_by_its_name(qtbot: QtBot, taken: list[object]) -> None:
    desk = day()
    made = dialog(qtbot, desk, taken)
    made.apps.setCurrentIndex(1)
    assert made.app.isChecked()
    pressed(made, "Take it out for good")
    assert taken == [application(desk.reader().events(), made.apps.itemText(1)).ranges]


def test_where_there_is_nothing_it_says_so_and_cannot_be_pressed(qtbot: QtBot, taken: list[object]) -> None:
    made = dialog(qtbot, Desk(), taken, shots=False)
    assert not made.shot.isEnabled()
    assert not made.app.isEnabled()
    assert made.stretch.isChecked()
    assert EN("remove.nothing") in said(made)
    assert not made._do.isEnabled()
    pressed(made, "Cancel")
    assert taken == []


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


def test_from_the_review_it_goes_and_the_replay_shows_that_it_is_gone(qtbot: QtBot, program: StandInProgram) -> None:
    desk = ScriptedDesk(sessions=(card(Stage.REVIEW),))
    desk.session = day()
    window = ReviewWindow(program, desk, desk.case(SESSION_ID), named="Letters", gone=lambda: None)  # type: ignore[arg-type]
    window.resize(*PLAIN)
    qtbot.addWidget(window)
    window.show()
    window.replay.go(ORIGIN_US + 120 * S)
    pressed(window, "Take something out …")
    (made,) = window.findChildren(RemoveDialog)
    desk.faults["remove"] = "The disk is full."
    pressed(made, "Take it out for good")
    qtbot.waitUntil(lambda: "The disk is full." in said(window), timeout=PATIENCE_MS)
    desk.faults.clear()
    pressed(window, "Try again")
    pressed(window, "Take something out …")
    pressed(window.findChildren(RemoveDialog)[-1], "Take it out for good")
    qtbot.waitUntil(lambda: EN("remove.done") in said(window), timeout=PATIENCE_MS)
    assert desk.verbs().count("remove") == 2
    gone = EN("moment.shot.removed")

    def told() -> list[str]:
        return [one.accessibleDescription() for one in window.findChildren(ScreenshotView) if one.isVisible()]

    qtbot.waitUntil(lambda: told() == [gone], timeout=PATIENCE_MS)
    assert gone not in said(window)  # it stands in the picture's place
    pressed(window, "Seal …")
    assert "Take something out …" not in buttons(window)
    pressed(window, "Not yet")
    assert "Take something out …" in buttons(window)


def test_of_a_sealed_session_it_goes_too_and_the_person_is_told_what_cannot_be_undone(
    qtbot: QtBot, program: StandInProgram
) -> None:
    desk = ScriptedDesk(sessions=(card(Stage.CONFIRMED),))
    desk.session = day()
    case = msgspec.structs.replace(desk.case(SESSION_ID), verification=verification())
    window = ReviewWindow(program, desk, case, named="Letters", gone=lambda: None)  # type: ignore[arg-type]
    window.resize(*PLAIN)
    qtbot.addWidget(window)
    window.show()
    window.replay.go(ORIGIN_US + 120 * S)
    pressed(window, "Take something out …")
    (made,) = window.findChildren(RemoveDialog)
    assert EN("remove.sealed.why") in said(made)
    assert "unseen" in EN("remove.sealed.why")
    pressed(made, "Take it out for good")
    qtbot.waitUntil(lambda: EN("remove.sealed.done") in said(window), timeout=PATIENCE_MS)
    assert desk.verbs().count("remove_sealed") == 1
    assert "remove" not in desk.verbs()


@pytest.mark.parametrize("reads_as", ["reviewer", ""])
def test_only_the_trainer_is_offered_it(qtbot: QtBot, program: StandInProgram, reads_as: str) -> None:
    desk = ScriptedDesk(sessions=(card(Stage.CONFIRMED),))
    desk.session = day()
    case = msgspec.structs.replace(desk.case(SESSION_ID), verification=verification(), reads_as=reads_as)
    window = ReviewWindow(program, desk, case, named="Letters", gone=lambda: None)  # type: ignore[arg-type]
    window.resize(*PLAIN)
    qtbot.addWidget(window)
    window.show()
    assert "Take something out …" not in buttons(window)


@pytest.mark.parametrize("language", ["en", "it"])
def test_what_went_after_the_seal_is_told_in_words(language: str) -> None:
    words = Words(language)
    by_trainer = SeenRemoval(
        by="person", at_us=ORIGIN_US, reason="A letter from my doctor.", kinds=((33, 2), (35, 1), (130, 1))
    )
    by_policy = SeenRemoval(by="organisation", at_us=ORIGIN_US + S, reason="retention", kinds=((35, 480),))
    strange = SeenRemoval(by="person", at_us=2**53 - 1, reason="", kinds=())
    result = msgspec.structs.replace(verification(), removals=(by_trainer, by_policy, strange))
    lines = list(removal_lines(result, words, ROME))
    assert len(lines) == 4
    person, reason, organisation, last = lines
    assert words.count("removals.33", 2) in person
    assert words.count("removals.35", 1) in person
    assert words.count("removals.other", 1) in person
    assert "A letter from my doctor." in reason
    assert words.count("removals.35", 480) in organisation
    assert words("removals.nothing") in last
    assert list(removal_lines(verification(), words, ROME)) == []
