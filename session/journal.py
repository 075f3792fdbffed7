# SPDX-License-Identifier: Apache-2.0
"""The writer of a session's record. One thread owns a Journal; nothing else writes into its folder.

Rules:

1. `append` gives a record its seq and its leaf at once and keeps its bytes in memory; `sync` makes them durable. A crash
   loses at most what was appended since the last `sync`, and never a part of what was before it.
2. A blob is durable before its record is appended. A checkpoint is shown to nobody before all that it covers is durable,
   else a power cut would make an honest machine look like one that forked its log.
3. When a write or sync fails, `EnvironmentFault` is raised and no appended record is forgotten: the next `sync` cuts the
   file back to what was durable and writes all that waits once more. (After a failed fsync the system may call pages
   clean that never reached the disk, so a second fsync alone would prove nothing.)
4. Every encryption draws its own salt, every blob its own key.

Source: docs/session-format.md, Segments and Checkpoints; rule 3: fsync(2), PostgreSQL's fsync errors of 2018.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import msgspec

from session import EnvironmentFault, InputFault
from session.crypto.aead import SALT_BYTES, content_key_commitment, seal_blob
from session.crypto.padding import blob_bytes
from session.crypto.signing import SigningKey
from session.disk import AppendFile, Disk, environment_fault, unlink_if_possible, write_whole
from session.events import Capture, CapturePublic, Checkpoint, Cosign, Event, Kind, Moment, Payload, Redact, Start
from session.frames import MAGIC, encode_leaf, encode_payload, pack_payload, public_frame, seal_frame
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.merkle import Tree
from session.log.note import note_bytes, sign_note
from session.ports import ClockReading
from session.segments import BLOBS, MAX_SEGMENT_BYTES, segment_name
from session.table import TYPES, TypeRule

SEGMENT_US: Final = 15 * 60 * 1_000_000
"""A segment older than this is closed at the next checkpoint. Source: docs/session-format.md, Segments."""
WAITING_BYTES: Final = 1024 * 1024
"""Appended bytes that may wait in memory; the append that would exceed them syncs first. About 15 minutes of ticks."""

_DOING: Final = "recording the session"
_OWN_VERB: Final = frozenset(
    (Kind.GRANT, Kind.PERSONAL, Kind.START, Kind.CAPTURE, Kind.CHECKPOINT, Kind.COSIGN, Kind.REDACT),
)
"""Types that only a method of their own may write, since something must hold before or after."""


class SessionKeys(msgspec.Struct, frozen=True):
    """The secrets of one session: its id, the key that signs checkpoints and seal, CK_s and CK_w (32 bytes each)."""

    session_id: str
    signing: SigningKey
    content_s: bytes
    content_w: bytes

    @property
    def content(self) -> dict[str, bytes]:
        """The content keys by class, as a reader takes them."""
        return {"s": self.content_s, "w": self.content_w}

    def __repr__(self) -> str:
        return f"SessionKeys(session_id={self.session_id!r})"


class Journal:
    """The open record of one session. Made by `create`, or by `session.recovery.recover`."""

    def __init__(  # noqa: PLR0913 - where the record stands, each by name
        self,
        folder: Path,
        keys: SessionKeys,
        *,
        org_fp: str,
        disk: Disk,
        tree: Tree,
        segment: int,
        file: AppendFile,
        durable_bytes: int,
    ) -> None:
        self.folder: Final = folder
        self.keys: Final = keys
        self.disk: Final = disk
        self.tree: Final = tree
        self.origin: Final = origin_of(org_fp, keys.session_id)
        self._session_id: Final = bytes.fromhex(keys.session_id)
        self._content: Final = keys.content
        self._segment = segment
        self._file: AppendFile | None = file
        self._durable_bytes = durable_bytes
        self._waiting = bytearray()
        self._torn = False
        self._stray = False
        self._segment_mono_us: int | None = None

    @classmethod
    def create(  # noqa: PLR0913 - what a session begins with, all but three by name
        cls,
        folder: Path,
        keys: SessionKeys,
        opening: tuple[Kind, Payload],
        start: Start,
        *,
        org_fp: str,
        disk: Disk,
    ) -> Self:
        """A new record that holds its opening (seq 0) and START (seq 1), durable with its folder.

        Args:
            folder: of the session; made if it is missing, its parent exists.
            keys: START names their session and commits to them.
            opening: GRANT or PERSONAL with its body.
            start: see `Start`.
            org_fp: fingerprint of the organisation's root key, of the person key in a personal session.
            disk: where.

        Raises:
            InputFault: the folder holds a record already.
            EnvironmentFault: the disk does not let us; nothing was recorded.
            ValueError: opening or START are not this session's; a bug.
        """
        _check_start(keys, opening, start)
        if (folder / segment_name(0)).exists():
            raise InputFault("This folder holds a session already. Choose another one.")
        try:
            for wanted in (folder, folder / BLOBS):
                if not wanted.is_dir():
                    disk.make_folder(wanted)
            file = disk.create(folder / segment_name(0))
        except OSError as error:
            raise environment_fault(error, "starting the session") from error
        journal = cls(folder, keys, org_fp=org_fp, disk=disk, tree=Tree(), segment=0, file=file, durable_bytes=0)
        journal._segment_mono_us = start.mono_us
        journal._waiting += MAGIC
        journal._put(opening[0], opening[1])
        journal._put(Kind.START, start)
        try:
            journal._flush()
            disk.fsync_dir(folder)
            disk.fsync_dir(folder.parent)
        except OSError as error:
            file.close()
            unlink_if_possible(disk, folder / segment_name(0))
            raise environment_fault(error, "starting the session") from error
        return journal

    @property
    def size(self) -> int:
        """How many records there are, durable or waiting; also the next seq."""
        return self.tree.size

    def root(self) -> bytes:
        """The Merkle root over all records so far, 32 bytes."""
        return self.tree.root()

    def append(self, kind: Kind, body: Payload, *, least: int = 0) -> Event:
        """Adds a record; durable after the next `sync`.

        Args:
            kind: any type but those that have a verb of their own here or in `session.redact`.
            body: of the type's schema.
            least: smallest padded size in bytes of a sealed type, so that its size tells nothing.

        Raises:
            InputFault: a field is out of the range that its schema allows, or the whole is too large; names it.
            EnvironmentFault: too much waits and the disk does not take it; the record was not added.
            ValueError: not a type or body for here; a bug.
        """
        if kind in _OWN_VERB or kind not in TYPES:
            raise ValueError(f"type {kind} is not appended so")
        return self._put(kind, body, least=least)

    def append_blob(self, capture: Capture, image: bytes) -> Event:
        """Adds a CAPTURE with its picture: the blob, under a key of its own, is durable before the record is added.

        Blobs of equal pixels have equal sizes, as long as `image` keeps below `blob_bytes` of them.

        Args:
            capture: with `blob_key` "" and `size_bytes` 0; the body of the returned event has both filled in.
            image: the encoded picture, masked already; less than 20 MiB.

        Raises:
            EnvironmentFault: the disk does not take the blob; no record was added.
            InputFault: see `append`.
            ValueError: `capture` brings a key or a size, or the picture is too large; a bug.
        """
        if capture.blob_key or capture.size_bytes:
            raise ValueError("the journal makes the key of a blob, and counts its bytes")
        blob_key = os.urandom(32)
        body = msgspec.structs.replace(capture, blob_key=blob_key.hex(), size_bytes=len(image))
        least = blob_bytes(capture.width_px, capture.height_px)
        blob = seal_blob(blob_key, self._session_id, self.size, image, least=least)
        digest = hashlib.sha256(blob).hexdigest()
        try:
            write_whole(self.disk, self.folder / BLOBS, digest, blob)
        except OSError as error:
            raise environment_fault(error, "saving a screenshot") from error
        try:
            return self._put(Kind.CAPTURE, body, public=CapturePublic(digest))
        except EnvironmentFault:
            unlink_if_possible(self.disk, self.folder / BLOBS / digest)
            raise

    def append_cosign(self, size: int, line: str) -> Event:
        """Adds the witness's cosignature line over the checkpoint of `size` records.

        Raises:
            ValueError: `size` is beyond the record; whoever calls has verified the line.
            EnvironmentFault, InputFault: see `append`.
        """
        if size > self.size:
            raise ValueError("a cosignature cannot cover records that do not exist")
        return self._put(Kind.COSIGN, Cosign(size, line))

    def append_redact(self, ranges: Sequence[tuple[int, int]], reason: str, reading: ClockReading) -> Event:
        """Adds a REDACT. Only `session.redact.redact` calls this, which has checked the ranges and removes what they name.

        Raises:
            EnvironmentFault, InputFault: see `append`.
        """
        return self._put(Kind.REDACT, Redact(reading.t_us, tuple(ranges), reason))

    def sync(self) -> None:
        """All records so far are durable when it returns.

        Raises:
            EnvironmentFault: the disk is full or fails. What was durable is; what waits is written by the next call.
        """
        try:
            self._flush()
        except OSError as error:
            raise environment_fault(error, _DOING) from error

    def checkpoint(self, reading: ClockReading, moment: Moment) -> Checkpoint:
        """Signs the root over all records so far and adds the note as a CHECKPOINT; all of it is durable when it returns.

        One sync does for both: until it has succeeded nobody is shown the note. A segment that is 15 minutes old is closed
        here, before the CHECKPOINT.

        Raises:
            EnvironmentFault: see `sync`. Then there is no such checkpoint here, and no record of it. After a crash there may
                be one, where its sync failed and the disk refused to cut it off as well: `session.recovery.recover` then
                finds that one record more than was promised. It is true, over what stands before it, and nobody saw it.
        """
        age_mono_us = self._segment_mono_us
        if age_mono_us is None or age_mono_us > reading.mono_us:
            # Reopened, or another boot: the age counts from here, and the size bound holds anyway.
            self._segment_mono_us = reading.mono_us
        elif reading.mono_us - age_mono_us >= SEGMENT_US:
            self.sync()
            self._rotate()
            self._segment_mono_us = reading.mono_us
        text = format_checkpoint(CheckpointText(self.origin, self.size, self.root()))
        note = note_bytes(text, sign_note(text, self.origin, self.keys.signing)).decode("utf-8")
        body = Checkpoint(reading.t_us, reading.mono_us, moment, note)
        frame = public_frame(Kind.CHECKPOINT, self.size, _checked_payload(Kind.CHECKPOINT, body, TYPES[Kind.CHECKPOINT]))
        octets, leaf = encode_leaf(frame)
        self._hold(octets)
        try:
            self.sync()
        except EnvironmentFault:
            # Who asked must not find a record that they were told failed; what was appended before it waits on.
            del self._waiting[-len(octets) :]
            raise
        self.tree.append(leaf)
        return body

    @contextmanager
    def released(self) -> Iterator[None]:
        """All is durable and the open segment let go, so that `session.redact` may replace segments.

        Afterwards the journal goes on at the end of the last one.

        Raises:
            EnvironmentFault: see `sync`; or the segment cannot be opened again, which the next write then tries.
        """
        self.sync()
        self._let_go()
        try:
            yield
        finally:
            try:
                self._open_file()
            except OSError as error:
                raise environment_fault(error, _DOING) from error

    def close(self) -> None:
        """Makes all durable and lets go of the file, also where it raises `EnvironmentFault` (see `sync`). Repeatable."""
        try:
            self.sync()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        # Once: the system gives a descriptor's number to the next file that is opened.
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open_file(self) -> AppendFile:
        """The open segment, opened at its end where it was let go."""
        if self._file is None:
            path = self.folder / segment_name(self._segment)
            self._file = self.disk.append(path)
            if not self._torn:  # else what is behind the durable part is cut off first
                self._durable_bytes = path.stat().st_size
        return self._file

    def _put(self, kind: Kind, body: Payload, *, public: Payload | None = None, least: int = 0) -> Event:
        """One record through the type table into memory: nothing changes unless all of it can be added."""
        rule = TYPES[kind]
        if type(body) is not rule.body or (type(public) is not rule.public if public else rule.public is not None):
            raise ValueError(f"type {kind} has another body or public part")
        payload = _checked_payload(kind, body, rule, least=least)
        seq = self.size
        if rule.sealed:
            frame = seal_frame(
                kind,
                seq,
                payload,
                content_key=self._content[rule.content_key],
                session_id=self._session_id,
                salt=os.urandom(SALT_BYTES),
                public=encode_payload(public) if public else b"",
                least=least,
            )
        else:
            frame = public_frame(kind, seq, payload)
        octets, leaf = encode_leaf(frame)
        self._hold(octets)
        self.tree.append(leaf)
        return Event(seq, kind, body, public.blob_sha256 if isinstance(public, CapturePublic) else "")

    def _hold(self, octets: bytes) -> None:
        """Takes the bytes of one more record into memory. Raises `EnvironmentFault` where there is no room for them."""
        if self._durable_bytes + len(self._waiting) + len(octets) > MAX_SEGMENT_BYTES:
            self.sync()
            self._rotate()
            self._segment_mono_us = None
        elif len(self._waiting) + len(octets) > WAITING_BYTES:
            self.sync()
        self._waiting += octets

    def _flush(self) -> None:
        if not self._waiting and not self._torn:
            return
        file = self._open_file()
        if self._torn:
            file.truncate(self._durable_bytes)
            self._torn = False
        if not self._waiting:
            return
        self._torn = True
        try:
            file.write(bytes(self._waiting))
            file.sync()
        except OSError:
            # Cut off at once where the disk lets us, so that who reads the files finds whole records; else before the next.
            with suppress(OSError):
                file.truncate(self._durable_bytes)
                self._torn = False
            raise
        self._torn = False
        self._durable_bytes += len(self._waiting)
        self._waiting.clear()

    def _rotate(self) -> None:
        """Goes on in a new segment. Everything before is durable already, so only the last segment can ever be torn."""
        path = self.folder / segment_name(self._segment + 1)
        file: AppendFile | None = None
        try:
            if self._stray:
                self.disk.unlink(path)
            self._stray = True
            file = self.disk.create(path)
            file.write(MAGIC)
            file.sync()
            self.disk.fsync_dir(self.folder)
        except OSError as error:
            if file is not None:
                file.close()
            unlink_if_possible(self.disk, path)  # a segment without its magic would read as damage
            raise environment_fault(error, _DOING) from error
        self._let_go()
        self._stray = False
        self._file, self._segment, self._durable_bytes = file, self._segment + 1, len(MAGIC)


def _check_start(keys: SessionKeys, opening: tuple[Kind, Payload], start: Start) -> None:
    if opening[0] not in (Kind.GRANT, Kind.PERSONAL):
        raise ValueError("a session opens with GRANT or PERSONAL")
    committed = (content_key_commitment("s", keys.content_s).hex(), content_key_commitment("w", keys.content_w).hex())
    if start.session_id != keys.session_id or (start.ckc_s, start.ckc_w) != committed:
        raise ValueError("START names another session or other content keys")


def _checked_payload(kind: Kind, body: Payload, rule: TypeRule, *, least: int = 0) -> bytes:
    """The payload bytes of `body`, which a reader will take; not compressed where the padding would take up the gain.

    msgspec checks ranges and lengths when it decodes, not when a struct is made; a record that no reader takes must not
    be written, and some fields (titles, words of a person) come from outside. What keeps to its schema keeps to the
    grammar of payloads too: `tests/unit/test_frames_payload.py` shows it for all schemas, so it is not checked again here.
    """
    text = msgspec.json.encode(body)
    if len(text) > rule.max_bytes:
        raise InputFault(f"A {kind.name} record of {len(text)} bytes is too large; at most {rule.max_bytes} fit.")
    try:
        msgspec.json.decode(text, type=type(body))
    except msgspec.ValidationError as error:
        raise InputFault(f"A {kind.name} record has a value that cannot be taken: {error}.") from error
    return text if len(text) < max(rule.pad, least) else pack_payload(text)
