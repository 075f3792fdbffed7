# SPDX-License-Identifier: Apache-2.0
"""What the questions on cadence have in common: one family, and a fold over the windows of typing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import msgspec

from detectors.typing_window import TypingWindow, slide
from session.events import Event

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
