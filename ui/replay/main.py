# SPDX-License-Identifier: Apache-2.0
"""The replay as a program of its own: one session until its window is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from session.desks import SessionCase
from ui.app import Program
from ui.replay.acts import Prover
from ui.replay.window import ReplayWindow


def show_case(
    case: SessionCase, environment: Mapping[str, str], *, prove: Callable[[int, Path], object], dark: bool | None = None
) -> int:
    """Shows the session until its window is closed; returns the exit code.

    Args:
        case: as far as this person may read it.
        environment: in which language to speak.
        prove: writes the proof of the record of that seq into a file.
        dark: None for what the desktop asks for.
    """
    program = Program("Fair Witness", environment, dark=dark)
    program.app.setQuitOnLastWindowClosed(True)
    window = ReplayWindow(case, program.words, program.palette, prover=Prover(prove, program.background))
    window.show()
    return program.run()
