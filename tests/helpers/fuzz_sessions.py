# SPDX-License-Identifier: Apache-2.0
"""Fuzz targets of whole sessions: the seal, a proof of one record, and a folder, for which both verifiers must say the same.

An input to `session` is a row of edits to a good session: bytes, fields, whole records and files. Its first byte says which
session, and how much of what stood above the change is made right again, as somebody with the session key, the platform's or
the root's could: numbers of records, roots and signatures of checkpoints, cosignatures, the seal.
"""

from __future__ import annotations

import atexit
import base64
import json
import shutil
import struct
import tempfile
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec
from fuzz_formats import HEAD, Target, built_frame, directories, directory_seeds, or_none, split
from trust_builders import OpenSession, Organisation, organisation, personal_session, signing_key, small_session
from trust_files import Files, files_of
from verifier_both import both_of_files
from verifier_corpus import SEAL, SEGMENT

from session.crypto.signing import SigningKey
from session.events import Checkpoint, Cosign, Kind
from session.frames import MAGIC, PUBLIC, Frame, encode_payload, public_frame, read_segment
from session.journal import SessionKeys
from session.log.checkpoint import CheckpointText, format_checkpoint, origin_of
from session.log.cosign import cosign
from session.log.merkle import Tree
from session.log.note import note_bytes, parse_note, sign_note
from session.seal import PAYLOAD_TYPE, Seal, read_seal
from session.segments import public_body
from session.trust.directory import PAYLOAD_TYPE as DIRECTORY_TYPE
from session.trust.directory import witness_name
from session.trust.dsse import read_envelope, seal_envelope
from session.verify.one import check_proof, prove

EDIT = struct.Struct(">BBHB")
NUMBERS, ROOTS, COSIGNED, SEALED_ANEW = 1, 2, 4, 8


@dataclass(frozen=True)
class Base:
    """A good session and all the keys behind it."""

    files: Files
    keys: SessionKeys
    org: Organisation | None
    organisation: str

    @property
    def frames(self) -> list[bytes]:
        segment = self.files[SEGMENT]
        ends = [len(MAGIC), *(end for _, end in read_segment(segment))]
        return [segment[first:last] for first, last in pairwise(ends)]


@cache
def bases() -> tuple[Base, ...]:
    """The sessions that are changed, made once."""
    folder = Path(tempfile.mkdtemp(prefix="fairwitness-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    org = organisation()
    small, picture = small_session(org, folder / "small"), small_session(org, folder / "picture", capture=True)
    alone = personal_session(folder / "alone")
    _held(alone)
    mine = alone.seal()
    made = [Base(files_of(one.folder), one.keys, org, org.fp) for one in (small, picture)]
    statement = json.loads(base64.b64decode(json.loads(mine.seal_raw)["payload"]))
    return (*made, Base(files_of(mine.folder), mine.keys, None, statement["organisation"]))


def _held(session: OpenSession) -> None:
    """A tick, a pause, a suspend, and an end."""
    session.tick()
    session.pause(20)
    session.sleep(30)
    session.tick()
    session.stop()


def sessions(octets: bytes) -> None:
    first, rest = split(octets, 256)
    base = bases()[(first >> 4) % len(bases())]
    files = edited(base, rest, first & 15)
    both_of_files(files, trust=base.org.anchor if base.org else None, key=base.org.trainer.reading if base.org else None)


def edited(base: Base, octets: bytes, mended: int) -> Files:
    """The files after at most 16 edits, with what `mended` names made right again."""
    frames, files = base.frames, Files(base.files)
    for _ in range(16):
        if len(octets) < EDIT.size:
            break
        op, which, at, size = EDIT.unpack_from(octets)
        given, octets = octets[EDIT.size : EDIT.size + size], octets[EDIT.size + size :]
        if op % 8 < 6 and frames:
            frames = _changed(frames, op % 8, which % len(frames), at, given)
        elif op % 8 == 6:
            names = sorted(files)
            name = names[which % len(names)]
            place = at % (len(files[name]) + 1)
            files = files.changed(name, files[name][:place] + given + files[name][place + (op >> 3) :])
        else:
            files = _signed_anew(base, files, which, at=at, gone=op >> 3, given=given)
    return _mended(base, files, frames, mended)


def _changed(frames: list[bytes], op: int, which: int, at: int, given: bytes) -> list[bytes]:
    frame = frames[which]
    before, after = frames[:which], frames[which + 1 :]
    if op == 0:
        return before + after
    if op == 1:
        return [*before, frame, frame, *after]
    if op == 2:
        return before + after[:1] + [frame] + after[1:]
    if op == 3:
        return [*before, built_frame(given)[0], frame, *after]
    _, flags, version, kind, seq, publen = HEAD.unpack_from(frame)
    public, tail = frame[HEAD.size : HEAD.size + publen], frame[HEAD.size + publen : -4]
    if op == 4 and flags == PUBLIC:
        place = at % (len(public) + 1)
        public = public[:place] + given + public[place + 1 :]
    elif tail:
        place = at % len(tail)
        tail = tail[:place] + given + tail[place + len(given) :]
    return [*before, _framed(Frame(flags, version, kind, seq, public, tail)), *after]


def _framed(frame: Frame) -> bytes:
    """The frame with length and check sum right, whatever else is wrong with it."""
    head = HEAD.pack(0, frame.flags, frame.version, frame.kind, frame.seq, len(frame.public))[4:]
    counted = struct.pack(">I", len(head) + len(frame.public) + len(frame.tail)) + head + frame.public + frame.tail
    return counted + struct.pack(">I", zlib.crc32(counted))


def _signed_anew(base: Base, files: Files, which: int, *, at: int, gone: int, given: bytes) -> Files:
    """Seal or directory with a changed body, and the true signature over it."""
    key: SigningKey = base.keys.signing
    name, kind = SEAL, PAYLOAD_TYPE
    if which % 2 and base.org is not None:
        name, kind, key = "statements/directory.dsse", DIRECTORY_TYPE, base.org.root
    if name not in files:
        return files
    body = or_none(lambda: read_envelope(files[name], max_bytes=2**20)[1])
    if body is None:
        return files
    place = at % (len(body) + 1)
    raw = or_none(lambda: seal_envelope(kind, body[:place] + given + body[place + gone :], key))
    return files if raw is None else files.changed(name, raw)


def _mended(base: Base, files: Files, frames: list[bytes], mended: int) -> Files:
    tree, kept = Tree(), list[bytes]()
    texts: dict[int, str] = {}
    for seq, octets in enumerate(frames):
        parsed = or_none(lambda octets=octets: next(read_segment(MAGIC + octets))[0])
        if parsed is None:
            return files.changed(SEGMENT, MAGIC + b"".join(frames))
        frame = msgspec.structs.replace(parsed, seq=seq) if mended & NUMBERS else parsed
        body = or_none(lambda frame=frame: public_body(frame)) if frame.flags == PUBLIC else None
        if isinstance(body, Checkpoint) and mended & ROOTS:
            frame = public_frame(frame.kind, frame.seq, encode_payload(_signed(base, tree, body)))
            texts[tree.size] = parse_note(_signed(base, tree, body).note.encode()).text
        elif isinstance(body, Cosign) and mended & COSIGNED and base.org is not None and body.size in texts:
            line = cosign(texts[body.size], witness_name(base.organisation), base.org.witness_key, 1_790_000_050)
            frame = public_frame(frame.kind, frame.seq, encode_payload(Cosign(body.size, line)))
        kept.append(_framed(frame))
        tree.append(frame.leaf)
    files = files.changed(SEGMENT, MAGIC + b"".join(kept))
    if mended & SEALED_ANEW and SEAL in files:
        found = or_none(lambda: read_seal(files[SEAL], base.keys.signing.public))
        if isinstance(found, Seal):
            anew = msgspec.structs.replace(found, size=tree.size, root=tree.root().hex())
            raw = seal_envelope(PAYLOAD_TYPE, msgspec.json.encode(anew), base.keys.signing)
            files = files.changed(SEAL, raw).without("receipt.dsse") if "receipt.dsse" in files else files.changed(SEAL, raw)
    return files


def _signed(base: Base, tree: Tree, body: Checkpoint) -> Checkpoint:
    origin = origin_of(base.organisation, base.keys.session_id)
    text = format_checkpoint(CheckpointText(origin, tree.size, tree.root()))
    note = note_bytes(text, sign_note(text, origin, base.keys.signing)).decode()
    return msgspec.structs.replace(body, note=note)


def session_seeds() -> list[bytes]:
    edits = [
        b"",
        EDIT.pack(0, 4, 0, 0),
        EDIT.pack(1, 4, 0, 0),
        EDIT.pack(2, 4, 0, 0),
        EDIT.pack(4, 1, 20, 1) + b"7",
        EDIT.pack(5, 3, 70, 1) + b"7",
        EDIT.pack(6, 1, 9, 2) + b"xx",
        EDIT.pack(7, 0, 60, 1) + b"1",
        EDIT.pack(7, 1, 90, 1) + b"1",
        EDIT.pack(3, 5, 0, 16) + bytes((2, 1, Kind.GAP, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0)),
    ]
    return [bytes((which << 4 | mended,)) + edit for which in range(3) for mended in (0, 15) for edit in edits]


def seals(octets: bytes) -> None:
    raw = or_none(lambda: seal_envelope(PAYLOAD_TYPE, octets, signing_key("fuzz")))
    found = or_none(lambda: read_seal(raw, signing_key("fuzz").public)) if raw is not None else None
    if found is not None:
        assert msgspec.json.encode(found) == octets, "a seal has two spellings"


def seal_seeds() -> list[bytes]:
    return [read_envelope(base.files[SEAL])[1] for base in bases()]


def proofs(octets: bytes) -> None:
    """The proof as text, or what it carries put into one; nothing but the true record is ever proved."""
    mode, rest = split(octets, 3)
    base = bases()[0]
    raw = rest
    if mode:
        head, _, note = proof(mode == 2).partition(b"\n\n")
        lines = head.split(b"\n")
        raw = b"\n".join([lines[0], b"extra " + base64.b64encode(rest), *lines[2:]]) + b"\n\n" + note
    proven = or_none(lambda: check_proof(raw, base.org.anchor if base.org else None))
    if proven is not None:
        true = check_proof(proof(sealed=proven.kind == Kind.STATS))
        assert (proven.seq, proven.kind, proven.body, proven.session_id) == (true.seq, true.kind, true.body, true.session_id)


@cache
def proof(sealed: bool) -> bytes:
    base = bases()[0]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "s"
        for name, octets in base.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(octets)
        kinds = [next(read_segment(MAGIC + one))[0].kind for one in base.frames]
        return prove(folder, kinds.index(Kind.STATS if sealed else Kind.CHECKPOINT), base.keys.content)


def proof_seeds() -> list[bytes]:
    carried = [base64.b64decode(proof(sealed).split(b"\n")[1].removeprefix(b"extra ")) for sealed in (False, True)]
    return [b"\0" + proof(sealed=True), b"\0" + proof(sealed=False), b"\1" + carried[0], b"\2" + carried[1]]


SESSIONS = (
    Target("session", sessions, session_seeds),
    Target("seal", seals, seal_seeds),
    Target("proof", proofs, proof_seeds),
    Target("directory", directories, lambda: directory_seeds(organisation().directory)),
)
