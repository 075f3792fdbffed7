# SPDX-License-Identifier: Apache-2.0
"""Counted time that cannot have passed by the platform's clock is told, and no honest session has any."""

from __future__ import annotations

import random
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trust_builders import ORIGIN_US, PROJECT, OpenSession, SealedSession, organisation, write_receipt

from session.account import Account, AccountRules, Interval, Span, account
from session.account.beyond import beyond_us
from session.events import Edge, Gap, Kind, Moment, Reason, Task, Trim
from session.log.cosign import cosign
from session.log.note import parse_note
from session.trust.directory import witness_name
from session.verify import verify_session
from ui.replay.proved import proved_lines
from ui.strings import Words

S = 1_000_000
HOUR = 3600 * S
ORG = organisation()


def countersigned(session: OpenSession, moment: Moment, after_s: int) -> None:
    """A checkpoint that the platform countersigned so many seconds after the session began."""
    size = session.journal.size
    text = parse_note(session.checkpoint(moment).note.encode()).text
    line = cosign(text, witness_name(ORG.fp), ORG.witness_key, ORIGIN_US // S + after_s)
    session.events.append(session.journal.append_cosign(size, line))


def received(session: OpenSession, after_s: int) -> SealedSession:
    sealed = session.seal(receipt=False)
    write_receipt(ORG, sealed, ORIGIN_US + after_s * S)
    return sealed


def told_us(sealed: SealedSession, session: OpenSession) -> int:
    found = verify_session(sealed.folder, trust=ORG.anchor, reading_key=session.person.reading)
    assert found.verified, found.failed_step
    said = " ".join(proved_lines(found, Words("en"), UTC))
    assert ("cannot have passed" in said) == (found.times.beyond_us > 0)
    return found.times.beyond_us


def test_a_leap_of_the_monotonic_clock_between_two_cosignatures(tmp_path: Path) -> None:
    session = ORG.open_session(tmp_path / "s")
    countersigned(session, Moment.GRID, 1)
    session.wait(100 * 3600)
    countersigned(session, Moment.STOP, 2)
    # the grant was given an hour before, and what it began may have waited that long
    assert 99 * HOUR - 4 * S <= told_us(received(session, 3), session) <= 99 * HOUR


def test_hours_made_of_short_crashes_in_which_no_time_passed(tmp_path: Path) -> None:
    session = ORG.open_session(tmp_path / "s")
    countersigned(session, Moment.GRID, 1)
    now = session.reading
    for _ in range(100):
        session.add(Kind.TASK, Task(now.t_us - 50 * S, now.mono_us, PROJECT, ""))
        session.add(Kind.GAP, Gap(now.t_us, now.mono_us, Edge.POINT, Reason.CRASH, "session", now.t_us - 50 * S))
    countersigned(session, Moment.STOP, 31)
    assert told_us(received(session, 40), session) >= 100 * 50 * S - 60 * S


def test_what_the_person_gave_back_or_added_by_hand_is_not_held_against_the_clock(tmp_path: Path) -> None:
    session = ORG.open_session(tmp_path / "s")
    countersigned(session, Moment.GRID, 1)
    session.wait(3600)
    session.add(Kind.TRIM, Trim(ORIGIN_US, ORIGIN_US + HOUR, "forgot to stop"))
    countersigned(session, Moment.STOP, 31)
    assert told_us(received(session, 40), session) == 0


@pytest.mark.parametrize("offline_s", [0, 1800])
def test_an_honest_session_has_none_however_long_it_was_offline(offline_s: int, tmp_path: Path) -> None:
    session = ORG.open_session(tmp_path / "s")
    passed_s = 0
    for late_s in (1, offline_s, 2):
        session.wait(1800)
        passed_s += 1800
        countersigned(session, Moment.GRID, passed_s + late_s)
    session.wait(1800)
    countersigned(session, Moment.STOP, 4 * 1800 + offline_s)
    assert told_us(received(session, 5 * 1800 + offline_s), session) == 0


@given(
    passed_s=st.lists(st.tuples(st.integers(0, 5000), st.booleans()), min_size=1, max_size=30),
    waits_s=st.lists(st.integers(0, 90_000), min_size=31, max_size=31),
    asked=st.lists(st.booleans(), min_size=31, max_size=31),
    fast=st.integers(0, 500),
    seed=st.integers(0, 2**32),
)
def test_any_work_in_any_order_of_pauses_and_cosignatures_fits_unless_time_was_made(
    passed_s: list[tuple[int, bool]], waits_s: list[int], asked: list[bool], fast: int, seed: int
) -> None:
    """Real time passes in pieces, worked or not; each landmark is countersigned late, or not at all; quartz runs fast."""
    chance = random.Random(seed)  # noqa: S311 - a test's choice
    real_us = laid_us = 0
    intervals: list[Interval] = []
    landmarks, lower, upper = [(1, 0)], {1: -10 * S}, {}
    proved: list[tuple[int, int]] = []
    for number, (length_s, works) in enumerate(passed_s, 2):
        counted_us = length_s * S * (1_000_000 + fast) // 1_000_000
        if counted_us:
            intervals.append(Interval(laid_us, laid_us + counted_us, Span.WORK if works else Span.PAUSE, counts=works))
        real_us, laid_us = real_us + length_s * S, laid_us + counted_us
        landmarks.append((number, laid_us))
        lower[number] = max((time_us for _, time_us in proved if time_us <= real_us), default=-10 * S) // S * S
        if asked[number - 2]:
            proved.append((number, real_us + waits_s[number - 2] * S))
    for number, _ in landmarks:
        upper[number] = min((time_us for seq, time_us in proved if seq >= number), default=None)
    worked_us = sum(one.length_us for one in intervals if one.counts)
    accounted = Account(worked_us, 0, 0, 0, 0, 0, tuple(intervals), 0, laid_us)
    assert beyond_us(accounted, landmarks, lambda seq: (lower[seq], upper[seq])) == 0
    first_work = next((one for one in intervals if one.counts), None)
    if first_work is not None and upper.get(landmarks[-1][0]) is not None:
        made_us = (upper[landmarks[-1][0]] or 0) + 10 * S + (61 + chance.randrange(1000)) * S + worked_us // 500
        longer = [
            Interval(
                one.from_us + (made_us if one.from_us >= first_work.to_us else 0), one.to_us + made_us, one.span, one.counts
            )
            if one.to_us >= first_work.to_us
            else one
            for one in intervals
        ]
        moved = [(seq, at + (made_us if at >= first_work.to_us else 0)) for seq, at in landmarks]
        more = Account(worked_us + made_us, 0, 0, 0, 0, 0, tuple(longer), 0, laid_us + made_us)
        assert beyond_us(more, moved, lambda seq: (lower[seq], upper[seq])) > 0


def test_without_a_lower_or_an_upper_side_nothing_is_compared() -> None:
    rules = AccountRules(crash_counts_s=0, private_counts=False)
    assert beyond_us(account([], rules), [], lambda _: (None, None)) == 0
    one = Account(HOUR, 0, 0, 0, 0, 0, (Interval(0, HOUR, Span.WORK, counts=True),), 0, HOUR)
    for bounds in ((None, 5), (0, None), (None, None)):
        assert beyond_us(one, [(1, 0), (2, HOUR)], lambda _, bounds=bounds: bounds) == 0  # type: ignore[misc] # binds
    assert beyond_us(one, [(1, 0), (2, HOUR)], lambda seq: (0, None) if seq == 1 else (None, 5)) == HOUR - 5
