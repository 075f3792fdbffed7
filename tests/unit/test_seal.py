# SPDX-License-Identifier: Apache-2.0
"""Sealing: once, over what lies on disk, for the reviewers that the directory names."""

from __future__ import annotations

import errno
import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from trust_builders import (
    DAY_US,
    ORIGIN_US,
    POLICY_SENDING_TIMING,
    POLICY_WITHHOLDING_CAPTURES,
    PROJECT,
    OpenSession,
    Organisation,
    organisation,
    personal_session,
    signing_key,
)

from agent.keys.file_store import FileKeyStore
from session import EnvironmentFault, InputFault, IntegrityFault
from session.disk import RealDisk
from session.events import Moment, Redact
from session.reader import content_keys_for_reviewer, content_keys_for_trainer
from session.seal import Loss, forget_session_keys, merged_ranges, read_seal, seal
from session.trust.directory import sign_directory
from session.verify import TrustAnchor, verify_session


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def session(org: Organisation, tmp_path: Path) -> OpenSession:
    begun = org.open_session(tmp_path / "s")
    begun.tick()
    begun.stop()
    return begun


def sealed_by_hand(session: OpenSession, **changes: object) -> bytes:
    arguments: dict[str, object] = {
        "content_keys": session.keys.content,
        "project": PROJECT,
        "sealed_us": session.reading.t_us,
    }
    return seal(session.folder, session.keys.signing, **(arguments | changes))  # type: ignore[arg-type]


def test_the_seal_says_what_the_records_say(org: Organisation, session: OpenSession) -> None:
    note = session.note("private")
    other = session.note("private too")
    session.redact(note.seq)
    session.redact(other.seq)
    sealed = session.seal()
    said = read_seal(sealed.seal_raw, session.keys.signing.public)
    assert (sealed.folder / "seal.dsse").read_bytes() == sealed.seal_raw
    assert (said.organisation, said.session, said.project) == (org.fp, session.keys.session_id, PROJECT)
    assert (said.size, said.root) == (session.journal.size, session.journal.root().hex())
    assert said.redacted == ((note.seq, other.seq),)
    assert said.withheld == ("FINDING", "RAW")
    assert said.loss is None
    assert said.directory_sha256 == hashlib.sha256(session.directory).hexdigest()


def test_before_it_no_reviewer_opens_anything_and_after_it_only_what_is_sent(
    org: Organisation, session: OpenSession
) -> None:
    with pytest.raises(InputFault, match="not sealed"):
        content_keys_for_reviewer(session.folder, org.epoch_key())
    session.seal()
    assert content_keys_for_reviewer(session.folder, org.epoch_key()) == {"s": session.keys.content_s}
    assert content_keys_for_trainer(session.folder, org.trainer.reading) == session.keys.content


def test_a_policy_that_sends_timing_opens_it_to_the_reviewer(tmp_path: Path) -> None:
    org = organisation(POLICY_SENDING_TIMING)
    session = org.open_session(tmp_path / "s")
    session.tick()
    sealed = session.seal()
    assert content_keys_for_reviewer(sealed.folder, org.epoch_key()) == session.keys.content
    assert read_seal(sealed.seal_raw, session.keys.signing.public).withheld == ("FINDING",)


def test_withheld_types_are_named_in_the_order_of_the_table(tmp_path: Path) -> None:
    session = organisation(POLICY_WITHHOLDING_CAPTURES).open_session(tmp_path / "s")
    sealed = session.seal()
    assert read_seal(sealed.seal_raw, session.keys.signing.public).withheld == ("CAPTURE", "FINDING", "RAW")


def test_a_personal_session_is_for_nobody_else(tmp_path: Path) -> None:
    session = personal_session(tmp_path / "s")
    said = read_seal(session.seal().seal_raw, session.keys.signing.public)
    assert (said.wraps, said.project, said.directory_sha256) == ((), "", "0" * 64)


def test_a_session_is_sealed_once(session: OpenSession) -> None:
    sealed = session.seal()
    with pytest.raises(InputFault, match="sealed once"):
        sealed_by_hand(session)
    assert (session.folder / "seal.dsse").read_bytes() == sealed.seal_raw


def test_the_last_checkpoint_comes_first(session: OpenSession) -> None:
    with pytest.raises(InputFault, match="checkpoint"):
        sealed_by_hand(session)
    session.checkpoint(Moment.SEAL)
    session.tick()
    session.journal.sync()
    with pytest.raises(InputFault, match="last record"):
        sealed_by_hand(session)
    assert not (session.folder / "seal.dsse").exists()


def test_sealing_changes_no_record(session: OpenSession) -> None:
    session.finish()
    before = {path.name: path.read_bytes() for path in session.folder.glob("*.fws")}
    sealed_by_hand(session)
    assert {path.name: path.read_bytes() for path in session.folder.glob("*.fws")} == before


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"project": "finch"}, "project"),
        ({"sealed_us": ORIGIN_US + 400 * DAY_US}, "review key"),
        ({"sealed_us": ORIGIN_US - 400 * DAY_US}, "review key"),
    ],
)
def test_without_readers_there_is_no_seal(session: OpenSession, changes: dict[str, object], named: str) -> None:
    session.finish()
    with pytest.raises(InputFault, match=named):
        sealed_by_hand(session, **changes)
    assert not (session.folder / "seal.dsse").exists()


def test_a_personal_session_has_no_project(tmp_path: Path) -> None:
    session = personal_session(tmp_path / "s")
    session.finish()
    with pytest.raises(InputFault, match="project"):
        sealed_by_hand(session)


@pytest.mark.parametrize("name", ["policy.toml", "directory.dsse"])
def test_other_statements_than_those_of_the_start_are_refused(session: OpenSession, name: str) -> None:
    session.finish()
    path = session.folder / "statements" / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(IntegrityFault, match=name):
        sealed_by_hand(session)
    path.unlink()
    with pytest.raises(EnvironmentFault):
        sealed_by_hand(session)


def test_what_is_damaged_on_disk_is_not_sealed(session: OpenSession) -> None:
    session.finish()
    path = session.folder / "000000.fws"
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)
    with pytest.raises(IntegrityFault):
        sealed_by_hand(session)
    assert not (session.folder / "seal.dsse").exists()


def test_a_newer_directory_is_put_beside_and_its_review_key_used(org: Organisation, session: OpenSession) -> None:
    org.version = 2
    org.review_keys += (org.issue(2, ORIGIN_US, ORIGIN_US + 90 * DAY_US),)
    newer = org.directory_bytes()
    sealed = session.seal(directory=newer)
    said = read_seal(sealed.seal_raw, session.keys.signing.public)
    digest = hashlib.sha256(newer).hexdigest()
    assert (said.directory_sha256, [one.epoch for one in said.wraps]) == (digest, [2])
    assert (session.folder / "statements" / f"{digest}.dsse").read_bytes() == newer
    assert content_keys_for_reviewer(session.folder, org.epoch_key(2)) == {"s": session.keys.content_s}
    with pytest.raises(IntegrityFault):
        content_keys_for_reviewer(session.folder, org.epoch_key(1))


@pytest.mark.parametrize("what", ["project closed", "review key ended"])
def test_a_project_that_ended_meanwhile_is_sealed_for_by_the_directory_of_the_start(
    org: Organisation, session: OpenSession, what: str
) -> None:
    """It has one project only, and its trainer worked the hours."""
    session.finish()
    newer = replace(org.directory, version=2)
    (project,) = newer.projects
    ended = replace(project.review_keys[0], until_us=session.reading.t_us)
    projects = () if what == "project closed" else (replace(project, review_keys=(ended,)),)
    raw = sign_directory(replace(newer, projects=projects), org.root)
    said = read_seal(sealed_by_hand(session, directory=raw), session.keys.signing.public)
    assert said.directory_sha256 == hashlib.sha256(session.directory).hexdigest()
    assert [one.epoch for one in said.wraps] == [1]
    assert {path.name for path in (session.folder / "statements").iterdir()} == {"directory.dsse", "policy.toml"}
    outcome = verify_session(session.folder, trust=TrustAnchor(org.fp, raw))
    assert outcome.verified, outcome.failed_step


def test_a_project_that_no_directory_has_a_key_for_is_named(org: Organisation, session: OpenSession) -> None:
    session.finish()
    raw = sign_directory(replace(org.directory, version=2, projects=()), org.root)
    for late_us, directory in ((400 * DAY_US, raw), (400 * DAY_US, None)):
        with pytest.raises(InputFault, match=f"{PROJECT}"):
            sealed_by_hand(session, directory=directory, sealed_us=ORIGIN_US + late_us)
    assert not (session.folder / "seal.dsse").exists()


def test_an_older_or_foreign_directory_is_refused(org: Organisation, tmp_path: Path) -> None:
    old = org.directory_bytes()
    org.version = 2
    session = org.open_session(tmp_path / "s")
    session.finish()
    foreign = organisation(root=signing_key("another root"), version=3).directory_bytes()
    for offered in (old, foreign):
        with pytest.raises(IntegrityFault):
            sealed_by_hand(session, directory=offered)
    assert not (session.folder / "seal.dsse").exists()


def test_a_provable_loss_is_said(session: OpenSession) -> None:
    loss = Loss(recovered_size=session.journal.size, cosigned_size=session.journal.size + 9)
    sealed = session.seal(loss=loss)
    assert read_seal(sealed.seal_raw, session.keys.signing.public).loss == loss


class FullDisk(RealDisk):
    """A disk without room for a new file."""

    def create(self, path: Path) -> object:  # type: ignore[override] # noqa: ARG002 - the disk is full for every name
        raise OSError(errno.ENOSPC, "no space")


def test_a_full_disk_leaves_it_unsealed(session: OpenSession) -> None:
    session.finish()
    with pytest.raises(EnvironmentFault, match="disk is full"):
        sealed_by_hand(session, disk=FullDisk())
    assert [path.name for path in session.folder.iterdir() if path.name.startswith("seal")] == []
    sealed_by_hand(session)


def test_another_key_did_not_make_this_seal(session: OpenSession) -> None:
    sealed = session.seal()
    with pytest.raises(IntegrityFault, match="signed by"):
        read_seal(sealed.seal_raw, signing_key("another").public)


def test_keys_are_forgotten(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys")
    for name in ("session/5/signing", "session/5/content-s", "session/5/content-w", "session/6/signing"):
        store.put(name, b"x" * 32)
    forget_session_keys(store, "5")
    assert list(store.names("")) == ["session/6/signing"]


ranges = st.tuples(st.integers(0, 40), st.integers(0, 5)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


@given(st.lists(st.lists(ranges, max_size=4), max_size=4))
def test_the_union_of_removals(drawn: list[list[tuple[int, int]]]) -> None:
    merged = merged_ranges(tuple(Redact(0, tuple(one), "r") for one in drawn))
    plain = {seq for one in drawn for first, last in one for seq in range(first, last + 1)}
    assert {seq for first, last in merged for seq in range(first, last + 1)} == plain
    assert list(merged) == sorted(merged)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(merged))
