# SPDX-License-Identifier: Apache-2.0
"""The database: SQLite, one writer at a time, and every acknowledged change on the disk.

Rules:

1. `writing()` takes SQLite's write lock at its begin, so what it reads cannot change before it commits.
2. Commits are synchronous FULL: an answer is given only for what a power cut leaves.
3. What is deleted is overwritten with zeros (secure_delete), in free pages and, after `settle`, in the write-ahead log.
   Source: sqlite.org/pragma.html#pragma_secure_delete, sqlite.org/wal.html.
4. Nothing that was sent appears in a log: statements are logged without their parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from session import EnvironmentFault

BUSY_MS = 10_000
"""How long a request waits for the write lock, ms: 1,000 sessions with a checkpoint every 30 s take it 33 times a second."""


def _on_connect(raw: Any, _record: object) -> None:  # noqa: ANN401 - the DBAPI's connection has no type
    raw.isolation_level = None  # BEGIN is ours to send, see _on_begin
    cursor = raw.cursor()
    for pragma in (
        "journal_mode = WAL",
        f"busy_timeout = {BUSY_MS}",
        "foreign_keys = ON",
        "synchronous = FULL",
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("fairwitness_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """One platform's database, migrated to the present schema when this returns.

    Raises:
        EnvironmentFault: the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self._engine: Engine = create_engine(url, hide_parameters=True)
        event.listen(self._engine, "connect", _on_connect)
        event.listen(self._engine, "begin", _on_begin)
        try:
            self._migrate()
        except OperationalError as error:
            raise EnvironmentFault(
                "The platform's database cannot be opened: check its folder and its free space."
            ) from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", "server.store:migrations")
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that nobody else's change can come between; durable when the block ends without an error."""
        with self._engine.connect().execution_options(fairwitness_writes=True) as connection, connection.begin():
            yield connection

    def settle(self) -> None:
        """What was deleted leaves the write-ahead log too, as soon as no reader needs it; at the latest at the next call."""
        with self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Gives the file back."""
        self._engine.dispose()
