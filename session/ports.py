# SPDX-License-Identifier: Apache-2.0
"""What the parts ask of each other.

Rules:

1. Only Protocols and the frozen values that cross them; no code runs here.
2. `ui` knows recorder, outbox and platform by these names alone; `fairwitness.wiring` hands over the real ones.
3. Every method says what it may raise; nothing else crosses a port.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from session.events import Event


class ClockReading(msgspec.Struct, frozen=True):
    """All clocks at once, in µs: UTC, monotonic (stands still in suspend), since boot (does not)."""

    t_us: int
    mono_us: int
    boottime_us: int


class Clock(Protocol):
    """The only source of time."""

    def read(self) -> ClockReading:
        """All clocks, read together."""
        ...

    @property
    def boot_id(self) -> str:
        """Identifier of this boot of the machine, "" where the system has none."""
        ...


class KeyStore(Protocol):
    """Keeps secrets by name. Names are ASCII paths such as `session/<id>/signing`."""

    @property
    def described(self) -> str:
        """One plain sentence: where the keys are kept, and what protects them."""
        ...

    def get(self, name: str) -> bytes | None:
        """The secret, or None. Raises `EnvironmentFault` when the store is locked or gone."""
        ...

    def put(self, name: str, secret: bytes) -> None:
        """Keeps it durably, replacing what was there. Raises `EnvironmentFault`."""
        ...

    def delete(self, name: str) -> None:
        """Forgets it; a name that is not there is no error. Raises `EnvironmentFault`."""
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """Names that begin with `prefix`, sorted. Raises `EnvironmentFault`."""
        ...


class RecorderState(StrEnum):
    """What the trainer sees."""

    IDLE = "idle"
    RECORDING = "recording"
    PAUSED = "paused"
    PRIVATE = "private"
    STOPPED = "stopped"
    PROBLEM = "problem"


class RecorderStatus(msgspec.Struct, frozen=True):
    """A snapshot for people. `message` is plain words when something needs doing, else ""."""

    state: RecorderState
    session_id: str
    started_us: int
    worked_us: int
    records: int
    open_gaps: tuple[str, ...]
    message: str = ""


class Recorder(Protocol):
    """One running session. Every verb returns at once; the state follows through listeners."""

    def start(self) -> None:
        """Begins to record. Once."""
        ...

    def pause(self) -> None:
        """Nothing is observed from this call on, until `resume`."""
        ...

    def resume(self) -> None:
        """Observes again."""
        ...

    def private(self) -> None:
        """Private time: as `pause`, and recorded as what it is."""
        ...

    def stop(self) -> None:
        """Ends the recording: nothing is observed from this call on."""
        ...

    def status(self) -> RecorderStatus:
        """What listeners were told last."""
        ...

    def listen(self, listener: Callable[[RecorderStatus, Sequence[Event]], None]) -> None:
        """Calls `listener` from the writer thread with each batch of records; a slow listener is its own loss."""
        ...


class GrantWish(msgspec.Struct, frozen=True):
    """A session to come, or one that began offline, that the platform is asked to grant. Its key is kept already."""

    project: str
    session_id: str
    session_certificate: str


class Outcome(StrEnum):
    """What to do after a request: the three outcomes, and success."""

    DONE = "done"
    RETRY = "retry"
    NEVER = "never"
    STOP = "stop"


class OutboxItem(msgspec.Struct, frozen=True):
    """One session on its way. `state`: held, waiting, sending, confirmed, refused."""

    session_id: str
    folder: Path
    state: str
    not_before_us: int
    attempts: int
    sent_bytes: int
    total_bytes: int
    last_error: str


class Outbox(Protocol):
    """The durable queue of sealed sessions."""

    def put(self, session_id: str, folder: Path, *, not_before_us: int) -> None:
        """Queues a sealed session; the same again changes nothing."""
        ...

    def release(self, session_id: str) -> None:
        """Send now: ends the hold."""
        ...

    def items(self) -> Sequence[OutboxItem]:
        """All sessions, in the order in which they were put."""
        ...


class SessionListing(msgspec.Struct, frozen=True):
    """What the platform knows of a session without opening anything.

    `decisions`: distinct findings that somebody decided on; `replies`: the trainer's; `read`: whoever asks was given
    something of it before; `overlap_us`: of `worked_us`, what a session of the same person that began earlier counts too;
    `beyond_us`: of `worked_us`, what cannot have passed by the platform's clock.
    """

    session_id: str
    person: str
    project: str
    started_us: int
    worked_us: int
    sealed_us: int
    state: str
    decisions: int = 0
    replies: int = 0
    read: bool = False
    overlap_us: int = 0
    beyond_us: int = 0


class Platform(Protocol):
    """The remote side as people use it. All raise `EnvironmentFault` with what to do, or `IntegrityFault`."""

    def sessions(self) -> Sequence[SessionListing]:
        """What the platform lets this person see."""
        ...

    def fetch(self, session_id: str, folder: Path) -> Path:
        """Downloads one session into `folder`/<id>, verified by digest as it arrives; returns that folder."""
        ...


class SessionReader(Protocol):
    """A session, readable by whoever holds a key to it. Random access; decrypts on demand."""

    @property
    def session_id(self) -> str:
        """32 hexadecimal digits."""
        ...

    def events(self) -> Sequence[Event]:
        """All records in order; `body` None where absent, withheld, newer or not ours to open."""
        ...

    def image(self, seq: int) -> bytes | None:
        """The encoded picture of a CAPTURE, or None where it is removed or not ours to open.

        Raises `IntegrityFault` when the blob is not what the record committed to.
        """
        ...
