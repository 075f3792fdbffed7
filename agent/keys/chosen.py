# SPDX-License-Identifier: Apache-2.0
"""Which of two stores keeps the keys of an agent's folder, the system's keyring or files, and how they move between them.

Rules:

1. Chosen once, at the first secret: the keyring where it is there and opens, else files. Keys that lie in files are used on.
2. The choice is remembered in the agent's folder. A keyring that is locked or gone later is a fault that says what to do,
   never a reason to make a second set of keys.
3. Asking never chooses, and never opens a window before there is a secret to keep or to read.
4. A move is: copy all, read all back, switch what is remembered, delete. A crash between any two steps leaves the keys
   whole in the store that is remembered, and the same move, called again, finishes it.
5. A move overwrites nothing in the other store that an earlier move did not put there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from session import EnvironmentFault
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.ports import KeyStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MARKER: Final = "key-store.json"
"""In the agent's folder: which store holds the keys. Holds no secret."""
_IN_KEYRING: Final = '{"kept":"keyring"}'
_DOING: Final = "remembering where your keys are kept"


class Keyring(KeyStore, Protocol):
    """A key store of the system's, which may be missing or locked."""

    def ready(self) -> bool:
        """Whether a new secret could be kept; may ask the person to unlock it. Never raises."""
        ...


class Kept(StrEnum):
    """Where keys lie."""

    FILES = "files"
    KEYRING = "keyring"

    @property
    def other(self) -> Kept:
        """The place that is not this one."""
        return Kept.FILES if self is Kept.KEYRING else Kept.KEYRING


class _Marker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kept: Kept
    unfinished: bool = False
    """A move broke off: the other store may hold copies, and only copies."""


class ChosenKeyStore:
    """Fulfils `session.ports.KeyStore` with the store that holds the keys of `folder`.

    Args:
        folder: the agent's; made on first use.
        files: the one store.
        keyring: the other; None where this system has none.
        prefers_keyring: whether the first secret may choose the keyring. Otherwise only `move` does.
    """

    def __init__(self, folder: Path, *, files: KeyStore, keyring: Keyring | None, prefers_keyring: bool) -> None:
        self._folder = folder
        self._files = files
        self._keyring = keyring
        self._prefers_keyring = prefers_keyring

    @property
    def described(self) -> str:
        """One plain sentence: where the keys are kept, and what protects them. Raises `EnvironmentFault`."""
        kept = self.kept
        if kept is not None:
            return self._store(kept).described
        if self._prefers_keyring and self._keyring is not None:
            return "No keys are kept yet: the first go into the keyring of this computer where it opens, else into files."
        return "No keys are kept yet: the first go into files that only your account on this computer can read."

    @property
    def kept(self) -> Kept | None:
        """Where the keys are; None before there is one. Raises `EnvironmentFault`: what remembers it is damaged."""
        marker = self._marker()
        if marker is not None:
            return marker.kept
        if self._files.names(""):
            return Kept.FILES
        return Kept.KEYRING if self._left_in_keyring() else None

    @property
    def unfinished(self) -> bool:
        """Whether a move broke off, so that copies may lie in the other store. Raises `EnvironmentFault`."""
        marker = self._marker()
        return marker is not None and marker.unfinished

    def get(self, name: str) -> bytes | None:
        """The secret, or None. Raises `EnvironmentFault`: the store that holds the keys is locked or gone."""
        kept = self.kept
        return self._store(kept or Kept.FILES).get(name)

    def put(self, name: str, secret: bytes) -> None:
        """Keeps it durably, replacing what was there; the first secret chooses the store. Raises `EnvironmentFault`."""
        kept = self.kept
        if kept is None:
            usable = self._prefers_keyring and self._keyring is not None and self._keyring.ready()
            kept = Kept.KEYRING if usable else Kept.FILES
        self._store(kept).put(name, secret)
        if self._marker() is None:
            self._remember(_Marker(kept))

    def delete(self, name: str) -> None:
        """Forgets it; a name that is not there is no error. Raises `EnvironmentFault`."""
        self._store(self.kept or Kept.FILES).delete(name)

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted. Raises `EnvironmentFault`."""
        return self._store(self.kept or Kept.FILES).names(prefix)

    def move(self, to: Kept) -> int:
        """Moves all keys, or finishes a move that broke off; returns how many lie there now. Nothing else may use them then.

        Raises:
            EnvironmentFault: a store is locked, gone or full, or the other one holds other keys. The keys are whole where
                they were, or already where they should be; calling again is safe.
        """
        kept = self.kept
        if kept is None:
            self._remember(_Marker(to))
            return 0
        if kept is not to:
            if to is Kept.KEYRING and not (self._keyring is not None and self._keyring.ready()):
                raise EnvironmentFault("The keyring of this computer is missing or stays locked. Start and unlock it first.")
            self._copy(self._store(kept), self._store(to), first=not self.unfinished, kept=kept)
        elif not self.unfinished:
            return len(self._store(to).names(""))
        self._remember(_Marker(to, unfinished=True))
        left = self._store(to.other)
        for name in left.names(""):
            left.delete(name)
        self._remember(_Marker(to))
        return len(self._store(to).names(""))

    def _copy(self, source: KeyStore, target: KeyStore, *, first: bool, kept: Kept) -> None:
        wanted = {name: source.get(name) for name in source.names("")}
        there = target.names("")
        if first and any(target.get(name) != wanted.get(name) for name in there):
            raise EnvironmentFault("Other keys of this folder lie there already; nothing was moved. Remove those first.")
        self._remember(_Marker(kept, unfinished=True))
        for name in there:
            if name not in wanted:
                target.delete(name)
        for name, secret in wanted.items():
            if secret is not None:
                target.put(name, secret)
        if {name: target.get(name) for name in target.names("")} != wanted:
            raise EnvironmentFault("The copies of your keys do not read back as they were, so they stay where they are.")

    def _store(self, kept: Kept) -> KeyStore:
        if kept is Kept.FILES:
            return self._files
        if self._keyring is None:
            raise EnvironmentFault("Your keys are in a keyring, and this system has none. Use the one they were made on.")
        return self._keyring

    def _left_in_keyring(self) -> bool:
        """Whether the keyring holds keys of this folder, although nothing remembers it; never asks the person."""
        if self._keyring is None or not self._prefers_keyring:
            return False
        try:
            return bool(self._keyring.names(""))
        except EnvironmentFault:
            return False

    def _marker(self) -> _Marker | None:
        try:
            return msgspec.json.decode((self._folder / MARKER).read_bytes(), type=_Marker)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise environment_fault(error, _DOING) from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise EnvironmentFault(
                f"The file {self._folder / MARKER}, which says where your keys are kept, is damaged. If you moved them into "
                f"the keyring, make {_IN_KEYRING} its only line; if you did not, remove it."
            ) from error

    def _remember(self, marker: _Marker) -> None:
        try:
            make_private(self._folder)
            write_whole(RealDisk(), self._folder, MARKER, msgspec.json.encode(marker))
        except OSError as error:
            raise environment_fault(error, _DOING) from error
