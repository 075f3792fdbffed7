# SPDX-License-Identifier: Apache-2.0
"""Where the log goes: one small file in the agent's folder. What may stand in it is in CONTRIBUTING.md."""

from __future__ import annotations

import logging
import time
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from session.disk import append_private, environment_fault, make_private

MOST_BYTES = 1_000_000
KEPT = 2
"""Files of `MOST_BYTES` besides the one being written."""


class _PrivateLog(RotatingFileHandler):
    """For the owner alone, whatever the umask."""

    def _open(self) -> TextIOWrapper:
        return TextIOWrapper(append_private(Path(self.baseFilename)), encoding="utf-8", line_buffering=True)


def log_into(folder: Path) -> logging.Handler:
    """Sends this program's log into `folder`/fairwitness.log, from INFO on, times in UTC; returns what to remove again.

    Raises:
        EnvironmentFault: the folder cannot be made.
    """
    try:
        make_private(folder)
    except OSError as error:
        raise environment_fault(error, "starting Fair Witness") from error
    handler = _PrivateLog(folder / "fairwitness.log", maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", delay=True)
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger("fairwitness")
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    return handler
