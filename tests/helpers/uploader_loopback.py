# SPDX-License-Identifier: Apache-2.0
"""A loopback peer made for one fault: it reads requests, and answers each with the bytes that the test wrote."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket], None]


def answering(raw: bytes) -> Script:
    """Sends these bytes and hangs up."""
    return lambda peer: peer.sendall(raw)


def http(status: int, body: bytes = b"", *, reason: str = "X", headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """An HTTP/1.1 answer with its length."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def routed(route: Callable[[str, str, bytes], bytes]) -> Callable[[bytes], bytes]:
    """Answers by method, last part of the path and body, and hangs up."""

    def answer(request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        method, path, _ = head.partition(b"\r\n")[0].decode().split(" ")
        return route(method, path.rpartition("/")[2], body)

    return answer


class LoopbackPeer:
    """Serves one script a connection on 127.0.0.1, the last one for ever; keeps what it was asked."""

    def __init__(
        self,
        *scripts: Script | bytes,
        tls: ssl.SSLContext | None = None,
        route: Callable[[str, str, bytes], bytes] | None = None,
    ) -> None:
        self._route = None if route is None else routed(route)
        self._scripts = [answering(one) if isinstance(one, bytes) else one for one in scripts]
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(self.connections, len(self._scripts) - 1)] if self._scripts else None
            self.connections += 1
            try:
                with peer:
                    peer.settimeout(10)
                    if self._tls is None:
                        self._converse(peer, script)
                    else:
                        with self._tls.wrap_socket(peer, server_side=True) as secured:
                            self._converse(secured, script)
            except OSError:
                continue  # the client hung up, as some of these tests want

    def _converse(self, peer: socket.socket, script: Script | None) -> None:
        request = read_request(peer)
        if request:
            self.requests.append(request)
            if self._route is not None:
                peer.sendall(self._route(request))
            elif script is not None:
                script(peer)


def read_request(peer: socket.socket) -> bytes:
    """One whole request as it came, b"" where the peer hung up."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        part = peer.recv(65536)
        if not part:
            return b""
        raw += part
    head, _, body = raw.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        part = peer.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body
