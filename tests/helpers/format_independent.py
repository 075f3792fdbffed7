# SPDX-License-Identifier: Apache-2.0
"""The format once more, written from docs/session-format.md with hashlib, hmac and struct, to check `session` against.

Shares no code with `session`; slow and plain on purpose. Only the two ciphers come from `cryptography`.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SUITE_ID = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, 0x0003)
KEM_ID = b"KEM" + struct.pack(">H", 0x0020)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def extract(salt: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), ikm, "sha256")


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    out, block, count = b"", b"", 1
    while len(out) < size:
        block = hmac.digest(prk, block + info + bytes((count,)), "sha256")
        out, count = out + block, count + 1
    return out[:size]


def hkdf(ikm: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    return expand(extract(salt, ikm), info, size)


@dataclass(frozen=True)
class HpkeContext:
    """Key and base nonce of RFC 9180's base mode."""

    aead_key: bytes
    base_nonce: bytes

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        return ChaCha20Poly1305(self.aead_key).encrypt(self.base_nonce, plaintext, aad)

    def open(self, ciphertext: bytes, aad: bytes) -> bytes:
        return ChaCha20Poly1305(self.aead_key).decrypt(self.base_nonce, ciphertext, aad)


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return expand(prk, struct.pack(">H", size) + b"HPKE-v1" + suite + label + info, size)


def _hpke_context(dh: bytes, enc: bytes, recipient: bytes, info: bytes) -> HpkeContext:
    eae_prk = _labeled_extract(KEM_ID, b"", b"eae_prk", dh)
    shared = _labeled_expand(KEM_ID, eae_prk, b"shared_secret", enc + recipient, 32)
    schedule = b"\x00" + _labeled_extract(SUITE_ID, b"", b"psk_id_hash", b"")
    schedule += _labeled_extract(SUITE_ID, b"", b"info_hash", info)
    secret = _labeled_extract(SUITE_ID, shared, b"secret", b"")
    return HpkeContext(
        _labeled_expand(SUITE_ID, secret, b"key", schedule, 32),
        _labeled_expand(SUITE_ID, secret, b"base_nonce", schedule, 12),
    )


def hpke_sender(ephemeral_seed: bytes, recipient: bytes, info: bytes) -> tuple[bytes, HpkeContext]:
    """`enc` and the context, for a fixed ephemeral key; only vectors may fix it."""
    ephemeral = X25519PrivateKey.from_private_bytes(ephemeral_seed)
    enc = ephemeral.public_key().public_bytes_raw()
    dh = ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient))
    return enc, _hpke_context(dh, enc, recipient, info)


def hpke_recipient(enc: bytes, recipient_seed: bytes, info: bytes) -> HpkeContext:
    private = X25519PrivateKey.from_private_bytes(recipient_seed)
    dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    return _hpke_context(dh, enc, private.public_key().public_bytes_raw(), info)


@dataclass(frozen=True)
class PlainFrame:
    """A frame cut up with struct alone."""

    flags: int
    kind: int
    seq: int
    public: bytes
    p: bytes
    tail: bytes

    @property
    def commit(self) -> bytes:
        return {0: sha256(b"\x02", self.tail), 1: self.tail, 2: bytes(32)}[self.flags]

    @property
    def leaf(self) -> bytes:
        return sha256(b"\x00", self.p, self.commit)

    def open(self, content_key: bytes, session_id: bytes) -> bytes:
        """The unpadded payload."""
        kc, salt, ct = self.tail[:32], self.tail[32:48], self.tail[48:]
        rk = hkdf(content_key, salt, b"fairwitness/v1/record" + session_id + self.p[:11], 32)
        if sha256(b"\x03", rk) != kc:
            raise ValueError("kc")
        padded = ChaCha20Poly1305(rk).decrypt(bytes(12), ct, self.p)
        return padded.rstrip(b"\x00")[:-1]


def plain_frames(segment: bytes) -> list[PlainFrame]:
    """All frames of an undamaged segment."""
    if segment[:8] != b"FWS1\r\n\x1a\n":
        raise ValueError("magic")
    frames, at = [], 8
    while at < len(segment):
        (length,) = struct.unpack_from(">I", segment, at)
        end = at + 4 + length
        if struct.unpack_from(">I", segment, end)[0] != zlib.crc32(segment[at:end]):
            raise ValueError("crc")
        _version, kind, seq, publen = struct.unpack_from(">HBQI", segment, at + 5)
        p_end = at + 20 + publen
        frames.append(
            PlainFrame(segment[at + 4], kind, seq, segment[at + 20 : p_end], segment[at + 5 : p_end], segment[p_end:end]),
        )
        at = end + 4
    return frames


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, over leaf hashes."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01", naive_root(leaves[:split]), naive_root(leaves[split:]))


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*naive_path(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_path(index - split, leaves[split:]), naive_root(leaves[:split])]


def naive_subproof(old: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2; PROOF is its first call."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old <= split:
        return [*naive_subproof(old, leaves[:split], whole=whole), naive_root(leaves[split:])]
    return [*naive_subproof(old - split, leaves[split:], whole=False), naive_root(leaves[:split])]
