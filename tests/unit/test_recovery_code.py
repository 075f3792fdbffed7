# SPDX-License-Identifier: Apache-2.0
"""The recovery code: the words of the standard, every slip of the pen said, and keys as the document makes them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from format_independent import hkdf
from hypothesis import given
from hypothesis import strategies as st

from session import InputFault
from session.crypto.recovery_code import CODE_WORDS, code_words, new_secret, person_keys, secret_of
from session.crypto.signing import word_list

ORG = hashlib.sha256(b"an organisation").hexdigest()
SECRET = bytes(range(32))
VECTOR: dict[str, Any] = json.loads((Path(__file__).parents[1] / "assets" / "vectors.json").read_text(encoding="utf-8"))[
    "recovery_code"
]


@pytest.mark.parametrize(
    ("secret", "begin", "last"),
    [
        ("00", "abandon", "art"),
        ("7f", "legal winner thank year wave sausage worth useful", "title"),
        ("80", "letter advice cage absurd amount doctor acoustic avoid", "bless"),
        ("ff", "zoo", "vote"),
    ],
)
def test_the_words_are_those_of_bip_39(secret: str, begin: str, last: str) -> None:
    words = [*(begin.split() * 24)[:23], last]
    assert list(code_words(bytes.fromhex(secret * 32))) == words
    assert secret_of(" ".join(words)).hex() == secret * 32


@given(st.binary(min_size=32, max_size=32))
def test_the_words_give_the_secret_back(secret: bytes) -> None:
    assert secret_of(" ".join(code_words(secret))) == secret


@pytest.mark.parametrize("between", ["\n", ", ", ",", "  ", " .\t"])
def test_it_is_read_however_it_was_written(between: str) -> None:
    words = code_words(SECRET)
    assert secret_of(between.join(words)) == SECRET
    assert secret_of(between.join(words).upper()) == SECRET
    assert secret_of("\n".join(f"{at}. {word}" for at, word in enumerate(words, 1))) == SECRET


@pytest.mark.parametrize("place", [1, 7, 24])
def test_a_word_that_is_none_is_named_by_its_place_and_not_repeated(place: int) -> None:
    words = list(code_words(SECRET))
    words[place - 1] = "abandonn"
    with pytest.raises(InputFault, match=f"^Word {place} is not in the list") as told:
        secret_of(" ".join(words))
    assert "abandonn" not in str(told.value)


@pytest.mark.parametrize("number", [0, 1, 12, 23, 25])
def test_another_number_of_words_is_said(number: int) -> None:
    with pytest.raises(InputFault, match=f"has 24 words; these are {number}"):
        secret_of(" ".join((*code_words(SECRET), "zoo")[:number]))


def test_of_all_single_wrong_words_about_one_in_256_passes_the_checksum() -> None:
    words = list(code_words(SECRET))
    passed = 0
    for word in word_list():
        if word == words[5]:
            continue
        try:
            secret_of(" ".join([*words[:5], word, *words[6:]]))
        except InputFault as fault:
            assert "together they are no recovery code" in str(fault)  # noqa: PT017 - some do pass
        else:
            passed += 1
    assert passed <= 24


def test_two_words_that_changed_places_are_said() -> None:
    words = list(code_words(SECRET))
    words[2], words[9] = words[9], words[2]
    with pytest.raises(InputFault, match="together they are no recovery code"):
        secret_of(" ".join(words))


def test_the_keys_are_as_the_document_makes_them() -> None:
    secret, organisation = bytes.fromhex(VECTOR["secret"]), bytes.fromhex(VECTOR["organisation"])
    signing = hkdf(secret, b"", b"fairwitness/v1/person/signing" + organisation, 32)
    reading = hkdf(secret, b"", b"fairwitness/v1/person/reading" + organisation, 32)
    assert (VECTOR["signing_seed"], VECTOR["reading_seed"]) == (signing.hex(), reading.hex())
    public = Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw().hex()
    read = X25519PrivateKey.from_private_bytes(reading).public_key().public_bytes_raw().hex()
    assert (VECTOR["signing_public"], VECTOR["reading_public"]) == (public, read)
    ours = person_keys(secret_of(" ".join(VECTOR["words"])), VECTOR["organisation"])
    assert (ours.signing.seed, ours.reading.seed) == (signing, reading)


def test_another_secret_or_organisation_is_another_person() -> None:
    other = hashlib.sha256(b"another organisation").hexdigest()
    made = [person_keys(SECRET, ORG), person_keys(SECRET, other), person_keys(bytes(32), ORG)]
    seeds = {key.seed for one in made for key in (one.signing, one.reading)}
    assert len(seeds) == 6
    assert SECRET not in seeds


def test_secrets_are_random_and_lengths_are_kept() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(code_words(new_secret())) == CODE_WORDS
    with pytest.raises(ValueError, match="32 bytes"):
        code_words(b"short")
    for secret, organisation in ((b"short", ORG), (SECRET, "ab")):
        with pytest.raises(ValueError, match="32 bytes each"):
            person_keys(secret, organisation)
