# SPDX-License-Identifier: Apache-2.0
"""The admin's program: one window until it is closed."""

from __future__ import annotations

from collections.abc import Mapping

from session.offices import AdminOffice
from ui.admin.window import OfficeWindow
from ui.app import Program


def run_admin(
    office: AdminOffice, environment: Mapping[str, str], *, stop_fileno: int | None = None, dark: bool | None = None
) -> int:
    """Shows the admin's office until its window is closed; returns the exit code.

    Args:
        office: what stands behind it.
        environment: in which language to speak.
        stop_fileno: becomes readable when the system asks for an end.
        dark: None for what the desktop asks for.
    """
    program = Program("Fair Witness", environment, dark=dark)
    if stop_fileno is not None:
        program.end_when_readable(stop_fileno)
    window = OfficeWindow(office, program.words, program.background, program.quit)
    window.show()
    window.refresh()
    return program.run(window.banner.say)
