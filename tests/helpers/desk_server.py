# SPDX-License-Identifier: Apache-2.0
"""X servers for tests, each on a display number of its own: Xvfb, and Xorg whose input looks like hardware."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from desk_hardware import Hardware

PATIENCE_S = 15.0
"""How long a real program may take to come up on a busy machine before a test fails."""

XORG_CONFIGURATION = """
Section "ServerFlags"
 Option "AutoAddDevices" "false"
 Option "AutoEnableDevices" "false"
 Option "DontVTSwitch" "true"
 Option "AllowMouseOpenFail" "true"
EndSection
Section "Device"
 Identifier "card"
 Driver "dummy"
 VideoRam 256000
EndSection
Section "Monitor"
 Identifier "panel"
 HorizSync 5-1000
 VertRefresh 5-200
 Modeline "1920x1080" 173.00 1920 2048 2248 2576 1080 1083 1088 1120
EndSection
Section "Screen"
 Identifier "screen"
 Device "card"
 Monitor "panel"
 DefaultDepth 24
 SubSection "Display"
  Depth 24
  Modes "1920x1080"
 EndSubSection
EndSection
Section "InputDevice"
 Identifier "Bench Keyboard"
 Driver "inputtest"
 Option "SocketPath" "{folder}/keyboard.sock"
 Option "DeviceType" "Keyboard"
 Option "XkbRules" "evdev"
EndSection
Section "InputDevice"
 Identifier "Bench Mouse"
 Driver "inputtest"
 Option "SocketPath" "{folder}/mouse.sock"
 Option "DeviceType" "Pointer"
 Option "AccelerationProfile" "-1"
EndSection
Section "ServerLayout"
 Identifier "layout"
 Screen "screen"
 InputDevice "Bench Keyboard" "CoreKeyboard"
 InputDevice "Bench Mouse" "CorePointer"
EndSection
"""


class Desk(msgspec.Struct, frozen=True):
    """A running X server: `name` such as ":99", and the environment in which programs use it."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        """The test's own environment with this display and nothing of another desktop."""
        kept = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XAUTHORITY")}
        return kept | {"DISPLAY": self.name, "LC_ALL": "C.UTF-8"}

    def kill(self) -> None:
        """The server is gone at once, as after a crash."""
        self.process.kill()
        self.process.wait()


def until(condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Returns as soon as `condition()` is true; fails the test with `what` after `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s:g} s in vain: {what}")
        time.sleep(0.01)


def ended(process: subprocess.Popen[bytes]) -> None:
    """Ends a program that a test started, gently and then surely."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _server(*command: str) -> Iterator[Desk]:
    # -displayfd: the server takes the first free number and tells it, so tests of several people never collide
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*command, "-displayfd", str(writing), "-noreset", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as pipe:
            number = pipe.readline().strip().decode()
        if not number:
            raise AssertionError(f"{command[0]} ended with {process.wait()} before it was ready")
        yield Desk(name=f":{number}", process=process)
    finally:
        ended(process)


@contextmanager
def xvfb(width_px: int = 1280, height_px: int = 720) -> Iterator[Desk]:
    """A display in memory. Input through XTEST only (xdotool)."""
    with _server("Xvfb", "-screen", "0", f"{width_px}x{height_px}x24") as desk:
        yield desk


@contextmanager
def xorg_hardware() -> Iterator[tuple[Desk, Hardware]]:
    """Xorg without a screen, 1920x1080, with a keyboard and a mouse that look like hardware. Needs root."""
    folder = Path(tempfile.mkdtemp(prefix="desk-xorg-"))
    try:
        configuration = folder / "xorg.conf"
        configuration.write_text(XORG_CONFIGURATION.format(folder=folder))
        log = str(folder / "xorg.log")
        with (
            _server("Xorg", "-config", str(configuration), "-logfile", log, "-sharevts", "-novtswitch") as desk,
            Hardware(folder / "keyboard.sock", folder / "mouse.sock") as hardware,
        ):
            yield desk, hardware
    finally:
        shutil.rmtree(folder, ignore_errors=True)
