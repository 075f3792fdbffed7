# SPDX-License-Identifier: Apache-2.0
"""The recorder under load as a process that a test may kill at any moment, and a nursery that starts such processes quickly.

Run as a program it is the nursery: it has everything imported, reads one JSON line for each process to start, forks it, and
writes `started PID` and, when it has ended, `ended PID STATUS`. A process records with the product's own parts and the
system's clock; only its tick is shorter than the product's (`Orders.tick_s`), so that a kill hits many different moments of
a tick in little time. What it emits it writes down first, in a file that outlives it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path

import msgspec

import detectors
from agent.clock import SystemClock
from agent.finishing import Stopped, conclude, forget_keys_of_sealed, seal_session
from agent.keys.file_store import FileKeyStore
from agent.lifecycle import Reopened, SpoolLock, recover_spool, stop_there
from agent.opening import Opened, Terms, open_session, personal_identity
from agent.recorder import Rhythm, SessionRecorder
from agent.sensor import Ability, Emit, FrontWindow, Keystroke, Picture
from agent.signals import StopSignals
from fairwitness.places import Places
from fairwitness.wiring import enrolled
from session.disk import AppendFile, RealDisk
from session.events import Event, Injected, KeyClass, Kind, Opening, Stats
from session.policy import default_policy_toml, policy_digest
from session.redact import redact
from session.seal import opening_statement
from session.trust.statements import Grant

POLICY = default_policy_toml().replace(b'captures = "off"', b'captures = "sent"')


class Orders(msgspec.Struct):
    """What one process is to do.

    Args:
        home: the agent's folder.
        log: where the sensors write what they emit.
        record_s: how long to record before it stops, redacts and seals by itself; 0: not at all after recovering.
        begin: whether to begin a session where none is to be recovered.
        tick_s: see above.
        die_at: number of the disk's or key store's operation at which the process kills itself; 0 for none.
    """

    home: str
    log: str
    record_s: float
    begin: bool
    tick_s: float = 0.1
    die_at: int = 0


class _Doom:
    """Kills this process, for good and without a word, at the n-th call."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class _DoomedFile:
    def __init__(self, file: AppendFile, doom: _Doom) -> None:
        self._file, self._doom = file, doom

    def write(self, octets: bytes) -> None:
        self._doom.step()
        half = len(octets) // 2
        self._file.write(octets[:half])
        self._doom.step()
        self._file.write(octets[half:])

    def sync(self) -> None:
        self._doom.step()
        self._file.sync()

    def truncate(self, size_bytes: int) -> None:
        self._doom.step()
        self._file.truncate(size_bytes)

    def close(self) -> None:
        self._file.close()


class _DoomedDisk(RealDisk):
    def __init__(self, doom: _Doom) -> None:
        self._doom = doom

    def make_folder(self, folder: Path) -> None:
        self._doom.step()
        super().make_folder(folder)

    def create(self, path: Path) -> AppendFile:
        self._doom.step()
        return _DoomedFile(super().create(path), self._doom)

    def append(self, path: Path) -> AppendFile:
        return _DoomedFile(super().append(path), self._doom)

    def rename(self, source: Path, target: Path) -> None:
        self._doom.step()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self._doom.step()
        super().unlink(path)

    def fsync_dir(self, folder: Path) -> None:
        self._doom.step()
        super().fsync_dir(folder)


class _DoomedStore(FileKeyStore):
    def __init__(self, folder: Path, doom: _Doom) -> None:
        super().__init__(folder)
        self._doom = doom

    def put(self, name: str, secret: bytes) -> None:
        self._doom.step()
        super().put(name, secret)

    def delete(self, name: str) -> None:
        self._doom.step()
        super().delete(name)


class LoadSensor:
    """A thread that emits at a steady rate until it is stopped: a key, a change of window, or a picture.

    Each line of the log is `name number mono_us pid`, written before the observation is emitted: the last line of a killed
    process may never have been emitted.
    """

    def __init__(self, name: str, every_s: float, log: int, clock: SystemClock) -> None:
        self.name = name
        self._every_s, self._log, self._clock = every_s, log, clock
        self._number = 0
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, emit: Emit) -> None:
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, args=(emit,), name=f"load-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        if self._thread is not None:
            self._thread.join(2)

    def ability(self) -> Ability:
        return Ability(self.name, observes=True, detail="emits at a steady rate")

    def _run(self, emit: Emit) -> None:
        while True:
            mono_us = self._clock.read().mono_us
            self._number += 1
            os.write(self._log, f"{self.name} {self._number} {mono_us} {os.getpid()}\n".encode())
            emit(self._observation(mono_us))
            if self._ending.wait(self._every_s):
                return

    def _observation(self, mono_us: int) -> Keystroke | FrontWindow | Picture:
        if self.name == "keyboard":
            return Keystroke(mono_us, KeyClass.TEXT, 60, 11, Injected.NO)
        if self.name == "window":
            app = f"w{self._number}.{os.getpid()}"
            return FrontWindow(mono_us, self._number, app, "a title", os.getpid(), "/bin/true")
        encoded = os.urandom(20_000)
        dhash = f"{self._number:016x}"
        return Picture(mono_us, 1, 0, 0, 1280, 720, "image/webp", encoded, dhash, unchanged=False, masked=0)


def obey(orders: Orders) -> None:
    """The whole life of one recorder process, as `fairwitness record` has it."""
    home = Path(orders.home)
    clock = SystemClock()
    doom = _Doom(orders.die_at)
    disk = _DoomedDisk(doom) if orders.die_at else RealDisk()
    store = _DoomedStore(home / "keys", doom) if orders.die_at else FileKeyStore(home / "keys")
    with SpoolLock(home / "lock"), StopSignals() as signals:
        forget_keys_of_sealed(home / "spool", store)
        recovery = recover_spool(home / "spool", store=store, clock=clock, disk=disk)
        assert not recovery.problems, recovery.problems
        for reopened in recovery.reopened:
            if orders.record_s and not reopened.was_stopped and not reopened.lost:
                _finish(_record(reopened, orders, clock, signals), clock, store)
            else:
                _finish(stop_there(reopened, clock.read()), clock, store)
        if orders.begin and not recovery.reopened:
            _finish(_record(_begun(home, store, clock, disk), orders, clock, signals), clock, store)


def _begun(home: Path, store: FileKeyStore, clock: SystemClock, disk: RealDisk) -> Opened:
    """A session under a grant where the home is enrolled, a personal one elsewhere."""
    company = enrolled(Places(home), store, clock)
    spool = home / "spool"
    if company is None:
        identity = personal_identity(store, clock.read())
        return open_session(spool, store=store, clock=clock, identity=identity, terms=Terms(POLICY), agent="test", disk=disk)
    grant = company.shelf.take(company.projects[0], policy_digest(POLICY))
    assert grant is not None
    terms = Terms(POLICY, grant.directory)
    opened = open_session(
        spool, store=store, clock=clock, identity=company.identity, terms=terms, agent="test", grant=grant, disk=disk
    )
    company.shelf.used(grant.session_id)
    company.close()
    return opened


def _record(session: Opened | Reopened, orders: Orders, clock: SystemClock, signals: StopSignals) -> Stopped:
    if isinstance(session, Reopened):
        journal, past, policy = session.stopped.journal, session.stopped.events, session.stopped.policy
    else:
        journal, past, policy = session.journal, list(session.past), session.policy
    log = os.open(orders.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    rates = (("keyboard", 0.01), ("window", 0.04), ("capture", 0.1))
    events: list[Event] = []
    tick_us = round(orders.tick_s * 1_000_000)
    recorder = SessionRecorder(
        journal,
        policy,
        clock,
        [LoadSensor(name, every_s, log, clock) for name, every_s in rates],
        past=past,
        rhythm=Rhythm(tick_us=tick_us, checkpoint_us=3 * tick_us, clock_us=5 * tick_us),
    )

    def listen(_status: object, batch: Sequence[Event]) -> None:
        events.extend(batch)
        for event in batch:
            if isinstance(event.body, Stats) and event.seq >= first:
                os.write(log, f"shown {event.seq} {event.body.mono_us} {os.getpid()}\n".encode())

    first = journal.size
    recorder.listen(listen)
    recorder.start()
    signals.wait(orders.record_s)
    recorder.stop()
    assert recorder.join(20)
    os.close(log)
    return Stopped(journal, events, policy)


def _finish(stopped: Stopped, clock: SystemClock, store: FileKeyStore) -> None:
    """Findings, a removal that the trainer asks for (the first picture), and the seal."""

    def detect(events: object) -> tuple[detectors.Finding, ...]:
        return detectors.run(detectors.ALL, stopped.policy, events)  # type: ignore[arg-type] # Sequence[Event]

    conclude(stopped, clock.read(), detect=detect)
    pictures = [event.seq for event in stopped.events if event.kind == Kind.CAPTURE]
    removed = any(event.kind == Kind.REDACT for event in stopped.events)
    if pictures and not removed:
        ranges = ((pictures[0], pictures[0]),)
        stopped.events.append(redact(stopped.journal.folder, stopped.journal, ranges, "private", clock.read()))
    opening = stopped.events[0].body
    assert isinstance(opening, Opening)
    statement = opening_statement(opening.envelope)
    project = statement.project if isinstance(statement, Grant) else ""
    seal_session(stopped, clock.read(), store=store, project=project)


def nursery() -> None:
    """Forks a process for each line of standard input until that ends."""
    waiting = b""
    alive: set[int] = set()
    while True:
        ready, _, _ = select.select([0], [], [], 0.005 if alive else None)
        for pid in list(alive):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                alive.remove(pid)
                print(f"ended {pid} {os.waitstatus_to_exitcode(status)}", flush=True)  # noqa: T201 - its protocol
        if not ready:
            continue
        octets = os.read(0, 65536)
        if not octets:
            return
        waiting += octets
        while b"\n" in waiting:
            line, _, waiting = waiting.partition(b"\n")
            pid = os.fork()
            if pid == 0:
                _live(line)
            alive.add(pid)
            print(f"started {pid}", flush=True)  # noqa: T201 - its protocol


def _live(line: bytes) -> None:
    status = 1
    with contextlib.suppress(BaseException):
        try:
            obey(msgspec.json.decode(line, type=Orders))
            status = 0
        except BaseException:  # noqa: BLE001 - the top of a process, which tells its parent and ends
            traceback.print_exc()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    nursery()
