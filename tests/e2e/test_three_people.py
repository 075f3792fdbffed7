# SPDX-License-Identifier: Apache-2.0
"""An organisation's first day: each person in a program of their own, a platform in another, by names on the screen alone.

The admin makes a project and a policy and signs people in; the trainer reads the notice, works, answers and seals; the
reviewer decides in writing; the trainer reads it. Somebody who reviews another project is given nothing.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import desk_editor
import pytest
from desk_server import ended, until
from review_atspi import Reading, accessible_desk

from agent.clock import SystemClock
from fairwitness.office import open_office
from fairwitness.opening import open_here, verify_here
from fairwitness.places import Places
from fairwitness.sending import platform_of
from session import EnvironmentFault
from session.events import Ack, Answer, FindingRecord
from session.policy import default_policy_toml
from uploader.enrol import enrol, parse_link

pytestmark = pytest.mark.slow

TYPED = "the second answer is the better one because it names the condition under which the advice holds " * 5
ANSWER = "That was my dictation program."
REASON = "A dictation program writes like this. Thank you for saying so."
PROJECTS = ("comparisons", "letters")


def fairwitness(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "fairwitness", *(str(one) for one in arguments)]


@contextmanager
def running(command: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        ended(process)


@contextmanager
def platform(folder: Path) -> Iterator[str]:
    """`fairwitness serve` on a port of its own; its address."""
    process = subprocess.Popen(
        fairwitness("serve", "--folder", folder, "--port", 0), stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.stdout.close()
    finally:
        ended(process)  # type: ignore[arg-type] # text or bytes, it ends the same way


@pytest.fixture
def desk() -> Iterator[dict[str, str]]:
    with accessible_desk() as environment:
        yield environment


def publish_project(screen: Reading, project: str) -> None:
    """A new project under the policy that observes little."""
    screen.press("Projects and policies", "page tab")
    screen.there("Identifier", "text")
    screen.write("Identifier", project)
    screen.write("Name of the project", project.title())
    screen.press("Sign and publish …")
    screen.press("Sign and publish")
    screen.says("Published.")


def tick(screen: Reading, box: str, *, wanted: bool) -> None:
    """What was chosen for the person before stays chosen: it is pressed only where it has to be."""
    if screen.is_checked(box) != wanted:
        screen.press(box, "check box")


def invite(screen: Reading, home: Path, person: str, role: str, project: str) -> None:
    """A link is made on the screen, reaches the person, and they enrol with it."""
    screen.press("People and keys", "page tab")
    screen.write("Identifier", person)
    screen.write("Name", person.title())
    for box in ("Trainer", "Reviewer"):
        tick(screen, box, wanted=box == role)
    tick(screen, project.title(), wanted=True)
    screen.press("Make a link")
    until(lambda: f"person={person}&" in screen.said(), f"the link of {person}")  # that of the person before goes first
    link = screen.text(screen.there("Enrolment link", "text"))
    subprocess.run(fairwitness("enroll", link, "--home", home / person, "--yes"), check=True, timeout=60)
    screen.press("Refresh")
    screen.press(f"Sign in {person.title()}")
    screen.says("Signed and published.")


def administer(environment: dict[str, str], folder: Path, address: str) -> None:
    command = fairwitness("admin", "--home", folder / "eve", "--platform", address)
    with running(command, environment), Reading(environment) as screen:
        screen.says("Fair Comparisons · version")
        publish_project(screen, PROJECTS[0])
        invite(screen, folder, "ada", "Trainer", PROJECTS[0])
        invite(screen, folder, "bo", "Reviewer", PROJECTS[0])
        screen.press("Projects and policies", "page tab")
        screen.press("Questions on trial", "check box")
        screen.says("1 field differs from the version in force.")
        screen.press("Differences")
        screen.says("+  Reviewers see questions together with your answers.")
        screen.press("Sign and publish …")
        screen.says("1 trainer reads the new notice before the next session.")
        screen.press("Sign and publish")
        screen.says("Published.")


def work(environment: dict[str, str], screen: Reading) -> None:
    """The trainer starts, types into an editor, and stops."""
    screen.press(f"Start: {PROJECTS[0].title()}")
    screen.says("Reviewers see questions together with your answers.")  # the policy of the second publication
    screen.press("I have read this")
    screen.says("0:00:")
    with running([sys.executable, desk_editor.__file__, "editor", "#ffffee"], environment):
        find = ["xdotool", "search", "--sync", "--onlyvisible", "--classname", "^editor$", "windowactivate", "--sync"]
        subprocess.run(find, env=environment, check=True, timeout=30)
        subprocess.run(["xdotool", "type", "--delay", "12", TYPED], env=environment, check=True, timeout=120)
    screen.press("Stop")
    screen.says("Waits for you to look through it")


def seal(screen: Reading) -> None:
    """Looks through it, answers, seals, sends."""
    look = next(one.name for one in screen.things() if one.name.startswith("Look through: "))
    screen.press(look)
    screen.says("Nothing is sent until you seal it.")
    field = "Your words on: Text from software"
    screen.write(field, ANSWER)
    screen.press(f"Save these words: {field}")
    screen.says(ANSWER)
    screen.press("Seal …")
    screen.press("Seal this session")
    screen.says("on hold until")
    send = next(one.name for one in screen.things() if one.name.startswith("Send now: "))
    screen.press(send)
    screen.says("Confirmed by the platform")


def decide(environment: dict[str, str], home: Path) -> None:
    with running(fairwitness("review", "--home", home), environment), Reading(environment) as screen:
        screen.says("1 new of 1 session")
        screen.press("Open session")
        screen.says(ANSWER)
        screen.press("Not upheld", "radio button")
        screen.write("Your reason, in writing", REASON)
        screen.press("Sign decision")
        screen.press("Sign and send")
        screen.says("Not upheld, decided by Bo on")


@pytest.mark.ci
def test_a_policy_a_session_an_answer_a_decision_and_nothing_for_others(tmp_path: Path, desk: dict[str, str]) -> None:
    founding = fairwitness("found", "Fair Comparisons", "--folder", tmp_path / "platform", "--home", tmp_path / "eve")
    subprocess.run(founding, check=True, timeout=60, stdout=subprocess.DEVNULL)
    with platform(tmp_path / "platform") as address:
        administer(desk, tmp_path, address)
        tray = fairwitness("tray", "--home", tmp_path / "ada")
        with running(tray, desk), Reading(desk) as screen:
            work(desk, screen)
            seal(screen)
        decide(desk, tmp_path / "bo")
        with running(tray, desk), Reading(desk) as screen:
            screen.says("1 new decision")
            screen.press(next(one.name for one in screen.things() if one.name.startswith("Open: ")))
            screen.says("Not upheld, decided by Bo on")
            screen.says(REASON)
            until(lambda: "1 new decision" not in screen.said(), "the decision counts as read")

        (session,) = (path for path in (tmp_path / "ada" / "spool").iterdir() if path.name[0] != ".")
        assert verify_here(session, tmp_path / "ada").verified
        bodies = [event.body for event in open_here(session, tmp_path / "ada").reader.events()]
        states = {one.detector: one.state for one in bodies if isinstance(one, FindingRecord)}
        assert states["injected-input"] == "raised"
        assert [one.text for one in bodies if isinstance(one, Answer)] == [ANSWER]
        assert len([one for one in bodies if isinstance(one, Ack)]) == 1

        _another_projects_reviewer(desk, tmp_path, session.name)


def _another_projects_reviewer(environment: dict[str, str], folder: Path, session_id: str) -> None:
    office = open_office(folder / "eve")
    office.publish(PROJECTS[1], "Letters", default_policy_toml())
    link = parse_link(office.invite("zoe", "Zoe", ("reviewer",), (PROJECTS[1],)))
    places = Places(folder / "zoe")
    enrol(link, places.organisation, key_store=places.key_store(), clock=SystemClock())
    assert [one.person for one in office.newcomers()] == ["zoe"]
    office.admit(office.newcomers())
    with running(fairwitness("review", "--home", folder / "zoe"), environment), Reading(environment) as screen:
        screen.says("Nothing waits for you.")
    with pytest.raises(EnvironmentFault):
        platform_of(folder / "zoe").fetch(session_id, folder / "zoe" / "fetched")
    assert not list((folder / "zoe").rglob("*.fws"))


def test_asked_to_end_by_the_system_the_offices_end_cleanly(tmp_path: Path, desk: dict[str, str]) -> None:
    home = tmp_path / "eve"
    founding = fairwitness("found", "Fair Comparisons", "--folder", tmp_path / "platform", "--home", home)
    subprocess.run(founding, check=True, timeout=60, stdout=subprocess.DEVNULL)
    with platform(tmp_path / "platform") as address:
        link = parse_link(open_office(home, address).invite("bo", "Bo", ("reviewer",), ()))
        places = Places(tmp_path / "bo")
        enrol(link, places.organisation, key_store=places.key_store(), clock=SystemClock())
        for command, title in (
            (fairwitness("admin", "--home", home, "--platform", address), "Members"),
            (fairwitness("review", "--home", tmp_path / "bo"), "Sessions to review"),
        ):
            with running(command, desk) as process, Reading(desk) as screen:
                screen.says(title)
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0, title
