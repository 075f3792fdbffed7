# SPDX-License-Identifier: Apache-2.0
"""Whether text arrived from software while the keyboard itself was silent. Card: docs/detectors/injected-input.md.

The one window that is asked about: text keys mostly from an injecting device, many of them, and no press at all from
hardware. Everything else is `clear` or `not evaluated`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import REMAPPER, TOO_LITTLE, UNKNOWN_SOURCE, WITHHELD, Sight, abstention, declared_by, watch
from detectors.answer import answered
from detectors.catalogue.listed import Listed
from detectors.features import KeyTick, key_tick
from detectors.front import blinds
from session.assistance import NOTHING_SAID, Assistance
from session.events import TICK_US, Event, Gap, Kind
from session.findings import Finding, Weight
from session.policy import Policy

WINDOW_TICKS: Final = 24
"""Two minutes of ticks. Source: docs/detectors/injected-input.md, Statistic."""
SHARE: Final = 0.9
"""Least share of injected text keys in the window. Source: as above."""
LEAST_KEYS: Final = 150
"""Least injected text keys in the window, and least text keys in a session to be evaluated. Source: as above."""
REMAP_SHARE: Final = 0.8
"""Share of injected keys that a physical key of the same tick must answer, both ways, to be a remapper. Source: as above."""
UNKNOWN_SHARE: Final = 0.5
"""Share of text keys of unknown source above which nothing is said. Source: as above."""
MOST_TICK_KEYS: Final = 75
"""Text keys of one kind of source that a tick counts for at most in the two shares above, and that a removed tick is taken
to have held. Source: docs/detectors/injected-input.md, When it is not evaluated.
"""

ALTERNATIVES: Final = (
    "alternative.dictation",
    "alternative.expander",
    "alternative.remapper",
    "alternative.steno",
    "alternative.screen-keyboard",
    "alternative.remote-desktop",
    "alternative.kvm",
)

_SCOPE: Final = "keyboard"
_WINDOW_US: Final = WINDOW_TICKS * TICK_US


class InjectedState(msgspec.Struct, frozen=True):
    """What a session came to so far: `best_share` 0 while no window has met the counts.

    `whole` while the session is one window, shorter than two minutes and unbroken; only such a one is judged by less. All
    from `unknown` to `paired` are text keys, at most `MOST_TICK_KEYS` of a tick; `known` those from hardware or software.
    """

    sight: Sight
    window: tuple[KeyTick, ...] = ()
    whole: bool = True
    text: int = 0
    known: int = 0
    unknown: int = 0
    injected: int = 0
    physical_beside: int = 0
    paired: int = 0
    best_share: float = 0.0
    best_keys: int = 0
    evidence: tuple[int, ...] = ()


class InjectedInput:
    """Injected-input share (class A, family "input-source"); raised exactly when the statistic reaches the threshold."""

    id = "injected-input"
    version = 1
    family = "input-source"
    calibration = "unmeasured-1"

    def start(
        self,
        policy: Policy,  # noqa: ARG002 - asked under each
        said: Assistance = NOTHING_SAID,
        listed: Listed | None = None,  # noqa: ARG002 - asks about no tool
    ) -> InjectedState:
        """The state before the first record; see `abstain.declared_by`."""
        return InjectedState(sight=Sight(scope=_SCOPE, declared=declared_by(said)))

    def step(self, state: InjectedState, events: Sequence[Event]) -> InjectedState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            sight = watch(state.sight, event)
            if event.kind == Kind.STATS:
                state = self._tick(state, key_tick(event), blind=state.sight.blind)
            elif isinstance(event.body, Gap) and state.sight.ticks and blinds(event.body, _SCOPE):
                state = _broken(state)
            if sight is not state.sight:
                state = msgspec.structs.replace(state, sight=sight)
        return state

    def finish(self, state: InjectedState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = abstention(state.sight) or _reason(state)
        if not reason and state.whole:
            state = _judged(state)
        raised = state.best_share >= SHARE
        if not reason and raised and _reason(state, removed_ticks=state.sight.missing):
            reason = WITHHELD
        return answered(
            self,
            Weight.A,
            state.best_share,
            SHARE,
            raised=raised,
            reason=reason,
            evidence=state.evidence,
            alternatives=ALTERNATIVES,
        )

    def _tick(self, state: InjectedState, tick: KeyTick | None, *, blind: bool) -> InjectedState:
        if tick is None:
            return _broken(state)
        state = _counted(state, tick)
        if blind:
            return _broken(state)
        since_us = tick.mono_us - _WINDOW_US
        # A tick from the future of this one belongs to an earlier boot: the monotonic clock began anew.
        kept = tuple(t for t in state.window if since_us < t.mono_us <= tick.mono_us)
        window = (*kept[-WINDOW_TICKS + 1 :], tick)
        full = len(window) == WINDOW_TICKS or len(kept) < len(state.window)
        after = msgspec.structs.replace(state, window=window, whole=state.whole and not full)
        return _judged(after) if full else after


def _broken(state: InjectedState) -> InjectedState:
    """`state` where silence of the keyboard is not known: no window reaches across."""
    return msgspec.structs.replace(state, window=(), whole=False)


def _counted(state: InjectedState, tick: KeyTick) -> InjectedState:
    """`state` with the keystrokes of a tick, whether the keyboard was observed for all of it or not."""
    if not tick.text:
        return state
    injected, physical = min(tick.injected_text, MOST_TICK_KEYS), min(tick.physical_text, MOST_TICK_KEYS)
    beside = physical if injected else 0
    return msgspec.structs.replace(
        state,
        text=state.text + tick.text,
        known=state.known + injected + physical,
        unknown=state.unknown + min(tick.unknown_text, MOST_TICK_KEYS),
        injected=state.injected + injected,
        physical_beside=state.physical_beside + beside,
        paired=state.paired + min(injected, beside),
    )


def _reason(state: InjectedState, *, removed_ticks: int = 0) -> str:
    """Why its keystrokes let nothing be said, where each removed tick held what would let the least be said; or ""."""
    removed = removed_ticks * MOST_TICK_KEYS
    if state.text < LEAST_KEYS:
        return TOO_LITTLE
    unknown = state.unknown + removed
    if unknown > UNKNOWN_SHARE * (unknown + state.known):
        return UNKNOWN_SOURCE
    paired = state.paired + removed
    if paired and paired >= REMAP_SHARE * (max(state.injected, state.physical_beside) + removed):
        return REMAPPER
    return ""


def _judged(state: InjectedState) -> InjectedState:
    """`state` with its window as the best, where it is."""
    share, keys = _share(state.window)
    if (share, keys) <= (state.best_share, state.best_keys):
        return state
    evidence = tuple(t.seq for t in state.window)  # WINDOW_TICKS at most, fewer than a finding holds
    return msgspec.structs.replace(state, best_share=share, best_keys=keys, evidence=evidence)


def _share(window: tuple[KeyTick, ...]) -> tuple[float, int]:
    """Share of injected text keys, and their count; (0, 0) for a window that is not asked about."""
    injected = sum(t.injected_text for t in window)
    if injected < LEAST_KEYS or any(t.physical_presses for t in window):
        return 0.0, 0
    return injected / sum(t.text for t in window), injected
