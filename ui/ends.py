# SPDX-License-Identifier: Apache-2.0
"""What runs out, in words: the one source for the office, both desks and the commands. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from session.trust.lifetime import Due, Term
from ui.strings import Words


def day_words(t_us: int, words: Words, zone: tzinfo | None = None) -> str:
    """A day for people, in this computer's time zone unless told otherwise."""
    moment = _local(t_us, zone)
    return words("day", day=moment.day, month=words(f"month.{moment.month}"), year=moment.year)


def moment_words(t_us: int, words: Words, zone: tzinfo | None = None) -> str:
    """A day and a time of it, to the minute."""
    moment = _local(t_us, zone)
    month = words(f"month.{moment.month}")
    return words("day.time", day=moment.day, month=month, year=moment.year, time=moment.strftime("%H:%M"))


def due_words(due: Sequence[Due], names: Mapping[str, str], words: Words, zone: tzinfo | None = None) -> list[str]:
    """What ends and when, a sentence each, and after each sort what comes of it. `names`: of projects, by id."""
    told = []
    for term in dict.fromkeys(one.term for one in due):
        told += [_one(one, names.get(one.project, one.project), words, zone) for one in due if one.term is term]
        told.append(words(f"due.{term}.then"))
    return told


def asking_words(due: Sequence[Due], names: Mapping[str, str], words: Words, zone: tzinfo | None = None) -> str:
    """The same for people who cannot renew it, with whom to ask; "" where nothing ends."""
    return " ".join([*due_words(due, names, words, zone), words("due.ask")]) if due else ""


def _one(due: Due, project: str, words: Words, zone: tzinfo | None) -> str:
    key = f"due.{due.term}"
    if due.over:
        missing = due.term is Term.REVIEW_KEY and not due.until_us
        return words(f"{key}.none" if missing else f"{key}.over", project=project)
    day = day_words(due.until_us, words, zone)
    when = words(f"due.days.{'one' if due.days == 1 else 'more'}", number=due.days, day=day)
    return words(f"{key}.soon", project=project, when=when)


def _local(t_us: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(t_us / 1_000_000, UTC).astimezone(zone)
