# SPDX-License-Identifier: Apache-2.0
"""The capture process: grab, mask, compare, encode, at the lowest priority. `python -m agent.capture.child`.

Rules:

1. It talks over its standard input and output only (agent/capture/messages.py), and ends when its input closes.
2. A window is masked on the raw pixels, before anything is compared, hashed or encoded; a picture that cannot be
   masked as the policy says is never made.
3. It keeps nothing but the last masked picture of each monitor.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import BinaryIO, Final

import mss
import mss.exception
import numpy as np
import psutil
import xcffib

from agent.capture import encode, tiles
from agent.capture.areas import Area, Stack, hidden_between
from agent.capture.mask import Desktop, paint
from agent.capture.messages import (
    LENGTH,
    Answer,
    Grab,
    Ready,
    Refused,
    Request,
    Rules,
    Shot,
    Taken,
    body_bytes,
    framed,
    request_of,
)
from agent.gate import monotonic_us
from agent.x11.connection import Connection, Unobservable, connect
from session.events import Reason

SETTLE_S: Final = 0.2
"""A window that closed may still be on the screen this long: fading out, or until the program beneath has redrawn.

Source: compositors animate closing for 150 to 200 ms.
"""
ATTEMPTS: Final = 3
"""Tries to find the windows at rest; after them a masked window on the move masks the whole picture."""
LOWEST_PRIORITY: Final = 19


class Photographer:
    """Answers requests on one display. Keeps the last masked picture of each monitor."""

    def __init__(self) -> None:
        self._last: dict[int, tiles.Frame] = {}

    def answer(self, request: Request) -> Answer:
        """The answer; what the desktop forbids or lacks is a `Refused`."""
        try:
            connection = connect(None, os.environ)
            try:
                return (
                    self._taken(connection, request.rules)
                    if isinstance(request, Grab)
                    else _probed(connection, request.rules)
                )
            finally:
                connection.disconnect()
        except Unobservable as obstacle:
            return Refused(reason=obstacle.reason, detail=obstacle.detail, advice=obstacle.advice)
        except (mss.exception.ScreenShotError, xcffib.XcffibException) as error:
            return Refused(
                reason=Reason.DIED,
                detail=f"The display gave no screenshot ({type(error).__name__}).",
                advice="This is tried again; log out and in if it stays.",
            )

    def _taken(self, connection: Connection, rules: Rules) -> Taken:
        desktop = Desktop(connection) if rules.hides else None
        with mss.MSS() as camera:
            monitors = _monitors(camera, primary_only=rules.primary_only)
            for left in reversed(range(ATTEMPTS)):
                stacks: list[Stack] = []
                if desktop:
                    stacks.append(desktop.stack(rules))
                    time.sleep(SETTLE_S)
                    stacks.append(desktop.stack(rules))
                mono_us = monotonic_us()
                frames = {number: (area, _grabbed(camera, area)) for number, area in monitors.items()}
                if desktop:
                    stacks.append(desktop.stack(rules))
                if not left or all(stack == stacks[0] for stack in stacks):
                    break
        hidden = hidden_between(stacks)
        self._last = {number: frame for number, frame in self._last.items() if number in frames}
        return Taken(shots=tuple(self._shot(number, *frames[number], hidden, mono_us) for number in sorted(frames)))

    def _shot(self, number: int, area: Area, frame: tiles.Frame, hidden: tuple[Area, ...], mono_us: int) -> Shot:
        masked = paint(frame, hidden, (area.x, area.y))
        mime, encoded = "", b""
        if not tiles.unchanged(self._last.get(number), frame):
            mime, encoded = encode.encoded(frame)
            self._last[number] = frame
        return Shot(
            mono_us=mono_us,
            monitor=number,
            x_px=area.x,
            y_px=area.y,
            width_px=area.width,
            height_px=area.height,
            mime=mime,
            encoded=encoded,
            dhash=tiles.difference_hash(frame),
            masked=masked,
        )


def _probed(connection: Connection, rules: Rules) -> Ready:
    if rules.hides:
        Desktop(connection).stack(rules)
    with mss.MSS() as camera:
        return Ready(monitors=len(_monitors(camera, primary_only=rules.primary_only)))


def _monitors(camera: mss.MSS, *, primary_only: bool) -> dict[int, Area]:
    """Monitors by number from 1; a display that knows none is one."""
    found = camera.monitors[1:] or camera.monitors[:1]
    areas = {
        number: Area(int(m["left"]), int(m["top"]), int(m["width"]), int(m["height"]))
        for number, m in enumerate(found, start=1)
    }
    if not primary_only:
        return areas
    primary = next((number for number, m in enumerate(found, start=1) if m.get("is_primary")), 1)
    return {primary: areas[primary]}


def _grabbed(camera: mss.MSS, area: Area) -> tiles.Frame:
    shot = camera.grab({"left": area.x, "top": area.y, "width": area.width, "height": area.height})
    # a view of mss's own buffer: no copy, and writable for the mask
    return np.frombuffer(shot.raw, dtype=np.uint32).reshape(shot.height, shot.width)


def _read(stream: BinaryIO, size: int) -> bytes | None:
    body = stream.read(size)
    return body if len(body) == size else None


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answers requests until the input closes."""
    photographer = Photographer()
    while (head := _read(incoming, LENGTH.size)) is not None and (body := _read(incoming, body_bytes(head))) is not None:
        outgoing.write(framed(photographer.answer(request_of(body))))
        outgoing.flush()


def main() -> None:
    """The process: lowers its priority, keeps its output to itself, serves."""
    os.nice(LOWEST_PRIORITY)
    if sys.platform == "linux":
        psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)
    # whatever a library prints must not run into the messages
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # the recorder may be gone while we answer
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, outgoing)
    os._exit(0)  # what is buffered for a reader that is gone must not be written again


if __name__ == "__main__":
    main()
