# SPDX-License-Identifier: Apache-2.0
"""Running the platform: on its own until SIGTERM or Ctrl-C, or in a thread of another program."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import uvicorn

from server.app import create_app
from server.config import Limits, ServerConfig
from server.connections import BoundedRequests, connection_class
from server.forwarded import BehindProxies, TrustedProxies, networks
from server.rewriting import wipe_if_possible
from server.store.lock import FolderLock
from session import EnvironmentFault
from session.ports import Clock

if sys.platform != "win32":
    import resource

log = logging.getLogger("fairwitness.server.serve")

BACKLOG = 512
"""Connections that wait while the start is not done; they are answered then."""
OTHER_FILES = 300
"""Files kept free of connections: database, blobs that are read and written, and their folders."""
STOP_S = 5
"""How long requests that run may take to end at a stop."""
JOIN_S = 5.0
"""How much longer its thread may take."""


def _listening(config: ServerConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is said: without it every answer waits 40 ms for an acknowledgement
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would take the port from whoever has it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise EnvironmentFault(f"port: cannot listen on {config.host} port {config.port}; choose another.") from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _within_files(limits: Limits) -> Limits:
    """The limits with no more connections than this process may have files, of which it first asks for enough."""
    if sys.platform == "win32":
        return limits
    wanted = limits.connections_most + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    most = (
        limits.connections_most
        if soft == resource.RLIM_INFINITY
        else max(1, min(limits.connections_most, soft - OTHER_FILES))
    )
    of_one = min(limits.connections_of_one, max(1, most // 2))
    return msgspec.structs.replace(limits, connections_most=most, connections_of_one=of_one)


def _uvicorn(config: ServerConfig, clock: Clock) -> uvicorn.Server:
    app = create_app(config, clock)
    app.state.core.blobs.sweep()
    wipe_if_possible(app.state.core)
    limits, proxies = _within_files(config.limits), TrustedProxies(networks(config.trusted_proxies))
    return uvicorn.Server(
        uvicorn.Config(
            BehindProxies(BoundedRequests(app, limits), proxies),
            http=connection_class(limits, proxies),
            log_config=None,
            access_log=False,  # a path names a session, and a log is no place for who did what when
            server_header=False,
            proxy_headers=False,  # uvicorn's own takes what stands first, which anybody writes
            timeout_graceful_shutdown=STOP_S,
            timeout_keep_alive=30,
            ws="none",
        )
    )


def run(config: ServerConfig, clock: Clock, ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT, then ends requests that run and returns. Call it from the main thread.

    Args:
        config: of the platform.
        clock: its only source of time.
        ready: is told the address once the port is open; nothing secret is ever printed or logged.

    Raises:
        EnvironmentFault: the port, folder, keys or database cannot be used.
    """
    with _listening(config) as listener, FolderLock(config.folder):
        server = _uvicorn(config, clock)
        ready(_address(listener))
        # uvicorn stops in order on these and then raises them once more, for whoever was there before it: for us it is done.
        before = {number: signal.signal(number, lambda _number, _frame: None) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            server.run(sockets=[listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    log.info("stopped")


@contextmanager
def background(config: ServerConfig, clock: Clock) -> Iterator[str]:
    """The address of a platform that serves from a thread of this program until the `with` block ends.

    Connections are taken from the first moment, and answered once the thread is up.

    Raises:
        EnvironmentFault: as `run`.
    """
    with _listening(config) as listener, FolderLock(config.folder):
        server = _uvicorn(config, clock)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="platform", daemon=True)
        thread.start()
        try:
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join(STOP_S + JOIN_S)
