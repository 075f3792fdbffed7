# SPDX-License-Identifier: Apache-2.0
"""The replay's window: a moment that moves by clock, slider and key, and what each person may read of a session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from replay_desks import ListReader, long_day, verification, witnessed

from session.desks import SessionCase
from session.events import Event, FindingRecord
from session.policy import default_policy_toml, parse_policy
from session.verify.result import Step
from session.verify.steps import STEPS
from ui.replay.model import FindingMark, ReplayModel
from ui.replay.moment import Moments, age_words, finding_details, told
from ui.replay.player import SPEEDS, Player
from ui.replay.steps import StepsPage
from ui.replay.window import SLIDER_STEPS, ReplayWindow
from ui.strings import Words
from ui.style import LIGHT

EN = Words("en")
S = 1_000_000


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def case(*, reads_as: str = "reviewer", sealed: bool = True, pictures: bool = True) -> SessionCase:
    desk = long_day(pictures=pictures)
    return SessionCase(
        session_id="ab" * 16,
        folder=Path("/nowhere"),
        reader=ListReader(desk.tape.events, desk.images),
        verification=verification() if sealed else None,
        policy=parse_policy(default_policy_toml()),
        reads_as=reads_as,
        said=None,
    )


def changed(one: SessionCase, **fields: object) -> SessionCase:
    """`one` with its first finding changed."""
    events: list[Event] = list(one.reader.events())
    place = next(at for at, event in enumerate(events) if isinstance(event.body, FindingRecord))
    body = msgspec.structs.replace(events[place].body, **fields)  # type: ignore[type-var] # a FINDING
    events[place] = msgspec.structs.replace(events[place], body=body)
    return msgspec.structs.replace(one, reader=ListReader(events, {}))


@pytest.fixture
def clock(qapp: QApplication) -> Clock:
    return Clock()


@pytest.fixture
def window(qtbot: QtBot, clock: Clock) -> Iterator[ReplayWindow]:
    made = shown(qtbot, case(), clock)
    yield made
    made.player.pause()


def shown(qtbot: QtBot, one: SessionCase, clock: Clock | None = None, **more: object) -> ReplayWindow:
    made = ReplayWindow(one, EN, LIGHT, monotonic_s=clock or Clock(), **more)  # type: ignore[arg-type] # a test's own seams
    qtbot.addWidget(made)
    made.show()
    return made


def said(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel))


def press(window: ReplayWindow, name: str) -> None:
    found = [one for one in window.findChildren(QPushButton) if one.accessibleName() == name]
    assert found, name
    found[-1].click()


# --- the player


def test_a_moment_moves_by_the_clock_times_the_speed_and_ends_at_the_end(clock: Clock) -> None:
    player, moved, states = Player(0, 100 * S, clock), [], []
    player.moved.connect(moved.append)
    player.playing_changed.connect(states.append)
    player.speed = 10
    player.play()
    for passed_s, at_us in ((0.5, 5 * S), (1.0, 15 * S), (100.0, 100 * S - 1)):
        clock.now_s += passed_s
        player.step()
        assert player.t_us == at_us
    assert moved == [5 * S, 15 * S, 100 * S - 1]
    assert states == [True, False]
    player.play()
    assert player.t_us == 0  # from the beginning, where it stood at the end
    player.pause()


def test_time_that_passed_while_it_rested_is_not_made_up_for(clock: Clock) -> None:
    player = Player(0, 100 * S, clock)
    player.speed = 1
    player.play()
    player.pause()
    clock.now_s += 50
    player.play()
    clock.now_s += 1
    player.step()
    assert player.t_us == S
    player.put(40 * S)
    clock.now_s += 1
    player.step()
    assert player.t_us == 41 * S
    player.put(10**12)
    assert player.t_us == 100 * S - 1
    player.pause()


# --- moments


def test_a_moment_says_what_was_in_front_and_how_much_was_typed() -> None:
    one = case()
    model = ReplayModel.from_reader(one.reader, one.policy)
    moments = Moments(model, one.reader.events())
    middle = moments.at((model.start_us + model.end_us) // 2)
    assert middle.app or middle.gaps
    busiest = int(model.ticks.stops[int(model.ticks.per_minute.argmax())]) - 1
    assert any("keystroke" in line for line in told(moments.at(busiest), EN))
    before = moments.at(model.start_us - 10**9)
    assert (before.app, before.per_minute, before.shots) == ("", None, ())
    assert told(before, EN) == (EN("moment.nothing"),)


def test_in_a_gap_nothing_is_said_to_be_in_front() -> None:
    one = case()
    model = ReplayModel.from_reader(one.reader, one.policy)
    gap = next(gap for gap in model.gaps if gap.scope == "session" and not gap.of_platform)
    inside = Moments(model, one.reader.events()).at((gap.from_us + gap.to_us) // 2)
    assert inside.app == ""
    assert any(line.startswith("Not observed") for line in told(inside, EN))


def test_screenshots_before_and_after_a_moment_are_found() -> None:
    one = case()
    model = ReplayModel.from_reader(one.reader, one.policy)
    moments = Moments(model, one.reader.events())
    times = sorted({shot.t_us for shot in model.shots})
    assert moments.next_shot(times[0] - 1, 1) == times[0]
    assert moments.next_shot(times[0], 1) == times[1]
    assert moments.next_shot(times[0], -1) is None
    assert moments.next_shot(times[-1], 1) is None
    assert age_words(model.shots[0], model.shots[0].t_us + 90 * S, EN) == "Screenshot taken 0:01:30 before."


def test_evidence_is_told_as_moments_once_and_in_order() -> None:
    one = case()
    details = finding_details(one.reader.events())
    assert details
    for detail in details.values():
        assert list(detail.moments) == sorted(set(detail.moments))


# --- the window


def test_playing_moves_slider_timeline_and_words(window: ReplayWindow, clock: Clock) -> None:
    begun = window.slider.value()
    window.speed.setCurrentIndex(SPEEDS.index(300))
    press(window, "Play")
    assert window.play.text() == "Stop playing"
    clock.now_s += 20
    window.player.step()
    assert window.slider.value() > begun
    assert window.timeline.cursor_us == window.t_us
    assert window.slider.accessibleDescription() == window._clock.text()
    press(window, "Stop playing")
    assert not window.player.playing


def test_the_slider_leads_to_every_moment(window: ReplayWindow) -> None:
    model = window._model
    for value in (0, SLIDER_STEPS // 2, SLIDER_STEPS):
        window.slider.setValue(value)
        wanted = model.start_us + round(value / SLIDER_STEPS * (model.end_us - model.start_us))
        assert abs(window.t_us - min(wanted, model.end_us - 1)) <= 1


def test_questions_and_screenshots_are_gone_to(window: ReplayWindow) -> None:
    press(window, "Next question")
    asked = {mark.from_us for mark in window._marks if mark.state == "raised"}
    assert window.t_us in asked
    press(window, "Screenshot after")
    assert window.t_us in {shot.t_us for shot in window._model.shots}


def test_keys_do_what_their_page_says(qtbot: QtBot, window: ReplayWindow) -> None:
    window.activateWindow()
    qtbot.keyClick(window.timeline, Qt.Key.Key_F)
    assert window.t_us in {mark.from_us for mark in window._marks}
    qtbot.keyClick(window.timeline, Qt.Key.Key_S)
    assert window._pages.currentIndex() == 1
    qtbot.keyClick(window, Qt.Key.Key_S)
    assert window._pages.currentIndex() == 0
    qtbot.keyClick(window.timeline, Qt.Key.Key_K)
    assert window.player.playing
    qtbot.keyClick(window.timeline, Qt.Key.Key_K)
    assert not window.player.playing


def test_the_steps_are_shown_and_left_again(window: ReplayWindow) -> None:
    press(window, "Show steps")
    assert window._pages.currentIndex() == 2
    window._go_and_show(window._model.start_us)
    assert window._pages.currentIndex() == 0


def test_the_steps_speak_the_language_of_their_reader(qtbot: QtBot) -> None:
    plan = STEPS[1]
    walked = Step(2, plan.name, True, plan.proves, plan.does_not_prove, "records: 9, segments: 1")
    page = StepsPage(msgspec.structs.replace(verification(), steps=(walked,)), Words("it"), UTC, lambda: None)
    qtbot.addWidget(page)
    text = said(page)
    assert "2. unità" in text
    assert "records: 9, segments: 1" in text  # what differs from session to session is the verifier's own
    assert "Prova: Ogni byte della registrazione" in text
    assert "Non prova: Chi l" in text
    assert plan.proves not in text


def test_an_unsealed_session_says_so_and_has_no_steps(qtbot: QtBot) -> None:
    made = shown(qtbot, case(sealed=False, reads_as="trainer"))
    assert EN("standing.open.why") in said(made)
    assert "Show steps" not in [one.accessibleName() for one in made.findChildren(QPushButton)]


def test_why_something_was_not_evaluated_is_the_trainers_alone(qtbot: QtBot) -> None:
    quiet = {"state": "not evaluated", "detector": "ai-tool", "explanation": "finding.ai-tool.not-evaluated", "evidence": ()}
    for reads_as, reasons, told_why in (("trainer", {"ai-tool": "abstain.titles-off"}, True), ("reviewer", {}, False)):
        one = msgspec.structs.replace(changed(case(reads_as=reads_as), **quiet), reasons=reasons)
        made = shown(qtbot, one)
        assert (EN("abstain.titles-off") in said(made)) is told_why
        assert EN("finding.ai-tool.not-evaluated") in said(made)
        assert (EN("finding.claimed") in said(made)) is not told_why


def test_findings_on_trial_are_the_trainers_alone(qtbot: QtBot) -> None:
    for reads_as, count in (("trainer", 1), ("reviewer", 0)):
        made = shown(qtbot, changed(case(reads_as=reads_as), shadow=1))
        marks = [mark for mark in made._marks if mark.shadow]
        assert len(marks) == count


def test_whether_a_review_is_opened_is_said_above_the_questions(qtbot: QtBot) -> None:
    asked, quiet = case(), changed(case(), state="clear")
    for one, opens, shown_key in (
        (asked, True, "findings.open-review"),
        (asked, False, "findings.open-none"),
        (asked, None, ""),
        (quiet, False, ""),
    ):
        words = said(shown(qtbot, msgspec.structs.replace(one, opens_review=opens)))
        for key in ("findings.open-review", "findings.open-none"):
            assert (EN(key) in words) is (key == shown_key)


def test_what_a_person_can_say_stands_under_each_finding_and_moment_and_view_stay(qtbot: QtBot) -> None:
    asked: list[FindingMark] = []

    def part(mark: FindingMark) -> QWidget:
        asked.append(mark)
        return QLabel(f"part {mark.seq}")

    made = shown(qtbot, case(), finding_part=part)
    assert [mark.seq for mark in asked] == [mark.seq for mark in made._marks]
    assert f"part {asked[0].seq}" in said(made)
    made.go(made._model.start_us + 3600 * S)
    made.timeline.zoom(1)
    before = (made.t_us, made.timeline.view)
    made.show_case(case())
    assert (made.t_us, made.timeline.view) == before


def test_a_session_without_screenshots_offers_none(qtbot: QtBot) -> None:
    made = shown(qtbot, case(pictures=False))
    assert not made.large.isEnabled()


def test_a_moment_says_between_which_times_it_was_recorded(qtbot: QtBot) -> None:
    proved = msgspec.structs.replace(verification(), times=witnessed(long_day().tape.events))
    shown = ReplayWindow(msgspec.structs.replace(case(), verification=proved), EN, LIGHT, zone=UTC)
    qtbot.addWidget(shown)
    begin_us, _ = shown.span
    shown.go(begin_us + 600 * S)
    texts = [one.text() for one in shown.findChildren(QLabel)]
    (said,) = [text.splitlines()[-1] for text in texts if "by the platform\u2019s clock" in text and "Recorded" in text]
    assert re.fullmatch("Recorded between [0-9:]{8} and [0-9:]{8}, by the platform\u2019s clock", said)
    assert said in shown._moment_frame.accessibleDescription()
    assert "At most 1 h 12 min passed" in " ".join(said.text() for said in shown._pages.widget(2).findChildren(QLabel))


def test_a_session_that_nobody_verified_proves_nothing_of_a_moment(qtbot: QtBot) -> None:
    for given in (None, msgspec.structs.replace(verification(), verified=False, times=witnessed(long_day().tape.events))):
        shown = ReplayWindow(msgspec.structs.replace(case(), verification=given), EN, LIGHT)
        qtbot.addWidget(shown)
        shown.go(shown.span[0] + 600 * S)
        assert not [one for one in shown.findChildren(QLabel) if "platform\u2019s clock" in one.text()]
