# SPDX-License-Identifier: Apache-2.0
"""Findings that were recorded, beside those that the same record gives again.

Rules:

1. "Not evaluated" is the word of the trainer's program, and for anybody else it stays that: it is claimed, never recomputed,
   whatever it was for. So what somebody declared on their own computer reads like too little typing, and no reader is shown
   an answer in the place of an abstention.
2. An answer that somebody else cannot come to, because records or the catalogue are not here, or by other rules, is claimed.
3. Only where the whole record is here, under the same rules, and gives another answer, do the two differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from detectors.abstain import CATALOGUE_MISSING
from session.events import Event, FindingRecord, Kind
from session.findings import Finding, State, Weight

_READ: Final = frozenset((Kind.FOCUS, Kind.STATS, Kind.CLIPBOARD, Kind.CAPTURE))
"""What detectors read and a reader may lack."""
_PPM: Final = 1_000_000


class Standing(StrEnum):
    """What stands behind a recorded finding: it was recomputed, is claimed, or the record says something else."""

    RECOMPUTED = "recomputed"
    CLAIMED = "claimed, not recomputed"
    DIFFERS = "differs from the record"
    UNRECORDED = "not recorded"


class Again(msgspec.Struct, frozen=True):
    """One question, as a reader is told it: `finding` is an abstention wherever one was recorded."""

    finding: Finding
    standing: Standing


def again(found: Sequence[Finding], events: Sequence[Event]) -> tuple[Again, ...]:
    """`found`, which `events` give, beside what the session itself recorded."""
    recorded = {event.body.detector: event.body for event in events if isinstance(event.body, FindingRecord)}
    whole = all(event.body is not None for event in events if event.kind in _READ)
    return tuple(_beside(one, recorded.get(one.detector), whole=whole) for one in found)


def agree(told: Iterable[Again]) -> bool:
    """Whether nothing that was recorded differs from what the record gives."""
    return all(one.standing is not Standing.DIFFERS for one in told)


def _beside(finding: Finding, recorded: FindingRecord | None, *, whole: bool) -> Again:
    if recorded is None:
        return Again(finding, Standing.UNRECORDED)
    if recorded.state == State.NOT_EVALUATED:
        return Again(_abstained(finding, recorded), Standing.CLAIMED)
    if finding.reason == CATALOGUE_MISSING or (recorded.version, recorded.calibration) != (
        finding.version,
        finding.calibration,
    ):
        return Again(finding, Standing.CLAIMED)
    if recorded.state == finding.state and recorded.statistic_ppm == round(finding.statistic * _PPM):
        return Again(finding, Standing.RECOMPUTED)
    return Again(finding, Standing.DIFFERS if whole else Standing.CLAIMED)


def _abstained(finding: Finding, recorded: FindingRecord) -> Finding:
    """The abstention that was recorded: nothing of it tells what the record would have given."""
    known = recorded.weight in set(Weight)
    return msgspec.structs.replace(
        finding,
        version=recorded.version,
        weight=Weight(recorded.weight) if known else Weight.B,
        calibration=recorded.calibration,
        state=State.NOT_EVALUATED,
        statistic=0.0,
        evidence=(),
        explanation=f"finding.{finding.detector}.not-evaluated",
        alternatives=(),
        reason="",
    )
