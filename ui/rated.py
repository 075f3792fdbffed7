# SPDX-License-Identifier: Apache-2.0
"""What stands in a report or a table of rates, in words: for trainers before they send, and for admins. No Qt."""

from __future__ import annotations

from typing import Final

from session.rates.counts import Question
from session.rates.rows import Cell
from ui.strings import LANGUAGES, Words

_SYSTEMS: Final = frozenset({"linux-x11", "linux-wayland", "windows", "macos"})
"""Those that have a name; another stands as it is sent."""


def question_words(question: Question, words: Words) -> str:
    """What people call a question; one that this program does not know, by its own name."""
    known = f"finding.{question.detector}.title" in LANGUAGES[words.language]
    return words(f"finding.{question.detector}.title") if known else question.detector


def version_words(question: Question, words: Words) -> str:
    """Of which version and calibration it is: rates are never taken across them."""
    return words("rates.version", version=question.version, calibration=question.calibration)


def project_words(cell: Cell, words: Words, name: str = "") -> str:
    """A project, by its `name` where that is known; of a joined row, that it is several."""
    if cell.project is None:
        return words("rates.project.others")
    return name or cell.project or words("rates.project.none")


def system_words(cell: Cell, words: Words) -> str:
    """A system; of a joined row, that it is several."""
    if cell.system is None:
        return words("rates.system.others")
    return words(f"rates.system.{cell.system}") if cell.system in _SYSTEMS else cell.system


def language_words(cell: Cell, words: Words) -> str:
    """A language; that it was not told; of a joined row, that it is several."""
    if cell.language is None:
        return words("rates.language.others")
    if not cell.language:
        return words("rates.language.untold")
    return words(f"rates.language.{cell.language}") if cell.language in LANGUAGES else cell.language


def percent_words(share: float, words: Words) -> str:
    """A share with three digits."""
    return words("rates.percent", number=words.number(float(f"{100 * share:.3g}")))
