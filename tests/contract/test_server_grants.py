# SPDX-License-Identifier: Apache-2.0
"""Grants in advance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_running import BEGIN_US, DAY_S, PROJECT, YEAR_US, Member, RunningPlatform, running, sha256
from server_sessions import grant_body, session_id_of
from trust_people import signing_key

from session.crypto.signing import SigningKey
from session.log.merkle import leaf_hash
from session.policy import policy_digest
from session.trust.certificates import certify_session
from session.trust.directory import Revocation
from session.trust.statements import Grant, open_statement


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        started.put_policy()
        yield started


@pytest.fixture
def trainer(platform: RunningPlatform) -> Member:
    return platform.join("ada", "trainer")


def test_a_grant_says_all_and_stands_in_the_log(platform: RunningPlatform, trainer: Member) -> None:
    answer = trainer.client.post("/v1/grants", json=grant_body(trainer, "one", "two"))
    keys = platform.organisation.platform
    texts = answer.json()["grants"]
    grants = [open_statement(text.encode(), Grant, bytes.fromhex(keys.grant_key)) for text in texts]
    assert [grant.session for grant in grants] == [session_id_of("one"), session_id_of("two")]
    grant = grants[0]
    assert grant.session_key == signing_key("session one").public.hex()
    assert (grant.person, grant.device, grant.project) == ("ada", "ada-laptop", PROJECT)
    assert grant.policy_sha256 == policy_digest(platform.organisation.policy)
    assert grant.directory_sha256 == sha256(trainer.client.get("/v1/directory").content)
    assert (grant.issued_us, grant.start_by_us) == (BEGIN_US, BEGIN_US + 14 * DAY_S * 1_000_000)
    assert grants[0].nonce != grants[1].nonce
    entry = trainer.client.get(f"/v1/log/entries/{grant.log_size}").json()
    assert (entry["kind"], entry["leaf"]) == ("grant", leaf_hash(texts[0].encode()).hex())
    assert entry["statement"] == texts[0]
    assert grants[1].log_size == grant.log_size + 1


def test_the_same_request_again_gets_the_same_grants(trainer: Member) -> None:
    first = trainer.client.post("/v1/grants", json=grant_body(trainer, "one")).json()
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, "one")).json() == first


def test_twenty_unused_and_no_more(platform: RunningPlatform, trainer: Member) -> None:
    names = [f"s{n}" for n in range(20)]
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, *names)).status_code == 200
    refused = trainer.client.post("/v1/grants", json=grant_body(trainer, "more"))
    assert (refused.status_code, refused.json()["error"]) == (409, "grants")
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, *names)).status_code == 200
    platform.clock.advance_s(14 * DAY_S)
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, "more")).status_code == 200


def test_all_of_a_request_or_none(platform: RunningPlatform, trainer: Member) -> None:
    trainer.client.post("/v1/grants", json=grant_body(trainer, *[f"s{n}" for n in range(19)]))
    head = platform.admin.client.get("/v1/log/checkpoint").text.split("\n")[1:3]
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, "a", "b")).json()["error"] == "grants"
    assert platform.admin.client.get("/v1/log/checkpoint").text.split("\n")[1:3] == head
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, "b")).status_code == 200


def test_a_session_that_is_taken(platform: RunningPlatform, trainer: Member) -> None:
    trainer.client.post("/v1/grants", json=grant_body(trainer, "one"))
    eve = platform.join("eve", "trainer")
    refused = eve.client.post("/v1/grants", json=grant_body(eve, "one"))
    assert (refused.status_code, refused.json()["error"]) == (409, "session")
    body = grant_body(trainer, "same", "same")
    assert trainer.client.post("/v1/grants", json=body).json()["error"] == "input"


def test_a_certificate_whose_chain_does_not_hold(platform: RunningPlatform, trainer: Member) -> None:
    eve = platform.join("eve", "trainer")
    session, key = session_id_of("x"), signing_key("session x")
    fp = platform.organisation.fingerprint
    issued = {"session_id": session, "session_public": key.public, "issued_us": BEGIN_US}
    wrong = {
        "another's": eve.certify_session(session, key.public),
        "another session": trainer.certify_session(session_id_of("y"), key.public),
        "another organisation": certify_session(trainer.device_key, organisation="0" * 64, device=trainer.device, **issued),
        "another device": certify_session(trainer.device_key, organisation=fp, device="unknown", **issued),
        "another key": certify_session(SigningKey.generate(), organisation=fp, device=trainer.device, **issued),
        "none": b"{}",
    }
    for what, text in wrong.items():
        body = {"project": PROJECT, "requests": [{"session": session, "session_certificate": text.decode()}]}
        refused = trainer.client.post("/v1/grants", json=body)
        assert (refused.status_code, refused.json()["error"]) == (422, "certificate"), what


def test_what_stands_in_the_way_is_named(platform: RunningPlatform, trainer: Member) -> None:
    refused = trainer.client.post("/v1/grants", json=grant_body(trainer, "x", project="beta"))
    assert (refused.status_code, refused.json()["error"]) == (403, "project")
    revoked = Revocation(revoked_key=signing_key("session x").public.hex(), revoked_us=BEGIN_US)
    platform.organisation.revocations += (revoked,)
    platform.publish()
    refused = trainer.client.post("/v1/grants", json=grant_body(trainer, "x"))
    assert (refused.status_code, refused.json()["error"]) == (403, "revoked")
    platform.clock.advance_s(YEAR_US / 1_000_000)
    refused = trainer.client.post("/v1/grants", json=grant_body(trainer, "y"))
    assert (refused.status_code, refused.json()["error"]) == (409, "directory")


def test_without_the_policy_there_is_no_grant(tmp_path: Path) -> None:
    with running(tmp_path) as platform:
        trainer = platform.join("ada", "trainer")
        refused = trainer.client.post("/v1/grants", json=grant_body(trainer, "x"))
        assert (refused.status_code, refused.json()["error"]) == (409, "policy")


def test_who_reads_which_entries_of_the_log(platform: RunningPlatform, trainer: Member) -> None:
    trainer.client.post("/v1/grants", json=grant_body(trainer, "one"))
    eve, ben = platform.join("eve", "trainer"), platform.join("ben", "reviewer")
    rex = platform.join("rex", "reviewer", projects=("beta",))
    size = int(platform.admin.client.get("/v1/log/checkpoint").text.split("\n")[1])
    kinds = {}
    for member in (trainer, eve, ben, rex, platform.admin):
        entries = [member.client.get(f"/v1/log/entries/{index}").json() for index in range(size)]
        kinds[member.person] = {entry["kind"] for entry in entries if entry["statement"] is not None}
        assert len({entry["leaf"] for entry in entries}) == size
    both = {"directory", "grant"}
    alone = {"directory"}
    assert kinds == {"ada": both, "eve": alone, "ben": both, "rex": alone, "root-keeper": both}
    assert trainer.client.get(f"/v1/log/entries/{size}").status_code == 404
