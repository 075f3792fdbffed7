# SPDX-License-Identifier: Apache-2.0
"""Which findings together would open a review."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.composite import opens_review, recorded_open_review
from session.events import FindingRecord
from session.findings import Finding, State, Weight


def finding(state: State, weight: Weight, family: str = "one") -> Finding:
    return Finding("x", 1, state, weight, 0.0, 0.0, "c", (), "e", (), family)


def test_one_of_class_a_is_enough() -> None:
    assert opens_review([finding(State.RAISED, Weight.A)])


def test_class_b_needs_a_second_of_another_family() -> None:
    assert not opens_review([finding(State.RAISED, Weight.B)] * 3)
    assert opens_review([finding(State.RAISED, Weight.B), finding(State.RAISED, Weight.B, "two")])


def test_context_never_opens_anything() -> None:
    assert not opens_review([finding(State.RAISED, Weight.C, str(n)) for n in range(9)])


findings = st.lists(
    st.builds(finding, st.sampled_from(State), st.sampled_from(Weight), st.sampled_from(["one", "two", "three"])), max_size=8
)


@given(findings, st.lists(st.builds(finding, st.just(State.NOT_EVALUATED), st.sampled_from(Weight)), max_size=5))
def test_abstentions_never_change_the_answer(said: list[Finding], abstained: list[Finding]) -> None:
    assert opens_review(said + abstained) == opens_review(said)


@given(findings)
def test_without_a_raised_finding_nothing_opens(said: list[Finding]) -> None:
    assert not opens_review([f for f in said if f.state is not State.RAISED])


def recorded(finding: Finding, *, shadow: int = 0, detector: str = "") -> FindingRecord:
    return FindingRecord(
        0, detector or f"of-{finding.family}", 1, finding.state.value, finding.weight.value, 0, 0, "c", (), "e", (), shadow
    )


@given(findings.filter(bool))
def test_what_is_recorded_opens_what_the_findings_open(said: list[Finding]) -> None:
    families = {f"of-{name}": name for name in ("one", "two", "three")}
    assert recorded_open_review([recorded(f) for f in said], families) == opens_review(said)


def test_on_trial_nothing_is_opened_and_nothing_said() -> None:
    alone = finding(State.RAISED, Weight.A)
    assert recorded_open_review([recorded(alone, shadow=1)], {}) is None
    assert recorded_open_review([recorded(alone, shadow=1), recorded(finding(State.CLEAR, Weight.A))], {}) is False
    assert recorded_open_review([], {}) is None


def test_two_questions_of_one_family_confirm_each_other_in_no_version() -> None:
    cadence = [recorded(finding(State.RAISED, Weight.B), detector=name) for name in ("regular-typing", "unpaused-typing")]
    assert recorded_open_review(cadence, {"regular-typing": "cadence", "unpaused-typing": "cadence"}) is False
    assert recorded_open_review([*cadence, recorded(finding(State.RAISED, Weight.B), detector="newer")], {}) is True
    unknown = msgspec.structs.replace(cadence[0], weight="D", detector="newest")
    assert recorded_open_review([unknown], {}) is False
