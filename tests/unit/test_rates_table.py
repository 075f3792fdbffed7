# SPDX-License-Identifier: Apache-2.0
"""What an admin reads of a period's sums, and when a row is given up."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import msgspec
import pytest
from trust_builders import Organisation, organisation
from trust_people import Member, member

from session.policy import default_policy_toml
from session.rates.counts import WIDTH, Count, Question
from session.rates.report import Posted, RatesReport, make_report, posted_share
from session.rates.rows import PEOPLE_LEAST, Cell
from session.rates.shares import SHARE_BYTES, joined, mask, share_of, summed
from session.rates.table import AddedUp, Table, TableRow, read_table
from session.trust.directory import Directory
from session.trust.dsse import read_envelope, strict_json

PERIOD = 740
HERE = Cell("wren", "linux-x11", "en")
ASKED = (Question("large-paste", 1, "a"), Question("regular-typing", 2, "b"))
ONE = (Count(4, 1, 0, 1, 1), Count(0, 0, 4, 0, 0))
NONE = (Count(4, 0, 1, 1, 0), Count(3, 0, 2, 1, 0))
ADMIN = member("root-keeper", "admin")
PEOPLE = tuple(member(f"t{number}", "trainer") for number in range(12))


@pytest.fixture(scope="module")
def org() -> Organisation:
    return organisation(default_policy_toml())


@pytest.fixture(scope="module")
def directory(org: Organisation) -> Directory:
    return msgspec.structs.replace(org.directory, people=tuple(one.listed() for one in (*PEOPLE, ADMIN)))


def report(org: Organisation, who: Member, counts: Sequence[Count] = NONE, **changes: object) -> Posted:
    named = {"organisation": org.fp, "person": who.id, "period": PERIOD, "cell": HERE, "questions": ASKED, **changes}
    return make_report(who.person_key, **named, counts=counts, admins=[ADMIN.reading.public])  # type: ignore[arg-type]


def added_up(reports: Sequence[Posted], cell: Cell = HERE) -> AddedUp:
    stated = [strict_json(read_envelope(one.report.encode())[1], RatesReport) for one in reports]
    total = summed(posted_share(one, told) for one, told in zip(reports, stated, strict=True))
    return AddedUp(cell, tuple(one.report for one in reports), base64.b64encode(total).decode())


def read(directory: Directory, *rows: AddedUp) -> tuple[TableRow, ...]:
    return read_table(Table(PERIOD, rows, 0), directory, [ADMIN.reading])


@pytest.fixture(scope="module")
def ten(org: Organisation) -> list[Posted]:
    return [report(org, who, ONE if who.id == "t3" else NONE) for who in PEOPLE[:10]]


def test_the_sum_of_ten_people_is_read_and_what_fewer_answered_is_not_said(directory: Directory, ten: list[Posted]) -> None:
    (row,) = read(directory, added_up(ten))
    assert (row.cell, row.people, row.others, row.trouble) == (HERE, 10, 0, "")
    assert [one.count for one in row.said] == [Count(40, 1, 9, 10, 1), None]
    assert [one.question for one in row.said] == list(ASKED)


def test_what_was_raised_with_everybody_is_not_said(org: Organisation, directory: Directory) -> None:
    everybody = (Count(4, 1, 0, 1, 1), Count(4, 0, 0, 1, 0))
    (row,) = read(directory, added_up([report(org, who, everybody) for who in PEOPLE]))
    assert [one.count for one in row.said] == [None, Count(48, 0, 0, 12, 0)]


def test_a_sum_of_fewer_people_than_ten_is_not_opened(directory: Directory, ten: list[Posted]) -> None:
    (row,) = read(directory, added_up(ten[:9]))
    assert "only 9 people" in row.trouble
    assert row.said == ()
    assert "only 0 people" in read(directory, added_up([]))[0].trouble


def test_nobody_is_counted_twice_in_a_row_or_in_two(org: Organisation, directory: Directory, ten: list[Posted]) -> None:
    again = [*ten[:9], ten[0]]
    assert "twice" in read(directory, added_up(again))[0].trouble
    others = [*ten[:1], *(report(org, who) for who in PEOPLE[10:])]
    first, second = read(directory, added_up(ten), added_up(others))
    assert (first.trouble, "twice" in second.trouble) == ("", True)


def test_invented_people_do_not_make_ten(org: Organisation, directory: Directory, ten: list[Posted]) -> None:
    invented = [report(org, member(f"nobody {number}", "trainer")) for number in range(9)]
    assert "only 1 people" in read(directory, added_up([ten[0], *invented]))[0].trouble


def test_another_signature_than_the_persons_makes_nobodys_ten(
    org: Organisation, directory: Directory, ten: list[Posted]
) -> None:
    forged = report(org, PEOPLE[8], person="t9")
    assert "only 9 people" in read(directory, added_up([*ten[:9], forged]))[0].trouble


def test_who_has_new_keys_since_stays_in_the_sum_and_is_told(
    org: Organisation, directory: Directory, ten: list[Posted]
) -> None:
    renewed = report(org, PEOPLE[11], person="t10")
    (row,) = read(directory, added_up([*ten, renewed]))
    assert (row.people, row.others, row.trouble) == (10, 1, "")


def test_who_left_since_stays_in_the_sum_and_is_told(org: Organisation, directory: Directory, ten: list[Posted]) -> None:
    left = report(org, member("left", "trainer"), ONE)
    (row,) = read(directory, added_up([*ten, left]))
    assert (row.people, row.others, row.trouble) == (10, 1, "")
    assert row.said[0].count == Count(44, 2, 9, 11, 2)


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({"period": PERIOD + 1}, HERE),
        ({"questions": ASKED[::-1]}, HERE),
        ({"cell": Cell("wren", "linux-x11", "it")}, HERE),
        ({}, Cell("other")),
    ],
)
def test_reports_that_do_not_belong_together_are_not_opened(
    org: Organisation, directory: Directory, ten: list[Posted], changes: dict[str, object], cell: Cell
) -> None:
    (row,) = read(directory, added_up([*ten[:9], report(org, PEOPLE[9], **changes)], cell))
    assert "do not belong together" in row.trouble


def test_a_report_of_another_organisation_gives_the_row_up(
    org: Organisation, directory: Directory, ten: list[Posted]
) -> None:
    other = report(org, PEOPLE[9], organisation="6" * 64)
    assert "another organisation" in read(directory, added_up([*ten[:9], other]))[0].trouble


def test_numbers_that_cannot_be_are_given_up(org: Organisation, directory: Directory, ten: list[Posted]) -> None:
    false = report(org, PEOPLE[9], (Count(1, 4000, 0, 1, 1), Count()))
    assert "cannot be" in read(directory, added_up([*ten[:9], false]))[0].trouble
    short = added_up(ten)
    total = bytearray(base64.b64decode(short.share))
    total[SHARE_BYTES - 1] ^= 1  # behind the questions there is nothing
    assert "cannot be" in read(directory, AddedUp(HERE, short.reports, base64.b64encode(total).decode()))[0].trouble


def test_a_platform_that_leaves_a_share_out_of_the_sum_gives_noise(directory: Directory, ten: list[Posted]) -> None:
    whole, less = added_up(ten), added_up(ten[1:])
    assert "cannot be" in read(directory, AddedUp(HERE, whole.reports, less.share))[0].trouble


def test_an_admin_without_the_key_reads_nothing(directory: Directory, ten: list[Posted]) -> None:
    (row,) = read_table(Table(PERIOD, (added_up(ten),), 0), directory, [PEOPLE[0].reading])
    assert "other admins' keys" in row.trouble


def test_platform_and_admin_apart_have_noise_for_one_person() -> None:
    """The platform has the share, the admin the seed: one person's numbers need both, which is what the notice says."""
    assert PEOPLE_LEAST == 10
    seed = b"s" * 32
    share = share_of((1,) * WIDTH, seed)
    assert joined(share, ()) != (1,) * WIDTH != mask(seed)
    assert joined(share, [seed]) == (1,) * WIDTH
