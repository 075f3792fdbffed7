# SPDX-License-Identifier: Apache-2.0
"""What a trainer takes out: stretches, applications, screenshots with their twins, and never what must stay."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_desks import Desk
from replay_sessions import ORIGIN_US, source

from session.events import Capture, Event, Focus, Kind, Nearby, Note, Raw, RawKey
from session.redact import Ranges
from session.removal import application, applications, batches, in_front, of_one_moment, records, screenshots, stretch, twins
from session.table import rule_of

S = 1_000_000


def at(second: float) -> int:
    return ORIGIN_US + round(second * S)


def day() -> Desk:
    """100 s: the first application is in front, from 42 s to 60 s the second; a tick every 5 s, screenshots every 20 s."""
    desk = Desk()
    for second in range(5, 105, 5):
        desk.focus(second, *{5: ((0, 1),), 45: ((42, 2),), 60: ((60, 1),)}.get(second, ()))
        desk.tape.tick(second, source(20))
        if second % 20 == 0:
            desk.capture(second)
            desk.checkpoint(second)
    return desk


def events_of(desk: Desk) -> tuple[Event, ...]:
    return tuple(desk.reader().events())


def kinds(events: tuple[Event, ...], ranges: tuple[tuple[int, int], ...]) -> list[int]:
    gone = Ranges(ranges)
    return sorted({event.kind for event in events if event.seq in gone})


def test_a_stretch_takes_whole_ticks_and_leaves_the_rest() -> None:
    events = events_of(day())
    found = stretch(events, (at(41), at(44)))
    gone = [event for event in events if event.seq in Ranges(found.ranges)]
    ticks = [event.body.t_us for event in gone if event.kind == Kind.STATS and event.body is not None]  # type: ignore[attr-defined]
    assert ticks == [at(45)]
    assert [event.kind for event in gone if event.kind == Kind.FOCUS] == [Kind.FOCUS]  # the change at 42 s
    assert found.screenshots == 0
    assert found.others == len(gone)
    assert stretch(events, (at(200), at(300))).ranges == ()
    assert Kind.CHECKPOINT not in kinds(events, stretch(events, (at(0), at(200))).ranges)


def test_what_lay_beside_the_window_goes_with_the_stretch_in_which_it_was() -> None:
    desk = day()
    t_us, mono_us = desk.tape.at(105)
    plugged = Nearby(mono_us - 60 * S, "device-came", "keyboard", 1)
    seq = desk.tape.add(Kind.FOCUS, Focus(t_us, mono_us, nearby=(plugged,)))
    events = events_of(desk)
    assert seq in Ranges(stretch(events, (at(44), at(46))).ranges)
    assert seq not in Ranges(stretch(events, (at(30), at(44))).ranges)


def test_an_application_goes_with_all_the_time_that_it_was_in_front() -> None:
    events = events_of(day())
    first, second = applications(events)
    assert list(in_front(events, second)) == [(at(42), at(60))]
    found = application(events, second)
    gone = [event for event in events if event.seq in Ranges(found.ranges)]
    told = [event.body.t_us for event in gone if event.kind == Kind.STATS and event.body is not None]  # type: ignore[attr-defined]
    assert told == [at(45), at(50), at(55), at(60)]
    left = [event for event in events if event.seq not in Ranges(found.ranges)]
    assert second not in applications(left)
    assert applications(left) == (first,)
    assert application(events, "never there").ranges == ()


def test_a_screenshot_goes_with_its_twins_in_both_directions_and_says_so() -> None:
    events = events_of(day())
    shots = [event for event in events if event.kind == Kind.CAPTURE]
    assert len(shots) == 5
    first, middle, last = (shots[n] for n in (0, 2, 4))

    def same(event: Event) -> Event:
        if event.seq not in (middle.seq, last.seq):
            return event
        assert isinstance(event.body, Capture)
        return msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, same_as=first.seq))

    equal = tuple(same(event) for event in events)
    for asked in (first, middle, last):
        found = screenshots(equal, [asked.seq])
        assert found.ranges == tuple((one.seq, one.seq) for one in (first, middle, last))
        assert (found.screenshots, found.twins, found.others) == (3, 2, 0)
        assert [event.seq for event in twins(equal, asked.seq)] == [first.seq, middle.seq, last.seq]
    alone = screenshots(equal, [shots[1].seq])
    assert (alone.ranges, alone.twins) == (((shots[1].seq, shots[1].seq),), 0)
    assert [event.seq for event in twins(equal, shots[1].seq)] == [shots[1].seq]
    assert twins(equal, 0) == twins(equal, 999) == (), "no screenshot"
    counts = next(event.seq for event in equal if event.kind == Kind.STATS)
    mixed = records(equal, [counts, middle.seq])
    assert set(mixed.ranges) >= {(one.seq, one.seq) for one in (first, last)}
    assert counts in Ranges(mixed.ranges)
    assert (mixed.screenshots, mixed.twins, mixed.others) == (3, 2, 1), "a screenshot named by its record has twins too"
    assert stretch(equal, (at(39), at(41))).twins == 0
    assert stretch(equal, (at(59), at(61))).twins == 2


def test_what_was_taken_out_before_is_nothing_to_take_out() -> None:
    events = events_of(day())
    found = stretch(events, (at(0), at(200)))
    left = tuple(msgspec.structs.replace(e, body=None) if e.seq in Ranges(found.ranges) else e for e in events)
    assert stretch(left, (at(0), at(200))).ranges == ()
    assert screenshots(left, [event.seq for event in events if event.kind == Kind.CAPTURE]).ranges == ()
    assert applications(left) == ()


def test_notes_and_single_keystrokes_of_a_stretch_go_too() -> None:
    note = Event(7, Kind.NOTE, Note(at(10), "x"))
    raw = Event(8, Kind.RAW, Raw(at(20), 20 * S, keys=(RawKey(-8_000, "text", -1, 0),)))  # type: ignore[arg-type] # a class by name
    assert stretch((note, raw), (at(9), at(11))).ranges == ((7, 7),)
    assert stretch((note, raw), (at(11), at(13))).ranges == ((8, 8),), "a keystroke that a later record carried"
    assert stretch((note, raw), (at(9), at(13))).ranges == ((7, 8),)


@pytest.fixture(scope="module")
def whole_day() -> tuple[Event, ...]:
    return events_of(day())


@given(begin=st.integers(0, 110), length=st.integers(0, 60))
def test_only_removable_records_are_chosen_and_all_that_the_stretch_touches(
    whole_day: tuple[Event, ...], begin: int, length: int
) -> None:
    span = (at(begin), at(begin + length))
    gone = Ranges(stretch(whole_day, span).ranges)
    for event in whole_day:
        rule = rule_of(event.kind)
        if event.seq in gone:
            assert rule is not None
            assert rule.redactable
        elif rule is not None and rule.redactable and event.kind != Kind.FOCUS:  # which tells of its changes' own times
            t_us = getattr(event.body, "t_us", 0)
            assert not span[0] <= t_us < span[1]


@pytest.mark.parametrize("what", [(), (999,)])
def test_nothing_asked_is_nothing_chosen(what: tuple[int, ...]) -> None:
    assert screenshots(events_of(day()), what).ranges == ()


@given(st.dictionaries(st.integers(0, 60), st.booleans(), max_size=40), st.integers(1, 5))
def test_what_goes_is_told_once_in_statements_that_hold_it(chosen: dict[int, bool], most: int) -> None:
    pictures = {seq: f"picture {seq}" if has else "" for seq, has in chosen.items()}
    told: list[int] = []
    for ranges, blobs in batches(pictures, most=most):
        seqs = [seq for first, last in ranges for seq in range(first, last + 1)]
        assert 0 < len(ranges) <= most
        assert len(blobs) <= most
        assert blobs == tuple(pictures[seq] for seq in seqs if pictures[seq])
        assert all(last + 1 < first for (_, last), (first, _) in pairwise(ranges))
        told += seqs
    assert told == sorted(pictures)


def test_what_stands_for_a_screenshot_has_its_monitor_and_its_moment() -> None:
    events = events_of(day())
    shot = next(event for event in events if event.kind == Kind.CAPTURE)
    assert isinstance(shot.body, Capture)
    covered = Event(1000, Kind.CAPTURE, msgspec.structs.replace(shot.body, masked=1))
    beside = Event(1001, Kind.CAPTURE, msgspec.structs.replace(shot.body, monitor=1))
    later = Event(1002, Kind.CAPTURE, msgspec.structs.replace(shot.body, mono_us=shot.body.mono_us + 1))
    everything = (*events, covered, beside, later)
    for asked in (shot.seq, covered.seq):
        assert of_one_moment(everything, [asked]) == (shot.seq, covered.seq)
    assert of_one_moment(everything, [0, 999]) == ()
