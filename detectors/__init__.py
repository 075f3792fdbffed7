# SPDX-License-Identifier: Apache-2.0
"""Detectors: pure functions, events in, findings out.

Rules:

1. No clock, no files, no randomness, no network; the whole is the fold of its chunks, however they are cut.
2. `step` sees the records of a session in order of `seq`, live or from a sealed session, the same values.
3. A detector that cannot know abstains (`State.NOT_EVALUATED`); abstention is an answer like the others.
4. A threshold has a `Source:`; its measured false-positive rate is in the card docs/detectors/<id>.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from detectors.ai_tool import AiTool
from detectors.catalogue.listed import Listed
from detectors.injected import InjectedInput
from detectors.large_paste import LargePaste
from detectors.local_model import LocalModel
from detectors.new_hardware import NewHardware
from detectors.overlay_window import OverlayWindow
from detectors.paste_chain import PasteChain
from detectors.pointer_alone import PointerAlone
from detectors.pointer_paths import PointerPaths
from detectors.regular import RegularTyping
from detectors.still_screen import StillScreen
from detectors.unpaused import UnpausedTyping
from session.assistance import NOTHING_SAID, Assistance
from session.events import Event
from session.findings import Finding
from session.policy import Policy


class Detector(Protocol):
    """One question asked of a session. States are immutable values; `Any` because each detector has its own."""

    @property
    def id(self) -> str:
        """Name in records and of its card: docs/detectors/<id>.md."""
        ...

    @property
    def family(self) -> str:
        """Detectors of one family never confirm each other."""
        ...

    def start(self, policy: Policy, said: Assistance = NOTHING_SAID, listed: Listed | None = None) -> Any:  # noqa: ANN401 - each one's own frozen state
        """The state before the first record, where the person `said` this beforehand.

        `listed`: the catalogue of AI tools that is at hand where the policy names one; any other counts as none.
        """
        ...

    def step(self, state: Any, events: Sequence[Event]) -> Any:  # noqa: ANN401 - as above
        """`state` after `events`; the same state however a session is cut. Total: no record makes it raise."""
        ...

    def finish(self, state: Any) -> Finding:  # noqa: ANN401 - as above
        """The finding so far; `state` stays usable, for interim results."""
        ...


ALL: tuple[Detector, ...] = (
    InjectedInput(),
    RegularTyping(),
    UnpausedTyping(),
    PointerAlone(),
    PointerPaths(),
    AiTool(),
    PasteChain(),
    LargePaste(),
    StillScreen(),
    NewHardware(),
    OverlayWindow(),
    LocalModel(),
)
"""Every detector of this version, in the order in which people read them."""


def run(
    detectors: Iterable[Detector],
    policy: Policy,
    events: Sequence[Event],
    said: Assistance = NOTHING_SAID,
    listed: Listed | None = None,
) -> tuple[Finding, ...]:
    """Findings of all `detectors` over a whole session; `said` and `listed` as in `Detector.start`."""
    return tuple(d.finish(d.step(d.start(policy, said, listed), events)) for d in detectors)
