# SPDX-License-Identifier: Apache-2.0
"""What a person declares on their computer: it is kept there, keeps questions from being asked, and is nowhere else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from recorder_desk import Desk, quiet_end
from recorder_parts import keystroke

import detectors
from agent.finishing import finding_record
from detectors import abstain
from fairwitness.assistance import keep, said
from fairwitness.cli import run
from fairwitness.places import Places
from fairwitness.recording import Bench, findings
from fairwitness.reviewing import reasons
from fairwitness.running import Interim, Running
from session import EnvironmentFault, InputFault
from session.assistance import NOTHING_SAID, Assistance
from session.events import Declare, FindingRecord, Injected, Payload
from session.findings import State
from session.policy import default_policy_toml

SHOWN = default_policy_toml().replace(b"shadow = true", b"shadow = false")
EACH = [Assistance(a, r) for a in (False, True) for r in (False, True)]
DECLARED = [one for one in EACH if one != NOTHING_SAID]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Places(tmp_path / "agent").assistance


@pytest.mark.parametrize("one", EACH)
@pytest.mark.parametrize("other", EACH)
def test_what_held_at_any_time_holds_for_all(one: Assistance, other: Assistance) -> None:
    joined = one.joined(other)
    assert joined == other.joined(one)
    assert (joined.assistive, joined.remote) == (one.assistive or other.assistive, one.remote or other.remote)


@pytest.mark.parametrize("declared", EACH)
def test_it_is_kept_for_its_person_alone_and_gone_when_it_is_taken_back(file: Path, declared: Assistance) -> None:
    assert said(file) == NOTHING_SAID
    keep(file, declared)
    assert said(file) == declared
    assert file.exists() == (declared != NOTHING_SAID)
    if file.exists():
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
    keep(file, NOTHING_SAID)
    assert not file.exists()
    keep(file, NOTHING_SAID)


@pytest.mark.parametrize("octets", [b"", b"{", b"[]", b'{"assistive": 1}', b'{"tool": "x"}', b"\xff", b" " * 2000])
def test_one_that_cannot_be_read_counts_as_a_declaration(file: Path, octets: bytes) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(octets)
    assert said(file) == Assistance(assistive=True)
    file.unlink()
    file.mkdir()
    assert said(file) == Assistance(assistive=True)


def test_a_folder_that_takes_no_file_is_said_and_nothing_is_declared(tmp_path: Path) -> None:
    (tmp_path / "agent").write_text("in the way")
    with pytest.raises(EnvironmentFault, match="keeping what you declared"):
        keep(tmp_path / "agent" / "assistance.json", Assistance(remote=True))


def test_the_command_says_and_keeps_it(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "agent")]
    assert run(["assistance", *home]) == 0
    assert "for me: no" in capsys.readouterr().out
    assert not file.exists()
    assert run(["assistance", "--assistive", "yes", *home]) == 0
    told = capsys.readouterr().out
    assert "for me: yes" in told
    assert "stays on this computer" in told
    assert "No question is asked" in told
    assert run(["assistance", "--remote", "yes", "--json", *home]) == 0
    assert json.loads(capsys.readouterr().out) == {"assistive": True, "remote": True}
    assert run(["assistance", "--assistive", "no", "--remote", "no", *home]) == 0
    assert not file.exists()


# --- in a session


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Three minutes in which software typed and nothing else: the question that is easiest to raise."""
    desk = Desk(tmp_path / "desk", policy_toml=SHOWN).start()
    for _ in range(36):
        desk.keyboard.play(*(keystroke(desk.clock.mono_us + n * 90_000, injected=Injected.YES) for n in range(20)))
        desk.pass_time(5)
    desk.stop()
    yield desk
    quiet_end(desk)


def concluded(desk: Desk, home: Path, began_with: Assistance = NOTHING_SAID) -> list[FindingRecord]:
    bench = Bench(Places(home), desk.store, desk.clock, None, lambda _words: None)
    bench.conclude(desk.stopped(), began_with=began_with)
    return [event.body for event in desk.read_back() if isinstance(event.body, FindingRecord)]


def test_without_it_the_question_is_raised(desk: Desk, tmp_path: Path) -> None:
    recorded = {one.detector: one.state for one in concluded(desk, tmp_path / "home")}
    assert recorded["injected-input"] == State.RAISED


@pytest.mark.parametrize("when", ["begin", "end"])
@pytest.mark.parametrize("declared", DECLARED)
def test_with_it_none_is_and_no_byte_of_the_session_says_why(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture, declared: Assistance, when: str
) -> None:
    caplog.set_level(logging.DEBUG)
    home = tmp_path / "home"
    if when == "end":
        keep(Places(home).assistance, declared)
    recorded = concluded(desk, home, declared if when == "begin" else NOTHING_SAID)
    empty = findings(desk.stopped().policy, ())
    assert recorded == [finding_record(one, recorded[0].t_us, shadow=False) for one in empty]  # as where nothing was typed
    assert {one.state for one in recorded} == {State.NOT_EVALUATED}
    kept = Places(home).assistance
    everywhere = [one for one in tmp_path.rglob("*") if one.is_file() and one != kept]
    assert len(everywhere) > 1
    told = [*(one.read_bytes() for one in everywhere), caplog.text.encode(), repr(desk.read_back()).encode()]
    assert not any(word in one.lower() for one in told for word in (b"assist", b'"remote"', b"declared"))


def test_what_is_asked_meanwhile_knows_it_too(desk: Desk) -> None:
    stopped = desk.stopped()
    asked, spared = (
        Interim(stopped.policy, (), one, None)(stopped.events) for one in (NOTHING_SAID, Assistance(remote=True))
    )
    assert [one.state for one in asked if one.detector == "injected-input"] == [State.RAISED]
    assert {one.state for one in spared} == {State.NOT_EVALUATED}


def test_the_trainer_reads_why_also_where_it_was_declared_then_and_is_not_now(desk: Desk, tmp_path: Path) -> None:
    concluded(desk, tmp_path / "home", Assistance(remote=True))
    policy, events = desk.stopped().policy, desk.read_back()
    for declared, reason in ((Assistance(assistive=True), abstain.ASSISTIVE), (NOTHING_SAID, abstain.SAID_HERE)):
        told = reasons(policy, events, declared)
        assert told.keys() == {one.id for one in detectors.ALL}
        assert told["injected-input"] == reason
        assert told["paste-chain"] == abstain.CLIPBOARD_OFF  # what the record itself says comes first


def test_what_was_answered_has_no_reason(desk: Desk, tmp_path: Path) -> None:
    concluded(desk, tmp_path / "home")
    told = reasons(desk.stopped().policy, desk.read_back(), Assistance(assistive=True))
    assert "injected-input" not in told


def test_a_record_is_no_place_for_a_tool_that_helps_and_takes_every_other(desk: Desk) -> None:
    entered: list[Payload] = []
    running = SimpleNamespace(enter=entered.append, _clock=desk.clock, asks=("ai-tool",))
    for tool in ("Dictation", " steno", "on-screen keyboard of the system", "VNC"):
        with pytest.raises(InputFault, match="stays on this computer"):
            Running.declare(running, tool, "always")  # type: ignore[arg-type] # as much of it as it takes
    assert (entered, running.asks) == ([], ("ai-tool",))
    Running.declare(running, " ChatGPT ", "a summary ")  # type: ignore[arg-type] # as above
    assert [(one.tool, one.purpose) for one in entered if isinstance(one, Declare)] == [("ChatGPT", "a summary")]
    assert running.asks == ()


def test_it_has_no_field_for_a_tools_name() -> None:
    assert {one.type for one in msgspec.structs.fields(Assistance)} == {bool}
