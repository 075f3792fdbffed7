# SPDX-License-Identifier: Apache-2.0
"""How an organisation is founded, how people join it, and what a directory does to tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from server_running import PROJECT, YEAR_US, Client, Member, Organisation, RunningPlatform, StillClock, running, sha256

from server.access.tokens import CODE_BYTES, new_code
from server.config import Limits, ServerConfig
from server.serve import background
from server.setup import found, platform_keys
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.signing import SigningKey
from session.policy import policy_digest
from session.trust.directory import Revocation, open_directory


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        yield started


def test_platform_keys_are_four_kept_and_for_the_owner_alone(tmp_path: Path) -> None:
    keys = platform_keys(tmp_path / "p")
    assert platform_keys(tmp_path / "p") == keys
    assert len({keys.grant, keys.receipt, keys.witness, keys.log}) == 4
    files = list((tmp_path / "p" / "keys").iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "p" / "keys").stat().st_mode & 0o777 == 0o700
    files[0].chmod(0o644)
    with pytest.raises(EnvironmentFault, match="read by others"):
        platform_keys(tmp_path / "p")


def test_a_damaged_key_file_is_named_and_not_replaced(tmp_path: Path) -> None:
    platform_keys(tmp_path)
    (tmp_path / "keys" / "witness.seed").write_bytes(b"short")
    with pytest.raises(EnvironmentFault, match="witness"):
        platform_keys(tmp_path)
    assert (tmp_path / "keys" / "witness.seed").read_bytes() == b"short"


def founding(tmp_path: Path, *roles: str) -> tuple[ServerConfig, Organisation]:
    config = ServerConfig(folder=tmp_path / "p", port=0)
    organisation = Organisation(config.folder)
    organisation.members.append(Member("first", roles or ("admin",), (), organisation.fingerprint))
    return config, organisation


def test_an_organisation_is_founded_once(tmp_path: Path) -> None:
    config, organisation = founding(tmp_path)
    directory = organisation.sign()
    token = found(config, organisation.root.public, directory, StillClock())
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    with pytest.raises(InputFault, match="already"):
        found(config, organisation.root.public, directory, StillClock())
    held = (config.folder / "platform.sqlite3").read_bytes()
    assert token.encode() not in held
    assert organisation.root.seed not in held


def test_what_cannot_found_an_organisation(tmp_path: Path) -> None:
    config, organisation = founding(tmp_path)
    other = msgspec.structs.replace(organisation.platform, grant_key=SigningKey.generate().public.hex())
    with pytest.raises(InputFault, match=r"platform\.grant_key"):
        found(config, organisation.root.public, organisation.sign(platform=other), StillClock())
    with pytest.raises(IntegrityFault):
        found(config, SigningKey.generate().public, organisation.sign(), StillClock())
    late = StillClock()
    late.advance_s(YEAR_US / 1_000_000)
    with pytest.raises(InputFault, match="expires_us"):
        found(config, organisation.root.public, organisation.sign(), late)
    with pytest.raises(InputFault, match="no such admin"):
        found(config, organisation.root.public, organisation.sign(), StillClock(), admin="second")
    config, organisation = founding(tmp_path / "without", "trainer")
    with pytest.raises(InputFault, match="no such admin"):
        found(config, organisation.root.public, organisation.sign(), StillClock())


def test_codes_have_more_than_80_bits_and_are_all_different() -> None:
    assert 8 * CODE_BYTES >= 80
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {22}
    assert all(re.fullmatch("[a-z2-9]+", code) for code in codes)


def test_a_person_joins(platform: RunningPlatform) -> None:
    ada = platform.enrol("ada", "trainer")
    (posted,) = platform.admin.client.get("/v1/enrolments").json()["enrolments"]
    assert posted["person"] == "ada"
    assert (posted["roles"], posted["projects"]) == (["trainer"], [PROJECT])
    assert (posted["person_key"], posted["reading_key"]) == (ada.person_key.public.hex(), ada.reading_key.public.hex())
    assert posted["device_certificate"] == ada.certificate.decode()
    assert ada.client.get("/v1/directory").status_code == 200
    refused = ada.client.get("/v1/sessions")
    assert (refused.status_code, refused.json()["error"]) == (403, "waiting")
    platform.organisation.members.append(ada)
    platform.publish()
    assert ada.client.get("/v1/sessions").json() == {"sessions": []}
    assert platform.admin.client.get("/v1/enrolments").json() == {"enrolments": []}


def test_a_code_opens_once(platform: RunningPlatform) -> None:
    code = platform.invite("ada", "trainer")
    ada = Member("ada", ("trainer",), (PROJECT,), platform.organisation.fingerprint)
    assert platform.client().post("/v1/enrol", json=ada.enrol_body(code)).status_code == 201
    again = platform.client().post("/v1/enrol", json=ada.enrol_body(code, device="second"))
    assert (again.status_code, again.json()["error"]) == (403, "code")


def test_a_code_expires_and_is_for_one_person(platform: RunningPlatform) -> None:
    code = platform.invite("ada", "trainer")
    fp = platform.organisation.fingerprint
    eve = Member("eve", ("trainer",), (PROJECT,), fp)
    refused = platform.client().post("/v1/enrol", json=eve.enrol_body(code))
    assert (refused.status_code, refused.json()["error"]) == (422, "certificate")
    platform.clock.advance_s(platform.config.limits.invitation_s)
    ada = Member("ada", ("trainer",), (PROJECT,), fp)
    assert platform.client().post("/v1/enrol", json=ada.enrol_body(code)).json()["error"] == "code"


@pytest.mark.parametrize("field", ["code", "person_key", "reading_key", "device_certificate", "proof"])
def test_the_proof_binds_every_field_and_a_wrong_one_uses_no_code(platform: RunningPlatform, field: str) -> None:
    code = platform.invite("ada", "trainer")
    fp = platform.organisation.fingerprint
    ada, other = Member("ada", ("trainer",), (), fp), Member("other", ("trainer",), (), fp)
    wrong = {**other.enrol_body(code), "code": platform.invite("eve", "trainer")}
    body = ada.enrol_body(code)
    refused = platform.client().post("/v1/enrol", json=body | {field: wrong[field]})
    assert (refused.status_code, refused.json()["error"]) == (422, "proof")
    assert platform.client().post("/v1/enrol", json=body).status_code == 201


def test_a_second_device_of_a_person_who_is_named_works_at_once(platform: RunningPlatform) -> None:
    ada = platform.join("ada", "trainer")
    taken = platform.client().post("/v1/enrol", json=ada.enrol_body(platform.invite("ada", "trainer")))
    assert (taken.status_code, taken.json()["error"]) == (409, "device")
    answer = platform.client().post("/v1/enrol", json=ada.enrol_body(platform.invite("ada", "trainer"), device="desktop"))
    assert answer.json()["device"] == "desktop"
    assert platform.client(answer.json()["token"]).get("/v1/sessions").status_code == 200


def test_tries_are_counted_by_the_minute(tmp_path: Path) -> None:
    with running(tmp_path, Limits(enrol_per_minute=3)) as platform:
        nobody = Member("mallory", ("trainer",), (), platform.organisation.fingerprint)
        tries = [platform.client().post("/v1/enrol", json=nobody.enrol_body("a" * 22)).status_code for _ in range(5)]
        assert tries == [403, 403, 403, 429, 429]
        assert platform.join("ada", "trainer").client.get("/v1/directory").status_code == 200, "a good code opens as ever"
        platform.clock.advance_s(60)
        assert platform.client().post("/v1/enrol", json=nobody.enrol_body("a" * 22)).status_code == 403


def test_whom_the_directory_removes_opens_nothing(platform: RunningPlatform) -> None:
    ada = platform.join("ada", "trainer")
    platform.organisation.members.remove(ada)
    platform.publish()
    assert ada.client.get("/v1/directory").status_code == 401
    assert ada.client.get("/v1/sessions").status_code == 401


def test_replaced_and_revoked_keys_open_nothing(platform: RunningPlatform) -> None:
    ada = platform.join("ada", "trainer")
    now_us = platform.clock.read().t_us
    device = Revocation(revoked_key=ada.device_key.public.hex(), revoked_us=now_us + 5_000_000)
    platform.organisation.revocations += (device,)
    platform.publish()
    assert ada.client.get("/v1/sessions").status_code == 200
    platform.clock.advance_s(5)
    assert ada.client.get("/v1/sessions").status_code == 401
    eve = platform.join("eve", "trainer")
    assert eve.client.get("/v1/directory").status_code == 200
    people = tuple(
        msgspec.structs.replace(one.entry(), person_key=SigningKey.generate().public.hex()) if one is eve else one.entry()
        for one in platform.organisation.members
    )
    platform.publish(people=people)
    assert eve.client.get("/v1/directory").status_code == 401


def test_the_roles_of_the_directory_count_not_those_of_the_invitation(platform: RunningPlatform) -> None:
    ada = platform.join("ada", "trainer")
    ada.roles = ("reviewer",)
    platform.publish()
    assert ada.client.post("/v1/grants", data=b"{}").status_code == 403


def test_the_directory_has_a_tag(platform: RunningPlatform) -> None:
    answer = platform.admin.client.get("/v1/directory")
    tag = answer.headers["ETag"]
    assert tag == f'"{sha256(answer.content)}"'
    again = platform.admin.client.get("/v1/directory", headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    platform.publish()
    assert platform.admin.client.get("/v1/directory", headers={"If-None-Match": tag}).status_code == 200


def test_which_directories_are_taken(platform: RunningPlatform) -> None:
    put = platform.admin.client.put
    organisation = platform.organisation
    held = platform.publish()
    assert put("/v1/directory", data=held).status_code == 204
    for wrong in (organisation.sign(version=2, name="Fork"), organisation.sign(version=1)):
        refused = put("/v1/directory", data=wrong)
        assert (refused.status_code, refused.json()["error"]) == (409, "version")
    organisation.version = 2
    other = Organisation(platform.config.folder)
    other.members = organisation.members
    for wrong in (other.sign(version=9), held[:-1], b"", b"{}"):
        refused = put("/v1/directory", data=wrong)
        assert (refused.status_code, refused.json()["error"]) == (422, "directory")
    keys = msgspec.structs.replace(organisation.platform, witness_key=SigningKey.generate().public.hex())
    assert "platform.witness_key" in put("/v1/directory", data=organisation.sign(platform=keys)).json()["detail"]
    assert "people" in put("/v1/directory", data=organisation.sign(people=())).json()["detail"]
    assert open_directory(platform.admin.client.get("/v1/directory").content).version == 2


def test_policies_by_digest(platform: RunningPlatform) -> None:
    client, toml = platform.admin.client, platform.organisation.policy
    path = f"/v1/policies/{policy_digest(toml)}"
    assert client.get(path).status_code == 404
    assert [client.put(path, data=toml).status_code for _ in range(2)] == [201, 200]
    assert client.get(path).content == toml
    assert client.put(f"/v1/policies/{'0' * 64}", data=toml).json()["error"] == "digest"
    wrong = toml.replace(b"ask_after_s", b"ask_after_h")
    refused = client.put(f"/v1/policies/{policy_digest(wrong)}", data=wrong)
    assert refused.status_code == 422
    assert "ask_after" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"person": "a", "name": "a", "roles": ["boss"], "projects": []}, "roles"),
        ({"person": "a", "name": "a", "roles": [], "projects": []}, "roles"),
        ({"person": "", "name": "a", "roles": ["admin"], "projects": []}, "person"),
        ({"person": "a", "name": "a", "roles": ["admin"]}, "projects"),
        ({"person": "a", "name": "a", "roles": ["admin"], "projects": [], "more": 1}, "more"),
        ({"person": "a", "name": 7, "roles": ["admin"], "projects": []}, "name"),
    ],
)
def test_a_wrong_field_is_named(platform: RunningPlatform, body: dict[str, object], said: str) -> None:
    refused = platform.admin.client.post("/v1/invitations", json=body)
    assert refused.status_code == 422
    assert said in refused.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"person": NaN}',
        b'{"person":"a","person":"b","name":"a","roles":["admin"],"projects":[]}',
        b'{"person":"a","name":"a","roles":["admin"],"projects":[]} x',
        b"[" * 100_000,
    ],
)
def test_what_is_no_strict_json_is_refused(platform: RunningPlatform, text: bytes) -> None:
    refused = platform.admin.client.post("/v1/invitations", data=text)
    assert (refused.status_code, refused.json()["error"]) == (422, "input")


def test_half_a_character_in_an_enrolment_is_refused_and_no_fault(platform: RunningPlatform) -> None:
    fields = {"person_key": "0" * 64, "reading_key": "0" * 64, "device_certificate": "x", "proof": "0" * 128}
    body = json.dumps({"code": "\ud800" * 22} | fields)
    refused = platform.client().post("/v1/enrol", data=body)
    assert (refused.status_code, refused.json()["error"]) == (422, "input")


def test_a_body_over_its_bound_is_refused_by_its_length_and_by_its_bytes(platform: RunningPlatform) -> None:
    limit = platform.config.limits.json_max_bytes
    large = json.dumps({"person": "a" * limit}).encode()
    assert platform.admin.client.post("/v1/invitations", data=large).status_code == 413
    assert platform.admin.client.post("/v1/invitations", data=iter([large[: limit // 2]] * 3)).status_code == 413


def test_before_it_is_founded_a_platform_says_so(tmp_path: Path) -> None:
    with background(ServerConfig(folder=tmp_path, port=0), StillClock()) as address:
        client = Client(address, "token")
        assert client.get("/v1/health").status_code == 200
        ada = Member("ada", ("trainer",), (), "0" * 64)
        refused = client.post("/v1/enrol", json=ada.enrol_body(new_code()))
        assert (refused.status_code, refused.json()["error"]) == (503, "not-founded")
        assert client.get("/v1/directory").status_code == 401
        client.close()
