# SPDX-License-Identifier: Apache-2.0
"""Joining an organisation: the link, then its six words beside those that came by another way, and only then the network."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.desks import LinkWords, TrainerDesk
from ui.app import Program
from ui.marks import Tick
from ui.scrolled import Field, fit
from ui.steps import Page, StepsDialog, compare_page
from ui.widgets import button, label


class JoinDialog(StepsDialog):
    """See the module.

    Args:
        link: to begin with, "" where it is to be pasted.
        elsewhere: the person wants to join with another device of theirs instead.
        joined: once this computer is enrolled with new keys, to show their recovery code.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the two places that a person goes to from here
        self,
        program: Program,
        desk: TrainerDesk,
        link: str = "",
        parent: QWidget | None = None,
        elsewhere: Callable[[], object] | None = None,
        joined: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(program.words, program.words("join.window"), parent)
        self._program = program
        self._desk, self._elsewhere, self._enrolled = desk, elsewhere, joined
        self._text, self._given = "", ""
        self._link, self._code = Field(link), Field()
        self.turn_to(self._paste_page())
        if link:
            self._read()

    def _paste_page(self) -> Page:
        words = self._words
        page = Page(words("join.window"))
        column = page.column
        ask = label(words("join.paste"))
        ask.setBuddy(self._link)
        self._link.setAccessibleName(words("join.link"))
        self._has_code = Tick(words("join.code"))
        why = label(words("join.code.why"), "quiet")
        self._code.setAccessibleName(words("join.code.words"))
        column.addWidget(ask)
        column.addWidget(self._link, 1)
        column.addWidget(self._has_code)
        for one in (why, self._code):
            column.addWidget(one)
            one.setVisible(False)
            self._has_code.toggled.connect(one.setVisible)
        self._has_code.toggled.connect(lambda _on: fit(self))
        follow = button(words("join.next"), self._read, "primary")
        elsewhere = button(words("join.elsewhere"), self._go_elsewhere, "link")
        elsewhere.setVisible(self._elsewhere is not None)
        page.end(elsewhere, None, button(words("do.leave"), self.reject), follow)
        return page

    def _go_elsewhere(self) -> None:
        self.reject()
        if self._elsewhere is not None:
            self._elsewhere()

    def _read(self) -> None:
        self._text = self._link.toPlainText().strip()
        self._given = self._code.toPlainText() if self._has_code.isChecked() else ""
        try:
            found = self._desk.link(self._text)
            if self._has_code.isChecked():
                self._desk.check_code(self._given)
        except FairWitnessError as fault:
            self._banner.say(self._words.fault(str(fault)))
            return
        self._compare(found)

    def _compare(self, found: LinkWords) -> None:
        words = self._words
        about = words("join.person", person=found.person, platform=found.platform)
        page, self._differ, self._same = compare_page(
            words("join.compare"), found.words, words("join.ask"), about, words, differ=self._differs, same=self._join
        )
        self.turn_to(page)

    def _differs(self) -> None:
        self._same.setEnabled(False)
        self._banner.say(self._words("join.differ.why"), "problem", self._words("do.close"), self.reject)

    def _join(self) -> None:
        self._same.setEnabled(False)
        self._differ.setEnabled(False)
        self._banner.say("")
        self._busy.begin(self._words("join.going"))
        text, code = self._text, self._given
        self._program.background.run(lambda _watch: self._desk.join(text, code), self._joined, self._failed)

    def _joined(self, _none: object) -> None:
        if not isValid(self):
            return  # closed meanwhile: the state window says that this computer is enrolled
        self._busy.end()
        if self._given:
            self._banner.say(self._words("join.recovered"), "good", self._words("do.close"), self.accept)
        elif self._enrolled is not None:
            self.accept()
            self._enrolled()
        else:
            self._banner.say(self._words("join.done"), "good", self._words("do.close"), self.accept)

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._same.setEnabled(True)
        self._differ.setEnabled(True)
        self._banner.say(self._words.fault(str(fault)))
