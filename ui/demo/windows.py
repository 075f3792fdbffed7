# SPDX-License-Identifier: Apache-2.0
"""One window of the demonstration's desk, as a program of its own.

`python -m ui.demo.windows NAME` shows the window NAME: "editor", "workbench" or "assistant". Each is a real
program with a real text area, so that what the agent sees of it is what it sees of any other.
"""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QTextBrowser, QVBoxLayout, QWidget

ASSISTANT_ANSWER: Final = (
    "A beta blocker lowers the heart's rate and its work. In the weeks after an infarction that matters twice: the muscle "
    "needs less oxygen while it heals, and the fast rhythms that kill in those weeks are rarer. The evidence is strongest "
    "where the pump has become weak. Where it has not, newer trials find little gain, and the guideline leaves the choice "
    "to the physician. "
) * 3
WORKBENCH_TASK: Final = """<h2>Task 17 of 40: compare two answers</h2>
<p>A patient asks whether to go on with a beta blocker a year after a heart attack.
Read both answers, then write in your own words which one you would give, and why.</p>
<h3>Answer A</h3><p>Beta blockers should always be continued for life after a myocardial infarction.</p>
<h3>Answer B</h3><p>It depends on how well the heart pumps. With a normal ejection fraction and no other
reason, stopping after a year may be reasonable and should be discussed with the cardiologist.</p>
<h3>What to look at</h3><ul><li>Is it correct?</li><li>Is it safe?</li><li>Would you say it to a person?</li></ul>"""

_PLACES: Final = {
    "editor": ("Comparison, draft 2 - Editor", QRect(60, 70, 760, 560)),
    "workbench": ("Task 17: compare two answers - Workbench", QRect(620, 120, 780, 620)),
    "assistant": ("ChatGPT - Web Browser", QRect(420, 190, 780, 520)),
}


def build(name: str) -> QWidget:
    """The window `name`, not yet shown.

    Raises:
        KeyError: there is no such window.
    """
    title, place = _PLACES[name]
    window = QWidget()
    window.setWindowTitle(title)
    window.setGeometry(place)
    layout = QVBoxLayout(window)
    layout.setContentsMargins(16, 12, 16, 16)
    heading = QLabel(title.split(" - ")[0])
    heading.setFont(QFont("DejaVu Sans", 13, QFont.Weight.Bold))
    layout.addWidget(heading)
    body: QPlainTextEdit | QTextBrowser
    if name == "workbench":
        body = QTextBrowser()
        body.setHtml(WORKBENCH_TASK)
    else:
        body = QPlainTextEdit(ASSISTANT_ANSWER if name == "assistant" else "")
    body.setFont(QFont("DejaVu Sans", 11))
    layout.addWidget(body)
    body.setFocus(Qt.FocusReason.OtherFocusReason)
    return window


def main() -> int:
    """Shows the window named by the first argument until it is closed or the program is ended."""
    name = sys.argv[1]
    app = QApplication([name, "-name", name])  # both parts of WM_CLASS are the name, as a program called so would have
    app.setStyle("Fusion")
    window = build(name)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
