# SPDX-License-Identifier: Apache-2.0
"""What a revocation or a removal stops at the platform, at once: tokens, grants, cosignatures; and what stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from server_running import Client, Member, RunningPlatform, running
from server_sessions import grant_body, short_session
from server_statements import decision, post, sealed_session
from trust_people import signing_key

from session.trust.directory import Revocation
from session.trust.statements import DeviceCertificate, open_statement


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        started.put_policy()
        started.join("bo", "reviewer")
        started.issue_review_key()
        yield started


@pytest.fixture
def ada(platform: RunningPlatform) -> Member:
    return platform.join("ada", "trainer")


def revoke(platform: RunningPlatform, public_key: bytes, *, ago_s: int = 0) -> None:
    since_us = platform.clock.read().t_us - ago_s * 1_000_000
    platform.organisation.revocations += (Revocation(revoked_key=public_key.hex(), revoked_us=since_us),)
    platform.publish()


def enrolled_anew(platform: RunningPlatform, member: Member) -> Client:
    """The person with the same person key on another device, whose key nobody revoked."""
    again = Member(member.person, member.roles, member.projects, member.organisation)
    again.device_key = signing_key("another device")
    body = again.enrol_body(platform.invite(member.person, *member.roles), device="second")
    return platform.client(platform.client().post("/v1/enrol", json=body).json()["token"])


@pytest.mark.parametrize(
    ("whose", "said"), [("device_key", "This device was revoked"), ("person_key", "person were revoked")]
)
def test_the_token_of_a_revoked_key_stops_at_once_and_says_so(
    platform: RunningPlatform, ada: Member, whose: str, said: str
) -> None:
    assert ada.client.post("/v1/grants", json=grant_body(ada, "before")).status_code == 200
    revoke(platform, getattr(ada, whose).public)
    for method, path in (
        ("GET", "/v1/directory"),
        ("POST", "/v1/grants"),
        ("GET", "/v1/sessions"),
        ("GET", "/v1/statements"),
    ):
        refused = ada.client.ask(method, path)
        assert (refused.status_code, refused.json()["error"]) == (401, "revoked"), path
        assert said in refused.json()["detail"]
        assert "2026-09-21" in refused.json()["detail"]


def test_a_token_that_no_directory_named_yet_stops_too(platform: RunningPlatform) -> None:
    newcomer = platform.enrol("chen", "trainer")
    assert newcomer.client.get("/v1/directory").status_code == 200
    revoke(platform, newcomer.device_key.public)
    assert newcomer.client.get("/v1/directory").json()["error"] == "revoked"


def test_another_persons_revocation_and_one_still_to_come_stop_nothing(platform: RunningPlatform, ada: Member) -> None:
    revoke(platform, platform.join("ugo", "trainer").device_key.public)
    revoke(platform, ada.device_key.public, ago_s=-60)
    assert ada.client.post("/v1/grants", json=grant_body(ada, "one")).status_code == 200
    platform.clock.advance_s(60)
    assert ada.client.post("/v1/grants", json=grant_body(ada, "two")).json()["error"] == "revoked"


@pytest.mark.parametrize("whose", ["device_key", "person_key", "session"])
def test_a_session_of_a_revoked_key_is_cosigned_no_more(
    platform: RunningPlatform, ada: Member, tmp_path: Path, whose: str
) -> None:
    session = short_session(platform, ada, tmp_path)
    note = session.checkpoint().note
    assert session.ask_cosignature(session.journal.size - 1, note).status_code == 200
    revoke(platform, session.keys.signing.public if whose == "session" else getattr(ada, whose).public)
    refused = session.ask_cosignature(session.journal.size - 1, note)
    assert (refused.status_code, refused.json()["error"]) == (403, "revoked")


def test_who_enrols_anew_sends_what_was_cosigned_before(platform: RunningPlatform, ada: Member, tmp_path: Path) -> None:
    sending = short_session(platform, ada, tmp_path).seal_whole()
    platform.clock.advance_s(3600)
    revoke(platform, ada.device_key.public)
    assert sending.client.post(f"/v1/sessions/{sending.id}/missing", json={"digests": []}).status_code == 401
    sending.client = enrolled_anew(platform, ada)
    sending.put_files()
    answer = sending.put_seal()
    assert answer.status_code == 201, answer.text


def test_what_was_first_cosigned_after_the_revocation_is_not_taken(
    platform: RunningPlatform, ada: Member, tmp_path: Path
) -> None:
    sending = short_session(platform, ada, tmp_path).seal_whole()
    sending.put_files()
    platform.clock.advance_s(3600)
    revoke(platform, ada.device_key.public, ago_s=7200)  # it was lost before the session began
    sending.client = enrolled_anew(platform, ada)
    refused = sending.put_seal()
    assert (refused.status_code, refused.json()["error"]) == (422, "verify")
    assert "device key was revoked" in refused.text


def test_a_removed_persons_token_stops_and_their_sessions_stay_readable(
    platform: RunningPlatform, ada: Member, tmp_path: Path
) -> None:
    bo = next(one for one in platform.organisation.members if one.person == "bo")
    sending = short_session(platform, ada, tmp_path).seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    platform.organisation.members.remove(ada)
    platform.publish()
    assert ada.client.get("/v1/directory").status_code == 401
    assert [one["session_id"] for one in bo.client.get("/v1/sessions").json()["sessions"]] == [sending.id]
    assert bo.client.get(f"/v1/sessions/{sending.id}").json()["seal"] == sending.body["seal"]


def test_devices_are_listed_with_certificates_that_their_person_signed(
    platform: RunningPlatform, ada: Member, tmp_path: Path
) -> None:
    listed = {one["person"]: one for one in platform.admin.client.get("/v1/devices").json()["devices"]}
    assert set(listed) == {"ada", "bo"}
    told = listed["ada"]
    certificate = open_statement(told["device_certificate"].encode(), DeviceCertificate, ada.person_key.public)
    assert (certificate.device, certificate.device_key) == (ada.device, ada.device_key.public.hex())
    assert told["person_key"] == ada.person_key.public.hex()
    assert told["enrolled_us"] == platform.clock.read().t_us
    assert told["cosigned_us"] == 0
    platform.clock.advance_s(60)
    short_session(platform, ada, tmp_path)
    platform.clock.advance_s(60)
    again = {one["person"]: one for one in platform.admin.client.get("/v1/devices").json()["devices"]}
    assert platform.clock.read().t_us - again["ada"]["cosigned_us"] in range(60_000_000, 120_000_001)
    assert again["bo"]["cosigned_us"] == 0


def test_nothing_is_given_out_under_a_receipt_key_that_is_revoked(
    platform: RunningPlatform, ada: Member, tmp_path: Path
) -> None:
    """An access is signed before a file is served, and none by this key would verify any more."""
    bo = next(one for one in platform.organisation.members if one.person == "bo")
    sending = short_session(platform, ada, tmp_path).seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    key = bytes.fromhex(platform.organisation.directory().platform.receipt_key)
    revoke(platform, key, ago_s=-60)
    assert bo.client.get(f"/v1/sessions/{sending.id}").status_code == 200
    platform.clock.advance_s(60)
    refused = bo.client.get(f"/v1/sessions/{sending.id}/blobs/{next(iter(sending.segments))}")
    assert (refused.status_code, refused.json()["error"]) == (503, "revoked")


def test_what_bears_a_time_at_which_its_key_will_be_revoked_is_not_entered(
    platform: RunningPlatform, ada: Member, tmp_path: Path
) -> None:
    """Readers hold an author's own time against them: the log would keep what never counts."""
    bo = next(one for one in platform.organisation.members if one.person == "bo")
    sent = sealed_session(platform, ada, tmp_path)
    revoke(platform, bo.person_key.public, ago_s=-60)
    now_us = platform.clock.read().t_us
    refused = post(bo, sent, decision(platform, bo, sent, at_us=now_us + 60_000_000))
    assert (refused.status_code, refused.json()["error"]) == (403, "revoked")
    assert post(bo, sent, decision(platform, bo, sent, at_us=now_us + 59_999_999)).status_code == 201


def test_no_directory_takes_a_revocation_back_or_makes_it_later(platform: RunningPlatform, ada: Member) -> None:
    organisation = platform.organisation
    revoke(platform, signing_key("an old device").public, ago_s=60)
    (held,) = organisation.revocations
    for other in ((), (Revocation(revoked_key=held.revoked_key, revoked_us=held.revoked_us + 1),)):
        organisation.revocations = other
        refused = platform.admin.client.put("/v1/directory", data=organisation.sign())
        assert (refused.status_code, refused.json()["error"]) == (422, "input")
        assert refused.json()["detail"].startswith("revocations:")
    earlier = Revocation(revoked_key=held.revoked_key, revoked_us=held.revoked_us - 1)
    for other in ((held, earlier), (earlier,)):
        organisation.revocations = other
        platform.publish()
    assert ada.client.get("/v1/directory").status_code == 200
