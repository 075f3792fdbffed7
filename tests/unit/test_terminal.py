# SPDX-License-Identifier: Apache-2.0
"""Nothing that a stranger wrote steers the terminal of whoever verifies it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trust_builders import POLICY_WITH_CAPTURES, OpenSession
from trust_people import Begun, member

from fairwitness.cli import run
from fairwitness.terminal import plain, quoted
from session import InputFault
from session.crypto.signing import fingerprint
from session.events import Kind, Moment
from session.trust.pairing import parse_request

EVIL = "\x1b[2J\x1b[1;1HThis session verifies.\n\x9b8m\u202eflesruoy"


@given(st.text())
def test_no_character_that_steers_is_left_and_all_others_are(line: str) -> None:
    shown = plain(line)
    assert not any(unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in shown)
    assert not any(
        unicodedata.bidirectional(one) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} for one in shown
    )
    assert shown == line or "\\u" in shown
    assert json.loads(plain(json.dumps(line, ensure_ascii=False))) == line


AWKWARD = ["fairwitness:enrol?a=1&b=2;%41*", "/a b/it's '' $HOME `x` \"y\"/~", "", "-x", "~", "a\\b", "#", "@{a}", "a,b"]


@pytest.mark.parametrize("text", [*AWKWARD, "/home/ada/spool"])
def test_what_is_printed_to_be_copied_is_one_word_of_a_shell(text: str) -> None:
    said = subprocess.run(["/bin/sh", "-c", f"printf %s {quoted(text, windows=False)}"], capture_output=True, check=True)
    assert said.stdout.decode() == text
    # PowerShell: between two ' nothing is read but '', which is one '. Source: about_Quoting_Rules
    inside = re.fullmatch(r"'((?:[^']|'')*)'", quoted(text, windows=True))
    assert text == "/home/ada/spool" if inside is None else inside[1].replace("''", "'") == text


def test_the_command_for_the_other_device_can_be_copied_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["device", "request", "--home", str(tmp_path), "--name", "Ada's laptop"]) == 0
    (command,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("fairwitness device add "))
    *_, text = shlex.split(command)
    assert parse_request(text).name == "Ada's laptop"
    with pytest.raises(InputFault, match="between two '"):
        run(["device", "add", text.partition("&")[0], "--home", str(tmp_path)])


@pytest.mark.parametrize("told", [[], ["--json"]], ids=["words", "json"])
@pytest.mark.parametrize("command", ["verify", "show"])
def test_an_identifier_that_would_clear_the_screen_is_spelled_out(
    command: str, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person = replace(member("eve", "trainer"), id=EVIL)
    org_fp = fingerprint(person.person_key.public)
    begun = Begun(tmp_path / "session", "x", org_fp, person, POLICY_WITH_CAPTURES, b"")
    session = OpenSession(None, begun, (Kind.PERSONAL, begun.personal()))
    session.tick()
    session.checkpoint(Moment.STOP)
    folder = session.seal().folder
    assert run([command, "--home", str(tmp_path / "home"), *told, str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "\\u001b[2J" in printed or command == "show"
    assert not [one for one in printed if one != "\n" and unicodedata.category(one) == "Cc"]
    assert "\u202e" not in printed
