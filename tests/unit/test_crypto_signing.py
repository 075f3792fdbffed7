# SPDX-License-Identifier: Apache-2.0
"""Ed25519: the standard's vectors, and every key and signature with which one could cheat is refused."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from session import IntegrityFault
from session.crypto.signing import WORDS, SigningKey, check_public, check_signature, fingerprint, six_words

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD

# Source: RFC 8032 section 7.1, tests 1 to 3: secret, public, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def add(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    product = CURVE_D * one[0] * two[0] * one[1] * two[1]
    x = (one[0] * two[1] + two[0] * one[1]) * pow(1 + product, -1, FIELD)
    y = (one[1] * two[1] + one[0] * two[0]) * pow(1 - product, -1, FIELD)
    return x % FIELD, y % FIELD


def times(count: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while count:
        if count & 1:
            total = add(total, point)
        point, count = add(point, point), count >> 1
    return total


def torsion_y() -> set[int]:
    """The y of all points whose order divides 8, from the curve equation alone."""
    points: set[tuple[int, int]] = set()
    y = 2
    while len(points) < 8:
        square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
        x = pow(square, (FIELD + 3) // 8, FIELD)
        if x * x % FIELD != square:
            x = x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
        if x * x % FIELD == square:
            generator = times(ORDER, (x, y))
            points.update(times(count, generator) for count in range(8))
        y += 1
    return {point[1] for point in points}


def spellings(y: int) -> list[bytes]:
    """Every 32-byte string that a lax decoder reads as this y: both signs, and y + p where that fits."""
    return [(value | sign << 255).to_bytes(32, "little") for value in (y, y + FIELD) if value < 2**255 for sign in (0, 1)]


SMALL = sorted(spelling for y in torsion_y() for spelling in spellings(y))


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_the_vectors_of_the_standard_hold(secret: str, public: str, message: str, signature: str) -> None:
    key = SigningKey.from_seed(bytes.fromhex(secret))
    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    check_signature(bytes.fromhex(public), bytes.fromhex(signature), bytes.fromhex(message))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.data())
def test_a_changed_message_or_signature_does_not_hold(seed: bytes, message: bytes, drawn: st.DataObject) -> None:
    key = SigningKey.from_seed(seed)
    signature = bytearray(key.sign(message))
    check_signature(key.public, bytes(signature), message)
    with pytest.raises(IntegrityFault):
        check_signature(key.public, bytes(signature), message + b"\x00")
    signature[drawn.draw(st.integers(0, 63))] ^= drawn.draw(st.integers(1, 255))
    with pytest.raises(IntegrityFault):
        check_signature(key.public, bytes(signature), message)


def test_there_are_fourteen_spellings_of_small_points() -> None:
    assert len(SMALL) == 14


@pytest.mark.parametrize("public", SMALL, ids=lambda public: public.hex()[:8] + public.hex()[-2:])
def test_small_order_keys_are_refused(public: bytes) -> None:
    with pytest.raises(IntegrityFault, match=r"small order|canonical"):
        check_public(public)


def test_a_small_order_key_would_accept_what_nobody_signed() -> None:
    """Why they are refused: the library alone takes this signature for every message."""
    identity = (1).to_bytes(32, "little")
    forged = identity + bytes(32)
    Ed25519PublicKey.from_public_bytes(identity).verify(forged, b"anything at all")
    with pytest.raises(IntegrityFault, match="small order"):
        check_signature(identity, forged, b"anything at all")


@pytest.mark.parametrize("above", range(19))
def test_second_spellings_of_a_key_are_refused(above: int) -> None:
    for sign in (0, 1):
        with pytest.raises(IntegrityFault, match="canonical"):
            check_public((FIELD + above | sign << 255).to_bytes(32, "little"))


def test_a_signature_with_an_unreduced_s_is_refused() -> None:
    key = SigningKey.generate()
    signature = key.sign(b"message")
    unreduced = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(IntegrityFault, match="does not hold"):
        check_signature(key.public, signature[:32] + unreduced.to_bytes(32, "little"), b"message")


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(IntegrityFault, match="32 bytes"):
        check_signature(bytes(size), bytes(64), b"")
    with pytest.raises(ValueError, match="32 bytes"):
        SigningKey(bytes(size))


@pytest.mark.parametrize("size", [0, 63, 65])
def test_signatures_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(IntegrityFault, match="64 bytes"):
        check_signature(SigningKey.generate().public, bytes(size), b"")


def test_a_key_that_is_no_point_verifies_nothing() -> None:
    with pytest.raises(IntegrityFault, match="does not hold"):
        check_signature((2).to_bytes(32, "little"), bytes(64), b"")


def test_every_generated_key_is_another_and_comes_back_from_its_seed() -> None:
    one, two = SigningKey.generate(), SigningKey.generate()
    assert one.seed != two.seed
    assert SigningKey.from_seed(one.seed).public == one.public
    check_public(one.public)


def test_a_key_never_shows_its_secret() -> None:
    key = SigningKey.from_seed(b"\xa5" * 32)
    assert "a5a5" not in repr(key)
    assert key.public.hex() in repr(key)
    assert "\\xa5" not in f"{key!s}"


def test_six_words_are_the_first_66_bits() -> None:
    listed = [line for line in (files("session.crypto") / "words.txt").read_text().splitlines() if line[:1] != "#"]
    finger = fingerprint(b"some key")
    assert finger == hashlib.sha256(b"some key").hexdigest()
    bits = f"{int(finger, 16):0256b}"
    assert six_words(finger) == tuple(listed[int(bits[place : place + 11], 2)] for place in range(0, 66, 11))
    assert six_words("00" * 32) == (listed[0],) * 6
    assert six_words("ff" * 32) == (listed[-1],) * 6


@given(st.integers(0, 65), st.binary(min_size=32, max_size=32))
def test_each_of_the_66_bits_shows(bit: int, digest: bytes) -> None:
    other = (int.from_bytes(digest, "big") ^ 1 << 255 - bit).to_bytes(32, "big")
    assert six_words(digest.hex()) != six_words(other.hex())


def test_words_are_plain_distinct_and_told_apart_by_four_letters() -> None:
    text = (files("session.crypto") / "words.txt").read_text(encoding="ascii")
    listed = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(listed) == len(set(listed)) == WORDS
    assert len({word[:4] for word in listed}) == WORDS
    assert all(word.isalpha() and word.islower() and 3 <= len(word) <= 8 for word in listed)
    assert listed == sorted(listed)
    assert "MIT License" in text


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32])
def test_what_is_no_fingerprint_has_no_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"fingerprint|hexadecimal"):
        six_words(text)
