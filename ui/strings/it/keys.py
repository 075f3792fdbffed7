# SPDX-License-Identifier: Apache-2.0
"""Keys and their ends, in Italian."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "day": "{day} {month} {year}",
    "day.time": "{day} {month} {year}, {time}",
    "due.directory.soon": "L’elenco della tua organizzazione scade {when}.",
    "due.directory.over": "L’elenco della tua organizzazione è scaduto.",
    "due.directory.then": "Senza, la piattaforma non dà nuovi permessi; quelli già su un computer valgono ancora.",
    "due.review_key.soon": "La chiave di revisione di {project} scade {when}.",
    "due.review_key.over": "La chiave di revisione di {project} è scaduta.",
    "due.review_key.none": "{project} non ha una chiave di revisione.",
    "due.review_key.then": "Senza, le sessioni sigillate aspettano sul computer del trainer; nulla va perso.",
    "due.days.one": "entro {number} giorno, il {day}",
    "due.days.more": "tra {number} giorni, il {day}",
    "due.ask": "Chiedi all’admin della tua organizzazione di rinnovare: basta che apra il suo ufficio.",
    "due.office": "L’admin dell’organizzazione rinnova aprendo l’ufficio: fairwitness admin",
    "due.renew": "Rinnova",
    "due.renewing": "Rinnovo …",
    "due.renewed": "Rinnovato: firmato e pubblicato.",
    "due.kept": "Non c’era nulla da rinnovare.",
    "keys.of": "Chiavi e dispositivi di {name}",
    "keys.own": "Sei parole della chiave",
    "keys.holds": "Valido dal {since}, fino a revoca",
    "keys.revoked": "Revocato dal {since}",
    "keys.person.holds": "Chiave valida fino a revoca.",
    "keys.person.revoked": "Tutte le chiavi sono revocate dal {since}. Per continuare, {name} si iscrive di nuovo.",
    "keys.devices.none": "Non si conosce nessun dispositivo.",
    "keys.devices.why": "Come li elenca la piattaforma. Un dispositivo che tace si ferma revocando tutte le chiavi.",
    "keys.seen": "Ultima controfirma: {when}",
    "keys.seen.never": "Non ne è stato ancora controfirmato nulla.",
    "keys.words": "Sei parole di questo dispositivo: {words}",
    "keys.revoke": "Revoca …",
    "keys.revoke.name": "Revoca {device} di {name} …",
    "keys.earlier": "Da un momento precedente …",
    "keys.earlier.name": "Revoca {device} di {name} da un momento precedente …",
    "keys.earlier.all": "Tutte da un momento precedente …",
    "keys.revoke.all": "Revoca tutte le chiavi …",
    "keys.remove": "Togli {name} …",
    "state.none": "nessuno",
    "state.revoked": "revocate",
    "state.devices.one": "{number} dispositivo",
    "state.devices.more": "{number} dispositivi",
    "state.some": "{devices}, revocati: {revoked}",
    "column.state": "Chiavi",
    "revoke.title": "Revocare un dispositivo di {name}",
    "revoke.title.all": "Revocare tutte le chiavi di {name}",
    "revoke.lost": "Perso, rotto o sostituito: solo «{device}»",
    "revoke.stolen": "Rubato, o usato da altri: tutte le chiavi di {name}",
    "revoke.stolen.why": (
        "Ogni dispositivo di {name} contiene anche le chiavi di {name}. Chi potesse aprire questo potrebbe creare altri "
        "dispositivi a nome di {name}: allora devono andare tutte le chiavi, su tutti i dispositivi."
    ),
    "revoke.now": "Da adesso",
    "revoke.since": "Dal",
    "revoke.since.why": (
        "L’ultimo momento in cui era di certo nelle mani di {name}. Le sessioni si giudicano da quando sono state "
        "controfirmate."
    ),
    "revoke.signs": "Ecco che cosa firmi, come nuova versione dell’elenco:",
    "revoke.signs.device": "«{device}» di {name} ({words}) è revocato dal {since}.",
    "revoke.signs.device.now": "«{device}» di {name} ({words}) è revocato da adesso.",
    "revoke.signs.person": "La chiave di {name} ({words}) è revocata dal {since}, e con lei ogni dispositivo.",
    "revoke.signs.person.now": "La chiave di {name} ({words}) è revocata da adesso, e con lei ogni dispositivo.",
    "revoke.signs.epoch": "{projects}: una nuova chiave di revisione, che la chiave revocata non apre.",
    "revoke.means": "Che cosa comporta:",
    "revoke.stands": (
        "Le sessioni la cui ultima controfirma è prima del {since} restano valide: si decidono e si pagano come sempre."
    ),
    "revoke.stands.now": "Tutto ciò che è stato controfirmato finora resta valido: si decide e si paga come sempre.",
    "revoke.fails": (
        "Le sessioni controfirmate il {since} o dopo, anche una sola volta, non superano più la verifica, per intero. Le "
        "loro ore vanno regolate con {name} per altra via."
    ),
    "revoke.fails.now": (
        "Una sessione che è in corso ora non riceve più controfirme; ciò che ne è stato controfirmato finora resta valido."
    ),
    "revoke.offline": "Una sessione mai controfirmata si giudica da quando la piattaforma l’ha ricevuta.",
    "revoke.unsent": (
        "Ciò che questo dispositivo non ha ancora inviato resta lì, e si può inviare quando è iscritto di nuovo con un "
        "nuovo link."
    ),
    "revoke.anew": "{name} si iscrive di nuovo con un nuovo link, e confrontate ancora sei parole.",
    "revoke.touched": "La piattaforma ne ha controfirmato qualcosa il {seen}: quella sessione non supera più la verifica.",
    "revoke.for-good": "Una revoca non si ritira. Più tardi si può aggiungere un momento precedente.",
    "sign.do": "Firma e pubblica",
    "sign.doing": "Firma e pubblicazione …",
    "leaving.title": "Togliere {name}",
    "leaving.signs": "Un elenco senza {name}: nessun ruolo, nessun progetto, nessun accesso.",
    "leaving.signs.epoch": "{projects}: una nuova chiave di revisione, che {name} non apre.",
    "leaving.unsent": (
        "Le sessioni che {name} non ha inviato non si potranno più inviare. Prima chiedi a {name} di inviare tutto ciò che "
        "aspetta."
    ),
    "leaving.stays": "Le sessioni inviate restano leggibili per i revisori di {projects}: {reviewers}.",
    "leaving.stays.nobody": "Le sessioni inviate restano sulla piattaforma. Ora nessuno è revisore di {projects}.",
    "leaving.own": "{name} conserva ciò che è sui propri computer, e può verificarlo e leggerlo come prima.",
    "leaving.reviewer": "Ciò che {name} ha preso da revisore resta leggibile a {name}; la piattaforma non dà più nulla.",
    "leaving.again": "Per tornare, {name} ha bisogno di un nuovo link, e confrontate ancora sei parole.",
    "directory.moved": "Intanto l’elenco è cambiato. Guarda di nuovo prima di firmare.",
    "epochs.tab": "Chiavi",
    "epochs.why": (
        "Le sessioni si sigillano per la chiave di revisione del loro progetto. Ogni chiave si usa al massimo 90 giorni, e "
        "una nuova comincia da sola ogni volta che i revisori cambiano."
    ),
    "epochs.none": "Non c’è ancora nessun progetto.",
    "epochs.holds": "Chiave {epoch}: in vigore dal {since}, scade il {until}",
    "epochs.over": "Nessuna chiave è in vigore: ciò che si sigilla aspetta sui computer dei trainer",
    "epochs.opens": "La aprono: {who}",
    "epochs.opens.nobody": "Nessuno può aprire ciò che si sigilla ora: questo progetto non ha revisori.",
    "epochs.before": "Chiavi precedenti",
    "epochs.before.none": "Non ce n’è nessuna prima.",
    "epochs.earlier": "Chiave {epoch}: dal {since} al {until}. La aprono: {who}",
    "epochs.empty": "Chiave {epoch}: dal {since} al {until}. Nata senza revisori, o finita: non viene più data a nessuno",
    "epochs.coming": "Chiave {epoch}: comincia il {since}",
    "epochs.begin": "Comincia una nuova chiave …",
    "epochs.begin.name": "Comincia una nuova chiave di revisione di {project} …",
    "epochs.begin.sure": (
        "Firmi una nuova chiave di revisione di {project}, che aprono: {who}. Ciò che si sigilla da ora è sigillato per "
        "lei; ciò che è stato sigillato prima resta leggibile com’è."
    ),
    "epochs.nobody": "nessuno",
    "epochs.grant": "Affida le precedenti a {name} …",
    "epochs.grant.name": "Affida le chiavi di revisione precedenti di {project} a {name} …",
    "epochs.grant.sure": (
        "Firmi che {name} apre le chiavi precedenti di {project} che tu puoi aprire: {epochs}. {name} potrà leggere ciò che "
        "è stato sigillato per quelle chiavi, e questo non si può annullare."
    ),
    "platform.title": "Le chiavi della piattaforma",
    "platform.when": (
        "Rinnovale una volta l’anno, o se qualcun altro può aver avuto la cartella della piattaforma o una sua copia di "
        "riserva. Da sole non scadono."
    ),
    "platform.renew": "Rinnova le chiavi della piattaforma …",
    "platform.window": "Rinnovare le chiavi della piattaforma",
    "platform.looking": "Chiedo alla piattaforma quali chiavi aspettano …",
    "platform.none": "Sulla piattaforma non aspettano chiavi nuove",
    "platform.unknown": "Non si è potuto sapere che cosa aspetta sulla piattaforma",
    "platform.how": (
        "Le chiavi nuove si fanno sul computer della piattaforma, con il suo account, mentre è in servizio. FOLDER è la sua "
        "cartella:"
    ),
    "platform.command": "Comando per il computer della piattaforma",
    "platform.how.then": "Mostra sei parole. Tienile a portata di mano e guarda di nuovo. Senza firma non cambia nulla.",
    "platform.again": "Guarda di nuovo",
    "platform.compare": "Le sei parole delle chiavi nuove della piattaforma",
    "platform.compare.ask": (
        "Il comando sul computer della piattaforma ha mostrato sei parole. Sono queste? Se non l’hai eseguito tu, chiedile "
        "a voce a chi l’ha fatto."
    ),
    "platform.names": "Chiavi nuove per: {names}.",
    "platform.key.grant": "permessi",
    "platform.key.receipt": "ricevute",
    "platform.key.witness": "controfirme",
    "platform.key.log": "il registro dell’organizzazione",
    "platform.differ": "Le parole sono diverse e non è stato firmato nulla",
    "platform.why": "Perché si rinnovano?",
    "platform.planned": "È ora: nessun altro ha avuto le vecchie",
    "platform.planned.means": (
        "Le sessioni permesse prima continuano con le chiavi vecchie; queste finiscono da sole, e nessuno perde nulla."
    ),
    "platform.stolen": "Qualcun altro può avere le vecchie",
    "platform.stolen.means": (
        "Le chiavi vecchie finiscono ora. Ciò che è stato controfirmato prima resta valido. Una sessione in corso non viene "
        "più controfirmata, e la sua registrazione lo dice. Una con un permesso vecchio, mai controfirmata, non si verifica "
        "più."
    ),
    "platform.done": (
        "Firmato e pubblicato: versione {version} dell’elenco. Da ora la piattaforma firma con le chiavi nuove."
    ),
    "invited.title": "Link che nessuno ha ancora usato",
    "invited.why": "Ognuno si può copiare ancora finché non è usato o scaduto. Chi lo usa aspetta che tu lo accolga.",
    "invited.until": "Apre fino al {until}",
    "invited.elsewhere": "È stato creato su un altro computer, e qui si può solo ritirare.",
    "invited.copy": "Copia ancora il link",
    "invited.copy.name": "Copia ancora il link di {name}",
    "invited.withdraw": "Ritiralo",
    "invited.withdraw.name": "Ritira il link di {name}",
    "invited.withdrawn": "Ritirato: il link non apre più nulla.",
}
"""Sentences by key."""
