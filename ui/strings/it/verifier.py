# SPDX-License-Identifier: Apache-2.0
"""Le frasi fisse del verificatore, che parla inglese dappertutto. La chiave è la frase: se cambia, si legge in inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "folder": "cartella",
    "Nothing but a session's files lies here.": "Qui ci sono soltanto file di una sessione.",
    "That a file which may come later was not taken away.": "Che non sia stato tolto un file che può arrivare dopo.",
    "frames": "unità",
    "Every byte of the record is part of a whole frame.": "Ogni byte della registrazione fa parte di un’unità intera.",
    "Who wrote it.": "Chi l’ha scritta.",
    "records": "voci",
    "The records follow each other without a hole.": "Le voci si susseguono senza vuoti.",
    "That what they tell is true.": "Che ciò che dicono sia vero.",
    "blobs": "immagini",
    "Each screenshot that is here is the one its record names.": "Ogni schermata presente è quella che la sua voce nomina.",
    "That the screen was real, or whose it was.": "Che lo schermo fosse vero, o di chi fosse.",
    "directory and policy": "elenco e policy",
    "The session ran under this policy of this organisation, as its root key signed it.": (
        "La sessione si è svolta con questa policy di questa organizzazione, firmata dalla sua chiave radice."
    ),
    "That the root key is the organisation's: compare its six words with what reached you outside the platform.": (
        "Che la chiave radice sia dell’organizzazione: confronta le sei parole con quelle che hai avuto per un’altra via."
    ),
    "opening": "apertura",
    "The session key was certified by this device, the device by this person, and the platform granted the session, "
    "or the person opened it alone.": (
        "La chiave della sessione è certificata da questo dispositivo, il dispositivo da questa persona, e la piattaforma "
        "ha concesso la sessione, oppure la persona l’ha aperta da sola."
    ),
    "Who sat at the device, or that its program was unmodified.": (
        "Chi sedeva al dispositivo, o che il suo programma non fosse modificato."
    ),
    "tree and checkpoints": "albero e punti di controllo",
    "No record was changed, added, taken out or moved since the session key signed over it.": (
        "Nessuna voce è stata cambiata, aggiunta, tolta o spostata dopo la firma della chiave di sessione."
    ),
    "That what was recorded happened.": "Che ciò che è registrato sia accaduto.",
    "cosignatures": "controfirme",
    "The platform saw each cosigned part by the time that stands on it.": (
        "La piattaforma ha visto ogni parte controfirmata entro l’ora che vi è scritta."
    ),
    "When within that time it happened, or that the platform's clock was right.": (
        "Quando sia accaduto entro quell’ora, o che l’orologio della piattaforma fosse giusto."
    ),
    "seal": "sigillo",
    "The session key closed exactly this record, for exactly the reviewers of its project.": (
        "La chiave di sessione ha chiuso proprio questa registrazione, proprio per i revisori del suo progetto."
    ),
    "That a reviewer keeps to themselves what they may read.": "Che un revisore tenga per sé ciò che può leggere.",
    "statements": "dichiarazioni",
    "Every later statement is signed by who may make it.": "Ogni dichiarazione successiva è firmata da chi può farla.",
    "That no statement is being held back.": "Che nessuna dichiarazione venga trattenuta.",
    "presence": "presenza",
    "Every sealed part is here, or was removed or withheld as the record says.": (
        "Ogni parte sigillata è qui, oppure è stata tolta o trattenuta come dice la registrazione."
    ),
    "What a removed or withheld part held.": "Che cosa contenesse una parte tolta o trattenuta.",
    "receipt": "ricevuta",
    "The platform confirmed that it has this sealed record.": (
        "La piattaforma ha confermato di avere questa registrazione sigillata."
    ),
    "That it keeps it.": "Che la conservi.",
    "contents": "contenuto",
    "What the given key opens is what was recorded at the time.": (
        "Ciò che la chiave data apre è ciò che fu registrato allora."
    ),
    "What other keys would open, or that the content is true.": (
        "Che cosa aprirebbero altre chiavi, o che il contenuto sia vero."
    ),
    "accounted time": "tempo contato",
    "The hours follow from the public records.": "Le ore risultano dalle voci pubbliche.",
    "That the machine's clock was right, or that work was done.": (
        "Che l’orologio del computer fosse giusto, o che si sia lavorato."
    ),
    "No time is proved by the platform.": "La piattaforma non prova alcuna ora.",
    "The platform proves that the session did not begin before its grant, and no time by which it ended.": (
        "La piattaforma prova che la sessione non è cominciata prima della sua concessione, e non entro quando sia finita."
    ),
    "The platform proves that the record existed by its cosignatures, and nothing of when it began.": (
        "La piattaforma prova che la registrazione esisteva alle sue controfirme, e nulla su quando sia cominciata."
    ),
    "The platform proves that the record was made after its grant and existed by its cosignatures.": (
        "La piattaforma prova che la registrazione è nata dopo la sua concessione ed esisteva alle sue controfirme."
    ),
    "Times between two cosignatures are those of the machine's own clock.": (
        "Le ore tra due controfirme sono quelle dell’orologio del computer."
    ),
    "Statistics and findings about timing rest on records that are withheld: nobody else can recompute them.": (
        "Statistiche e domande sui tempi poggiano su voci trattenute: nessun altro può ricalcolarle."
    ),
}
"""In italiano, per frase inglese."""
