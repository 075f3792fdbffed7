# SPDX-License-Identifier: Apache-2.0
"""The admin's office: people, projects and policies, and the organisation's own words and dates above them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from session import FairWitnessError
from session.desks import AdminOffice, Newcomer
from session.trust.directory import Directory
from ui.admin.people import PeoplePage
from ui.admin.policy_editor import PolicyPage
from ui.background import Background
from ui.strings import Words
from ui.widgets import Banner, button, label, open_at, row


class OfficeWindow(QWidget):
    """See the module.

    Args:
        closed: called once it is closed for good.
    """

    def __init__(self, office: AdminOffice, words: Words, background: Background, closed: Callable[[], object]) -> None:
        super().__init__()
        self._office, self._words, self._background, self._closed = office, words, background, closed
        self._leaving = False
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(words("admin.window"))
        open_at(self, 1240, 800)
        owner = office.owner()
        self._strip = label(words("admin.loading"), "heading")
        self._platform = label("", "quiet")
        self._six = label(words("admin.words", words=" ".join(owner.words)), "quiet")
        self.banner = Banner()
        self.people = PeoplePage(office, words, background, self._published)
        self.policies = PolicyPage(office, words, background, self._published)
        self._tabs = QTabWidget()
        self._tabs.addTab(self.people, words("admin.people"))
        self._tabs.addTab(self.policies, words("admin.policies"))
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(6)
        top = QVBoxLayout()
        top.setContentsMargins(20, 0, 20, 0)
        self._strip.setWordWrap(False)
        top.addLayout(row(self._strip, None, button(words("admin.refresh"), self.refresh)))
        self._six.setWordWrap(False)
        self._platform.setWordWrap(False)
        top.addLayout(row(self._six, None, self._platform))
        top.addWidget(self.banner)
        column.addLayout(top)
        column.addWidget(self._tabs, 1)

    def refresh(self) -> None:
        """Asks the platform for the directory and for who waits."""
        office = self._office
        self._background.run(
            lambda _watch: (office.directory(), office.newcomers()), lambda found: self._got(*found), self._failed
        )

    def _got(self, directory: Directory, newcomers: Sequence[Newcomer]) -> None:
        self.banner.say("")
        until = datetime.fromtimestamp(directory.expires_us / 1_000_000, UTC)
        told = self._words("admin.strip", name=directory.name, version=directory.version, until=f"{until:%Y-%m-%d}")
        self._strip.setText(told)
        self._platform.setText(self._words("admin.answers", address=directory.platform.address))
        self.people.show_people(directory, newcomers)
        self.policies.show_directory(directory)

    def _published(self, _directory: Directory) -> None:
        """Who waits has changed too, so all of it is asked for."""
        self.refresh()

    def _failed(self, fault: FairWitnessError) -> None:
        self._platform.setText(self._words("admin.away"))
        self.banner.say(self._words.fault(str(fault)), "problem", self._words("do.retry"), self.refresh)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """What is not published is not lost by a slip."""
        if self.policies.unsaved and not self._leaving:
            event.ignore()
            self.banner.say(self._words("policy.unsaved"), "ask", self._words("policy.unsaved.close"), self._leave)
            return
        event.accept()
        self._closed()

    def _leave(self) -> None:
        self._leaving = True
        self.close()
