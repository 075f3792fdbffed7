# SPDX-License-Identifier: Apache-2.0
"""Checkpoints and the witness: the real one, and ones that do what no witness may."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from server_running import Member, RunningPlatform, running
from trust_builders import signing_key
from uploader_loopback import LoopbackPeer
from uploader_loopback import http as http_answer
from uploader_proxy import RecordingProxy
from uploader_watch import Watch

from server.config import Limits
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.cosign import cosign
from session.log.merkle import Tree, leaf_hash, verify_consistency
from session.log.note import note_bytes, parse_note, sign_note
from session.trust.directory import Revocation, sign_directory, witness_name
from session.verify import verify_session
from ui.strings import Words
from uploader.evidence import kept
from uploader.witness import BACKOFF


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPlatform, Member]]:
    with running(tmp_path_factory.mktemp("platform"), Limits(grants_open=100)) as platform:
        platform.put_policy()
        trainer = platform.join("tess", "trainer")
        platform.join("rob", "reviewer")
        platform.issue_review_key()
        yield platform, trainer


@pytest.fixture
def watch(place: tuple[RunningPlatform, Member], tmp_path: Path) -> Watch:
    return Watch(*place, tmp_path)


def test_checkpoints_are_cosigned_and_the_record_verifies_with_the_lines(watch: Watch) -> None:
    for _ in range(3):
        size = watch.submit()
        assert watch.witness.due_in_us() == 0
        watch.witness.send_due()
        assert watch.heard.told[-1] == f"cosigned {size}"
        watch.session.events.append(watch.session.journal.append_cosign(*watch.heard.lines[-1]))
    assert (watch.watched.cosigned_size, watch.woken, watch.witness.due_in_us()) == (size, 3, None)
    watch.session.cosigned_size = size
    watch.session.stop()
    sealed = watch.session.seal(receipt=False)
    verification = verify_session(sealed.folder)
    assert verification.verified, verification.failed_step


def test_only_the_newest_checkpoint_is_sent(watch: Watch) -> None:
    with RecordingProxy(watch.platform.address) as proxy:
        watch.move_to(proxy.address)
        for _ in range(3):
            size = watch.submit()
        watch.witness.send_due()
        watch.witness.send_due()
        assert (len(proxy.lines), watch.heard.told) == (1, [f"cosigned {size}"])


def test_after_a_restart_the_witness_tells_where_it_was(watch: Watch) -> None:
    watch.submit()
    watch.witness.send_due()
    watch.watched = watch.watch()  # as a new process has it: nothing is known of earlier cosignatures
    assert watch.watched.cosigned_size == 0
    size = watch.submit()
    with RecordingProxy(watch.platform.address) as proxy:
        watch.move_to(proxy.address)
        watch.witness.send_due()
        assert proxy.statuses == [409, 200]
    assert watch.heard.told[-1] == f"cosigned {size}"


@pytest.mark.parametrize("newer", [False, True], ids=["the same note again", "a newer note"])
def test_a_lost_answer_is_made_good(watch: Watch, newer: bool) -> None:
    first = watch.submit()
    with RecordingProxy(watch.platform.address, drop_answer=lambda _line: True) as proxy:
        watch.move_to(proxy.address)
        watch.witness.send_due()
    assert watch.heard.told == ["offline"]
    last = watch.submit() if newer else first
    watch.move_to(watch.platform.address)
    watch.witness.send_due()
    assert watch.heard.told == ["offline"], "not before the wait is over"
    watch.clock.advance(watch.witness.due_in_us() or 0)
    watch.witness.send_due()
    assert watch.heard.told == ["offline", f"cosigned {last}"]


def test_being_offline_is_said_once_and_waits_grow_to_the_grid(watch: Watch) -> None:
    watch.move_to("http://127.0.0.1:1")
    watch.submit()
    waits = []
    for _ in range(8):
        watch.witness.send_due()
        waits.append((watch.witness.due_in_us() or 0) // 1_000_000)
        watch.clock.advance(watch.witness.due_in_us() or 0)
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert watch.heard.told == ["offline"]
    watch.move_to(watch.platform.address)
    watch.witness.send_due()
    assert watch.watched.attempts == 0
    watch.move_to("http://127.0.0.1:1")
    watch.submit()
    watch.witness.send_due()
    assert watch.heard.told[2:] == ["offline"], "a new stretch is said anew"
    assert BACKOFF.most_us == 30_000_000


def test_records_that_were_lost_are_told_from_a_fault_of_the_platform(watch: Watch) -> None:
    for _ in range(2):
        size = watch.submit()
        watch.witness.send_due()
    shorter = Tree(watch.session.journal.tree.leaf(at) for at in range(3))
    note = own_note(watch, 3, shorter.root(), watch.session.keys.signing)
    watch.watched = watch.watch(shorter)
    watch.watched.submit(note, 3)
    watch.witness.send_due()
    assert watch.heard.told[-1] == f"lost {size}"
    assert (watch.heard.details, kept(watch.folder)) == ([], []), "nobody is blamed"
    told = len(watch.heard.told)
    watch.watched.submit(note, 3)
    watch.witness.send_due()
    assert (watch.witness.due_in_us(), watch.heard.told[told:]) == (None, []), "nothing is asked any more"


def test_another_branch_of_our_own_is_a_loss_too(watch: Watch) -> None:
    size = watch.submit()
    watch.witness.send_due()
    forked = Tree(leaf_hash(bytes([at])) for at in range(size + 5))
    watch.watched = watch.watch(forked)
    watch.watched.submit(own_note(watch, size + 5, forked.root(), watch.session.keys.signing), size + 5)
    watch.witness.send_due()
    assert watch.heard.told[-1] == f"lost {size}"


def test_a_checkpoint_that_a_newer_one_overtook_is_no_loss(watch: Watch) -> None:
    """Its request waited on the way, and a later one came first: what is named was signed here, and is here."""
    first, size = watch.checkpoint()
    later = watch.submit()
    watch.witness.send_due()
    watch.watched.submit(first, size)  # as if it were still under way
    watch.witness.send_due()
    assert watch.heard.told == [f"cosigned {later}", "fault"]
    assert kept(watch.folder) == []
    last = watch.submit()
    watch.witness.send_due()
    assert watch.heard.told[-1] == f"cosigned {last}"


def own_note(watch: Watch, size: int, root: bytes, key: object) -> bytes:
    origin = origin_of(watch.trainer.organisation, watch.session.id)
    text = format_checkpoint(CheckpointText(origin, size, root))
    return note_bytes(text, sign_note(text, origin, key))  # type: ignore[arg-type]


def _someone_elses_note(watch: Watch) -> bytes:
    return own_note(watch, 5, bytes(32), signing_key("somebody else"))


def _our_latest_unsigned(watch: Watch) -> bytes:
    whole = own_note(watch, 5, bytes(32), watch.session.keys.signing)
    return whole.replace(b"\n5\n", b"\n6\n")


def _the_size_that_we_named(watch: Watch) -> bytes:
    return own_note(watch, 2, watch.session.journal.tree.root(2), watch.session.keys.signing)


def _of_another_session(watch: Watch) -> bytes:
    text = format_checkpoint(CheckpointText(origin_of(watch.trainer.organisation, "cd" * 16), 5, bytes(32)))
    own = origin_of(watch.trainer.organisation, watch.session.id)
    return note_bytes(text, sign_note(text, own, watch.session.keys.signing))


@pytest.mark.parametrize(
    "body",
    [
        lambda _: b"",
        lambda _: b"12\n",
        lambda _: b'{"error":"old"}',
        lambda _: b"<html><body>409 Conflict</body></html>",
        lambda _: b"\xff" * 80,
        _the_size_that_we_named,
    ],
    ids=["empty", "a bare size", "json", "a proxy's page", "no text", "the same size for ever"],
)
def test_a_conflict_that_names_no_other_history_is_a_fault_and_accuses_nobody(
    watch: Watch, body: Callable[[Watch], bytes]
) -> None:
    faulty(watch, body(watch))
    assert kept(watch.folder) == []


@pytest.mark.parametrize(
    "body",
    [_someone_elses_note, _our_latest_unsigned, _of_another_session],
    ids=["another key's note", "a changed note", "another session's"],
)
def test_a_conflict_that_names_a_history_that_we_never_signed_is_kept_as_evidence(
    watch: Watch, body: Callable[[Watch], bytes]
) -> None:
    given = body(watch)
    asked = faulty(watch, given)
    (place,) = kept(watch.folder)
    assert place.name.startswith("witness-")
    assert (place / "given.note").read_bytes() == given
    assert (place / "asked.note").read_bytes() == asked
    assert watch.evidence.standing() == "witness"
    assert "never signed" in watch.heard.details[0]
    assert "non ha mai firmato" in Words("it").fault(watch.heard.details[0])
    faulty(watch, given.replace(b"\n5\n", b"\n7\n").replace(b"\n6\n", b"\n8\n"))
    assert kept(watch.folder) == [place], "another size each time is one contradiction"


def faulty(watch: Watch, body: bytes) -> bytes:
    """A fault that is said once, and the next checkpoint goes on; the note of the first that was answered so."""
    watch.heard.told.clear()
    watch.submit()
    first = watch.watched.newest()
    assert first is not None
    with LoopbackPeer(http_answer(409, body, headers=[("Connection", "close")])) as peer:
        watch.move_to(peer.address)
        watch.witness.send_due()
        assert (watch.heard.told, watch.witness.due_in_us()) == (["fault"], None)
        watch.submit()
        watch.witness.send_due()
        assert watch.heard.told == ["fault"], "said once"
        assert peer.connections <= 6
    watch.move_to(watch.platform.address)
    size = watch.submit()
    watch.witness.send_due()
    assert watch.heard.told == ["fault", f"cosigned {size}"]
    return first.note


def _line(watch: Watch, note: bytes, *, key: str = "witness", text: str = "", name: str = "") -> bytes:
    of = text or parse_note(note).text
    return cosign(of, name or witness_name(watch.trainer.organisation), signing_key(key), 1_790_000_000).encode() + b"\n"


@pytest.mark.parametrize("kind", ["another key", "another text", "another name", "none", "garbage", "twice", "binary"])
def test_a_cosignature_that_does_not_verify_is_the_witnesss_fault_and_not_recorded(watch: Watch, kind: str) -> None:
    note, size = watch.checkpoint()
    watch.watched.submit(note, size)
    origin = origin_of(watch.trainer.organisation, watch.session.id)
    body = {
        "another key": _line(watch, note, key="another"),
        "another text": _line(watch, note, text=format_checkpoint(CheckpointText(origin, size, bytes(32)))),
        "another name": _line(watch, note, name="somebody/else"),
        "none": b"",
        "garbage": b"\xe2\x80\x94 " + witness_name(watch.trainer.organisation).encode() + b" AAAA\n",
        "twice": _line(watch, note) * 2,
        "binary": b"\xff\xfe\x00",
    }[kind]
    with LoopbackPeer(http_answer(200, body)) as peer:
        watch.move_to(peer.address)
        watch.witness.send_due()
    assert (watch.heard.told, watch.heard.lines, watch.watched.cosigned_size) == (["fault"], [], 0)


def test_a_cosignature_whose_time_goes_back_is_the_witnesss_fault_and_the_record_goes_on(watch: Watch) -> None:
    """Step 8 would refuse the whole session for it, for ever."""
    key = signing_key("witness of its own")
    watch.watched.terms = msgspec.structs.replace(watch.watched.terms, public=key.public)
    name, begun_s = watch.watched.terms.name, watch.watched.terms.not_before_s
    assert begun_s == watch.platform.clock.read().t_us // 1_000_000, "the grant's"
    for late_s, told in ((-1, "fault"), (9, "cosigned"), (8, None), (9, "cosigned")):
        note, size = watch.checkpoint()
        watch.watched.submit(note, size)
        line = cosign(parse_note(note).text, name, key, begun_s + late_s)
        before = len(watch.heard.told)
        with LoopbackPeer(http_answer(200, line.encode() + b"\n")) as peer:
            watch.move_to(peer.address)
            watch.witness.send_due()
        assert (watch.heard.told[before:] or ["fault"])[0].split()[0] == (told or "fault"), late_s
        assert watch.heard.lines[-1:] == ([(size, line)] if told == "cosigned" else watch.heard.lines[-1:])
    assert [size for size, _ in watch.heard.lines] == sorted({size for size, _ in watch.heard.lines})
    assert len(watch.heard.lines) == 2
    assert "before that of the grant" in watch.heard.details[0]
    assert "della sua controfirma viene prima di quella" in Words("it").fault(watch.heard.details[0])
    (place,) = kept(watch.folder)
    assert place.name.startswith("witness-")
    assert (place / "held.txt").read_bytes() == b"time %d\n" % begun_s
    assert (place / "given.txt").read_bytes().startswith("— ".encode())


def test_a_session_that_goes_on_takes_no_time_before_its_last_cosignature(watch: Watch) -> None:
    watch.platform.clock.advance_s(2)
    watch.submit()
    watch.witness.send_due()
    later_s = watch.platform.clock.read().t_us // 1_000_000
    watch.session.events.append(watch.session.journal.append_cosign(*watch.heard.lines[0]))
    assert watch.session.terms.not_before_s == later_s
    assert watch.watched.terms.not_before_s < later_s


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
def test_a_refusal_is_a_fault_and_the_next_checkpoint_is_the_next_attempt(watch: Watch, status: int) -> None:
    watch.submit()
    with LoopbackPeer(http_answer(status, b'{"error":"x","detail":"y"}')) as peer:
        watch.move_to(peer.address)
        watch.witness.send_due()
    assert (watch.heard.told, watch.witness.due_in_us()) == (["fault"], None)


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_busy_platform_and_an_ungranted_session_are_waited_for(watch: Watch, status: int) -> None:
    watch.submit()
    with LoopbackPeer(http_answer(status, headers=[("Retry-After", "77")])) as peer:
        watch.move_to(peer.address)
        watch.witness.send_due()
    assert watch.heard.told == ["offline"]
    assert watch.witness.due_in_us() == (77_000_000 if status != 404 else 1_000_000)


def _revoke(watch: Watch, key: str, revoked_us: int) -> None:
    """This machine comes to hold a directory that revokes a key of the session, which the platform has not got."""
    named = watch.directory().platform
    public = (
        named.witness_key
        if key == "witness"
        else getattr(watch.session.keys, key, watch.trainer.keys.device_key).public.hex()
    )
    changed = msgspec.structs.replace(
        watch.directory(),
        version=99,
        revocations=(Revocation(revoked_key=public, revoked_us=revoked_us),),
    )
    watch.newest = sign_directory(changed, watch.platform.organisation.root)


@pytest.mark.parametrize("key", ["witness", "signing", "device"])
def test_a_revoked_session_asks_no_more_and_what_was_cosigned_stands(watch: Watch, key: str) -> None:
    size = watch.submit()
    watch.witness.send_due()
    _revoke(watch, key, watch.clock.read().t_us)
    with RecordingProxy(watch.platform.address) as proxy:
        watch.move_to(proxy.address)
        for _ in range(2):
            watch.submit()
            watch.witness.send_due()
        assert proxy.lines == [], "nobody is asked"
    assert (watch.heard.told, watch.witness.revoked()) == ([f"cosigned {size}", "fault"], True)
    assert watch.witness.due_in_us() is None


def test_a_revocation_to_come_ends_nothing_before_and_no_cosignature_behind_it_is_recorded(watch: Watch) -> None:
    cosigned_s = watch.platform.clock.read().t_us // 1_000_000
    _revoke(watch, "signing", max(cosigned_s * 1_000_000, watch.clock.read().t_us) + 5_000_000)
    size = watch.submit()
    watch.witness.send_due()
    assert (watch.heard.told, watch.witness.revoked()) == ([f"cosigned {size}"], False)
    _revoke(watch, "signing", watch.platform.clock.read().t_us // 1_000_000 * 1_000_000)
    watch.clock.t_us = watch.platform.clock.read().t_us - 60_000_000
    watch.submit()
    watch.witness.send_due()
    assert watch.heard.told == [f"cosigned {size}", "fault"]
    assert "behind the revocation" in watch.heard.details[0]


def test_a_witness_that_says_revoked_is_asked_again_and_the_person_is_told(watch: Watch) -> None:
    """It may say so without a directory: only the root key's word ends the asking."""
    watch.submit()
    with LoopbackPeer(http_answer(403, b'{"error":"revoked","detail":"y"}')) as peer:
        watch.move_to(peer.address)
        watch.witness.send_due()
    assert (watch.heard.told, watch.witness.revoked()) == (["fault"], True)
    watch.move_to(watch.platform.address)
    size = watch.submit()
    watch.witness.send_due()
    assert (watch.heard.told[-1], watch.witness.revoked()) == (f"cosigned {size}", False)


def test_a_sealed_session_is_let_go_quietly(watch: Watch) -> None:
    watch.submit()
    with LoopbackPeer(http_answer(410, b'{"error":"sealed","detail":"y"}')) as peer:
        watch.move_to(peer.address)
        watch.witness.send_due()
    assert (watch.heard.told, watch.witness.due_in_us()) == ([], None)


def test_an_ended_session_sends_nothing_more(watch: Watch) -> None:
    watch.submit()
    watch.witness.end(watch.session.id)
    watch.witness.send_due()
    assert (watch.heard.told, watch.witness.due_in_us()) == ([], None)


def test_proofs_are_right_while_the_tree_grows_in_another_thread() -> None:
    tree = Tree(leaf_hash(bytes([at])) for at in range(10))
    grown, stop = [tree.size], threading.Event()

    def grow() -> None:
        while not stop.is_set() and tree.size < 200_000:
            tree.append(leaf_hash(tree.size.to_bytes(4, "big")))
            grown[0] = tree.size  # as the writer's checkpoints: a size is told when its append is over

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for _ in range(300):
            size = grown[0]
            old = size // 3
            verify_consistency(old, size, tree.consistency(old, size), tree.root(old), tree.root(size))
    finally:
        stop.set()
        thread.join(20)
    assert tree.size > 300


def test_a_witness_that_forgot_us_is_a_fault_and_then_goes_on(watch: Watch) -> None:
    watch.submit()
    watch.witness.send_due()
    with LoopbackPeer(http_answer(409, b"")) as peer:
        watch.move_to(peer.address)
        watch.submit()
        watch.witness.send_due()
        watch.submit()
        watch.witness.send_due()
        assert b"\r\n\r\nold 0\n" in peer.requests[1]
    assert watch.heard.told[1:] == ["fault"]
