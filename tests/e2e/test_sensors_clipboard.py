# SPDX-License-Identifier: Apache-2.0
"""The clipboard sensor on a real display: sizes and owners of what real programs copy, without disturbing them."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from desk_editor import editor
from desk_programs import activate, openbox, printed, xdotool
from desk_server import Desk, ended, until, xvfb

from agent.sensor import Copied, Observation, SensorChange
from agent.x11.clipboard import ClipboardSensor

pytestmark = pytest.mark.slow

WORD = "Schmetterlingsnetz"
SILENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
import xcffib, xcffib.xproto
c = xcffib.connect()
w = c.generate_id()
c.core.CreateWindow(0, w, c.get_setup().roots[0].root, 0, 0, 1, 1, 0, 2, 0, 0, [])
atom = c.core.InternAtom(False, 9, "CLIPBOARD").reply().atom
c.core.SetSelectionOwner(w, atom, 0)
c.flush()
print("owned", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def screen() -> Iterator[Desk]:
    with xvfb() as desk, openbox(desk):
        yield desk


class Watched:
    """What a sensor told."""

    def __init__(self, desk: Desk) -> None:
        self.sensor = ClipboardSensor(desk.name, desk.environment)
        self.seen: list[Observation] = []
        self._lock = threading.Lock()

    def take(self, observation: Observation) -> None:
        with self._lock:
            self.seen.append(observation)

    @property
    def copies(self) -> list[Copied]:
        with self._lock:
            return [one for one in self.seen if isinstance(one, Copied)]


@contextmanager
def watched(desk: Desk) -> Iterator[Watched]:
    made = Watched(desk)
    made.sensor.start(made.take)
    try:
        until(lambda: any(isinstance(one, SensorChange) and one.observing for one in made.seen), "the sensor observes")
        yield made
    finally:
        made.sensor.stop()


def copy(desk: Desk, text: bytes, *arguments: str) -> None:
    """Xclip owns the clipboard in the background until something else does."""
    subprocess.run(
        ["xclip", "-selection", "clipboard", *arguments],
        input=text,
        env=desk.environment,
        check=True,
        timeout=20,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("size", [1, 100, 70_000, 3_000_000])
def test_the_size_of_a_copy_is_told_and_the_copy_stays_whole(screen: Desk, size: int) -> None:
    text = (WORD * (size // len(WORD) + 1))[:size]
    with watched(screen) as seen:
        copy(screen, text.encode())
        until(lambda: seen.copies, "a copy is told")
        assert [one.size_bytes for one in seen.copies] == [size]
        assert seen.copies[0].app in {"", "xclip"}  # it has no window, and leaves the process that the server knew
        pasted = subprocess.run(
            ["xclip", "-selection", "clipboard", "-o"], env=screen.environment, capture_output=True, check=True, timeout=20
        )
    assert pasted.stdout == text.encode()


def test_what_was_copied_never_is_in_this_process(screen: Desk) -> None:
    with watched(screen) as seen:
        copy(screen, WORD.encode())
        until(lambda: seen.copies, "a copy is told")
        gc.collect()
        found = [one for one in gc.get_objects() if isinstance(one, bytes | bytearray) and WORD.encode() in one]
        assert [one for one in found if one is not WORD.encode()] == []


def test_letters_beyond_ascii_are_counted_in_bytes(screen: Desk) -> None:
    with watched(screen) as seen:
        copy(screen, "però, così: ✓".encode())
        until(lambda: seen.copies, "a copy is told")
    assert seen.copies[0].size_bytes == len("però, così: ✓".encode())


def test_a_picture_has_a_size_too(screen: Desk) -> None:
    with watched(screen) as seen:
        copy(screen, b"\x89PNG" + bytes(5000), "-t", "image/png")
        until(lambda: seen.copies, "a copy is told")
    assert seen.copies[0].size_bytes == 5004


def test_a_programs_copy_bears_the_name_of_its_window(screen: Desk) -> None:
    with editor(screen, "copyeditor", "#ffffee") as window, watched(screen) as seen:
        activate(screen, window)
        xdotool(screen, "type", "--delay", "20", "nine char")
        until(lambda: printed(screen, "xdotool", "getactivewindow") == window, "the editor is in front")
        xdotool(screen, "key", "ctrl+a", "ctrl+c")
        until(lambda: seen.copies, "a copy is told")
    assert [(one.app, one.size_bytes) for one in seen.copies] == [("copyeditor", 9)]


def test_an_owner_that_never_answers_has_no_size_and_holds_nobody_up(screen: Desk) -> None:
    with watched(screen) as seen:
        owner = subprocess.Popen(
            [sys.executable, "-c", SILENT, ""], env=screen.environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline().strip() == "owned"
            until(lambda: seen.copies, "the silent owner is given up")
            assert seen.copies[0].size_bytes == 0
            owner.stdout.close()
        finally:
            ended(owner)  # type: ignore[arg-type] # text or bytes, it ends the same way
        copy(screen, b"after")
        until(lambda: len(seen.copies) == 2, "the next copy is told")
    assert seen.copies[1].size_bytes == 5


def test_nothing_is_told_after_the_stop_and_again_after_a_start(screen: Desk) -> None:
    seen = Watched(screen)
    for _ in range(2):
        told = len(seen.copies)
        seen.sensor.start(seen.take)
        until(lambda: seen.seen and isinstance(seen.seen[-1], SensorChange) and seen.seen[-1].observing, "it observes")
        copy(screen, b"first")
        until(lambda told=told: len(seen.copies) == told + 1, "a copy is told")  # type: ignore[misc] # binds
        seen.sensor.stop()
        copy(screen, b"second")
        assert len(seen.copies) == told + 1


def test_a_display_that_dies_is_a_gap() -> None:
    with xvfb() as desk, watched(desk) as seen:
        desk.kill()
        until(lambda: [one for one in seen.seen if isinstance(one, SensorChange) and not one.observing], "a gap is told")


def test_what_can_be_seen_is_said_without_asking_for_a_copy(screen: Desk) -> None:
    assert ClipboardSensor(screen.name, screen.environment).ability().observes
    nowhere = ClipboardSensor(None, {}).ability()
    assert not nowhere.observes
    assert nowhere.advice
