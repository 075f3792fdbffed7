# SPDX-License-Identifier: Apache-2.0
"""Somebody who writes in an editor, copies in another window, and pastes: the days of the tests of large-paste."""

from __future__ import annotations

from collections.abc import Sequence

from detector_tapes import EDITOR, Windows, policy

import detectors
from detectors.large_paste import LargePaste
from session.events import Event
from session.findings import Finding, State, Weight
from session.policy import Policy

DETECTOR = LargePaste()
RULES = policy()
READER = "org.gnome.evince"
SIZE = 900


def found(desk: Windows | Sequence[Event], rules: Policy = RULES) -> Finding:
    events = desk.events() if isinstance(desk, Windows) else desk
    (finding,) = detectors.run((DETECTOR,), rules, events)
    return finding


def desk(app: str = READER, title: str = "") -> Windows:
    """An editor in which somebody writes, another window from second 60 to 90, the editor again."""
    made = Windows(keyboard=True).shows(0, EDITOR, "Draft").shows(60, app, title).shows(90, EDITOR, "Draft")
    return made.types(0, 60).types(95, 200)


def moved(size: int = SIZE, app: str = READER) -> Windows:
    return desk(app).copy(80, app, size).paste(100, EDITOR, size)


def several(*sizes: int, every_s: float = 30) -> Windows:
    """Back and forth between a reader and the editor, one copy and one paste each time."""
    made = Windows(keyboard=True).shows(0, EDITOR).types(0, 60)
    for number, size in enumerate(sizes):
        second = 60 + number * every_s
        made.shows(second, READER).copy(second + 7, READER, size).shows(second + 12, EDITOR).paste(second + 17, EDITOR, size)
    return made.until(60 + len(sizes) * every_s + 30)


def abstained(made: Windows | Sequence[Event], reason: str, rules: Policy = RULES) -> None:
    finding = found(made, rules)
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, reason)
    # Nothing but the reason, which is never recorded, may tell one abstention from another.
    assert (finding.statistic, finding.evidence, finding.alternatives, finding.weight) == (0.0, (), (), Weight.B)
    assert finding.explanation == "finding.large-paste.not-evaluated"
