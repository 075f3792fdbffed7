# SPDX-License-Identifier: Apache-2.0
"""What people are shown of rates: a trainer their own counts before anything goes, an admin the sums. Values only.

What is sent is what was shown: a report is made from an `Own`, and from nothing that was counted after it.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from session.rates.counts import Count, Question
from session.rates.rows import Cell

Standing = Literal["running", "few", "open", "begun", "sent", "declined", "over"]
Interval = tuple[float, float]
"""Low and high end of a share, 0 to 1."""
_MAY_BE_SENT: Final = frozenset({"open", "begun", "declined"})
WAITS: Final[frozenset[Standing]] = frozenset({"open", "begun"})
"""The trainer has not said yet what becomes of the report, or the platform has not confirmed it."""


class Own(msgspec.Struct, frozen=True):
    """What a trainer sees of one period.

    Args:
        period: its number; from `begins_us` to `ends_us`, µs UTC; reports are taken until `until_us`.
        sessions: how many of the trainer's sealed sessions count; `unread`: how many cannot be read here.
        cell: where they were recorded and in which language the notice was read; this stands in the open. Of a report that
            was begun or sent, what stands in it.
        questions, counts: those of this program, each with its count.
        state: "running" the period has not ended; "few" fewer sessions than a report needs; "open" may be sent or declined;
            "begun" was sent and not confirmed; "sent"; "declined"; "over" too late.
    """

    period: int
    begins_us: int
    ends_us: int
    until_us: int
    sessions: int
    unread: int
    cell: Cell
    questions: tuple[Question, ...]
    counts: tuple[Count, ...]
    state: Standing

    @property
    def may_be_sent(self) -> bool:
        """Whether a report can go now; one that was declined still can."""
        return self.state in _MAY_BE_SENT

    def without_language(self) -> Own:
        """The same, where the trainer would rather not say in which language they read."""
        return msgspec.structs.replace(self, cell=msgspec.structs.replace(self.cell, language=""))


class Rated(msgspec.Struct, frozen=True):
    """One question in a row.

    Args:
        count: None where nothing may be said: fewer than ten people answered, or it was raised with all of them.
        rate: of the sessions that answered, None under 600 of them.
        people_ci: the exact 95 % interval of the share of people who have at least one such session.
    """

    question: Question
    count: Count | None
    rate: float | None
    people_ci: Interval | None


class RatedRow(msgspec.Struct, frozen=True):
    """One row; see `session.rates.table.TableRow`."""

    cell: Cell
    people: int
    others: int
    questions: tuple[Rated, ...]
    trouble: str


class Rates(msgspec.Struct, frozen=True):
    """The table of a period. `left_out`: people who sent a report and are in no row."""

    period: int
    begins_us: int
    ends_us: int
    rows: tuple[RatedRow, ...]
    left_out: int


class Sums(msgspec.Struct, frozen=True):
    """A table, and what an admin needs to know around it.

    Args:
        newest: the newest period whose table is there: no report of it can come any more.
        projects: names of those whose policy in force lets findings be counted; told where there are no rows, to say why.
    """

    table: Rates
    newest: int
    projects: tuple[str, ...] = ()
