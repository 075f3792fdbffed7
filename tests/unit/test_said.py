# SPDX-License-Identifier: Apache-2.0
"""What was said about a session: whose word counts, in which order, and what is named as not counting."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trust_builders import (
    DAY_US,
    ORIGIN_US,
    PROJECT,
    Organisation,
    SealedSession,
    member,
    organisation,
    signing_key,
    small_session,
)
from trust_wrongs import put_statement

from session import IntegrityFault
from session.crypto.aead import RecordKey
from session.segments import last_cosigned_s
from session.trust.directory import Directory, Revocation, open_directory, sign_directory
from session.trust.openings import wrapped_for
from session.trust.statements import Access, Decision, OpeningStatement, Receipt, Removal, Reply, open_statement, sign
from session.verify import TrustAnchor, verify_session
from session.verify.said import Decided, Opened, Removed, Said, checked, ground_of, known_directories, said

replace = msgspec.structs.replace
LATER_US = ORIGIN_US + 3_600_000_000


@pytest.fixture(scope="module")
def org() -> Organisation:
    return organisation()


@pytest.fixture
def sealed(org: Organisation, tmp_path: Path) -> SealedSession:
    return small_session(org, tmp_path / "s")


def decision(org: Organisation, sealed: SealedSession, signer: str = "ben", **changes: object) -> bytes:
    fields: dict[str, object] = {
        "organisation": org.fp,
        "session": sealed.keys.session_id,
        "seal_sha256": hashlib.sha256(sealed.seal_raw).hexdigest(),
        "finding": 3,
        "outcome": "not upheld",
        "reason": "The text grew as it was thought.",
        "person": "ben",
        "at_us": LATER_US,
    }
    return sign(Decision(**(fields | changes)), signing_key(signer))  # type: ignore[arg-type]


def reply(org: Organisation, sealed: SealedSession, decided: bytes, signer: str = "ada", **changes: object) -> bytes:
    fields: dict[str, object] = {
        "organisation": org.fp,
        "session": sealed.keys.session_id,
        "decision_sha256": hashlib.sha256(decided).hexdigest(),
        "text": "Thank you.",
        "person": "ada",
        "at_us": LATER_US + 1,
    }
    return sign(Reply(**(fields | changes)), signing_key(signer))  # type: ignore[arg-type]


def removal(org: Organisation, sealed: SealedSession, signer: str = "ada", **changes: object) -> bytes:
    fields: dict[str, object] = {
        "organisation": org.fp,
        "session": sealed.keys.session_id,
        "seal_sha256": hashlib.sha256(sealed.seal_raw).hexdigest(),
        "ranges": ((3, 4), (2, 2)),
        "blobs": (),
        "reason": "A letter of mine.",
        "by": "person",
        "at_us": LATER_US,
    }
    return sign(Removal(**(fields | changes)), org.root if signer == "root" else signing_key(signer))  # type: ignore[arg-type]


def opening(org: Organisation, sealed: SealedSession, signer: str = "ada", **changes: object) -> bytes:
    seal_sha256 = hashlib.sha256(sealed.seal_raw).hexdigest()
    about = (org.fp, sealed.keys.session_id, seal_sha256)
    fields: dict[str, object] = {
        "organisation": org.fp,
        "session": sealed.keys.session_id,
        "seal_sha256": seal_sha256,
        "records": (3, 4),
        "wraps": (wrapped_for([RecordKey(bytes([n]) * 32) for n in (1, 2)], org.epoch_key().public, 1, about=about),),
        "person": "ada",
        "at_us": LATER_US,
    }
    return sign(OpeningStatement(**(fields | changes)), signing_key(signer))  # type: ignore[arg-type]


def told(org: Organisation, sealed: SealedSession, *raws: bytes, directory: Directory | None = None) -> Said:
    """What `said` tells with these statements in the folder."""
    for raw in raws:
        put_statement(sealed, raw)
    return said(sealed.folder, directory or org.directory)


def test_a_decision_and_its_reply_are_told_with_the_authors_name(org: Organisation, sealed: SealedSession) -> None:
    decided = decision(org, sealed)
    found = told(org, sealed, decided, reply(org, sealed, decided))
    (one,), (answer,) = found.decisions, found.replies
    sha256 = hashlib.sha256(decided).hexdigest()
    assert one == Decided(3, "not upheld", "The text grew as it was thought.", "ben", "Ben", LATER_US, sha256)
    assert (answer.decision_sha256, answer.text, answer.person, answer.at_us) == (sha256, "Thank you.", "ada", LATER_US + 1)
    assert found.faults == ()
    assert verify_session(sealed.folder, trust=org.anchor).verified


def test_nothing_is_said_before_the_seal_and_nothing_of_an_empty_folder(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "open")
    session.tick()
    assert said(tmp_path / "open", org.directory) == Said()
    assert said(tmp_path / "none", org.directory) == Said()


@given(order=st.permutations(range(5)), times=st.lists(st.integers(0, 3), min_size=5, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_is_that_of_the_authors_clocks(
    org: Organisation, sealed: SealedSession, order: list[int], times: list[int]
) -> None:
    for path in (sealed.folder / "statements").glob(f"{'?' * 64}.dsse"):
        path.unlink()
    made = [decision(org, sealed, finding=number, at_us=LATER_US + times[number]) for number in range(5)]
    found = told(org, sealed, *(made[number] for number in order))
    assert [one.at_us for one in found.decisions] == sorted(LATER_US + time for time in times)
    assert {one.finding for one in found.decisions} == set(range(5))


def test_two_decisions_on_one_finding_stand_beside_each_other(org: Organisation, sealed: SealedSession) -> None:
    first, second = decision(org, sealed, outcome="ask"), decision(org, sealed, outcome="upheld", at_us=LATER_US + 9)
    found = told(org, sealed, second, first)
    assert [one.outcome for one in found.decisions] == ["ask", "upheld"]


def test_a_removal_is_the_persons_or_the_organisations_and_says_whose(org: Organisation, sealed: SealedSession) -> None:
    own, retained = (
        removal(org, sealed),
        removal(org, sealed, "root", by="organisation", reason="retention", at_us=LATER_US + 1),
    )
    found = told(org, sealed, retained, own)
    assert found.removals == (
        Removed(((3, 4), (2, 2)), "person", "ada", "A letter of mine.", LATER_US, hashlib.sha256(own).hexdigest()),
        Removed(((3, 4), (2, 2)), "organisation", "", "retention", LATER_US + 1, hashlib.sha256(retained).hexdigest()),
    )
    assert found.faults == ()


def test_an_opening_names_its_records_and_who_opened_them(org: Organisation, sealed: SealedSession) -> None:
    later, first = opening(org, sealed, records=(4, 5), at_us=LATER_US + 1), opening(org, sealed)
    found = told(org, sealed, later, first)
    assert found.openings == (
        Opened((3, 4), "ada", LATER_US, hashlib.sha256(first).hexdigest()),
        Opened((4, 5), "ada", LATER_US + 1, hashlib.sha256(later).hexdigest()),
    )
    assert found.faults == ()


class TestWhatDoesNotCount:
    """Each is named, shown nowhere, and takes nothing from what does count."""

    def fault(self, org: Organisation, sealed: SealedSession, raw: bytes, directory: Directory | None = None) -> str:
        found = told(org, sealed, decision(org, sealed, finding=1), raw, directory=directory)
        assert [one.finding for one in found.decisions] == [1]
        assert found.replies == ()
        (fault,) = found.faults
        assert fault.endswith(".")
        assert ".." not in fault
        return fault

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"organisation": "9" * 64}, "another session"),
            ({"session": "9" * 32}, "another session"),
            ({"seal_sha256": "9" * 64}, "another seal"),
            ({"finding": 4096}, "a record that this session does not have"),
            ({"person": "nobody"}, "does not name its author as a reviewer"),
            ({"person": "ada", "signer": "ada"}, "a session of their own"),
            ({"signer": "stranger"}, "not signed by the person whom it names"),
            ({"signer": "ada"}, "not signed by the person whom it names"),
        ],
        ids=str,
    )
    def test_a_decision(self, org: Organisation, sealed: SealedSession, changes: dict[str, object], words: str) -> None:
        raw = decision(org, sealed, **changes)  # type: ignore[arg-type]
        assert words in self.fault(org, sealed, raw)

    def test_a_finding_is_within_the_sealed_record(self, org: Organisation, sealed: SealedSession) -> None:
        size = len(sealed.events)
        found = told(org, sealed, decision(org, sealed, finding=size - 1), decision(org, sealed, finding=size))
        assert [one.finding for one in found.decisions] == [size - 1]
        assert len(found.faults) == 1

    def test_a_decision_whose_signature_was_taken_from_another(self, org: Organisation, sealed: SealedSession) -> None:
        one = msgspec.json.decode(decision(org, sealed, reason="Other words."))
        other = msgspec.json.decode(decision(org, sealed))
        raw = msgspec.json.encode(one | {"signatures": other["signatures"]})
        assert self.fault(org, sealed, raw)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"person": "ben", "signer": "ben"}, "the trainer's alone"),
            ({"signer": "ben"}, "not signed by the person whom it names"),
            ({"session": "9" * 32}, "another session"),
        ],
        ids=str,
    )
    def test_a_reply(self, org: Organisation, sealed: SealedSession, changes: dict[str, object], words: str) -> None:
        raw = reply(org, sealed, decision(org, sealed, finding=1), **changes)  # type: ignore[arg-type]
        assert words in self.fault(org, sealed, raw)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"session": "9" * 32}, "another session"),
            ({"seal_sha256": "9" * 64}, "another seal"),
            ({"ranges": ((2, 4096),)}, "a record that this session does not have"),
            ({"ranges": ((4096, 4096), (2, 3))}, "a record that this session does not have"),
            ({"ranges": ((2, 2), (4, 3))}, "from a later to an earlier one"),
            ({"signer": "ben"}, "not signed by the person whom it names"),
            ({"signer": "root"}, "not signed by the person whom it names"),
            ({"by": "organisation"}, "does not count"),
            ({"by": "organisation", "signer": "ben"}, "does not count"),
        ],
        ids=str,
    )
    def test_a_removal(self, org: Organisation, sealed: SealedSession, changes: dict[str, object], words: str) -> None:
        raw = removal(org, sealed, **changes)  # type: ignore[arg-type]
        assert words in self.fault(org, sealed, raw)
        assert said(sealed.folder, org.directory).removals == ()

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"session": "9" * 32}, "another session"),
            ({"seal_sha256": "9" * 64}, "another seal"),
            ({"records": (3, 4096)}, "a record that this session does not have"),
            ({"person": "ben", "signer": "ben"}, "the trainer's alone to open"),
            ({"signer": "ben"}, "not signed by the person whom it names"),
            ({"signer": "root"}, "not signed by the person whom it names"),
        ],
        ids=str,
    )
    def test_an_opening(self, org: Organisation, sealed: SealedSession, changes: dict[str, object], words: str) -> None:
        raw = opening(org, sealed, **changes)  # type: ignore[arg-type]
        assert words in self.fault(org, sealed, raw)
        assert said(sealed.folder, org.directory).openings == ()

    def test_what_the_last_record_holds_goes_and_opens_and_nothing_after_it(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        size = len(sealed.events)
        raws = [removal(org, sealed, ranges=((at, at),)) for at in (size - 1, size)]
        raws += [opening(org, sealed, records=(2, at)) for at in (size - 1, size)]
        found = told(org, sealed, *raws)
        assert [one.ranges for one in found.removals] == [((size - 1, size - 1),)]
        assert [one.records for one in found.openings] == [(2, size - 1)]
        assert len(found.faults) == 2

    def test_a_reply_to_a_decision_that_is_not_here_or_does_not_count(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        assert "not here" in self.fault(org, sealed, reply(org, sealed, b"elsewhere"))
        forged = decision(org, sealed, signer="stranger")
        found = told(org, sealed, forged, reply(org, sealed, forged))
        assert found.replies == ()
        assert len(found.faults) == 3

    def test_a_file_whose_name_says_something_else(self, org: Organisation, sealed: SealedSession) -> None:
        put_statement(sealed, decision(org, sealed, finding=1))
        (sealed.folder / "statements" / f"{'9' * 64}.dsse").write_bytes(decision(org, sealed))
        (fault,) = said(sealed.folder, org.directory).faults
        assert "its name says" in fault

    @pytest.mark.parametrize("raw", [b"", b"{}", b"\x00" * 100, b"[" * 5000, b"x" * (1024 * 1024 + 1)])
    def test_bytes_that_are_nothing(self, org: Organisation, sealed: SealedSession, raw: bytes) -> None:
        assert self.fault(org, sealed, raw)

    def test_a_link(self, org: Organisation, sealed: SealedSession, tmp_path: Path) -> None:
        raw = decision(org, sealed)
        (tmp_path / "elsewhere").write_bytes(raw)
        digest = hashlib.sha256(raw).hexdigest()
        (sealed.folder / "statements" / f"{digest}.dsse").symlink_to(tmp_path / "elsewhere")
        found = said(sealed.folder, org.directory)
        assert found.decisions == ()
        assert "not a regular file" in found.faults[0]

    def test_statements_of_other_kinds_are_others_business(self, org: Organisation, sealed: SealedSession) -> None:
        access = Access(organisation=org.fp, session=sealed.keys.session_id, person="ben", files=(), at_us=1)
        assert told(org, sealed, sign(access, org.receipt_key)) == Said()

    @pytest.mark.parametrize("name", ["seal.dsse", "000000.fws"])
    def test_of_a_damaged_session_nothing_is_told(self, org: Organisation, sealed: SealedSession, name: str) -> None:
        path = sealed.folder / name
        path.write_bytes(path.read_bytes()[:40] + b"?" + path.read_bytes()[41:])
        found = told(org, sealed, decision(org, sealed))
        assert (found.decisions, found.replies) == ((), ())
        assert "cannot be told" in found.faults[-1]

    def test_under_another_organisations_directory(self, org: Organisation, sealed: SealedSession) -> None:
        other = Organisation(org.policy_toml, root=signing_key("another root"))
        found = told(org, sealed, decision(org, sealed), directory=other.directory)
        assert found.decisions == ()
        assert "another organisation" in found.faults[0]


class TestDirectories:
    """Who left since has still said what they said; who was never in, has not."""

    def at(self, org: Organisation, version: int, issued_us: int, **changes: object) -> Directory:
        return replace(org.directory, version=version, issued_us=issued_us, **changes)

    def test_a_reviewer_who_left_after_the_decision(self, org: Organisation, sealed: SealedSession) -> None:
        trainer = org.trainer.listed()
        newest = self.at(org, 9, LATER_US + DAY_US, people=(trainer,))
        assert len(told(org, sealed, decision(org, sealed), directory=newest).decisions) == 1

    def test_a_reviewer_who_left_before_it(self, org: Organisation, sealed: SealedSession) -> None:
        newest = self.at(org, 9, LATER_US - DAY_US - 1, people=(org.trainer.listed(),))
        found = told(org, sealed, decision(org, sealed), directory=newest)
        assert found.decisions == ()
        assert "as a reviewer" in found.faults[0]

    @pytest.mark.parametrize("changes", [{"roles": ("approver",)}, {"projects": ("beta",)}, {"roles": ("trainer", "admin")}])
    def test_a_member_who_is_no_reviewer_of_this_project(
        self, org: Organisation, sealed: SealedSession, changes: dict[str, object]
    ) -> None:
        kim = replace(member("kim", "reviewer").listed(), **changes)
        newest = self.at(org, 2, ORIGIN_US, people=(org.trainer.listed(), org.reviewer.listed(), kim))
        found = told(org, sealed, decision(org, sealed, "kim", person="kim"), directory=newest)
        assert found.decisions == ()
        assert "as a reviewer" in found.faults[0]

    def test_one_who_came_and_left_between_is_known_by_the_directory_that_lies_here(
        self, org: Organisation, sealed: SealedSession
    ) -> None:
        kim = member("kim", "reviewer").listed()
        between = self.at(org, 2, ORIGIN_US, people=(org.trainer.listed(), kim))
        newest = self.at(org, 3, LATER_US + DAY_US)
        raw = decision(org, sealed, "kim", person="kim")
        assert told(org, sealed, raw, directory=newest).decisions == ()
        assert verify_session(sealed.folder, trust=org.anchor).failed_step is not None
        found = told(org, sealed, sign_directory(between, org.root), directory=newest)
        assert [one.name for one in found.decisions] == ["Kim"]
        outcome = verify_session(sealed.folder, trust=org.anchor)
        assert outcome.verified, outcome.failed_step

    def test_a_member_whom_neither_directory_of_a_fresh_one_knows(self, org: Organisation, sealed: SealedSession) -> None:
        """Within a day of its signing a directory may not have reached everybody: the one before it is asked too."""
        found = told(org, sealed, decision(org, sealed, person="nobody", at_us=org.directory.issued_us + 1))
        assert found.decisions == ()
        assert "does not name its author as a reviewer" in found.faults[0]

    def test_a_directory_of_another_root_counts_for_nothing(self, org: Organisation, sealed: SealedSession) -> None:
        kim = member("kim", "reviewer").listed()
        other = Organisation(org.policy_toml, root=signing_key("another root"))
        forged = sign_directory(replace(other.directory, version=5, people=(kim,)), other.root)
        found = told(org, sealed, forged, decision(org, sealed, "kim", person="kim"))
        assert found.decisions == ()

    @pytest.mark.parametrize(("after_us", "counts"), [(-1, False), (0, False), (1, True)])
    def test_a_revoked_key_says_nothing_from_then_on(
        self, org: Organisation, sealed: SealedSession, after_us: int, counts: bool
    ) -> None:
        key = org.reviewer.person_key.public.hex()
        revocation = Revocation(revoked_key=key, revoked_us=LATER_US + after_us)
        newest = self.at(org, 2, LATER_US + DAY_US, revocations=(revocation,))
        found = told(org, sealed, decision(org, sealed), directory=newest)
        assert bool(found.decisions) is counts
        assert counts or "revoked" in found.faults[0]

    @pytest.mark.parametrize("kind", ["decision", "reply", "removal", "opening", "retention"])
    @pytest.mark.parametrize(
        ("since", "log_size", "counts"),
        [("cosigned", 0, False), ("received", 2, True), ("received", 3, False), ("after", 3, True)],
    )
    def test_nobody_dates_back_what_they_signed_with_a_revoked_key(
        self, org: Organisation, sealed: SealedSession, kind: str, since: str, log_size: int, *, counts: bool
    ) -> None:
        """Each says that it was signed at the session's begin: about a seal that was not made, by a log that had it not."""
        receipt = open_statement((sealed.folder / "receipt.dsse").read_bytes(), Receipt, org.receipt_key.public)
        assert receipt.log_size == 3
        cosigned_us = last_cosigned_s(sealed.folder) * 1_000_000
        assert 0 < cosigned_us < receipt.received_us
        since_us = {"cosigned": cosigned_us, "received": receipt.received_us, "after": receipt.received_us + 1}[since]
        fields: dict[str, object] = {"at_us": ORIGIN_US, "log_size": log_size}
        fields |= {"log_root": "5" * 64} if log_size else {}
        decided = decision(org, sealed, **(fields if kind == "decision" else {}))
        made = {
            "decision": lambda: decided,
            "reply": lambda: reply(org, sealed, decided, **fields),
            "removal": lambda: removal(org, sealed, **fields),
            "opening": lambda: opening(org, sealed, **fields),
            "retention": lambda: removal(org, sealed, "root", by="organisation", **fields),
        }
        signer = {"decision": org.reviewer.person_key, "retention": org.root}.get(kind, org.trainer.person_key)
        revocation = Revocation(revoked_key=signer.public.hex(), revoked_us=since_us)
        newest = self.at(org, 2, LATER_US + DAY_US, revocations=(revocation,))
        found = told(org, sealed, *([decided] if kind == "reply" else []), made[kind](), directory=newest)
        assert bool(found.faults) is not counts
        assert counts or "revoked by then" in found.faults[0]

    def test_where_cosignatures_and_receipt_are_missing_or_damaged_its_own_word_is_left(
        self, org: Organisation, sealed: SealedSession, tmp_path: Path
    ) -> None:
        key = org.reviewer.person_key.public.hex()
        newest = self.at(org, 2, LATER_US, revocations=(Revocation(revoked_key=key, revoked_us=ORIGIN_US + 1),))
        assert "revoked by then" in told(org, sealed, decision(org, sealed, at_us=ORIGIN_US), directory=newest).faults[0]
        (sealed.folder / "receipt.dsse").unlink()
        segment = sealed.folder / "000000.fws"
        segment.write_bytes(segment.read_bytes() + b"\0")
        assert said(sealed.folder, newest).faults == ()
        session = org.open_session(tmp_path / "offline", offline=True)
        session.checkpoint()
        unwitnessed = session.seal(receipt=False)
        assert last_cosigned_s(unwitnessed.folder) == 0
        raw = decision(org, unwitnessed, at_us=ORIGIN_US)
        assert told(org, unwitnessed, raw, directory=newest).faults == ()

    def test_a_renewed_person_key(self, org: Organisation, sealed: SealedSession) -> None:
        """Both keys were the person's, each in its time."""
        renewed = replace(org.reviewer.listed(), person_key=signing_key("ben again").public.hex(), name="Benjamin")
        newest = self.at(org, 2, LATER_US + DAY_US, people=(org.trainer.listed(), renewed))
        later = decision(org, sealed, "ben again", at_us=LATER_US + 3 * DAY_US)
        found = told(org, sealed, decision(org, sealed), later, directory=newest)
        assert [one.name for one in found.decisions] == ["Ben", "Benjamin"]
        stale = decision(org, sealed, at_us=LATER_US + 3 * DAY_US)
        assert len(told(org, sealed, stale, directory=newest).faults) == 1


def test_the_ground_is_what_the_record_and_its_seal_say(org: Organisation, sealed: SealedSession) -> None:
    segment = (sealed.folder / "000000.fws").read_bytes()
    directories = known_directories(org.directory, [org.directory_bytes(), b"{}", b""])
    ground = ground_of(sealed.seal_raw, segment, directories)
    assert (ground.organisation, ground.session, ground.person) == (org.fp, sealed.keys.session_id, "ada")
    assert (ground.project, ground.size, len(ground.directories)) == (PROJECT, len(sealed.events), 1)
    assert checked(decision(org, sealed), ground)
    with pytest.raises(IntegrityFault, match="does not begin"):
        ground_of(sealed.seal_raw, b"FWS1\r\n\x1a\n", directories)
    moved = replace(open_directory(org.directory_bytes()), version=2)
    assert [one.version for one in known_directories(moved, [org.directory_bytes()])] == [2, 1]


def test_a_seal_beside_another_sessions_record_is_no_ground(org: Organisation, tmp_path: Path) -> None:
    one = small_session(org, tmp_path / "one")
    session = org.open_session(tmp_path / "two", "another")
    session.stop()
    session.seal()
    with pytest.raises(IntegrityFault, match="another session"):
        ground_of(one.seal_raw, (tmp_path / "two" / "000000.fws").read_bytes(), (org.directory,))


def test_a_decision_counts_wherever_the_reader_stands(org: Organisation, sealed: SealedSession) -> None:
    """The verifier and this module agree on a folder with decisions by an author of a newer directory."""
    kim = member("kim", "reviewer").listed()
    newest = replace(org.directory, version=2, issued_us=ORIGIN_US, people=(*org.directory.people, kim))
    raw = sign_directory(newest, org.root)
    found = told(org, sealed, decision(org, sealed, "kim", person="kim"), directory=newest)
    assert len(found.decisions) == 1
    outcome = verify_session(sealed.folder, trust=TrustAnchor(org.fp, raw))
    assert outcome.verified, outcome.failed_step
