# SPDX-License-Identifier: Apache-2.0
"""A session read back: any record at random, opened on demand with the keys that the reader holds.

Rules:

1. Opening reads the first segment, and looks at the sizes of all. The others are read a segment at a time, when they are
   first asked for; each frame is checked, and 12 bytes a record are kept. Nothing decrypted is kept.
2. A record is given out only if it opens under the key that it committed to. What does not is `IntegrityFault`, never a
   shorter answer. Absent, withheld, newer, or not ours to open: the record is there, its body None.
3. That root, seal and signatures hold is for `session.verify`; this module shows what the bytes say.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from session import InputFault, IntegrityFault
from session.appeal import openings_in
from session.crypto.aead import KEY_BYTES, MAX_BLOB_BYTES, RecordKey, content_key_commitment, open_blob
from session.crypto.hpke import ReadingKey, unwrap, wrap_info
from session.crypto.signing import fingerprint
from session.disk import environment_fault
from session.events import Capture, Checkpoint, Event, Gap, Kind, Opening, Start
from session.frames import MAX_FRAME_BYTES, Frame, read_frame
from session.log.note import decode_base64
from session.seal import SEAL_BYTES, SEAL_NAME, opening_statement, read_seal
from session.segments import (
    BLOBS,
    blob_of,
    open_event,
    open_file,
    placed_frames,
    public_body,
    read_file,
    read_segment_file,
    segment_name,
    segment_paths,
    session_frames,
    start_of,
)
from session.trust.openings import opened_for

_DOING: Final = "reading the session"
_START: Final = 1
_TIMED: Final = (Kind.START, Kind.CHECKPOINT, Kind.GAP)
"""Records whose time stands in public, so that seeking needs no key."""


class FolderReader:
    """The session in a folder, as `session.ports.SessionReader`. Shows what was on disk when it was made.

    Not thread-safe.
    """

    def __init__(
        self, folder: Path, content_keys: Mapping[str, bytes], record_keys: Mapping[int, RecordKey] = MappingProxyType({})
    ) -> None:
        """Reads the first segment.

        Args:
            folder: of the session; sealed, fetched, or still open: then all that was synced, where the last `Journal.sync`
                succeeded. Where a write broke off and the disk refused to cut it, the end reads as damage until the next
                sync or recovery has cut it: a reader cannot tell it from damage, and never gives a shorter answer.
            content_keys: CK_s under "s", CK_w under "w"; any may be missing.
            record_keys: of single records, by seq (`record_keys_for_reviewer`).

        Raises:
            IntegrityFault: a segment is missing, the first one is damaged or does not begin a session, or a key is not
                the one that START commits to. Damage further on is found when it is reached: every method may raise it.
            EnvironmentFault: a file cannot be read.
        """
        self._folder: Final = folder
        self._content: Final = dict(content_keys)
        self._single: Final = dict(record_keys)
        self._segments: Final = array("I")
        self._offsets: Final = array("Q")
        self._marks: Final[list[tuple[int, int]]] = []
        self._latest_us = 0
        self._sizes_bytes: Final = [_size_bytes(path, index) for index, path in enumerate(segment_paths(folder))]
        self._indexed = 0
        if not self._sizes_bytes:
            raise IntegrityFault("The session has no START record.")
        self._index_next()
        if not self._has(_START):
            raise IntegrityFault("The session has no START record.")
        self.start: Final = start_of(self.frame(_START))
        self._session_id: Final = bytes.fromhex(self.start.session_id)
        _check_committed(self._content, self.start)

    @property
    def session_id(self) -> str:
        """32 hexadecimal digits."""
        return self.start.session_id

    @property
    def size(self) -> int:
        """How many records there are. Raises as `event`: it reads all that was not read yet."""
        while self._indexed < len(self._sizes_bytes):
            self._index_next()
        return len(self._offsets)

    def events(self) -> tuple[Event, ...]:
        """All records in order. For one pass over a long session, `iter_events` holds one record at a time.

        Raises:
            IntegrityFault, EnvironmentFault: as `event`.
        """
        return tuple(self.iter_events())

    def iter_events(self, first: int = 0) -> Iterator[Event]:
        """The records from seq `first` on, each opened when it is asked for. Raises as `event`."""
        for frame in self.frames(first):
            yield open_event(frame, self._session_id, self._content, self._single)

    def event(self, seq: int) -> Event:
        """One record.

        Raises:
            InputFault: there is no such seq.
            IntegrityFault: it does not open under what it committed to, or the file changed since.
            EnvironmentFault: the file cannot be read.
        """
        return open_event(self.frame(seq), self._session_id, self._content, self._single)

    def frame(self, seq: int) -> Frame:
        """One record as bytes. Raises as `event`."""
        if seq < 0 or not self._has(seq):
            raise InputFault(f"seq: there is no record {seq}; the session has {self.size}.")
        return next(self.frames(seq))

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """The records from seq `first` on as bytes, read as they are asked for.

        Raises:
            IntegrityFault: a segment is damaged, or changed since it was first read.
            EnvironmentFault: a file cannot be read.
        """
        seq = first
        while self._has(seq):
            segment = self._segments[seq]
            path = self._folder / segment_name(segment)
            with open_file(path, _DOING) as file:
                while seq < len(self._offsets) and self._segments[seq] == segment:
                    yield _frame_at(file, self._offsets[seq], seq)
                    seq += 1

    def _has(self, seq: int) -> bool:
        """Whether there is such a record; reads on until it is reached."""
        while seq >= len(self._offsets) and self._indexed < len(self._sizes_bytes):
            self._index_next()
        return seq < len(self._offsets)

    def _index_next(self) -> None:
        """Reads one more segment, as far as it went when this reader was made. All of it counts, or none."""
        segment = self._indexed
        path = self._folder / segment_name(segment)
        octets = memoryview(read_segment_file(path))
        if len(octets) < self._sizes_bytes[segment]:
            raise IntegrityFault(f"Segment {path.name} changed on disk since the session was opened.")
        found = list(placed_frames(octets[: self._sizes_bytes[segment]], path.name, len(self._offsets)))
        bodies = [public_body(frame) if frame.kind in _TIMED else None for _, frame in found]
        for (offset, frame), body in zip(found, bodies, strict=True):
            self._segments.append(segment)
            self._offsets.append(offset)
            if isinstance(body, (Start, Checkpoint, Gap)):
                self._latest_us = max(self._latest_us, body.t_us)
                self._marks.append((self._latest_us, frame.seq))
        self._indexed += 1

    def seek_us(self, t_us: int) -> int:
        """Seq of the last record at or before the UTC time `t_us`, 0 where all are later.

        Records without a time belong to the one before; where the clock was set back, time stands still until it is passed.
        Costs one pass over at most the records between two checkpoints.

        Raises:
            IntegrityFault, EnvironmentFault: as `event`.
        """
        size = self.size  # reads on to the end, so all marks are there
        at = bisect_right(self._marks, (t_us, size)) - 1
        if at < 0:
            return 0
        found = self._marks[at][1]
        for event in self.iter_events(found + 1):
            if getattr(event.body, "t_us", 0) > t_us:
                break
            found = event.seq
        return found

    def image(self, seq: int) -> bytes | None:
        """The encoded picture of CAPTURE `seq`; None where it was removed, or is not ours to open.

        Raises:
            InputFault: `seq` is no CAPTURE.
            IntegrityFault: the blob is missing, or is not what the record committed to.
            EnvironmentFault: the file cannot be read.
        """
        frame = self.frame(seq)
        if frame.kind != Kind.CAPTURE:
            raise InputFault(f"seq: record {seq} is no screenshot.")
        body = open_event(frame, self._session_id, self._content, self._single).body
        if not isinstance(body, Capture):
            return None
        digest = blob_of(frame)
        path = self._folder / BLOBS / digest
        if not path.is_file():
            raise IntegrityFault(f"The picture of record {seq} is missing.")
        blob = read_file(path, MAX_BLOB_BYTES, f"the picture of record {seq}")
        if hashlib.sha256(blob).hexdigest() != digest:
            raise IntegrityFault(f"The picture of record {seq} is not the one that the record committed to.")
        image = open_blob(bytes.fromhex(body.blob_key), self._session_id, seq, blob)
        if len(image) != body.size_bytes:
            raise IntegrityFault(f"The picture of record {seq} has another size than the record says.")
        return image


def content_keys_for_trainer(folder: Path, reading: ReadingKey) -> dict[str, bytes]:
    """Both content keys, from the wraps that START made for the trainer.

    Raises:
        IntegrityFault: the wraps are for another reader, or hold other keys than START commits to.
        EnvironmentFault: the files cannot be read.
    """
    organisation, start = _beginning(folder)[1:]
    if start.reader != fingerprint(reading.public):
        raise IntegrityFault("This session was recorded for another reading key.")
    keys = _unwrapped(organisation, start, {"s": start.wrap_s, "w": start.wrap_w}, reading)
    _check_committed(keys, start)
    return keys


def content_keys_for_reviewer(folder: Path, epoch_key: ReadingKey) -> dict[str, bytes]:
    """The content keys that the seal wraps for this review key: "s", and "w" only where the policy sends the timing.

    Raises:
        InputFault: the session is not sealed yet, so no reviewer may open anything.
        IntegrityFault: the seal is not the session key's or is for other readers, or holds other keys than START commits to.
        EnvironmentFault: the files cannot be read.
    """
    session_public, organisation, start = _beginning(folder)
    if not (folder / SEAL_NAME).exists():
        raise InputFault("This session is not sealed yet; until then only the trainer can read it.")
    seal = read_seal(read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal"), session_public)
    recipient = fingerprint(epoch_key.public)
    wraps: dict[str, str] = {wrap.key_class: wrap.wrapped for wrap in seal.wraps if wrap.recipient == recipient}
    if not wraps:
        raise IntegrityFault("This session was sealed for other reviewers or another epoch.")
    keys = _unwrapped(organisation, start, wraps, epoch_key)
    _check_committed(keys, start)
    return keys


def record_keys_for_reviewer(folder: Path, epoch_key: ReadingKey) -> dict[int, RecordKey]:
    """The keys of single records, by seq, that the trainer's openings in the folder hold for this review key.

    What holds none for it, does not open with it, or is not what the record committed to, is passed over: `verify` judges
    statements, and a false one hides nothing that a true one opens.

    Raises:
        IntegrityFault: a segment is damaged. EnvironmentFault: a file cannot be read.
    """
    offered: list[tuple[int, RecordKey]] = []
    for opening in openings_in(folder):
        with suppress(IntegrityFault):
            offered += opened_for(opening, epoch_key).items()
    if not offered:
        return {}
    wanted = {seq for seq, _ in offered}
    committed = {frame.seq: frame.tail[:KEY_BYTES] for _, _, frame in session_frames(folder) if frame.seq in wanted}
    return {seq: key for seq, key in offered if key.commitment == committed.get(seq)}


def _beginning(folder: Path) -> tuple[bytes, str, Start]:
    """Session key and organisation as the opening names them, and START. What signs the opening is for `session.verify`."""
    frames = session_frames(folder)
    first, second = next(frames, None), next(frames, None)
    if first is None or second is None:
        raise IntegrityFault("The session has no opening or no START record.")
    opening, start = public_body(first[2]), start_of(second[2])
    if not isinstance(opening, Opening):
        raise IntegrityFault("The session's opening is of a newer format than this program reads.")
    statement = opening_statement(opening.envelope)
    return bytes.fromhex(statement.session_key), statement.organisation, start


def _unwrapped(organisation: str, start: Start, wraps: Mapping[str, str], reading: ReadingKey) -> dict[str, bytes]:
    info = wrap_info(organisation, start.session_id, start.policy_sha256, reading.public, start.ckc_s, start.ckc_w)
    return {key_class: unwrap(decode_base64(wrapped), reading, info) for key_class, wrapped in wraps.items()}


def _check_committed(content_keys: Mapping[str, bytes], start: Start) -> None:
    committed = {"s": start.ckc_s, "w": start.ckc_w}
    for key_class, content_key in content_keys.items():
        if len(content_key) != 32 or content_key_commitment(key_class, content_key).hex() != committed.get(key_class):
            raise IntegrityFault("A content key is not the one that this session's START commits to.")


def _size_bytes(path: Path, index: int) -> int:
    """Of the segment that must be number `index`. Raises `IntegrityFault` where it is another, `EnvironmentFault`."""
    if path.name != segment_name(index):
        raise IntegrityFault(f"Segment {segment_name(index)} is missing.")
    try:
        return path.lstat().st_size
    except OSError as error:
        raise environment_fault(error, _DOING) from error


def _frame_at(file: BinaryIO, offset: int, seq: int) -> Frame:
    """The frame that the index says begins here."""
    try:
        file.seek(offset)
        counted = file.read(4)
        length = min(int.from_bytes(counted, "big"), MAX_FRAME_BYTES)
        octets = counted + file.read(length + 4)
    except OSError as error:
        raise environment_fault(error, _DOING) from error
    frame, _ = read_frame(memoryview(octets), 0)
    if frame.seq != seq:
        raise IntegrityFault(f"Record {seq} changed on disk since it was first read.")
    return frame
