# SPDX-License-Identifier: Apache-2.0
"""A corpus session as the records that the product itself would have written of it.

Rules:

1. Rows become observations as a desktop's sensors tell them; what is made of those is the product's own code.
2. Nothing is invented: no dwell, auto-repeat, window, copy or pointer that the corpus does not have.
3. A sensor that the corpus cannot stand for is a gap, as on a desktop that lacks it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Final

import msgspec
import numpy as np

from agent.minimise import Minimiser, TickBodies
from agent.sensor import Keystroke, Observation, Press, Stroke
from agent.writer import LONGEST_US
from fairwitness.evaluation.corpus import TIMES, CorpusSession, Rows, Schema
from session.events import (
    TICK_US,
    Clipboard,
    ClockPair,
    Disclosure,
    Edge,
    Event,
    Gap,
    Injected,
    KeyClass,
    Kind,
    Payload,
    Reason,
    Start,
)
from session.policy import Policy
from session.ports import ClockReading

LOOK_MS: Final = 140
"""A sensor looks so often, and tells what it found in the order of its times. Source: agent/x11/input.py, PACE_MS."""
HELD_MS: Final = 1000
"""A key held so long is told then, without its dwell. Source: agent/x11/keyboard.py, HELD_US."""
WINDOW_TICKS: Final = 24
"""Two minutes, the unit in which kinds of work are compared. Source: docs/evaluation.md, Two kinds of work."""
LONGEST_MS: Final = LONGEST_US // 1000
"""A longer session cannot be recorded. Source: agent/writer.py."""

_BEGIN: Final = ClockReading(t_us=1_640_995_200_000_000, mono_us=3_600_000_000, boottime_us=3_600_000_000)
_TICK_MS: Final = TICK_US // 1000
_WINDOW_MS: Final = WINDOW_TICKS * _TICK_MS
_CLASSES: Final = tuple(KeyClass)
_KEYBOARD, _POINTER = 1, 2
_MOVED, _PRESSED, _DRAGGED, _WHEEL = 0, 1, 3, (4, 5)
_INSERTED, _DELETED, _ACCEPTED = 0, 1, 5
_DIGEST: Final = "0" * 64


def reduces(schema: Schema) -> bool:
    """Whether this system has the sensor's code that makes observations of such rows: a pointer's is that of X11."""
    return schema is not Schema.POINTER or all(find_spec(name) is not None for name in ("xcffib", "agent.x11"))


class Window(msgspec.Struct, frozen=True):
    """Two minutes of a session in which something was observed: its records, and whether a suggestion was accepted in them.

    `accepted` is None where the corpus knows nothing of suggestions.
    """

    events: tuple[Event, ...]
    accepted: bool | None


class Recorded(msgspec.Struct, frozen=True):
    """The records of a session, and its windows."""

    events: tuple[Event, ...]
    windows: tuple[Window, ...]


def recordable(session: CorpusSession) -> bool:
    """Whether there is anything to record, and not more than a session may hold."""
    times = session.columns[TIMES[session.schema]]
    return bool(len(times)) and int(times.max()) <= LONGEST_MS


def record(session: CorpusSession, policy: Policy) -> Recorded:
    """The records that a session under `policy` has, from START to the last of the stop, but for RAW.

    `session` is `recordable`. The recording begins at time 0 and ends with the look that told the last row.
    """
    return _Recording(session, policy).run()


class _Recording:
    def __init__(self, session: CorpusSession, policy: Policy) -> None:
        self._session = session
        off = msgspec.structs.replace(policy.disclosure, timing=Disclosure.OFF)
        self._minimiser = Minimiser(msgspec.structs.replace(policy, disclosure=off), _BEGIN)
        self._pastes = None if session.pastes is None else deque(session.pastes.tolist())
        self._events: list[Event] = []
        self._dropped_us = 0

    def run(self) -> Recorded:
        told_ms, observations = _OBSERVED[self._session.schema](self._session)
        self._begin()
        opened = len(self._events)
        take = self._minimiser.take
        stop_ms = max(_stop_ms(self._session), *told_ms[-1:])
        number = 0
        begins, counts = [opened], [0]
        for tick_ms in range(_TICK_MS, stop_ms, _TICK_MS):
            while number < len(told_ms) and told_ms[number] <= tick_ms:
                take(observations[number])
                number += 1
            self._write(self._minimiser.tick(_reading(tick_ms)), _reading(tick_ms))
            begins.append(len(self._events))
            counts.append(number)
        for observation in observations[number:]:
            take(observation)
        begins.append(self._end(_reading(stop_ms)))
        counts.append(len(observations))
        return Recorded(events=tuple(self._events), windows=tuple(self._windows(begins, counts)))

    def _begin(self) -> None:
        t_us, mono_us = _BEGIN.t_us, _BEGIN.mono_us
        start = Start(
            "0" * 32, t_us, mono_us, "corpus", "evaluate", 1, _DIGEST, _DIGEST, _DIGEST, _DIGEST, _DIGEST, "", "", "", ""
        )
        self._append(Kind.START, start)
        self._append(Kind.CLOCK, ClockPair(t_us, mono_us, _BEGIN.boottime_us, "corpus"))
        for scope in self._unobserved():
            self._append(Kind.GAP, Gap(t_us, mono_us, Edge.BEGIN, Reason.ABSENT, scope))

    def _unobserved(self) -> tuple[str, ...]:
        if self._session.schema is Schema.POINTER:
            return "keyboard", "window", "clipboard"
        return ("pointer", "window") if self._pastes is not None else ("pointer", "window", "clipboard")

    def _end(self, reading: ClockReading) -> int:
        """Writes what the stop does; returns how many records there are with the last tick, before the closing ones."""
        for scope in self._unobserved():
            self._append(Kind.GAP, Gap(reading.t_us, reading.mono_us, Edge.END, Reason.ABSENT, scope))
        self._write(self._minimiser.tick(reading, ends=True), reading)
        told, number = len(self._events), 0
        while (bodies := self._minimiser.close(reading, number)) is not None:
            self._write(bodies, reading)
            number += 1
        if self._dropped_us:
            lost = Gap(reading.t_us, reading.mono_us, Edge.POINT, Reason.QUEUE_FULL, "clipboard", self._dropped_us)
            self._append(Kind.GAP, lost)
        return told

    def _append(self, kind: Kind, body: Payload) -> None:
        self._events.append(Event(seq=len(self._events) + 1, kind=kind, body=body))

    def _write(self, bodies: TickBodies, reading: ClockReading) -> None:
        for kind, body, _ in bodies.records:
            self._append(kind, self._sized(body) if isinstance(body, Clipboard) else body)
        if bodies.clipboard_dropped:
            self._dropped_us = self._dropped_us or reading.t_us

    def _sized(self, body: Clipboard) -> Clipboard:
        """The size of a paste is that of the last copy; the corpus knows it without the copy. A character counts a byte."""
        if body.action != "paste" or not self._pastes:
            return body
        return msgspec.structs.replace(body, size_bytes=self._pastes.popleft())

    def _windows(self, begins: Sequence[int], counts: Sequence[int]) -> Iterator[Window]:
        head = tuple(self._events[: begins[0]])
        accepted: frozenset[int] = frozenset()
        if self._session.schema is Schema.ASSISTED:
            columns = self._session.columns
            accepted = frozenset((columns["t_ms"][columns["kind"] == _ACCEPTED] // _WINDOW_MS).tolist())
        for number, first in enumerate(range(0, len(begins) - 1, WINDOW_TICKS)):
            last = min(first + WINDOW_TICKS, len(begins) - 1)
            if counts[last] > counts[first]:
                events = (*head, *self._events[begins[first] : begins[last]])
                yield Window(events, number in accepted if self._session.schema is Schema.ASSISTED else None)


def _stop_ms(session: CorpusSession) -> int:
    return int(_look(session.columns[TIMES[session.schema]].max()))


def _reading(at_ms: int) -> ClockReading:
    passed_us = at_ms * 1000
    return ClockReading(_BEGIN.t_us + passed_us, _BEGIN.mono_us + passed_us, _BEGIN.boottime_us + passed_us)


def _look(at_ms: Rows) -> Rows:
    """When a sensor that looks every 140 ms finds it."""
    found: Rows = -(-at_ms // LOOK_MS) * LOOK_MS
    return found


_Observed = tuple[list[int], Sequence[Observation]]
"""When each was told, in ms, ascending; and what."""


def _keystrokes(press_ms: Rows, dwell_ms: Rows, key_class: Rows) -> _Observed:
    """A keystroke is told at its release, with others of the same look in the order of their presses."""
    held = dwell_ms >= HELD_MS
    told_ms = _look(press_ms + np.where(held, HELD_MS, np.maximum(dwell_ms, 0)))
    order = np.lexsort((press_ms, told_ms))
    rows = zip(
        (press_ms[order] * 1000 + _BEGIN.mono_us).tolist(),
        key_class[order].tolist(),
        np.where(held, -1, dwell_ms)[order].tolist(),
        strict=True,
    )
    keystrokes = [Keystroke(at_us, _CLASSES[kind], dwell, _KEYBOARD, Injected.NO) for at_us, kind, dwell in rows]
    return told_ms[order].tolist(), keystrokes


def _typed(session: CorpusSession) -> _Observed:
    return _keystrokes(session.columns["press_ms"], session.columns["dwell_ms"], session.columns["key_class"])


def _edited(session: CorpusSession) -> _Observed:
    """One character that the person put in is a keystroke, and each of their removals is one; what a machine did is none.

    How several characters at once came in is not known, so they are none either.
    """
    kind, chars = session.columns["kind"], session.columns["chars"]
    pressed = ((kind == _INSERTED) & (chars == 1)) | (kind == _DELETED)
    classes = np.where(kind == _DELETED, int(KeyClass.DELETE), int(KeyClass.TEXT))[pressed]
    press_ms = session.columns["t_ms"][pressed]
    return _keystrokes(press_ms, np.full(len(press_ms), -1), classes)


def _pointed(session: CorpusSession) -> _Observed:
    """Motion as steps from place to place, reduced look by look by the sensor's own code; buttons and steps of the wheel."""
    from agent.x11.devices import Device  # noqa: PLC0415 - where there is X11
    from agent.x11.pointer import Pointer  # noqa: PLC0415 - as above

    columns = session.columns
    order = np.argsort(columns["t_ms"], kind="stable")
    time_ms, kind, x_px, y_px = (columns[name][order] for name in ("t_ms", "kind", "x_px", "y_px"))
    steps = zip(
        time_ms.tolist(),
        kind.tolist(),
        np.diff(x_px, prepend=x_px[:1]).tolist(),
        np.diff(y_px, prepend=y_px[:1]).tolist(),
        _look(time_ms).tolist(),
        strict=True,
    )
    pointer, device = Pointer(1, 1), Device(number=_POINTER, injected=Injected.NO)
    told_ms: list[int] = []
    observations: list[Observation] = []
    found: list[Press | Stroke] = []
    looked_ms = 0

    def tell() -> None:
        found.extend(pointer.strokes(None))
        found.sort(key=lambda observation: observation.mono_us)
        observations.extend(found)
        told_ms.extend([looked_ms] * len(found))
        found.clear()

    for at_ms, what, dx, dy, look_ms in steps:
        if look_ms != looked_ms:
            tell()
            looked_ms = look_ms
        at_us = _BEGIN.mono_us + at_ms * 1000
        if what in (_MOVED, _DRAGGED):
            pointer.motion(at_us, dx or None, dy or None, device)
        elif what == _PRESSED or what in _WHEEL:
            found.append(Press(at_us, what in _WHEEL, _POINTER, Injected.NO))
    tell()
    return told_ms, observations


_OBSERVED: Final = {Schema.TYPING: _typed, Schema.ASSISTED: _edited, Schema.POINTER: _pointed}
