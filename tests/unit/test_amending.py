# SPDX-License-Identifier: Apache-2.0
"""What a signature of the admin changes: epochs that follow the reviewers, revocations that stay, wraps that end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from trust_builders import DAY_US, ORIGIN_US, PROJECT, Organisation, member, organisation

from fairwitness.amending import (
    EPOCH_DAYS,
    forgotten_us,
    renewed,
    reviewers,
    with_earlier_epochs,
    with_people,
    with_revocations,
    without_old_wraps,
    without_person,
)
from fairwitness.doctor import runs_out
from session import InputFault, IntegrityFault
from session.trust.directory import Directory, ReviewKey, open_review_key, sign_directory
from session.trust.lifetime import RENEW_DAYS, WARN_DAYS, Due, Term, due
from ui.ends import asking_words, day_words
from ui.strings import Words

NOW_US = ORIGIN_US + DAY_US
EVE, BO, DORA = member("eve", "admin"), member("bo", "reviewer"), member("dora", "reviewer")


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def held(org: Organisation) -> Directory:
    """An organisation with an admin, a trainer, and Bo as its one reviewer, in whose first epoch we are."""
    people = (EVE.listed(), member("ada", "trainer").listed(), BO.listed())
    project = replace(org.directory.projects[0], review_keys=())
    lasting_us = NOW_US + 365 * DAY_US
    empty = replace(org.directory, people=people[:2], projects=(project,), revocations=(), expires_us=lasting_us)
    return with_people(empty, people, NOW_US)


def keys_of(directory: Directory) -> tuple[ReviewKey, ...]:
    project = directory.project(PROJECT)
    assert project is not None
    return project.review_keys


def holders(key: ReviewKey) -> list[str]:
    return [one.person for one in key.wraps]


def test_a_reviewer_whose_keys_are_revoked_reads_nothing_sealed_from_then_on(held: Directory, org: Organisation) -> None:
    both = with_people(held, (*held.people, DORA.listed()), NOW_US + 1)
    revoked = with_revocations(both, [BO.person_key.public.hex()], NOW_US, NOW_US + 2)
    assert [holders(one) for one in keys_of(revoked)] == [["bo"], ["bo", "dora"], ["dora"]]
    now = keys_of(revoked)[-1]
    assert (now.from_us, now.until_us) == (NOW_US + 2, NOW_US + 2 + EPOCH_DAYS * DAY_US)
    with pytest.raises(IntegrityFault, match="not granted to bo"):
        open_review_key(held.organisation, PROJECT, now, "bo", BO.reading)
    assert open_review_key(held.organisation, PROJECT, now, "dora", DORA.reading).public.hex() == now.public_key
    assert reviewers(revoked, PROJECT) == (DORA.listed(),)
    sign_directory(revoked, org.root)  # it contradicts itself nowhere


def test_a_device_that_is_revoked_changes_no_review_key(held: Directory) -> None:
    revoked = with_revocations(held, [BO.device_key.public.hex()], NOW_US, NOW_US)
    assert keys_of(revoked) == keys_of(held)
    assert revoked.revoked_us(BO.device_key.public.hex()) == NOW_US


def test_new_keys_after_a_revocation_are_granted_the_next_epoch(held: Directory) -> None:
    revoked = with_revocations(held, [BO.person_key.public.hex()], NOW_US, NOW_US + 1)
    again = replace(BO.listed(), person_key=DORA.person_key.public.hex(), reading_key=DORA.reading.public.hex())
    back = with_people(revoked, (*revoked.people[:-1], again), NOW_US + 2)
    assert [holders(one) for one in keys_of(back)] == [["bo"], [], ["bo"]]
    open_review_key(held.organisation, PROJECT, keys_of(back)[-1], "bo", DORA.reading)


def test_a_revocation_is_never_later_or_still_to_come_and_may_be_moved_back(held: Directory) -> None:
    key = BO.device_key.public.hex()
    revoked = with_revocations(held, [key], NOW_US - 10, NOW_US)
    for since_us in (NOW_US - 10, NOW_US - 5):
        with pytest.raises(InputFault, match=r"^since: it is revoked already"):
            with_revocations(revoked, [key], since_us, NOW_US)
    for since_us in (NOW_US + 1, 0, -1):
        with pytest.raises(InputFault, match=r"^since: a key is revoked as of a time that is past"):
            with_revocations(held, [key], since_us, NOW_US)
    assert with_revocations(revoked, [key], NOW_US - 11, NOW_US).revoked_us(key) == NOW_US - 11


def test_who_is_removed_is_gone_and_reads_nothing_sealed_later(held: Directory) -> None:
    removed = without_person(held, "bo", NOW_US + 5)
    assert removed.person("bo") is None
    assert holders(keys_of(removed)[-1]) == []
    assert keys_of(removed)[-2].until_us == NOW_US + 5
    without_trainer = without_person(held, "ada", NOW_US + 5)
    assert keys_of(without_trainer) == keys_of(held)
    with pytest.raises(InputFault, match=r"^person: the directory has no “nobody”"):
        without_person(held, "nobody", NOW_US)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: without_person(held, "eve", NOW_US),
        lambda held: with_revocations(held, [EVE.person_key.public.hex()], NOW_US, NOW_US),
        lambda held: with_people(held, held.people[1:], NOW_US),
    ],
)
def test_the_last_admin_with_keys_that_hold_stays(held: Directory, change: object) -> None:
    with pytest.raises(InputFault, match=r"^roles: without an admin"):
        change(held)  # type: ignore[operator]


def test_a_review_key_is_followed_by_the_next_before_it_ends(held: Directory) -> None:
    end_us = keys_of(held)[-1].until_us
    assert renewed(held, end_us - (RENEW_DAYS + 1) * DAY_US, RENEW_DAYS) is None
    now_us = end_us - RENEW_DAYS * DAY_US
    new = renewed(held, now_us, RENEW_DAYS)
    assert new is not None
    before, after = keys_of(new)
    assert before.until_us == after.from_us == now_us
    assert holders(after) == ["bo"]
    project = new.project(PROJECT)
    assert project is not None
    assert [project.review_key_at(t_us) for t_us in (now_us - 1, now_us, end_us)] == [before, after, after]


def test_a_directory_whose_own_end_is_near_is_signed_anew_as_it_is(held: Directory) -> None:
    near = replace(held, expires_us=NOW_US + RENEW_DAYS * DAY_US)
    assert renewed(near, NOW_US, RENEW_DAYS) == near


@given(st.lists(st.integers(0, 200), max_size=8), st.integers(0, 10_000))
def test_however_often_the_office_opens_no_moment_has_two_review_keys(opened_days: Sequence[int], probe_h: int) -> None:
    people = (EVE.listed(), BO.listed())
    org = organisation()
    start = replace(org.directory, people=people[:1], projects=(replace(org.directory.projects[0], review_keys=()),))
    held, now_us = with_people(start, people, NOW_US), NOW_US
    for days in opened_days:
        now_us += days * DAY_US
        held = renewed(held, now_us, RENEW_DAYS) or held
    at_us = NOW_US + probe_h * DAY_US // 24
    assert len([one for one in keys_of(held) if one.from_us <= at_us < one.until_us]) <= 1
    assert sum(one.from_us <= now_us < one.until_us for one in keys_of(held)) == 1
    if all(days <= RENEW_DAYS for days in opened_days):  # then there was never a moment without one
        spans = [(one.from_us, one.until_us) for one in keys_of(held)]
        assert all(until == begin for (_, until), (begin, _) in pairwise(spans))


def test_wraps_go_when_the_retention_of_every_session_is_over(held: Directory) -> None:
    early = with_people(held, (*held.people, DORA.listed()), NOW_US + 1)  # an early end, which not every computer hears of
    last_us = NOW_US + EPOCH_DAYS * DAY_US
    assert forgotten_us(keys_of(early)[0], 30) == last_us + 30 * DAY_US
    assert without_old_wraps(early, last_us + 30 * DAY_US - 1, 30) is None
    emptied = without_old_wraps(early, last_us + 30 * DAY_US, 30)
    assert emptied is not None
    assert [holders(one) for one in keys_of(emptied)] == [[], ["bo", "dora"]]
    assert [one.public_key for one in keys_of(emptied)] == [one.public_key for one in keys_of(early)]
    assert without_old_wraps(emptied, last_us + 30 * DAY_US, 30) is None


def test_a_reviewer_hands_earlier_epochs_on_and_nobody_else_can(held: Directory) -> None:
    both = with_people(held, (*held.people, DORA.listed()), NOW_US + 1)
    granted, which = with_earlier_epochs(both, PROJECT, "dora", "bo", BO.reading)
    assert which == (1,)
    first = keys_of(granted)[0]
    assert open_review_key(held.organisation, PROJECT, first, "dora", DORA.reading).public.hex() == first.public_key
    with pytest.raises(InputFault, match=r"^project: there is no earlier review key"):
        with_earlier_epochs(granted, PROJECT, "dora", "bo", BO.reading)
    with pytest.raises(InputFault, match=r"^project: there is no earlier review key"):
        with_earlier_epochs(both, PROJECT, "dora", "eve", EVE.reading)
    with pytest.raises(InputFault, match=r"^person: “ada” is no reviewer"):
        with_earlier_epochs(both, PROJECT, "ada", "bo", BO.reading)
    with pytest.raises(InputFault, match=r"^project: the directory has no project"):
        with_earlier_epochs(both, "other", "dora", "bo", BO.reading)


class TestDue:
    def test_what_ends_soon_is_named_with_its_days(self, held: Directory) -> None:
        end_us = keys_of(held)[-1].until_us
        assert due(held, end_us - WARN_DAYS * DAY_US - 1, WARN_DAYS) == ()
        assert due(held, end_us - WARN_DAYS * DAY_US, WARN_DAYS) == (Due(Term.REVIEW_KEY, PROJECT, end_us, WARN_DAYS),)
        assert [one.days for one in due(held, end_us - 1, WARN_DAYS)] == [1]
        (over,) = due(held, end_us, WARN_DAYS)
        assert over.over
        assert over.until_us == end_us

    def test_the_directory_comes_first(self, held: Directory) -> None:
        (first, second) = due(replace(held, expires_us=NOW_US + 1), keys_of(held)[-1].until_us, WARN_DAYS)
        assert (first.term, first.over, second.project) == (Term.DIRECTORY, True, PROJECT)

    def test_a_key_with_one_to_follow_it_is_not_due_and_a_hole_is(self, held: Directory) -> None:
        (first,) = keys_of(held)

        def with_second(from_us: int) -> Directory:
            second = replace(first, epoch=2, from_us=from_us, until_us=first.until_us + 90 * DAY_US)
            return replace(held, projects=(replace(held.projects[0], review_keys=(second, first)),))

        assert due(with_second(first.until_us), first.until_us - 1, WARN_DAYS) == ()
        assert len(due(with_second(first.until_us + 1), first.until_us - 1, WARN_DAYS)) == 1

    def test_who_asks_what_is_wrong_reads_it_and_who_mends_it(self, held: Directory) -> None:
        end_us = keys_of(held)[-1].until_us
        assert runs_out(held, end_us - WARN_DAYS * DAY_US - 1) == ""
        day = day_words(end_us, Words("en"))
        for left_us, words in (
            (3 * DAY_US, f"ends in 3 days, on {day}"),
            (1, f"ends within 1 day, on {day}"),
            (0, "has ended"),
        ):
            said = runs_out(held, end_us - left_us)
            assert said.startswith(f"The review key of {held.projects[0].name} {words}. Without one")
            assert "fairwitness admin" in said
        assert Words("en")("due.directory.over") in runs_out(replace(held, expires_us=NOW_US + 1), NOW_US + 1)

    @pytest.mark.parametrize("language", ["en", "it"])
    def test_whoever_cannot_renew_reads_whom_to_ask(self, held: Directory, language: str) -> None:
        words, end_us = Words(language), keys_of(held)[-1].until_us
        near = due(replace(held, expires_us=end_us), end_us - DAY_US, WARN_DAYS)
        told = asking_words(near, {PROJECT: "Essays"}, words, UTC)
        day = day_words(end_us, words, UTC)
        assert told.count(day) == 2
        assert "Essays" in told
        assert told.endswith(words("due.ask"))
        assert asking_words((), {}, words) == ""
        bare = replace(held, projects=(replace(held.projects[0], review_keys=()),))
        assert asking_words(due(bare, NOW_US, WARN_DAYS), {}, words).startswith(
            words("due.review_key.none", project=PROJECT)
        )

    def test_a_project_without_any_key_is_due(self, held: Directory) -> None:
        bare = replace(held, projects=(replace(held.projects[0], review_keys=()),))
        assert due(bare, NOW_US, WARN_DAYS) == (Due(Term.REVIEW_KEY, PROJECT, 0, 0),)
