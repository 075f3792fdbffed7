# SPDX-License-Identifier: Apache-2.0
"""A finding: a question with its evidence, never a verdict."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class State(StrEnum):
    """What a detector can say. `NOT_EVALUATED` is neither good nor bad and never raises the chance of a review."""

    RAISED = "raised"
    CLEAR = "clear"
    NOT_EVALUATED = "not evaluated"


class Weight(StrEnum):
    """How much a finding may do: A may open a review alone, B needs a second of another family, C is context."""

    A = "A"
    B = "B"
    C = "C"


class Finding(msgspec.Struct, frozen=True):
    """One detector's answer on a session.

    Args:
        detector: identifier such as "injected-input"; version: of its rules.
        statistic, threshold: in the detector's own unit, named in its card docs/detectors/<id>.md.
        calibration: identifier of the table that the threshold came from.
        evidence: seqs of the records that carry it, never copied content.
        explanation: key of the sentence a person reads; alternatives: keys of the innocent causes.
        reason: why it was not evaluated; stays on the trainer's machine, never recorded or sent.
        family: detectors of one family never confirm each other.
    """

    detector: str
    version: int
    state: State
    weight: Weight
    statistic: float
    threshold: float
    calibration: str
    evidence: tuple[int, ...]
    explanation: str
    alternatives: tuple[str, ...]
    family: str
    reason: str = ""
