# SPDX-License-Identifier: Apache-2.0
"""The clipboard sensor on a real display: sizes and owners of what real programs copy, without disturbing them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import desk_owner
import pytest
from desk_editor import editor
from desk_owner import LIE
from desk_programs import activate, openbox, printed, xdotool
from desk_server import Desk, ended, until, xvfb

from agent.sensor import Copied, Observation, SensorChange
from agent.x11.clipboard import ClipboardSensor

pytestmark = pytest.mark.slow

WORD = "Schmetterlingsnetz"
WATCHER = """
import sys
from agent.sensor import Copied, SensorChange
from agent.x11.clipboard import ClipboardSensor
def tell(one):
    if isinstance(one, Copied):
        print("copied", one.size_bytes, flush=True)
    elif isinstance(one, SensorChange) and one.observing:
        print("observes", flush=True)
ClipboardSensor().start(tell)
sys.stdin.read()
"""
"""A process of its own, that knows nothing of what the test copies."""


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


@contextmanager
def printing(desk: Desk, *command: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """A program on the display, and what reads its next line."""
    process = subprocess.Popen(command, env=desk.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        out = process.stdout
        yield process, lambda: out.readline().strip()
    finally:
        ended(process)  # type: ignore[arg-type] # text or bytes, it ends the same way
        process.communicate()


@contextmanager
def owning(desk: Desk, mode: str) -> Iterator[Callable[[], str]]:
    """An owner of the clipboard; what it gives, called after its end, is all that it printed meanwhile."""
    said: list[str] = []
    with printing(desk, sys.executable, desk_owner.__file__, mode) as (process, line):
        assert line() == "owned"
        yield lambda: "".join(said)
        ended(process)  # type: ignore[arg-type] # as above
        said.append(line())


def memory(pid: int) -> bytes:
    """All that a process of ours holds in memory and may be written to."""
    found = []
    maps = Path(f"/proc/{pid}/maps").read_text("ascii", "replace").splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as whole:
        for row in maps:
            (begin, end), rights = (int(one, 16) for one in row.split()[0].split("-")), row.split()[1]
            if rights.startswith("rw"):
                with contextlib.suppress(OSError):  # mapped, and not there
                    whole.seek(begin)
                    found.append(whole.read(end - begin))
    return b"".join(found)


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


@pytest.mark.parametrize("times", [1, 200_000])
def test_what_was_copied_is_nowhere_in_the_memory_of_the_process(screen: Desk, times: int) -> None:
    with printing(screen, sys.executable, "-c", WATCHER) as (process, line):
        assert line() == "observes"
        copy(screen, WORD.encode() * times)
        assert line() == f"copied {len(WORD) * times}"
        assert b"x11-clipboard" in memory(process.pid)  # else nothing was searched
        assert WORD.encode() not in memory(process.pid)


def test_what_claims_to_be_names_of_formats_stays_on_the_server_too(screen: Desk) -> None:
    with printing(screen, sys.executable, "-c", WATCHER) as (process, line):
        assert line() == "observes"
        with owning(screen, "liar"):
            assert line() == "copied 0"
        assert LIE not in memory(process.pid)


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


@pytest.mark.parametrize("mode", ["silent", "dies", "liar", "order"])
def test_an_owner_that_gives_no_size_is_told_without_and_holds_nobody_up(screen: Desk, mode: str) -> None:
    with watched(screen) as seen:
        with owning(screen, mode) as said:
            until(lambda: seen.copies, "the owner is given up")
        assert said() == ""  # nothing was ordered of it
        copy(screen, b"after")
        until(lambda: len(seen.copies) == 2, "the next copy is told")
    assert [one.size_bytes for one in seen.copies] == [0, 5]


def test_an_owner_that_was_given_up_writes_into_no_other_copy(screen: Desk) -> None:
    text = WORD.encode() * 200_000
    with watched(screen) as seen, owning(screen, "endless"):
        copy(screen, text)
        until(lambda: len(seen.copies) == 2, "the next copy is told")
    assert [one.size_bytes for one in seen.copies] == [0, len(text)]


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
