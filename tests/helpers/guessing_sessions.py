# SPDX-License-Identifier: Apache-2.0
"""Whole sessions for the guessing test: recorded, concluded, sealed and sent by the product's own parts, and what is seen.

Real: recorder, minimiser, tally, journal, the capture process's pictures (comparison, encoder), capture schedule, detectors,
seal, witness, outbox and transfer. Not real: time, the sensors' desktop (`guessing_people`, `guessing_screens`), and the
network, behind which stands a `Watcher` that answers as a platform does and keeps what it can see.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import msgspec
from guessing_people import SECOND_US, Life
from guessing_screens import screen_at
from journal_disks import QuickDisk
from recorder_desk import TurnWaiter
from recorder_parts import MONO0_US, T0_US, FakeClock, ScriptedSensor
from trust_builders import DAY_US, PROJECT, Organisation, SealedSession, organisation, write_receipt

from agent.capture.areas import Area
from agent.capture.child import Photographer
from agent.capture.messages import Taken
from agent.capture.schedule import Schedule
from agent.capture.sensor import _pictures
from agent.finishing import Stopped, conclude, seal_session
from agent.keys.file_store import FileKeyStore
from agent.opening import Terms, enrolled_identity, open_session
from agent.recorder import SessionRecorder
from fairwitness.recording import findings
from session.events import TICK_US, Ack, Capture, Event, Kind, Payload, Task
from session.frames import PUBLIC, SEALED, Frame, decode_payload, frame_key, open_frame
from session.journal import SessionKeys
from session.log.cosign import cosign
from session.log.note import parse_note
from session.policy import default_policy_toml
from session.ports import Outcome
from session.segments import blob_of, public_body, session_frames
from session.table import TYPES
from session.trust.directory import witness_name
from uploader.client import Answer, Request
from uploader.outbox import Backoff, DurableOutbox
from uploader.receipts import ReceiptReader
from uploader.transfer import send
from uploader.witness import WatchedSession, Witness, witness_terms

STOPPED_EARLY_US = 1_700_000
"""The stop falls into a tick, as people's do."""

_WITH_TITLES = (b'detail = "application"', b'detail = "full"')
_OFTEN = (b"interval_s = 600 ", b"interval_s = 60 ")
_SCREENSHOTS = (b'captures = "off"', b'captures = "sent"')
_TIMING = (b'timing = "withheld"', b'timing = "sent"')
_CLIPBOARD = (b'clipboard = "off"', b'clipboard = "sent"')
_RAISED = ((b"shadow = true ", b"shadow = false "), (b'default = "allowed"', b'default = "forbidden"'))
POLICIES = {
    "default": (),
    "screenshots": (_WITH_TITLES, _SCREENSHOTS, _OFTEN),
    "timing": (_WITH_TITLES, _TIMING),
    "clipboard": (_CLIPBOARD,),
    "findings": (_WITH_TITLES, _CLIPBOARD, *_RAISED),
    "everything": (_WITH_TITLES, _SCREENSHOTS, _OFTEN, _TIMING, _CLIPBOARD, *_RAISED),
}


def policy_toml(name: str) -> bytes:
    """The shipped policy with the named changes, each of which is there."""
    toml = default_policy_toml()
    for old, new in POLICIES[name]:
        assert old in toml
        toml = toml.replace(old, new)
    return toml


@dataclass(frozen=True)
class Shape:
    """One record as whoever has no key sees it. `bare_bytes`: what its sealed part holds before padding, for the control."""

    kind: int
    flags: int
    sealed_bytes: int
    public_bytes: int
    blob_bytes: int
    octets: bytes
    public: Payload | None
    bare_bytes: int = 0
    bare_blob_bytes: int = 0


@dataclass(frozen=True)
class Asked:
    """One request as the platform sees it: when it arrived, of which kind, and how large."""

    at_us: int
    what: str
    body_bytes: int


@dataclass
class Watcher:
    """The platform's side of `PlatformClient.send`. Keeps what passes; the network shifts each arrival by 5 to 80 ms."""

    org: Organisation
    clock: FakeClock
    chance: random.Random
    sealed: SealedSession | None = None
    asked: list[Asked] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        arrived_us = self.clock.t_us + self.chance.randrange(5_000, 80_000)
        body = request.body or b""
        self.asked.append(Asked(arrived_us, request.what, len(body)))
        if request.what == "checkpoint":
            text = parse_note(body.split(b"\n\n", 1)[1]).text
            line = cosign(text, witness_name(self.org.fp), self.org.witness_key, arrived_us // SECOND_US)
            return Answer(Outcome.DONE, 200, line.encode() + b"\n")
        if request.what == "missing":
            return Answer(Outcome.DONE, 200, msgspec.json.encode({"missing": msgspec.json.decode(body)["digests"]}))
        if request.what == "seal":
            assert self.sealed is not None
            receipt = write_receipt(self.org, self.sealed, arrived_us)
            (self.sealed.folder / "receipt.dsse").unlink()
            return Answer(Outcome.DONE, 201, receipt)
        return Answer(Outcome.DONE, 201)


@dataclass(frozen=True)
class Seen:
    """One session: the hidden truth, and everything that is seen of it.

    `ticks`: for each tick its end (from the session's beginning) and the places of its records; the end is told to whoever
    guesses, as the grid is public.
    """

    life: Life
    shapes: tuple[Shape, ...]
    ticks: tuple[tuple[int, int, int], ...]
    asked: tuple[Asked, ...]


class Camera:
    """The capture sensor's schedule and the capture process's pictures, over drawn screens."""

    def __init__(self, life: Life, interval_s: int, chance: random.Random) -> None:
        self.schedule = Schedule(interval_s * SECOND_US, chance)
        self._life = life
        self._photographer = Photographer()
        self._kept: dict[int, tuple[str, bytes]] = {}

    def shoot(self, mono_us: int) -> Iterator[object]:
        frame = screen_at(self._life, mono_us - MONO0_US)
        area = Area(0, 0, frame.shape[1], frame.shape[0])
        shot = self._photographer._shot(1, area, frame, (), mono_us)
        yield from _pictures(Taken((shot,)), self._kept)


class Studio:
    """A trainer of an organisation with one policy, who works many sessions after each other, in files below `home`."""

    def __init__(self, home: Path, policy: str) -> None:
        self.home, self.toml = home, policy_toml(policy)
        self.org = organisation(self.toml, issued_us=T0_US - DAY_US, expires_us=T0_US + 90 * DAY_US)
        self.directory = self.org.directory_bytes()
        self.store = FileKeyStore(home / "keys")
        trainer, fp = self.org.trainer, self.org.fp
        for name, key in (("person", trainer.person_key), ("device", trainer.device_key)):
            self.store.put(f"{name}/{fp}/signing", key.seed)
        self.store.put(f"person/{fp}/reading", trainer.reading.seed)
        self.identity = enrolled_identity(self.store, fp, trainer.device_certificate(fp))

    def record(self, life: Life, seed: int) -> Seen:
        """One session from its start to the platform's receipt; nothing of it stays on the disk."""
        chance = random.Random(f"session {seed}")  # noqa: S311 - a made-up session
        network = random.Random(f"network {seed}")  # noqa: S311 - as above
        clock = FakeClock()
        opened = open_session(
            self.home / "spool",
            store=self.store,
            clock=clock,
            identity=self.identity,
            terms=Terms(self.toml, self.directory),
            agent="fairwitness 1.0",
            disk=QuickDisk(),
        )
        folder, keys = opened.journal.folder, opened.journal.keys
        watcher = Watcher(self.org, clock, network)
        listed = self.org.directory
        ground = SimpleNamespace(org_fp=self.org.fp, directory=lambda: listed)
        witness = Witness(watcher, ground, clock=clock, randbelow=chance.randrange)  # type: ignore[arg-type] # what it asks of them
        session = _Running(life, clock, opened, witness, seed)
        events = session.run()
        stopped = Stopped(opened.journal, events, opened.policy)
        clock.advance(chance.uniform(1, 5))
        conclude(
            stopped,
            clock.read(),
            detect=lambda told: findings(opened.policy, told),
            cosignatures=session.recorder.late_cosignatures(),
        )
        clock.advance(chance.uniform(60, 600))
        raw = seal_session(stopped, clock.read(), store=self.store, project=PROJECT, directory=self.directory)
        watcher.sealed = SealedSession(folder, keys, self.org.trainer, raw, tuple(events))
        shapes, ticks = look(folder, keys)
        self._deliver(folder, opened.policy.sending.hold_s, clock, watcher)
        return Seen(life, shapes, ticks, tuple(watcher.asked))

    def _deliver(self, folder: Path, hold_s: int, clock: FakeClock, watcher: Watcher) -> None:
        directory = self.org.directory_bytes()
        outbox = DurableOutbox(
            self.home / "outbox.sqlite3",
            spool=self.home / "spool",
            check=ReceiptReader(self.org.root.public, lambda: directory),
            clock=clock,
            hold_us=hold_s * SECOND_US,
            backoff=Backoff(),
            randbelow=lambda most: most - 1,
        )
        outbox.put(folder.name, folder, not_before_us=clock.t_us + hold_s * SECOND_US)
        clock.advance(hold_s)
        item = outbox.claim()
        assert item is not None
        assert send(item, watcher, outbox) is Outcome.DONE  # type: ignore[arg-type] # as above
        outbox.forget(folder.name)
        outbox.close()


class _Running:
    """The recorder at work, moment by moment. The writer wakes late, and later while keys come: a busy machine does that."""

    def __init__(self, life: Life, clock: FakeClock, opened: object, witness: Witness, seed: int) -> None:
        self._life, self._clock, self._witness = life, clock, witness
        self._chance = random.Random(f"lateness {seed}")  # noqa: S311 - a made-up machine
        journal, policy, past = opened.journal, opened.policy, opened.past  # type: ignore[attr-defined]
        self._sensor = ScriptedSensor("input")
        self._camera = None
        if policy.disclosure.captures.value != "off":
            moments = random.Random(f"moments {seed}")  # noqa: S311 - as above
            self._camera = Camera(life, policy.captures.interval_s, moments)
        self._waiter = TurnWaiter()
        self.recorder = SessionRecorder(journal, policy, clock, (self._sensor,), past=past, uplink=self, waiter=self._waiter)
        directory = (journal.folder / "statements" / "directory.dsse").read_bytes()
        terms = witness_terms(directory, past[0].body.envelope, past[1].body)
        keys, tree = journal.keys, journal.tree
        self._watched = WatchedSession(
            keys.session_id, keys.signing.public, tree, self.recorder, terms=terms, wake=lambda: None
        )
        witness.watch(self._watched)
        self._policy_sha256 = past[1].body.policy_sha256
        self._events: list[Event] = []
        self.recorder.listen(lambda _status, fresh: self._events.extend(fresh))

    def submit(self, note: bytes, size: int) -> None:
        self._watched.submit(note, size)

    def run(self) -> list[Event]:
        """All that is recorded until the stop."""
        self.recorder.start()
        self._waiter.settle(self.recorder._thread)
        now = self._clock.read()
        self.recorder.enter(Ack(now.t_us, self._policy_sha256, "0" * 64, "en"))
        self.recorder.enter(Task(now.t_us, now.mono_us, PROJECT))
        self._turn()
        if self._camera:
            self._camera.schedule.run(now.mono_us)
        stop_us = self._life.length_us - STOPPED_EARLY_US
        marks = [(at, "tick") for at in range(TICK_US, stop_us, TICK_US)]
        if self._life.pause_us:
            marks += [(self._life.pause_us[0], "pause"), (self._life.pause_us[1], "resume")]
        played = 0
        for until_us, what in [*sorted(marks), (stop_us, "stop")]:
            keys, played = self._play(played, until_us)
            self._at(until_us + (self._lateness_us(keys) if what == "tick" else 0))
            if what != "tick":
                self._ask(what)
            self._turn()
        assert self.recorder.join(30)
        self._witness.send_due()
        return self._events

    def _play(self, played: int, until_us: int) -> tuple[int, int]:
        """Lets the sensors tell what happens before a moment; says how much, and how far that is."""
        begun = played
        observations = self._life.observations
        while played < len(observations) and observations[played][0] < until_us:
            at_us, one = observations[played]
            self._shoot(at_us)
            if self._sensor.emit is not None:
                self._sensor.play(_shifted(one))
            played += 1
        self._shoot(until_us)
        return played - begun, played

    def _shoot(self, until_us: int) -> None:
        """Takes the screenshots that are due by then."""
        if self._camera is None or self._sensor.emit is None:
            return
        due_us = self._camera.schedule.due_us
        if due_us is not None and due_us <= MONO0_US + until_us and self._camera.schedule.take(due_us):
            self._sensor.play(*self._camera.shoot(due_us))  # type: ignore[arg-type] # pictures

    def _ask(self, what: str) -> None:
        if self._camera and what == "resume":
            self._camera.schedule.run(self._clock.mono_us)
        elif self._camera:
            self._camera.schedule.pause(self._clock.mono_us)
        getattr(self.recorder, what)()

    def _lateness_us(self, keys: int) -> int:
        return self._chance.randrange(50, 250) + (self._chance.randrange(200, 700) if keys else 0)

    def _at(self, after_us: int) -> None:
        late_us = MONO0_US + after_us - self._clock.mono_us
        self._clock.advance(max(0, late_us) / SECOND_US)

    def _turn(self) -> None:
        self._waiter.turn(self.recorder._thread)
        self._witness.send_due()
        if self.recorder._thread.is_alive():
            self._waiter.turn(self.recorder._thread)


def _shifted(one: object) -> object:
    """The observation on the session's monotonic clock."""
    return msgspec.structs.replace(one, mono_us=MONO0_US + one.mono_us)  # type: ignore[attr-defined,type-var]


def look(folder: Path, keys: SessionKeys) -> tuple[tuple[Shape, ...], tuple[tuple[int, int, int], ...]]:
    """What lies in a folder, as shapes, and where its ticks are."""
    shapes: list[Shape] = []
    ends: list[tuple[int, int]] = []
    for _, _, frame in session_frames(folder):
        payload = _opened(frame, keys)
        rule = TYPES[frame.kind]
        body = decode_payload(payload, rule.body, rule.max_bytes) if rule.body and frame.flags == SEALED else None
        if frame.kind == Kind.FOCUS:
            ends.append((len(shapes), body.mono_us - MONO0_US))  # type: ignore[union-attr]
        digest = blob_of(frame) if frame.kind == Kind.CAPTURE else ""
        shapes.append(
            Shape(
                frame.kind,
                frame.flags,
                len(frame.tail),
                len(frame.public),
                (folder / "blobs" / digest).stat().st_size if digest else 0,
                frame.tail[:4] + bytes.fromhex(digest[:8]),
                public_body(frame) if frame.flags == PUBLIC else None,
                len(payload),
                body.size_bytes if isinstance(body, Capture) else 0,
            )
        )
    after = [*(first for first, _ in ends[1:]), len(shapes)]
    ticks = tuple((end_us, first, last) for (first, end_us), last in zip(ends, after, strict=True))
    return tuple(shapes), ticks


def _opened(frame: Frame, keys: SessionKeys) -> bytes:
    if frame.flags != SEALED:
        return b""
    content = keys.content_w if frame.kind == Kind.RAW else keys.content_s
    return open_frame(frame, frame_key(frame, content, bytes.fromhex(keys.session_id)))
