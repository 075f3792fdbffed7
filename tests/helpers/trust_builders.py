# SPDX-License-Identifier: Apache-2.0
"""An organisation with all its keys, and whole sealed sessions in a folder, made with the product's own parts.

    org = organisation()                                  # admin, one trainer "ada", one reviewer "ben", one project
    session = org.open_session(tmp_path / "s")            # granted, recording
    session.tick(); session.capture(b"png"); session.cosigned_checkpoint()
    session.pause(60); session.redact_kind(Kind.NOTE)
    sealed = session.seal()                               # SUMMARY, last checkpoint, seal.dsse, receipt.dsse
    verify_session(sealed.folder, trust=org.anchor)

`personal_session(folder)` is the same for a person alone. Time moves only by `session.wait(seconds)`, on both clocks.
Keys come from names, so two runs sign the same bytes; salts, wraps and blob keys are random.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from trust_people import (
    DAY_US,
    MONO_US,
    ORIGIN_US,
    POLICY_SENDING_TIMING,
    POLICY_WITH_CAPTURES,
    POLICY_WITHHOLDING_CAPTURES,
    PROJECT,
    Begun,
    Member,
    member,
    reading_key,
    signing_key,
)

from session import events
from session.account import rules_of, summarise
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey, fingerprint
from session.disk import Disk, RealDisk
from session.events import Capture, Edge, Event, Gap, Kind, Moment, Opening, Payload, Reason
from session.journal import Journal, SessionKeys
from session.log.cosign import cosign
from session.log.merkle import Tree, leaf_hash
from session.log.note import parse_note
from session.policy import parse_policy, policy_digest
from session.ports import ClockReading
from session.redact import redact
from session.seal import Loss, merged_ranges, read_seal, seal
from session.trust.directory import (
    Directory,
    PlatformKeys,
    Project,
    ReviewKey,
    Revocation,
    issue_review_key,
    open_review_key,
    sign_directory,
    witness_name,
)
from session.trust.statements import Grant, Receipt, sign
from session.verify import TrustAnchor

__all__ = [
    "DAY_US", "MONO_US", "ORIGIN_US", "POLICY_SENDING_TIMING", "POLICY_WITHHOLDING_CAPTURES", "POLICY_WITH_CAPTURES",
    "PROJECT", "Member", "OpenSession", "Organisation", "SealedSession", "member", "organisation", "personal_session",
    "reading_key", "realistic_session", "signing_key", "small_session", "write_receipt",
]  # fmt: skip


@dataclass
class Organisation:
    """All keys of an organisation; change fields and take `directory_bytes` anew."""

    policy_toml: bytes
    root: SigningKey = field(default_factory=lambda: signing_key("root"))
    grant_key: SigningKey = field(default_factory=lambda: signing_key("grant"))
    receipt_key: SigningKey = field(default_factory=lambda: signing_key("receipt"))
    witness_key: SigningKey = field(default_factory=lambda: signing_key("witness"))
    trainer: Member = field(default_factory=lambda: member("ada", "trainer"))
    reviewer: Member = field(default_factory=lambda: member("ben", "reviewer"))
    version: int = 1
    issued_us: int = ORIGIN_US - DAY_US
    expires_us: int = ORIGIN_US + 30 * DAY_US
    revocations: tuple[Revocation, ...] = ()
    review_keys: tuple[ReviewKey, ...] = ()

    def __post_init__(self) -> None:
        if not self.review_keys:
            self.review_keys = (self.issue(1, self.issued_us, self.issued_us + 90 * DAY_US),)

    @property
    def fp(self) -> str:
        return fingerprint(self.root.public)

    @property
    def anchor(self) -> TrustAnchor:
        return TrustAnchor(self.fp)

    def issue(self, epoch: int, from_us: int, until_us: int) -> ReviewKey:
        reviewers = (self.reviewer.listed(),)
        return issue_review_key(self.fp, PROJECT, epoch, reviewers, from_us=from_us, until_us=until_us)

    def epoch_key(self, epoch: int = 1) -> ReadingKey:
        """The review key of an epoch, as the reviewer opens it."""
        listed = next(one for one in self.review_keys if one.epoch == epoch)
        return open_review_key(self.fp, PROJECT, listed, self.reviewer.id, self.reviewer.reading)

    @property
    def directory(self) -> Directory:
        policy = policy_digest(self.policy_toml)
        return Directory(
            organisation=self.fp,
            name="Wren and Company",
            version=self.version,
            issued_us=self.issued_us,
            expires_us=self.expires_us,
            root_key=self.root.public.hex(),
            platform=PlatformKeys(
                address="",
                grant_key=self.grant_key.public.hex(),
                receipt_key=self.receipt_key.public.hex(),
                witness_key=self.witness_key.public.hex(),
                witness_name=witness_name(self.fp),
            ),
            people=(self.trainer.listed(), self.reviewer.listed()),
            projects=(Project(id=PROJECT, name="Wren", policy_sha256=policy, review_keys=self.review_keys),),
            policies=(policy,),
            revocations=self.revocations,
        )

    def directory_bytes(self) -> bytes:
        return sign_directory(self.directory, self.root)

    def open_session(
        self,
        folder: Path,
        name: str = "session",
        *,
        offline: bool = False,
        start: dict[str, object] | None = None,
        **changes: object,
    ) -> OpenSession:
        """A session of the trainer that begins now. `start` and `changes` make START and opening wrong."""
        directory = self.directory_bytes()
        begun = Begun(folder, name, self.fp, self.trainer, self.policy_toml, directory)
        if offline:
            opening = (Kind.PERSONAL, begun.personal(**({"mode": "offline"} | changes)))
        else:
            fields: dict[str, object] = {
                "organisation": self.fp,
                "session": begun.keys.session_id,
                "session_key": begun.keys.signing.public.hex(),
                "device": self.trainer.device,
                "person": self.trainer.id,
                "project": PROJECT,
                "policy_sha256": policy_digest(self.policy_toml),
                "directory_sha256": hashlib.sha256(directory).hexdigest(),
                "nonce": "ab" * 16,
                "issued_us": ORIGIN_US - 3_600_000_000,
                "start_by_us": ORIGIN_US + 13 * DAY_US,
            }
            grant = Grant(**(fields | changes))  # type: ignore[arg-type]
            opening = (Kind.GRANT, sign(grant, self.grant_key).decode())
        return OpenSession(self, begun, opening, start=start)


def organisation(policy_toml: bytes = POLICY_WITH_CAPTURES, **fields: object) -> Organisation:
    """An organisation with a trainer, a reviewer and a project, under a policy with screenshots unless told otherwise."""
    return Organisation(policy_toml, **fields)  # type: ignore[arg-type]


def personal_session(
    folder: Path, name: str = "alone", policy_toml: bytes = POLICY_WITH_CAPTURES, **changes: object
) -> OpenSession:
    """A session of a person alone; `changes` go into its opening."""
    person = member("eve", "trainer")
    begun = Begun(folder, name, fingerprint(person.person_key.public), person, policy_toml, b"")
    return OpenSession(None, begun, (Kind.PERSONAL, begun.personal(**changes)))


@dataclass(frozen=True)
class SealedSession:
    """A sealed session on disk."""

    folder: Path
    keys: SessionKeys
    person: Member
    seal_raw: bytes
    events: tuple[Event, ...]


class OpenSession:
    """A session that is being recorded, in the hand of a test. Every verb appends what the recorder would."""

    def __init__(
        self,
        org: Organisation | None,
        begun: Begun,
        opening: tuple[Kind, str],
        *,
        start: dict[str, object] | None = None,
        disk: Disk | None = None,
    ) -> None:
        self.org = org
        self.folder = begun.folder
        self.keys = begun.keys
        self.person = begun.person
        self.directory = begun.directory
        self.policy = parse_policy(begun.policy_toml)
        self.passed_us = 0
        self.asleep_us = 0
        beginning = replace(begun.start(), **(start or {}))
        body = Opening(opening[1])
        self.events = [Event(0, opening[0], body), Event(1, Kind.START, beginning)]
        self.journal = Journal.create(
            begun.folder, begun.keys, (opening[0], body), beginning, org_fp=begun.org_fp, disk=disk or RealDisk()
        )
        statements = begun.folder / "statements"
        statements.mkdir()
        (statements / "policy.toml").write_bytes(begun.policy_toml)
        if begun.directory:
            (statements / "directory.dsse").write_bytes(begun.directory)

    # -- time ----------------------------------------------------------------------------------------------------------

    @property
    def reading(self) -> ClockReading:
        return ClockReading(ORIGIN_US + self.passed_us, MONO_US + self.passed_us - self.asleep_us, MONO_US + self.passed_us)

    def wait(self, seconds: float) -> None:
        self.passed_us += round(seconds * 1_000_000)

    def sleep(self, seconds: float) -> None:
        """The machine is suspended; the gap is recorded on waking."""
        from_us = self.reading.t_us
        self.wait(seconds)
        self.asleep_us += round(seconds * 1_000_000)
        now = self.reading
        self.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.POINT, Reason.SUSPEND, "session", from_us))

    # -- records -------------------------------------------------------------------------------------------------------

    def add(self, kind: Kind, body: Payload) -> Event:
        event = self.journal.append(kind, body)
        self.events.append(event)
        return event

    def tick(self, seconds: float = 5) -> None:
        """One tick: FOCUS, STATS and RAW, as the recorder writes them."""
        self.wait(seconds)
        now = self.reading
        self.add(Kind.FOCUS, events.Focus(now.t_us, now.mono_us))
        self.add(Kind.STATS, events.Stats(now.t_us, now.mono_us, round(seconds * 1000)))
        raw = events.Raw(now.t_us, now.mono_us, (events.RawKey(5, events.KeyClass.TEXT, 80, 1),))
        self.add(Kind.RAW, raw)

    def note(self, text: str) -> Event:
        return self.add(Kind.NOTE, events.Note(self.reading.t_us, text))

    def capture(self, image: bytes = b"a picture") -> Event:
        now = self.reading
        body = Capture(now.t_us, now.mono_us, 1, 0, 0, 1280, 720, "image/webp", 0, "", "0" * 16)
        event = self.journal.append_blob(body, image)
        self.events.append(event)
        return event

    def pause(self, seconds: float, reason: Reason = Reason.PAUSE) -> None:
        now = self.reading
        self.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.BEGIN, reason, "session"))
        self.wait(seconds)
        now = self.reading
        self.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.END, reason, "session"))

    def lose(self, cosigned_size: int) -> Loss:
        """What recovery writes where fewer records are left than were cosigned, and what the seal then says of it."""
        recovered_size, now = self.journal.size, self.reading
        lost = cosigned_size - recovered_size
        self.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.POINT, Reason.DAMAGED, "session", now.t_us, lost))
        return Loss(recovered_size=recovered_size, cosigned_size=cosigned_size)

    def checkpoint(self, moment: Moment = Moment.GRID) -> events.Checkpoint:
        body = self.journal.checkpoint(self.reading, moment)
        self.events.append(Event(self.journal.size - 1, Kind.CHECKPOINT, body))
        return body

    def cosigned_checkpoint(self, moment: Moment = Moment.GRID, *, late_s: int = 1) -> None:
        """A checkpoint, and the platform's cosignature over it `late_s` later."""
        size = self.journal.size
        self.cosign(size, self.checkpoint(moment).note, late_s=late_s)

    def cosign(self, size: int, note: str, *, late_s: int = 1) -> None:
        assert self.org is not None
        text = parse_note(note.encode()).text
        line = cosign(text, witness_name(self.org.fp), self.org.witness_key, self.reading.t_us // 1_000_000 + late_s)
        self.events.append(self.journal.append_cosign(size, line))

    def redact(self, *seqs: int, reason: str = "private") -> None:
        ranges = merged_ranges((events.Redact(0, tuple((seq, seq) for seq in seqs), ""),))
        self.events.append(redact(self.folder, self.journal, ranges, reason, self.reading))

    def stop(self) -> None:
        if self.org is not None:
            self.cosigned_checkpoint(Moment.STOP)
        else:
            self.checkpoint(Moment.STOP)

    # -- the end -------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """SUMMARY and the last checkpoint, closed; what comes next is the seal."""
        self.add(Kind.SUMMARY, summarise(self.events, rules_of(self.policy), self.reading.t_us))
        self.checkpoint(Moment.SEAL)
        self.journal.close()

    def seal(self, *, receipt: bool = True, loss: Loss | None = None, directory: bytes | None = None) -> SealedSession:
        """Finishes, seals, and unless told otherwise adds the platform's receipt."""
        self.finish()
        self.wait(60)
        raw = seal(
            self.folder,
            self.keys.signing,
            content_keys=self.keys.content,
            project=PROJECT if self.org else "",
            sealed_us=self.reading.t_us,
            directory=directory,
            loss=loss,
        )
        sealed = SealedSession(self.folder, self.keys, self.person, raw, tuple(self.events))
        if receipt and self.org is not None:
            write_receipt(self.org, sealed, self.reading.t_us + 5_000_000)
        return sealed


def write_receipt(org: Organisation, sealed: SealedSession, received_us: int, /, **changes: object) -> bytes:
    """The platform's receipt with its place in an organisation log of three entries, written beside the seal."""
    body = read_seal(sealed.seal_raw, sealed.keys.signing.public)
    log = Tree([leaf_hash(b"first"), leaf_hash(sealed.seal_raw), leaf_hash(b"third")])
    fields: dict[str, object] = {
        "organisation": org.fp,
        "session": body.session,
        "person": sealed.person.id,
        "seal_sha256": hashlib.sha256(sealed.seal_raw).hexdigest(),
        "root": body.root,
        "size": body.size,
        "received_us": received_us,
        "log_size": log.size,
        "log_root": log.root().hex(),
        "log_index": 1,
        "log_proof": tuple(step.hex() for step in log.inclusion(1, log.size)),
    }
    raw = sign(Receipt(**(fields | changes)), org.receipt_key)  # type: ignore[arg-type]
    (sealed.folder / "receipt.dsse").write_bytes(raw)
    return raw


def realistic_session(org: Organisation, folder: Path) -> SealedSession:
    """Two minutes with everything: captures, a pause, private time, suspend, a removal, cosignatures, notes, a receipt."""
    session = org.open_session(folder)
    session.add(Kind.ACK, events.Ack(session.reading.t_us, policy_digest(org.policy_toml), "0" * 64, "en"))
    for _ in range(3):
        session.tick()
    session.capture(b"one")
    private = session.note("call the bank")
    session.cosigned_checkpoint()
    session.pause(20)
    session.pause(10, Reason.PRIVATE)
    removed = session.capture(b"two")
    for _ in range(3):
        session.tick()
    session.cosigned_checkpoint()
    session.sleep(30)
    session.tick()
    now = session.reading
    session.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.POINT, Reason.DIED, "pointer", now.t_us - 1000, 3))
    session.stop()
    session.redact(private.seq, removed.seq)
    session.note("kept")
    return session.seal()


def small_session(org: Organisation, folder: Path, *, capture: bool = False) -> SealedSession:
    """As few bytes as a whole sealed session can have: one tick, a note removed, one cosignature, a receipt."""
    session = org.open_session(folder)
    session.tick()
    removed = session.note("x")
    if capture:
        session.capture(b"one")
    session.stop()
    session.redact(removed.seq)
    return session.seal()
