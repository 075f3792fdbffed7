# SPDX-License-Identifier: Apache-2.0
"""What the questions on cadence have in common: one family, class B, and a fold over the windows of typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import msgspec

from detectors.typing_window import TypingWindow, slide
from session.events import Event
from session.findings import Finding, State, Weight

FAMILY: Final = "cadence"


class Windowed(Protocol):
    """A state that holds a window of typing."""

    @property
    def window(self) -> TypingWindow:
        """The last ticks with typing."""
        ...


_S = TypeVar("_S", bound=Windowed)


def fold(state: _S, events: Sequence[Event], judged: Callable[[_S], _S]) -> _S:
    """`state` after `events`; `judged` looks at its windows whenever typing came into them."""
    for event in events:
        window, typed = slide(state.window, event)
        if window is not state.window:
            state = msgspec.structs.replace(state, window=window)  # type: ignore[type-var] # a Struct that holds one
        if typed:
            state = judged(state)
    return state


class Asking(Protocol):
    """What a detector says of itself."""

    id: str
    version: int
    calibration: str


def answer(  # noqa: PLR0913 - what a finding has
    asking: Asking,
    statistic: float,
    threshold: float,
    *,
    evidence: tuple[int, ...],
    alternatives: tuple[str, ...],
    reason: str,
) -> Finding:
    """The finding: not evaluated where there is a `reason`, then without number and evidence; else by the threshold."""
    state = State.NOT_EVALUATED if reason else State.RAISED if statistic >= threshold else State.CLEAR
    raised = state is State.RAISED
    return Finding(
        detector=asking.id,
        version=asking.version,
        state=state,
        weight=Weight.B,
        statistic=0.0 if reason else statistic,
        threshold=threshold,
        calibration=asking.calibration,
        evidence=evidence if raised else (),
        explanation=f"finding.{asking.id}.{state.value.replace(' ', '-')}",
        alternatives=alternatives if raised else (),
        family=FAMILY,
        reason=reason,
    )
