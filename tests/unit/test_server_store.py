# SPDX-License-Identifier: Apache-2.0
"""The database and the organisation log: migrations, transactions, and a tree that is what was committed."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from server_running import BEGIN_US, StillClock
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from server.config import ServerConfig
from server.core import Core
from server.orglog import About, signed_head
from server.store import rows, tables
from server.store.engine import Database
from session import EnvironmentFault
from session.log.checkpoint import parse_checkpoint
from session.log.cosign import verify_cosignature
from session.log.merkle import Tree, leaf_hash, verify_inclusion
from session.log.note import parse_note, verify_note
from session.trust.directory import witness_name


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    yield database
    database.close()


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == "0007"


def test_a_second_start_changes_nothing(database: Database, tmp_path: Path) -> None:
    with database.writing() as connection:
        rows.add_policy(connection, "0" * 64, b"x", 1)
    again = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with again.reading() as connection:
        assert rows.policy(connection, "0" * 64) == b"x"
    again.close()


def test_the_way_back_leaves_no_table(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", "server.store:migrations")
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_a_platform_of_the_first_schema_is_taken_on_with_all_that_it_has(database: Database, tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", "server.store:migrations")
    with database.writing() as connection:
        rows.add_policy(connection, "0" * 64, b"x", 1)
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert "statements" not in inspect(connection).get_table_names()
    newer = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with newer.reading() as connection:
        assert rows.policy(connection, "0" * 64) == b"x"
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    newer.close()


def test_every_connection_is_set_to_keep_what_it_acknowledges(database: Database) -> None:
    with database.reading() as one, database.reading() as two:
        for connection in (one, two):
            asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
            assert asked == {"journal_mode": "wal", "synchronous": 2}
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def test_a_blob_of_no_session_cannot_be_said_to_be_there(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as connection:
        rows.add_blob(connection, "0" * 32, "0" * 64, 1, 1)


def test_what_a_writer_reads_nobody_changes_before_it_commits(database: Database) -> None:
    """Two threads add one to a number a hundred times; none is lost."""

    def count() -> None:
        for _ in range(50):
            with database.writing() as connection:
                held = int(rows.policy(connection, "0" * 64) or b"0")
                connection.execute(tables.policies.update().values(toml=str(held + 1).encode()))

    with database.writing() as connection:
        rows.add_policy(connection, "0" * 64, b"0", 1)
    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert rows.policy(connection, "0" * 64) == b"100"


def test_a_file_that_is_no_database_is_an_environment_fault_or_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path / 'no' / 'folder' / 'x.sqlite3'}")


def test_no_parameter_reaches_an_error_text(database: Database) -> None:
    with database.writing() as connection:
        rows.add_policy(connection, "0" * 64, b"x", 1)
    with pytest.raises(IntegrityError) as caught, database.writing() as connection:
        connection.execute(tables.policies.insert().values(sha256="0" * 64, toml=b"a canary", added_us=1))
    assert "canary" not in str(caught.value)


class LogMachine(RuleBasedStateMachine):
    """Appends that commit, appends that fail, and a second process over the same file, against a plain list."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        config = ServerConfig(folder=Path(self.folder.name))
        self.cores = [Core(config, StillClock()) for _ in range(2)]
        self.said: list[bytes] = []

    @rule(which=st.integers(0, 1), statements=st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=4))
    def append(self, which: int, statements: list[bytes]) -> None:
        core = self.cores[which]
        with core.writing() as connection:
            for statement in statements:
                assert core.log.append(connection, statement, About("x"), BEGIN_US) == len(self.said)
                self.said.append(statement)
            head = core.log.head(connection)
            index = len(self.said) - 1
            proof = [bytes.fromhex(step) for step in core.log.proof(connection, index)]
        verify_inclusion(index, head.size, leaf_hash(self.said[index]), proof, bytes.fromhex(head.root))

    @rule(which=st.integers(0, 1), statements=st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=4))
    def fail(self, which: int, statements: list[bytes]) -> None:
        core = self.cores[which]
        with pytest.raises(ZeroDivisionError), core.writing() as connection:  # noqa: PT012 - the failure is the last of it
            for statement in statements:
                core.log.append(connection, statement, About("x"), BEGIN_US)
            raise ZeroDivisionError

    @invariant()
    def both_heads_are_the_lists(self) -> None:
        if not hasattr(self, "cores"):
            return
        expected = Tree(leaf_hash(statement) for statement in self.said)
        for core in self.cores:
            with core.reading() as connection:
                head = core.log.head(connection)
                assert (head.size, head.root) == (expected.size, expected.root().hex())

    def teardown(self) -> None:
        for core in self.cores:
            core.close()
        self.folder.cleanup()


LogMachine.TestCase.settings = settings(max_examples=8, stateful_step_count=8, deadline=None)
TestOrganisationLog = LogMachine.TestCase


def test_a_failure_that_was_not_yet_told_does_not_reach_the_next_append(tmp_path: Path) -> None:
    """The thread whose transaction failed has not called `forget` when another appends."""
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    with pytest.raises(ZeroDivisionError), core.database.writing() as connection:  # noqa: PT012 - as it happens there
        core.log.append(connection, b"never", About("x"), 1)
        raise ZeroDivisionError
    with core.writing() as connection:
        assert core.log.append(connection, b"first", About("x"), 1) == 0
        assert core.log.head(connection).root == leaf_hash(b"first").hex()
    core.close()


@pytest.mark.parametrize("appends", [0, 3])
def test_a_refusal_costs_the_same_however_long_the_log_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, appends: int
) -> None:
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    with core.writing() as connection:
        for at in range(500):
            core.log.append(connection, b"%d" % at, About("x"), 1)
        before = core.log.head(connection)
    grown: list[bytes] = []
    append = Tree.append
    monkeypatch.setattr(Tree, "append", lambda tree, leaf: (grown.append(leaf), append(tree, leaf))[1])
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), core.writing() as connection:  # noqa: PT012 - the failure is the last of it
            for at in range(appends):
                core.log.append(connection, b"refused %d" % at, About("x"), 1)
            raise ZeroDivisionError
        with core.reading() as connection:
            assert core.log.head(connection) == before
            assert core.log.inclusion(connection, leaf_hash(b"refused 0"), before.size) is None
    assert len(grown) == 3 * appends
    with core.writing() as connection:  # what was refused may come again, and has its place then
        core.log.append(connection, b"another", About("x"), 1)
        core.log.append(connection, b"refused 0", About("x"), 1)
        index, _ = core.log.inclusion(connection, leaf_hash(b"refused 0"), 502) or (None, ())
    assert index == 501
    core.close()


def test_a_late_word_of_a_failure_takes_nothing_from_who_came_after(tmp_path: Path) -> None:
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    with pytest.raises(ZeroDivisionError), core.database.writing() as failed:  # noqa: PT012 - as it happens there
        core.log.append(failed, b"never", About("x"), 1)
        raise ZeroDivisionError
    with core.writing() as connection:
        core.log.append(connection, b"first", About("x"), 1)
        core.log.forget(failed)
        assert core.log.append(connection, b"second", About("x"), 1) == 1
        assert core.log.head(connection).root == Tree(map(leaf_hash, (b"first", b"second"))).root().hex()
    core.close()


def test_the_same_text_twice_in_what_did_not_commit_is_forgotten_whole(tmp_path: Path) -> None:
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    with suppress(ZeroDivisionError), core.writing() as failed:
        for _ in range(2):
            core.log.append(failed, b"twice", About("x"), 1)
        raise ZeroDivisionError
    with core.writing() as connection:
        assert core.log.append(connection, b"twice", About("x"), 1) == 0
        assert core.log.inclusion(connection, leaf_hash(b"twice"), 1) == (0, ())
    core.close()


def test_a_reader_sees_no_entry_before_it_is_committed(tmp_path: Path) -> None:
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    with core.writing() as writing:
        core.log.append(writing, b"first", About("x"), 1)
        with core.reading() as reading:
            assert core.log.head(reading).size == 0
            assert core.log.entry(reading, 0) is None
    core.close()


def test_the_head_is_signed_and_cosigned(tmp_path: Path) -> None:
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    with core.writing() as connection:
        core.log.append(connection, b"first", About("x"), 1)
        head = core.log.head(connection)
    note = parse_note(signed_head(head, "f" * 64, core.ring.current, 1_700_000_000))
    origin = f"fairwitness/{'f' * 64}/log"
    verify_note(note, origin, core.ring.current.log.public)
    line = note.signatures[1].line
    assert verify_cosignature(note.text, line, witness_name("f" * 64), core.ring.current.witness.public) == 1_700_000_000
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (origin, 1, leaf_hash(b"first"))
    core.close()


def test_the_file_on_disk_is_ordinary_sqlite(tmp_path: Path) -> None:
    core = Core(ServerConfig(folder=tmp_path), StillClock())
    core.close()
    plain = sqlite3.connect(tmp_path / "platform.sqlite3")
    assert plain.execute("SELECT count(*) FROM log_entries").fetchone() == (0,)
    plain.close()
