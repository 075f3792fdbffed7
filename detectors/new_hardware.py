# SPDX-License-Identifier: Apache-2.0
"""Whether a keyboard or a pointer came or went while the session ran. Card: docs/detectors/new-hardware.md.

A device that types by itself has to be plugged in; so has everybody's own keyboard. So this is context, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import DEVICES_NOT_WATCHED, NOT_OBSERVED
from detectors.answer import answered
from detectors.beside import Beside, focus_off, fold, sight_of
from detectors.catalogue.listed import Listed
from session.assistance import NOTHING_SAID, Assistance
from session.events import WATCHED_DEVICES, Event, Focus
from session.findings import Finding, Weight
from session.policy import Policy

LEAST_MOMENTS: Final = 1
"""Least moments. Source: docs/detectors/new-hardware.md, Threshold."""
MOMENT_US: Final = 10_000_000
"""What comes and goes within this much is one moment. Source: docs/detectors/new-hardware.md, Statistic."""
HARDWARE: Final = frozenset(("keyboard", "pointer"))
"""What is asked about. Source: as above."""
CAME_OR_WENT: Final = frozenset(("device-came", "device-went"))
"""How it is told. Source: docs/session-format.md, FOCUS."""

ALTERNATIVES: Final = (
    "alternative.dock",
    "alternative.switch",
    "alternative.wireless",
    "alternative.own-device",
)

_SCOPE: Final = "keyboard"


class HardwareState(Beside, frozen=True, kw_only=True):
    """What a session came to so far.

    Args:
        begun_us: when the last moment began, None before the first.
    """

    begun_us: int | None = None
    moments: int = 0


class NewHardware:
    """A keyboard or pointer that came or went (family "hardware"): context, class C."""

    id = "new-hardware"
    version = 1
    family = "hardware"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> HardwareState:
        """The state before the first record; see `abstain.declared_by`."""
        return HardwareState(off=focus_off(policy), sight=sight_of(_SCOPE, said))

    def step(self, state: HardwareState, events: Sequence[Event]) -> HardwareState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        return fold(state, events, WATCHED_DEVICES, _told)

    def finish(self, state: HardwareState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        return answered(
            self,
            Weight.C,
            state.moments,
            LEAST_MOMENTS,
            raised=state.moments >= LEAST_MOMENTS,
            reason=state.reason(DEVICES_NOT_WATCHED, NOT_OBSERVED),
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )


def _told(state: HardwareState, seq: int, focus: Focus) -> HardwareState:
    """After a record of what is in front, and beside it."""
    begun_us, moments, evidence = state.begun_us, state.moments, state.evidence
    for one in focus.nearby:
        if one.kind not in CAME_OR_WENT or one.what not in HARDWARE:
            continue
        if begun_us is None or not begun_us <= one.mono_us <= begun_us + MOMENT_US:
            begun_us, moments = one.mono_us, moments + 1
        evidence = state.with_evidence(seq)
    return msgspec.structs.replace(state, begun_us=begun_us, moments=moments, evidence=evidence)
