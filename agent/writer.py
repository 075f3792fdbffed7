# SPDX-License-Identifier: Apache-2.0
"""What the writer thread does: one session, from the first observation to the checkpoint of moment "stop".

Rules:

1. All of it runs on one thread, a step at a time; every step is told the time and none waits for it.
2. Ticks and checkpoints keep grids that begin with the recording and tell nothing: a checkpoint bears the grid's time, since
   a machine on which somebody types wakes at other microseconds. Pictures wait for the tick.
3. Each tick is durable before it is shown to anybody, and so is all that a checkpoint covers.
4. While held (pause, private time, no visible indicator) the sensors are stopped, and the queue is closed besides.
5. A disk that takes nothing loses nothing that was recorded: what waits is written when it can be, and a gap says so.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from agent.clock import ClockWatch
from agent.ledger import Ledger
from agent.minimise import Minimiser
from agent.sensor import ClockChange, Keystroke, Observation, Picture, SensorChange
from session.account import SESSION_SCOPE, rules_of
from session.events import (
    CHECKPOINT_US,
    TICK_US,
    Capture,
    ClockPair,
    Disclosure,
    Event,
    Kind,
    Moment,
    Payload,
    Reason,
)
from session.ports import ClockReading, RecorderState, RecorderStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.minimise import TickBodies
    from agent.queueing import Lost, ObservationQueue
    from agent.sensor import Sensor
    from session.findings import Finding
    from session.journal import Journal
    from session.policy import Policy

WITNESS_SCOPE: Final = "witness"
"""The `scope` of gaps of the platform's countersigning. They never touch work time."""
NO_INDICATOR_MESSAGE: Final = (
    "Nothing is observed now, because this desktop shows no sign of it. Your time goes on. Open the Fair Witness window."
)
"""It is no pause: what the desktop fails to show takes no time away. Source: docs/session-format.md, section 11, rule 6."""

LONGEST_US: Final = 96 * 3600 * 1_000_000
"""A session ends itself after so much recording. Source: docs/adr/0013-bounds-that-a-verifier-can-keep.md."""
OPEN_MOST: Final = 80_000
"""A session ends itself at so many records with a public part. Source: as above."""
LONGEST_MESSAGE: Final = "This session has become as long as one can be, and was stopped. Start a new one to go on."

LOST_MESSAGE: Final = (
    "Recording was stopped: the platform has countersigned records of this session that are not on this computer, and "
    "countersigns no others in their place."
)

LATE_MOST_US: Final = 1_000_000
"""A checkpoint that comes later than this after its moment on the grid says when it came: the machine stood still."""

_STATES: Final = {
    Reason.PAUSE: RecorderState.PAUSED,
    Reason.PRIVATE: RecorderState.PRIVATE,
    Reason.NO_INDICATOR: RecorderState.PAUSED,
}


class Uplink(Protocol):
    """Sends checkpoints to the witness. Answers come back to `SessionRecorder`: `cosigned`, `offline`, and so on."""

    def submit(self, note: bytes, size: int) -> None:
        """Hands over the checkpoint over `size` records; returns at once and never raises."""
        ...


class Rhythm(msgspec.Struct, frozen=True):
    """How often, in µs. Only tests that must hit many moments in little time use other than these."""

    tick_us: int = TICK_US
    checkpoint_us: int = CHECKPOINT_US
    clock_us: int = 300_000_000
    detect_us: int = 60_000_000


class Ports(msgspec.Struct, frozen=True):
    """What the writer calls, all from its own thread, all optional.

    Args:
        uplink: takes each checkpoint.
        indicator: says whether the person can see that a session runs.
        detect: interim results of the events since the last call; for listeners alone, never recorded.
        show: takes each change of status with the records that it is about.
        show_interim: takes what `detect` gave.
    """

    uplink: Uplink | None = None
    indicator: Callable[[], bool] | None = None
    detect: Callable[[Sequence[Event]], Sequence[Finding]] | None = None
    show: Callable[[RecorderStatus, Sequence[Event]], None] | None = None
    show_interim: Callable[[Sequence[Finding]], None] | None = None


class _Grid:
    """Moments `every_us` apart; late is once, never twice."""

    def __init__(self, from_us: int, every_us: int) -> None:
        self.next_us = from_us + every_us
        self.last_us = from_us
        self._every_us = every_us

    def due(self, mono_us: int) -> bool:
        if mono_us < self.next_us:
            return False
        self.next_us += self._every_us * ((mono_us - self.next_us) // self._every_us + 1)
        self.last_us = self.next_us - self._every_us
        return True


class Writer:
    """Made and called on the writer thread alone.

    Args:
        journal: open, with opening and START; the writer's own until `ended`.
        past: the session's records so far.
        policy: in force.
        boot_id: of this boot.
        sensors: stopped; started and stopped by the writer alone.
        queue: where the sensors' observations wait.
        ports: see `Ports`.
        rhythm: see `Rhythm`.
        reading: now; the grids begin here.
    """

    def __init__(  # noqa: PLR0913 - what a session is recorded from and to, each by name but the first two
        self,
        journal: Journal,
        past: Sequence[Event],
        *,
        policy: Policy,
        boot_id: str,
        sensors: Sequence[Sensor],
        queue: ObservationQueue,
        ports: Ports,
        rhythm: Rhythm,
        reading: ClockReading,
    ) -> None:
        self.ended = False
        self._ledger = Ledger(journal, past, rules_of(policy))
        self._minimiser = Minimiser(policy, reading)
        self._records_pictures = policy.disclosure_of(Kind.CAPTURE) is not Disclosure.OFF
        self._boot_id = boot_id
        self._sensors = tuple(sensors)
        self._observing = False
        self._queue = queue
        self._ports = ports
        self._watch = ClockWatch(reading)
        self._looked_at_us = reading.boottime_us
        self._began_mono_us = reading.mono_us
        self._ended_by = ""
        self._ticks = _Grid(reading.mono_us, rhythm.tick_us)
        self._checkpoints = _Grid(reading.mono_us, rhythm.checkpoint_us)
        self._pairs = _Grid(reading.mono_us, rhythm.clock_us)
        self._interims = _Grid(reading.mono_us, rhythm.detect_us)
        self._undetected: list[Event] = []
        self._hold: Reason | None = None
        self._stop_at: ClockReading | None = None
        self._originals: dict[int, int] = {}
        self._overflow_us: dict[str, int] = {}
        self._closed = 0

    def begin(self, reading: ClockReading) -> None:
        """Starts the sensors, unless nobody could see it."""
        self._write_clock(reading)
        if self._visible():
            self._observe(reading)
        else:
            self._hold_for(Reason.NO_INDICATOR, reading)
        self._ledger.sync(reading)
        self._show(reading)

    def due_in_us(self, reading: ClockReading) -> int:
        """How long nothing needs to be done unless somebody calls."""
        return max(0, self._ticks.next_us - reading.mono_us)

    def run_due(self, reading: ClockReading) -> None:
        """Does all that is due at `reading`; may be called early or late, and any number of times."""
        self._look_at_clocks(reading)
        self._absorb(reading)
        if not self._ticks.due(reading.mono_us):
            return
        if self._stop_at is not None:
            self._end(self._stop_at, reading)
            return
        self._check_indicator(reading)
        if self._hold is None:
            self._tick(reading)
        if self._pairs.due(reading.mono_us):
            self._write_clock(reading)
        if self._checkpoints.due(reading.mono_us):
            self._checkpoint(self._on_grid(reading), Moment.GRID)  # durable, with all before it, by one sync
        else:
            self._ledger.sync(reading)
        self._detect(reading)
        self._show(reading)
        if reading.mono_us - self._began_mono_us >= LONGEST_US or self._ledger.open_records >= OPEN_MOST:
            self.give_up(reading, LONGEST_MESSAGE)

    def hold(self, reason: Reason, reading: ClockReading) -> None:
        """Pause or private time, from the moment `reading` on."""
        if self._stop_at is None and self._hold is not reason:
            self._look_at_clocks(reading)
            self._hold_for(reason, reading)
            self._show(reading)

    def resume(self, reading: ClockReading) -> None:
        """Observes again, unless nobody could see it."""
        if self._stop_at is not None or self._hold is None:
            return
        if not self._visible():
            self.hold(Reason.NO_INDICATOR, reading)
            return
        self._look_at_clocks(reading)
        self._release(reading)
        self._ledger.sync(reading)
        self._show(reading)

    def stop(self, reading: ClockReading) -> None:
        """Ends the recording at the moment `reading`. On a disk that takes nothing, a second call gives up waiting for it.

        What was durable then is found by the next start, which finishes the session.
        """
        if self._stop_at is not None:
            self.ended = True
            return
        self._look_at_clocks(reading)
        observed = self._observing
        self._halt(reading)
        self._stop_at = reading
        if observed:
            self._tick(reading, ends=True)
        self._end(reading, reading)

    def give_up(self, reading: ClockReading, message: str) -> None:
        """Ends the recording by itself, for a reason that the person is told. One that is ending already has its own."""
        if self._stop_at is None:
            self._ended_by = message
            self.stop(reading)

    def quit(self) -> None:
        """Stops the sensors, whatever state this is in: the last thing that a failing writer does."""
        self._queue.close()
        self._stop_sensors()

    def enter(self, kind: Kind, body: Payload, reading: ClockReading) -> None:
        """Adds a record of the person's own: TASK, ACK, DECLARE, NOTE, MANUAL, TRIM."""
        self._look_at_clocks(reading)
        self._ledger.append(kind, body)
        self._ledger.sync(reading)
        self._show(reading)

    def cosigned(self, size: int, line: str, reading: ClockReading) -> None:
        """The witness countersigned the checkpoint over `size` records."""
        self._ledger.close_gap(WITNESS_SCOPE, reading)
        self._ledger.cosign(size, line, reading)

    def witness_failed(self, reading: ClockReading) -> None:
        """The witness gave an answer that cannot be: its fault, recorded as such."""
        self._ledger.point_gap(WITNESS_SCOPE, Reason.WITNESS, reading, from_us=reading.t_us)

    def offline(self, reading: ClockReading) -> None:
        """The witness cannot be reached, from now on until it countersigns."""
        self._ledger.open_gap(WITNESS_SCOPE, Reason.OFFLINE, reading)

    def status(self, reading: ClockReading) -> RecorderStatus:
        """What a person is told."""
        state = RecorderState.RECORDING if self._hold is None else _STATES[self._hold]
        if self._ledger.trouble:
            state = RecorderState.PROBLEM
        elif self._stop_at is not None:
            state = RecorderState.STOPPED
        message = NO_INDICATOR_MESSAGE if self._hold is Reason.NO_INDICATOR else self._ended_by
        return RecorderStatus(
            state=state,
            session_id=self._ledger.session_id,
            started_us=self._ledger.started_us,
            worked_us=self._ledger.worked_us(self._stop_at or reading),
            records=self._ledger.size,
            open_gaps=tuple(f"{scope}: {reason}" for scope, reason in self._ledger.open_gaps.items()),
            message=self._ledger.trouble or message,
        )

    # --- observing and holding

    def _observe(self, reading: ClockReading) -> None:
        self._minimiser.interrupt(reading.mono_us)
        if not self._queue.permitted:
            return  # somebody asked to hold or stop in the meantime; that call is on its way here
        turn = self._queue.open()
        self._observing = True
        for sensor in self._sensors:
            sensor.start(partial(self._queue.offer, turn))

    def _stop_sensors(self) -> None:
        if self._observing:
            self._observing = False
            for sensor in reversed(self._sensors):
                sensor.stop()

    def _halt(self, reading: ClockReading) -> None:
        """After this nothing is observed, and all that was is in the minimiser or the journal."""
        self._queue.close()
        self._stop_sensors()
        self._absorb(reading)
        for scope in self._ledger.open_gaps:
            if scope != WITNESS_SCOPE:
                self._ledger.close_gap(scope, reading)

    def _hold_for(self, reason: Reason, reading: ClockReading) -> None:
        observed = self._observing
        self._halt(reading)
        if observed:
            self._tick(reading, ends=True)
        self._hold = reason
        self._ledger.open_gap(SESSION_SCOPE, reason, reading)
        self._checkpoint(reading, Moment.PAUSE)

    def _release(self, reading: ClockReading) -> None:
        self._ledger.close_gap(SESSION_SCOPE, reading)
        self._hold = None
        self._observe(reading)

    def _visible(self) -> bool:
        return self._ports.indicator is None or self._ports.indicator()

    def _check_indicator(self, reading: ClockReading) -> None:
        visible = self._visible()
        if not visible and self._hold is None:
            self._hold_for(Reason.NO_INDICATOR, reading)
        elif visible and self._hold is Reason.NO_INDICATOR:
            self._release(reading)

    def _absorb(self, reading: ClockReading) -> None:
        batch = self._queue.take()
        for observation in batch.observations:
            self._take(observation, reading)
        for lost in batch.lost:
            self._write_lost(lost, reading)

    def _take(self, observation: Observation, reading: ClockReading) -> None:
        if isinstance(observation, Keystroke):  # most of all that comes
            self._minimiser.take(observation)
        elif isinstance(observation, Picture):
            self._write_picture(observation, reading)
        elif isinstance(observation, SensorChange):
            self._sensor_changed(observation, reading)
        elif isinstance(observation, ClockChange):
            self._clock_changed(observation, reading)
        else:
            self._minimiser.take(observation)

    # --- what is written

    def _tick(self, reading: ClockReading, *, ends: bool = False) -> None:
        """One tick's records, all or none: while anything waits for the disk, the minimiser keeps what it has."""
        if self._ledger.write_waiting():
            self._write_bodies(self._minimiser.tick(reading, ends=ends), reading)

    def _write_bodies(self, bodies: TickBodies, reading: ClockReading) -> None:
        # That timing overflowed stands in RAW alone: a public GAP would tell that somebody typed fast and long.
        if bodies.focus is not None and bodies.focus.dropped:
            self._overflow_us.setdefault("window", reading.t_us)
        if bodies.clipboard_dropped:
            self._overflow_us.setdefault("clipboard", reading.t_us)
        for kind, body, least_bytes in bodies.records:
            self._ledger.append(kind, body, least=least_bytes)

    def _end(self, stop_at: ClockReading, reading: ClockReading) -> None:
        """The last records. Comes back at each tick while the disk does not take them."""
        while self._ledger.write_waiting() and (bodies := self._minimiser.close(stop_at, self._closed)) is not None:
            self._write_bodies(bodies, stop_at)
            self._closed += 1
        for scope in self._ledger.open_gaps:
            self._ledger.close_gap(scope, stop_at)
        # Told only now, and without a count, which lies inside the records: a public record must not tell of typing.
        for scope, from_us in self._overflow_us.items():
            self._ledger.point_gap(scope, Reason.QUEUE_FULL, stop_at, from_us=from_us)
        self._overflow_us.clear()
        self._hold = None
        # By the clock of the stop, even if the disk takes it much later: no second after it may count.
        self.ended = self._ledger.sync(stop_at) and self._checkpoint(stop_at, Moment.STOP)
        self._show(reading)

    def _on_grid(self, reading: ClockReading) -> ClockReading:
        """The moment of the grid that `reading` is a little late for, unless something public was said in between."""
        at_us = self._checkpoints.last_us
        late_us = reading.mono_us - at_us
        if late_us > LATE_MOST_US or self._ledger.last_mono_us > at_us:
            return reading
        return ClockReading(reading.t_us - late_us, at_us, reading.boottime_us - late_us)

    def _checkpoint(self, reading: ClockReading, moment: Moment) -> bool:
        made = self._ledger.checkpoint(reading, moment)
        if made is not None and self._ports.uplink is not None:
            self._ports.uplink.submit(*made)
        return made is not None

    def _write_clock(self, reading: ClockReading) -> None:
        self._ledger.append(Kind.CLOCK, ClockPair(reading.t_us, reading.mono_us, reading.boottime_us, self._boot_id))

    def _write_picture(self, picture: Picture, reading: ClockReading) -> None:
        if not self._records_pictures:
            return
        original = self._originals.get(picture.monitor, 0) if picture.unchanged else 0
        capture = Capture(
            t_us=_utc_us(picture.mono_us, reading),
            mono_us=picture.mono_us,
            monitor=picture.monitor,
            x_px=picture.x_px,
            y_px=picture.y_px,
            width_px=picture.width_px,
            height_px=picture.height_px,
            mime=picture.mime,
            size_bytes=0,
            blob_key="",
            dhash=picture.dhash,
            same_as=original,
            masked=picture.masked,
        )
        seq = self._ledger.picture(capture, picture.encoded, reading)
        if seq and not original:
            self._originals[picture.monitor] = seq

    def _write_lost(self, lost: Lost, reading: ClockReading) -> None:
        self._minimiser.interrupt(lost.first_mono_us, lost.scope)
        from_us = _utc_us(lost.first_mono_us, reading)
        self._ledger.point_gap(lost.scope, Reason.QUEUE_FULL, reading, from_us=from_us, lost=lost.count)

    def _sensor_changed(self, change: SensorChange, reading: ClockReading) -> None:
        at = msgspec.structs.replace(reading, t_us=_utc_us(change.mono_us, reading), mono_us=max(0, change.mono_us))
        self._minimiser.interrupt(change.mono_us, change.sensor, begins=change.observing)
        if not change.observing:
            self._ledger.open_gap(change.sensor, change.reason or Reason.ABSENT, at, lost=change.lost)
        elif not self._ledger.close_gap(change.sensor, at, lost=change.lost) and change.lost:
            reason = change.reason or Reason.QUEUE_FULL
            self._ledger.point_gap(change.sensor, reason, at, from_us=at.t_us, lost=change.lost)

    def _look_at_clocks(self, reading: ClockReading) -> None:
        """Before any record of `reading`: accounting places a suspend right before the next record that it sees.

        A reading that was taken before the last one (by who asked for something, a moment ago) tells nothing new.
        """
        if self._stop_at is None and reading.boottime_us >= self._looked_at_us:
            self._looked_at_us = reading.boottime_us
            for change in self._watch.step(reading):
                self._clock_changed(change, reading)

    def _clock_changed(self, change: ClockChange, reading: ClockReading) -> None:
        asleep_us = change.by_us if change.reason is Reason.SUSPEND else 0
        self._ledger.point_gap(SESSION_SCOPE, change.reason, reading, from_us=reading.t_us - asleep_us)
        self._write_clock(reading)

    # --- who watches

    def _detect(self, reading: ClockReading) -> None:
        if self._ports.detect is None or not self._interims.due(reading.mono_us):
            return
        events, self._undetected = self._undetected, []
        findings = self._ports.detect(events)
        if self._ports.show_interim is not None:
            self._ports.show_interim(findings)

    def _show(self, reading: ClockReading) -> None:
        events = self._ledger.fresh()
        if self._ports.detect is not None:
            self._undetected += events
        if self._ports.show is not None:
            self._ports.show(self.status(reading), events)


def _utc_us(mono_us: int, reading: ClockReading) -> int:
    """UTC at the monotonic time `mono_us`, by the reading of now."""
    return max(0, reading.t_us - (reading.mono_us - mono_us))
