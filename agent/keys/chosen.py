# SPDX-License-Identifier: Apache-2.0
"""Which of two stores keeps the keys of an agent's folder, the system's keyring or files, and how they move between them.

Rules:

1. Chosen once, at the first secret: the keyring where it is wanted and there, else files. Keys that are there are used on.
2. The choice is remembered in the agent's folder. A keyring that is locked, closed by its person or gone later is a fault
   that says what to do, never a reason to make a second set of keys. So it is at the choice: files are taken only where no
   keyring is.
3. Where nothing remembers it, the keyring and the files are looked through before anything is made.
4. Asking never chooses, and never opens a window before there is a secret to keep or to read.
5. A move is: copy all, read all back, switch what is remembered, delete. A crash between any two steps leaves the keys
   whole in the store that is remembered, and the same move, called again, finishes it.
6. A move overwrites nothing in the other store that an earlier move did not put there.
7. Who chooses or moves holds a lock file, so that two programs that begin at once end up with one set.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from session import EnvironmentFault
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.ports import KeyStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MARKER: Final = "key-store.json"
"""In the agent's folder: which store holds the keys. Holds no secret."""
LOCK: Final = "key-store.lock"
"""Beside it, and empty: who chooses the place or makes keys holds it. Never removed."""
LOCK_S: Final = 5.0
"""How long the other program is waited for: making keys takes far less, and one that waits for a person may take minutes."""
_LOOK_S: Final = 0.05
_IN_KEYRING: Final = '{"kept":"keyring"}'
_IN_FILES: Final = '{"kept":"files"}'
_NOT_YET: Final = (
    "Your first keys go into the keyring of this computer, and it stays locked or does not answer. Unlock it (its window "
    "asks for its password, mostly that of your account) and try again, or keep them in files: fairwitness keys move files"
)
_DOING: Final = "remembering where your keys are kept"


class Keyring(KeyStore, Protocol):
    """A key store of the system's, which may be missing or locked."""

    def here(self, *, running: bool = False) -> bool:
        """Whether there is one (with `running`: one that runs already). Opens no window. Raises `EnvironmentFault`."""
        ...

    def ready(self) -> bool:
        """Whether a new secret could be kept; may ask the person to unlock it.

        Raises `EnvironmentFault`: there is one, and it stays locked or does not answer.
        """
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
        self._turn = threading.RLock()
        self._held = 0

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
        in_files, in_keyring = set(self._files.names("")), self._left_in_keyring()
        if in_files and in_keyring and not (in_files >= in_keyring or in_keyring >= in_files):
            raise EnvironmentFault(
                f"Keys of this folder lie in the keyring and in files, and nothing says which are in use. Make "
                f"{_IN_KEYRING} or {_IN_FILES} the only line of {self._folder / MARKER}. Nothing is lost by trying."
            )
        if in_files or in_keyring:
            return Kept.FILES if in_files >= in_keyring else Kept.KEYRING
        return None

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
        if self._marker() is not None:
            self._store(self.kept or Kept.FILES).put(name, secret)
            return
        with self.exclusive():
            kept = self.kept or self._choice()
            self._store(kept).put(name, secret)
            if self._marker() is None:
                self._remember(_Marker(kept))

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """That no other program chooses the place or makes keys of this folder inside `with`; may be nested.

        Raises:
            EnvironmentFault: another one does so for longer than `LOCK_S`, or the folder cannot be written.
        """
        with self._turn:
            handle = None if self._held else self._locked()
            self._held += 1
            try:
                yield
            finally:
                self._held -= 1
                if handle is not None:
                    os.close(handle)

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
        with self.exclusive():
            return self._moved(to)

    def _moved(self, to: Kept) -> int:
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

    def _choice(self) -> Kept:
        if not self._prefers_keyring or self._keyring is None:
            return Kept.FILES
        try:
            return Kept.KEYRING if self._keyring.ready() else Kept.FILES
        except EnvironmentFault as fault:
            raise EnvironmentFault(_NOT_YET) from fault

    def _left_in_keyring(self) -> set[str]:
        """Names of keys of this folder in the keyring, although nothing remembers it; never asks the person.

        Where the keyring is not wanted, none is started for it: a server must not wait for a desktop's parts.
        """
        if self._keyring is None or not self._keyring.here(running=not self._prefers_keyring):
            return set()
        return set(self._keyring.names(""))

    def _locked(self) -> int:
        try:
            make_private(self._folder)
            handle = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise environment_fault(error, _DOING) from error
        until_s = time.monotonic() + LOCK_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if time.monotonic() >= until_s:
                    os.close(handle)
                    raise EnvironmentFault(
                        "Another Fair Witness program is making your keys just now. Finish what it asks, and try again."
                    ) from error
                time.sleep(_LOOK_S)
            else:
                return handle

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
