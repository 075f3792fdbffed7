# SPDX-License-Identifier: Apache-2.0
"""Sessions good and hostile, by number: `hostile(seed, good)` is always the same one for the same seed.

Each takes a good session and does one thing to it that a thief, a platform, a trainer or a disk could do: to bytes, to
whole frames with their check sums made right, to segments, to files, to JSON that signs nothing any more or is signed
anew by the right key, and by putting in what belongs to another session or organisation. `verifier_cases.CASES` has besides
what is signed throughout and odd in one thing.

What the issue on the record names, and what makes it ("…" is a case): bytes flipped_bit, cut, spliced, moved_within;
frames (CRC repaired) frame_field, frame_byte, frame_public, frame_order; records resigned; segments segments; session
all_but_some_of_another; splices and replays frame_of_another, file_of_another, files_swapped; two keys "commits to
another key"; small order "session key of small order", "enc of small order"; flags, type, version, lengths
frame_field; recipients "foreign recipient", "extra recipient", "seal without wraps"; grant "grant for another session
key", "start after start_by"; directories "a forked directory", "seal by an older directory"; cosignatures "forged
cosignature", file_of_another; 409 "a 409 without the platform's note"; seals "a second seal beside the first", "… as
a statement"; ABSENT made_absent; REDACT "REDACT of what must stay"; JSON envelope, payload; inflation "… inflation
bomb"; keys that a directory revokes said_by_revoked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from trust_builders import (
    POLICY_SENDING_TIMING,
    POLICY_WITHHOLDING_CAPTURES,
    Organisation,
    SealedSession,
    organisation,
    personal_session,
    realistic_session,
    signing_key,
    small_session,
)
from trust_files import Files, files_of
from verifier_draft import Draft, Good
from verifier_said import said_by_revoked

from session.crypto.hpke import ReadingKey
from session.events import Edge, Gap, Kind, Reason
from session.frames import MAGIC, read_segment

SEGMENT, SEAL, RECEIPT = "000000.fws", "seal.dsse", "receipt.dsse"
HEAD = struct.Struct(">IBHBQI")
"""len, flags, version, type, seq, publen. Source: docs/session-format.md, Segments."""


def goods(folder: Path) -> list[Good]:
    """One of each kind."""
    org, timing, hiding = organisation(), organisation(POLICY_SENDING_TIMING), organisation(POLICY_WITHHOLDING_CAPTURES)
    other = organisation(root=signing_key("another root"), witness_key=signing_key("another witness"))
    made = [
        _good("realistic", realistic_session(org, folder / "realistic"), org),
        _good("small", small_session(org, folder / "small"), org),
        _good("picture", small_session(org, folder / "picture", capture=True), org),
        _good("timing", realistic_session(timing, folder / "timing"), timing),
        _good("hiding", realistic_session(hiding, folder / "hiding"), hiding),
        _good("other", realistic_session(other, folder / "other"), other),
        _good("reviewer", realistic_session(org, folder / "reviewer"), org, org.epoch_key()),
    ]
    for name, options in (("offline", {"offline": True}), ("second", {"name": "a second session"})):
        session = org.open_session(folder / name, **options)  # type: ignore[arg-type] # by name
        session.tick()
        session.capture(b"one")
        session.cosigned_checkpoint()
        session.tick()
        session.stop()
        made.append(_good(name, session.seal(receipt=name == "second"), org))
    held = org.open_session(folder / "held", "held")
    held.tick()
    for edge in (Edge.BEGIN, Edge.POINT, Edge.END):  # a point inside a pause ends none
        now = held.reading
        held.add(Kind.GAP, Gap(now.t_us, now.mono_us, edge, Reason.PAUSE, "session", now.t_us - 1))
        held.tick()
    held.stop()
    made.append(_good("held", held.seal(), org))
    alone = personal_session(folder / "personal")
    alone.tick()
    alone.note("mine")
    alone.stop()
    made.append(_good("personal", alone.seal(), None))
    return made


def _good(name: str, sealed: SealedSession, org: Organisation | None, key: ReadingKey | None = None) -> Good:
    trust = org.anchor if org is not None else None
    return Good(name, files_of(sealed.folder), trust, key or sealed.person.reading, org, sealed.person, sealed.keys)


def hostile(seed: int, all_good: Sequence[Good]) -> tuple[str, Good]:
    """The hostile session of this number, and what was done."""
    chance = random.Random(seed)  # noqa: S311 - the same for the same number, and no secret
    good = chance.choice(all_good)
    change = chance.choice(CHANGES)
    files = change(chance, good, all_good)
    return f"{seed}: {change.__name__} of {good.name}", replace(good, files=files)


# --- bytes


def flipped_bit(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    name, octets = _file(chance, good)
    at = chance.randrange(len(octets))
    return good.files.changed(name, octets[:at] + bytes((octets[at] ^ (1 << chance.randrange(8)),)) + octets[at + 1 :])


def cut(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    name, octets = _file(chance, good)
    return good.files.changed(name, octets[: chance.randrange(len(octets))])


def spliced(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    name, octets = _file(chance, good)
    first, last = sorted(chance.randrange(len(octets) + 1) for _ in range(2))
    return good.files.changed(name, octets[:first] + chance.randbytes(chance.randrange(20)) + octets[last:])


def moved_within(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    name, octets = _file(chance, good)
    first, middle, last = sorted(chance.randrange(len(octets) + 1) for _ in range(3))
    return good.files.changed(name, octets[:first] + octets[middle:last] + octets[first:middle] + octets[last:])


# --- frames, their check sums made right


def frame_field(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """A flag, a version, a type, a seq or a length of one frame is another."""
    frames = _frames(good)
    at = chance.randrange(len(frames))
    length, flags, version, kind, seq, publen = HEAD.unpack_from(frames[at])
    which = chance.randrange(6)
    changed = [
        (chance.choice((0, 15, length - 1, length + 1, 2**31, 2**32 - 1)), flags, version, kind, seq, publen),
        (length, chance.choice((0, 1, 2, 3, 255)), version, kind, seq, publen),
        (length, flags, chance.choice((0, 2, 65535)), kind, seq, publen),
        (length, flags, version, chance.randrange(256), seq, publen),
        (length, flags, version, kind, chance.choice((0, seq + 1, max(0, seq - 1), 2**53, 2**64 - 1)), publen),
        (length, flags, version, kind, seq, chance.choice((0, publen + 1, max(0, publen - 1), 2**32 - 1))),
    ][which]
    return _with(good, [*frames[:at], _summed(HEAD.pack(*changed) + frames[at][HEAD.size : -4]), *frames[at + 1 :]])


def frame_byte(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    frames = _frames(good)
    at = chance.randrange(len(frames))
    body = bytearray(frames[at][:-4])
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return _with(good, [*frames[:at], _summed(bytes(body)), *frames[at + 1 :]])


def frame_public(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """The public JSON of a frame is spelled or filled otherwise."""
    frames = _frames(good)
    places = [at for at, frame in enumerate(frames) if HEAD.unpack_from(frame)[5]]
    at = chance.choice(places)
    _, flags, version, kind, seq, publen = HEAD.unpack_from(frames[at])
    public, tail = frames[at][HEAD.size : HEAD.size + publen], frames[at][HEAD.size + publen : -4]
    public = _respelled(chance, public)
    head = HEAD.pack(HEAD.size - 4 + len(public) + len(tail), flags, version, kind, seq, len(public))
    return _with(good, [*frames[:at], _summed(head + public + tail), *frames[at + 1 :]])


def frame_order(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    frames = _frames(good)
    one, two = (chance.randrange(len(frames)) for _ in range(2))
    variants = [
        frames[:one] + frames[one + 1 :],
        [*frames[:one], frames[one], *frames[one:]],
        frames[: one + 1],
        [frames[two] if at == one else frames[one] if at == two else frame for at, frame in enumerate(frames)],
    ]
    return _with(good, chance.choice(variants))


def made_absent(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """A ciphertext gives way to its commitment, and perhaps its blob goes, and no REDACT says so."""
    parsed = [frame for frame, _ in read_segment(good.files[SEGMENT])]
    sealed = [at for at, frame in enumerate(parsed) if frame.absent() is not frame]
    at = chance.choice(sealed)
    frames = _frames(good)
    frame = parsed[at].absent()
    head = HEAD.pack(
        HEAD.size - 4 + len(frame.public) + len(frame.tail), frame.flags, 1, frame.kind, frame.seq, len(frame.public)
    )
    files = _with(good, [*frames[:at], _summed(head + frame.public + frame.tail), *frames[at + 1 :]])
    if frame.kind == Kind.CAPTURE and chance.random() < 0.5:
        for name in [name for name in files if name.startswith("blobs/") and name[6:].encode() in frame.public]:
            del files[name]
    return files


def frame_of_another(chance: random.Random, good: Good, all_good: Sequence[Good]) -> Files:
    """A frame of another session in the place of ours, its seq made ours or not."""
    frames, others = _frames(good), _frames(chance.choice(all_good))
    at = chance.randrange(len(frames))
    given = chance.choice(others)
    if chance.random() < 0.7:
        length, flags, version, kind, _, publen = HEAD.unpack_from(given)
        given = _summed(HEAD.pack(length, flags, version, kind, at, publen) + given[HEAD.size : -4])
    return _with(good, [*frames[:at], given, *frames[at + 1 :]])


# --- segments and files


def segments(chance: random.Random, good: Good, all_good: Sequence[Good]) -> Files:
    """Split where none ends, empty, out of order, doubled, or another's."""
    frames = _frames(good)
    at = chance.randrange(len(frames))
    other = chance.choice(all_good)
    first, second = MAGIC + b"".join(frames[:at]), MAGIC + b"".join(frames[at:])
    variants: list[dict[str, bytes]] = [
        {SEGMENT: first, "000001.fws": second},
        {SEGMENT: second, "000001.fws": first},
        {SEGMENT: good.files[SEGMENT], "000001.fws": MAGIC},
        {SEGMENT: good.files[SEGMENT], "000001.fws": good.files[SEGMENT]},
        {SEGMENT: good.files[SEGMENT], "000002.fws": second},
        {SEGMENT: other.files[SEGMENT]},
        {SEGMENT: first},
        {SEGMENT: b""},
    ]
    return Files(good.files | chance.choice(variants))


def file_gone_or_more(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    if chance.random() < 0.5:
        return good.files.without(chance.choice(sorted(good.files)))
    names = (
        "notes.txt",
        "statements/x",
        f"statements/{'0' * 64}.dsse",
        f"blobs/{'0' * 64}",
        f"blobs/{'A' * 64}",
        "seal.dsse.part",
    )
    names += ("000001.fws", "000003.fws", "blobs/x", "statements/policy.TOML", "0000000.fws", "statements/directory.dsse.1")
    return good.files.changed(chance.choice(names), chance.choice((b"", b"{}", MAGIC, b"x" * 16_400)))


def file_of_another(chance: random.Random, good: Good, all_good: Sequence[Good]) -> Files:
    other = chance.choice(all_good)
    name = chance.choice(sorted(other.files))
    return good.files.changed(name, other.files[name])


def files_swapped(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    one, two = chance.sample(sorted(good.files), 2)
    return good.files.changed(one, good.files[two]).changed(two, good.files[one])


def all_but_some_of_another(chance: random.Random, good: Good, all_good: Sequence[Good]) -> Files:
    """A replay: most of another session under this one's seal, receipt or statements."""
    other = chance.choice(all_good)
    kept = chance.sample(sorted(good.files), chance.randrange(1, len(good.files)))
    return Files(other.files | {name: good.files[name] for name in kept})


# --- envelopes


def envelope(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """The JSON of an envelope spelled otherwise, with keys doubled, missing or unknown, or signed more than once."""
    name = _envelope_name(chance, good)
    text = good.files[name].decode()
    said = json.loads(text)
    first = said["signatures"][0]
    variants = [
        json.dumps(said).encode(),
        text.replace('{"payload":', '{"payload":"","payload":', 1).encode(),
        text[:-1].encode() + b',"more":1}' if text.endswith("}") else text.encode() + b" ",
        text.encode() + b"\n",
        b" " + text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        _compact(said | {"signatures": [first, first]}),
        _compact(said | {"signatures": []}),
        _compact(said | {"signatures": [first | {"keyid": "0" * 64}]}),
        _compact(said | {"signatures": [first | {"sig": _b64(bytes(64))}]}),
        _compact(said | {"signatures": [first | {"sig": _high_s(first["sig"])}]}),
        _compact(said | {"payloadType": said["payloadType"].replace("v1", "v2")}),
        _compact(said | {"payloadType": "application/json"}),
        _compact(said | {"payload": said["payload"].rstrip("=") + "="}),
        _compact(said | {"payload": said["payload"] + "\n"}),
        _compact({"payloadType": said["payloadType"], "payload": said["payload"], "signatures": said["signatures"]}),
        text.replace(":", ": ", 1).encode(),
        b"[" * 100_000,
        b'{"payload":' + b"1" * 10_000 + b"}",
    ]
    return good.files.changed(name, chance.choice(variants))


def payload(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """What an envelope says is another thing, signed by nobody."""
    name = _envelope_name(chance, good)
    said = json.loads(good.files[name])
    body = _respelled(chance, base64.b64decode(said["payload"]))
    return good.files.changed(name, _compact(said | {"payload": _b64(body)}))


def policy_text(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    toml = good.files["statements/policy.toml"]
    variants = (toml + b"\n", toml.replace(b"\n", b"\r\n"), b"\xff" + toml, b"", b"x = " + b"[" * 50_000, toml * 2)
    return good.files.changed("statements/policy.toml", chance.choice(variants))


# --- signed anew by the right keys


def resigned(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """One element of one record or envelope is another, and all that is signed over it is signed again."""
    draft = Draft(good)
    parts: list[Any] = [one.public for one in draft.records if one.public] + [one.body for one in draft.records if one.body]
    parts += [draft.opening, draft.device, draft.session, draft.said_by_seal]
    parts += [draft.directory] if draft.directory else []
    draft.following = chance.random() < 0.7
    _change_somewhere(chance, chance.choice(parts[2:] if chance.random() < 0.5 else parts[-4:]))
    if draft.receipt is not None and chance.random() < 0.2:
        draft.receipt = {chance.choice(RECEIPT_FIELDS): chance.choice(VALUES)}
    try:
        return draft.files()
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, struct.error, AssertionError):
        return good.files  # what cannot be put together is no session to disagree about


RECEIPT_FIELDS = (
    "organisation",
    "person",
    "seal_sha256",
    "root",
    "size",
    "received_us",
    "log_size",
    "log_root",
    "log_index",
)
VALUES: tuple[Any, ...] = (
    -1, 0, 1, 2, 3, 4, 9, 2**53 - 1, 2**53, 1.5, True, None, "", "a", "x" * 128, "x" * 129, "é" * 128, "x" * 4096,
    "x" * 4097,
    "0" * 64, "0" * 64 + "\n", "F" * 64, "0" * 32, "0" * 32 + "\n", "pause", "seal", "crash", "session", "boredom",
    "\x1f\x7f",
    [], [0], [[0, 0]], [[0, 2]], [[2, 0]], [[4, 4]], ["a"], [0] * 8, [0] * 10, [0] * 17,
    [1] * 513, [[[[[[[[[0]]]]]]]]], {},
    {"a": 1},
)  # fmt: skip
"""What may stand in a field, and mostly may not: every type, and both sides of each bound."""


def _change_somewhere(chance: random.Random, value: Any) -> None:  # noqa: ANN401 - JSON
    """Changes one element of a list or object, at any depth."""
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not places:
        value.append(chance.choice(VALUES)) if isinstance(value, list) else value.update(more=1)
        return
    place = chance.choice(places)
    if isinstance(value[place], list | dict) and value[place] and chance.random() < 0.7:
        _change_somewhere(chance, value[place])
        return
    how = chance.random()
    if how < 0.1:
        del value[place]
    elif how < 0.2 and isinstance(value, list):
        value.append(chance.choice(VALUES))
    elif how < 0.45 and type(value[place]) is int:
        value[place] += chance.choice((-1_000_000, -1, 1, 1_000_000, 3_600_000_000, -3_600_000_000))
    else:
        value[place] = chance.choice(VALUES)


def resigned_policy(chance: random.Random, good: Good, _all: Sequence[Good]) -> Files:
    """A policy that says something else, listed by the directory and named wherever it must be."""
    draft = Draft(good)
    lines = draft.policy.split(b"\n")
    at = chance.choice([place for place, line in enumerate(lines) if b"=" in line])
    name = lines[at].partition(b"=")[0]
    values = (
        b"0",
        b"1",
        b"5",
        b"3601",
        b"-1",
        b"true",
        b"false",
        b'"sent"',
        b'"withheld"',
        b'"off"',
        b'"allowed"',
        b'""',
        b"[]",
        b"1.0",
    )
    lines[at] = chance.choice((b"", name + b"= " + chance.choice(values), lines[at] + b"\nmore = 1", lines[at] * 2))
    draft.policy = b"\n".join(lines)
    digest = hashlib.sha256(draft.policy).hexdigest()
    if draft.directory:
        draft.directory["policies"] = [digest]
        for project in draft.directory["projects"]:
            project["policy_sha256"] = digest
    return draft.files()


CHANGES: tuple[Callable[[random.Random, Good, Sequence[Good]], Files], ...] = (
    flipped_bit, cut, spliced, moved_within, frame_field, frame_field, frame_byte, frame_byte, frame_public, frame_order,
    made_absent, frame_of_another, segments, file_gone_or_more, file_of_another, files_swapped, all_but_some_of_another,
    envelope, payload, policy_text, resigned, resigned, resigned, resigned, resigned_policy,
    said_by_revoked,
)  # fmt: skip


def _file(chance: random.Random, good: Good) -> tuple[str, bytes]:
    name = chance.choice(sorted(good.files))
    return name, good.files[name]


def _frames(good: Good) -> list[bytes]:
    segment = good.files[SEGMENT]
    ends = [len(MAGIC)] + [end for _, end in read_segment(segment)]
    return [segment[begin:end] for begin, end in pairwise(ends)]


def _with(good: Good, frames: Sequence[bytes]) -> Files:
    return good.files.changed(SEGMENT, MAGIC + b"".join(frames))


def _summed(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "big")


def _envelope_name(chance: random.Random, good: Good) -> str:
    return chance.choice(sorted(name for name in good.files if name.endswith(".dsse")))


def _respelled(chance: random.Random, text: bytes) -> bytes:
    """JSON that is nearly the same."""
    number = str(chance.choice((-1, 0, 2**53, 2**64, 10**30, 1.5))).encode()
    variants = [
        text.replace(b",", b", ", 1),
        text.replace(b"1", number, 1),
        text.replace(b'"', b'"\\u0041', 1),
        text.replace(b'"', b'"\\ud800', 1),
        text[:-1] + b",null" + text[-1:],
        text[:-1] + b',"more":1' + text[-1:],
        text.replace(b"[1,", b"[2,", 1),
        text.replace(b"[1,", b"[0,", 1),
        text.replace(b"[1,", b"[true,", 1),
        text + b" ",
        b"",
        b"[]",
        b"[" * 60_000,
        text.replace(b'":"', b'":"x', 1),
        text.replace(b"a", b"A", 1),
        chance.randbytes(len(text)),
    ]
    return chance.choice(variants)


def _compact(said: object) -> bytes:
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _high_s(signature: str) -> str:
    """The same signature with S + L, which a careless verifier takes."""
    raw = base64.b64decode(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    return _b64(raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(33, "little")[:32])
