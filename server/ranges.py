# SPDX-License-Identifier: Apache-2.0
"""The `Range` header, one range of bytes. Source: RFC 9110 section 14."""

from __future__ import annotations

import re

from server.faults import RefusalError

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def parse_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """First byte and the one after the last that `header` asks for; None where the whole is to be given.

    A header of another unit or with several ranges is ignored, as the RFC allows.

    Raises:
        RefusalError: 416, no such byte.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or (not match[1] and not match[2]):
        return None
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
        if match[2] and int(match[2]) < start:
            return None
    else:
        start, end = max(0, size_bytes - int(match[2])), size_bytes
    if start >= end:
        headers = {"Content-Range": f"bytes */{size_bytes}"}
        raise RefusalError(416, "range", "There are no such bytes in this file.", headers=headers)
    return start, end
