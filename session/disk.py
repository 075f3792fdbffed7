# SPDX-License-Identifier: Apache-2.0
"""The only way in which journal, recovery and redaction change files.

Rules:

1. Nothing is durable until `sync` of the file returned, and a name (created, renamed, removed) not until `fsync_dir` of
   its folder returned. Tests log these calls and rebuild every state that a crash could leave.
2. A call that fails raises `OSError` and may have done part of its work; who called knows the last good length.
3. Files are only ever appended to, cut, renamed and removed; no byte of a record is changed in place. What was removed for
   good is overwritten where it lay, once nothing names it any more: else the file system keeps it in blocks that it calls
   free, until it needs them.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from session import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path

_BINARY: Final = getattr(os, "O_BINARY", 0)
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_ZEROS: Final = bytes(1024 * 1024)


class AppendFile(Protocol):
    """One file open for appending."""

    def write(self, octets: bytes) -> None:
        """Appends all of `octets`. Raises `OSError`; a part of them may then lie at the end."""
        ...

    def sync(self) -> None:
        """Content and length are durable when it returns. Raises `OSError`: then nothing since the last is certain."""
        ...

    def truncate(self, size_bytes: int) -> None:
        """Cuts the file to `size_bytes`, durably. Raises `OSError`."""
        ...

    def close(self) -> None:
        """Lets go of the file; syncs nothing."""
        ...


class Doomed(Protocol):
    """A file whose name is about to be given up, so that nothing of it shall be left."""

    def erase(self) -> None:
        """Overwrites all of it, durably, as far as the system does so in place, and lets go. Never raises.

        A disk that writes elsewhere (flash, copy on write) keeps old blocks for a while all the same.
        """
        ...

    def spare(self) -> None:
        """Lets go and changes nothing."""
        ...


class Disk(Protocol):
    """What the session's writers ask of a file system."""

    def doom(self, path: Path) -> Doomed:
        """The file that has this name now. Raises `OSError`."""
        ...

    def make_folder(self, folder: Path) -> None:
        """A new folder, for the owner alone. Raises `OSError`, `FileExistsError` among them."""
        ...

    def create(self, path: Path) -> AppendFile:
        """A new empty file, for the owner alone. Raises `OSError`, `FileExistsError` among them."""
        ...

    def append(self, path: Path) -> AppendFile:
        """An existing file, opened at its end. Raises `OSError`."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """`target` is the old or the new file, never neither. Raises `OSError`."""
        ...

    def unlink(self, path: Path) -> None:
        """The name is gone; a name that is not there is no error. Raises `OSError`."""
        ...

    def fsync_dir(self, folder: Path) -> None:
        """The names in `folder` are durable when it returns. Raises `OSError`."""
        ...


class _RealFile:
    """A file descriptor opened with O_APPEND."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, octets: bytes) -> None:
        """See `AppendFile`."""
        written = os.write(self._descriptor, octets)
        while written < len(octets):
            written += os.write(self._descriptor, memoryview(octets)[written:])

    def sync(self) -> None:
        """See `AppendFile`."""
        if sys.platform == "linux":
            # fdatasync also flushes the length when that is needed to reach the content (fdatasync(2)), and an append
            # always needs it; it leaves out only the times, one journal commit of the file system less.
            os.fdatasync(self._descriptor)
        elif sys.platform == "darwin":
            import fcntl  # noqa: PLC0415 - exists on this system only

            # fsync leaves the content in the drive's cache there. Source: fsync(2) of macOS, F_FULLFSYNC.
            fcntl.fcntl(self._descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fsync(self._descriptor)

    def truncate(self, size_bytes: int) -> None:
        """See `AppendFile`."""
        os.ftruncate(self._descriptor, size_bytes)
        # A shorter length is not needed to reach content, so fdatasync need not flush it: fsync must.
        os.fsync(self._descriptor)

    def close(self) -> None:
        """See `AppendFile`."""
        os.close(self._descriptor)


class _RealDoomed:
    """A descriptor that outlives the name. Windows lets nobody rename over an open file: there it is none (-1)."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def erase(self) -> None:
        """See `Doomed`."""
        if self._descriptor < 0:
            return
        # The removal itself is done and durable; a disk that refuses this keeps what it kept without it.
        with suppress(OSError):
            status = os.fstat(self._descriptor)
            left = status.st_size if status.st_nlink == 0 else 0  # under another name it is somebody else's
            while left > 0:
                left -= os.write(self._descriptor, _ZEROS[: min(left, len(_ZEROS))])
            os.fsync(self._descriptor)
        self.spare()

    def spare(self) -> None:
        """See `Doomed`."""
        if self._descriptor >= 0:
            os.close(self._descriptor)


class RealDisk:
    """The operating system's files. Refuses symbolic links as files where the system can."""

    def doom(self, path: Path) -> Doomed:
        """See `Disk`."""
        if sys.platform == "win32":
            return _RealDoomed(-1)
        return _RealDoomed(os.open(path, os.O_WRONLY | _NO_FOLLOW))

    def make_folder(self, folder: Path) -> None:
        """See `Disk`."""
        folder.mkdir(mode=0o700)

    def create(self, path: Path) -> AppendFile:
        """See `Disk`."""
        return _RealFile(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | _BINARY | _NO_FOLLOW, 0o600))

    def append(self, path: Path) -> AppendFile:
        """See `Disk`."""
        return _RealFile(os.open(path, os.O_WRONLY | os.O_APPEND | _BINARY | _NO_FOLLOW))

    def rename(self, source: Path, target: Path) -> None:
        """See `Disk`."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        """See `Disk`."""
        path.unlink(missing_ok=True)

    def fsync_dir(self, folder: Path) -> None:
        """See `Disk`. Windows cannot open a folder to sync it: NTFS keeps names in its own journal."""
        if sys.platform == "win32":
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_whole(disk: Disk, folder: Path, name: str, octets: bytes) -> None:
    """`folder/name` holds exactly `octets`, durably, or is as it was: written beside, synced, renamed, folder synced.

    Args:
        disk: where.
        folder: exists.
        name: of the file; `.<name>.part` beside it is written first, and a stale one is replaced.
        octets: the whole content.

    Raises:
        OSError: nothing under `name` changed, unless only the last step failed.
    """
    part = folder / f".{name}.part"
    try:
        file = _created(disk, part)
        try:
            file.write(octets)
            file.sync()
        finally:
            file.close()
        disk.rename(part, folder / name)
    except OSError:
        unlink_if_possible(disk, part)
        raise
    disk.fsync_dir(folder)


def _created(disk: Disk, path: Path) -> AppendFile:
    """A new file of this name, in place of one that a crash left."""
    try:
        return disk.create(path)
    except FileExistsError:
        disk.unlink(path)
        return disk.create(path)


def rewrite(disk: Disk, folder: Path, name: str, octets: bytes) -> None:
    """As `write_whole`, for a file of which something shall be gone: what the name held before is overwritten afterwards.

    Raises:
        OSError: as `write_whole`; then nothing was overwritten.
    """
    doomed = disk.doom(folder / name)
    try:
        write_whole(disk, folder, name, octets)
    except OSError:
        doomed.spare()
        raise
    doomed.erase()


def overwrite(path: Path) -> None:
    """All of a file that no longer counts is zeros, durably, under its name, as far as the system writes in place.

    Raises:
        OSError: a part of it may be overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | _BINARY | _NO_FOLLOW)
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, _ZEROS[: min(left, len(_ZEROS))])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def erase(disk: Disk, path: Path) -> None:
    """The name is gone, and what it held is overwritten. Raises `OSError`: then nothing was overwritten."""
    doomed = disk.doom(path)
    try:
        disk.unlink(path)
    except OSError:
        doomed.spare()
        raise
    doomed.erase()


def make_private(folder: Path) -> None:
    """`folder` is there, and it and each parent made for it are for the owner alone; what was there stays as it is.

    `Path.mkdir(mode, parents=True)` would make the parents by the umask.

    Raises:
        OSError: it cannot be made; `FileExistsError` or `NotADirectoryError` where a file is in its place or on the way.
    """
    missing = [one for one in folder.parents if not one.exists()]
    for one in (*reversed(missing), folder):
        one.mkdir(mode=0o700, exist_ok=True)


def append_private(path: Path) -> BinaryIO:
    """The file opened at its end, made for the owner alone where it is missing. Raises `OSError`, also for a link."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY | _NO_FOLLOW, 0o600), "ab")


def take_alone(file: BinaryIO) -> bool:
    """Whether this process has `file` for itself from now on: until it closes it, or dies. Waits for nobody."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists on this system only

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - exists on these systems only

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def create_private(path: Path) -> None:
    """Makes an empty file for the owner alone; one that is there is not even opened. Raises `FileExistsError`, `OSError`."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_FOLLOW, 0o600))


def unlink_if_possible(disk: Disk, path: Path) -> None:
    """Gives the space back at once where that works; what stays is swept by recovery."""
    try:
        disk.unlink(path)
    except OSError:
        return


def environment_fault(error: OSError, doing: str) -> EnvironmentFault:
    """What a person can do about `error`, in their words. `doing`: what did not work, as "recording the session"."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentFault(f"The disk is full, and {doing} stopped. Free some space; nothing saved so far is lost.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EnvironmentFault(f"This folder may not be written, and {doing} stopped. Allow writing to it and try again.")
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return EnvironmentFault(f"There is a file where a folder must be, and {doing} stopped. Please name another folder.")
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return EnvironmentFault(f"The disk gave an error ({reason}), and {doing} stopped. Check the disk and try again.")
