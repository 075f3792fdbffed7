# SPDX-License-Identifier: Apache-2.0
"""Small windows that ask for words: a tool that was used, a note, and what stays on this computer.

Rules:

1. What was typed is kept while it is typed, and stands in the field again when the window is opened again: after another
   window took its place, a logout or a crash.
2. It goes when it was added, or when the person gives it up, which they are asked about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from session import FairWitnessError
from session.assistance import Assistance
from ui.marks import Tick
from ui.scrolled import Field, Scrolled, fit
from ui.strings import Words
from ui.unsent import Begun, Keeper
from ui.widgets import Banner, button, label, row

NOTE: Final = "note"
TOOL: Final = "tool"
PURPOSE: Final = "purpose"
NOTHING_BEGUN: Final = Begun({}, lambda _words: None)
"""For a window in which nothing is written."""


class Form(QDialog):
    """A window with a title, why, fields, and one thing to do; a fault is said inside it and nothing typed is lost.

    Args:
        begun: what was typed earlier, and where it is kept.
    """

    def __init__(  # noqa: PLR0913 - what stands in it, and what was begun
        self, title: str, why: str, words: Words, begun: Begun, parent: QWidget | None, *, do: str = "do.add"
    ) -> None:
        super().__init__(parent)
        self._words, self._begun = words, begun
        self._fields: dict[str, QLineEdit | QPlainTextEdit] = {}
        self._keeper = Keeper(self._keep)
        self._over = False
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self._outside = QVBoxLayout(self)
        self._outside.setContentsMargins(20, 18, 20, 18)
        self._outside.setSpacing(10)
        self._scrolled = Scrolled(title)
        self._column = self._scrolled.column
        self._fault = Banner(changed=lambda: fit(self))
        self._add = button(words(do), self._enter, "primary")
        self._close = button(words("do.leave"), self.reject)
        self._outside.addWidget(label(title, "heading"))
        self._outside.addWidget(self._scrolled, 1)
        self._column.addWidget(label(why, "quiet"))

    @property
    def unsent(self) -> bool:
        """Whether somebody typed something here."""
        return any(text.strip() for text in self._typed().values())

    def ask_to_close(self) -> None:
        """Says what would be lost, and waits for the person to lose it or to add it."""
        self._fault.say(self._words("review.unsent"), "ask", self._words("review.unsent.close"), self._give_up)
        self.raise_()
        self.activateWindow()

    def put_aside(self) -> None:
        """Closes without a question; what was typed is there when this window is opened again."""
        self._keeper.flush()
        self._over = True
        super().reject()

    def reject(self) -> None:
        """Closes, but asks first where something was typed: by Escape, the frame's button or our own."""
        if self.unsent and not self._over:
            self._keeper.flush()
            self.ask_to_close()
        else:
            super().reject()

    def _finish(self) -> None:
        self._outside.addWidget(self._fault)
        self._outside.addLayout(row(None, self._close, self._add))
        for use, field in self._fields.items():
            if isinstance(field, QLineEdit):
                field.setText(self._begun.of(use))
            else:
                field.setPlainText(self._begun.of(use))
            field.textChanged.connect(self._changed)
        if self.unsent:
            self._fault.say(self._words("form.begun"), "card")
        self._add.setEnabled(self._complete())
        fit(self)
        for first in [*self._fields.values()][:1]:
            first.setFocus()

    def _field(self, use: str, name: str, widget: QLineEdit | QPlainTextEdit) -> None:
        named = label(name)
        named.setBuddy(widget)
        widget.setAccessibleName(name)
        self._fields[use] = widget
        self._column.addWidget(named)
        self._column.addWidget(widget)

    def _typed(self) -> dict[str, str]:
        return {
            use: field.text() if isinstance(field, QLineEdit) else field.toPlainText() for use, field in self._fields.items()
        }

    def _changed(self, *_: object) -> None:
        self._keeper.touch()
        self._add.setEnabled(self._complete())

    def _keep(self) -> None:
        self._begun.put(dict.fromkeys(self._fields, "") if self._over else self._typed())

    def _give_up(self) -> None:
        self._end()
        super().reject()

    def _end(self) -> None:
        """Nothing of it is to be given back."""
        self._over = True
        self._keeper.touch()
        self._keeper.flush()

    def _enter(self) -> None:
        try:
            self._send()
        except FairWitnessError as fault:
            self._fault.say(self._words.fault(str(fault)))
        else:
            self._end()
            self.accept()

    def _complete(self) -> bool:
        """Whether what must be there is."""
        raise AssertionError("each form knows what it needs")

    def _send(self) -> None:
        raise AssertionError("each form sends its own")


class DeclareForm(Form):
    """A tool that was used, and for what. `send` takes both."""

    def __init__(
        self, send: Callable[[str, str], object], words: Words, begun: Begun, parent: QWidget | None = None
    ) -> None:
        super().__init__(words("declare.title"), words("declare.why"), words, begun, parent)
        self._to = send
        self._tool, self._purpose = QLineEdit(), Field()
        self._tool.setPlaceholderText(words("declare.tool.hint"))
        self._tool.setMaxLength(128)
        self._field(TOOL, words("declare.tool"), self._tool)
        self._field(PURPOSE, words("declare.purpose"), self._purpose)
        self._finish()

    def _complete(self) -> bool:
        return bool(self._tool.text().strip())

    def _send(self) -> None:
        self._to(self._tool.text(), self._purpose.toPlainText())


class NoteForm(Form):
    """The trainer's own words. `send` takes them."""

    def __init__(self, send: Callable[[str], object], words: Words, begun: Begun, parent: QWidget | None = None) -> None:
        super().__init__(words("note.title"), words("note.why"), words, begun, parent)
        self._to = send
        self._text = Field()
        self._field(NOTE, words("note.text"), self._text)
        self._finish()

    def _complete(self) -> bool:
        return bool(self._text.toPlainText().strip())

    def _send(self) -> None:
        self._to(self._text.toPlainText())


class AssistanceForm(Form):
    """What holds for this computer, said once. `keep` takes it, and nothing of it goes into a record."""

    def __init__(
        self,
        declared: Assistance,
        keep: Callable[[Assistance], object],
        words: Words,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(words("assistance.title"), words("assistance.why"), words, NOTHING_BEGUN, parent, do="do.save")
        self._to = keep
        hint = words("assistance.assistive.hint")
        self._assistive = Tick(words("assistance.assistive"), on=declared.assistive)
        self._assistive.setAccessibleDescription(hint)
        self._remote = Tick(words("assistance.remote"), on=declared.remote)
        for part in (self._assistive, label(hint, "quiet"), self._remote, label(words("assistance.then"))):
            self._column.addWidget(part)
        self._finish()

    def _complete(self) -> bool:
        return True

    def _send(self) -> None:
        self._to(Assistance(self._assistive.isChecked(), self._remote.isChecked()))
