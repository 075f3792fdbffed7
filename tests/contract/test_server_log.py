# SPDX-License-Identifier: Apache-2.0
"""The organisation log as its members read it: proofs for any head that it had, and entries for those whom they concern."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from server_running import Member, RunningPlatform, running
from server_sessions import Sending
from server_statements import decision, head_of, post, refused, sealed_session

import server.orglog
from session.log.merkle import leaf_hash, verify_inclusion
from session.trust.dsse import read_envelope


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("log")) as started:
        started.put_policy()
        yield started


@pytest.fixture(scope="module")
def people(platform: RunningPlatform) -> dict[str, Member]:
    made = {
        "trainer": platform.join("ada", "trainer"),
        "other": platform.join("eve", "trainer"),
        "reviewer": platform.join("ben", "reviewer"),
        "elsewhere": platform.join("rex", "reviewer", projects=("beta",)),
    }
    platform.issue_review_key()
    return made


@pytest.fixture(scope="module")
def sent(platform: RunningPlatform, people: dict[str, Member], tmp_path_factory: pytest.TempPathFactory) -> Sending:
    sending = sealed_session(platform, people["trainer"], tmp_path_factory.mktemp("spool"))
    assert post(people["reviewer"], sending, decision(platform, people["reviewer"], sending)).status_code == 201
    return sending


def head(platform: RunningPlatform) -> tuple[int, bytes]:
    named = head_of(platform)
    return int(str(named["log_size"])), bytes.fromhex(str(named["log_root"]))


def kinds(member: Member, size: int, **more: object) -> list[str]:
    answer = member.client.get("/v1/log/entries", params={"size": size, **more})
    assert answer.status_code == 200, answer.text
    return [entry["kind"] for entry in answer.json()["entries"]]


def test_each_entry_comes_with_its_proof_in_the_head_that_was_asked_for(
    platform: RunningPlatform, people: dict[str, Member], sent: Sending
) -> None:
    size, root = head(platform)
    platform.publish()  # the log goes on, and the head that was asked for stays
    entries = people["trainer"].client.get(f"/v1/log/entries?size={size}").json()["entries"]
    assert entries
    for entry in entries:
        leaf = leaf_hash(entry["statement"].encode())
        verify_inclusion(entry["index"], size, leaf, [bytes.fromhex(step) for step in entry["proof"]], root)
        told = people["other"].client.get(f"/v1/log/inclusion/{leaf.hex()}/{size}").json()
        assert told == {"index": entry["index"], "proof": entry["proof"]}
    indexes = [entry["index"] for entry in entries]
    assert indexes == sorted(indexes)
    assert all(read_envelope(entry["statement"].encode(), max_bytes=1 << 20) for entry in entries)


def test_they_are_told_to_those_whom_they_concern(
    platform: RunningPlatform, people: dict[str, Member], sent: Sending
) -> None:
    size, _ = head(platform)
    whole = {"directory", "grant", "seal", "receipt", "decision"}
    assert set(kinds(people["trainer"], size)) == set(kinds(people["reviewer"], size)) == whole
    assert set(kinds(people["other"], size)) == set(kinds(people["elsewhere"], size)) == {"directory"}
    assert set(kinds(platform.admin, size)) == whole
    assert kinds(people["trainer"], size, session=sent.id) == ["grant", "seal", "receipt", "decision"]
    assert kinds(people["reviewer"], size, session=sent.id) == ["grant", "seal", "receipt", "decision"]
    assert kinds(people["other"], size, session=sent.id) == []
    assert kinds(people["trainer"], size, session="0" * 32) == []


def test_a_page_ends_and_the_next_goes_on(
    platform: RunningPlatform, people: dict[str, Member], sent: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, _ = head(platform)
    whole = kinds(people["trainer"], size)
    for name, most in (("PAGE", 2), ("PAGE_BYTES", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(server.orglog, name, most)
            read: list[str] = []
            begin = 0
            while found := people["trainer"].client.get(f"/v1/log/entries?begin={begin}&size={size}").json()["entries"]:
                assert len(found) <= 2
                read += [entry["kind"] for entry in found]
                begin = found[-1]["index"] + 1
            assert read == whole


def test_what_the_log_never_had_is_not_known(platform: RunningPlatform, people: dict[str, Member], sent: Sending) -> None:
    size, _ = head(platform)
    get = people["trainer"].client.get
    leaf = leaf_hash(sent.sealed.seal_raw).hex()
    index = get(f"/v1/log/inclusion/{leaf}/{size}").json()["index"]
    assert refused(get(f"/v1/log/inclusion/{leaf}/{index}")) == (404, "unknown"), "it was not yet there"
    assert refused(get(f"/v1/log/inclusion/{leaf}/{size + 1}")) == (404, "unknown")
    assert refused(get(f"/v1/log/inclusion/{'9' * 64}/{size}")) == (404, "unknown")
    assert refused(get(f"/v1/log/entries?size={size + 1}")) == (404, "unknown")
    for query in ("", "size=x", f"size={size}&begin=-1", f"size={size}&session=x"):
        assert get(f"/v1/log/entries?{query}").status_code == 422
    assert get("/v1/log/inclusion/9/1").status_code == 422
