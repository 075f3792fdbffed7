# SPDX-License-Identifier: Apache-2.0
"""Each step of the verifier against sessions that are rightly made and signed, and wrong in one thing."""

from __future__ import annotations

import hashlib
import os
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import trust_builders
from trust_builders import (
    DAY_US,
    ORIGIN_US,
    OpenSession,
    Organisation,
    SealedSession,
    member,
    organisation,
    personal_session,
    reading_key,
    realistic_session,
    signing_key,
    small_session,
)
from trust_wrongs import assert_fails, outcome_of, put_frame, put_statement

import session.seal as seal_module
from session import InputFault
from session.events import Kind, Moment, Note
from session.frames import MAGIC, encode_frame, encode_payload, public_frame, read_segment, seal_frame
from session.log.checkpoint import CheckpointText
from session.policy import default_policy_toml, parse_policy
from session.trust.certificates import certify_session
from session.trust.directory import Revocation, sign_directory
from session.verify import TrustAnchor, records, verify_session

replace = msgspec.structs.replace


@pytest.fixture
def org() -> Organisation:
    return organisation()


class TestOutcome:
    def test_a_whole_session_says_all_of_it(self, org: Organisation, tmp_path: Path) -> None:
        sealed = realistic_session(org, tmp_path / "s")
        outcome = verify_session(sealed.folder, trust=org.anchor, reading_key=org.trainer.reading)
        assert outcome.verified
        assert [step.number for step in outcome.steps] == list(range(1, 15))
        assert all(step.passed or step.name == "statements" for step in outcome.steps)
        assert all(step.proves and step.does_not_prove for step in outcome.steps)
        assert (outcome.trusted, outcome.self_signed, outcome.opening, outcome.receipt) == (True, False, "grant", True)
        assert (outcome.person, outcome.device, outcome.project) == ("ada", "ada-laptop", "wren")
        assert (outcome.records, outcome.captures, outcome.removed) == (len(sealed.events), 2, 2)
        assert (outcome.withheld, outcome.opened, outcome.newer) == (7, 7, 0)
        assert [(gap.reason, gap.edge) for gap in outcome.gaps][:2] == [("pause", "begin"), ("pause", "end")]
        assert outcome.account is not None
        assert outcome.account.worked_us == 35_000_000
        assert msgspec.json.decode(outcome.to_json())["verified"] is True

    def test_a_reviewer_opens_what_was_sent_and_reads_what_is_only_claimed(self, org: Organisation, tmp_path: Path) -> None:
        sealed = realistic_session(org, tmp_path / "s")
        outcome = verify_session(sealed.folder, epoch_key=org.epoch_key())
        assert outcome.verified
        assert (outcome.opened, outcome.withheld) == (0, 7)
        assert any("withheld" in line for line in outcome.claimed)
        assert outcome.steps[13].passed

    def test_a_stranger_opens_nothing_and_nothing_fails(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        outcome = verify_session(sealed.folder, reading_key=reading_key("stranger"))
        assert outcome.verified
        assert [step.passed for step in outcome.steps[12:]] == [None, None]
        assert "not that of a reader" in outcome.steps[12].detail

    def test_without_an_anchor_the_reader_is_told_what_to_compare(self, org: Organisation, tmp_path: Path) -> None:
        outcome = verify_session(small_session(org, tmp_path / "s").folder)
        assert (outcome.verified, outcome.trusted, outcome.organisation, len(outcome.words)) == (True, False, org.fp, 6)

    def test_a_personal_session_of_somebody_else_is_not_the_one_that_is_trusted(self, tmp_path: Path) -> None:
        session = personal_session(tmp_path / "s")
        session.tick()
        session.stop()
        outcome = verify_session(session.seal().folder, trust=TrustAnchor("0" * 64))
        assert_fails(outcome, "opening", "another organisation than the one that you trust")

    def test_a_personal_session_is_self_signed_and_proves_no_time(self, tmp_path: Path) -> None:
        session = personal_session(tmp_path / "s")
        session.capture()
        session.stop()
        outcome = verify_session(session.seal().folder, reading_key=session.person.reading)
        assert (outcome.verified, outcome.self_signed, outcome.opening) == (True, True, "personal")
        assert outcome.times.sentence == "No time is proved by the platform."
        assert outcome.times.bounds(3) == (None, None)

    def test_an_offline_start_has_no_lower_bound(self, org: Organisation, tmp_path: Path) -> None:
        outcome = outcome_of(org, org.open_session(tmp_path / "s", offline=True))
        assert (outcome.verified, outcome.opening, outcome.times.not_before_us) == (True, "offline", None)
        assert outcome.times.first_us is not None

    def test_a_session_without_cosignatures_verifies_and_says_so(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.checkpoint(Moment.STOP)
        outcome = verify_session(session.seal(receipt=False).folder)
        assert outcome.verified
        assert outcome.steps[7].detail == "no time is proved by the platform"
        assert "no time by which it ended" in outcome.times.sentence

    def test_each_record_was_put_in_between_two_cosignatures(self, org: Organisation, tmp_path: Path) -> None:
        sealed = realistic_session(org, tmp_path / "s")
        times = verify_session(sealed.folder).times
        first, second = times.marks[0], times.marks[1]
        granted_us = ORIGIN_US - 3_600_000_000
        assert (times.not_before_us, times.not_after_us) == (granted_us, times.received_us)
        assert times.bounds(2) == (granted_us, first.time_us + 999_999)
        # what stands before the cosignature may have been there before it was made, though it does not cover it
        assert times.bounds(first.seq) == (granted_us, second.time_us + 999_999)
        assert times.bounds(first.seq + 1) == (first.time_us, second.time_us + 999_999)
        assert times.bounds(10**6) == (times.marks[-1].time_us, times.received_us)


class TestFolder:
    def test_it_must_be_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(InputFault, match="no session"):
            verify_session(tmp_path / "nothing")

    def test_an_open_session_is_not_sealed(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.finish()
        assert_fails(verify_session(session.folder), "folder", "not sealed")

    @pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
    def test_links_and_folders_are_no_files(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        receipt = sealed.folder / "receipt.dsse"
        receipt.rename(tmp_path / "elsewhere")
        receipt.symlink_to(tmp_path / "elsewhere")
        assert_fails(verify_session(sealed.folder), "folder", "regular file")
        receipt.unlink()
        receipt.mkdir()
        assert_fails(verify_session(sealed.folder), "folder", "regular file")

    def test_a_file_too_large_is_not_read(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        with (sealed.folder / "000000.fws").open("r+b") as file:
            file.truncate(2**34)
        assert_fails(verify_session(sealed.folder), "folder", "more than")


class TestRecords:
    def test_a_redact_names_only_what_was_before(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.journal.append_redact(((500, 501),), "private", session.reading)
        assert_fails(outcome_of(org, session), "records", "not before it")

    @pytest.mark.parametrize("order", [(0, 1, 3, 2), (1, 0, 2, 3), (0, 2, 3), (0, 1, 2, 2, 3)])
    def test_a_record_out_of_its_place_is_named(self, org: Organisation, tmp_path: Path, order: tuple[int, ...]) -> None:
        sealed = small_session(org, tmp_path / "s")
        path = sealed.folder / "000000.fws"
        octets = path.read_bytes()
        ends = [len(MAGIC)] + [end for _, end in read_segment(octets)]
        frames = [octets[begin:end] for begin, end in pairwise(ends)]
        path.write_bytes(MAGIC + b"".join(frames[at] for at in order) + b"".join(frames[4:]))
        assert_fails(verify_session(sealed.folder), "records", "not in its place")

    @pytest.mark.one_verifier  # the bound is ours alone here
    def test_work_on_time_is_bounded(self, org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        session = org.open_session(tmp_path / "s")
        session.pause(1)
        monkeypatch.setattr(records, "MAX_TURNS", 1)
        assert_fails(outcome_of(org, session), "records", "more than 1")

    @pytest.mark.one_verifier  # as above
    @pytest.mark.parametrize(("bound", "most"), [("MAX_RECORDS", 4), ("MAX_OPEN", 5), ("MAX_NOTES", 1)])
    def test_the_number_of_records_of_public_parts_and_of_notes_is_bounded(
        self, bound: str, most: int, org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = org.open_session(tmp_path / "s")
        session.cosigned_checkpoint()
        monkeypatch.setattr(records, bound, most)
        assert_fails(outcome_of(org, session), "frames", "more records")

    def test_extension_records_verify_and_read_as_newer(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        put_frame(session, 130, "s")
        put_frame(session, 200, "w")
        session.journal._waiting += encode_frame(public_frame(230, session.journal.size, b"[1]"))
        session.journal.tree.append(public_frame(230, session.journal.size, b"[1]").leaf)
        outcome = outcome_of(org, session, org.trainer.reading)
        assert (outcome.verified, outcome.newer) == (True, 3)

    def test_a_public_record_of_a_newer_schema_cannot_be_judged(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        frame = public_frame(Kind.TRIM, session.journal.size, b'[2,1,2,"r"]')
        session.journal._waiting += encode_frame(frame)
        session.journal.tree.append(frame.leaf)
        assert_fails(outcome_of(org, session), "records", "newer format")


class TestBlobs:
    def test_a_blob_with_other_bytes_is_named(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s", capture=True)
        (blob,) = (sealed.folder / "blobs").iterdir()
        blob.write_bytes(blob.read_bytes()[:-1] + b"!")
        assert_fails(verify_session(sealed.folder), "blobs", "not the one that the record names")

    def test_a_blob_of_no_possible_size_is_named(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s", capture=True)
        (blob,) = (sealed.folder / "blobs").iterdir()
        blob.write_bytes(blob.read_bytes() + b"!")
        assert_fails(verify_session(sealed.folder), "blobs", "size that no blob can have")

    def test_a_missing_and_a_further_blob_are_named(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s", capture=True)
        (blob,) = (sealed.folder / "blobs").iterdir()
        blob.rename(blob.with_name("0" * 64))
        assert_fails(verify_session(sealed.folder), "blobs", "belongs to no capture")
        (sealed.folder / "blobs" / ("0" * 64)).unlink()
        assert_fails(verify_session(sealed.folder), "blobs", "is missing")


class TestGround:
    def test_another_organisation_than_the_trusted_one(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        assert_fails(
            verify_session(sealed.folder, trust=TrustAnchor("0" * 64)), "directory and policy", "another organisation"
        )

    def test_a_self_made_directory_has_another_fingerprint(self, org: Organisation, tmp_path: Path) -> None:
        forger = organisation(root=signing_key("forger"))
        sealed = small_session(forger, tmp_path / "s")
        assert verify_session(sealed.folder).verified
        assert_fails(verify_session(sealed.folder, trust=org.anchor), "directory and policy")

    def test_a_policy_that_the_directory_does_not_list(self, org: Organisation, tmp_path: Path) -> None:
        listed = org.directory_bytes()
        org.policy_toml = default_policy_toml()
        org.directory_bytes = lambda: listed  # type: ignore[method-assign]
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s")), "directory and policy", "does not list")

    def test_another_directory_of_the_same_root(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        org.version = 2
        (sealed.folder / "statements" / "directory.dsse").write_bytes(org.directory_bytes())
        assert_fails(verify_session(sealed.folder, trust=org.anchor), "directory and policy", "START names")

    def test_another_policy_of_the_same_rules(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        (sealed.folder / "statements" / "policy.toml").write_bytes(org.policy_toml + b"\n")
        assert_fails(verify_session(sealed.folder, trust=org.anchor), "directory and policy", "START names")

    def test_a_policy_that_nobody_can_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        readable = parse_policy(default_policy_toml())
        for module in (trust_builders, seal_module):
            monkeypatch.setattr(module, "parse_policy", lambda _: readable)
        for number, toml in enumerate((b"version = 2", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000, b"\xff")):
            org = organisation(toml)
            outcome = outcome_of(org, org.open_session(tmp_path / str(number)))
            assert_fails(outcome, "directory and policy", "policy file")

    def test_a_newer_directory_of_the_reader_must_be_of_the_same_root(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        foreign = organisation(root=signing_key("another root"), version=2).directory_bytes()
        assert_fails(verify_session(sealed.folder, trust=TrustAnchor(org.fp, foreign)), "directory and policy", "signed by")


class TestOpening:
    @pytest.mark.parametrize(
        ("changes", "detail"),
        [
            ({"session": "9" * 32}, "another session"),
            ({"policy_sha256": "9" * 64}, "another session, policy"),
            ({"directory_sha256": "9" * 64}, "policy or directory"),
            ({"organisation": "9" * 64}, "another organisation"),
            ({"person": "nobody"}, "does not know the person"),
            ({"person": "ben"}, "signed by"),
            ({"device": "another"}, "device certificate"),
            ({"session_key": "9" * 64}, "session certificate"),
            ({"start_by_us": ORIGIN_US - 1}, "had to be used"),
            ({"issued_us": ORIGIN_US - 2 * DAY_US}, "not in force"),
            ({"issued_us": ORIGIN_US + 31 * DAY_US}, "not in force"),
        ],
    )
    def test_a_grant_for_something_else(
        self, org: Organisation, tmp_path: Path, changes: dict[str, object], detail: str
    ) -> None:
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s", **changes)), "opening", detail)

    def test_a_grant_by_another_key(self, org: Organisation, tmp_path: Path) -> None:
        listed = org.directory_bytes()
        org.directory_bytes = lambda: listed  # type: ignore[method-assign]
        org.grant_key = signing_key("not the platform")
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s")), "opening", "signed by")

    def test_a_directory_that_expired_since_takes_nothing_back(self, org: Organisation, tmp_path: Path) -> None:
        org.expires_us = ORIGIN_US - 1_000_000
        assert outcome_of(org, org.open_session(tmp_path / "s")).verified

    @pytest.mark.parametrize(
        ("changes", "detail"),
        [
            ({"session": "9" * 32}, "another session"),
            ({"organisation": "9" * 64}, "own person key"),
            ({"person": "ben"}, "device certificate"),
            ({"device_key": signing_key("other").public.hex()}, "signed by"),
            ({"person_key": signing_key("other").public.hex()}, "own person key"),
            ({"session_key": "9" * 64}, "session certificate"),
        ],
    )
    def test_a_personal_opening_of_something_else(self, tmp_path: Path, changes: dict[str, object], detail: str) -> None:
        session = personal_session(tmp_path / "s", **changes)
        assert_fails(verify_session(session.seal().folder), "opening", detail)

    @pytest.mark.parametrize(
        ("changes", "detail"),
        [
            ({"mode": "personal"}, "names a directory"),
            ({"organisation": "9" * 64}, "organisation's directory"),
            ({"person": "nobody"}, "does not know the person"),
            ({"person_key": signing_key("other").public.hex()}, "another key"),
        ],
    )
    def test_an_offline_opening_of_something_else(
        self, org: Organisation, tmp_path: Path, changes: dict[str, object], detail: str
    ) -> None:
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s", offline=True, **changes)), "opening", detail)

    def test_content_keys_wrapped_for_somebody_else(self, org: Organisation, tmp_path: Path) -> None:
        start = {"reader": hashlib.sha256(reading_key("spy").public).hexdigest()}
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s", start=start)), "opening", "another reader")

    def test_a_session_certified_by_another_device(self, org: Organisation, tmp_path: Path) -> None:
        certificate = certify_session(
            member("ben").device_key,
            organisation=org.fp,
            device="ada-laptop",
            session_id=hashlib.sha256(b"session").hexdigest()[:32],
            session_public=signing_key("session session").public,
            issued_us=1,
        )
        start: dict[str, object] = {"session_certificate": certificate.decode()}
        assert_fails(outcome_of(org, org.open_session(tmp_path / "s", start=start)), "opening", "signed by")


class TestTree:
    def test_a_checkpoint_by_another_key(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        keys = session.journal.keys
        session.journal.keys = replace(keys, signing=signing_key("another"))  # type: ignore[misc]
        session.checkpoint()
        session.journal.keys = keys  # type: ignore[misc]
        assert_fails(outcome_of(org, session), "tree and checkpoints", "not signed")

    def test_a_checkpoint_of_another_session(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.journal.origin = f"fairwitness/{org.fp}/{'9' * 32}"  # type: ignore[misc]
        assert_fails(outcome_of(org, session), "tree and checkpoints")

    @pytest.mark.parametrize("wrong", [{"size": 3}, {"origin": "fairwitness/elsewhere"}, {"root": bytes(32)}])
    def test_a_checkpoint_that_says_something_else(
        self, org: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object]
    ) -> None:
        """Signed rightly, by the session key under its own name, over another text."""
        session = org.open_session(tmp_path / "s")
        session.tick()

        def text_of(origin: str, size: int, root: bytes) -> CheckpointText:
            return replace(CheckpointText(origin, size, root), **wrong)

        with monkeypatch.context() as patch:
            patch.setattr("session.journal.CheckpointText", text_of)
            session.checkpoint()
        assert_fails(outcome_of(org, session), "tree and checkpoints")

    def test_a_record_replaced_before_its_checkpoint(self, org: Organisation, tmp_path: Path) -> None:
        """The whole tail signed anew by the session key; only the earlier checkpoint stands against it."""
        session = org.open_session(tmp_path / "s")
        note = session.note("as it was")
        session.checkpoint()
        path = session.folder / "000000.fws"
        octets = path.read_bytes()
        old = session.journal.tree.leaf(note.seq)
        frame = seal_frame(
            Kind.NOTE,
            note.seq,
            encode_payload(Note(session.reading.t_us, "as it is")),
            content_key=session.keys.content_s,
            session_id=bytes.fromhex(session.keys.session_id),
            salt=bytes(16),
        )
        begin = octets.index(bytes.fromhex("0001") + bytes((Kind.NOTE,)) + note.seq.to_bytes(8, "big")) - 5
        length = int.from_bytes(octets[begin : begin + 4], "big") + 8
        assert len(encode_frame(frame)) == length
        path.write_bytes(octets[:begin] + encode_frame(frame) + octets[begin + length :])
        session.journal.tree._levels[0][note.seq] = frame.leaf
        rebuilt = type(session.journal.tree)(list(session.journal.tree._levels[0]))
        session.journal.tree = rebuilt  # type: ignore[misc]
        assert frame.leaf != old
        assert_fails(outcome_of(org, session), "tree and checkpoints", "one of them was changed")


class TestCosignatures:
    def cosigned(self, org: Organisation, tmp_path: Path) -> OpenSession:
        session = org.open_session(tmp_path / "s")
        session.tick()
        session.cosigned_checkpoint()
        session.wait(30)
        return session

    def test_by_another_witness(self, org: Organisation, tmp_path: Path) -> None:
        session = self.cosigned(org, tmp_path)
        org.witness_key = signing_key("another witness")
        assert_fails(outcome_of(org, session), "cosignatures", "not by")

    def test_over_no_checkpoint_of_this_session(self, org: Organisation, tmp_path: Path) -> None:
        session = self.cosigned(org, tmp_path)
        session.cosign(3, session.checkpoint().note)
        assert_fails(outcome_of(org, session), "cosignatures", "not here")

    def test_of_another_checkpoint(self, org: Organisation, tmp_path: Path) -> None:
        session = self.cosigned(org, tmp_path)
        first = next(event for event in session.events if event.kind == Kind.CHECKPOINT)
        session.cosign(first.seq, session.checkpoint().note)
        assert_fails(outcome_of(org, session), "cosignatures", "does not hold")

    def test_times_never_go_back(self, org: Organisation, tmp_path: Path) -> None:
        session = self.cosigned(org, tmp_path)
        session.cosigned_checkpoint(late_s=-31)
        assert_fails(outcome_of(org, session), "cosignatures", "earlier")

    def test_none_is_earlier_than_the_grant(self, org: Organisation, tmp_path: Path) -> None:
        session = org.open_session(tmp_path / "s")
        session.cosigned_checkpoint(late_s=-3601)
        assert_fails(outcome_of(org, session), "cosignatures", "than the grant")

    def test_none_in_a_personal_session(self, org: Organisation, tmp_path: Path) -> None:
        session = personal_session(tmp_path / "s")
        session.org = org
        session.cosigned_checkpoint()
        session.org = None
        assert_fails(verify_session(session.seal().folder), "cosignatures", "no platform")

    @pytest.mark.parametrize("whose", ["person", "device", "session", "grant", "witness"])
    def test_a_key_revoked_before_is_refused_and_after_stands(self, org: Organisation, tmp_path: Path, whose: str) -> None:
        revoked = {
            "person": org.trainer.person_key,
            "device": org.trainer.device_key,
            "session": signing_key("session session"),
            "grant": org.grant_key,
            "witness": org.witness_key,
        }[whose]
        sealed = small_session(org, tmp_path / "s")
        first_us = verify_session(sealed.folder).times.first_us
        assert first_us is not None
        for revoked_us, verified in ((first_us, False), (first_us + 1, True)):
            org.version += 1
            org.revocations = (Revocation(revoked_key=revoked.public.hex(), revoked_us=revoked_us),)
            outcome = verify_session(sealed.folder, trust=TrustAnchor(org.fp, org.directory_bytes()))
            assert outcome.verified == verified
            if not verified:
                assert_fails(outcome, "cosignatures", f"{whose} key was revoked")

    def test_without_a_cosignature_the_receipts_time_judges_and_without_either_any_revocation(
        self, org: Organisation, tmp_path: Path
    ) -> None:
        for name, receipt in (("received", True), ("unseen", False)):
            session = org.open_session(tmp_path / name, name)
            session.tick()
            session.checkpoint(Moment.STOP)
            sealed = session.seal(receipt=receipt)
            received_us = session.reading.t_us + 5_000_000
            for revoked_us, verified in ((received_us - 1, False), (received_us, False), (received_us + 1, receipt)):
                put_revocation(org, sealed, org.trainer.device_key.public, revoked_us)
                outcome = verify_session(sealed.folder, trust=org.anchor)
                assert outcome.verified == verified, (name, revoked_us - received_us)
                if not verified:
                    assert_fails(outcome, "cosignatures", "device key was revoked")

    def test_a_revocation_in_a_newer_directory_of_the_folder_counts(self, org: Organisation, tmp_path: Path) -> None:
        sealed = small_session(org, tmp_path / "s")
        first_us = verify_session(sealed.folder).times.first_us
        assert first_us is not None
        put_revocation(org, sealed, org.trainer.device_key.public, first_us + 1)
        assert verify_session(sealed.folder, trust=org.anchor).verified
        put_revocation(org, sealed, org.trainer.device_key.public, first_us)
        assert_fails(verify_session(sealed.folder, trust=org.anchor), "cosignatures", "device key was revoked")


def put_revocation(org: Organisation, sealed: SealedSession, public: bytes, revoked_us: int) -> None:
    """A newer directory beside the session, alone of its kind, in which that key is revoked."""
    for path in (sealed.folder / "statements").glob("?" * 64 + ".dsse"):
        path.unlink()
    newer = replace(
        org.directory, version=org.version + 1, revocations=(Revocation(revoked_key=public.hex(), revoked_us=revoked_us),)
    )
    put_statement(sealed, sign_directory(newer, org.root))
