# SPDX-License-Identifier: Apache-2.0
"""Connections cut in the middle, answers swallowed, client and platform killed: each session ends with its one receipt."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_running import Member, RunningPlatform, running
from server_sessions import LiveSession, session_id_of
from uploader_platform import outbox_of, receipts_of
from uploader_proxy import RecordingProxy
from uploader_sealed import quick_folder

from session.verify import verify_session

CHILD = Path(__file__).parents[1] / "helpers" / "uploader_child.py"
PATIENCE_S = 60


class Fire:
    """How the proxy behaves: a part of the files is cut in the middle of its body, a part of the answers swallowed."""

    def __init__(self, seed: int, *, cut: float, swallow: float) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - choosing faults, no secret
        self._cut, self._swallow = cut, swallow
        self.cuts = self.swallowed = 0

    def cut_request(self, _line: str, size: int) -> int | None:
        if size and self._chance.random() < self._cut:
            self.cuts += 1
            return self._chance.randrange(size)
        return None

    def drop_answer(self, _line: str) -> bool:
        if self._chance.random() < self._swallow:
            self.swallowed += 1
            return True
        return False


class Place:
    """Sealed sessions in a spool, and a platform that is a process of its own."""

    def __init__(self, platform: RunningPlatform, trainer: Member, home: Path, count: int, pictures: int) -> None:
        self.home, self.trainer = home, trainer
        self.root = platform.organisation.root.public.hex()
        self.sessions = [self._sealed(platform, number, pictures) for number in range(count)]
        self.t_us = platform.clock.read().t_us
        self.directory = home / "directory.dsse"
        self.directory.write_bytes(platform.admin.client.get("/v1/directory").content)
        self.check = receipts_of(platform)
        self.check._directory()
        self.platform_folder = platform.config.folder
        outbox = outbox_of(platform, home)
        for session in self.sessions:
            outbox.put(session.id, session.folder, not_before_us=0)
        outbox.close()

    def _sealed(self, platform: RunningPlatform, number: int, pictures: int) -> LiveSession:
        name = f"under fire {number}"
        session = LiveSession(platform, self.trainer, self.home / "spool" / session_id_of(name), name)
        for picture in range(pictures):
            session.tick()
            session.capture(random.Random(picture).randbytes(45_000))  # noqa: S311 - a picture's size is what counts
        session.stop()
        session.seal(receipt=False)
        platform.clock.reach(session.reading.t_us)
        return session


@contextlib.contextmanager
def serving(place: Place, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(CHILD), "serve", str(place.platform_folder), str(port), str(place.t_us)]
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


def burn(place: Place, fire: Fire, *, client_kills: int, platform_kills: int) -> tuple[int, int]:
    """Sends everything through the fire. Returns the bytes that went over the wire, and how often a client was begun."""
    port, chance = free_port(), random.Random(5)  # noqa: S311 - choosing moments, no secret
    begun = 0
    deadline = time.monotonic() + PATIENCE_S * 5
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(
            RecordingProxy(f"http://127.0.0.1:{port}", cut_request=fire.cut_request, drop_answer=fire.drop_answer)
        )
        server = stack.enter_context(serving(place, port))
        while True:
            assert time.monotonic() < deadline, "it never ended"
            begun += 1
            command = [sys.executable, str(CHILD), "send", str(place.home), proxy.address, place.trainer.client.token]
            client = subprocess.Popen([*command, place.root, str(place.directory)], env=environment())
            before = len(proxy.lines)
            files = chance.randrange(5, 30)
            while client.poll() is None and (begun > client_kills or len(proxy.lines) < before + files):
                assert time.monotonic() < deadline
                time.sleep(0.01)
            if client.poll() is not None:
                assert client.returncode == 0
                return proxy.request_bytes, begun
            client.send_signal(signal.SIGKILL)
            client.wait(10)
            if platform_kills and begun % 2:
                platform_kills -= 1
                server.send_signal(signal.SIGKILL)
                server.wait(10)
                server = stack.enter_context(serving(place, port))


def judge(place: Place, wire_bytes: int) -> float:
    """Every session confirmed once and whole; returns the share of bytes that went in vain."""
    payload = 0
    for session in place.sessions:
        receipt = (session.folder / "receipt.dsse").read_bytes()
        place.check(session.id, session.folder, receipt)
        verification = verify_session(session.folder)
        assert verification.verified, verification.failed_step
        assert verification.receipt
        files = (*session.folder.glob("*.fws"), *(session.folder / "blobs").iterdir())
        payload += sum(path.stat().st_size for path in files)
        assert list(session.folder.glob(".*")) == []
    return wire_bytes / payload - 1


@pytest.fixture
def home() -> Iterator[Path]:
    """In memory where possible: a kill loses nothing that was written, so syncs would only cost time here."""
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        yield Path(folder)


def prepared(home: Path, count: int, pictures: int) -> Place:
    with running(home) as platform:
        platform.put_policy()
        trainer = platform.join("tess", "trainer")
        platform.join("rob", "reviewer")
        platform.issue_review_key()
        (home / "spool").mkdir()
        place = Place(platform, trainer, home, count, pictures)
        held = place.check._directory()
    place.check._directory = lambda: held  # the platform of this fixture is off from here on
    return place


@pytest.mark.slow
def test_six_sessions_through_cuts_kills_and_swallowed_answers(home: Path) -> None:
    place = prepared(home, 6, 40)
    fire = Fire(3, cut=0.03, swallow=0.04)
    wire_bytes, begun = burn(place, fire, client_kills=4, platform_kills=1)
    vain = judge(place, wire_bytes)
    print(f"begun={begun} cuts={fire.cuts} swallowed={fire.swallowed} in_vain={vain:.4f}")  # noqa: T201 - a figure to read
    assert fire.cuts >= 3
    assert fire.swallowed >= 5
    assert vain < 0.05


@pytest.mark.full
def test_thirty_sessions_through_worse(home: Path) -> None:
    place = prepared(home, 30, 60)
    fire = Fire(4, cut=0.05, swallow=0.05)
    wire_bytes, begun = burn(place, fire, client_kills=25, platform_kills=6)
    vain = judge(place, wire_bytes)
    print(f"begun={begun} cuts={fire.cuts} swallowed={fire.swallowed} in_vain={vain:.4f}")  # noqa: T201 - a figure to read
    assert vain < 0.05
