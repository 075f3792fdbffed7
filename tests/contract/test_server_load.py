# SPDX-License-Identifier: Apache-2.0
"""The platform under more than it can do at once: who asks for too much is sent away, and everybody else is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from server_running import RunningPlatform, running
from server_sessions import Sending, short_session

from server import sealing
from server.access.places import RETRY_AFTER_S, Places
from server.faults import RefusalError
from session.verify import verify_source
from session.verify.result import Verification

THREADS = 40
"""How many requests anyio lets work at once."""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with running(tmp_path) as started:
        started.put_policy()
        started.join("bo", "reviewer")
        started.issue_review_key()
        yield started


class Gate:
    """The real verifier, which begins only when the gate is open."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Semaphore(0), threading.Event()
        self.count = 0

    def __call__(self, *args: object, **more: object) -> Verification:
        self.count += 1
        self.reached.release()
        assert self.open.wait(60)
        return verify_source(*args, **more)  # type: ignore[arg-type] # what the platform gives it


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(sealing, "verify_source", gate)
    yield gate
    gate.open.set()


def ready(platform: RunningPlatform, folder: Path, person: str) -> Sending:
    sending = short_session(platform, platform.join(person, "trainer"), folder / person, f"of {person}").seal_whole()
    sending.put_files()
    return sending


def seal(platform: RunningPlatform, sending: Sending) -> requests.Response:
    """On a connection of its own."""
    client = platform.client(sending.client.token)
    return client.put(f"/v1/sessions/{sending.id}/seal", json=sending.body)


def test_one_trainer_who_seals_again_and_again_keeps_nobody_waiting(
    platform: RunningPlatform, tmp_path: Path, gate: Gate
) -> None:
    ada, cy, di = (ready(platform, tmp_path, person) for person in ("ada", "cy", "di"))
    with ThreadPoolExecutor(THREADS + 2) as pool:
        first = pool.submit(seal, platform, ada)
        assert gate.reached.acquire(timeout=30)
        for answer in pool.map(lambda _: seal(platform, ada), range(THREADS + 1)):
            assert (answer.status_code, answer.json()["error"]) == (503, "busy")
            assert answer.headers["Retry-After"] == str(RETRY_AFTER_S)
        assert platform.client().get("/v1/health").status_code == 200
        second = pool.submit(seal, platform, cy)
        assert gate.reached.acquire(timeout=30), "another person still has a place"
        assert seal(platform, di).status_code == 503, "and there is no third"
        gate.open.set()
        assert (first.result().status_code, second.result().status_code) == (201, 201)
    assert gate.count == 2
    assert seal(platform, di).status_code == 201, "once it asks again"


def test_a_place_is_given_back_however_the_work_ends() -> None:
    places = Places(1)
    with pytest.raises(ZeroDivisionError), places.taken("ada"):
        raise ZeroDivisionError
    with places.taken("cy"):
        for person in ("cy", "ada"):
            with pytest.raises(RefusalError, match="later") as refused, places.taken(person):
                pass
            assert (refused.value.status, refused.value.code) == (503, "busy")
    with places.taken("ada"):
        pass
