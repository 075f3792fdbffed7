# SPDX-License-Identifier: Apache-2.0
"""The root key's recovery shares: both together give its seed back, either alone says nothing of it.

Rules:

1. Two of two: the first share is 32 bytes fresh from the system, the second is the seed XOR the first. Each alone is
   uniformly random, whatever the seed, so no computing power finds anything in it.
2. A share is spelled as a recovery code is: 24 words, of which eight bits are a checksum of that share.
3. Two shares that do not belong together give a seed, too, of another root key. Only the fingerprint tells: whoever joins
   shares compares it with a directory before that key is used for anything.

Source: docs/session-format.md, Recovery code, for the words; a one-time pad: Shamir, "How to Share a Secret" (1979),
for two of two.
"""

from __future__ import annotations

import secrets

from session import InputFault
from session.crypto.recovery_code import SECRET_BYTES, code_words, secret_of


def split(seed: bytes) -> tuple[bytes, bytes]:
    """Two shares of a seed, 32 bytes each, others at each call. Raises `ValueError` where it has not 32 bytes; a bug."""
    if len(seed) != SECRET_BYTES:
        raise ValueError("a root key's seed has 32 bytes")
    first = secrets.token_bytes(SECRET_BYTES)
    return first, _xor(seed, first)


def joined(first: bytes, second: bytes) -> bytes:
    """The seed of two shares, 32 bytes, in whichever order they are given; whose key it is, rule 3.

    Raises:
        InputFault: it is the same share twice.
        ValueError: one has not 32 bytes; a bug.
    """
    if {len(first), len(second)} != {SECRET_BYTES}:
        raise ValueError("a share has 32 bytes")
    if first == second:
        raise InputFault("share: this is the same one twice. The other one is needed as well.")
    return _xor(first, second)


def share_words(share: bytes) -> tuple[str, ...]:
    """The 24 words of a share of 32 bytes. Raises `ValueError` where it has another length; a bug."""
    return code_words(share)


def share_of(text: str) -> bytes:
    """The share that somebody typed; however it was written, as `recovery_code.secret_of`.

    Raises:
        InputFault: not 24 words, a word that is not in the list (names its place), or the checksum does not hold.
    """
    return secret_of(text, called="recovery share")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
