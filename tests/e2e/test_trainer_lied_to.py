# SPDX-License-Identifier: Apache-2.0
"""A trainer records while the platform contradicts itself: they are told, with what to do, and their session goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lying_platform import Liar, lying
from review_people import Asking, Team, settle
from server_running import running
from server_statements import decision, post
from tray_turned import Tray, begin, turned
from uploader_platform import client_of

from session import PlatformFault
from session.desks import Stage, TrainerState
from ui.strings import Words
from ui.trainer.telling import contradiction_words
from uploader.organisation import Organisation
from uploader.orglog import LogWatch


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def decided(team: Team) -> Asking:
    """A session of the trainer's that a reviewer is going to decide on."""
    return team.session("hidden from its trainer")


@pytest.fixture
def liar(team: Team, decided: Asking) -> Iterator[Liar]:
    with lying(team.platform) as made:
        yield made


@pytest.fixture
def tray(team: Team, liar: Liar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tray]:
    settle(team.platform, team.people["ada"], tmp_path)
    (tmp_path / "organisation" / "address").write_text(liar.address)
    with turned(tmp_path, monkeypatch) as made:
        yield made


def look_again(tray: Tray) -> None:
    """As after its hour or five minutes."""
    tray.engine._supplies_at_us = tray.engine._news_at_us = 0


def seen_size(tray: Tray) -> int:
    """Entries of the log as this trainer saw it last. It only grows; only what was seen can be taken back."""
    return int((tray.engine._places.organisation / "log.note").read_text().split("\n")[1])


def news_asked_after(tray: Tray) -> int:
    """What this trainer asks for news after, next: the last entry of those that it has compared."""
    place = tray.engine._places.folder / "news" / "place"
    return int(place.read_text().split()[1]) - 1 if place.is_file() else 0


def stays_well(tray: Tray) -> None:
    """Recording and hours go on beside the news of the lie, and what is stopped waits for its trainer."""
    assert tray.status.state is TrainerState.RECORDING
    before = tray.status.worked_us
    tray.comes_to("hours go on", lambda status: status.worked_us > before)
    session_id = tray.status.session_id
    tray.engine.stop()
    tray.comes_to("it waits for review", lambda status: [one.stage for one in status.sessions] == [Stage.REVIEW])
    assert [one.session_id for one in tray.status.sessions] == [session_id]
    assert tray.status.sessions[0].worked_us > 0


@pytest.mark.ci
def test_a_log_that_is_rolled_back_is_told_of_while_the_session_goes_on(team: Team, liar: Liar, tray: Tray) -> None:
    project = tray.engine.projects()[0].id
    begin(tray, project)
    assert tray.status.contradicted == ""
    # not one less than the platform has: the grants that it gives at this moment were seen by nobody yet
    seen = seen_size(tray)
    liar.serves(liar.fork(seen - 1, seen - 1))
    look_again(tray)
    tray.comes_to("it is told", lambda status: status.contradicted == "log")
    assert "contradicts itself" not in tray.status.message  # said once, in its own place
    evidence = list((tray.engine._places.organisation / "evidence").iterdir())
    assert [place.name.startswith("log-") for place in evidence] == [True]
    for language, named in (("en", "organisation/evidence"), ("it", "organisation/evidence")):
        assert named in " ".join(contradiction_words(tray.status, Words(language)))
    stays_well(tray)


@pytest.mark.ci
def test_a_decision_that_is_hidden_is_told_of_though_only_the_news_sees_it(
    team: Team, decided: Asking, liar: Liar, tray: Tray
) -> None:
    begin(tray, tray.engine.projects()[0].id)
    raw = decision(team.platform, team.people["ben"], decided.sending, finding=decided.raised)
    assert post(team.people["ben"], decided.sending, raw).status_code == 201
    # from where it was asked, as an honest page with nothing new has it: the log grows by grants meanwhile
    nothing_new = b'{"statements": [], "next": %d, "directories": {}}' % news_asked_after(tray)
    liar.says(r"GET /v1/statements\?", nothing_new)
    look_again(tray)
    tray.comes_to("it is told", lambda status: status.contradicted == "statement")
    stays_well(tray)


@pytest.mark.ci
def test_what_another_program_of_the_trainer_saw_is_told_at_once(team: Team, liar: Liar, tray: Tray) -> None:
    begin(tray, tray.engine.projects()[0].id)
    seen = seen_size(tray)
    liar.serves(liar.fork(seen - 1, seen - 1))
    other = Organisation(tray.engine._places.organisation, liar.org_fp)
    with pytest.raises(PlatformFault, match="rolled back"):
        LogWatch(client_of(team.platform, team.people["ada"], address=liar.address), other).head()
    liar.honest()
    tray.engine.wake()
    tray.engine.turn()
    assert tray.status.contradicted == "log"
    stays_well(tray)
