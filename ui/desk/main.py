# SPDX-License-Identifier: Apache-2.0
"""The reviewer's program: one window until it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from session.desks import ReviewDesk, SessionCase
from ui.app import Program
from ui.desk.session import FindingPart, Replay
from ui.desk.window import ReviewWindow

NAME: Final = "Fair Witness"


def run_review(desk: ReviewDesk, environment: Mapping[str, str], *, dark: bool | None = None) -> int:
    """Shows the reviewer's desk until its window is closed; returns the exit code.

    Args:
        desk: what stands behind it.
        environment: in which language to speak.
        dark: None for what the desktop asks for.
    """
    program = Program(NAME, environment, dark=dark)
    window = review_window(program, desk)
    window.show()
    window.refresh()
    return program.run(tell=window.banner.say)


def review_window(program: Program, desk: ReviewDesk) -> ReviewWindow:
    """The window of `run_review`, not shown yet."""

    def make_replay(case: SessionCase, part: FindingPart) -> Replay:
        from ui.replay.window import ReplayWindow  # noqa: PLC0415 - heavy, and the list is wanted at once

        made = ReplayWindow(case, program.words, program.palette, finding_part=part)
        return Replay(made, made.show_case)

    return ReviewWindow(
        desk,
        program.words,
        background=program.background,
        make_replay=make_replay,
        closed=program.quit,
    )
