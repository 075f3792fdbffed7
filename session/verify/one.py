# SPDX-License-Identifier: Apache-2.0
"""One record, proved to a third party: its bytes and its key, its place under a checkpoint, and whose checkpoint that is.

A proof is a C2SP tlog-proof: index, inclusion proof, and a checkpoint with its cosignatures. Its `extra` line carries what
the record needs to be read and the session key to be believed. Whoever has it reads this record and nothing else.

Source: C2SP tlog-proof (text format v1); docs/session-format.md, One record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.aead import MAX_BLOB_BYTES, RecordKey, open_blob
from session.events import Capture, Checkpoint, Cosign, Kind, Payload
from session.frames import SEALED, Frame, decode_payload, encode_frame, frame_key, open_frame, read_frame
from session.log.checkpoint import origin_of, parse_checkpoint
from session.log.cosign import verify_cosignature
from session.log.merkle import HASH_BYTES, MAX_PROOF, Tree, verify_inclusion
from session.log.note import MAX_NOTE_BYTES, Note, decode_base64, encode_base64, note_bytes, parse_note, verify_note
from session.policy import POLICY_BYTES
from session.segments import BLOBS, blob_of, public_body, read_file, session_frames, start_of
from session.table import rule_of
from session.trust.dsse import DIRECTORY_BYTES, strict_json
from session.trust.statements import NO_DIRECTORY
from session.verify.checkpoints import check_revocations
from session.verify.folder import DIRECTORY, POLICY, Names
from session.verify.opening import Ground, Opened, TrustAnchor, check_ground, check_opening
from session.verify.records import Records
from session.verify.times import SECOND_US

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_BYTES: Final = 64 * 1024 * 1024
"""Greatest proof: a picture of 20 MiB twice in base64, directory, policy. Source: docs/session-format.md, One record."""
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,15})")
_Hashes = Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_PROOF)]


class Carried(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the `extra` line holds, as JSON in base64; all fields but `version` and `record_key` are base64 themselves.

    Args:
        frame: the record's frame; opening, start: those of records 0 and 1, with their inclusion proofs.
        record_key: `rk` in hexadecimal, "" for a PUBLIC record.
        blob: the encrypted picture of a CAPTURE. directory: "" in a personal session.
    """

    version: int
    frame: str
    record_key: str
    blob: str
    opening: str
    opening_proof: _Hashes
    start: str
    start_proof: _Hashes
    directory: str
    policy: str


class Proven(msgspec.Struct, frozen=True):
    """What a proof proves.

    Args:
        seq, kind, body: of the record. image: of a CAPTURE, encoded as it was recorded, else b"".
        organisation: fingerprint; trusted: whether it is the one that the reader named.
        not_before_us: of the grant, None without one; by_us: the platform's cosignature over it, None where there is none.
    """

    session_id: str
    person: str
    organisation: str
    trusted: bool
    seq: int
    kind: int
    body: Payload
    image: bytes
    not_before_us: int | None
    by_us: int | None


def prove(
    folder: Path, seq: int, content_keys: Mapping[str, bytes], record_keys: Mapping[int, RecordKey] = MappingProxyType({})
) -> bytes:
    """The proof of record `seq` of the session in `folder`, as text; `record_keys`: of records that were opened, by seq.

    Under the first cosigned checkpoint after it, else under the last one.

    Raises:
        InputFault: there is no such record, its sealed part is not here, or none of the keys opens it.
        IntegrityFault: the session is damaged. EnvironmentFault: a file cannot be read.
    """
    tree, kept, notes, lines = Tree(), dict[int, Frame](), dict[int, str](), dict[int, str]()
    for _, _, frame in session_frames(folder):
        tree.append(frame.leaf)
        if frame.seq in (0, 1, seq):
            kept[frame.seq] = frame
        body = public_body(frame) if frame.kind in (Kind.CHECKPOINT, Kind.COSIGN) else None
        if isinstance(body, Checkpoint):
            notes[frame.seq] = body.note
        elif isinstance(body, Cosign):
            lines.setdefault(body.size, body.line)
    frame, size = _chosen(kept, seq), _covering(seq, notes, lines)
    start = start_of(kept[1])
    note = parse_note(notes[size].encode())
    signed = [one.line for one in note.signatures] + ([lines[size]] if size in lines else [])
    directory = b""
    if start.directory_sha256 != NO_DIRECTORY:
        directory = read_file(folder / DIRECTORY, DIRECTORY_BYTES, "the session's directory")
    carried = Carried(
        version=1,
        frame=encode_base64(encode_frame(frame)),
        record_key=_key_of(frame, content_keys, record_keys, bytes.fromhex(start.session_id)),
        blob=encode_base64(_blob(folder, frame)),
        opening=encode_base64(encode_frame(kept[0])),
        opening_proof=tuple(encode_base64(step) for step in tree.inclusion(0, size)),
        start=encode_base64(encode_frame(kept[1])),
        start_proof=tuple(encode_base64(step) for step in tree.inclusion(1, size)),
        directory=encode_base64(directory),
        policy=encode_base64(read_file(folder / POLICY, POLICY_BYTES, "the session's policy")),
    )
    head = [HEADER, f"extra {encode_base64(msgspec.json.encode(carried))}", f"index {seq}"]
    head += [encode_base64(step) for step in tree.inclusion(seq, size)]
    return ("\n".join(head) + "\n\n").encode() + note_bytes(note.text, *signed)


def check_proof(raw: bytes, trust: TrustAnchor | None = None) -> Proven:
    """What the proof proves. Without `trust` it says which organisation the reader must compare.

    Raises:
        IntegrityFault: it does not hold; says what of it.
    """
    index, proof, carried, note_raw = _parsed(raw)
    frame, opening, start = (_frame(text) for text in (carried.frame, carried.opening, carried.start))
    if (frame.seq, opening.seq, start.seq) != (index, 0, 1):
        raise IntegrityFault("the proof carries another record than its index says")
    ground, opened, records = _whose(carried, opening, start, trust)
    note = parse_note(note_raw)
    origin = origin_of(opened.statement.organisation, opened.statement.session)
    verify_note(note, origin, opened.session_public)
    said = parse_checkpoint(note.text)
    if said.origin != origin:
        raise IntegrityFault("the checkpoint is of another session")
    verify_inclusion(index, said.size, frame.leaf, proof, said.root)
    for leaf, at, steps in ((opening.leaf, 0, carried.opening_proof), (start.leaf, 1, carried.start_proof)):
        verify_inclusion(at, said.size, leaf, _hashes(steps), said.root)
    by_us = _cosigned_us(note, ground, opened)
    body, image = _read(frame, carried, records.start.session_id)
    return Proven(
        session_id=records.start.session_id,
        person=opened.statement.person,
        organisation=opened.statement.organisation,
        trusted=trust is not None,
        seq=index,
        kind=frame.kind,
        body=body,
        image=image,
        not_before_us=opened.not_before_us,
        by_us=by_us,
    )


# --- making


def _chosen(kept: Mapping[int, Frame], seq: int) -> Frame:
    frame = kept.get(seq)
    if frame is None:
        raise InputFault(f"seq: this session has no record {seq}.")
    rule = rule_of(frame.kind)
    if rule is None or rule.body is None:
        raise InputFault(f"seq: record {seq} is of a newer kind than this program reads.")
    if rule.sealed and frame.flags != SEALED:
        raise InputFault(f"seq: the sealed part of record {seq} was removed or withheld, so there is nothing to show.")
    return frame


def _covering(seq: int, notes: Mapping[int, str], lines: Mapping[int, str]) -> int:
    over = [size for size in notes if size > max(seq, 1)]
    if not over:
        raise InputFault(f"seq: no checkpoint covers record {seq}; prove an earlier one.")
    return min((size for size in over if size in lines), default=max(over))


def _key_of(frame: Frame, content_keys: Mapping[str, bytes], record_keys: Mapping[int, RecordKey], session_id: bytes) -> str:
    rule = rule_of(frame.kind)
    if rule is None or not rule.sealed:
        return ""
    content_key = content_keys.get(rule.content_key)
    key = record_keys.get(frame.seq) if content_key is None else frame_key(frame, content_key, session_id)
    if key is None:
        raise InputFault("seq: no key on this computer opens this record.")
    open_frame(frame, key)
    return key.secret.hex()


def _blob(folder: Path, frame: Frame) -> bytes:
    digest = blob_of(frame)
    return read_file(folder / BLOBS / digest, MAX_BLOB_BYTES, "the screenshot") if digest else b""


# --- checking


class _Carries(dict[str, bytes]):
    """The files that a proof carries, as `session.verify.folder.Source`."""

    def entries(self) -> Iterator[tuple[str, int]]:
        return ((name, len(octets)) for name, octets in self.items())

    def read(self, name: str, limit_bytes: int) -> bytes:  # noqa: ARG002 - `Names.add` held each to the same bound
        return self[name]


def _parsed(raw: bytes) -> tuple[int, tuple[bytes, ...], Carried, bytes]:
    if len(raw) > MAX_BYTES:
        raise IntegrityFault(f"a proof is at most {MAX_BYTES} bytes")
    head, blank, note = raw.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise IntegrityFault("a proof is ASCII above its checkpoint") from error
    if not blank or len(note) > MAX_NOTE_BYTES or not 3 <= len(lines) <= MAX_PROOF + 3 or lines[0] != HEADER:
        raise IntegrityFault(f"this is no proof: it begins with {HEADER}, and a blank line stands before its checkpoint")
    index = _INDEX.fullmatch(lines[2])
    if not lines[1].startswith("extra ") or index is None:
        raise IntegrityFault("a proof has an extra line and then an index")
    carried = strict_json(decode_base64(lines[1].removeprefix("extra ")), Carried)
    if carried.version != 1:
        raise IntegrityFault("this proof is of a newer version than this program reads")
    return int(index[1]), _hashes(tuple(lines[3:])), carried, note


def _hashes(steps: tuple[str, ...]) -> tuple[bytes, ...]:
    proof = tuple(decode_base64(step) for step in steps)
    if any(len(step) != HASH_BYTES for step in proof):
        raise IntegrityFault("a hash of the proof is not 32 bytes")
    return proof


def _frame(text: str) -> Frame:
    raw = decode_base64(text)
    frame, end = read_frame(memoryview(raw), 0)
    if end != len(raw):
        raise IntegrityFault("something follows a frame of the proof")
    return frame


def _whose(carried: Carried, opening: Frame, start: Frame, trust: TrustAnchor | None) -> tuple[Ground, Opened, Records]:
    files = _Carries({POLICY: decode_base64(carried.policy)})
    if carried.directory:
        files[DIRECTORY] = decode_base64(carried.directory)
    names, records = Names(), Records()
    for name, size in files.entries():
        names.add(name, size)
    for frame in (opening, start):
        records.take(frame)
    if records.fault:
        raise IntegrityFault(records.fault)
    ground, _ = check_ground(files, names, records, trust)
    opened, _ = check_opening(records, ground, trust)
    return ground, opened, records


def _cosigned_us(note: Note, ground: Ground, opened: Opened) -> int | None:
    """The first time at which the platform says that it saw the checkpoint; other lines prove nothing here."""
    seen_us: list[int] = []
    if ground.directory is not None:
        platform = ground.directory.platform
        for one in note.signatures:
            if one.name == platform.witness_name:
                seen_s = verify_cosignature(note.text, one.line, one.name, bytes.fromhex(platform.witness_key))
                seen_us.append(seen_s * SECOND_US)
    by_us = min(seen_us, default=None)
    # without a time by which it existed, whoever took a key afterwards could have made it: any revocation counts then
    check_revocations(ground, opened, by_us, by_us, witnessed=by_us is not None)
    return by_us


def _read(frame: Frame, carried: Carried, session_id: str) -> tuple[Payload, bytes]:
    rule = rule_of(frame.kind)
    if rule is None or rule.body is None:
        raise IntegrityFault("the record is of a newer kind than this program reads")
    if not rule.sealed:
        return decode_payload(frame.public, rule.body, rule.max_bytes) or _newer(), b""
    if frame.flags != SEALED or not re.fullmatch("[0-9a-f]{64}", carried.record_key):
        raise IntegrityFault("the proof does not carry what opens its record")
    payload = open_frame(frame, RecordKey(bytes.fromhex(carried.record_key)))
    body = decode_payload(payload, rule.body, rule.max_bytes) or _newer()
    if not isinstance(body, Capture):
        return body, b""
    blob = decode_base64(carried.blob)
    if hashlib.sha256(blob).hexdigest() != blob_of(frame):
        raise IntegrityFault("the proof carries another picture than its record names")
    image = open_blob(bytes.fromhex(body.blob_key), bytes.fromhex(session_id), frame.seq, blob)
    if len(image) != body.size_bytes:
        raise IntegrityFault("the picture has another size than the record says")
    return body, image


def _newer() -> Payload:
    raise IntegrityFault("the record is of a newer format than this program reads")
