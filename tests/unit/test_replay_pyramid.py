# SPDX-License-Identifier: Apache-2.0
"""Pyramid and coverage against the plain definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ui.replay.pyramid import Coverage, Pyramid

values = st.lists(st.integers(0, 500).map(float), max_size=70)
ranges = st.lists(st.tuples(st.integers(-3, 75), st.integers(-3, 75)), min_size=1, max_size=20)


@given(values, ranges)
def test_least_and_greatest_are_those_of_the_range(series: list[float], asked: list[tuple[int, int]]) -> None:
    first, stop = np.array(asked, dtype=np.int64).T
    low, high = Pyramid(np.array(series)).query(first, stop)
    for (a, b), least, greatest in zip(asked, low, high, strict=True):
        inside = series[max(0, a) : max(0, b)]
        assert least == min(inside, default=np.inf)
        assert greatest == max(inside, default=-np.inf)


def test_a_long_series_is_asked_in_few_steps() -> None:
    series = np.arange(100_000, dtype=np.float64)
    pyramid = Pyramid(series)
    assert len(pyramid._levels) == 18
    low, high = pyramid.query(np.array([1, 99_999, 7]), np.array([100_000, 100_000, 7]))
    assert low.tolist() == [1.0, 99_999.0, np.inf]
    assert high.tolist() == [99_999.0, 99_999.0, -np.inf]


intervals = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=15)


@given(intervals, st.lists(st.integers(-5, 65), min_size=2, max_size=9, unique=True))
def test_coverage_counts_each_moment_once(spans: list[tuple[int, int]], edges: list[int]) -> None:
    edges.sort()
    pairs = np.array(spans, dtype=np.int64).reshape(-1, 2)
    coverage = Coverage(pairs[:, 0], pairs[:, 1])
    covered = {moment for a, b in spans for moment in range(a, b)}
    assert coverage.total == len(covered)
    shares = coverage.per_cell(np.array(edges, dtype=np.float64))
    for a, b, share in zip(edges, edges[1:], shares, strict=False):
        assert abs(share - len(covered & set(range(a, b))) / (b - a)) < 1e-9


@given(intervals)
def test_its_intervals_are_disjoint_and_sorted(spans: list[tuple[int, int]]) -> None:
    pairs = np.array(spans, dtype=np.int64).reshape(-1, 2)
    coverage = Coverage(pairs[:, 0], pairs[:, 1])
    assert all(coverage.starts < coverage.stops)
    assert all(coverage.stops[:-1] < coverage.starts[1:])
