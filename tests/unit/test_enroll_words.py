# SPDX-License-Identifier: Apache-2.0
"""No computer joins an organisation whose six words nobody compared: at the terminal, and by the link that was clicked."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest

import fairwitness.recovering
from fairwitness import cli
from session import EnvironmentFault
from uploader.enrol import EnrolmentLink

LINK = str(EnrolmentLink("https://platform.example", "ab" * 32, "ada", "c" * 22))


class Joined(Exception):  # noqa: N818 - not an error: the step after the comparison was reached
    """Keys are made and the platform is asked from here on."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal asked; whoever gets past the comparison raises `Joined`."""
    said: list[str] = []

    def tray(_chosen: object) -> int:
        """The window that compares."""
        said.append("window")
        return 0

    def enrol(*_arguments: object, **_named: object) -> object:
        raise Joined

    monkeypatch.setattr(fairwitness.recovering, "enrol", enrol)
    monkeypatch.setattr(cli, "tray", tray)
    return said


def answers(monkeypatch: pytest.MonkeyPatch, said: list[str], answer: str) -> None:
    def asks(question: str) -> str:
        said.append(question)
        return answer

    monkeypatch.setattr(builtins, "input", asks)


@pytest.mark.parametrize("answer", ["", "no", "y", "ja", "si", " yes please"])
def test_any_answer_but_yes_joins_nothing_and_makes_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], answer: str
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    answers(monkeypatch, asked, answer)
    with pytest.raises(EnvironmentFault, match="Not enrolled"):
        cli.run(["enroll", LINK, "--home", str(tmp_path / "home")])
    assert len(asked) == 1
    assert not (tmp_path / "home").exists()


def test_yes_is_asked_for_after_the_words_were_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    answers(monkeypatch, asked, "yes")
    with pytest.raises(Joined):
        cli.run(["enroll", LINK, "--home", str(tmp_path)])
    assert "six words: " in capsys.readouterr().out
    assert len(asked) == 1


def test_without_a_terminal_the_link_opens_the_window_that_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    monkeypatch.setattr(cli, "has_display", lambda: True)
    assert cli.run(["enroll", LINK, "--home", str(tmp_path / "home")]) == 0
    assert asked == ["window"]
    assert not (tmp_path / "home").exists()


def test_what_says_that_they_were_compared_already_says_so_in_its_help(
    tmp_path: Path, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Joined):
        cli.run(["enroll", LINK, "--yes", "--home", str(tmp_path)])
    assert asked == []
    assert "six words: " in capsys.readouterr().out  # shown all the same, for the log of who rolls it out
    with pytest.raises(SystemExit):
        cli.run(["enroll", "--help"])
    assert "compared already" in " ".join(capsys.readouterr().out.split())
