# SPDX-License-Identifier: Apache-2.0
"""One record is proved to a third party, who reads it and nothing else; a proof that was changed does not hold."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import msgspec
import pytest
from trust_builders import (
    DAY_US,
    ORIGIN_US,
    Organisation,
    SealedSession,
    organisation,
    personal_session,
    reading_key,
    realistic_session,
    signing_key,
)

from session import InputFault, IntegrityFault
from session.crypto.aead import RecordKey
from session.events import Capture, Gap, Kind, Note, Stats
from session.frames import SEALED, open_frame
from session.segments import session_frames
from session.trust.directory import Revocation
from session.verify import TrustAnchor
from session.verify.one import HEADER, Proven, check_proof, prove


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def sealed(org: Organisation, tmp_path: Path) -> SealedSession:
    return realistic_session(org, tmp_path / "s")


def first(sealed: SealedSession, kind: Kind) -> int:
    """The seq of the first record of that type whose sealed part is still here."""
    frames = {frame.seq: frame for _, _, frame in session_frames(sealed.folder)}
    return next(seq for seq, frame in frames.items() if frame.kind == kind and (frame.flags in (SEALED, 2)))


def proof_of(sealed: SealedSession, seq: int) -> bytes:
    return prove(sealed.folder, seq, sealed.keys.content)


def parts(proof: bytes) -> tuple[list[str], dict[str, object], bytes]:
    """Head lines, what is carried, note."""
    head, _, note = proof.partition(b"\n\n")
    lines = head.decode().split("\n")
    return lines, json.loads(base64.b64decode(lines[1].removeprefix("extra "))), note


def joined(lines: list[str], carried: dict[str, object], note: bytes) -> bytes:
    extra = base64.b64encode(msgspec.json.encode(carried)).decode()
    return "\n".join([lines[0], f"extra {extra}", *lines[2:]]).encode() + b"\n\n" + note


def changed(proof: bytes, **fields: object) -> bytes:
    lines, carried, note = parts(proof)
    return joined(lines, carried | fields, note)


def test_a_screenshot_is_proved_with_its_picture_and_both_bounds_of_time(org: Organisation, sealed: SealedSession) -> None:
    seq = first(sealed, Kind.CAPTURE)
    proof = proof_of(sealed, seq)
    assert proof.startswith(f"{HEADER}\nextra ".encode())
    proven = check_proof(proof, org.anchor)
    assert (proven.seq, proven.kind, proven.person, proven.trusted) == (seq, Kind.CAPTURE, "ada", True)
    assert isinstance(proven.body, Capture)
    assert proven.image == b"one"
    assert proven.not_before_us == ORIGIN_US - 3_600_000_000
    assert proven.by_us is not None
    assert ORIGIN_US < proven.by_us < ORIGIN_US + 60_000_000
    assert check_proof(proof).trusted is False
    assert check_proof(proof).organisation == org.fp


@pytest.mark.parametrize(("kind", "body"), [(Kind.NOTE, Note), (Kind.STATS, Stats), (Kind.GAP, Gap)])
def test_sealed_and_public_records_are_proved_alike(
    org: Organisation, sealed: SealedSession, kind: Kind, body: type
) -> None:
    proven = check_proof(proof_of(sealed, first(sealed, kind)), org.anchor)
    assert isinstance(proven.body, body)
    assert proven.image == b""


def test_a_withheld_record_is_proved_by_its_trainer(org: Organisation, sealed: SealedSession) -> None:
    assert check_proof(proof_of(sealed, first(sealed, Kind.RAW)), org.anchor).kind == Kind.RAW


def test_the_key_of_one_record_opens_no_other_and_the_proof_holds_no_other(sealed: SealedSession) -> None:
    seq = first(sealed, Kind.NOTE)
    proof = proof_of(sealed, seq)
    _, carried, _ = parts(proof)
    key = RecordKey(bytes.fromhex(str(carried["record_key"])))
    whole = proof + b"".join(base64.b64decode(str(carried[name])) for name in ("frame", "opening", "start", "blob"))
    for _, _, frame in session_frames(sealed.folder):
        if frame.flags == SEALED and frame.seq != seq:
            with pytest.raises(IntegrityFault):
                open_frame(frame, key)
            assert frame.tail[48:] not in whole
    assert sealed.keys.content_s.hex() not in whole.decode("latin-1")
    assert sealed.keys.content_s not in whole


def test_a_personal_session_and_one_without_cosignatures_prove_no_time(org: Organisation, tmp_path: Path) -> None:
    alone = personal_session(tmp_path / "alone")
    note = alone.note("mine")
    alone.stop()
    proven = check_proof(prove(alone.seal().folder, note.seq, alone.keys.content))
    assert (proven.not_before_us, proven.by_us, proven.person) == (None, None, "eve")
    session = org.open_session(tmp_path / "s")
    said = session.note("kept")
    session.checkpoint()
    proven = check_proof(prove(session.seal().folder, said.seq, session.keys.content), org.anchor)
    assert proven.by_us is None
    assert proven.not_before_us is not None


def test_what_cannot_be_proved_says_why(sealed: SealedSession) -> None:
    removed = next(f.seq for _, _, f in session_frames(sealed.folder) if f.kind == Kind.NOTE and f.flags != SEALED)
    last = sum(1 for _ in session_frames(sealed.folder)) - 1
    for seq, why in ((10_000, "no record 10000"), (removed, "removed or withheld"), (last, "no checkpoint covers")):
        with pytest.raises(InputFault, match=why):
            proof_of(sealed, seq)
    with pytest.raises(InputFault, match="no key on this computer"):
        prove(sealed.folder, first(sealed, Kind.NOTE), {})


def test_another_organisation_than_the_trusted_one_is_refused(sealed: SealedSession) -> None:
    with pytest.raises(IntegrityFault, match="another organisation"):
        check_proof(proof_of(sealed, first(sealed, Kind.NOTE)), TrustAnchor("ab" * 32))


def test_a_key_that_was_revoked_before_proves_nothing(org: Organisation, sealed: SealedSession) -> None:
    unseen, seen = proof_of(sealed, first(sealed, Kind.NOTE)), proof_of(sealed, first(sealed, Kind.STATS))
    assert (check_proof(unseen).by_us, check_proof(seen).by_us is None) == (None, False)
    revoked = Revocation(revoked_key=sealed.person.device_key.public.hex(), revoked_us=ORIGIN_US)
    later = organisation(version=2, revocations=(revoked,), issued_us=ORIGIN_US + DAY_US, review_keys=org.review_keys)
    for proof in (unseen, seen):
        with pytest.raises(IntegrityFault, match="revoked"):
            check_proof(proof, TrustAnchor(org.fp, later.directory_bytes()))
    revoked = msgspec.structs.replace(revoked, revoked_us=ORIGIN_US + DAY_US)
    later = organisation(version=2, revocations=(revoked,), issued_us=ORIGIN_US + DAY_US, review_keys=org.review_keys)
    trust = TrustAnchor(org.fp, later.directory_bytes())
    assert check_proof(seen, trust).trusted, "it existed before"
    with pytest.raises(IntegrityFault, match="revoked"):
        check_proof(unseen, trust)  # nobody knows when it was made


def test_every_changed_byte_is_caught(org: Organisation, sealed: SealedSession) -> None:
    proof = proof_of(sealed, first(sealed, Kind.NOTE))
    unsigned = proof.count(b"\n\n")
    assert unsigned == 2  # above the checkpoint, and inside it
    for place in range(0, len(proof), 7):
        damaged = proof[:place] + bytes((proof[place] ^ (1 << place % 7),)) + proof[place + 1 :]
        try:
            proven = check_proof(damaged, org.anchor)
        except IntegrityFault:
            continue
        assert told(proven) == told(check_proof(proof, org.anchor)), f"byte {place}"  # a line of some other witness


def told(proven: Proven) -> tuple[object, ...]:
    """All that it proves but the bound that a cosignature gives."""
    return proven.session_id, proven.seq, proven.kind, proven.body, proven.image, proven.organisation


def test_parts_of_another_proof_do_not_fit(org: Organisation, sealed: SealedSession, tmp_path: Path) -> None:
    ours, theirs = proof_of(sealed, first(sealed, Kind.NOTE)), proof_of(sealed, first(sealed, Kind.STATS))
    session = org.open_session(tmp_path / "t", "another")
    foreign_seq = session.note("theirs").seq
    session.stop()
    foreign = prove(session.seal().folder, foreign_seq, session.keys.content)
    _, carried, note = parts(ours)
    for other in (theirs, foreign):
        lines, given, their_note = parts(other)
        for name in given:
            if given[name] != carried[name]:
                with pytest.raises(IntegrityFault):
                    check_proof(changed(ours, **{name: given[name]}), org.anchor)
        with pytest.raises(IntegrityFault):
            check_proof(joined(lines, carried, note), org.anchor)
        if their_note != note:
            with pytest.raises(IntegrityFault):
                check_proof(joined(parts(ours)[0], carried, their_note), org.anchor)


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2},
        {"more": 1},
        {"record_key": ""},
        {"record_key": "AB" * 32},
        {"record_key": "00" * 32},
        {"blob": "!"},
        {"frame": ""},
        {"opening": base64.b64encode(b"x" * 40).decode()},
        {"directory": ""},
        {"policy": ""},
        {"opening_proof": ["AAAA"]},
        {"start_proof": ["A" * 44] * 64},
    ],
)
def test_what_it_carries_is_checked_field_by_field(
    org: Organisation, sealed: SealedSession, fields: dict[str, object]
) -> None:
    with pytest.raises(IntegrityFault):
        check_proof(changed(proof_of(sealed, first(sealed, Kind.CAPTURE)), **fields), org.anchor)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        HEADER.encode(),
        f"{HEADER}\nindex 1\n\nx".encode(),
        f"{HEADER}\nextra \nindex 1\n\nx\n".encode(),
        b"\xff" * 99,
    ],
)
def test_what_is_no_proof_is_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityFault):
        check_proof(raw)


def test_another_reader_proves_nothing(sealed: SealedSession) -> None:
    """A key of nobody here: derived from other content keys, it does not fit the commitment."""
    seq = first(sealed, Kind.NOTE)
    wrong = {"s": reading_key("somebody").seed, "w": signing_key("somebody").public}
    with pytest.raises(IntegrityFault):
        prove(sealed.folder, seq, wrong)
