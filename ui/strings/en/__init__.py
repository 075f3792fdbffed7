# SPDX-License-Identifier: Apache-2.0
"""English. Plain words, present tense, no judgement; design.md §9 lists the words we use."""

from __future__ import annotations

from typing import Final

from ui.strings.en import (
    admin,
    desk,
    devices,
    findings,
    gaps,
    keys,
    nearby,
    notice,
    rates,
    removals,
    replay,
    shared,
    trainer,
)

TABLE: Final[dict[str, str]] = {
    key: words
    for area in (admin, desk, devices, findings, gaps, keys, nearby, notice, rates, removals, replay, shared, trainer)
    for key, words in area.TABLE.items()
}
"""Sentences by key."""
