# SPDX-License-Identifier: Apache-2.0
"""Rates with the intervals that they deserve: people are drawn anew, not sessions, for a person's sessions are alike.

Pure, and the same at each run: what is drawn comes of a fixed seed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

RESAMPLES: Final = 2000
"""Source: docs/evaluation.md, Intervals."""
LEAST_SESSIONS: Final = 600
"""Fewer sessions give no rate. Source: docs/evaluation.md, Rates."""
SEED: Final = 20_261_127
LEVEL: Final = 0.95
"""Of every interval."""

Array = npt.NDArray[Any]
Interval = tuple[float, float]


def resampled(people: int, seed: int = SEED) -> Iterator[Array]:
    """How often each of so many people was drawn, `RESAMPLES` times as many draws as people: shape (people,), int64.

    `numpy.random` is not in the installed program. A person's chance is off by less than people / 2^32.
    """
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    for _ in range(RESAMPLES):
        drawn = np.frombuffer(chance.randbytes(4 * people), dtype="<u4").astype(np.uint64)
        yield np.bincount((drawn * np.uint64(people) >> np.uint64(32)).astype(np.int64), minlength=people)


def interval_of(values: list[float]) -> Interval | None:
    """The middle 95 % of resampled values, None of none."""
    if not values:
        return None
    low, high = np.quantile(np.array(values), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def by_person(persons: Array, counted: Array) -> Array:
    """The sum of `counted` for each of the people, numbered from 0 in `persons`."""
    sums: Array = np.bincount(persons, weights=counted)
    return sums


def rate_interval(hits: Array, of: Array) -> Interval | None:
    """The person-bootstrap interval of `hits.sum() / of.sum()`; both are counts for each person, of one length."""
    values = []
    for weights in resampled(len(of)):
        whole = float(weights @ of)
        if whole:
            values.append(float(weights @ hits) / whole)
    return interval_of(values)


def clopper_pearson(hits: int, of: int) -> Interval:
    """The exact interval of a binomial share, 0 <= hits <= of, of > 0.

    Source: Clopper and Pearson, Biometrika 26 (1934). The bounds are those shares under which what was counted, or more
    extreme, has a chance of 2.5 %.
    """
    tail = (1 - LEVEL) / 2
    low = 0.0 if not hits else _share_where(lambda share: _at_most(hits - 1, of, share) > 1 - tail)
    high = 1.0 if hits == of else _share_where(lambda share: _at_most(hits, of, share) > tail)
    return low, high


def _share_where(holds: Any) -> float:  # noqa: ANN401 - a predicate that ceases to hold as the share grows
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2


def _at_most(hits: int, of: int, share: float) -> float:
    """The chance of at most so many hits, 0 < share < 1."""
    terms = _log_choices(of)[: hits + 1] + np.arange(hits + 1) * math.log(share)
    return float(np.exp(terms + (of - np.arange(hits + 1)) * math.log1p(-share)).sum())


def _log_choices(of: int) -> Array:
    whole = np.cumsum(np.log(np.arange(1, of + 1))) if of else np.zeros(0)
    factorials = np.concatenate([[0.0], whole])
    choices: Array = factorials[of] - factorials - factorials[::-1]
    return choices


class Classes(msgspec.Struct, frozen=True):
    """Windows of two kinds of work, laid out so that people can be drawn anew without sorting again.

    Args:
        value: number of each window's statistic among the different ones, ascending.
        person: of each window, numbered from 0 over both kinds.
        positive: whether it is of the kind that is looked for.
        people: how many.
    """

    value: Array
    person: Array
    positive: Array
    people: int

    @property
    def kinds(self) -> tuple[int, int]:
        """How many windows are of the kind that is looked for, and how many are not."""
        found = int(self.positive.sum())
        return found, len(self.positive) - found


class Parted(msgspec.Struct, frozen=True):
    """How well the statistic parts two kinds: `auc`, and the share found where 1 % or 0.1 % of others are asked about."""

    auc: float
    at_1_percent: float
    at_01_percent: float


def classes_of(statistic: Array, person: Array, positive: Array) -> Classes:
    """Windows with their statistic, their person (any labels) and kind."""
    _, value = np.unique(statistic, return_inverse=True)
    names, numbers = np.unique(person, return_inverse=True)
    return Classes(value=value, person=numbers, positive=positive.astype(bool), people=len(names))


def parted(classes: Classes, weights: Array | None = None) -> Parted | None:
    """The figures, each person counting so often as `weights` say; None where a kind is absent."""
    each = np.ones(len(classes.value)) if weights is None else weights[classes.person].astype(float)
    values = int(classes.value.max()) + 1 if len(classes.value) else 0
    found = np.bincount(classes.value[classes.positive], weights=each[classes.positive], minlength=values)
    others = np.bincount(classes.value[~classes.positive], weights=each[~classes.positive], minlength=values)
    all_found, all_others = float(found.sum()), float(others.sum())
    if not all_found or not all_others:
        return None
    below = np.cumsum(others) - others / 2
    above = 1 - (np.cumsum(others) - others) / all_others
    reached = 1 - (np.cumsum(found) - found) / all_found
    return Parted(
        auc=float(found @ below) / (all_found * all_others),
        at_1_percent=_reached(reached, above, 0.01),
        at_01_percent=_reached(reached, above, 0.001),
    )


def _reached(reached: Array, above: Array, share: float) -> float:
    """The share found by the lowest threshold that at most `share` of the others reach."""
    allowed = np.flatnonzero(above <= share + 1e-12)
    return float(reached[allowed[0]]) if len(allowed) else 0.0


def parted_intervals(classes: Classes) -> tuple[Interval | None, Interval | None, Interval | None]:
    """Person-bootstrap intervals of the three figures; the threshold is found anew in each draw."""
    drawn = [parted(classes, weights) for weights in resampled(classes.people)]
    whole = [one for one in drawn if one is not None]
    return (
        interval_of([one.auc for one in whole]),
        interval_of([one.at_1_percent for one in whole]),
        interval_of([one.at_01_percent for one in whole]),
    )
