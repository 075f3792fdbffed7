# SPDX-License-Identifier: Apache-2.0
"""The reviewer's program: one window until it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from session.desks import ReviewDesk, SessionCase
from ui.app import Program
from ui.desk.session import FindingPart, MakeReplay, Replay
from ui.desk.window import ReviewWindow

NAME: Final = "Fair Witness"


def run_review(
    desk: ReviewDesk,
    environment: Mapping[str, str],
    *,
    stop_fileno: int | None = None,
    dark: bool | None = None,
) -> int:
    """Shows the reviewer's desk until its window is closed; returns the exit code.

    Args:
        desk: what stands behind it.
        environment: in which language to speak.
        stop_fileno: becomes readable when the system asks for an end.
        dark: None for what the desktop asks for.
    """
    program = Program(NAME, environment, dark=dark)
    if stop_fileno is not None:
        program.end_when_readable(stop_fileno)
    window = ReviewWindow(
        desk,
        program.words,
        background=program.background,
        make_replay=_replay_window(program, desk),
        closed=program.quit,
    )
    program.at_end(window.decisions.keep_now)
    window.show()
    window.refresh()
    return program.run(tell=window.banner.say)


def _replay_window(program: Program, desk: ReviewDesk) -> MakeReplay:
    def made(case: SessionCase, part: FindingPart) -> Replay:
        from ui.replay.acts import Prover  # noqa: PLC0415 - heavy, and the list is wanted at once
        from ui.replay.window import ReplayWindow  # noqa: PLC0415 - as above

        prover = Prover(lambda seq, file: desk.prove(case.session_id, seq, file), program.background)
        window = ReplayWindow(case, program.words, program.palette, finding_part=part, prover=prover)
        return Replay(window, window.show_case)

    return made
