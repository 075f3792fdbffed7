# SPDX-License-Identifier: Apache-2.0
"""A further device of one's own, without an admin: by the person key, for one device key, for ten minutes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from server_running import Member, RunningPlatform, running

from server.config import Limits
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey
from session.trust.certificates import certify_device
from session.trust.directory import Revocation
from session.trust.pairing import ANSWER_S, invitation_message
from session.trust.statements import DeviceCertificate, open_statement

NEW = SigningKey.from_seed(b"\x77" * 32)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        yield started


@pytest.fixture
def ada(platform: RunningPlatform) -> Member:
    return platform.join("ada", "trainer")


def invited(
    platform: RunningPlatform, who: Member, *, signer: SigningKey | None = None, **changes: object
) -> requests.Response:
    wish: dict[str, object] = {"device": "desktop", "device_key": NEW.public.hex(), "at_us": platform.clock.read().t_us}
    wish |= changes
    message = invitation_message(platform.organisation.fingerprint, who.person, **wish)  # type: ignore[arg-type] # as typed
    body = wish | {"signature": (signer or who.person_key).sign(message).hex()}
    return who.client.post("/v1/devices", json=body)


def enrols(platform: RunningPlatform, who: Member, code: str, *, key: SigningKey = NEW, **more: object) -> requests.Response:
    certificate = certify_device(
        who.person_key,
        organisation=who.organisation,
        person=who.person,
        device="desktop",
        device_public=key.public,
        reading_public=who.reading_key.public,
        issued_us=platform.clock.read().t_us,
    )
    who.certificate = certificate
    return platform.client().post("/v1/enrol", json=who.enrol_body(code) | more)


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_person_lets_a_second_device_in_and_both_work_without_a_new_directory(
    platform: RunningPlatform, ada: Member
) -> None:
    version = platform.organisation.version
    code = invited(platform, ada).json()["code"]
    answer = enrols(platform, ada, code)
    assert answer.status_code == 201
    second = platform.client(answer.json()["token"])
    assert [one.get("/v1/sessions").status_code for one in (ada.client, second)] == [200, 200]
    assert platform.admin.client.get("/v1/enrolments").json() == {"enrolments": []}
    assert platform.organisation.version == version


def test_a_second_device_stands_in_the_organisation_log(platform: RunningPlatform, ada: Member) -> None:
    def logged() -> list[dict[str, str]]:
        size = ada.client.get("/v1/log/checkpoint").text.split("\n")[1]
        entries = ada.client.get(f"/v1/log/entries?size={size}&begin=0").json()["entries"]
        return [one for one in entries if one["kind"] == "device"]

    assert logged() == []
    enrols(platform, ada, invited(platform, ada).json()["code"])
    (entry,) = logged()
    certificate = open_statement(entry["statement"].encode(), DeviceCertificate, ada.person_key.public)
    assert (certificate.device, certificate.device_key) == ("desktop", NEW.public.hex())
    eve = platform.join("eve", "trainer")
    size = eve.client.get("/v1/log/checkpoint").text.split("\n")[1]
    kinds = {one["kind"] for one in eve.client.get(f"/v1/log/entries?size={size}&begin=0").json()["entries"]}
    assert "device" not in kinds  # hers is not there: it was posted before the directory named her


def test_a_token_alone_invites_nothing(platform: RunningPlatform, ada: Member) -> None:
    for signer in (SigningKey.generate(), ada.device_key):
        assert refused(invited(platform, ada, signer=signer)) == (403, "signature")
    eve = platform.join("eve", "trainer")
    assert refused(invited(platform, eve, signer=ada.person_key)) == (403, "signature")


@pytest.mark.parametrize("field", ["device", "device_key", "at_us"])
def test_what_was_signed_is_what_is_taken(platform: RunningPlatform, ada: Member, field: str) -> None:
    now_us = platform.clock.read().t_us
    wish = {"device": "desktop", "device_key": NEW.public.hex(), "at_us": now_us}
    message = invitation_message(platform.organisation.fingerprint, "ada", **wish)  # type: ignore[arg-type] # as typed
    other = {"device": "other", "device_key": "ab" * 32, "at_us": now_us + 1}
    body = wish | {"signature": ada.person_key.sign(message).hex()} | {field: other[field]}
    assert refused(ada.client.post("/v1/devices", json=body)) == (403, "signature")


@pytest.mark.parametrize(
    ("late_s", "taken"), [(-ANSWER_S, False), (1 - ANSWER_S, True), (ANSWER_S - 1, True), (ANSWER_S, False)]
)
def test_a_signature_of_another_time_is_not_taken(
    platform: RunningPlatform, ada: Member, late_s: int, *, taken: bool
) -> None:
    answer = invited(platform, ada, at_us=platform.clock.read().t_us + late_s * 1_000_000)
    assert (answer.status_code == 201) is taken
    assert taken or refused(answer) == (409, "clock")


def test_the_code_is_good_for_ten_minutes_once_and_for_that_key(platform: RunningPlatform, ada: Member) -> None:
    code = invited(platform, ada).json()["code"]
    assert refused(enrols(platform, ada, code, key=SigningKey.generate())) == (403, "code")
    platform.clock.advance_s(ANSWER_S - 1)
    assert enrols(platform, ada, code).status_code == 201
    assert refused(enrols(platform, ada, code)) == (403, "code")
    other = invited(platform, ada, device="third").json()
    assert other["expires_us"] == platform.clock.read().t_us + ANSWER_S * 1_000_000
    platform.clock.advance_s(ANSWER_S)
    assert refused(enrols(platform, ada, other["code"])) == (403, "code")


def test_the_code_is_for_the_keys_that_the_directory_names(platform: RunningPlatform, ada: Member) -> None:
    code = invited(platform, ada).json()["code"]
    thief = Member("ada", ("trainer",), (), platform.organisation.fingerprint)
    thief.person_key, thief.reading_key = SigningKey.generate(), ReadingKey.generate()
    assert refused(enrols(platform, thief, code)) == (409, "keys")
    assert enrols(platform, ada, code).status_code == 201


def test_a_name_that_is_taken_and_a_key_that_is_revoked_are_said(platform: RunningPlatform, ada: Member) -> None:
    assert refused(invited(platform, ada, device=ada.device)) == (409, "device")
    gone = Revocation(revoked_key=NEW.public.hex(), revoked_us=platform.clock.read().t_us)
    platform.organisation.revocations += (gone,)
    platform.publish()
    assert refused(invited(platform, ada)) == (409, "revoked")


def test_whom_no_directory_names_invites_nothing(platform: RunningPlatform) -> None:
    assert refused(invited(platform, platform.enrol("newcomer", "trainer"))) == (403, "waiting")


def test_a_device_that_was_revoked_invites_no_other(platform: RunningPlatform, ada: Member) -> None:
    platform.organisation.revocations += (
        Revocation(revoked_key=ada.device_key.public.hex(), revoked_us=platform.clock.read().t_us),
    )
    platform.publish()
    assert invited(platform, ada).status_code == 401


def test_tries_are_counted_for_each_person(tmp_path: Path) -> None:
    with running(tmp_path, Limits(enrol_per_minute=3)) as platform:
        ada, eve = platform.join("ada", "trainer"), platform.join("eve", "trainer")
        tries = [invited(platform, ada, signer=NEW).status_code for _ in range(4)]
        assert tries == [403, 403, 403, 429]
        assert invited(platform, eve).status_code == 201
        platform.clock.advance_s(60)
        assert invited(platform, ada).status_code == 201


def test_recovered_keys_must_be_those_of_the_directory_and_the_code_stays_good(
    platform: RunningPlatform, ada: Member
) -> None:
    code = platform.invite("ada", "trainer")
    wrong = Member("ada", ("trainer",), (), platform.organisation.fingerprint)
    wrong.person_key, wrong.reading_key = SigningKey.generate(), ReadingKey.generate()
    assert refused(enrols(platform, wrong, code, recovered=True)) == (409, "keys")
    answer = enrols(platform, ada, code, recovered=True)
    assert answer.status_code == 201
    assert platform.client(answer.json()["token"]).get("/v1/sessions").status_code == 200
    assert platform.admin.client.get("/v1/enrolments").json() == {"enrolments": []}
