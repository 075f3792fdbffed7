# SPDX-License-Identifier: Apache-2.0
"""The reviewer's desk without its window: the list, a session opened, a decision signed, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from review_people import Asking, Team, settle
from server_running import PROJECT, StillClock, running
from server_statements import head_of
from trust_people import POLICY_WITH_CAPTURES
from uploader_proxy import RecordingProxy

from fairwitness.review import NO_REVIEWER, NO_SESSION, OUTCOMES, Reviews, open_review_desk
from fairwitness.statements import TEXT_MOST, reply, take_news
from session import EnvironmentFault, InputFault, StoppedFault
from session.events import Capture, FindingRecord, Kind
from session.trust.directory import open_directory
from session.trust.lifetime import Term
from session.trust.statements import Decision, open_statement
from session.verify import verify_session
from uploader.evidence import Evidence

REASON = "The trainer dictated this paragraph; the pauses fit."


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("desk")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def opened_once(team: Team) -> Asking:
    """A session that tests read and leave as it is."""
    return team.session("read by all")


@pytest.fixture
def session(team: Team, request: pytest.FixtureRequest) -> Asking:
    return team.session(request.node.name)


@pytest.fixture
def desk(team: Team, tmp_path: Path) -> Reviews:
    """Ben's desk on a computer of its own."""
    return open_review_desk(settle(team.platform, team.people["ben"], tmp_path / "ben"), team.platform.clock)


def log_size(team: Team) -> int:
    return int(str(head_of(team.platform)["log_size"]))


def through(team: Team, tmp_path: Path, proxy: RecordingProxy) -> Reviews:
    """Ben's desk on a line that the test can cut."""
    home = settle(team.platform, team.people["ben"], tmp_path / "behind")
    (home / "organisation" / "address").write_text(proxy.address)
    return open_review_desk(home, team.platform.clock)


class TestList:
    def test_the_owner_is_named_as_the_organisation_knows_them(self, desk: Reviews) -> None:
        owner = desk.owner()
        assert (owner.person, owner.name, owner.organisation) == ("ben", "Ben", "Example")
        assert len(owner.words) == 6

    def test_rows_name_people_and_projects_and_say_what_is_here(self, desk: Reviews, session: Asking) -> None:
        (row,) = [one for one in desk.queue() if one.session_id == session.id]
        assert (row.person, row.name, row.project_name) == ("ada", "Ada", "Wren")
        assert (row.decisions, row.replies, row.read, row.here) == (0, 0, False, False)
        assert row.worked_us > 0
        desk.case(session.id)
        (row,) = [one for one in desk.queue() if one.session_id == session.id]
        assert (row.read, row.here) == (True, True)

    def test_what_nobody_looked_into_stands_first_and_then_the_newest(self, team: Team, desk: Reviews) -> None:
        older, newer, read = (team.session(f"in order {number}") for number in range(3))
        desk.case(read.id)
        listed = [row.session_id for row in desk.queue() if row.session_id in {older.id, newer.id, read.id}]
        assert listed[-1] == read.id
        rows = {row.session_id: row for row in desk.queue()}
        waiting = [row for row in desk.queue() if not row.read and not row.decisions]
        assert [row.session_id for row in waiting] == [row.session_id for row in desk.queue()][: len(waiting)]
        assert [row.sealed_us for row in waiting] == sorted((row.sealed_us for row in waiting), reverse=True)
        assert rows[read.id].read

    def test_a_newer_directory_is_taken_up_first(self, team: Team, desk: Reviews, tmp_path: Path) -> None:
        before = team.platform.organisation.version
        team.platform.publish()
        desk.queue()
        held = (tmp_path / "ben" / "organisation" / "directory.dsse").read_bytes()
        assert open_directory(held).version == before + 1

    def test_a_reviewer_of_another_project_sees_nothing_and_opens_nothing(self, team: Team, session: Asking) -> None:
        rex = open_review_desk(team.home("rex"), team.platform.clock)
        assert rex.queue() == []
        with pytest.raises(EnvironmentFault, match="no such session"):
            rex.case(session.id)
        assert not (rex.folder / session.id).exists()

    def test_nobody_is_asked_to_review_their_own_session(self, team: Team) -> None:
        team.hire("kim", "trainer", "reviewer")
        own = team.session("kim's own", by="kim")
        other = team.session("of ada, for kim")
        listed = [row.session_id for row in open_review_desk(team.home("kim"), team.platform.clock).queue()]
        assert other.id in listed
        assert own.id not in listed

    def test_who_reviews_nothing_is_told_whom_to_ask(self, team: Team, session: Asking) -> None:
        ada = open_review_desk(team.home("ada"), team.platform.clock)
        for ask in (ada.queue, lambda: ada.case(session.id), lambda: ada.decide(session.id, 2, "ask", REASON)):
            with pytest.raises(EnvironmentFault, match="not made you a reviewer") as told:
                ask()
            assert str(told.value) == NO_REVIEWER

    def test_what_ends_soon_is_said_of_the_reviewers_own_projects(self, team: Team, desk: Reviews) -> None:
        assert desk.due() == ()
        directory = desk._directory()
        late = StillClock(directory.expires_us)
        both = open_review_desk(team.home("ben"), late).due()
        assert [one.term for one in both] == [Term.DIRECTORY, Term.REVIEW_KEY]
        assert {one.project for one in both} == {"", PROJECT}
        assert PROJECT not in {one.project for one in open_review_desk(team.home("rex"), late).due()}

    def test_without_enrolment_there_is_no_desk(self, tmp_path: Path) -> None:
        with pytest.raises(EnvironmentFault, match="not enrolled"):
            open_review_desk(tmp_path)

    def test_a_platform_that_is_away_is_said_in_words(self, desk: Reviews, tmp_path: Path) -> None:
        (tmp_path / "ben" / "organisation" / "address").write_text("http://127.0.0.1:9")
        with pytest.raises(EnvironmentFault, match="cannot be reached"):
            desk.queue()

    def test_a_contradiction_that_any_program_of_the_person_kept_is_told(self, desk: Reviews, tmp_path: Path) -> None:
        assert desk.contradicted() == ""
        beside = Evidence(tmp_path / "ben" / "organisation")  # as the command line has it
        beside.contradiction("log", "its head is smaller than before", {"given": b"a head of 3", "held": b"a head of 4"})
        assert desk.contradicted() == "log"


class TestCase:
    def test_it_is_verified_and_opened_for_a_reviewer(self, desk: Reviews, opened_once: Asking) -> None:
        case = desk.case(opened_once.id)
        assert case.reads_as == "reviewer"
        assert case.verification is not None
        assert case.verification.verified
        assert case.verification.trusted
        assert case.folder == desk.folder / opened_once.id
        assert case.reasons == {}
        (shot,) = [event for event in case.reader.events() if event.kind == Kind.CAPTURE]
        assert isinstance(shot.body, Capture)
        assert case.reader.image(shot.seq)

    def test_findings_on_trial_are_neither_shown_nor_decided(self, tmp_path: Path) -> None:
        with running(tmp_path) as platform:
            team = Team.of(platform, tmp_path, POLICY_WITH_CAPTURES)
            session = team.session("on trial")
            desk = open_review_desk(team.home("ben"), platform.clock)
            case = desk.case(session.id)
            assert case.verification is not None
            assert case.verification.verified
            assert [event.body for event in case.reader.events() if event.kind == Kind.FINDING] == [None] * 4
            with pytest.raises(InputFault, match="finding: "):
                desk.decide(session.id, session.raised, "upheld", REASON)

    def test_of_what_was_not_evaluated_only_that_is_seen(self, desk: Reviews, opened_once: Asking) -> None:
        case = desk.case(opened_once.id)
        body = next(event.body for event in case.reader.events() if event.seq == opened_once.not_evaluated)
        assert isinstance(body, FindingRecord)
        assert body.state == "not evaluated"
        assert case.reasons == {}

    def test_nothing_that_was_opened_lies_on_the_disk(self, desk: Reviews, opened_once: Asking, tmp_path: Path) -> None:
        case = desk.case(opened_once.id)
        shot = next(event.seq for event in case.reader.events() if event.kind == Kind.CAPTURE)
        picture = case.reader.image(shot)
        assert picture
        whole = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert picture[:64] not in whole
        assert b"I dictated that paragraph" not in whole

    def test_it_can_be_stopped_and_goes_on(self, desk: Reviews, session: Asking) -> None:
        with pytest.raises(StoppedFault):
            desk.case(session.id, lambda _done, _of: False)
        told: list[tuple[int, int]] = []
        assert desk.case(session.id, lambda done, of: told.append((done, of)) is None).reads_as == "reviewer"
        assert told[-1][0] == told[-1][1] > 0

    def test_a_copy_that_was_changed_is_brought_anew(self, desk: Reviews, session: Asking) -> None:
        folder = desk.case(session.id).folder
        segment = next(folder.glob("*.fws"))
        segment.write_bytes(segment.read_bytes()[:-1] + b"?")
        case = desk.case(session.id)
        assert case.verification is not None
        assert case.verification.verified

    def test_a_session_that_does_not_verify_opens_and_says_so(self, desk: Reviews, session: Asking) -> None:
        folder = desk.case(session.id).folder
        (folder / "left over").write_bytes(b"")
        case = desk.case(session.id)
        assert case.verification is not None
        assert not case.verification.verified
        assert case.reads_as == "reviewer"
        assert len(case.reader.events()) > 20

    def test_a_session_identifier_is_never_a_path(self, desk: Reviews) -> None:
        with pytest.raises(InputFault):
            desk.case("../../etc")


class TestDecision:
    @pytest.mark.parametrize("outcome", ["upheld", "not upheld", "ask"])
    def test_it_is_signed_entered_and_comes_back(self, team: Team, desk: Reviews, session: Asking, outcome: str) -> None:
        desk.case(session.id)
        size = log_size(team)
        case = desk.decide(session.id, session.raised, outcome, f"  {REASON}\n")  # type: ignore[arg-type]
        assert case.said is not None
        (decided,) = case.said.decisions
        assert (decided.finding, decided.outcome, decided.reason, decided.name) == (session.raised, outcome, REASON, "Ben")
        raw = (case.folder / "statements" / f"{decided.sha256}.dsse").read_bytes()
        statement = open_statement(raw, Decision, team.people["ben"].person_key.public)
        assert statement.log_size == size > 0
        assert log_size(team) == size + 1
        (row,) = [one for one in desk.queue() if one.session_id == session.id]
        assert (row.decisions, row.replies) == (1, 0)
        assert verify_session(case.folder).verified

    def test_a_second_decision_stands_beside_the_first(self, team: Team, desk: Reviews, session: Asking) -> None:
        desk.case(session.id)
        desk.decide(session.id, session.raised, "ask", REASON)
        team.platform.clock.advance_s(1)
        case = desk.decide(session.id, session.raised, "not upheld", "They showed me the draft.")
        assert case.said is not None
        assert [one.outcome for one in case.said.decisions] == ["ask", "not upheld"]

    def test_the_trainers_reply_comes_with_the_session(self, team: Team, desk: Reviews, session: Asking) -> None:
        desk.case(session.id)
        case = desk.decide(session.id, session.raised, "ask", REASON)
        assert case.said is not None
        ada = team.enrolment("ada")
        assert session.id in take_news(ada, team.client("ada")).sessions
        (decided,) = case.said.decisions
        reply(ada, team.client("ada"), session.folder, decided.sha256, "Gladly.", clock=team.platform.clock)
        ada.close()
        again = desk.case(session.id)
        assert again.said is not None
        assert [one.text for one in again.said.replies] == ["Gladly."]
        (row,) = [one for one in desk.queue() if one.session_id == session.id]
        assert row.replies == 1

    @pytest.mark.parametrize(("reason", "match"), [("", "reason: "), (" \n\t", "reason: "), ("x" * (TEXT_MOST + 1), "4096")])
    def test_each_outcome_needs_a_written_reason(
        self, team: Team, desk: Reviews, opened_once: Asking, reason: str, match: str
    ) -> None:
        size = log_size(team)
        for outcome in OUTCOMES:
            with pytest.raises(InputFault, match=match):
                desk.decide(opened_once.id, opened_once.raised, outcome, reason)  # type: ignore[arg-type]
        assert log_size(team) == size

    def test_the_longest_reason_fits(self, desk: Reviews, session: Asking) -> None:
        desk.case(session.id)
        case = desk.decide(session.id, session.raised, "ask", "é" * TEXT_MOST)
        assert case.said is not None
        assert len(case.said.decisions[0].reason) == TEXT_MOST

    @pytest.mark.parametrize("which", ["clear", "not_evaluated"])
    def test_only_what_asks_is_decided(self, desk: Reviews, opened_once: Asking, which: str) -> None:
        desk.case(opened_once.id)
        with pytest.raises(InputFault, match="finding: "):
            desk.decide(opened_once.id, getattr(opened_once, which), "upheld", REASON)

    @pytest.mark.parametrize("seq", [0, 2, 10_000])
    def test_a_record_that_is_no_finding_is_not_decided(self, desk: Reviews, opened_once: Asking, seq: int) -> None:
        desk.case(opened_once.id)
        with pytest.raises(InputFault, match="is no finding"):
            desk.decide(opened_once.id, seq, "upheld", REASON)

    def test_there_is_no_fourth_outcome(self, desk: Reviews, opened_once: Asking) -> None:
        with pytest.raises(InputFault, match="outcome: "):
            desk.decide(opened_once.id, opened_once.raised, "guilty", REASON)  # type: ignore[arg-type]

    def test_a_session_that_was_not_opened_is_not_decided(self, desk: Reviews, session: Asking) -> None:
        with pytest.raises(InputFault) as told:
            desk.decide(session.id, session.raised, "ask", REASON)
        assert str(told.value) == NO_SESSION

    def test_a_lost_acknowledgement_does_not_decide_twice(self, team: Team, session: Asking, tmp_path: Path) -> None:
        dropped: list[str] = []

        def drop(line: str) -> bool:
            first = line.startswith("POST") and not dropped
            dropped.extend([line] if first else [])
            return first

        with RecordingProxy(team.platform.address, drop_answer=drop) as proxy:
            desk = through(team, tmp_path, proxy)
            desk.case(session.id)
            with pytest.raises(EnvironmentFault):
                desk.decide(session.id, session.raised, "upheld", REASON)
            team.platform.clock.advance_s(60)
            case = desk.decide(session.id, session.raised, "upheld", REASON)
        assert dropped
        assert case.said is not None
        assert len(case.said.decisions) == 1
        manifest = team.people["ben"].client.get(f"/v1/sessions/{session.id}").json()
        kinds = [msgspec.json.decode(text)["payloadType"] for text in manifest["statements"]]
        assert kinds.count(Decision.payload_type) == 1

    def test_a_line_that_breaks_after_the_decision_still_shows_it(self, team: Team, session: Asking, tmp_path: Path) -> None:
        posted: list[str] = []

        def after(line: str) -> bool:
            posted.extend([line] if line.startswith("POST") else [])
            return bool(posted) and line.startswith("GET")

        with RecordingProxy(team.platform.address, drop_answer=after) as proxy:
            desk = through(team, tmp_path, proxy)
            desk.case(session.id)
            case = desk.decide(session.id, session.raised, "upheld", REASON)
        assert case.said is not None
        assert [one.outcome for one in case.said.decisions] == ["upheld"]
        assert verify_session(case.folder).verified
