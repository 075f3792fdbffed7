# SPDX-License-Identifier: Apache-2.0
"""The outbox opened again: after crashes, damage, lost folders and full disks, and by many threads."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from uploader_clock import StillClock
from uploader_sealed import Stock, build_stock, quick_folder

from session import EnvironmentFault
from session.ports import OutboxItem
from uploader.outbox import DurableOutbox

SECOND_US = 1_000_000


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return build_stock(tmp_path_factory.mktemp("stock"), 3)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def outbox(stock: Stock, tmp_path: Path, clock: StillClock) -> Iterator[DurableOutbox]:
    opened = stock.outbox(tmp_path, clock)
    yield opened
    opened.close()


def put(outbox: DurableOutbox, stock: Stock, tmp_path: Path, number: int = 0, *, not_before_us: int = 0) -> str:
    one = stock.sessions[number]
    outbox.put(one.session_id, one.into(tmp_path / "spool"), not_before_us=not_before_us)
    return one.session_id


def only(outbox: DurableOutbox) -> OutboxItem:
    (item,) = outbox.items()
    return item


def test_everything_is_there_after_a_restart_and_what_was_sending_waits(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    first, second = put(outbox, stock, tmp_path), put(outbox, stock, tmp_path, 1, not_before_us=clock.t_us + SECOND_US)
    outbox.mark_sent(first, "a" * 64, 3)
    assert outbox.claim() is not None
    outbox.close()
    again = stock.outbox(tmp_path, clock)
    assert [(item.session_id, item.state) for item in again.items()] == [(first, "waiting"), (second, "held")]
    assert again.sent(first) == {"a" * 64}
    again.close()


def test_a_receipt_on_the_disk_confirms_and_a_missing_one_takes_it_back(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    written, lost = put(outbox, stock, tmp_path), put(outbox, stock, tmp_path, 1)
    outbox.settle(lost, stock.sessions[1].receipt)
    outbox.close()
    (tmp_path / "spool" / lost / "receipt.dsse").unlink()
    (tmp_path / "spool" / written / "receipt.dsse").write_bytes(stock.sessions[0].receipt)
    again = stock.outbox(tmp_path, clock)
    assert [item.state for item in again.items()] == ["confirmed", "waiting"]
    again.close()


def test_sealed_sessions_that_were_never_put_are_held_and_nothing_else_is_taken(
    stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    folders = [one.into(spool) for one in stock.sessions]
    (folders[1] / "seal.dsse").unlink()
    (folders[2] / "receipt.dsse").write_bytes(stock.sessions[2].receipt)
    stock.sessions[0].into(tmp_path).rename(spool / "notes")
    (spool / "lock").write_bytes(b"")
    outbox = stock.outbox(tmp_path, clock)
    found = {item.session_id: item.state for item in outbox.items()}
    assert found == {stock.sessions[0].session_id: "waiting", stock.sessions[2].session_id: "confirmed"}
    outbox.close()


def test_a_session_found_in_the_spool_is_held_from_its_sealing_on(stock: Stock, tmp_path: Path) -> None:
    folder = stock.sessions[0].into(tmp_path / "spool")
    sealed_us = (folder / "seal.dsse").stat().st_mtime_ns // 1000
    outbox = stock.outbox(tmp_path, StillClock(sealed_us + 1))
    assert (only(outbox).state, only(outbox).not_before_us) == ("held", sealed_us + 600 * SECOND_US)
    outbox.close()


def test_a_folder_that_is_gone_is_said_and_a_forgotten_one_is_not(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    unsent, confirmed = put(outbox, stock, tmp_path), put(outbox, stock, tmp_path, 1)
    outbox.settle(confirmed, stock.sessions[1].receipt)
    outbox.close()
    shutil.rmtree(tmp_path / "spool")
    again = stock.outbox(tmp_path, clock)
    assert (only(again).session_id, only(again).state) == (unsent, "refused")
    assert "folder is gone" in only(again).last_error
    again.close()


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def _other_tables(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE sessions DROP COLUMN last_error")
    database.close()


def _zeros(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[4096:] = bytes(len(whole) - 4096)
    path.write_bytes(whole)


def _broken_row(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("UPDATE sessions SET state = 'done'")
    database.close()


@pytest.mark.parametrize("damage", [_garbage, _half, _other_tables, _zeros, _broken_row])
def test_a_damaged_database_is_moved_aside_and_rebuilt_from_the_spool(
    outbox: DurableOutbox,
    stock: Stock,
    tmp_path: Path,
    clock: StillClock,
    damage: object,
) -> None:
    first, second = put(outbox, stock, tmp_path), put(outbox, stock, tmp_path, 1)
    outbox.settle(second, stock.sessions[1].receipt)
    outbox.close()
    damage(tmp_path / "outbox.sqlite3")  # type: ignore[operator]
    again = stock.outbox(tmp_path, clock)
    states = {item.session_id: item.state for item in again.items()}
    assert states.keys() == {first, second}
    assert (states[first] in {"held", "waiting"}, states[second]) == (True, "confirmed")
    again.close()
    assert len(list(tmp_path.glob("outbox.sqlite3.damaged-1"))) == 1


def test_a_newer_programs_database_is_left_alone(
    outbox: DurableOutbox, stock: Stock, tmp_path: Path, clock: StillClock
) -> None:
    outbox.close()
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    with pytest.raises(EnvironmentFault, match="newer version"):
        stock.outbox(tmp_path, clock)
    assert list(tmp_path.glob("*.damaged*")) == []


def test_a_folder_that_cannot_be_written_is_said_in_plain_words(stock: Stock, tmp_path: Path, clock: StillClock) -> None:
    (tmp_path / "outbox.sqlite3").mkdir()
    with pytest.raises(EnvironmentFault, match="list of sessions to send"):
        stock.outbox(tmp_path, clock)


def test_a_full_disk_loses_nothing_and_says_so(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    session_id = put(outbox, stock, tmp_path)
    database = outbox._database()
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for number in range(10_000):
            outbox.mark_sent(session_id, f"{number:064d}", 1)

    with pytest.raises(EnvironmentFault, match="disk space"):
        fill()
    assert only(outbox).state == "waiting"
    database.execute("PRAGMA max_page_count = 100000")
    outbox.mark_sent(session_id, "a" * 64, 1)


def test_many_threads_claim_each_session_once(outbox: DurableOutbox, stock: Stock, tmp_path: Path) -> None:
    for number in range(3):
        put(outbox, stock, tmp_path, number)
    claimed: list[str] = []
    told: list[int] = []
    outbox.listen(lambda: told.append(1))
    begin = threading.Barrier(6)

    def claim() -> None:
        begin.wait(10)
        item = outbox.claim()
        if item is not None:
            claimed.append(item.session_id)
            outbox.settle(item.session_id, next(o.receipt for o in stock.sessions if o.session_id == item.session_id))

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(claimed) == sorted(one.session_id for one in stock.sessions)
    assert {item.state for item in outbox.items()} == {"confirmed"}
    assert len(told) == 3


@pytest.mark.slow
def test_no_flipped_bit_loses_a_session_or_confirms_one(stock: Stock, clock: StillClock) -> None:
    """SQLite returns wrong rows for many single flipped bits without a word; what the folders say wins."""
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        home = Path(folder)
        outbox = stock.outbox(home, clock)
        expected = [put(outbox, stock, home, number) for number in range(3)]
        outbox.settle(expected[2], stock.sessions[2].receipt)
        outbox.mark_sent(expected[0], "a" * 64, 5)
        outbox.close()
        path = home / "outbox.sqlite3"
        sound = path.read_bytes()
        told = [at for at, octet in enumerate(sound) if octet]
        chance = random.Random(9)  # noqa: S311 - choosing tests, no secret
        for at in [*chance.sample(told, 350), *range(18, 24), *range(40, 70)]:
            for stale in home.glob("outbox.sqlite3*"):
                stale.unlink()
            damaged = bytearray(sound)
            damaged[at] ^= 1 << chance.randrange(8)
            path.write_bytes(damaged)
            if 60 <= at < 64:  # where the version stands: a newer program's file is left alone
                with pytest.raises(EnvironmentFault, match="newer version"):
                    stock.outbox(home, clock)
                continue
            again = stock.outbox(home, clock)
            items = {item.session_id: item for item in again.items()}
            again.close()
            assert sorted(items) == sorted(expected), at
            assert {item.folder.name for item in items.values()} == set(expected), at
            assert [one for one in expected if items[one].state == "confirmed"] == expected[2:], at
