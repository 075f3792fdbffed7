# SPDX-License-Identifier: Apache-2.0
"""Starts recorder processes (`recorder_killed`), kills them, and reads what they left."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agent.finishing import is_sealed
from agent.keys.file_store import FileKeyStore
from session import IntegrityFault
from session.crypto.hpke import ReadingKey
from session.events import Checkpoint, Event, FocusChange, Gap, Kind, Moment, Payload, Raw, Reason, Stats
from session.frames import FrameFault, read_segment
from session.reader import FolderReader, content_keys_for_trainer
from session.segments import public_body, segment_paths

if TYPE_CHECKING:
    from recorder_killed import Orders

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """A process that has all imported and forks recorders from itself. One at a time is alive in these tests."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "helpers")))}
        with errors.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests" / "helpers" / "recorder_killed.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment,
                cwd=ROOT,
            )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, name="nursery-reader", daemon=True)
        self._reader.start()

    def start(self, orders: Orders) -> int:
        """A new recorder; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(orders) + b"\n")
        self._process.stdin.flush()
        word, pid = self._line().split()
        assert word == "started"
        return int(pid)

    def wait(self, pid: int) -> int:
        """Its exit status, negative for a signal."""
        word, ended, status = self._line().split()
        assert (word, int(ended)) == ("ended", pid)
        return int(status)

    def kill(self, pid: int) -> int:
        """SIGKILL, and the status: -9, or what it ended with by itself just before."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.wait(pid)

    def run(self, orders: Orders) -> None:
        """A recorder that must end well."""
        status = self.wait(self.start(orders))
        assert status == 0, self._errors.read_text()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0, self._errors.read_text()
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.decode())

    def _line(self) -> str:
        return self._lines.get(timeout=60)


class Emitted(msgspec.Struct, frozen=True):
    """One line of a process's log: what a sensor emitted, or (`shown`) which tick was told as durable."""

    sensor: str
    number: int
    mono_us: int
    pid: int


class Left(msgspec.Struct, frozen=True):
    """What a killed process left of its session, read without any key."""

    folder: Path
    began: bool
    stopped: bool
    sealed: bool


def emitted(log: Path) -> list[Emitted]:
    """All whole lines; a kill may tear the last."""
    if not log.exists():
        return []
    lines = [line.split() for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return [Emitted(name, int(number), int(mono_us), int(pid)) for name, number, mono_us, pid in lines]


def what_is_left(home: Path) -> Left | None:
    """The one session in the spool, or None."""
    spool = home / "spool"
    folders = [path for path in spool.iterdir() if path.name != ".damaged"] if spool.exists() else []
    assert len(folders) <= 1
    if not folders:
        return None
    bodies = public_bodies(folders[0])
    stopped = any(isinstance(body, Checkpoint) and body.moment is Moment.STOP for body in bodies)
    return Left(folders[0], began=len(bodies) >= 2, stopped=stopped, sealed=is_sealed(folders[0]))


def public_bodies(folder: Path) -> list[Payload | None]:
    """What is public of every whole record."""
    bodies: list[Payload | None] = []
    for path in segment_paths(folder):
        try:
            bodies += [public_body(frame) for frame, _ in read_segment(path.read_bytes())]
        except (FrameFault, IntegrityFault):
            break
    return bodies


def read_as_trainer(home: Path, folder: Path) -> list[Event]:
    """All records, with what the trainer can open: by START's wraps, since the session's own keys are gone."""
    store = FileKeyStore(home / "keys")
    (name,) = [name for name in store.names("person/") if name.endswith("/reading")]
    seed = store.get(name)
    assert seed is not None
    keys = content_keys_for_trainer(folder, ReadingKey.from_seed(seed))
    return list(FolderReader(folder, keys).events())


class Held(msgspec.Struct, frozen=True):
    """What a record holds of the load: names of windows, milliseconds of keys, monotonic times of ticks, and the crashes."""

    windows: set[str]
    keys_ms: list[int]
    ticks_us: list[int]
    crashes: list[Gap]


def held(events: list[Event]) -> Held:
    """What the record tells of the load."""
    windows: set[str] = set()
    keys_ms: list[int] = []
    ticks_us: list[int] = []
    crashes: list[Gap] = []
    for event in events:
        body = event.body
        if event.kind == Kind.FOCUS and body is not None:
            changes: tuple[FocusChange, ...] = body.changes  # type: ignore[attr-defined] # FOCUS
            windows |= {change.app for change in changes}
        elif isinstance(body, Raw):
            keys_ms += [(body.mono_us + one.at_ms * 1000) // 1000 for one in body.keys]
        elif isinstance(body, Stats):
            ticks_us.append(body.mono_us)
        elif isinstance(body, Gap) and body.reason is Reason.CRASH:
            crashes.append(body)
    return Held(windows, sorted(keys_ms), ticks_us, crashes)


def sleep_until(moment_s: float) -> None:
    """Waits for a moment of the monotonic clock: what is under test is a process that runs in real time."""
    while (left := moment_s - time.monotonic()) > 0:
        time.sleep(left)
