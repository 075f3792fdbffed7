# SPDX-License-Identifier: Apache-2.0
"""The trainer's desk as the tray gets it: there at once, while what is heavy is loaded on a thread of its own.

Rules:

1. Nothing is loaded and nothing begins before the person can see a sign (`show_sign`).
2. Until the engine is there the state is `starting`, and a verb that needs it says so.
3. One thread, "trainer", owns the engine's turns; verbs come from any thread.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from fairwitness import assistance
from fairwitness.places import Places
from fairwitness.unsent import Unsent
from session import EnvironmentFault, FairWitnessError
from session.assistance import Assistance
from session.desks import DeviceWords, LinkWords, NoticeDue, ProjectChoice, SessionCase, TrainerState, TrainerStatus

if TYPE_CHECKING:
    from fairwitness.engine import Engine
    from session.ports import Clock
    from session.rates.shown import Own
    from session.removal import Box

_LOG: Final = logging.getLogger("fairwitness.trainer")

STARTING: Final = "Fair Witness is still starting. Please try again in a moment."
FAILED: Final = (
    "Fair Witness met a fault of its own and records nothing now. What was recorded is safe. Please start it again; the log "
    "says where it happened."
)
END_S: Final = 60.0
"""Longest that the end waits: 30 s for a disk that is slow, the rest for the platform's thread and the journal."""
RETRY_S: Final = 3.0
"""How long until what is in the way of a start (another program that records, a key store) is tried again."""


class TrainerAgent:
    """Fulfils `session.desks.TrainerDesk`.

    Args:
        home: the agent's folder, None for the user's own.
        clock: None for this computer's.
    """

    def __init__(self, home: Path | None, clock: Clock | None = None) -> None:
        self._home, self._clock = home, clock
        self._engine: Engine | None = None
        self._visible = False
        self._closing = threading.Event()
        self._status = TrainerStatus(state=TrainerState.STARTING)
        self._listeners: tuple[Callable[[TrainerStatus], None], ...] = ()
        self._thread = threading.Thread(target=self._run, name="trainer", daemon=True)

    def status(self) -> TrainerStatus:
        """What listeners were told last."""
        return self._status

    def listen(self, listener: Callable[[TrainerStatus], None]) -> None:
        """Calls `listener` from threads of this program with each change."""
        self._listeners = (*self._listeners, listener)

    def show_sign(self, *, visible: bool) -> None:
        """Says whether the person can see the state; the first sign lets the engine start."""
        self._visible = visible
        if visible and not self._thread.is_alive() and not self._closing.is_set():
            self._thread.start()

    def projects(self) -> Sequence[ProjectChoice]:
        """What the trainer may work on; nothing while the engine starts."""
        return self._engine.projects() if self._engine is not None else ()

    def notice_due(self, project: str) -> NoticeDue | None:
        """See `TrainerDesk.notice_due`. Raises `EnvironmentFault` while the engine starts."""
        return self._ready().notice_due(project)

    def acknowledge(self, due: NoticeDue, notice_sha256: str, language: str) -> None:
        """Keeps durably that the notice was read."""
        self._ready().acknowledge(due, notice_sha256, language)

    def start(self, project: str) -> None:
        """Begins a session."""
        self._ready().start(project)

    def pause(self) -> None:
        """Nothing is observed from this call on, until `resume`."""
        self._ready().hold(private=False)

    def private(self) -> None:
        """Private time: as `pause`, and recorded as what it is."""
        self._ready().hold(private=True)

    def resume(self) -> None:
        """Observes again."""
        self._ready().resume()

    def stop(self) -> None:
        """Ends the session; it then waits for the trainer's review."""
        self._ready().stop()

    def declare(self, tool: str, purpose: str) -> None:
        """Records that a tool was used and for what."""
        self._ready().declare(tool, purpose)

    def assistance(self) -> Assistance:
        """What the person declared on this computer; at once, and never fails."""
        return assistance.said(Places(self._home).assistance)

    def declare_here(self, declared: Assistance) -> None:
        """Keeps it on this computer, and nowhere else. Raises `EnvironmentFault`."""
        assistance.keep(Places(self._home).assistance, declared)

    def note(self, text: str) -> None:
        """Records the trainer's own words."""
        self._ready().note(text)

    def case(self, session_id: str) -> SessionCase:
        """One of the trainer's sessions. May take long."""
        return self._ready().case(session_id)

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        """Keeps words that were begun on a session, or for `RUNNING`, and not sent; at once, and never fails."""
        Unsent(Places(self._home).unsent).keep(session_id, words)

    def kept(self, session_id: str) -> Mapping[str, str]:
        """The words that were kept of a session, or for `RUNNING`, by what each is about; at once."""
        return Unsent(Places(self._home).unsent).kept(session_id)

    def answer(self, session_id: str, finding: int, text: str) -> None:
        """Adds the trainer's words on a finding, before the seal. May take long."""
        self._ready().answer(session_id, finding, text)

    def remove(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes records out for good, before the seal. May take long."""
        self._ready().remove(session_id, ranges)

    def remove_sealed(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes records out of a sealed session for good, here and on the platform. May take long."""
        self._ready().remove_sealed(session_id, ranges)

    def cover(self, session_id: str, seq: int, areas: Sequence[Box]) -> None:
        """Covers areas of a screenshot for good, before the seal. May take long."""
        self._ready().cover(session_id, seq, areas)

    def seal(self, session_id: str) -> None:
        """Seals a reviewed session. May take long."""
        self._ready().seal(session_id)

    def send_now(self, session_id: str) -> None:
        """Ends the hold."""
        self._ready().send_now(session_id)

    def reply(self, session_id: str, decision_sha256: str, text: str) -> None:
        """Signs and sends the trainer's reply to a decision. May take long."""
        self._ready().reply(session_id, decision_sha256, text)

    def disclose(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Opens withheld records to the reviewers, for good. May take long."""
        self._ready().disclose(session_id, ranges)

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        """Writes the proof of one record. May take long."""
        self._ready().prove(session_id, seq, file)

    def opened(self, session_id: str, decisions: Sequence[str]) -> None:
        """The trainer has seen these decisions."""
        self._ready().opened(session_id, decisions)

    def link(self, text: str) -> LinkWords:
        """What an enrolment link says, without asking anybody. Raises `InputFault`."""
        from fairwitness.managed import permitted  # noqa: PLC0415 - not before somebody joins
        from session.crypto.signing import six_words  # noqa: PLC0415 - as above
        from uploader.enrol import parse_link  # noqa: PLC0415 - as above

        parsed = permitted(parse_link(text.strip()))
        words = tuple(six_words(parsed.organisation))
        return LinkWords(parsed.person, parsed.platform, parsed.organisation, words)

    def join(self, text: str, code: str = "") -> None:
        """Enrols this computer with the link, and with a recovery code where there is one. May take long."""
        self._ready().join(text.strip(), code)

    def check_code(self, code: str) -> None:
        """Returns if these are the words of a recovery code. Raises `InputFault`."""
        from session.crypto.recovery_code import secret_of  # noqa: PLC0415 - not before somebody has one

        secret_of(code)

    def code(self) -> Sequence[str]:
        """The person's recovery code."""
        return self._ready().code()

    def confirm_code(self) -> None:
        """Keeps that the person has it."""
        self._ready().confirm_code()

    def request(self, text: str) -> DeviceWords:
        """What a new device's request says. Raises `InputFault`."""
        from fairwitness.recovering import request_words  # noqa: PLC0415 - not before a device is added

        return request_words(text)

    def answer_request(self, text: str) -> DeviceWords:
        """Lets a new device in. May take long."""
        return self._ready().answer_request(text)

    def ask_device(self) -> DeviceWords:
        """A request of this computer."""
        return self._ready().ask_device()

    def answered(self, text: str) -> DeviceWords:
        """What the other device's answer says."""
        return self._ready().answered(text)

    def take_answer(self, text: str) -> None:
        """Enrols this computer by its other device. May take long."""
        self._ready().take_answer(text)

    def report(self) -> Own:
        """What a report of rates would hold now. May take long."""
        return self._ready().reports.own()

    def send_report(self, shown: Own) -> Own:
        """Sends what was shown. May take long."""
        return self._ready().reports.send(shown)

    def decline_report(self, shown: Own) -> Own:
        """Notes here that nothing is sent. May take long."""
        return self._ready().reports.decline(shown)

    def close(self) -> None:
        """Clean end, within a minute at the worst; a running session is stopped and kept for review."""
        self._closing.set()
        if self._engine is not None:
            self._engine.wake()
        if self._thread.is_alive():
            self._thread.join(END_S)

    # --- inside

    def _ready(self) -> Engine:
        if self._engine is None:
            raise EnvironmentFault(self._status.message or STARTING)
        return self._engine

    def _tell(self, status: TrainerStatus) -> None:
        self._status = status
        for listener in self._listeners:
            listener(status)

    def _run(self) -> None:
        """The thread's top."""
        try:
            from fairwitness.engine import Engine  # noqa: PLC0415 - heavy: loaded here, once the sign is there

            engine = Engine(self._home, self._tell, visible=lambda: self._visible, clock=self._clock)
            while not self._begun(engine) and not self._closing.wait(RETRY_S):
                pass
            if self._closing.is_set():
                engine.end()
                return
            self._engine = engine
            engine.wake()  # the first turn tells that it is there
            while not self._closing.is_set():
                engine.turn()
            engine.end()
        except Exception as error:  # noqa: BLE001 - thread top: the person must be told, whatever it is
            # The message of an unknown exception may quote what was observed; its type and place may not.
            places = "".join(traceback.format_tb(error.__traceback__))
            _LOG.critical("the engine failed: %s\n%s", type(error).__name__, places)
            self._engine = None
            self._tell(msgspec.structs.replace(self._status, state=TrainerState.PROBLEM, message=FAILED))

    def _begun(self, engine: Engine) -> bool:
        try:
            engine.begin()
        except FairWitnessError as fault:
            self._tell(TrainerStatus(state=TrainerState.PROBLEM, message=str(fault)))
            return False
        return True
