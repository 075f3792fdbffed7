# SPDX-License-Identifier: Apache-2.0
"""`fairwitness retain`: what the policies no longer keep is removed from the platform, signed by the root key.

Rules:

1. No content is read: a session's outline has types and digests. That they are the sealed record's follows from the root
   in the seal, and when it was received from the platform's receipt; a platform that tells otherwise is refused.
2. What goes is what `session.retention` says of the policy that the session was recorded under, by this computer's clock.
3. The same again finds nothing. What broke off is found again by the next call.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agent.clock import SystemClock
from fairwitness.office import admin_desk
from fairwitness.organisation import AdminDesk
from session import IntegrityFault
from session.events import Kind
from session.frames import ABSENT, VERSION, Frame
from session.log.merkle import Tree
from session.policy import parse_policy, policy_digest
from session.ports import Clock
from session.removal import batches
from session.retention import DECISIONS, KEPT_FOR_A_TIME, Outline, due
from session.seal import SEAL_BYTES, Seal
from session.segments import blob_of
from session.trust.directory import open_directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import REMOVED_MOST, Receipt, open_statement
from uploader.client import Request
from uploader.transfer import session_path

OUTLINE_BYTES: Final = 256 << 20
"""Bound of an outline: a million records of at most 200 bytes each, generously."""
LIST_BYTES: Final = 1 << 20


class Retained(msgspec.Struct, frozen=True):
    """What went of one session (or would): screenshots, records of counts, applications, copies and timing, and of words.

    With the last (questions, answers, notes, declarations, sums) go the decisions and replies about them.
    """

    session: str
    captures: int
    statistics: int
    decisions: int = 0


def counted(done: Sequence[Retained]) -> str:
    """What went, in words."""
    captures, statistics, words = (
        sum(getattr(one, name) for one in done) for name in ("captures", "statistics", "decisions")
    )
    return f"{captures} screenshots, {statistics} records of applications and counts, {words} of questions and words"


class _Listed(msgspec.Struct, frozen=True):
    sessions: tuple[str, ...]
    next: str


def retain(
    home: Path | None, platform: str, tell: Callable[[Retained], object], *, dry_run: bool, clock: Clock | None = None
) -> tuple[Retained, ...]:
    """Removes, from every session on the platform, what its policy's retention no longer keeps.

    Args:
        home: the agent's folder, with the root key.
        platform: its address, "" for the remembered one.
        tell: is told of each session once it is done.
        dry_run: says what would go, and signs nothing.
        clock: for what is due, and for what is signed.

    Raises:
        EnvironmentFault: no root key, token or address here, or the platform cannot be reached; what was told is done.
        IntegrityFault: what the platform tells of a session is not the sealed record.
    """
    clock = clock or SystemClock()
    desk = admin_desk(home, platform, clock)
    root_public = bytes.fromhex(desk.directory().root_key)
    done: list[Retained] = []
    after = ""
    while True:
        listed = desk.told(Request("retention", "GET", f"/v1/retention?after={after}", most_bytes=LIST_BYTES), _Listed)
        for session_id in listed.sessions:
            one = _one(desk, session_id, root_public, clock.read().t_us, dry_run=dry_run)
            if one.captures or one.statistics or one.decisions:
                done.append(one)
                tell(one)
        if not listed.sessions or listed.next <= after:
            return tuple(done)
        after = listed.next


def _one(desk: AdminDesk, session_id: str, root_public: bytes, now_us: int, *, dry_run: bool) -> Retained:
    path = session_path(session_id, "/outline")
    outline = desk.told(Request("outline", "GET", path, most_bytes=OUTLINE_BYTES), Outline)
    frames, received_us = checked(outline, session_id, root_public)
    kinds = due(parse_policy(outline.policy.encode()), received_us, now_us)
    # a finding on trial is not here, and named all the same: what was decided about findings goes when all of them are
    going = {
        seq: frame
        for seq, frame in frames.items()
        if frame.kind in kinds and (outline.records[seq].here or frame.kind == Kind.FINDING)
    }
    pictures = {seq: blob_of(frame) for seq, frame in going.items()}
    captures = sum(frame.kind == Kind.CAPTURE for frame in going.values())
    for ranges, blobs in batches(pictures, most=REMOVED_MOST) if not dry_run else ():
        desk.remove_content(session_id, hashlib.sha256(outline.seal.encode()).hexdigest(), ranges, blobs)
    words = sum(frame.kind in DECISIONS for frame in going.values())
    return Retained(session_id, captures, len(going) - captures - words, words)


def checked(outline: Outline, session_id: str, root_public: bytes) -> tuple[dict[int, Frame], int]:
    """The records of an outline that retention is about, without their sealed parts, and when they were received.

    Raises:
        IntegrityFault: it is not the sealed record that the platform's receipt is about; names what is not so.
    """
    seal = strict_json(read_envelope(outline.seal.encode(), max_bytes=SEAL_BYTES)[1], Seal)
    named = open_directory(outline.directory.encode(), root_public).platform.receipt_key
    receipt = open_statement(outline.receipt.encode(), Receipt, bytes.fromhex(named))
    said = (receipt.session, receipt.seal_sha256, receipt.root, seal.session, seal.policy_sha256)
    seal_sha256 = hashlib.sha256(outline.seal.encode()).hexdigest()
    if said != (session_id, seal_sha256, seal.root, session_id, policy_digest(outline.policy.encode())):
        raise IntegrityFault(f"what the platform tells of session {session_id[:8]} does not belong together")
    frames: dict[int, Frame] = {}
    tree = Tree()
    try:
        for seq, record in enumerate(outline.records):
            digest = bytes.fromhex(record.digest)
            if record.kind in KEPT_FOR_A_TIME:
                frames[seq] = Frame(ABSENT, VERSION, record.kind, seq, base64.b64decode(record.public), digest)
            tree.append(frames[seq].leaf if seq in frames else digest)
    except (ValueError, binascii.Error) as error:
        raise IntegrityFault(f"the outline of session {session_id[:8]} is none") from error
    if (tree.size, tree.root().hex()) != (seal.size, seal.root):
        raise IntegrityFault(f"the records that the platform tells of session {session_id[:8]} are not those of its seal")
    return frames, receipt.received_us
