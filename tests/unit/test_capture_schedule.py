# SPDX-License-Identifier: Apache-2.0
"""One random moment in each interval of running time: never two, never none, and no pause changes it."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agent.capture.schedule import Schedule

INTERVAL_US = 600_000_000
STEPS = st.lists(st.tuples(st.booleans(), st.integers(1, 2 * INTERVAL_US)), max_size=30)
SEEDS = st.integers(0, 2**32)


def moments_of(schedule: Schedule, steps: list[tuple[bool, int]]) -> tuple[list[int], int]:
    """Runs or pauses for each step, takes what is due when it is due; gives moments in running time, and all of it."""
    now_us = 5_000
    ran_us = 0
    taken: list[int] = []
    for running, lasts_us in steps:
        if running:
            schedule.run(now_us)
        else:
            schedule.pause(now_us)
        end_us = now_us + lasts_us
        while (due_us := schedule.due_us) is not None and due_us <= end_us:
            assert not schedule.take(due_us - 1)
            taken.append(ran_us + due_us - now_us)
            assert schedule.take(due_us)
        assert running or schedule.due_us is None
        ran_us += lasts_us if running else 0
        now_us = end_us
    return taken, ran_us


@given(SEEDS, STEPS)
def test_exactly_one_in_each_interval_of_running_time(seed: int, steps: list[tuple[bool, int]]) -> None:
    taken, ran_us = moments_of(Schedule(INTERVAL_US, random.Random(seed)), steps)  # noqa: S311 - a test repeats
    count = Counter(moment // INTERVAL_US for moment in taken)
    assert set(count.values()) <= {1}
    assert set(count) >= set(range(ran_us // INTERVAL_US))
    assert set(count) <= set(range(ran_us // INTERVAL_US + 1))


@given(SEEDS, STEPS, STEPS)
def test_pauses_neither_bring_nor_skip_a_moment(seed: int, one: list[tuple[bool, int]], two: list[tuple[bool, int]]) -> None:
    def moments(steps: list[tuple[bool, int]]) -> tuple[list[int], int]:
        return moments_of(Schedule(INTERVAL_US, random.Random(seed)), steps)  # noqa: S311 - as above

    first, first_ran_us = moments(one)
    second, second_ran_us = moments(two)
    both_us = min(first_ran_us, second_ran_us)
    assert [m for m in first if m < both_us] == [m for m in second if m < both_us]


@given(SEEDS, st.integers(1, 50))
def test_what_a_hang_missed_is_not_made_up_for(seed: int, intervals: int) -> None:
    schedule = Schedule(INTERVAL_US, random.Random(seed))  # noqa: S311 - as above
    schedule.run(0)
    late_us = intervals * INTERVAL_US + INTERVAL_US // 2
    assert schedule.take(late_us)
    assert not schedule.take(late_us)
    due_us = schedule.due_us
    assert due_us is not None
    assert due_us // INTERVAL_US == intervals + 1


def test_the_machines_chance_fills_the_interval_evenly() -> None:
    moments, _ = moments_of(Schedule(INTERVAL_US), [(True, 2_000 * INTERVAL_US)])
    tenths = Counter(moment % INTERVAL_US * 10 // INTERVAL_US for moment in moments)
    # 200 expected in each; 6 standard deviations are 80
    assert all(120 < tenths[tenth] < 280 for tenth in range(10))
    assert len({moment % INTERVAL_US for moment in moments}) > 1_990


def test_it_begins_paused_and_running_twice_is_running() -> None:
    schedule = Schedule(INTERVAL_US, random.Random(1))  # noqa: S311 - as above
    assert schedule.due_us is None
    assert not schedule.take(10 * INTERVAL_US)
    schedule.run(100)
    due_us = schedule.due_us
    schedule.run(200)
    assert schedule.due_us == due_us
