# SPDX-License-Identifier: Apache-2.0
"""Sessions of version 1 that lie in tests/assets for ever: both verifiers still find in them what stands beside them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from trust_files import files_of
from verifier_both import both, stand_alone

from session.crypto.hpke import ReadingKey
from session.verify import TrustAnchor

ASSETS = Path(__file__).parents[1] / "assets"
KEPT = ASSETS / "version1"
NUMBERS: dict[str, dict[str, Any]] = json.loads((KEPT / "numbers.json").read_text(encoding="utf-8"))


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sessions", ASSETS / "make_sessions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(NUMBERS))
@pytest.mark.parametrize("reader", ["trainer_key", "reviewer_key", ""])
def test_both_verifiers_find_what_stands_beside_it(name: str, reader: str) -> None:
    number = NUMBERS[name]
    seed = number.get(reader, "")
    key = ReadingKey(bytes.fromhex(seed)) if seed else None
    found = both(KEPT / name, trust=TrustAnchor(number["root_fingerprint"]), reading_key=key)
    assert found.verified, found.failed_step
    assert found.account is not None
    theirs = stand_alone().verify(KEPT / name, reading_private=key.seed if key else None)
    expected = {field: number[field] for field in ("worked_us", "paused_us", "private_us")}
    assert {field: getattr(found.account, field) for field in expected} == expected
    assert {field: theirs.totals[field] for field in expected} == expected
    for field in ("session_id", "person", "root"):
        assert getattr(found, field) == getattr(theirs, field) == number[field]
    assert found.records == number["records"]
    assert all(step.passed is not None for step in found.steps[12:]) == bool(seed)


def test_a_changed_byte_of_one_does_not_verify(tmp_path: Path) -> None:
    for path, octets in files_of(KEPT / "granted").items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(octets if path != "000000.fws" else octets[:-1] + bytes((octets[-1] ^ 1,)))
    assert not both(tmp_path).verified


def test_the_generator_writes_them_byte_for_byte() -> None:
    made = generator()
    assert {name: dict(files) for name, files in made.sessions().items()} == {
        name: dict(files_of(KEPT / name)) for name in NUMBERS
    }
    assert made.numbers() == NUMBERS
