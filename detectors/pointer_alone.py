# SPDX-License-Identifier: Apache-2.0
"""Whether for twenty minutes only the pointer moved, in a way that asks who moved it. Card: docs/detectors/pointer-alone.md.

Reading with a hand on the mouse looks alike for a while, so this asks about idle time and says nothing of work. Three kinds
of movement are told apart; all else is `clear` or `not evaluated`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import (
    FOCUS_OFF,
    FOCUS_WITHHELD,
    POINTER_NOT_OBSERVED,
    TOO_SHORT,
    WINDOW_NOT_OBSERVED,
    Sight,
    abstention,
    declared_by,
    watch,
)
from detectors.answer import answered, spread
from detectors.catalogue.listed import Listed
from detectors.front import SCOPE
from session.assistance import NOTHING_SAID, Assistance
from session.events import Disclosure, Event, Focus, Gap, Injected, Kind, Reason, Stats
from session.findings import Finding, Weight
from session.policy import Policy

WINDOW_US: Final = 1_200_000_000
"""Twenty minutes. Source: docs/detectors/pointer-alone.md, Statistic."""
REST_US: Final = 120_000_000
"""The longest rest of the pointer that a window may hold, its two ends included. Source: as above."""
LEAST_MOVEMENTS: Final = 15
"""Least ticks with movement in a window. Source: as above."""
MOST_MOVEMENTS: Final = 256
"""Ticks with movement that are remembered; twenty minutes have 240. Source: session/events.py, TICK_US."""
SHARE: Final = 0.9
"""Least share of movements that are alike. Source: docs/detectors/pointer-alone.md, Threshold."""
SPREAD_PERCENT: Final = 15
"""How far an interval may lie from the median to be alike. Source: as above."""
SMALL_PX: Final = 30
"""Longest way of a small movement. Source: as above."""
HOLE_US: Final = 1_000_000
"""Between two ticks in a row there is less than this. Source: agent/tally.py: a tick begins where the last one ended."""

ALTERNATIVES: Final = (
    "alternative.reading",
    "alternative.watching",
    "alternative.keeps-awake",
    "alternative.surface",
    "alternative.pointing-aid",
    "alternative.remote-desktop",
    "alternative.kvm",
)

_POINTER, _KEYBOARD = "pointer", "keyboard"
_SCOPES: Final = (_POINTER, _KEYBOARD, SCOPE)
_ONLINE: Final = frozenset((Reason.OFFLINE, Reason.WITNESS))
"""Gaps of the session in which everything is observed, and only the network is missing."""


class Movement(msgspec.Struct, frozen=True):
    """A tick in which the pointer moved.

    Args:
        seq: of its STATS. until_us: its end, monotonic.
        strokes: movements that began in it.
        since_us, ended_us: the ends of the last movement before it and of its own last one, to the millisecond; None where
            that is not known.
        every_us: mean interval between the movements that ended in it, 0 where it is not known.
        small: whether its movements were short, or one without a rest. software: whether automation alone moved it.
        open: whether the tick after it may still tell the end of its last movement.
    """

    seq: int
    until_us: int
    strokes: int
    since_us: int | None
    ended_us: int | None
    every_us: int
    small: bool
    software: bool
    open: bool


class Run(msgspec.Struct, frozen=True):
    """The time since something else than the pointer was last seen, and what moved in its last twenty minutes.

    Args:
        began_us, moved_us: where it begins, and when the pointer last moved in it; a tick's resolution, monotonic.
    """

    began_us: int
    moved_us: int
    movements: tuple[Movement, ...] = ()


class Best(msgspec.Struct, frozen=True):
    """The window with the greatest share of one kind of movement."""

    share: float = 0.0
    evidence: tuple[int, ...] = ()


class PointerState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        focus_us: until when the window in front was told. front: its number, None where it is not known.
        tick_us: the end of the last tick that was seen, None where none was or something was not observed since.
        seen_us: since when everything is seen. long_enough: whether that was ever twenty minutes.
        whole: whether no statistics are missing.
        software_hands, other_hands: presses of keys and buttons and steps of the wheel, from automation and from all else.
        software, even, small: the best windows.
    """

    off: str
    sights: tuple[Sight, Sight, Sight]
    focus_us: int | None = None
    front: int | None = None
    tick_us: int | None = None
    seen_us: int | None = None
    long_enough: bool = False
    whole: bool = True
    software_hands: int = 0
    other_hands: int = 0
    run: Run | None = None
    software: Best = Best()
    even: Best = Best()
    small: Best = Best()


class PointerAlone:
    """Pointer movement and nothing else (family "pointer"): class A by software, B at even intervals, C if small."""

    id = "pointer-alone"
    version = 1
    family = "pointer"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> PointerState:
        """The state before the first record; see `abstain.declared_by`."""
        return PointerState(
            off=FOCUS_OFF if policy.disclosure_of(Kind.FOCUS) is Disclosure.OFF else "",
            sights=(
                Sight(_POINTER, declared=declared_by(said)),  # the first of them says it for all
                Sight(_KEYBOARD),
                Sight(SCOPE, told_by=Kind.FOCUS),
            ),
        )

    def step(self, state: PointerState, events: Sequence[Event]) -> PointerState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            if event.kind == Kind.STATS:
                state = _ticked(state, event)
            elif event.kind == Kind.FOCUS:
                state = _told(state, event)
            elif event.kind in (Kind.GAP, Kind.DECLARE):
                state = _heard(state, event)
        return state

    def finish(self, state: PointerState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = _abstention(state)
        found = [
            (state.software, Weight.A if _by_hardware(state) else Weight.C, "software"),
            (state.even, Weight.B, "raised"),
            (state.small, Weight.C, "small"),
        ]
        reached = [one for one in found if one[0].share >= SHARE]
        best, weight, key = min(reached or found, key=lambda one: one[1])  # of one class, the first
        return answered(
            self,
            weight if reached and not reason else Weight.B,
            best.share if reached else max(best.share for best, _, _ in found),
            SHARE,
            raised=bool(reached),
            reason=reason,
            evidence=best.evidence,
            alternatives=ALTERNATIVES,
            key=key if reached else "",
        )


def _abstention(state: PointerState) -> str:
    pointer, keyboard, window = state.sights
    return (
        state.off
        or abstention(pointer, unobserved=POINTER_NOT_OBSERVED)
        or abstention(keyboard)
        or abstention(window, withheld=FOCUS_WITHHELD, unobserved=WINDOW_NOT_OBSERVED)
        or ("" if state.long_enough else TOO_SHORT)
    )


def _by_hardware(state: PointerState) -> bool:
    """Whether the session's hands are those of hardware: whoever works over a shared mouse or from afar works by software.

    Not where statistics are missing: what they held may have told it.
    """
    return state.whole and (not state.software_hands or state.other_hands > state.software_hands)


def _heard(state: PointerState, event: Event) -> PointerState:
    """After a gap or a declaration."""
    pointer, keyboard, window = (watch(sight, event) for sight in state.sights)
    state = msgspec.structs.replace(state, sights=(pointer, keyboard, window))
    gap = event.body
    if isinstance(gap, Gap) and (gap.scope in _SCOPES or (gap.scope == "session" and gap.reason not in _ONLINE)):
        return _dark(state)
    return state


def _dark(state: PointerState) -> PointerState:
    """Something may have happened unseen, so no window reaches across."""
    return msgspec.structs.replace(state, focus_us=None, front=None, tick_us=None, seen_us=None, run=None)


def _told(state: PointerState, event: Event) -> PointerState:
    """After a record of the window in front; another title of the same window is no change."""
    pointer, keyboard, window = state.sights
    state = msgspec.structs.replace(state, sights=(pointer, keyboard, watch(window, event)))
    body = event.body
    if not isinstance(body, Focus) or body.dropped:
        return _dark(state)
    front, run = state.front, state.run
    for change in body.changes:
        if change.window != front:
            front, run = change.window, None
    return msgspec.structs.replace(state, focus_us=body.mono_us, front=front, run=run)


def _ticked(state: PointerState, event: Event) -> PointerState:
    """After the statistics of a tick."""
    body, (pointer, keyboard, window) = event.body, state.sights
    blind = pointer.blind or keyboard.blind or window.blind
    state = msgspec.structs.replace(state, sights=(watch(pointer, event), watch(keyboard, event), window))
    if not isinstance(body, Stats):
        return msgspec.structs.replace(_dark(state), whole=False)
    software_hands = other_hands = 0
    for source in body.sources:
        presses = source.text_keys + source.other_keys + source.buttons + source.scrolls
        if source.injected is Injected.YES:
            software_hands += presses
        else:
            other_hands += presses
    if software_hands or other_hands:
        state = msgspec.structs.replace(
            state,
            software_hands=state.software_hands + software_hands,
            other_hands=state.other_hands + other_hands,
        )
    begin_us = body.mono_us - body.span_ms * 1000
    if blind or state.focus_us != body.mono_us:  # a tick's records have one time; here the window was not told
        return _dark(state)
    if state.tick_us is not None and not body.mono_us >= state.tick_us >= begin_us - HOLE_US:
        state = msgspec.structs.replace(state, seen_us=None, run=None, whole=False)
    seen_us = begin_us if state.seen_us is None else state.seen_us
    run = state.run
    if software_hands or other_hands or body.repeats or any(body.keys):
        run = Run(began_us=body.mono_us, moved_us=body.mono_us)
    else:
        run = Run(began_us=begin_us, moved_us=begin_us) if run is None else run
        run = _kept(_moved(run, event.seq, body), body.mono_us)
    state = msgspec.structs.replace(
        state,
        tick_us=body.mono_us,
        seen_us=seen_us,
        long_enough=state.long_enough or body.mono_us - seen_us >= WINDOW_US,
        run=run,
    )
    full = body.mono_us - run.began_us >= WINDOW_US and len(run.movements) >= LEAST_MOVEMENTS
    return _judged(state, run.movements) if full else state


def _moved(run: Run, seq: int, tick: Stats) -> Run:
    """`run` with one more tick in which nothing but the pointer was seen."""
    software = hardware = 0
    for source in tick.sources:
        if source.injected is Injected.YES:
            software += source.moves
        else:
            hardware += source.moves
    if not software and not hardware:
        rested_us = tick.mono_us - REST_US
        return run if run.moved_us >= rested_us else Run(began_us=rested_us, moved_us=rested_us)
    last = run.movements[-1] if run.movements else None
    since_us = None if last is None or software else last.ended_us
    ended_us = None if software else tick.mono_us - tick.pointer_idle_ms * 1000
    movement = Movement(
        seq=seq,
        until_us=tick.mono_us,
        strokes=tick.strokes,
        since_us=since_us,
        ended_us=ended_us,
        every_us=_every_us(since_us, ended_us, tick.strokes),
        small=tick.distance_px <= SMALL_PX * tick.strokes if tick.strokes else last is not None,
        software=not hardware,
        open=tick.strokes > 0,
    )
    goes_on = run.moved_us >= tick.mono_us - tick.span_ms * 1000 - HOLE_US
    if last is None or not last.open or tick.strokes or not goes_on or last.software is not movement.software:
        return Run(began_us=run.began_us, moved_us=tick.mono_us, movements=(*run.movements, movement))
    # The end of a movement that began in the tick before.
    joined = msgspec.structs.replace(
        last,
        until_us=tick.mono_us,
        ended_us=ended_us,
        every_us=_every_us(last.since_us, ended_us, last.strokes),
        small=last.small and tick.distance_px <= SMALL_PX,
        open=False,
    )
    return Run(began_us=run.began_us, moved_us=tick.mono_us, movements=(*run.movements[:-1], joined))


def _every_us(since_us: int | None, ended_us: int | None, strokes: int) -> int:
    if since_us is None or ended_us is None or not strokes:
        return 0
    return max(0, ended_us - since_us) // strokes


def _kept(run: Run, until_us: int) -> Run:
    """`run` without what is older than a window that ends at `until_us`."""
    since_us, first, began_us = until_us - WINDOW_US, 0, run.began_us
    movements = run.movements
    while first < len(movements) and movements[first].until_us <= since_us:
        first += 1
    if len(movements) - first > MOST_MOVEMENTS:  # ticks shorter than an agent's: the window begins later
        first = len(movements) - MOST_MOVEMENTS
        began_us = movements[first - 1].until_us
    if not first:
        return run
    return Run(began_us=began_us, moved_us=run.moved_us, movements=movements[first:])


def _judged(state: PointerState, window: tuple[Movement, ...]) -> PointerState:
    """`state` with this window as the best of a kind, where it is."""
    if state.software.share < 1.0 and all(one.software for one in window):
        state = msgspec.structs.replace(state, software=Best(1.0, _evidence(window)))
    if state.even.share < 1.0:
        share = _even(window)
        if share > state.even.share:
            state = msgspec.structs.replace(state, even=Best(share, _evidence(window)))
    if state.small.share < 1.0:
        share = sum([one.small for one in window]) / len(window)
        if share > state.small.share:
            state = msgspec.structs.replace(state, small=Best(share, _evidence(window)))
    return state


def _even(window: tuple[Movement, ...]) -> float:
    """Share of the intervals that lie near their median; one that is not known lies far from it."""
    known = sorted([one.every_us for one in window[1:] if one.every_us])
    if not known:
        return 0.0
    median_us = known[len(known) // 2]
    least_us, most_us = (median_us * (100 + percent) // 100 for percent in (-SPREAD_PERCENT, SPREAD_PERCENT))
    return (bisect_right(known, most_us) - bisect_left(known, least_us)) / (len(window) - 1)


def _evidence(window: tuple[Movement, ...]) -> tuple[int, ...]:
    return spread([one.seq for one in window])
