# SPDX-License-Identifier: Apache-2.0
"""Sessions that are rightly signed throughout and wrong in one thing: what our verifier says of each, in words.

Both verifiers see most of them in `test_second_verifier`, at their numbered steps; here is what a person reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace as replaced
from pathlib import Path

import msgspec
import pytest
import trust_builders
from trust_builders import (
    DAY_US,
    ORIGIN_US,
    OpenSession,
    Organisation,
    organisation,
    personal_session,
    realistic_session,
    signing_key,
    small_session,
)
from trust_files import files_of
from trust_people import POLICY_WITH_CAPTURES, Begun
from trust_wrongs import assert_fails, outcome_of, put_statement, without_contents
from verifier_both import both
from verifier_cases import CASES
from verifier_draft import DIRECTORY, Draft, Good, Record, b64

from session import IntegrityFault
from session.events import Clipboard, FindingRecord, Kind, Moment, Opening
from session.log.note import note_bytes, parse_note, sign_note
from session.trust.directory import Revocation, sign_directory
from session.trust.dsse import DIRECTORY_BYTES
from session.trust.statements import NO_DIRECTORY, Removal, Reply, sign
from session.verify import TrustAnchor, Verification, verify_session, verify_source
from session.verify.folder import MAX_SEGMENTS, MAX_STATEMENTS_BYTES, Names

POLICY_SHOWING_FINDINGS = POLICY_WITH_CAPTURES.replace(b"shadow = true", b"shadow = false")


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Good]:
    """Sessions that verify, by the names that `verifier_cases` uses."""
    folder, org = tmp_path_factory.mktemp("goods"), organisation()
    small, picture = small_session(org, folder / "small"), small_session(org, folder / "picture", capture=True)
    realistic = realistic_session(org, folder / "realistic")
    unasked = org.open_session(folder / "offline", "offline", offline=True)
    unasked.stop()
    offline = unasked.seal(receipt=False)
    alone = personal_session(folder / "personal")
    alone.tick()
    alone.stop()
    mine = alone.seal()
    made = {
        name: Good(name, files_of(one.folder), org.anchor, one.person.reading, org, one.person, one.keys)
        for name, one in (("small", small), ("picture", picture), ("realistic", realistic), ("offline", offline))
    }
    made["personal"] = Good("personal", files_of(mine.folder), None, mine.person.reading, None, mine.person, mine.keys)
    made["reviewer"] = replaced(made["realistic"], name="reviewer", key=org.epoch_key())
    return made


@pytest.fixture
def org() -> Organisation:
    return organisation()


def verified(good: Good, change: Callable[[Draft], object]) -> Verification:
    draft = Draft(good)
    change(draft)
    return verify_source(draft.files(), trust=good.trust, key=good.key)


@pytest.mark.parametrize(
    ("case", "step", "detail"),
    [
        ("suite 2", "records", "algorithms of suite 2"),
        ("continues no session", "records", "goes on from what is no session"),
        ("many ranges", "records", "name more ranges, than a session can have"),
        ("STATS in 9 bins", "contents", "it counts in other bins"),
        ("STATS of 5 pauses", "contents", "it counts in other bins"),
        ("STATS of 3 paces", "contents", "it counts in other bins"),
        ("seal by an older directory", "seal", "not newer than the one of the start"),
        ("receipt that proves without a place", "receipt", "names no place in a log, and proves one"),
        ("offline under another project's policy", "seal", "another policy in the directory of the offline start"),
        ("offline for a project that is not there", "seal", "project"),
        ("offline by no trainer", "seal", "no trainer at the offline start"),
        ("offline by a trainer of nothing", "seal", "no trainer at the offline start"),
        ("cosignature after 2^43 s", "cosignatures", "out of range"),
        ("cosignature at 2^43 s, after the receipt", "receipt", "earlier than a cosignature"),
        ("removal by a person key that was revoked by then", "presence", "missing after the seal"),
        ("a forked directory", "statements", "two texts of directory version 1: forked"),
        ("reply in another's name", "statements", "in the name of somebody else"),
        ("removal backwards", "statements", "what is no range of records"),
        ("opening of what is not withheld", "statements", "what is no withheld record"),
    ],
)
def test_it_ends_at_its_step_and_says_why(goods: dict[str, Good], case: str, step: str, detail: str) -> None:
    of, change, number = CASES[case]
    outcome = verified(goods[of], change)
    assert_fails(outcome, step, detail)
    assert outcome.failed_step is not None
    assert outcome.failed_step.number == number


def test_a_reviewer_reads_the_records_that_were_opened_for_them(goods: dict[str, Good]) -> None:
    closed = verified(goods["reviewer"], CASES["nothing withheld is here"][1])
    opened = verified(goods["reviewer"], CASES["opened ones are here"][1])
    assert (closed.verified, opened.verified) == (True, True)
    sealed_parts = [int(one.steps[12].detail.split()[0]) for one in (closed, opened)]
    assert sealed_parts[1] == sealed_parts[0] + 2


def test_an_opening_for_a_reviewer_gives_the_trainer_and_a_stranger_nothing(goods: dict[str, Good]) -> None:
    opened = CASES["opened ones are here"][1]
    own = verified(goods["realistic"], lambda _: None).steps[12].detail.split()[0]
    raws = len(Draft(goods["realistic"]).all(Kind.RAW))
    assert verified(goods["realistic"], opened).steps[12].detail == f"{int(own) - raws + 2} sealed parts opened"
    stranger = replaced(goods["reviewer"], key=trust_builders.reading_key("carol"))
    assert verified(stranger, opened).steps[12].passed is None


def test_an_opening_that_anybody_could_read(goods: dict[str, Good]) -> None:
    def change(draft: Draft) -> None:
        wraps = [{"recipient": "0" * 64, "epoch": 1, "wrapped": b64(bytes(32 + 32 + 16))}]
        said = {"seal_sha256": None, "records": [draft.seq(Kind.RAW)], "wraps": wraps, "person": "ada"}
        draft.say("opening", signing_key("ada"), **said, at_us=draft.start[2])

    assert_fails(verified(goods["small"], change), "statements", "small order")


def test_withheld_records_that_a_removal_names_may_be_here_or_gone(goods: dict[str, Good]) -> None:
    for case in ("removal of what is still here", "some withheld is here"):
        of, change, number = CASES[case]
        assert (verified(goods[of], change).verified, case) == (number == 0, case)


# --- who may say what


def test_a_seal_for_another_project_than_was_granted(org: Organisation, tmp_path: Path) -> None:
    assert_fails(
        outcome_of(org, org.open_session(tmp_path / "s", project="finch")), "seal", "another project than the session"
    )


def test_a_personal_seal_names_no_project(goods: dict[str, Good]) -> None:
    assert_fails(verified(goods["personal"], lambda d: d.seal.update(project="wren")), "seal", "session names a project")


def test_a_seal_by_a_directory_of_another_root(goods: dict[str, Good]) -> None:
    def change(draft: Draft) -> None:
        draft.later.append(("directory", draft.directory | {"version": 2}, signing_key("x")))
        name = next(one for one in draft.files() if one.startswith("statements/") and len(one) > 70)
        draft.seal["directory_sha256"] = name[11:75]

    assert_fails(verified(goods["small"], change), "seal", "none of this organisation's")


def test_a_directory_under_another_name_than_its_digest(goods: dict[str, Good]) -> None:
    good = goods["small"]
    files = good.files.changed(f"statements/{'9' * 64}.dsse", good.files[DIRECTORY])
    assert_fails(verify_source(files, trust=good.trust), "statements", "has not the content that its name says")


def test_a_personal_session_with_a_later_directory(goods: dict[str, Good]) -> None:
    raw = goods["small"].files[DIRECTORY]
    files = goods["personal"].files.changed(f"statements/{hashlib.sha256(raw).hexdigest()}.dsse", raw)
    assert_fails(verify_source(files), "statements", "a personal session has none")


def test_a_grant_in_the_place_of_a_personal_opening(org: Organisation, tmp_path: Path) -> None:
    granted = org.open_session(tmp_path / "granted")
    grant = granted.events[0].body
    assert isinstance(grant, Opening)
    begun = Begun(tmp_path / "s", "session", org.fp, org.trainer, org.policy_toml, org.directory_bytes())
    session = OpenSession(org, begun, (Kind.PERSONAL, grant.envelope))
    assert_fails(outcome_of(org, session), "opening", "another kind than its record")


def test_a_grant_without_a_directory(org: Organisation, tmp_path: Path) -> None:
    first = org.open_session(tmp_path / "granted", directory_sha256=NO_DIRECTORY)
    grant = first.events[0].body
    assert isinstance(grant, Opening)
    begun = Begun(tmp_path / "s", "session", org.fp, org.trainer, org.policy_toml, b"")
    session = OpenSession(None, begun, (Kind.GRANT, grant.envelope))
    session.stop()
    assert_fails(verify_session(session.seal().folder), "opening", "needs the organisation's directory")


def test_an_opening_by_another_device_than_the_certified_one(goods: dict[str, Good]) -> None:
    def change(draft: Draft) -> None:
        draft.signers["opening"] = signing_key("another device")
        draft.opening["device_key"] = signing_key("another device").public.hex()

    assert_fails(verified(goods["personal"], change), "opening", "another device key than the device certificate")


# --- checkpoints, times, files


def test_a_checkpoint_with_a_signature_besides_the_session_keys(goods: dict[str, Good]) -> None:
    def change(draft: Draft) -> None:
        draft.files()  # makes the note
        record = draft.record(Kind.CHECKPOINT)
        note = parse_note(record.public[4].encode())
        lines = [one.line for one in note.signatures]
        record.public[4] = note_bytes(note.text, *lines, sign_note(note.text, "another", signing_key("x"))).decode()
        record.signed = False

    assert_fails(verified(goods["small"], change), "tree and checkpoints", "carries signatures besides")


def test_a_fork_of_the_starts_directory_that_the_reader_holds_is_named(org: Organisation, tmp_path: Path) -> None:
    """A platform shows two people two texts of one version: in one of them a key is revoked."""
    session = org.open_session(tmp_path / "s")
    session.stop()
    sealed = session.seal()
    revoked = Revocation(revoked_key=org.trainer.person_key.public.hex(), revoked_us=ORIGIN_US - DAY_US)
    for changes in ({"revocations": (revoked,)}, {"expires_us": org.expires_us + 1}):
        forked = sign_directory(msgspec.structs.replace(org.directory, **changes), org.root)
        outcome = both(sealed.folder, trust=TrustAnchor(org.fp, forked))
        assert_fails(outcome, "directory and policy", "forked")
    for version in (1, 2):
        held = sign_directory(msgspec.structs.replace(org.directory, version=version), org.root)
        assert both(sealed.folder, trust=TrustAnchor(org.fp, held)).verified
    older = organisation(version=3, review_keys=org.review_keys).open_session(tmp_path / "later", "later")
    older.stop()
    held = sign_directory(msgspec.structs.replace(org.directory, version=2, name="Before"), org.root)
    assert both(older.seal().folder, trust=TrustAnchor(org.fp, held)).verified, "an older one is no fork"


def test_a_receipt_by_a_key_that_was_revoked_by_then_proves_nothing(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    session.stop()
    sealed = session.seal()
    received_us = verify_session(sealed.folder, trust=org.anchor).times.received_us
    assert received_us is not None
    for revoked_us in (received_us, received_us + 1):
        revoked = Revocation(revoked_key=org.receipt_key.public.hex(), revoked_us=revoked_us)
        later = organisation(version=2, revocations=(revoked,), review_keys=org.review_keys)
        outcome = both(sealed.folder, trust=TrustAnchor(org.fp, later.directory_bytes()))
        assert outcome.verified == (revoked_us > received_us)
        if not outcome.verified:
            assert_fails(outcome, "receipt", "revoked")


@pytest.mark.parametrize("whose", ["person", "device", "session", "witness", "grant", "root"])
def test_a_key_that_is_revoked_between_two_cosignatures_signs_no_more(org: Organisation, tmp_path: Path, whose: str) -> None:
    """Whoever took it would add hours to a session that it began before; a grant that was given stands."""
    session = org.open_session(tmp_path / "s")
    session.tick()
    session.cosigned_checkpoint()
    session.wait(3600)
    session.stop()
    sealed = session.seal()
    publics = {
        "person": org.trainer.person_key.public,
        "device": org.trainer.device_key.public,
        "session": session.keys.signing.public,
        "witness": org.witness_key.public,
        "grant": org.grant_key.public,
        "root": org.root.public,
    }
    last_us = verify_session(sealed.folder, trust=org.anchor).times.last_us
    assert last_us is not None
    for revoked_us, verified in ((last_us, whose in {"grant", "root"}), (last_us + 1, True)):
        revoked = Revocation(revoked_key=publics[whose].hex(), revoked_us=revoked_us)
        later = organisation(version=2, revocations=(revoked,), review_keys=org.review_keys)
        outcome = both(sealed.folder, trust=TrustAnchor(org.fp, later.directory_bytes()))
        assert outcome.verified == verified
        if not verified:
            assert_fails(outcome, "cosignatures", f"{whose} key was revoked")


@pytest.mark.parametrize("receipt", [b"{}", None], ids=["unreadable", "of another kind"])
def test_a_receipt_that_is_none_proves_no_time(org: Organisation, tmp_path: Path, receipt: bytes | None) -> None:
    """A key revoked after the receipt takes nothing from the session; without a time that anybody knows, it does."""
    session = org.open_session(tmp_path / "s")
    session.tick()
    session.checkpoint(Moment.STOP)
    sealed = session.seal()
    revoked = Revocation(revoked_key=org.trainer.device_key.public.hex(), revoked_us=ORIGIN_US + DAY_US)
    later = organisation(version=2, revocations=(revoked,), issued_us=ORIGIN_US + DAY_US, review_keys=org.review_keys)
    trust = TrustAnchor(org.fp, later.directory_bytes())
    assert verify_session(sealed.folder, trust=trust).verified
    other = sign(
        Reply(**about(org, sealed.keys.session_id), decision_sha256="0" * 64, text="", person="ada", at_us=1),
        org.trainer.person_key,
    )
    (sealed.folder / "receipt.dsse").write_bytes(receipt or other)
    assert_fails(verify_session(sealed.folder, trust=trust), "cosignatures", "device key was revoked")
    assert_fails(verify_session(sealed.folder, trust=org.anchor), "receipt")


def about(org: Organisation, session_id: str) -> dict[str, object]:
    return {"organisation": org.fp, "session": session_id}


def test_more_files_than_a_session_can_have() -> None:
    names = Names()
    for index in range(MAX_SEGMENTS):
        names.add(f"{index:06d}.fws", 1)
    with pytest.raises(IntegrityFault, match="more files than a session can have"):
        names.add(f"{MAX_SEGMENTS:06d}.fws", 1)


def test_more_bytes_of_statements_than_may_be_kept_in_memory() -> None:
    names, most = Names(), MAX_STATEMENTS_BYTES // DIRECTORY_BYTES
    for index in range(most):
        names.add(f"statements/{index:064x}.dsse", DIRECTORY_BYTES)
    with pytest.raises(IntegrityFault, match=f"more than {MAX_STATEMENTS_BYTES} bytes together"):
        names.add(f"statements/{most:064x}.dsse", DIRECTORY_BYTES)


def test_two_captures_with_one_picture(goods: dict[str, Good]) -> None:
    def change(draft: Draft) -> None:
        first = draft.record(Kind.CAPTURE)
        draft.put(Record(Kind.CAPTURE, first.public, list(first.body), absent=True))

    assert_fails(verified(goods["picture"], change), "blobs", "two captures name one blob")


# --- what only a reader with a key sees


def finding(session: OpenSession, *, shadow: int) -> None:
    t_us = session.reading.t_us
    body = FindingRecord(t_us, "paste", 1, "raised", "B", 0, 0, "c", (2,), "e", ("a",), shadow)
    session.add(Kind.FINDING, body)


def test_findings_on_trial_are_in_no_summary(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    session.note("record 2")
    finding(session, shadow=1)
    outcome = outcome_of(org, session, org.trainer.reading)
    assert outcome.verified, outcome.failed_step
    assert session.events[-2].body.findings == ()  # type: ignore[union-attr] # a SUMMARY


def test_a_finding_that_is_on_trial_where_the_policy_says_it_is_not(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    session.note("record 2")
    finding(session, shadow=0)
    assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "the policy says otherwise of findings on trial")


def test_a_clipboard_record_that_is_neither_copy_nor_paste(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    session.add(Kind.CLIPBOARD, Clipboard(session.reading.t_us, session.reading.mono_us, "cut", 1, "editor"))
    assert_fails(outcome_of(org, session, org.trainer.reading), "contents", "neither a copy nor a paste")


def test_a_session_without_a_summary_has_nothing_to_compare(goods: dict[str, Good]) -> None:
    outcome = verified(goods["small"], lambda draft: draft.records.remove(draft.record(Kind.SUMMARY)))
    assert outcome.verified, outcome.failed_step
    assert outcome.steps[13].passed is None


def test_findings_that_retention_took_away_cannot_be_summed_up_again(tmp_path: Path) -> None:
    org = organisation(POLICY_SHOWING_FINDINGS)
    session = org.open_session(tmp_path / "s")
    session.note("record 2")
    finding(session, shadow=0)
    session.tick()
    session.stop()
    sealed = session.seal()
    assert verify_session(sealed.folder, trust=org.anchor, reading_key=org.trainer.reading).verified
    path = sealed.folder / "000000.fws"
    path.write_bytes(without_contents(path.read_bytes(), {3}))
    removal = Removal(
        **about(org, sealed.keys.session_id),  # type: ignore[arg-type] # by name
        seal_sha256=hashlib.sha256(sealed.seal_raw).hexdigest(),
        ranges=((3, 3),),
        blobs=(),
        reason="retention",
        by="organisation",
        at_us=1,
    )
    put_statement(sealed, sign(removal, org.root))
    outcome = verify_session(sealed.folder, trust=org.anchor, reading_key=org.trainer.reading)
    assert outcome.verified, outcome.failed_step
