# SPDX-License-Identifier: Apache-2.0
"""Opening withheld records to the reviewers: said first, signed once, sent until it stands in the log.

Rules:

1. What becomes readable is told from the value that is then signed for (`session.appeal.Openable`), and nothing is signed
   before the person has said yes.
2. What was signed is kept in `news/unsent/` until the platform has it and it lies in the session's folder: whatever
   breaks off in between is finished by the next call, with the same signature, before anything new is opened.
3. Of a session that no platform confirmed, nothing is opened: nobody could read it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from agent.clock import SystemClock
from fairwitness.opening import policy_of
from fairwitness.places import Places
from fairwitness.sending import NOT_ENROLLED
from fairwitness.statements import drop_unsent, keep_unsent, move_in, person_key, unsent_of
from fairwitness.telling import utc
from fairwitness.wiring import Enrolment, enrolled
from session import EnvironmentFault, InputFault
from session.appeal import Openable, openable, opened_before, opening_of, portions, to_send
from session.crypto.hpke import ReadingKey
from session.events import Kind
from session.ports import Clock, Outcome
from session.reader import FolderReader, content_keys_for_trainer
from session.seal import SEAL_BYTES, SEAL_NAME, Seal
from session.segments import read_file
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import OpeningStatement, sign
from uploader.client import PlatformClient
from uploader.folders import RECEIPT, sealed_session
from uploader.openings import send_opening
from uploader.organisation import refresh
from uploader.orglog import LogWatch

Ranges = Sequence[tuple[int, int]]
Say = Callable[[Sequence[str]], object]

KINDS: Final = {
    Kind.FOCUS.name: "which application was in front, with its title",
    Kind.STATS.name: "counts of keystrokes and pointer movement",
    Kind.CAPTURE.name: "screenshots",
    Kind.CLIPBOARD.name: "sizes of copies and pastes",
    Kind.RAW.name: "timing of single keystrokes and pointer movements",
    Kind.FINDING.name: "findings on trial",
}
"""What a type that a policy may withhold holds, in words."""
FOR_GOOD: Final = "This cannot be taken back: whoever has read something has read it."

NOT_SEALED: Final = "This session is not sealed yet. Reviewers read nothing of it until it is."
NO_ORGANISATION: Final = "This session belongs to no organisation, so there are no reviewers to open anything to."
NOT_CONFIRMED: Final = "The platform has not confirmed this session yet. Send it first: fairwitness upload --now"
A_COPY: Final = "This is a copy of the session. Open it where Fair Witness keeps it, in the folder spool of its own folder."
LEFT: Final = "Nothing was opened."
OTHERS: Final = "This session is of another organisation than this computer, so it cannot be opened from here."


class Appeal:
    """One sealed session of the person who sits here, and its withheld records.

    Args:
        enrolment: of this device.
        folder: of the session.

    Raises:
        InputFault: it is not sealed, or of no organisation.
        EnvironmentFault: the platform has not confirmed it, or a key is missing; says what to do.
        IntegrityFault: it was recorded for somebody else's key, or is damaged.
    """

    def __init__(self, enrolment: Enrolment, folder: Path) -> None:
        if not (folder / SEAL_NAME).is_file():
            raise InputFault(NOT_SEALED)
        if not sealed_session(folder):
            raise InputFault(NO_ORGANISATION)
        if not (folder / RECEIPT).is_file():
            raise EnvironmentFault(NOT_CONFIRMED)
        self._enrolment, self._folder = enrolment, folder
        self._content = content_keys_for_trainer(folder, _reading_key(enrolment))
        self.session_id = FolderReader(folder, self._content).session_id
        sealed = read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal")
        self.project = strict_json(read_envelope(sealed, max_bytes=SEAL_BYTES)[1], Seal).project

    def openable(self, ranges: Ranges) -> Openable:
        """What opening these ranges of seqs would let the reviewers read. Raises as `session.appeal.openable`."""
        events = FolderReader(self._folder, self._content).events()
        return openable(events, policy_of(self._folder), ranges, opened_before(self._folder))

    def finish(self, client: PlatformClient) -> int:
        """Sends what was signed before and did not arrive; returns how many records that opened. Raises as `open`."""
        found = 0
        for name, raw in unsent_of(self._enrolment.places, OpeningStatement.payload_type):
            opening = strict_json(read_envelope(raw)[1], OpeningStatement)
            if opening.session == self.session_id:
                self._deliver(client, name, raw, opening)
                found += len(opening.records)
        return found

    def open(self, client: PlatformClient, ranges: Ranges, *, clock: Clock) -> Openable:
        """Signs and sends the opening of these ranges; returns what it opened. Never opens what was opened before.

        Raises:
            InputFault: nothing in them is withheld and here, or the project has no review key in force.
            EnvironmentFault: the platform cannot be reached or does not take it. What was signed is sent when asked again.
            IntegrityFault: the record or the platform's log is not what it was.
        """
        organisation = self._enrolment.organisation
        answer = refresh(client, organisation)  # so that those can read it who review now
        if not answer.done:
            raise EnvironmentFault(answer.words)
        self.finish(client)
        wanted = self.openable(ranges)
        log = LogWatch(client, organisation)
        for portion in portions(self._folder, wanted.records):
            opening = opening_of(
                self._folder,
                portion,
                self._content,
                directory=organisation.directory(),
                person=self._enrolment.identity.person,
                at_us=clock.read().t_us,
                head=log.head(),
            )
            if opening.organisation != organisation.org_fp:
                raise InputFault(OTHERS)
            raw = sign(opening, person_key(self._enrolment))
            name = keep_unsent(self._enrolment.places, raw)
            self._deliver(client, name, raw, opening)
            with suppress(EnvironmentFault):  # it was taken, and a line that breaks now takes nothing back
                log.check_entered(raw)
        return wanted

    def _deliver(self, client: PlatformClient, name: str, raw: bytes, opening: OpeningStatement) -> None:
        carried = to_send(self._folder, opening.records)
        answer = send_opening(client, opening.session, raw, frames=carried.frames, pictures=carried.pictures)
        if answer.done:
            move_in(self._enrolment.places, self._folder, raw)
        if answer.outcome in {Outcome.DONE, Outcome.NEVER}:  # it grew too old to be taken, so it never stood in the log
            drop_unsent(self._enrolment.places, name)
        if not answer.done:
            raise EnvironmentFault(answer.words)


def told(wanted: Openable, project: str) -> list[str]:
    """What opening this lets reviewers read, in sentences, before anybody says yes."""
    lines = [f"The reviewers of {project} will be able to read:"]
    lines += [f"    {number} of {kind}: {KINDS.get(kind, 'newer records')}" for kind, number in wanted.kinds]
    if wanted.from_us:
        lines.append(f"    from {utc(wanted.from_us)} to {utc(wanted.to_us)}")
    if wanted.before:
        lines.append(f"{wanted.before} of those that you named were opened before.")
    return [*lines, FOR_GOOD]


def run_open(folder: Path, home: Path | None, ranges: Ranges, *, say: Say, agreed: Callable[[], bool]) -> Openable:
    """Opens ranges of a session, after `say` told what that is and `agreed` said yes; returns what was opened.

    Raises:
        InputFault, EnvironmentFault, IntegrityFault: as `Appeal` and its `open`; `EnvironmentFault` where nobody agreed.
    """
    clock = SystemClock()
    places = Places(home)
    enrolment = enrolled(places, places.key_store(), clock)
    if enrolment is None:
        raise EnvironmentFault(NOT_ENROLLED)
    client = enrolment.client(clock)
    try:
        if not same_folder(folder, places.spool / folder.resolve().name):
            raise InputFault(A_COPY)
        appeal = Appeal(enrolment, folder)
        if finished := appeal.finish(client):
            say([f"{finished} records that you opened before reached the platform only now."])
        wanted = appeal.openable(ranges)
        if not wanted.records:
            say(["All of that was opened before. There is nothing more to do."])
            return wanted
        say(told(wanted, appeal.project))
        if not agreed():
            raise EnvironmentFault(LEFT)
        appeal.open(client, ranges, clock=clock)
        say(
            [f"Opened: {len(wanted.records)} records. `fairwitness verify` says so from now on, here and for the reviewers."]
        )
        return wanted
    finally:
        client.close()
        enrolment.close()


def same_folder(one: Path, other: Path) -> bool:
    """Whether both are the same folder on this disk."""
    return other.is_dir() and one.samefile(other)


def _reading_key(enrolment: Enrolment) -> ReadingKey:
    name = f"person/{enrolment.organisation.org_fp}/reading"
    seed = enrolment.places.key_store().get(name)
    if seed is None:
        raise EnvironmentFault("Your key is missing on this computer. Ask your organisation for a new enrolment link.")
    return ReadingKey.from_seed(seed, name)
