# SPDX-License-Identifier: Apache-2.0
"""The demonstration on a person's own display: they are the trainer, from the notice to the reviewer's replay.

Nothing is typed for them and nothing of their own is touched: the organisation is made for the demonstration, in a folder of
its own; the program is the one that trainers use.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fairwitness.demo import Say, demo_policy, organisation_at_work
from fairwitness.sending import platform_of
from session import EnvironmentFault

LENGTH_S: Final = 120.0
"""How long a person is taken to try it: screenshots come about every 30 s."""
_LOOK_S: Final = 0.5
_WINDOWS: Final = ("workbench", "assistant", "editor")
STEPS: Final = (
    "Three windows of a workbench are open, and Fair Witness is in your tray (or, where there is none, in a small window).",
    "1. Choose Start there, and read the notice.",
    "2. Write a few sentences in the editor; look at the assistant; copy something from it.",
    "3. Choose Stop, look through your session, and seal it. It is sent at once.",
    "4. The replay opens as the reviewer sees it. Close it to end the demonstration.",
)


def run_shown(out: Path | None, say: Say) -> int:
    """The whole of it; returns the exit code of the replay, 0 where the person ended it before.

    Raises:
        EnvironmentFault: something did not start; says what to do.
    """
    policy = demo_policy(LENGTH_S).replace(b"hold_s = 600", b"hold_s = 0")
    with organisation_at_work(out, policy, say) as work, contextlib.ExitStack() as stack:
        for name in _WINDOWS:
            stack.enter_context(_program("-m", "ui.demo.windows", name))
        tray = stack.enter_context(_program("-m", "fairwitness", "tray", "--home", str(work.folder / "trainer")))
        for line in STEPS:
            say(line)
        confirmed = _confirmed(work.folder / "trainer" / "spool", tray)
        if confirmed is None:
            say(f"Ended before a session was confirmed. What was recorded is in {work.folder}.")
            return 0
        say("Confirmed by the platform. Opening it as the reviewer ...")
        reviewer = work.folder / "reviewer"
        fetched = platform_of(reviewer).fetch(confirmed.name, reviewer / "fetched")
        command = [sys.executable, "-m", "fairwitness", "replay", str(fetched), "--home", str(reviewer)]
        return subprocess.call(command, env=dict(os.environ))  # noqa: S603 - our own program


@contextlib.contextmanager
def _program(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *arguments], env=dict(os.environ))  # noqa: S603 - our own programs
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _confirmed(spool: Path, tray: subprocess.Popen[bytes]) -> Path | None:
    """The session's folder once the platform confirmed it; None where the tray was ended before."""
    while True:
        found = next(iter(sorted(spool.glob("*/receipt.dsse"))), None)
        if found is not None:
            return found.parent
        if tray.poll() is not None:
            if tray.returncode:
                raise EnvironmentFault("The tray could not be shown. Try `fairwitness demo --headless`.")
            return None
        time.sleep(_LOOK_S)
