# SPDX-License-Identifier: Apache-2.0
"""A decision on one finding, written under it: which of three, why, and once more what is signed before it is signed.

Rules:

1. None of the three is chosen beforehand, and they stand in the same words and order each time.
2. What was begun is kept, whatever is shown meanwhile; only a confirmed decision ends it, or a close that was asked
   about. Its words are kept on this computer, so that a logout loses none; which of the three is chosen anew.
3. Nothing is signed that was not shown once more as what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, get_args

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from session.desks import Ruling
from ui.pair import bring_forth
from ui.strings import Words
from ui.widgets import Banner, Busy, button, card, label, row

REASON_MOST: Final = 4096
"""Most characters of a reason. Source: docs/session-format.md, 10."""
OUTCOMES: Final[tuple[Ruling, ...]] = get_args(Ruling)
_REASON_PX: Final = 96
_SETTLE_MS: Final = 50
"""Until wrapped words have found their height: a few turns of Qt's layouts, and not seen as a delay."""


class Draft:
    """What was begun on one finding, with the words of an earlier run.

    `changed` is called when somebody else changes it, `wrote` when the person changes its words.
    """

    def __init__(self, reason: str = "", wrote: Callable[[], object] = lambda: None) -> None:
        self.outcome: Ruling | None = None
        self.reason = reason
        self.place = len(reason)
        self.open = bool(reason)
        self.wrote = wrote
        self.confirming = False
        self.sending = False
        self.problem = ""
        self.changed: Callable[[], None] = lambda: None

    @property
    def missing(self) -> str:
        """Key of the sentence that says what is missing, "" for nothing."""
        if self.outcome is None:
            return "decide.missing.outcome"
        if not self.reason.strip():
            return "decide.missing.reason"
        return "decide.missing.shorter" if len(self.reason.strip()) > REASON_MOST else ""


class DecisionForm(QWidget):
    """The form of one finding.

    Args:
        draft: what was begun; kept by the caller.
        asked: the finding's title, for screen readers that jump from field to field.
        weight: of the finding, as recorded.
        decided: whether somebody decided on it already; what they said is the replay's to show.
        name: in which it is signed.
        words: of the language.
        send: called when the person signs; `draft.sending` is then the caller's to end.
    """

    def __init__(  # noqa: PLR0913 - a finding, who signs, and what was begun
        self,
        draft: Draft,
        *,
        asked: str,
        weight: str,
        decided: bool,
        name: str,
        words: Words,
        send: Callable[[], object],
    ) -> None:
        super().__init__()
        self._draft, self._words, self._name, self._send = draft, words, name, send
        self._again = self._make_again(asked)
        self._form = self._make_form(asked, weight)
        self._confirm = self._make_confirm()
        self._busy = Busy(words)
        self._problem = Banner()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(8)
        for part in (self._again, self._form, self._confirm, self._busy, self._problem):
            column.addWidget(part)
        if not decided:
            draft.open = True
        for choice in self.findChildren(QAbstractButton):
            choice.installEventFilter(self)
        draft.changed = self._show
        self._show()

    @property
    def has_keyboard(self) -> bool:
        """Whether something here has the keyboard."""
        focused = self.window().focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    @property
    def writing(self) -> bool:
        """Whether the reason has the keyboard, or will have it when the person comes back to this window."""
        return self.window().focusWidget() is self._reason

    def take_keyboard(self, *, to_write: bool = False) -> None:
        """Puts the keyboard where the person goes on, and shows it: into the reason, or on the first that can be done."""
        bring_forth(self)
        first: QWidget = self._choices.button(0) if self._draft.open else self._again_button
        if to_write:
            first = self._reason
        first.setFocus()
        self._reveal(self, first)

    def _reveal(self, *parts: QWidget) -> None:
        """Scrolls to these, the last in sight in any case, once what was just shown and hidden has its place."""

        def scroll() -> None:
            above = self.parentWidget()
            while above is not None and not isinstance(above, QScrollArea):
                above = above.parentWidget()
            if above is not None:
                for part in parts:
                    above.ensureWidgetVisible(part)

        QTimer.singleShot(_SETTLE_MS, self, scroll)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Space presses what has the keyboard, though it plays the replay everywhere else."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _make_again(self, asked: str) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(self._words("decide.again.why"), "quiet"))
        named = self._words("decide.again.name", finding=asked)
        self._again_button = button(self._words("decide.again"), self._begin_again, name=named)
        column.addLayout(row(self._again_button, None))
        return made

    def _make_form(self, asked: str, weight: str) -> QFrame:
        frame, column = card()
        heading = label(self._words("decide.title"), "heading")
        column.addWidget(heading)
        if weight in {"B", "C"}:
            caution, inside = card("ask")
            inside.setContentsMargins(10, 6, 10, 6)
            inside.addWidget(label(self._words(f"decide.weight.{weight}")))
            column.addWidget(caution)
        frame.setAccessibleName(f"{self._words('decide.title')}: {asked}")
        self._choices = QButtonGroup(self)
        for number, outcome in enumerate(OUTCOMES):
            column.addLayout(self._make_choice(number, outcome))
        self._choices.idToggled.connect(self._chose)
        titled = label(self._words("decide.reason"))
        self._reason = QPlainTextEdit(self._draft.reason)
        self._reason.setAccessibleName(self._words("decide.reason"))
        self._reason.setAccessibleDescription(asked)
        self._reason.setPlaceholderText(self._words("decide.reason.hint"))
        self._reason.setTabChangesFocus(True)
        self._reason.setMinimumHeight(_REASON_PX)
        self._reason.setMaximumHeight(2 * _REASON_PX)
        cursor = self._reason.textCursor()
        cursor.setPosition(min(self._draft.place, len(self._draft.reason)))
        self._reason.setTextCursor(cursor)
        self._reason.textChanged.connect(self._wrote)
        self._reason.cursorPositionChanged.connect(self._moved)
        keys = QShortcut(QKeySequence("Ctrl+Return"), self._reason)
        keys.setContext(Qt.ShortcutContext.WidgetShortcut)
        keys.setAutoRepeat(False)
        keys.activated.connect(self._ask_to_sign)
        titled.setBuddy(self._reason)
        column.addWidget(titled)
        column.addWidget(self._reason)
        column.addWidget(label(self._words("decide.signed", name=self._name), "quiet"))
        self._counter = label("", "quiet")
        self._counter.setWordWrap(False)
        self._missing = label("", "problem")
        self._sign = button(self._words("decide.sign"), self._ask_to_sign, "primary")
        self._sign.setToolTip(self._words("decide.sign.tip"))
        column.addWidget(self._missing)
        column.addLayout(row(self._sign, None, self._counter))
        return frame

    def _make_choice(self, number: int, outcome: Ruling) -> QVBoxLayout:
        choice = QRadioButton(self._words(f"decide.outcome.{outcome}"))
        choice.setAccessibleName(self._words(f"decide.outcome.{outcome}"))
        choice.setAccessibleDescription(self._words(f"decide.means.{outcome}"))
        self._choices.addButton(choice, number)
        choice.setChecked(self._draft.outcome == outcome)
        means = label(self._words(f"decide.means.{outcome}"), "quiet")
        means.setIndent(27)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(choice)
        column.addWidget(means)
        return column

    def _make_confirm(self) -> QFrame:
        frame, column = card("ask")
        self._question = label("", "heading")
        self._quoted = label("")
        self._quoted.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._sign_now = button(self._words("decide.confirm.sign"), self._confirmed, "primary")
        column.addWidget(self._question)
        column.addWidget(self._quoted)
        column.addWidget(label(self._words("decide.confirm.why"), "quiet"))
        column.addLayout(row(self._sign_now, button(self._words("decide.confirm.back"), self._back), None))
        return frame

    def _begin_again(self) -> None:
        self._draft.open = True
        self._show()
        self._choices.button(0).setFocus()

    def _chose(self, number: int, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if on:
            self._draft.outcome = OUTCOMES[number]
            self._missing.hide()

    def _wrote(self) -> None:
        self._draft.reason = self._reason.toPlainText()
        self._draft.wrote()
        self._missing.hide()
        self._count()

    def _moved(self) -> None:
        self._draft.place = self._reason.textCursor().position()

    def _count(self) -> None:
        number = len(self._draft.reason.strip())
        key = "decide.counter.over" if number > REASON_MOST else "decide.counter"
        self._counter.setText(self._words(key, number=self._words.number(number), most=self._words.number(REASON_MOST)))

    def _ask_to_sign(self) -> None:
        draft = self._draft
        if draft.missing:
            self._missing.setText(self._words(draft.missing))
            self._missing.show()
            (self._choices.button(0) if draft.outcome is None else self._reason).setFocus()
            return
        draft.confirming, draft.problem = True, ""
        self._show()
        self._sign_now.setFocus()
        self._reveal(self._sign_now)

    def _confirmed(self) -> None:
        self._draft.confirming = False
        self._draft.sending = True
        self._show()
        self._send()

    def _back(self) -> None:
        self._draft.confirming = False
        self._show()
        self._reason.setFocus()

    def _show(self) -> None:
        """Shows the draft as it stands."""
        draft, words = self._draft, self._words
        settled = not (draft.confirming or draft.sending)
        self._again.setVisible(not draft.open)
        self._form.setVisible(draft.open and settled)
        self._confirm.setVisible(draft.confirming)
        outcome = words(f"decide.outcome.{draft.outcome}").lower() if draft.outcome else ""
        self._question.setText(words("decide.confirm", outcome=outcome, name=self._name))
        self._quoted.setText(draft.reason.strip())
        self._missing.hide()
        if draft.sending:
            self._busy.begin(words("decide.sending"))
        else:
            self._busy.end()
        self._problem.say(words("decide.failed", why=words.fault(draft.problem)) if draft.problem else "")
        self._count()
