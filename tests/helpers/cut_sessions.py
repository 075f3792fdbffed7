# SPDX-License-Identifier: Apache-2.0
"""An open session of an organisation, damaged in copies, each recovered as the program does at its next start and judged.

    session = small_session(tmp_path)                        # or eight_hours(tmp_path)
    case = Damage(index, session.segments[index][:cut])      # one segment as the crash left it
    Judge(session, tmp_path).check(case)

What must come back is told from the undamaged session alone: the records before the first byte that differs. States that
come out equal to the byte are recovered again, recorded on and sealed once, and shown to both verifiers.
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest
from journal_disks import QuickDisk
from recorder_organisation import Enrolled
from recorder_parts import SECOND_US
from trust_builders import PROJECT
from verifier_both import both

from agent.finishing import conclude, seal_session
from agent.keys.file_store import FileKeyStore
from agent.lifecycle import Recovery, Reopened, recover_spool, stop_there
from agent.minimise import Minimiser
from agent.opening import Opened, load_session_keys, open_session
from session import recovery
from session.events import CHECKPOINT_US, TICK_US, Capture, Cosign, Edge, Event, Gap, Kind, Moment, Reason
from session.frames import MAGIC, read_segment
from session.journal import Journal, SessionKeys
from session.log.cosign import cosign
from session.log.note import parse_note
from session.ports import ClockReading
from session.seal import read_seal
from session.segments import public_body
from session.trust.directory import witness_name

BENCH = Path(__file__).parents[2] / "bench" / "record.py"
SECTOR_BYTES = 512


@dataclass(frozen=True)
class Damage:
    """What a crash or a drive left of one segment; those behind it are there too, or gone."""

    index: int
    octets: bytes
    later_stay: bool = False


@dataclass
class OpenSession:
    """A session that nobody writes any more and that has no seal, and all that is known of it."""

    trainer: Enrolled
    folder: Path
    journal: Journal
    segments: list[bytes] = field(default_factory=list)
    ends: list[list[int]] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    blobs: dict[int, str] = field(default_factory=dict)
    cosigned: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal.close()
        for path in sorted(self.folder.glob("*.fws")):
            self.segments.append(path.read_bytes())
            self.ends.append([])
            for frame, end in read_segment(self.segments[-1]):
                self.ends[-1].append(end)
                self.leaves.append(frame.leaf)
                body = public_body(frame)
                if isinstance(body, Cosign):
                    self.cosigned[frame.seq] = body.size
                if frame.kind == Kind.CAPTURE:
                    self.blobs[frame.seq] = body.blob_sha256  # type: ignore[union-attr] # CapturePublic

    def first_of(self, index: int) -> int:
        """Seq of the first record in segment `index`."""
        return sum(map(len, self.ends[:index]))

    def kept(self, damage: Damage) -> int:
        """How many records stand whole before the first byte that differs."""
        original = self.segments[damage.index]
        longest = min(len(original), len(damage.octets))
        same = bisect_left(range(1, longest + 1), x=True, key=lambda size: original[:size] != damage.octets[:size])
        whole = sum(end <= same for end in self.ends[damage.index])
        if damage.later_stay and damage.octets == original:
            return len(self.leaves)
        return self.first_of(damage.index) + whole

    def known_cosigned(self, damage: Damage) -> int:
        """Greatest size that a COSIGN tells which is whole in the folder, before the damage or behind it."""
        kept = self.kept(damage)
        behind = [*(reversed(self.segments[damage.index + 1 :]) if damage.later_stay else ()), damage.octets]
        known = (
            size
            for seq, size in sorted(self.cosigned.items(), reverse=True)
            if seq < kept or any(self.frame(seq) in one for one in behind)
        )
        return next(known, 0)

    def frame(self, seq: int) -> bytes:
        """The bytes of record `seq`."""
        index = max(one for one in range(len(self.ends)) if self.first_of(one) <= seq)
        begins = [len(MAGIC), *self.ends[index]]
        within = seq - self.first_of(index)
        return self.segments[index][begins[within] : begins[within + 1]]

    def copy(self, home: Path, damage: Damage) -> None:
        """The trainer's home with the damaged session; what recovery may write is a copy, all else a link."""
        folder = home / "spool" / self.folder.name
        folder.mkdir(parents=True)
        shutil.copytree(self.trainer.home / "keys", home / "keys", copy_function=os.link)
        (home / "keys").chmod(0o700)
        shutil.copytree(self.folder / "statements", folder / "statements", copy_function=os.link)
        (folder / "blobs").mkdir()
        for digest in self.blobs.values():
            os.link(self.folder / "blobs" / digest, folder / "blobs" / digest)
        for index in range(len(self.segments) if damage.later_stay else damage.index):
            name = f"{index:06d}.fws"
            if index in (damage.index - 1, len(self.segments) - 1):
                shutil.copy(self.folder / name, folder / name)
            elif index != damage.index:
                os.link(self.folder / name, folder / name)
        (folder / f"{damage.index:06d}.fws").write_bytes(damage.octets)

    def prefix(self, size: int) -> list[bytes]:
        """The segments as they were when the record had `size` records and nothing more."""
        files: list[bytes] = []
        for index, segment in enumerate(self.segments):
            within = size - self.first_of(index)
            if within <= 0:
                break
            ends = self.ends[index]
            files.append(segment[: ends[min(within, len(ends)) - 1]])
        return files


class Remembered:
    """What recovery read of each undamaged segment in its place, so that a thousand damages of a day read it once.

    With the same bytes behind as many records, `session.recovery._read_one` adds the same: it is a function of them. What
    is damaged, and whatever recovery wrote, is read anew each time.
    """

    def __init__(self, session: OpenSession) -> None:
        self._session = session
        self._found: dict[int, recovery._Prefix] = {}
        self._read_one = recovery._read_one
        self.again = 0

    def read_one(self, prefix: recovery._Prefix, index: int, path: Path, segment: bytes, keys: SessionKeys) -> None:
        """In the place of `_read_one`."""
        known = index < len(self._session.segments) and segment == self._session.segments[index]
        if not known or path.name != f"{index:06d}.fws" or len(prefix.events) != self._session.first_of(index):
            self._read_one(prefix, index, path, segment, keys)
            return
        if index in self._found:
            found = self._found[index]
            prefix.events += found.events
            prefix.leaves += found.leaves
            prefix.places += found.places
            prefix.pictures += found.pictures
            prefix.cut = found.cut
            self.again += 1
            return
        self._read_one(prefix, index, path, segment, keys)
        self._found[index] = found = recovery._Prefix()
        first = self._session.first_of(index)
        found.events, found.leaves, found.places = prefix.events[first:], prefix.leaves[first:], prefix.places[first:]
        found.pictures = [seq for seq in prefix.pictures if seq >= first]
        found.cut = prefix.cut


class Judge:
    """Recovers one damaged copy after another.

    Args:
        session: undamaged; each check leaves it as it was.
        place: an empty folder for copies.
        seal_every: of states not seen before, every so many are sealed and verified; all are recovered again.
        wholly_every: all but one in so many go by `Remembered`.
    """

    def __init__(self, session: OpenSession, place: Path, *, seal_every: int = 1, wholly_every: int = 1) -> None:
        self.session, self.place, self.seal_every, self.wholly_every = session, place, seal_every, wholly_every
        self.remembered = Remembered(session)
        self.checked = self.never_began = self.sealed = 0
        self.seen: dict[tuple[int, int], list[bytes]] = {}
        self.sizes: set[int] = set()

    def check_all(self, damages: Iterable[Damage]) -> None:
        """Each in turn; afterwards the undamaged session is what it was."""
        for number, damage in enumerate(damages):
            with pytest.MonkeyPatch.context() as patch:
                if number % self.wholly_every:
                    patch.setattr(recovery, "_read_one", self.remembered.read_one)
                self.check(damage)
        names = [f"{index:06d}.fws" for index in range(len(self.session.segments))]
        assert [(self.session.folder / name).read_bytes() for name in names] == self.session.segments

    def check(self, damage: Damage) -> None:
        """The longest valid prefix comes back with its gap, its loss is said, and it goes on to a seal that verifies."""
        home = self.place / "home"
        self.session.copy(home, damage)
        self.checked += 1
        kept = self.session.kept(damage)
        if kept < 2:
            self._never_began(home)
        else:
            self._recovered(home, damage, kept)
        shutil.rmtree(home)

    def _never_began(self, home: Path) -> None:
        """The opening or START was never whole: the folder is moved aside, and nothing of it is deleted."""
        before = contents(home / "spool" / self.session.folder.name)
        found = self._recover_spool(home)
        assert (found.reopened, found.problems) == ((), ())
        assert contents(home / "spool" / ".damaged" / self.session.folder.name) == before
        self.never_began += 1

    def _recover_spool(self, home: Path) -> Recovery:
        store = FileKeyStore(home / "keys")
        return recover_spool(home / "spool", store=store, clock=self.session.trainer.clock, disk=QuickDisk())

    def _recovered(self, home: Path, damage: Damage, kept: int) -> None:
        session = self.session
        folder = home / "spool" / session.folder.name
        found = self._recover_spool(home)
        assert found.problems == ()
        (reopened,) = found.reopened
        journal = reopened.stopped.journal
        journal.close()
        assert [journal.tree.leaf(seq) for seq in range(kept)] == session.leaves[:kept]
        known = session.known_cosigned(damage)
        lost = max(0, known - kept)
        self._judge_gaps(reopened.stopped.events[kept:], lost)
        assert reopened.lost == lost
        assert {path.name for path in (folder / "blobs").iterdir()} == {
            digest for seq, digest in session.blobs.items() if seq < kept
        }
        files = [path.read_bytes() for path in sorted(folder.glob("*.fws"))]
        prefix = session.prefix(kept)
        assert [now[: len(then)] for now, then in zip(files, prefix, strict=True)] == prefix
        assert sum(map(len, files[:-1])) == sum(map(len, prefix[:-1]))
        self.sizes.add(kept)
        if (kept, lost) in self.seen:
            assert self.seen[kept, lost] == files[-1:]
            return
        self.seen[kept, lost] = files[-1:]
        self._goes_on(home, reopened, lost, files)

    def _judge_gaps(self, events: list[Event], lost: int) -> None:
        said = [(gap.reason, gap.edge, gap.scope, gap.lost) for event in events if isinstance(gap := event.body, Gap)]
        assert len(said) == len(events)
        expected = [(Reason.CRASH, Edge.POINT, "session", 0)]
        if lost:
            expected.insert(0, (Reason.DAMAGED, Edge.POINT, "session", lost))
        assert said == expected

    def _goes_on(self, home: Path, reopened: Reopened, lost: int, files: list[bytes]) -> None:
        """A second recovery finds all good and changes nothing; then the record goes on to its seal."""
        folder, store = reopened.folder, FileKeyStore(home / "keys")
        keys = load_session_keys(store, folder.name)
        again = recovery.recover(folder, keys, org_fp=reopened.org_fp, disk=QuickDisk())
        assert (again.cut_bytes, again.journal.size) == (0, reopened.stopped.journal.size)
        assert again.journal.root() == reopened.stopped.journal.root()
        assert list(again.events) == reopened.stopped.events
        assert [path.read_bytes() for path in sorted(folder.glob("*.fws"))] == files
        if (len(self.seen) - 1) % self.seal_every:
            again.journal.close()
            return
        reading = self.session.trainer.clock.read()
        reopened.stopped.journal = again.journal
        if not lost:
            reopened.stopped.events += append_tick(again.journal, Minimiser(reopened.stopped.policy, reading), reading)
        stopped = stop_there(reopened, reading)
        conclude(stopped, reading, detect=lambda _events: ())
        raw = seal_session(stopped, reading, store=store, project=PROJECT)
        verification = both(folder, trust=self.session.trainer.org.anchor)
        assert verification.verified, verification.failed_step
        assert verification.lost == lost
        loss = read_seal(raw, keys.signing.public).loss
        assert (loss.cosigned_size - loss.recovered_size if loss else 0) == lost
        self.sealed += 1


def contents(folder: Path) -> dict[str, bytes]:
    """All files below `folder`."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def small_session(home: Path) -> OpenSession:
    """Two segments with a picture, checkpoints and cosignatures; few bytes."""
    trainer, opened = begun(home)
    minimiser = Minimiser(opened.policy, trainer.clock.read())
    for seconds in (5, 25, 5, 900, 5, 25):
        reading = trainer.clock.advance(seconds)
        if seconds == 5:
            append_tick(opened.journal, minimiser, reading)
            opened.journal.append_blob(capture_at(reading), bytes([opened.journal.size]) * 100)
        else:
            cosigned_checkpoint(trainer, opened.journal)
    append_tick(opened.journal, minimiser, trainer.clock.advance(5))
    return OpenSession(trainer, opened.journal.folder, opened.journal)


def eight_hours(home: Path) -> OpenSession:
    """The workload of bench/record.py: 100,000 events and 480 captures in 8 hours, cosigned every 30 s.

    The pictures are small: what they hold is nothing that recovery reads.
    """
    bench = bench_module()
    trainer, opened = begun(home, mono_us=bench.MONO_US)
    journal, minimiser = opened.journal, Minimiser(opened.policy, trainer.clock.read())
    made = bench.workload(8 * 3600 * SECOND_US // TICK_US, 100_000, random.Random(1))  # noqa: S311 - a workload
    for tick, observations in enumerate(made):
        reading = trainer.clock.advance(TICK_US / SECOND_US)
        for one in observations:
            minimiser.take(one)
        append_tick(journal, minimiser, reading)
        if tick % 12 == 7:
            journal.append_blob(capture_at(reading), tick.to_bytes(4, "big") * 500)
        if (tick + 1) % (CHECKPOINT_US // TICK_US) == 0:
            cosigned_checkpoint(trainer, journal)
        else:
            journal.sync()
    return OpenSession(trainer, journal.folder, journal)


def begun(home: Path, *, mono_us: int | None = None) -> tuple[Enrolled, Opened]:
    """An organisation's trainer with a session that has its first two records."""
    trainer = Enrolled(home)
    if mono_us is not None:
        trainer.clock.mono_us = trainer.clock.boottime_us = mono_us
    opened = open_session(
        trainer.spool,
        store=trainer.store,
        clock=trainer.clock,
        identity=trainer.identity,
        terms=trainer.terms,
        agent="fairwitness test",
        disk=QuickDisk(),
    )
    return trainer, opened


def append_tick(journal: Journal, minimiser: Minimiser, reading: ClockReading) -> list[Event]:
    """The records of one tick, as the recorder writes them."""
    bodies = minimiser.tick(reading)
    events: list[Event] = []
    if bodies.focus is not None:
        events.append(journal.append(Kind.FOCUS, bodies.focus, least=512))
    if bodies.stats is not None:
        events.append(journal.append(Kind.STATS, bodies.stats, least=256))
    if bodies.raw is not None:
        events.append(journal.append(Kind.RAW, bodies.raw, least=bodies.raw_least_bytes))
    return events


def cosigned_checkpoint(trainer: Enrolled, journal: Journal) -> None:
    """A checkpoint and the platform's cosignature over it."""
    size = journal.size
    note = journal.checkpoint(trainer.clock.read(), Moment.GRID).note
    time_s = trainer.clock.t_us // SECOND_US
    text = parse_note(note.encode()).text
    journal.append_cosign(size, cosign(text, witness_name(trainer.org.fp), trainer.org.witness_key, time_s))


def capture_at(now: ClockReading) -> Capture:
    """A CAPTURE of one monitor, without key and size."""
    return Capture(now.t_us, now.mono_us, 0, 0, 0, 640, 400, "image/webp", 0, "", "0123456789abcdef")


def bench_module() -> ModuleType:
    """bench/record.py."""
    spec = importlib.util.spec_from_file_location("bench_record", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tails(session: OpenSession, chance: random.Random) -> Iterator[bytes]:
    """What a drive may hold behind the end of what was written."""
    second = session.segments[-1]
    for size in (1, 3, 4, 7, 8, 15, 16, 100, SECTOR_BYTES - 1, SECTOR_BYTES, SECTOR_BYTES + 1, 4096, 3 * 4096 + 17):
        yield bytes(size)
        yield chance.randbytes(size)
        yield MAGIC + chance.randbytes(size)
        yield chance.randbytes(size) + MAGIC + second[len(MAGIC) : session.ends[-1][0]]
        yield size.to_bytes(4, "big") + chance.randbytes(size)
        yield size.to_bytes(4, "big") + chance.randbytes(size + 4)
        yield (16 * 1024 * 1024).to_bytes(4, "big") + b"\0" + chance.randbytes(size)
        yield b"\xff" * size
    yield MAGIC
    yield from session.segments
    yield session.segments[0][len(MAGIC) :]


def flipped(session: OpenSession, index: int, bit: int) -> Damage:
    """One bit of one segment is another; all behind it is there."""
    octets = bytearray(session.segments[index])
    octets[bit // 8] ^= 1 << bit % 8
    return Damage(index, bytes(octets), later_stay=True)
