# SPDX-License-Identifier: Apache-2.0
"""Questions, words and decisions go when their days have passed: from records, log and copies; places and proofs stay."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from review_people import POLICY, Asking, Team
from server_running import DAY_S, running, sha256
from verifier_both import both

from fairwitness.retention import Retained, retain
from fairwitness.review import open_review_desk
from fairwitness.statements import reply, take_news
from server.statements import OVER, REMOVED
from session import EnvironmentFault, PlatformFault
from session.account import account, rules_of
from session.crypto.signing import SigningKey
from session.events import Kind
from session.frames import SEALED
from session.log.merkle import leaf_hash
from session.policy import parse_policy
from session.reader import FolderReader
from session.retention import DECISIONS, KEPT_FOR_A_TIME
from session.segments import session_frames
from session.trust.statements import Decision, Removal, open_statement, sign
from session.verify import TrustAnchor
from ui.replay.model import ReplayModel
from ui.replay.removals import removal_lines
from ui.strings import Words
from uploader.client import Answer, PlatformClient, Request
from uploader.fetch import RemotePlatform
from uploader.orglog import LogWatch

REASON = "The trainer dictated this paragraph; zephyr pauses fit."
ANSWERED = "I did dictate it, with my quokka microphone."
SHORT = POLICY.replace(b"captures_days = 30", b"captures_days = 2").replace(b"decisions_days = 180", b"decisions_days = 10")


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    with running(tmp_path / "platform") as platform:
        made = Team.of(platform, tmp_path / "people", SHORT)
        made.root_at("admin")
        yield made


def decided(team: Team) -> Asking:
    """A session that ben decided on, and ada answered."""
    session, clock = team.session("one"), team.platform.clock
    desk = open_review_desk(team.home("ben"), clock)
    desk.case(session.id)
    desk.decide(session.id, session.raised, "not upheld", REASON)
    ada = team.enrolment("ada")
    with closing(team.client("ada")) as client:
        assert take_news(ada, client).sessions == (session.id,)
        (decision,) = [path for path in said_files(session.folder) if is_decision(team, path)]
        reply(ada, client, session.folder, decision.stem, ANSWERED, clock=clock)
    ada.outbox.close()
    return session


def said_files(folder: Path) -> list[Path]:
    return sorted((folder / "statements").glob(f"{'?' * 64}.dsse"))


def is_decision(team: Team, path: Path) -> bool:
    try:
        open_statement(path.read_bytes(), Decision, team.people["ben"].person_key.public)
    except Exception:  # noqa: BLE001 - anything else is none
        return False
    return True


def retained(team: Team) -> list[Retained]:
    done = retain(team.home("admin"), team.platform.address, lambda _one: None, dry_run=False, clock=team.platform.clock)
    return list(done)


def fetched(team: Team, name: str = "ben") -> Callable[[str], Path]:
    """As the desk fetches: held to the log."""
    enrolment = team.enrolment(name)
    enrolment.outbox.close()

    def fetch(session_id: str) -> Path:
        with closing(team.client(name)) as client:
            log = LogWatch(client, enrolment.organisation)
            return RemotePlatform(client, log).fetch(session_id, team.home(name) / "review")

    return fetch


@pytest.mark.slow
def test_words_are_gone_from_records_log_and_copies_and_both_verifiers_say_who_removed_them(team: Team) -> None:
    session = decided(team)
    fetch = fetched(team)
    copy = fetch(session.id)
    before = said_files(copy)
    worked = account(FolderReader(copy, {}).events(), rules_of(parse_policy(SHORT))).worked_us
    head = LogWatch(team.client("ben"), team.enrolment("ben").organisation).head()
    assert REASON.encode() in text_of(team)
    team.platform.clock.advance_s(9.9 * DAY_S)
    assert [one.decisions for one in retained(team)] == [0]
    assert {*said_files(fetch(session.id))} >= {*before}
    team.platform.clock.advance_s(0.2 * DAY_S)
    (gone,) = retained(team)
    assert (gone.captures, gone.decisions > 3) == (0, True)
    assert retained(team) == []
    copy = fetch(session.id)
    here = {frame.kind for _, _, frame in session_frames(copy) if frame.flags == SEALED}
    assert not here & DECISIONS
    assert here & KEPT_FOR_A_TIME >= {Kind.STATS, Kind.FOCUS}
    assert not [path for path in said_files(copy) if is_decision(team, path)]
    assert REASON.encode() not in text_of(team)
    assert ANSWERED.encode() not in text_of(team)
    outcome = both(copy, trust=TrustAnchor(team.platform.organisation.fingerprint))
    assert outcome.verified, outcome.failed_step
    assert {(one.by, one.reason) for one in outcome.removals} == {("organisation", "retention")}
    assert outcome.account is not None
    assert outcome.account.worked_us == worked  # the hours follow from what stays
    log = LogWatch(team.client("ben"), team.enrolment("ben").organisation)
    assert log.head().size > head.size  # continues what was seen before: no leaf changed
    entries = {one.kind for one in log.entries(0, session=session.id) if not one.statement}
    assert entries == {"decision", "reply"}
    (row,) = open_review_desk(team.home("ben"), team.platform.clock).queue()
    assert (row.decisions, row.replies) == (1, 1)  # that there was one is still told
    desk_case = open_review_desk(team.home("ben"), team.platform.clock).case(session.id)
    assert desk_case.verification is not None
    assert desk_case.verification.verified
    assert ReplayModel.from_reader(desk_case.reader, desk_case.policy, desk_case.opened).findings == ()
    lines = "\n".join(removal_lines(desk_case.verification, Words("en"), UTC))
    assert "1 answer, 4 questions, with what was decided and replied, 1 summary, under the retention of its policy" in lines


def text_of(team: Team) -> bytes:
    """Every statement that the log gives an admin, as signed, and the payloads in them."""
    size = team.platform.admin.client.get("/v1/log/checkpoint").text.splitlines()[1]
    rows = team.platform.admin.client.get(f"/v1/log/entries?size={size}").json()["entries"]
    found = [msgspec.json.decode(one["statement"]) for one in rows if one["statement"]]
    return b"".join(base64.b64decode(one["payload"]) for one in found)


@pytest.mark.slow
def test_a_trainer_who_asks_later_is_told_no_lie(team: Team) -> None:
    """Both the decision that was never seen and the removal come at once; the trainer's own record keeps its parts."""
    session, clock = team.session("one"), team.platform.clock
    desk = open_review_desk(team.home("ben"), clock)
    desk.case(session.id)
    desk.decide(session.id, session.raised, "not upheld", REASON)
    clock.advance_s(11 * DAY_S)
    assert retained(team)[0].decisions > 3
    ada = team.enrolment("ada")
    with closing(team.client("ada")) as client:
        assert take_news(ada, client).trouble == ""
    ada.outbox.close()
    assert both(session.folder, trust=TrustAnchor(team.platform.organisation.fingerprint)).verified


class KeepsBack:
    """A platform that says of each decision and reply that it went under retention."""

    def __init__(self, client: PlatformClient) -> None:
        self._send = client.send

    def __call__(self, asked: Request) -> Answer:
        answer = self._send(asked)
        if asked.what == "entries":
            rows = msgspec.json.decode(answer.body)["entries"]
            told = [self._kept_back(one) if one["kind"] in {"decision", "reply"} else one for one in rows]
            return msgspec.structs.replace(answer, body=msgspec.json.encode({"entries": told}))
        if asked.what == "news":
            page = msgspec.json.decode(answer.body)
            told = [
                one for one in page["statements"] if "decision.v1" not in one["envelope"]
            ]  # its removals it does tell of
            reached = max([one["index"] for one in told], default=int(asked.path.partition("=")[2]))
            return msgspec.structs.replace(answer, body=msgspec.json.encode(page | {"statements": told, "next": reached}))
        if asked.what == "manifest":
            given = msgspec.json.decode(answer.body)
            others = [one for one in given["statements"] if b"decision.v1" not in one.encode()]
            return msgspec.structs.replace(answer, body=msgspec.json.encode(given | {"statements": others}))
        return answer

    def _kept_back(self, row: dict[str, object]) -> dict[str, object]:
        text = str(row["statement"]).encode()
        return row | {"statement": "", "leaf": leaf_hash(text).hex(), "session": self.session}

    session = ""


@pytest.mark.slow
def test_a_platform_that_keeps_a_decision_back_without_the_roots_removal_is_named(team: Team) -> None:
    session, clock = team.session("one"), team.platform.clock
    desk = open_review_desk(team.home("ben"), clock)
    desk.case(session.id)
    desk.decide(session.id, session.raised, "not upheld", REASON)
    clock.advance_s(3 * DAY_S)
    assert [(one.captures, one.decisions) for one in retained(team)] == [(1, 0)]  # screenshots alone excuse nothing
    ada, ben = team.enrolment("ada"), team.enrolment("ben")
    with closing(team.client("ada")) as client, closing(team.client("ben")) as other:
        for one in (client, other):
            lie = KeepsBack(one)
            lie.session = session.id
            one.send = lie  # type: ignore[method-assign] # between the two
        with pytest.raises(PlatformFault, match="keeps back what was said"):
            RemotePlatform(other, LogWatch(other, ben.organisation)).fetch(session.id, team.home("ben") / "elsewhere")
        assert "keeps back what was said" in take_news(ada, client).trouble
    for enrolment in (ada, ben):
        enrolment.outbox.close()


@pytest.mark.slow
def test_nothing_is_decided_after_its_days_and_nothing_answered_once_it_is_gone(team: Team) -> None:
    """What is decided on the last day can still be answered; what went is gone for good, and nothing comes after it."""
    session, clock = decided(team), team.platform.clock
    ada, desk = team.enrolment("ada"), open_review_desk(team.home("ben"), clock)
    (first,) = [path for path in said_files(session.folder) if is_decision(team, path)]
    clock.advance_s(9.9 * DAY_S)
    desk.decide(session.id, session.raised, "upheld", "Looked at again, on the last day.")
    clock.advance_s(0.2 * DAY_S)
    with pytest.raises(EnvironmentFault) as late:
        desk.decide(session.id, session.raised, "not upheld", "Too late.")
    assert OVER in str(late.value)
    assert OVER not in Words("it").fault(str(late.value))
    with closing(team.client("ada")) as client:
        reply(ada, client, session.folder, first.stem, "Still answered.", clock=clock)
        assert [one.decisions > 3 for one in retained(team)] == [True]
        with pytest.raises(EnvironmentFault) as gone:
            reply(ada, client, session.folder, first.stem, "About what is gone.", clock=clock)
    assert REMOVED in str(gone.value)
    assert REMOVED not in Words("it").fault(str(gone.value))
    assert b"last day" not in text_of(team)
    ada.outbox.close()


@pytest.mark.slow
def test_a_decision_on_what_was_removed_before_its_days_is_not_taken(team: Team) -> None:
    session, platform = decided(team), team.platform
    outline = platform.admin.client.get(f"/v1/sessions/{session.id}/outline").json()
    removal = Removal(
        organisation=platform.organisation.fingerprint,
        session=session.id,
        seal_sha256=sha256(outline["seal"].encode()),
        ranges=tuple((seq, seq) for seq, record in enumerate(outline["records"]) if record[0] == Kind.FINDING),
        blobs=(),
        reason="asked for by the trainer",
        by="organisation",
        at_us=platform.clock.read().t_us,
    )
    raw = sign(removal, platform.organisation.root)
    assert platform.admin.client.post(f"/v1/sessions/{session.id}/retention", data=raw).status_code == 201
    with pytest.raises(EnvironmentFault) as gone:
        open_review_desk(team.home("ben"), platform.clock).decide(session.id, session.raised, "upheld", "On nothing.")
    assert REMOVED in str(gone.value)


@pytest.mark.slow
def test_only_the_root_ends_questions(team: Team) -> None:
    """A removal of the same words by the trainer, or under another root, excuses nothing; the platform refuses both."""
    session = decided(team)
    team.platform.clock.advance_s(11 * DAY_S)
    admin = team.platform.admin.client
    outline = admin.get(f"/v1/sessions/{session.id}/outline").json()
    size = len(outline["records"])
    for key in (SigningKey.generate(), team.people["ada"].person_key):
        removal = Removal(
            organisation=team.platform.organisation.fingerprint,
            session=session.id,
            seal_sha256="0" * 64,
            ranges=((0, size - 1),),
            blobs=(),
            reason="retention",
            by="organisation",
            at_us=team.platform.clock.read().t_us,
        )
        answer = admin.post(f"/v1/sessions/{session.id}/retention", data=sign(removal, key))
        assert answer.status_code in {403, 422}, answer.text
    assert REASON.encode() in text_of(team)
