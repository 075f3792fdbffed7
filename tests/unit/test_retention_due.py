# SPDX-License-Identifier: Apache-2.0
"""When a policy no longer keeps a type: not an instant before its days have passed, and never by a clock that ran back."""

from __future__ import annotations

from trust_builders import POLICY_WITH_CAPTURES

from session.events import Kind
from session.policy import parse_policy
from session.retention import CAPTURES, DAY_US, KEPT_FOR_A_TIME, STATISTICS, due, questions_ended

SHORT = POLICY_WITH_CAPTURES.replace(b"captures_days = 30", b"captures_days = 2").replace(
    b"statistics_days = 90", b"statistics_days = 5"
)


def test_days_are_whole_and_counted_from_when_the_platform_received_it() -> None:
    policy, received_us = parse_policy(SHORT), 10**15
    assert due(policy, received_us, received_us + 2 * DAY_US - 1) == frozenset()
    assert due(policy, received_us, received_us + 2 * DAY_US) == CAPTURES
    assert due(policy, received_us, received_us + 5 * DAY_US - 1) == CAPTURES
    assert due(policy, received_us, received_us + 5 * DAY_US) == CAPTURES | STATISTICS
    assert due(policy, received_us, received_us + 180 * DAY_US - 1) == CAPTURES | STATISTICS
    assert due(policy, received_us, received_us + 180 * DAY_US) == KEPT_FOR_A_TIME
    assert due(policy, received_us, 0) == frozenset()


def test_questions_have_ended_once_the_organisation_removed_every_one() -> None:
    kinds = [(0, int(Kind.GRANT)), (3, int(Kind.FINDING)), (4, int(Kind.ANSWER)), (5, int(Kind.FINDING))]
    assert questions_ended(kinds, [(5, 5), (3, 4)])
    assert not questions_ended(kinds, [(3, 4)])
    assert not questions_ended(kinds, [])
    assert not questions_ended(kinds[:1], [(0, 9)])
