# SPDX-License-Identifier: Apache-2.0
"""A platform without room for what was recorded: it waits on this computer, and goes up once there is room, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from server_running import PROJECT, Member, RunningPlatform, StillClock
from server_sessions import LiveSession, session_id_of
from uploader_clock import StillClock as AgentClock
from uploader_platform import client_of, outbox_of

from server.config import Limits, ServerConfig
from server.serve import background
from session.events import Kind, Task
from session.ports import OutboxItem, Outcome
from ui.strings import Words
from uploader.outbox import DurableOutbox
from uploader.transfer import NO_ROOM_US, send

PICTURE_BYTES = 60_000  # padded to 147,472 by this policy
SMALL = Limits(session_max_bytes=350_000, unsealed_max_bytes=500_000)
"""Two pictures of a session and its records, three of a person."""


class Desk:
    """A trainer's outbox, and a platform whose admin may give it other limits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = ServerConfig(folder=folder / "platform", port=0, limits=SMALL)
        self.platform = RunningPlatform(self.config, StillClock())
        self.clock = AgentClock()
        self.trainer: Member
        self.outbox: DurableOutbox

    def set_up(self) -> None:
        self.platform.put_policy()
        self.trainer = self.platform.join("tess", "trainer")
        self.platform.join("rob", "reviewer")
        self.platform.issue_review_key()
        self.outbox = outbox_of(self.platform, self.folder, self.clock)

    def sealed(self, name: str, pictures: int) -> LiveSession:
        session = LiveSession(self.platform, self.trainer, self.folder / "spool" / session_id_of(name), name)
        session.add(Kind.TASK, Task(session.reading.t_us, session.reading.mono_us, PROJECT))
        session.tick()
        for number in range(pictures):
            session.capture(f"{name} {number} ".encode() * (PICTURE_BYTES // 12))
        session.cosigned_checkpoint()
        session.stop()
        return session

    def queue(self, session: LiveSession) -> None:
        session.seal(receipt=False)
        self.platform.clock.reach(session.reading.t_us)
        self.outbox.put(session.id, session.folder, not_before_us=0)

    def send(self) -> Outcome:
        item = self.outbox.claim()
        assert item is not None
        return send(item, client_of(self.platform, self.trainer, clock=self.clock), self.outbox)

    def item(self, session: LiveSession) -> OutboxItem:
        return next(item for item in self.outbox.items() if item.session_id == session.id)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.outbox.close()
    made.platform.close()


def waits(desk: Desk, session: LiveSession) -> None:
    """It has no room, is told so with what to do, and asks an hour later, not before."""
    assert desk.send() is Outcome.RETRY
    item = desk.item(session)
    assert (item.state, item.not_before_us) == ("waiting", desk.clock.t_us + NO_ROOM_US)
    assert "Nothing is lost" in item.last_error
    assert "all’amministratore" in Words("it").fault(item.last_error)  # noqa: RUF001 - as it is typeset
    assert desk.outbox.claim() is None
    desk.clock.advance(NO_ROOM_US)


def test_what_has_no_room_goes_up_when_the_admin_makes_some(desk: Desk) -> None:
    with background(desk.config, desk.platform.clock) as address:
        desk.platform.at(address)
        desk.set_up()
        session = desk.sealed("large", 4)
        desk.queue(session)
        for _ in range(12):  # half a day: it asks no person to press anything
            waits(desk, session)
        sent = desk.outbox.sent(session.id)
        assert sent
    with background(msgspec.structs.replace(desk.config, limits=Limits()), desk.platform.clock) as address:
        desk.platform.at(address)
        assert desk.send() is Outcome.DONE
        assert desk.item(session).state == "confirmed"
        assert sent < desk.outbox.sent(session.id)


def test_what_has_no_room_beside_other_sessions_goes_up_once_those_are_sealed(desk: Desk) -> None:
    with background(desk.config, desk.platform.clock) as address:
        desk.platform.at(address)
        desk.set_up()
        first, second = desk.sealed("first", 2), desk.sealed("second", 2)
        sending = first.seal_whole()
        sending.put_files()  # of another computer of theirs, which has not sealed it yet
        desk.queue(second)
        waits(desk, second)
        assert sending.put_seal().status_code == 201
        assert desk.send() is Outcome.DONE
        assert desk.item(second).state == "confirmed"
