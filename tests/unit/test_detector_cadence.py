# SPDX-License-Identifier: Apache-2.0
"""regular-typing and unpaused-typing: each named person here must not be asked, each program must."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import Tape
from typing_generators import FAMILIES, PACES, SIMPLE, Typed, empirical, humanized

import detectors
from agent.sensor import Keystroke
from agent.tally import Devices, Tally
from detectors import abstain
from detectors.answer import MOST_EVIDENCE
from detectors.composite import opens_review
from detectors.regular import EVEN_SHARE, RegularTyping
from detectors.typing_window import LENGTHS
from detectors.unpaused import MOST, UnpausedTyping
from session.events import TICK_US, Edge, Event, Injected, KeyClass, Kind, Reason, Stats
from session.findings import Finding, State, Weight
from session.policy import default_policy_toml, parse_policy
from session.ports import ClockReading
from ui.strings import LANGUAGES

POLICY = parse_policy(default_policy_toml())
REGULAR, UNPAUSED = RegularTyping(), UnpausedTyping()
CLASSES = (KeyClass.TEXT, KeyClass.SPACE, KeyClass.DELETE)
TEN_MINUTES_S = 700.0
"""Long enough for ten minutes of typing where there are hardly any pauses."""


def records(press_ms: Sequence[int], classes: Sequence[int] | None = None, repeating: Collection[int] = ()) -> list[Event]:
    """STATS of a keyboard that typed so, by the product's own tally; `repeating`: which presses repeat three times."""
    tape = Tape()
    tally = Tally(Devices(), ClockReading(*tape.at(0), tape.at(0)[1]))
    origin_us = tape.at(0)[1]
    number, end_us = 0, TICK_US
    while number < len(press_ms):
        while number < len(press_ms) and press_ms[number] * 1000 < end_us:
            kind = CLASSES[classes[number]] if classes is not None else KeyClass.TEXT
            tally.keystroke(Keystroke(origin_us + int(press_ms[number]) * 1000, kind, 80, 1, Injected.NO, repeat=False))
            for again in range(3 if number in repeating else 0):
                at_us = origin_us + (int(press_ms[number]) + 150 + 33 * again) * 1000
                tally.keystroke(Keystroke(at_us, kind, 80, 1, Injected.NO, repeat=True))
            number += 1
        t_us, mono_us = tape.at(end_us / 1_000_000)
        tape.add(Kind.STATS, tally.record(ClockReading(t_us, mono_us, mono_us)))
        end_us += TICK_US
    return tape.events


def made(typed: Typed) -> list[Event]:
    return records(typed.press_ms.tolist(), typed.key_class.tolist())


def asked(events: Sequence[Event]) -> tuple[Finding, Finding]:
    regular, unpaused = detectors.run((REGULAR, UNPAUSED), POLICY, events)
    return regular, unpaused


def states(events: Sequence[Event]) -> tuple[State, State]:
    regular, unpaused = asked(events)
    return regular.state, unpaused.state


def composing(rng: np.random.Generator, seconds: float, *, middle_ms: float = 170, pauses: float = 1.0) -> list[int]:
    """Somebody who composes: a lognormal hand, slower at words, who stops within one word of six and longer at sentences.

    The shares are the middle of KLiCKe's: 7 % of intervals over 600 ms, 4 % over a second.
    """
    keys = int(seconds * 1000 / middle_ms) + 100
    gaps = rng.lognormal(np.log(middle_ms), 0.45, keys)
    word = rng.random(keys) < 1 / 5.7
    gaps[word] *= rng.lognormal(0.3, 0.4, int(word.sum()))
    stops = word & (rng.random(keys) < 0.3 * pauses)
    gaps[stops] += rng.lognormal(np.log(1500), 1.0, int(stops.sum()))
    times = np.cumsum(gaps)
    return [int(time) for time in times[times < seconds * 1000]]


def copying(rng: np.random.Generator, seconds: float) -> list[int]:
    """Somebody who copies: the same hand with few pauses of its own, and 1 to 4 s of reading every half a line."""
    times = np.array(composing(rng, seconds, middle_ms=150, pauses=0.25))
    lines = np.cumsum(rng.integers(25, 50, len(times) // 25))
    reads = np.zeros(len(times))
    reads[lines[lines < len(times)]] = rng.uniform(1000, 4000, int((lines < len(times)).sum()))
    return [int(time) for time in times + np.cumsum(reads)]


@pytest.mark.parametrize("family", SIMPLE)
def test_a_program_with_one_range_is_asked_about(family: str) -> None:
    for seed in range(4):
        found = asked(made(SIMPLE[family](np.random.default_rng([seed, 5]), TEN_MINUTES_S)))
        assert State.RAISED in {finding.state for finding in found}, (family, seed, found)


@pytest.mark.parametrize("family", ["humantyping", "human-keyboard", "humanized-autotyper"])
def test_most_programs_that_look_like_a_person_are_asked_about(family: str) -> None:
    """Not each of them: the card says how many."""
    raised = 0
    for seed in range(8):
        typed = FAMILIES[family](np.random.default_rng([seed, 6]), 1800)
        raised += State.RAISED in states(made(typed))
    assert raised >= 6


def test_what_draws_from_a_persons_own_intervals_is_not_seen() -> None:
    """The miss that the card publishes: a person's rhythm in no order, with a person's pauses."""
    rng = np.random.default_rng(3)
    person = Typed(np.array(composing(rng, 1500)), np.zeros(0, np.uint8))
    assert states(made(empirical(rng, 900, person))) == (State.CLEAR, State.CLEAR)


def test_an_unskilled_looking_pace_is_not_seen() -> None:
    """The same: humanized-autotyper's third pace pauses as often as people do."""
    assert states(made(humanized(np.random.default_rng(4), 3000, PACES["unskilled"])))[1] is State.CLEAR


def struggling(rng: np.random.Generator, seconds: float, *, search_share: float, middle_ms: float) -> list[int]:
    """Somebody who looks for words or keys: stops of 1 to 8 s also within a word, and bursts between."""
    gaps = np.diff(composing(rng, seconds, middle_ms=middle_ms), prepend=0).astype(float)
    searched = rng.random(len(gaps)) < search_share
    gaps[searched] += rng.uniform(1000, 8000, int(searched.sum()))
    times = np.cumsum(gaps)
    return [int(time) for time in times[times < seconds * 1000]]


def choosing(rng: np.random.Generator, seconds: float) -> list[int]:
    """Somebody who writes by an input method: a few quick keys, a look at what is offered, one key to take it."""
    times, at_ms = [], 0.0
    while at_ms < seconds * 1000:
        for _ in range(int(rng.integers(3, 9))):
            at_ms += rng.lognormal(np.log(130), 0.35)
            times.append(int(at_ms))
        at_ms += rng.lognormal(np.log(600), 0.6)
        times.append(int(at_ms))
        at_ms += rng.lognormal(np.log(300), 0.5)
    return times


def with_accents(rng: np.random.Generator, seconds: float) -> list[int]:
    """Somebody one of whose letters in eight takes two keys, the second 40 to 140 ms after the first."""
    return sorted(
        key
        for at in composing(rng, seconds)
        for key in ([at, at + int(rng.uniform(40, 140))] if rng.random() < 0.125 else [at])
    )


PEOPLE: dict[str, Callable[[np.random.Generator], list[int]]] = {
    "who composes": lambda rng: composing(rng, 1800),
    "who composes fast": lambda rng: composing(rng, 1800, middle_ms=95),
    "who types with one hand": lambda rng: composing(rng, 2400, middle_ms=320),
    "who hunts for each key": lambda rng: composing(rng, 3600, middle_ms=700),
    "who copies and reads sentence by sentence": lambda rng: copying(rng, 1800),
    "whose clock counts in 15.6 ms": lambda rng: [int(at // 15.625 * 15.625) for at in composing(rng, 1800)],
    "whose clock counts in 8 ms": lambda rng: [at // 8 * 8 for at in composing(rng, 1800)],
    "whose clock counts in 109 ms": lambda rng: [at // 109 * 109 for at in composing(rng, 1800)],
    "of whom one keystroke in ten is lost": lambda rng: [at for at in composing(rng, 1800) if rng.random() > 0.1],
    "whose keystrokes come in batches": lambda rng: [-(-at // 200) * 200 for at in composing(rng, 1800)],
    "who writes accents with dead keys": lambda rng: with_accents(rng, 1800),
    "who writes by an input method": lambda rng: choosing(rng, 1800),
    "who is fourteen": lambda rng: struggling(rng, 2400, search_share=0.03, middle_ms=240),
    "who writes in a second language": lambda rng: struggling(rng, 2400, search_share=0.06, middle_ms=190),
    "on a remote desktop that jitters": lambda rng: sorted(at + int(rng.exponential(30)) for at in composing(rng, 1800)),
    "with an expander": lambda rng: sorted(
        key for at in composing(rng, 1800) for key in ([at] if rng.random() > 0.02 else range(at, at + 120, 3))
    ),
    "who writes by steno chords": lambda rng: sorted(
        at + int(rng.integers(0, 9)) for at in composing(rng, 1800, middle_ms=300) for _ in range(4)
    ),
    "who dictates": lambda rng: [
        int(second * 1000) + key * 5 for second in range(5, 1800, 7) for key in range(int(rng.integers(20, 90)))
    ],
}


@pytest.mark.parametrize("person", PEOPLE)
def test_a_person_is_not_asked(person: str) -> None:
    for seed in range(3):
        found = detectors.run(detectors.ALL, POLICY, records(PEOPLE[person](np.random.default_rng([seed, 7]))))
        assert State.RAISED not in {finding.state for finding in found}, (seed, found)


def test_who_holds_keys_down_is_not_asked_and_what_repeats_is_no_typing() -> None:
    """Every twentieth keystroke is held and repeats at 30 a second: by the tally these count apart."""
    rng = np.random.default_rng(11)
    press_ms = composing(rng, 1800)
    held = {at for at in range(0, len(press_ms), 20) if at + 1 < len(press_ms) and press_ms[at + 1] - press_ms[at] > 250}
    assert len(held) > 50
    told = records(press_ms, repeating=held)
    plain = records(press_ms)
    assert [one.state for one in asked(told)] == [one.state for one in asked(plain)]
    assert State.RAISED not in states(told)
    counts = [(event.body.pauses, event.body.pace, event.body.repeats) for event in told if isinstance(event.body, Stats)]
    assert [one[:2] for one in counts] == [
        (event.body.pauses, event.body.pace) for event in plain if isinstance(event.body, Stats)
    ]
    assert sum(repeats for _, _, repeats in counts) >= 3 * len(held)


def test_ten_hours_of_a_hand_raise_nothing() -> None:
    """Every detector of this version hears them; the keyboard is hardware, and time is the tape's."""
    events = records(composing(np.random.default_rng(9), 36_000))
    assert len(events) >= 7_190
    assert State.RAISED not in {finding.state for finding in detectors.run(detectors.ALL, POLICY, events)}


def test_who_types_slowly_is_left_alone_and_told_why() -> None:
    regular, unpaused = asked(records(PEOPLE["who types with one hand"](np.random.default_rng(1))))
    assert (regular.state, regular.reason) == (State.NOT_EVALUATED, abstain.PACE_NOT_TOLD)
    assert unpaused.state is State.CLEAR


def test_bursts_are_left_alone_and_the_reason_is_told() -> None:
    for finding in asked(records(PEOPLE["who dictates"](np.random.default_rng(1)))):
        assert finding.state is State.NOT_EVALUATED
        assert finding.reason in (abstain.BURSTS, abstain.TOO_LITTLE)
    steno = asked(records(PEOPLE["who writes by steno chords"](np.random.default_rng(1))))
    assert {finding.reason for finding in steno} == {abstain.BURSTS}


def test_a_coarse_clock_is_known_by_the_bins_that_it_leaves_empty() -> None:
    regular, _ = asked(records(PEOPLE["whose clock counts in 109 ms"](np.random.default_rng(1))))
    assert (regular.state, regular.reason) == (State.NOT_EVALUATED, abstain.PACE_NOT_TOLD)


def test_four_minutes_are_too_little() -> None:
    for finding in asked(made(SIMPLE["constant"](np.random.default_rng(1), 240))):
        assert (finding.state, finding.reason) == (State.NOT_EVALUATED, abstain.TOO_LITTLE)
        assert (finding.statistic, finding.evidence) == (0.0, ())


def test_reading_between_costs_nothing() -> None:
    """Ten minutes of typing are ten minutes, also with hours of reading within."""
    typed = SIMPLE["uniform"](np.random.default_rng(8), TEN_MINUTES_S).press_ms.tolist()
    spread = [at + (at // 60_000) * 900_000 for at in typed]
    assert State.RAISED in states(records(spread))


def test_a_finding_is_class_b_of_one_family_and_names_its_window() -> None:
    events = made(SIMPLE["uniform"](np.random.default_rng(8), TEN_MINUTES_S))
    regular, unpaused = asked(events)
    for finding, ticks in ((regular, LENGTHS[0]), (unpaused, LENGTHS[-1])):
        assert (finding.state, finding.weight, finding.family) == (State.RAISED, Weight.B, "cadence")
        assert finding.statistic >= finding.threshold
        assert len(finding.evidence) <= MOST_EVIDENCE
        assert finding.evidence == tuple(sorted(set(finding.evidence)))
        assert finding.evidence[-1] - finding.evidence[0] < ticks
        for key in (finding.explanation, *finding.alternatives):
            assert all(key in table for table in LANGUAGES.values())
    assert regular.threshold == EVEN_SHARE
    assert 1 <= unpaused.statistic <= MOST


def test_both_together_open_no_review() -> None:
    events = made(SIMPLE["uniform"](np.random.default_rng(8), TEN_MINUTES_S))
    assert not opens_review(asked(events))


@pytest.fixture(scope="module")
def uneven() -> list[Event]:
    """A person, then a program."""
    rng = np.random.default_rng(12)
    person = composing(rng, 400)
    program = [person[-1] + 300 + at for at in SIMPLE["gauss"](rng, 400).press_ms.tolist()]
    return records(person + program)


@given(cuts=st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=20)
def test_the_whole_is_the_fold_of_its_chunks(uneven: list[Event], cuts: list[int]) -> None:
    bounds = [0, *sorted(cuts), len(uneven)]
    for detector in (REGULAR, UNPAUSED):
        state = detector.start(POLICY)
        for begin, end in pairwise(bounds):
            state = detector.step(state, uneven[begin:end])
        assert detector.finish(state) == detector.finish(detector.step(detector.start(POLICY), uneven))


@given(at=st.integers(1, 150), kind=st.sampled_from(["gap", "withheld", "session"]))
@settings(max_examples=25)
def test_what_was_not_seen_never_raises_anything(uneven: list[Event], at: int, kind: str) -> None:
    """Windows are left out, and none is made: the statistic can only fall."""
    at = min(at, len(uneven) - 1)
    before = asked(uneven)
    events = list(uneven)
    if kind == "withheld":
        events[at] = Event(seq=events[at].seq, kind=Kind.STATS, body=None)
    else:
        tape = Tape()
        reason = Reason.QUEUE_FULL if kind == "gap" else Reason.PAUSE
        scope = "keyboard" if kind == "gap" else "session"
        tape.gap(at * 5, Edge.POINT, reason, scope, since=at * 5 - 1)
        events.insert(at, Event(seq=events[at].seq, kind=Kind.GAP, body=tape.events[0].body))
    for old, new in zip(before, asked(events), strict=True):
        assert new.state is State.NOT_EVALUATED or new.statistic <= old.statistic
        assert new.state is not State.RAISED or old.state is State.RAISED


def test_typing_across_a_gap_is_no_window() -> None:
    typed = SIMPLE["uniform"](np.random.default_rng(8), 500)
    events = made(typed)
    middle = len(events) // 2
    tape = Tape()
    tape.gap(middle * 5, Edge.BEGIN, Reason.PAUSE)
    tape.gap(middle * 5, Edge.END, Reason.PAUSE)
    events[middle:middle] = [Event(seq=events[middle].seq, kind=Kind.GAP, body=gap.body) for gap in tape.events]
    assert states(events) == (State.NOT_EVALUATED, State.NOT_EVALUATED)
