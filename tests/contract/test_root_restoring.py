# SPDX-License-Identifier: Apache-2.0
"""The root key back from two papers, on a real platform: by the commands, with what a person would type."""

from __future__ import annotations

import io
import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.clock import SystemClock
from fairwitness.cli import run
from fairwitness.office import open_office
from fairwitness.places import Places
from fairwitness.sending import enrolment_of
from server.config import ServerConfig
from server.serve import background
from session import EnvironmentFault, InputFault
from session.crypto.recovery_code import person_keys
from session.crypto.shares import share_words, split
from session.crypto.signing import SigningKey
from uploader.enrol import PersonNames

NAMES = ("one.txt", "two.txt")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A platform whose organisation Eve founded from a script, with both shares as files."""
    files = [str(tmp_path / name) for name in NAMES]
    founding = ["found", "Fair Comparisons", "--admin", "eve", "--folder", str(tmp_path / "platform"), "--shares", *files]
    assert run([*founding, "--home", str(tmp_path / "eve")]) == 0
    with background(ServerConfig(folder=tmp_path / "platform", port=0), SystemClock()) as served:
        yield served


def paper(path: Path) -> str:
    """The words of one page, as somebody types them."""
    listed = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("  ")]
    return " ".join(listed)


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def restore(home: Path, address: str, *more: str) -> int:
    return run(["root", "restore", "--platform", address, "--home", str(home), *more])


def secrets_in(home: Path) -> dict[str, bytes]:
    store = Places(home).key_store()
    return {name: store.get(name) or b"" for name in store.names("")}


def test_both_papers_make_another_computer_the_admins(
    tmp_path: Path,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    one, two = (paper(tmp_path / name) for name in NAMES)
    type_in(monkeypatch, two, one)
    assert restore(tmp_path / "new", address) == 0
    before, after = secrets_in(tmp_path / "eve"), secrets_in(tmp_path / "new")
    (root,) = [name for name in before if name.startswith("root/")]
    assert after[root] == before[root]
    assert sorted(after) == sorted([root, f"platform/{root.removeprefix('root/')}/token"])
    office = open_office(tmp_path / "new")  # the address is remembered
    office.invite("ada", "Ada", ("trainer",), ())
    assert office.renew() is False
    told = capsys.readouterr().out
    assert "the admin “eve”" in told
    typed = [paper_of(line) for line in (tmp_path / NAMES[0]).read_text(encoding="utf-8").splitlines()]
    for secret in (one, two, *filter(None, typed), after[root].hex()):
        assert secret not in caplog.text
        assert secret not in told


def test_the_admins_own_keys_come_back_with_their_code(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["recovery", "--show", "--home", str(tmp_path / "eve")]) == 0
    code = paper_of(capsys.readouterr().out)
    type_in(monkeypatch, *(paper(tmp_path / name) for name in NAMES))
    assert restore(tmp_path / "new", address) == 0
    link = open_office(tmp_path / "new").invite("eve", "Eve", ("admin",), ())
    type_in(monkeypatch, code)
    assert run(["recover", link, "--yes", "--home", str(tmp_path / "new")]) == 0
    with_code = enrolment_of(tmp_path / "new")
    with_code.close()
    assert with_code.identity.person == "eve"
    before, after = secrets_in(tmp_path / "eve"), secrets_in(tmp_path / "new")
    assert {name: after[name] for name in before if name.startswith("person/")} == {
        name: secret for name, secret in before.items() if name.startswith("person/")
    }
    assert open_office(tmp_path / "new").renew() is False  # the new token is an admin's as well


def paper_of(told: str) -> str:
    return " ".join(line for line in told.splitlines() if line.startswith("  "))


def test_the_founders_keys_are_those_of_their_code(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held = secrets_in(tmp_path / "eve")
    (root,) = [name for name in held if name.startswith("root/")]
    names = PersonNames(root.removeprefix("root/"))
    made = person_keys(held[names.recovery], root.removeprefix("root/"))
    assert (held[names.signing], held[names.reading]) == (made.signing.seed, made.reading.seed)
    office = open_office(tmp_path / "eve", address)
    (eve,) = office.directory().people
    assert (eve.person_key, eve.reading_key) == (made.signing.public.hex(), made.reading.public.hex())
    home = ["--home", str(tmp_path / "eve")]
    assert run(["recovery", "--show", *home]) == 0
    told = capsys.readouterr().out
    assert "for Fair Comparisons:" in told
    assert run(["recovery", *home]) == 0
    assert "not confirmed yet" in capsys.readouterr().out
    type_in(monkeypatch, paper_of(told))
    assert run(["recovery", "--check", *home]) == 0
    assert run(["recovery", *home]) == 0
    assert "You have written down" in capsys.readouterr().out


def test_shares_that_do_not_belong_together_leave_nothing_behind(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (paper(tmp_path / name) for name in NAMES)
    stranger = " ".join(share_words(split(SigningKey.generate().seed)[0]))
    for words in ((one, stranger), (stranger, two), (stranger, " ".join(share_words(split(bytes(range(32)))[1])))):
        type_in(monkeypatch, *words)
        with pytest.raises(InputFault, match=r"no root key of this platform's organisation.*Nothing was kept"):
            restore(tmp_path / "new", address)
    for words, said in (
        ((one, one), "same one twice"),
        ((one, two.upper()[:-40]), "has 24 words"),
        ((one,), "Nothing was given"),
    ):
        type_in(monkeypatch, *words)
        with pytest.raises(InputFault, match=said):
            restore(tmp_path / "new", address)
    assert secrets_in(tmp_path / "new") == {}
    with pytest.raises(EnvironmentFault, match="root restore"):
        open_office(tmp_path / "new", address)


def test_shares_made_later_join_and_not_with_the_earlier(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = [tmp_path / "three.txt", tmp_path / "four.txt"]
    assert run(["root", "shares", "--home", str(tmp_path / "eve"), "--shares", *map(str, later)]) == 0
    type_in(monkeypatch, paper(tmp_path / NAMES[0]), paper(later[1]))
    with pytest.raises(InputFault, match="Nothing was kept"):
        restore(tmp_path / "new", address)
    type_in(monkeypatch, *map(paper, later))
    assert restore(tmp_path / "new", address) == 0


def test_a_computer_with_another_organisations_root_key_takes_no_second_one(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ["found", "Other", "--folder", str(tmp_path / "other"), "--home", str(tmp_path / "new")]
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(others) == 0
    held = secrets_in(tmp_path / "new")
    type_in(monkeypatch, *(paper(tmp_path / name) for name in NAMES))
    with pytest.raises(InputFault, match="Another organisation's root key"):
        restore(tmp_path / "new", address)
    assert secrets_in(tmp_path / "new") == held


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_the_pages_are_their_owners_alone(tmp_path: Path, address: str) -> None:
    assert address
    for name in NAMES:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
