# SPDX-License-Identifier: Apache-2.0
"""One server a folder: two would take each other's arriving files for what a crash left."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from session import EnvironmentFault
from session.disk import append_private, environment_fault, make_private, take_alone

_DOING: Final = "starting the platform"


class FolderLock:
    """Holds `folder` for this process until the block ends; the system lets go of it when the process dies.

    Raises:
        EnvironmentFault: another server holds it, or the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        try:
            make_private(folder)
        except OSError as error:
            raise environment_fault(error, _DOING) from error
        self._path = folder / "serving.lock"

    def __enter__(self) -> Self:
        """Takes the lock."""
        try:
            self._file = append_private(self._path)
        except OSError as error:
            raise environment_fault(error, _DOING) from error
        if not take_alone(self._file):
            self._file.close()
            raise EnvironmentFault("Another server is using this folder: stop it, or choose another folder.")
        return self

    def __exit__(self, *_raised: object) -> None:
        """Lets go."""
        self._file.close()
