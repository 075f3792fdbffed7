# SPDX-License-Identifier: Apache-2.0
"""Who typed: hardware is never asked about; programs that type are, or the record says that it could not see them.

Each is a real session, recorded by the command on a display of its own while the tool types into a window there. What comes
after an hour by hand is not waited for: some seconds of the tool are laid end to end.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from desk_editor import editor
from desk_hardware import KEYCODES, Hardware
from desk_programs import openbox, xdotool
from desk_server import Desk, ended, xorg_hardware, xvfb
from desk_ticks import laid_end_to_end, tick
from desk_watch import watching
from pointer_generators import keystroke, without_timing
from pointer_generators import recorded as by_hand

from agent.sensor import Keystroke
from agent.x11.input import KeyboardPointerSensor
from detectors.injected import InjectedInput
from fairwitness.opening import open_here
from session.events import Event, Injected, Stats
from session.findings import Finding, State, Weight

pytestmark = pytest.mark.ci

TEXT = "the second answer names the condition under which the advice holds and the first one does not " * 4
PYAUTOGUI = "import sys, pyautogui; pyautogui.FAILSAFE = False; pyautogui.write(sys.argv[1], interval=0.02)"
PYNPUT = """
import sys, time
from pynput.keyboard import Controller
hand = Controller()
for char in sys.argv[1]:
    hand.type(char)
    time.sleep(0.02)
"""
PYNPUT_BY_NUMBER = """
import sys, time
from pynput.keyboard import Controller, KeyCode
hand = Controller()
for char in sys.argv[1]:
    hand.tap(KeyCode.from_vk(ord(char)))
    time.sleep(0.02)
"""
Tool = Callable[[Desk], None]


def with_xdotool(desk: Desk) -> None:
    xdotool(desk, "type", "--delay", "15", TEXT)


def with_pyautogui(desk: Desk) -> None:
    _python(desk, PYAUTOGUI)


def with_pynput(desk: Desk) -> None:
    _python(desk, PYNPUT)


def with_pynput_by_number(desk: Desk) -> None:
    _python(desk, PYNPUT_BY_NUMBER)


def _python(desk: Desk, program: str) -> None:
    subprocess.run([sys.executable, "-c", program, TEXT], env=desk.environment, check=True, timeout=120)


def recorded(desk: Desk, home: Path, work: Callable[[], None]) -> tuple[dict[str, str], int]:
    """A session while `work` is done: the finding of "injected-input", and how many text keystrokes were seen."""
    command = [sys.executable, "-m", "fairwitness", "record", "--home", str(home), "--for", "120", "--json"]
    process = subprocess.Popen(
        command, env=desk.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Recording."):
                break
        work()
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == 0
    finally:
        ended(process)  # type: ignore[arg-type] # text or bytes, it ends the same way
    folder = Path(json.loads(printed.strip().splitlines()[-1])["session"])
    asked = [sys.executable, "-m", "fairwitness", "detect", str(folder), "--home", str(home), "--json"]
    found = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True, timeout=60).stdout)
    finding = next(one for one in found if one["detector"] == "injected-input")
    events = open_here(folder, home).reader.events()
    text_keys = sum(one.text_keys for event in events if isinstance(event.body, Stats) for one in event.body.sources)
    return finding, text_keys


@pytest.fixture
def screen() -> Iterator[Desk]:
    with xvfb() as desk, openbox(desk), editor(desk, "editor", "#ffffee"):
        yield desk


THROUGH_XTEST = (with_xdotool, with_pyautogui, with_pynput_by_number)


@pytest.mark.parametrize("tool", THROUGH_XTEST)
def test_a_program_that_types_through_xtest_is_asked_about(screen: Desk, tmp_path: Path, tool: Tool) -> None:
    finding, text_keys = recorded(screen, tmp_path, lambda: tool(screen))
    assert text_keys >= len(TEXT) * 0.9
    assert finding["state"] == "raised"
    assert finding["evidence"]


def test_a_program_that_sends_events_to_a_window_is_not_seen_and_nothing_is_claimed(screen: Desk, tmp_path: Path) -> None:
    finding, text_keys = recorded(screen, tmp_path, lambda: with_pynput(screen))
    # pynput's controller writes characters to the window that has the focus (XSendEvent); no input device is involved, and
    # no server tells anybody of it. Keys that it is given by their number go through XTEST, are seen and asked about.
    assert finding["state"] == ("raised" if text_keys > len(TEXT) / 2 else "not evaluated")


@pytest.mark.parametrize("tool", THROUGH_XTEST)
def test_two_minutes_of_a_program_after_an_hour_by_hand_are_asked_about(screen: Desk, tool: Tool) -> None:
    with watching(KeyboardPointerSensor(environment=screen.environment), "keyboard") as watch:
        tool(screen)
        watch.wait(lambda w: len(w.of(Keystroke)) >= len(TEXT) * 0.9, "the text")
    body = tick(watch, watch.of(Keystroke)[0].mono_us, Keystroke)
    assert {one.injected for one in body.sources} == {Injected.YES}
    hour = by_hand((keystroke(at / 4) for at in range(4 * 3600)), 3600)
    assert found(hour).state is State.CLEAR
    two_minutes = [*hour, *laid_end_to_end(body, 120_000_000, after=hour[-1])]
    finding = found(two_minutes)
    assert (finding.state, finding.weight) == (State.RAISED, Weight.A)
    assert found([*hour, *laid_end_to_end(body, 60_000_000, after=hour[-1])]).state is State.CLEAR  # a minute is no window


def found(events: Sequence[Event]) -> Finding:
    question = InjectedInput()
    return question.finish(question.step(question.start(without_timing()), events))


def test_typing_on_hardware_is_never_asked_about(tmp_path: Path) -> None:
    with xorg_hardware() as (desk, hardware), openbox(desk), editor(desk, "editor", "#ffffee"):
        finding, text_keys = recorded(desk, tmp_path, lambda: _type(hardware))
    assert text_keys >= 200
    assert finding["state"] == "clear"


def _type(hardware: Hardware) -> None:
    """A person's pace on the letters of a real keyboard."""
    letters = [name for name in KEYCODES if len(name) == 1 and name.isalpha()]
    for number in range(240):
        name = letters[number % len(letters)]
        hardware.press(name)
        time.sleep(0.02)  # a hand's own time on a real device; nothing is waited for
        hardware.release(name)
        time.sleep(0.02 + 0.02 * (number % 5))
