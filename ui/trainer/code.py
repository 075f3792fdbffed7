# SPDX-License-Identifier: Apache-2.0
"""The recovery code: shown, saved as a page to print, and confirmed by two words that the person reads from their paper.

Rules:

1. The words leave this window only as the page that the person asked for, readable by them alone.
2. "Later" confirms nothing: the state window goes on reminding.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.desks import TrainerDesk
from session.disk import RealDisk, environment_fault, write_whole
from ui.app import Program
from ui.recovery_page import page
from ui.steps import Page, StepsDialog, word_grid
from ui.widgets import button, label

ASKED_WORDS: Final = 2
"""How many words are asked back: who wrote none of them down finds out, and nobody types all 24."""


class CodeDialog(StepsDialog):
    """See the module.

    Args:
        choose: asks the person for a file to save as, given a name; None for nothing.
    """

    def __init__(
        self,
        program: Program,
        desk: TrainerDesk,
        parent: QWidget | None = None,
        choose: Callable[[QWidget, str], str] | None = None,
    ) -> None:
        super().__init__(program.words, program.words("code.window"), parent)
        self._program = program
        self._desk, self._choose = desk, choose or _chosen
        self._code: tuple[str, ...] = ()
        self._busy.begin(self._words("code.loading"))
        program.background.run(lambda _watch: desk.code(), self._loaded, self._failed)

    def _loaded(self, code: Sequence[str]) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._code = tuple(code)
        self._show()

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._banner.say(self._words.fault(str(fault)), "problem", self._words("do.close"), self.reject)

    def _show(self) -> None:
        words = self._words
        shown = Page(words("code.window"))
        column = shown.column
        column.addWidget(label(words("code.why")))
        grid = word_grid(self._code, across=3, role="heading")
        grid.setAccessibleName(words("code.words"))
        column.addWidget(grid)
        column.addWidget(label(words("code.keep"), "quiet"))
        later, written = button(words("code.later"), self.reject), button(words("code.written"), self._check, "primary")
        shown.end(button(words("code.print"), self._print), None, later, written)
        self.turn_to(shown)

    def _print(self) -> None:
        chosen = self._choose(self, self._words("code.print.name"))
        if not chosen:
            return
        status, path = self._desk.status(), Path(chosen)
        text = page(self._code, status.organisation, status.person, self._words)
        try:
            write_whole(RealDisk(), path.parent, path.name, text.encode())
        except OSError as error:
            self._banner.say(self._words.fault(str(environment_fault(error, "this command"))))
            return
        self._banner.say(self._words("code.printed"), "good")

    def _check(self) -> None:
        words = self._words
        asked = Page(words("code.check"))
        column = asked.column
        column.addWidget(label(words("code.check"), "heading"))
        column.addWidget(label(words("code.check.why"), "quiet"))
        fields: dict[int, QLineEdit] = {}
        for at in sorted(secrets.SystemRandom().sample(range(len(self._code)), ASKED_WORDS)):
            name = words("code.check.word", number=at + 1)
            fields[at] = QLineEdit()
            fields[at].setAccessibleName(name)
            named = label(name)
            named.setBuddy(fields[at])
            column.addWidget(named)
            column.addWidget(fields[at])
        do = button(words("code.check.do"), lambda: self._confirm(fields), "primary")
        asked.end(None, button(words("code.later"), self.reject), button(words("do.back"), self._show), do)
        self.turn_to(asked)
        next(iter(fields.values())).setFocus()

    def _confirm(self, fields: dict[int, QLineEdit]) -> None:
        for at, field in fields.items():
            if field.text().strip().lower() != self._code[at]:
                self._banner.say(self._words("code.check.wrong", number=at + 1))
                field.setFocus()
                return
        try:
            self._desk.confirm_code()
        except FairWitnessError as fault:
            self._banner.say(self._words.fault(str(fault)))
            return
        self.turn_to(Page(self._words("code.window")))
        self._banner.say(self._words("code.confirmed"), "good", self._words("do.close"), self.accept)


def _chosen(parent: QWidget, name: str) -> str:
    return QFileDialog.getSaveFileName(parent, "", name, "HTML (*.html)")[0]
