# SPDX-License-Identifier: Apache-2.0
"""The signed statements: who said what about which session, and when.

Rules:

1. A statement is one DSSE envelope whose payload is one JSON object: the fields below in this order, none missing,
   none besides; integers only. Each kind has a payload type of its own, so none can be taken for another.
2. Each names the organisation (the fingerprint of its root key), its subject, and the head of the organisation log
   that its author last saw, so that a hidden or reordered statement shows.
3. `at_us`, `issued_us` and `received_us` are the author's clock, microseconds of UTC since 1970.
4. Public keys are 64 hexadecimal digits, wrapped secrets base64, digests 64 hexadecimal digits.

The directory is a statement too; it has a module of its own, as has the seal.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar, Final, Literal, TypeVar

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.signing import SigningKey
from session.events import U53, Digest, SessionId, Short, Text
from session.log.merkle import MAX_PROOF
from session.trust.dsse import (
    DIRECTORY_BYTES,
    STATEMENT_BYTES,
    PublicKey,
    open_envelope,
    read_envelope,
    seal_envelope,
    strict_json,
)

EMPTY_LOG_ROOT: Final = hashlib.sha256(b"").hexdigest()
"""Root of a log without entries: what an author who saw none names. Source: RFC 6962 §2.1."""
NO_DIRECTORY: Final = "0" * 64
"""In place of a directory's digest in a personal session."""
REMOVED_MOST: Final = 512
"""Most ranges, and most pictures, that one removal names. Source: docs/session-format.md, 10."""

Range = tuple[U53, U53]


class LogHead(msgspec.Struct, frozen=True):
    """Size and root (hexadecimal) of the organisation log, as statements name them: `log_size`, `log_root`."""

    size: int = 0
    root: str = EMPTY_LOG_ROOT


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all statements."""

    payload_type: ClassVar[str]
    subject_field: ClassVar[str] = "session"

    organisation: Digest

    @property
    def subject(self) -> str:
        """What the statement is about: a session, a device or a person."""
        return str(getattr(self, self.subject_field))


class Grant(Statement, frozen=True, kw_only=True):
    """The platform allows one session: this session key, device, person and policy, to start by `start_by_us`.

    Signed by the directory's grant key. `nonce` is random, so a session cannot have begun before `issued_us`.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.grant.v1+json"

    session: SessionId
    session_key: PublicKey
    device: Short
    person: Short
    project: Short
    policy_sha256: Digest
    directory_sha256: Digest
    nonce: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32,64}\Z")]
    issued_us: U53
    start_by_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class Personal(Statement, frozen=True, kw_only=True):
    """The opening of a session without a grant, signed by the device key.

    `mode` "personal": nobody but the person stands behind it; `organisation` is the fingerprint of the person key and
    `directory_sha256` is `NO_DIRECTORY`. `mode` "offline": an enrolled trainer had no grant left; the directory is the
    organisation's, and no lower bound of time is proved.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.personal.v1+json"

    mode: Literal["personal", "offline"]
    session: SessionId
    session_key: PublicKey
    person: Short
    person_key: PublicKey
    device: Short
    device_key: PublicKey
    policy_sha256: Digest
    directory_sha256: Digest
    issued_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class DeviceCertificate(Statement, frozen=True, kw_only=True):
    """The person vouches for a device key, signed by the person key.

    `reading_key` is the person's X25519 key that this device wraps content keys for: START's `reader` is its SHA-256.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.device.v1+json"
    subject_field: ClassVar[str] = "device"

    person: Short
    device: Short
    device_key: PublicKey
    reading_key: PublicKey
    issued_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class SessionCertificate(Statement, frozen=True, kw_only=True):
    """The device vouches for a session key, signed by the device key."""

    payload_type: ClassVar[str] = "application/vnd.fairwitness.session.v1+json"

    device: Short
    session: SessionId
    session_key: PublicKey
    issued_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class Receipt(Statement, frozen=True, kw_only=True):
    """The platform has the whole session, signed by the directory's receipt key.

    `log_size` and `log_root` are the head after the seal was entered, `log_index` its place (-1: this platform keeps no
    log yet) and `log_proof` the RFC 6962 inclusion proof of the leaf SHA256(0x00 | bytes of seal.dsse).
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.receipt.v1+json"

    session: SessionId
    person: Short
    seal_sha256: Digest
    root: Digest
    size: U53
    received_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT
    log_index: Annotated[int, msgspec.Meta(ge=-1, le=2**53 - 1)] = -1
    log_proof: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=MAX_PROOF)] = ()


class Access(Statement, frozen=True, kw_only=True):
    """`person` was given these files of a session (digests), as *fetched*; signed by the receipt key."""

    payload_type: ClassVar[str] = "application/vnd.fairwitness.access.v1+json"

    session: SessionId
    person: Short
    files: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=512)]
    at_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class Decision(Statement, frozen=True, kw_only=True):
    """A named person's decision on one finding, in writing; signed by that person's key.

    `finding` is the seq of the FINDING record. `seal_sha256` says which sealed record was in front of them.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.decision.v1+json"

    session: SessionId
    seal_sha256: Digest
    finding: U53
    outcome: Literal["upheld", "not upheld", "ask"]
    reason: Text
    person: Short
    at_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class Reply(Statement, frozen=True, kw_only=True):
    """The trainer's answer to a decision (`decision_sha256` of its envelope); signed by the person key."""

    payload_type: ClassVar[str] = "application/vnd.fairwitness.reply.v1+json"

    session: SessionId
    decision_sha256: Digest
    text: Text
    person: Short
    at_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class OpeningWrap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record keys of an opening for one review key; `recipient` is the SHA-256 of that key."""

    recipient: Digest
    epoch: U53
    wrapped: Annotated[str, msgspec.Meta(max_length=32768)]


class OpeningStatement(Statement, frozen=True, kw_only=True):
    """The trainer opens chosen withheld records; signed by the person key.

    `wrapped` holds the 32-byte record keys in the order of `records`, one after another, by HPKE with
    info = "fairwitness/v1/opening" | organisation | session | seal_sha256 | recipient. The frames of these records are
    then sent SEALED. A record key opens its own record and no other.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.opening.v1+json"

    session: SessionId
    seal_sha256: Digest
    records: Annotated[tuple[U53, ...], msgspec.Meta(min_length=1, max_length=512)]
    wraps: Annotated[tuple[OpeningWrap, ...], msgspec.Meta(max_length=8)]
    person: Short
    at_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class Removal(Statement, frozen=True, kw_only=True):
    """Sealed parts of these records are gone after the seal, on purpose.

    `by` "person": signed by the trainer's person key; "organisation": by the root key, under retention. `ranges` are
    seqs, both ends included; `blobs` are the digests that went with them.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.removal.v1+json"

    session: SessionId
    seal_sha256: Digest
    ranges: Annotated[tuple[Range, ...], msgspec.Meta(min_length=1, max_length=REMOVED_MOST)]
    blobs: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=REMOVED_MOST)]
    reason: Short
    by: Literal["person", "organisation"]
    at_us: U53
    log_size: U53 = 0
    log_root: Digest = EMPTY_LOG_ROOT


class _Named(msgspec.Struct, frozen=True):
    """What every kind ends with."""

    log_size: int
    log_root: str


STATEMENTS: Final[tuple[type[Statement], ...]] = (
    Grant,
    Personal,
    DeviceCertificate,
    SessionCertificate,
    Receipt,
    Access,
    Decision,
    Reply,
    OpeningStatement,
    Removal,
)
PAYLOAD_TYPES: Final[dict[str, type[Statement]]] = {kind.payload_type: kind for kind in STATEMENTS}
"""Each kind by its payload type."""

S = TypeVar("S", bound=Statement)


def sign(statement: Statement, key: SigningKey) -> bytes:
    """The statement as a signed envelope.

    Raises:
        InputFault: a field holds what no reader would take (names it), or the envelope is over 64 KiB.
    """
    body = msgspec.json.encode(statement)
    try:
        msgspec.json.decode(body, type=type(statement))
    except msgspec.ValidationError as error:
        raise InputFault(f"{type(statement).__name__}: {error}.") from error
    raw = seal_envelope(statement.payload_type, body, key)
    if len(raw) > STATEMENT_BYTES:
        raise InputFault(
            f"{type(statement).__name__}: {len(raw)} bytes are more than the {STATEMENT_BYTES} that a reader takes."
        )
    return raw


def open_statement(raw: bytes, kind: type[S], public: bytes) -> S:
    """The statement of that kind in `raw`, signed by the key `public` (32 raw bytes) and by no other.

    Raises:
        IntegrityFault: too large, another kind, another spelling, another signer, the signature does not hold, or a log
            without entries has another root than nothing has.
    """
    statement = strict_json(open_envelope(raw, kind.payload_type, public), kind)
    if getattr(statement, "log_size", None) == 0 and getattr(statement, "log_root", "") != EMPTY_LOG_ROOT:
        raise IntegrityFault(f"{kind.__name__} names a log without entries and a root that such a log does not have")
    return statement


def named_head(raw: bytes) -> LogHead | None:
    """The head of the organisation log that the statement in `raw` names; None for a kind that names none.

    Its signature is not checked here.

    Raises:
        IntegrityFault: no envelope, or not in its one spelling.
    """
    outer, body = read_envelope(raw, max_bytes=DIRECTORY_BYTES)
    kind = PAYLOAD_TYPES.get(outer.payload_type)
    if kind is None:
        return None
    strict_json(body, kind)
    named = msgspec.json.decode(body, type=_Named)
    return LogHead(named.log_size, named.log_root)
