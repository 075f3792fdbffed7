# SPDX-License-Identifier: Apache-2.0
"""Sending sealed sessions to the real platform, and getting them back from it."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_running import Member, RunningPlatform, running
from server_sessions import LiveSession, session_id_of, short_session
from uploader_clock import StillClock
from uploader_loopback import LoopbackPeer
from uploader_loopback import http as http_answer
from uploader_platform import client_of, outbox_of, receipts_of
from uploader_proxy import RecordingProxy

from session import EnvironmentFault, InputFault, IntegrityFault
from session.events import Kind
from session.frames import ABSENT, read_segment
from session.ports import OutboxItem, Outcome
from session.seal import seal
from session.segments import read_segment_file, segment_paths
from session.verify import verify_session
from uploader.fetch import RemotePlatform
from uploader.outbox import DurableOutbox
from uploader.transfer import send

_NUMBERS = itertools.count()


class Desk:
    """The trainer's machine: an outbox of its own, at a platform with a trainer and a reviewer."""

    def __init__(self, platform: RunningPlatform, trainer: Member, reviewer: Member, home: Path) -> None:
        self.platform, self.trainer, self.reviewer, self.home = platform, trainer, reviewer, home
        self.outbox: DurableOutbox = outbox_of(platform, home)

    def recorded(self) -> LiveSession:
        name = str(next(_NUMBERS))
        return short_session(self.platform, self.trainer, self.home / "spool" / session_id_of(name), name)

    def sealed(self, *captures: bytes) -> LiveSession:
        session = self.recorded()
        for image in captures:
            session.capture(image)
        session.seal(receipt=False)
        self.platform.clock.reach(session.reading.t_us)
        self.outbox.put(session.id, session.folder, not_before_us=0)
        return session

    def send(self, *, address: str = "") -> Outcome:
        item = self.outbox.claim()
        assert item is not None
        return send(item, client_of(self.platform, self.trainer, address=address), self.outbox)

    def item(self, session_id: str) -> OutboxItem:
        return next(item for item in self.outbox.items() if item.session_id == session_id)

    def as_reviewer(self) -> RemotePlatform:
        return RemotePlatform(client_of(self.platform, self.reviewer))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPlatform, Member, Member]]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        platform.put_policy()
        trainer, reviewer = platform.join("tess", "trainer"), platform.join("rob", "reviewer")
        platform.issue_review_key()
        yield platform, trainer, reviewer


@pytest.fixture
def desk(place: tuple[RunningPlatform, Member, Member], tmp_path: Path) -> Iterator[Desk]:
    made = Desk(*place, tmp_path)
    yield made
    made.outbox.close()


def test_a_session_goes_out_once_is_confirmed_and_comes_back_whole(desk: Desk, tmp_path: Path) -> None:
    session = desk.sealed()
    assert desk.send() is Outcome.DONE
    item = desk.item(session.id)
    assert (item.state, item.sent_bytes, item.attempts) == ("confirmed", item.total_bytes, 0)
    receipts_of(desk.platform)(session.id, session.folder, (session.folder / "receipt.dsse").read_bytes())

    (listing,) = (one for one in desk.as_reviewer().sessions() if one.session_id == session.id)
    assert (listing.session_id, listing.person, listing.state) == (session.id, "tess", "sealed")
    fetched = desk.as_reviewer().fetch(session.id, tmp_path / "desk")
    assert fetched == tmp_path / "desk" / session.id
    assert [path.name for path in (tmp_path / "desk").iterdir()] == [session.id]
    verification = verify_session(fetched)
    assert verification.verified, verification.failed_step
    assert verification.receipt
    assert verify_session(session.folder).verified


def test_what_is_withheld_or_removed_never_leaves(desk: Desk, tmp_path: Path) -> None:
    session = desk.recorded()
    withheld = [frame.tail for path in segment_paths(session.folder) for frame, _ in read_segment(read_segment_file(path))]
    session.seal(receipt=False)
    desk.outbox.put(session.id, session.folder, not_before_us=0)
    with RecordingProxy(desk.platform.address) as proxy:
        assert desk.send(address=proxy.address) is Outcome.DONE
        sent = b"".join(proxy.bodies)
    raw = [
        frame
        for path in segment_paths(session.folder)
        for frame, _ in read_segment(read_segment_file(path))
        if frame.kind == Kind.RAW
    ]
    assert raw
    assert withheld
    for frame in raw:
        assert frame.tail not in sent, "the ciphertext of a withheld record"
        assert frame.commit in sent, "its commitment"
    fetched = desk.as_reviewer().fetch(session.id, tmp_path / "desk")
    kept = [frame for path in segment_paths(fetched) for frame, _ in read_segment(read_segment_file(path))]
    assert {frame.flags for frame in kept if frame.kind == Kind.RAW} == {ABSENT}
    assert len(list((fetched / "blobs").iterdir())) == 1, "one of two pictures was removed before the seal"


def test_a_second_attempt_sends_no_file_again_and_gets_the_same_receipt(desk: Desk) -> None:
    session = desk.sealed()
    assert desk.send() is Outcome.DONE
    receipt = (session.folder / "receipt.dsse").read_bytes()
    (session.folder / "receipt.dsse").unlink()
    desk.outbox.close()
    desk.outbox = outbox_of(desk.platform, desk.home)
    with RecordingProxy(desk.platform.address) as proxy:
        assert desk.send(address=proxy.address) is Outcome.DONE
        assert proxy.tails == ["POST missing", "PUT seal"]
    assert (session.folder / "receipt.dsse").read_bytes() == receipt


def test_another_seal_of_the_same_session_is_refused_in_words_and_kept(desk: Desk) -> None:
    session = desk.recorded()
    session.finish()
    twin = shutil.copytree(session.folder, desk.home / "twin" / session.id)
    for folder, sealed_us in ((session.folder, session.reading.t_us + 1), (twin, session.reading.t_us + 2)):
        seal(
            folder,
            session.keys.signing,
            content_keys=session.keys.content,
            project="wren",
            sealed_us=sealed_us,
            directory=None,
        )
    desk.platform.clock.reach(session.reading.t_us + 60_000_000)
    desk.outbox.put(session.id, session.folder, not_before_us=0)
    assert desk.send() is Outcome.DONE
    other = outbox_of(desk.platform, desk.home / "other")
    other.put(session.id, twin, not_before_us=0)
    item = other.claim()
    assert item is not None
    assert send(item, client_of(desk.platform, desk.trainer), other) is Outcome.NEVER
    (refused,) = other.items()
    assert refused.state == "refused"
    assert "another seal" in refused.last_error
    assert verify_session(twin).verified is not None
    assert (twin / "000000.fws").exists()
    other.close()


def test_a_record_that_does_not_verify_is_refused_with_the_platforms_words(desk: Desk) -> None:
    session = desk.recorded()
    session.seal(receipt=False)
    segment = session.folder / "000000.fws"
    whole = bytearray(segment.read_bytes())
    last = None
    for frame, end in read_segment(bytes(whole)):
        last = (frame, end)
    assert last is not None
    sealed = (session.folder / "seal.dsse").read_bytes()
    (session.folder / "seal.dsse").write_bytes(sealed.replace(b'"sig":"', b'"sig":"A', 1).replace(b'=="}', b'="}', 1))
    desk.outbox.put(session.id, session.folder, not_before_us=0)
    assert desk.send() is Outcome.NEVER
    assert desk.item(session.id).state == "refused"
    assert desk.item(session.id).last_error


@pytest.mark.parametrize(
    ("damage", "outcome", "words"),
    [
        ("segment", Outcome.NEVER, "damaged"),
        ("blob", Outcome.NEVER, "not what the record names"),
        ("blob-gone", Outcome.NEVER, "gone without a removal"),
        ("seal", Outcome.NEVER, ""),
        ("policy-gone", Outcome.RETRY, "disk"),
    ],
)
def test_files_that_were_damaged_here_are_said_and_not_sent(desk: Desk, damage: str, outcome: Outcome, words: str) -> None:
    session = desk.sealed()
    (blob,) = (session.folder / "blobs").iterdir()
    target = {
        "segment": session.folder / "000000.fws",
        "blob": blob,
        "blob-gone": blob,
        "seal": session.folder / "seal.dsse",
        "policy-gone": session.folder / "statements/policy.toml",
    }[damage]
    if damage.endswith("-gone"):
        target.unlink()
    else:
        whole = bytearray(target.read_bytes())
        whole[len(whole) // 2] ^= 1
        target.write_bytes(whole)
    assert desk.send() is outcome
    item = desk.item(session.id)
    assert item.state == ("refused" if outcome is Outcome.NEVER else "waiting")
    assert words in item.last_error
    with pytest.raises(EnvironmentFault):
        desk.as_reviewer().fetch(session.id, desk.home / "desk")


def test_a_device_that_is_not_known_any_more_waits_for_a_person(desk: Desk) -> None:
    session = desk.sealed()
    desk.platform.organisation.members.remove(desk.trainer)
    desk.platform.publish()
    outcome = desk.send()
    desk.platform.organisation.members.append(desk.trainer)
    desk.platform.publish()
    assert outcome is Outcome.STOP
    assert (desk.item(session.id).state, desk.outbox.claim()) == ("waiting", None)
    assert "Enrol" in desk.item(session.id).last_error


def test_an_attempt_can_be_ended_between_files_and_goes_on_later(desk: Desk) -> None:
    session = desk.sealed()
    item = desk.outbox.claim()
    assert item is not None
    left = iter((True, True, False))
    client = client_of(desk.platform, desk.trainer)
    assert send(item, client, desk.outbox, between=lambda: next(left)) is Outcome.RETRY
    part = desk.item(session.id)
    assert part.state == "waiting"
    assert 0 < part.sent_bytes < part.total_bytes
    desk.outbox.release(session.id)
    with RecordingProxy(desk.platform.address) as proxy:
        assert desk.send(address=proxy.address) is Outcome.DONE
        assert len([line for line in proxy.lines if "/blobs/" in line]) == 1


def test_a_platform_that_is_switched_off_is_waited_for(desk: Desk) -> None:
    session = desk.sealed()
    assert desk.send(address="http://127.0.0.1:1") is Outcome.RETRY
    assert (desk.item(session.id).state, desk.item(session.id).attempts) == ("waiting", 1)
    assert "cannot be reached" in desk.item(session.id).last_error


# -- fetching ----------------------------------------------------------------------------------------------------------


def test_fetching_goes_on_where_it_broke_off(desk: Desk, tmp_path: Path) -> None:
    session = desk.sealed(bytes(1_000_000), bytes(500_000))
    assert desk.send() is Outcome.DONE
    target = tmp_path / "desk"

    def half(line: str, size: int) -> int | None:
        return size // 2 if "/blobs/" in line and size > 50_000 else None

    with RecordingProxy(desk.platform.address, cut_answer=half) as proxy:
        cut = RemotePlatform(client_of(desk.platform, desk.reviewer, address=proxy.address))
        fetched = cut.fetch(session.id, target)
        got = sum(len(body) for line, body in proxy.answered if "/blobs/" in line)
    assert verify_session(fetched).verified
    total = sum(path.stat().st_size for path in (*fetched.glob("*.fws"), *(fetched / "blobs").iterdir()))
    assert proxy.cuts >= 8
    assert got < 1.15 * total, "what had arrived is not fetched again, but for a part of a chunk a cut"


def test_fetching_again_brings_only_what_is_missing_or_damaged(desk: Desk, tmp_path: Path) -> None:
    session = desk.sealed()
    assert desk.send() is Outcome.DONE
    fetched = desk.as_reviewer().fetch(session.id, tmp_path / "desk")
    (blob,) = (fetched / "blobs").iterdir()
    blob.write_bytes(b"damaged")
    with RecordingProxy(desk.platform.address) as proxy:
        again = RemotePlatform(client_of(desk.platform, desk.reviewer, address=proxy.address))
        assert again.fetch(session.id, tmp_path / "desk") == fetched
        assert proxy.tails == [f"GET {session.id}", f"GET {blob.name}"]
    assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    assert verify_session(fetched).verified
    assert [path.name for path in (tmp_path / "desk").iterdir()] == [session.id]


@pytest.mark.parametrize("lie", ["other bytes", "too many", "nothing", "another session's seal", "no manifest"])
def test_what_a_lying_platform_gives_never_becomes_a_session(desk: Desk, tmp_path: Path, lie: str) -> None:
    session = desk.sealed()
    assert desk.send() is Outcome.DONE
    manifest = desk.reviewer.client.get(f"/v1/sessions/{session.id}").content

    def route(_method: str, last: str, _body: bytes) -> bytes:
        close = [("Connection", "close")]
        if last == session.id:
            body = {"another session's seal": manifest, "no manifest": b"[]"}.get(lie, manifest)
            return http_answer(200, body, headers=close)
        body = {"other bytes": b"other", "too many": bytes(21 << 20)}.get(lie, b"")
        return http_answer(200, body, headers=close)

    asked = session.id if lie != "another session's seal" else "0" * 32
    with LoopbackPeer(route=lambda m, last, b: route(m, session.id if last == "0" * 32 else last, b)) as peer:
        platform = RemotePlatform(client_of(desk.platform, desk.reviewer, address=peer.address))
        with pytest.raises((IntegrityFault, EnvironmentFault)):
            platform.fetch(asked, tmp_path / "desk")
        assert len(peer.requests) <= 3, "it is not asked for ever"
    assert not (tmp_path / "desk" / asked).exists()


def test_another_session_under_that_name_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    session = desk.sealed()
    assert desk.send() is Outcome.DONE
    fetched = desk.as_reviewer().fetch(session.id, tmp_path / "desk")
    (fetched / "seal.dsse").write_bytes(b"another")
    with pytest.raises(IntegrityFault, match="another seal"):
        desk.as_reviewer().fetch(session.id, tmp_path / "desk")
    assert (fetched / "seal.dsse").read_bytes() == b"another"


def test_who_may_not_read_gets_words_and_no_folder(desk: Desk, tmp_path: Path) -> None:
    session = desk.sealed()
    assert desk.send() is Outcome.DONE
    stranger = desk.platform.join("sam", "reviewer", projects=("another",))
    platform = RemotePlatform(client_of(desk.platform, stranger))
    assert list(platform.sessions()) == []
    with pytest.raises(EnvironmentFault):
        platform.fetch(session.id, tmp_path / "desk")
    for wrong in ("../../etc", session.id.upper(), session.id[:-1], ""):
        with pytest.raises(InputFault, match="identifier"):
            platform.fetch(wrong, tmp_path / "desk")
    assert not (tmp_path / "desk").exists()


def test_a_still_clock_makes_no_difference(desk: Desk) -> None:
    """The client's clock only dates waits: one that is years off changes nothing else."""
    session = desk.sealed()
    item = desk.outbox.claim()
    assert item is not None
    client = client_of(desk.platform, desk.trainer, clock=StillClock(1))
    assert send(item, client, desk.outbox) is Outcome.DONE
    assert desk.item(session.id).state == "confirmed"
