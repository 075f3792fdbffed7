# SPDX-License-Identifier: Apache-2.0
"""Padding, and the encryption of records and blobs.

Rules:

1. A record key is derived from a content key, a fresh salt, the session and the record's header: none is used twice.
2. A record key is committed to (`kc`), since ChaCha20-Poly1305 alone lets one ciphertext open to two texts under two keys.
3. The nonce is zero everywhere, since every key encrypts exactly one text.
4. Nothing here makes a choice from secret bytes or keeps a key.

Source: docs/session-format.md, Keys; RFC 8439; RFC 5869.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from session import IntegrityFault
from session.crypto.padding import BLOB_PAD_BYTES

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
TAG_BYTES: Final = 16
SESSION_ID_BYTES: Final = 16
HEADER_BYTES: Final = 11
MAX_BLOB_BYTES: Final = 20 * 1024 * 1024
"""Greatest encrypted blob. Source: docs/session-format.md, Captures."""

_NONCE: Final = bytes(12)
_LENGTHS: Final = (KEY_BYTES, SALT_BYTES, SESSION_ID_BYTES, HEADER_BYTES)


def pad(payload: bytes, multiple: int, *, least: int = 0) -> bytes:
    """`payload | 0x80 | 0x00*`, up to a multiple of `multiple` and at least `least` bytes.

    Raises:
        ValueError: `multiple` is not positive; a bug.
    """
    return (payload + b"\x80").ljust(_padded_bytes(payload, multiple, least), b"\x00")


def _padded_bytes(payload: bytes, multiple: int, least: int) -> int:
    if multiple <= 0:
        raise ValueError("padding needs a multiple")
    size = max(len(payload) + 1, least)
    return size + -size % multiple


def unpad(padded: bytes) -> bytes:
    """The payload that `pad` was given.

    Raises:
        IntegrityFault: it is not padded so.
    """
    stripped = padded.rstrip(b"\x00")
    if stripped[-1:] != b"\x80":
        raise IntegrityFault("The padding of a sealed part is not as the format says.")
    return stripped[:-1]


def content_key_commitment(key_class: str, content_key: bytes) -> bytes:
    """`ckc`, 32 bytes: what START says of a content key, so that nobody can be given another.

    Args:
        key_class: "s" for the sent types, "w" for the withheld.
        content_key: 32 bytes.

    Raises:
        ValueError: another class or length; a bug.
    """
    if key_class not in ("s", "w") or len(content_key) != KEY_BYTES:
        raise ValueError("a content key is 32 bytes of class s or w")
    return hashlib.sha256(b"\x04" + key_class.encode("ascii") + content_key).digest()


class RecordKey(msgspec.Struct, frozen=True):
    """The key of one record. Giving it away opens that record and says nothing of another.

    Args:
        secret: `rk`, 32 bytes.
    """

    secret: bytes

    @classmethod
    def derive(cls, content_key: bytes, salt: bytes, session_id: bytes, header: bytes) -> RecordKey:
        """The key for one salt, session and header.

        Args:
            content_key: 32 bytes.
            salt: 16 random bytes.
            session_id: 16 raw bytes.
            header: P[0:11], version to seq.

        Raises:
            ValueError: a length is wrong; a bug.
        """
        if (len(content_key), len(salt), len(session_id), len(header)) != _LENGTHS:
            raise ValueError("a record key is derived from 32, 16, 16 and 11 bytes")
        # HKDF-SHA256 of one block, its two steps by the standard library's HMAC: the first derivation after each sync finds
        # cold caches, and takes an HKDF object 52 µs then, this half of it.
        extracted = hmac.digest(salt, content_key, "sha256")
        return cls(hmac.digest(extracted, b"fairwitness/v1/record" + session_id + header + b"\x01", "sha256"))

    @property
    def commitment(self) -> bytes:
        """`kc`, 32 bytes: stands before the ciphertext and makes an opening unambiguous."""
        return hashlib.sha256(b"\x03" + self.secret).digest()

    def __repr__(self) -> str:
        return "RecordKey()"


def seal_record(record_key: RecordKey, p_slice: bytes, padded: bytes) -> bytes:
    """The ciphertext of a padded payload, 16 bytes longer than it. A record key seals exactly once."""
    return ChaCha20Poly1305(record_key.secret).encrypt(_NONCE, padded, p_slice)


def open_record(record_key: RecordKey, p_slice: bytes, ciphertext: bytes) -> bytes:
    """The padded payload in `ciphertext`. Whoever calls checks `kc` first (`session.frames.open_frame` does).

    Raises:
        IntegrityFault: key, slice or ciphertext is another.
    """
    return _open(record_key.secret, ciphertext, p_slice, "A sealed part does not open: its bytes are not what was sealed.")


def seal_blob(blob_key: bytes, session_id: bytes, seq: int, image: bytes, *, least: int = 0) -> bytes:
    """The encrypted blob of one CAPTURE, padded to a multiple of 16 KiB.

    Args:
        blob_key: 32 random bytes of this blob alone.
        session_id: 16 raw bytes.
        seq: of the CAPTURE.
        image: the encoded picture.
        least: smallest padded size in bytes.

    Raises:
        ValueError: the blob would be larger than 20 MiB, or a length is wrong; a bug of the capture.
    """
    size = _padded_bytes(image, BLOB_PAD_BYTES, least)
    if size + TAG_BYTES > MAX_BLOB_BYTES:
        raise ValueError("a blob must not be larger than 20 MiB")
    padded = bytearray(size)  # as `pad`, without copying a picture on the way: the zeros are the system's empty pages
    padded[: len(image)] = image
    padded[len(image)] = 0x80
    return ChaCha20Poly1305(blob_key).encrypt(_NONCE, padded, _blob_aad(session_id, seq))


def open_blob(blob_key: bytes, session_id: bytes, seq: int, ciphertext: bytes) -> bytes:
    """The encoded picture in an encrypted blob.

    Raises:
        IntegrityFault: key, session, seq or bytes are another, or the size is none a blob can have.
    """
    padded_bytes = len(ciphertext) - TAG_BYTES
    if len(ciphertext) > MAX_BLOB_BYTES or padded_bytes <= 0 or padded_bytes % BLOB_PAD_BYTES:
        raise IntegrityFault(f"The picture of record {seq} has a size that no picture can have.")
    what = f"The picture of record {seq} does not open: its bytes are not what was sealed."
    return unpad(_open(blob_key, ciphertext, _blob_aad(session_id, seq), what))


def _blob_aad(session_id: bytes, seq: int) -> bytes:
    if len(session_id) != SESSION_ID_BYTES:
        raise ValueError("a session id is 16 bytes")
    return b"fairwitness/v1/blob" + session_id + seq.to_bytes(8, "big")


def _open(secret: bytes, ciphertext: bytes, associated: bytes, what: str) -> bytes:
    try:
        return ChaCha20Poly1305(secret).decrypt(_NONCE, ciphertext, associated)
    except InvalidTag as error:
        raise IntegrityFault(what) from error
