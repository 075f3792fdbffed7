# SPDX-License-Identifier: Apache-2.0
"""The durable queue of sealed sessions.

    held ──time or release──▶ waiting ──claim──▶ sending ──settle──▶ confirmed ──forget──▶ gone
                                 ▲                  │
                                 └──put_off, crash──┤
                                                    └──refuse──▶ refused ──release──▶ waiting

Rules:

1. `put` returns only when the session is queued durably; what was put is never lost and never there twice.
2. A session is *confirmed* only while a receipt that verifies lies durably in its folder. First the file, then the row.
3. The database holds nothing that cannot be rebuilt. At every opening rows and folders are compared, and the folders are
   right; a damaged database is moved aside and a new one is filled from the spool. That loses only when a hold ends.
4. Nothing here deletes a session but `forget`, which the trainer asks for, and only after confirmation.
5. Two programs may open one outbox; the worst that follows is that bytes are sent twice.

One SQLite connection a thread, WAL, `synchronous=FULL`.
"""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from session import EnvironmentFault, InputFault, IntegrityFault
from session.disk import create_private
from session.ports import Clock, OutboxItem
from uploader.folders import RECEIPT, SEAL, keep_file, move_aside, remove_session, sealed_session

_log = logging.getLogger("fairwitness.outbox")

SCHEMA_VERSION: Final = 1
MALFORMED_MOST: Final = 8
"""After so many answers in a row that no platform would give, a person is asked. About an hour with the backoff below."""
MOST_WAIT_US: Final = 3_600_000_000
"""No wait between attempts is longer (`client.RETRY_AFTER_MOST_US`). One that looks longer comes from a clock set back."""
MOST_HOLD_US: Final = 604_800_000_000
"""Longest hold. Source: session/policy.py, Sending.hold_s."""
_BUSY_S: Final = 10
_SURROUNDINGS: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
"""SQLite's codes for what is not in the file. Source: sqlite.org/rescode.html."""

_SCHEMA: Final = """
CREATE TABLE sessions (
    session_id    TEXT    NOT NULL PRIMARY KEY CHECK (length(session_id) = 32),
    folder        TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('held', 'waiting', 'sending', 'confirmed', 'refused')),
    not_before_us INTEGER NOT NULL CHECK (not_before_us >= 0),
    attempts      INTEGER NOT NULL DEFAULT 0,
    malformed     INTEGER NOT NULL DEFAULT 0,
    asks_person   INTEGER NOT NULL DEFAULT 0 CHECK (asks_person IN (0, 1)),
    total_bytes   INTEGER NOT NULL DEFAULT 0,
    last_error    TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE sent (
    session_id TEXT    NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    sha256     TEXT    NOT NULL CHECK (length(sha256) = 64),
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (session_id, sha256)
) STRICT, WITHOUT ROWID;
"""
_DUE: Final = """(asks_person = 0 AND (
    (state = 'waiting' AND (not_before_us <= :now_us OR not_before_us > :now_us + :most_wait_us))
 OR (state = 'held'    AND (not_before_us <= :now_us OR not_before_us > :now_us + :most_hold_us))))"""
_ITEM: Final = """SELECT session_id, folder, state, not_before_us, attempts, total_bytes, last_error,
    (SELECT coalesce(sum(size_bytes), 0) FROM sent WHERE sent.session_id = sessions.session_id) AS sent_bytes
    FROM sessions"""


class ReceiptCheck(Protocol):
    """Who knows the platform's receipt key."""

    def __call__(self, session_id: str, folder: Path, receipt: bytes) -> object:
        """Returns if `receipt` is the platform's for the sealed session in `folder`; else raises `IntegrityFault`."""
        ...


class Backoff(msgspec.Struct, frozen=True):
    """Full jitter: a wait is uniform in [0, min(most_us, first_us * 2^attempts)].

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Attempts count from the last progress.
    """

    first_us: int = 2_000_000
    most_us: int = 900_000_000

    def wait_us(self, attempts: int, randbelow: Callable[[int], int]) -> int:
        """How long to wait after `attempts` attempts before this one; `randbelow(n)` is uniform in [0, n)."""
        return randbelow(min(self.most_us, self.first_us << min(attempts, 40)) + 1)


class DurableOutbox:
    """`session.ports.Outbox`, and the verbs that transfer uses. For any number of threads.

    Args:
        path: the database; its folder exists.
        spool: folder of session folders, each named by its session id.
        check: see `ReceiptCheck`.
        hold_us: how long a sealed session that is found in the spool without a row is held, from its sealing on.
        randbelow: random source of the backoff.

    Raises:
        EnvironmentFault: the file cannot be opened or written, or a newer version of this program made it.
    """

    def __init__(  # noqa: PLR0913 - the graph's parts, by name
        self,
        path: Path,
        *,
        spool: Path,
        check: ReceiptCheck,
        clock: Clock,
        hold_us: int,
        backoff: Backoff | None = None,
        randbelow: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._path, self._spool, self._check, self._clock = path, spool, check, clock
        self._hold_us, self._backoff, self._randbelow = hold_us, backoff or Backoff(), randbelow
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self._listeners: list[Callable[[], None]] = []
        try:
            self._open()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # sqlite3 decodes damaged names in its messages
            self.close()
            if isinstance(error, sqlite3.DatabaseError) and not _is_damage(error, path):
                raise _trouble(error) from error
            _log.warning("outbox=damaged moved_aside=%d", move_aside(path))
            with _plain_words():
                self._open()

    # -- session.ports.Outbox ------------------------------------------------------------------------------------------

    def put(self, session_id: str, folder: Path, *, not_before_us: int) -> None:
        """Queues a sealed session; the same again changes nothing. Durable when it returns.

        Raises:
            InputFault: the folder holds no session that was sealed for a platform.
            EnvironmentFault: the disk is full, or the database cannot be written.
        """
        if not session_id or sealed_session(folder) != session_id:
            raise InputFault("This folder holds no session that was sealed for a platform. Review and seal it first.")
        with self._writing() as database:
            database.execute(
                "INSERT INTO sessions (session_id, folder, state, not_before_us) VALUES (?, ?, 'held', ?)"
                " ON CONFLICT DO NOTHING",
                (session_id, str(folder.absolute()), max(0, not_before_us)),
            )
        self._tell()

    def release(self, session_id: str) -> None:
        """Send now: ends the hold, the wait between attempts, and a refusal, after which a person asks for another try."""
        with self._writing() as database:
            database.execute(
                "UPDATE sessions SET state = 'waiting', not_before_us = 0, asks_person = 0, attempts = 0, malformed = 0"
                " WHERE session_id = ? AND state IN ('held', 'waiting', 'refused')",
                (session_id,),
            )
        self._tell()

    def items(self) -> Sequence[OutboxItem]:
        """All sessions, in the order in which they were put."""
        with _plain_words():
            return [self._item(row) for row in self._database().execute(_ITEM + " ORDER BY sessions.rowid")]

    # -- for transfer --------------------------------------------------------------------------------------------------

    def claim(self) -> OutboxItem | None:
        """The session whose turn it is, now *sending*, or None where none is due."""
        with self._writing() as database:
            row = database.execute(
                f"SELECT session_id FROM sessions WHERE {_DUE} ORDER BY not_before_us, rowid LIMIT 1",  # noqa: S608 - constants
                self._now(),
            ).fetchone()
            if row is None:
                return None
            database.execute("UPDATE sessions SET state = 'sending' WHERE session_id = ?", (row["session_id"],))
            return self._item(database.execute(_ITEM + " WHERE session_id = ?", (row["session_id"],)).fetchone())

    def next_due_us(self) -> int | None:
        """When the next session is due in UTC, perhaps in the past; None where nothing waits for time."""
        now = self._now()
        with _plain_words():
            database = self._database()
            due = database.execute(f"SELECT count(*) FROM sessions WHERE {_DUE}", now).fetchone()[0]  # noqa: S608 - constants
            query = "SELECT min(not_before_us) FROM sessions WHERE asks_person = 0 AND state IN ('held', 'waiting')"
            later: int | None = database.execute(query).fetchone()[0]
        return now["now_us"] if due else later

    def begin(self, session_id: str, total_bytes: int) -> None:
        """Notes how much the session has to send."""
        with self._writing() as database:
            database.execute("UPDATE sessions SET total_bytes = ? WHERE session_id = ?", (total_bytes, session_id))

    def mark_sent(self, session_id: str, sha256: str, size_bytes: int) -> None:
        """The platform has this file: only to be called after its 200 or 201. Durable; counts as progress."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO sent (session_id, sha256, size_bytes) SELECT session_id, ?, ? FROM sessions"
                " WHERE session_id = ? ON CONFLICT DO NOTHING",
                (sha256, size_bytes, session_id),
            )
            database.execute("UPDATE sessions SET attempts = 0 WHERE session_id = ?", (session_id,))

    def unmark(self, session_id: str, digests: Sequence[str]) -> None:
        """The platform says that it does not have these files after all."""
        with self._writing() as database:
            database.executemany(
                "DELETE FROM sent WHERE session_id = ? AND sha256 = ?", [(session_id, one) for one in digests]
            )

    def sent(self, session_id: str) -> frozenset[str]:
        """Digests of what the platform said it has."""
        with _plain_words():
            rows = self._database().execute("SELECT sha256 FROM sent WHERE session_id = ?", (session_id,))
            return frozenset(row["sha256"] for row in rows)

    def put_off(self, session_id: str, words: str, *, retry_after_us: int = 0, malformed: bool = False) -> None:
        """Back to *waiting* with backoff, never sooner than `retry_after_us`; after `MALFORMED_MOST` a person is asked."""
        with self._writing() as database:
            row = database.execute("SELECT attempts, malformed FROM sessions WHERE session_id = ?", (session_id,)).fetchone()
            if row is None:
                return
            wait_us = max(self._backoff.wait_us(row["attempts"], self._randbelow), min(retry_after_us, MOST_WAIT_US))
            strange = row["malformed"] + 1 if malformed else 0
            database.execute(
                "UPDATE sessions SET state = 'waiting', not_before_us = ?, attempts = attempts + 1, malformed = ?,"
                " asks_person = ?, last_error = ? WHERE session_id = ? AND state = 'sending'",
                (self._now()["now_us"] + wait_us, strange, int(strange >= MALFORMED_MOST), words, session_id),
            )
        self._tell()

    def stop(self, session_id: str, words: str) -> None:
        """Back to *waiting*, for a person: nothing is tried until `release`, or until the program starts again."""
        with self._writing() as database:
            database.execute(
                "UPDATE sessions SET state = 'waiting', asks_person = 1, last_error = ?"
                " WHERE session_id = ? AND state = 'sending'",
                (words, session_id),
            )
        self._tell()

    def refuse(self, session_id: str, words: str) -> None:
        """The platform will never take it as it is. The local copy stays; `release` tries again."""
        with self._writing() as database:
            database.execute(
                "UPDATE sessions SET state = 'refused', last_error = ? WHERE session_id = ? AND state = 'sending'",
                (words, session_id),
            )
        self._tell()

    def settle(self, session_id: str, receipt: bytes) -> None:
        """Writes the receipt durably into the session's folder, and then shows the session as *confirmed*.

        A receipt that is there already and verifies stays: a session has one.

        Raises:
            IntegrityFault: the receipt is not the platform's, or not for this sealed session; nothing changes.
            InputFault: no such session is queued.
            EnvironmentFault: it cannot be written; nothing is lost, the platform gives the same receipt again.
        """
        folder = self._folder(session_id)
        if not self._is_confirmed(session_id, folder):
            self._check(session_id, folder, receipt)
            keep_file(folder, RECEIPT, receipt, doing="keeping the receipt")
        with self._writing() as database:
            database.execute(
                "UPDATE sessions SET state = 'confirmed', asks_person = 0, last_error = '' WHERE session_id = ?",
                (session_id,),
            )
        self._tell()

    # -- for the trainer -----------------------------------------------------------------------------------------------

    def forget(self, session_id: str) -> None:
        """Deletes the local copy of a confirmed session. The trainer's act; the platform keeps its own.

        Raises:
            InputFault: no such session, or the platform has not confirmed it: this is then the only copy.
            IntegrityFault: the receipt in its folder no longer verifies.
            EnvironmentFault: a file cannot be deleted.
        """
        folder = self._folder(session_id)
        with self._writing() as database:
            row = database.execute("SELECT state FROM sessions WHERE session_id = ?", (session_id,)).fetchone()
            if row is None or row["state"] != "confirmed":
                raise InputFault("The platform has not confirmed this session, so this is its only copy. It stays.")
            if not self._is_confirmed(session_id, folder):
                raise IntegrityFault("The receipt in this session's folder does not verify, so the session stays.")
            database.execute("DELETE FROM sessions WHERE session_id = ?", (session_id,))
        remove_session(folder)
        self._tell()

    def listen(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after each change, from the thread that made it."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Closes all connections; nothing is lost without it."""
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
            self._local = threading.local()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Opens the database and makes its rows say what the folders say (rule 3). Raises sqlite3's own errors."""
        self._prepare()
        with self._transaction() as database:
            self._reconcile(database)

    def _prepare(self) -> None:
        """Opens, checks every page and row, and makes the tables of a new file."""
        database = self._database()
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise EnvironmentFault("A newer version of Fair Witness has used this folder. Install that version again.")
        if [row[0] for row in database.execute("PRAGMA integrity_check(1)")] != ["ok"]:
            raise sqlite3.DatabaseError("integrity_check")
        if version == 0:
            with self._transaction():
                if database.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in _SCHEMA.split(";")[:-1]:
                        database.execute(statement)
                    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        tables = [
            row[0] for row in database.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' ORDER BY name DESC")
        ]
        if tables != [statement.strip() for statement in _SCHEMA.split(";")[:-1]]:
            raise sqlite3.DatabaseError("other tables")

    def _reconcile(self, database: sqlite3.Connection) -> None:
        database.execute("UPDATE sessions SET state = 'waiting' WHERE state = 'sending'")
        database.execute("UPDATE sessions SET asks_person = 0, malformed = 0")
        for row in database.execute("SELECT session_id, folder, state FROM sessions").fetchall():
            self._reconcile_row(database, row["session_id"], Path(row["folder"]), row["state"])
        known = {row["session_id"] for row in database.execute("SELECT session_id FROM sessions")}
        for folder in sorted(self._spool.iterdir()) if self._spool.is_dir() else ():
            if folder.name not in known and sealed_session(folder) == folder.name:
                self._adopt(database, folder)

    def _reconcile_row(self, database: sqlite3.Connection, session_id: str, folder: Path, state: str) -> None:
        in_spool = self._spool / session_id
        if folder != in_spool.absolute() and sealed_session(in_spool) == session_id:  # moved with the whole folder
            folder = in_spool
            where = (str(folder.absolute()), session_id)
            database.execute("UPDATE sessions SET folder = ? WHERE session_id = ?", where)
        if sealed_session(folder) != session_id:
            self._lose(database, session_id, folder, state)
        elif self._is_confirmed(session_id, folder):
            if state != "confirmed":
                self._set_state(database, session_id, "confirmed", "")
        elif state == "confirmed":
            _log.warning("outbox=receipt-gone")
            self._set_state(database, session_id, "waiting", "")

    def _lose(self, database: sqlite3.Connection, session_id: str, folder: Path, state: str) -> None:
        """A row without its session. By hand after confirmation is the trainer's right, before it is worth saying."""
        if state == "confirmed" or sealed_session(folder):  # another session lies there: the row is what is wrong
            database.execute("DELETE FROM sessions WHERE session_id = ?", (session_id,))
        else:
            words = "This session's folder is gone or no longer sealed. Put it back, then send it again."
            self._set_state(database, session_id, "refused", words)

    def _adopt(self, database: sqlite3.Connection, folder: Path) -> None:
        """A sealed session without a row: the program died between sealing and `put`, or the database was lost."""
        sealed_us = (folder / SEAL).stat().st_mtime_ns // 1000
        not_before_us = max(0, min(sealed_us, self._clock.read().t_us) + self._hold_us)
        state = "confirmed" if self._is_confirmed(folder.name, folder) else "held"
        database.execute(
            "INSERT INTO sessions (session_id, folder, state, not_before_us) VALUES (?, ?, ?, ?)",
            (folder.name, str(folder.absolute()), state, not_before_us),
        )

    def _set_state(self, database: sqlite3.Connection, session_id: str, state: str, words: str) -> None:
        database.execute(
            "UPDATE sessions SET state = ?, last_error = ?, not_before_us = 0 WHERE session_id = ?",
            (state, words, session_id),
        )

    def _is_confirmed(self, session_id: str, folder: Path) -> bool:
        try:
            receipt = (folder / RECEIPT).read_bytes()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise EnvironmentFault("A session's receipt cannot be read. Check the permissions of its folder.") from error
        try:
            self._check(session_id, folder, receipt)
        except IntegrityFault:
            return False
        return True

    def _folder(self, session_id: str) -> Path:
        with _plain_words():
            row = self._database().execute("SELECT folder FROM sessions WHERE session_id = ?", (session_id,)).fetchone()
        if row is None:
            raise InputFault("No such session waits here.")
        return Path(row["folder"])

    def _item(self, row: sqlite3.Row) -> OutboxItem:
        fields: dict[str, Any] = dict(row)
        if (
            fields["state"] == "held"
            and not self._now()["now_us"] < fields["not_before_us"] <= self._now()["now_us"] + MOST_HOLD_US
        ):
            fields["state"] = "waiting"
        return OutboxItem(**{**fields, "folder": Path(fields["folder"])})

    def _now(self) -> dict[str, int]:
        return {"now_us": self._clock.read().t_us, "most_wait_us": MOST_WAIT_US, "most_hold_us": MOST_HOLD_US}

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _database(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # check_same_thread is off only so that close() may close the connections of threads that have ended.
            # One that is there is never opened here: closing it drops sqlite3's locks (sqlite.org/howtocorrupt.html, 2.2).
            with suppress(OSError):  # sqlite3 then says what is the matter; what it puts beside takes the mode of this
                create_private(self._path)
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            with self._lock:
                self._connections.append(connection)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable at its end."""
        database = self._database()
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The same, with what is in the way in plain words."""
        with _plain_words(), self._transaction() as database:
            yield database


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a bug of ours
    except sqlite3.DatabaseError as error:
        raise _trouble(error) from error


def _is_damage(error: sqlite3.DatabaseError, path: Path) -> bool:
    """Whether opening failed because of what is in the file, not because of the disk, permissions or another program."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code == sqlite3.SQLITE_READONLY:  # also for a file whose header asks for a newer way of writing
        return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return code not in _SURROUNDINGS


def _trouble(error: sqlite3.DatabaseError) -> EnvironmentFault:
    if isinstance(error, sqlite3.OperationalError):
        return EnvironmentFault("The list of sessions to send cannot be written. Free some disk space and check the folder.")
    return EnvironmentFault(
        "The list of sessions to send is damaged. Start Fair Witness again: it rebuilds the list by itself."
    )
