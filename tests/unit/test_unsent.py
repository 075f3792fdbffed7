# SPDX-License-Identifier: Apache-2.0
"""Words that were begun and not sent: kept for their person alone, and gone with the last of them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from fairwitness.places import Places
from fairwitness.unsent import Unsent
from session.desks import RUNNING

SESSION = "ab" * 16
OTHER = "cd" * 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Places(tmp_path / "agent").unsent


def test_words_come_back_as_they_were_by_session_and_by_what_they_are_about(folder: Path) -> None:
    words = {"5": "It was dictated, “so”.\n", "0" * 64: "Perché?"}
    Unsent(folder).keep(SESSION, words)
    assert Unsent(folder).kept(SESSION) == words
    assert Unsent(folder).kept(OTHER) == {}


def test_what_was_begun_for_the_session_that_runs_has_a_place_of_its_own(folder: Path) -> None:
    Unsent(folder).keep(RUNNING, {"note": "The page was slow."})
    Unsent(folder).keep(SESSION, {"5": "It was dictated."})
    assert Unsent(folder).kept(RUNNING) == {"note": "The page was slow."}
    Unsent(folder).keep(RUNNING, {})
    assert [one.name for one in folder.iterdir()] == [f"{SESSION}.json"]


def test_they_are_readable_by_their_person_alone(folder: Path) -> None:
    Unsent(folder).keep(SESSION, {"5": "It was dictated."})
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_file_goes_with_its_last_word(folder: Path) -> None:
    unsent = Unsent(folder)
    unsent.keep(SESSION, {})  # nothing was begun: nothing is made
    assert not folder.exists()
    unsent.keep(SESSION, {"5": "It was", "7": "dictated"})
    unsent.keep(SESSION, {"7": "dictated", "5": " \n"})
    assert unsent.kept(SESSION) == {"7": "dictated"}
    unsent.keep(SESSION, {"7": ""})
    assert list(folder.iterdir()) == []
    unsent.keep(SESSION, {})


@pytest.mark.parametrize("octets", [b"", b"{", b"[1]", b'{"5": 5}', b"\xff\xfe", b'{"5": "' + b"x" * (1 << 20) + b'"}'])
def test_a_damaged_file_is_no_words(folder: Path, octets: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / f"{SESSION}.json").write_bytes(octets)
    assert Unsent(folder).kept(SESSION) == {}


@pytest.mark.parametrize("name", ["", "..", "../" + "a" * 29, "A" * 32, "a" * 33, "a" * 31 + "\n", "running2", "running\n"])
def test_what_is_no_session_keeps_nothing_anywhere(tmp_path: Path, folder: Path, name: str) -> None:
    Unsent(folder).keep(name, {"5": "It was dictated."})
    assert Unsent(folder).kept(name) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_stops_nobody_and_no_word_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "agent").write_text("a file where the folder must be")
    with caplog.at_level(logging.DEBUG):
        Unsent(Places(tmp_path / "agent").unsent).keep(SESSION, {"5": "It was dictated."})
    assert [one.levelname for one in caplog.records] == ["WARNING"]
    assert "dictated" not in caplog.text
