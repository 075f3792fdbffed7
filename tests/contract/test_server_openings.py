# SPDX-License-Identifier: Apache-2.0
"""An opening of withheld records at the platform: who may ask, what is taken, and what reviewers are given then."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from server_openings import assert_refused, disclose, disclosure, fetched, flags, manifest, text_of
from server_running import Member, RunningPlatform, running
from server_sessions import LiveSession, Sending
from server_statements import post, removal, sealed_session, seqs_of
from trust_builders import SealedSession
from trust_people import POLICY_WITHHOLDING_CAPTURES, signing_key
from verifier_both import both

from server import rewriting
from server.config import Limits
from session.appeal import opened_before, to_send
from session.crypto.hpke import ReadingKey
from session.disk import environment_fault
from session.events import Kind
from session.frames import ABSENT, encode_frame, public_frame, seal_frame
from session.reader import FolderReader, content_keys_for_reviewer, record_keys_for_reviewer
from session.segments import session_frames
from session.trust.directory import issue_review_key, open_review_key
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import OpeningStatement
from session.verify import TrustAnchor

BODY_BYTES = 256 * 1024
PICTURE = b"kept said"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    with running(tmp_path_factory.mktemp("opening"), Limits(opening_max_bytes=BODY_BYTES)) as started:
        started.organisation.policy = POLICY_WITHHOLDING_CAPTURES
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
def other(platform: RunningPlatform, reviewer: Member) -> Member:
    return platform.join("eve", "trainer")


@pytest.fixture
def sent(platform: RunningPlatform, trainer: Member, reviewer: Member, other: Member, tmp_path: Path) -> Sending:
    return sealed_session(platform, trainer, tmp_path / "spool")


def test_two_records_are_opened_and_reviewers_read_these_two_and_no_other(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    first, *others = seqs_of(sent, Kind.RAW)
    (capture,) = seqs_of(sent, Kind.CAPTURE)
    before = manifest(reviewer, sent)
    assert before["blobs"] == []

    body = disclosure(platform, trainer, sent, first, capture)
    answer = disclose(trainer, sent, body)

    assert answer.status_code == 201, answer.text
    given = manifest(reviewer, sent)
    assert (given["seal"], given["receipt"]) == (before["seal"], before["receipt"])
    assert given["statements"][-1] == body["statement"]
    entry = platform.admin.client.get(f"/v1/log/entries/{answer.json()['index']}").json()
    assert (entry["kind"], entry["statement"]) == ("opening", body["statement"])
    folder = fetched(reviewer, sent, tmp_path / "fetched")
    assert [flags(folder)[seq] for seq in others] == [ABSENT] * len(others)
    epoch = review_key(platform, reviewer)
    reader = FolderReader(folder, content_keys_for_reviewer(folder, epoch), record_keys_for_reviewer(folder, epoch))
    raws = {event.seq: event.body for event in reader.events() if event.kind == Kind.RAW}
    own = {event.seq: event.body for event in sent.sealed.events}
    assert raws == {first: own[first]} | dict.fromkeys(others)
    assert (reader.image(capture) or b"").startswith(PICTURE)
    outcome = both(folder, trust=TrustAnchor(platform.organisation.fingerprint), reading_key=epoch)
    assert (outcome.verified, outcome.opened, outcome.withheld) == (True, 2, len(others) + 2)
    (told,) = outcome.openings
    assert (told.person, told.kinds) == ("ada", tuple(sorted([(int(Kind.RAW), 1), (int(Kind.CAPTURE), 1)])))
    again = disclose(trainer, sent, body)
    assert (again.status_code, again.json()) == (200, answer.json())
    assert opened_before(folder) == {first, capture}


def review_key(platform: RunningPlatform, reviewer: Member) -> ReadingKey:
    (key,) = platform.organisation.review_keys
    project = platform.organisation.directory().projects[0].id
    return open_review_key(platform.organisation.fingerprint, project, key, reviewer.person, reviewer.reading_key)


def test_nobody_else_opens_anything(
    platform: RunningPlatform, trainer: Member, reviewer: Member, other: Member, sent: Sending
) -> None:
    seq = seqs_of(sent, Kind.RAW)[0]
    body = disclosure(platform, trainer, sent, seq)
    assert_refused(disclose(other, sent, body), 404, "unknown")
    assert disclose(reviewer, sent, body).status_code == 403
    forged = disclosure(platform, trainer, sent, seq, key=signing_key("somebody"))
    assert_refused(disclose(trainer, sent, forged), 403, "signature")
    assert_refused(disclose(trainer, sent, disclosure(platform, trainer, sent, seq, person="eve")), 422, "input", "person")
    assert manifest(reviewer, sent)["statements"] == manifest(trainer, sent)["statements"]
    assert disclose(trainer, sent, body).status_code == 201


def test_who_reviews_and_trains_opens_nothing_of_somebody_elses(
    platform: RunningPlatform, trainer: Member, sent: Sending
) -> None:
    both_roles = next((one for one in platform.organisation.members if one.person == "kim"), None)
    kim = both_roles or platform.join("kim", "trainer", "reviewer")
    seq = seqs_of(sent, Kind.RAW)[0]
    body = disclosure(platform, kim, sent, seq)
    assert_refused(disclose(kim, sent, body), 403, "role")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"organisation": "9" * 64}, "organisation"),
        ({"session": "9" * 32}, "session"),
        ({"seal_sha256": "9" * 64}, "seal_sha256"),
        ({"records": (5, 5)}, "records"),
        ({"records": (1 << 40,)}, "records"),
        ({"wraps": ()}, "wraps"),
        ({"at_us": 1}, "wraps"),
        ({"log_root": "9" * 64}, ""),
    ],
)
def test_a_statement_about_something_else_is_refused(
    platform: RunningPlatform, trainer: Member, sent: Sending, changes: dict[str, object], field: str
) -> None:
    before = manifest(trainer, sent)
    body = disclosure(platform, trainer, sent, seqs_of(sent, Kind.RAW)[0], **changes)
    answer = disclose(trainer, sent, body)
    assert_refused(answer, 422 if field else 409, "input" if field else "log", field)
    assert manifest(trainer, sent)["segments"] == before["segments"]


def test_a_wrap_for_another_key_or_of_another_length_is_refused(
    platform: RunningPlatform, trainer: Member, sent: Sending
) -> None:
    seq, second = seqs_of(sent, Kind.RAW)[:2]
    (whole,) = statement_of(disclosure(platform, trainer, sent, seq)).wraps
    (longer,) = statement_of(disclosure(platform, trainer, sent, seq, second)).wraps
    for wrap in (
        msgspec.structs.replace(whole, recipient="9" * 64),
        msgspec.structs.replace(whole, epoch=7),
        msgspec.structs.replace(whole, wrapped="AAAA"),
        longer,
    ):
        assert_refused(
            disclose(trainer, sent, disclosure(platform, trainer, sent, seq, wraps=(wrap,))), 422, "input", "wraps"
        )


def statement_of(body: dict[str, object]) -> OpeningStatement:
    return strict_json(read_envelope(str(body["statement"]).encode())[1], OpeningStatement)


def other_frames(sent: Sending, seq: int) -> dict[str, tuple[bytes, ...]]:
    (true,) = to_send(sent.sealed.folder, [seq]).frames
    second = seqs_of(sent, Kind.RAW)[1]
    keys, session_id = sent.sealed.keys, bytes.fromhex(sent.id)
    forged = seal_frame(Kind.RAW, seq, b"[1]", content_key=keys.content_w, session_id=session_id, salt=bytes(16))
    absent = next(frame for _, _, frame in session_frames(sent.sealed.folder) if frame.seq == seq).absent()
    return {
        "another content": (encode_frame(forged),),
        "the commitment": (encode_frame(absent),),
        "another record": to_send(sent.sealed.folder, [second]).frames,
        "a public one": (encode_frame(public_frame(Kind.CHECKPOINT, seq, b"[1]")),),
        "bytes behind it": (true + b"\0",),
        "a bit turned": (true[:-9] + bytes([true[-9] ^ 1]) + true[-8:],),
        "nothing": (b"",),
        "none": (),
        "two": (true, true),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "another content", "the commitment", "another record", "a public one", "bytes behind it", "a bit turned", "nothing",
        "none", "two",
    ],
)  # fmt: skip
def test_a_frame_that_is_not_the_sealed_one_is_refused(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, wrong: str
) -> None:
    before = manifest(reviewer, sent)
    seq = seqs_of(sent, Kind.RAW)[0]
    body = disclosure(platform, trainer, sent, seq, frames=other_frames(sent, seq)[wrong])
    assert_refused(disclose(trainer, sent, body), 422, "input")
    assert manifest(reviewer, sent)["segments"] == before["segments"]


def test_a_picture_that_is_not_the_records_is_refused(platform: RunningPlatform, trainer: Member, sent: Sending) -> None:
    (capture,) = seqs_of(sent, Kind.CAPTURE)
    (true,) = to_send(sent.sealed.folder, [capture]).pictures
    for pictures in ((), (true[:-1] + bytes([true[-1] ^ 1]),), (true, b"more")):
        body = disclosure(platform, trainer, sent, capture, pictures=pictures)
        assert_refused(disclose(trainer, sent, body), 422, "input", "pictures")
    body = disclosure(platform, trainer, sent, capture)
    for part in ("frames", "pictures"):
        assert_refused(disclose(trainer, sent, body | {part: ["*"]}), 422, "input", part)


def test_what_is_sent_already_opened_already_or_removed_is_not_opened(
    platform: RunningPlatform, trainer: Member, sent: Sending
) -> None:
    stats, (first, second, *_) = seqs_of(sent, Kind.STATS)[0], seqs_of(sent, Kind.RAW)
    assert_refused(disclose(trainer, sent, disclosure(platform, trainer, sent, first, stats)), 422, "input", "records")
    assert disclose(trainer, sent, disclosure(platform, trainer, sent, first)).status_code == 201
    assert_refused(disclose(trainer, sent, disclosure(platform, trainer, sent, first, second)), 422, "input", "records")
    assert post(trainer, sent, removal(platform, trainer, sent, second)).status_code == 201
    assert_refused(disclose(trainer, sent, disclosure(platform, trainer, sent, second)), 422, "input", "records")


def test_what_was_taken_out_before_the_seal_does_not_come_back(
    platform: RunningPlatform, trainer: Member, reviewer: Member, tmp_path: Path
) -> None:
    """Somebody kept a copy from before: the platform takes nothing of it, and the session goes on verifying."""
    live = LiveSession(platform, trainer, tmp_path / "s", "kept a copy")
    live.tick()
    note, capture = live.note("private").seq, live.capture(b"private").seq
    live.cosigned_checkpoint()
    live.journal.sync()
    shutil.copytree(tmp_path / "s", tmp_path / "copy")
    live.stop()
    live.redact(note, capture)
    sent = live.seal_whole()
    sent.put_files()
    assert sent.put_seal().status_code == 201
    shutil.copy(tmp_path / "s" / "seal.dsse", tmp_path / "copy")
    before = manifest(reviewer, sent)
    kept = Kept(sent.id, dataclasses.replace(sent.sealed, folder=tmp_path / "copy"))
    assert_refused(
        disclose(trainer, sent, disclosure(platform, trainer, kept, note)), 422, "input", "records: the policy does not"
    )
    assert_refused(
        disclose(trainer, sent, disclosure(platform, trainer, kept, capture)),
        422,
        "input",
        f"records: {capture} was removed",
    )
    assert manifest(reviewer, sent)["segments"] == before["segments"]


@dataclasses.dataclass(frozen=True)
class Kept:
    """A session with the files that somebody kept of it."""

    id: str
    sealed: SealedSession


def test_what_was_opened_can_be_removed_afterwards(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    seq = seqs_of(sent, Kind.RAW)[0]
    assert disclose(trainer, sent, disclosure(platform, trainer, sent, seq)).status_code == 201
    platform.clock.advance_s(1)
    assert post(trainer, sent, removal(platform, trainer, sent, seq)).status_code == 201
    folder = fetched(reviewer, sent, tmp_path / "fetched")
    assert flags(folder)[seq] == ABSENT
    assert both(
        folder, trust=TrustAnchor(platform.organisation.fingerprint), reading_key=review_key(platform, reviewer)
    ).verified


def test_bodies_are_bounded_and_read_strictly(platform: RunningPlatform, trainer: Member, sent: Sending) -> None:
    body = disclosure(platform, trainer, sent, seqs_of(sent, Kind.RAW)[0])
    assert_refused(disclose(trainer, sent, body | {"pictures": ["A" * BODY_BYTES]}), 413, "size")
    assert_refused(disclose(trainer, sent, body | {"more": 1}), 422, "input")
    assert_refused(disclose(trainer, sent, body | {"frames": [text_of(b"x")] * 513}), 422, "input")
    other_kind = removal(platform, trainer, sent, seqs_of(sent, Kind.RAW)[0]).decode()
    assert_refused(disclose(trainer, sent, body | {"statement": other_kind}), 422, "input", "statement")
    assert_refused(disclose(trainer, sent, body | {"statement": "{}"}), 422, "integrity")
    assert post(trainer, sent, str(body["statement"]).encode()).status_code == 422, "without its frames it opens nothing"


def test_a_newer_review_key_reads_what_is_opened_now(
    platform: RunningPlatform, trainer: Member, reviewer: Member, sent: Sending, tmp_path: Path
) -> None:
    held = platform.organisation.review_keys
    old = held[0]
    now = platform.clock.read().t_us
    entries = (reviewer.entry(),)
    fp, project = platform.organisation.fingerprint, platform.organisation.directory().projects[0].id
    newer = issue_review_key(fp, project, old.epoch + 1, entries, from_us=now - 1, until_us=old.until_us)
    platform.organisation.review_keys = (old, newer)
    platform.publish()
    try:
        seq = seqs_of(sent, Kind.RAW)[0]
        assert disclose(trainer, sent, disclosure(platform, trainer, sent, seq)).status_code == 201
        folder = fetched(reviewer, sent, tmp_path / "fetched")
        key = open_review_key(fp, project, newer, reviewer.person, reviewer.reading_key)
        assert set(record_keys_for_reviewer(folder, key)) == {seq}
        assert both(folder, trust=TrustAnchor(fp), reading_key=key).opened == 1
    finally:
        platform.organisation.review_keys = held
        platform.publish()


def test_a_disk_that_refuses_leaves_the_session_as_it_was(
    platform: RunningPlatform,
    trainer: Member,
    reviewer: Member,
    sent: Sending,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = manifest(reviewer, sent)
    body = disclosure(platform, trainer, sent, seqs_of(sent, Kind.RAW)[0])

    def full(*_: object) -> None:
        raise environment_fault(OSError(28, "No space left on device"), "keeping a file")

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "_kept", full)
        assert disclose(trainer, sent, body).status_code >= 500
    assert manifest(reviewer, sent)["segments"] == before["segments"]
    assert disclose(trainer, sent, body).status_code == 201
