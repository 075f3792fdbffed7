# SPDX-License-Identifier: Apache-2.0
"""Accounted time, by example and by property."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session.account import Account, AccountRules, Interval, Span, account, rules_of, summarise
from session.account.timeline import Timeline
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
    Payload,
    Reason,
    Start,
    Task,
    Trim,
)
from session.policy import default_policy_toml, parse_policy
from session.ports import ClockReading

T = 1_790_000_000_000_000
M = 7_000_000_000
S = 1_000_000
RULES = AccountRules(crash_counts_s=300, private_counts=False)
COUNTING_PRIVATE = AccountRules(crash_counts_s=300, private_counts=True)
D = "0" * 64


class Tape:
    """Public records at seconds since START; `shift_s` sets UTC off, `behind_s` the monotonic clock."""

    def __init__(self) -> None:
        self.shift_s = 0.0
        self.behind_s = 0.0
        self.events = [
            Event(0, Kind.GRANT, None),
            Event(1, Kind.START, Start("5" * 32, T, M, "boot", "a", 1, D, D, D, D, D, "", "", "", "")),
        ]

    def t(self, second: float) -> int:
        return T + round((second + self.shift_s) * S)

    def m(self, second: float) -> int:
        return M + round((second - self.behind_s) * S)

    def add(self, kind: Kind, body: Payload) -> None:
        self.events.append(Event(len(self.events), kind, body))

    def gap(self, second: float, edge: Edge, reason: Reason, scope: str = "session", *, since: float | None = None) -> None:
        from_us = 0 if since is None else self.t(since)
        self.add(Kind.GAP, Gap(self.t(second), self.m(second), edge, reason, scope, from_us))

    def pause(self, begin: float, end: float, reason: Reason = Reason.PAUSE) -> None:
        self.gap(begin, Edge.BEGIN, reason)
        self.gap(end, Edge.END, reason)

    def suspend(self, begin: float, end: float, *, noticed: float = 0) -> None:
        self.behind_s += end - begin
        self.gap(end + noticed, Edge.POINT, Reason.SUSPEND, since=begin)

    def crash(self, begin: float, end: float, *, reboot: bool = False) -> None:
        if reboot:
            self.behind_s = end + M / S - 30
        self.gap(end, Edge.POINT, Reason.CRASH, since=begin)

    def grid(self, second: float, moment: Moment = Moment.GRID) -> None:
        self.add(Kind.CHECKPOINT, Checkpoint(self.t(second), self.m(second), moment, ""))

    def stop(self, second: float) -> None:
        self.grid(second, Moment.STOP)

    def trim(self, begin: float, end: float) -> None:
        self.add(Kind.TRIM, Trim(self.t(begin), self.t(end), "forgot"))

    def manual(self, begin: float, end: float) -> None:
        self.add(Kind.MANUAL, Manual(self.t(begin), self.t(end), "forgot"))

    def account(self, rules: AccountRules = RULES, until: ClockReading | None = None) -> Account:
        return account(self.events, rules, until=until)

    def worked_s(self, rules: AccountRules = RULES) -> float:
        return self.account(rules).worked_us / S


@pytest.fixture
def tape() -> Tape:
    return Tape()


def spans(accounted: Account) -> list[tuple[float, float, str, bool]]:
    return [((i.from_us - T) / S, (i.to_us - T) / S, i.span.value, i.counts) for i in accounted.intervals]


def test_from_start_to_stop(tape: Tape) -> None:
    tape.grid(30)
    tape.stop(60.000001)
    accounted = tape.account()
    assert accounted.worked_us == 60_000_001
    assert (accounted.started_us, accounted.ended_us) == (T, T + 60_000_001)
    assert spans(accounted) == [(0, 60.000001, "work", True)]


def test_nothing_without_a_start() -> None:
    accounted = account([Event(0, Kind.GAP, Gap(T, M, Edge.BEGIN, Reason.PAUSE, "session"))], RULES)
    assert (accounted.worked_us, accounted.intervals, accounted.started_us) == (0, (), 0)


def test_a_pause_is_not_work(tape: Tape) -> None:
    tape.pause(10, 25)
    tape.stop(60)
    accounted = tape.account()
    assert (accounted.worked_us, accounted.paused_us) == (45 * S, 15 * S)
    assert spans(accounted) == [(0, 10, "work", True), (10, 25, "pause", False), (25, 60, "work", True)]


def test_private_time_is_work_only_where_the_policy_says_so(tape: Tape) -> None:
    tape.pause(10, 25, Reason.PRIVATE)
    tape.stop(60)
    assert (tape.worked_s(), tape.account().private_us) == (45, 15 * S)
    assert (tape.worked_s(COUNTING_PRIVATE), tape.account(COUNTING_PRIVATE).private_us) == (60, 15 * S)


def test_private_inside_a_pause_is_private(tape: Tape) -> None:
    tape.gap(10, Edge.BEGIN, Reason.PAUSE)
    tape.pause(20, 30, Reason.PRIVATE)
    tape.gap(40, Edge.END, Reason.PAUSE)
    tape.stop(60)
    accounted = tape.account()
    assert (accounted.worked_us, accounted.paused_us, accounted.private_us) == (30 * S, 20 * S, 10 * S)


def test_a_pause_that_never_ended_lasts_to_the_end(tape: Tape) -> None:
    tape.gap(10, Edge.BEGIN, Reason.PAUSE)
    tape.stop(60)
    assert tape.worked_s() == 10


def test_suspend_is_not_work_whenever_it_is_noticed(tape: Tape) -> None:
    tape.grid(30)
    tape.suspend(40, 3640, noticed=2)
    tape.stop(3660)
    accounted = tape.account()
    assert accounted.unobserved_us == 3602 * S
    assert spans(accounted) == [(0, 40, "work", True), (40, 3642, "suspend", False), (3642, 3660, "work", True)]


def test_a_checkpoint_between_suspend_and_its_notice_changes_nothing(tape: Tape) -> None:
    tape.behind_s = 100
    tape.grid(141)
    tape.gap(142, Edge.POINT, Reason.SUSPEND, since=40)
    tape.stop(150)
    # 50 s of monotonic time passed; the two between waking and the notice lie inside the gap.
    assert tape.account().worked_us == 48 * S


def test_suspend_in_a_pause_stays_pause(tape: Tape) -> None:
    tape.gap(10, Edge.BEGIN, Reason.PAUSE)
    tape.suspend(20, 50)
    tape.gap(60, Edge.END, Reason.PAUSE)
    tape.stop(70)
    assert spans(tape.account()) == [(0, 10, "work", True), (10, 60, "pause", False), (60, 70, "work", True)]


@pytest.mark.parametrize("reboot", [False, True])
def test_a_short_crash_is_work(tape: Tape, reboot: bool) -> None:
    tape.grid(30)
    tape.crash(40, 340, reboot=reboot)
    tape.stop(400)
    accounted = tape.account()
    assert (accounted.worked_us, accounted.unobserved_us, accounted.claimable) == (400 * S, 300 * S, ())


@pytest.mark.parametrize("reboot", [False, True])
def test_a_longer_crash_is_not_and_can_be_claimed(tape: Tape, reboot: bool) -> None:
    tape.grid(30)
    tape.crash(40, 340.000001, reboot=reboot)
    tape.stop(400)
    accounted = tape.account()
    assert accounted.worked_us == 100 * S - 1
    assert [(one.from_us, one.to_us) for one in accounted.claimable] == [(T + 40 * S, T + 340 * S + 1)]
    tape.manual(40, 340.000001)
    claimed = tape.account()
    assert (claimed.worked_us, claimed.manual_us, claimed.claimable) == (400 * S, 300 * S + 1, ())


def test_a_crash_in_private_time_follows_the_private_rule(tape: Tape) -> None:
    tape.gap(10, Edge.BEGIN, Reason.PRIVATE)
    tape.crash(20, 50)
    tape.gap(60, Edge.END, Reason.PRIVATE)
    tape.stop(70)
    assert (tape.worked_s(), tape.worked_s(COUNTING_PRIVATE)) == (20, 70)


def test_a_crash_during_review_adds_no_time(tape: Tape) -> None:
    tape.stop(60)
    tape.crash(500, 600)
    tape.stop(601)
    assert tape.worked_s() == 61  # the second between recovery and its stop: recording again, then stopped


def test_the_last_stop_counts_when_recording_went_on(tape: Tape) -> None:
    tape.stop(60)
    tape.crash(60, 100)
    tape.grid(130)
    tape.stop(160)
    assert tape.worked_s() == 120


def test_an_open_session_ends_at_its_last_public_record_or_now(tape: Tape) -> None:
    tape.add(Kind.TASK, Task(tape.t(45), tape.m(45), "wren"))
    assert tape.worked_s() == 45
    assert tape.account(until=ClockReading(tape.t(50), tape.m(50), 0)).worked_us == 50 * S
    tape.stop(60)
    assert tape.account(until=ClockReading(tape.t(90), tape.m(90), 0)).worked_us == 60 * S


def test_the_seal_checkpoint_adds_no_time(tape: Tape) -> None:
    tape.grid(30)
    tape.grid(5000, Moment.SEAL)
    assert tape.worked_s() == 30


def test_setting_the_clock_makes_and_takes_no_time(tape: Tape) -> None:
    tape.grid(30)
    tape.shift_s = 7200
    tape.grid(60)
    tape.shift_s = -7200
    tape.crash(70, 100)
    tape.stop(120)
    assert tape.worked_s() == 120


def test_a_record_whose_monotonic_time_lies_before_the_last_is_no_landmark(tape: Tape) -> None:
    tape.grid(60)
    tape.add(Kind.TASK, Task(tape.t(30), tape.m(30), "wren"))
    assert tape.worked_s() == 60
    tape.stop(40)
    assert tape.worked_s() == 60


def test_trim_gives_back_work_and_only_work(tape: Tape) -> None:
    tape.pause(10, 20)
    tape.trim(5, 30)
    tape.trim(-100, 2)
    tape.stop(60)
    accounted = tape.account()
    assert (accounted.worked_us, accounted.trimmed_us, accounted.paused_us) == (33 * S, 17 * S, 10 * S)


def test_manual_time_is_marked_and_never_counted_twice(tape: Tape) -> None:
    tape.pause(10, 20)
    tape.stop(60)
    tape.manual(-600, 30)
    accounted = tape.account()
    assert (accounted.worked_us, accounted.manual_us, accounted.paused_us) == (660 * S, 610 * S, 0)
    assert accounted.started_us == T


def test_of_trim_and_manual_the_later_word_holds(tape: Tape) -> None:
    tape.stop(60)
    tape.trim(10, 30)
    tape.manual(20, 30)
    assert tape.worked_s() == 50
    tape.trim(25, 30)
    assert tape.worked_s() == 45


def test_times_that_run_backwards_are_empty(tape: Tape) -> None:
    tape.manual(30, 10)
    tape.trim(30, 10)
    tape.gap(20, Edge.POINT, Reason.SUSPEND, since=40)
    tape.stop(60)
    assert tape.worked_s() == 60


def test_a_sensor_that_is_missing_takes_nothing(tape: Tape) -> None:
    for scope in ("keyboard", "pointer", "window", "capture", "clock", "idle"):
        for reason in Reason:
            tape.gap(10, Edge.BEGIN, reason, scope)
            tape.gap(20, Edge.POINT, reason, scope, since=5)
    tape.stop(60)
    assert tape.worked_s() == 60


def test_a_gap_of_the_session_that_is_no_absence_takes_nothing(tape: Tape) -> None:
    tape.gap(10, Edge.BEGIN, Reason.WITNESS)
    tape.gap(20, Edge.POINT, Reason.OFFLINE, since=5)
    tape.stop(60)
    assert tape.worked_s() == 60


def test_the_rules_are_the_policys() -> None:
    assert rules_of(parse_policy(default_policy_toml())) == RULES


def test_a_summary_says_what_the_account_says(tape: Tape) -> None:
    tape.pause(10, 20)
    tape.manual(100, 110)
    tape.trim(0, 1)
    finding = FindingRecord(T, "injected-input", 1, "raised", "A", 1, 1, "c", (), "e", (), 1)
    tape.add(Kind.FINDING, finding)
    tape.add(Kind.FINDING, FindingRecord(T, "injected-input", 1, "clear", "A", 1, 1, "c", (), "e", (), 0))
    tape.add(Kind.ANSWER, Answer(T, 7, "a screen reader"))
    tape.add(Kind.CAPTURE, finding)
    tape.stop(60)
    summary = summarise(tape.events, RULES, T + 99)
    assert (summary.worked_us, summary.paused_us, summary.manual_us, summary.trimmed_us) == (59 * S, 10 * S, 10 * S, S)
    assert (summary.captures, summary.gaps, summary.answers, summary.t_us) == (1, 2, 1, T + 99)
    assert summary.findings == (("injected-input", "clear", "A"),), "those on trial are left out"


def test_painting_over_and_over_leaves_few_pieces(tape: Tape) -> None:
    for turn in range(50):
        tape.pause(turn * 10 + 1, turn * 10 + 5)
    tape.stop(600)
    tape.manual(0, 600)
    tape.trim(0, 600)
    assert spans(tape.account()) == [(0, 600, "trim", False)]


# -- properties --------------------------------------------------------------------------------------------------------

moments = st.integers(-50, 2000)
session_gaps = st.builds(
    Gap,
    t_us=moments.map(lambda s: T + s * S),
    mono_us=moments.map(lambda s: max(0, M + s * S)),
    edge=st.sampled_from(Edge),
    reason=st.sampled_from(Reason),
    scope=st.just("session"),
    from_us=st.one_of(st.just(0), moments.map(lambda s: T + s * S)),
)
claims = st.tuples(st.sampled_from((Manual, Trim)), moments, moments).map(
    lambda drawn: drawn[0](T + drawn[1] * S, T + drawn[2] * S, "r")
)
checkpoints = st.builds(
    Checkpoint,
    t_us=moments.map(lambda s: T + s * S),
    mono_us=moments.map(lambda s: M + s * S),
    moment=st.sampled_from(Moment),
    note=st.just(""),
)
KINDS = {Gap: Kind.GAP, Manual: Kind.MANUAL, Trim: Kind.TRIM, Checkpoint: Kind.CHECKPOINT}


def events_of(bodies: list[Payload]) -> list[Event]:
    return Tape().events + [Event(at + 2, KINDS[type(body)], body) for at, body in enumerate(bodies)]


@given(st.lists(st.one_of(session_gaps, claims, checkpoints), max_size=25), st.sampled_from((RULES, COUNTING_PRIVATE)))
def test_whatever_the_records_say_the_intervals_are_an_account(bodies: list[Payload], rules: AccountRules) -> None:
    accounted = account(events_of(bodies), rules)
    assert all(one.from_us < one.to_us for one in accounted.intervals)
    assert all(before.to_us <= after.from_us for before, after in pairwise(accounted.intervals))
    assert accounted.worked_us == sum(one.length_us for one in accounted.intervals if one.counts)
    by_span = {span: sum(one.length_us for one in accounted.intervals if one.span is span) for span in Span}
    assert accounted.paused_us == by_span[Span.PAUSE]
    assert accounted.private_us == by_span[Span.PRIVATE]
    assert accounted.trimmed_us == by_span[Span.TRIM]
    assert accounted.manual_us == by_span[Span.MANUAL]
    assert accounted.unobserved_us == by_span[Span.SUSPEND] + by_span[Span.CRASH]
    assert accounted.worked_us >= accounted.manual_us >= 0


@given(st.lists(st.tuples(st.floats(0, 1000), st.sampled_from(Reason)), max_size=8), st.integers(0, 2**32))
def test_gaps_of_sensors_never_matter_wherever_they_stand(gaps: list[tuple[float, Reason]], seed: int) -> None:
    plain = Tape()
    plain.pause(100, 200)
    plain.suspend(300, 400)
    plain.stop(1000)
    expected = account(plain.events, RULES)
    mixed = list(plain.events[2:])
    for second, reason in gaps:
        body = Gap(plain.t(second), plain.m(second), Edge.BEGIN, reason, "keyboard")
        mixed.insert(random.Random(seed).randint(0, len(mixed)), Event(0, Kind.GAP, body))  # noqa: S311 - an order, no secret
    assert account(plain.events[:2] + mixed, RULES) == expected


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=12, unique=True), st.integers(0, 10**9))
def test_pauses_sum_to_the_microsecond(seconds: list[int], shift_us: int) -> None:
    tape = Tape()
    tape.shift_s = shift_us / S
    turns = sorted(seconds)
    turns = turns[: len(turns) // 2 * 2]
    paused = 0
    for begin, end in zip(turns[::2], turns[1::2], strict=True):
        tape.pause(begin, end)
        paused += end - begin
    tape.stop(2000)
    accounted = tape.account()
    assert (accounted.paused_us, accounted.worked_us) == (paused * S, (2000 - paused) * S)


@given(st.lists(claims, max_size=20))
def test_painting_agrees_with_a_plain_second_by_second_account(bodies: list[Payload]) -> None:
    tape = Tape()
    tape.pause(100, 200)
    tape.stop(1000)
    seconds = {second: "pause" if 100 <= second < 200 else "work" for second in range(1000)}
    for body in bodies:
        assert isinstance(body, Manual | Trim)
        for second in range((body.from_us - T) // S, (body.to_us - T) // S):
            counts = seconds.get(second) in ("work", "manual")
            if isinstance(body, Trim) and counts:
                seconds[second] = "trim"
            elif isinstance(body, Manual) and not counts:
                seconds[second] = "manual"
        tape.add(KINDS[type(body)], body)
    accounted = tape.account()
    totals = [sum(what == span for what in seconds.values()) * S for span in ("pause", "trim", "manual")]
    assert [accounted.paused_us, accounted.trimmed_us, accounted.manual_us] == totals
    assert accounted.worked_us == sum(what in ("work", "manual") for what in seconds.values()) * S


class Unjoined(Timeline):
    """Keeps each laid part as a piece of its own, as the definition has it."""

    def lay(self, from_us: int, to_us: int, span: Span, *, counts: bool) -> None:
        if self._intervals:
            from_us = max(from_us, self._intervals[-1].to_us)
        if from_us < to_us:
            self._intervals.append(Interval(from_us, to_us, span, counts))


laid = st.tuples(
    st.just("lay"), st.integers(0, 40), st.integers(0, 4), st.sampled_from((Span.WORK, Span.PAUSE, Span.PRIVATE))
)
painted = st.tuples(
    st.just("paint"), st.integers(0, 60), st.integers(0, 60), st.sampled_from((Span.TRIM, Span.MANUAL, Span.SUSPEND))
)
dropped = st.tuples(st.just("cut"), st.integers(0, 60), st.just(0), st.just(Span.WORK))


@given(st.lists(st.one_of(laid, laid, laid, painted, dropped), max_size=40))
def test_joining_what_is_laid_changes_no_interval(turns: list[tuple[str, int, int, Span]]) -> None:
    joined, plain = Timeline(), Unjoined()
    at_us = 0
    for what, number, more, span in turns:
        for timeline in (joined, plain):
            if what == "lay":  # mostly where the last one ended, sometimes behind it or before
                timeline.lay(at_us, at_us + more, span, counts=span is Span.WORK)
            elif what == "cut":
                timeline.cut(number)
            elif span is Span.MANUAL:
                timeline.paint(number, more, span, counts=True, over=lambda one: not one.counts, bare=True)
            else:
                timeline.paint(number, more, span, counts=False, over=lambda one: one.counts)
        at_us += more if number % 5 else more + 1
    assert joined.intervals() == plain.intervals()


def test_a_long_pause_of_many_records_is_looked_at_once_by_each_trim() -> None:
    """A million records inside one pause and ten thousand TRIM records: work grows with their sum, not their product."""
    looks = 0

    def over(interval: Interval) -> bool:
        nonlocal looks
        looks += 1
        return interval.counts

    timeline = Timeline()
    for at_us in range(2_000):
        timeline.lay(at_us, at_us + 1, Span.PAUSE, counts=False)
    for _ in range(100):
        timeline.paint(0, 2_000, Span.TRIM, counts=False, over=over)
    assert looks == 100
    assert timeline.intervals() == (Interval(0, 2_000, Span.PAUSE, counts=False),)
