# SPDX-License-Identifier: Apache-2.0
"""Italiano. Parole semplici, al presente, senza giudizio; le stesse chiavi di `ui/strings/en`."""

from __future__ import annotations

from typing import Final

from ui.strings.it import admin, desk, devices, findings, gaps, notice, removals, replay, shared, trainer

TABLE: Final[dict[str, str]] = {
    key: words
    for area in (admin, desk, devices, findings, gaps, notice, removals, replay, shared, trainer)
    for key, words in area.TABLE.items()
}
"""Sentences by key."""
