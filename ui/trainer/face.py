# SPDX-License-Identifier: Apache-2.0
"""What puts the trainer's pieces together: the sign, the window, and the windows that open from them.

Rules:

1. The desk is told at once when the sign comes or goes: without one nothing is observed.
2. What a person chose and what the desk says to it are shown in the window, never in a dialog that blocks.
3. Windows that load much (replay, notice, joining) are loaded when they are opened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog

from session import FairWitnessError
from session.desks import RUNNING, ProjectChoice, SessionCase, TrainerDesk, TrainerState, TrainerStatus
from ui.app import Program
from ui.bridge import Latest
from ui.trainer.forms import NOTE, PURPOSE, TOOL, AssistanceForm, DeclareForm, Form, NoteForm
from ui.trainer.icons import state_icon
from ui.trainer.tray import Tray
from ui.trainer.verbs import Offer, Verb, named, runs
from ui.trainer.window import TodayWindow
from ui.unsent import Begun

if TYPE_CHECKING:
    from ui.trainer.review import ReviewWindow

LOOK_MS: Final = 2_000
"""How often the tray is looked for: a panel may start after us, or end."""


class Face:
    """The trainer's desk on the screen.

    Args:
        program: the Qt program around it.
        desk: what stands behind.
    """

    def __init__(self, program: Program, desk: TrainerDesk) -> None:
        self._program, self._desk, self._words = program, desk, program.words
        self._status: TrainerStatus = desk.status()
        self._projects: Sequence[ProjectChoice] = ()
        self._leaving = False
        self._visible: bool | None = None
        self._dialog: QDialog | None = None
        self._reviews: dict[str, ReviewWindow] = {}
        self._begun = Begun(desk.kept(RUNNING), lambda words: desk.keep(RUNNING, words))
        self.window = TodayWindow(
            program.words,
            act=self.act,
            review=self.review,
            send_now=lambda session: self._tried(lambda: desk.send_now(session)),
            seen=self._look,
            closing=self._may_close,
        )
        program.app.setWindowIcon(QIcon.fromTheme("fairwitness", state_icon(TrainerState.RECORDING)))
        self.tray = Tray(program.words, act=self.act, review=self.review, window=self.open, leave=self.leave)
        self._looks = QTimer()
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        latest = Latest(program.bridge, self._changed)
        desk.listen(latest.tell)

    def begin(self) -> None:
        """Shows the sign; the desk begins with it."""
        self._show(self._status)
        if not self.tray.available:
            self.window.show()
        self._look()
        self._looks.start()

    def open(self) -> None:
        """Brings the window to the front."""
        self.window.showNormal()
        self.window.raise_()
        self.window.activateWindow()

    def leave(self) -> None:
        """Quits; where a session runs, the window asks first, and before it each window with words that were not sent."""
        if self._unsent_is_asked_about():
            return
        if not runs(self._status):
            self._quit()
            return
        self.open()
        self.window.ask_to_leave(self._quit)

    def act(self, offer: Offer) -> None:
        """Does what was chosen in tray or window."""
        desk = self._desk
        verbs: dict[Verb, Callable[[], object]] = {
            Verb.START: lambda: self._start(offer.about),
            Verb.PAUSE: desk.pause,
            Verb.PRIVATE: desk.private,
            Verb.RESUME: desk.resume,
            Verb.STOP: desk.stop,
            Verb.DECLARE: lambda: self._ask(DeclareForm(desk.declare, self._words, self._begun)),
            Verb.NOTE: lambda: self._ask(NoteForm(desk.note, self._words, self._begun)),
            Verb.ASSISTANCE: lambda: self._ask(AssistanceForm(desk.assistance(), desk.declare_here, self._words)),
            Verb.JOIN: lambda: self.join(""),
            Verb.CODE: self.show_code,
            Verb.DEVICE: self._add_device,
            Verb.RATES: self._show_rates,
        }
        self._tried(verbs[offer.verb])

    def review(self, session_id: str) -> None:
        """Opens a session: to look through, or to read what was decided."""
        if session_id in self._reviews:
            self._reviews[session_id].raise_()
            self._reviews[session_id].activateWindow()
            self._reviews[session_id].again()
            return
        self.open()
        self.window.tell(self._words("review.opening"), "card")
        self._program.background.run(lambda _watch: self._desk.case(session_id), self._opened, self._failed)

    def join(self, link: str) -> None:
        """Opens the window in which this computer joins an organisation."""
        from ui.trainer.enrol import JoinDialog  # noqa: PLC0415 - once in a computer's life

        self._ask(JoinDialog(self._program, self._desk, link, elsewhere=self._ask_device, joined=self._joined))

    def show_code(self) -> None:
        """Opens the window with the person's recovery code."""
        from ui.trainer.code import CodeDialog  # noqa: PLC0415 - seldom

        self._ask(CodeDialog(self._program, self._desk))

    def tell(self, text: str) -> None:
        """Says a sentence in the window and, where there is one, by the tray."""
        self.window.tell(text)
        if self.tray.available and not self.window.isVisible():
            self.tray.tell(text)

    def close(self) -> None:
        """Takes everything from the screen; what is being written is kept."""
        self._leaving = True
        self._looks.stop()
        self._put_aside()
        self.tray.close()
        for window in (*self._reviews.values(), self.window):
            window.close()

    # --- inside

    def _unsent_is_asked_about(self) -> bool:
        """Whether a window holds words that quitting would lose; it is in front then, and asks."""
        if isinstance(self._dialog, Form) and self._dialog.unsent:
            self._dialog.ask_to_close()
            return True
        for window in tuple(self._reviews.values()):
            if window.unsent:
                window.close()  # asks, and stays
                window.showNormal()
                window.raise_()
                window.activateWindow()
                return True
        return False

    def _start(self, project: str) -> None:
        due = self._desk.notice_due(project)
        if due is None:
            self._desk.start(project)
            return
        from ui.trainer.notice import NoticeDialog  # noqa: PLC0415 - before the first session under a policy only

        def read(sha256: str) -> None:
            self._desk.acknowledge(due, sha256, self._words.language)
            self._desk.start(project)

        self._ask(NoticeDialog(due, read, self._words))

    def _joined(self) -> None:
        self.show_code()  # what comes then, the window says by itself: waiting for the organisation, or Start

    def _add_device(self) -> None:
        from ui.trainer.device import AddDevice  # noqa: PLC0415 - seldom

        self._ask(AddDevice(self._program, self._desk))

    def _show_rates(self) -> None:
        from ui.trainer.rates import RatesDialog  # noqa: PLC0415 - once in four weeks

        self._ask(RatesDialog(self._program, self._desk, self._projects))

    def _ask_device(self) -> None:
        from ui.trainer.device import AskDevice  # noqa: PLC0415 - once in a computer's life

        self._ask(AskDevice(self._program, self._desk))

    def _ask(self, dialog: QDialog) -> None:
        self._put_aside()
        self._dialog = dialog
        dialog.finished.connect(lambda _code: self._answered(dialog))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        self._remind()

    def _put_aside(self) -> None:
        if isinstance(self._dialog, Form):
            self._dialog.put_aside()
        elif self._dialog is not None:
            self._dialog.reject()

    def _answered(self, dialog: QDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None
            self._remind()

    def _remind(self) -> None:
        """Of words that were begun and not added, where they can be: nobody remembers them after a logout."""
        uses = (Verb.NOTE, (NOTE,)), (Verb.DECLARE, (TOOL, PURPOSE))
        verbs = [verb for verb, fields in uses if any(self._begun.of(one) for one in fields)]
        able = self._status.state in {TrainerState.RECORDING, TrainerState.PAUSED} and not isinstance(self._dialog, Form)
        self.window.remind(Offer(verbs[0], self._words("today.begun.do")) if verbs and able else None)

    def _opened(self, case: SessionCase) -> None:
        from ui.trainer.review import ReviewWindow  # noqa: PLC0415 - the replay is heavy

        self.window.tell("")
        self._show(self._desk.status())
        card = next((one for one in self._status.sessions if one.session_id == case.session_id), None)
        project = card.project if card is not None else ""

        def gone() -> None:
            self._reviews.pop(case.session_id, None)

        window = ReviewWindow(self._program, self._desk, case, named=named(project, self._projects), gone=gone)
        self._reviews[case.session_id] = window
        window.show()

    def _failed(self, fault: FairWitnessError) -> None:
        self.tell(self._words.fault(str(fault)))

    def _tried(self, verb: Callable[[], object]) -> None:
        self.window.tell("")
        try:
            verb()
        except FairWitnessError as fault:
            self.open()
            self.tell(self._words.fault(str(fault)))

    def _changed(self, status: object) -> None:
        if isinstance(status, TrainerStatus):
            self._show(status)

    def _show(self, status: TrainerStatus) -> None:
        self._status = status
        self._projects = self._desk.projects()
        self.window.show_status(status, self._projects)
        self._remind()
        self.tray.show(status, self._projects)

    def _look(self) -> None:
        """Whether the person can see the state; with no tray the window comes."""
        tray = self.tray.available
        if not tray and not self.window.isVisible() and not self._leaving:
            self.window.show()
        visible = tray or (self.window.isVisible() and not self.window.isMinimized())
        if visible != self._visible and not self._leaving:
            self._visible = visible
            self._desk.show_sign(visible=visible)

    def _may_close(self) -> bool:
        if self._leaving or self.tray.available:
            return True
        self.leave()  # without a tray the window is the sign, and closing it is quitting
        return False

    def _quit(self) -> None:
        self._program.quit()
