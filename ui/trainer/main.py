# SPDX-License-Identifier: Apache-2.0
"""The trainer's program: one instance, the sign first, everything else behind it, and a clean end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from session.desks import TrainerDesk
from ui.app import Program
from ui.trainer.face import Face
from ui.trainer.single import SingleInstance


def run_tray(  # noqa: PLR0913 - what one program is started with, each by name
    desk: TrainerDesk,
    *,
    folder: Path,
    environment: Mapping[str, str],
    link: str = "",
    stop_fileno: int | None = None,
    dark: bool | None = None,
) -> int:
    """Runs the trainer's desk until the person quits or the system asks for an end; returns the exit code.

    A second start opens the first one's window and returns 0.

    Args:
        desk: what stands behind; closed at the end.
        folder: the agent's, for the lock.
        environment: in which language to speak.
        link: an enrolment link to begin with.
        stop_fileno: becomes readable when the system asks for an end.
        dark: None for what the desktop asks for.

    Raises:
        EnvironmentFault: the agent's folder cannot be used.
    """
    program = Program("Fair Witness", environment, dark=dark)
    faces: list[Face] = []

    def wanted() -> None:
        for one in faces:
            one.open()

    single = SingleInstance(folder, wanted)
    if not single.first():
        sys.stderr.write(f"{program.words('second.told')}\n")
        return 0
    face = Face(program, desk)
    faces.append(face)
    program.at_end(single.close)
    program.at_end(desk.close)
    program.at_end(face.close)
    if stop_fileno is not None:
        program.end_when_readable(stop_fileno)
    face.begin()
    if link:
        face.join(link)
    return program.run(face.tell)
