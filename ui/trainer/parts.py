# SPDX-License-Identifier: Apache-2.0
"""What the trainer has to say, under a finding: words before the seal, a reply after a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout
from shiboken6 import isValid

from session import FairWitnessError
from ui.background import Background
from ui.strings import Words
from ui.widgets import Banner, button, label, row

MOST: Final = 4096
"""Characters of an answer or a reply. Source: session/events.py, Text."""
_NEAR: Final = 500


class SayBox(QFrame):
    """Words on one thing, and a way to send them; what was typed stays until it was taken.

    Args:
        title: over the field; name: for a screen reader.
        send: takes the words, on a thread of its own; what it raises is said in words.
        done: the sentence once they were taken, and what to do then.
    """

    def __init__(  # noqa: PLR0913 - one field's words and its two ends
        self,
        title: str,
        name: str,
        does: str,
        words: Words,
        background: Background,
        *,
        send: Callable[[str], object],
        done: Callable[[], object],
        after: str,
    ) -> None:
        super().__init__()
        self._words, self._background, self._send, self._done, self._after = words, background, send, done, after
        self.sending = False
        self.field = QPlainTextEdit()
        self.field.setTabChangesFocus(True)
        self.field.setMinimumHeight(72)
        self.field.setMaximumHeight(120)
        self.field.setAccessibleName(name)
        named = label(title, "quiet")
        named.setBuddy(self.field)
        self._left = label("", "quiet")
        self._told = Banner()
        self._do = button(does, self.send_now, name=f"{does}: {name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(6)
        for widget in (named, self.field, self._told):
            column.addWidget(widget)
        column.addLayout(row(self._do, None, self._left))
        self.field.textChanged.connect(self._typed)
        self._typed()

    @property
    def unsent(self) -> str:
        """Words that were typed and not taken yet."""
        return self.field.toPlainText().strip()

    def send_now(self) -> None:
        """Sends what was typed, if anything was."""
        text = self.unsent
        if not text or len(text) > MOST or self.sending:
            return
        self.sending = True
        self._do.setEnabled(False)
        self._background.run(lambda _watch: self._send(text), lambda _none: self._taken(text), self._failed)

    def _taken(self, text: str) -> None:
        if not isValid(self):
            return  # its window was closed meanwhile
        self.sending = False
        if self.unsent == text:
            self.field.clear()
        self._told.say(self._after, "good")
        self._typed()
        self._done()

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self.sending = False
        self._told.say(self._words.fault(str(fault)))
        self._typed()

    def _typed(self) -> None:
        left = MOST - len(self.unsent)
        self._do.setEnabled(bool(self.unsent) and left >= 0 and not self.sending)
        self._left.setText(self._words("answer.left", number=left) if left < _NEAR else "")
