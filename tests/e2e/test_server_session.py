# SPDX-License-Identifier: Apache-2.0
"""A session's whole way on the platform, over HTTP: granted, cosigned, sent, sealed, receipted, read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from server_running import PROJECT, Client, Member, RunningPlatform, running, sha256
from server_sessions import LiveSession, Sending, short_session
from uploader_platform import client_of

from server.orglog import OrganisationLog
from session import EnvironmentFault
from session.crypto.signing import SigningKey
from session.events import Cosign, Edge, Gap, Kind, Moment, Reason, Task
from session.log.merkle import leaf_hash, verify_inclusion
from session.seal import PAYLOAD_TYPE, Loss, read_seal
from session.trust.directory import open_review_key
from session.trust.dsse import seal_envelope
from session.trust.statements import Access, Receipt, open_statement
from session.verify import TrustAnchor, verify_session
from uploader.fetch import RemotePlatform

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("sessions")) as started:
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
def session(platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path) -> LiveSession:
    return short_session(platform, trainer, tmp_path / "spool", f"session {next(NUMBERS)}")


@pytest.fixture
def sent(session: LiveSession) -> Sending:
    """Sealed here, its files there, its seal not yet."""
    sending = session.seal_whole()
    sending.put_files()
    return sending


def receipt_key(platform: RunningPlatform) -> bytes:
    return bytes.fromhex(platform.organisation.platform.receipt_key)


def log_entries(platform: RunningPlatform, first: int = 0) -> list[dict[str, str]]:
    found = []
    while (answer := platform.admin.client.get(f"/v1/log/entries/{first + len(found)}")).status_code == 200:
        found.append(answer.json())
    return found


def log_size(platform: RunningPlatform) -> int:
    return int(platform.admin.client.get("/v1/log/checkpoint").text.split("\n")[1])


def listed_for(member: Member, session_id: str) -> list[dict[str, object]]:
    listed = member.client.get("/v1/sessions").json()["sessions"]
    return [one for one in listed if one["session_id"] == session_id]


def test_the_receipt_is_signed_durable_and_proves_its_place_in_the_log(platform: RunningPlatform, sent: Sending) -> None:
    size = log_size(platform)
    answer = sent.put_seal()
    assert answer.status_code == 201
    receipt = open_statement(answer.content, Receipt, receipt_key(platform))
    seal = read_seal(sent.sealed.seal_raw, sent.sealed.keys.signing.public)
    assert (receipt.session, receipt.person, receipt.root, receipt.size) == (sent.id, "ada", seal.root, seal.size)
    assert receipt.seal_sha256 == sha256(sent.sealed.seal_raw)
    proof = [bytes.fromhex(step) for step in receipt.log_proof]
    leaf = leaf_hash(sent.sealed.seal_raw)
    verify_inclusion(receipt.log_index, receipt.log_size, leaf, proof, bytes.fromhex(receipt.log_root))
    assert sent.client.get(f"/v1/sessions/{sent.id}/receipt").content == answer.content
    entries = log_entries(platform, size)
    assert [entry["kind"] for entry in entries] == ["seal", "receipt"]
    assert (entries[0]["leaf"], receipt.log_index) == (leaf.hex(), size)


def test_the_same_seal_again_gets_the_same_receipt_and_no_new_entry(platform: RunningPlatform, sent: Sending) -> None:
    first = sent.put_seal()
    size = log_size(platform)
    platform.clock.advance_s(60)
    again = sent.put_seal()
    assert (again.status_code, again.content) == (200, first.content)
    assert log_size(platform) == size


def test_another_seal_of_the_session_is_refused(sent: Sending) -> None:
    sent.put_seal()
    other = sent.put_seal(policy="0" * 64)
    assert (other.status_code, other.json()["error"]) == (409, "sealed")


def test_what_is_missing_is_listed_until_it_is_there(session: LiveSession) -> None:
    sending = session.seal_whole()
    wished = list(sending.files)
    asked = sending.client.post(f"/v1/sessions/{sending.id}/missing", json={"digests": wished})
    assert asked.json() == {"missing": wished}
    refused = sending.put_seal()
    assert (refused.status_code, refused.json()["error"], refused.json()["missing"]) == (
        409,
        "missing",
        list(sending.segments),
    )
    for digest, octets in sending.segments.items():
        sending.client.put(f"/v1/sessions/{sending.id}/blobs/{digest}", data=octets)
    refused = sending.put_seal(directory="1" * 64, policy="2" * 64)
    assert refused.json()["missing"] == ["1" * 64, "2" * 64]
    refused = sending.put_seal()
    assert refused.json()["missing"] == list(sending.captures)
    for digest, octets in sending.captures.items():
        sending.client.put(f"/v1/sessions/{sending.id}/blobs/{digest}", data=octets)
    assert sending.client.post(f"/v1/sessions/{sending.id}/missing", json={"digests": wished}).json() == {"missing": []}
    assert sending.put_seal().status_code == 201


def test_a_removed_capture_is_not_asked_for(sent: Sending) -> None:
    assert len(sent.captures) == 1
    assert sent.put_seal().status_code == 201


def test_a_changed_segment_does_not_verify_and_leaves_nothing_sealed(sent: Sending, platform: RunningPlatform) -> None:
    (segment,) = sent.segments.values()
    changed = segment[:-40] + bytes([segment[-40] ^ 1]) + segment[-39:]
    sent.client.put(f"/v1/sessions/{sent.id}/blobs/{sha256(changed)}", data=changed)
    size = log_size(platform)
    refused = sent.put_seal(segments=[sha256(changed)])
    assert (refused.status_code, refused.json()["error"]) == (422, "verify")
    assert refused.json()["step"]
    assert sent.client.get(f"/v1/sessions/{sent.id}/receipt").status_code == 404
    assert log_size(platform) == size
    assert sent.put_seal().status_code == 201


def test_the_step_that_fails_is_named(platform: RunningPlatform, sent: Sending) -> None:
    """The directory is one that the platform knows, and not the one that the session began under."""
    other = sha256(platform.publish())
    refused = sent.put_seal(directory=other)
    assert (refused.status_code, refused.json()["error"]) == (422, "verify")
    assert refused.json()["number"] >= 1
    assert refused.json()["step"] in refused.json()["detail"]
    assert sent.client.get(f"/v1/sessions/{sent.id}/receipt").status_code == 404


def test_a_seal_by_another_key_does_not_verify(sent: Sending) -> None:
    body = read_seal(sent.sealed.seal_raw, sent.sealed.keys.signing.public)
    forged = seal_envelope(PAYLOAD_TYPE, msgspec.json.encode(body), SigningKey.generate())
    refused = sent.put_seal(seal=forged.decode())
    assert (refused.status_code, refused.json()["error"], refused.json()["step"]) == (422, "verify", "seal")


def test_another_persons_session_does_not_exist(platform: RunningPlatform, sent: Sending, reviewer: Member) -> None:
    other = platform.join("eve", "trainer")
    sent.client = other.client
    assert sent.put_seal().status_code == 404
    digest, octets = next(iter(sent.files.items()))
    assert other.client.head(f"/v1/sessions/{sent.id}/blobs/{digest}").status_code == 404
    assert other.client.put(f"/v1/sessions/{sent.id}/blobs/{digest}", data=octets).status_code == 404
    assert other.client.post(f"/v1/sessions/{sent.id}/missing", json={"digests": [digest]}).status_code == 404


def test_a_seal_without_what_was_cosigned_is_refused(session: LiveSession) -> None:
    assert session.cosign_fork().status_code == 200
    sending = session.seal_whole()
    sending.put_files()
    refused = sending.put_seal()
    assert (refused.status_code, refused.json()["error"]) == (409, "history")


def test_a_true_loss_is_taken_when_the_seal_states_it(session: LiveSession) -> None:
    size = session.journal.size
    assert session.cosign_fork(leaves=40).status_code == 200
    sending = session.seal_whole(loss=session.lose(size + 40))
    sending.put_files()
    answer = sending.put_seal()
    assert answer.status_code == 201, answer.text
    assert verify_session(sending.sealed.folder).lost == 40


def test_a_loss_of_another_size_than_cosigned_is_refused(session: LiveSession) -> None:
    size = session.journal.size
    session.cosign_fork(leaves=40)
    sending = session.seal_whole(loss=session.lose(size + 39))
    sending.put_files()
    assert sending.put_seal().json()["error"] == "history"


def cosigned_sizes(session: LiveSession) -> list[int]:
    return [event.body.size for event in session.events if isinstance(event.body, Cosign)]


def test_history_made_anew_without_a_word_in_the_record_does_not_verify(session: LiveSession, tmp_path: Path) -> None:
    remade = session.remade(tmp_path / "remade")
    loss = Loss(recovered_size=2, cosigned_size=max(cosigned_sizes(session)))
    remade.tick()
    remade.checkpoint(Moment.STOP)
    sending = Sending(session, remade.seal(receipt=False, loss=loss))
    sending.put_files()
    refused = sending.put_seal()
    assert (refused.status_code, refused.json().get("step"), refused.json().get("number")) == (422, "seal", 9)


def test_history_made_anew_is_refused_below_a_cosigned_size(session: LiveSession, tmp_path: Path) -> None:
    """The record tells the loss as recovery would; what it calls recovered is not what was cosigned."""
    first, last = cosigned_sizes(session)
    remade = session.remade(tmp_path / "remade")
    while remade.journal.size < first:
        remade.note("instead")
    loss = remade.lose(last)
    remade.checkpoint(Moment.STOP)
    sending = Sending(session, remade.seal(receipt=False, loss=loss))
    sending.put_files()
    refused = sending.put_seal()
    assert (refused.status_code, refused.json()["error"]) == (409, "history")
    assert sending.client.get(f"/v1/sessions/{sending.id}/receipt").status_code == 404


def test_the_loss_of_all_that_was_cosigned_is_taken_and_told(session: LiveSession, tmp_path: Path) -> None:
    """Nothing is left that could be compared; the size of the loss, and when the lost was cosigned, stay."""
    first, last = cosigned_sizes(session)
    remade = session.remade(tmp_path / "remade")
    while remade.journal.size < first - 1:
        remade.note("instead")
    loss = remade.lose(last)
    remade.checkpoint(Moment.STOP)
    sending = Sending(session, remade.seal(receipt=False, loss=loss))
    sending.put_files()
    answer = sending.put_seal()
    assert answer.status_code == 201, answer.text
    assert verify_session(sending.sealed.folder).lost == last - first + 1


def test_after_the_seal_nothing_is_cosigned_or_added(session: LiveSession) -> None:
    note = session.checkpoint().note
    sending = session.seal_whole()
    sending.put_files()
    sending.put_seal()
    refused = session.ask_cosignature(session.cosigned_size, note)
    assert (refused.status_code, refused.json()["error"]) == (410, "sealed")
    octets = b"too late"
    refused = sending.client.put(f"/v1/sessions/{sending.id}/blobs/{sha256(octets)}", data=octets)
    assert (refused.status_code, refused.json()["error"]) == (409, "sealed")
    digest, octets = next(iter(sending.files.items()))
    assert sending.client.put(f"/v1/sessions/{sending.id}/blobs/{digest}", data=octets).status_code == 200


def test_the_reviewer_fetches_a_session_that_verifies_and_opens(
    platform: RunningPlatform, sent: Sending, reviewer: Member, tmp_path: Path
) -> None:
    sent.put_seal()
    (listed,) = listed_for(reviewer, sent.id)
    assert (listed["person"], listed["project"]) == ("ada", PROJECT)
    assert (listed["worked_us"], listed["state"]) == (10_000_000, "sealed")
    folder = tmp_path / "fetched"
    for name in ("blobs", "statements"):
        (folder / name).mkdir(parents=True)
    manifest = reviewer.client.get(f"/v1/sessions/{sent.id}").json()
    (folder / "seal.dsse").write_text(manifest["seal"])
    (folder / "receipt.dsse").write_text(manifest["receipt"])
    (folder / "statements" / "directory.dsse").write_text(manifest["directory"])
    (folder / "statements" / "policy.toml").write_text(manifest["policy"])
    names = [f"{index:06d}.fws" for index in range(len(manifest["segments"]))]
    names += [f"blobs/{digest}" for digest in manifest["blobs"]]
    for name, digest in zip(names, manifest["segments"] + manifest["blobs"], strict=True):
        (folder / name).write_bytes(reviewer.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}").content)
    fp = platform.organisation.fingerprint
    key = open_review_key(fp, PROJECT, platform.organisation.review_keys[0], "ben", reviewer.reading_key)
    outcome = verify_session(folder, trust=TrustAnchor(fp), epoch_key=key)
    assert outcome.verified, outcome.failed_step
    assert (outcome.receipt, outcome.trusted, outcome.opening) == (True, True, "grant")


def test_each_access_stands_in_the_log_before_it_happens_and_names_the_file(
    platform: RunningPlatform, sent: Sending, reviewer: Member
) -> None:
    sent.put_seal()
    size = log_size(platform)
    digest = next(iter(sent.segments))
    for _ in range(3):
        assert reviewer.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}").status_code == 200
    reviewer.client.get(f"/v1/sessions/{sent.id}")
    statements = [entry["statement"] for entry in log_entries(platform, size) if entry["kind"] == "access"]
    opened = [open_statement(text.encode(), Access, receipt_key(platform)) for text in statements]
    files = [(access.person, access.files) for access in opened]
    assert files == [("ben", (digest,)), ("ben", (sha256(sent.sealed.seal_raw),))]
    platform.clock.advance_s(3600)
    reviewer.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}")
    assert [entry["kind"] for entry in log_entries(platform)][-1] == "access"


def test_a_file_that_cannot_be_logged_is_not_served(
    platform: RunningPlatform, sent: Sending, reviewer: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent.put_seal()
    digest = next(iter(sent.segments))

    def full(*_arguments: object) -> int:
        raise EnvironmentFault("The disk is full.")

    monkeypatch.setattr(OrganisationLog, "append", full)
    refused = reviewer.client.get(f"/v1/sessions/{sent.id}/blobs/{digest}")
    assert refused.status_code == 503
    assert sent.segments[digest] not in refused.content


def test_ranges_of_a_file(sent: Sending) -> None:
    sent.put_seal()
    digest, octets = next(iter(sent.captures.items()))
    path = f"/v1/sessions/{sent.id}/blobs/{digest}"
    part = sent.client.get(path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, octets[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(octets)}"
    assert sent.client.get(path, headers={"Range": "bytes=-5"}).content == octets[-5:]
    assert sent.client.get(path, headers={"Range": f"bytes={len(octets) - 3}-"}).content == octets[-3:]
    beyond = sent.client.get(path, headers={"Range": f"bytes={len(octets)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(octets)}")
    whole = sent.client.get(path)
    assert (whole.status_code, whole.content) == (200, octets)


def test_who_may_read_a_sealed_session(platform: RunningPlatform, sent: Sending, reviewer: Member) -> None:
    sent.put_seal()
    paths = [
        f"/v1/sessions/{sent.id}",
        f"/v1/sessions/{sent.id}/receipt",
        f"/v1/sessions/{sent.id}/blobs/{next(iter(sent.files))}",
    ]
    of_another = platform.join("rex", "reviewer", projects=("beta",))
    approver = platform.join("ann", "approver")
    for path in paths:
        assert sent.client.get(path).status_code == 200
        assert reviewer.client.get(path).status_code == 200
        assert of_another.client.get(path).status_code == 404
        assert approver.client.get(path).status_code == 404
        assert platform.admin.client.get(path).status_code == 403
    assert of_another.client.get("/v1/sessions").json() == {"sessions": []}
    assert len(listed_for(approver, sent.id)) == 1
    assert platform.admin.client.get("/v1/sessions").status_code == 403


def test_a_running_session_is_listed_for_its_person_alone(session: LiveSession, reviewer: Member) -> None:
    (listed,) = listed_for(session.trainer, session.id)
    assert (listed["state"], listed["sealed_us"]) == ("open", 0)
    assert listed_for(reviewer, session.id) == []
    assert reviewer.client.get(f"/v1/sessions/{session.id}").status_code == 404


def test_concurrent_seals_of_a_session_give_one_receipt(platform: RunningPlatform, sent: Sending) -> None:
    token = sent.client.token
    clients = [platform.client(token) for _ in range(4)]
    size = log_size(platform)

    def put(client: Client) -> tuple[int, bytes]:
        while (answer := client.put(f"/v1/sessions/{sent.id}/seal", json=sent.body)).status_code == 503:
            assert answer.headers["Retry-After"] == "10"  # one of a person's is verified at a time
        return answer.status_code, answer.content

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(put, clients))
    assert sorted(status for status, _ in answers) == [200, 200, 200, 201]
    assert len({receipt for _, receipt in answers}) == 1
    assert [entry["kind"] for entry in log_entries(platform, size)] == ["seal", "receipt"]


def test_no_column_of_the_database_and_no_file_holds_what_the_content_keys_open(
    platform: RunningPlatform, session: LiveSession
) -> None:
    canary = "a-canary-in-a-note"
    session.note(canary)
    sending = session.seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    held = [path.read_bytes() for path in platform.config.folder.rglob("*") if path.is_file()]
    assert any(sent_id.encode() in octets for octets in held for sent_id in (sending.id,))
    assert not any(canary.encode() in octets or b"kept session" in octets for octets in held)


def test_a_session_sealed_under_a_newer_directory_is_taken_and_given_back_with_it(
    session: LiveSession, platform: RunningPlatform, reviewer: Member, tmp_path: Path
) -> None:
    newer = platform.publish()
    sealed = session.seal(receipt=False, directory=newer)
    platform.clock.reach(session.reading.t_us)
    sending = Sending(session, sealed)
    sending.put_files()
    taken = sending.put_seal()
    assert taken.status_code == 201, taken.text
    manifest = reviewer.client.get(f"/v1/sessions/{sending.id}").json()
    assert manifest["statements"] == [newer.decode()]
    assert manifest["directory"].encode() == session.directory != newer
    copy = RemotePlatform(client_of(platform, reviewer)).fetch(sending.id, tmp_path)
    outcome = verify_session(copy, trust=TrustAnchor(platform.organisation.fingerprint))
    assert outcome.verified, outcome.failed_step


def test_two_devices_at_once_are_both_taken_and_what_both_count_is_counted_once(
    platform: RunningPlatform, reviewer: Member, tmp_path: Path
) -> None:
    tess = platform.join("tess", "trainer")
    platform.clock.advance_s(7_200)  # past both: else the second's grant proves that its computer's clock was behind
    at_once = [short_session(platform, tess, tmp_path / name, name) for name in ("desk", "laptop")]
    at_once[1].wait(5)
    at_once[1].cosigned_checkpoint(Moment.STOP)  # goes on a little longer
    for session in reversed(at_once):
        sending = session.seal_whole()
        sending.put_files()
        assert sending.put_seal().status_code == 201
    first, second = sorted(at_once, key=lambda session: session.id)  # they began together
    for member in (tess, reviewer):
        listed = {one["session_id"]: one for one in member.client.get("/v1/sessions").json()["sessions"]}
        assert listed[first.id]["overlap_us"] == 0
        assert listed[second.id]["overlap_us"] == min(listed[one.id]["worked_us"] for one in at_once) == 10_000_000
        assert listed[second.id]["worked_us"] + listed[first.id]["worked_us"] >= 20_000_000


def test_hours_that_the_platforms_clock_leaves_no_room_for_are_taken_and_told(
    platform: RunningPlatform, reviewer: Member, tmp_path: Path
) -> None:
    session = LiveSession(platform, platform.join("tom", "trainer"), tmp_path / "s")
    session.cosigned_checkpoint()
    now = session.reading
    for _ in range(96):
        session.add(Kind.TASK, Task(now.t_us - 300_000_000, session.reading.mono_us, PROJECT, ""))
        session.add(
            Kind.GAP, Gap(now.t_us, session.reading.mono_us, Edge.POINT, Reason.CRASH, "session", now.t_us - 300_000_000)
        )
    session.stop()
    sending = session.seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    rows = reviewer.client.get("/v1/sessions").json()["sessions"]
    listed = next(one for one in rows if one["session_id"] == session.id)
    assert listed["worked_us"] > 8 * 3_600_000_000 - 60_000_000
    assert listed["beyond_us"] > 6 * 3_600_000_000
