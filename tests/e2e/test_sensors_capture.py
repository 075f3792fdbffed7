# SPDX-License-Identifier: Apache-2.0
"""The capture sensor with its real process: moments, gaps, restarts, ends."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from desk_pane import pane
from desk_programs import openbox
from desk_server import Desk, until, xvfb
from desk_watch import Watch, running, watching
from PIL import Image

from agent.capture import CaptureSensor
from agent.sensor import Picture
from session.events import Reason
from session.policy import Captures

pytestmark = pytest.mark.slow


class Soon:
    """Chance that always says: a tenth into the interval."""

    def randrange(self, below: int, /) -> int:
        return below // 10


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with xvfb(640, 480) as desk, openbox(desk):
        yield desk


def captures(*, interval_s: int = 1, mask: tuple[str, ...] = ()) -> Captures:
    return Captures(interval_s=interval_s, monitors="all", mask=mask, show_only=())


def sensor_on(desk: Desk, *, interval_s: int = 1, mask: tuple[str, ...] = ()) -> CaptureSensor:
    return CaptureSensor(captures(interval_s=interval_s, mask=mask), environment=desk.environment, moments=Soon())


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "agent.capture.child" in p.cmdline()]


def test_a_picture_of_each_interval_and_an_unchanged_one_keeps_its_bytes(desk: Desk) -> None:
    with pane(desk, "open", "00ff00", (100, 100, 200, 200)), watching(sensor_on(desk), "capture") as watch:
        watch.wait(lambda w: len(w.of(Picture)) >= 2, "two pictures")
        first, second = watch.of(Picture)[:2]
        assert second.mono_us - first.mono_us > 800_000
        assert not first.unchanged
        assert second.unchanged
        assert second.encoded == first.encoded
        assert Image.open(io.BytesIO(first.encoded)).size == (640, 480)
        assert len(first.dhash) == 16
        assert watch.threads == {"capture"}


def test_the_process_has_the_lowest_priority_and_ends_with_the_sensor(desk: Desk) -> None:
    sensor = sensor_on(desk, interval_s=600)
    with watching(sensor, "capture"):
        (child,) = children()
        assert child.nice() == 19
        assert child.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
        sensor.stop()
        assert not running("capture")
        assert not children()


def test_a_killed_process_is_a_gap_and_comes_back_with_the_screenshot_it_owes(desk: Desk) -> None:
    with watching(sensor_on(desk), "capture") as watch:
        watch.wait(lambda w: w.of(Picture), "the first picture")
        children()[0].kill()
        watch.wait(lambda w: len(w.states("capture")) >= 3, "gap and return")
        assert watch.states("capture") == [(True, None), (False, Reason.DIED), (True, None)]
        count = len(watch.of(Picture))
        watch.wait(lambda w: len(w.of(Picture)) > count, "a picture after the return")
        assert not watch.of(Picture)[count].unchanged


class FirstAtOnce:
    """Chance that puts the first moment at the beginning of its interval, and the others at the end."""

    def __init__(self) -> None:
        self._asked = 0

    def randrange(self, below: int, /) -> int:
        self._asked += 1
        return 0 if self._asked == 1 else below - 1


def test_a_process_that_dies_of_a_screenshot_is_asked_for_it_again(desk: Desk, tmp_path: Path) -> None:
    died = tmp_path / "died"
    dies = (
        "import sys; from agent.capture.messages import *; i, o = sys.stdin.buffer, sys.stdout.buffer\n"
        "i.read(body_bytes(i.read(4))); o.write(framed(Ready(monitors=1))); o.flush(); i.read(4)"
    )
    script = f'if [ -e {died} ]; then exec "$0" -m agent.capture.child; fi; touch {died}; exec "$0" -c "$1"'
    command = ("sh", "-c", script, sys.executable, dies)
    sensor = CaptureSensor(captures(interval_s=600), command=command, environment=desk.environment, moments=FirstAtOnce())
    with watching(sensor, "capture") as watch:
        watch.wait(lambda w: w.of(Picture), "the owed picture")
        assert watch.states("capture") == [(True, None), (False, Reason.DIED), (True, None)]
        assert len(watch.of(Picture)) == 1


def test_a_hanging_process_is_a_gap(desk: Desk) -> None:
    sensor = CaptureSensor(
        captures(), command=(sys.executable, "-c", "import time; time.sleep(60)"), environment=desk.environment, answer_s=0.2
    )
    with watching(sensor) as watch:
        watch.wait(lambda w: w.states("capture") == [(False, Reason.DIED)], "the gap")
    assert not sensor.ability().observes


@pytest.mark.parametrize(
    "script", ["print('nonsense' * 9)", "import sys; sys.stdout.buffer.write(bytes.fromhex('00000001c1'))"]
)
def test_a_process_that_talks_nonsense_is_a_gap(desk: Desk, script: str) -> None:
    sensor = CaptureSensor(captures(), command=(sys.executable, "-c", script), environment=desk.environment)
    with watching(sensor) as watch:
        watch.wait(lambda w: w.states("capture") == [(False, Reason.DIED)], "the gap")


def test_a_program_that_is_not_there_is_a_gap() -> None:
    sensor = CaptureSensor(captures(), command=("/nonexistent/program",))
    assert not sensor.ability().observes
    with watching(sensor) as watch:
        watch.wait(lambda w: w.states("capture") == [(False, Reason.DIED)], "the gap")


def test_masks_without_a_window_manager_are_a_gap_until_one_comes() -> None:
    with xvfb(320, 240) as bare:
        sensor = sensor_on(bare, mask=("secret",))
        assert "window manager" in sensor.ability().advice
        with watching(sensor) as watch:
            watch.wait(lambda w: w.states("capture") == [(False, Reason.DENIED)], "the gap")
            assert not watch.of(Picture)
            with openbox(bare):
                watch.wait(lambda w: w.of(Picture), "a picture")
                assert watch.states("capture") == [(False, Reason.DENIED), (True, None)]


def test_our_own_windows_are_masked_whatever_the_policy_says(desk: Desk) -> None:
    def green(picture: Picture) -> int:
        pixels = np.asarray(Image.open(io.BytesIO(picture.encoded)).convert("RGB")).astype(int)
        return int((abs(pixels - (0, 255, 0)).max(axis=2) < 100).sum())

    with pane(desk, "fairwitness", "00ff00", (100, 100, 200, 200)), watching(sensor_on(desk), "capture") as watch:
        watch.wait(lambda w: w.of(Picture), "a picture")
        (ours, *_) = watch.of(Picture)
        assert green(ours) == 0
        assert ours.masked == 1
    assert "our own windows masked" in sensor_on(desk).ability().detail
    assert "policy's applications masked" in sensor_on(desk, mask=("secret",)).ability().detail


def test_a_dead_server_is_a_gap() -> None:
    with xvfb(320, 240) as doomed, openbox(doomed), watching(sensor_on(doomed), "capture") as watch:
        watch.wait(lambda w: w.of(Picture), "a picture")
        doomed.kill()
        watch.wait(lambda w: w.states("capture")[-1][0] is False, "the gap")


def test_under_wayland_it_is_denied(desk: Desk) -> None:
    sensor = CaptureSensor(captures(), environment=desk.environment | {"XDG_SESSION_TYPE": "wayland"})
    assert "Wayland" in sensor.ability().detail
    with watching(sensor) as watch:
        watch.wait(lambda w: w.states("capture") == [(False, Reason.DENIED)], "the gap")


def test_ability_counts_monitors_and_leaves_no_process(desk: Desk) -> None:
    ability = sensor_on(desk, mask=("secret",)).ability()
    assert ability.observes
    assert "1 monitor" in ability.detail
    assert not children()


def test_the_process_ends_when_its_input_closes(desk: Desk) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.capture.child"], env=desk.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.communicate()
    assert process.returncode == 0


def test_a_recorder_that_is_killed_leaves_no_process(desk: Desk) -> None:
    script = (
        "import time; from agent.capture import CaptureSensor; from session.policy import Captures\n"
        "s = CaptureSensor(Captures(interval_s=1, monitors='all', mask=(), show_only=()))\n"
        "s.start(lambda o: print(type(o).__name__, flush=True)); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], env=desk.environment, stdout=subprocess.PIPE) as recorder:
        assert recorder.stdout
        assert recorder.stdout.readline()
        (child,) = psutil.Process(recorder.pid).children()
        recorder.kill()
        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "the child's end")


def test_the_recorders_process_imports_no_imaging() -> None:
    check = "import sys, agent.capture; sys.exit(bool({'numpy', 'PIL', 'mss'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False, env=os.environ).returncode == 0


def test_moments_go_on_over_a_pause(desk: Desk) -> None:
    sensor = sensor_on(desk, interval_s=600)
    for _ in range(2):
        watch = Watch()
        sensor.start(watch)
        watch.wait(lambda w: w.states("capture"), "it observes")
        sensor.stop()
        assert not watch.of(Picture)
    due_us = sensor._schedule._due_ran_us
    assert due_us == 60_000_000
    assert sensor._schedule._ran_us > 0
