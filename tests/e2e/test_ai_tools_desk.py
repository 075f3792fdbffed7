# SPDX-License-Identifier: Apache-2.0
"""One desk, three projects: an AI tool's page in front, a copy there, a paste into a draft, as each policy sees it.

Three recorders watch the same display at once, each for an organisation of its own, so that what is asked differs by the
policy alone.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from desk_editor import editor
from desk_programs import activate, openbox, printed, retitle, xdotool
from desk_server import Desk, until, xvfb
from office import Office, office

import detectors
from detectors.ai_tool import LEAST_S
from detectors.paste_chain import LEAST_BYTES
from fairwitness.opening import open_here, policy_of
from session.events import Clipboard, Event, FindingRecord, Focus, Kind
from session.policy import default_policy_toml

pytestmark = pytest.mark.ci  # half a minute of a real page in front; each part has quicker tests of its own

GRADES = ("forbidden", "declare", "allowed")
PAGE = "ChatGPT - Chromium"
ANSWER = "the answer of a model that somebody reads and copies "


def policy(grade: str) -> bytes:
    toml = default_policy_toml().decode()
    for old, new in (
        ('clipboard = "off"', 'clipboard = "sent"'),
        ('detail = "application"', 'detail = "full"'),
        ("shadow = true", "shadow = false"),
        ('default = "allowed"', f'default = "{grade}"'),
    ):
        assert toml.count(old) == 1, old
        toml = toml.replace(old, new)
    return toml.encode()


class Seen:
    """What one organisation has of the hour: the trainer's record, and the reviewer's copy of it."""

    def __init__(self, desk: Office, session: Path) -> None:
        self.desk = desk
        self.events = open_here(session, desk.trainer).reader.events()
        self.copy = desk.fetched(session)

    def told(self, detector: str) -> FindingRecord:
        (record,) = (e.body for e in self.events if isinstance(e.body, FindingRecord) and e.body.detector == detector)
        return record


def bring(screen: Desk, window: str) -> None:
    """The window is in front, and a key that follows goes to it."""
    activate(screen, window)
    until(lambda: printed(screen, "xdotool", "getactivewindow", check=False) == window, "the window is in front")


def work(screen: Desk, page: str, draft: str) -> None:
    """The script: write; look at the page for a while; copy its text; paste it into the draft; write on."""
    bring(screen, draft)
    xdotool(screen, "type", "--delay", "5", "a first sentence ")
    bring(screen, page)
    shown_s = time.monotonic()
    xdotool(screen, "type", "--delay", "2", ANSWER * (2 + LEAST_BYTES // len(ANSWER)))
    until(lambda: time.monotonic() > shown_s + LEAST_S + 2, "the page was long enough in front", LEAST_S * 2)
    xdotool(screen, "key", "ctrl+a", "ctrl+c")
    copied = ("xclip", "-selection", "clipboard", "-o")
    until(lambda: printed(screen, *copied, check=False).startswith(ANSWER), "the page's text was copied")
    bring(screen, draft)
    xdotool(screen, "key", "ctrl+v")
    pasted_s = time.monotonic()
    xdotool(screen, "type", "--delay", "5", "a last sentence ")
    until(lambda: time.monotonic() > pasted_s + 2, "a sensor that is being stopped need not hand over its last moment")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seen]]:
    with ExitStack() as stack:
        screen = stack.enter_context(xvfb())
        stack.enter_context(openbox(screen))
        draft = stack.enter_context(editor(screen, "draftpad", "#ffffff"))
        page = stack.enter_context(editor(screen, "chromium", "#eeeeff"))
        retitle(screen, page, PAGE)
        offices = {grade: stack.enter_context(office(tmp_path_factory.mktemp(grade), policy(grade))) for grade in GRADES}
        recorders = {grade: desk.start(screen.environment, for_s=600) for grade, desk in offices.items()}
        for desk in offices.values():
            until(lambda home=desk.trainer: list((home / "spool").glob("*/000000.fws")), "the session has begun", 60)
        work(screen, page, draft)
        for recorder in recorders.values():
            recorder.send_signal(signal.SIGTERM)
        sessions = {grade: offices[grade].ended(recorder) for grade, recorder in recorders.items()}
        for desk in offices.values():
            desk.send()
        yield {grade: Seen(offices[grade], session) for grade, session in sessions.items()}


def test_the_page_was_in_front_under_each_policy(seen: dict[str, Seen]) -> None:
    for one in seen.values():
        titles = {change.title for e in one.events if isinstance(e.body, Focus) for change in e.body.changes}
        assert PAGE in titles


@pytest.mark.parametrize(("grade", "state", "key"), [("forbidden", "raised", "raised"), ("declare", "raised", "declare")])
def test_what_is_not_simply_allowed_is_asked_about(seen: dict[str, Seen], grade: str, state: str, key: str) -> None:
    told = seen[grade].told("ai-tool")
    assert (told.state, told.weight, told.explanation) == (state, "B", f"finding.ai-tool.{key}")
    assert LEAST_S * 1_000_000 <= told.statistic_ppm < 2 * LEAST_S * 1_000_000
    assert all(one.kind == Kind.FOCUS for one in named(seen[grade].events, told))


def test_what_is_allowed_is_clear(seen: dict[str, Seen]) -> None:
    told = seen["allowed"].told("ai-tool")
    assert (told.state, told.explanation, told.evidence) == ("clear", "finding.ai-tool.allowed", ())


@pytest.mark.parametrize(("grade", "key"), [("forbidden", "raised"), ("declare", "declare")])
def test_what_was_copied_there_and_pasted_into_the_draft_is_asked_about(seen: dict[str, Seen], grade: str, key: str) -> None:
    told = seen[grade].told("paste-chain")
    assert (told.state, told.weight, told.explanation) == ("raised", "B", f"finding.paste-chain.{key}")
    assert told.statistic_ppm >= LEAST_BYTES * 1_000_000
    moments = [e.body for e in named(seen[grade].events, told) if isinstance(e.body, Clipboard)]
    assert [(one.action, one.app) for one in moments] == [("copy", "chromium"), ("paste", "draftpad")]


def test_what_was_copied_where_it_is_allowed_is_clear(seen: dict[str, Seen]) -> None:
    told = seen["allowed"].told("paste-chain")
    assert (told.state, told.explanation, told.evidence) == ("clear", "finding.paste-chain.allowed", ())


def test_the_reviewer_comes_to_the_same_from_the_copy(seen: dict[str, Seen]) -> None:
    for one in seen.values():
        opened = open_here(one.copy, one.desk.reviewer)
        assert opened.reads_as == "reviewer"
        again = detectors.run(detectors.ALL, policy_of(one.copy), opened.reader.events())
        recorded = [one.told(finding.detector) for finding in again]
        assert [(f.state.value, f.weight.value, f.evidence, f.explanation) for f in again] == [
            (record.state, record.weight, record.evidence, record.explanation) for record in recorded
        ]


def named(events: Sequence[Event], told: FindingRecord) -> list[Event]:
    """The records that a finding names."""
    found = [e for e in events if e.seq in told.evidence]
    assert found
    return found
