# SPDX-License-Identifier: Apache-2.0
"""Accounted time: what of a session is work, to the microsecond, from its public records alone. Pure.

Rules:

1. Length is measured on the monotonic clock, laid on UTC from START on: a clock that was set never makes or takes time.
2. Time runs from START to the last STOP checkpoint; while a session is open, to the last public record (or `until`).
   Between a STOP and a recovery nobody records, and nothing counts.
3. Not work: pause to resume; private to resume, unless the policy counts it; suspend; a crash longer than the policy's
   `crash_counts_s`, which can be claimed. A shorter crash is work.
4. A sensor that was missing never takes time away. Neither does idling, since nothing here knows of it.
5. TRIM gives work time back; MANUAL adds time, marked as such, where none counted. In the order of their records.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable
from typing import Final

import msgspec

from session.account.timeline import Interval, Span, Timeline
from session.events import (
    Answer,
    Checkpoint,
    Edge,
    Event,
    FindingRecord,
    Gap,
    Kind,
    Manual,
    Moment,
    Reason,
    Start,
    Summary,
    Task,
    Trim,
)
from session.policy import Policy
from session.ports import ClockReading

__all__ = ["Account", "AccountRules", "Interval", "Span", "WorkedSoFar", "account", "rules_of", "summarise", "walked"]

SESSION_SCOPE: Final = "session"
"""The `scope` of a GAP that concerns the session and not one sensor."""
LANDMARKS: Final = 16
"""How many records with both clocks are looked back on to place a suspend: it is noticed within seconds of waking."""


_CLAIMS: Final = (Manual, Trim)


class AccountRules(msgspec.Struct, frozen=True):
    """What the policy says of time where nothing was observed."""

    crash_counts_s: int
    private_counts: bool


class Account(msgspec.Struct, frozen=True):
    """The account of one session; all lengths in µs.

    Args:
        worked_us: all that counts, `manual_us` included, and `private_us` where the policy counts it.
        unobserved_us: suspend and crashes, whether they count or not.
        intervals: disjoint and sorted, UTC; the sums above are sums over them.
        started_us, ended_us: first and last moment of the session, manual entries aside; 0 and 0 without START.
    """

    worked_us: int
    paused_us: int
    private_us: int
    trimmed_us: int
    manual_us: int
    unobserved_us: int
    intervals: tuple[Interval, ...]
    started_us: int
    ended_us: int

    @property
    def claimable(self) -> tuple[Interval, ...]:
        """Crashes too long to count by themselves, which the trainer may claim with MANUAL."""
        return tuple(one for one in self.intervals if one.span is Span.CRASH and not one.counts)


def rules_of(policy: Policy) -> AccountRules:
    """The rules that a policy sets."""
    return AccountRules(crash_counts_s=policy.time.crash_counts_s, private_counts=policy.time.private_counts)


def account(events: Iterable[Event], rules: AccountRules, *, until: ClockReading | None = None) -> Account:
    """The account of these records.

    Args:
        events: in order of seq; only public records matter, others may be there or not.
        rules: of the policy in force.
        until: for an open session, the moment up to which to account; without effect after a STOP.
    """
    walk = _Walk(rules)
    for event in events:
        walk.take(event)
    return walk.close(until)


def walked(events: Iterable[Event], rules: AccountRules) -> tuple[Account, Iterable[tuple[int, int]]]:
    """As `account`, and (seq, time laid up to it in µs UTC) of each record that lays time, in order."""
    walk = _Walk(rules)
    for event in events:
        walk.take(event)
    return walk.close(None), zip(walk.seqs, walk.laid, strict=True)


def summarise(events: Iterable[Event], rules: AccountRules, t_us: int) -> Summary:
    """The SUMMARY record of these events, which must be readable to their author; `t_us` is now, UTC."""
    listed = list(events)
    accounted = account(listed, rules)
    findings = [event.body for event in listed if isinstance(event.body, FindingRecord)]
    return Summary(
        t_us=t_us,
        worked_us=accounted.worked_us,
        paused_us=accounted.paused_us,
        private_us=accounted.private_us,
        trimmed_us=accounted.trimmed_us,
        manual_us=accounted.manual_us,
        captures=sum(event.kind == Kind.CAPTURE for event in listed),
        gaps=sum(event.kind == Kind.GAP for event in listed),
        findings=tuple((one.detector, one.state, one.weight) for one in findings if not one.shadow),
        answers=sum(isinstance(event.body, Answer) for event in listed),
    )


class WorkedSoFar:
    """Work time of an open session, asked for often: at each moment what `account` says of its records until then.

    Records are walked once; from one to the next work time grows with the monotonic clock, or stands still.

    Args:
        rules: of the policy in force.
        events: as `account` takes them, so far.
    """

    def __init__(self, rules: AccountRules, events: Iterable[Event]) -> None:
        self._rules = rules
        self._events = list(events)
        self._standing: _Standing | None = None

    def take(self, event: Event) -> None:
        """Takes the next record."""
        self._events.append(event)
        self._standing = None

    def at_us(self, until: ClockReading) -> int:
        """Work time up to `until`, µs."""
        standing = self._standing = self._standing or _standing(self._events, self._rules)
        if standing.is_claimed:
            return account(self._events, self._rules, until=until).worked_us
        return standing.worked_us + (max(0, until.mono_us - standing.mono_us) if standing.counts else 0)


class _Standing(msgspec.Struct, frozen=True):
    """Where the last record leaves the session: `counts` from there on, unless what comes `is_claimed` already."""

    worked_us: int
    mono_us: int
    counts: bool
    is_claimed: bool


def _standing(events: Iterable[Event], rules: AccountRules) -> _Standing:
    walk = _Walk(rules)
    for event in events:
        walk.take(event)
    accounted = walk.close(None)
    return _Standing(accounted.worked_us, walk.mono_us, walk.counts, walk.claimed_until_us > accounted.ended_us)


class _Walk:
    """One pass over the records: where the session stands on both clocks, and what lies behind it."""

    def __init__(self, rules: AccountRules) -> None:
        self._rules = rules
        self._timeline = Timeline()
        self._claims: list[Manual | Trim] = []
        self._begun = False
        self._recording = False
        self._open: set[Reason] = set()
        self._started_us = self._at_us = self._stopped_us = 0
        self._mono_us = 0
        self._landmarks: deque[tuple[int, int]] = deque(maxlen=LANDMARKS)
        self._seq = 0
        self.seqs, self.laid = array("q"), array("q")

    @property
    def mono_us(self) -> int:
        """The monotonic time of the last landmark."""
        return self._mono_us

    @property
    def counts(self) -> bool:
        """Whether time that follows is work."""
        return self._recording and (not self._open or (self._rules.private_counts and Reason.PRIVATE in self._open))

    @property
    def claimed_until_us(self) -> int:
        """The end of the last interval that a MANUAL or TRIM names, UTC; 0 without one."""
        return max((claim.to_us for claim in self._claims), default=0)

    def take(self, event: Event) -> None:
        """Takes the next record."""
        body = event.body
        self._seq = event.seq
        if isinstance(body, _CLAIMS):
            self._claims.append(body)
        elif isinstance(body, Start) and not self._begun:
            self._begun = self._recording = True
            self._started_us = body.t_us
            self._land(body.t_us, body.t_us, body.mono_us)
        elif not self._begun:
            return
        elif isinstance(body, Gap) and body.scope == SESSION_SCOPE:
            self._take_gap(body)
        elif isinstance(body, Task):
            self._advance(body.t_us, body.mono_us)
        elif isinstance(body, Checkpoint) and body.moment is not Moment.SEAL:
            self._advance(body.t_us, body.mono_us)
            if body.moment is Moment.STOP and self._recording:
                self._recording = False
                self._stopped_us = self._at_us

    def close(self, until: ClockReading | None) -> Account:
        """The account, when all records are taken."""
        if self._recording and until is not None:
            self._advance(until.t_us, until.mono_us)
        ended_us = self._at_us if self._recording else self._stopped_us
        self._timeline.cut(ended_us)
        for claim in self._claims:
            if isinstance(claim, Trim):
                self._timeline.paint(claim.from_us, claim.to_us, Span.TRIM, counts=False, over=_counts)
            else:
                self._timeline.paint(
                    claim.from_us, claim.to_us, Span.MANUAL, counts=True, over=lambda one: not one.counts, bare=True
                )
        return _sums(self._timeline.intervals(), self._started_us, ended_us)

    def _take_gap(self, gap: Gap) -> None:
        if gap.edge is Edge.POINT and gap.reason in (Reason.CRASH, Reason.SUSPEND):
            self._take_absence(gap)
            return
        self._advance(gap.t_us, gap.mono_us)
        if gap.reason in (Reason.PAUSE, Reason.PRIVATE):
            if gap.edge is Edge.BEGIN:
                self._open.add(gap.reason)
            elif gap.edge is Edge.END:
                self._open.discard(gap.reason)

    def _take_absence(self, gap: Gap) -> None:
        """A crash or suspend from `from_us` to `t_us`: the two readings of UTC say how long, the record's place says when.

        The monotonic clock stands still in suspend and begins anew with a boot, so it is taken up again from here.
        """
        passed_us = max(0, gap.mono_us - self._mono_us)
        length_us = max(0, gap.t_us - gap.from_us) if gap.from_us else 0
        begin_us = self._placed(gap.from_us)
        if gap.mono_us >= self._mono_us:
            begin_us = min(begin_us, self._at_us + passed_us)
        end_us = max(begin_us + length_us, self._at_us + passed_us)
        self._lay(end_us)
        if gap.reason is Reason.SUSPEND:
            self._timeline.paint(begin_us, end_us, Span.SUSPEND, counts=False, over=_counts)
        elif end_us - begin_us > self._rules.crash_counts_s * 1_000_000:
            self._timeline.paint(begin_us, end_us, Span.CRASH, counts=False, over=_counts)
        else:
            self._timeline.paint(begin_us, end_us, Span.CRASH, counts=True, over=lambda one: one.span is Span.WORK)
        if gap.reason is Reason.CRASH:
            self._recording = True
        self._land(end_us, gap.t_us, gap.mono_us)

    def _placed(self, t_us: int) -> int:
        """Where a reading of UTC lies in the session: after the last landmark that was not later.

        A checkpoint may stand between waking and the record of the suspend, so the last landmark is not always the one.
        Where the clock was set and none fits, the last landmark itself.
        """
        limit_us: int | None = None
        for at_us, landmark_us in reversed(self._landmarks):
            if landmark_us <= t_us:
                placed_us = at_us + t_us - landmark_us
                return placed_us if limit_us is None else min(placed_us, limit_us)
            limit_us = at_us
        return self._at_us

    def _land(self, at_us: int, t_us: int, mono_us: int) -> None:
        self._at_us, self._mono_us = at_us, mono_us
        self._landmarks.append((at_us, t_us))
        self.seqs.append(self._seq)
        self.laid.append(at_us)

    def _advance(self, t_us: int, mono_us: int) -> None:
        """To a record with both clocks. One whose monotonic time lies before the last is no landmark."""
        if mono_us < self._mono_us:
            return
        end_us = self._at_us + (mono_us - self._mono_us)
        self._lay(end_us)
        self._land(end_us, t_us, mono_us)

    def _lay(self, end_us: int) -> None:
        if not self._recording:
            return
        if not self._open:
            self._timeline.lay(self._at_us, end_us, Span.WORK, counts=True)
        elif Reason.PRIVATE in self._open:
            self._timeline.lay(self._at_us, end_us, Span.PRIVATE, counts=self._rules.private_counts)
        else:
            self._timeline.lay(self._at_us, end_us, Span.PAUSE, counts=False)


def _counts(interval: Interval) -> bool:
    return interval.counts


def _sums(intervals: tuple[Interval, ...], started_us: int, ended_us: int) -> Account:
    lengths_us = dict.fromkeys(Span, 0)
    worked_us = 0
    for one in intervals:
        length_us = one.to_us - one.from_us
        lengths_us[one.span] += length_us
        if one.counts:
            worked_us += length_us
    return Account(
        worked_us=worked_us,
        paused_us=lengths_us[Span.PAUSE],
        private_us=lengths_us[Span.PRIVATE],
        trimmed_us=lengths_us[Span.TRIM],
        manual_us=lengths_us[Span.MANUAL],
        unobserved_us=lengths_us[Span.SUSPEND] + lengths_us[Span.CRASH],
        intervals=intervals,
        started_us=started_us,
        ended_us=ended_us,
    )
