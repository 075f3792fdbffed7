# SPDX-License-Identifier: Apache-2.0
"""The notice comes before the first session in the terminal too, at a terminal of its own (a pseudo-terminal)."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from desk_programs import openbox
from desk_server import Desk, ended, until, xvfb

from fairwitness.opening import open_here
from session.events import Ack
from session.policy import default_policy_toml, policy_digest

pytestmark = pytest.mark.slow


def recorded(desk: Desk, home: Path, answer: str | None) -> tuple[int, str]:
    """`fairwitness record` at a terminal at which somebody answers; its code and what it printed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "fairwitness", "record", "--home", str(home), "--for", "2"]
    process = subprocess.Popen(
        command, env=desk.environment | {"LANG": "en"}, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    os.close(theirs)
    try:
        if answer is not None:
            os.write(ours, f"{answer}\n".encode())
        printed, _ = process.communicate(timeout=60)
        return process.returncode, printed.decode()
    finally:
        ended(process)
        os.close(ours)


def acks(home: Path) -> list[Ack]:
    sessions = sorted(path for path in (home / "spool").iterdir() if path.name[0] != ".")
    events = [event for folder in sessions for event in open_here(folder, home).reader.events()]
    return [event.body for event in events if isinstance(event.body, Ack)]


def test_the_notice_is_read_once_and_each_session_says_so(tmp_path: Path) -> None:
    with xvfb() as desk, openbox(desk):
        code, printed = recorded(desk, tmp_path, "yes")
        assert code == 0, printed
        assert "What Fair Witness records: Observes little" in printed
        code, printed = recorded(desk, tmp_path, None)
        assert code == 0, printed
        assert "What Fair Witness records" not in printed
    assert [one.policy_sha256 for one in acks(tmp_path)] == [policy_digest(default_policy_toml())] * 2


def test_without_a_yes_nothing_is_recorded(tmp_path: Path) -> None:
    with xvfb() as desk, openbox(desk):
        code, printed = recorded(desk, tmp_path, "no")
    assert code == 2
    assert "Nothing was recorded." in printed
    assert not (tmp_path / "spool").exists()


def test_where_nobody_can_answer_the_record_does_not_claim_that_it_was_read(tmp_path: Path) -> None:
    with xvfb() as desk, openbox(desk):
        command = [sys.executable, "-m", "fairwitness", "record", "--home", str(tmp_path), "--for", "2"]
        done = subprocess.run(
            command, env=desk.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, timeout=60
        )
    assert "Nobody is here to read" in done.stdout
    assert acks(tmp_path) == []
    until((tmp_path / "spool").is_dir, "a session was recorded all the same")
