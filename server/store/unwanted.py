# SPDX-License-Identifier: Apache-2.0
"""Files that no session consists of any more, until they are overwritten and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from server.store.tables import blobs, unwanted


def note(connection: Connection, session: str, digests: Iterable[str]) -> None:
    """These files are not the session's any more: none is there to a question, and each is to be wiped."""
    for sha256 in digests:
        connection.execute(delete(blobs).where(blobs.c.session == session, blobs.c.sha256 == sha256))
        known = select(unwanted.c.sha256).where(unwanted.c.session == session, unwanted.c.sha256 == sha256)
        if connection.execute(known).one_or_none() is None:
            connection.execute(unwanted.insert().values(session=session, sha256=sha256))


def listed(connection: Connection) -> list[tuple[str, str]]:
    """All that is to be wiped, as (session, digest)."""
    return [(row[0], row[1]) for row in connection.execute(select(unwanted.c.session, unwanted.c.sha256))]


def forget(connection: Connection, wiped: Sequence[tuple[str, str]]) -> None:
    """These are gone from the disk."""
    for session, sha256 in wiped:
        connection.execute(delete(unwanted).where(unwanted.c.session == session, unwanted.c.sha256 == sha256))
