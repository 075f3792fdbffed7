# SPDX-License-Identifier: Apache-2.0
"""The reviewer's window: the list, and one session at a time in its place. All that takes long runs beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from session import FairWitnessError, PlatformFault
from session.desks import ReviewDesk, ReviewRow
from ui.background import Background, Task
from ui.desk.decisions import Decisions, Opened
from ui.desk.queue import QueuePage
from ui.desk.rows import when_words
from ui.desk.session import MakeReplay, Replay, SessionPage
from ui.ends import asking_words
from ui.scrolled import Notices
from ui.strings import Words
from ui.widgets import Banner, Busy, open_at

RETRY_MS: Final = 30_000
"""How soon a list that was not to be had is asked for again by itself: a person who waits looks up about as often."""


class ReviewWindow(QMainWindow):
    """A reviewer at work.

    Args:
        desk: what stands behind it.
        words: of the language.
        background: where the desk's long answers are waited for.
        make_replay: how a session is shown.
        closed: called when the person closes the window.
        zone: None for this computer's.
    """

    def __init__(  # noqa: PLR0913 - a desk, and what every window is given
        self,
        desk: ReviewDesk,
        words: Words,
        *,
        background: Background,
        make_replay: MakeReplay,
        closed: Callable[[], object],
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__()
        self._desk, self._words, self._background = desk, words, background
        self._make_replay, self._closed, self._zone = make_replay, closed, zone
        self._asking: Task | None = None
        self._opening: Task | None = None
        self._order: tuple[str, ...] = ()
        self._warned = False
        self.again = QTimer(self)
        self.again.setSingleShot(True)
        self.again.timeout.connect(self.refresh)
        self._open_row: ReviewRow | None = None
        self.setWindowTitle(words("desk.window"))
        self.queue = QueuePage(desk.owner(), words, open_session=self.open_from_list, refresh=self.refresh, zone=zone)
        self.decisions = Decisions(desk, background, words, sent=self._decided)
        self.page = SessionPage(words, back=self.show_list, decide=self.decisions.go_to_next, step=self.step)
        self.banner, self.due, self.contradicted, self.busy = Banner(), Banner(), Banner(), Busy(words)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.queue)
        self._stack.addWidget(self.page)
        whole = QWidget()
        whole.setProperty("role", "page")
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above = (self.contradicted, self.banner, self.busy)
        self.queue.put_above(self.due)  # what ends in some days leaves the room to a session that is open
        column.addSpacing(6)
        column.addWidget(Notices(words("desk.window"), *above, margins_px=12))
        column.addWidget(self._stack, 1)
        self.setCentralWidget(whole)
        open_at(self, 1280, 760)

    @property
    def shows_list(self) -> bool:
        """Whether the list is shown, and no session."""
        return self._stack.currentWidget() is self.queue

    def refresh(self) -> None:
        """Asks for the list; what is listed stays until the answer is here."""
        if self._asking is not None:
            return
        self.queue.banner.say("")
        self.busy.begin(self._words("desk.loading"), self._stop_asking)
        self._asking = self._background.run(lambda _watch: self._desk.queue(), done=self._listed, failed=self._away)

    def open_from_list(self, row: ReviewRow) -> None:
        """Opens a session of the list; the list's order now is the order of previous and next."""
        self._order = tuple(one.session_id for one in self.queue.chosen.shown())
        self._open(row)

    def step(self, by: int) -> None:
        """Opens the session so many places further than the one that is open, where there is one."""
        if self._open_row is None:
            return
        at = self._order.index(self._open_row.session_id) + by
        rows = {one.session_id: one for one in self.queue.model.rows}
        if 0 <= at < len(self._order) and self._order[at] in rows:
            self._open(rows[self._order[at]])

    def show_list(self) -> None:
        """Back to the list, where the session that was open is selected."""
        if self._open_row is not None:
            self.queue.select(self._open_row.session_id)
        self._stack.setCurrentWidget(self.queue)
        self.queue.focus_list()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Closes, but asks first where something was written that is not signed."""
        if self.decisions.unsaved() and not self._warned:
            self._warned = True
            event.ignore()
            close = self._words("decide.unsent.close")
            self.banner.say(self._words("decide.unsent"), "ask", close, self.close)
            return
        super().closeEvent(event)
        self.decisions.forget()  # words that were kept of sessions which were not opened stay
        self._closed()

    # --- the list

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asked()

    def _asked(self) -> None:
        self._asking = None
        if self._opening is None:
            self.busy.end()

    def _listed(self, rows: Sequence[ReviewRow]) -> None:
        self._asked()
        self.again.stop()
        self.queue.show_rows(rows)
        self._show_standing()
        if self.shows_list:
            self.queue.focus_list()

    def _show_standing(self) -> None:
        """What holds for all sessions, as far as this computer knows: also where the platform is away.

        That it contradicted itself stays there for as long as the evidence: its next answer takes nothing back.
        """
        words, what = self._words, self._desk.contradicted()
        lie = (words.of(f"desk.contradicted.{what}", "desk.contradicted.other"), words("desk.contradicted.kept"))
        self.contradicted.say(" ".join(lie) if what else "")
        names = {row.project: row.project_name for row in self.queue.model.rows}
        self.due.say(asking_words(self._desk.due(), names, self._words, self._zone), "ask")

    def _away(self, fault: FairWitnessError) -> None:
        self._asked()
        self._show_standing()
        lied = isinstance(fault, PlatformFault)
        why = "" if lied else self._words.fault(str(fault))  # what stands there says it already
        if self.queue.known:
            why = self._words("desk.stale", why=why).strip()
        self.queue.banner.say(why, "ask", self._words("do.retry"), self.refresh)
        self.again.start(RETRY_MS)

    # --- a session

    def _open(self, row: ReviewRow) -> None:
        if self._opening is not None:
            self._opening.cancel()
        self.banner.say("")
        said = {"name": row.name, "when": when_words(row.started_us, self._words, self._zone)}
        self.busy.begin(self._words("desk.opening", **said), self._stop_opening)

        def progressed(done: int, of: int) -> None:
            if done >= of:  # all is here; what comes now has no steps
                self.busy.begin(self._words("desk.opening.checked", **said), self._stop_opening)
            else:
                self.busy.step(done, of)

        self._opening = self._background.run(
            lambda watch: Opened.of(self._desk.case(row.session_id, watch)),
            done=lambda opened: self._opened(row, opened),
            failed=lambda fault: self._unopened(row, fault),
            progress=progressed,
        )

    def _stop_opening(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        self._opening = None

    def _opened(self, row: ReviewRow, opened: Opened) -> None:
        self._opening, self._warned = None, False
        self.busy.end()
        row = self._now(row, opened)
        self.queue.change(row)
        self._open_row = row
        at = self._order.index(row.session_id)
        self._stack.setCurrentWidget(self.page)
        self.page.show_session(row, opened, lambda: self._replay_of(opened), number=at + 1, of=len(self._order))

    def _replay_of(self, opened: Opened) -> Replay:
        # parts are made anew when a decision came, so they are of what the page shows then
        return self._make_replay(opened.case, lambda mark: self.decisions.form(self.page.opened or opened, mark))

    def _unopened(self, row: ReviewRow, fault: FairWitnessError) -> None:
        self._opening = None
        self.busy.end()
        self._show_standing()
        words = self._words("desk.unopened", name=row.name, why=self._words.fault(str(fault)))
        self.banner.say(words, "problem", self._words("do.retry"), lambda: self._open(row))

    def _decided(self, opened: Opened, finding: int) -> None:
        row = next((one for one in self.queue.model.rows if one.session_id == opened.case.session_id), None)
        if row is not None:
            self.queue.change(self._now(row, opened))
        if self._open_row is not None and self._open_row.session_id == opened.case.session_id:
            self.decisions.show_decided(finding, lambda: self.page.show_anew(opened))

    def _now(self, row: ReviewRow, opened: Opened) -> ReviewRow:
        """The row of a session that was just opened or decided on."""
        said = opened.case.said
        decisions = len({one.finding for one in said.decisions}) if said is not None else row.decisions
        replies = len(said.replies) if said is not None else row.replies
        return msgspec.structs.replace(row, read=True, here=True, decisions=decisions, replies=replies)
