# SPDX-License-Identifier: Apache-2.0
"""The replay's model: what is drawn is what the records say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay_desks import Desk, bare, half_a_minute, long_day
from replay_sessions import DIGEST, ORIGIN_US, SESSION_ID, Tape, source

from session.account import AccountRules, Span
from session.events import (
    Capture,
    Checkpoint,
    Cosign,
    Edge,
    Event,
    FindingRecord,
    Focus,
    FocusChange,
    Gap,
    Kind,
    Manual,
    Moment,
    Note,
    Payload,
    Reason,
    Redact,
    Start,
    Stats,
    Trim,
)
from ui.replay.gaps import LOOKS, GapSpan, Look
from ui.replay.model import TOP_APPLICATIONS, ReplayModel

RULES = AccountRules(crash_counts_s=300, private_counts=False)


def model_of(events: Sequence[Event]) -> ReplayModel:
    return ReplayModel.from_events(SESSION_ID, events, RULES)


def seconds(t_us: int) -> float:
    return (t_us - ORIGIN_US) / 1e6


def spans_of(gaps: Sequence[GapSpan]) -> list[tuple[float, float, Look, str]]:
    return [(seconds(g.from_us), seconds(g.to_us), g.look, g.scope) for g in gaps]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_gap_lasts_from_its_beginning_to_its_end(desk: Desk) -> None:
    desk.work(0, 60)
    desk.away(60, 90, Reason.PAUSE)
    desk.away(70, 80, Reason.DENIED, "capture")
    desk.work(90, 120)
    assert spans_of(model_of(desk.tape.events).gaps) == [
        (60, 90, Look.PAUSE, "session"),
        (70, 80, Look.DENIED, "capture"),
    ]


def test_a_gap_without_an_end_reaches_to_the_end_of_the_session(desk: Desk) -> None:
    desk.work(0, 30)
    desk.tape.gap(30, Edge.BEGIN, Reason.DIED, "keyboard")
    desk.work(30, 60)
    (gap,) = model_of(desk.tape.events).gaps
    assert (seconds(gap.from_us), seconds(gap.to_us), gap.ended, gap.look) == (30, 60, False, Look.CRASH)


def test_a_crash_ends_what_was_open_before_it(desk: Desk) -> None:
    desk.tape.gap(5, Edge.BEGIN, Reason.PRIVATE)
    desk.tape.gap(40, Edge.POINT, Reason.CRASH, since=20)
    desk.work(40, 60)
    assert spans_of(model_of(desk.tape.events).gaps) == [(5, 40, Look.PRIVATE, "session"), (20, 40, Look.CRASH, "session")]


def test_every_reason_has_a_look_and_absence_never_looks_like_a_pause() -> None:
    looks = {reason: LOOKS.get(reason, Look.OTHER) for reason in Reason}
    assert looks[Reason.PAUSE] is Look.PAUSE
    assert {r for r, look in looks.items() if look is Look.PAUSE} == {Reason.PAUSE}
    assert {r for r, look in looks.items() if look is Look.PRIVATE} == {Reason.PRIVATE}


def test_gaps_of_the_platforms_time_are_no_gaps_of_observation(desk: Desk) -> None:
    desk.away(10, 20, Reason.OFFLINE, "witness")
    desk.away(30, 40, Reason.DENIED, "capture")
    assert [gap.of_platform for gap in model_of(desk.tape.events).gaps] == [True, False]


def test_what_the_trainer_removed_has_a_look_of_its_own(desk: Desk) -> None:
    seqs = desk.work(0, 100)
    kept = [Event(e.seq, e.kind, None) if e.seq in seqs[5:8] else e for e in desk.tape.events]
    tape = Tape(first_seq=len(kept) + 1)
    tape.add(Kind.REDACT, Redact(ORIGIN_US + 100_000_000, ((seqs[5], seqs[7]),), "private"))
    model = model_of([*kept, *tape.events])
    (gap,) = model.gaps
    assert (gap.look, gap.reason) == (Look.REMOVED, None)
    assert seconds(gap.from_us) <= 25
    assert seconds(gap.to_us) >= 40
    assert len(model.ticks.starts) == 17


def test_an_application_is_in_front_until_the_next_one(desk: Desk) -> None:
    desk.focus(5, (1, 0), (3, 1))
    desk.focus(10, (9.5, 0))
    desk.tape.tick(20)
    rows = {row.name: (row.coverage.starts, row.coverage.stops) for row in model_of(desk.tape.events).apps}
    assert [seconds(t) for t in rows["Firefox"][0]] == [1, 9.5]
    assert [seconds(t) for t in rows["Firefox"][1]] == [3, 20]
    assert [seconds(t) for t in rows["Writer"][0]] == [3]
    assert [seconds(t) for t in rows["Writer"][1]] == [9.5]


@pytest.mark.parametrize(("scope", "ends"), [("session", True), ("window", True), ("capture", False)])
def test_nothing_is_in_front_while_windows_are_not_observed(desk: Desk, scope: str, *, ends: bool) -> None:
    desk.focus(5, (0, 0))
    desk.away(10, 20, Reason.PAUSE, scope)
    desk.work(20, 25)
    desk.checkpoint(30, moment=Moment.STOP)
    row = next(r for r in model_of(desk.tape.events).apps if r.name == "Firefox")
    assert (seconds(int(row.coverage.stops[0])) == 10) is ends


def test_rows_go_to_the_longest_and_the_rest_share_one(desk: Desk) -> None:
    for app in range(9):
        desk.focus(100 * app + 5, (100 * app, app))
    desk.tape.tick(900)
    apps = model_of(desk.tape.events).apps
    assert len(apps) == TOP_APPLICATIONS + 1
    assert (apps[-1].name, apps[-1].count) == ("", 4)
    assert sum(row.coverage.total for row in apps) == 900_000_000


def test_six_applications_have_a_row_each(desk: Desk) -> None:
    for app in range(6):
        desk.focus(10 * app + 5, (10 * app, app))
    desk.tape.tick(60)
    assert all(row.name for row in model_of(desk.tape.events).apps)


def test_a_tick_has_keys_pointer_or_scrolling_or_none_and_is_observed_all_the_same(desk: Desk) -> None:
    desk.tape.tick(5, source(3))
    desk.tape.tick(10, source(0, moves=4))
    desk.tape.tick(15, source(0, scrolls=1))
    desk.tape.tick(20)
    ticks = model_of(desk.tape.events).ticks
    edges = np.array([ORIGIN_US + s * 1e6 for s in (0, 5, 10, 15, 20)])
    assert ticks.keyboard.per_cell(edges).tolist() == [1, 0, 0, 0]
    assert ticks.pointer.per_cell(edges).tolist() == [0, 1, 0, 0]
    assert ticks.scrolling.per_cell(edges).tolist() == [0, 0, 1, 0]
    assert ticks.observed.per_cell(edges).tolist() == [1, 1, 1, 1]


def test_typing_is_counted_a_minute_and_a_short_tick_is_no_storm(desk: Desk) -> None:
    desk.tape.tick(5, source(20))
    desk.tape.tick(5.2, source(3), span_ms=200)
    assert model_of(desk.tape.events).ticks.per_minute.tolist() == [240, 36]


def test_a_screenshot_that_is_gone_keeps_its_place(desk: Desk) -> None:
    desk.work(0, 30)
    desk.capture(31)
    desk.tape.add(Kind.CAPTURE, None, blob=DIGEST)
    desk.work(30, 60)
    shown, gone = model_of(desk.tape.events).shots
    assert (shown.removed, gone.removed) == (False, True)
    assert seconds(gone.t_us) == 31


def test_a_finding_lies_where_its_evidence_is(desk: Desk) -> None:
    seqs = desk.work(0, 60)
    asked = desk.finding(60, "raised", tuple(seqs[2:6]))
    desk.finding(60, "not evaluated", shadow=True)
    desk.answer(61, asked)
    raised, other = model_of(desk.tape.events).findings
    assert (seconds(raised.from_us), seconds(raised.to_us)) == (10, 30)
    assert (raised.answered, raised.shadow) == (True, False)
    assert (other.from_us, other.answered, other.shadow) == (-1, False, True)


def test_evidence_that_is_not_there_gives_no_place(desk: Desk) -> None:
    desk.finding(5, "raised", (999, 1000))
    assert model_of(desk.tape.events).findings[0].from_us == -1


def test_the_platform_confirms_up_to_the_last_cosignature_and_says_how_closely(desk: Desk) -> None:
    for second in range(30, 301, 30):
        desk.checkpoint(second, cosigned=second in (30, 60, 240))
    confirmed = model_of(desk.tape.events).confirmed
    assert [(seconds(c.from_us), seconds(c.to_us), c.tight) for c in confirmed] == [
        (0, 30, True),
        (30, 60, True),
        (60, 240, False),
    ]


def test_a_cosignature_of_nothing_we_know_confirms_nothing(desk: Desk) -> None:
    desk.checkpoint(30, cosigned=False)
    desk.tape.add(Kind.COSIGN, Cosign(4711, "line"))
    assert model_of(desk.tape.events).confirmed == ()


def test_withheld_records_are_told_from_none() -> None:
    assert model_of(bare().tape.events).absent == {
        "applications": "withheld",
        "engagement": "withheld",
        "screenshots": "none",
    }
    assert set(model_of(half_a_minute().tape.events).absent.values()) == {""}


def test_work_time_is_the_accounts() -> None:
    model = model_of(long_day().tape.events)
    assert model.account.worked_us == (28_800 - 2_400 - 900 - 700) * 1_000_000
    assert {i.span for i in model.account.intervals} >= {Span.WORK, Span.PAUSE, Span.PRIVATE, Span.SUSPEND, Span.CRASH}
    assert model.zone == "Europe/Rome"


def test_nothing_at_all_is_still_a_session_that_can_be_drawn() -> None:
    model = model_of([])
    assert model.end_us > model.start_us
    assert (model.apps, model.shots, model.gaps, model.findings) == ((), (), (), ())


times = st.one_of(st.integers(0, 2**53 - 1), st.integers(ORIGIN_US, ORIGIN_US + 10**9))
small = st.integers(0, 50)
digest16 = st.just("0" * 16)
bodies: st.SearchStrategy[Payload | None] = st.one_of(
    st.none(),
    st.builds(Gap, times, times, st.sampled_from(Edge), st.sampled_from(Reason), st.sampled_from(["session", "x"]), times),
    st.builds(Stats, times, times, small.map(lambda n: n * 500), sources=st.lists(st.builds(source, small), max_size=2)),
    st.builds(
        Focus,
        times,
        times,
        st.lists(st.builds(FocusChange, times, small, st.sampled_from(["", "a", "b"])), max_size=3).map(tuple),
    ),
    st.builds(Note, times, st.just("")),
    st.builds(Manual, times, times, st.just("x")),
    st.builds(Trim, times, times, st.just("x")),
    st.builds(Redact, times, st.lists(st.tuples(small, small), max_size=3).map(tuple), st.just("x")),
    st.builds(Checkpoint, times, times, st.sampled_from(Moment), st.just("")),
    st.builds(Cosign, small, st.just("")),
    st.builds(Capture, times, times, small, small, small, small, small, st.just(""), small, st.just(DIGEST), digest16),
    st.builds(
        FindingRecord,
        times,
        st.just("d"),
        small,
        st.sampled_from(["raised", "?"]),
        st.just("A"),
        small,
        small,
        st.just(""),
        st.lists(small, max_size=4).map(tuple),
        st.just("k"),
        st.just(()),
        small,
    ),
    st.builds(lambda t, m: Start(SESSION_ID, t, m, "", "", 1, *[DIGEST] * 5, "", "", "", ""), times, times),
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from([*Kind, 130]), bodies), max_size=25))
def test_no_records_whatever_make_it_fail(records: list[tuple[int, Payload | None]]) -> None:
    model = model_of([Event(seq, kind, body) for seq, (kind, body) in enumerate(records)])
    assert model.end_us > model.start_us
    assert all(gap.from_us <= gap.to_us for gap in model.gaps)
    assert len(model.shots) == sum(kind == Kind.CAPTURE for kind, _ in records)
