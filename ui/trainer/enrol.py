# SPDX-License-Identifier: Apache-2.0
"""Joining an organisation: the link, then its six words beside those that came by another way, and only then the network."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.desks import LinkWords, TrainerDesk
from ui.app import Program
from ui.widgets import Banner, Busy, button, card, label, row


class JoinDialog(QDialog):
    """See the module.

    Args:
        link: to begin with, "" where it is to be pasted.
    """

    def __init__(self, program: Program, desk: TrainerDesk, link: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._program, self._desk, self._words = program, desk, program.words
        self.setWindowTitle(self._words("join.window"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)  # of its height the words on it decide: none is ever cut
        self.resize(560, 360)
        self._banner, self._busy = Banner(), Busy(self._words)
        self._pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label(self._words("join.window"), "title"))
        column.addWidget(self._pages, 1)
        column.addWidget(self._banner)
        column.addWidget(self._busy)
        self._text = ""
        self._link = QPlainTextEdit(link)
        self._pages.addWidget(self._paste_page())
        if link:
            self._read()

    def _paste_page(self) -> QWidget:
        words = self._words
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        ask = label(words("join.paste"))
        ask.setBuddy(self._link)
        self._link.setAccessibleName(words("join.link"))
        self._link.setTabChangesFocus(True)
        column.addWidget(ask)
        column.addWidget(self._link, 1)
        column.addLayout(
            row(None, button(words("do.leave"), self.reject), button(words("join.next"), self._read, "primary"))
        )
        return page

    def _read(self) -> None:
        self._text = self._link.toPlainText().strip()
        try:
            found = self._desk.link(self._text)
        except FairWitnessError as fault:
            self._banner.say(self._words.fault(str(fault)))
            return
        self._banner.say("")
        self._pages.addWidget(self._compare_page(found))
        self._pages.setCurrentIndex(self._pages.count() - 1)

    def _compare_page(self, found: LinkWords) -> QWidget:
        words = self._words
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(words("join.compare"), "heading"))
        frame, inside = card()
        grid = QGridLayout()
        for at, word in enumerate(found.words):
            shown = label(f"{at + 1}.  {word}", "title")
            shown.setAccessibleName(word)
            shown.setMinimumHeight(shown.sizeHint().height())
            grid.addWidget(shown, at // 3, at % 3)
        inside.addLayout(grid)
        frame.setAccessibleName(" ".join(found.words))
        column.addWidget(frame)
        column.addWidget(label(words("join.ask")))
        column.addWidget(label(words("join.person", person=found.person, platform=found.platform), "quiet"))
        column.addStretch(1)
        self._differ = button(words("join.differ"), self._differs)
        self._same = button(words("join.same"), self._join)
        column.addLayout(row(None, self._differ, self._same))
        return page

    def _differs(self) -> None:
        self._same.setEnabled(False)
        self._banner.say(self._words("join.differ.why"), "problem", self._words("do.close"), self.reject)

    def _join(self) -> None:
        self._same.setEnabled(False)
        self._differ.setEnabled(False)
        self._banner.say("")
        self._busy.begin(self._words("join.going"))
        text = self._text
        self._program.background.run(lambda _watch: self._desk.join(text), self._joined, self._failed)

    def _joined(self, _none: object) -> None:
        if not isValid(self):
            return  # closed meanwhile: the state window says that this computer is enrolled
        self._busy.end()
        self._banner.say(self._words("join.done"), "good", self._words("do.close"), self.accept)

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._same.setEnabled(True)
        self._differ.setEnabled(True)
        self._banner.say(self._words.fault(str(fault)))
