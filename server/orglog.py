# SPDX-License-Identifier: Apache-2.0
"""The organisation log: every statement, in the order in which the platform took it, as one Merkle tree.

Rules:

1. The leaf of a statement is SHA256(0x00 | its bytes as signed): RFC 6962 over what anyone can keep and compare.
2. An entry is added in the transaction that does what it states, so neither is ever there without the other.
3. The head is a C2SP checkpoint `fairwitness/<org_fp>/log`, signed by the log key and cosigned by the platform's witness,
   whose key the directory names.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, true

from server.keys import PlatformKeys
from server.store.tables import log_entries
from session.log.checkpoint import CheckpointText, format_checkpoint
from session.log.cosign import cosign
from session.log.merkle import Tree, leaf_hash
from session.log.note import note_bytes, sign_note
from session.trust.directory import witness_name

PAGE: Final = 200
"""Most entries in one answer. Source: docs/architecture.md, The platform's interface."""
PAGE_BYTES: Final = 4 * 1024 * 1024
"""A page ends where it grows beyond this."""


class Head(msgspec.Struct, frozen=True):
    """Size and root (hexadecimal) of the log, as statements name them."""

    size: int
    root: str


class About(msgspec.Struct, frozen=True):
    """What an entry is about, for finding it and for deciding who may read it; "" where it is about none."""

    kind: str
    session: str = ""
    person: str = ""
    project: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One entry as kept."""

    index: int
    leaf: bytes
    statement: bytes
    about: About


class OrganisationLog:
    """The tree over the entries of one database. Keeps the leaves of what it has read; the database is the log.

    What a transaction appended that did not commit is cut off again, and no more: a refusal costs the same however long the
    log is.
    """

    def __init__(self) -> None:
        self._tree = Tree()
        self._places: dict[bytes, int] = {}
        self._writer: tuple[Connection, int] | None = None
        """The transaction that appended last, and the size from which on the tree is its own."""
        self._lock = threading.Lock()

    def append(self, connection: Connection, statement: bytes, about: About, added_us: int) -> int:
        """Adds a statement and returns its index. `connection` must be writing, so that no other is; see `forget`."""
        with self._lock:
            index = self._caught_up(connection)
            if self._writer is None or self._writer[0] is not connection:
                self._cut(index)  # the tree is longer where another thread's transaction failed and has not yet said so
                self._writer = (connection, index)
            leaf = leaf_hash(statement)
            self._grow(leaf)
        connection.execute(
            log_entries.insert().values(
                index=index,
                leaf=leaf,
                statement=statement,
                kind=about.kind,
                session=about.session,
                person=about.person,
                project=about.project,
                added_us=added_us,
            )
        )
        return index

    def head(self, connection: Connection) -> Head:
        """The head that this connection sees."""
        with self._lock:
            size = self._caught_up(connection)
            return Head(size, self._tree.root(size).hex())

    def root_at(self, connection: Connection, size: int) -> str | None:
        """The root when the log had `size` entries, hexadecimal; None for a size that it never had."""
        with self._lock:
            return self._tree.root(size).hex() if size <= self._caught_up(connection) else None

    def consistency(self, connection: Connection, old: int, size: int) -> tuple[str, ...] | None:
        """The proof that the log of `size` entries continues the one of `old`, hexadecimal; None where it never had them."""
        with self._lock:
            if not old <= size <= self._caught_up(connection):
                return None
            return tuple(step.hex() for step in self._tree.consistency(old, size))

    def proof(self, connection: Connection, index: int) -> tuple[str, ...]:
        """The inclusion proof of an entry in the present head, hexadecimal."""
        with self._lock:
            return self._inclusion(index, self._caught_up(connection))

    def inclusion(self, connection: Connection, leaf: bytes, size: int) -> tuple[int, tuple[str, ...]] | None:
        """Index and inclusion proof of a leaf in the head of `size` entries, hexadecimal; None where it is not in it."""
        with self._lock:
            if size > self._caught_up(connection):
                return None
            index = self._places.get(leaf)
            return (index, self._inclusion(index, size)) if index is not None and index < size else None

    def entries(
        self, connection: Connection, whose: ColumnElement[bool], *, begin: int, size: int
    ) -> list[tuple[Entry, tuple[str, ...]]] | None:
        """The first entries from `begin` on that `whose` selects, with their proofs in the head of `size` entries.

        At most `PAGE`, and none after `PAGE_BYTES`; None for a size that the log never had.
        """
        with self._lock:
            if size > self._caught_up(connection):
                return None
        asked = select(log_entries).where(log_entries.c.index >= begin, log_entries.c.index < size, whose)
        found: list[Entry] = []
        size_bytes = 0
        for row in connection.execute(asked.order_by(log_entries.c.index).limit(PAGE)):
            if size_bytes > PAGE_BYTES:
                break
            found.append(_entry(row))
            size_bytes += len(row.statement)
        with self._lock:
            self._caught_up(connection)
            return [(one, self._inclusion(one.index, size)) for one in found]

    def entry(self, connection: Connection, index: int) -> Entry | None:
        """One entry."""
        row = connection.execute(select(log_entries).where(log_entries.c.index == index)).one_or_none()
        return None if row is None else _entry(row)

    def forget(self, connection: Connection) -> None:
        """Must be called when a transaction did not commit: what it appended is gone."""
        with self._lock:
            if self._writer is not None and self._writer[0] is connection:
                self._cut(self._writer[1])
                self._writer = None

    def _cut(self, size: int) -> None:
        for index in range(size, self._tree.size):
            leaf = self._tree.leaf(index)
            if self._places.get(leaf) == index:
                del self._places[leaf]
        self._tree.cut(size)

    def _grow(self, leaf: bytes) -> None:
        self._places.setdefault(leaf, self._tree.size)
        self._tree.append(leaf)

    def _inclusion(self, index: int, size: int) -> tuple[str, ...]:
        return tuple(step.hex() for step in self._tree.inclusion(index, size))

    def _caught_up(self, connection: Connection) -> int:
        """Reads the leaves that the tree lacks; returns how many entries the connection sees."""
        last: int | None = connection.execute(select(func.max(log_entries.c.index))).scalar_one()
        size = 0 if last is None else last + 1
        if size > self._tree.size:
            known = self._tree.size
            asked = select(log_entries.c.leaf).where(log_entries.c.index >= known).order_by(log_entries.c.index)
            for leaf in connection.execute(asked).scalars():
                self._grow(leaf)
        return size


def concerning(
    person: str, projects: Sequence[str], *, everything: bool, session: str = "", without: Iterable[str] = ()
) -> ColumnElement[bool]:
    """Which entries somebody may read: of their own sessions, of these projects, and every directory; or all of them.

    With `session`, of those the ones about this session. `without`: sessions under their id that are not theirs.
    """
    columns = log_entries.c
    own = or_(
        and_(columns.person == person, columns.session.not_in(list(without))),
        columns.project.in_(projects),
        columns.kind == "directory",
        true() if everything else false(),
    )
    return and_(own, columns.session == session) if session else own


def _entry(row: Row[int, bytes, bytes, str, str, str, str, int]) -> Entry:
    about = About(kind=row.kind, session=row.session, person=row.person, project=row.project)
    return Entry(index=row[0], leaf=row.leaf, statement=row.statement, about=about)


def signed_head(head: Head, organisation: str, keys: PlatformKeys, time_s: int) -> bytes:
    """The head as a note, signed by the log key and cosigned by the witness."""
    origin = f"fairwitness/{organisation}/log"
    text = format_checkpoint(CheckpointText(origin, head.size, bytes.fromhex(head.root)))
    lines = (sign_note(text, origin, keys.log), cosign(text, witness_name(organisation), keys.witness, time_s))
    return note_bytes(text, *lines)
