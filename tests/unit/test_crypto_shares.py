# SPDX-License-Identifier: Apache-2.0
"""The root key's two shares: both give it back, any others do not, and one alone is fresh randomness or that XOR the key."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from session import InputFault
from session.crypto.shares import joined, share_of, share_words, split
from session.crypto.signing import SigningKey, fingerprint

SEEDS = st.binary(min_size=32, max_size=32).filter(any)  # two equal shares are no key's: their XOR is nothing


def root_of(seed: bytes) -> str:
    return fingerprint(SigningKey.from_seed(seed, "root").public)


@given(SEEDS)
def test_any_two_shares_of_one_root_join_in_either_order(seed: bytes) -> None:
    first, second = (share_of(" ".join(share_words(one))) for one in split(seed))
    assert joined(first, second) == joined(second, first) == seed


@given(SEEDS, SEEDS)
def test_shares_of_two_roots_or_of_two_splittings_give_another_fingerprint(seed: bytes, other: bytes) -> None:
    assume(seed != other)
    ours, again, theirs = split(seed), split(seed), split(other)
    for one, two in (
        (ours[0], again[1]),
        (again[0], ours[1]),
        (ours[0], theirs[1]),
        (ours[1], theirs[0]),
        (ours[1], theirs[1]),
    ):
        assert root_of(joined(one, two)) not in {root_of(seed), root_of(other)}


@given(SEEDS, SEEDS)
def test_one_share_is_fresh_bytes_and_the_other_is_the_seed_xor_these(seed: bytes, fresh: bytes) -> None:
    """So for each share alone there is, for every seed, exactly one pad that gives it: it says nothing of the seed."""
    asked: list[int] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(secrets, "token_bytes", lambda size: asked.append(size) or fresh)
        first, second = split(seed)
    assert asked == [32]
    assert first == fresh
    assert int.from_bytes(second, "big") == int.from_bytes(seed, "big") ^ int.from_bytes(fresh, "big")


@pytest.mark.parametrize("seed", [bytes(31) + b"\x01", b"\xff" * 32, bytes(range(32))])
def test_bits_of_either_share_are_set_half_of_the_time_whatever_the_seed(seed: bytes) -> None:
    """128,000 bits a share, 6 standard deviations: fails by chance once in 10^8 runs."""
    pairs = [split(seed) for _ in range(500)]
    assert len({one for pair in pairs for one in pair}) == 1000
    for place in (0, 1):
        ones = sum(int.from_bytes(pair[place], "big").bit_count() for pair in pairs)
        assert abs(ones - 64_000) < 6 * (128_000 / 4) ** 0.5


def test_the_same_share_twice_is_said() -> None:
    first, second = split(bytes(range(32)))
    for one in (first, second):
        with pytest.raises(InputFault, match="same one twice"):
            joined(one, one)


def test_a_slip_of_the_pen_is_said_of_a_share_and_no_word_is_repeated() -> None:
    words = list(share_words(split(bytes(range(32)))[0]))
    with pytest.raises(InputFault, match="A recovery share has 24 words; these are 23"):
        share_of(" ".join(words[1:]))
    words[6] = "qwertyish"
    with pytest.raises(InputFault, match="Word 7 is not in the list") as told:
        share_of(" ".join(words))
    assert "qwertyish" not in str(told.value)
    with pytest.raises(InputFault, match="together they are no recovery share"):
        share_of(" ".join([*["abandon"] * 23, "zoo"]))


def test_another_length_is_a_bug() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        split(bytes(16))
    with pytest.raises(ValueError, match="32 bytes"):
        joined(bytes(32), bytes(16))
    with pytest.raises(ValueError, match="32 bytes"):
        share_words(bytes(33))
