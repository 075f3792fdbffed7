# SPDX-License-Identifier: Apache-2.0
"""The witness over HTTP, as C2SP tlog-witness asks, and where docs/architecture.md is stricter."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_running import Member, RunningPlatform, running
from server_sessions import grant_body, session_id_of
from trust_people import signing_key

from session.crypto.signing import SigningKey
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.cosign import verify_cosignature
from session.log.merkle import Tree
from session.log.note import note_bytes, parse_note, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("witness")) as started:
        started.put_policy()
        started.trainer = started.join("ada", "trainer")  # type: ignore[attr-defined]
        yield started


def test_a_clock_that_was_set_back_gives_no_time_before_the_grant_or_the_cosignature_before(
    platform: RunningPlatform,
) -> None:
    log = Log(platform, f"back {next(NUMBERS)}")
    granted_s = platform.clock.read().t_us // 1_000_000
    platform.clock.advance_s(-3 * 86_400)
    try:
        log.grow(3)
        first_s = log.cosigned_s(log.ask(0), log.note())
        platform.clock.advance_s(3 * 86_400 + 30)
        log.grow(3)
        second_s = log.cosigned_s(log.ask(3), log.note())
        platform.clock.advance_s(-5)
        log.grow(3)
        third_s = log.cosigned_s(log.ask(6), log.note())
    finally:
        platform.clock.advance_s(5)
    assert (first_s, second_s, third_s) == (granted_s, granted_s + 30, granted_s + 30)


class Log:
    """A session's log as its uplink keeps it: only leaves, which is all that a witness is concerned with."""

    def __init__(self, platform: RunningPlatform, name: str) -> None:
        trainer: Member = platform.trainer  # type: ignore[attr-defined]
        answer = trainer.client.post("/v1/grants", json=grant_body(trainer, name))
        assert answer.status_code == 200, answer.text
        self.platform, self.id, self.key = platform, session_id_of(name), signing_key(f"session {name}")
        self.client = platform.client()
        self.origin = origin_of(platform.organisation.fingerprint, self.id)
        self.tree = Tree()

    def grow(self, leaves: int, mark: bytes = b"") -> None:
        for _ in range(leaves):
            self.tree.append(hashlib.sha256(mark + b"%d" % self.tree.size).digest())

    def note(self, *, size: int | None = None, key: SigningKey | None = None, origin: str = "") -> bytes:
        size = self.tree.size if size is None else size
        origin = origin or self.origin
        text = format_checkpoint(CheckpointText(origin, size, self.tree.root(size)))
        return note_bytes(text, sign_note(text, origin, key or self.key))

    def ask(self, old: int, *, note: bytes | None = None, proof: tuple[bytes, ...] | None = None) -> requests.Response:
        """Asks for a cosignature over the whole tree, unless told otherwise."""
        note = self.note() if note is None else note
        proof = self.tree.consistency(min(old, self.tree.size), self.tree.size) if proof is None else proof
        return self.post(format_add_checkpoint(AddCheckpoint(old, proof, note)))

    def post(self, body: bytes) -> requests.Response:
        return self.client.post(f"/v1/sessions/{self.id}/add-checkpoint", data=body)

    def cosigned_s(self, answer: requests.Response, note: bytes) -> int:
        """The time in the answer's line, its signature checked with the key that the directory names."""
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("text/plain")
        names = self.platform.organisation.platform
        line = answer.text.removesuffix("\n")
        return verify_cosignature(parse_note(note).text, line, names.witness_name, bytes.fromhex(names.witness_key))


@pytest.fixture
def log(platform: RunningPlatform) -> Log:
    log = Log(platform, f"log {next(NUMBERS)}")
    log.grow(7)
    return log


def test_a_first_and_a_next_checkpoint_are_cosigned_with_the_platforms_time(log: Log) -> None:
    first = log.note()
    assert log.cosigned_s(log.ask(0), first) == log.platform.clock.read().t_us // 1_000_000
    log.grow(6)
    log.platform.clock.advance_s(30)
    assert log.cosigned_s(log.ask(7), log.note()) == log.platform.clock.read().t_us // 1_000_000


@pytest.mark.parametrize("old", [0, 7])
def test_the_latest_checkpoint_again_is_cosigned_again(log: Log, old: int) -> None:
    note = log.note()
    log.ask(0)
    log.platform.clock.advance_s(5)
    assert log.cosigned_s(log.ask(old), note) == log.platform.clock.read().t_us // 1_000_000


@pytest.mark.parametrize("old", [0, 3, 8])
def test_another_old_size_gets_our_latest_note_as_it_was_signed(log: Log, old: int) -> None:
    note = log.note()
    log.ask(0)
    log.grow(5)
    refused = log.ask(old)
    assert (refused.status_code, refused.content) == (409, note)
    assert refused.headers["Content-Type"].startswith("text/plain")
    assert log.ask(7).status_code == 200


def test_where_nothing_was_cosigned_an_old_size_gets_an_empty_409(log: Log) -> None:
    refused = log.ask(3)
    assert (refused.status_code, refused.content) == (409, b"")


def test_another_root_of_the_same_size_is_a_fork(log: Log) -> None:
    note = log.note()
    log.ask(0)
    log.tree = Tree()
    log.grow(7, b"other")
    refused = log.ask(7)
    assert (refused.status_code, refused.content) == (409, note)


def test_a_history_that_does_not_continue_ours_is_refused_and_changes_nothing(log: Log) -> None:
    log.ask(0)
    true = log.tree
    log.tree = Tree()
    log.grow(12, b"other")
    refused = log.ask(7)
    assert (refused.status_code, refused.json()["error"]) == (422, "proof")
    log.tree = true
    log.grow(1)
    assert log.ask(7).status_code == 200


def test_an_old_size_above_the_new_one_is_refused(log: Log) -> None:
    log.ask(0)
    refused = log.ask(9, proof=(b"x" * 32,))
    assert refused.status_code == 200, "the latest again is the latest whatever old says"
    log.grow(1)
    refused = log.ask(20, proof=(b"x" * 32,))
    assert (refused.status_code, refused.json()["error"]) == (422, "old")


def test_only_the_granted_key_under_the_sessions_origin_counts(log: Log) -> None:
    refused = log.ask(0, note=log.note(key=SigningKey.generate()))
    assert (refused.status_code, refused.json()["error"]) == (403, "signature")
    other = origin_of(log.platform.organisation.fingerprint, "1" * 32)
    refused = log.ask(0, note=log.note(origin=other))
    assert (refused.status_code, refused.json()["error"]) == (422, "origin")
    refused = log.ask(0, note=log.note(size=0))
    assert (refused.status_code, refused.json()["error"]) == (422, "size")
    log.id = "2" * 32
    log.origin = origin_of(log.platform.organisation.fingerprint, log.id)
    assert log.ask(0).status_code == 404


@pytest.mark.parametrize("body", [b"", b"old 0\n\n", b"old -1\n\nx", b"\xff" * 10, b"old 0\n" + b"A" * 10 + b"\n\nx\n\n"])
def test_what_is_no_request_is_refused(log: Log, body: bytes) -> None:
    refused = log.post(body)
    assert (refused.status_code, refused.json()["error"]) == (422, "integrity")
    assert log.post(b"x" * (log.platform.config.limits.checkpoint_max_bytes + 1)).status_code == 413


def test_of_two_forks_at_once_one_is_cosigned(log: Log, platform: RunningPlatform) -> None:
    log.ask(0)
    forks = []
    for mark in (b"a", b"b", b"c", b"d"):
        fork = Log.__new__(Log)
        fork.__dict__.update(log.__dict__)
        fork.client = platform.client()
        fork.tree = Tree([log.tree.leaf(index) for index in range(7)])
        fork.grow(3, mark)
        forks.append(fork)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda fork: fork.ask(7), forks))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    (cosigned,) = (fork.note() for fork, answer in zip(forks, answers, strict=True) if answer.status_code == 200)
    assert {answer.content for answer in answers if answer.status_code == 409} == {cosigned}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["true", "stale", "fork"])), max_size=8))
def test_whatever_comes_the_cosigned_history_only_grows(platform: RunningPlatform, steps: list[tuple[int, str]]) -> None:
    log = Log(platform, f"log {next(NUMBERS)}")
    log.grow(1)
    cosigned, latest = 0, b""
    for leaves, kind in steps:
        log.grow(leaves)
        if kind == "fork":
            fork = Log.__new__(Log)
            fork.__dict__.update(log.__dict__)
            fork.tree = Tree()
            fork.grow(log.tree.size + 1, b"fork")
            answer = fork.ask(cosigned) if cosigned else None
            assert answer is None or answer.status_code in {409, 422}
            continue
        old = cosigned if kind == "true" else cosigned + 1
        answer = log.ask(old, proof=None if old <= log.tree.size else ())
        if answer.status_code == 200:
            assert kind == "true" or log.tree.size == cosigned
            cosigned, latest = log.tree.size, log.note()
        elif answer.status_code == 409:
            assert answer.content == latest
    assert log.ask(cosigned).status_code == 200
