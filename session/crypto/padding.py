# SPDX-License-Identifier: Apache-2.0
"""How large an encrypted picture is: always the same for so many pixels, since its size would tell pages apart."""

from __future__ import annotations

from typing import Final

BLOB_PAD_BYTES: Final = 16 * 1024
"""Blobs are padded to a multiple of this. Source: docs/session-format.md, Captures."""


def blob_bytes(width_px: int, height_px: int) -> int:
    """The padded size of every picture of so many pixels: 5 bytes for each 32, up to a multiple of 16 KiB.

    `agent.capture.encode` keeps pictures below it. Source: docs/adr/0011-one-size-for-all-pictures.md.

    Args:
        width_px: of the monitor, >= 0.
        height_px: as above.
    """
    size = max(1, width_px * height_px * 5 // 32)
    return size + -size % BLOB_PAD_BYTES
