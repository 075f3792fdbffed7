# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001 - titles stand here as pages write them
"""Ordinary titles of pages: packages, places, documents and headlines in many languages, and pages about AI tools.

The same titles on every machine. Words: detectors/catalogue/titles/README.md. The pages about tools are made of the
catalogue, so that a new entry brings its own look-alikes: whoever reads about a tool has no tool in front.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import cycle
from typing import Final

from detectors.catalogue.match import Matcher, shipped
from detectors.catalogue.schema import Catalogue, Tool

MOST_MET: Final = 10_000
"""At most one ordinary title in so many may be taken for a tool. Source: docs/detectors/ai-tool.md, Threshold."""

PACKAGES: Final = (
    "{} download | SourceForge.net",
    "{}/README.md at main · example/{}",
    "Issues · example/{}",
    "Debian -- Details of package {} in bookworm",
    "python - How do I configure {}? - Stack Overflow",
    "{} documentation",
    "{}(1) - Linux manual page",
    "Bug#1041234: {} crashes at start",
    "{} - ArchWiki",
    "apt - Cannot install {} - Ask Ubuntu",
    "{} — Project description",
    "{}: all versions | Repology",
    "Release notes - {}",
    "Chat | {}",
    "{}.pdf",
)
PLACES: Final = (
    "{} - Wikipedia",
    "{} – Wikipédia",
    "{} — Википедия",
    "{} - 维基百科，自由的百科全书",
    "{}",
    "{} 2026 - Google Drive",
    "Relazione {} - Documenti Google",
    "{} | Al Jazeera",
    "{} - YouTube",
    "Kalender {} – Woche 48",
    "{}.docx - OneDrive",
    "Notes - {}",
    "{} · Le Monde",
    "Inbox ({}) - Gmail",
)
ABOUT: Final = (
    "{} - Wikipedia",
    "{} – Wikipédia",
    "{} banned in schools - News",
    "{} banned in schools | BBC News",
    "What is {}? | IBM",
    "{} review: is it any good? - PCMag",
    "{} pricing, features and alternatives | G2",
    "r/{} - Reddit",
    "{} - Google Search",
    "{} at DuckDuckGo",
    "{} - Cerca con Google",
    "{} | LinkedIn",
    "{} - Crunchbase Company Profile & Funding",
    "{} outage: what we know so far - The Verge",
    "How teachers use {} in class - YouTube",
    "{} in education: a systematic review - PubMed",
    "Cos'è {} e come funziona - Il Post",
    "Was ist {}? | heise online",
    "{} - Apps on Google Play",
    "Is {} down? | Downdetector",
    "{} raises new round | TechCrunch",
    "reviewing answers of {} - Task 17 - Example Annotation",
)
NAMESAKES: Final = (
    "{} (name) - Wikipedia",
    "{} | Definition, meaning and synonyms",
    "{} - Wiktionary",
    "{} horoscope today",
    "The {} Quartet plays Haydn",
    "Hotel {} - Booking.com",
    "Via {} 12 - Google Maps",
    "{} (2019) - IMDb",
    "Restaurant Chez {} – Lyon",
    "{} County - Election results | NPR",
    "St. {}'s College: admissions",
    "{} (constellation)",
    "the {} of databases | MDN",
    "{}, Jean - Oxford Reference",
)
DOCUMENTS: Final = (
    (
        "en",
        (
            "{} - Google Docs",
            "Rate two answers about {}",
            "{}: a short history | The Guardian",
            "Chapter 3: {}",
            "{} explained - Vox",
        ),
    ),
    (
        "it",
        (
            "{} - Documenti Google",
            "Appunti di {} - Notion",
            "{}: linee guida 2026",
            "Lezione su {} | Treccani",
            "Che cos'è: {}",
        ),
    ),
    ("de", ("{} – Referat", "{} | Duden", "Vorlesung: {} - Universität Leipzig", "{} – DER SPIEGEL", "Alles über {}")),
    ("fr", ("{} — Larousse", "Cours : {} - France Culture", "{} | Le Figaro", "Dossier « {} »", "{} : définition")),
    ("es", ("{} | EL PAÍS", "Apuntes de {} - Universidad", "¿Qué es {}?", "{} - RAE", "Historia: {}")),
    ("pt", ("{} - Infopédia", "Resumo de {} | Brasil Escola", "{} – Público", "Aula de {}", "O que é {}?")),
    ("ru", ("{} — Лекция", "{} | Хабр", "Что такое {}?", "{} - Яндекс Дзен", "Конспект: {}")),
    ("zh", ("{} - 知乎", "{}_百度百科", "{} | 豆瓣", "什么是{}？", "{} - 课程笔记")),
    ("ja", ("{} - Qiita", "{}とは - コトバンク", "{} | NHK", "レポート：{}", "{}の歴史")),
    ("ar", ("{} - ويكيبيديا", "ما هو {}؟", "{} | الجزيرة نت", "محاضرة: {}", "ملخص {}")),
)
SUBJECTS: Final = {
    "en": "glaciers;beta blockers;language models;contract law;jazz harmony;Bayesian statistics;chat manners;AI policy",
    "it": "i ghiacciai;la fisica;il diritto;la poesia;il maestrale;i gemelli;l'intelligenza artificiale;la statistica",
    "de": "Gletscher;Quantenphysik;Vertragsrecht;Lyrik;Zwillinge;künstliche Intelligenz;Statistik;Übersetzung;Chat",
    "fr": "les glaciers;le chat;la poésie;le mistral;l'intelligence artificielle;la statistique;le droit;la traduction",
    "es": "los glaciares;el derecho;la poesía;géminis;la inteligencia artificial;la estadística;la traducción;el chat",
    "pt": "geleiras;direito;poesia;gêmeos;inteligência artificial;estatística;tradução;bate-papo",
    "ru": "ледники;право;поэзия;близнецы;искусственный интеллект;статистика;перевод;чат",
    "zh": "冰川;法律;诗歌;双子座;人工智能;统计学;翻译;聊天机器人;豆包子",
    "ja": "氷河;法律;詩;双子座;人工知能;統計学;翻訳;チャット",
    "ar": "الأنهار الجليدية;القانون;الشعر;الجوزاء;الذكاء الاصطناعي;الإحصاء;الترجمة;الدردشة",
}
SHOWN: Final = (
    ("google-chrome", " - Google Chrome"),
    ("firefox", " — Mozilla Firefox"),
    ("msedge.exe", " - Personal - Microsoft\u200b Edge"),
    ("brave-browser", " - Brave"),
    ("com.apple.safari", ""),
    ("epiphany", " - Web"),
)
"""A browser, and what it adds."""


def words_of(name: str) -> list[str]:
    """One of the committed lists."""
    return (
        gzip.decompress((files("detectors.catalogue") / "titles" / f"{name}.txt.gz").read_bytes()).decode().split("\n")[:-1]
    )


def ordinary_titles(tools: Iterable[Tool]) -> list[str]:
    """Over 20,000 different titles of pages, none of which is a tool of `tools`; without what a browser adds."""
    return list(dict.fromkeys(_titles(tools)))


def shown(titles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each title in one browser after the other, with the browser's ending: application and title of the window."""
    for (app, ending), title in zip(cycle(SHOWN), titles, strict=False):
        yield app, title + ending


def mistaken(catalogue: Catalogue) -> tuple[int, tuple[tuple[str, str], ...]]:
    """How many ordinary titles were tried, and which of them `catalogue` takes for a tool: title and tool.

    The titles are those about its own tools and about the tools of the program's list.
    """
    titles = ordinary_titles((*catalogue.tools, *shipped().tools))
    ask = Matcher(catalogue)
    met = ((title, known.name) for app, title in shown(titles) for known in (ask(app, title),) if known is not None)
    return len(titles), tuple(met)


def _titles(tools: Iterable[Tool]) -> Iterator[str]:
    for name, forms in (("packages", PACKAGES), ("places", PLACES)):
        for form, word in zip(cycle(forms), words_of(name), strict=False):
            yield form.replace("{}", word)
    for language, written in DOCUMENTS:
        for subject in SUBJECTS[language].split(";"):
            for form in written:
                yield form.format(subject)
    for tool in tools:
        for form in ABOUT:
            yield form.format(tool.name)
        if re.fullmatch(r"[^\W\d]+", tool.name):
            for form in NAMESAKES:
                yield form.format(tool.name)
        yield from tool.lookalikes
