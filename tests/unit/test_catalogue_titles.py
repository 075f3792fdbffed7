# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001 - titles stand here as pages and browsers write them
"""Titles that are tools, and titles that are not. An innocent title that matches would ask an honest person a question."""

from __future__ import annotations

import pytest

from detectors.catalogue.match import match

TOOLS = [
    ("ChatGPT", "ChatGPT - Google Chrome"),
    ("ChatGPT", "ChatGPT — Mozilla Firefox"),
    ("ChatGPT", "ChatGPT - Web Browser"),
    ("ChatGPT", "ChatGPT"),
    ("ChatGPT", "(2) ChatGPT - Brave"),
    ("ChatGPT", "ChatGPT - Chromium"),
    ("ChatGPT", "ChatGPT — Mozilla Firefox Private Browsing"),
    ("ChatGPT", "ChatGPT — Mozilla Firefox (navigazione anonima)"),
    ("ChatGPT", "ChatGPT - Google Chrome (Incognito)"),
    ("ChatGPT", "ChatGPT - Google Chrome – Anna"),
    ("ChatGPT", "ChatGPT - Personal - Microsoft\u200b Edge"),
    ("ChatGPT", "ChatGPT - Trabalho — Microsoft\u200b Edge"),
    ("ChatGPT", "ChatGPT and 3 more pages - Personal - Microsoft\u200b Edge"),
    ("ChatGPT", "ChatGPT and 1 more page - Work - Microsoft Edge"),
    ("ChatGPT", "ChatGPT e altre 3 pagine - Personale - Microsoft\u200b Edge"),
    ("ChatGPT", "ChatGPT und 2 weitere Seiten - Persönlich - Microsoft\u200b Edge"),
    ("ChatGPT", "ChatGPT et 4 autres pages - Personnel - Microsoft\u200b Edge"),
    ("ChatGPT", "ChatGPT y 2 páginas más - Personal - Microsoft\u200b Edge"),
    ("ChatGPT", "Fix Parser - ChatGPT - Google Chrome"),
    ("ChatGPT", "贝叶斯 - ChatGPT - Google Chrome"),
    ("ChatGPT", "ChatGPT: Chat, Work, Create & Code with AI - Google Chrome"),
    ("Claude", "Claude - Google Chrome"),
    ("Claude", "New chat - Claude - Google Chrome"),
    ("Claude", "Neuer Chat - Claude - Google Chrome"),
    ("Claude", "Squashing Commits with Git Rebase - Claude - Google Chrome"),
    ("Claude", "Intégration HERMES au projet Luca's - Claude - Google Chrome"),
    ("Claude", "Beta blocker after infarction \\ Claude — Mozilla Firefox"),
    ("Anthropic Console", "Workbench | Anthropic Console - Google Chrome"),
    ("Gemini", "Google Gemini - Google Chrome"),
    ("Gemini", "\u200eGoogle Gemini - Google Chrome"),
    ("Gemini", "Google Gemini - Google Chrome - Peter"),
    ("Gemini", "Gemini — Mozilla Firefox"),
    ("Gemini", "Trip to Bologna - Google Gemini - Google Chrome"),
    ("Google AI Studio", "Chat Prompt | Google AI Studio - Google Chrome"),
    ("NotebookLM", "Cardiology notes - NotebookLM - Google Chrome"),
    ("Microsoft Copilot", "Microsoft Copilot: Your AI companion - Personal - Microsoft\u200b Edge"),
    ("Microsoft Copilot", "Chat | M365 Copilot and 6 more pages - Work - Microsoft\u200b Edge"),
    ("Perplexity", "Perplexity - Google Chrome"),
    ("Perplexity", "Perplexity — Mozilla Firefox"),
    ("Perplexity", "beta blocker guideline | Perplexity — LibreWolf"),
    ("Google AI Mode", "Google AI Mode - Google Chrome"),
    ("Grok", "Grok - Google Chrome"),
    ("Grok", "Grok / X - Brave"),
    ("Grok", "Limits of a function - Grok — Mozilla Firefox"),
    ("Meta AI", "Meta AI — Mozilla Firefox"),
    ("DeepSeek", "DeepSeek - Google Chrome"),
    ("DeepSeek", "DesafioGUT 15 - DeepSeek - Google Chrome"),
    ("DeepSeek", "DeepSeek - Into the Unknown - Vivaldi"),
    ("Mistral Le Chat", "Le Chat - Mistral AI — Mozilla Firefox"),
    ("Mistral Le Chat", "Le Chat - Opera"),
    ("Poe", "Poe - Fast, Helpful AI Chat - Google Chrome"),
    ("Poe", "GPT-4o-Mini - Poe - Google Chrome"),
    ("Pi", "Pi, your personal AI - Google Chrome"),
    ("HuggingChat", "HuggingChat — Mozilla Firefox"),
    ("Character.AI", "Socrates | character.ai - Google Chrome"),
    ("Qwen Chat", "Qwen Chat - Google Chrome"),
    ("Kimi", "Kimi - 会推理解析，能深度思考的AI助手 - Google Chrome"),
    ("Doubao", "豆包 - 字节跳动旗下 AI 智能助手 - Google Chrome"),
    ("ERNIE Bot", "文心一言 - Google Chrome"),
    ("Duck.ai", "Duck.ai — Waterfox"),
    ("LMArena", "LMArena - Google Chrome"),
    ("Phind", "sort a dict by value | Phind - Google Chrome"),
    ("Genspark", "Genspark - Google Chrome"),
    ("QuillBot", "Paraphrasing Tool - QuillBot AI - Google Chrome"),
    ("Grammarly", "Untitled document - Grammarly - Google Chrome"),
    ("WriteHuman", "WriteHuman - Google Chrome"),
    ("Chegg", "Solved A 2 kg block slides down | Chegg.com - Google Chrome"),
    ("DeepL", "DeepL Translate: The world's most accurate translator - Google Chrome"),
    ("DeepL", "DeepL Traduttore: il miglior traduttore al mondo — Mozilla Firefox"),
    ("Google Translate", "Google Traduttore — Mozilla Firefox"),
    ("Elicit", "Elicit: The AI Research Assistant - Google Chrome"),
    ("GitHub Copilot", "Explain this diff · GitHub Copilot - Google Chrome"),
    ("Open WebUI", "Open WebUI - Google Chrome"),
    ("text-generation-webui", "Text generation web UI — Mozilla Firefox"),
]
INNOCENT = """
Claude Monet - Wikipedia
Claude Debussy – Clair de lune - YouTube
Jean-Claude Van Damme - IMDb
Claude Shannon | Biography, Facts & Information Theory
Claude Lévi-Strauss — Tristes tropiques
Saint-Claude, Jura - Wikipedia
Claude (given name) - Wikipedia
Claude (language model) - Wikipedia
Claude Speed - GTA Wiki
Introducing Claude 4 \\ Anthropic
Anthropic - Wikipedia
Claude François - Comme d'habitude
Musée Claude Monet, Giverny
Restaurant Chez Claude - Lyon
Gemini (astrology) - Wikipedia
Gemini (constellation)
Gemini horoscope today
Project Gemini | NASA
Gemini: The Most Trusted Crypto Exchange
Gemelli (astrologia) - Wikipedia
Gemini South Telescope - NOIRLab
Horoscope - Gemini
Sternzeichen Zwillinge (Gemini)
Gemini Man (2019) - IMDb
What is Google Gemini? | TechRadar
Google Gemini - Wikipedia
Copilot - Wikipedia
Co-pilot jobs in Europe | Pilot Career Centre
First officer (aviation)
Copilot wanted, regional airline - Indeed
GitHub Copilot - Wikipedia
GitHub Copilot documentation - GitHub Docs
Microsoft Copilot - Wikipedia
Microsoft Copilot pricing | Gartner
Perplexity (information theory) - Wikipedia
Perplexity of language models · Hugging Face
Perplexity, definition and meaning | Merriam-Webster
Perplexity AI - Wikipedia
How to compute perplexity - Stack Overflow
Mistral wind - Wikipedia
Mistral (wind) | Britannica
Il maestrale e il mistral
Frédéric Mistral - Wikipédia
Mistral AI raises new round | Reuters
Mistral Air timetable
Le chat noir - Wikipédia
Le Chat (bande dessinée) — Wikipédia
Le chat botté
Le Chat du Rabbin
ChatGPT - Wikipedia
ChatGPT – Wikipedia
ChatGPT, explained - Vox
What is ChatGPT? | IBM
ChatGPT in education: a systematic review - PubMed
ChatGPT outage: what we know | BBC News
ChatGPT per insegnanti: una guida
ChatGPT at DuckDuckGo
chatgpt - Google Search
chatgpt - Cerca con Google
r/ChatGPT - Reddit
OpenAI - Wikipedia
GPT-4 Technical Report - arXiv
Generative pre-trained transformer
Grok - Wiktionary
Grok (Stranger in a Strange Land)
grok | Definition
Grok parsing in Logstash | Elastic
To grok is to understand | Essays
Groq - Wikipedia
ChatGPT banned in schools - News
ChatGPT banned in schools | BBC News
Tageshoroskop Zwillinge - Gemini
Cursor (databases) - Wikipedia
Cursor
Kiro
Copilot
Poe
Kimi
Lumo
Manus
Poe stories for the autumn
The stories of E. A. Poe - Project Gutenberg
Grok in Heinlein's Stranger in a Strange Land
Perplexity as a metric - Cross Validated
Claude Monet: the water lilies - Musée d'Orsay
Storm - Wikipedia
Mercury - NASA Science
Venice - Lonely Planet
Devin Booker | NBA.com
Jules Verne – Wikipédia
Codex Sinaiticus
Amp - Wikipedia
Gamma function - Wikipedia
Writer - Wikipedia
Liner notes - Discogs
Meta AI lays off researchers - The Verge
Meta | About
Meta-analysis of beta blockers
DeepSeek - Wikipedia
DeepSeek shock: markets fall | FT
Deep Sea Research | Journal
Edgar Allan Poe - Wikipedia
Edgar Allan Poe – The Raven | Poetry Foundation
Complete works - Poe
Magnum Opus - Poe
Poe Dameron | Wookieepedia
Path of Exile (PoE) trade
Power over Ethernet (PoE) explained
Pi - Wikipedia
Raspberry Pi OS – Raspberry Pi
Pi Day 2026
Life of Pi (2012)
Kimi Räikkönen - Wikipedia
Kimi Antonelli wins in Monza
Kimi (film) - Wikipedia
Kimi ni Todoke - MyAnimeList
Qwen - Wikipedia
Manus Island - Wikipedia
Weather in Lorengau - Manus
manus - Wiktionary
Manus marriage in Roman law
Jasper National Park | Parks Canada
Jasper (mineral)
Hotels | Jasper
JasperReports Library
Sora - Wikipedia
Sora, by OverDrive
Sora (Lazio)
Sora no Otoshimono
Lumo Trains: London to Edinburgh | Lumo
Lumo - Wiktionary
Phind raises seed round | TechCrunch
Usain Bolt - Wikipedia
Bolt - request a ride
Bolts and screws | Hardware
Lovable definition
The Lovable Rogue
Release notes - v0
SemVer: why v0.9?
v0.12.1 · Releases · GitHub
Consensus decision-making - Wikipedia
Consensus | CoinDesk
Expert consensus statement | European Heart Journal
How to elicit requirements
Elicitation technique
Cursor (user interface) - Wikipedia
CSS cursor property - MDN
Database cursor
Windsurf lessons in Tarifa
Windsurfing - Wikipedia
Merlin - Wikipedia
Merlin Bird ID
Merlin (BBC)
Monica Vitti - Wikipedia
Monica Seles interview
Santa Monica
Jan van Eyck - Wikipedia
Jan 6 hearings
Msty eyes
Ollama blog | Medium
LM Studio vs Ollama: which?
Running llama.cpp on a laptop
llama - Wikipedia
Alpaca and llama wool
Open WebUI on Docker: guide
Harpa - Wikipedia
Character.AI lawsuit | The New York Times
character ai - Google Search
Together for Health | EU
Replit raises | Forbes
Notion – The all-in-one workspace
Colaboratory | Google
Chegg stock price | Nasdaq
Course hero nation
Brainly - Wikipedia
brain lyrics
DeepL - Wikipedia
DeepL SE careers
Google Translate - Wikipedia
Translate | Wiktionary
Grammarly review | PCMag
What Is an Adverb? Definition | Grammarly
QuillBot - Wikipedia
QuillBot review: is it any good?
Wordtune - Crunchbase
Arena di Verona - programma
Chatbot - Wikipedia
Chatbot - chapter 3
LibreChat/README.md at main
Inbox (14) - anna@example.org - Gmail
Posta in arrivo - Outlook
Google Docs
Untitled document - Google Docs
Relazione finale - Documenti Google
Beta blockers after myocardial infarction - PubMed
Infarto miocardico: linee guida ESC 2025
2025 ESC Guidelines | European Heart Journal
New tab
Nuova scheda
Neuer Tab
Nouvel onglet
新しいタブ
YouTube
WhatsApp
(3) WhatsApp
Stack Overflow - Where Developers Learn
python - How do I sort a dict? - Stack Overflow
GitHub
Pull requests · example/project
Il Post
Corriere della Sera
Le Monde.fr
Der Spiegel
El País
天気予報 - Yahoo! JAPAN
百度一下，你就知道
Яндекс
Kalender – Woche 48
Amazon.it: claude monet poster
Maps - Via Claudia Augusta
Booking.com: Gemini Hotel
Labelbox | Task 17 of 40: compare two answers
Compare two answers - Workbench
Rate the responses | Example Annotation
Trainer guidelines: models named Claude, Gemini and Grok
Task: is ChatGPT right?
Slack | general | Example
Meet - abc-defg-hij
Zoom Meeting
Netflix
Spotify – Lumo
Stealth (film)
Humboldt University
Undetectable gravity? | Physics Today
ERNIE Ball strings
Ernie & Bert
通义县 - 百科
豆包子怎么做好吃
文心雕龙 - 维基百科
""".strip().splitlines()
ENDINGS = (" - Google Chrome", " — Mozilla Firefox", " - Personal - Microsoft\u200b Edge", " - Brave", " - Web Browser", "")
BROWSERS = {
    "Mozilla Firefox": "firefox",
    "LibreWolf": "librewolf",
    "Waterfox": "waterfox",
    "Microsoft": "msedge.exe",
    "- Brave": "brave-browser",
    "- Vivaldi": "vivaldi-stable",
    "- Opera": "opera",
    "- Web Browser": "epiphany",
}
"""Whose ending a title has; Chrome's, or none, where none of these."""


def browser_of(title: str) -> str:
    return next((app for ending, app in BROWSERS.items() if ending in title), "google-chrome")


@pytest.mark.parametrize(("name", "title"), TOOLS)
def test_a_real_title_is_known(name: str, title: str) -> None:
    met = match(browser_of(title), title)
    assert met is not None
    assert (met.name, met.basis) == (name, "title")


def test_an_ending_belongs_to_its_own_browser() -> None:
    """A page that is called as if another browser showed it is a page about that, not the tool."""
    firefoxes = {"firefox", "librewolf", "waterfox"}
    for name, title in TOOLS:
        shown_by = browser_of(title)
        if shown_by not in {"google-chrome", "epiphany"}:
            kin = firefoxes if shown_by in firefoxes else {shown_by}
            assert {match(app, title) for app in BROWSERS.values() if app not in kin} == {None}, name


@pytest.mark.parametrize("title", INNOCENT)
def test_an_innocent_title_is_not(title: str) -> None:
    met = {ending: match(browser_of(ending), title + ending) for ending in ENDINGS}
    assert met == dict.fromkeys(ENDINGS)


@pytest.mark.parametrize("app", ["libreoffice-writer", "assistant", "thunderbird", "xterm", "org.gnome.evince", "slack", ""])
def test_the_same_title_says_nothing_outside_a_browser(app: str) -> None:
    assert {match(app, title) for _, title in TOOLS} == {None}


def test_both_lists_are_long_enough_and_say_nothing_twice() -> None:
    assert len(TOOLS) >= 60
    assert len(INNOCENT) >= 150
    assert len(set(TOOLS)) == len(TOOLS)
    assert len(set(INNOCENT)) == len(INNOCENT)
