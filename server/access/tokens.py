# SPDX-License-Identifier: Apache-2.0
"""Tokens and invitation codes: random, kept only as SHA-256, and no more than the directory says of their person.

Rules:

1. A token names a person and the person key it was enrolled with. What it opens is read from the directory in force
   at every request: whoever is removed, or whose keys or device are replaced or revoked, opens nothing from then on,
   named before or not. Who holds the token of a revoked key is told so, and since when.
2. Before a directory first names the person's keys, a token reads the directory and nothing else.
3. A code is used once, expires, and belongs to one person.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from server.core import Core
from server.faults import RefusalError
from server.store import rows, tables
from session.trust.directory import Directory, Person

TOKEN_BYTES: Final = 32
"""Random bytes in a token: 43 characters of base64url."""
CODE_BYTES: Final = 13
"""Random bytes in a code: 104 bits, above the 80 that docs/architecture.md asks for."""

REVOKED: Final = (
    "{whose} revoked by your organisation as of {since}. What was recorded here stays here. Ask your admin for a new "
    "enrolment link: what was countersigned before can then still be sent."
)


class Caller(msgspec.Struct, frozen=True):
    """Who asks. `member` is None for a person whom no directory names yet, and then nothing is theirs."""

    person: str
    member: Person | None

    def has(self, role: str, project: str) -> bool:
        """Whether the directory in force gives this person that role in that project."""
        return self.member is not None and role in self.member.roles and project in self.member.projects


def digest_of(secret: str) -> str:
    """What is kept of a token or code."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """A new invitation code, in characters that nobody mistakes when reading aloud."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    number = int.from_bytes(secrets.token_bytes(CODE_BYTES), "big")
    letters = []
    while number:
        number, place = divmod(number, len(alphabet))
        letters.append(alphabet[place])
    return "".join(letters).rjust(22, alphabet[0])


def issue_token(connection: Connection, core: Core, *, person: str, person_key: str, device_key: str) -> str:
    """A new token of the person, kept as its digest. The only time that it exists in the clear here."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now_us = core.now_us()
    member = _member(core.in_force(connection).directory, person, person_key, device_key, now_us)
    row = rows.Token(
        token_sha256=digest_of(token),
        person=person,
        person_key=person_key,
        device_key=device_key,
        issued_us=now_us,
        named_us=now_us if member else 0,
    )
    rows.put(connection, tables.tokens, row)
    return token


def caller_of(connection: Connection, core: Core, token: str) -> Caller | None:
    """Who the token stands for now; None where it opens nothing at all.

    Raises:
        RefusalError: 401 `revoked` where the person key or the device key that it was issued for is revoked.
    """
    row = rows.token(connection, digest_of(token))
    if row is None:
        return None
    directory, now_us = core.in_force(connection).directory, core.now_us()
    for whose, public_key in (
        ("The keys of this device's person were", row.person_key),
        ("This device was", row.device_key),
    ):
        since_us = directory.revoked_us(public_key)
        if since_us is not None and since_us <= now_us:
            raise RefusalError(401, "revoked", REVOKED.format(whose=whose, since=_day(since_us)))
    member = _member(directory, row.person, row.person_key, row.device_key, now_us)
    if member is None and row.named_us:
        return None
    return Caller(row.person, member)


def _day(t_us: int) -> str:
    return f"{datetime.fromtimestamp(t_us / 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"


def _member(directory: Directory, person: str, person_key: str, device_key: str, now_us: int) -> Person | None:
    member = directory.person(person)
    if member is None or member.person_key != person_key:
        return None
    revoked = [directory.revoked_us(public_key) for public_key in (person_key, device_key) if public_key]
    if any(since is not None and since <= now_us for since in revoked):
        return None
    return member
