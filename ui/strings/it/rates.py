# SPDX-License-Identifier: Apache-2.0
"""Le frequenze delle domande in prova: che cosa può inviare un trainer, e le somme che legge un amministratore."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "do.rates": "Somme delle domande in prova …",
    "today.rates": (
        "Fino al {until} puoi inviare quanto spesso sono nate domande in prova nelle tue sessioni, per somme di dieci "
        "persone o più. Nulla parte da solo."
    ),
    "today.rates.do": "Guardale …",
    "rates.window": "Somme delle domande in prova",
    "rates.counting": "Conto le tue sessioni …",
    "rates.what": (
        "Nella tua organizzazione le domande sono in prova: ciò che dicono delle tue sessioni lo leggi solo tu. Un rapporto "
        "dice in quante tue sessioni di quattro settimane è nata ciascuna, perché si sappia quali nascono troppo spesso. "
        "Parte solo se premi Invia, nessuno viene a sapere se non lo fai, e non decide nulla su nessuno."
    ),
    "rates.days": "Dal {begin} al {end} (UTC)",
    "rates.sessions.one": "Conta {number} tua sessione sigillata su questo computer.",
    "rates.sessions.more": "Contano {number} tue sessioni sigillate su questo computer.",
    "rates.unread.one": "{number} qui non si può leggere.",
    "rates.unread.more": "{number} qui non si possono leggere.",
    "rates.where": "Progetto: {project}. Sistema: {system}. Lingua dell’informativa: {language}.",
    "rates.numbers": "I numeri che partirebbero",
    "rates.numbers.row": (
        "{question}: ha avuto risposta in {answered} sessioni, è nata in {raised}, non valutata in {unanswered}."
    ),
    "rates.numbers.why": (
        "Ciascuno è un numero di sessioni, al massimo 255. Con ciascuno dei primi due va un 1 se non è 0, così si possono "
        "contare anche le persone."
    ),
    "rates.version": "{version}, {calibration}",
    "rates.column.question": "Domanda",
    "rates.column.answered": "Con risposta",
    "rates.column.raised": "Nata",
    "rates.column.unanswered": "Non valutata",
    "rates.who": (
        "La piattaforma e gli amministratori della tua organizzazione leggerebbero chi sei, e progetto, sistema e lingua. I "
        "tuoi numeri si leggono solo in una somma di dieci persone o più. Né la piattaforma né un amministratore possono "
        "leggere i tuoi; insieme potrebbero, contro le regole."
    ),
    "rates.language.tell": "Dire in quale lingua leggo l’informativa",
    "rates.send": "Invia queste somme",
    "rates.decline": "Non inviare",
    "rates.later": "Più tardi",
    "rates.sending": "Invio …",
    "rates.declining": "Un momento …",
    "rates.state.running": "Queste quattro settimane non sono ancora finite. Prima non se ne può inviare nulla.",
    "rates.state.few": "Sono troppo poche sessioni per un rapporto: ne servono tre. Non si invia nulla.",
    "rates.state.begun": "L’invio di questo rapporto è iniziato e non è stato confermato. Parte di nuovo com’era.",
    "rates.state.over": "Il tempo per un rapporto di queste quattro settimane è finito. Non se ne invia più nulla.",
    "rates.state.sent": (
        "Questi numeri sono inviati, firmati con la tua chiave. Dal {until} la tua organizzazione può leggere le somme, "
        "dove dieci persone o più hanno inviato le loro."
    ),
    "rates.state.declined": "Non si invia nulla, e nessuno lo viene a sapere. Puoi ripensarci fino al {until}.",
    "rates.again": "Ripensarci",
    "rates.again.later": "Quando questa finestra è chiusa, lo stesso fa il comando fairwitness rates --send.",
    "rates.project.others": "altri progetti",
    "rates.project.none": "(nessuno)",
    "rates.system.others": "altri sistemi",
    "rates.system.linux-x11": "Linux (X11)",
    "rates.system.linux-wayland": "Linux (Wayland)",
    "rates.system.windows": "Windows",
    "rates.system.macos": "macOS",
    "rates.language.others": "altre lingue",
    "rates.language.untold": "(non detta)",
    "rates.language.en": "inglese",
    "rates.language.it": "italiano",
    "rates.percent": "{number} %",
    "rates.tab": "Domande in prova",
    "rates.why": (
        "Quanto spesso sono nate domande in prova, in somme di dieci persone o più che hanno scelto di inviare. I numeri "
        "sono dichiarati da loro, e non ci sono quelli di una sola persona. Una domanda non è un giudizio."
    ),
    "rates.reading": "Leggo le somme …",
    "rates.table": "Somme per progetto, sistema e lingua",
    "rates.filter": "Filtra per progetto, sistema, lingua o domanda",
    "rates.earlier": "Quattro settimane prima",
    "rates.later.period": "Quattro settimane dopo",
    "rates.left.one": "{number} persona ha inviato un rapporto e non è in nessuna riga: meno di dieci persone.",
    "rates.left.more": (
        "{number} persone hanno inviato un rapporto e non sono in nessuna riga: meno di dieci persone per ogni tipo."
    ),
    "rates.column.project": "Progetto",
    "rates.column.system": "Sistema, lingua",
    "rates.column.people": "Persone",
    "rates.column.sessions": "Nata in sessioni",
    "rates.column.with": "Nata con persone",
    "rates.column.version": "Versione",
    "rates.people.others": "{people} e altre {others}",
    "rates.others.why": (
        "Altre: persone che sono andate via, o hanno chiavi nuove da quando hanno inviato. Sono nella somma, e nessuno può "
        "più controllarle."
    ),
    "rates.of": "{raised} di {answered}",
    "rates.between": "dal {low} al {high}",
    "rates.few": "meno di dieci persone,\no tutte",
    "rates.few.why": (
        "«Meno di dieci persone, o tutte»: nella riga meno di dieci persone hanno una risposta a questa domanda, o la "
        "domanda è nata con tutte quelle che ce l’hanno. Quale dei due casi sia, non lo viene a sapere nessuno."
    ),
    "rates.unsaid": "non detto",
    "rates.rate.few": "meno di 600 sessioni",
    "rates.given-up": "lasciata",
    "rates.given-up.why": "Una riga è lasciata, e non se ne legge nulla: {why}.",
    "rates.none": "Non ci sono somme di queste quattro settimane",
    "rates.none.off": (
        "In nessun progetto le domande in prova vengono contate. In «Progetti e policy» imposta «Quanto spesso nascono "
        "domande» su «somme di dieci persone o più»: i trainer lo leggono nell’informativa, e ciascuno decide se inviare."
    ),
    "rates.none.on": (
        "Si conta in: {projects}. Per una riga servono dieci persone che abbiano sigillato ciascuna tre sessioni o più "
        "nelle quattro settimane, mentre la policy lo diceva, e che abbiano scelto di inviare nei 14 giorni dopo. Fair "
        "Witness dice loro quando possono."
    ),
    "rates.none.unknown": "Non ancora letto.",
}
"""Frasi per chiave."""
