# SPDX-License-Identifier: Apache-2.0
"""Gaps, in Italian."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "gap.pause": "In pausa",
    "gap.private": "Tempo privato",
    "gap.crash": "Il programma si è chiuso senza preavviso",
    "gap.suspend": "Il computer era in sospensione",
    "gap.clock": "L’orologio è stato cambiato",
    "gap.denied": "Permesso negato",
    "gap.absent": "Non disponibile su questo desktop",
    "gap.died": "Un sensore si è fermato",
    "gap.queue-full": "Troppo in una volta",
    "gap.locked": "Lo schermo era bloccato",
    "gap.offline": "La piattaforma non era raggiungibile",
    "gap.witness": "La piattaforma ha risposto in modo errato",
    "gap.no-indicator": "Il segno della registrazione non si poteva mostrare",
    "gap.damaged": "Registrazioni danneggiate",
    "gap.disk": "Il disco era pieno",
    "gap.unknown": "Motivo di una versione più recente",
    "scope.session": "tutto",
    "scope.keyboard": "tastiera",
    "scope.pointer": "puntatore",
    "scope.window": "applicazioni",
    "scope.capture": "schermate",
    "scope.clock": "orologio",
    "scope.idle": "tempo di inattività",
    "scope.witness": "tempo della piattaforma",
    "scope.clipboard": "appunti",
    "scope.runners": "programmi che eseguono modelli",
    "scope.timing": "tempi delle battute",
    "scope.unknown": "un altro sensore",
}
"""Sentences by key."""
