# SPDX-License-Identifier: Apache-2.0
"""What a disk may hold after the power went: every state that a log of file operations allows.

Interface, for whoever has such a log (the journal's comes from `RecordingDisk`; a program's from its system calls):

1. The log is a list of the operations below. Paths are strings relative to the folder under test, with "/"; "" is that
   folder itself. A path names the file that bears this name at that moment; for a descriptor that is the name it was
   opened under, followed through renames.
2. `Mark(value)` is no operation of the disk: it says that from here on the program under test had promised `value`
   (answered a request, returned from a sync). A state carries the last value it must keep.
3. `crash_states(operations, seed=…, random_per_point=…)` gives states for every prefix of the log, without repetition.
   `state.write_to(folder)` makes one real, and then the program under test opens it and is judged by `state.promised`.

Log of one durable file, as an example:
    [Create("a.part"), Write("a.part", 0, b"text"), Sync("a.part"), Rename("a.part", "a"), SyncFolder(""), Mark("a is safe")]

What may happen to operations that no later Sync or SyncFolder covers (POSIX promises no more than that):

* content: each write on its own may be lost, whole, torn at any byte, or hold only some of its 512-byte sectors; the file
  may have its new length with zeros where content is missing; a truncation may be lost. Files do not wait for each other.
* names: each creation, renaming, removal and new folder on its own may have happened or not, in any combination that keeps
  their order. A rename is all or nothing.
* Sync makes content and length of that file durable and says nothing about its name; SyncFolder makes the names in that
  folder durable and says nothing about content.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTOR_BYTES = 512


@dataclass(frozen=True)
class MakeFolder:
    path: str


@dataclass(frozen=True)
class Create:
    """A new, empty file. (Opening with O_TRUNC what exists is `Truncate(path, 0)`.)."""

    path: str


@dataclass(frozen=True)
class Write:
    """`octets` at byte `offset`; an append has the length before it as its offset."""

    path: str
    offset: int
    octets: bytes


@dataclass(frozen=True)
class Truncate:
    path: str
    size: int


@dataclass(frozen=True)
class Sync:
    """fsync or fdatasync of a file."""

    path: str


@dataclass(frozen=True)
class Rename:
    source: str
    target: str


@dataclass(frozen=True)
class Unlink:
    path: str


@dataclass(frozen=True)
class SyncFolder:
    """fsync of a folder."""

    path: str


@dataclass(frozen=True)
class Mark:
    promised: Any


Operation = MakeFolder | Create | Write | Truncate | Sync | Rename | Unlink | SyncFolder | Mark


@dataclass(frozen=True)
class CrashState:
    """One thing that the disk may hold after `after` operations: file contents, folders, and what had been promised."""

    after: int
    promised: Any
    files: dict[str, bytes]
    folders: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        """Equal for equal contents under an equal promise."""
        hashed = hashlib.sha256(repr((self.promised, self.folders)).encode())
        for path in sorted(self.files):
            hashed.update(repr((path, len(self.files[path]))).encode() + self.files[path])
        return hashed.digest()

    def write_to(self, folder: Path) -> None:
        """Makes it real in an empty folder."""
        for path in self.folders:
            (folder / path).mkdir(parents=True, exist_ok=True)
        for path, content in self.files.items():
            (folder / path).write_bytes(content)


@dataclass
class _File:
    durable: bytes = b""
    pending: list[Write | Truncate] = field(default_factory=list)

    def now(self) -> bytes:
        return _after(self.durable, self.pending)


@dataclass
class _Folder:
    durable: dict[str, _File | _Folder] = field(default_factory=dict)
    current: dict[str, _File | _Folder] = field(default_factory=dict)
    pending: list[_NameChange] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _NameChange:
    """One change of names, atomic even where it touches two folders."""

    sets: tuple[tuple[_Folder, str, _File | _Folder], ...]
    clears: tuple[tuple[_Folder, str], ...]


class _Disk:
    """The disk as the running program sees it, and what of it is durable."""

    def __init__(self) -> None:
        self.root = _Folder()
        self.folders: list[_Folder] = [self.root]
        self.all_files: list[_File] = []

    def folder(self, path: str) -> _Folder:
        found = self.root
        for part in path.split("/") if path else ():
            entry = found.current[part]
            assert isinstance(entry, _Folder), f"{path} is no folder"
            found = entry
        return found

    def place(self, path: str) -> tuple[_Folder, str]:
        above, _, name = path.rpartition("/")
        return self.folder(above), name

    def file(self, path: str) -> _File:
        folder, name = self.place(path)
        entry = folder.current[name]
        assert isinstance(entry, _File), f"{path} is no file"
        return entry

    def change(self, change: _NameChange) -> None:
        for folder, name in change.clears:
            folder.current.pop(name, None)
        for folder, name, entry in change.sets:
            folder.current[name] = entry
        for folder in {id(one[0]): one[0] for one in (*change.clears, *change.sets)}.values():
            folder.pending.append(change)

    def run(self, operation: Operation) -> None:
        match operation:
            case MakeFolder(path):
                folder, name = self.place(path)
                made = _Folder()
                self.folders.append(made)
                self.change(_NameChange(((folder, name, made),), ()))
            case Create(path):
                folder, name = self.place(path)
                created = _File()
                self.all_files.append(created)
                self.change(_NameChange(((folder, name, created),), ()))
            case Write(path) | Truncate(path):
                self.file(path).pending.append(operation)
            case Sync(path):
                synced = self.file(path)
                synced.durable = synced.now()
                synced.pending.clear()
            case Rename(source, target):
                entry = self.place(source)[0].current[self.place(source)[1]]
                self.change(_NameChange(((*self.place(target), entry),), (self.place(source),)))
            case Unlink(path):
                self.change(_NameChange((), (self.place(path),)))
            case SyncFolder(path):
                self._sync_folder(self.folder(path))
            case Mark():
                pass

    def _sync_folder(self, folder: _Folder) -> None:
        """All pending changes of this folder; of a rename between two, the other half comes with it."""
        for change in list(folder.pending):
            _apply({id(one): one.durable for one in self.folders}, change)
            for other in self.folders:
                if change in other.pending:
                    other.pending.remove(change)


def crash_states(operations: Sequence[Operation], *, seed: int, random_per_point: int) -> Iterator[CrashState]:
    """States for a crash after every prefix of `operations`: five plain ones, and so many drawn by chance; none twice.

    Deterministic for a seed. With nothing unsynced at a point there is one state only.
    """
    chance = random.Random(seed)  # noqa: S311 - choosing tests, no secret
    disk, promised = _Disk(), None
    seen: set[bytes] = set()
    for after in range(len(operations) + 1):
        if after:
            operation = operations[after - 1]
            disk.run(operation)
            promised = operation.promised if isinstance(operation, Mark) else promised
        plans = [(names, content) for names in ("all", "none") for content in ("all", "none")] + [("all", "zeros")]
        plans += [("some", "some")] * random_per_point
        for names, content in plans:
            files, folders = _state(disk, names, content, chance)
            state = CrashState(after, promised, files, folders)
            if state.digest not in seen:
                seen.add(state.digest)
                yield state


def _state(disk: _Disk, names: str, content: str, chance: random.Random) -> tuple[dict[str, bytes], tuple[str, ...]]:
    entries = {id(folder): dict(folder.durable) for folder in disk.folders}
    done: set[int] = set()
    for change in _in_order(disk):
        if id(change) not in done and (names == "all" or (names == "some" and chance.random() < 0.6)):
            _apply(entries, change)
        done.add(id(change))
    files: dict[str, bytes] = {}
    folders: list[str] = []

    def walk(folder: _Folder, path: str) -> None:
        for name, entry in sorted(entries[id(folder)].items(), key=lambda item: item[0]):
            below = f"{path}/{name}" if path else name
            if isinstance(entry, _Folder):
                folders.append(below)
                walk(entry, below)
            else:
                files[below] = _content(entry, content, chance)

    walk(disk.root, "")
    return files, tuple(folders)


def _in_order(disk: _Disk) -> list[_NameChange]:
    """Pending changes, each folder's in its order; a rename between two folders keeps its place in both."""
    return [change for folder in disk.folders for change in folder.pending]


def _apply(entries: dict[int, dict[str, _File | _Folder]], change: _NameChange) -> None:
    for folder, name in change.clears:
        entries[id(folder)].pop(name, None)
    for folder, name, entry in change.sets:
        entries[id(folder)][name] = entry


def _content(file: _File, how: str, chance: random.Random) -> bytes:
    if how == "none" or not file.pending:
        return file.durable
    if how == "all":
        return file.now()
    if how == "zeros":
        return file.durable[: len(file.now())].ljust(len(file.now()), b"\x00")
    kind = chance.choice(("prefix", "each", "zeros"))
    if kind == "zeros":
        return file.durable[: len(file.now())].ljust(
            chance.randint(len(file.durable), max(len(file.durable), len(file.now()))), b"\0"
        )
    if kind == "prefix":
        whole = chance.randrange(len(file.pending))
        return _after(file.durable, [*file.pending[:whole], *_torn(file.pending[whole], chance)])
    survivors: list[Write | Truncate] = []
    for operation in file.pending:
        fate = chance.random()
        if fate < 0.4:
            survivors.append(operation)
        elif fate < 0.7:
            survivors += _torn(operation, chance)
    return _after(file.durable, survivors)


def _torn(operation: Write | Truncate, chance: random.Random) -> list[Write | Truncate]:
    """Part of a write: cut at a byte, or some of its sectors."""
    if isinstance(operation, Truncate):
        return [operation] if chance.random() < 0.5 else []
    octets, offset = operation.octets, operation.offset
    if chance.random() < 0.5:
        return [Write(operation.path, offset, octets[: chance.randint(0, len(octets))])]
    kept: list[Write | Truncate] = []
    begin = 0
    while begin < len(octets):
        end = min(len(octets), begin + SECTOR_BYTES - (offset + begin) % SECTOR_BYTES)
        if chance.random() < 0.5:
            kept.append(Write(operation.path, offset + begin, octets[begin:end]))
        begin = end
    return kept


def _after(content: bytes, operations: Sequence[Write | Truncate]) -> bytes:
    result = bytearray(content)
    for operation in operations:
        if isinstance(operation, Truncate):
            del result[operation.size :]
            result.extend(bytes(operation.size - len(result)))
        elif operation.octets:
            result.extend(bytes(max(0, operation.offset - len(result))))
            result[operation.offset : operation.offset + len(operation.octets)] = operation.octets
    return bytes(result)
