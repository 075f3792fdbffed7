# SPDX-License-Identifier: Apache-2.0
"""Che cosa fare in ogni scrivania e a ogni comando. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "ai_tools.catalogue: the platform does not have the list of AI tools that this policy names. Publish it first: "
    "fairwitness catalogue publish FILE": (
        "ai_tools.catalogue: la piattaforma non ha l’elenco di strumenti di IA che queste regole indicano. Prima "
        "pubblicalo: fairwitness catalogue publish FILE"
    ),
    "file: there is one already, and none is overwritten; name another.": (
        "file: ne esiste già uno, e nessuno viene sovrascritto; indicane un altro."
    ),
    "file: the list of AI tools is no regular file of at most 1 MiB.": (
        "file: l’elenco di strumenti di IA non è un file regolare di al massimo 1 MiB."
    ),
    "file: the list of AI tools cannot be taken. {why}.": (
        "file: l’elenco di strumenti di IA non può essere accettato. {why}."
    ),
    "file: the list of AI tools takes {number} of {titles} ordinary titles for a tool; at most one in {most} may be. "
    "Such as: {some}.": (
        "file: l’elenco di strumenti di IA prende {number} di {titles} titoli comuni per uno strumento; può farlo al "
        "massimo uno su {most}. Per esempio: {some}."
    ),
    "the platform gave another catalogue than the one that the policy names": (
        "la piattaforma ha dato un elenco di strumenti di IA diverso da quello che le regole indicano"
    ),
    "a catalogue is not the one that the policy names": "un elenco di strumenti di IA non è quello che le regole indicano",
    "a catalogue on this machine is not the one that the policy names": (
        "un elenco di strumenti di IA su questo computer non è quello che le regole indicano"
    ),
    "keeping the organisation's catalogue": "il salvataggio dell’elenco di strumenti di IA",
    "tool: A tool that helps you work with your computer is not written into the record. You can say once, under Assistive "
    "tools, that you work with one: it stays on this computer.": (
        "strumento: uno strumento che ti aiuta a lavorare al computer non si scrive nella registrazione. In Strumenti "
        "assistivi puoi dire una volta che ne usi uno: resta su questo computer."
    ),
    "The list of sessions to send is damaged. Start Fair Witness again: it rebuilds the list by itself.": (
        "L’elenco delle sessioni da inviare è danneggiato. Avvia di nuovo Fair Witness: lo ricostruisce da solo."
    ),
    "This folder holds no session that was sealed for a platform. Review and seal it first.": (
        "In questa cartella non c’è una sessione sigillata per una piattaforma. Prima rivedila e sigillala."
    ),
    "A newer version of Fair Witness has used this folder. Install that version again.": (
        "Una versione più nuova di Fair Witness ha usato questa cartella. Installa di nuovo quella."
    ),
    "No such session waits here.": "Qui non aspetta nessuna sessione così.",
    "The platform has not confirmed this session, so this is its only copy. It stays.": (
        "La piattaforma non ha confermato questa sessione: questa è la sua unica copia. Resta."
    ),
    "The receipt in this session's folder does not verify, so the session stays.": (
        "La ricevuta nella cartella di questa sessione non supera la verifica: la sessione resta."
    ),
    "A session's receipt cannot be read. Check the permissions of its folder.": (
        "La ricevuta di una sessione non si legge. Controlla i permessi della sua cartella."
    ),
    "A session's files cannot be read. Check the permissions of its folder.": (
        "I file di una sessione non si leggono. Controlla i permessi della sua cartella."
    ),
    "This session's folder is gone or no longer sealed. Put it back, then send it again.": (
        "La cartella di questa sessione manca o non è più sigillata. Rimettila al suo posto, poi inviala di nuovo."
    ),
    "This session's files are damaged and were not sent: {fault}": (
        "I file di questa sessione sono danneggiati e non sono stati inviati: {fault}"
    ),
    "The platform's receipt does not verify: {fault}": "La ricevuta della piattaforma non supera la verifica: {fault}",
    "the session has no {name}": "la sessione non ha {name}",
    "receipt: its {field} is not that of the sealed session": (
        "ricevuta: il suo campo {field} non è quello della sessione sigillata"
    ),
    "the picture {digest}… is not what the record names": "l’immagine {digest}… non è quella che la voce nomina",
    "the picture {digest}… is gone without a removal": "l’immagine {digest}… manca senza una rimozione",
    "a file has {size} bytes, more than a platform takes": "un file ha {size} byte, più di quanti una piattaforma ne prenda",
    "the seal withholds a type that this version does not know": (
        "il sigillo trattiene un tipo che questa versione non conosce"
    ),
    "There is no session folder at {folder}.": "Non c’è una cartella di sessione in {folder}.",
    "Findings of this policy are on trial: they are shown to the trainer alone.": (
        "Le domande di questa regola sono in prova: le vede solo chi registra."
    ),
    "This command opens a window, and there is no display here (DISPLAY is not set). Run it on a desktop, or use "
    "`fairwitness record` and `fairwitness replay PATH --png FILE`.": (
        "Questo comando apre una finestra, e qui non c’è uno schermo (DISPLAY non è impostato). Eseguilo su un "
        "desktop, o usa "
        "`fairwitness record` e `fairwitness replay PATH --png FILE`."
    ),
    "Not enrolled. Ask your organisation for its six words, and for a new link if they differ.": (
        "Non iscritto. Chiedi alla tua organizzazione le sue sei parole, e un nuovo link se sono diverse."
    ),
    "The folder {folder} is not empty. Please name a new one with --out.": (
        "La cartella {folder} non è vuota. Indicane una nuova con --out."
    ),
    "The recording ended without a word.": "La registrazione è finita senza dire nulla.",
    "The recording did not end well. It said: {said}": "La registrazione non è finita bene. Ha detto: {said}",
    "The recording did not end in time. This machine may be too busy.": (
        "La registrazione non è finita in tempo. Forse questo computer è troppo occupato."
    ),
    "The tray could not be shown. Try `fairwitness demo --headless`.": (
        "L’icona non si può mostrare. Prova `fairwitness demo --headless`."
    ),
    "The virtual display did not start within 20 s. Is Xvfb able to run here?": (
        "Lo schermo virtuale non si è avviato entro 20 s. Xvfb può funzionare qui?"
    ),
    "The virtual display ended at once. Please run `Xvfb -displayfd 1` by hand and read what it says.": (
        "Lo schermo virtuale è finito subito. Esegui `Xvfb -displayfd 1` a mano e leggi che cosa dice."
    ),
    "The program {name} is missing. `./run` installs it when it may.": (
        "Manca il programma {name}. `./run` lo installa quando può."
    ),
    "The window {name} of the demonstration is gone.": "La finestra {name} della dimostrazione non c’è più.",
    "The window {name} of the demonstration did not appear.": "La finestra {name} della dimostrazione non è comparsa.",
    "A session is running already.": "Una sessione è già in corso.",
    "The notice of this project's policy was not read yet.": "L’avviso di questo progetto non è stato ancora letto.",
    "Please stop the running session before this computer joins an organisation.": (
        "Ferma la sessione in corso prima che questo computer entri in un’organizzazione."
    ),
    "This computer belongs to an organisation already.": "Questo computer appartiene già a un’organizzazione.",
    "This computer belongs to no organisation.": "Questo computer non appartiene a nessuna organizzazione.",
    "Fair Witness is still starting. Please try again in a moment.": (
        "Fair Witness si sta ancora avviando. Riprova tra un momento."
    ),
    "No session is running.": "Nessuna sessione è in corso.",
    "Your administrator settled which organisation this computer may join. Its six words are: {words}. This link leads to "
    "another one.": (
        "L’amministratore ha stabilito in quale organizzazione questo computer può entrare. Le sue sei parole "
        "sono: {words}. "
        "Questo link porta a un’altra."
    ),
    "The settings that your administrator made for this computer cannot be used ({path}: {reason}). Please tell them.": (
        "Le impostazioni che l’amministratore ha dato a questo computer non si possono usare ({path}: {reason}). Diglielo."
    ),
    "The organisation's root key is not on this computer. Use the computer that founded it.": (
        "La chiave radice dell’organizzazione non è su questo computer. Usa quello che l’ha fondata."
    ),
    "Where is your organisation's platform? Say it once: fairwitness admin --platform ADDRESS": (
        "Dov’è la piattaforma della tua organizzazione? Dillo una volta: fairwitness admin --platform ADDRESS"
    ),
    "person: somebody who is invited has an identifier.": "persona: chi è invitato ha un identificativo.",
    "roles: somebody who is invited has at least one role.": "ruoli: chi è invitato ha almeno un ruolo.",
    "project: a project has an identifier.": "progetto: un progetto ha un identificativo.",
    "person: “{person}” is not among those who wait.": "persona: “{person}” non è tra chi aspetta.",
    "person: the directory has no “{person}”.": "persona: nell’elenco non c’è “{person}”.",
    "roles: {role} is none of {roles}.": "ruoli: {role} non è tra {roles}.",
    "projects: the directory has no project “{project}”.": "progetti: nell’elenco non c’è il progetto “{project}”.",
    "roles: without an admin nobody could ever change this directory again.": (
        "ruoli: senza un amministratore nessuno potrebbe più cambiare questo elenco."
    ),
    "This folder holds no policy: it is not a session, or not all of one.": (
        "Questa cartella non ha una regola: non è una sessione, o non lo è per intero."
    ),
    "--root: a fingerprint has 64 hexadecimal digits.": "--root: un’impronta ha 64 cifre esadecimali.",
    "--project: this device is not enrolled, so the session is a personal one without a project.": (
        "--project: questo dispositivo non è iscritto, quindi la sessione è personale e senza progetto."
    ),
    "--project: choose one of yours: {projects}.": "--project: scegline uno dei tuoi: {projects}.",
    "Nothing was recorded. Ask your organisation about what is unclear in the notice.": (
        "Nulla è stato registrato. Chiedi alla tua organizzazione che cosa nell’avviso non è chiaro."
    ),
    "Your organisation has given you no project yet. Ask its admin.": (
        "La tua organizzazione non ti ha ancora dato un progetto. Chiedi al suo amministratore."
    ),
    "The policy of this project is not on this computer yet. Connect to the network once and retry.": (
        "La regola di questo progetto non è ancora su questo computer. Collegati una volta alla rete e riprova."
    ),
    "This device is not enrolled with an organisation. Ask yours for an enrolment link: fairwitness enroll 'LINK'": (
        "Questo dispositivo non è iscritto a un’organizzazione. Chiedi alla tua un link di iscrizione: "
        "fairwitness enroll 'LINK'"
    ),
    "finding: record {finding} of this session is no finding that you can open.": (
        "domanda: la voce {finding} di questa sessione non è una domanda che puoi aprire."
    ),
    "finding: record {finding} asks nothing, so there is nothing to decide.": (
        "domanda: la voce {finding} non chiede nulla, quindi non c’è nulla da decidere."
    ),
    "finding: this session has no such finding.": "domanda: questa sessione non ha una domanda così.",
    "outcome: it is one of {outcomes}.": "esito: è uno tra {outcomes}.",
    "session: it is not on this computer yet. Open it from the list first.": (
        "sessione: non è ancora su questo computer. Prima aprila dall’elenco."
    ),
    "Your organisation has not made you a reviewer of any project. Ask its admin to give you this role for a project.": (
        "La tua organizzazione non ti ha dato la revisione di nessun progetto. Chiedi all’amministratore questo "
        "ruolo per uno."
    ),
    "decision: there is no such decision on this session.": "decisione: su questa sessione non c’è una decisione così.",
    "text: an answer has words.": "testo: una risposta ha parole.",
    "text: at most 4096 characters ({reason}).": "testo: al massimo 4096 caratteri ({reason}).",
    "{field}: please write some words.": "{field}: scrivi qualche parola.",
    "{field}: {count} characters are more than the {most} that fit. Please shorten it.": (
        "{field}: {count} caratteri sono più dei {most} che ci stanno. Accorcia il testo."
    ),
    "This session does not wait for your review any more.": "Questa sessione non aspetta più la tua revisione.",
    "This session is being sealed: nothing can be added to it any more.": (
        "Questa sessione si sta sigillando: non vi si può aggiungere più nulla."
    ),
    "seq: there is no such screenshot any more.": "seq: questa schermata non c’è più.",
    "Your key is missing on this computer. Ask your organisation for a new enrolment link.": (
        "La tua chiave manca su questo computer. Chiedi alla tua organizzazione un nuovo link di iscrizione."
    ),
    "This device's token is missing. Ask your organisation for a new enrolment link.": (
        "Il gettone di questo dispositivo manca. Chiedi alla tua organizzazione un nuovo link di iscrizione."
    ),
    "What this computer keeps of your organisation is damaged (the folder `organisation` of Fair Witness). Ask your "
    "organisation for a new enrolment link; your sessions are not touched by this.": (
        "Ciò che questo computer tiene della tua organizzazione è danneggiato (la cartella `organisation` di Fair Witness). "
        "Chiedi alla tua organizzazione un nuovo link di iscrizione; le tue sessioni non ne sono toccate."
    ),
    "Fair Witness met a fault of its own and records nothing now. What was recorded is safe. Please start it again; the log "
    "says where it happened.": (
        "Fair Witness ha avuto un guasto suo e ora non registra nulla. Ciò che è registrato è al sicuro. Avvialo "
        "di nuovo; il "
        "log dice dove è successo."
    ),
    "Fair Witness is running already for you on this computer. Use that one, or stop it first.": (
        "Fair Witness è già in funzione per te su questo computer. Usa quello, o prima fermalo."
    ),
}
