# SPDX-License-Identifier: Apache-2.0
"""The replay as a program of its own: one session until its window is closed."""

from __future__ import annotations

from collections.abc import Mapping

from session.desks import SessionCase
from ui.app import Program
from ui.replay.window import ReplayWindow


def show_case(case: SessionCase, environment: Mapping[str, str], *, dark: bool | None = None) -> int:
    """Shows the session until its window is closed; returns the exit code.

    Args:
        case: as far as this person may read it.
        environment: in which language to speak.
        dark: None for what the desktop asks for.
    """
    program = Program("Fair Witness", environment, dark=dark)
    program.app.setQuitOnLastWindowClosed(True)
    window = ReplayWindow(case, program.words, program.palette)
    window.show()
    return program.run()
