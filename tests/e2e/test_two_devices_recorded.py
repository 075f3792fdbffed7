# SPDX-License-Identifier: Apache-2.0
"""One person on two devices and after a loss: real processes, a real platform, and both verifiers.

Ada enrols on A, lets B in by text, and records on both at once; both sessions are sent and verify. Then A is lost: on C she
comes back with 24 words from paper, and reads what she recorded on A.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_pane import pane
from desk_programs import openbox
from desk_server import Desk, ended, xvfb
from verifier_both import both

from agent.keys.file_store import FileKeyStore
from fairwitness.office import Office, open_office
from session.crypto.hpke import ReadingKey
from session.policy import default_policy_toml
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import DeviceCertificate
from session.verify import TrustAnchor

pytestmark = pytest.mark.ci
PROJECT = "answers"
RECORD_S = 8


@pytest.fixture
def desk() -> Iterator[Desk]:
    with xvfb() as screen, openbox(screen), pane(screen, "workplace", "ffffff", (40, 40, 400, 200)):
        yield screen


def command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "fairwitness", *arguments, "--home", str(home)]


def called(home: Path, *arguments: str, given: str = "", code: int = 0) -> str:
    """What a command prints; `given` on its standard input."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    done = subprocess.run(
        command(home, *arguments), env=environment, input=given, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The office of a platform that runs as a process of its own, with one project."""
    called(tmp_path / "eve", "found", "Fair Answers", "--folder", str(tmp_path / "platform"))
    serving = [sys.executable, "-m", "fairwitness", "serve", "--folder", str(tmp_path / "platform"), "--port", "0"]
    process = subprocess.Popen(serving, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        desk = open_office(tmp_path / "eve", process.stdout.readline().split()[-1])
        desk.publish(PROJECT, "Answers", default_policy_toml())
        yield desk
        process.stdout.close()
    finally:
        ended(process)  # type: ignore[arg-type] # text or bytes, it ends the same way


def text_in(printed: str, begin: str) -> str:
    """As somebody copies it out of the command that is printed, whatever shell that is quoted for."""
    (found,) = re.findall(rf"'({re.escape(begin)}[^']*)'", printed)
    return str(found)


def six_words_in(printed: str) -> str:
    (found,) = re.findall(r"[Ss]ix words.*: ((?:[a-z]+ ){5}[a-z]+)$", printed, re.MULTILINE)
    return str(found)


def anchor(home: Path) -> TrustAnchor:
    (org_fp,) = {name.split("/")[1] for name in FileKeyStore(home / "keys").names("person/")}
    return TrustAnchor(org_fp, (home / "organisation" / "directory.dsse").read_bytes())


def reading_key(home: Path) -> ReadingKey:
    seed = FileKeyStore(home / "keys").get(f"person/{anchor(home).root_fingerprint}/reading")
    assert seed is not None
    return ReadingKey(seed)


def recorded(desk: Desk, *homes: Path) -> list[Path]:
    """A session in each home, all at the same time."""
    running = [
        subprocess.Popen(
            command(home, "record", "--project", PROJECT, "--for", str(RECORD_S), "--json"),
            env=dict(desk.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        for home in homes
    ]
    said = [one.communicate(timeout=120) for one in running]
    assert [one.returncode for one in running] == [0] * len(running), said
    return [Path(json.loads(out.strip().splitlines()[-1])["session"]) for out, _ in said]


def device_of(home: Path) -> DeviceCertificate:
    return strict_json(read_envelope((home / "organisation" / "device.dsse").read_bytes())[1], DeviceCertificate)


def test_two_devices_record_at_once_and_a_lost_one_is_replaced_by_paper(tmp_path: Path, desk: Desk, office: Office) -> None:
    a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    called(a, "enroll", "--yes", office.invite("ada", "Ada", ("trainer",), (PROJECT,)))
    shown = called(a, "recovery", "--show")
    paper = re.findall(r"\d+\. ([a-z]+)", shown)
    assert len(paper) == 24
    assert "not confirmed yet" in called(a, "recovery")
    called(a, "recovery", "--check", given=" ".join(paper) + "\n")
    assert "have written down" in called(a, "recovery")
    assert [one.person for one in office.newcomers()] == ["ada"]
    office.admit(office.newcomers())
    version = office.directory().version
    called(a, "upload")

    asked = called(b, "device", "request", "--name", "Ada's laptop")
    answered = called(a, "device", "add", text_in(asked, "fairwitness:device?"), "--yes")
    assert six_words_in(asked) in answered
    answer = text_in(answered, "fairwitness:device-answer?")
    taken = called(b, "device", "take", answer, "--yes")
    assert f"answer: {re.findall(r'both: (.+)', answered)[-1]}" in taken
    called(b, "upload")
    assert device_of(a).device != device_of(b).device == "Ada's laptop"
    assert device_of(a).device_key != device_of(b).device_key

    sessions = recorded(desk, a, b)
    for home in (a, b):
        assert "confirmed by the platform" in called(home, "upload", "--now")
    for home, session in zip((a, b), sessions, strict=True):
        result = both(session, trust=anchor(home), reading_key=reading_key(home))
        assert (result.verified, result.receipt, result.person) == (True, True, "ada")

    link = office.invite("ada", "Ada", ("trainer",), (PROJECT,))
    wrong = [*paper[:3], "abandonn", *paper[4:]]
    assert "Word 4 is not in the list" in called(c, "recover", link, "--yes", given=" ".join(wrong) + "\n", code=2)
    called(c, "recover", link, "--yes", given="\n".join(paper).replace("\n", ", ") + "\n")
    assert office.directory().version == version
    assert list(office.newcomers()) == []
    listed = called(c, "fetch")
    assert all(session.name in listed for session in sessions)
    called(c, "fetch", sessions[0].name)
    copy = c / "fetched" / sessions[0].name
    assert "Opened with the trainer's key." in called(c, "show", str(copy))
    assert both(copy, trust=anchor(c), reading_key=reading_key(c)).verified
    called(c, "upload")
    (again,) = recorded(desk, c)
    assert "confirmed by the platform" in called(c, "upload", "--now")
    assert both(again, trust=anchor(c), reading_key=reading_key(c)).verified
