# SPDX-License-Identifier: Apache-2.0
"""Programs on a test's display: a window manager, terminals, synthetic input."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from desk_server import Desk, ended, until


def printed(desk: Desk, *command: str, check: bool = True) -> str:
    """Runs a program on the display to its end and gives what it printed."""
    done = subprocess.run(command, env=desk.environment, capture_output=True, text=True, check=check, timeout=30)
    return done.stdout.strip()


def xdotool(desk: Desk, *arguments: str) -> str:
    """Runs xdotool (XTEST: synthetic input, window verbs) and gives what it printed."""
    return printed(desk, "xdotool", *arguments)


def root_property(desk: Desk, name: str) -> str:
    """What xprop says of a property of the root window."""
    return printed(desk, "xprop", "-root", name)


@contextmanager
def openbox(desk: Desk) -> Iterator[subprocess.Popen[bytes]]:
    """A window manager with the properties of EWMH."""
    process = subprocess.Popen(
        ["openbox", "--sm-disable"],
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: "window id" in root_property(desk, "_NET_SUPPORTING_WM_CHECK"), "openbox owns the display")
        yield process
    finally:
        ended(process)


@contextmanager
def xterm(
    desk: Desk, name: str, *, geometry: str = "60x12+40+40", command: str = "cat", colour: str = "white"
) -> Iterator[str]:
    """A terminal whose window has class and instance `name`; gives its window number as xdotool prints it."""
    process = subprocess.Popen(
        ["xterm", "-class", name, "-name", name, "-geometry", geometry, "-bg", colour, "-e", "sh", "-c", command],
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        search = ("xdotool", "search", "--onlyvisible", "--classname", f"^{name}$")
        until(lambda: printed(desk, *search, check=False), f"a window of {name}")
        yield printed(desk, *search).split()[-1]
    finally:
        ended(process)


def retitle(desk: Desk, window: str, title: str) -> None:
    """Gives a window another title, as its program would."""
    xdotool(desk, "set_window", "--name", title, window)


def activate(desk: Desk, window: str) -> None:
    """Asks the window manager to bring a window to the front."""
    xdotool(desk, "windowactivate", window)
