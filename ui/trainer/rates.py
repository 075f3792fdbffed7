# SPDX-License-Identifier: Apache-2.0
"""A report of rates before it goes: what it is, exactly what would be sent, and two ways to answer that weigh the same.

Rules:

1. Nothing is sent but by the press on its button, and what goes is what stood there.
2. Closing is "Later": nothing is noted, and the reminder stays until the time is over.
3. What was in the way is said below the numbers, which stay, so that it can be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.desks import ProjectChoice, TrainerDesk
from session.rates.counts import Count, Question
from session.rates.shown import Own
from ui.app import Program
from ui.ends import day_words
from ui.marks import Tick
from ui.rated import language_words, project_words, question_words, system_words, version_words
from ui.steps import Page, StepsDialog
from ui.strings import Words
from ui.trainer.verbs import named
from ui.widgets import button, card, label

_NUMBERS: Final = ("answered", "raised", "unanswered")
_WIDE_PX: Final = 740
"""Each question in one line. Source: looked at, in Italian."""


class RatesDialog(StepsDialog):
    """See the module.

    Args:
        projects: for their names.
        zone: None for this computer's.
    """

    def __init__(
        self,
        program: Program,
        desk: TrainerDesk,
        projects: Sequence[ProjectChoice],
        parent: QWidget | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__(program.words, program.words("rates.window"), parent, wide_px=_WIDE_PX)
        self._program, self._desk, self._projects, self._zone = program, desk, projects, zone
        self._pressed: tuple[QWidget, ...] = ()
        self._begin("rates.counting", desk.report, self._show)

    def _begin(self, going: str, work: Callable[[], Own], done: Callable[[Own], object]) -> None:
        self._press(enabled=False)
        self._banner.say("")
        self._busy.begin(self._words(going))

        def ended(shown: Own) -> None:
            if isValid(self):
                self._busy.end()
                done(shown)

        self._program.background.run(lambda _watch: work(), ended, self._failed)

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._press(enabled=True)
        close = "" if self._pressed else self._words("do.close")
        self._banner.say(self._words.fault(str(fault)), "problem", close, self.reject)

    def _press(self, *, enabled: bool) -> None:
        for one in self._pressed:
            one.setEnabled(enabled)

    def _show(self, shown: Own) -> None:
        words = self._words
        page = Page(words("rates.window"))
        column = page.column
        column.addWidget(label(words("rates.what")))
        if shown.may_be_sent:
            column.addWidget(label(words("rates.who")))  # before the numbers: nobody agrees to what lies below an edge
        column.addWidget(label(self._days(shown), "heading"))
        column.addWidget(label(self._counted(shown), "quiet"))
        if not shown.may_be_sent or shown.state == "begun":
            column.addWidget(label(self._state(shown), "ask"))
        column.addWidget(numbers_card(shown.questions, shown.counts, words))
        column.addWidget(label(words("rates.numbers.why"), "quiet"))
        if shown.may_be_sent:
            first = self._ask(page, shown)
        else:
            self._pressed, first = (), button(words("do.close"), self.reject)
            page.end(None, first)
        self.turn_to(page)
        first.setFocus()

    def _ask(self, page: Page, shown: Own) -> QPushButton:
        """What stands in the open, and the buttons; the one that answers nothing."""
        words = self._words
        where, tell = label(self._where(shown)), Tick(words("rates.language.tell"), on=True)

        def chosen() -> Own:
            return shown if tell.isChecked() else shown.without_language()

        tell.toggled.connect(lambda _on: where.setText(self._where(chosen())))
        page.column.addWidget(where)
        page.column.addWidget(tell)
        tell.setVisible(shown.state != "begun" and bool(shown.cell.language))
        later = button(words("rates.later"), self.reject)
        buttons = [button(words("rates.send"), lambda: self._send(chosen()))]
        if shown.state != "begun":
            buttons.insert(0, button(words("rates.decline"), lambda: self._decline(shown)))
        self._pressed = (tell, *buttons)
        page.end(later, None, *_alike(buttons))
        return later

    def _send(self, shown: Own) -> None:
        self._begin("rates.sending", lambda: self._desk.send_report(shown), self._done)

    def _decline(self, shown: Own) -> None:
        self._begin("rates.declining", lambda: self._desk.decline_report(shown), self._done)

    def _done(self, shown: Own) -> None:
        """What came of it."""
        words = self._words
        page = Page(words("rates.window"))
        page.column.addWidget(label(self._days(shown), "heading"))
        page.column.addWidget(label(self._state(shown), "good"))
        close = button(words("do.close"), self.accept)
        self._pressed = ()
        if shown.state == "declined":
            page.column.addWidget(label(words("rates.again.later"), "quiet"))
            page.end(button(words("rates.again"), lambda: self._show(shown)), None, close)
        else:
            page.end(None, close)
        self.turn_to(page, low=True)
        close.setFocus()

    def _days(self, shown: Own) -> str:
        words = self._words
        begin, end = (day_words(t_us, words, UTC) for t_us in (shown.begins_us, shown.ends_us - 1))
        return words("rates.days", begin=begin, end=end)

    def _counted(self, shown: Own) -> str:
        told = [self._words.count("rates.sessions", shown.sessions)]
        if shown.unread:
            told.append(self._words.count("rates.unread", shown.unread))
        return " ".join(told)

    def _where(self, shown: Own) -> str:
        words, cell = self._words, shown.cell
        return words(
            "rates.where",
            project=project_words(cell, words, named(cell.project or "", self._projects)),
            system=system_words(cell, words),
            language=language_words(cell, words),
        )

    def _state(self, shown: Own) -> str:
        return self._words(f"rates.state.{shown.state}", until=day_words(shown.until_us, self._words, self._zone))


def numbers_card(questions: Sequence[Question], counts: Sequence[Count], words: Words) -> QFrame:
    """Each question with its three numbers; read by rows."""
    frame, inside = card()
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    for place, name in enumerate(("question", "version", *_NUMBERS)):
        grid.addWidget(_cell(words(f"rates.column.{name}"), "quiet", left=name not in _NUMBERS), 0, place)
    told = []
    for at, (question, count) in enumerate(zip(questions, counts, strict=True), 1):
        numbers = dict(zip(_NUMBERS, (count.answered, count.raised, count.not_evaluated), strict=True))
        title = question_words(question, words)
        told.append(words("rates.numbers.row", question=title, **numbers))
        first = label(title)
        first.setAccessibleName(told[-1])
        grid.addWidget(first, at, 0)
        grid.addWidget(_cell(version_words(question, words), "quiet", left=True), at, 1)
        for place, (name, number) in enumerate(numbers.items(), 2):
            shown = _cell(words.number(number))
            shown.setAccessibleName(f"{words(f'rates.column.{name}')}: {number}")
            grid.addWidget(shown, at, place)
    inside.addLayout(grid)
    frame.setAccessibleName(words("rates.numbers"))
    frame.setAccessibleDescription(" ".join(told))
    return frame


def _cell(text: str, role: str = "", *, left: bool = False) -> QLabel:
    made = label(text, role)
    made.setWordWrap(False)
    made.setAlignment(Qt.AlignmentFlag.AlignTop | (Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight))
    return made


def _alike(buttons: Sequence[QPushButton]) -> Sequence[QPushButton]:
    """All as wide as the widest: none of them is the one that is meant."""
    widest_px = max(one.sizeHint().width() for one in buttons)
    for one in buttons:
        one.setMinimumWidth(widest_px)
    return buttons
