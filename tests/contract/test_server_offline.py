# SPDX-License-Identifier: Apache-2.0
"""Offline starts at the platform: an opening that nobody granted gives no choice of project, and none of old policies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from server_running import BEGIN_US, DAY_S, PROJECT, Member, RunningPlatform, running, sha256
from server_sessions import grant_body
from trust_builders import OpenSession
from trust_people import Begun

from session.events import Kind, Moment, Reason
from session.policy import parse_policy, policy_digest
from session.redact import sent_segments
from session.seal import seal
from session.trust.directory import Project, issue_review_key

NUMBERS = itertools.count()
DAY_US = DAY_S * 1_000_000
BETA = "beta"


class Team:
    """A platform with a strict project and a lax one; ada is a trainer of the strict one alone."""

    def __init__(self, platform: RunningPlatform) -> None:
        self.platform = platform
        self.strict = platform.organisation.policy
        self.lax = self.strict.replace(b"private_counts = false", b"private_counts = true")
        assert parse_policy(self.lax).time.private_counts
        for toml in (self.strict, self.lax):
            assert platform.admin.client.put(f"/v1/policies/{policy_digest(toml)}", data=toml).status_code in {200, 201}
        self.ada = platform.join("ada", "trainer")
        self.ben = platform.join("ben", "reviewer", projects=(PROJECT, BETA))

    def publish(self, *, wren: bytes, beta: bytes | None = None, **changes: object) -> bytes:
        """The next directory, with these policies of the two projects."""
        begin, until = BEGIN_US - 1_000_000, BEGIN_US + 400 * DAY_US
        projects = []
        for name, toml in ((PROJECT, wren), (BETA, beta)):
            if toml is not None:
                fp = self.platform.organisation.fingerprint
                keys = (issue_review_key(fp, name, 1, (self.ben.entry(),), from_us=begin, until_us=until),)
                projects.append(Project(id=name, name=name, policy_sha256=policy_digest(toml), review_keys=keys))
        policies = tuple(dict.fromkeys(one.policy_sha256 for one in projects))
        return self.platform.publish(projects=tuple(projects), policies=policies, **changes)

    def offline(self, folder: Path, directory: bytes, toml: bytes, *, project: str = PROJECT) -> requests.Response:
        """Eight hours of private time, opened offline, made known by a grant of wren's, and sealed for `project`."""
        ada, name = self.ada, f"offline {next(NUMBERS)}"
        assert ada.client.post("/v1/grants", json=grant_body(ada, name)).status_code == 200
        begun = Begun(folder / name, name, ada.organisation, ada.keys, toml, directory)
        session = OpenSession(self.platform, begun, (Kind.PERSONAL, begun.personal(mode="offline")))  # type: ignore[arg-type]
        session.pause(8 * 3600, Reason.PRIVATE)
        session.checkpoint(Moment.STOP)
        session.finish()
        session.wait(60)
        keys, now = session.keys, ada.client.get("/v1/directory").content
        newest = now if project == PROJECT else None
        sealed_us = session.reading.t_us
        raw = seal(
            begun.folder, keys.signing, content_keys=keys.content, project=project, sealed_us=sealed_us, directory=newest
        )
        segments = dict(sent_segments(begun.folder, parse_policy(toml).withheld))
        for digest, octets in segments.items():
            assert ada.client.put(f"/v1/sessions/{keys.session_id}/blobs/{digest}", data=octets).status_code == 201
        body = {
            "seal": raw.decode(),
            "segments": list(segments),
            "directory": sha256(directory),
            "policy": policy_digest(toml),
        }
        return ada.client.put(f"/v1/sessions/{keys.session_id}/seal", json=body)

    def listed(self) -> int:
        return len(self.ben.client.get("/v1/sessions").json()["sessions"])


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path) as platform:
        yield Team(platform)


def held(member: Member) -> bytes:
    return member.client.get("/v1/directory").content


def test_an_offline_start_is_no_way_into_another_project_or_under_its_policy(team: Team, tmp_path: Path) -> None:
    team.publish(wren=team.strict, beta=team.lax)
    for toml, project, words in (
        (team.lax, BETA, "no trainer"),
        (team.strict, BETA, "another policy"),
        (team.lax, PROJECT, "another policy"),
    ):
        refused = team.offline(tmp_path, held(team.ada), toml, project=project)
        assert (refused.status_code, refused.json()["step"]) == (422, "seal"), refused.text
        assert words in refused.text
    assert team.listed() == 0
    assert team.offline(tmp_path, held(team.ada), team.strict).status_code == 201
    assert team.listed() == 1


def test_a_trainer_of_both_seals_for_the_one_that_was_granted(team: Team, tmp_path: Path) -> None:
    team.ada.projects = (PROJECT, BETA)
    team.publish(wren=team.strict, beta=team.lax)
    refused = team.offline(tmp_path, held(team.ada), team.lax, project=BETA)
    assert (refused.status_code, "for another project than granted" in refused.text) == (422, True)


def test_an_offline_start_under_a_policy_that_was_replaced_meanwhile_counts_for_a_while(team: Team, tmp_path: Path) -> None:
    """Who was away could not know of it; who comes after 14 days could have asked."""
    old = team.publish(wren=team.lax)
    team.platform.clock.advance_s(30 * DAY_S)
    team.publish(wren=team.strict)
    assert team.offline(tmp_path, old, team.lax).status_code == 201, "replaced a moment ago"
    team.platform.clock.advance_s(14 * DAY_S)
    assert team.offline(tmp_path, old, team.lax).status_code == 201, "on the last day"
    team.platform.clock.advance_s(1)
    refused = team.offline(tmp_path, old, team.lax)
    assert (refused.status_code, refused.json()["step"], "replaced" in refused.text) == (422, "opening", True)


def test_an_old_directory_is_good_as_long_as_its_policy_is(team: Team, tmp_path: Path) -> None:
    old = team.publish(wren=team.strict, expires_us=BEGIN_US + 20 * DAY_US)
    team.publish(wren=team.strict)
    team.platform.clock.advance_s(60 * DAY_S)
    assert team.offline(tmp_path, old, team.strict).status_code == 201, "the policy is the one that is granted now"
