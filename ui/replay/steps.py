# SPDX-License-Identifier: Apache-2.0
"""The verifier's steps on the screen: each with what it proves, what it does not, and what is only claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from session.verify.result import Step, Verification
from ui.replay.opened import opening_words
from ui.replay.proved import proved_lines
from ui.replay.removals import removal_lines
from ui.replay.standing import Standing
from ui.replay.view import local
from ui.strings import Words
from ui.widgets import button, card, label, row

_STATEMENTS: Final = "statements"


def step_state(step: Step, words: Words) -> str:
    """Passed, not, or not walked."""
    if step.passed is None:
        return words("step.skipped")
    return words("step.passed" if step.passed else "step.failed")


def step_lines(step: Step, words: Words) -> Iterator[str]:
    """What a step says, line by line."""
    yield step.detail
    if step.passed is not None:
        yield words("step.proves", text=words.verifier(step.proves))
        yield words("step.not", text=words.verifier(step.does_not_prove))


class StepsPage(QWidget):
    """All steps of one verification.

    Args:
        zone: of the times.
        back: to where the person came from.
    """

    def __init__(self, verification: Verification, words: Words, zone: tzinfo, back: Callable[[], object]) -> None:
        super().__init__()
        standing = Standing.of(verification, words)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(10)
        self.back = button(words("steps.back"), back)
        title = label(words("steps.title"), "title")
        title.setWordWrap(False)
        column.addLayout(row(title, None, self.back))
        column.addWidget(label(f"{standing.title}. {standing.sentence}"))
        column.addWidget(label(words("steps.why"), "quiet"))
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 8, 0)
        inside.setSpacing(8)
        inside.addWidget(_when(verification, words, zone))
        gone = tuple(removal_lines(verification, words, zone))
        if gone:
            frame, told = card()
            for text, role in ((words("removals.title"), "heading"), *((one, "") for one in gone)):
                told.addWidget(label(text, role))
            inside.addWidget(frame)
        for step in verification.steps:
            inside.addWidget(_shown(step, words, said_of(verification, step, words, zone)))
        if verification.claimed:
            frame, claims = card()
            claims.addWidget(label(words("steps.claimed"), "heading"))
            for claim in verification.claimed:
                claims.addWidget(label(f"•  {words.verifier(claim)}"))
            inside.addWidget(frame)
        inside.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setAccessibleName(words("steps.title"))
        column.addWidget(area, 1)


def _when(verification: Verification, words: Words, zone: tzinfo) -> QWidget:
    frame, column = card()
    lines = proved_lines(verification, words, zone)
    column.addWidget(label(words("proved.title"), "heading"))
    for line in lines:
        column.addWidget(label(line))
    frame.setAccessibleName(f"{words('proved.title')}. {' '.join(lines)}")
    return frame


def said_of(verification: Verification, step: Step, words: Words, zone: tzinfo) -> list[str]:
    """What a step adds of its own: who opened what and when, under the one that read the statements."""
    if step.name != _STATEMENTS:
        return []
    return [opening_words(one, f"{local(one.at_us, zone):%Y-%m-%d %H:%M:%S}", words) for one in verification.openings]


def _shown(step: Step, words: Words, said: Sequence[str]) -> QWidget:
    frame, column = card("problem" if step.passed is False else "card")
    state = step_state(step, words)
    name = words("step.name", number=step.number, name=words.verifier(step.name))
    role = {True: "good", False: "problem", None: "quiet"}[step.passed]
    heading, told = label(name, "heading"), label(state, role)
    for one in (heading, told):
        one.setWordWrap(False)
    column.addLayout(row(heading, None, told))
    for text in step_lines(step, words):
        column.addWidget(label(text, "" if text == step.detail else "quiet"))
    for text in said:
        column.addWidget(label(f"•  {text}"))
    frame.setAccessibleName(f"{name}: {state}. {' '.join([step.detail, *said])}")
    return frame
