# SPDX-License-Identifier: Apache-2.0
"""Whose reports are added up together: rows of at least ten people, and nobody in two of them. Pure.

Rules:

1. People of one project, system and language are a row where they are ten or more. Those of smaller cells are joined
   without language, then without system, then without project; fewer than ten who are left then are in no row.
2. Rows do not overlap and no sum over several is given out, so no difference of two sums is about fewer people than a row.
3. Only reports on the same questions are added up.
4. The rows follow from the reports alone, in whatever order they came. Who has them again gets the same rows.

Source: docs/adr/0020-rates-without-sessions.md, Rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from session.events import Short
from session.rates.counts import Questions

PEOPLE_LEAST: Final = 10
"""Source: docs/adr/0020, Rows."""


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a person works and reads: None where a row joins several. "" is a language that was not told."""

    project: Short | None = None
    system: Short | None = None
    language: Short | None = None


class Row(msgspec.Struct, frozen=True):
    """One row. `members` are places in the list that was given, rising."""

    cell: Cell
    questions: Questions
    members: tuple[int, ...]


_JOINED: Final[tuple[Callable[[Cell], Cell], ...]] = (
    lambda cell: cell,
    lambda cell: Cell(cell.project, cell.system),
    lambda cell: Cell(cell.project),
    lambda _cell: Cell(),
)
"""The steps of rule 1."""


def grouped(reports: Sequence[tuple[Cell, Questions]]) -> tuple[tuple[Row, ...], int]:
    """The rows of these reports, each of one person, and how many people are in none."""
    rows: list[Row] = []
    left = list(range(len(reports)))
    for step in _JOINED:
        found: dict[tuple[Cell, Questions], list[int]] = {}
        for place in left:
            cell, questions = reports[place]
            found.setdefault((step(cell), questions), []).append(place)
        rows += [Row(*key, tuple(places)) for key, places in found.items() if len(places) >= PEOPLE_LEAST]
        left = sorted(place for places in found.values() if len(places) < PEOPLE_LEAST for place in places)
    return tuple(sorted(rows, key=lambda row: row.members)), len(left)


def covers(cell: Cell, one: Cell) -> bool:
    """Whether a report of the cell `one` may be in a row of `cell`."""
    return any(step(one) == cell for step in _JOINED)
