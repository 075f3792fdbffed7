# SPDX-License-Identifier: Apache-2.0
"""Whatever is behind the first damage goes, whatever is before it stays, and what is lost is said."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_crashstates import Sync, SyncFolder, Truncate, Unlink
from journal_disks import QuickDisk, RecordingDisk
from journal_parts import ORG_FP, append_tick, capture_at, keys_of, new_journal, reading_at

from session import EnvironmentFault, InputFault, IntegrityFault
from session.events import Edge, Gap, Kind, Moment, Note, Reason, Task
from session.frames import MAGIC, encode_frame, encode_payload, public_frame, read_frame, read_segment
from session.journal import SessionKeys
from session.reader import FolderReader
from session.recovery import NeverStartedFault, Recovered, recover


class Small:
    """An open session of three segments with one picture, and where each record ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        journal = new_journal(folder, disk=QuickDisk())
        append_tick(journal, 5, title="one")
        self.capture = journal.append_blob(capture_at(6), b"picture")
        journal.checkpoint(reading_at(30), Moment.GRID)
        journal.append_cosign(6, "line")
        journal.checkpoint(reading_at(930), Moment.GRID)
        append_tick(journal, 935, title="two")
        journal.checkpoint(reading_at(1860), Moment.GRID)
        append_tick(journal, 1865, title="three")
        journal.close()
        self.size = journal.size
        self.leaves = [journal.tree.leaf(index) for index in range(journal.size)]
        self.segments = [path.read_bytes() for path in sorted(folder.glob("*.fws"))]
        self.ends = [[end for _, end in read_segment(segment)] for segment in self.segments]

    def copy(self, folder: Path, last: bytes, index: int = 2) -> Path:
        """The session with segment `index` replaced, and without those behind it."""
        (folder / "blobs").mkdir(parents=True)
        for number, segment in enumerate(self.segments[:index]):
            (folder / f"{number:06d}.fws").write_bytes(segment)
        (folder / f"{index:06d}.fws").write_bytes(last)
        blob = self.capture.blob_sha256
        shutil.copy(self.folder / "blobs" / blob, folder / "blobs" / blob)
        return folder

    def before(self, index: int, offset: int) -> int:
        """How many records end at or before this place."""
        return sum(map(len, self.ends[:index])) + sum(end <= offset for end in self.ends[index])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("small") / "s")


def recovered(folder: Path, *, keys: SessionKeys | None = None, acknowledged_size: int = 0) -> Recovered:
    return recover(folder, keys or keys_of(), org_fp=ORG_FP, disk=QuickDisk(), acknowledged_size=acknowledged_size)


def check_prefix(small: Small, folder: Path, size: int) -> Recovered:
    """Recovery gives exactly the first `size` records, twice, and the record goes on."""
    first = recovered(folder)
    first.journal.close()
    again = recovered(folder)
    assert (again.events, again.cut_bytes) == (first.events, 0)
    assert first.journal.size == again.journal.size == size
    assert first.journal.root() == again.journal.root() == again.journal.tree.root(size)
    assert [again.journal.tree.leaf(index) for index in range(size)] == small.leaves[:size]
    again.journal.append(Kind.GAP, Gap(first.last_us, first.last_mono_us, Edge.POINT, Reason.CRASH, "session"))
    again.journal.close()
    reader = FolderReader(folder, keys_of().content)
    assert reader.events()[:-1] == first.events
    shutil.rmtree(folder)
    return first


def test_an_untouched_record_is_whole(small: Small, tmp_path: Path) -> None:
    found = check_prefix(small, small.copy(tmp_path / "s", small.segments[2]), small.size)
    assert found.cut_bytes == 0
    assert (found.last_us, found.last_mono_us) == (reading_at(1865).t_us, reading_at(1865).mono_us)
    assert (found.cosigned_size, found.loss) == (6, False)


def check_truncations(small: Small, tmp_path: Path, cuts: Iterable[int]) -> None:
    last = small.segments[2]
    for cut in cuts:
        found = check_prefix(small, small.copy(tmp_path / "s", last[:cut]), small.before(2, cut))
        ends = [0, *[end for end in small.ends[2] if end <= cut]]
        assert found.cut_bytes == cut - ends[-1]


def test_truncations_near_each_end_and_between_keep_the_longest_prefix(small: Small, tmp_path: Path) -> None:
    ends = small.ends[2]
    near = {end + by for end in [0, len(MAGIC), *ends] for by in (-2, -1, 0, 1, 2, 4, 5)}
    check_truncations(small, tmp_path, sorted(cut for cut in near | set(range(0, ends[-1], 41)) if 0 <= cut < ends[-1]))


@pytest.mark.ci
def test_every_truncation_of_the_last_segment_keeps_the_longest_prefix(small: Small, tmp_path: Path) -> None:
    check_truncations(small, tmp_path, range(len(small.segments[2])))


def test_truncations_of_the_first_segment(small: Small, tmp_path: Path) -> None:
    first = small.segments[0]
    never = 0
    for cut in [*range(200), *range(200, len(first), 23), *[end + by for end in small.ends[0][:-1] for by in (-1, 0, 1)]]:
        folder = small.copy(tmp_path / "s", first[:cut], 0)
        size = small.before(0, cut)
        if size >= 2:
            check_prefix(small, folder, size)
            continue
        with pytest.raises(NeverStartedFault):
            recovered(folder)
        assert (folder / "000000.fws").read_bytes() == first[:cut]
        shutil.rmtree(folder)
        never += 1
    assert never > 100


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 10**9), tail=st.one_of(st.binary(max_size=600), st.integers(0, 5000).map(bytes)))
def test_any_tail_behind_any_cut_goes(small: Small, tmp_path_factory: pytest.TempPathFactory, cut: int, tail: bytes) -> None:
    last = small.segments[2]
    cut %= len(last) + 1
    folder = small.copy(tmp_path_factory.mktemp("tail") / "s", last[:cut] + tail)
    whole = small.before(2, cut)
    found = recovered(folder)
    found.journal.close()
    # A tail may happen to spell what was cut off: then those records are whole again, and none besides.
    assert whole <= found.journal.size <= small.size
    assert [found.journal.tree.leaf(index) for index in range(found.journal.size)] == small.leaves[: found.journal.size]


def test_one_flipped_bit_cuts_at_the_record_that_holds_it(small: Small, tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - choosing tests
    for index in (1, 2):
        for _ in range(120):
            damaged = bytearray(small.segments[index])
            at = chance.randrange(len(damaged))
            damaged[at] ^= 1 << chance.randrange(8)
            size = small.before(index, at) if at >= len(MAGIC) else small.before(index, 0)
            check_prefix(small, small.copy(tmp_path / "s", bytes(damaged), index), size)


def test_segments_behind_the_damage_go_too(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    shutil.copytree(small.folder, folder)
    damaged = bytearray(small.segments[1])
    damaged[small.ends[1][0] + 20] ^= 1
    (folder / "000001.fws").write_bytes(damaged)
    found = recovered(folder)
    found.journal.close()
    assert sorted(path.name for path in folder.glob("*.fws")) == ["000000.fws", "000001.fws"]
    assert found.cut_bytes == len(small.segments[1]) - small.ends[1][0] + len(small.segments[2])
    assert found.journal.size == small.before(1, small.ends[1][0])


def test_segments_behind_the_damage_are_gone_for_good_before_anything_is_written(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    shutil.copytree(small.folder, folder)
    (folder / "blobs" / ("ab" * 32)).write_bytes(b"stray")
    (folder / "000000.fws").write_bytes(small.segments[0][:-1])
    disk = RecordingDisk(folder)
    recover(folder, keys_of(), org_fp=ORG_FP, disk=disk).journal.close()
    cut = small.ends[0][-2]
    assert disk.log == [
        Unlink("000002.fws"), Unlink("000001.fws"), SyncFolder(""), Truncate("000000.fws", cut), Sync("000000.fws"),
        Unlink("blobs/" + "ab" * 32), SyncFolder("blobs"),
    ]  # fmt: skip


def test_a_missing_segment_ends_the_record_there(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    shutil.copytree(small.folder, folder)
    (folder / "000001.fws").unlink()
    check_prefix(small, folder, len(small.ends[0]))


def test_a_later_segment_without_records_is_removed(small: Small, tmp_path: Path) -> None:
    for rest in (b"", MAGIC[:3], MAGIC, bytes(8), MAGIC + bytes(50)):
        folder = small.copy(tmp_path / "s", rest, 1)
        found = recovered(folder)
        found.journal.close()
        assert sorted(path.name for path in folder.glob("*.fws")) == ["000000.fws"]
        assert found.journal.size == len(small.ends[0])
        assert found.cut_bytes == len(rest)
        shutil.rmtree(folder)


def test_records_in_a_wrong_place_end_the_record(small: Small, tmp_path: Path) -> None:
    opening, task = small.segments[0][len(MAGIC) : small.ends[0][0]], encode_payload(Task(1, 1, "p"))
    for stray in (
        encode_frame(public_frame(Kind.TASK, small.size + 1, task)),
        encode_frame(public_frame(Kind.TASK, small.size - 1, task)),
        opening,
        small.segments[0][small.ends[0][0] : small.ends[0][1]],
    ):
        check_prefix(small, small.copy(tmp_path / "s", small.segments[2] + stray), small.size)
    for raw, kind in ((opening, Kind.PERSONAL), (small.segments[0][small.ends[0][0] :], Kind.START)):
        frame = read_frame(memoryview(raw), 0)[0]
        stray = encode_frame(public_frame(kind, small.size, frame.public))
        check_prefix(small, small.copy(tmp_path / "s", small.segments[2] + stray), small.size)
    again = encode_frame(public_frame(Kind.TASK, small.size, task))
    folder = small.copy(tmp_path / "s", small.segments[2] + again)
    found = recovered(folder)
    found.journal.close()
    assert found.journal.size == small.size + 1


def test_a_capture_whose_picture_is_lost_ends_the_record_before_it(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    shutil.copytree(small.folder, folder)
    (folder / "blobs" / small.capture.blob_sha256).unlink()
    found = check_prefix(small, folder, small.capture.seq)
    assert found.cut_bytes > 0


def test_unfinished_files_and_pictures_without_a_record_are_removed(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "s"
    shutil.copytree(small.folder, folder)
    (folder / "statements").mkdir()
    (folder / "statements" / "policy.toml").write_bytes(b"policy")
    for stray in (".000001.fws.part", "blobs/" + "ab" * 32, "blobs/." + "cd" * 32 + ".part", "statements/.ef.dsse.part"):
        (folder / stray).write_bytes(b"stray")
    recovered(folder).journal.close()
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "000000.fws", "000001.fws", "000002.fws", f"blobs/{small.capture.blob_sha256}", "statements/policy.toml",
    ]  # fmt: skip


def test_lost_cosigned_records_are_seen_from_what_others_know(small: Small, tmp_path: Path) -> None:
    for known, loss in ((0, False), (small.size, False), (small.size + 1, True)):
        shutil.copytree(small.folder, tmp_path / "s")
        found = recovered(tmp_path / "s", acknowledged_size=known)
        found.journal.close()
        assert (found.loss, found.cosigned_size) == (loss, max(known, 6))
        shutil.rmtree(tmp_path / "s")


@pytest.mark.parametrize("most", [0, 2, 4, 6])
def test_records_that_others_were_cosigned_in_place_of_go_and_nothing_else(small: Small, tmp_path: Path, most: int) -> None:
    folder = shutil.copytree(small.folder, tmp_path / "s")
    size = max(2, most)
    first = recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk(), acknowledged_size=6, most=most)
    first.journal.close()
    assert first.cut_bytes > 0
    assert (first.journal.size, first.loss, first.cosigned_size) == (size, size < 6, 6)
    named = {event.blob_sha256 for event in first.events if event.blob_sha256}
    assert {path.name for path in (folder / "blobs").iterdir()} == named, "no picture of what went stays"
    check_prefix(small, folder, size)


def test_a_record_that_is_no_longer_than_what_may_stay_is_whole(small: Small, tmp_path: Path) -> None:
    folder = shutil.copytree(small.folder, tmp_path / "s")
    found = recover(folder, keys_of(), org_fp=ORG_FP, disk=QuickDisk(), most=small.size)
    found.journal.close()
    assert (found.journal.size, found.cut_bytes, found.loss) == (small.size, 0, False)


@pytest.mark.parametrize("place", ["same segment", "later segment"])
def test_lost_cosigned_records_are_seen_from_what_is_cut(tmp_path: Path, place: str) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    append_tick(journal, 5)
    append_tick(journal, 10)
    if place == "later segment":
        journal.checkpoint(reading_at(901), Moment.GRID)
    journal.append_cosign(8, "line")
    journal.close()
    raw = bytearray((tmp_path / "s" / "000000.fws").read_bytes())
    ends = [end for _, end in read_segment(bytes(raw))]
    raw[ends[3] + 40] ^= 1
    (tmp_path / "s" / "000000.fws").write_bytes(raw)
    found = recovered(tmp_path / "s")
    found.journal.close()
    assert (found.journal.size, found.cosigned_size, found.loss) == (4, 8, True)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_keys_that_do_not_fit_change_nothing(small: Small, tmp_path: Path) -> None:
    folder = small.copy(tmp_path / "s", small.segments[2] + b"torn")
    before = contents(folder)
    own = keys_of()
    for wrong in (
        keys_of(2),
        msgspec.structs.replace(own, content_s=b"x" * 32),
        msgspec.structs.replace(own, content_w=b"x" * 32),
        msgspec.structs.replace(own, session_id=keys_of(2).session_id),
    ):
        with pytest.raises(InputFault, match="not the keys"):
            recovered(folder, keys=wrong)
    assert contents(folder) == before


def test_a_sealed_part_that_does_not_open_is_evidence_and_changes_nothing(small: Small, tmp_path: Path) -> None:
    frame, begin = next((one, end) for one, end in read_segment(small.segments[2]) if one.kind == Kind.STATS)
    forged = encode_frame(msgspec.structs.replace(frame, tail=frame.tail[:-1] + bytes([frame.tail[-1] ^ 1])))
    raw = small.segments[2][: begin - len(forged)] + forged + small.segments[2][begin:]
    folder = small.copy(tmp_path / "s", raw)
    before = contents(folder)
    with pytest.raises(IntegrityFault, match="does not open"):
        recovered(folder)
    assert contents(folder) == before


def test_a_folder_that_cannot_be_read_is_no_reason_to_cut(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault):
        recovered(tmp_path / "none")
    (tmp_path / "s").mkdir()
    with pytest.raises(NeverStartedFault):
        recovered(tmp_path / "s")
    new_journal(tmp_path / "t").close()
    (tmp_path / "t" / "000001.fws").mkdir()
    with pytest.raises(IntegrityFault, match=r"000001\.fws is not a regular file"):
        recovered(tmp_path / "t")
    assert (tmp_path / "t" / "000000.fws").stat().st_size > 1000


def test_the_latest_time_comes_from_sealed_records_too(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    append_tick(journal, 50)
    journal.append(Kind.NOTE, Note(reading_at(70).t_us, "words"))
    append_tick(journal, 60)
    journal.append_cosign(2, "line")
    journal.close()
    found = recovered(tmp_path / "s")
    found.journal.close()
    assert found.last_us == reading_at(70).t_us
    assert found.last_mono_us == reading_at(60).mono_us


def test_a_recovered_record_rotates_and_signs_on(small: Small, tmp_path: Path) -> None:
    found = recovered(small.copy(tmp_path / "s", small.segments[2][:-5]))
    journal = found.journal
    for seconds in (2000, 2899, 2900):
        journal.checkpoint(reading_at(seconds), Moment.GRID)
    journal.close()
    assert len(list((tmp_path / "s").glob("*.fws"))) == 4
    assert FolderReader(tmp_path / "s", keys_of().content).size == small.size - 1 + 3
