# SPDX-License-Identifier: Apache-2.0
"""A reviewer's program in which words are begun on the first question: `python unsent_program.py FOLDER TEXT`.

It writes what already stands in the field, then "written", and runs until the system asks for an end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from review_fakes import ListedDesk, forty

from agent.signals import StopSignals
from fairwitness.unsent import Unsent
from ui.desk.decide import DecisionForm
from ui.desk.main import run_review
from ui.desk.window import ReviewWindow


class KeepingDesk(ListedDesk):
    """A desk that keeps unsent words as the real one does."""

    def __init__(self, folder: Path) -> None:
        super().__init__(forty(2))
        self._unsent = Unsent(folder)

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        self._unsent.keep(session_id, words)

    def kept(self, session_id: str) -> Mapping[str, str]:
        return self._unsent.kept(session_id)


def main() -> int:
    """Runs until the system asks for an end."""
    folder, text = sys.argv[1:]
    with StopSignals() as signals:
        QTimer.singleShot(0, lambda: _write(text))
        return run_review(KeepingDesk(Path(folder)), os.environ, stop_fileno=signals.fileno())


def _write(text: str) -> None:
    """Opens the first session as soon as it is listed, and writes."""
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, ReviewWindow)]
    forms = [form for one in windows for form in one.findChildren(DecisionForm)]
    if forms:
        (field,) = forms[0].findChildren(QPlainTextEdit)
        sys.stdout.write(f"{field.toPlainText()}\n")
        field.setPlainText(text)
        sys.stdout.write("written\n")
        sys.stdout.flush()
        return
    if windows and windows[0].queue.known and windows[0].shows_list and windows[0]._opening is None:
        windows[0].queue.open_selected()
    QTimer.singleShot(20, lambda: _write(text))


if __name__ == "__main__":
    sys.exit(main())
