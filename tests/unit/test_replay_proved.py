# SPDX-License-Identifier: Apache-2.0
"""What is proved of when, in words: bounds of a moment and of the whole, stretches without a countersignature, clocks."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_desks import long_day, verification, witnessed

from session.account.clocks import ClockChanges, ClockStep
from session.events import Checkpoint, Event, Kind, Moment, Start
from session.verify.result import Verification
from session.verify.times import Mark, Stretch, Times
from ui.replay.proved import Proved, proved_lines, span_words, time_words, unsealed_lines
from ui.replay.standing import Standing
from ui.strings import LANGUAGES, Words

EN, IT = Words("en"), Words("it")
S = 1_000_000
NOON = 1_795_435_200_000_000  # 2026-11-23 12:00:00 UTC
D = "0" * 64


def of(times: Times, **changes: object) -> Verification:
    return msgspec.structs.replace(verification(), times=times, **changes)


def records(*seconds: float) -> list[Event]:
    """A START at noon, then a CHECKPOINT at each of these seconds."""
    start = Start("5" * 32, NOON, 9 * S, "boot", "a", 1, D, D, D, D, D, "", "", "", "")
    moments = [round(second * S) for second in seconds]
    checkpoints = [Checkpoint(NOON + at_us, 9 * S + at_us, Moment.GRID, "") for at_us in moments]
    return [Event(1, Kind.START, start)] + [Event(2 + at, Kind.CHECKPOINT, body) for at, body in enumerate(checkpoints)]


BOUNDED = Times(
    not_before_us=NOON - 60 * S,
    not_after_us=NOON + 7200 * S,
    received_us=NOON + 7200 * S,
    claimed_start_us=NOON,
    marks=(Mark(2, NOON + 31 * S, 3), Mark(5, NOON + 91 * S, 6)),
)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (0, "Recorded between 11:59:00 and 12:00:31, by the platform\u2019s clock"),
        (30, "Recorded between 11:59:00 and 12:01:31, by the platform\u2019s clock"),
        (61, "Recorded between 12:00:31 and 12:01:31, by the platform\u2019s clock"),
        (900, "Recorded between 12:00:31 and 12:01:31, by the platform\u2019s clock"),
    ],
)
def test_a_moment_has_the_bounds_of_the_record_that_tells_of_it(second: int, said: str) -> None:
    proved = Proved(of(BOUNDED), records(30, 60, 90), EN, UTC)  # seqs 2, 3 and 4
    assert proved.told(NOON + second * S) == (said,)


def test_open_sides_are_said_as_open() -> None:
    offline = msgspec.structs.replace(BOUNDED, not_before_us=None, not_after_us=None, received_us=None)
    proved = Proved(of(offline), records(30, 60, 90, 120, 150, 180), EN, UTC)
    assert proved.told(NOON) == ("Recorded by 12:00:31, by the platform\u2019s clock",)
    assert proved.told(NOON + 180 * S) == (
        "Recorded after 12:01:31, by the platform\u2019s clock; by when is not confirmed",
    )


@pytest.mark.parametrize("given_up", [None, of(Times()), of(BOUNDED, verified=False)])
def test_where_nothing_is_proved_nothing_is_said(given_up: Verification | None) -> None:
    assert Proved(given_up, records(30), EN, UTC).told(NOON) == ()
    assert Proved(of(BOUNDED), [], EN, UTC).told(NOON) == ()


def test_a_clock_that_was_set_back_leaves_each_moment_its_first_record() -> None:
    events = records(30, 60, -1800, -1770)
    assert Proved(of(BOUNDED), events, EN, UTC).at(NOON + 45 * S) == (NOON - 60 * S, NOON + 92 * S - 1)
    assert Proved(of(BOUNDED), events, EN, UTC).at(NOON - 1800 * S) == (NOON - 60 * S, NOON + 32 * S - 1)


def test_all_that_is_proved_of_a_session_is_told_in_order() -> None:
    times = msgspec.structs.replace(
        BOUNDED,
        longest_us=3660 * S,
        open_stretches=(Stretch(NOON + 60 * S, NOON + 3720 * S),),
        ahead_us=200 * S,
        behind_us=61 * S,
        clock=ClockChanges((ClockStep(NOON + 3600 * S, -3600 * S), ClockStep(NOON + 3700 * S, 5 * S)), -3 * S),
    )
    assert proved_lines(of(times, opening="offline", continues="ab" * 16), EN, UTC)[1:] == (
        f"It goes on from session {'ab' * 16}, of which countersigned records were lost.",
        "Begun after 11:59:00 and complete by 14:00:00, by the platform\u2019s clock.",
        "It began offline, with no grant at hand: when it began, only the computer\u2019s own clock says.",
        "At most 1 h 1 min passed between one countersignature and the next.",
        "Not countersigned from 12:01:00 to 13:02:00: what was recorded then was confirmed afterwards.",
        "The clock of the computer was at least 3 min 20 s ahead of the platform\u2019s.",
        "The clock of the computer was at least 1 min 1 s behind the platform\u2019s.",
        "The clock of the computer was set back by 1 h at 13:00:00.",
        "The clock of the computer was set forward by 5 s at 13:01:40.",
        "The clock of the computer was moved back little by little, by 3 s in all.",
        "Computers correct their clocks by themselves. Work time goes by another clock, which nobody sets.",
    )


def test_a_clock_that_was_right_needs_no_words() -> None:
    assert proved_lines(of(BOUNDED), EN, UTC)[1:] == (
        "Begun after 11:59:00 and complete by 14:00:00, by the platform\u2019s clock.",
    )
    assert proved_lines(of(BOUNDED, verified=False), EN, UTC) == (BOUNDED.sentence,)


def test_a_whole_day_reads_the_same_in_both_languages() -> None:
    times = witnessed(long_day().tape.events, ahead_s=200)
    assert times.ahead_us == 198 * S + 1  # each cosignature comes a second later, and its second counts to its end
    lines = {name: proved_lines(of(times), Words(name), ZoneInfo("Europe/Rome")) for name in LANGUAGES}
    assert len({len(told) for told in lines.values()}) == 1
    assert any("almeno 3 min" in line for line in lines["it"])
    assert not set(lines["en"]) & set(lines["it"])


def test_a_session_that_runs_says_how_its_clock_was_set() -> None:
    events = [*records(30, 60), *(msgspec.structs.replace(e, seq=e.seq + 9) for e in set_back())]
    assert unsealed_lines(events, EN, UTC, NOON) == ("The clock of the computer was set back by 1 h at 12:01:30.",)
    assert unsealed_lines(records(30, 60), EN, UTC, NOON) == ()


def set_back() -> list[Event]:
    bodies = [Checkpoint(NOON + (at - 3600) * S, (9 + at) * S, Moment.GRID, "") for at in (90, 120)]
    return [Event(at, Kind.CHECKPOINT, body) for at, body in enumerate(bodies)]


def test_the_header_knows_the_bounds_of_what_verifies_alone() -> None:
    bounds = NOON - 60 * S, NOON + 7200 * S
    for sound in (of(BOUNDED), of(BOUNDED, trusted=False), of(BOUNDED, lost=3)):
        standing = Standing.of(sound, EN)
        assert (standing.not_before_us, standing.not_after_us) == bounds
    for other in (None, of(BOUNDED, verified=False), of(BOUNDED, self_signed=True)):
        standing = Standing.of(other, EN)
        assert (standing.not_before_us, standing.not_after_us) == (None, None)


@pytest.mark.parametrize(
    ("length_us", "said"),
    [
        (0, "0 s"),
        (999_999, "0 s"),
        (200 * S, "3 min 20 s"),
        (3600 * S, "1 h"),
        (7500 * S, "2 h 5 min"),
        (365 * 86400 * S, "8,760 h"),
    ],
)
def test_lengths_are_short(length_us: int, said: str) -> None:
    assert span_words(length_us) == said


def test_a_time_of_another_day_carries_its_date() -> None:
    assert time_words(NOON, UTC, NOON + 3600 * S) == "12:00:00"
    assert time_words(NOON - 86400 * S, UTC, NOON) == "2026-11-22 12:00:00"
    assert time_words(NOON + 11 * 3600 * S, ZoneInfo("Europe/Rome"), NOON) == "2026-11-24 00:00:00"


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=20), st.integers(-60, 8000))
def test_bounds_never_cross(seconds: list[int], second: int) -> None:
    begin_us, end_us = Proved(of(BOUNDED), records(*seconds), EN, UTC).at(NOON + second * S)
    assert begin_us is not None
    assert end_us is not None
    assert begin_us <= end_us


def test_many_stretches_are_counted_and_an_end_that_nobody_confirmed_is_said_so() -> None:
    marks = tuple(Mark(at, NOON + 100 * at * S, at) for at in range(2, 20))
    times = msgspec.structs.replace(
        BOUNDED,
        received_us=None,
        not_after_us=None,
        last_us=marks[-1].time_us,
        marks=marks,
        open_stretches=(
            *(Stretch(NOON + 100 * at * S, NOON + 100 * (at + 1) * S) for at in range(2, 19)),
            Stretch(marks[-1].time_us, NOON + 9000 * S),
        ),
    )
    told = [line for line in proved_lines(of(times), EN, UTC) if "countersign" in line]
    assert len(told) == 13
    assert told[-2:] == [
        "Not countersigned from 12:31:40 to 14:30:00, and not confirmed yet.",
        "And 6 shorter stretches without a countersignature.",
    ]
    assert told[0].endswith("what was recorded then was confirmed afterwards.")
    whole = msgspec.structs.replace(times, received_us=NOON + 9500 * S)
    assert "and not confirmed yet" not in " ".join(proved_lines(of(whole), EN, UTC))
