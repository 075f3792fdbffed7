# SPDX-License-Identifier: Apache-2.0
"""What the desks of trainers and reviewers ask of the program behind them; the admin's: `session.offices`.

Rules:

1. Only Protocols and the frozen values that cross them; no code runs here.
2. `ui` knows recording, sending, reviewing and the organisation by these names alone; `fairwitness` hands over the real.
3. A method that says *may take long* is called from a thread of its own, all others return at once.
4. Every method may raise `EnvironmentFault` (says what to do) and `InputFault` (names the field); what else is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

import msgspec

if TYPE_CHECKING:  # a tray that only shows a state loads no cryptography
    from session.assistance import Assistance
    from session.policy import Policy
    from session.ports import SessionReader
    from session.rates.shown import Own
    from session.removal import Box
    from session.trust.lifetime import Due
    from session.verify.result import Verification
    from session.verify.said import Said

Watch = Callable[[int, int], bool]
"""Told (done, of) in bytes or steps while something long goes on; False asks it to stop, which raises `StoppedFault`."""


RUNNING: Final = "running"
"""In the place of a session's id: whichever runs. What was begun for it and not added waits for the next one."""


class SessionCase(msgspec.Struct, frozen=True):
    """One session opened for a person.

    Args:
        folder: where its files are.
        reader: as far as the person's keys open it.
        verification: None while it is not sealed.
        policy: that it was recorded under.
        reads_as: "trainer", "reviewer" or "" (public records only).
        said: decisions and replies whose signatures hold.
        reasons: for the trainer alone: detector -> key of why it was not evaluated.
        opened: seqs of withheld records that its trainer opened to the reviewers.
        opens_review: whether the findings in it that are not on trial together open a review; None where this person may
            read none of them.
    """

    session_id: str
    folder: Path
    reader: SessionReader
    verification: Verification | None
    policy: Policy
    reads_as: str
    said: Said | None
    reasons: Mapping[str, str] = {}
    opened: frozenset[int] = frozenset()
    opens_review: bool | None = None


class TrainerState(StrEnum):
    """What the tray shows first."""

    IDLE = "idle"
    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    PRIVATE = "private"
    STOPPING = "stopping"
    PROBLEM = "problem"


class Stage(StrEnum):
    """Where a session is between its stop and the platform. KEPT: personal, sealed, sent nowhere."""

    REVIEW = "review"
    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    KEPT = "kept"


class SessionCard(msgspec.Struct, frozen=True):
    """One earlier session in the trainer's list, newest first.

    `unread`: decisions that the trainer has not opened yet; `overlap_us`: of `worked_us`, what another session counts too.
    """

    session_id: str
    project: str
    started_us: int
    worked_us: int
    stage: Stage
    send_at_us: int = 0
    sent_bytes: int = 0
    total_bytes: int = 0
    message: str = ""
    unread: int = 0
    overlap_us: int = 0


class CodeState(StrEnum):
    """How a person's recovery code stands. "": this computer is not enrolled."""

    UNKNOWN = ""
    NONE = "none"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


class TrainerStatus(msgspec.Struct, frozen=True):
    """A snapshot for the tray.

    Args:
        organisation: its name, "" where this computer is not enrolled (sessions are personal then).
        person: as the organisation knows the trainer.
        project: of the running session.
        worked_us: accounted so far; grows once a tick.
        offline: the platform could not be reached when it was last asked; all waits in its place.
        message: plain words when something needs doing, else ""; being offline alone is none.
        open_gaps: what is not observed now, "scope: reason".
        asks: detectors that ask for a declaration now (interim results, the trainer's alone).
        code: how the person's recovery code stands.
        contradicted: in which of its duties the platform contradicts what it signed or gave before ("directory", "log",
            "receipt", "statement", "witness"), as long as evidence of it lies here, else "". Recording and hours do not
            wait for it.
        unkept: the disk does not take that evidence: it is in memory alone, as long as this program runs.
        due: what of the organisation ends within `WARN_DAYS` and concerns this person.
        report_until_us: until when (µs UTC) the trainer may send or decline a report of rates that waits for it; 0 where
            none does, or a session runs.
    """

    state: TrainerState = TrainerState.IDLE
    organisation: str = ""
    person: str = ""
    session_id: str = ""
    project: str = ""
    started_us: int = 0
    worked_us: int = 0
    offline: bool = False
    message: str = ""
    open_gaps: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    sessions: tuple[SessionCard, ...] = ()
    code: CodeState = CodeState.UNKNOWN
    contradicted: str = ""
    unkept: bool = False
    due: tuple[Due, ...] = ()
    report_until_us: int = 0


class ProjectChoice(msgspec.Struct, frozen=True):
    """A project that the trainer may work on; `id` "" is a personal session."""

    id: str
    name: str


class NoticeDue(msgspec.Struct, frozen=True):
    """A policy whose notice the trainer has not read yet in this version."""

    project: ProjectChoice
    organisation: str
    policy: Policy
    policy_sha256: str


class LinkWords(msgspec.Struct, frozen=True):
    """What an enrolment link says before anything is sent: whom it is for, and the organisation's six words."""

    person: str
    platform: str
    organisation: str
    words: tuple[str, ...]


class DeviceWords(msgspec.Struct, frozen=True):
    """What one device says to another: a request, or the answer to one.

    Args:
        name: what the new device will be called.
        words: the six words by which it is compared.
        text: the whole of it, to be carried over; holds no secret in clear.
        person: of an answer: as whom the new device will record.
    """

    name: str
    words: tuple[str, ...]
    text: str
    person: str = ""


class TrainerDesk(Protocol):
    """One trainer on one computer. Every verb returns at once; what came of it is told to listeners."""

    def status(self) -> TrainerStatus:
        """What listeners were told last."""
        ...

    def listen(self, listener: Callable[[TrainerStatus], None]) -> None:
        """Calls `listener` from threads of the program's own with each change, at most four times a second."""
        ...

    def show_sign(self, *, visible: bool) -> None:
        """Says whether the person can see the state (tray icon or window). Without a sign nothing is observed."""
        ...

    def projects(self) -> Sequence[ProjectChoice]:
        """What the trainer may work on; one personal choice where this computer is not enrolled."""
        ...

    def notice_due(self, project: str) -> NoticeDue | None:
        """The notice that must be read before the first session of this project under its policy, None where it was."""
        ...

    def acknowledge(self, due: NoticeDue, notice_sha256: str, language: str) -> None:
        """Keeps durably that the notice was read; each session under this policy records it as ACK."""
        ...

    def start(self, project: str) -> None:
        """Begins a session. `InputFault` where the notice was not read."""
        ...

    def pause(self) -> None:
        """Nothing is observed from this call on, until `resume`."""
        ...

    def private(self) -> None:
        """Private time: as `pause`, and recorded as what it is."""
        ...

    def resume(self) -> None:
        """Observes again."""
        ...

    def stop(self) -> None:
        """Ends the session; it then waits for the trainer's review (`Stage.REVIEW`)."""
        ...

    def declare(self, tool: str, purpose: str) -> None:
        """Records that a tool was used and for what, in the running session. `InputFault` where `declare_here` is for it."""
        ...

    def assistance(self) -> Assistance:
        """What the person declared on this computer about how they work; at once, and never fails."""
        ...

    def declare_here(self, declared: Assistance) -> None:
        """Keeps that on this computer, for every session from now on and one that runs. It is recorded and sent nowhere."""
        ...

    def note(self, text: str) -> None:
        """Records the trainer's own words in the running session."""
        ...

    def case(self, session_id: str) -> SessionCase:
        """One of the trainer's sessions, sealed or waiting for review. May take long. Also `IntegrityFault`."""
        ...

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        """Keeps words that were begun on a session, or for `RUNNING`, and not sent; at once, and never fails.

        `words`: all of them, by what each is about.
        """
        ...

    def kept(self, session_id: str) -> Mapping[str, str]:
        """The words that were kept of a session, or for `RUNNING`, by what each is about; at once."""
        ...

    def answer(self, session_id: str, finding: int, text: str) -> None:
        """Adds the trainer's words on the finding of that seq, before the seal. May take long."""
        ...

    def remove(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes the records of these seqs out for good, before the seal (`session.removal` finds them). May take long."""
        ...

    def remove_sealed(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes the records of these seqs out of a sealed session for good: here when it returns, then on the platform.

        Signed by the trainer. What a reviewer opened or fetched before cannot be unseen. May take long. Also
        `IntegrityFault`.
        """
        ...

    def cover(self, session_id: str, seq: int, areas: Sequence[Box]) -> None:
        """Puts a screenshot with these areas covered in the place of record `seq` and its twins, before the seal.

        What was under them is gone for good. May take long. Also `IntegrityFault`.
        """
        ...

    def seal(self, session_id: str) -> None:
        """Seals a reviewed session; where enrolled it then waits for its hold to end. May take long."""
        ...

    def send_now(self, session_id: str) -> None:
        """Ends the hold."""
        ...

    def reply(self, session_id: str, decision_sha256: str, text: str) -> None:
        """Signs and sends the trainer's reply to a decision. May take long."""
        ...

    def disclose(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Opens the withheld records of these seqs of a sealed session to its reviewers, for good. May take long.

        Also `IntegrityFault`. `session.appeal.openable` says first what that is.
        """
        ...

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        """Writes the proof of one record of a sealed session. May take long. Also `IntegrityFault`."""
        ...

    def opened(self, session_id: str, decisions: Sequence[str]) -> None:
        """The trainer has seen these decisions (SHA-256 of each) on this session; one that came since is unread."""
        ...

    def link(self, text: str) -> LinkWords:
        """What an enrolment link says, without asking anybody."""
        ...

    def join(self, text: str, code: str = "") -> None:
        """Enrols this computer with the link, after the words were compared. May take long. Also `IntegrityFault`.

        `code`: the 24 words of the person's recovery code, "" where they have none yet.
        """
        ...

    def check_code(self, code: str) -> None:
        """Returns if these are the words of a recovery code, of whomever. `InputFault` names the word."""
        ...

    def code(self) -> Sequence[str]:
        """The 24 words of the person's recovery code. `EnvironmentFault` where their keys have none."""
        ...

    def confirm_code(self) -> None:
        """The person has given words of the code back: it is not asked about again."""
        ...

    def request(self, text: str) -> DeviceWords:
        """What a new device's request says, without asking anybody."""
        ...

    def answer_request(self, text: str) -> DeviceWords:
        """Lets the new device in, after its words were compared. May take long. Also `IntegrityFault`."""
        ...

    def ask_device(self) -> DeviceWords:
        """A request of this computer, to be shown to the person's other device."""
        ...

    def answered(self, text: str) -> DeviceWords:
        """What the other device's answer says, without asking anybody."""
        ...

    def take_answer(self, text: str) -> None:
        """Enrols this computer with the answer, after its words were compared. May take long. Also `IntegrityFault`."""
        ...

    def report(self) -> Own:
        """What a report of rates would hold now: the trainer's own counts. Nothing is sent. May take long."""
        ...

    def send_report(self, shown: Own) -> Own:
        """Sends a report of exactly this, and says how it stands then. May take long."""
        ...

    def decline_report(self, shown: Own) -> Own:
        """Notes on this computer that nothing is sent for that period; nobody is told. May take long."""
        ...

    def close(self) -> None:
        """Clean end: a running session is stopped and kept for review, threads end. Bounded; may take some seconds."""
        ...


class Owner(msgspec.Struct, frozen=True):
    """Who sits at this desk, and of which organisation."""

    person: str
    name: str
    organisation: str
    words: tuple[str, ...]


class ReviewRow(msgspec.Struct, frozen=True):
    """A sealed session in the reviewer's list.

    `read`: this reviewer was given it before; `here`: its files are here; `overlap_us`: of `worked_us`, what another session
    of the person counts too; `beyond_us`: of it, what cannot have passed by the platform's clock.
    """

    session_id: str
    person: str
    name: str
    project: str
    project_name: str
    started_us: int
    worked_us: int
    sealed_us: int
    decisions: int = 0
    replies: int = 0
    read: bool = False
    here: bool = False
    overlap_us: int = 0
    beyond_us: int = 0


Ruling = Literal["upheld", "not upheld", "ask"]


class ReviewDesk(Protocol):
    """One reviewer on one computer. All may take long."""

    def owner(self) -> Owner:
        """Who reviews here; returns at once."""
        ...

    def queue(self) -> Sequence[ReviewRow]:
        """The sealed sessions of the reviewer's projects, those that wait first. Also `IntegrityFault`."""
        ...

    def case(self, session_id: str, watch: Watch | None = None) -> SessionCase:
        """Fetches (going on where an earlier try broke off), verifies and opens a session. Also `IntegrityFault`."""
        ...

    def due(self) -> Sequence[Due]:
        """What of the organisation ends within `WARN_DAYS` and concerns this person, as far as is known; at once."""
        ...

    def contradicted(self) -> str:
        """In what the platform contradicted itself, while evidence lies here: a `PlatformFault.what`, or ""; at once."""
        ...

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        """Keeps words that were begun on a session and not sent, by what each is about; at once, and never fails."""
        ...

    def kept(self, session_id: str) -> Mapping[str, str]:
        """The words that were kept of a session, by what each is about; at once."""
        ...

    def decide(self, session_id: str, finding: int, outcome: Ruling, reason: str) -> SessionCase:
        """Signs and sends a decision; returns the session with it. `InputFault` where `reason` is empty or too long."""
        ...

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        """Writes the proof of one record of a session that was opened here. Also `IntegrityFault`."""
        ...
