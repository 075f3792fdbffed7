# SPDX-License-Identifier: Apache-2.0
"""What was taken out is not in the blocks that the file system calls free either: a whole ext4 image is searched.

Needs root, to mount the image: as the suite of CI has it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from journal_disks import QuickDisk
from trust_builders import OpenSession, Organisation, organisation
from verifier_both import both

from session.disk import Doomed, RealDisk, erase, rewrite
from session.events import CapturePublic, Kind
from session.frames import ABSENT
from session.segments import public_body, session_frames

SLICE_BYTES = 24


class _Spared:
    def erase(self) -> None:
        """Nothing, as before there was any erasing."""

    def spare(self) -> None:
        """Nothing."""


class LazyDisk(RealDisk):
    """Gives names up and overwrites nothing."""

    def doom(self, path: Path) -> Doomed:  # noqa: ARG002 - as the protocol has it
        return _Spared()


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """A file system in the file `image`."""
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image"
    with path.open("wb") as file:
        file.truncate(48 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)
    return path


def recorded(org: Organisation, folder: Path, disk: RealDisk) -> tuple[OpenSession, list[int], list[bytes]]:
    """A session with a picture and words to be taken out, which ones, and slices of all that they are on disk."""
    session = org.open_session(folder)
    session.journal.disk = disk  # type: ignore[misc] # the one under test
    session.tick()
    kept = session.capture(b"a picture that stays " * 400)
    going = [session.capture(b"a picture that goes " * 400).seq, session.note("words that go").seq]
    session.cosigned_checkpoint()
    session.tick()
    session.journal.sync()
    slices = []
    for _, _, frame in session_frames(folder):
        if frame.seq in going:
            slices += [frame.tail[at : at + SLICE_BYTES] for at in range(0, len(frame.tail) - SLICE_BYTES, SLICE_BYTES)]
            named = public_body(frame)
            if isinstance(named, CapturePublic):
                blob = (folder / "blobs" / named.blob_sha256).read_bytes()
                slices += [blob[at : at + SLICE_BYTES] for at in range(0, len(blob) - SLICE_BYTES, 997)]
    assert kept.kind == Kind.CAPTURE
    return session, going, slices


@pytest.mark.ci
@pytest.mark.parametrize(("disk", "left_behind"), [(RealDisk(), False), (LazyDisk(), True)], ids=["erased", "control"])
def test_what_is_taken_out_is_nowhere_in_the_image_of_the_file_system(
    image: Path, tmp_path: Path, disk: RealDisk, *, left_behind: bool
) -> None:
    org = organisation()
    with mounted(image, tmp_path / "mounted") as place:
        session, going, slices = recorded(org, place / "s", disk)
        subprocess.run(["sync"], check=True)
        before = image.read_bytes()
        assert all(one in before for one in slices)
        session.redact(*going)
        session.stop()
        verification = both(session.seal().folder, trust=org.anchor, reading_key=org.trainer.reading)
        assert verification.verified
        gone = [frame.seq for _, _, frame in session_frames(place / "s") if frame.flags == ABSENT]
        assert gone == going
    after = image.read_bytes()
    found = sum(one in after for one in slices)
    assert (found > 0) == left_behind, f"{found} of {len(slices)} slices are still there"


def test_a_file_under_another_name_is_not_erased(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    erase(QuickDisk(), tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b").read_bytes() == b"mine"


def test_a_change_of_name_that_fails_erases_nothing(tmp_path: Path) -> None:
    class Stuck(QuickDisk):
        def rename(self, source: Path, target: Path) -> None:  # noqa: ARG002 - as the protocol has it
            raise OSError(5, "stuck")

        def unlink(self, path: Path) -> None:
            if path.name == "a":
                raise OSError(5, "stuck")
            super().unlink(path)

    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(OSError, match="stuck"):
        rewrite(Stuck(), tmp_path, "a", b"new")
    with pytest.raises(OSError, match="stuck"):
        erase(Stuck(), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"mine"
