# SPDX-License-Identifier: Apache-2.0
"""How often a door may be tried."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict, deque

from server.faults import RefusalError
from session.ports import Clock

ADDRESSES = 4096
"""Addresses remembered at once; the one not heard of for longest is forgotten first."""
MINUTE_US = 60_000_000


def neighbourhood(address: str) -> str:
    """What one customer of a network has: an IPv4 address alone, of IPv6 the first 64 bits. Source: RFC 6177, RFC 7934."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))


class RateLimit:
    """At most `per_minute` tries of one neighbourhood in any minute, and ten times that of all together.

    Counts by the monotonic clock; kept in memory only, so nobody's address is ever stored.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, deque[int]] = OrderedDict()
        self._all: deque[int] = deque()

    def count(self, address: str) -> None:
        """Counts one try. Raises `RefusalError` 429 when it is one too many; such a try is not counted."""
        now_us = self._clock.read().mono_us
        address = neighbourhood(address)
        with self._lock:
            ours = self._tries.setdefault(address, deque())
            self._tries.move_to_end(address)
            if len(self._tries) > ADDRESSES:
                self._tries.popitem(last=False)
            for tries in (ours, self._all):
                while tries and tries[0] <= now_us - MINUTE_US:
                    tries.popleft()
            if len(ours) >= self._per_minute or len(self._all) >= 10 * self._per_minute:
                raise RefusalError(429, "often", "Too many tries. Wait a minute.", headers={"Retry-After": "60"})
            ours.append(now_us)
            self._all.append(now_us)
