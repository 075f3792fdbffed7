# SPDX-License-Identifier: Apache-2.0
"""The rebuilder of crash states gives what POSIX allows, and nothing that a sync forbids."""

from __future__ import annotations

from pathlib import Path

from journal_crashstates import (
    CrashState,
    Create,
    MakeFolder,
    Mark,
    Operation,
    Rename,
    Sync,
    SyncFolder,
    Truncate,
    Unlink,
    Write,
    crash_states,
)
from journal_disks import QuickDisk, RecordingDisk

SAVED: list[Operation] = [Create("a"), Write("a", 0, b"text"), Sync("a"), SyncFolder("")]


def states_of(operations: list[Operation], *, after: int | None = None, seed: int = 1) -> list[CrashState]:
    """States after the last operation, or after `after` of them."""
    after = len(operations) if after is None else after
    return [state for state in crash_states(operations[:after], seed=seed, random_per_point=400) if state.after == after]


def files_of(*more: Operation) -> list[dict[str, bytes]]:
    """What may be there when `more` follows SAVED."""
    states = crash_states([*SAVED, Mark("saved"), *more], seed=1, random_per_point=400)
    return [state.files for state in states if state.promised == "saved"]


def test_what_was_synced_with_its_name_stays() -> None:
    assert [state.files for state in states_of([*SAVED, Mark("safe")])] == [{"a": b"text"}]


def test_a_name_without_a_synced_folder_may_be_missing() -> None:
    seen = [state.files for state in states_of([*SAVED[:3], Mark(1)])]
    assert {} in seen
    assert {"a": b"text"} in seen
    assert len(seen) == 2


def test_unsynced_content_may_be_lost_torn_whole_or_zeros() -> None:
    found = {state["a"] for state in files_of(Write("a", 4, b"more"))}
    assert {b"text", b"textm", b"textmo", b"textmor", b"textmore", b"text\0", b"text\0\0\0\0"} <= found
    assert all(content.startswith(b"text") for content in found)
    assert all(set(content[4:]) <= set(b"more\0") for content in found)


def test_a_later_write_may_survive_an_earlier_one() -> None:
    found = {state["a"] for state in files_of(Write("a", 4, b"one"), Write("a", 7, b"two"))}
    assert b"text\0\0\0two" in found
    assert b"textonetwo" in found


def test_two_files_do_not_wait_for_each_other() -> None:
    both = [*SAVED, Create("b"), SyncFolder(""), Write("a", 4, b"1"), Write("b", 0, b"2")]
    found = [(state.files["a"], state.files["b"]) for state in states_of([*both, Mark(1)])]
    assert {(b"text", b"2"), (b"text1", b""), (b"text1", b"2"), (b"text", b"")} <= set(found)


def test_sectors_of_one_write_may_survive_apart() -> None:
    found = {state["a"] for state in files_of(Write("a", 4, b"x" * 1500))}
    assert any(b"x" in content and b"\0x" in content for content in found)


def test_a_rename_is_all_or_nothing_until_its_folder_is_synced() -> None:
    saved: list[Operation] = [*SAVED, Create("b"), Write("b", 0, b"new"), Sync("b"), SyncFolder("")]
    found = [state.files for state in states_of([*saved, Rename("b", "a"), Mark(1)])]
    assert {"a": b"text", "b": b"new"} in found
    assert {"a": b"new"} in found
    assert len(found) == 2
    assert [state.files for state in states_of([*saved, Rename("b", "a"), SyncFolder(""), Mark(1)])] == [{"a": b"new"}]


def test_a_rename_may_survive_without_the_content_that_was_not_synced() -> None:
    found = [state.files for state in states_of([*SAVED, Create("b"), Write("b", 0, b"new"), Rename("b", "a"), Mark(1)])]
    assert {"a": b""} in found
    assert {"a": b"new"} in found
    assert {"a": b"text"} in found


def test_a_removal_may_not_have_happened() -> None:
    found = [state.files for state in states_of([*SAVED, Unlink("a"), Mark(1)])]
    assert found in ([{}, {"a": b"text"}], [{"a": b"text"}, {}])
    assert [state.files for state in states_of([*SAVED, Unlink("a"), SyncFolder(""), Mark(1)])] == [{}]


def test_a_truncation_may_be_lost_until_it_is_synced() -> None:
    assert {state["a"] for state in files_of(Truncate("a", 2))} >= {b"text", b"te"}
    assert {state.files["a"] for state in states_of([*SAVED, Truncate("a", 2), Sync("a"), Mark(1)])} == {b"te"}
    assert {
        state.files["a"] for state in states_of([*SAVED, Truncate("a", 2), Write("a", 2, b"!"), Sync("a"), Mark(1)])
    } == {b"te!"}


def test_a_folder_whose_name_is_lost_takes_all_in_it() -> None:
    inside: list[Operation] = [MakeFolder("d"), Create("d/a"), Write("d/a", 0, b"x"), Sync("d/a"), SyncFolder("d")]
    found = [(state.folders, state.files) for state in states_of([*inside, Mark(1)])]
    assert ((), {}) in found
    assert (("d",), {"d/a": b"x"}) in found
    assert len(found) == 2
    assert [state.folders for state in states_of([*inside, SyncFolder(""), Mark(1)])] == [("d",)]


def test_a_rename_between_folders_is_atomic() -> None:
    before: list[Operation] = [MakeFolder("d"), *SAVED]
    found = [state.files for state in states_of([*before, Rename("a", "d/a"), Mark(1)])]
    assert sorted(map(str, found)) == sorted(map(str, [{"a": b"text"}, {"d/a": b"text"}]))
    for synced in ("", "d"):
        assert [one.files for one in states_of([*before, Rename("a", "d/a"), SyncFolder(synced), Mark(1)])] == [
            {"d/a": b"text"}
        ]


def test_writing_after_a_rename_goes_to_the_same_file() -> None:
    operations = [*SAVED, Rename("a", "b"), Write("b", 4, b"!"), Sync("b"), SyncFolder("")]
    assert [state.files for state in states_of([*operations, Mark(1)])] == [{"b": b"text!"}]


def test_states_carry_the_last_promise_and_come_once_and_the_same_each_time() -> None:
    operations: list[Operation] = [*SAVED, Mark("one"), Write("a", 4, b"more"), Sync("a"), Mark("two")]
    states = list(crash_states(operations, seed=7, random_per_point=50))
    assert len({state.digest for state in states}) == len(states)
    assert {state.promised for state in states if state.after < 5} == {None}
    assert {state.promised for state in states if 5 <= state.after < 8} == {"one"}
    assert states[-1].promised == "two"
    assert [one.digest for one in crash_states(operations, seed=7, random_per_point=50)] == [one.digest for one in states]


def test_a_state_becomes_real(tmp_path: Path) -> None:
    CrashState(0, None, {"a": b"1", "d/b": b"2"}, ("d", "e")).write_to(tmp_path)
    assert (tmp_path / "a").read_bytes() == b"1"
    assert (tmp_path / "d" / "b").read_bytes() == b"2"
    assert (tmp_path / "e").is_dir()


def test_the_recording_disk_logs_what_it_did(tmp_path: Path) -> None:
    disk = RecordingDisk(tmp_path, QuickDisk())
    disk.make_folder(tmp_path / "d")
    file = disk.create(tmp_path / "d" / "a")
    file.write(b"one")
    file.sync()
    file.truncate(2)
    file.write(b"!")
    file.close()
    disk.rename(tmp_path / "d" / "a", tmp_path / "d" / "b")
    disk.fsync_dir(tmp_path / "d")
    again = disk.append(tmp_path / "d" / "b")
    again.write(b"?")
    again.close()
    disk.unlink(tmp_path / "d" / "none")
    disk.unlink(tmp_path / "d" / "b")
    disk.fsync_dir(tmp_path)
    disk.mark("done")
    assert disk.log == [
        MakeFolder("d"), Create("d/a"), Write("d/a", 0, b"one"), Sync("d/a"), Truncate("d/a", 2), Sync("d/a"),
        Write("d/a", 2, b"!"), Rename("d/a", "d/b"), SyncFolder("d"), Write("d/b", 3, b"?"), Unlink("d/b"), SyncFolder(""),
        Mark("done"),
    ]  # fmt: skip
