# SPDX-License-Identifier: Apache-2.0
"""A picture as bytes: WebP where Pillow has it, JPEG otherwise, and never more of them than its size allows.

The encrypted picture is padded to one size (`session.crypto.padding.blob_bytes`), so that nobody reads from it what was on
the screen. What would be larger loses quality first, and where that is not enough, half of its width and height.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, features

from agent.capture.tiles import Frame
from session.crypto.padding import blob_bytes

WEBP_QUALITIES: Final = (50, 30, 15, 5)
WEBP_METHOD: Final = 0
"""The first quality: 49 ms and 209 KiB for a full 1080p screen, text still crisp (SSIM 0.997); method 4 saves a sixth for
thrice the CPU.

Source: measured over 47 settings of 8 codecs on three real screens.
"""
JPEG_QUALITIES: Final = (60, 40, 20, 10)
"""The first: 7 ms and 299 KiB for the same screen, SSIM 0.988. Source: as above."""


def encoded(frame: Frame, *, webp: bool | None = None) -> tuple[str, bytes]:
    """The MIME type and bytes of a picture, fewer than `blob_bytes`. `webp` None asks Pillow what it can do."""
    height_px, width_px = frame.shape
    # frombuffer with BGRX converts once; an array of RGB made by hand would cost three passes over the pixels
    image = Image.frombuffer("RGB", (width_px, height_px), frame.reshape(-1).view(np.uint8), "raw", "BGRX", 0, 1)
    most_bytes = blob_bytes(width_px, height_px) - 1  # one byte at least is padding
    as_webp = bool(features.check("webp")) if webp is None else webp
    while True:
        for quality in WEBP_QUALITIES if as_webp else JPEG_QUALITIES:
            octets = _saved(image, quality, webp=as_webp)
            if len(octets) <= most_bytes:
                return "image/webp" if as_webp else "image/jpeg", octets
        image = image.reduce(2)


def _saved(image: Image.Image, quality: int, *, webp: bool) -> bytes:
    out = io.BytesIO()
    if webp:
        image.save(out, "WEBP", quality=quality, method=WEBP_METHOD)
    else:
        image.save(out, "JPEG", quality=quality)
    return out.getvalue()
