# SPDX-License-Identifier: Apache-2.0
"""The engine behind the tray, turned by a test on a screen of its own, and what it told last.

with turned(home, monkeypatch) as tray:
    begin(tray, tray.engine.projects()[0].id)
    tray.comes_to("it is told", lambda status: status.contradicted == "log")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desk_programs import openbox
from desk_server import until, xvfb

from fairwitness.engine import Engine
from session.desks import TrainerState, TrainerStatus


class Tray:
    """The engine as the tray turns it, and what it told last."""

    def __init__(self, home: Path) -> None:
        self.status = TrainerStatus()
        self.engine = Engine(home, self._tell, visible=lambda: True)

    def _tell(self, status: TrainerStatus) -> None:
        self.status = status

    def comes_to(self, what: str, seen: Callable[[TrainerStatus], object]) -> None:
        def turned() -> bool:
            self.engine.wake()
            self.engine.turn()
            return bool(seen(self.status))

        try:
            until(turned, what, 30)
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.status}") from None


@contextmanager
def turned(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tray]:
    """It has begun in the enrolled `home`, on an empty screen, and has policies and log."""
    with xvfb() as screen, openbox(screen):
        for name, value in screen.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        made = Tray(home)
        made.engine.begin()
        made.comes_to("the policy is here", lambda _status: any((home / "organisation" / "policies").glob("*")))
        made.comes_to("the log was seen", lambda _status: (home / "organisation" / "log.note").is_file())
        try:
            yield made
        finally:
            made.engine.end()


def begin(tray: Tray, project: str) -> None:
    due = tray.engine.notice_due(project)
    if due is not None:
        tray.engine.acknowledge(due, "ab" * 32, "en")
    tray.engine.start(project)
    tray.comes_to("recording", lambda status: status.state is TrainerState.RECORDING)
