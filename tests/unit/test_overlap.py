# SPDX-License-Identifier: Apache-2.0
"""Sessions of one person at once: counted once, shown, never refused. By example, by property, in the platform's index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from server import overlap
from server.store import rows, tables
from server.store.engine import Database
from session.account import Account, Interval, Span
from session.account.clocks import ClockChanges, ClockStep
from session.account.overlap import Counted, Worked, counted_once, length_us, work_spans
from session.verify.times import Times

S = 1_000_000
HOUR = 3600 * S


def session(name: str, *spans: tuple[int, int]) -> Worked:
    return Worked(name, spans[0][0], spans)


def test_two_devices_at_once_count_the_common_time_in_the_one_that_began_first() -> None:
    counted = counted_once([session("desk", (0, 100)), session("laptop", (40, 160))])
    assert counted == {"desk": Counted(100, 0), "laptop": Counted(120, 60)}


def test_what_began_together_belongs_to_the_lower_id() -> None:
    counted = counted_once([session("b", (0, 10)), session("a", (0, 10))])
    assert counted == {"a": Counted(10, 0), "b": Counted(10, 10)}


def test_a_pause_of_the_first_is_the_others_own() -> None:
    counted = counted_once([session("first", (0, 50), (80, 100)), session("second", (10, 90))])
    assert counted["second"] == Counted(80, 50)


def test_three_at_once_are_counted_once() -> None:
    counted = counted_once([session("a", (0, 60)), session("b", (10, 70)), session("c", (20, 80))])
    assert [one.worked_us - one.overlap_us for one in counted.values()] == [60, 10, 10]


def test_one_after_the_other_and_nothing_at_all_overlap_in_nothing() -> None:
    counted = counted_once([session("a", (0, 60)), session("b", (60, 70)), Worked("c", 5, ())])
    assert {one.overlap_us for one in counted.values()} == {0}
    assert counted_once([]) == {}


def interval(from_us: int, to_us: int, *, counts: bool = True) -> Interval:
    return Interval(from_us, to_us, Span.WORK if counts else Span.PAUSE, counts)


def accounted(*intervals: Interval) -> Account:
    return Account(0, 0, 0, 0, 0, 0, intervals, 0, 0)


def test_only_what_counts_is_work_and_what_touches_is_one() -> None:
    given_ = accounted(interval(0, 10), interval(10, 20), interval(20, 30, counts=False), interval(30, 40))
    assert work_spans(given_) == ((0, 20), (30, 40))
    assert work_spans(given_, ahead_us=5) == ((-5, 15), (25, 35))
    assert length_us(work_spans(given_)) == 30


def sessions() -> st.SearchStrategy[list[Worked]]:
    cuts = st.lists(st.integers(0, 200), max_size=8, unique=True).map(sorted)
    spans = cuts.map(lambda at: tuple((at[i], at[i + 1]) for i in range(0, len(at) - 1, 2)))
    return st.lists(st.tuples(st.integers(0, 200), spans), max_size=6).map(
        lambda made: [Worked(f"{number:02}", started, laid) for number, (started, laid) in enumerate(made)]
    )


@given(sessions())
def test_what_is_counted_is_the_union(given_: list[Worked]) -> None:
    counted = counted_once(given_)
    union = {moment for one in given_ for from_us, to_us in one.spans for moment in range(from_us, to_us)}
    assert sum(one.worked_us - one.overlap_us for one in counted.values()) == len(union)
    for one in given_:
        earlier = [other for other in given_ if (other.started_us, other.session_id) < (one.started_us, one.session_id)]
        before = {moment for other in earlier for from_us, to_us in other.spans for moment in range(from_us, to_us)}
        own = {moment for from_us, to_us in one.spans for moment in range(from_us, to_us)}
        assert counted[one.session_id] == Counted(len(own), len(own & before))


@given(sessions(), st.randoms())
def test_the_order_changes_nothing(given_: list[Worked], random: object) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis's Random
    assert counted_once(shuffled) == counted_once(given_)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    yield database
    database.close()


def entered(database: Database, given_: list[Worked], person: str = "ada") -> dict[str, int]:
    with database.writing() as connection:
        for one in given_:
            if rows.session(connection, one.session_id) is None:
                row = rows.SessionRow(one.session_id, person, "d", "p", b"", b"", b"", 0, 0, 0, b"", b"", 0, 0)
                rows.put(connection, tables.sessions, row)
            overlap.enter(connection, person, one)
        kept = connection.execute(select(tables.worked.c.session, tables.worked.c.overlap_us)).all()
    return {name: overlap_us for name, overlap_us in kept if name in {one.session_id for one in given_}}


def test_the_platform_counts_the_same_in_whatever_order_sessions_arrive(database: Database) -> None:
    first = [session("a", (0, 60)), session("b", (50, 90)), session("c", (85, 120)), session("d", (300, 400))]
    assert entered(database, first) == {"a": 0, "b": 10, "c": 5, "d": 0}
    again = [session("y", (85, 120)), session("x", (50, 90)), Worked("w", 0, ((0, 60),)), Worked("z", 7, ())]
    assert entered(database, again, "ben") == {"w": 0, "x": 10, "y": 5, "z": 0}


def test_one_that_joins_two_others_counts_both_anew(database: Database) -> None:
    assert entered(database, [session("b", (50, 90)), session("c", (100, 150))]) == {"b": 0, "c": 0}
    assert entered(database, [session("a", (0, 120)), session("b", (50, 90)), session("c", (100, 150))]) == {
        "a": 0, "b": 40, "c": 20,
    }  # fmt: skip


def test_sessions_of_two_people_have_nothing_in_common(database: Database) -> None:
    entered(database, [session("a", (0, 60))])
    assert entered(database, [session("b", (0, 60))], "ben") == {"b": 0}


class Outcome:
    """Of a verification, what counts here."""

    def __init__(self, times: Times) -> None:
        self.session_id, self.times = "s", times
        self.account = accounted(interval(10 * HOUR, 11 * HOUR))


@pytest.mark.parametrize(
    ("times", "ahead_us"),
    [
        (Times(claimed_start_us=10 * HOUR), 0),
        (Times(claimed_start_us=10 * HOUR, ahead_us=HOUR), HOUR),
        (Times(claimed_start_us=10 * HOUR, behind_us=HOUR), -HOUR),
        (Times(claimed_start_us=10 * HOUR, ahead_us=HOUR, behind_us=HOUR), 0),
        (Times(claimed_start_us=10 * HOUR, ahead_us=HOUR, clock=ClockChanges((ClockStep(0, HOUR),))), 0),
    ],
)
def test_a_clock_that_was_proved_wrong_all_the_time_is_put_right(times: Times, ahead_us: int) -> None:
    worked = overlap.worked_of(Outcome(times))  # type: ignore[arg-type] # what it looks at
    assert worked == Worked("s", 10 * HOUR - ahead_us, ((10 * HOUR - ahead_us, 11 * HOUR - ahead_us),))
