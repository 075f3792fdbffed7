# SPDX-License-Identifier: Apache-2.0
"""A session that is recorded against a running platform: granted by it, cosigned by it, and ready to be sent to it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import requests
from server_running import PROJECT, Member, RunningPlatform, sha256
from trust_builders import OpenSession, SealedSession
from trust_people import Begun

from session import events
from session.events import Event, Kind
from session.log.checkpoint import CheckpointText, format_checkpoint
from session.log.merkle import Tree
from session.log.note import note_bytes, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint
from session.policy import parse_policy, policy_digest
from session.redact import sent_blobs, sent_segments
from session.seal import Loss
from uploader.witness import WitnessTerms, witness_terms


def grant_body(trainer: Member, *names: str, project: str = PROJECT) -> dict[str, object]:
    """A request for the grants of the sessions of these names."""
    asked = []
    for name in names:
        begun = Begun(Path(), name, trainer.organisation, trainer.keys, b"", b"")
        text = trainer.certify_session(begun.keys.session_id, begun.keys.signing.public).decode()
        asked.append({"session": begun.keys.session_id, "session_certificate": text})
    return {"project": project, "requests": asked}


def session_id_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


class LiveSession(OpenSession):
    """An `OpenSession` whose grant and cosignatures come from the platform."""

    def __init__(self, platform: RunningPlatform, trainer: Member, folder: Path, name: str = "session") -> None:
        self.platform, self.trainer = platform, trainer
        answer = trainer.client.post("/v1/grants", json=grant_body(trainer, name))
        assert answer.status_code == 200, answer.text
        directory = trainer.client.get("/v1/directory").content
        policy = platform.organisation.policy
        begun = Begun(folder, name, trainer.organisation, trainer.keys, policy, directory)
        super().__init__(platform, begun, (Kind.GRANT, answer.json()["grants"][0]))  # type: ignore[arg-type]
        self.cosigned_size = 0
        self.name = name

    @property
    def id(self) -> str:
        return self.keys.session_id

    @property
    def opening(self) -> str:
        """The envelope in record 0."""
        return self.events[0].body.envelope  # type: ignore[union-attr] # record 0 is the opening

    @property
    def terms(self) -> WitnessTerms:
        """What the agent holds its cosignatures to, with those that the record has by now."""
        lines = [event.body.line for event in self.events if isinstance(event.body, events.Cosign)]
        start = self.events[1].body
        assert isinstance(start, events.Start)
        return witness_terms(self.directory, self.opening, start, lines)

    def ask_cosignature(self, size: int, note: str, *, old: int | None = None) -> requests.Response:
        """What the uplink asks after a checkpoint of this size."""
        old = self.cosigned_size if old is None else old
        proof = self.journal.tree.consistency(old, size)
        return self.post_checkpoint(format_add_checkpoint(AddCheckpoint(old, proof, note.encode())))

    def post_checkpoint(self, body: bytes) -> requests.Response:
        self.platform.clock.reach(self.reading.t_us)
        return self.platform.client().post(f"/v1/sessions/{self.id}/add-checkpoint", data=body)

    def cosign(self, size: int, note: str, *, late_s: int = 1) -> None:  # noqa: ARG002 - the platform has its own clock
        answer = self.ask_cosignature(size, note)
        assert answer.status_code == 200, answer.text
        self.cosigned_size = size
        self.events.append(self.journal.append_cosign(size, answer.text.rstrip("\n")))

    def cosign_fork(self, leaves: int = 1) -> requests.Response:
        """The session shows the witness records that its journal does not have (or lost)."""
        tree = Tree([self.journal.tree.leaf(index) for index in range(self.journal.size)])
        for number in range(leaves):
            tree.append(hashlib.sha256(b"elsewhere %d" % number).digest())
        text = format_checkpoint(CheckpointText(self.journal.origin, tree.size, tree.root()))
        note = note_bytes(text, sign_note(text, self.journal.origin, self.keys.signing))
        proof = tree.consistency(self.cosigned_size, tree.size)
        return self.post_checkpoint(format_add_checkpoint(AddCheckpoint(self.cosigned_size, proof, note)))

    def remade(self, folder: Path) -> OpenSession:
        """The same grant and session key at the beginning again, for another history than the one that was cosigned."""
        begun = Begun(
            folder,
            self.name,
            self.trainer.organisation,
            self.trainer.keys,
            self.platform.organisation.policy,
            self.directory,
        )
        other = OpenSession(self.platform, begun, (Kind.GRANT, self.opening))  # type: ignore[arg-type]
        other.passed_us = self.passed_us
        return other

    def seal_whole(self, loss: Loss | None = None) -> Sending:
        """Sealed, with what the uploader would send."""
        sealed = self.seal(receipt=False, loss=loss)
        self.platform.clock.reach(self.reading.t_us)
        return Sending(self, sealed)


class Sending:
    """A sealed session's files by digest, and the requests that send them."""

    def __init__(self, session: LiveSession, sealed: SealedSession) -> None:
        self.id, self.client, self.sealed = session.id, session.trainer.client, sealed
        policy = session.platform.organisation.policy
        withheld = parse_policy(policy).withheld
        self.segments = dict(sent_segments(sealed.folder, withheld))
        self.captures = {
            digest: (sealed.folder / "blobs" / digest).read_bytes() for digest in sent_blobs(sealed.folder, withheld)
        }
        self.body: dict[str, object] = {
            "seal": sealed.seal_raw.decode(),
            "segments": list(self.segments),
            "directory": sha256(session.directory),
            "policy": policy_digest(policy),
        }

    @property
    def files(self) -> dict[str, bytes]:
        return self.segments | self.captures

    def put_files(self) -> None:
        for digest, octets in self.files.items():
            answer = self.client.put(f"/v1/sessions/{self.id}/blobs/{digest}", data=octets)
            assert answer.status_code == 201, answer.text

    def put_seal(self, **changes: object) -> requests.Response:
        return self.client.put(f"/v1/sessions/{self.id}/seal", json=self.body | changes)


def short_session(platform: RunningPlatform, trainer: Member, folder: Path, name: str = "session") -> LiveSession:
    """Stopped, not sealed: two ticks, a capture that stays, one that is removed, two cosignatures."""
    session = LiveSession(platform, trainer, folder, name)
    session.add(Kind.ACK, events.Ack(session.reading.t_us, policy_digest(platform.organisation.policy), "0" * 64, "en"))
    session.tick()
    session.capture(b"kept " + name.encode())
    removed: Event = session.capture(b"removed " + name.encode())
    session.cosigned_checkpoint()
    session.tick()
    session.stop()
    session.redact(removed.seq)
    return session
