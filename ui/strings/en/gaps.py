# SPDX-License-Identifier: Apache-2.0
"""Gaps: why something was not observed, and what."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "gap.pause": "Paused",
    "gap.private": "Private time",
    "gap.crash": "The program ended without warning",
    "gap.suspend": "The computer slept",
    "gap.clock": "The clock was changed",
    "gap.denied": "Permission denied",
    "gap.absent": "Not available on this desktop",
    "gap.died": "A sensor stopped",
    "gap.queue-full": "Too much at once",
    "gap.locked": "The screen was locked",
    "gap.offline": "The platform could not be reached",
    "gap.witness": "The platform answered wrongly",
    "gap.no-indicator": "The recording sign could not be shown",
    "gap.damaged": "Records were damaged",
    "gap.disk": "The disk was full",
    "gap.unknown": "Reason from a newer version",
    "scope.session": "everything",
    "scope.keyboard": "keyboard",
    "scope.pointer": "pointer",
    "scope.window": "applications",
    "scope.capture": "screenshots",
    "scope.clock": "clock",
    "scope.idle": "idle time",
    "scope.witness": "platform's time",
    "scope.unknown": "another sensor",
    "scope.clipboard": "copying and pasting",
    "scope.runners": "programs that run models",
    "scope.timing": "times of keystrokes",
}
"""Sentences by key."""
