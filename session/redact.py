# SPDX-License-Identifier: Apache-2.0
"""Removing what is private, so that the root and every signature before it still hold.

Rules:

1. The REDACT record comes first and is durable; then ciphertexts give way to their commitments, segment by segment; then
   the blobs go. A crash between leaves a REDACT that is not carried out yet: recovery carries it out.
2. A segment is replaced whole: written beside, synced, renamed, folder synced. So a blob is gone only after no SEALED
   record names it any more.
3. Only types that the table calls redactable lose their ciphertext. Leaves, seqs and the tree stay as they are.

Source: docs/session-format.md, Removal.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from session import InputFault
from session.disk import Disk, environment_fault, erase, rewrite
from session.events import Event, Kind
from session.frames import SEALED, Frame, read_segment
from session.journal import Journal
from session.ports import ClockReading
from session.segments import BLOBS, blob_of, read_segment_file, segment_paths, session_frames, stripped
from session.table import rule_of

_DOING = "removing what you chose"


class Ranges:
    """A set of seqs, given as inclusive ranges that may overlap."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in sorted(ranges):
            if self._lasts and first <= self._lasts[-1] + 1:
                self._lasts[-1] = max(self._lasts[-1], last)
            else:
                self._firsts.append(first)
                self._lasts.append(last)

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._firsts, seq) - 1
        return at >= 0 and seq <= self._lasts[at]

    def __bool__(self) -> bool:
        return bool(self._firsts)


def redact(folder: Path, journal: Journal, ranges: Sequence[tuple[int, int]], reason: str, reading: ClockReading) -> Event:
    """Removes the sealed parts and pictures of the records in `ranges` for good, and says so with a REDACT.

    Removing what is removed already changes nothing but adds a REDACT. The journal goes on afterwards.

    Args:
        folder: the journal's.
        journal: the open record; nobody else may write it meanwhile.
        ranges: (first, last) seqs, both inclusive, of redactable types only.
        reason: a short code; words of a person go into a NOTE.
        reading: now.

    Raises:
        InputFault: no range, one outside the record, or one that holds a record which may not be removed; names its seq.
            Nothing was changed.
        EnvironmentFault: the disk does not let us. If the REDACT was written, removal is completed by the next `redact`
            or the next start.
        IntegrityFault: the record on disk is damaged; nothing was removed.
    """
    journal.sync()
    wanted = _checked(folder, ranges, journal.size)
    event = journal.append_redact(ranges, reason, reading)
    with journal.released():
        apply_redactions(folder, wanted, journal.disk)
    return event


def apply_redactions(folder: Path, ranges: Ranges, disk: Disk, *, every_type: bool = False) -> None:
    """Carries out what REDACT records or a removal say; what is done already is left alone.

    No segment may be open for writing. `every_type`: also sealed parts that a person may not remove, under retention.

    Raises:
        EnvironmentFault: the disk does not let us; may be repeated.
        IntegrityFault: a segment is damaged; those before it are done.
    """
    if not ranges:
        return
    blobs: list[str] = []

    def drop(frame: Frame) -> bool:
        return frame.seq in ranges and (is_redactable(frame.kind) or every_type)

    try:
        for path in segment_paths(folder):
            segment = read_segment_file(path)
            blobs += [blob_of(frame) for frame, _ in read_segment(segment) if frame.kind == Kind.CAPTURE and drop(frame)]
            remaining = stripped(segment, drop)
            if remaining is not segment:
                rewrite(disk, folder, path.name, remaining)
        gone = [folder / BLOBS / digest for digest in blobs if digest and (folder / BLOBS / digest).exists()]
        for path in gone:
            erase(disk, path)
        if gone:
            disk.fsync_dir(folder / BLOBS)
    except OSError as error:
        raise environment_fault(error, _DOING) from error


def is_redactable(kind: int) -> bool:
    """Whether a REDACT may name records of this type."""
    rule = rule_of(kind)
    return rule is not None and rule.redactable


def sent_segments(folder: Path, withheld: frozenset[Kind]) -> Iterator[tuple[str, bytes]]:
    """What leaves this machine: (SHA-256 in hexadecimal, bytes) of each segment, withheld types as commitments only.

    The tree, and with it every signature, is that of the whole record. One segment is in memory at a time.

    Raises:
        IntegrityFault: a segment is damaged.
        EnvironmentFault: a file cannot be read.
    """
    for path in segment_paths(folder):
        segment = stripped(read_segment_file(path), lambda frame: frame.kind in withheld)
        yield hashlib.sha256(segment).hexdigest(), segment


def sent_blobs(folder: Path, withheld: frozenset[Kind]) -> tuple[str, ...]:
    """Digests, in order, of the pictures that leave this machine: those of CAPTUREs neither removed nor withheld.

    Raises:
        IntegrityFault, EnvironmentFault: as `sent_segments`.
    """
    if Kind.CAPTURE in withheld:
        return ()
    return tuple(
        blob_of(frame) for _, _, frame in session_frames(folder) if frame.kind == Kind.CAPTURE and frame.flags == SEALED
    )


def _checked(folder: Path, ranges: Sequence[tuple[int, int]], size: int) -> Ranges:
    if not ranges:
        raise InputFault("ranges: name at least one record to remove.")
    for first, last in ranges:
        if not 0 <= first <= last < size:
            raise InputFault(f"ranges: {first} to {last} is not within the {size} records of this session.")
    wanted = Ranges(ranges)
    for _, _, frame in session_frames(folder):
        if frame.seq in wanted and not is_redactable(frame.kind):
            raise InputFault(f"ranges: record {frame.seq} is of a type that cannot be removed; leave it out.")
    return wanted
