# SPDX-License-Identifier: Apache-2.0
"""Ciò che la piattaforma, la rete o il link di iscrizione hanno di sbagliato. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "The time for which decisions on this session are kept is over: nothing more is decided on it.": (
        "Il tempo per cui si conservano le decisioni su questa sessione è passato: non vi si decide più nulla."
    ),
    "Your organisation no longer keeps the questions of this session, nor what was decided: nothing is added to it.": (
        "La tua organizzazione non conserva più le domande di questa sessione, né ciò che fu deciso: non vi si aggiunge "
        "nulla."
    ),
    "revocations: one that is in force is missing, or was made later. A revocation stays.": (
        "revocations: una revoca in vigore manca, o è stata spostata a più tardi. Una revoca rimane."
    ),
    "its log keeps back what was said about a session, and no removal of the organisation says why": (
        "il suo registro trattiene ciò che fu detto su una sessione, e nessuna rimozione dell’organizzazione dice perché"
    ),
    "Somebody has used this code already: look at who waits to be signed in.": (
        "Qualcuno ha già usato questo codice: guarda chi attende di essere accolto."
    ),
    "The platform contradicts itself: {detail}. What it gave is kept on this computer, as evidence. Recording "
    "and sending go "
    "on. Tell your organisation's admin about it, by another way than the platform.": (
        "La piattaforma si contraddice: {detail}. Ciò che ha dato è conservato su questo computer, come prova. "
        "La registrazione "
        "e l’invio continuano. Dillo all’amministratore della tua organizzazione, per una via diversa dalla piattaforma."
    ),
    "The platform contradicts itself: {detail}. The disk does not take what it gave, which is held in memory, as evidence, "
    "until this program ends: make room on the disk now. Recording and sending go on. Tell your organisation's admin about "
    "it, by another way than the platform.": (
        "La piattaforma si contraddice: {detail}. Il disco non accetta ciò che ha dato, che resta in memoria, come prova, "
        "finché questo programma non termina: libera ora spazio sul disco. La registrazione e l’invio continuano. Dillo "
        "all’amministratore della tua organizzazione, per una via diversa dalla piattaforma."
    ),
    "it gave two programs of this computer different directories of version {version}": (
        "ha dato a due programmi di questo computer elenchi diversi della versione {version}"
    ),
    "it gives a directory that cannot follow the one that is held ({reason})": (
        "dà un elenco dell’organizzazione che non può seguire quello già tenuto ({reason})"
    ),
    "the head of the organisation log that it gives is none ({reason})": (
        "la testa del registro dell’organizzazione che dà non è valida ({reason})"
    ),
    "entry {index} of its log is a directory that the root key did not sign": (
        "la voce {index} del suo registro è un elenco che la chiave radice non ha firmato"
    ),
    "a statement names a log of {size} entries that is no part of the log shown here: forked": (
        "una dichiarazione nomina un registro di {size} voci che non è parte di quello mostrato qui: biforcato"
    ),
    "a statement that it gives is not in the organisation log": (
        "una dichiarazione che dà non è nel registro dell’organizzazione"
    ),
    "it names, as countersigned last, a checkpoint that the session never signed": (
        "nomina, come controfirmato per ultimo, un punto di controllo che la sessione non ha mai firmato"
    ),
    "the time of its countersignature lies before that of the grant, or of the one before it": (
        "l’ora della sua controfirma viene prima di quella dell’autorizzazione, o della controfirma precedente"
    ),
    "The platform has no room for more of your sessions. Nothing is lost: this one stays on this computer, and goes up by "
    "itself once there is room. Ask your organisation's admin to make some.": (
        "La piattaforma non ha posto per altre tue sessioni. Nulla è perso: questa resta su questo computer e parte da sola "
        "quando c’è posto. Chiedi all’amministratore della tua organizzazione di farne."
    ),
    "The platform holds another seal for this session, and takes one only. Keep this copy and ask your organisation's "
    "admin.": (
        "La piattaforma ha un altro sigillo per questa sessione, e ne prende uno solo. Conserva questa copia e chiedi "
        "all’amministratore della tua organizzazione."
    ),
    "The platform asks for files that this session does not have. Ask your organisation's admin.": (
        "La piattaforma chiede file che questa sessione non ha. Chiedi all’amministratore della tua organizzazione."
    ),
    "The platform says again and again that files are missing. It will be tried again by itself.": (
        "La piattaforma dice più volte che mancano dei file. Si riproverà da sé."
    ),
    "A file arrived changed. It will be sent again by itself.": "Un file è arrivato alterato. Sarà inviato di nuovo da sé.",
    "A file of this session is larger than the platform, or a proxy before it, lets through. Nothing is lost: it stays on "
    "this computer, and goes up by itself once that is allowed. Ask your organisation's admin to raise the limit.": (
        "Un file di questa sessione è più grande di quanto la piattaforma, o un proxy davanti a essa, lascia passare. Nulla "
        "è perso: resta su questo computer e parte da solo quando è consentito. Chiedi all’amministratore della tua "
        "organizzazione di alzare il limite."
    ),
    "log.note: what this computer kept of the organisation log is damaged. Tell your organisation's admin, then move that "
    "file out of the folder organisation of Fair Witness.": (
        "log.note: ciò che questo computer conservava del registro dell’organizzazione è danneggiato. Dillo "
        "all’amministratore della tua organizzazione, poi sposta quel file fuori dalla cartella organisation di Fair "
        "Witness."
    ),
    "its receipt has no place in the organisation log": "la sua ricevuta non ha posto nel registro dell’organizzazione",
    "it lists the log's entries out of order": "elenca le voci del registro in disordine",
    "entry {index} of the organisation log is not what it says": (
        "la voce {index} del registro dell’organizzazione non è ciò che dice di essere"
    ),
    "entry {index} of the organisation log is no statement": (
        "la voce {index} del registro dell’organizzazione non è una dichiarazione"
    ),
    "entry {index} of its log names {size} entries, and there were not as many before it": (
        "la voce {index} del suo registro nomina {size} voci, e prima di essa non ce n’erano tante"
    ),
    "its log has {size} entries, and had {held} when it was last seen: rolled back": (
        "il suo registro ha {size} voci, e ne aveva {held} l’ultima volta: riportato indietro"
    ),
    "its log does not continue the {size} entries that were seen before: forked": (
        "il suo registro non continua le {size} voci già viste: biforcato"
    ),
    "its receipt does not verify ({reason})": "la sua ricevuta non supera la verifica ({reason})",
    "the platform does not give statement {digest}… any more, as it did before": (
        "la piattaforma non dà più la dichiarazione {digest}…, come faceva prima"
    ),
    "its log holds a decision or reply on a session that it does not give with it": (
        "il suo registro contiene una decisione o una risposta su una sessione che non dà con essa"
    ),
    "its log holds a decision or reply on one of your sessions that it does not tell of": (
        "il suo registro contiene una decisione o una risposta su una tua sessione di cui non dice nulla"
    ),
    "it tells of a statement as entry {index} of its log, and it is entry {place}: reordered": (
        "dà una dichiarazione come voce {index} del suo registro, ed è la voce {place}: riordinata"
    ),
    "The platform told of a decision or reply that does not count, and it was left out: {fault}.": (
        "La piattaforma ha dato una decisione o una risposta che non vale, ed è stata lasciata fuori: {fault}."
    ),
    "The platform does not know this device any more. Enrol it again with a new link from your organisation.": (
        "La piattaforma non conosce più questo dispositivo. Iscrivilo di nuovo con un nuovo link della tua organizzazione."
    ),
    "The platform does not allow this to your role. Ask your organisation's admin.": (
        "La piattaforma non lo consente al tuo ruolo. Chiedi all’amministratore della tua organizzazione."
    ),
    "The network's proxy asks for a password. Set it in the system's network settings.": (
        "Il proxy della rete chiede una password. Impostala nelle impostazioni di rete del sistema."
    ),
    "The platform did not get the whole request in time. Check the network.": (
        "La piattaforma non ha ricevuto in tempo l’intera richiesta. Controlla la rete."
    ),
    "The platform finds this file too large. Ask your organisation's admin to raise the limit.": (
        "Per la piattaforma questo file è troppo grande. Chiedi all’amministratore di alzare il limite."
    ),
    "The platform asks to wait a little before the next try.": (
        "La piattaforma chiede di aspettare un poco prima di riprovare."
    ),
    "The platform cannot be reached. Check the network; it will be tried again by itself.": (
        "La piattaforma non si raggiunge. Controlla la rete; il tentativo si ripete da solo."
    ),
    "The connection to the platform cannot be trusted. Check this machine's clock, and whether the network wants "
    "a sign-in.": (
        "Il collegamento alla piattaforma non è affidabile. Controlla l’orologio del computer, e se la rete "
        "chiede un accesso."
    ),
    "The platform did not answer in time. It will be tried again by itself.": (
        "La piattaforma non ha risposto in tempo. Il tentativo si ripete da solo."
    ),
    "The connection broke off inside an answer. It will be tried again by itself.": (
        "Il collegamento si è interrotto dentro una risposta. Il tentativo si ripete da solo."
    ),
    "What answered does not speak as the platform does. Check the platform's address and the proxy.": (
        "Chi ha risposto non parla come la piattaforma. Controlla l’indirizzo della piattaforma e il proxy."
    ),
    "The platform's address must be https:// and a name, and no more. Copy it from the enrolment link.": (
        "L’indirizzo della piattaforma è https:// e un nome, e nient’altro. Copialo dal link di iscrizione."
    ),
    "The platform's address must not hold a user name. Copy it again from the enrolment link.": (
        "L’indirizzo della piattaforma non contiene un nome utente. Copialo di nuovo dal link di iscrizione."
    ),
    "The platform's address must begin with https://, since what is sent is private.": (
        "L’indirizzo della piattaforma deve cominciare con https://, perché ciò che si invia è privato."
    ),
    "The platform's address cannot be read. Copy it again from the enrolment link.": (
        "L’indirizzo della piattaforma non si legge. Copialo di nuovo dal link di iscrizione."
    ),
    "The device's token is damaged. Enrol it again with a new link from your organisation.": (
        "Il gettone del dispositivo è danneggiato. Iscrivilo di nuovo con un nuovo link della tua organizzazione."
    ),
    "This is no enrolment link: it begins with fairwitness:enrol. Copy the whole of it.": (
        "Questo non è un link di iscrizione: comincia con fairwitness:enrol. Copialo per intero."
    ),
    "The enrolment link is not whole. Copy all of it, from fairwitness: to its end. "
    "In a terminal it stands between two ', or else the shell cuts it.": (
        "Il link di iscrizione non è intero. Copialo tutto, da fairwitness: alla fine. In un terminale sta fra due ', "
        "altrimenti la shell lo taglia."
    ),
    "The enrolment link is damaged: {part}. Copy it again, or ask for a new one.": (
        "Il link di iscrizione è danneggiato: {part}. Copialo di nuovo, o chiedine uno nuovo."
    ),
    "the platform does not know the token that it gave; ask your admin for a new link": (
        "la piattaforma non conosce il gettone che ha dato; chiedi un nuovo link all’amministratore"
    ),
    "This platform is another organisation's. The link names the root key “{named}”, the platform shows "
    "“{shown}”. Do not go "
    "on; tell your organisation's admin.": (
        "Questa piattaforma è di un’altra organizzazione. Il link nomina la chiave radice “{named}”, la piattaforma mostra "
        "“{shown}”. Non proseguire; dillo all’amministratore della tua organizzazione."
    ),
    "the platform's answer to the enrolment is not what it must be": (
        "la risposta della piattaforma all’iscrizione non è come deve essere"
    ),
    "the platform's answer is not what it must be": "la risposta della piattaforma non è come deve essere",
    "the platform gave other bytes than the session names, twice: {digest}…": (
        "la piattaforma ha dato due volte byte diversi da quelli che la sessione nomina: {digest}…"
    ),
    "the platform gave the seal of another session": "la piattaforma ha dato il sigillo di un’altra sessione",
    "another seal of this session lies here already; the platform may give only one": (
        "qui c’è già un altro sigillo di questa sessione; la piattaforma può darne uno solo"
    ),
    "the platform gave a decision or reply that does not count: {fault}": (
        "la piattaforma ha dato una decisione o una risposta che non vale: {fault}"
    ),
    "A session's identifier is 32 characters from 0-9 and a-f. Copy it from the list.": (
        "L’identificativo di una sessione ha 32 caratteri tra 0-9 e a-f. Copialo dall’elenco."
    ),
    "Stopped. What came so far is kept, and the next try goes on from there.": (
        "Fermato. Ciò che è arrivato resta, e il prossimo tentativo prosegue da lì."
    ),
    "There are a thousand damaged lists of sessions in this folder. Delete the files named damaged.": (
        "In questa cartella ci sono mille elenchi di sessioni danneggiati. Cancella i file di nome damaged."
    ),
    "another number of grants than asked for": "un numero di autorizzazioni diverso da quello chiesto",
    "the directory on this machine is another organisation's": "l’elenco su questo computer è di un’altra organizzazione",
    "the directory is signed by another root key than the one that the enrolment link names": (
        "l’elenco è firmato da una chiave radice diversa da quella che il link di iscrizione nomina"
    ),
    "a policy on this machine is not the one that the directory names": (
        "una regola su questo computer non è quella che l’elenco nomina"
    ),
    "a policy is not the one that the directory names": "una regola non è quella che l’elenco nomina",
    "not a list of grants": "non è un elenco di autorizzazioni",
    "a grant names another organisation, session, project, session key or device": (
        "un’autorizzazione nomina un’altra organizzazione, sessione, chiave di sessione, un altro progetto o dispositivo"
    ),
    "a grant was given under a directory that was not in force, so its session would not verify": (
        "un’autorizzazione è data sotto un elenco non in vigore: la sua sessione non supererebbe la verifica"
    ),
    "it is of another log than this organisation's": "è di un registro diverso da quello di questa organizzazione",
    "it is not cosigned by the witness that the directory names": "non è controfirmato dal testimone che l’elenco nomina",
    "the platform's list of statements is not in the order of its log": (
        "l’elenco delle dichiarazioni della piattaforma non è nell’ordine del suo registro"
    ),
    "the platform gave a statement that is neither a decision nor a reply about this session": (
        "la piattaforma ha dato una dichiarazione che non è né decisione né risposta su questa sessione"
    ),
    "the platform gave a statement without the directory that it was taken under": (
        "la piattaforma ha dato una dichiarazione senza l’elenco sotto cui è stata presa"
    ),
    "the platform gave another policy than the one that the directory names": (
        "la piattaforma ha dato una regola diversa da quella che l’elenco nomina"
    ),
    "the keys that the platform shows for “{person}” do not belong together": (
        "le chiavi che la piattaforma mostra per “{person}” non vanno insieme"
    ),
    "the keys of “{person}” are others than those whose six words were shown; compare again": (
        "le chiavi di “{person}” non sono quelle di cui si sono mostrate le sei parole; confronta di nuovo"
    ),
    "the witness names another size each time it is asked": "il testimone nomina ogni volta una misura diversa",
    "the witness cosigned records of ours that are not here": (
        "il testimone ha controfirmato nostre voci che qui non ci sono"
    ),
    "the witness named a note of another session": "il testimone ha nominato una nota di un’altra sessione",
    "there is not one cosignature of the witness that the directory names": (
        "non c’è una sola controfirma del testimone che l’elenco nomina"
    ),
}
