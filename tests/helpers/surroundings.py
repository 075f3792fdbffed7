# SPDX-License-Identifier: Apache-2.0
"""A trainer's home on a file system of its own, which a test fills, closes or takes the keys from, for real.

with Place() as place:                 # a tmpfs of 3 MB, and nobody's rights: root is asked by no mode
    day = Day(place.home)
    day.begin(); place.fill(); ...; place.mend()
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from cut_sessions import append_tick, capture_at
from recorder_organisation import Enrolled
from trust_builders import PROJECT, SealedSession, write_receipt

from agent.finishing import Stopped, conclude, forget_keys_of_sealed, is_sealed, seal_session
from agent.lifecycle import recover_spool
from agent.minimise import Minimiser
from agent.opening import enrolled_identity, open_session
from session.events import Answer, Event, FindingRecord, Kind, Moment
from session.findings import Finding, State, Weight
from session.ports import KeyStore
from session.redact import redact
from uploader.outbox import Backoff, DurableOutbox
from uploader.receipts import ReceiptReader

NOBODY = 65534
SIZE = "3m"


class Place:
    """Needs root, as CI has: says so, and never passes over it."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="fairwitness-place-"))
        self._folder.chmod(0o755)
        options = f"size={SIZE},uid={NOBODY},gid={NOBODY},mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "fairwitness-test", str(self._folder)], check=True)
        os.seteuid(NOBODY)
        self.home = self._folder / "home"
        self._modes: list[tuple[Path, int]] = []
        return self

    def __exit__(self, *_: object) -> None:
        os.seteuid(0)
        subprocess.run(["umount", "-l", str(self._folder)], check=True)
        self._folder.rmdir()

    @contextlib.contextmanager
    def as_root(self) -> Iterator[None]:
        """For what reads the program's own files, which nobody may not be able to."""
        os.seteuid(0)
        try:
            yield
        finally:
            os.seteuid(NOBODY)

    def fill(self) -> None:
        """No byte more fits."""
        with (self._folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)) == 4096:
                pass

    def close(self) -> None:
        """Nothing in the home may be written or made."""
        for path in [*self.home.rglob("*"), self.home]:
            self._modes.append((path, path.stat().st_mode & 0o777))
            path.chmod(0o500 if path.is_dir() else 0o400)

    def lock_keys(self) -> None:
        """The keys' folder is there and cannot be entered."""
        self._modes.append((self.home / "keys", 0o700))
        (self.home / "keys").chmod(0)

    def take_keys(self) -> None:
        """The keys' folder is gone, as a drive that was pulled."""
        (self.home / "keys").rename(self._folder / "keys")

    def mend(self) -> None:
        """All is as it was."""
        for path, mode in reversed(self._modes):
            if path.exists():
                path.chmod(mode)
        self._modes.clear()
        (self._folder / "filler").unlink(missing_ok=True)
        if (self._folder / "keys").exists():
            shutil.copytree(self._folder / "keys", self.home / "keys", dirs_exist_ok=True)
            shutil.rmtree(self._folder / "keys")


class Day:
    """One session from its start to its receipt, one verb after another; each may fail and be called again.

    `kept` are the events whose verb returned: they were acknowledged.
    """

    def __init__(self, home: Path, store: KeyStore | None = None) -> None:
        self.trainer = Enrolled(home, store)
        self.org = self.trainer.org
        self.kept: list[Event] = []
        self.stopped: Stopped | None = None
        self.folder = home
        self.sealed = b""
        self.receipt = b""
        self.outbox = self._outbox()

    def _outbox(self) -> DurableOutbox:
        return DurableOutbox(
            self.trainer.home / "outbox.sqlite3",
            spool=self.trainer.spool,
            check=ReceiptReader(self.org.root.public, self.org.directory_bytes),
            clock=self.trainer.clock,
            hold_us=0,
            backoff=Backoff(),
        )

    @property
    def now(self) -> Stopped:
        assert self.stopped is not None
        return self.stopped

    def _keep(self, events: Iterable[Event]) -> None:
        self.now.journal.sync()
        self.kept += events

    def _append(self, *events: Event) -> list[Event]:
        self.now.events += events
        return list(events)

    def start(self) -> None:
        trainer = self.trainer
        trainer.identity = enrolled_identity(trainer.store, self.org.fp, trainer.org.trainer.device_certificate(self.org.fp))
        opened = open_session(
            trainer.spool,
            store=trainer.store,
            clock=trainer.clock,
            identity=trainer.identity,
            terms=trainer.terms,
            agent="fairwitness test",
        )
        self.folder = opened.journal.folder
        self.stopped = Stopped(opened.journal, list(opened.past), opened.policy)
        self.kept += opened.past

    def record(self) -> None:
        for _ in range(4):  # more than what is left of the last block of a full disk
            reading = self.trainer.clock.advance(5)
            self._append(*append_tick(self.now.journal, Minimiser(self.now.policy, reading), reading))
        self._keep(self.now.events[-12:])

    def screenshot(self) -> None:
        event = self.now.journal.append_blob(capture_at(self.trainer.clock.advance(1)), os.urandom(40_000))
        self._keep(self._append(event))

    def checkpoint(self) -> None:
        self._checkpoint(Moment.GRID)

    def _checkpoint(self, moment: Moment) -> None:
        journal = self.now.journal
        body = journal.checkpoint(self.trainer.clock.advance(20), moment)
        self.kept += self._append(Event(journal.size - 1, Kind.CHECKPOINT, body))

    def stop(self) -> None:
        if not any(getattr(event.body, "moment", None) is Moment.STOP for event in self.now.events):
            self._checkpoint(Moment.STOP)
        conclude(self.now, self.trainer.clock.read(), detect=lambda _events: (finding(),))
        self.kept += [event for event in self.now.events if isinstance(event.body, FindingRecord)]

    def answer(self) -> None:
        asked = next(event.seq for event in self.now.events if event.kind == Kind.FINDING)
        body = Answer(self.trainer.clock.read().t_us, asked, "I dictated it.")
        self._keep(self._append(self.now.journal.append(Kind.ANSWER, body)))

    def remove(self) -> None:
        seq = next(event.seq for event in self.now.events if event.kind == Kind.CAPTURE)
        reading = self.trainer.clock.read()
        event = redact(self.folder, self.now.journal, ((seq, seq),), "trainer", reading)
        self.kept = [one for one in self.kept if one.seq != seq]
        self._keep(self._append(event))

    def seal(self) -> None:
        reading = self.trainer.clock.read()
        self.sealed = seal_session(
            self.now, reading, store=self.trainer.store, project=PROJECT, directory=self.trainer.directory
        )

    def put(self) -> None:
        self.outbox.put(self.folder.name, self.folder, not_before_us=0)

    def send(self) -> None:
        if not any(item.state == "sending" for item in self.outbox.items()):
            assert self.outbox.claim() is not None
        for path in sorted(self.folder.glob("*.fws")):
            self.outbox.mark_sent(self.folder.name, path.stem.rjust(64, "0"), path.stat().st_size)

    def prepare_receipt(self) -> None:
        """What the platform will answer; nothing of it lies here yet."""
        sealed = SealedSession(self.folder, self.now.journal.keys, self.org.trainer, self.sealed, ())
        self.receipt = write_receipt(self.org, sealed, self.trainer.clock.t_us)
        (self.folder / "receipt.dsse").unlink()

    def settle(self) -> None:
        self.outbox.settle(self.folder.name, self.receipt)

    def needs(self, verb: str) -> bool:
        """Whether it is still to be done: a next program may have found it done, and mends what it can by itself."""
        if verb == "put":
            return not self.outbox.items()
        return not (verb == "seal" and self.sealed)

    def restart(self) -> None:
        """The program ends without a word and starts again."""
        file = self.stopped.journal._file if self.stopped is not None and not self.sealed else None
        if file is not None:
            file.close()
        self.outbox.close()
        if is_sealed(self.folder):
            self.sealed = (self.folder / "seal.dsse").read_bytes()
        self.outbox = self._outbox()
        forget_keys_of_sealed(self.trainer.spool, self.trainer.store)
        recovery = recover_spool(self.trainer.spool, store=self.trainer.store, clock=self.trainer.clock)
        assert recovery.problems == ()
        for reopened in recovery.reopened:
            self.stopped = reopened.stopped


def finding() -> Finding:
    return Finding("one", 1, State.RAISED, Weight.B, 0.25, 0.125, "cal", (2,), "says", ("maybe",), "f", "")


VERBS = ("start", "record", "screenshot", "checkpoint", "stop", "answer", "remove", "seal", "put", "send", "settle")
