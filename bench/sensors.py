# SPDX-License-Identifier: Apache-2.0
"""What the sensors cost: CPU ms per 1,000 keystrokes, pointer events and window switches, and per screenshot.

`python bench/sensors.py [--json]`, as root, with Xorg (dummy and inputtest drivers), openbox, xterm and xdotool.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests" / "helpers")]

from desk_hardware import Hardware  # noqa: E402 - after the path to the desk
from desk_programs import openbox, printed, xterm  # noqa: E402 - as above
from desk_server import Desk, xorg_hardware  # noqa: E402 - as above

from agent.capture import CaptureSensor  # noqa: E402 - as above
from agent.sensor import Observation  # noqa: E402 - as above
from session.policy import Captures  # noqa: E402 - as above

SUBJECT = """
import sys, time
from {module} import {name}
sensor = {name}()
sensor.start(lambda observation: None)
for line in sys.stdin:
    print(time.process_time(), flush=True)
sensor.stop()
"""


class Subject:
    """A sensor in a process of its own; its CPU time is the process's."""

    def __init__(self, desk: Desk, module: str, name: str) -> None:
        script = SUBJECT.format(module=module, name=name)
        self._process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=desk.environment | {"PYTHONPATH": str(HERE.parent)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.cpu_ms()
        time.sleep(0.5)

    def cpu_ms(self) -> float:
        """CPU ms that the process has used."""
        assert self._process.stdin  # noqa: S101 - opened above
        assert self._process.stdout  # noqa: S101 - opened above
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline()) * 1000

    def end(self) -> None:
        """Stops the sensor and the process."""
        self._process.communicate()


def paced(rate: float, count: int, act: Callable[[int], None]) -> None:
    """Calls `act` so many times a second."""
    begun = time.monotonic()
    for i in range(count):
        act(i)
        time.sleep(max(0.0, begun + (i + 1) / rate - time.monotonic()))


def input_costs(desk: Desk, hardware: Hardware) -> dict[str, float]:
    """Key events at a person's and at a machine's rate, and a mouse of 1,000 Hz; a press and a release are two events."""
    subject = Subject(desk, "agent.x11.input", "KeyboardPointerSensor")

    def key_event(i: int) -> None:
        (hardware.release if i % 2 else hardware.press)("a")

    costs = {}
    for label, rate, count, act in (
        ("key_events_13_per_s", 13.0, 200, key_event),
        ("key_events_300_per_s", 300.0, 3000, key_event),
        ("pointer_events_1000_per_s", 1000.0, 10000, lambda i: hardware.move(1 if i % 2 else -1, 1)),
    ):
        before_ms = subject.cpu_ms()
        paced(rate, count, act)
        time.sleep(0.2)
        costs[f"{label}_cpu_ms_per_1000"] = round((subject.cpu_ms() - before_ms) * 1000 / count, 2)
    subject.end()
    return costs


def window_cost(desk: Desk) -> dict[str, float]:
    """Switches between two terminals; title, class, process and program are asked at each."""
    switches = 200
    with xterm(desk, "One") as one, xterm(desk, "Two", geometry="60x12+600+40") as two:
        subject = Subject(desk, "agent.x11.windows", "WindowSensor")
        steps = [word for _ in range(switches // 2) for w in (one, two) for word in ("windowactivate", "--sync", w)]
        before_ms = subject.cpu_ms()
        printed(desk, "xdotool", *steps)
        cost_ms = subject.cpu_ms() - before_ms
        subject.end()
    return {"window_switch_cpu_ms": round(cost_ms / switches, 3)}


def capture_cost(desk: Desk) -> dict[str, float]:
    """The child's CPU per screenshot of a full HD screen: changed, and unchanged; and its memory."""
    costs = {}
    with xterm(
        desk, "Busy", geometry="230x70+0+0", command="while :; do date +%N; ls -la /usr/bin | head -60; sleep 0.5; done"
    ):
        sensor = CaptureSensor(
            Captures(interval_s=1, monitors="all", mask=("secret",), show_only=()), environment=desk.environment
        )
        seen: list[Observation] = []
        sensor.start(seen.append)
        time.sleep(2.5)
        child = psutil.Process().children()[0]
        before, count = sum(child.cpu_times()[:2]), len(seen)
        time.sleep(10)
        costs["screenshot_1080p_cpu_ms"] = round((sum(child.cpu_times()[:2]) - before) * 1000 / max(1, len(seen) - count), 1)
        costs["capture_process_uss_mib"] = round(child.memory_full_info().uss / 2**20, 1)
        sensor.stop()
    return costs


def main() -> None:
    """Prints the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true")
    as_json = arguments.parse_args().json
    with xorg_hardware() as (desk, hardware), openbox(desk):
        figures = input_costs(desk, hardware) | window_cost(desk) | capture_cost(desk)
    print(json.dumps(figures) if as_json else "\n".join(f"{name:44} {value}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
