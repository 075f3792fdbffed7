# SPDX-License-Identifier: Apache-2.0
"""Che cosa fare quando qualcosa non va. La chiave è la frase inglese: se cambia, si legge in inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "Your organisation has revoked a key of this session. What is recorded from now on is not countersigned. "
    "Stop and seal: what was countersigned before stands. Then ask your admin for a new enrolment link.": (
        "La tua organizzazione ha revocato una chiave di questa sessione. Ciò che si registra da ora non è controfirmato. "
        "Ferma e sigilla: ciò che era già controfirmato vale. Poi chiedi al tuo amministratore un nuovo link di iscrizione."
    ),
    "The disk is full, and {doing} stopped. Free some space; nothing saved so far is lost.": (
        "Il disco è pieno: {doing} si è interrotto. Libera un po’ di spazio; niente di ciò che è salvato va perso."
    ),
    "This folder may not be written, and {doing} stopped. Allow writing to it and try again.": (
        "In questa cartella non si può scrivere: {doing} si è interrotto. Consenti la scrittura e riprova."
    ),
    "There is a file where a folder must be, and {doing} stopped. Please name another folder.": (
        "C’è un file dove serve una cartella: {doing} si è interrotto. Indica un’altra cartella."
    ),
    "The disk gave an error ({reason}), and {doing} stopped. Check the disk and try again.": (
        "Il disco ha dato un errore ({reason}): {doing} si è interrotto. Controlla il disco e riprova."
    ),
    "Fair Witness could not {verb} your keys at {path}: {reason}. "
    "Make room on the disk, or give your account access to that folder, and try again.": (
        "Fair Witness non riesce a {verb} le tue chiavi in {path}: {reason}. "
        "Libera spazio sul disco, o dai al tuo account l’accesso a quella cartella, e riprova."
    ),
    "The keys of this device are missing. Ask your organisation for a new enrolment link.": (
        "Mancano le chiavi di questo dispositivo. Chiedi alla tua organizzazione un nuovo link di iscrizione."
    ),
    "The session could not be closed: {message} What was saved is safe.": (
        "La sessione non si è potuta chiudere: {message} Ciò che è salvato è al sicuro."
    ),
    "Recording stopped because of a fault in Fair Witness. What was recorded until now is safe. Start Fair Witness again.": (
        "La registrazione si è interrotta per un guasto di Fair Witness. "
        "Ciò che è registrato finora è al sicuro. Avvia di nuovo Fair Witness."
    ),
    "project: {project} has no review key in force now; check the date of this computer, or ask your admin to issue one.": (
        "progetto: {project} non ha ora una chiave di revisione valida; "
        "controlla la data di questo computer, o chiedi all’amministratore di emetterne una."
    ),
    "Nothing is observed now, because this desktop shows no sign of it. Your time goes on. Open the Fair Witness window.": (
        "Ora non si osserva nulla, perché questo desktop non ne mostra un segno. Il tuo tempo continua. "
        "Apri la finestra di Fair Witness."
    ),
    "This session has become as long as one can be, and was stopped. Start a new one to go on.": (
        "Questa sessione è lunga quanto può esserlo, ed è stata terminata. Per continuare avviane una nuova."
    ),
    "The list of sessions to send cannot be written. Free some disk space and check the folder.": (
        "L’elenco delle sessioni da inviare non si può scrivere. Libera spazio sul disco e controlla la cartella."
    ),
    "A session that had ended without warning was recovered. It waits for your review.": (
        "Una sessione finita senza preavviso è stata recuperata. Attende che tu la riveda."
    ),
    "Records that the platform had countersigned ({number}) are missing on this computer's disk. The session ends where "
    "they begin, and says so; nobody is blamed for it. The time after them can be claimed. Your next session goes on from "
    "it. Please have the disk looked at.": (
        "Sul disco di questo computer mancano voci che la piattaforma aveva controfirmato ({number}). La sessione finisce "
        "dove cominciano, e lo dice; nessuno ne ha colpa. Il tempo successivo si può chiedere. La tua prossima sessione la "
        "continua. Fai controllare il disco."
    ),
    "Recording was stopped: the platform has countersigned records of this session that are not on this computer, and "
    "countersigns no others in their place.": (
        "La registrazione è stata terminata: la piattaforma ha controfirmato voci di questa sessione che su questo computer "
        "non ci sono, e al loro posto non ne controfirma altre."
    ),
    "This computer, or its disk, was set back to an earlier copy, or runs twice: {number} records that the platform "
    "countersigned are not here. The session ends behind the last that is, and says so; nobody is blamed for it. The time "
    "after it can be claimed. Start a new session to go on: it names this one.": (
        "Questo computer, o il suo disco, è tornato a una copia precedente, o funziona due volte: {number} voci che la "
        "piattaforma ha controfirmato qui non ci sono. La sessione finisce dopo l’ultima che c’è, e lo dice; nessuno ne ha "
        "colpa. Il tempo successivo si può chiedere. Per continuare avvia una nuova sessione: nominerà questa."
    ),
    "Session {session} cannot be opened and stays where it is: {why}": (
        "La sessione {session} non si può aprire e resta dov’è: {why}"
    ),
    "Records of it that the platform countersigned are missing on this computer's disk. The platform knows how many: at the "
    "first start at which it can be reached the session is finished, and until then nothing of it is changed.": (
        "Sul disco di questo computer mancano sue voci che la piattaforma ha controfirmato. La piattaforma sa quante: la "
        "sessione sarà conclusa al primo avvio in cui si raggiunge, e fino ad allora non ne cambia nulla."
    ),
    "keeping what the platform countersigned": "il salvataggio di ciò che la piattaforma ha controfirmato",
    "The platform has not confirmed this session yet. Send it first: fairwitness upload --now": (
        "La piattaforma non ha ancora confermato questa sessione. Prima inviala: fairwitness upload --now"
    ),
    "This session is not sealed yet. Reviewers read nothing of it until it is.": (
        "Questa sessione non è ancora sigillata. Fino ad allora i revisori non ne leggono nulla."
    ),
    "This session belongs to no organisation, so there are no reviewers to open anything to.": (
        "Questa sessione non è di nessuna organizzazione: non ci sono revisori a cui aprire qualcosa."
    ),
    "seq: Nothing is withheld there: reviewers can read it already, or it was removed, or never recorded.": (
        "seq: lì nulla è trattenuto: i revisori possono già leggerlo, o è stato tolto, o non fu mai registrato."
    ),
    "project: {project} has no review key in force now, so nobody could read what is opened; check the date of this "
    "computer, or ask your admin to issue one.": (
        "progetto: {project} non ha ora una chiave di revisione valida, e nessuno potrebbe leggere ciò che apri; "
        "controlla la data di questo computer, o chiedi all’amministratore di emetterne una."
    ),
    "writing the proof": "la scrittura della prova",
    "A recovery code has 24 words; these are {number}. Please look at your page again.": (
        "Un codice di recupero ha 24 parole; queste sono {number}. Guarda di nuovo il tuo foglio."
    ),
    "Word {number} is not in the list of words. Please look at your page again.": (
        "La parola {number} non è nell’elenco delle parole. Guarda di nuovo il tuo foglio."
    ),
    "All these words are in the list, but together they are no recovery code: one of them is another one, or two "
    "changed places. Please look at your page again.": (
        "Tutte queste parole sono nell’elenco, ma insieme non sono un codice di recupero: una è un’altra, o due si sono "
        "scambiate. Guarda di nuovo il tuo foglio."
    ),
    "This computer is enrolled already, with other keys than those of this recovery code. Use the code on a "
    "computer, or under a user account, that is not enrolled yet.": (
        "Questo computer è già iscritto, con altre chiavi che quelle di questo codice di recupero. Usa il codice su un "
        "computer, o con un account, che non è ancora iscritto."
    ),
    "Your keys were made before there were recovery codes, so there is no code for them. Ask your organisation for a new "
    "enrolment link, and enrol with `fairwitness enroll 'LINK' --new-keys`: you then get new keys, and a code for them.": (
        "Le tue chiavi sono di prima che ci fossero i codici di recupero, quindi non ne hanno uno. Chiedi alla tua "
        "organizzazione un nuovo link, e usa `fairwitness enroll 'LINK' --new-keys`: avrai chiavi nuove, e un codice."
    ),
    "This computer has made no request that waits for an answer. Make one first.": (
        "Questo computer non ha fatto una richiesta che aspetta risposta. Falla prima."
    ),
    "This answer is more than ten minutes old. Make a new one on your other device, and check the time of both.": (
        "Questa risposta ha più di dieci minuti. Fanne una nuova sull’altro dispositivo, e controlla l’ora di entrambi."
    ),
    "This answer is for another request, or part of it was changed on the way. Make a new one on your other device.": (
        "Questa risposta è per un’altra richiesta, o è cambiata per strada. Fanne una nuova sull’altro dispositivo."
    ),
    "This answer does not hold what a new device needs. Make a new one on your other device.": (
        "Questa risposta non contiene ciò che serve a un dispositivo nuovo. Fanne una nuova sull’altro dispositivo."
    ),
    "This is no request of a new device: it begins with fairwitness:device. Copy the whole of it.": (
        "Questa non è la richiesta di un dispositivo nuovo: comincia con fairwitness:device. Copiala tutta."
    ),
    "This is no answer of your other device: it begins with fairwitness:device-answer. Copy the whole of it.": (
        "Questa non è la risposta dell’altro dispositivo: comincia con fairwitness:device-answer. Copiala tutta."
    ),
    "the platform's address is missing or too long": "l’indirizzo della piattaforma manca o è troppo lungo",
    "the organisation's fingerprint is not 64 digits from 0 to 9 and a to f": (
        "l’impronta dell’organizzazione non ha 64 cifre da 0 a 9 e da a ad f"
    ),
    "the person is missing or longer than 128 characters": "la persona manca o ha più di 128 caratteri",
    "its code is not 16 to 64 letters and digits": "il suo codice non è fatto di 16 a 64 lettere e cifre",
    "the device's name is missing, too long or not plain text": (
        "il nome del dispositivo manca, è troppo lungo o non è testo semplice"
    ),
    "a key in it is not 64 digits from 0 to 9 and a to f": "una sua chiave non ha 64 cifre da 0 a 9 e da a ad f",
    "the time until which it is good is no number": "il momento fino a cui vale non è un numero",
    "what it hands over in secret is cut short or too long": "ciò che consegna in segreto è tagliato o troppo lungo",
    "The request of a new device is not whole. Copy all of it, from fairwitness: to its end. "
    "In a terminal it stands between two ', or else the shell cuts it.": (
        "La richiesta del dispositivo nuovo non è intera. Copiala tutta, da fairwitness: alla fine. In un terminale sta "
        "fra due ', altrimenti la shell la taglia."
    ),
    "The request of a new device is damaged: {part}. Copy it again.": (
        "La richiesta del dispositivo nuovo è danneggiata: {part}. Copiala di nuovo."
    ),
    "The answer of your other device is not whole. Copy all of it, from fairwitness: to its end. "
    "In a terminal it stands between two ', or else the shell cuts it.": (
        "La risposta dell’altro dispositivo non è intera. Copiala tutta, da fairwitness: alla fine. In un terminale sta "
        "fra due ', altrimenti la shell la taglia."
    ),
    "The answer of your other device is damaged: {part}. Copy it again.": (
        "La risposta dell’altro dispositivo è danneggiata: {part}. Copiala di nuovo."
    ),
    "recording the session": "il lavoro di registrare la sessione",
    "starting the session": "l’avvio della sessione",
    "recovering the session": "il recupero della sessione",
    "reading the session": "la lettura della sessione",
    "sealing the session": "il lavoro di sigillare la sessione",
    "removing what you chose": "il lavoro di togliere ciò che hai scelto",
    "keeping what you declared": "il salvataggio di ciò che hai dichiarato",
    "writing the page": "la scrittura della pagina",
    "writing the list of AI tools": "la scrittura dell’elenco di strumenti di IA",
    "deleting copies of sessions whose retention is over": (
        "la cancellazione delle copie di sessioni il cui tempo di conservazione è finito"
    ),
    "enrolling this device": "l’iscrizione di questo dispositivo",
    "fetching the session": "lo scaricamento della sessione",
    "keeping that you have your code": "il salvataggio della conferma che hai il tuo codice",
    "keeping that you read the notice": "il salvataggio della conferma che hai letto l’informativa",
    "keeping the list of your sessions": "il salvataggio dell’elenco delle tue sessioni",
    "keeping what was removed": "il salvataggio di ciò che è stato tolto",
    "keeping what was said about a session": "il salvataggio di ciò che è stato detto di una sessione",
    "keeping your report of rates": "il salvataggio del tuo resoconto",
    "looking for unfinished sessions": "la ricerca di sessioni non concluse",
    "moving an unfinished session aside": "lo spostamento di una sessione non conclusa",
    "reading the grants": "la lettura delle autorizzazioni",
    "reading what was said about the session": "la lettura di ciò che è stato detto della sessione",
    "remembering the platform's address": "il salvataggio dell’indirizzo della piattaforma",
    "saving a screenshot": "il salvataggio di una schermata",
    "the demonstration": "la dimostrazione",
    "writing a recovery share": "la scrittura di una parte del codice di recupero",
    "keeping the receipt": "il salvataggio della ricevuta",
    "starting Fair Witness": "l’avvio di Fair Witness",
    "this command": "questo comando",
    "read": "leggere",
    "write": "scrivere",
    "delete": "cancellare",
    "This session is not sealed yet. Take it out in its review, before you seal it.": (
        "Questa sessione non è ancora sigillata. Toglilo durante la tua revisione, prima di sigillarla."
    ),
    "Only the person who recorded a session takes something out of it, on a computer that has their key.": (
        "Solo chi ha registrato una sessione può toglierne qualcosa, su un computer che ha la sua chiave."
    ),
    "seq: nothing is left in these records that may be taken out.": (
        "seq: in queste voci non resta nulla che si possa togliere."
    ),
    "Something was taken out of this session while it was sent. It will be sent again by itself.": (
        "Qualcosa è stato tolto da questa sessione durante l’invio. Verrà inviata di nuovo da sola."
    ),
    "Something of this session is not there any more; it may have been removed just now. Open it again.": (
        "Qualcosa di questa sessione non c’è più; forse è stato tolto proprio ora. Aprila di nuovo."
    ),
}
