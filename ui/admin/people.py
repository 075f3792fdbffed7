# SPDX-License-Identifier: Apache-2.0
"""The people of an organisation: who waits, who belongs, inviting, and what each may do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QHeaderView, QLineEdit, QScrollArea, QSplitter, QTableView, QVBoxLayout, QWidget

from session import FairWitnessError
from session.desks import AdminOffice, Newcomer
from session.trust.directory import ROLES, Directory, Person
from ui.background import Background
from ui.strings import Words
from ui.widgets import Banner, Busy, button, card, label, row

_COLUMNS = ("person", "name", "roles", "projects")
Index = QModelIndex | QPersistentModelIndex


class PeopleModel(QAbstractTableModel):
    """The members, read-only."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._people: tuple[Person, ...] = ()

    def set_rows(self, people: Sequence[Person]) -> None:
        """Shows these."""
        self.beginResetModel()
        self._people = tuple(people)
        self.endResetModel()

    def person(self, row_number: int) -> Person:
        """The member in that row."""
        return self._people[row_number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many members there are."""
        return 0 if parent.isValid() else len(self._people)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Identifier, name, roles, projects."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """The words of a cell."""
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        one = self._people[index.row()]
        roles = ", ".join(self._words(f"role.{name}") for name in one.roles)
        return (one.id, one.name, roles, ", ".join(one.projects))[index.column()]

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's signature
        """The words over a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self._words(f"column.{_COLUMNS[section]}")
        return None


class Ticks(QWidget):
    """Some of several, each a box with its name."""

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.boxes: dict[str, QCheckBox] = {}
        for key, text in choices:
            box = QCheckBox(text)
            box.setAccessibleName(text)
            self.boxes[key] = box
            column.addWidget(box)

    def chosen(self) -> tuple[str, ...]:
        """What is ticked, in order."""
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    def choose(self, keys: Sequence[str]) -> None:
        """Ticks these and no others."""
        for key, box in self.boxes.items():
            box.setChecked(key in keys)


class PeoplePage(QWidget):
    """See the module.

    Args:
        changed: called with a newer directory, None where it has to be asked for.
    """

    def __init__(
        self, office: AdminOffice, words: Words, background: Background, changed: Callable[[Directory], object]
    ) -> None:
        super().__init__()
        self._office, self._words, self._background, self._changed = office, words, background, changed
        self._directory: Directory | None = None
        self._banner, self._busy = Banner(), Busy(words)
        self._side = QVBoxLayout()
        self._side.setContentsMargins(0, 0, 8, 0)
        self._side.setSpacing(12)
        self._picked: Person | None = None
        self._newcomers: Sequence[Newcomer] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(10)
        column.addWidget(self._banner)
        column.addWidget(self._busy)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self._members())
        side = QWidget()
        side.setLayout(self._side)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(side)
        area.setMinimumWidth(400)
        area.setAccessibleName(words("people.invite"))
        split.addWidget(area)
        split.setSizes([680, 440])
        column.addWidget(split, 1)

    def show_people(self, directory: Directory, newcomers: Sequence[Newcomer]) -> None:
        """Members of this directory, and who waits."""
        self._directory, self._newcomers = directory, newcomers
        self._model.set_rows(directory.people)
        self._fill_side()

    def _members(self) -> QWidget:
        words = self._words
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.addWidget(label(words("people.members"), "heading"))
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(words("people.filter"))
        self._filter.setAccessibleName(words("people.filter"))
        self._filter.setClearButtonEnabled(True)
        self._model = PeopleModel(words)
        self._proxy = QSortFilterProxyModel()
        self._proxy.setSourceModel(self._model)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._filter.textChanged.connect(self._proxy.setFilterFixedString)
        self.table = QTableView()
        self.table.setModel(self._proxy)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(words("people.members"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(36)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._pick)
        column.addWidget(self._filter)
        column.addWidget(self.table, 1)
        return page

    def _fill_side(self) -> None:
        while (item := self._side.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._side.addWidget(self._waiting())
        self._side.addWidget(self._inviting())
        self._side.addWidget(self._changing())
        self._side.addStretch(1)

    def _waiting(self) -> QWidget:
        words = self._words
        frame, column = card("ask" if self._newcomers else "card")
        column.addWidget(label(words("people.newcomers"), "heading"))
        column.addWidget(label(words("people.newcomers.why" if self._newcomers else "people.newcomers.none"), "quiet"))
        for one in self._newcomers:
            roles = ", ".join(words(f"role.{role}") for role in one.roles)
            column.addWidget(label(words("people.words", name=one.name, roles=roles, words=" ".join(one.words))))
            named = words("people.admit.name", name=one.name)
            admit = button(words("people.admit"), partial(self._admit, one.person), "primary", name=named)
            column.addLayout(row(admit, None))
        return frame

    def _inviting(self) -> QWidget:
        words = self._words
        frame, column = card()
        column.addWidget(label(words("people.invite"), "heading"))
        self._id, self._name = QLineEdit(), QLineEdit()
        self._id.setPlaceholderText(words("people.id.hint"))
        for line, key in ((self._id, "people.id"), (self._name, "people.name")):
            line.setAccessibleName(words(key))
            line.setMaxLength(128)
            column.addWidget(label(words(key)))
            column.addWidget(line)
        self._roles, self._projects = self._ticks()
        self._roles.choose(("trainer",))
        for key, ticks in (("people.roles", self._roles), ("people.projects", self._projects)):
            column.addWidget(label(words(key)))
            column.addWidget(ticks)
        self._make = button(words("people.make"), self._invite, "primary")
        column.addLayout(row(self._make, None))
        self._link = QLineEdit()
        self._link.setReadOnly(True)
        self._link.setAccessibleName(words("people.link"))
        self._link_why = label("", "quiet")
        self._copy = button(words("people.copy"), self._copied)
        for widget in (self._link, self._link_why, self._copy):
            widget.hide()
            column.addWidget(widget)
        return frame

    def _changing(self) -> QWidget:
        words = self._words
        frame, column = card()
        if self._picked is None:
            column.addWidget(label(words("people.pick"), "quiet"))
            return frame
        one = self._picked
        column.addWidget(label(words("people.change", name=one.name), "heading"))
        roles, projects = self._ticks()
        roles.choose(one.roles)
        projects.choose(one.projects)
        for key, ticks in (("people.roles", roles), ("people.projects", projects)):
            column.addWidget(label(words(key)))
            column.addWidget(ticks)
        column.addWidget(label(words("people.change.why"), "quiet"))
        sign = button(words("people.apply"), lambda: self._change(one.id, roles.chosen(), projects.chosen()), "primary")
        column.addLayout(row(sign, None))
        return frame

    def _ticks(self) -> tuple[Ticks, Ticks]:
        projects = self._directory.projects if self._directory is not None else ()
        roles = Ticks([(role, self._words(f"role.{role}")) for role in ROLES])
        return roles, Ticks([(one.id, one.name or one.id) for one in projects])

    def _pick(self, current: QModelIndex, _previous: QModelIndex) -> None:
        source = self._proxy.mapToSource(current)
        self._picked = self._model.person(source.row()) if source.isValid() else None
        item = self._side.takeAt(2)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        self._side.insertWidget(2, self._changing())

    def _invite(self) -> None:
        person, name = self._id.text(), self._name.text()
        roles, projects = self._roles.chosen(), self._projects.chosen()
        self._begin()
        self._background.run(
            lambda _watch: self._office.invite(person, name, roles, projects),
            lambda link: self._invited(name or person, link),
            self._failed,
        )

    def _invited(self, name: str, link: str) -> None:
        self._busy.end()
        self._link.setText(link)
        self._link_why.setText(self._words("people.link.why", name=name))
        for widget in (self._link, self._link_why, self._copy):
            widget.show()
        self._link.setFocus()
        self._link.selectAll()

    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(self._link.text())
        self._banner.say(self._words("people.copied"), "good")

    def _admit(self, person: str) -> None:
        self._begin()
        self._background.run(lambda _watch: self._office.admit((person,)), self._signed, self._failed)

    def _change(self, person: str, roles: Sequence[str], projects: Sequence[str]) -> None:
        self._begin()
        self._background.run(lambda _watch: self._office.change(person, roles, projects), self._signed, self._failed)

    def _begin(self) -> None:
        self._banner.say("")
        self._busy.begin(self._words("admin.loading"))

    def _signed(self, directory: Directory) -> None:
        self._busy.end()
        self._picked = None
        self._changed(directory)
        self._banner.say(self._words("people.done"), "good")

    def _failed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self._banner.say(str(fault))
