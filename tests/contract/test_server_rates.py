# SPDX-License-Identifier: Apache-2.0
"""Reports of rates at the platform: one a person and period, and nothing of them but sums of ten people."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
import requests
from server_running import Member, RunningPlatform, running
from sqlalchemy import select

from server.rates import KEPT_PERIODS
from server.store import tables
from server.store.engine import Database
from session.rates.counts import PERIOD_US, REPORT_US, Count, Question, begins_us, period_of
from session.rates.report import Posted, make_report
from session.rates.rows import Cell
from session.rates.table import Table, read_table
from session.trust.directory import open_directory

ASKED = (Question("large-paste", 1, "a"),)
HERE = Cell("wren", "linux-x11", "en")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        yield started


def joined(platform: RunningPlatform, number: int) -> list[Member]:
    """So many trainers, in one directory."""
    people = [platform.enrol(f"t{index}", "trainer") for index in range(number)]
    platform.organisation.members += people
    platform.publish()
    return people


def ended(platform: RunningPlatform) -> int:
    """The period that has just ended by the platform's clock."""
    platform.clock.reach(begins_us(period_of(platform.clock.read().t_us) + 1))
    return period_of(platform.clock.read().t_us) - 1


def report(platform: RunningPlatform, who: Member, period: int, **changes: object) -> Posted:
    named = {"organisation": who.organisation, "person": who.person, "cell": HERE, **changes}
    admins = [platform.admin.reading_key.public]
    counts = (Count(5, 1, 0, 1, 1),) if who.person == "t0" else (Count(5, 0, 1, 1, 0),)
    return make_report(who.person_key, period=period, questions=ASKED, counts=counts, admins=admins, **named)  # type: ignore[arg-type]


def put(who: Member, period: int, posted: Posted) -> requests.Response:
    return who.client.put(f"/v1/rates/{period}", json=msgspec.to_builtins(posted))


def table(platform: RunningPlatform, period: int) -> requests.Response:
    return platform.admin.client.get(f"/v1/rates/{period}")


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_ten_reports_become_one_sum_that_only_both_shares_open(platform: RunningPlatform) -> None:
    people = joined(platform, 11)
    period = ended(platform)
    sent = [report(platform, who, period) for who in people[:10]]
    assert [put(who, period, posted).status_code for who, posted in zip(people, sent, strict=False)] == [201] * 10
    assert put(people[10], period, report(platform, people[10], period, cell=Cell("beta", "windows", "it"))).ok
    platform.clock.advance_s(REPORT_US / 1_000_000)
    answer = table(platform, period)
    assert not [one for one in sent if one.share in answer.text or one.salt in answer.text]
    told = msgspec.json.decode(answer.content, type=Table)
    directory = open_directory(platform.admin.client.get("/v1/directory").content)
    (row,) = read_table(told, directory, [platform.admin.reading_key])
    assert (row.cell, row.people, told.left_out) == (HERE, 10, 1)
    assert [one.count for one in row.said] == [Count(50, 1, 9, 10, 1)]
    assert answer.content == table(platform, period).content


def test_nine_people_are_in_no_row(platform: RunningPlatform) -> None:
    people = joined(platform, 9)
    period = ended(platform)
    for who in people:
        assert put(who, period, report(platform, who, period)).status_code == 201
    platform.clock.advance_s(REPORT_US / 1_000_000)
    assert table(platform, period).json() == {"period": period, "rows": [], "left_out": 9}


def test_reports_are_taken_after_the_period_and_the_table_is_given_after_them(platform: RunningPlatform) -> None:
    (who,) = joined(platform, 1)
    period = ended(platform)
    running_now = report(platform, who, period + 1)
    assert refused(put(who, period + 1, running_now)) == (409, "period")
    assert refused(table(platform, period)) == (409, "period")
    platform.clock.advance_s(REPORT_US / 1_000_000 - 1)
    posted = report(platform, who, period)
    assert put(who, period, posted).status_code == 201
    assert refused(table(platform, period)) == (409, "period")
    platform.clock.advance_s(1)
    assert put(who, period, posted).status_code == 200, "the same again is no other report"
    assert refused(put(who, period - 1, report(platform, who, period - 1))) == (409, "period")
    assert table(platform, period).json()["left_out"] == 1


def test_one_report_a_person_and_period(platform: RunningPlatform) -> None:
    (who,) = joined(platform, 1)
    period = ended(platform)
    posted = report(platform, who, period)
    assert [put(who, period, posted).status_code for _ in range(2)] == [201, 200]
    assert refused(put(who, period, report(platform, who, period))) == (409, "rates")


def test_what_the_caller_did_not_sign_or_is_of_another_is_refused(platform: RunningPlatform) -> None:
    one, other = joined(platform, 2)
    period = ended(platform)
    theirs, mine = report(platform, other, period), report(platform, one, period)
    assert refused(put(one, period, theirs)) == (422, "signature")
    assert refused(put(one, period, msgspec.structs.replace(mine, share=theirs.share))) == (422, "signature")
    for changes in ({"person": other.person}, {"organisation": "6" * 64}):
        assert refused(put(one, period, report(platform, one, period, **changes))) == (422, "input")
    assert refused(put(one, period, report(platform, one, period - 1))) == (422, "input")
    short = msgspec.structs.replace(mine, share=base64.b64encode(b"short").decode())
    assert refused(put(one, period, short)) == (422, "input")


def test_after_a_year_a_period_goes_as_a_whole(platform: RunningPlatform) -> None:
    people = joined(platform, 2)
    period = ended(platform)
    for who in people:
        assert put(who, period, report(platform, who, period)).ok
    platform.clock.advance_s(KEPT_PERIODS * PERIOD_US / 1_000_000)
    assert kept(platform) == [(period, "t0"), (period, "t1")]
    last = period + KEPT_PERIODS + 1
    platform.clock.reach(begins_us(last + 1))
    renewed(platform)
    assert put(people[0], last, report(platform, people[0], last)).status_code == 201
    assert kept(platform) == [(last, "t0")]
    platform.clock.advance_s((KEPT_PERIODS + 1) * PERIOD_US / 1_000_000)
    assert table(platform, last).json()["left_out"] == 0, "gone with the question, where no report comes any more"
    assert kept(platform) == []


def renewed(platform: RunningPlatform) -> None:
    platform.publish(expires_us=platform.clock.read().t_us + PERIOD_US)


def kept(platform: RunningPlatform) -> Sequence[tuple[int, str]]:
    database = Database(platform.config.database)
    with database.reading() as connection:
        columns = (tables.rates_reports.c.period, tables.rates_reports.c.person)
        found = [(row[0], row[1]) for row in connection.execute(select(*columns).order_by(*columns))]
    database.close()
    return found


def test_when_a_report_came_is_not_kept() -> None:
    assert {column.name for column in tables.rates_reports.columns} == {"period", "person", "report", "share"}
