# SPDX-License-Identifier: Apache-2.0
"""The platform as a process of its own: `python server_program.py FOLDER PORT T_US`. Its clock stands at T_US."""

from __future__ import annotations

import sys
from pathlib import Path

from server_running import StillClock

from server.config import ServerConfig
from server.serve import run

if __name__ == "__main__":
    folder, port, t_us = sys.argv[1:]
    run(ServerConfig(folder=Path(folder), port=int(port)), StillClock(int(t_us)), lambda address: print(address, flush=True))  # noqa: T201 - whoever started it waits for the address
