# SPDX-License-Identifier: Apache-2.0
"""Power lost at any moment of the outbox's work: every disk that this may leave opens, and keeps what was promised.

The real program runs under strace; its writes, syncs and renames, and SQLite's, are rebuilt into disks that lose or tear
whatever no sync had covered.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_crashstates import CrashState, Mark, Operation, Rename, Sync, Unlink, Write, crash_states
from uploader_clock import StillClock
from uploader_sealed import Stock, build_stock, quick_folder
from uploader_trace import traced

HELPERS = Path(__file__).parents[1] / "helpers"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return build_stock(tmp_path_factory.mktemp("stock"), 5)


@pytest.fixture(scope="module")
def operations(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> list[Operation]:
    place = tmp_path_factory.mktemp("traced")
    home, shelf, directory = place / "home", place / "stock", place / "directory.dsse"
    home.mkdir()
    shelf.mkdir()
    for one in stock.sessions:
        shutil.copytree(one.folder, shelf / one.session_id)
        (shelf / f"{one.session_id}.receipt").write_bytes(one.receipt)
    directory.write_bytes(stock.org.directory_bytes())
    command = [sys.executable, str(HELPERS / "uploader_child.py"), "keep", str(home), str(shelf)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(HELPERS), str(HELPERS.parents[1]))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    parsed = traced([*command, stock.org.root.public.hex(), str(directory)], home, place / "log", environment)
    shutil.rmtree(home)  # no state may be judged by what the program itself left behind
    return parsed


def test_the_trace_shows_what_the_program_did(operations: list[Operation], stock: Stock) -> None:
    kinds = [type(operation) for operation in operations]
    assert kinds.count(Mark) == 3 * len(stock.sessions) + 2
    assert kinds.count(Write) > 50
    assert kinds.count(Sync) > 30
    renamed = [operation.target for operation in operations if isinstance(operation, Rename)]
    assert renamed == [f"spool/{session}/receipt.dsse" for session in sorted(one.session_id for one in stock.sessions)]
    assert any(isinstance(operation, Unlink) and operation.path.endswith("seal.dsse") for operation in operations)
    journal = [one for one in operations if isinstance(one, Write) and one.path == "outbox.sqlite3-wal"]
    assert journal, "SQLite's own writes are among them"


@pytest.mark.slow
def test_three_hundred_disks_keep_every_promise(operations: list[Operation], stock: Stock) -> None:
    states = list(crash_states(operations, seed=1, random_per_point=2))
    chosen = random.Random(2).sample(states, 300)  # noqa: S311 - choosing tests, no secret
    forgetting = [state for state in states if state.promised and state.promised[-1][0] == "forgetting"]
    judge_all(iter([*chosen, *forgetting[-60:]]), stock)


@pytest.mark.full
def test_every_disk_keeps_every_promise(operations: list[Operation], stock: Stock) -> None:
    count = judge_all(crash_states(operations, seed=3, random_per_point=16), stock)
    assert count >= 2500


def judge_all(states: Iterator[CrashState], stock: Stock) -> int:
    count = 0
    for state in states:
        with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
            state.write_to(Path(folder))
            judge(state, Path(folder), stock)
        count += 1
    return count


def judge(state: CrashState, home: Path, stock: Stock) -> None:
    promised = set(state.promised or ())
    outbox = stock.outbox(home, StillClock())
    try:
        items = {item.session_id: item for item in outbox.items()}
        assert len(items) == len(outbox.items())
        for one in stock.sessions:
            said = {what for what, who in promised if who == one.session_id}
            item = items.get(one.session_id)
            if "forgotten" in said:
                assert item is None, (state.after, "is back")
            elif "forgetting" in said:
                assert item is None or item.state == "confirmed", (state.after, item)
            elif "put" in said:
                assert item is not None, (state.after, "lost")
                assert item.folder == home / "spool" / one.session_id
            if "settled" in said and "forgetting" not in said:
                assert item is not None
                assert item.state == "confirmed", (state.after, item.state)
            if item is not None and item.state == "confirmed":
                assert (item.folder / "receipt.dsse").read_bytes() == one.receipt
        assert items.keys() <= {one.session_id for one in stock.sessions}
    finally:
        outbox.close()
