# SPDX-License-Identifier: Apache-2.0
"""What fuzzing found worth keeping, tried again on every change; and whether fuzzing would find a bug, in CI."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz_bugs import BUGS, Bug
from fuzz_formats import FORMATS, Target
from fuzz_server import SERVER
from fuzz_sessions import SESSIONS

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "assets" / "fuzz"
TARGETS = {one.name: one for one in (*FORMATS, *SESSIONS, *SERVER)}
QUICK = sorted(TARGETS.keys() - {"session", "request"})


def corpus(name: str) -> list[bytes]:
    path = CORPUS / f"{name}.txt"
    return [base64.b64decode(line) for line in path.read_text().split()] if path.exists() else []


@pytest.mark.parametrize("name", QUICK)
def test_every_input_that_was_kept_keeps_its_promises(name: str) -> None:
    target: Target = TARGETS[name]
    for octets in (*target.seeds(), *corpus(name)):
        target.one(octets)


@pytest.mark.ci
@pytest.mark.parametrize("name", ["session", "request"])
def test_every_session_and_request_that_was_kept_keeps_its_promises(name: str) -> None:
    target = TARGETS[name]
    for octets in (*target.seeds(), *corpus(name)):
        target.one(octets)


def test_the_corpus_is_small_and_of_targets_that_there_are() -> None:
    paths = sorted(CORPUS.glob("*.txt"))
    assert {path.stem for path in paths} <= TARGETS.keys()
    assert sum(path.stat().st_size for path in paths) < 1_000_000


def fuzzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "fuzz.py"), "--json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)


@pytest.mark.ci
@pytest.mark.parametrize("bug", BUGS, ids=lambda one: one.name)
def test_a_bug_that_is_put_in_on_purpose_is_found(bug: Bug) -> None:
    done = fuzzed("--bug", bug.name, "--cpu-minutes", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["findings"] >= 1


@pytest.mark.ci
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_some_seconds_of_fuzzing_find_nothing(name: str) -> None:
    done = fuzzed("--target", name, "--cpu-minutes", "0.15")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    assert figures["executions"] > 100
    assert figures["peak_rss_mib"] < 512
