# SPDX-License-Identifier: Apache-2.0
"""The decisions that are being written and sent, apart from the widgets that show them: those come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from session import FairWitnessError
from session.desks import ReviewDesk, SessionCase
from session.events import Event, FindingRecord
from session.findings import State
from session.ports import SessionReader
from session.verify.said import Decided
from ui.background import Background
from ui.desk.decide import DecisionForm, Draft
from ui.replay.model import FindingMark
from ui.strings import Words
from ui.unsent import Keeper


class HeldReader:
    """A `SessionReader` whose records were opened once: windows ask for all of them several times, on Qt's thread."""

    def __init__(self, reader: SessionReader) -> None:
        self._reader, self._events = reader, tuple(reader.events())

    @property
    def session_id(self) -> str:
        """See `SessionReader`."""
        return self._reader.session_id

    def events(self) -> Sequence[Event]:
        """See `SessionReader`."""
        return self._events

    def image(self, seq: int) -> bytes | None:
        """See `SessionReader`."""
        return self._reader.image(seq)


class Opened(msgspec.Struct, frozen=True):
    """A session as the desk gave it, and the findings in it that ask something, by seq."""

    case: SessionCase
    asking: dict[int, FindingRecord]

    @classmethod
    def of(cls, case: SessionCase) -> Opened:
        """May take long: every record is opened once."""
        held = HeldReader(case.reader)
        case = msgspec.structs.replace(case, reader=held)
        bodies = ((event.seq, event.body) for event in held.events())
        asking = {
            seq: body
            for seq, body in bodies
            if isinstance(body, FindingRecord) and body.state == State.RAISED and not body.shadow
        }
        return cls(case, asking)

    def decided_on(self, finding: int) -> tuple[Decided, ...]:
        """What was decided on one finding, oldest first."""
        said = self.case.said
        return tuple(one for one in said.decisions if one.finding == finding) if said is not None else ()

    @property
    def settled(self) -> int:
        """How many of the findings that ask were decided on."""
        return sum(bool(self.decided_on(seq)) for seq in self.asking)


class Decisions:
    """Drafts by session and finding, and the way to the desk.

    Args:
        desk: signs and sends.
        background: where that runs.
        words: of the language.
        sent: called with a session, and the finding, once a decision on it stands.
    """

    def __init__(
        self,
        desk: ReviewDesk,
        background: Background,
        words: Words,
        *,
        sent: Callable[[Opened, int], object],
    ) -> None:
        self._desk, self._background, self._words, self._sent = desk, background, words, sent
        self._shown: dict[int, DecisionForm] = {}  # of the session that is open
        self._drafts: dict[tuple[str, int], Draft] = {}
        self._touched: set[str] = set()  # sessions of which words changed since they were kept
        self._keeper = Keeper(self._keep)

    def unsaved(self) -> bool:
        """Whether anything was written that is not sent."""
        return any(draft.reason.strip() for draft in self._drafts.values())

    def forget(self) -> None:
        """Gives up all that was written and not sent."""
        for session_id, _finding in self._drafts:
            self._touch(session_id)
        self._drafts.clear()
        self._keeper.flush()

    def keep_now(self) -> None:
        """Keeps on this computer what was written and not sent, before the program ends."""
        self._keeper.flush()

    def _touch(self, session_id: str) -> None:
        self._touched.add(session_id)
        self._keeper.touch()

    def _keep(self) -> None:
        for session_id in self._touched:
            begun = {str(finding): draft.reason for (one, finding), draft in self._drafts.items() if one == session_id}
            self._desk.keep(session_id, begun)
        self._touched.clear()

    def _draft(self, session_id: str, finding: int) -> Draft:
        """What was begun on a finding, now or in an earlier run."""
        known = self._drafts.get((session_id, finding))
        if known is None:
            reason = self._desk.kept(session_id).get(str(finding), "")
            known = self._drafts[session_id, finding] = Draft(reason, lambda: self._touch(session_id))
        return known

    def show_decided(self, finding: int, show: Callable[[], object]) -> None:
        """Runs `show`, which makes all forms anew; the keyboard is then where the person goes on.

        That is in what they were writing meanwhile, else at the finding that was decided.
        """
        writing = next((seq for seq, form in self._shown.items() if isValid(form) and form.writing), None)
        show()
        form = self._shown.get(finding if writing is None else writing)
        if form is not None and isValid(form):
            form.take_keyboard(to_write=writing is not None)

    def go_to_next(self) -> None:
        """Puts the keyboard on the form after the one that has it, in the order of the record; after the last, the first."""
        shown = [form for _, form in sorted(self._shown.items()) if isValid(form) and not form.isHidden()]
        at = next((number for number, form in enumerate(shown) if form.has_keyboard), -1)
        if shown:
            shown[(at + 1) % len(shown)].take_keyboard()

    def form(self, opened: Opened, mark: FindingMark) -> QWidget | None:
        """What belongs under a finding: the form where it asks something, else nothing."""
        asks = opened.asking.get(mark.seq)
        if asks is None:
            return None
        draft = self._draft(opened.case.session_id, mark.seq)
        form = DecisionForm(
            draft,
            asked=self._words.of(f"finding.{mark.detector}.title", "finding.unknown.title"),
            weight=asks.weight,
            decided=bool(opened.decided_on(mark.seq)),
            name=self._desk.owner().name,
            words=self._words,
            send=lambda: self._send(opened.case.session_id, mark.seq, draft),
        )
        self._shown[mark.seq] = form
        form.destroyed.connect(lambda shown=draft.changed: _forget(draft, shown))
        return form

    def _send(self, session_id: str, finding: int, draft: Draft) -> None:
        outcome, reason = draft.outcome, draft.reason.strip()
        if outcome is None:  # the form asks for one before it gets here
            return

        def sent(opened: Opened) -> None:
            self._drafts.pop((session_id, finding), None)
            self._touch(session_id)
            self._keeper.flush()  # before the form is made anew, which begins with what was kept
            self._sent(opened, finding)

        def failed(fault: FairWitnessError) -> None:
            draft.sending, draft.problem = False, str(fault)
            draft.changed()

        self._background.run(
            lambda _watch: Opened.of(self._desk.decide(session_id, finding, outcome, reason)), done=sent, failed=failed
        )


def _forget(draft: Draft, shown: Callable[[], None]) -> None:
    """The widget that showed the draft is gone; nobody is told of changes, unless another one shows it already."""
    if draft.changed == shown:
        draft.changed = lambda: None
