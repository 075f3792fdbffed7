# SPDX-License-Identifier: Apache-2.0
"""One running session, as everybody but its writer thread sees it.

Rules:

1. Every verb returns at once. From the moment that pause, private or stop was called, nothing more is taken from a sensor.
2. The thread "writer" alone touches the journal and calls the listeners.
3. When that thread fails, the sensors are stopped first and people are told second; what was durable is recovered later.
4. Nothing here outlives the program: the thread ends with it, so that no recording goes on unseen.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from agent.queueing import QUEUE_SIZE, ObservationQueue
from agent.writer import LOST_MESSAGE, Ports, Rhythm, Writer
from session import InputFault
from session.events import Ack, Declare, Kind, Manual, Note, Payload, Reason, Task, Trim
from session.ports import RecorderState, RecorderStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.sensor import Sensor
    from agent.writer import Uplink
    from session.events import Event
    from session.findings import Finding
    from session.journal import Journal
    from session.policy import Policy
    from session.ports import Clock

__all__ = ["Rhythm", "SessionRecorder", "Waiter"]

_LOG: Final = logging.getLogger("fairwitness.recorder")

_OWN: Final[dict[type[Payload], Kind]] = {
    Task: Kind.TASK,
    Manual: Kind.MANUAL,
    Trim: Kind.TRIM,
    Ack: Kind.ACK,
    Declare: Kind.DECLARE,
    Note: Kind.NOTE,
}
"""What a person may add to the record while it runs."""

FAILED_MESSAGE: Final = (
    "Recording stopped because of a fault in Fair Witness. What was recorded until now is safe. Start Fair Witness again."
)


class Waiter(Protocol):
    """How the writer passes the time between two ticks."""

    def wait(self, timeout_s: float) -> None:
        """Returns after `timeout_s`, or as soon as `wake` is called; a `wake` before it counts."""
        ...

    def wake(self) -> None:
        """Ends the wait. From any thread."""
        ...


class _EventWaiter:
    def __init__(self) -> None:
        self._event = threading.Event()

    def wait(self, timeout_s: float) -> None:
        self._event.wait(timeout_s)
        self._event.clear()

    def wake(self) -> None:
        self._event.set()


class SessionRecorder:
    """Fulfils `session.ports.Recorder`, and takes the witness's answers.

    Args:
        journal: open, with opening and START; the writer's own from `start` until `join` says that it ended.
        policy: in force.
        clock: the only source of time.
        sensors: stopped.
        past: the session's records so far, at least the first two.
        detect: interim results each minute of the events since the last call; for `listen_interim`, never recorded.
        uplink: takes each checkpoint.
        indicator: says whether the person can see that a session runs; None where they can by construction.
        queue_size: most observations that wait for the writer.
        rhythm: how often what is due.
        waiter: how the writer waits.
    """

    def __init__(  # noqa: PLR0913 - the seams of docs/architecture.md, each by name but the first four
        self,
        journal: Journal,
        policy: Policy,
        clock: Clock,
        sensors: Sequence[Sensor],
        *,
        past: Sequence[Event],
        detect: Callable[[Sequence[Event]], Sequence[Finding]] | None = None,
        uplink: Uplink | None = None,
        indicator: Callable[[], bool] | None = None,
        queue_size: int = QUEUE_SIZE,
        rhythm: Rhythm | None = None,
        waiter: Waiter | None = None,
    ) -> None:
        self._journal = journal
        self._policy = policy
        self._clock = clock
        self._sensors = sensors
        self._past = past
        self._rhythm = rhythm or Rhythm()
        self._waiter = waiter or _EventWaiter()
        self._queue = ObservationQueue(queue_size, self._waiter.wake)
        self._ports = Ports(
            uplink=uplink, indicator=indicator, detect=detect, show=self._show, show_interim=self._show_interim
        )
        self._commands: deque[Callable[[Writer], None]] = deque()
        self._cosigned: deque[tuple[int, str]] = deque()
        self._listeners: tuple[Callable[[RecorderStatus, Sequence[Event]], None], ...] = ()
        self._interim_listeners: tuple[Callable[[Sequence[Finding]], None], ...] = ()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._status = RecorderStatus(
            state=RecorderState.IDLE,
            session_id=journal.keys.session_id,
            started_us=0,
            worked_us=0,
            records=journal.size,
            open_gaps=(),
        )

    def start(self) -> None:
        """Begins to record. Once."""
        self._thread.start()

    def pause(self) -> None:
        """Nothing is observed from this call on, until `resume`."""
        self._hold(Reason.PAUSE)

    def private(self) -> None:
        """Private time: as `pause`, and recorded as what it is."""
        self._hold(Reason.PRIVATE)

    def resume(self) -> None:
        """Observes again."""
        if not self._stopping:
            reading = self._clock.read()
            self._queue.permitted = True
            self._post(lambda writer: writer.resume(reading))

    def stop(self) -> None:
        """Ends the recording: nothing is observed from this call on. Called again, gives up waiting for a full disk."""
        reading = self._clock.read()
        self._stopping = True
        self._queue.permitted = False
        self._post(lambda writer: writer.stop(reading))

    def enter(self, body: Payload) -> None:
        """Adds a record of the person's own: Task, Manual, Trim, Ack, Declare or Note.

        Raises:
            InputFault: a field holds what the record cannot take; names it. Nothing was added.
        """
        kind = _OWN[type(body)]
        try:
            msgspec.json.decode(msgspec.json.encode(body), type=type(body))
        except msgspec.ValidationError as error:
            raise InputFault(f"{type(body).__name__} has a value that cannot be taken: {error}.") from error
        reading = self._clock.read()
        self._post(lambda writer: writer.enter(kind, body, reading))

    def status(self) -> RecorderStatus:
        """What listeners were told last."""
        return self._status

    def listen(self, listener: Callable[[RecorderStatus, Sequence[Event]], None]) -> None:
        """Calls `listener` from the writer thread with each batch of records; a slow listener is its own loss."""
        self._listeners = (*self._listeners, listener)

    def listen_interim(self, listener: Callable[[Sequence[Finding]], None]) -> None:
        """Calls `listener` from the writer thread with interim results: the trainer's alone, never recorded or sent."""
        self._interim_listeners = (*self._interim_listeners, listener)

    def join(self, timeout_s: float) -> bool:
        """Waits for the writer to end, so that the journal is the caller's; False where it has not within `timeout_s`."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- the witness's answers, from the uplink's thread

    def cosigned(self, size: int, line: str) -> None:
        """The witness countersigned the checkpoint over `size` records; `line` is verified already."""
        self._cosigned.append((size, line))
        reading = self._clock.read()

        def write(writer: Writer) -> None:
            for answered_size, answered_line in self.late_cosignatures():
                writer.cosigned(answered_size, answered_line, reading)

        self._post(write)

    def late_cosignatures(self) -> list[tuple[int, str]]:
        """Takes (size, line) of what no record holds yet: what came after the end belongs before the seal."""
        taken = []
        while self._cosigned:
            taken.append(self._cosigned.popleft())
        return taken

    def witness_fault(self, detail: str) -> None:
        """The witness gave an answer that cannot be; `detail` goes into the log, the record says that it was so."""
        _LOG.warning("witness fault: %s", detail)
        reading = self._clock.read()
        self._post(lambda writer: writer.witness_failed(reading))

    def offline(self) -> None:
        """The witness cannot be reached. Ends with the next cosignature."""
        reading = self._clock.read()
        self._post(lambda writer: writer.offline(reading))

    def lost(self, cosigned_size: int) -> None:
        """The platform cosigned that many records, and they are not all here: nothing more can be, so recording ends."""
        _LOG.warning("session=%s cosigned records are not here: %d", self._status.session_id, cosigned_size)
        reading = self._clock.read()
        self._stopping = True
        self._queue.permitted = False
        self._post(lambda writer: writer.give_up(reading, LOST_MESSAGE))

    # --- inside

    def _hold(self, reason: Reason) -> None:
        reading = self._clock.read()
        self._queue.permitted = False
        self._post(lambda writer: writer.hold(reason, reading))

    def _post(self, command: Callable[[Writer], None]) -> None:
        self._commands.append(command)
        self._waiter.wake()

    def _run(self) -> None:
        """The thread's top: whatever happens in it, the sensors end."""
        writer: Writer | None = None
        try:
            reading = self._clock.read()
            writer = Writer(
                self._journal,
                self._past,
                policy=self._policy,
                boot_id=self._clock.boot_id,
                sensors=self._sensors,
                queue=self._queue,
                ports=self._ports,
                rhythm=self._rhythm,
                reading=reading,
            )
            writer.begin(reading)
            while not writer.ended:
                self._waiter.wait(writer.due_in_us(self._clock.read()) / 1_000_000)
                self._turn(writer)
        except Exception as error:  # noqa: BLE001 - thread top: what is not expected must end the sensors, too
            if writer is not None:
                writer.quit()
            self._failed(error)

    def _turn(self, writer: Writer) -> None:
        while self._commands:
            self._commands.popleft()(writer)
        if not writer.ended:
            writer.run_due(self._clock.read())

    def _failed(self, error: Exception) -> None:
        # The message of an unknown exception may quote what was observed; its type and place may not.
        places = "".join(traceback.format_tb(error.__traceback__))
        _LOG.critical("the writer failed: %s\n%s", type(error).__name__, places)
        self._show(msgspec.structs.replace(self._status, state=RecorderState.PROBLEM, message=FAILED_MESSAGE), ())

    def _show(self, status: RecorderStatus, events: Sequence[Event]) -> None:
        self._status = status
        for listener in self._listeners:
            listener(status, events)

    def _show_interim(self, findings: Sequence[Finding]) -> None:
        for listener in self._interim_listeners:
            listener(findings)
