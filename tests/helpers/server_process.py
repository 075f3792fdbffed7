# SPDX-License-Identifier: Apache-2.0
"""A platform in a process of its own, that can be killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server_running import RunningPlatform, StillClock
from trust_people import ORIGIN_US

from server.config import ServerConfig

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("server_program.py")


class PlatformProcess:
    """One server process after the other, over one folder."""

    def __init__(self, folder: Path) -> None:
        self.platform = RunningPlatform(ServerConfig(folder=folder, port=0), StillClock())
        self.printed = b""

    def start(self, t_us: int = ORIGIN_US + 120_000_000, port: int = 0) -> None:
        """Returns when the server says its address, at `port` where that is not 0. Its clock stands at `t_us`."""
        environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'helpers'}"}
        folder = self.platform.config.folder
        command = [sys.executable, str(PROGRAM), str(folder), str(port), str(t_us)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        assert self.process.stdout is not None
        address = self.process.stdout.readline()
        assert address.startswith(b"http://"), address + self.process.stdout.read()
        self.printed += address
        self.platform.at(address.decode().strip())

    def kill(self) -> None:
        """As a power cut would, but for the system's caches."""
        self.process.kill()
        self._ended()

    def terminate(self) -> int:
        """Asks it to stop; its exit code."""
        self.process.terminate()
        return self._ended()

    def _ended(self) -> int:
        rest, _ = self.process.communicate(timeout=30)
        self.printed += rest
        return self.process.returncode


@contextmanager
def platform_process(folder: Path) -> Iterator[PlatformProcess]:
    """Founded and started."""
    process = PlatformProcess(folder / "platform")
    process.start()
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()
        process.platform.close()
