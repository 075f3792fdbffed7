# SPDX-License-Identifier: Apache-2.0
"""The list of sessions: what waits first, a filter, and plain words where there is nothing to show. Asks nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from session.desks import Owner, ReviewRow
from ui.desk.rows import Chosen, Column, Index, RowsModel, is_new
from ui.marks import Tick
from ui.scrolled import Notices
from ui.strings import Words
from ui.widgets import Banner, button, label, row

ROW_PX: Final = 38
"""Height of a row in logical pixels: twelve rows and all around them fit into 1366x768. Source: looked at."""
_WIDTHS: Final = {Column.WHEN: 250, Column.WORKED: 240, Column.COPY: 170}
BAR_PX: Final = 3


class QueuePage(QWidget):
    """The list and what is around it.

    Args:
        owner: who reviews here.
        words: of the language.
        open_session: called with the session to open.
        refresh: called when the list is wanted anew.
        zone: None for this computer's.
    """

    def __init__(
        self,
        owner: Owner,
        words: Words,
        *,
        open_session: Callable[[ReviewRow], object],
        refresh: Callable[[], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._words, self._open = words, open_session
        self.known = False
        self.setProperty("role", "page")
        self.model = RowsModel(words, zone, self)
        self.chosen = Chosen(self.model, self)
        self.banner = Banner()
        self._filter = self._make_filter()
        self._only_new = Tick(words("desk.only-new"))
        self._only_new.toggled.connect(self._choose)
        self._refresh = button(words("desk.refresh"), refresh)
        self.table = self._make_table()
        self._empty = _Empty(words, self._show_all)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self._count = label("", "quiet")
        self._count.setWordWrap(False)
        self._open_button = button(words("desk.open"), self.open_selected, "primary")
        self._lay_out(owner)
        self._show_state()
        for keys, do in (("Ctrl+F", self._filter.setFocus), ("F5", refresh)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(do)
        for number in range(len(Column) + 1):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(partial(self._sort_by, number - 1))

    def show_rows(self, rows: Sequence[ReviewRow]) -> None:
        """Lists these; the selected session stays selected where it is still listed, else the first is."""
        selected = self.selected()
        self.known = True
        self.model.set_rows(rows)
        self._select(selected.session_id if selected is not None else "")
        self._show_state()

    def change(self, changed: ReviewRow) -> None:
        """Shows one session as it is now."""
        selected = self.selected()
        self.model.change(changed)
        self._select(selected.session_id if selected is not None else "")
        self._show_state()

    def selected(self) -> ReviewRow | None:
        """The session that is selected."""
        at = self.table.currentIndex()
        return self.chosen.row_at(at.row()) if at.isValid() else None

    def select(self, session_id: str) -> None:
        """Selects a session where it is shown."""
        self._select(session_id, else_first=False)

    def open_selected(self) -> None:
        """Opens the session that is selected."""
        selected = self.selected()
        if selected is not None:
            self._open(selected)

    def focus_list(self) -> None:
        """Puts the keyboard where it works best: on the list, or on what there is instead."""
        (self.table if self._stack.currentWidget() is self.table else self._refresh).setFocus()

    def _make_filter(self) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText(self._words("desk.filter"))
        made.setAccessibleName(self._words("desk.filter"))
        made.setClearButtonEnabled(True)
        made.textChanged.connect(self._choose)
        made.returnPressed.connect(self.focus_list)
        return made

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.chosen)
        table.setAccessibleName(self._words("desk.list"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setItemDelegate(_WholeRow(table))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        table.setSortingEnabled(True)
        for column, width_px in _WIDTHS.items():
            table.setColumnWidth(column, width_px)
        for column in set(Column) - set(_WIDTHS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.activated.connect(self._activated)
        return table

    def _lay_out(self, owner: Owner) -> None:
        who = label(self._words("desk.owner", name=owner.name, organisation=owner.organisation), "quiet")
        who.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        title = label(self._words("desk.title"), "title")
        title.setWordWrap(False)
        head = row(title)
        head.addWidget(who, 1)
        self._filter.setMinimumWidth(300)
        tools = row()
        tools.addWidget(self._filter, 1)
        tools.addWidget(self._only_new)
        tools.addWidget(self._refresh)
        keys = label(self._words("desk.keys"), "quiet")
        foot = row()
        foot.addWidget(self._count)
        foot.addWidget(keys, 1)
        keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        foot.addWidget(self._open_button)
        self._whole = column = QVBoxLayout(self)
        column.setContentsMargins(24, 10, 24, 12)
        column.setSpacing(10)
        for part in (head, self.banner, tools, self._stack, foot):
            if isinstance(part, QWidget):
                column.addWidget(part, 1 if part is self._stack else 0)
            else:
                column.addLayout(part)

    def put_above(self, banner: Banner) -> None:
        """Something to know about the organisation, over the list; on a small screen it scrolls."""
        self._whole.insertWidget(0, Notices(self._words("desk.window"), banner))

    def _sort_by(self, column: int) -> None:
        """Sorts by that column, the other way round where it is sorted by it; -1: as the desk gave it."""
        header = self.table.horizontalHeader()
        rising, falling = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        again = column == header.sortIndicatorSection() and header.sortIndicatorOrder() is rising
        self.table.sortByColumn(column, falling if again and column >= 0 else rising)

    def _activated(self, _index: QModelIndex) -> None:
        self.open_selected()

    def _choose(self) -> None:
        selected = self.selected()
        self.chosen.choose(self._filter.text(), only_new=self._only_new.isChecked())
        self._select(selected.session_id if selected is not None else "")
        self._show_state()

    def _show_all(self) -> None:
        with QSignalBlocker(self._filter), QSignalBlocker(self._only_new):
            self._filter.clear()
            self._only_new.setChecked(False)
        self._choose()
        self.focus_list()

    def _select(self, session_id: str, *, else_first: bool = True) -> None:
        shown = self.chosen.shown()
        places = [at for at, one in enumerate(shown) if one.session_id == session_id]
        if places or (else_first and shown):
            self.table.setCurrentIndex(self.chosen.index(places[0] if places else 0, 0))

    def _show_state(self) -> None:
        """What stands in the list's place, the counts, and what can be done."""
        rows, shown = self.model.rows, self.chosen.rowCount()
        new = sum(map(is_new, rows))
        count = self._words.count("desk.count.new", new) if new else self._words("desk.count.new.none")
        whole = self._words.count("desk.count.all", len(rows))
        self._count.setText(self._words("desk.count", new=count, all=whole) if rows else "")
        self._open_button.setEnabled(shown > 0)
        focused = self.focusWidget() if self.isVisible() else None  # behind a session the keyboard is not ours to move
        had_focus = focused is not None and self._stack.isAncestorOf(focused)
        if not self.known:
            self._empty.say("desk.away.title", "desk.away")
        elif not rows:
            self._empty.say("desk.empty.title", "desk.empty.none")
        elif self._filter.text().strip():
            self._empty.say("desk.empty.filter.title", "desk.empty.filter", show_all=True)
        else:
            self._empty.say("desk.empty.title", "desk.empty.new", show_all=True)
        self._stack.setCurrentWidget(self.table if shown else self._empty)
        if had_focus:
            self.focus_list()


class _WholeRow(QStyledItemDelegate):
    """Marks the selected row by a bar at its beginning, and draws no frame around the one cell that has the keyboard."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        """See Qt."""
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """See Qt."""
        super().paint(painter, option, index)
        if index.column() == 0 and option.state & QStyle.StateFlag.State_Selected:
            bar = option.rect.adjusted(0, 0, 0, -1)
            bar.setWidth(BAR_PX)
            painter.fillRect(bar, option.palette.highlight())


class _Empty(QWidget):
    """Why there is no list, in the middle of its place."""

    def __init__(self, words: Words, show_all: Callable[[], object]) -> None:
        super().__init__()
        self._words = words
        self._title, self._why = label("", "heading"), label("", "quiet")
        self._show_all = button(words("desk.empty.show"), show_all)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(2)
        for part in (self._title, self._why):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(part)
        column.addLayout(row(None, self._show_all, None))
        column.addStretch(3)

    def say(self, title: str, why: str, *, show_all: bool = False) -> None:
        """Shows the sentences of these keys; with `show_all` a way back to the whole list."""
        self._title.setText(self._words(title))
        self._why.setText(self._words(why))
        self._show_all.setVisible(show_all)
