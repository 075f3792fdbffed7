# SPDX-License-Identifier: Apache-2.0
"""One program of a person after the other: the tray and a terminal keep the same files, and the highest must stay."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from session.disk import append_private

WAIT_S: Final = 5.0
"""Longest wait for another program, which holds a turn for as long as it takes to read and write one small file."""
_LOOK_S: Final = 0.002


@contextmanager
def turn(path: Path) -> Iterator[bool]:
    """Holds the file `path`, which is made, until the block ends; the system lets go of it when the program dies.

    Tells whether it is held. Not where the folder takes no file, or another program stands still with it: then whoever
    writes learns of the first by their own write, and the second is no reason to stand still as well.
    """
    try:
        file = append_private(path)
    except OSError:
        yield False
        return
    with file:
        until_s = time.monotonic() + WAIT_S
        while not (held := _taken(file)) and time.monotonic() < until_s:
            time.sleep(_LOOK_S)
        yield held


def _taken(file: IO[bytes]) -> bool:
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
