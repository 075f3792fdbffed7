# SPDX-License-Identifier: Apache-2.0
"""Che cosa fare quando la chiave radice o le sue due parti non vanno. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "folder: there is no platform in {path}.": "cartella: in {path} non c’è una piattaforma.",
    "words: these are not the six words of the keys that the platform tells of. Nothing was signed.": (
        "parole: non sono le sei parole delle chiavi di cui parla la piattaforma. Niente è stato firmato."
    ),
    "words: say the six words that stand on the platform's screen: --words WORD WORD WORD WORD WORD WORD": (
        "parole: indica le sei parole che stanno sullo schermo della piattaforma: --words WORD WORD WORD WORD WORD WORD"
    ),
    "the platform says that other keys are in force than the directory names": (
        "la piattaforma dice che sono in vigore chiavi diverse da quelle che la directory nomina"
    ),
    "The clocks of this computer and of the platform are over an hour apart. Set the time.": (
        "Gli orologi di questo computer e della piattaforma distano più di un’ora. Regola l’ora."
    ),
    "keys: no new keys wait on the platform. Make them on its computer: fairwitness renew-keys --folder FOLDER": (
        "chiavi: sulla piattaforma non ci sono chiavi nuove in attesa. Creale sul suo computer: "
        "fairwitness renew-keys --folder FOLDER"
    ),
    "There is no organisation's root key on this computer. Use the computer on which the organisation was founded, bring "
    "the key back from both recovery shares (fairwitness root restore --platform ADDRESS), or found an organisation: "
    "fairwitness found NAME --folder PLATFORM": (
        "Su questo computer non c’è la chiave radice di un’organizzazione. Usa il computer su cui l’organizzazione è nata, "
        "ripristina la chiave dalle due parti di recupero (fairwitness root restore --platform ADDRESS), o fonda "
        "un’organizzazione: fairwitness found NAME --folder PLATFORM"
    ),
    "The admin's token is not on this computer any more. Get a new one with both recovery shares: "
    "fairwitness root restore --platform ADDRESS": (
        "Il gettone dell’amministratore non è più su questo computer. Ottienine uno nuovo con le due parti di recupero: "
        "fairwitness root restore --platform ADDRESS"
    ),
    "There is no organisation's root key on this computer. Make the shares on the computer that has it; to bring it back "
    "from both shares: fairwitness root restore --platform ADDRESS": (
        "Su questo computer non c’è la chiave radice di un’organizzazione. Crea le parti sul computer che ce l’ha; per "
        "ripristinarla dalle due parti: fairwitness root restore --platform ADDRESS"
    ),
    "Another organisation's root key is on this computer. Restore this one under another user account.": (
        "Su questo computer c’è la chiave radice di un’altra organizzazione. Ripristina questa con un altro account utente."
    ),
    "share: these two give no root key of this platform's organisation. Either they do not belong together, or it is "
    "another organisation's platform. Nothing was kept.": (
        "parte: queste due non danno la chiave radice dell’organizzazione di questa piattaforma. O non vanno insieme, o la "
        "piattaforma è di un’altra organizzazione. Non è stato conservato nulla."
    ),
    "share: this is the same one twice. The other one is needed as well.": (
        "parte: è la stessa due volte. Serve anche l’altra."
    ),
    "A recovery share has 24 words; these are {number}. Please look at your page again.": (
        "Una parte di recupero ha 24 parole; queste sono {number}. Guarda di nuovo il tuo foglio."
    ),
    "All these words are in the list, but together they are no recovery share: one of them is another one, or two changed "
    "places. Please look at your page again.": (
        "Tutte queste parole sono nell’elenco, ma insieme non sono una parte di recupero: una è un’altra, o due hanno "
        "scambiato posto. Guarda di nuovo il tuo foglio."
    ),
    "the platform's answer to the root key is not what it must be": (
        "la risposta della piattaforma alla chiave radice non è quella che dev’essere"
    ),
    "shares: this is no terminal. Say which two files to write: fairwitness root shares --shares FILE FILE": (
        "parti: questo non è un terminale. Indica i due file da scrivere: fairwitness root shares --shares FILE FILE"
    ),
    "platform: where is your organisation's platform? Add --platform ADDRESS.": (
        "piattaforma: dov’è la piattaforma della tua organizzazione? Aggiungi --platform ADDRESS."
    ),
    "shares: two different files are needed.": "parti: servono due file diversi.",
    "shares: {path} is there already. Name files that are not.": "parti: {path} c’è già. Indica file che non ci sono.",
    "shares: there is no folder {path}.": "parti: la cartella {path} non c’è.",
}
