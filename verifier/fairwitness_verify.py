# SPDX-License-Identifier: Apache-2.0
"""A second verifier of the Fair Witness session format, version 1.

Written from docs/session-format.md, shares no code with the program; checks a sealed session and says which numbered step
fails. The steps are those of section 12, in order; the first that fails ends it. Every byte of the folder may have been made
by an attacker: nothing is decoded, inflated or kept before its bound was checked, no link is followed, no pipe opened.

    python fairwitness_verify.py FOLDER [--root HEX] [--directory FILE] [--key FILE] [--seconds N] [--json]

Needs Python 3.11 and the package cryptography, tried with 50.0.2.

Exit status: 0 verified, 1 does not verify, 2 wrong use, an unreadable disk, or too little time.
"""
# ruff: noqa: INP001, T201 - a file that stands alone, and prints

import argparse
import base64
import bisect
import contextlib
import dataclasses
import hashlib
import hmac
import itertools
import json
import os
import re
import stat
import struct
import sys
import time
import tomllib
import zlib
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

KIB, MIB, SECOND, DAY, MAX_INT = 1 << 10, 1 << 20, 1_000_000, 86_400_000_000, 2**53 - 1
MAX_RECORDS, MAX_PUBLIC, MAX_TIME_RECORDS, MAX_STATEMENT, MAX_DIRECTORY = 1_000_000, 64 * MIB, 10_000, 64 * KIB, MIB
MAX_STATEMENTS, MAX_RANGES, LANDMARKS, MAX_COSIGNED_S = 32 * MIB, 100_000, 16, 1 << 43
MAX_OPEN, MAX_NOTES = 100_000, 40_000
MAGIC = b"FWS1\r\n\x1a\n"
SEALED, ABSENT, PUBLIC = 0, 1, 2
STEPS = "folder, frames, records, blobs, directory and policy, opening, tree and checkpoints, cosignatures, seal, statements"
STEPS += ", presence, receipt, contents, accounted time"
# What may lie where: how large, or -1 for a folder, and how many.
LAYOUT: dict[str, dict[str, tuple[int, int]]] = {
    "": {r"[0-9]{6}\.fws": (16 * MIB, 512), r"seal\.dsse": (512 * KIB, 1), r"receipt\.dsse": (64 * KIB, 1)},
    "blobs": {"[0-9a-f]{64}": (20 * MIB, 100_000)},
    "statements": {r"directory\.dsse": (MIB, 1), r"policy\.toml": (256 * KIB, 1), r"[0-9a-f]{64}\.dsse": (MIB, 4096)},
}
LAYOUT[""]["blobs|statements"] = (-1, 2)


class FormatError(Exception):
    """What was read breaks the format; the message is one sentence for people."""


class OutOfTimeError(Exception):
    """What may be known of the session would take longer than the time that was given: that says nothing of it."""


class NewerSchemaError(FormatError):
    """A record has a schema that this program does not know."""


def _need(holds: object, reason: str) -> None:
    if not holds:
        raise FormatError(reason)


def _agree(found: dict[str, Any], expected: dict[str, Any], what: str) -> None:
    for name, value in expected.items():
        _need(found[name] == value, f"{what} does not say what it must: {name}")


# --- Hashes, keys, signatures and wraps (section 3) ---
_P, _ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
_SMALL_X = {0, 1, _P - 1, 0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0}
_SMALL_X |= {0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F}
_EIGHT = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_Y = {0, 1, _P - 1, _EIGHT, _P - _EIGHT}


def _sha(*parts: bytes | memoryview) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _fingerprint(key: str) -> str:
    return _sha(bytes.fromhex(key)).hex()


def _base64(text: str) -> bytes:  # the bytes of base64 in its canonical spelling, nothing where it is none
    with contextlib.suppress(ValueError):
        raw = base64.b64decode(text, validate=True)
        return raw if base64.b64encode(raw).decode() == text else b""
    return b""


def _canonical(raw: bytes, small: set[int], bits: int) -> bool:  # a point in its one spelling, not of small order
    value = int.from_bytes(raw, "little") & (2**bits - 1)
    return len(raw) == 32 and value < _P and value not in small


def _signed(key: bytes, signature: bytes, message: bytes) -> bool:  # the library compares R with what it computes, as bytes
    right = _canonical(key, _SMALL_Y, 255) and len(signature) == 64 and int.from_bytes(signature[32:], "little") < _ORDER
    with contextlib.suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return right
    return False


def _unwrapped(private: X25519PrivateKey, wrapped: str, info: bytes) -> bytes:
    try:
        return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305).decrypt(_base64(wrapped), private, info)
    except InvalidTag:
        raise FormatError("a wrap does not open with the key that it names") from None


def _decrypt(key: bytes, sealed: bytes | memoryview, associated: bytes) -> bytes:  # the text without its padding
    try:
        text = ChaCha20Poly1305(key).decrypt(bytes(12), sealed, associated).rstrip(b"\x00")
    except InvalidTag:
        raise FormatError("a ciphertext does not open") from None
    _need(text.endswith(b"\x80"), "what was sealed is not padded as it must be")
    return text[:-1]


# --- The tree (section 2) ---
class _Tree:  # the tree of RFC 6962 over leaves that come one by one; it keeps the roots of whole subtrees only
    def __init__(self) -> None:
        self.size = 0
        self._parts: list[bytes] = []

    def append(self, leaf: bytes) -> None:  # take the next leaf
        size, self.size = self.size, self.size + 1
        while size & 1:
            leaf = _sha(b"\x01", self._parts.pop(), leaf)
            size >>= 1
        self._parts.append(leaf)

    def root(self) -> bytes:  # the root over all leaves so far
        root = self._parts[-1] if self._parts else _sha()
        for part in reversed(self._parts[:-1]):
            root = _sha(b"\x01", part, root)
        return root


def _proved(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:  # no deeper than the proof is long
    _need(bool(proof) == (size > 1), "an inclusion proof is too short or too long")
    if size <= 1:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return _sha(b"\x01", _proved(leaf, index, left, proof[:-1]), proof[-1])
    return _sha(b"\x01", proof[-1], _proved(leaf, index - left, size - left, proof[:-1]))


# --- JSON and schemas (sections 4, 5 and 10) ---
Check = Callable[[Any], bool]
Fields = list[tuple[str, Check, Any]]


class _Kind(NamedTuple):  # a row of the type table; key is "s", "w", or "-" for a public type
    name: str
    key: str
    pad: int
    bound: int
    removable: bool
    fields: Fields


# Below, each line is a name and its fields, `name:check`, a default after `=`. Checks: `[x]` an array of x, `[x]8` one of 8
# or none, `[x]<8` of up to 8, `[x]>8` of 1 to 8; sN and hN are str N and hexN, tN a str N that is not empty; UN up to N,
# UM-N from M; `a|b` one of these words, `_` a blank; a line before it by its name. A capital letter means an array inside a
# payload, % a table of the policy, in any order and with a default where it may be missing; else it is an object.
_TABLES = r"""
FocusChange mono_us:U window:U app:s128 title:s512=
Nearby mono_us:U kind:s128 what:s128 number:U=0
SourceCount source:U injected:U2 text_keys:U other_keys:U buttons:U scrolls:U moves:U \
  paths:U=0 even:U=0 jumps:U=0
RawKey at_ms:I key_class:U7 dwell_ms:I source:U
RawStroke at_ms:I duration_ms:U path_px:U net_px:U moves:U source:U
signature keyid:h64 sig:s88
envelope payload:s payloadType:s128 signatures:[signature]>4
platform address:s1024 grant_key:edkey receipt_key:edkey witness_key:edkey witness_name:s
human id:t128 name:s128 roles:[trainer|reviewer|approver|admin] projects:[s128] person_key:edkey reading_key:xkey
epochwrap person:s128 wrapped:keywrap
reviewkey epoch:U public_key:xkey from_us:U until_us:U wraps:[epochwrap]
project id:t128 name:s128 policy_sha256:h64 review_keys:[reviewkey]
revocation revoked_key:h64 revoked_us:U
openwrap recipient:h64 epoch:U wrapped:wrap
sealwrap recipient:h64 epoch:U key_class:s|w wrapped:keywrap
loss recovered_size:U cosigned_size:U
grant WHOSE session_key:edkey device:s128 person:s128 project:s128 SHAS nonce:nonce issued_us:U start_by_us:U LOG
personal organisation:h64 mode:personal|offline session:h32 session_key:edkey person:s128 person_key:edkey \
  device:s128 \
  device_key:edkey SHAS issued_us:U LOG
device organisation:h64 person:s128 device:s128 device_key:edkey reading_key:xkey issued_us:U LOG
session organisation:h64 device:s128 session:h32 session_key:edkey issued_us:U LOG
receipt WHOSE person:s128 seal_sha256:h64 root:h64 size:U received_us:U LOG log_index:index log_proof:[h64]<63
access WHOSE person:s128 files:[h64]<512 at_us:U LOG
decision WHOSE seal_sha256:h64 finding:U outcome:upheld|not_upheld|ask reason:s4096 person:s128 at_us:U LOG
reply WHOSE decision_sha256:h64 text:s4096 person:s128 at_us:U LOG
opening WHOSE seal_sha256:h64 records:[U]>512 wraps:[openwrap]<8 person:s128 at_us:U LOG
removal WHOSE seal_sha256:h64 ranges:[range]>512 blobs:[h64]<512 reason:s128 by:person|organisation at_us:U LOG
directory organisation:h64 name:s128 version:U1- issued_us:U expires_us:U root_key:edkey platform:platform people:[human] \
  projects:[project] policies:[h64] revocations:[revocation]
seal WHOSE size:U root:h64 opening_sha256:h64 SHAS project:s128 wraps:[sealwrap]<8 redacted:[range] withheld:[s] loss:loss? \
  sealed_us:U
%disclosure focus:DISCLOSED statistics:DISCLOSED captures:DISCLOSED clipboard:DISCLOSED timing:DISCLOSED
%titles detail:application|full
%captures interval_s:U5-86400 monitors:all|primary mask:[t128] show_only:[t128]
%idle ask_after_s:U60-86400
%retention captures_days:U1-3650 statistics_days:U1-3650 decisions_days:U1-3650
%sending hold_s:U604800
%time crash_counts_s:U3600 private_counts:bool
%findings shadow:bool rates:off|sums=
%kinds agent:GRADE= browser:GRADE= chat:GRADE= code:GRADE= homework:GRADE= local:GRADE= overlay:GRADE= research:GRADE= \
  rewriting:GRADE= search:GRADE= translation:GRADE= writing:GRADE=
%ai_tools default:GRADE kinds:%kinds= own:[t128]= catalogue:h64= local_models:off|noted=
%policy version:U1-1 name:t128 purpose:t1024 legal_basis:contract|consent|agreement disclosure:%disclosure titles:%titles \
  captures:%captures idle:%idle retention:%retention sending:%sending time:%time findings:%findings ai_tools:%ai_tools
"""
_WORDS = {"\\\n": "", "WHOSE": "organisation:h64 session:h32", "SHAS": "policy_sha256:h64 directory_sha256:h64"}
_WORDS |= {"LOG": "log_size:U log_root:h64", "DISCLOSED": "sent|withheld|off", "GRADE": "allowed|declare|forbidden"}
# Of a type: number, name, key, padding, bound, whether the person may remove it; then its payload.
_TYPES = r"""
1 GRANT - 0 16384 no envelope:s
2 PERSONAL - 0 16384 no envelope:s
3 START - 0 16384 no session_id:h32 t_us:U mono_us:U boot_id:s128 agent:s128 suite:U SHAS reader:h64 \
  ckc_s:h64 ckc_w:h64 wrap_s:keywrap wrap_w:keywrap device_certificate:s session_certificate:s continues:session?=
4 GAP - 0 4096 no t_us:U mono_us:U edge:U2 reason:pause|private|crash|suspend|clock|denied|absent|died|queue-full|locked\
|offline|witness|no-indicator|damaged|disk scope:s128 from_us:U=0 lost:U=0
5 TASK - 0 4096 no t_us:U mono_us:U project:s128 task:s128=
6 MANUAL - 0 4096 no from_us:U to_us:U reason:s128
7 TRIM - 0 4096 no from_us:U to_us:U reason:s128
8 REDACT - 0 65536 no t_us:U ranges:[range] reason:s128
9 CHECKPOINT - 0 4096 no t_us:U mono_us:U moment:grid|pause|stop|seal note:s
10 COSIGN - 0 4096 no size:U line:s
32 ACK s 256 65536 no t_us:U policy_sha256:h64 notice_sha256:h64 language:s128
33 FOCUS s 512 65536 yes t_us:U mono_us:U changes:[FocusChange]=[] dropped:U=0 nearby:[Nearby]=[] watched:U=0
34 STATS s 256 65536 yes t_us:U mono_us:U span_ms:U keys:[U]8=[] repeats:U=0 iki:[U]17=[] dwell:[U]10=[] \
  sources:[SourceCount]=[] distance_px:U=0 strokes:U=0 keyboard_idle_ms:U=0 pointer_idle_ms:U=0 \
  pauses:[U]6=[] pace:[U]2=[]
35 CAPTURE s 256 65536 yes t_us:U mono_us:U monitor:U x_px:I y_px:I width_px:U height_px:U mime:s128 size_bytes:U \
  blob_key:h64 dhash:h16 same_as:U=0 masked:U=0
36 CLIPBOARD s 256 65536 yes t_us:U mono_us:U action:copy|paste|none size_bytes:U app:s128
37 DECLARE s 256 65536 no t_us:U mono_us:U tool:s128 purpose:s4096
38 NOTE s 256 65536 yes t_us:U text:s4096
39 ANSWER s 256 65536 no t_us:U finding:U text:s4096
40 FINDING s 512 65536 no t_us:U detector:s128 version:U state:raised|clear|not_evaluated weight:A|B|C statistic_ppm:I \
  threshold_ppm:I calibration:s128 evidence:[U] explanation:s128 alternatives:[s128] shadow:U1
41 CLOCK s 128 65536 no t_us:U mono_us:U boottime_us:U boot_id:s128 zone:s128=
42 SUMMARY s 4096 4095 no t_us:U worked_us:U paused_us:U private_us:U trimmed_us:U manual_us:U captures:U gaps:U \
  findings:[triple] answers:U=0
64 RAW w 32 65536 yes t_us:U mono_us:U keys:[RawKey]=[] strokes:[RawStroke]=[] dropped:U=0
"""
GRANT, PERSONAL, START, GAP, TASK, MANUAL, TRIM, REDACT, CHECKPOINT, COSIGN = range(1, 11)
ACK, CAPTURE, ANSWER, FINDING, SUMMARY, EXTENSION = 32, 35, 39, 40, 42, 128
CHECKS: dict[str, Check] = {
    "bool": lambda v: type(v) is bool,
    "I": lambda v: type(v) is int,  # its bounds are those of all integers, which _plain checks
    "index": lambda v: type(v) is int and -1 <= v <= MAX_INT,
    "nonce": lambda v: type(v) is str and re.fullmatch("[0-9a-f]{32,64}", v) is not None,
    "session?": lambda v: v == "" or CHECKS["h32"](v),
    "edkey": lambda v: CHECKS["h64"](v) and _canonical(bytes.fromhex(v), _SMALL_Y, 255),
    "xkey": lambda v: CHECKS["h64"](v) and _canonical(bytes.fromhex(v), _SMALL_X, 256),
    "wrap": lambda v: type(v) is str and len(_base64(v)) > 48 and _canonical(_base64(v)[:32], _SMALL_X, 256),
    "keywrap": lambda v: CHECKS["wrap"](v) and len(_base64(v)) == 80,
    "range": lambda v: type(v) is list and len(v) == 2 and all(map(CHECKS["U"], v)) and v[0] <= v[1],
    "triple": lambda v: type(v) is list and len(v) == 3 and all(map(CHECKS["s128"], v)),
    "loss?": lambda v: v is None or CHECKS["loss"](v),
}


def _check(word: str) -> Check:  # the check that a word of the tables stands for
    if word.startswith("["):
        inner, _, text = word[1:].rpartition("]")
        item, most = _check(inner), int(text.lstrip("<>") or MAX_INT)
        sizes: Any = range(text[:1] == ">", most + 1) if text[:1] in {"", "<", ">"} else {0, most}
        return lambda v: type(v) is list and len(v) in sizes and all(map(item, v))
    if word not in CHECKS and "|" in word:
        words = set(word.replace("_", " ").split("|"))
        CHECKS[word] = lambda v: type(v) is str and v in words
    elif word not in CHECKS:
        low, high = re.findall(r"^\w(?:(\d+)-)?(\d*)$", word)[0]
        least, size = int(low or 0), int(high or MAX_INT)
        CHECKS[word] = {
            "U": lambda v: type(v) is int and least <= v <= size,
            "t": lambda v: type(v) is str and 1 <= len(v) <= size,
            "s": lambda v: type(v) is str and len(v) <= size,
            "h": lambda v: type(v) is str and len(v) == size and re.fullmatch("[0-9a-f]*", v) is not None,
        }[word[0]]
    return CHECKS[word]


def _fields(words: list[str]) -> Fields:  # name, check and default of each field; Ellipsis where it may not be missing
    parts = [re.fullmatch(r"(\w+):([^=]+)(=.*)?", word) for word in words]
    defaults = {None: ..., "=": "", "=0": 0, "=[]": []}
    return [(part[1], _check(part[2]), defaults[part[3]]) for part in parts if part]


def _table(words: list[str], *, row: bool | None) -> Check:  # a row may be longer; an object has just these keys in order
    fields = _fields(words)
    names, least = [name for name, _, _ in fields], sum(default is ... for _, _, default in fields)
    if row is None:
        return lambda v: (
            type(v) is dict
            and v.keys() <= set(names)
            and all(check(v[name]) if name in v else default is not ... for name, check, default in fields)
        )
    if row:
        return lambda v: type(v) is list and len(v) >= least and all(f[1](x) for f, x in zip(fields, v, strict=False))
    return lambda v: type(v) is dict and list(v) == names and all(check(v[name]) for name, check, _ in fields)


for _word in ("U", "s", "s128", "h32", "h64"):
    CHECKS[_word] = _check(_word)
for _word, _words in _WORDS.items():
    _TABLES, _TYPES = _TABLES.replace(_word, _words), _TYPES.replace(_word, _words)
for _name, *_rest in map(str.split, _TABLES.strip().splitlines()):
    CHECKS[_name] = _table(_rest, row=None if _name[0] == "%" else _name[0].isupper())
KINDS: dict[int, _Kind] = {}
for _number, _name, _cls, _pad, _bound, _rem, *_rest in map(str.split, _TYPES.strip().splitlines()):
    KINDS[int(_number)] = _Kind(_name, _cls, int(_pad), int(_bound), _rem == "yes", _fields(_rest))
for _span, _cls, _multiple in ((range(128, 192), "s", 256), (range(192, 224), "w", 32), (range(224, 256), "-", 0)):
    KINDS |= {number: _Kind(f"EXT {number}", _cls, _multiple, 65536, _cls != "-", []) for number in _span}
CAPTURE_PUBLIC = KINDS[CAPTURE]._replace(fields=_fields(["blob_sha256:h64"]))

# What the grammar does not have becomes something that does not re-encode to the same text.
_JSON = json.JSONDecoder(
    parse_int=lambda text: int(text) if len(text) <= 17 else 0, parse_float=lambda _: None, parse_constant=lambda _: None
)


def _parse(raw: bytes) -> Any:  # noqa: ANN401
    try:
        value = _JSON.decode(raw.decode())
        again = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        again = b""
    _need(raw and again == raw, "a text is not JSON of the kind that is allowed, or not in its one spelling")
    return value


def _plain(value: object, levels: int) -> bool:  # arrays, strings and integers, nested at most so deep
    if type(value) is list:
        return levels > 0 and all(_plain(item, levels - 1) for item in value)
    return type(value) is str or (type(value) is int and abs(value) <= MAX_INT)


def _decode(raw: bytes, kind: _Kind) -> dict[str, Any]:  # the fields of a payload, defaults put in; "" its length
    if raw[:1] != b"[":
        stream, packed, raw = zlib.decompressobj(), raw, b""
        with contextlib.suppress(zlib.error):
            raw = stream.decompress(packed, kind.bound + 1) if packed[:1] == b"x" else b""
        _need(stream.eof and not stream.unused_data, "a payload is no array, nor a zlib stream of one within its bound")
    _need(len(raw) <= kind.bound, "a payload is longer than its type allows")
    value = _parse(raw)
    _need(type(value) is list and _plain(value, 8), "a payload is not an array of what is allowed")
    _need(value and type(value[0]) is int and value[0] >= 1, "a payload has no schema number")
    if value[0] > 1:
        raise NewerSchemaError("it has a newer schema, for which this program is too old")
    found: dict[str, Any] = {"": len(raw)}
    for place, (name, check, default) in enumerate(kind.fields, 1):
        found[name] = value[place] if place < len(value) else default
        if found[name] is ... or not check(found[name]):
            raise FormatError(f"{name} is not what it must be")
    return found


_TYPE = "application/vnd.fairwitness.{}.v1+json"


class _Statement:  # a DSSE envelope and its body in their one spelling; no signature is verified yet
    def __init__(self, raw: bytes, *kinds: str) -> None:
        value = _parse(raw)
        _need(CHECKS["envelope"](value), "a statement is no DSSE envelope")
        self.kind = next((one for one in kinds if value["payloadType"] == _TYPE.format(one)), "")
        _need(self.kind, f"a statement is of another kind than {', '.join(kinds)}")
        self.digest, self.payload, self._signatures = _sha(raw).hex(), _base64(value["payload"]), value["signatures"]
        self.body: dict[str, Any] = _parse(self.payload)
        _need(CHECKS[self.kind](self.body), f"a field of the {self.kind} statement is not what it must be")

    def by(self, *keys: str) -> str:  # the key that signed; refuses what is not signed by these alone
        allowed, signer = {_fingerprint(key): key for key in keys}, ""
        kind = _TYPE.format(self.kind).encode()
        message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)
        _need(self.body.get("log_size", 1) or self.body["log_root"] == _sha().hex(), "an empty log has another root")
        _need(len(self._signatures) == 1, f"the {self.kind} statement is not signed once")
        for one in self._signatures:
            signer = allowed.get(one["keyid"], "")
            if not _signed(bytes.fromhex(signer), _base64(one["sig"]), message):
                raise FormatError(f"the {self.kind} statement is not signed by whom it must be")
        return signer


# --- The folder and its frames (sections 1 and 2) ---
def _size(path: Path, bound: int) -> int:  # of a regular file; of a folder where the bound is negative
    info = os.lstat(path)
    _need((stat.S_ISDIR if bound < 0 else stat.S_ISREG)(info.st_mode), f"{path.name!a} is a link, or no file or folder")
    _need(bound < 0 or info.st_size <= bound, f"{path.name!a} is larger than it may be")
    return info.st_size


def _read(path: Path, bound: int) -> bytes:  # opened so that neither a link nor a pipe can take the file's place
    size = _size(path, bound)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        data = file.read(size + 1) if regular else b""
    _need(regular and len(data) == size, f"{path.name!a} changed while it was read")
    return data


# A record as it stands in a segment: type, flags, P (its header and public part), tail and leaf.
Frame = tuple[int, int, bytes, memoryview, bytes]


def _frame(view: memoryview, place: int) -> tuple[Frame, int]:  # record `seq`, and where the next one begins
    _need(len(view) - place >= 24, "it is cut off")
    length, flags, version, number, _, public = struct.unpack_from(">IBHBQI", view, place)
    end = place + 4 + length
    _need(16 <= length <= 16 * MIB and end + 4 <= len(view), "its length is out of bounds")
    _need(struct.unpack_from(">I", view, end)[0] == zlib.crc32(view[place:end]), "its CRC is wrong")
    _need(version == 1, "it has another version")
    _need(number in KINDS, "it has an unknown type")
    kind, extension = KINDS[number], number >= EXTENSION
    bound = kind.bound if kind.key == "-" or number == CAPTURE or extension else 0
    _need(public <= min(bound, length - 16), "its public part is longer than its type allows")
    _need(public or not bound or extension, "it has no public part")
    p, tail = bytes(view[place + 5 : place + 20 + public]), view[place + 20 + public : end]
    if flags == SEALED:
        right, commit = kind.key != "-" and len(tail) > 64 and (len(tail) - 64) % kind.pad == 0, _sha(b"\x02", tail)
    else:
        right = (flags, len(tail)) == ((PUBLIC, 0) if kind.key == "-" else (ABSENT, 32))
        commit = bytes(tail) if flags == ABSENT else bytes(32)
    _need(right, "it has a form that its type does not allow")
    return (number, flags, p, tail, _sha(b"\x00", p, commit)), end + 4


def _frames(data: bytes, seq: int) -> Iterator[Frame]:  # the frames of a segment, of which the first must be record `seq`
    _need(data.startswith(MAGIC) and len(data) > len(MAGIC), "a segment has no magic or no frame")
    view, place = memoryview(data), len(MAGIC)
    while place < len(view):
        try:
            frame, place = _frame(view, place)
        except FormatError as error:
            raise FormatError(f"record {seq}: {error}") from None
        yield frame
        seq += 1


# --- Policy and directory (section 10) ---
_DISCLOSED = {"FOCUS": "focus", "STATS": "statistics", "CAPTURE": "captures", "CLIPBOARD": "clipboard", "RAW": "timing"}


class _Policy:  # what a verifier needs of a policy
    def __init__(self, raw: bytes) -> None:
        # tomllib is quadratic in the parts of a dotted key and recursive in brackets: neither is let grow.
        tame = all(max(map(line.count, (b".", b"[", b"{"))) <= 1000 for line in raw.split(b"\n"))
        _need(tame, "the policy is not TOML that a person would write")
        try:
            table = tomllib.loads(raw.decode())
        except (ValueError, RecursionError):
            raise FormatError("the policy is not TOML") from None
        _need(CHECKS["%policy"](table), "a field of the policy is missing, unknown, or not what it must be")
        says = {name: table["disclosure"][field] for name, field in _DISCLOSED.items()}
        self.shadow: bool = table["findings"]["shadow"]
        self.crash_counts_s: int = table["time"]["crash_counts_s"]
        self.private_counts: bool = table["time"]["private_counts"]
        self.sends_timing = says["RAW"] == "sent"
        says |= {f"EXT {number}": says["RAW"] for number in range(192, 224)} | {"FINDING": "withheld" if self.shadow else ""}
        self.withheld = {number for number, kind in KINDS.items() if says.get(kind.name) == "withheld"}


class _Directory:  # a directory that its own root key signed; whether that root is trusted is for the caller to say
    def __init__(self, raw: bytes, organisation: str | None = None) -> None:
        statement = _Statement(raw, "directory")
        self.digest, self.body, self.text = statement.digest, statement.body, _sha(statement.payload)
        body, people, projects, self.platform = self.body, self.body["people"], self.body["projects"], self.body["platform"]
        self.organisation: str = body["organisation"]
        mine = self.organisation == _fingerprint(body["root_key"]) and organisation in {None, self.organisation}
        _need(mine, "a directory is of another organisation, or of another root key")
        statement.by(body["root_key"])
        keys = {self.platform[name] for name in ("grant_key", "receipt_key", "witness_key")} | {body["root_key"]}
        _need(len(keys) == 4, "a directory has one key for two things")
        _need(self.platform["witness_name"] == f"fairwitness/{self.organisation}/witness", "a witness has another name")
        distinct = [[one["id"] for one in people], [one["id"] for one in projects], body["policies"]]
        distinct += [[key["epoch"] for key in project["review_keys"]] for project in projects]
        _need(all(len(set(some)) == len(some) for some in distinct), "a directory names something twice")
        _need(body["issued_us"] < body["expires_us"], "a directory expires before it is issued")
        for project in projects:
            _need(project["policy_sha256"] in body["policies"], "a project has a policy that the directory does not list")
            _need(all(one["from_us"] < one["until_us"] for one in project["review_keys"]), "a review key ends as it begins")
        self.version, self.issued_us = int(body["version"]), int(body["issued_us"])
        self.keys: dict[str, str] = {one["id"]: one["person_key"] for one in people}
        self.trains: dict[str, list[str]] = {one["id"]: one["projects"] for one in people if "trainer" in one["roles"]}
        self.reviews: dict[str, list[str]] = {one["id"]: one["projects"] for one in people if "reviewer" in one["roles"]}
        self.revocations = [(str(one["revoked_key"]), int(one["revoked_us"])) for one in body["revocations"]]
        self.in_force = range(self.issued_us, body["expires_us"])


# --- Accounted time (section 11) ---
NOTHING, WORK, PAUSE, PRIVATE, UNCOUNTED, TRIMMED, BY_HAND = range(7)


class _Account:  # the time of a session, laid record by record
    def __init__(self, start: dict[str, Any], policy: _Policy) -> None:
        self._at = self._t = start["t_us"]
        self._m, self._crash_us, self._recording = start["mono_us"], policy.crash_counts_s * SECOND, True
        self._counting = {WORK, BY_HAND, PRIVATE} if policy.private_counts else {WORK, BY_HAND}
        self._open, self._landmarks = set[str](), [(self._at, self._t)]  # the latest are first
        self._edits: list[tuple[int, int, int]] = []
        self._seq, self._laid = 1, [(1, self._at)]  # up to where each record laid time
        self._pieces = [(-1, NOTHING)]  # where each begins, and what it is up to the next

    def record(self, seq: int, kind: int, fields: dict[str, Any]) -> None:  # take the next record that concerns time
        self._seq = seq
        if kind in {TRIM, MANUAL}:
            self._edits.append((fields["from_us"], fields["to_us"], kind))
        elif fields.get("scope") == "session" and fields["edge"] == 0 and fields["reason"] in {"crash", "suspend"}:
            self._outage(fields)
        elif fields.get("scope", "session") == "session" and fields.get("moment") != "seal":
            if fields["mono_us"] >= self._m:
                self._lay(self._at + fields["mono_us"] - self._m)
                self._land(fields)
            self._recording = self._recording and fields.get("moment") != "stop"
            if fields.get("edge"):  # not of a POINT
                self._open = self._open - {fields["reason"]} | ({fields["reason"]} if fields["edge"] == 1 else set())

    def _land(self, fields: dict[str, Any]) -> None:
        self._t, self._m = fields["t_us"], fields["mono_us"]
        self._landmarks = [(self._at, self._t), *self._landmarks[: LANDMARKS - 1]]
        self._laid.append((self._seq, self._at))

    def _placed(self, from_us: int) -> int:  # where a time lies by the latest landmark that it is not before
        before = self._at
        for place, (at, t) in enumerate(self._landmarks):
            if t <= from_us:
                return min(at + from_us - t, before) if place else at + from_us - t
            before = at
        return self._at

    def _lay(self, end: int) -> None:
        if self._recording:
            state = PRIVATE if "private" in self._open else PAUSE if "pause" in self._open else WORK
            self._change(self._at, end, {NOTHING}, state)
        self._at = end

    def _outage(self, fields: dict[str, Any]) -> None:
        passed = max(0, fields["mono_us"] - self._m)
        length, begin = (
            max(0, fields["t_us"] - fields["from_us"]) if fields["from_us"] else 0,
            self._placed(fields["from_us"]),
        )
        begin = begin if fields["mono_us"] < self._m else min(begin, self._at + passed)
        end = max(begin + length, self._at + passed)
        self._lay(end)
        crash = fields["reason"] == "crash"
        if not crash or end - begin > self._crash_us:
            self._change(begin, end, self._counting, UNCOUNTED)
        self._recording = self._recording or crash
        self._land(fields)

    def _change(self, first: int, last: int, states: set[int], to: int) -> None:  # let these states become another between
        if first < last:
            low, high = (bisect.bisect_left(self._pieces, (at,)) for at in (first, last))
            before = self._pieces[low - 1][1]
            parts = [(first, before), *self._pieces[low:high]]
            changed = dict([(begin, to if state in states else state) for begin, state in parts] + [(last, parts[-1][1])])
            steps = itertools.pairwise([(first, before), *changed.items()])
            self._pieces[low:high] = [piece for (_, state), piece in steps if piece[1] != state]

    def totals(self, tick: Callable[[], None]) -> dict[str, int]:  # the sums of SUMMARY, after TRIM and MANUAL in order
        for first, last, kind in self._edits:
            tick()
            uncounted = set(range(7)) - self._counting
            self._change(first, last, *((self._counting, TRIMMED) if kind == TRIM else (uncounted, BY_HAND)))
        lengths = [0] * 7
        for (begin, state), (end, _) in itertools.pairwise(self._pieces):
            lengths[state] += end - begin
        worked = sum(lengths[state] for state in self._counting)
        sums = {"paused_us": PAUSE, "private_us": PRIVATE, "trimmed_us": TRIMMED, "manual_us": BY_HAND}
        return {"worked_us": worked} | {name: lengths[state] for name, state in sums.items()}

    def beyond(self, worked: int, cosigned: list[tuple[int, int, int]], granted: int | None, received: int | None) -> int:
        """What counts, but by hand, and cannot have passed by the times that the platform proves."""
        pieces = [
            (begin, end)
            for (begin, state), (end, _) in itertools.pairwise(self._pieces)
            if state in self._counting - {BY_HAND}
        ]
        covered = list(itertools.accumulate((size for _, size, _ in cosigned), max))
        place, past, greatest, least = 0, 0, 0, None
        for seq, at in self._laid:
            while place < len(pieces) and pieces[place][1] <= at:
                past, place = past + pieces[place][1] - pieces[place][0], place + 1
            here = past + (max(0, at - pieces[place][0]) if place < len(pieces) else 0)
            before, after = bisect.bisect_left(cosigned, (seq,)), bisect.bisect_right(covered, seq)
            lower = cosigned[before - 1][2] * SECOND if before else granted
            upper = cosigned[after][2] * SECOND + SECOND - 1 if after < len(cosigned) else received
            if lower is not None:
                least = here - lower if least is None else min(least, here - lower)
            if upper is not None and least is not None:
                greatest = max(greatest, here - upper - least)
        return greatest if greatest > max(60 * SECOND, worked // 1000) else 0


# --- The steps (section 12) ---
@dataclasses.dataclass(frozen=True)
class Step:
    """One step; passed is None where it does not apply or was not reached."""

    number: int
    name: str
    passed: bool | None
    detail: str


@dataclasses.dataclass(frozen=True)
class Result:
    """What was found: what only a step after the one that failed would prove is left out."""

    verified: bool
    failed_step: int | None
    steps: list[Step]
    stopped_step: int | None = None  # the time was over in it: nothing is said of the session
    too_old: bool = False  # a public record has a schema that this program does not know
    session_id: str = ""
    person: str = ""
    organisation: str = ""
    opening: str = ""  # grant, offline or personal
    root: str = ""
    cosigned_s: tuple[int, int] | None = None  # the first and the last time that the platform proved
    received_us: int | None = None
    withheld: tuple[int, int] = (0, 0)  # withheld records that were not removed, and how many of them are here
    worked_us: int | None = None
    beyond_us: int = 0  # of what counts, what cannot have passed by the times that the platform proved
    totals: dict[str, int] = dataclasses.field(default_factory=dict)
    notes: list[str] = dataclasses.field(default_factory=list)


NOT_GIVEN = "does not apply: "


class _Session:  # a folder under verification: each step leaves here what later ones need
    def __init__(
        self, folder: Path, root: bytes | None, reading: bytes | None, seconds: float, own: bytes | None = None
    ) -> None:
        self._folder, self._trusted, self._reading, self._until = folder, root, reading, time.monotonic() + seconds
        self._own = own
        self.found: dict[str, Any] = {"notes": []}
        self._files: dict[str, int] = {}
        self._types, self._flags, self._public, self._ends = bytearray(), bytearray(), bytearray(), array("I", [0])
        self._noted, self._roots, self._last_s = array("I"), bytearray(), 0
        self._directories: list[_Directory] = []
        self._misplaced, self._unlawful = -1, False
        self._summary: dict[str, Any] = {}
        self._cosigned: list[tuple[int, int, int]] = []  # record, size and time of each cosignature
        self._findings: list[list[str]] = []
        self._openings, self._unread = list[str](), set[int]()
        self._said: list[tuple[str, str, str, bool, int, int, str]] = []
        self._received, self._sealed_us = (0, 0), 0  # time and log size of the receipt; time of the last cosignature
        self._revoked: dict[str, int] = {}

    def _tick(self) -> None:
        if time.monotonic() >= self._until:
            raise OutOfTimeError

    def _file(self, name: str, bound: int = MAX_DIRECTORY) -> bytes:
        self._tick()
        return _read(self._folder / name, bound)

    def _records(self, *kinds: int) -> Iterator[tuple[int, int, dict[str, Any]]]:  # decoded anew, for all may be large
        wanted = bytes(kinds)
        for seq, number in enumerate(self._types):
            if number in wanted:
                self._tick()
                raw = bytes(self._public[self._ends[seq] : self._ends[seq + 1]])
                try:
                    fields = _decode(raw, CAPTURE_PUBLIC if number == CAPTURE else KINDS[number])
                except FormatError as error:
                    raise type(error)(f"record {seq}, {KINDS[number].name}: {error}") from None
                yield seq, number, fields

    def _names(self, place: str) -> Iterator[str]:
        with os.scandir(self._folder / place) as entries:
            for entry in entries:
                self._tick()
                yield entry.name

    def _step1(self) -> str:  # folder
        for place, rules in LAYOUT.items():
            left = {rule: most for rule, (_, most) in rules.items()}
            for name in self._names(place) if not place or place in self._files else ():
                rule = next((rule for rule in rules if re.fullmatch(rule, name)), "")
                _need(rule and left[rule], f"{name!a} may not lie there, or there are too many like it")
                left[rule] -= 1
                self._files[f"{place}/{name}".lstrip("/")] = _size(self._folder / place / name, rules[rule][0])
        self._segments = sorted(name for name in self._files if name.endswith(".fws"))
        whole = [f"{number:06}.fws" for number in range(len(self._segments))]
        _need(self._segments == whole != [], "the segments have a hole, or there is none")
        _need({"seal.dsse", "statements/policy.toml"} <= self._files.keys(), "the seal or the policy is missing")
        held = sum(size for name, size in self._files.items() if re.fullmatch("statements/[0-9a-f]{64}.dsse", name))
        _need(held <= MAX_STATEMENTS, "the later statements are larger together than they may be")
        self._later = sorted(name for name in self._files if re.fullmatch("statements/[0-9a-f]{64}.dsse", name))
        return f"{len(self._files)} files and folders"

    def _step2(self) -> str:  # frames
        tree, public, spoken, notes = _Tree(), 0, 0, 0
        for segment in self._segments:
            for number, flags, p, _, leaf in _frames(self._file(segment, 16 * MIB), tree.size):
                self._tick()
                public += len(p) - 15
                spoken, notes = spoken + (len(p) > 15), notes + (number in {CHECKPOINT, COSIGN})
                _need(tree.size < MAX_RECORDS and public <= MAX_PUBLIC, "the records are more or larger than they may be")
                _need(spoken <= MAX_OPEN and notes <= MAX_NOTES, "there are more public parts or notes than there may be")
                if number == CHECKPOINT:
                    self._noted.append(tree.size)
                    self._roots += tree.root()
                self._types.append(number)
                self._flags.append(flags)
                self._public += p[15:] if number < EXTENSION else b""
                self._ends.append(len(self._public))
                if self._misplaced < 0 and int.from_bytes(p[3:11], "big") != tree.size:
                    self._misplaced = tree.size
                tree.append(leaf)
        self._root, self._redacted = tree.root(), bytearray(tree.size)
        return f"{tree.size} records"

    def _step3(self) -> str:  # records
        _need(self._misplaced < 0, f"record {self._misplaced} has another sequence number")
        _need(len(self._types) >= 3, "there are fewer than three records")
        _need(bytes(self._types[:2]) in {b"\x01\x03", b"\x02\x03"}, "it does not begin with an opening and START")
        fixed, timed = array("I", itertools.accumulate((not KINDS[one].removable for one in self._types), initial=0)), 0
        ranges = inflated = 0
        for seq, number, fields in self._records(*range(1, 11), CAPTURE):
            ranges, inflated = ranges + len(fields.get("ranges", ())), inflated + fields[""]
            _need(inflated <= MAX_PUBLIC and ranges <= MAX_RANGES, "public parts hold more than they may")
            _need(number > START or seq < 2, "an opening or START stands at another place than the beginning")
            timed += number in {MANUAL, TRIM} or (number == GAP and fields["scope"] == "session")
            _need(timed <= MAX_TIME_RECORDS, "more records change accounted time than may")
            for first, last in fields["ranges"] if number == REDACT else []:
                _need(last < seq, "a REDACT names what is not before it")
                self._unlawful = self._unlawful or fixed[last + 1] != fixed[first]
                self._redacted[first : last + 1] = b"\x01" * (last + 1 - first)
        (_, _, opening), (_, _, self._start) = itertools.islice(self._records(GRANT, PERSONAL, START), 2)
        self._envelope, self._sid = opening["envelope"].encode(), bytes.fromhex(self._start["session_id"])
        _need(self._start["suite"] == 1, "START names algorithms that this program does not know")
        self.found["session_id"] = self._start["session_id"]
        return "order and schemas hold"

    def _step4(self) -> str:  # blobs
        named, needed = list[bytes](), 0
        for seq, _, fields in self._records(CAPTURE):
            named.append(bytes.fromhex(fields["blob_sha256"]))
            if self._flags[seq] == SEALED:
                size, needed = self._files.get(f"blobs/{fields['blob_sha256']}", 0), needed + 1
                _need(size > 16 and (size - 16) % (16 * KIB) == 0, f"the blob of record {seq} is missing or misshapen")
                self._blob(fields["blob_sha256"])
        named.sort()
        _need(all(a != b for a, b in itertools.pairwise(named)), "two captures name one blob")
        _need(needed == sum(name.startswith("blobs/") for name in self._files), "a blob is here that no capture here names")
        return f"{needed} blobs"

    def _blob(self, name: str) -> bytes:
        data = self._file(f"blobs/{name}", 20 * MIB)
        _need(_sha(data).hex() == name, f"the blob {name[:8]} has another content than its name says")
        return data

    def _step5(self) -> str:  # directory and policy
        raw = self._file("statements/policy.toml")
        _need(_sha(raw).hex() == self._start["policy_sha256"], "the policy is not the one that START names")
        self._policy = _Policy(raw)
        digest, there = self._start["directory_sha256"], "statements/directory.dsse" in self._files
        _need(there == (digest != "0" * 64), "a directory is missing, or is here and not named")
        if not there:
            return "a personal session: a policy, no directory"
        directory = _Directory(self._file("statements/directory.dsse"))
        _need(directory.digest == digest, "the directory is not the one that START names")
        self._trust(directory.organisation)
        _need(self._start["policy_sha256"] in directory.body["policies"], "the directory does not list the policy")
        self._directories = [directory]
        if self._own is not None:
            own = _Directory(self._own, directory.organisation)
            same = own.version != directory.version or own.text == directory.text
            _need(same, "the directory that the reader holds is another text of the same version")
            self._directories += [own] if own.version > directory.version else []
        return f"directory {directory.version}" + ("" if self._trusted else "; its root was not compared: none was given")

    def _trust(self, organisation: str) -> None:
        _need(self._trusted in {None, bytes.fromhex(organisation)}, "the root key is not the one that is trusted")
        self._org = self.found["organisation"] = organisation

    def _step6(self) -> str:  # opening
        start, kind = self._start, "grant" if self._types[0] == GRANT else "personal"
        opening = _Statement(self._envelope, kind)
        self._opening = body = opening.body
        self._who, self.found["opening"] = body["person"], body.get("mode", kind)
        _need((body.get("mode") == "personal") != bool(self._directories), "the opening needs a directory, or may have none")
        if self._directories:
            self._person_key = self._directories[0].keys.get(self._who, "")
            _need(self._person_key, "the directory does not name the person")
            in_force = kind != "grant" or body["issued_us"] in self._directories[0].in_force
            _need(in_force, "the directory was not in force when the session was granted")
        else:
            self._person_key = body["person_key"]
            self._trust(_fingerprint(self._person_key))
        opening.by(self._directories[0].platform["grant_key"] if kind == "grant" else body["device_key"])
        _need(start["t_us"] <= body.get("start_by_us", MAX_INT), "the session was started too late")
        device = _Statement(start["device_certificate"].encode(), "device")
        device.by(self._person_key)
        session = _Statement(start["session_certificate"].encode(), "session")
        session.by(device.body["device_key"])
        expected = {name: start[name] for name in ("policy_sha256", "directory_sha256")} | {"session": start["session_id"]}
        expected |= {"organisation": self._org, "person_key": self._person_key, "device_key": device.body["device_key"]}
        expected |= {name: body[name] for name in ("person", "device", "session_key")}
        for one in (opening, device, session):
            _agree(one.body, {name: value for name, value in expected.items() if name in one.body}, f"the {one.kind}")
        _need(_fingerprint(device.body["reading_key"]) == start["reader"], "START has another reader than the device")
        self._key, self.found["person"] = body["session_key"], self._who
        self._chain = {self._person_key, device.body["device_key"], self._key}
        return f"{self.found['opening']}, by {self._who!a}"

    def _text(self, seq: int) -> str:  # the three lines that the checkpoint that is record `seq` must sign
        place = 32 * bisect.bisect_left(self._noted, seq)
        root = base64.b64encode(self._roots[place : place + 32]).decode()
        return f"fairwitness/{self._org}/{self._start['session_id']}\n{seq}\n{root}\n"

    def _signature(self, line: str, name: str, algorithm: bytes, key: str) -> tuple[int, bytes]:  # time and signature
        raw, keyid = _base64(line[len(name) + 3 :]), _sha(name.encode(), b"\n", algorithm, bytes.fromhex(key))[:4]
        right = line.startswith(f"\N{EM DASH} {name} ") and len(raw) in {68, 76} and raw[:4] == keyid
        return (int.from_bytes(raw[4:-64]), raw[-64:]) if right and (len(raw) == 76) == (algorithm == b"\x04") else (0, b"")

    def _step7(self) -> str:  # tree and checkpoints
        key, moment = bytes.fromhex(self._key), ""
        for seq, _, fields in self._records(CHECKPOINT):
            text, note, moment = self._text(seq), fields["note"], fields["moment"]
            _need(note.startswith(f"{text}\n") and note.endswith("\n"), f"the note of record {seq} has another size or root")
            _, signature = self._signature(note[len(text) + 1 : -1], text.split("\n")[0], b"\x01", self._key)
            _need(_signed(key, signature, text.encode()), f"the note of record {seq} is not signed once, by the session key")
        _need(self._types[-1] == CHECKPOINT and moment == "seal", "the last record is not the checkpoint of the seal")
        self.found["root"] = self._root.hex()
        return f"{len(self._noted)} checkpoints"

    def _step8(self) -> str:  # cosignatures
        first, last = None, self._opening["issued_us"] // SECOND if self._types[0] == GRANT else 0
        for seq, _, fields in self._records(COSIGN):
            size, platform = fields["size"], self._directories[0].platform if self._directories else {}
            _need(platform, "a personal session has no witness")
            _need(size < seq and self._types[size] == CHECKPOINT, f"record {seq} cosigns no checkpoint before it")
            now, raw = self._signature(fields["line"], platform["witness_name"], b"\x04", platform["witness_key"])
            message = f"cosignature/v1\ntime {now}\n{self._text(size)}".encode()
            right = 1 <= now <= MAX_COSIGNED_S and _signed(bytes.fromhex(platform["witness_key"]), raw, message)
            _need(right, f"the cosignature of record {seq} is not by the witness")
            _need(now >= last, f"the time of record {seq} lies before one that is proved")
            first, last = first or now, now
            self._cosigned.append((seq, size, now))
            self.found["cosigned_s"] = first, last
            self._last_s = last
        first_us = first * SECOND if first else MAX_INT
        with contextlib.suppress(FormatError):  # a receipt, for which step 12 answers, proves a time where nothing else does
            receipt = self._file("receipt.dsse", MAX_STATEMENT) if "receipt.dsse" in self._files else b""
            body = _Statement(receipt, "receipt").body
            first_us = first_us if first else int(body["received_us"])
            self._received = body["received_us"], body["log_size"] if body["log_index"] >= 0 else 0
        self._sealed_us = last * SECOND if first else 0
        for name in self._later if self._directories else []:
            raw = self._file(name)
            if b'"application/vnd.fairwitness.directory.v1+json"' in raw and _sha(raw).hex() == name[-69:-5]:
                with contextlib.suppress(FormatError):  # for which step 10 answers
                    later = _Directory(raw, self._org)
                    # there may be many; who reviews which project is read again in step 10
                    later.body, later.trains, later.reviews = {"root_key": later.body["root_key"]}, {}, {}
                    self._directories.append(later)
        early = set[str]()  # keys of the platform that had a part in this: these at the beginning, its witness up to the end
        if self._directories:
            early = {self._directories[0].body["root_key"]}
            early |= {self._directories[0].platform["grant_key"]} if self._types[0] == GRANT else set()
            self._chain |= {self._directories[0].platform["witness_key"]} if first else set()
        for key, revoked_us in (pair for one in self._directories for pair in one.revocations):
            self._revoked[key] = min(revoked_us, self._revoked.get(key, revoked_us))
        for keys, used_us in (early, first_us), (self._chain, last * SECOND if first else first_us):
            _need(not any(self._gone(key, used_us) for key in keys), "a key was revoked by a time at which it was used")
        return f"from {first} s to {last} s" if first else "none"

    def _step9(self) -> str:  # seal
        statement = _Statement(self._file("seal.dsse"), "seal")
        self._seal, self._seal_digest = statement.body, statement.digest
        statement.by(self._key)
        withheld = [kind.name for number, kind in KINDS.items() if number in self._policy.withheld and number < EXTENSION]
        expected = {"organisation": self._org, "session": self._start["session_id"], "size": len(self._types), "loss": None}
        expected |= {"root": self._root.hex(), "opening_sha256": _sha(self._envelope).hex(), "withheld": withheld}
        expected |= {"policy_sha256": self._start["policy_sha256"], "directory_sha256": "0" * 64, "project": "", "wraps": []}
        expected["redacted"] = [[one.start(), one.end() - 1] for one in re.finditer(b"\x01+", self._redacted)]
        for seq, _, gap in self._records(GAP):
            if gap["reason"] == "damaged":
                right = expected["loss"] is None and gap["scope"] == "session" and gap["lost"] and self._directories
                _need(right, "a gap of a loss is not one that there can be")
                expected["loss"] = {"recovered_size": seq, "cosigned_size": seq + gap["lost"]}
        wraps = [{name: one[name] for name in ("recipient", "epoch", "key_class")} for one in self._seal["wraps"]]
        _agree(self._seal | {"wraps": wraps}, expected | (self._for_reviewers() if self._directories else {}), "the seal")
        return "signed by the session key"

    def _for_reviewers(self) -> dict[str, Any]:  # the directory in force, the project and the wraps that a seal must name
        directory, digest = self._directories[0], self._seal["directory_sha256"]
        project, at_us = self._opening.get("project", self._seal["project"]), self._seal["sealed_us"]
        if self._types[0] == PERSONAL:  # an offline start: nobody granted it
            policies = {one["id"]: one["policy_sha256"] for one in directory.body["projects"]}
            _need(
                policies.get(project) == self._start["policy_sha256"], "the project had another policy at the offline start"
            )
            _need(project in directory.trains.get(self._who, ()), "the person was no trainer of the project")
        if digest != directory.digest:
            _need(f"statements/{digest}.dsse" in self._files, "the directory that the seal names is not here")
            directory = _Directory(self._file(f"statements/{digest}.dsse"), self._org)
            _need(directory.digest == digest, "the directory that the seal names has another content")
            _need(directory.version > self._directories[0].version, "the directory that the seal names is not a newer one")
        keys = [key for one in directory.body["projects"] if one["id"] == project for key in one["review_keys"]]
        keys = sorted((key for key in keys if key["from_us"] <= at_us < key["until_us"]), key=lambda key: int(key["epoch"]))
        _need(keys, "no review key of the project was in force")
        wrap = {"recipient": _fingerprint(keys[-1]["public_key"]), "epoch": keys[-1]["epoch"]}
        wraps = [wrap | {"key_class": one} for one in ("s", "w")[: 1 + self._policy.sends_timing]]
        return {"project": project, "wraps": wraps, "directory_sha256": directory.digest}

    def _step10(self) -> str:  # statements
        self._opened, self._removed, self._unwanted = (bytearray(len(self._types)) for _ in range(3))
        self._trainer = {self._person_key} | {one.keys[self._who] for one in self._directories if self._who in one.keys}
        for name in self._later:
            raw = self._file(name)
            try:
                _need(_sha(raw).hex() == name[-69:-5], "it has another content than its name says")
                statement = _Statement(raw, "directory", "access", "decision", "reply", "opening", "removal")
                if statement.kind == "directory":
                    _need(self._directories, "a personal session has no directory")
                    self._reviewing(_Directory(raw, self._org))
                else:
                    _need(len(raw) <= MAX_STATEMENT, "it is larger than it may be")
                    self._statement(statement)
            except FormatError as error:
                raise FormatError(f"{name}: {error}") from None
        versions = {one.version: one.text for one in self._directories}
        forked = any(versions[one.version] != one.text for one in self._directories)
        _need(not forked, "there are two texts of one version of the directory")
        self._judge()
        return f"{len(self._later)} statements"

    def _statement(self, statement: _Statement) -> None:
        body, kind, who = statement.body, statement.kind, statement.body.get("person", self._who)
        about = {"organisation": self._org, "session": self._start["session_id"]}
        _agree(body, about | ({"seal_sha256": self._seal_digest} if "seal_sha256" in body else {}), "it")
        allowed = self._trainer
        if kind == "access":
            allowed = {one.platform["receipt_key"] for one in self._directories}
        elif kind == "decision":
            allowed = {one.keys[who] for one in self._directories if who in one.keys}
        elif body.get("by") == "organisation":
            allowed = {one.body["root_key"] for one in self._directories}
        else:
            _need(who == self._who, "it is by somebody else than the session's person")
        key = statement.by(*allowed)
        gone = self._gone(key, self._judged_us(body))
        _need(not gone or kind != "access", "the key of an access was revoked by then")
        if kind in {"decision", "reply"}:
            about_what = body.get("finding", -1), body.get("decision_sha256", "")
            self._said.append((statement.digest, who, key, gone, body["at_us"], *about_what))
        elif gone:  # it excuses nothing and opens nothing
            self.found["notes"].append(f"{kind} {statement.digest[:8]} does not count: its key was revoked")
        for first, last in body.get("ranges", []):
            _need(last < len(self._types), "it removes what is no record")
            if gone:
                continue
            marks = self._removed if body["by"] == "organisation" else self._unwanted
            marks[first : last + 1] = b"\x01" * (last + 1 - first)
        for seq in body.get("records", []):
            number = self._types[seq] if seq < len(self._types) else GRANT
            _need(number in self._policy.withheld, "it opens what is no withheld record")
            self._opened[seq] |= not gone
        if kind == "opening":
            self._openings += [] if gone else [f"statements/{statement.digest}.dsse"]
            sizes = {len(_base64(one["wrapped"])) for one in body["wraps"]}
            _need(sizes <= {48 + 32 * len(body["records"])}, "a wrap does not hold a key for each of its records")

    def _gone(self, key: str, at_us: int) -> bool:  # whether a key was revoked by then
        return self._revoked.get(key, at_us + 1) <= at_us

    def _judged_us(self, body: dict[str, Any]) -> int:  # before which a statement after the seal was not signed
        received_us, log_size = self._received
        return max(body["at_us"], self._sealed_us, received_us if 0 < log_size <= body["log_size"] else 0)

    def _reviewing(self, again: _Directory) -> None:  # whom this directory lets review the project of the seal
        project = self._seal["project"]
        for one in self._directories[1:]:
            if one.digest == again.digest:
                one.reviews = {who: [project] for who, projects in again.reviews.items() if project in projects}

    def _judge(self) -> None:  # name the decisions and replies that do not count (section 10)
        counting: set[str] = set()
        for digest, who, key, gone, at_us, finding, decision in sorted(self._said, key=lambda one: one[5] < 0):
            self._tick()
            named, replaced_us, project = not self._directories, MAX_INT, self._seal["project"]
            for one in sorted(self._directories, key=lambda one: -one.version):
                right = one.keys.get(who) == key and (finding < 0 or project in one.reviews.get(who, ()))
                named, replaced_us = named or (right and replaced_us >= at_us - DAY), min(replaced_us, one.issued_us)
            about = finding < len(self._types) and (who != self._who if finding >= 0 else decision in counting)
            if named and about and not gone:
                counting.add(digest)
            else:
                why = "its key was revoked" if gone else "of what it is about" if named else "its directory was replaced"
                self.found["notes"].append(f"statement {digest[:8]} does not count: {why}")

    def _step11(self) -> str:  # presence
        _need(not self._unlawful, "a REDACT names what must stay")
        withheld = present = both = 0
        for seq, number in enumerate(self._types):
            here, kind, opened = self._flags[seq] == SEALED, KINDS[number], self._opened[seq]
            if self._redacted[seq] or self._removed[seq] or (self._unwanted[seq] and kind.removable):
                _need(not here or not self._redacted[seq], "a sealed part is here that was removed")
            elif number in self._policy.withheld:
                withheld, present, both = withheld + 1, present + here, both + (here and opened)
            elif kind.key != "-" and not here:
                raise FormatError(f"record {seq} is missing after the seal, whoever held it is at fault")
        _need(present in {withheld, both}, "the withheld records here are neither all nor those opened")
        self.found["withheld"] = withheld, present
        return f"{present} of {withheld} withheld records are here"

    def _step12(self) -> str:  # receipt
        if "receipt.dsse" not in self._files:
            return NOT_GIVEN + "there is no receipt"
        receipt = _Statement(self._file("receipt.dsse", MAX_STATEMENT), "receipt")
        key = receipt.by(*{one.platform["receipt_key"] for one in self._directories})
        expected = {name: self._seal[name] for name in ("organisation", "session", "root", "size")}
        _agree(body := receipt.body, expected | {"person": self._who, "seal_sha256": self._seal_digest}, "the receipt")
        _need(body["received_us"] // SECOND >= self._last_s, "the receipt is older than the last cosignature")
        _need(not self._gone(key, body["received_us"]), "the key of the receipt was revoked by then")
        self.found["received_us"] = body["received_us"]
        index, size, proof = body["log_index"], body["log_size"], [bytes.fromhex(one) for one in body["log_proof"]]
        _need(len(proof) <= (63 if index >= 0 else 0) and index < max(size, 1), "the log proof is out of bounds")
        if index < 0:
            return "received; the platform keeps no log"
        root = _proved(_sha(b"\x00", self._file("seal.dsse")), index, size, proof)
        _need(root.hex() == body["log_root"], "the proof that the seal is in the log does not hold")
        return "received, and in the log"

    def _step13(self) -> str:  # contents
        if self._reading is None or len(self._reading) != 32:
            return NOT_GIVEN + "no reading key of 32 bytes was given"
        self._unwrap(X25519PrivateKey.from_private_bytes(self._reading))
        if not self._keys and not self._single:
            return NOT_GIVEN + "nothing in this session is wrapped for the key that was given"
        tree, opened, closed = _Tree(), 0, 0
        for segment in self._segments:
            for frame in _frames(self._file(segment, 16 * MIB), tree.size):
                self._tick()
                _need(tree.size < len(self._types), "the segments changed while they were read")
                try:
                    done = frame[1] == SEALED and self._open(tree.size, frame)
                except FormatError as error:
                    raise FormatError(f"record {tree.size}, {KINDS[frame[0]].name}: {error}") from None
                opened, closed = opened + done, closed + (frame[1] == SEALED and not done)
                tree.append(frame[4])
        _need(tree.root() == self._root, "the segments changed while they were read")
        newer = f", records newer than this program of types {sorted(self._unread)} not read" if self._unread else ""
        return f"{opened} sealed parts opened" + (f", {closed} are not for this key" if closed else "") + newer

    def _unwrap(self, private: X25519PrivateKey) -> None:  # content keys, and record keys of openings, 32 bytes a record
        me, start = _sha(private.public_key().public_bytes_raw()), self._start
        self._keys, self._single, scope = dict[str, bytes](), bytearray(), bytes.fromhex(self._org) + self._sid
        info = scope + bytes.fromhex(start["policy_sha256"] + me.hex() + start["ckc_s"] + start["ckc_w"])
        wraps = [(one["recipient"], one["key_class"], one["wrapped"]) for one in self._seal["wraps"]]
        for recipient, name, wrapped in [*wraps, *((start["reader"], name, start[f"wrap_{name}"]) for name in "sw")]:
            if recipient == me.hex():
                key = self._keys[name] = _unwrapped(private, wrapped, b"fairwitness/v1/wrap" + info)
                _need(_sha(b"\x04", name.encode(), key).hex() == start[f"ckc_{name}"], "a content key is not START's")
        info = b"fairwitness/v1/opening" + scope + bytes.fromhex(self._seal_digest) + me
        for body in (_Statement(self._file(name), "opening").body for name in self._openings):
            for wrapped in (one["wrapped"] for one in body["wraps"] if one["recipient"] == me.hex()):
                self._single = self._single or bytearray(32 * len(self._types))
                given = _unwrapped(private, wrapped, info)
                for place, seq in enumerate(body["records"]):
                    self._single[32 * seq : 32 * seq + 32] = given[32 * place : 32 * place + 32]

    def _open(self, seq: int, frame: Frame) -> bool:  # open a sealed part and check it; false where there is no key for it
        number, _, p, tail, _ = frame
        key, rk = self._keys.get(KINDS[number].key), bytes(self._single[32 * seq : 32 * seq + 32])
        if key is not None:
            info = b"fairwitness/v1/record" + self._sid + p[:11]
            rk = hmac.digest(hmac.digest(tail[32:48], key, "sha256"), info + b"\x01", "sha256")
        elif not any(rk):
            return False
        _need(_sha(b"\x03", rk) == tail[:32], "its key is not the one that it commits to")
        payload = _decrypt(rk, tail[48:], p)
        try:
            if number < EXTENSION:
                self._content(seq, number, p, _decode(payload, KINDS[number]))
        except NewerSchemaError:
            self._unread |= {number}
        return True

    def _content(self, seq: int, number: int, p: bytes, fields: dict[str, Any]) -> None:  # what it says about other records
        if number == CAPTURE:
            same = fields["same_as"]
            _need(not same or (same < seq and self._types[same] == CAPTURE), "it equals what is no earlier capture")
            blob = self._blob(_decode(p[15:], CAPTURE_PUBLIC)["blob_sha256"])
            associated = b"fairwitness/v1/blob" + self._sid + struct.pack(">Q", seq)
            image = _decrypt(bytes.fromhex(fields["blob_key"]), blob, associated)
            _need(len(image) == fields["size_bytes"], "its picture has another size")
        elif number == ANSWER:
            about = fields["finding"]
            _need(about < seq and self._types[about] == FINDING, "it answers what is no earlier finding")
        elif number == FINDING:
            _need(all(one < seq for one in fields["evidence"]), "its evidence is not before it")
            _need(fields["shadow"] == self._policy.shadow, "the policy says otherwise of findings on trial")
            if not fields["shadow"] and len(self._findings) < KIB:  # more than SUMMARY has room for
                self._findings.append([fields["detector"], fields["state"], fields["weight"]])
        elif number == ACK:
            _need(fields["policy_sha256"] == self._start["policy_sha256"], "it is of another policy")
        elif number == SUMMARY:
            _need(not self._summary, "there is another SUMMARY before it")
            self._summary = fields

    def _step14(self) -> str:  # accounted time
        account = _Account(self._start, self._policy)
        for seq, number, fields in self._records(GAP, TASK, MANUAL, TRIM, CHECKPOINT):
            account.record(seq, number, fields)
        totals = account.totals(self._tick)
        self.found |= {"totals": totals, "worked_us": totals["worked_us"]}
        granted = self._opening["issued_us"] if self._types[0] == GRANT else None
        if self._directories:
            bounds = self._cosigned, granted, self.found.get("received_us")
            self.found["beyond_us"] = account.beyond(totals["worked_us"], *bounds)
        if not self._summary:
            return NOT_GIVEN + "no key was given that opens SUMMARY, or there is none"
        kinds = {"captures": CAPTURE, "gaps": GAP, "answers": ANSWER}
        counts = {name: self._types.count(kind) for name, kind in kinds.items()}
        read = all(flags == SEALED for flags, number in zip(self._flags, self._types, strict=True) if number == FINDING)
        read = self._policy.shadow or (read and FINDING not in self._unread)
        _agree(self._summary, totals | counts | ({"findings": self._findings} if read else {}), "SUMMARY")
        return "SUMMARY is what the records give"


def verify(
    folder: Path,
    *,
    root: bytes | None = None,
    reading_private: bytes | None = None,
    seconds: float = 10,
    directory: bytes | None = None,
) -> Result:
    """Verify a sealed session; raises nothing but OSError of an unreadable disk.

    Args:
        folder: the session's folder.
        root: the fingerprint of the organisation's root key that the reader trusts, 32 bytes; None: not compared.
        reading_private: an X25519 private key of a reader, 32 bytes; None: contents are not opened.
        seconds: after this time it stops and says in which step, for a hostile folder, and a long day too, can take long.
        directory: the newest that the reader holds of the organisation: its revocations and keys count too.
    """
    session, steps = _Session(Path(folder), root, reading_private, seconds, directory), list[Step]()
    failed, stopped, too_old = None, None, False
    for number, name in enumerate(STEPS.split(", "), 1):
        passed, detail = None, "not reached"
        try:
            if failed is None and stopped is None:
                detail = getattr(session, f"_step{number}")()
                passed = None if detail.startswith(NOT_GIVEN) else True
        except (FormatError, FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
            passed, failed, too_old = False, number, isinstance(error, NewerSchemaError)
            detail = str(error) if isinstance(error, FormatError) else "it, or a file in it, is missing or may not be read"
        except OutOfTimeError:
            stopped, detail = number, "the time that was given was over; give it more"
        steps.append(Step(number, name, passed, detail))
    return Result(failed is stopped is None, failed, steps, stopped, too_old, **session.found)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; what others wrote is printed in ASCII, so that it cannot steer a terminal."""
    parser = argparse.ArgumentParser(description="Verify a sealed Fair Witness session.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--root", type=bytes.fromhex, help="fingerprint of the organisation's root key, 64 digits")
    parser.add_argument("--directory", type=Path, help="file with the newest directory of the organisation that you hold")
    parser.add_argument("--key", type=Path, help="file with a reader's X25519 private key: 32 bytes, or 64 digits")
    parser.add_argument("--seconds", type=float, default=10, help="give up after this time (10)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error("there is no such folder")
    try:
        key = _read(given.key, KIB) if given.key else None
        key = bytes.fromhex(key.decode()) if key and len(key) != 32 else key
        if any(one is not None and len(one) != 32 for one in (given.root, key)):
            parser.error("a key and a fingerprint have 32 bytes")
        own = _read(given.directory, MAX_DIRECTORY) if given.directory else None
        result = verify(given.folder, root=given.root, reading_private=key, seconds=given.seconds, directory=own)
    except (OSError, ValueError, FormatError) as error:
        print(f"cannot read: {str(error)!a}", file=sys.stderr)
        return 2
    found = dataclasses.asdict(result)
    for step in [] if given.json else found.pop("steps"):
        print({True: "ok  ", False: "FAIL", None: "-   "}[step["passed"]], "{number:2} {name}: {detail}".format(**step))
    print(json.dumps(found, indent=1))
    return 2 if result.stopped_step else 0 if result.verified else 1


if __name__ == "__main__":
    sys.exit(main())
