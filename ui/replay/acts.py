# SPDX-License-Identifier: Apache-2.0
"""What a person can do with the moment or the finding that they look at, as buttons where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.background import Background
from ui.widgets import button, row


class Act(msgspec.Struct, frozen=True):
    """One button. `do` gets the seq of the finding that it stands under, None for the moment that is shown."""

    text: str
    do: Callable[[int | None], object]


class Prover(msgspec.Struct, frozen=True):
    """How the proof of a record gets into a file: `prove` takes its seq and the file, and may take long."""

    prove: Callable[[int, Path], object]
    background: Background


def buttons(acts: Sequence[Act], finding: int | None = None, title: str = "") -> list[QWidget]:
    """A button for each act; `title` of the finding tells a screen reader one from the other."""
    made: list[QWidget] = []
    for act in acts:
        name = f"{act.text} {title}" if title else ""
        made.append(button(act.text, lambda act=act: act.do(finding), "link", name=name))  # type: ignore[misc] # binds
    return made


def under(part: QWidget | None, acts: Sequence[Act], finding: int, title: str) -> QWidget | None:
    """What stands under a finding: what a person says to it, then what they can do; None for neither."""
    if not acts:
        return part
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    if part is not None:
        column.addWidget(part)
    for one in buttons(acts, finding, title):
        column.addLayout(row(one, None))
    return whole
