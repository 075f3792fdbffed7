# SPDX-License-Identifier: Apache-2.0
"""Counts of a person's own sessions, their two shares, and who is added up with whom."""

from __future__ import annotations

import base64
import hashlib
import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trust_people import DAY_US, ORIGIN_US, reading_key, signing_key

from session import InputFault, IntegrityFault
from session.crypto.hpke import wrap
from session.events import FindingRecord
from session.rates.counts import (
    PERIOD_US,
    QUESTIONS_MOST,
    SESSIONS_MOST,
    WIDTH,
    Count,
    Question,
    begins_us,
    count,
    counts_of,
    period_of,
    possible,
    vector_of,
)
from session.rates.report import (
    ADMINS_MOST,
    Posted,
    RatesReport,
    SeedWrap,
    commitment,
    make_report,
    open_seed,
    posted_share,
    seed_info,
)
from session.rates.rows import PEOPLE_LEAST, Cell, covers, grouped
from session.rates.shares import SEED_BYTES, SHARE_BYTES, joined, mask, share_of, summed
from session.rates.shown import Own
from session.trust.statements import open_statement, sign

PASTE, TYPING = Question("large-paste", 1, "a"), Question("regular-typing", 2, "b")
ASKED = (PASTE, TYPING)
ORG = "5" * 64
SEEDS = st.binary(min_size=SEED_BYTES, max_size=SEED_BYTES)
VECTORS = st.lists(st.integers(0, 2**20), min_size=WIDTH, max_size=WIDTH).map(tuple)


def finding(asked: Question, state: str, *, shadow: int = 1) -> FindingRecord:
    named = (asked.detector, asked.version, state, "B", 0, 0, asked.calibration)
    return FindingRecord(ORIGIN_US, *named, (), "e", (), shadow)


def test_periods_are_four_weeks_that_join_without_a_gap() -> None:
    period = period_of(ORIGIN_US)
    assert begins_us(period) <= ORIGIN_US < begins_us(period + 1)
    assert begins_us(period + 1) - begins_us(period) == PERIOD_US == 28 * DAY_US
    assert period_of(begins_us(period)) == period_of(begins_us(period + 1) - 1) == period


def test_a_session_counts_once_for_a_question_and_abstaining_is_no_answer() -> None:
    sessions = [
        [finding(PASTE, "raised"), finding(PASTE, "clear"), finding(TYPING, "not evaluated")],
        [finding(PASTE, "clear"), finding(TYPING, "not evaluated")],
        [],
    ]
    assert count(sessions, ASKED) == (Count(2, 1, 0, 1, 1), Count(0, 0, 2, 0, 0))


def test_what_is_not_on_trial_or_of_another_calibration_is_passed_over() -> None:
    other = msgspec.structs.replace(PASTE, calibration="older")
    sessions = [[finding(PASTE, "raised", shadow=0), finding(other, "raised")]]
    assert count(sessions, ASKED) == (Count(), Count())


def test_no_person_fills_a_sum() -> None:
    assert count([[finding(PASTE, "raised")]] * 300, (PASTE,)) == (Count(SESSIONS_MOST, SESSIONS_MOST, 0, 1, 1),)


@given(st.lists(st.builds(Count, *[st.integers(0, 255)] * 5), max_size=QUESTIONS_MOST))
def test_counts_survive_being_written_as_one_row_of_fixed_width(counts: list[Count]) -> None:
    vector = vector_of(counts)
    assert len(vector) == WIDTH
    assert counts_of(vector, len(counts)) == tuple(counts)


@given(st.lists(st.lists(st.sampled_from(["raised", "clear", "not evaluated"]), max_size=3), max_size=5), st.integers(1, 4))
def test_what_people_count_is_possible_and_stays_so_when_added_up(states: list[list[str]], people: int) -> None:
    (one,) = count([[finding(PASTE, state) for state in session] for session in states], (PASTE,))
    assert possible(Count(*(number * people for number in msgspec.structs.astuple(one))), people)


@pytest.mark.parametrize(
    "claimed",
    [
        Count(1, 2, 0, 1, 1),
        Count(3, 1, 0, 1, 2),
        Count(30, 0, 0, 11, 0),
        Count(256, 0, 0, 1, 0),
        Count(1, 0, 0, 2, 0),
        Count(9, 1, 0, 3, 2),
        Count(600, 256, 0, 9, 1),
        Count(0, 0, 2551, 0, 0),
    ],
)
def test_numbers_that_ten_people_cannot_have_are_seen(claimed: Count) -> None:
    assert not possible(claimed, 10)


@settings(max_examples=25)
@given(st.lists(st.tuples(VECTORS, SEEDS), min_size=1, max_size=4))
def test_the_joined_sum_is_the_sum_of_the_counts(people: list[tuple[tuple[int, ...], bytes]]) -> None:
    total = summed(share_of(vector, seed) for vector, seed in people)
    wanted = tuple(sum(numbers) for numbers in zip(*(vector for vector, _ in people), strict=True))
    assert joined(total, [seed for _, seed in people]) == wanted


@settings(max_examples=25)
@given(VECTORS, VECTORS, SEEDS)
def test_a_share_moves_with_its_mask_alone(one: tuple[int, ...], other: tuple[int, ...], seed: bytes) -> None:
    """For any share and any vector there is exactly one mask: so a share says nothing where the mask is uniform."""
    shares = [joined(share_of(vector, seed), ()) for vector in (one, other)]
    assert all((a - x) % 2**32 == (b - y) % 2**32 for a, b, x, y in zip(*shares, one, other, strict=True))
    assert {len(share_of(vector, seed)) for vector in (one, other)} == {SHARE_BYTES}


@pytest.mark.parametrize("number", [0, 1, 255])
def test_shares_of_one_vector_look_like_chance(number: int) -> None:
    """Each of 256 values of a byte as often as chance has it. Source: chi-square, 255 degrees: 1 in 10^6 beyond 380."""
    chance = random.Random(20)  # noqa: S311 - to be repeated, not to be secret
    seen = Counter(b"".join(share_of((number,) * WIDTH, chance.randbytes(SEED_BYTES)) for _ in range(200)))
    wanted = 200 * SHARE_BYTES / 256
    assert sum((seen[value] - wanted) ** 2 / wanted for value in range(256)) < 380


def test_a_sum_without_one_of_its_seeds_is_noise() -> None:
    seeds = [bytes([number]) * SEED_BYTES for number in range(3)]
    total = summed(share_of((1,) * WIDTH, seed) for seed in seeds)
    assert joined(total, seeds) == (3,) * WIDTH
    assert joined(total, seeds[:2]) == tuple((3 - hidden) % 2**32 for hidden in mask(seeds[2]))


def test_a_share_of_another_size_is_refused() -> None:
    with pytest.raises(IntegrityFault, match="has 3 bytes"):
        summed([b"abc"])
    with pytest.raises(IntegrityFault, match="has 0 bytes"):
        joined(b"", ())


CELLS = st.builds(Cell, st.sampled_from("pq"), st.sampled_from(["linux-x11", "windows"]), st.sampled_from(["en", "it", ""]))
REPORTS = st.lists(st.tuples(CELLS, st.sampled_from([ASKED, (PASTE,)])), max_size=80)


@given(REPORTS)
def test_rows_have_ten_people_or_more_and_nobody_is_in_two(reports: list[tuple[Cell, tuple[Question, ...]]]) -> None:
    rows, left_out = grouped(reports)
    members = [place for row in rows for place in row.members]
    assert len(set(members)) == len(members) == len(reports) - left_out
    assert all(len(row.members) >= PEOPLE_LEAST for row in rows)
    assert all(covers(row.cell, reports[place][0]) for row in rows for place in row.members)
    assert all(row.questions == reports[place][1] for row in rows for place in row.members)
    outside = Counter(reports[place][1] for place in range(len(reports)) if place not in members)
    assert all(number < PEOPLE_LEAST for number in outside.values())


@given(REPORTS, st.randoms(use_true_random=False))
def test_the_rows_do_not_hang_on_the_order_of_the_reports(
    reports: list[tuple[Cell, tuple[Question, ...]]], chance: random.Random
) -> None:
    order = list(range(len(reports)))
    chance.shuffle(order)
    rows, left_out = grouped(reports)
    others, left = grouped([reports[place] for place in order])
    assert left == left_out
    assert {frozenset(order[place] for place in row.members): row.cell for row in others} == {
        frozenset(row.members): row.cell for row in rows
    }


def test_small_cells_are_joined_without_language_then_system_then_project() -> None:
    cells = [Cell("p", "windows", "en")] * 10 + [Cell("p", "windows", "it")] * 6 + [Cell("p", "windows", "")] * 4
    cells += [Cell("p", "macos", "en")] * 9 + [Cell("p", "linux-x11", "en")] * 1 + [Cell("q", "macos", "en")] * 9
    rows, left_out = grouped([(cell, ASKED) for cell in cells])
    assert [(row.cell, len(row.members)) for row in rows] == [
        (Cell("p", "windows", "en"), 10),
        (Cell("p", "windows"), 10),
        (Cell("p"), 10),
    ]
    assert left_out == 9
    assert [(row.cell, len(row.members)) for row in grouped([(cell, ASKED) for cell in cells[-14:]])[0]] == [(Cell(), 14)]


def test_a_row_covers_what_it_joins_and_nothing_else() -> None:
    one = Cell("p", "windows", "en")
    assert [covers(cell, one) for cell in (one, Cell("p", "windows"), Cell("p"), Cell())] == [True] * 4
    assert [covers(cell, one) for cell in (Cell("q"), Cell("p", "windows", "it"), Cell("p", None, "en"))] == [False] * 3


def report(counts: tuple[Count, ...] = (Count(2, 1, 0, 1, 1), Count()), admins: int = 1, cell: Cell | None = None) -> Posted:
    return make_report(
        signing_key("ada"),
        organisation=ORG,
        person="ada",
        period=738,
        cell=cell or Cell("wren", "linux-x11", "en"),
        questions=ASKED,
        counts=counts,
        admins=[reading_key(f"admin {number}").public for number in range(admins)],
    )


def opened(posted: Posted) -> RatesReport:
    return open_statement(posted.report.encode(), RatesReport, signing_key("ada").public)


def test_a_report_and_its_share_give_the_counts_to_each_admin_who_has_the_share_too() -> None:
    posted = report(admins=2)
    told = opened(posted)
    assert (told.subject, told.cell) == ("ada", Cell("wren", "linux-x11", "en"))
    for number in range(2):
        seed = open_seed(told, reading_key("an older one"), reading_key(f"admin {number}"))
        assert counts_of(joined(posted_share(posted, told), [seed]), 2) == (Count(2, 1, 0, 1, 1), Count())
    with pytest.raises(IntegrityFault, match="other admins' keys"):
        open_seed(told, reading_key("admin 2"))


def test_reports_have_one_size_whatever_they_say_and_are_never_twice_the_same() -> None:
    nothing, much = report((Count(), Count())), report((Count(255, 255, 255, 1, 1),) * 2)
    assert (len(nothing.report), len(nothing.share)) == (len(much.report), len(much.share))
    assert report().share != report().share
    assert opened(report(cell=Cell())).cell == Cell("", "", "")


def test_a_share_that_was_not_signed_for_is_refused() -> None:
    posted, other = report(), report()
    with pytest.raises(IntegrityFault, match="not the one that its author signed"):
        posted_share(msgspec.structs.replace(posted, share=other.share), opened(posted))
    short = base64.b64encode(b"short").decode()
    told = msgspec.structs.replace(opened(posted), commit=commitment(base64.b64decode(posted.salt), b"short"))
    with pytest.raises(IntegrityFault, match="not the one that its author signed"):
        posted_share(msgspec.structs.replace(posted, share=short), told)
    with pytest.raises(IntegrityFault, match="not the one that its author signed"):
        posted_share(msgspec.structs.replace(posted, salt=other.salt), opened(posted))


def test_an_admin_who_knows_the_very_counts_cannot_test_them_against_a_report() -> None:
    """With the seed the share of any guess can be made; nothing in the report tells whether it is the right one."""
    counts = (Count(2, 1, 0, 1, 1), Count())
    posted = report(counts)
    share = share_of(vector_of(counts), open_seed(opened(posted), reading_key("admin 0")))
    assert posted_share(posted, opened(posted)) == share
    guesses = {hashlib.sha256(share).hexdigest(), commitment(b"", share), commitment(bytes(SEED_BYTES), share)}
    assert not [one for one in guesses if one in posted.report or one in str(opened(posted))]
    assert posted.salt not in posted.report


@pytest.mark.parametrize("field", ["organisation", "person", "period"])
def test_a_seed_belongs_to_one_organisation_person_and_period(field: str) -> None:
    told = opened(report())
    moved = msgspec.structs.replace(told, **{field: {"organisation": "6" * 64, "person": "ben", "period": 739}[field]})
    with pytest.raises(IntegrityFault, match="does not open"):
        open_seed(moved, reading_key("admin 0"))


def test_a_seed_of_another_length_is_refused() -> None:
    told, admin = opened(report()), reading_key("admin 0")
    recipient = hashlib.sha256(admin.public).hexdigest()
    sealed = wrap(b"short", admin.public, seed_info(ORG, "ada", 738, recipient))
    wraps = (SeedWrap(recipient=recipient, wrapped=base64.b64encode(sealed).decode()),)
    with pytest.raises(IntegrityFault, match="has not 32 bytes"):
        open_seed(msgspec.structs.replace(told, wraps=wraps), admin)


def test_a_report_is_for_one_admin_at_least_and_for_so_many_at_most() -> None:
    for admins in (0, ADMINS_MOST + 1):
        with pytest.raises(InputFault, match="wraps"):
            report(admins=admins)
    assert len(report(admins=ADMINS_MOST).report) < 64 * 1024


def test_who_signed_a_report_is_checked() -> None:
    forged = sign(opened(report()), signing_key("ben"))
    with pytest.raises(IntegrityFault, match="signed by key"):
        open_statement(forged, RatesReport, signing_key("ada").public)


def test_what_is_shown_says_what_may_become_of_it_and_may_leave_the_language_out() -> None:
    def shown(state: str) -> Own:
        return Own(740, 1, 2, 3, 4, 0, Cell("wren", "linux-x11", "it"), ASKED, (Count(), Count()), state)  # type: ignore[arg-type]

    able = [state for state in ("running", "few", "open", "begun", "sent", "declined", "over") if shown(state).may_be_sent]
    assert able == ["open", "begun", "declined"]
    assert shown("open").without_language() == msgspec.structs.replace(shown("open"), cell=Cell("wren", "linux-x11", ""))
