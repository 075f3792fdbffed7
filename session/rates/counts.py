# SPDX-License-Identifier: Apache-2.0
"""What one person's sealed sessions of one period say of each question, as numbers. Pure.

Rules:

1. Periods are four weeks on a fixed grid of UTC, the same for everybody; a session belongs to the one in which it was
   sealed, so that nothing is added to a period that has ended.
2. A session counts once for a question, whatever it holds. Only findings on trial count, of one version and one calibration.
3. Why a question was not evaluated is not counted: it may tell of a person's health or tools.
4. No person fills a sum: each number is capped.

Source: docs/adr/0020-rates-without-sessions.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Final

import msgspec

from session.events import U53, FindingRecord, Short
from session.findings import State
from session.retention import DAY_US

PERIOD_US: Final = 28 * DAY_US
"""Source: docs/adr/0020, Period: long enough that a trainer has some sessions in it."""
REPORT_US: Final = 14 * DAY_US
"""For how long after its end reports of a period are taken; its table is there afterwards. Source: docs/adr/0020, Period."""
LEAST_SESSIONS: Final = 3
"""Fewer sealed sessions in a period give no report: it would be about one sitting. Source: docs/adr/0020, Period."""
SESSIONS_MOST: Final = 255
"""Greatest number of sessions of one person that counts. Source: docs/adr/0020, What is counted."""
QUESTIONS_MOST: Final = 32
"""Room for so many questions in every report, so that all have one size. Source: docs/adr/0020, Shares."""


class Question(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """One question as it was asked: rates are never taken across versions or calibrations."""

    detector: Short
    version: U53
    calibration: Short


class Count(msgspec.Struct, frozen=True):
    """What is counted of one question: sessions, and people who have at least one such session."""

    answered: int = 0
    raised: int = 0
    not_evaluated: int = 0
    people_answered: int = 0
    people_raised: int = 0


NUMBERS: Final = len(Count.__struct_fields__)
"""Numbers of one question."""
WIDTH: Final = QUESTIONS_MOST * NUMBERS
"""Numbers of a vector."""

Vector = tuple[int, ...]
Questions = Annotated[tuple[Question, ...], msgspec.Meta(min_length=1, max_length=QUESTIONS_MOST)]


def period_of(t_us: int) -> int:
    """The number of the period of that time, µs UTC; the first began with 1970."""
    return t_us // PERIOD_US


def begins_us(period: int) -> int:
    """When a period begins, µs UTC; the one before ends then."""
    return period * PERIOD_US


def count(sessions: Iterable[Sequence[FindingRecord]], questions: Sequence[Question]) -> tuple[Count, ...]:
    """The counts of one person for each of `questions`, in their order.

    Args:
        sessions: the FINDING records of each sealed session. Those that are not on trial, and of a question that is not
            asked for, are passed over.
        questions: of the program that counts.
    """
    totals = {one: [0, 0, 0] for one in questions}
    for findings in sessions:
        for question, states in _states(findings).items():
            if question in totals:
                answers = states & {State.RAISED, State.CLEAR}
                for place, holds in enumerate((bool(answers), State.RAISED in states, not answers)):
                    totals[question][place] += holds
    return tuple(_capped(*totals[one]) for one in questions)


def vector_of(counts: Sequence[Count]) -> Vector:
    """The numbers of all questions in one row of fixed width, zeros behind them."""
    numbers = [number for one in counts for number in msgspec.structs.astuple(one)]
    return (*numbers, *[0] * (WIDTH - len(numbers)))


def counts_of(vector: Vector, questions: int) -> tuple[Count, ...]:
    """The counts of the first `questions` questions of a vector; the reverse of `vector_of`."""
    return tuple(Count(*vector[place * NUMBERS : (place + 1) * NUMBERS]) for place in range(questions))


def possible(one: Count, people: int) -> bool:
    """Whether so many people can have counted this: a false report may say anything, since nobody reads it alone."""
    return (
        one.people_raised <= one.people_answered <= people
        and one.people_raised <= one.raised <= one.answered
        and one.people_answered <= one.answered <= one.people_answered * SESSIONS_MOST
        and one.raised <= one.people_raised * SESSIONS_MOST
        and one.not_evaluated <= people * SESSIONS_MOST
    )


def _states(findings: Iterable[FindingRecord]) -> dict[Question, set[str]]:
    found: dict[Question, set[str]] = {}
    for one in findings:
        if one.shadow:
            found.setdefault(Question(one.detector, one.version, one.calibration), set()).add(one.state)
    return found


def _capped(answered: int, raised: int, not_evaluated: int) -> Count:
    most = SESSIONS_MOST
    return Count(min(answered, most), min(raised, most), min(not_evaluated, most), int(answered > 0), int(raised > 0))
