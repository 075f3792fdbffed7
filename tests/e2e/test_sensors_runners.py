# SPDX-License-Identifier: Apache-2.0
"""Programs that run models: real processes of such names, and what a whole record keeps of them and of others."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest
from desk_server import ended
from desk_watch import Watch, running, watching
from office import office

from agent.portable import runners as looked
from agent.portable.runners import RunnerSensor
from agent.sensor import Beside, Looks
from detectors.catalogue.listed import runners
from fairwitness.opening import open_here
from session.events import WATCHED_RUNNERS, Event, FindingRecord, Focus, Reason
from session.policy import default_policy_toml, parse_policy

pytestmark = pytest.mark.slow

KNOWN = runners(parse_policy(default_policy_toml()), None, windows=False)
PRIVATE = "a-private-thing"
"""A program that no list names; of fewer than 16 letters, so that Linux cuts its name nowhere."""
QUICK_S = 0.02
Runs = Callable[[str], AbstractContextManager[subprocess.Popen[bytes]]]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """Runs a program under a name for as long as a block lasts."""

    @contextmanager
    def run(name: str) -> Iterator[subprocess.Popen[bytes]]:
        program = tmp_path / name
        if not program.exists():
            shutil.copy("/bin/sleep", program)
        process = subprocess.Popen([str(program), "600"])
        try:
            yield process
        finally:
            ended(process)

    return run


def told(watch: Watch) -> list[tuple[str, str, int]]:
    return [(one.kind, one.what, one.number) for one in watch.of(Beside)]


def test_a_program_that_comes_and_goes_is_told_by_the_catalogues_name_and_no_other_is(
    runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with runs(PRIVATE), watching(RunnerSensor(KNOWN, look_s=QUICK_S), "runners") as watch:
        watch.wait(lambda w: w.of(Looks), "it looks")
        with runs("ollama"):
            watch.wait(lambda w: len(told(w)) == 1, "it came")
        watch.wait(lambda w: len(told(w)) == 2, "it went")
    assert told(watch) == [("runner-came", "Ollama", 1), ("runner-went", "Ollama", 1)]
    assert [one.watched for one in watch.of(Looks)] == [WATCHED_RUNNERS]
    assert {one.scope for one in watch.of(Beside)} == {"runners"}
    assert PRIVATE not in repr(watch.seen) + caplog.text
    assert not running("runners")


def test_what_runs_at_the_beginning_is_told_and_again_after_a_pause(runs: Runs) -> None:
    sensor = RunnerSensor(KNOWN, look_s=600)
    with runs("llama-server"), runs("llama-cli"):
        for _ in range(2):
            with watching(sensor, "runners") as watch:
                watch.wait(told, "it is there")
                sensor.start(watch)  # changes nothing
            assert told(watch) == [("runner-came", "llama.cpp", 2)]


def test_a_whole_name_counts_in_whatever_case_and_a_part_of_one_does_not(runs: Runs) -> None:
    long_name = next(name for name in KNOWN if len(name) > 15)  # Linux cuts it, psutil completes it
    sensor = RunnerSensor(KNOWN, look_s=QUICK_S)
    with runs("Ollama"), runs("ollama-like"), runs("my ollama"), runs(long_name), watching(sensor, "runners") as watch:
        watch.wait(lambda w: len(told(w)) == 2, "both are there")
    assert {what for _, what, _ in told(watch)} == {"Ollama", KNOWN[long_name]}


def test_of_other_peoples_processes_no_name_is_asked(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    own, asked, name = os.getpid(), list[int](), psutil.Process.name

    def noted(process: psutil.Process) -> str:
        asked.append(process.pid)
        return name(process)

    monkeypatch.setattr(looked, "_user_of", lambda process: process.pid == own)  # all others are somebody else's
    monkeypatch.setattr(psutil.Process, "name", noted)
    with runs("ollama"), watching(RunnerSensor(KNOWN, look_s=600), "runners") as watch:
        watch.wait(lambda w: w.of(Looks), "a look is over")
    assert (asked, told(watch)) == ([own], [])


def test_where_processes_cannot_be_listed_is_a_gap_and_what_runs_is_told_anew_after_it(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = psutil.PROCFS_PATH
    sensor = RunnerSensor(KNOWN, look_s=QUICK_S)
    assert sensor.ability().observes
    with runs("ollama"), watching(sensor, "runners") as watch:
        watch.wait(told, "it is there")
        monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path / "nothing"))
        watch.wait(lambda w: (False, Reason.ABSENT) in w.states("runners"), "nothing can be listed")
        assert not sensor.ability().observes
        monkeypatch.setattr(psutil, "PROCFS_PATH", here)
        watch.wait(lambda w: len(told(w)) == 2, "it is told anew")
    assert watch.states("runners") == [(True, None), (False, Reason.ABSENT), (True, None)]
    assert told(watch) == [("runner-came", "Ollama", 1)] * 2
    assert len(watch.of(Looks)) == 2


def denied(*_: object) -> list[int]:
    raise PermissionError


def broken(*_: object) -> list[int]:
    raise ValueError(PRIVATE)


@pytest.mark.parametrize(("pids", "reason"), [(denied, Reason.DENIED), (broken, Reason.DIED)])
def test_why_nothing_can_be_seen_is_said_and_nothing_of_what_was_met(
    pids: Callable[[], list[int]], reason: Reason, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(psutil, "pids", pids)
    sensor, watch = RunnerSensor(KNOWN, look_s=600), Watch()
    sensor.start(watch)
    try:
        watch.wait(lambda w: w.states("runners"), "it says so")
    finally:
        sensor.stop()
    assert watch.states("runners") == [(False, reason)]
    assert not watch.of(Looks)
    assert PRIVATE not in caplog.text


def recorded(folder: Path, toml: bytes) -> tuple[list[Event], str]:
    """A session of an enrolled trainer, as its own desk and `show` read it. No display: only what needs none is observed."""
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with office(folder, toml) as company:
        session = company.ended(company.start(bare, for_s=3))
        command = [sys.executable, "-m", "fairwitness", "show", str(session), "--home", str(company.trainer)]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return list(open_here(session, company.trainer).reader.events()), shown.stdout


@pytest.mark.parametrize("noted", [True, False], ids=["noted", "off"])
def test_a_session_holds_it_where_its_policy_says_so_and_nothing_of_it_where_not(
    runs: Runs, tmp_path: Path, *, noted: bool
) -> None:
    toml = default_policy_toml().replace(b'default = "allowed"', b'default = "forbidden"')
    if noted:
        toml = toml.replace(b"[ai_tools]\n", b"[ai_tools]\nlocal_models = 'noted'\n")
    folder = tmp_path / "office"
    folder.mkdir()
    with runs("ollama"), runs(PRIVATE):
        events, shown = recorded(folder, toml)
    focuses = [one.body for one in events if isinstance(one.body, Focus)]
    assert [(one.kind, one.what, one.number) for body in focuses for one in body.nearby] == (
        [("runner-came", "Ollama", 1)] if noted else []
    )
    assert any(body.watched & WATCHED_RUNNERS for body in focuses) is noted
    (told_of,) = [one.body for one in events if isinstance(one.body, FindingRecord) and one.body.detector == "local-model"]
    assert (told_of.state, told_of.weight) == ("raised" if noted else "not evaluated", "C")
    assert PRIVATE not in repr(events) + shown
    assert ("UTC: A program that runs AI models was running: Ollama\n" in shown) is noted
    assert ("AI models" in shown) is noted
