# SPDX-License-Identifier: Apache-2.0
"""A program's system calls as operations of `journal_crashstates`: what it wrote, synced, renamed and promised.

`traced(command, folder)` runs it under strace; a line "promise WHAT WHO" that it writes to standard output becomes a
`Mark` of all promises so far.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from journal_crashstates import (
    Create,
    MakeFolder,
    Mark,
    Operation,
    Rename,
    Sync,
    SyncFolder,
    Truncate,
    Unlink,
    Write,
)

CALLS = (
    "openat,close,write,pwrite64,writev,pwritev,lseek,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,rmdir,"
    "ftruncate,truncate,mkdir,mkdirat,sendfile,copy_file_range,fallocate,dup,dup2,dup3"
)
_LINE = re.compile(r"^(?:\d+\s+)?(\w+)\((.*)\)\s+=\s+(-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_NEVER = {"writev", "pwritev", "sendfile", "copy_file_range", "truncate"}
"""Calls that the traced programs do not make on their own files; if one appears, the parser is what must grow."""


def traced(command: Sequence[str], folder: Path, log: Path, environment: dict[str, str]) -> list[Operation]:
    """What `command` did inside `folder`, which is empty. Fails where it failed or did what is not understood."""
    strace = ["strace", "-f", "-e", f"trace={CALLS}", "-e", "signal=none", "-s", "10000000", "-xx", "-o", str(log)]
    subprocess.run([*strace, *command], check=True, env=environment, stdout=subprocess.DEVNULL, timeout=120)
    with log.open(encoding="ascii") as lines:
        return list(_Parser(folder).operations(lines))


class _Parser:
    """Follows file descriptors and names through the calls."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fsencode(folder)
        self._files: dict[str, int] = {}
        self._folders: set[str] = {""}
        self._open: dict[int, list[object]] = {}
        self._promised: tuple[tuple[str, str], ...] = ()

    def operations(self, lines: Iterator[str]) -> Iterator[Operation]:
        for line in lines:
            match = _LINE.match(line)
            assert match or "exited with" in line or "resumed" not in line, line[:200]
            if match is None or int(match[3]) < 0:
                continue
            call, arguments, result = match[1], match[2], int(match[3])
            yield from getattr(self, f"_{call}", self._unknown)(call, arguments, result)

    def _inside(self, text: str) -> str | None:
        """A path relative to the folder, or None for one elsewhere."""
        path = os.path.normpath(bytes.fromhex(text.replace("\\x", "")))
        if path == self._folder:
            return ""
        prefix = self._folder + b"/"
        return os.fsdecode(path[len(prefix) :]) if path.startswith(prefix) else None

    def _paths(self, arguments: str) -> list[str | None]:
        return [self._inside(text) for text in _TEXT.findall(arguments)]

    def _handle(self, arguments: str) -> list[object] | None:
        return self._open.get(int(arguments.split(",", 1)[0].split("<", 1)[0].strip(" )")))

    def _unknown(self, call: str, arguments: str, _result: int) -> Iterator[Operation]:
        assert call not in _NEVER or self._handle(arguments) is None, f"{call} is not understood yet"
        return iter(())

    def _openat(self, _call: str, arguments: str, result: int) -> Iterator[Operation]:
        (path,) = self._paths(arguments)
        self._open.pop(result, None)
        if path is None:
            return
        flags = arguments.rsplit('"', 1)[1]
        if path not in self._files and path not in self._folders and "O_CREAT" in flags:
            self._files[path] = 0
            yield Create(path)
        elif "O_TRUNC" in flags and self._files.get(path):
            self._files[path] = 0
            yield Truncate(path, 0)
        self._open[result] = [path, 0, "O_APPEND" in flags]

    def _close(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        self._open.pop(int(arguments), None)
        return iter(())

    def _lseek(self, _call: str, arguments: str, result: int) -> Iterator[Operation]:
        handle = self._handle(arguments)
        if handle is not None:
            handle[1] = result
        return iter(())

    def _write(self, _call: str, arguments: str, result: int) -> Iterator[Operation]:
        octets = bytes.fromhex(_TEXT.findall(arguments)[0].replace("\\x", ""))[:result]
        if arguments.startswith("1,"):
            for word in octets.decode().splitlines():
                _, what, who = word.split()
                self._promised = (*self._promised, (what, who))
                yield Mark(self._promised)
            return
        handle = self._handle(arguments)
        if handle is not None:
            path = str(handle[0])
            offset = self._files[path] if handle[2] else int(str(handle[1]))
            handle[1] = offset + result
            yield self._written(path, offset, octets)

    def _pwrite64(self, _call: str, arguments: str, result: int) -> Iterator[Operation]:
        handle = self._handle(arguments)
        if handle is not None:
            octets = bytes.fromhex(_TEXT.findall(arguments)[0].replace("\\x", ""))[:result]
            yield self._written(str(handle[0]), int(arguments.rsplit(",", 1)[1]), octets)

    def _written(self, path: str, offset: int, octets: bytes) -> Operation:
        self._files[path] = max(self._files[path], offset + len(octets))
        return Write(path, offset, octets)

    def _ftruncate(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        handle = self._handle(arguments)
        if handle is not None:
            size = int(arguments.rsplit(",", 1)[1])
            self._files[str(handle[0])] = size
            yield Truncate(str(handle[0]), size)

    def _fallocate(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        handle = self._handle(arguments)
        if handle is not None:
            offset, length = (int(part) for part in arguments.split(",")[2:4])
            size = max(self._files[str(handle[0])], offset + length)
            self._files[str(handle[0])] = size
            yield Truncate(str(handle[0]), size)

    def _fsync(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        handle = self._handle(arguments)
        if handle is not None:
            path = str(handle[0])
            yield SyncFolder(path) if path in self._folders else Sync(path)

    _fdatasync = _fsync

    def _rename(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        source, target = self._paths(arguments)
        if source is None or target is None:
            assert source is target, "a rename in or out of the folder"
            return
        self._files[target] = self._files.pop(source)
        for handle in self._open.values():
            if handle[0] == source:
                handle[0] = target
        yield Rename(source, target)

    _renameat = _renameat2 = _rename

    def _unlink(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        (path,) = self._paths(arguments)
        if path is not None:
            assert all(handle[0] != path for handle in self._open.values()) or path.endswith(("-wal", "-shm")), path
            self._files.pop(path, None)
            self._folders.discard(path)
            yield Unlink(path)

    _unlinkat = _rmdir = _unlink

    def _mkdir(self, _call: str, arguments: str, _result: int) -> Iterator[Operation]:
        (path,) = self._paths(arguments)
        if path is not None:
            self._folders.add(path)
            yield MakeFolder(path)

    _mkdirat = _mkdir
