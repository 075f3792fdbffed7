# SPDX-License-Identifier: Apache-2.0
"""`fairwitness demo` on a display: the person is the trainer, and at the end the replay opens as the reviewer sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from desk_server import ended
from review_atspi import Reading, accessible_desk

pytestmark = pytest.mark.ci


def test_the_demonstration_leads_from_the_notice_to_the_reviewers_replay(tmp_path: Path) -> None:
    with accessible_desk() as desk:
        command = [sys.executable, "-m", "fairwitness", "demo", "--out", str(tmp_path / "out")]
        process = subprocess.Popen(command, env=desk, stdin=subprocess.DEVNULL)
        try:
            with Reading(desk) as screen:
                screen.press("Start: Comparisons of answers")
                screen.says("What Fair Witness records: Demonstration, with screenshots")
                screen.press("I have read this")
                screen.says("0:00:")
                screen.press("Stop")
                screen.says("Waits for you to look through it")
                screen.press(next(one.name for one in screen.things() if one.name.startswith("Look through: ")))
                screen.says("Nothing is sent until you seal it.")
                screen.press("Seal …")
                screen.says("at once")  # the demonstration holds nothing back
                screen.press("Seal this session")
                screen.there("Show steps", "push button", 60)
                screen.says("Complete and unchanged since it was sealed; confirmed by the platform.", 60)
                subprocess.run(["xdotool", "key", "alt+F4"], env=desk, check=True, timeout=30)
                assert process.wait(60) == 0
        finally:
            ended(process)
    assert list((tmp_path / "out" / "reviewer" / "fetched").glob("*/receipt.dsse"))
