# SPDX-License-Identifier: Apache-2.0
"""The notice, read before the first session under a policy: what is observed, in plain words, and one thing to say to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from session import FairWitnessError
from session.desks import NoticeDue
from ui.notice import Notice, notice
from ui.strings import Words
from ui.widgets import READ_PX, Banner, button, label, open_at, row

CONSENT = "consent"


class NoticeDialog(QDialog):
    """Shows the notice of a policy; `read` is called with its digest once the person says so.

    Where the legal basis is consent, the button agrees, and not agreeing leads back without a session.
    """

    def __init__(self, due: NoticeDue, read: Callable[[str], object], words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._read = read
        self.notice: Notice = notice(due.policy, due.organisation, words)
        self._words = words
        self.setWindowTitle(words("notice.window"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        open_at(self, 640, 620)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label(self.notice.title, "title"))
        column.addWidget(self._text(), 1)
        self._fault = Banner()
        column.addWidget(self._fault)
        consent = due.policy.legal_basis == CONSENT
        self._no = button(words("notice.disagree" if consent else "notice.later"), self.reject)
        self._yes = button(words("notice.agree" if consent else "notice.read"), self._said, "primary")
        column.addLayout(row(None, self._no, self._yes))

    def _text(self) -> QScrollArea:
        page = QWidget()
        page.setProperty("role", "page")
        page.setMaximumWidth(READ_PX)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(6)
        for section in self.notice.sections:
            column.addWidget(label(section.heading, "heading"))
            for line in section.lines:
                column.addWidget(label(line))
            column.addSpacing(8)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName(self.notice.title)
        area.setAccessibleDescription(self.notice.text)
        area.setFocus()
        return area

    def _said(self) -> None:
        try:
            self._read(self.notice.sha256)
        except FairWitnessError as fault:
            self._fault.say(self._words.fault(str(fault)))
        else:
            self.accept()
