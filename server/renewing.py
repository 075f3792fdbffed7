# SPDX-License-Identifier: Apache-2.0
"""What the platform tells of its keys before the root signs new ones, and what ends with an old one.

The keys themselves, and when which of them signs, are in `server.keys`.
"""

from __future__ import annotations

from sqlalchemy import Connection

from server.core import Core
from server.keys import NAMES, STOLEN_WITHIN_US, PublicKeys
from server.store import rows
from session.trust.directory import Directory


def told(core: Core) -> dict[str, object]:
    """`now_us`, and the four public keys in hexadecimal: `in_force`, and `prepared` as they would be with the new ones.

    Those in force are the directory's, also where this platform lost them: so it can be given new ones.

    Raises:
        RefusalError: 503 before the organisation is founded.
        EnvironmentFault: a key file cannot be used.
    """
    ring = core.read_keys()
    with core.reading() as connection:
        named = core.in_force(connection).directory.platform
    in_force = {
        "grant": named.grant_key,
        "receipt": named.receipt_key,
        "witness": named.witness_key,
        "log": ring.current.log.public.hex(),
    }
    return {"now_us": core.now_us(), "in_force": in_force, "prepared": _listed(ring.following.public)}


def forget_grants(connection: Connection, held: Directory, offered: Directory, now_us: int) -> None:
    """Grants that nobody used count no more where `offered` revokes the key that they rest on, and `held` named it.

    Their devices drop them and ask for new ones, which the bound on unused grants must not keep from them.
    """
    for name in ("grant_key", "witness_key"):
        key = getattr(held.platform, name)
        revoked_us = offered.revoked_us(key)
        gave_way = getattr(offered.platform, name) != key
        if gave_way and revoked_us is not None and revoked_us <= now_us + STOLEN_WITHIN_US:
            rows.end_unused_grants(connection, now_us)


def _listed(keys: PublicKeys) -> dict[str, str]:
    return {name: getattr(keys, name).hex() for name in NAMES}
