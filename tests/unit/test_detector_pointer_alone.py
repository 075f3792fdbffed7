# SPDX-License-Identifier: Apache-2.0
"""pointer-alone: which pointers are asked about, which hands never are, and that it is a fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pointer_generators import (
    BEGIN_US,
    MOVERS,
    SIGNS,
    SOFTWARE,
    at_random,
    ball,
    disc,
    drift,
    gap,
    hand,
    press,
    recorded,
    shifted,
    statistics,
    there_and_back,
    without_timing,
)

import detectors
from agent.sensor import Observation
from detectors import abstain
from detectors.composite import opens_review
from detectors.pointer_alone import ALTERNATIVES, Best, PointerAlone, PointerState
from session.events import (
    Declare,
    Disclosure,
    Edge,
    Event,
    Focus,
    FocusChange,
    Injected,
    Kind,
    Payload,
    Reason,
    SourceCount,
    Stats,
)
from session.findings import Finding, State, Weight
from ui.strings import LANGUAGES

POLICY = without_timing()
DETECTOR = PointerAlone()
TWENTY_MINUTES = 1200.0


def folded(events: Sequence[Event]) -> PointerState:
    return DETECTOR.step(DETECTOR.start(POLICY), events)


def found(events: Sequence[Event]) -> Finding:
    return DETECTOR.finish(folded(events))


def shares(events: Sequence[Event]) -> tuple[float, float, float]:
    state = folded(events)
    return state.software.share, state.even.share, state.small.share


def inserted(events: Sequence[Event], second: float, *bodies: tuple[Kind, Payload | None]) -> list[Event]:
    """The records with more of them before the tick that ends at or after `second`; numbered anew."""
    at = next(n for n, event in enumerate(events) if event.body.mono_us >= BEGIN_US + second * 1e6)  # type: ignore[union-attr]
    all_of_them = [*((e.kind, e.body) for e in events[:at]), *bodies, *((e.kind, e.body) for e in events[at:])]
    return [Event(seq=seq, kind=kind, body=body) for seq, (kind, body) in enumerate(all_of_them, 1)]


# --- pointers that move by themselves


@pytest.mark.parametrize("mover", MOVERS)
@settings(max_examples=12, deadline=None)
@given(
    every_s=st.one_of(st.floats(1, 60), st.integers(1, 60), st.floats(1, 6)),
    part=st.floats(0, 1),
    first_s=st.floats(0, 5),
)
def test_each_mover_is_asked_about_after_twenty_minutes_at_any_interval_and_moment(
    mover: str, every_s: float, part: float, first_s: float
) -> None:
    until_s = TWENTY_MINUTES + 5
    finding = found(recorded(MOVERS[mover](every_s, until_s, part * every_s), until_s, first_s=first_s))
    assert finding.state is State.RAISED
    assert finding.weight is (Weight.A if "software" in mover else Weight.B)
    assert finding.explanation == (
        "finding.pointer-alone.software" if "software" in mover else "finding.pointer-alone.raised"
    )
    assert 0.9 == finding.threshold <= finding.statistic <= 1.0
    assert finding.alternatives == ALTERNATIVES


def test_nineteen_minutes_are_not_enough() -> None:
    short = there_and_back(30.0, 1140.0)
    assert found(recorded(short, TWENTY_MINUTES - 5)).reason == abstain.TOO_SHORT
    working = [*short, *(press(at) for at in range(1142, 2400, 20))]
    assert found(recorded(working, 2400.0)).state is State.CLEAR


def test_small_steps_at_random_moments_are_context_alone() -> None:
    finding = found(recorded(at_random(1, 60, 1300.0), 1300.0))
    assert (finding.state, finding.weight, finding.explanation) == (State.RAISED, Weight.C, "finding.pointer-alone.small")
    assert not opens_review([finding])


def test_a_disc_that_turns_under_the_mouse_is_context_alone() -> None:
    finding = found(recorded(disc(1300.0), 1300.0))
    assert (finding.state, finding.weight, finding.explanation) == (State.RAISED, Weight.C, "finding.pointer-alone.small")


def test_steps_at_random_moments_by_software_are_of_class_a() -> None:
    finding = found(recorded(at_random(1, 60, 1300.0, **SOFTWARE), 1300.0))
    assert (finding.state, finding.weight) == (State.RAISED, Weight.A)
    assert opens_review([finding])


def test_even_movement_by_a_device_opens_nothing_alone_and_something_with_another_family() -> None:
    finding = found(recorded(there_and_back(30.0, 1300.0), 1300.0))
    assert not opens_review([finding])
    other = msgspec.structs.replace(finding, family="ai-tool")
    assert opens_review([finding, other])


def test_the_evidence_is_the_window_thinned_out_evenly_with_its_ends() -> None:
    events = recorded(there_and_back(2.0, TWENTY_MINUTES), TWENTY_MINUTES)
    finding = found(events)
    kinds = {e.seq: e.kind for e in events}
    assert {kinds[seq] for seq in finding.evidence} == {Kind.STATS}
    ticks = [e.seq for e in events if e.kind is Kind.STATS]
    assert (len(finding.evidence), finding.evidence[0], finding.evidence[-1]) == (64, ticks[0], ticks[-1])
    steps = {after - before for before, after in pairwise(finding.evidence)}
    assert max(steps) - min(steps) <= ticks[1] - ticks[0]
    few = found(recorded(there_and_back(60.0, TWENTY_MINUTES), TWENTY_MINUTES))
    assert len(few.evidence) == 20


# --- what a hand does, and what else moves a pointer


PEOPLE: list[tuple[str, Callable[[int], list[Observation]]]] = [
    ("office work without its clicks", lambda seed: [*hand(3600.0, seed=seed)]),
    ("a hand that reads", lambda seed: [*hand(3600.0, seed=seed, slower=5)]),
    ("a hand that reads slowly", lambda seed: [*hand(3600.0, seed=seed, slower=12)]),
    ("a hand that watches", lambda seed: [*hand(3600.0, seed=seed, slower=40)]),
    ("a trackball", lambda seed: [*ball(3600.0, seed=seed)]),
]


@pytest.mark.parametrize(("who", "moves"), PEOPLE)
def test_an_hour_of_a_hand_is_not_asked_about_even_without_a_key_or_a_click(
    who: str, moves: Callable[[int], list[Observation]]
) -> None:
    for seed in range(4):
        events = recorded(moves(seed), 3600.0)
        assert found(events).state is State.CLEAR, who
        assert max(shares(events)) < 0.75, who  # far from the threshold, not under it by chance


def test_a_mouse_that_drifts_is_never_more_than_context() -> None:
    for seed in range(4):
        finding = found(recorded(drift(2400.0, seed=seed), 2400.0))
        assert finding.weight is Weight.C or finding.state is State.CLEAR
        assert not opens_review([finding])


def test_an_untouched_mouse_is_clear() -> None:
    finding = found(recorded([], 3600.0))
    assert (finding.state, finding.statistic, finding.evidence) == (State.CLEAR, 0.0, ())


@pytest.mark.parametrize(("what", "sign"), SIGNS)
@pytest.mark.parametrize("injected", [Injected.NO, Injected.YES])
def test_any_sign_of_work_each_nineteen_minutes_is_enough(
    what: str, sign: Callable[[float], Observation], injected: Injected
) -> None:
    moves = there_and_back(20.0, 5400.0, injected=injected)
    assert found(recorded([*moves, *(sign(at) for at in range(1100, 5400, 1140))], 5400.0)).state is State.CLEAR, what
    assert found(recorded([*moves, sign(1100.0), sign(2700.0)], 5400.0)).state is State.RAISED, what


def test_another_title_of_the_same_window_is_no_change() -> None:
    def retitled(number: int, event: Event) -> Event:
        if not isinstance(event.body, Focus) or number % 60:
            return event
        change = FocusChange(event.body.mono_us, 1, "reader", f"({number}) news")
        return msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, changes=(change,)))

    events = [retitled(number, event) for number, event in enumerate(recorded(there_and_back(20.0, 1300.0), 1300.0))]
    assert found(events).state is State.RAISED


def test_a_rest_of_more_than_two_minutes_parts_the_window() -> None:
    with_rest = [*there_and_back(20.0, 700.0), *there_and_back(20.0, 1900.0, begin_s=830.0)]
    assert found(recorded(with_rest, 1905.0)).state is State.CLEAR
    assert found(recorded([*with_rest, *there_and_back(20.0, 760.0, begin_s=720.0)], 1905.0)).state is State.RAISED


def test_a_few_movements_in_twenty_minutes_are_no_rhythm() -> None:
    assert found(recorded(there_and_back(100.0, 3600.0), 3600.0)).state is State.CLEAR
    assert found(recorded(there_and_back(80.0, 3600.0), 3600.0)).state is State.RAISED


def test_software_beside_a_hand_is_not_only_software() -> None:
    moves = [*there_and_back(20.0, 3600.0, **SOFTWARE), *hand(3600.0, slower=20)]
    assert shares(recorded(sorted(moves, key=lambda one: one.mono_us), 3600.0))[0] == 0.0


def test_software_and_a_device_in_the_same_ticks_are_not_only_software() -> None:
    moves = [*there_and_back(20.0, 1300.0, **SOFTWARE), *there_and_back(20.0, 1300.0, begin_s=0.5)]
    assert shares(recorded(moves, 1300.0))[0] == 0.0


# --- whoever works through software


def clicks(injected: Injected) -> list[Observation]:
    return [press(1400.0 + 7 * number, injected=injected) for number in range(40)]


def test_whoever_clicks_through_software_too_is_asked_as_context_alone() -> None:
    moves = there_and_back(20.0, 1300.0, **SOFTWARE)
    for hands, weight in (
        ([], Weight.A),
        (clicks(Injected.NO), Weight.A),
        (clicks(Injected.YES), Weight.C),
        ([*clicks(Injected.YES), *clicks(Injected.NO)], Weight.C),
        ([*clicks(Injected.YES)[:9], *clicks(Injected.NO)], Weight.A),
    ):
        finding = found(recorded([*moves, *hands], 1800.0))
        assert (finding.state, finding.weight) == (State.RAISED, weight)


def test_where_a_tick_is_missing_nobody_knows_and_it_is_context() -> None:
    events = recorded([*there_and_back(20.0, 1300.0, **SOFTWARE), *clicks(Injected.NO)], 1800.0)
    ticks = [number for number, event in enumerate(events) if event.kind is Kind.STATS]
    removed = [msgspec.structs.replace(e, body=None) if n == ticks[-3] else e for n, e in enumerate(events)]
    lost = [e for n, e in enumerate(events) if n != ticks[-3]]
    assert [found(one).weight for one in (events, removed, lost)] == [Weight.A, Weight.C, Weight.C]
    assert {found(one).state for one in (events, removed, lost)} == {State.RAISED}


# --- what is not observed


def moved(until_s: float = 1800.0) -> list[Event]:
    return recorded(there_and_back(20.0, until_s), until_s)


def abstained(events: Sequence[Event], reason: str) -> None:
    finding = found(events)
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, reason)
    assert (finding.statistic, finding.evidence, finding.alternatives) == (0.0, (), ())
    assert (finding.weight, finding.explanation) == (Weight.B, "finding.pointer-alone.not-evaluated")


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("pointer", abstain.POINTER_NOT_OBSERVED),
        ("keyboard", abstain.NOT_OBSERVED),
        ("window", abstain.WINDOW_NOT_OBSERVED),
    ],
)
def test_a_sensor_that_does_not_observe_is_no_silence(scope: str, reason: str) -> None:
    abstained(inserted(moved(), 0.0, gap(0.0, Edge.BEGIN, Reason.DENIED, scope)), reason)
    late = inserted(moved(), 700.0, gap(700.0, Edge.BEGIN, Reason.DIED, scope))
    abstained(late, reason)
    short = inserted(moved(), 700.0, gap(700.0, Edge.BEGIN, Reason.DIED, scope))
    assert found(inserted(short, 720.0, gap(720.0, Edge.END, Reason.DIED, scope))).reason == abstain.TOO_SHORT


@pytest.mark.parametrize("scope", ["pointer", "keyboard", "window"])
def test_twenty_minutes_within_a_gap_are_not_asked_about(scope: str) -> None:
    at_work = [*there_and_back(20.0, 1400.0), *(press(at) for at in range(1410, 3600, 30))]
    events = recorded(at_work, 3600.0)
    assert found(events).state is State.RAISED
    hidden = inserted(events, 1400.0, gap(1400.0, Edge.END, Reason.DIED, scope))
    assert found(inserted(hidden, 5.0, gap(5.0, Edge.BEGIN, Reason.DIED, scope))).state is State.CLEAR


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (Reason.OFFLINE, State.RAISED),
        (Reason.WITNESS, State.RAISED),
        (Reason.SUSPEND, State.NOT_EVALUATED),
        (Reason.CLOCK, State.NOT_EVALUATED),
    ],
)
def test_only_a_missing_network_leaves_everything_observed(reason: Reason, state: State) -> None:
    events = moved(TWENTY_MINUTES + 200)
    assert found(inserted(events, 700.0, gap(700.0, Edge.POINT, reason, "session"))).state is state


def test_the_gap_of_another_sensor_changes_nothing() -> None:
    assert found(inserted(moved(), 700.0, gap(700.0, Edge.BEGIN, Reason.DENIED, "capture"))).state is State.RAISED


@pytest.mark.parametrize(("tool", "reason"), [("assistive: eye tracker", abstain.ASSISTIVE), ("VNC", abstain.REMOTE)])
def test_a_declared_aid_or_remote_desktop_is_not_evaluated(tool: str, reason: str) -> None:
    abstained(inserted(moved(), 1500.0, (Kind.DECLARE, Declare(1, BEGIN_US, tool, "because"))), reason)


def test_a_policy_without_the_window_in_front_is_not_evaluated() -> None:
    off = msgspec.structs.replace(POLICY, disclosure=msgspec.structs.replace(POLICY.disclosure, focus=Disclosure.OFF))
    state = DETECTOR.step(DETECTOR.start(off), [e for e in moved() if e.kind is not Kind.FOCUS])
    assert DETECTOR.finish(state).reason == abstain.FOCUS_OFF


@pytest.mark.parametrize(("kind", "reason"), [(Kind.STATS, abstain.WITHHELD), (Kind.FOCUS, abstain.FOCUS_WITHHELD)])
def test_withheld_records_are_not_evaluated(kind: Kind, reason: str) -> None:
    abstained([msgspec.structs.replace(e, body=None) if e.kind is kind else e for e in moved()], reason)


@pytest.mark.parametrize("kind", [Kind.STATS, Kind.FOCUS])
def test_a_tick_that_is_not_there_parts_the_window(kind: Kind) -> None:
    events = moved()
    number = [n for n, event in enumerate(events) if event.kind is kind][140]
    assert found([e for n, e in enumerate(events) if n != number]).reason == abstain.TOO_SHORT
    assert found(events).state is State.RAISED


def test_windows_that_were_dropped_part_the_window() -> None:
    events = moved()
    number = [n for n, event in enumerate(events) if event.kind is Kind.FOCUS][140]
    body = msgspec.structs.replace(events[number].body, dropped=1)  # type: ignore[type-var]
    events[number] = msgspec.structs.replace(events[number], body=body)
    assert found(events).reason == abstain.TOO_SHORT


def test_a_clock_that_begins_anew_makes_no_window_of_two_boots() -> None:
    first = moved(900.0)
    again = [shifted(e, -100_000_000) for e in moved(900.0)]
    assert found([*first, *again]).reason == abstain.TOO_SHORT


def test_the_records_of_a_mover_say_what_the_statistic_needs() -> None:
    """Movements, their way and when the last one ended, to the millisecond; and nothing that tells more of a hand."""
    bodies = statistics(recorded(there_and_back(20.0, 100.0, begin_s=1.0), 100.0))
    moving = [body for body in bodies if body.strokes]
    assert [(body.strokes, body.distance_px) for body in moving] == [(1, 8)] * 5
    ends_us = [body.mono_us - body.pointer_idle_ms * 1000 for body in moving]
    assert {after - before for before, after in pairwise(ends_us)} == {20_000_000}


def ticked(movers: Sequence[Injected], *, span_ms: int = 5000) -> list[Event]:
    """A tick for each, in which a device of this origin moved once, far and at no even interval, under one window."""
    events: list[Event] = []
    for number, injected in enumerate(movers, 1):
        t_us, mono_us = (origin + number * span_ms * 1000 for origin in (1_790_000_000_000_000, 9_000_000_000))
        events.append(Event(2 * number, Kind.FOCUS, Focus(t_us, mono_us)))
        sources = (SourceCount(2 + injected, injected, 0, 0, 0, 0, 20),)
        idle_ms = number * number * 37 % (span_ms - 100)
        body = Stats(t_us, mono_us, span_ms, sources=sources, distance_px=400, strokes=1, pointer_idle_ms=idle_ms)
        events.append(Event(2 * number + 1, Kind.STATS, body))
    return events


def test_a_movement_that_ended_as_the_window_begins_is_before_it() -> None:
    ticks = [Injected.NO] * 60 + [Injected.YES] * 240
    finding = found(ticked(ticks))
    assert (finding.state, finding.weight, finding.evidence[0]) == (State.RAISED, Weight.A, 2 * 61 + 1)
    assert found(ticked(ticks[:-1])).state is State.CLEAR


def test_a_clock_that_was_set_back_a_little_makes_no_window_of_what_came_before_and_after() -> None:
    before = ticked([Injected.NO] * 120)
    after = [shifted(msgspec.structs.replace(one, seq=one.seq + 300), 500_000_000) for one in ticked([Injected.NO] * 141)]
    abstained([*before, *after], abstain.TOO_SHORT)


def test_a_device_that_moves_on_where_software_began_is_not_software() -> None:
    """Its movement began in no tick of its own, and still is no end of that of the tick before."""
    events = [
        msgspec.structs.replace(one, body=msgspec.structs.replace(one.body, strokes=0))
        if isinstance(one.body, Stats) and one.body.sources[0].injected is Injected.NO
        else one
        for one in ticked([Injected.YES, Injected.NO] * 130)
    ]
    assert found(events).explanation != "finding.pointer-alone.software"
    assert shares(events)[0] == 0.0


@pytest.mark.parametrize("more", [40, 41])
def test_so_many_ticks_are_remembered_and_no_more(more: int) -> None:
    """However short a record says that they were."""
    state = folded(ticked([Injected.NO] * (256 + more), span_ms=1000))
    assert state.run is not None
    assert len(state.run.movements) == 256


def test_what_is_not_remembered_is_no_part_of_a_window() -> None:
    """Twenty-five minutes of ticks of a second, of which some four are remembered."""
    assert found(ticked([Injected.YES] * 1500, span_ms=1000)).state is State.CLEAR


def test_the_best_window_of_a_kind_stays() -> None:
    """Even movement first, a hand afterwards: the finding is still that of the first twenty minutes."""
    moves = [*there_and_back(20.0, 1300.0), *hand(3600.0)[400:]]
    later = [one for one in moves[65:] if one.mono_us > BEGIN_US + 1_300_000_000]
    state = folded(recorded([*moves[:65], *later], 3600.0))
    assert state.even == Best(1.0, DETECTOR.finish(state).evidence)


def test_what_it_emits_has_a_sentence_in_every_language() -> None:
    keys = {f"finding.pointer-alone.{word}" for word in ("title", "raised", "software", "small", "clear", "not-evaluated")}
    for language, table in LANGUAGES.items():
        assert {*keys, *ALTERNATIVES, *abstain.REASONS} <= table.keys(), language


def test_its_card_names_its_thresholds_and_its_place() -> None:
    card = (Path(__file__).resolve().parents[2] / "docs" / "detectors" / "pointer-alone.md").read_text(encoding="utf-8")
    assert "**0.9**" in card
    assert f"calibration `{DETECTOR.calibration}`" in card
    assert "detectors/pointer_alone.py" in card
    assert DETECTOR.id in {one.id for one in detectors.ALL}
