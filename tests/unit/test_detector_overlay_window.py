# SPDX-License-Identifier: Apache-2.0
"""overlay-window: what counts, what never does, and that it stays context."""

from __future__ import annotations

from collections.abc import Sequence

from detector_days import Diary, Tick, thinned
from detector_tapes import in_pieces, policy, shifted
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import Tape

from detectors import abstain
from detectors.composite import opens_review
from detectors.overlay_window import ALTERNATIVES, OverlayWindow
from session.events import WATCHED_DEVICES, WATCHED_OVERLAYS, Declare, Edge, Event, Focus, Kind, Reason
from session.findings import Finding, State, Weight

RULES = policy("allowed")
DETECTOR = OverlayWindow()


def found(events: Sequence[Event], *cuts: int) -> Finding:
    return in_pieces(DETECTOR, RULES, events, cuts)


def seen(*kinds: str) -> list[Event]:
    """A session in which each tick tells one thing of such a kind, or nothing."""
    diary = Diary()
    for kind in kinds:
        diary.tick(Tick(nearby=((1.0, kind, "unmanaged"),) if kind else ()))
    return diary.tape.events


def test_a_window_that_stayed_is_context_and_opens_nothing() -> None:
    events = seen("", "overlay", "", "overlay", "")
    finding = found(events)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.C, 2.0)
    assert finding.alternatives == ALTERNATIVES
    told = [one.body for one in events if one.seq in finding.evidence]
    assert len(told) == 2
    assert all(isinstance(one, Focus) and one.nearby for one in told)
    assert not opens_review([finding])


def test_devices_and_newer_kinds_are_none() -> None:
    finding = found(seen("device-came", "a newer kind", ""))
    assert (finding.state, finding.statistic) == (State.CLEAR, 0.0)


def test_without_a_word_that_windows_are_looked_for_nothing_is_said() -> None:
    tape = Tape()
    for at in range(0, 60, 5):
        tape.add(Kind.FOCUS, Focus(*tape.at(at), watched=WATCHED_DEVICES))
    assert found(tape.events).reason == abstain.OVERLAYS_NOT_WATCHED
    tape.add(Kind.FOCUS, Focus(*tape.at(60), watched=WATCHED_OVERLAYS + 64))
    assert found(tape.events).state is State.CLEAR
    tape.add(Kind.FOCUS, Focus(*tape.at(65)))
    assert found(tape.events).state is State.CLEAR


def test_it_abstains_as_the_others_do() -> None:
    events = seen("overlay", *[""] * 20)
    assert DETECTOR.finish(DETECTOR.step(DETECTOR.start(policy("allowed", focus="off")), events)).reason == abstain.FOCUS_OFF
    assert found(thinned(events, lambda one: one.kind is Kind.FOCUS)).reason == abstain.FOCUS_WITHHELD
    assert found([*events, Event(0, Kind.DECLARE, Declare(0, 0, "remote desktop", ""))]).reason == abstain.REMOTE
    tape = Tape()
    tape.gap(0, Edge.BEGIN, Reason.DENIED, "window")
    assert found([*tape.events, *events]).reason == abstain.WINDOW_NOT_OBSERVED


def test_of_many_records_the_first_are_the_evidence() -> None:
    finding = found(seen(*["overlay"] * 70))
    assert (len(finding.evidence), finding.statistic) == (64, 70.0)


sessions = st.lists(st.sampled_from(["", "", "overlay", "device-came"]), max_size=60).map(lambda kinds: seen(*kinds))


@settings(max_examples=40, deadline=None)
@given(sessions, st.lists(st.integers(0, 240), max_size=6), st.integers(-900_000, 2**50), st.sets(st.integers(0, 240)))
def test_cuts_and_the_origin_of_time_do_not_matter_and_less_asks_no_more(
    events: list[Event], cuts: list[int], by_us: int, removed: set[int]
) -> None:
    whole = found(events)
    assert found(events, *cuts) == whole
    assert found([shifted(one, by_us) for one in events]) == whole
    less = found(thinned(events, lambda one: one.seq in removed))
    assert whole.state is State.RAISED or less.state is not State.RAISED
    assert less.statistic <= whole.statistic
