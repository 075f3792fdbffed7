# SPDX-License-Identifier: Apache-2.0
"""The engine behind the tray, with a real desktop, a real platform and real keys: what a trainer does in a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from desk_editor import editor
from desk_programs import openbox, xdotool
from desk_server import Desk, until, xvfb
from office import PROJECT, Office, office

from agent.lifecycle import SpoolLock
from fairwitness.demo import demo_policy
from fairwitness.opening import verify_here
from fairwitness.places import Places
from fairwitness.trainer import TrainerAgent
from session import EnvironmentFault, InputFault
from session.account import account, rules_of
from session.desks import SessionCard, Stage, TrainerState, TrainerStatus
from session.events import Ack, Answer, Declare, Edge, FindingRecord, Gap, Kind, Note, Reason, Redact, Task
from session.frames import SEALED
from session.policy import default_policy_toml, parse_policy, policy_digest
from session.redact import Ranges
from session.removal import stretch
from session.segments import session_frames

pytestmark = pytest.mark.slow

PERSONAL = ""
NOTICE = "ab" * 32
POLICY = default_policy_toml().replace(b"shadow = true ", b"shadow = false").replace(b"hold_s = 600", b"hold_s = 3600")


@pytest.fixture(scope="module")
def screen() -> Iterator[Desk]:
    with xvfb() as display, openbox(display), editor(display, "editor", "#ffffee"):
        xdotool(display, "type", "ready")
        yield display


@pytest.fixture
def desktop(screen: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A display with an editor in front, and this process on it."""
    for name, value in screen.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


@contextmanager
def tray(home: Path) -> Iterator[TrainerAgent]:
    """A trainer's desk whose sign is visible, ready for its person."""
    agent = TrainerAgent(home)
    agent.show_sign(visible=True)
    try:
        until(lambda: agent.status().state is TrainerState.IDLE, "the engine is ready", 30)
        yield agent
    finally:
        agent.close()


def read_notice(agent: TrainerAgent, project: str) -> None:
    due = agent.notice_due(project)
    assert due is not None
    agent.acknowledge(due, NOTICE, "en")
    assert agent.notice_due(project) is None


def states(agent: TrainerAgent, state: TrainerState) -> None:
    until(lambda: agent.status().state is state, f"the state is {state}", 30)


def card(agent: TrainerAgent, session_id: str, stage: Stage, patience_s: float = 30) -> SessionCard:
    def found() -> SessionCard | None:
        cards = [one for one in agent.status().sessions if one.session_id == session_id]
        return cards[0] if cards and cards[0].stage is stage else None

    until(found, f"the session is {stage}: {agent.status()}", patience_s)
    got = found()
    assert got is not None
    return got


def record(agent: TrainerAgent, project: str) -> str:
    """A short session from start to review; its id."""
    agent.start(project)
    states(agent, TrainerState.RECORDING)
    session_id = agent.status().session_id
    agent.stop()
    states(agent, TrainerState.IDLE)
    card(agent, session_id, Stage.REVIEW)
    return session_id


@pytest.mark.usefixtures("desktop")
def test_a_personal_session_from_notice_to_seal(tmp_path: Path) -> None:
    with tray(tmp_path) as agent:
        assert [one.id for one in agent.projects()] == [PERSONAL]
        with pytest.raises(InputFault, match="notice"):
            agent.start(PERSONAL)
        read_notice(agent, PERSONAL)
        agent.start(PERSONAL)
        states(agent, TrainerState.RECORDING)
        session_id = agent.status().session_id
        with pytest.raises(InputFault, match="running"):
            agent.start(PERSONAL)
        agent.note("The second answer needs a source.")
        agent.declare("A dictionary", "one word")
        agent.pause()
        states(agent, TrainerState.PAUSED)
        agent.private()
        states(agent, TrainerState.PRIVATE)
        agent.resume()
        states(agent, TrainerState.RECORDING)
        agent.stop()
        assert card(agent, session_id, Stage.REVIEW).worked_us > 0

        case = agent.case(session_id)
        bodies = [event.body for event in case.reader.events()]
        assert case.verification is None
        assert case.reads_as == "trainer"
        acks = [body for body in bodies if isinstance(body, Ack)]
        assert [(one.policy_sha256, one.notice_sha256, one.language) for one in acks] == [
            (policy_digest(default_policy_toml()), NOTICE, "en")
        ]
        assert [body.text for body in bodies if isinstance(body, Note)] == ["The second answer needs a source."]
        assert [body.tool for body in bodies if isinstance(body, Declare)] == ["A dictionary"]
        gaps = [
            body.reason for body in bodies if isinstance(body, Gap) and body.edge is Edge.BEGIN and body.scope == "session"
        ]
        assert gaps == [Reason.PAUSE, Reason.PRIVATE]

        agent.seal(session_id)
        card(agent, session_id, Stage.KEPT)
        sealed = agent.case(session_id)
        assert sealed.verification is not None
        assert sealed.verification.verified
        with pytest.raises(InputFault, match="does not wait"):
            agent.seal(session_id)
    with SpoolLock(tmp_path / "lock"):  # given up by the end
        assert verify_here(tmp_path / "spool" / session_id, tmp_path).verified


@pytest.mark.usefixtures("desktop")
def test_an_enrolled_session_is_answered_sealed_held_sent_and_confirmed(tmp_path: Path) -> None:
    with office(tmp_path / "office", POLICY) as desk, tray(desk.trainer) as agent:
        assert [(one.id, one.name) for one in agent.projects()] == [(PROJECT, "Project")]
        assert agent.status().organisation == "An organisation"
        read_notice(agent, PROJECT)
        session_id = record(agent, PROJECT)
        # its grant was used, and the platform gives no more until it has heard of the session: that is not offline
        until(lambda: any(b'"error": "grants"' in body for _, body in list(desk.proxy.answered)), "grants are refused", 30)
        until(lambda: not agent.status().offline, "and nobody says offline")
        assert (agent.status().offline, agent.status().message) == (False, "")
        case = agent.case(session_id)
        found = [event for event in case.reader.events() if isinstance(event.body, FindingRecord)]
        assert found
        for words, error in (("  ", "words"), ("x" * 5000, "4096")):
            with pytest.raises(InputFault, match=error):
                agent.answer(session_id, found[0].seq, words)
        with pytest.raises(InputFault, match="no such finding"):
            agent.answer(session_id, 1, "To what?")
        agent.answer(session_id, found[0].seq, "That was my text expander.")
        again = agent.case(session_id)
        answers = [event.body for event in again.reader.events() if isinstance(event.body, Answer)]
        assert [(one.finding, one.text) for one in answers] == [(found[0].seq, "That was my text expander.")]
        tasks = [event.body for event in again.reader.events() if isinstance(event.body, Task)]
        assert [one.project for one in tasks] == [PROJECT]

        agent.seal(session_id)
        held = card(agent, session_id, Stage.HELD)
        assert held.send_at_us > 0
        with pytest.raises(InputFault, match="does not wait"):
            agent.answer(session_id, found[0].seq, "Too late.")
        agent.send_now(session_id)
        confirmed = card(agent, session_id, Stage.CONFIRMED)
        assert confirmed.started_us == held.started_us
        assert agent.case(session_id).verification.receipt  # type: ignore[union-attr] # sealed
        _read_as_reviewer(desk, session_id)


@pytest.mark.usefixtures("desktop")
def test_a_list_that_cannot_be_read_is_said_and_ends_no_recording(tmp_path: Path) -> None:
    with office(tmp_path / "office", POLICY) as desk, tray(desk.trainer) as agent:
        read_notice(agent, PROJECT)
        (path,) = desk.trainer.glob("*.sqlite3")
        with closing(sqlite3.connect(path)) as database:
            database.execute("ALTER TABLE sessions RENAME TO elsewhere")
        agent.start(PROJECT)
        states(agent, TrainerState.RECORDING)
        until(lambda: "The list of sessions to send" in agent.status().message, "it is said")
        agent.stop()
        states(agent, TrainerState.IDLE)


@pytest.mark.usefixtures("desktop")
def test_what_is_taken_out_before_the_seal_is_nowhere_and_the_session_verifies(tmp_path: Path) -> None:
    with office(tmp_path / "office", demo_policy(20)) as desk, tray(desk.trainer) as agent:
        read_notice(agent, PROJECT)
        agent.start(PROJECT)
        states(agent, TrainerState.RECORDING)
        session_id = agent.status().session_id
        folder = desk.trainer / "spool" / session_id
        until(lambda: list((folder / "blobs").glob("*")), "a screenshot", 40)
        agent.stop()
        card(agent, session_id, Stage.REVIEW, 40)
        before = agent.case(session_id).reader.events()
        worked_us = account(before, rules_of(parse_policy(demo_policy(20)))).worked_us
        shot = next(event for event in before if event.kind == Kind.CAPTURE)
        found = stretch(before, (0, 2**53))
        gone = [path.read_bytes() for path in (folder / "blobs").iterdir()]
        gone += [frame.tail for _, _, frame in session_frames(folder) if frame.seq in Ranges(found.ranges)]
        assert len(gone) >= 4
        assert all(_lies_in(desk.trainer, one) for one in gone), "the search finds what is there"

        with pytest.raises(InputFault, match="cannot be removed"):
            agent.remove(session_id, ((0, 1),))
        agent.remove(session_id, found.ranges)
        assert not [one for one in gone if _lies_in(desk.trainer, one)]
        after = agent.case(session_id).reader.events()
        assert {event.seq: event.body for event in after}[shot.seq] is None
        assert [event.body.ranges for event in after if isinstance(event.body, Redact)] == [found.ranges]
        assert stretch(after, (0, 2**53)).ranges == ()

        agent.seal(session_id)
        agent.send_now(session_id)
        card(agent, session_id, Stage.CONFIRMED)
        with pytest.raises(InputFault, match="does not wait"):
            agent.remove(session_id, found.ranges)
        assert not [one for one in gone if _lies_in(tmp_path, one)], "neither here nor on the platform"
        checked = verify_here(desk.fetched(folder), desk.reviewer)
        assert checked.verified
        assert checked.account is not None
        assert checked.account.worked_us == worked_us, "taking out costs no time"


@pytest.mark.usefixtures("desktop")
def test_what_is_taken_out_after_it_was_sent_is_nowhere_and_the_session_verifies(tmp_path: Path) -> None:
    with office(tmp_path / "office", demo_policy(20)) as desk, tray(desk.trainer) as agent:
        read_notice(agent, PROJECT)
        agent.start(PROJECT)
        states(agent, TrainerState.RECORDING)
        session_id = agent.status().session_id
        folder = desk.trainer / "spool" / session_id
        until(lambda: list((folder / "blobs").glob("*")), "a screenshot", 40)
        agent.stop()
        card(agent, session_id, Stage.REVIEW, 40)
        found = stretch(agent.case(session_id).reader.events(), (0, 2**53))
        with pytest.raises(InputFault, match="not sealed"):
            agent.remove_sealed(session_id, found.ranges)
        agent.seal(session_id)
        agent.send_now(session_id)
        card(agent, session_id, Stage.CONFIRMED)
        copy = desk.fetched(folder)
        gone = [path.read_bytes() for path in (copy / "blobs").iterdir()]
        frames = [frame for _, _, frame in session_frames(copy) if frame.seq in Ranges(found.ranges)]
        gone += [frame.tail for frame in frames if frame.flags == SEALED]
        assert len(gone) >= 4
        for place in (desk.trainer, desk.platform, copy):
            assert all(_lies_in(place, one) for one in gone), "the search finds what is there"

        agent.remove_sealed(session_id, found.ranges)
        assert not [one for one in gone if _lies_in(desk.trainer, one)]
        until(lambda: not [one for one in gone if _lies_in(desk.platform, one)], "the platform removed it, too", 30)
        assert all(_lies_in(copy, one) for one in gone), "a copy that somebody has is theirs until they ask again"
        assert desk.fetched(folder) == copy
        assert not [one for one in gone if _lies_in(tmp_path, one)], "nowhere at all"
        for place, home in ((copy, desk.reviewer), (folder, desk.trainer)):
            checked = verify_here(place, home)
            assert checked.verified, checked.failed_step
            assert [one.by for one in checked.removals] == ["person"]


def _lies_in(folder: Path, secret: bytes) -> bool:
    """Whether any part of 24 bytes from the middle of `secret` is in any file."""
    part = secret[len(secret) // 2 - 12 : len(secret) // 2 + 12]
    return any(part in _bytes_of(path) for path in folder.rglob("*"))


def _bytes_of(path: Path) -> bytes:
    """What is in the file; nothing where it is none, or is just being taken away."""
    with suppress(FileNotFoundError, IsADirectoryError):
        return path.read_bytes()
    return b""


def _read_as_reviewer(desk: Office, session_id: str) -> None:
    copy = desk.fetched(desk.trainer / "spool" / session_id)
    assert verify_here(copy, desk.reviewer).verified


@pytest.mark.usefixtures("desktop")
def test_what_ran_at_the_end_of_the_program_waits_for_review_at_its_next_start(tmp_path: Path) -> None:
    with tray(tmp_path) as agent:
        read_notice(agent, PERSONAL)
        waiting = record(agent, PERSONAL)
        agent.start(PERSONAL)
        states(agent, TrainerState.RECORDING)
        running = agent.status().session_id
    with tray(tmp_path) as agent:
        card(agent, waiting, Stage.REVIEW)
        card(agent, running, Stage.REVIEW)
        assert agent.notice_due(PERSONAL) is None  # read once, remembered
        for session_id in (waiting, running):
            agent.seal(session_id)
            card(agent, session_id, Stage.KEPT)
            verification = agent.case(session_id).verification
            assert verification is not None
            assert verification.verified


@pytest.mark.usefixtures("desktop")
def test_without_a_sign_nothing_is_observed(tmp_path: Path) -> None:
    agent = TrainerAgent(tmp_path)
    agent.show_sign(visible=False)
    assert agent.status().state is TrainerState.STARTING
    with pytest.raises(EnvironmentFault, match="starting"):
        agent.start(PERSONAL)
    assert not agent.projects()
    agent.show_sign(visible=True)
    try:
        states(agent, TrainerState.IDLE)
        read_notice(agent, PERSONAL)
        agent.start(PERSONAL)
        states(agent, TrainerState.RECORDING)
        agent.show_sign(visible=False)
        states(agent, TrainerState.PAUSED)
        assert "no sign" in agent.status().message
        agent.show_sign(visible=True)
        states(agent, TrainerState.RECORDING)
    finally:
        agent.close()


@pytest.mark.usefixtures("desktop")
def test_a_start_waits_for_another_recorder_and_says_so(tmp_path: Path) -> None:
    told: list[TrainerStatus] = []
    agent = TrainerAgent(tmp_path)
    agent.listen(told.append)
    try:
        with SpoolLock(tmp_path / "lock"):
            agent.show_sign(visible=True)
            states(agent, TrainerState.PROBLEM)
            assert "running already" in agent.status().message
            with pytest.raises(EnvironmentFault, match="running already"):
                agent.pause()
        states(agent, TrainerState.IDLE)
        assert [one.state for one in told] == [TrainerState.PROBLEM, TrainerState.IDLE]
    finally:
        agent.close()


@pytest.mark.usefixtures("desktop")
def test_verbs_without_a_session_say_so(tmp_path: Path) -> None:
    with tray(tmp_path) as agent:
        for verb in (agent.pause, agent.private, agent.resume, agent.stop, lambda: agent.note("x")):
            with pytest.raises(InputFault, match="No session"):
                verb()
        with pytest.raises(InputFault, match="no organisation"):
            agent.send_now("00" * 16)
        with pytest.raises(InputFault, match="no session folder"):
            agent.case("00" * 16)
        with pytest.raises(InputFault):
            agent.link("not a link")


def test_a_program_that_never_had_a_sign_ends_at_once(tmp_path: Path) -> None:
    agent = TrainerAgent(tmp_path)
    agent.close()
    agent.show_sign(visible=True)
    assert not (Places(tmp_path).folder / "lock").exists()
