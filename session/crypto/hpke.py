# SPDX-License-Identifier: Apache-2.0
"""Wrapping a secret for the holder of a reading key.

HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, one message a wrap, empty associated data:
a wrap is `enc[32] | ciphertext`. Whoever unwraps a content key compares it with its commitment `ckc` afterwards, since
base mode says nothing of who wrapped.

Source: RFC 9180; docs/session-format.md, Wraps.
"""

from __future__ import annotations

import hashlib
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from session import InputFault, IntegrityFault

KEY_BYTES: Final = 32
TAG_BYTES: Final = 16
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_FIELD: Final = 2**255 - 19
_SMALL_ORDER: Final = frozenset(
    (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _FIELD - 1,
    ),
)
"""The u coordinates whose every multiple the ladder takes to zero. Source: RFC 7748 section 6.1, RFC 9180 section 7.1.4."""


class ReadingKey:
    """An X25519 key pair that opens wraps. Its text form never shows the secret."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != KEY_BYTES:
            raise ValueError("a reading key's seed is 32 bytes")
        self._private = X25519PrivateKey.from_private_bytes(seed)
        self.seed: Final = seed
        self.public: Final[bytes] = self._private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> ReadingKey:
        """A new random key."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes, name: str = "") -> ReadingKey:
        """The key of 32 bytes kept before, under `name` where that is known.

        Raises:
            InputFault: what was kept has another length; names the key, never shows it.
        """
        if len(seed) != KEY_BYTES:
            raise InputFault(f"{name or 'A reading key'}: what is kept is not 32 bytes. Restore it from your backup.")
        return cls(seed)

    def __repr__(self) -> str:
        return f"ReadingKey(public={self.public.hex()})"

    def open(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """See `unwrap`."""
        return _SUITE.decrypt(wrapped, self._private, bound_to)


def check_reading_public(public: bytes) -> None:
    """Returns if wraps may be made for this X25519 public key.

    Raises:
        IntegrityFault: not 32 bytes, not the one spelling of its point, or a point of small order (everybody could read).
    """
    if len(public) != KEY_BYTES:
        raise IntegrityFault("A reading key is not 32 bytes.")
    coordinate = int.from_bytes(public, "little")
    if coordinate >= _FIELD:
        raise IntegrityFault("A reading key is not spelled in its one canonical form.")
    if coordinate in _SMALL_ORDER:
        raise IntegrityFault("A reading key is a point of small order, which keeps nothing secret.")


def wrap(secret: bytes, public: bytes, info: bytes) -> bytes:
    """`secret` for the holder of `public`, bound to `info`; 48 bytes longer than `secret`, different each time.

    Raises:
        IntegrityFault: see `check_reading_public`.
    """
    check_reading_public(public)
    return _SUITE.encrypt(secret, X25519PublicKey.from_public_bytes(public), info)


def check_wrapped(wrapped: bytes, secret_bytes: int) -> None:
    """Returns if this may be a wrap of a secret of `secret_bytes` bytes, as far as anybody sees without a key.

    Raises:
        IntegrityFault: it has another length, or its `enc` is a key that nobody may wrap with (`check_reading_public`).
    """
    if len(wrapped) != KEY_BYTES + secret_bytes + TAG_BYTES:
        raise IntegrityFault(f"A wrapped key has not its {KEY_BYTES + secret_bytes + TAG_BYTES} bytes.")
    check_reading_public(wrapped[:KEY_BYTES])


def unwrap(wrapped: bytes, key: ReadingKey, info: bytes) -> bytes:
    """The secret that was wrapped for `key` under this `info`.

    Raises:
        IntegrityFault: it was wrapped for another key, under another info, or changed since.
    """
    try:
        return key.open(wrapped, info)
    except (InvalidTag, ValueError) as error:
        raise IntegrityFault("A wrapped key does not open: it is for another reader or session, or was changed.") from error


def wrap_info(  # noqa: PLR0913, PLR0917 - the six things that a wrap is bound to, in the order of the format
    org_fp: str,
    session_id: str,
    policy_sha256: str,
    recipient_public: bytes,
    ckc_s: str,
    ckc_w: str,
) -> bytes:
    """The info that binds a wrap of a content key to its session, policy, reader and keys; 195 bytes.

    Args:
        org_fp: SHA-256 of the organisation's root public key, hexadecimal; in a personal session of the person's public key.
        session_id: 32 hexadecimal digits.
        policy_sha256: digest of the policy, hexadecimal.
        recipient_public: the reader's X25519 public key, 32 bytes.
        ckc_s: commitment to CK_s, hexadecimal.
        ckc_w: commitment to CK_w, hexadecimal.

    Raises:
        ValueError: a part has another length; a bug, since all come from checked fields.
    """
    recipient = hashlib.sha256(recipient_public).digest()
    parts = [bytes.fromhex(part) for part in (org_fp, session_id, policy_sha256)]
    parts += [recipient, bytes.fromhex(ckc_s), bytes.fromhex(ckc_w)]
    if [len(part) for part in parts] != [32, 16, 32, 32, 32, 32]:
        raise ValueError("a wrap is bound to 32, 16, 32, 32, 32 and 32 bytes")
    return b"fairwitness/v1/wrap" + b"".join(parts)
