# SPDX-License-Identifier: Apache-2.0
"""A proxy on loopback that keeps every HTTP body, and can hang up in the middle of one.

    with RecordingProxy(platform.address) as proxy:
        ... clients speak to proxy.address ...
        assert canary not in b"".join(proxy.bodies)       # bodies of requests and answers, as they went over the wire

`cut_request(line, size)` and `cut_answer(line, size)` may give after how many bytes of a body both ends are hung up;
`drop_answer(line)` may say that an answer is swallowed after the platform gave it; `rewrite(line, status, body)` gives what
the client gets in its place. `line` is the request line.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

Cut = Callable[[str, int], int | None]
Rewrite = Callable[[str, int, bytes], tuple[int, bytes]]
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class _HungUp(Exception):  # noqa: N818 - an end, not an error
    """This conversation is over."""


class RecordingProxy:
    """See the module.

    `lines`: request lines; `answered`: (request line, body) of each answer; `request_bytes`: all that clients sent, heads
    included; `cuts`: how often it hung up.
    """

    def __init__(
        self,
        target: str,
        *,
        cut_request: Cut = lambda _line, _size: None,
        cut_answer: Cut = lambda _line, _size: None,
        drop_answer: Callable[[str], bool] = lambda _line: False,
        rewrite: Rewrite = lambda _line, status, body: (status, body),
    ) -> None:
        self.target = target
        self._cut_request, self._cut_answer, self._drop_answer = cut_request, cut_answer, drop_answer
        self._rewrite = rewrite
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.lines: list[str] = []
        self.bodies: list[bytes] = []
        self.answered: list[tuple[str, bytes]] = []
        self.statuses: list[int] = []
        self.request_bytes = 0
        self.cuts = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)

    @property
    def tails(self) -> list[str]:
        """Method and last part of the path of each request."""
        return [f"{method} {path.split('/')[-1]}" for method, path, _ in (line.split(" ") for line in self.lines)]

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(10)
        with self._lock:
            for peer in self._open:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in (*self._threads, self._acceptor))

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(peer)
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with contextlib.suppress(_HungUp, OSError, http.client.HTTPException), peer:
            peer.settimeout(60)
            reader = peer.makefile("rb")
            with reader:
                while True:
                    self._exchange(peer, reader)
        with self._lock:
            self._open.discard(peer)

    def _exchange(self, peer: socket.socket, reader: socket.SocketIO) -> None:  # type: ignore[type-arg]
        head = self._read_head(reader)
        line = head[0]
        length = next((int(one.split(":", 1)[1]) for one in head if one.lower().startswith("content-length:")), 0)
        with self._lock:
            self.lines.append(line)
        cut_at = self._cut_request(line, length)
        wanted = length if cut_at is None else min(cut_at, length)
        body = reader.read(wanted)
        with self._lock:
            self.request_bytes += len(body)
            self.bodies.append(body)
        upstream = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=60)
        try:
            self._forward(upstream, head, length, body)
            if cut_at is not None or len(body) < length:
                self._hang_up()
            response = upstream.getresponse()
            answer = response.read()
        finally:
            upstream.close()
        self._answer(peer, line, response, answer)

    def _read_head(self, reader: socket.SocketIO) -> list[str]:
        lines: list[str] = []
        while True:
            raw = reader.readline()
            with self._lock:
                self.request_bytes += len(raw)
            if not raw:
                raise _HungUp
            text = raw.decode("latin-1").rstrip("\r\n")
            if not text:
                return lines
            lines.append(text)

    def _forward(self, upstream: http.client.HTTPConnection, head: list[str], length: int, body: bytes) -> None:
        method, path, _ = head[0].split(" ", 2)
        upstream.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for header in head[1:]:
            name, _, value = header.partition(":")
            if name.lower() not in _HOP_BY_HOP:
                upstream.putheader(name, value.strip())
        if length or method in {"PUT", "POST"}:
            upstream.putheader("Content-Length", str(length))
        upstream.endheaders(body)

    def _answer(self, peer: socket.socket, line: str, response: http.client.HTTPResponse, answer: bytes) -> None:
        status, answer = self._rewrite(line, response.status, answer)
        cut_at = self._cut_answer(line, len(answer))
        sent = answer if cut_at is None else answer[:cut_at]
        with self._lock:
            self.bodies.append(answer)
            self.answered.append((line, sent))
            self.statuses.append(status)
        if self._drop_answer(line):
            self._hang_up()
        headers = [f"{name}: {value}" for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP]
        head = [f"HTTP/1.1 {status} {response.reason}", *headers, f"Content-Length: {len(answer)}"]
        peer.sendall(("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + sent)
        if cut_at is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            self.cuts += 1
        raise _HungUp
