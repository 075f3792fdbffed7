# SPDX-License-Identifier: Apache-2.0
"""Whether most long ways of a pointer were such as programs make. Card: docs/detectors/pointer-paths.md.

Two are asked about, by device: a straight line in steps of one length, and a press of software that came at one bound. All
else is `clear` or `not evaluated`, and so is every device that does not tell how it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import (
    FEW_PATHS,
    MOSTLY_SOFTWARE,
    POINTER_NOT_OBSERVED,
    TOO_SHORT,
    Sight,
    abstention,
    declared_by,
    watch,
)
from detectors.answer import answered, spread
from detectors.catalogue.listed import Listed
from detectors.front import blinds
from session.assistance import NOTHING_SAID, Assistance
from session.events import Event, Gap, Injected, Kind, SourceCount, Stats
from session.findings import Finding, Weight
from session.policy import Policy

WINDOW_US: Final = 1_200_000_000
"""Twenty minutes. Source: docs/detectors/pointer-paths.md, Statistic."""
LEAST: Final = 20
"""Least ways of a program in a window, and least long ways in a session to be evaluated. Source: as above."""
SHARE: Final = 0.8
"""Least share of such ways among the long ones of their device. Source: docs/detectors/pointer-paths.md, Threshold."""
HOLE_US: Final = 1_000_000
"""Between two ticks in a row there is less than this. Source: agent/tally.py: a tick begins where the last one ended."""
MOST_TICKS: Final = 256
"""Ticks of a device that are remembered; twenty minutes have 240. Source: session/events.py, TICK_US."""
MOST_DEVICES: Final = 64
"""Greatest number of a device that is looked at. Source: agent/tally.py, MOST_SOURCES."""

ALTERNATIVES: Final = (
    "alternative.pointing-aid",
    "alternative.automated-task",
    "alternative.pointer-by-keys",
    "alternative.remote-desktop",
    "alternative.kvm",
)

_SCOPE: Final = "pointer"


class Ways(msgspec.Struct, frozen=True):
    """The long ways of one device in one tick: `odd` such as programs make, of `long`."""

    seq: int
    mono_us: int
    odd: int
    long: int


class Device(msgspec.Struct, frozen=True):
    """One device in the last twenty minutes, and what it came to at most."""

    source: int
    injected: Injected
    ways: tuple[Ways, ...] = ()
    share: float = 0.0
    evidence: tuple[int, ...] = ()


class PathsState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        tick_us: the end of the last tick that was seen, None where none was or something was not observed since.
        seen_us: since when everything is seen. long_enough: whether that was ever twenty minutes.
        whole: whether no statistics are missing. long: long ways of the whole session.
        software_hands, other_hands: presses of keys and buttons and steps of the wheel, from automation and from all else.
    """

    sight: Sight
    devices: tuple[Device, ...] = ()
    tick_us: int | None = None
    seen_us: int | None = None
    long_enough: bool = False
    whole: bool = True
    long: int = 0
    software_hands: int = 0
    other_hands: int = 0


class PointerPaths:
    """Ways of the pointer that programs make (family "pointer", class B): it opens nothing by itself."""

    id = "pointer-paths"
    version = 1
    family = "pointer"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,  # noqa: ARG002 - asked under each
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> PathsState:
        """The state before the first record; see `abstain.declared_by`."""
        return PathsState(sight=Sight(_SCOPE, declared=declared_by(said)))

    def step(self, state: PathsState, events: Sequence[Event]) -> PathsState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            blind = state.sight.blind
            sight = watch(state.sight, event)
            if sight is not state.sight:
                state = msgspec.structs.replace(state, sight=sight)
            if event.kind == Kind.STATS:
                state = _ticked(state, event, blind=blind)
            elif isinstance(event.body, Gap) and blinds(event.body, _SCOPE):
                state = _dark(state)
        return state

    def finish(self, state: PathsState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        asked = [one for one in state.devices if one.injected is not Injected.YES or _by_hardware(state)]
        best = max(asked, key=lambda one: one.share, default=Device(0, Injected.UNKNOWN))
        reason = abstention(state.sight, unobserved=POINTER_NOT_OBSERVED) or _reason(state, best)
        return answered(
            self,
            Weight.B,
            best.share,
            SHARE,
            raised=best.share >= SHARE,
            reason=reason,
            evidence=best.evidence,
            alternatives=ALTERNATIVES,
            key="software" if best.share >= SHARE and best.injected is Injected.YES else "",
        )


def _reason(state: PathsState, best: Device) -> str:
    """Why nothing can be said where `best` is the most of the devices that are asked about; or ""."""
    if not state.long_enough:
        return TOO_SHORT
    if state.long < LEAST:
        return FEW_PATHS
    unasked = max((one.share for one in state.devices), default=0.0)
    return MOSTLY_SOFTWARE if best.share < SHARE <= unasked else ""


def _by_hardware(state: PathsState) -> bool:
    """Whether the session's hands are those of hardware: whoever works over a shared mouse or from afar works by software.

    Not where statistics are missing: what they held may have told it.
    """
    return state.whole and state.other_hands > state.software_hands


def _dark(state: PathsState) -> PathsState:
    """Something may have moved unseen, so no window reaches across."""
    if state.seen_us is None:
        return state
    devices = tuple(msgspec.structs.replace(one, ways=()) for one in state.devices)
    return msgspec.structs.replace(state, tick_us=None, seen_us=None, devices=devices)


def _ticked(state: PathsState, event: Event, *, blind: bool) -> PathsState:
    """After the statistics of a tick."""
    body = event.body
    if not isinstance(body, Stats):
        return msgspec.structs.replace(_dark(state), whole=False)
    software_hands, other_hands, long = state.software_hands, state.other_hands, state.long
    for source in body.sources:
        presses = source.text_keys + source.other_keys + source.buttons + source.scrolls
        if source.injected is Injected.YES:
            software_hands += presses
        else:
            other_hands += presses
        long += _long(source)
    state = msgspec.structs.replace(state, software_hands=software_hands, other_hands=other_hands, long=long)
    if blind:
        return _dark(state)
    begin_us = body.mono_us - body.span_ms * 1000
    if state.tick_us is not None and not body.mono_us >= state.tick_us >= begin_us - HOLE_US:
        state = msgspec.structs.replace(_dark(state), whole=False)
    seen_us = begin_us if state.seen_us is None else state.seen_us
    full = body.mono_us - seen_us >= WINDOW_US
    begins = full and (state.tick_us is None or state.tick_us - seen_us < WINDOW_US)
    told = {(one.source, one.injected): one for one in body.sources if _long(one) and one.source <= MOST_DEVICES}
    known = {(one.source, one.injected) for one in state.devices}
    new = tuple(Device(*name) for name in told if name not in known)
    return msgspec.structs.replace(
        state,
        tick_us=body.mono_us,
        seen_us=seen_us,
        long_enough=state.long_enough or full,
        devices=tuple(
            _after(one, event.seq, body.mono_us, told.get((one.source, one.injected)), full=full, begins=begins)
            for one in (*state.devices, *new)
        ),
    )


def _long(source: SourceCount) -> int:
    """Long ways of a device in a tick. Bounds are ways of their own: they have no steps to be told by."""
    return source.paths + source.jumps


def _after(  # noqa: PLR0913 - a tick's place in time, and what it holds
    device: Device, seq: int, mono_us: int, told: SourceCount | None, *, full: bool, begins: bool
) -> Device:
    """`device` after a tick, in which it sent `told`; `full` says that twenty minutes are seen, `begins` that just now."""
    since_us, first = mono_us - WINDOW_US, 0
    while first < len(device.ways) and device.ways[first].mono_us <= since_us:
        first += 1
    if told is None and not first and not begins:
        return device
    added = () if told is None else (Ways(seq, mono_us, min(told.even, told.paths) + told.jumps, _long(told)),)
    ways = (*device.ways[first:], *added)[-MOST_TICKS:]
    odd = sum(one.odd for one in ways)
    share = odd / sum(one.long for one in ways) if full and odd >= LEAST else 0.0
    if share <= device.share:
        return msgspec.structs.replace(device, ways=ways)
    evidence = tuple(one.seq for one in ways if one.odd)
    return msgspec.structs.replace(device, ways=ways, share=share, evidence=spread(evidence))
