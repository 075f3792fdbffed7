# SPDX-License-Identifier: Apache-2.0
"""Observations into FOCUS, STATS and RAW: nothing finer, always the same size, and the same totals however it is cut."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorder_parts import MONO0_US, SECOND_US, T0_US, front, keystroke, policy, press, stroke, titles_in_full

from agent.minimise import BACKLOG_FOCUS, BACKLOG_RAW, RAW_SENT_BYTES, RAW_WITHHELD_BYTES, Minimiser, TickBodies
from agent.sensor import FrontWindow, Keystroke, Observation, Stroke, Way
from agent.tally import _Source
from session.events import Disclosure, Focus, Injected, KeyClass, Kind, Payload, Raw, Stats
from session.frames import encode_payload
from session.ports import ClockReading
from session.table import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MS = 1000
START = ClockReading(T0_US, MONO0_US, MONO0_US)
FULL = policy(titles_in_full)
PLAIN = policy()


def at(ms: int) -> int:
    return MONO0_US + ms * MS


def reading(ms: int) -> ClockReading:
    return ClockReading(T0_US + ms * MS, MONO0_US + ms * MS, MONO0_US + ms * MS)


def one_tick(observations: Iterable[Observation], rules: object = PLAIN, end_ms: int = 5000) -> TickBodies:
    minimiser = Minimiser(rules, START)
    for observation in observations:
        minimiser.take(observation)
    return minimiser.tick(reading(end_ms))


def stats_of(*observations: Observation, end_ms: int = 5000) -> Stats:
    stats = one_tick(observations, end_ms=end_ms).stats
    assert stats is not None
    return stats


def drain(minimiser: Minimiser, end: ClockReading) -> list[TickBodies]:
    minimiser.interrupt(end.mono_us)
    ticks = [minimiser.tick(end)]
    while minimiser.waiting:
        ticks.append(minimiser.tick(end))
        assert len(ticks) < 20_000, "draining does not end"
    return ticks


# --- STATS


def test_an_empty_tick_is_written_all_the_same() -> None:
    bodies = one_tick(())
    assert bodies.focus == Focus(t_us=T0_US + 5 * SECOND_US, mono_us=at(5000))
    assert bodies.raw == Raw(t_us=T0_US + 5 * SECOND_US, mono_us=at(5000))
    assert bodies.stats is not None
    assert bodies.stats.span_ms == 5000
    assert bodies.stats.keys == (0,) * 8
    assert bodies.stats.pauses == (0,) * 6
    assert bodies.stats.pace == (0, 0)
    assert bodies.stats.iki == bodies.stats.dwell == ()
    assert bodies.stats.sources == ()


def test_keys_count_by_class_and_repeats_apart() -> None:
    stats = stats_of(
        keystroke(at(0), KeyClass.TEXT),
        keystroke(at(100), KeyClass.SPACE),
        keystroke(at(200), KeyClass.PASTE),
        keystroke(at(300), KeyClass.MODIFIER),
        keystroke(at(400), KeyClass.TEXT, repeat=True),
        keystroke(at(430), KeyClass.TEXT, repeat=True),
    )
    assert stats.keys == (1, 1, 0, 0, 0, 1, 0, 1)
    assert stats.repeats == 2
    assert [(one.text_keys, one.other_keys) for one in stats.sources] == [(2, 2)]


@pytest.mark.parametrize(
    ("interval_ms", "bin_index"),
    [(0, 0), (15, 0), (16, 1), (420, 1), (421, 2), (600, 2), (1000, 3), (1001, 4), (5000, 4), (5001, 5), (60_000, 5)],
)
def test_intervals_fall_into_the_bin_whose_upper_edge_they_reach(interval_ms: int, bin_index: int) -> None:
    stats = stats_of(keystroke(at(10)), keystroke(at(10 + interval_ms), KeyClass.SPACE), end_ms=70_000)
    assert [index for index, count in enumerate(stats.pauses) if count] == [bin_index]


def test_a_microsecond_over_an_edge_is_over_it() -> None:
    stats = stats_of(keystroke(at(10)), keystroke(at(25) + 1))
    assert stats.pauses[1] == 1


def test_intervals_pass_over_other_classes_and_repeats() -> None:
    stats = stats_of(
        keystroke(at(0)),
        keystroke(at(40), KeyClass.DELETE),
        keystroke(at(60), repeat=True),
        keystroke(at(100)),
    )
    assert stats.pauses == (0, 1, 0, 0, 0, 0)


def test_keys_out_of_order_make_no_negative_interval() -> None:
    stats = stats_of(keystroke(at(100)), keystroke(at(80)))
    assert stats.pauses[0] == 1


def test_how_long_keys_were_held_is_not_counted() -> None:
    stats = one_tick([keystroke(at(0), dwell_ms=80), keystroke(at(90), dwell_ms=120)]).stats
    assert stats is not None
    assert stats.dwell == ()


def test_devices_are_numbered_in_order_of_appearance_and_keep_their_number() -> None:
    minimiser = Minimiser(PLAIN, START)
    minimiser.take(keystroke(at(1), source=9000))
    minimiser.take(press(at(2), source=14))
    minimiser.take(press(at(3), source=14, scroll=True))
    first = minimiser.tick(reading(5000)).stats
    minimiser.take(stroke(at(5100), source=4, injected=Injected.YES))
    minimiser.take(keystroke(at(5200), source=9000))
    second = minimiser.tick(reading(10_000)).stats
    assert first is not None
    assert second is not None
    assert [(one.source, one.text_keys, one.buttons, one.scrolls) for one in first.sources] == [(1, 1, 0, 0), (2, 0, 1, 1)]
    assert [(one.source, one.injected, one.text_keys, one.moves) for one in second.sources] == [
        (3, Injected.YES, 0, 8),
        (1, Injected.NO, 1, 0),
    ]


def test_idle_counts_from_hardware_and_unknown_sources_alone() -> None:
    stats = stats_of(
        keystroke(at(1000), injected=Injected.UNKNOWN),
        keystroke(at(4000), injected=Injected.YES),
        stroke(at(2000), 500),
        press(at(4500), injected=Injected.YES),
    )
    assert stats.keyboard_idle_ms == 4000
    assert stats.pointer_idle_ms == 2500


def test_idle_goes_on_over_ticks_and_begins_anew_after_an_interruption() -> None:
    minimiser = Minimiser(PLAIN, START)
    minimiser.take(keystroke(at(1000)))
    minimiser.tick(reading(5000))
    before = minimiser.tick(reading(10_000)).stats
    minimiser.interrupt(at(3_600_000))
    after = minimiser.tick(reading(3_605_000)).stats
    assert before is not None
    assert after is not None
    assert before.keyboard_idle_ms == 9000
    assert (after.keyboard_idle_ms, after.pointer_idle_ms, after.span_ms) == (5000, 5000, 5000)


@pytest.mark.parametrize(("sensor", "measured"), [("", 0), ("keyboard", 0), ("pointer", 1), ("window", 1)])
def test_no_interval_is_measured_across_a_gap_of_the_keyboard(sensor: str, measured: int) -> None:
    minimiser = Minimiser(PLAIN, START)
    minimiser.take(keystroke(at(1000)))
    minimiser.interrupt(at(1100), sensor)
    minimiser.take(keystroke(at(1200)))
    stats = minimiser.tick(reading(5000)).stats
    assert stats is not None
    assert sum(stats.pauses) == measured


# --- movements


def test_parts_of_a_movement_are_one_stroke_and_a_rest_parts_two() -> None:
    minimiser = Minimiser(PLAIN, START)
    for part in (stroke(at(0), 50), stroke(at(60), 50), stroke(at(259), 10), stroke(at(419), 20)):
        minimiser.take(part)
    bodies = minimiser.tick(reading(5000))
    assert bodies.stats is not None
    assert bodies.raw is not None
    assert (bodies.stats.strokes, bodies.stats.distance_px) == (2, 160)
    assert [(one.duration_ms, one.path_px, one.net_px, one.moves) for one in bodies.raw.strokes] == [
        (269, 120, 90, 24),
        (20, 40, 30, 8),
    ]


def test_a_movement_over_the_end_of_a_tick_is_one_and_is_recorded_when_it_ends() -> None:
    minimiser = Minimiser(PLAIN, START)
    minimiser.take(stroke(at(4950), 40))
    first = minimiser.tick(reading(5000))
    minimiser.take(stroke(at(5010), 40))
    second = minimiser.tick(reading(10_000))
    assert first.stats is not None
    assert second.stats is not None
    assert (first.stats.strokes, second.stats.strokes) == (1, 0)
    assert first.raw == Raw(t_us=reading(5000).t_us, mono_us=at(5000))
    assert second.raw is not None
    assert [(one.at_ms, one.duration_ms) for one in second.raw.strokes] == [(-5050, 100)]


def test_movements_of_two_devices_are_two() -> None:
    stats = stats_of(stroke(at(0), source=1), stroke(at(20), source=2))
    assert stats.strokes == 2


# --- FOCUS


def test_without_titles_a_title_never_leaves_and_its_change_is_none() -> None:
    bodies = one_tick([front(at(1), title="Medical results"), front(at(2), title="Dismissal"), front(at(3), window=78)])
    assert bodies.focus is not None
    assert [(one.window, one.app, one.title) for one in bodies.focus.changes] == [(1, "editor", ""), (2, "editor", "")]
    assert b"Medical" not in encode_payload(bodies.focus)


def test_with_titles_each_change_of_title_is_recorded() -> None:
    bodies = one_tick([front(at(1), title="one"), front(at(2), title="one"), front(at(3), title="two")], FULL)
    assert bodies.focus is not None
    assert [one.title for one in bodies.focus.changes] == ["one", "two"]


def test_windows_are_numbered_within_the_session_and_none_is_zero() -> None:
    bodies = one_tick([front(at(1), 0x4000007), front(at(2), 0, ""), front(at(3), 0x4000009), front(at(4), 0x4000007)])
    assert bodies.focus is not None
    assert [one.window for one in bodies.focus.changes] == [1, 0, 2, 1]


def test_after_an_interruption_the_window_in_front_is_said_again() -> None:
    minimiser = Minimiser(PLAIN, START)
    minimiser.take(front(at(1)))
    minimiser.tick(reading(5000))
    minimiser.interrupt(at(60_000))
    minimiser.take(front(at(60_001)))
    focus = minimiser.tick(reading(65_000)).focus
    assert focus is not None
    assert [(one.window, one.app) for one in focus.changes] == [(1, "editor")]


@pytest.mark.parametrize(
    "name", ["x" * 5000, "\N{PILE OF POO}" * 300, "\ud800broken", "two\nlines\x00\x1b[31m", '"' * 400, "\\" * 400, "é" * 127]
)
def test_any_name_becomes_one_that_the_record_takes(name: str) -> None:
    bodies = one_tick([front(at(1), app=name, title=name)], FULL)
    assert bodies.focus is not None
    (change,) = bodies.focus.changes
    assert change.app.isprintable() or not change.app
    assert len(change.app) <= 128
    _fits_and_reads(bodies.focus, TYPES[Kind.FOCUS].pad)


def test_what_does_not_fit_waits_in_order() -> None:
    titles = [hashlib.sha256(bytes([number])).hexdigest() for number in range(40)]
    minimiser = Minimiser(FULL, START)
    for number, title in enumerate(titles):
        minimiser.take(front(at(number), window=number + 1, title=title))
    bodies = [tick.focus for tick in drain(minimiser, reading(5000))]
    assert len(bodies) > 2
    assert [change.title for body in bodies if body for change in body.changes] == titles


def test_windows_beyond_the_backlog_are_counted() -> None:
    minimiser = Minimiser(PLAIN, START)
    for number in range(BACKLOG_FOCUS + 7):
        minimiser.take(front(at(number), window=number + 1))
    ticks = drain(minimiser, reading(5000))
    assert ticks[0].overflowed
    assert not ticks[1].overflowed
    assert sum(tick.focus.dropped for tick in ticks if tick.focus) == 7


# --- RAW


def test_timing_is_relative_to_the_tick_and_leaves_repeats_out() -> None:
    bodies = one_tick(
        [
            keystroke(at(1000), dwell_ms=80),
            keystroke(at(1500), repeat=True),
            keystroke(at(4999) + 999, KeyClass.ENTER, source=3),
        ]
    )
    assert bodies.raw is not None
    assert [(one.at_ms, one.key_class, one.dwell_ms, one.source) for one in bodies.raw.keys] == [
        (-4000, KeyClass.TEXT, 80, 1),
        (-1, KeyClass.ENTER, -1, 2),
    ]


def test_timing_beyond_the_backlog_is_counted() -> None:
    minimiser = Minimiser(PLAIN, START)
    for number in range(BACKLOG_RAW + 11):
        minimiser.take(keystroke(at(number)))
    ticks = drain(minimiser, reading(5000))
    assert sum(tick.raw.dropped for tick in ticks if tick.raw) == 11
    assert sum(len(tick.raw.keys) for tick in ticks if tick.raw) == BACKLOG_RAW


def test_fast_typing_for_a_minute_never_waits_long() -> None:
    minimiser = Minimiser(PLAIN, START)
    for tick in range(12):
        for number in range(30):  # 6 keys a second: faster than most people type for a minute
            minimiser.take(keystroke(at(tick * 5000 + number * 160 + number * number % 37)))
        minimiser.tick(reading((tick + 1) * 5000))
    assert len(drain(minimiser, reading(60_000))) <= 3


# --- the policy


@pytest.mark.parametrize(("kind", "field"), [("focus", "focus"), ("statistics", "stats"), ("timing", "raw")])
def test_what_the_policy_turns_off_is_not_made(kind: str, field: str) -> None:
    rules = policy(**{kind: Disclosure.OFF})
    minimiser = Minimiser(rules, START)
    for observation in (keystroke(at(1)), stroke(at(2)), press(at(3)), front(at(4))):
        minimiser.take(observation)
    ticks = drain(minimiser, reading(5000))
    assert [name for name in ("focus", "stats", "raw") if getattr(ticks[0], name) is None] == [field]
    assert not minimiser.waiting


def test_timing_that_is_sent_has_the_greater_size() -> None:
    assert one_tick((), policy(timing=Disclosure.WITHHELD)).raw_least_bytes == RAW_WITHHELD_BYTES
    assert one_tick((), policy(timing=Disclosure.SENT)).raw_least_bytes == RAW_SENT_BYTES


def test_more_of_one_device_than_a_record_says_is_said_by_the_next() -> None:
    minimiser = Minimiser(PLAIN, START)
    for number in range(2500):
        minimiser.take(keystroke(at(number)))
        minimiser.take(press(at(number)))
    assert _totals(drain(minimiser, reading(5000)))["sources"] == {
        (1, 0): [2500, *[0] * 7],
        (2, 0): [0, 0, 2500, *[0] * 5],
    }


# --- properties

SOURCES = st.integers(1, 70)
INJECTED = st.sampled_from(Injected)
MOMENTS = st.integers(0, 40_000)
KEYSTROKES = st.builds(
    keystroke,
    MOMENTS.map(at),
    st.sampled_from(KeyClass),
    dwell_ms=st.integers(-1, 400),
    source=SOURCES,
    injected=INJECTED,
    repeat=st.booleans(),
)
WAYS = st.sampled_from([None, Way(1, 400.0, 400.0, 0.0, 400.0, 400.0), Way(4, 80.0, 80.0, 0.0, 20.0, 20.0)])
"""A bound, and parts that even ways are made of."""
STROKES = st.builds(
    stroke,
    MOMENTS.map(at),
    st.integers(0, 300),
    path_px=st.integers(0, 10**7),
    net_px=st.integers(0, 10**6),
    moves=st.integers(0, 10**6),
    source=SOURCES,
    injected=INJECTED,
    way=WAYS,
)
PRESSES = st.builds(press, MOMENTS.map(at), scroll=st.booleans(), source=SOURCES, injected=INJECTED)
FRONTS = st.builds(front, MOMENTS.map(at), st.integers(0, 5), st.text(max_size=40), st.text(max_size=200))
ANY = st.one_of(KEYSTROKES, STROKES, PRESSES, FRONTS)
WILD = st.one_of(
    ANY,
    st.builds(
        Stroke,
        st.integers(-(2**52), 2**52),
        st.integers(-5, 2**40),
        st.integers(-5, 2**52),
        st.integers(-5, 2**52),
        st.integers(-5, 2**52),
        SOURCES,
        INJECTED,
    ),
    st.builds(Keystroke, st.integers(-(2**52), 2**52), st.sampled_from(KeyClass), st.integers(-9, 2**40), SOURCES, INJECTED),
    st.builds(
        FrontWindow, st.integers(-(2**52), 2**52), st.integers(0, 2**32), st.text(), st.text(), st.just(1), st.just("")
    ),
)


@settings(max_examples=150, deadline=None)
@given(observations=st.lists(ANY, max_size=60), cuts=st.sets(MOMENTS, max_size=6))
def test_the_same_totals_however_it_is_cut_into_ticks(observations: list[Observation], cuts: set[int]) -> None:
    observations = sorted(observations, key=lambda one: one.mono_us)
    whole = Minimiser(FULL, START)
    cut = Minimiser(FULL, START)
    ticks: list[TickBodies] = []
    borders = sorted(cuts)
    for observation in observations:
        while borders and at(borders[0]) < observation.mono_us:
            ticks.append(cut.tick(reading(borders.pop(0))))
        cut.take(observation)
        whole.take(observation)
    end = reading(50_000)
    assert _totals(ticks + drain(cut, end)) == _totals(drain(whole, end))


@settings(max_examples=100, deadline=None)
@given(bursts=st.lists(st.lists(WILD, max_size=40), max_size=4), repeat=st.integers(1, 60), sent=st.booleans())
def test_every_record_fits_its_size_and_its_schema(bursts: list[list[Observation]], repeat: int, sent: bool) -> None:
    rules = policy(titles_in_full, timing=Disclosure.SENT if sent else Disclosure.WITHHELD)
    minimiser = Minimiser(rules, START)
    ticks: list[TickBodies] = []
    for number, burst in enumerate(bursts):
        for observation in burst * repeat:
            minimiser.take(observation)
        ticks.append(minimiser.tick(reading((number + 1) * 5000)))
    ticks += drain(minimiser, ClockReading(2**52, 2**52, 2**52))
    for tick in ticks:
        assert tick.focus is not None
        assert tick.stats is not None
        assert tick.raw is not None
        _fits_and_reads(tick.focus, TYPES[Kind.FOCUS].pad)
        _fits_and_reads(tick.stats, TYPES[Kind.STATS].pad)
        _fits_and_reads(tick.raw, RAW_SENT_BYTES if sent else RAW_WITHHELD_BYTES)


@settings(max_examples=200, deadline=None)
@given(app=st.text(max_size=130), title=st.text(max_size=520), quotes=st.integers(0, 3))
def test_one_change_always_fits(app: str, title: str, quotes: int) -> None:
    mark = ('"', "\\", "\\'", '"x')[quotes]
    late = ClockReading(2**53 - 1, 2**53 - 1, 2**53 - 1)
    minimiser = Minimiser(FULL, START)
    minimiser.take(FrontWindow(2**53 - 1, 1, mark.join(app), mark.join(title), 1, ""))
    focus = minimiser.tick(late).focus
    assert focus is not None
    assert len(focus.changes) == 1


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.integers(0, 90_000), min_size=16, max_size=16))
def test_the_fullest_statistics_still_fit_and_lose_nothing(counts: list[int]) -> None:
    minimiser = Minimiser(PLAIN, START)
    tally = minimiser._tally
    assert tally is not None
    tally._sources[64 * 3 + 2] = _Source(*counts[:8])
    tally._waiting.keys[:] = counts[:8]
    tally._waiting.pauses[:] = counts[8:14]
    tally._waiting.pace[:] = counts[14:]
    ticks = drain(minimiser, ClockReading(2**53 - 1, 2**53 - 1, 2**53 - 1))
    stats = [tick.stats for tick in ticks if tick.stats]
    for body in stats:
        _fits_and_reads(body, TYPES[Kind.STATS].pad)
    assert [sum(column) for column in zip(*(body.keys + body.pauses + body.pace for body in stats), strict=True)] == counts
    told = [sum(column) for column in zip(*(msgspec.structs.astuple(s)[2:] for b in stats for s in b.sources), strict=True)]
    assert told == counts[:8]


def _fits_and_reads(body: Payload, padded_bytes: int) -> None:
    assert len(encode_payload(body)) < padded_bytes
    assert msgspec.json.decode(msgspec.json.encode(body), type=type(body)) == body


def _totals(ticks: Sequence[TickBodies]) -> dict[str, object]:
    stats = [tick.stats for tick in ticks if tick.stats]
    raws = [tick.raw for tick in ticks if tick.raw]
    sources: dict[tuple[int, int], list[int]] = {}
    for body in stats:
        for one in body.sources:
            added = msgspec.structs.astuple(one)[2:]
            held = sources.setdefault((one.source, one.injected), [0] * len(added))
            held[:] = [a + b for a, b in zip(held, added, strict=True)]
    return {
        "keys": [sum(column) for column in zip(*(body.keys for body in stats), strict=True)],
        "pauses": [sum(column) for column in zip(*(body.pauses + body.pace for body in stats), strict=True)],
        "repeats": sum(body.repeats for body in stats),
        "distance": sum(body.distance_px for body in stats),
        "strokes": sum(body.strokes for body in stats),
        "sources": sources,
        "windows": [
            (one.mono_us, one.window, one.app, one.title) for tick in ticks if tick.focus for one in tick.focus.changes
        ],
        "timing": [(body.mono_us // MS + one.at_ms, one.key_class, one.source) for body in raws for one in body.keys],
        "movements": sorted(
            (body.mono_us // MS + one.at_ms, one.duration_ms, one.path_px, one.moves, one.source)
            for body in raws
            for one in body.strokes
        ),
    }
