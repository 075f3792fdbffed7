# SPDX-License-Identifier: Apache-2.0
"""The outcome of an evaluation: values for JSON, and words for people.

Rules:

1. A rate stands only over 600 sessions or more; fewer give counts alone, and `None` is what stands for a rate.
2. A detector's rate is over the sessions that it answered. What it did not evaluate is counted beside, and is no "clear".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from fairwitness.evaluation.corpus import Skipped
from fairwitness.evaluation.figures import LEAST_SESSIONS, Interval


class DetectorReport(msgspec.Struct, frozen=True):
    """One detector on one source, at its frozen threshold.

    Args:
        threshold, calibration: of its findings.
        answered: sessions that it evaluated; raised: those of them in which it was raised; abstained: all others.
        raised_rate: raised / answered, None under 600 answered; raised_ci: by drawing people anew.
        people_answered, people_raised: people with such a session; people_ci: exact interval of their share.
        windows_answered, windows_raised: the same of two minutes taken alone.
        reasons: why it abstained, by key, and in how many sessions.
    """

    threshold: float
    calibration: str
    raised: int
    answered: int
    abstained: int
    raised_rate: float | None
    raised_ci: Interval | None
    people_raised: int
    people_answered: int
    people_ci: Interval | None
    windows_raised: int
    windows_answered: int
    reasons: dict[str, int]


class ClassFigure(msgspec.Struct, frozen=True):
    """How well a detector's statistic parts two kinds of work, over two-minute windows.

    Args:
        detector: its id. looked_for, others: the kinds, in words.
        windows: of each that it answered, in this order. people: in both together.
        refused: why there is no figure, "" where there is one.
        probe_auc: how well the same statistic tells two sources of one kind apart, in the worst pair, `probed`; None within
            one source.
        auc, at_1_percent, at_01_percent: the figures, None where refused or where the population is too small for a rate.
    """

    detector: str
    looked_for: str
    others: str
    windows: tuple[int, int]
    people: int
    refused: str = ""
    probe_auc: float | None = None
    probed: tuple[str, str] | None = None
    auc: float | None = None
    auc_ci: Interval | None = None
    at_1_percent: float | None = None
    at_1_percent_ci: Interval | None = None
    at_01_percent: float | None = None
    at_01_percent_ci: Interval | None = None


class SourceReport(msgspec.Struct, frozen=True):
    """One source.

    Args:
        kind: of its rows. people, sessions, windows: what was evaluated.
        left_out: sessions that are empty, or longer than one may be.
        unanswered: sessions on which no detector had an answer; that none opens a review says nothing of them.
        reviews: sessions that would open a review. review_rate: over all sessions, None under 600; review_rate_ci: by
            drawing people anew.
        people_reviewed: people with such a session; people_ci: exact interval of their share.
    """

    kind: str
    people: int
    sessions: int
    windows: int
    left_out: int
    unanswered: int
    reviews: int
    review_rate: float | None
    review_rate_ci: Interval | None
    people_reviewed: int
    people_ci: Interval | None
    detectors: dict[str, DetectorReport]
    classes: tuple[ClassFigure, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """All of it. `classes`: figures across sources, or why there are none."""

    policy: str
    resamples: int
    sources: dict[str, SourceReport]
    classes: tuple[ClassFigure, ...]
    skipped: tuple[Skipped, ...]


def lines(report: Report, sentences: Mapping[str, str]) -> list[str]:
    """The report as people read it; `sentences` by key say why a detector did not evaluate."""
    told = [f"Under the policy “{report.policy}” with clipboard sizes. In brackets: 95 % intervals over people."]
    for name, source in report.sources.items():
        told += ["", *_source(name, source, sentences)]
    if report.classes:
        told += ["", "Kinds of work that stand in different sources:"]
        told += _figures(report.classes)
    if report.skipped:
        told += ["", "Not read:"]
        told += [f"    {one.file}: {one.reason}" for one in report.skipped]
    return told


def _source(name: str, source: SourceReport, sentences: Mapping[str, str]) -> list[str]:
    size = f"{source.people:,} people, {source.sessions:,} sessions, {source.windows:,} stretches of two minutes"
    told = [f"{name}: {size}"]
    if source.left_out:
        told.append(f"    {source.left_out:,} sessions were left out: empty, or longer than a session may be")
    if source.unanswered:
        told.append(f"    on {source.unanswered:,} of the sessions no detector had an answer")
    opened = f"    a review would be opened for {source.reviews:,} of {source.sessions:,} sessions"
    told.append(opened + _rated(source.review_rate, source.review_rate_ci))
    told.append(f"        {_people(source.people_reviewed, source.people, source.people_ci)}")
    for detector, one in source.detectors.items():
        told.append(
            f"    {detector}: raised in {one.raised:,} of {one.answered:,} sessions that it answered"
            + (_rated(one.raised_rate, one.raised_ci) if one.answered else "")
            + f"; not evaluated in {one.abstained:,}"
        )
        if one.answered:
            told.append(f"        {_people(one.people_raised, one.people_answered, one.people_ci)}")
            told.append(
                f"        taken alone, {one.windows_raised:,} of {one.windows_answered:,} stretches that it answered"
            )
        told += [f"        {count:,}: {sentences.get(reason, reason)}" for reason, count in one.reasons.items()]
    return told + _figures(source.classes)


def _rated(rate: float | None, interval: Interval | None) -> str:
    if rate is None:
        return f" (fewer than {LEAST_SESSIONS}: no rate)"
    return f": {_percent(rate)} {_percents(interval)}"


def _people(found: int, of: int, interval: Interval | None) -> str:
    return f"{found:,} of {of:,} people {_percents(interval)}"


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _percents(interval: Interval | None) -> str:
    return "" if interval is None else f"[{_percent(interval[0])} to {_percent(interval[1])}]"


def _figures(figures: Sequence[ClassFigure]) -> list[str]:
    """Each figure; those that are refused for one reason together."""
    told = [line for figure in figures if not figure.refused for line in _figure(figure)]
    refused: dict[tuple[str, str], list[str]] = {}
    for one in figures:
        if one.refused:
            refused.setdefault((one.detector, one.refused), []).append(f"{one.looked_for} against {one.others}")
    for (detector, reason), pairs in refused.items():
        told += [f"    {detector}: no figure, {reason}", *(f"        {pair}" for pair in pairs)]
    return told


def _figure(figure: ClassFigure) -> list[str]:
    found, others = figure.windows
    told = f"    {figure.detector}, {figure.looked_for} ({found:,}) against {figure.others} ({others:,} stretches): "
    ends = "" if figure.auc_ci is None else f" [{figure.auc_ci[0]:.3f} to {figure.auc_ci[1]:.3f}]"
    told += f"AUC {figure.auc:.3f}{ends}"
    if figure.probe_auc is not None:
        told += f"; the probe has {figure.probe_auc:.3f}"
    rows = ((figure.at_1_percent, figure.at_1_percent_ci, "1 %"), (figure.at_01_percent, figure.at_01_percent_ci, "0.1 %"))
    return [told] + [
        f"        where {share} of the others are asked about, {_percent(rate)} {_percents(interval)} are found"
        for rate, interval, share in rows
        if rate is not None
    ]
