# SPDX-License-Identifier: Apache-2.0
"""Il codice di recupero, e un secondo dispositivo."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "do.code": "Il mio codice di recupero …",
    "do.device": "Aggiungi un dispositivo …",
    "code.window": "Il tuo codice di recupero",
    "code.why": (
        "Scrivi queste 24 parole su carta, in quest’ordine. Se questo computer va perso, ti ridanno su un altro le "
        "tue chiavi, il tuo nome e le tue sessioni di prima."
    ),
    "code.keep": (
        "Tieni il foglio lontano da questo computer e non mostrarlo a nessuno: chi ha queste parole può essere te. "
        "Nessuno può rifarle, nemmeno la tua organizzazione."
    ),
    "code.words": "Le 24 parole",
    "code.print": "Salva come pagina da stampare …",
    "code.print.name": "codice-di-recupero.html",
    "code.printed": "Salvato; puoi leggerlo solo tu. Stampalo, e poi cancella il file.",
    "code.later": "Più tardi",
    "code.written": "Le ho scritte",
    "code.check": "Due parole dal tuo foglio",
    "code.check.why": "Così sei sicuro che il foglio è giusto.",
    "code.check.word": "Parola {number}",
    "code.check.wrong": "La parola {number} è un’altra. Guarda di nuovo il tuo foglio.",
    "code.check.do": "Conferma",
    "code.confirmed": "Confermato. Tieni il foglio in un posto sicuro.",
    "code.loading": "Lettura del tuo codice …",
    "code.page.title": "Fair Witness: codice di recupero",
    "code.page.about": "Di {person}, in {organisation}. Leggi le parole secondo i numeri.",
    "code.page.how": (
        "Su un computer nuovo: installa Fair Witness, chiedi alla tua organizzazione un link di iscrizione, scegli "
        "Entra in un’organizzazione, e scrivi queste parole sotto Ho un codice di recupero."
    ),
    "today.code.unconfirmed": (
        "Non hai ancora confermato il tuo codice di recupero. Senza, un computer perso porta con sé le tue chiavi."
    ),
    "today.code.show": "Mostra il mio codice",
    "today.code.none": (
        "Le tue chiavi sono di prima che ci fossero i codici di recupero. Chiedi alla tua organizzazione un nuovo "
        "link di iscrizione, e chiama fairwitness enroll 'LINK' --new-keys in un terminale: avrai chiavi nuove, e un "
        "codice per esse."
    ),
    "join.code": "Ho un codice di recupero",
    "join.code.words": "Le tue 24 parole",
    "join.code.why": ("Per un computer nuovo al posto di uno perso. Le tue chiavi, il tuo nome e le tue sessioni tornano."),
    "join.elsewhere": "Ho un altro dispositivo …",
    "join.recovered": (
        "Questo computer ha di nuovo le tue chiavi. Le tue sessioni di prima sono sulla piattaforma: fairwitness fetch"
    ),
    "device.window": "Aggiungi un dispositivo",
    "device.paste": (
        "Sul dispositivo nuovo scegli Entra in un’organizzazione, e lì Ho un altro dispositivo. Incolla qui il testo "
        "che mostra."
    ),
    "device.request": "Testo del dispositivo nuovo",
    "device.compare": "Le sei parole di «{name}»",
    "device.compare.ask": "Il dispositivo nuovo mostra le stesse sei parole?",
    "device.differ.why": (
        "Allora questa è la richiesta di qualcun altro. Nulla è stato inviato. Copia di nuovo il testo dal "
        "dispositivo nuovo."
    ),
    "device.adding": "Accoglienza del dispositivo nuovo …",
    "device.answer": "La risposta per «{name}»",
    "device.answer.why": (
        "Porta questo testo al dispositivo nuovo entro dieci minuti, con un messaggio o leggendo il codice con un "
        "telefono. Nessun altro può aprirlo."
    ),
    "device.answer.words": "Anche il dispositivo nuovo mostra queste sei parole:",
    "device.answer.text": "Testo per il dispositivo nuovo",
    "device.ask.window": "Entra con un altro dispositivo",
    "device.ask": "Questo dispositivo chiede",
    "device.ask.why": (
        "Sul dispositivo che hai, scegli Aggiungi un dispositivo, e incolla lì questo testo. Un telefono può leggere "
        "il codice e passare il testo. Non contiene segreti."
    ),
    "device.ask.words": "Le sei parole che dovrai confrontare:",
    "device.ask.text": "Testo per l’altro dispositivo",
    "device.ask.next": "Ho la risposta",
    "device.ask.answer": "Incolla la risposta dell’altro dispositivo.",
    "device.ask.answer.text": "Risposta dell’altro dispositivo",
    "device.ask.compare": "Le sei parole della risposta",
    "device.ask.compare.ask": "L’altro dispositivo mostra le stesse sei parole?",
    "device.ask.person": "Questo computer sarebbe «{name}», di «{person}».",
    "device.ask.differ.why": (
        "Allora questa risposta non viene dall’altro dispositivo. Nulla è stato inviato. Fai lì una nuova risposta e "
        "copiala."
    ),
    "device.joined": "Questo computer è iscritto. Puoi cominciare.",
    "device.copy": "Copia il testo",
    "device.copied": "Copiato.",
    "device.qr": "Codice QR del testo qui sopra",
}
"""Sentences by key."""
