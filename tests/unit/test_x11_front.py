# SPDX-License-Identifier: Apache-2.0
"""What of the changing front is told: every window, no flicker, no spinner; and how properties become words."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from agent.sensor import FrontWindow
from agent.x11.connection import Property
from agent.x11.windows import NONE_US, TITLE_US, Front, Shown, names_of, words_of

EDITOR = Shown(window=5, app="editor", title="a", pid=1, executable="edit")
BROWSER = Shown(window=6, app="browser", title="b", pid=2, executable="browse")
SHOWN = st.builds(Shown, window=st.integers(0, 3), title=st.sampled_from("xyz"))


def told(shown: Shown, at_us: int) -> FrontWindow:
    return FrontWindow(
        mono_us=at_us, window=shown.window, app=shown.app, title=shown.title, pid=shown.pid, executable=shown.executable
    )


def test_the_first_is_told_even_when_it_is_none() -> None:
    assert Front().see(Shown(), 7) == told(Shown(), 7)


def test_each_switch_is_told_at_once() -> None:
    front = Front()
    for at_us, shown in enumerate((EDITOR, BROWSER, EDITOR, BROWSER)):
        assert front.see(shown, at_us) == told(shown, at_us)
    assert front.due_us is None


def test_none_between_two_windows_is_not_told() -> None:
    front = Front()
    front.see(EDITOR, 0)
    assert front.see(Shown(), 1_000) is None
    assert front.overdue(1_000 + NONE_US - 1) is None
    assert front.see(BROWSER, 20_000) == told(BROWSER, 20_000)
    assert front.overdue(10**9) is None


def test_none_that_lasts_is_told_with_its_beginning() -> None:
    front = Front()
    front.see(EDITOR, 0)
    front.see(Shown(), 1_000)
    front.see(Shown(), 90_000)
    assert front.due_us == 1_000 + NONE_US
    assert front.overdue(1_000 + NONE_US) == told(Shown(), 1_000)
    assert front.see(Shown(), 10**6) is None


def test_none_and_back_to_the_same_window_tells_nothing() -> None:
    front = Front()
    front.see(EDITOR, 0)
    front.see(Shown(), 1_000)
    assert front.see(EDITOR, 2_000) is None
    assert front.due_us is None


def test_titles_are_thinned_and_the_last_is_told() -> None:
    front = Front()
    front.see(EDITOR, 0)
    spinning = [Shown(window=5, app="editor", title=str(i)) for i in range(4)]
    assert [front.see(shown, 10_000 * (i + 1)) for i, shown in enumerate(spinning)] == [None] * 4
    assert front.due_us == TITLE_US
    assert front.overdue(TITLE_US) == told(spinning[3], 40_000)


@given(st.lists(st.tuples(SHOWN, st.integers(1, 300_000)), min_size=1, max_size=60))
def test_in_the_end_what_is_in_front_has_been_told(states: list[tuple[Shown, int]]) -> None:
    front = Front()
    now_us = 0
    emitted: list[FrontWindow] = []
    switches = 0
    last = None
    for shown, lasts_us in states:
        now_us += lasts_us
        emitted += [f for f in (front.overdue(now_us), front.see(shown, now_us)) if f]
        switches += shown.window not in (0, last)
        last = shown.window or last
    emitted += [f for f in (front.overdue(now_us + NONE_US + TITLE_US),) if f]
    final = states[-1][0]
    assert (emitted[-1].window, emitted[-1].title) == (final.window, final.title)
    assert [f.mono_us for f in emitted] == sorted(f.mono_us for f in emitted)
    windows = [f.window for f in emitted if f.window]
    assert sum(a != b for a, b in zip([None, *windows], windows, strict=False)) == switches


def text(value: bytes) -> Property:
    return Property(kind=31, width=8, value=value)


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_utf_8_is_read_whatever_its_type_says(words: str) -> None:
    assert words_of(text(words.encode())) == words


def test_other_bytes_are_latin_1_and_end_at_the_first_zero() -> None:
    assert words_of(text(b"caf\xe9\0rest")) == "caf\u00e9"
    assert words_of(None) == words_of(Property(kind=6, width=32, value=b"abcd")) == ""


def test_names_are_lower_case_and_whole_or_empty() -> None:
    assert names_of(text(b"Navigator\0Firefox-ESR\0")) == ("navigator", "firefox-esr")
    assert names_of(text(b"One")) == ("one", "")
    assert names_of(text(b"")) == names_of(None) == ("", "")
    assert len(names_of(text(b"x" * 999 + b"\0y"))[0]) == 128


@given(st.lists(st.integers(0, 2**32 - 1)), st.binary(max_size=3))
def test_numbers_of_a_property(numbers: list[int], rest: bytes) -> None:
    value = struct.pack(f"={len(numbers)}I", *numbers) + rest
    assert Property(kind=6, width=32, value=value).numbers == tuple(numbers)
    assert Property(kind=6, width=8, value=value).numbers == ()
