# SPDX-License-Identifier: Apache-2.0
"""A contradiction that was seen once is told and kept, whatever the disk does and whoever saw it."""

from __future__ import annotations

from pathlib import Path

from session.desks import TrainerStatus
from ui.strings import Words
from ui.trainer.telling import contradiction_words
from uploader.evidence import EVIDENCE, EVIDENCE_MOST, Evidence, kept

PARTS = {"given.note": b"text\n\nsigned now", "held.note": b"before"}


def test_what_was_given_and_held_is_kept_once_and_told_by_everybody_who_looks(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    assert evidence.standing() == ""
    fault = evidence.contradiction("log", "it was rolled back", PARTS)
    assert fault.what == "log"
    evidence.contradiction("log", "it was rolled back", {**PARTS, "given.note": b"text\n\nsigned later"})
    (place,) = kept(tmp_path)
    assert {one.name: one.read_bytes() for one in place.iterdir()} == PARTS
    assert Evidence(tmp_path).standing() == "log", "another program of the same person"
    place.rename(tmp_path / "explained")
    assert evidence.standing() == "", "whoever had it explained moved it away"


def test_what_cannot_be_written_is_told_all_the_same_and_written_as_soon_as_that_goes(tmp_path: Path) -> None:
    (tmp_path / EVIDENCE).write_text("a file in the place of the folder")
    evidence = Evidence(tmp_path)
    for number in range(2):
        evidence.contradiction("receipt", f"reason {number}", PARTS)
    fault = evidence.contradiction("log", "the last", PARTS)
    assert evidence.standing() == "log"
    assert kept(tmp_path) == []
    assert evidence.waits()
    assert "make room on the disk now" in str(fault)
    assert "libera ora spazio sul disco" in Words("it").fault(str(fault))
    status = TrainerStatus(contradicted=evidence.standing(), unkept=evidence.waits())
    for language, said in (
        ("en", "in memory until Fair Witness ends"),
        ("it", "in memoria finché Fair Witness non termina"),
    ):
        told = " ".join(contradiction_words(status, Words(language)))
        assert said in told
        assert "organisation/evidence" not in told
    (tmp_path / EVIDENCE).unlink()
    assert evidence.standing() in {"receipt", "log"}
    assert sorted(one.name.partition("-")[0] for one in kept(tmp_path)) == ["log", "receipt", "receipt"]
    assert not evidence.waits()
    assert "kept on this computer" in str(evidence.contradiction("log", "the last", PARTS))


def test_evidence_that_broke_off_is_finished_by_the_next_time(tmp_path: Path) -> None:
    Evidence(tmp_path).contradiction("log", "it was rolled back", PARTS)
    (place,) = kept(tmp_path)
    (place / "held.note").unlink()  # the power went between the two
    Evidence(tmp_path).contradiction("log", "it was rolled back", {**PARTS, "given.note": b"text\n\nsigned later"})
    assert {one.name: one.read_bytes() for one in place.iterdir()} == PARTS


def test_a_platform_that_lies_without_end_fills_no_disk(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    for number in range(EVIDENCE_MOST + 5):
        evidence.contradiction("log", f"reason {number}", PARTS)
    assert len(kept(tmp_path)) == EVIDENCE_MOST
    assert evidence.standing() == "log"
