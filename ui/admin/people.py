# SPDX-License-Identifier: Apache-2.0
"""The people of an organisation: who waits, who belongs and with which keys, inviting, and what each may do.

Rules:

1. What is signed is what is shown: a newcomer is signed in by the row whose six words were compared, and a question about
   a directory that another has followed is taken away.
2. What is half written in an invitation, and a link, stay while the directory is asked for anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from session import FairWitnessError
from session.offices import AdminOffice, Invited, MemberDevice, Newcomer, Standing
from session.trust.directory import Directory, Person
from ui.admin.changes import project_names
from ui.admin.devices import KeysCard
from ui.admin.invited import InvitedCard
from ui.admin.meaning import Wish, state_words
from ui.admin.member import Invitation, MemberCard
from ui.admin.revoking import RemoveForm, RevokeForm
from ui.background import Background
from ui.pair import SECOND, Pair
from ui.strings import Words
from ui.widgets import READ_PX, Banner, Busy, button, card, emptied, label, row

T = TypeVar("T")
_TOLD = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
_COLUMNS = ("person", "name", "roles", "projects", "state")
_LEAST_PX = 84
"""Of a column in logical pixels: a name of eight letters. Source: looked at on 1366x768 at 200 in the hundred."""
_SIDE_PX = 360
_WIDE_PX = 900
"""From here on the members and one of them stand side by side; below, words would break after two or three."""
_NARROW = (_COLUMNS.index("person"), _COLUMNS.index("state"))
Index = QModelIndex | QPersistentModelIndex


class PeopleModel(QAbstractTableModel):
    """The members, read-only."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._directory: Directory | None = None
        self._people: tuple[Person, ...] = ()
        self._devices: tuple[MemberDevice, ...] = ()

    def set_people(self, directory: Directory, devices: Sequence[MemberDevice]) -> None:
        """Shows the members of this directory, and how their keys stand."""
        self.beginResetModel()
        self._directory, self._people, self._devices = directory, directory.people, tuple(devices)
        self.endResetModel()

    def person(self, row_number: int) -> Person:
        """The member in that row."""
        return self._people[row_number]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """How many members there are."""
        return 0 if parent.isValid() else len(self._people)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's signature
        """Identifier, name, roles, projects, keys."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """The words of a cell."""
        if not index.isValid() or self._directory is None or role not in _TOLD:
            return None
        one = self._people[index.row()]
        roles = ", ".join(self._words(f"role.{name}") for name in one.roles)
        projects = ", ".join(project_names(self._directory, one.projects))
        state = state_words(self._directory, one, self._devices, self._words)
        return (one.id, one.name, roles, projects, state)[index.column()]

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:  # noqa: ANN401 - Qt's signature
        """The words over a column."""
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self._words(f"column.{_COLUMNS[section]}")
        return None


class Held(QWidget):
    """A place for one widget, which another takes in time."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def hold(self, widget: QWidget) -> None:
        """Puts `widget` where another was."""
        emptied(self._column)
        self._column.addWidget(widget)
        widget.show()  # at once, so that it can take the keyboard


class PeoplePage(QWidget):
    """See the module.

    Args:
        changed: called when something was signed.
        zone: None for this computer's.
    """

    def __init__(
        self,
        office: AdminOffice,
        words: Words,
        background: Background,
        changed: Callable[[], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._office, self._words, self._background, self._changed = office, words, background, changed
        self._zone = zone
        self._standing: Standing | None = None
        self._banner, self._busy = Banner(), Busy(words)
        self._picked: Person | None = None
        self._waiting, self._member, self._links = Held(), Held(), Held()
        self._asks = self._signed = False  # a question stands there; it was answered, and what comes of it is on its way
        self._invitation = Invitation(words, self._invite, self._copied)
        side = QWidget()
        below = QVBoxLayout(side)
        below.setContentsMargins(12, 0, 8, 0)
        below.setSpacing(12)
        for part in (self._waiting, self._member, self._links, self._invitation):
            below.addWidget(part)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 20, 10)
        column.setSpacing(8)
        column.addWidget(self._banner)
        column.addWidget(self._busy)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        side.setMaximumWidth(READ_PX)
        self._area.setWidget(side)
        self._area.setMinimumWidth(_SIDE_PX)
        self._area.setAccessibleName(words("people.side"))
        self._question = Held()
        self._side = QStackedWidget()
        self._side.addWidget(self._area)
        self._side.addWidget(self._question)
        names = (words("people.members"), words("people.side"))
        self._pair = Pair(self._members(), self._side, names, sizes=(680, 480), wide_px=_WIDE_PX)
        self.table.activated.connect(lambda _index: self._pair.bring(SECOND))
        self.table.clicked.connect(lambda _index: self._pair.bring(SECOND))
        column.addWidget(self._pair, 1)
        self._show_picked()

    def show_standing(self, standing: Standing) -> None:
        """Members of this directory, their devices, who waits, and links that are open; what did not change stays."""
        before, self._standing = self._standing, standing
        if before is None or (before.directory, before.devices) != (standing.directory, standing.devices):
            picked = self._picked.id if self._picked is not None else ""
            asked = self._asks
            self._model.set_people(standing.directory, standing.devices)
            self._picked = standing.directory.person(picked)
            self._show_picked()
            self._select(picked)
            if self._signed:
                self._see(self._member)
            if asked and not self._signed:
                self._banner.say(self._words("directory.moved"), "ask")
        self._signed = False
        self._invitation.show_projects(standing.directory)
        if before is None or (before.newcomers, before.directory) != (standing.newcomers, standing.directory):
            self._waiting.hold(self._newcomers(standing))
        if before is None or (before.invited, before.directory) != (standing.invited, standing.directory):
            self._links.hold(self._invited_card(standing))

    def _members(self) -> QWidget:
        words = self._words
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
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
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(_LEAST_PX)
        for number in _NARROW:
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.ResizeToContents)
        self.table.selectionModel().selectionChanged.connect(self._pick)
        column.addWidget(self._filter)
        column.addWidget(self.table, 1)
        return page

    def _select(self, person: str) -> None:
        """The row of that person, where it is shown."""
        for number in range(self._proxy.rowCount()):
            if self._model.person(self._proxy.mapToSource(self._proxy.index(number, 0)).row()).id == person:
                self.table.selectRow(number)

    def _newcomers(self, standing: Standing) -> QWidget:
        words, newcomers = self._words, standing.newcomers
        frame, column = card("ask" if newcomers else "card")
        column.addWidget(label(words("people.newcomers"), "heading"))
        column.addWidget(label(words("people.newcomers.why" if newcomers else "people.newcomers.none")))
        for one in newcomers:
            roles = ", ".join(words(f"role.{role}") for role in one.roles)
            projects = ", ".join(project_names(standing.directory, one.projects))
            told = words(
                "people.newcomer",
                name=one.name,
                person=one.person,
                roles=roles,
                projects=projects or words("people.no.project"),
            )
            named = words("people.admit.name", name=one.name)
            admit = button(words("people.admit"), partial(self._admit, one), "primary", name=named)
            column.addWidget(label(told))
            column.addWidget(label(" ".join(one.words), "heading"))
            column.addLayout(row(admit, None))
        return frame

    def _invited_card(self, standing: Standing) -> QWidget:
        if not standing.invited:
            return QWidget()
        return InvitedCard(
            self._words,
            standing.directory,
            standing.invited,
            copy=self._copy_again,
            withdraw=self._withdraw,
            zone=self._zone,
        )

    # --- the member who was picked

    def _changing(self) -> QWidget:
        words, standing, one = self._words, self._standing, self._picked
        self._asks = False
        if one is None or standing is None:
            frame, column = card()
            column.addWidget(label(words("people.pick"), "quiet"))
            return frame
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        keys = KeysCard(
            words,
            standing.directory,
            one,
            standing.devices,
            revoke=self._ask_revoke,
            remove=self._ask_remove,
            zone=self._zone,
        )
        column.addWidget(keys)
        column.addWidget(MemberCard(words, standing.directory, one, self._change, self._see))
        return both

    def _show_picked(self) -> None:
        """Whoever is picked, in place of a question about somebody."""
        self._member.hold(self._changing())
        self._question.hold(QWidget())
        self._side.setCurrentWidget(self._area)

    def _show_member(self) -> None:
        self._show_picked()
        self._see(self._member)

    def _pick(self, *_: object) -> None:
        """Whoever is selected, by hand, by keys or by a screen reader, which moves no current row."""
        rows = self.table.selectionModel().selectedRows()
        picked = self._model.person(self._proxy.mapToSource(rows[0]).row()) if rows else None
        if picked == self._picked:
            return
        self._picked = picked
        self._show_member()

    def _ask_revoke(self, device: MemberDevice | None) -> None:
        one, standing = self._picked, self._standing
        if one is None or standing is None:
            return
        revoked_us = standing.directory.revoked_us(one.person_key) if device is None else device.revoked_us
        self._ask(
            RevokeForm(
                self._words,
                standing.directory,
                one,
                device,
                sign=self._revoke,
                leave=self._show_member,
                now_us=standing.now_us,
                revoked_us=revoked_us,
                zone=self._zone,
            )
        )

    def _ask_remove(self) -> None:
        one, standing = self._picked, self._standing
        if one is None or standing is None:
            return
        sign = partial(self._remove, one.id)
        self._ask(RemoveForm(self._words, standing.directory, one, sign=sign, leave=self._show_member))

    def _ask(self, form: RevokeForm | RemoveForm) -> None:
        self._banner.say("")
        self._member.hold(QWidget())
        self._question.hold(form)
        self._side.setCurrentWidget(self._question)
        self._pair.bring(SECOND)
        self._asks = True
        form.first.setFocus()

    def _see(self, widget: QWidget) -> None:
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(widget, 0, 0))

    # --- what is done

    def _invite(self) -> None:
        person, name, roles, projects = self._invitation.wish()
        self._invitation.forget_link()
        self._work(
            lambda: self._office.invite(person, name, roles, projects), lambda link: self._invited(name or person, link)
        )

    def _invited(self, name: str, link: str) -> None:
        self._busy.end()
        self._invitation.show_link(name, link)
        self._see(self._invitation.foot)
        self._changed()  # the link stands among those that nobody used yet

    def _copied(self) -> None:
        QGuiApplication.clipboard().setText(self._invitation.link.text())
        self._banner.say(self._words("people.copied"), "good")

    def _copy_again(self, one: Invited) -> None:
        QGuiApplication.clipboard().setText(one.link)
        self._banner.say(self._words("people.copied"), "good")

    def _withdraw(self, one: Invited) -> None:
        if self._invitation.link.text() == one.link:
            self._invitation.forget_link()
        self._work(lambda: self._office.withdraw(one.code_sha256), lambda _none: self._done("invited.withdrawn"))

    def _admit(self, shown: Newcomer) -> None:
        self._sign(lambda: self._office.admit((shown,)))

    def _change(self, person: str, roles: Sequence[str], projects: Sequence[str]) -> None:
        self._sign(lambda: self._office.change(person, roles, projects))

    def _revoke(self, wish: Wish) -> None:
        person, device, since_us = wish.person.id, wish.device, wish.since_us
        if device is None:
            self._sign(lambda: self._office.revoke_person(person, since_us))
        else:
            self._sign(lambda: self._office.revoke_device(person, device.device, since_us))

    def _remove(self, person: str) -> None:
        self._sign(lambda: self._office.remove(person))

    def _sign(self, work: Callable[[], object]) -> None:
        self._work(work, lambda _signed: self._done("people.done"), "sign.doing")

    def _work(self, work: Callable[[], T], done: Callable[[T], None], doing: str = "admin.loading") -> None:
        """One thing at a time: a second press while the first is under way does nothing."""
        if not self._busy.isHidden():
            return
        self._banner.say("")
        self._busy.begin(self._words(doing))
        self._background.run(lambda _watch: work(), done, self._failed)

    def _done(self, key: str) -> None:
        self._busy.end()
        self._signed = self._asks
        self._changed()
        self._banner.say(self._words(key), "good")

    def _failed(self, fault: FairWitnessError) -> None:
        self._busy.end()
        self._banner.say(self._words.fault(str(fault)))
