# SPDX-License-Identifier: Apache-2.0
"""Whether text was typed while no screenshot showed anything of it. Card: docs/detectors/still-screen.md.

Whoever types into what is recorded sees it there: a letter, a caret that moves, dots for a password. A screen that stays the
same to the pixel says that the text went somewhere else, and nothing of where or why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import (
    CAPTURES_OFF,
    CAPTURES_REMOVED,
    FEW_PICTURES,
    ONE_SCREEN,
    Sight,
    abstention,
    declared_by,
    watch,
)
from detectors.answer import MOST_EVIDENCE, answered
from detectors.catalogue.listed import Listed
from detectors.front import blinds
from session.assistance import NOTHING_SAID, Assistance
from session.events import Capture, Disclosure, Event, Gap, Injected, Kind, Stats
from session.findings import Finding, Weight
from session.policy import Policy

LEAST_PICTURES: Final = 5
"""Least screenshots of each monitor taken amid typing and equal to the one before. Source: docs/detectors/still-screen.md,
Threshold.
"""
LEAST_US: Final = 600_000_000
"""Ten minutes: least time over which nothing changed. Source: as above."""
LEAST_KEYS: Final = 300
"""Least text keys in that time. Source: as above."""
TICK_KEYS: Final = 10
"""Least text keys of a tick in which somebody types. Source: docs/detectors/still-screen.md, Statistic."""
HOLE_US: Final = 1_000_000
"""Between two ticks in a row there is less than this. Source: agent/tally.py: a tick begins where the last one ended."""
MOST_TICKS: Final = 8
"""Ticks remembered until a screenshot of theirs is told. Source: agent/capture/sensor.py, ANSWER_S: 30 s."""
MOST_WAITING: Final = 64
"""Screenshots that wait for the tick in which they were taken; one of each monitor falls due at a time."""
MOST_SCREENS: Final = 32
"""Monitors beyond which nothing is said. Source: more than a desk has."""

ALTERNATIVES: Final = (
    "alternative.other-computer",
    "alternative.unseen-screen",
    "alternative.frozen-window",
    "alternative.no-echo",
    "alternative.same-picture",
)

_KEYBOARD, _CAPTURE = "keyboard", "capture"


class Tick(msgspec.Struct, frozen=True):
    """Five seconds of typing, on the monotonic clock: text keys of hardware or of unknown source."""

    begin_us: int
    until_us: int
    keys: int


class Picture(msgspec.Struct, frozen=True):
    """A screenshot. `root` is the seq of the first of those that equal it, 0 where something is painted over."""

    seq: int
    mono_us: int
    monitor: int
    root: int


class Screen(msgspec.Struct, frozen=True):
    """What a monitor showed last.

    Args:
        root: as in `Picture`, 0 while it is not known. last_us: when it was seen to be so.
        amid: screenshots since the stretch began that were taken amid typing.
    """

    monitor: int
    root: int = 0
    last_us: int = 0
    amid: int = 0


class Best(msgspec.Struct, frozen=True):
    """The stretch with the most screenshots amid typing, of those that are long enough; 0 while none was."""

    pictures: int = 0
    evidence: tuple[int, ...] = ()


class StillState(msgspec.Struct, frozen=True):
    """What a session came to so far.

    Args:
        off: the reason to abstain that the policy itself gives.
        screens: every monitor that was ever recorded: one that is not recorded any more ends all that is asked.
        began_us: since when no monitor changed, None while that is not known. keys: text keys in whole ticks since then.
        evidence: screenshots amid typing since then.
        waiting: screenshots of which the tick is not told yet.
        amid: screenshots amid typing, changed or not. removed: whether any is withheld or removed.
    """

    off: str
    sight: Sight
    screens: tuple[Screen, ...] = ()
    began_us: int | None = None
    keys: int = 0
    evidence: tuple[int, ...] = ()
    ticks: tuple[Tick, ...] = ()
    waiting: tuple[Picture, ...] = ()
    amid: int = 0
    removed: bool = False
    best: Best = Best()


class StillScreen:
    """Typing on a screen that stays the same (family "screen"): context, class C."""

    id = "still-screen"
    version = 1
    family = "screen"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> StillState:
        """The state before the first record; see `abstain.declared_by`."""
        off = ONE_SCREEN if policy.captures.monitors == "primary" else ""
        if policy.disclosure_of(Kind.CAPTURE) is Disclosure.OFF:
            off = CAPTURES_OFF
        return StillState(off=off, sight=Sight(_KEYBOARD, declared=declared_by(said)))

    def step(self, state: StillState, events: Sequence[Event]) -> StillState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            if event.kind == Kind.STATS:
                state = _ticked(state, event)
            elif event.kind == Kind.CAPTURE:
                state = _pictured(state, event)
            elif event.kind in (Kind.GAP, Kind.DECLARE):
                state = msgspec.structs.replace(state, sight=watch(state.sight, event))
                if isinstance(event.body, Gap) and blinds(event.body, _KEYBOARD, _CAPTURE):
                    state = _dark(state)
        return state

    def finish(self, state: StillState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = state.off or abstention(state.sight)
        if not reason and state.removed:
            reason = CAPTURES_REMOVED  # the one that is missing may have shown that something changed
        if not reason and state.amid < LEAST_PICTURES:
            reason = FEW_PICTURES
        return answered(
            self,
            Weight.C,
            state.best.pictures,
            LEAST_PICTURES,
            raised=state.best.pictures >= LEAST_PICTURES,
            reason=reason,
            evidence=state.best.evidence,
            alternatives=ALTERNATIVES,
        )


def _dark(state: StillState) -> StillState:
    """Something may have happened unseen, so no stretch reaches across. Which monitors there are stays known."""
    screens = tuple(Screen(one.monitor) for one in state.screens)
    return msgspec.structs.replace(state, screens=screens, began_us=None, keys=0, evidence=(), ticks=(), waiting=())


def _pictured(state: StillState, event: Event) -> StillState:
    """After a screenshot, which waits for the tick in which it was taken: that is told later, or was just before."""
    body = event.body
    if not isinstance(body, Capture):
        return msgspec.structs.replace(_dark(state), removed=True)
    root = 0 if body.masked else body.same_as or event.seq
    screens = state.screens
    if all(one.monitor != body.monitor for one in screens):
        screens = (*screens, Screen(body.monitor))
    waiting = (*state.waiting, Picture(event.seq, body.mono_us, body.monitor, root))
    if len(waiting) > MOST_WAITING or len(screens) > MOST_SCREENS:
        return msgspec.structs.replace(_dark(state), removed=True)
    return msgspec.structs.replace(state, screens=screens, waiting=waiting)


def _ticked(state: StillState, event: Event) -> StillState:
    """After the statistics of a tick, with the screenshots that were taken until its end."""
    body, blind = event.body, state.sight.blind
    state = msgspec.structs.replace(state, sight=watch(state.sight, event))
    if not isinstance(body, Stats):
        return state
    if state.ticks and body.mono_us < state.ticks[-1].until_us:  # the monotonic clock began anew: another boot
        state = _dark(state)
    keys = 0 if blind else sum(one.text_keys for one in body.sources if one.injected is not Injected.YES)
    tick = Tick(begin_us=body.mono_us - body.span_ms * 1000, until_us=body.mono_us, keys=keys)
    within = state.began_us is not None and tick.begin_us >= state.began_us
    state = msgspec.structs.replace(
        state, ticks=(*state.ticks, tick)[-MOST_TICKS:], keys=state.keys + (keys if within else 0)
    )
    if not state.waiting:
        return state
    due = [one for one in state.waiting if one.mono_us <= tick.until_us]
    state = msgspec.structs.replace(state, waiting=tuple(one for one in state.waiting if one not in due))
    for picture in due:
        state = _settled(state, picture)
    return state


def _settled(state: StillState, picture: Picture) -> StillState:
    """`state` with one screenshot more, of which the tick is known."""
    before = next(one for one in state.screens if one.monitor == picture.monitor)
    amid = int(picture.root > 0 and _amid(state.ticks, picture.mono_us))
    changed = picture.root != before.root
    after = Screen(picture.monitor, picture.root, picture.mono_us, 0 if changed else before.amid + amid)
    screens = tuple(after if one is before else one for one in state.screens)
    state = msgspec.structs.replace(state, amid=state.amid + amid)
    if changed:
        screens = tuple(msgspec.structs.replace(one, amid=0) for one in screens)
        began_us = picture.mono_us if picture.root else None
        return msgspec.structs.replace(state, screens=screens, began_us=began_us, keys=0, evidence=())
    evidence = (*state.evidence, picture.seq)[:MOST_EVIDENCE] if amid else state.evidence
    return _judged(msgspec.structs.replace(state, screens=screens, evidence=evidence))


def _amid(ticks: tuple[Tick, ...], mono_us: int) -> bool:
    """Whether somebody typed in the tick of that moment, and in the one before it."""
    for at in range(1, len(ticks)):
        before, tick = ticks[at - 1], ticks[at]
        if tick.begin_us <= mono_us <= tick.until_us:
            joined = abs(tick.begin_us - before.until_us) < HOLE_US
            return joined and min(before.keys, tick.keys) >= TICK_KEYS
    return False


def _judged(state: StillState) -> StillState:
    """`state` with its stretch as the best, where it is: of all monitors, the one that says the least counts."""
    if state.began_us is None or not all(one.root for one in state.screens):
        return state
    length_us = min(one.last_us for one in state.screens) - state.began_us
    pictures = min(one.amid for one in state.screens)
    if pictures <= state.best.pictures or length_us < LEAST_US or state.keys < LEAST_KEYS:
        return state
    return msgspec.structs.replace(state, best=Best(pictures, state.evidence))
