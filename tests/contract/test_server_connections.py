# SPDX-License-Identifier: Apache-2.0
"""Connections that nobody uses, that never end what they began, or that are too many: everybody else is answered."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from server_running import RunningPlatform, running

from server.config import Limits

HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
BODY = b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
NEXT_DOOR = "127.0.0.2"
"""Another address of this machine."""
FAR_S = 3_600
"""A deadline that no test reaches."""


@contextmanager
def platform_with(folder: Path, **limits: int) -> Iterator[RunningPlatform]:
    with running(folder, Limits(**({"head_s": FAR_S, "body_s": FAR_S} | limits))) as started:
        yield started


def connected(platform: RunningPlatform, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(platform.address)
    return socket.create_connection((parts.hostname, parts.port), timeout=30, source_address=(source, 0))


def said(connection: socket.socket, request: bytes = b"") -> bytes:
    """All that comes until the platform ends it; b"" too where it resets."""
    whole = b""
    with contextlib.suppress(ConnectionError):
        connection.sendall(request)
        while piece := connection.recv(65536):
            whole += piece
    return whole


def in_a_body(platform: RunningPlatform, held: ExitStack) -> socket.socket:
    """A request that the platform works on, for it asks for the body."""
    connection = held.enter_context(connected(platform))
    connection.sendall(BODY)
    assert connection.recv(65536).startswith(b"HTTP/1.1 100")
    return connection


@pytest.mark.parametrize("begun", [b"", b"GET /v1/hea", b"GET /v1/health HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(tmp_path: Path, begun: bytes) -> None:
    with platform_with(tmp_path, head_s=1) as platform, connected(platform) as connection:
        assert said(connection, begun) == b""


def test_a_body_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    with platform_with(tmp_path, body_s=1) as platform, ExitStack() as held:
        assert said(in_a_body(platform, held)) == b""


def test_a_kept_connection_has_a_deadline_for_its_next_head_too(tmp_path: Path) -> None:
    with platform_with(tmp_path, head_s=1) as platform, connected(platform) as connection:
        connection.sendall(HEALTH.replace(b"Connection: close\r\n", b""))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert b"HTTP" not in said(connection, b"GET /v1/hea")


def test_idle_connections_give_way_to_who_asks(tmp_path: Path) -> None:
    with platform_with(tmp_path, connections_of_one=20) as platform, ExitStack() as held:
        idle = [held.enter_context(connected(platform)) for _ in range(60)]
        for _ in range(30):
            with connected(platform) as asking:
                assert said(asking, HEALTH).startswith(b"HTTP/1.1 200")
        for oldest in idle[:40]:
            assert said(oldest) == b""


def test_the_whole_platform_has_a_bound_too(tmp_path: Path) -> None:
    with platform_with(tmp_path, connections_most=20, connections_of_one=15) as platform, ExitStack() as held:
        for at in range(60):
            held.enter_context(connected(platform, ("127.0.0.1", NEXT_DOOR)[at % 2]))
        with connected(platform, "127.0.0.3") as asking:
            assert said(asking, HEALTH).startswith(b"HTTP/1.1 200")


def test_who_works_does_not_give_way_and_a_neighbour_is_answered(tmp_path: Path) -> None:
    with platform_with(tmp_path, connections_of_one=3) as platform, ExitStack() as held:
        for _ in range(3):
            in_a_body(platform, held)
        with connected(platform) as fourth:
            assert said(fourth, HEALTH) == b""
        with connected(platform, NEXT_DOOR) as neighbour:
            assert said(neighbour, HEALTH).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(("limits", "next_door"), [({"requests_of_one": 2}, b"200"), ({"requests_most": 2}, b"503")])
def test_requests_at_once_are_bounded_and_the_rest_told_when_to_come(
    tmp_path: Path, limits: dict[str, int], next_door: bytes
) -> None:
    with platform_with(tmp_path, **limits) as platform:
        with ExitStack() as held:
            working = [in_a_body(platform, held) for _ in range(2)]
            with connected(platform) as third:
                answer = said(third, HEALTH)
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 5" in answer.lower()
            assert b'"busy"' in answer
            with connected(platform, NEXT_DOOR) as neighbour:
                assert said(neighbour, HEALTH).startswith(b"HTTP/1.1 " + next_door)
            working[0].sendall(b"x" * 1000)
            assert working[0].recv(65536).startswith(b"HTTP/1.1 422")
        with connected(platform) as later:
            assert said(later, HEALTH).startswith(b"HTTP/1.1 200")
