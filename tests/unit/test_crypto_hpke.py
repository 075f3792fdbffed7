# SPDX-License-Identifier: Apache-2.0
"""Wraps: the standard's vector, a second implementation of RFC 9180, and what a wrap is bound to."""

from __future__ import annotations

import hashlib

import pytest
from format_independent import hpke_recipient, hpke_sender
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.crypto.hpke import ReadingKey, check_reading_public, unwrap, wrap, wrap_info

FIELD = 2**255 - 19
KEY = ReadingKey.from_seed(bytes(range(32)))
SECRETS = st.binary(min_size=32, max_size=32)

# Source: RFC 9180 appendix A.2.1, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode.
RFC_INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
RFC_EPHEMERAL = bytes.fromhex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
RFC_ENC = bytes.fromhex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
RFC_SEED = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
RFC_PUBLIC = bytes.fromhex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
RFC_KEY = bytes.fromhex("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91")
RFC_NONCE = bytes.fromhex("5c4d98150661b848853b547f")
RFC_TEXT = bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")
RFC_SEALED = bytes.fromhex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")


def test_the_second_implementation_is_that_of_the_standard() -> None:
    enc, sender = hpke_sender(RFC_EPHEMERAL, RFC_PUBLIC, RFC_INFO)
    assert enc == RFC_ENC
    assert (sender.aead_key, sender.base_nonce) == (RFC_KEY, RFC_NONCE)
    assert sender.seal(RFC_TEXT, b"Count-0") == RFC_SEALED
    assert hpke_recipient(RFC_ENC, RFC_SEED, RFC_INFO).open(RFC_SEALED, b"Count-0") == RFC_TEXT


def test_a_wrap_of_the_standards_context_opens_here() -> None:
    enc, sender = hpke_sender(RFC_EPHEMERAL, RFC_PUBLIC, RFC_INFO)
    key = ReadingKey.from_seed(RFC_SEED)
    assert key.public == RFC_PUBLIC
    assert unwrap(enc + sender.seal(RFC_TEXT, b""), key, RFC_INFO) == RFC_TEXT


@given(SECRETS, SECRETS, st.binary(max_size=300))
def test_wraps_and_the_second_implementation_open_each_other(secret: bytes, seed: bytes, info: bytes) -> None:
    key = ReadingKey.from_seed(seed)
    wrapped = wrap(secret, key.public, info)
    assert len(wrapped) == 80
    assert unwrap(wrapped, key, info) == secret
    assert hpke_recipient(wrapped[:32], seed, info).open(wrapped[32:], b"") == secret


def test_two_wraps_of_one_secret_have_nothing_in_common() -> None:
    one, two = wrap(b"s" * 32, KEY.public, b""), wrap(b"s" * 32, KEY.public, b"")
    assert one[:32] != two[:32]
    assert one[32:] != two[32:]


@given(SECRETS, st.data())
def test_every_changed_byte_is_refused(secret: bytes, drawn: st.DataObject) -> None:
    wrapped = bytearray(wrap(secret, KEY.public, b"info"))
    place = drawn.draw(st.integers(0, len(wrapped) - 1))
    wrapped[place] ^= drawn.draw(st.integers(1, 255))
    with pytest.raises(IntegrityFault, match="does not open"):
        unwrap(bytes(wrapped), KEY, b"info")


def test_another_reader_or_info_does_not_open() -> None:
    wrapped = wrap(b"s" * 32, KEY.public, b"info")
    with pytest.raises(IntegrityFault):
        unwrap(wrapped, ReadingKey.generate(), b"info")
    with pytest.raises(IntegrityFault):
        unwrap(wrapped, KEY, b"other")


@pytest.mark.parametrize("size", [0, 1, 31, 32, 47, 48, 79])
def test_short_wraps_are_refused(size: int) -> None:
    with pytest.raises(IntegrityFault):
        unwrap(wrap(b"s" * 32, KEY.public, b"")[:size], KEY, b"")


@pytest.mark.parametrize(
    "coordinate",
    [
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        FIELD - 1,
    ],
)
def test_points_that_keep_nothing_secret_are_refused(coordinate: int) -> None:
    public = coordinate.to_bytes(32, "little")
    with pytest.raises(IntegrityFault, match="small order"):
        wrap(b"s" * 32, public, b"")
    with pytest.raises(IntegrityFault, match="does not open"):
        unwrap(public + bytes(48), KEY, b"")


@pytest.mark.parametrize("value", [FIELD, FIELD + 1, FIELD + 18, 2**255, 2**255 + 9, 2**256 - 1])
def test_second_spellings_of_a_key_are_refused(value: int) -> None:
    with pytest.raises(IntegrityFault, match="canonical"):
        check_reading_public(value.to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(IntegrityFault, match="32 bytes"):
        check_reading_public(bytes(size))
    with pytest.raises(ValueError, match="32 bytes"):
        ReadingKey(bytes(size))


def test_a_key_never_shows_its_secret() -> None:
    key = ReadingKey.from_seed(b"\xa5" * 32)
    assert "a5a5" not in repr(key)
    assert key.public.hex() in repr(key)


def test_every_generated_key_is_another_and_comes_back_from_its_seed() -> None:
    one, two = ReadingKey.generate(), ReadingKey.generate()
    assert one.seed != two.seed
    assert ReadingKey.from_seed(one.seed).public == one.public
    check_reading_public(one.public)


def test_a_wrap_is_bound_to_six_things_in_the_order_of_the_format() -> None:
    info = wrap_info("01" * 32, "02" * 16, "03" * 32, KEY.public, "04" * 32, "05" * 32)
    expected = b"fairwitness/v1/wrap" + b"\x01" * 32 + b"\x02" * 16 + b"\x03" * 32
    assert info == expected + hashlib.sha256(KEY.public).digest() + b"\x04" * 32 + b"\x05" * 32
    assert len(info) == 195


@pytest.mark.parametrize("place", range(5))
def test_a_part_of_another_length_is_a_bug(place: int) -> None:
    parts = ["01" * 32, "02" * 16, "03" * 32, "04" * 32, "05" * 32]
    parts[place] += "00"
    org, session_id, policy, ckc_s, ckc_w = parts
    with pytest.raises(ValueError, match="bound to"):
        wrap_info(org, session_id, policy, KEY.public, ckc_s, ckc_w)
