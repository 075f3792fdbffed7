# SPDX-License-Identifier: Apache-2.0
"""Padding, record keys, and the sealing of records and blobs, against hmac and hashlib."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from format_independent import hkdf
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.crypto.aead import (
    BLOB_PAD_BYTES,
    MAX_BLOB_BYTES,
    RecordKey,
    content_key_commitment,
    open_blob,
    open_record,
    pad,
    seal_blob,
    seal_record,
    unpad,
)

SESSION = bytes(range(16))
BLOB_KEY = b"\x07" * 32
HEADERS = st.binary(min_size=11, max_size=11)
SALTS = st.binary(min_size=16, max_size=16)
KEYS = st.binary(min_size=32, max_size=32)


@given(st.binary(max_size=600), st.integers(1, 520), st.integers(0, 1200))
def test_padding_comes_off_as_it_went_on(payload: bytes, multiple: int, least: int) -> None:
    padded = pad(payload, multiple, least=least)
    assert unpad(padded) == payload
    assert len(padded) % multiple == 0
    assert max(len(payload) + 1, least) <= len(padded) < max(len(payload) + 1, least) + multiple


@given(st.lists(st.binary(max_size=255), min_size=2, max_size=2))
def test_equal_padded_sizes_tell_nothing_of_the_payload(payloads: list[bytes]) -> None:
    assert len({len(pad(payload, 256)) for payload in payloads}) == 1


@pytest.mark.parametrize("padded", [b"", b"\x00", b"\x00" * 256, b"payload", b"payload\x00", b"\x80x"])
def test_what_is_not_padded_is_refused(padded: bytes) -> None:
    with pytest.raises(IntegrityFault, match="padding"):
        unpad(padded)


def test_a_payload_may_end_like_padding() -> None:
    for payload in (b"", b"\x80", b"\x80\x00", b"\x00", b"\x80" * 256):
        assert unpad(pad(payload, 32)) == payload


@pytest.mark.parametrize("multiple", [0, -1])
def test_padding_to_nothing_is_a_bug(multiple: int) -> None:
    with pytest.raises(ValueError, match="multiple"):
        pad(b"", multiple)


@given(KEYS)
def test_the_commitment_binds_a_content_key_to_its_class(content_key: bytes) -> None:
    assert content_key_commitment("s", content_key) == hashlib.sha256(b"\x04s" + content_key).digest()
    assert content_key_commitment("w", content_key) == hashlib.sha256(b"\x04w" + content_key).digest()


@pytest.mark.parametrize(("key_class", "size"), [("s", 31), ("w", 33), ("x", 32), ("", 32), ("sw", 32)])
def test_a_content_key_of_another_class_or_length_is_a_bug(key_class: str, size: int) -> None:
    with pytest.raises(ValueError, match="class s or w"):
        content_key_commitment(key_class, bytes(size))


@given(KEYS, SALTS, st.binary(min_size=16, max_size=16), HEADERS)
def test_record_keys_are_hkdf_of_key_salt_session_and_header(ck: bytes, salt: bytes, session: bytes, header: bytes) -> None:
    key = RecordKey.derive(ck, salt, session, header)
    assert key.secret == hkdf(ck, salt, b"fairwitness/v1/record" + session + header, 32)
    assert key.commitment == hashlib.sha256(b"\x03" + key.secret).digest()


@pytest.mark.parametrize("sizes", [(31, 16, 16, 11), (32, 15, 16, 11), (32, 16, 32, 11), (32, 16, 16, 15)])
def test_a_record_key_from_parts_of_another_length_is_a_bug(sizes: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="derived from"):
        RecordKey.derive(*(bytes(size) for size in sizes))


def test_a_record_key_never_shows_its_secret() -> None:
    assert "a5" not in repr(RecordKey(b"\xa5" * 32))


@given(KEYS, st.binary(max_size=300), st.binary(max_size=600))
def test_a_sealed_record_opens_with_its_key_and_slice(secret: bytes, p_slice: bytes, padded: bytes) -> None:
    key = RecordKey(secret)
    ciphertext = seal_record(key, p_slice, padded)
    assert len(ciphertext) == len(padded) + 16
    assert open_record(key, p_slice, ciphertext) == padded
    assert ChaCha20Poly1305(secret).decrypt(bytes(12), ciphertext, p_slice) == padded


@given(st.data())
def test_nothing_else_opens_a_sealed_record(drawn: st.DataObject) -> None:
    parts = [
        bytearray(b"k" * 32),
        bytearray(b"slice"),
        bytearray(seal_record(RecordKey(b"k" * 32), b"slice", b"padded\x80")),
    ]
    part = parts[drawn.draw(st.integers(0, 2))]
    part[drawn.draw(st.integers(0, len(part) - 1))] ^= drawn.draw(st.integers(1, 255))
    with pytest.raises(IntegrityFault, match="does not open"):
        open_record(RecordKey(bytes(parts[0])), bytes(parts[1]), bytes(parts[2]))


@pytest.mark.parametrize("size", [0, 15])
def test_a_ciphertext_shorter_than_its_tag_does_not_open(size: int) -> None:
    with pytest.raises(IntegrityFault):
        open_record(RecordKey(bytes(32)), b"", bytes(size))


@given(st.binary(max_size=3000), st.integers(0, 2**64 - 1), st.sampled_from([0, 1, BLOB_PAD_BYTES + 1]))
def test_a_blob_opens_in_its_session_and_seq(image: bytes, seq: int, least: int) -> None:
    blob = seal_blob(BLOB_KEY, SESSION, seq, image, least=least)
    assert (len(blob) - 16) % BLOB_PAD_BYTES == 0
    assert len(blob) - 16 >= least
    assert open_blob(BLOB_KEY, SESSION, seq, blob) == image
    aad = b"fairwitness/v1/blob" + SESSION + seq.to_bytes(8, "big")
    assert ChaCha20Poly1305(BLOB_KEY).decrypt(bytes(12), blob, aad).rstrip(b"\x00") == image + b"\x80"


def test_a_blob_opens_nowhere_else() -> None:
    blob = seal_blob(BLOB_KEY, SESSION, 5, b"image")
    changed = bytes((blob[0] ^ 1,)) + blob[1:]
    for blob_key, session, seq, ciphertext in (
        (b"\x08" * 32, SESSION, 5, blob),
        (BLOB_KEY, bytes(16), 5, blob),
        (BLOB_KEY, SESSION, 6, blob),
        (BLOB_KEY, SESSION, 5, changed),
    ):
        with pytest.raises(IntegrityFault, match="does not open"):
            open_blob(blob_key, session, seq, ciphertext)


@pytest.mark.parametrize("size", [0, 15, 16, 17, BLOB_PAD_BYTES, BLOB_PAD_BYTES + 15, BLOB_PAD_BYTES + 17])
def test_a_blob_of_another_size_is_refused_unopened(size: int) -> None:
    with pytest.raises(IntegrityFault, match="size that no picture"):
        open_blob(BLOB_KEY, SESSION, 5, bytes(size))


def test_blobs_are_bounded() -> None:
    most = (MAX_BLOB_BYTES - 16) // BLOB_PAD_BYTES * BLOB_PAD_BYTES
    assert len(seal_blob(BLOB_KEY, SESSION, 5, bytes(most - 1))) == most + 16
    with pytest.raises(ValueError, match="20 MiB"):
        seal_blob(BLOB_KEY, SESSION, 5, bytes(most))
    too_large = ChaCha20Poly1305(BLOB_KEY).encrypt(bytes(12), bytes(most + BLOB_PAD_BYTES), b"")
    with pytest.raises(IntegrityFault, match="size that no picture"):
        open_blob(BLOB_KEY, SESSION, 5, too_large)


def test_a_session_id_in_hexadecimal_is_a_bug() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        seal_blob(BLOB_KEY, b"0" * 32, 5, b"image")
