# SPDX-License-Identifier: Apache-2.0
"""Ways of a pointer that programs make: what is asked, what is not, and that less that is known never asks more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest
from detector_days import darkened, pointed
from detector_tapes import policy, shifted
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import Tape, source

from detectors import abstain
from detectors.answer import MOST_EVIDENCE
from detectors.pointer_paths import ALTERNATIVES, LEAST, PointerPaths
from session.assistance import Assistance
from session.events import Edge, Event, Injected, Reason, SourceCount
from session.findings import Finding, State, Weight

DETECTOR = PointerPaths()
RULES = policy()
WHOLE = 240
"""Ticks of twenty minutes."""


def ways(
    long: int, even: int = 0, *, jumps: int = 0, injected: Injected = Injected.NO, number: int = 2, buttons: int = 0
) -> SourceCount:
    return SourceCount(number, injected, 0, 0, buttons or jumps, 0, 20 * long, long, even, jumps)


TYPES = source(30)
HAND = ways(1)
EVEN = ways(1, 1)
JUMP = ways(0, jumps=1, injected=Injected.YES, number=3)


def taped(ticks: Sequence[Sequence[SourceCount]], *, begin: int = 0, tape: Tape | None = None) -> Tape:
    made = tape or Tape()
    for number, sources in enumerate(ticks, begin + 1):
        made.tick(number * 5, *sources)
    return made


def found(*ticks: Sequence[SourceCount]) -> Finding:
    return of(taped(ticks).events)


def of(events: Sequence[Event]) -> Finding:
    return DETECTOR.finish(DETECTOR.step(DETECTOR.start(RULES), events))


def reason(finding: Finding) -> str:
    assert finding.state is State.NOT_EVALUATED
    assert (finding.statistic, finding.evidence, finding.alternatives) == (0.0, (), ())
    return finding.reason


def day(count: int, of_all: int, one: SourceCount = EVEN, other: SourceCount = HAND) -> list[list[SourceCount]]:
    """Twenty minutes with `count` ticks of `one` and the rest up to `of_all` of `other`."""
    return [[one]] * count + [[other]] * (of_all - count) + [[]] * (WHOLE - of_all)


def test_a_device_that_goes_in_equal_steps_is_asked_about() -> None:
    finding = found(*day(20, 20))
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)
    assert (finding.explanation, finding.alternatives) == ("finding.pointer-paths.raised", ALTERNATIVES)
    assert finding.evidence == tuple(range(1, 21))


def test_software_that_jumps_is_asked_about_where_hands_are_those_of_hardware() -> None:
    finding = found(*[[TYPES]] * 5, *day(20, 20, JUMP))
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.B, 1.0)
    assert finding.explanation == "finding.pointer-paths.software"
    assert finding.evidence == tuple(range(6, 26))


@pytest.mark.parametrize(
    ("ticks", "state", "share"),
    [
        (day(20, 25), State.RAISED, 0.8),
        (day(20, 26), State.CLEAR, 20 / 26),
        (day(23, 29), State.CLEAR, 23 / 29),
        (day(19, 20), State.CLEAR, 0.0),
        (day(0, 40), State.CLEAR, 0.0),
        (day(10, 20, ways(3, 2)), State.CLEAR, 20 / 40),
        (day(20, 20, ways(1, 9)), State.RAISED, 1.0),
        (day(20, 40, ways(1, 1, injected=Injected.UNKNOWN)), State.RAISED, 1.0),
    ],
)
def test_what_part_of_the_long_ways_of_a_device_it_takes(ticks: list[list[SourceCount]], state: State, share: float) -> None:
    finding = found(*ticks)
    assert (finding.state, finding.statistic) == (state, share)


def test_another_device_takes_nothing_from_it() -> None:
    assert found(*[[EVEN, ways(4, number=5)]] * 20, *[[]] * 220).statistic == 1.0


def test_bounds_of_hardware_are_not_even_counted_by_an_agent_and_count_as_long_ways() -> None:
    """From whatever writes them: of one device both count, so that neither hides the other."""
    assert found(*[[ways(1, 1, jumps=1)]] * 10, *[[]] * 230).statistic == 1.0


def test_only_twenty_minutes_in_a_row_are_judged() -> None:
    assert reason(found(*day(30, 30)[:-1])) == abstain.TOO_SHORT
    assert found(*day(30, 30)).state is State.RAISED
    # ten of them, and ten more after they left the window
    assert found(*day(10, 10), *day(10, 10)).state is State.CLEAR
    # the first of the ten is out of it when the last comes
    spread = [[EVEN], *[[]] * 12] * 20
    assert found(*spread).state is State.CLEAR
    assert found(*[[EVEN], *[[]] * 11] * 20).state is State.RAISED


@pytest.mark.parametrize(("rest", "share"), [(219, 20 / 21), (220, 1.0)])
def test_a_window_moves_on_while_nothing_moves(rest: int, share: float) -> None:
    """Twenty ways of a hand leave it, and those of a program are still in it."""
    assert found(*[[HAND]] * 20, *[[EVEN]] * 20, *[[]] * rest).statistic == share


def test_the_evidence_is_where_a_programs_ways_are() -> None:
    assert found(*day(20, 25)).evidence == tuple(range(1, 21))


def test_of_windows_alike_the_first_is_the_evidence() -> None:
    assert found(*day(20, 20), *day(20, 20)).evidence == tuple(range(1, 21))


def test_what_comes_later_may_be_asked_about_and_stays_so() -> None:
    finding = found(*day(0, 200), *day(25, 25), *day(0, 200))
    assert finding.state is State.RAISED
    assert set(finding.evidence) <= set(range(241, 266))


def test_the_evidence_holds_no_more_than_a_finding_does_and_is_evenly_chosen() -> None:
    evidence = found(*day(200, 200)).evidence
    assert (len(evidence), evidence[0], evidence[-1]) == (MOST_EVIDENCE, 1, 200)
    assert max(after - before for before, after in pairwise(evidence)) <= 4


@pytest.mark.parametrize("ticks", [day(0, LEAST - 1), day(LEAST - 1, LEAST - 1), [[]] * WHOLE])
def test_few_long_ways_are_not_evaluated(ticks: list[list[SourceCount]]) -> None:
    assert reason(found(*ticks)) == abstain.FEW_PATHS


def test_a_device_that_never_tells_how_it_went_is_not_evaluated() -> None:
    """A tablet, a touch screen, a clock of a tenth of a second, an earlier version of the agent: moves and no paths."""
    assert reason(found(*[[SourceCount(2, Injected.NO, 0, 0, 3, 0, 90)]] * WHOLE)) == abstain.FEW_PATHS


@pytest.mark.parametrize(
    "hand", [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)], ids=["text", "key", "button", "wheel"]
)
@pytest.mark.parametrize(("times", "state"), [(20, State.NOT_EVALUATED), (21, State.RAISED)])
def test_whoever_works_by_software_is_not_asked_about_it(hand: tuple[int, ...], times: int, state: State) -> None:
    text, other, buttons, scrolls = (times * one for one in hand)
    finding = found([SourceCount(2, Injected.NO, text, other, buttons, scrolls, 0)], *day(20, 20, JUMP))
    assert finding.state is state
    assert finding.reason == (abstain.MOSTLY_SOFTWARE if state is State.NOT_EVALUATED else "")


def test_whoever_works_by_software_is_not_told_that_nothing_was_seen() -> None:
    """Also at just four fifths, and where a hand moved another device."""
    by_software = ways(1, injected=Injected.YES, number=3)
    assert reason(found(*day(20, 25, JUMP, by_software))) == abstain.MOSTLY_SOFTWARE
    assert found(*day(20, 26, JUMP, by_software)).state is State.CLEAR
    assert reason(found(*[[HAND, JUMP]] * 20, *[[]] * 220)) == abstain.MOSTLY_SOFTWARE


def test_a_record_of_one_tick_of_twenty_minutes_is_judged_as_any_other() -> None:
    """No agent writes one."""
    tape = Tape()
    tape.tick(1200, ways(25, 20), span_ms=1_200_000)
    assert (of(tape.events).state, of(tape.events).statistic) == (State.RAISED, 0.8)


def test_software_that_hides_nothing_of_a_device_is_left_out() -> None:
    far = ways(0, jumps=2, injected=Injected.YES, number=3)
    finding = found(*[[EVEN, far]] * 20, *[[]] * 220)
    assert (finding.state, finding.explanation) == (State.RAISED, "finding.pointer-paths.raised")
    clear = found(*[[HAND, ways(2, 1, injected=Injected.YES, number=3, buttons=1)]] * 40, *[[]] * 200)
    assert (clear.state, clear.statistic) == (State.CLEAR, 0.0)


@pytest.mark.parametrize("scope", ["pointer", "session"])
def test_no_window_reaches_across_a_gap(scope: str) -> None:
    half = day(20, 20)[:200]
    tape = taped(half)
    tape.gap(1000, Edge.BEGIN, Reason.PAUSE if scope == "session" else Reason.DIED, scope)
    tape.gap(1000, Edge.END, Reason.PAUSE if scope == "session" else Reason.DIED, scope)
    assert reason(of(taped(half, begin=200, tape=tape).events)) == abstain.TOO_SHORT
    again = taped(day(20, 20), begin=400, tape=tape)
    assert of(again.events).state is State.RAISED


def test_a_later_gap_takes_no_question_back() -> None:
    tape = taped(day(20, 20))
    tape.gap(WHOLE * 5, Edge.POINT, Reason.DIED, "pointer", since=WHOLE * 5 - 1)
    assert of(taped([[]] * 5, begin=WHOLE, tape=tape).events).state is State.RAISED


@pytest.mark.parametrize(
    ("said", "why"), [(Assistance(assistive=True), abstain.ASSISTIVE), (Assistance(remote=True), abstain.REMOTE)]
)
def test_what_is_declared_for_every_session_is_not_evaluated(said: Assistance, why: str) -> None:
    events = taped(day(20, 20)).events
    assert reason(DETECTOR.finish(DETECTOR.step(DETECTOR.start(RULES, said), events))) == why


def test_a_gap_of_another_sensor_is_none() -> None:
    tape = taped(day(20, 20)[:100])
    tape.gap(500, Edge.BEGIN, Reason.DIED, "window")
    assert of(taped(day(20, 20)[100:], begin=100, tape=tape).events).state is State.RAISED


@pytest.mark.parametrize("skipped_ticks", [0, 1])
def test_a_hole_in_time_is_a_gap_that_nobody_told(skipped_ticks: int) -> None:
    ticks = day(25, 25, JUMP)
    tape = taped([[TYPES]] * 120)
    made = taped(ticks, begin=120 + skipped_ticks, tape=tape).events
    assert of(made).state is (State.NOT_EVALUATED if skipped_ticks else State.RAISED)


@pytest.mark.parametrize(("span_ms", "state"), [(4000, State.RAISED), (3999, State.NOT_EVALUATED)])
def test_a_second_that_no_tick_told_is_no_hole_yet(span_ms: int, state: State) -> None:
    tape = Tape()
    for number in range(1, WHOLE + 2):
        tape.tick(number * 5, EVEN, span_ms=span_ms)
    assert of(tape.events).state is state


def test_what_is_told_at_the_moment_of_the_last_tick_belongs_to_it() -> None:
    """As the stop writes it."""
    tape = taped([[TYPES]] * 5 + day(20, 20, JUMP))
    tape.tick((5 + WHOLE) * 5, span_ms=0)
    assert of(tape.events).state is State.RAISED


def test_a_clock_that_began_anew_is_one_too() -> None:
    tape = taped(day(20, 20)[:200])
    tape.mono_us -= 400_000_000
    assert reason(of(taped(day(20, 20)[200:], begin=200, tape=tape).events)) == abstain.TOO_SHORT


def test_a_clock_that_was_set_back_a_little_is_one_too() -> None:
    tape = taped(day(20, 20)[:120])
    tape.mono_us -= 100_000_000
    assert reason(of(taped(day(20, 20)[:141], begin=120, tape=tape).events)) == abstain.TOO_SHORT


def test_a_movement_that_ended_as_the_window_begins_is_before_it() -> None:
    assert found([EVEN], *[[]] * 221, *[[EVEN]] * 19).state is State.CLEAR
    assert found([EVEN], *[[]] * 220, *[[EVEN]] * 19).state is State.RAISED


def test_what_was_told_in_a_gap_is_not_judged() -> None:
    tape = taped([[HAND]] * 300)
    tape.gap(1500, Edge.BEGIN, Reason.DIED, "pointer")
    assert of(taped([[EVEN]] * WHOLE, begin=300, tape=tape).events).state is State.CLEAR


def test_statistics_that_are_missing_let_software_be_how_one_works() -> None:
    ticks = [[TYPES]] * 5 + day(20, 20, JUMP)
    events = taped(ticks).events
    without = [Event(events[0].seq, events[0].kind, None), *events[1:]]
    assert of(events).state is State.RAISED
    assert reason(of(without)) == abstain.MOSTLY_SOFTWARE


def test_what_was_withheld_or_not_observed_or_declared() -> None:
    events = taped(day(20, 20)).events
    assert reason(of([Event(one.seq, one.kind, None) for one in events])) == abstain.WITHHELD
    blind = Tape()
    blind.gap(0, Edge.BEGIN, Reason.ABSENT, "pointer")
    assert reason(of(taped(day(20, 20), tape=blind).events)) == abstain.POINTER_NOT_OBSERVED
    for tool, why in (("remote desktop", abstain.REMOTE), ("switch control", abstain.ASSISTIVE)):
        told = Tape()
        told.declare(0, tool)
        assert reason(of(taped(day(20, 20), tape=told).events)) == why


def test_a_device_of_a_number_that_no_agent_gives_is_left_out() -> None:
    assert of(taped(day(20, 20, ways(1, 1, number=64))).events).state is State.RAISED
    assert of(taped(day(20, 20, ways(1, 1, number=65))).events).state is State.CLEAR


@pytest.mark.parametrize(("last", "share"), [(256, 1.0), (255, 255 / 256)])
def test_ticks_shorter_than_an_agents_are_remembered_up_to_a_bound(last: int, share: float) -> None:
    tape = Tape()
    for number in range(1, 1201):
        tape.tick(number, EVEN if number > 1200 - last else HAND, span_ms=1000)
    assert of(tape.events).statistic == share


def test_what_moved_before_a_restart_is_in_no_window_after_it() -> None:
    tape = taped(day(20, 20)[:100])
    tape.mono_us -= 4_000_000_000
    finding = of(taped([[]] * WHOLE, begin=100, tape=tape).events)
    assert (finding.state, finding.statistic) == (State.CLEAR, 0.0)


def test_a_pause_takes_no_tick_out_of_the_record() -> None:
    """So what software moved after it is asked about as before; where ticks are missing, nobody knows who worked how."""

    def made(*, paused: bool) -> list[Event]:
        tape = taped([[TYPES]] * 5)
        if paused:
            tape.gap(300, Edge.POINT, Reason.PAUSE, "session", since=26)
        return taped(day(20, 20, JUMP), begin=60, tape=tape).events

    assert of(made(paused=True)).state is State.RAISED
    assert reason(of(made(paused=False))) == abstain.MOSTLY_SOFTWARE


# --- properties, over days of half an hour and more

_TICKS = st.sampled_from(
    [[], [TYPES], [HAND], [EVEN], [EVEN, TYPES], [JUMP], [JUMP, EVEN], [ways(2, 1)], [ways(1, 1, injected=Injected.YES)]]
)
_RUNS = st.tuples(_TICKS, st.sampled_from([1, 5, 20, 60, 130]))
_DAYS = st.lists(_RUNS, max_size=9).map(lambda runs: [list(tick) for tick, times in runs for _ in range(times)])
PLACES = st.integers(0, 600)
FEW = settings(max_examples=60)


def softer(before: Finding, after: Finding) -> None:
    if before.state is not State.RAISED:
        assert after.state is not State.RAISED
    if before.explanation == after.explanation:
        assert after.statistic <= before.statistic


@FEW
@given(_DAYS, st.lists(PLACES, max_size=5))
def test_the_whole_is_the_fold_of_its_chunks(ticks: list[list[SourceCount]], cuts: list[int]) -> None:
    events = taped(ticks).events
    state, last = DETECTOR.start(RULES), 0
    for cut in [*sorted(min(cut, len(events)) for cut in cuts), len(events)]:
        state = DETECTOR.step(state, events[last:cut])
        DETECTOR.finish(state)
        last = cut
    assert state == DETECTOR.step(DETECTOR.start(RULES), events)


@FEW
@given(_DAYS, st.integers(-900_000, 2**50))
def test_the_origin_of_time_does_not_matter(ticks: list[list[SourceCount]], by_us: int) -> None:
    events = taped(ticks).events
    assert of([shifted(one, by_us) for one in events]) == of(events)


@FEW
@given(_DAYS, st.sampled_from(["pointer", "keyboard", "session"]), PLACES, PLACES, st.booleans())
def test_a_gap_more_never_makes_a_question(
    ticks: list[list[SourceCount]], scope: str, first: int, last: int, over: bool
) -> None:
    events = taped(ticks).events
    more = pointed(events, scope, Reason.DIED, first, 60) if over else darkened(events, scope, Reason.DIED, first, last)
    softer(of(events), of(more))


@FEW
@given(_DAYS, PLACES, st.sampled_from([1, 4, 60]))
def test_what_is_removed_never_makes_a_question(ticks: list[list[SourceCount]], first: int, many: int) -> None:
    events = taped(ticks).events
    thinned = [
        msgspec.structs.replace(one, body=None) if first <= at < first + many else one for at, one in enumerate(events)
    ]
    softer(of(events), of(thinned))
