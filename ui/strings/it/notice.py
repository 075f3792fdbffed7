# SPDX-License-Identifier: Apache-2.0
"""The notice, in Italian."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "notice.title": "Che cosa registra Fair Witness: {name}",
    "notice.for": "Per {organisation}.",
    "notice.for.personal": (
        "Solo per te. Di una sessione personale non parte nulla: dove qui si parla di revisori, non ce ne sono."
    ),
    "notice.purpose": "Scopo: {purpose}",
    "notice.basis.contract": "Base giuridica: il tuo contratto con l’organizzazione.",
    "notice.basis.consent": (
        "Base giuridica: il tuo consenso. Puoi negarlo o ritirarlo in ogni momento, per le sessioni a venire."
    ),
    "notice.basis.agreement": "Base giuridica: un accordo aziendale o simile.",
    "notice.when": "Quando",
    "notice.when.session": (
        "Solo fra Avvia e Termina. Lo stato è sempre visibile; dove non se ne può mostrare un segno, "
        "non si osserva nulla, e il tuo tempo continua."
    ),
    "notice.when.pause": "In pausa e nel tempo privato non si osserva nulla. Se ne registra la durata, non il motivo.",
    "notice.recorded": "Che cosa viene registrato",
    "notice.focus.sent": (
        "Quale applicazione è in primo piano, e da quando; che una tastiera o un mouse è stato collegato o scollegato; "
        "che la finestra di un altro programma è rimasta sopra quella in primo piano, non di chi è. "
        "I revisori possono leggerlo."
    ),
    "notice.focus.withheld": (
        "Quale applicazione è in primo piano; che una tastiera o un mouse è stato collegato o scollegato; "
        "che la finestra di un altro programma è rimasta sopra quella in primo piano. "
        "Resta a te; i revisori vedono solo che è stato registrato."
    ),
    "notice.focus.off": (
        "Quale applicazione è in primo piano non viene registrato, e nemmeno che cosa viene collegato o le sta sopra."
    ),
    "notice.runners.sent": (
        "Che un programma che esegue modelli di IA su questo computer era in esecuzione, quale, da quando e fino a quando. "
        "Ogni mezzo minuto i nomi dei programmi che hai in esecuzione si confrontano con l’elenco degli strumenti di IA; un "
        "nome che non vi compare non viene conservato. I revisori possono leggerlo."
    ),
    "notice.runners.withheld": (
        "Che un programma che esegue modelli di IA su questo computer era in esecuzione, quale, da quando e fino a quando. "
        "Ogni mezzo minuto i nomi dei programmi che hai in esecuzione si confrontano con l’elenco degli strumenti di IA; un "
        "nome che non vi compare non viene conservato. Resta a te; i revisori vedono solo che qualcosa è stato registrato."
    ),
    "notice.titles.application": "I titoli delle finestre non vengono registrati.",
    "notice.titles.full": (
        "Si registrano anche i titoli delle finestre. Un titolo può contenere il nome di un documento, di una "
        "persona o di una pagina web."
    ),
    "notice.statistics.sent": (
        "Ogni cinque secondi, quante battute di quale genere (lettera, spazio, cancellazione, incolla), a grandi linee "
        "quanto in fretta, quanto uso del puntatore, e se venivano da un dispositivo o da un programma. I revisori "
        "possono leggerlo. Lungo una sessione mostra un ritmo da cui una persona può essere riconosciuta."
    ),
    "notice.statistics.withheld": (
        "Ogni cinque secondi, il numero di battute per genere e l’uso del puntatore, a grandi linee quanto in fretta "
        "arrivavano le battute, e se venivano da un dispositivo o da un programma. Tutto questo resta a te; i revisori "
        "vedono solo che è stato registrato."
    ),
    "notice.statistics.off": "Battute e uso del puntatore non vengono contati.",
    "notice.captures.sent": (
        "Schermate: una in un momento casuale ogni {length}, di {monitors}. Una schermata mostra ciò che è sullo "
        "schermo, qualunque cosa sia. I revisori possono vederla."
    ),
    "notice.captures.withheld": (
        "Schermate: una in un momento casuale ogni {length}, di {monitors}. Restano a te; i revisori vedono solo "
        "che sono state riprese."
    ),
    "notice.captures.off": "Non si riprendono schermate.",
    "notice.monitors.all": "ogni monitor",
    "notice.monitors.primary": "il monitor principale",
    "notice.captures.mask": (
        "Le finestre di queste applicazioni, e le nostre, vengono coperte prima di conservare una schermata: {apps}."
    ),
    "notice.captures.mask.none": "Nessuna applicazione, tranne Fair Witness stessa, viene coperta nelle schermate.",
    "notice.captures.only": "Nelle schermate si vedono solo queste applicazioni, tutte le altre vengono coperte: {apps}.",
    "notice.clipboard.sent": (
        "Quanto è stato copiato e incollato, e da quali applicazioni; mai che cosa. I revisori possono leggerlo."
    ),
    "notice.clipboard.withheld": (
        "Quanto è stato copiato e incollato, mai che cosa. Resta a te; i revisori vedono solo che è stato registrato."
    ),
    "notice.clipboard.off": "Copiare e incollare non viene registrato.",
    "notice.timing.sent": (
        "I tempi delle singole battute e dei movimenti del puntatore, senza quale tasto né dove. Il loro ritmo è "
        "personale. I revisori possono leggerli."
    ),
    "notice.timing.withheld": (
        "I tempi delle singole battute e dei movimenti del puntatore, senza quale tasto né dove. Restano a te; se "
        "vuoi, potrai aprirne alcuni più tardi."
    ),
    "notice.timing.off": "I tempi delle singole battute e dei movimenti del puntatore non vengono registrati.",
    "notice.recorded.own": (
        "Ciò che vi scrivi tu: le tue note, gli strumenti che indichi, le tue risposte; e che hai letto questa "
        "informativa. I revisori possono leggerlo."
    ),
    "notice.never": "Che cosa non viene mai registrato",
    "notice.never.content": (
        "Quale tasto premi, che cosa scrivi, che cosa copi, suono, telecamera, luogo, indirizzi web, nomi e contenuti "
        "di file."
    ),
    "notice.never.outside": "Qualunque cosa avvenga fuori da una sessione.",
    "notice.never.captures": "Una schermata può comunque mostrare queste cose mentre sono sullo schermo.",
    "notice.never.titles": (
        "Il titolo di una finestra può comunque contenere un nome o un indirizzo, se è l’applicazione a metterlo lì."
    ),
    "notice.tools": "Strumenti di IA",
    "notice.tools.allowed": "Puoi usare strumenti di IA.",
    "notice.tools.declare": "Puoi usare strumenti di IA e ti si chiede di dirlo quando lo fai.",
    "notice.tools.forbidden": (
        "Ti si chiede di non usare strumenti di IA. Se uno è in primo piano, nasce una domanda a cui puoi rispondere."
    ),
    "notice.tools.kind.allowed": "{kind}: si possono usare.",
    "notice.tools.kind.declare": "{kind}: si possono usare; per favore dillo.",
    "notice.tools.kind.forbidden": "{kind}: per favore non usarli.",
    "notice.tools.own": "Queste pagine fanno parte del lavoro stesso e sono sempre permesse: {names}.",
    "notice.tools.catalogue": (
        "Che cosa conta come strumento di IA sta in un elenco proprio di questa organizzazione, che chiunque qui può "
        "leggere. SHA-256: {digest}"
    ),
    "notice.questions": "Domande",
    "notice.questions.how": (
        "Alcuni andamenti fanno nascere una domanda. Una domanda non è un giudizio: arriva con ciò su cui si "
        "fonda e con cause innocenti, puoi rispondere, e una persona con nome decide per iscritto. Da sola non "
        "cambia né la paga né l’accesso."
    ),
    "notice.questions.assistance": (
        "Se uno strumento assistivo o un desktop remoto lavora per te, puoi dirlo una volta in questo programma. Resta su "
        "questo computer, non viene registrato né inviato, e allora nessuna domanda viene valutata. I revisori leggono solo "
        '"non valutato", come per ogni altra causa, e mai il perché.'
    ),
    "notice.questions.shadow": "In questa policy le domande sono in prova: le vedi tu, i revisori no.",
    "notice.questions.rates": (
        "Ogni quattro settimane puoi inviare in quante sessioni è nata ciascuna domanda. Prima lo vedi, nulla parte da "
        "solo, e nessuno viene a sapere se hai rinunciato. Si legge solo come parte di somme su dieci persone o più. La "
        "piattaforma e gli amministratori della tua organizzazione vedono chi invia, da quale progetto e sistema, e in "
        "quale lingua leggi questo testo, a meno che tu non ometta la lingua."
    ),
    "notice.questions.rates.both": (
        "Né la piattaforma né un amministratore possono leggere i tuoi numeri. Insieme potrebbero, contro quanto concordato."
    ),
    "notice.questions.shown": "I revisori vedono le domande insieme alle tue risposte.",
    "notice.time": "Tempo di lavoro",
    "notice.time.counted": (
        "Leggere, pensare e telefonare contano come scrivere. Se manchi per {length}, ti viene chiesto; nulla si "
        "sottrae da solo."
    ),
    "notice.time.crash": (
        "Se il programma si chiude senza preavviso, fino a {length} contano come lavoro; un tempo più lungo puoi "
        "rivendicarlo."
    ),
    "notice.time.private.counts": "Il tempo privato conta come tempo di lavoro.",
    "notice.time.private.not": "Il tempo privato non conta come tempo di lavoro.",
    "notice.sent": "Quando parte, e chi può leggere",
    "notice.sent.seal": "Prima vedi tutta la sessione. Nulla parte prima che tu la sigilli.",
    "notice.sent.hold": "Dopo il sigillo attende {length} prima di partire.",
    "notice.sent.now": "Dopo il sigillo parte subito.",
    "notice.sent.who": (
        "È cifrata per te e per i revisori del progetto. La piattaforma la conserva e non può leggerla. Ogni "
        "consegna a un revisore viene annotata."
    ),
    "notice.sent.fingerprints": (
        "Mentre registri, alla piattaforma vanno solo impronte numeriche della registrazione, perché i suoi tempi siano "
        "credibili. Non ne mostrano nulla."
    ),
    "notice.sent.platform": (
        "Anche senza leggerla, la piattaforma vede quando hai cominciato, fatto pausa e finito, per quale progetto, "
        "quando qualcosa non è stato osservato, e quante registrazioni e schermate ci sono e di che dimensione."
    ),
    "notice.sent.personal": "A nessuno. Una sessione personale resta su questo computer, cifrata solo per te.",
    "notice.kept": "Per quanto tempo si conserva",
    "notice.kept.captures": "Sulla piattaforma, schermate: {days} giorni.",
    "notice.kept.statistics": "Sulla piattaforma, applicazioni e conteggi: {days} giorni.",
    "notice.kept.decisions": (
        "Sulla piattaforma, note, domande, risposte e decisioni: {days} giorni. Inizio e fine del lavoro rimangono."
    ),
    "notice.kept.own": "La tua copia su questo computer resta finché vuoi.",
    "notice.kept.personal": "Finché vuoi.",
    "notice.rights": "Che cosa puoi fare",
    "notice.rights.list": (
        "Mettere in pausa, prendere tempo privato, rispondere alle domande prima di sigillare, leggere ogni "
        "decisione e replicare, verificare la registrazione senza rete, tenere una copia di tutto."
    ),
    "notice.rights.ask": "Se qualcosa non è chiaro, chiedi a chi ti ha invitato prima di cominciare.",
    "length.seconds.one": "{number} secondo",
    "length.seconds.more": "{number} secondi",
    "length.minutes.one": "{number} minuto",
    "length.minutes.more": "{number} minuti",
    "length.hours.one": "{number} ora",
    "length.hours.more": "{number} ore",
    "notice.kind.agent": "Agenti che agiscono da soli",
    "notice.kind.browser": "IA integrata nel browser",
    "notice.kind.chat": "Pagine di chat",
    "notice.kind.code": "Assistenti di programmazione",
    "notice.kind.homework": "Risolutori di compiti",
    "notice.kind.local": "Modelli sul tuo computer",
    "notice.kind.overlay": "Assistenti sovrapposti alle finestre",
    "notice.kind.research": "Assistenti di ricerca",
    "notice.kind.rewriting": "Strumenti di riscrittura",
    "notice.kind.search": "Ricerca con IA",
    "notice.kind.translation": "Strumenti di traduzione",
    "notice.kind.writing": "Assistenti di scrittura",
}
"""Sentences by key."""
