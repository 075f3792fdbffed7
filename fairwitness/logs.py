# SPDX-License-Identifier: Apache-2.0
"""Where the log goes: one small file in the agent's folder. What may stand in it is in CONTRIBUTING.md."""

from __future__ import annotations

import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

MOST_BYTES = 1_000_000
KEPT = 2
"""Files of `MOST_BYTES` besides the one being written."""


def log_into(folder: Path) -> logging.Handler:
    """Sends this program's log into `folder`/fairwitness.log, from INFO on, times in UTC; returns what to remove again."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "fairwitness.log", maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True
    )
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger("fairwitness")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    return handler
