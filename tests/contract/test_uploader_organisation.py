# SPDX-License-Identifier: Apache-2.0
"""Enrolling a device, and keeping directory, policies and grants up to date, at the real platform."""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from server_running import PROJECT, RunningPlatform, running
from trust_builders import organisation, signing_key
from uploader_clock import StillClock
from uploader_loopback import LoopbackPeer
from uploader_loopback import http as http_answer
from uploader_platform import outbox_of

from agent.keys.file_store import FileKeyStore
from server.config import Limits
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey, six_words
from session.ports import Outcome
from session.trust.certificates import certify_session
from session.trust.directory import Person, open_directory, sign_directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import DeviceCertificate, Grant, SessionCertificate, open_statement, sign
from ui.strings import Words
from uploader.client import PlatformClient
from uploader.enrol import Enrolled, EnrolmentLink, enrol, parse_link
from uploader.organisation import GrantWish, Organisation, refresh, top_up
from uploader.uplink import REFRESH_US, REST_US, Uplink

_NUMBERS = itertools.count()


class Device:
    """A machine before and after enrolment."""

    def __init__(self, platform: RunningPlatform, home: Path) -> None:
        self.platform, self.home, self.clock = platform, home, StillClock(platform.clock.read().t_us)
        self.key_store = FileKeyStore(home / "keys")
        self.person = f"person-{next(_NUMBERS)}"

    @property
    def org_fp(self) -> str:
        return self.platform.organisation.fingerprint

    def link(self, **changes: str) -> EnrolmentLink:
        code = self.platform.invite(self.person, "trainer")
        fields = {"platform": self.platform.address, "organisation": self.org_fp, "person": self.person, "code": code}
        return EnrolmentLink(**(fields | changes))

    def enrol(self, **changes: str) -> Enrolled:
        link = parse_link(str(self.link(**changes)))
        return enrol(link, self.home / "organisation", key_store=self.key_store, clock=self.clock)

    def named(self) -> None:
        """The admin takes this person's keys into the next directory."""
        entry = Person(
            id=self.person,
            name=self.person.title(),
            roles=("trainer",),
            projects=(PROJECT,),
            person_key=self.signing("person").public.hex(),
            reading_key=ReadingKey.from_seed(self.secret(f"person/{self.org_fp}/reading")).public.hex(),
        )
        people = (*(one.entry() for one in self.platform.organisation.members), entry)
        self.platform.publish(people=people)

    def secret(self, name: str) -> bytes:
        found = self.key_store.get(name)
        assert found is not None
        return found

    def signing(self, whose: str) -> SigningKey:
        return SigningKey.from_seed(self.secret(f"{whose}/{self.org_fp}/signing"))

    @property
    def client(self) -> PlatformClient:
        return PlatformClient(self.platform.address, self.secret(f"platform/{self.org_fp}/token").decode(), clock=self.clock)

    @property
    def organisation(self) -> Organisation:
        return Organisation(self.home / "organisation", self.org_fp)


class Shelf:
    """A shelf of grants that wants `count` of them."""

    def __init__(self, device: Device, own: Enrolled, count: int, project: str = PROJECT) -> None:
        self.device, self.own, self.count, self.project = device, own, count, project
        self.grants: dict[str, bytes] = {}
        self.wishes: dict[str, GrantWish] = {}

    def wanted(self) -> Sequence[GrantWish]:
        while len(self.wishes) < self.count:
            session_id = secrets.token_hex(16)
            certificate = certify_session(
                self.device.signing("device"),
                organisation=self.own.organisation,
                device=self.own.device,
                session_id=session_id,
                session_public=SigningKey.generate().public,
                issued_us=self.device.clock.t_us,
            )
            self.wishes[session_id] = GrantWish(self.project, session_id, certificate.decode())
        return [wish for session_id, wish in self.wishes.items() if session_id not in self.grants]

    def keep(self, session_id: str, grant: bytes) -> None:
        self.grants[session_id] = grant


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("platform"), Limits(enrol_per_minute=1000)) as made:
        made.put_policy()
        made.join("tess", "trainer")
        yield made


@pytest.fixture
def device(platform: RunningPlatform, tmp_path: Path) -> Device:
    return Device(platform, tmp_path)


# -- enrolling ---------------------------------------------------------------------------------------------------------


def test_enrolling_makes_keys_pins_the_root_and_keeps_the_token(device: Device) -> None:
    own = device.enrol()
    assert (own.organisation, own.person) == (device.org_fp, device.person)
    assert device.key_store.names("") == sorted(
        (
            f"person/{device.org_fp}/signing",
            f"person/{device.org_fp}/reading",
            f"person/{device.org_fp}/recovery",
            f"device/{device.org_fp}/signing",
            f"platform/{device.org_fp}/token",
        )
    )
    kept = device.organisation
    certificate = open_statement(kept.device_certificate, DeviceCertificate, device.signing("person").public)
    assert (certificate.person, certificate.device) == (own.person, own.device)
    assert certificate.device_key == device.signing("device").public.hex()
    assert kept.address == device.platform.address
    assert kept.root_public == device.platform.organisation.root.public
    assert refresh(device.client, kept).outcome is Outcome.STOP, "until a directory names the keys, it opens no policy"
    device.named()
    assert refresh(device.client, kept).done
    assert kept.directory().person(device.person) is not None
    assert kept.missing_policies() == []


def test_a_used_code_is_said_and_a_new_one_keeps_the_persons_keys(device: Device, tmp_path: Path) -> None:
    link = device.link()
    enrol(link, tmp_path / "organisation", key_store=device.key_store, clock=device.clock)
    before = device.secret(f"person/{device.org_fp}/signing")
    with pytest.raises(EnvironmentFault, match="code"):
        enrol(link, tmp_path / "organisation", key_store=device.key_store, clock=device.clock)
    again = device.enrol()
    assert device.secret(f"person/{device.org_fp}/signing") == before
    assert strict_json(read_envelope(device.organisation.device_certificate)[1], DeviceCertificate).device == again.device


def test_a_platform_of_another_root_is_refused_and_named(device: Device) -> None:
    other = hashlib.sha256(b"another root").hexdigest()
    link = device.link()
    enrol(link, device.home / "first", key_store=device.key_store, clock=device.clock)
    directory = Organisation(device.home / "first", device.org_fp).directory_text
    answers = {
        "POST": http_answer(201, msgspec.json.encode({"person": "p", "device": "d", "token": "t" * 43})),
        "GET": http_answer(200, directory),
    }
    with LoopbackPeer(answers["POST"], answers["GET"]) as peer:
        false = EnrolmentLink(peer.address, other, "p", link.code)
        with pytest.raises(IntegrityFault) as refused:
            enrol(false, device.home / "second", key_store=device.key_store, clock=device.clock)
    for fingerprint in (other, device.org_fp):
        assert " ".join(six_words(fingerprint)) in str(refused.value)
    assert device.key_store.get(f"platform/{other}/token") is None
    assert not (device.home / "second" / "directory.dsse").exists()


def test_what_broke_off_after_the_token_goes_on_with_the_same_link(device: Device) -> None:
    link = device.link()
    token = http_answer(201, b'{"person":"p","device":"d","token":"' + b"t" * 43 + b'"}', headers=[("Connection", "close")])
    with LoopbackPeer(token, http_answer(503)) as peer:
        broken = msgspec.structs.replace(link, platform=peer.address)
        with pytest.raises(EnvironmentFault):
            enrol(broken, device.home / "organisation", key_store=device.key_store, clock=device.clock)
        assert peer.connections == 2
    directory = device.platform.admin.client.get("/v1/directory").content
    with LoopbackPeer(http_answer(200, directory)) as peer:
        broken = msgspec.structs.replace(link, platform=peer.address)
        enrol(broken, device.home / "organisation", key_store=device.key_store, clock=device.clock)
        assert peer.requests[0].startswith(b"GET /v1/directory")
        assert b"Bearer " + b"t" * 43 in peer.requests[0]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"token":""}', b'{"token":"a b"}', b'{"token":7}'])
def test_an_answer_that_is_no_token_is_refused(device: Device, body: bytes) -> None:
    with LoopbackPeer(http_answer(201, body)) as peer, pytest.raises(IntegrityFault):
        device.enrol(platform=peer.address)


def test_an_unreachable_platform_is_said(device: Device) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        device.enrol(platform="http://127.0.0.1:1")


def test_a_link_survives_its_way_and_a_damaged_one_is_named(device: Device) -> None:
    link = device.link(person="jörg & co=?#")
    text = str(link)
    assert parse_link(f"  {text}\n") == parse_link(f"F{text[1:90]}\n{text[90:]}") == link
    for damaged, named in (
        ("", "fairwitness:enrol"),
        ("https://platform.example", "fairwitness:enrol"),
        (text[:-20], "code"),
        (text.replace("organisation=", "organisation=x"), "fingerprint is not 64 digits"),
        (text.replace("organisation=", "organisation=%00"), "fingerprint is not 64 digits"),
        (text.replace("platform=http", "platform=&x=http"), "not whole"),
        ("http://[", "fairwitness:enrol"),
        ("fairwitness:enrol//[?" + text.partition("?")[2], "fairwitness:enrol"),
        (text.replace("&code=", "&kode="), "not whole"),
        (text + "&code=x", "not whole"),
        (text.partition("&")[0], "between two '"),
    ):
        with pytest.raises(InputFault, match=named) as raised:
            parse_link(damaged)
        assert not set("^$\\[`") & set(str(raised.value)), "a pattern is no word"
        assert Words("it").fault(str(raised.value)) != str(raised.value)


# -- directory, policies, grants ---------------------------------------------------------------------------------------


@pytest.fixture
def enrolled(device: Device) -> tuple[Device, Enrolled]:
    own = device.enrol()
    device.named()
    assert refresh(device.client, device.organisation).done
    return device, own


def test_an_unchanged_directory_is_not_sent_again(enrolled: tuple[Device, Enrolled]) -> None:
    device, _ = enrolled
    assert refresh(device.client, device.organisation).status == 304


def test_a_newer_directory_is_kept_with_its_policies(enrolled: tuple[Device, Enrolled]) -> None:
    device, _ = enrolled
    held = device.organisation
    before = held.directory().version
    device.named()
    assert refresh(device.client, held).done
    assert held.directory().version == before + 1
    assert device.organisation.directory().version == before + 1
    (sha256,) = held.directory().policies
    policy = held.policy(sha256)
    assert policy == device.platform.organisation.policy
    (device.home / "organisation/policies" / f"{sha256}.toml").write_bytes(b"another")
    with pytest.raises(IntegrityFault):
        held.policy(sha256)
    assert held.policy("0" * 64) is None


def test_a_lower_forked_or_foreign_directory_is_refused_and_the_held_one_stays(enrolled: tuple[Device, Enrolled]) -> None:
    device, _ = enrolled
    held = device.organisation
    root = device.platform.organisation.root
    now = held.directory()
    foreign = organisation(root=signing_key("a foreign root"))
    for offered, named in (
        (sign_directory(msgspec.structs.replace(now, version=now.version - 1), root), "rolled back"),
        (sign_directory(msgspec.structs.replace(now, name="Forked"), root), "forked"),
        (foreign.directory_bytes(), "signed by"),
        (b"{}", "JSON"),
    ):
        with LoopbackPeer(http_answer(200, offered)) as peer:
            answer = refresh(PlatformClient(peer.address, "t", clock=device.clock), held)
        assert (answer.outcome, answer.malformed) == (Outcome.RETRY, True)
        assert named in answer.words
        assert held.directory() == now
        assert device.organisation.directory() == now


def test_a_policy_that_is_not_the_named_one_is_refused(enrolled: tuple[Device, Enrolled]) -> None:
    device, _ = enrolled
    held = device.organisation
    (sha256,) = held.directory().policies
    (device.home / "organisation/policies" / f"{sha256}.toml").unlink()
    with LoopbackPeer(http_answer(304, headers=[("Connection", "close")]), http_answer(200, b"version = 1")) as peer:
        answer = refresh(PlatformClient(peer.address, "t", clock=device.clock), held)
    assert (answer.malformed, held.missing_policies()) == (True, [sha256])


def test_the_shelf_is_filled_by_twenty_and_each_grant_verifies(enrolled: tuple[Device, Enrolled]) -> None:
    device, own = enrolled
    shelf = Shelf(device, own, 20)
    held = device.organisation
    assert top_up(device.client, held, shelf).done
    assert len(shelf.grants) == 20
    for session_id, text in shelf.grants.items():
        grant = open_statement(text, Grant, bytes.fromhex(held.directory().platform.grant_key))
        assert (grant.session, grant.person, grant.project) == (session_id, own.person, PROJECT)
    assert top_up(device.client, held, shelf).done, "nothing is wanted, nothing is asked"
    shelf.count += 1
    full = top_up(device.client, held, shelf)
    assert (full.outcome, full.words) == (Outcome.DONE, ""), "a platform that gives no more for now is no trouble"
    assert len(shelf.grants) == 20


def test_grants_that_were_changed_swapped_or_signed_by_another_are_not_kept(enrolled: tuple[Device, Enrolled]) -> None:
    device, own = enrolled
    held = device.organisation
    shelf, other = Shelf(device, own, 2), Shelf(device, own, 1)
    assert top_up(device.client, held, other).done
    (foreign,) = other.grants.values()
    first = shelf.wanted()[0]
    grant = open_statement(foreign, Grant, bytes.fromhex(held.directory().platform.grant_key))
    forged = msgspec.structs.replace(grant, session=first.session_id)
    for grants in (
        [foreign.decode()] * 2,
        [foreign.decode()],
        [],
        ["{}", "{}"],
        [_signed(forged), _signed(forged)],
        None,
    ):
        body = msgspec.json.encode({"grants": grants} if grants is not None else [])
        with LoopbackPeer(http_answer(200, body)) as peer:
            answer = top_up(PlatformClient(peer.address, "t", clock=device.clock), held, shelf)
        assert (answer.malformed, shelf.grants) == (True, {})


def _signed(grant: Grant) -> str:
    return sign(grant, signing_key("not the platform")).decode()


# -- the uplink --------------------------------------------------------------------------------------------------------


def test_a_grant_in_another_persons_name_is_not_kept(enrolled: tuple[Device, Enrolled]) -> None:
    """A session under it would fail step 6 for good."""
    device, own = enrolled
    key = signing_key("a platform that lies")
    directory = device.organisation.directory()
    platform = msgspec.structs.replace(directory.platform, grant_key=key.public.hex())
    lying = msgspec.structs.replace(directory, version=directory.version + 1, platform=platform)
    held = device.organisation
    held.offer(sign_directory(lying, device.platform.organisation.root))
    shelf = Shelf(device, own, 1)
    (wish,) = shelf.wanted()
    certificate = strict_json(read_envelope(wish.session_certificate.encode())[1], SessionCertificate)
    grant = Grant(
        organisation=own.organisation,
        session=wish.session_id,
        session_key=certificate.session_key,
        device=certificate.device,
        person=own.person,
        project=PROJECT,
        policy_sha256=lying.policies[0],
        directory_sha256=hashlib.sha256(held.directory_text).hexdigest(),
        nonce="ab" * 16,
        issued_us=device.clock.t_us,
        start_by_us=device.clock.t_us + 1,
    )
    for person, kept in (("tess", 0), (own.person, 1)):
        text = sign(msgspec.structs.replace(grant, person=person), key).decode()
        with LoopbackPeer(http_answer(200, msgspec.json.encode({"grants": [text]}))) as peer:
            answer = top_up(PlatformClient(peer.address, "t", clock=device.clock), held, shelf)
        assert (answer.malformed, len(shelf.grants)) == (not kept, kept), answer.words


@pytest.fixture
def uplink(enrolled: tuple[Device, Enrolled]) -> Iterator[tuple[Uplink, Shelf, Device]]:
    device, own = enrolled
    shelf = Shelf(device, own, 3)
    outbox = outbox_of(device.platform, device.home, device.clock)
    made = Uplink(
        device.client, device.organisation, outbox, shelf=shelf, clock=device.clock, randbelow=lambda most: most - 1
    )
    yield made, shelf, device
    made.stop()
    outbox.close()


def test_supplies_come_at_the_start_each_hour_and_when_asked_for(uplink: tuple[Uplink, Shelf, Device]) -> None:
    up, shelf, device = uplink
    assert up.turn() == 60_000_000
    assert len(shelf.grants) == 3
    shelf.count = 4
    up.turn()
    assert len(shelf.grants) == 3
    device.clock.advance(REFRESH_US)
    up.turn()
    assert len(shelf.grants) == 4
    shelf.count = 5
    up.ask_supplies()
    up.turn()
    assert len(shelf.grants) == 5


def test_supplies_that_are_asked_for_while_others_come_are_not_forgotten(uplink: tuple[Uplink, Shelf, Device]) -> None:
    up, shelf, _ = uplink
    kept = shelf.keep

    def keep(session_id: str, grant: bytes) -> None:
        kept(session_id, grant)
        if len(shelf.grants) == 1:
            shelf.count = 4  # as where a session begins at this moment
            up.ask_supplies()

    shelf.keep = keep  # type: ignore[method-assign] # what another thread does meanwhile
    assert up.turn() == 0
    assert len(shelf.grants) == 3
    assert up.turn() == 60_000_000
    assert len(shelf.grants) == 4


def test_what_is_in_the_way_is_said_and_tried_again_with_backoff(uplink: tuple[Uplink, Shelf, Device]) -> None:
    up, shelf, device = uplink
    shelf.project = "unknown"
    assert up.turn() == 2_000_000
    assert up.state().message
    assert not up.state().offline, "a platform that refuses is reached"
    assert up.turn() == 2_000_000, "nothing is asked before its time"
    device.clock.advance(2_000_000)
    assert up.turn() == 4_000_000
    shelf.project = PROJECT
    shelf.wishes.clear()
    device.clock.advance(4_000_000)
    up.turn()
    assert (up.state().message, len(shelf.grants)) == ("", 3)


def test_a_fault_of_this_machine_is_said_and_the_thread_goes_on(uplink: tuple[Uplink, Shelf, Device]) -> None:
    up, shelf, _ = uplink

    def full(session_id: str, grant: bytes) -> None:
        raise EnvironmentFault("The disk is full.")

    shelf.keep = full  # type: ignore[method-assign]
    up.turn()
    assert up.state().message == "The disk is full."
    up._outbox.close()
    (up._outbox._path).unlink()
    up._outbox._path.mkdir()
    assert up.turn() == REST_US
    assert "list of sessions" in up.state().message


def test_the_thread_wakes_for_work_and_ends_when_told(uplink: tuple[Uplink, Shelf, Device]) -> None:
    up, shelf, _ = uplink
    shelf.count = 1
    heard: list[int] = []
    done = threading.Event()

    def keep(session_id: str, grant: bytes) -> None:
        heard.append(1)
        shelf.grants[session_id] = grant
        done.set()

    shelf.keep = keep  # type: ignore[method-assign]
    up.start()
    assert done.wait(20)
    done.clear()
    shelf.count = 2
    up.ask_supplies()
    assert done.wait(20), "it slept, and was woken"
    assert up.stop()
    assert len(heard) == 2


def test_directories_are_read_with_the_root_that_was_pinned(enrolled: tuple[Device, Enrolled]) -> None:
    device, _ = enrolled
    with pytest.raises(IntegrityFault, match="another organisation"):
        Organisation(device.home / "organisation", "0" * 64)
    assert open_directory(device.organisation.directory_text) == device.organisation.directory()
