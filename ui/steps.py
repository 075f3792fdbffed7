# SPDX-License-Identifier: Apache-2.0
"""What the windows about joining, codes, devices and the platform's keys share: pages, one at a time, words to compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QPlainTextEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from session.desks import DeviceWords
from ui.qr import QrCode
from ui.scrolled import Scrolled, fit
from ui.strings import Words
from ui.widgets import Banner, Busy, button, card, column_of, label, row

_WIDE_PX: Final = 560
_LOW_PX: Final = 240
"""Of a page with little on it. Source: looked at."""


class StepsDialog(QDialog):
    """A window with a title, one page at a time, a banner for what is in the way, and a bar for what takes long.

    Args:
        wide_px: how wide it opens, where its screen has room.
    """

    def __init__(self, words: Words, title: str, parent: QWidget | None = None, *, wide_px: int = _WIDE_PX) -> None:
        super().__init__(parent)
        self._words = words
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDE_PX)  # of its height the words on it decide, as far as the screen has room
        room = QGuiApplication.primaryScreen().availableGeometry()
        self._wide_px = min(wide_px, room.width())
        self.resize(self._wide_px, _LOW_PX)
        # Said before it is shown: a page that comes between showing and placing would leave it at 0, 0, its frame outside.
        self.move(room.center().x() - self._wide_px // 2, room.top() + room.height() // 8)
        self._banner, self._busy = Banner(changed=lambda: fit(self)), Busy(self._words)
        self._pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        column.addWidget(self._pages, 1)
        column.addWidget(self._banner)
        column.addWidget(self._busy)

    def turn_to(self, page: Page, *, low: bool = False) -> None:
        """Shows `page` in place of the one before, which is forgotten; `low`: it holds little, and the window grows low."""
        self._banner.say("")
        before = self._pages.currentWidget()
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        if before is not None:
            self._pages.removeWidget(before)
            before.deleteLater()
        if low:
            self.resize(self.width(), _LOW_PX)
        fit(self)


class Page(QWidget):
    """One page: what is read and filled in, which scrolls where it must, and below it what is pressed.

    Args:
        name: for a screen reader.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._scrolled = Scrolled(name)
        self.column = self._scrolled.column
        self._outside = QVBoxLayout(self)
        self._outside.setContentsMargins(0, 0, 0, 0)
        self._outside.setSpacing(10)
        self._outside.addWidget(self._scrolled, 1)

    def end(self, *widgets: QWidget | None) -> None:
        """The page is complete, but for what is pressed; as of `row`."""
        self.column.addStretch(1)
        self._outside.addLayout(row(*widgets))


def word_grid(words: Sequence[str], across: int = 3, role: str = "title") -> QFrame:
    """Numbered words in a card, read by lines."""
    frame, inside = card()
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    for at, word in enumerate(words):
        shown = label(f"{at + 1}.  {word}", role)
        shown.setAccessibleName(f"{at + 1} {word}" if len(words) > across * 2 else word)
        shown.setWordWrap(False)  # a long word would go below its number, and out of sight
        shown.setMinimumSize(shown.sizeHint())
        grid.addWidget(shown, at // across, at % across)
    inside.addLayout(grid)
    frame.setAccessibleName(" ".join(words))
    return frame


def compare_page(  # noqa: PLR0913 - the words, what is asked of them, and the two ends
    heading: str,
    shown: Sequence[str],
    ask: str,
    about: str,
    words: Words,
    *,
    differ: Callable[[], object],
    same: Callable[[], object],
) -> tuple[Page, QPushButton, QPushButton]:
    """Six words to compare, and the two buttons under them: they differ, they are the same."""
    page = Page(heading)
    page.column.addWidget(label(heading, "heading"))
    page.column.addWidget(word_grid(shown))
    page.column.addWidget(label(ask))
    if about:
        page.column.addWidget(label(about, "quiet"))
    differs, agrees = button(words("join.differ"), differ), button(words("join.same"), same)
    page.end(None, differs, agrees)
    return page, differs, agrees


def carried(column: QVBoxLayout, one: DeviceWords, name: str, about: str, words: Words) -> None:
    """A text that is to be carried to another device: to be copied, as a QR code, and the six words that go with it."""
    text = one.text
    field = QPlainTextEdit(text)
    field.setReadOnly(True)
    field.setTabChangesFocus(True)
    field.setAccessibleName(name)
    field.setFixedHeight(76)
    told = label("", "good")

    def copy() -> None:
        QGuiApplication.clipboard().setText(text)
        told.setText(words("device.copied"))

    column.addWidget(field)
    column.addLayout(row(button(words("device.copy"), copy), told, None))
    beside = column_of(label(about), word_grid(one.words, across=2, role="heading"))
    both = row(QrCode(text, words("device.qr")))
    both.addWidget(beside, 1, Qt.AlignmentFlag.AlignTop)
    column.addLayout(both)
