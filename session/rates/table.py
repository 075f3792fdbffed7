# SPDX-License-Identifier: Apache-2.0
"""What an admin reads: the sums of each row, once both shares are joined. Checked against the directory; pure.

Rules:

1. A row is read only where ten people signed its reports with the keys that the directory names for them, each once, for
   this period and these questions. Otherwise it is given up: somebody asks for a sum of fewer people than was promised.
   Reports of people who left or have new keys since make nobody's ten; they stay in the sum, and are told.
2. Of a question that fewer than ten of them answered nothing is said, nor of one that was raised with every one of them.
3. Numbers that so many people cannot have counted are given up; all others are claimed by the people who sent them.

Source: docs/adr/0020-rates-without-sessions.md, Rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from session import IntegrityFault
from session.crypto.hpke import ReadingKey
from session.events import U53
from session.rates.counts import Count, Question, counts_of, possible, vector_of
from session.rates.report import SHARE_LETTERS, RatesReport, open_seed
from session.rates.rows import PEOPLE_LEAST, Cell, covers
from session.rates.shares import joined
from session.trust.directory import Directory
from session.trust.dsse import canonical_base64, read_envelope, strict_json
from session.trust.statements import open_statement


class AddedUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row as the platform gives it: the reports of its people, as signed, and the sum of their shares in base64."""

    cell: Cell
    reports: tuple[str, ...]
    share: Annotated[str, msgspec.Meta(min_length=SHARE_LETTERS, max_length=SHARE_LETTERS)]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that the platform gives of a period. `left_out`: people whose reports are in no row."""

    period: U53
    rows: tuple[AddedUp, ...]
    left_out: U53


class Said(msgspec.Struct, frozen=True):
    """What may be said of one question in a row; `count` None where nothing may."""

    question: Question
    count: Count | None


class TableRow(msgspec.Struct, frozen=True):
    """A row as it is read.

    Args:
        people: whom the directory names, with the key that signed.
        others: whom it does not name any more, or with another key; their reports are in the sum, and nobody can check them.
        trouble: why the row is given up, "" where it is not; `said` is empty then.
    """

    cell: Cell
    people: int
    others: int = 0
    said: tuple[Said, ...] = ()
    trouble: str = ""


def read_table(table: Table, directory: Directory, keys: Sequence[ReadingKey]) -> tuple[TableRow, ...]:
    """The rows of `table`, joined with the admin's reading keys.

    Args:
        table: as the platform gives it.
        directory: in force; it says whose report counts.
        keys: the admin's own, those of before among them.
    """
    seen: set[str] = set()
    rows = []
    for row in table.rows:
        try:
            rows.append(_row(row, table.period, directory, keys, seen))
        except IntegrityFault as fault:
            rows.append(TableRow(row.cell, len(row.reports), trouble=str(fault)))
    return tuple(rows)


def _row(row: AddedUp, period: int, directory: Directory, keys: Sequence[ReadingKey], seen: set[str]) -> TableRow:
    reports = [_report(raw.encode(), directory) for raw in row.reports]
    named = sum(_is_named(raw.encode(), one, directory) for raw, one in zip(row.reports, reports, strict=True))
    everybody = {one.person for one in reports}
    if len(everybody) != len(reports) or everybody & seen:
        raise IntegrityFault("the platform counts somebody twice in a table of rates")
    seen |= everybody
    if named < PEOPLE_LEAST:
        raise IntegrityFault(
            f"only {named} people of this sum are in the directory with these keys, fewer than {PEOPLE_LEAST}"
        )
    questions = reports[0].questions
    if any((one.period, one.questions) != (period, questions) or not covers(row.cell, one.cell) for one in reports):
        raise IntegrityFault("the platform adds up reports that do not belong together")
    total = joined(canonical_base64(row.share), [open_seed(one, *keys) for one in reports])
    counts = counts_of(total, len(questions))
    if total != vector_of(counts) or not all(possible(one, len(everybody)) for one in counts):
        raise IntegrityFault("the numbers of a row cannot be what its people counted: a report or the sum is wrong")
    told = (Said(question, one if _may_be_said(one) else None) for question, one in zip(questions, counts, strict=True))
    return TableRow(row.cell, named, len(everybody) - named, tuple(told))


def _report(raw: bytes, directory: Directory) -> RatesReport:
    claimed = strict_json(read_envelope(raw)[1], RatesReport)
    if claimed.organisation != directory.organisation:
        raise IntegrityFault("a report of rates is of another organisation")
    return claimed


def _is_named(raw: bytes, claimed: RatesReport, directory: Directory) -> bool:
    member = directory.person(claimed.person)
    if member is None:
        return False
    try:
        open_statement(raw, RatesReport, bytes.fromhex(member.person_key))
    except IntegrityFault:
        return False
    return True


def _may_be_said(one: Count) -> bool:
    return one.people_answered >= PEOPLE_LEAST and one.people_raised < one.people_answered
