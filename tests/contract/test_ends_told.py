# SPDX-License-Identifier: Apache-2.0
"""What of a real organisation ends soon reaches its trainer's status and its reviewer's desk, by the directory held here."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from office import PROJECT, office

from agent.clock import SystemClock
from fairwitness.engine import Engine
from fairwitness.review import open_review_desk
from session.desks import TrainerStatus
from session.policy import default_policy_toml
from session.ports import ClockReading
from session.trust.lifetime import DAY_US, Due, Term


class Later(SystemClock):
    """So many days from now; only the date is another."""

    def __init__(self, days: int) -> None:
        super().__init__()
        self._days = days

    def read(self) -> ClockReading:
        at = super().read()
        return msgspec.structs.replace(at, t_us=at.t_us + self._days * DAY_US)


def told_trainer(home: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> tuple[Due, ...]:
    told: list[TrainerStatus] = []
    with monkeypatch.context() as later:
        later.setattr("fairwitness.engine.SystemClock", lambda: Later(days))
        engine = Engine(home, told.append, visible=lambda: False)
    engine.begin()
    try:
        engine._show()
    finally:
        engine.end()
    return told[-1].due


@pytest.mark.ci  # keys are drawn for a whole shelf of grants
def test_what_ends_is_told_from_a_fortnight_before_and_to_whom_it_concerns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(tmp_path, default_policy_toml()) as work:
        assert told_trainer(work.trainer, monkeypatch, 75) == ()
        (key,) = told_trainer(work.trainer, monkeypatch, 77)
        assert (key.term, key.project, key.over) == (Term.REVIEW_KEY, PROJECT, False)
        both = told_trainer(work.trainer, monkeypatch, 360)
        assert [(one.term, one.over) for one in both] == [(Term.DIRECTORY, False), (Term.REVIEW_KEY, True)]
        assert open_review_desk(work.reviewer, Later(360)).due() == both
        assert open_review_desk(work.reviewer, Later(75)).due() == ()


def test_a_personal_computer_is_told_of_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told_trainer(tmp_path, monkeypatch, 10_000) == ()
