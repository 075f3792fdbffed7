# SPDX-License-Identifier: Apache-2.0
"""CLIPBOARD: sizes and owners, one record a tick, and nothing that its count or size would tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_parts import FakeClock, front, keystroke, policy

from agent.minimise import BACKLOG_CLIPBOARD, Minimiser
from agent.sensor import Copied, Observation
from session.events import Clipboard, Disclosure, KeyClass, Kind
from session.frames import encode_payload
from session.ports import ClockReading
from session.table import TYPES

PASTE = KeyClass.PASTE


def minimiser(disclosure: Disclosure = Disclosure.SENT) -> tuple[Minimiser, FakeClock]:
    clock = FakeClock()
    return Minimiser(policy(clipboard=disclosure), clock.read()), clock


def next_record(made: Minimiser, reading: ClockReading) -> Clipboard:
    body = made.tick(reading).clipboard
    assert body is not None
    return body


def test_a_tick_without_a_copy_writes_none() -> None:
    made, clock = minimiser()
    reading = clock.read()
    assert next_record(made, reading) == Clipboard(reading.t_us, reading.mono_us, "none", 0, "")


def test_a_policy_that_turns_it_off_writes_nothing_and_keeps_nothing() -> None:
    made, clock = minimiser(Disclosure.OFF)
    made.take(Copied(clock.read().mono_us, 10, "editor"))
    assert made.tick(clock.read()).clipboard is None
    assert not made.waiting


def test_copies_and_pastes_come_one_a_tick_with_their_own_times() -> None:
    made, clock = minimiser()
    begun = clock.read()
    made.take(front(begun.mono_us, app="assistant"))
    made.take(Copied(begun.mono_us + 1_000_000, 812, "assistant"))
    made.take(front(begun.mono_us + 2_000_000, 78, app="editor"))
    made.take(keystroke(begun.mono_us + 3_000_000, PASTE))
    clock.advance(5_000_000)
    first, second = (next_record(made, clock.read()) for _ in range(2))
    assert (first.action, first.size_bytes, first.app) == ("copy", 812, "assistant")
    assert (first.mono_us, first.t_us) == (begun.mono_us + 1_000_000, begun.t_us + 1_000_000)
    assert (second.action, second.size_bytes, second.app) == ("paste", 812, "editor")
    assert second.mono_us == begun.mono_us + 3_000_000
    assert next_record(made, clock.read()).action == "none"
    assert not made.waiting


def test_a_paste_of_what_was_copied_before_the_session_has_no_size() -> None:
    made, clock = minimiser()
    made.take(keystroke(clock.read().mono_us, PASTE))
    body = next_record(made, clock.read())
    assert (body.action, body.size_bytes, body.app) == ("paste", 0, "")


@pytest.mark.parametrize(
    ("interrupted", "size_bytes", "app"),
    [("", 0, ""), ("clipboard", 0, "editor"), ("window", 812, ""), ("keyboard", 812, "editor"), ("capture", 812, "editor")],
)
def test_what_may_have_changed_unseen_is_not_said_of_a_paste(interrupted: str, size_bytes: int, app: str) -> None:
    made, clock = minimiser()
    at_us = clock.read().mono_us
    made.take(front(at_us, app="editor"))
    made.take(Copied(at_us, 812, "assistant"))
    assert next_record(made, clock.read()).action == "copy"
    made.interrupt(at_us, interrupted)
    made.take(keystroke(at_us, PASTE))
    body = next_record(made, clock.read())
    assert (body.action, body.size_bytes, body.app) == ("paste", size_bytes, app)


def test_a_paste_that_repeats_by_itself_is_one() -> None:
    made, clock = minimiser()
    made.take(keystroke(clock.read().mono_us, PASTE))
    made.take(keystroke(clock.read().mono_us, PASTE, repeat=True))
    assert [next_record(made, clock.read()).action for _ in range(2)] == ["paste", "none"]


def test_a_flood_of_copies_is_bounded_and_said_once() -> None:
    made, clock = minimiser()
    for _ in range(BACKLOG_CLIPBOARD + 50):
        made.take(Copied(clock.read().mono_us, 1, "editor"))
    first = made.tick(clock.read())
    assert first.clipboard_dropped
    assert not made.tick(clock.read()).clipboard_dropped


@given(app=st.text(max_size=300), size=st.integers(0, 2**40), copies=st.booleans())
def test_every_record_has_the_one_padded_size(app: str, size: int, copies: bool) -> None:
    made, clock = minimiser()
    observation: Observation = Copied(clock.read().mono_us, size, app)
    if not copies:
        made.take(front(clock.read().mono_us, app=app))
        observation = keystroke(clock.read().mono_us, PASTE)
    made.take(observation)
    payload = encode_payload(next_record(made, clock.read()))
    assert len(payload) < TYPES[Kind.CLIPBOARD].pad
