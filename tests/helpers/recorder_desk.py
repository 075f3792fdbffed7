# SPDX-License-Identifier: Apache-2.0
"""A whole recorder on real files, whose thread moves only when a test says so.

desk = Desk(tmp_path); desk.start()
desk.keyboard.play(keystroke(desk.clock.mono_us)); desk.pass_time(5)
desk.recorder.stop(); desk.turn(); desk.bodies(Kind.STATS)
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, TypeVar

from journal_disks import QuickDisk
from recorder_parts import FakeClock, ScriptedSensor

from agent.finishing import Stopped
from agent.keys.file_store import FileKeyStore
from agent.opening import Terms, open_session, personal_identity
from agent.recorder import SessionRecorder
from session import EnvironmentFault
from session.crypto.hpke import ReadingKey
from session.events import Checkpoint, Gap, Kind, Moment
from session.policy import default_policy_toml
from session.reader import FolderReader
from session.verify import verify_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from session.disk import Disk
    from session.events import Event, Payload
    from session.findings import Finding
    from session.ports import RecorderStatus

B = TypeVar("B")

WITH_PICTURES = default_policy_toml().replace(b'captures = "off"', b'captures = "sent"')


class TurnWaiter:
    """Holds the writer until `turn`; then it does one round and waits again."""

    def __init__(self) -> None:
        self.timeout_s = -1.0
        self._go = threading.Semaphore(0)
        self._idle = threading.Semaphore(0)

    def wait(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._idle.release()
        assert self._go.acquire(timeout=30), "the test forgot this thread"

    def wake(self) -> None:
        """The test decides when."""

    def turn(self, ended: threading.Thread) -> None:
        self._go.release()
        self.settle(ended)

    def settle(self, ended: threading.Thread) -> None:
        """Returns when the writer waits again, or has ended."""
        for _ in range(3000):
            if self._idle.acquire(timeout=0.01) or not ended.is_alive():
                return
        raise AssertionError("the writer neither waits nor ends")


class Notes:
    """An uplink that keeps what it was handed."""

    def __init__(self) -> None:
        self.submitted: list[tuple[bytes, int]] = []

    def submit(self, note: bytes, size: int) -> None:
        self.submitted.append((note, size))


class Desk:
    """A personal session with scripted sensors, everything real but time and the drive's slowness."""

    def __init__(
        self, home: Path, *, policy_toml: bytes = WITH_PICTURES, disk: Disk | None = None, **options: object
    ) -> None:
        self.home = home
        self.spool = home / "spool"
        self.clock = FakeClock()
        self.store = FileKeyStore(home / "keys")
        self.identity = personal_identity(self.store, self.clock.read())
        self.disk = disk or QuickDisk()
        opened = open_session(
            self.spool,
            store=self.store,
            clock=self.clock,
            identity=self.identity,
            terms=Terms(policy_toml),
            agent="fairwitness test",
            disk=self.disk,
        )
        self.journal, self.policy, self.past = opened.journal, opened.policy, opened.past
        self.folder = self.journal.folder
        self.keyboard, self.window, self.camera = (ScriptedSensor(name) for name in ("keyboard", "window", "capture"))
        self.uplink = Notes()
        self.shown: list[RecorderStatus] = []
        self.events: list[Event] = []
        self.interim: list[Sequence[Finding]] = []
        self.waiter = TurnWaiter()
        self.recorder = SessionRecorder(
            self.journal,
            self.policy,
            self.clock,
            (self.keyboard, self.window, self.camera),
            past=self.past,
            uplink=self.uplink,
            waiter=self.waiter,
            **options,  # type: ignore[arg-type] # whatever the test gives
        )
        self.recorder.listen(self._listen)
        self.recorder.listen_interim(self.interim.append)

    @property
    def thread(self) -> threading.Thread:
        return self.recorder._thread

    @property
    def sensors(self) -> tuple[ScriptedSensor, ...]:
        return (self.keyboard, self.window, self.camera)

    @property
    def is_observed(self) -> bool:
        observed = {sensor.emit is not None for sensor in self.sensors}
        assert len(observed) == 1, "some sensors observe and some do not"
        return observed.pop()

    def start(self) -> Desk:
        self.recorder.start()
        self.waiter.settle(self.thread)
        return self

    def turn(self) -> None:
        """The writer looks once at what is due."""
        self.waiter.turn(self.thread)

    def pass_time(self, seconds: float, *, step: float = 5) -> None:
        """Time passes in steps, and the writer looks after each."""
        left = seconds
        while left > 0:
            self.clock.advance(min(step, left))
            left -= step
            self.turn()

    def stop(self) -> None:
        self.recorder.stop()
        self.turn()
        assert self.recorder.join(5)

    def bodies(self, kind: Kind) -> list[Payload]:
        return [event.body for event in self.events if event.kind == kind and event.body is not None]

    def kinds(self) -> list[Kind]:
        return [Kind(event.kind) for event in self.events]

    def gaps(self) -> list[tuple[str, str, str]]:
        gaps = [body for body in self.bodies(Kind.GAP) if isinstance(body, Gap)]
        return [(body.edge.name, body.reason.value, body.scope) for body in gaps]

    def moments(self) -> list[Moment]:
        return [body.moment for body in self.bodies(Kind.CHECKPOINT) if isinstance(body, Checkpoint)]

    def read_back(self) -> list[Event]:
        """What is on disk, opened with the session's keys."""
        return list(FolderReader(self.folder, self.journal.keys.content).events())

    def stopped(self) -> Stopped:
        return Stopped(self.journal, list(self.events), self.policy)

    def reading_key(self) -> ReadingKey:
        seed = self.store.get("person/personal/reading")
        assert seed is not None
        return ReadingKey.from_seed(seed)

    def verify(self) -> object:
        return verify_session(self.folder, reading_key=self.reading_key())

    def _listen(self, status: RecorderStatus, events: Sequence[Event]) -> None:
        assert threading.current_thread() is self.thread
        self.shown.append(status)
        self.events += events


def quiet_end(desk: Desk) -> None:
    """Lets the writer of a test that is over go."""
    if desk.thread.is_alive():
        desk.recorder.stop()
        desk.turn()
        if desk.thread.is_alive():
            desk.recorder.stop()
            desk.turn()
    assert desk.recorder.join(5)
    with contextlib.suppress(EnvironmentFault):  # the disk is full: that was the test
        desk.journal.close()
