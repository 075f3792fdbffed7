# SPDX-License-Identifier: Apache-2.0
"""The admin's table of how often questions on trial were raised: sums of ten people or more, joined with the admin's key.

Rules:

1. It is read on the computer with the root key, once no report of the period can come any more. Nothing of it is kept.
2. A rate is `raised / answered`, of one version and calibration; under 600 sessions there are counts and no rate. The
   interval is the exact one of the share of people with at least one such session.
3. All numbers are claimed by those who sent them, and who did not send is not in them.

Source: docs/adr/0020-rates-without-sessions.md; docs/evaluation.md, Rates and Intervals.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fairwitness.evaluation.figures import LEAST_SESSIONS, clopper_pearson
from fairwitness.office import admin_desk
from fairwitness.opening import reading_keys
from fairwitness.organisation import AdminDesk
from fairwitness.places import Places
from fairwitness.rates import shown_period
from session import EnvironmentFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.policy import parse_policy
from session.ports import Clock
from session.rates.counts import begins_us
from session.rates.shown import Rated, RatedRow, Rates, Sums
from session.rates.table import Said, Table, TableRow, read_table
from uploader.client import Request

TABLE_BYTES: Final = 64 << 20
"""Bound of a period's rows: 10,000 people with reports of 6 KiB, generously."""


def newest_table(now_us: int) -> int:
    """The newest period whose table is there: no report of it can come any more."""
    return shown_period(now_us) - 1


def read_rates(home: Path | None, platform: str, period: int | None, clock: Clock) -> Rates:
    """The table of a period, the newest where that is None.

    Args:
        home: the agent's folder, with the root key and the admin's own reading key.
        platform: its address, "" for the remembered one.
        period: its number.
        clock: for which period is the newest.

    Raises:
        EnvironmentFault: a key, token or address is missing, or the platform does not give the table; says what to do.
        IntegrityFault: what the platform answers is no table of that period.
    """
    desk = admin_desk(home, platform, clock)
    return table_of(
        desk, reading_keys(Places(home).key_store()), newest_table(clock.read().t_us) if period is None else period
    )


def read_sums(desk: AdminDesk, keys: Iterable[ReadingKey], period: int | None, clock: Clock) -> Sums:
    """The table of a period, and where it has no row, which projects could give one. Raises as `table_of` does.

    Args:
        desk: of the admin.
        keys: the admin's own reading keys.
        period: its number, None for the newest.
        clock: for which period is the newest.
    """
    newest = newest_table(clock.read().t_us)
    table = table_of(desk, keys, newest if period is None else period)
    projects: tuple[str, ...] = ()
    if not table.rows:
        named = desk.directory().projects
        counts = {one: parse_policy(desk.policy(one)).findings.counted for one in {one.policy_sha256 for one in named}}
        projects = tuple(one.name or one.id for one in named if counts[one.policy_sha256])
    return Sums(table, newest, projects)


def table_of(desk: AdminDesk, keys: Iterable[ReadingKey], period: int) -> Rates:
    """The table of that period, joined with these reading keys of the admin's.

    Raises:
        EnvironmentFault: there is no reading key, or the platform does not give the table; says what to do.
        IntegrityFault: what the platform answers is no table of that period.
    """
    held = tuple(keys)
    if not held:
        raise EnvironmentFault(
            "The admin's own reading key is not on this computer: bring it back with your recovery code. "
            "Without it nobody here can read the sums."
        )
    directory = desk.directory()
    told = desk.told(Request("rates", "GET", f"/v1/rates/{period}", most_bytes=TABLE_BYTES), Table)
    if told.period != period:
        raise IntegrityFault("the platform gives the table of another period than was asked for")
    rows = tuple(_rated(one) for one in read_table(told, directory, held))
    return Rates(period, begins_us(period), begins_us(period + 1), rows, told.left_out)


def _rated(row: TableRow) -> RatedRow:
    return RatedRow(row.cell, row.people, row.others, tuple(map(_of_question, row.said)), row.trouble)


def _of_question(said: Said) -> Rated:
    count = said.count
    if count is None:
        return Rated(said.question, None, None, None)
    rate = count.raised / count.answered if count.answered >= LEAST_SESSIONS else None
    return Rated(said.question, count, rate, clopper_pearson(count.people_raised, count.people_answered))
