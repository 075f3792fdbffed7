# SPDX-License-Identifier: Apache-2.0
"""Blobs over HTTP: by digest, idempotent, bounded, and nothing kept of what is not what its name says."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from desk_server import until
from server_running import Client, Member, RunningPlatform, running, sha256
from server_sessions import grant_body, session_id_of

from server.config import Limits

SESSION = session_id_of("s")


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    limits = Limits(blob_max_bytes=3_000_000, session_max_bytes=20_000_000, session_max_blobs=30)
    with running(tmp_path_factory.mktemp("blobs"), limits) as started:
        started.put_policy()
        yield started


@pytest.fixture(scope="module")
def trainer(platform: RunningPlatform) -> Member:
    trainer = platform.join("ada", "trainer")
    names = ("s", "many", "large")
    assert trainer.client.post("/v1/grants", json=grant_body(trainer, *names)).status_code == 200
    return trainer


@pytest.fixture
def incoming(platform: RunningPlatform) -> Path:
    return platform.config.folder / "incoming"


def path_of(octets: bytes, session: str = SESSION) -> str:
    return f"/v1/sessions/{session}/blobs/{sha256(octets)}"


def raw_put(client: Client, path: str, headers: dict[str, str], body: bytes) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(client.address.removeprefix("http://"), timeout=20)
    connection.putrequest("PUT", path)
    connection.putheader("Authorization", f"Bearer {client.token}")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection


@pytest.mark.parametrize("size", [0, 1, 65_536, 1_048_576, 2_999_999, 3_000_000])
def test_a_blob_is_kept_once_and_given_back_in_its_length(trainer: Member, incoming: Path, size: int) -> None:
    octets = os.urandom(size)
    assert trainer.client.head(path_of(octets)).status_code == 404
    assert [trainer.client.put(path_of(octets), data=octets).status_code for _ in range(2)] == [201, 200]
    found = trainer.client.head(path_of(octets))
    assert (found.status_code, found.headers["Content-Length"]) == (200, str(size))
    assert list(incoming.iterdir()) == []


def test_other_bytes_than_named_leave_nothing(trainer: Member, incoming: Path) -> None:
    named, sent = os.urandom(100_000), os.urandom(100_000)
    refused = trainer.client.put(path_of(named), data=sent)
    assert (refused.status_code, refused.json()["error"]) == (422, "digest")
    assert trainer.client.head(path_of(named)).status_code == 404
    assert trainer.client.head(path_of(sent)).status_code == 404
    assert list(incoming.iterdir()) == []
    assert trainer.client.put(path_of(named), data=named).status_code == 201


def test_bounds_of_one_blob(trainer: Member) -> None:
    octets = b"x" * 3_000_001
    assert trainer.client.put(path_of(octets), data=octets).status_code == 413
    unsized = trainer.client.put(path_of(b"abc"), data=iter([b"abc"]))
    assert (unsized.status_code, unsized.json()["error"]) == (411, "length")
    assert trainer.client.put(path_of(b"abc"), data=b"abc", headers={"Content-Length": "3"}).status_code == 201


def test_a_length_that_is_no_number_is_refused(trainer: Member) -> None:
    connection = raw_put(trainer.client, path_of(b"ab"), {"Content-Length": "2x"}, b"ab")
    assert connection.getresponse().status == 400
    connection.close()


def test_bounds_of_one_session(trainer: Member) -> None:
    many, large = session_id_of("many"), session_id_of("large")
    answers = [trainer.client.put(path_of(b"%d" % n, many), data=b"%d" % n) for n in range(31)]
    assert [answer.status_code for answer in answers] == [201] * 30 + [413]
    assert answers[-1].json()["error"] == "quota"
    pieces = [bytes([n]) * 3_000_000 for n in range(7)]
    statuses = [trainer.client.put(path_of(piece, large), data=piece).status_code for piece in pieces]
    assert statuses == [201] * 6 + [413]


def test_an_upload_that_breaks_off_leaves_nothing(trainer: Member, incoming: Path) -> None:
    octets = os.urandom(2_500_000)
    connection = raw_put(trainer.client, path_of(octets), {"Content-Length": str(len(octets))}, octets[:1_500_000])
    until(lambda: list(incoming.iterdir()), "a part has arrived")
    connection.close()
    until(lambda: not list(incoming.iterdir()), "nothing is left of it")
    assert trainer.client.head(path_of(octets)).status_code == 404
    assert trainer.client.put(path_of(octets), data=octets).status_code == 201


def test_the_same_blob_from_many_sides_is_new_once(platform: RunningPlatform, trainer: Member, incoming: Path) -> None:
    octets = os.urandom(300_000)
    clients = [platform.client(trainer.client.token) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda client: client.put(path_of(octets), data=octets).status_code, clients))
    assert sorted(statuses) == [200] * 5 + [201]
    assert list(incoming.iterdir()) == []


def test_a_blob_says_nothing_of_another_session(platform: RunningPlatform, trainer: Member) -> None:
    octets = os.urandom(1000)
    trainer.client.put(path_of(octets), data=octets)
    eve = platform.join("eve", "trainer")
    eve.client.post("/v1/grants", json=grant_body(eve, "hers"))
    hers = session_id_of("hers")
    assert eve.client.head(path_of(octets, hers)).status_code == 404
    assert eve.client.post(f"/v1/sessions/{hers}/missing", json={"digests": [sha256(octets)]}).json()["missing"]
    assert eve.client.put(path_of(octets, hers), data=octets).status_code == 201
    for answer in (eve.client.head(path_of(octets)), eve.client.put(path_of(octets), data=octets)):
        assert answer.status_code == 404


def test_missing_is_in_the_order_asked_each_once_and_bounded(trainer: Member) -> None:
    ask = lambda digests: trainer.client.post(f"/v1/sessions/{SESSION}/missing", json={"digests": digests})  # noqa: E731 - short
    some = [sha256(b"nowhere %d" % n) for n in range(1000)]
    assert ask(some).json()["missing"] == some
    assert ask([some[1], some[0], some[1]]).json()["missing"] == [some[1], some[0]]
    assert ask([*some, "0" * 64]).status_code == 422
    assert ask(["not a digest"]).status_code == 422


def test_a_blob_of_an_unsealed_session_is_not_read_back(trainer: Member) -> None:
    octets = os.urandom(10)
    trainer.client.put(path_of(octets), data=octets)
    assert trainer.client.get(path_of(octets)).status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fkeys", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "%0a"])
def test_a_name_that_is_no_digest_reaches_no_file(trainer: Member, name: str) -> None:
    answer = trainer.client.put(f"/v1/sessions/{SESSION}/blobs/{name}", data=b"x")
    assert answer.status_code in {404, 422}
