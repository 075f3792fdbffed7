# SPDX-License-Identifier: Apache-2.0
"""Behind a reverse proxy each client counts alone, and nobody passes for another by a header. Over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from server_running import RunningPlatform, running

from agent.clock import SystemClock
from agent.keys.file_store import FileKeyStore
from fairwitness.organisation import found_organisation
from server.config import Limits, ServerConfig
from server.settings import FILE

PROXY, NOBODY = "127.0.0.1", "127.0.0.2"
"""Two addresses of this machine; the first is the proxy's."""
ALICE, BOB = "198.51.100.7", "203.0.113.9"


@contextmanager
def behind(folder: Path, *trusted: str, **limits: int) -> Iterator[RunningPlatform]:
    with running(folder, Limits(**limits), trusted_proxies=trusted) as platform:
        yield platform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[RunningPlatform]:
    with behind(tmp_path, f"{PROXY}/32", "10.0.0.0/8", enrol_per_minute=2) as started:
        yield started


def wrong_code(address: str, *headers: tuple[str, str], source: str = PROXY) -> int:
    """Tries an invitation's code that opens nothing, as `headers` say for whom; the status."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20, source_address=(source, 0))
    body = json.dumps(
        {
            "code": "A" * 26,
            "person_key": "0" * 64,
            "reading_key": "0" * 64,
            "device_certificate": "none",
            "proof": "0" * 128,
        }
    ).encode()
    connection.putrequest("POST", "/v1/enrol")
    for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
        connection.putheader(name, value)
    connection.endheaders(body)
    status = connection.getresponse().status
    connection.close()
    return status


def tried(platform: RunningPlatform, *headers: tuple[str, str], source: str = PROXY) -> bool:
    """Whether the try was looked at, and not one too many of whoever it counts for."""
    status = wrong_code(platform.address, *headers, source=source)
    assert status in {403, 404, 410, 422, 429}, status
    return status != 429


def told(*hops: str) -> tuple[str, str]:
    return "X-Forwarded-For", ", ".join(hops)


def test_each_client_of_a_trusted_proxy_counts_alone(platform: RunningPlatform) -> None:
    assert [tried(platform, told(ALICE)) for _ in range(3)] == [True, True, False]
    assert [tried(platform, told(BOB)) for _ in range(3)] == [True, True, False]
    assert [tried(platform) for _ in range(3)] == [True, True, False]  # the proxy's own


def test_what_a_client_writes_before_the_proxys_word_counts_for_nothing(platform: RunningPlatform) -> None:
    answers = [tried(platform, told(f"192.0.2.{number}", ALICE)) for number in range(3)]
    assert answers == [True, True, False]
    assert not tried(platform, ("X-Forwarded-For", "192.0.2.77"), told(ALICE, "10.1.2.3"))  # two lines, an inner proxy
    assert not tried(platform, ("Forwarded", f'for="192.0.2.1:99";proto=https, for={ALICE};by=10.0.0.1'))


def test_of_anybody_else_no_header_is_read(platform: RunningPlatform) -> None:
    answers = [tried(platform, told(f"192.0.2.{number}"), source=NOBODY) for number in range(3)]
    assert answers == [True, True, False]
    assert not tried(platform, told(NOBODY))  # the same client by way of the proxy
    assert tried(platform, told(BOB))


def test_two_headers_that_differ_count_as_the_proxys_own(platform: RunningPlatform) -> None:
    odd = (told(ALICE), ("Forwarded", f"for={BOB}"))
    assert [tried(platform, *odd) for _ in range(3)] == [True, True, False]
    assert not tried(platform)
    assert tried(platform, told(ALICE), ("Forwarded", f"for={ALICE}"))


def test_a_trusted_proxy_may_have_more_connections_than_one_client(tmp_path: Path) -> None:
    with behind(tmp_path, f"{PROXY}/32", connections_of_one=2, connections_most=12) as platform, ExitStack() as held:
        parts = urlsplit(platform.address)

        def asked(source: str) -> socket.socket:
            """A connection that is kept after its first answer, and so the first to give way."""
            made = socket.create_connection((parts.hostname, parts.port), timeout=10, source_address=(source, 0))
            assert alive(made)
            return held.enter_context(made)

        ours = [asked(PROXY) for _ in range(5)]
        others = [asked(NOBODY) for _ in range(3)]
        assert [alive(one) for one in ours] == [True] * 5
        assert [alive(one) for one in others] == [False, True, True]


def alive(connection: socket.socket) -> bool:
    """Whether it is answered, whole."""
    whole = b""
    try:
        connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
        while not whole.endswith(b"}"):
            piece = connection.recv(65536)
            if not piece:
                return False
            whole += piece
    except ConnectionError:
        return False
    return whole.startswith(b"HTTP/1.1 200")


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[str]:
    """`fairwitness serve` as an admin starts it; its address."""
    command = [sys.executable, "-m", "fairwitness", "serve", "--folder", str(folder), "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ))
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        yield found[0] if found else line + process.stdout.read()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@pytest.mark.ci
def test_the_command_takes_proxies_and_limits_from_its_arguments_and_the_platforms_own_file(tmp_path: Path) -> None:
    folder = tmp_path / "platform"
    found_organisation(
        ServerConfig(folder=folder), "Example", "eve", keys=FileKeyStore(tmp_path / "keys"), clock=SystemClock()
    )
    (folder / FILE).write_text("[limits]\nenrol_per_minute = 1\n")
    with served(folder, "--trusted-proxy", f"{PROXY}/32") as address:
        statuses = [wrong_code(address, told(one)) for one in (ALICE, ALICE, BOB)]
        assert [one == 429 for one in statuses] == [False, True, False], statuses
    (folder / FILE).write_text("[limits]\nenrol_per_minute = 0\n")
    with served(folder) as printed:
        assert "platform.toml: limits.enrol_per_minute: must be a whole number from 1 to 1000." in printed
    other = tmp_path / "other.toml"
    other.write_text(f'trusted_proxies = ["{PROXY}"]\n')
    with served(folder, "--config", str(other)) as address:
        assert wrong_code(address, told(ALICE)) != 429
    with served(folder, "--config", str(other), "--trusted-proxy", "0.0.0.0/0") as printed:
        assert "trusted_proxies: “0.0.0.0/0” is everybody" in printed
