# SPDX-License-Identifier: Apache-2.0
"""From a period that has ended to a report on the platform: the real engine, a real platform, and the windows of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from rates_people import COUNTED, recorded, three
from review_people import Team
from server_process import platform_process
from server_running import running
from trainer_fakes import PATIENCE_MS, StandInProgram, buttons, pressed, said, standing

from fairwitness.trainer import TrainerAgent
from session.desks import TrainerState
from session.rates.counts import REPORT_US, begins_us, period_of
from ui.strings import Words
from ui.trainer.face import Face
from ui.trainer.rates import RatesDialog

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("systemTrayWindowChanged", "does not support raise")]
EN = Words("en")
ENTRY = EN("do.rates")
AWAY = "The platform cannot be reached just now: nothing was sent. Check the network and try again; no report sends itself."


@pytest.fixture
def program(qapp: QApplication) -> Iterator[StandInProgram]:
    with standing(qapp) as made:
        yield made


@contextmanager
def begun(team: Team, program: StandInProgram, qtbot: QtBot) -> Iterator[Face]:
    """Ada's desk, ready."""
    agent = TrainerAgent(team.home("ada"), team.platform.clock)
    face = Face(program, agent)  # type: ignore[arg-type] # stands in for the program
    face.begin()
    try:
        qtbot.waitUntil(lambda: agent.status().state is TrainerState.IDLE, timeout=3 * PATIENCE_MS)
        yield face
    finally:
        face.close()
        agent.close()


def menu(face: Face) -> list[str]:
    return [one.text() for one in face.tray._menu.actions()]


def waits(face: Face, qtbot: QtBot, *, yes: bool) -> None:
    """Until the menu and the line in the window both say so."""
    qtbot.waitUntil(lambda: (ENTRY in menu(face), bool(face.window.rates.text)) == (yes, yes), timeout=PATIENCE_MS)


def chosen(face: Face, qtbot: QtBot) -> RatesDialog:
    """The window that the menu's entry opens, with the numbers in it."""
    (entry,) = [one for one in face.tray._menu.actions() if one.text() == ENTRY]
    entry.trigger()
    dialog = face._dialog
    assert isinstance(dialog, RatesDialog)
    qtbot.waitUntil(lambda: EN("rates.send") in buttons(dialog), timeout=PATIENCE_MS)
    return dialog


def reports(team: Team, period: int) -> int:
    """How many reports of that period the platform has."""
    team.platform.clock.reach(begins_us(period + 1) + REPORT_US)
    table = team.platform.admin.client.get(f"/v1/rates/{period}")
    assert table.status_code == 200, table.text
    return int(table.json()["left_out"])


def test_a_report_waits_is_looked_at_and_sent_and_waits_no_more(
    tmp_path: Path, program: StandInProgram, qtbot: QtBot
) -> None:
    with running(tmp_path / "platform") as platform:
        team = Team.of(platform, tmp_path / "people", COUNTED)
        period = three(team)
        with begun(team, program, qtbot) as face:
            waits(face, qtbot, yes=True)
            dialog = chosen(face, qtbot)
            shown = said(dialog)
            assert "3 of your sealed sessions on this computer count." in shown
            assert "Project: Wren." in shown
            names = [one.accessibleName() for one in dialog.findChildren(type(face.window._state))]
            assert "Text from software: answered in 2 sessions, raised in 1, not evaluated in 1." in names
            assert not (team.home("ada") / "rates").exists(), "looking at it notes and sends nothing"
            pressed(dialog, EN("rates.send"))
            qtbot.waitUntil(lambda: "These numbers are sent" in said(dialog), timeout=PATIENCE_MS)
            waits(face, qtbot, yes=False)
        assert reports(team, period) == 1


def test_who_declines_is_asked_no_more_and_the_platform_hears_nothing(
    tmp_path: Path, program: StandInProgram, qtbot: QtBot
) -> None:
    with running(tmp_path / "platform") as platform:
        team = Team.of(platform, tmp_path / "people", COUNTED)
        period = three(team)
        with begun(team, program, qtbot) as face:
            waits(face, qtbot, yes=True)
            dialog = chosen(face, qtbot)
            pressed(dialog, EN("rates.decline"))
            qtbot.waitUntil(lambda: "Nothing is sent, and nobody is told." in said(dialog), timeout=PATIENCE_MS)
            waits(face, qtbot, yes=False)
        kept = json.loads((team.home("ada") / "rates" / f"{period}.json").read_text())
        assert (kept["state"], kept["posted"]) == ("declined", None)
        with begun(team, program, qtbot) as face:
            qtbot.waitUntil(lambda: bool(face._status.organisation), timeout=PATIENCE_MS)
            waits(face, qtbot, yes=False)
        assert reports(team, period) == 0


def test_a_platform_that_is_away_is_said_and_the_report_goes_when_it_is_back(
    tmp_path: Path, program: StandInProgram, qtbot: QtBot
) -> None:
    with platform_process(tmp_path / "platform") as process:
        team = Team.of(process.platform, tmp_path / "people", COUNTED)
        period = three(team)
        process.kill()
        with begun(team, program, qtbot) as face:
            waits(face, qtbot, yes=True)
            dialog = chosen(face, qtbot)
            pressed(dialog, EN("rates.send"))
            qtbot.waitUntil(lambda: AWAY in said(dialog), timeout=PATIENCE_MS)
            waits(face, qtbot, yes=True)
            assert not (team.home("ada") / "rates" / f"{period}.json").exists()
            process.start(begins_us(period + 1), port=int(process.platform.address.rpartition(":")[2]))
            pressed(dialog, EN("rates.send"))
            qtbot.waitUntil(lambda: "These numbers are sent" in said(dialog), timeout=PATIENCE_MS)
            waits(face, qtbot, yes=False)
        process.kill()
        process.start(begins_us(period + 1) + REPORT_US)
        assert reports(team, period) == 1


def test_nothing_is_asked_while_the_period_runs_or_of_too_few_sessions(
    tmp_path: Path, program: StandInProgram, qtbot: QtBot
) -> None:
    with running(tmp_path / "platform") as platform:
        team = Team.of(platform, tmp_path / "people", COUNTED)
        for name in ("one", "two"):
            recorded(team, name, "raised")
        period = period_of(platform.clock.read().t_us)
        platform.clock.reach(begins_us(period + 1))
        with begun(team, program, qtbot) as face:
            qtbot.waitUntil(lambda: bool(face._status.organisation), timeout=PATIENCE_MS)
            waits(face, qtbot, yes=False)
