# SPDX-License-Identifier: Apache-2.0
"""Showing withheld records of a sealed session to its reviewers: what they will be able to read is said before anything is.

What was read cannot be unread, so the dialog counts, names the stretch, and says that it is for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QRadioButton, QVBoxLayout, QWidget

from session import InputFault
from session.appeal import Openable, openable, withheld_behind, withheld_within
from session.desks import SessionCase
from session.events import Kind
from ui.moments import read_time_us, time_field
from ui.replay.opened import TICK_US, counted_words
from ui.replay.view import local
from ui.scrolled import Scrolled, fit
from ui.strings import Words
from ui.widgets import button, label, row

AROUND_US: Final = 60_000_000
"""The stretch that is offered first reaches so far before and after the moment that is shown."""
Ranges = Sequence[tuple[int, int]]


class DiscloseDialog(QDialog):
    """See the module.

    Args:
        case: of the sealed session. project: its name.
        t_us: the moment that is shown, UTC; span: of the session.
        finding: seq of the finding from which it was asked, None for the moment.
        zone: in which times are read and written.
        disclose: takes the ranges, once the person is sure.
    """

    def __init__(  # noqa: PLR0913 - a moment of a session, and where it is shown
        self,
        case: SessionCase,
        words: Words,
        *,
        project: str,
        t_us: int,
        span: tuple[int, int],
        finding: int | None,
        zone: tzinfo,
        disclose: Callable[[Ranges], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._case, self._words, self._zone, self._disclose = case, words, zone, disclose
        self._events, self._t_us, self._finding = case.reader.events(), t_us, finding
        self.setWindowTitle(words("show.title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self._group = QButtonGroup(self)
        self.behind = self._radio(words("show.finding"))
        self.behind.setVisible(finding is not None)
        self.moment = self._radio(words("show.moment", time=f"{local(t_us, zone):%H:%M:%S}"))
        self.stretch = self._radio(words("show.stretch"))
        first, last = span
        self.begin = time_field(words("remove.from"), max(first, t_us - AROUND_US), zone, self._picked)
        self.end = time_field(words("remove.to"), min(last, t_us + AROUND_US), zone, self._picked)
        self._told, self._warned = label(""), label(words("show.for-good"), "ask")
        self._do = button(words("show.do"), self._sure, "primary")
        outside = QVBoxLayout(self)
        outside.setContentsMargins(20, 18, 20, 18)
        outside.setSpacing(10)
        scrolled = Scrolled(words("show.title"))
        column = scrolled.column
        outside.addWidget(label(words("show.title"), "heading"))
        outside.addWidget(scrolled, 1)
        column.addWidget(label(words("show.why", project=project), "quiet"))
        for choice in (self.behind, self.moment, self.stretch):
            column.addWidget(choice)
        column.addLayout(row(label(words("remove.from")), self.begin, label(words("remove.to")), self.end, None))
        column.addWidget(self._told)
        column.addStretch(1)
        outside.addWidget(self._warned)
        outside.addLayout(row(None, button(words("do.leave"), self.reject), self._do))
        self._group.idToggled.connect(lambda _number, _on: self._count())
        (self.behind if finding is not None else self.moment).setChecked(True)

    def ranges(self) -> Ranges:
        """The withheld records that are chosen."""
        policy = self._case.policy
        if self.behind.isChecked() and self._finding is not None:
            return withheld_behind(self._events, policy, self._finding)
        if self.moment.isChecked():
            return withheld_within(self._events, policy, self._t_us, self._t_us + TICK_US - 1)
        begin_us, end_us = read_time_us(self.begin), read_time_us(self.end)
        return withheld_within(self._events, policy, begin_us, end_us + 1_000_000)  # all of the last second that is named

    def chosen(self) -> Openable:
        """What the reviewers would be able to read."""
        try:
            return openable(self._events, self._case.policy, self.ranges(), self._case.opened)
        except InputFault:
            return Openable()

    def _radio(self, text: str) -> QRadioButton:
        made = QRadioButton(text)
        made.setAccessibleName(text)
        self._group.addButton(made)
        return made

    def _picked(self) -> None:
        """Whoever changes a time means it."""
        self.stretch.setChecked(True)
        self._count()

    def _count(self) -> None:
        found, words = self.chosen(), self._words
        lines = [words("show.readable")] if found.records else [words("show.nothing")]
        lines += [f"•  {line}" for line in counted_words([(Kind[name], number) for name, number in found.kinds], words)]
        if found.from_us:
            begin, end = (f"{local(t_us, self._zone):%Y-%m-%d %H:%M:%S}" for t_us in (found.from_us, found.to_us))
            lines.append(words("show.at", time=begin) if begin == end else words("show.between", begin=begin, end=end))
        if found.before:
            lines.append(words.count("show.before", found.before))
        self._told.setText("\n".join(lines))
        self._told.setAccessibleName("\n".join(lines))
        self._warned.setVisible(bool(found.records))
        self._do.setEnabled(bool(found.records))
        fit(self)

    def _sure(self) -> None:
        ranges = self.ranges()
        self.accept()
        self._disclose(ranges)
