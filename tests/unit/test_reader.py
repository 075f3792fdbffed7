# SPDX-License-Identifier: Apache-2.0
"""A reader shows what its keys open, and never a record that is not what was committed to."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from journal_disks import QuickDisk
from journal_parts import BEGIN_US, READING, append_tick, capture_at, keys_of, new_journal, reading_at
from trust_builders import POLICY_SENDING_TIMING, organisation, realistic_session

from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.events import Capture, Event, Kind, Moment, Note, Start, Stats, Task
from session.frames import MAGIC, Frame, encode_frame, read_segment, seal_frame
from session.ports import SessionReader
from session.reader import FolderReader, content_keys_for_reviewer, content_keys_for_trainer
from session.redact import redact
from session.table import TYPES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two minutes with two pictures, a note that is removed, and three segments."""
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    append_tick(journal, 5, title="one")
    journal.append_blob(capture_at(6), b"picture")
    journal.checkpoint(reading_at(30), Moment.GRID)
    append_tick(journal, 35)
    note = journal.append(Kind.NOTE, Note(reading_at(36).t_us, "private words"))
    journal.checkpoint(reading_at(930), Moment.GRID)
    append_tick(journal, 935)
    journal.append(Kind.TASK, Task(reading_at(936).t_us, reading_at(936).mono_us, "project"))
    journal.checkpoint(reading_at(1860), Moment.GRID)
    append_tick(journal, 1865)
    redact(tmp_path / "s", journal, ((note.seq, note.seq),), "private", reading_at(1866))
    journal.close()
    return tmp_path / "s"


NOTE, CAPTURE = 10, 5


def rewrite(folder: Path, seq: int, **change: object) -> None:
    """Replaces one frame in its segment, CRC and all."""
    for path in sorted(folder.glob("*.fws")):
        parts = [MAGIC]
        for frame, _ in read_segment(path.read_bytes()):
            parts.append(encode_frame(msgspec.structs.replace(frame, **change) if frame.seq == seq else frame))
        path.write_bytes(b"".join(parts))


def frame_of(folder: Path, seq: int) -> Frame:
    return FolderReader(folder, {}).frame(seq)


def test_each_key_opens_its_class_and_no_key_opens_nothing(folder: Path) -> None:
    content = keys_of().content
    for held in ({}, {"s": content["s"]}, {"w": content["w"]}, content):
        reader: SessionReader = FolderReader(folder, held)
        for event in reader.events():
            rule = TYPES[event.kind]
            opened = not rule.sealed or (rule.content_key in held and event.seq != NOTE)
            assert (event.body is not None) == opened, (event, list(held))
        assert reader.image(CAPTURE) == (b"picture" if "s" in held else None)


def test_any_record_at_random_is_the_one_of_the_whole_list(folder: Path) -> None:
    reader = FolderReader(folder, keys_of().content)
    events = reader.events()
    assert len(events) == reader.size == len(list(reader.frames()))
    for seq in (*reversed(range(reader.size)), 3, 17, 3):
        assert reader.event(seq) == events[seq]
        assert next(reader.iter_events(seq)) == events[seq]
    for outside in (-1, reader.size):
        with pytest.raises(InputFault, match="there is no record"):
            reader.event(outside)


def test_the_public_part_of_a_capture_is_read_without_a_key(folder: Path) -> None:
    event = FolderReader(folder, {}).event(CAPTURE)
    assert event.body is None
    assert (folder / "blobs" / event.blob_sha256).is_file()


def times_of(events: tuple[Event, ...]) -> list[int]:
    latest, times = 0, []
    for event in events:
        latest = max(latest, getattr(event.body, "t_us", 0))
        times.append(latest)
    return times


@pytest.mark.parametrize("held", ["", "s", "sw"])
def test_seeking_gives_the_last_record_at_or_before_a_time(folder: Path, held: str) -> None:
    content = keys_of().content
    reader = FolderReader(folder, {one: content[one] for one in held})
    times = times_of(reader.events())
    for second in (*range(40), 929, 930, 931, 936, 1859, 1860, 1866, 5000):
        for t_us in (BEGIN_US + second * 1_000_000, BEGIN_US + second * 1_000_000 - 1):
            wanted = max((seq for seq, at in enumerate(times) if at <= t_us), default=0)
            if t_us < BEGIN_US:
                wanted = 0
            assert reader.seek_us(t_us) == wanted


def test_seeking_where_the_clock_was_set_back(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    for seconds in (30, 60, 20, 40, 70):
        append_tick(journal, seconds)
        journal.checkpoint(reading_at(seconds), Moment.GRID)
    journal.close()
    reader = FolderReader(tmp_path / "s", keys_of().content)
    times = times_of(reader.events())
    for second in (0, 20, 30, 59, 60, 61, 70, 71):
        t_us = BEGIN_US + second * 1_000_000
        assert reader.seek_us(t_us) == max(seq for seq, at in enumerate(times) if at <= t_us)


def test_a_record_that_does_not_open_under_its_commitment_is_evidence(folder: Path) -> None:
    frame = frame_of(folder, 3)
    for tail, named in (
        (bytes([frame.tail[0] ^ 1]) + frame.tail[1:], "committed"),
        (frame.tail[:32] + bytes(16) + frame.tail[48:], "committed"),
        (frame.tail[:-1] + bytes([frame.tail[-1] ^ 1]), "does not open"),
    ):
        rewrite(folder, 3, tail=tail)
        reader = FolderReader(folder, keys_of().content)
        with pytest.raises(IntegrityFault, match=named):
            reader.event(3)
        with pytest.raises(IntegrityFault, match=named):
            reader.events()
        assert reader.event(4).body is not None


def sealed_as(kind: int, seq: int, payload: bytes, public: bytes = b"") -> Frame:
    """A record that opens with the session's keys, whatever its payload."""
    content_key, session_id = keys_of().content_s, bytes.fromhex(keys_of().session_id)
    return seal_frame(kind, seq, payload, content_key=content_key, session_id=session_id, salt=b"n" * 16, public=public)


def test_a_payload_that_breaks_its_schema_is_evidence(folder: Path) -> None:
    for payload in (b"[1,2]", b'[1,"x",3,4]', b"{}", b"[0]"):
        rewrite(folder, 3, tail=sealed_as(Kind.STATS, 3, payload).tail)
        with pytest.raises(IntegrityFault):
            FolderReader(folder, keys_of().content).event(3)


def test_a_payload_of_a_newer_schema_reads_as_none(folder: Path) -> None:
    rewrite(folder, 3, tail=sealed_as(Kind.STATS, 3, b"[2,5]").tail)
    assert FolderReader(folder, keys_of().content).event(3) == Event(3, Kind.STATS, None)


def test_an_extension_record_reads_as_one_without_a_body(folder: Path) -> None:
    path = folder / "000002.fws"
    size = FolderReader(folder, {}).size
    path.write_bytes(path.read_bytes() + encode_frame(sealed_as(128, size, b"[1]")))
    assert FolderReader(folder, keys_of().content).event(size) == Event(size, 128, None)


def test_a_picture_that_is_another_is_evidence(folder: Path) -> None:
    reader = FolderReader(folder, keys_of().content)
    blob = folder / "blobs" / reader.event(CAPTURE).blob_sha256
    whole = blob.read_bytes()
    for damaged in (whole[:-1], whole + b"\x00", bytes([whole[0] ^ 1]) + whole[1:], b""):
        blob.write_bytes(damaged)
        with pytest.raises(IntegrityFault, match="is not the one"):
            reader.image(CAPTURE)
    blob.unlink()
    with pytest.raises(IntegrityFault, match="is missing"):
        reader.image(CAPTURE)


def test_a_picture_of_another_size_than_the_record_says_is_evidence(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    seq = journal.append_blob(capture_at(6), b"picture").seq
    journal.close()
    public = frame_of(tmp_path / "s", seq).public
    body = FolderReader(tmp_path / "s", keys_of().content).event(seq).body
    assert isinstance(body, Capture)
    payload = msgspec.json.encode(msgspec.structs.replace(body, size_bytes=6))
    rewrite(tmp_path / "s", seq, tail=sealed_as(Kind.CAPTURE, seq, payload, public).tail)
    with pytest.raises(IntegrityFault, match="another size"):
        FolderReader(tmp_path / "s", keys_of().content).image(seq)


def test_only_captures_have_pictures(folder: Path) -> None:
    with pytest.raises(InputFault, match="no screenshot"):
        FolderReader(folder, {}).image(2)


def test_a_removed_capture_has_no_picture(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    seq = journal.append_blob(capture_at(6), b"picture").seq
    redact(tmp_path / "s", journal, ((seq, seq),), "private", reading_at(7))
    journal.close()
    reader = FolderReader(tmp_path / "s", keys_of().content)
    assert reader.image(seq) is None
    assert reader.event(seq).body is None


def test_damage_is_found_when_it_is_reached(folder: Path) -> None:
    path = folder / "000001.fws"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole + b"\x00", whole[:40] + b"?" + whole[41:], b"", MAGIC[:4]):
        path.write_bytes(damaged)
        reader = FolderReader(folder, {})
        assert reader.event(2).kind == Kind.FOCUS
        for asked in (
            lambda one: one.size,
            FolderReader.events,
            lambda one: one.event(20),
            lambda one: one.seek_us(BEGIN_US),
        ):
            for _ in range(2):  # and again, since nothing of it was kept
                with pytest.raises(IntegrityFault):
                    asked(reader)
    path.unlink()
    with pytest.raises(IntegrityFault, match=r"000001\.fws is missing"):
        FolderReader(folder, {})


def test_damage_in_the_first_segment_is_found_at_once(folder: Path) -> None:
    path = folder / "000000.fws"
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole + b"\x00", whole[:40] + b"?" + whole[41:], b"", MAGIC[:4], MAGIC):
        path.write_bytes(damaged)
        with pytest.raises(IntegrityFault):
            FolderReader(folder, {})


def test_only_the_first_segment_is_read_for_what_lies_there(folder: Path) -> None:
    reader = FolderReader(folder, keys_of().content)
    for name in ("000001.fws", "000002.fws"):
        (folder / name).unlink()
    assert reader.event(CAPTURE).kind == Kind.CAPTURE
    assert reader.image(CAPTURE) == b"picture"
    with pytest.raises(EnvironmentFault):
        reader.events()


def test_a_session_that_goes_on_is_shown_as_it_was_when_it_was_opened(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    append_tick(journal, 5)
    journal.checkpoint(reading_at(930), Moment.GRID)
    append_tick(journal, 935)
    journal.checkpoint(reading_at(1860), Moment.GRID)
    reader, size = FolderReader(tmp_path / "s", keys_of().content), journal.size
    append_tick(journal, 1865)
    journal.checkpoint(reading_at(3000), Moment.GRID)
    journal.close()
    assert reader.size == size == len(reader.events())
    assert FolderReader(tmp_path / "s", {}).size > size


def test_a_segment_that_grew_shorter_before_it_was_reached_is_evidence(folder: Path) -> None:
    reader = FolderReader(folder, {})
    path = folder / "000002.fws"
    frames = list(read_segment(path.read_bytes()))
    path.write_bytes(path.read_bytes()[: frames[-2][1]])  # whole frames, only fewer
    with pytest.raises(IntegrityFault, match="changed on disk"):
        reader.events()


def test_segments_in_another_order_are_refused(folder: Path) -> None:
    (folder / "000001.fws").rename(folder / "swap")
    (folder / "000002.fws").rename(folder / "000001.fws")
    (folder / "swap").rename(folder / "000002.fws")
    with pytest.raises(IntegrityFault, match="not in its place"):
        FolderReader(folder, {}).events()


def test_a_file_that_changes_while_it_is_read_is_evidence(folder: Path) -> None:
    reader = FolderReader(folder, keys_of().content)
    path = folder / "000000.fws"
    raw = path.read_bytes()
    path.write_bytes(MAGIC + raw[len(MAGIC) + 30 :] + bytes(30))
    with pytest.raises(IntegrityFault):
        reader.event(2)
    path.write_bytes(raw[:100])
    with pytest.raises(IntegrityFault):
        reader.event(3)
    path.unlink()
    with pytest.raises(EnvironmentFault):
        reader.event(3)


def test_a_file_whose_records_moved_is_evidence(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    for seconds in (5, 10):
        journal.append(Kind.STATS, Stats(seconds, seconds, 5000), least=256)
    journal.close()
    reader = FolderReader(tmp_path / "s", {})
    path = tmp_path / "s" / "000000.fws"
    frames = [frame for frame, _ in read_segment(path.read_bytes())]
    path.write_bytes(MAGIC + b"".join(encode_frame(frames[at]) for at in (0, 1, 3, 2)))
    with pytest.raises(IntegrityFault, match="changed on disk"):
        reader.event(2)


def test_a_session_begins_with_its_opening_and_start(tmp_path: Path) -> None:
    new_journal(tmp_path / "s", disk=QuickDisk()).close()
    path = tmp_path / "s" / "000000.fws"
    opening, start = [frame for frame, _ in read_segment(path.read_bytes())]
    for first, second in ((start, opening), (start, start), (opening, opening)):
        renumbered = [msgspec.structs.replace(first, seq=0), msgspec.structs.replace(second, seq=1)]
        path.write_bytes(MAGIC + b"".join(encode_frame(frame) for frame in renumbered))
        with pytest.raises(IntegrityFault, match=r"\(place\)"):
            FolderReader(tmp_path / "s", {})


def test_a_key_that_was_not_committed_to_is_refused(folder: Path) -> None:
    content = keys_of().content
    for wrong in ({"s": content["w"]}, {"w": content["s"]}, {"s": b"short"}, {"s": content["s"], "w": b"x" * 32}):
        with pytest.raises(IntegrityFault, match="START commits"):
            FolderReader(folder, wrong)


def test_a_folder_without_a_session_is_none(tmp_path: Path) -> None:
    with pytest.raises(IntegrityFault, match="no START"):
        FolderReader(tmp_path, {})
    with pytest.raises(IntegrityFault, match="no opening"):
        content_keys_for_trainer(tmp_path, READING)
    with pytest.raises(EnvironmentFault):
        FolderReader(tmp_path / "none", {})


def test_the_trainer_gets_both_keys_and_nobody_else_any(folder: Path) -> None:
    assert content_keys_for_trainer(folder, READING) == keys_of().content
    with pytest.raises(IntegrityFault, match="another reading key"):
        content_keys_for_trainer(folder, ReadingKey.generate())


def test_wraps_that_were_moved_between_sessions_or_classes_are_refused(tmp_path: Path) -> None:
    other = new_journal(tmp_path / "other", keys_of(2), disk=QuickDisk())
    start = FolderReader(tmp_path / "other", {}).start
    other.close()
    for change in ({"wrap_s": start.wrap_s}, "swap"):
        folder = tmp_path / str(change)[:4]
        new_journal(folder, disk=QuickDisk()).close()
        own = FolderReader(folder, {}).start
        fields = {"wrap_s": own.wrap_w, "wrap_w": own.wrap_s} if isinstance(change, str) else change
        forged: Start = msgspec.structs.replace(own, **fields)
        rewrite(folder, 1, public=msgspec.json.encode(forged))
        with pytest.raises(IntegrityFault):
            content_keys_for_trainer(folder, READING)


def test_a_reviewer_opens_what_was_sealed_for_them_and_nothing_before(tmp_path: Path) -> None:
    org = organisation()
    session = org.open_session(tmp_path / "open")
    session.tick()
    session.stop()
    with pytest.raises(InputFault, match="not sealed yet"):
        content_keys_for_reviewer(session.folder, org.epoch_key())
    session.journal.close()
    sealed = realistic_session(org, tmp_path / "s")
    held = content_keys_for_reviewer(sealed.folder, org.epoch_key())
    assert held == {"s": sealed.keys.content_s}
    events = FolderReader(sealed.folder, held).events()
    assert all(event.body is None for event in events if event.kind == Kind.RAW)
    assert any(event.body is not None for event in events if event.kind == Kind.STATS)
    with pytest.raises(IntegrityFault, match="other reviewers"):
        content_keys_for_reviewer(sealed.folder, ReadingKey.generate())
    trainer = content_keys_for_trainer(sealed.folder, org.trainer.reading)
    assert trainer == sealed.keys.content


def test_a_reviewer_gets_the_timing_where_the_policy_sends_it(tmp_path: Path) -> None:
    org = organisation(POLICY_SENDING_TIMING)
    sealed = realistic_session(org, tmp_path / "s")
    assert content_keys_for_reviewer(sealed.folder, org.epoch_key()) == sealed.keys.content


def test_a_seal_of_another_key_gives_nothing(tmp_path: Path) -> None:
    org = organisation()
    sealed = realistic_session(org, tmp_path / "s")
    other = org.open_session(tmp_path / "t", "other")
    other.tick()
    other.stop()
    raw = other.seal().seal_raw
    (sealed.folder / "seal.dsse").write_bytes(raw)
    with pytest.raises(IntegrityFault):
        content_keys_for_reviewer(sealed.folder, org.epoch_key())
