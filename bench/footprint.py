# SPDX-License-Identifier: Apache-2.0
"""What a recorder costs on a desk where somebody works: CPU, memory, disk writes and wake-ups of its whole process tree.

`./run python bench/footprint.py [--for S] [--json] [COMMAND ...]`, with Xvfb, openbox, xterm and xdotool.

The desk: three terminals whose titles change every 13 s, and a hand that types about 5 keys a second, changes the window
every 10 to 20 s, moves the pointer every 8 s, and rests for a tenth of the time. The same seed gives the same work, so two
commands, or two versions of one, can be compared. Without COMMAND it measures `fairwitness record` in a folder of its own.

    start_cpu_s        CPU (user and system) from the start of COMMAND until the work begins
    cpu_s, cpu_percent CPU during the work, of one core
    end_cpu_s          CPU after SIGTERM, until COMMAND has ended: findings, seal
    pss_mean_mib, pss_peak_mib  proportional set size, sampled each second
    written_bytes      what reached the block layer during the work (0 on a file system in memory)
    appended_bytes     what was handed to write(2) during the work
    switches_per_s     context switches, voluntary and not
    threads, processes at the end of the work
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests" / "helpers")]

from desk_programs import openbox, xterm  # noqa: E402 - after the path to the desk
from desk_server import Desk, xvfb  # noqa: E402 - as above

SETTLING_S = 5.0
"""From the start of COMMAND to the first keystroke: imports, the first records, sensors."""
ENDING_S = 60.0
KEYS = "etaoinshrdlucmfwypvbgk"
TITLES = "n=0; while :; do n=$((n+1)); printf '\\033]0;document %d\\007' $((n%9)); sleep 13; done & cat >/dev/null"
WINDOWS = ("Editor", "Terminal", "Browser")
GEOMETRIES = ("90x30+40+40", "90x30+500+90", "90x30+200+260")


class Use(msgspec.Struct, frozen=True):
    """What a process tree has used so far, and how large it is now."""

    cpu_s: float
    pss_bytes: int
    written_bytes: int
    appended_bytes: int
    switches: int
    threads: int
    processes: int


class Meter:
    """Sums over a process and its descendants; what ended children had used is kept as last seen."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._last: dict[int, Use] = {}

    def read(self) -> Use:
        """The tree's use until now."""
        alive = 0
        pss_bytes = threads = 0
        for process in self._tree():
            use = _use_of(process)
            if use is not None:
                self._last[process.pid] = use
                alive, pss_bytes, threads = alive + 1, pss_bytes + use.pss_bytes, threads + use.threads
        seen = self._last.values()
        return Use(
            cpu_s=sum(one.cpu_s for one in seen),
            pss_bytes=pss_bytes,
            written_bytes=sum(one.written_bytes for one in seen),
            appended_bytes=sum(one.appended_bytes for one in seen),
            switches=sum(one.switches for one in seen),
            threads=threads,
            processes=alive,
        )

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return []


def _use_of(process: psutil.Process) -> Use | None:
    try:
        with process.oneshot():
            times, io, switches = process.cpu_times(), process.io_counters(), process.num_ctx_switches()
            return Use(
                cpu_s=times.user + times.system,
                pss_bytes=process.memory_full_info().pss,
                written_bytes=io.write_bytes,
                appended_bytes=io.write_chars,
                switches=switches.voluntary + switches.involuntary,
                threads=process.num_threads(),
                processes=1,
            )
    except psutil.Error:
        return None


def hand(seconds: float, windows: list[str], seed: int = 12345) -> str:
    """What the hand does, as xdotool's script; the same for the same seed, number of windows and time."""
    chance = random.Random(seed)  # noqa: S311 - the same work each time, no secret
    lines: list[str] = []
    now_s, window_s, pointer_s, turn = 0.0, 0.0, 7.0, 0

    def rest(for_s: float) -> None:
        nonlocal now_s
        lines.append(f"sleep {for_s:.3f}")
        now_s += for_s

    while now_s < seconds:
        if 0.5 * seconds <= now_s < 0.6 * seconds:
            rest(0.6 * seconds - now_s)
        elif now_s >= window_s:
            lines.append(f"windowactivate {windows[turn % len(windows)]}")
            turn, window_s = turn + 1, now_s + chance.uniform(10, 20)
            rest(0.2)
        elif now_s >= pointer_s:
            left, top = chance.randint(200, 1000), chance.randint(100, 500)
            for step in range(20):
                lines.append(f"mousemove {left + step * 7} {top + step * 3}")
                rest(0.016)
            pointer_s = now_s + 8
        else:
            lines.append(f"key {'space' if chance.random() < 0.16 else chance.choice(KEYS)}")
            rest(chance.uniform(0.06, 0.31))
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def working_desk() -> Iterator[tuple[Desk, list[str]]]:
    """Display, window manager and the three terminals; gives the windows' numbers."""
    with xvfb() as desk, openbox(desk), contextlib.ExitStack() as stack:
        windows = [
            stack.enter_context(xterm(desk, name, geometry=geometry, command=TITLES))
            for name, geometry in zip(WINDOWS, GEOMETRIES, strict=True)
        ]
        yield desk, windows


def watch(meter: Meter, work: subprocess.Popen[bytes]) -> list[Use]:
    """One reading a second until the work is done."""
    readings = [meter.read()]
    while work.poll() is None:
        time.sleep(1)
        readings.append(meter.read())
    return readings


def measure(command: list[str], seconds: float) -> dict[str, float]:
    """Runs `command` on a desk where somebody works for so long, ends it with SIGTERM, and gives the figures."""
    with working_desk() as (desk, windows), tempfile.TemporaryDirectory() as home:
        script = Path(home) / "hand.xdotool"
        script.write_text(hand(seconds, windows))
        environment = desk.environment | {"FAIRWITNESS_HOME": f"{home}/home", "PYTHONPATH": str(HERE.parent)}
        subject = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        meter = Meter(subject.pid)
        time.sleep(SETTLING_S)
        begun_s = time.monotonic()
        readings = watch(meter, subprocess.Popen(["xdotool", str(script)], env=desk.environment))
        worked_s = time.monotonic() - begun_s
        if subject.poll() is not None:
            raise SystemExit(f"COMMAND ended by itself with {subject.returncode} before the work was done.")
        subject.send_signal(signal.SIGTERM)
        end_cpu_s = _end(subject, meter) - readings[-1].cpu_s
        if subject.returncode not in (0, -signal.SIGTERM):
            raise SystemExit(f"COMMAND ended with {subject.returncode}.")
    return figures(readings, worked_s) | {"end_cpu_s": round(end_cpu_s, 2)}


def _end(subject: subprocess.Popen[bytes], meter: Meter) -> float:
    """CPU s of the tree when it ended, as far as it could be seen."""
    until_s = time.monotonic() + ENDING_S
    while subject.poll() is None and time.monotonic() < until_s:
        meter.read()
        time.sleep(0.02)
    if subject.poll() is None:
        os.killpg(subject.pid, signal.SIGKILL)
        subject.wait()
    return meter.read().cpu_s


def figures(readings: list[Use], seconds: float) -> dict[str, float]:
    """The figures of the module's docstring from one reading a second."""
    first, last = readings[0], readings[-1]
    mib = 1024 * 1024
    return {
        "seconds": round(seconds, 1),
        "start_cpu_s": round(first.cpu_s, 2),
        "cpu_s": round(last.cpu_s - first.cpu_s, 2),
        "cpu_percent": round(100 * (last.cpu_s - first.cpu_s) / seconds, 3),
        "pss_mean_mib": round(sum(one.pss_bytes for one in readings) / len(readings) / mib, 1),
        "pss_peak_mib": round(max(one.pss_bytes for one in readings) / mib, 1),
        "written_bytes": last.written_bytes - first.written_bytes,
        "appended_bytes": last.appended_bytes - first.appended_bytes,
        "switches_per_s": round((last.switches - first.switches) / seconds, 1),
        "threads": last.threads,
        "processes": last.processes,
    }


def main() -> None:
    """Measures, and prints the figures one a line, or as one JSON object."""
    parser = argparse.ArgumentParser(description="What a recorder costs on a desk where somebody works.")
    parser.add_argument("--for", dest="seconds", type=float, default=180.0, metavar="S", help="how long the work lasts")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="what is measured, `fairwitness record` by default")
    chosen = parser.parse_args()
    command = chosen.command or [sys.executable, "-m", "fairwitness", "record"]
    result = measure(command, chosen.seconds)
    if chosen.json:
        print(json.dumps(result))
        return
    for name, figure in result.items():
        print(f"{name:16} {figure:>12,}")


if __name__ == "__main__":
    main()
