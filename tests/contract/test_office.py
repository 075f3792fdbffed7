# SPDX-License-Identifier: Apache-2.0
"""The admin's office against a real platform: people, roles, epochs, policies, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from agent.clock import SystemClock
from fairwitness.office import Office, open_office
from fairwitness.organisation import found_organisation
from fairwitness.places import Places
from fairwitness.sending import prepare
from server.config import ServerConfig
from server.serve import background
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.signing import SigningKey, fingerprint, six_words
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.policy_text import policy_toml, with_values
from uploader.client import Answer, Request
from uploader.enrol import enrol, parse_link

PROJECT = "comparisons"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An admin's folder whose platform runs and is known."""
    clock = SystemClock()
    config = ServerConfig(folder=tmp_path / "platform", port=0)
    found_organisation(config, "Fair Comparisons", "eve", keys=Places(tmp_path / "eve").key_store(), clock=clock)
    with background(config, clock) as address:
        open_office(tmp_path / "eve", address).publish(PROJECT, "Comparisons", default_policy_toml())
        yield tmp_path / "eve"


@pytest.fixture
def office(home: Path) -> Office:
    return open_office(home)


def join(office: Office, folder: Path, person: str, *roles: str) -> Places:
    """Somebody is invited and enrols; they are not signed in yet."""
    link = parse_link(office.invite(person, person.title(), roles, (PROJECT,)))
    places = Places(folder / person)
    enrol(link, places.organisation, key_store=places.key_store(), clock=SystemClock())
    return places


def sign_in(office: Office, person: str) -> None:
    assert person in [one.person for one in office.newcomers()]
    office.admit([person])


def answering(office: Office, monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    """A platform that tells something else of everybody who waits."""
    send = office._desk._client.send

    def lie(asked: Request) -> Answer:
        answer = send(asked)
        if asked.what != "enrolments":
            return answer
        told = msgspec.json.decode(answer.body)
        return msgspec.structs.replace(
            answer, body=msgspec.json.encode({"enrolments": [one | changed for one in told["enrolments"]]})
        )

    monkeypatch.setattr(office._desk._client, "send", lie)


def test_a_reading_key_that_the_platform_put_in_a_newcomers_place_is_refused(
    tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(office, tmp_path, "bo", "reviewer")
    answering(office, monkeypatch, reading_key="ab" * 32)
    with pytest.raises(IntegrityFault, match="“bo” do not belong together"):
        office.newcomers()


def test_another_persons_whole_keys_are_refused_too(tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    join(office, tmp_path, "ada", "trainer")
    answering(office, monkeypatch, person="bo")
    with pytest.raises(IntegrityFault, match="do not belong together"):
        office.newcomers()


def test_keys_that_change_after_their_words_were_shown_are_not_signed_in(tmp_path: Path, office: Office) -> None:
    join(office, tmp_path / "first", "ada", "trainer")
    shown = office.newcomers()
    join(office, tmp_path / "second", "ada", "trainer")  # somebody else uses another link of hers
    with pytest.raises(IntegrityFault, match="compare again"):
        office.admit(["ada"])
    assert office.directory().person("ada") is None
    again = office.newcomers()
    assert again[0].words != shown[0].words
    assert office.admit(["ada"]).person("ada") is not None


def test_nobody_is_invited_without_identifier_or_role(office: Office) -> None:
    with pytest.raises(InputFault, match=r"^person"):
        office.invite(" ", "Ada", ("trainer",), ())
    with pytest.raises(InputFault, match=r"^roles"):
        office.invite("ada", "Ada", (), ())


def test_the_address_is_asked_for_once_and_stands_in_the_directory(home: Path) -> None:
    office = open_office(home)
    assert office.directory().platform.address.startswith("http://127.0.0.1:")
    assert office.owner().person == "eve"
    assert office.owner().words == tuple(six_words(office.owner().organisation))


def test_without_root_key_token_or_address_it_says_what_to_do(tmp_path: Path, home: Path) -> None:
    with pytest.raises(EnvironmentFault, match="found one"):
        open_office(tmp_path / "nobody")
    (home / "office" / "address").unlink()
    with pytest.raises(EnvironmentFault, match="--platform"):
        open_office(home)
    store = Places(home).key_store()
    store.delete(store.names("platform/")[0])
    with pytest.raises(EnvironmentFault, match="token"):
        open_office(home)


def test_a_newcomer_waits_with_six_words_until_signed_in(tmp_path: Path, office: Office) -> None:
    places = join(office, tmp_path, "ada", "trainer")
    (one,) = office.newcomers()
    seed = places.key_store().get(f"person/{office.owner().organisation}/signing")
    assert seed is not None
    assert one.words == tuple(six_words(fingerprint(SigningKey.from_seed(seed, "ada").public)))
    assert (one.person, one.name, one.roles, one.projects) == ("ada", "Ada", ("trainer",), (PROJECT,))
    with pytest.raises(InputFault, match="nobody"):
        office.admit(["nobody"])
    assert office.directory().person("ada") is None
    member = office.admit(["ada"]).person("ada")
    assert member is not None
    assert office.newcomers() == ()
    assert prepare(tmp_path / "ada") > 0  # grants are held: the trainer can start


def test_only_those_who_were_chosen_are_signed_in(tmp_path: Path, office: Office) -> None:
    join(office, tmp_path, "ada", "trainer")
    join(office, tmp_path, "ugo", "trainer")
    assert {one.person for one in office.newcomers()} == {"ada", "ugo"}
    directory = office.admit(["ugo"])
    assert directory.person("ada") is None
    assert [one.person for one in office.newcomers()] == ["ada"]


def test_a_reviewer_who_comes_or_goes_begins_a_new_epoch_and_others_do_not(tmp_path: Path, office: Office) -> None:
    def epochs() -> list[int]:
        project = office.directory().project(PROJECT)
        assert project is not None
        return [one.epoch for one in project.review_keys]

    begun = epochs()[-1]
    join(office, tmp_path, "ada", "trainer")
    sign_in(office, "ada")
    assert epochs()[-1] == begun
    join(office, tmp_path, "bo", "reviewer")
    sign_in(office, "bo")
    assert epochs()[-1] == begun + 1
    office.change("ada", ("trainer",), ())
    assert epochs()[-1] == begun + 1
    office.change("bo", ("trainer",), (PROJECT,))
    assert epochs()[-1] == begun + 2
    project = office.directory().project(PROJECT)
    assert project is not None
    assert project.review_keys[-1].wraps == ()


@pytest.mark.parametrize(
    ("person", "roles", "projects", "field"),
    [
        ("nobody", ("trainer",), (), "person"),
        ("eve", ("ruler",), (), "roles"),
        ("eve", ("trainer",), (), "roles"),
        ("eve", ("admin",), ("no-such",), "projects"),
    ],
)
def test_what_cannot_be_is_refused_and_named(
    office: Office, person: str, roles: tuple[str, ...], projects: tuple[str, ...], field: str
) -> None:
    before = office.directory()
    with pytest.raises(InputFault, match=f"^{field}"):
        office.change(person, roles, projects)
    assert office.directory() == before


def test_a_policy_is_published_and_read_again(office: Office) -> None:
    changed = with_values(parse_policy(default_policy_toml()), {"captures.interval_s": 120, "disclosure.captures": "sent"})
    toml = policy_toml(changed)
    directory = office.publish(PROJECT, "Comparisons", toml)
    project = directory.project(PROJECT)
    assert project is not None
    assert project.policy_sha256 == policy_digest(toml)
    assert office.policy(project.policy_sha256) == toml
    with pytest.raises(InputFault, match="project"):
        office.publish(" ", "", toml)
    with pytest.raises(InputFault, match="interval_s"):
        office.publish(PROJECT, "", toml.replace(b"interval_s = 120", b"interval_s = 1"))


def test_another_policy_than_was_asked_for_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = office.directory().policies[0]
    send = office._desk._client.send
    monkeypatch.setattr(
        office._desk._client, "send", lambda asked: msgspec.structs.replace(send(asked), body=b"version = 1")
    )
    with pytest.raises(IntegrityFault, match="another policy"):
        office.policy(sha256)


def test_a_platform_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    clock = SystemClock()
    config = ServerConfig(folder=tmp_path / "platform", port=0)
    found_organisation(config, "Org", "eve", keys=Places(tmp_path / "eve").key_store(), clock=clock)
    with background(config, clock) as address:
        office = open_office(tmp_path / "eve", address)
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        office.directory()
