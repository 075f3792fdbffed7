# SPDX-License-Identifier: Apache-2.0
"""A session's files in memory: thousands of changed copies without touching a disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from session import IntegrityFault


class Files(dict[str, bytes]):
    """Name to content, as `session.verify.folder.Source`."""

    def entries(self) -> Iterator[tuple[str, int]]:
        for name, octets in self.items():
            yield name, len(octets)

    def read(self, name: str, limit_bytes: int) -> bytes:
        if len(self[name]) > limit_bytes:
            raise IntegrityFault(f"{name} is larger than {limit_bytes} bytes.")
        return self[name]

    def changed(self, name: str, octets: bytes) -> Files:
        """A copy in which one file has other content."""
        copy = Files(self)
        copy[name] = octets
        return copy

    def without(self, name: str) -> Files:
        """A copy in which one file is missing."""
        copy = Files(self)
        del copy[name]
        return copy


def files_of(folder: Path) -> Files:
    """All files of a session's folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return Files({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})
