# SPDX-License-Identifier: Apache-2.0
"""A sealed session opened for whoever sits here: as its trainer, as a reviewer, and as somebody with no key to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust_builders import Organisation, SealedSession, organisation

from fairwitness.cases import case_here
from fairwitness.places import Places
from session import InputFault
from session.crypto.hpke import ReadingKey
from session.events import FindingRecord, Kind


def home_of(folder: Path, organisation_fp: str, key: ReadingKey) -> Path:
    """The agent's folder of somebody who holds this reading key."""
    Places(folder).key_store().put(f"person/{organisation_fp}/reading", key.seed)
    return folder


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def sealed(org: Organisation, tmp_path: Path) -> SealedSession:
    session = org.open_session(tmp_path / "session")
    session.tick()
    return session.seal(receipt=False)


def test_its_trainer_reads_all_of_it(org: Organisation, sealed: SealedSession, tmp_path: Path) -> None:
    one = case_here(sealed.folder, home_of(tmp_path / "trainer", org.fp, org.trainer.reading))
    assert one.reads_as == "trainer"
    assert one.verification is not None
    assert one.verification.verified
    assert one.said is not None
    assert one.said.decisions == one.said.replies == one.said.faults == ()
    assert all(event.body is not None for event in one.reader.events() if event.kind == Kind.STATS)


def test_a_reviewer_reads_what_was_sent_and_no_reason(org: Organisation, sealed: SealedSession, tmp_path: Path) -> None:
    one = case_here(sealed.folder, home_of(tmp_path / "reviewer", org.fp, org.reviewer.reading))
    assert one.reads_as == "reviewer"
    assert one.reasons == {}


@pytest.mark.parametrize(("weight", "opens"), [("A", True), ("B", False)])
def test_what_opens_a_review_is_told_to_both_alike(org: Organisation, tmp_path: Path, weight: str, opens: bool) -> None:
    session = org.open_session(tmp_path / "session")
    session.tick()
    said = ("injected-input", 2, "raised", weight, 0, 0, "unmeasured-1", (), "e", ())
    session.add(Kind.FINDING, FindingRecord(session.reading.t_us, *said, 0))
    folder = session.seal(receipt=False).folder
    for name, key in (("trainer", org.trainer.reading), ("reviewer", org.reviewer.reading)):
        assert case_here(folder, home_of(tmp_path / name, org.fp, key)).opens_review is opens
    assert case_here(folder, tmp_path / "nobody").opens_review is None


def test_without_a_key_only_what_is_public_is_read(sealed: SealedSession, tmp_path: Path) -> None:
    one = case_here(sealed.folder, tmp_path / "nobody")
    assert one.reads_as == ""
    assert one.verification is not None
    assert not one.verification.trusted
    assert {event.body for event in one.reader.events() if event.kind == Kind.STATS} == {None}


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="no session folder"):
        case_here(tmp_path / "nothing", None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputFault, match="no policy"):
        case_here(tmp_path / "empty", tmp_path / "home")
