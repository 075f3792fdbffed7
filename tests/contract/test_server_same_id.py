# SPDX-License-Identifier: Apache-2.0
"""An id on the platform belongs to a person, not to whoever has it now."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from server_running import Member, RunningPlatform, running
from server_sessions import short_session
from server_statements import decision, post
from trust_people import signing_key

NUMBERS = itertools.count()


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        started.put_policy()
        yield started


def test_who_is_given_the_id_of_somebody_who_left_has_nothing_of_theirs(platform: RunningPlatform, tmp_path: Path) -> None:
    """A name comes back; the sessions under it, their decisions and what the log says of them are another's."""
    ada, ben = platform.join("ada", "trainer"), platform.join("ben", "reviewer")
    platform.issue_review_key()
    session = short_session(platform, ada, tmp_path / "s", "of the first")
    sending = session.seal_whole()
    sending.put_files()
    assert sending.put_seal().status_code == 201
    assert post(ben, sending, decision(platform, ben, sending, finding=2)).status_code == 201
    unsealed = short_session(platform, ada, tmp_path / "u", "never sealed")
    index = next(one["index"] for one in log_entries(ada) if one["kind"] == "decision")
    members = platform.organisation.members

    def seen(who: Member) -> tuple[int, int, int, int, bool, int]:
        listed = len(who.client.get("/v1/sessions").json()["sessions"])
        manifest = who.client.get(f"/v1/sessions/{session.id}").status_code
        said = len(who.client.get("/v1/statements").json()["statements"])
        missing = who.client.post(f"/v1/sessions/{unsealed.id}/missing", json={"digests": []}).status_code
        read = who.client.get(f"/v1/log/entries/{index}").json()["statement"] is not None
        return listed, manifest, said, missing, read, sum(one["kind"] != "directory" for one in log_entries(who))

    whole = seen(ada)
    assert whole[:5] == (2, 200, 1, 200, True)
    rotated = another_key(platform, ada, "ada's next key")
    members[members.index(ada)] = rotated
    platform.publish()
    assert seen(rotated)[:5] == whole[:5], "a key that is replaced is the same person's"
    members.remove(rotated)
    platform.publish()
    back = another_key(platform, rotated, "ada's next key")
    members.append(back)
    platform.publish()
    assert seen(back)[:5] == whole[:5], "who comes back with their key is who they were"
    members.remove(back)
    platform.publish()
    stranger = another_key(platform, ada, "another ada")
    members.append(stranger)
    platform.publish()
    assert seen(stranger) == (0, 404, 0, 404, False, 0)
    mine = short_session(platform, stranger, tmp_path / "m", "of the second")
    assert [one["session_id"] for one in stranger.client.get("/v1/sessions").json()["sessions"]] == [mine.id]
    assert session.id in {one["session_id"] for one in ben.client.get("/v1/sessions").json()["sessions"]}


def another_key(platform: RunningPlatform, like: Member, key: str) -> Member:
    """Somebody of that id who enrols with this person key; the next directory is to name them."""
    made = Member(like.person, like.roles, like.projects, like.organisation)
    made.keys = replace(made.keys, person_key=signing_key(key), device_key=signing_key(f"device of {key}"))
    made.person_key, made.device_key = made.keys.person_key, made.keys.device_key
    made.device = f"device {next(NUMBERS)}"
    made.certificate = made.certify(made.device)
    body = made.enrol_body(platform.invite(made.person, *made.roles))
    answer = platform.client().post("/v1/enrol", json=body)
    assert answer.status_code == 201, answer.text
    made.client = platform.client(answer.json()["token"])
    return made


def log_entries(who: Member) -> list[dict[str, Any]]:
    size = int(who.client.get("/v1/log/checkpoint").text.split("\n")[1])
    return list(who.client.get("/v1/log/entries", params={"size": size}).json()["entries"])
