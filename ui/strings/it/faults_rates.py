# SPDX-License-Identifier: Apache-2.0
"""Che cosa ostacola i rapporti sulle domande in prova. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "Nothing can be sent or declined for this period now: only in the 14 days after its end.": (
        "Per questo periodo ora non si può inviare né rinunciare: solo nei 14 giorni dopo la sua fine."
    ),
    "The report of this period is sent already; what was sent cannot be taken back.": (
        "Il rapporto di questo periodo è già inviato; ciò che è inviato non si può ritirare."
    ),
    "The platform cannot be reached just now: nothing was sent. Check the network and try again; no report sends itself.": (
        "Ora la piattaforma non è raggiungibile: non è stato inviato nulla. Controlla la rete e riprova; nessun rapporto "
        "parte da solo."
    ),
    "The platform did not confirm your report. Check the network and send it again: it goes as it was, and never by "
    "itself.": (
        "La piattaforma non ha confermato il rapporto. Controlla la rete e invialo di nuovo: parte com’era, e mai da solo."
    ),
    "Your organisation's directory names no admin who could read sums: nothing was sent.": (
        "L’elenco della tua organizzazione non nomina un amministratore che legga le somme: non è stato inviato nulla."
    ),
    "What is kept of your report is damaged: {path}. Nothing of it is sent. Remove the file to begin anew.": (
        "Ciò che è conservato del rapporto è danneggiato: {path}. Non se ne invia nulla. Elimina il file per ricominciare."
    ),
    "The admin's own reading key is not on this computer: bring it back with your recovery code. "
    "Without it nobody here can read the sums.": (
        "La chiave di lettura dell’amministratore non è su questo computer: riportala con il tuo codice di recupero. "
        "Senza di essa nessuno qui può leggere le somme."
    ),
    "the platform gives the table of another period than was asked for": (
        "la piattaforma dà la tabella di un altro periodo rispetto a quello chiesto"
    ),
    "The report is not what your key signed.": "Il rapporto non è quello che ha firmato la tua chiave.",
    "The report is of another organisation, person or period.": (
        "Il rapporto è di un’altra organizzazione, persona o periodo."
    ),
    "There is another report of yours for this period; one is taken.": (
        "Per questo periodo c’è già un altro tuo rapporto; se ne prende uno."
    ),
    "Reports of this period are not taken now: only in the 14 days after its end.": (
        "I rapporti di questo periodo ora non si prendono: solo nei 14 giorni dopo la sua fine."
    ),
    "Reports of this period may still come: its table is there 14 days after its end.": (
        "I rapporti di questo periodo possono ancora arrivare: la tabella c’è 14 giorni dopo la sua fine."
    ),
    "a share of rates has {size} bytes, not {wanted}": "una quota di conteggi ha {size} byte, non {wanted}",
    "the share of this report is not the one that its author signed for": (
        "la quota di questo rapporto non è quella per cui il suo autore ha firmato"
    ),
    "the seed of a report of rates has not {size} bytes": "il seme di un rapporto non ha {size} byte",
    "a report of rates was made for other admins' keys than those on this computer": (
        "un rapporto è stato fatto per chiavi di amministratori diverse da quelle su questo computer"
    ),
    "the platform counts somebody twice in a table of rates": (
        "la piattaforma conta qualcuno due volte in una tabella di conteggi"
    ),
    "only {named} people of this sum are in the directory with these keys, fewer than {least}": (
        "di questa somma solo {named} persone sono nell’elenco con queste chiavi, meno di {least}"
    ),
    "the platform adds up reports that do not belong together": ("la piattaforma somma rapporti che non vanno insieme"),
    "the numbers of a row cannot be what its people counted: a report or the sum is wrong": (
        "i numeri di una riga non possono essere ciò che le sue persone hanno contato: un rapporto o la somma è sbagliato"
    ),
    "a report of rates is of another organisation": "un rapporto è di un’altra organizzazione",
}
