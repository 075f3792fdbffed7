# SPDX-License-Identifier: Apache-2.0
"""pointer-paths and the programs it asks about; what it misses is pinned too, so that nobody takes a miss for a bound."""

from __future__ import annotations

import pytest
from pointer_generators import hand, recorded, without_timing
from pointer_traces import ELSEWHERE, FAMILIES, SOFTWARE, VIRTUAL, session

from agent.sensor import Observation
from agent.x11.devices import Device
from detectors.pointer_paths import PointerPaths
from session.findings import Finding, State

DETECTOR = PointerPaths()
MINUTES = 21.0
LINES = ("line, 20 steps a second (pyautogui, linear)", "line, 100 steps a second")
BOUND = "one bound (pyautogui, moveTo)"
MISSED = tuple(name for name in FAMILIES if name not in (*LINES, BOUND))


def found(observations: list[Observation]) -> Finding:
    return DETECTOR.finish(DETECTOR.step(DETECTOR.start(without_timing()), recorded(observations, MINUTES * 60)))


@pytest.mark.parametrize("device", [SOFTWARE, VIRTUAL, ELSEWHERE], ids=lambda one: one.injected.name)
@pytest.mark.parametrize("family", LINES)
def test_a_line_in_equal_steps_is_asked_about_of_every_device(family: str, device: Device) -> None:
    finding = found(session(family, device, seed=1, minutes=MINUTES))
    assert finding.state is State.RAISED
    assert finding.explanation.endswith("software" if device is SOFTWARE else "raised")


@pytest.mark.parametrize(
    ("device", "state"),
    [(SOFTWARE, State.RAISED), (VIRTUAL, State.NOT_EVALUATED), (ELSEWHERE, State.NOT_EVALUATED)],
    ids=["software", "virtual device", "unknown origin"],
)
def test_bounds_are_asked_about_of_software_alone(device: Device, state: State) -> None:
    assert found(session(BOUND, device, seed=1, minutes=MINUTES)).state is state


@pytest.mark.parametrize("family", MISSED)
def test_what_speeds_up_or_bends_is_missed(family: str) -> None:
    finding = found(session(family, SOFTWARE, seed=1, minutes=MINUTES))
    assert (finding.state, finding.statistic) == (State.CLEAR, 0.0)


def test_strokes_of_which_no_way_is_known_say_nothing() -> None:
    """As of a tablet."""
    assert found(list(hand(MINUTES * 60, seed=3))).state is State.NOT_EVALUATED
