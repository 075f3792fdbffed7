# SPDX-License-Identifier: Apache-2.0
"""A review key whose retention is over: what reviewers' computers do about it, and what nobody can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from review_people import Asking, Team
from server_running import running
from verifier_both import both

from fairwitness.amending import without_old_wraps
from fairwitness.epochs import ended, forget_copies
from fairwitness.opening import epoch_keys, open_here
from fairwitness.review import Reviews, open_review_desk
from session import EnvironmentFault
from session.events import Kind
from session.reader import content_keys_for_reviewer
from session.trust.directory import open_directory
from session.trust.lifetime import DAY_US
from session.verify import TrustAnchor


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path / "platform") as platform:
        yield Team.of(platform, tmp_path / "people")


def desk_of(team: Team) -> Reviews:
    return open_review_desk(team.home("ben"), team.platform.clock)


def retire(team: Team) -> None:
    """The office's directory of some years later, as it signs it then."""
    organisation = team.platform.organisation
    late_us = max(key.until_us for key in organisation.review_keys) + 2000 * DAY_US
    emptied = without_old_wraps(organisation.directory(), late_us, 180)
    assert emptied is not None
    organisation.review_keys = emptied.projects[0].review_keys
    team.platform.publish()


def copy_of(team: Team, session: Asking) -> Path:
    return team.home("ben") / "review" / session.id


def read_kinds(team: Team, folder: Path) -> set[Kind]:
    """The kinds of sealed records that ben's program reads in a folder."""
    events = open_here(folder, team.home("ben")).reader.events()
    return {Kind(event.kind) for event in events if event.body is not None} & {Kind.STATS, Kind.FOCUS, Kind.CAPTURE}


def test_at_the_next_refresh_copies_are_gone_and_nothing_is_opened_by_that_key_any_more(team: Team, tmp_path: Path) -> None:
    old, kept = team.session("old"), team.session("kept elsewhere")
    desk = desk_of(team)
    desk.case(old.id)
    desk.case(kept.id)
    elsewhere = tmp_path / "elsewhere"
    copy_of(team, kept).rename(elsewhere)
    files = [path for path in copy_of(team, old).rglob("*") if path.is_file()]
    held = [path.open("rb") for path in files]
    assert read_kinds(team, elsewhere) == {Kind.STATS, Kind.FOCUS, Kind.CAPTURE}
    retire(team)
    listed = desk.queue()
    assert {one.session_id for one in listed} >= {old.id, kept.id}
    assert not copy_of(team, old).exists()
    assert all(not file.read().strip(b"\0") for file in held)  # what lay there is zeros, also for who has it open
    for file in held:
        file.close()
    assert read_kinds(team, elsewhere) == set()
    desk.case(old.id)  # the platform still has the session: it verifies, and what is sealed stays closed
    assert read_kinds(team, copy_of(team, old)) == set()
    assert both(copy_of(team, old), trust=TrustAnchor(team.platform.organisation.fingerprint)).verified


def test_whoever_kept_their_key_and_an_old_directory_opens_their_copy_whatever_the_program_does(team: Team) -> None:
    """What the record cannot end, and the documents say so: only the removal of the content does."""
    session = team.session("one")
    desk_of(team).case(session.id)
    retire(team)
    folder = copy_of(team, session)
    (key,) = epoch_keys(folder, team.people["ben"].reading_key)
    assert content_keys_for_reviewer(folder, key)


def test_copies_of_epochs_that_go_on_and_what_cannot_be_read_stay(team: Team) -> None:
    session = team.session("one")
    desk_of(team).case(session.id)
    copies = team.home("ben") / "review"
    for name, seal in (("no seal", None), ("a damaged one", b"{}")):
        (copies / name).mkdir()
        if seal is not None:
            (copies / name / "seal.dsse").write_bytes(seal)
    in_force = open_directory(team.platform.admin.client.get("/v1/directory").content)
    assert not ended(in_force)
    assert forget_copies(copies, in_force) == 0
    (project, other) = in_force.projects
    gone = replace(project.review_keys[0], wraps=())
    over = replace(in_force, projects=(replace(project, review_keys=(gone,)), other))
    assert ended(over) == {gone.public_key}
    assert ended(None) == frozenset()
    (copies / session.id / "statements" / "link").symlink_to(copies / "no seal")
    assert forget_copies(copies, over) == 1
    assert sorted(path.name for path in copies.iterdir()) == ["a damaged one", "no seal"]
    assert forget_copies(team.home("ben") / "nowhere", over) == 0


def test_a_disk_that_refuses_is_said_and_the_next_refresh_goes_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    session = team.session("one")
    desk = desk_of(team)
    desk.case(session.id)
    retire(team)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "rmdir", _refuse)
        with pytest.raises(EnvironmentFault, match="deleting copies"):
            desk.queue()
    desk.queue()
    assert not list(copy_of(team, session).rglob("*.fws"))


def _refuse(_path: Path) -> None:
    raise OSError(5, "Input/output error")
