# SPDX-License-Identifier: Apache-2.0
"""Which findings together would open a review."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.composite import opens_review
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
