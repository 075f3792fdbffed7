# SPDX-License-Identifier: Apache-2.0
"""A trainer's own counts at the real platform: what counts, what is shown before it goes, and what declining does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from rates_people import COUNTED, command, recorded, three
from review_people import POLICY, Team
from server_running import running
from trust_people import PROJECT

from fairwitness import rates
from fairwitness.places import Places
from fairwitness.rates import own, questions_asked, send, shown_period, system_of
from fairwitness.reporting import Reports
from session import EnvironmentFault, InputFault
from session.ports import Outcome
from session.rates.counts import REPORT_US, Count, begins_us, counts_of, period_of
from session.rates.report import Posted, RatesReport, open_seed, posted_share
from session.rates.rows import Cell
from session.rates.shares import joined
from session.rates.shown import Own
from session.trust.statements import open_statement
from uploader.client import Answer


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path / "platform") as platform:
        yield Team.of(platform, tmp_path / "people", COUNTED)


def counted(team: Team, period: int, *, language: bool = True) -> Own:
    enrolment = team.enrolment("ada")
    try:
        return own(enrolment, period, team.platform.clock, language=language)
    finally:
        enrolment.close()


def of_injected(shown: Own) -> Count:
    place = [one.detector for one in shown.questions].index("injected-input")
    assert all(one == Count() for index, one in enumerate(shown.counts) if index != place)
    return shown.counts[place]


def test_the_questions_are_those_of_the_program_and_hang_on_no_session() -> None:
    assert len(questions_asked()) == len({one.detector for one in questions_asked()}) >= 7
    assert all(one.calibration for one in questions_asked())


def test_systems_have_a_word_each() -> None:
    found = [system_of(name, {}) for name in ("linux", "win32", "darwin", "freebsd14")]
    assert [system_of("linux", {"WAYLAND_DISPLAY": "wayland-0"}), *found] == [
        "linux-wayland",
        "linux-x11",
        "windows",
        "macos",
        "freebsd14",
    ]


def test_a_trainer_counts_their_own_sealed_sessions_of_a_period(team: Team) -> None:
    period = three(team)
    shown = counted(team, period)
    assert of_injected(shown) == Count(2, 1, 1, 1, 1)
    assert (shown.sessions, shown.unread, shown.state) == (3, 0, "open")
    assert shown.cell == Cell(PROJECT, system_of(), "en")
    assert counted(team, period, language=False).cell.language == ""
    other = counted(team, period - 1)
    assert (other.sessions, other.state, other.cell.project) == (0, "over", "")


def test_what_the_notice_did_not_say_is_not_counted(team: Team) -> None:
    team.platform.organisation.policy = POLICY.replace(b"shadow = false", b"shadow = true ")
    team.platform.put_policy()
    team.platform.publish()
    recorded(team, "before", "raised")
    assert counted(team, period_of(team.platform.clock.read().t_us)).sessions == 0


def test_sessions_of_others_and_damaged_ones_do_not_count(team: Team) -> None:
    period = three(team)
    spool = team.home("ada") / "spool"
    (spool / "two" / "seal.dsse").write_bytes(b"no seal")
    team.enrolment("ada").places.key_store().put(
        f"person/{team.platform.organisation.fingerprint}/reading", team.people["ben"].reading_key.seed
    )
    shown = counted(team, period)
    assert (shown.sessions, shown.unread) == (0, 1)


def test_too_few_sessions_give_no_report_and_a_running_period_none_either(team: Team) -> None:
    recorded(team, "only", "raised")
    period = period_of(team.platform.clock.read().t_us)
    assert counted(team, period).state == "running"
    team.platform.clock.reach(begins_us(period + 1))
    few = counted(team, period)
    assert few.state == "few"
    with pytest.raises(InputFault, match="only in the 14 days"):
        sent(team, few)
    team.platform.clock.reach(begins_us(period + 1) + REPORT_US)
    assert counted(team, period).state == "over"


def sent(team: Team, shown: Own) -> None:
    enrolment = team.enrolment("ada")
    try:
        send(enrolment, shown, team.client("ada"))
    finally:
        enrolment.close()


def kept(team: Team, period: int) -> Posted:
    told = json.loads((team.home("ada") / "rates" / f"{period}.json").read_text())
    return msgspec.convert(told["posted"], Posted)


def test_what_was_shown_is_what_goes(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    period = three(team)
    told = command(team, capsys, "--send", "--yes")
    assert "3 of your sealed sessions" in told
    assert "1 of 2 sessions; not evaluated in 1" in told
    assert "language en" in told
    assert told.endswith("The report of this period is sent.\n")
    posted, ada, admin = kept(team, period), team.people["ada"], team.platform.admin
    stated = open_statement(posted.report.encode(), RatesReport, ada.person_key.public)
    assert (stated.person, stated.period, stated.cell) == ("ada", period, Cell(PROJECT, system_of(), "en"))
    numbers = joined(posted_share(posted, stated), [open_seed(stated, admin.reading_key)])
    assert counts_of(numbers, len(stated.questions)) == counted(team, period).counts
    answer = ada.client.put(f"/v1/rates/{period}", json=msgspec.to_builtins(posted))
    assert answer.status_code == 200, "it is there"
    with pytest.raises(InputFault, match="is sent already"):
        command(team, capsys, "--decline")
    with pytest.raises(InputFault, match="is sent already"):
        sent(team, counted(team, period))


def test_who_does_not_say_yes_sends_nothing(
    team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    period = three(team)
    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert "Without either nothing is sent" in command(team, capsys, "--send")
    assert counted(team, period).state == "open"
    assert not (team.home("ada") / "rates").exists()


def test_a_declined_period_is_known_here_alone_and_can_still_be_sent(team: Team, capsys: pytest.CaptureFixture[str]) -> None:
    period = three(team)
    before = team.platform.leaves()
    assert "nobody is told" in command(team, capsys, "--decline")
    assert command(team, capsys, "--decline")
    assert counted(team, period).state == "declined"
    assert team.platform.leaves() == before
    told = json.loads(command(team, capsys, "--send", "--yes", "--json", "--no-language"))
    assert (told["state"], told["cell"]["language"]) == ("sent", "")


def test_what_was_sent_meanwhile_cannot_be_declined_by_who_saw_it_before(team: Team) -> None:
    period = three(team)
    shown, enrolment = counted(team, period), team.enrolment("ada")
    sent(team, shown)
    posted = kept(team, period)
    try:
        with pytest.raises(InputFault, match="is sent already"):
            rates.decline(enrolment, shown)
    finally:
        enrolment.close()
    assert kept(team, period) == posted


def test_a_report_that_was_begun_is_shown_as_it_goes(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    period = three(team)
    asked = rates.Request
    with monkeypatch.context() as patch:
        patch.setattr(rates, "Request", lambda what, method, _path, body: asked(what, method, "/v1/nowhere", body))
        with pytest.raises(EnvironmentFault):
            sent(team, counted(team, period).without_language())
    again = counted(team, period)
    assert (again.state, again.cell) == ("begun", Cell(PROJECT, system_of(), ""))
    path = team.home("ada") / "rates" / f"{period}.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"posted": told["posted"] | {"report": "{}"}}))
    with pytest.raises(EnvironmentFault, match="is damaged"):
        counted(team, period)


def test_what_the_platform_does_not_confirm_is_not_promised_to_go_by_itself(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = three(team)
    shown, answers = counted(team, period), [Answer(Outcome.DONE), Answer(Outcome.RETRY, words="tried again by itself")]
    client, enrolment = team.client("ada"), team.enrolment("ada")
    with monkeypatch.context() as patch:
        patch.setattr(rates, "refresh", lambda *_: answers[0])
        patch.setattr(client, "send", lambda _request: answers[1])
        with pytest.raises(EnvironmentFault, match=r"did not confirm your report.*never by itself"):
            send(enrolment, shown, client)
    enrolment.close()
    assert counted(team, period).state == "begun"


def test_whether_a_report_waits_is_known_without_opening_a_session(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = team.platform.clock.read().t_us
    enrolment = team.enrolment("ada")
    reports = Reports(lambda: enrolment, team.platform.clock, lambda: None)
    period = three(team)
    until_us = begins_us(period + 1) + REPORT_US
    assert period_of(begin) == period
    try:
        with monkeypatch.context() as patch:
            patch.setattr(rates, "open_here", None)  # what would open one
            assert reports.until_us(None) == 0
            assert reports.until_us(enrolment) == until_us
            assert rates.sessions_of(enrolment.places, "6" * 64, period) == 0
            assert rates.sessions_of(enrolment.places, enrolment.organisation.org_fp, period + 1) == 0
        (team.home("ada") / "spool" / "two" / "seal.dsse").write_bytes(b"no seal")
        assert reports.until_us(enrolment) == until_us, "counted once a period"
        assert reports.own().state == "few"
        assert reports.until_us(enrolment) == 0, "what a window counted is believed"
        team.platform.clock.reach(until_us)
        assert reports.until_us(enrolment) == 0
    finally:
        enrolment.close()


def test_a_damaged_note_or_a_missing_spool_asks_nobody(team: Team) -> None:
    period, enrolment = three(team), team.enrolment("ada")
    reports = Reports(lambda: enrolment, team.platform.clock, lambda: None)
    try:
        (team.home("ada") / "rates").mkdir()
        (team.home("ada") / "rates" / f"{period}.json").write_text("{")
        assert reports.until_us(enrolment) == 0
        assert rates.sessions_of(Places(team.home("nobody")), enrolment.organisation.org_fp, period) == 0
    finally:
        enrolment.close()


def test_what_broke_off_goes_again_as_it_was(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    period = three(team)
    asked = rates.Request
    with monkeypatch.context() as patch:
        patch.setattr(rates, "Request", lambda what, method, _path, body: asked(what, method, "/v1/nowhere", body))
        with pytest.raises(EnvironmentFault):
            sent(team, counted(team, period))
    assert counted(team, period).state == "begun"
    posted = kept(team, period)
    sent(team, counted(team, period))
    assert kept(team, period) == posted
    assert counted(team, period).state == "sent"


def test_a_second_computer_hears_that_there_is_a_report(team: Team) -> None:
    period = three(team)
    sent(team, counted(team, period))
    (team.home("ada") / "rates" / f"{period}.json").unlink()
    with pytest.raises(EnvironmentFault, match="another report of yours"):
        sent(team, counted(team, period))


def test_a_damaged_note_is_said_and_one_of_another_organisation_is_none(team: Team) -> None:
    period = three(team)
    sent(team, counted(team, period))
    path = team.home("ada") / "rates" / f"{period}.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"organisation": "6" * 64}))
    assert counted(team, period).state == "open"
    path.write_text("{")
    with pytest.raises(EnvironmentFault, match="is damaged"):
        counted(team, period)


def test_without_an_admin_or_without_the_key_nothing_is_made(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    period = three(team)
    with monkeypatch.context() as patch:
        patch.setattr(rates, "_admins", lambda _: [])
        with pytest.raises(EnvironmentFault, match="names no admin"):
            sent(team, counted(team, period))
    shown = counted(team, period)
    enrolment = team.enrolment("ada")
    enrolment.places.key_store().delete(f"person/{team.platform.organisation.fingerprint}/signing")
    try:
        with pytest.raises(EnvironmentFault, match="keys of this device are missing"):
            send(enrolment, shown, team.client("ada"))
    finally:
        enrolment.close()


def test_the_period_that_is_shown_is_the_last_one_while_its_reports_are_taken() -> None:
    begin = begins_us(740)
    assert [shown_period(begin + late_us) for late_us in (0, REPORT_US - 1, REPORT_US)] == [739, 739, 740]


def test_a_platform_that_is_away_leaves_nothing_behind(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    period = three(team)
    shown = counted(team, period)
    monkeypatch.setattr(rates, "refresh", lambda *_: Answer(Outcome.RETRY, words="The platform cannot be reached."))
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        sent(team, shown)
    assert not (team.home("ada") / "rates").exists()
