# SPDX-License-Identifier: Apache-2.0
"""Whether a window of another program stayed over the one in front. Card: docs/detectors/overlay-window.md.

Some programs answer from such a window. So do notes, timers and meeting toolbars, so this is context, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import (
    FOCUS_OFF,
    FOCUS_WITHHELD,
    OVERLAYS_NOT_WATCHED,
    WINDOW_NOT_OBSERVED,
    Sight,
    abstention,
    declared_by,
    watch,
)
from detectors.answer import answered
from detectors.catalogue.listed import Listed
from detectors.front import SCOPE
from session.assistance import NOTHING_SAID, Assistance
from session.events import WATCHED_OVERLAYS, Disclosure, Event, Focus, Kind
from session.findings import Finding, Weight
from session.policy import Policy

LEAST_WINDOWS: Final = 1
"""Least windows that stayed. Source: docs/detectors/overlay-window.md, Threshold."""
MOST_EVIDENCE: Final = 64
"""Seqs in a finding. Source: docs/session-format.md, FINDING."""

ALTERNATIVES: Final = (
    "alternative.own-overlay",
    "alternative.meeting-bar",
    "alternative.screen-tool",
    "alternative.desktop-part",
)


class OverlayState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives. watched: whether a record says that they are looked for.
        windows: how many stayed, one that came back counted again.
    """

    off: str
    sight: Sight
    watched: bool = False
    windows: int = 0
    evidence: tuple[int, ...] = ()


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
        off = FOCUS_OFF if policy.disclosure_of(Kind.FOCUS) is Disclosure.OFF else ""
        return OverlayState(off=off, sight=Sight(SCOPE, told_by=Kind.FOCUS, declared=declared_by(said)))

    def step(self, state: OverlayState, events: Sequence[Event]) -> OverlayState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            if event.kind not in (Kind.FOCUS, Kind.GAP, Kind.DECLARE):
                continue
            state = msgspec.structs.replace(state, sight=watch(state.sight, event))
            if isinstance(event.body, Focus):
                state = _told(state, event.seq, event.body)
        return state

    def finish(self, state: OverlayState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = state.off or abstention(state.sight, withheld=FOCUS_WITHHELD, unobserved=WINDOW_NOT_OBSERVED)
        if not reason and not state.watched:
            reason = OVERLAYS_NOT_WATCHED
        return answered(
            self,
            Weight.C,
            state.windows,
            LEAST_WINDOWS,
            raised=state.windows >= LEAST_WINDOWS,
            reason=reason,
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )


def _told(state: OverlayState, seq: int, focus: Focus) -> OverlayState:
    """After a record of what is in front, and beside it."""
    stayed = sum(one.kind == "overlay" for one in focus.nearby)
    watched = state.watched or bool(focus.watched & WATCHED_OVERLAYS)
    evidence = (*state.evidence, seq)[:MOST_EVIDENCE] if stayed else state.evidence
    return msgspec.structs.replace(state, watched=watched, windows=state.windows + stayed, evidence=evidence)
