# SPDX-License-Identifier: Apache-2.0
"""What a recording is made of, for the terminal and for the tray alike: opening, watching, concluding, sealing, queueing.

The order: lock, recovery of what an earlier end left, grants and keys, sensors; at the end findings, review, seal, outbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import msgspec

import detectors
from agent.finishing import Stopped, conclude, forget_keys_of_sealed, seal_session
from agent.lifecycle import Recovery, Reopened, recover_session, recover_spool
from agent.opening import Opened, Terms, open_session, personal_identity
from agent.recorder import SessionRecorder
from agent.witnessed import WitnessedSizes
from detectors.catalogue.listed import Listed
from fairwitness.assistance import said
from fairwitness.catalogues import at_hand
from fairwitness.places import Places
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, InputFault
from session.assistance import NOTHING_SAID, Assistance
from session.events import Cosign, Event, Kind, Opening, Start, Task
from session.findings import Finding
from session.journal import Journal
from session.log.checkpoint import CheckpointText
from session.log.merkle import EMPTY_ROOT
from session.policy import Policy, default_policy_toml
from session.ports import Clock, KeyStore
from session.segments import read_file
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES
from uploader.folders import DIRECTORY
from uploader.orglog import head_seen
from uploader.uplink import Uplink
from uploader.witness import ask_cosigned, witness_terms

_LOG = logging.getLogger("fairwitness.recording")

LAST_COSIGNATURE_S = 5.0
"""How long the end of a session waits for the platform's last countersignature; without it the seal says so."""
NO_POLICY = "The policy of this project is not on this computer yet. Connect to the network once and retry."
NO_PROJECT = "Your organisation has given you no project yet. Ask its admin."
RECOVERED = "A session that had ended without warning was recovered. It waits for your review."
LOST = (
    "Records that the platform had countersigned ({number}) are missing on this computer's disk. The session ends where "
    "they begin, and says so; nobody is blamed for it. The time after them can be claimed. Your next session goes on from "
    "it. Please have the disk looked at."
)
SET_BACK = (
    "This computer, or its disk, was set back to an earlier copy, or runs twice: {number} records that the platform "
    "countersigned are not here. The session ends behind the last that is, and says so; nobody is blamed for it. The time "
    "after it can be claimed. Start a new session to go on: it names this one."
)
Say = Callable[[str], None]
Given = TypeVar("Given")


class Bench(msgspec.Struct, frozen=True):
    """What recordings on this computer are made with. `say` takes plain words for the person."""

    places: Places
    store: KeyStore
    clock: Clock
    enrolment: Enrolment | None
    say: Say

    def policy(self, project: str) -> bytes:
        """The policy that a session of `project` ("" for a personal one) would be recorded under.

        Raises:
            EnvironmentFault: it is not on this computer yet.
        """
        if self.enrolment is None:
            return default_policy_toml()
        listed = self.enrolment.organisation.directory().project(project)
        toml = self.enrolment.organisation.policy(listed.policy_sha256) if listed is not None else None
        if toml is None:
            raise EnvironmentFault(NO_POLICY)
        return toml

    def recover(self) -> Recovery:
        """What an earlier end left: unsealed sessions, recovered; keys that nobody needs any more, forgotten.

        Only under the `SpoolLock`. Says what is damaged or cannot be opened. Raises `EnvironmentFault`.
        """
        forget_keys_of_sealed(self.places.spool, self.store)
        if self.enrolment is not None:
            self.enrolment.shelf.forget_orphans()
        self.witnessed.forget_sealed(self.places.spool)
        recovery = self._recovered()
        for session_id in recovery.damaged:
            self.say(
                f"Session {session_id[:8]} was interrupted before its first records were saved; its files are kept aside."
            )
        for session_id, words in recovery.problems:
            self.say(f"Session {session_id[:8]} cannot be opened and stays where it is: {words}")
        return recovery

    @property
    def witnessed(self) -> WitnessedSizes:
        """What this computer remembers of countersignatures, beside the sessions."""
        return WitnessedSizes(self.places.witnessed)

    def _recovered(self) -> Recovery:
        """The spool's recovery; an organisation's platform is asked what it countersigned of a session that broke off."""
        return self._asking(partial(recover_spool, self.places.spool))

    def recover_lost(self, stopped: Stopped) -> Reopened:
        """A session that was stopped because cosigned records are not here: recovered as the next start would.

        Only under the `SpoolLock`. Raises `EnvironmentFault`, `IntegrityFault`: it waits for the next start.
        """
        stopped.journal.close()
        return self._asking(partial(recover_session, stopped.journal.folder))

    def _asking(self, recover: Callable[..., Given]) -> Given:
        """What `recover` gives, called with what this computer knows, and with how the platform is asked for more."""
        recover = partial(recover, store=self.store, clock=self.clock, witnessed=self.witnessed)
        if self.enrolment is None:
            return recover()
        client, organisation = self.enrolment.client(self.clock), self.enrolment.organisation

        def ask(journal: Journal, note: bytes) -> CheckpointText | None:
            if journal.origin.split("/")[1] != organisation.org_fp:
                return CheckpointText(journal.origin, 0, EMPTY_ROOT)
            return ask_cosigned(client, journal, note, organisation)

        try:
            return recover(ask=ask)
        finally:
            client.close()

    def open(self, project: str) -> Opened:
        """Begins a session of `project`, "" for a personal one where this computer is not enrolled.

        Raises:
            EnvironmentFault: keys, policy or disk are in the way. InputFault: no project of this person's.
        """
        agent = f"fairwitness {version('fairwitness')}"
        if self.enrolment is not None:
            return self._open_granted(self.enrolment, project, agent)
        return open_session(
            self.places.spool,
            store=self.store,
            clock=self.clock,
            identity=personal_identity(self.store, self.clock.read()),
            terms=Terms(policy_toml=default_policy_toml()),
            agent=agent,
        )

    def _open_granted(self, enrolment: Enrolment, project: str, agent: str) -> Opened:
        organisation = enrolment.organisation
        directory = organisation.directory_text  # once: the uplink may put a newer one in its place at any moment
        listed = open_directory(directory).project(project)
        policy_toml = organisation.policy(listed.policy_sha256) if listed is not None else None
        if listed is None or policy_toml is None:
            raise EnvironmentFault(NO_POLICY)
        grant = enrolment.shelf.take(project, listed.policy_sha256)
        if grant is None:
            self.say("No grant is at hand: this is an offline start, and the platform will not prove when it began.")
        terms = Terms(
            policy_toml=policy_toml,
            directory=grant.directory if grant else directory,
            seen=head_seen(organisation),
        )
        continues = self.witnessed.to_continue(organisation.org_fp)
        opened = open_session(
            self.places.spool,
            store=self.store,
            clock=self.clock,
            identity=enrolment.identity,
            terms=terms,
            agent=agent,
            grant=grant,
            continues=continues,
        )
        if continues:
            self.witnessed.forget(continues)
        if grant is not None:
            enrolment.shelf.used(grant.session_id)
        return opened

    def uplink(self) -> Uplink | None:
        """The thread that speaks to the platform, not yet started; None where this computer is not enrolled."""
        enrolment = self.enrolment
        if enrolment is None:
            return None
        client = enrolment.client(self.clock)
        return Uplink(client, enrolment.organisation, enrolment.outbox, shelf=enrolment.shelf, clock=self.clock)

    def assistance(self) -> Assistance:
        """What is declared on this computer; it goes to detectors, and nowhere else."""
        return said(self.places.assistance)

    def catalogue(self, policy: Policy) -> Listed | None:
        """The catalogue of AI tools that this policy names, where it is here."""
        return at_hand(policy, self.places)

    def conclude(
        self, stopped: Stopped, late: Sequence[tuple[int, str]] = (), began_with: Assistance = NOTHING_SAID
    ) -> None:
        """Adds late cosignatures and the findings, before the trainer reviews. Raises `EnvironmentFault`.

        `began_with`: what was declared when the session began; what is declared now holds for all of it, too.
        """
        policy, declared = stopped.policy, began_with.joined(self.assistance())
        known = self.catalogue(policy)
        found = partial(findings, policy, declared=declared, listed=known)
        conclude(stopped, self.clock.read(), detect=found, cosignatures=late)

    def seal(self, stopped: Stopped) -> Path:
        """Seals a concluded session and queues it where it has a project; returns its folder.

        Raises:
            EnvironmentFault: disk or key store do not let us; may be repeated. InputFault: no review key is in force.
        """
        reading, project, folder = self.clock.read(), project_of(stopped.events), stopped.journal.folder
        directory = self.enrolment.organisation.directory_text if self.enrolment is not None else None
        seal_session(stopped, reading, store=self.store, project=project, directory=directory)
        if self.enrolment is not None and project:
            hold_us = stopped.policy.sending.hold_s * 1_000_000
            self.enrolment.outbox.put(folder.name, folder, not_before_us=reading.t_us + hold_us)
        return folder


def recovered_words(reopened: Reopened) -> str:
    """What the person is told of a session that ended without warning, "" for one that had its stop."""
    if reopened.lost:
        return (SET_BACK if reopened.forked else LOST).format(number=reopened.lost)
    return "" if reopened.was_stopped else RECOVERED


def findings(
    policy: Policy, events: Sequence[Event], declared: Assistance = NOTHING_SAID, listed: Listed | None = None
) -> tuple[Finding, ...]:
    """What every detector of this version says of these records.

    `declared`: on the person's computer. `listed`: the catalogue that the policy names, None where it is not here.
    """
    return detectors.run(detectors.ALL, policy, events, declared, listed)


def project_of(events: Sequence[Event]) -> str:
    """The project that the last TASK names, "" where there is none."""
    tasks = [event.body for event in events if event.kind == Kind.TASK]
    return tasks[-1].project if tasks and isinstance(tasks[-1], Task) else ""


class _Keeping:
    """Remembers each cosignature beside the record before the record has it. Called from the uplink's thread."""

    def __init__(self, recorder: SessionRecorder, witnessed: WitnessedSizes, session_id: str, org_fp: str) -> None:
        self._recorder, self._witnessed = recorder, witnessed
        self._session_id, self._org_fp = session_id, org_fp
        self.has_lost = False

    def cosigned(self, size: int, line: str) -> None:
        """See `uploader.witness.WitnessListener`."""
        try:
            self._witnessed.keep(self._session_id, self._org_fp, size)
        except EnvironmentFault:  # a disk that takes nothing: the record says so itself, and the platform knows all the same
            _LOG.warning("session=%s a cosignature is not remembered", self._session_id)
        self._recorder.cosigned(size, line)

    def offline(self) -> None:
        """See `uploader.witness.WitnessListener`."""
        self._recorder.offline()

    def witness_fault(self, detail: str) -> None:
        """See `uploader.witness.WitnessListener`."""
        self._recorder.witness_fault(detail)

    def lost(self, cosigned_size: int) -> None:
        """See `uploader.witness.WitnessListener`."""
        self.has_lost = True
        try:
            self._witnessed.keep(self._session_id, self._org_fp, cosigned_size, forked=True)
        except EnvironmentFault:  # the platform says the same again when the session is recovered
            _LOG.warning("session=%s a loss is not remembered", self._session_id)
        self._recorder.lost(cosigned_size)


class Watched:
    """Hands checkpoints to the uplink once recorder and uplink know each other."""

    def __init__(self, opened: Opened, witnessed: WitnessedSizes) -> None:
        self._opened, self._witnessed = opened, witnessed
        self._submit: Callable[[bytes, int], None] = lambda _note, _size: None
        self._listener: _Keeping | None = None
        self.session_id = opened.journal.keys.session_id
        self.last_size = 0

    def connect(self, uplink: Uplink, recorder: SessionRecorder) -> None:
        """From here on the recorder's checkpoints go up, and answers come back to it. Raises `EnvironmentFault`."""
        journal, past = self._opened.journal, self._opened.past
        directory = read_file(journal.folder / DIRECTORY, DIRECTORY_BYTES, "the session's directory")
        opening = next(event.body.envelope for event in past if isinstance(event.body, Opening))
        start = next(event.body for event in past if isinstance(event.body, Start))
        lines = [event.body.line for event in past if isinstance(event.body, Cosign)]
        terms = witness_terms(directory, opening, start, lines)
        keys = journal.keys
        self._listener = listener = _Keeping(recorder, self._witnessed, keys.session_id, self._opened.org_fp)
        self._submit = uplink.watch(keys.session_id, keys.signing.public, journal.tree, listener, terms=terms).submit

    @property
    def has_lost(self) -> bool:
        """Whether the platform cosigned records of it that are not here: then `Bench.recover_lost` comes before all else."""
        return self._listener is not None and self._listener.has_lost

    def submit(self, note: bytes, size: int) -> None:
        """See `agent.writer.Uplink`."""
        self.last_size = size
        self._submit(note, size)

    def last_cosignatures(self, uplink: Uplink, recorder: SessionRecorder, within_s: float) -> list[tuple[int, str]]:
        """After the end: what the platform still says of the last checkpoint, waited for a little."""
        late: list[tuple[int, str]] = []
        until = time.monotonic() + within_s
        while time.monotonic() < until and not self.has_lost and not any(size == self.last_size for size, _ in late):
            late += recorder.late_cosignatures()
            time.sleep(0.02)
        uplink.end(self.session_id)
        return late + recorder.late_cosignatures()


def chosen_project(enrolment: Enrolment, project: str) -> str:
    """The project that was asked for, or the only one.

    Raises:
        EnvironmentFault: the person has none. InputFault: it is none of theirs, or one of several must be named.
    """
    own = enrolment.projects
    if not own:
        raise EnvironmentFault(NO_PROJECT)
    if project not in (own if project else ("",)) or (not project and len(own) > 1):
        raise InputFault(f"--project: choose one of yours: {', '.join(own)}.")
    return project or own[0]
