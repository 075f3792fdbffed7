# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front, in Italian."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "lane.nearby": "Accanto",
    "nearby.device-came.keyboard.one": "È stata collegata una tastiera",
    "nearby.device-came.keyboard.more": "Sono state collegate {number} tastiere",
    "nearby.device-came.pointer.one": "È stato collegato un mouse o un altro puntatore",
    "nearby.device-came.pointer.more": "Sono stati collegati {number} mouse o altri puntatori",
    "nearby.device-came.automation.one": "È stato aggiunto un dispositivo usato solo da programmi",
    "nearby.device-came.automation.more": "Sono stati aggiunti {number} dispositivi usati solo da programmi",
    "nearby.device-came.other.one": "È stato collegato un altro dispositivo",
    "nearby.device-came.other.more": "Sono stati collegati altri {number} dispositivi",
    "nearby.device-went.keyboard.one": "È stata scollegata una tastiera",
    "nearby.device-went.keyboard.more": "Sono state scollegate {number} tastiere",
    "nearby.device-went.pointer.one": "È stato scollegato un mouse o un altro puntatore",
    "nearby.device-went.pointer.more": "Sono stati scollegati {number} mouse o altri puntatori",
    "nearby.device-went.automation.one": "È stato tolto un dispositivo usato solo da programmi",
    "nearby.device-went.automation.more": "Sono stati tolti {number} dispositivi usati solo da programmi",
    "nearby.device-went.other.one": "È stato scollegato un altro dispositivo",
    "nearby.device-went.other.more": "Sono stati scollegati altri {number} dispositivi",
    "nearby.overlay.one": "La finestra di un altro programma è rimasta sopra quella in primo piano",
    "nearby.overlay.more": "{number} finestre di altri programmi sono rimaste sopra quella in primo piano",
    "nearby.runner-came": "Era in esecuzione un programma che esegue modelli di IA",
    "nearby.runner-went": "Non era più in esecuzione un programma che esegue modelli di IA",
    "nearby.named": "{what}: {name}",
    "nearby.at": "{time}: {what}",
    "nearby.closed": "Ciò che era accanto è registrato; il contenuto resta al trainer, o è stato tolto.",
    "nearby.none": "Non osservato: dispositivi collegati o scollegati, finestre rimaste sopra quella in primo piano.",
    "nearby.devices.none": "Non osservato: dispositivi collegati o scollegati.",
    "nearby.overlays.none": "Non osservato: finestre rimaste sopra quella in primo piano.",
    "nearby.devices.part": "I dispositivi collegati o scollegati sono stati osservati per una parte della sessione.",
    "nearby.overlays.part": "Le finestre sopra quella in primo piano sono state osservate per una parte della sessione.",
    "nearby.runners.none": "Non osservato: programmi che eseguono modelli di IA.",
    "nearby.runners.part": "I programmi che eseguono modelli di IA sono stati osservati per una parte della sessione.",
    "nearby.quiet": (
        "Finché si è osservato, nessun dispositivo è stato collegato o scollegato e nessuna finestra è rimasta sopra "
        "quella in primo piano."
    ),
    "nearby.devices.quiet": "Finché si è osservato, nessun dispositivo è stato collegato o scollegato.",
    "nearby.overlays.quiet": "Finché si è osservato, nessuna finestra è rimasta sopra quella in primo piano.",
    "nearby.runners.quiet": (
        "Finché si è osservato, non si è visto in esecuzione alcun programma che esegue modelli di IA."
    ),
    "nearby.why.runners": (
        "Un programma che esegue modelli di IA spesso parte con il computer, o lo usa un editor. Che fosse in esecuzione "
        "non dice che qualcuno lo abbia usato."
    ),
    "nearby.why": (
        "Lo fanno ogni giorno basi di aggancio, tastiere senza fili, appunti e barre delle riunioni. Una finestra conta da "
        "due minuti in poi."
    ),
    "nearby.marks.none": "Niente accanto finché si è osservato",
    "nearby.marks.one": "{number} segno di qualcosa accanto",
    "nearby.marks.more": "{number} segni di qualcosa accanto",
    "nearby.unseen": "Ciò che è accanto non è stato osservato",
    "legend.device-came": "Collegato",
    "legend.device-went": "Scollegato",
    "legend.overlay": "Una finestra sopra",
    "legend.runner-came": "Programma per modelli di IA",
    "legend.runner-went": "Non più in esecuzione",
    "keys.nearby": "U, O: ciò che è arrivato, se n’è andato o è rimasto accanto, prima e dopo",
}
"""Sentences by key."""
