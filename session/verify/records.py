# SPDX-License-Identifier: Apache-2.0
"""Steps 2 to 4: frames, records and blobs, in one pass over the segments with bounded memory."""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import Final

from session import IntegrityFault
from session.crypto.aead import MAX_BLOB_BYTES, TAG_BYTES
from session.crypto.hpke import KEY_BYTES, check_wrapped
from session.crypto.padding import BLOB_PAD_BYTES
from session.events import (
    CapturePublic,
    Checkpoint,
    Cosign,
    Event,
    Gap,
    Kind,
    Manual,
    Opening,
    Payload,
    Redact,
    Start,
    Trim,
)
from session.frames import SEALED, Frame, read_segment
from session.log.merkle import Frontier
from session.segments import BLOBS, MAX_SEGMENT_BYTES, misplaced, public_body
from session.table import TYPES, TypeRule
from session.trust.dsse import canonical_base64
from session.verify.folder import Names, Source

MAX_RECORDS: Final = 1_000_000
"""Most records: a day has 17,280 ticks of three and 86,400 captures at the most. Source: docs/session-format.md, Bounds."""
MAX_PUBLIC_BYTES: Final = 64 * 1024 * 1024
"""Most bytes of public parts, which are kept in memory: as they stand, and once more inflated. Source: as above."""
MAX_OPEN: Final = 100_000
"""Most records with a public part: each is kept in memory while a session is verified. Source: as above, ADR 0013."""
MAX_NOTES: Final = 40_000
"""Most CHECKPOINT and COSIGN together: each has a signature to be checked. Source: as above, ADR 0013."""
MAX_RANGES: Final = 100_000
"""Most ranges in all REDACT records: a seal has room for fewer. Source: as above."""
SUITE: Final = 1
"""The set of algorithms of this format. Source: docs/session-format.md, START."""
MAX_TURNS: Final = 10_000
"""Most records that change accounted time, since accounting them may cost their square. Source: as above."""


_SESSION_ID: Final = re.compile("[0-9a-f]{32}")

# Each record is asked for these, and naming an enumeration's member costs more than the question.
_CHECKPOINT: Final = Kind.CHECKPOINT
_NOTES: Final = frozenset((Kind.CHECKPOINT, Kind.COSIGN))


class Records:
    """What the public side of all records says; filled by `read_frames`."""

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.flags = bytearray()
        self.root = b""
        self.checkpoint_roots: dict[int, bytes] = {}
        """By seq of each CHECKPOINT: the root over all records before it."""
        self.public: dict[int, Payload] = {}
        """By seq: the body of each PUBLIC record, and the public part of each CAPTURE."""
        self.fault = ""
        """What is wrong with the first record that is not as step 3 wants it."""
        self._inflated_bytes = 0
        self._ranges = 0

    @property
    def size(self) -> int:
        """How many records there are."""
        return len(self.kinds)

    def take(self, frame: Frame) -> None:
        """Takes the next frame; a fault of its place or its public part is kept, and nothing after it is read."""
        seq = self.size
        self.kinds.append(frame.kind)
        self.flags.append(frame.flags)
        if self.fault:
            return
        what = misplaced(frame, seq)
        if what:
            self.fault = f"record {seq} is not in its place ({what})"
            return
        rule = TYPES.get(frame.kind)
        if not frame.public or rule is None:
            return
        try:
            self.public[seq] = self._read(frame, rule)
        except IntegrityFault as error:
            self.fault = f"record {seq}: {error}"

    def _read(self, frame: Frame, rule: TypeRule) -> Payload:
        body = public_body(frame)
        if body is None:
            raise IntegrityFault("it is of a newer format than this program reads; update it to verify this session")
        self._inflated_bytes += _inflated_bytes(frame.public, rule.max_bytes)
        self._ranges += len(body.ranges) if isinstance(body, Redact) else 0
        if self._inflated_bytes > MAX_PUBLIC_BYTES or self._ranges > MAX_RANGES:
            raise IntegrityFault("the public parts so far inflate to more, or name more ranges, than a session can have")
        if isinstance(body, Start):
            _check_start(body)
        return body

    @property
    def opening(self) -> Opening:
        """Record 0."""
        body = self.public.get(0)
        if not isinstance(body, Opening):
            raise IntegrityFault("record 0 is no opening")
        return body

    @property
    def start(self) -> Start:
        """Record 1."""
        body = self.public.get(1)
        if not isinstance(body, Start):
            raise IntegrityFault("record 1 is no START")
        return body

    def checkpoints(self) -> dict[int, Checkpoint]:
        """All CHECKPOINT records by seq, in order."""
        return {seq: body for seq, body in self.public.items() if isinstance(body, Checkpoint)}

    def cosigns(self) -> dict[int, Cosign]:
        """All COSIGN records by seq, in order."""
        return {seq: body for seq, body in self.public.items() if isinstance(body, Cosign)}

    def redactions(self) -> tuple[Redact, ...]:
        """All REDACT records in order."""
        return tuple(body for body in self.public.values() if isinstance(body, Redact))

    def gaps(self) -> list[tuple[int, Gap]]:
        """All GAP records with their seq, in order."""
        return [(seq, body) for seq, body in self.public.items() if isinstance(body, Gap)]

    def captures(self) -> dict[int, str]:
        """Digest of the blob of each CAPTURE, by seq, in order."""
        return {seq: body.blob_sha256 for seq, body in self.public.items() if isinstance(body, CapturePublic)}

    def events(self) -> list[Event]:
        """The public records as accounting takes them."""
        return [Event(seq, self.kinds[seq], body) for seq, body in self.public.items()]


def _inflated_bytes(public: bytes, most: int) -> int:
    """How many bytes of memory a public part that was read may ask for: its JSON, for it may be a zlib stream."""
    return len(zlib.decompressobj().decompress(public, most)) if public[:1] == b"\x78" else len(public)


def _check_start(start: Start) -> None:
    """What of START its schema alone does not say, and anybody can see."""
    if start.suite != SUITE:
        raise IntegrityFault(f"it names the algorithms of suite {start.suite}, which this program does not know")
    if start.continues and not _SESSION_ID.fullmatch(start.continues):
        raise IntegrityFault("it goes on from what is no session")
    for wrapped in (start.wrap_s, start.wrap_w):
        check_wrapped(canonical_base64(wrapped), KEY_BYTES)


def read_frames(source: Source, names: Names, records: Records) -> str:
    """Step 2. Every byte of every segment is part of a frame; what the type table forbids in one frame is refused.

    What is wrong with a record in its place or its public part is remembered for step 3.
    """
    tree = Frontier()
    public_bytes = open_records = notes = 0
    for name in names.segments:
        before = records.size
        for frame, _ in read_segment(source.read(name, MAX_SEGMENT_BYTES)):
            public_bytes += len(frame.public)
            open_records += bool(frame.public)
            notes += frame.kind in _NOTES
            if (
                records.size >= MAX_RECORDS
                or public_bytes > MAX_PUBLIC_BYTES
                or open_records > MAX_OPEN
                or notes > MAX_NOTES
            ):
                raise IntegrityFault(f"{name}: there are more records than a session can have")
            if frame.kind == _CHECKPOINT:
                records.checkpoint_roots[records.size] = tree.root()
            records.take(frame)
            tree.append(frame.leaf)
        if records.size == before:
            raise IntegrityFault(f"{name} holds no record")
    records.root = tree.root()
    return f"records: {records.size}, segments: {len(names.segments)}"


def check_records(records: Records) -> str:
    """Step 3. Each record is in its place, and what is public of it keeps to its schema."""
    if records.fault:
        raise IntegrityFault(records.fault)
    if records.size < 3:
        raise IntegrityFault("a sealed session has at least an opening, a START and a checkpoint")
    for seq, body in records.public.items():
        if isinstance(body, Redact) and not all(first <= last < seq for first, last in body.ranges):
            raise IntegrityFault(f"record {seq}: a REDACT names records that are not before it")
    turns = sum(
        isinstance(body, Manual | Trim) or (isinstance(body, Gap) and body.scope == "session")
        for body in records.public.values()
    )
    if turns > MAX_TURNS:
        raise IntegrityFault(f"{turns} records change the accounted time, more than {MAX_TURNS}")
    newer = sum(kind not in TYPES for kind in records.kinds)
    return f"all in order; {newer} of a newer kind" if newer else "all in order"


def check_blobs(source: Source, names: Names, records: Records) -> str:
    """Step 4. Each CAPTURE that is present has its blob, with its digest and a possible size; no other blob is here."""
    captures = records.captures()
    digests = list(captures.values())
    if len(set(digests)) != len(digests):
        raise IntegrityFault("two captures name one blob")
    wanted = {digest: seq for seq, digest in captures.items() if records.flags[seq] == SEALED}
    for digest in names.blobs:
        if digest not in wanted:
            raise IntegrityFault(f"blob {digest[:16]}… belongs to no capture that is here")
    for digest, seq in wanted.items():
        padded_bytes = names.blobs.get(digest, -1) - TAG_BYTES
        if digest not in names.blobs:
            raise IntegrityFault(f"the blob of capture {seq} is missing")
        if padded_bytes <= 0 or padded_bytes % BLOB_PAD_BYTES:
            raise IntegrityFault(f"the blob of capture {seq} has a size that no blob can have")
        if hashlib.sha256(source.read(f"{BLOBS}/{digest}", MAX_BLOB_BYTES)).hexdigest() != digest:
            raise IntegrityFault(f"the blob of capture {seq} is not the one that the record names")
    return f"{len(wanted)} of {len(captures)} captures have their blob"
