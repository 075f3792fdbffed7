# SPDX-License-Identifier: Apache-2.0
"""`fairwitness record`: one session from the terminal, which is its visible sign.

The order: lock, recovery of what an earlier end left, grants and keys, sensors; at the end findings, seal, outbox.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

import detectors
from agent.clock import SystemClock
from agent.finishing import Stopped, conclude, forget_keys_of_sealed, seal_session
from agent.lifecycle import SpoolLock, StopSignals, recover_spool, stop_there
from agent.opening import Opened, Terms, open_session, personal_identity
from agent.recorder import SessionRecorder
from fairwitness.places import Places
from fairwitness.wiring import Enrolment, desktop_sensors, enrolled
from session import EnvironmentFault, InputFault
from session.events import Event, Kind, Task
from session.findings import Finding
from session.policy import Policy, default_policy_toml
from session.ports import Clock, KeyStore, RecorderState, RecorderStatus
from uploader.uplink import Uplink

LAST_COSIGNATURE_S = 5.0
"""How long the end of a session waits for the platform's last countersignature; without it the seal says so."""
STATUS_S = 60.0
RECORDING = "Recording."
"""What the terminal says once the sensors were started."""
_WORDS = {
    RecorderState.RECORDING: RECORDING,
    RecorderState.PAUSED: "Paused: nothing is observed.",
    RecorderState.PRIVATE: "Private time: nothing is observed.",
    RecorderState.PROBLEM: "Something is in the way:",
    RecorderState.STOPPED: "Stopped.",
}
Say = Callable[[str], None]


class Wish(msgspec.Struct, frozen=True):
    """What was asked for: seconds (None until a signal), and whose project ("" for the only one)."""

    for_s: float | None
    project: str


class Recorded(msgspec.Struct, frozen=True):
    """What came of it."""

    folder: Path
    records: int
    queued: bool


class _Bench(msgspec.Struct, frozen=True):
    """What a recording works with."""

    places: Places
    store: KeyStore
    clock: Clock
    enrolment: Enrolment | None
    say: Say


def record_session(home: Path | None, wish: Wish, say: Say) -> Recorded:
    """Records one session and seals it; where enrolled it is queued, held as its policy says.

    Raises:
        EnvironmentFault: another recorder runs, keys are missing, the disk is full; says what to do.
    """
    places, clock = Places(home), SystemClock()
    store = places.key_store()
    with SpoolLock(places.folder / "lock"):
        enrolment = enrolled(places, store, clock)
        try:
            bench = _Bench(places, store, clock, enrolment, say)
            _finish_earlier(bench)
            return _record(bench, wish)
        finally:
            if enrolment is not None:
                enrolment.close()


def _finish_earlier(bench: _Bench) -> None:
    """Sessions that a crash left are recovered, stopped where they ended, sealed and queued."""
    forget_keys_of_sealed(bench.places.spool, bench.store)
    if bench.enrolment is not None:
        bench.enrolment.shelf.forget_orphans()
    recovery = recover_spool(bench.places.spool, store=bench.store, clock=bench.clock)
    for session_id in recovery.damaged:
        bench.say(f"Session {session_id[:8]} was interrupted before its first records were saved; its files are kept aside.")
    for session_id, words in recovery.problems:
        bench.say(f"Session {session_id[:8]} cannot be opened and stays where it is: {words}")
    for reopened in recovery.reopened:
        stopped = stop_there(reopened, bench.clock.read())
        _finish(bench, stopped, ())
        bench.say(f"An earlier session that had ended without warning was recovered and sealed: {reopened.folder}")


def _record(bench: _Bench, wish: Wish) -> Recorded:
    project, opened = _open(bench, wish.project)
    journal, policy = opened.journal, opened.policy
    uplink, watched_for = _uplink(bench, opened)
    sensors = desktop_sensors(policy)
    recorder = SessionRecorder(journal, policy, bench.clock, sensors, past=opened.past, uplink=watched_for)
    events: list[Event] = [*opened.past]
    recorder.listen(_Terminal(bench.say, events))
    if uplink is not None and watched_for is not None:
        watched_for.connect(uplink, recorder)
        uplink.start()
        uplink.ask_supplies()  # a grant was used, or is missing; either way the shelf wants another
    with StopSignals() as signals:
        recorder.start()
        if project:
            reading = bench.clock.read()
            recorder.enter(Task(reading.t_us, reading.mono_us, project))
        _wait(recorder, signals, wish.for_s)
        recorder.stop()
        if not recorder.join(30) and not _stopped_in_the_end(recorder):
            raise EnvironmentFault(f"The session could not be closed: {recorder.status().message} What was saved is safe.")
    if recorder.status().state is RecorderState.PROBLEM:
        raise EnvironmentFault(recorder.status().message)
    late = _last_cosignatures(uplink, watched_for, recorder)
    folder = _finish(bench, Stopped(journal, events, policy), late)
    return Recorded(folder=folder, records=journal.size, queued=bench.enrolment is not None)


def _open(bench: _Bench, project: str) -> tuple[str, Opened]:
    agent = f"fairwitness {version('fairwitness')}"
    if bench.enrolment is None:
        if project:
            raise InputFault("--project: this device is not enrolled, so the session is a personal one without a project.")
        identity = personal_identity(bench.store, bench.clock.read())
        bench.say("Not enrolled: this is a personal session, signed with your own keys and sent nowhere.")
        terms = Terms(policy_toml=default_policy_toml())
        return "", open_session(
            bench.places.spool, store=bench.store, clock=bench.clock, identity=identity, terms=terms, agent=agent
        )
    own = bench.enrolment.projects
    if not own:
        raise EnvironmentFault("Your organisation has given you no project yet. Ask its admin.")
    if project not in (own if project else ("",)) or (not project and len(own) > 1):
        raise InputFault(f"--project: choose one of yours: {', '.join(own)}.")
    chosen = project or own[0]
    return chosen, _open_granted(bench, bench.enrolment, chosen, agent)


def _open_granted(bench: _Bench, enrolment: Enrolment, project: str, agent: str) -> Opened:
    organisation = enrolment.organisation
    listed = organisation.directory().project(project)
    policy_sha256 = listed.policy_sha256 if listed is not None else ""
    policy_toml = organisation.policy(policy_sha256) if policy_sha256 else None
    if policy_toml is None:
        raise EnvironmentFault(
            "The policy of this project is not on this computer yet. Connect to the network once and retry."
        )
    grant = enrolment.shelf.take(project, policy_sha256)
    if grant is None:
        bench.say("No grant is at hand: this is an offline start, and the platform will not prove when it began.")
    terms = Terms(policy_toml=policy_toml, directory=grant.directory if grant else organisation.directory_text)
    opened = open_session(
        bench.places.spool,
        store=bench.store,
        clock=bench.clock,
        identity=enrolment.identity,
        terms=terms,
        agent=agent,
        grant=grant,
    )
    if grant is not None:
        enrolment.shelf.used(grant.session_id)
    return opened


class _Watched:
    """Hands checkpoints to the uplink once recorder and uplink know each other."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._submit: Callable[[bytes, int], None] = lambda _note, _size: None
        self.session_id = opened.journal.keys.session_id
        self.last_size = 0

    def connect(self, uplink: Uplink, recorder: SessionRecorder) -> None:
        """From here on the recorder's checkpoints go up, and answers come back to it."""
        keys = self._opened.journal.keys
        self._submit = uplink.watch(keys.session_id, keys.signing.public, self._opened.journal.tree, recorder).submit

    def submit(self, note: bytes, size: int) -> None:
        """See `agent.writer.Uplink`."""
        self.last_size = size
        self._submit(note, size)


def _uplink(bench: _Bench, opened: Opened) -> tuple[Uplink | None, _Watched | None]:
    enrolment = bench.enrolment
    if enrolment is None:
        return None, None
    client = enrolment.client(bench.clock)
    uplink = Uplink(client, enrolment.organisation, enrolment.outbox, shelf=enrolment.shelf, clock=bench.clock)
    return uplink, _Watched(opened)


def _wait(recorder: SessionRecorder, signals: StopSignals, for_s: float | None) -> None:
    """Until the time is over, a signal came, or the recorder ended by itself."""
    until = None if for_s is None else time.monotonic() + for_s
    while until is None or time.monotonic() < until:
        left = STATUS_S if until is None else min(STATUS_S, max(0.0, until - time.monotonic()))
        if signals.wait(min(1.0, left)) or recorder.join(0):
            return


def _stopped_in_the_end(recorder: SessionRecorder) -> bool:
    recorder.stop()  # asked twice: no more waiting for a disk that takes nothing
    return recorder.join(10)


def _last_cosignatures(uplink: Uplink | None, watched: _Watched | None, recorder: SessionRecorder) -> list[tuple[int, str]]:
    """What the platform still says of the last checkpoint, waited for a little."""
    if uplink is None or watched is None:
        return []
    late: list[tuple[int, str]] = []
    until = time.monotonic() + LAST_COSIGNATURE_S
    while time.monotonic() < until and not any(size == watched.last_size for size, _ in late):
        late += recorder.late_cosignatures()
        time.sleep(0.02)
    uplink.end(watched.session_id)
    uplink.stop()
    return late + recorder.late_cosignatures()


def _finish(bench: _Bench, stopped: Stopped, late: Sequence[tuple[int, str]]) -> Path:
    policy = stopped.policy
    conclude(stopped, bench.clock.read(), detect=lambda events: _findings(policy, events), cosignatures=late)
    directory = bench.enrolment.organisation.directory_text if bench.enrolment is not None else None
    reading = bench.clock.read()
    project = _project_of(stopped.events)
    folder = stopped.journal.folder
    seal_session(stopped, reading, store=bench.store, project=project, directory=directory)
    if bench.enrolment is not None and project:
        hold_us = policy.sending.hold_s * 1_000_000
        bench.enrolment.outbox.put(folder.name, folder, not_before_us=reading.t_us + hold_us)
    return folder


def _findings(policy: Policy, events: Sequence[Event]) -> tuple[Finding, ...]:
    return detectors.run(detectors.ALL, policy, events)


def _project_of(events: Sequence[Event]) -> str:
    """The project that the last TASK names."""
    tasks = [event.body for event in events if event.kind == Kind.TASK]
    return tasks[-1].project if tasks and isinstance(tasks[-1], Task) else ""


class _Terminal:
    """Keeps what is recorded and says each change of state in one line."""

    def __init__(self, say: Say, events: list[Event]) -> None:
        self._say, self._events = say, events
        self._told = ""

    def __call__(self, status: RecorderStatus, events: Sequence[Event]) -> None:
        self._events.extend(event for event in events if event.seq >= len(self._events))
        words = f"{_WORDS.get(status.state, '')} {status.message}".strip()
        if words and words != self._told:
            self._told = words
            self._say(words)
