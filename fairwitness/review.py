# SPDX-License-Identifier: Apache-2.0
"""The reviewer's desk behind its window: what waits, fetching and opening a session, and decisions in one's own name.

Rules:

1. Copies lie in `review/<session_id>/` of the agent's folder as they came: sealed. They are opened in memory, and nothing
   that was opened is written anywhere. Nothing here deletes them.
2. Every time is asked anew who may do what: the directory is brought up to date before the list, a copy is brought up to
   date before it is opened, and what the platform does not let this person read is not opened from the disk either.
3. A decision is on a finding that was raised and that a reviewer may see. It is in writing, signed, and sent once
   (`fairwitness.statements`); what it changes is nobody's pay.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, get_args

from agent.clock import SystemClock
from fairwitness.epochs import forget_copies
from fairwitness.opening import open_here, opened_here, policy_of, verify_here, write_proof
from fairwitness.places import Places
from fairwitness.reviewing import opens_review
from fairwitness.sending import NOT_ENROLLED
from fairwitness.statements import move_in, person_key, send_once, worded
from fairwitness.unsent import Unsent
from fairwitness.wiring import Enrolment, enrolled
from session import EnvironmentFault, InputFault
from session.crypto.signing import six_words
from session.desks import Owner, ReviewRow, Ruling, SessionCase, Watch
from session.events import FindingRecord
from session.findings import State
from session.ports import Clock, SessionListing, SessionReader
from session.seal import SEAL_BYTES, SEAL_NAME
from session.segments import read_file
from session.trust.directory import Directory, Person
from session.trust.lifetime import WARN_DAYS, Due, due
from session.trust.statements import Decision, sign
from session.verify.said import said
from uploader.client import PlatformClient
from uploader.fetch import RemotePlatform
from uploader.organisation import refresh
from uploader.orglog import LogWatch

NO_REVIEWER: Final = (
    "Your organisation has not made you a reviewer of any project. Ask its admin to give you this role for a project."
)
NO_SESSION: Final = "session: it is not on this computer yet. Open it from the list first."
OUTCOMES: Final[tuple[str, ...]] = get_args(Ruling)


def open_review_desk(home: Path | None, clock: Clock | None = None) -> Reviews:
    """The reviewer's desk of this computer.

    Raises:
        EnvironmentFault: this computer is not enrolled, or a part of its enrolment is missing; says what to do.
    """
    places, clock = Places(home), clock or SystemClock()
    enrolment = enrolled(places, places.key_store(), clock)
    if enrolment is None:
        raise EnvironmentFault(NOT_ENROLLED)
    enrolment.outbox.close()  # a reviewer sends no sessions
    return Reviews(enrolment, clock)


class Reviews:
    """`session.desks.ReviewDesk` of an enrolled person. Each call may run on a thread of its own.

    Args:
        enrolment: of this device.
        clock: for what is signed.
    """

    def __init__(self, enrolment: Enrolment, clock: Clock) -> None:
        self._enrolment, self._clock = enrolment, clock
        self._fetching = threading.Lock()  # one at a time: a try that was stopped may still be writing

    @property
    def folder(self) -> Path:
        """Where copies lie, sealed as they came."""
        return self._enrolment.places.folder / "review"

    def owner(self) -> Owner:
        """Who reviews here, as far as this computer knows; asks nobody."""
        directory, person_id = self._directory(), self._enrolment.identity.person
        person = directory.person(person_id)
        name = person.name if person is not None else person_id
        return Owner(person_id, name, directory.name, tuple(six_words(directory.organisation)))

    def queue(self) -> Sequence[ReviewRow]:
        """The sealed sessions of the reviewer's projects: those nobody looked into first, then the newest.

        Raises:
            EnvironmentFault: the platform cannot be reached, or this person reviews nothing; says what to do.
            IntegrityFault: the platform's list is none.
        """
        with self._client() as client:
            answer = refresh(client, self._enrolment.organisation)
            if not answer.done:
                raise EnvironmentFault(answer.words)
            forget_copies(self.folder, self._directory())
            me = self._reviewer()
            LogWatch(client, self._enrolment.organisation).look()
            listed = RemotePlatform(client).sessions()
        wanted = [one for one in listed if one.state == "sealed" and one.project in me.projects and one.person != me.id]
        return sorted((self._row(one) for one in wanted), key=_waiting_then_newest)

    def case(self, session_id: str, watch: Watch | None = None) -> SessionCase:
        """The session as it is on the platform now; a session that does not verify is opened as far as it goes.

        Raises:
            StoppedFault: `watch` asked for it. InputFault: no such identifier.
            EnvironmentFault: the platform cannot be reached or does not let this person read it.
            IntegrityFault: what came is not what the session names, or is damaged beyond reading.
        """
        self._reviewer()
        with self._fetching, self._client() as client:
            log = LogWatch(client, self._enrolment.organisation)
            RemotePlatform(client, log).fetch(session_id, self.folder, watch)
        return self._opened(session_id)

    def keep(self, session_id: str, words: Mapping[str, str]) -> None:
        """Keeps words that were begun on a session and not sent, by what each is about; at once, and never fails."""
        Unsent(self._enrolment.places.unsent).keep(session_id, words)

    def kept(self, session_id: str) -> Mapping[str, str]:
        """The words that were kept of a session, by what each is about; at once."""
        return Unsent(self._enrolment.places.unsent).kept(session_id)

    def decide(self, session_id: str, finding: int, outcome: Ruling, reason: str) -> SessionCase:
        """Signs the decision in this person's name, sends it, and gives the session with it.

        Raises:
            InputFault: no written reason or too long a one, no such outcome, or nothing to decide on; names the field.
            EnvironmentFault: the platform cannot be reached or does not take it. What was signed is sent when asked again.
            IntegrityFault: the organisation's log is not what it was, or what came is not what the session names.
        """
        words = worded("reason", reason)
        if outcome not in OUTCOMES:
            raise InputFault(f"outcome: it is one of {', '.join(OUTCOMES)}.")
        me, folder = self._reviewer(), self.folder / session_id
        if not (folder / SEAL_NAME).is_file():
            raise InputFault(NO_SESSION)
        seal_sha256 = hashlib.sha256(read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal")).hexdigest()
        _check_asks(open_here(folder, self._enrolment.places.folder).reader, finding)
        with self._client() as client:
            log = LogWatch(client, self._enrolment.organisation)

            def signed() -> bytes:
                head = log.head()
                return sign(
                    Decision(
                        organisation=self._enrolment.organisation.org_fp,
                        session=session_id,
                        seal_sha256=seal_sha256,
                        finding=finding,
                        outcome=outcome,
                        reason=words,
                        person=me.id,
                        at_us=self._clock.read().t_us,
                        log_size=head.size,
                        log_root=head.root,
                    ),
                    person_key(self._enrolment),
                )

            raw = send_once(self._enrolment, client, session_id, (str(finding), outcome, words), signed)
            with suppress(EnvironmentFault):  # it was posted, and a line that breaks now takes nothing back
                log.check_entered(raw)
        move_in(self._enrolment.places, folder, raw)
        try:
            return self.case(session_id)
        except InputFault:
            raise
        except EnvironmentFault:  # it stands in the log: saying now that it failed would make a second one of it
            return self._opened(session_id)

    def due(self) -> Sequence[Due]:
        """What of the organisation ends soon and concerns this person, as far as this computer knows."""
        me = self._directory().person(self._enrolment.identity.person)
        near = due(self._directory(), self._clock.read().t_us, WARN_DAYS)
        return tuple(one for one in near if not one.project or (me is not None and one.project in me.projects))

    def contradicted(self) -> str:
        """In what the platform contradicted itself, whichever program of this person saw it; "" for nothing."""
        return self._enrolment.organisation.contradicted()

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        """Writes the proof of one record. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        folder = self.folder / session_id
        if not (folder / SEAL_NAME).is_file():
            raise InputFault(NO_SESSION)
        write_proof(folder, self._enrolment.places.folder, seq, file)

    def _opened(self, session_id: str) -> SessionCase:
        """The copy on this computer. Raises as `case`."""
        folder = self.folder / session_id
        opened = open_here(folder, self._enrolment.places.folder)
        shown = opened_here(folder, self._enrolment.places)
        return SessionCase(
            session_id=session_id,
            folder=folder,
            reader=opened.reader,
            verification=verify_here(folder, self._enrolment.places.folder),
            policy=policy_of(folder),
            reads_as=opened.reads_as,
            said=said(folder, self._directory()),
            opened=shown,
            opens_review=opens_review(opened.reader.events(), shown),
        )

    def _directory(self) -> Directory:
        return self._enrolment.organisation.directory()

    def _reviewer(self) -> Person:
        """Who sits here, as a reviewer. Raises `EnvironmentFault` where they are none."""
        person = self._directory().person(self._enrolment.identity.person)
        if person is None or "reviewer" not in person.roles or not person.projects:
            raise EnvironmentFault(NO_REVIEWER)
        return person

    def _row(self, listed: SessionListing) -> ReviewRow:
        person, project = self._directory().person(listed.person), self._directory().project(listed.project)
        return ReviewRow(
            session_id=listed.session_id,
            person=listed.person,
            name=person.name if person is not None else listed.person,
            project=listed.project,
            project_name=project.name if project is not None else listed.project,
            started_us=listed.started_us,
            worked_us=listed.worked_us,
            overlap_us=listed.overlap_us,
            beyond_us=listed.beyond_us,
            sealed_us=listed.sealed_us,
            decisions=listed.decisions,
            replies=listed.replies,
            read=listed.read,
            here=(self.folder / listed.session_id / SEAL_NAME).is_file(),
        )

    @contextmanager
    def _client(self) -> Iterator[PlatformClient]:
        client = self._enrolment.client(self._clock)
        try:
            yield client
        finally:
            client.close()


def _waiting_then_newest(row: ReviewRow) -> tuple[bool, int, str]:
    return row.decisions > 0 or row.read, -row.sealed_us, row.session_id


def _check_asks(reader: SessionReader, finding: int) -> None:
    """Raises `InputFault` where record `finding` is not a raised finding that a reviewer may see."""
    body = next((event.body for event in reader.events() if event.seq == finding), None)
    if not isinstance(body, FindingRecord):
        raise InputFault(f"finding: record {finding} of this session is no finding that you can open.")
    if body.state != State.RAISED:
        raise InputFault(f"finding: record {finding} asks nothing, so there is nothing to decide.")
