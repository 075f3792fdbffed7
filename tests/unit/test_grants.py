# SPDX-License-Identifier: Apache-2.0
"""The shelf of grants: a start never waits for a network, and no grant is used twice or late."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from recorder_organisation import DAY_US, Enrolled
from trust_builders import PROJECT
from trust_people import signing_key

from agent.grants import GRANTS_HELD
from agent.opening import open_session
from session import EnvironmentFault, IntegrityFault
from session.trust.directory import Revocation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def trainer(tmp_path: Path) -> Enrolled:
    return Enrolled(tmp_path / "home")


def days(trainer: Enrolled, number: float) -> None:
    trainer.clock.advance(number * 86_400)


def test_an_empty_shelf_gives_nothing_and_wants_twenty(trainer: Enrolled) -> None:
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None
    wishes = trainer.shelf.wanted()
    assert len(wishes) == GRANTS_HELD
    assert len({wish.session_id for wish in wishes}) == GRANTS_HELD
    assert {wish.project for wish in wishes} == {PROJECT}


def test_the_same_is_wanted_again_until_it_is_kept(trainer: Enrolled) -> None:
    first = sorted(trainer.shelf.wanted(), key=lambda wish: wish.session_id)
    assert trainer.shelf.wanted() == first
    trainer.shelf.keep(first[0].session_id, trainer.grant(first[0]))
    assert trainer.shelf.wanted() == first[1:]


def test_a_program_that_ended_before_the_answer_asks_for_the_same_again(trainer: Enrolled) -> None:
    """The platform holds only so many unused grants for a device: a second set of wishes would be refused."""
    first = trainer.shelf.wanted()
    shelf = trainer.open_shelf()
    shelf.forget_orphans()
    assert sorted(shelf.wanted(), key=lambda wish: wish.session_id) == sorted(first, key=lambda wish: wish.session_id)
    shelf.keep(first[3].session_id, trainer.grant(first[3]))
    assert shelf.held() == 1
    assert first[3] not in trainer.open_shelf().wanted()


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff"])
def test_a_wish_that_cannot_be_read_or_has_no_key_makes_room_for_another(trainer: Enrolled, damage: bytes) -> None:
    first, second = list(trainer.shelf.wanted())[:2]
    (trainer.home / "grants" / f"{first.session_id}.wish").write_bytes(damage)
    trainer.store.delete(f"session/{second.session_id}/signing")
    wishes = trainer.shelf.wanted()
    assert len(wishes) == GRANTS_HELD
    assert not {first.session_id, second.session_id} & {wish.session_id for wish in wishes}


def test_the_key_of_a_wish_is_kept_before_anybody_hears_of_it(trainer: Enrolled) -> None:
    wishes = trainer.shelf.wanted()
    assert all(trainer.store.get(f"session/{wish.session_id}/signing") for wish in wishes)


def test_a_full_shelf_wants_nothing(trainer: Enrolled) -> None:
    assert len(trainer.supply()) == GRANTS_HELD
    assert trainer.shelf.wanted() == []
    assert trainer.shelf.held() == GRANTS_HELD


def test_projects_share_the_shelf_and_each_has_at_least_one(trainer: Enrolled) -> None:
    trainer.projects = ["wren", "finch", "rook"]
    wishes = trainer.shelf.wanted()
    assert {project: sum(wish.project == project for wish in wishes) for project in trainer.projects} == {
        "wren": 6,
        "finch": 6,
        "rook": 6,
    }
    trainer.projects = [f"p{number}" for number in range(30)]
    assert len(trainer.open_shelf().wanted()) == 30
    trainer.projects = []
    assert len(trainer.open_shelf().wanted()) == 0


def test_the_oldest_grant_for_project_and_policy_is_taken(trainer: Enrolled) -> None:
    (first,) = trainer.supply(1)
    days(trainer, 1)
    trainer.supply(2)
    taken = trainer.shelf.take(PROJECT, trainer.policy_sha256)
    assert taken is not None
    assert taken.session_id == first
    assert taken.signing.seed == trainer.store.get(f"session/{first}/signing")
    assert taken.directory == trainer.directory
    assert trainer.shelf.take("finch", trainer.policy_sha256) is None
    assert trainer.shelf.take(PROJECT, "0" * 64) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"person": "ben"},
        {"device": "another"},
        {"organisation": "0" * 64},
        {"issued_us": 1},
        {"policy_sha256": "0" * 64},
        {"signed by": "another"},
        {"the directory knows": "another key"},
    ],
    ids=str,
)
def test_a_grant_under_which_no_session_would_verify_is_not_taken(trainer: Enrolled, wrong: dict[str, object]) -> None:
    policy = str(wrong.get("policy_sha256", trainer.policy_sha256))
    if "signed by" in wrong:
        trainer.org.grant_key = trainer.org.witness_key
        wrong = {}
    elif "the directory knows" in wrong:
        trainer.org.trainer = replace(trainer.org.trainer, person_key=trainer.org.witness_key)
        trainer.directory = trainer.org.directory_bytes()
        wrong = {}
    assert trainer.supply(1, **wrong)
    assert trainer.shelf.take(PROJECT, policy) is None


def test_a_grant_stays_until_its_session_has_begun(trainer: Enrolled) -> None:
    (only,) = trainer.supply(1)
    for _ in range(2):
        taken = trainer.shelf.take(PROJECT, trainer.policy_sha256)
        assert taken is not None
        assert taken.session_id == only
    trainer.shelf.used(only)
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None
    assert trainer.store.get(f"session/{only}/signing"), "the key is the session's now"


def test_a_crash_between_start_and_used_does_not_use_a_grant_twice(trainer: Enrolled) -> None:
    (only,) = trainer.supply(1)
    grant = trainer.shelf.take(PROJECT, trainer.policy_sha256)
    opened = open_session(
        trainer.spool,
        store=trainer.store,
        clock=trainer.clock,
        identity=trainer.identity,
        terms=trainer.terms,
        agent="test",
        grant=grant,
    )
    opened.journal.close()
    shelf = trainer.open_shelf()
    assert shelf.take(PROJECT, trainer.policy_sha256) is None
    shelf.forget_orphans()
    assert trainer.store.get(f"session/{only}/signing"), "the session goes on"
    assert not (trainer.home / "grants" / f"{only}.dsse").exists()


def test_what_ran_out_leaves_the_shelf_with_its_key(trainer: Enrolled) -> None:
    (only,) = trainer.supply(1)
    days(trainer, 13.99)
    assert trainer.shelf.held() == 1
    days(trainer, 0.01)
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None
    assert len(trainer.shelf.wanted()) == GRANTS_HELD
    (later,) = trainer.supply(1)  # only what the platform gives after that proves that the time has come
    assert trainer.shelf.held() == 1
    assert trainer.store.get(f"session/{only}/signing") is None
    assert trainer.store.get(f"session/{later}/signing") is not None


def test_a_clock_that_stood_ahead_for_a_moment_costs_no_grant(trainer: Enrolled) -> None:
    trainer.supply(3)
    days(trainer, 15)
    assert trainer.shelf.held() == 0
    trainer.open_shelf().forget_orphans()
    days(trainer, -15)
    assert trainer.shelf.held() == 3
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is not None


def test_a_grant_keeps_its_directory_when_a_newer_one_comes(trainer: Enrolled) -> None:
    trainer.supply(1)
    old = trainer.directory
    trainer.org.version = 2
    trainer.directory = trainer.org.directory_bytes()
    taken = trainer.open_shelf().take(PROJECT, trainer.policy_sha256)
    assert taken is not None
    assert taken.directory == old


def test_a_grant_under_a_newer_directory_can_be_used_once_that_has_come(trainer: Enrolled) -> None:
    old = trainer.directory
    trainer.org.version = 2
    newer = trainer.org.directory_bytes()
    wish = trainer.shelf.wanted()[0]
    trainer.shelf.keep(wish.session_id, trainer.grant(wish, directory_sha256=hashlib.sha256(newer).hexdigest()))
    assert trainer.directory == old
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None
    trainer.directory = newer
    taken = trainer.shelf.take(PROJECT, trainer.policy_sha256)
    assert taken is not None
    assert (taken.session_id, taken.directory) == (wish.session_id, newer)


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff" * 40])
def test_a_damaged_grant_leaves_the_shelf_and_is_not_in_the_way(trainer: Enrolled, damage: bytes) -> None:
    first, second = trainer.supply(2)
    (trainer.home / "grants" / f"{first}.dsse").write_bytes(damage)
    taken = trainer.shelf.take(PROJECT, trainer.policy_sha256)
    assert taken is not None
    assert taken.session_id == second
    assert trainer.shelf.held() == 1


def test_a_grant_in_anothers_place_leaves_the_shelf(trainer: Enrolled) -> None:
    first, second = trainer.supply(2)
    grants = trainer.home / "grants"
    (grants / f"{first}.dsse").write_bytes((grants / f"{second}.dsse").read_bytes())
    assert trainer.shelf.held() == 1
    assert not (grants / f"{first}.dsse").exists()


@pytest.mark.parametrize("seed", [None, b"x" * 32])
def test_a_grant_without_its_own_key_is_not_taken(trainer: Enrolled, seed: bytes | None) -> None:
    (only,) = trainer.supply(1)
    trainer.store.delete(f"session/{only}/signing")
    if seed is not None:
        trainer.store.put(f"session/{only}/signing", seed)
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None


def test_grants_are_used_in_the_order_in_which_they_were_given(trainer: Enrolled) -> None:
    given: list[str] = []
    for _ in range(6):
        given += trainer.supply(1)
        days(trainer, 0.1)
    used: list[str] = []
    while (taken := trainer.shelf.take(PROJECT, trainer.policy_sha256)) is not None:
        used.append(taken.session_id)
        trainer.shelf.used(taken.session_id)
    assert used == given


def test_a_directory_that_was_changed_on_disk_is_not_relied_on(trainer: Enrolled) -> None:
    trainer.supply(1)
    (path,) = (trainer.home / "grants").glob("directory-*.dsse")
    path.write_bytes(path.read_bytes() + b" ")
    trainer.org.version = 2
    trainer.directory = trainer.org.directory_bytes()
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None


def test_orphans_go_and_nothing_else_does(trainer: Enrolled) -> None:
    kept = trainer.supply(2)
    trainer.store.put("session/cd/signing", b"of a wish that a program which was killed never told anybody")
    (trainer.spool / "ab").mkdir()
    trainer.store.put("session/ab/signing", b"of a session in the spool")
    (trainer.home / "grants" / f"directory-{'0' * 64}.dsse").write_bytes(b"old")
    wished = [wish.session_id for wish in trainer.shelf.wanted()]
    trainer.open_shelf().forget_orphans()
    assert list(trainer.store.names("session/")) == sorted(f"session/{one}/signing" for one in (*kept, *wished, "ab"))
    assert sorted(path.name[:9] for path in (trainer.home / "grants").iterdir() if path.name.startswith("dir")) == [
        "directory"
    ]
    assert trainer.store.names(f"person/{trainer.org.fp}/")


def test_what_is_no_grant_is_refused(trainer: Enrolled) -> None:
    wish = trainer.shelf.wanted()[0]
    with pytest.raises(IntegrityFault):
        trainer.shelf.keep(wish.session_id, b"not a grant")


def test_a_shelf_that_cannot_be_written_is_advice(trainer: Enrolled) -> None:
    wish = trainer.shelf.wanted()[0]
    shutil.rmtree(trainer.home / "grants")
    (trainer.home / "grants").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="keeping a grant"):
        trainer.shelf.keep(wish.session_id, trainer.grant(wish))


def test_any_order_of_wishing_taking_using_and_waiting(tmp_path: Path) -> None:
    class ShelfMachine(RuleBasedStateMachine):
        """Every session id is used at most once, and never after its time."""

        number = 0

        def __init__(self) -> None:
            super().__init__()
            ShelfMachine.number += 1
            self.trainer = Enrolled(tmp_path / f"machine {ShelfMachine.number}")
            self.until: dict[str, int] = {}
            self.used: set[str] = set()

        @rule(most=st.integers(0, 4))
        def supply(self, most: int) -> None:
            for session_id in self.trainer.supply(most):
                assert session_id not in self.until
                self.until[session_id] = self.trainer.clock.t_us + 14 * DAY_US

        @rule()
        def begin(self) -> None:
            taken = self.trainer.shelf.take(PROJECT, self.trainer.policy_sha256)
            good = {one for one, until_us in self.until.items() if until_us > self.trainer.clock.t_us} - self.used
            assert (taken is None) == (not good)
            if taken is not None:
                assert taken.session_id in good
                self.used.add(taken.session_id)
                self.trainer.shelf.used(taken.session_id)

        @rule(number=st.sampled_from([0.5, 3.0, 8.0]))
        def wait(self, number: float) -> None:
            days(self.trainer, number)

        @rule()
        def restart(self) -> None:
            self.trainer.shelf = self.trainer.open_shelf()

        @invariant()
        def never_more_than_twenty_are_wanted_or_held(self) -> None:
            held = self.trainer.shelf.held()
            assert held + len(self.trainer.shelf.wanted()) == GRANTS_HELD

    run_state_machine_as_test(
        ShelfMachine,
        settings=settings(
            max_examples=6, stateful_step_count=8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )


@pytest.mark.parametrize("whose", ["grant_key", "witness_key"])
def test_grants_that_rest_on_a_stolen_key_of_the_platform_make_room_for_others(trainer: Enrolled, whose: str) -> None:
    """A session under one would be countersigned by nobody. Up to that moment it is as good as any."""
    trainer.supply()
    old, ended_us = getattr(trainer.org, whose), trainer.clock.t_us + DAY_US
    setattr(trainer.org, whose, signing_key("new"))
    trainer.org.version += 1
    trainer.org.revocations = (Revocation(revoked_key=old.public.hex(), revoked_us=ended_us),)
    trainer.directory = trainer.org.directory_bytes()
    days(trainer, 0.9)
    assert trainer.shelf.held() == GRANTS_HELD
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is not None
    days(trainer, 0.1)
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is None
    assert len(trainer.shelf.wanted()) == GRANTS_HELD
    trainer.supply(1)
    assert trainer.shelf.take(PROJECT, trainer.policy_sha256) is not None
