# SPDX-License-Identifier: Apache-2.0
"""Che cosa è stato tolto da una sessione dopo il sigillo: da chi, quanto di che cosa, e quando."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "removals.title": "Tolto dopo il sigillo",
    "removals.person": "Il trainer ha tolto {what}, il {time} secondo il suo orologio.",
    "removals.organisation": (
        "L’organizzazione ha tolto {what}, per i tempi di conservazione della sua policy, il {time} secondo il suo orologio."
    ),
    "removals.reason": "Motivo indicato: {reason}",
    "removals.nothing": "nulla che fosse ancora qui",
    "removals.33.one": "{number} voce di applicazioni",
    "removals.33.more": "{number} voci di applicazioni",
    "removals.34.one": "{number} voce di conteggi",
    "removals.34.more": "{number} voci di conteggi",
    "removals.35.one": "{number} schermata",
    "removals.35.more": "{number} schermate",
    "removals.36.one": "{number} voce di copie e incolla",
    "removals.36.more": "{number} voci di copie e incolla",
    "removals.37.one": "{number} dichiarazione",
    "removals.37.more": "{number} dichiarazioni",
    "removals.38.one": "{number} nota",
    "removals.38.more": "{number} note",
    "removals.39.one": "{number} risposta",
    "removals.39.more": "{number} risposte",
    "removals.40.one": "{number} domanda, con quanto deciso e replicato",
    "removals.40.more": "{number} domande, con quanto deciso e replicato",
    "removals.42.one": "{number} riepilogo",
    "removals.42.more": "{number} riepiloghi",
    "removals.64.one": "{number} voce di tempi",
    "removals.64.more": "{number} voci di tempi",
    "removals.other.one": "{number} voce di altro tipo",
    "removals.other.more": "{number} voci di altro tipo",
    "remove.sealed.why": (
        "Questa sessione è sigillata. Ciò che togli è perso per sempre, qui e sulla piattaforma, anche per te. I revisori "
        "vedono che hai tolto qualcosa, di che tipo e quando. Ciò che un revisore ha già visto o scaricato non si può far "
        "dimenticare. Il tuo tempo di lavoro resta com’è."
    ),
    "remove.sealed.done": "Qui non c’è più. La piattaforma viene avvisata da sola, e lo toglie anche lei.",
}
