# SPDX-License-Identifier: Apache-2.0
"""Keyboard and pointer rhythm through pynput, where there is no sensor of the system's own.

Rules:

1. pynput is loaded when observation begins, since without a display it cannot even be loaded; what is in the way is a gap.
2. A key goes from the callback into `Keys`, which forgets it at the release. Nothing here keeps, logs or emits it.
3. pynput names no device, and on X11 its "injected" is only XSendEvent, never XTEST: there the source is not known, and the
   record says so. Windows tells it (LLKHF_INJECTED).
4. A listener that ends by itself is a gap; it is started again.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import threading
from collections.abc import Mapping
from itertools import pairwise
from math import inf
from typing import Any, Final

from agent.gate import STOP_S, Backoff, Gate, monotonic_us
from agent.portable.keys import Keys
from agent.sensor import Ability, Emit, Press, Stroke, Way
from session.events import Injected, Reason

_LOG: Final = logging.getLogger("fairwitness.agent.portable")
PACE_S: Final = 0.14
"""How often movement is told. Source: agent/x11/input.py, PACE_MS."""
POINTER: Final = 2
"""The pointer's number; see `agent.portable.keys.SOURCE`."""


class _Run:
    """One run of the two listeners, from their start to their end."""

    def __init__(self, gate: Gate, *, system: str) -> None:
        from pynput import keyboard, mouse  # noqa: PLC0415 - cannot be loaded without a display

        self._gate, self._lock = gate, threading.Lock()
        self._knows_injected = system == "win32"
        self._keys = Keys(paste_by_command=system == "darwin")
        self._path: list[tuple[int, int, int]] = []
        self._listeners = (
            _quiet(keyboard.Listener)(on_press=self._pressed, on_release=self._released),
            _quiet(mouse.Listener)(on_move=self._moved, on_click=self._clicked, on_scroll=self._scrolled),
        )
        for listener in self._listeners:
            listener.start()
        for listener in self._listeners:
            listener.wait()

    @property
    def alive(self) -> bool:
        """Whether both still listen."""
        return all(listener.is_alive() for listener in self._listeners)

    def look(self) -> None:
        """Tells what was gathered since the last look."""
        with self._lock:
            held = self._keys.overdue(monotonic_us(), self._source(injected=False))
            path, self._path = self._path, self._path[-1:]
        for keystroke in held:
            self._gate.forward(keystroke)
        stroke = _stroke(path)
        if stroke is not None:
            self._gate.forward(stroke)

    def end(self) -> None:
        """Ends the listeners and tells what is held back."""
        self.look()
        with self._lock:
            held = self._keys.finish(self._source(injected=False))
        for keystroke in held:
            self._gate.forward(keystroke)
        for listener in self._listeners:
            with contextlib.suppress(Exception):  # a display that is gone: it has ended already
                listener.stop()
        for listener in self._listeners:
            with contextlib.suppress(Exception):  # it hands on what ended it; that was told as a gap
                listener.join(STOP_S / 3)

    # --- pynput's threads

    def _pressed(self, key: Any, injected: bool = False) -> None:  # noqa: ANN401, FBT001, FBT002 - pynput's own call
        at_us = monotonic_us()
        with self._lock:
            keystroke = self._keys.press(at_us, key, _name(key), _char(key), self._source(injected=injected))
        if keystroke is not None:
            self._gate.forward(keystroke)

    def _released(self, key: Any, injected: bool = False) -> None:  # noqa: ANN401, FBT001, FBT002 - as above
        at_us = monotonic_us()
        with self._lock:
            keystroke = self._keys.release(at_us, key, _name(key), self._source(injected=injected))
        if keystroke is not None:
            self._gate.forward(keystroke)

    def _moved(self, x: float, y: float, injected: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as above
        with self._lock:
            self._path.append((monotonic_us(), round(x), round(y)))

    def _clicked(self, _x: float, _y: float, _button: object, pressed: bool, injected: bool = False) -> None:  # noqa: FBT001, FBT002 - as above
        if pressed:
            self._gate.forward(Press(monotonic_us(), scroll=False, source=POINTER, injected=self._source(injected=injected)))

    def _scrolled(self, _x: float, _y: float, dx: float, dy: float, injected: bool = False) -> None:  # noqa: FBT001, FBT002 - as above
        for _ in range(max(1, round(abs(dx) + abs(dy)))):
            self._gate.forward(Press(monotonic_us(), scroll=True, source=POINTER, injected=self._source(injected=injected)))

    def _source(self, *, injected: bool) -> Injected:
        if not self._knows_injected:
            return Injected.UNKNOWN
        return Injected.YES if injected else Injected.NO


class PynputSensor:
    """Keystrokes as class and dwell; pointer movement, buttons and wheel. Never which key, and never from which device.

    Args:
        environment: read for DISPLAY; None for the process's own.
        system: as `sys.platform` names it.
    """

    SCOPES: Final = ("keyboard", "pointer")

    def __init__(self, environment: Mapping[str, str] | None = None, system: str = sys.platform) -> None:
        self._environment = os.environ if environment is None else environment
        self._system = system
        self._running: tuple[threading.Thread, Gate, threading.Event] | None = None

    @property
    def name(self) -> str:
        """One name for both; the gaps carry the scopes "keyboard" and "pointer"."""
        return "input"

    def start(self, emit: Emit) -> None:
        """Begins to observe; returns at once."""
        if self._running is not None:
            return
        gate, stopping = Gate(emit, self.SCOPES), threading.Event()
        thread = threading.Thread(target=self._observe, args=(gate, stopping), name="pynput-input", daemon=True)
        self._running = (thread, gate, stopping)
        thread.start()

    def stop(self) -> None:
        """Ends within two seconds, after telling keys that are still held, without dwell."""
        if self._running is None:
            return
        thread, gate, stopping = self._running
        self._running = None
        stopping.set()
        thread.join(STOP_S)
        gate.close()

    def ability(self) -> Ability:
        """What can be seen here. Listens to nothing."""
        obstacle = self._obstacle()
        if obstacle:
            return Ability(
                sensor=self.name,
                observes=False,
                detail="Keyboard and pointer cannot be listened to here.",
                advice="Start the program inside a desktop session; on macOS allow it Accessibility and Input Monitoring.",
            )
        return Ability(
            sensor=self.name,
            observes=True,
            detail="Typing and pointer rhythm, never which key; which device it comes from is not known here.",
        )

    def _obstacle(self) -> Reason | None:
        if self._system == "linux":
            environment = self._environment
            if environment.get("XDG_SESSION_TYPE", "").lower() == "wayland" or environment.get("WAYLAND_DISPLAY"):
                # it would see some programs only, and the silence of the others looks like nothing done
                return Reason.DENIED
            if not environment.get("DISPLAY"):
                return Reason.ABSENT
        try:
            if self._system == "darwin" and not importlib.import_module("HIServices").AXIsProcessTrusted():
                return Reason.DENIED  # pynput would listen all the same, and hear nothing
            import pynput  # noqa: F401, PLC0415 - found by trying
        except ImportError:
            return Reason.ABSENT
        return None

    def _observe(self, gate: Gate, stopping: threading.Event) -> None:
        backoff = Backoff()
        while not stopping.is_set():
            begun_us = monotonic_us()
            gate.tell(self._listen(gate, stopping))
            if not stopping.is_set():
                stopping.wait(backoff.after(monotonic_us() - begun_us))

    def _listen(self, gate: Gate, stopping: threading.Event) -> Reason:
        """One run; gives why it ended."""
        obstacle = self._obstacle()
        if obstacle is not None:
            return obstacle
        try:
            run = _Run(gate, system=self._system)
        except Exception as error:  # noqa: BLE001 - thread top: each back end fails in a way of its own
            _LOG.warning("thread=pynput-input cannot listen: %s", type(error).__name__)
            return Reason.ABSENT
        gate.tell(None)
        while run.alive and not stopping.wait(PACE_S):
            run.look()
        run.end()
        return Reason.DIED


def _quiet(listener: Any) -> Any:  # noqa: ANN401 - pynput has no types
    """The listener, whose end by a fault is an end: it is seen by `alive` and told as a gap, not thrown at the program."""

    class Quiet(listener):  # type: ignore[misc] # as above
        def run(self) -> None:
            try:
                super().run()
            except Exception as error:  # noqa: BLE001 - thread top of another's; its message may hold a key
                _LOG.warning("thread=%s ended: %s", self.name, type(error).__name__)
            finally:
                for display in ("_display_stop", "_display_record"):  # X11: it leaves them open where the server is gone
                    with contextlib.suppress(AttributeError):
                        getattr(self, display).display.socket.close()

    return Quiet


def _name(key: object) -> str:
    """The name of a named key, "" for any other."""
    name = getattr(key, "name", "")
    return name if isinstance(name, str) else ""


def _char(key: object) -> str:
    char = getattr(key, "char", "")
    return char if isinstance(char, str) else ""


def _stroke(path: list[tuple[int, int, int]]) -> Stroke | None:
    """A piece of movement: how far and how long; the first point is where the last piece ended."""
    if len(path) < 2:
        return None
    lengths = [((x - before_x) ** 2 + (y - before_y) ** 2) ** 0.5 for (_, before_x, before_y), (_, x, y) in pairwise(path)]
    (_, first_x, first_y), (last_us, last_x, last_y) = path[0], path[-1]
    begun_us = path[1][0]
    steps = [length for length in lengths if length]
    least, most = min(steps, default=inf), max(steps, default=0.0)
    return Stroke(
        mono_us=begun_us,
        duration_ms=(last_us - begun_us) // 1000,
        path_px=round(sum(lengths)),
        net_px=round(((last_x - first_x) ** 2 + (last_y - first_y) ** 2) ** 0.5),
        moves=len(path) - 1,
        source=POINTER,
        injected=Injected.UNKNOWN,
        way=Way(len(steps), sum(steps), last_x - first_x, last_y - first_y, least, most),
    )
