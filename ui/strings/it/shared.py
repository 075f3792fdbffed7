# SPDX-License-Identifier: Apache-2.0
"""What every window says: buttons, faults."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "do.cancel": "Interrompi",
    "do.leave": "Annulla",
    "do.close": "Chiudi",
    "do.back": "Indietro",
    "do.retry": "Riprova",
    "do.open": "Apri",
    "fault.uncaught": (
        "Qualcosa in questo programma non ha funzionato. Nulla di quanto registrato è andato perso. "
        "Riavvialo; il suo registro dice dove è successo."
    ),
}
"""Sentences by key."""
