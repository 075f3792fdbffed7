# SPDX-License-Identifier: Apache-2.0
"""Where the agent keeps what it has, on this computer."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import platformdirs

from agent.keys.file_store import FileKeyStore

DAMAGED_HOME = (
    "What this computer keeps of your organisation is damaged (the folder `organisation` of Fair Witness). "
    "Ask your organisation for a new enrolment link; your sessions are not touched by this."
)


class Places(msgspec.Struct, frozen=True):
    """The agent's folder and what lies in it. `home` None: FAIRWITNESS_HOME, or the user's own data folder."""

    home: Path | None = None

    @property
    def folder(self) -> Path:
        """The agent's folder; it need not exist."""
        if self.home is not None:
            return self.home
        named = os.environ.get("FAIRWITNESS_HOME", "")
        return Path(named) if named else Path(platformdirs.user_data_dir("fairwitness", appauthor=False))

    @property
    def keys(self) -> Path:
        """Keys, one file each, readable by their owner alone."""
        return self.folder / "keys"

    @property
    def spool(self) -> Path:
        """Sessions being recorded, waiting, or kept."""
        return self.folder / "spool"

    @property
    def organisation(self) -> Path:
        """Directory, policies and address of the organisation this device is enrolled with."""
        return self.folder / "organisation"

    @property
    def grants(self) -> Path:
        """Unused grants."""
        return self.folder / "grants"

    @property
    def outbox(self) -> Path:
        """The queue of sealed sessions."""
        return self.folder / "outbox.sqlite3"

    def key_store(self) -> FileKeyStore:
        """The key store in `keys`, made on first use."""
        return FileKeyStore(self.keys)
