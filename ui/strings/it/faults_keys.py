# SPDX-License-Identifier: Apache-2.0
"""Che cosa fare per le chiavi: il portachiavi del computer, i file, lo spostamento. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

_SAFE: Final = "Le tue chiavi non sono perse, e non se ne fanno altre al loro posto."

TABLE: Final[dict[str, str]] = {
    "The keyring that holds your keys cannot be reached. Start it (log out and in again does), or run Fair Witness in the "
    "desktop session where it runs. Your keys are not lost, and no others are made in their place.": (
        "Il portachiavi che contiene le tue chiavi non si raggiunge. Avvialo (basta uscire e rientrare), o "
        "esegui Fair Witness "
        f"nella sessione del desktop in cui funziona. {_SAFE}"
    ),
    "The keyring that holds your keys is locked. Unlock it (its window asks for its password, mostly that of your account), "
    "and try again. Your keys are not lost, and no others are made in their place.": (
        "Il portachiavi che contiene le tue chiavi è bloccato. Sbloccalo (la sua finestra chiede la sua password, di solito "
        f"quella del tuo account) e riprova. {_SAFE}"
    ),
    "The keyring of this computer does not answer. Log out and in again, which starts it anew, and try again. Your keys are "
    "not lost, and no others are made in their place.": (
        f"Il portachiavi di questo computer non risponde. Esci e rientra, così riparte, e riprova. {_SAFE}"
    ),
    "The keyring of this desktop has no default collection. Make one in its own program.": (
        "Il portachiavi di questo desktop non ha una raccolta predefinita. Creane una nel suo programma."
    ),
    "The keyring of this desktop forgets at logout. Choose another default collection in it.": (
        "Il portachiavi di questo desktop dimentica all’uscita. Scegli lì un’altra raccolta predefinita."
    ),
    "Your first keys go into the keyring of this computer, and it stays locked or does not answer. Unlock it "
    "(its window asks "
    "for its password, mostly that of your account) and try again, or keep them in files: fairwitness keys move files": (
        "Le tue prime chiavi vanno nel portachiavi di questo computer, che resta bloccato o non risponde. Sbloccalo (la sua "
        "finestra chiede la sua password, di solito quella del tuo account) e riprova, o tienile in file: "
        "fairwitness keys move files"
    ),
    "Keys of this folder lie in the keyring and in files, and nothing says which are in use. Make "
    '{"kept":"keyring"} or {"kept":"files"} the only line of {path}. Nothing is lost by trying.': (
        "Chiavi di questa cartella sono nel portachiavi e in file, e nulla dice quali sono in uso. Scrivi "
        '{{"kept":"keyring"}} o {{"kept":"files"}} come unica riga di {path}. Provando non si perde nulla.'
    ),
    "The file {path}, which says where your keys are kept, is damaged. If you moved them into the keyring, make "
    '{"kept":"keyring"} its only line; if you did not, remove it.': (
        "Il file {path}, che dice dove sono le tue chiavi, è danneggiato. Se le hai spostate nel portachiavi, scrivi "
        '{{"kept":"keyring"}} come sua unica riga; se no, toglilo.'
    ),
    "Other keys of this folder lie there already; nothing was moved. Remove those first.": (
        "Lì ci sono già altre chiavi di questa cartella; nulla è stato spostato. Prima togli quelle."
    ),
    "The copies of your keys do not read back as they were, so they stay where they are.": (
        "Le copie delle tue chiavi non si rileggono come erano: restano dove sono."
    ),
    "Your keys are in a keyring, and this system has none. Use the one they were made on.": (
        "Le tue chiavi sono in un portachiavi, e questo sistema non ne ha. Usa quello su cui sono nate."
    ),
    "The keyring of this computer is missing or stays locked. Start and unlock it first.": (
        "Il portachiavi di questo computer manca o resta bloccato. Prima avvialo e sbloccalo."
    ),
    "Another Fair Witness program is making your keys just now. Finish what it asks, and try again.": (
        "Un altro programma di Fair Witness sta creando ora le tue chiavi. Completa ciò che chiede, e riprova."
    ),
    "Your keys at {path} belong to another account. To use them here, type: sudo {line}": (
        "Le tue chiavi in {path} appartengono a un altro account. Per usarle qui, scrivi: sudo {line}"
    ),
    "Others on this computer may read your keys at {path}. To close them, type: {line}": (
        "Altri su questo computer possono leggere le tue chiavi in {path}. Per chiuderle, scrivi: {line}"
    ),
    "The key {name} is no regular file. Move what lies in its place away.": (
        "La chiave {name} non è un file normale. Sposta ciò che sta al suo posto."
    ),
    "{place} did not delete a key. Allow Fair Witness to change it and try again.": (
        "{place}: una chiave non è stata cancellata. Consenti a Fair Witness di modificarlo e riprova."
    ),
    "The key {name} in {place} was changed by something else. Restore it.": (
        "La chiave {name} in {place} è stata cambiata da altro. Ripristinala."
    ),
    "{place} is locked. Unlock it, allow Fair Witness to use it, and try again. Your keys are not lost, and no "
    "others are made "
    "in their place.": f"{{place}}: è bloccato. Sbloccalo, consenti a Fair Witness di usarlo, e riprova. {_SAFE}",
    "{place} let Fair Witness not {verb} your keys. Unlock it, allow Fair Witness to use it, and try again. Your "
    "keys are not "
    "lost, and no others are made in their place.": (
        f"{{place}}: non lascia a Fair Witness {{verb}} le tue chiavi. Sbloccalo, consenti a Fair Witness di "
        f"usarlo, e riprova. "
        f"{_SAFE}"
    ),
    "the Windows Credential Manager": "Gestione credenziali di Windows",
    "the macOS Keychain": "il Portachiavi di macOS",
    "Keys are kept in the keyring of your desktop, which your password locks.": (
        "Le chiavi sono nel portachiavi del tuo desktop, che la tua password chiude."
    ),
    "Keys are kept as files that only your account on this computer can read; no keyring locks them.": (
        "Le chiavi sono in file che solo il tuo account su questo computer può leggere; nessun portachiavi le chiude."
    ),
    "Keys are kept in {place}, which your account on this computer locks.": (
        "Le chiavi sono in {place}, che il tuo account su questo computer chiude."
    ),
    "No keys are kept yet: the first go into the keyring of this computer where it opens, else into files.": (
        "Non ci sono ancora chiavi: le prime vanno nel portachiavi di questo computer, e se non c’è in file."
    ),
    "No keys are kept yet: the first go into files that only your account on this computer can read.": (
        "Non ci sono ancora chiavi: le prime vanno in file che solo il tuo account su questo computer può leggere."
    ),
    "The keys of session {session} are not in the key store, so it cannot be sealed. If you moved to another computer or "
    "restored a backup, restore the keys, too.": (
        "Le chiavi della sessione {session} non ci sono, quindi non si può sigillare. Se hai cambiato computer o "
        "ripristinato "
        "una copia, ripristina anche le chiavi."
    ),
}
