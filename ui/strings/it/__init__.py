# SPDX-License-Identifier: Apache-2.0
"""Italiano. Parole semplici, al presente, senza giudizio; le stesse chiavi di `ui/strings/en`."""

from __future__ import annotations

from typing import Final

from ui.strings.it import (
    admin,
    desk,
    devices,
    faults,
    faults_desks,
    faults_evaluation,
    faults_keys,
    faults_platform,
    faults_rates,
    faults_root,
    faults_sealed,
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

FAULTS: Final = (
    faults.TABLE,
    faults_keys.TABLE,
    faults_platform.TABLE,
    faults_desks.TABLE,
    faults_sealed.TABLE,
    faults_root.TABLE,
    faults_evaluation.TABLE,
    faults_rates.TABLE,
)
"""What to do where something is in the way, by the English sentence; the first that fits is taken."""
