# SPDX-License-Identifier: Apache-2.0
"""What is particular to keys kept as files: modes, owners, torn writes and the advice a person gets."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from agent.keys.file_store import FileKeyStore
from session import EnvironmentFault

SECRET = b"a secret of thirty-two bytes....."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys"


def test_folder_and_files_are_the_owners_alone_whatever_the_umask(folder: Path) -> None:
    old = os.umask(0)
    try:
        FileKeyStore(folder).put("session/1/signing", SECRET)
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_may_read_is_refused_with_the_line_that_mends_it(folder: Path, mode: int) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    (folder / "a").chmod(mode)
    with pytest.raises(EnvironmentFault, match=f"type: chmod 600 {folder}/a") as refusal:
        store.get("a")
    assert SECRET.decode() not in str(refusal.value)
    (folder / "a").chmod(0o600)
    assert store.get("a") == SECRET


def test_a_folder_that_others_may_enter_is_refused_for_reading_and_for_writing(folder: Path) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    folder.chmod(0o755)
    with pytest.raises(EnvironmentFault, match=f"chmod 700 {folder}"):
        store.get("a")
    with pytest.raises(EnvironmentFault, match=f"chmod 700 {folder}"):
        store.put("b", SECRET)
    assert not (folder / "b").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a file away needs root")
def test_a_file_of_another_account_is_refused(folder: Path) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    os.chown(folder / "a", 12345, -1)
    with pytest.raises(EnvironmentFault, match="belong to another account"):
        store.get("a")


def test_a_link_in_the_place_of_a_secret_is_not_followed(folder: Path, tmp_path: Path) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"planted")
    elsewhere.chmod(0o600)
    (folder / "b").symlink_to(elsewhere)
    with pytest.raises(EnvironmentFault, match="could not read"):
        store.get("b")
    store.put("b", SECRET)
    assert elsewhere.read_bytes() == b"planted"
    assert store.get("b") == SECRET


def test_a_torn_write_of_an_earlier_run_is_neither_a_name_nor_in_the_way(folder: Path) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    (folder / ".writing-a").write_bytes(b"half a sec")
    assert list(store.names("")) == ["a"]
    assert store.get("a") == SECRET
    store.put("a", b"next")
    assert store.get("a") == b"next"
    assert [path.name for path in folder.iterdir()] == ["a"]


def test_deleting_takes_a_torn_write_of_the_secret_along(folder: Path) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    (folder / ".writing-a").write_bytes(SECRET)
    store.delete("a")
    assert list(folder.iterdir()) == []


def test_the_folder_is_synced_after_the_rename(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileKeyStore(folder)
    store.put("a", SECRET)
    synced: list[str] = []
    real = os.fsync

    def noting(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        real(handle)

    monkeypatch.setattr(os, "fsync", noting)
    store.put("b", SECRET)
    assert synced == [".writing-b", "keys"]
    store.delete("b")
    assert synced == [".writing-b", "keys", "keys"]


def test_a_place_that_cannot_be_a_folder_is_advice_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    store = FileKeyStore(tmp_path / "keys")
    for attempt in (
        lambda: store.put("a", SECRET),
        lambda: store.get("a"),
        lambda: store.names(""),
        lambda: store.delete("a"),
    ):
        with pytest.raises(EnvironmentFault, match="Make room on the disk"):
            attempt()


def test_an_overlong_secret_is_a_bug(folder: Path) -> None:
    with pytest.raises(ValueError, match="64 KiB"):
        FileKeyStore(folder).put("a", bytes(65537))
