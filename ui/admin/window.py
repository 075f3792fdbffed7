# SPDX-License-Identifier: Apache-2.0
"""The admin's office: people and keys, review keys, policies, sums of rates; above them the organisation, and what ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from session import FairWitnessError
from session.offices import AdminOffice, Standing
from session.trust.directory import Directory
from ui.admin.epochs import ReviewKeysPage
from ui.admin.people import PeoplePage
from ui.admin.policy_editor import PolicyPage
from ui.admin.rates import RatesPage
from ui.background import Background
from ui.ends import day_words, due_words
from ui.scrolled import Notices
from ui.strings import Words
from ui.widgets import Banner, Busy, button, label, open_at, row


class OfficeWindow(QWidget):
    """See the module.

    Args:
        closed: called once it is closed for good.
        zone: None for this computer's.
    """

    def __init__(
        self,
        office: AdminOffice,
        words: Words,
        background: Background,
        closed: Callable[[], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._office, self._words, self._background, self._closed = office, words, background, closed
        self._zone = zone
        self._leaving = False
        self._note = ""
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(words("admin.window"))
        open_at(self, 1240, 800)
        owner = office.owner()
        self._strip = label(words("admin.loading"), "heading")
        self._platform = label("", "quiet")
        self._six = label(words("admin.words", words=" ".join(owner.words)), "quiet")
        self.banner, self.due, self._busy = Banner(), Banner(), Busy(words)
        self.people = PeoplePage(office, words, background, self.refresh, zone)
        self.review_keys = ReviewKeysPage(office, words, background, self.refresh, zone)
        self.policies = PolicyPage(office, words, background, self._published)
        self.rates = RatesPage(office, words, background)
        self._tabs = QTabWidget()
        self._tabs.addTab(self.people, words("admin.people"))
        self._tabs.addTab(self.review_keys, words("epochs.tab"))
        self._tabs.addTab(self.policies, words("admin.policies"))
        self._tabs.addTab(self.rates, words("rates.tab"))
        self._tabs.currentChanged.connect(self._turned)
        again, corner = QWidget(), row(button(words("admin.refresh"), self._again))
        corner.setContentsMargins(0, 0, 20, 2)
        again.setLayout(corner)
        self._tabs.setCornerWidget(again)
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(6)
        top = QVBoxLayout()
        top.setContentsMargins(20, 0, 20, 0)
        self._platform.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        who, beside = QWidget(), row(self._six, self._platform)
        beside.setContentsMargins(0, 0, 0, 0)
        who.setLayout(beside)
        for number, share in enumerate((3, 2)):
            beside.setStretch(number, share)  # on a narrow screen both wrap
        top.addWidget(Notices(words("admin.window"), self._strip, who, self.banner, self.due, self._busy))
        column.addLayout(top)
        column.addWidget(self._tabs, 1)

    def refresh(self) -> None:
        """Asks the platform for all that is shown."""
        self._background.run(lambda _watch: self._office.standing(), self._got, self._failed)

    def _again(self) -> None:
        self.refresh()
        if self._tabs.currentWidget() is self.rates:
            self.rates.read()

    def _turned(self, _number: int) -> None:
        if self._tabs.currentWidget() is self.rates:
            self.rates.look()

    def _got(self, standing: Standing) -> None:
        words, directory = self._words, standing.directory
        self.banner.say("")
        until = day_words(directory.expires_us, words, self._zone)
        self._strip.setText(words("admin.strip", name=directory.name, version=directory.version, until=until))
        self._platform.setText(words("admin.answers", address=directory.platform.address))
        names = {one.id: one.name or one.id for one in directory.projects}
        told = " ".join(due_words(standing.due, names, words, self._zone))
        if told:
            self.due.say(told, "ask", words("due.renew"), self._renew)
        else:
            self.due.say(self._note, "good")
        self._note = ""
        self.people.show_standing(standing)
        self.review_keys.show_standing(standing)
        self.policies.show_directory(directory)
        self.rates.show_names(names)

    def _renew(self) -> None:
        if not self._busy.isHidden():
            return
        self._busy.begin(self._words("due.renewing"))
        self._background.run(lambda _watch: self._office.renew(), self._renewed, self._unrenewed)

    def _renewed(self, anything: bool) -> None:  # noqa: FBT001 - as the office answers
        self._busy.end()
        self._note = self._words("due.renewed" if anything else "due.kept")
        self.refresh()

    def _unrenewed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self.banner.say(self._words.fault(str(fault)))

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
