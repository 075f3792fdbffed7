# SPDX-License-Identifier: Apache-2.0
"""Guasti attorno a sessioni sigillate, dispositivi e chiavi. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "name: a device's name has 1 to 64 characters, all of which can be shown.": (
        "nome: il nome di un dispositivo ha da 1 a 64 caratteri, tutti visibili."
    ),
    "the platform's answer to the invitation of a device is not what it must be": (
        "la risposta della piattaforma all’invito di un dispositivo non è quella dovuta"
    ),
    "the platform gave a statement that does not count: {why}": (
        "la piattaforma ha dato una dichiarazione che non vale: {why}"
    ),
    "the platform gave other records than it gave before under the same seal": (
        "la piattaforma ha dato voci diverse da quelle che aveva dato prima sotto lo stesso sigillo"
    ),
    "the platform does not give the content of record {number} any more, and no removal says why": (
        "la piattaforma non dà più il contenuto della voce {number}, e nessuna rimozione dice perché"
    ),
    "it does not give record {number} of a session, which its trainer opened to the reviewers": (
        "non dà la voce {number} di una sessione, che la persona ha aperto ai revisori"
    ),
    "its log holds a statement about a session that it does not give with it": (
        "il suo registro contiene una dichiarazione su una sessione che non dà insieme a essa"
    ),
    "a grant names another organisation, session, project, session key, device or person": (
        "una concessione nomina un’altra organizzazione, sessione, chiave di sessione, persona, o un altro progetto o "
        "dispositivo"
    ),
    "receipt: its key was revoked before": "ricevuta: la sua chiave era stata revocata prima",
    "receipt: its time lies before that of the grant or of the last cosignature": (
        "ricevuta: la sua ora precede quella della concessione o dell’ultima controfirma"
    ),
    "the platform gave a statement that is none of those about this session": (
        "la piattaforma ha dato una dichiarazione che non è fra quelle su questa sessione"
    ),
    "there is not one cosignature of the witness that the session's directory names": (
        "non c’è una sola controfirma del testimone che l’elenco della sessione nomina"
    ),
    "the time of the cosignature lies before that of the grant, or of the one before it": (
        "l’ora della controfirma precede quella della concessione, o della controfirma prima"
    ),
    "the time of the cosignature lies behind the revocation of a key of the session": (
        "l’ora della controfirma segue la revoca di una chiave della sessione"
    ),
    "since: a key is revoked as of a time that is past. Check the date of this computer.": (
        "da: una chiave si revoca da un momento già passato. Controlla la data di questo computer."
    ),
    "since: it is revoked already, since that time or an earlier one.": (
        "da: è già revocata, da quel momento o da uno precedente."
    ),
    "project: the directory has no project “{project}”.": "progetto: l’elenco non ha il progetto “{project}”.",
    "person: “{person}” is no reviewer of this project with keys that hold.": (
        "persona: “{person}” non è un revisore di questo progetto con chiavi valide."
    ),
    "project: there is no earlier review key of it that this computer can open and they cannot.": (
        "progetto: non c’è una chiave di revisione precedente che questo computer possa aprire e la persona no."
    ),
    "This is a copy of the session. Open it where Fair Witness keeps it, in the folder spool of its own folder.": (
        "Questa è una copia della sessione. Aprila dove la tiene Fair Witness, nella cartella spool della sua cartella."
    ),
    "Nothing was opened.": "Non è stato aperto nulla.",
    "This session is of another organisation than this computer, so it cannot be opened from here.": (
        "Questa sessione è di un’altra organizzazione rispetto a questo computer: da qui non si può aprire."
    ),
    "device: give `add` the request, and `take` the answer; `request` takes neither.": (
        "device: dai ad `add` la richiesta, e a `take` la risposta; `request` non prende né l’una né l’altra."
    ),
    "This computer is enrolled already. Make the request on the new one.": (
        "Questo computer è già iscritto. Fai la richiesta su quello nuovo."
    ),
    "No device was added. If the words differ, somebody else's request lies before you.": (
        "Non è stato aggiunto alcun dispositivo. Se le parole sono diverse, hai davanti la richiesta di qualcun altro."
    ),
    "Not enrolled. If the words differ, somebody else's answer lies before you.": (
        "Iscrizione non fatta. Se le parole sono diverse, hai davanti la risposta di qualcun altro."
    ),
    "Nothing was given. Call this command in a terminal, or give it the answer by a pipe.": (
        "Non è stato dato nulla. Chiama questo comando in un terminale, o dagli la risposta con una pipe."
    ),
    "a device that the platform shows for “{person}” is not theirs": (
        "un dispositivo che la piattaforma mostra per “{person}” non è suo"
    ),
    "the name, roles or projects of “{person}” are others than those that were shown; look again": (
        "nome, ruoli o progetti di “{person}” non sono quelli che erano stati mostrati; guarda di nuovo"
    ),
    "device: “{person}” has no device “{device}”.": "dispositivo: “{person}” non ha il dispositivo “{device}”.",
    "project: the keys of the admin as a reviewer are not on this computer.": (
        "progetto: le chiavi dell’amministratore come revisore non sono su questo computer."
    ),
    "This is a recovery code, but not the one of the keys on this computer.": (
        "È un codice di recupero, ma non quello delle chiavi di questo computer."
    ),
    "seq: {first} to {last} is not within the {size} records of this session.": (
        "seq: da {first} a {last} non è entro le {size} voci di questa sessione."
    ),
    "seq: record {number} is of a type that stays.": "seq: la voce {number} è di un tipo che resta.",
    "path: only a session in {folder} can be changed. Copies elsewhere are yours to delete.": (
        "path: si può cambiare solo una sessione in {folder}. Le copie altrove le cancelli tu."
    ),
    "reason: at most {number} characters.": "motivo: al massimo {number} caratteri.",
    "the record does not begin with its opening": "la registrazione non comincia con la sua apertura",
    "what the platform tells of session {session} does not belong together": (
        "ciò che la piattaforma dice della sessione {session} non va insieme"
    ),
    "the records that the platform tells of session {session} are not those of its seal": (
        "le voci che la piattaforma dice della sessione {session} non sono quelle del suo sigillo"
    ),
    "the outline of session {session} is none": "il profilo della sessione {session} non è tale",
    "its log holds a statement about one of your sessions that it does not tell of": (
        "il suo registro contiene una dichiarazione su una tua sessione, di cui non dice nulla"
    ),
}
"""Frasi che la persona legge quando qualcosa impedisce di togliere, aprire, aggiungere o revocare."""
