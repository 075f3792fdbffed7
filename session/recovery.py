# SPDX-License-Identifier: Apache-2.0
"""Opening a record again after a crash: keep the longest good prefix, finish what was begun, say what is lost.

Rules:

1. All segments are read, and all that can be checked without trust is: magic, CRC, type table, order of `seq`, schema.
   The record is cut at the first thing that does not hold. What lay behind is not kept anywhere.
2. Whatever reading cannot decide is no reason to cut: a file that cannot be read, or keys that do not fit this session, end
   recovery before anything is changed.
3. REDACT records that were not carried out yet are carried out; unfinished files and pictures that no record names go.
4. Recovering again changes nothing more. The caller appends GAP(CRASH) and goes on.
5. Cosigned records that are no longer here are a loss that others can prove; it is said, never reset silently.
6. Good records go for one reason alone: the caller knows that other ones were cosigned in their place (`most`).

Source: docs/session-format.md, Recovery.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.aead import content_key_commitment
from session.disk import Disk, environment_fault
from session.events import Cosign, Event, Gap, Kind, Reason, Redact, Start
from session.frames import MAGIC, PUBLIC, SEALED, VERSION, FrameFault, read_frame, read_segment
from session.journal import Journal, SessionKeys
from session.log.merkle import Tree
from session.redact import Ranges, apply_redactions
from session.segments import (
    BLOBS,
    misplaced,
    open_event,
    public_body,
    read_segment_file,
    segment_name,
    segment_paths,
    start_of,
)
from session.table import TYPES

_DOING: Final = "recovering the session"
_TELLING: Final = re.compile(
    bytes((PUBLIC,)) + VERSION.to_bytes(2, "big") + b"[" + re.escape(bytes((Kind.COSIGN, Kind.GAP))) + b"]"
)
"""Flags, version and type of the records that tell how much was cosigned, as they stand behind the length of a frame."""
_TELLING_BYTES: Final = 64 + max(TYPES[Kind.COSIGN].max_bytes, TYPES[Kind.GAP].max_bytes)
"""No such frame is longer; bounds what is looked at for each place that looks like one."""
_LENGTH_BYTES: Final = 4


class NeverStartedFault(IntegrityFault):
    """The first two records were never whole: the session had not begun, and nothing of it was observed. Nothing changed."""


class Recovered(msgspec.Struct, frozen=True):
    """A record that goes on.

    Args:
        journal: open, at the end of what is good.
        events: all that is good, opened with the session's own keys.
        cut_bytes: how much lay behind it and is gone.
        last_us: latest UTC time that any record tells.
        last_mono_us: monotonic time of the last record that tells one.
        cosigned_size: greatest size that a cosignature covers, as far as this folder tells (also what was cut off).
        loss: whether cosigned records are missing. What was cut tells it once; the caller keeps it, or asks the platform.
    """

    journal: Journal
    events: tuple[Event, ...]
    cut_bytes: int
    last_us: int
    last_mono_us: int
    cosigned_size: int
    loss: bool


class _Prefix:
    """The good prefix as it grows while segments are read."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.leaves: list[bytes] = []
        self.places: list[tuple[int, int]] = []
        self.pictures: list[int] = []
        self.cut: tuple[int, int] = (0, 0)
        self.cosigned_size = 0

    def shorten(self, size: int) -> None:
        """Keeps `size` records."""
        self.cut = self.places[size]
        del self.events[size:], self.leaves[size:], self.places[size:]
        self.pictures = [seq for seq in self.pictures if seq < size]

    @property
    def removed(self) -> Ranges:
        """What the REDACT records of the prefix name."""
        return Ranges(one for event in self.events if isinstance(event.body, Redact) for one in event.body.ranges)


def recover(  # noqa: PLR0913 - a record, and what is known of it, by name but the first two
    folder: Path,
    keys: SessionKeys,
    *,
    org_fp: str,
    disk: Disk,
    acknowledged_size: int = 0,
    most: int | None = None,
) -> Recovered:
    """Opens the record in `folder` again at the end of its longest good prefix, which holds all that was ever synced.

    Args:
        folder: of an unsealed session that nobody writes.
        keys: of this session.
        org_fp: as the session was created with.
        disk: where.
        acknowledged_size: greatest size known to be cosigned from elsewhere (the agent's state, the platform), or 0.
        most: keeps no more than so many records, at least 2: behind them others were cosigned than are here. None: all.

    Raises:
        NeverStartedFault: there is no whole opening and START.
        IntegrityFault: a record with a right CRC does not open with `keys`; nothing changed.
        InputFault: `keys` are of another session; nothing changed.
        EnvironmentFault: the disk does not let us; may be repeated.
    """
    paths = segment_paths(folder)
    prefix = _read(paths, keys)
    if len(prefix.events) < 2:
        raise NeverStartedFault("This session was interrupted before its first records were saved. Nothing was recorded.")
    if most is not None and most < len(prefix.events):
        prefix.shorten(max(2, most))
    _cut_at_missing_picture(folder, prefix)
    try:
        total_bytes = _total_bytes(paths)
        last = _cut(folder, paths, prefix, disk)
        cut_bytes = total_bytes - _total_bytes(paths[: last + 1])
        _sweep(folder, prefix, disk)
        apply_redactions(folder, prefix.removed, disk)
        path = paths[last]
        file = disk.append(path)
        durable_bytes = path.stat().st_size
    except OSError as error:
        raise environment_fault(error, _DOING) from error
    journal = Journal(
        folder,
        keys,
        org_fp=org_fp,
        disk=disk,
        tree=Tree(prefix.leaves),
        segment=last,
        file=file,
        durable_bytes=durable_bytes,
    )
    cosigned_size = max(prefix.cosigned_size, acknowledged_size)
    return Recovered(
        journal=journal,
        events=tuple(prefix.events),
        cut_bytes=cut_bytes,
        last_us=max(getattr(event.body, "t_us", 0) for event in prefix.events),
        last_mono_us=next((m for e in reversed(prefix.events) if (m := getattr(e.body, "mono_us", None)) is not None), 0),
        cosigned_size=cosigned_size,
        loss=journal.size < cosigned_size,
    )


def _read(paths: list[Path], keys: SessionKeys) -> _Prefix:
    """The longest prefix in which everything holds but pictures, which are looked at afterwards."""
    prefix = _Prefix()
    for index, path in enumerate(paths):
        segment = read_segment_file(path)
        try:
            _read_one(prefix, index, path, segment, keys)
        except FrameFault as fault:
            prefix.cut = (index, fault.offset)
            prefix.cosigned_size = max(_cosigned_behind(segment, fault.offset), *map(_cosigned_whole, paths[index + 1 :]), 0)
            break
    for event in prefix.events:
        if isinstance(event.body, Cosign):
            prefix.cosigned_size = max(prefix.cosigned_size, event.body.size)
    return prefix


def _read_one(prefix: _Prefix, index: int, path: Path, segment: bytes, keys: SessionKeys) -> None:
    """Adds the records of one segment. Raises `FrameFault` where the prefix ends; other faults forbid a cut."""
    if path.name != segment_name(index):
        raise FrameFault(0, "segment")
    session_id = bytes.fromhex(keys.session_id)
    offset = len(MAGIC)
    for frame, end in read_segment(segment):
        what = misplaced(frame, len(prefix.events))
        if what:
            raise FrameFault(offset, what)
        if frame.kind == Kind.START:
            _check_keys(start_of(frame), keys)
        prefix.events.append(open_event(frame, session_id, keys.content))
        prefix.places.append((index, offset))
        prefix.leaves.append(frame.leaf)
        if frame.kind == Kind.CAPTURE and frame.flags == SEALED:
            prefix.pictures.append(frame.seq)
        offset = end
    prefix.cut = (index, len(segment))


def _check_keys(start: Start, keys: SessionKeys) -> None:
    committed = (content_key_commitment("s", keys.content_s).hex(), content_key_commitment("w", keys.content_w).hex())
    if start.session_id != keys.session_id or (start.ckc_s, start.ckc_w) != committed:
        raise InputFault("keys: these are not the keys of the session in this folder.")


def _cosigned_whole(path: Path) -> int:
    return _cosigned_behind(read_segment_file(path), 0)


def _cosigned_behind(segment: bytes, offset: int) -> int:
    """Greatest size that a whole COSIGN, or the GAP of an earlier loss, tells at or behind a damaged place.

    They are looked for byte by byte: damage may have taken the length that leads from one record to the next. Only ever
    used to say that something is missing, so a forged one can do no more than that.
    """
    greatest = 0
    for found in _TELLING.finditer(segment, offset + _LENGTH_BYTES):
        at = found.start() - _LENGTH_BYTES
        try:
            frame, _ = read_frame(memoryview(segment)[at : at + _TELLING_BYTES], 0)
            body = public_body(frame)
        except IntegrityFault:
            continue
        if isinstance(body, Cosign):
            greatest = max(greatest, body.size)
        elif isinstance(body, Gap) and body.reason is Reason.DAMAGED:
            greatest = max(greatest, frame.seq + body.lost)
    return greatest


def _cut_at_missing_picture(folder: Path, prefix: _Prefix) -> None:
    """Cuts where a CAPTURE has no picture and no REDACT says why.

    The order of writing makes that impossible; a file system that lost a synced name makes it possible.
    """
    while True:
        removed = prefix.removed
        missing = (
            seq
            for seq in prefix.pictures
            if seq not in removed and not (folder / BLOBS / prefix.events[seq].blob_sha256).is_file()
        )
        first = next(missing, None)
        if first is None:
            return
        prefix.shorten(first)  # and once more: a REDACT may have been among what went


def _cut(folder: Path, paths: list[Path], prefix: _Prefix, disk: Disk) -> int:
    """Removes all behind the prefix, the last segment first, and gives the index of the segment that is open now."""
    last, offset = prefix.cut
    if offset <= len(MAGIC) and last > 0:
        last, offset = last - 1, paths[last - 1].stat().st_size
    behind = paths[last + 1 :]
    for path in reversed(behind):
        disk.unlink(path)
    if behind:
        disk.fsync_dir(folder)
    if offset < paths[last].stat().st_size:
        file = disk.append(paths[last])
        try:
            file.truncate(offset)
        finally:
            file.close()
    return last


def _sweep(folder: Path, prefix: _Prefix, disk: Disk) -> None:
    """Removes unfinished files, and pictures that no record names; the folder of pictures is there afterwards."""
    if not (folder / BLOBS).is_dir():
        # The power went while the session was being created: nothing was promised yet, and no picture can be missing.
        disk.make_folder(folder / BLOBS)
        disk.fsync_dir(folder)
    named = {prefix.events[seq].blob_sha256 for seq in prefix.pictures}
    for place in (one for one in (folder, folder / BLOBS, folder / "statements") if one.is_dir()):
        stray = [path for path in place.iterdir() if path.name.startswith(".") and path.name.endswith(".part")]
        if place.name == BLOBS:
            stray += [path for path in place.iterdir() if path.name not in named and path not in stray]
        for path in stray:
            disk.unlink(path)
        if stray:
            disk.fsync_dir(place)


def _total_bytes(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)
