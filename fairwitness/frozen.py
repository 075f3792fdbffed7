# SPDX-License-Identifier: Apache-2.0
"""What an installed program does otherwise than one that Python runs: its own processes, its environment, what it lacks.

Rules:

1. A frozen program is its own Python: `[sys.executable, "-m", NAME]` starts a process of ours, for the names in
   `PROCESSES` alone. It never runs any other module.
2. Programs that we start find the libraries of the system, not those that we bring.
3. A command whose parts were left out of the freeze says so in words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from importlib import import_module
from typing import Final

import msgspec

PROCESSES: Final = ("agent.capture.child",)
"""Modules that the program starts as processes of their own."""
LEFT_OUT: Final = ("server", "fairwitness.demo")
"""Modules that installers/fairwitness.spec leaves out. They need the platform's packages, which no desktop needs."""
NO_PLATFORM: Final = (
    "This installed program does not contain the platform, so it cannot serve, found or demonstrate one. "
    "Those commands are in the source distribution: docs/installing.md."
)
_LIBRARIES: Final = "LD_LIBRARY_PATH"


class _Module(msgspec.Struct, frozen=True):
    """A module whose `main` is the process."""

    name: str

    def run(self) -> None:
        main: Callable[[], None] = import_module(self.name).main
        main()


def frozen() -> bool:
    """Whether this is the installed program. Source: PyInstaller's manual, run-time information."""
    return bool(getattr(sys, "frozen", False))


def process_of(arguments: Sequence[str]) -> _Module | None:
    """The process of ours that a frozen program was started as, None for a command. `arguments` without the program."""
    named = arguments[1:2] if arguments[:1] == ["-m"] else []
    return _Module(named[0]) if frozen() and named and named[0] in PROCESSES else None


def free_libraries(environment: MutableMapping[str, str]) -> None:
    """Gives `environment` back the library path that the person had. The loader has read ours already.

    Source: PyInstaller's manual, LD_LIBRARY_PATH considerations.
    """
    if not frozen():
        return
    before = environment.pop(f"{_LIBRARIES}_ORIG", None)
    if before is None:
        environment.pop(_LIBRARIES, None)
    else:
        environment[_LIBRARIES] = before


def left_out(error: ModuleNotFoundError) -> bool:
    """Whether the installed program misses this module because it was left out, and not by a fault of ours."""
    name = error.name or ""
    return frozen() and any(name == one or name.startswith(f"{one}.") for one in LEFT_OUT)


def entered() -> None:
    """The first thing that the program does: frees the environment, and is the process that it was asked to be.

    Returns only where a command is to be run.
    """
    free_libraries(os.environ)
    process = process_of(sys.argv[1:])
    if process is not None:
        process.run()
        sys.exit(0)
