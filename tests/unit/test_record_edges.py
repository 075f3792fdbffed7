# SPDX-License-Identifier: Apache-2.0
"""What a drive, another system or a newer program may hand to the record, and what the record does then."""

from __future__ import annotations

import base64
import errno
import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import psutil
import pytest
from journal_disks import QuickDisk
from journal_parts import ORG_FP, READING, append_tick, capture_at, keys_of, new_journal, reading_at
from trust_builders import PROJECT, organisation, personal_session, signing_key

from session import EnvironmentFault, InputFault, IntegrityFault, PlatformFault
from session.account.timeline import Interval, Span, Timeline
from session.crypto.hpke import ReadingKey, wrap
from session.crypto.signing import SigningKey
from session.disk import (
    AppendFile,
    RealDisk,
    append_private,
    create_private,
    environment_fault,
    erase,
    make_private,
    overwrite,
    rewrite,
    take_alone,
    unlink_if_possible,
)
from session.events import Kind, Moment, Opening
from session.frames import MAGIC, encode_frame, encode_payload, public_frame
from session.policy import default_policy_toml, parse_policy
from session.policy_text import policy_toml
from session.reader import FolderReader, content_keys_for_trainer
from session.recovery import recover
from session.seal import opening_statement, seal
from session.segments import read_file, session_frames, start_of
from session.trust.directory import PAYLOAD_TYPE, EpochWrap, epoch_info, open_directory, open_review_key, sign_directory
from session.trust.dsse import seal_envelope


def test_a_drive_that_takes_a_part_gets_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, asked = os.write, []

    def some(descriptor: int, octets: bytes) -> int:
        asked.append(len(octets))
        return whole(descriptor, bytes(octets)[:3])

    file = RealDisk().create(tmp_path / "a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", some)
        file.write(b"12345678")
    file.close()
    assert (tmp_path / "a").read_bytes() == b"12345678"
    assert asked == [8, 5, 2]


def test_a_mac_is_told_to_empty_the_cache_of_its_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    fcntl = SimpleNamespace(F_FULLFSYNC=51, fcntl=lambda _descriptor, wish: asked.append(wish))
    file = RealDisk().create(tmp_path / "a")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "fcntl", fcntl)
        patch.setattr(sys, "platform", "darwin")
        file.sync()
    file.close()
    assert asked == [51]


def test_windows_syncs_files_and_leaves_names_to_its_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    file = RealDisk().create(tmp_path / "a")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        patch.setattr(os, "fsync", synced.append)
        file.sync()
        RealDisk().fsync_dir(tmp_path / "none")
    file.close()
    assert len(synced) == 1


def test_a_file_is_one_holders_alone_until_it_closes_it(tmp_path: Path) -> None:
    with append_private(tmp_path / "lock") as first, append_private(tmp_path / "lock") as second:
        assert take_alone(first)
        assert not take_alone(second)
        first.close()
        assert take_alone(second)


@pytest.mark.parametrize("refuses", [False, True])
def test_windows_locks_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool) -> None:
    asked: list[tuple[int, int]] = []

    def locking(_descriptor: int, mode: int, count: int) -> None:
        asked.append((mode, count))
        if refuses:
            raise PermissionError(errno.EACCES, "somebody else has it")

    with append_private(tmp_path / "lock") as file, monkeypatch.context() as patch:
        patch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
        patch.setattr(sys, "platform", "win32")
        assert take_alone(file) is not refuses
    assert asked == [(2, 1)]


class _Refusing(QuickDisk):
    """A drive on which nothing can be removed and no file opened again."""

    def unlink(self, path: Path) -> None:
        raise OSError(errno.EIO, "the drive failed", str(path))

    def append(self, path: Path) -> AppendFile:
        raise OSError(errno.EACCES, "no permission", str(path))


def test_what_cannot_be_removed_now_is_left_for_recovery(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"part")
    unlink_if_possible(_Refusing(), tmp_path / "a")
    assert (tmp_path / "a").exists()


def test_what_cannot_be_taken_away_is_not_overwritten_either(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"all of it")
    held = psutil.Process().open_files()
    with pytest.raises(OSError, match="the drive failed"):
        erase(_Refusing(), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"all of it"
    assert psutil.Process().open_files() == held


def test_what_is_overwritten_is_zeros_to_its_last_byte_and_nothing_behind_a_link(tmp_path: Path) -> None:
    whole = 2 * 1024 * 1024 + 7
    (tmp_path / "kept").write_bytes(b"x" * 9)
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "a").write_bytes(b"x" * whole)
    (tmp_path / "the same inode").hardlink_to(tmp_path / "a")
    held = psutil.Process().open_files()
    overwrite(tmp_path / "a")
    assert (tmp_path / "the same inode").read_bytes() == bytes(whole)
    with pytest.raises(OSError, match="symbolic link"):
        overwrite(tmp_path / "link")
    assert (tmp_path / "kept").read_bytes() == b"x" * 9
    assert psutil.Process().open_files() == held


def test_a_private_folder_is_made_with_its_parents_for_the_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for _ in range(2):
        make_private(tmp_path / "a" / "b")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="exists") as refused:
        make_private(tmp_path / "file")
    assert "Please name another folder" in str(environment_fault(refused.value, "starting"))


def test_a_private_file_goes_on_at_its_end_for_the_owner_alone_and_never_through_a_link(tmp_path: Path) -> None:
    for octets in (b"one", b"two"):
        with append_private(tmp_path / "a") as file:
            file.write(octets)
    assert (tmp_path / "a").read_bytes() == b"onetwo"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="symbolic"):
        append_private(tmp_path / "link")


def test_an_empty_private_file_is_made_only_where_nothing_is(tmp_path: Path) -> None:
    create_private(tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    (tmp_path / "a").write_bytes(b"one")
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_session_whose_folder_of_pictures_never_reached_the_disk_gets_one(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    journal.close()
    (tmp_path / "s" / "blobs").rmdir()
    again = recover(tmp_path / "s", keys_of(), org_fp=ORG_FP, disk=QuickDisk()).journal
    again.append_blob(capture_at(6), b"picture")
    again.close()
    assert FolderReader(tmp_path / "s", keys_of().content).image(2) == b"picture"


@pytest.mark.parametrize(("kind", "words"), [(SigningKey, "A signing key"), (ReadingKey, "A reading key")])
def test_a_key_that_is_kept_in_part_is_named_and_never_shown(kind: type[SigningKey | ReadingKey], words: str) -> None:
    for kept in (b"", b"k" * 31, b"k" * 33):
        with pytest.raises(InputFault, match=f"^{words}: what is kept is not 32 bytes") as refused:
            kind.from_seed(kept)
        assert "kkk" not in str(refused.value)
        with pytest.raises(InputFault, match=r"^person/key:"):
            kind.from_seed(kept, "person/key")


def test_a_platform_that_contradicts_itself_is_named_with_what_to_do() -> None:
    fault = PlatformFault("log", "its log forgot what it held")
    assert fault.what == "log"
    assert str(fault).startswith("The platform contradicts itself: its log forgot what it held. ")
    assert "Recording and sending go on" in str(fault)
    assert "kept on this computer" in str(fault)
    unkept = PlatformFault("log", "its log forgot what it held", kept=False)
    assert str(unkept).startswith("The platform contradicts itself: its log forgot what it held. ")
    assert "kept on this computer" not in str(unkept)
    assert "make room on the disk now. Recording and sending go on" in str(unkept)


def test_recovery_that_the_disk_refuses_says_so_and_works_later(tmp_path: Path) -> None:
    new_journal(tmp_path / "s", disk=QuickDisk()).close()
    with pytest.raises(EnvironmentFault, match="recovering the session stopped"):
        recover(tmp_path / "s", keys_of(), org_fp=ORG_FP, disk=_Refusing())
    again = recover(tmp_path / "s", keys_of(), org_fp=ORG_FP, disk=QuickDisk())
    again.journal.close()
    assert again.journal.size == 2


def test_a_journal_whose_file_cannot_be_opened_after_a_removal_opens_it_with_the_next_write(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    append_tick(journal, 5)
    refusing = _Refusing()
    object.__setattr__(journal, "disk", refusing)
    with pytest.raises(EnvironmentFault, match="Allow writing"), journal.released():
        pass
    append_tick(journal, 10)
    with pytest.raises(EnvironmentFault, match="Allow writing"):
        journal.sync()
    object.__setattr__(journal, "disk", QuickDisk())
    journal.sync()
    journal.close()
    journal.close()
    assert FolderReader(tmp_path / "s", keys_of().content).size == journal.size == 8


def test_a_file_that_the_drive_cannot_read_is_no_evidence_against_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unreadable(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, "the drive failed")

        def fileno(self) -> int:
            return there.fileno()

    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    journal.close()
    reader = FolderReader(tmp_path / "s", {})
    monkeypatch.setattr("session.segments.open_file", lambda _path, _doing: Unreadable())
    monkeypatch.setattr("session.reader.open_file", lambda _path, _doing: Unreadable())
    with (tmp_path / "s" / "000000.fws").open("rb") as there:
        with pytest.raises(EnvironmentFault, match="Check the disk"):
            read_file(tmp_path / "s" / "000000.fws", 100, "the session")
        with pytest.raises(EnvironmentFault, match="Check the disk"):
            reader.event(1)


@pytest.mark.parametrize("said_bytes", [0, 1, 99, 100, 5000])
def test_a_file_is_read_whole_whatever_the_system_said_of_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said_bytes: int
) -> None:
    class Grown(io.BytesIO):
        def fileno(self) -> int:
            return before.fileno()

    content = bytes(range(100))
    monkeypatch.setattr("session.segments.open_file", lambda _path, _doing: Grown(content))
    (tmp_path / "before").write_bytes(bytes(said_bytes))
    with (tmp_path / "before").open("rb") as before:
        assert read_file(tmp_path / "f", 100, "it") == content
        assert read_file(tmp_path / "f", 200, "it") == content
        with pytest.raises(IntegrityFault, match="larger than 99 bytes"):
            read_file(tmp_path / "f", 99, "it")


def session_of(folder: Path, *frames: bytes) -> Path:
    (folder / "blobs").mkdir(parents=True)
    (folder / "000000.fws").write_bytes(MAGIC + b"".join(frames))
    return folder


def test_records_of_a_newer_format_are_said_to_be_newer(tmp_path: Path) -> None:
    newer = encode_frame(public_frame(Kind.START, 1, b"[2]"))
    opening = encode_frame(public_frame(Kind.PERSONAL, 0, encode_payload(Opening("x"))))
    with pytest.raises(IntegrityFault, match="newer format"):
        FolderReader(session_of(tmp_path / "start", opening, newer), {})
    with pytest.raises(IntegrityFault, match="newer format"):
        start_of(public_frame(Kind.TASK, 1, b"[1]"))
    new_journal(tmp_path / "s", disk=QuickDisk()).close()
    own = (tmp_path / "s" / "000000.fws").read_bytes()
    first_bytes = 8 + 8 + int.from_bytes(own[8:12], "big")
    later = session_of(tmp_path / "opening", encode_frame(public_frame(Kind.PERSONAL, 0, b"[2]")), own[first_bytes:])
    with pytest.raises(IntegrityFault, match="opening is of a newer format"):
        content_keys_for_trainer(later, READING)


def test_a_checkpoint_of_a_newer_format_is_a_record_without_a_time(tmp_path: Path) -> None:
    new_journal(tmp_path / "s", disk=QuickDisk()).close()
    with (tmp_path / "s" / "000000.fws").open("ab") as file:
        file.write(encode_frame(public_frame(Kind.CHECKPOINT, 2, b"[2]")))
    reader = FolderReader(tmp_path / "s", keys_of().content)
    assert reader.size == 3
    assert reader.event(2).body is None
    assert reader.seek_us(reading_at(10).t_us) == 2


def test_a_session_without_its_beginning_is_not_sealed(tmp_path: Path) -> None:
    frame = encode_frame(public_frame(Kind.PERSONAL, 0, encode_payload(Opening("x"))))
    folder = session_of(tmp_path / "s", frame)
    keys = keys_of()
    with pytest.raises(IntegrityFault, match="no opening or no START"):
        seal(folder, keys.signing, content_keys=keys.content, project="", sealed_us=1)
    journal = new_journal(tmp_path / "t", disk=QuickDisk())
    journal.checkpoint(reading_at(30), Moment.GRID)
    journal.close()
    with pytest.raises(InputFault, match="before sealing"):
        seal(tmp_path / "t", keys.signing, content_keys=keys.content, project="", sealed_us=1)


def test_an_opening_that_is_neither_grant_nor_personal_is_named() -> None:
    raw = seal_envelope("application/vnd.other+json", b"{}", signing_key("grant"))
    with pytest.raises(IntegrityFault, match="neither a grant nor a personal opening"):
        opening_statement(raw.decode())


def test_a_directory_signed_by_another_root_than_it_names_is_refused() -> None:
    org = organisation()
    other = signing_key("other root")
    with pytest.raises(IntegrityFault, match="another root key"):
        open_directory(seal_envelope(PAYLOAD_TYPE, msgspec.json.encode(org.directory), other), other.public)


def test_a_cut_beyond_the_end_and_before_the_beginning() -> None:
    timeline = Timeline()
    timeline.lay(10, 20, Span.WORK, counts=True)
    timeline.cut(30)
    assert timeline.intervals() == (Interval(10, 20, Span.WORK, counts=True),)
    timeline.cut(15)
    assert timeline.intervals() == (Interval(10, 15, Span.WORK, counts=True),)
    timeline.cut(5)
    assert timeline.intervals() == ()


def test_windows_gives_a_name_up_without_a_hold_on_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lets nobody rename over an open file; what was there is left to the drive."""
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"old")
    opened: list[object] = []
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        patch.setattr(os, "fsync", opened.append)
        rewrite(RealDisk(), tmp_path, "a", b"new")
        erase(RealDisk(), tmp_path / "b")
        RealDisk().doom(tmp_path / "a").spare()
    assert (tmp_path / "a").read_bytes() == b"new"
    assert not (tmp_path / "b").exists()
    assert len(opened) == 1, "the new content alone is synced"


def test_a_journal_that_was_closed_on_a_full_disk_cuts_the_torn_end_before_it_goes_on(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "s", disk=QuickDisk())
    path = tmp_path / "s" / "000000.fws"
    whole = path.read_bytes()

    class Torn:
        """The open file, on a drive that is full after three bytes and cuts nothing off."""

        def write(self, octets: bytes) -> None:
            path.write_bytes(whole + octets[:3])
            raise OSError(errno.ENOSPC, "no space left")

        def truncate(self, size_bytes: int) -> None:
            raise OSError(errno.EIO, f"not cut to {size_bytes}")

        def close(self) -> None:
            """Nothing is held."""

    journal._let_go()
    journal._file = Torn()  # type: ignore[assignment] # what a failing write asks of it
    append_tick(journal, 5)
    with pytest.raises(EnvironmentFault, match="Free some space"):
        journal.close()
    assert path.read_bytes()[:-3] == whole
    journal.sync()
    journal.close()
    assert FolderReader(tmp_path / "s", keys_of().content).size == journal.size == 5


def test_a_record_of_one_is_no_session(tmp_path: Path) -> None:
    frame = encode_frame(public_frame(Kind.PERSONAL, 0, encode_payload(Opening("x"))))
    with pytest.raises(IntegrityFault, match="has no START record"):
        FolderReader(session_of(tmp_path / "s", frame), {})


def test_a_segment_that_goes_while_the_session_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session.reader.segment_paths", lambda folder: [folder / "000000.fws"])
    with pytest.raises(EnvironmentFault, match="reading the session"):
        FolderReader(tmp_path, {})


def test_a_session_without_its_first_segment_is_not_read(tmp_path: Path) -> None:
    session_of(tmp_path / "s")
    (tmp_path / "s" / "000000.fws").rename(tmp_path / "s" / "000001.fws")
    with pytest.raises(IntegrityFault, match=r"Segment 000000\.fws is missing"):
        list(session_frames(tmp_path / "s"))


def test_more_removed_ranges_than_a_seal_has_room_for(tmp_path: Path) -> None:
    session = personal_session(tmp_path / "s")
    far = 10**15
    for part in range(16):
        ranges = [(far + 2 * (1000 * part + one),) * 2 for one in range(1000)]
        session.journal.append_redact(ranges, "", session.reading)  # type: ignore[arg-type] # pairs
    session.finish()
    with pytest.raises(InputFault, match="too many separate ranges"):
        seal(session.folder, session.keys.signing, content_keys=session.keys.content, project="", sealed_us=1)
    assert not (session.folder / "seal.dsse").exists()


def test_a_newer_directory_that_cannot_be_written_leaves_the_session_unsealed(tmp_path: Path) -> None:
    class Full(QuickDisk):
        """A drive with no room in the folder of statements."""

        def create(self, path: Path) -> AppendFile:
            if path.parent.name == "statements":
                raise OSError(errno.ENOSPC, "no space left")
            return super().create(path)

    org = organisation()
    session = org.open_session(tmp_path / "s")
    session.finish()
    newer = organisation(version=2, review_keys=org.review_keys).directory_bytes()
    said = {"content_keys": session.keys.content, "project": PROJECT, "sealed_us": session.reading.t_us, "directory": newer}
    with pytest.raises(EnvironmentFault, match="sealing the session stopped"):
        seal(session.folder, session.keys.signing, **said, disk=Full())  # type: ignore[arg-type] # by name
    assert sorted(path.name for path in (session.folder / "statements").iterdir()) == ["directory.dsse", "policy.toml"]
    assert not (session.folder / "seal.dsse").exists()


def test_an_epoch_that_wraps_what_is_no_key() -> None:
    org = organisation()
    listed = org.review_keys[0]
    reader = org.reviewer.reading
    wrapped = wrap(bytes(31), reader.public, epoch_info(org.fp, PROJECT, listed.epoch))
    spoilt = msgspec.structs.replace(listed, wraps=(EpochWrap(person="ben", wrapped=base64.b64encode(wrapped).decode()),))
    with pytest.raises(IntegrityFault, match="epoch 1 has not 32 bytes"):
        open_review_key(org.fp, PROJECT, spoilt, "ben", reader)


def test_an_epoch_that_ends_before_it_begins_is_named() -> None:
    org = organisation()
    spoilt = msgspec.structs.replace(org.review_keys[0], until_us=org.review_keys[0].from_us)
    projects = (msgspec.structs.replace(org.directory.projects[0], review_keys=(spoilt,)),)
    with pytest.raises(InputFault, match="epoch 1 of wren ends before it begins"):
        sign_directory(msgspec.structs.replace(org.directory, projects=projects), org.root)


def test_a_policy_that_nests_through_all_its_lines_is_refused() -> None:
    with pytest.raises(InputFault, match="nested too deeply"):
        parse_policy(b"x = " + b"[\n" * 5000)


def test_a_policy_that_would_not_be_read_as_it_was_is_not_written() -> None:
    policy = parse_policy(default_policy_toml())
    masks = msgspec.structs.replace(policy.captures, mask=["a list, where the schema has a tuple"])
    with pytest.raises(AssertionError, match="does not survive being written"):
        policy_toml(msgspec.structs.replace(policy, captures=masks))
    halves = msgspec.structs.replace(policy.captures, interval_s=2.5)
    with pytest.raises(AssertionError, match="a policy holds no float"):
        policy_toml(msgspec.structs.replace(policy, captures=halves))
