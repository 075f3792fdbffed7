# SPDX-License-Identifier: Apache-2.0
"""Disks for the tests of the record: one that keeps a log, one that runs full, one that does not wait."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from journal_crashstates import Create, MakeFolder, Mark, Operation, Rename, Sync, SyncFolder, Truncate, Unlink, Write

from session.disk import AppendFile, Disk, Doomed, RealDisk


class _QuickFile:
    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, octets: bytes) -> None:
        self._file.write(octets)

    def sync(self) -> None:
        pass

    def truncate(self, size_bytes: int) -> None:
        self._file.truncate(size_bytes)

    def close(self) -> None:
        self._file.close()


class QuickDisk(RealDisk):
    """Real files, and no waiting for the drive: what is judged is the content, and the machine stays on."""

    def create(self, path: Path) -> AppendFile:
        path.touch(exist_ok=False)
        return _QuickFile(path)

    def append(self, path: Path) -> AppendFile:
        path.stat()
        return _QuickFile(path)

    def fsync_dir(self, folder: Path) -> None:
        pass


class _RecordingFile:
    def __init__(self, file: AppendFile, name: str, size: int, log: list[Operation]) -> None:
        self._file, self._name, self._size, self._log = file, name, size, log

    def write(self, octets: bytes) -> None:
        self._file.write(octets)
        self._log.append(Write(self._name, self._size, bytes(octets)))
        self._size += len(octets)

    def sync(self) -> None:
        self._file.sync()
        self._log.append(Sync(self._name))

    def truncate(self, size_bytes: int) -> None:
        self._file.truncate(size_bytes)
        self._log += [Truncate(self._name, size_bytes), Sync(self._name)]
        self._size = size_bytes

    def close(self) -> None:
        self._file.close()


class RecordingDisk:
    """A disk that does as it is told, and logs it as `journal_crashstates` reads it, relative to `root`."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.log: list[Operation] = []
        self._root, self._disk = root, disk or QuickDisk()

    def mark(self, promised: Any) -> None:  # noqa: ANN401 - whatever the test will check
        self.log.append(Mark(promised))

    def _name(self, path: Path) -> str:
        name = path.relative_to(self._root).as_posix()
        return "" if name == "." else name

    def make_folder(self, folder: Path) -> None:
        self._disk.make_folder(folder)
        self.log.append(MakeFolder(self._name(folder)))

    def create(self, path: Path) -> AppendFile:
        file = self._disk.create(path)
        self.log.append(Create(self._name(path)))
        return _RecordingFile(file, self._name(path), 0, self.log)

    def append(self, path: Path) -> AppendFile:
        return _RecordingFile(self._disk.append(path), self._name(path), path.stat().st_size, self.log)

    def rename(self, source: Path, target: Path) -> None:
        self._disk.rename(source, target)
        self.log.append(Rename(self._name(source), self._name(target)))

    def doom(self, path: Path) -> Doomed:
        return self._disk.doom(path)  # what happens to a file without a name shows in no state of the disk

    def unlink(self, path: Path) -> None:
        there = path.exists()
        self._disk.unlink(path)
        if there:
            self.log.append(Unlink(self._name(path)))

    def fsync_dir(self, folder: Path) -> None:
        self._disk.fsync_dir(folder)
        self.log.append(SyncFolder(self._name(folder)))


class _FullFile:
    def __init__(self, file: AppendFile, disk: FullDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, octets: bytes) -> None:
        fits = octets[: self._disk.left]
        if fits:
            self._file.write(fits)
        self._disk.left -= len(fits)
        if len(fits) < len(octets):
            raise OSError(errno.ENOSPC, "no space left")

    def sync(self) -> None:
        self._disk.step()
        self._file.sync()

    def truncate(self, size_bytes: int) -> None:
        self._disk.step()
        self._file.truncate(size_bytes)

    def close(self) -> None:
        self._file.close()


class FullDisk(QuickDisk):
    """A disk on which `left` bytes fit, and of which the step number `fail_step` and `fails` in all give EIO.

    A step is a sync, a change of names, or a file made shorter.
    """

    def __init__(self, left: int = 2**62, fail_step: int = -1, fails: int = 1) -> None:
        self.left, self.fail_step, self.fails, self.steps = left, fail_step, fails, 0

    def step(self) -> None:
        self.steps += 1
        if 0 <= self.fail_step < self.steps <= self.fail_step + self.fails:
            raise OSError(errno.EIO, "the drive failed")

    def create(self, path: Path) -> AppendFile:
        self.step()
        if self.left <= 0:
            raise OSError(errno.ENOSPC, "no space left")
        return _FullFile(super().create(path), self)

    def append(self, path: Path) -> AppendFile:
        return _FullFile(super().append(path), self)

    def rename(self, source: Path, target: Path) -> None:
        self.step()
        super().rename(source, target)

    def fsync_dir(self, folder: Path) -> None:
        self.step()
        super().fsync_dir(folder)
