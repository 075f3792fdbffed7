# SPDX-License-Identifier: Apache-2.0
"""injected-input: what raises it, what never does, and that it is a fold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import Tape, injected, source, typing, unknown

import detectors
from detectors import abstain
from detectors.injected import ALTERNATIVES, InjectedInput
from session.events import Declare, Edge, Event, Gap, Injected, Kind, Note, Reason, SourceCount, Stats
from session.findings import Finding, State, Weight
from session.policy import default_policy_toml, parse_policy
from ui.strings import LANGUAGES

POLICY = parse_policy(default_policy_toml())
DETECTOR = InjectedInput()


def found(events: Sequence[Event]) -> Finding:
    (finding,) = detectors.run((DETECTOR,), POLICY, events)
    return finding


def test_two_minutes_of_software_typing_on_a_silent_keyboard_asks_a_question() -> None:
    tape = typing([[injected(10)]] * 24)
    finding = found(tape.events)
    assert finding.state is State.RAISED
    assert finding.weight is Weight.A
    assert finding.statistic == 1.0
    assert finding.threshold == 0.9
    assert finding.evidence == tuple(e.seq for e in tape.events)
    assert finding.alternatives == ALTERNATIVES


def test_half_a_minute_is_enough_where_the_counts_are_met() -> None:
    assert found(typing([[injected(25)]] * 6).events).state is State.RAISED


def test_a_long_session_is_asked_about_full_windows_only() -> None:
    """Forty seconds of software typing at its start are no two minutes, although the counts are met."""
    ticks = [[injected(20)]] * 8 + [[source(20)]] * 60
    assert found(typing(ticks).events).state is State.CLEAR
    assert found(typing(ticks[:8]).events).state is State.RAISED


def test_two_minutes_of_long_ticks_are_a_window_too() -> None:
    tape = Tape()
    for number in range(40):
        tape.tick(number * 10, injected(15) if number < 13 else source(15))
    assert found(tape.events).state is State.RAISED


def test_a_window_of_short_ticks_has_as_many_as_one_of_an_agents_and_moves_on() -> None:
    """Twenty-four of a second each; the keystroke by hand among the first of them is out of the later ones."""
    tape = Tape()
    for number in range(60):
        tape.tick(number, source(1) if number == 20 else injected(10), span_ms=1000)
    finding = found(tape.events)
    assert finding.state is State.RAISED
    assert finding.evidence == tuple(e.seq for e in tape.events[21:45])


def test_evidence_is_the_window_with_most_keystrokes_and_nothing_around_it() -> None:
    tape = typing([[source(20)]] * 30 + [[injected(12)]] * 24 + [[source(20)]] * 30)
    finding = found(tape.events)
    assert finding.state is State.RAISED
    assert finding.evidence == tuple(e.seq for e in tape.events[30:54])


def test_of_windows_alike_the_one_with_most_keystrokes_is_the_evidence_wherever_it_is() -> None:
    tape = typing([[injected(7)]] * 24 + [[injected(20)]] * 24 + [[injected(7)]] * 24)
    assert found(tape.events).evidence == tuple(e.seq for e in tape.events[24:48])


def test_a_last_half_minute_is_not_judged_by_less_than_two_minutes() -> None:
    """Two minutes by hand, ten of which nothing is told, and a snippet: such a session is no short one."""
    tape = typing([[source(20)]] * 24)
    for number in range(6):
        tape.tick(720 + number * 5, injected(25))
    finding = found(tape.events)
    assert (finding.state, finding.statistic) == (State.CLEAR, 0.0)


def test_what_is_told_at_the_moment_of_the_last_tick_belongs_to_it() -> None:
    """As the stop writes it."""
    tape = typing([[injected(25)]] * 5)
    tape.tick(20, injected(25), span_ms=0)
    assert found(tape.events).state is State.RAISED


def test_the_window_is_two_minutes_not_the_session() -> None:
    """One expanded snippet of ten characters every tick of five minutes reaches 150 only over more than two minutes."""
    assert found(typing([[injected(6)]] * 60).events).state is State.CLEAR
    assert found(typing([[injected(7)]] * 60).events).state is State.RAISED


def test_ticks_that_lie_further_apart_than_two_minutes_are_no_window() -> None:
    tape = Tape()
    for number in range(24):
        tape.tick(number * 60, injected(10))
    assert found(tape.events).state is State.CLEAR


@pytest.mark.parametrize(
    ("name", "ticks"),
    [
        ("a fast typist", [[source(45)]] * 60),
        ("a text expander between typing", [[source(12), injected(30)]] * 40),
        ("a password manager fills one form", [[source(10)]] * 20 + [[injected(40)]] + [[source(10)]] * 20),
        ("one hardware key in each window", ([[injected(20)]] * 20 + [[injected(20), source(0, other=1)]]) * 4),
        ("149 injected keystrokes in any two minutes", [[injected(149)], *[[]] * 24] * 3 + [[source(10)]]),
        ("a share just under nine tenths", [[injected(89), unknown(11)]] * 24),
    ],
)
def test_it_stays_clear(name: str, ticks: list[list[SourceCount]]) -> None:
    finding = found(typing(ticks).events)
    assert finding.state is State.CLEAR, name
    assert finding.statistic == (0.89 if "share" in name else 0.0)
    assert finding.evidence == ()
    assert finding.alternatives == ()


def test_a_share_of_exactly_nine_tenths_asks() -> None:
    assert found(typing([[injected(90), unknown(10)]] * 24).events).state is State.RAISED


def abstained(events: Sequence[Event], reason: str) -> None:
    finding = found(events)
    assert (finding.state, finding.reason) == (State.NOT_EVALUATED, reason)
    # Nothing but the reason, which is never recorded, may tell one abstention from another.
    assert (finding.statistic, finding.evidence, finding.alternatives) == (0.0, (), ())
    assert finding.explanation == "finding.injected-input.not-evaluated"


def test_too_little_typing_is_not_evaluated() -> None:
    abstained([], abstain.TOO_LITTLE)
    abstained(typing([[injected(149)]]).events, abstain.TOO_LITTLE)
    abstained(typing([[]] * 500).events, abstain.TOO_LITTLE)


def test_a_remapper_is_not_evaluated() -> None:
    abstained(typing([[source(20), injected(19)]] * 60).events, abstain.REMAPPER)


@pytest.mark.parametrize(
    ("hand", "software", "by_hand", "reason"),
    [
        (75, 60, 15, abstain.REMAPPER),
        (74, 59, 17, ""),
        (60, 75, 15, abstain.REMAPPER),
        (59, 74, 17, ""),
    ],
)
def test_a_remapper_answers_four_of_five_keystrokes_both_ways(hand: int, software: int, by_hand: int, reason: str) -> None:
    finding = found(typing([[source(hand), injected(software)], [source(by_hand)]]).events)
    assert (finding.state is State.NOT_EVALUATED, finding.reason) == (bool(reason), reason)


def test_whoever_remaps_for_a_part_of_the_session_is_not_evaluated() -> None:
    """What was typed without the program says nothing of it, however much it is."""
    by_hand = [[source(20)]] * 600
    abstained(typing([[source(20), injected(16)]] * 60 + by_hand).events, abstain.REMAPPER)
    assert found(typing([[source(25), injected(19)]] * 60 + by_hand).events).state is State.CLEAR


def test_software_that_writes_half_as_much_as_the_keyboard_is_no_remapper() -> None:
    assert found(typing([[source(20), injected(10)]] * 60).events).state is State.CLEAR


def test_a_little_remapping_does_not_hide_ten_minutes_of_software_typing() -> None:
    assert found(typing([[source(20), injected(20)]] * 20 + [[injected(20)]] * 120).events).state is State.RAISED


def test_unknown_sources_are_not_evaluated() -> None:
    abstained(typing([[unknown(20), injected(19)]] * 60).events, abstain.UNKNOWN_SOURCE)


@pytest.mark.parametrize(
    ("ticks", "reason"),
    [
        ([[unknown(75)], [injected(75)]], ""),
        ([[unknown(75)], [injected(75), unknown(1)]], abstain.UNKNOWN_SOURCE),
        ([[unknown(75)], [source(75)]], ""),
        ([[unknown(75)], [source(75), unknown(1)]], abstain.UNKNOWN_SOURCE),
        ([[unknown(20)]] * 300 + [[source(75)]] * 79 + [[source(74)]], abstain.UNKNOWN_SOURCE),
    ],
)
def test_more_than_half_of_unknown_sources_are_most(ticks: list[list[SourceCount]], reason: str) -> None:
    finding = found(typing(ticks).events)
    assert (finding.state is State.NOT_EVALUATED, finding.reason) == (bool(reason), reason)


@pytest.mark.parametrize("burst", [injected(1300), source(1300)])
def test_one_burst_does_not_tell_where_all_else_came_from(burst: SourceCount) -> None:
    """A tick counts for 75 keystrokes of one kind at most; of more it is no desktop's answer for the whole session."""
    abstained(typing([[unknown(20)]] * 60 + [[burst]]).events, abstain.UNKNOWN_SOURCE)
    assert found(typing([[source(20)]] * 60 + [[unknown(1300)]]).events).state is State.CLEAR


@pytest.mark.parametrize("tool", ["assistive: voice access", "Dictation", " steno", "On-screen keyboard", "assistive"])
def test_declared_assistive_input_is_not_evaluated_wherever_it_was_declared(tool: str) -> None:
    tape = typing([[injected(20)]] * 60)
    tape.declare(300, tool)
    abstained(tape.events, abstain.ASSISTIVE)


def test_a_declared_remote_desktop_is_not_evaluated() -> None:
    tape = Tape()
    tape.declare(0, "Remote desktop")
    for number in range(30):
        tape.tick(number * 5, injected(20))
    abstained(tape.events, abstain.REMOTE)


def test_a_declared_ai_tool_changes_nothing_here() -> None:
    tape = typing([[injected(20)]] * 60)
    tape.declare(300, "a chat page")
    assert found(tape.events).state is State.RAISED


def test_withheld_or_removed_statistics_are_not_evaluated() -> None:
    tape = typing([[injected(20)]] * 30)
    for _ in range(31):
        tape.add(Kind.STATS, None)
    abstained(tape.events, abstain.WITHHELD)


def test_a_removed_tick_parts_the_window() -> None:
    tape = Tape()
    for number in range(20):
        if number == 10:
            tape.add(Kind.STATS, None)
        else:
            tape.tick(number * 5, injected(14))
    assert found(tape.events).state is State.CLEAR


def test_a_keyboard_unobserved_for_most_of_the_session_is_not_evaluated() -> None:
    tape = Tape()
    for number in range(20):
        tape.tick(number * 5, injected(20))
    tape.gap(100, Edge.BEGIN, Reason.DIED, "keyboard")
    for number in range(20, 41):
        tape.tick(number * 5)
    abstained(tape.events, abstain.NOT_OBSERVED)


def test_a_short_gap_of_the_keyboard_parts_the_window_and_ends() -> None:
    tape = Tape()
    for number in range(30):
        if number == 10:
            tape.gap(50, Edge.BEGIN, Reason.QUEUE_FULL, "keyboard")
        if number == 11:
            tape.gap(55, Edge.END, Reason.QUEUE_FULL, "keyboard")
        tape.tick(number * 5, injected(14 if number < 21 else 0))
    assert found(tape.events).state is State.CLEAR


@pytest.mark.parametrize(
    ("scope", "reason", "state"),
    [
        ("keyboard", Reason.QUEUE_FULL, State.CLEAR),
        ("session", Reason.PAUSE, State.CLEAR),
        ("session", Reason.CRASH, State.CLEAR),
        ("session", Reason.SUSPEND, State.RAISED),  # nothing can be typed meanwhile
        ("capture", Reason.DIED, State.RAISED),
    ],
)
def test_a_window_reaches_across_no_gap_in_which_somebody_may_have_typed(scope: str, reason: Reason, state: State) -> None:
    """Keystrokes that were not observed may have been of the keyboard."""
    tape = Tape()
    for number in range(28):
        if number == 14:
            tape.gap(70, Edge.POINT, reason, scope, since=69)
        tape.tick(number * 5, injected(20))
    assert found(tape.events).state is state


@pytest.mark.parametrize("at", [5, 19, 20])
def test_a_session_that_is_short_because_it_was_broken_is_not_judged_by_less(at: int) -> None:
    """Typing by hand for 100 s, then software for a minute: no two minutes of silence, however it is cut."""
    ticks = [[source(20)]] * 20 + [[injected(20)]] * 12
    events = typing(ticks).events
    assert found(events).state is State.CLEAR
    assert found([Event(e.seq, e.kind, None) if n == at else e for n, e in enumerate(events)]).state is State.CLEAR
    gap = Event(0, Kind.GAP, Gap(0, events[at].body.mono_us, Edge.POINT, Reason.QUEUE_FULL, "keyboard"))  # type: ignore[union-attr]
    assert found([*events[:at], gap, *events[at:]]).state is State.CLEAR


def test_what_was_missing_before_the_first_tick_breaks_nothing() -> None:
    tape = Tape()
    tape.gap(0, Edge.BEGIN, Reason.NO_INDICATOR, "session")
    tape.gap(1, Edge.END, Reason.NO_INDICATOR, "session")
    for number in range(1, 7):
        tape.tick(number * 5, injected(25))
    assert found(tape.events).state is State.RAISED
    tape.gap(31, Edge.BEGIN, Reason.PAUSE, "session")
    assert found(tape.events).state is State.CLEAR  # and what was done in the pause nobody knows


@pytest.mark.parametrize(
    ("name", "ticks", "removed"),
    [
        ("unknown sources", [[unknown(30)]] * 12 + [[injected(14)]] * 24, 1),
        ("all unknown sources", [[unknown(30)]] * 12 + [[injected(14)]] * 24, 12),
        ("more in a tick than counts", [[unknown(300)]] * 6 + [[injected(14)]] * 24, 6),
        ("a remapper", [[source(20), injected(20)]] * 97 + [[injected(20)]] * 24, 7),
        ("all of a remapper", [[source(20), injected(20)]] * 97 + [[injected(20)]] * 24, 60),
    ],
)
def test_removing_what_made_it_abstain_makes_no_question(name: str, ticks: list[list[SourceCount]], removed: int) -> None:
    events = typing(ticks).events
    assert found(events).state is State.NOT_EVALUATED
    thinned = [Event(e.seq, e.kind, None) if n < removed else e for n, e in enumerate(events)]
    abstained(thinned, abstain.WITHHELD)


def test_a_few_removed_ticks_hide_no_long_question_and_leave_honest_work_clear() -> None:
    removed = [Event(900 + n, Kind.STATS, None) for n in range(6)]
    assert found([*typing([[injected(20)]] * 120).events, *removed]).state is State.RAISED
    assert found([*typing([[source(20)]] * 120).events, *removed]).state is State.CLEAR


@pytest.mark.parametrize(("keys", "reason"), [(224, abstain.WITHHELD), (225, "")])
def test_a_removed_tick_may_have_held_75_keystrokes_of_unknown_source(keys: int, reason: str) -> None:
    """Three of them here, beside so many of software: no question where these may have been most."""
    ticks = [[injected(9)]] * 23 + [[injected(keys - 23 * 9)]]
    finding = found([*typing(ticks).events, *(Event(900 + n, Kind.STATS, None) for n in range(3))])
    assert (finding.state is State.NOT_EVALUATED, finding.reason) == (bool(reason), reason)


@pytest.mark.parametrize(("keys", "reason"), [(150, abstain.WITHHELD), (151, "")])
def test_a_removed_tick_may_have_held_75_keystrokes_of_a_remapper(keys: int, reason: str) -> None:
    """Eight of them here, beside so many of software and an hour by hand."""
    ticks = [[injected(6)]] * 23 + [[injected(keys - 23 * 6)], *[[source(20)]] * 720]
    finding = found([*typing(ticks).events, *(Event(900 + n, Kind.STATS, None) for n in range(8))])
    assert (finding.state is State.NOT_EVALUATED, finding.reason) == (bool(reason), reason)


def test_a_keyboard_that_nobody_watched_is_not_silent() -> None:
    """Three minutes of an hour in which its sensor had ended; of software everything was seen."""
    tape = Tape()
    for number in range(720):
        if number in (100, 136):
            tape.gap(number * 5, Edge.BEGIN if number == 100 else Edge.END, Reason.DIED, "keyboard")
        tape.tick(number * 5, injected(20) if 100 <= number < 136 else source(20))
    finding = found(tape.events)
    assert (finding.state, finding.statistic) == (State.CLEAR, 0.0)


def test_a_gap_around_what_made_it_abstain_makes_no_question() -> None:
    tape = Tape()
    for number in range(36):
        if number in (2, 4):
            tape.gap(number * 5, Edge.BEGIN if number == 2 else Edge.END, Reason.DIED, "keyboard")
        tape.tick(number * 5, unknown(30) if number < 12 else injected(14))
    abstained(tape.events, abstain.UNKNOWN_SOURCE)


def test_the_gap_of_another_sensor_changes_nothing() -> None:
    tape = Tape()
    tape.gap(0, Edge.BEGIN, Reason.DENIED, "capture")
    for number in range(24):
        tape.tick(number * 5, injected(20))
    assert found(tape.events).state is State.RAISED


def test_after_a_crash_the_keyboard_is_taken_as_observed_until_it_says_otherwise() -> None:
    tape = Tape()
    tape.gap(0, Edge.BEGIN, Reason.DIED, "keyboard")
    tape.tick(0)
    tape.gap(5, Edge.POINT, Reason.CRASH, since=3)
    for number in range(1, 25):
        tape.tick(5 + number * 5, injected(20))
    assert found(tape.events).state is State.RAISED


def test_a_point_gap_counts_as_long_as_it_was() -> None:
    tape = typing([[injected(20)]] * 10)
    tape.gap(90, Edge.POINT, Reason.QUEUE_FULL, "keyboard", since=60)
    abstained(tape.events, abstain.NOT_OBSERVED)


def test_a_clock_that_begins_anew_makes_no_window_of_two_boots() -> None:
    tape = Tape()
    for number in range(11):
        tape.tick(number * 5, injected(13))
    tape.mono_us = 1_000_000
    for number in range(11):
        tape.tick(number * 5, injected(13))
    assert found(tape.events).state is State.CLEAR


counts = st.integers(0, 40)
sources = st.builds(
    SourceCount, st.integers(1, 9), st.sampled_from(Injected), counts, st.integers(0, 2), counts, counts, counts
)
busy = st.lists(st.one_of(sources, st.builds(injected, st.integers(5, 60))), max_size=2)


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    tape = Tape()
    second = 0.0
    for _ in range(draw(st.integers(0, 60))):
        what = draw(st.sampled_from(["tick"] * 12 + ["removed", "gap", "declare", "note"]))
        if what == "tick":
            tape.tick(second, *draw(busy), span_ms=draw(st.sampled_from([5000, 5000, 1200])))
        elif what == "removed":
            tape.add(Kind.STATS, None)
        elif what == "gap":
            scope = draw(st.sampled_from(["keyboard", "session", "capture"]))
            tape.gap(second, draw(st.sampled_from(Edge)), draw(st.sampled_from(Reason)), scope, since=max(0, second - 9))
        elif what == "declare":
            tape.declare(second, draw(st.sampled_from(["chat", "chat", "assistive", "remote"])))
        else:
            tape.add(Kind.NOTE, Note(tape.at(second)[0], "words"))
        second += draw(st.sampled_from([5, 5, 5, 1, 400]))
    return tape.events


def shifted(event: Event, by_us: int) -> Event:
    body = event.body
    if isinstance(body, Stats | Gap | Declare):
        fields = {"t_us": body.t_us + by_us, "mono_us": body.mono_us + by_us}
        if isinstance(body, Gap) and body.from_us:
            fields["from_us"] = body.from_us + by_us
        body = type(body)(**{name: fields.get(name, getattr(body, name)) for name in body.__struct_fields__})
    return Event(seq=event.seq, kind=event.kind, body=body)


@given(sessions(), st.lists(st.integers(0, 60), max_size=8))
def test_every_cutting_gives_the_same_state_and_finding(events: list[Event], cuts: list[int]) -> None:
    whole = DETECTOR.step(DETECTOR.start(POLICY), events)
    state, last = DETECTOR.start(POLICY), 0
    for cut in [*sorted(min(c, len(events)) for c in cuts), len(events)]:
        state = DETECTOR.step(state, events[last:cut])
        DETECTOR.finish(state)  # interim results leave no trace
        last = cut
    assert state == whole
    assert DETECTOR.finish(state) == DETECTOR.finish(whole)


@given(sessions(), st.integers(-6_000_000_000, 2**50))
def test_the_origin_of_time_does_not_matter(events: list[Event], by_us: int) -> None:
    assert found([shifted(e, by_us) for e in events]) == found(events)


@given(sessions())
def test_raised_says_the_same_as_its_numbers(events: list[Event]) -> None:
    finding = found(events)
    assert 0.0 <= finding.statistic <= 1.0
    assert (finding.state is State.RAISED) == (finding.statistic >= finding.threshold)
    assert bool(finding.evidence) == (finding.state is State.RAISED)
    assert len(finding.evidence) <= 64
    chosen = [e.body for e in events if e.seq in finding.evidence]
    if chosen:
        counted = [s for b in chosen if isinstance(b, Stats) for s in b.sources]
        share = sum(s.text_keys for s in counted if s.injected is Injected.YES) / sum(s.text_keys for s in counted)
        assert share == finding.statistic  # a reviewer recomputes the statistic from the evidence alone
        assert not any(s.text_keys + s.other_keys for s in counted if s.injected is Injected.NO)


anything = st.builds(
    Event,
    seq=st.integers(0, 2**53),
    kind=st.sampled_from([*Kind, 130, 230]),
    body=st.one_of(
        st.none(),
        st.builds(Note, st.just(0), st.just("")),
        st.builds(Gap, counts, counts, st.sampled_from(Edge), st.sampled_from(Reason), st.just("keyboard"), counts),
        st.builds(Declare, counts, counts, st.text(max_size=12), st.just("")),
        st.builds(Stats, st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1), sources=busy),
    ),
)


@settings(max_examples=200)
@given(st.lists(anything, max_size=30))
def test_no_record_whatever_makes_it_fail(events: list[Event]) -> None:
    assert found(events).state in State


def test_what_it_emits_has_a_sentence_in_every_language_and_a_card() -> None:
    keys = {f"finding.{d.id}.{s.value.replace(' ', '-')}" for d in detectors.ALL for s in State}
    keys |= {*ALTERNATIVES, *abstain.REASONS} | {f"finding.{d.id}.title" for d in detectors.ALL}
    for language, table in LANGUAGES.items():
        assert keys <= table.keys(), language
    cards = Path(__file__).resolve().parents[2] / "docs" / "detectors"
    for detector in detectors.ALL:
        assert (cards / f"{detector.id}.md").is_file()
