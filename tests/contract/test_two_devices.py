# SPDX-License-Identifier: Apache-2.0
"""A recovery code and a second device, from one key store to another over a real platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from server_running import PROJECT, RunningPlatform, running

from agent.keys.file_store import FileKeyStore
from fairwitness.opening import reading_keys
from session import EnvironmentFault, InputFault
from session.crypto.recovery_code import code_words, new_secret, person_keys, secret_of
from session.crypto.signing import SigningKey
from session.trust.directory import Person
from session.trust.pairing import DeviceRequest, parse_answer, parse_request
from uploader import devices
from uploader.client import PlatformClient
from uploader.enrol import Enrolled, EnrolmentLink, PersonNames, enrol


@dataclass(frozen=True)
class Machine:
    """A folder and a key store of its own."""

    platform: RunningPlatform
    home: Path

    @property
    def keys(self) -> FileKeyStore:
        return FileKeyStore(self.home / "keys")

    @property
    def org_fp(self) -> str:
        return self.platform.organisation.fingerprint

    def held(self, name: str) -> bytes | None:
        return self.keys.get(f"person/{self.org_fp}/{name}")

    def link(self, person: str = "ada") -> EnrolmentLink:
        code = self.platform.invite(person, "trainer")
        return EnrolmentLink(self.platform.address, self.org_fp, person, code)

    def enrol(self, link: EnrolmentLink | None = None, *, recovery: bytes | None = None, anew: bool = False) -> Enrolled:
        clock = self.platform.clock
        folder = self.home / "organisation"
        return enrol(link or self.link(), folder, key_store=self.keys, clock=clock, recovery=recovery, anew=anew)

    def client(self) -> PlatformClient:
        token = self.keys.get(f"platform/{self.org_fp}/token")
        assert token is not None
        return PlatformClient(self.platform.address, token.decode(), clock=self.platform.clock)

    def works(self) -> bool:
        token = self.keys.get(f"platform/{self.org_fp}/token") or b""
        return self.platform.client(token.decode()).get("/v1/sessions").status_code == 200

    def answer(self, request: DeviceRequest) -> str:
        clock = self.platform.clock
        given = devices.answer(
            request, self.client(), organisation=self.org_fp, person="ada", key_store=self.keys, clock=clock
        )
        return str(given)

    def take(self, answer: str) -> Enrolled:
        folder = self.home / "organisation"
        return devices.take(parse_answer(answer), folder, key_store=self.keys, clock=self.platform.clock)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        yield started


def sign_in(platform: RunningPlatform, machine: Machine) -> None:
    """The next directory names the keys of this machine as ada's."""
    signing, reading = machine.held("signing"), machine.held("reading")
    assert signing is not None
    assert reading is not None
    (posted,) = [
        one
        for one in platform.admin.client.get("/v1/enrolments").json()["enrolments"]
        if one["person_key"] == SigningKey(signing).public.hex()
    ]
    ada = Person(
        id="ada",
        name="Ada",
        roles=("trainer",),
        projects=(PROJECT,),
        person_key=posted["person_key"],
        reading_key=posted["reading_key"],
    )
    platform.publish(people=(*(member.entry() for member in platform.organisation.members), ada))


@pytest.fixture
def first(platform: RunningPlatform, tmp_path: Path) -> Machine:
    machine = Machine(platform, tmp_path / "first")
    machine.enrol()
    sign_in(platform, machine)
    assert machine.works()
    return machine


@pytest.fixture
def second(platform: RunningPlatform, tmp_path: Path) -> Machine:
    return Machine(platform, tmp_path / "second")


def secret_at(machine: Machine) -> bytes:
    secret = machine.held("recovery")
    assert secret is not None
    return secret


def test_the_keys_of_an_enrolment_come_from_its_code(first: Machine) -> None:
    keys = person_keys(secret_at(first), first.org_fp)
    assert (first.held("signing"), first.held("reading")) == (keys.signing.seed, keys.reading.seed)


def test_the_code_brings_the_keys_back_and_the_directory_stays(first: Machine, second: Machine) -> None:
    version = first.platform.organisation.version
    paper = " ".join(code_words(secret_at(first)))
    second.enrol(recovery=secret_of(paper))
    assert second.works()
    assert first.works()
    assert [second.held(name) for name in ("recovery", "signing", "reading")] == [
        first.held(name) for name in ("recovery", "signing", "reading")
    ]
    assert first.keys.get(f"device/{first.org_fp}/signing") != second.keys.get(f"device/{first.org_fp}/signing")
    assert first.platform.organisation.version == version


def test_another_persons_code_is_refused_before_the_link_is_used_up(first: Machine, second: Machine) -> None:
    link = second.link()
    with pytest.raises(EnvironmentFault, match="other keys than those of this recovery code"):
        second.enrol(link, recovery=new_secret())
    second.enrol(link, recovery=secret_at(first))
    assert second.works()


def test_a_code_does_not_replace_the_keys_of_a_computer_that_is_enrolled(first: Machine) -> None:
    held = first.held("signing")
    with pytest.raises(InputFault, match="is enrolled already, with other keys"):
        first.enrol(recovery=new_secret())
    assert first.held("signing") == held
    first.enrol(recovery=secret_at(first))
    assert first.works()


def test_keys_without_a_code_stay_until_new_ones_are_asked_for_and_can_still_read(
    platform: RunningPlatform, second: Machine
) -> None:
    names = PersonNames(second.org_fp)
    second.keys.put(names.signing, b"\x11" * 32)
    second.keys.put(names.reading, b"\x12" * 32)
    second.enrol()
    sign_in(platform, second)
    assert (second.held("recovery"), second.held("signing")) == (None, b"\x11" * 32)
    with pytest.raises(EnvironmentFault, match=r"no code for them.*--new-keys"):
        second.answer(devices.ask(FileKeyStore(second.home / "elsewhere")))
    second.enrol(anew=True)
    keys = person_keys(secret_at(second), second.org_fp)
    assert second.held("signing") == keys.signing.seed
    assert {key.seed for key in reading_keys(second.keys)} == {b"\x12" * 32, keys.reading.seed}
    assert not second.works()  # until the admin has signed the new keys in
    sign_in(platform, second)
    assert second.works()


def test_a_second_device_joins_by_two_texts_and_both_work(first: Machine, second: Machine) -> None:
    asked = devices.ask(second.keys, "Ada's laptop")
    request = parse_request(str(asked))
    answer = first.answer(request)
    assert parse_answer(answer).words(request) == parse_answer(answer).words(asked)
    done = second.take(answer)
    assert (done.person, done.device) == ("ada", "Ada's laptop")
    assert (first.works(), second.works()) == (True, True)
    device = second.keys.get(f"device/{second.org_fp}/signing")
    assert device is not None
    assert SigningKey(device).public.hex() == asked.signing
    assert second.keys.names("pairing/") == []
    assert second.held("recovery") == first.held("recovery")


def test_an_answer_is_taken_once_and_only_where_it_was_asked(first: Machine, second: Machine, tmp_path: Path) -> None:
    answer = first.answer(devices.ask(second.keys))
    third = Machine(first.platform, tmp_path / "third")
    with pytest.raises(InputFault, match="made no request"):
        third.take(answer)
    devices.ask(third.keys)
    with pytest.raises(InputFault, match="for another request"):
        third.take(answer)
    second.take(answer)
    with pytest.raises(InputFault, match="made no request"):
        second.take(answer)


def test_a_new_request_takes_the_place_of_the_one_before(first: Machine, second: Machine) -> None:
    answer = first.answer(devices.ask(second.keys, "one"))
    again = devices.ask(second.keys, "two")
    with pytest.raises(InputFault, match="for another request"):
        second.take(answer)
    assert devices.asked(second.keys) == again


def test_an_answer_of_ten_minutes_ago_is_refused_here_and_there(first: Machine, second: Machine) -> None:
    answer = first.answer(devices.ask(second.keys))
    first.platform.clock.advance_s(600)
    with pytest.raises(InputFault, match="more than ten minutes old"):
        second.take(answer)
    assert second.keys.names(f"person/{second.org_fp}") == []


def test_an_answer_of_somebody_elses_keys_is_refused(first: Machine, second: Machine) -> None:
    request = devices.ask(second.keys)
    other = new_secret()
    first.keys.put(f"person/{first.org_fp}/recovery", other)
    with pytest.raises(EnvironmentFault, match="signature"):
        first.answer(request)


@pytest.mark.parametrize("name", ["x" * 65, "a\nb"])
def test_a_name_that_cannot_be_shown_is_refused(second: Machine, name: str) -> None:
    with pytest.raises(InputFault, match="1 to 64 characters"):
        devices.ask(second.keys, name)
    assert devices.asked(second.keys) is None


def test_an_enrolment_that_broke_off_after_the_secret_goes_on_with_it(platform: RunningPlatform, second: Machine) -> None:
    secret = new_secret()
    second.keys.put(f"person/{second.org_fp}/recovery", secret)
    second.enrol()
    assert second.held("signing") == person_keys(secret, second.org_fp).signing.seed
    assert msgspec.structs.asdict(second.link())["person"] == "ada"
