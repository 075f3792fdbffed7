# SPDX-License-Identifier: Apache-2.0
"""How much is copied on X11, and by which application; never what.

Rules:

1. No content enters this process: the owner puts it into a property on the server, and we ask for that property with a
   length of zero, which answers with its size alone. Then the property is deleted. The names of formats are read, and as
   such only: what claims to be them and is not stays on the server.
2. An owner that never answers, dies in between, or sends without end costs nobody anything: each transfer has an end in time
   and in size, and what is told then is that the size is not known (0). What comes of it later is no part of the next copy.
3. Only CLIPBOARD is observed. PRIMARY (what is selected, and pasted by the middle button) is not.
4. The selection stays its owner's: we ask, and never take.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Final

import msgspec
import xcffib
import xcffib.xfixes
from xcffib.xproto import CW, Atom, EventMask, WindowClass

from agent.sensor import Ability, Copied, Emit
from agent.x11.connection import PROPERTY_NOTIFY, Connection, DisplayThread, Property, ServerTime, Unobservable, connect
from agent.x11.windows import Owners, names_of
from session.events import Reason

PATIENCE_US: Final = 2_000_000
"""How long an owner may take for one step. Source: ICCCM 2.4 leaves it open; toolkits give up after 1 to 5 s."""
LONGEST_US: Final = 30_000_000
"""How long a whole transfer may take. Source: xclip hands over 1 GiB in parts in some 10 s on a slow machine."""
MOST_BYTES: Final = 1 << 30
"""A transfer is not counted further: whoever copies a gigabyte has copied a lot."""
SELECTION_NOTIFY: Final = 31
"""Event code. Source: X Window System Protocol, appendix B."""
_PLACES: Final = tuple(f"FAIRWITNESS_SIZE_{number}" for number in range(8))
"""Properties that transfers take in turn, so that an owner that was given up does not write into the next one's."""
_ATOMS: Final = (
    "CLIPBOARD",
    "TARGETS",
    "INCR",
    "UTF8_STRING",
    "STRING",
    "text/plain;charset=utf-8",
    "text/plain",
    "image/png",
    "image/jpeg",
    "image/bmp",
    "image/svg+xml",
    "text/html",
    "text/uri-list",
    "_NET_ACTIVE_WINDOW",
    "_NET_WM_PID",
    "WM_CLASS",
    *_PLACES,
)
_WISHES: Final = (
    *("text/plain;charset=utf-8", "STRING", "text/plain"),
    *("image/png", "image/jpeg", "image/bmp", "image/svg+xml"),
    *("text/html", "text/uri-list"),
)
"""What is measured where there is no UTF8_STRING, the likeliest first. No other: some formats are orders (DELETE)."""
_OWNER_EVENT: Final = struct.Struct("=BBHIIII")
"""code, subtype, sequence, window, owner, selection, time. Source: XFIXES 5.0, SelectionNotify."""
_ANSWER_EVENT: Final = struct.Struct("=BxHIIIII")
"""code, sequence, time, requestor, selection, target, property."""
_PROPERTY_EVENT: Final = struct.Struct("=BxHIIIB")
"""code, sequence, window, atom, time, state (0 new value, 1 deleted)."""
_NEW_VALUE: Final = 0
_MOST_FORMATS: Final = 1024
"""Formats of one copy that are looked at: browsers and offices offer some 30."""


class _Transfer(msgspec.Struct):
    """One copy that is being measured."""

    at_us: int
    app: str
    time_ms: int
    due_us: int
    place: int
    asked_targets: bool = False
    growing: bool = False
    size_bytes: int = 0


class _Clipboard:
    """The observer of one connection. See `agent.x11.connection.Observer`."""

    def __init__(self, connection: Connection, emit: Emit) -> None:
        self._connection, self._emit = connection, emit
        self._time = ServerTime()
        self._atoms = connection.atoms(_ATOMS)
        self._owners = Owners(connection)
        self._places = cycle([self._atoms[name] for name in _PLACES])
        self._transfer: _Transfer | None = None
        self._window = connection.generate_id()
        core = connection.core
        core.CreateWindow(
            0,
            self._window,
            connection.root,
            0,
            0,
            1,
            1,
            0,
            WindowClass.InputOnly,
            0,
            CW.EventMask,
            [EventMask.PropertyChange],
        )
        if not core.QueryExtension(6, "XFIXES").reply().present:
            raise _without_xfixes()
        fixes = connection(xcffib.xfixes.key)
        fixes.QueryVersion(5, 0).reply()
        self._owner_code = core.QueryExtension(6, "XFIXES").reply().first_event
        mask = xcffib.xfixes.SelectionEventMask.SetSelectionOwner
        fixes.SelectSelectionInput(self._window, self._atoms["CLIPBOARD"], mask)

    @property
    def obstacle(self) -> Unobservable | None:
        return None

    @property
    def due_us(self) -> int | None:
        return self._transfer.due_us if self._transfer is not None else None

    def handle(self, events: Sequence[bytes], now_us: int) -> None:
        for event in events:
            code = event[0] & 0x7F
            if code == self._owner_code:
                self._owned(event, now_us)
            elif code == SELECTION_NOTIFY:
                self._answered(event, now_us)
            elif code == PROPERTY_NOTIFY:
                self._grown(event, now_us)
        if self._transfer is not None and now_us >= self._transfer.due_us:
            self._tell(0)

    def finish(self, now_us: int) -> None:
        del now_us
        if self._transfer is not None:
            self._tell(0)

    # --- one copy

    def _owned(self, event: bytes, now_us: int) -> None:
        _, _, _, _, owner, _, time_ms = _OWNER_EVENT.unpack_from(event)
        if self._transfer is not None:
            self._tell(0)  # the next copy came before this one was measured
        if not owner:
            return
        at_us = self._time.mono_us(time_ms, now_us)
        self._transfer = _Transfer(at_us, self._application(owner), time_ms, now_us + PATIENCE_US, next(self._places))
        self._ask(self._transfer, "UTF8_STRING")

    def _ask(self, transfer: _Transfer, target: str) -> None:
        clipboard, number = self._atoms["CLIPBOARD"], self._atoms[target]
        self._connection.core.ConvertSelection(self._window, clipboard, number, transfer.place, transfer.time_ms)

    def _answered(self, event: bytes, now_us: int) -> None:
        _, _, _, requestor, _, target, place = _ANSWER_EVENT.unpack_from(event)
        transfer = self._transfer
        if requestor != self._window:
            return
        if transfer is None or place not in (0, transfer.place):
            self._delete(place)  # the late answer of an owner that was given up
            return
        transfer.due_us = min(now_us + PATIENCE_US, transfer.at_us + LONGEST_US)
        if target == self._atoms["TARGETS"]:
            self._choose(transfer, answered=bool(place))
        elif not place:
            self._refused(transfer)
        else:
            kind, size_bytes = self._size(place)
            transfer.growing = kind == self._atoms["INCR"]
            self._delete(place)
            if not transfer.growing:
                self._tell(size_bytes)

    def _refused(self, transfer: _Transfer) -> None:
        if transfer.asked_targets:
            self._tell(0)
            return
        transfer.asked_targets = True
        self._ask(transfer, "TARGETS")

    def _choose(self, transfer: _Transfer, *, answered: bool) -> None:
        """From the list of what the owner offers, which holds names of formats and no content."""
        offered: tuple[int, ...] = ()
        if answered:
            asked = self._connection.core.GetProperty(False, self._window, transfer.place, Atom.ATOM, 0, _MOST_FORMATS)
            found = Property.of(asked)  # a property of another type is not handed over
            offered = found.numbers if found is not None else ()
            self._delete(transfer.place)
        wished = next((name for name in _WISHES if self._atoms[name] in offered), None)
        if wished is None:
            self._tell(0)
        else:
            self._ask(transfer, wished)

    def _grown(self, event: bytes, now_us: int) -> None:
        """Another part of a transfer in parts: its size is added, and deleting it asks for the next."""
        _, _, window, atom, _, state = _PROPERTY_EVENT.unpack_from(event)
        transfer = self._transfer
        if transfer is None or not transfer.growing or window != self._window:
            return
        if atom != transfer.place or state != _NEW_VALUE:
            return
        _, size_bytes = self._size(atom)
        transfer.size_bytes += size_bytes
        transfer.due_us = min(now_us + PATIENCE_US, transfer.at_us + LONGEST_US)
        self._delete(atom)
        if not size_bytes or transfer.size_bytes >= MOST_BYTES:
            self._tell(transfer.size_bytes)

    def _size(self, place: int) -> tuple[int, int]:
        """Type and size of what lies in a property of ours. A length of zero is asked for, so nothing of it comes here."""
        try:
            reply = self._connection.core.GetProperty(False, self._window, place, 0, 0, 0).reply()
        except xcffib.Error:
            return 0, 0
        return int(reply.type), int(reply.bytes_after)

    def _delete(self, place: int) -> None:
        if place:
            self._connection.core.DeleteProperty(self._window, place)

    def _tell(self, size_bytes: int) -> None:
        transfer, self._transfer = self._transfer, None
        if transfer is not None:
            self._emit(Copied(mono_us=transfer.at_us, size_bytes=min(size_bytes, MOST_BYTES), app=transfer.app))

    def _application(self, owner: int) -> str:
        """Whose the selection is, by the name that FOCUS gives it: toolkits own it with a window that nobody sees."""
        ask, atoms = self._connection.ask, self._atoms
        active = Property.of(ask(self._connection.root, atoms["_NET_ACTIVE_WINDOW"]))
        front = active.numbers[0] if active and active.numbers else 0
        owns, fronts = self._owners.ask(owner), self._owners.ask(front) if front else None
        owner_pid = self._owners.answer(owns, Property.of(ask(owner, atoms["_NET_WM_PID"])))
        front_pid = self._owners.answer(fronts, Property.of(ask(front, atoms["_NET_WM_PID"]))) if front else 0
        if front and owner_pid and owner_pid == front_pid:
            owner = front
        instance, app = names_of(Property.of(ask(owner, atoms["WM_CLASS"])))
        return app or instance or self._owners.executable(owner_pid).lower()


def _without_xfixes() -> Unobservable:
    return Unobservable(
        Reason.ABSENT,
        "This X server does not tell who owns the clipboard (no XFIXES).",
        "Use an X server of the last fifteen years.",
    )


class ClipboardSensor:
    """Copies: when, how much, and by which application.

    Args:
        display: the X display, None for the one of `environment`.
        environment: read for DISPLAY, XDG_SESSION_TYPE and WAYLAND_DISPLAY; None for the process's own.
    """

    def __init__(self, display: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._display = display
        self._environment = os.environ if environment is None else environment
        self._thread = DisplayThread("x11-clipboard", (self.name,), attach=_Clipboard, connecting=self._connect, pace_ms=0)

    @property
    def name(self) -> str:
        """The scope of its gaps."""
        return "clipboard"

    def start(self, emit: Emit) -> None:
        """Begins to observe; returns at once. What was copied before is not told."""
        self._thread.start(emit)

    def stop(self) -> None:
        """Ends within two seconds."""
        self._thread.stop()

    def ability(self) -> Ability:
        """What can be seen here. Asks nobody for anything that was copied."""
        try:
            connection = self._connect()
            try:
                _Clipboard(connection, lambda _observation: None)
            finally:
                connection.disconnect()
        except Unobservable as obstacle:
            return Ability(sensor=self.name, observes=False, detail=obstacle.detail, advice=obstacle.advice)
        except xcffib.XcffibException:
            return Ability(
                sensor=self.name,
                observes=False,
                detail="The X display closed the connection.",
                advice="Log out and in again, and report this if it stays.",
            )
        return Ability(sensor=self.name, observes=True, detail="How much is copied and by which application, never what.")

    def _connect(self) -> Connection:
        return connect(self._display, self._environment)
