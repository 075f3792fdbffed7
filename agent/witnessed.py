# SPDX-License-Identifier: Apache-2.0
"""How many records of each session the platform countersigned, remembered outside of the session's own files.

Rules:

1. Kept durably before the record itself has the cosignature: whatever becomes of the record's files, this tells no less.
2. It only ever grows, and is never evidence: the record, the platform and the session's own signatures are.
3. A loss stays here until a later session names the session that it happened to (`continues`).
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Annotated, Final

import msgspec

from agent.finishing import is_sealed
from session import IntegrityFault
from session.disk import Disk, RealDisk, environment_fault, make_private, write_whole
from session.segments import read_file

_LOG: Final = logging.getLogger("fairwitness.witnessed")
_MOST_BYTES: Final = 4096
_NAME: Final = re.compile(r"(?P<session>[0-9a-f]{32})\.json")
_DOING: Final = "keeping what the platform countersigned"
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Witnessed(msgspec.Struct, frozen=True):
    """What is remembered of one session.

    Args:
        organisation: whose platform countersigned it.
        cosigned_size: greatest number of its first records that it countersigned.
        lost_us: when it was found that some of those are missing, UTC; 0 where none are.
        forked: the platform showed that it countersigned other records than those that were recorded here after them.
    """

    organisation: str
    cosigned_size: _Count
    lost_us: _Count = 0
    forked: bool = False


class WitnessedSizes:
    """The files `witnessed/<session id>.json`. Different sessions may be kept from different threads.

    Args:
        folder: made on first use.
        disk: the system's unless a test watches.
    """

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or RealDisk()

    def of(self, session_id: str) -> Witnessed | None:
        """What is remembered of a session, None for nothing or what cannot be read: then the platform alone knows."""
        path = self._folder / f"{session_id}.json"
        if not path.is_file():
            return None
        try:
            return msgspec.json.decode(read_file(path, _MOST_BYTES, "what was countersigned"), type=Witnessed)
        except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault):
            _LOG.warning("session=%s what was countersigned cannot be read", session_id)
            return None

    def keep(
        self, session_id: str, organisation: str, cosigned_size: int, *, lost_us: int = 0, forked: bool = False
    ) -> None:
        """Remembers durably that so many records were countersigned, and a loss; less than before changes nothing.

        Raises:
            EnvironmentFault: the disk does not let us.
        """
        before = self.of(session_id) or Witnessed(organisation, 0)
        size = max(before.cosigned_size, cosigned_size)
        now = Witnessed(organisation, size, lost_us or before.lost_us, forked or before.forked)
        if now == before:
            return
        try:
            make_private(self._folder)
            write_whole(self._disk, self._folder, f"{session_id}.json", msgspec.json.encode(now))
        except OSError as error:
            raise environment_fault(error, _DOING) from error

    def forget(self, session_id: str) -> None:
        """Forgets a session; one of which nothing is remembered is no error. Raises `EnvironmentFault`."""
        path = self._folder / f"{session_id}.json"
        try:
            if path.is_file():
                self._disk.unlink(path)
                self._disk.fsync_dir(self._folder)
        except OSError as error:
            raise environment_fault(error, _DOING) from error

    def forget_sealed(self, spool: Path) -> None:
        """Forgets sessions that are sealed or gone, but for those that a later one has still to name."""
        for session_id, one in self._all():
            if not one.lost_us and (is_sealed(spool / session_id) or not (spool / session_id).is_dir()):
                self.forget(session_id)

    def to_continue(self, organisation: str) -> str:
        """The session that the next one of this organisation goes on from: the newest loss that none names yet, or ""."""
        losses = [(one.lost_us, name) for name, one in self._all() if one.lost_us and one.organisation == organisation]
        return max(losses, default=(0, ""))[1]

    def _all(self) -> list[tuple[str, Witnessed]]:
        try:
            named = [found["session"] for path in self._folder.iterdir() if (found := _NAME.fullmatch(path.name))]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise environment_fault(error, _DOING) from error
        return [(name, one) for name in sorted(named) if (one := self.of(name)) is not None]
