# SPDX-License-Identifier: Apache-2.0
"""An editor that shows what is typed into it, in a colour of its own: what must be masked, and must not be recorded.

with editor(desk, "canaryeditor", "#ff00ff") as window: ...      # the window's number, as xdotool takes it
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desk_programs import printed
from desk_server import Desk, ended, until


@contextmanager
def editor(desk: Desk, name: str, colour: str) -> Iterator[str]:
    """A window whose class and instance are `name`, 520 by 300 px at (40, 40)."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), name, colour],
        env=desk.environment | {"QT_QPA_PLATFORM": "xcb"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        search = ("xdotool", "search", "--onlyvisible", "--classname", f"^{name}$")
        until(lambda: printed(desk, *search, check=False), f"a window of {name}")
        yield printed(desk, *search).split()[-1]
    finally:
        ended(process)


def main() -> int:
    """The program: `desk_editor.py NAME COLOUR`."""
    from PySide6.QtWidgets import QApplication, QPlainTextEdit  # noqa: PLC0415 - only the program needs Qt

    name, colour = sys.argv[1:3]
    app = QApplication([name, "-name", name])
    text = QPlainTextEdit()
    text.setStyleSheet(f"background: {colour}; color: black; border: none; font: 16pt 'DejaVu Sans'")
    text.setGeometry(40, 40, 520, 300)
    text.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
