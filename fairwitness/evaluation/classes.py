# SPDX-License-Identifier: Apache-2.0
"""Whether a detector's statistic tells two kinds of work apart, and whether that may be said.

Rules:

1. Kinds are compared over windows of two minutes, of people that nothing but the work sets apart.
2. Within one source that is so. Across sources it is not known, so a probe comes first: the same statistic, asked to tell
   two sources of the *same* kind apart. Where it can, or where there are no two such, a figure would be of the sources.

Source: docs/evaluation.md, Two kinds of work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Final

import msgspec
import numpy as np

import detectors
from fairwitness.evaluation.figures import LEAST_SESSIONS, Classes, classes_of, parted, parted_intervals
from fairwitness.evaluation.measuring import Measured
from fairwitness.evaluation.report import ClassFigure
from session.findings import State

LEAST_OTHERS: Final = {0.01: 100, 0.001: 1000}
"""Fewer windows cannot show such a share."""
LEAST_WINDOWS: Final = 20
LEAST_PEOPLE: Final = 5
"""Fewer on either side are too few to compare."""
PROBE_MOST: Final = 0.7
"""Greatest AUC with which the probe passes. Source: docs/evaluation.md, Two kinds of work."""

WITH: Final = "a suggestion accepted"
WITHOUT: Final = "none accepted"
LOOKED_FOR: Final = "transcribe"
OTHERS: Final = "compose"
"""Kinds of work, by the last part of a source's name."""

TOO_FEW: Final = "too few stretches were evaluated to compare"
NO_PROBE: Final = "no two sources of the same kind of work to probe with, so the sources could be what is told apart"
APART: Final = "the sources can be told apart as such"


class Sample(msgspec.Struct, frozen=True):
    """Windows of one kind that a detector answered: statistic and person of each; `sessions` of the population."""

    statistic: tuple[float, ...]
    person: tuple[str, ...]
    sessions: int

    @property
    def enough(self) -> bool:
        """Whether there is anything to compare."""
        return len(self.statistic) >= LEAST_WINDOWS and len(set(self.person)) >= LEAST_PEOPLE


def within(measured: Sequence[Measured]) -> tuple[ClassFigure, ...]:
    """A figure of each detector for one source in which some windows hold accepted suggestions and others none."""
    if not any(window.accepted is not None for one in measured for window in one.windows):
        return ()
    return tuple(
        _figure(
            detector.id,
            _sample(measured, number, accepted=True),
            _sample(measured, number, accepted=False),
            (WITH, WITHOUT),
        )
        for number, detector in enumerate(detectors.ALL)
    )


def across(sources: Mapping[str, Sequence[Measured]]) -> tuple[ClassFigure, ...]:
    """A figure, or why there is none, of each detector for each two sources of different kinds of work."""
    kinds = {kind: [name for name in sources if kind_of(name) == kind] for kind in (LOOKED_FOR, OTHERS)}
    found: list[ClassFigure] = []
    for number, detector in enumerate(detectors.ALL):
        samples = {name: _sample(sources[name], number, source=name) for names in kinds.values() for name in names}
        probes = [
            (probe, (one, other))
            for names in kinds.values()
            for one, other in combinations(names, 2)
            if (probe := _probe(samples[one], samples[other])) is not None
        ]
        for pair in product(kinds[LOOKED_FOR], kinds[OTHERS]):
            of_these = [probe for probe in probes if set(pair) & set(probe[1])]
            found.append(_across(detector.id, pair, samples, max(of_these, default=None)))
    return tuple(found)


def kind_of(name: str) -> str:
    """What people did in a source: the last part of its name."""
    return name.rpartition("_")[2]


def _across(
    detector: str,
    pair: tuple[str, str],
    samples: Mapping[str, Sample],
    probe: tuple[float, tuple[str, str]] | None,
) -> ClassFigure:
    looked_for, others = samples[pair[0]], samples[pair[1]]
    if not (looked_for.enough and others.enough):
        return _refused(detector, looked_for, others, pair, TOO_FEW)
    if probe is None:
        return _refused(detector, looked_for, others, pair, NO_PROBE)
    if probe[0] > PROBE_MOST:
        refused = _refused(detector, looked_for, others, pair, f"{APART} (the probe has {probe[0]:.3f})")
        return msgspec.structs.replace(refused, probe_auc=probe[0], probed=probe[1])
    figure = _figure(detector, looked_for, others, pair)
    return msgspec.structs.replace(figure, probe_auc=probe[0], probed=probe[1])


def _probe(one: Sample, other: Sample) -> float | None:
    """How well two sources are told apart, from 0.5 to 1, whichever has greater numbers; None where it cannot be asked."""
    if not (one.enough and other.enough):
        return None
    figures = parted(_joined(one, other))
    return None if figures is None else max(figures.auc, 1 - figures.auc)


def _sample(measured: Sequence[Measured], detector: int, *, accepted: bool | None = None, source: str = "") -> Sample:
    rows = [
        (window.answers[detector].statistic, f"{source}/{one.person}")
        for one in measured
        for window in one.windows
        if window.answers[detector].state is not State.NOT_EVALUATED and (accepted is None or window.accepted is accepted)
    ]
    return Sample(tuple(row[0] for row in rows), tuple(row[1] for row in rows), len(measured))


def _joined(looked_for: Sample, others: Sample) -> Classes:
    positive = np.repeat([True, False], [len(looked_for.statistic), len(others.statistic)])
    statistic = np.array(looked_for.statistic + others.statistic)
    return classes_of(statistic, np.array(looked_for.person + others.person), positive)


def _refused(detector: str, looked_for: Sample, others: Sample, kinds: tuple[str, str], reason: str) -> ClassFigure:
    return ClassFigure(
        detector=detector,
        looked_for=kinds[0],
        others=kinds[1],
        windows=(len(looked_for.statistic), len(others.statistic)),
        people=len({*looked_for.person, *others.person}),
        refused=reason,
    )


def _figure(detector: str, looked_for: Sample, others: Sample, kinds: tuple[str, str]) -> ClassFigure:
    bare = _refused(detector, looked_for, others, kinds, TOO_FEW)
    if not (looked_for.enough and others.enough):
        return bare
    classes = _joined(looked_for, others)
    figures = parted(classes)
    if figures is None:
        return bare
    auc_ci, at_1_ci, at_01_ci = parted_intervals(classes)
    rated = min(looked_for.sessions, others.sessions) >= LEAST_SESSIONS
    at_1 = rated and len(others.statistic) >= LEAST_OTHERS[0.01]
    at_01 = rated and len(others.statistic) >= LEAST_OTHERS[0.001]
    return msgspec.structs.replace(
        bare,
        refused="",
        auc=figures.auc,
        auc_ci=auc_ci,
        at_1_percent=figures.at_1_percent if at_1 else None,
        at_1_percent_ci=at_1_ci if at_1 else None,
        at_01_percent=figures.at_01_percent if at_01 else None,
        at_01_percent_ci=at_01_ci if at_01 else None,
    )
