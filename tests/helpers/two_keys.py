# SPDX-License-Identifier: Apache-2.0
"""One ChaCha20-Poly1305 ciphertext that opens under two keys to two stories: what a commitment to the key is there against.

    ciphertext, other = opened_by_two(key, associated, (b"what one reads", b"what the other reads"), 256)

Poly1305 is a polynomial in a secret r, plus a secret s: with both keys known, one free block of the ciphertext makes the two
tags equal. Source: RFC 8439, sections 2.5 and 2.8; Dodis, Grubbs, Ristenpart, Woodage, "Fast Message Franking" (2018).
"""

from __future__ import annotations

import hashlib
import struct
from itertools import count

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

BLOCK_BYTES = 16
_P = 2**130 - 5
_WORD = 2**128
_CLAMP = 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF


def opened_by_two(key: bytes, associated: bytes, stories: tuple[bytes, bytes], multiple: int) -> tuple[bytes, bytes]:
    """A ciphertext with its tag, and another key: both open it, each to a text that holds its story and is padded.

    The first story is where the first text begins; the second stands behind it, in the second text. The nonce is zero.

    Args:
        key: 32 bytes, of the first story.
        associated: of both.
        stories: what each key's text holds.
        multiple: of the padded text, at least 32 bytes.
    """
    first, second = (story + bytes(-len(story) % BLOCK_BYTES) for story in stories)
    size = len(first) + len(second) + 2 * BLOCK_BYTES
    size += -size % multiple
    for number in count():
        other = hashlib.sha256(b"another key" + number.to_bytes(8, "big") + key).digest()
        ours, theirs = _keystream(key, size), _keystream(other, size)
        if ours[-1] != theirs[-1]:
            continue  # else one of the two texts would not end in its padding
        shown = _xor(first, ours) + _xor(second, theirs[len(first) :])
        ciphertext = shown + bytes(size - len(shown) - 1) + bytes((ours[-1] ^ 0x80,))
        found = _with_one_tag(ciphertext, len(shown) // BLOCK_BYTES, associated, (key, other))
        if found is not None:
            return found, other
    raise AssertionError("one key in about a thousand will do")


def _with_one_tag(ciphertext: bytes, free: int, associated: bytes, keys: tuple[bytes, bytes]) -> bytes | None:
    """The ciphertext with block number `free` so chosen that both keys give one tag, and that tag behind it."""
    (r_1, s_1), (r_2, s_2) = (_one_time(key) for key in keys)
    at = slice(free * BLOCK_BYTES, (free + 1) * BLOCK_BYTES)
    blocks = _blocks(associated, ciphertext)
    place = len(blocks) - (len(ciphertext) // BLOCK_BYTES - free) - 1
    power = len(blocks) - place
    blocks[place] = 0
    rest_1, rest_2 = _polynomial(blocks, r_1), _polynomial(blocks, r_2)
    slope = (pow(r_1, power, _P) - pow(r_2, power, _P)) % _P
    for carried in range(-4, 5):
        value = (s_2 - s_1 + carried * _WORD + rest_2 - rest_1) * pow(slope, -1, _P) % _P
        tags = {
            (rest + value * pow(r, power, _P)) % _P + s & _WORD - 1
            for rest, r, s in ((rest_1, r_1, s_1), (rest_2, r_2, s_2))
        }
        if _WORD <= value < 2 * _WORD and len(tags) == 1:
            chosen = (value - _WORD).to_bytes(BLOCK_BYTES, "little")
            return ciphertext[: at.start] + chosen + ciphertext[at.stop :] + tags.pop().to_bytes(BLOCK_BYTES, "little")
    return None


def _one_time(key: bytes) -> tuple[int, int]:
    block = _chacha(key, 0, 32)
    return int.from_bytes(block[:16], "little") & _CLAMP, int.from_bytes(block[16:], "little")


def _blocks(associated: bytes, ciphertext: bytes) -> list[int]:
    lengths = struct.pack("<QQ", len(associated), len(ciphertext))
    text = associated + bytes(-len(associated) % BLOCK_BYTES) + ciphertext + bytes(-len(ciphertext) % BLOCK_BYTES) + lengths
    return [int.from_bytes(text[at : at + BLOCK_BYTES], "little") + _WORD for at in range(0, len(text), BLOCK_BYTES)]


def _polynomial(blocks: list[int], r: int) -> int:
    value = 0
    for block in blocks:
        value = (value + block) * r % _P
    return value


def _keystream(key: bytes, size: int) -> bytes:
    return _chacha(key, 1, size)


def _chacha(key: bytes, counter: int, size: int) -> bytes:
    nonce = counter.to_bytes(4, "little") + bytes(12)
    return Cipher(algorithms.ChaCha20(key, nonce), mode=None).encryptor().update(bytes(size))


def _xor(text: bytes, keystream: bytes) -> bytes:
    return bytes(one ^ two for one, two in zip(text, keystream, strict=False))
