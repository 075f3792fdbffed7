# SPDX-License-Identifier: Apache-2.0
"""Where the agent keeps what it has, on this computer."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import platformdirs

from agent.keys.chosen import ChosenKeyStore, Keyring
from agent.keys.file_store import FileKeyStore

if sys.platform == "win32":
    from keyring.backends.Windows import WinVaultKeyring

    from agent.keys.keyring_store import KeyringStore
elif sys.platform == "darwin":
    from keyring.backends.macOS import Keyring as Keychain

    from agent.keys.keyring_store import KeyringStore
else:
    from agent.keys.secret_service import SecretServiceStore

DAMAGED_HOME = (
    "What this computer keeps of your organisation is damaged (the folder `organisation` of Fair Witness). "
    "Ask your organisation for a new enrolment link; your sessions are not touched by this."
)


class Places(msgspec.Struct, frozen=True):
    """The agent's folder and what lies in it. `home` None: FAIRWITNESS_HOME, or the user's own data folder."""

    home: Path | None = None

    @property
    def is_named(self) -> bool:
        """Whether somebody chose the folder. Such a folder has keys of its own in the keyring, too."""
        return self.home is not None or bool(os.environ.get("FAIRWITNESS_HOME", ""))

    @property
    def folder(self) -> Path:
        """The agent's folder; it need not exist."""
        if self.home is not None:
            return self.home
        named = os.environ.get("FAIRWITNESS_HOME", "")
        return Path(named) if named else Path(platformdirs.user_data_dir("fairwitness", appauthor=False))

    @property
    def keys(self) -> Path:
        """Keys that are kept as files, one each, readable by their owner alone."""
        return self.folder / "keys"

    @property
    def spool(self) -> Path:
        """Sessions being recorded, waiting, or kept."""
        return self.folder / "spool"

    @property
    def unsent(self) -> Path:
        """Words that were begun in a window and not sent."""
        return self.folder / "unsent"

    @property
    def assistance(self) -> Path:
        """What the person declared for this computer; there only where they declared something."""
        return self.folder / "assistance.json"

    @property
    def organisation(self) -> Path:
        """Directory, policies and address of the organisation this device is enrolled with."""
        return self.folder / "organisation"

    @property
    def grants(self) -> Path:
        """Unused grants."""
        return self.folder / "grants"

    @property
    def witnessed(self) -> Path:
        """How many records of each session the platform countersigned."""
        return self.folder / "witnessed"

    @property
    def outbox(self) -> Path:
        """The queue of sealed sessions."""
        return self.folder / "outbox.sqlite3"

    def key_store(self, *, asks: bool = True) -> ChosenKeyStore:
        """The key store of this folder. The first keys of a person's own folder go into the keyring of their desktop.

        Where there is no desktop (a server, CI) or somebody named the folder, they go into files in `keys`, unless they
        were moved.

        Args:
            asks: whether a locked keyring may open its window; not for what works in the background.
        """
        owner = hashlib.sha256(os.fsencode(self.folder.absolute())).hexdigest()[:16] if self.is_named else "own"
        return ChosenKeyStore(
            self.folder,
            files=FileKeyStore(self.keys),
            keyring=_keyring(owner, asks=asks),
            prefers_keyring=not self.is_named and _is_desktop(os.environ),
        )


def _is_desktop(environment: Mapping[str, str]) -> bool:
    """Whether a keyring could open its window here: a display, and a bus to speak to it by."""
    if sys.platform != "linux":
        return True
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    return bool(environment.get("DBUS_SESSION_BUS_ADDRESS")) and any(environment.get(one) for one in displays)


def _keyring(owner: str, *, asks: bool) -> Keyring:
    """The keyring of this system; it need not be there."""
    if sys.platform == "win32":
        return KeyringStore(WinVaultKeyring(), owner, "the Windows Credential Manager")
    if sys.platform == "darwin":
        return KeyringStore(Keychain(), owner, "the macOS Keychain")
    return SecretServiceStore(owner, asks=asks)
