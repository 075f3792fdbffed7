# SPDX-License-Identifier: Apache-2.0
"""Where each sealed session counts as work, and how much of that another session of the person counts as well.

An index: it can be made again from the sealed files at any time.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from server.store.tables import worked
from session.account.overlap import Spans, Worked


def put(connection: Connection, person: str, one: Worked, beyond_us: int) -> None:
    """Keeps where a session counts, and what of it cannot have passed, in place of what was kept of it."""
    connection.execute(delete(worked).where(worked.c.session == one.session_id))
    from_us, to_us = _hull(one)
    values = {
        "session": one.session_id,
        "person": person,
        "started_us": one.started_us,
        "from_us": from_us,
        "to_us": to_us,
        "spans": msgspec.json.encode(one.spans),
        "overlap_us": 0,
        "beyond_us": beyond_us,
    }
    connection.execute(worked.insert().values(**values))


def together(connection: Connection, person: str, one: Worked) -> list[Worked]:
    """`one` and all sessions of the person that meet it, or meet one that does, as far as that leads."""
    from_us, to_us = _hull(one)
    while True:
        met = (worked.c.person == person, worked.c.from_us < to_us, worked.c.to_us > from_us)
        earliest_us, latest_us = connection.execute(
            select(func.min(worked.c.from_us), func.max(worked.c.to_us)).where(*met)
        ).one()
        wider = min(from_us, earliest_us or from_us), max(to_us, latest_us or to_us)
        if wider == (from_us, to_us):
            break
        from_us, to_us = wider
    asked = select(worked.c.session, worked.c.started_us, worked.c.spans).where(*met)
    return [
        Worked(row.session, row.started_us, msgspec.json.decode(row.spans, type=Spans)) for row in connection.execute(asked)
    ]


def set_overlap(connection: Connection, session_id: str, overlap_us: int) -> None:
    """Keeps how much of a session's work time another counts as well."""
    connection.execute(update(worked).where(worked.c.session == session_id).values(overlap_us=overlap_us))


def _hull(one: Worked) -> tuple[int, int]:
    return (one.spans[0][0], one.spans[-1][1]) if one.spans else (one.started_us, one.started_us)
