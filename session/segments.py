# SPDX-License-Identifier: Apache-2.0
"""Segments as files, and what one record says once it is opened. Reads only.

Rules:

1. Segments are `000000.fws`, `000001.fws`, … without a hole; each begins with `MAGIC`; the record is their frames in order.
2. `seq` counts from 0 through all segments. Seq 0 is GRANT or PERSONAL, seq 1 is START, and neither stands anywhere else.
3. A segment is read whole, and is refused before it is read when it is larger than a segment may be.

Source: docs/session-format.md, Segments.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Final

from session import IntegrityFault
from session.disk import environment_fault
from session.events import CapturePublic, Cosign, Event, Kind, Payload, Start
from session.frames import MAGIC, SEALED, Frame, decode_payload, encode_frame, frame_key, open_frame, read_segment
from session.log.cosign import stated_time_s
from session.table import rule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from session.crypto.aead import RecordKey

MAX_SEGMENT_BYTES: Final = 16 * 1024 * 1024
"""Greatest segment. Source: docs/session-format.md, Segments."""
BLOBS: Final = "blobs"
"""Name of the folder of encrypted pictures."""

_PLAIN: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
"""How evidence is opened: never waiting for a FIFO's other end, never through a link. Windows has neither flag."""
_NO_FILE: Final = (errno.ELOOP, errno.ENXIO)
"""What the system says of a link and of a socket that are opened so. Source: open(2)."""

_NAME: Final = re.compile(r"[0-9]{6}\.fws")

# Each record is asked for these, and naming an enumeration's member costs more than the question.
_CAPTURE: Final = Kind.CAPTURE
_PLACES: Final[dict[int, int]] = {Kind.GRANT: 0, Kind.PERSONAL: 0, Kind.START: 1}
_LATER: Final = 2
"""Where every type but those of `_PLACES` stands: at seq 2 or behind."""


def segment_name(index: int) -> str:
    """File name of the segment `index`, from 0."""
    return f"{index:06d}.fws"


def segment_paths(folder: Path) -> list[Path]:
    """The files in `folder` that are named as segments, in order; there may be holes, which others judge.

    Raises:
        EnvironmentFault: the folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except OSError as error:
        raise environment_fault(error, "reading the session") from error


def open_file(path: Path, doing: str) -> BinaryIO:
    """A regular file, open for reading. `doing`: what does not work without it, as "reading the session".

    Raises:
        IntegrityFault: a link, FIFO, device, socket or folder has its name; names it, without its path.
        EnvironmentFault: it cannot be opened.
    """
    try:
        descriptor = os.open(path, _PLAIN)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise IntegrityFault(f"{path.name} is not a regular file.") from error
        raise environment_fault(error, doing) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IntegrityFault(f"{path.name} is not a regular file.")
    return os.fdopen(descriptor, "rb")


def read_file(path: Path, limit_bytes: int, what: str) -> bytes:
    """All of a file, at most `limit_bytes`.

    Raises:
        IntegrityFault: it is larger; names `what`. Or it is no regular file; names it.
        EnvironmentFault: it cannot be read.
    """
    doing = f"reading {what}"
    with open_file(path, doing) as file:
        try:
            # Asked for no more than is there: memory for the greatest file there may be is taken, and given back, each time.
            size = min(os.fstat(file.fileno()).st_size, limit_bytes)
            octets = file.read(size + 1)
            if len(octets) > size:  # more than the system said, as of a file that grows
                octets += file.read(limit_bytes + 1 - len(octets))
        except OSError as error:
            raise environment_fault(error, doing) from error
    if len(octets) > limit_bytes:
        raise IntegrityFault(f"{what} is larger than {limit_bytes} bytes.")
    return octets


def read_segment_file(path: Path) -> bytes:
    """The bytes of one segment. Raises `IntegrityFault` where it is too large, `EnvironmentFault` where unreadable."""
    return read_file(path, MAX_SEGMENT_BYTES, f"segment {path.name}")


def misplaced(frame: Frame, seq: int) -> str:
    """Which rule of order `frame` breaks as record `seq` of its session, or ""."""
    if frame.seq != seq:
        return "order"
    if _PLACES.get(frame.kind, _LATER) != min(seq, _LATER):
        return "place"
    return ""


def session_frames(folder: Path) -> Iterator[tuple[int, int, Frame]]:
    """Every frame of a session as (segment, offset, frame), one segment in memory at a time.

    Raises:
        IntegrityFault: a segment is missing or damaged, or a record is out of order; at that place, names it.
        EnvironmentFault: a file cannot be read.
    """
    seq = 0
    for index, path in enumerate(segment_paths(folder)):
        if path.name != segment_name(index):
            raise IntegrityFault(f"Segment {segment_name(index)} is missing.")
        for offset, frame in placed_frames(read_segment_file(path), path.name, seq):
            yield index, offset, frame
            seq += 1


def placed_frames(segment: bytes | memoryview, name: str, seq: int) -> Iterator[tuple[int, Frame]]:
    """The frames of one segment with their offsets, the first of which must be record `seq` of its session.

    Raises:
        IntegrityFault: the segment is damaged, or a record is out of order; at that place, names it.
    """
    offset = len(MAGIC)
    for frame, end in read_segment(segment):
        what = misplaced(frame, seq)
        if what:
            raise IntegrityFault(f"Segment {name}, byte {offset}: the record is not in its place ({what}).")
        yield offset, frame
        seq, offset = seq + 1, end


def public_body(frame: Frame) -> Payload | None:
    """What everybody may read of a record: the payload of a PUBLIC type, the public part of a SEALED one, or None.

    Raises:
        IntegrityFault: it does not keep to its schema.
    """
    rule = rule_of(frame.kind)
    schema = None if rule is None else (rule.public if rule.sealed else rule.body)
    if rule is None or schema is None:
        return None
    return decode_payload(frame.public, schema, rule.max_bytes)


def last_cosigned_s(folder: Path) -> int:
    """The time, in seconds since 1970, that the last cosignature in the session states; 0 where it has none.

    Cosignatures stand in order (step 8), so the last of the last segment that holds one is the latest. Whether it holds is
    for `session.verify`.

    Raises:
        IntegrityFault: a segment that was read for it is damaged. EnvironmentFault: one cannot be read.
    """
    for path in reversed(segment_paths(folder)):
        cosigns = [frame for frame, _ in read_segment(read_segment_file(path)) if frame.kind == Kind.COSIGN]
        body = public_body(cosigns[-1]) if cosigns else None
        if isinstance(body, Cosign):
            return stated_time_s(body.line)
    return 0


def blob_of(frame: Frame) -> str:
    """Digest of the picture that a CAPTURE names, "" for every other record. Raises `IntegrityFault`."""
    if frame.kind != _CAPTURE:
        return ""
    named = public_body(frame)
    return named.blob_sha256 if isinstance(named, CapturePublic) else ""


def open_event(
    frame: Frame,
    session_id: bytes,
    content_keys: Mapping[str, bytes],
    record_keys: Mapping[int, RecordKey] = MappingProxyType({}),
) -> Event:
    """The record in `frame`, as far as the keys open it.

    `content_keys`: "s" and "w", either may be missing; `record_keys`: of single records, by seq, which openings gave.

    Raises:
        IntegrityFault: a key is here and the sealed part does not open under the commitment, or breaks its schema.
    """
    rule = rule_of(frame.kind)
    if rule is None or not rule.sealed:
        return Event(frame.seq, frame.kind, public_body(frame))
    body: Payload | None = None
    content_key = content_keys.get(rule.content_key)
    if frame.flags == SEALED and rule.body is not None:
        single = record_keys.get(frame.seq)
        if content_key is not None:
            single = frame_key(frame, content_key, session_id)
        if single is not None:
            body = decode_payload(open_frame(frame, single), rule.body, rule.max_bytes)
    return Event(frame.seq, frame.kind, body, blob_of(frame))


def start_of(frame: Frame) -> Start:
    """The START in the frame of seq 1.

    Raises:
        IntegrityFault: it is none that this program can read.
    """
    start = public_body(frame) if frame.kind == Kind.START else None
    if not isinstance(start, Start):
        raise IntegrityFault("The session's START record is of a newer format than this program reads.")
    return start


def stripped(segment: bytes, drop: Callable[[Frame], bool]) -> bytes:
    """The segment with the sealed part of each frame that `drop` names given up for its commitment. Leaves stay.

    Raises:
        FrameFault: the segment is damaged.
    """
    parts, offset, changed = [MAGIC], len(MAGIC), False
    for frame, end in read_segment(segment):
        if frame.flags == SEALED and drop(frame):
            parts.append(encode_frame(frame.absent()))
            changed = True
        else:
            parts.append(segment[offset:end])
        offset = end
    return b"".join(parts) if changed else segment
