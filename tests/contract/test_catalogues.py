# SPDX-License-Identifier: Apache-2.0
"""An organisation's own catalogue from the admin's file to a trainer's and a reviewer's computer, at the real platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_catalogue import digest, own_catalogue

from agent.clock import SystemClock
from fairwitness.catalogues import at_hand, ensure_published
from fairwitness.cli import run
from fairwitness.office import admin_desk, remember_address
from fairwitness.organisation import AdminDesk, found_organisation
from fairwitness.places import Places
from fairwitness.sending import prepare
from server.config import ServerConfig
from server.serve import background
from session import InputFault
from session.policy import default_policy_toml, parse_policy, policy_digest
from uploader.client import Outcome, Request
from uploader.enrol import EnrolmentLink, enrol, parse_link

PROJECT = "comparisons"
OWN = own_catalogue()
NAMING = default_policy_toml().replace(b"[ai_tools]\n", f'[ai_tools]\ncatalogue = "{digest(OWN)}"\n'.encode())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[AdminDesk]:
    home, clock = Places(tmp_path / "eve"), SystemClock()
    config = ServerConfig(folder=tmp_path / "platform", port=0)
    found_organisation(config, "Fair Comparisons", "eve", keys=home.key_store(), clock=clock)
    with background(config, clock) as address:
        remember_address(home, address)
        yield admin_desk(tmp_path / "eve", address, clock)


def joined(desk: AdminDesk, folder: Path, person: str, role: str) -> Path:
    code = desk.invite(person, person, (role,), (PROJECT,)).code
    held = desk.directory()
    link = EnrolmentLink(platform=desk.client.address, organisation=held.organisation, person=person, code=code)
    places = Places(folder / person)
    enrol(parse_link(str(link)), places.organisation, key_store=places.key_store(), clock=SystemClock())
    return folder / person


def published(tmp_path: Path, capsys: pytest.CaptureFixture[str], octets: bytes) -> str:
    file = tmp_path / "own.json"
    file.write_bytes(octets)
    assert run(["catalogue", "publish", str(file), "--home", str(tmp_path / "eve")]) == 0
    return capsys.readouterr().out


def test_it_reaches_everybody_whom_the_policy_holds_to_it(
    desk: AdminDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputFault, match="Publish it first"):
        desk.put_project(PROJECT, "Comparisons", NAMING)
    assert desk.directory().project(PROJECT) is None
    said = published(tmp_path, capsys, OWN)
    assert f'    catalogue = "{digest(OWN)}"' in said.splitlines()
    assert published(tmp_path, capsys, OWN) == said
    desk.put_project(PROJECT, "Comparisons", NAMING)
    assert policy_digest(NAMING) in desk.directory().policies
    homes = [joined(desk, tmp_path, "ada", "trainer"), joined(desk, tmp_path, "bo", "reviewer")]
    desk.admit()
    for home in homes:
        prepare(home)
        found = at_hand(parse_policy(NAMING), Places(home))
        assert found is not None
        assert found.sha256 == digest(OWN)
        kept = Places(home).organisation / "catalogues" / f"{digest(OWN)}.json"
        assert kept.read_bytes() == OWN
        kept.unlink()
        prepare(home)  # what is missing is asked for again
        assert kept.read_bytes() == OWN


def test_a_platform_that_lost_it_keeps_nobody_from_work(
    desk: AdminDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The policy is in force, the list is not here: grants are held, and what rests on it is not evaluated."""
    monkeypatch.setattr("fairwitness.organisation.ensure_published", lambda *_asked: None)
    desk.put_project(PROJECT, "Comparisons", NAMING)
    home = joined(desk, tmp_path, "ada", "trainer")
    desk.admit()
    assert prepare(home) > 0
    assert at_hand(parse_policy(NAMING), Places(home)) is None
    published(tmp_path, capsys, OWN)
    prepare(home)
    assert at_hand(parse_policy(NAMING), Places(home)) is not None


def test_the_platform_keeps_it_by_its_digest_and_takes_no_other(desk: AdminDesk) -> None:
    ask = desk.client
    with pytest.raises(InputFault, match="does not have the list"):
        ensure_published(ask, digest(OWN))

    def put(named: str, octets: bytes) -> tuple[int, str]:
        answer = ask.send(Request("catalogue", "PUT", f"/v1/catalogues/{named}", octets, content_type="application/json"))
        return answer.status, json.loads(answer.body).get("error", "")

    assert put(digest(OWN), OWN + b" ") == (422, "digest")
    assert [put(digest(OWN), OWN) for _ in range(2)] == [(201, ""), (200, "")]
    assert put(digest(bytes(1 << 21)), bytes(1 << 21))[0] == 413
    got = ask.send(Request("catalogue", "GET", f"/v1/catalogues/{digest(OWN)}", most_bytes=1 << 20))
    assert (got.outcome, got.body) == (Outcome.DONE, OWN)
    ensure_published(ask, digest(OWN))
