# SPDX-License-Identifier: Apache-2.0
"""`fairwitness replay PATH` as somebody uses it who sees nothing: by the names on the screen alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desk_editor import editor
from desk_programs import openbox, xdotool
from desk_server import Desk, ended, until, xvfb
from review_atspi import Reading, Thing, accessible_desk

pytestmark = pytest.mark.slow


def fairwitness(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "fairwitness", *(str(one) for one in arguments)]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A personal session of some seconds, with typing in it, and two devices for programs that come."""
    home = tmp_path_factory.mktemp("home")
    with xvfb() as desk, openbox(desk), editor(desk, "editor", "#ffffee"):
        _record(desk, home)
    (folder,) = (path for path in (home / "spool").iterdir() if path.name[0] != ".")
    return folder


def _record(desk: Desk, home: Path) -> None:
    command = fairwitness("record", "--home", home, "--for", 12)
    process = subprocess.Popen(command, env=desk.environment, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Recording."):
                break
        xdotool(desk, "type", "--delay", "15", "what was typed is not in the record but that it was typed is " * 6)
        subprocess.run(["xinput", "create-master", "a telling name"], env=desk.environment, check=True, timeout=30)
        process.stdout.read()
        process.stdout.close()
        assert process.wait(60) == 0
    finally:
        ended(process)  # type: ignore[arg-type] # text or bytes, it ends the same way


@pytest.fixture(scope="module")
def desk() -> Iterator[dict[str, str]]:
    with accessible_desk() as environment:
        yield environment


@contextmanager
def replaying(session: Path, environment: dict[str, str], *more: str) -> Iterator[tuple[Reading, subprocess.Popen[bytes]]]:
    command = fairwitness("replay", session, "--home", session.parents[1], *more)
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        with Reading(environment) as reading:
            reading.there("Play", "push button")
            yield reading, process
    finally:
        ended(process)


def moment(screen: Reading) -> Thing:
    return screen.there("Moment", "slider")


def test_the_replay_is_read_played_stepped_and_verified_by_names(session: Path, desk: dict[str, str]) -> None:
    with replaying(session, desk) as (screen, _):
        screen.says("Text from software")
        screen.says("asks a question")
        screen.says("A text expander or a password manager filled in text.")
        screen.says("No screenshots were taken.")
        timeline = screen.there("Timeline of the session")
        assert timeline.description.startswith("Verified. ")
        assert "1 question" in timeline.description
        begun = moment(screen).description
        screen.press("Play", "push button")
        until(lambda: moment(screen).description != begun, "the moment moves")
        screen.there("Play", "push button")  # at ten times, twelve seconds are over soon, and it can be played again
        screen.press("Next question", "push button")
        screen.press("Show steps", "push button")
        screen.says("How this session was verified")
        screen.says("1. folder")
        screen.says("Does not prove: ")
        screen.press("Back to the timeline", "push button")
        screen.there("Timeline of the session")
        screen.press("Zoom in", "push button")
        screen.press("Whole session", "push button")


def test_a_moment_of_the_evidence_is_gone_to_by_its_name(session: Path, desk: dict[str, str]) -> None:
    with replaying(session, desk) as (screen, _):
        names = [one.name for one in screen.things() if one.name.startswith("Go to ")]
        assert names
        screen.press(names[-1], "push button")
        wanted = names[-1].removeprefix("Go to ")
        until(lambda: moment(screen).description == wanted, "the slider says the moment")
        screen.says(f"At {wanted}")


def test_what_came_nearby_is_read_and_gone_to_by_its_name_and_no_device_is_named(
    session: Path, desk: dict[str, str]
) -> None:
    came = "2 devices that only programs use were added"
    with replaying(session, desk) as (screen, _):
        (name,) = (one.name for one in screen.things() if one.name.endswith(f": {came}"))
        screen.press(name, "push button")
        until(lambda: moment(screen).description == name.partition(": ")[0], "the slider says the moment")
        screen.says(came)
        assert not [one for one in screen.things() if "telling" in one.name or one.name.startswith("Not observed:")]
    shown = subprocess.run(
        fairwitness("show", session, "--home", session.parents[1]), capture_output=True, text=True, check=True, timeout=30
    )
    assert f"UTC: {came}\n" in shown.stdout
    assert "telling" not in shown.stdout


def test_keys_alone_do_all_of_it_and_the_program_ends_with_its_window(session: Path, desk: dict[str, str]) -> None:
    with replaying(session, desk) as (screen, process):
        subprocess.run(
            ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Replay", "windowactivate", "--sync"],
            env=desk,
            check=True,
            timeout=30,
        )
        subprocess.run(["xdotool", "key", "F1"], env=desk, check=True, timeout=30)
        screen.says("K: play and stop playing")
        subprocess.run(["xdotool", "key", "f"], env=desk, check=True, timeout=30)
        screen.there("Timeline of the session")
        subprocess.run(["xdotool", "key", "alt+F4"], env=desk, check=True, timeout=30)
        assert process.wait(30) == 0


def test_in_italian_and_in_the_dark_it_is_the_same(session: Path, desk: dict[str, str]) -> None:
    command = fairwitness("replay", session, "--home", session.parents[1], "--dark")
    process = subprocess.Popen(command, env=desk | {"LANGUAGE": "it"}, stdin=subprocess.DEVNULL)
    try:
        with Reading(desk) as screen:
            screen.press("Mostra i passi", "push button")
            screen.says("Come è stata verificata questa sessione")
    finally:
        ended(process)


def test_without_a_display_it_says_what_to_do(session: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(session.parent)}
    done = subprocess.run(
        fairwitness("replay", session), env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert "no display" in done.stderr
