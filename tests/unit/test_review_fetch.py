# SPDX-License-Identifier: Apache-2.0
"""Fetching with somebody who watches: how far it is, and an end at once that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from review_people import Asking, Team
from server_running import running
from uploader_proxy import RecordingProxy

from session import StoppedFault
from session.verify import verify_session
from uploader.client import PlatformClient
from uploader.fetch import RemotePlatform


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with running(tmp_path_factory.mktemp("fetch")) as platform:
        yield Team.of(platform, tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def session(team: Team) -> Asking:
    return team.session("fetched", pictures=3, picture_bytes=200_000)


@pytest.fixture
def remote(team: Team) -> Iterator[tuple[RemotePlatform, RecordingProxy]]:
    with RecordingProxy(team.platform.address) as proxy:
        client = PlatformClient(proxy.address, team.people["ben"].client.token, clock=team.platform.clock)
        yield RemotePlatform(client), proxy
        client.close()


def asked_files(proxy: RecordingProxy) -> list[str]:
    return [line for line in proxy.lines if "/blobs/" in line]


def test_progress_counts_files_from_none_to_all(
    remote: tuple[RemotePlatform, RecordingProxy], session: Asking, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []

    def watch(done: int, of: int) -> bool:
        told.append((done, of))
        return True

    remote[0].fetch(session.id, tmp_path, watch)
    of = told[0][1]
    assert of == len(asked_files(remote[1])) == 4
    assert told[0] == (0, of)
    assert told[-1] == (of, of)
    assert told == sorted(told)


@pytest.mark.parametrize("calls", [1, 6, 20])
def test_a_stop_comes_at_once_and_the_next_try_goes_on(
    remote: tuple[RemotePlatform, RecordingProxy], session: Asking, tmp_path: Path, calls: int
) -> None:
    platform, proxy = remote
    left = iter(range(calls))
    with pytest.raises(StoppedFault):
        platform.fetch(session.id, tmp_path, lambda _done, _of: next(left, None) is not None)
    held = {path.name: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    assert not (tmp_path / session.id).exists()
    before = len(asked_files(proxy))
    folder = platform.fetch(session.id, tmp_path)
    assert verify_session(folder).verified
    again = asked_files(proxy)[before:]
    whole = [name for name in held if not name.endswith(".part")]
    assert len(again) == 4 - len(whole)
    sent = sum(len(body) for line, body in proxy.answered if "/blobs/" in line)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.suffix == ".fws" or path.parent.name == "blobs")
    slack = 2 * 131_072  # what was under way when the line was cut
    assert sent <= size + slack


def test_nobody_watching_changes_nothing(
    remote: tuple[RemotePlatform, RecordingProxy], session: Asking, tmp_path: Path
) -> None:
    assert verify_session(remote[0].fetch(session.id, tmp_path)).verified
