# SPDX-License-Identifier: Apache-2.0
"""A trainer opens withheld records of a session that a platform confirmed: once, whatever breaks off in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from review_people import Asking, Team, settle
from server_running import running
from server_statements import head_of
from trust_people import POLICY_WITHHOLDING_CAPTURES

from fairwitness import appealing
from fairwitness import engine as engines
from fairwitness.appealing import Appeal, run_open, told
from fairwitness.opening import check_proof_here, open_here, verify_here
from fairwitness.review import open_review_desk
from fairwitness.statements import unsent_of
from fairwitness.trainer import TrainerAgent
from fairwitness.wiring import Enrolment
from session import EnvironmentFault, InputFault, PlatformFault
from session.appeal import opened_before
from session.events import Kind
from session.ports import Outcome
from session.trust.statements import OpeningStatement
from uploader.client import Answer, PlatformClient, Request
from uploader.fetch import RemotePlatform
from uploader.orglog import LogWatch

GONE = "The platform cannot be reached."


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("appeal")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"), POLICY_WITHHOLDING_CAPTURES)


@pytest.fixture
def session(team: Team, request: pytest.FixtureRequest) -> Asking:
    made = team.session(request.node.name)
    receipt = team.people["ada"].client.get(f"/v1/sessions/{made.id}/receipt").content
    (made.folder / "receipt.dsse").write_bytes(receipt)
    return made


@pytest.fixture
def ada(team: Team) -> Iterator[Enrolment]:
    found = team.enrolment("ada")
    yield found
    found.close()


@pytest.fixture
def client(team: Team) -> Iterator[PlatformClient]:
    made = team.client("ada")
    yield made
    made.close()


def raws(session: Asking) -> list[int]:
    return [event.seq for event in session.sending.sealed.events if event.kind == Kind.RAW]


def log_size(team: Team) -> int:
    return int(str(head_of(team.platform)["log_size"]))


def read_by_ben(team: Team, session: Asking, folder: Path) -> dict[int, object]:
    """What the reviewer reads of withheld records, by seq; the copy verifies."""
    ben = team.client("ben")
    copy = RemotePlatform(ben, LogWatch(ben, team.enrolment("ben").organisation)).fetch(session.id, folder)
    ben.close()
    result = verify_here(copy, team.home("ben"))
    assert result.verified, result.failed_step
    withheld = {Kind.RAW, Kind.CAPTURE, Kind.FINDING}
    events = open_here(copy, team.home("ben")).reader.events()
    found = {event.seq: event.body for event in events if event.kind in withheld and event.body is not None}
    assert result.opened == len(found)
    return found


def test_timing_a_picture_and_a_finding_on_trial_are_opened_and_read(
    team: Team, session: Asking, ada: Enrolment, client: PlatformClient, tmp_path: Path
) -> None:
    own = {event.seq: event.body for event in open_here(session.folder, team.home("ada")).reader.events()}
    (capture,) = (event.seq for event in session.sending.sealed.events if event.kind == Kind.CAPTURE)
    wanted = sorted([raws(session)[1], capture, session.raised])
    assert read_by_ben(team, session, tmp_path) == {}
    opened = Appeal(ada, session.folder).open(client, [(seq, seq) for seq in wanted], clock=team.platform.clock)
    assert opened.records == tuple(wanted)
    assert read_by_ben(team, session, tmp_path) == {seq: own[seq] for seq in wanted}
    copy = open_here(tmp_path / session.id, team.home("ben"))
    assert copy.reader.image(capture) == open_here(session.folder, team.home("ada")).reader.image(capture)
    (told_of,) = verify_here(session.folder, team.home("ada")).openings
    assert (told_of.person, len(told_of.kinds)) == ("ada", 3)
    assert unsent_of(ada.places, OpeningStatement.payload_type) == ()


class Lost(PlatformClient):
    """A client whose answers to openings are lost: before the request arrives, or after."""

    def __init__(self, team: Team, *, arrives: bool) -> None:
        super().__init__(team.platform.address, team.people["ada"].client.token, clock=team.platform.clock)
        self._arrives = arrives

    def send(self, request: Request) -> Answer:
        if request.what != "opening":
            return super().send(request)
        if self._arrives:
            assert super().send(request).done
        return Answer(Outcome.RETRY, words=GONE)


@pytest.mark.parametrize("arrives", [True, False])
def test_what_broke_off_is_finished_with_the_same_signature(
    team: Team, session: Asking, ada: Enrolment, client: PlatformClient, tmp_path: Path, *, arrives: bool
) -> None:
    first, second, third, *_ = raws(session)
    lost = Lost(team, arrives=arrives)
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        Appeal(ada, session.folder).open(lost, [(first, second)], clock=team.platform.clock)
    lost.close()
    ((_, raw),) = unsent_of(ada.places, OpeningStatement.payload_type)
    assert opened_before(session.folder) == frozenset()
    before = log_size(team)
    appeal = Appeal(ada, session.folder)
    # the next call names other records, and one of them again: what was signed goes first, and nothing is signed twice
    opened = appeal.open(client, [(second, third)], clock=team.platform.clock)
    assert third in opened.records
    assert second not in opened.records
    assert opened.before == 1
    assert log_size(team) == before + (1 if arrives else 2)
    assert raw in {path.read_bytes() for path in (session.folder / "statements").glob("*.dsse")}
    assert unsent_of(ada.places, OpeningStatement.payload_type) == ()
    assert {first, second, third} <= set(read_by_ben(team, session, tmp_path))


@pytest.mark.parametrize("at", ["send_opening", "move_in", "drop_unsent"])
def test_a_crash_at_any_step_is_made_good_by_the_same_call(  # noqa: PLR0917 - fixtures
    team: Team, session: Asking, ada: Enrolment, client: PlatformClient, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    class CrashError(Exception):
        """The power is cut."""

    def crash(*_: object, **__: object) -> None:
        raise CrashError

    seq = raws(session)[0]
    with monkeypatch.context() as patched:
        patched.setattr(appealing, at, crash)
        with pytest.raises(CrashError):
            Appeal(ada, session.folder).open(client, [(seq, seq)], clock=team.platform.clock)
    before = log_size(team)
    opened = Appeal(ada, session.folder).open(client, [(seq, seq)], clock=team.platform.clock)
    assert (opened.records, opened.before) == ((), 1)
    assert log_size(team) == before + (at == "send_opening")
    assert [one.kinds for one in verify_here(session.folder, team.home("ada")).openings] == [((Kind.RAW, 1),)]
    assert unsent_of(ada.places, OpeningStatement.payload_type) == ()


def test_many_records_go_in_portions(
    team: Team,
    session: Asking,
    ada: Enrolment,
    client: PlatformClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("session.appeal.RECORDS_MOST", 3)
    before, all_of = log_size(team), raws(session)
    opened = Appeal(ada, session.folder).open(client, [(seq, seq) for seq in all_of], clock=team.platform.clock)
    assert opened.records == tuple(all_of)
    assert log_size(team) - before == -(-len(all_of) // 3)
    assert len(verify_here(session.folder, team.home("ada")).openings) == -(-len(all_of) // 3)


def test_what_the_platform_refuses_is_not_tried_for_ever(
    team: Team, session: Asking, ada: Enrolment, client: PlatformClient
) -> None:
    class Refusing(PlatformClient):
        def send(self, request: Request) -> Answer:
            refused = Answer(Outcome.NEVER, 422, words="The platform does not take it.")
            return refused if request.what == "opening" else super().send(request)

    refusing = Refusing(team.platform.address, team.people["ada"].client.token, clock=team.platform.clock)
    seq = raws(session)[0]
    with pytest.raises(EnvironmentFault, match="does not take it"):
        Appeal(ada, session.folder).open(refusing, [(seq, seq)], clock=team.platform.clock)
    refusing.close()
    assert unsent_of(ada.places, OpeningStatement.payload_type) == ()
    assert Appeal(ada, session.folder).finish(client) == 0
    assert opened_before(session.folder) == frozenset()


def test_what_is_not_sealed_confirmed_or_ones_own_is_not_opened(team: Team, session: Asking, ada: Enrolment) -> None:
    receipt = session.folder / "receipt.dsse"
    kept = receipt.read_bytes()
    receipt.unlink()
    with pytest.raises(EnvironmentFault, match="has not confirmed"):
        Appeal(ada, session.folder)
    receipt.write_bytes(kept)
    directory = session.folder / "statements" / "directory.dsse"
    aside = directory.rename(session.folder.parent / "aside")
    with pytest.raises(InputFault, match="no organisation"):
        Appeal(ada, session.folder)
    aside.rename(directory)
    (session.folder / "seal.dsse").rename(session.folder.parent / "seal")
    with pytest.raises(InputFault, match="not sealed"):
        Appeal(ada, session.folder)


def test_reviewers_are_given_what_was_opened_or_the_platform_is_named(
    team: Team, session: Asking, ada: Enrolment, client: PlatformClient, tmp_path: Path
) -> None:
    before = team.people["ben"].client.get(f"/v1/sessions/{session.id}").json()
    old = {
        sha: team.people["ben"].client.get(f"/v1/sessions/{session.id}/blobs/{sha}").content for sha in before["segments"]
    }
    seq = raws(session)[0]
    Appeal(ada, session.folder).open(client, [(seq, seq)], clock=team.platform.clock)

    class Denying(PlatformClient):
        """A platform that tells of the opening and gives the segments from before it."""

        def send(self, request: Request) -> Answer:
            digest = request.path.rpartition("/")[2]
            if digest in old and request.into is not None:
                request.into(200)(old[digest])
                return Answer(Outcome.DONE, 200)
            answer = super().send(request)
            if request.what != "manifest":
                return answer
            manifest = msgspec.json.decode(answer.body) | {"segments": before["segments"]}
            return msgspec.structs.replace(answer, body=msgspec.json.encode(manifest))

    denying = Denying(team.platform.address, team.people["ben"].client.token, clock=team.platform.clock)
    with pytest.raises(PlatformFault, match=f"record {seq}"):
        RemotePlatform(denying, LogWatch(denying, team.enrolment("ben").organisation)).fetch(session.id, tmp_path)
    denying.close()
    assert not (tmp_path / session.id).exists()


def test_the_command_says_first_and_opens_only_on_a_yes(
    team: Team, session: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appealing, "SystemClock", lambda: team.platform.clock)
    home, lines, seq = team.home("ada"), list[str](), raws(session)[0]

    def opening(*ranges: tuple[int, int], yes: bool, folder: Path = session.folder, of: Path = home) -> tuple[int, ...]:
        return run_open(folder, of, ranges, say=lines.extend, agreed=lambda: yes).records

    with pytest.raises(EnvironmentFault, match="Nothing was opened"):
        opening((seq, seq), yes=False)
    assert lines[0] == f"The reviewers of {team.platform.organisation.directory().projects[0].id} will be able to read:"
    assert lines[1].startswith("    1 of RAW: timing")
    assert lines[-1] == appealing.FOR_GOOD
    assert opened_before(session.folder) == frozenset()
    assert opening((seq, seq), yes=True) == (seq,)
    assert opening((seq, seq), yes=False) == (), "there is nothing to agree to any more"
    assert "nothing more to do" in lines[-1]
    with pytest.raises(InputFault, match="Nothing is withheld there"):
        opening((0, 1), yes=True)
    (tmp_path / session.id).mkdir()
    with pytest.raises(InputFault, match="copy"):
        opening((seq, seq), yes=True, folder=tmp_path / session.id)
    with pytest.raises(EnvironmentFault, match="not enrolled"):
        opening((seq, seq), yes=True, of=tmp_path / "nobody")


def test_what_arrived_only_now_is_said(team: Team, session: Asking, ada: Enrolment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appealing, "SystemClock", lambda: team.platform.clock)
    first, second, *_ = raws(session)
    lost, lines = Lost(team, arrives=True), list[str]()
    with pytest.raises(EnvironmentFault):
        Appeal(ada, session.folder).open(lost, [(first, first)], clock=team.platform.clock)
    lost.close()
    run_open(session.folder, team.home("ada"), [(first, second)], say=lines.extend, agreed=lambda: True)
    assert lines[0] == "1 records that you opened before reached the platform only now."
    assert "1 of those that you named were opened before." in lines


def test_what_has_no_time_is_told_without(team: Team, session: Asking, ada: Enrolment) -> None:
    wanted: Callable[..., object] = Appeal(ada, session.folder).openable
    found = wanted([(raws(session)[0], raws(session)[0])])
    assert any("    from 20" in line for line in told(found, "p"))  # type: ignore[arg-type]
    assert not any("from" in line for line in told(msgspec.structs.replace(found, from_us=0), "p"))  # type: ignore[type-var]


def test_the_trainers_desk_shows_and_proves_by_the_same_way(
    team: Team, session: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "SystemClock", lambda: team.platform.clock)
    monkeypatch.setattr(engines.Bench, "uplink", lambda _: None)  # it would fill this trainer's shelf of grants
    desk = TrainerAgent(team.home("ada"))
    with pytest.raises(EnvironmentFault, match="starting"):
        desk.disclose(session.id, ((1, 1),))
    engine = engines.Engine(team.home("ada"), lambda _: None, visible=lambda: True)
    engine.begin()
    desk._engine = engine  # as its thread does once the engine has begun
    seq, proof = raws(session)[0], tmp_path / "one.tlog-proof"
    try:
        desk.disclose(session.id, ((seq, seq),))
        assert desk.case(session.id).opened == {seq}
        desk.prove(session.id, seq, proof)
    finally:
        engine.end()
    proven = check_proof_here(proof, team.home("ada"))
    assert (proven.seq, proven.kind, proven.trusted) == (seq, Kind.RAW, True)


def test_the_reviewers_desk_is_told_what_was_opened_and_proves_it(
    team: Team, session: Asking, ada: Enrolment, client: PlatformClient, tmp_path: Path
) -> None:
    first, second, *_ = raws(session)
    Appeal(ada, session.folder).open(client, [(first, first)], clock=team.platform.clock)
    desk = open_review_desk(settle(team.platform, team.people["ben"], tmp_path / "ben"), team.platform.clock)
    proof = tmp_path / "one.tlog-proof"
    with pytest.raises(InputFault, match="not on this computer yet"):
        desk.prove(session.id, first, proof)
    assert desk.case(session.id).opened == {first}
    desk.prove(session.id, first, proof)
    assert check_proof_here(proof, tmp_path / "ben").seq == first
    with pytest.raises(InputFault, match="removed or withheld"):
        desk.prove(session.id, second, tmp_path / "two")
    assert not (tmp_path / "two").exists()
    with pytest.raises(EnvironmentFault, match="writing the proof"):
        desk.prove(session.id, first, tmp_path / "nowhere" / "x")
