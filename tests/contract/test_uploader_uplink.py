# SPDX-License-Identifier: Apache-2.0
"""The uplink's one thread between a running session, sealed ones that wait, and the real platform."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from server_running import PROJECT, Member, RunningPlatform, running
from server_sessions import LiveSession, session_id_of, short_session
from uploader_clock import StillClock
from uploader_loopback import LoopbackPeer
from uploader_loopback import http as http_answer
from uploader_platform import client_of, outbox_of
from uploader_proxy import RecordingProxy

from session import EnvironmentFault
from session.crypto.signing import SigningKey
from session.ports import GrantWish
from session.verify import verify_session
from ui.strings import Words
from uploader.evidence import kept
from uploader.organisation import GrantShelf, Organisation
from uploader.outbox import DurableOutbox
from uploader.uplink import REVOKED, Uplink, UplinkState
from uploader.witness import WatchedSession

_NUMBERS = itertools.count()
PATIENCE_S = 20


class FullShelf:
    """A shelf that wants nothing."""

    def wanted(self) -> Sequence[GrantWish]:
        return ()

    def keep(self, session_id: str, grant: bytes) -> None:
        raise AssertionError((session_id, grant))


class ShortShelf:
    """A shelf that wants one grant until it has it; `locked`: its key store opens only then."""

    def __init__(self, trainer: Member) -> None:
        keys = SigningKey.generate()
        session_id = secrets.token_hex(16)
        certificate = trainer.certify_session(session_id, keys.public).decode()
        self.wish = GrantWish(PROJECT, session_id, certificate)
        self.grants: dict[str, bytes] = {}
        self.locked = False

    def wanted(self) -> Sequence[GrantWish]:
        if self.locked:
            raise EnvironmentFault("The keyring is locked. Unlock it.")
        return () if self.grants else (self.wish,)

    def keep(self, session_id: str, grant: bytes) -> None:
        self.grants[session_id] = grant


class Heard:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.came = threading.Event()

    def cosigned(self, size: int, line: str) -> None:
        assert line
        self.told.append(f"cosigned {size}")
        self.came.set()

    def offline(self) -> None:
        self.told.append("offline")
        self.came.set()

    def witness_fault(self, detail: str) -> None:
        self.told.append(f"fault {detail}")

    def lost(self, cosigned_size: int) -> None:
        self.told.append(f"lost {cosigned_size}")


class Agent:
    """One trainer's machine."""

    def __init__(self, platform: RunningPlatform, trainer: Member, home: Path) -> None:
        self.platform, self.trainer, self.home = platform, trainer, home
        self.clock = StillClock()
        self.outbox: DurableOutbox = outbox_of(platform, home, self.clock)
        directory = trainer.client.get("/v1/directory").content
        self.organisation = Organisation.found(home / "organisation", trainer.organisation, directory, platform.address)
        (home / "organisation" / "device.dsse").write_bytes(trainer.certificate)
        self.heard = Heard()

    def uplink(self, address: str = "", shelf: GrantShelf | None = None) -> Uplink:
        client = client_of(self.platform, self.trainer, address=address, clock=self.clock)
        return Uplink(client, self.organisation, self.outbox, shelf=shelf or FullShelf(), clock=self.clock)

    def running(self, uplink: Uplink) -> tuple[LiveSession, WatchedSession]:
        name = f"uplink {next(_NUMBERS)}"
        session = LiveSession(self.platform, self.trainer, self.home / "running" / session_id_of(name), name)
        return session, self.watch(uplink, session)

    def watch(self, uplink: Uplink, session: LiveSession) -> WatchedSession:
        public, tree = session.keys.signing.public, session.journal.tree
        return uplink.watch(session.id, public, tree, self.heard, terms=session.terms)

    def sealed(self) -> LiveSession:
        name = f"uplink {next(_NUMBERS)}"
        session = short_session(self.platform, self.trainer, self.home / "spool" / session_id_of(name), name)
        session.seal(receipt=False)
        self.platform.clock.reach(session.reading.t_us)
        return session

    def state(self, session: LiveSession) -> str:
        return next(item.state for item in self.outbox.items() if item.session_id == session.id)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPlatform, Member]]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        platform.put_policy()
        trainer = platform.join("tess", "trainer")
        platform.join("rob", "reviewer")
        platform.issue_review_key()
        yield platform, trainer


@pytest.fixture
def agent(place: tuple[RunningPlatform, Member], tmp_path: Path) -> Iterator[Agent]:
    (tmp_path / "running").mkdir()
    made = Agent(*place, tmp_path)
    yield made
    made.outbox.close()


def test_a_checkpoint_goes_between_the_files_of_a_session_that_is_being_sent(agent: Agent) -> None:
    waiting = agent.sealed()
    agent.outbox.put(waiting.id, waiting.folder, not_before_us=0)
    handed_in: list[int] = []
    parts: list[tuple[LiveSession, WatchedSession]] = []

    def while_a_file_is_sent(line: str) -> bool:
        if "/blobs/" in line and not handed_in:
            session, watched = parts[0]
            session.tick()
            note = session.checkpoint().note.encode()
            handed_in.append(session.journal.size - 1)
            watched.submit(note, handed_in[0])
        return False

    with RecordingProxy(agent.platform.address, drop_answer=while_a_file_is_sent) as proxy:
        uplink = agent.uplink(proxy.address)
        parts.append(agent.running(uplink))
        uplink.turn()
        kinds = [tail.split()[1] for tail in proxy.tails]
    assert agent.heard.told == [f"cosigned {handed_in[0]}"]
    assert kinds.index("add-checkpoint") < kinds.index("seal"), "it did not wait for the whole session"
    assert agent.state(waiting) == "confirmed"
    uplink.stop()


def test_a_stop_ends_a_transfer_between_two_files_and_the_next_start_goes_on(agent: Agent) -> None:
    waiting = agent.sealed()
    agent.outbox.put(waiting.id, waiting.folder, not_before_us=0)
    uplinks: list[Uplink] = []

    def stop_after_a_file(line: str) -> bool:
        if "/blobs/" in line:
            uplinks[0]._stopping.set()
        return False

    with RecordingProxy(agent.platform.address, drop_answer=stop_after_a_file) as proxy:
        uplinks.append(agent.uplink(proxy.address))
        uplinks[0].turn()
        assert len([tail for tail in proxy.tails if tail.startswith("PUT")]) == 1
    assert agent.state(waiting) == "waiting"
    agent.outbox.release(waiting.id)
    with RecordingProxy(agent.platform.address) as proxy:
        agent.uplink(proxy.address).turn()
        assert len([tail for tail in proxy.tails if tail.startswith("PUT")]) == 2, "one file was there, and the seal"
    assert agent.state(waiting) == "confirmed"
    assert verify_session(waiting.folder).receipt


def test_the_thread_sends_what_is_put_and_cosigns_what_is_handed_in(agent: Agent) -> None:
    confirmed = threading.Event()
    uplink = agent.uplink()
    uplink.start()
    try:
        session, watched = agent.running(uplink)
        session.tick()
        note = session.checkpoint().note.encode()
        watched.submit(note, session.journal.size - 1)
        assert agent.heard.came.wait(PATIENCE_S)
        assert agent.heard.told == [f"cosigned {session.journal.size - 1}"]
        waiting = agent.sealed()
        agent.outbox.listen(lambda: confirmed.set() if agent.state(waiting) == "confirmed" else None)
        agent.outbox.put(waiting.id, waiting.folder, not_before_us=0)
        assert confirmed.wait(PATIENCE_S)
        uplink.end(session.id)
    finally:
        assert uplink.stop()
    assert not any(thread.name == "uplink" for thread in threading.enumerate())


def test_offline_keeps_everything_in_its_place_until_the_network_is_back(agent: Agent) -> None:
    waiting = agent.sealed()
    agent.outbox.put(waiting.id, waiting.folder, not_before_us=0)
    uplink = agent.uplink("http://127.0.0.1:1")
    session, watched = agent.running(uplink)
    session.tick()
    note, size = session.checkpoint().note.encode(), session.journal.size - 1
    watched.submit(note, size)
    for _ in range(5):
        agent.clock.advance(max(1, uplink.turn()))
    assert agent.heard.told == ["offline"]
    assert agent.state(waiting) == "waiting"
    assert "cannot be reached" in uplink.state().message
    assert uplink.state().offline
    back = agent.uplink()
    again = agent.watch(back, session)
    again.submit(note, size)
    agent.outbox.release(waiting.id)
    back.turn()
    assert agent.heard.told == ["offline", f"cosigned {size}"]
    assert agent.state(waiting) == "confirmed"
    assert 0 <= back.turn() <= 60_000_000
    assert back.state() == UplinkState()


def policies(agent: Agent) -> int:
    return len(list((agent.home / "organisation" / "policies").glob("*.toml")))


def test_a_network_that_goes_after_the_directory_has_left_grants_and_policies(agent: Agent) -> None:
    """Enough for a first start without a network: what the log says is looked at when it is back."""
    shelf = ShortShelf(agent.trainer)
    with RecordingProxy(agent.platform.address, drop_answer=lambda line: "/v1/log/" in line) as proxy:
        uplink = agent.uplink(proxy.address, shelf)
        uplink.turn()
        assert uplink.state().offline
    assert [*shelf.grants] == [shelf.wish.session_id]
    assert policies(agent) == len(agent.organisation.directory().policies)


@pytest.mark.parametrize("lie", ["/v1/policies/", "/v1/directory", "/v1/log/checkpoint"])
def test_what_a_platform_misses_or_lies_about_keeps_no_grant_back_and_is_told(agent: Agent, lie: str) -> None:
    shelf = ShortShelf(agent.trainer)

    def rewrite(line: str, status: int, body: bytes) -> tuple[int, bytes]:
        if lie not in line:
            return status, body
        return (404, b"{}") if "policies" in lie else (200, b"lie")

    with RecordingProxy(agent.platform.address, rewrite=rewrite) as proxy:
        uplink = agent.uplink(proxy.address, shelf)
        uplink.turn()
    assert [*shelf.grants] == [shelf.wish.session_id]
    assert uplink.state().message
    assert not uplink.state().offline


def test_a_platform_that_is_away_or_knows_nobody_is_asked_for_no_grants(agent: Agent) -> None:
    for status in (503, 401):
        with RecordingProxy(agent.platform.address, rewrite=lambda _line, _status, _body, now=status: (now, b"{}")) as proxy:
            agent.uplink(proxy.address, ShortShelf(agent.trainer)).turn()
            assert [line.split()[1] for line in proxy.lines] == ["/v1/directory"]


def test_a_locked_keyring_is_told_and_keeps_nobody_from_the_log(agent: Agent) -> None:
    shelf = ShortShelf(agent.trainer)
    shelf.locked = True
    uplink = agent.uplink(shelf=shelf)
    uplink.turn()
    assert agent.organisation.log_note() is not None
    assert uplink.state() == UplinkState("The keyring is locked. Unlock it.")
    shelf.locked = False
    uplink.ask_supplies()
    uplink.turn()
    assert [*shelf.grants] == [shelf.wish.session_id]
    assert uplink.state() == UplinkState()


def test_a_damaged_head_on_this_disk_is_told_accuses_nobody_and_stops_no_sending(agent: Agent) -> None:
    (agent.home / "organisation" / "log.note").write_bytes(bytes(200))
    waiting = agent.sealed()
    agent.outbox.put(waiting.id, waiting.folder, not_before_us=0)
    uplink = agent.uplink(shelf=ShortShelf(agent.trainer))
    uplink.turn()
    uplink.ask_supplies()
    uplink.turn()
    assert uplink.state().message.startswith("log.note:")
    assert "è danneggiato" in Words("it").fault(uplink.state().message)
    assert not uplink.state().offline
    assert kept(agent.home / "organisation") == []
    (item,) = agent.outbox.items()
    assert (item.state, item.last_error) == ("waiting", uplink.state().message)
    (agent.home / "organisation" / "log.note").rename(agent.home / "log.note")
    agent.outbox.release(waiting.id)
    uplink.turn()
    assert agent.state(waiting) == "confirmed"


def test_a_trainer_whose_key_was_revoked_is_told_what_to_do_until_the_session_is_over(agent: Agent) -> None:
    with LoopbackPeer(http_answer(403, b'{"error":"revoked","detail":"y"}', headers=[("Connection", "close")])) as peer:
        uplink = agent.uplink(peer.address)
        session, watched = agent.running(uplink)
        session.tick()
        watched.submit(session.checkpoint().note.encode(), session.journal.size - 1)
        uplink.turn()
        assert uplink.state().message == REVOKED
        uplink.end(session.id)
        assert uplink.state().message != REVOKED
