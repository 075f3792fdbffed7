# SPDX-License-Identifier: Apache-2.0
"""The admin's office against a real platform: people, roles, epochs, policies, and what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from office_skews import SkippedClock, telling

from agent.clock import SystemClock
from fairwitness.cli import run
from fairwitness.office import Office, open_office
from fairwitness.organisation import found_organisation
from fairwitness.places import Places
from fairwitness.sending import prepare
from server.config import ServerConfig
from server.serve import background
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey, fingerprint, six_words
from session.offices import Newcomer
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.policy_text import policy_toml, with_values
from session.trust.directory import Directory, open_review_key
from session.trust.lifetime import DAY_US, Term
from uploader.client import Answer, Request
from uploader.enrol import enrol, parse_link

PROJECT = "comparisons"


def _key(directory: Directory, name: str) -> str:
    return str(getattr(directory.platform, name))


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform's folder and an admin's, of which each test works on a copy."""
    folder = tmp_path_factory.mktemp("founded")
    config = ServerConfig(folder=folder / "platform", port=0)
    found_organisation(config, "Fair Comparisons", "eve", keys=Places(folder / "eve").key_store(), clock=SystemClock())
    return folder


@pytest.fixture
def home(tmp_path: Path, founded: Path) -> Iterator[Path]:
    """An admin's folder whose platform runs and is known."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    with background(ServerConfig(folder=tmp_path / "platform", port=0), SystemClock()) as address:
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


def waiting(office: Office, *persons: str) -> list[Newcomer]:
    """These as the window shows them now."""
    shown = {one.person: one for one in office.newcomers()}
    return [shown[one] for one in persons]


def sign_in(office: Office, *persons: str) -> Directory:
    return office.admit(waiting(office, *persons))


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
    shown = waiting(office, "ada")
    join(office, tmp_path / "second", "ada", "trainer")  # somebody else uses another link of hers
    again = waiting(office, "ada")  # the window has asked anew meanwhile, and the row on the screen is the first
    with pytest.raises(IntegrityFault, match="compare again"):
        office.admit(shown)
    assert office.directory().person("ada") is None
    assert again[0].words != shown[0].words
    assert sign_in(office, "ada").person("ada") is not None


@pytest.mark.parametrize("changed", [{"roles": ["admin", "reviewer"]}, {"projects": []}, {"name": "Somebody else"}])
def test_roles_that_change_after_they_were_shown_are_not_signed(
    changed: dict[str, object], tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(office, tmp_path, "mallory", "trainer")
    shown = waiting(office, "mallory")
    assert [one.roles for one in shown] == [("trainer",)]
    with monkeypatch.context() as lying:
        answering(office, lying, **changed)
        with pytest.raises(IntegrityFault, match="look again"):
            office.admit(shown)
    assert office.directory().person("mallory") is None
    assert office.admit(shown).person("mallory") is not None


def test_a_newcomer_whom_the_platform_keeps_back_is_said_and_not_passed_over(
    tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    join(office, tmp_path, "ada", "trainer")
    shown = waiting(office, "ada")
    monkeypatch.setattr("fairwitness.organisation.AdminDesk.enrolments", lambda _: ())
    with pytest.raises(InputFault, match="ada"):
        office.admit(shown)


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
    with pytest.raises(EnvironmentFault, match="found an organisation"):
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
        office.admit([msgspec.structs.replace(one, person="nobody")])
    assert office.directory().person("ada") is None
    member = office.admit([one]).person("ada")
    assert member is not None
    assert office.newcomers() == ()
    assert prepare(tmp_path / "ada") > 0  # grants are held: the trainer can start


def test_only_those_who_were_chosen_are_signed_in(tmp_path: Path, office: Office) -> None:
    join(office, tmp_path, "ada", "trainer")
    join(office, tmp_path, "ugo", "trainer")
    assert {one.person for one in office.newcomers()} == {"ada", "ugo"}
    directory = sign_in(office, "ugo")
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


class TestLossAndEnd:
    """Devices, keys and people that go, and what of the directory ends."""

    def test_devices_are_those_that_the_persons_own_keys_certified(
        self, tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        join(office, tmp_path, "ada", "trainer")
        join(office, tmp_path, "bo", "reviewer")
        assert office.devices() == ()  # nobody's keys are in the directory yet
        sign_in(office, "ada", "bo")
        assert [(one.person, one.revoked_us) for one in office.devices()] == [("ada", None), ("bo", None)]
        telling(office, monkeypatch, lambda ada, bo: [ada | {"device_certificate": bo["device_certificate"]}])
        with pytest.raises(IntegrityFault, match="signed by"):
            office.devices()
        telling(office, monkeypatch, lambda ada, bo: [ada | {"person": "bo"}, bo])
        assert [one.person for one in office.devices()] == ["bo"]  # its key is not Bo's of the directory

    def test_a_lost_device_stops_and_says_so_and_its_sessions_stay(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "ada", "trainer")
        sign_in(office, "ada")
        assert prepare(tmp_path / "ada") > 0
        (device,) = office.devices()
        since_us = SystemClock().read().t_us - 3_600_000_000
        office.revoke_device("ada", device.device, since_us)
        assert [one.revoked_us for one in office.devices()] == [since_us]
        with pytest.raises(
            EnvironmentFault, match=r"^This device was revoked by your organisation as of .* new enrolment link"
        ):
            prepare(tmp_path / "ada")
        assert list((tmp_path / "ada" / "grants").iterdir())  # nothing that was here is gone
        with pytest.raises(InputFault, match=r"^since: it is revoked already"):
            office.revoke_device("ada", device.device)
        with pytest.raises(InputFault, match=r"^device: “ada” has no device “other”"):
            office.revoke_device("ada", "other")

    def test_a_person_whose_keys_were_revoked_enrols_anew(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "bo", "reviewer")
        sign_in(office, "bo")
        office.revoke_person("bo")
        with pytest.raises(EnvironmentFault, match="person were revoked by your organisation"):
            prepare(tmp_path / "bo")
        project = office.directory().project(PROJECT)
        assert project is not None
        assert project.review_keys[-1].wraps == ()
        join(office, tmp_path / "anew", "bo", "reviewer")
        sign_in(office, "bo")
        project = office.directory().project(PROJECT)
        assert project is not None
        assert [one.person for one in project.review_keys[-1].wraps] == ["bo"]
        prepare(tmp_path / "anew" / "bo")
        for person in ("nobody", "eve"):
            with pytest.raises(InputFault, match=r"^person|^roles"):
                office.revoke_person(person)

    def test_who_is_removed_is_gone_at_once(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "ada", "trainer")
        sign_in(office, "ada")
        assert office.remove("ada").person("ada") is None
        assert office.devices() == ()
        with pytest.raises(EnvironmentFault, match="does not know this device any more"):
            prepare(tmp_path / "ada")
        with pytest.raises(InputFault, match=r"^roles: without an admin"):
            office.remove("eve")

    def test_what_ends_soon_is_signed_anew_and_only_then(self, home: Path) -> None:
        office = open_office(home)
        before = office.directory()
        assert not office.renew()
        assert office.directory() == before
        later = SkippedClock(61)
        office._desk._clock = later
        assert office.renew()
        after = office.directory()
        old, new = after.projects[0].review_keys
        assert old.until_us == new.from_us == later.read_us
        assert after.expires_us == after.issued_us + 365 * DAY_US
        assert not office.renew()

    def test_a_daily_task_renews_and_says_whether_it_did(
        self, home: Path, office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert run(("directory", "renew", "--home", str(home), "--json")) == 0
        assert capsys.readouterr().out == '{"renewed": false}\n'
        monkeypatch.setattr("fairwitness.office.SystemClock", lambda: SkippedClock(61))
        assert run(("directory", "renew", "--home", str(home))) == 0
        assert capsys.readouterr().out == "Signed anew and published.\n"
        assert [one.epoch for one in office.directory().projects[0].review_keys] == [1, 2]

    def test_new_keys_of_the_platform_are_signed_in_by_their_six_words_alone(
        self, home: Path, office: Office, capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ("directory", "keys", "--home", str(home))
        with pytest.raises(InputFault, match="no new keys wait"):
            run(asked)
        assert run(("renew-keys", "--folder", str(home.parent / "platform"), "--key", "receipt", "--key", "log")) == 0
        words = capsys.readouterr().out.partition("In six words: ")[2].splitlines()[0].split()
        with pytest.raises(InputFault, match=r"these are not the six words .* Nothing was signed"):
            run((*asked, "--words", *words[::-1]))
        with pytest.raises(InputFault, match="say the six words"):
            run(asked)
        before = office.directory()
        capsys.readouterr()
        assert run((*asked, "--stolen", "--words", *words)) == 0
        shown = capsys.readouterr().out
        assert "New keys wait on the platform: receipt, log." in shown
        assert "Stolen keys end now." in shown
        after = office.directory()
        changed = {name for name in ("grant_key", "receipt_key", "witness_key") if _key(before, name) != _key(after, name)}
        assert changed == {"receipt_key"}
        assert after.version == before.version + 1
        assert after.revoked_us(before.platform.receipt_key) is not None
        assert run(("renew-keys", "--folder", str(home.parent / "platform"), "--key", "receipt")) == 0
        renewal = office.platform_renewal()
        once = office.renew_platform(renewal, stolen=False)
        assert (once.version, once.platform.receipt_key) == (after.version + 1, renewal.receipt)
        assert office.renew_platform(renewal, stolen=False) == once  # as after an answer that was lost

    def test_wraps_are_emptied_when_the_longest_retention_is_over(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "bo", "reviewer")
        sign_in(office, "bo")
        kept = parse_policy(default_policy_toml()).retention
        longest = max(kept.captures_days, kept.statistics_days, kept.decisions_days)
        for days, holders in ((90 + longest - 1, ["bo"]), (91 + longest, [])):
            office._desk._clock = SkippedClock(days)
            office.renew()
            project = office.directory().project(PROJECT)
            assert project is not None
            second = next(one for one in project.review_keys if one.epoch == 2)
            assert [one.person for one in second.wraps] == holders, days

    def test_the_admin_hands_on_earlier_review_keys_only_as_a_reviewer(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "bo", "reviewer")
        sign_in(office, "bo")
        with pytest.raises(InputFault, match=r"^project: there is no earlier review key"):
            office.grant_earlier(PROJECT, "bo")
        office.change("eve", ("admin", "reviewer"), (PROJECT,))
        join(office, tmp_path, "dora", "reviewer")
        sign_in(office, "dora")
        (epoch,) = office.grant_earlier(PROJECT, "dora")
        project = office.directory().project(PROJECT)
        assert project is not None
        granted = next(one for one in project.review_keys if one.epoch == epoch)
        seed = Places(tmp_path / "dora").key_store().get(f"person/{office.owner().organisation}/reading")
        assert seed is not None
        opened = open_review_key(office.owner().organisation, PROJECT, granted, "dora", ReadingKey.from_seed(seed))
        assert opened.public.hex() == granted.public_key

    def test_a_new_review_key_begins_when_the_admin_says_so(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "bo", "reviewer")
        sign_in(office, "bo")
        before = office.directory().projects[0].review_keys
        *kept, last = office.begin_epoch(PROJECT).projects[0].review_keys
        assert (last.epoch, [one.person for one in last.wraps]) == (before[-1].epoch + 1, ["bo"])
        assert kept[-1].until_us == last.from_us
        assert [one.public_key for one in kept] == [one.public_key for one in before]
        with pytest.raises(InputFault, match=r"^project: the directory has no project “other”"):
            office.begin_epoch("other")

    def test_all_that_the_office_shows_is_asked_for_at_once(self, tmp_path: Path, office: Office) -> None:
        join(office, tmp_path, "bo", "reviewer")
        sign_in(office, "bo")
        join(office, tmp_path, "ada", "trainer")
        link = office.invite("chen", "Chen", ("trainer",), ())
        office.revoke_person("bo")
        shown = office.standing()
        assert shown.directory == office.directory()
        assert [one.person for one in shown.newcomers] == ["ada"]
        assert [one.link for one in shown.invited] == [link]
        (device,) = shown.devices
        assert (device.person, device.cosigned_us) == ("bo", 0)
        assert device.revoked_us == shown.directory.revocations[0].revoked_us  # by its person's key
        assert shown.due == ()
        office._clock = SkippedClock(360)
        assert [one.term for one in office.standing().due] == [Term.DIRECTORY, Term.REVIEW_KEY]


class TestLinksThatWait:
    """Codes stay with the admin's keys until they are used, taken back or expired."""

    def kept(self, home: Path) -> list[str]:
        return list(Places(home).key_store().names("invitation/"))

    def test_a_closed_window_loses_no_link(self, home: Path, office: Office) -> None:
        link = office.invite("ada", "Ada", ("trainer",), (PROJECT,))
        (one,) = open_office(home).invited()
        assert (one.person, one.name, one.roles, one.projects, one.link) == ("ada", "Ada", ("trainer",), (PROJECT,), link)
        assert len(self.kept(home)) == 1

    def test_a_used_one_is_forgotten(self, tmp_path: Path, home: Path, office: Office) -> None:
        join(office, tmp_path, "ada", "trainer")
        assert len(self.kept(home)) == 1
        assert office.invited() == ()
        assert self.kept(home) == []

    def test_one_that_is_over_by_this_clock_is_forgotten_whatever_the_platform_says(
        self, home: Path, office: Office
    ) -> None:
        office.invite("ada", "Ada", ("trainer",), ())
        office._invitations._clock = SkippedClock(8)
        assert office.invited() == ()
        assert self.kept(home) == []

    def test_one_that_was_taken_back_opens_nothing(self, tmp_path: Path, home: Path, office: Office) -> None:
        link = parse_link(office.invite("ada", "Ada", ("trainer",), ()))
        (one,) = office.invited()
        office.withdraw(one.code_sha256)
        assert office.invited() == ()
        assert self.kept(home) == []
        places = Places(tmp_path / "ada")
        with pytest.raises(EnvironmentFault, match="code"):
            enrol(link, places.organisation, key_store=places.key_store(), clock=SystemClock())

    def test_one_that_was_used_meanwhile_is_said(self, tmp_path: Path, office: Office) -> None:
        link = parse_link(office.invite("ada", "Ada", ("trainer",), ()))
        (one,) = office.invited()
        places = Places(tmp_path / "ada")
        enrol(link, places.organisation, key_store=places.key_store(), clock=SystemClock())
        with pytest.raises(EnvironmentFault, match="used this code already"):
            office.withdraw(one.code_sha256)

    def test_one_of_another_computer_is_shown_without_its_link(self, home: Path, office: Office) -> None:
        office.invite("ada", "Ada", ("trainer",), ())
        for name in self.kept(home):
            Places(home).key_store().delete(name)
        (one,) = office.invited()
        assert (one.person, one.link) == ("ada", "")
