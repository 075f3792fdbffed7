# SPDX-License-Identifier: Apache-2.0
"""A trainer's desk whose states follow its verbs, and the program around it, for windows that need no recorder.

desk = ScriptedDesk(PERSONAL)
desk.say(offline=True)                     # a status with these changes goes to whoever listens
desk.faults["pause"] = "The disk is full."  # what that verb meets until it is taken out again
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from replay_desks import Desk, ListReader, verification
from replay_sessions import DIGEST, SESSION_ID
from review_fakes import asking_day

from session import EnvironmentFault, InputFault
from session.assistance import NOTHING_SAID, Assistance
from session.crypto.recovery_code import code_words, secret_of
from session.desks import (
    CodeState,
    DeviceWords,
    LinkWords,
    NoticeDue,
    ProjectChoice,
    SessionCard,
    SessionCase,
    Stage,
    TrainerState,
    TrainerStatus,
)
from session.events import Capture, Kind
from session.policy import Policy, default_policy_toml, parse_policy
from session.rates.counts import REPORT_US, Count, Question, begins_us
from session.rates.rows import Cell
from session.rates.shown import Own
from session.redact import Ranges
from session.removal import Box
from session.verify.said import Decided, Replied, Said
from ui.background import Background
from ui.bridge import EventBridge
from ui.look import palette_of
from ui.strings import Words

PATIENCE_MS = 10_000
STARTED_US = 1_795_422_600_000_000
PERSONAL = (ProjectChoice("", "Personal"),)
TWO = (ProjectChoice("heart", "Cardiology answers"), ProjectChoice("law", "Legal drafting"))
SIX = ("acid", "amber", "brisk", "cedar", "lunar", "tidal")
_LONG = frozenset(
    {
        "case",
        "answer",
        "remove",
        "cover",
        "seal",
        "reply",
        "join",
        "disclose",
        "prove",
        "code",
        "answer_request",
        "take_answer",
        "report",
        "send_report",
        "decline_report",
    }
)
_QUESTIONS = (
    "injected-input",
    "regular-typing",
    "unpaused-typing",
    "pointer-alone",
    "pointer-paths",
    "ai-tool",
    "paste-chain",
    "large-paste",
    "still-screen",
    "new-hardware",
    "overlay-window",
)
LINK = "fairwitness://enrol/ada"
CODE = code_words(bytes(range(32)))
REQUEST = DeviceWords(
    "laptop", ("apple", "board", "candy", "dance", "eagle", "fancy"), "fairwitness:device?name=laptop&" + "a" * 150
)
ANSWER = DeviceWords(
    "laptop", ("game", "habit", "ice", "jazz", "kite", "lamp"), "fairwitness:device-answer?x=" + "b" * 440, "ada"
)


def card(stage: Stage, **changes: object) -> SessionCard:
    """A session of 1:01:01 at that stage."""
    plain = SessionCard(SESSION_ID, "heart", STARTED_US, 3_661_000_000, stage, send_at_us=STARTED_US)
    return msgspec.structs.replace(plain, **changes)


def policy(**changes: object) -> Policy:
    """The default policy, changed at its top."""
    return msgspec.structs.replace(parse_policy(default_policy_toml()), **changes)


def own_counts(**changes: object) -> Own:
    """A trainer's counts of a period that has ended, a question with one session that raised it and one unanswered."""
    questions = tuple(Question(name, 1, "unmeasured-1") for name in _QUESTIONS)
    counts = tuple(Count(12 - at, int(at == 2), at, 1, int(at == 2)) for at in range(len(questions)))
    begin_us, end_us = begins_us(740), begins_us(741)
    plain = Own(
        740, begin_us, end_us, end_us + REPORT_US, 12, 0, Cell("heart", "linux-x11", "en"), questions, counts, "open"
    )
    return msgspec.structs.replace(plain, **changes)


class ScriptedDesk:
    """`session.desks.TrainerDesk`; `asked`: verbs with what they were given, in order."""

    def __init__(self, projects: Sequence[ProjectChoice] = TWO, **status: object) -> None:
        self.choices = tuple(projects)
        organisation = {} if self.choices == PERSONAL else {"organisation": "Example Labs", "person": "ada"}
        self._status = msgspec.structs.replace(TrainerStatus(), **(organisation | status))
        self.asked: list[tuple[object, ...]] = []
        self.faults: dict[str, str] = {}
        self.due: dict[str, NoticeDue] = {}
        self.signs: list[bool] = []
        self.session: Desk = asking_day()
        self.policy = policy()
        self.sealed = False
        self.decisions: tuple[Decided, ...] = ()
        self.replies: tuple[Replied, ...] = ()
        self.closed = False
        self.begun: dict[str, Mapping[str, str]] = {}
        self.shown: set[int] = set()
        self.declared = NOTHING_SAID
        self.counts = own_counts()
        self._free = {verb: threading.Event() for verb in _LONG}
        for free in self._free.values():
            free.set()
        self._listeners: list[Callable[[TrainerStatus], None]] = []

    @contextmanager
    def held(self, *verbs: str) -> Iterator[None]:
        """These verbs, or all that may take long, wait until the block ends."""
        for verb in verbs or _LONG:
            self._free[verb].clear()
        try:
            yield
        finally:
            for verb in verbs or _LONG:
                self._free[verb].set()

    def say(self, **changes: object) -> None:
        """The status with these changes, told to whoever listens."""
        self._status = msgspec.structs.replace(self._status, **changes)
        for listener in self._listeners:
            listener(self._status)

    def needs_notice(self, project: str, **changes: object) -> NoticeDue:
        """From now on the notice of this project's policy is to be read."""
        choice = next(one for one in self.choices if one.id == project)
        self.due[project] = NoticeDue(choice, "Example Labs", policy(**changes), DIGEST)
        return self.due[project]

    def verbs(self) -> list[object]:
        """What was asked for, by name."""
        return [one[0] for one in self.asked]

    def status(self) -> TrainerStatus:
        return self._status

    def listen(self, listener: Callable[[TrainerStatus], None]) -> None:
        self._listeners.append(listener)

    def show_sign(self, *, visible: bool) -> None:
        self.signs.append(visible)

    def projects(self) -> Sequence[ProjectChoice]:
        return self.choices

    def notice_due(self, project: str) -> NoticeDue | None:
        return self.due.get(project)

    def acknowledge(self, due: NoticeDue, notice_sha256: str, language: str) -> None:
        self._take("acknowledge", due.project.id, notice_sha256, language)
        del self.due[due.project.id]

    def start(self, project: str) -> None:
        self._take("start", project)
        if project in self.due:
            raise InputFault("Read the notice first.")
        self.say(state=TrainerState.RECORDING, project=project, session_id=SESSION_ID)

    def remove(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        self._take("remove", session_id, tuple(ranges))
        self._gone(ranges)

    def remove_sealed(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        self._take("remove_sealed", session_id, tuple(ranges))
        self._gone(ranges)

    def _gone(self, ranges: Sequence[tuple[int, int]]) -> None:
        gone = Ranges(ranges)
        self.session.tape.events[:] = [
            msgspec.structs.replace(one, body=None) if one.seq in gone else one for one in self.session.tape.events
        ]

    def cover(self, session_id: str, seq: int, areas: Sequence[Box]) -> None:
        self._take("cover", session_id, seq, tuple(areas))
        tape, images = self.session.tape, self.session.images
        (old,) = [event for event in tape.events if event.seq == seq and isinstance(event.body, Capture)]
        body = msgspec.structs.replace(old.body, masked=len(areas))
        tape.events[:] = [msgspec.structs.replace(one, body=None) if one is old else one for one in tape.events]
        images[tape.add(Kind.CAPTURE, body, blob=DIGEST)] = images[seq]

    def pause(self) -> None:
        self._take("pause")
        self.say(state=TrainerState.PAUSED)

    def private(self) -> None:
        self._take("private")
        self.say(state=TrainerState.PRIVATE)

    def resume(self) -> None:
        self._take("resume")
        self.say(state=TrainerState.RECORDING)

    def stop(self) -> None:
        self._take("stop")
        self.say(state=TrainerState.IDLE, session_id="", sessions=(card(Stage.REVIEW, project=self._status.project),))

    def declare(self, tool: str, purpose: str) -> None:
        self._take("declare", tool, purpose)

    def assistance(self) -> Assistance:
        return self.declared

    def declare_here(self, declared: Assistance) -> None:
        self._take("declare_here", declared)
        self.declared = declared

    def note(self, text: str) -> None:
        self._take("note", text)

    def case(self, session_id: str) -> SessionCase:
        self._take("case", session_id)
        return SessionCase(
            session_id=session_id,
            folder=Path("/nowhere"),
            reader=ListReader(self.session.tape.events, self.session.images),
            verification=verification(organisation=DIGEST) if self.sealed else None,
            policy=self.policy,
            reads_as="trainer",
            said=Said(self.decisions, self.replies) if self.sealed else None,
            opened=frozenset(self.shown),
        )

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        self.begun[session_id] = {about: text for about, text in words.items() if text}

    def kept(self, session_id: str) -> Mapping[str, str]:
        return self.begun.get(session_id, {})

    def answer(self, session_id: str, finding: int, text: str) -> None:
        self._take("answer", session_id, finding, text)

    def seal(self, session_id: str) -> None:
        self._take("seal", session_id)
        self.sealed = True
        sessions = tuple(msgspec.structs.replace(one, stage=Stage.WAITING) for one in self._status.sessions)
        self.say(sessions=sessions)

    def send_now(self, session_id: str) -> None:
        self._take("send_now", session_id)

    def reply(self, session_id: str, decision_sha256: str, text: str) -> None:
        self._take("reply", session_id, decision_sha256, text)
        self.replies += (Replied(decision_sha256, text, "ada", STARTED_US),)

    def disclose(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        self._take("disclose", session_id, tuple(ranges))
        self.shown |= {seq for first, last in ranges for seq in range(first, last + 1)}

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        self._take("prove", session_id, seq, file)

    def opened(self, session_id: str, decisions: Sequence[str]) -> None:
        self._take("opened", session_id, tuple(decisions))

    def link(self, text: str) -> LinkWords:
        if text != LINK:
            raise InputFault("This is not an enrolment link.")
        return LinkWords("ada", "platform.example", DIGEST, SIX)

    def join(self, text: str, code: str = "") -> None:
        self._take("join", text, *((code,) if code else ()))
        self.say(organisation="Example Labs", person="ada", code=CodeState.CONFIRMED if code else CodeState.UNCONFIRMED)

    def check_code(self, code: str) -> None:
        secret_of(code)

    def code(self) -> Sequence[str]:
        self._take("code")
        return CODE

    def confirm_code(self) -> None:
        self._take("confirm_code")
        self.say(code=CodeState.CONFIRMED)

    def request(self, text: str) -> DeviceWords:
        if text.strip() != REQUEST.text:
            raise InputFault("This is no request.")
        return REQUEST

    def answer_request(self, text: str) -> DeviceWords:
        self._take("answer_request", text)
        return ANSWER

    def ask_device(self) -> DeviceWords:
        self._take("ask_device")
        return REQUEST

    def answered(self, text: str) -> DeviceWords:
        if text.strip() != ANSWER.text:
            raise InputFault("This is no answer.")
        return ANSWER

    def take_answer(self, text: str) -> None:
        self._take("take_answer", text)
        self.say(organisation="Example Labs", person="ada", code=CodeState.UNCONFIRMED)

    def report(self) -> Own:
        self._take("report")
        return self.counts

    def send_report(self, shown: Own) -> Own:
        self._take("send_report", shown)
        self.counts = msgspec.structs.replace(shown, state="sent")
        self.say(report_until_us=0)
        return self.counts

    def decline_report(self, shown: Own) -> Own:
        self._take("decline_report", shown)
        self.counts = msgspec.structs.replace(shown, state="declined")
        self.say(report_until_us=0)
        return self.counts

    def close(self) -> None:
        self.closed = True

    def _take(self, *asked: object) -> None:
        self.asked.append(asked)
        if str(asked[0]) in self._free:
            self._free[str(asked[0])].wait(PATIENCE_MS / 1000)
        if str(asked[0]) in self.faults:
            raise EnvironmentFault(self.faults[str(asked[0])])


class StandInProgram:
    """What windows ask of `ui.app.Program`, inside the application that the tests have already."""

    def __init__(self, app: QApplication, language: str = "en") -> None:
        self.app, self.words = app, Words(language)
        self.palette = palette_of(app, dark=False)
        self.bridge = EventBridge()
        self.background = Background(self.bridge)
        self.ends: list[int] = []

    def settle(self, wait: Callable[[Callable[[], bool]], object], left: int = 0) -> None:
        """Until work in the background, all but `left`, has ended by itself and what it told has arrived."""
        wait(lambda: sum(thread.name == "background" for thread in threading.enumerate()) <= left)
        arrived: list[bool] = []
        self.bridge.hand(lambda: arrived.append(True))
        wait(lambda: bool(arrived))

    def quit(self, code: int = 0) -> None:
        self.ends.append(code)


@contextmanager
def standing(app: QApplication, language: str = "en") -> Iterator[StandInProgram]:
    """A program that has ended its work when the block ends."""
    program = StandInProgram(app, language)
    try:
        yield program
    finally:
        program.background.close(PATIENCE_MS / 1000)
        program.bridge.close()


def said(widget: QWidget) -> str:
    """All words on it that can be seen."""
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def buttons(widget: QWidget) -> list[str]:
    """What its buttons are called, of those that can be seen."""
    return [one.text() for one in widget.findChildren(QPushButton) if one.isVisibleTo(widget) and one.text()]


def pressed(widget: QWidget, text: str) -> QPushButton:
    """Presses the one button with that text, and hands it back."""
    (found,) = [one for one in widget.findChildren(QPushButton) if one.isVisibleTo(widget) and one.text() == text]
    assert found.isEnabled(), text
    found.click()
    return found
