# SPDX-License-Identifier: Apache-2.0
"""What is said of an interval beside the person's own: nothing until there is something to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_high

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.rhythm import ANEW_EVERY, LONGEST_US, REMEMBERED, SHORTEST_US, Rhythm

MS = 1000


def answers(rhythm: Rhythm, intervals_us: Sequence[int]) -> list[bool | None]:
    return [rhythm.is_long(interval_us) for interval_us in intervals_us]


def warmed(middle_us: int = 150 * MS) -> Rhythm:
    """It knows a hand whose intervals lie around `middle_us`."""
    rhythm = Rhythm()
    spread = [middle_us + (at - REMEMBERED // 2) * MS // 4 for at in range(REMEMBERED)]
    assert answers(rhythm, spread) == [None] * REMEMBERED
    return rhythm


def test_an_interval_is_long_that_is_more_than_twice_the_middle_one() -> None:
    assert answers(warmed(), [100 * MS, 300 * MS, 300 * MS + 1, 900 * MS]) == [False, False, True, True]


def test_the_same_interval_is_long_for_one_and_not_for_another() -> None:
    assert (warmed(90 * MS).is_long(250 * MS), warmed(200 * MS).is_long(250 * MS)) == (True, False)


@pytest.mark.parametrize("interval_us", [0, SHORTEST_US, LONGEST_US + 1, 60_000_000])
def test_bursts_and_pauses_are_not_compared_nor_remembered(interval_us: int) -> None:
    rhythm = warmed()
    assert answers(rhythm, [interval_us] * 400) == [None] * 400
    assert rhythm.is_long(301 * MS) is True


@pytest.mark.parametrize(("slower", "said"), [(0, True), (REMEMBERED // 2 - 1, True), (REMEMBERED // 2 + ANEW_EVERY, False)])
def test_a_hand_that_slows_down_is_soon_compared_with_itself(slower: int, said: bool) -> None:
    rhythm = warmed(150 * MS)
    answers(rhythm, [(215 + at % 70) * MS for at in range(slower)])
    assert rhythm.is_long(400 * MS) is said


def test_what_was_before_a_gap_is_forgotten() -> None:
    rhythm = warmed()
    rhythm.forget()
    assert answers(rhythm, [100 * MS] * REMEMBERED) == [None] * REMEMBERED
    assert rhythm.is_long(201 * MS) is True


def test_of_slow_typing_nothing_is_said() -> None:
    assert warmed(298 * MS).is_long(700 * MS) is True
    assert warmed(303 * MS).is_long(700 * MS) is None


@pytest.mark.parametrize(("step_ms", "said"), [(50, False), (109, False), (1, True), (8, True), (15.625, True)])
def test_of_a_coarse_clock_nothing_is_said(step_ms: float, said: bool) -> None:
    hand_ms = [60 + 7 * (at % 53) for at in range(2 * REMEMBERED)]
    rhythm = Rhythm()
    answers(rhythm, [round(round(one / step_ms) * step_ms * MS) for one in hand_ms])
    assert (rhythm.is_long(990 * MS) is not None) is said


@given(st.lists(st.integers(0, 1_300_000), max_size=700))
@settings(max_examples=60)
def test_it_says_what_the_last_three_hundred_say(intervals_us: list[int]) -> None:
    """Beside a model that keeps all of them; what is coarse or slow is left to the tests above."""
    rhythm, kept, limit_us = Rhythm(), list[int](), 0
    for interval_us in intervals_us:
        answer = rhythm.is_long(interval_us)
        if not SHORTEST_US < interval_us <= LONGEST_US:
            assert answer is None
            continue
        if answer is not None:
            assert len(kept) >= REMEMBERED
            assert answer is (interval_us > limit_us)
        kept.append(interval_us)
        if len(kept) >= REMEMBERED and len(kept) % ANEW_EVERY == 0:
            limit_us = 2 * median_high(kept[-REMEMBERED:])
