# SPDX-License-Identifier: Apache-2.0
"""The reviewer's desk: what waits, decisions, verification."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "desk.title": "Sessioni da esaminare",
    "desk.window": "Fair Witness: revisione",
    "desk.owner": "{name}, {organisation}",
    "desk.filter": "Filtra per trainer, progetto, data o stato",
    "desk.only-new": "Solo le nuove",
    "desk.refresh": "Aggiorna",
    "desk.open": "Apri la sessione",
    "desk.list": "Sessioni",
    "desk.column.name": "Trainer",
    "desk.column.project": "Progetto",
    "desk.column.when": "Inizio, nella tua ora",
    "desk.column.worked": "Tempo di lavoro",
    "desk.column.state": "Stato",
    "desk.column.copy": "Copia",
    "desk.when": "{day} {month} {year}, {time}",
    "desk.hours": "{hours} h {minutes:02d} min",
    "desk.minutes": "{minutes} min",
    "desk.minutes.under": "meno di 1 min",
    "desk.minutes.short": "< 1 min",
    "desk.state.new": "Nuova",
    "desk.state.opened": "Aperta",
    "desk.state.decided.one": "{number} domanda decisa",
    "desk.state.decided.more": "{number} domande decise",
    "desk.state.replied.one": "{decided}, {number} replica",
    "desk.state.replied.more": "{decided}, {number} repliche",
    "desk.worked.overlap": "{worked} ({overlap} doppi)",
    "desk.worked.beyond": "{worked} ({beyond} di troppo)",
    "desk.beyond": (
        "Di questo tempo, {beyond} non possono essere passati secondo l’orologio della piattaforma. La replica dice di più."
    ),
    "desk.overlap": "Di questo tempo, {overlap} sono contati in un’altra sessione della stessa persona, cominciata prima.",
    "desk.copy.here": "Su questo computer",
    "desk.copy.why": (
        "Sigillata come è arrivata. Viene aperta solo in memoria: nulla di ciò che è stato aperto viene scritto su disco."
    ),
    "desk.count.new.none": "Nessuna nuova",
    "desk.count.new.one": "{number} nuova",
    "desk.count.new.more": "{number} nuove",
    "desk.count.all.one": "{number} sessione",
    "desk.count.all.more": "{number} sessioni",
    "desk.count": "{new} su {all}",
    "desk.keys": "Invio apre la sessione selezionata. Ctrl+F filtra, Ctrl+1 … 6 ordina, F5 aggiorna.",
    "desk.empty.title": "Non c'è nulla in attesa.",
    "desk.empty.none": "Quando un trainer dei tuoi progetti sigilla una sessione, questa compare qui.",
    "desk.empty.new": "Ogni sessione dell'elenco è già stata aperta da te o da qualcun altro.",
    "desk.empty.filter.title": "Nessuna sessione corrisponde.",
    "desk.empty.filter": "L'elenco contiene sessioni che il filtro non mostra.",
    "desk.empty.show": "Mostra tutte le sessioni",
    "desk.away.title": "L'elenco non è ancora qui.",
    "desk.away": "Comparirà appena la piattaforma risponde. Sessioni e decisioni sono al sicuro dove si trovano.",
    "desk.contradicted.directory": (
        "La piattaforma si contraddice su chi appartiene alla tua organizzazione e con quali regole."
    ),
    "desk.contradicted.log": "La piattaforma si contraddice su ciò che il registro della tua organizzazione contiene.",
    "desk.contradicted.receipt": "La piattaforma si contraddice su ciò che ha confermato di alcune sessioni.",
    "desk.contradicted.statement": "La piattaforma si contraddice su decisioni o repliche.",
    "desk.contradicted.other": "La piattaforma contraddice ciò che ha dato prima.",
    "desk.contradicted.kept": (
        "Ciò che ha dato è conservato su questo computer come prova, nella cartella organisation/evidence di Fair Witness. "
        "Non riguarda chi ha registrato le sessioni che esamini. Dillo all'amministratore della tua organizzazione, per una "
        "via diversa dalla piattaforma."
    ),
    "desk.stale": "{why} L'elenco qui sotto è quello dell'ultima risposta della piattaforma.",
    "desk.loading": "Richiesta delle sessioni alla piattaforma.",
    "desk.opening": "Scaricamento della sessione di {name}, {when}.",
    "desk.opening.checked": "Verifica e apertura della sessione di {name}, {when}.",
    "desk.unopened": "La sessione di {name} non è stata aperta. {why}",
    "desk.back": "Tutte le sessioni",
    "desk.back.tip": "Torna all'elenco (Alt+Freccia sinistra)",
    "desk.previous": "Sessione precedente",
    "desk.previous.tip": "Apre la sessione precedente dell'elenco (Ctrl+Pag su)",
    "desk.next": "Sessione successiva",
    "desk.next.tip": "Apre la sessione successiva dell'elenco (Ctrl+Pag giù)",
    "desk.decide": "Vai alla decisione",
    "desk.decide.tip": "Va alla prossima domanda su cui puoi decidere (Ctrl+D)",
    "desk.place": "{number} di {all}",
    "desk.session": "{name}, {project}",
    "desk.questions.none": "Nessuna domanda da decidere",
    "desk.questions.one": "{number} domanda",
    "desk.questions.more": "{number} domande",
    "desk.questions.decided": "{questions}, decise: {number}",
    "desk.wrong": (
        "Questa sessione non supera la verifica: ciò che vedi potrebbe non essere ciò che è stato sigillato. "
        "Avvisa l'amministratore della tua organizzazione prima di decidere."
    ),
    "desk.closed": (
        "Nessuna delle tue chiavi apre questa sessione, quindi si vedono solo i suoi dati pubblici. È stata sigillata per "
        "altri revisori, o prima che tu lo diventassi. Chiedi all'amministratore della tua organizzazione."
    ),
    "desk.uncounted.one": "{number} dichiarazione su questa sessione non viene mostrata. {why}",
    "desk.uncounted.more": "{number} dichiarazioni su questa sessione non vengono mostrate. {why}",
    "decide.title": "La tua decisione",
    "decide.again": "Decidi di nuovo",
    "decide.again.name": "Decidi di nuovo su: {finding}",
    "decide.again.why": "Una nuova decisione si aggiunge alle precedenti; nessuna viene sostituita.",
    "decide.outcome.upheld": "Confermata",
    "decide.outcome.not upheld": "Non confermata",
    "decide.outcome.ask": "Chiedi",
    "decide.means.upheld": "La domanda resta. Il trainer legge la tua motivazione e può replicare.",
    "decide.means.not upheld": "La domanda è chiusa. Al trainer non si chiede altro.",
    "decide.means.ask": "Vuoi prima sentire il trainer. La tua motivazione è ciò che gli viene chiesto.",
    "decide.weight.B": (
        "Un solo segno di questo tipo non basta mai. Prima di confermare, cercane un altro di tipo diverso."
    ),
    "decide.weight.C": "Questo è solo contesto. Da solo non richiede una decisione.",
    "decide.reason": "La tua motivazione, per iscritto",
    "decide.reason.hint": "Che cosa hai visto e perché decidi così. Il trainer la legge.",
    "decide.counter": "{number} di {most}",
    "decide.counter.over": "{number} di {most}: accorciala",
    "decide.signed": (
        "È firmata con il tuo nome, {name}, e la possono leggere il trainer e i revisori di questo progetto. "
        "Da sola non cambia alcun compenso."
    ),
    "decide.sign": "Firma la decisione",
    "decide.sign.tip": "Mostra ancora una volta ciò che firmi (Ctrl+Invio nella motivazione)",
    "decide.missing.outcome": "Scegli una delle tre possibilità.",
    "decide.missing.reason": "Scrivi la tua motivazione.",
    "decide.missing.shorter": "Accorcia la tua motivazione.",
    "decide.confirm": "Firmare «{outcome}» come {name}?",
    "decide.confirm.why": (
        "Entra nel registro della tua organizzazione e vi resta. Potrai decidere di nuovo più avanti: "
        "le due decisioni staranno una accanto all'altra."
    ),
    "decide.confirm.sign": "Firma e invia",
    "decide.confirm.back": "Modifica",
    "decide.sending": "Firma e invio della decisione.",
    "decide.unsent": "Una decisione che hai scritto non è ancora firmata. Se chiudi ora, ciò che hai scritto va perso.",
    "decide.unsent.close": "Chiudi comunque",
    "decide.failed": "La tua decisione non è stata confermata. {why} Ciò che hai scritto resta qui.",
}
"""Sentences by key."""
