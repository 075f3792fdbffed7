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

import msgspec
from sqlalchemy import Connection, func, select

from server.keys import PlatformKeys
from server.store.tables import log_entries
from session.log.checkpoint import CheckpointText, format_checkpoint
from session.log.cosign import cosign
from session.log.merkle import Tree, leaf_hash
from session.log.note import note_bytes, sign_note
from session.trust.directory import witness_name


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
    """The tree over the entries of one database. Keeps the leaves of what it has read; the database is the log."""

    def __init__(self) -> None:
        self._tree = Tree()
        self._lock = threading.Lock()

    def append(self, connection: Connection, statement: bytes, about: About, added_us: int) -> int:
        """Adds a statement and returns its index. `connection` must be writing; see `forget`."""
        with self._lock:
            index = self._caught_up(connection)
            if self._tree.size != index:  # another thread's transaction failed and has not yet said so
                self._tree = Tree()
                self._caught_up(connection)
            leaf = leaf_hash(statement)
            self._tree.append(leaf)
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
            size = self._caught_up(connection)
            return tuple(step.hex() for step in self._tree.inclusion(index, size))

    def entry(self, connection: Connection, index: int) -> Entry | None:
        """One entry."""
        row = connection.execute(select(log_entries).where(log_entries.c.index == index)).one_or_none()
        if row is None:
            return None
        about = About(kind=row.kind, session=row.session, person=row.person, project=row.project)
        return Entry(index=index, leaf=row.leaf, statement=row.statement, about=about)

    def forget(self) -> None:
        """Must be called when a transaction that appended did not commit: the tree is read again."""
        with self._lock:
            self._tree = Tree()

    def _caught_up(self, connection: Connection) -> int:
        """Reads the leaves that the tree lacks; returns how many entries the connection sees."""
        last: int | None = connection.execute(select(func.max(log_entries.c.index))).scalar_one()
        size = 0 if last is None else last + 1
        if size > self._tree.size:
            known = self._tree.size
            asked = select(log_entries.c.leaf).where(log_entries.c.index >= known).order_by(log_entries.c.index)
            for leaf in connection.execute(asked).scalars():
                self._tree.append(leaf)
        return size


def signed_head(head: Head, organisation: str, keys: PlatformKeys, time_s: int) -> bytes:
    """The head as a note, signed by the log key and cosigned by the witness."""
    origin = f"fairwitness/{organisation}/log"
    text = format_checkpoint(CheckpointText(origin, head.size, bytes.fromhex(head.root)))
    lines = (sign_note(text, origin, keys.log), cosign(text, witness_name(organisation), keys.witness, time_s))
    return note_bytes(text, *lines)
