# SPDX-License-Identifier: Apache-2.0
"""The window in front on X11, event-driven; and each 5 s whether another program's window stays over it.

Rules:

1. The thread `x11-window` sleeps until a property changes (the active window on the root, the title of that window), or
   until it looks again at what lies over the one in front (agent/x11/overlay.py). Only that is looked for by the clock.
2. Window managers put "no window" between two windows; that is told only when it lasts (`NONE_US`).
3. A window may be gone before it is asked about; that is nobody's fault and never ends the sensor.
4. Without a window manager that says what is active, nothing is known, and that is a gap.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

import msgspec
import psutil
import xcffib
import xcffib.res
from xcffib.xproto import CW, EventMask

from agent.gate import monotonic_us
from agent.sensor import Ability, Emit, FrontWindow, Looks
from agent.x11.connection import (
    DESTROY_NOTIFY,
    PROPERTY_NOTIFY,
    Connection,
    DisplayThread,
    Property,
    ServerTime,
    Unobservable,
    connect,
)
from agent.x11.overlay import LOOK_US, Above, Lasting
from session.events import WATCHED_OVERLAYS, Reason

NONE_US: Final = 150_000
"""How long no window must be in front before it is told. Source: openbox leaves none for under 50 ms between two."""
TITLE_US: Final = 200_000
"""A title is told at most this often, the last one always; a spinner in a title is no event of its own."""
TITLE_CHARACTERS: Final = 512
APP_CHARACTERS: Final = 128
"""Longest title and name. Source: session/events.py, FocusChange."""

KEPT_PROGRAMS: Final = 64
"""Windows whose program is remembered: asking the system costs as much as asking the display. Source: a busy desk."""

ATOMS: Final = (
    "_NET_ACTIVE_WINDOW",
    "_NET_SUPPORTING_WM_CHECK",
    "_NET_WM_NAME",
    "_NET_WM_PID",
    "WM_NAME",
    "WM_CLASS",
)
_PROPERTY_EVENT: Final = struct.Struct("=BxHIII")
"""code, sequence, window, atom, time."""


def no_manager() -> Unobservable:
    """Said where no window manager tells what is in front."""
    return Unobservable(
        Reason.ABSENT,
        "No window manager says which window is in front.",
        "Start a window manager that knows EWMH (all common desktops have one).",
    )


class Shown(msgspec.Struct, frozen=True):
    """What is in front: the window's number (0 none), and what is known of it."""

    window: int = 0
    app: str = ""
    title: str = ""
    pid: int = 0
    executable: str = ""


class Front:
    """Decides what of the changing front is told, and when. Pure: times come from the caller, in monotonic µs."""

    def __init__(self) -> None:
        self._told: Shown | None = None
        self._told_us = 0
        self._waiting: tuple[Shown, int, int] | None = None

    def see(self, shown: Shown, at_us: int) -> FrontWindow | None:
        """Takes what is in front since `at_us`; gives what to tell at once, if anything."""
        if shown == self._told:
            self._waiting = None
            return None
        if self._told is not None and shown.window == 0:
            since_us = self._waiting[1] if self._waiting and self._waiting[0].window == 0 else at_us
            self._waiting = (shown, since_us, since_us + NONE_US)
            return None
        if self._told is not None and shown.window == self._told.window and at_us < self._told_us + TITLE_US:
            self._waiting = (shown, at_us, self._told_us + TITLE_US)
            return None
        return self._tell(shown, at_us)

    @property
    def due_us(self) -> int | None:
        """When something that was held back is to be told."""
        return self._waiting[2] if self._waiting else None

    def overdue(self, now_us: int) -> FrontWindow | None:
        """What was held back and is due by `now_us`, with the time when it came to be."""
        if self._waiting is None or now_us < self._waiting[2]:
            return None
        return self._tell(self._waiting[0], self._waiting[1])

    def _tell(self, shown: Shown, at_us: int) -> FrontWindow:
        self._told = shown
        self._told_us = at_us
        self._waiting = None
        return FrontWindow(
            mono_us=at_us,
            window=shown.window,
            app=shown.app,
            title=shown.title,
            pid=shown.pid,
            executable=shown.executable,
        )


class Owners:
    """Who owns a window: the process that the server knows, and its program's name without the folder."""

    def __init__(self, connection: Connection) -> None:
        self._res = None
        if connection.core.QueryExtension(10, "X-Resource").reply().present:
            res = connection(xcffib.res.key)
            version = res.QueryVersion(1, 2).reply()
            if (version.server_major, version.server_minor) >= (1, 2):
                self._res = res

    def ask(self, window: int) -> Any:  # noqa: ANN401 - xcffib has no types
        """The request for the owner of a window, on its way; None where the server cannot say."""
        if self._res is None:
            return None
        specs = [xcffib.res.ClientIdSpec.synthetic(window, xcffib.res.ClientIdMask.LocalClientPID)]
        return self._res.QueryClientIds(1, specs)

    @staticmethod
    def answer(cookie: Any, claimed: Property | None) -> int:  # noqa: ANN401 - as above
        """The owner's process: what the server knows of its socket, else what the window claims, else 0."""
        if cookie is not None:
            try:
                for found in cookie.reply().ids:
                    if found.length >= 4:
                        return int(found.value[0])
            except xcffib.Error:
                return 0
        return claimed.numbers[0] if claimed and claimed.numbers else 0

    @staticmethod
    def executable(pid: int) -> str:
        """The program's file name, "" where it cannot be known."""
        if pid <= 0:
            return ""
        try:
            process = psutil.Process(pid)
            return PurePath(process.exe() or process.name()).name[:APP_CHARACTERS]
        except (psutil.Error, OSError):
            return ""


def words_of(found: Property | None) -> str:
    """A text property as words: UTF-8 where it is that, whatever type it claims; else Latin-1, which every byte is."""
    if found is None or found.width != 8:
        return ""
    value = found.value.split(b"\0", 1)[0]
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def names_of(found: Property | None) -> tuple[str, str]:
    """Instance and class of WM_CLASS, in lower case, "" where absent."""
    if found is None or found.width != 8:
        return "", ""
    parts = [part.decode("utf-8", "replace").lower()[:APP_CHARACTERS] for part in found.value.split(b"\0")]
    return parts[0], parts[1] if len(parts) > 1 else ""


class _Windows:
    """The observer of one connection. See `agent.x11.connection.Observer`."""

    def __init__(self, connection: Connection, emit: Emit) -> None:
        self._connection = connection
        self._emit = emit
        self._time = ServerTime()
        self._atoms = connection.atoms(ATOMS)
        self._owners = Owners(connection)
        self._front = Front()
        self._window = 0
        self._keeper = 0
        self._programs: dict[tuple[int, int], str] = {}
        self._above = Above(connection, self._owners)
        self._lasting = Lasting()
        self._look_above_us = monotonic_us() + LOOK_US
        self._listen(connection.root, EventMask.PropertyChange)
        self._find_manager()
        self._look(monotonic_us())
        emit(Looks(mono_us=monotonic_us(), watched=WATCHED_OVERLAYS))

    @property
    def obstacle(self) -> Unobservable | None:
        return None if self._keeper else no_manager()

    @property
    def due_us(self) -> int | None:
        told_us = self._front.due_us
        return self._look_above_us if told_us is None else min(told_us, self._look_above_us)

    def handle(self, events: Sequence[bytes], now_us: int) -> None:
        changed_us = None
        for event in events:
            code = event[0] & 0x7F
            if code == DESTROY_NOTIFY:
                # the window manager's own window, or the one in front: openbox leaves the last one's number at the root
                self._find_manager()
                self._window = 0
                changed_us = now_us
            elif code == PROPERTY_NOTIFY:
                _, _, window, atom, time_ms = _PROPERTY_EVENT.unpack_from(event)
                if window == self._connection.root and atom == self._atoms["_NET_SUPPORTING_WM_CHECK"]:
                    self._find_manager()
                if self._concerns(window, atom):
                    changed_us = self._time.mono_us(time_ms, now_us)
        if changed_us is not None:
            self._look(changed_us)
        self._tell(self._front.overdue(now_us))
        if now_us >= self._look_above_us:
            self._look_above_us = now_us + LOOK_US
            above = self._above.look(self._window, self._keeper) if self._window and self._keeper else {}
            for overlay in self._lasting.see(above, now_us):
                self._emit(overlay)

    def finish(self, now_us: int) -> None:
        del now_us  # what is held back has not lasted: it is not told

    def _concerns(self, window: int, atom: int) -> bool:
        if window == self._connection.root:
            return atom in (self._atoms["_NET_ACTIVE_WINDOW"], self._atoms["_NET_SUPPORTING_WM_CHECK"])
        return window == self._window and atom in (self._atoms["_NET_WM_NAME"], self._atoms["WM_NAME"])

    def _listen(self, window: int, mask: int) -> None:
        # unchecked: for a window that is gone the error comes as an empty event
        self._connection.core.ChangeWindowAttributes(window, CW.EventMask, [mask])

    def _find_manager(self) -> None:
        self._keeper = manager_of(self._connection, self._atoms["_NET_SUPPORTING_WM_CHECK"])
        if self._keeper:
            self._listen(self._keeper, EventMask.StructureNotify)

    def _look(self, at_us: int) -> None:
        if not self._keeper:
            # a gap: what is in front is told anew when it can be seen again
            self._front = Front()
            self._window = 0
            return
        found = Property.of(self._connection.ask(self._connection.root, self._atoms["_NET_ACTIVE_WINDOW"]))
        window = found.numbers[0] if found and found.numbers else 0
        if window != self._window:
            if self._window:
                self._listen(self._window, 0)
            if window:
                # before asking, so that no change falls between
                self._listen(window, EventMask.PropertyChange | EventMask.StructureNotify)
        shown = self._describe(window)
        # the root may name a window that is gone, and the server gives its number to the next one: listen to that anew
        self._window = shown.window
        self._tell(self._front.see(shown, at_us))

    def _describe(self, window: int) -> Shown:
        if not window:
            return Shown()
        atoms = self._atoms
        ask = self._connection.ask
        name, old_name, classes, claimed = (
            ask(window, atoms[a]) for a in ("_NET_WM_NAME", "WM_NAME", "WM_CLASS", "_NET_WM_PID")
        )
        owner = self._owners.ask(window)
        title = words_of(Property.of(name))
        old_title = words_of(Property.of(old_name))
        instance, app = names_of(Property.of(classes))
        pid = self._owners.answer(owner, Property.of(claimed))
        if (window, pid) not in self._programs:
            if len(self._programs) >= KEPT_PROGRAMS:
                self._programs.clear()
            self._programs[window, pid] = self._owners.executable(pid)
        if not (title or old_title or app or instance) and self._gone(window):
            return Shown()
        return Shown(
            window=window,
            app=app or instance,
            title=(title or old_title)[:TITLE_CHARACTERS],
            pid=pid,
            executable=self._programs[window, pid],
        )

    def _gone(self, window: int) -> bool:
        try:
            self._connection.core.GetGeometry(window).reply()
        except xcffib.Error:
            return True
        return False

    def _tell(self, front: FrontWindow | None) -> None:
        if front is not None:
            self._emit(front)


def manager_of(connection: Connection, check: int) -> int:
    """The window by which a window manager shows that it is there and knows EWMH, or 0. `check` is the property's atom.

    Source: Extended Window Manager Hints 1.5, _NET_SUPPORTING_WM_CHECK (a left-over property names a dead window).
    """
    at_root = Property.of(connection.ask(connection.root, check))
    keeper = at_root.numbers[0] if at_root and at_root.numbers else 0
    if not keeper:
        return 0
    itself = Property.of(connection.ask(keeper, check))
    return keeper if itself and itself.numbers[:1] == (keeper,) else 0


class WindowSensor:
    """The window in front: application, title, process and program, at each change, with the server's time.

    `app` is the class of WM_CLASS in lower case (the instance where there is no class). Two windows that were in front
    before we could ask (a millisecond, or longer where the machine is busy) are told as the last of them: X says that the
    front changed, not to what.

    Args:
        display: the X display, None for the one of `environment`.
        environment: read for DISPLAY, XDG_SESSION_TYPE and WAYLAND_DISPLAY; None for the process's own.
    """

    def __init__(self, display: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._display = display
        self._environment = os.environ if environment is None else environment
        self._thread = DisplayThread("x11-window", (self.name,), attach=_Windows, connecting=self._connect, pace_ms=0)

    @property
    def name(self) -> str:
        """The scope of its gaps."""
        return "window"

    def start(self, emit: Emit) -> None:
        """Begins to observe; returns at once. The window that is in front is told first."""
        self._thread.start(emit)

    def stop(self) -> None:
        """Ends within two seconds."""
        self._thread.stop()

    def ability(self) -> Ability:
        """What can be seen here: whether a window manager says what is active. Reads no window."""
        try:
            connection = self._connect()
            try:
                if not manager_of(connection, connection.atoms(ATOMS)["_NET_SUPPORTING_WM_CHECK"]):
                    raise no_manager()
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
        return Ability(sensor=self.name, observes=True, detail="The application and the title of the window in front.")

    def _connect(self) -> Connection:
        return connect(self._display, self._environment)
