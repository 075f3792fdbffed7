# SPDX-License-Identifier: Apache-2.0
"""`fairwitness catalogue check`: a careless list is refused, with entry or titles, before it asks anybody anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from own_catalogue import digest, own_catalogue

from detectors.catalogue.match import shipped
from detectors.catalogue.ordinary import MOST_MET
from detectors.catalogue.sources import compiled
from fairwitness.cli import run
from session import EnvironmentFault, InputFault


def check(folder: Path, octets: bytes, *more: str) -> int:
    file = folder / "own.json"
    file.write_bytes(octets)
    return run(["catalogue", "check", str(file), "--home", str(folder / "home"), *more])


def test_a_good_one_is_told_with_its_digest_and_what_was_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    octets = own_catalogue()
    assert check(tmp_path, octets) == 0
    said = capsys.readouterr().out
    assert f"Version 1, 1 tools. SHA-256: {digest(octets)}" in said
    assert "ordinary titles it takes 0 for a tool" in said
    assert "platform" not in said
    assert not (tmp_path / "home").exists()
    assert check(tmp_path, octets, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sha256"], told["tools"], told["mistaken"], told["published"]) == (digest(octets), 1, [], False)
    assert told["titles"] >= 2 * MOST_MET


def test_the_programs_own_list_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, compiled(shipped())) == 0
    assert "it takes 0 for a tool" in capsys.readouterr().out


def test_one_begins_with_the_programs_own_and_no_file_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own list.json"
    assert run(["catalogue", "write", str(file)]) == 0
    assert f"    fairwitness catalogue check '{file}'" in capsys.readouterr().out.splitlines()
    changed = (
        file.read_bytes().replace(b'"version": 2', b'"version": 3').replace(b'"name":"ChatGPT"', b'"name":"ChatGPT Team"')
    )
    assert changed != file.read_bytes()
    assert check(tmp_path, changed) == 0
    assert f"Version 3, {len(shipped().tools)} tools." in capsys.readouterr().out
    file.write_bytes(b"mine")
    with pytest.raises(InputFault, match="none is overwritten"):
        run(["catalogue", "write", str(file)])
    assert file.read_bytes() == b"mine"
    with pytest.raises(EnvironmentFault):
        run(["catalogue", "write", str(tmp_path / "nowhere" / "own.json")])
    assert run(["catalogue", "write", str(tmp_path / "second.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(tmp_path / "second.json")}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"patterns": [".*Gemini.*"]}, "ordinary titles for a tool.*Gemini"),
        ({"ends": ["Wikipedia"]}, "ordinary titles for a tool.*Wikipedia"),
        ({"kind": "chats"}, "Modelo Studio: .*kind"),
        ({"linux": ["vivaldi-stable"], "exact": []}, "Modelo Studio: part"),
    ],
)
def test_a_careless_one_is_refused_with_what_is_wrong(tmp_path: Path, entry: dict[str, object], said: str) -> None:
    with pytest.raises(InputFault, match=said):
        check(tmp_path, own_catalogue(**entry))


def test_a_few_mistakes_are_told_and_no_more_than_one_in_ten_thousand_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, own_catalogue(exact=["Chapter 3: jazz harmony"]), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mistaken"] == [["Chapter 3: jazz harmony", "Modelo Studio"]] or len(told["mistaken"]) == 1
    most = told["titles"] // MOST_MET
    titles = [f"Chapter 3: {one}" for one in ("glaciers", "beta blockers", "contract law", "AI policy", "language models")]
    assert check(tmp_path, own_catalogue(exact=titles[:most])) == 0
    with pytest.raises(InputFault, match=f"takes {most + 1} of"):
        check(tmp_path, own_catalogue(exact=titles[: most + 1]))


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        run(["catalogue", "check", str(tmp_path / "none.json")])
    with pytest.raises(InputFault, match="at most 1 MiB"):
        check(tmp_path, b" " * (1024 * 1024 + 1))
