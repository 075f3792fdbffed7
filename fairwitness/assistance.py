# SPDX-License-Identifier: Apache-2.0
"""What the person declared about assistive tools, on this computer and nowhere else: one small file, for its owner alone.

Rules:

1. It is read for the detectors of this computer, at a session's start and end, and for its person's window and command.
2. It is there only where something is declared. One that cannot be read counts as a declaration: a damaged disk asks nobody.
3. It names no tool, and no line of the log says that it is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from session import FairWitnessError
from session.assistance import NOTHING_SAID, Assistance
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.segments import read_file

_MOST_BYTES: Final = 1024


def said(file: Path) -> Assistance:
    """What is declared on this computer. Never raises."""
    try:
        if not file.exists():
            return NOTHING_SAID
        return msgspec.json.decode(read_file(file, _MOST_BYTES, "what you declared"), type=Assistance, strict=True)
    except (FairWitnessError, OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return Assistance(assistive=True)


def keep(file: Path, declared: Assistance) -> None:
    """Keeps it durably from now on; where nothing is declared any more, no file is left.

    Raises:
        EnvironmentFault: the disk; what was declared before holds.
    """
    disk = RealDisk()
    try:
        if declared != NOTHING_SAID:
            make_private(file.parent)
            write_whole(disk, file.parent, file.name, msgspec.json.encode(declared))
        elif file.exists():
            disk.unlink(file)
            disk.fsync_dir(file.parent)
    except OSError as error:
        raise environment_fault(error, "keeping what you declared") from error
