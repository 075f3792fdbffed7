# SPDX-License-Identifier: Apache-2.0
"""Rates, intervals and areas against what is known of them by other ways."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from itertools import islice, product

import numpy as np
import pytest

from fairwitness.evaluation.figures import (
    RESAMPLES,
    by_person,
    classes_of,
    clopper_pearson,
    interval_of,
    parted,
    parted_intervals,
    rate_interval,
    resampled,
)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # closed forms: (tail)^(1/n) at the ends
        (0, 10, 0.0, 1 - 0.025 ** (1 / 10)),
        (10, 10, 0.025 ** (1 / 10), 1.0),
        (0, 3042, 0.0, 1 - 0.025 ** (1 / 3042)),
        (0, 1, 0.0, 0.975),
        # Source: Brown, Cai and DasGupta, Statistical Science 16 (2001); beta quantiles
        (1, 10, 0.002529, 0.445016),
        (5, 10, 0.187086, 0.812914),
        (7, 45, 0.064893, 0.294560),
    ],
)
def test_exact_intervals_are_those_of_the_tables(hits: int, of: int, low: float, high: float) -> None:
    assert clopper_pearson(hits, of) == pytest.approx((low, high), abs=2e-5)


@pytest.mark.parametrize(("hits", "of"), [(3, 17), (40, 2329), (1999, 2000), (300, 600)])
def test_at_its_bounds_what_was_counted_has_a_chance_of_a_fortieth(hits: int, of: int) -> None:
    low, high = clopper_pearson(hits, of)

    def at_most(count: int, share: float) -> float:
        exact = Fraction(share)
        return float(sum(math.comb(of, k) * exact**k * (1 - exact) ** (of - k) for k in range(count + 1)))

    if of <= 100:
        assert 1 - at_most(hits - 1, low) == pytest.approx(0.025, rel=1e-6)
        assert at_most(hits, high) == pytest.approx(0.025, rel=1e-6)
    assert low < hits / of < high
    mirrored = clopper_pearson(of - hits, of)
    assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-9)


def test_draws_are_as_many_as_people_the_same_each_time_and_even() -> None:
    draws = np.array(list(resampled(7)))
    assert draws.shape == (RESAMPLES, 7)
    assert set(draws.sum(axis=1)) == {7}
    assert np.array_equal(draws, np.array(list(resampled(7))))
    assert np.abs(draws.mean(axis=0) - 1).max() < 0.1  # 2000 draws of variance 6/7: 4 standard errors
    assert [one.tolist() for one in islice(resampled(1), 2)] == [[1], [1]]


def test_the_interval_of_a_rate_is_over_people_and_not_over_sessions() -> None:
    """One in ten people is always asked: of 10 sessions each, the interval is that of 60 people and not of 600 sessions."""
    persons = np.repeat(np.arange(60), 10)
    clustered = (persons % 10 == 0).astype(float)
    spread = (np.arange(600) % 10 == 0).astype(float)
    of = by_person(persons, np.ones(600))
    wide, narrow = (rate_interval(by_person(persons, hits), of) for hits in (clustered, spread))
    assert wide is not None
    assert narrow is not None
    assert narrow == (0.1, 0.1)
    assert 1.96 * 2 * math.sqrt(0.09 / 60) == pytest.approx(wide[1] - wide[0], rel=0.15)


def test_draws_without_an_answer_count_for_nothing() -> None:
    assert rate_interval(np.array([1.0, 0.0]), np.array([1.0, 0.0])) == (1.0, 1.0)
    assert rate_interval(np.zeros(2), np.zeros(2)) is None
    assert interval_of([]) is None


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    found, others = [3.0, 1.0, 2.0, 2.0], [0.0, 2.0, 1.0]
    pairs = [(a > b) + (a == b) / 2 for a, b in product(found, others)]
    classes = classes_of(np.array(found + others), np.arange(7), np.array([True] * 4 + [False] * 3))
    figures = parted(classes)
    assert figures is not None
    assert figures.auc == pytest.approx(sum(pairs) / len(pairs))
    assert classes.kinds == (4, 3)


def test_weights_count_a_person_so_often() -> None:
    statistic, person = np.array([3.0, 1.0, 2.0, 0.0]), np.array(["a", "b", "a", "c"])
    positive = np.array([True, True, False, False])
    weighted = parted(classes_of(statistic, person, positive), np.array([2, 1, 3]))
    again = np.array([0, 0, 1, 2, 2, 3, 3, 3])
    repeated = parted(classes_of(statistic[again], person[again], positive[again]))
    assert weighted == repeated


def test_the_threshold_is_the_lowest_that_so_few_others_reach() -> None:
    """Of 1,000 others 10 reach 9, one of them 9.6: at 1 % all from 9 on are found, at 0.1 % those from 9.6 on."""
    others = [2.0] * 990 + [9.0] * 4 + [9.5] * 5 + [9.6]
    found = [10.0] * 3 + [9.5] * 2 + [9.0] * 1 + [1.0] * 4
    statistic = np.array(found + others)
    figures = parted(classes_of(statistic, np.arange(len(statistic)), np.arange(len(statistic)) < len(found)))
    assert figures is not None
    assert (figures.at_1_percent, figures.at_01_percent) == pytest.approx((0.6, 0.3))


def test_one_value_for_all_tells_nothing() -> None:
    classes = classes_of(np.zeros(40), np.arange(40), np.arange(40) < 10)
    figures = parted(classes)
    assert figures is not None
    assert (figures.auc, figures.at_1_percent, figures.at_01_percent) == (0.5, 0.0, 0.0)
    assert parted_intervals(classes) == ((0.5, 0.5), (0.0, 0.0), (0.0, 0.0))


def test_a_kind_that_is_absent_has_no_figure() -> None:
    assert parted(classes_of(np.arange(3.0), np.arange(3), np.ones(3))) is None
    assert parted(classes_of(np.array([]), np.array([]), np.array([]))) is None


def test_the_interval_of_an_area_holds_it_and_is_wider_for_fewer_people() -> None:
    chance = np.random.default_rng(5)
    statistic = chance.normal(size=800) + np.repeat([1.0, 0.0], 400)
    positive = np.arange(800) < 400
    many = parted_intervals(classes_of(statistic, np.arange(800), positive))[0]
    few = parted_intervals(classes_of(statistic, np.arange(800) % 10, positive))[0]
    area = parted(classes_of(statistic, np.arange(800), positive))
    assert many is not None
    assert few is not None
    assert area is not None
    assert many[0] < area.auc < many[1]
    assert area.auc == pytest.approx(0.76, abs=0.04)  # the normal distribution's 1 / sqrt(2) standard deviations


def test_nothing_here_needs_what_the_installed_program_lacks() -> None:
    """numpy.random is not in the freeze (installers/fairwitness.spec)."""
    program = (
        "import sys; sys.modules['numpy.random'] = None\n"
        "import numpy as np\n"
        "from fairwitness.evaluation.figures import rate_interval\n"
        "print(rate_interval(np.ones(3), np.ones(3)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "(1.0, 1.0)\n"
