# SPDX-License-Identifier: Apache-2.0
"""Sessions that are rightly signed and wrong in one thing, and what the verifier must say of them."""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import replace
from trust_builders import OpenSession, Organisation, SealedSession

from session.crypto.hpke import ReadingKey
from session.frames import encode_frame, seal_frame
from session.seal import PAYLOAD_TYPE, read_seal
from session.segments import stripped
from session.trust.dsse import seal_envelope
from session.verify import Verification, verify_session


def outcome_of(org: Organisation, session: OpenSession, key: ReadingKey | None = None) -> Verification:
    session.tick()
    session.stop()
    return verify_session(session.seal().folder, trust=org.anchor, reading_key=key)


def assert_fails(outcome: Verification, step: str, detail: str = "") -> None:
    assert outcome.failed_step is not None, "it verified"
    assert (outcome.failed_step.name, detail in outcome.failed_step.detail) == (step, True), outcome.failed_step
    assert not outcome.verified
    assert all(one.passed is None for one in outcome.steps[outcome.failed_step.number :])


def resealed(sealed: SealedSession, **changes: object) -> None:
    """The seal again by the right key with other fields; the receipt goes."""
    said = replace(read_seal(sealed.seal_raw, sealed.keys.signing.public), **changes)
    raw = seal_envelope(PAYLOAD_TYPE, msgspec.json.encode(said), sealed.keys.signing)
    (sealed.folder / "seal.dsse").write_bytes(raw)
    (sealed.folder / "receipt.dsse").unlink(missing_ok=True)


def put_frame(session: OpenSession, kind: int, key_class: str, payload: bytes = b"[1]", content_key: bytes = b"") -> None:
    """A sealed record that the journal would not write."""
    frame = seal_frame(
        kind,
        session.journal.size,
        payload,
        content_key=content_key or session.keys.content[key_class],
        session_id=bytes.fromhex(session.keys.session_id),
        salt=bytes(16),
    )
    session.journal._waiting += encode_frame(frame)
    session.journal.tree.append(frame.leaf)


def put_statement(sealed: SealedSession, raw: bytes) -> None:
    """Puts a later statement where it belongs."""
    (sealed.folder / "statements" / f"{hashlib.sha256(raw).hexdigest()}.dsse").write_bytes(raw)


def without_contents(segment: bytes, seqs: set[int]) -> bytes:
    """The segment without the contents of these records."""
    return stripped(segment, lambda frame: frame.seq in seqs)
