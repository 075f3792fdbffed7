# SPDX-License-Identifier: Apache-2.0
"""The recovery code: 256 random bits as 24 words, and the person's keys that are made of them.

Rules:

1. The words are those of BIP-39 for 256 bits: the bits, then the first byte of their SHA-256, 11 bits a word, from the same
   list as the six words. A word that is wrong is named by its place; words in another order do not pass the checksum
   (except one time in 256).
2. Each key is HKDF-SHA256 of the secret under an info of its own that names the organisation's root key: the same words in
   two organisations would be two persons' keys, and no key says anything of another or of the secret.
3. Nothing here logs or repeats a word.

Source: docs/session-format.md, Recovery code; BIP-39; RFC 5869.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from session import InputFault
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey, word_list

SECRET_BYTES: Final = 32
CODE_WORDS: Final = 24
"""256 bits and 8 bits of checksum, 11 bits a word."""
_WORD_BITS: Final = 11
_SIGNING: Final = b"fairwitness/v1/person/signing"
_READING: Final = b"fairwitness/v1/person/reading"


class PersonKeys(msgspec.Struct, frozen=True):
    """A person's two keys in one organisation."""

    signing: SigningKey
    reading: ReadingKey


def new_secret() -> bytes:
    """A new secret, 32 random bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def code_words(secret: bytes) -> tuple[str, ...]:
    """The 24 words of a secret of 32 bytes.

    Raises:
        ValueError: it has another length; a bug.
    """
    number = int.from_bytes(secret + _checksum(secret), "big")
    listed = word_list()
    last = CODE_WORDS - 1
    return tuple(listed[number >> _WORD_BITS * (last - place) & (1 << _WORD_BITS) - 1] for place in range(CODE_WORDS))


def secret_of(text: str, called: str = "recovery code") -> bytes:
    """The secret of a code as somebody typed it: any case, any blanks or commas, with or without the words' numbers.

    Args:
        text: the words.
        called: what the person knows these words as, for the fault.

    Raises:
        InputFault: not 24 words, a word that is not in the list (says which, by its place), or the checksum does not hold.
    """
    given = [part for part in (one.strip(".,;:").lower() for one in text.split()) if part and not _is_number(part)]
    given = [word for part in given for word in part.split(",") if word]
    if len(given) != CODE_WORDS:
        raise InputFault(f"A {called} has {CODE_WORDS} words; these are {len(given)}. Please look at your page again.")
    places = {word: number for number, word in enumerate(word_list())}
    number = 0
    for at, word in enumerate(given, 1):
        if word not in places:
            raise InputFault(f"Word {at} is not in the list of words. Please look at your page again.")
        number = number << _WORD_BITS | places[word]
    whole = number.to_bytes(SECRET_BYTES + 1, "big")
    secret = whole[:SECRET_BYTES]
    if whole[SECRET_BYTES:] != _checksum(secret):
        raise InputFault(
            f"All these words are in the list, but together they are no {called}: one of them is another one, or two "
            "changed places. Please look at your page again."
        )
    return secret


def person_keys(secret: bytes, org_fp: str) -> PersonKeys:
    """The person's keys of this secret in the organisation of that root key.

    Raises:
        ValueError: the secret is not 32 bytes or the fingerprint not 64 hexadecimal digits; a bug.
    """
    organisation = bytes.fromhex(org_fp)
    if len(secret) != SECRET_BYTES or len(organisation) != hashlib.sha256().digest_size:
        raise ValueError("a recovery secret and a fingerprint have 32 bytes each")
    signing, reading = (
        HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=use + organisation).derive(secret)
        for use in (_SIGNING, _READING)
    )
    return PersonKeys(SigningKey(signing), ReadingKey(reading))


def _checksum(secret: bytes) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise ValueError("a recovery secret has 32 bytes")
    return hashlib.sha256(secret).digest()[:1]


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit()
