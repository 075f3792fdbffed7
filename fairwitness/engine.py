# SPDX-License-Identifier: Apache-2.0
"""What stands behind the tray: recording, the trainer's review, sending, and news, on one computer for one person.

Rules:

1. Pause, private time and stop act on the recorder at once, whatever this thread does; all else happens in its turns.
2. A stopped session is concluded and then belongs to the trainer: nothing seals and nothing sends itself.
3. One thread at a time touches the journal of a stopped session.
4. What goes wrong is told in words and leaves everything where it was.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agent.clock import SystemClock
from agent.keys.chosen import Kept
from agent.lifecycle import Reopened, SpoolLock, stop_there
from agent.writer import WITNESS_SCOPE
from fairwitness.appealing import Appeal
from fairwitness.cards import Cards
from fairwitness.cases import case_here
from fairwitness.notices import Notices
from fairwitness.opening import write_proof
from fairwitness.places import Places
from fairwitness.recording import LAST_COSIGNATURE_S, Bench, chosen_project, recovered_words
from fairwitness.recovering import Recovery, answer_request, answer_words, ask, join, take_answer
from fairwitness.removals import finish_removals, going, remove_sealed, send_removals
from fairwitness.reporting import Reports
from fairwitness.reviewing import Reviewing
from fairwitness.running import Running
from fairwitness.statements import mark_read, reply, take_news, unread
from fairwitness.wiring import Enrolment, enrolled
from session import EnvironmentFault, FairWitnessError, InputFault
from session.desks import CodeState, DeviceWords, NoticeDue, ProjectChoice, SessionCase, TrainerState, TrainerStatus
from session.events import Ack, Note, Reason
from session.policy import parse_policy, policy_digest
from session.ports import Clock, OutboxItem, RecorderState
from session.removal import Box
from session.trust.lifetime import WARN_DAYS, Due, due
from uploader.client import PlatformClient
from uploader.uplink import Uplink, UplinkState

POLL_S: Final = 5.0
"""Longest rest between two looks at what others changed: the uplink's state, the outbox, the person's directory."""
NEWS_US: Final = 300_000_000
"""How often decisions are asked for. Source: a person who waits for one looks a few times an hour."""
SUPPLIES_US: Final = 300_000_000
"""How often a newer directory is asked for (one request that mostly answers "not modified"), so that a new policy is taken
up at the next session."""
ADMITTED_US: Final = 15_000_000
"""The same while the organisation has not signed this person in yet: somebody waits in front of the screen."""
_STATES: Final = {
    RecorderState.IDLE: TrainerState.STARTING,
    RecorderState.RECORDING: TrainerState.RECORDING,
    RecorderState.PAUSED: TrainerState.PAUSED,
    RecorderState.PRIVATE: TrainerState.PRIVATE,
    RecorderState.STOPPED: TrainerState.STOPPING,
    RecorderState.PROBLEM: TrainerState.PROBLEM,
}
_UNWITNESSED: Final = f"{WITNESS_SCOPE}: {Reason.OFFLINE}"


class Engine:
    """Made, begun, turned and ended on one thread; its verbs are for any thread.

    Args:
        home: the agent's folder, None for the user's own.
        tell: takes each change of what the person sees.
        visible: whether the person sees the state.
        clock: None for this computer's.
    """

    def __init__(
        self,
        home: Path | None,
        tell: Callable[[TrainerStatus], None],
        *,
        visible: Callable[[], bool],
        clock: Clock | None = None,
    ) -> None:
        self._home, self._tell, self._visible = home, tell, visible
        self._places, self._clock = Places(home), clock or SystemClock()
        self._store = self._places.key_store()
        self._begun = False
        self._lock: SpoolLock | None = None
        self._bench: Bench | None = None
        self._uplink: Uplink | None = None
        self._client: PlatformClient | None = None
        self._running: Running | None = None
        self._phase = TrainerState.STARTING
        self._message = ""
        self._commands: deque[Callable[[], None]] = deque()
        self._woken = threading.Event()
        self._told: tuple[TrainerStatus, Sequence[ProjectChoice]] | None = None
        self._news_at_us = 0
        self._news_trouble = ""
        self._supplies_at_us = 0
        self._project = ""
        self._items: Mapping[str, OutboxItem] = {}
        self._code = CodeState.UNKNOWN
        self._reviewing = Reviewing(self._held_bench)
        self._cards = Cards(self._places.folder / "cards", self._places.spool)
        self._notices = Notices(self._places.folder / "notices")
        self.reports = Reports(self._enrolment, self._clock, self.wake)

    # --- the thread "trainer"

    def begin(self) -> None:
        """Takes the lock, finds what an earlier end left, and speaks to the platform from now on.

        Raises:
            EnvironmentFault: another recorder runs, or a part of this computer's enrolment is in the way. May be repeated.
        """
        if self._begun:  # a window of the keyring that was closed once does not come back by itself every few seconds
            self._store = self._places.key_store(asks=False)
        self._begun = True
        if self._lock is None:
            lock = SpoolLock(self._places.folder / "lock")
            lock.__enter__()
            self._lock = lock
        self._open_bench()
        self._recover()
        try:
            finish_removals(self._places)
        except FairWitnessError as fault:  # a damaged session is no reason to record nothing
            self._say(str(fault))
        self._phase = TrainerState.IDLE
        self._store = self._places.key_store()
        self._bench = msgspec.structs.replace(self._held_bench(), store=self._store)

    def turn(self) -> None:
        """Waits until something is to be done, at most some seconds, and does it."""
        self._woken.wait(self._rest_s())
        self._woken.clear()
        self._obey()
        self._look_around()
        self._show()

    def end(self) -> None:
        """The clean end: a running session is stopped and concluded, threads and files are given up."""
        if self._running is not None:
            self._running.recorder.stop()
            self._post(lambda: self._finish(within_s=1.0))
            self._obey()
        if self._uplink is not None:
            self._uplink.stop()
        self._reviewing.close()
        if self._bench is not None and self._bench.enrolment is not None:
            self._bench.enrolment.close()
        if self._client is not None:
            self._client.close()
        if self._lock is not None:
            self._lock.__exit__()
            self._lock = None

    def wake(self) -> None:
        """Ends the rest of `turn`."""
        self._woken.set()

    # --- verbs, from any thread

    def projects(self) -> Sequence[ProjectChoice]:
        """What the trainer may work on."""
        enrolment = self._held_bench().enrolment
        if enrolment is None:
            return (ProjectChoice("", ""),)
        directory = enrolment.organisation.directory()
        named = {one.id: one.name for one in directory.projects}
        return tuple(ProjectChoice(one, named.get(one, one)) for one in enrolment.projects)

    def notice_due(self, project: str) -> NoticeDue | None:
        """The notice to read before a session of this project, None where it was read. Raises `EnvironmentFault`."""
        bench = self._held_bench()
        toml = bench.policy(project)
        digest = policy_digest(toml)
        if self._notices.read(digest) is not None:
            return None
        choice = next((one for one in self.projects() if one.id == project), ProjectChoice(project, project))
        name = bench.enrolment.organisation.directory().name if bench.enrolment is not None else ""
        return NoticeDue(project=choice, organisation=name, policy=parse_policy(toml), policy_sha256=digest)

    def acknowledge(self, due: NoticeDue, notice_sha256: str, language: str) -> None:
        """Keeps durably that the notice was read. Raises `EnvironmentFault`."""
        self._notices.keep(Ack(self._clock.read().t_us, due.policy_sha256, notice_sha256, language))

    def start(self, project: str) -> None:
        """Begins a session. Raises `InputFault` where the notice was not read or a session runs."""
        if self._running is not None or self._phase is not TrainerState.IDLE:
            raise InputFault("A session is running already.")
        if self.notice_due(project) is not None:
            raise InputFault("The notice of this project's policy was not read yet.")
        self._phase, self._message = TrainerState.STARTING, ""
        self._post(lambda: self._begin(project))

    def hold(self, *, private: bool) -> None:
        """Nothing is observed from this call on, until `resume`."""
        recorder = self._recording().recorder
        if private:
            recorder.private()
        else:
            recorder.pause()
        self.wake()

    def resume(self) -> None:
        """Observes again."""
        self._recording().recorder.resume()
        self.wake()

    def stop(self) -> None:
        """Ends the session: nothing is observed from this call on."""
        self._recording().recorder.stop()
        self._phase = TrainerState.STOPPING
        self._post(lambda: self._finish(LAST_COSIGNATURE_S))

    def declare(self, tool: str, purpose: str) -> None:
        """Records that a tool was used and for what. Raises `InputFault`."""
        self._recording().declare(tool, purpose)
        self.wake()

    def note(self, text: str) -> None:
        """Records the trainer's own words. Raises `InputFault`."""
        self._recording().enter(Note(self._clock.read().t_us, text.strip()))

    def case(self, session_id: str) -> SessionCase:
        """One of the trainer's sessions. Raises `EnvironmentFault`, `InputFault`, `IntegrityFault`."""
        if self._reviewing.holds(session_id):
            return self._reviewing.case(session_id)
        return case_here(self._places.spool / session_id, self._home)

    def answer(self, session_id: str, finding: int, text: str) -> None:
        """Adds the trainer's words on a finding, before the seal. Raises `InputFault`, `EnvironmentFault`."""
        self._reviewing.answer(session_id, finding, text)

    def remove(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes records out before the seal. Raises `InputFault`, `EnvironmentFault`."""
        self._reviewing.remove(session_id, ranges)

    def remove_sealed(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Takes records out of a sealed session. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        case = self.case(session_id)
        what = going(case.folder, case.reader.events(), ranges)
        bench = self._held_bench()
        remove_sealed(self._places, self._store, bench.enrolment, case.folder, what, "", self._clock)
        self._news_at_us = 0  # the platform is told in the next turn
        self.wake()

    def cover(self, session_id: str, seq: int, areas: Sequence[Box]) -> None:
        """Covers areas of a screenshot for good, before the seal. Raises `InputFault`, `EnvironmentFault`."""
        self._reviewing.cover(session_id, seq, areas)

    def seal(self, session_id: str) -> None:
        """Seals a reviewed session. Raises `InputFault`, `EnvironmentFault`: it still waits."""
        self._cards.keep(self._reviewing.seal(session_id))
        self.wake()

    def send_now(self, session_id: str) -> None:
        """Ends the hold. Raises `EnvironmentFault`."""
        self._enrolment().outbox.release(session_id)

    def reply(self, session_id: str, decision_sha256: str, text: str) -> None:
        """Signs and sends a reply to a decision. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        enrolment = self._enrolment()
        client = enrolment.client(self._clock)
        try:
            reply(enrolment, client, self._places.spool / session_id, decision_sha256, text, clock=self._clock)
        finally:
            client.close()
        self.wake()

    def disclose(self, session_id: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Opens withheld records to the reviewers. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        enrolment = self._enrolment()
        client = enrolment.client(self._clock)
        try:
            Appeal(enrolment, self._places.spool / session_id).open(client, ranges, clock=self._clock)
        finally:
            client.close()

    def prove(self, session_id: str, seq: int, file: Path) -> None:
        """Writes the proof of one record. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        write_proof(self._places.spool / session_id, self._home, seq, file)

    def opened(self, session_id: str, decisions: Sequence[str]) -> None:
        """The trainer has seen these decisions. Raises `EnvironmentFault`."""
        mark_read(self._places, session_id, decisions)
        self.wake()

    def join(self, text: str, code: str = "") -> None:
        """Enrols this computer, with a recovery code or "". Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        self._enter(lambda: join(self._places, text, code, store=self._store, clock=self._clock))

    def take_answer(self, text: str) -> None:
        """Enrols this computer by its other device. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        self._enter(lambda: take_answer(self._places, text, store=self._store, clock=self._clock))

    def ask_device(self) -> DeviceWords:
        """A request of this computer. Raises `EnvironmentFault`."""
        return ask(self._store)

    def answered(self, text: str) -> DeviceWords:
        """What an answer says. Raises `InputFault`, `EnvironmentFault`."""
        return answer_words(self._store, text)

    def answer_request(self, text: str) -> DeviceWords:
        """The answer to a new device. Raises `InputFault`, `EnvironmentFault`, `IntegrityFault`."""
        return answer_request(self._enrolment(), text, store=self._store, clock=self._clock)

    def code(self) -> Sequence[str]:
        """The recovery code. Raises `InputFault`, `EnvironmentFault`."""
        return Recovery.of(self._enrolment(), self._store).words()

    def confirm_code(self) -> None:
        """Keeps that the person has it. Raises `InputFault`, `EnvironmentFault`."""
        recovery = Recovery.of(self._enrolment(), self._store)
        recovery.confirm()
        self._code = recovery.state()
        self.wake()

    # --- inside

    def _obey(self) -> None:
        while self._commands:
            try:
                self._commands.popleft()()
            except FairWitnessError as fault:
                self._say(str(fault))

    def _enter(self, enters: Callable[[], object]) -> None:
        if self._running is not None:
            raise InputFault("Please stop the running session before this computer joins an organisation.")
        if self._held_bench().enrolment is not None:
            raise InputFault("This computer belongs to an organisation already.")
        enters()
        if self._store.kept is Kept.FILES:
            self._say(self._store.described)
        done = threading.Event()

        def take_up() -> None:
            try:
                self._open_bench()
            finally:
                done.set()

        self._post(take_up)
        done.wait(10)

    def _open_bench(self) -> None:
        """What this computer is enrolled with, and the thread that speaks to its platform."""
        enrolment = enrolled(self._places, self._store, self._clock)
        bench = Bench(self._places, self._store, self._clock, enrolment, self._say)
        self._bench = bench
        self._code = Recovery.of(enrolment, self._store).state() if enrolment is not None else CodeState.UNKNOWN
        if enrolment is not None and self._uplink is None:
            self._client = enrolment.client(self._clock)
            self._uplink = bench.uplink()
            enrolment.outbox.listen(self.wake)
            if self._uplink is not None:
                self._uplink.start()

    def _recover(self) -> None:
        for reopened in self._held_bench().recover().reopened:
            self._take_recovered(reopened)

    def _take_recovered(self, reopened: Reopened) -> None:
        self._reviewing.take(stop_there(reopened, self._clock.read()))
        if words := recovered_words(reopened):
            self._say(words)

    def _begin(self, project: str) -> None:
        bench = self._held_bench()
        try:
            if bench.enrolment is not None:
                chosen_project(bench.enrolment, project)
            ack = self._notices.read(policy_digest(bench.policy(project)))
            running = Running(bench, bench.open(project), self._uplink, visible=self._visible, changed=self.wake)
        finally:
            self._phase = TrainerState.IDLE
        self._running = running
        self._project = project
        running.begin(project, ack)

    def _finish(self, within_s: float) -> None:
        running = self._running
        if running is None:
            return
        self._running, self._phase = None, TrainerState.PROBLEM
        stopped, late = running.end(within_s)
        self._phase = TrainerState.IDLE
        if running.has_lost:
            self._take_recovered(self._held_bench().recover_lost(stopped))
        else:
            self._reviewing.take(stopped, late, running.began_with)

    def _look_around(self) -> None:
        """What others may have changed since the last turn."""
        running = self._running
        if running is not None and self._phase is not TrainerState.STOPPING and running.recorder.join(0):
            if words := running.status().message:
                self._say(words)
            # it ended by itself: as long as one can be, a disk that takes nothing, records that are lost, or a fault
            self._post(lambda: self._finish(within_s=1.0))
        now_us = self._clock.read().mono_us
        bench = self._bench
        if bench is None or bench.enrolment is None or self._uplink is None or self._client is None:
            return
        if now_us >= self._supplies_at_us:
            self._supplies_at_us = now_us + (SUPPLIES_US if bench.enrolment.projects else ADMITTED_US)
            self._uplink.ask_supplies()
        if now_us >= self._news_at_us and bench.enrolment.projects:
            self._news_at_us = now_us + NEWS_US
            send_removals(bench.enrolment, self._client)
            self._news_trouble = take_news(bench.enrolment, self._client).trouble
            self._cards.learn_from(self._client)

    def _rest_s(self) -> float:
        return 0.0 if self._commands else POLL_S

    def _show(self) -> None:
        bench, running = self._bench, self._running
        enrolment = bench.enrolment if bench is not None else None
        try:
            self._items = {one.session_id: one for one in enrolment.outbox.items()} if enrolment is not None else {}
            unlisted = ""
        except (
            EnvironmentFault
        ) as fault:  # no reason to record nothing: the spool holds all, and the list is built anew from it
            unlisted = str(fault)
        uplink = self._uplink.state() if self._uplink is not None else UplinkState()
        # that it cannot be reached, and that nobody has signed this person in yet, each have their own place on the screen
        waits = enrolment is not None and not enrolment.projects
        contradicted = enrolment.organisation.contradicted() if enrolment is not None else ""  # has its own place, too
        refused = "" if uplink.offline or waits or contradicted else uplink.message or self._news_trouble
        recording = running.status() if running is not None else None
        state = self._phase
        if recording is not None and state is TrainerState.IDLE:
            state = _STATES[recording.state]
        status = TrainerStatus(
            state=state,
            organisation=enrolment.organisation.directory().name if enrolment is not None else "",
            person=enrolment.identity.person if enrolment is not None else "",
            session_id=running.session_id if running is not None else "",
            project=self._project if running is not None else "",
            started_us=recording.started_us if recording is not None else 0,
            worked_us=recording.worked_us if recording is not None else 0,
            offline=uplink.offline or (recording is not None and _UNWITNESSED in recording.open_gaps),
            message=(recording.message if recording is not None else "") or self._message or unlisted or refused,
            open_gaps=recording.open_gaps if recording is not None else (),
            asks=running.asks if running is not None else (),
            sessions=self._cards.listed(self._reviewing.cards(), self._items, lambda folder: unread(self._places, folder)),
            code=self._code,
            contradicted=contradicted,
            unkept=enrolment is not None and enrolment.organisation.evidence_waits(),
            due=self._due(enrolment),
            report_until_us=self.reports.until_us(enrolment) if state is TrainerState.IDLE else 0,
        )
        told = (status, self.projects())  # who may start what changes with the directory, and must be seen as well
        if told != self._told:
            self._told = told
            self._tell(status)

    def _due(self, enrolment: Enrolment | None) -> tuple[Due, ...]:
        """What ends soon of the organisation and of this person's own projects."""
        if enrolment is None:
            return ()
        near = due(enrolment.organisation.directory(), self._clock.read().t_us, WARN_DAYS)
        return tuple(one for one in near if not one.project or one.project in enrolment.projects)

    def _say(self, words: str) -> None:
        self._message = words
        self.wake()

    def _post(self, command: Callable[[], None]) -> None:
        self._commands.append(command)
        self.wake()

    def _held_bench(self) -> Bench:
        if self._bench is None:
            raise EnvironmentFault("Fair Witness is still starting. Please try again in a moment.")
        return self._bench

    def _recording(self) -> Running:
        if self._running is None:
            raise InputFault("No session is running.")
        return self._running

    def _enrolment(self) -> Enrolment:
        enrolment = self._held_bench().enrolment
        if enrolment is None:
            raise InputFault("This computer belongs to no organisation.")
        return enrolment
