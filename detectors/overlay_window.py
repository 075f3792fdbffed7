# SPDX-License-Identifier: Apache-2.0
"""Whether a window of another program stayed over the one in front. Card: docs/detectors/overlay-window.md.

Some programs answer from such a window. So do notes, timers and meeting toolbars, so this is context, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import OVERLAYS_NOT_WATCHED, WINDOW_NOT_OBSERVED
from detectors.answer import answered
from detectors.beside import Beside, focus_off, fold, sight_of
from detectors.catalogue.listed import Listed
from detectors.front import SCOPE
from session.assistance import NOTHING_SAID, Assistance
from session.events import WATCHED_OVERLAYS, Event, Focus
from session.findings import Finding, Weight
from session.policy import Policy

LEAST_WINDOWS: Final = 1
"""Least windows that stayed. Source: docs/detectors/overlay-window.md, Threshold."""

ALTERNATIVES: Final = (
    "alternative.own-overlay",
    "alternative.meeting-bar",
    "alternative.screen-tool",
    "alternative.desktop-part",
)


class OverlayState(Beside, frozen=True, kw_only=True):
    """What a session came to so far.

    Args:
        windows: how many stayed, one that came back counted again.
    """

    windows: int = 0


class OverlayWindow:
    """A window of another program that stayed over the one in front (family "overlay"): context, class C."""

    id = "overlay-window"
    version = 1
    family = "overlay"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> OverlayState:
        """The state before the first record; see `abstain.declared_by`."""
        return OverlayState(off=focus_off(policy), sight=sight_of(SCOPE, said))

    def step(self, state: OverlayState, events: Sequence[Event]) -> OverlayState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        return fold(state, events, WATCHED_OVERLAYS, _told)

    def finish(self, state: OverlayState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        return answered(
            self,
            Weight.C,
            state.windows,
            LEAST_WINDOWS,
            raised=state.windows >= LEAST_WINDOWS,
            reason=state.reason(OVERLAYS_NOT_WATCHED, WINDOW_NOT_OBSERVED),
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )


def _told(state: OverlayState, seq: int, focus: Focus) -> OverlayState:
    """After a record of what is in front, and beside it."""
    stayed = sum(one.kind == "overlay" for one in focus.nearby)
    if not stayed:
        return state
    return msgspec.structs.replace(state, windows=state.windows + stayed, evidence=state.with_evidence(seq))
