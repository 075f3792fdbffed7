# SPDX-License-Identifier: Apache-2.0
"""The clock of the computer jumps by a year, while it records, in a pause, or before the seal: no second of work changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from recorder_desk import Desk, quiet_end
from recorder_organisation import Enrolled
from recorder_parts import SECOND_US, keystroke
from trust_builders import PROJECT
from verifier_both import both

from agent.finishing import Stopped, conclude, seal_session
from agent.lifecycle import recover_spool, stop_there
from agent.opening import open_session
from session import InputFault
from session.account import account, rules_of
from session.events import Moment, Raw
from ui.strings import Words

YEAR_S = 365.0 * 24 * 3600


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path).start()
    yield desk
    quiet_end(desk)


def work(desk: Desk) -> None:
    desk.keyboard.play(*(keystroke(desk.clock.mono_us + n) for n in range(10)))
    desk.pass_time(60)


@pytest.mark.parametrize("by_s", [YEAR_S, -YEAR_S], ids=["forward", "back"])
@pytest.mark.parametrize("when", ["recording", "paused", "sealing"])
def test_a_year_changes_no_second_of_work_and_the_session_verifies(desk: Desk, when: str, by_s: float) -> None:
    work(desk)
    if when == "recording":
        desk.clock.set_utc(by_s)
    work(desk)
    desk.recorder.pause()
    desk.turn()
    desk.pass_time(60)
    if when == "paused":
        desk.clock.set_utc(by_s)
    desk.pass_time(60)
    desk.recorder.resume()
    desk.turn()
    work(desk)
    desk.stop()
    stopped = desk.stopped()
    conclude(stopped, desk.clock.read(), detect=lambda _events: ())
    if when == "sealing":
        desk.clock.set_utc(by_s)
    seal_session(stopped, desk.clock.read(), store=desk.store, project="")
    verification = both(desk.folder, reading_key=desk.reading_key())
    assert verification.verified, verification.failed_step
    assert verification.account is not None
    assert verification.account.worked_us == 180 * SECOND_US
    assert verification.account.paused_us == 120 * SECOND_US
    assert sum(len(event.body.keys) for event in desk.read_back() if isinstance(event.body, Raw)) == 30


@pytest.mark.parametrize("by_s", [YEAR_S, -YEAR_S], ids=["forward", "back"])
def test_a_year_across_a_crash_ends_in_a_session_that_verifies(tmp_path: Path, by_s: float) -> None:
    trainer = Enrolled(tmp_path / "home")
    opened = open_session(
        trainer.spool, store=trainer.store, clock=trainer.clock, identity=trainer.identity, terms=trainer.terms, agent="t"
    )
    trainer.clock.advance(30)
    opened.journal.checkpoint(trainer.clock.read(), Moment.GRID)
    opened.journal.close()
    trainer.clock.set_utc(by_s)
    (reopened,) = recover_spool(trainer.spool, store=trainer.store, clock=trainer.clock).reopened
    stopped = stop_there(reopened, trainer.clock.read())
    assert account(stopped.events, rules_of(stopped.policy)).worked_us == 30 * SECOND_US
    trainer.clock.set_utc(-by_s)
    seal_session(stopped, trainer.clock.read(), store=trainer.store, project=PROJECT)
    verification = both(reopened.folder, trust=trainer.org.anchor)
    assert verification.verified, verification.failed_step


@pytest.mark.parametrize("by_s", [YEAR_S, -YEAR_S], ids=["forward", "back"])
def test_an_organisation_whose_review_key_is_of_another_year_is_told_to_look_at_the_date(
    tmp_path: Path, by_s: float
) -> None:
    trainer = Enrolled(tmp_path / "home")
    opened = open_session(
        trainer.spool, store=trainer.store, clock=trainer.clock, identity=trainer.identity, terms=trainer.terms, agent="t"
    )
    stopped = Stopped(opened.journal, list(opened.past), opened.policy)
    trainer.clock.set_utc(by_s)
    with pytest.raises(InputFault, match="check the date of this computer") as told:
        seal_session(stopped, trainer.clock.read(), store=trainer.store, project=PROJECT)
    assert "controlla la data di questo computer" in Words("it").fault(str(told.value))
    trainer.clock.set_utc(-by_s)
    seal_session(stopped, trainer.clock.read(), store=trainer.store, project=PROJECT)
    verification = both(opened.journal.folder, trust=trainer.org.anchor)
    assert verification.verified, verification.failed_step
