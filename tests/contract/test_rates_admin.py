# SPDX-License-Identifier: Apache-2.0
"""From trainers' reports to the admin's table: at the real platform, on computers of their own."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from rates_people import COUNTED, command, three
from review_people import POLICY, Team
from server_running import Member, running
from trust_people import PROJECT

from fairwitness import cli_rates
from fairwitness.cli_rates import cell_words, percent, rated_line, table_lines
from fairwitness.office import open_office
from fairwitness.organisation import AdminDesk
from fairwitness.places import Places
from fairwitness.rates import questions_asked, system_of
from fairwitness.rates_table import newest_table, read_rates
from session import EnvironmentFault, IntegrityFault
from session.rates.counts import REPORT_US, Count, Question, begins_us
from session.rates.report import make_report
from session.rates.rows import Cell
from session.rates.shown import Rated, RatedRow, Rates
from session.rates.table import Table

PASTE = Question("large-paste", 1, "klicke-1")


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path / "platform") as platform:
        made = Team.of(platform, tmp_path / "people", COUNTED)
        made.root_at("admin")
        yield made


def give_reading_key(team: Team) -> None:
    """The admin's own key, which opens the seeds."""
    store = Places(team.home("admin")).key_store()
    store.put(f"person/{team.platform.organisation.fingerprint}/reading", team.platform.admin.reading_key.seed)


def others(team: Team, number: int) -> list[Member]:
    """So many more trainers, in one directory."""
    people = [team.platform.enrol(f"t{index}", "trainer") for index in range(number)]
    team.platform.organisation.members += people
    team.platform.publish()
    return people


def report(team: Team, who: Member, period: int, counts: Sequence[Count]) -> None:
    posted = make_report(
        who.person_key,
        organisation=who.organisation,
        person=who.person,
        period=period,
        cell=Cell(PROJECT, system_of(), "en"),
        questions=questions_asked(),
        counts=counts,
        admins=[team.platform.admin.reading_key.public],
    )
    assert who.client.put(f"/v1/rates/{period}", json=msgspec.to_builtins(posted)).status_code == 201


def read(team: Team, period: int | None = None) -> Rates:
    return read_rates(team.home("admin"), team.platform.address, period, team.platform.clock)


def test_ten_trainers_become_a_table_in_which_nobody_is_to_be_found(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    give_reading_key(team)
    people = others(team, 9)
    period = three(team)
    command(team, capsys, "--send", "--yes")
    place = [one.detector for one in questions_asked()].index("injected-input")
    counts = [Count(70, 0, 5, 1, 0) if index == place else Count() for index in range(len(questions_asked()))]
    for who in people:
        report(team, who, period, counts)
    with pytest.raises(EnvironmentFault, match="may still come"):
        read(team, period)
    team.platform.clock.reach(begins_us(period + 1) + REPORT_US)
    table = read(team)
    (row,) = table.rows
    assert (table.period, table.left_out, row.cell, row.people, row.trouble) == (
        period,
        0,
        Cell(PROJECT, system_of(), "en"),
        10,
        "",
    )
    said = {one.question.detector: one for one in row.questions}
    assert said["injected-input"].count == Count(632, 1, 46, 10, 1)
    assert said["injected-input"].rate == 1 / 632
    assert [one.count for name, one in said.items() if name != "injected-input"] == [None] * (len(said) - 1)
    chosen = Namespace(home=team.home("admin"), platform="", period=None, table=True, json=False)
    assert cli_rates.rates_at(chosen, team.platform.clock) == 0
    text = capsys.readouterr().out
    assert "raised in 1 of 632 sessions (0.158 %), with 1 of 10 people [0.253 % to 44.5 %]; not evaluated in 46" in text
    assert "10 people" in text
    assert "ada" not in text
    chosen.json = True
    assert cli_rates.rates_at(chosen, team.platform.clock) == 0
    assert json.loads(capsys.readouterr().out)["period"] == period


def test_the_office_reads_the_same_table_and_says_whose_policy_could_fill_it(team: Team) -> None:
    give_reading_key(team)
    clock, places = team.platform.clock, Places(team.home("admin"))
    office = open_office(places.home, team.platform.address, clock)
    team.platform.organisation.version = office.directory().version  # the office signed the platform's address in
    empty = office.sums()
    assert (empty.table.rows, empty.projects, empty.table.period) == ((), ("Wren", "Beta"), empty.newest)
    period = three(team)
    for who in others(team, 10):
        report(team, who, period, [Count(4, 1, 0, 1, 1)] + [Count(4, 0, 0, 1, 0)] * (len(questions_asked()) - 1))
    clock.reach(begins_us(period + 1) + REPORT_US)
    sums = office.sums()
    assert sums.table == read(team)
    assert (len(sums.table.rows), sums.newest, sums.projects) == (1, period, ())
    assert office.sums(period - 1).table.rows == ()
    with pytest.raises(EnvironmentFault, match="may still come"):
        office.sums(period + 1)
    team.platform.organisation.policy = POLICY
    team.platform.put_policy()
    team.platform.publish()
    assert office.sums(period - 1).projects == ()


def test_nine_trainers_are_in_no_row(team: Team) -> None:
    give_reading_key(team)
    period = three(team)
    people = others(team, 9)
    for who in people:
        report(team, who, period, [Count(4, 0, 0, 1, 0)] * len(questions_asked()))
    team.platform.clock.reach(begins_us(period + 1) + REPORT_US)
    table = read(team)
    assert (table.rows, table.left_out) == ((), 9)
    assert "Rows: 0. People in none: 9." in table_lines(table)[0]


def test_without_the_admins_own_key_it_is_said_what_is_missing(team: Team) -> None:
    with pytest.raises(EnvironmentFault, match="own reading key is not on this computer"):
        read(team)


def test_a_table_of_another_period_is_refused(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    give_reading_key(team)
    monkeypatch.setattr(AdminDesk, "told", lambda *_: Table(1, (), 0))
    with pytest.raises(IntegrityFault, match="another period"):
        read(team, 2)


def test_the_newest_table_is_of_a_period_that_gets_no_report_any_more() -> None:
    begin = begins_us(740)
    assert [newest_table(begin + late_us) for late_us in (0, REPORT_US - 1, REPORT_US)] == [738, 738, 739]


def rated(count: Count | None, rate: float | None = None) -> Rated:
    return Rated(PASTE, count, rate, (0.0, 0.31) if count is not None else None)


def test_few_sessions_give_counts_and_no_rate() -> None:
    line = rated_line(rated(Count(599, 2, 3, 12, 1)))
    assert line.startswith("Long text from elsewhere (version 1, klicke-1): raised in 2 of 599 sessions (fewer than 600 ")
    assert "not said" in rated_line(rated(None))
    assert [percent(share) for share in (0, 0.00034, 0.31)] == ["0 %", "0.034 %", "31 %"]


def test_rows_say_in_words_what_they_join_and_why_they_are_given_up() -> None:
    assert cell_words(Cell("wren", "windows", "")) == "project wren, windows, language (not said)"
    assert cell_words(Cell()) == "other projects, other systems, other languages"
    row = RatedRow(Cell("wren", "windows", "en"), 10, 2, (), "the sum is wrong")
    lines = table_lines(Rates(740, begins_us(740), begins_us(741), (row,), 0))
    assert lines[2:] == [
        "project wren, windows, language en: 10 people, and 2 whom the directory does not name any more, or with new keys",
        "    given up: the sum is wrong",
    ]
