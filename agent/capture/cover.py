# SPDX-License-Identifier: Apache-2.0
"""A screenshot once more, with areas that the trainer chose painted over for good. Pure: bytes in, bytes out.

Covered, not softened. A mosaic or a blur keeps a function of every pixel under it, and readable text comes back from that:
of redacted words in eight fonts most were recovered from mosaics and blurs with a hidden Markov model. One flat colour keeps
nothing. What the first encoding spread of the area into the rounding of blocks beside it is not undone.

Source: Hill, Zhou, Saul, Shacham, "On the (In)effectiveness of Mosaicing and Blurring as Tools for Document Redaction",
Proceedings on Privacy Enhancing Technologies 2016(4), 403-417.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from PIL import Image, UnidentifiedImageError

from agent.capture.areas import Area
from agent.capture.encode import encoded
from agent.capture.mask import paint
from agent.capture.tiles import Frame, difference_hash
from session import InputFault, IntegrityFault

BLOCK_PX: Final = 16
"""Side of the blocks that the encoders work in; what is under an area shimmers through to the end of its blocks.

Source: RFC 6386 section 5 (VP8 macroblocks); JPEG with halved chroma, ITU-T T.81 A.2.
"""
BLEED_PX: Final = 4
"""How far the encoder's smoothing carries a pixel over the edge of a block. Source: RFC 6386 section 15.3."""


class Covered(msgspec.Struct, frozen=True):
    """The new picture: type and bytes, and the difference hash of what it shows."""

    mime: str
    encoded: bytes
    dhash: str


def covered(picture: bytes, areas: Sequence[Area]) -> Covered:
    """The picture, encoded anew, with these areas in one flat colour: nothing of what was under them is in its bytes.

    Each area grows by up to 20 px to whole blocks of the encoder.

    Args:
        picture: as it was recorded.
        areas: in px of the picture, at least one that falls onto it.

    Raises:
        InputFault: no area falls onto the picture.
        IntegrityFault: the bytes are no picture that can be decoded.
    """
    try:
        with Image.open(io.BytesIO(picture)) as opened:
            pixels = np.asarray(opened.convert("RGBX")).astype(np.uint32)
    except (UnidentifiedImageError, OSError) as error:
        raise IntegrityFault("a screenshot cannot be decoded") from error
    shifts = np.array([16, 8, 0], dtype=np.uint32)
    frame: Frame = np.bitwise_or.reduce(np.left_shift(pixels[:, :, :3], shifts), axis=2, dtype=np.uint32)
    if not paint(frame, tuple(_whole_blocks(area) for area in areas if not area.empty), (0, 0)):
        raise InputFault("areas: none of them lies on the screenshot. Draw at least one onto it.")
    mime, again = encoded(np.ascontiguousarray(frame))
    return Covered(mime, again, difference_hash(frame))


def _whole_blocks(area: Area) -> Area:
    left, top = ((edge - BLEED_PX) // BLOCK_PX * BLOCK_PX for edge in (area.x, area.y))
    right, bottom = (-((-edge - BLEED_PX) // BLOCK_PX) * BLOCK_PX for edge in (area.right, area.bottom))
    return Area(left, top, right - left, bottom - top)
