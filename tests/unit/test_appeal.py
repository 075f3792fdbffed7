# SPDX-License-Identifier: Apache-2.0
"""Opening withheld records: what would be readable, the statement that is signed, and what reviewers then read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest
from trust_builders import (
    DAY_US,
    POLICY_WITHHOLDING_CAPTURES,
    Organisation,
    SealedSession,
    organisation,
    realistic_session,
)
from verifier_both import both

from session import InputFault, IntegrityFault, appeal
from session.appeal import (
    left_to_open,
    openable,
    opened_before,
    opening_of,
    portions,
    to_send,
    withheld_behind,
    withheld_within,
)
from session.crypto.aead import RecordKey
from session.events import Event, FindingRecord, Kind
from session.frames import SEALED, encode_frame, read_frame
from session.policy import parse_policy
from session.reader import FolderReader, content_keys_for_reviewer, record_keys_for_reviewer
from session.segments import blob_of, segment_paths, session_frames, stripped
from session.trust.dsse import seal_envelope
from session.trust.openings import opened_for, wrapped_for
from session.trust.statements import LogHead, OpeningStatement, Reply, sign

HEAD = LogHead()


@pytest.fixture
def org() -> Organisation:
    return organisation(POLICY_WITHHOLDING_CAPTURES)


@pytest.fixture
def sealed(org: Organisation, tmp_path: Path) -> SealedSession:
    return realistic_session(org, tmp_path / "s")


def of_kind(sealed: SealedSession, kind: Kind) -> list[int]:
    """Seqs of the records of this type whose sealed part is here."""
    return [f.seq for _, _, f in session_frames(sealed.folder) if f.kind == kind and f.flags == SEALED]


def events_of(sealed: SealedSession) -> tuple[Event, ...]:
    return FolderReader(sealed.folder, sealed.keys.content).events()


def statement(org: Organisation, sealed: SealedSession, *seqs: int, **changes: object) -> OpeningStatement:
    made = opening_of(
        sealed.folder,
        seqs,
        sealed.keys.content,
        directory=org.directory,
        person="ada",
        at_us=events_of(sealed)[-1].body.t_us,  # type: ignore[union-attr] # the last CHECKPOINT
        head=HEAD,
    )
    return msgspec.structs.replace(made, **changes)


def put(org: Organisation, sealed: SealedSession, opening: OpeningStatement) -> None:
    raw = sign(opening, org.trainer.person_key)
    (sealed.folder / "statements" / f"{hashlib.sha256(raw).hexdigest()}.dsse").write_bytes(raw)


def sent(org: Organisation, sealed: SealedSession, opened: set[int]) -> None:
    """The folder becomes what a reviewer is given once these were opened."""
    withheld = parse_policy(org.policy_toml).withheld
    gone = [f for _, _, f in session_frames(sealed.folder) if f.kind in withheld and f.seq not in opened]
    for path in segment_paths(sealed.folder):
        path.write_bytes(stripped(path.read_bytes(), lambda frame: frame.seq in {one.seq for one in gone}))
    for digest in filter(None, map(blob_of, gone)):
        (sealed.folder / "blobs" / digest).unlink(missing_ok=True)


class TestWhatItWouldBe:
    def test_withheld_records_of_a_range_are_counted_and_others_passed_over(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        events, policy = events_of(sealed), parse_policy(org.policy_toml)
        raws, captures = of_kind(sealed, Kind.RAW), of_kind(sealed, Kind.CAPTURE)
        found = openable(events, policy, [(0, len(events) - 1)], {raws[0]})
        assert found.records == tuple(sorted([*raws[1:], *captures]))
        assert found.kinds == (("CAPTURE", len(captures)), ("RAW", len(raws) - 1))
        assert found.before == 1
        times = [event.body.t_us for event in events if event.seq in found.records]  # type: ignore[union-attr]
        assert (found.from_us, found.to_us) == (min(times), max(times))

    def test_all_that_was_opened_before_is_nothing_new(self, org: Organisation, sealed: SealedSession) -> None:
        raw = of_kind(sealed, Kind.RAW)[0]
        found = openable(events_of(sealed), parse_policy(org.policy_toml), [(raw, raw)], {raw})
        assert (found.records, found.kinds, found.from_us, found.before) == ((), (), 0, 1)

    def test_something_is_left_to_open_until_each_withheld_record_that_is_here_was_opened(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        events, policy = events_of(sealed), parse_policy(org.policy_toml)
        withheld = [*of_kind(sealed, Kind.RAW), *of_kind(sealed, Kind.CAPTURE)]
        assert left_to_open(events, policy, ())
        assert left_to_open(events, policy, withheld[1:])
        assert not left_to_open(events, policy, withheld)
        gone = [msgspec.structs.replace(one, body=None) if one.seq == withheld[0] else one for one in events]
        assert not left_to_open(gone, policy, withheld[1:])

    def test_what_is_sent_or_removed_is_refused_and_so_is_what_is_not_there(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        events, policy = events_of(sealed), parse_policy(org.policy_toml)
        gone = next(e.seq for e in events if e.kind == Kind.CAPTURE and e.body is None)
        for seq in (of_kind(sealed, Kind.STATS)[0], gone, 0):
            with pytest.raises(InputFault, match="Nothing is withheld there"):
                openable(events, policy, [(seq, seq)])
        for wrong in ((3, 2), (0, len(events))):
            with pytest.raises(InputFault, match="seq: this session has"):
                openable(events, policy, [wrong])

    def test_a_stretch_and_a_finding_name_their_withheld_records(self, org: Organisation, sealed: SealedSession) -> None:
        events, policy = events_of(sealed), parse_policy(org.policy_toml)
        first, second, *_ = of_kind(sealed, Kind.RAW)
        at = next(event.body.t_us for event in events if event.seq == second)  # type: ignore[union-attr]
        assert (second, second) in withheld_within(events, policy, at, at)
        assert (first, first) not in withheld_within(events, policy, at, at)
        stats = of_kind(sealed, Kind.STATS)[0]
        finding = Event(len(events), Kind.FINDING, finding_of(first, stats))
        shown, on_trial = (
            msgspec.structs.replace(policy, findings=msgspec.structs.replace(policy.findings, shadow=shadow))
            for shadow in (False, True)
        )
        assert withheld_behind((*events, finding), shown, finding.seq) == ((first, first),)
        assert withheld_behind((*events, finding), on_trial, finding.seq) == ((first, first), (finding.seq, finding.seq))
        assert withheld_behind(events, policy, stats) == ()


def finding_of(*evidence: int) -> FindingRecord:
    return FindingRecord(1, "paste", 1, "raised", "B", 0, 0, "", evidence, "", (), 0)


class TestWhatIsSigned:
    def test_the_reviewer_reads_what_was_opened_and_nothing_else(self, org: Organisation, sealed: SealedSession) -> None:
        raws, (capture,) = of_kind(sealed, Kind.RAW), of_kind(sealed, Kind.CAPTURE)
        own = {event.seq: event.body for event in events_of(sealed)}
        put(org, sealed, statement(org, sealed, raws[2], capture))
        sent(org, sealed, {raws[2], capture})
        epoch = org.epoch_key()
        singles = record_keys_for_reviewer(sealed.folder, epoch)
        reader = FolderReader(sealed.folder, content_keys_for_reviewer(sealed.folder, epoch), singles)
        assert {e.seq: e.body for e in reader.events() if e.kind == Kind.RAW} == dict.fromkeys(raws) | {
            raws[2]: own[raws[2]]
        }
        assert reader.image(capture) == b"one"
        assert reader.event(raws[2]).body == own[raws[2]]
        outcome = both(sealed.folder, trust=org.anchor, epoch_key=epoch)
        assert (outcome.verified, outcome.opened) == (True, 2)
        (told,) = outcome.openings
        assert (told.person, told.name, told.kinds) == ("ada", "Ada", ((Kind.CAPTURE, 1), (Kind.RAW, 1)))
        by_record_keys = FolderReader(sealed.folder, {}, singles)
        assert (by_record_keys.event(raws[2]).body, by_record_keys.image(capture)) == (own[raws[2]], b"one")

    def test_a_key_opens_its_own_record_alone(self, org: Organisation, sealed: SealedSession) -> None:
        first, second, *_ = of_kind(sealed, Kind.RAW)
        keys = opened_for(statement(org, sealed, second, first), org.epoch_key())
        assert list(keys) == [second, first]
        frames = {f.seq: f for _, _, f in session_frames(sealed.folder)}
        assert all(frames[seq].tail.startswith(key.commitment) for seq, key in keys.items())
        assert opened_for(statement(org, sealed, first), org.trainer.reading) == {}

    def test_false_openings_hide_nothing_and_open_nothing(self, org: Organisation, sealed: SealedSession) -> None:
        first, second, *_ = of_kind(sealed, Kind.RAW)
        true = statement(org, sealed, first)
        put(org, sealed, true)
        public = bytes.fromhex(org.directory.projects[0].review_keys[0].public_key)
        about = (true.organisation, true.session, true.seal_sha256)
        wrong = wrapped_for([RecordKey(bytes(32))], public, 1, about=about)
        elsewhere = wrapped_for([RecordKey(bytes(32))], public, 1, about=(*about[:2], "9" * 64))
        for changes in ({"wraps": (wrong,)}, {"wraps": (elsewhere,)}, {"wraps": (wrong,), "records": (second,)}):
            put(org, sealed, msgspec.structs.replace(true, **changes))  # type: ignore[arg-type]
        put(org, sealed, msgspec.structs.replace(true, seal_sha256="9" * 64, records=(second,)))
        (sealed.folder / "statements" / f"{'a' * 64}.dsse").write_bytes(b"{}")
        assert set(record_keys_for_reviewer(sealed.folder, org.epoch_key())) == {first}
        assert opened_before(sealed.folder) == {first, second}

    def test_what_is_signed_as_another_kind_is_no_opening_whatever_it_says(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        first, second, *_ = of_kind(sealed, Kind.RAW)
        put(org, sealed, statement(org, sealed, first))
        body = msgspec.json.encode(statement(org, sealed, second))
        raw = seal_envelope(Reply.payload_type, body, org.trainer.person_key)
        (sealed.folder / "statements" / f"{hashlib.sha256(raw).hexdigest()}.dsse").write_bytes(raw)
        assert set(record_keys_for_reviewer(sealed.folder, org.epoch_key())) == {first}
        assert opened_before(sealed.folder) == {first}

    def test_of_a_record_that_two_openings_name_the_first_is_told(self, org: Organisation, sealed: SealedSession) -> None:
        first, second, *_ = of_kind(sealed, Kind.RAW)
        put(org, sealed, statement(org, sealed, first))
        put(org, sealed, statement(org, sealed, first, at_us=1 << 50))
        put(org, sealed, statement(org, sealed, first, second, at_us=1 << 51))
        told = both(sealed.folder, trust=org.anchor).openings
        assert [(one.at_us > 1 << 50, one.kinds) for one in told] == [(False, ((Kind.RAW, 1),)), (True, ((Kind.RAW, 1),))]

    def test_without_a_review_key_in_force_nothing_is_signed(self, org: Organisation, sealed: SealedSession) -> None:
        raw = of_kind(sealed, Kind.RAW)[0]
        late = 1000 * DAY_US + events_of(sealed)[-1].body.t_us  # type: ignore[union-attr]
        with pytest.raises(InputFault, match="no review key in force"):
            opening_of(
                sealed.folder, [raw], sealed.keys.content, directory=org.directory, person="ada", at_us=late, head=HEAD
            )
        nobody = msgspec.structs.replace(org.directory, projects=())
        with pytest.raises(InputFault, match="no review key in force"):
            opening_of(sealed.folder, [raw], sealed.keys.content, directory=nobody, person="ada", at_us=1, head=HEAD)

    def test_keys_that_do_not_open_sign_nothing(self, org: Organisation, sealed: SealedSession) -> None:
        raw, at_us = of_kind(sealed, Kind.RAW)[0], events_of(sealed)[-1].body.t_us  # type: ignore[union-attr]
        for content in ({}, {"w": bytes(32)}):
            with pytest.raises(IntegrityFault):
                opening_of(sealed.folder, [raw], content, directory=org.directory, person="ada", at_us=at_us, head=HEAD)


class TestWhatGoesWithIt:
    def test_frames_come_in_the_order_of_the_records_with_their_pictures(self, sealed: SealedSession) -> None:
        (first, *_), (capture,) = of_kind(sealed, Kind.RAW), of_kind(sealed, Kind.CAPTURE)
        carried = to_send(sealed.folder, [capture, first])
        assert [read_frame(memoryview(one), 0)[0].seq for one in carried.frames] == [capture, first]
        assert len(carried.pictures) == 1
        assert hashlib.sha256(carried.pictures[0]).hexdigest() in {e.blob_sha256 for e in events_of(sealed)}

    def test_what_is_not_here_does_not_go(self, org: Organisation, sealed: SealedSession) -> None:
        raw = of_kind(sealed, Kind.RAW)[0]
        sent(org, sealed, set())
        with pytest.raises(InputFault, match=f"record {raw} is not here"):
            to_send(sealed.folder, [raw])
        with pytest.raises(InputFault, match="no record 100000"):
            to_send(sealed.folder, [100_000])

    def test_portions_keep_within_both_bounds_and_begin_the_same(
        self, sealed: SealedSession, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        raws = of_kind(sealed, Kind.RAW)
        assert list(portions(sealed.folder, raws)) == [tuple(raws)]
        assert list(portions(sealed.folder, [])) == []
        monkeypatch.setattr(appeal, "RECORDS_MOST", 2)
        by_number = list(portions(sealed.folder, raws))
        assert [len(one) for one in by_number] == [2] * (len(raws) // 2) + [1] * (len(raws) % 2)
        assert by_number[1:] == list(portions(sealed.folder, raws[2:]))
        monkeypatch.setattr(appeal, "RECORDS_MOST", 512)
        one = next(f for _, _, f in session_frames(sealed.folder) if f.seq == raws[0])
        monkeypatch.setattr(appeal, "PORTION_BYTES", len(encode_frame(one)) - 1)
        assert list(portions(sealed.folder, raws)) == [(seq,) for seq in raws]


def test_a_folder_without_a_seal_or_with_a_broken_one_was_not_opened(sealed: SealedSession, tmp_path: Path) -> None:
    assert opened_before(tmp_path / "nowhere") == frozenset()
    (sealed.folder / "seal.dsse").write_bytes(b"{}")
    assert opened_before(sealed.folder) == frozenset()
