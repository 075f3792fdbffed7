# SPDX-License-Identifier: Apache-2.0
"""local-model: what counts, what a policy or a declaration covers, and that it stays context."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from detector_days import Diary, Tick, thinned
from detector_tapes import in_pieces, policy, shifted
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_sessions import Tape

from detectors import abstain
from detectors.composite import opens_review
from detectors.local_model import ALTERNATIVES, LocalModel
from session.events import WATCHED_OVERLAYS, WATCHED_RUNNERS, Declare, Edge, Event, Focus, Kind, Reason
from session.findings import Finding, State, Weight
from session.policy import Policy

NOTED = "local_models = 'noted'\n"
RULES = policy("forbidden", NOTED)
DETECTOR = LocalModel()
DECLARED = Event(900, Kind.DECLARE, Declare(0, 0, "a model here", ""))


def found(events: Sequence[Event], *cuts: int, rules: Policy = RULES) -> Finding:
    return in_pieces(DETECTOR, rules, events, cuts)


def seen(*told: str) -> list[Event]:
    """A session in which each tick tells something of one tool ("Ollama" came, "-Ollama" went), or nothing."""
    diary = Diary()
    for one in told:
        kind = "runner-went" if one.startswith("-") else "runner-came"
        diary.tick(Tick(nearby=((1.0, kind, one.removeprefix("-")),) if one else ()))
    return diary.tape.events


def test_each_program_that_ran_counts_once_as_context_and_opens_nothing() -> None:
    events = seen("", "Ollama", "-Ollama", "LM Studio", "Ollama", "")
    finding = found(events)
    assert (finding.state, finding.weight, finding.statistic) == (State.RAISED, Weight.C, 2.0)
    assert finding.alternatives == ALTERNATIVES
    told = [one.body for one in events if one.seq in finding.evidence]
    assert [one.nearby[0].kind for one in told if isinstance(one, Focus)] == ["runner-came"] * 3
    assert not opens_review([finding])


def test_that_one_went_is_no_program_more_and_neither_are_other_things() -> None:
    diary = Diary()
    diary.tick(Tick(nearby=((1.0, "device-came", "keyboard"), (2.0, "overlay", "unmanaged"), (3.0, "newer", "Ollama"))))
    assert (found(diary.tape.events).state, found(seen("-Ollama")).state) == (State.CLEAR, State.CLEAR)


@pytest.mark.parametrize(
    ("rules", "declared", "count"),
    [
        (policy("allowed", NOTED), False, 0),
        (policy("forbidden", NOTED + "[ai_tools.kinds]\nlocal = 'allowed'\n"), False, 0),
        (policy("allowed", NOTED + "[ai_tools.kinds]\nlocal = 'forbidden'\n"), False, 2),
        (policy("forbidden", NOTED + "own = ['OLLAMA']\n"), False, 1),
        (policy("forbidden", NOTED), True, 2),
        (policy("declare", NOTED), False, 2),
        (policy("declare", NOTED), True, 0),
    ],
)
def test_what_the_policy_allows_or_a_declaration_covers_does_not_count(rules: Policy, *, declared: bool, count: int) -> None:
    events = [*seen("Ollama", "Jan", ""), *([DECLARED] if declared else [])]
    finding = found(events, rules=rules)
    assert (finding.state, finding.statistic) == (State.RAISED if count else State.CLEAR, float(count))


def test_without_a_word_that_programs_are_looked_for_nothing_is_said() -> None:
    tape = Tape()
    for at in range(0, 60, 5):
        tape.add(Kind.FOCUS, Focus(*tape.at(at), watched=WATCHED_OVERLAYS))
    assert found(tape.events).reason == abstain.RUNNERS_NOT_WATCHED
    tape.add(Kind.FOCUS, Focus(*tape.at(60), watched=WATCHED_RUNNERS + 64))
    assert found(tape.events).state is State.CLEAR
    tape.add(Kind.FOCUS, Focus(*tape.at(65)))
    assert found(tape.events).state is State.CLEAR


def test_it_abstains_as_the_others_do() -> None:
    events = seen("Ollama", *[""] * 20)
    assert found(events, rules=policy("forbidden")).reason == abstain.RUNNERS_OFF
    assert found(events, rules=policy("forbidden", NOTED, focus="off")).reason == abstain.FOCUS_OFF
    assert found(thinned(events, lambda one: one.kind is Kind.FOCUS)).reason == abstain.FOCUS_WITHHELD
    assert found([*events, Event(0, Kind.DECLARE, Declare(0, 0, "remote desktop", ""))]).reason == abstain.REMOTE
    for scope, reason in (("runners", abstain.RUNNERS_NOT_WATCHED), ("window", "")):
        tape = Tape()
        tape.gap(0, Edge.BEGIN, Reason.DENIED, scope)
        assert found([*tape.events, *events]).reason == reason


def test_what_a_record_may_hold_is_bounded() -> None:
    finding = found(seen(*[f"tool {number}" for number in range(70)]))
    assert (len(finding.evidence), finding.statistic) == (64, 64.0)


sessions = st.lists(st.sampled_from(["", "", "Ollama", "Jan", "-Ollama"]), max_size=60).map(lambda told: seen(*told))


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
