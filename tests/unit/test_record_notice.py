# SPDX-License-Identifier: Apache-2.0
"""The notice comes before the first session in the terminal too, and only a person who says so has read it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from agent.clock import SystemClock
from fairwitness.places import Places
from fairwitness.record import _notice_read
from fairwitness.recording import Bench
from session import EnvironmentFault
from session.policy import default_policy_toml, parse_policy, policy_digest
from ui.notice import notice
from ui.strings import Words


class Terminal(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def bench(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    places = Places(tmp_path)
    return Bench(places, places.key_store(), SystemClock(), None, said.append)


def types(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(text))


def test_a_notice_that_was_read_is_kept_and_not_asked_for_again(
    bench: Bench, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    types(monkeypatch, "yes\n")
    read = _notice_read(bench, "")
    told = notice(parse_policy(default_policy_toml()), "", Words("en"))
    assert said == [told.text]
    assert read is not None
    assert (read.policy_sha256, read.notice_sha256, read.language) == (
        policy_digest(default_policy_toml()),
        told.sha256,
        "en",
    )
    types(monkeypatch, "")
    assert _notice_read(bench, "") == read
    assert len(said) == 1


def test_it_is_shown_in_the_language_of_the_terminal(bench: Bench, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "it_IT.UTF-8")
    types(monkeypatch, "sì\n")
    read = _notice_read(bench, "")
    assert read is not None
    assert read.language == "it"
    assert said[0].startswith("Che cosa registra Fair Witness")


@pytest.mark.parametrize("answer", ["no\n", "\n", "perhaps\n"])
def test_without_a_yes_nothing_is_recorded_and_it_is_asked_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    types(monkeypatch, answer)
    with pytest.raises(EnvironmentFault, match="Nothing was recorded"):
        _notice_read(bench, "")
    types(monkeypatch, "yes\n")
    assert _notice_read(bench, "") is not None


def test_where_nobody_can_answer_nothing_is_claimed(bench: Bench, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert _notice_read(bench, "") is None
    assert "Nobody is here to read" in said[0]
    assert not (bench.places.folder / "notices").exists()
