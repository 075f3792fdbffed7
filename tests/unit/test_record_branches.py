# SPDX-License-Identifier: Apache-2.0
"""Every line and branch of `session/` is taken by the record's own tests: a branch without a test is a promise untried.

Its own tests alone are run, not those of agent, server or windows, which pass through the record on their way and judge
something else. What a new module of the record needs is a test module here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APART = "session/ports.py"
"""Protocols alone: what others fill in. (Those of `session/desks.py` stand among values, so they are left out by line.)"""
TESTS = (
    "account", "admission", "amending", "appeal", "assistance", "beyond", "cases_here", "clocks", "crypto_aead",
    "crypto_hpke", "crypto_shares", "crypto_signing", "directory", "dsse", "frames", "frames_document",
    "frames_payload", "frames_vectors", "journal", "journal_crashstates", "journal_full_disk", "judged",
    "log_checkpoint", "log_merkle", "log_note", "offices", "old_sessions", "overlap", "pairing", "policy",
    "policy_text", "rates", "rates_table", "reader", "record_edges", "recovery", "recovery_code", "recovery_cuts",
    "redact", "removal", "retention_due", "said", "seal", "statements", "tamper", "times", "verify_edges", "verify_one",
    "verify_one_forged", "verify_sealed", "verify_signed_odd", "verify_steps", "worked_so_far",
)  # fmt: skip


def untried(folder: Path) -> list[str]:
    """What these tests leave open in `session/`, as file:line and, of a branch, where it would lead to."""
    tests = [f"tests/unit/test_{name}.py" for name in TESTS]
    # The same tests in the same order with the same examples each time: a branch that chance alone takes does not count.
    options = ["-q", "-m", "not ci and not full", "-p", "no:randomly", "--hypothesis-seed=1", "-p", "no:cacheprovider"]
    options += [f"--basetemp={folder / 'tests'}"]
    environment = {**os.environ, "COVERAGE_FILE": str(folder / "coverage"), "COVERAGE_CORE": "ctrace"}
    coverage, report = [sys.executable, "-m", "coverage"], folder / "report.json"
    for command in (
        [*coverage, "run", "--branch", "--source=session", "-m", "pytest", *options, *tests],
        [*coverage, "json", "-o", str(report)],
    ):
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    assert set(files) == {path.relative_to(ROOT).as_posix() for path in (ROOT / "session").rglob("*.py")}
    found: list[str] = []
    for name, one in files.items():
        if name != APART:
            found += [f"{name}:{line}" for line in one["missing_lines"]]
            found += [f"{name}:{begin} to {end}" for begin, end in one["missing_branches"]]
    return found


@pytest.mark.ci
def test_every_branch_of_the_record_is_taken_by_its_own_tests(tmp_path: Path) -> None:
    assert untried(tmp_path) == []
