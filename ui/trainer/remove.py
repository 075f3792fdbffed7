# SPDX-License-Identifier: Apache-2.0
"""Taking something out, before the seal or after: a screenshot, a stretch, or all while an application was in front.

What would go is counted before it goes, and the person is told what reviewers will still see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QRadioButton, QVBoxLayout, QWidget

from session.events import Event, Kind
from session.removal import Chosen, application, applications, screenshots, stretch
from ui.marks import Choice
from ui.moments import read_time_us, time_field
from ui.replay.view import local
from ui.scrolled import Scrolled, fit
from ui.strings import Words
from ui.widgets import button, label, row

AROUND_US: Final = 60_000_000
"""The stretch that is offered first reaches so far before and after the moment that is shown."""
Ranges = Sequence[tuple[int, int]]


class RemoveDialog(QDialog):
    """See the module.

    Args:
        events: of the session. t_us: the moment that is shown, UTC; span: of the session.
        shots: seqs of the screenshots that are shown at that moment.
        zone: in which times are read and written.
        withheld: types that the policy withholds: told apart, as they are where the session is verified.
        remove: takes the ranges, once the person is sure. why: key of what the person must know first.
    """

    def __init__(  # noqa: PLR0913 - a moment of a session, and where it is shown
        self,
        events: Sequence[Event],
        words: Words,
        *,
        t_us: int,
        span: tuple[int, int],
        shots: Sequence[int],
        zone: tzinfo,
        remove: Callable[[Ranges], object],
        withheld: frozenset[Kind] = frozenset(),
        why: str = "remove.why",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._events, self._words, self._remove, self._shots = events, words, remove, tuple(shots)
        self._withheld = {event.seq for event in events if event.kind in withheld and event.kind != Kind.CAPTURE}
        self.setWindowTitle(words("remove.title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(460)
        self._group = QButtonGroup(self)
        time = f"{local(t_us, zone):%H:%M:%S}"
        self.shot = self._radio(words("remove.shot", time=time) if shots else words("remove.shot.none"))
        self.stretch, self.app = self._radio(words("remove.stretch")), self._radio(words("remove.app"))
        first, last = span
        self.begin = time_field(words("remove.from"), max(first, t_us - AROUND_US), zone, self._changed)
        self.end = time_field(words("remove.to"), min(last, t_us + AROUND_US), zone, self._changed)
        self.apps = Choice()
        self.apps.setAccessibleName(words("remove.app"))
        self.apps.addItems(applications(events))
        self.apps.currentIndexChanged.connect(lambda _: self._picked(self.app))
        self.shot.setEnabled(bool(shots))
        self.app.setEnabled(self.apps.count() > 0)
        self.apps.setEnabled(self.apps.count() > 0)
        self._told = label("")
        self._do = button(words("remove.do"), self._sure, "primary")
        outside = QVBoxLayout(self)
        outside.setContentsMargins(20, 18, 20, 18)
        outside.setSpacing(10)
        scrolled = Scrolled(words("remove.title"))
        column = scrolled.column
        outside.addWidget(label(words("remove.title"), "heading"))
        outside.addWidget(scrolled, 1)
        column.addWidget(label(words(why), "quiet"))
        column.addWidget(self.shot)
        column.addWidget(self.stretch)
        column.addLayout(row(label(words("remove.from")), self.begin, label(words("remove.to")), self.end, None))
        column.addWidget(self.app)
        column.addWidget(self.apps)
        column.addStretch(1)
        outside.addWidget(self._told)
        outside.addLayout(row(None, button(words("do.leave"), self.reject), self._do))
        self._group.idToggled.connect(lambda _number, _on: self._count())
        (self.shot if shots else self.stretch).setChecked(True)

    def chosen(self) -> Chosen:
        """What would go."""
        if self.shot.isChecked():
            return screenshots(self._events, self._shots)
        if self.app.isChecked():
            return application(self._events, self.apps.currentText())
        begin_us, end_us = read_time_us(self.begin), read_time_us(self.end)
        return stretch(self._events, (begin_us, end_us + 1_000_000))  # the last second that is named goes, too

    def _radio(self, text: str) -> QRadioButton:
        made = QRadioButton(text)
        made.setAccessibleName(text)
        self._group.addButton(made)
        return made

    def _changed(self) -> None:
        self._picked(self.stretch)

    def _picked(self, choice: QRadioButton) -> None:
        """Whoever changes a time or an application means it."""
        choice.setChecked(True)
        self._count()

    def _count(self) -> None:
        found, words = self.chosen(), self._words
        lines = []
        if found.screenshots:
            lines.append(words.count("remove.screenshots", found.screenshots))
        if found.twins:
            lines.append(words.count("remove.twins", found.twins))
        kept_back = sum(seq in self._withheld for first, last in found.ranges for seq in range(first, last + 1))
        if found.others - kept_back:
            lines.append(words.count("remove.others", found.others - kept_back))
        if kept_back:
            lines.append(words.count("remove.withheld", kept_back))
        self._told.setText(" ".join(lines) or words("remove.nothing"))
        self._do.setEnabled(bool(found.ranges))
        fit(self)

    def _sure(self) -> None:
        ranges = self.chosen().ranges
        self.accept()
        self._remove(ranges)
