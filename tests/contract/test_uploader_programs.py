# SPDX-License-Identifier: Apache-2.0
"""Two programs of one person, as the tray and a terminal, keep the organisation's files side by side."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec
import pytest
from trust_builders import Organisation as Founded
from trust_builders import organisation

from session import PlatformFault
from session.trust.directory import Directory, open_directory, sign_directory
from uploader.organisation import TURN, Organisation
from uploader.turns import turn


@pytest.fixture
def founded() -> Founded:
    return organisation()


@pytest.fixture
def folder(founded: Founded, tmp_path: Path) -> Path:
    place = tmp_path / "organisation"
    place.mkdir()
    Organisation.found(place, founded.fp, founded.directory_bytes(), "http://127.0.0.1:1")
    return place


def following(founded: Founded, by: int, **changes: object) -> bytes:
    """A directory so many versions further."""
    now: Directory = open_directory(founded.directory_bytes())
    return sign_directory(msgspec.structs.replace(now, version=now.version + by, **changes), founded.root)


def test_the_newest_directory_stays_and_nobody_is_accused(founded: Founded, folder: Path) -> None:
    """A terminal has a newer one than the answer that is on its way to the tray."""
    tray, terminal = (Organisation(folder, founded.fp) for _ in range(2))
    newer, newest = following(founded, 1), following(founded, 2)
    assert terminal.offer(newest)
    assert tray.offer(newer)
    assert (tray.directory_text, tray.contradicted()) == (newest, "")
    assert Organisation(folder, founded.fp).directory_text == newest


def test_what_the_other_has_is_no_news_to_the_disk(founded: Founded, folder: Path) -> None:
    tray, terminal = (Organisation(folder, founded.fp) for _ in range(2))
    newer = following(founded, 1)
    assert terminal.offer(newer)
    assert tray.offer(newer)
    assert Organisation(folder, founded.fp).directory_text == newer


def test_two_directories_of_one_version_are_seen_across_programs(founded: Founded, folder: Path) -> None:
    tray, terminal = (Organisation(folder, founded.fp) for _ in range(2))
    one, other = following(founded, 1), following(founded, 1, name="Forked")
    assert terminal.offer(one)
    with pytest.raises(PlatformFault, match="different directories of version"):
        tray.offer(other)
    assert tray.contradicted() == "directory"
    assert Organisation(folder, founded.fp).directory_text == one


def test_what_lies_there_damaged_gives_way(founded: Founded, folder: Path) -> None:
    tray = Organisation(folder, founded.fp)
    (folder / "directory.dsse").write_bytes(b"{}")
    assert tray.offer(following(founded, 1))
    assert Organisation(folder, founded.fp).directory_text == following(founded, 1)


def test_one_waits_for_the_other(tmp_path: Path) -> None:
    told: list[str] = []

    def second() -> None:
        with turn(tmp_path / TURN) as held:
            told.append(f"second {held}")

    with turn(tmp_path / TURN) as held:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.05)
        told.append(f"first {held}")
    thread.join(30)
    assert told == ["first True", "second True"]


def test_a_folder_that_takes_no_file_stops_nobody(tmp_path: Path) -> None:
    with turn(tmp_path / "not there" / TURN) as held:
        assert not held
