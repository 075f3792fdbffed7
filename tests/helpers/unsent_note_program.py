# SPDX-License-Identifier: Apache-2.0
"""A trainer's program in which a note and a declaration are begun: `python unsent_note_program.py FOLDER TEXT`.

It writes what each of the two fields already holds, a line each, then "written", and runs until the system asks for an end.
The note is being written then, in the window that is in front.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QWidget
from trainer_fakes import ScriptedDesk

from agent.signals import StopSignals
from fairwitness.unsent import Unsent
from session.desks import TrainerState
from ui.strings import Words
from ui.trainer.forms import DeclareForm, Form, NoteForm
from ui.trainer.main import run_tray
from ui.trainer.window import TodayWindow

PURPOSE = "Two sentences"
EN = Words("en")


class KeepingDesk(ScriptedDesk):
    """A desk that keeps unsent words as the real one does."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._unsent = Unsent(folder)

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        self._unsent.keep(session_id, words)

    def kept(self, session_id: str) -> Mapping[str, str]:
        return self._unsent.kept(session_id)


def main() -> int:
    """Runs until the system asks for an end."""
    folder, text = Path(sys.argv[1]), sys.argv[2]
    desk = KeepingDesk(folder / "unsent")
    desk.say(state=TrainerState.RECORDING)
    with StopSignals() as signals:
        QTimer.singleShot(0, lambda: _write(((DeclareForm, "do.declare", PURPOSE), (NoteForm, "do.note", text))))
        return run_tray(desk, folder=folder, environment=os.environ, stop_fileno=signals.fileno())


def _write(parts: tuple[tuple[type[Form], str, str], ...]) -> None:
    """Opens one form after the other as soon as it can be, and writes."""
    if not parts:
        sys.stdout.write("written\n")
        sys.stdout.flush()
        return
    (kind, verb, text), *rest = parts
    forms = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
    if not forms:
        for button in (one for window in _shown() for one in window.findChildren(QPushButton) if one.text() == EN(verb)):
            button.click()
    elif forms[0].windowHandle().isExposed():
        field = forms[0].findChildren(QPlainTextEdit)[0]
        sys.stdout.write(f"{field.toPlainText()}\n")
        field.setPlainText(text)
        parts = tuple(rest)
    QTimer.singleShot(20, lambda: _write(parts))


def _shown() -> list[QWidget]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, TodayWindow) and one.isVisible()]


if __name__ == "__main__":
    sys.exit(main())
