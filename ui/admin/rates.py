# SPDX-License-Identifier: Apache-2.0
"""The sums of questions on trial: a row for each question of each project, system and language, and why where none is.

Rules:

1. It is asked for when the page is looked at, not with the rest of the office: the platform sends much for it.
2. Where nothing may be said of a question, words stand in the place of every number, and nothing tells why.
3. A cell has two lines, so that all of a row is seen in a small window: what it says, and below it of which, or how sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from enum import IntEnum
from typing import Any, Final

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QHeaderView, QLineEdit, QStackedWidget, QTableView, QVBoxLayout, QWidget

from session import FairWitnessError
from session.offices import AdminOffice
from session.rates.shown import Rated, RatedRow, Rates, Sums
from ui.background import Background, Task
from ui.ends import day_words
from ui.rated import language_words, percent_words, project_words, question_words, system_words, version_words
from ui.scrolled import Notices, Scrolled
from ui.strings import Words
from ui.widgets import Banner, Busy, button, label, row

ROW_PX: Final = 54
SORT_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
_TOLD: Final = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
_LEAST_PX: Final = 90
Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """What stands where."""

    PROJECT = 0
    SYSTEM = 1
    PEOPLE = 2
    QUESTION = 3
    SESSIONS = 4
    WITH = 5
    UNANSWERED = 6


class Line(msgspec.Struct, frozen=True):
    """One line of the table: its words, and by what it is sorted, by column."""

    shown: tuple[str, ...]
    order: tuple[str | float, ...]


def table_lines(table: Rates, words: Words, names: Mapping[str, str]) -> list[Line]:
    """Every line of a table. `names`: of projects, by id."""
    return [line for one in table.rows for line in _lines(one, words, names)]


def _lines(one: RatedRow, words: Words, names: Mapping[str, str]) -> list[Line]:
    project = project_words(one.cell, words, names.get(one.cell.project or "", ""))
    people = words.number(one.people)
    if one.others:
        people = words("rates.people.others", people=people, others=words.number(one.others))
    where = (project, f"{system_words(one.cell, words)}\n{language_words(one.cell, words)}", people)
    order = (*where[:2], float(one.people))
    if one.trouble:
        told = words("rates.given-up")
        return [Line((*where, told, "", "", ""), (*order, told, -2.0, -2.0, -2.0))]
    return [_line(where, order, rated, words) for rated in one.questions]


def _line(where: tuple[str, ...], order: tuple[str | float, ...], rated: Rated, words: Words) -> Line:
    title = f"{question_words(rated.question, words)}\n{version_words(rated.question, words)}"
    count = rated.count
    if count is None or rated.people_ci is None:
        told = (words("rates.few"), *[words("rates.unsaid")] * 2)
        return Line((*where, title, *told), (*order, title, -1.0, -1.0, -1.0))
    low, high = (percent_words(end, words) for end in rated.people_ci)
    raised, answered, with_all, of = map(
        words.number, (count.raised, count.answered, count.people_raised, count.people_answered)
    )
    rate = words("rates.rate.few") if rated.rate is None else percent_words(rated.rate, words)
    return Line(
        (
            *where,
            title,
            f"{words('rates.of', raised=raised, answered=answered)}\n{rate}",
            f"{words('rates.of', raised=with_all, answered=of)}\n{words('rates.between', low=low, high=high)}",
            words.number(count.not_evaluated),
        ),
        (
            *order,
            title,
            count.raised / count.answered,
            count.people_raised / count.people_answered,
            float(count.not_evaluated),
        ),
    )


def _beside(table: Rates, words: Words) -> list[str]:
    """What is to be known of a table beside its numbers, a line each."""
    told = [words.count("rates.left", table.left_out)] if table.left_out else []
    told += [words("rates.given-up.why", why=words.fault(one.trouble)) for one in table.rows if one.trouble]
    if any(rated.count is None for one in table.rows for rated in one.questions):
        told.append(words("rates.few.why"))
    if any(one.others for one in table.rows):
        told.append(words("rates.others.why"))
    return told


class RatesModel(QAbstractTableModel):
    """The lines, read-only."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._lines: tuple[Line, ...] = ()

    def set_table(self, table: Rates, names: Mapping[str, str]) -> None:
        """Shows this table; `names` of projects, by id."""
        self.beginResetModel()
        self._lines = tuple(table_lines(table, self._words, names))
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """As `Column`."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """The words of a cell, or by what it is sorted."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == SORT_ROLE:
            return line.order[index.column()]
        return line.shown[index.column()] if role in _TOLD else None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's signature
        """The words over a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self._words(f"rates.column.{Column(section).name.lower()}")
        return None


class RatesPage(QWidget):
    """See the module."""

    def __init__(self, office: AdminOffice, words: Words, background: Background) -> None:
        super().__init__()
        self._office, self._words, self._background = office, words, background
        self._names: Mapping[str, str] = {}
        self._sums: Sums | None = None
        self._asked: int | None = None
        self._task: Task | None = None
        self.banner, self._busy = Banner(), Busy(words)
        self._days = label(words("rates.none.unknown"), "heading")
        self._beside = label("", "quiet")
        self._earlier = button(words("rates.earlier"), lambda: self._step(-1))
        self._later = button(words("rates.later.period"), lambda: self._step(1))
        self._earlier.setEnabled(False)
        self._later.setEnabled(False)
        self._make_table()
        self._empty = Scrolled(words("rates.none"))
        self._none, self._why = label("", "title"), label("")
        for part in (self._none, self._why):
            self._empty.column.addWidget(part)
        self._empty.column.addStretch(1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 20, 10)
        column.setSpacing(8)
        about = label(words("rates.why"), "quiet")
        column.addWidget(Notices(words("rates.tab"), self.banner, self._busy, self._days, about, self._beside))
        tools = row(self._earlier, self._later)
        tools.addWidget(self._filter, 1)
        column.addLayout(tools)
        column.addWidget(self._stack, 1)

    def _make_table(self) -> None:
        words = self._words
        self._model, self._proxy, self.table = RatesModel(words), QSortFilterProxyModel(), QTableView()
        self._proxy.setSourceModel(self._model)
        self._proxy.setSortRole(SORT_ROLE)
        self._proxy.setFilterKeyColumn(-1)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(words("rates.filter"))
        self._filter.setAccessibleName(words("rates.filter"))
        self._filter.setClearButtonEnabled(True)
        self._filter.setEnabled(False)
        self._filter.textChanged.connect(self._proxy.setFilterFixedString)
        table = self.table
        table.setModel(self._proxy)
        table.setSortingEnabled(True)
        table.sortByColumn(Column.PROJECT, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.setAccessibleName(words("rates.table"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(_LEAST_PX)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def show_names(self, names: Mapping[str, str]) -> None:
        """Names of projects, by id, for whatever is read from now on."""
        self._names = names

    def look(self) -> None:
        """Reads what is to be shown, where that was not read yet."""
        if self._sums is None:
            self.read()

    def read(self) -> None:
        """Asks for the table anew."""
        if self._task is not None and not self._busy.isHidden():
            return
        self.banner.say("")
        self._busy.begin(self._words("rates.reading"))
        self._press(enabled=False)
        period = self._asked
        self._task = self._background.run(lambda _watch: self._office.sums(period), self._got, self._failed)

    def _step(self, by: int) -> None:
        if self._sums is None:
            return
        self._asked = self._sums.table.period + by
        self.read()

    def _press(self, *, enabled: bool) -> None:
        sums = self._sums
        self._earlier.setEnabled(enabled and sums is not None)
        self._later.setEnabled(enabled and sums is not None and sums.table.period < sums.newest)

    def _got(self, sums: Sums) -> None:
        words, table = self._words, sums.table
        self._busy.end()
        self._sums = sums
        self._asked = None if table.period == sums.newest else table.period
        begin, end = (day_words(t_us, words, UTC) for t_us in (table.begins_us, table.ends_us - 1))
        self._days.setText(words("rates.days", begin=begin, end=end))
        self._beside.setText("\n".join(_beside(table, words)))
        self._beside.setVisible(bool(self._beside.text()))
        self._model.set_table(table, self._names)
        self.table.resizeColumnsToContents()
        if not table.rows:
            on = ", ".join(sums.projects)
            self._none.setText(words("rates.none"))
            self._why.setText(words("rates.none.on", projects=on) if on else words("rates.none.off"))
        self._stack.setCurrentWidget(self.table if table.rows else self._empty)
        self._filter.setEnabled(bool(table.rows))
        self._press(enabled=True)

    def _failed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self._press(enabled=True)
        self.banner.say(self._words.fault(str(fault)), "problem", self._words("do.retry"), self.read)
