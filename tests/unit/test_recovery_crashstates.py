# SPDX-License-Identifier: Apache-2.0
"""Whatever a power cut leaves of the journal's writes is recovered, with all that had been promised."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_crashstates import CrashState, Create, MakeFolder, Mark, Operation, Sync, SyncFolder, Write, crash_states
from journal_disks import QuickDisk, RecordingDisk
from journal_parts import ORG_FP, append_tick, capture_at, keys_of, new_journal, reading_at

from session.events import Edge, Gap, Kind, Moment, Reason, Redact
from session.frames import ABSENT, SEALED
from session.journal import Journal
from session.reader import FolderReader
from session.recovery import NeverStartedFault, recover
from session.redact import Ranges, is_redactable, redact

Promise = tuple[int, tuple[tuple[int, int], ...]]


class Run:
    """A short session with captures, checkpoints, a cosignature, rotation and removal, and the log of all it wrote."""

    def __init__(self, root: Path) -> None:
        self.disk = RecordingDisk(root)
        self.removed: tuple[tuple[int, int], ...] = ()
        self.pictures: dict[int, bytes] = {}
        journal = new_journal(root / "s", disk=self.disk)
        self._promise(journal)
        for tick in range(6):
            append_tick(journal, 5 * tick, title=f"window {tick}")
            if tick % 2:
                picture = bytes([tick]) * 5000
                self.pictures[journal.append_blob(capture_at(5 * tick), picture).seq] = picture
            if tick % 3 != 1:
                journal.sync()
                self._promise(journal)
        self._checkpoint(journal, 30)
        journal.append_cosign(journal.size - 1, "line")
        append_tick(journal, 40)
        self._remove(journal, ((2, 4), (8, 8)))
        self._checkpoint(journal, 30 + 900)
        append_tick(journal, 935)
        capture = journal.append_blob(capture_at(936), b"last").seq
        self.pictures[capture] = b"last"
        journal.sync()
        self._promise(journal)
        self._remove(journal, ((capture, capture), (5, 7)))
        append_tick(journal, 940)
        self._checkpoint(journal, 30 + 1900)
        journal.close()
        self._promise(journal)
        self.leaves = [journal.tree.leaf(index) for index in range(journal.size)]

    def _promise(self, journal: Journal) -> None:
        self.disk.mark((journal.size, self.removed))

    def _checkpoint(self, journal: Journal, seconds: int) -> None:
        journal.checkpoint(reading_at(seconds), Moment.GRID)
        self._promise(journal)

    def _remove(self, journal: Journal, ranges: tuple[tuple[int, int], ...]) -> None:
        redact(journal.folder, journal, ranges, "private", reading_at(41))
        self.removed += ranges
        self._promise(journal)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("run"))


def check(state: CrashState, run: Run, folder: Path, *, again: bool = True) -> None:
    """Recovers `state` and judges what is left, which must also be read back from disk."""
    folder.mkdir()
    state.write_to(folder)
    size, removed = state.promised or (0, ())
    if not (folder / "s").exists():
        assert state.promised is None
        shutil.rmtree(folder)
        return
    try:
        recovered = recover(folder / "s", keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    except NeverStartedFault:
        assert state.promised is None
        shutil.rmtree(folder)
        return
    journal = recovered.journal
    assert size <= journal.size <= len(run.leaves)
    assert [journal.tree.leaf(index) for index in range(journal.size)] == run.leaves[: journal.size]
    assert not recovered.loss
    if again:
        journal.close()
        journal = recover(folder / "s", keys_of(), org_fp=ORG_FP, disk=QuickDisk()).journal
    gap = journal.append(Kind.GAP, Gap(recovered.last_us, recovered.last_mono_us, Edge.POINT, Reason.CRASH, "session"))
    journal.close()
    reader = FolderReader(folder / "s", keys_of().content)
    events = reader.events()
    assert [event.kind for event in events[:-1]] == [event.kind for event in recovered.events]
    assert events[-1].seq == gap.seq == reader.size - 1
    assert [frame.leaf for frame in reader.frames()][:-1] == run.leaves[: gap.seq]
    gone = Ranges(one for event in events if isinstance(event.body, Redact) for one in event.body.ranges)
    assert all(seq in gone for first, last in removed for seq in range(first, last + 1))
    named = set()
    for frame, event in zip(reader.frames(), events, strict=True):
        if frame.flags == SEALED:
            assert event.body is not None
            assert event.seq not in gone
        if frame.flags == ABSENT:
            assert event.seq in gone
            assert is_redactable(frame.kind)
        if frame.kind == Kind.CAPTURE and frame.flags == SEALED:
            assert reader.image(frame.seq) == run.pictures[frame.seq]
            named.add(event.blob_sha256)
    assert {path.name for path in (folder / "s" / "blobs").iterdir()} == named
    assert not [path for path in (folder / "s").iterdir() if path.name.endswith(".part")]
    shutil.rmtree(folder)


def distinct(run: Run, seed: int, random_per_point: int) -> Iterator[CrashState]:
    return crash_states(run.disk.log, seed=seed, random_per_point=random_per_point)


def test_the_log_holds_every_kind_of_step(run: Run) -> None:
    assert {type(one).__name__ for one in run.disk.log} == {
        "MakeFolder", "Create", "Write", "Sync", "Rename", "Unlink", "SyncFolder", "Mark",
    }  # fmt: skip
    assert sum(isinstance(one, Mark) for one in run.disk.log) > 8


def test_states_after_a_crash_recover_with_all_that_was_promised(run: Run, tmp_path: Path) -> None:
    count = 0
    for count, state in enumerate(distinct(run, seed=1, random_per_point=45), 1):
        check(state, run, tmp_path / str(count), again=count % 5 == 0)
    assert count >= 500


@pytest.mark.ci
def test_five_thousand_states_recover(run: Run, tmp_path: Path) -> None:
    count = 0
    for count, state in enumerate(distinct(run, seed=2, random_per_point=900), 1):
        check(state, run, tmp_path / str(count), again=count % 10 == 0)
    assert count >= 5000


def test_a_crash_while_recovering_is_recovered_too(run: Run, tmp_path: Path) -> None:
    states = [state for state in distinct(run, seed=3, random_per_point=10) if state.promised is not None]
    for number, state in enumerate(states[:: max(1, len(states) // 25)]):
        first = tmp_path / f"first{number}"
        first.mkdir()
        state.write_to(first)
        disk = RecordingDisk(first)
        recover(first / "s", keys_of(), org_fp=ORG_FP, disk=disk).journal.close()
        before = as_durable(state)
        for second, again in enumerate(crash_states([*before, *disk.log], seed=number, random_per_point=3)):
            if again.after >= len(before):
                check(again, run, tmp_path / f"second{number}-{second}", again=False)


def as_durable(state: CrashState) -> list[Operation]:
    """Operations that leave exactly this state, all durable."""
    operations: list[Operation] = [MakeFolder(path) for path in state.folders]
    for path, content in state.files.items():
        operations += [Create(path), Write(path, 0, content), Sync(path)]
    operations += [SyncFolder(path) for path in ("", *state.folders)]
    return [*operations, Mark(state.promised)]
