# SPDX-License-Identifier: Apache-2.0
"""The sessions of the list as rows: read-only, in the order in which the desk gives them, filtered by what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFont

from session.desks import ReviewRow
from ui.strings import Words

Index = QModelIndex | QPersistentModelIndex
NOWHERE: Final = QModelIndex()
SORT_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
ROW_ROLE: Final = SORT_ROLE + 1
_SHORT: Final = "desk.minutes.short"
"""In brackets behind another length, where whole words do not fit into the column. Source: looked at, in Italian."""


class Column(IntEnum):
    """What stands where."""

    NAME = 0
    PROJECT = 1
    WHEN = 2
    WORKED = 3
    STATE = 4
    COPY = 5


def is_new(row: ReviewRow) -> bool:
    """Whether the session waits: nobody decided anything, and this reviewer has not opened it."""
    return not row.decisions and not row.read


def when_words(t_us: int, words: Words, zone: tzinfo | None = None) -> str:
    """A day and a time of it for people, in this computer's time zone unless told otherwise."""
    moment = datetime.fromtimestamp(t_us / 1_000_000, UTC).astimezone(zone)
    month = words(f"month.{moment.month}")
    return words("desk.when", day=moment.day, month=month, year=moment.year, time=moment.strftime("%H:%M"))


def worked_words(worked_us: int, words: Words, under: str = "desk.minutes.under") -> str:
    """A length of work in hours and minutes, the begun minute left out; `under`: key of what a part of the first is."""
    minutes = worked_us // 60_000_000
    if minutes == 0 < worked_us:
        return words(under)
    if minutes < 60:
        return words("desk.minutes", minutes=minutes)
    return words("desk.hours", hours=minutes // 60, minutes=minutes % 60)


def counted_words(row: ReviewRow, words: Words) -> str:
    """The work time of a session, with what of it cannot have passed or, without that, another session counts too."""
    worked = worked_words(row.worked_us, words)
    if row.beyond_us:
        return words("desk.worked.beyond", worked=worked, beyond=worked_words(row.beyond_us, words, _SHORT))
    if row.overlap_us:
        return words("desk.worked.overlap", worked=worked, overlap=worked_words(row.overlap_us, words, _SHORT))
    return worked


def overlap_words(row: ReviewRow, words: Words) -> str:
    """The same in sentences, "" where there is nothing to say of it."""
    beyond = words("desk.beyond", beyond=worked_words(row.beyond_us, words)) if row.beyond_us else ""
    overlap = words("desk.overlap", overlap=worked_words(row.overlap_us, words)) if row.overlap_us else ""
    return f"{beyond} {overlap}".strip()


def state_words(row: ReviewRow, words: Words) -> str:
    """Where a session stands, in words."""
    if not row.decisions:
        return words("desk.state.opened" if row.read else "desk.state.new")
    decided = words.count("desk.state.decided", row.decisions)
    if not row.replies:
        return decided
    number = "one" if row.replies == 1 else "more"
    return words(f"desk.state.replied.{number}", decided=decided, number=words.number(row.replies))


class RowsModel(QAbstractTableModel):
    """The list. `zone` None is this computer's."""

    def __init__(self, words: Words, zone: tzinfo | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words, self._zone = words, zone
        self._rows: tuple[ReviewRow, ...] = ()

    @property
    def rows(self) -> tuple[ReviewRow, ...]:
        """What is listed."""
        return self._rows

    def set_rows(self, rows: Sequence[ReviewRow]) -> None:
        """Lists these instead."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def change(self, row: ReviewRow) -> None:
        """Shows the session of `row` as it is now, where it stands; unknown ones are passed over."""
        for at, one in enumerate(self._rows):
            if one.session_id == row.session_id:
                self._rows = (*self._rows[:at], row, *self._rows[at + 1 :])
                self.dataChanged.emit(self.index(at, 0), self.index(at, len(Column) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """See Qt."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """See Qt."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """See Qt."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        answer: object = None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                answer = self._shown(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                answer = self._told(row, column)
            case Qt.ItemDataRole.FontRole:
                answer = _font(bold=is_new(row))
            case _ if role == SORT_ROLE:
                answer = self._sorted_by(row, column)
            case _ if role == ROW_ROLE:
                answer = row
        return answer

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """See Qt."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._words(f"desk.column.{Column(section).name.lower()}")
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def _shown(self, row: ReviewRow, column: Column) -> str:
        match column:
            case Column.NAME:
                return row.name
            case Column.PROJECT:
                return row.project_name
            case Column.WHEN:
                return when_words(row.started_us, self._words, self._zone)
            case Column.WORKED:
                return counted_words(row, self._words)
            case Column.STATE:
                return state_words(row, self._words)
            case Column.COPY:
                return self._words("desk.copy.here") if row.here else ""

    def _told(self, row: ReviewRow, column: Column) -> str:
        if column is Column.COPY and row.here:
            return self._words("desk.copy.why")
        return (overlap_words(row, self._words) if column is Column.WORKED else "") or self._shown(row, column)

    def _sorted_by(self, row: ReviewRow, column: Column) -> object:
        match column:
            case Column.WHEN:
                return row.started_us / 1e6
            case Column.WORKED:
                return row.worked_us / 1e6
            case Column.STATE:
                return row.decisions * 1000 + row.replies * 2 + row.read
        return self._shown(row, column).casefold()


def _font(*, bold: bool) -> QFont | None:
    if not bold:
        return None
    made = QFont()
    made.setBold(True)
    return made


class Chosen(QSortFilterProxyModel):
    """Those of the list that the filter leaves: every word of it stands somewhere in the row."""

    def __init__(self, source: RowsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: tuple[str, ...] = ()
        self._only_new = False
        self.setSourceModel(source)
        self.setSortRole(SORT_ROLE)

    def choose(self, text: str, *, only_new: bool) -> None:
        """Leaves the rows that hold each word of `text`; with `only_new` those that wait."""
        self.beginFilterChange()
        self._wanted, self._only_new = tuple(text.casefold().split()), only_new
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def row_at(self, at: int) -> ReviewRow:
        """The session in that row of what is shown."""
        found = self.index(at, 0).data(ROW_ROLE)
        if not isinstance(found, ReviewRow):
            raise IndexError(at)
        return found

    def shown(self) -> tuple[ReviewRow, ...]:
        """All that is shown, in its order."""
        return tuple(self.row_at(at) for at in range(self.rowCount()))

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: N802 - Qt's name
        """See Qt."""
        model = self.sourceModel()
        row = model.index(source_row, 0, source_parent).data(ROW_ROLE)
        if self._only_new and isinstance(row, ReviewRow) and not is_new(row):
            return False
        held = " ".join(str(model.index(source_row, column, source_parent).data()) for column in Column).casefold()
        return all(word in held for word in self._wanted)
