# SPDX-License-Identifier: Apache-2.0
"""large-paste where something was not seen: what that may have been explains a paste, or the question is not evaluated."""

from __future__ import annotations

import msgspec
import pytest
from detector_tapes import EDITOR, Windows, policy
from large_pastes import DETECTOR, READER, RULES, SIZE, abstained, desk, found, moved
from own_catalogue import naming
from replay_sessions import source

from detectors import abstain
from session.assistance import Assistance
from session.events import Clipboard, Edge, Event, Focus, Kind, Note, Reason, Stats
from session.findings import State
from session.policy import default_policy_toml, parse_policy


def test_what_is_typed_in_a_long_tick_of_which_part_was_not_seen_may_have_been_typed_anywhere() -> None:
    """The screen was locked within it: before, another window was in front than after, and between nobody knows."""
    made = desk().copy(80, READER, SIZE).shows(92, "gedit").shows(109, EDITOR).paste(112, EDITOR, SIZE)
    made.gap(106, Edge.BEGIN, Reason.LOCKED, "window").gap(108, Edge.END, Reason.LOCKED, "window")
    events = [e for e in made.events() if not isinstance(e.body, Stats) or e.body.mono_us <= 7_095_000_000]
    at = next(n for n, e in enumerate(events) if isinstance(e.body, Focus) and e.body.mono_us == 7_110_000_000)
    tick = Stats(events[at].body.t_us, 7_110_000_000, 15_000, sources=(source(150),))  # type: ignore[union-attr]
    assert found([*events[: at + 1], Event(9_000, Kind.STATS, tick), *events[at + 1 :]]).state is State.CLEAR
    few = msgspec.structs.replace(tick, sources=(source(149),))
    assert found([*events[: at + 1], Event(9_000, Kind.STATS, few), *events[at + 1 :]]).state is State.RAISED


def test_a_clock_that_began_anew_finds_no_copy_of_the_old_one() -> None:
    before = desk().copy(80, READER, SIZE).events()
    after = (
        Windows(keyboard=True).shows(0, EDITOR).paste(10, EDITOR, SIZE).until(20).events(mono_us=1_000_000, first_seq=500)
    )
    assert found([*before, *after]).statistic == 0.0


@pytest.mark.parametrize(
    ("reason", "scope"), [(Reason.PAUSE, "session"), (Reason.DIED, "clipboard"), (Reason.QUEUE_FULL, "clipboard")]
)
def test_for_ten_minutes_after_a_gap_any_paste_may_be_ones_own(reason: Reason, scope: str) -> None:
    def later(second: float) -> Windows:
        made = desk().gap(30, Edge.BEGIN, reason, scope).gap(40, Edge.END, reason, scope).shows(41, EDITOR)
        return made.copy(80, READER, SIZE).paste(second, EDITOR, SIZE).until(second + 60)

    assert found(later(640)).statistic == 0.0
    assert found(later(640.1)).statistic == 900.0


def test_what_is_told_right_after_a_removed_record_may_be_ones_own() -> None:
    """At the stop no FOCUS comes after it, which would say when it was."""
    events = desk().events()
    moments = desk().copy(80, READER, SIZE).paste(100, EDITOR, SIZE).events()
    told = [e.body for e in moments if isinstance(e.body, Clipboard) and e.body.action != "none"]
    closing = [Event(events[-1].seq + 2 + number, Kind.CLIPBOARD, body) for number, body in enumerate(told)]
    assert found([*events, *closing]).statistic == 900.0
    assert found([*events, Event(events[-1].seq + 1, Kind.CLIPBOARD, None), *closing]).statistic == 0.0


def without_record(made: Windows, second: float, kind: Kind = Kind.CLIPBOARD) -> list[Event]:
    """The records without the content of that kind's of the tick that ends then."""
    events = made.events()
    tick_us = events[0].body.mono_us + round((second - 5) * 1e6)  # type: ignore[union-attr]
    at = next(n for n, e in enumerate(events) if isinstance(e.body, Focus) and e.body.mono_us == tick_us)
    at = next(n for n, e in enumerate(events) if n >= at and e.kind == kind)
    return [Event(e.seq, e.kind, None) if n == at else e for n, e in enumerate(events)]


def carried(made: Windows, second: float, size: int = SIZE) -> Windows:
    """`made`, with a paste then of what was copied out of the reader just before."""
    made.shows(second - 10, READER).copy(second - 7, READER, size).shows(second - 5, EDITOR).paste(second, EDITOR, size)
    return made.until(second + 60)


def test_for_ten_minutes_after_a_removed_record_any_paste_may_be_ones_own() -> None:
    """From the next record that tells when it was: that of the windows five seconds later."""
    assert found(without_record(carried(desk(), 635), 30)).statistic == 0.0
    assert found(without_record(carried(desk(), 635.1), 30)).statistic == 900.0


def test_a_later_gap_makes_the_ten_minutes_of_an_earlier_one_no_shorter() -> None:
    """The clock began anew between, so that what is later has less on it."""

    def made(*gaps: float) -> list[Event]:
        before = desk().gap(30, Edge.POINT, Reason.DIED, "clipboard", since=29).events()
        after = carried(Windows(keyboard=True).shows(0, EDITOR), 700)
        for second in gaps:
            after.gap(second, Edge.POINT, Reason.DIED, "clipboard", since=second - 1)
        return [*before, *after.events(mono_us=1_000_000, first_seq=500)]

    assert found(made()).statistic == 0.0
    assert found(made(20)).statistic == 0.0


@pytest.mark.parametrize("removed", [False, True])
def test_what_was_copied_before_an_unseen_time_is_not_taken_for_the_last_copy(*, removed: bool) -> None:
    """It waited for the windows of its moment; another copy may have come after it."""
    made = desk().copy(80, READER, SIZE).paste(900, EDITOR, SIZE).until(960)
    assert found(made).statistic == 900.0
    lost = without_record(made, 90) if removed else made.gap(85.5, Edge.POINT, Reason.DIED, "clipboard", since=85).events()
    assert found(lost).statistic == 0.0


@pytest.mark.parametrize("removed", [False, True])
def test_what_was_copied_before_a_restart_is_none_of_the_last_ten_minutes(*, removed: bool) -> None:
    before = desk().copy(80, EDITOR, SIZE).events()
    after = carried(Windows(keyboard=True).shows(0, EDITOR), 900)
    if not removed:
        after.gap(0, Edge.POINT, Reason.PAUSE, "session")
    events = after.events(mono_us=1_000_000, first_seq=500)
    lost = [Event(499, Kind.CLIPBOARD, None)] if removed else []
    assert found([*before, *lost, *events]).statistic == 900.0


def test_a_removed_record_may_have_held_the_only_copy() -> None:
    """However long before: what was copied last explains a paste, however old."""
    made = desk().paste(900, EDITOR, SIZE).until(960)
    assert found(made).statistic == 900.0
    assert found(without_record(made, 10)).statistic == 0.0


def test_records_of_windows_and_of_copies_that_are_removed_together_say_no_more_than_one_of_them() -> None:
    events = without_record(moved(), 30)
    at = next(n for n, e in enumerate(events) if e.kind == Kind.CLIPBOARD and e.body is None)
    following = next(n for n, e in enumerate(events) if n > at and e.kind == Kind.FOCUS)
    abstained([Event(e.seq, e.kind, None) if n == following else e for n, e in enumerate(events)], abstain.ORIGIN_NOT_KNOWN)


def test_what_is_typed_after_a_restart_counts_where_it_is_typed() -> None:
    before = Windows(keyboard=True).shows(0, EDITOR).shows(30, "gedit").until(60).events()
    after = carried(Windows(keyboard=True).shows(0, EDITOR).types(10, 60), 900)
    assert found([*before, *after.events(mono_us=1_000_000, first_seq=500)]).statistic == 900.0


def test_what_went_unseen_later_takes_no_question_back() -> None:
    """Only what is pasted from there on may be of anywhere."""
    made = moved().gap(150, Edge.BEGIN, Reason.DIED, "keyboard").gap(155, Edge.END, Reason.DIED, "keyboard")
    assert found(made).state is State.RAISED


@pytest.mark.parametrize("reason", [Reason.PAUSE, Reason.PRIVATE, Reason.LOCKED])
def test_what_is_done_in_own_time_is_no_part_of_the_session(reason: Reason) -> None:
    made = desk().gap(20, Edge.BEGIN, reason, "session").gap(25, Edge.END, reason, "session").shows(26, EDITOR)
    assert found(carried(made, 700)).statistic == 900.0


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind not in (Kind.FOCUS, Kind.STATS, Kind.CLIPBOARD, Kind.DECLARE)]
)
def test_a_record_of_another_kind_or_one_without_its_content_changes_nothing(kind: Kind) -> None:
    events = moved().events()
    at = next(n for n, e in enumerate(events) if isinstance(e.body, Clipboard) and e.body.action == "paste")
    for body in (None, Note(0, "words")):
        assert found([*events[:at], Event(5_000, kind, body), *events[at:]]) == found(events)


@pytest.mark.parametrize("scope", ["window", "keyboard"])
def test_typing_that_went_unseen_may_have_been_anywhere(scope: str) -> None:
    made = moved().gap(20, Edge.BEGIN, Reason.DIED, scope).gap(25, Edge.END, Reason.DIED, scope).shows(26, EDITOR)
    abstained(made, abstain.ORIGIN_NOT_KNOWN)
    assert found(made.gap(30, Edge.POINT, Reason.SUSPEND, "session", since=29)).reason == abstain.ORIGIN_NOT_KNOWN


@pytest.mark.parametrize("kind", [Kind.FOCUS, Kind.STATS])
def test_a_removed_record_may_have_held_typing_anywhere(kind: Kind) -> None:
    events = moved().events()
    first = next(index for index, e in enumerate(events) if e.kind == kind)
    events[first] = Event(events[first].seq, kind, None)
    abstained(events, abstain.ORIGIN_NOT_KNOWN)


def test_a_gap_of_another_sensor_or_a_sleep_changes_nothing() -> None:
    assert found(moved().gap(70, Edge.BEGIN, Reason.DENIED, "capture")).state is State.RAISED
    assert found(moved().gap(70, Edge.POINT, Reason.SUSPEND, "session", since=69)).state is State.RAISED


def without(kind: Kind) -> list[Event]:
    return [e for e in moved().events() if e.kind != kind]


def unreadable(kind: Kind) -> list[Event]:
    return [Event(e.seq, e.kind, None if e.kind == kind else e.body) for e in moved().events()]


def test_what_the_policy_turns_off_is_not_evaluated() -> None:
    abstained(moved(), abstain.CLIPBOARD_OFF, parse_policy(default_policy_toml()))
    abstained(moved(), abstain.FOCUS_OFF, policy(focus="off"))
    abstained(moved(), abstain.NOT_OBSERVED, policy(statistics="off"))
    abstained(moved(), abstain.CLIPBOARD_OFF, policy(clipboard="off", focus="off", statistics="off"))
    unknown = "0" * 64
    abstained(moved(), abstain.CATALOGUE_MISSING, naming(RULES, unknown))
    abstained(moved(), abstain.FOCUS_OFF, naming(policy(focus="off"), unknown))


def test_what_cannot_be_read_or_was_never_observed_is_not_evaluated() -> None:
    abstained(unreadable(Kind.CLIPBOARD), abstain.CLIPBOARD_WITHHELD)
    abstained(unreadable(Kind.STATS), abstain.WITHHELD)
    abstained(unreadable(Kind.FOCUS), abstain.FOCUS_WITHHELD)
    abstained(without(Kind.CLIPBOARD), abstain.CLIPBOARD_NOT_OBSERVED)
    abstained(without(Kind.STATS), abstain.NOT_OBSERVED)
    abstained(without(Kind.FOCUS), abstain.WINDOW_NOT_OBSERVED)
    for scope, reason in (("clipboard", abstain.CLIPBOARD_NOT_OBSERVED), ("keyboard", abstain.NOT_OBSERVED)):
        abstained(moved().gap(5, Edge.BEGIN, Reason.ABSENT, scope), reason)
    abstained(moved().gap(5, Edge.BEGIN, Reason.ABSENT, "window"), abstain.WINDOW_NOT_OBSERVED)
    abstained([], abstain.CLIPBOARD_NOT_OBSERVED)


@pytest.mark.parametrize(("tool", "reason"), [("expander", abstain.ASSISTIVE), ("VNC", abstain.REMOTE)])
def test_declared_assistive_input_or_remote_desktop_is_not_evaluated(tool: str, reason: str) -> None:
    abstained(moved().declares(100, tool), reason)


@pytest.mark.parametrize(
    ("said", "reason"), [(Assistance(assistive=True), abstain.ASSISTIVE), (Assistance(remote=True), abstain.REMOTE)]
)
def test_what_is_declared_for_every_session_is_not_evaluated(said: Assistance, reason: str) -> None:
    assert DETECTOR.finish(DETECTOR.step(DETECTOR.start(RULES, said), moved().events())).reason == reason
