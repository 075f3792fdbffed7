# SPDX-License-Identifier: Apache-2.0
"""What the journal writes is what a reader reads back, in the order and at the sizes that the format fixes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journal_crashstates import Create, Rename, Sync, SyncFolder, Write
from journal_disks import QuickDisk, RecordingDisk
from journal_parts import (
    BEGIN_US,
    ORG_FP,
    append_tick,
    capture_at,
    keys_of,
    new_journal,
    opening_of,
    reading_at,
    start_body,
)

from session import InputFault
from session.crypto.padding import blob_bytes
from session.events import (
    Capture,
    CapturePublic,
    Checkpoint,
    Cosign,
    Focus,
    FocusChange,
    KeyClass,
    Kind,
    Moment,
    Note,
    Payload,
    Raw,
    RawKey,
    Redact,
    Stats,
    Task,
)
from session.frames import MAGIC, SEALED, read_segment
from session.journal import WAITING_BYTES, Journal
from session.log.checkpoint import parse_checkpoint
from session.log.merkle import Frontier
from session.log.note import parse_note, verify_note
from session.reader import FolderReader
from session.segments import MAX_SEGMENT_BYTES
from session.table import TYPES


def segments(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.fws"))


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    append_tick(journal, 5, title="letter")
    capture = journal.append_blob(capture_at(6), b"picture")
    journal.checkpoint(reading_at(30), Moment.GRID)
    journal.append_cosign(5, "line")
    journal.append(Kind.TASK, Task(1, 2, "project"))
    journal.close()
    reader = FolderReader(tmp_path / "s", keys_of().content)
    events = reader.events()
    assert [event.kind for event in events] == [
        Kind.PERSONAL, Kind.START, Kind.FOCUS, Kind.STATS, Kind.RAW, Kind.CAPTURE, Kind.CHECKPOINT, Kind.COSIGN, Kind.TASK,
    ]  # fmt: skip
    assert [event.seq for event in events] == list(range(9))
    assert events[2].body == Focus(
        reading_at(5).t_us, reading_at(5).mono_us, (FocusChange(6_000_000, 1, "editor", "letter"),)
    )
    assert events[5] == capture
    assert events[7].body == Cosign(5, "line")
    assert reader.image(5) == b"picture"
    assert reader.session_id == keys_of().session_id


bodies = st.one_of(
    st.builds(lambda text: (Kind.NOTE, Note(BEGIN_US, text)), st.text(max_size=400)),
    st.builds(lambda n: (Kind.STATS, Stats(BEGIN_US, n, n, (n,) * 8, n, (n,) * 17)), st.integers(0, 2**53 - 1)),
    st.builds(lambda n: (Kind.TASK, Task(BEGIN_US, n, "p", "t")), st.integers(0, 2**53 - 1)),
    st.builds(
        lambda keys: (Kind.RAW, Raw(BEGIN_US, 5, tuple(RawKey(at, KeyClass.TEXT, -1, 1) for at in keys))),
        st.lists(st.integers(-(2**40), 2**40), max_size=60),
    ),
    st.builds(lambda title: (Kind.FOCUS, Focus(BEGIN_US, 1, (FocusChange(1, 1, "a", title),))), st.text(max_size=128)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(bodies, st.just("sync"), st.just("checkpoint")), max_size=25), number=st.integers(0, 10**9))
def test_any_run_of_records_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Kind, Payload] | str], number: int
) -> None:
    folder = tmp_path_factory.mktemp("run") / "s"
    journal = new_journal(folder, disk=QuickDisk())
    wanted: list[Payload | None] = []
    for step in steps:
        if step == "sync":
            journal.sync()
        elif isinstance(step, str):
            wanted.append(journal.checkpoint(reading_at(number % 10**6), Moment.GRID))
        else:
            wanted.append(journal.append(*step).body)
    journal.close()
    reader = FolderReader(folder, keys_of().content)
    assert [event.body for event in reader.events()][2:] == wanted
    tree = Frontier()
    for frame in reader.frames():
        tree.append(frame.leaf)
    assert (tree.size, tree.root()) == (journal.size, journal.root())


def test_checkpoints_are_notes_over_all_records_before_them(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    append_tick(journal, 5)
    size, root = journal.size, journal.root()
    body = journal.checkpoint(reading_at(30), Moment.PAUSE)
    note = parse_note(body.note.encode())
    verify_note(note, f"fairwitness/{ORG_FP}/{keys_of().session_id}", keys_of().signing.public)
    text = parse_checkpoint(note.text)
    assert (text.size, text.root) == (size, root)
    assert (body.moment, body.t_us, body.mono_us) == (Moment.PAUSE, reading_at(30).t_us, reading_at(30).mono_us)
    assert journal.size == size + 1
    reader = FolderReader(tmp_path / "s", {})
    assert isinstance(reader.event(size).body, Checkpoint)
    journal.close()


def test_a_segment_is_closed_after_fifteen_minutes_at_a_checkpoint(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    journal.checkpoint(reading_at(899), Moment.GRID)
    assert segments(tmp_path / "s") == ["000000.fws"]
    journal.checkpoint(reading_at(900), Moment.GRID)
    journal.checkpoint(reading_at(1799), Moment.GRID)
    assert segments(tmp_path / "s") == ["000000.fws", "000001.fws"]
    journal.checkpoint(reading_at(1800), Moment.GRID)
    journal.close()
    frames = [
        [frame.seq for frame, _ in read_segment((tmp_path / "s" / name).read_bytes())] for name in segments(tmp_path / "s")
    ]
    assert frames == [[0, 1, 2], [3, 4], [5]]


def test_a_clock_of_another_boot_begins_the_fifteen_minutes_anew(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    later = reading_at(3000)
    journal.checkpoint(msgspec.structs.replace(later, mono_us=5), Moment.GRID)
    journal.checkpoint(msgspec.structs.replace(later, mono_us=899_000_000), Moment.GRID)
    assert segments(tmp_path / "s") == ["000000.fws"]
    journal.checkpoint(msgspec.structs.replace(later, mono_us=900_000_005), Moment.GRID)
    assert segments(tmp_path / "s") == ["000000.fws", "000001.fws"]
    journal.close()


def test_no_segment_grows_beyond_sixteen_mebibytes(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    for _ in range(260):
        journal.append(Kind.RAW, Raw(1, 1), least=65536)
    journal.close()
    sizes = [(tmp_path / "s" / name).stat().st_size for name in segments(tmp_path / "s")]
    assert len(sizes) == 2
    assert MAX_SEGMENT_BYTES - 66_000 < sizes[0] <= MAX_SEGMENT_BYTES
    reader = FolderReader(tmp_path / "s", keys_of().content)
    assert reader.size == 262
    assert reader.event(261).body == Raw(1, 1)


def test_appends_wait_for_sync_and_never_without_bound(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    first = tmp_path / "s" / "000000.fws"
    before = first.stat().st_size
    append_tick(journal, 5)
    assert first.stat().st_size == before
    journal.sync()
    assert first.stat().st_size > before
    for _ in range(40):
        journal.append(Kind.RAW, Raw(1, 1), least=65536)
    assert first.stat().st_size > before + WAITING_BYTES
    journal.close()


def test_a_picture_is_durable_before_its_record_and_before_any_later_one(tmp_path: Path) -> None:
    disk = RecordingDisk(tmp_path)
    journal = new_journal(tmp_path / "s", disk=disk)
    disk.log.clear()
    digest = journal.append_blob(capture_at(5), b"picture").blob_sha256
    journal.sync()
    part, blob = f"s/blobs/.{digest}.part", f"s/blobs/{digest}"
    steps = [(type(one).__name__, getattr(one, "path", "")) for one in disk.log]
    assert steps == [
        ("Create", part), ("Write", part), ("Sync", part), ("Rename", ""), ("SyncFolder", "s/blobs"),
        ("Write", "s/000000.fws"), ("Sync", "s/000000.fws"),
    ]  # fmt: skip
    assert isinstance(disk.log[3], Rename)
    assert disk.log[3].target == blob
    assert {type(one) for one in disk.log} == {Create, Write, Sync, Rename, SyncFolder}
    journal.close()


def test_the_key_of_a_picture_is_its_own_and_its_size_is_padded(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    captures = [journal.append_blob(capture_at(5), b"same picture") for _ in range(2)]
    bodies = [one.body for one in captures if isinstance(one.body, Capture)]
    assert bodies[0].blob_key != bodies[1].blob_key
    assert captures[0].blob_sha256 != captures[1].blob_sha256
    assert bodies[0].size_bytes == len(b"same picture")
    sizes = {(tmp_path / "s" / "blobs" / one.blob_sha256).stat().st_size for one in captures}
    assert sizes == {blob_bytes(640, 400) + 16}
    journal.close()


def test_pictures_of_a_monitor_have_one_size_whatever_they_show(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    for image_bytes in (1, 900, 16_000, 17_000, blob_bytes(640, 400) - 1):
        journal.append_blob(capture_at(5), bytes(image_bytes))
    other = msgspec.structs.replace(capture_at(6), width_px=1920, height_px=1080)
    wide = journal.append_blob(other, b"picture").blob_sha256
    sizes = {path.name: path.stat().st_size - 16 for path in (tmp_path / "s" / "blobs").iterdir()}
    assert sizes.pop(wide) == 20 * 16384
    assert set(sizes.values()) == {blob_bytes(640, 400)}
    journal.close()


def test_ticks_have_one_size_whatever_happened_in_them(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    for tick in range(30):
        changes = tuple(FocusChange(tick, n, f"application {n}", "title") for n in range(tick % 5))
        journal.append(Kind.FOCUS, Focus(1, 1, changes), least=512)
        journal.append(Kind.STATS, Stats(1, 1, 5000, (tick,) * 8), least=256)
        keys = tuple(RawKey(n * 130, KeyClass.TEXT, 90, 1) for n in range(tick % 15))
        journal.append(Kind.RAW, Raw(1, 1, keys), least=192)
    journal.close()
    sizes: dict[int, set[int]] = {}
    for frame in FolderReader(tmp_path / "s", {}).frames():
        sizes.setdefault(frame.kind, set()).add(len(frame.tail))
    overhead = 32 + 16 + 16
    assert sizes[Kind.FOCUS] == {512 + overhead}
    assert sizes[Kind.STATS] == {256 + overhead}
    assert sizes[Kind.RAW] == {192 + overhead}


def test_no_salt_is_drawn_twice(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    for tick in range(300):
        append_tick(journal, tick)
    journal.close()
    salts = [frame.tail[32:48] for frame in FolderReader(tmp_path / "s", {}).frames() if frame.flags == SEALED]
    assert len(salts) == len(set(salts)) == 900


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Kind.CHECKPOINT, Checkpoint(1, 1, Moment.GRID, "note")),
        (Kind.COSIGN, Cosign(1, "line")),
        (Kind.REDACT, Redact(1, ((2, 2),), "private")),
        (Kind.CAPTURE, capture_at(1)),
        (Kind.START, start_body(keys_of())),
        (Kind.PERSONAL, opening_of(keys_of())),
        (Kind.STATS, Focus(1, 1)),
        (128, Focus(1, 1)),
        (11, Focus(1, 1)),
    ],
)
def test_types_with_a_verb_of_their_own_and_wrong_bodies_are_refused(tmp_path: Path, kind: Kind, body: Payload) -> None:
    journal = new_journal(tmp_path / "s")
    size, root = journal.size, journal.root()
    with pytest.raises(ValueError, match="type"):
        journal.append(kind, body)
    assert (journal.size, journal.root()) == (size, root)
    journal.close()


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        (Kind.NOTE, Note(1, "x" * 4097), r"\$\[2\]"),
        (Kind.TASK, Task(-1, 1, "p"), r"\$\[1\]"),
        (Kind.TASK, Task(1, 2**53, "p"), r"\$\[2\]"),
        (Kind.FOCUS, Focus(1, 1, (FocusChange(1, 1, "a" * 129),)), r"\$\[3\]"),
        (Kind.RAW, Raw(1, 1, tuple(RawKey(n, KeyClass.TEXT, 1, 1) for n in range(9000))), "too large"),
        (Kind.TASK, Task(1, 1, "\x00"), ""),
    ],
)
def test_a_record_that_no_reader_would_take_is_not_written(tmp_path: Path, kind: Kind, body: Payload, named: str) -> None:
    journal = new_journal(tmp_path / "s")
    size, root = journal.size, journal.root()
    if named:
        with pytest.raises(InputFault, match=named):
            journal.append(kind, body)
        assert (journal.size, journal.root()) == (size, root)
    else:
        journal.append(kind, body)
    journal.close()
    FolderReader(tmp_path / "s", keys_of().content).events()


def test_a_capture_that_brings_a_key_or_a_size_is_refused(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    for change in ({"blob_key": "ab" * 32}, {"size_bytes": 5}):
        with pytest.raises(ValueError, match="the journal makes"):
            journal.append_blob(msgspec.structs.replace(capture_at(1), **change), b"picture")
    assert not list((tmp_path / "s" / "blobs").iterdir())
    journal.close()


def test_a_cosignature_beyond_the_record_is_refused(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    with pytest.raises(ValueError, match="do not exist"):
        journal.append_cosign(3, "line")
    journal.append_cosign(2, "line")
    journal.close()


def test_a_folder_that_holds_a_session_is_left_alone(tmp_path: Path) -> None:
    new_journal(tmp_path / "s").close()
    before = (tmp_path / "s" / "000000.fws").read_bytes()
    with pytest.raises(InputFault, match="holds a session already"):
        new_journal(tmp_path / "s", keys_of(2))
    assert (tmp_path / "s" / "000000.fws").read_bytes() == before


def test_a_folder_that_has_its_statements_already_is_taken(tmp_path: Path) -> None:
    (tmp_path / "s" / "statements").mkdir(parents=True)
    new_journal(tmp_path / "s").close()
    assert FolderReader(tmp_path / "s", {}).size == 2


@pytest.mark.parametrize("field", ["session_id", "ckc_s", "ckc_w"])
def test_a_start_of_another_session_is_a_bug(tmp_path: Path, field: str) -> None:
    other = msgspec.structs.replace(start_body(keys_of()), **{field: getattr(start_body(keys_of(2)), field)})
    with pytest.raises(ValueError, match="START"):
        Journal.create(
            tmp_path / "s", keys_of(), (Kind.PERSONAL, opening_of(keys_of())), other, org_fp=ORG_FP, disk=QuickDisk()
        )
    with pytest.raises(ValueError, match="opens with"):
        Journal.create(tmp_path / "s", keys_of(), (Kind.GAP, opening_of(keys_of())), other, org_fp=ORG_FP, disk=QuickDisk())
    assert not (tmp_path / "s").exists()


def test_keys_never_show_in_text(tmp_path: Path) -> None:
    keys = keys_of()
    shown = repr(keys) + str(keys)
    for secret in (keys.content_s, keys.content_w, keys.signing.seed):
        assert secret.hex() not in shown
        assert repr(secret) not in shown


def test_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    digest = journal.append_blob(capture_at(5), b"picture").blob_sha256
    journal.close()
    for path, mode in (("", 0o700), ("blobs", 0o700), ("000000.fws", 0o600), (f"blobs/{digest}", 0o600)):
        assert (tmp_path / "s" / path).stat().st_mode & 0o777 == mode


def test_the_table_and_the_segment_agree_on_what_is_written(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s")
    journal.append_blob(capture_at(5), b"picture")
    append_tick(journal, 5)
    journal.close()
    raw = (tmp_path / "s" / "000000.fws").read_bytes()
    assert raw.startswith(MAGIC)
    for frame, _ in read_segment(raw):
        rule = TYPES[frame.kind]
        assert (frame.flags == SEALED) == rule.sealed
        assert bool(frame.public) == (not rule.sealed or rule.public is CapturePublic)
