# SPDX-License-Identifier: Apache-2.0
"""Whose request it is where the platform stands behind a reverse proxy.

Rules:

1. `X-Forwarded-For` and `Forwarded` are read only of a connection that comes from a trusted network. Of anybody else they
   are what a client claims about itself, and are not looked at.
2. Each proxy adds whom it got the request from at the end. So it is read from its end: the last address that is not a
   trusted proxy's is the client's, whatever stands before it.
3. Where that place holds no address, or both headers are there and differ, the request counts as the proxy's own: nobody can
   pass for somebody else by a header that the proxy hands on without looking.

Source: RFC 7239; MDN, X-Forwarded-For, "Selecting an IP address".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from session import InputFault

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HOPS_MOST: Final = 32
"""So many hops are looked at from the end; a longer chain of proxies is nobody's."""
_PORT: Final = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|([0-9.]+):\d{1,5}")
_FOR: Final = re.compile(r"for=(.*)", re.IGNORECASE)


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """The networks in CIDR notation; a single address is a network of one. Raises `InputFault` that names the field."""
    found: list[Network] = []
    for text in texts:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            detail = (
                f"trusted_proxies: “{text}” is no network such as 10.0.0.0/8 or fd00::/8, with no bit set behind its prefix."
            )
            raise InputFault(detail) from error
        if not network.prefixlen:
            raise InputFault(f"trusted_proxies: “{text}” is everybody: then anybody could pass for anybody else.")
        found.append(network)
    return tuple(found)


class TrustedProxies:
    """Networks whose word about a client is taken."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)

    def holds(self, host: str) -> bool:
        """Whether a connection from this address is a trusted proxy's."""
        address = _address(host)
        return address is not None and self._has(address)

    def client(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> str:
        """The address that a request counts for.

        Args:
            peer: whose connection it came on.
            headers: of the request, names in lower case, in order.
        """
        if not self.holds(peer):
            return peer
        told = [_hops(headers, b"x-forwarded-for", _listed), _hops(headers, b"forwarded", _described)]
        clients = {self._last_untrusted(hops, peer) for hops in told if hops}
        return clients.pop() if len(clients) == 1 else peer

    def _last_untrusted(self, hops: Sequence[str], peer: str) -> str:
        known = peer
        for hop in reversed(hops[-HOPS_MOST:]):
            address = _address(hop)
            if address is None:
                return known
            known = str(address)
            if not self._has(address):
                return known
        return known

    def _has(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


class BehindProxies:
    """An application whose requests bear the client's address. Outermost, so that every bound counts by it."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies) -> None:
        self._app, self._proxies = app, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on."""
        client = scope.get("client")
        if scope["type"] == "http" and client:
            host = self._proxies.client(client[0], scope["headers"])
            scope = {**scope, "client": (host, client[1] if host == client[0] else 0)}
        await self._app(scope, receive, send)


def _address(text: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed


def _hops(headers: Sequence[tuple[bytes, bytes]], name: bytes, read: Callable[[str], str]) -> list[str]:
    """Every element of all lines of a header, in order."""
    lines = [value.decode("latin-1") for key, value in headers if key == name]
    return [read(part.strip()) for line in lines for part in line.split(",")]


def _listed(part: str) -> str:
    """The address in an element of X-Forwarded-For, with or without a port."""
    found = _PORT.fullmatch(part)
    return (found[1] or found[2]) if found else part


def _described(part: str) -> str:
    """The address in an element of Forwarded; what has none is "", which is no address."""
    for pair in part.split(";"):
        found = _FOR.fullmatch(pair.strip())
        if found:
            return _listed(found[1].strip().strip('"'))
    return ""
