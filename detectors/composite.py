# SPDX-License-Identifier: Apache-2.0
"""Which findings together would open a review. It never changes a finding, and nothing here touches pay or access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from session.events import FindingRecord
from session.findings import Finding, State, Weight


def opens_review(findings: Iterable[Finding]) -> bool:
    """Whether a person should look: one raised of class A, or two raised of class B from different families.

    Class C is context and never counts. `not evaluated` counts for nothing, however often it stands there.

    Source: docs/detectors/injected-input.md, What it may do.
    """
    return _opens((f.weight, f.family) for f in findings if f.state is State.RAISED)


def recorded_open_review(records: Iterable[FindingRecord], families: Mapping[str, str]) -> bool | None:
    """The same of findings as they are recorded; None where there is none that is not on trial.

    A finding on trial opens nothing. A class that this version does not know counts for nothing; a detector that it does
    not know (`families`: family by detector) is a family of its own.
    """
    known = [record for record in records if not record.shadow]
    if not known:
        return None
    return _opens(
        (record.weight, families.get(record.detector, record.detector)) for record in known if record.state == State.RAISED
    )


def _opens(raised: Iterable[tuple[str, str]]) -> bool:
    """Of the weight and family of each that was raised."""
    found = list(raised)
    if any(weight == Weight.A for weight, _ in found):
        return True
    return len({family for weight, family in found if weight == Weight.B}) > 1
