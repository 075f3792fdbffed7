# SPDX-License-Identifier: Apache-2.0
"""Sessions at and beyond each bound of the format, bombs in each place that inflates, and ciphertexts with two keys.

`BOUNDS`: as `verifier_cases.CASES`. Each is rightly signed where what is odd in it is not a signature.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from trust_builders import member, signing_key
from verifier_cases import Change, absent, decision, public, received_with, say_opened
from verifier_draft import DIRECTORY, POLICY, RECEIPT, SEAL, SEGMENT, Draft, Record, enveloped, sha

from session.events import Kind
from session.frames import MAGIC
from session.table import TYPES

KIB, MIB = 1 << 10, 1 << 20
STORIES = b"I read for an hour and then wrote the answer myself.", b"I pasted the answer and went for a walk."
EXT_SENT, EXT_WITHHELD, EXT_PUBLIC = 130, 200, 230


# --- one ciphertext, two keys


def two_stories(*, for_other: bool) -> Change:
    """An extension, which may hold any bytes, that opens to one story under the session's key, to another under another."""

    def change(draft: Draft) -> None:
        draft.put(Record(EXT_SENT, None, STORIES[0], twin=STORIES[1], for_other=for_other))

    return change


def two_notes(*, for_other: bool) -> Change:
    """The same in a NOTE: neither text is JSON to its end, and the commitment is judged before any text is."""

    def change(draft: Draft) -> None:
        draft.put(Record(Kind.NOTE, None, b'[1,0,"yes"]', twin=b'[1,0,"no"]', for_other=for_other))

    return change


def opened_by_one_of_two(*, for_other: bool, gives_other: bool) -> Change:
    """A withheld record with two keys, of which the trainer opens one to the reviewer."""

    def change(draft: Draft) -> None:
        one = draft.put(Record(EXT_WITHHELD, None, STORIES[0], twin=STORIES[1], for_other=for_other))
        absent(Kind.RAW, 99)(draft)
        seal_sha256 = sha(draft.files()[SEAL])
        key = one.other_key if gives_other else one.record_key
        assert key is not None
        seq = next(seq for seq, record in enumerate(draft.records) if record is one)
        say_opened(draft, seal_sha256, [seq], key.secret)

    return change


# --- bombs


@cache
def bomb(begin: bytes, end: bytes, most_bytes: int) -> bytes:
    """A zlib stream of about `most_bytes` that inflates to a thousand times as much; its text begins as JSON does."""
    stream = zlib.compressobj(9)
    head = stream.compress(begin + b"a" * 1000) + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(b"a" * MIB) + stream.flush(zlib.Z_FULL_FLUSH)
    tail = stream.compress(end) + stream.flush()
    return head + block * max(1, (most_bytes - len(head) - len(tail)) // len(block)) + tail


def bomb_in(kind: int) -> Change:
    """A public record more, or the opening or START in its place, with a bomb as large as its public part may be."""

    def change(draft: Draft) -> None:
        octets = bomb(b'[1,"', b'"]', TYPES[Kind(kind)].max_bytes)
        if kind in (Kind.GRANT, Kind.PERSONAL, Kind.START):
            draft.more[SEGMENT] = _with_public(draft.files()[SEGMENT], int(kind == Kind.START), octets)
        else:
            draft.put(Record(kind, octets))

    return change


def sealed_bomb(kind: int) -> Change:
    """One sealed record more, with a bomb as large as a frame may be; of a CAPTURE in the place of the first."""

    def change(draft: Draft) -> None:
        octets = bomb(b'[1,0,"', b'"]', 15 * MIB)
        if kind == Kind.CAPTURE:
            one = draft.record(kind)
            draft.more = {name: file for name, file in draft.files().items() if name.startswith("blobs/")}
            one.body, one.image = octets, None
        else:
            draft.put(Record(kind, None, octets))

    return change


def _with_public(segment: bytes, place: int, octets: bytes) -> bytes:
    """The segment with another public part in one PUBLIC frame, its check sum right; what signs it is step 6 and 7."""
    at = len(MAGIC)
    for _ in range(place):
        at += 8 + int.from_bytes(segment[at : at + 4], "big")
    end = at + 8 + int.from_bytes(segment[at : at + 4], "big")
    head = segment[at + 4 : at + 16]
    body = struct.pack(">I", 16 + len(octets)) + head + struct.pack(">I", len(octets)) + octets
    return segment[:at] + body + struct.pack(">I", zlib.crc32(body)) + segment[end:]


def public_bomb_of_capture(draft: Draft) -> None:
    draft.record(Kind.CAPTURE).public = bomb(b'[1,"', b'"]', 65_536)
    draft.record(Kind.CAPTURE).image = None


# --- lengths and counts


def added(kind: int, octets: bytes) -> Change:
    """One public record more, of these bytes."""
    return lambda draft: _put(draft, Record(kind, octets))


def _put(draft: Draft, record: Record) -> None:
    draft.put(record)


def trim_of(size: int) -> bytes:
    """A TRIM of so many bytes, most of them in an element that nobody knows."""
    return b'[1,1,1,"r","'.ljust(size - 2, b"a") + b'"]'


def after(*changes: Change) -> Change:
    """One change and then another."""

    def change(draft: Draft) -> None:
        for one in changes:
            one(draft)

    return change


def enlarged(name: str, size: int) -> Change:
    """A file with bytes behind it, up to this size."""
    return lambda draft: draft.more.update({name: draft.files()[name].ljust(size, b" ")})


def frame_that_says(length: int, behind: int) -> Change:
    """One frame more, of this length by its own word, with so many bytes behind it."""

    def change(draft: Draft) -> None:
        head = struct.pack(">IBHBQI", length, 2, 1, Kind.TRIM, len(draft.records), 4)
        draft.more[SEGMENT] = draft.files()[SEGMENT] + head + bytes(behind)

    return change


def public_that_says(public_bytes: int) -> Change:
    """The first frame says that its public part is so long."""

    def change(draft: Draft) -> None:
        segment = draft.files()[SEGMENT]
        end = len(MAGIC) + 8 + int.from_bytes(segment[len(MAGIC) : len(MAGIC) + 4], "big")
        frame = segment[len(MAGIC) : end - 4]
        frame = frame[:16] + struct.pack(">I", public_bytes) + frame[20:]
        draft.more[SEGMENT] = MAGIC + frame + struct.pack(">I", zlib.crc32(frame)) + segment[end:]

    return change


def statements(count: int, size: int) -> Change:
    """So many files of this size where later statements lie, each with the content of its name."""

    def change(draft: Draft) -> None:
        for number in range(count):
            octets = str(number).encode().ljust(size, b" ")
            draft.more[f"statements/{sha(octets)}.dsse"] = octets

    return change


def time_records(*counts: int) -> Change:
    """So many TRIM, MANUAL and GAP of scope `session`, which leave the accounted time as it is."""

    def change(draft: Draft) -> None:
        t_us, mono_us = draft.start[2:4]
        trims, manuals, gaps = counts
        more = [Record(Kind.TRIM, [1, 1, 1, "r"]) for _ in range(trims)]
        more += [Record(Kind.MANUAL, [1, 9, 3, "r"]) for _ in range(manuals)]
        more += [Record(Kind.GAP, [1, t_us, mono_us, 0, "disk", "session", 0, 0]) for _ in range(gaps)]
        place = draft.seq(Kind.SUMMARY)
        draft.records[place:place] = more
        draft.record(Kind.SUMMARY).body[8] += gaps

    return change


def sensor_gaps(count: int) -> Change:
    """So many more gaps of a sensor, which no account looks at."""

    def change(draft: Draft) -> None:
        t_us, mono_us = draft.start[2:4]
        place = draft.seq(Kind.SUMMARY)
        draft.records[place:place] = [
            Record(Kind.GAP, [1, t_us, mono_us, 0, "absent", "window", 0, 0]) for _ in range(count)
        ]
        draft.record(Kind.SUMMARY).body[8] += count

    return change


def notes(count: int) -> Change:
    """So many more cosignature lines, which hold nothing."""

    def change(draft: Draft) -> None:
        draft.records[-2:-2] = [Record(Kind.COSIGN, [1, 2, "x"]) for _ in range(count)]

    return change


def many_segments(draft: Draft) -> None:
    for index in range(1, 513):
        draft.more[f"{index:06d}.fws"] = MAGIC


def signed_statement_that_is_long(draft: Draft) -> None:
    """A reply by its person, of more bytes than any statement but a directory has."""
    body = {"organisation": draft.opening["organisation"], "session": draft.opening["session"], "text": "a" * 65 * KIB}
    octets = enveloped("reply", body, member("ada").person_key)
    draft.more[f"statements/{sha(octets)}.dsse"] = octets


def sealed_payload(size: int) -> Change:
    """A NOTE of so many bytes, most of them in an element that nobody knows."""
    return lambda draft: _put(draft, Record(Kind.NOTE, None, b'[1,0,"a","'.ljust(size - 2, b"a") + b'"]'))


def nested(levels: int) -> Change:
    """A TRIM with an element that nobody knows, so deep that there are so many levels of arrays."""
    deep = json.loads("[" * (levels - 1) + "]" * (levels - 1))
    return public(Kind.TRIM, 1, 1, "r", deep)


def blob_of(size: int) -> Change:
    """A blob more, of this size."""
    return lambda draft: draft.more.update({f"blobs/{hashlib.sha256(bytes(size)).hexdigest()}": bytes(size)})


def short_words(size: int) -> list[str]:
    """So many bytes of JSON that take the most memory: each string is an object of its own."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = [one + other for one in letters for other in letters]
    return pairs * (size // 5 // len(pairs))


def directories_of_short_words(draft: Draft) -> None:
    """As many later directories as there may be, of the size that one may have, each signed by the root and consistent."""
    words = short_words(780_000)
    for version in range(2, 33):
        said = draft.directory | {"version": version}
        more = words[: len(words) // 2]
        said["people"] = [one | {"projects": one["projects"] + more} for one in said["people"][:2]] + said["people"][2:]
        draft.later.append(("directory", said, signing_key("root")))


def directories_of(field: str, entry: Callable[[str], dict[str, Any]]) -> Change:
    """As many later directories as there may be, full of short entries of a list, no two the same in any."""

    def change(draft: Draft) -> None:
        size = len(json.dumps(entry("0" * 64), separators=(",", ":"))) + 1
        for version in range(2, 33):
            more = [entry(f"{version:04x}{number:060x}") for number in range(770_000 // size)]
            said = draft.directory | {"version": version, field: draft.directory[field] + more}
            draft.later.append(("directory", said, signing_key("root")))

    return change


def revocation(key: str) -> dict[str, Any]:
    """Of a key that nobody has."""
    return {"revoked_key": key, "revoked_us": 1}


def somebody(key: str) -> dict[str, Any]:
    """A trainer and reviewer of nothing, with keys of their own."""
    who = f"{key[:4]}{key[-6:]}"
    roles = ["trainer", "reviewer"]
    return {"id": who, "name": "", "roles": roles, "projects": [], "person_key": key, "reading_key": "09".ljust(64, "0")}


def said_by_all(draft: Draft) -> None:
    """As many decisions as statements there may be, beside directories of as many people as fit."""
    directories_of("people", somebody)(draft)
    del draft.later[16:]
    for number in range(4000):
        decision(reason=str(number))(draft)


def ranges(count: int) -> Change:
    """REDACT records with so many ranges in all."""

    def change(draft: Draft) -> None:
        for begin in range(0, count, 10_000):
            _put(draft, Record(Kind.REDACT, [1, 0, [[0, 0]] * min(10_000, count - begin), "r"]))

    return change


def manual_stretches(draft: Draft) -> None:
    """The most records that change the time, each with a stretch of its own, the later ones first."""
    t_us = draft.start[2]
    draft.records[-2:-2] = [Record(Kind.MANUAL, [1, t_us - 2 * at, t_us - 2 * at + 1, "r"]) for at in range(10_000, 0, -1)]


def inflated_parts(draft: Draft) -> None:
    """Public parts that inflate to nearly what they may together."""
    line = zlib.compress(b'[1,0,"' + b"a" * 4080 + b'"]')
    draft.records[-2:-2] = [Record(Kind.COSIGN, line) for _ in range(16_350)]


def policy(toml: bytes) -> Change:
    """A policy of this text, which the directory lists."""

    def change(draft: Draft) -> None:
        draft.policy = toml
        draft.directory["policies"] = [sha(toml)]
        for project in draft.directory["projects"]:
            project["policy_sha256"] = sha(toml)

    return change


WORST: dict[str, tuple[str, Change, int]] = {
    "directories of short words": ("small", directories_of_short_words, 0),
    "directories of many people": ("small", directories_of("people", somebody), 0),
    "directories of many revocations": ("small", directories_of("revocations", revocation), 0),
    "many decisions beside directories of many people": ("small", said_by_all, 0),
    "a seal of short words": ("small", lambda draft: draft.seal.update(withheld=short_words(380_000)), 9),
    "100,000 ranges": ("small", ranges(99_900), 11),
    "10,000 manual stretches": ("small", manual_stretches, 14),
    "100,000 public parts": ("small", sensor_gaps(99_900), 0),
    "more than 100,000 public parts": ("small", sensor_gaps(100_001), 2),
    "more than 40,000 notes": ("small", notes(40_001), 2),
    "public parts that inflate to 64 MiB": ("small", inflated_parts, 8),
    "an extension of 15 MiB": ("small", sealed_bomb(EXT_SENT), 0),
    "a sealed bomb": ("small", sealed_bomb(Kind.NOTE), 13),
    "a policy of one long array": ("small", policy(b"x = [" + b"[]," * 85_000 + b"]"), 5),
    "a policy of tables": ("small", policy(b"".join(b"[a%d.b]\n" % at for at in range(24_000))), 5),
    "a policy of dotted keys": ("small", policy(b"".join(b"a." * 900 + b"b%d = 1\n" % at for at in range(144))), 5),
    "statements of 32 MiB together": ("small", statements(32, MIB), 10),
    "4,096 statements": ("small", statements(4096, 8), 10),
}
"""What takes the most memory or time of all that the bounds allow, but for the number of sealed records and pictures."""
TWO_KEYS: dict[str, tuple[str, Change, int]] = {
    "two keys, committed to the session's": ("small", two_stories(for_other=False), 0),
    "two keys, committed to the other": ("small", two_stories(for_other=True), 13),
    "two keys in a NOTE, committed to the session's": ("small", two_notes(for_other=False), 13),
    "two keys in a NOTE, committed to the other": ("small", two_notes(for_other=True), 13),
    "two keys, the committed one opened": ("reviewer", opened_by_one_of_two(for_other=False, gives_other=False), 0),
    "two keys, the other one opened": ("reviewer", opened_by_one_of_two(for_other=False, gives_other=True), 13),
    "two keys, committed to the other and that opened": (
        "reviewer",
        opened_by_one_of_two(for_other=True, gives_other=True),
        0,
    ),
    "two keys, the same for who has both": ("realistic", opened_by_one_of_two(for_other=True, gives_other=True), 13),
}
"""What a reviewer who holds no content key reads is the one text that `kc` allows; whoever holds that key refuses it."""
LENGTHS: dict[str, tuple[str, Change, int]] = {
    "a segment of more than 16 MiB": ("small", enlarged(SEGMENT, 16 * MIB + 1), 1),
    "a segment of 16 MiB that ends in blanks": ("small", enlarged(SEGMENT, 16 * MIB), 2),
    "513 segments": ("small", many_segments, 1),
    "a frame of 4 GiB by its own word": ("small", frame_that_says(2**32 - 1, 100), 2),
    "a frame of 16 MiB and one byte": ("small", frame_that_says(16 * MIB + 1, 15 * MIB), 2),
    "a frame of 16 MiB, cut off": ("small", frame_that_says(16 * MIB, 100), 2),
    "a frame of 15 bytes": ("small", frame_that_says(15, 100), 2),
    "a public part of 4 GiB by its own word": ("small", public_that_says(2**32 - 1), 2),
    "a public part of one byte more than there is": ("small", public_that_says(16_385), 2),
    "a public part above its type's bound": ("small", added(Kind.TRIM, b" " * 4097), 2),
    "a public part at its type's bound": ("small", added(Kind.TRIM, trim_of(4096)), 0),
    "a public extension above its bound": ("small", added(EXT_PUBLIC, bytes(65_537)), 2),
    "a public extension at its bound": ("small", added(EXT_PUBLIC, bytes(65_536)), 0),
    "a payload at its bound": ("small", sealed_payload(65_536), 0),
    "a payload above its bound": ("small", sealed_payload(65_537), 13),
    "8 levels of arrays": ("small", nested(8), 0),
    "9 levels of arrays": ("small", nested(9), 3),
    "a blob of more than 20 MiB": ("small", blob_of(20 * MIB + 1), 1),
    "a blob of 20 MiB that nothing names": ("small", blob_of(20 * MIB), 4),
    "a seal of more than 512 KiB": ("small", enlarged(SEAL, 512 * KIB + 1), 1),
    "a seal of 512 KiB that ends in blanks": ("small", enlarged(SEAL, 512 * KIB), 9),
    "a receipt of more than 64 KiB": ("small", enlarged(RECEIPT, 64 * KIB + 1), 1),
    "a receipt of 64 KiB that ends in blanks": ("small", enlarged(RECEIPT, 64 * KIB), 12),
    "a policy of more than 256 KiB": ("small", enlarged(POLICY, 256 * KIB + 1), 1),
    "a directory of more than 1 MiB": ("small", enlarged(DIRECTORY, MIB + 1), 1),
    "a directory of 1 MiB that ends in blanks": ("small", enlarged(DIRECTORY, MIB), 5),
    "a statement of more than 1 MiB": ("small", statements(1, MIB + 1), 1),
    "a statement of 1 MiB": ("small", statements(1, MIB), 10),
    "a signed statement of more than 64 KiB": ("small", signed_statement_that_is_long, 10),
    "4,096 statements": ("small", statements(4096, 8), 10),
    "4,097 statements": ("small", statements(4097, 8), 1),
    "statements of 32 MiB together": ("small", statements(32, MIB), 10),
    "statements of more than 32 MiB together": ("small", after(statements(32, MIB), statements(1, 1)), 1),
    "10,000 records that change the time": ("small", time_records(10_000, 0, 0), 0),
    "10,000 of all kinds that change the time": ("small", time_records(3_000, 3_000, 4_000), 0),
    "10,001 of all kinds that change the time": ("small", time_records(3_000, 3_000, 4_001), 3),
    "10,001 TRIM": ("small", time_records(10_001, 0, 0), 3),
    "64 hashes in a proof": ("small", received_with(log_proof=["0" * 64] * 64), 12),
    "63 hashes in a proof": ("small", received_with(log_proof=["0" * 64] * 63), 12),
}
_SEALED = [kind for kind, rule in TYPES.items() if rule.sealed]
BOMBS: dict[str, tuple[str, Change, int]] = {
    **{f"a bomb in {kind.name}": ("small", sealed_bomb(kind), 13) for kind in _SEALED if kind != Kind.CAPTURE},
    **{
        f"a bomb in {kind.name}": ("small", bomb_in(kind), 3)
        for kind, rule in TYPES.items()
        if not rule.sealed and kind != Kind.PERSONAL
    },
    "a bomb in PERSONAL": ("personal", bomb_in(Kind.PERSONAL), 3),
    "a bomb in CAPTURE": ("picture", sealed_bomb(Kind.CAPTURE), 13),
    "a bomb in the public part of CAPTURE": ("picture", public_bomb_of_capture, 3),
    "what would be a bomb in a sealed extension": ("small", sealed_bomb(EXT_SENT), 0),
    "what would be a bomb in a public extension": ("small", added(EXT_PUBLIC, bomb(b'[1,"', b'"]', 65_536)), 0),
}
BOUNDS = TWO_KEYS | LENGTHS | BOMBS
