# SPDX-License-Identifier: Apache-2.0
"""The reviewer's program as a process, at a time that the test says: `python review_program.py HOME NOW_US`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from uploader_clock import StillClock

from fairwitness.review import open_review_desk
from ui.desk.main import run_review


def main() -> int:
    """Runs until the window is closed."""
    home, now_us = sys.argv[1:]
    return run_review(open_review_desk(Path(home), StillClock(int(now_us))), os.environ)


if __name__ == "__main__":
    sys.exit(main())
