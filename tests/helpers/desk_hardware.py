# SPDX-License-Identifier: Apache-2.0
"""Keyboard and mouse as hardware: the client of Xorg's `inputtest` driver, protocol 1.1 (xf86-input-inputtest)."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Self

SYNC, MOTION, BUTTON, KEYSTROKE = 1, 2, 4, 5
KEYCODES = {
    " ": 65,
    "BackSpace": 22,
    "Tab": 23,
    "Return": 36,
    "Control_L": 37,
    "Shift_L": 50,
    "Alt_L": 64,
    "Escape": 9,
    "Left": 113,
    "Insert": 118,
    "Delete": 119,
    "Super_L": 133,
    "Home": 110,
    "F5": 71,
    "KP_Enter": 104,
    **dict(zip("1234567890", range(10, 20), strict=True)),
    **dict(zip("qwertyuiop", range(24, 34), strict=True)),
    **dict(zip("asdfghjkl", range(38, 47), strict=True)),
    **dict(zip("zxcvbnm,.", range(52, 61), strict=True)),
}
"""X keycodes of a PC keyboard under the US layout, which is what Xorg starts with here."""


class _Device:
    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._socket.sendall(struct.pack("=IIHH", 12, 0, 1, 1))
        self._read(12)

    def _read(self, size: int) -> bytes:
        read = b""
        while len(read) < size:
            part = self._socket.recv(size - len(read))
            if not part:
                raise ConnectionError("the X server closed its input socket")
            read += part
        return read

    def send(self, message: bytes) -> None:
        self._socket.sendall(message)

    def sync(self) -> None:
        self._socket.sendall(struct.pack("=II", 8, SYNC))
        self._read(8)

    def close(self) -> None:
        self._socket.close()


def _valuators(values: dict[int, float]) -> bytes:
    mask = bytearray(8)
    axes = [0.0] * 64
    for axis, value in values.items():
        mask[axis // 8] |= 1 << (axis % 8)
        axes[axis] = value
    return struct.pack("=I8s4x64d64d", 0, bytes(mask), *axes, *([0.0] * 64))


class Hardware:
    """A keyboard and a mouse on one Xorg. Every verb returns when the server has taken the event."""

    def __init__(self, keyboard: Path, mouse: Path) -> None:
        self._keyboard = _Device(keyboard)
        self._mouse = _Device(mouse)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._keyboard.close()
        self._mouse.close()

    def press(self, name: str) -> None:
        """Presses the named key (see KEYCODES) and leaves it down."""
        self._key(name, down=True)

    def release(self, name: str) -> None:
        """Lets the named key go."""
        self._key(name, down=False)

    def keys(self, changes: Iterable[tuple[str, bool]]) -> None:
        """Presses (True) and lets go (False) the named keys as fast as the server takes them: some hundred at once."""
        packed = (struct.pack("=IIiI", 16, KEYSTROKE, KEYCODES[name], int(down)) for name, down in changes)
        self._keyboard.send(b"".join(packed))
        self._keyboard.sync()

    def _key(self, name: str, *, down: bool) -> None:
        self.keys([(name, down)])

    def move(self, dx_px: float, dy_px: float, *, absolute: bool = False) -> None:
        """Moves the pointer by, or with `absolute` to, so many pixels."""
        self._mouse.send(struct.pack("=III4x", 1056, MOTION, int(absolute)) + _valuators({0: dx_px, 1: dy_px}))
        self._mouse.sync()

    def click(self, button: int = 1) -> None:
        """Presses and releases a pointer button; 4 to 7 are the wheel."""
        for down in (1, 0):
            self._mouse.send(struct.pack("=IIiiI4x", 1064, BUTTON, 0, button, down) + _valuators({}))
        self._mouse.sync()
