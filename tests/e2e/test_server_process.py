# SPDX-License-Identifier: Apache-2.0
"""The platform as a process: it stops in order, says nothing secret, and loses nothing that it acknowledged to kill -9."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_server import until
from server_process import PlatformProcess, platform_process
from server_running import Client, StillClock, sha256
from server_sessions import short_session

from server.config import ServerConfig
from server.serve import run
from session import EnvironmentFault
from session.trust.statements import Receipt, open_statement


@pytest.fixture
def process(tmp_path: Path) -> Iterator[PlatformProcess]:
    with platform_process(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    """One that runs, and that nobody asks for anything."""
    with platform_process(tmp_path_factory.mktemp("left-alone")) as started:
        yield started


def begin_upload(client: Client, path: str, length: int, part: bytes) -> http.client.HTTPConnection:
    """A PUT that stops in the middle of its body."""
    connection = http.client.HTTPConnection(client.address.removeprefix("http://"), timeout=20)
    connection.putrequest("PUT", path)
    connection.putheader("Authorization", f"Bearer {client.token}")
    connection.putheader("Content-Length", str(length))
    connection.endheaders(part)
    return connection


@pytest.mark.slow
def test_kill_between_blobs_and_seal_loses_nothing_and_sweeps_what_was_half_done(
    process: PlatformProcess, tmp_path: Path
) -> None:
    platform = process.platform
    platform.put_policy()
    trainer = platform.join("ada", "trainer")
    platform.join("ben", "reviewer")
    platform.issue_review_key()
    session = short_session(platform, trainer, tmp_path / "spool")
    sending = session.seal_whole()
    sending.put_files()
    other = b"x" * 3_000_000
    half = begin_upload(trainer.client, f"/v1/sessions/{sending.id}/blobs/{sha256(other)}", len(other), other[:2_000_000])
    incoming = platform.config.folder / "incoming"
    until(lambda: len(list(incoming.iterdir())) == 1, "a part has arrived")
    process.kill()
    half.close()
    assert len(list(incoming.iterdir())) == 1
    process.start()
    assert list(incoming.iterdir()) == []
    asked = trainer.client.post(f"/v1/sessions/{sending.id}/missing", json={"digests": [*sending.files, sha256(other)]})
    assert asked.json() == {"missing": [sha256(other)]}
    answer = sending.put_seal()
    assert answer.status_code == 201, answer.text
    process.kill()
    process.start()
    again = sending.put_seal()
    assert (again.status_code, again.content) == (200, answer.content)
    open_statement(again.content, Receipt, bytes.fromhex(platform.organisation.platform.receipt_key))


@pytest.mark.slow
def test_kill_keeps_the_witness_honest(process: PlatformProcess, tmp_path: Path) -> None:
    platform = process.platform
    platform.put_policy()
    trainer = platform.join("ada", "trainer")
    session = short_session(platform, trainer, tmp_path / "spool")
    note = session.checkpoint().note
    size = session.journal.size - 1
    answer = session.ask_cosignature(size, note)
    assert answer.status_code == 200
    process.kill()
    process.start()
    stale = session.cosign_fork()
    assert (stale.status_code, stale.content) == (409, note.encode())
    session.cosigned_size = size
    assert session.cosign_fork().status_code == 200


@pytest.mark.slow
def test_sigterm_ends_it_in_order_and_nothing_secret_was_said(process: PlatformProcess) -> None:
    platform = process.platform
    platform.put_policy()
    trainer = platform.join("ada", "trainer")
    assert trainer.client.put("/v1/directory", data=b"{}").status_code == 403
    assert process.terminate() == 0
    seeds = [path.read_bytes() for path in (platform.config.folder / "keys").iterdir()]
    secret = [trainer.client.token.encode(), platform.admin.client.token.encode(), *(seed.hex().encode() for seed in seeds)]
    assert not any(one in process.printed for one in secret)
    assert b"ada" not in process.printed
    assert process.printed.count(b"\n") == 1


@pytest.mark.slow
def test_a_second_server_over_the_same_folder_is_refused(left_alone: PlatformProcess) -> None:
    config = ServerConfig(folder=left_alone.platform.config.folder, port=0)
    with pytest.raises(EnvironmentFault, match="Another server"):
        run(config, StillClock(), lambda _address: None)


@pytest.mark.slow
def test_a_taken_port_is_named(left_alone: PlatformProcess, tmp_path: Path) -> None:
    port = int(left_alone.platform.address.rsplit(":", 1)[1])
    with pytest.raises(EnvironmentFault, match="port"):
        run(ServerConfig(folder=tmp_path / "other", port=port), StillClock(), lambda _address: None)
    assert not (tmp_path / "other").exists()
