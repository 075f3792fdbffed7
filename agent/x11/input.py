# SPDX-License-Identifier: Apache-2.0
"""Keyboard and pointer rhythm on X11: XInput2 raw events, reduced to class, dwell and distance as they are read.

Rules:

1. One thread, `x11-input`, looks at most 7 times a second and takes all that came; the server's time is on each event,
   so waiting costs no precision.
2. A key's number goes from the event into `Keyboard`, which forgets it at the release. Nothing here keeps, logs or
   emits it.
3. Of devices that come or go it is told how many were keyboards or pointers, never a name, a maker or a number of theirs.
4. One thread serves two scopes: what is in the way is told for "keyboard" and for "pointer".
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import xcffib
from xcffib.xinput import XIEventMask

from agent.gate import monotonic_us
from agent.sensor import Ability, Beside, Emit, Keystroke, Looks, Press, Stroke
from agent.x11.connection import (
    GENERIC_EVENT,
    MAPPING_NOTIFY,
    Connection,
    DisplayThread,
    ServerTime,
    Unobservable,
    connect,
)
from agent.x11.devices import Changed, Devices
from agent.x11.keyboard import Keyboard
from agent.x11.pointer import Pointer, raw_motion
from session.events import WATCHED_DEVICES

PACE_MS: Final = 140
"""7 looks a second while something goes on, none otherwise; later than 150 ms a rest of the pointer would be guessed.

Source: at most 20 are promised; bench/sensors.py: being woken is what an event costs, 0.2 ms alone, 0.02 ms in company.
"""

HIERARCHY, KEY_PRESS, KEY_RELEASE, BUTTON_PRESS, MOTION = 11, 13, 14, 15, 17
"""XI2 event numbers. Source: XI2.h."""
RAW: Final = XIEventMask.RawKeyPress | XIEventMask.RawKeyRelease | XIEventMask.RawButtonPress | XIEventMask.RawMotion
WHEEL: Final = frozenset({4, 5, 6, 7})
"""Buttons that are steps of a wheel. Source: X Input Extension library, core pointer buttons."""

_RAW_EVENT: Final = struct.Struct("=BB2xIHHIIHH")
"""code, extension, length, event, master, time, detail, source, valuator mask words."""


class _Input:
    """The observer of one connection. See `agent.x11.connection.Observer`."""

    obstacle: Unobservable | None = None

    def __init__(self, connection: Connection, emit: Emit) -> None:
        self._connection = connection
        self._emit = emit
        self._time = ServerTime()
        self._devices = Devices(connection)
        self._keyboard = Keyboard()
        self._mapping = b""
        screen = connection.setup.roots[connection.pref_screen]
        self._pointer = Pointer(screen.width_in_pixels, screen.height_in_pixels)
        self._learn()
        self._keyboard.already_down(list(connection.core.QueryKeymap().reply().keys), monotonic_us())
        self._devices.select(RAW)
        emit(Looks(mono_us=monotonic_us(), watched=WATCHED_DEVICES))

    @property
    def due_us(self) -> int | None:
        return self._keyboard.due_us

    def handle(self, events: Sequence[bytes], now_us: int) -> None:
        found: list[Keystroke | Stroke | Press] = []
        renew = False
        # the notice of another keyboard's mapping comes after the first key of that keyboard
        if any(event[0] & 0x7F == MAPPING_NOTIFY for event in events):
            self._learn()
        for event in events:
            if event[0] & 0x7F == GENERIC_EVENT:
                renew |= self._raw(event, now_us, found)
        if renew:
            devices = self._devices.refresh()
            found += self._keyboard.unplugged(devices.gone)
            self._tell_devices(devices, now_us)
        found += self._keyboard.overdue(now_us)
        found += self._pointer.strokes(self._position() if self._pointer.asks_position else None)
        self._tell(found)

    def finish(self, now_us: int) -> None:
        del now_us
        self._tell([*self._keyboard.finish(), *self._pointer.strokes(None)])

    def _raw(self, event: bytes, now_us: int, found: list[Keystroke | Stroke | Press]) -> bool:
        """Reduces one XI2 event; gives whether the devices changed."""
        _, _, _, kind, _, time_ms, detail, source, mask_words = _RAW_EVENT.unpack_from(event)
        if kind == HIERARCHY:
            return True
        at_us = self._time.mono_us(time_ms, now_us)
        device = self._devices.get(source)
        if kind == MOTION:
            self._pointer.motion(at_us, *raw_motion(event, mask_words), device)
        elif kind == BUTTON_PRESS:
            found.append(Press(mono_us=at_us, scroll=detail in WHEEL, source=source, injected=device.injected))
        else:
            reduce = self._keyboard.press if kind == KEY_PRESS else self._keyboard.release
            keystroke = reduce(at_us, detail, device)
            if keystroke is not None:
                found.append(keystroke)
        return False

    def _tell(self, found: list[Keystroke | Stroke | Press]) -> None:
        found.sort(key=lambda observation: observation.mono_us)
        for observation in found:
            self._emit(observation)

    def _tell_devices(self, devices: Changed, now_us: int) -> None:
        for kind, whats in (("device-went", devices.went), ("device-came", devices.came)):
            for what, number in sorted(Counter(whats).items()):
                self._emit(Beside(mono_us=now_us, scope="keyboard", kind=kind, what=what, number=number))

    def _learn(self) -> None:
        setup = self._connection.setup
        count = setup.max_keycode - setup.min_keycode + 1
        reply = self._connection.core.GetKeyboardMapping(setup.min_keycode, count).reply()
        mapping = bytes(reply.keysyms.buf())
        # the server also sends a notice whenever another keyboard is used: most of them change nothing
        if mapping != self._mapping:
            self._mapping = mapping
            keysyms = struct.unpack(f"={len(mapping) // 4}I", mapping)
            self._keyboard.learn(setup.min_keycode, reply.keysyms_per_keycode, keysyms)

    def _position(self) -> tuple[int, int]:
        reply = self._connection.core.QueryPointer(self._connection.root).reply()
        return int(reply.root_x), int(reply.root_y)


class KeyboardPointerSensor:
    """Keystrokes as class, dwell and source; pointer movement, buttons and wheel. Never which key.

    A `Keystroke` comes once, at its release, or a second after the press without dwell (`Sensor` in agent/sensor.py);
    within one look keystrokes are in the order of their presses. `SensorChange` is told for "keyboard" and "pointer".

    Args:
        display: the X display, None for the one of `environment`.
        environment: read for DISPLAY, XDG_SESSION_TYPE and WAYLAND_DISPLAY; None for the process's own.
    """

    SCOPES: Final = ("keyboard", "pointer")

    def __init__(self, display: str | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._display = display
        self._environment = os.environ if environment is None else environment
        self._thread = DisplayThread("x11-input", self.SCOPES, attach=_Input, connecting=self._connect, pace_ms=PACE_MS)

    @property
    def name(self) -> str:
        """One name for both; the gaps carry the scopes "keyboard" and "pointer"."""
        return "input"

    def start(self, emit: Emit) -> None:
        """Begins to observe; returns at once."""
        self._thread.start(emit)

    def stop(self) -> None:
        """Ends within two seconds, after telling keys that are still held, without dwell."""
        self._thread.stop()

    def ability(self) -> Ability:
        """What can be seen here: connects and counts devices, selects nothing."""
        try:
            connection = self._connect()
            try:
                devices = Devices(connection)
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
        return Ability(
            sensor=self.name,
            observes=True,
            detail=f"Typing and pointer rhythm from {len(devices)} devices, never which key; automation is told apart.",
        )

    def _connect(self) -> Connection:
        return connect(self._display, self._environment)
