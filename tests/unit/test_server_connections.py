# SPDX-License-Identifier: Apache-2.0
"""Deadlines of a connection by a clock that the test moves: what is slow but steady goes on, what only drips does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.access.rate import neighbourhood
from server.config import Limits
from server.connections import BODY_BYTES_S, Connection, connection_class
from server.forwarded import TrustedProxies

LIMITS = Limits()
HEAD = b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"


class TurnedLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop, whose time is what the test says."""

    now_s = 0.0

    def time(self) -> float:
        return self.now_s

    def pass_s(self, seconds: float) -> None:
        """Time passes second by second, and what is due happens."""
        for _ in range(round(seconds)):
            self.now_s += 1
            self.settle()

    def settle(self) -> None:
        async def turns() -> None:
            for _ in range(5):
                await asyncio.sleep(0)

        self.run_until_complete(turns())


class Wire:
    """One connection of the platform over a socket pair, with an application that reads the body or waits."""

    def __init__(self, loop: TurnedLoop, *, reads: bool) -> None:
        self.loop = loop
        self.ours, theirs = socket.socketpair()
        self.ours.setblocking(False)
        self.finish = asyncio.Event()

        async def application(_scope: object, receive: Callable[[], object], _send: object) -> None:
            if not reads:
                await self.finish.wait()
            while (await receive())["type"] != "http.disconnect":  # type: ignore[index,misc]
                pass

        config = uvicorn.Config(application, log_config=None, lifespan="off")
        config.load()
        state = ServerState()

        def made() -> Connection:
            return connection_class(LIMITS, TrustedProxies(()))(config=config, server_state=state, app_state={}, _loop=loop)

        self.transport, self.connection = loop.run_until_complete(loop.connect_accepted_socket(made, theirs))

    def send(self, octets: bytes) -> None:
        self.ours.send(octets)
        self.loop.settle()

    @property
    def cut(self) -> bool:
        return self.transport.is_closing()


@pytest.fixture
def loop() -> Iterator[TurnedLoop]:
    loop = TurnedLoop()
    yield loop
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


@pytest.fixture
def wire(loop: TurnedLoop) -> Iterator[Wire]:
    wire = Wire(loop, reads=True)
    yield wire
    end(wire)


def end(wire: Wire) -> None:
    wire.ours.close()
    wire.transport.abort()
    wire.finish.set()
    wire.loop.settle()


def test_a_head_in_drips_has_one_deadline(loop: TurnedLoop, wire: Wire) -> None:
    for _ in range(LIMITS.head_s - 1):
        wire.send(b"G")
        loop.pass_s(1)
        assert not wire.cut
    wire.send(b"G")
    loop.pass_s(1)
    assert wire.cut


def test_a_slow_body_that_keeps_coming_is_taken_and_one_that_stops_is_not(loop: TurnedLoop, wire: Wire) -> None:
    wire.send(HEAD)
    for _ in range(20 * LIMITS.body_s):
        wire.send(b"x" * BODY_BYTES_S)
        loop.pass_s(1)
        assert not wire.cut
    loop.pass_s(LIMITS.body_s + 1)
    assert wire.cut


def test_a_body_in_drips_is_not_waited_for(loop: TurnedLoop, wire: Wire) -> None:
    wire.send(HEAD)
    for _ in range(LIMITS.body_s + 1):
        wire.send(b"x")
        loop.pass_s(1)
    assert wire.cut


def test_while_the_platform_does_not_read_the_sender_is_not_late(loop: TurnedLoop) -> None:
    wire = Wire(loop, reads=False)
    wire.send(HEAD)
    for _ in range(3):  # until it stops reading
        wire.send(b"x" * 60_000)
    assert wire.connection.flow.read_paused
    loop.pass_s(3 * LIMITS.body_s + 180_000 // BODY_BYTES_S)
    assert not wire.cut
    wire.finish.set()
    loop.settle()
    loop.pass_s(180_000 // BODY_BYTES_S + 2 * LIMITS.body_s)
    assert wire.cut
    end(wire)


def test_while_the_platform_works_no_time_runs(loop: TurnedLoop) -> None:
    wire = Wire(loop, reads=False)
    wire.send(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
    loop.pass_s(1000)
    assert not wire.cut
    end(wire)


@pytest.mark.parametrize("closing", [False, True])
def test_an_answer_that_is_not_taken_is_not_kept(loop: TurnedLoop, wire: Wire, closing: bool) -> None:
    wire.send(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.transport.write(b"x" * 16_000_000)
    loop.settle()
    for _ in range(3):  # slow, but it goes on
        loop.pass_s(LIMITS.answer_s - 1)
        for _ in range(40):
            assert wire.ours.recv(65_536)
            loop.settle()
        loop.pass_s(1)
        assert wire.transport.get_write_buffer_size()
        assert not wire.cut
    if closing:
        wire.transport.close()
    loop.pass_s(2 * LIMITS.answer_s)
    assert wire.transport.get_write_buffer_size() == 0
    assert wire.cut


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_a_neighbourhood_is_what_one_customer_has(address: str, whose: str) -> None:
    assert neighbourhood(address) == whose
