# SPDX-License-Identifier: Apache-2.0
"""pointer-alone at its exact bounds: who is just not asked, and what one movement is where ticks cut it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from pointer_generators import BEGIN_US, without_timing

from detectors import abstain
from detectors.pointer_alone import ALTERNATIVES, PointerAlone, PointerState
from session.assistance import Assistance
from session.events import Edge, Event, Focus, FocusChange, Gap, Injected, Kind, Reason, SourceCount, Stats
from session.findings import Finding, State, Weight

DETECTOR = PointerAlone()
T_US = 1_790_000_000_000_000
WHOLE = 240
"""Ticks of five seconds in twenty minutes."""


class Moved(msgspec.Struct, frozen=True):
    """What moved in a tick; as by a hand, a long way at once, unless told otherwise."""

    strokes: int = 1
    px: int = 400
    idle_ms: int = 1000
    by: tuple[Injected, ...] = (Injected.NO,)


def day(moved: Mapping[int, Moved], ticks: int = WHOLE, *, span_ms: int = 5000) -> list[Event]:
    """So many ticks five seconds apart, from number 1, under one window; `moved` says in which the pointer was."""
    events: list[Event] = []
    for number in range(1, ticks + 1):
        at = (T_US + number * 5_000_000, BEGIN_US + number * 5_000_000)
        one = moved.get(number, Moved(strokes=0, px=0, idle_ms=60_000, by=()))
        sources = tuple(SourceCount(2 + by, by, 0, 0, 0, 0, 20) for by in one.by)
        body = Stats(*at, span_ms, sources=sources, distance_px=one.px, strokes=one.strokes, pointer_idle_ms=one.idle_ms)
        events += [Event(2 * number - 1, Kind.FOCUS, Focus(*at)), Event(2 * number, Kind.STATS, body)]
    return events


def every(ticks: int, one: Moved = Moved(), *, count: int = 99, first: int = 0) -> dict[int, Moved]:  # noqa: B008 - frozen
    """The same movement each so many ticks, so often or for twenty minutes."""
    places = range(first or ticks, WHOLE + 1, ticks)
    return dict.fromkeys(places[:count], one)


def folded(events: Sequence[Event]) -> PointerState:
    return DETECTOR.step(DETECTOR.start(without_timing()), events)


def found(moved: Mapping[int, Moved], ticks: int = WHOLE) -> Finding:
    return of(day(moved, ticks))


def of(events: Sequence[Event]) -> Finding:
    return DETECTOR.finish(folded(events))


# --- how many, how long and how much alike


def test_fourteen_movements_are_no_rhythm_and_fifteen_may_be() -> None:
    assert (found(every(16)).state, found(every(16)).statistic) == (State.RAISED, 1.0)
    assert found(every(16)).alternatives == ALTERNATIVES
    assert (found(every(16, count=14)).state, found(every(16, count=14)).statistic) == (State.CLEAR, 0.0)
    assert (found(every(16, count=14), WHOLE - 1).state) is State.NOT_EVALUATED
    assert found(every(17)).state is State.CLEAR


@pytest.mark.parametrize(("unlike", "state"), [(3, State.RAISED), (4, State.CLEAR)])
def test_nine_tenths_of_the_intervals_are_what_is_asked_about(unlike: int, state: State) -> None:
    """Thirty of them; twice as many movements in a tick take half the time each."""
    moved = every(7, count=31)
    twice = dict.fromkeys(list(moved)[5 : 5 + unlike], Moved(strokes=2))
    finding = found(moved | twice)
    assert (finding.state, finding.statistic) == (state, (30 - unlike) / 30)
    assert len(finding.evidence) == (31 if state is State.RAISED else 0)


@pytest.mark.parametrize(
    ("early_ms", "late_ms", "state"),
    [
        (3500, 500, State.RAISED),
        (3501, 500, State.CLEAR),
        (500, 3500, State.RAISED),
        (500, 3501, State.CLEAR),
    ],
)
def test_an_interval_is_alike_within_15_percent_of_the_median(early_ms: int, late_ms: int, state: State) -> None:
    """Sixty movements at 20 s, of which five are unlike, and one comes 3 s later or earlier than the others would."""
    moved = every(4, Moved(idle_ms=early_ms)) | {number: Moved(idle_ms=late_ms) for number in range(120, WHOLE + 1, 4)}
    unlike = dict.fromkeys(range(40, 60, 4), Moved(strokes=2, idle_ms=early_ms))
    assert found(moved | unlike).state is state


@pytest.mark.parametrize("later_ms", [5_000, 10_000])
def test_an_end_no_later_than_that_of_the_last_movement_tells_no_interval(later_ms: int) -> None:
    """A record that contradicts itself is nobody's rhythm."""
    assert found({number: Moved(idle_ms=later_ms * number) for number in range(1, WHOLE + 1)}).statistic == 0.0


def test_several_movements_in_a_tick_share_the_time_since_those_before() -> None:
    """One after 20 s and two after 40 s, by turns: each movement after 20 s."""
    one, two = (dict.fromkeys(range(first, WHOLE + 1, 12), Moved(strokes=n)) for first, n in ((4, 1), (12, 2)))
    finding = found(one | two)
    assert (finding.weight, finding.statistic) == (Weight.B, 1.0)


def test_the_median_is_that_of_all_intervals() -> None:
    """Two of five are of 10 s, three of 20 s."""
    places = [begin + part for begin in range(0, WHOLE, 16) for part in (2, 4, 8, 12, 16)]
    assert folded(day(dict.fromkeys(places, Moved()))).even.share == 45 / 74


def test_whoever_moves_at_two_intervals_by_turns_is_not_asked() -> None:
    assert found({number: Moved() for begin in range(5, 216, 22) for number in (begin, begin + 17)}).state is State.CLEAR


@pytest.mark.parametrize(("px", "strokes", "small"), [(30, 1, True), (31, 1, False), (60, 2, True), (61, 2, False)])
@pytest.mark.parametrize(("count", "state"), [(18, State.RAISED), (17, State.CLEAR)])
def test_a_movement_of_30_px_is_small_and_nine_tenths_of_small_ones_are_context(
    px: int, strokes: int, *, small: bool, count: int, state: State
) -> None:
    """Twenty of them, at two intervals by turns."""
    places = [number for begin in range(5, 216, 22) for number in (begin, begin + 17)]
    few = {number: Moved(strokes=strokes, px=px if place < count else 400) for place, number in enumerate(places)}
    finding = found(few)
    assert finding.state is (state if small else State.CLEAR)
    if small:
        assert (finding.statistic, finding.explanation.endswith("small")) == (count / 20, state is State.RAISED)
    assert finding.weight is (Weight.C if finding.state is State.RAISED else Weight.B)


def test_the_best_window_of_each_kind_stays_where_it_is_not_perfect() -> None:
    """Nine tenths alike, then long movements at two intervals by turns; the next window holds fewer alike."""
    later = {WHOLE + number: Moved() for begin in range(5, 216, 22) for number in (begin, begin + 17)}
    even = every(7, count=31) | dict.fromkeys(range(42, 63, 7), Moved(strokes=2))
    places = [number for begin in range(5, 216, 22) for number in (begin, begin + 17)]
    small = {number: Moved(px=30 if place < 18 else 400) for place, number in enumerate(places)}
    for moved, weight in ((even, Weight.B), (small, Weight.C)):
        finding = found(moved | later, 2 * WHOLE)
        assert (finding.weight, finding.statistic) == (weight, 0.9)
        assert finding.evidence == found(moved).evidence == tuple(2 * number for number in sorted(moved))
        again = moved | {WHOLE + number: one for number, one in moved.items()}
        assert found(again, 2 * WHOLE) == found(moved)  # of windows alike, the first


@pytest.mark.parametrize("px", [400, 20])
def test_a_window_that_is_a_little_better_takes_the_place_of_a_good_one(px: int) -> None:
    """All but one of 240, and later each of them; of long movements, and of small ones at no even interval."""
    moved = {number: Moved(px=px, idle_ms=1000 if px == 400 else number * number * 37 % 4900) for number in range(1, 500)}
    one = {50: Moved(strokes=2) if px == 400 else Moved(px=400)}
    assert 0.99 < found(moved | one).statistic < 1.0
    assert found(moved | one, 400).statistic == 1.0


def test_of_two_kinds_the_higher_class_is_asked_about() -> None:
    """Software for twenty minutes, of somebody who clicks by software, and later even movement of a device."""
    events = day(dict.fromkeys(range(1, WHOLE + 1), Moved(by=(Injected.YES,))), WHOLE + 1)
    later = day({number: Moved() for number in range(WHOLE + 5, 2 * WHOLE + 1, 5)}, 2 * WHOLE + 5)
    assert isinstance(events[2 * WHOLE + 1].body, Stats)
    clicked = msgspec.structs.replace(events[2 * WHOLE + 1].body, sources=(SourceCount(3, Injected.YES, 0, 0, 9, 0, 0),))
    click = msgspec.structs.replace(events[2 * WHOLE + 1], body=clicked)
    by_software = [*events[: 2 * WHOLE + 1], click]
    assert of([*by_software, *day({}, 2 * WHOLE)[2 * WHOLE + 2 :]]).explanation == "finding.pointer-alone.software"
    both = of([*by_software, *later[2 * WHOLE + 2 :]])
    assert (both.weight, both.explanation) == (Weight.B, "finding.pointer-alone.raised")


# --- rests


@pytest.mark.parametrize(("rest", "state"), [(25, State.RAISED), (26, State.CLEAR)])
def test_two_minutes_of_rest_are_within_a_window_and_more_are_not(rest: int, state: State) -> None:
    """To the tick: 24 of them without any movement."""
    before = every(8, count=14)
    after = every(8, first=max(before) + rest)
    assert found(before | after, WHOLE).state is state


@pytest.mark.parametrize(("ticks", "state"), [(315, State.CLEAR), (316, State.RAISED)])
def test_a_window_begins_at_most_two_minutes_before_its_first_movement(ticks: int, state: State) -> None:
    """Nobody was there for eight minutes and twenty seconds."""
    assert found(dict.fromkeys(range(101, 400, 5), Moved()), ticks).state is state


def test_a_window_ends_at_most_two_minutes_after_its_last_movement() -> None:
    assert found(every(8, count=27)).state is State.RAISED  # the last one ends at the 216th tick
    assert found(every(5, count=43)).state is State.CLEAR  # at the 215th


# --- one movement in two ticks


def straddling(ticks: int, count: int, end: Moved) -> dict[int, Moved]:
    """Movements that begin in one tick, and whose end the next one tells."""
    moved: dict[int, Moved] = {}
    for number in range(1, count + 1):
        moved |= {number * ticks: Moved(px=20, idle_ms=0), number * ticks + 1: end}
    return moved


END = Moved(strokes=0, px=20, idle_ms=4000)


def test_a_movement_that_goes_on_in_the_next_tick_is_one() -> None:
    assert found(straddling(16, 14, END)).statistic == 0.0  # fourteen of them
    finding = found(straddling(15, 15, END))
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)
    assert finding.evidence == tuple(range(30, 451, 30))


def test_it_ends_where_the_next_tick_says() -> None:
    """Its end is at the same distance from tick to tick; the end of the first part is not."""
    moved = straddling(3, 79, END)
    begun = {number: msgspec.structs.replace(one, idle_ms=number % 2 * 4200) for number, one in moved.items() if one.strokes}
    assert (found(moved | begun).statistic, found(moved | begun).weight) == (1.0, Weight.B)


@pytest.mark.parametrize(("px", "share"), [(30, 1.0), (31, 0.0)])
def test_it_is_small_where_both_parts_are(px: int, share: float) -> None:
    moved = straddling(10, 23, msgspec.structs.replace(END, px=px))
    assert folded(day(moved)).small.share == share
    long = {number: msgspec.structs.replace(one, px=31) for number, one in moved.items() if one.strokes}
    assert folded(day(moved | long)).small.share == 0.0


def test_it_goes_on_in_the_next_tick_alone() -> None:
    """What moves after a tick of rest, or after its end was told, began in none, and is told by itself."""
    one, rested, goes_on = (
        folded(day({1: Moved(px=20, idle_ms=0), **then}, 4)).run for then in ({2: END}, {3: END}, {2: END, 3: END})
    )
    assert one is not None
    assert rested is not None
    assert goes_on is not None
    assert [len(run.movements) for run in (one, rested, goes_on)] == [1, 2, 2]


def test_it_goes_on_over_a_second_that_no_tick_told_and_no_longer() -> None:
    events, fewer = (day(straddling(16, 14, END), WHOLE + 1, span_ms=span_ms) for span_ms in (4000, 3999))
    assert (of(events).state, of(events).statistic) == (State.CLEAR, 0.0)  # fourteen of them, and not twice as many
    assert of(fewer).reason == abstain.TOO_SHORT


def test_it_belongs_to_the_window_in_which_it_ends() -> None:
    """Fifteen of software, of which the first ends just as the window begins, and the last with it."""
    by = (Injected.YES,)
    begun, ended = Moved(idle_ms=0, by=by), Moved(strokes=0, by=by)
    moved = {1: begun, 2: ended, **dict.fromkeys((18, 35, 52, 69, 86, 103, 120, 138, 155, 172, 189, 206, 223, 241), begun)}
    assert found(moved, 241).state is State.RAISED
    assert found({number: one for number, one in moved.items() if number != 2}, 241).state is State.CLEAR


@pytest.mark.parametrize("by", [(Injected.YES,), (Injected.NO, Injected.YES)])
def test_what_software_moves_next_is_no_end_of_a_hands_movement(by: tuple[Injected, ...]) -> None:
    run = folded(day({1: Moved(), 6: Moved(idle_ms=0), 7: msgspec.structs.replace(END, by=by)}, 7)).run
    assert run is not None
    assert len(run.movements) == (3 if by == (Injected.YES,) else 2)
    assert (run.movements[1].every_us, run.movements[-1].every_us) == ((26_000_000, 0) if by == (Injected.YES,) else (0, 0))


def test_a_movement_that_software_shared_tells_no_interval_where_a_hand_ends_it() -> None:
    both = Moved(idle_ms=0, by=(Injected.NO, Injected.YES))
    run = folded(day({1: Moved(), 6: both, 7: END}, 7)).run
    assert run is not None
    assert [one.every_us for one in run.movements] == [0, 0]


def test_a_pointer_that_never_rests_is_small_but_for_its_long_beginning_or_where_nobody_saw_it_begin() -> None:
    never = dict.fromkeys(range(2, WHOLE + 1), Moved(strokes=0, px=900, idle_ms=0))
    assert folded(day({1: Moved(px=900, idle_ms=0)} | never)).small.share == (WHOLE - 2) / (WHOLE - 1)
    assert folded(day(never)).small.share == (WHOLE - 2) / (WHOLE - 1)


def test_where_software_moved_last_no_interval_is_known() -> None:
    """Its end is in no record, which tells that of hands alone."""
    hands = every(5)
    by_both = {number: Moved(by=(Injected.NO, Injected.YES)) for number in range(10, WHOLE + 1, 10)}
    assert found(hands).statistic == 1.0
    assert folded(day(hands | by_both)).even.share == 0.0
    by_software = {number: Moved(by=(Injected.YES,)) for number in range(10, WHOLE + 1, 10)}
    assert folded(day(hands | by_software)).even.share == 0.0


# --- what is not observed


@pytest.mark.parametrize("scope", ["pointer", "keyboard", "window"])
def test_no_window_reaches_across_a_moment_that_nobody_saw(scope: str) -> None:
    """Told in one record, with its beginning and its end."""
    events = day(every(5))
    t_us, mono_us = T_US + 600_000_000, BEGIN_US + 600_000_000
    lost = Event(0, Kind.GAP, Gap(t_us, mono_us, Edge.POINT, Reason.QUEUE_FULL, scope, t_us - 1_000_000))
    finding = of([*events[:WHOLE], lost, *events[WHOLE:]])
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, abstain.TOO_SHORT)
    other = msgspec.structs.replace(lost, body=msgspec.structs.replace(lost.body, scope="capture"))  # type: ignore[type-var]
    assert of([*events[:WHOLE], other, *events[WHOLE:]]).state is State.RAISED


@pytest.mark.parametrize(("by_hand", "weight"), [(40, Weight.C), (41, Weight.A)])
def test_whoever_clicks_by_software_as_often_as_by_hand_is_asked_as_context_alone(by_hand: int, weight: Weight) -> None:
    events = day(dict.fromkeys(range(1, WHOLE + 1), Moved(by=(Injected.YES,))), WHOLE + 1)
    clicks = (SourceCount(2, Injected.NO, 1, 2, by_hand - 4, 1, 0), SourceCount(3, Injected.YES, 10, 10, 10, 10, 0))
    assert isinstance(events[-1].body, Stats)
    events[-1] = msgspec.structs.replace(events[-1], body=msgspec.structs.replace(events[-1].body, sources=clicks))
    finding = of(events)
    assert (finding.state, finding.weight) == (State.RAISED, weight)


@pytest.mark.parametrize(
    ("said", "reason"), [(Assistance(assistive=True), abstain.ASSISTIVE), (Assistance(remote=True), abstain.REMOTE)]
)
def test_what_is_declared_for_every_session_is_not_evaluated(said: Assistance, reason: str) -> None:
    assert DETECTOR.finish(DETECTOR.step(DETECTOR.start(without_timing(), said), day(every(5)))).reason == reason


def test_another_window_within_a_tick_begins_a_new_window_even_where_the_first_comes_back() -> None:
    events = day(every(5))
    body = events[WHOLE].body
    assert isinstance(body, Focus)
    changes = tuple(FocusChange(body.mono_us - 1000 + number, number, "app", "") for number in (1, 2, 1))
    assert of(events).state is State.RAISED
    events[WHOLE] = msgspec.structs.replace(events[WHOLE], body=msgspec.structs.replace(body, changes=changes))
    assert of(events).state is State.CLEAR


def at(number: int) -> tuple[int, int]:
    """When that tick ends, on both clocks."""
    return T_US + number * 5_000_000, BEGIN_US + number * 5_000_000


def point(number: float, scope: str, reason: Reason = Reason.QUEUE_FULL, *, since: float = 0.2) -> Event:
    """A gap within that tick, as long as `since` ticks."""
    t_us, mono_us = T_US + round(number * 5_000_000), BEGIN_US + round(number * 5_000_000)
    return Event(0, Kind.GAP, Gap(t_us, mono_us, Edge.POINT, reason, scope, t_us - round(since * 5_000_000)))


def test_a_gap_that_is_told_within_a_tick_leaves_nothing_of_it_seen() -> None:
    """Between what it says of the window and what of the pointer."""
    for ticks, reason in ((WHOLE, abstain.TOO_SHORT), (WHOLE + 1, "")):
        events = day(every(5), ticks)
        assert of([events[0], point(0.5, "pointer"), *events[1:]]).reason == reason


def test_no_movements_before_a_gap_or_a_missing_tick_count_with_those_after_it() -> None:
    """Ten minutes of software on each side, and work afterwards."""
    events = day(dict.fromkeys(range(1, WHOLE + 1), Moved(by=(Injected.YES,))), 500)
    work = msgspec.structs.replace(events[2 * WHOLE + 1], body=typed(events[2 * WHOLE + 1]))
    events = [*events[: 2 * WHOLE + 1], work, *events[2 * WHOLE + 2 :]]
    assert of(events).state is State.RAISED
    for parted in ([*events[:WHOLE], point(120.5, "pointer"), *events[WHOLE:]], [*events[:WHOLE], *events[WHOLE + 2 :]]):
        assert (of(parted).state, of(parted).statistic) == (State.CLEAR, 0.0)


def typed(event: Event, keys: tuple[int, ...] = (0, 0, 0, 0, 0, 0, 1, 0)) -> Stats:
    """The tick with a keystroke of which no device is told."""
    assert isinstance(event.body, Stats)
    return msgspec.structs.replace(event.body, keys=keys, sources=(), strokes=0, distance_px=0)


def test_a_keystroke_of_which_no_device_is_told_is_work_too() -> None:
    """There may be more devices than a record holds."""
    events = day(every(5), 400)
    assert of(events).state is State.RAISED
    for number in (100, 300):
        events[2 * number - 1] = msgspec.structs.replace(events[2 * number - 1], body=typed(events[2 * number - 1]))
    assert of(events).state is State.CLEAR


def in_front(event: Event, window: int) -> Event:
    assert isinstance(event.body, Focus)
    change = FocusChange(event.body.mono_us, window, "reader", "")
    return msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, changes=(change,)))


def test_a_window_that_is_told_again_some_time_after_a_gap_may_be_another() -> None:
    """Its number may have been given anew."""
    events = day(every(5), 10 + 100 + 200)
    events[0] = in_front(events[0], 1)
    again = [*events[:220], in_front(events[220], 1), *events[221:]]
    assert of(again).state is State.RAISED
    assert of([*again[:20], point(10.5, "pointer"), *again[20:]]).state is State.CLEAR
    assert of([*events[:20], point(10.5, "pointer"), *events[20:]]).state is State.RAISED


def test_a_pause_takes_no_tick_out_of_the_record() -> None:
    """So what software moved after it is asked about as before; where ticks are missing, nobody knows who worked how."""
    software = day(dict.fromkeys(range(1, 500), Moved(by=(Injected.YES,))), 500)
    kept = [*software[:20], *software[200:]]
    assert (of(kept).state, of(kept).weight) == (State.RAISED, Weight.C)
    paused = [*software[:20], point(99.5, "session", Reason.PAUSE, since=89.5), *software[200:]]
    assert (of(paused).state, of(paused).weight) == (State.RAISED, Weight.A)


def test_what_is_told_at_the_moment_of_the_last_tick_belongs_to_it() -> None:
    """As the stop writes it."""
    events = day(dict.fromkeys(range(1, WHOLE + 1), Moved(by=(Injected.YES,))))
    at_the_stop = [msgspec.structs.replace(one, seq=one.seq + 2) for one in events[-2:]]
    assert isinstance(at_the_stop[1].body, Stats)
    at_the_stop[1] = msgspec.structs.replace(at_the_stop[1], body=msgspec.structs.replace(at_the_stop[1].body, span_ms=0))
    assert (of([*events, *at_the_stop]).state, of([*events, *at_the_stop]).weight) == (State.RAISED, Weight.A)
