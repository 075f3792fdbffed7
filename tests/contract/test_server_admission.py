# SPDX-License-Identifier: Apache-2.0
"""An admin is let in by the root key's signature over a token of a token: what the platform takes, and what not."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests
from server_running import RunningPlatform, running

from server.config import Limits
from session.crypto.signing import SigningKey
from session.trust.admission import Admission
from session.trust.directory import Revocation
from session.trust.statements import sign

TOKEN = "a" * 43
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path, Limits(enrol_per_minute=1000)) as started:
        yield started


def stated(platform: RunningPlatform, **changes: object) -> bytes:
    plain = Admission(
        organisation=platform.organisation.fingerprint, person="", token_sha256=DIGEST, at_us=platform.clock.read().t_us
    )
    return sign(msgspec.structs.replace(plain, **changes), platform.organisation.root)


def post(platform: RunningPlatform, raw: bytes) -> requests.Response:
    return platform.client().post("/v1/admin-tokens", data=raw)


def log_size(platform: RunningPlatform) -> int:
    return int(platform.admin.client.get("/v1/log/checkpoint").text.splitlines()[1])


def test_the_token_is_the_admins_and_stands_in_the_log(platform: RunningPlatform, caplog: pytest.LogCaptureFixture) -> None:
    raw, before = stated(platform), log_size(platform)
    caplog.set_level(logging.INFO, "fairwitness")
    answer = post(platform, raw)
    assert (answer.status_code, answer.json()) == (201, {"person": "root-keeper"})
    admin = platform.client(TOKEN)
    assert admin.get("/v1/enrolments").status_code == 200
    entries = admin.get(f"/v1/log/entries?size={before + 1}&begin={before}").json()["entries"]
    assert [(one["kind"], one["statement"]) for one in entries] == [("admission", raw.decode())]
    assert [one.message for one in caplog.records if "admit" in one.message] == ["the root key admitted a token of an admin"]
    assert TOKEN not in caplog.text
    assert DIGEST not in caplog.text


def test_the_same_again_changes_nothing(platform: RunningPlatform) -> None:
    raw = stated(platform)
    assert post(platform, raw).status_code == 201
    size = log_size(platform)
    assert (post(platform, raw).status_code, log_size(platform)) == (200, size)


def test_another_key_than_the_root_lets_nobody_in(platform: RunningPlatform) -> None:
    body = msgspec.structs.replace(
        Admission(organisation="0" * 64, person="", token_sha256=DIGEST, at_us=platform.clock.read().t_us),
        organisation=platform.organisation.fingerprint,
    )
    size = log_size(platform)
    wrong = (
        sign(body, SigningKey.generate()),
        sign(body, platform.admin.person_key),
        stated(platform, organisation="ab" * 32),
        platform.organisation.sign(),  # another kind that the root key signs
        b"",
        b"{}",
    )
    for raw in wrong:
        answer = post(platform, raw)
        assert (answer.status_code, answer.json()["error"]) == (422, "signature"), raw[:80]
    assert platform.client(TOKEN).get("/v1/directory").status_code == 401
    assert log_size(platform) == size


@pytest.mark.parametrize("off_s", [-600, 600])
def test_ten_minutes_are_the_most(platform: RunningPlatform, off_s: int) -> None:
    now_us = platform.clock.read().t_us
    late = post(platform, stated(platform, at_us=now_us + off_s * 1_000_000))
    assert (late.status_code, late.json()["error"]) == (409, "clock")
    nearly = off_s * 1_000_000 - (1 if off_s > 0 else -1)
    assert post(platform, stated(platform, at_us=now_us + nearly)).status_code == 201


def test_only_for_an_admin_whose_keys_are_not_revoked(platform: RunningPlatform) -> None:
    platform.join("ada", "trainer")
    second = platform.join("zoe", "admin")
    for person in ("ada", "nobody"):
        answer = post(platform, stated(platform, person=person))
        assert (answer.status_code, answer.json()["error"]) == (403, "role")
    assert post(platform, stated(platform, person="zoe")).json() == {"person": "zoe"}
    taken = post(platform, stated(platform))
    assert (taken.status_code, taken.json()["error"]) == (409, "token")
    at_us = platform.clock.read().t_us
    platform.organisation.revocations += (Revocation(revoked_key=second.person_key.public.hex(), revoked_us=at_us),)
    platform.publish()
    assert platform.client(TOKEN).get("/v1/directory").status_code == 401
    again = post(platform, stated(platform, person="zoe", token_sha256="cd" * 32))
    assert (again.status_code, again.json()["error"]) == (403, "role")


def test_tries_are_counted_by_the_minute(tmp_path: Path) -> None:
    with running(tmp_path, Limits(enrol_per_minute=3)) as platform:
        assert [post(platform, b"{}").status_code for _ in range(5)] == [422, 422, 422, 429, 429]
        assert post(platform, stated(platform)).status_code == 201  # whoever has the root key is let in, whatever others try
