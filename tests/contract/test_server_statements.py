# SPDX-License-Identifier: Apache-2.0
"""Decisions and replies at the platform: who may say what, once, in the log, and who is told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from fastapi.routing import APIRoute
from server_running import PROJECT, Client, Member, RunningPlatform, running, sha256
from server_sessions import Sending
from server_statements import decision, head_of, post, refused, reply, sealed_session
from sqlalchemy import event
from trust_people import signing_key

import server.statements as taking
from server.access.tokens import Caller
from server.app import create_app
from server.config import Limits, ServerConfig
from server.core import Core
from server.faults import RefusalError
from server.sessions import listing
from session import EnvironmentFault
from session.log.merkle import Tree, verify_consistency
from session.trust.directory import Revocation
from session.trust.dsse import seal_envelope
from session.trust.statements import EMPTY_LOG_ROOT, Access, sign
from session.verify.said import CLOCKS_APART_US

STATEMENTS_MOST = 12
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("said"), Limits(statements_most=STATEMENTS_MOST)) as started:
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


@pytest.fixture(scope="module")
def others(platform: RunningPlatform) -> dict[str, Member]:
    """A trainer, a reviewer of another project, an approver of this one, and a second reviewer who works here too."""
    return {
        "trainer": platform.join("eve", "trainer"),
        "elsewhere": platform.join("rex", "reviewer", projects=("beta",)),
        "approver": platform.join("ann", "approver"),
        "both": platform.join("kim", "trainer", "reviewer"),
    }


@pytest.fixture
def sent(platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path) -> Sending:
    return sealed_session(platform, trainer, tmp_path / "spool")


def log_size(platform: RunningPlatform) -> int:
    return int(str(head_of(platform)["log_size"]))


def entry(platform: RunningPlatform, index: int) -> dict[str, object]:
    return dict(platform.admin.client.get(f"/v1/log/entries/{index}").json())


def news(member: Member, after: int = 0) -> list[tuple[int, str]]:
    """Places and envelopes of everything that a member is told after a place, over all pages."""
    found: list[tuple[int, str]] = []
    while (page := member.client.get(f"/v1/statements?after={after}").json())["statements"]:
        found += [(one["index"], one["envelope"]) for one in page["statements"]]
        assert page["next"] == found[-1][0] > after
        after = page["next"]
    assert page["next"] == after
    return found


def test_a_decision_and_its_reply_enter_the_log_as_they_were_signed(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending
) -> None:
    decided = decision(platform, reviewer, sent)
    size = log_size(platform)
    answer = post(reviewer, sent, decided)
    assert (answer.status_code, answer.json()) == (201, {"index": size})
    replied = reply(platform, trainer, sent, decided)
    answer = post(trainer, sent, replied)
    assert (answer.status_code, answer.json()) == (201, {"index": size + 1})
    for index, kind, raw in ((size, "decision", decided), (size + 1, "reply", replied)):
        stands = entry(platform, index)
        assert (stands["kind"], stands["statement"]) == (kind, raw.decode())
    manifest = reviewer.client.get(f"/v1/sessions/{sent.id}").json()
    assert manifest["statements"][-2:] == [decided.decode(), replied.decode()]


def test_the_same_bytes_again_are_the_same_entry(platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
    decided = decision(platform, reviewer, sent)
    first = post(reviewer, sent, decided).json()
    size = log_size(platform)
    platform.clock.advance_s(2 * CLOCKS_APART_US / 1_000_000)
    again = post(reviewer, sent, decided)
    assert (again.status_code, again.json()) == (200, first)
    assert log_size(platform) == size


def test_many_at_once_make_one_entry(platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
    decided = decision(platform, reviewer, sent)
    clients = [platform.client(reviewer.client.token) for _ in range(4)]
    size = log_size(platform)

    def posted(client: Client) -> tuple[int, int]:
        answer = client.post(f"/v1/sessions/{sent.id}/statements", data=decided)
        return answer.status_code, answer.json()["index"]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(posted, clients))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 201]
    assert {index for _, index in answers} == {size}
    assert log_size(platform) == size + 1


def test_a_later_decision_stands_beside_the_earlier_one(platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
    first = decision(platform, reviewer, sent, outcome="ask")
    post(reviewer, sent, first)
    platform.clock.advance_s(60)
    second = decision(platform, reviewer, sent, outcome="upheld")
    assert post(reviewer, sent, second).status_code == 201
    manifest = reviewer.client.get(f"/v1/sessions/{sent.id}").json()
    assert manifest["statements"][-2:] == [first.decode(), second.decode()]
    (listed,) = [one for one in reviewer.client.get("/v1/sessions").json()["sessions"] if one["session_id"] == sent.id]
    assert listed["decisions"] == 1


def test_a_decision_that_cannot_be_entered_leaves_nothing(
    platform: RunningPlatform, reviewer: Member, sent: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = decision(platform, reviewer, sent)
    size = log_size(platform)

    def full(*_arguments: object) -> None:
        raise EnvironmentFault("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(taking.rows, "put", full)
        assert post(reviewer, sent, decided).status_code == 503
    assert log_size(platform) == size
    assert news(reviewer, size - 1) == []
    assert post(reviewer, sent, decided).json() == {"index": size}


class TestRefused:
    @pytest.fixture(autouse=True)
    def nothing_is_entered(self, platform: RunningPlatform) -> Iterator[None]:
        size = log_size(platform)
        yield
        kinds = [entry(platform, index)["kind"] for index in range(size, log_size(platform))]
        assert [kind for kind in kinds if kind in {"decision", "reply"}] == []

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"organisation": "9" * 64}, "input"),
            ({"session": "9" * 32}, "input"),
            ({"person": "ada"}, "input"),
            ({"seal_sha256": "9" * 64}, "input"),
            ({"finding": 4096}, "input"),
        ],
        ids=str,
    )
    def test_a_decision_about_something_else(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, changes: dict[str, object], code: str
    ) -> None:
        answer = post(reviewer, sent, decision(platform, reviewer, sent, **changes))
        assert refused(answer) == (422, code)
        assert answer.json()["detail"].startswith(next(iter(changes)))

    def test_the_first_record_that_is_not_there(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        size = len(sent.sealed.events)
        assert refused(post(reviewer, sent, decision(platform, reviewer, sent, finding=size))) == (422, "input")

    @pytest.mark.parametrize("off_us", [-CLOCKS_APART_US - 1, CLOCKS_APART_US + 1])
    def test_a_time_that_no_clock_can_have_shown(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, off_us: int
    ) -> None:
        at_us = platform.clock.read().t_us + off_us
        answer = post(reviewer, sent, decision(platform, reviewer, sent, at_us=at_us))
        assert refused(answer) == (422, "input")
        assert answer.json()["detail"].startswith("at_us")

    def test_a_head_that_the_log_never_had(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        size = log_size(platform)
        for wrong in ({"log_root": "9" * 64}, {"log_size": size + 1}, {"log_size": size - 1}):
            assert refused(post(reviewer, sent, decision(platform, reviewer, sent, **wrong))) == (409, "log")
        nothing = decision(platform, reviewer, sent, log_size=0)  # no statement at all: a log without entries has one root
        assert refused(post(reviewer, sent, nothing)) == (403, "signature")

    @pytest.mark.parametrize("key", ["stranger", "ben's device", "ada"])
    def test_another_key_than_the_callers(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, key: str
    ) -> None:
        raw = decision(platform, reviewer, sent, key=signing_key(key))
        assert refused(post(reviewer, sent, raw)) == (403, "signature")

    def test_in_anothers_name(
        self, platform: RunningPlatform, reviewer: Member, others: dict[str, Member], sent: Sending
    ) -> None:
        raw = decision(platform, reviewer, sent)
        assert refused(post(others["both"], sent, raw)) == (422, "input")

    def test_the_sessions_person_does_not_decide(self, platform: RunningPlatform, trainer: Member, sent: Sending) -> None:
        assert refused(post(trainer, sent, decision(platform, trainer, sent))) == (403, "role")

    def test_nobody_decides_on_a_session_of_their_own(
        self, platform: RunningPlatform, others: dict[str, Member], tmp_path: Path
    ) -> None:
        own = sealed_session(platform, others["both"], tmp_path / "own")
        answer = post(others["both"], own, decision(platform, others["both"], own))
        assert refused(answer) == (403, "role")
        assert "their own" in answer.json()["detail"]

    def test_to_others_the_session_does_not_exist(
        self, platform: RunningPlatform, others: dict[str, Member], sent: Sending
    ) -> None:
        for who in ("trainer", "elsewhere", "approver"):
            raw = decision(platform, others[who], sent)
            assert refused(post(others[who], sent, raw)) == (404, "unknown")
            assert refused(post(others[who], sent, b"anything")) == (404, "unknown")
        assert platform.admin.client.post(f"/v1/sessions/{sent.id}/statements", data=b"x").status_code == 403

    def test_a_session_that_is_not_sealed(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        sent.id = "8" * 32
        assert refused(post(reviewer, sent, decision(platform, reviewer, sent))) == (404, "unknown")

    def test_what_is_no_decision_or_reply(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        access = Access(organisation=platform.organisation.fingerprint, session=sent.id, person="ben", files=(), at_us=1)
        assert refused(post(reviewer, sent, sign(access, reviewer.person_key))) == (422, "input")
        raw = decision(platform, reviewer, sent)
        for broken in (b"", b"{}", raw + b"\n", raw.replace(b'"payload":', b'"payload": ', 1)):
            assert refused(post(reviewer, sent, broken)) == (422, "integrity")
        twice = seal_envelope("application/vnd.fairwitness.decision.v1+json", b'{"finding":1}', reviewer.person_key)
        assert refused(post(reviewer, sent, twice)) == (422, "integrity")
        assert refused(post(reviewer, sent, b"x" * (64 * 1024 + 1))) == (413, "size")

    def test_a_reply_to_no_decision_of_this_session(
        self, platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending
    ) -> None:
        assert refused(post(trainer, sent, reply(platform, trainer, sent, b"nothing"))) == (422, "decision")
        decided = decision(platform, reviewer, sent)
        assert refused(post(trainer, sent, reply(platform, trainer, sent, decided))) == (422, "decision")

    def test_a_reply_by_somebody_else(self, platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
        assert refused(post(reviewer, sent, reply(platform, reviewer, sent, b"x"))) == (403, "role")


def test_to_a_reviewer_of_another_project_nothing_of_the_session_exists(
    platform: RunningPlatform, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    """Every route that names a session, whichever there are; the witness asks for the session's own key instead."""
    stranger = platform.join(f"max-{next(NUMBERS)}", "trainer", "reviewer", "approver", projects=("beta",))
    raw = decision(platform, reviewer, sent)
    index = post(reviewer, sent, raw).json()["index"]
    bodies: dict[str, bytes] = {
        "missing": b'{"digests": []}',
        "seal": msgspec.json.encode(sent.body),
        "statements": decision(platform, stranger, sent),
        "openings": msgspec.json.encode({"statement": decision(platform, stranger, sent).decode(), "frames": ["AA=="]}),
        "{sha256}": b"x",
    }
    app = create_app(ServerConfig(folder=tmp_path / "empty"), platform.clock)
    app.state.core.close()
    asked = 0
    for route in app.routes:
        if isinstance(route, APIRoute) and "{session_id}" in route.path and not route.path.endswith("add-checkpoint"):
            path = route.path.replace("{session_id}", sent.id).replace("{sha256}", next(iter(sent.segments)))
            for method in route.methods or ():
                answer = stranger.client.ask(method, path, data=bodies.get(route.path.split("/")[-1], b""))
                # an admin's route answers by the role alone, the same for a session that nobody has
                told = 403 if route.path.endswith(("/retention", "/outline")) else 404
                assert answer.status_code == told, (method, route.path)
                if told == 403:
                    unknown = stranger.client.ask(method, path.replace(sent.id, "0" * 32), data=b"")
                    assert (unknown.status_code, unknown.content) == (403, answer.content)
                asked += 1
    assert asked >= 8
    assert news(stranger) == []
    assert stranger.client.get("/v1/sessions").json() == {"sessions": []}
    assert stranger.client.get(f"/v1/log/entries/{index}").json()["statement"] is None


def test_a_reply_to_a_decision_of_another_session_or_to_a_reply(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    other = sealed_session(platform, trainer, tmp_path / "other")
    decided = decision(platform, reviewer, other)
    post(reviewer, other, decided)
    assert refused(post(trainer, sent, reply(platform, trainer, sent, decided))) == (422, "decision")
    replied = reply(platform, trainer, other, decided)
    assert post(trainer, other, replied).status_code == 201
    assert refused(post(trainer, other, reply(platform, trainer, other, replied))) == (422, "decision")
    assert refused(post(trainer, sent, replied)) == (422, "input")


def test_the_head_of_nothing_is_one_that_the_log_had(platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
    raw = decision(platform, reviewer, sent, log_size=0, log_root=EMPTY_LOG_ROOT)
    assert post(reviewer, sent, raw).status_code == 201


def test_one_person_says_only_so_much_about_a_session(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending
) -> None:
    made = [decision(platform, reviewer, sent, finding=finding) for finding in range(2, 2 + STATEMENTS_MOST)]
    assert {post(reviewer, sent, raw).status_code for raw in made} == {201}
    assert refused(post(reviewer, sent, decision(platform, reviewer, sent, outcome="ask"))) == (413, "quota")
    assert post(reviewer, sent, made[0]).status_code == 200
    assert post(trainer, sent, reply(platform, trainer, sent, made[0])).status_code == 201


class TestRemoved:
    """Of who is no member or reviewer any more, nothing is taken; what they said stands."""

    @pytest.fixture
    def leaving(self, platform: RunningPlatform) -> Iterator[Member]:
        joined = platform.join(f"zoe-{next(NUMBERS)}", "reviewer")
        yield joined
        platform.organisation.members.remove(joined)
        platform.publish()

    def test_a_revoked_key_says_nothing_more(self, platform: RunningPlatform, leaving: Member, sent: Sending) -> None:
        said = decision(platform, leaving, sent)
        assert post(leaving, sent, said).status_code == 201
        more = decision(platform, leaving, sent, outcome="ask")
        now_us = platform.clock.read().t_us
        platform.organisation.revocations += (Revocation(revoked_key=leaving.person_key.public.hex(), revoked_us=now_us),)
        platform.publish()
        assert refused(post(leaving, sent, more)) == (401, "revoked")

    def test_a_key_that_is_revoked_while_the_request_is_on_its_way(
        self, platform: RunningPlatform, leaving: Member, sent: Sending
    ) -> None:
        """The caller was let in under the directory before; what counts is the one in force when it is entered."""
        more = decision(platform, leaving, sent)
        revocation = Revocation(revoked_key=leaving.person_key.public.hex(), revoked_us=platform.clock.read().t_us - 1)
        platform.organisation.revocations += (revocation,)
        platform.publish()
        core = Core(platform.config, platform.clock)
        with pytest.raises(RefusalError) as caught:
            taking.take(core, Caller(leaving.person, leaving.entry()), sent.id, more)
        core.close()
        assert (caught.value.status, caught.value.code) == (403, "revoked")

    def test_who_is_gone_when_it_would_be_entered(self, platform: RunningPlatform, leaving: Member, sent: Sending) -> None:
        more = decision(platform, leaving, sent)
        people = tuple(one.entry() for one in platform.organisation.members if one is not leaving)
        platform.publish(people=people)
        core = Core(platform.config, platform.clock)
        with pytest.raises(RefusalError) as caught:
            taking.take(core, Caller(leaving.person, leaving.entry()), sent.id, more)
        core.close()
        assert (caught.value.status, caught.value.code) == (403, "role")

    def test_what_was_said_stays_with_the_directory_that_named_its_author(
        self, platform: RunningPlatform, sent: Sending, leaving: Member, reviewer: Member, trainer: Member
    ) -> None:
        """The session began before its author was named."""
        said = decision(platform, leaving, sent)
        under = platform.admin.client.get("/v1/directory").content
        index = post(leaving, sent, said).json()["index"]
        leaving.roles = ("approver",)
        platform.publish()
        assert refused(post(leaving, sent, decision(platform, leaving, sent, outcome="ask"))) == (404, "unknown")
        manifest = reviewer.client.get(f"/v1/sessions/{sent.id}").json()
        assert manifest["statements"] == [under.decode(), said.decode()]
        page = trainer.client.get(f"/v1/statements?after={index - 1}").json()
        assert page["directories"] == {sha256(under): under.decode()}
        assert page["statements"][0]["directory"] == sha256(under)


class TestNews:
    def test_it_is_told_to_whom_it_concerns_and_to_nobody_else(
        self, platform: RunningPlatform, trainer: Member, reviewer: Member, others: dict[str, Member], sent: Sending
    ) -> None:
        size = log_size(platform)
        decided = decision(platform, reviewer, sent)
        post(reviewer, sent, decided)
        post(trainer, sent, reply(platform, trainer, sent, decided))
        for who in (trainer, reviewer, others["approver"]):
            assert [index for index, _ in news(who, size - 1)] == [size, size + 1]
            assert [index for index, _ in news(who, size)] == [size + 1]
            assert news(who, size + 1) == []
        for who in ("trainer", "elsewhere"):
            assert news(others[who]) == []
        assert platform.admin.client.get("/v1/statements").status_code == 403

    def test_a_trainers_own_projects_tell_them_nothing_of_others(
        self, platform: RunningPlatform, others: dict[str, Member], reviewer: Member, sent: Sending
    ) -> None:
        """A trainer is of the project too, and learns of their own sessions alone."""
        post(reviewer, sent, decision(platform, reviewer, sent))
        assert PROJECT in others["trainer"].projects
        assert news(others["trainer"]) == []

    def test_a_page_ends_and_the_next_goes_on(
        self, platform: RunningPlatform, reviewer: Member, sent: Sending, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        size = log_size(platform)
        made = [decision(platform, reviewer, sent, finding=finding) for finding in range(2, 9)]
        for raw in made:
            post(reviewer, sent, raw)
        expected = [(size + number, raw.decode()) for number, raw in enumerate(made)]
        with monkeypatch.context() as small:
            small.setattr(taking, "PAGE", 3)
            assert len(reviewer.client.get(f"/v1/statements?after={size - 1}").json()["statements"]) == 3
            assert news(reviewer, size - 1) == expected
        with monkeypatch.context() as small:
            small.setattr(taking, "PAGE_BYTES", 1)
            assert len(reviewer.client.get(f"/v1/statements?after={size - 1}").json()["statements"]) == 1
            assert news(reviewer, size - 1) == expected

    @pytest.mark.parametrize("after", ["-1", "x", str(2**53), "1.5"])
    def test_what_is_no_place_is_refused(self, reviewer: Member, after: str) -> None:
        answer = reviewer.client.get(f"/v1/statements?after={after}")
        assert refused(answer) == (422, "input")

    def test_a_place_beyond_the_log_is_empty(self, reviewer: Member) -> None:
        page = reviewer.client.get(f"/v1/statements?after={2**53 - 1}").json()
        assert page == {"statements": [], "next": 2**53 - 1, "directories": {}}


class TestListing:
    def listed(self, member: Member, session_id: str) -> tuple[int, int, bool]:
        (one,) = [one for one in member.client.get("/v1/sessions").json()["sessions"] if one["session_id"] == session_id]
        return one["decisions"], one["replies"], one["read"]

    def test_it_counts_findings_decided_and_replies_and_knows_who_was_given_it(
        self, platform: RunningPlatform, trainer: Member, reviewer: Member, others: dict[str, Member], sent: Sending
    ) -> None:
        assert self.listed(reviewer, sent.id) == (0, 0, False)
        made = [decision(platform, reviewer, sent, finding=finding) for finding in (2, 3, 3)]
        made.append(decision(platform, others["both"], sent, finding=2))
        for raw, author in zip(made, (reviewer, reviewer, reviewer, others["both"]), strict=True):
            assert post(author, sent, raw).status_code in {200, 201}
        for raw in (made[0], made[1]):
            post(trainer, sent, reply(platform, trainer, sent, raw))
        assert self.listed(reviewer, sent.id) == (2, 2, False)
        reviewer.client.get(f"/v1/sessions/{sent.id}")
        assert self.listed(reviewer, sent.id) == (2, 2, True)
        assert self.listed(others["both"], sent.id) == (2, 2, False)
        assert self.listed(trainer, sent.id) == (2, 2, False)

    def test_it_asks_the_database_as_often_for_many_sessions_as_for_one(
        self, platform: RunningPlatform, reviewer: Member, trainer: Member, tmp_path: Path
    ) -> None:
        for number in range(3):
            sealed_session(platform, trainer, tmp_path / f"spool {number}")
        core = Core(platform.config, platform.clock)
        asked: list[str] = []
        event.listen(core.database._engine, "before_cursor_execute", lambda _c, _cursor, text, *_: asked.append(text))
        counts = []
        for person, number in (("nobody", 0), ("ben", 3)):
            asked.clear()
            assert len(listing(core, Caller(person, reviewer.entry() if number else None))) >= number
            counts.append(len(asked))
        core.close()
        assert counts[0] == counts[1] <= 6


def test_the_log_proves_that_it_only_grew(platform: RunningPlatform, reviewer: Member, sent: Sending) -> None:
    old = head_of(platform)
    post(reviewer, sent, decision(platform, reviewer, sent))
    new = head_of(platform)
    answer = reviewer.client.get(f"/v1/log/consistency/{old['log_size']}/{new['log_size']}")
    steps = [bytes.fromhex(step) for step in answer.json()["proof"]]
    roots = bytes.fromhex(str(old["log_root"])), bytes.fromhex(str(new["log_root"]))
    verify_consistency(int(str(old["log_size"])), int(str(new["log_size"])), steps, *roots)
    leaves = [bytes.fromhex(str(entry(platform, index)["leaf"])) for index in range(int(str(new["log_size"])))]
    assert Tree(leaves).root().hex() == new["log_root"]
    for old_size, size in ((5, 4), (1, int(str(new["log_size"])) + 1)):
        assert refused(reviewer.client.get(f"/v1/log/consistency/{old_size}/{size}")) == (404, "unknown")
