# SPDX-License-Identifier: Apache-2.0
"""Whether text was typed on for nine or ten minutes with hardly a pause. Card: docs/detectors/unpaused-typing.md.

Who composes stops to think, within sentences and between them; so does nearly everybody who reads what they copy. Programs
that type a text stop less, even those that put pauses in to look like a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.answer import answered
from detectors.cadence import FAMILY, fold
from detectors.catalogue.listed import Listed
from detectors.typing_window import TypingWindow, evidence, why_not, window_of
from session.assistance import NOTHING_SAID, Assistance
from session.events import Event
from session.findings import Finding, Weight
from session.policy import Policy

PAUSES: Final = (110, 0.0105, (0, 0, 1, 1))
"""Of nine minutes of typing: intervals over one second, at most 1.05 in 100. The last are weights of the last four bins of
STATS' `pauses`, from 420 ms, 600 ms, 1 s and 5 s. Source: docs/detectors/unpaused-typing.md, Threshold.
"""
STOPS: Final = (120, 0.021, (0, 1, 1, 1))
"""Of ten minutes of typing: intervals over 600 ms. Source: as above."""
HALTS: Final = (120, 0.046, (1, 1, 2, 1))
"""Of ten minutes of typing: intervals over 420 ms, where a pause counts twice and a rest once: it says no more than that
somebody was away. Source: as above.
"""
RAREST: Final = 1.0
"""Statistic from which on it is raised: pauses as rare as one of the three shares allows. Source: as above."""
MOST: Final = 99.0
"""Greatest statistic: where there was no pause at all."""

ALTERNATIVES: Final = (
    "alternative.own-notes",
    "alternative.copying-is-the-task",
    "alternative.text-in-mind",
    "alternative.fast-typist",
    "alternative.dictation",
    "alternative.expander",
)


class UnpausedState(msgspec.Struct, frozen=True):
    """What a session came to so far: `rarity` 0 while no window was judged."""

    window: TypingWindow = TypingWindow()
    rarity: float = 0.0
    evidence: tuple[int, ...] = ()


class UnpausedTyping:
    """Typing without pauses (class B, family "cadence"): how much rarer pauses were than among people who compose."""

    id = "unpaused-typing"
    version = 1
    family = FAMILY
    calibration = "klicke-3032-1"

    def start(
        self,
        policy: Policy,  # noqa: ARG002 - asked under each
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> UnpausedState:
        """The state before the first record; see `abstain.declared_by`."""
        return UnpausedState(window=window_of(said))

    def step(self, state: UnpausedState, events: Sequence[Event]) -> UnpausedState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        return fold(state, events, _judged)

    def finish(self, state: UnpausedState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = why_not(state.window, judged=state.rarity > 0)
        return answered(
            self,
            Weight.B,
            state.rarity,
            RAREST,
            raised=state.rarity >= RAREST,
            reason=reason,
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )


def _judged(state: UnpausedState) -> UnpausedState:
    """`state` with its windows as the best, where one is."""
    window = state.window
    for ticks, share, weights in (PAUSES, STOPS, HALTS):
        intervals = window.pauses(ticks)
        if not intervals:
            continue
        pauses = sum(count * weight for count, weight in zip(intervals[-len(weights) :], weights, strict=True))
        rarity = min(MOST, round(share * sum(intervals[1:]) / pauses, 3)) if pauses else MOST
        if rarity > state.rarity:
            state = msgspec.structs.replace(state, rarity=rarity, evidence=evidence(window, ticks))
    return state
