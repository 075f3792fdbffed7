# SPDX-License-Identifier: Apache-2.0
"""Connections with deadlines and in bounded number, and requests too: nobody can hold what all need by doing nothing.

Rules:

1. A request's head must be here within `head_s` of its first byte, the first of a connection of the connection's. Its body
   must come at `BODY_BYTES_S` on average, after `body_s`, and an answer be taken at that in each `answer_s`. What is late
   is cut off. While the platform itself does not read or work, no time runs. Source: Apache httpd,
   mod_reqtimeout, whose default is header=20-40,MinRate=500 body=20,MinRate=500.
2. Where there are too many connections, in all or of one neighbourhood, the one that waits for longest without a request
   gives way to the new one. Only where none waits is the new one refused. So who opens many displaces their own.
   A trusted proxy's connections are many people's, and bounded in all alone.
3. Requests at once are bounded too, in all and of one neighbourhood: 503 `busy` with `Retry-After` beyond it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.access.rate import neighbourhood
from server.config import Limits
from server.faults import RefusalError, answer
from server.forwarded import TrustedProxies

BODY_BYTES_S: Final = 500
"""Slowest average of a body, or of an answer. Source: Apache httpd, mod_reqtimeout, MinRate."""
AGAIN_S: Final = 5.0
"""How soon to look again where the platform itself kept the body waiting."""
RETRY_AFTER_S: Final = 5


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1, with deadlines, and one of a bounded number. See the module's rules 1 and 2."""

    bounds: Limits
    proxies: TrustedProxies

    def __init__(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as uvicorn makes it
        super().__init__(*args, **more)
        self._deadline: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None
        self._body_from_s, self._body_bytes = 0.0, 0
        self._left_bytes = 0
        self.neighbourhood, self.waiting_since_s, self.proxied = "", 0.0, False

    @property
    def waits(self) -> bool:
        """Whether no request is under way: none began, or the last one is answered."""
        return self.conn.their_state is h11.IDLE and (self.cycle is None or self.cycle.response_complete)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Makes room for it, or refuses it, and expects the first head."""
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if peer else ""
        self.neighbourhood, self.waiting_since_s = neighbourhood(host), self.loop.time()
        self.proxied = self.proxies.holds(host)
        admitted = self._has_room()
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that `pause_writing` tells of every answer that is not taken at once
        if not admitted:
            self._cut()
            return
        self._expect(self.bounds.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._expect(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what came, and sets the deadline for what must come next."""
        before = self.conn.their_state
        super().data_received(data)
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            if before is not h11.SEND_BODY:
                self._body_from_s, self._body_bytes = self.loop.time(), 0
            self._body_bytes += len(data)
            if before is not h11.SEND_BODY:
                self._expect(self.bounds.body_s)
        elif state is not h11.IDLE:
            self._expect(None)
        elif self._deadline is None or before is not h11.IDLE:
            self._expect(self.bounds.head_s)

    def on_response_complete(self) -> None:
        """From here on it waits; a pipelined request's body may have begun."""
        self.waiting_since_s = self.loop.time()
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and self._deadline is None:
            self._body_from_s, self._body_bytes = self.loop.time(), 0
            self._expect(self.bounds.body_s)

    def pause_writing(self) -> None:
        """The other side does not take the answer."""
        super().pause_writing()
        if self._taking is None:
            self._look_again()

    def resume_writing(self) -> None:
        """It does again."""
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None
        super().resume_writing()

    def _look_again(self) -> None:
        self._left_bytes = self.transport.get_write_buffer_size()
        self._taking = self.loop.call_later(self.bounds.answer_s, self._untaken)

    def _untaken(self) -> None:
        if self._left_bytes - self.transport.get_write_buffer_size() < BODY_BYTES_S * self.bounds.answer_s:
            self._cut()
        else:
            self._look_again()

    def _has_room(self) -> bool:
        """Rule 2."""
        if len(self.connections) < min(self.bounds.connections_of_one, self.bounds.connections_most):
            return True
        of_one = self.bounds.connections_most if self.proxied else self.bounds.connections_of_one
        others = [one for one in self.connections if isinstance(one, Connection)]
        ours = [one for one in others if one.neighbourhood == self.neighbourhood]
        for crowd, most in ((ours, of_one), (others, self.bounds.connections_most)):
            if sum(one in self.connections for one in crowd) < most:
                continue
            longest = min((one for one in crowd if one.waits), key=lambda one: one.waiting_since_s, default=None)
            if longest is None:
                return False
            self.connections.discard(longest)  # now, and not only once the loop has heard of its end
            longest._cut()  # noqa: SLF001 - one of ours
        return True

    def _expect(self, within_s: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if within_s is None else self.loop.call_later(within_s, self._late)

    def _late(self) -> None:
        if self.conn.their_state is h11.SEND_BODY:
            left_s = self._body_from_s + self.bounds.body_s + self._body_bytes / BODY_BYTES_S - self.loop.time()
            if self.flow.read_paused:
                left_s = max(left_s, AGAIN_S)
            if left_s > 0:
                self._expect(left_s)
                return
        self._cut()

    def _cut(self) -> None:
        self._expect(None)
        self.transport.abort()  # also one that is closing already, and waits for the other side to take the rest


def connection_class(limits: Limits, trusted: TrustedProxies) -> type[Connection]:
    """The protocol for uvicorn, with these bounds."""

    class Bounded(Connection):
        bounds = limits
        proxies = trusted

    return Bounded


class BoundedRequests:
    """An application of which at most so many requests are under way, in all and of one neighbourhood. See rule 3."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or says that it is too much now."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        whose = neighbourhood(client[0] if client else "")
        limits = self._limits
        if self._under_way[whose] >= limits.requests_of_one or self._under_way.total() >= limits.requests_most:
            detail = "The platform has too much to do now. Ask again a little later."
            headers = {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"}
            await answer(RefusalError(503, "busy", detail, headers=headers))(scope, receive, send)
            return
        self._under_way[whose] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[whose] -= 1
            if not self._under_way[whose]:
                del self._under_way[whose]
