# SPDX-License-Identifier: Apache-2.0
"""Two panes of a window: side by side where there is room for both, else one at a time, each behind a tab."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QSplitter, QTabBar, QVBoxLayout, QWidget

FIRST: Final = 0
SECOND: Final = 1


class Pair(QWidget):
    """See the module. What is hidden or shown inside a pane is the pane's own matter.

    Args:
        first, second: the panes.
        names: what each is called on its tab.
        sizes: of both in logical pixels; as shares where there is more room, or less.
        wide_px: from this width on both are shown, > 0.
    """

    def __init__(
        self, first: QWidget, second: QWidget, names: tuple[str, str], *, sizes: tuple[int, int], wide_px: int
    ) -> None:
        super().__init__()
        self._panes, self._wide_px = (first, second), wide_px
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(", ".join(names))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for name in names:
            self.tabs.addTab(name)
        self.tabs.currentChanged.connect(self._arrange)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self._held = tuple(_holding(pane) for pane in self._panes)
        for number, held in enumerate(self._held):
            self.split.addWidget(held)
            self.split.setCollapsible(number, False)
        self.split.setSizes(list(sizes))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(self.tabs)
        column.addWidget(self.split, 1)
        self._arrange()

    @property
    def narrow(self) -> bool:
        """Whether only one of them is shown."""
        return self.width() < self._wide_px

    def bring(self, number: int) -> None:
        """Brings that pane, `FIRST` or `SECOND`, to the front where only one is shown."""
        self.tabs.setCurrentIndex(number)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """That of the larger pane: both are never needed at once."""
        least = [pane.minimumSizeHint().expandedTo(pane.minimumSize()) for pane in self._panes]
        height = max(size.height() for size in least) + self.tabs.sizeHint().height()
        return QSize(max(size.width() for size in least), height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Shows one or both."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self, _number: int = 0) -> None:
        self.tabs.setVisible(self.narrow)
        for number, held in enumerate(self._held):
            held.setVisible(not self.narrow or number == self.tabs.currentIndex())


def _holding(pane: QWidget) -> QWidget:
    held = QWidget()
    column = QVBoxLayout(held)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(pane)
    return held
