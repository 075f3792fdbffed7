# SPDX-License-Identifier: Apache-2.0
"""`fairwitness record`: one session from the terminal, which is its visible sign."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from agent.clock import SystemClock
from agent.finishing import Stopped
from agent.lifecycle import Reopened, SpoolLock, stop_there
from agent.recorder import SessionRecorder
from agent.signals import StopSignals
from fairwitness.notices import Notices
from fairwitness.places import Places
from fairwitness.recording import LAST_COSIGNATURE_S, Bench, Watched, chosen_project, recovered_words
from fairwitness.wiring import desktop_sensors, enrolled
from session import EnvironmentFault, InputFault
from session.assistance import NOTHING_SAID, Assistance
from session.desks import TrainerStatus
from session.events import Ack, Event, Task
from session.policy import parse_policy, policy_digest
from session.ports import RecorderState, RecorderStatus

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
            bench = Bench(places, store, clock, enrolment, say)
            _finish_earlier(bench)
            return _record(bench, wish)
        finally:
            if enrolment is not None:
                enrolment.close()


def _finish_earlier(bench: Bench) -> None:
    """Sessions that a crash left are recovered, stopped where they ended, sealed and queued."""
    for reopened in bench.recover().reopened:
        _finish_recovered(bench, reopened)
        bench.say(f"An earlier session that had ended without warning was recovered and sealed: {reopened.folder}")


def _record(bench: Bench, wish: Wish) -> Recorded:
    project = _project(bench, wish.project)
    ack = _notice_read(bench, project)
    opened, declared = bench.open(project), bench.assistance()
    journal, policy = opened.journal, opened.policy
    uplink, watched = bench.uplink(), Watched(opened, bench.witnessed)
    recorder = SessionRecorder(
        journal,
        policy,
        bench.clock,
        desktop_sensors(policy, bench.catalogue(policy)),
        past=opened.past,
        uplink=watched if uplink is not None else None,
    )
    events: list[Event] = [*opened.past]
    recorder.listen(_Terminal(bench.say, events))
    if uplink is not None:
        watched.connect(uplink, recorder)
        uplink.start()
        uplink.ask_supplies()  # a grant was used, or is missing; either way the shelf wants another
    with StopSignals() as signals:
        recorder.start()
        if ack is not None:
            recorder.enter(ack)
        if project:
            reading = bench.clock.read()
            recorder.enter(Task(reading.t_us, reading.mono_us, project))
        _wait(recorder, signals, wish.for_s)
        recorder.stop()
        if not recorder.join(30) and not _stopped_in_the_end(recorder):
            raise EnvironmentFault(f"The session could not be closed: {recorder.status().message} What was saved is safe.")
    if recorder.status().state is RecorderState.PROBLEM:
        raise EnvironmentFault(recorder.status().message)
    late: list[tuple[int, str]] = []
    if uplink is not None:
        late = watched.last_cosignatures(uplink, recorder, LAST_COSIGNATURE_S)
        uplink.stop()
        _tell_contradiction(bench)
    stopped = Stopped(journal, events, policy)
    if watched.has_lost:
        reopened = bench.recover_lost(stopped)
        journal = reopened.stopped.journal
        folder = _finish_recovered(bench, reopened)
    else:
        folder = _finish(bench, stopped, late, declared)
    return Recorded(folder=folder, records=journal.size, queued=bench.enrolment is not None)


def _project(bench: Bench, wished: str) -> str:
    if bench.enrolment is not None:
        return chosen_project(bench.enrolment, wished)
    if wished:
        raise InputFault("--project: this device is not enrolled, so the session is a personal one without a project.")
    bench.say("Not enrolled: this is a personal session, signed with your own keys and sent nowhere.")
    return ""


def _notice_read(bench: Bench, project: str) -> Ack | None:
    """The notice of the policy, shown before the first session under it, and that it was read; None where nobody was asked.

    Raises:
        EnvironmentFault: the person does not agree that it was read; nothing was recorded.
    """
    toml = bench.policy(project)
    notices = Notices(bench.places.folder / "notices")
    read = notices.read(policy_digest(toml))
    if read is not None:
        return read
    from ui.notice import notice  # noqa: PLC0415 - before the first session under a policy only
    from ui.strings import Words, language_of  # noqa: PLC0415 - as above

    name = bench.enrolment.organisation.directory().name if bench.enrolment is not None else ""
    words = Words(language_of(os.environ))
    told = notice(parse_policy(toml), name, words)
    if not sys.stdin.isatty():
        bench.say("Nobody is here to read this policy's notice, so the record will not say that it was read.")
        return None
    bench.say(told.text)
    if input(f"{words('notice.read')} [yes/no] ").strip().lower() not in {
        "yes",
        "y",
        "s\N{LATIN SMALL LETTER I WITH GRAVE}",
        "si",
    }:
        raise EnvironmentFault("Nothing was recorded. Ask your organisation about what is unclear in the notice.")
    ack = Ack(bench.clock.read().t_us, policy_digest(toml), told.sha256, words.language)
    notices.keep(ack)
    return ack


def _finish_recovered(bench: Bench, reopened: Reopened) -> Path:
    folder = _finish(bench, stop_there(reopened, bench.clock.read()))
    if reopened.lost:
        bench.say(recovered_words(reopened))
    return folder


def _finish(
    bench: Bench, stopped: Stopped, late: Sequence[tuple[int, str]] = (), began_with: Assistance = NOTHING_SAID
) -> Path:
    bench.conclude(stopped, late, began_with)
    return bench.seal(stopped)


def _wait(recorder: SessionRecorder, signals: StopSignals, for_s: float | None) -> None:
    """Until the time is over, a signal came, or the recorder ended by itself."""
    until = None if for_s is None else time.monotonic() + for_s
    while until is None or time.monotonic() < until:
        left = STATUS_S if until is None else min(STATUS_S, max(0.0, until - time.monotonic()))
        if signals.wait(min(1.0, left)) or recorder.join(0):
            return


def _tell_contradiction(bench: Bench) -> None:
    """Where evidence lies here that the platform contradicts itself: in which of its duties, and what to do."""
    from ui.strings import Words, language_of  # noqa: PLC0415 - where there is something to say
    from ui.trainer.telling import contradiction_words  # noqa: PLC0415 - as above

    if bench.enrolment is not None:
        organisation = bench.enrolment.organisation
        status = TrainerStatus(contradicted=organisation.contradicted(), unkept=organisation.evidence_waits())
        told = " ".join(contradiction_words(status, Words(language_of(os.environ))))
        if told:
            bench.say(told)


def _stopped_in_the_end(recorder: SessionRecorder) -> bool:
    recorder.stop()  # asked twice: no more waiting for a disk that takes nothing
    return recorder.join(10)


class _Terminal:
    """Keeps what is recorded and says each change of state in one line."""

    def __init__(self, say: Say, events: list[Event]) -> None:
        from ui.strings import Words, language_of  # noqa: PLC0415 - as in `_notice_read`

        self._say, self._events = say, events
        self._words = Words(language_of(os.environ))
        self._told = ""

    def __call__(self, status: RecorderStatus, events: Sequence[Event]) -> None:
        self._events.extend(event for event in events if event.seq >= len(self._events))
        words = f"{_WORDS.get(status.state, '')} {self._words.fault(status.message)}".strip()
        if words and words != self._told:
            self._told = words
            self._say(words)
