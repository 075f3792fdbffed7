# SPDX-License-Identifier: Apache-2.0
"""Before a key is revoked or a person removed: from when, what is signed, and what it does. Nothing is signed unread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QDateTimeEdit, QRadioButton, QScrollArea, QVBoxLayout, QWidget

from session.offices import MemberDevice
from session.trust.directory import Directory, Person
from ui.admin.meaning import Wish, removal, revocation
from ui.marks import Tick
from ui.moments import read_time_us, time_field
from ui.strings import Words
from ui.widgets import button, card, emptied, label, row

_MINUTE_US = 60_000_000


class Meaning(QWidget):
    """What a signature says and does, a sentence each."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def say(self, signs: Sequence[str], means: Sequence[str]) -> None:
        """Shows these."""
        emptied(self._column)
        for key, told in (("revoke.signs", signs), ("revoke.means", means)):
            self._column.addWidget(label(self._words(key), "quiet"))
            for one in told:
                self._column.addWidget(label(f"•  {one}"))
        self.setAccessibleName(" ".join((*signs, *means)))


class _Question(QWidget):
    """What is asked and what it does, which may be long; below it, always in sight, the way on and the way back."""

    def __init__(self, title: str, words: Words, *, sign: Callable[[], object], leave: Callable[[], object]) -> None:
        super().__init__()
        frame, column = card("ask")
        outside = QVBoxLayout(self)
        outside.setContentsMargins(12, 0, 0, 0)
        outside.addWidget(frame)
        asked = QWidget()
        self.column = QVBoxLayout(asked)
        self.column.setContentsMargins(0, 0, 8, 0)
        self.column.setSpacing(8)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(asked)
        area.setAccessibleName(title)
        self.back = button(words("do.leave"), leave)
        column.addWidget(label(title, "heading"))
        column.addWidget(area, 1)
        column.addLayout(row(button(words("sign.do"), sign, "primary"), self.back, None))


class RevokeForm(_Question):
    """A device (or every key of a person) that is to be revoked.

    Args:
        directory: in force.
        person: whose.
        device: None for every key.
        sign: called with what was chosen when it is to be signed.
        leave: called when it is not.
        now_us: the latest time that can be chosen, µs UTC.
        revoked_us: since when it is revoked already, None where it is not: then only an earlier time can be added.
        zone: None for this computer's.
    """

    def __init__(  # noqa: PLR0913 - what is revoked, and what comes of it
        self,
        words: Words,
        directory: Directory,
        person: Person,
        device: MemberDevice | None,
        *,
        sign: Callable[[Wish], object],
        leave: Callable[[], object],
        now_us: int,
        revoked_us: int | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        title = words("revoke.title.all" if device is None else "revoke.title", name=person.name)
        super().__init__(title, words, sign=lambda: sign(self.wish()), leave=leave)
        self._words, self._directory, self._person, self._device, self._zone = words, directory, person, device, zone
        column = self.column
        self.stolen: QRadioButton | None = None
        self.first: QWidget
        if device is not None:
            lost = QRadioButton(words("revoke.lost", device=device.device))
            self.stolen = QRadioButton(words("revoke.stolen", name=person.name))
            lost.setChecked(True)
            self.first = lost
            for one in (lost, self.stolen):
                one.setAccessibleName(one.text())
                one.toggled.connect(self._told)
                column.addWidget(one)
        column.addWidget(label(words("revoke.stolen.why", name=person.name), "quiet"))
        self.now = Tick(words("revoke.now"), on=revoked_us is None)
        self.now.setVisible(revoked_us is None)
        self.now.toggled.connect(self._told)
        self.since = self._moment(now_us if revoked_us is None else revoked_us - _MINUTE_US)
        if device is None:
            self.first = self.now if revoked_us is None else self.since
        column.addLayout(row(self.now, self.since, None))
        self._why = label(words("revoke.since.why", name=person.name), "quiet")
        column.addWidget(self._why)
        self._meaning = Meaning(words)
        column.addWidget(self._meaning)
        column.addStretch(1)
        self._told()

    def wish(self) -> Wish:
        """What stands in the form."""
        every = self._device is None or (self.stolen is not None and self.stolen.isChecked())
        since_us = None if self.now.isChecked() else read_time_us(self.since)
        return Wish(self._person, None if every else self._device, since_us)

    def _moment(self, latest_us: int) -> QDateTimeEdit:
        latest_us -= latest_us % _MINUTE_US  # as it is shown
        made = time_field(self._words("revoke.since"), latest_us, self._zone, self._told, shown="d MMMM yyyy  HH:mm")
        made.setMaximumDateTime(made.dateTime())
        made.setLocale(QLocale(self._words.language))
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setAccessibleDescription(self._words("revoke.since.why", name=self._person.name))
        return made

    def _told(self, *_: object) -> None:
        self.since.setVisible(not self.now.isChecked())
        self._why.setVisible(not self.now.isChecked())
        self._meaning.say(*revocation(self._directory, self.wish(), self._words, self._zone))


class RemoveForm(_Question):
    """A person who is to be removed; `sign` and `leave` as of `RevokeForm`."""

    def __init__(
        self,
        words: Words,
        directory: Directory,
        person: Person,
        *,
        sign: Callable[[], object],
        leave: Callable[[], object],
    ) -> None:
        super().__init__(words("leaving.title", name=person.name), words, sign=sign, leave=leave)
        meaning = Meaning(words)
        meaning.say(*removal(directory, person, words))
        self.column.addWidget(meaning)
        self.column.addStretch(1)
        self.first = self.back
