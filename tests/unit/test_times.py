# SPDX-License-Identifier: Apache-2.0
"""What is proved of when: an interval for the whole and for each record, and the machine's clock held against it."""

from __future__ import annotations

from pathlib import Path

import pytest
from trust_builders import ORIGIN_US, OpenSession, Organisation, organisation, personal_session

from session.account.clocks import ClockStep
from session.events import Edge, Gap, Kind, Moment, Reason
from session.verify import Times, verify_session
from session.verify.times import Mark, Stretch, proved_times

S = 1_000_000


@pytest.fixture
def org() -> Organisation:
    return organisation()


def times_of(session: OpenSession, *, receipt: bool = True) -> Times:
    outcome = verify_session(session.seal(receipt=receipt).folder)
    assert outcome.verified, outcome.failed_step
    return outcome.times


def minutes(session: OpenSession, count: int, *, late_s: int = 1) -> None:
    for _ in range(count * 2):
        session.wait(30)
        session.cosigned_checkpoint(late_s=late_s)


def test_the_whole_lies_between_grant_and_receipt(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 2)
    session.stop()
    times = times_of(session)
    assert times.not_before_us == ORIGIN_US - 3600 * S
    assert times.not_after_us == times.received_us
    assert times.longest_us == 30 * S
    assert (times.ahead_us, times.behind_us, times.open_stretches) == (0, 0, ())


def test_without_a_receipt_nothing_bounds_its_end(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 1)
    session.stop()
    times = times_of(session, receipt=False)
    assert times.not_after_us is None
    assert times.bounds(10**6) == (times.last_us, None)


def test_one_cosignature_makes_no_stretch(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    session.wait(20)
    session.stop()
    times = times_of(session)
    assert (times.longest_us, times.open_stretches) == (None, ())


def test_an_offline_start_has_bounds_from_its_first_cosignature_on(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s", offline=True)
    session.wait(600)
    minutes(session, 1)
    session.stop()
    times = times_of(session)
    first, second = times.marks[:2]
    assert times.not_before_us is None
    assert times.bounds(1) == (None, first.time_us + 999_999)
    assert times.bounds(first.seq + 1) == (first.time_us, second.time_us + 999_999)
    assert times.open_stretches == (Stretch(ORIGIN_US, first.time_us),)


def test_a_stretch_offline_is_told_by_the_platforms_times(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 1)
    now = session.reading
    session.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.BEGIN, Reason.OFFLINE, "witness"))
    for _ in range(20):
        session.wait(30)
        session.checkpoint()
    now = session.reading
    session.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.END, Reason.OFFLINE, "witness"))
    minutes(session, 1)
    session.stop()
    times = times_of(session)
    assert times.longest_us == 630 * S
    assert times.open_stretches == (Stretch(ORIGIN_US + 61 * S, ORIGIN_US + 691 * S),)


def test_an_end_without_cosignatures_reaches_to_the_stop(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 1)
    session.wait(3600)
    session.checkpoint(Moment.STOP)
    assert times_of(session).open_stretches == (Stretch(ORIGIN_US + 61 * S, ORIGIN_US + 3660 * S),)


def test_a_clock_that_is_ahead_makes_no_stretch_of_itself(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 3, late_s=-600)
    session.cosigned_checkpoint(Moment.STOP, late_s=-600)
    times = times_of(session)
    assert times.ahead_us > 590 * S
    assert times.open_stretches == ()


def test_nothing_is_missing_where_no_platform_could_countersign(tmp_path: Path) -> None:
    session = personal_session(tmp_path / "s")
    session.wait(3600)
    session.stop()
    assert times_of(session, receipt=False).open_stretches == ()


@pytest.mark.parametrize(("late_s", "ahead_s"), [(0, 0), (-2, 0), (-200, 200), (-3000, 3000)])
def test_a_clock_that_is_ahead_says_by_how_much(org: Organisation, tmp_path: Path, late_s: int, ahead_s: int) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 5, late_s=late_s)
    session.cosigned_checkpoint(Moment.STOP, late_s=late_s)
    times = times_of(session)
    # a cosignature's second is counted to its end: it may have been made late in it
    assert times.ahead_us == (ahead_s * S - 999_999 if ahead_s else 0)
    assert times.behind_us == 0


def test_a_clock_that_is_behind_says_by_how_much(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 5, late_s=200)
    session.cosigned_checkpoint(Moment.STOP, late_s=200)
    times = times_of(session, receipt=False)
    # 30 s later by its own clock it still shows 170 s less than the platform did; 1 s is a checkpoint's own lateness
    assert (times.ahead_us, times.behind_us) == (0, 169 * S)


def test_a_clock_behind_the_grant_is_told_at_the_start(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s", issued_us=ORIGIN_US + 500 * S)
    minutes(session, 1, late_s=600)
    session.cosigned_checkpoint(Moment.STOP, late_s=600)
    assert times_of(session, receipt=False).behind_us == 569 * S


def test_a_stop_that_a_full_disk_held_up_is_no_clock_behind(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    session.wait(30)
    session.cosigned_checkpoint(late_s=600)
    session.checkpoint(Moment.STOP)
    assert times_of(session, receipt=False).behind_us == 0


def test_a_clock_that_was_set_is_told_with_the_bounds(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 1)
    session.passed_us += 3600 * S
    session.asleep_us += 3600 * S
    for _ in range(2):
        session.wait(30)
        session.cosigned_checkpoint(late_s=-3600)
    session.cosigned_checkpoint(Moment.STOP, late_s=-3600)
    times = times_of(session)
    assert times.clock.steps == (ClockStep(ORIGIN_US + 90 * S, 3600 * S),)
    assert times.ahead_us == 3600 * S - 999_999


def test_cosignatures_out_of_order_of_size_bound_by_the_first_that_covers() -> None:
    marks = (Mark(20, 100 * S, 21), Mark(10, 200 * S, 22), Mark(30, 300 * S, 31))
    times = proved_times(not_before_us=5, marks=marks, received_us=None, claimed_start_us=None, claimed_end_us=None)
    assert times.bounds(5) == (5, 100 * S + 999_999)
    assert times.bounds(15) == (5, 100 * S + 999_999)
    assert times.bounds(22) == (100 * S, 300 * S + 999_999)
    assert times.bounds(25) == (200 * S, 300 * S + 999_999)
    assert times.bounds(31) == (200 * S, None)
    assert times.bounds(32) == (300 * S, None)


def test_the_json_carries_them(org: Organisation, tmp_path: Path) -> None:
    session = org.open_session(tmp_path / "s")
    minutes(session, 1)
    session.stop()
    said = verify_session(session.seal().folder).to_json()
    for name in ("not_before_us", "not_after_us", "longest_us", "ahead_us", "behind_us", "open_stretches", "drift_us"):
        assert f'"{name}":' in said
