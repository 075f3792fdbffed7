# SPDX-License-Identifier: Apache-2.0
"""A trainer takes something out of a sealed session: gone here, at the platform and at the reviewer's; cut anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from review_people import Asking, Team
from server_running import running
from server_sessions import LiveSession, session_id_of
from server_statements import removal
from sqlalchemy import delete
from verifier_both import both

from fairwitness import removals, removing
from fairwitness.opening import open_here
from fairwitness.places import Places
from fairwitness.removals import Going, finish_removals, going, remove_sealed, send_removals
from fairwitness.statements import take_news
from fairwitness.wiring import Enrolment
from server import rewriting
from server.core import Core
from server.store import rows, tables
from server.store.engine import Database
from session import EnvironmentFault, InputFault, IntegrityFault, PlatformFault
from session.events import Capture, Kind
from session.frames import SEALED
from session.ports import Outcome
from session.segments import blob_of, session_frames
from session.verify import TrustAnchor
from session.verify.said import said
from uploader.fetch import RemotePlatform
from uploader.orglog import LogWatch
from uploader.transfer import send

SLICE_BYTES = 24


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("removal")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture
def ada(team: Team) -> Iterator[Enrolment]:
    found = team.enrolment("ada")
    yield found
    found.close()


@pytest.fixture
def session(team: Team, ada: Enrolment, request: pytest.FixtureRequest) -> Asking:
    made = team.session(request.node.name, pictures=3)
    assert delivered(team, ada, made.folder) is Outcome.DONE  # it is there already, and the receipt comes
    return made


def delivered(team: Team, ada: Enrolment, folder: Path) -> Outcome:
    """One attempt of the outbox at the session."""
    ada.outbox.put(folder.name, folder, not_before_us=0)
    ada.outbox.release(folder.name)
    item = ada.outbox.claim()
    assert item is not None
    client = team.client("ada")
    return send(item, client, ada.outbox, log=LogWatch(client, ada.organisation))


def frames(folder: Path) -> dict[int, tuple[int, int]]:
    """Type and flags of each record."""
    return {frame.seq: (frame.kind, frame.flags) for _, _, frame in session_frames(folder)}


def of(folder: Path, kind: Kind) -> list[int]:
    return [seq for seq, (found, flags) in frames(folder).items() if found == kind and flags == SEALED]


def slices(folder: Path, *seqs: int) -> list[bytes]:
    """A piece of each sealed part and picture."""
    pieces = []
    for _, _, frame in session_frames(folder):
        if frame.seq in seqs and frame.flags == SEALED:
            pieces.append(frame.tail[60 : 60 + SLICE_BYTES])
            if blob_of(frame):
                pieces.append((folder / "blobs" / blob_of(frame)).read_bytes()[3000 : 3000 + SLICE_BYTES])
    return pieces


def holding(pieces: list[bytes], *places: Path) -> set[Path]:
    """Every file below these folders that holds a piece: databases, their logs and free pages too."""
    found = set()
    for path in [path for place in places for path in place.rglob("*") if path.is_file()]:
        with suppress(FileNotFoundError):  # a database's shared memory, which goes with its last reader
            octets = path.read_bytes()
            found |= {path} if any(piece in octets for piece in pieces) else set()
    return found


def asked(team: Team, folder: Path, *seqs: int) -> Going:
    events = open_here(folder, team.home("ada")).reader.events()
    return going(folder, events, [(seq, seq) for seq in seqs])


def removed(team: Team, ada: Enrolment, folder: Path, *seqs: int, reason: str = "private") -> None:
    store = ada.places.key_store()
    remove_sealed(ada.places, store, ada, folder, asked(team, folder, *seqs), reason, team.platform.clock)


def fetched(team: Team, session_id: str, name: str = "ben") -> Path:
    client, theirs = team.client(name), team.enrolment(name)
    theirs.close()
    log = LogWatch(client, theirs.organisation)
    return RemotePlatform(client, log).fetch(session_id, team.home(name) / "review")


def test_what_is_removed_after_the_seal_is_nowhere_and_the_session_verifies(
    team: Team, ada: Enrolment, session: Asking
) -> None:
    folder = session.folder
    capture, focus = of(folder, Kind.CAPTURE)[0], of(folder, Kind.FOCUS)[2]
    raw = of(folder, Kind.RAW)[0]
    pieces = slices(folder, capture, focus)
    alone = slices(folder, raw)  # withheld: only ever here
    copy = fetched(team, session.id)
    everywhere = (team.platform.config.folder, team.folder)
    for piece in pieces:
        assert {folder, copy} <= {one for path in holding([piece], *everywhere) for one in path.parents}
    removed(team, ada, folder, capture, focus, raw)
    assert holding(pieces + alone, folder, ada.places.folder) == set()
    assert holding(pieces, team.platform.config.folder)

    assert send_removals(ada, team.client("ada")) == ""

    assert holding(pieces, team.platform.config.folder) == set()
    assert holding(pieces, copy)  # what was fetched before stays until it is opened again
    assert fetched(team, session.id) == copy
    assert holding(pieces + alone, *everywhere) == set()
    root = TrustAnchor(team.platform.organisation.fingerprint)
    for one in (folder, copy, fetched(team, session.id, "ada")):
        outcome = both(one, trust=root)
        assert outcome.verified, outcome.failed_step
        (told,) = outcome.removals
        assert (told.by, told.reason) == ("person", "private")
        assert told.kinds == ((Kind.FOCUS, 1), (Kind.CAPTURE, 1), (Kind.RAW, 1))
        (counted,) = said(one, ada.organisation.directory()).removals
        assert (counted.person, counted.reason) == ("ada", "private")
    assert list((ada.places.folder / "news" / "unsent").iterdir()) == []
    assert len(list((copy / "blobs").iterdir())) == 2


def test_a_session_that_waits_is_sent_without_it_and_with_the_statement(
    team: Team, ada: Enrolment, request: pytest.FixtureRequest
) -> None:
    folder = waiting(team, request.node.name)
    capture = of(folder, Kind.CAPTURE)[0]
    pieces = slices(folder, capture)
    removed(team, ada, folder, capture)
    assert send_removals(ada, team.client("ada")) == ""  # nothing to say before the session is there
    assert delivered(team, ada, folder) is Outcome.DONE
    assert holding(pieces, team.platform.config.folder, team.folder) == set()
    assert both(folder).verified
    assert both(fetched(team, folder.name)).verified
    assert send_removals(ada, team.client("ada")) == ""
    assert list((ada.places.folder / "news" / "unsent").iterdir()) == []


def waiting(team: Team, name: str, *, twins: bool = False) -> Path:
    """A sealed session in ada's spool that nobody sent yet."""
    spool = Places(team.home("ada")).spool
    spool.mkdir(parents=True, exist_ok=True)
    live = LiveSession(team.platform, team.people["ada"], spool / session_id_of(name), name)
    live.tick()
    shots: list[int] = []
    for number in range(2):
        shots = [*shots, live.capture(b"picture %d" % number * 200).seq]
    if twins:
        body = live.events[-1].body
        assert isinstance(body, Capture)
        again = live.journal.append_blob(
            msgspec.structs.replace(body, blob_key="", size_bytes=0, same_as=shots[0]), b"picture 0" * 200
        )
        live.events.append(again)
    live.cosigned_checkpoint()
    live.stop()
    return live.seal_whole().sealed.folder


def test_twins_of_a_picture_go_with_it_and_what_may_not_go_is_named(team: Team, request: pytest.FixtureRequest) -> None:
    folder = waiting(team, request.node.name, twins=True)
    first, second, third = of(folder, Kind.CAPTURE)
    found = asked(team, folder, first)
    assert (sorted(found.pictures), found.kinds, found.twins) == ([first, third], ((Kind.CAPTURE, 2),), 1)
    assert all(found.pictures.values())
    events = open_here(folder, team.home("ada")).reader.events()
    wide = going(folder, events, [(0, third)])
    assert {frames(folder)[seq][0] for seq in wide.pictures} <= {
        Kind.CAPTURE,
        Kind.FOCUS,
        Kind.STATS,
        Kind.CLIPBOARD,
        Kind.RAW,
    }
    assert {first, second, third} <= set(wide.pictures)
    for wrong, words in (((0, 0), "of a type that stays"), ((5, 4), "not within"), ((0, 10**6), "not within")):
        with pytest.raises(InputFault, match=words):
            going(folder, events, [wrong])
    unsealed = folder.with_name("unsealed")
    unsealed.mkdir()
    with pytest.raises(InputFault, match="not sealed"):
        going(unsealed, events, [(first, first)])
    unsealed.rmdir()


def test_only_the_own_sealed_session_in_the_spool_and_with_a_short_reason(
    team: Team, ada: Enrolment, session: Asking, tmp_path: Path
) -> None:
    capture = of(session.folder, Kind.CAPTURE)[0]
    what, store, clock = asked(team, session.folder, capture), ada.places.key_store(), team.platform.clock
    copy = fetched(team, session.id)
    with pytest.raises(InputFault, match="path"):
        remove_sealed(ada.places, store, ada, copy, what, "", clock)
    with pytest.raises(InputFault, match="128"):
        remove_sealed(ada.places, store, ada, session.folder, what, "x" * 129, clock)
    ben = team.enrolment("ben")
    beside = ben.places.spool / session.id
    beside.symlink_to(session.folder)
    with pytest.raises(EnvironmentFault, match="Only the person"):
        remove_sealed(ben.places, ben.places.key_store(), ben, beside, what, "", clock)
    beside.unlink()
    ben.close()
    assert frames(session.folder)[capture][1] == SEALED
    removed(team, ada, session.folder, capture)
    with pytest.raises(InputFault, match="nothing is left"):
        asked(team, session.folder, capture)


class CutError(BaseException):
    """The machine stops here."""


def cut(*_args: object, **_more: object) -> None:
    raise CutError


STEPS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "signed, not moved in": lambda patch: patch.setattr(removals, "move_in", cut),
    "moved in, nothing dropped": lambda patch: patch.setattr(removals, "carry_out", cut),
    "before a segment is replaced": lambda patch: patch.setattr("session.redact.rewrite", cut),
    "segments replaced, picture there": lambda patch: patch.setattr("session.redact.erase", cut),
    "gone here, not forgotten": lambda patch: patch.setattr(removals, "_forget", cut),
}


@pytest.mark.ci
@pytest.mark.parametrize("case", [(step, how) for step in STEPS for how in ("next start", "sent first")])
def test_cut_anywhere_it_is_finished_later_and_is_one_removal(
    team: Team, ada: Enrolment, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, case: tuple[str, str]
) -> None:
    step, how = case
    folder = waiting(team, request.node.name)
    capture = of(folder, Kind.CAPTURE)[0]
    pieces = slices(folder, capture)
    with monkeypatch.context() as patch:
        STEPS[step](patch)
        try:
            removed(team, ada, folder, capture)
        except CutError:
            pass
        else:
            assert step == "gone here, not forgotten"
    if how == "next start":
        finish_removals(ada.places)
        assert holding(pieces, folder) == set()
    outcome = delivered(team, ada, folder)
    assert outcome is Outcome.DONE, ada.outbox.items()
    assert send_removals(ada, team.client("ada")) == ""
    assert holding(pieces, team.platform.config.folder, team.folder) == set()
    copy = fetched(team, folder.name)
    (told,) = both(copy, trust=TrustAnchor(team.platform.organisation.fingerprint)).removals
    assert told.kinds == ((Kind.CAPTURE, 1),)
    assert both(folder).verified


def test_an_answer_that_was_lost_between_seal_and_removal_is_made_good(
    team: Team, ada: Enrolment, request: pytest.FixtureRequest
) -> None:
    folder = waiting(team, request.node.name)
    sent = removals_free_copy(team, ada, folder)
    capture = of(folder, Kind.CAPTURE)[0]
    removed(team, ada, folder, capture)
    assert delivered(team, ada, folder) is Outcome.DONE  # sealed whole there, and reduced here: it is one seal
    assert holding(sent[:2], team.platform.config.folder)
    assert send_removals(ada, team.client("ada")) == ""
    assert holding(sent[:2], team.platform.config.folder) == set()
    assert both(fetched(team, folder.name)).verified


def removals_free_copy(team: Team, ada: Enrolment, folder: Path) -> list[bytes]:
    """The whole session reaches the platform, and its receipt does not reach us. Returns slices of its first capture."""
    pieces = slices(folder, of(folder, Kind.CAPTURE)[0])
    assert delivered(team, ada, folder) is Outcome.DONE
    ada.outbox.close()
    (folder / "receipt.dsse").unlink()
    team.enrolment("ada").close()  # a start finds it unconfirmed
    return pieces


def test_a_picture_that_goes_while_it_is_sent_puts_the_attempt_off(
    team: Team, ada: Enrolment, request: pytest.FixtureRequest
) -> None:
    folder = waiting(team, request.node.name)
    capture = of(folder, Kind.CAPTURE)[0]
    ada.outbox.put(folder.name, folder, not_before_us=0)
    item = ada.outbox.claim()
    assert item is not None
    begun: list[int] = []

    def between() -> bool:
        if not begun:
            begun.append(1)
            removed(team, ada, folder, capture)
        return True

    assert send(item, team.client("ada"), ada.outbox, between=between) is Outcome.RETRY
    assert delivered(team, ada, folder) is Outcome.DONE
    assert both(fetched(team, folder.name)).verified


def test_the_organisation_s_removal_is_carried_out_here_with_the_news(team: Team, ada: Enrolment, session: Asking) -> None:
    stats = of(session.folder, Kind.STATS)[:2]
    pieces = slices(session.folder, *stats)
    platform = team.platform
    raw = removal(
        platform,
        platform.admin,
        session.sending,
        *stats,
        key=platform.organisation.root,
        by="organisation",
        reason="retention",
    )
    assert platform.admin.client.post(f"/v1/sessions/{session.id}/retention", data=raw).status_code == 201
    assert holding(pieces, session.folder)
    take_news(ada, team.client("ada"))
    assert holding(pieces, team.folder, platform.config.folder) == set()
    outcome = both(session.folder, trust=TrustAnchor(platform.organisation.fingerprint))
    assert [one.by for one in outcome.removals] == ["organisation"]
    take_news(ada, team.client("ada"))
    assert both(session.folder).verified


def test_a_platform_that_gives_less_than_before_without_a_removal_is_refused(
    team: Team, ada: Enrolment, session: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = fetched(team, session.id)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    (focus,) = of(copy, Kind.FOCUS)[:1]
    with server_of(team) as core:
        with core.reading() as connection:
            sealed = rows.seal(connection, session.id)
        assert sealed is not None
        with core.rewriting:
            made = rewriting.rewrite(core, sealed, lambda frame: frame.absent() if frame.seq == focus else frame)
            with core.writing() as connection:
                rewriting.enter(core, connection, session.id, made)
    with pytest.raises(IntegrityFault, match=f"record {focus} any more, and no removal"):
        fetched(team, session.id)
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


@contextmanager
def server_of(team: Team) -> Iterator[Core]:
    """The platform's own hands, beside the one that serves."""
    core = Core(team.platform.config, team.platform.clock)
    yield core
    core.close()


def test_a_copy_that_is_damaged_is_made_good_without_what_was_removed(team: Team, ada: Enrolment, session: Asking) -> None:
    capture, focus = of(session.folder, Kind.CAPTURE)[0], of(session.folder, Kind.FOCUS)[1]
    pieces = slices(session.folder, capture, focus)
    copy = fetched(team, session.id)
    octets = bytearray((copy / "000000.fws").read_bytes())
    octets[len(octets) // 2] ^= 1
    (copy / "000000.fws").write_bytes(octets)
    removed(team, ada, session.folder, capture, focus)
    assert send_removals(ada, team.client("ada")) == ""
    assert fetched(team, session.id) == copy
    assert holding(pieces, copy, team.home("ben")) == set()
    assert both(copy, trust=TrustAnchor(team.platform.organisation.fingerprint)).verified


def test_a_platform_that_hides_a_removal_is_refused_by_the_log(team: Team, ada: Enrolment, session: Asking) -> None:
    removed(team, ada, session.folder, of(session.folder, Kind.FOCUS)[0])
    assert send_removals(ada, team.client("ada")) == ""
    database = Database(team.platform.config.database)
    with database.writing() as connection:
        connection.execute(delete(tables.statements).where(tables.statements.c.session == session.id))
    database.close()
    with pytest.raises(PlatformFault, match="holds a statement"):
        fetched(team, session.id)


@pytest.mark.parametrize("reached", [True, False])
def test_the_command_says_whether_the_platform_has_taken_it(
    team: Team, ada: Enrolment, session: Asking, monkeypatch: pytest.MonkeyPatch, *, reached: bool
) -> None:
    monkeypatch.setattr(removing, "SystemClock", lambda: team.platform.clock)
    if not reached:
        monkeypatch.setattr(removing, "send_removals", lambda *_: "The platform cannot be reached.")
    capture = of(session.folder, Kind.CAPTURE)[0]
    pieces = slices(session.folder, capture)
    told: list[str] = []

    def sure(lines: Sequence[str]) -> bool:
        told.extend(lines)
        return True

    done = removing.remove(team.home("ada"), session.folder, [(capture, capture)], "", sure)
    assert told[0] == "This would go for good: 1 CAPTURE."
    assert (done.removed, done.records, done.screenshots, done.sent) == (True, 1, 1, reached)
    assert ("on the platform" in removing.outcome(done), "told again by itself" in removing.outcome(done)) == (
        reached,
        not reached,
    )
    assert bool(holding(pieces, team.platform.config.folder)) is not reached
    assert send_removals(ada, team.client("ada")) == ""
    assert holding(pieces, team.platform.config.folder, session.folder) == set()
