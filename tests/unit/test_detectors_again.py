# SPDX-License-Identifier: Apache-2.0
"""Recorded findings beside recomputed ones: an abstention is claimed, whatever it was for; a whole record may contradict."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from detector_days import REDACTABLE, SCENES, day_of, days, thinned
from detector_tapes import policy
from hypothesis import given, settings

import detectors
from agent.finishing import finding_record
from detectors.again import Again, Standing, again, agree
from session.assistance import NOTHING_SAID, Assistance
from session.events import Event, Kind
from session.findings import Finding, State, Weight

RULES = policy("forbidden", captures="sent")


def recorded(events: Sequence[Event], found: Sequence[Finding]) -> list[Event]:
    """`events`, and `found` as an agent records it behind them."""
    first = events[-1].seq + 1 if events else 0
    bodies = [finding_record(one, 1_000_000, shadow=False) for one in found]
    return [*events, *(Event(first + at, Kind.FINDING, body) for at, body in enumerate(bodies))]


def told(events: Sequence[Event]) -> tuple[Again, ...]:
    return again(detectors.run(detectors.ALL, RULES, events), events)


@settings(max_examples=30)
@given(days())
def test_an_honest_record_is_confirmed_and_what_was_not_evaluated_is_claimed(events: list[Event]) -> None:
    found = detectors.run(detectors.ALL, RULES, events)
    beside = told(recorded(events, found))
    assert agree(beside)
    for one, (finding, standing) in zip(found, ((b.finding, b.standing) for b in beside), strict=True):
        abstains = one.state is State.NOT_EVALUATED
        assert standing is (Standing.CLAIMED if abstains else Standing.RECOMPUTED)
        assert finding == msgspec.structs.replace(one, reason="" if abstains else one.reason)


@pytest.mark.parametrize("scene", sorted(SCENES))
@pytest.mark.parametrize("declared", [Assistance(assistive=True), Assistance(remote=True)])
def test_what_was_declared_reads_like_a_record_with_nothing_in_it_and_differs_from_nothing(
    scene: str, declared: Assistance
) -> None:
    events = day_of("types", scene, "types")
    beside = told(recorded(events, detectors.run(detectors.ALL, RULES, events, declared)))
    nothing = told(recorded([], detectors.run(detectors.ALL, RULES, [])))
    assert beside == nothing
    assert agree(beside)
    assert {one.standing for one in beside} == {Standing.CLAIMED}


def raised_day() -> list[Event]:
    return next(
        day
        for day in (day_of("types", name, "types") for name in sorted(SCENES))
        if any(one.state is State.RAISED for one in detectors.run(detectors.ALL, RULES, day))
    )


def test_another_answer_of_a_whole_record_differs_and_of_one_with_holes_is_claimed() -> None:
    events = raised_day()
    found = detectors.run(detectors.ALL, RULES, events)
    at = next(at for at, one in enumerate(found) if one.state is State.RAISED)
    denied = [*found]
    denied[at] = msgspec.structs.replace(found[at], state=State.CLEAR, statistic=0.0, evidence=(), alternatives=())
    beside = told(recorded(events, denied))
    assert beside[at].standing is Standing.DIFFERS
    assert not agree(beside)
    stats = [one.seq for one in events if one.kind == Kind.STATS]
    holes = thinned(events, lambda one: one.seq == stats[-1])
    assert Standing.DIFFERS not in {one.standing for one in told(recorded(holes, denied))}


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_what_was_taken_out_contradicts_nobody(scene: str) -> None:
    """Neither all records of a kind, nor the last one alone."""
    events = day_of("types", scene, "types")
    found = detectors.run(detectors.ALL, RULES, events)
    for kind in REDACTABLE:
        seqs = [one.seq for one in events if one.kind == kind]
        for gone in (seqs, seqs[-1:]):
            left = told(recorded(thinned(events, lambda one, gone=gone: one.seq in gone), found))  # type: ignore[misc] # binds
            assert Standing.DIFFERS not in {one.standing for one in left}, kind


@pytest.mark.parametrize("changes", [{"version": 99}, {"calibration": "of another list"}])
def test_an_answer_by_other_rules_is_claimed(changes: dict[str, object]) -> None:
    events = raised_day()
    found = [msgspec.structs.replace(one, **changes) for one in detectors.run(detectors.ALL, RULES, events)]
    assert {one.standing for one in told(recorded(events, found))} == {Standing.CLAIMED}


def test_a_question_that_was_not_recorded_is_said_to_be_none() -> None:
    assert {one.standing for one in told(day_of("types"))} == {Standing.UNRECORDED}


@pytest.mark.parametrize("weight", ["A", "Z", ""])
def test_an_abstention_keeps_the_class_that_was_recorded_where_it_is_one(weight: str) -> None:
    events = raised_day()
    found = detectors.run(detectors.ALL, RULES, events, Assistance(assistive=True))
    made = recorded(events, found)
    made = [
        msgspec.structs.replace(one, body=msgspec.structs.replace(one.body, weight=weight))
        if one.kind == Kind.FINDING
        else one
        for one in made
    ]
    assert {one.finding.weight for one in told(made)} == {Weight(weight) if weight == "A" else Weight.B}


def test_nothing_said_is_the_default() -> None:
    events = raised_day()
    assert detectors.run(detectors.ALL, RULES, events) == detectors.run(detectors.ALL, RULES, events, NOTHING_SAID)
