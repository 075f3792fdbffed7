# SPDX-License-Identifier: Apache-2.0
"""What is proved of when, in words: between which times of the platform, and how the recording computer's clock differed.

An offline start, a stretch without a countersignature and a clock that was set are what they are: nobody's fault. No Qt.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import accumulate
from typing import Final

from session.account.clocks import ClockChanges, clock_changes
from session.events import Event
from session.verify.result import Verification
from session.verify.times import Times
from ui.replay.view import day_words, local
from ui.strings import Words

STRETCHES_MOST: Final = 12
"""Stretches without a countersignature that are told one by one: more than a page of them tells a person no more."""


class Proved:
    """The proved bounds of any moment of one session.

    Args:
        verification: None, or of a session that does not verify: nothing is proved.
        events: all records, as far as they can be read; tell which record stands for a moment.
        words: of the language. zone: of the times.
    """

    def __init__(self, verification: Verification | None, events: Sequence[Event], words: Words, zone: tzinfo) -> None:
        self._times = verification.times if verification is not None and verification.verified else Times()
        self._words, self._zone = words, zone
        timed = [(event.seq, t_us) for event in events if (t_us := getattr(event.body, "t_us", 0))]
        self._seqs = [seq for seq, _ in timed]
        self._latest = list(accumulate((t_us for _, t_us in timed), max))

    def at(self, t_us: int) -> tuple[int | None, int | None]:
        """Between which times what is shown at `t_us` was recorded: the bounds of the first record that is not earlier."""
        place = bisect_left(self._latest, t_us)
        if not self._seqs:
            return None, None
        return self._times.bounds(self._seqs[min(place, len(self._seqs) - 1)])

    def told(self, t_us: int) -> tuple[str, ...]:
        """The same as one sentence; none where nothing is proved."""
        begin_us, end_us = self.at(t_us)
        said = bounds_words("proved.moment", begin_us, end_us, self._words, self._zone, near_us=t_us)
        return (said,) if said else ()


def bounds_words(  # noqa: PLR0913, PLR0917 - two times, and how they are told
    key: str, begin_us: int | None, end_us: int | None, words: Words, zone: tzinfo, near_us: int
) -> str:
    """The sentence `key` for these bounds, "" where both are open. Times of another day than `near_us` carry it."""
    begin = time_words(begin_us, zone, near_us) if begin_us is not None else ""
    end = time_words(end_us, zone, near_us) if end_us is not None else ""
    if begin and end:
        return words(f"{key}.between", begin=begin, end=end)
    if begin:
        return words(f"{key}.after", begin=begin)
    return words(f"{key}.by", end=end) if end else ""


def time_words(t_us: int, zone: tzinfo, near_us: int) -> str:
    """A time of day, with its date where that is another than that of `near_us`."""
    moment = local(t_us, zone)
    clock = f"{moment:%H:%M:%S}"
    return clock if moment.date() == local(near_us, zone).date() else f"{day_words(moment)} {clock}"


def span_words(length_us: int) -> str:
    """A length for people, rounded down to the second: 3 min 20 s, 1 h, 2 h 5 min."""
    seconds = max(0, length_us) // 1_000_000
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number:,} {unit}" for number, unit in parts if number) or "0 s"


def proved_lines(verification: Verification, words: Words, zone: tzinfo) -> tuple[str, ...]:
    """All that is proved of when the session was made, and of its computer's clock, a sentence each.

    The first is what the verifier says of it; without a platform there is little more.
    """
    return (words.verifier(verification.times.sentence), *_more(verification, words, zone))


def _more(verification: Verification, words: Words, zone: tzinfo) -> Iterator[str]:
    if not verification.verified:
        return
    times = verification.times
    near_us = times.claimed_start_us or times.first_us or 0
    if verification.continues:
        yield words("proved.continues", id=verification.continues)
    said = bounds_words("proved", times.not_before_us, times.not_after_us, words, zone, near_us)
    if said:
        yield said
    if verification.opening == "offline":
        yield words("proved.offline")
    for key, length_us in (("proved.beyond", times.beyond_us or None), ("proved.longest", times.longest_us)):
        if length_us is not None:
            yield words(key, length=span_words(length_us))
    yield from _open_lines(times, words, zone, near_us)
    for key, length_us in (("proved.ahead", times.ahead_us), ("proved.behind", times.behind_us)):
        if length_us:
            yield words(key, length=span_words(length_us))
    yield from clock_lines(times.clock, words, zone, near_us)
    if times.ahead_us or times.behind_us or times.clock != ClockChanges():
        yield words("proved.clock.why")


def _open_lines(times: Times, words: Words, zone: tzinfo, near_us: int) -> Iterator[str]:
    """Each stretch without a countersignature, the longest `STRETCHES_MOST` of them in order of time."""
    longest = sorted(times.open_stretches, key=lambda one: one.from_us - one.to_us)[:STRETCHES_MOST]
    for one in sorted(longest, key=lambda one: one.from_us):
        begin, end = (time_words(t_us, zone, near_us) for t_us in (one.from_us, one.to_us))
        confirmed = times.received_us is not None or one.to_us <= (times.last_us or 0)
        yield words("proved.open" if confirmed else "proved.open.never", begin=begin, end=end)
    if len(longest) < len(times.open_stretches):
        yield words.count("proved.open.others", len(times.open_stretches) - len(longest))


def clock_lines(changes: ClockChanges, words: Words, zone: tzinfo, near_us: int) -> Iterator[str]:
    """How the computer's clock was set or moved while it recorded; nothing where it was not."""
    for step in changes.steps:
        way = "forward" if step.by_us > 0 else "back"
        yield words(f"proved.set.{way}", length=span_words(abs(step.by_us)), time=time_words(step.at_us, zone, near_us))
    if changes.drift_us:
        way = "forward" if changes.drift_us > 0 else "back"
        yield words(f"proved.moved.{way}", length=span_words(abs(changes.drift_us)))


def unsealed_lines(events: Sequence[Event], words: Words, zone: tzinfo, near_us: int) -> tuple[str, ...]:
    """What a session that nobody verified yet says of its own clock."""
    return tuple(clock_lines(clock_changes(events), words, zone, near_us))
