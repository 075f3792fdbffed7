# SPDX-License-Identifier: Apache-2.0
"""What every window says: buttons, faults."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "do.cancel": "Stop",
    "do.close": "Close",
    "do.leave": "Cancel",
    "do.back": "Back",
    "do.retry": "Try again",
    "do.open": "Open",
    "fault.uncaught": (
        "Something in this program went wrong. Nothing that was recorded is lost. "
        "Please start it again; its log says where it happened."
    ),
}
"""Sentences by key."""
