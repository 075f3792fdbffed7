# SPDX-License-Identifier: Apache-2.0
"""Two verifiers that share no code say the same of every session, good or hostile, at the same numbered step.

The second one, `verifier/fairwitness_verify.py`, was written from docs/session-format.md alone: where they differ, one of
the two or the document is wrong.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from trust_builders import organisation
from verifier_both import STAND_ALONE, both, both_of_files, stand_alone, written
from verifier_cases import CASES
from verifier_corpus import CHANGES, goods, hostile
from verifier_draft import Draft, Good

from session.policy import default_policy_toml

EVERYDAY, CI = 300, 6_000
MOST_BYTES, MOST_CPU_S = 256 << 20, 10.0
"""Bounds of one verification. Source: issue on the record, what it must show."""


@pytest.fixture(scope="module")
def all_good(tmp_path_factory: pytest.TempPathFactory) -> list[Good]:
    return goods(tmp_path_factory.mktemp("goods"))


def agree(all_good: list[Good], seeds: range) -> Counter[int]:
    """How many failed at which step (0: verified); fails where the two differ, or one takes too long."""
    steps: Counter[int] = Counter()
    for seed in seeds:
        what, session = hostile(seed, all_good)
        begun_s = time.process_time()
        try:
            outcome = both_of_files(session.files, trust=session.trust, key=session.key if seed % 2 else None)
        except Exception as error:
            raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
        assert time.process_time() - begun_s < 2 * MOST_CPU_S, what
        steps[outcome.failed_step.number if outcome.failed_step is not None else 0] += 1
    return steps


def test_the_second_one_stands_alone() -> None:
    tree = ast.parse(STAND_ALONE.read_text(encoding="utf-8"))
    named = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {name for name in named if name.split(".")[0] not in {*sys.stdlib_module_names, "cryptography"}}
    assert not foreign


def test_good_sessions_verify_by_both_with_and_without_a_key(all_good: list[Good]) -> None:
    assert len(all_good) == 11
    for good in all_good:
        for key in (None, good.key):
            outcome = both_of_files(good.files, trust=good.trust, key=key)
            assert outcome.verified, (good.name, outcome.failed_step)


def test_they_agree_on_hostile_sessions(all_good: list[Good]) -> None:
    steps = agree(all_good, range(EVERYDAY))
    assert sum(steps.values()) == EVERYDAY
    assert len(steps) >= 8, "the corpus reaches too few steps to say much"


@pytest.mark.ci
def test_they_agree_on_thousands_of_hostile_sessions(all_good: list[Good]) -> None:
    steps = agree(all_good, range(EVERYDAY, EVERYDAY + CI))
    print(dict(sorted(steps.items())))  # noqa: T201 - figures of the run, for who reads its output
    assert sum(steps.values()) == CI
    assert len(steps) >= 11


@pytest.mark.ci
def test_what_the_document_settles_ends_at_its_step_by_both(all_good: list[Good]) -> None:
    by_name = {good.name: good for good in all_good}
    wrong = []
    for name, (of, change, step) in CASES.items():
        good = by_name[of]
        draft = Draft(good)
        change(draft)
        outcome = both_of_files(draft.files(), trust=good.trust, key=good.key)
        found = outcome.failed_step.number if outcome.failed_step is not None else 0
        wrong += [(name, step, outcome.failed_step)] if found != step else []
    assert not wrong


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("decision by who reviews in a later directory", True),
        ("decision by no reviewer", False),
        ("decision by a revoked key", False),
        ("decision from before the seal, its key revoked by then", False),
        ("removal by a person key that was revoked after it", True),
        ("opening, its key revoked after it", True),
        ("opening by a revoked key where all is here", False),
    ],
)
def test_the_second_one_names_what_does_not_count(all_good: list[Good], tmp_path: Path, name: str, *, counts: bool) -> None:
    of, change, _ = CASES[name]
    good = next(one for one in all_good if one.name == of)
    draft = Draft(good)
    change(draft)
    folder = written(draft.files(), tmp_path / "s")
    assert folder is not None
    said = stand_alone().verify(folder, root=None, reading_private=None, directory=None, seconds=60)
    assert said.verified
    assert any("does not count" in note for note in said.notes) is not counts


def test_what_is_not_changed_is_signed_anew_and_verifies(all_good: list[Good]) -> None:
    for good in all_good:
        assert both_of_files(Draft(good).files(), trust=good.trust, key=good.key).verified, good.name


def test_every_change_is_made_by_some_seed_and_the_same_seed_makes_the_same(all_good: list[Good]) -> None:
    names = {hostile(seed, all_good)[0].split()[1] for seed in range(EVERYDAY)}
    assert names == {change.__name__ for change in CHANGES}
    assert hostile(7, all_good)[1].files == hostile(7, all_good)[1].files


@pytest.mark.parametrize("rates", ["off", "sums"])
def test_both_take_a_policy_that_says_whether_findings_are_counted(tmp_path: Path, rates: str) -> None:
    org = organisation(default_policy_toml().replace(b"shadow = true ", f'rates = "{rates}"\nshadow = true '.encode()))
    session = org.open_session(tmp_path / "session")
    session.tick()
    assert both(session.seal().folder, trust=org.anchor).verified
    assert not stand_alone().CHECKS["%findings"]({"shadow": True, "rates": f"{rates}!"})


def test_the_command_says_what_failed_and_its_exit_code_says_whether(all_good: list[Good], tmp_path: Path) -> None:
    good = all_good[0]
    folder = written(good.files, tmp_path / "good")
    damaged = written(good.files.changed("seal.dsse", good.files["seal.dsse"][:-9] + b"AAAAAAAAA"), tmp_path / "damaged")
    assert folder is not None
    assert damaged is not None
    assert good.trust is not None
    for path, code in ((folder, 0), (damaged, 1), (tmp_path / "nowhere", 2)):
        done = command(path, "--root", good.trust.root_fingerprint, "--json")
        assert done.returncode == code, done.stderr
        if code < 2:
            said = json.loads(done.stdout)
            assert said["verified"] is (code == 0)
            assert said["failed_step"] == (None if code == 0 else 9)


@pytest.mark.parametrize("bomb", ["json", "names", "segment", "envelope"])
def test_bombs_take_neither_memory_nor_time(all_good: list[Good], tmp_path: Path, bomb: str) -> None:
    files = all_good[0].files
    bombs = {
        "json": files.changed("statements/directory.dsse", b'{"payload":' + b"[" * (1 << 20)),
        "names": files.changed("seal.dsse", b'{"payload":"' + b"A" * (15 << 20) + b'"}'),
        "segment": files.changed("000000.fws", files["000000.fws"] + b"\x00\xff\xff\xff" + bytes(15 << 20)),
        "envelope": files.changed("receipt.dsse", b"\xf0\x9f\x92\xa3" * (1 << 18)),
    }
    folder = written(bombs[bomb], tmp_path / "s")
    assert folder is not None
    assert not both_of_files(bombs[bomb], trust=all_good[0].trust).verified
    done = command(folder)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr


def command(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The second verifier as whoever has only its file runs it, within its bounds."""

    def bounded() -> None:
        # address space, of which an interpreter with its libraries takes some without using it
        resource.setrlimit(resource.RLIMIT_AS, (2 * MOST_BYTES, 2 * MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (int(MOST_CPU_S), int(MOST_CPU_S)))

    return subprocess.run(
        [sys.executable, "-I", str(STAND_ALONE), str(folder), *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=bounded,
        env={"PATH": os.environ["PATH"]},
    )
