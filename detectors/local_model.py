# SPDX-License-Identifier: Apache-2.0
"""Whether a program that runs AI models on this computer was running. Card: docs/detectors/local-model.md.

A program that runs is not one that was asked anything, and many start with the computer. So this is context, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import RUNNERS_NOT_WATCHED, RUNNERS_OFF
from detectors.answer import answered
from detectors.beside import Beside, focus_off, fold, sight_of
from detectors.catalogue.listed import Listed
from session.assistance import NOTHING_SAID, Assistance
from session.events import WATCHED_RUNNERS, Event, Focus
from session.findings import Finding, Weight
from session.policy import AiTools, Policy

LEAST_RUNNERS: Final = 1
"""Least programs that ran, each counted once. Source: docs/detectors/local-model.md, Threshold."""
MOST_RUNNERS: Final = 64
"""Programs that are told apart; more than that are not counted. Source: as above."""

ALTERNATIVES: Final = (
    "alternative.starts-by-itself",
    "alternative.other-models-work",
    "alternative.started-by-another",
    "alternative.same-program-name",
    "alternative.task-asks",
)

_SCOPE: Final = "runners"
_KIND: Final = "local"


class RunnerState(Beside, frozen=True, kw_only=True):
    """What a session came to so far.

    Args:
        rules: what the policy says of tools.
        runners: those that ran and that the policy does not allow, by their names in the catalogue, as they were first seen.
    """

    rules: AiTools
    runners: tuple[str, ...] = ()


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
        off = focus_off(policy) or ("" if policy.ai_tools.local_models == "noted" else RUNNERS_OFF)
        return RunnerState(off=off, sight=sight_of(_SCOPE, said), rules=policy.ai_tools)

    def step(self, state: RunnerState, events: Sequence[Event]) -> RunnerState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        return fold(state, events, WATCHED_RUNNERS, _told)

    def finish(self, state: RunnerState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        said = state.said and state.rules.grade_of(_KIND) == "declare"
        runners = 0 if said else len(state.runners)
        return answered(
            self,
            Weight.C,
            runners,
            LEAST_RUNNERS,
            raised=runners >= LEAST_RUNNERS,
            reason=state.reason(RUNNERS_NOT_WATCHED, RUNNERS_NOT_WATCHED),
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
        evidence = state.with_evidence(seq)
    return msgspec.structs.replace(state, runners=runners, evidence=evidence)
