# SPDX-License-Identifier: Apache-2.0
"""The demonstration's desk: a display of its own, a window manager, real windows, and a scripted hand.

The hand types through XTEST, as every automation program does; the record says so, and the injected-input
detector is meant to ask about it.
"""

from __future__ import annotations

import contextlib
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
import xcffib
import xcffib.xproto
import xcffib.xtest

from session import EnvironmentFault

KEYS_PER_S: Final = 20
_TEXT: Final = (
    "answer b is the better one because it names the condition under which the advice holds. a says always and for life, "
    "which the newer trials do not support when the heart pumps well. b is also the one that i would say to a person across "
    "the desk since it ends with a conversation and not with an order. what b lacks is a word on tapering and a word on who "
    "must not stop. i would add both in one line. "
)
_BACKGROUND: Final = 0x3A4A5A
_WINDOWS: Final = ("workbench", "assistant", "editor")
_SETTLE_S: Final = 8.0


class Desk(msgspec.Struct, frozen=True):
    """A running desk: the environment that puts a program on it."""

    display: str
    environment: Mapping[str, str]


def _display_number(process: subprocess.Popen[bytes], read_fd: int) -> str:
    if not select.select([read_fd], [], [], 20)[0]:
        process.kill()
        raise EnvironmentFault("The virtual display did not start within 20 s. Is Xvfb able to run here?")
    number = os.read(read_fd, 32).decode("ascii").strip()
    if not number:
        raise EnvironmentFault(
            "The virtual display ended at once. Please run `Xvfb -displayfd 1` by hand and read what it says."
        )
    return f":{number}"


@contextlib.contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(  # noqa: S603 - our own fixed commands
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise EnvironmentFault(f"The program {command[0]} is missing. `./run` installs it when it may.") from error
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def virtual_display(width_px: int = 1440, height_px: int = 860) -> Iterator[Desk]:
    """A display of its own with a window manager; ends both.

    Raises:
        EnvironmentFault: Xvfb or openbox is missing or does not start.
    """
    read_fd, write_fd = os.pipe()
    screen = f"{width_px}x{height_px}x24"
    command = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, read_fd)
        try:
            server = subprocess.Popen(  # noqa: S603 - our own fixed command
                command, pass_fds=(write_fd,), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except FileNotFoundError as error:
            raise EnvironmentFault("The program Xvfb is missing. `./run` installs it when it may.") from error
        finally:
            os.close(write_fd)
        stack.callback(server.wait, 10)
        stack.callback(server.terminate)
        display = _display_number(server, read_fd)
        own = {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_SESSION_TYPE": "x11",
            "XDG_RUNTIME_DIR": tempfile.gettempdir(),
        }
        environment = {
            name: value for name, value in os.environ.items() if name not in {"WAYLAND_DISPLAY", "XAUTHORITY"}
        } | own
        stack.enter_context(_running(["openbox", "--sm-disable"], environment))
        yield Desk(display=display, environment=environment)


class Hand:
    """Types and clicks on a display through XTEST, at a person's pace, as the script says.

    Args:
        desk: where; the windows of `windows_shown` are expected on it.
        seed: of the pauses between keys, so that a demonstration repeats.
    """

    def __init__(self, desk: Desk, seed: int = 7) -> None:
        self._connection = xcffib.connect(display=desk.display)
        self._root = self._connection.get_setup().roots[0].root
        self._connection.core.ChangeWindowAttributes(self._root, xcffib.xproto.CW.BackPixel, [_BACKGROUND])
        self._connection.core.ClearArea(False, self._root, 0, 0, 0, 0)
        self._test = self._connection(xcffib.xtest.key)
        setup = self._connection.get_setup()
        first, count = setup.min_keycode, setup.max_keycode - setup.min_keycode + 1
        mapping = self._connection.core.GetKeyboardMapping(first, count).reply()
        per_code = mapping.keysyms_per_keycode
        self._codes = {mapping.keysyms[i * per_code]: first + i for i in reversed(range(count))}
        self._pause = random.Random(seed)  # noqa: S311 - pauses of a demonstration, no secret

    def close(self) -> None:
        """Leaves the display."""
        self._connection.disconnect()

    def _key(self, keysym: int, *, down: bool) -> None:
        self._test.FakeInput(2 if down else 3, self._codes[keysym], 0, self._root, 0, 0, 0)
        self._connection.flush()

    def chord(self, modifier: int, keysym: int) -> None:
        """Presses `keysym` with `modifier` held (both X keysyms)."""
        self._key(modifier, down=True)
        self._key(keysym, down=True)
        time.sleep(0.05)
        self._key(keysym, down=False)
        self._key(modifier, down=False)
        time.sleep(0.2)

    def type(self, for_s: float) -> None:
        """Types the demonstration's text for about `for_s` seconds."""
        next_s = time.monotonic()
        until = next_s + for_s
        position = 0
        # by a plan of moments, so that a busy machine types in bursts rather than less
        while next_s < until:
            keysym = ord(_TEXT[position % len(_TEXT)])
            position += 1
            self._key(keysym, down=True)
            time.sleep(0.01)
            self._key(keysym, down=False)
            next_s += self._pause.uniform(0.5, 1.5) / KEYS_PER_S
            time.sleep(max(0.0, next_s - time.monotonic()))

    def move(self, x_px: int, y_px: int) -> None:
        """Moves the pointer there in small steps."""
        pointer = self._connection.core.QueryPointer(self._root).reply()
        for step in range(1, 13):
            x = pointer.root_x + (x_px - pointer.root_x) * step // 12
            y = pointer.root_y + (y_px - pointer.root_y) * step // 12
            self._test.FakeInput(6, 0, 0, self._root, x, y, 0)
            self._connection.flush()
            time.sleep(0.012)

    def scroll(self, for_s: float) -> None:
        """Turns the wheel down one step a second, as a reader does."""
        until = time.monotonic() + for_s
        while time.monotonic() < until:
            for kind in (4, 5):
                self._test.FakeInput(kind, 5, 0, self._root, 0, 0, 0)
            self._connection.flush()
            time.sleep(min(1.0, max(0.0, until - time.monotonic())))

    def _named(self, name: str) -> int | None:
        core = self._connection.core
        atom = core.InternAtom(only_if_exists=False, name_len=16, name="_NET_CLIENT_LIST").reply().atom
        windows = core.GetProperty(False, self._root, atom, 0, 0, 256).reply().value.to_atoms()
        for window in windows:
            with contextlib.suppress(xcffib.xproto.WindowError):
                value = core.GetProperty(False, window, xcffib.xproto.Atom.WM_CLASS, 0, 0, 64).reply().value
                if name.encode("ascii") in bytes(value.buf()).split(b"\0"):
                    return int(window)
        return None

    def wait_for(self, name: str) -> None:
        """Waits until the window `name` is there.

        Raises:
            EnvironmentFault: it is not within some seconds.
        """
        until = time.monotonic() + _SETTLE_S * 4
        while self._named(name) is None:
            if time.monotonic() > until:
                raise EnvironmentFault(f"The window {name!r} of the demonstration did not appear.")
            time.sleep(0.05)

    def bring(self, name: str) -> None:
        """Brings the window `name` to the front, as a click on its task bar would."""
        window = self._named(name)
        if window is None:
            raise EnvironmentFault(f"The window {name!r} of the demonstration is gone.")
        core = self._connection.core
        atom = core.InternAtom(only_if_exists=False, name_len=18, name="_NET_ACTIVE_WINDOW").reply().atom
        fields = xcffib.xproto.ClientMessageData.synthetic([2, 0, 0, 0, 0], "5I")
        message = xcffib.xproto.ClientMessageEvent.synthetic(format=32, window=window, type=atom, data=fields)
        mask = xcffib.xproto.EventMask.SubstructureRedirect | xcffib.xproto.EventMask.SubstructureNotify
        core.SendEvent(False, self._root, mask, message.pack())
        self._connection.flush()
        time.sleep(0.3)


@contextlib.contextmanager
def windows_shown(desk: Desk) -> Iterator[Hand]:
    """The three windows of the demonstration on `desk`, and a hand to work them."""
    with contextlib.ExitStack() as stack:
        for name in _WINDOWS:
            command = [sys.executable, "-m", "ui.demo.windows", name]
            stack.enter_context(_running(command, desk.environment))
        hand = Hand(desk)
        stack.callback(hand.close)
        for name in _WINDOWS:
            hand.wait_for(name)
        yield hand


CONTROL: Final = 0xFFE3


def work(hand: Hand, for_s: float) -> None:
    """The script: write, read the task, look at an assistant's page, copy there, paste into the draft, write on.

    Args:
        hand: the hand on the desk.
        for_s: length in seconds, 5 at least.
    """
    begun = time.monotonic()

    def left(share: float) -> float:
        return max(0.0, begun + share * for_s - time.monotonic())

    hand.bring("editor")
    hand.move(400, 300)
    hand.type(left(0.50))
    hand.bring("workbench")
    hand.move(980, 460)
    hand.scroll(left(0.66))
    hand.bring("assistant")
    hand.chord(CONTROL, ord("a"))
    hand.chord(CONTROL, ord("c"))
    hand.scroll(left(0.76))
    hand.bring("editor")
    hand.chord(CONTROL, ord("v"))
    hand.type(left(1.0))
