# SPDX-License-Identifier: Apache-2.0
"""Founding and the root key's shares at the terminal: shown once, asked back, said loudly where there are none yet."""

from __future__ import annotations

import builtins
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fairwitness.cli import run
from fairwitness.places import Places
from session import EnvironmentFault, InputFault
from session.crypto.shares import joined, share_of

LISTED = re.compile(r"(\d+)\. +([a-z]+)")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[bool], list[dict[int, str]]]:
    """A person who reads what is shown and gives back what is asked, or another word."""

    def sits(reads_well: bool) -> list[dict[int, str]]:
        shown: list[dict[int, str]] = []

        def asks(question: str) -> str:
            told = capsys.readouterr().out
            if told:
                shown.append({int(number): word for number, word in LISTED.findall(told)})
            return shown[-1][int(question.split()[1].rstrip(":"))].upper() if reads_well else "zebra crossing"

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(builtins, "input", asks)
        return shown

    return sits


def founded(tmp_path: Path, *more: str) -> int:
    home = ["--home", str(tmp_path / "eve")]
    return run(["found", "Fair Comparisons", "--folder", str(tmp_path / "platform"), *home, *more])


def seed_of(home: Path) -> bytes:
    store = Places(home).key_store()
    (name,) = store.names("root/")
    return store.get(name) or b""


def test_founding_shows_two_shares_that_are_the_root_key_and_asks_them_back(
    tmp_path: Path, terminal: Callable[[bool], list[dict[int, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = terminal(True)
    assert founded(tmp_path) == 0
    assert "both are confirmed" in capsys.readouterr().out
    first, second = (share_of(" ".join(words[at] for at in range(1, 25))) for words in shown)
    assert joined(first, second) == seed_of(tmp_path / "eve")
    kept = [path.read_bytes() for path in (tmp_path / "eve").rglob("*") if path.is_file()]
    for share, words in zip((first, second), shown, strict=True):
        assert not [one for one in kept if share in one or words[1].encode() + b" " in one]


def test_another_word_back_leaves_the_shares_unconfirmed(
    tmp_path: Path, terminal: Callable[[bool], list[dict[int, str]]], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = terminal(False)
    assert founded(tmp_path) == 2
    assert len(shown) == 1  # the second share is not shown to who has not the first
    assert "another word" in capsys.readouterr().out
    assert len(seed_of(tmp_path / "eve")) == 32  # founded all the same
    terminal(True)
    assert run(["root", "shares", "--home", str(tmp_path / "eve")]) == 0


def test_a_script_is_told_loudly_that_there_are_no_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert founded(tmp_path) == 0
    told = capsys.readouterr().out
    assert "THERE ARE NO RECOVERY SHARES" in told
    assert "fairwitness root shares --shares FILE FILE" in told
    assert not LISTED.search(told)
    with pytest.raises(InputFault, match="this is no terminal"):
        run(["root", "shares", "--home", str(tmp_path / "eve")])


def test_files_that_cannot_be_taken_are_said_before_anything_is_founded(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    for files, said in (
        (("one", "one"), "two different files"),
        (("one", "there"), "is there already"),
        (("none/one", "two"), "there is no folder"),
    ):
        with pytest.raises(InputFault, match=said):
            founded(tmp_path, "--shares", *(str(tmp_path / name) for name in files))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]
    assert (tmp_path / "there").read_text(encoding="utf-8") == "mine"


def test_who_has_no_root_key_makes_no_shares_and_restoring_needs_an_address(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path / "ada")]
    with pytest.raises(EnvironmentFault, match="no organisation's root key"):
        run(["root", "shares", "--shares", str(tmp_path / "a"), str(tmp_path / "b"), *home])
    assert list(tmp_path.glob("?")) == []
    with pytest.raises(InputFault, match="Add --platform"):
        run(["root", "restore", *home])
