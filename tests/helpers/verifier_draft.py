# SPDX-License-Identifier: Apache-2.0
"""A sealed session taken apart, changed, and signed anew by the right keys: what only a holder of the keys could send.

    draft = Draft(good)
    draft.record(Kind.GAP).public[4] = "boredom"           # JSON as it stands in the record
    draft.grant["start_by_us"] = 0                         # and in each envelope
    files = draft.files()                                  # every root, note, cosignature, seal and receipt is right again

Nothing of it goes through the session's own writers, which would refuse most of what a test wants: frames, JSON and
envelopes are put together here. What is not changed comes out as it was, byte for byte, but for wraps and salts.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from format_independent import hpke_sender
from trust_builders import Member, Organisation
from trust_files import Files
from two_keys import opened_by_two

from session.crypto.aead import RecordKey, content_key_commitment, open_blob, pad, seal_blob, seal_record
from session.crypto.hpke import ReadingKey
from session.crypto.signing import SigningKey
from session.events import Kind
from session.frames import MAGIC, SEALED, frame_key, open_frame, payload_text, read_segment
from session.journal import SessionKeys
from session.log.merkle import Tree
from session.table import rule_of
from session.verify import TrustAnchor

SEGMENT, SEAL, RECEIPT = "000000.fws", "seal.dsse", "receipt.dsse"
POLICY, DIRECTORY = "statements/policy.toml", "statements/directory.dsse"
HEAD = struct.Struct(">HBQI")
LONGEST = 65_536


@dataclass(frozen=True)
class Good:
    """A session that verifies, what its reader trusts, a key that opens it, and all keys that it was made with."""

    name: str
    files: Files
    trust: TrustAnchor | None
    key: ReadingKey
    org: Organisation | None
    person: Member
    keys: SessionKeys


@dataclass
class Record:
    """One record. `public` and `body` are JSON arrays, or bytes that go in as they are.

    `signed`: the note of a CHECKPOINT and the line of a COSIGN are made anew; `time_s`: of the latter. `kc`: what the sealed
    part commits to, where it is not its key. `twin`: what the sealed part says under another key besides, `other_key`;
    `for_other`: it commits to that one.
    """

    kind: int
    public: Any = None
    body: Any = None
    image: bytes | None = None
    absent: bool = False
    commit: bytes = b""
    signed: bool = True
    time_s: int = 0
    signer: SigningKey | None = None
    record_key: RecordKey | None = None
    kc: bytes = b""
    twin: bytes = b""
    other_key: RecordKey | None = None
    for_other: bool = False


@dataclass
class Draft:
    """See the module. `seal`, `receipt`: fields that are not what the record gives, but these; `receipt` None: none."""

    good: Good
    records: list[Record] = field(default_factory=list)
    opening: dict[str, Any] = field(default_factory=dict)
    device: dict[str, Any] = field(default_factory=dict)
    session: dict[str, Any] = field(default_factory=dict)
    directory: dict[str, Any] = field(default_factory=dict)
    policy: bytes = b""
    said_by_seal: dict[str, Any] = field(default_factory=dict)
    seal: dict[str, Any] = field(default_factory=dict)
    receipt: dict[str, Any] | None = None
    later: list[tuple[str, dict[str, Any], SigningKey]] = field(default_factory=list)
    more: dict[str, bytes] = field(default_factory=dict)
    signers: dict[str, SigningKey] = field(default_factory=dict)
    following: bool = True

    def __post_init__(self) -> None:
        files = self.good.files
        for name in sorted(name for name in files if name.endswith(".fws")):
            self.records += [self._record(frame) for frame, _ in read_segment(files[name])]
        self.opening = body_of(self.records[0].public[1].encode())
        self.device, self.session = (body_of(self.start[place].encode()) for place in (14, 15))
        self.policy = files[POLICY]
        self.directory = body_of(files[DIRECTORY]) if DIRECTORY in files else {}
        self.said_by_seal = body_of(files[SEAL])
        self.receipt = {} if RECEIPT in files else None

    @property
    def start(self) -> list[Any]:
        """START, element 0 its schema number."""
        public: list[Any] = self.records[1].public
        return public

    def record(self, kind: int, place: int = 0) -> Record:
        """The first record of a kind, or another of them."""
        return self.all(kind)[place]

    def all(self, kind: int) -> list[Record]:
        """Every record of a kind."""
        return [one for one in self.records if one.kind == kind]

    def seq(self, kind: int, place: int = 0) -> int:
        """Where that record stands."""
        wanted = self.record(kind, place)
        return next(seq for seq, one in enumerate(self.records) if one is wanted)

    def put(self, record: Record, before: int = Kind.SUMMARY) -> Record:
        """Puts a record before the last one of a kind."""
        places = [seq for seq, one in enumerate(self.records) if one.kind == before]
        self.records.insert(places[-1], record)
        return record

    def say(self, kind: str, key: SigningKey, /, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """A later statement about this session and seal, signed by `key`; `fields` in the order of the format."""
        body: dict[str, Any] = {"organisation": self.opening["organisation"], "session": self.opening["session"]}
        body |= fields | ({} if "log_size" in fields else {"log_size": 0, "log_root": hashlib.sha256(b"").hexdigest()})
        self.later.append((kind, body, key))

    # -- putting it together -------------------------------------------------------------------------------------------

    def files(self) -> Files:
        """The session as a folder's files."""
        files, org = Files(), self.good.org
        files[POLICY] = self.policy
        digests = {"policy_sha256": sha(self.policy), "directory_sha256": "0" * 64}
        if org is not None:
            files[DIRECTORY] = enveloped("directory", self.directory, self.signers.get("directory", org.root))
            digests["directory_sha256"] = sha(files[DIRECTORY])
        self._begin(digests)
        frames, tree, blobs = self._frames()
        files |= blobs
        files[SEGMENT] = MAGIC + b"".join(frames)
        seal = {**self.said_by_seal, **self._sums(tree), **digests, "wraps": self._wraps(digests), **self.seal}
        files[SEAL] = enveloped("seal", seal, self.signers.get("seal", self.good.keys.signing))
        for kind, body, key in self.later:
            about = {"seal_sha256": sha(files[SEAL])} if body.get("seal_sha256", "") is None else {}
            raw = enveloped(kind, body | about, key)
            files[f"statements/{sha(raw)}.dsse"] = raw
        if self.receipt is not None and org is not None:
            files[RECEIPT] = enveloped("receipt", self._receipt(files, seal), self.signers.get("receipt", org.receipt_key))
        return Files(files | self.more)

    def _record(self, frame: Any) -> Record:  # noqa: ANN401 - a Frame
        rule = rule_of(frame.kind)
        assert rule is not None
        public = json.loads(payload_text(frame.public, LONGEST)) if frame.public else None
        made = Record(frame.kind, public, absent=rule.sealed and frame.flags != SEALED, commit=frame.commit)
        if frame.kind == Kind.COSIGN:
            made.time_s = int.from_bytes(base64.b64decode(public[2].rpartition(" ")[2])[4:12], "big")
        if frame.flags == SEALED:
            key = frame_key(frame, self.good.keys.content[rule.content_key], self._session_id)
            made.body = json.loads(payload_text(open_frame(frame, key), LONGEST))
        if frame.flags == SEALED and frame.kind == Kind.CAPTURE:
            blob = self.good.files[f"blobs/{public[1]}"]
            made.image = open_blob(bytes.fromhex(made.body[10]), self._session_id, frame.seq, blob)
        return made

    @property
    def _session_id(self) -> bytes:
        return bytes.fromhex(self.good.keys.session_id)

    def _begin(self, digests: dict[str, str]) -> None:
        """Opening, certificates and START fit each other again, unless a test says that nothing follows."""
        person, org = self.good.person, self.good.org
        granted = self.records[0].kind == Kind.GRANT and org is not None
        key = org.grant_key if granted and org is not None else person.device_key
        if self.following:
            self.opening |= digests
            self.start[7:9] = list(digests.values())
            self.start[12:14] = [self._wrap(name, digests, person.reading.public) for name in "sw"]
        kind = "grant" if granted else "personal"
        self.records[0].public[1] = enveloped(kind, self.opening, self.signers.get("opening", key)).decode()
        signer = self.signers.get("device", person.person_key)
        self.start[14] = enveloped("device", self.device, signer).decode()
        self.start[15] = enveloped("session", self.session, self.signers.get("session", person.device_key)).decode()

    def _wrap(self, name: str, digests: dict[str, str], public: bytes) -> str:
        content, organisation = self.good.keys.content, self.opening["organisation"]
        ckc = [content_key_commitment(one, content[one]) for one in "sw"]
        info = b"fairwitness/v1/wrap" + bytes.fromhex(organisation) + self._session_id
        info += bytes.fromhex(digests["policy_sha256"]) + hashlib.sha256(public).digest() + b"".join(ckc)
        return wrapped(content[name], public, info)

    def _wraps(self, digests: dict[str, str]) -> list[dict[str, Any]]:
        if self.good.org is None:
            return []
        given, listed = self.said_by_seal["wraps"], self.good.org.review_keys
        publics = {sha(bytes.fromhex(one.public_key)): bytes.fromhex(one.public_key) for one in listed}
        return [one | {"wrapped": self._wrap(one["key_class"], digests, publics[one["recipient"]])} for one in given]

    def _frames(self) -> tuple[list[bytes], Tree, dict[str, bytes]]:
        tree, frames, blobs = Tree(), list[bytes](), dict[str, bytes]()
        texts: dict[int, str] = {}
        for seq, record in enumerate(self.records):
            if record.kind == Kind.CHECKPOINT:
                texts[seq] = self._text(seq, tree.root())
            if record.signed and isinstance(record.public, list):
                self._sign(record, texts, seq)
            rule = rule_of(record.kind)
            sealed = rule is not None and rule.sealed
            if record.image is not None:
                key = bytes.fromhex(record.body[10]) if len(record.body[10]) == 64 else bytes(32)
                blob = seal_blob(key, self._session_id, seq, record.image)
                record.public[1] = sha(blob)
                if not record.absent:
                    blobs[f"blobs/{sha(blob)}"] = blob
            public = b"" if record.public is None else spelled(record.public)
            p = HEAD.pack(1, record.kind, seq, len(public)) + public
            tail, commit = self._tail(record, seq, p) if sealed else (b"", bytes(32))
            flags = (1 if record.absent else 0) if sealed else 2
            body = struct.pack(">IB", 1 + len(p) + len(tail), flags) + p + tail
            frames.append(body + struct.pack(">I", zlib.crc32(body)))
            tree.append(hashlib.sha256(b"\0" + p + commit).digest())
        return frames, tree, blobs

    def _tail(self, record: Record, seq: int, p: bytes) -> tuple[bytes, bytes]:
        if record.body is None:
            return record.commit, record.commit
        rule, salt = rule_of(record.kind), hashlib.sha256(struct.pack(">Q", seq)).digest()[:16]
        assert rule is not None
        record.record_key = RecordKey.derive(self.good.keys.content[rule.content_key], salt, self._session_id, p[:11])
        ct, kc = seal_record(record.record_key, p, pad(spelled(record.body), rule.pad)), record.record_key.commitment
        if record.twin:
            ct, other = opened_by_two(record.record_key.secret, p, (spelled(record.body), record.twin), rule.pad)
            record.other_key = RecordKey(other)
            kc = record.other_key.commitment if record.for_other else kc
        tail = (record.kc or kc) + salt + ct
        commit = hashlib.sha256(b"\x02" + tail).digest()
        return (commit, commit) if record.absent else (tail, commit)

    def _text(self, seq: int, root: bytes) -> str:
        return f"fairwitness/{self.opening['organisation']}/{self.opening['session']}\n{seq}\n{b64(root)}\n"

    def _sign(self, record: Record, texts: dict[int, str], seq: int) -> None:
        if record.kind == Kind.CHECKPOINT and len(record.public) > 4:
            key, text = record.signer or self.good.keys.signing, texts[seq]
            name = text.split("\n")[0]
            record.public[4] = f"{text}\n— {name} {b64(key_id(name, 1, key) + key.sign(text.encode()))}\n"
        elif record.kind == Kind.COSIGN and self.good.org is not None and len(record.public) > 2:
            key, size = record.signer or self.good.org.witness_key, record.public[1]
            moved = min((at for at in texts), key=lambda at: abs(at - size) if type(size) is int else at, default=0)
            text, name = texts.get(size if type(size) is int else moved, ""), f"fairwitness/{self.good.org.fp}/witness"
            message = f"cosignature/v1\ntime {record.time_s}\n{text}".encode()
            raw = key_id(name, 4, key) + struct.pack(">Q", record.time_s) + key.sign(message)
            record.public[2] = f"— {name} {b64(raw)}"

    def _sums(self, tree: Tree) -> dict[str, Any]:
        named = sorted({seq for one in self.all(Kind.REDACT) for seq in _named(one.public)})
        ranges: list[list[int]] = []
        for seq in named:
            if ranges and ranges[-1][1] == seq - 1:
                ranges[-1][1] = seq
            else:
                ranges.append([seq, seq])
        opening = sha(self.records[0].public[1].encode())
        return {"size": tree.size, "root": tree.root().hex(), "opening_sha256": opening, "redacted": ranges}

    def _receipt(self, files: Files, seal: dict[str, Any]) -> dict[str, Any]:
        leaf = hashlib.sha256(b"\0" + files[SEAL]).digest()
        log = Tree([hashlib.sha256(b"\0first").digest(), leaf, hashlib.sha256(b"\0third").digest()])
        was = body_of(self.good.files[RECEIPT]) if RECEIPT in self.good.files else {}
        made = {
            "organisation": self.opening["organisation"],
            "session": self.opening["session"],
            "person": self.opening["person"],
            "seal_sha256": sha(files[SEAL]),
            "root": seal["root"],
            "size": seal["size"],
            "received_us": was.get("received_us", self.start[2] + 3_600_000_000),
            "log_size": 3,
            "log_root": log.root().hex(),
            "log_index": 1,
            "log_proof": [step.hex() for step in log.inclusion(1, 3)],
        }
        return made | (self.receipt or {})


def body_of(envelope: bytes) -> dict[str, Any]:
    """What an envelope says."""
    said: dict[str, Any] = json.loads(base64.b64decode(json.loads(envelope)["payload"]))
    return said


def enveloped(kind: str, body: Any, *keys: SigningKey) -> bytes:  # noqa: ANN401 - JSON, or bytes as they are
    """A DSSE envelope, rightly signed."""
    payload, name = spelled(body), f"application/vnd.fairwitness.{kind}.v1+json"
    message = b"DSSEv1 %d %b %d %b" % (len(name), name.encode(), len(payload), payload)
    signatures = [{"keyid": sha(key.public), "sig": b64(key.sign(message))} for key in keys]
    return spelled({"payload": b64(payload), "payloadType": name, "signatures": signatures})


def wrapped(secret: bytes, public: bytes, info: bytes) -> str:
    """A wrap whose ephemeral key comes from what it is bound to, so that it is the same each time."""
    enc, context = hpke_sender(hashlib.sha256(b"ephemeral" + info).digest(), public, info)
    return b64(enc + context.seal(secret, b""))


def key_id(name: str, algorithm: int, key: SigningKey) -> bytes:
    """As in a note's signature line."""
    return hashlib.sha256(name.encode() + bytes((10, algorithm)) + key.public).digest()[:4]


def spelled(value: Any) -> bytes:  # noqa: ANN401 - JSON, or bytes as they are
    """JSON in the format's one spelling."""
    return value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sha(raw: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def b64(raw: bytes) -> str:
    """base64."""
    return base64.b64encode(raw).decode()


def _named(public: Any) -> Sequence[int]:  # noqa: ANN401 - JSON of a REDACT, which a test may have changed
    if not isinstance(public, list) or len(public) < 3 or not isinstance(public[2], list):
        return ()
    pairs = [one for one in public[2] if isinstance(one, list) and len(one) == 2 and all(type(at) is int for at in one)]
    return [seq for first, last in pairs if 0 <= first <= last < 10_000 for seq in range(first, last + 1)]
