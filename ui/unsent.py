# SPDX-License-Identifier: Apache-2.0
"""Keeps what is being written while it is written, so that a logout or a crash loses at most the last second of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, QTimer

SETTLE_MS: Final = 1_000
"""After the last keystroke: one small file is written for a sentence, and not for each letter."""


class Keeper(QObject):
    """Calls `keep` a moment after `touch`, and at once on `flush`.

    Args:
        keep: keeps what is begun and not sent now.
    """

    def __init__(self, keep: Callable[[], object]) -> None:
        super().__init__()
        self._keep = keep
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(keep)

    def touch(self) -> None:
        """Something was written, sent or given up."""
        self._settle.start()

    def flush(self) -> None:
        """Keeps what was not kept yet; nothing where all of it is."""
        if self._settle.isActive():
            self._settle.stop()
            self._keep()


class Begun:
    """Words that were begun for the session that runs and not added to it, by what each is for.

    Args:
        kept: those of before.
        keep: keeps exactly these from now on.
    """

    def __init__(self, kept: Mapping[str, str], keep: Callable[[Mapping[str, str]], object]) -> None:
        self._words, self._keep = dict(kept), keep

    def of(self, use: str) -> str:
        """What was begun for that, "" for nothing."""
        return self._words.get(use, "")

    def put(self, words: Mapping[str, str]) -> None:
        """Keeps these, and what was begun for other things as it is."""
        self._words |= words
        self._keep({use: text for use, text in self._words.items() if text.strip()})
