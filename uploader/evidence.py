# SPDX-License-Identifier: Apache-2.0
"""What a platform gave that contradicts what it gave before: kept whole, so that anybody can judge it later.

Rules:

1. `evidence/<what>-<digest>/` holds the bytes as they came: what was held, and what was given. Each contradiction once.
2. Nothing here deletes. Whoever has had it explained moves the folder away; until then the person is told of it.
3. That evidence cannot be written never hides the fault itself.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from session import PlatformFault
from session.disk import RealDisk, make_private, write_whole

_log = logging.getLogger("fairwitness.evidence")

EVIDENCE: Final = "evidence"
EVIDENCE_MOST: Final = 100
"""Contradictions that are kept; what comes after them proves nothing more, and must not fill a disk."""


def contradiction(folder: Path, what: str, detail: str, parts: Mapping[str, bytes]) -> PlatformFault:
    """The fault to raise, once `parts` (bytes by file name) are kept in `folder`/evidence.

    Args:
        folder: the organisation's.
        what: see `PlatformFault`.
        detail: as there.
        parts: what was given, first, and what was held. The same given again for the same reason is one contradiction.
    """
    name, first = next(iter(parts.items()))
    same = first.partition(b"\n\n")[0] if name.endswith(".note") else first  # its signatures tell a new time each time
    digest = hashlib.sha256(detail.encode() + same).hexdigest()
    place = folder / EVIDENCE / f"{what}-{digest[:16]}"
    _log.error("platform=contradiction what=%s evidence=%s", what, place.name)
    try:
        if not place.is_dir() and len(kept(folder)) < EVIDENCE_MOST:
            make_private(place)
            for name, octets in parts.items():
                write_whole(RealDisk(), place, name, octets)
    except OSError as error:
        _log.error("evidence=lost %s", type(error).__name__)
    return PlatformFault(what, detail)


def kept(folder: Path) -> list[Path]:
    """Each contradiction that is kept in `folder`/evidence, the newest first; none where it cannot be read."""
    try:
        found = [(one.stat().st_mtime_ns, one) for one in (folder / EVIDENCE).iterdir() if one.is_dir()]
    except OSError:
        return []
    return [one for _, one in sorted(found, reverse=True)]


def standing(folder: Path) -> str:
    """In what the platform contradicted itself, by the newest evidence that is kept; "" where there is none."""
    return next((one.name.partition("-")[0] for one in kept(folder)), "")
