# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001 - letters of many scripts
"""How often an ordinary title is taken for a tool: at most once in 10,000, over more than 20,000 of them."""

from __future__ import annotations

import pytest

from detectors.catalogue.match import Match, Matcher, match, shipped
from detectors.catalogue.ordinary import ABOUT, NAMESAKES, SHOWN, ordinary_titles, shown, words_of
from detectors.catalogue.schema import Tool

TITLES = ordinary_titles(shipped().tools)


def test_an_ordinary_title_is_taken_for_a_tool_at_most_once_in_ten_thousand() -> None:
    met = [(app, title, known.name) for app, title in shown(TITLES) for known in (match(app, title),) if known]
    assert len(TITLES) == len(set(TITLES)) >= 20_000
    assert len(met) * 10_000 <= len(TITLES), met
    assert met == [], "none is taken now; a new one is looked at, not counted away"


def test_the_titles_are_of_many_kinds_and_many_languages() -> None:
    assert len(words_of("packages")) > 10_000
    assert len(words_of("places")) > 5_000
    scripts = {"latin": "ä", "cyrillic": "я", "arabic": "ا", "han": "月", "hangul": "월", "devanagari": "स", "hebrew": "א"}
    text = "\n".join(TITLES)
    assert [script for script, letter in scripts.items() if letter not in text] == []
    for name in ("ChatGPT", "Perplexity", "DeepSeek"):
        assert sum(name in title for title in TITLES) >= len(ABOUT)


def test_every_browser_shows_its_share() -> None:
    told = list(shown(TITLES))
    assert {app for app, _ in told} == {app for app, _ in SHOWN}
    assert len(told) == len(TITLES)
    assert match("google-chrome", "ChatGPT - Google Chrome") is not None, "the same way of asking finds the tool itself"


def test_a_careless_entry_would_be_counted() -> None:
    """A name looked for within a title, as a search would: the measure that lets it through measures nothing."""
    careless = Tool(name="Gemini", kind="chat", source="s", confidence="low", patterns=(".*Gemini.*",))
    catalogue = shipped()
    matcher = Matcher(type(catalogue)(version=1, browsers=catalogue.browsers, tools=(careless,)))
    met = [known for app, title in shown(TITLES) for known in (matcher(app, title),) if known is not None]
    assert len(met) >= len(ABOUT) + len(NAMESAKES)
    assert isinstance(met[0], Match)


@pytest.mark.parametrize("app", ["google-chrome", "firefox", "msedge.exe", "com.apple.safari"])
def test_no_namesake_is_taken_in_any_browser(app: str) -> None:
    lookalikes = [title for tool in shipped().tools for title in tool.lookalikes]
    assert len(lookalikes) >= 100
    assert [title for title in lookalikes if match(app, title)] == []
