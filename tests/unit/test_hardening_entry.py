# SPDX-License-Identifier: Apache-2.0
"""The entry of the program: a pipe that closes, a terminal of another character set, faults of the system, and bounds."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fairwitness import __main__ as entry
from fairwitness.cli import run

TRACE = "Traceback"


def fairwitness(*arguments: str, stdout: int = subprocess.PIPE, **changed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fairwitness", *arguments]
    return subprocess.run(
        command, env={**os.environ, **changed}, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("--help",), ("verify", "--help"), ("doctor",), ("doctor", "--json")])
def test_a_pipe_that_nobody_reads_leaves_no_trace(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ear, mouth = os.pipe()
    os.close(ear)
    try:
        done = fairwitness(*arguments, stdout=mouth, FAIRWITNESS_HOME=str(tmp_path))
    finally:
        os.close(mouth)
    assert done.returncode in {0, 2}
    assert done.stderr == ""


@pytest.mark.slow
def test_words_outside_the_terminals_character_set_are_escaped_not_fatal(tmp_path: Path) -> None:
    """`found` says “Name”, in quotation marks that ASCII does not have."""
    folder = str(tmp_path / "platform")
    done = fairwitness(
        "found", "Ä", "--folder", folder, "--home", str(tmp_path / "h"), PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u201c\xc4\u201d" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("record", "--for", "1", "--home", "FILE"),
        ("serve", "--port", "0", "--folder", "FILE"),
        ("found", "Name", "--folder", "FILE", "--home", "HOME"),
        ("demo", "--headless", "--out", "FILE"),
    ],
)
def test_a_file_for_a_folder_is_told_in_one_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    places = {"FILE": str(tmp_path / "file"), "HOME": str(tmp_path / "home")}
    done = fairwitness(*(places.get(one, one) for one in arguments))
    assert done.returncode == 2
    assert TRACE not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("fairwitness: ")
    assert "file where a folder must be" in done.stderr


def _ended(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> object:
    def failing(_arguments: object) -> int:
        raise error

    monkeypatch.setattr(entry, "run", failing)
    before = os.umask(0o022)
    try:
        with pytest.raises(SystemExit) as ended:
            entry.main()
    finally:
        os.umask(before)
    return ended.value.code


def test_a_fault_of_the_system_is_one_sentence_without_a_path(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ended(monkeypatch, PermissionError(13, "Permission denied", "/home/ada/secret.txt")) == 2
    said = capsys.readouterr().err
    assert said.startswith("fairwitness: ")
    assert said.count("\n") == 1
    assert "ada" not in said


def test_a_bug_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        _ended(monkeypatch, ZeroDivisionError())


def test_what_a_command_writes_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def writing(_arguments: object) -> int:
        (tmp_path / "file").touch()
        return 0

    monkeypatch.setattr(entry, "run", writing)
    before = os.umask(0)
    try:
        with pytest.raises(SystemExit):
            entry.main()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


@pytest.mark.parametrize("scale", ["nan", "inf", "-inf", "0", "0.2", "4.01", "1e9", "-1", "large", ""])
def test_a_scale_out_of_bounds_is_refused_with_the_bounds(scale: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["replay", "somewhere", "--png", "out.png", f"--scale={scale}"])
    assert ended.value.code == 2
    assert "from 0.25 to 4" in capsys.readouterr().err


@pytest.mark.parametrize("scale", ["0.25", "1", "4"])
def test_a_scale_within_bounds_is_taken(scale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    from session import InputFault  # noqa: PLC0415 - only to say what comes next

    with contextlib.suppress(SystemExit), pytest.raises(InputFault, match="no session folder"):
        run(["replay", str(tmp_path / "none"), "--png", "out.png", "--scale", scale])
