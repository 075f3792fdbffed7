# SPDX-License-Identifier: Apache-2.0
"""What makes room on a small screen: two panes of which one is shown at a time, two groups of controls in two lines."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLayout, QSplitter, QTabBar, QVBoxLayout, QWidget

FIRST: Final = 0
SECOND: Final = 1


class Pair(QWidget):
    """Two panes: side by side where there is room for both, else one at a time, each behind a tab.

    What is hidden or shown inside a pane is the pane's own matter.

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
        self.panes, self._wide_px = (first, second), wide_px
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(", ".join(names))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for name in names:
            self.tabs.addTab(name)
        self.tabs.currentChanged.connect(self._arrange)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self._held = tuple(_holding(pane) for pane in self.panes)
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
        least = [pane.minimumSizeHint().expandedTo(pane.minimumSize()) for pane in self.panes]
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


def bring_forth(widget: QWidget) -> None:
    """Brings the pane that holds `widget` to the front, in each pair around it."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, Pair):
            around.bring(next(at for at, pane in enumerate(around.panes) if pane is widget or pane.isAncestorOf(widget)))
        around = around.parentWidget()


def _holding(pane: QWidget) -> QWidget:
    held = QWidget()
    column = QVBoxLayout(held)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(pane)
    return held


class Wrapped(QWidget):
    """Two groups of controls: one after the other where there is room for both, else the second below the first.

    Args:
        first, second: the groups, from left to right; what room is left over is the first one's.
        margins_px: around them, at left and right.
    """

    def __init__(self, first: QLayout, second: QLayout, *, margins_px: int = 0) -> None:
        super().__init__()
        self._groups = (first, second)
        self._line = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._line.setContentsMargins(margins_px, 0, margins_px, 0)
        self._line.setSpacing(8)
        self._line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._line.addLayout(first, 1)
        self._line.addLayout(second)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the wider group."""
        least = [group.minimumSize().width() for group in self._groups]
        return QSize(max(least) + self._beside(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Puts the groups where there is room for them."""
        super().resizeEvent(event)
        together = sum(group.sizeHint().width() for group in self._groups) + self._line.spacing() + self._beside()
        fits = together <= self.width()
        self._line.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)

    def _beside(self) -> int:
        margins = self._line.contentsMargins()
        return margins.left() + margins.right()
