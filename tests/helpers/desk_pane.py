# SPDX-License-Identifier: Apache-2.0
"""Windows of one colour, each pane a program of its own: what a mask must cover, and what may cover it.

As a program it draws windows by the lines it reads, and answers "ok" to each when the server has done it.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xcffib
from desk_programs import printed
from desk_server import Desk, ended, until
from xcffib.xproto import CW, ConfigWindow, PropMode, StackMode

Area = tuple[int, int, int, int]
"""x, y, width and height in px."""


class Pane:
    """A running pane. `number` is its first window."""

    def __init__(self, desk: Desk, process: subprocess.Popen[str]) -> None:
        self._desk = desk
        self._process = process
        self.number = 0

    def tell(self, *words: object) -> str:
        """Sends a line, waits for its answer and gives what follows the "ok"."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer.startswith("ok"), answer or f"the pane ended with {self._process.wait()}"
        return answer[3:]

    @property
    def pid(self) -> int:
        """Of the program."""
        return self._process.pid

    def move(self, area: Area) -> None:
        """Puts the first window elsewhere, and waits until the window manager has done so."""
        self.tell("move", *area)
        until(lambda: self.place() == area, f"a pane at {area}, not at {self.place()}")

    def front(self, area: Area) -> None:
        """Puts the first window above all others, at `area`."""
        printed(self._desk, "xdotool", "windowactivate", "--sync", str(self.number))
        self.move(area)

    def place(self) -> Area:
        """Where the first window is on the screen."""
        x, y, width, height = map(int, self.tell("place").split())
        return x, y, width, height

    def popup(self, area: Area, colour: str, *, named: bool = True, transient: bool = False) -> None:
        """Shows a second window that no window manager touches, as menus do."""
        self.tell("popup", *area, colour, int(named), int(transient))

    def unpop(self) -> None:
        """Takes the last popup away."""
        self.tell("unpop")


@contextmanager
def pane(desk: Desk, name: str, colour: str, area: Area, *, managed: bool = True) -> Iterator[Pane]:
    """A window of one colour (RRGGBB) whose class and instance are `name`, shown and known to the window manager."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), name, colour, *map(str, area)],
        env=desk.environment | {"PYTHONPATH": str(Path(__file__).parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        shown = Pane(desk, process)
        shown.number = int(shown.tell("hello"))
        if managed:
            listed = f"{shown.number:#x}"
            until(lambda: listed in printed(desk, "xprop", "-root", "_NET_CLIENT_LIST_STACKING"), f"{name} is managed")
            shown.move(area)
        yield shown
    finally:
        ended(process)
        process.communicate()


class _Painter:
    def __init__(self, name: str, colour: str, area: Area) -> None:
        self._connection = xcffib.connect()
        self._core = self._connection.core
        self._name = name.encode()
        self._root = self._connection.get_setup().roots[0]
        self._popup = 0
        self.first = self._window(area, colour, unmanaged=False)
        self._property(self.first, "WM_CLASS", "STRING", self._name + b"\0" + self._name + b"\0")
        self._property(self.first, "WM_NAME", "STRING", b"pan\xe9 " + self._name)
        # USPosition, USSize and PWinGravity: the place asked for is the pane's own, not its frame's (StaticGravity)
        hints = struct.pack("=18I", 1 | 2 | 512, *([0] * 16), 10)
        self._property(self.first, "WM_NORMAL_HINTS", "WM_SIZE_HINTS", hints, width=32)
        self._show(self.first)

    def _atom(self, name: str) -> int:
        return self._core.InternAtom(False, len(name), name).reply().atom

    def _property(self, window: int, name: str, kind: str, value: bytes, *, width: int = 8) -> None:
        count = len(value) * 8 // width
        self._core.ChangeProperty(PropMode.Replace, window, self._atom(name), self._atom(kind), width, count, value)

    def _window(self, area: Area, colour: str, *, unmanaged: bool) -> int:
        number = self._connection.generate_id()
        values = [int(colour, 16), int(unmanaged)]
        mask = CW.BackPixel | CW.OverrideRedirect
        self._core.CreateWindow(
            self._root.root_depth, number, self._root.root, *area, 0, 1, self._root.root_visual, mask, values
        )
        return number

    def _show(self, window: int) -> None:
        self._core.MapWindow(window)
        self._connection.flush()
        deadline = time.monotonic() + 10
        while self._core.GetWindowAttributes(window).reply().map_state != 2 and time.monotonic() < deadline:
            time.sleep(0.005)

    def move(self, *area: int) -> None:
        mask = ConfigWindow.X | ConfigWindow.Y | ConfigWindow.Width | ConfigWindow.Height
        self._core.ConfigureWindow(self.first, mask, list(area))
        self._core.GetInputFocus().reply()

    def place(self) -> str:
        size = self._core.GetGeometry(self.first).reply()
        at = self._core.TranslateCoordinates(self.first, self._root.root, 0, 0).reply()
        return f"{at.dst_x} {at.dst_y} {size.width} {size.height}"

    def popup(self, area: Area, colour: str, *, named: bool, transient: bool) -> None:
        window = self._window(area, colour, unmanaged=True)
        if named:
            self._property(window, "WM_CLASS", "STRING", self._name + b"\0" + self._name + b"\0")
        if transient:
            self._property(window, "WM_TRANSIENT_FOR", "WINDOW", struct.pack("=I", self.first), width=32)
        self._core.ConfigureWindow(window, ConfigWindow.StackMode, [StackMode.Above])
        self._show(window)
        self._popup = window

    def unpop(self) -> None:
        self._core.DestroyWindow(self._popup)
        self._core.GetInputFocus().reply()


def _serve(painter: _Painter) -> None:
    for line in sys.stdin:
        verb, *words = line.split()
        answer = ""
        if verb == "hello":
            answer = str(painter.first)
        elif verb == "move":
            painter.move(*map(int, words))
        elif verb == "place":
            answer = painter.place()
        elif verb == "unpop":
            painter.unpop()
        elif verb == "popup":
            x, y, width, height = map(int, words[:4])
            painter.popup((x, y, width, height), words[4], named=words[5] == "1", transient=words[6] == "1")
        sys.stdout.write(f"ok {answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve(_Painter(sys.argv[1], sys.argv[2], (int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]))))
