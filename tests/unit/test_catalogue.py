# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: RUF001 - titles stand here as pages and browsers write them
"""A window against the catalogue: applications by whole names, pages by whole titles, nothing read before it is asked."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.catalogue.match import Matcher, ends_of, match, matcher, shipped
from detectors.catalogue.schema import Browser, Catalogue, Tool

BROWSERS = (Browser(name="Chromium", linux=("chromium",), endings=(" - Chromium",)),)


def listed(**fields: object) -> Matcher:
    tool = {"name": "A", "kind": "chat", "source": "s", "confidence": "high", **fields}
    return Matcher(Catalogue(version=1, browsers=BROWSERS, tools=(msgspec.convert(tool, Tool),)))


def test_what_a_browser_adds_is_taken_off_and_nothing_else() -> None:
    page = matcher().page
    chrome, firefox, edge, brave = "google-chrome", "firefox", "msedge.exe", "brave-browser"
    assert page(chrome, "Task 17 - Google Chrome") == "Task 17"
    assert page(firefox, "(12) Task  17\u200b — Mozilla Firefox") == "Task 17"
    assert page(edge, "Task 17 und 3 weitere Seiten - Profil 1 - Microsoft\u200b Edge") == "Task 17"
    assert page(brave, "Task 17 - Wikipedia - Brave") == "Task 17 - Wikipedia"
    assert page(edge, "Task 17 - Acme - Microsoft Edge") == "Task 17 - Acme"
    assert page(brave, "Chapters 1 and 3 pages of notes - Brave") == "Chapters 1 and 3 pages of notes"
    assert page(chrome, "Google Chrome - Wikipedia") == "Google Chrome - Wikipedia"
    assert page(chrome, "Install Google Chrome") == "Install Google Chrome"
    assert page(firefox, "ChatGPT - Google Chrome - YouTube - Mozilla Firefox") == "ChatGPT - Google Chrome - YouTube"


def test_another_browsers_ending_is_part_of_the_page() -> None:
    assert matcher().page("google-chrome", "Task 17 — Mozilla Firefox") == "Task 17 — Mozilla Firefox"
    assert matcher().page("com.apple.safari", "Task 17 - Google Chrome") == "Task 17 - Google Chrome"
    assert match("firefox", "ChatGPT - Google Chrome") is None


@pytest.mark.parametrize(
    ("app", "name", "basis"),
    [
        ("claude", "Claude", "application"),
        ("Claude", "Claude", "application"),
        (" com.openai.chat ", "ChatGPT", "application"),
        ("lm studio", "LM Studio", "application"),
        ("cursor", "Cursor", "part"),
        ("comet.exe", "Perplexity Comet", "part"),
    ],
)
def test_an_application_is_known_by_its_whole_name(app: str, name: str, basis: str) -> None:
    met = match(app, "anything at all")
    assert met is not None
    assert (met.name, met.basis) == (name, basis)
    assert match(app + "x") is None
    assert match("x" + app.strip()) is None


@pytest.mark.parametrize(
    "app", ["dia", "code", "chat", "q", "goose", "gnome-terminal", "firefox", "linguist", "zed", "idea"]
)
def test_programs_of_another_purpose_are_no_tools(app: str) -> None:
    """Dia draws diagrams on Linux, Linguist translates programs, and in an editor a model is an extra."""
    assert match(app, "") is None


def test_a_page_in_a_browser_that_holds_a_tool_is_named_by_the_page() -> None:
    met = match("comet.exe", "Heart failure - Claude - Comet")
    assert met is not None
    assert (met.name, met.basis) == ("Claude", "title")


@given(st.text(max_size=600), st.sampled_from(["firefox", "google-chrome", "claude", "editor", ""]))
def test_no_title_makes_it_fail(title: str, app: str) -> None:
    met = match(app, title)
    assert met is None or met.name in {tool.name for tool in shipped().tools}


@given(st.text(alphabet="abcdefgh -\u2013—|·", max_size=80))
def test_a_title_without_a_tools_name_in_it_is_never_one(title: str) -> None:
    assert match("firefox", title) is None


def test_a_matcher_knows_its_own_list_only() -> None:
    own = listed(patterns=["Model .+"])
    met = own("chromium", "Model 7 - Chromium")
    assert met is not None
    assert met.name == "A"
    assert own("chromium", "ChatGPT") is None
    assert own("firefox", "Model 7") is None


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("Model", True),
        ("Model - Chat", True),
        ("Model | Chat", True),
        ("Model Chat", False),
        ("Rain - Ends", True),
        ("Rain – Ends", True),
        ("Rain and snow - in April — Ends", True),
        ("Rain · Ends", False),
        ("Rain - Two - Parts", True),
        ("Rain - Two | Parts", True),
        ("Rain · Own", True),
        ("Rain - Own", False),
        ("Ends", False),
        (" - Ends", False),
        ("Ends - Rain", False),
        ("Rain -Ends", False),
        ("Rain - Ends - Rain", False),
        ("Rain - Ends of the world", False),
        ("Rain - Ends - a - b - c", False),
    ],
)
def test_a_page_is_known_by_its_whole_title_or_by_its_end(title: str, known: bool) -> None:
    own = listed(exact=["Model", "Model - Chat"], ends=["Ends", "Two - Parts", "· Own"])
    assert (own("chromium", title + " - Chromium") is not None) is known


@pytest.mark.parametrize(("confidence", "confirmed"), [("high", True), ("medium", False), ("low", False)])
def test_what_rests_on_less_than_a_capture_is_not_confirmed(confidence: str, confirmed: bool) -> None:
    met = listed(linux=["a-program"], confidence=confidence)("A-Program")
    assert met is not None
    assert met.confirmed is confirmed


def test_importing_detectors_reads_and_compiles_nothing() -> None:
    """A recorder that starts pays for the list when its first window is told, not before."""
    watched = "import detectors; from detectors.catalogue import match as m; print(m.shipped.cache_info().currsize)"
    ran = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "0"


def test_every_title_of_the_list_is_met_as_its_own_tool() -> None:
    """No entry hides another: whole titles alone and under a count of messages, ends behind the title of a conversation."""
    for tool in shipped().tools:
        titles = [*tool.exact, *(f"(3) {title}" for title in tool.exact), *(f"Rain in April{end}" for end in ends_of(tool))]
        for title in titles:
            met = match("firefox", f"{title} — Mozilla Firefox")
            assert met is not None, title
            assert (met.name, met.basis) == (tool.name, "title")


def test_every_application_of_the_list_is_met_as_its_own_tool() -> None:
    for tool in shipped().tools:
        for app in tool.apps:
            met = match(app)
            assert met is not None, app
            assert (met.name, met.basis) == (tool.name, "part" if tool.part else "application")
