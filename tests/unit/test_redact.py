# SPDX-License-Identifier: Apache-2.0
"""What is removed is gone from the disk, and no hash or signature changes by it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_disks import FullDisk, QuickDisk, RecordingDisk
from journal_parts import ORG_FP, append_tick, capture_at, keys_of, new_journal, reading_at
from trust_builders import organisation, realistic_session

from session import EnvironmentFault, InputFault
from session.disk import Disk
from session.events import Declare, Edge, Gap, Kind, Moment, Note, Reason, Redact
from session.frames import ABSENT, PUBLIC, SEALED, read_segment
from session.journal import Journal
from session.log.merkle import Frontier
from session.reader import FolderReader
from session.recovery import recover
from session.redact import Ranges, redact, sent_blobs, sent_segments
from session.segments import session_frames, stripped
from session.table import TYPES

CANARY = "canary-5f2b"
REMOVABLE = frozenset(kind for kind, rule in TYPES.items() if rule.redactable)


def three_segments(folder: Path, disk: Disk | None = None) -> Journal:
    """26 records in three segments, four pictures, two of them last."""
    journal = new_journal(folder, disk=disk or QuickDisk())
    for part in range(3):
        begin = part * 930
        append_tick(journal, begin + 5, title=CANARY)
        journal.append_blob(capture_at(begin + 6), CANARY.encode() + bytes([part]) * 50)
        journal.append(Kind.NOTE, Note(reading_at(begin + 7).t_us, CANARY))
        if part < 2:
            journal.checkpoint(reading_at(begin + 930), Moment.GRID)
    journal.append_blob(capture_at(1999), b"last")
    journal.sync()
    return journal


def leaves(folder: Path) -> list[bytes]:
    return [frame.leaf for _, _, frame in session_frames(folder)]


@settings(max_examples=40, deadline=None)
@given(numbers=st.sets(st.integers(0, 15), min_size=1))
def test_removing_any_records_changes_no_leaf(tmp_path_factory: pytest.TempPathFactory, numbers: set[int]) -> None:
    folder = tmp_path_factory.mktemp("redact") / "s"
    journal = three_segments(folder)
    before = leaves(folder)
    kinds = [frame.kind for _, _, frame in session_frames(folder)]
    possible = [seq for seq, kind in enumerate(kinds) if kind in REMOVABLE]
    assert len(possible) == 16
    chosen = [possible[number] for number in numbers]
    ranges = tuple((seq, seq) for seq in chosen)
    event = redact(folder, journal, ranges, "private", reading_at(2000))
    assert event.body == Redact(reading_at(2000).t_us, ranges, "private")
    assert leaves(folder)[:-1] == before
    append_tick(journal, 2005)
    journal.checkpoint(reading_at(2010), Moment.GRID)
    size, root = journal.size, journal.root()
    journal.close()
    tree = Frontier()
    for seq, (_, _, frame) in enumerate(session_frames(folder)):
        tree.append(frame.leaf)
        assert (frame.flags == ABSENT) == (seq in chosen)
    assert (tree.size, tree.root()) == (size, root)
    pictures = {frame.seq: FolderReader(folder, {}).event(frame.seq).blob_sha256 for _, _, frame in session_frames(folder)}
    kept = {digest for seq, digest in pictures.items() if digest and seq not in chosen}
    assert {path.name for path in (folder / "blobs").iterdir()} == kept
    found = recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    assert (found.journal.size, found.cut_bytes) == (size, 0)
    found.journal.close()


def test_a_removed_ciphertext_is_nowhere_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    reader = FolderReader(folder, keys_of().content)
    removed = [frame for frame in reader.frames() if frame.kind in (Kind.NOTE, Kind.CAPTURE)]
    blobs = {path.name: path.read_bytes() for path in (folder / "blobs").iterdir()}
    redact(folder, journal, tuple((frame.seq, frame.seq) for frame in removed), "private", reading_at(2000))
    journal.close()
    left = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for frame in removed:
        assert frame.tail[48:] not in left
        assert frame.tail[32:48] not in left, "the salt would let a guess be tested"
        assert frame.commit in left
    assert blobs
    assert not list((folder / "blobs").iterdir())


def test_ranges_may_span_segments_and_overlap(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    redact(folder, journal, ((2, 4), (3, 6)), "private", reading_at(2000))
    redact(folder, journal, ((6, 6), (2, 3)), "again", reading_at(2001))
    journal.close()
    assert [frame.seq for _, _, frame in session_frames(folder) if frame.flags == ABSENT] == [2, 3, 4, 5, 6]
    assert FolderReader(folder, keys_of().content).size == journal.size


@pytest.mark.parametrize(
    ("ranges", "named"),
    [
        ((), "at least one"),
        (((0, 0),), "record 0"),
        (((1, 4),), "record 1"),
        (((2, 7),), "record 7"),
        (((2, 3), (7, 7)), "record 7"),
        (((4, 3),), "4 to 3"),
        (((2, 999),), "2 to 999"),
        (((-1, 2),), "-1 to 2"),
    ],
)
def test_what_may_not_be_removed_is_named_and_nothing_changes(
    tmp_path: Path, ranges: tuple[tuple[int, int], ...], named: str
) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    size = journal.size
    with pytest.raises(InputFault, match=named):
        redact(folder, journal, ranges, "private", reading_at(2000))
    assert journal.size == size
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    journal.close()


def test_records_that_wait_to_be_written_are_judged_too(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    size = journal.size
    append_tick(journal, 2000)
    journal.append(Kind.GAP, Gap(reading_at(2001).t_us, 1, Edge.POINT, Reason.DIED, "pointer"))
    with pytest.raises(InputFault, match=f"record {size + 3} "):
        redact(folder, journal, ((size, size + 3),), "private", reading_at(2002))
    journal.close()


def test_recovery_carries_out_no_removal_of_what_may_not_be_removed(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = new_journal(folder, disk=QuickDisk())
    append_tick(journal, 5)
    journal.append(Kind.DECLARE, Declare(reading_at(6).t_us, 1, "tool", "words"))
    journal.append_redact(((2, 5),), "private", reading_at(7))
    journal.close()
    recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk()).journal.close()
    events = FolderReader(folder, keys_of().content).events()
    assert [event.body is None for event in events] == [False, False, True, True, True, False, False]


def test_every_type_that_is_not_removable_is_refused(tmp_path: Path) -> None:
    org = organisation()
    sealed = realistic_session(org, tmp_path / "s")
    found = recover(sealed.folder, sealed.keys, org_fp=org.fp, disk=QuickDisk())
    for event in found.events:
        if event.kind not in REMOVABLE:
            with pytest.raises(InputFault, match=f"record {event.seq} "):
                redact(sealed.folder, found.journal, ((event.seq, event.seq),), "private", reading_at(2000))
    found.journal.close()


def test_too_many_ranges_for_one_record_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    with pytest.raises(InputFault, match="too large"):
        redact(folder, journal, ((2, 3),) * 20_000, "private", reading_at(2000))
    assert FolderReader(folder, keys_of().content).event(2).body is not None
    journal.close()


def test_pictures_go_only_after_no_durable_record_names_them(tmp_path: Path) -> None:
    disk = RecordingDisk(tmp_path)
    journal = three_segments(tmp_path / "s", disk)
    disk.log.clear()
    redact(tmp_path / "s", journal, ((2, 5),), "private", reading_at(2000))
    steps = [type(one).__name__ for one in disk.log]
    assert steps == ["Write", "Sync", "Create", "Write", "Sync", "Rename", "SyncFolder", "Unlink", "SyncFolder"]
    journal.close()


def test_a_removal_that_the_disk_stopped_is_finished_by_the_next_or_by_recovery(tmp_path: Path) -> None:
    for way in ("next", "recovery"):
        folder = tmp_path / way
        disk = FullDisk()
        journal = three_segments(folder, disk)
        disk.left = 200
        with pytest.raises(EnvironmentFault, match="removing what you chose"):
            redact(folder, journal, ((2, 5),), "private", reading_at(2000))
        assert FolderReader(folder, keys_of().content).event(2).body is not None
        disk.left = 2**62
        if way == "next":
            redact(folder, journal, ((2, 5),), "private", reading_at(2001))
            journal.close()
        else:
            journal.close()
            recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk()).journal.close()
        reader = FolderReader(folder, keys_of().content)
        assert [frame.seq for frame in reader.frames() if frame.flags == ABSENT] == [2, 3, 4, 5]
        assert len(list((folder / "blobs").iterdir())) == 3


def test_a_removal_that_had_begun_explains_a_missing_picture(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    journal.append_redact(((5, 5),), "private", reading_at(2000))
    journal.close()
    (folder / "blobs" / FolderReader(folder, {}).event(5).blob_sha256).unlink()
    found = recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    found.journal.close()
    assert (found.journal.size, found.cut_bytes) == (journal.size, 0)
    assert FolderReader(folder, {}).frame(5).flags == ABSENT


def test_a_removal_that_is_cut_off_explains_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    journal.append_redact(((5, 5),), "private", reading_at(2000))
    journal.close()
    for seq in (5, 11):
        (folder / "blobs" / FolderReader(folder, {}).event(seq).blob_sha256).unlink()
    found = recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    found.journal.close()
    assert found.journal.size == 5


def test_what_leaves_has_withheld_types_as_commitments_and_the_same_tree(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    redact(folder, journal, ((2, 2),), "private", reading_at(2000))
    journal.close()
    before = [path.read_bytes() for path in sorted(folder.glob("*.fws"))]
    withheld = frozenset((Kind.RAW, Kind.FOCUS))
    sent = list(sent_segments(folder, withheld))
    assert [hashlib.sha256(raw).hexdigest() for _, raw in sent] == [digest for digest, _ in sent]
    frames = [frame for _, raw in sent for frame, _ in read_segment(raw)]
    assert [frame.leaf for frame in frames] == leaves(folder)
    for frame in frames:
        absent = frame.kind in withheld or frame.seq == 2
        assert frame.flags == (ABSENT if absent else SEALED if TYPES[frame.kind].sealed else PUBLIC)
    assert [path.read_bytes() for path in sorted(folder.glob("*.fws"))] == before
    raws = [frame.tail[48:] for _, _, frame in session_frames(folder) if frame.kind == Kind.RAW]
    assert raws
    assert not any(raw in octets for raw in raws for _, octets in sent)
    assert [raw for _, raw in sent_segments(folder, frozenset())] == before


def test_pictures_that_leave_are_those_that_are_neither_removed_nor_withheld(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = three_segments(folder)
    captures = [event.blob_sha256 for event in FolderReader(folder, {}).events() if event.blob_sha256]
    assert sent_blobs(folder, frozenset()) == tuple(captures)
    assert sent_blobs(folder, frozenset((Kind.CAPTURE,))) == ()
    redact(folder, journal, ((5, 5),), "private", reading_at(2000))
    journal.close()
    assert sent_blobs(folder, frozenset((Kind.RAW,))) == tuple(captures[1:])


def test_the_record_goes_on_in_the_segment_that_was_rewritten(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    journal = new_journal(folder, disk=QuickDisk())
    append_tick(journal, 5)
    append_tick(journal, 10)
    redact(folder, journal, ((2, 4),), "private", reading_at(11))
    journal.append(Kind.GAP, Gap(reading_at(12).t_us, 1, Edge.POINT, Reason.DIED, "pointer"))
    journal.close()
    assert [event.kind for event in FolderReader(folder, {}).events()] == [
        Kind.PERSONAL, Kind.START, Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.REDACT, Kind.GAP,
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=12)
)
def test_ranges_hold_what_any_of_them_holds(ranges: list[tuple[int, int]]) -> None:
    union = Ranges(ranges)
    assert bool(union) == bool(ranges)
    for seq in range(-1, 75):
        assert (seq in union) == any(first <= seq <= last for first, last in ranges)


def test_stripping_nothing_gives_the_same_bytes(tmp_path: Path) -> None:
    three_segments(tmp_path / "s").close()
    raw = (tmp_path / "s" / "000000.fws").read_bytes()
    assert stripped(raw, lambda _frame: False) is raw
    once = stripped(raw, lambda frame: frame.kind == Kind.RAW)
    assert stripped(once, lambda frame: frame.kind == Kind.RAW) is once
