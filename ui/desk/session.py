# SPDX-License-Identifier: Apache-2.0
"""One session at the desk: whose it is and where it stands in the list, what must be said first, and its replay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from session.desks import ReviewRow, SessionCase
from ui.desk.decisions import Opened
from ui.pair import Wrapped
from ui.replay.model import FindingMark
from ui.strings import Words
from ui.widgets import Banner, button, label, line, row

_TITLE_PX: Final = 200
"""Room that a trainer's name and the project have at least, in as many lines as they need."""
FindingPart = Callable[[FindingMark], QWidget | None]


class Replay(msgspec.Struct, frozen=True):
    """A replay that stands in a page: its widget, and how it takes the session as it is later."""

    widget: QWidget
    show_case: Callable[[SessionCase], object]


MakeReplay = Callable[[SessionCase, FindingPart], Replay]
"""Makes the replay of a session; the second puts this desk's part under each finding."""


class SessionPage(QWidget):
    """The page of the session that is open.

    Args:
        words: of the language.
        back: to the list.
        decide: to the next question that can be decided on.
        step: to the session so many places further in the list, -1 or 1.
    """

    def __init__(
        self,
        words: Words,
        *,
        back: Callable[[], object],
        decide: Callable[[], object],
        step: Callable[[int], object],
    ) -> None:
        super().__init__()
        self._words = words
        self.setProperty("role", "page")
        self._replay: Replay | None = None
        self.opened: Opened | None = None
        self._title, self._state, self._place = label("", "heading"), label("", "quiet"), label("", "quiet")
        for part in (self._state, self._place):
            part.setWordWrap(False)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._title.setMinimumWidth(_TITLE_PX)
        self._back = self._made("back", back)
        self._previous = self._made("previous", lambda: step(-1))
        self._next = self._made("next", lambda: step(1))
        self._decide = self._made("decide", decide)
        which = row(self._back, self._title, self._state)
        which.setStretch(1, 1)
        whither = row(self._decide, self._place, None, self._previous, self._next)
        which.setSpacing(12)
        whither.setSpacing(12)
        bar = Wrapped(which, whither, margins_px=12)
        self.banner, self.uncounted = Banner(), Banner()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addSpacing(8)
        self._column.addWidget(bar)
        self._column.addSpacing(8)
        self._column.addWidget(line())
        warnings = QVBoxLayout()
        warnings.setContentsMargins(12, 6, 12, 0)
        warnings.setSpacing(6)
        warnings.addWidget(self.banner)
        warnings.addWidget(self.uncounted)
        self._column.addLayout(warnings)
        for keys, do in (
            ("Alt+Left", self._back.click),
            ("Ctrl+D", self._decide.click),
            ("Ctrl+PgUp", self._previous.click),
            ("Ctrl+PgDown", self._next.click),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    @property
    def state(self) -> str:
        """How many questions the session asks and how many are decided, in words."""
        return self._state.text()

    def _made(self, what: str, pressed: Callable[[], object]) -> QPushButton:
        made = button(self._words(f"desk.{what}"), pressed)
        made.setToolTip(self._words(f"desk.{what}.tip"))
        return made

    def show_session(self, listed: ReviewRow, opened: Opened, make: Callable[[], Replay], *, number: int, of: int) -> None:
        """Puts this session into the page, with the replay that `make` makes; the one before is closed."""
        self.opened = opened
        if self._replay is not None:
            self._column.removeWidget(self._replay.widget)
            self._replay.widget.deleteLater()
            self._replay.widget.hide()
        self._replay = make()
        self._column.addWidget(self._replay.widget, 1)
        self._replay.widget.show()  # at once, so that it can take the keyboard
        self._replay.widget.setFocus()
        words = self._words
        self._title.setText(words("desk.session", name=listed.name, project=listed.project_name))
        self._place.setText(words("desk.place", number=number, all=of))
        self._previous.setEnabled(number > 1)
        self._next.setEnabled(number < of)
        self._show_state(opened)

    def show_anew(self, opened: Opened) -> None:
        """The session that is open, as it is now: what is looked at and what is being written stay."""
        if self._replay is not None:
            self._show_state(opened)
            self._replay.show_case(opened.case)

    def _show_state(self, opened: Opened) -> None:
        self.opened = opened
        words, case = self._words, opened.case
        asking = len(opened.asking)
        whole = words.count("desk.questions", asking) if asking else words("desk.questions.none")
        self._state.setText(words("desk.questions.decided", questions=whole, number=opened.settled) if asking else whole)
        self._decide.setEnabled(bool(asking))
        wrong = case.verification is not None and not case.verification.verified
        self.banner.say(words("desk.wrong") if wrong else "")
        if not wrong and not case.reads_as:
            self.banner.say(words("desk.closed"), "ask")
        faults = case.said.faults if case.said is not None else ()
        number = "one" if len(faults) == 1 else "more"
        why = words(f"desk.uncounted.{number}", number=len(faults), why=faults[0]) if faults else ""
        self.uncounted.say(why)
