# SPDX-License-Identifier: Apache-2.0
"""Which findings together would open a review. It never changes a finding, and nothing here touches pay or access."""

from __future__ import annotations

from collections.abc import Iterable

from session.findings import Finding, State, Weight


def opens_review(findings: Iterable[Finding]) -> bool:
    """Whether a person should look: one raised of class A, or two raised of class B from different families.

    Class C is context and never counts. `not evaluated` counts for nothing, however often it stands there.

    Source: docs/detectors/injected-input.md, What it may do.
    """
    raised = [f for f in findings if f.state is State.RAISED]
    if any(f.weight is Weight.A for f in raised):
        return True
    return len({f.family for f in raised if f.weight is Weight.B}) > 1
