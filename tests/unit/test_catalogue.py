# SPDX-License-Identifier: Apache-2.0
"""The catalogue as a file: strict, anchored, in step with what a policy can grade, and read only when it is asked."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.catalogue.match import Matcher, match, matcher, shipped
from detectors.catalogue.schema import Catalogue, Kind
from session.policy import AiKinds

TOML = (files("detectors.catalogue") / "tools.toml").read_text(encoding="utf-8")
ENTRY = '[[tools]]\nname = "A"\nkind = "chat"\nsource = "s"\nconfidence = "seen"\n'
HEAD = 'version = 1\nbrowsers = ["chromium"]\nendings = [" - Chromium"]\n'


def read(toml: str) -> Catalogue:
    return msgspec.convert(tomllib.loads(toml), Catalogue, strict=True)


def test_a_policy_can_grade_exactly_the_kinds_that_there_are() -> None:
    assert set(get_args(Kind)) == set(AiKinds.__struct_fields__)
    assert {tool.kind for tool in shipped().tools} == set(get_args(Kind))


@pytest.mark.parametrize(
    "more",
    [
        'colour = "red"',
        'linux = ["Claude"]',
        'linux = "claude"',
        'titles = [""]',
        "ports = [0]",
        "ports = [65536]",
        "part = 1",
    ],
)
def test_a_wrong_entry_is_refused(more: str) -> None:
    assert read(HEAD + ENTRY).tools[0].name == "A"
    with pytest.raises(msgspec.ValidationError):
        read(HEAD + ENTRY + more)


@pytest.mark.parametrize(
    ("old", "new"),
    [('kind = "chat"', 'kind = "chats"'), ('"seen"', '"sure"'), ("version = 1", "version = 2"), ('source = "s"', "")],
)
def test_a_wrong_word_is_refused(old: str, new: str) -> None:
    toml = HEAD + ENTRY
    assert old in toml
    with pytest.raises(msgspec.ValidationError):
        read(toml.replace(old, new))


def test_every_name_is_said_once_and_every_entry_can_be_met() -> None:
    names = [tool.name for tool in shipped().tools]
    assert len({name.casefold() for name in names}) == len(names) >= 90
    apps = [app for tool in shipped().tools for app in (*tool.linux, *tool.windows, *tool.mac)]
    assert len(set(apps)) == len(apps)
    unmet = [tool.name for tool in shipped().tools if not (tool.titles or tool.linux or tool.windows or tool.mac)]
    assert unmet == []


def test_only_a_part_may_be_a_browser() -> None:
    browsers = set(shipped().browsers)
    assert len(browsers) == len(shipped().browsers)
    whole = {app for tool in shipped().tools if not tool.part for app in (*tool.linux, *tool.windows, *tool.mac)}
    assert browsers & whole == set()


def test_patterns_capture_nothing_and_cannot_be_met_by_nothing() -> None:
    """A group of its own would be taken for an entry; a pattern that meets little meets everything."""
    for tool in shipped().tools:
        for pattern in tool.titles:
            compiled = re.compile(pattern)
            assert compiled.groups == 0, pattern
            assert not any(compiled.fullmatch(title) for title in ("", "a", "New tab", "a - b", "a | b")), pattern
            assert re.sub(r"\W", "", pattern.replace(".+", "")), pattern
    for ending in shipped().endings:
        assert re.compile(ending).groups == 0
        assert re.fullmatch(ending, "") is None


def test_what_a_browser_adds_is_taken_off_and_nothing_else() -> None:
    page = matcher().page
    assert page("Task 17 - Google Chrome") == "Task 17"
    assert page("(12) Task  17\u200b — Mozilla Firefox") == "Task 17"
    assert page("Task 17 und 3 weitere Seiten - Profil 1 - Microsoft\u200b Edge") == "Task 17"
    assert page("Task 17 - Wikipedia - Brave") == "Task 17 - Wikipedia"
    assert page("Task 17 - Acme - Microsoft Edge") == "Task 17 - Acme"
    assert page("Chapters 1 and 3 pages of notes - Brave") == "Chapters 1 and 3 pages of notes"
    assert page("Google Chrome - Wikipedia") == "Google Chrome - Wikipedia"
    assert page("Install Google Chrome") == "Install Google Chrome"
    assert page("ChatGPT - Google Chrome - YouTube - Mozilla Firefox") == "ChatGPT - Google Chrome - YouTube"


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
    own = Matcher(read(HEAD + ENTRY + "titles = ['Model .+']\n"))
    met = own("chromium", "Model 7 - Chromium")
    assert met is not None
    assert met.name == "A"
    assert own("chromium", "ChatGPT") is None
    assert own("firefox", "Model 7") is None


def test_importing_detectors_reads_and_compiles_nothing() -> None:
    """A recorder that starts pays for the list when its first window is told, not before."""
    watched = "import detectors; from detectors.catalogue import match as m; print(m.shipped.cache_info().currsize)"
    ran = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "0"
