# SPDX-License-Identifier: Apache-2.0
"""What is said about a session, on the trainer's computer: taken in, counted, answered; and said once, whatever breaks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from review_people import Asking, Team
from server_running import running
from server_statements import decision, head_of, post
from trust_builders import organisation
from trust_people import signing_key
from uploader_clock import StillClock
from uploader_proxy import RecordingProxy

from fairwitness.places import Places
from fairwitness.statements import TEXT_MOST, News, mark_read, reply, take_news, unread
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, InputFault
from session.ports import Outcome
from session.trust.directory import open_directory
from session.verify import verify_session
from session.verify.said import CLOCKS_APART_US, said
from uploader.client import Answer, PlatformClient, Request

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("news")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture
def session(team: Team, request: pytest.FixtureRequest) -> Asking:
    return team.session(request.node.name)


@pytest.fixture
def ada(team: Team) -> Iterator[Enrolment]:
    found = team.enrolment("ada")
    yield found
    found.close()


def decided(team: Team, session: Asking, **changes: object) -> bytes:
    """A decision of ben's on the session's first finding, in the log."""
    raw = decision(team.platform, team.people["ben"], session.sending, finding=session.raised, **changes)  # type: ignore[arg-type]
    assert post(team.people["ben"], session.sending, raw).status_code == 201
    return raw


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def log_size(team: Team) -> int:
    return int(str(head_of(team.platform)["log_size"]))


def test_decisions_come_into_the_folder_once_and_it_still_verifies(team: Team, session: Asking, ada: Enrolment) -> None:
    raw = decided(team, session)
    assert session.id in take_news(ada, team.client("ada")).sessions
    path = session.folder / "statements" / f"{digest(raw)}.dsse"
    assert path.read_bytes() == raw
    assert path.stat().st_mode & 0o077 == 0
    assert [one.reason for one in said(session.folder, ada.organisation.directory()).decisions] == [
        "The pauses fit the text that was written."
    ]
    assert verify_session(session.folder).verified
    assert take_news(ada, team.client("ada")) == News()


def test_the_place_in_the_log_survives_a_restart(team: Team, session: Asking, ada: Enrolment) -> None:
    decided(team, session)
    take_news(ada, team.client("ada"))
    with RecordingProxy(team.platform.address) as proxy:
        client = PlatformClient(proxy.address, team.people["ada"].client.token, clock=team.platform.clock)
        again = team.enrolment("ada")
        assert take_news(again, client) == News()
        again.close()
        client.close()
    asked = [line for line in proxy.lines if "/statements?" in line]
    assert len(asked) == 1
    assert "after=0 " not in asked[0]


def test_a_damaged_place_begins_again_without_telling_twice(team: Team, session: Asking, ada: Enrolment) -> None:
    decided(team, session)
    take_news(ada, team.client("ada"))
    (ada.places.folder / "news" / "place").write_bytes(b"\xff nonsense")
    assert session.id not in take_news(ada, team.client("ada")).sessions
    assert (ada.places.folder / "news" / "place").read_bytes().startswith(ada.organisation.org_fp.encode())


def test_sessions_that_are_not_here_are_passed_over(team: Team, session: Asking, ada: Enrolment, tmp_path: Path) -> None:
    take_news(ada, team.client("ada"))  # of sessions that other tests decided, and whose news nobody took
    decided(team, session)
    elsewhere = session.folder.rename(tmp_path / "elsewhere")
    assert take_news(ada, team.client("ada")) == News()
    assert not session.folder.exists()
    assert list((elsewhere / "statements").glob(f"{'?' * 64}.dsse")) == []


def test_another_organisations_place_is_not_ours(team: Team, session: Asking, ada: Enrolment) -> None:
    decided(team, session)
    folder = ada.places.folder / "news"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "place").write_text(f"{'0' * 64} 100000\n")
    assert session.id in take_news(ada, team.client("ada")).sessions


def test_a_decision_counts_after_its_author_came_late_and_left(team: Team, session: Asking, ada: Enrolment) -> None:
    team.hire("zoe", "reviewer")
    raw = decision(team.platform, team.people["zoe"], session.sending, finding=session.raised)
    assert post(team.people["zoe"], session.sending, raw).status_code == 201
    team.platform.clock.advance_s(2 * 86_400)
    team.platform.organisation.members.remove(team.people["zoe"])
    newest = open_directory(team.platform.publish(issued_us=team.platform.clock.read().t_us))
    assert newest.person("zoe") is None
    take_news(ada, team.client("ada"))
    assert [one.name for one in said(session.folder, newest).decisions] == ["Zoe"]
    assert verify_session(session.folder).verified


def lied_to(team: Team, ada: Enrolment, *swaps: tuple[bytes, bytes]) -> News:
    client = LyingClient(team, *swaps)
    try:
        return take_news(ada, client)
    finally:
        client.close()


def test_a_decision_that_was_exchanged_stays_out_and_is_named(team: Team, session: Asking, ada: Enrolment) -> None:
    raw = decided(team, session)
    forged = decision(team.platform, team.people["ben"], session.sending, key=signing_key("a stranger"))
    got = lied_to(team, ada, (raw, forged))
    assert session.id not in got.sessions
    assert "is not in the organisation log" in got.trouble
    assert said(session.folder, ada.organisation.directory()).decisions == ()
    assert verify_session(session.folder).verified


def test_a_directory_of_another_root_stays_out(team: Team, session: Asking, ada: Enrolment) -> None:
    decided(team, session)
    true = team.people["ada"].client.get("/v1/directory").content
    false = organisation().directory_bytes()
    got = lied_to(team, ada, (true, false))
    assert session.id not in got.sessions
    assert got.trouble
    assert verify_session(session.folder).verified


class LyingClient(PlatformClient):
    """A platform that gives one text in the place of another."""

    def __init__(self, team: Team, *swaps: tuple[bytes, bytes]) -> None:
        super().__init__(team.platform.address, team.people["ada"].client.token, clock=team.platform.clock)
        self._swaps = [tuple(msgspec.json.encode(text.decode()) for text in pair) for pair in swaps]

    def send(self, request: Request) -> Answer:
        answer = super().send(request)
        body = answer.body
        for true, false in self._swaps:
            body = body.replace(true, false)
        return msgspec.structs.replace(answer, body=body)


def test_a_platform_that_is_away_is_said_in_words(ada: Enrolment, team: Team) -> None:
    client = PlatformClient(NOWHERE, "t", clock=team.platform.clock)
    got = take_news(ada, client)
    assert got.sessions == ()
    assert "cannot be reached" in got.trouble


def test_decisions_are_unread_until_they_were_opened(team: Team, session: Asking, ada: Enrolment) -> None:
    assert unread(ada.places, session.folder) == 0
    first, second = decided(team, session), decided(team, session, outcome="ask")
    take_news(ada, team.client("ada"))
    before = sorted(path.name for path in session.folder.rglob("*"))
    assert unread(ada.places, session.folder) == 2
    mark_read(ada.places, session.id, [digest(first), "ab" * 32])
    assert unread(ada.places, session.folder) == 1  # that one was read, and no other
    mark_read(ada.places, session.id, [digest(second)])
    assert unread(Places(ada.places.folder), session.folder) == 0
    decided(team, session, outcome="upheld")
    take_news(ada, team.client("ada"))
    assert unread(ada.places, session.folder) == 1
    assert len(sorted(path.name for path in session.folder.rglob("*"))) == len(before) + 1


def test_a_reply_reaches_the_log_and_lies_in_the_folder(team: Team, session: Asking, ada: Enrolment) -> None:
    raw = decided(team, session)
    take_news(ada, team.client("ada"))
    reply(ada, team.client("ada"), session.folder, digest(raw), "  I wrote it on paper first. ", clock=team.platform.clock)
    found = said(session.folder, ada.organisation.directory())
    assert [(one.decision_sha256, one.text) for one in found.replies] == [(digest(raw), "I wrote it on paper first.")]
    assert verify_session(session.folder).verified
    assert unread(ada.places, session.folder) == 1  # a reply is no decision
    manifest = team.people["ben"].client.get(f"/v1/sessions/{session.id}").json()
    assert len([one for one in manifest["statements"] if digest(one.encode()) in names(session.folder)]) == 2
    assert not list((ada.places.folder / "news" / "unsent").iterdir())


def names(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "statements").iterdir()}


@pytest.mark.parametrize(("text", "match"), [("", "text: "), (" \n", "text: "), ("x" * (TEXT_MOST + 1), "4096")])
def test_a_reply_needs_words_and_not_too_many(team: Team, session: Asking, ada: Enrolment, text: str, match: str) -> None:
    raw = decided(team, session)
    take_news(ada, team.client("ada"))
    with pytest.raises(InputFault, match=match):
        reply(ada, team.client("ada"), session.folder, digest(raw), text, clock=team.platform.clock)


def test_a_reply_answers_a_decision_that_is_here(team: Team, session: Asking, ada: Enrolment) -> None:
    with pytest.raises(InputFault, match="no such decision"):
        reply(ada, team.client("ada"), session.folder, "0" * 64, "To what?", clock=team.platform.clock)


def test_a_reply_whose_acknowledgement_was_lost_is_one_entry(team: Team, session: Asking, ada: Enrolment) -> None:
    raw = decided(team, session)
    take_news(ada, team.client("ada"))
    dropped: list[str] = []

    def drop(line: str) -> bool:
        if "POST" in line and not dropped:
            dropped.append(line)
            return True
        return False

    with RecordingProxy(team.platform.address, drop_answer=drop) as proxy:
        client = PlatformClient(proxy.address, team.people["ada"].client.token, clock=team.platform.clock)
        with pytest.raises(EnvironmentFault):
            reply(ada, client, session.folder, digest(raw), "On paper.", clock=team.platform.clock)
        size = log_size(team)
        team.platform.clock.advance_s(60)
        reply(ada, client, session.folder, digest(raw), "On paper.", clock=team.platform.clock)
        client.close()
    assert dropped
    assert log_size(team) == size
    assert len(said(session.folder, ada.organisation.directory()).replies) == 1


def test_what_was_kept_and_is_refused_is_signed_anew(team: Team, session: Asking, ada: Enrolment) -> None:
    raw = decided(team, session)
    take_news(ada, team.client("ada"))
    wrong = StillClock(team.platform.clock.read().t_us + 3 * CLOCKS_APART_US)
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        reply(ada, Severed(team), session.folder, digest(raw), "On paper.", clock=wrong)
    reply(ada, team.client("ada"), session.folder, digest(raw), "On paper.", clock=team.platform.clock)
    (stands,) = said(session.folder, ada.organisation.directory()).replies
    assert stands.at_us == team.platform.clock.read().t_us


class Severed(PlatformClient):
    """A client whose line breaks off before anything that is posted leaves."""

    def __init__(self, team: Team) -> None:
        super().__init__(team.platform.address, team.people["ada"].client.token, clock=team.platform.clock)

    def send(self, request: Request) -> Answer:
        gone = Answer(Outcome.RETRY, words="The platform cannot be reached.")
        return gone if request.method == "POST" else super().send(request)
