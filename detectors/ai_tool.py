# SPDX-License-Identifier: Apache-2.0
"""Whether an AI tool was in front, and what the policy says of it. Card: docs/detectors/ai-tool.md.

A window in front says that it was in front. It does not say who looked, nor what for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors import abstain
from detectors.abstain import Sight, abstention, watch
from detectors.answer import answered
from detectors.catalogue.listed import BUILT_IN, Listed, in_force
from detectors.catalogue.match import Ask
from detectors.front import SCOPE, Front, Stretch, advance
from detectors.grading import FAMILY, Grades
from session.assistance import NOTHING_SAID, Assistance
from session.events import Disclosure, Event, Kind
from session.findings import Finding, State, Weight
from session.policy import Policy

LEAST_S: Final = 20
"""Least seconds in front, of all stretches together. Source: docs/detectors/ai-tool.md, Threshold."""
GLANCE_S: Final = 3
"""A stretch shorter than this is a glance or a way past, and counts for nothing. Source: as above."""

ALTERNATIVES: Final = (
    "alternative.model-rated",
    "alternative.task-asks",
    "alternative.same-name",
    "alternative.left-in-front",
    "alternative.part-unused",
    "alternative.permission",
)

_SECOND_US: Final = 1_000_000


class AiToolState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives.
        calibration: names the catalogue that `ask` is.
    """

    off: str
    calibration: str
    ask: Ask
    titles: bool
    sight: Sight
    front: Front
    grades: Grades


class AiTool:
    """AI tool in front (family "ai-tool"): class A by its application, class B by a page's title."""

    id = "ai-tool"
    version = 1
    family = FAMILY
    calibration = f"unmeasured-1 {BUILT_IN}"

    def start(self, policy: Policy, said: Assistance = NOTHING_SAID, listed: Listed | None = None) -> AiToolState:
        """The state before the first record; see `abstain.declared_by`."""
        known = in_force(policy, listed)
        off = abstain.FOCUS_OFF if policy.disclosure_of(Kind.FOCUS) is Disclosure.OFF else ""
        return AiToolState(
            off=off or ("" if known.here else abstain.CATALOGUE_MISSING),
            calibration=f"unmeasured-1 {known.name}",
            ask=known.ask,
            titles=policy.titles.detail == "full",
            sight=Sight(scope=SCOPE, told_by=Kind.FOCUS, declared=abstain.declared_by(said)),
            front=Front(),
            grades=Grades(rules=policy.ai_tools),
        )

    def step(self, state: AiToolState, events: Sequence[Event]) -> AiToolState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        sight, front, grades = state.sight, state.front, state.grades
        for event in events:
            sight = watch(sight, event)
            front, ended = advance(front, event, state.ask)
            for stretch in ended:
                grades = _counted(grades, stretch)
            grades = grades.heard(event)
        if (sight, front, grades) == (state.sight, state.front, state.grades):
            return state
        return msgspec.structs.replace(state, sight=sight, front=front, grades=grades)

    def finish(self, state: AiToolState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = state.off or abstention(
            state.sight, withheld=abstain.FOCUS_WITHHELD, unobserved=abstain.WINDOW_NOT_OBSERVED
        )
        if not reason and not state.front.told:
            reason = abstain.WINDOW_NOT_OBSERVED
        grades = state.grades if state.front.now is None else _counted(state.grades, state.front.now)
        answer = grades.answer(LEAST_S * _SECOND_US)
        if not reason and answer.key == "clear" and not state.titles:
            reason = abstain.TITLES_OFF  # no page could have been seen, so none is said to be absent
        return answered(
            self,
            Weight.B if reason else answer.weight,
            answer.statistic / _SECOND_US,
            LEAST_S,
            raised=answer.state is State.RAISED,
            reason=reason,
            evidence=answer.evidence,
            alternatives=ALTERNATIVES,
            key=answer.key,
            calibration=state.calibration,
        )


def _counted(grades: Grades, stretch: Stretch) -> Grades:
    if stretch.match is None or stretch.length_us < GLANCE_S * _SECOND_US:
        return grades
    return grades.saw(stretch.match, stretch.length_us, (stretch.seq, stretch.last_seq))
