# SPDX-License-Identifier: Apache-2.0
"""DSSE version 1 envelopes and strict JSON.

Rules:

1. The signature covers the payload's type and its bytes as they stand; nothing is re-serialised before checking.
2. An envelope and a payload have one spelling each: what does not re-encode to the same bytes is refused. So a
   duplicate key, an unknown key, another key order, white space, a float, NaN, a trailing byte or another spelling
   of the same base64 never passes, and no byte of an accepted envelope can change without being noticed.
3. Every signature in an envelope must be one that the reader asked for, in that order: none is left unchecked.
4. Sizes are bounded before anything is decoded.

Source: DSSE v1.0.2, protocol.md (PAE) and envelope.md. Narrower than DSSE in rule 2, on purpose.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, TypeVar

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.signing import SigningKey, check_signature, fingerprint
from session.events import Digest

STATEMENT_BYTES: Final = 64 * 1024
"""Greatest envelope of any kind but the directory. Source: docs/session-format.md, Statements."""
DIRECTORY_BYTES: Final = 1024 * 1024
"""Greatest envelope of a directory. Source: as above."""

PublicKey = Digest
"""32 bytes of a public key as 64 lower-case hexadecimal digits: the same spelling as a digest."""

T = TypeVar("T")


class EnvelopeSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature: `keyid` is the SHA-256 of the public key, `sig` 64 bytes in base64."""

    keyid: Digest
    sig: Annotated[str, msgspec.Meta(max_length=88)]


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"payload_type": "payloadType"}):
    """An envelope as it stands in a file; says nothing about whether its signatures hold."""

    payload: str
    payload_type: Annotated[str, msgspec.Meta(max_length=128)]
    signatures: Annotated[tuple[EnvelopeSignature, ...], msgspec.Meta(min_length=1, max_length=4)]


def pae(payload_type: str, body: bytes) -> bytes:
    """The bytes that are signed: DSSE's pre-authentication encoding.

    Source: DSSE v1.0.2, protocol.md, Signature Definition.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def strict_json(raw: bytes, schema: type[T]) -> T:
    """The value in `raw`, which must be exactly how this program would have written it.

    Raises:
        IntegrityFault: not JSON of that schema, or another spelling of it (rule 2).
    """
    try:
        value = msgspec.json.decode(raw, type=schema)
        again = msgspec.json.encode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise IntegrityFault(f"not the JSON that {schema.__name__} is: {error}") from error
    if again != raw:
        raise IntegrityFault(f"{schema.__name__} is not in its one spelling (key order, duplicates, spaces or numbers)")
    return value


def canonical_base64(text: str) -> bytes:
    """The bytes of padded standard base64; raises `IntegrityFault` for any but the one spelling."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise IntegrityFault("not base64") from error
    if base64.b64encode(decoded).decode() != text:
        raise IntegrityFault("base64 is not in its one spelling")
    return decoded


def seal_envelope(payload_type: str, body: bytes, *keys: SigningKey) -> bytes:
    """The envelope of `body`, signed by `keys` in this order.

    Raises:
        InputFault: the envelope would be larger than any reader takes, or there is no key.
    """
    if not keys:
        raise InputFault("signatures: an envelope needs at least one signing key.")
    signed = pae(payload_type, body)
    envelope = Envelope(
        payload=base64.b64encode(body).decode(),
        payload_type=payload_type,
        signatures=tuple(
            EnvelopeSignature(keyid=fingerprint(key.public), sig=base64.b64encode(key.sign(signed)).decode()) for key in keys
        ),
    )
    raw = msgspec.json.encode(envelope)
    if len(raw) > DIRECTORY_BYTES:
        raise InputFault(f"{payload_type}: {len(raw)} bytes are more than the {DIRECTORY_BYTES} that a reader takes.")
    return raw


def read_envelope(raw: bytes, *, max_bytes: int = STATEMENT_BYTES) -> tuple[Envelope, bytes]:
    """The envelope and its payload, with no signature checked: for finding out whose signature to ask for.

    Raises:
        IntegrityFault: too large, or not in the one spelling.
    """
    if len(raw) > max_bytes:
        raise IntegrityFault(f"the envelope has {len(raw)} bytes, more than {max_bytes}")
    envelope = strict_json(raw, Envelope)
    return envelope, canonical_base64(envelope.payload)


def open_envelope(raw: bytes, payload_type: str, *publics: bytes, max_bytes: int = STATEMENT_BYTES) -> bytes:
    """The payload of `raw`, signed by exactly the keys `publics` (32 raw bytes each) in this order.

    Raises:
        IntegrityFault: too large, another type, another spelling, another signer, or a signature that does not hold.
    """
    envelope, body = read_envelope(raw, max_bytes=max_bytes)
    if envelope.payload_type != payload_type:
        raise IntegrityFault(f"the envelope holds {envelope.payload_type!r}, not {payload_type!r}")
    if len(envelope.signatures) != len(publics) or not publics:
        raise IntegrityFault(f"the envelope has {len(envelope.signatures)} signatures where {len(publics)} belong")
    signed = pae(payload_type, body)
    for signature, public in zip(envelope.signatures, publics, strict=True):
        if signature.keyid != fingerprint(public):
            raise IntegrityFault(
                f"the envelope is signed by key {signature.keyid[:16]}…, not by {fingerprint(public)[:16]}…"
            )
        check_signature(public, canonical_base64(signature.sig), signed)
    return body
