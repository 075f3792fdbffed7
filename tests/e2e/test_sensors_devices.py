# SPDX-License-Identifier: Apache-2.0
"""Devices that come and go on a real X server: the server's own, since nothing here can be plugged in."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest
from desk_programs import xdotool
from desk_server import Desk, xvfb
from desk_watch import Watch, watching

from agent.sensor import Beside, Keystroke, Looks
from agent.x11.input import KeyboardPointerSensor
from session.events import WATCHED_DEVICES

pytestmark = pytest.mark.slow

NAME = "a telling name"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with xvfb(320, 240) as desk:
        yield desk


def told(watch: Watch, kind: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in watch.of(Beside):
        if one.kind == kind:
            counts[one.what] += one.number
    return counts


def xinput(desk: Desk, *arguments: str) -> None:
    subprocess.run(["xinput", *arguments], env=desk.environment, check=True, capture_output=True, timeout=30)


def test_devices_that_come_and_go_are_told_without_a_name(desk: Desk) -> None:
    with watching(KeyboardPointerSensor(environment=desk.environment), "keyboard", "pointer") as watch:
        assert [one.watched for one in watch.of(Looks)] == [WATCHED_DEVICES]
        xinput(desk, "create-master", NAME)  # brings a keyboard and a pointer for programs
        watch.wait(lambda w: told(w, "device-came")["automation"] == 2, "both came")
        xinput(desk, "remove-master", f"{NAME} pointer")
        watch.wait(lambda w: told(w, "device-went")["automation"] == 2, "both went")
        xdotool(desk, "key", "a")
        watch.wait(lambda w: w.of(Keystroke), "typing is still seen")
    assert told(watch, "device-came").total() == told(watch, "device-went").total() == 2
    assert NAME not in repr(watch.seen)


def test_what_is_there_at_the_beginning_is_not_told(desk: Desk) -> None:
    xinput(desk, "create-master", NAME)
    with watching(KeyboardPointerSensor(environment=desk.environment), "keyboard", "pointer") as watch:
        xdotool(desk, "key", "a")
        watch.wait(lambda w: w.of(Keystroke), "a keystroke")
    assert not watch.of(Beside)
