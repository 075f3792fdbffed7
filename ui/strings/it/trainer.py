# SPDX-License-Identifier: Apache-2.0
"""The trainer's side, in Italian."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "tray.name": "Fair Witness",
    "state.trainer.idle": "Nessuna registrazione",
    "state.trainer.starting": "Avvio …",
    "state.trainer.recording": "Registrazione in corso",
    "state.trainer.paused": "In pausa",
    "state.trainer.private": "Tempo privato",
    "state.trainer.stopping": "Chiusura della sessione …",
    "state.trainer.problem": "C’è un ostacolo",
    "state.trainer.offline": "{state}, non in rete",
    "why.idle": "Non si osserva nulla. Una sessione comincia solo quando la avvii tu.",
    "why.starting": "Un momento.",
    "why.recording": "La sessione viene registrata su questo computer. Nulla parte finché non l’hai sigillata.",
    "why.paused": "Non si osserva nulla finché non riprendi. La pausa resta registrata come pausa.",
    "why.private": "Non si osserva nulla finché non riprendi. Resta registrato come tempo privato, senza motivo.",
    "why.stopping": "Non si osserva più nulla. La registrazione viene completata.",
    "why.problem": "Non si osserva nulla.",
    "tray.time": "{project}: {length} di lavoro",
    "tray.time.personal": "{length} di lavoro",
    "do.start": "Avvia",
    "do.start.project": "Avvia: {project}",
    "do.start.personal": "Avvia una sessione personale",
    "do.pause": "Pausa",
    "do.private": "Tempo privato",
    "do.resume": "Riprendi",
    "do.stop": "Termina",
    "do.declare": "Ho usato uno strumento …",
    "do.assistance": "Strumenti assistivi …",
    "do.note": "Aggiungi una nota …",
    "do.window": "Apri Fair Witness",
    "do.review": "Riguarda",
    "do.look": "Apri",
    "do.send-now": "Invia ora",
    "do.join": "Entra in un’organizzazione …",
    "do.quit": "Esci",
    "do.save": "Salva",
    "do.add": "Aggiungi alla registrazione",
    "today.unobserved": "Ora non osservato",
    "today.offline": "La piattaforma non è raggiungibile. Il lavoro viene registrato qui e sarà inviato più tardi.",
    "contradicted.directory": "La piattaforma si contraddice su chi appartiene alla tua organizzazione e con quali regole.",
    "contradicted.log": "La piattaforma si contraddice su ciò che il registro della tua organizzazione contiene.",
    "contradicted.receipt": "La piattaforma si contraddice su ciò che ha confermato delle tue sessioni.",
    "contradicted.statement": "La piattaforma si contraddice su decisioni o risposte sulle tue sessioni.",
    "contradicted.witness": "La piattaforma si contraddice su ciò che ha controfirmato delle tue sessioni.",
    "contradicted.other": "La piattaforma contraddice ciò che ha dato prima.",
    "contradicted.kept": (
        "Ciò che ha dato è conservato su questo computer come prova, nella cartella organisation/evidence di "
        "Fair Witness. La registrazione continua e le tue ore valgono. Dillo all’amministratore della tua "
        "organizzazione, per una via diversa dalla piattaforma."
    ),
    "contradicted.unkept": (
        "Il disco non accetta ciò che ha dato, che è una prova: resta in memoria finché Fair Witness non termina. Prima di "
        "allora libera spazio sul disco. La registrazione continua e le tue ore valgono. Dillo all’amministratore della tua "
        "organizzazione, per una via diversa dalla piattaforma."
    ),
    "today.ask": (
        "Questo progetto chiede di dichiarare l’uso di strumenti di IA. Se ne hai usato uno, aggiungilo alla registrazione."
    ),
    "today.begun": "Hai iniziato a scrivere qualcosa e non l’hai aggiunto alla registrazione. È solo su questo computer.",
    "today.begun.do": "Continua a scrivere …",
    "today.sessions": "Le tue sessioni",
    "today.sessions.none": (
        "Ancora nessuna sessione. Scegli Avvia quando cominci a lavorare; vedrai tutto prima di chiunque altro."
    ),
    "today.sessions.yet": "Ancora nessuna sessione.",
    "today.sessions.running": (
        "Nessuna sessione precedente. Quella in corso arriva qui quando la termini, perché tu la riguardi."
    ),
    "today.personal": (
        "Questo computer non appartiene a nessuna organizzazione: le sessioni sono personali, firmate con le "
        "tue chiavi, e non partono."
    ),
    "today.waits": (
        "La tua organizzazione non ti ha ancora accolto. Potrai avviare appena lo farà; questa finestra lo mostrerà."
    ),
    "today.organisation": "{organisation}, come {person}",
    "today.quit": "C’è una sessione in corso. Terminarla e uscire? Al prossimo avvio attenderà che tu la riguardi.",
    "today.quit.do": "Termina ed esci",
    "today.quit.stay": "Continua a registrare",
    "stage.review": "Attende che tu la riguardi",
    "stage.held": "Sigillata; trattenuta fino alle {time}",
    "stage.waiting": "In attesa di invio",
    "stage.sending": "Invio in corso: {done} di {of}",
    "stage.confirmed": "Confermata dalla piattaforma",
    "stage.refused": "Non accettata dalla piattaforma",
    "stage.kept": "Sigillata; conservata su questo computer",
    "card.overlap": "Di questo tempo, {length} sono contati in un’altra tua sessione, cominciata prima.",
    "card.title": "{date}, {length} di lavoro",
    "card.unread.one": "{number} nuova decisione",
    "card.unread.more": "{number} nuove decisioni",
    "card.personal": "Personale",
    "size.kb": "{number} kB",
    "size.mb": "{number} MB",
    "notice.read": "Ho letto",
    "notice.agree": "Acconsento",
    "notice.disagree": "Non acconsento",
    "notice.later": "Non ora",
    "notice.window": "Informativa prima della prima sessione",
    "form.begun": (
        "Avevi iniziato queste parole e non le hai aggiunte. Ciò che aggiungi ora entra nella sessione in corso."
    ),
    "declare.title": "Uno strumento che hai usato",
    "declare.why": (
        "Ciò che scrivi qui entra nella registrazione, e i revisori di questo progetto possono leggerlo. È per gli "
        "strumenti di IA e simili. Uno strumento che ti aiuta a lavorare al computer non va qui: di’ che ne hai uno in "
        "Strumenti assistivi, che resta su questo computer."
    ),
    "declare.tool": "Quale strumento",
    "declare.purpose": "A che scopo",
    "declare.tool.hint": "Per esempio: ChatGPT, DeepL",
    "assistance.title": "Strumenti assistivi",
    "assistance.why": (
        "Dillo una volta, se è così; non serve dire quale. Resta su questo computer: non entra in nessuna sessione, e non "
        "va a nessuno."
    ),
    "assistance.assistive": "Uno strumento scrive, punta o sceglie per me",
    "assistance.assistive.hint": (
        "Dettatura, un metodo di immissione, abbreviazioni che si espandono, un programma che riassegna i tasti, "
        "stenografia, una tastiera sullo schermo, sensori, o cose simili."
    ),
    "assistance.remote": "Lavoro attraverso un desktop remoto, o condivido tastiera e mouse",
    "assistance.then": (
        "Finché una di queste è segnata, sulle tue sessioni non si pone nessuna domanda: ognuna resta non valutata. I "
        "revisori leggono solo questo, come quando si è scritto troppo poco, e mai il perché. Vale per le sessioni da ora "
        "in poi, e per quella in corso."
    ),
    "note.title": "Una nota nella registrazione",
    "note.why": (
        "Parole tue in questo momento. I revisori di questo progetto possono leggerle una volta sigillata la sessione."
    ),
    "note.text": "Nota",
    "review.window": "Riguarda la sessione",
    "review.window.sealed": "La tua sessione sigillata",
    "review.before": "Questo è tutto ciò che è stato registrato. Nulla parte finché non la sigilli.",
    "review.before.personal": "Questo è tutto ciò che è stato registrato. Resta su questo computer.",
    "review.seal": "Sigilla …",
    "review.seal.sure": "Dopo il sigillo nulla si può più cambiare. Va ai revisori di {project}, {when}.",
    "review.seal.sure.personal": "Dopo il sigillo nulla si può più cambiare. La sessione resta su questo computer.",
    "review.seal.when": "dopo un’attesa di {length} (puoi inviarla prima)",
    "review.seal.now": "subito",
    "review.seal.do": "Sigilla questa sessione",
    "review.seal.back": "Non ancora",
    "review.sealing": "Sigillo in corso …",
    "review.sealed": "Fatto. {stage}.",
    "show.open": "Mostralo ai revisori …",
    "show.title": "Mostra qualcosa ai revisori",
    "show.why": (
        "Una parte di questa sessione resta a te: è registrata e non cambia più, ma i revisori di {project} non possono "
        "leggerla. Se risponde a una domanda, puoi farla leggere."
    ),
    "show.finding": "Ciò su cui poggia questa domanda",
    "show.moment": "Il momento delle {time}",
    "show.stretch": "Tutto in un intervallo",
    "show.readable": "I revisori potranno leggere:",
    "show.nothing": "Non c’è nulla che non possano già leggere.",
    "show.at": "Alle {time}.",
    "show.between": "Da {begin} a {end}.",
    "show.before.one": "{number} voce è già stata mostrata.",
    "show.before.more": "{number} voci sono già state mostrate.",
    "show.for-good": "Non si può tornare indietro: chi ha letto qualcosa l’ha letto.",
    "show.do": "Fallo leggere",
    "show.doing": "Lo mostro ai revisori …",
    "show.done": "Ora i revisori possono leggerlo. Sta nel registro dell’organizzazione, firmato da te.",
    "remove.open": "Togli qualcosa …",
    "remove.title": "Togli qualcosa",
    "remove.why": (
        "I revisori vedranno che qualcosa è stato tolto, e quando; mai che cosa. Il tuo tempo di lavoro resta com’è. "
        "Ciò che togli è perso per sempre, anche per te."
    ),
    "remove.shot": "La schermata mostrata alle {time}",
    "remove.shot.none": "La schermata mostrata (in questo momento non ce n’è)",
    "remove.stretch": "Tutto di un intervallo di tempo",
    "remove.from": "Dalle",
    "remove.to": "alle",
    "remove.app": "Tutto mentre questa era in primo piano",
    "remove.screenshots.one": "Sparirebbe {number} schermata.",
    "remove.screenshots.more": "Sparirebbero {number} schermate.",
    "remove.twins.one": "{number} di queste mostra la stessa immagine in un altro momento.",
    "remove.twins.more": "{number} di queste mostrano la stessa immagine in un altro momento.",
    "remove.others.one": "Sparirebbe {number} voce di applicazioni e conteggi.",
    "remove.others.more": "Sparirebbero {number} voci di applicazioni, conteggi e note.",
    "remove.withheld.one": "Sparirebbe anche {number} voce che i revisori non ricevono.",
    "remove.withheld.more": "Sparirebbero anche {number} voci che i revisori non ricevono.",
    "remove.nothing": "Di questo non c’è nulla da togliere.",
    "remove.do": "Togli per sempre",
    "remove.doing": "Sto togliendo …",
    "remove.done": "Non c’è più. Nulla parte finché non sigilli la sessione.",
    "cover.open": "Copri parte di una schermata …",
    "cover.title": "Copri parte di questa schermata",
    "cover.why": (
        "Ciò che copri diventa grigio, e ciò che c’era sotto è perso per sempre, anche per te. I revisori vedranno il "
        "grigio, e che qualcosa è stato tolto."
    ),
    "cover.no.picture": "In questo momento non è mostrata alcuna schermata. Vai prima su una (J e L) e riprova.",
    "cover.picture": "La schermata, con le aree che copri",
    "cover.keys": (
        "Disegna con il puntatore. Oppure sull’immagine: Ins aggiunge un’area, le frecce la spostano, Maiusc e frecce ne "
        "cambiano la misura, Canc la toglie."
    ),
    "cover.none": "Non è ancora coperto nulla.",
    "cover.areas.one": "È coperta {number} area.",
    "cover.areas.more": "Sono coperte {number} aree.",
    "cover.last": ("L’ultima comincia a {left} px da sinistra e a {top} px dall’alto, larga {wide} px e alta {high} px."),
    "cover.twins.one": "{number} altra schermata mostra la stessa immagine. Viene coperta anche quella.",
    "cover.twins.more": "{number} altre schermate mostrano la stessa immagine. Vengono coperte anche quelle.",
    "cover.add": "Aggiungi un’area",
    "cover.back": "Togli l’ultima",
    "cover.do": "Copri per sempre",
    "cover.doing": "Sto coprendo …",
    "cover.done": "È coperta, e ciò che c’era sotto non c’è più. Nulla parte finché non sigilli la sessione.",
    "review.unsent": "Hai scritto parole non ancora salvate. Chiudere e perderle?",
    "review.unsent.close": "Chiudi e perdile",
    "review.opening": "Apertura della sessione …",
    "review.decided": "C’è una decisione su questa sessione. Puoi rispondere qui sotto.",
    "answer.label": "Le tue parole su questa domanda (i revisori le leggono insieme)",
    "answer.name": "Le tue parole su: {title}",
    "answer.save": "Salva queste parole",
    "answer.saved": "Salvato. Puoi aggiungere altro finché non sigilli.",
    "answer.left": "Ancora {number} caratteri",
    "reply.label": "La tua replica a questa decisione",
    "reply.name": "La tua replica alla decisione di {name}",
    "reply.send": "Firma e invia la replica",
    "reply.sending": "Invio …",
    "reply.sent": "Inviata, firmata con la tua chiave.",
    "join.window": "Entra in un’organizzazione",
    "join.paste": "Incolla il link di iscrizione che la tua organizzazione ti ha dato.",
    "join.link": "Link di iscrizione",
    "join.next": "Avanti",
    "join.compare": "Le sei parole dell’organizzazione",
    "join.ask": (
        "La tua organizzazione ti ha detto sei parole per un’altra via che questo link: su carta, al telefono. Sono queste?"
    ),
    "join.same": "Sono le stesse",
    "join.differ": "Sono diverse",
    "join.differ.why": (
        "Allora questo link non viene dalla tua organizzazione. Nulla è stato inviato. Chiedi un nuovo link e dillo a loro."
    ),
    "join.person": "Saresti «{person}» su {platform}.",
    "join.going": "Iscrizione di questo computer …",
    "join.done": "Questo computer è iscritto. Appena la tua organizzazione ti accoglie, puoi cominciare.",
    "second.told": "Fair Witness è già in esecuzione; la sua finestra è ora aperta.",
}
"""Sentences by key."""
