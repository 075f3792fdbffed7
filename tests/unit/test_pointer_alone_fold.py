# SPDX-License-Identifier: Apache-2.0
"""pointer-alone is a fold: however it is cut, whenever it was, whatever it reads; and what is missing makes less of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from pointer_generators import BEGIN_US, MOVERS, SIGNS, at_random, disc, drift, gap, hand, recorded, shifted, without_timing

from agent.sensor import Observation
from detectors.pointer_alone import PointerAlone, PointerState
from session.events import Declare, Edge, Event, Focus, Gap, Injected, Kind, Note, Reason, SourceCount, Stats
from session.findings import Finding, State

POLICY = without_timing()
DETECTOR = PointerAlone()


def folded(events: Sequence[Event]) -> PointerState:
    return DETECTOR.step(DETECTOR.start(POLICY), events)


def found(events: Sequence[Event]) -> Finding:
    return DETECTOR.finish(folded(events))


def shares(events: Sequence[Event]) -> tuple[float, float, float]:
    state = folded(events)
    return state.software.share, state.even.share, state.small.share


@st.composite
def observed(draw: st.DrawFn) -> list[Event]:
    """Half an hour: a mover, a drift or a hand, with a few signs of work among it."""
    until_s = draw(st.sampled_from([1250.0, 1800.0]))
    what = draw(st.sampled_from(["mover", "mover", "drift", "random", "disc", "hand", "both"]))
    moves: list[Observation] = []
    if what in ("mover", "both"):
        moves += MOVERS[draw(st.sampled_from(sorted(MOVERS)))](draw(st.floats(1, 60)), until_s, 0.0)
    if what in ("hand", "both"):
        moves += hand(until_s, seed=draw(st.integers(0, 9)), slower=draw(st.sampled_from([2, 20])))
    if what == "drift":
        moves += drift(until_s, seed=draw(st.integers(0, 9)))
    if what == "random":
        moves += at_random(1, 60, until_s, injected=draw(st.sampled_from(Injected)))
    if what == "disc":
        moves += disc(until_s)
    signs = draw(st.lists(st.tuples(st.sampled_from(SIGNS), st.floats(0, until_s)), max_size=3))
    moves += [sign(at) for (_, sign), at in signs]
    return recorded(moves, until_s)


@settings(max_examples=25, deadline=None)
@given(observed(), st.lists(st.integers(0, 800), max_size=8))
def test_every_cutting_gives_the_same_state_and_finding(events: list[Event], cuts: list[int]) -> None:
    whole = folded(events)
    state, last = DETECTOR.start(POLICY), 0
    for cut in [*sorted(min(cut, len(events)) for cut in cuts), len(events)]:
        state = DETECTOR.step(state, events[last:cut])
        DETECTOR.finish(state)  # interim results leave no trace
        last = cut
    assert state == whole
    assert DETECTOR.finish(state) == DETECTOR.finish(whole)


@settings(max_examples=15, deadline=None)
@given(observed(), st.integers(-8_000_000_000, 2**50))
def test_the_origin_of_time_does_not_matter(events: list[Event], by_us: int) -> None:
    assert found([shifted(event, by_us) for event in events]) == found(events)


def standing(finding: Finding) -> tuple[int, int]:
    """How much a finding may do: less is more innocent."""
    states = (State.NOT_EVALUATED, State.CLEAR, State.RAISED)
    return states.index(finding.state), -"ABC".index(finding.weight) if finding.state is State.RAISED else 0


HURT = st.sampled_from(["removed", "lost", "pointer", "keyboard", "window", "session"])


@settings(max_examples=40, deadline=None)
@given(observed(), st.lists(st.tuples(HURT, st.floats(0, 1), st.floats(0, 0.2)), min_size=1, max_size=3))
def test_what_is_missing_never_makes_more_of_it(events: list[Event], hurts: list[tuple[str, float, float]]) -> None:
    hurt = events
    for what, share, length in hurts:
        first = int(share * (len(hurt) - 1))
        last = min(len(hurt), first + 1 + int(length * len(hurt)))
        if what == "removed":
            kinds = (Kind.STATS, Kind.FOCUS)
            hurt = [
                msgspec.structs.replace(e, body=None) if first <= n < last and e.kind in kinds else e
                for n, e in enumerate(hurt)
            ]
        elif what == "lost":
            hurt = [e for n, e in enumerate(hurt) if not (first <= n < last and e.kind is not Kind.GAP)]
        else:
            begin, end = gap(0.0, Edge.BEGIN, Reason.DIED, what), gap(0.0, Edge.END, Reason.DIED, what)
            hurt = [
                *hurt[:first],
                Event(seq=0, kind=begin[0], body=begin[1]),
                *hurt[first:last],
                Event(seq=0, kind=end[0], body=end[1]),
                *hurt[last:],
            ]
    before, after = found(events), found(hurt)
    assert standing(after) <= standing(before)
    assert all(less <= more for less, more in zip(shares(hurt), shares(events), strict=True))


number = st.integers(0, 2**53 - 1)
small = st.integers(0, 3)
sources = st.lists(
    st.builds(SourceCount, st.integers(1, 9), st.sampled_from(Injected), small, small, small, small, small), max_size=2
).map(tuple)
anything = st.builds(
    Event,
    seq=st.integers(0, 2**53),
    kind=st.sampled_from([*Kind, 130, 230, Kind.STATS, Kind.FOCUS]),
    body=st.one_of(
        st.none(),
        st.builds(Note, st.just(0), st.just("")),
        st.builds(Gap, number, number, st.sampled_from(Edge), st.sampled_from(Reason), st.just("pointer"), number),
        st.builds(Declare, number, number, st.text(max_size=12), st.just("")),
        st.builds(Focus, number, st.just(5), st.just(())),
        st.builds(
            Stats, number, st.one_of(number, st.just(5)), number, sources=sources, strokes=number, distance_px=number,
            pointer_idle_ms=number,
        ),
    ),
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(anything, max_size=30))
def test_no_record_whatever_makes_it_fail(events: list[Event]) -> None:
    assert found(events).state in State


def test_ticks_of_a_millisecond_do_not_fill_the_memory() -> None:
    state = DETECTOR.start(POLICY)
    source = SourceCount(1, Injected.NO, 0, 0, 0, 0, 5)
    for at in range(2000):
        mono_us = BEGIN_US + 1000 * at
        state = DETECTOR.step(
            state,
            [
                Event(seq=2 * at, kind=Kind.FOCUS, body=Focus(1, mono_us)),
                Event(seq=2 * at + 1, kind=Kind.STATS, body=Stats(1, mono_us, 1, sources=(source,), strokes=1)),
            ],
        )
    assert state.run is not None
    assert len(state.run.movements) == 256
    assert state.run.began_us == BEGIN_US + 1000 * (2000 - 257)
