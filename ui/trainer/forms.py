# SPDX-License-Identifier: Apache-2.0
"""Small windows that ask for words: a tool that was used, a note."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from session import FairWitnessError
from ui.strings import Words
from ui.widgets import Banner, button, label, row


class Form(QDialog):
    """A window with a title, why, fields, and one thing to do; a fault is said inside it and nothing typed is lost."""

    def __init__(self, title: str, why: str, words: Words, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._words = words
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 18, 20, 18)
        self._column.setSpacing(10)
        self._fault = Banner()
        self._add = button(words("do.add"), self._enter, "primary")
        self._close = button(words("do.leave"), self.reject)
        self._column.addWidget(label(title, "heading"))
        self._column.addWidget(label(why, "quiet"))

    @property
    def unsent(self) -> bool:
        """Whether somebody typed something here."""
        return any(field.toPlainText().strip() for field in self.findChildren(QPlainTextEdit)) or any(
            field.text().strip() for field in self.findChildren(QLineEdit)
        )

    def ask_to_close(self) -> None:
        """Says what would be lost, and waits for the person to lose it or to add it."""
        self._fault.say(self._words("review.unsent"), "ask", self._words("review.unsent.close"), self.reject)
        self.raise_()
        self.activateWindow()

    def _finish(self) -> None:
        self._column.addWidget(self._fault)
        self._column.addLayout(row(None, self._close, self._add))

    def _field(self, name: str, widget: QWidget) -> None:
        named = label(name)
        named.setBuddy(widget)
        widget.setAccessibleName(name)
        self._column.addWidget(named)
        self._column.addWidget(widget)

    def _enter(self) -> None:
        try:
            self._send()
        except FairWitnessError as fault:
            self._fault.say(self._words.fault(str(fault)))
        else:
            self.accept()

    def _send(self) -> None:
        raise AssertionError("each form sends its own")


class DeclareForm(Form):
    """A tool that was used, and for what. `send` takes both."""

    def __init__(self, send: Callable[[str, str], object], words: Words, parent: QWidget | None = None) -> None:
        super().__init__(words("declare.title"), words("declare.why"), words, parent)
        self._to = send
        self._tool, self._purpose = QLineEdit(), QPlainTextEdit()
        self._tool.setPlaceholderText(words("declare.tool.hint"))
        self._tool.setMaxLength(128)
        self._purpose.setMaximumHeight(90)
        self._purpose.setTabChangesFocus(True)
        self._field(words("declare.tool"), self._tool)
        self._field(words("declare.purpose"), self._purpose)
        self._finish()
        self._tool.textChanged.connect(lambda text: self._add.setEnabled(bool(text.strip())))
        self._add.setEnabled(False)

    def _send(self) -> None:
        self._to(self._tool.text(), self._purpose.toPlainText())


class NoteForm(Form):
    """The trainer's own words. `send` takes them."""

    def __init__(self, send: Callable[[str], object], words: Words, parent: QWidget | None = None) -> None:
        super().__init__(words("note.title"), words("note.why"), words, parent)
        self._to = send
        self._text = QPlainTextEdit()
        self._text.setTabChangesFocus(True)
        self._text.setMinimumHeight(110)
        self._field(words("note.text"), self._text)
        self._finish()
        self._text.textChanged.connect(lambda: self._add.setEnabled(bool(self._text.toPlainText().strip())))
        self._add.setEnabled(False)

    def _send(self) -> None:
        self._to(self._text.toPlainText())
