# SPDX-License-Identifier: Apache-2.0
"""Every detector asked again about a session that lies in a folder, as whoever sits here may be told."""

from __future__ import annotations

from pathlib import Path

import msgspec

import detectors
from detectors.again import Again, again
from fairwitness.assistance import said
from fairwitness.catalogues import at_hand
from fairwitness.opening import open_here, policy_of
from fairwitness.places import Places
from fairwitness.reviewing import reasons
from session import EnvironmentFault


def ask_again(folder: Path, home: Path | None) -> tuple[Again, ...]:
    """The answers of this version, beside those that the session recorded; reasons to abstain for its trainer alone.

    What the person declared on this computer is not applied: the record alone answers, and an abstention that it recorded
    stays one (`detectors.again`).

    Raises:
        EnvironmentFault: findings of its policy are on trial and it is not one's own, or files or keys cannot be read.
        IntegrityFault: its records are damaged beyond reading.
    """
    policy, opened = policy_of(folder), open_here(folder, home)
    mine = opened.reads_as == "trainer"
    if policy.findings.shadow and not mine:
        raise EnvironmentFault("Findings of this policy are on trial: they are shown to the trainer alone.")
    events = opened.reader.events()
    listed = at_hand(policy, Places(home))
    told = again(detectors.run(detectors.ALL, policy, events, listed=listed), events)
    # why a detector could not answer is for the trainer's eyes, even where another could compute it
    why = reasons(policy, events, said(Places(home).assistance), listed) if mine else {}
    return tuple(_with_reason(one, why.get(one.finding.detector, one.finding.reason) if mine else "") for one in told)


def _with_reason(one: Again, reason: str) -> Again:
    return msgspec.structs.replace(one, finding=msgspec.structs.replace(one.finding, reason=reason))
