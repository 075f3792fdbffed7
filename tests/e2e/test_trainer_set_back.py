# SPDX-License-Identifier: Apache-2.0
"""What ends a recording by itself, or tries to: a computer set back to a copy, a history never signed, a bug of ours."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from lying_platform import lying
from review_people import Team, settle
from server_running import running
from tray_turned import Tray, begin, turned
from trust_builders import signing_key
from uploader_proxy import RecordingProxy

from agent.clock import SystemClock
from agent.lifecycle import LOSS_UNKNOWN, SpoolLock
from agent.opening import load_session_keys
from agent.recorder import FAILED_MESSAGE
from agent.witnessed import WitnessedSizes
from fairwitness.opening import verify_here
from fairwitness.places import Places
from fairwitness.record import RECORDING, Wish, record_session
from fairwitness.recording import SET_BACK
from server.config import Limits
from session.desks import Stage, TrainerState
from session.events import Event, Gap, Reason, Start
from session.journal import SessionKeys
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.merkle import Tree
from session.log.note import note_bytes, sign_note
from session.log.proof import AddCheckpoint, format_add_checkpoint
from session.reader import FolderReader
from session.segments import session_frames
from ui.strings import Words
from ui.trainer.telling import contradiction_words


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("platform"), Limits(grants_open=400)) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture
def home(team: Team, tmp_path: Path) -> Path:
    team.platform.clock.reach(SystemClock().read().t_us)  # its grants can begin now
    return settle(team.platform, team.people["ada"], tmp_path)


def cosigned_once(tray: Tray, home: Path, session_id: str) -> int:
    """A pause makes a checkpoint; how many records the platform countersigned of it."""
    known = WitnessedSizes(home / "witnessed")
    tray.engine.hold(private=False)
    tray.comes_to("it is countersigned", lambda _status: known.of(session_id))
    tray.engine.resume()
    tray.comes_to("recording", lambda status: status.state is TrainerState.RECORDING)
    one = known.of(session_id)
    assert one is not None
    return one.cosigned_size


def goes_on_elsewhere(team: Team, keys: SessionKeys, tree: Tree, size: int, cosigned_size: int) -> int:
    """The future that this computer was set back from: the same session has more records there, and they are cosigned."""
    other = Tree(tree.leaf(index) for index in range(size))
    for number in range(30):
        other.append(hashlib.sha256(b"there %d" % number).digest())
    origin = origin_of(team.platform.organisation.fingerprint, keys.session_id)
    text = format_checkpoint(CheckpointText(origin, other.size, other.root()))
    note = note_bytes(text, sign_note(text, origin, keys.signing))
    body = format_add_checkpoint(AddCheckpoint(cosigned_size, other.consistency(cosigned_size, other.size), note))
    answer = team.platform.client().post(f"/v1/sessions/{keys.session_id}/add-checkpoint", data=body)
    assert answer.status_code == 200, answer.text
    return other.size


def records(home: Path, keys: SessionKeys) -> list[Event]:
    return list(FolderReader(home / "spool" / keys.session_id, keys.content).events())


@pytest.mark.ci
def test_a_session_whose_computer_was_set_back_ends_is_told_sealed_and_gone_on_from(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turned(home, monkeypatch) as tray:
        tray.comes_to("a grant is at hand", lambda _status: any((home / "grants").glob("*.dsse")))
        project = tray.engine.projects()[0].id
        begin(tray, project)
        session_id = tray.status.session_id
        keys = load_session_keys(tray.engine._store, session_id)
        cosigned_size = cosigned_once(tray, home, session_id)
        tree = tray.engine._running._opened.journal.tree  # type: ignore[union-attr] # it records
        there = goes_on_elsewhere(team, keys, tree, len(records(home, keys)), cosigned_size)
        tray.engine.hold(private=False)  # a checkpoint, sooner than the grid's
        tray.comes_to("it ended by itself", lambda status: [one.stage for one in status.sessions] == [Stage.REVIEW])
        assert (tray.status.state, tray.status.contradicted) == (TrainerState.IDLE, "")
        assert [one.session_id for one in tray.status.sessions] == [session_id]
        losses = [one for one in records(home, keys) if isinstance(one.body, Gap) and one.body.reason is Reason.DAMAGED]
        (loss,) = losses
        assert isinstance(loss.body, Gap)
        assert (loss.seq + loss.body.lost, loss.seq > cosigned_size) == (there, True)
        assert tray.status.message == SET_BACK.format(number=loss.body.lost)
        assert "nessuno ne ha colpa" in Words("it").fault(tray.status.message)

        tray.engine.seal(session_id)
        tray.engine.send_now(session_id)
        tray.comes_to("it is taken", lambda status: [one.stage for one in status.sessions] == [Stage.CONFIRMED])
        begin(tray, project)
        start = records(home, load_session_keys(tray.engine._store, tray.status.session_id))[1].body
        assert isinstance(start, Start)
        assert start.continues == session_id


@pytest.mark.ci
def test_where_the_platform_goes_away_meanwhile_nothing_is_changed_and_the_next_start_finishes_the_session(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []

    def shows_once(line: str, status: int, body: bytes) -> tuple[int, bytes]:
        if "add-checkpoint" not in line or not shown:
            shown.extend([status] if status == 409 else [])
            return status, body
        return 503, b"{}"

    with RecordingProxy(team.platform.address, rewrite=shows_once) as proxy:
        (home / "organisation" / "address").write_text(proxy.address)
        with turned(home, monkeypatch) as tray:
            tray.comes_to("a grant is at hand", lambda _status: any((home / "grants").glob("*.dsse")))
            begin(tray, tray.engine.projects()[0].id)
            session_id = tray.status.session_id
            keys = load_session_keys(tray.engine._store, session_id)
            tree = tray.engine._running._opened.journal.tree  # type: ignore[union-attr] # it records
            there = goes_on_elsewhere(team, keys, tree, 2, 0)
            tray.engine.hold(private=False)
            tray.comes_to("it is told", lambda status: status.message == LOSS_UNKNOWN)
            assert (tray.status.state, tray.status.sessions) == (TrainerState.IDLE, ())
            assert [
                one for one in records(home, keys) if isinstance(one.body, Gap) and one.body.reason is Reason.DAMAGED
            ] == []
    (home / "organisation" / "address").write_text(team.platform.address)
    with turned(home, monkeypatch) as tray:
        tray.comes_to("it is recovered", lambda status: [one.stage for one in status.sessions] == [Stage.REVIEW])
        (loss,) = [one for one in records(home, keys) if isinstance(one.body, Gap) and one.body.reason is Reason.DAMAGED]
        assert isinstance(loss.body, Gap)
        assert loss.seq + loss.body.lost == there


def test_a_recorder_that_fails_leaves_the_desk_which_says_so(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turned(home, monkeypatch) as tray:
        begin(tray, tray.engine.projects()[0].id)
        tray.engine._running.recorder._post(lambda _writer: 1 // 0)  # type: ignore[union-attr, arg-type] # a bug of ours
        tray.comes_to("it is told", lambda status: status.state is TrainerState.PROBLEM)
        tray.comes_to("with what to do", lambda status: status.message == FAILED_MESSAGE)


def test_a_recorder_that_fails_as_the_program_ends_keeps_nothing_from_ending(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turned(home, monkeypatch) as tray:
        begin(tray, tray.engine.projects()[0].id)
        recorder = tray.engine._running.recorder  # type: ignore[union-attr] # it records
        recorder._post(lambda _writer: 1 // 0)  # type: ignore[arg-type, return-value] # a bug of ours
        assert recorder.join(10)
        tray.engine.end()
        with SpoolLock(home / "lock"):
            assert not any(thread.name == "uplink" for thread in threading.enumerate())


@pytest.mark.ci
def test_in_a_terminal_the_loss_is_said_and_the_session_is_sealed_as_it_is(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with turned(home, monkeypatch) as tray:
        tray.comes_to("a grant is at hand", lambda _status: any((home / "grants").glob("*.dsse")))
        due = tray.engine.notice_due(tray.engine.projects()[0].id)
        assert due is not None
        tray.engine.acknowledge(due, "ab" * 32, "en")
        tray.engine.end()
        said: list[str] = []
        sizes: list[int] = []

        def say(words: str) -> None:
            said.append(words)
            if words == RECORDING:  # before the first checkpoint
                (session_id,) = [path.name for path in (home / "spool").iterdir()]
                keys = load_session_keys(Places(home).key_store(), session_id)
                leaves = [frame.leaf for _, _, frame in session_frames(home / "spool" / session_id)][:2]
                sizes.append(goes_on_elsewhere(team, keys, Tree(leaves), 2, 0))

        recorded = record_session(home, Wish(for_s=2.0, project=""), say)
        assert recorded.queued
        verification = verify_here(recorded.folder, home)
        assert (verification.verified, 0 < verification.lost < sizes[0] - 2) == (True, True), verification.failed_step
        assert SET_BACK.format(number=verification.lost) in said


@pytest.mark.ci
def test_in_a_terminal_it_is_said_that_the_platform_named_what_was_never_signed(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lying(team.platform) as liar:
        (home / "organisation" / "address").write_text(liar.address)
        with turned(home, monkeypatch) as tray:
            begin(tray, tray.engine.projects()[0].id)  # the notice is read
            tray.engine.end()
            liar.says("POST /v1/sessions/.*/add-checkpoint", never_signed(team, "cd" * 16), status=409)
            said: list[str] = []
            recorded = record_session(home, Wish(for_s=1.0, project=""), said.append)
            assert recorded.queued, "it is sealed and sent all the same"
            (told,) = [words for words in said if "contradicts itself" in words]
            assert "countersigned" in told
            assert "organisation/evidence" in told


def never_signed(team: Team, session_id: str) -> bytes:
    origin = origin_of(team.platform.organisation.fingerprint, session_id)
    text = format_checkpoint(CheckpointText(origin, 5000, bytes(32)))
    return note_bytes(text, sign_note(text, origin, signing_key("the platform's own")))


@pytest.mark.ci
def test_a_checkpoint_that_the_session_never_signed_is_told_and_recording_goes_on(
    team: Team, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lying(team.platform) as liar:
        (home / "organisation" / "address").write_text(liar.address)
        with turned(home, monkeypatch) as tray:
            begin(tray, tray.engine.projects()[0].id)
            given = never_signed(team, tray.status.session_id)
            liar.says("POST /v1/sessions/.*/add-checkpoint", given, status=409)
            tray.engine.hold(private=False)
            tray.comes_to("it is told", lambda status: status.contradicted == "witness")
            assert "countersigned" in " ".join(contradiction_words(tray.status, Words("en")))
            assert "controfirmato" in " ".join(contradiction_words(tray.status, Words("it")))
            (place,) = (home / "organisation" / "evidence").iterdir()
            assert (place / "given.note").read_bytes() == given
            tray.engine.resume()
            before = tray.status.worked_us
            tray.comes_to("hours go on", lambda status: status.worked_us > before)
            assert tray.status.state is TrainerState.RECORDING

            assert not tray.status.unkept
            (home / "organisation" / "evidence").rename(home / "explained")
            (home / "organisation" / "evidence").write_text("a disk that takes none")
            tray.engine.hold(private=False)
            tray.comes_to("it is told that it is in memory", lambda status: status.contradicted and status.unkept)
            (home / "organisation" / "evidence").unlink()
            tray.comes_to("it is written", lambda status: status.contradicted and not status.unkept)
            assert len(list((home / "organisation" / "evidence").iterdir())) == 1
