# SPDX-License-Identifier: Apache-2.0
"""Whether five minutes of typing were more even than hands type. Card: docs/detectors/regular-typing.md.

Hands wait: at a word's beginning, at a hard letter. Of anybody's intervals below a second some are longer than twice the
middle one, however fast they type or copy. A program that draws each interval from a narrow range has none. What is longer,
the recorder says (`agent.rhythm`): beside the person's own, which is told nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import PACE_NOT_TOLD
from detectors.answer import answered
from detectors.cadence import FAMILY, fold
from detectors.catalogue.listed import Listed
from detectors.typing_window import LEAST_PER_TICK, LENGTHS, TypingWindow, evidence, why_not, window_of
from session.assistance import NOTHING_SAID, Assistance
from session.events import Event
from session.findings import Finding, Weight
from session.policy import Policy

TICKS: Final = LENGTHS[0]
"""Of a window. Source: docs/detectors/regular-typing.md, Statistic."""
EVEN_SHARE: Final = 0.983
"""Intervals within twice the middle one. Source: docs/detectors/regular-typing.md, Threshold."""
LEAST_COMPARED: Final = LEAST_PER_TICK * TICKS
"""Of a window's intervals, that could be compared with the person's own. Source: as above."""

ALTERNATIVES: Final = (
    "alternative.expander",
    "alternative.steno",
    "alternative.macro-keyboard",
    "alternative.held-key",
    "alternative.remote-desktop",
)


class RegularState(msgspec.Struct, frozen=True):
    """What a session came to so far: `share` 0 while no window was judged."""

    window: TypingWindow = TypingWindow()
    judged: bool = False
    share: float = 0.0
    evidence: tuple[int, ...] = ()


class RegularTyping:
    """Machine-regular typing (class B, family "cadence"): share of sub-second intervals within twice their median."""

    id = "regular-typing"
    version = 2
    family = FAMILY
    calibration = "klicke-3032-2"

    def start(
        self,
        policy: Policy,  # noqa: ARG002 - asked under each
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> RegularState:
        """The state before the first record; see `abstain.declared_by`."""
        return RegularState(window=window_of(said))

    def step(self, state: RegularState, events: Sequence[Event]) -> RegularState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        return fold(state, events, _judged)

    def finish(self, state: RegularState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = why_not(state.window, judged=state.window.full)
        if not reason and not state.judged:
            reason = PACE_NOT_TOLD
        return answered(
            self,
            Weight.B,
            state.share,
            EVEN_SHARE,
            raised=state.share >= EVEN_SHARE,
            reason=reason,
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )


def _judged(state: RegularState) -> RegularState:
    """`state` with its window as the best, where it is."""
    within, longer = state.window.pace(TICKS) or (0, 0)
    if within + longer < LEAST_COMPARED:
        return state
    share = round(within / (within + longer), 4)
    if state.judged and share <= state.share:
        return state
    return msgspec.structs.replace(state, judged=True, share=share, evidence=evidence(state.window, TICKS))
