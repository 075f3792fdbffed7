# SPDX-License-Identifier: Apache-2.0
"""new-hardware: what counts as a moment, what never does, and that it stays context."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from detector_days import Diary, Tick, day_of, thinned
from detector_tapes import in_pieces, policy, shifted
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import Tape

from detectors import abstain
from detectors.composite import opens_review
from detectors.new_hardware import ALTERNATIVES, NewHardware
from session.events import WATCHED_DEVICES, Declare, Edge, Event, Focus, Kind, Nearby, Reason
from session.findings import Finding, State, Weight

RULES = policy("allowed")
DETECTOR = NewHardware()


def found(events: Sequence[Event], *cuts: int) -> Finding:
    return in_pieces(DETECTOR, RULES, events, cuts)


def seen(*nearby: tuple[float, str, str]) -> list[Event]:
    """A quiet session in which these come and go, told in the tick of their moment."""
    diary = Diary()
    for at in range(0, 600, 5):
        diary.tick(Tick(nearby=tuple((when - at, kind, what) for when, kind, what in nearby if at <= when < at + 5)))
    return diary.tape.events


def test_a_keyboard_that_came_is_context_and_opens_nothing() -> None:
    events = seen((61.0, "device-came", "keyboard"))
    finding = found(events)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.C, 1.0)
    assert finding.alternatives == ALTERNATIVES
    (seq,) = finding.evidence
    (told,) = [one.body for one in events if one.seq == seq]
    assert isinstance(told, Focus)
    assert told.nearby
    assert not opens_review([finding])


@pytest.mark.parametrize(
    ("nearby", "moments"),
    [
        ([(10.0, "device-went", "pointer")], 1),
        ([(10.0, "device-went", "keyboard"), (13.0, "device-came", "keyboard")], 1),
        ([(10.0, "device-came", "keyboard"), (20.0, "device-came", "pointer")], 1),
        ([(10.0, "device-came", "keyboard"), (20.1, "device-came", "pointer")], 2),
        ([(10.0, "device-came", "keyboard"), (19.0, "device-went", "keyboard"), (28.0, "device-came", "keyboard")], 2),
        ([(10.0, "device-came", "automation")], 0),
        ([(10.0, "device-came", "other")], 0),
        ([(10.0, "a newer kind", "keyboard")], 0),
        ([], 0),
    ],
)
def test_what_is_one_moment(nearby: list[tuple[float, str, str]], moments: int) -> None:
    finding = found(seen(*nearby))
    assert finding.statistic == moments
    assert finding.state is (State.RAISED if moments else State.CLEAR)


def test_without_a_word_that_devices_are_looked_for_nothing_is_said() -> None:
    tape = Tape()
    for at in range(0, 600, 5):
        tape.add(Kind.FOCUS, Focus(*tape.at(at)))
    assert found(tape.events).reason == abstain.DEVICES_NOT_WATCHED
    tape.add(Kind.FOCUS, Focus(*tape.at(600), watched=WATCHED_DEVICES + 64))
    assert found(tape.events).state is State.CLEAR
    tape.add(Kind.FOCUS, Focus(*tape.at(605), watched=64))
    assert found(tape.events).state is State.CLEAR


def test_it_abstains_as_the_others_do() -> None:
    events = seen((61.0, "device-came", "keyboard"))
    assert DETECTOR.finish(DETECTOR.step(DETECTOR.start(policy("allowed", focus="off")), events)).reason == abstain.FOCUS_OFF
    assert found(thinned(events, lambda one: one.kind is Kind.FOCUS)).reason == abstain.FOCUS_WITHHELD
    assert found([*events, Event(0, Kind.DECLARE, Declare(0, 0, "switch control", ""))]).reason == abstain.ASSISTIVE
    tape = Tape()
    tape.gap(0, Edge.BEGIN, Reason.DENIED, "keyboard")
    assert found([*tape.events, *events]).reason == abstain.NOT_OBSERVED


def test_of_many_records_the_first_are_the_evidence() -> None:
    finding = found(seen(*((at + 1.0, "device-came", "keyboard") for at in range(0, 600, 5))))
    assert len(finding.evidence) == 64
    assert finding.statistic == 40.0


things = st.tuples(
    st.integers(0, 599).map(float),
    st.sampled_from(["device-came", "device-went", "newer"]),
    st.sampled_from(["keyboard", "pointer", "automation", "other"]),
)
sessions = st.lists(things, max_size=12).map(lambda nearby: seen(*sorted(nearby)))


@settings(max_examples=40, deadline=None)
@given(sessions, st.lists(st.integers(0, 500), max_size=6), st.integers(-900_000, 2**50), st.sets(st.integers(0, 500)))
def test_cuts_and_the_origin_of_time_do_not_matter_and_less_asks_no_more(
    events: list[Event], cuts: list[int], by_us: int, removed: set[int]
) -> None:
    whole = found(events)
    assert found(events, *cuts) == whole
    assert found([shifted(one, by_us) for one in events]) == whole
    less = found(thinned(events, lambda one: one.seq in removed))
    assert whole.state is State.RAISED or less.state is not State.RAISED
    assert less.statistic <= whole.statistic


def test_a_scene_of_the_days_has_two_moments() -> None:
    assert found(day_of("types", "changes the keyboard")).statistic == 2.0
    assert Nearby(1, "device-came", "keyboard").number == 0
