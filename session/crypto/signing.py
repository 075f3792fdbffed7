# SPDX-License-Identifier: Apache-2.0
"""Signatures, fingerprints, and the six words that people compare.

Ed25519 with one answer everywhere: a public key that is a point of small order (it would accept signatures that nobody
made) or a second spelling of another key is refused, and so is a signature whose S is not reduced.

Source: RFC 8032; "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020).
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from session import InputFault, IntegrityFault

PUBLIC_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
WORDS: Final = 2048
"""Length of the word list: 11 bits a word."""
WORD_COUNT: Final = 6
"""Words shown: 66 bits. Source: docs/session-format.md, Six words."""

_FIELD: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255
_SMALL_ORDER_Y: Final = frozenset(
    (
        0,
        1,
        _FIELD - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    ),
)
"""The y coordinates of the eight points whose order divides 8. Source: recomputed in tests/unit/test_crypto_signing.py."""


class SigningKey:
    """An Ed25519 key pair. Its text form never shows the secret."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != PUBLIC_BYTES:
            raise ValueError("a signing key's seed is 32 bytes")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.seed: Final = seed
        self.public: Final[bytes] = self._private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> SigningKey:
        """A new random key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes, name: str = "") -> SigningKey:
        """The key of 32 bytes kept before, under `name` where that is known.

        Raises:
            InputFault: what was kept has another length; names the key, never shows it.
        """
        if len(seed) != PUBLIC_BYTES:
            raise InputFault(f"{name or 'A signing key'}: what is kept is not 32 bytes. Restore it from your backup.")
        return cls(seed)

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes; the same each time."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public.hex()})"


def check_public(public: bytes) -> None:
    """Returns if this Ed25519 public key may be trusted with anything.

    Raises:
        IntegrityFault: not 32 bytes, not the one spelling of its point, or a point of small order.
    """
    if len(public) != PUBLIC_BYTES:
        raise IntegrityFault("A public key is not 32 bytes.")
    y = int.from_bytes(public, "little") & ~_SIGN_BIT
    if y >= _FIELD:
        raise IntegrityFault("A public key is not spelled in its one canonical form.")
    if y in _SMALL_ORDER_Y:
        raise IntegrityFault("A public key is a point of small order, which accepts signatures that nobody made.")


def check_signature(public: bytes, signature: bytes, message: bytes) -> None:
    """Returns if `public` signed `message`.

    Raises:
        IntegrityFault: it did not, or the key or signature is none that may be taken (see `check_public`).
    """
    check_public(public)
    if len(signature) != SIGNATURE_BYTES:
        raise IntegrityFault("A signature is not 64 bytes.")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise IntegrityFault("A signature does not hold: another key signed, or the text was changed.") from error


def fingerprint(public: bytes) -> str:
    """SHA-256 of a public key, 64 hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()


def six_words(fingerprint_hex: str) -> tuple[str, ...]:
    """The first 66 bits of a fingerprint as six words, for two people to compare aloud.

    Raises:
        ValueError: it is not 64 hexadecimal digits; a bug, since all come from `fingerprint`.
    """
    digest = bytes.fromhex(fingerprint_hex)
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError("a fingerprint is 64 hexadecimal digits")
    listed = word_list()
    number = int.from_bytes(digest, "big") >> (256 - 11 * WORD_COUNT)
    return tuple(listed[(number >> (11 * (WORD_COUNT - 1 - place))) % WORDS] for place in range(WORD_COUNT))


def word_list() -> list[str]:
    """The 2,048 words, in the order of the list. Source: session/crypto/words.txt."""
    text = (files("session.crypto") / "words.txt").read_text("ascii")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
