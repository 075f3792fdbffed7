# SPDX-License-Identifier: Apache-2.0
"""A full or failing disk stops the record with words for a person, loses nothing acknowledged, and lets it go on."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from journal_disks import FullDisk, QuickDisk, RecordingDisk
from journal_parts import ORG_FP, append_tick, capture_at, keys_of, new_journal, reading_at

from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.padding import blob_bytes
from session.disk import RealDisk, environment_fault, write_whole
from session.events import Capture, Checkpoint, Kind, Moment, Raw
from session.journal import WAITING_BYTES, Journal
from session.log.checkpoint import parse_checkpoint
from session.log.note import parse_note, verify_note
from session.reader import FolderReader
from session.recovery import recover
from session.redact import redact

VARIES_BYTES = 64
"""START holds fresh wraps, and random text compresses to slightly more or less."""


def some_steps(journal: Journal, done: list[int]) -> None:
    """Every kind of write; `done` grows with each size that was acknowledged."""
    append_tick(journal, 5)
    journal.sync()
    done.append(journal.size)
    journal.append_blob(capture_at(6), b"picture" * 10)
    journal.checkpoint(reading_at(30), Moment.GRID)
    done.append(journal.size)
    append_tick(journal, 920)
    journal.checkpoint(reading_at(930), Moment.GRID)
    done.append(journal.size)
    redact(journal.folder, journal, ((2, 2), (5, 5)), "private", reading_at(931))
    done.append(journal.size)
    append_tick(journal, 935)
    journal.sync()
    done.append(journal.size)


def check_goes_on(folder: Path, journal: Journal, disk: FullDisk, acknowledged: int) -> None:
    """What a second process would find now, and that this one goes on when there is room."""
    kept = [path.read_bytes() for path in sorted(folder.glob("*.fws"))]
    assert kept
    disk.left, disk.fail_step = 2**62, -1
    append_tick(journal, 1000)
    journal.append_blob(capture_at(1001), b"after")
    journal.checkpoint(reading_at(1002), Moment.GRID)
    size, root = journal.size, journal.root()
    journal.close()
    reader = FolderReader(folder, keys_of().content)
    assert reader.size == size >= acknowledged + 5
    for event in reader.iter_events():
        if isinstance(event.body, Capture):
            assert reader.image(event.seq) in (b"after", b"picture" * 10)
    again = recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    assert (again.journal.size, again.journal.root(), again.cut_bytes) == (size, root, 0)
    again.journal.close()


def total_bytes(folder: Path) -> int:
    disk = FullDisk()
    journal = new_journal(folder, disk=disk)
    some_steps(journal, [])
    journal.close()
    return 2**62 - disk.left


def attempt(verb: Callable[[], object]) -> str:
    """The words of the fault that `verb` ended with, "" where it did all."""
    try:
        verb()
    except EnvironmentFault as fault:
        return str(fault)
    return ""


def check_full_at(folder: Path, left: int) -> str:
    """One run on a disk on which `left` bytes fit, and what is left of it; gives the words that a person reads."""
    disk, done, made = FullDisk(left), [], []
    words = attempt(lambda: made.append(new_journal(folder, disk=disk)))
    if words:
        assert not list(folder.glob("*.fws"))
        return words
    done.append(made[0].size)
    words = attempt(lambda: some_steps(made[0], done))
    check_goes_on(folder, made[0], disk, done[-1])
    return words


def test_the_disk_runs_full_at_many_bytes(tmp_path: Path) -> None:
    needed = total_bytes(tmp_path / "all")
    for left in range(0, needed - VARIES_BYTES, 83):
        assert "Free some space" in check_full_at(tmp_path / str(left), left)
    assert check_full_at(tmp_path / "enough", needed + VARIES_BYTES) == ""


@pytest.mark.ci
def test_the_disk_runs_full_at_every_byte_but_inside_a_picture(tmp_path: Path) -> None:
    needed = total_bytes(tmp_path / "all")
    for left in [*range(5000), *range(5000, needed - 6000, 97), *range(needed - 6000, needed - VARIES_BYTES)]:
        assert "Free some space" in check_full_at(tmp_path / str(left), left)
        shutil.rmtree(tmp_path / str(left), ignore_errors=True)


def test_any_sync_or_change_of_names_may_fail_once(tmp_path: Path) -> None:
    counting = FullDisk()
    journal = new_journal(tmp_path / "all", disk=counting)
    some_steps(journal, [])
    journal.close()
    assert counting.steps > 20
    for step in range(counting.steps):
        folder = tmp_path / str(step)
        disk, done, made = FullDisk(fail_step=step), [], []
        words = attempt(lambda: made.append(new_journal(folder, disk=disk)))  # noqa: B023 - called at once
        if words:
            assert not list(folder.glob("*.fws"))
        else:
            done.append(made[0].size)
            words = attempt(lambda: some_steps(made[0], done))  # noqa: B023 - called at once
            check_goes_on(folder, made[0], disk, done[-1])
        assert "Check the disk" in words


def test_records_that_wait_are_written_when_there_is_room_again(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = new_journal(tmp_path / "s", disk=disk)
    append_tick(journal, 5)
    journal.sync()
    size_bytes = (tmp_path / "s" / "000000.fws").stat().st_size
    disk.left = 100
    append_tick(journal, 10)
    for _ in range(3):
        with pytest.raises(EnvironmentFault, match="disk is full"):
            journal.sync()
    assert (tmp_path / "s" / "000000.fws").stat().st_size <= size_bytes + 100
    disk.left = 2**62
    append_tick(journal, 15)
    journal.sync()
    reader = FolderReader(tmp_path / "s", keys_of().content)
    assert [event.kind for event in reader.events()][2:] == [Kind.FOCUS, Kind.STATS, Kind.RAW] * 3
    journal.close()


def test_a_disk_that_stays_full_refuses_records_instead_of_filling_the_memory(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = new_journal(tmp_path / "s", disk=disk)
    disk.left = 0
    assert "disk is full" in attempt(lambda: [append_tick(journal, tick) for tick in range(10_000)])
    size = journal.size
    with pytest.raises(EnvironmentFault):
        append_tick(journal, 1)
    assert journal.size == size
    disk.left = 2**62
    append_tick(journal, 2)
    journal.close()
    assert FolderReader(tmp_path / "s", {}).size == size + 3


def test_closing_says_that_the_last_records_are_not_saved(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = new_journal(tmp_path / "s", disk=disk)
    append_tick(journal, 5)
    disk.left = 10
    with pytest.raises(EnvironmentFault, match="disk is full"):
        journal.close()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EROFS, "may not be written"),
        (errno.EIO, "Check"),
    ],
)
def test_a_fault_tells_what_to_do_and_no_path(number: int, words: str) -> None:
    fault = environment_fault(OSError(number, "text", "/a/secret/path"), "recording the session")
    assert words in str(fault)
    assert "secret" not in str(fault)
    assert not isinstance(fault, InputFault)


def test_an_error_without_a_number_is_named_too() -> None:
    assert "OSError" in str(environment_fault(OSError("odd"), "recording the session"))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    disk = RealDisk()
    write_whole(disk, tmp_path, "a", b"first")
    (tmp_path / ".a.part").write_bytes(b"stale")
    write_whole(disk, tmp_path, "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"second"
    full = FullDisk()
    full.left = 3
    with pytest.raises(OSError, match="no space"):
        write_whole(full, tmp_path, "a", b"third")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"second"}


def test_the_real_disk_appends_cuts_and_refuses_what_is_there(tmp_path: Path) -> None:
    disk = RealDisk()
    file = disk.create(tmp_path / "a")
    file.write(b"12345678")
    file.sync()
    file.truncate(4)
    file.write(b"x")
    file.close()
    assert (tmp_path / "a").read_bytes() == b"1234x"
    with pytest.raises(FileExistsError):
        disk.create(tmp_path / "a")
    again = disk.append(tmp_path / "a")
    again.write(b"y")
    again.close()
    assert (tmp_path / "a").read_bytes() == b"1234xy"
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="symbolic"):
        disk.append(tmp_path / "link")
    with pytest.raises(FileNotFoundError):
        disk.append(tmp_path / "none")
    disk.unlink(tmp_path / "none")


def test_a_fault_after_a_removal_cuts_back_to_the_shorter_segment(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = new_journal(tmp_path / "s", disk=disk)
    append_tick(journal, 5)
    redact(tmp_path / "s", journal, ((2, 4),), "private", reading_at(6))
    append_tick(journal, 10)
    disk.left = 100
    with pytest.raises(EnvironmentFault):
        journal.sync()
    disk.left = 2**62
    journal.close()
    assert FolderReader(tmp_path / "s", keys_of().content).size == journal.size == 9


def test_a_picture_whose_record_cannot_be_added_does_not_stay(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = new_journal(tmp_path / "s", disk=disk)
    for tick in range(20_000):
        if len(journal._waiting) > WAITING_BYTES - 300:
            break
        journal.append(Kind.RAW, Raw(tick, 1))
    disk.left = blob_bytes(640, 400) + 16
    with pytest.raises(EnvironmentFault, match="recording the session"):
        journal.append_blob(capture_at(6), b"picture")
    assert not list((tmp_path / "s" / "blobs").iterdir())
    disk.left = 2**62
    journal.append_blob(capture_at(6), b"picture")
    journal.close()


@pytest.mark.parametrize("waits", [False, True], ids=["all-synced", "records-wait"])
def test_a_checkpoint_that_is_not_durable_is_none(tmp_path: Path, waits: bool) -> None:
    """What was appended before it waits on, and is written without it."""
    for left in range(0, 2300 if waits else 420, 3 if not waits else 13):
        disk = FullDisk()
        journal = new_journal(tmp_path / str(left), disk=disk)
        append_tick(journal, 5)
        if not waits:
            journal.sync()
        disk.left = left
        if not attempt(lambda: journal.checkpoint(reading_at(30), Moment.GRID)):  # noqa: B023 - called at once
            assert journal.size == 6
            journal.close()
            break
        assert journal.size == 5
        disk.left = 2**62
        append_tick(journal, 35)
        journal.close()
        kinds = [event.kind for event in FolderReader(tmp_path / str(left), {}).events()]
        assert kinds[2:] == [Kind.FOCUS, Kind.STATS, Kind.RAW] * 2
    assert left > (1200 if waits else 200)


def test_a_checkpoint_and_what_it_covers_are_durable_by_one_sync(tmp_path: Path) -> None:
    disk = RecordingDisk(tmp_path)
    journal = new_journal(tmp_path / "s", disk=disk)
    before = len(disk.log)
    append_tick(journal, 5)
    journal.checkpoint(reading_at(30), Moment.GRID)
    assert [type(step).__name__ for step in disk.log[before:]] == ["Write", "Sync"]
    journal.close()


def test_a_refused_checkpoint_that_could_not_be_cut_off_is_cut_by_the_next_sync(tmp_path: Path) -> None:
    journal, disk = refused_and_not_cut(tmp_path / "s")
    disk.fail_step = -1
    journal.sync()
    assert FolderReader(tmp_path / "s", {}).size == journal.size == 5
    append_tick(journal, 35)
    journal.close()
    assert Kind.CHECKPOINT not in [event.kind for event in FolderReader(tmp_path / "s", {}).events()]


def test_a_crash_before_that_leaves_it_to_recovery_whole_and_true(tmp_path: Path) -> None:
    journal, _ = refused_and_not_cut(tmp_path / "s")
    journal._let_go()
    found = recover(tmp_path / "s", keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    found.journal.close()
    assert found.journal.size == 6
    assert isinstance(found.events[-1].body, Checkpoint)
    note = parse_note(found.events[-1].body.note.encode())
    verify_note(note, journal.origin, keys_of().signing.public)
    said = parse_checkpoint(note.text)
    assert (said.size, said.root) == (5, journal.root())


def refused_and_not_cut(folder: Path) -> tuple[Journal, FullDisk]:
    """A journal of 5 records whose checkpoint was written whole, but neither its sync nor its removal worked."""
    disk = FullDisk()
    journal = new_journal(folder, disk=disk)
    append_tick(journal, 5)
    journal.sync()
    disk.fail_step, disk.fails = disk.steps, 2
    with pytest.raises(EnvironmentFault, match="Check the disk"):
        journal.checkpoint(reading_at(30), Moment.GRID)
    assert journal.size == 5
    return journal, disk


def test_a_reader_says_that_a_write_broke_off_and_reads_all_that_was_synced_once_it_is_cut(tmp_path: Path) -> None:
    disk = FullDisk()
    journal = new_journal(tmp_path / "s", disk=disk)
    append_tick(journal, 5)
    journal.sync()
    reader = FolderReader(tmp_path / "s", keys_of().content)
    append_tick(journal, 10)
    disk.left, disk.fail_step = 900, disk.steps  # and the file cannot be made shorter
    with pytest.raises(EnvironmentFault, match="disk is full"):
        journal.sync()
    assert reader.size == 5, "what it saw when it was made"
    with pytest.raises(IntegrityFault, match="truncated"):
        FolderReader(tmp_path / "s", keys_of().content)
    disk.left = 2**62
    journal.sync()
    assert FolderReader(tmp_path / "s", keys_of().content).size == journal.size == 8
    journal.close()
