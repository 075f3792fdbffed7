# SPDX-License-Identifier: Apache-2.0
"""What of a directory runs out, and when people are told.

Rules:

1. A directory that ran out takes nothing from what was granted under it: the platform gives no new grants, and that is all.
2. A project whose review key ran out without a next one seals nothing more: sessions wait on the trainer's computer.
3. The office renews long before anybody is warned, so a warning means that the office was not opened.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from session.trust.directory import Directory

DAY_US: Final = 86_400 * 1_000_000
RENEW_DAYS: Final = 30
"""So many days before the end the office says so, and renews. Source: a third of a review key's 90 days, so that an office
that is opened once a month never lets one run out."""
WARN_DAYS: Final = 14
"""So many days before the end everybody is told. Source: as long as an unused grant is good (docs/session-format.md, GRANT):
whoever is told has a shelf of grants that lasts at most until then."""


class Term(StrEnum):
    """What runs out: the directory as a whole, or the review key of one project."""

    DIRECTORY = "directory"
    REVIEW_KEY = "review_key"


class Due(msgspec.Struct, frozen=True):
    """One thing that runs out soon, or did.

    Args:
        project: id of the project whose review key it is, "" for the directory.
        until_us: its end, µs UTC; 0 where a project has no review key at all.
        days: whole days that are left, rounded up; 0 once it is over.
    """

    term: Term
    project: str
    until_us: int
    days: int

    @property
    def over(self) -> bool:
        """Whether it ran out."""
        return not self.days


def due(directory: Directory, now_us: int, within_days: int) -> tuple[Due, ...]:
    """What of the directory ends within so many days of `now_us` with nothing to follow it, the directory itself first.

    Args:
        directory: the one in force.
        now_us: µs UTC.
        within_days: above 0.
    """
    ends = [Due(Term.DIRECTORY, "", directory.expires_us, _days(directory.expires_us, now_us))]
    for project in directory.projects:
        until_us = _covered_until_us([(one.from_us, one.until_us) for one in project.review_keys], now_us)
        ends.append(Due(Term.REVIEW_KEY, project.id, until_us, _days(until_us, now_us)))
    return tuple(one for one in ends if one.days <= within_days)


def _covered_until_us(spans: list[tuple[int, int]], now_us: int) -> int:
    """Until when one of `spans` holds at every moment from `now_us` on; where none holds now, the last end of all, or 0."""
    reached_us = now_us
    for from_us, until_us in sorted(spans):
        if from_us <= reached_us < until_us:
            reached_us = until_us
    return reached_us if reached_us > now_us else max((until_us for _, until_us in spans if until_us <= now_us), default=0)


def _days(until_us: int, now_us: int) -> int:
    return max(0, -((now_us - until_us) // DAY_US))
