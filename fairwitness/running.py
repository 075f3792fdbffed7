# SPDX-License-Identifier: Apache-2.0
"""One session that is being recorded for the tray: recorder, countersigning, and what the detectors ask meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import detectors
from agent.finishing import Stopped
from agent.opening import Opened
from agent.recorder import SessionRecorder
from detectors.abstain import declared_as
from detectors.catalogue.listed import Listed
from fairwitness.recording import Bench, Watched
from fairwitness.wiring import desktop_sensors
from session import EnvironmentFault, InputFault
from session.assistance import Assistance
from session.events import Ack, Declare, Event, Payload, Task
from session.findings import Finding, State
from session.policy import Policy
from session.ports import RecorderState, RecorderStatus
from uploader.uplink import Uplink

JOIN_S: Final = 30.0
"""How long a slow disk may take to close a session before we say that it does not."""
_DECLARE: Final = ".declare"
KEPT_HERE: Final = (
    "tool: A tool that helps you work with your computer is not written into the record. You can say once, under Assistive "
    "tools, that you work with one: it stays on this computer."
)


class Interim:
    """The detectors' answers so far, for the trainer alone: the same fold as at the end, a minute at a time."""

    def __init__(self, policy: Policy, past: Sequence[Event], declared: Assistance, listed: Listed | None) -> None:
        self._states: list[tuple[detectors.Detector, Any]] = [
            (one, one.step(one.start(policy, declared, listed), past)) for one in detectors.ALL
        ]

    def __call__(self, events: Sequence[Event]) -> Sequence[Finding]:
        """The findings over all that was seen, `events` being what is new."""
        self._states = [(one, one.step(state, events)) for one, state in self._states]
        return [one.finish(state) for one, state in self._states]


class Running:
    """One session from its first record to its stop.

    Args:
        bench: what it is made with. opened: its first two records.
        uplink: that countersigns, None for a personal session.
        visible: whether the person can see that it runs.
        changed: called from the writer's thread with each change.
    """

    def __init__(
        self,
        bench: Bench,
        opened: Opened,
        uplink: Uplink | None,
        *,
        visible: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._opened, self._uplink, self._changed = opened, uplink, changed
        self._clock = bench.clock
        self._events: list[Event] = [*opened.past]
        self._watched = Watched(opened, bench.witnessed)
        self.began_with = bench.assistance()
        """What was declared on this computer when it began."""
        self.asks: tuple[str, ...] = ()
        """Detectors that ask for a declaration now."""
        listed = bench.catalogue(opened.policy)
        self.recorder = SessionRecorder(
            opened.journal,
            opened.policy,
            bench.clock,
            desktop_sensors(opened.policy, listed),
            past=opened.past,
            detect=Interim(opened.policy, opened.past, self.began_with, listed),
            uplink=self._watched if uplink is not None else None,
            indicator=visible,
        )
        self.recorder.listen(self._recorded)
        self.recorder.listen_interim(self._asked)

    @property
    def session_id(self) -> str:
        """32 hexadecimal digits."""
        return self._watched.session_id

    @property
    def has_lost(self) -> bool:
        """See `Watched.has_lost`; told for good once it has ended."""
        return self._watched.has_lost

    def begin(self, project: str, ack: Ack | None) -> None:
        """Starts to record; the notice that was read and the project are its first own records."""
        if self._uplink is not None:
            self._watched.connect(self._uplink, self.recorder)
            self._uplink.ask_supplies()  # a grant was used, or is missing; either way the shelf wants another
        self.recorder.start()
        if ack is not None:
            self.recorder.enter(ack)
        if project:
            reading = self._clock.read()
            self.recorder.enter(Task(reading.t_us, reading.mono_us, project))

    def enter(self, body: Payload) -> None:
        """Adds a record of the person's own. Raises `InputFault`."""
        self.recorder.enter(body)

    def declare(self, tool: str, purpose: str) -> None:
        """Records that a tool was used, and asks no more for it. Raises `InputFault`, where a record is no place for it."""
        if declared_as(tool):
            raise InputFault(KEPT_HERE)
        reading = self._clock.read()
        self.enter(Declare(reading.t_us, reading.mono_us, tool.strip(), purpose.strip()))
        self.asks = ()

    def status(self) -> RecorderStatus:
        """What the recorder said last."""
        return self.recorder.status()

    def end(self, within_s: float) -> tuple[Stopped, list[tuple[int, str]]]:
        """After `recorder.stop()`: waits for the writer and for the platform's last word; then the journal is the caller's.

        Raises:
            EnvironmentFault: the session cannot be closed; what was saved is found by the next start.
        """
        if not self.recorder.join(JOIN_S):
            self.recorder.stop()  # asked twice: no more waiting for a disk that takes nothing
            if not self.recorder.join(JOIN_S / 3):
                raise EnvironmentFault(f"The session could not be closed: {self.status().message} What was saved is safe.")
        if self.status().state is RecorderState.PROBLEM:
            raise EnvironmentFault(self.status().message)
        late: list[tuple[int, str]] = []
        if self._uplink is not None:
            late = self._watched.last_cosignatures(self._uplink, self.recorder, within_s)
        return Stopped(self._opened.journal, self._events, self._opened.policy), late

    def _recorded(self, _status: RecorderStatus, events: Sequence[Event]) -> None:
        self._events.extend(event for event in events if event.seq >= len(self._events))
        self._changed()

    def _asked(self, found: Sequence[Finding]) -> None:
        self.asks = tuple(one.detector for one in found if one.state is State.RAISED and one.explanation.endswith(_DECLARE))
        self._changed()
