# SPDX-License-Identifier: Apache-2.0
"""The exported page in a real browser: opened from a file, whole, and without one request."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.ci


class Proxy:
    """Everything that the browser would ask of the network comes here; it is counted and never answered."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.asked: list[bytes] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                self.asked.append(connection.recv(300))

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@contextmanager
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the demonstration's session, as `demo --headless --json` names it."""
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "fairwitness", "demo", "--headless", "--for", "15", "--json", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=180)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["verified"]
    return Path(told["report_html"])


def chromium(folder: Path, port: int, page: Path, *more: str) -> str:
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ]
    command += [
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder}",
        f"--proxy-server=127.0.0.1:{port}",
    ]
    command += ["--proxy-bypass-list=<-loopback>", *more, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_page_opens_from_a_file_whole_and_nothing_is_asked_of_anybody(report: Path, tmp_path: Path) -> None:
    with proxy() as network:
        dom = chromium(tmp_path / "profile", network.port, report, "--dump-dom")
    own = [
        asked for asked in network.asked if b"google" not in asked and b"gvt1" not in asked
    ]  # the browser's own greetings
    assert own == []
    assert "Verified" in dom
    assert dom.count("<figure>") >= 1
    assert "Text from software" in dom
    assert "How this session was verified" in dom


def test_a_page_that_does_ask_would_be_caught(tmp_path: Path) -> None:
    page = tmp_path / "asks.html"
    page.write_text("<img src='http://example.invalid/x.png'>", encoding="utf-8")
    with proxy() as network:
        chromium(tmp_path / "profile", network.port, page, "--dump-dom")
    assert any(b"example.invalid" in asked for asked in network.asked)


@pytest.mark.parametrize("size", ["1366,900", "390,844"])
def test_its_pictures_are_drawn_at_both_widths(report: Path, tmp_path: Path, size: str) -> None:
    picture = tmp_path / "page.png"
    with proxy() as network:
        chromium(tmp_path / "profile", network.port, report, f"--window-size={size}", f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
