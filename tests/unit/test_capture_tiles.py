# SPDX-License-Identifier: Apache-2.0
"""When two pictures are the same, what the scene's digest sees, and that pictures survive encoding."""

from __future__ import annotations

import io
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent.capture import encode
from agent.capture.tiles import Frame, difference_hash, unchanged
from session.crypto.padding import BLOB_PAD_BYTES, blob_bytes

SIDES = st.integers(1, 130)


def scene(width_px: int, height_px: int, seed: int) -> Frame:
    return np.random.default_rng(seed).integers(0, 2**32, (height_px, width_px), dtype=np.uint32)


@given(SIDES, SIDES, st.integers(0, 99))
def test_equal_pictures_are_unchanged(width_px: int, height_px: int, seed: int) -> None:
    frame = scene(width_px, height_px, seed)
    assert unchanged(frame, frame.copy())


@given(SIDES, SIDES, st.randoms(use_true_random=False))
def test_one_pixel_is_a_change(width_px: int, height_px: int, chance: Random) -> None:
    frame = scene(width_px, height_px, 1)
    other = frame.copy()
    other[chance.randrange(height_px), chance.randrange(width_px)] ^= 0x100
    assert not unchanged(frame, other)


def test_no_picture_before_and_another_size_are_changes() -> None:
    frame = scene(10, 20, 1)
    assert not unchanged(None, frame)
    assert not unchanged(frame.reshape(10, 20), frame)


@given(SIDES, SIDES, st.integers(0, 99))
def test_the_digest_is_64_bits_of_any_picture(width_px: int, height_px: int, seed: int) -> None:
    digest = difference_hash(scene(width_px, height_px, seed))
    assert len(bytes.fromhex(digest)) == 8


def test_the_digest_follows_brightness_from_left_to_right() -> None:
    ramp = (np.arange(1920, dtype=np.uint32) * 255 // 1920) << 8
    rising = np.broadcast_to(ramp, (1024, 1920))
    assert difference_hash(rising) == "f" * 16
    assert difference_hash(rising[:, ::-1]) == "0" * 16
    half = rising.copy()
    half[512:] = 0
    assert difference_hash(half) == "f" * 8 + "0" * 8


def test_the_digest_hardly_sees_a_small_edit() -> None:
    frame = np.kron(scene(30, 20, 3), np.ones((40, 40), dtype=np.uint32))
    edited = frame.copy()
    edited[100:112, 200:230] = 0
    difference = int(difference_hash(frame), 16) ^ int(difference_hash(edited), 16)
    assert difference.bit_count() <= 2


@pytest.mark.parametrize(
    ("webp", "mime", "kind"), [(True, "image/webp", "WEBP"), (False, "image/jpeg", "JPEG"), (None, "image/webp", "WEBP")]
)
def test_an_encoded_picture_has_its_colours_and_size(webp: bool | None, mime: str, kind: str) -> None:
    frame = np.full((90, 160), 0x00FF8000, dtype=np.uint32)
    frame[:, 80:] = 0xFF0040C0
    told, encoded = encode.encoded(frame, webp=webp)
    picture = Image.open(io.BytesIO(encoded))
    assert (told, picture.format, picture.size) == (mime, kind, (160, 90))
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert abs(pixels[45, 20] - (0xFF, 0x80, 0x00)).max() < 12
    assert abs(pixels[45, 140] - (0x00, 0x40, 0xC0)).max() < 12


@pytest.mark.parametrize("webp", [True, False])
@pytest.mark.parametrize(("width_px", "height_px"), [(320, 200), (640, 400), (1, 1), (3, 700)])
def test_no_picture_is_larger_than_its_size_allows_even_one_of_noise(webp: bool, width_px: int, height_px: int) -> None:
    frame = scene(width_px, height_px, 7)
    _, octets = encode.encoded(frame, webp=webp)
    assert len(octets) < blob_bytes(width_px, height_px)
    assert Image.open(io.BytesIO(octets)).size <= (width_px, height_px)


def test_a_picture_that_is_too_large_loses_quality_before_pixels() -> None:
    grain = np.random.default_rng(2).integers(0, 60, (400, 640), dtype=np.uint32)
    frame = grain | grain << 8 | grain << 16
    whole = encode._saved(Image.fromarray(grain.astype(np.uint8)).convert("RGB"), encode.WEBP_QUALITIES[0], webp=True)
    _, octets = encode.encoded(frame, webp=True)
    assert len(octets) < blob_bytes(640, 400) < len(whole)
    assert Image.open(io.BytesIO(octets)).size == (640, 400)


@given(st.integers(0, 8000), st.integers(0, 8000))
def test_the_size_of_a_picture_follows_from_its_pixels_alone(width_px: int, height_px: int) -> None:
    size = blob_bytes(width_px, height_px)
    assert size % BLOB_PAD_BYTES == 0
    assert -1 <= size - width_px * height_px * 5 / 32 <= BLOB_PAD_BYTES
    assert blob_bytes(height_px, width_px) == size
