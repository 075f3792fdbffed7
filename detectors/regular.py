# SPDX-License-Identifier: Apache-2.0
"""Whether five minutes of typing were more even than hands type. Card: docs/detectors/regular-typing.md.

Hands wait: at a word's beginning, at a hard letter. Of anybody's intervals below a second some are longer than twice the
middle one, however fast they type or copy. A program that draws each interval from a narrow range has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from detectors.abstain import COARSE_CLOCK, SLOW_TYPING
from detectors.answer import answered
from detectors.cadence import FAMILY, fold
from detectors.catalogue.listed import Listed
from detectors.typing_window import LENGTHS, TypingWindow, above, evidence, median_ms, why_not, window_of
from session.assistance import NOTHING_SAID, Assistance
from session.events import Event
from session.findings import Finding, Weight
from session.policy import Policy

TICKS: Final = LENGTHS[0]
"""Of a window. Source: docs/detectors/regular-typing.md, Statistic."""
EVEN_SHARE: Final = 0.978
"""Intervals within twice the middle one. Source: docs/detectors/regular-typing.md, Threshold."""
SLOWEST_MS: Final = 300
"""Middle interval of typing that can be judged: twice it lies well below the second. Source: as above."""
COARSE_SIDE: Final = 0.1
"""Share of intervals on each side of an empty bin that only a coarse clock leaves. Source: as above."""
SUB_SECOND: Final = range(1, 14)
"""Bins of STATS' `iki` from 15 ms to 1 s. Source: session/events.py, IKI_EDGES_MS."""
COARSE_BINS: Final = range(4, 12)
"""Bins of 70 to 420 ms, where a hand leaves none empty between others. Source: as above."""


ALTERNATIVES: Final = (
    "alternative.expander",
    "alternative.steno",
    "alternative.macro-keyboard",
    "alternative.held-key",
    "alternative.remote-desktop",
)


class RegularState(msgspec.Struct, frozen=True):
    """What a session came to so far: `share` 0 while no window was judged; `slow`, `coarse`: whether one was left out so."""

    window: TypingWindow = TypingWindow()
    judged: bool = False
    slow: bool = False
    coarse: bool = False
    share: float = 0.0
    evidence: tuple[int, ...] = ()


class RegularTyping:
    """Machine-regular typing (class B, family "cadence"): share of sub-second intervals within twice their median."""

    id = "regular-typing"
    version = 1
    family = FAMILY
    calibration = "klicke-3032-1"

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
            reason = SLOW_TYPING if state.slow else COARSE_CLOCK
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
    intervals = state.window.intervals(TICKS)
    if not intervals:
        return state
    total = sum(intervals[SUB_SECOND.start : SUB_SECOND.stop])
    middle_ms = median_ms(intervals, SUB_SECOND) if total else float(SLOWEST_MS + 1)
    if middle_ms > SLOWEST_MS:
        return state if state.slow else msgspec.structs.replace(state, slow=True)
    if _coarse(intervals, total):
        return state if state.coarse else msgspec.structs.replace(state, coarse=True)
    share = round(1 - above(intervals, SUB_SECOND, 2 * middle_ms) / total, 4)
    if state.judged and share <= state.share:
        return state
    return msgspec.structs.replace(state, judged=True, share=share, evidence=evidence(state.window, TICKS))


def _coarse(intervals: Sequence[int], total: int) -> bool:
    """Whether a bin stands empty among well-filled ones, as where a clock counts in steps of 50 ms or more."""
    below = sum(intervals[SUB_SECOND.start : COARSE_BINS.start])
    for at in COARSE_BINS:
        if not intervals[at] and COARSE_SIDE * total <= below <= (1 - COARSE_SIDE) * total:
            return True
        below += intervals[at]
    return False
