# SPDX-License-Identifier: Apache-2.0
"""A question from finding to reply: a real platform, a reviewer who works by names or keys alone, and an answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import review_program
from desk_server import ended
from review_atspi import Reading, accessible_desk
from review_people import Team
from server_running import running

from fairwitness.review import open_review_desk
from fairwitness.statements import reply, take_news, unread
from session import EnvironmentFault
from session.verify import verify_session
from session.verify.said import said

pytestmark = pytest.mark.slow

REASON = "The screenshots show the dictation program at work. Would you tell us which one it is?"
REPLY = "Gladly: it is the one that I declared in October."


@pytest.fixture(scope="module")
def desk() -> Iterator[dict[str, str]]:
    with accessible_desk() as environment:
        yield environment


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path / "at") as platform:
        yield Team.of(platform, tmp_path)


@contextmanager
def reviewing(team: Team, name: str, environment: dict[str, str]) -> Iterator[Reading]:
    """The desk of that person, as a process of its own, and what a screen reader makes of it."""
    now_us = team.platform.clock.read().t_us
    command = [sys.executable, review_program.__file__, str(team.home(name)), str(now_us)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        with Reading(environment) as reading:
            reading.there("Refresh", "push button")
            yield reading
    finally:
        ended(process)


def key(environment: dict[str, str], *keys: str) -> None:
    subprocess.run(["xdotool", "key", "--delay", "40", *keys], env=environment, check=True, timeout=30)


def test_a_question_is_read_decided_answered_and_the_answer_read(team: Team, desk: dict[str, str]) -> None:
    session = team.session("a day")
    with reviewing(team, "ben", desk) as screen:
        screen.says("1 new of 1 session")
        screen.press("Open session")
        screen.says("2 questions, 0 decided")
        screen.says("One sign of this kind never suffices alone.")
        screen.says("I dictated that paragraph.")
        for name in ("Upheld", "Not upheld", "Ask"):
            assert not screen.is_checked(name)
        screen.press("Sign decision")
        screen.says("Please choose one of the three.")
        screen.press("Ask", "radio button")
        screen.write("Your reason, in writing", REASON)
        screen.press("Sign decision")
        screen.says("Sign “ask” as Ben?")
        assert take_news(team.enrolment("ada"), team.client("ada")).sessions == ()
        screen.press("Sign and send")
        screen.says("2 questions, 1 decided")
        screen.says("decided by Ben on")
        screen.says(REASON)

        ada = team.enrolment("ada")
        assert take_news(ada, team.client("ada")).sessions == (session.id,)
        assert unread(ada.places, session.folder) == 1
        (decided,) = said(session.folder, ada.organisation.directory()).decisions
        assert (decided.finding, decided.outcome, decided.reason) == (session.raised, "ask", REASON)
        assert verify_session(session.folder).verified
        reply(ada, team.client("ada"), session.folder, decided.sha256, REPLY, clock=team.platform.clock)
        ada.close()

        screen.press("All sessions")
        screen.press("Refresh")
        screen.says("1 question decided, 1 reply")
        screen.press("Open session")
        screen.says(REPLY)
        screen.press("Decide again on: Text from software")
        screen.there("Sign decision")


def test_sessions_are_worked_with_the_keyboard_alone(team: Team, desk: dict[str, str]) -> None:
    for number in range(3):
        team.session(f"session {number}")
    with reviewing(team, "ben", desk) as screen:
        screen.says("3 new of 3 sessions")
        key(desk, "Return")
        screen.says("1 of 3")
        key(desk, "ctrl+Next")
        screen.says("2 of 3")
        key(desk, "ctrl+Next")
        screen.says("3 of 3")
        key(desk, "alt+Left")
        screen.says("Nothing new of 3 sessions")
        key(desk, "ctrl+f")
        subprocess.run(["xdotool", "type", "--delay", "20", "nobody"], env=desk, check=True, timeout=30)
        screen.says("No session matches.")


def test_a_reviewer_of_another_project_sees_and_opens_nothing(team: Team, desk: dict[str, str]) -> None:
    session = team.session("not theirs")
    with reviewing(team, "rex", desk) as screen:
        screen.says("Nothing waits for you.")
        assert "Ada" not in screen.said()
    rex = open_review_desk(team.home("rex"), team.platform.clock)
    with pytest.raises(EnvironmentFault, match="no such session"):
        rex.case(session.id)
    assert not list(rex.folder.rglob("*.fws"))


def test_a_platform_that_is_away_is_said_and_what_was_listed_stays(team: Team, desk: dict[str, str], tmp_path: Path) -> None:
    session = team.session("seen before")
    with reviewing(team, "ben", desk) as screen:
        screen.says("1 new of 1 session")
        address = tmp_path / "ben" / "organisation" / "address"
        reachable = address.read_bytes()
        address.write_bytes(b"http://127.0.0.1:9\n")
        screen.press("Refresh")
        screen.says("The platform cannot be reached.")
        screen.says("as it was when the platform last answered")
        screen.press("Open session")
        screen.says("The session of Ada was not opened.")
        address.write_bytes(reachable)
        screen.press("Try again")
        screen.says("2 questions, 0 decided")
    assert (tmp_path / "ben" / "review" / session.id / "seal.dsse").is_file()
