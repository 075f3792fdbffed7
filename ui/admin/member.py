# SPDX-License-Identifier: Apache-2.0
"""One person on the screen: what a member may do, with what a signature would change; and somebody who is invited."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from session.trust.directory import ROLES, Directory, Person
from ui.admin.changes import membership
from ui.marks import Tick
from ui.strings import Words
from ui.widgets import button, card, emptied, label, row

Change = Callable[[str, Sequence[str], Sequence[str]], object]


class Ticks(QWidget):
    """Some of several, each a box with its name, in two columns.

    Args:
        name: of them all, for a screen reader.
        changed: called after each change.
    """

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], changed: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.setAccessibleName(name)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        self.boxes: dict[str, Tick] = {}
        rows = (len(choices) + 1) // 2
        for number, (key, text) in enumerate(choices):
            box = Tick(text)
            box.toggled.connect(lambda _on: changed())
            self.boxes[key] = box
            grid.addWidget(box, number % rows, number // rows)

    def chosen(self) -> tuple[str, ...]:
        """What is ticked, in order."""
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    def choose(self, keys: Sequence[str]) -> None:
        """Ticks these and no others."""
        for key, box in self.boxes.items():
            box.setChecked(key in keys)


class MemberCard(QWidget):
    """A member's roles and projects, and what a change would mean before it is signed.

    Args:
        change: called with the person's id, roles and projects when the change is to be signed.
        see: called with what is to be seen: the way on, once there is something to sign.
    """

    def __init__(
        self, words: Words, directory: Directory, person: Person, change: Change, see: Callable[[QWidget], object]
    ) -> None:
        super().__init__()
        self._words, self._directory, self._person, self._see = words, directory, person, see
        frame, column = card()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(frame)
        column.addWidget(label(words("people.change", name=person.name), "heading"))
        self.roles = _role_ticks(words, self._told)
        self.projects = _project_ticks(words, directory, self._told)
        for key, ticks in (("people.roles", self.roles), ("people.projects", self.projects)):
            column.addWidget(label(words(key)))
            column.addWidget(ticks)
        self._meaning = QVBoxLayout()
        self._meaning.setSpacing(4)
        self._sign = button(
            words("people.apply"), lambda: change(person.id, self.roles.chosen(), self.projects.chosen()), "primary"
        )
        column.addLayout(self._meaning)
        column.addLayout(row(self._sign, None))
        self._ready = False
        self.roles.choose(person.roles)
        self.projects.choose(person.projects)
        self._ready = True
        self._told()

    def _told(self) -> None:
        if not self._ready:
            return
        emptied(self._meaning)
        found = membership(self._directory, self._person, self.roles.chosen(), self.projects.chosen(), self._words)
        self._sign.setEnabled(bool(found))
        self._meaning.addWidget(label(self._words("people.change.why" if found else "people.same"), "quiet"))
        for one in found:
            self._meaning.addWidget(label(one))
        if found:
            self._see(self._sign)


class Invitation(QFrame):
    """Whom to invite, and the link that comes of it.

    Args:
        invite: called when a link is to be made.
        copy: called when it is to be copied.
    """

    def __init__(self, words: Words, invite: Callable[[], object], copy: Callable[[], object]) -> None:
        super().__init__()
        self._words = words
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        frame, column = card()
        outside.addWidget(frame)
        column.addWidget(label(words("people.invite"), "heading"))
        self.person, self.name = QLineEdit(), QLineEdit()
        self.person.setPlaceholderText(words("people.id.hint"))
        for line, key in ((self.person, "people.id"), (self.name, "people.name")):
            line.setAccessibleName(words(key))
            line.setMaxLength(128)
            column.addWidget(label(words(key)))
            column.addWidget(line)
        self.roles = _role_ticks(words)
        self.roles.choose(("trainer",))
        column.addWidget(label(words("people.roles")))
        column.addWidget(self.roles)
        column.addWidget(label(words("people.projects")))
        self._none = label(words("people.no.projects"), "quiet")
        column.addWidget(self._none)
        self._place = QVBoxLayout()
        column.addLayout(self._place)
        self.projects: Ticks | None = None
        self._offered: tuple[tuple[str, str], ...] = ()
        column.addLayout(row(button(words("people.make"), invite, "primary"), None))
        self.link = QLineEdit()
        self.link.setReadOnly(True)
        self.link.setAccessibleName(words("people.link"))
        self.why = label("", "quiet")
        self.foot = button(words("people.copy"), copy)
        for widget in (self.link, self.why, self.foot):
            widget.hide()
            column.addWidget(widget)

    def wish(self) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
        """Identifier, name, roles and projects as they stand."""
        projects = self.projects.chosen() if self.projects is not None else ()
        return self.person.text(), self.name.text(), self.roles.chosen(), projects

    def show_projects(self, directory: Directory) -> None:
        """Offers the projects of this directory; what was chosen stays so."""
        offered = tuple((one.id, one.name) for one in directory.projects)
        self._none.setVisible(not offered)
        if self.projects is not None and offered == self._offered:
            return
        chosen = self.projects.chosen() if self.projects is not None else ()
        if self.projects is not None:
            self._place.removeWidget(self.projects)
            self.projects.hide()
            self.projects.deleteLater()
        self._offered, self.projects = offered, _project_ticks(self._words, directory)
        self.projects.choose(chosen)
        self._place.addWidget(self.projects)

    def forget_link(self) -> None:
        """Takes the link of the person before away, so that nobody copies it for the next one."""
        self.link.clear()
        for widget in (self.link, self.why, self.foot):
            widget.hide()

    def show_link(self, name: str, link: str) -> None:
        """The link, what to do with it, and a form that is free for the next person."""
        self.link.setText(link)
        self.link.setCursorPosition(0)
        self.why.setText(self._words("people.link.why", name=name))
        for widget in (self.link, self.why, self.foot):
            widget.show()
        self.person.clear()
        self.name.clear()
        self.foot.setFocus()


def _role_ticks(words: Words, changed: Callable[[], object] = lambda: None) -> Ticks:
    return Ticks(words("people.roles"), [(role, words(f"role.{role}")) for role in ROLES], changed)


def _project_ticks(words: Words, directory: Directory, changed: Callable[[], object] = lambda: None) -> Ticks:
    return Ticks(words("people.projects"), [(one.id, one.name or one.id) for one in directory.projects], changed)
