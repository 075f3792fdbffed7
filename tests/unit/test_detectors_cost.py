# SPDX-License-Identifier: Apache-2.0
"""What asking every detector costs, by bench/detectors.py: a day in CI, minutes of it every day."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import detectors
from session.findings import State

BENCH = Path(__file__).resolve().parents[2] / "bench" / "detectors.py"
IDS = [one.id for one in detectors.ALL]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    spec = importlib.util.spec_from_file_location("bench_detectors", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ran(*arguments: str) -> dict[str, object]:
    command = [sys.executable, str(BENCH), "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    assert isinstance(figures, dict)
    return figures


@pytest.mark.ci
def test_a_day_of_eight_hours_costs_no_more_than_one_and_a_half_times_the_bars() -> None:
    figures = ran()
    assert figures["minutes"] == 480
    assert figures["events"] == 100_000
    assert list(figures["detectors_cpu_s"]) == IDS  # type: ignore[call-overload] # an object of JSON


@pytest.mark.slow
def test_some_minutes_hold_what_detectors_ask_about() -> None:
    """Where all of them abstained, the figures would be those of abstaining."""
    figures = ran("--hours", "0.25", "--events", "3000")
    found = figures["findings"]
    assert isinstance(found, dict)
    assert list(found) == IDS
    answered = {name for name, state in found.items() if state in (State.RAISED, State.CLEAR)}
    assert {"injected-input", "ai-tool", "paste-chain"} <= answered  # others may want more than minutes
    assert figures["minutes"] == 15


@pytest.mark.parametrize(
    ("name", "figure", "told"),
    [
        ("session_cpu_s", 1.5, []),
        ("session_cpu_s", 1.51, ["session_cpu_s"]),
        ("rss_mib", 226.0, ["rss_mib"]),
        ("incremental_core_pct", 0.2, ["incremental_core_pct"]),
    ],
)
def test_what_is_beyond_its_bar_is_named(bench: ModuleType, name: str, figure: float, told: list[str]) -> None:
    assert bench.beyond({"session_cpu_s": 0.2, "rss_mib": 58.0, "incremental_core_pct": 0.001, name: figure}) == told


def test_the_day_has_every_kind_of_record_that_a_detector_is_given(bench: ModuleType) -> None:
    kinds = {kind for minute in bench.day(12 * 40, 4000) for _, kind, _ in minute}
    assert kinds == {
        bench.Kind[name] for name in ("FOCUS", "STATS", "RAW", "CLIPBOARD", "GAP", "CAPTURE", "CHECKPOINT", "COSIGN")
    }
