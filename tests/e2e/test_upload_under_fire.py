# SPDX-License-Identifier: Apache-2.0
"""Connections cut in the middle, answers swallowed, client and platform killed: each session ends with its one receipt.

Then decisions and replies go through the same fire, and each stands in the organisation log once.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from server_running import Member, RunningPlatform, running, sha256
from server_sessions import LiveSession, session_id_of
from server_statements import decision, reply
from trust_builders import SealedSession
from uploader_platform import client_of, outbox_of, receipts_of
from uploader_proxy import RecordingProxy
from uploader_sealed import quick_folder

from server.serve import background
from session.log.merkle import leaf_hash
from session.trust.directory import open_directory
from session.verify import TrustAnchor, verify_session
from session.verify.said import said
from uploader.fetch import RemotePlatform

CHILD = Path(__file__).parents[1] / "helpers" / "uploader_child.py"
PATIENCE_S = 300
VAIN_MOST = 0.05
"""Share of bytes that may go over the wire in vain. Source: design, It costs little."""


class Fire:
    """How the proxy behaves: a part of the files is cut in the middle of its body, a part of the answers swallowed or cut.

    Of the answers to a seal, and to statements about a session, every other one is swallowed, the first among them: the
    platform has done it, and nobody heard.
    """

    def __init__(self, seed: int, *, cut: float, swallow: float) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - choosing faults, no secret
        self._cut, self._swallow = cut, swallow
        self._answered: Counter[str] = Counter()
        self.cuts = self.swallowed = self.halved = 0

    def cut_request(self, _line: str, size: int) -> int | None:
        if size and self._chance.random() < self._cut:
            self.cuts += 1
            return self._chance.randrange(size)
        return None

    def cut_answer(self, _line: str, size: int) -> int | None:
        if size > 1 and self._chance.random() < self._swallow / 2:
            self.halved += 1
            return self._chance.randrange(1, size)
        return None

    def drop_answer(self, line: str) -> bool:
        self._answered[line] += 1
        every_other = line.split(" ")[1].endswith(("/seal", "/statements")) and self._answered[line] % 2 == 1
        if every_other or self._chance.random() < self._swallow:
            self.swallowed += 1
            return True
        return False


@dataclass(frozen=True)
class Sealed:
    """A session that waits in the spool, as its trainer's machine keeps it."""

    id: str
    folder: Path
    sealed: SealedSession


class Place:
    """Sealed sessions in a spool, their people, and a platform that is switched off."""

    def __init__(self, platform: RunningPlatform, trainer: Member, reviewer: Member, home: Path) -> None:
        self.platform, self.trainer, self.reviewer, self.home = platform, trainer, reviewer, home
        self.sessions: list[Sealed] = []
        self.root = platform.organisation.root.public.hex()

    def fill(self, count: int, pictures: int) -> None:
        """Records and seals, and puts all of it into the outbox."""
        self.sessions = [self._sealed(number, pictures) for number in range(count)]
        self.t_us = self.platform.clock.read().t_us
        self.directory = self.home / "directory.dsse"
        self.directory.write_bytes(self.platform.admin.client.get("/v1/directory").content)
        outbox = outbox_of(self.platform, self.home)
        for session in self.sessions:
            outbox.put(session.id, session.folder, not_before_us=0)
        outbox.close()
        self.check = receipts_of(self.platform)
        self.check._directory = self.directory.read_bytes

    def _sealed(self, number: int, pictures: int) -> Sealed:
        name = f"under fire {number}"
        session = LiveSession(self.platform, self.trainer, self.home / "spool" / session_id_of(name), name)
        for picture in range(pictures):
            session.tick()
            session.capture(random.Random(picture).randbytes(45_000))  # noqa: S311 - a picture's size is what counts
        session.stop()
        sealed = session.seal(receipt=False)
        self.platform.clock.reach(session.reading.t_us)
        return Sealed(session.id, session.folder, sealed)


@contextlib.contextmanager
def serving(place: Place, port: int) -> Iterator[subprocess.Popen[str]]:
    folder = place.platform.config.folder
    command = [sys.executable, str(CHILD), "serve", str(folder), str(port), str(place.t_us)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(CHILD.parent), str(CHILD.parents[2])))}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Burning:
    """The platform as a process behind a proxy on fire, and clients that are killed at chosen moments."""

    def __init__(self, place: Place, fire: Fire, stack: contextlib.ExitStack) -> None:
        self.place, self._stack = place, stack
        self._port, self._chance = free_port(), random.Random(5)  # noqa: S311 - choosing moments, no secret
        self.address = f"http://127.0.0.1:{self._port}"
        self.proxy = stack.enter_context(
            RecordingProxy(
                self.address, cut_request=fire.cut_request, cut_answer=fire.cut_answer, drop_answer=fire.drop_answer
            )
        )
        self._server = stack.enter_context(serving(place, self._port))
        self._deadline = time.monotonic() + PATIENCE_S

    def send(self, *, client_kills: int, platform_kills: int) -> int:
        """Sends the outbox; how often a client was begun."""
        place = self.place
        command = ["send", str(place.home), self.proxy.address, place.trainer.client.token, place.root]
        return self._through([*command, str(place.directory)], (5, 30), client_kills, platform_kills)

    def post(self, author: Member, folder: Path, *, client_kills: int, platform_kills: int) -> int:
        """Posts the statements in `folder`; how often a client was begun."""
        command = ["post", self.proxy.address, author.client.token, str(folder)]
        return self._through(command, (1, 5), client_kills, platform_kills)

    def _through(self, command: list[str], requests: tuple[int, int], client_kills: int, platform_kills: int) -> int:
        begun = 0
        while True:
            begun += 1
            client = subprocess.Popen([sys.executable, str(CHILD), *command], env=environment())
            until = len(self.proxy.lines) + self._chance.randrange(*requests)
            while client.poll() is None and (begun > client_kills or len(self.proxy.lines) < until):
                assert time.monotonic() < self._deadline, "it never ended"
                time.sleep(0.005)
            if client.poll() is not None:
                assert client.returncode == 0
                return begun
            client.send_signal(signal.SIGKILL)
            client.wait(10)
            if platform_kills and begun % 2:
                platform_kills -= 1
                self._server.send_signal(signal.SIGKILL)
                self._server.wait(10)
                self._server = self._stack.enter_context(serving(self.place, self._port))


@contextlib.contextmanager
def burning(place: Place, fire: Fire) -> Iterator[Burning]:
    with contextlib.ExitStack() as stack:
        yield Burning(place, fire, stack)


def in_vain(place: Place, wire_bytes: int) -> float:
    """The share of bytes that clients sent beyond the sessions' own."""
    payload = 0
    for session in place.sessions:
        files = (*session.folder.glob("*.fws"), *(session.folder / "blobs").iterdir())
        payload += sum(path.stat().st_size for path in files)
    return wire_bytes / payload - 1


def say_all(place: Place, burning: Burning, *, client_kills: int, platform_kills: int) -> None:
    """A decision on each session by its reviewer, and the trainer's reply, each by clients that are killed."""
    place.platform.at(burning.address)  # for the head of the log alone
    decided, replied = place.home / "decided", place.home / "replied"
    decided.mkdir()
    replied.mkdir()
    for session in place.sessions:
        (decided / f"{session.id}.dsse").write_bytes(decision(place.platform, place.reviewer, session))
    burning.post(place.reviewer, decided, client_kills=client_kills, platform_kills=platform_kills)
    for session in place.sessions:
        raw = reply(place.platform, place.trainer, session, (decided / f"{session.id}.dsse").read_bytes())
        (replied / f"{session.id}.dsse").write_bytes(raw)
    burning.post(place.trainer, replied, client_kills=client_kills, platform_kills=0)


def judge(place: Place) -> None:
    """Of each session one seal, one receipt, one decision, one reply; whole here, and whole as the platform gives it."""
    check_log(place)
    with background(place.platform.config, place.platform.clock) as address:
        platform = RemotePlatform(client_of(place.platform, place.reviewer, address=address))
        listed = {one.session_id: one for one in platform.sessions()}
        for session in place.sessions:
            place.check(session.id, session.folder, (session.folder / "receipt.dsse").read_bytes())
            assert list(session.folder.glob(".*")) == []
            assert verify_session(session.folder).receipt
            assert (listed[session.id].decisions, listed[session.id].replies) == (1, 1)
            copy = platform.fetch(session.id, place.home / "copies")
            outcome = verify_session(copy, trust=TrustAnchor(place.platform.organisation.fingerprint))
            assert outcome.verified, outcome.failed_step
            told = said(copy, open_directory(place.directory.read_bytes()))
            assert (len(told.decisions), len(told.replies), told.faults) == (1, 1, ())
            for name in ("seal.dsse", "receipt.dsse"):
                assert (copy / name).read_bytes() == (session.folder / name).read_bytes()
            assert {path.name for path in (copy / "blobs").iterdir()} == {
                path.name for path in (session.folder / "blobs").iterdir()
            }


def check_log(place: Place) -> None:
    """The log as it lies on the disk of a platform that was killed: no entry twice, none missing, each leaf its own."""
    with contextlib.closing(sqlite3.connect(place.platform.config.folder / "platform.sqlite3")) as database:
        entries = database.execute('SELECT "index", leaf, statement, kind, session FROM log_entries ORDER BY 1').fetchall()
    assert [entry[0] for entry in entries] == list(range(len(entries)))
    assert all(leaf == leaf_hash(statement) for _, leaf, statement, _, _ in entries)
    count = Counter((session, kind) for *_, kind, session in entries)
    once = ("grant", "seal", "receipt", "decision", "reply")
    assert {(session.id, kind): count[session.id, kind] for session in place.sessions for kind in once} == {
        (session.id, kind): 1 for session in place.sessions for kind in once
    }
    here = {sha256((session.folder / "receipt.dsse").read_bytes()) for session in place.sessions}
    assert {sha256(statement) for _, _, statement, kind, _ in entries if kind == "receipt"} == here


@pytest.fixture
def home() -> Iterator[Path]:
    """In memory where possible: a kill loses nothing that was written, so syncs would only cost time here."""
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        yield Path(folder)


def prepared(home: Path, count: int, pictures: int) -> Place:
    with running(home) as platform:
        platform.put_policy()
        trainer, reviewer = platform.join("tess", "trainer"), platform.join("rob", "reviewer")
        platform.issue_review_key()
        (home / "spool").mkdir()
        place = Place(platform, trainer, reviewer, home)
        place.fill(count, pictures)
    return place


@pytest.mark.ci
def test_six_sessions_through_cuts_kills_and_swallowed_answers(home: Path) -> None:
    place = prepared(home, 6, 40)
    fire = Fire(3, cut=0.03, swallow=0.04)
    with burning(place, fire) as through:
        begun = through.send(client_kills=4, platform_kills=1)
        vain = in_vain(place, through.proxy.request_bytes)
        lost = (fire.cuts, fire.swallowed, fire.halved)
        say_all(place, through, client_kills=1, platform_kills=1)
    judge(place)
    print(f"begun={begun} cuts, swallowed, halved={lost} in_vain={vain:.4f}")  # noqa: T201 - a figure to read
    assert begun == 5
    assert lost[0] >= 3
    assert lost[1] >= 6 + 5
    assert vain < VAIN_MOST
    assert fire.swallowed >= lost[1] + 6


@pytest.mark.ci
def test_thirty_sessions_through_worse(home: Path) -> None:
    place = prepared(home, 30, 60)
    fire = Fire(4, cut=0.04, swallow=0.05)
    with burning(place, fire) as through:
        begun = through.send(client_kills=25, platform_kills=6)
        vain = in_vain(place, through.proxy.request_bytes)
        say_all(place, through, client_kills=6, platform_kills=3)
    judge(place)
    print(f"begun={begun} cuts={fire.cuts} swallowed={fire.swallowed} halved={fire.halved} in_vain={vain:.4f}")  # noqa: T201 - a figure to read
    assert begun == 26
    assert vain < VAIN_MOST
