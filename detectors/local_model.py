# SPDX-License-Identifier: Apache-2.0
"""Whether a program that runs AI models on this computer was running. Card: docs/detectors/local-model.md.

A program that runs is not one that was asked anything, and many start with the computer. So this is context, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import (
    FOCUS_OFF,
    FOCUS_WITHHELD,
    RUNNERS_NOT_WATCHED,
    RUNNERS_OFF,
    Sight,
    abstention,
    declared_by,
    watch,
)
from detectors.answer import answered
from detectors.catalogue.listed import Listed
from session.assistance import NOTHING_SAID, Assistance
from session.events import WATCHED_RUNNERS, Declare, Disclosure, Event, Focus, Kind
from session.findings import Finding, Weight
from session.policy import AiTools, Policy

LEAST_RUNNERS: Final = 1
"""Least programs that ran, each counted once. Source: docs/detectors/local-model.md, Threshold."""
MOST_RUNNERS: Final = 64
"""Programs that are told apart; more than that are not counted. Source: as above."""
MOST_EVIDENCE: Final = 64
"""Seqs in a finding. Source: docs/session-format.md, FINDING."""

ALTERNATIVES: Final = (
    "alternative.starts-by-itself",
    "alternative.other-models-work",
    "alternative.started-by-another",
    "alternative.same-program-name",
    "alternative.task-asks",
)

_SCOPE: Final = "runners"
_KIND: Final = "local"


class RunnerState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives. rules: what the policy says of tools.
        watched: whether a record says that they are looked for.
        runners: those that ran and that the policy does not allow, by their names in the catalogue, as they were first seen.
        declared: whether the session holds a declaration.
    """

    off: str
    rules: AiTools
    sight: Sight
    watched: bool = False
    runners: tuple[str, ...] = ()
    declared: bool = False
    evidence: tuple[int, ...] = ()


class LocalModel:
    """A program that runs models on this computer (family "local-model"): context, class C.

    The record names what ran, so no catalogue is asked.
    """

    id = "local-model"
    version = 1
    family = "local-model"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - the record has the catalogue's own names
    ) -> RunnerState:
        """The state before the first record; see `abstain.declared_by`."""
        off = "" if policy.ai_tools.local_models == "noted" else RUNNERS_OFF
        if policy.disclosure_of(Kind.FOCUS) is Disclosure.OFF:
            off = FOCUS_OFF
        sight = Sight(_SCOPE, told_by=Kind.FOCUS, declared=declared_by(said))
        return RunnerState(off=off, rules=policy.ai_tools, sight=sight)

    def step(self, state: RunnerState, events: Sequence[Event]) -> RunnerState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            if event.kind not in (Kind.FOCUS, Kind.GAP, Kind.DECLARE):
                continue
            state = msgspec.structs.replace(state, sight=watch(state.sight, event))
            if isinstance(event.body, Focus):
                state = _told(state, event.seq, event.body)
            elif isinstance(event.body, Declare):
                state = msgspec.structs.replace(state, declared=True)
        return state

    def finish(self, state: RunnerState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = state.off or abstention(state.sight, withheld=FOCUS_WITHHELD, unobserved=RUNNERS_NOT_WATCHED)
        if not reason and not state.watched:
            reason = RUNNERS_NOT_WATCHED
        said = state.declared and state.rules.grade_of(_KIND) == "declare"
        runners = 0 if said else len(state.runners)
        return answered(
            self,
            Weight.C,
            runners,
            LEAST_RUNNERS,
            raised=runners >= LEAST_RUNNERS,
            reason=reason,
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )


def _told(state: RunnerState, seq: int, focus: Focus) -> RunnerState:
    """After a record of what is in front, and beside it."""
    runners, evidence = state.runners, state.evidence
    for one in focus.nearby:
        if one.kind != "runner-came" or state.rules.grade_of(_KIND, one.what) == "allowed":
            continue
        runners = tuple(dict.fromkeys((*runners, one.what)))[:MOST_RUNNERS]
        evidence = tuple(dict.fromkeys((*evidence, seq)))[:MOST_EVIDENCE]
    watched = state.watched or bool(focus.watched & WATCHED_RUNNERS)
    return msgspec.structs.replace(state, watched=watched, runners=runners, evidence=evidence)
