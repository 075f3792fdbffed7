# SPDX-License-Identifier: Apache-2.0
"""What the office asks of a real platform and takes from it: once, whole, and in the form that it must have."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

import ui.admin.main
from agent.clock import SystemClock
from fairwitness.cli import run
from fairwitness.office import Office, open_office
from fairwitness.organisation import found_organisation
from fairwitness.places import Places
from server.config import ServerConfig
from server.serve import background
from session import EnvironmentFault, IntegrityFault
from uploader.client import Answer, Request


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform's folder and an admin's, of which each test works on a copy."""
    folder = tmp_path_factory.mktemp("founded")
    config = ServerConfig(folder=folder / "platform", port=0)
    found_organisation(config, "Fair Answers", "eve", keys=Places(folder / "eve").key_store(), clock=SystemClock())
    return folder


@pytest.fixture
def home(tmp_path: Path, founded: Path) -> Iterator[Path]:
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    with background(ServerConfig(folder=tmp_path / "platform", port=0), SystemClock()) as address:
        open_office(tmp_path / "eve", address)
        yield tmp_path / "eve"


@pytest.fixture
def office(home: Path) -> Office:
    return open_office(home)


def overheard(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: Callable[[Request, Answer], Answer] = lambda _asked, given: given
) -> list[str]:
    """What is asked from now on, by kind; `told` changes what comes back."""
    client, asked = office._desk._client, []
    send = client.send

    def heard(request: Request) -> Answer:
        asked.append(request.what)
        return told(request, send(request))

    monkeypatch.setattr(client, "send", heard)
    return asked


def test_each_thing_is_asked_for_once_and_all_that_is_shown_is_of_one_directory(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = overheard(office, monkeypatch)
    office.standing()
    assert {what: asked.count(what) for what in ("directory", "enrolments", "devices", "invitations")} == {
        "directory": 1,
        "enrolments": 1,
        "devices": 1,
        "invitations": 1,
    }


@pytest.mark.parametrize("what", ["enrolments", "devices", "invitations", "invitation"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"<html>"])
def test_an_answer_in_another_form_is_said_and_is_no_crash(
    office: Office, monkeypatch: pytest.MonkeyPatch, what: str, body: bytes
) -> None:
    def told(asked: Request, given: Answer) -> Answer:
        return msgspec.structs.replace(given, body=body) if asked.what == what else given

    overheard(office, monkeypatch, told)
    with pytest.raises(IntegrityFault, match="the platform's answer is not what it must be"):
        office.invite("ada", "Ada", ("trainer",), ()) if what == "invitation" else office.standing()


def test_a_platform_that_names_a_link_of_its_own_is_not_believed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    link = office.invite("ada", "Ada", ("trainer",), ())

    def told(asked: Request, given: Answer) -> Answer:
        if asked.what != "invitations":
            return given
        listed = [one | {"link": "fairwitness:enrol?x"} for one in msgspec.json.decode(given.body)["invitations"]]
        another = listed[0] | {"code_sha256": "ab" * 32}
        return msgspec.structs.replace(given, body=msgspec.json.encode({"invitations": [*listed, another]}))

    overheard(office, monkeypatch, told)
    assert [one.link for one in office.standing().invited] == [link, ""]


def test_the_window_opens_where_what_ends_could_not_be_renewed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Office] = []

    def away(_office: Office) -> bool:
        raise EnvironmentFault("The platform cannot be reached.")

    monkeypatch.setattr(Office, "renew", away)
    monkeypatch.setattr(ui.admin.main, "run_admin", lambda office, *_args, **_more: opened.append(office) or 0)
    monkeypatch.setenv("DISPLAY", ":none")
    assert run(("admin", "--home", str(home))) == 0
    assert len(opened) == 1
