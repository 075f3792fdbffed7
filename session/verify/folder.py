# SPDX-License-Identifier: Apache-2.0
"""Step 1, the folder: only known names, regular files, bounded sizes; and reading them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from session import IntegrityFault
from session.crypto.aead import MAX_BLOB_BYTES
from session.disk import environment_fault
from session.policy import POLICY_BYTES
from session.seal import SEAL_BYTES, SEAL_NAME
from session.segments import BLOBS, MAX_SEGMENT_BYTES, read_file, segment_name
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES

RECEIPT: Final = "receipt.dsse"
POLICY: Final = "statements/policy.toml"
DIRECTORY: Final = "statements/directory.dsse"
MAX_SEGMENTS: Final = 512
"""Most segments: a day of 15-minute segments is 96. Source: docs/session-format.md, Bounds."""
MAX_BLOBS: Final = 100_000
"""Most blobs: a day at one capture in 5 s on 5 monitors is 86,400. Source: as above."""
MAX_STATEMENTS: Final = 4096
"""Most later statements. Source: as above."""

MAX_STATEMENTS_BYTES: Final = 32 * 1024 * 1024
"""Most bytes of later statements together, directories among them, which are kept in memory. Source: as above."""

_SEGMENT: Final = re.compile(r"[0-9]{6}\.fws")
_BLOB: Final = re.compile(BLOBS + r"/[0-9a-f]{64}")
_LATER: Final = re.compile(r"statements/([0-9a-f]{64})\.dsse")
_FOLDERS: Final = frozenset((BLOBS, "statements"))


class Source(Protocol):
    """The files of one session, by their names inside the folder, parted by "/"."""

    def entries(self) -> Iterator[tuple[str, int]]:
        """Name and size of every file; a size of -1 is something that is not a regular file.

        Raises `EnvironmentFault` where the folder cannot be read.
        """
        ...

    def read(self, name: str, limit_bytes: int) -> bytes:
        """All of one file. Raises `IntegrityFault` where it is larger, `EnvironmentFault` where it cannot be read."""
        ...


class FolderSource:
    """A session's folder on disk. Links are never followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def entries(self) -> Iterator[tuple[str, int]]:
        """See `Source`."""
        try:
            yield from self._within("")
        except OSError as error:
            raise environment_fault(error, "reading the session") from error

    def read(self, name: str, limit_bytes: int) -> bytes:
        """See `Source`."""
        return read_file(self._folder / name, limit_bytes, name)

    def _within(self, prefix: str) -> Iterator[tuple[str, int]]:
        with os.scandir(self._folder / prefix) as found:
            for entry in found:
                name = prefix + entry.name
                status = entry.stat(follow_symlinks=False)
                if not prefix and name in _FOLDERS and stat.S_ISDIR(status.st_mode):
                    yield from self._within(f"{name}/")
                else:
                    yield name, status.st_size if stat.S_ISREG(status.st_mode) else -1


class Names:
    """The files of a session, sorted by what they are."""

    def __init__(self) -> None:
        self.segments: list[str] = []
        self.blobs: dict[str, int] = {}
        self.statements: list[str] = []
        self.fixed: set[str] = set()
        self._statements_bytes = 0

    def add(self, name: str, size_bytes: int) -> None:
        """Takes one entry. Raises `IntegrityFault` where it may not be here, so."""
        later = _LATER.fullmatch(name)
        if size_bytes < 0:
            raise IntegrityFault(f"{name!r} is not a regular file")
        if _SEGMENT.fullmatch(name):
            self.segments.append(name)
            limit = MAX_SEGMENT_BYTES
        elif _BLOB.fullmatch(name):
            self.blobs[name.removeprefix(f"{BLOBS}/")] = size_bytes
            limit = MAX_BLOB_BYTES
        elif later:
            self.statements.append(later[1])
            self._statements_bytes += size_bytes
            limit = DIRECTORY_BYTES
        elif name in _FIXED:
            self.fixed.add(name)
            limit = _FIXED[name]
        else:
            raise IntegrityFault(f"{name!r} does not belong into a session")
        if size_bytes > limit:
            raise IntegrityFault(f"{name} has {size_bytes} bytes, more than {limit}")
        if len(self.segments) > MAX_SEGMENTS or len(self.blobs) > MAX_BLOBS or len(self.statements) > MAX_STATEMENTS:
            raise IntegrityFault("there are more files than a session can have")
        if self._statements_bytes > MAX_STATEMENTS_BYTES:
            raise IntegrityFault(f"the later statements have more than {MAX_STATEMENTS_BYTES} bytes together")


_FIXED: Final[dict[str, int]] = {
    SEAL_NAME: SEAL_BYTES,
    RECEIPT: STATEMENT_BYTES,
    POLICY: POLICY_BYTES,
    DIRECTORY: DIRECTORY_BYTES,
}


def read_names(source: Source) -> Names:
    """The files of a sealed session.

    Raises:
        IntegrityFault: a file that may not be here, or one that is missing; names it.
        EnvironmentFault: the folder cannot be read.
    """
    names = Names()
    for name, size_bytes in source.entries():
        names.add(name, size_bytes)
    names.segments.sort()
    names.statements.sort()
    if not names.segments:
        raise IntegrityFault("there is no segment, so there is no record")
    for index, name in enumerate(names.segments):
        if name != segment_name(index):
            raise IntegrityFault(f"{segment_name(index)} is missing")
    if SEAL_NAME not in names.fixed:
        raise IntegrityFault("seal.dsse is missing: the session is not sealed")
    if POLICY not in names.fixed:
        raise IntegrityFault(f"{POLICY} is missing")
    return names
