# SPDX-License-Identifier: Apache-2.0
"""Sessions that are stopped and not sealed: the trainer's alone, to look through, to answer in, and to seal.

One thread at a time touches a journal; a session that is open elsewhere waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec

import detectors
from agent.capture.areas import Area
from agent.capture.cover import covered
from agent.finishing import Stopped, is_summed_up
from detectors import abstain
from detectors.catalogue.listed import Listed
from detectors.composite import recorded_open_review
from fairwitness.recording import Bench, findings, project_of
from session import InputFault
from session.account import account, rules_of
from session.assistance import NOTHING_SAID, Assistance
from session.desks import SessionCard, SessionCase, Stage
from session.events import Answer, Capture, Event, FindingRecord, Kind
from session.findings import State
from session.policy import Policy
from session.reader import FolderReader
from session.redact import Ranges, redact
from session.removal import Box, of_one_moment, twins

TOO_LATE: Final = "This session is being sealed: nothing can be added to it any more."
BY_TRAINER: Final = "trainer"
"""Code of a REDACT: the trainer looked through the session and took something out."""
NO_SUCH: Final = "This session does not wait for your review any more."


class Reviewing:
    """The sessions that wait for their trainer.

    Args:
        bench: what they are sealed with; asked for each time, since a computer may join an organisation meanwhile.
    """

    def __init__(self, bench: Callable[[], Bench]) -> None:
        self._bench = bench
        self._lock = threading.Lock()
        self._waiting: dict[str, Stopped] = {}

    def take(self, stopped: Stopped, late: Sequence[tuple[int, str]] = (), began_with: Assistance = NOTHING_SAID) -> None:
        """Concludes a stopped session; from now on it waits here. Raises `EnvironmentFault`: it waits all the same."""
        session_id = stopped.journal.keys.session_id
        with self._lock:
            self._waiting[session_id] = stopped
            self._bench().conclude(stopped, late, began_with)

    def holds(self, session_id: str) -> bool:
        """Whether it waits here."""
        return session_id in self._waiting

    def cards(self) -> tuple[SessionCard, ...]:
        """One for each session that waits."""
        return tuple(card_of(one.journal.keys.session_id, one) for one in list(self._waiting.values()))

    def case(self, session_id: str) -> SessionCase:
        """The session as it will be sealed. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        with self._lock:
            stopped = self._held(session_id)
            stopped.journal.sync()
            folder = stopped.journal.folder
            reader = FolderReader(folder, stopped.journal.keys.content)
            return SessionCase(
                session_id=session_id,
                folder=folder,
                reader=reader,
                verification=None,
                policy=stopped.policy,
                reads_as="trainer",
                said=None,
                reasons=self._reasons(stopped),
                opens_review=opens_review(stopped.events),
            )

    def answer(self, session_id: str, finding: int, text: str) -> None:
        """Adds the trainer's words on a finding, durably.

        Raises:
            InputFault: no words, too many, or no such finding; names the field. EnvironmentFault: the disk.
        """
        words = text.strip()
        if not words:
            raise InputFault("text: an answer has words.")
        with self._lock:
            stopped = self._held(session_id)
            if is_summed_up(stopped.events):
                raise InputFault(TOO_LATE)
            if not any(one.seq == finding and one.kind == Kind.FINDING for one in stopped.events):
                raise InputFault("finding: this session has no such finding.")
            body = Answer(self._bench().clock.read().t_us, finding, words)
            try:
                msgspec.json.decode(msgspec.json.encode(body), type=Answer)
            except msgspec.ValidationError as error:
                raise InputFault(f"text: at most 4096 characters ({error}).") from error
            stopped.events.append(stopped.journal.append(Kind.ANSWER, body))
            stopped.journal.sync()

    def remove(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes these records out for good, durably, and says so with a REDACT.

        Raises:
            InputFault: no range, or one that holds a record which must stay. EnvironmentFault: the disk; may be repeated.
        """
        with self._lock:
            stopped = self._held(session_id)
            if is_summed_up(stopped.events):
                raise InputFault(TOO_LATE)
            self._take_out(stopped, ranges)

    def cover(self, session_id: str, seq: int, areas: Sequence[Box]) -> None:
        """Puts a screenshot with these areas covered in the place of record `seq` and its twins, durably.

        The new ones are durable before the old ones go, so a crash in between loses no screenshot; it leaves the old one
        beside the new, and covering again takes both out.

        Raises:
            InputFault: no such screenshot, or no area on it. EnvironmentFault: the disk; may be repeated.
            IntegrityFault: its picture is damaged.
        """
        with self._lock:
            stopped = self._held(session_id)
            if is_summed_up(stopped.events):
                raise InputFault(TOO_LATE)
            stopped.journal.sync()
            old = twins(stopped.events, seq)
            picture = FolderReader(stopped.journal.folder, stopped.journal.keys.content).image(seq) if old else None
            if picture is None:
                raise InputFault("seq: there is no such screenshot any more.")
            gone = of_one_moment(stopped.events, (event.seq for event in old))
            again = covered(picture, [Area(*area) for area in areas])
            first = 0
            for body in (event.body for event in old if isinstance(event.body, Capture)):
                capture = msgspec.structs.replace(
                    body,
                    mime=again.mime,
                    size_bytes=0,
                    blob_key="",
                    dhash=again.dhash,
                    same_as=first,
                    masked=body.masked + len(areas),
                )
                event = stopped.journal.append_blob(capture, again.encoded)
                stopped.events.append(event)
                first = first or event.seq
            self._take_out(stopped, [(one, one) for one in gone])

    def _reasons(self, stopped: Stopped) -> Mapping[str, str]:
        bench, policy = self._bench(), stopped.policy
        return reasons(policy, tuple(stopped.events), bench.assistance(), bench.catalogue(policy))

    def _take_out(self, stopped: Stopped, ranges: Sequence[tuple[int, int]]) -> None:
        said = redact(stopped.journal.folder, stopped.journal, ranges, BY_TRAINER, self._bench().clock.read())
        gone = Ranges(ranges)
        stopped.events[:] = [msgspec.structs.replace(one, body=None) if one.seq in gone else one for one in stopped.events]
        stopped.events.append(said)

    def seal(self, session_id: str) -> SessionCard:
        """Seals it and queues it; it waits here no longer. Raises `EnvironmentFault`, `InputFault`: it still waits."""
        with self._lock:
            stopped = self._held(session_id)
            card = card_of(session_id, stopped)
            self._bench().seal(stopped)
            del self._waiting[session_id]
            return card

    def close(self) -> None:
        """Gives up the journals; the next start finds these sessions waiting again."""
        with self._lock:
            for stopped in self._waiting.values():
                stopped.journal.close()
            self._waiting.clear()

    def _held(self, session_id: str) -> Stopped:
        if session_id not in self._waiting:
            raise InputFault(NO_SUCH)
        return self._waiting[session_id]


def card_of(session_id: str, stopped: Stopped) -> SessionCard:
    """A stopped session as the trainer's list shows it: start and work time from the records themselves."""
    accounted = account(stopped.events, rules_of(stopped.policy))
    return SessionCard(
        session_id=session_id,
        project=project_of(stopped.events),
        started_us=accounted.started_us,
        worked_us=accounted.worked_us,
        stage=Stage.REVIEW,
    )


def reasons(
    policy: Policy, events: Sequence[Event], declared: Assistance, listed: Listed | None = None
) -> Mapping[str, str]:
    """For the trainer alone: why a detector could not answer, by detector.

    Where the record itself gives no reason it was declared on this computer: now, as `declared` says, or then.
    """
    bodies = [event.body for event in events if isinstance(event.body, FindingRecord)]
    recorded = {body.detector for body in bodies if body.state == State.NOT_EVALUATED}
    beside = abstain.declared_by(declared) or abstain.SAID_HERE
    return {
        one.detector: one.reason or beside for one in findings(policy, events, listed=listed) if one.detector in recorded
    }


def opens_review(events: Sequence[Event], opened: Collection[int] = ()) -> bool | None:
    """Whether the findings among `events` open a review: those not on trial, and those of the seqs in `opened`.

    None where none of them can be read.
    """
    records = (
        msgspec.structs.replace(event.body, shadow=0) if event.seq in opened else event.body
        for event in events
        if isinstance(event.body, FindingRecord)
    )
    return recorded_open_review(records, {one.id: one.family for one in detectors.ALL})
