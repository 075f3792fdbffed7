# SPDX-License-Identifier: Apache-2.0
"""Che cosa non va nei corpora di `fairwitness evaluate`. La chiave è la frase inglese."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "corpus: there is no folder {folder}.": "corpus: non c’è una cartella {folder}.",
    "corpus: there is no .npz file in {folder}, nor in its folders typing and pointer.": (
        "corpus: non c’è alcun file .npz in {folder}, né nelle sue cartelle typing e pointer."
    ),
    "corpus: no file in {folder} could be read. {file}: {reason}": (
        "corpus: nessun file in {folder} si è potuto leggere. {file}: {reason}"
    ),
    "sources: there is no {name} in {folder}.": "sources: non c’è {name} in {folder}.",
    "The corpus file {file} cannot be taken: {field}: {reason}": (
        "Il file {file} non si può usare come corpus: {field}: {reason}"
    ),
    "It is damaged, or no .npz file.": "È danneggiato, o non è un file .npz.",
    "It is damaged, or no .npy field.": "È danneggiato, o non è un campo .npy.",
    "It is too large.": "È troppo grande.",
    "It is missing.": "Manca.",
    "It names too many sessions.": "Indica troppe sessioni.",
    "It has another number of rows than the times.": "Non ha tante righe quante i tempi.",
    "It has a text that is too long.": "Ha un testo troppo lungo.",
    "It has a text that is none.": "Ha un testo che non è tale.",
    "It has a value that is not from {least} to {greatest}.": "Ha un valore che non è da {least} a {greatest}.",
    "There must be one more of them than sessions.": "Devono essere uno più delle sessioni.",
    "They must rise from 0 to {rows}, the number of rows.": "Devono salire da 0 a {rows}, il numero delle righe.",
    "It is packed in another way than NumPy does.": "Non è compresso come fa NumPy.",
    "It has the wrong type of values.": "Ha valori del tipo sbagliato.",
    "It must be one plain row of values.": "Deve essere una semplice riga di valori.",
    "It is longer or shorter than it says.": "È più lungo o più corto di quanto dice.",
    "Its fields are of no corpus.": "I suoi campi non sono di un corpus.",
    "This system lacks the X11 sensor's code, which reduces a pointer.": (
        "A questo sistema manca il codice del sensore X11, che riduce un puntatore."
    ),
    "Another file has this name.": "Un altro file ha questo nome.",
    "jobs: the installed program evaluates in one process on this system. Please leave it out.": (
        "jobs: su questo sistema il programma installato valuta in un solo processo. Non indicarlo."
    ),
    "A process of the evaluation ended, most likely for want of memory. Please try again with fewer jobs.": (
        "Un processo della valutazione è finito, con ogni probabilità per mancanza di memoria. Riprova con meno processi."
    ),
}
