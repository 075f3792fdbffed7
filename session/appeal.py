# SPDX-License-Identifier: Apache-2.0
"""Withheld records of a sealed session that its trainer opens on appeal: what would be readable, and what is signed for it.

Rules:

1. Only records that the policy withholds are opened, and only those whose sealed part is here; what was removed stays so.
2. An opening carries the key of each record that it names and of no other, for the review key in force.
3. A person is told what becomes readable from the same value that is signed afterwards (`Openable`).

Source: docs/session-format.md, 10.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.aead import MAX_BLOB_BYTES, RecordKey
from session.events import Event, FindingRecord, Kind, Stats
from session.frames import SEALED, Frame, encode_frame, frame_key, open_frame
from session.policy import Policy
from session.redact import Ranges
from session.seal import SEAL_BYTES, SEAL_NAME, Seal
from session.segments import BLOBS, blob_of, read_file, session_frames
from session.table import rule_of
from session.trust.directory import Directory, ReviewKey
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.openings import RECORDS_MOST, wrapped_for
from session.trust.statements import LogHead, OpeningStatement

PORTION_BYTES: Final = 16 * 1024 * 1024
"""Most bytes of frames and pictures that go with one opening, but for a single larger record: in base64 they fit into one
request. Source: docs/architecture.md, The platform's interface."""
NOTHING: Final = "Nothing is withheld there: reviewers can read it already, or it was removed, or never recorded."


class Openable(msgspec.Struct, frozen=True):
    """What an opening would let reviewers read.

    Args:
        records: seqs, ascending, none opened so far.
        kinds: how many of each type, as (name of the `Kind`, number), in the order of the type table.
        from_us, to_us: first and last moment that they tell of, UTC; 0 where none has a time.
        before: how many of the chosen records were opened before.
    """

    records: tuple[int, ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    from_us: int = 0
    to_us: int = 0
    before: int = 0


class ToSend(msgspec.Struct, frozen=True):
    """What the platform gets with an opening: the frames of its records, SEALED, in their order, and their pictures."""

    frames: tuple[bytes, ...]
    pictures: tuple[bytes, ...]


def openable(
    events: Sequence[Event], policy: Policy, ranges: Sequence[tuple[int, int]], opened: Collection[int] = ()
) -> Openable:
    """The withheld records in `ranges` that can be opened.

    Args:
        events: of the session, read with the trainer's keys.
        policy: of the session.
        ranges: (first, last) seqs, both included; what is not withheld in them is passed over.
        opened: seqs that were opened before (`opened_before`).

    Raises:
        InputFault: a range is none of this session, or nothing in all of them is withheld and here.
    """
    greatest = events[-1].seq if events else -1
    if not all(0 <= first <= last <= greatest for first, last in ranges):
        raise InputFault(f"seq: this session has the records 0 to {greatest}; name one of them, or A-B.")
    wanted, withheld = Ranges(ranges), policy.withheld
    found = [event for event in events if event.seq in wanted and event.kind in withheld and event.body is not None]
    new = [event for event in found if event.seq not in opened]
    if not found:
        raise InputFault(f"seq: {NOTHING}")
    counted = Counter(event.kind for event in new)
    spans = [span for span in map(span_of, new) if span[1]]
    return Openable(
        records=tuple(event.seq for event in new),
        kinds=tuple((kind.name, counted[kind]) for kind in Kind if counted[kind]),
        from_us=min((begin for begin, _ in spans), default=0),
        to_us=max((end for _, end in spans), default=0),
        before=len(found) - len(new),
    )


def left_to_open(events: Sequence[Event], policy: Policy, opened: Collection[int]) -> bool:
    """Whether anything withheld is here that was not opened before."""
    withheld = policy.withheld
    return any(event.kind in withheld and event.body is not None and event.seq not in opened for event in events)


def span_of(event: Event) -> tuple[int, int]:
    """From when to when a record tells of, UTC µs; (0, 0) where it has no time or is not readable."""
    end_us = int(getattr(event.body, "t_us", 0))
    length_us = event.body.span_ms * 1000 if isinstance(event.body, Stats) else 0
    return end_us - length_us, end_us


def withheld_within(events: Sequence[Event], policy: Policy, from_us: int, to_us: int) -> tuple[tuple[int, int], ...]:
    """The withheld records that tell of something from `from_us` to `to_us`, UTC, as ranges of one seq each."""
    return tuple(
        (event.seq, event.seq)
        for event in events
        if event.kind in policy.withheld and event.body is not None and _touches(span_of(event), from_us, to_us)
    )


def withheld_behind(events: Sequence[Event], policy: Policy, finding: int) -> tuple[tuple[int, int], ...]:
    """The finding where it is withheld itself, and the withheld records among its evidence, as ranges of one seq each."""
    body = next((event.body for event in events if event.seq == finding), None)
    named = {finding, *(body.evidence if isinstance(body, FindingRecord) else ())}
    return tuple(
        (event.seq, event.seq)
        for event in events
        if event.seq in named and event.kind in policy.withheld and event.body is not None
    )


def _touches(span: tuple[int, int], from_us: int, to_us: int) -> bool:
    return bool(span[1]) and span[0] <= to_us and from_us <= span[1]


def opened_before(folder: Path) -> frozenset[int]:
    """Seqs that openings in the session's folder name. Whose they are is for `session.verify`.

    Raises:
        EnvironmentFault: a file cannot be read.
    """
    return frozenset(seq for one in openings_in(folder) for seq in one.records)


def openings_in(folder: Path) -> Iterator[OpeningStatement]:
    """The openings in a session's folder that are about this very seal; others, and what cannot be read, are passed over."""
    seal_path, statements = folder / SEAL_NAME, folder / "statements"
    if not seal_path.is_file() or not statements.is_dir():
        return
    raw = read_file(seal_path, SEAL_BYTES, "the seal")
    try:
        seal = strict_json(read_envelope(raw, max_bytes=SEAL_BYTES)[1], Seal)
    except IntegrityFault:
        return  # `verify` names it
    about = (seal.organisation, seal.session, hashlib.sha256(raw).hexdigest())
    for path in sorted(statements.glob(f"{'?' * 64}.dsse")):
        try:
            outer, body = read_envelope(read_file(path, DIRECTORY_BYTES, "a statement"), max_bytes=DIRECTORY_BYTES)
            if outer.payload_type == OpeningStatement.payload_type:
                opening = strict_json(body, OpeningStatement)
                if (opening.organisation, opening.session, opening.seal_sha256) == about:
                    yield opening
        except IntegrityFault:
            continue  # `verify` names it


def portions(folder: Path, records: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """`records`, ascending, in portions of what one opening holds: the first is the same whatever comes after it."""
    portion: list[int] = []
    size_bytes = 0
    for frame in _frames(folder, records):
        octets = len(encode_frame(frame)) + len(_picture(folder, frame))
        if portion and (len(portion) == RECORDS_MOST or size_bytes + octets > PORTION_BYTES):
            yield tuple(portion)
            portion, size_bytes = [], 0
        portion.append(frame.seq)
        size_bytes += octets
    if portion:
        yield tuple(portion)


def to_send(folder: Path, records: Sequence[int]) -> ToSend:
    """The frames of these records, in the order of `records`, and their encrypted pictures.

    Raises:
        InputFault: there is no such record, or its sealed part is not here.
        IntegrityFault, EnvironmentFault: the session is damaged, or cannot be read.
    """
    frames = {frame.seq: frame for frame in _frames(folder, records)}
    ordered = [frames[seq] for seq in records]
    return ToSend(
        frames=tuple(encode_frame(frame) for frame in ordered),
        pictures=tuple(picture for picture in (_picture(folder, frame) for frame in ordered) if picture),
    )


def _picture(folder: Path, frame: Frame) -> bytes:
    digest = blob_of(frame)
    return read_file(folder / BLOBS / digest, MAX_BLOB_BYTES, f"the picture of record {frame.seq}") if digest else b""


def opening_of(  # noqa: PLR0913 - what it opens, for whom, and who says so when
    folder: Path,
    records: Sequence[int],
    content_keys: Mapping[str, bytes],
    *,
    directory: Directory,
    person: str,
    at_us: int,
    head: LogHead,
) -> OpeningStatement:
    """The opening of these records, not signed yet.

    Args:
        folder: of the sealed session.
        records: at most `RECORDS_MOST` withheld ones (`openable`, `portions`).
        content_keys: the trainer's, by class.
        directory: the newest; its review key of the seal's project that is in force at `at_us` is the reader.
        person: the trainer.
        at_us: now, UTC.
        head: of the organisation log, as last seen.

    Raises:
        InputFault: a record is not there, or the project has no review key in force.
        IntegrityFault: a record does not open with these keys: whoever signed for it would sign for nothing.
        EnvironmentFault: a file cannot be read.
    """
    raw = read_file(folder / SEAL_NAME, SEAL_BYTES, "the seal")
    seal = strict_json(read_envelope(raw, max_bytes=SEAL_BYTES)[1], Seal)
    review_key = _review_key(directory, seal.project, at_us)
    frames = {frame.seq: frame for frame in _frames(folder, records)}
    session_id = bytes.fromhex(seal.session)
    keys = [_key_of(frames[seq], content_keys, session_id) for seq in records]
    about = (seal.organisation, seal.session, hashlib.sha256(raw).hexdigest())
    return OpeningStatement(
        organisation=seal.organisation,
        session=seal.session,
        seal_sha256=about[2],
        records=tuple(records),
        wraps=(wrapped_for(keys, bytes.fromhex(review_key.public_key), review_key.epoch, about=about),),
        person=person,
        at_us=at_us,
        log_size=head.size,
        log_root=head.root,
    )


def _review_key(directory: Directory, project_id: str, at_us: int) -> ReviewKey:
    project = directory.project(project_id)
    review_key = project.review_key_at(at_us) if project is not None else None
    if review_key is None:
        raise InputFault(
            f"project: {project_id} has no review key in force now, so nobody could read what is opened; "
            "check the date of this computer, or ask your admin to issue one."
        )
    return review_key


def _key_of(frame: Frame, content_keys: Mapping[str, bytes], session_id: bytes) -> RecordKey:
    rule = rule_of(frame.kind)
    content_key = content_keys.get(rule.content_key) if rule is not None else None
    if content_key is None:
        raise IntegrityFault(f"no key on this computer opens record {frame.seq}")
    key = frame_key(frame, content_key, session_id)
    open_frame(frame, key)
    return key


def _frames(folder: Path, records: Sequence[int]) -> Iterator[Frame]:
    """The frames of these records, ascending. Raises as `to_send`."""
    wanted = set(records)
    for _, _, frame in session_frames(folder):
        if frame.seq in wanted:
            if frame.flags != SEALED:
                raise InputFault(f"seq: the sealed part of record {frame.seq} is not here.")
            wanted.discard(frame.seq)
            yield frame
    if wanted:
        raise InputFault(f"seq: this session has no record {min(wanted)}.")
