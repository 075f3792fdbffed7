# SPDX-License-Identifier: Apache-2.0
"""Blobs as files, by digest, in one folder per session.

Rules:

1. A blob is hashed here, while it arrives; what does not match its name leaves nothing behind.
2. Order: temporary file, fsync, rename, fsync of the folder. Only then may a row say that it is there.
3. Folders are per session: nobody learns from an answer what another session holds, and a removal wipes single files.
4. What goes is overwritten before its name goes: else the file system keeps it in blocks that it calls free.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from session import IntegrityFault
from session.disk import RealDisk, environment_fault, make_private, overwrite


class Arriving:
    """One blob on its way in. Exactly one of `finish` and `abandon` ends it. All raise `EnvironmentFault` on a full disk."""

    def __init__(self, temporary: Path, final: Path) -> None:
        self._temporary = temporary
        self._final = final
        self._hash = hashlib.sha256()
        self._disk = RealDisk()
        self.size_bytes = 0
        self._open = True
        try:
            self._file = self._disk.create(temporary)
        except OSError as error:
            raise environment_fault(error, "taking a file") from error

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise environment_fault(error, "taking a file") from error
        self._hash.update(chunk)
        self.size_bytes += len(chunk)

    def finish(self) -> None:
        """The blob is in place and durable when this returns.

        Raises:
            IntegrityFault: the bytes are not those that the name promises; nothing is kept.
        """
        if self._hash.hexdigest() != self._final.name:
            self.abandon()
            raise IntegrityFault("The bytes do not have the SHA-256 that the address names.")
        try:
            self._file.sync()
            self._close()
            self._make_folders()
            self._disk.rename(self._temporary, self._final)
            self._disk.fsync_dir(self._final.parent)
        except OSError as error:
            self.abandon()
            raise environment_fault(error, "keeping a file") from error

    def abandon(self) -> None:
        """Nothing is kept, also not in free blocks, and a full disk gets its space back; once more changes nothing."""
        self._close()
        if self._temporary.exists():
            _drop(self._disk, self._temporary)

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._file.close()

    def _make_folders(self) -> None:
        of_session = self._final.parent
        if of_session.exists():
            return
        make_private(of_session)
        self._disk.fsync_dir(of_session.parent)
        self._disk.fsync_dir(of_session.parent.parent)


class BlobFolders:
    """All blobs of a platform under `folder`: `blobs/<first two digits>/<session>/<sha256>`, arrivals in `incoming/`."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._incoming = folder / "incoming"
        make_private(self._blobs)
        make_private(self._incoming)
        RealDisk().fsync_dir(folder)

    def sweep(self) -> int:
        """Removes what a killed server left half done; returns how many. Only for a start, before requests."""
        strays = list(self._incoming.iterdir())
        for stray in strays:
            _drop(RealDisk(), stray)
        return len(strays)

    def path(self, session_id: str, sha256: str) -> Path:
        """Where a blob lies or would lie. Both names must have been checked to be hexadecimal."""
        return self._blobs / session_id[:2] / session_id / sha256

    def names(self, session_id: str) -> tuple[str, ...]:
        """Digests of all files of a session, whether a row says so or not."""
        folder = self.path(session_id, "")
        return tuple(sorted(one.name for one in folder.iterdir())) if folder.is_dir() else ()

    def arrive(self, session_id: str, sha256: str) -> Arriving:
        """Begins to take a blob."""
        return Arriving(self._incoming / secrets.token_hex(16), self.path(session_id, sha256))

    def wipe(self, session_id: str, sha256: str) -> None:
        """The blob is overwritten where it lies and then gone, durably; one that is not there is no error.

        Overwritten first: a crash in between leaves its name, by which the next start goes on. Raises `OSError`.
        """
        path, disk = self.path(session_id, sha256), RealDisk()
        if path.exists():
            overwrite(path)
            disk.unlink(path)
        if path.parent.is_dir():
            disk.fsync_dir(path.parent)

    def read(self, session_id: str, sha256: str, start: int, end: int) -> Generator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most 256 KiB; opened before this returns."""
        file = self.path(session_id, sha256).open("rb")
        file.seek(start)
        pieces = _pieces(file, end - start)
        next(pieces)  # inside its `with`: closing it closes the file, also before the first piece
        return pieces


def _drop(disk: RealDisk, stray: Path) -> None:
    """What came of a file may be removed later: so it is overwritten too, where the disk lets us, and gone in any case."""
    with suppress(OSError):
        overwrite(stray)
    disk.unlink(stray)


def _pieces(file: BinaryIO, left: int) -> Generator[bytes]:
    """First an empty one, for whoever opened the file; then what is read."""
    with file:
        yield b""
        while left > 0:
            piece = file.read(min(left, 262_144))
            if not piece:
                return
            left -= len(piece)
            yield piece
