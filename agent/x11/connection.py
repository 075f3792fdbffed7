# SPDX-License-Identifier: Apache-2.0
"""The one place that touches xcffib's connection: events as bytes, properties, server time, and the thread around them.

Rules:

1. Events are handed on as the bytes of the protocol; the sensors unpack the few fields they need. xcffib's own classes
   cost twenty times as much for a key event, and read the valuators of a raw motion wrongly (their number is taken as
   the sum of the mask's words, not of its bits).
2. Whatever is in the way is an `Unobservable` with words for a person; a lost server is retried until it is back.
3. `stop` is prompt: a thread waits only on the connection and on its own wake pipe.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
import xcffib
import xcffib.randr
import xcffib.xproto

from agent.gate import STOP_S, Backoff, Gate, monotonic_us
from agent.sensor import Emit
from session import EnvironmentFault
from session.events import Reason

log = logging.getLogger("fairwitness.agent.x11")

GENERIC_EVENT: Final = 35
PROPERTY_NOTIFY: Final = 28
DESTROY_NOTIFY: Final = 17
MAPPING_NOTIFY: Final = 34
"""Event codes. Source: X Window System Protocol, appendix B; X Generic Event Extension for 35."""


class Unobservable(EnvironmentFault):
    """This desktop does not let us observe. `reason` goes into the gap, `str()` and `advice` to the person."""

    def __init__(self, reason: Reason, detail: str, advice: str) -> None:
        super().__init__(f"{detail} {advice}")
        self.reason = reason
        self.detail = detail
        self.advice = advice


class Connection(xcffib.Connection):  # type: ignore[misc] # xcffib has no types
    """A connection whose events are bytes: 32 of them, and for generic events the rest without xcb's own sequence field."""

    def hoist_event(self, event: Any) -> bytes:  # noqa: ANN401 - a C pointer of xcffib's
        """The event's bytes; empty for an error of a request that nobody waits for (a window that died)."""
        code = event.response_type & 0x7F
        if code == 0:
            return b""
        if code != GENERIC_EVENT:
            return bytes(xcffib.ffi.buffer(event, 32))
        words = struct.unpack_from("=I", xcffib.ffi.buffer(event, 8), 4)[0]
        whole = xcffib.ffi.buffer(event, 36 + 4 * words)
        return bytes(whole[:32]) + bytes(whole[36:])

    def drain(self) -> Iterator[bytes]:
        """All events that have come, without waiting. Raises xcffib.ConnectionException when the server is gone."""
        # poll_for_event asks three times for each event whether the connection lives: half of what an event costs
        while (event := xcffib.lib.xcb_poll_for_event(self._conn)) != xcffib.ffi.NULL:
            yield self.hoist_event(xcffib.ffi.gc(event, xcffib.c_free))
        self.invalid()

    @property
    def root(self) -> int:
        """The root window of the preferred screen."""
        return int(self.setup.roots[self.pref_screen].root)

    def atoms(self, names: Sequence[str]) -> dict[str, int]:
        """The numbers of these names, asked for in one round trip."""
        cookies = [self.core.InternAtom(False, len(n), n) for n in names]
        return {n: int(c.reply().atom) for n, c in zip(names, cookies, strict=True)}

    def ask(self, window: int, atom: int, *, max_bytes: int = 4096) -> Any:  # noqa: ANN401 - xcffib has no types
        """A request for a property, on its way; `Property.of` waits for the answer. Many may be under way at once."""
        return self.core.GetProperty(False, window, atom, 0, 0, max_bytes // 4)


class Property(msgspec.Struct, frozen=True):
    """A property's value as it lies on the server: `kind` is the atom of its type, `width` 8, 16 or 32 bits."""

    kind: int
    width: int
    value: bytes

    @classmethod
    def of(cls, cookie: Any) -> Property | None:  # noqa: ANN401 - xcffib has no types
        """The answer, or None where there is no such property or no such window any more."""
        try:
            reply = cookie.reply()
        except xcffib.Error:
            return None
        if not reply.type:
            return None
        return cls(kind=int(reply.type), width=int(reply.format), value=bytes(reply.value.buf()))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The value as 32-bit numbers; empty where it is not such a list."""
        if self.width != 32:
            return ()
        return struct.unpack(f"={len(self.value) // 4}I", self.value[: len(self.value) // 4 * 4])


class ServerTime:
    """The X server's 32-bit milliseconds as µs of our monotonic clock.

    On one machine both are CLOCK_MONOTONIC and only the wrap-around after 49.7 days is undone. A display of another
    machine has another clock: then the first event's arrival is taken for its time, and the server spaces the rest.

    Source: measured on Xvfb, Xvnc and Xorg, difference 0 to 2 ms; docs/architecture.md, agent.
    """

    OLDEST_MS: Final = 60_000
    NEWEST_MS: Final = 1_000

    def __init__(self) -> None:
        self._offset_ms = 0

    def mono_us(self, server_ms: int, now_us: int) -> int:
        """The monotonic µs of an event that arrived by `now_us`; never later than that."""
        now_ms = now_us // 1000
        behind_ms = self._behind(server_ms, now_ms)
        if not -self.NEWEST_MS <= behind_ms <= self.OLDEST_MS:
            self._offset_ms += behind_ms
            behind_ms = 0
        return min((now_ms - behind_ms) * 1000, now_us)

    def _behind(self, server_ms: int, now_ms: int) -> int:
        return (now_ms - self._offset_ms - server_ms + 2**31) % 2**32 - 2**31


def connect(display: str | None, environment: Mapping[str, str]) -> Connection:
    """A connection to `display`, or to the one that `environment` names.

    Raises:
        Unobservable: ABSENT without a display that answers; DENIED under Wayland, where a program sees only itself
            and a silence would look like "did nothing".
    """
    name = display or environment.get("DISPLAY")
    if environment.get("XDG_SESSION_TYPE", "").lower() == "wayland":
        raise _wayland()
    if not name:
        if environment.get("WAYLAND_DISPLAY"):
            raise _wayland()
        raise Unobservable(Reason.ABSENT, "There is no X display.", "Start the program inside a desktop session.")
    try:
        connection = Connection(display=name)
    except xcffib.XcffibException as error:
        raise Unobservable(
            Reason.ABSENT,
            f"The X display {name} does not answer.",
            "Check that DISPLAY is right and that you may use that display (xauth).",
        ) from error
    if _is_xwayland(connection):
        connection.disconnect()
        raise _wayland()
    return connection


def _wayland() -> Unobservable:
    return Unobservable(
        Reason.DENIED,
        "This desktop is Wayland, which does not let programs observe other programs.",
        "Choose an X11 session at log-in to record more; until then this is recorded as not observed.",
    )


def _is_xwayland(connection: Connection) -> bool:
    # since 23.1 the server says so by an extension; before, its outputs are named after it
    if connection.core.QueryExtension(8, "XWAYLAND").reply().present:
        return True
    if not connection.core.QueryExtension(5, "RANDR").reply().present:
        return False
    randr = connection(xcffib.randr.key)
    randr.QueryVersion(1, 3).reply()
    resources = randr.GetScreenResourcesCurrent(connection.root).reply()
    answers = [randr.GetOutputInfo(output, resources.config_timestamp).reply() for output in resources.outputs]
    return any(bytes(a.name.buf()).startswith(b"XWAYLAND") for a in answers)


class Observer(Protocol):
    """What a sensor does with one connection, in the sensor's thread."""

    @property
    def obstacle(self) -> Unobservable | None:
        """Why nothing can be observed at the moment although the display answers (no window manager), or None."""
        ...

    @property
    def due_us(self) -> int | None:
        """When it wants to be called although nothing came, in monotonic µs, or None."""
        ...

    def handle(self, events: Sequence[bytes], now_us: int) -> None:
        """Takes what came, or notices that `due_us` has passed."""
        ...

    def finish(self, now_us: int) -> None:
        """Emits what is held back. The connection may be gone already."""
        ...


Attach = Callable[[Connection, Emit], Observer]


class DisplayThread:
    """Keeps one observer on a display: connects, waits, hands over, says when it cannot, and tries again.

    Args:
        name: the thread's name.
        scopes: names of the sensors whose gaps it reports.
        attach: makes the observer on a new connection; may raise `Unobservable`.
        connecting: gives a connection or raises `Unobservable`.
        pace_ms: shortest time between two looks at the connection; events wait on it unread.
    """

    def __init__(
        self, name: str, scopes: tuple[str, ...], *, attach: Attach, connecting: Callable[[], Connection], pace_ms: int
    ) -> None:
        self._name = name
        self._scopes = scopes
        self._attach = attach
        self._connecting = connecting
        self._pace_s = pace_ms / 1000
        self._running: tuple[threading.Thread, Gate, int] | None = None

    def start(self, emit: Emit) -> None:
        """Begins; a second start without a stop changes nothing."""
        if self._running is not None:
            return
        reading, writing = os.pipe()
        gate = Gate(emit, self._scopes)
        thread = threading.Thread(target=self._run, args=(gate, reading), name=self._name, daemon=True)
        self._running = (thread, gate, writing)
        thread.start()

    def stop(self) -> None:
        """Ends within two seconds; nothing is emitted after."""
        if self._running is None:
            return
        thread, gate, writing = self._running
        self._running = None
        os.close(writing)  # the reading end, which the thread waits on and closes itself, becomes readable
        thread.join(STOP_S)
        gate.close()
        if thread.is_alive():
            log.warning("thread=%s does not end: the display does not answer", self._name)

    def _run(self, gate: Gate, wake: int) -> None:
        backoff = Backoff()
        stopping = False
        while not stopping:
            begun_us = monotonic_us()
            try:
                self._observe(gate, wake)
                stopping = True
            except Unobservable as obstacle:
                log.info("thread=%s reason=%s", self._name, obstacle.reason)
                gate.tell(obstacle.reason)
            except xcffib.XcffibException as error:
                log.warning("thread=%s lost the display: %s", self._name, type(error).__name__)
                gate.tell(Reason.DIED)
            except Exception as error:  # noqa: BLE001 - thread top: what is not expected must end as a gap, not as silence
                log.error("thread=%s failed: %s", self._name, type(error).__name__)  # noqa: TRY400 - a traceback may hold titles
                gate.tell(Reason.DIED)
            if not stopping:
                stopping = _readable(wake, backoff.after(monotonic_us() - begun_us))
        os.close(wake)

    def _observe(self, gate: Gate, wake: int) -> None:
        connection = self._connecting()
        try:
            observer = self._attach(connection, gate.forward)
            try:
                self._serve(connection, observer, gate, wake)
            finally:
                observer.finish(monotonic_us())
        finally:
            with contextlib.suppress(xcffib.XcffibException):
                connection.disconnect()

    def _serve(self, connection: Connection, observer: Observer, gate: Gate, wake: int) -> None:
        waiting = select.poll()
        waiting.register(wake, select.POLLIN)
        waiting.register(connection.get_file_descriptor(), select.POLLIN)
        stopping = False
        while not stopping:
            obstacle = observer.obstacle
            gate.tell(obstacle.reason if obstacle else None)
            connection.flush()
            events = [event for event in connection.drain() if event]
            now_us = monotonic_us()
            due_us = observer.due_us
            if events or (due_us is not None and due_us <= now_us):
                observer.handle(events, now_us)
                # while something goes on we look once in a while, and are not woken by each event
                stopping = _readable(wake, self._pace_s)
            else:
                stopping = any(ready == wake for ready, _ in waiting.poll(_timeout_ms(due_us, now_us)))
        observer.handle([event for event in connection.drain() if event], monotonic_us())


def _timeout_ms(due_us: int | None, now_us: int) -> int | None:
    return None if due_us is None else max(0, (due_us - now_us + 999) // 1000)


def _readable(descriptor: int, timeout_s: float) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(timeout_s * 1000))
