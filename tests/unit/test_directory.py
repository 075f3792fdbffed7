# SPDX-License-Identifier: Apache-2.0
"""The directory: the root's word, never an older or another one, and review keys by epoch."""

from __future__ import annotations

import msgspec
import pytest
from trust_builders import DAY_US, ORIGIN_US, PROJECT, Organisation, member, organisation, signing_key

from session import InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.trust.directory import (
    Directory,
    Revocation,
    accept,
    issue_review_key,
    open_directory,
    open_review_key,
    platform_fingerprint,
    sign_directory,
)

replace = msgspec.structs.replace


@pytest.fixture
def org() -> Organisation:
    return organisation()


def test_what_the_root_signed_is_opened(org: Organisation) -> None:
    assert open_directory(org.directory_bytes(), org.root.public) == org.directory
    assert open_directory(org.directory_bytes()) == org.directory


def test_another_root_is_refused(org: Organisation) -> None:
    with pytest.raises(IntegrityFault, match="signed by"):
        open_directory(org.directory_bytes(), signing_key("another root").public)
    with pytest.raises(InputFault, match="root_key"):
        sign_directory(org.directory, signing_key("another root"))


def test_a_directory_under_a_self_made_root_has_another_fingerprint(org: Organisation) -> None:
    forger = signing_key("forger")
    forged = replace(org.directory, root_key=forger.public.hex())
    with pytest.raises(InputFault, match="organisation"):
        sign_directory(forged, forger)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: {"issued_us": d.expires_us}, "expires_us"),
        (lambda d: {"people": d.people * 2}, "people.id"),
        (lambda d: {"projects": d.projects * 2}, "projects.id"),
        (lambda d: {"policies": d.policies * 2}, "policies"),
        (lambda _: {"policies": ()}, "policy_sha256"),
        (lambda d: {"people": (replace(d.people[0], roles=("king",)),)}, "roles"),
        (lambda d: {"platform": replace(d.platform, witness_name="x")}, "witness_name"),
        (lambda d: {"platform": replace(d.platform, receipt_key=d.platform.grant_key)}, "four different keys"),
        (lambda d: {"projects": (replace(d.projects[0], review_keys=d.projects[0].review_keys * 2),)}, "epoch"),
        (lambda _: {"version": 0}, "version"),
        (lambda _: {"root_key": "zz" * 32}, "root_key"),
    ],
)
def test_a_directory_that_contradicts_itself_is_named(org: Organisation, change: object, named: str) -> None:
    with pytest.raises(InputFault, match=named):
        sign_directory(replace(org.directory, **change(org.directory)), org.root)  # type: ignore[operator]


class TestAccept:
    def test_the_first_and_the_same_and_a_higher_one(self, org: Organisation) -> None:
        held = org.directory_bytes()
        assert accept(None, held, org.root.public).version == 1
        assert accept(held, held, org.root.public).version == 1
        org.version = 2
        assert accept(held, org.directory_bytes(), org.root.public).version == 2

    def test_a_lower_one_is_a_rollback(self, org: Organisation) -> None:
        old = org.directory_bytes()
        org.version = 2
        with pytest.raises(IntegrityFault, match=r"version 1 is lower than 2.*rolled back"):
            accept(org.directory_bytes(), old, org.root.public)

    def test_the_same_version_with_other_content_is_a_fork(self, org: Organisation) -> None:
        held = org.directory_bytes()
        org.expires_us += 1
        with pytest.raises(IntegrityFault, match=r"version 1.*forked"):
            accept(held, org.directory_bytes(), org.root.public)

    def test_another_root_is_refused_whatever_its_version(self, org: Organisation) -> None:
        other = organisation(root=signing_key("another root"), version=9)
        with pytest.raises(IntegrityFault):
            accept(org.directory_bytes(), other.directory_bytes(), org.root.public)


def test_no_byte_can_change(org: Organisation) -> None:
    raw = org.directory_bytes()
    for place in range(0, len(raw), 7):
        with pytest.raises(IntegrityFault):
            open_directory(raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :], org.root.public)


class TestReviewKeys:
    def test_a_reviewer_opens_the_epoch_that_was_granted(self, org: Organisation) -> None:
        assert org.epoch_key().public.hex() == org.review_keys[0].public_key

    def test_nobody_else_opens_it(self, org: Organisation) -> None:
        key = org.review_keys[0]
        with pytest.raises(IntegrityFault, match="not granted"):
            open_review_key(org.fp, PROJECT, key, "ada", org.trainer.reading)
        with pytest.raises(IntegrityFault):
            open_review_key(org.fp, PROJECT, key, "ben", ReadingKey.generate())

    def test_a_wrap_holds_for_one_organisation_project_and_epoch(self, org: Organisation) -> None:
        key, ben = org.review_keys[0], org.reviewer.reading
        for fp, project, epoch in (("0" * 64, PROJECT, 1), (org.fp, "finch", 1), (org.fp, PROJECT, 2)):
            with pytest.raises(IntegrityFault):
                open_review_key(fp, project, replace(key, epoch=epoch), "ben", ben)

    def test_a_key_that_is_not_the_listed_one_is_refused(self, org: Organisation) -> None:
        other = ReadingKey.generate().public.hex()
        with pytest.raises(IntegrityFault, match="not the one that the directory names"):
            open_review_key(org.fp, PROJECT, replace(org.review_keys[0], public_key=other), "ben", org.reviewer.reading)

    def test_each_epoch_has_a_key_of_its_own_for_its_reviewers_alone(self, org: Organisation) -> None:
        cleo = member("cleo", "reviewer")
        people = (org.reviewer.listed(), cleo.listed())
        second = issue_review_key(org.fp, PROJECT, 2, people, from_us=ORIGIN_US, until_us=ORIGIN_US + DAY_US)
        assert second.public_key != org.review_keys[0].public_key
        assert open_review_key(org.fp, PROJECT, second, "cleo", cleo.reading).public.hex() == second.public_key
        with pytest.raises(IntegrityFault, match="not granted"):
            open_review_key(org.fp, PROJECT, org.review_keys[0], "cleo", cleo.reading)

    def test_the_newest_epoch_in_force_is_used(self, org: Organisation) -> None:
        org.review_keys += (org.issue(2, ORIGIN_US, ORIGIN_US + 90 * DAY_US),)
        project = org.directory.project(PROJECT)
        assert project is not None
        at = [(-1, 1), (0, 2), (DAY_US, 2), (89 * DAY_US, 2)]
        assert [getattr(project.review_key_at(ORIGIN_US + t_us), "epoch", None) for t_us, _ in at] == [e for _, e in at]
        assert project.review_key_at(ORIGIN_US + 90 * DAY_US) is None


def test_validity_and_revocation_are_moments(org: Organisation) -> None:
    revoked = org.trainer.device_key.public.hex()
    org.revocations = (Revocation(revoked_key=revoked, revoked_us=9), Revocation(revoked_key=revoked, revoked_us=5))
    directory: Directory = open_directory(org.directory_bytes())
    assert directory.revoked_us(revoked) == 5
    assert directory.revoked_us("0" * 64) is None
    assert directory.valid_at(org.issued_us)
    assert not directory.valid_at(org.issued_us - 1)
    assert not directory.valid_at(org.expires_us)
    assert directory.person("nobody") is None
    assert directory.project("nothing") is None


def test_the_words_of_a_platforms_keys_are_of_each_key_in_its_place() -> None:
    keys = [bytes([at]) * 32 for at in range(4)]
    whole = platform_fingerprint(*keys)
    changed = [platform_fingerprint(*keys[:at], bytes(32 * [9]), *keys[at + 1 :]) for at in range(4)]
    assert len({whole, *changed, platform_fingerprint(keys[1], keys[0], *keys[2:])}) == 6
