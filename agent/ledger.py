# SPDX-License-Identifier: Apache-2.0
"""The writer's way into the Journal: what a disk that takes nothing means, which gaps are open, and what is new to show.

Rules:

1. Every record goes in, in order. What the Journal cannot take (a megabyte waits for the disk already) waits here.
2. A fault of the disk is told once and kept until a sync works again; then a gap says from when on records were not durable.
3. An open gap has a scope of its own: a second reason for the same scope ends the first.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from session import EnvironmentFault, InputFault
from session.account import SESSION_SCOPE, AccountRules, WorkedSoFar
from session.events import Capture, Checkpoint, Edge, Event, Gap, Kind, Moment, Payload, Reason, Start, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from session.journal import Journal
    from session.ports import ClockReading

_LOG: Final = logging.getLogger("fairwitness.ledger")

# Each record is asked for all of these, and naming an enumeration's member costs more than the question.
_TIMED: Final = (Start, Gap, Task, Checkpoint)
_OPEN_KINDS: Final = frozenset(kind for kind in Kind if kind <= Kind.COSIGN or kind == Kind.CAPTURE)
_LANDMARK_KINDS: Final = frozenset((Kind.START, Kind.GAP, Kind.TASK, Kind.MANUAL, Kind.TRIM))


class Ledger:
    """One thread's own, like the journal in it.

    Args:
        journal: open.
        past: the session's records so far; the first batch of `fresh`.
        rules: of the policy, for the time shown.

    Attributes:
        last_mono_us: latest monotonic time that a record says in the open.
        open_records: how many records have a public part.
    """

    def __init__(self, journal: Journal, past: Sequence[Event], rules: AccountRules) -> None:
        self.started_us: Final = next((event.body.t_us for event in past if isinstance(event.body, Start)), 0)
        self.trouble = ""
        self._journal = journal
        self._worked = WorkedSoFar(rules, [event for event in past if _is_landmark(event)])
        self.last_mono_us = max((_mono_us(event) for event in past), default=0)
        self.open_records = sum(map(_has_public_part, past))
        self._fresh: list[Event] = list(past)
        self._unwritten: deque[tuple[Kind, Payload, int]] = deque()
        self._open_gaps: dict[str, Reason] = {}
        self._failing_since_us: int | None = None
        self._lost_pictures = 0

    @property
    def session_id(self) -> str:
        """Of the session recorded here."""
        return self._journal.keys.session_id

    @property
    def size(self) -> int:
        """How many records there are."""
        return self._journal.size

    @property
    def open_gaps(self) -> dict[str, Reason]:
        """What is not observed now: reason by scope."""
        return dict(self._open_gaps)

    def worked_us(self, until: ClockReading) -> int:
        """Work time so far."""
        return self._worked.at_us(until)

    def fresh(self) -> list[Event]:
        """The records since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def append(self, kind: Kind, body: Payload, *, least: int = 0) -> None:
        """Adds a record, or keeps it until `write_waiting` can."""
        self._unwritten.append((kind, body, least))
        if len(self._unwritten) == 1:
            self.write_waiting()

    def write_waiting(self) -> bool:
        """Whether nothing waits here any more, after trying."""
        while self._unwritten:
            kind, body, least = self._unwritten[0]
            try:
                event = self._journal.append(kind, body, least=least)
            except InputFault:
                raise  # a body that no reader takes is a bug of ours, not the disk's
            except EnvironmentFault:
                return False
            self._unwritten.popleft()
            self._note(event)
        return True

    def picture(self, capture: Capture, image: bytes, reading: ClockReading) -> int:
        """Adds a CAPTURE and gives its seq, or 0 where the disk does not take it: the picture is lost then, and counted."""
        try:
            event = self._journal.append_blob(capture, image)
        except InputFault:
            raise
        except EnvironmentFault as fault:
            self._lost_pictures += 1
            self._fails(fault, reading)
            return 0
        self._note(event)
        return event.seq

    def cosign(self, size: int, line: str, reading: ClockReading) -> None:
        """Adds a cosignature. One that the disk does not take is covered by a later one."""
        try:
            self._note(self._journal.append_cosign(size, line))
        except InputFault:
            raise
        except EnvironmentFault as fault:
            self._fails(fault, reading)

    def sync(self, reading: ClockReading) -> bool:
        """Whether all is durable now, this record of a mended disk included."""
        try:
            self._journal.sync()
            if self._failing_since_us is not None:
                self._mended(self._failing_since_us, reading)
                self._journal.sync()
        except InputFault:
            raise
        except EnvironmentFault as fault:
            self._fails(fault, reading)
            return False
        return not self._unwritten

    def checkpoint(self, reading: ClockReading, moment: Moment) -> tuple[bytes, int] | None:
        """The signed note and the size that it covers, durable; None where the disk does not take it."""
        if self.trouble:
            self.sync(reading)  # a mended disk is recorded before the note that covers it
        try:
            checkpoint = self._journal.checkpoint(reading, moment)
        except InputFault:
            raise
        except EnvironmentFault as fault:
            self._fails(fault, reading)
            return None
        size = self._journal.size - 1
        self._note(Event(size, Kind.CHECKPOINT, checkpoint))
        return checkpoint.note.encode(), size

    def open_gap(self, scope: str, reason: Reason, reading: ClockReading, *, lost: int = 0) -> None:
        """From `reading` on, `scope` is not observed. The same reason again changes nothing; another ends the first."""
        if self._open_gaps.get(scope) is reason:
            return
        self.close_gap(scope, reading)
        self._open_gaps[scope] = reason
        self._gap(Gap(reading.t_us, reading.mono_us, Edge.BEGIN, reason, scope, lost=max(0, lost)))

    def close_gap(self, scope: str, reading: ClockReading, *, lost: int = 0) -> bool:
        """From `reading` on, `scope` is observed again; False where no gap was open."""
        reason = self._open_gaps.pop(scope, None)
        if reason is None:
            return False
        self._gap(Gap(reading.t_us, reading.mono_us, Edge.END, reason, scope, lost=max(0, lost)))
        return True

    def point_gap(self, scope: str, reason: Reason, reading: ClockReading, *, from_us: int, lost: int = 0) -> None:
        """`scope` was not observed from `from_us` (UTC) to `reading`."""
        body = Gap(reading.t_us, reading.mono_us, Edge.POINT, reason, scope, from_us=max(0, from_us), lost=max(0, lost))
        self._gap(body)

    def _gap(self, body: Gap) -> None:
        _LOG.info("gap edge=%s reason=%s scope=%s lost=%d", body.edge.name, body.reason, body.scope, body.lost)
        self.append(Kind.GAP, body)

    def _note(self, event: Event) -> None:
        self._fresh.append(event)
        if not _has_public_part(event):
            return
        self.open_records += 1
        self.last_mono_us = max(self.last_mono_us, _mono_us(event))
        if _is_landmark(event):
            self._worked.take(event)

    def _fails(self, fault: EnvironmentFault, reading: ClockReading) -> None:
        if self._failing_since_us is None:
            _LOG.error("the disk takes nothing; the session goes on in memory")
            self._failing_since_us = reading.t_us
        self.trouble = str(fault)

    def _mended(self, since_us: int, reading: ClockReading) -> None:
        _LOG.warning("the disk takes records again")
        self.trouble, self._failing_since_us = "", None
        self.write_waiting()
        lost, self._lost_pictures = self._lost_pictures, 0
        self.point_gap(SESSION_SCOPE, Reason.DISK, reading, from_us=since_us, lost=lost)


def _mono_us(event: Event) -> int:
    """The monotonic time that a record says in the open, 0 where it says none."""
    body = event.body
    return body.mono_us if isinstance(body, _TIMED) else 0


def _has_public_part(event: Event) -> bool:
    return event.kind in _OPEN_KINDS


def _is_landmark(event: Event) -> bool:
    """Whether the time shown depends on this record. Checkpoints add nothing to what stands before and after them."""
    return event.kind in _LANDMARK_KINDS
