# SPDX-License-Identifier: Apache-2.0
"""Proofs of one record that a holder of the session's keys made wrong on purpose: each is refused for what is wrong."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import msgspec
import pytest
from trust_builders import OpenSession, Organisation, organisation, realistic_session
from trust_wrongs import put_frame

from session import InputFault, IntegrityFault
from session.events import Capture, Kind
from session.frames import Frame, encode_frame, public_frame
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of, parse_checkpoint
from session.log.merkle import Tree
from session.log.note import note_bytes, parse_note, sign_note
from session.segments import session_frames
from session.verify.one import MAX_BYTES, check_proof, prove

NEWER = 130
"""A type of a later format: sealed, and sent to reviewers."""


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def session(org: Organisation, tmp_path: Path) -> OpenSession:
    return org.open_session(tmp_path / "s")


def text_of(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


class Proof:
    """A proof taken apart, to be put together with other parts."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.note = raw.partition(b"\n\n")
        self.lines = head.decode().split("\n")
        self.carried = json.loads(base64.b64decode(self.lines[1].removeprefix("extra ")))

    @property
    def raw(self) -> bytes:
        extra = text_of(msgspec.json.encode(self.carried))
        return "\n".join([self.lines[0], f"extra {extra}", *self.lines[2:]]).encode() + b"\n\n" + self.note

    def about(self, frame: Frame, tree: Tree) -> None:
        """Makes it the proof of another record of the same session."""
        size = parse_checkpoint(parse_note(self.note).text).size
        self.carried["frame"] = text_of(encode_frame(frame))
        self.lines[2:] = [f"index {frame.seq}", *map(text_of, tree.inclusion(frame.seq, size))]


def proved(session: OpenSession, seq: int) -> Proof:
    """The session's end, and the proof of one of its records."""
    session.stop()
    return Proof(prove(session.seal().folder, seq, session.keys.content))


def test_a_checkpoint_of_another_session_by_the_same_key_is_refused(org: Organisation, session: OpenSession) -> None:
    proof = proved(session, session.note("mine").seq)
    said = parse_checkpoint(parse_note(proof.note).text)
    other = format_checkpoint(CheckpointText(origin_of(org.fp, "9" * 32), said.size, said.root))
    proof.note = note_bytes(other, sign_note(other, said.origin, session.keys.signing))
    with pytest.raises(IntegrityFault, match="the checkpoint is of another session"):
        check_proof(proof.raw, org.anchor)


def test_a_record_of_a_newer_kind_is_neither_proved_nor_read(org: Organisation, session: OpenSession) -> None:
    newer = session.journal.size
    put_frame(session, NEWER, "s")
    proof = proved(session, session.note("mine").seq)
    with pytest.raises(InputFault, match=f"record {newer} is of a newer kind"):
        prove(session.folder, newer, session.keys.content)
    frames = [frame for _, _, frame in session_frames(session.folder)]
    proof.about(frames[newer], Tree([frame.leaf for frame in frames]))
    with pytest.raises(IntegrityFault, match="of a newer kind than this program reads"):
        check_proof(proof.raw, org.anchor)


def test_a_record_in_a_newer_spelling_is_not_read(org: Organisation, session: OpenSession) -> None:
    seq = session.journal.size
    put_frame(session, Kind.NOTE, "s", payload=b"[2]")
    with pytest.raises(IntegrityFault, match="of a newer format than this program reads"):
        check_proof(proved(session, seq).raw, org.anchor)


def test_more_bytes_than_any_proof_has_are_not_looked_into() -> None:
    with pytest.raises(IntegrityFault, match=f"at most {MAX_BYTES} bytes"):
        check_proof(bytes(MAX_BYTES + 1))


def test_nothing_may_follow_a_frame(org: Organisation, session: OpenSession) -> None:
    proof = proved(session, session.note("mine").seq)
    proof.carried["start"] = text_of(base64.b64decode(proof.carried["start"]) + b"\0")
    with pytest.raises(IntegrityFault, match="something follows a frame"):
        check_proof(proof.raw, org.anchor)


def test_what_it_carries_as_the_opening_must_be_one(org: Organisation, session: OpenSession) -> None:
    proof = proved(session, session.note("mine").seq)
    proof.carried["opening"] = text_of(encode_frame(public_frame(Kind.GAP, 0, b"[1]")))
    with pytest.raises(IntegrityFault, match=r"record 0 is not in its place \(place\)"):
        check_proof(proof.raw, org.anchor)


def test_a_directory_or_policy_that_is_larger_than_any_is_refused_before_it_is_read(
    org: Organisation, session: OpenSession
) -> None:
    proof = proved(session, session.note("mine").seq)
    proof.carried["policy"] = text_of(bytes(1024 * 1024))
    with pytest.raises(IntegrityFault, match=r"statements/policy\.toml has 1048576 bytes"):
        check_proof(proof.raw, org.anchor)


def test_another_picture_than_the_record_names_is_refused(org: Organisation, tmp_path: Path) -> None:
    sealed = realistic_session(org, tmp_path / "s")
    seq = next(event.seq for event in sealed.events if event.kind == Kind.CAPTURE)
    proof = Proof(prove(sealed.folder, seq, sealed.keys.content))
    proof.carried["blob"] = text_of(b"another picture")
    with pytest.raises(IntegrityFault, match="another picture than its record names"):
        check_proof(proof.raw, org.anchor)


def test_a_picture_of_another_size_than_its_record_says_is_refused(
    org: Organisation, session: OpenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = msgspec.json.encode

    def one_byte_more(body: object) -> bytes:
        return encode(msgspec.structs.replace(body, size_bytes=8) if isinstance(body, Capture) else body)

    with monkeypatch.context() as patch:
        patch.setattr("session.journal.msgspec.json.encode", one_byte_more)
        seq = session.capture(b"picture").seq
    with pytest.raises(IntegrityFault, match="another size than the record says"):
        check_proof(proved(session, seq).raw, org.anchor)
