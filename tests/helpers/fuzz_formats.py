# SPDX-License-Identifier: Apache-2.0
"""Fuzz targets of the formats: bytes in, and nothing comes out but the faults that the format allows.

Every target takes its first byte as a mode. In some modes the rest goes to the parser as it is; in the others check
sums and signatures are made right around it, so that the parser behind them is reached. What is accepted must be
written back to the same bytes, and must be what the second verifier makes of it, which shares no code with `session`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from msgspec import inspect
from trust_people import signing_key
from verifier_both import stand_alone

from agent.capture.messages import Grab, Probe, Ready, Refused, Rules, Shot, Taken, answer_of, framed, request_of
from session import InputFault, IntegrityFault
from session.crypto.signing import check_signature, fingerprint
from session.events import CapturePublic, KeyClass, Kind, Payload, Raw, RawKey
from session.frames import (
    MAGIC,
    FrameFault,
    decode_payload,
    encode_frame,
    encode_payload,
    payload_text,
    read_frame,
    read_segment,
)
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of, parse_checkpoint
from session.log.cosign import cosign, verify_cosignature
from session.log.note import (
    COSIGNATURE_V1,
    Signature,
    key_id,
    note_bytes,
    parse_note,
    parse_signature,
    sign_note,
    verify_note,
)
from session.policy import default_policy_toml, parse_policy
from session.policy_text import policy_toml
from session.table import TYPES
from session.trust.directory import PAYLOAD_TYPE, Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, seal_envelope
from session.trust.statements import STATEMENTS, Statement, open_statement
from uploader.enrol import EnrolmentLink, parse_link

THEIRS = stand_alone()
HEAD = struct.Struct(">IBHBQI")
BUILT = struct.Struct(">BBBQbHH")
T = TypeVar("T")
KEY = signing_key("fuzz")


@dataclass(frozen=True)
class Target:
    """One parser under test. `one` returns, or raises what must not happen; `seeds` are inputs to begin with."""

    name: str
    one: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def split(octets: bytes, modes: int) -> tuple[int, bytes]:
    """Mode and rest."""
    return (octets[0] % modes, octets[1:]) if octets else (0, b"")


def or_none(parse: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is parsed
    """What `parse` gives, None where it refuses as this project does."""
    try:
        return parse()
    except (IntegrityFault, InputFault):
        return None


def or_refused(parse: Callable[[], Any]) -> Any:  # noqa: ANN401 - as above
    """The same for the second verifier."""
    try:
        return parse()
    except THEIRS.FormatError:
        return None


# --- frames


def built_frame(octets: bytes) -> tuple[bytes, int]:
    """A frame from the fields at the head of `octets`, its length and check sum right, and how many bytes were used."""
    head = octets[: BUILT.size].ljust(BUILT.size, b"\0")
    flags, version, kind, seq, off_by, public_bytes, tail_bytes = BUILT.unpack(head)
    content = octets[BUILT.size : BUILT.size + public_bytes + tail_bytes].ljust(public_bytes + tail_bytes, b"\1")
    publen = (public_bytes + off_by) % 2**32
    counted = HEAD.pack(HEAD.size - 4 + len(content), flags, version, kind, seq, publen) + content
    return counted + struct.pack(">I", zlib.crc32(counted)), BUILT.size + public_bytes + tail_bytes


def built_segment(octets: bytes) -> bytes:
    """Frames as in `built_frame`, one after another, at most 32."""
    parts = [MAGIC]
    while octets and len(parts) <= 32:
        frame, used = built_frame(octets)
        parts.append(frame)
        octets = octets[used:]
    return b"".join(parts)


def frames(octets: bytes) -> None:
    mode, rest = split(octets, 6)
    if mode == 0:
        one_frame(rest)
    elif mode == 1:
        one_frame(built_frame(rest)[0])
    elif mode == 2:
        one_segment(MAGIC + rest)
    elif mode == 3:
        one_segment(built_segment(rest))
    elif mode == 4:
        one_frame(damaged(built_frame(rest[3:])[0], rest))
    else:
        one_segment(damaged(built_segment(rest[3:]), rest))


def damaged(octets: bytes, how: bytes) -> bytes:
    """One byte changed, left out or put in, as the first three of `how` say, and no check sum made right."""
    first, second, value = how[:3].ljust(3, b"\0")
    at = (first << 8 | second) % (len(octets) + 1)
    return octets[:at] + bytes((value,) * (value % 2)) + octets[at + value // 2 % 2 :]


def one_frame(octets: bytes) -> None:
    buffer = memoryview(octets)
    found = or_none(lambda: read_frame(buffer, 0))
    theirs = or_refused(lambda: THEIRS._frame(buffer, 0))
    assert (found is None) == (theirs is None), "one verifier takes this frame and the other does not"
    if found is None:
        return
    frame, end = found
    assert end == theirs[1]
    assert encode_frame(frame) == octets[:end], "a frame has two spellings"
    assert frame.leaf == theirs[0][4] == frame.absent().leaf
    again, _ = read_frame(memoryview(encode_frame(frame.absent())), 0)
    assert again == frame.absent()


def one_segment(segment: bytes) -> None:
    parts = [MAGIC]
    whole = True
    try:
        for frame, _ in read_segment(segment):
            parts.append(encode_frame(frame))
    except FrameFault:
        whole = False
    assert segment.startswith(b"".join(parts)) or not segment.startswith(MAGIC)
    assert not whole or b"".join(parts) == segment, "bytes that belong to no frame were passed over"
    theirs = or_refused(lambda: list(THEIRS._frames(segment, 0)))
    assert (theirs is not None) == (whole and len(parts) > 1)


def frame_seeds() -> list[bytes]:
    public = b'[1,1795305600000000,86400000000,1,"pause","session",0,0]'
    blob = encode_payload(CapturePublic("ab" * 32))
    built = [
        BUILT.pack(2, 1, Kind.GAP, 2, 0, len(public), 0) + public,
        BUILT.pack(0, 1, Kind.FOCUS, 3, 0, 0, 64 + 512),
        BUILT.pack(1, 1, Kind.FOCUS, 3, 0, 0, 32),
        BUILT.pack(0, 1, Kind.CAPTURE, 4, 0, len(blob), 64 + 256) + blob,
        BUILT.pack(0, 1, 128, 5, 0, 0, 64 + 256),
        BUILT.pack(2, 1, 224, 5, 0, 0, 0),
        BUILT.pack(0, 1, Kind.RAW, 6, 0, 0, 64 + 32),
    ]
    return (
        [b"\0" + built_frame(one)[0] for one in built]
        + [b"\1" + one for one in built]
        + [b"\4\0\4\3" + one for one in built]
        + [b"\3" + built[0] + built[2], b"\2", b"\5\0\4\3" + built[0] + built[2], b"\5\377\377\1" + built[0]]
    )


# --- payloads

_ROWS: list[tuple[type[Payload], int, Any]] = [
    (rule.body, rule.max_bytes, THEIRS.KINDS[kind]) for kind, rule in sorted(TYPES.items()) if rule.body is not None
] + [(CapturePublic, TYPES[Kind.CAPTURE].max_bytes, THEIRS.CAPTURE_PUBLIC)]


def payloads(octets: bytes) -> None:
    which, rest = split(octets, 6 * len(_ROWS))
    schema, most_bytes, kind = _ROWS[which % len(_ROWS)]
    how = which // len(_ROWS)
    raw = packed(how, rest)
    ours = or_none(lambda: (decode_payload(raw, schema, most_bytes),))
    theirs, newer = None, False
    try:
        theirs = THEIRS._decode(raw, kind)
    except THEIRS.FormatError as error:
        newer = isinstance(error, THEIRS.NewerSchemaError)
    if theirs is not None:
        assert ours is not None
        assert ours[0] is not None, "the second verifier reads what ours refuses"
    if ours is None:
        return
    assert newer or ours[0] is not None
    text = payload_text(raw, most_bytes)
    assert len(text.encode()) <= most_bytes
    value = json.loads(text)
    assert json.dumps(value, ensure_ascii=False, separators=(",", ":")) == text, "a payload has two spellings"
    assert THEIRS._plain(value, 8)
    if ours[0] is not None:
        written = msgspec.json.decode(encode_or_text(ours[0]))
        assert written[: len(value)] == value[: len(written)] or _nested(value), "a field is read as another"


def packed(how: int, text: bytes) -> bytes:
    """As it is, compressed, compressed and very long, compressed with bytes after it or without its last ones, or long."""
    if how == 0:
        return text
    if how == 1:
        return zlib.compress(text)
    if how == 2:
        return zlib.compress(text[:1] + b'"' + text[1:] * 64 + b'"]' if text[1:] else text)
    if how == 5:
        return text[:-1] + b',"' + b"a" * 5000 + b'"]'
    stream = zlib.compress(text[1:])
    return stream + text[:1] if how == 3 else stream[: -(text[0] % 8) if text else None]


def encode_or_text(body: Payload) -> str:
    return payload_text(encode_payload(body), 2**20)


def _nested(value: list[object]) -> bool:
    """Whether an inner row may hold elements that are not known, which reading leaves out."""
    return any(isinstance(one, list) and any(isinstance(row, list) for row in one) for one in value)


def payload_seeds() -> list[bytes]:
    made = []
    for at, (schema, _, _) in enumerate(_ROWS):
        body = _least(schema)
        made.append(bytes((at,)) + msgspec.json.encode(body))
        made += [bytes((at + how * len(_ROWS),)) + msgspec.json.encode(body) for how in (1, 5)]
        made += [bytes((at + how * len(_ROWS),)) + b"x" + msgspec.json.encode(body) for how in (3, 4)]
        for more in (b"9007199254740991", b"9007199254740992", b"[" * 7 + b"]" * 7, b"[" * 8 + b"]" * 8):
            made.append(bytes((at,)) + msgspec.json.encode(body)[:-1] + b"," + more + b"]")
    made.append(bytes((2 * len(_ROWS),)) + b"[" + b"a" * 1100)
    keys = tuple(RawKey(-at, KeyClass.TEXT, 80, 1) for at in range(3))
    place = next(at for at, row in enumerate(_ROWS) if row[0] is Raw)
    return [
        *made,
        bytes((place,)) + msgspec.json.encode(Raw(1, 1, keys)),
        bytes((place,)) + b"[2,1]",
        bytes((place,)) + b"[" * 9,
    ]


def least(info: inspect.Type) -> object:  # noqa: PLR0911 - one return a type
    """The least value of a type, as JSON has it."""
    match info:
        case inspect.IntType(ge=ge):
            return max(0, ge or 0)
        case inspect.StrType(pattern=str(pattern)):
            return "ab" * 32 if "64" in pattern else "ab" * 16 if "32" in pattern else "ab" * 8
        case inspect.StrType(min_length=fewest):
            return "a" * (fewest or 0)
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.VarTupleType(item_type=item, min_length=fewest):
            return [least(item) for _ in range(fewest or 0)]
        case inspect.TupleType(item_types=items):
            return [least(item) for item in items]
        case inspect.StructType(tag=tag, fields=fields, array_like=True):
            return [*([] if tag is None else [tag]), *(least(field.type) for field in fields)]
        case inspect.StructType(fields=fields):
            return {field.encode_name: least(field.type) for field in fields}
        case _:
            raise TypeError(f"no target holds {info}")


def _least(schema: type[T]) -> T:
    return msgspec.convert(least(inspect.type_info(schema)), schema)


# --- notes

ORIGIN = origin_of("ab" * 32, "cd" * 16)


def notes(octets: bytes) -> None:
    mode, rest = split(octets, 5)
    text = rest.decode("utf-8", "replace")
    if mode == 0:
        note = or_none(lambda: parse_note(rest))
        if note is not None:
            assert note_bytes(note.text, *(one.line for one in note.signatures)) == rest, "a note has two spellings"
            assert len(set(note.signatures)) == len(note.signatures), "a signature stands twice"
            or_none(lambda: verify_note(note, ORIGIN, KEY.public))
    elif mode == 1:
        raw = or_none(lambda: note_bytes(text, sign_note(text, ORIGIN, KEY)))
        if raw is not None:
            note = parse_note(raw)
            verify_note(note, ORIGIN, KEY.public)
            assert note.text == text
            assert all(one >= " " or one == "\n" for one in text), "a control character was signed"
    elif mode == 2:
        found = or_none(lambda: parse_signature(text))
        if found is not None:
            assert found.line == text, "a signature line has two spellings"
            or_none(lambda: verify_cosignature("a\n", text, found.name, KEY.public))
    elif mode == 3:
        checkpoint = or_none(lambda: parse_checkpoint(text))
        if checkpoint is not None:
            assert format_checkpoint(checkpoint) == text, "a checkpoint has two spellings"
    else:
        one_cosignature(rest)


def one_cosignature(octets: bytes) -> None:
    """A witness that signs any time over any text, and whoever checks takes only those that there are."""
    time_s, text = int.from_bytes(octets[:8].ljust(8, b"\0"), "big"), octets[8:].decode("utf-8", "replace")
    signature = KEY.sign(f"cosignature/v1\ntime {time_s}\n{text}".encode())
    line = Signature(ORIGIN, key_id(ORIGIN, COSIGNATURE_V1, KEY.public), struct.pack(">Q", time_s) + signature).line
    found = or_none(lambda: verify_cosignature(text, line, ORIGIN, KEY.public))
    assert found in (None, time_s)
    assert (found is not None) == (1 <= time_s <= 2**43), "a time that no cosignature may have was taken, or one left out"


def note_seeds() -> list[bytes]:
    text = format_checkpoint(CheckpointText(ORIGIN, 3, bytes(32)))
    line = sign_note(text, ORIGIN, KEY)
    both = note_bytes(text, line, cosign(text, ORIGIN, KEY, 1_795_305_631))
    times = [(1).to_bytes(8, "big"), (2**43).to_bytes(8, "big"), (2**43 + 1).to_bytes(8, "big"), bytes(8)]
    return [
        b"\0" + both,
        b"\1" + text.encode(),
        b"\2" + line.encode(),
        b"\3" + text.encode(),
        *(b"\4" + one for one in times),
    ]


# --- envelopes and statements


def statements(octets: bytes) -> None:
    mode, rest = split(octets, len(STATEMENTS) + 2)
    if mode == 0:
        found = or_none(lambda: read_envelope(rest))
        if found is not None:
            assert msgspec.json.encode(found[0]) == rest, "an envelope has two spellings"
            assert THEIRS._parse(rest)["payload"] == base64.b64encode(found[1]).decode()
    elif mode == 1:
        one_signature(rest)
    else:
        one_statement(STATEMENTS[mode - 2], rest)


def one_signature(octets: bytes) -> None:
    """Any key, any signature: both verifiers take the same ones, and of the true one no neighbour."""
    public, signature, message = octets[:32].ljust(32, b"\0"), octets[32:96].ljust(64, b"\0"), octets[96:]
    ours = or_none(lambda: (check_signature(public, signature, message),)) is not None
    assert ours == THEIRS._signed(public, signature, message), "the verifiers differ over a signature"
    true = KEY.sign(message)
    changed = bytes(one ^ other for one, other in zip(true, signature, strict=True))
    assert (or_none(lambda: (check_signature(KEY.public, changed, message),)) is not None) == (signature == bytes(64))
    order = 2**252 + 27742317777372353535851937790883648493
    higher = (int.from_bytes(true[32:], "little") + order).to_bytes(32, "little")
    assert or_none(lambda: (check_signature(KEY.public, true[:32] + higher, message),)) is None, "S is not bounded"


def one_statement(kind: type[Statement], body: bytes) -> None:
    raw = or_none(lambda: seal_envelope(kind.payload_type, body, KEY))
    if raw is None:
        return
    ours = or_none(lambda: open_statement(raw, kind, KEY.public))
    word = kind.payload_type.split(".")[2]
    theirs = or_refused(lambda: THEIRS._Statement(raw, word).by(KEY.public.hex()))
    assert (theirs is None) == (ours is None), "one verifier takes this statement and the other does not"
    if ours is not None:
        assert msgspec.json.encode(ours) == body, "a statement has two spellings"
        assert THEIRS._parse(body)["organisation"] == ours.organisation
        other = next(one for one in STATEMENTS if one is not kind)
        assert or_none(lambda: open_statement(raw, other, KEY.public)) is None
        assert or_none(lambda: open_statement(raw, kind, signing_key("another").public)) is None


def statement_seeds() -> list[bytes]:
    made = [bytes((at + 2,)) + msgspec.json.encode(_least(kind)) for at, kind in enumerate(STATEMENTS)]
    raw = seal_envelope("application/x", b"{}", KEY)
    small = bytes(32), (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little")
    return [*made, b"\0" + raw, b"\1" + KEY.public + bytes(64) + b"text", *(b"\1" + one + one + bytes(32) for one in small)]


# --- directory, policy, link, messages


def directories(octets: bytes) -> None:
    mode, rest = split(octets, 2)
    raw = rest if mode == 0 else or_none(lambda: seal_envelope(PAYLOAD_TYPE, rest, KEY))
    if raw is None or len(raw) > DIRECTORY_BYTES:
        return
    ours = or_none(lambda: open_directory(raw))
    theirs = or_refused(lambda: THEIRS._Directory(raw))
    assert (theirs is None) == (ours is None), "one verifier takes this directory and the other does not"
    if ours is not None:
        assert ours.organisation == fingerprint(bytes.fromhex(ours.root_key))
        body = read_envelope(raw, max_bytes=DIRECTORY_BYTES)[1]
        assert msgspec.json.encode(ours) == body, "a directory has two spellings"
        assert THEIRS._parse(body)["version"] == ours.version
        assert or_none(lambda: open_directory(raw, signing_key("another").public)) is None


def directory_seeds(made: Directory) -> list[bytes]:
    platform = msgspec.structs.replace(made.platform, witness_name=f"fairwitness/{fingerprint(KEY.public)}/witness")
    own = msgspec.structs.replace(made, root_key=KEY.public.hex(), organisation=fingerprint(KEY.public), platform=platform)
    body = msgspec.json.encode(own)
    return [b"\1" + body, b"\0" + seal_envelope(PAYLOAD_TYPE, body, KEY)]


def policies(octets: bytes) -> None:
    ours = or_none(lambda: parse_policy(octets))
    theirs = or_refused(lambda: THEIRS._Policy(octets))
    if ours is not None:
        assert theirs is not None, "ours takes a policy that the second verifier refuses"
        assert parse_policy(policy_toml(ours)) == ours, "a policy is not what was written of it"


def policy_seeds() -> list[bytes]:
    whole = default_policy_toml()
    return [whole, policy_toml(parse_policy(whole)), b"", b"schema = 1\n"]


def links(octets: bytes) -> None:
    found = or_none(lambda: parse_link(octets.decode("utf-8", "replace")))
    if found is not None:
        assert parse_link(str(found)) == found


def link_seeds() -> list[bytes]:
    return [str(EnrolmentLink("https://platform.example", "ab" * 32, "ada", "c" * 22)).encode(), b"fairwitness:enrol?code="]


def messages(octets: bytes) -> None:
    mode, rest = split(octets, 2)
    parse: Callable[[bytes], Any] = request_of if mode == 0 else answer_of
    found = or_none(lambda: parse(rest))
    if found is not None:
        assert parse(framed(found)[4:]) == found


def message_seeds() -> list[bytes]:
    rules = Rules(primary_only=True, mask=frozenset({"a"}), show_only=frozenset())
    shot = Shot(1, 0, 0, 0, 10, 10, "image/webp", b"x", "0" * 16, 0)
    refused = msgspec.convert({"type": "refused", "reason": "denied", "detail": "", "advice": ""}, Refused)
    asked = [b"\0" + framed(one)[4:] for one in (Probe(rules), Grab(rules))]
    return asked + [b"\1" + framed(one)[4:] for one in (Ready(1), Taken((shot,)), refused)]


def corpus_name(octets: bytes) -> str:
    """The name of an input in the committed corpus."""
    return hashlib.sha256(octets).hexdigest()[:16]


FORMATS = (
    Target("frame", frames, frame_seeds),
    Target("payload", payloads, payload_seeds),
    Target("note", notes, note_seeds),
    Target("statement", statements, statement_seeds),
    Target("policy", policies, policy_seeds),
    Target("link", links, link_seeds),
    Target("message", messages, message_seeds),
)
