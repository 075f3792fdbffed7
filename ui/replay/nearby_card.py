# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front, in words beside the lanes: each with a button to its moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.replay.nearby import NearbySeen, looked_words, mark_line, mark_words, why_words
from ui.replay.view import local
from ui.strings import Words
from ui.widgets import button, card, label

MARKS: Final = 6
"""Marks that have a button here, as many as a finding has moments; the row and its keys lead to all."""


def nearby_card(seen: NearbySeen, words: Words, zone: tzinfo, go: Callable[[int], object]) -> QWidget:
    """The card of one session; `go` leads to a moment, UTC µs."""
    frame, column = card()
    looked = looked_words(seen, words)
    told = [*looked, words.count("nearby.marks", len(seen.marks))] if seen.marks else looked
    frame.setAccessibleName(f"{words('lane.nearby')}. {' '.join(told)}")
    column.addWidget(label(words("lane.nearby"), "heading"))
    if seen.marks:
        column.addLayout(_buttons(seen, words, zone, go))
    for sentence in (*why_words(seen, words), *looked):
        column.addWidget(label(sentence, "quiet"))
    return frame


def _buttons(seen: NearbySeen, words: Words, zone: tzinfo, go: Callable[[int], object]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    for at, mark in enumerate(seen.marks[:MARKS]):
        time = f"{local(mark.t_us, zone):%H:%M:%S}"
        leads = button(time, lambda t_us=mark.t_us: go(t_us), "link", name=mark_line(mark, words, zone))  # type: ignore[misc] # binds
        grid.addWidget(leads, at, 0, Qt.AlignmentFlag.AlignTop)
        told = label(mark_words(mark, words))
        told.setMinimumWidth(1)  # else a long name without a gap would widen all that stands beside the lanes
        grid.addWidget(told, at, 1, Qt.AlignmentFlag.AlignVCenter)
    more = len(seen.marks) - MARKS
    if more > 0:
        grid.addWidget(label(words.count("finding.more", more), "quiet"), MARKS, 0, 1, 2)
    return grid
