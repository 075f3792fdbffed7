# SPDX-License-Identifier: Apache-2.0
"""What every detector promises, held for all of `detectors.ALL` over the same days: a new one is held to it at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from detector_days import REDACTABLE, SCENES, SCOPES, UNSEEN, darkened, day_of, days, pointed, thinned
from detector_tapes import policy, shifted
from hypothesis import given, settings
from hypothesis import strategies as st

import detectors
from detectors import Detector, abstain
from session.assistance import Assistance
from session.events import (
    Capture,
    Clipboard,
    ClockPair,
    Declare,
    Edge,
    Event,
    Focus,
    FocusChange,
    Gap,
    Injected,
    KeyClass,
    Kind,
    Note,
    Raw,
    RawKey,
    RawStroke,
    Reason,
    SourceCount,
    Start,
    Stats,
)
from session.findings import Finding, State
from session.policy import Policy
from ui.strings import LANGUAGES

NOTED = "local_models = 'noted'\n"
POLICIES = (
    policy("forbidden", NOTED, captures="sent"),
    policy("declare", NOTED, captures="sent"),
    policy("allowed"),
    policy("declare", "[ai_tools.kinds]\nchat = 'forbidden'\n"),
    policy("forbidden", titles="application"),
    policy("forbidden", clipboard="off"),
)
NEAR = settings(max_examples=30)
"""Six properties of each detector over days of some hundred records."""

rules_of = st.sampled_from(POLICIES)
each = pytest.mark.parametrize("detector", detectors.ALL, ids=lambda one: one.id)
places = st.integers(0, 900)


def found(detector: Detector, rules: Policy, events: Sequence[Event]) -> Finding:
    (finding,) = detectors.run((detector,), rules, events)
    return finding


def softer(before: Finding, after: Finding) -> None:
    """Less that is known asks no more."""
    if before.state is not State.RAISED:
        assert after.state is not State.RAISED, (before, after)
    if before.explanation == after.explanation:  # else a smaller amount of another grade may be what is left to ask about
        assert after.statistic <= before.statistic


@each
@NEAR
@given(days(), rules_of, st.lists(places, max_size=8))
def test_the_whole_is_the_fold_of_its_chunks(
    detector: Detector, events: list[Event], rules: Policy, cuts: list[int]
) -> None:
    whole = detector.step(detector.start(rules), events)
    state, last = detector.start(rules), 0
    for cut in [*sorted(min(cut, len(events)) for cut in cuts), len(events)]:
        state = detector.step(state, events[last:cut])
        detector.finish(state)  # interim results leave no trace
        last = cut
    assert state == whole
    assert detector.finish(state) == detector.finish(whole) == detector.finish(whole)
    assert found(detector, rules, events) == detector.finish(whole)


@each
@NEAR
@given(days(), rules_of, st.integers(-900_000, 2**50))
def test_the_origin_of_time_does_not_matter(detector: Detector, events: list[Event], rules: Policy, by_us: int) -> None:
    assert found(detector, rules, [shifted(one, by_us) for one in events]) == found(detector, rules, events)


@each
@NEAR
@given(days(), rules_of, st.sampled_from(SCOPES), st.sampled_from(UNSEEN), places, places)
def test_a_gap_more_never_makes_a_question(  # noqa: PLR0917 - what a gap has
    detector: Detector, events: list[Event], rules: Policy, scope: str, reason: Reason, first: int, last: int
) -> None:
    softer(found(detector, rules, events), found(detector, rules, darkened(events, scope, reason, first, last)))


@each
@NEAR
@given(days(), rules_of, st.sampled_from(SCOPES), places, st.sampled_from([1, 20, 600]))
def test_a_gap_that_is_told_when_it_is_over_never_makes_a_question(  # noqa: PLR0917 - what a gap has
    detector: Detector, events: list[Event], rules: Policy, scope: str, at: int, length_s: int
) -> None:
    softer(found(detector, rules, events), found(detector, rules, pointed(events, scope, Reason.QUEUE_FULL, at, length_s)))


@each
@NEAR
@given(days(), rules_of, st.sets(st.sampled_from(REDACTABLE), min_size=1), places, st.sampled_from([1, 4, 24, 200]))
def test_what_is_removed_or_withheld_never_makes_a_question(  # noqa: PLR0917 - where and how much
    detector: Detector, events: list[Event], rules: Policy, kinds: set[Kind], first: int, many: int
) -> None:
    taken = {one.seq for one in events[first : first + many] if one.kind in kinds}
    softer(found(detector, rules, events), found(detector, rules, thinned(events, lambda one: one.seq in taken)))


@each
@NEAR
@given(days(), rules_of)
def test_what_it_says_agrees_with_its_numbers(detector: Detector, events: list[Event], rules: Policy) -> None:
    held(detector, rules, events)


def held(detector: Detector, rules: Policy, events: Sequence[Event]) -> Finding:
    finding = found(detector, rules, events)
    assert (finding.state is State.RAISED) == (finding.statistic >= finding.threshold)
    assert finding.statistic >= 0.0
    assert (bool(finding.evidence), bool(finding.alternatives)) == (finding.state is State.RAISED,) * 2
    assert len(finding.evidence) <= 64
    assert set(finding.evidence) <= {one.seq for one in events}
    assert len(set(finding.evidence)) == len(finding.evidence)
    assert bool(finding.reason) == (finding.state is State.NOT_EVALUATED)
    if finding.state is State.NOT_EVALUATED:
        # Nothing but the reason, which is never recorded, may tell one abstention from another.
        assert msgspec.structs.replace(finding, reason="") == abstaining(detector)
    keys = {finding.explanation, f"finding.{detector.id}.title", *finding.alternatives}
    for language, table in LANGUAGES.items():
        assert keys | ({finding.reason} - {""}) <= table.keys(), language
    return finding


def abstaining(detector: Detector) -> Finding:
    """What it says where nothing was recorded."""
    finding = found(detector, POLICIES[0], [])
    assert finding.state is State.NOT_EVALUATED
    return msgspec.structs.replace(finding, statistic=0.0, evidence=(), alternatives=(), reason="")


@each
@NEAR
@given(days(), rules_of, st.sampled_from([Assistance(assistive=True), Assistance(remote=True), Assistance(True, True)]))
def test_what_is_declared_on_the_computer_reads_like_any_other_abstention(
    detector: Detector, events: list[Event], rules: Policy, declared: Assistance
) -> None:
    (finding,) = detectors.run((detector,), rules, events, declared)
    assert msgspec.structs.replace(finding, reason="") == abstaining(detector)
    assert finding.reason in {abstain.ASSISTIVE, abstain.REMOTE} or finding.reason.endswith("-off")
    state = detector.start(rules, declared)
    for event in events:
        state = detector.step(state, [event])
    assert detector.finish(state) == finding


@each
def test_some_scene_raises_it(detector: Detector) -> None:
    """Else the properties above would say nothing of questions. Add its scene to tests/helpers/detector_days.py."""
    raised = {name for name in SCENES if held(detector, POLICIES[0], day_of("types", name, "types")).state is State.RAISED}
    assert raised, detector.id


@each
def test_work_by_hand_asks_nothing(detector: Detector) -> None:
    day = day_of("types", "reads a page", "types", "copies its own", "moves the pointer", "types")
    assert held(detector, POLICIES[0], day).state is not State.RAISED


@each
def test_what_it_is_stands_in_its_findings(detector: Detector) -> None:
    finding = abstaining(detector)
    assert (finding.detector, finding.statistic) == (detector.id, 0.0)
    assert finding.threshold > 0
    for name in ("version", "family", "calibration"):
        assert getattr(finding, name) == getattr(detector, name)


def test_no_two_have_one_name() -> None:
    assert len({one.id for one in detectors.ALL}) == len(detectors.ALL)


def test_every_reason_has_a_sentence_in_every_language() -> None:
    for language, table in LANGUAGES.items():
        assert set(abstain.REASONS) <= table.keys(), language


number = st.one_of(st.integers(0, 60), st.integers(0, 2**53 - 1))
counts = st.lists(number, max_size=20).map(tuple)
words = st.one_of(
    st.sampled_from(["", "claude", "google-chrome", "Claude - Google Chrome", "copy", "paste"]), st.text(max_size=9)
)
scopes = st.one_of(st.sampled_from([*SCOPES, "capture"]), words)
sources = st.builds(SourceCount, number, st.sampled_from(Injected), *[number] * 8)
raw_keys = st.builds(RawKey, st.integers(-(2**53), 2**53), st.sampled_from(KeyClass), st.integers(-1, 2**53), number)
raw_strokes = st.builds(RawStroke, st.integers(-(2**53), 2**53), number, number, number, number, number)
changes = st.builds(FocusChange, number, number, words, words)
digest = st.just("0" * 64)
bodies = st.one_of(
    st.none(),
    st.builds(Note, number, words),
    st.builds(Gap, number, number, st.sampled_from(Edge), st.sampled_from(Reason), scopes, number, number),
    st.builds(Declare, number, number, words, words),
    st.builds(ClockPair, number, number, number, words, words),
    st.builds(Clipboard, number, number, words, number, words),
    st.builds(Focus, number, number, st.lists(changes, max_size=3).map(tuple), number),
    st.builds(
        Raw, number, number, st.lists(raw_keys, max_size=3).map(tuple), st.lists(raw_strokes, max_size=3).map(tuple), number
    ),
    st.builds(
        Stats,
        t_us=number,
        mono_us=number,
        span_ms=number,
        keys=counts,
        repeats=number,
        iki=counts,
        pauses=counts,
        pace=counts,
        dwell=counts,
        sources=st.lists(sources, max_size=3).map(tuple),
        distance_px=number,
        strokes=number,
        keyboard_idle_ms=number,
        pointer_idle_ms=number,
    ),
    st.builds(
        Capture,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        words,
        number,
        digest,
        st.just("0" * 16),
        number,
        number,
    ),
    st.builds(
        Start,
        words,
        number,
        number,
        words,
        words,
        number,
        digest,
        digest,
        digest,
        digest,
        digest,
        words,
        words,
        words,
        words,
    ),
)
kinds = st.sampled_from([*Kind, 130, 200, 230])


@each
@settings(max_examples=150)
@given(st.lists(st.builds(Event, seq=number, kind=kinds, body=bodies), max_size=25), rules_of)
def test_no_record_whatever_makes_it_fail(detector: Detector, events: list[Event], rules: Policy) -> None:
    finding = found(detector, rules, events)
    assert (finding.state is State.RAISED) == (finding.statistic >= finding.threshold)
    assert len(finding.evidence) <= 64
