# SPDX-License-Identifier: Apache-2.0
"""`fairwitness tray` as a process, and a tray of the old kind (XEmbed) with its icons to click on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from desk_server import ended, until
from tray_watcher import Item


@contextmanager
def program(environment: Mapping[str, str], home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The trainer's program, running."""
    command = [sys.executable, "-m", "fairwitness", "tray", "--home", str(home)]
    process = subprocess.Popen(command, env={**environment, "QT_QPA_PLATFORM": "xcb"}, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        ended(process)


def says(item: Item, words: str) -> None:
    """Waits until the icon's tooltip says that."""
    until(lambda: words in item.tooltip(), f"the tooltip says {words!r}: {item.tooltip()!r}", 40)


@contextmanager
def xembed_tray(environment: Mapping[str, str]) -> Iterator[None]:
    """A panel whose tray speaks XEmbed alone, at the top right."""
    command = ["trayer", "--edge", "top", "--align", "right", "--widthtype", "request", "--height", "32"]
    panel = subprocess.Popen(command, env=dict(environment))
    try:
        yield
    finally:
        ended(panel)


def docked(environment: Mapping[str, str]) -> list[tuple[int, int]]:
    """Where our icons lie: middles of the windows that the tray holds, px."""
    found = ((x + width // 2, y + height // 2, width, height) for width, height, x, y in _ours(environment))
    return [(x, y) for x, y, width, height in found if width <= 64 and height <= 64 and y < 64]


def menu_open(environment: Mapping[str, str]) -> bool:
    """Whether the menu is there: a window of ours that no window manager frames, just below the icon."""
    return any(width > 64 and 0 < y < 64 and x + width >= 1366 - 64 for width, _, x, y in _ours(environment))


def _ours(environment: Mapping[str, str]) -> Iterator[tuple[int, int, int, int]]:
    """Windows of the trainer's program: width, height, left, top, px."""
    tree = subprocess.run(
        ["xwininfo", "-root", "-tree"], env=dict(environment), capture_output=True, text=True, check=False, timeout=30
    ).stdout
    for line in tree.splitlines():
        if '"fairwitness"' in line and "+" in line:
            width, height = line.rsplit("  ", 2)[-2].strip().partition("+")[0].split("x")
            x, y = line.rsplit("  ", 1)[-1].strip().lstrip("+").split("+")
            yield int(width), int(height), int(x), int(y)


def click(environment: Mapping[str, str], place: tuple[int, int], number: int) -> None:
    """A button of the mouse, there."""
    x, y = (str(one) for one in place)
    command = ["xdotool", "mousemove", x, y, "click", str(number)]
    subprocess.run(command, env=dict(environment), check=True, timeout=30)
