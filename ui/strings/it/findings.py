# SPDX-License-Identifier: Apache-2.0
"""Findings: titles, what they ask, innocent causes, and why one was not evaluated."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    # injected-input
    "finding.injected-input.title": "Testo immesso da un programma",
    "finding.injected-input.raised": (
        "Per due minuti o meno, quasi tutto il testo è arrivato da un programma e nulla dalla tastiera. Che cos’era?"
    ),
    "finding.injected-input.clear": "In nessun momento il testo è arrivato soprattutto da un programma a tastiera ferma.",
    "finding.injected-input.not-evaluated": "Non è stato valutato se il testo sia arrivato da un programma.",
    # regular-typing
    "finding.regular-typing.title": "Battute molto regolari",
    "finding.regular-typing.raised": (
        "Per cinque minuti di scrittura le battute sono arrivate più regolari di quanto facciano di solito le mani. "
        "Che cos'era?"
    ),
    "finding.regular-typing.clear": "Le battute sono arrivate irregolari come quelle delle mani.",
    "finding.regular-typing.not-evaluated": "Non è stato valutato quanto fossero regolari le battute.",
    # unpaused-typing
    "finding.unpaused-typing.title": "Scrittura senza pause",
    "finding.unpaused-typing.raised": ("Per nove minuti o più si è scritto quasi senza pause. Da dove veniva il testo?"),
    "finding.unpaused-typing.clear": "Nella scrittura ci sono state pause, come quando si pensa o si legge.",
    "finding.unpaused-typing.not-evaluated": "Non è stato valutato se si sia scritto senza pause.",
    # pointer-alone
    "finding.pointer-alone.title": "Si è mosso solo il puntatore",
    "finding.pointer-alone.raised": (
        "Per venti minuti il puntatore si è mosso a intervalli regolari e non è successo altro. Era una lettura?"
    ),
    "finding.pointer-alone.software": (
        "Per venti minuti solo un programma ha mosso il puntatore e non è successo altro. Era una lettura?"
    ),
    "finding.pointer-alone.small": (
        "Per venti minuti il puntatore si è mosso appena, o senza mai fermarsi, e non è successo altro. Era una lettura?"
    ),
    "finding.pointer-alone.clear": (
        "In nessun momento si è mosso solo il puntatore per venti minuti in un modo di cui si chieda conto."
    ),
    "finding.pointer-alone.not-evaluated": "Non è stato valutato se per venti minuti si sia mosso solo il puntatore.",
    # pointer-paths
    "finding.pointer-paths.title": "Puntatore a passi uguali o a balzi",
    "finding.pointer-paths.raised": (
        "Per venti minuti quasi tutti i movimenti lunghi di un puntatore hanno seguito una linea a passi uguali. "
        "Che cosa lo muoveva?"
    ),
    "finding.pointer-paths.software": (
        "Per venti minuti un programma ha mosso il puntatore a passi uguali lungo linee, o con un balzo fin dove ha "
        "premuto. A che cosa serviva?"
    ),
    "finding.pointer-paths.clear": (
        "In nessun momento quasi tutti i movimenti lunghi di un puntatore erano a passi uguali lungo una linea, o balzi."
    ),
    "finding.pointer-paths.not-evaluated": "Non è stato valutato se un puntatore si sia mosso a passi uguali o a balzi.",
    # ai-tool
    "finding.ai-tool.title": "Strumento di IA",
    "finding.ai-tool.raised": (
        "Uno strumento di IA è rimasto in primo piano; il progetto chiede di farne a meno. A cosa serviva?"
    ),
    "finding.ai-tool.declare": (
        "Uno strumento di IA è rimasto in primo piano. Il progetto lo ammette e chiede di dichiararlo."
    ),
    "finding.ai-tool.declared": (
        "Uno strumento di IA è rimasto in primo piano e l’uso è stato dichiarato, come chiede il progetto."
    ),
    "finding.ai-tool.allowed": "Uno strumento di IA è rimasto in primo piano e il progetto lo ammette.",
    "finding.ai-tool.clear": "Nessuno strumento di IA di cui il progetto chiede conto è rimasto a lungo in primo piano.",
    "finding.ai-tool.not-evaluated": "Non è stato valutato se uno strumento di IA sia rimasto in primo piano.",
    # paste-chain
    "finding.paste-chain.title": "Copiato da uno strumento di IA",
    "finding.paste-chain.raised": (
        "Copiato in uno strumento di IA e incollato altrove; il progetto chiede di farne a meno. Che cos’era?"
    ),
    "finding.paste-chain.declare": (
        "Copiato in uno strumento di IA e incollato altrove. Il progetto lo ammette e chiede di dichiararlo."
    ),
    "finding.paste-chain.declared": (
        "Copiato in uno strumento di IA e incollato altrove; l’uso è stato dichiarato, come chiede il progetto."
    ),
    "finding.paste-chain.allowed": "Copiato in uno strumento di IA e incollato altrove; il progetto lo ammette.",
    "finding.paste-chain.clear": (
        "Nulla di lungo è stato incollato altrove da uno strumento di IA di cui il progetto chiede conto."
    ),
    "finding.paste-chain.not-evaluated": (
        "Non è stato valutato se qualcosa sia stato incollato altrove da uno strumento di IA."
    ),
    # large-paste
    "finding.large-paste.title": "Testo lungo da altrove",
    "finding.large-paste.raised": (
        "È stato incollato qualcosa di lungo, copiato in un programma in cui non si è scritto quasi nulla. Che cos’era?"
    ),
    "finding.large-paste.declared": (
        "È stato incollato qualcosa di lungo da altrove, e nella sessione è stato dichiarato l’uso di uno strumento."
    ),
    "finding.large-paste.clear": "Nulla di lungo è stato incollato che si sia visto arrivare da altrove.",
    "finding.large-paste.not-evaluated": "Non è stato valutato se sia stato incollato qualcosa di lungo da altrove.",
    # still-screen
    "finding.still-screen.title": "Scrittura a schermo fermo",
    "finding.still-screen.raised": (
        "Per dieci minuti o più si è scritto del testo che nessuna schermata presa intanto mostra. Dove è andato?"
    ),
    "finding.still-screen.clear": "In nessun momento si è scritto a lungo mentre tutte le schermate restavano uguali.",
    "finding.still-screen.not-evaluated": "Non è stato valutato se si sia scritto mentre lo schermo restava fermo.",
    # new-hardware
    "finding.new-hardware.title": "Un’altra tastiera o un altro mouse",
    "finding.new-hardware.raised": (
        "Durante la sessione è stata collegata o scollegata una tastiera o un mouse. Che cos’era?"
    ),
    "finding.new-hardware.clear": "Finché si è osservato, nessuna tastiera e nessun mouse è stato collegato o scollegato.",
    "finding.new-hardware.not-evaluated": (
        "Non è stato valutato se una tastiera o un mouse sia stato collegato o scollegato."
    ),
    # overlay-window
    "finding.overlay-window.title": "Una finestra sopra il lavoro",
    "finding.overlay-window.raised": (
        "Per due minuti o più la finestra di un altro programma è rimasta sopra quella in primo piano. Che cos’era?"
    ),
    "finding.overlay-window.clear": (
        "Nessuna finestra di un altro programma è rimasta per due minuti sopra quella in primo piano."
    ),
    "finding.overlay-window.not-evaluated": (
        "Non è stato valutato se la finestra di un altro programma sia rimasta sopra il lavoro."
    ),
    # local-model
    "finding.local-model.title": "Un modello su questo computer",
    "finding.local-model.raised": (
        "Durante la sessione era in esecuzione un programma che esegue modelli di IA su questo computer. Faceva parte di "
        "questo lavoro?"
    ),
    "finding.local-model.clear": (
        "Non si è visto in esecuzione alcun programma che esegue modelli di IA su questo computer, oppure è coperto dalle "
        "regole o da una dichiarazione."
    ),
    "finding.local-model.not-evaluated": (
        "Non è stato valutato se fosse in esecuzione un programma che esegue modelli di IA."
    ),
    "finding.unknown.title": "Una domanda più recente",
    "finding.unknown": "Questa domanda viene da una versione più recente di questa, che non sa spiegarla.",
    "alternative.dictation": "Un programma di dettatura ha trasformato la voce in testo.",
    "alternative.expander": "Un programma di abbreviazioni o un gestore di password ha inserito il testo.",
    "alternative.remapper": "Un programma riassegna i tasti e invia di nuovo ogni battuta.",
    "alternative.steno": "Un programma di stenografia scrive parole intere.",
    "alternative.screen-keyboard": "È stata usata una tastiera sullo schermo o un interruttore.",
    "alternative.remote-desktop": "Il desktop è stato usato da un altro computer.",
    "alternative.kvm": "Un programma condivide una sola tastiera fra più computer.",
    "alternative.macro-keyboard": "È la tastiera stessa a scrivere testo memorizzato, come quelle con macro.",
    "alternative.held-key": "Un tasto è rimasto premuto e il desktop non ha detto che si ripeteva.",
    "alternative.own-notes": "Si è scritto da appunti propri o da una bozza su carta.",
    "alternative.copying-is-the-task": "Il compito è trascrivere o copiare.",
    "alternative.text-in-mind": "Il testo era già noto, come qualcosa imparato o scritto spesso.",
    "alternative.fast-typist": "La persona scrive in fretta e pensa mentre scrive.",
    "alternative.reading": "È stato letto qualcosa di lungo con una mano sul mouse.",
    "alternative.watching": "È stato guardato un video, una chiamata o una presentazione.",
    "alternative.keeps-awake": "Un programma o un dispositivo impediva intanto il blocco dello schermo.",
    "alternative.surface": "Il mouse era su una superficie che fa scivolare il puntatore, o qualcosa lo toccava.",
    "alternative.pointing-aid": "Un puntatore oculare o un altro ausilio muove il puntatore.",
    "alternative.automated-task": "Il compito chiede di eseguire un programma che fa clic, come la prova di una pagina.",
    "alternative.pointer-by-keys": (
        "Un programma muove il puntatore alla pressione di un tasto, o nella finestra in primo piano."
    ),
    "alternative.model-rated": "La pagina è quella del modello che si stava valutando.",
    "alternative.task-asks": "È il compito stesso a chiedere di aprire questa pagina o di provare questo strumento.",
    "alternative.same-name": "La pagina ha solo il nome di uno strumento di IA nel titolo, come un articolo che ne parla.",
    "alternative.left-in-front": "La finestra è rimasta in primo piano senza che nessuno vi lavorasse.",
    "alternative.part-unused": "Il programma serve anche ad altro e il suo assistente non è stato usato.",
    "alternative.permission": "Chi è responsabile del progetto ha detto che qui si può usare.",
    "alternative.quotes-model": "Il compito chiede di citare la risposta del modello.",
    "alternative.own-text": "Era un testo proprio, o quello del compito, passato per quella pagina.",
    "alternative.something-else-copied": "Nel frattempo un altro programma ha messo qualcosa negli appunti.",
    "alternative.own-draft": "Era un testo proprio, scritto altrove o prima della sessione.",
    "alternative.task-text": "Era il testo del compito, o è il compito a chiedere di citarlo.",
    "alternative.template": "Era un modello, un modulo o un paragrafo che si usa spesso.",
    "alternative.reference": "Era una citazione, un riferimento o del codice che fa parte del lavoro.",
    "alternative.picture": "Era un’immagine, una tabella o un file, la cui dimensione non dice nulla del testo.",
    "alternative.other-computer": (
        "La tastiera serviva a un altro computer, attraverso un commutatore o un programma che la condivide."
    ),
    "alternative.unseen-screen": "Il testo è andato su uno schermo o un terminale che le schermate non mostrano.",
    "alternative.frozen-window": "Un desktop remoto o virtuale è rimasto fermo nella sua finestra per un po’.",
    "alternative.no-echo": "Un programma ha preso il testo senza mostrarlo, come una richiesta di password o un gioco.",
    "alternative.same-picture": (
        "Il desktop ha fornito un’immagine vecchia, come fanno alcuni quando un programma occupa tutto lo schermo."
    ),
    "alternative.dock": "Il computer è stato messo in una base o tolto da essa, o si è risvegliato.",
    "alternative.switch": "Un commutatore condivide tastiera e mouse fra più computer.",
    "alternative.wireless": "Una tastiera o un mouse senza fili si è addormentato, risvegliato o era quasi scarico.",
    "alternative.own-device": "La persona è passata a un’altra sua tastiera o a un altro suo mouse.",
    "alternative.own-overlay": "Era un appunto, un timer, un lettore o un sottotitolo che resta sopra tutto.",
    "alternative.meeting-bar": "Era la barra o il riquadro di una chiamata.",
    "alternative.screen-tool": "Era un righello, una lente, uno strumento per schermate o un altro ausilio per gli occhi.",
    "alternative.desktop-part": "Fa parte del desktop, che non lo dice.",
    "alternative.starts-by-itself": "Si avvia con il computer e nessuno l’ha usato.",
    "alternative.other-models-work": "Serviva a un altro lavoro o a uno studio della persona, e a nulla di questa sessione.",
    "alternative.started-by-another": "Lo esegue per conto proprio un editor, una dettatura o un altro programma.",
    "alternative.same-program-name": "Un altro programma ha un file con lo stesso nome.",
    "abstain.too-little": "Si è scritto troppo poco per poter dire qualcosa.",
    "abstain.bursts": "Quasi tutto il testo è arrivato a raffiche, come da dettatura, abbreviazioni o stenografia.",
    "abstain.pace-not-told": "La scrittura era troppo lenta per questa domanda, o i suoi tempi troppo approssimati.",
    "abstain.withheld": "Le statistiche sono trattenute o rimosse.",
    "abstain.not-observed": "La tastiera non è stata osservata per la maggior parte della sessione.",
    "abstain.assistive": "Hai detto che uno strumento assistivo scrive per te.",
    "abstain.remote": "Hai detto che lavori attraverso un desktop remoto.",
    "abstain.unknown-source": "Questo desktop non dice da quale dispositivo provenga la maggior parte delle battute.",
    "abstain.remapper": (
        "Le battute immesse da un programma seguivano una per una quelle della tastiera, come fa un programma che riassegna "
        "i tasti."
    ),
    "abstain.focus-off": "Le regole del progetto non registrano quale applicazione sia in primo piano.",
    "abstain.focus-withheld": "Le registrazioni della finestra in primo piano sono trattenute o rimosse.",
    "abstain.window-not-observed": ("La finestra in primo piano non è stata osservata per la maggior parte della sessione."),
    "abstain.titles-off": (
        "Le regole del progetto non registrano i titoli delle finestre: le pagine di un browser non si distinguono."
    ),
    "abstain.clipboard-off": "Le regole del progetto non registrano le operazioni di copia e incolla.",
    "abstain.clipboard-withheld": "Le registrazioni di copia e incolla sono trattenute o rimosse.",
    "abstain.clipboard-not-observed": (
        "Le operazioni di copia e incolla non sono state osservate per la maggior parte della sessione."
    ),
    "abstain.origin-not-known": (
        "Una parte del lavoro non è stata osservata: non si può dire da dove venisse ciò che è stato incollato."
    ),
    "abstain.pointer-not-observed": "Il puntatore non è stato osservato per la maggior parte della sessione.",
    "abstain.too-short": "Sono stati osservati meno di venti minuti di seguito.",
    "abstain.captures-off": "Le regole del progetto non prevedono schermate.",
    "abstain.captures-removed": "Alcune schermate sono trattenute o rimosse.",
    "abstain.one-screen": (
        "Le regole del progetto prevedono schermate di un solo schermo: il lavoro su un altro non si vede."
    ),
    "abstain.few-pictures": "Quasi nessuna schermata è stata presa mentre si scriveva.",
    "abstain.catalogue-missing": "L’elenco di strumenti di IA del progetto non è su questo computer, o è un altro.",
    "abstain.said-here": "Hai detto che qui lavora uno strumento assistivo, o un desktop remoto.",
    "finding.claimed": (
        "Così ha detto il programma di chi ha lavorato. È dichiarato, non ricalcolato, e il perché resta a chi ha lavorato."
    ),
    "abstain.devices-not-watched": "Questo desktop non dice quando un dispositivo viene collegato o scollegato.",
    "abstain.overlays-not-watched": "Questo desktop non dice quali finestre stiano sopra altre.",
    "abstain.runners-off": "Le regole del progetto non chiedono quali programmi siano in esecuzione.",
    "abstain.runners-not-watched": "I programmi che eseguono modelli non sono stati cercati, o non si potevano vedere.",
    "abstain.few-paths": (
        "Troppo pochi movimenti lunghi del puntatore sono stati riferiti passo per passo: il dispositivo o il suo orologio "
        "potrebbe non farlo."
    ),
    "abstain.mostly-software": (
        "Tasti e pulsanti sono stati premuti più da programmi che da dispositivi, come quando si lavora da lontano."
    ),
    "state.raised": "pone una domanda",
    "state.clear": "nulla da chiedere",
    "state.not evaluated": "non valutato",
    "state.unknown": "stato più recente",
}
