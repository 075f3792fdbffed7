# SPDX-License-Identifier: Apache-2.0
"""How a detector's answer becomes a finding, the same for every question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from session.findings import Finding, State, Weight

MOST_EVIDENCE: Final = 64
"""Seqs in a finding. Source: docs/session-format.md, FINDING."""


class Asking(Protocol):
    """What a detector says of itself."""

    id: str
    version: int
    family: str
    calibration: str


def spread(seqs: Sequence[int]) -> tuple[int, ...]:
    """So many of them as a finding holds, evenly chosen, the first and the last among them."""
    count, last = min(len(seqs), MOST_EVIDENCE), len(seqs) - 1
    return tuple(seqs[number * last // (count - 1)] for number in range(count)) if count > 1 else tuple(seqs)


def answered(  # noqa: PLR0913 - what a finding has
    asking: Asking,
    weight: Weight,
    statistic: float,
    threshold: float,
    *,
    raised: bool,
    reason: str,
    evidence: tuple[int, ...],
    alternatives: tuple[str, ...],
    key: str = "",
    calibration: str = "",
) -> Finding:
    """The finding: not evaluated where there is a `reason`, else raised or clear.

    An abstention carries neither number nor evidence, so that none tells its reason; evidence and innocent causes belong to
    what is raised. `key`: which of its sentences says it, its state's where "". `calibration`: where not its own.
    """
    state = State.NOT_EVALUATED if reason else State.RAISED if raised else State.CLEAR
    said = key if key and not reason else state.value.replace(" ", "-")
    return Finding(
        detector=asking.id,
        version=asking.version,
        state=state,
        weight=weight,
        statistic=0.0 if reason else float(statistic),
        threshold=float(threshold),
        calibration=calibration or asking.calibration,
        evidence=evidence if state is State.RAISED else (),
        explanation=f"finding.{asking.id}.{said}",
        alternatives=alternatives if state is State.RAISED else (),
        family=asking.family,
        reason=reason,
    )
