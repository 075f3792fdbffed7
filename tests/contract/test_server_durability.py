# SPDX-License-Identifier: Apache-2.0
"""In which order a platform makes things last, and what it says when the disk does not take them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_running import Member, RunningPlatform, running, sha256
from server_sessions import grant_body, session_id_of, short_session

from server import sealing, witness
from server.core import Core
from server.store import rows
from session.disk import RealDisk

SESSION = session_id_of("s")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        started.put_policy()
        yield started


@pytest.fixture
def trainer(platform: RunningPlatform) -> Member:
    joined = platform.join("ada", "trainer")
    assert joined.client.post("/v1/grants", json=grant_body(joined, "s")).status_code == 200
    return joined


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every step towards the disk, in order."""
    taken: list[str] = []

    def watched(owner: object, name: str, said: str) -> None:
        real = getattr(owner, name)

        def step(*arguments: object, **named: object) -> object:
            taken.append(said)
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, step)

    watched(RealDisk, "rename", "rename")
    watched(RealDisk, "fsync_dir", "folder")
    watched(os, "fdatasync", "file")
    watched(rows, "add_blob", "row")
    watched(rows, "cosigned", "cosigned row")
    watched(witness, "cosign", "cosignature")
    watched(rows, "put", "row")
    watched(sealing, "sign", "receipt")
    return taken


def put(trainer: Member, octets: bytes) -> int:
    return trainer.client.put(f"/v1/sessions/{SESSION}/blobs/{sha256(octets)}", data=octets).status_code


def test_a_blob_is_synced_then_named_then_its_folder_then_its_row(trainer: Member, steps: list[str]) -> None:
    assert put(trainer, b"first") == 201
    assert steps == ["file", "folder", "folder", "rename", "folder", "row"]
    steps.clear()
    assert put(trainer, b"second") == 201
    assert steps == ["file", "rename", "folder", "row"]


def test_a_checkpoint_is_kept_before_its_cosignature_exists(
    platform: RunningPlatform, trainer: Member, steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.join("ben", "reviewer")
    platform.issue_review_key()
    session = short_session(platform, trainer, tmp_path / "spool", "t")
    note = session.checkpoint().note
    size = session.journal.size - 1
    steps.clear()
    assert session.ask_cosignature(size, note).status_code == 200
    assert steps == ["cosigned row", "cosignature"]
    steps.clear()

    def full(_core: Core) -> object:
        raise OSError(errno.ENOSPC, "full")

    session.checkpoint()
    monkeypatch.setattr(Core, "writing", full)
    answer = session.cosign_fork()
    assert answer.status_code == 500
    assert "cosignature" not in steps
    assert "—" not in answer.text


def test_a_full_disk_is_said_and_leaves_nothing(
    platform: RunningPlatform, trainer: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", full)
        refused = trainer.client.put(f"/v1/sessions/{SESSION}/blobs/{sha256(b'x')}", data=b"x")
        assert (refused.status_code, refused.json()["error"]) == (503, "environment")
        assert refused.headers["Retry-After"] == "60"
        assert str(platform.config.folder) not in refused.text
    assert list((platform.config.folder / "incoming").iterdir()) == []
    assert trainer.client.head(f"/v1/sessions/{SESSION}/blobs/{sha256(b'x')}").status_code == 404
    assert put(trainer, b"x") == 201


def test_a_file_without_its_row_is_not_there_until_it_is_sent_again(
    platform: RunningPlatform, trainer: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state that a crash between rename and row leaves."""

    def crash(*_arguments: object) -> bool:
        raise SystemError("the crash")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "add_blob", crash)
        assert put(trainer, b"x") == 500
    kept = platform.config.folder / "blobs" / SESSION[:2] / SESSION / sha256(b"x")
    assert kept.read_bytes() == b"x"
    trainer.client = platform.client(trainer.client.token)  # the server hung up after its own failure
    assert trainer.client.head(f"/v1/sessions/{SESSION}/blobs/{sha256(b'x')}").status_code == 404
    assert put(trainer, b"x") == 201


def test_a_crash_while_sealing_leaves_the_session_unsealed_and_the_log_as_it_was(
    platform: RunningPlatform, trainer: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.join("ben", "reviewer")
    platform.issue_review_key()
    sending = short_session(platform, trainer, tmp_path / "spool", "t").seal_whole()
    sending.put_files()
    before = platform.admin.client.get("/v1/log/checkpoint").text.split("\n")[:3]

    def crash(*_arguments: object) -> bytes:
        raise SystemError("the crash")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "put", crash)
        assert sending.put_seal().status_code == 500
    sending.client = platform.client(trainer.client.token)  # the server hung up after its own failure
    assert platform.admin.client.get("/v1/log/checkpoint").text.split("\n")[:3] == before
    assert sending.client.get(f"/v1/sessions/{sending.id}/receipt").status_code == 404
    assert sending.put_seal().status_code == 201


def test_a_stored_segment_that_rots_is_found_before_the_seal(
    platform: RunningPlatform, trainer: Member, tmp_path: Path
) -> None:
    platform.join("ben", "reviewer")
    platform.issue_review_key()
    sending = short_session(platform, trainer, tmp_path / "spool", "t").seal_whole()
    sending.put_files()
    (digest,) = sending.captures
    kept = platform.config.folder / "blobs" / sending.id[:2] / sending.id / digest
    rotten = bytearray(kept.read_bytes())
    rotten[100] ^= 1
    kept.write_bytes(bytes(rotten))
    refused = sending.put_seal()
    assert (refused.status_code, refused.json()["error"]) == (422, "verify")
