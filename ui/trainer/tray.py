# SPDX-License-Identifier: Apache-2.0
"""The icon in the tray: always the state, and what can be done, over StatusNotifierItem and over XEmbed alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from session.desks import ProjectChoice, SessionCard, Stage, TrainerStatus
from ui.strings import Words
from ui.trainer.icons import state_icon
from ui.trainer.telling import card_title, contradiction_words, ending_words, state_words, time_words
from ui.trainer.verbs import SELDOM, Offer, named, offers

_CLICKS = (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick)
_REVIEWS = 5


class Tray(QObject):
    """The sign, where the desktop has a tray.

    Args:
        act: called with what was chosen.
        review: called with a session's id.
        window, leave: open the window; quit.
    """

    def __init__(
        self,
        words: Words,
        *,
        act: Callable[[Offer], object],
        review: Callable[[str], object],
        window: Callable[[], object],
        leave: Callable[[], object],
    ) -> None:
        super().__init__()
        self._words, self._act, self._review = words, act, review
        self._window, self._leave = window, leave
        self._menu = QMenu()
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._clicked)
        self._shown: tuple[object, ...] = ()
        self._looks: tuple[object, ...] = ()

    @property
    def available(self) -> bool:
        """Whether the desktop has a tray now and the icon is in it."""
        return QSystemTrayIcon.isSystemTrayAvailable() and self.icon.isVisible()

    def show(self, status: TrainerStatus, projects: Sequence[ProjectChoice]) -> None:
        """Shows this state. The menu is changed only where it must be: a person may be looking at it."""
        project = named(status.project, projects)
        looks = (status.state, status.offline)
        if looks != self._looks:
            self._looks = looks
            self.icon.setIcon(state_icon(status.state, offline=status.offline))
        first = state_words(status, self._words)
        time = time_words(status, self._words, project)
        lines = [line for line in (self._words("tray.name"), first, time, self._words.fault(status.message)) if line]
        lines += contradiction_words(status, self._words)[:1]
        lines += [line for line in (ending_words(status, projects, self._words),) if line]
        self.icon.setToolTip("\n".join(lines))
        offered = tuple(one for one in offers(status, projects, self._words) if one.verb not in SELDOM)
        waiting = tuple(card for card in status.sessions if card.stage is Stage.REVIEW)[:_REVIEWS]
        shown = (first, offered, tuple(card.session_id for card in waiting))
        if shown != self._shown:
            self._shown = shown
            self._fill(first, offered, waiting)
        if not self.icon.isVisible():
            self.icon.show()

    def tell(self, text: str) -> None:
        """One sentence, as the desktop shows such."""
        self.icon.showMessage(self._words("tray.name"), text, self.icon.icon())

    def close(self) -> None:
        """Takes the icon away."""
        self.icon.hide()

    def _fill(self, state: str, offered: Sequence[Offer], waiting: Sequence[SessionCard]) -> None:
        menu = self._menu
        menu.clear()
        line = menu.addAction(state)
        line.setEnabled(False)
        menu.addSeparator()
        for offer in offered:
            self._add(offer.words, lambda chosen=offer: self._act(chosen))  # type: ignore[misc] # binds
        if waiting:
            menu.addSeparator()
            for card in waiting:
                title = f"{self._words('do.review')}: {card_title(card, self._words)}"
                self._add(title, lambda session=card.session_id: self._review(session))  # type: ignore[misc] # binds
        menu.addSeparator()
        self._add(self._words("do.window"), self._window)
        self._add(self._words("do.quit"), self._leave)
        if menu.isVisible():
            self._stay_on_screen()

    def _stay_on_screen(self) -> None:
        """An open menu that grew keeps its place on the screen; Qt moves one only where it opens it."""
        screen, size = self._menu.screen().availableGeometry(), self._menu.sizeHint()
        left = max(screen.left(), min(self._menu.x(), screen.right() - size.width() + 1))
        top = max(screen.top(), min(self._menu.y(), screen.bottom() - size.height() + 1))
        self._menu.setGeometry(left, top, size.width(), size.height())

    def _add(self, text: str, chosen: Callable[[], object]) -> None:
        action = QAction(text, self._menu)
        action.triggered.connect(lambda _checked=False: chosen())
        self._menu.addAction(action)

    def _clicked(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _CLICKS:
            self._window()
