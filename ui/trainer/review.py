# SPDX-License-Identifier: Apache-2.0
"""The trainer's own look at a session: before the seal to answer and to seal, afterwards to read decisions and to reply.

The replay is the one that reviewers see; what stands around it is the trainer's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.appeal import left_to_open
from session.desks import SessionCase, TrainerDesk
from session.removal import twins
from ui.app import Program
from ui.notice import length_words
from ui.replay.acts import Act, Prover
from ui.replay.model import FindingMark
from ui.replay.pictures import decode
from ui.replay.window import ReplayWindow
from ui.trainer.parts import SayBox
from ui.trainer.telling import stage_words
from ui.unsent import Keeper
from ui.widgets import Banner, Busy, button, column_of, open_at

_WIDE, _HIGH = 1280, 860
WHOLE_PX: Final = 1 << 14
"""Taller than any screenshot: it is decoded as it is, so that an area lies where it was drawn."""
_DIGEST: Final = 64
"""Characters of a SHA-256 in hexadecimal."""
_TITLE: Final = "finding.{detector}.title"


class ReviewWindow(QWidget):
    """One session of the trainer's, opened.

    Args:
        named: the project's name, "" for a personal session.
        gone: called when the window is closed.
    """

    def __init__(
        self, program: Program, desk: TrainerDesk, case: SessionCase, *, named: str, gone: Callable[[], object]
    ) -> None:
        super().__init__()
        self._program, self._desk, self._case, self._named, self._gone = program, desk, case, named, gone
        self._words = program.words
        self._boxes: dict[int, SayBox] = {}
        self._replies: dict[str, SayBox] = {}
        self._drafts: dict[int | str, str] = {_about(key): text for key, text in desk.kept(case.session_id).items()}
        self._keeper = Keeper(self._keep)
        self._leaving = False
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._name()
        self._banner, self._busy = Banner(), Busy(self._words)
        self.replay = ReplayWindow(
            case,
            self._words,
            program.palette,
            finding_part=self._part,
            prover=Prover(lambda seq, file: desk.prove(case.session_id, seq, file), program.background),
            acts=self._acts,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(16, 12, 16, 4)
        self._not_yet = button(self._words("review.seal.back"), self._say_what_is_next)
        self._take_out = button(self._words("remove.open"), self._ask_what_to_take_out)
        self._cover = button(self._words("cover.open"), self._ask_what_to_cover)
        for widget in (self._take_out, self._cover, self._not_yet):
            self._banner.put_beside(widget)
        top.addWidget(self._banner)
        top.addWidget(self._busy)
        column.addLayout(top)
        self.replay.setWindowFlags(Qt.WindowType.Widget)
        column.addWidget(self.replay, 1)
        open_at(self, _WIDE, _HIGH)
        self._say_what_is_next()

    @property
    def session_id(self) -> str:
        """Whose replay it is."""
        return self._case.session_id

    @property
    def unsent(self) -> bool:
        """Whether an answer or a reply was begun here and not sent."""
        return any(box.unsent for box in (*self._boxes.values(), *self._replies.values()))

    @property
    def _open(self) -> bool:
        return self._case.verification is None

    def _name(self) -> None:
        self.setWindowTitle(self._words("review.window" if self._open else "review.window.sealed"))

    def _say_what_is_next(self) -> None:
        words = self._words
        self._not_yet.hide()
        self._offer_to_take_out()
        self._cover.setVisible(self._open and self.replay.has_screenshots)
        if self._open:
            key = "review.before" if self._named else "review.before.personal"
            self._banner.say(words(key), "ask", words("review.seal"), self._ask_to_seal)
        elif self._case.said is not None and self._case.said.decisions:
            self._banner.say(words("review.decided"), "ask")
            read = [one.sha256 for one in self._case.said.decisions]
            self._tried(lambda: self._desk.opened(self.session_id, read))
        else:
            self._banner.say(self._stage(), "good")

    def again(self) -> None:
        """Chosen once more where it is open already: once sealed, shows what became of it since."""
        if not self._open and self._busy.isHidden():
            self._program.background.run(lambda _watch: self._desk.case(self.session_id), self._as_it_is_now, self._failed)

    def _as_it_is_now(self, case: SessionCase) -> None:
        if isValid(self) and self._busy.isHidden():
            self._reloaded(case)
            self._say_what_is_next()

    def _offer_to_take_out(self) -> None:
        verified = self._case.verification is not None and self._case.verification.verified
        self._take_out.setVisible(self._open or (verified and self._case.reads_as == "trainer"))

    def _stage(self) -> str:
        card = next((one for one in self._desk.status().sessions if one.session_id == self.session_id), None)
        return stage_words(card, self._words) if card is not None and self._case.verification is not None else ""

    def _ask_to_seal(self) -> None:
        words, hold_s = self._words, self._case.policy.sending.hold_s
        when = words("review.seal.when", length=length_words(hold_s, words)) if hold_s else words("review.seal.now")
        text = words("review.seal.sure", project=self._named, when=when)
        if not self._named:
            text = words("review.seal.sure.personal")
        self._banner.say(text, "ask", words("review.seal.do"), self._seal)
        self._take_out.hide()
        self._cover.hide()
        self._not_yet.show()

    def _ask_what_to_take_out(self) -> None:
        from ui.trainer.remove import RemoveDialog  # noqa: PLC0415 - few sessions have something to take out

        moment = self.replay.shown()
        RemoveDialog(
            self._case.reader.events(),
            self._words,
            t_us=moment.t_us,
            span=self.replay.span,
            shots=[shot.seq for shot in moment.shots if not shot.removed],
            zone=self.replay.zone,
            remove=self._remove if self._open else self._remove_sealed,
            withheld=self._case.policy.withheld,
            why="remove.why" if self._open else "remove.sealed.why",
            parent=self,
        ).open()

    def _ask_what_to_cover(self) -> None:
        from ui.trainer.cover import CoverDialog  # noqa: PLC0415 - as above

        shot = next((one for one in self.replay.shown().shots if not one.removed), None)
        picture = decode(self._case.reader, shot.seq, WHOLE_PX) if shot is not None else "cover.no.picture"
        if shot is None or isinstance(picture, str):
            self._banner.say(self._words("cover.no.picture"), "ask", self._words("do.retry"), self._say_what_is_next)
            return
        seq = shot.seq
        CoverDialog(
            picture,
            self._words,
            self._program.palette,
            twins=len(twins(self._case.reader.events(), seq)) - 1,
            cover=lambda areas: self._changed("cover", lambda: self._desk.cover(self.session_id, seq, areas)),
            parent=self,
        ).open()

    def _acts(self) -> Sequence[Act]:
        """What the trainer can do once it is sealed: of a session of an organisation that withholds something, show it."""
        case = self._case
        if self._open or not self._named or not left_to_open(case.reader.events(), case.policy, case.opened):
            return ()
        return (Act(self._words("show.open"), self._ask_what_to_show),)

    def _ask_what_to_show(self, finding: int | None) -> None:
        from ui.trainer.disclose import DiscloseDialog  # noqa: PLC0415 - few sessions have something to show

        DiscloseDialog(
            self._case,
            self._words,
            project=self._named,
            t_us=self.replay.t_us,
            span=self.replay.span,
            finding=finding,
            zone=self.replay.zone,
            disclose=self._disclose,
            parent=self,
        ).open()

    def _disclose(self, ranges: Sequence[tuple[int, int]]) -> None:
        desk, session_id = self._desk, self.session_id

        def work(_watch: object) -> SessionCase:
            desk.disclose(session_id, ranges)
            return desk.case(session_id)

        def done(case: SessionCase) -> None:
            if isValid(self):
                self._busy.end()
                self._refresh(case)
                self._banner.say(self._words("show.done"), "good")

        self._banner.say("")
        self._busy.begin(self._words("show.doing"))
        self._program.background.run(work, done, self._failed)

    def _remove(self, ranges: Sequence[tuple[int, int]]) -> None:
        self._changed("remove", lambda: self._desk.remove(self.session_id, ranges))

    def _remove_sealed(self, ranges: Sequence[tuple[int, int]]) -> None:
        change = partial(self._desk.remove_sealed, self.session_id, ranges)
        self._changed("remove", change, done="remove.sealed.done")

    def _changed(self, what: str, change: Callable[[], object], *, done: str = "") -> None:
        """Changes the session for good, and shows what it is then. `what` names the words: `<what>.doing`, `<what>.done`.

        `done` names other words, of a session that is sealed already.
        """
        desk, session_id = self._desk, self.session_id

        def work(_watch: object) -> SessionCase:
            change()
            return desk.case(session_id)

        def changed(case: SessionCase) -> None:
            if not isValid(self):
                return  # closed meanwhile: it is gone all the same
            self._busy.end()
            self._refresh(case)
            if done:
                self._banner.say(self._words(done), "good")
            else:
                self._banner.say(self._words(f"{what}.done"), "ask", self._words("review.seal"), self._ask_to_seal)

        self._banner.say("")
        self._busy.begin(self._words(f"{what}.doing"))
        self._program.background.run(work, changed, self._failed)

    def _seal(self) -> None:
        if any(box.sending for box in self._boxes.values()):
            return  # the seal comes after all that was saved; the question stays for a moment
        unsent = {seq: box.unsent for seq, box in self._boxes.items() if box.unsent}
        desk, session_id = self._desk, self.session_id

        def work(_watch: object) -> SessionCase:
            for seq, text in unsent.items():  # what was typed and not saved is an answer, too
                desk.answer(session_id, seq, text)
            desk.seal(session_id)
            return desk.case(session_id)

        self._banner.say("")
        self._not_yet.hide()
        self._busy.begin(self._words("review.sealing"))
        self._program.background.run(work, self._sealed, self._failed)

    def _sealed(self, case: SessionCase) -> None:
        if not isValid(self):
            return  # closed meanwhile: the list says what became of it
        self._drafts = {}
        self._boxes = {}
        self._busy.end()
        self._refresh(case)
        self._keeper.touch()
        self._offer_to_take_out()
        self._banner.say(self._words("review.sealed", stage=self._stage() or self._words("stage.waiting")), "good")

    def _failed(self, fault: FairWitnessError) -> None:
        if not isValid(self):
            return
        self._busy.end()
        self._banner.say(self._words.fault(str(fault)), "problem", self._words("do.retry"), self._say_what_is_next)

    def _reload(self) -> None:
        self._program.background.run(lambda _watch: self._desk.case(self.session_id), self._reloaded, self._failed)

    def _reloaded(self, case: SessionCase) -> None:
        if not isValid(self) or any(box.sending for box in (*self._boxes.values(), *self._replies.values())):
            return  # what is on its way will ask again
        self._refresh(case)

    def _refresh(self, case: SessionCase) -> None:
        # The replay is built anew, its boxes too: what was typed in them and not sent goes into the new ones.
        self._drafts = {seq: box.unsent for seq, box in self._boxes.items()}
        self._drafts |= {sha256: box.unsent for sha256, box in self._replies.items()}
        self._case, self._boxes, self._replies = case, {}, {}
        self._name()
        self.replay.show_case(case)

    def _part(self, mark: FindingMark) -> QWidget | None:
        """What the trainer can say to this finding."""
        if self._open:
            return self._answer(mark)
        said = self._case.said
        replied = {one.decision_sha256 for one in said.replies} if said is not None else set()
        boxes = [
            self._reply(one.sha256, one.name)
            for one in (said.decisions if said is not None else ())
            if one.finding == mark.seq and one.sha256 not in replied
        ]
        return column_of(*boxes) if boxes else None

    def _answer(self, mark: FindingMark) -> QWidget:
        words, desk, session_id = self._words, self._desk, self.session_id
        title = words.of(_TITLE.format(detector=mark.detector), "finding.unknown.title")
        box = SayBox(
            words("answer.label"),
            words("answer.name", title=title),
            words("answer.save"),
            words,
            self._program.background,
            send=lambda text: desk.answer(session_id, mark.seq, text),
            done=self._reload,
            after=words("answer.saved"),
        )
        box.field.setPlainText(self._drafts.get(mark.seq, ""))
        box.field.textChanged.connect(self._keeper.touch)
        self._boxes[mark.seq] = box
        return box

    def _reply(self, decision_sha256: str, name: str) -> QWidget:
        words, desk, session_id = self._words, self._desk, self.session_id
        box = SayBox(
            words("reply.label"),
            words("reply.name", name=name),
            words("reply.send"),
            words,
            self._program.background,
            send=lambda text: desk.reply(session_id, decision_sha256, text),
            done=self._reload,
            after=words("reply.sent"),
        )
        box.field.setPlainText(self._drafts.get(decision_sha256, ""))
        box.field.textChanged.connect(self._keeper.touch)
        self._replies[decision_sha256] = box
        return box

    def _tried(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except FairWitnessError as fault:
            self._banner.say(self._words.fault(str(fault)))

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Closes, but asks first where something was written that is not saved.

        Where the program ends meanwhile, by a logout, nobody answers: then the words are kept on this computer.
        """
        self._keeper.flush()
        if not self._leaving and self.unsent:
            event.ignore()
            self._banner.say(self._words("review.unsent"), "ask", self._words("review.unsent.close"), self._leave)
            return
        super().closeEvent(event)
        self._gone()

    def _leave(self) -> None:
        self._leaving = True
        self._keeper.touch()
        self.close()

    def _keep(self) -> None:
        begun = {str(seq): box.unsent for seq, box in self._boxes.items()}
        begun |= {sha256: box.unsent for sha256, box in self._replies.items()}
        self._desk.keep(self.session_id, {} if self._leaving else begun)


def _about(key: str) -> int | str:
    """What kept words are about: a finding by its seq, or a decision by its SHA-256."""
    return int(key) if key.isdecimal() and len(key) < _DIGEST else key
