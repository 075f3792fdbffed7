# SPDX-License-Identifier: Apache-2.0
"""The bytes of a record: frames and payloads. A pure codec.

Rules, each checked before anything is trusted:

1. A frame is `u32 len | u8 flags | P | tail | u32 crc32`, big-endian; `len` counts flags to tail and is bounded before
   anything is allocated; the CRC covers all that stands before it, `len` included.
2. `P = u16 version | u8 kind | u64 seq | u32 publen | public` is one verbatim slice: associated data and leaf prefix.
3. The type table decides which flags, public parts and padded sizes a frame may have. What it does not allow is refused.
4. A payload is a JSON array in one spelling only (no blanks, floats, objects or literals), or a zlib stream of one.
5. What can be read is written back to the same bytes.

Source: docs/session-format.md, Frames and Payloads.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeVar

import msgspec

from session import IntegrityFault
from session.crypto.aead import SALT_BYTES, TAG_BYTES, RecordKey, open_record, pad, seal_record, unpad
from session.events import Payload
from session.table import TypeRule, rule_of

MAGIC: Final = b"FWS1\r\n\x1a\n"
"""First bytes of every segment."""
VERSION: Final = 1
SEALED: Final = 0
ABSENT: Final = 1
PUBLIC: Final = 2
MAX_FRAME_BYTES: Final = 16 * 1024 * 1024
"""Greatest `len`. Source: docs/session-format.md, Frames."""
MAX_DEPTH: Final = 8
"""Greatest nesting of arrays in a payload. Source: docs/session-format.md, Payloads."""
ZLIB_FROM_BYTES: Final = 128
"""A writer leaves shorter payloads as they are: legible, and zlib saves next to nothing there. Readers take either."""
NO_COMMIT: Final = bytes(32)
"""Commitment of a PUBLIC frame, which has no sealed part."""

_FLAGS: Final = (b"\x00", b"\x01", b"\x02")
_P_HEAD: Final = struct.Struct(">HBQI")
_HEAD: Final = struct.Struct(">BHBQI")
_U32: Final = struct.Struct(">I")
_HEADER_BYTES: Final = 11
_LEAST_LEN: Final = 1 + _P_HEAD.size
_DIGEST_BYTES: Final = 32
_LEAST_SEALED: Final = _DIGEST_BYTES + SALT_BYTES + TAG_BYTES

_VALUE: Final = "\x00"
_STRING: Final = re.compile(
    r'"[^"\\\x00-\x1f]*(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))[^"\\\x00-\x1f]*)*"',
)
_LONG: Final = re.compile(r"[0-9]{16}")
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,15}")
_ARRAY: Final = re.compile(r"\[(?:\x00(?:,\x00)*)?\]")
_SCHEMA: Final = re.compile(r"\[(0|-?[1-9][0-9]{0,15})[,\]]")
_GREATEST: Final = 2**53 - 1
_KNOWN_SCHEMA: Final = 1

SchemaT = TypeVar("SchemaT", bound=Payload)


class FrameFault(IntegrityFault):
    """A frame is not what the format says.

    Args:
        offset: where in the segment the frame begins, in bytes.
        what: one word or a few for the rule that does not hold, such as "crc" or "truncated".
    """

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(f"The frame at byte {offset} cannot be read: {what}.")
        self.offset = offset
        self.what = what


class Frame(msgspec.Struct, frozen=True):
    """One record as bytes. Made by `read_frame`, `seal_frame` or `public_frame`; fields stand in the file as they are here.

    Args:
        flags: SEALED, ABSENT or PUBLIC.
        version: of the frame format, 1.
        kind: type byte; a `Kind`, or one of the EXT ranges.
        seq: position in the session, from 0.
        public: payload bytes that everybody may read, b"" where the type has none.
        tail: SEALED: kc | salt | ct. ABSENT: the commitment. PUBLIC: b"".
    """

    flags: int
    version: int
    kind: int
    seq: int
    public: bytes
    tail: bytes

    @property
    def p(self) -> bytes:
        """The verbatim slice P: associated data of the sealed part, and prefix of the leaf."""
        return _p_slice(self.version, self.kind, self.seq, self.public)

    @property
    def header(self) -> bytes:
        """P[0:11], version to seq: what the record key is bound to."""
        return self.p[:_HEADER_BYTES]

    @property
    def commit(self) -> bytes:
        """What the leaf says of the sealed part, 32 bytes; the same before and after the ciphertext is removed."""
        if self.flags == PUBLIC:
            return NO_COMMIT
        if self.flags == ABSENT:
            return self.tail
        return hashlib.sha256(b"\x02" + self.tail).digest()

    @property
    def leaf(self) -> bytes:
        """Hash of this record in the session's Merkle tree, 32 bytes."""
        return hashlib.sha256(b"\x00" + self.p + self.commit).digest()

    def absent(self) -> Frame:
        """The same record with the ciphertext given up for its commitment; the leaf stays. PUBLIC frames stay too."""
        if self.flags != SEALED:
            return self
        return Frame(ABSENT, self.version, self.kind, self.seq, self.public, self.commit)


def _p_slice(version: int, kind: int, seq: int, public: bytes) -> bytes:
    return _P_HEAD.pack(version, kind, seq, len(public)) + public


def public_frame(kind: int, seq: int, payload: bytes) -> Frame:
    """A PUBLIC frame around payload bytes."""
    return Frame(PUBLIC, VERSION, kind, seq, payload, b"")


def seal_frame(  # noqa: PLR0913 - one record has this many parts, and all but two go by name
    kind: int,
    seq: int,
    payload: bytes,
    *,
    content_key: bytes,
    session_id: bytes,
    salt: bytes,
    public: bytes = b"",
    least: int = 0,
) -> Frame:
    """A SEALED frame whose payload only a holder of `content_key`, or of this record's key, can read.

    Args:
        kind: type byte of a sealed type.
        seq: position in the session.
        payload: bytes from `encode_payload`.
        content_key: CK_s or CK_w, as the type table says, 32 bytes.
        session_id: 16 raw bytes.
        salt: 16 random bytes, never used before.
        public: payload bytes that everybody may read.
        least: smallest padded size in bytes, for types that must not show how much they hold.

    Raises:
        ValueError: the type is not a sealed one; a bug.
    """
    rule = rule_of(kind)
    if rule is None or not rule.sealed:
        raise ValueError(f"type {kind} is not sealed")
    p_slice = _p_slice(VERSION, kind, seq, public)
    record_key = RecordKey.derive(content_key, salt, session_id, p_slice[:_HEADER_BYTES])
    ciphertext = seal_record(record_key, p_slice, pad(payload, rule.pad, least=least))
    return Frame(SEALED, VERSION, kind, seq, public, record_key.commitment + salt + ciphertext)


def frame_key(frame: Frame, content_key: bytes, session_id: bytes) -> RecordKey:
    """The key of this one record, from the content key of its class.

    Raises:
        IntegrityFault: the frame is not SEALED.
    """
    if frame.flags != SEALED or len(frame.tail) < _LEAST_SEALED:
        raise IntegrityFault(f"Record {frame.seq} has no sealed part.")
    salt = frame.tail[_DIGEST_BYTES : _DIGEST_BYTES + SALT_BYTES]
    return RecordKey.derive(content_key, salt, session_id, frame.header)


def open_frame(frame: Frame, record_key: RecordKey) -> bytes:
    """The payload bytes of a SEALED frame, opened with its record key (see `frame_key`).

    Raises:
        IntegrityFault: not SEALED, the key is not the one committed to, or the ciphertext does not open.
    """
    if frame.flags != SEALED or len(frame.tail) < _LEAST_SEALED:
        raise IntegrityFault(f"Record {frame.seq} has no sealed part.")
    if frame.tail[:_DIGEST_BYTES] != record_key.commitment:
        raise IntegrityFault(f"The key of record {frame.seq} is not the one that the record committed to.")
    return unpad(open_record(record_key, frame.p, frame.tail[_DIGEST_BYTES + SALT_BYTES :]))


def encode_frame(frame: Frame) -> bytes:
    """The bytes of `frame`, from `len` to the CRC.

    Raises:
        ValueError: the frame breaks the type table or is too large; a bug, since nothing may write such a frame.
    """
    return encode_leaf(frame)[0]


def encode_leaf(frame: Frame) -> tuple[bytes, bytes]:
    """The bytes of `frame` as `encode_frame` gives them, and its leaf, 32 bytes: what a writer needs of it, in one go.

    Raises:
        ValueError: see `encode_frame`.
    """
    what = _broken_rule(frame)
    if what:
        raise ValueError(f"a frame of type {frame.kind} must not be written: {what}")
    length = _LEAST_LEN + len(frame.public) + len(frame.tail)
    if length > MAX_FRAME_BYTES:
        raise ValueError("a frame must not be larger than 16 MiB")
    p_slice = frame.p
    counted = b"".join((_U32.pack(length), _FLAGS[frame.flags], p_slice, frame.tail))
    leaf = hashlib.sha256(b"\x00" + p_slice + frame.commit).digest()
    return counted + _U32.pack(zlib.crc32(counted)), leaf


def read_frame(buffer: memoryview, offset: int) -> tuple[Frame, int]:
    """The frame that begins at `offset`, and the offset after it. Checks everything that one frame alone can show.

    That `seq` follows on, that the leaf is in a signed tree, and that the sealed part opens, are for others to check.

    Raises:
        FrameFault: the bytes are no frame of this format; nothing is allocated on the word of `len`.
    """
    rest = len(buffer) - offset
    if rest < _U32.size:
        raise FrameFault(offset, "truncated")
    (length,) = _U32.unpack_from(buffer, offset)
    if not _LEAST_LEN <= length <= MAX_FRAME_BYTES:
        raise FrameFault(offset, "length")
    end = offset + _U32.size + length
    if rest < length + 2 * _U32.size:
        raise FrameFault(offset, "truncated")
    if zlib.crc32(buffer[offset:end]) != _U32.unpack_from(buffer, end)[0]:
        raise FrameFault(offset, "crc")
    flags, version, kind, seq, publen = _HEAD.unpack_from(buffer, offset + _U32.size)
    public_at = offset + _U32.size + _LEAST_LEN
    tail_at = public_at + publen
    if tail_at > end:
        raise FrameFault(offset, "public length")
    frame = Frame(flags, version, kind, seq, bytes(buffer[public_at:tail_at]), bytes(buffer[tail_at:end]))
    what = _broken_rule(frame)
    if what:
        raise FrameFault(offset, what)
    return frame, end + _U32.size


def read_segment(segment: bytes | memoryview) -> Iterator[tuple[Frame, int]]:
    """The frames of one segment in order, each with the offset after it.

    Raises:
        FrameFault: at the first byte that is no frame; what was given out before stands.
    """
    buffer = memoryview(segment)
    if bytes(buffer[: len(MAGIC)]) != MAGIC:
        raise FrameFault(0, "magic")
    offset = len(MAGIC)
    while offset < len(buffer):
        frame, offset = read_frame(buffer, offset)
        yield frame, offset


def encode_payload(payload: Payload) -> bytes:
    """The bytes of `payload`: a JSON array, or its zlib stream where it is long and that is smaller.

    Raises:
        ValueError: it holds what no payload may (a float, an object, an integer of 2^53 or more); a bug of the writer.
    """
    text = msgspec.json.encode(payload)
    what = _not_payload(text.decode("utf-8"))
    if what:
        raise ValueError(f"{type(payload).__name__} cannot be written: {what}")
    return pack_payload(text)


@lru_cache(maxsize=2)
def pack_payload(text: bytes) -> bytes:
    """The bytes of a payload whose JSON is `text`: a zlib stream of it where it is long and that is smaller.

    The last two are remembered: who searches for what fits a size tries one too many, and then the journal asks again.
    """
    if len(text) < ZLIB_FROM_BYTES:
        return text
    packed = zlib.compress(text)
    return packed if len(packed) < len(text) else text


def decode_payload(raw: bytes, schema: type[SchemaT], max_bytes: int) -> SchemaT | None:
    """The payload in `raw`, or None where its schema number is newer than this program knows.

    Fields beyond those known are skipped; they too must be integers, strings or arrays.

    Args:
        raw: payload bytes as they stand in the frame, or as unpadded.
        schema: the type's payload class, from the type table.
        max_bytes: bound of the type, of the inflated JSON.

    Raises:
        IntegrityFault: anything else is wrong with it; names the schema and the rule.
    """
    text = payload_text(raw, max_bytes)
    number = _SCHEMA.match(text)
    if number is None or int(number[1]) < _KNOWN_SCHEMA:
        raise IntegrityFault(f"{schema.__name__}: the payload does not begin with its schema number.")
    if int(number[1]) > _KNOWN_SCHEMA:
        return None
    try:
        return msgspec.json.decode(text, type=schema)
    except msgspec.DecodeError as error:
        raise IntegrityFault(f"{schema.__name__}: the payload does not keep to its schema: {error}.") from error


def payload_text(raw: bytes, max_bytes: int) -> str:
    """The JSON text of a payload, inflated within `max_bytes` and checked against the grammar of payloads.

    Raises:
        IntegrityFault: it is too long, damaged, or no such JSON.
    """
    if raw[:1] == b"\x78":
        raw = _inflate(raw, max_bytes)
    if len(raw) > max_bytes:
        raise IntegrityFault(f"A payload is longer than the {max_bytes} bytes of its type.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise IntegrityFault("A payload is not UTF-8 text.") from error
    what = _not_payload(text)
    if what:
        raise IntegrityFault(f"A payload cannot be read: {what}.")
    return text


def _inflate(packed: bytes, max_bytes: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(packed, max_bytes + 1)
    except zlib.error as error:
        raise IntegrityFault("A payload's zlib stream is damaged.") from error
    if len(text) > max_bytes:
        raise IntegrityFault(f"A payload inflates to more than the {max_bytes} bytes of its type.")
    if not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise IntegrityFault("A payload's zlib stream does not end where the payload ends.")
    return text


def _not_payload(text: str) -> str:
    """What of the payload grammar `text` breaks, or "".

    Strings, then integers, become one placeholder each; then arrays of placeholders fold into one, at most MAX_DEPTH
    times. What is left must be a single placeholder. So every byte is checked, known field or not, without recursion.
    """
    if not text.startswith("["):
        return "it is not an array"
    if _VALUE in text:
        return "it holds a NUL byte"
    skeleton = _STRING.sub(_VALUE, text)
    if any(int(digits) > _GREATEST for digits in _LONG.findall(skeleton)):
        return "an integer is 2^53 or more"
    skeleton = _INTEGER.sub(_VALUE, skeleton)
    for _ in range(MAX_DEPTH):
        skeleton = _ARRAY.sub(_VALUE, skeleton)
        if skeleton == _VALUE:
            return ""
    return f"it is not JSON of integers, strings and at most {MAX_DEPTH} levels of arrays, spelled without blanks"


def _broken_rule(frame: Frame) -> str:
    """Which rule of the format or of the type table this frame breaks, or ""."""
    if frame.version != VERSION:
        return "version"
    rule = rule_of(frame.kind)
    if rule is None:
        return "type"
    if frame.flags > PUBLIC or (frame.flags == PUBLIC) is rule.sealed:
        return "flags"
    return _broken_public(frame, rule) or _broken_tail(frame, rule)


def _broken_public(frame: Frame, rule: TypeRule) -> str:
    if len(frame.public) > rule.max_bytes:
        return "public length"
    if rule.body is None:
        return ""  # an extension type may have a public part or none
    expected = not rule.sealed or rule.public is not None
    return "" if bool(frame.public) is expected else "public part"


def _broken_tail(frame: Frame, rule: TypeRule) -> str:
    size = len(frame.tail)
    if frame.flags == PUBLIC:
        return "tail" if size else ""
    if frame.flags == ABSENT:
        return "" if size == _DIGEST_BYTES else "commitment length"
    padded = size - _LEAST_SEALED
    return "" if padded >= rule.pad and padded % rule.pad == 0 else "padding"
