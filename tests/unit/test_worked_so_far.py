# SPDX-License-Identifier: Apache-2.0
"""Work time while a session runs: at every moment what an account until then says, however the records fall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.account import AccountRules, WorkedSoFar, account
from session.events import Checkpoint, Edge, Event, Gap, Kind, Manual, Moment, Payload, Reason, Start, Task, Trim
from session.ports import ClockReading

T = 1_790_000_000_000_000
M = 7_000_000_000
S = 1_000_000
D = "0" * 64
BEGUN = [
    Event(0, Kind.GRANT, None),
    Event(1, Kind.START, Start("5" * 32, T, M, "boot", "a", 1, D, D, D, D, D, "", "", "", "")),
]
KINDS = {Gap: Kind.GAP, Manual: Kind.MANUAL, Trim: Kind.TRIM, Checkpoint: Kind.CHECKPOINT, Task: Kind.TASK}
RULES = st.builds(AccountRules, crash_counts_s=st.sampled_from((0, 300)), private_counts=st.booleans())

moments = st.integers(-50, 2000)
utc = moments.map(lambda second: T + second * S)
mono = moments.map(lambda second: M + second * S)
since = st.one_of(st.just(0), utc)
gaps = st.builds(Gap, utc, mono, st.sampled_from(Edge), st.sampled_from(Reason), st.just("session"), since)
checkpoints = st.builds(Checkpoint, utc, mono, st.sampled_from(Moment), st.just(""))
tasks = st.builds(Task, utc, mono, st.just("project"))
claims = st.builds(lambda claim, begin, end: claim(begin, end, "r"), st.sampled_from((Manual, Trim)), utc, utc)


def numbered(bodies: list[Payload]) -> list[Event]:
    return BEGUN + [Event(at + 2, KINDS[type(body)], body) for at, body in enumerate(bodies)]


def reading(second: int) -> ClockReading:
    return ClockReading(T + second * S, M + second * S, M + second * S)


@given(
    st.lists(st.one_of(gaps, gaps, checkpoints, tasks, claims), max_size=12),
    RULES,
    st.lists(moments, min_size=1, max_size=3),
    st.integers(0, 2),
)
def test_what_was_worked_so_far_is_what_an_account_until_then_says(
    bodies: list[Payload], rules: AccountRules, asked: list[int], known: int
) -> None:
    events = numbered(bodies)
    worked = WorkedSoFar(rules, events[:known])
    for at in range(known, len(events) + 1):
        for second in asked:
            until = reading(second)
            assert worked.at_us(until) == account(events[:at], rules, until=until).worked_us
        if at < len(events):
            worked.take(events[at])


def test_time_grows_with_the_clock_and_stands_still_in_a_pause() -> None:
    worked = WorkedSoFar(AccountRules(crash_counts_s=300, private_counts=False), BEGUN)
    assert [worked.at_us(reading(second)) for second in (0, 5, 10)] == [0, 5 * S, 10 * S]
    worked.take(Event(2, Kind.GAP, Gap(T + 12 * S, M + 12 * S, Edge.BEGIN, Reason.PAUSE, "session")))
    assert [worked.at_us(reading(second)) for second in (12, 20, 90)] == [12 * S] * 3
    worked.take(Event(3, Kind.GAP, Gap(T + 100 * S, M + 100 * S, Edge.END, Reason.PAUSE, "session")))
    assert worked.at_us(reading(110)) == 22 * S


@pytest.mark.parametrize(("private_counts", "worked_s"), [(True, 60), (False, 12)])
def test_private_time_grows_where_the_policy_counts_it(private_counts: bool, worked_s: int) -> None:
    worked = WorkedSoFar(AccountRules(crash_counts_s=300, private_counts=private_counts), BEGUN)
    worked.take(Event(2, Kind.GAP, Gap(T + 12 * S, M + 12 * S, Edge.BEGIN, Reason.PRIVATE, "session")))
    assert worked.at_us(reading(60)) == worked_s * S


def test_a_claim_on_time_that_is_yet_to_come_holds_when_it_has_come() -> None:
    rules = AccountRules(crash_counts_s=300, private_counts=False)
    worked = WorkedSoFar(rules, [*BEGUN, Event(2, Kind.TRIM, Trim(T + 50 * S, T + 200 * S, "r"))])
    assert worked.at_us(reading(300)) == 150 * S
