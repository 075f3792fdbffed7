# SPDX-License-Identifier: Apache-2.0
"""Whoever sees shapes, requests and times, and guesses: two trained classifiers and a neighbour search, in numpy.

`guess(table)` trains on half of the sessions and judges the other half, both ways; what it reports is the area under the
receiver operating characteristic (AUC) of the held-out scores: 0.5 is a coin, 1 is certainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]

BINS = 16
ROUNDS = 40
NEIGHBOURS = 25
BOOTSTRAPS = 200


@dataclass(frozen=True)
class Table:
    """Rows to guess about. `session` says which rows belong together; `names` are the features' in order of the columns."""

    features: Floats
    labels: Labels
    session: npt.NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Guess:
    """The best classifier's AUC with its 95 % interval over sessions, and the feature that alone tells most."""

    rows: int
    sessions: int
    auc: float
    low: float
    high: float
    by: dict[str, float]
    feature: str
    feature_auc: float
    feature_chance: float


def auc_of(scores: Floats, labels: Labels) -> float:
    """Chance that a positive row scores above a negative one, ties counted half; 0.5 where there is only one kind."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 0.5
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ends - (counts - 1) / 2
    above = float(ranks[inverse][labels].sum()) - positives * (positives + 1) / 2
    return above / (positives * negatives)


def guess(table: Table, seed: int = 0, *, quick: bool = False) -> Guess:
    """Trains, judges on sessions that were not trained on, and finds the one most telling feature.

    `quick`: the AUCs alone, without interval and features.
    """
    chance = np.random.default_rng(seed)
    varying = np.flatnonzero(np.ptp(table.features, axis=0) > 0) if len(table.features) else np.array([], dtype=np.int64)
    features = table.features[:, varying]
    by = dict.fromkeys(("logistic", "boosted trees", "neighbours"), 0.5)
    best, scores = 0.5, np.zeros(len(table.labels))
    if varying.size:
        for name, classify in (("logistic", _logistic), ("boosted trees", _boosted), ("neighbours", _neighbours)):
            found = _cross_fitted(features, table, classify, chance)
            by[name] = auc_of(found, table.labels)
            if by[name] > best:
                best, scores = by[name], found
    if quick:
        return Guess(len(table.labels), 0, best, best, best, by, "", 0.5, 0.5)
    low, high = _interval(scores, table, chance)
    feature, feature_auc, feature_chance = _most_telling(features, [table.names[at] for at in varying], table, chance)
    sessions = len(np.unique(table.session))
    return Guess(len(table.labels), sessions, best, low, high, by, feature, feature_auc, feature_chance)


def _cross_fitted(features: Floats, table: Table, classify: object, chance: np.random.Generator) -> Floats:
    """Held-out scores, as ranks within each half, so that the halves compare."""
    scores = np.full(len(table.labels), 0.5)
    half = table.session % 2 == 0
    for train, test in ((half, ~half), (~half, half)):
        if len(np.unique(table.labels[train])) < 2 or not test.any():
            continue
        mean, deviation = features[train].mean(axis=0), features[train].std(axis=0)
        scaled = np.clip((features - mean) / np.where(deviation > 0, deviation, 1.0), -6, 6)
        found = classify(scaled[train], table.labels[train], scaled[test], chance)  # type: ignore[operator]
        order = np.unique(np.round(found, 9), return_inverse=True)[1]
        scores[test] = (order + 1) / (order.max() + 2)
    return scores


def _logistic(train: Floats, labels: Labels, test: Floats, _chance: np.random.Generator) -> Floats:
    """Ridge logistic regression by Newton's method."""
    design = np.column_stack((np.ones(len(train)), train))
    weights = np.zeros(design.shape[1])
    penalty = np.eye(design.shape[1]) * 3.0
    for _ in range(12):
        likely = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        gradient = design.T @ (likely - labels) + penalty @ weights
        curvature = (design * (likely * (1 - likely))[:, None]).T @ design + penalty
        weights -= np.linalg.solve(curvature, gradient)
    return np.column_stack((np.ones(len(test)), test)) @ weights


def _boosted(train: Floats, labels: Labels, test: Floats, _chance: np.random.Generator) -> Floats:
    """Gradient-boosted trees of two levels over 16 quantile bins."""
    edges = [np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1])) for column in train.T]
    binned, unseen = (
        np.column_stack([np.searchsorted(edge, column, side="left") for edge, column in zip(edges, rows.T, strict=True)])
        for rows in (train, test)
    )
    score, found = np.zeros(len(train)), np.zeros(len(test))
    for _ in range(ROUNDS):
        likely = 1 / (1 + np.exp(-score))
        residual, weight = labels - likely, likely * (1 - likely)
        for inside, outside in _leaves(binned, unseen, residual, weight):
            value = 0.2 * residual[inside].sum() / (weight[inside].sum() + 1.0)
            score[inside] += value
            found[outside] += value
    return found


def _leaves(
    binned: npt.NDArray[np.int64], unseen: npt.NDArray[np.int64], residual: Floats, weight: Floats
) -> list[tuple[Labels, Labels]]:
    parts = [(np.ones(len(binned), dtype=bool), np.ones(len(unseen), dtype=bool))]
    for _level in range(2):
        grown = []
        for inside, outside in parts:
            feature, at = _split(binned[inside], residual[inside], weight[inside])
            if feature < 0:
                grown.append((inside, outside))
                continue
            left, left_unseen = binned[:, feature] <= at, unseen[:, feature] <= at
            grown += [(inside & left, outside & left_unseen), (inside & ~left, outside & ~left_unseen)]
        parts = grown
    return parts


def _split(binned: npt.NDArray[np.int64], residual: Floats, weight: Floats) -> tuple[int, int]:
    """The column and bin that part the residuals best; -1 where nothing does."""
    best, place = 1e-9, (-1, 0)
    total, mass = residual.sum(), weight.sum() + 1.0
    for feature in range(binned.shape[1]):
        column = binned[:, feature]
        sums = np.cumsum(np.bincount(column, residual, BINS))[:-1]
        masses = np.cumsum(np.bincount(column, weight, BINS))[:-1] + 1.0
        rest = np.maximum(mass + 1.0 - masses, 1.0)
        gains = sums**2 / masses + (total - sums) ** 2 / rest - total**2 / mass
        gains[np.cumsum(np.bincount(column, minlength=BINS))[:-1] == 0] = 0
        at = int(np.argmax(gains))
        if gains[at] > best:
            best, place = float(gains[at]), (feature, at)
    return place


def _neighbours(train: Floats, labels: Labels, test: Floats, chance: np.random.Generator) -> Floats:
    """Share of positives among the 25 nearest of at most 3,000 trained rows; equal distances in chance order."""
    chosen = chance.permutation(len(train))[:3000]
    near, kinds = train[chosen], labels[chosen].astype(np.float64)
    lengths = (near**2).sum(axis=1)
    found = np.zeros(len(test))
    count = min(NEIGHBOURS, len(near))
    for begin in range(0, len(test), 500):
        rows = test[begin : begin + 500]
        distances = lengths[None, :] - 2 * rows @ near.T
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        found[begin : begin + 500] = kinds[nearest].mean(axis=1)
    return found


def _interval(scores: Floats, table: Table, chance: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the AUC, sessions drawn with replacement."""
    sessions = np.unique(table.session)
    rows = {one: np.flatnonzero(table.session == one) for one in sessions}
    aucs = []
    for _ in range(BOOTSTRAPS):
        drawn = np.concatenate([rows[one] for one in chance.choice(sessions, len(sessions))])
        aucs.append(auc_of(scores[drawn], table.labels[drawn]))
    return float(np.quantile(aucs, 0.025)), float(np.quantile(aucs, 0.975))


def _most_telling(features: Floats, names: list[str], table: Table, chance: np.random.Generator) -> tuple[str, float, float]:
    """The feature with the greatest |AUC - 0.5|, that AUC turned above 0.5, and the greatest that labels dealt anew give.

    Labels are dealt anew by shifting them by whole sessions, 20 times, so that what is alike within a session stays so.
    """
    if not names:
        return "", 0.5, 0.5
    alone = [abs(auc_of(column, table.labels) - 0.5) for column in features.T]
    at = int(np.argmax(alone))
    by_chance = []
    for _ in range(20):
        dealt = np.roll(table.labels, int(chance.integers(1, len(table.labels))))
        by_chance.append(max(abs(auc_of(column, dealt) - 0.5) for column in features.T))
    return names[at], 0.5 + alone[at], 0.5 + float(max(by_chance))
