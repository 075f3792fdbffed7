# SPDX-License-Identifier: Apache-2.0
"""Showing withheld records to the reviewers: what they will read is said first, and nothing is shown before a yes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from replay_desks import PLAIN, Desk, ListReader, verification
from replay_sessions import ORIGIN_US, SESSION_ID, source
from shiboken6 import isValid
from trainer_fakes import PATIENCE_MS, ScriptedDesk, StandInProgram, buttons, card, policy, pressed, said, standing

from session.desks import SessionCase, Stage
from session.events import FindingRecord, KeyClass, Kind, Raw, RawKey
from session.policy import Policy
from session.verify.result import SeenOpening, Step
from session.verify.steps import STEPS
from ui.replay.findings import visible_marks
from ui.replay.model import ReplayModel
from ui.replay.moment import Moments, told
from ui.replay.opened import opened_spans
from ui.replay.render import render_png
from ui.replay.steps import StepsPage, step_lines
from ui.strings import LANGUAGES, Words
from ui.trainer.disclose import DiscloseDialog
from ui.trainer.review import ReviewWindow

EN = Words("en")
S = 1_000_000
SHOW = "Show this to the reviewers …"
KEYS = (RawKey(-10, KeyClass.TEXT, 80, 1), RawKey(5, KeyClass.TEXT, 80, 1))


def day() -> Desk:
    """300 s with FOCUS, STATS and RAW every 5 s, and a finding on trial that rests on the timing of 100 s."""
    desk = Desk()
    for second in range(5, 305, 5):
        desk.focus(second, *({5: ((0, 1),)}.get(second, ())))
        desk.tape.tick(second, source(20))
        t_us, mono_us = desk.tape.at(second)
        desk.tape.add(Kind.RAW, Raw(t_us, mono_us, KEYS))
    desk.finding(299, "raised", (raw_at(desk, 100), raw_at(desk, 200)), shadow=True)
    return desk


def raw_at(desk: Desk, second: float) -> int:
    return next(e.seq for e in desk.tape.events if e.kind == Kind.RAW and e.body.t_us == ORIGIN_US + second * S)  # type: ignore[union-attr]


def finding_of(desk: Desk) -> int:
    return next(e.seq for e in desk.tape.events if isinstance(e.body, FindingRecord))


def case_of(desk: Desk, opened: frozenset[int] = frozenset(), rules: Policy | None = None) -> SessionCase:
    return SessionCase(
        session_id=SESSION_ID,
        folder=Path("/nowhere"),
        reader=ListReader(desk.tape.events, desk.images),
        verification=verification(),
        policy=rules or policy(),
        reads_as="trainer",
        said=None,
        opened=opened,
    )


@pytest.fixture
def shown() -> list[object]:
    return []


def dialog(
    qtbot: QtBot,
    case: SessionCase,
    shown: list[object],
    *,
    second: float = 101,
    finding: int | None = None,
    language: str = "en",
) -> DiscloseDialog:
    made = DiscloseDialog(
        case,
        Words(language),
        project="Cardiology answers",
        t_us=round(ORIGIN_US + second * S),
        span=(ORIGIN_US, ORIGIN_US + 300 * S),
        finding=finding,
        zone=UTC,
        disclose=shown.append,
    )
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_moment_comes_first_and_what_is_readable_is_said_before_it_is(qtbot: QtBot, shown: list[object]) -> None:
    desk = day()
    made = dialog(qtbot, case_of(desk), shown)
    assert made.moment.isChecked()
    assert not made.behind.isVisible()
    assert "The reviewers will be able to read:" in said(made)
    assert "1 record: timing of single keystrokes and pointer movements" in said(made)
    assert EN("show.for-good") in said(made)
    assert EN("show.why", project="Cardiology answers") in said(made)
    assert shown == []
    pressed(made, "Let them read it")
    seq = raw_at(desk, 105)
    assert shown == [((seq, seq),)]


def test_a_stretch_is_meant_by_whoever_changes_a_time(qtbot: QtBot, shown: list[object]) -> None:
    desk = day()
    made = dialog(qtbot, case_of(desk), shown)
    made.end.setDateTime(made.end.dateTime().addSecs(-30))
    assert made.stretch.isChecked()
    first, last = made.begin.dateTime().toMSecsSinceEpoch(), made.end.dateTime().toMSecsSinceEpoch()
    within = [
        e.seq
        for e in desk.tape.events
        if e.kind == Kind.RAW and first * 1000 <= e.body.t_us <= last * 1000 + S  # type: ignore[union-attr]
    ]
    assert [one for one, _ in made.ranges()] == within
    assert f"{len(within)} records: timing" in said(made)


def test_what_a_question_rests_on_comes_first_from_its_own_card(qtbot: QtBot, shown: list[object]) -> None:
    desk = day()
    seqs = sorted([raw_at(desk, 100), raw_at(desk, 200), finding_of(desk)])
    made = dialog(qtbot, case_of(desk), shown, finding=finding_of(desk))
    assert made.behind.isVisible()
    assert made.behind.isChecked()
    assert "2 records: timing" in said(made)
    assert "1 record: question on trial" in said(made)
    pressed(made, "Let them read it")
    assert shown == [tuple((seq, seq) for seq in seqs)]


def test_what_was_shown_before_is_counted_and_not_shown_again(qtbot: QtBot, shown: list[object]) -> None:
    desk = day()
    case = case_of(desk, frozenset({raw_at(desk, 105)}))
    made = dialog(qtbot, case, shown)
    assert EN("show.nothing") in said(made)
    assert "1 record of it was shown before." in said(made)
    assert EN("show.for-good") not in said(made)
    (do,) = [one for one in made.findChildren(QPushButton) if one.text() == "Let them read it"]
    assert not do.isEnabled()


def test_at_a_moment_of_which_nothing_is_withheld_nothing_can_be_shown(qtbot: QtBot, shown: list[object]) -> None:
    made = dialog(qtbot, case_of(day()), shown, second=5000)
    assert EN("show.nothing") in said(made)


def test_leaving_shows_nothing(qtbot: QtBot, shown: list[object]) -> None:
    made = dialog(qtbot, case_of(day()), shown)
    pressed(made, "Cancel")
    assert shown == []


def test_it_speaks_italian(qtbot: QtBot, shown: list[object]) -> None:
    made = dialog(qtbot, case_of(day()), shown, language="it")
    assert "1 voce: tempi delle singole battute e dei movimenti del puntatore" in said(made)
    assert LANGUAGES["it"]["show.for-good"] in said(made)


# --- in the trainer's window


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@pytest.fixture
def trainer() -> ScriptedDesk:
    desk = ScriptedDesk(sessions=(card(Stage.CONFIRMED),))
    desk.session, desk.sealed = day(), True
    return desk


Open = Callable[..., ReviewWindow]


@pytest.fixture
def opened(program: StandInProgram, trainer: ScriptedDesk) -> Iterator[Open]:
    windows: list[ReviewWindow] = []

    def made(named: str = "Cardiology answers") -> ReviewWindow:
        case = trainer.case(SESSION_ID)
        window = ReviewWindow(program, trainer, case, named=named, gone=lambda: None)  # type: ignore[arg-type]
        window.resize(*PLAIN)
        windows.append(window)
        window.show()
        trainer.asked.clear()
        return window

    yield made
    for window in windows:
        if isValid(window):
            window._leave()


def test_the_trainer_shows_the_selected_moment(
    qtbot: QtBot, program: StandInProgram, trainer: ScriptedDesk, opened: Open
) -> None:
    window = opened()
    window.replay.go(ORIGIN_US + 101 * S)
    first = next(one for one in window.findChildren(QPushButton) if one.text() == SHOW)
    first.click()
    (made,) = window.findChildren(DiscloseDialog)
    assert trainer.asked == []
    pressed(made, "Let them read it")
    program.settle(lambda ready: qtbot.waitUntil(ready, timeout=PATIENCE_MS))
    seq = raw_at(trainer.session, 105)
    assert trainer.asked == [("disclose", SESSION_ID, ((seq, seq),)), ("case", SESSION_ID)]
    assert window._banner.text == EN("show.done")
    window.replay.go(ORIGIN_US + 101 * S)
    assert "Opened to the reviewers by the trainer: timing" in window.replay._told.text()
    assert "2 keystrokes with their timing" in window.replay._told.text()


def test_a_platform_that_is_away_is_said_and_can_be_asked_again(
    qtbot: QtBot, program: StandInProgram, trainer: ScriptedDesk, opened: Open
) -> None:
    window = opened()
    trainer.faults["disclose"] = "The platform cannot be reached."
    window._disclose(((5, 5),))
    program.settle(lambda ready: qtbot.waitUntil(ready, timeout=PATIENCE_MS))
    assert "cannot be reached" in window._banner.text
    assert trainer.shown == set()


def test_there_is_nothing_to_show_before_the_seal_or_without_an_organisation(trainer: ScriptedDesk, opened: Open) -> None:
    assert SHOW in buttons(opened())
    assert SHOW not in buttons(opened(named=""))
    trainer.policy = policy(
        disclosure=msgspec.structs.replace(trainer.policy.disclosure, timing="sent"),
        findings=msgspec.structs.replace(trainer.policy.findings, shadow=False),
    )
    assert SHOW not in buttons(opened())
    trainer.policy, trainer.sealed = policy(), False
    assert SHOW not in buttons(opened())


def test_showing_is_not_offered_once_all_was_shown(trainer: ScriptedDesk, opened: Open) -> None:
    withheld = {e.seq for e in trainer.session.tape.events if e.kind in trainer.policy.withheld}
    trainer.shown = set(withheld) - {max(withheld)}
    assert SHOW in buttons(opened())
    trainer.shown = withheld
    assert SHOW not in buttons(opened())


# --- what the replay tells of it


def test_spans_of_opened_records_are_merged_and_lie_where_they_tell_of() -> None:
    desk = day()
    opened = {raw_at(desk, 100), raw_at(desk, 105), raw_at(desk, 200), finding_of(desk)}
    spans = opened_spans(desk.tape.events, opened)
    assert spans == (
        (ORIGIN_US + 95 * S, ORIGIN_US + 105 * S),
        (ORIGIN_US + 195 * S, ORIGIN_US + 200 * S),
        (ORIGIN_US + 299 * S, ORIGIN_US + 299 * S),
    )
    closed = [msgspec.structs.replace(event, body=None) for event in desk.tape.events]
    assert opened_spans(closed, opened) == ()


def test_a_moment_tells_what_of_it_was_opened() -> None:
    desk = day()
    case = case_of(desk, frozenset({raw_at(desk, 100)}))
    model = ReplayModel.from_reader(case.reader, case.policy, case.opened)
    moments = Moments(model, desk.tape.events, case.opened)
    lines = told(moments.at(ORIGIN_US + 98 * S), EN)
    assert "Opened to the reviewers by the trainer: timing of single keystrokes and pointer movements" in lines
    assert moments.at(ORIGIN_US + 120 * S).opened == ()
    assert moments.at(ORIGIN_US + 120 * S).keystrokes is None


def test_a_question_on_trial_is_the_trainers_until_it_is_opened() -> None:
    desk = day()
    case = msgspec.structs.replace(case_of(desk), reads_as="reviewer")
    marks = ReplayModel.from_reader(case.reader, case.policy).findings
    assert visible_marks(marks, case) == []
    (known,) = ReplayModel.from_reader(case.reader, case.policy, {finding_of(desk)}).findings
    assert not known.shadow, "nobody says of it any more that the trainer alone sees it"
    opened = msgspec.structs.replace(case, opened=frozenset({finding_of(desk)}))
    assert [mark.seq for mark in visible_marks(marks, opened)] == [finding_of(desk)]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "2026-11-26 18:00:00: Ada Lovelace opened to the reviewers 2 records: timing of single keystrokes"),
        ("it", "2026-11-26 18:00:00: Ada Lovelace ha aperto ai revisori 2 voci: tempi delle singole battute"),
    ],
)
def test_the_steps_say_who_opened_what_and_when(qtbot: QtBot, language: str, sentence: str) -> None:
    steps = tuple(
        Step(number, plan.name, passed=True, proves=plan.proves, does_not_prove=plan.does_not_prove, detail="d")
        for number, plan in enumerate(STEPS, 1)
    )
    one = SeenOpening("ada", "Ada Lovelace", 1_795_716_000 * S, ((int(Kind.RAW), 2), (199, 1)))
    page = StepsPage(verification(steps=steps, openings=(one,)), Words(language), UTC, lambda: None)
    qtbot.addWidget(page)
    page.show()
    assert said(page).count(sentence) == 1
    assert EN("kind.newer") in said(page) or language == "it"
    assert all(list(step_lines(step, Words(language))) for step in steps)


def test_the_band_over_the_lanes_is_painted_only_where_something_was_opened(tmp_path: Path) -> None:
    desk = day()
    pictures = []
    for number, opened in enumerate([(), (raw_at(desk, 100),)]):
        case = case_of(desk, frozenset(opened))
        path = tmp_path / f"{number}.png"
        render_png(case.reader, verification(), path, policy=case.policy, opened=case.opened)
        pictures.append(path.read_bytes())
    assert pictures[0] != pictures[1]
