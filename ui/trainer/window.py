# SPDX-License-Identifier: Apache-2.0
"""The state window: what is going on, what can be done, and what became of earlier sessions.

Where a desktop has no tray it is the visible sign, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from session.desks import CodeState, ProjectChoice, SessionCard, Stage, TrainerState, TrainerStatus
from ui.ends import day_words
from ui.scrolled import Flow, Scrolled
from ui.strings import Words
from ui.trainer.icons import state_icon
from ui.trainer.telling import (
    card_title,
    contradiction_words,
    ending_words,
    gap_words,
    none_words,
    overlap_words,
    stage_words,
    state_words,
    time_words,
)
from ui.trainer.verbs import Offer, Verb, named, offers, runs, waits_for_admission
from ui.widgets import Banner, button, card, emptied, label, line, open_at, row

_ICON_PX = 56
_LEAST = QSize(420, 240)
"""The state, and two lines of buttons or words below it. Source: looked at on 1366x768 at 200 in the hundred."""
_PRIMARY = frozenset({Verb.START, Verb.RESUME})
_QUIET = frozenset({Verb.DECLARE, Verb.NOTE, Verb.ASSISTANCE, Verb.JOIN, Verb.CODE, Verb.DEVICE})


class TodayWindow(QWidget):
    """See the module.

    Args:
        act: called with what was chosen.
        review: called with a session's id; `send_now` likewise.
        seen: called whenever it becomes visible or hidden.
        closing: asked when the person closes it; False keeps it.
    """

    def __init__(  # noqa: PLR0913 - the five things that a person can do here, each by name
        self,
        words: Words,
        *,
        act: Callable[[Offer], object],
        review: Callable[[str], object],
        send_now: Callable[[str], object],
        seen: Callable[[], object],
        closing: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._words, self._act, self._review, self._send_now = words, act, review, send_now
        self._seen, self._closing = seen, closing
        self._offered: tuple[Offer, ...] = ()
        self._cards: tuple[object, ...] | None = None
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(words("tray.name"))
        self.setAccessibleName(words("tray.name"))
        open_at(self, 540, 640)
        self.setMinimumSize(_LEAST)
        self.banner, self.ask, self.told, self.code, self.contradicted = Banner(), Banner(), Banner(), Banner(), Banner()
        self.due, self.begun, self.rates = Banner(), Banner(), Banner()
        self._leave: Callable[[], object] = lambda: None
        self._build()

    def _build(self) -> None:
        self._sign = QLabel()
        self._sign.setFixedSize(_ICON_PX, _ICON_PX)
        self._state, self._time, self._why = label("", "state"), label("", "heading"), label("", "quiet")
        self._state.setWordWrap(False)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        told = QVBoxLayout()
        told.setSpacing(2)
        for widget in (self._state, self._time, self._why):
            told.addWidget(widget)
        head.addLayout(told, 1)
        self._verbs, self._quiet_verbs = Flow(), Flow()
        self._gaps = label("", "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 14)
        column.setSpacing(12)
        column.addLayout(head)
        self._area = Scrolled(self._words("tray.name"), spacing_px=12)  # all but the state, which is always in sight
        column.addWidget(self._area, 1)
        column = self._area.column
        # What can be done stands before what is told: on a small screen nobody scrolls to pause.
        for part in (self._question(), self.told, self._verbs, self._quiet_verbs):
            column.addWidget(part)
        for part in (self.contradicted, self.banner, self.due, self.ask, self.begun, self.code, self.rates):
            column.addWidget(part)
        column.addWidget(self._gaps)
        column.addWidget(line())
        column.addWidget(label(self._words("today.sessions"), "heading"))
        column.addWidget(self._list())
        column.addStretch(1)
        self._foot = label("", "quiet")
        column.addWidget(self._foot)

    def _question(self) -> QWidget:
        """Whether to end a session that runs; hidden while nobody asked."""
        words = self._words
        self._leaving, column = card("ask")
        self._leaving.setAccessibleName(words("today.quit"))
        self._stay = button(words("today.quit.stay"), self._leaving.hide)
        column.addWidget(label(words("today.quit")))
        column.addLayout(row(button(words("today.quit.do"), self._left), self._stay, None))
        self._leaving.hide()
        return self._leaving

    def _left(self) -> None:
        self._leave()

    def _list(self) -> QWidget:
        page = QWidget()
        self._sessions = QVBoxLayout(page)
        self._sessions.setContentsMargins(0, 0, 0, 0)
        self._sessions.setSpacing(8)
        page.setAccessibleName(self._words("today.sessions"))
        return page

    def tell(self, text: str, role: str = "problem") -> None:
        """What came of something that was chosen; stays while the status changes, until it is closed. "" takes it away."""
        close = self._words("do.close") if role == "problem" else ""
        self.told.say(text, role, close, lambda: self.told.say(""))
        if text:
            self._area.verticalScrollBar().setValue(0)

    def remind(self, offer: Offer | None) -> None:
        """Says that something was begun and not added to the record, and goes on with it by `offer`; None: nothing was."""
        if offer is None:
            self.begun.say("")
        else:
            self.begun.say(self._words("today.begun"), "card", offer.words, lambda: self._act(offer))

    def ask_to_leave(self, leave: Callable[[], object]) -> None:
        """Asks whether to end the session that runs; stays until it is answered or the session has ended."""
        self._leave = leave
        self._leaving.show()
        self._area.verticalScrollBar().setValue(0)
        self._stay.setFocus()

    def show_status(self, status: TrainerStatus, projects: Sequence[ProjectChoice]) -> None:
        """Shows this state; buttons and cards are made anew only where they changed, so that focus stays."""
        words = self._words
        self._sign.setPixmap(state_icon(status.state, offline=status.offline).pixmap(QSize(_ICON_PX, _ICON_PX)))
        state = state_words(status, words)
        time = time_words(status, words, named(status.project, projects))
        self._state.setText(state)
        self._state.setAccessibleName(state)
        self._time.setText(time)
        self._time.setVisible(bool(time))
        admission = waits_for_admission(status, projects)
        self._why.setText(words("today.waits" if admission else f"why.{status.state}"))
        self.setAccessibleDescription(" ".join(part for part in (state, time, self._why.text()) if part))
        self._tell(status)
        self.due.say(ending_words(status, projects, words), "ask")
        if not runs(status):
            self._leaving.hide()
        self._offer(tuple(one for one in offers(status, projects, words) if one.verb is not Verb.RATES))  # has a line below
        gaps = [gap_words(one, words) for one in status.open_gaps if not one.startswith(("session", "witness"))]
        self._gaps.setText(f"{words('today.unobserved')}: {'; '.join(gaps)}" if gaps else "")
        self._gaps.setVisible(bool(gaps))
        if status.organisation:
            self._foot.setText(words("today.organisation", organisation=status.organisation, person=status.person))
        elif status.state not in (TrainerState.STARTING, TrainerState.PROBLEM):
            self._foot.setText(words("today.personal"))
        self._list_sessions(status.sessions, projects, none_words(status, projects))

    def _tell(self, status: TrainerStatus) -> None:
        lie = contradiction_words(status, self._words)
        self.contradicted.say(" ".join(lie), "problem" if lie else "card")
        if status.offline and not status.message:
            self.banner.say(self._words("today.offline"), "card")
        else:
            self.banner.say(self._words.fault(status.message), "problem" if status.state is TrainerState.PROBLEM else "card")
        if status.asks and status.state is TrainerState.RECORDING:
            offer = Offer(Verb.DECLARE, self._words("do.declare"))
            self.ask.say(self._words("today.ask"), "ask", offer.words, lambda: self._act(offer))
        else:
            self.ask.say("")
        self._remind(status)

    def _remind(self, status: TrainerStatus) -> None:
        """Of a recovery code that nobody has on paper, and of a report that waits; not while a session runs."""
        words = self._words
        if status.state is TrainerState.IDLE and status.report_until_us:
            sums, until = Offer(Verb.RATES, words("today.rates.do")), day_words(status.report_until_us, words)
            self.rates.say(words("today.rates", until=until), "card", sums.words, lambda: self._act(sums))
        else:
            self.rates.say("")
        if status.state is not TrainerState.IDLE or status.code in (CodeState.UNKNOWN, CodeState.CONFIRMED):
            self.code.say("")
        elif status.code is CodeState.NONE:
            self.code.say(words("today.code.none"), "card")
        else:
            offer = Offer(Verb.CODE, words("today.code.show"))
            self.code.say(words("today.code.unconfirmed"), "card", offer.words, lambda: self._act(offer))

    def _offer(self, offered: tuple[Offer, ...]) -> None:
        if offered == self._offered:
            return
        self._offered = offered
        held = self.focusWidget()
        focused = held in (None, self._area) or held.property("verb") is not None
        first: list[QPushButton] = []
        rest: list[QPushButton] = []
        for offer in offered:
            role = "primary" if offer.verb in _PRIMARY and not first else ""
            made = button(offer.words, lambda chosen=offer: self._act(chosen), role)  # type: ignore[misc] # binds
            made.setProperty("verb", offer.verb.value)
            quiet = offer.verb in _QUIET
            (rest if quiet else first).append(made)
        self._verbs.put(first)
        self._quiet_verbs.put(rest)
        if focused and first:
            first[0].setFocus()

    def _list_sessions(self, cards: Sequence[SessionCard], projects: Sequence[ProjectChoice], none: str) -> None:
        shown = (tuple(cards), tuple(projects), "" if cards else none)
        if shown == self._cards:
            return
        self._cards = shown
        emptied(self._sessions)
        if not cards:
            self._sessions.addWidget(label(self._words(none), "quiet"))
        for one in cards:
            self._sessions.addWidget(self._session(one, projects))

    def _session(self, one: SessionCard, projects: Sequence[ProjectChoice]) -> QWidget:
        words = self._words
        frame, column = card("ask" if one.stage is Stage.REVIEW or one.unread else "card")
        title = card_title(one, words)
        name = named(one.project, projects) if one.project else words("card.personal")
        column.addWidget(label(f"{name}: {title}"))
        stage = label(stage_words(one, words), "good" if one.stage is Stage.CONFIRMED else "quiet")
        column.addWidget(stage)
        shared = overlap_words(one, words)
        if shared:
            column.addWidget(label(shared, "quiet"))
        if one.unread:
            column.addWidget(label(words.count("card.unread", one.unread), "ask"))
        if one.message and one.stage is not Stage.CONFIRMED:
            column.addWidget(label(words.fault(one.message), "quiet"))
        review = one.stage is Stage.REVIEW
        opened = button(
            words("do.review" if review else "do.look"),
            lambda: self._review(one.session_id),
            "primary" if review else "",
            name=f"{words('do.review' if review else 'do.look')}: {title}",
        )
        actions = [opened]
        if one.stage in (Stage.HELD, Stage.REFUSED):
            text = words("do.send-now" if one.stage is Stage.HELD else "do.retry")
            actions.append(button(text, lambda: self._send_now(one.session_id), name=f"{text}: {title}"))
        column.addLayout(row(*actions, None))
        frame.setAccessibleName(f"{name}: {title}. {stage.text()} {shared}".strip())
        return frame

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """A minimised window is no sign."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self._seen()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """A visible window is a sign."""
        super().showEvent(event)
        self._seen()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """A hidden window is none."""
        super().hideEvent(event)
        self._seen()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Asks whoever made it."""
        if self._closing():
            event.accept()
        else:
            event.ignore()
