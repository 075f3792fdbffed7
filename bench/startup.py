# SPDX-License-Identifier: Apache-2.0
"""`python bench/startup.py [--json]`: CPU seconds of `fairwitness tray` from its start until a panel has its icon.

A panel of our own on a bus of its own takes the icon in; at that moment the process's CPU time is read. Bar: 0.45 CPU-s.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))

from desk_programs import openbox
from desk_server import ended, xvfb
from tray_watcher import Panel, session_bus

BAR_CPU_S = 0.45
RUNS = 5


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start_to_tray_s(environment: dict[str, str]) -> float:
    """One start in a home of its own."""
    with tempfile.TemporaryDirectory() as home, session_bus() as bus, Panel(bus) as panel:
        command = [sys.executable, "-m", "fairwitness", "tray", "--home", home]
        process = subprocess.Popen(command, env=environment | bus | {"QT_QPA_PLATFORM": "xcb"})
        try:
            if not panel.registered.wait(30):
                raise SystemExit("no icon came within 30 s")
            return cpu_s(process.pid)
        finally:
            ended(process)


def main() -> None:
    """Prints the least and the median of some runs; fails beyond one and a half times the bar."""
    with xvfb() as desk, openbox(desk):
        found = sorted(start_to_tray_s(desk.environment) for _ in range(RUNS))
    told = {"start_to_tray_cpu_s": found[len(found) // 2], "least_cpu_s": found[0], "bar_cpu_s": BAR_CPU_S}
    print(json.dumps(told) if "--json" in sys.argv[1:] else told)
    if found[len(found) // 2] > 1.5 * BAR_CPU_S:
        sys.exit(1)


if __name__ == "__main__":
    main()
