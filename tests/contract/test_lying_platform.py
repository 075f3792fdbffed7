# SPDX-License-Identifier: Apache-2.0
"""A platform that takes back or forks its directory or log: every client refuses it, names it, keeps both, and goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from lying_clients import CLIENTS, Asker
from lying_platform import Liar, lying
from review_people import Asking, Team
from server_running import running
from server_statements import decision, post
from trust_builders import organisation as other_organisation

from session.trust.directory import open_directory, sign_directory

pytestmark = pytest.mark.ci


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def session(team: Team) -> Asking:
    sealed = team.session("lied about")
    raw = decision(team.platform, team.people["ben"], sealed.sending, finding=sealed.raised)
    assert post(team.people["ben"], sealed.sending, raw).status_code == 201
    return sealed


@pytest.fixture
def liar(team: Team, session: Asking) -> Iterator[Liar]:
    with lying(team.platform) as made:
        yield made


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> Asker:
    made = Asker(request.param, team, liar, tmp_path, session)
    assert made.ask() == "", "an honest platform is believed"
    return made


def refused(client: Asker, what: str, named: str) -> Path:
    """The client says that the platform contradicts itself, and keeps it once; then it is content with an honest one."""
    words = client.ask()
    assert words.startswith("The platform contradicts itself"), words
    assert named in words
    assert "Tell your organisation's admin" in words
    (place,) = client.evidence()
    assert place.name.startswith(f"{what}-")
    held = (client.kept / "log.note").read_bytes(), (client.kept / "directory.dsse").read_bytes()
    assert client.ask() == words, "as often as it is asked"
    assert client.evidence() == [place], "and kept once"
    assert held == ((client.kept / "log.note").read_bytes(), (client.kept / "directory.dsse").read_bytes())
    client.liar.honest()
    assert client.ask() == ""
    return place


LOGS: dict[str, tuple[Callable[[Liar, int], None], str]] = {
    "smaller": (lambda liar, seen: liar.serves(liar.fork(seen - 1, seen - 1)), "rolled back"),
    "another root": (lambda liar, seen: liar.serves(liar.fork(seen - 1, seen)), "forked"),
    "a fork that grew": (lambda liar, seen: liar.serves(liar.fork(seen - 1, seen + 3)), "forked"),
    "an old fork that grew": (lambda liar, seen: liar.serves(liar.fork(1, seen + 40)), "forked"),
}


@pytest.mark.parametrize("lie", LOGS)
def test_a_log_that_takes_back_what_was_seen_is_refused_by_every_client(client: Asker, liar: Liar, lie: str) -> None:
    tell, named = LOGS[lie]
    tell(liar, client.seen)
    held, given = (client.kept / "log.note").read_bytes(), liar.head(liar.served)
    place = refused(client, "log", named)
    assert (place / "held.note").read_bytes() == held
    assert (place / "given.note").read_bytes() == given


@pytest.mark.parametrize("wrong", [{"organisation": "9" * 64}, {"witness": False}], ids=["of another", "not cosigned"])
def test_a_head_that_is_none_is_refused_by_every_client(client: Asker, liar: Liar, wrong: dict[str, object]) -> None:
    given = liar.head(liar.tree(), **wrong)  # type: ignore[arg-type]
    liar.says("GET /v1/log/checkpoint", given)
    place = refused(client, "log", "the head of the organisation log that it gives is none")
    assert (place / "given.note").read_bytes() == given


def test_a_false_consistency_proof_is_refused_by_every_client(client: Asker, team: Team, liar: Liar) -> None:
    team.platform.publish()
    body = msgspec.json.encode({"proof": ["9" * 64] * 3})
    liar.says("GET /v1/log/consistency/", body)
    place = refused(client, "log", "forked")
    assert (place / "proof.json").read_bytes() == body


DIRECTORIES: dict[str, tuple[Callable[[Team, bytes], bytes], str]] = {
    "rolled back": (
        lambda team, now: sign_directory(
            msgspec.structs.replace(open_directory(now), version=open_directory(now).version - 1),
            team.platform.organisation.root,
        ),
        "rolled back",
    ),
    "forked": (
        lambda team, now: sign_directory(
            msgspec.structs.replace(open_directory(now), name="Forked"), team.platform.organisation.root
        ),
        "forked",
    ),
    "another organisation's": (lambda _team, _now: other_organisation().directory_bytes(), "signed"),
}


ASK_FOR_ONE = ("uplink", "terminal", "reviewer's list", "office")
"""The others leave it to these."""


@pytest.mark.parametrize("client", ASK_FOR_ONE, indirect=True)
@pytest.mark.parametrize("lie", DIRECTORIES)
def test_a_directory_that_cannot_follow_is_refused_by_every_client(client: Asker, team: Team, liar: Liar, lie: str) -> None:
    tell, named = DIRECTORIES[lie]
    held = (client.kept / "directory.dsse").read_bytes()
    given = tell(team, held)
    liar.says("GET /v1/directory", given)
    place = refused(client, "directory", named)
    assert (place / "held.dsse").read_bytes() == held
    assert (place / "given.dsse").read_bytes() == given


@pytest.mark.parametrize("client", ASK_FOR_ONE, indirect=True)
def test_a_directory_that_the_log_does_not_hold_is_refused_by_every_client(client: Asker, team: Team, liar: Liar) -> None:
    held = open_directory((client.kept / "directory.dsse").read_bytes())
    given = sign_directory(msgspec.structs.replace(held, version=held.version + 1), team.platform.organisation.root)
    liar.says("GET /v1/directory", given)
    words = client.ask()
    assert "is not in the organisation log" in words
    (place,) = client.evidence()
    assert (place / "given.dsse").read_bytes() == given


def test_a_newer_directory_that_is_hidden_comes_with_the_log(
    team: Team, liar: Liar, session: Asking, tmp_path: Path
) -> None:
    client = Asker("trainer's news", team, liar, tmp_path, session)
    assert client.ask() == ""
    held = (client.kept / "directory.dsse").read_bytes()
    liar.says("GET /v1/directory", held)
    newer = team.platform.publish()
    assert client.ask() == ""
    assert (client.kept / "directory.dsse").read_bytes() == newer
