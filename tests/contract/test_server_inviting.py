# SPDX-License-Identifier: Apache-2.0
"""Codes that wait: an admin sees those that still open something, and takes one back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_running import PROJECT, Member, RunningPlatform, running, sha256

from server.config import Limits
from session.crypto.signing import SigningKey
from session.trust.pairing import invitation_message

DAY_S = 86_400


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path, Limits(invitation_s=7 * DAY_S)) as started:
        yield started


def listed(platform: RunningPlatform) -> dict[str, dict[str, object]]:
    answer = platform.admin.client.get("/v1/invitations")
    assert answer.status_code == 200
    return {one["code_sha256"]: one for one in answer.json()["invitations"]}


def enrols(platform: RunningPlatform, person: str, code: str) -> tuple[int, str]:
    member = Member(person, ("trainer",), (PROJECT,), platform.organisation.fingerprint)
    answer = platform.client().post("/v1/enrol", json=member.enrol_body(code))
    return answer.status_code, answer.json().get("error", "")


def test_a_code_is_listed_by_its_digest_until_it_is_used_or_expires(platform: RunningPlatform) -> None:
    before = set(listed(platform))
    ada, bo = platform.invite("ada", "trainer"), platform.invite("bo", "reviewer")
    assert set(listed(platform)) - before == {sha256(ada.encode()), sha256(bo.encode())}
    assert listed(platform)[sha256(bo.encode())] == {
        "code_sha256": sha256(bo.encode()),
        "person": "bo",
        "name": "bo",
        "roles": ["reviewer"],
        "projects": [PROJECT],
        "expires_us": platform.clock.read().t_us + 7 * DAY_S * 1_000_000,
    }
    assert enrols(platform, "ada", ada) == (201, "")
    assert sha256(ada.encode()) not in listed(platform)
    platform.clock.advance_s(7 * DAY_S)
    assert listed(platform) == {}


def test_a_code_that_was_taken_back_opens_nothing(platform: RunningPlatform) -> None:
    code = platform.invite("ada", "trainer")
    path = f"/v1/invitations/{sha256(code.encode())}"
    for _ in range(2):
        assert platform.admin.client.ask("DELETE", path).status_code == 204
    assert sha256(code.encode()) not in listed(platform)
    assert enrols(platform, "ada", code) == (403, "code")
    assert platform.admin.client.get("/v1/enrolments").json() == {"enrolments": []}


def test_a_code_that_was_used_cannot_be_taken_back_and_that_is_said(platform: RunningPlatform) -> None:
    code = platform.invite("ada", "trainer")
    assert enrols(platform, "ada", code) == (201, "")
    answer = platform.admin.client.ask("DELETE", f"/v1/invitations/{sha256(code.encode())}")
    assert (answer.status_code, answer.json()["error"]) == (409, "used")
    assert "who waits" in answer.json()["detail"]
    unknown = platform.admin.client.ask("DELETE", f"/v1/invitations/{sha256(b'no such code')}")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown")


def test_the_code_of_a_persons_own_device_is_no_admins(platform: RunningPlatform) -> None:
    ada = platform.join("ada", "trainer")
    before = listed(platform)
    key, at_us = SigningKey.from_seed(b"\x77" * 32).public.hex(), platform.clock.read().t_us
    message = invitation_message(ada.organisation, "ada", device="desktop", device_key=key, at_us=at_us)
    wish = {"device": "desktop", "device_key": key, "at_us": at_us, "signature": ada.person_key.sign(message).hex()}
    code = ada.client.post("/v1/devices", json=wish).json()["code"]
    assert listed(platform) == before
    assert platform.admin.client.ask("DELETE", f"/v1/invitations/{sha256(code.encode())}").status_code == 404
