# SPDX-License-Identifier: Apache-2.0
"""Asks the capture process for screenshots at random moments, and watches over it.

Imports neither numpy nor Pillow nor mss: their 30 MiB live in the child, and only while a session runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final, Self

from agent.capture.messages import (
    LENGTH,
    Answer,
    Grab,
    Probe,
    Ready,
    Refused,
    Request,
    Rules,
    Taken,
    answer_of,
    body_bytes,
    framed,
)
from agent.capture.schedule import Moments, Schedule
from agent.gate import STOP_S, Backoff, Gate, monotonic_us
from agent.sensor import Ability, Emit, Picture
from session import IntegrityFault
from session.events import Reason
from session.policy import Captures

log = logging.getLogger("fairwitness.agent.capture")

OWN: Final = frozenset({"fairwitness"})
"""Names of our own windows. They show what a reviewer of this project may never see: sessions of other projects that are
looked through, notes and answers before they are saved, and a notice that is being read."""
ANSWER_S: Final = 30.0
"""A capture process that has not answered by then hangs. Source: six 4K screens take 3 s at the lowest priority."""
LEAVE_S: Final = 0.5
"""Given to the process to end by itself before it is killed; part of Sensor.stop's two seconds."""
READ_BYTES: Final = 1 << 20


class _Gone(Exception):  # noqa: N818 - an event of the process, handled here
    """The capture process ended, hung, or said what cannot be understood."""


class _Stopped(Exception):  # noqa: N818 - as above
    """The sensor is to end."""


class _Child:
    """The capture process, and one question at a time. Waits end early with `_Stopped` when `wake` becomes readable."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], wake: int, answer_s: float) -> None:
        self._wake = wake
        self._answer_s = answer_s
        # a session of its own: Ctrl+C in the recorder's terminal is the recorder's business
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
        process.terminate()
        try:
            process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

    def ask(self, request: Request) -> Answer:
        """The answer. Raises `_Gone` when there is none, `_Stopped` when the sensor is to end meanwhile."""
        deadline = time.monotonic() + self._answer_s
        try:
            os.write(self._descriptor(self._process.stdin), framed(request))
            head = self._read(LENGTH.size, deadline)
            return answer_of(self._read(body_bytes(head), deadline))
        except (OSError, IntegrityFault) as error:
            raise _Gone(str(error)) from error

    def idle(self, timeout_s: float | None) -> None:
        """Waits. Raises `_Gone` when the process ends or speaks unasked, `_Stopped` when the sensor is to end."""
        if self._wait(timeout_s):
            raise _Gone("it ended while nothing was asked of it")

    def _read(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            if not self._wait(deadline - time.monotonic()):
                raise _Gone(f"no answer within {self._answer_s:g} s")
            part = os.read(self._descriptor(self._process.stdout), min(READ_BYTES, size - len(parts)))
            if not part:
                raise _Gone("it ended without an answer")
            parts += part
        return bytes(parts)

    def _wait(self, timeout_s: float | None) -> bool:
        """Whether the process's output became readable in time."""
        output = self._descriptor(self._process.stdout)
        waiting = select.poll()
        waiting.register(self._wake, select.POLLIN)
        waiting.register(output, select.POLLIN)
        ready = {place for place, _ in waiting.poll(None if timeout_s is None else max(0.0, timeout_s) * 1000)}
        if self._wake in ready:
            raise _Stopped
        return output in ready

    @staticmethod
    def _descriptor(stream: object) -> int:
        number: int = stream.fileno()  # type: ignore[attr-defined] # both are pipes, by the way the process was started
        return number


class CaptureSensor:
    """Screenshots of all monitors, one at a random moment in each interval of the policy, masked as it says, our own always.

    Taken, masked and encoded by a process of low priority; that it dies, hangs or may not look is a gap, and it is
    tried again. Which moments are still to come survives `stop` and `start`, so a pause changes no rate.

    Args:
        captures: the policy's section.
        command: how the capture process is started; a frozen program names itself with an argument.
        environment: of that process; None for our own.
        moments: source of chance, None for the operating system's.
        answer_s: how long an answer may take.
    """

    def __init__(
        self,
        captures: Captures,
        *,
        command: Sequence[str] = (sys.executable, "-m", "agent.capture.child"),
        environment: Mapping[str, str] | None = None,
        moments: Moments | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._rules = Rules(
            primary_only=captures.monitors == "primary",
            mask=frozenset(name.lower() for name in captures.mask) | OWN,
            show_only=frozenset(name.lower() for name in captures.show_only),
        )
        self._command = tuple(command)
        self._environment = environment
        self._answer_s = answer_s
        self._schedule = Schedule(captures.interval_s * 1_000_000, moments)
        self._owed = False
        self._running: tuple[threading.Thread, Gate, int] | None = None

    @property
    def name(self) -> str:
        """The scope of its gaps."""
        return "capture"

    def start(self, emit: Emit) -> None:
        """Begins; returns at once. A second start without a stop changes nothing."""
        if self._running is not None:
            return
        reading, writing = os.pipe()
        gate = Gate(emit, (self.name,))
        thread = threading.Thread(target=self._run, args=(gate, reading), name="capture", daemon=True)
        self._running = (thread, gate, writing)
        thread.start()

    def stop(self) -> None:
        """Ends the thread and the process within two seconds; a screenshot under way is dropped and owed."""
        if self._running is None:
            return
        thread, gate, writing = self._running
        self._running = None
        os.close(writing)
        thread.join(STOP_S)
        gate.close()

    def ability(self) -> Ability:
        """What can be seen here: starts the process, asks it, looks at no pixel."""
        reading, writing = os.pipe()
        try:
            with self._child(reading) as child:
                answer = child.ask(Probe(rules=self._rules))
        except (_Gone, OSError) as error:
            answer = Refused(Reason.DIED, f"The capture process failed: {error}.", "Reinstall the program.")
        finally:
            os.close(reading)
            os.close(writing)
        if isinstance(answer, Ready):
            hiding = "the policy's applications" if self._rules.mask - OWN or self._rules.show_only else "our own windows"
            detail = f"Screenshots of {answer.monitors} monitors, with {hiding} masked."
            return Ability(self.name, observes=True, detail=detail)
        if isinstance(answer, Refused):
            return Ability(self.name, observes=False, detail=answer.detail, advice=answer.advice)
        return Ability(
            self.name, observes=False, detail="The capture process is of another version.", advice="Reinstall the program."
        )

    def _child(self, wake: int) -> _Child:
        environment = os.environ if self._environment is None else self._environment
        return _Child(self._command, environment, wake, self._answer_s)

    def _run(self, gate: Gate, wake: int) -> None:
        backoff = Backoff()
        while True:
            begun_us = monotonic_us()
            try:
                with self._child(wake) as child:
                    self._serve(child, gate)
            except _Stopped:
                break
            except _Gone as error:
                log.warning("the capture process is gone: %s", error)
            except Exception as error:  # noqa: BLE001 - thread top: what is not expected must end as a gap, not as silence
                log.error("capture failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may hold titles
            finally:
                self._schedule.pause(monotonic_us())
            gate.tell(Reason.DIED)
            if _readable(wake, backoff.after(monotonic_us() - begun_us)):
                break
        os.close(wake)

    def _serve(self, child: _Child, gate: Gate) -> None:
        """Takes screenshots for as long as the process lives."""
        backoff = Backoff()
        kept: dict[int, tuple[str, bytes]] = {}
        while True:
            begun_us = monotonic_us()
            answer = child.ask(Probe(rules=self._rules))
            if isinstance(answer, Ready):
                gate.tell(None)
                self._schedule.run(monotonic_us())
                answer = self._take_until_refused(child, gate, kept)
                self._schedule.pause(monotonic_us())
            if not isinstance(answer, Refused):
                raise _Gone("it answered something else")
            log.info("no screenshots: reason=%s", answer.reason)
            gate.tell(answer.reason)
            child.idle(backoff.after(monotonic_us() - begun_us))

    def _take_until_refused(self, child: _Child, gate: Gate, kept: dict[int, tuple[str, bytes]]) -> Answer:
        while True:
            due_us = self._schedule.due_us
            now_us = monotonic_us()
            if not self._owed and due_us is not None and now_us < due_us:
                child.idle((due_us - now_us) / 1_000_000)
                continue
            # owed until it is there, so that the death of the process costs no interval its screenshot
            self._owed |= self._schedule.take(now_us)
            answer = child.ask(Grab(rules=self._rules))
            if not isinstance(answer, Taken):
                return answer
            self._owed = False
            for picture in _pictures(answer, kept):
                gate.forward(picture)


def _pictures(taken: Taken, kept: dict[int, tuple[str, bytes]]) -> list[Picture]:
    """The pictures of an answer; one that did not change gets the bytes kept of it in `kept`, which is updated."""
    pictures = []
    for shot in taken.shots:
        if shot.encoded:
            kept[shot.monitor] = (shot.mime, shot.encoded)
        if shot.monitor not in kept:
            raise _Gone("it calls a picture unchanged that it never sent")
        mime, encoded = kept[shot.monitor]
        pictures.append(
            Picture(
                mono_us=shot.mono_us,
                monitor=shot.monitor,
                x_px=shot.x_px,
                y_px=shot.y_px,
                width_px=shot.width_px,
                height_px=shot.height_px,
                mime=mime,
                encoded=encoded,
                dhash=shot.dhash,
                unchanged=not shot.encoded,
                masked=shot.masked,
            )
        )
    return pictures


def _readable(descriptor: int, timeout_s: float) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(timeout_s * 1000))
