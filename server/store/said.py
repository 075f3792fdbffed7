# SPDX-License-Identifier: Apache-2.0
"""Decisions, replies, removals and openings: an index over entries of the organisation log, which holds what was signed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from server.store.tables import log_entries, statements


class SaidRow(msgspec.Struct, frozen=True):
    """One statement about a sealed session. `finding`: of a decision, the record's seq; else None.

    Args:
        index: its place in the organisation log.
        sha256: of the envelope.
        author: who said it; `person` and `project` are the session's.
        directory: digest of the version that it was taken under.
    """

    index: int
    sha256: str
    session: str
    kind: str
    finding: int | None
    author: str
    person: str
    project: str
    directory: str


class Entry(msgspec.Struct, frozen=True):
    """One statement with its bytes as signed."""

    index: int
    session: str
    statement: bytes
    directory: str


def find(connection: Connection, sha256: str) -> SaidRow | None:
    """The one whose envelope has this digest."""
    row = connection.execute(select(statements).where(statements.c.sha256 == sha256)).one_or_none()
    return None if row is None else SaidRow(*row)


def count(connection: Connection, session: str, author: str, kinds: Sequence[str]) -> int:
    """How many of these kinds this person said about the session."""
    whose = (statements.c.session == session, statements.c.author == author, statements.c.kind.in_(kinds))
    asked = select(func.count()).where(*whose)
    return connection.execute(asked).scalar_one()


def of_session(connection: Connection, session: str) -> list[Entry]:
    """All about one session, in the order of the log."""
    return _entries(connection, _with_bytes().where(statements.c.session == session))


def concerning(  # noqa: PLR0913 - whose, and which page
    connection: Connection,
    person: str,
    projects: Sequence[str],
    *,
    after: int,
    limit: int,
    without: Iterable[str] = (),
) -> list[Entry]:
    """The first after a place in the log that are about the person's own sessions, or sessions of these projects.

    `without`: sessions under the person's id that are not theirs.
    """
    own = and_(statements.c.person == person, statements.c.session.not_in(list(without)))
    whose = or_(own, statements.c.project.in_(projects))
    return _entries(connection, _with_bytes().where(statements.c.index > after, whose).limit(limit))


def decided(connection: Connection, sessions: Sequence[str]) -> dict[str, int]:
    """On how many findings of each session there is a decision; sessions without one are left out."""
    return _counted(connection, sessions, "decision", func.count(statements.c.finding.distinct()))


def replied(connection: Connection, sessions: Sequence[str]) -> dict[str, int]:
    """How many replies each session has; sessions without one are left out."""
    return _counted(connection, sessions, "reply", func.count())


def forget(connection: Connection, session: str) -> None:
    """The text of every decision and reply about the session is gone from the database; leaves, places and counts stay."""
    ours = select(statements.c.index).where(statements.c.session == session, statements.c.kind.in_(("decision", "reply")))
    connection.execute(update(log_entries).where(log_entries.c.index.in_(ours)).values(statement=b""))


def _counted(connection: Connection, sessions: Sequence[str], kind: str, number: ColumnElement[int]) -> dict[str, int]:
    asked = select(statements.c.session, number).where(statements.c.kind == kind, statements.c.session.in_(sessions))
    return {row[0]: row[1] for row in connection.execute(asked.group_by(statements.c.session))}


def _with_bytes() -> Select[int, str, bytes, str]:
    joined = statements.join(log_entries, log_entries.c.index == statements.c.index)
    columns = (statements.c.index, statements.c.session, log_entries.c.statement, statements.c.directory)
    return select(*columns).select_from(joined).where(log_entries.c.statement != b"").order_by(statements.c.index)


def _entries(connection: Connection, asked: Select[int, str, bytes, str]) -> list[Entry]:
    return [Entry(*row) for row in connection.execute(asked)]
