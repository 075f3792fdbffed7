# SPDX-License-Identifier: Apache-2.0
"""A platform that lies about receipts, decisions and entries of its log: refused, named, and kept; what is true is taken."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from lying_clients import Asker
from lying_platform import Body, Liar, lying
from review_people import Asking, Team
from server_running import PROJECT, running
from server_sessions import short_session
from server_statements import decision, post, reply
from uploader_platform import client_of, outbox_of

from fairwitness.review import Reviews
from session import PlatformFault
from session.log.merkle import Tree
from session.ports import Outcome
from session.trust.directory import open_directory
from session.trust.statements import EMPTY_LOG_ROOT, Grant, Receipt, open_statement, sign
from session.verify.said import said
from uploader.organisation import Organisation
from uploader.orglog import LogWatch
from uploader.transfer import send

NEWS = r"GET /v1/statements\?"
ENTRIES = r"GET /v1/log/entries\?"
MANIFEST = r"GET /v1/sessions/[0-9a-f]{32}$"
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("platform")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture
def liar(team: Team) -> Iterator[Liar]:
    with lying(team.platform) as made:
        yield made


@pytest.fixture
def session(team: Team) -> Asking:
    return team.session(f"said {next(_NUMBERS)}")


def decided(team: Team, session: Asking, **changes: object) -> bytes:
    raw = decision(team.platform, team.people["ben"], session.sending, finding=session.raised, **changes)  # type: ignore[arg-type]
    assert post(team.people["ben"], session.sending, raw).status_code == 201
    return raw


def contradiction(client: Asker, what: str, named: str) -> Path:
    """It is named, kept once, and said as often as it is asked."""
    words = client.ask()
    assert words.startswith("The platform contradicts itself"), words
    assert named in words
    (place,) = client.evidence()
    assert place.name.startswith(f"{what}-")
    assert client.ask() == words
    assert client.evidence() == [place]
    return place


class TestReceipt:
    """The trainer's computer sends a session, and the platform's receipt is not what it owes."""

    @pytest.fixture
    def organisation(self, team: Team, liar: Liar, tmp_path: Path) -> Organisation:
        raw = team.people["ada"].client.get("/v1/directory").content
        return Organisation.found(tmp_path / "organisation", team.platform.organisation.fingerprint, raw, liar.address)

    @pytest.mark.parametrize(
        "lie", ["honest", "a false proof", "another session", "a fork", "no place", "a head to come", "another key"]
    )
    def test_a_receipt_that_lies_confirms_nothing(
        self, team: Team, liar: Liar, organisation: Organisation, tmp_path: Path, lie: str
    ) -> None:
        platform, trainer = team.platform, team.people["ada"]
        name = f"sent {next(_NUMBERS)}"
        (tmp_path / "spool").mkdir()
        live = short_session(platform, trainer, tmp_path / "spool" / hashlib.sha256(name.encode()).hexdigest()[:32], name)
        sealed = live.seal(receipt=False)
        platform.clock.reach(live.reading.t_us)
        given: list[bytes] = []

        def told(true: bytes) -> bytes:
            receipt = open_statement(true, Receipt, liar.keys.receipt.public)
            fork = liar.fork(receipt.log_index - 2, receipt.log_index)
            fork.append(liar.tree().leaf(receipt.log_index))
            changes: dict[str, object] = {
                "a false proof": {"log_proof": ("9" * 64, *receipt.log_proof[1:])},
                "another session": {"session": "9" * 32},
                "a fork": {
                    "log_root": fork.root().hex(),
                    "log_proof": tuple(one.hex() for one in fork.inclusion(receipt.log_index, fork.size)),
                },
                "no place": {"log_index": -1, "log_proof": (), "log_size": 0, "log_root": EMPTY_LOG_ROOT},
                "a head to come": {"log_size": receipt.log_size + 50},
            }.get(lie, {})  # type: ignore[assignment]
            key = liar.keys.grant if lie == "another key" else liar.keys.receipt
            given.append(sign(msgspec.structs.replace(receipt, **changes), key))
            return given[-1]

        liar.says("PUT /v1/sessions/[0-9a-f]+/seal", told, status=201)
        outbox = outbox_of(platform, tmp_path)
        client = client_of(platform, trainer, address=liar.address)
        outbox.put(live.id, sealed.folder, not_before_us=0)
        item = outbox.claim()
        assert item is not None
        outcome = send(item, client, outbox, log=LogWatch(client, organisation))
        (now,) = outbox.items()
        if lie == "honest":
            assert (outcome, now.state, organisation.contradicted()) == (Outcome.DONE, "confirmed", "")
            return
        assert (outcome, now.state) == (Outcome.RETRY, "waiting")
        assert now.last_error.startswith("The platform contradicts itself")
        assert not (sealed.folder / "receipt.dsse").exists()
        assert organisation.contradicted() in {"receipt", "log"}
        (place,) = (tmp_path / "organisation" / "evidence").iterdir()
        assert given[-1] in {path.read_bytes() for path in place.iterdir()}
        liar.honest()
        assert send(item, client, outbox, log=LogWatch(client, organisation)) is Outcome.DONE
        outbox.close()


def without(hidden: bytes, name: str, field: str = "") -> Body:
    """The list `name` of an answer without that statement."""

    def told(body: bytes) -> bytes:
        whole = msgspec.json.decode(body)
        whole[name] = [one for one in whole[name] if (one[field] if field else one) != hidden.decode()]
        return msgspec.json.encode(whole)

    return told


def exchanged(true: bytes, false: bytes) -> Body:
    """One text in the place of another."""
    one, other = msgspec.json.encode(true.decode()), msgspec.json.encode(false.decode())
    return lambda body: body.replace(one, other)


class TestHidden:
    """A decision that the log holds is not told."""

    def test_from_the_trainer(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        client = Asker("trainer's news", team, liar, tmp_path, session)
        assert client.ask() == ""
        hidden = decided(team, session)
        told = decided(team, session, reason="Another reason, a minute later.")
        liar.says(NEWS, without(hidden, "statements", "envelope"))
        place = contradiction(client, "statement", "does not tell of")
        assert (place / "held.dsse").read_bytes() == hidden
        directory = open_directory((client.kept / "directory.dsse").read_bytes())
        liar.honest()
        assert client.ask() == ""
        assert told != hidden
        assert said(session.folder, directory).faults == ()

    def test_all_of_them_from_the_trainer(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        client = Asker("trainer's news", team, liar, tmp_path, session)
        assert client.ask() == ""
        hidden = decided(team, session)
        nothing = msgspec.json.encode({"statements": [], "next": client.seen - 1, "directories": {}})
        liar.says(NEWS, nothing)
        place = contradiction(client, "statement", "does not tell of")
        assert (place / "held.dsse").read_bytes() == hidden

    def test_from_another_reviewer(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        hidden = decided(team, session)

        liar.says(MANIFEST, without(hidden, "statements"))
        client = Asker("reviewer's replay", team, liar, tmp_path, session)
        place = contradiction(client, "statement", "does not give with it")
        assert (place / "held.dsse").read_bytes() == hidden
        liar.honest()
        assert client.ask() == ""

    def test_after_it_was_given_once(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        hidden = decided(team, session)
        client = Asker("reviewer's replay", team, liar, tmp_path, session)
        assert client.ask() == ""

        liar.says(MANIFEST, without(hidden, "statements"))
        liar.says(ENTRIES, without(hidden, "entries", "statement"))
        contradiction(client, "statement", "any more, as it did before")


class TestNotInTheLog:
    """What is told is not what the log holds."""

    def test_a_decision_to_the_trainer(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        client = Asker("trainer's news", team, liar, tmp_path, session)
        true = decided(team, session)
        false = decision(team.platform, team.people["ben"], session.sending, finding=session.raised, outcome="upheld")
        liar.says(NEWS, exchanged(true, false))
        contradiction(client, "statement", "is not in the organisation log")
        assert said(session.folder, open_directory((client.kept / "directory.dsse").read_bytes())).decisions == ()

    def test_a_decision_to_a_reviewer(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        true = decided(team, session)
        false = decision(team.platform, team.people["ben"], session.sending, finding=session.raised, outcome="upheld")
        liar.says(MANIFEST, exchanged(true, false))
        client = Asker("reviewer's replay", team, liar, tmp_path, session)
        place = contradiction(client, "statement", "is not in the organisation log")
        assert (place / "given.dsse").read_bytes() == false

    def test_a_false_proof_of_inclusion(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        decided(team, session)
        liar.says("GET /v1/log/inclusion/", msgspec.json.encode({"index": 3, "proof": ["9" * 64] * 5}))
        client = Asker("reviewer's replay", team, liar, tmp_path, session)
        contradiction(client, "statement", "is not in the organisation log")

    def test_its_own_decision_that_it_says_it_entered(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        client = Asker("reviewer's replay", team, liar, tmp_path, session)
        assert client.ask() == ""
        liar.says(r"POST /v1/sessions/[0-9a-f]{32}/statements", b'{"index": 7}', status=201)
        liar.says("GET /v1/log/inclusion/", b"{}")
        with client.enrolment() as enrolment, pytest.raises(PlatformFault, match="is not in the organisation log"):
            Reviews(enrolment, team.platform.clock).decide(
                session.id, session.raised, "upheld", "It was typed by a program."
            )
        assert client.evidence()


class TestOrder:
    """The order of the log is the order that is told."""

    def test_news_in_another_order(self, team: Team, liar: Liar, session: Asking, tmp_path: Path) -> None:
        client = Asker("trainer's news", team, liar, tmp_path, session)
        decided(team, session)
        decided(team, session, reason="Another reason, a minute later.")

        def swapped(body: bytes) -> bytes:
            page = msgspec.json.decode(body)
            if len(page["statements"]) < 2:
                return body
            first, second = page["statements"][-2:]
            first["index"], second["index"] = second["index"], first["index"]
            page["statements"][-2:] = [second, first]
            return msgspec.json.encode(page)

        liar.says(NEWS, swapped)
        assert "reordered" in client.ask()
        assert [place.name.partition("-")[0] for place in client.evidence()] == ["statement", "statement"]

    @pytest.mark.parametrize("kind", ["reversed", "renumbered", "a false proof", "an entry twice"])
    def test_entries_in_another_order(self, team: Team, liar: Liar, session: Asking, tmp_path: Path, kind: str) -> None:
        client = Asker("trainer's news", team, liar, tmp_path, session)
        decided(team, session)

        def wrong(body: bytes) -> bytes:
            rows = msgspec.json.decode(body)["entries"]
            if len(rows) < 2:
                return body
            if kind == "reversed":
                rows.reverse()
            elif kind == "renumbered":
                rows[0]["statement"], rows[1]["statement"] = rows[1]["statement"], rows[0]["statement"]
            elif kind == "a false proof":
                rows[1]["proof"] = ["9" * 64, *rows[1]["proof"][1:]]
            else:
                rows[1] = rows[0]
            return msgspec.json.encode({"entries": rows})

        liar.says(ENTRIES, wrong)
        contradiction(client, "log", "order" if kind in {"reversed", "an entry twice"} else "is not what it says")


class TestTwoLogs:
    """Two people are shown two logs: whoever reads what the other signed finds out, with nobody else's help."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> Iterator[tuple[Team, Asking, Liar]]:
        """A platform for one test: what is entered here stays in its log."""
        with running(tmp_path / "running") as platform, lying(platform) as liar:
            team = Team.of(platform, tmp_path / "people")
            yield team, team.session("two logs"), liar

    def test_the_trainer_reads_what_a_reviewer_signed(self, own: tuple[Team, Asking, Liar], tmp_path: Path) -> None:
        team, session, liar = own
        client = Asker("trainer's news", team, liar, tmp_path / "home", session)
        assert client.ask() == ""
        shown = liar.fork(client.seen - 1, client.seen)
        named = {"log_size": shown.size, "log_root": shown.root().hex()}
        raw = decision(team.platform, team.people["ben"], session.sending, finding=session.raised, **named)  # type: ignore[arg-type]
        liar.enters(raw, session.id, "ada", PROJECT)
        place = contradiction(client, "log", "is no part of the log shown here: forked")
        assert (place / "named-by.dsse").read_bytes() == raw
        assert (place / "held.note").read_bytes() == (client.kept / "log.note").read_bytes()
        assert said(session.folder, open_directory((client.kept / "directory.dsse").read_bytes())).decisions == ()

    def test_a_reviewer_reads_what_the_trainer_signed(self, own: tuple[Team, Asking, Liar], tmp_path: Path) -> None:
        team, session, liar = own
        client = Asker("reviewer's replay", team, liar, tmp_path / "home", session)
        decided_on = decided(team, session)
        assert client.ask() == ""
        shown = liar.fork(client.seen - 1, client.seen)
        named = {"log_size": shown.size, "log_root": shown.root().hex()}
        raw = reply(team.platform, team.people["ada"], session.sending, decided_on, **named)  # type: ignore[arg-type]
        liar.enters(raw, session.id, "ada", PROJECT)
        place = contradiction(client, "log", "is no part of the log shown here: forked")
        assert (place / "named-by.dsse").read_bytes() == raw

    def test_a_reviewer_reads_the_grant_that_the_platform_gave_in_the_other_log(
        self, own: tuple[Team, Asking, Liar], tmp_path: Path
    ) -> None:
        team, session, liar = own
        client = Asker("reviewer's replay", team, liar, tmp_path / "home", session)
        opening = next(event.body for event in session.sending.sealed.events if event.seq == 0)
        grant = open_statement(opening.envelope.encode(), Grant, liar.keys.grant.public)
        # the reviewer is shown a log in which one entry before that grant is another; the grant stands in it
        true = liar.tree()
        assert grant.log_size > 2
        liar.serves(Tree(bytes(32) if at == 1 else true.leaf(at) for at in range(true.size)))
        liar.says(ENTRIES, msgspec.json.encode({"entries": []}))
        contradiction(client, "log", "is no part of the log shown here: forked")

    def test_a_statement_that_names_more_than_there_was(self, own: tuple[Team, Asking, Liar], tmp_path: Path) -> None:
        team, session, liar = own
        client = Asker("trainer's news", team, liar, tmp_path / "home", session)
        assert client.ask() == ""
        raw = decision(team.platform, team.people["ben"], session.sending, finding=session.raised, log_size=client.seen + 9)
        liar.enters(raw, session.id, "ada", PROJECT)
        contradiction(client, "log", "there were not as many before it")
