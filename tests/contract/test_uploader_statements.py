# SPDX-License-Identifier: Apache-2.0
"""Decisions, replies and the log's head from the desk's side: at the real platform, and at one that lies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from lying_log import LyingLog
from server_running import Member, RunningPlatform, running, sha256
from server_sessions import Sending
from server_statements import decision, head_of, reply, sealed_session
from trust_people import signing_key
from uploader_clock import StillClock
from uploader_loopback import LoopbackPeer
from uploader_loopback import http as plain_answer
from uploader_platform import client_of
from verifier_both import both

from session import EnvironmentFault, IntegrityFault
from session.log.merkle import Tree
from session.ports import Outcome
from session.trust.directory import Revocation
from session.trust.statements import LogHead
from session.verify import TrustAnchor, verify_session
from session.verify.said import said
from uploader.client import PlatformClient
from uploader.fetch import RemotePlatform
from uploader.organisation import Organisation
from uploader.orglog import LogWatch
from uploader.statements import news, post_statement


def http_answer(status: int, body: bytes) -> bytes:
    """An answer that ends its connection, as the loopback peer does."""
    return plain_answer(status, body, headers=[("Connection", "close")])


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("said")) as started:
        started.put_policy()
        yield started


@pytest.fixture(scope="module")
def trainer(platform: RunningPlatform) -> Member:
    return platform.join("ada", "trainer")


@pytest.fixture(scope="module")
def reviewer(platform: RunningPlatform, trainer: Member) -> Member:
    joined = platform.join("ben", "reviewer")
    platform.issue_review_key()
    return joined


@pytest.fixture
def sent(platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path) -> Sending:
    return sealed_session(platform, trainer, tmp_path / "spool")


@pytest.fixture
def desk(platform: RunningPlatform, reviewer: Member, tmp_path: Path) -> Organisation:
    """The reviewer's folder of the organisation."""
    raw = reviewer.client.get("/v1/directory").content
    return Organisation.found(tmp_path / "organisation", platform.organisation.fingerprint, raw, platform.address)


@pytest.fixture
def lying(platform: RunningPlatform) -> Iterator[tuple[LyingLog, PlatformClient]]:
    log = LyingLog(platform)
    with LoopbackPeer(route=log.answer) as peer:
        client = PlatformClient(peer.address, "t", clock=StillClock())
        yield log, client
        client.close()


class TestLogHead:
    def test_it_is_the_platforms_head_and_is_kept(
        self, platform: RunningPlatform, reviewer: Member, desk: Organisation, sent: Sending, tmp_path: Path
    ) -> None:
        client = client_of(platform, reviewer)
        head = LogWatch(client, desk).head()
        assert {"log_size": head.size, "log_root": head.root} == head_of(platform)
        post_statement(client, sent.id, decision(platform, reviewer, sent))
        grown = LogWatch(client, desk).head()
        assert grown.size == head.size + 1
        again = Organisation(tmp_path / "organisation", platform.organisation.fingerprint)
        assert LogWatch(client, again).head() == grown
        kept = (tmp_path / "organisation" / "log.note").read_bytes()
        assert f"\n{grown.size}\n".encode() in kept
        assert (tmp_path / "organisation" / "log.note").stat().st_mode & 0o077 == 0

    def test_a_decision_that_names_it_is_taken(
        self, platform: RunningPlatform, reviewer: Member, desk: Organisation, sent: Sending
    ) -> None:
        client = client_of(platform, reviewer)
        head = LogWatch(client, desk).head()
        raw = decision(platform, reviewer, sent, log_size=head.size, log_root=head.root)
        assert post_statement(client, sent.id, raw).status == 201

    def test_a_log_that_grows_is_followed_by_proof(self, lying: tuple[LyingLog, PlatformClient], desk: Organisation) -> None:
        log, client = lying
        for entries in ((b"1", b"2", b"3"), (b"4",), (b"5", b"6", b"7", b"8")):
            log.grow(*entries)
            assert LogWatch(client, desk).head() == LogHead(log.trees[-1].size, log.trees[-1].root().hex())
        assert LogWatch(client, desk).head().size == 8

    @pytest.mark.parametrize(
        ("entries", "named"),
        [
            ((b"1", b"2"), "rolled back"),
            ((b"1", b"2", b"other"), "forked"),
            ((b"1", b"other", b"3", b"4", b"5"), "forked"),
            ((b"2", b"1", b"3", b"4"), "forked"),
        ],
    )
    def test_a_log_that_takes_back_what_was_seen_is_named_and_both_heads_are_kept(
        self,
        lying: tuple[LyingLog, PlatformClient],
        desk: Organisation,
        tmp_path: Path,
        entries: tuple[bytes, ...],
        named: str,
    ) -> None:
        log, client = lying
        log.grow(b"1", b"2", b"3")
        LogWatch(client, desk).head()
        held = (tmp_path / "organisation" / "log.note").read_bytes()
        log.rewrite(*entries)
        if len(entries) > 3:
            honest = log.trees[-1]
            steps = [step.hex() for step in honest.consistency(3, honest.size)]
            log.proof = lambda _old, _size: http_answer(200, msgspec.json.encode({"proof": steps}))
        for _ in range(2):
            with pytest.raises(IntegrityFault, match=named):
                LogWatch(client, desk).head()
        assert (tmp_path / "organisation" / "log.note").read_bytes() == held
        (evidence,) = (tmp_path / "organisation" / "evidence").iterdir()
        assert (evidence / "held.note").read_bytes() == held
        assert (evidence / "given.note").read_bytes() == log.checkpoint()
        assert desk.contradicted() == "log"
        log.trees[-1] = log.trees[-2]
        assert LogWatch(client, desk).head().size == 3

    @pytest.mark.parametrize("others", [b"12345", b"1234567", b"12x", b"123x", b"1234x", b"1234x67"])
    def test_two_heads_that_are_given_at_once_are_of_one_log_or_it_is_named(
        self, lying: tuple[LyingLog, PlatformClient], desk: Organisation, tmp_path: Path, others: bytes
    ) -> None:
        log, client = lying
        log.rewrite(b"1", b"2")
        LogWatch(client, desk).head()
        log.rewrite(*(b"%c" % one for one in b"12345"))
        other = Tree(bytes.fromhex(sha256(b"%c" % one)) for one in others)
        kept = log.checkpoint(other)
        # while this program waits for its answer, another one of this person is given another head, and keeps it
        log.meanwhile = lambda: Organisation(tmp_path / "organisation", desk.org_fp).keep_log_note(kept)

        def proof(_old: int, size: int) -> bytes:
            tree = next(one for one in (log.trees[-1], other) if one.size == size)
            held = {2, 5, other.size} & set(range(size))
            steps = tree.consistency(2 if asked.pop() == "first" else max(held), size)
            return http_answer(200, msgspec.json.encode({"proof": [step.hex() for step in steps]}))

        asked, log.proof = ["second", "first"], proof
        honest = b"1234567".startswith(others)
        if honest:
            assert LogWatch(client, desk).head().size == 5
            assert desk.contradicted() == ""
        else:
            with pytest.raises(IntegrityFault, match="given at the same time"):
                LogWatch(client, desk).head()
            (evidence,) = (tmp_path / "organisation" / "evidence").iterdir()
            assert (evidence / "held.note").read_bytes() == kept
            assert (evidence / "given.note").read_bytes() == log.checkpoint()
        assert desk.log_note() == kept

    def test_a_smaller_head_of_the_same_log_gives_way(
        self, lying: tuple[LyingLog, PlatformClient], desk: Organisation
    ) -> None:
        log, client = lying
        log.grow(b"1", b"2", b"3")
        first = Tree([log.trees[-1].leaf(0), log.trees[-1].leaf(1)])
        log.trees.insert(1, first)
        log.meanwhile = lambda: desk.keep_log_note(log.checkpoint(first))
        assert LogWatch(client, desk).head().size == 3
        assert desk.log_note() is not None
        log.meanwhile = lambda: None
        assert b"\n3\n" in (desk.log_note() or b"")

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            (http_answer(404, b'{"error": "unknown", "detail": "no"}'), IntegrityFault),
            (http_answer(200, b"[]"), IntegrityFault),
            (http_answer(200, b'{"proof": ["' + b"9" * 64 + b'"]}'), IntegrityFault),
            (http_answer(200, b'{"proof": []}'), IntegrityFault),
            (http_answer(503, b"{}"), EnvironmentFault),
            (b"", EnvironmentFault),
        ],
    )
    def test_without_a_proof_a_longer_log_is_not_believed(
        self, lying: tuple[LyingLog, PlatformClient], desk: Organisation, answer: bytes, fault: type[Exception]
    ) -> None:
        log, client = lying
        log.grow(b"1", b"2", b"3")
        LogWatch(client, desk).head()
        log.grow(b"4")
        log.proof = lambda _old, _size: answer
        with pytest.raises(fault):
            LogWatch(client, desk).head()
        assert (desk.log_note() or b"").split(b"\n")[1] == b"3"
        log.proof = None
        assert LogWatch(client, desk).head().size == 4

    def test_a_head_that_the_witness_did_not_cosign(
        self, lying: tuple[LyingLog, PlatformClient], desk: Organisation, tmp_path: Path
    ) -> None:
        log, client = lying
        log.grow(b"1")
        log.named = "9" * 64
        with pytest.raises(IntegrityFault, match="another log"):
            LogWatch(client, desk).head()
        log.named = log.org_fp
        whole = log.checkpoint()
        without = b"\n".join(whole.split(b"\n")[:-2]) + b"\n"
        for raw in (without, whole.replace(b"\n1\n", b"\n2\n"), b"", b"{}"):
            log.checkpoint = lambda raw=raw: raw  # type: ignore[method-assign, misc] # binds
            with pytest.raises(IntegrityFault):
                LogWatch(client, desk).head()
        assert not (tmp_path / "organisation" / "log.note").exists()

    def test_a_head_that_another_program_saw_meanwhile_is_no_fault(
        self, lying: tuple[LyingLog, PlatformClient], desk: Organisation, tmp_path: Path
    ) -> None:
        """Two programs of one person share the folder; an answer that was under way is older than what the other kept."""
        log, client = lying
        log.grow(b"1", b"2", b"3")
        other = Organisation(tmp_path / "organisation", log.org_fp)
        older = log.checkpoint()
        honest = log.checkpoint

        def meanwhile() -> bytes:
            log.checkpoint = honest  # type: ignore[method-assign]
            log.grow(b"4")
            other.keep_log_note(log.checkpoint())
            return older

        log.checkpoint = meanwhile  # type: ignore[method-assign]
        assert LogWatch(client, desk).head().size == 3
        assert (desk.log_note() or b"").split(b"\n")[1] == b"4"
        assert LogWatch(client, desk).head().size == 4

    def test_threads_and_programs_that_keep_heads_at_once_keep_the_highest(
        self, lying: tuple[LyingLog, PlatformClient], desk: Organisation, tmp_path: Path
    ) -> None:
        """The tray's two threads share one object, and a terminal beside it has its own."""
        log, _ = lying
        other = Organisation(tmp_path / "organisation", log.org_fp)
        notes: list[bytes] = []
        for entry in range(60):
            log.grow(b"%d" % entry)
            notes.append(log.checkpoint())
        faults: list[Exception] = []

        def keep(organisation: Organisation, first: int) -> None:
            try:
                for raw in notes[first::4]:
                    size = int(raw.split(b"\n")[1])
                    organisation.keep_log_note(raw, lambda held, size=size: held is None or int(held.split(b"\n")[1]) < size)
            except EnvironmentFault as fault:
                faults.append(fault)

        threads = [threading.Thread(target=keep, args=(one, at)) for at, one in enumerate((desk, desk, other, other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert faults == []
        assert desk.log_note() == notes[-1]

    def test_an_unreachable_platform_is_said(self, desk: Organisation) -> None:
        with LoopbackPeer(b"") as peer:
            address = peer.address
        with pytest.raises(EnvironmentFault):
            LogWatch(PlatformClient(address, "t", clock=StillClock()), desk).head()


class TestPost:
    def test_the_same_again_is_done_again(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        client, raw = client_of(platform, reviewer), decision(platform, reviewer, sent)
        answers = [post_statement(client, sent.id, raw) for _ in range(2)]
        assert [(one.outcome, one.status) for one in answers] == [(Outcome.DONE, 201), (Outcome.DONE, 200)]

    def test_a_refusal_says_why(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        answer = post_statement(client_of(platform, reviewer), sent.id, decision(platform, reviewer, sent, log_size=1))
        assert (answer.outcome, answer.code) == (Outcome.NEVER, "log")
        answer = post_statement(
            client_of(platform, reviewer), sent.id, decision(platform, reviewer, sent, key=signing_key("stranger"))
        )
        assert (answer.outcome, answer.code) == (Outcome.STOP, "signature")

    @pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"index": -1}', b'{"index": "1"}', b"\xff"])
    def test_what_is_no_answer_of_a_platform_is_tried_again(self, body: bytes) -> None:
        with LoopbackPeer(http_answer(201, body)) as peer:
            answer = post_statement(PlatformClient(peer.address, "t", clock=StillClock()), "0" * 32, b"{}")
        assert (answer.outcome, answer.malformed) == (Outcome.RETRY, True)


class TestNews:
    def test_it_tells_both_sides_what_the_other_said(
        self, platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending
    ) -> None:
        ours, theirs = client_of(platform, trainer), client_of(platform, reviewer)
        place = news(ours, 0).next
        raw = decision(platform, reviewer, sent)
        post_statement(theirs, sent.id, raw)
        page = news(ours, place)
        (item,) = page.items
        assert (item.session, item.envelope, item.index) == (sent.id, raw, page.next)
        assert item.directory == platform.admin.client.get("/v1/directory").content
        answered = reply(platform, trainer, sent, raw)
        post_statement(ours, sent.id, answered)
        assert [one.envelope for one in news(theirs, page.next).items] == [answered]
        assert news(ours, news(ours, 0).next).items == ()

    @pytest.mark.parametrize(
        "change",
        [
            {"next": 4},
            {"next": 6},
            {"statements": "twice"},
            {"statements": "backwards"},
            {"session": "9" * 32},
            {"envelope": "{}"},
            {"envelope": "directory"},
            {"directory": "9" * 64},
            {"directory": "no digest"},
            {"directories": {}},
            {"index": 2},
            None,
        ],
        ids=str,
    )
    def test_a_page_that_is_none_is_refused(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, change: dict[str, object] | None
    ) -> None:
        directory = platform.admin.client.get("/v1/directory").content
        item: dict[str, object] = {
            "index": 5,
            "session": sent.id,
            "envelope": decision(platform, reviewer, sent).decode(),
            "directory": sha256(directory),
        }
        page: dict[str, object] = {
            "statements": [item],
            "next": 5,
            "directories": {sha256(directory): directory.decode()},
        }
        for name, value in (change or {}).items():
            if name == "statements":
                page["statements"] = [item, item] if value == "twice" else [item, item | {"index": 4}]
                page["next"] = 4 if value == "backwards" else 5
            elif name in page:
                page[name] = value
            else:
                item[name] = directory.decode() if value == "directory" else value
        with LoopbackPeer(http_answer(200, msgspec.json.encode(page))) as peer:
            client = PlatformClient(peer.address, "t", clock=StillClock())
            if change is None:
                assert news(client, 2).next == 5
                return
            with pytest.raises(IntegrityFault):
                news(client, 2)

    def test_a_refusal_and_an_unreachable_platform_are_said(self, platform: RunningPlatform) -> None:
        with pytest.raises(EnvironmentFault, match="role"):
            news(client_of(platform, platform.admin), 0)


class Changed:
    """The true platform's manifest, changed by a function, and its files as they are."""

    def __init__(self, reader: Member, session_id: str, change: Callable[[dict[str, list[str]]], None]) -> None:
        self._reader, self._change = reader, change
        self.session_id = session_id

    def answer(self, _method: str, path: str, _body: bytes) -> bytes:
        prefix = f"/v1/sessions/{self.session_id}"
        if path == self.session_id:
            manifest = self._reader.client.get(prefix).json()
            self._change(manifest)
            return http_answer(200, msgspec.json.encode(manifest))
        return http_answer(200, self._reader.client.get(f"{prefix}/blobs/{path}").content)


def fetched_changed(reader: Member, session_id: str, folder: Path, change: Callable[[dict[str, list[str]]], None]) -> Path:
    """The session as it comes from a platform that changes its manifest."""
    changed = Changed(reader, session_id, change)
    with LoopbackPeer(route=changed.answer) as peer:
        return RemotePlatform(PlatformClient(peer.address, "t", clock=StillClock())).fetch(session_id, folder)


class TestFetch:
    def test_what_was_said_since_is_added_and_the_session_verifies(
        self, platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
    ) -> None:
        client = client_of(platform, reviewer)
        copy = RemotePlatform(client).fetch(sent.id, tmp_path / "copies")
        directory = platform.organisation.directory(version=platform.organisation.version)
        assert said(copy, directory).decisions == ()
        raw = decision(platform, reviewer, sent)
        post_statement(client, sent.id, raw)
        answered = reply(platform, trainer, sent, raw)
        post_statement(client_of(platform, trainer), sent.id, answered)
        before = {path.name: path.stat().st_mtime_ns for path in copy.glob("*.fws")}
        assert RemotePlatform(client).fetch(sent.id, tmp_path / "copies") == copy
        assert {path.name: path.stat().st_mtime_ns for path in copy.glob("*.fws")} == before
        told = said(copy, directory)
        assert [one.sha256 for one in told.decisions] == [sha256(raw)]
        assert [one.decision_sha256 for one in told.replies] == [sha256(raw)]
        assert told.faults == ()
        outcome = verify_session(copy, trust=TrustAnchor(platform.organisation.fingerprint))
        assert outcome.verified, outcome.failed_step
        assert list((tmp_path / "copies").glob(".*")) == []

    def test_a_decision_whose_key_is_revoked_as_of_before_it_takes_the_session_from_nobody(
        self, platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
    ) -> None:
        """The platform took it, and the directory that revokes the key comes with what was said since."""
        yan = platform.join("yan", "reviewer")
        stolen = decision(platform, yan, sent)
        post_statement(client_of(platform, yan), sent.id, stolen)
        since_us = platform.clock.read().t_us - 1
        before = platform.organisation.revocations
        revoked = Revocation(revoked_key=yan.person_key.public.hex(), revoked_us=since_us)
        platform.organisation.revocations = (*before, revoked)
        platform.publish()
        good = decision(platform, reviewer, sent)
        post_statement(client_of(platform, reviewer), sent.id, good)
        copy = RemotePlatform(client_of(platform, trainer)).fetch(sent.id, tmp_path / "copies")
        told = said(copy, platform.organisation.directory(version=platform.organisation.version))
        assert [one.sha256 for one in told.decisions] == [sha256(good)]
        (fault,) = told.faults
        assert "revoked by then" in fault
        assert both(copy, trust=TrustAnchor(platform.organisation.fingerprint)).verified

    def test_a_decision_by_a_reviewer_who_came_later_and_left_verifies_with_nothing_else(
        self, platform: RunningPlatform, trainer: Member, sent: Sending, tmp_path: Path
    ) -> None:
        late = platform.join("zoe", "reviewer")
        raw = decision(platform, late, sent)
        post_statement(client_of(platform, late), sent.id, raw)
        platform.organisation.members.remove(late)
        platform.publish()
        copy = RemotePlatform(client_of(platform, trainer)).fetch(sent.id, tmp_path / "copies")
        outcome = verify_session(copy, trust=TrustAnchor(platform.organisation.fingerprint))
        assert outcome.verified, outcome.failed_step
        directory = platform.organisation.directory(version=platform.organisation.version)
        assert [one.person for one in said(copy, directory).decisions] == ["zoe"]

    @pytest.mark.parametrize("wrong", ["forged", "of another session", "no statement", "another root's directory"])
    def test_what_does_not_count_is_refused_and_named(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, tmp_path: Path, wrong: str
    ) -> None:
        raw = {
            "forged": decision(platform, reviewer, sent, key=signing_key("stranger")),
            "of another session": decision(platform, reviewer, sent, session="9" * 32),
            "no statement": b"{}",
            "another root's directory": platform.organisation.sign().replace(b"A", b"B", 1),
        }[wrong]

        def add(manifest: dict[str, list[str]]) -> None:
            manifest["statements"].append(raw.decode())

        with pytest.raises(IntegrityFault):
            fetched_changed(reviewer, sent.id, tmp_path / "copies", add)
        assert not (tmp_path / "copies" / sent.id).exists()
        copy = RemotePlatform(client_of(platform, reviewer)).fetch(sent.id, tmp_path / "copies")
        assert verify_session(copy).verified

    def test_a_decision_that_was_given_and_is_given_no_more_is_named(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, tmp_path: Path
    ) -> None:
        client, raw = client_of(platform, reviewer), decision(platform, reviewer, sent)
        post_statement(client, sent.id, raw)
        copy = RemotePlatform(client).fetch(sent.id, tmp_path / "copies")

        def hide(manifest: dict[str, list[str]]) -> None:
            manifest["statements"].remove(raw.decode())

        with pytest.raises(IntegrityFault, match=sha256(raw)[:16]):
            fetched_changed(reviewer, sent.id, tmp_path / "copies", hide)
        assert (copy / "statements" / f"{sha256(raw)}.dsse").exists()
        assert verify_session(copy).verified
