# SPDX-License-Identifier: Apache-2.0
"""When a policy no longer keeps a type: not an instant before its days have passed, and never by a clock that ran back."""

from __future__ import annotations

from trust_builders import POLICY_WITH_CAPTURES

from session.policy import parse_policy
from session.retention import CAPTURES, DAY_US, STATISTICS, due

SHORT = POLICY_WITH_CAPTURES.replace(b"captures_days = 30", b"captures_days = 2").replace(
    b"statistics_days = 90", b"statistics_days = 5"
)


def test_days_are_whole_and_counted_from_when_the_platform_received_it() -> None:
    policy, received_us = parse_policy(SHORT), 10**15
    assert due(policy, received_us, received_us + 2 * DAY_US - 1) == frozenset()
    assert due(policy, received_us, received_us + 2 * DAY_US) == CAPTURES
    assert due(policy, received_us, received_us + 5 * DAY_US - 1) == CAPTURES
    assert due(policy, received_us, received_us + 5 * DAY_US) == CAPTURES | STATISTICS
    assert due(policy, received_us, 0) == frozenset()
