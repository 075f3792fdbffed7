# SPDX-License-Identifier: Apache-2.0
"""What the verifier says of folders that cannot be read, and of files that do not belong where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust_builders import signing_key

from session import EnvironmentFault, IntegrityFault
from session.log.checkpoint import CheckpointText, format_checkpoint, parse_checkpoint
from session.trust.dsse import seal_envelope
from session.trust.statements import Decision, Reply
from session.verify.folder import FolderSource, Names
from session.verify.records import Records
from session.verify.said import _about, _paths


def test_a_folder_that_is_not_there_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="reading the session"):
        list(FolderSource(tmp_path / "none").entries())


def test_a_file_that_is_larger_than_its_kind_may_be_is_named() -> None:
    with pytest.raises(IntegrityFault, match=r"000000\.fws has 99999999 bytes, more than 16777216"):
        Names().add("000000.fws", 99_999_999)


def test_a_session_without_its_first_two_records_has_neither_opening_nor_start() -> None:
    with pytest.raises(IntegrityFault, match="record 0 is no opening"):
        Records().opening  # noqa: B018 - what asking for it says
    with pytest.raises(IntegrityFault, match="record 1 is no START"):
        Records().start  # noqa: B018 - as above


def test_a_statement_of_another_kind_is_not_taken_for_a_decision() -> None:
    raw = seal_envelope(Reply.payload_type, b"{}", signing_key("anybody"))
    with pytest.raises(IntegrityFault, match="of a kind that nobody says"):
        _about(raw, Decision, None)  # type: ignore[arg-type] # the kind is looked at first


def test_statements_that_may_not_be_read_are_said_and_none_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(_paths(tmp_path / "none")) == []
    (tmp_path / "statements").mkdir()

    def refused(_folder: Path) -> list[Path]:
        raise PermissionError(13, "no permission")

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(EnvironmentFault, match="Allow writing"):
        list(_paths(tmp_path / "statements"))


def test_a_checkpoint_has_one_spelling() -> None:
    text = format_checkpoint(CheckpointText("fairwitness/a/b", 1, bytes(32)))
    assert parse_checkpoint(text).size == 1
    with pytest.raises(IntegrityFault, match="A checkpoint is not"):
        parse_checkpoint(text.replace("\n1\n", "\n01\n"))
