# SPDX-License-Identifier: Apache-2.0
"""One program of a person after the other: the tray and a terminal keep the same files, and the highest must stay."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from session.disk import append_private, take_alone

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
        while not (held := take_alone(file)) and time.monotonic() < until_s:
            time.sleep(_LOOK_S)
        yield held
