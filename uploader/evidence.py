# SPDX-License-Identifier: Apache-2.0
"""What a platform gave that contradicts what it gave before: kept whole, so that anybody can judge it later.

Rules:

1. `evidence/<what>-<digest>/` holds the bytes as they came: what was held, and what was given. Each contradiction once.
2. Nothing here deletes. Whoever has had it explained moves the folder away; until then the person is told of it.
3. That evidence cannot be written never hides the fault itself: it is told as long as this program runs, and written as
   soon as the disk lets us. Until then the person is told that it is in memory alone: it ends with the program, and a
   platform that is honest again by the next start gives it no second time. (One that still lies is seen again.)
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from session import PlatformFault
from session.disk import Disk, RealDisk, make_private, write_whole

_log = logging.getLogger("fairwitness.evidence")

EVIDENCE: Final = "evidence"
EVIDENCE_MOST: Final = 100
"""Contradictions that are kept; what comes after them proves nothing more, and must not fill a disk."""


class Evidence:
    """The folder `evidence/` of an organisation, and what could not be put there yet. For any thread.

    Args:
        folder: the organisation's.
        disk: the system's unless a test watches.
    """

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or RealDisk()
        self._lock = threading.Lock()
        self._unwritten: dict[str, Mapping[str, bytes]] = {}

    def contradiction(self, what: str, detail: str, parts: Mapping[str, bytes]) -> PlatformFault:
        """The fault to raise, once `parts` (bytes by file name) are kept.

        Args:
            what: see `PlatformFault`.
            detail: as there.
            parts: what was given, first, and what was held. The same given again for the same reason is one contradiction.
        """
        name, first = next(iter(parts.items()))
        same = first.partition(b"\n\n")[0] if name.endswith(".note") else first  # its signatures tell a new time each time
        place = f"{what}-{hashlib.sha256(detail.encode() + same).hexdigest()[:16]}"
        _log.error("platform=contradiction what=%s evidence=%s", what, place)
        with self._lock:
            if len(self._unwritten) < EVIDENCE_MOST:
                self._unwritten.setdefault(place, dict(parts))
            self._write()
            kept_now = place not in self._unwritten
        return PlatformFault(what, detail, kept=kept_now)

    def waits(self) -> bool:
        """Whether any evidence is in memory alone: the disk took it neither when it came nor when it was tried last."""
        with self._lock:
            return bool(self._unwritten)

    def standing(self) -> str:
        """In what the platform contradicted itself, by the newest evidence; "" where there is none.

        Evidence that could not be written when it came is written now, where that goes, and counts in any case.
        """
        with self._lock:
            self._write()
            waiting = next(reversed(self._unwritten), "")
        newest = waiting or next((one.name for one in kept(self._folder)), "")
        return newest.partition("-")[0]

    def _write(self) -> None:
        """Writes what waits, as far as the disk lets us."""
        for name, parts in [*self._unwritten.items()]:
            place = self._folder / EVIDENCE / name
            try:
                if place.is_dir() or len(kept(self._folder)) < EVIDENCE_MOST:
                    make_private(place)
                    for part, octets in parts.items():
                        # the first that was given stays, and one that broke off is finished
                        if not (place / part).is_file():
                            write_whole(self._disk, place, part, octets)
            except OSError as error:
                _log.error("evidence=waits %s", type(error).__name__)
                return
            del self._unwritten[name]


def kept(folder: Path) -> list[Path]:
    """Each contradiction that is kept in `folder`/evidence, the newest first; none where it cannot be read."""
    try:
        found = [(one.stat().st_mtime_ns, one) for one in (folder / EVIDENCE).iterdir() if one.is_dir()]
    except OSError:
        return []
    return [one for _, one in sorted(found, reverse=True)]
