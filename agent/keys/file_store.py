# SPDX-License-Identifier: Apache-2.0
"""The key store of a POSIX machine without a keyring: one file a secret, readable by its owner alone.

Rules:

1. The folder has mode 0700 and each file 0600, from the moment it exists; nothing is widened or narrowed later.
2. A file or folder that others may read or that another person owns is refused, with the line that mends it.
3. `put` is durable when it returns: written beside, synced, renamed over, and the folder synced.
4. A crash at any point leaves the old secret or the new one, and at worst a temporary file, which the next `put` clears.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import stat
from typing import TYPE_CHECKING, Final

from agent.keys import LARGEST_BYTES, check_name, is_name
from session import EnvironmentFault
from session.disk import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SEPARATOR: Final = "%2F"
_WRITING: Final = ".writing-"


class FileKeyStore:
    """Secrets as files of mode 0600 in `folder`, which is made with mode 0700 where it is missing.

    What protects them is the system account and whatever encrypts the disk; `described` says so.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def described(self) -> str:
        """One plain sentence: where the keys are kept, and what protects them."""
        return "Keys are kept as files that only your account on this computer can read; no keyring locks them."

    def get(self, name: str) -> bytes | None:
        """The secret, or None.

        Raises:
            EnvironmentFault: the file cannot be read or is none, or others may read it.
        """
        path = self._path(name)
        with _advising(path, "read"):
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                os.close(handle)
                raise EnvironmentFault(f"The key {name} is no regular file. Move what lies in its place away.")
            with os.fdopen(handle, "rb") as file:
                self._refuse_open_doors()
                _refuse_readable_by_others(path, status, "600")
                return file.read(LARGEST_BYTES)

    def put(self, name: str, secret: bytes) -> None:
        """Keeps `secret` durably, replacing what was there.

        Raises:
            EnvironmentFault: the folder cannot be written, or others may read it.
            ValueError: a secret longer than 64 KiB.
        """
        if len(secret) > LARGEST_BYTES:
            raise ValueError("a secret is at most 64 KiB")
        path = self._path(name)
        beside = path.with_name(f"{_WRITING}{path.name}")
        with _advising(path, "write"):
            self._make_folder()
            self._refuse_open_doors()
            beside.unlink(missing_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _sync_folder(self._folder)

    def delete(self, name: str) -> None:
        """Forgets the secret, durably; a name that is not there is no error.

        Raises:
            EnvironmentFault: the folder cannot be written.
        """
        path = self._path(name)
        with _advising(path, "delete"):
            path.with_name(f"{_WRITING}{path.name}").unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                _sync_folder(self._folder)

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted. A file whose name is none of ours is left alone.

        Raises:
            EnvironmentFault: the folder cannot be read.
        """
        with _advising(self._folder, "read"):
            try:
                entries = [path.name for path in self._folder.iterdir()]
            except FileNotFoundError:
                return ()
        found = (entry.replace(_SEPARATOR, "/") for entry in entries if not entry.startswith("."))
        return sorted(name for name in found if is_name(name) and name.startswith(prefix))

    def _path(self, name: str) -> Path:
        return self._folder / check_name(name).replace("/", _SEPARATOR)

    def _make_folder(self) -> None:
        if not self._folder.is_dir():
            make_private(self._folder)
            _sync_folder(self._folder.parent)

    def _refuse_open_doors(self) -> None:
        _refuse_readable_by_others(self._folder, self._folder.stat(), "700")


def _refuse_readable_by_others(path: Path, status: os.stat_result, mode: str) -> None:
    if status.st_uid != os.geteuid():
        line = f"chown {os.geteuid()} {shlex.quote(str(path))}"
        raise EnvironmentFault(f"Your keys at {path} belong to another account. To use them here, type: sudo {line}")
    if stat.S_IMODE(status.st_mode) & 0o077:
        line = f"chmod {mode} {shlex.quote(str(path))}"
        raise EnvironmentFault(f"Others on this computer may read your keys at {path}. To close them, type: {line}")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _advising(path: Path, verb: str) -> Iterator[None]:
    """Turns an `OSError` into advice that names the place and what the system says, never a secret."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"Fair Witness could not {verb} your keys at {path}: {error.strerror}. "
            "Make room on the disk, or give your account access to that folder, and try again."
        ) from error
