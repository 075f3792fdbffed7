# SPDX-License-Identifier: Apache-2.0
"""Whether text arrived from software while the keyboard itself was silent. Card: docs/detectors/injected-input.md.

The one window that is asked about: text keys mostly from an injecting device, many of them, and no press at all from
hardware. Everything else is `clear` or `not evaluated`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import REMAPPER, TOO_LITTLE, UNKNOWN_SOURCE, Sight, abstention, watch
from detectors.features import KeyTick, key_tick
from session.events import TICK_US, Event, Kind
from session.findings import Finding, State, Weight
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
MOST_EVIDENCE: Final = 64
"""Seqs in a finding. Source: docs/session-format.md, FINDING."""

ALTERNATIVES: Final = (
    "alternative.dictation",
    "alternative.expander",
    "alternative.remapper",
    "alternative.steno",
    "alternative.screen-keyboard",
    "alternative.remote-desktop",
    "alternative.kvm",
)

_WINDOW_US: Final = WINDOW_TICKS * TICK_US


class InjectedState(msgspec.Struct, frozen=True):
    """What a session came to so far: `best_share` 0 while no window has met the counts.

    `filled` tells whether any window has been two minutes long; only a session without one is judged by less.
    """

    sight: Sight
    window: tuple[KeyTick, ...] = ()
    filled: bool = False
    text: int = 0
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

    def start(self, policy: Policy) -> InjectedState:  # noqa: ARG002 - the question is the same under every policy
        """The state before the first record."""
        return InjectedState(sight=Sight(scope="keyboard"))

    def step(self, state: InjectedState, events: Sequence[Event]) -> InjectedState:
        """`state` after `events`, in order of seq. Cutting a session anywhere gives the same state."""
        for event in events:
            sight = watch(state.sight, event)
            if event.kind == Kind.STATS:
                state = self._tick(state, key_tick(event), blind=state.sight.blind)
            if sight is not state.sight:
                state = msgspec.structs.replace(state, sight=sight)
        return state

    def finish(self, state: InjectedState) -> Finding:
        """The finding. An abstention carries neither number nor evidence, so that none tells its reason."""
        reason = abstention(state.sight) or self._abstention(state)
        if reason:
            return self._finding(State.NOT_EVALUATED, reason=reason)
        if not state.filled:
            state = _judged(state)
        if state.best_share >= SHARE:
            return self._finding(State.RAISED, state.best_share, state.evidence)
        return self._finding(State.CLEAR, state.best_share)

    def _tick(self, state: InjectedState, tick: KeyTick | None, *, blind: bool) -> InjectedState:
        if tick is None or blind:
            # Silence of the keyboard is not known here, so no window reaches across.
            return state if not state.window else msgspec.structs.replace(state, window=())
        since_us = tick.mono_us - _WINDOW_US
        # A tick from the future of this one belongs to an earlier boot: the monotonic clock began anew.
        kept = tuple(t for t in state.window if since_us < t.mono_us <= tick.mono_us)
        window = (*kept[-WINDOW_TICKS + 1 :], tick)
        full = len(window) == WINDOW_TICKS or len(kept) < len(state.window)
        beside = tick.physical_text if tick.injected_text else 0
        after = InjectedState(
            sight=state.sight,
            window=window,
            filled=state.filled or full,
            text=state.text + tick.text,
            unknown=state.unknown + tick.unknown_text,
            injected=state.injected + tick.injected_text,
            physical_beside=state.physical_beside + beside,
            paired=state.paired + min(tick.injected_text, beside),
            best_share=state.best_share,
            best_keys=state.best_keys,
            evidence=state.evidence,
        )
        return _judged(after) if full else after

    def _abstention(self, state: InjectedState) -> str:
        if state.text < LEAST_KEYS:
            return TOO_LITTLE
        if state.unknown > UNKNOWN_SHARE * state.text:
            return UNKNOWN_SOURCE
        if state.paired and state.paired >= REMAP_SHARE * max(state.injected, state.physical_beside):
            return REMAPPER
        return ""

    def _finding(
        self, answer: State, statistic: float = 0.0, evidence: tuple[int, ...] = (), *, reason: str = ""
    ) -> Finding:
        return Finding(
            detector=self.id,
            version=self.version,
            state=answer,
            weight=Weight.A,
            statistic=statistic,
            threshold=SHARE,
            calibration=self.calibration,
            evidence=evidence,
            explanation=f"finding.{self.id}.{answer.value.replace(' ', '-')}",
            alternatives=ALTERNATIVES if answer is State.RAISED else (),
            family=self.family,
            reason=reason,
        )


def _judged(state: InjectedState) -> InjectedState:
    """`state` with its window as the best, where it is."""
    share, keys = _share(state.window)
    if (share, keys) <= (state.best_share, state.best_keys):
        return state
    evidence = tuple(t.seq for t in state.window)[:MOST_EVIDENCE]
    return msgspec.structs.replace(state, best_share=share, best_keys=keys, evidence=evidence)


def _share(window: tuple[KeyTick, ...]) -> tuple[float, int]:
    """Share of injected text keys, and their count; (0, 0) for a window that is not asked about."""
    injected = sum(t.injected_text for t in window)
    if injected < LEAST_KEYS or any(t.physical_presses for t in window):
        return 0.0, 0
    return injected / sum(t.text for t in window), injected
