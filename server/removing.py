# SPDX-License-Identifier: Apache-2.0
"""What a removal may take out of a sealed session at the platform.

A person takes out what the type table calls removable, the organisation under retention any sealed part. A removal that
names a record that must stay, or pictures of other records, is refused whole.
"""

from __future__ import annotations

import hashlib

from server.core import Core
from server.faults import RefusalError
from server.rewriting import Rewritten, frames_of, rewrite
from server.store import rows
from session.events import Kind
from session.frames import SEALED, Frame
from session.redact import Ranges, is_redactable
from session.seal import Seal
from session.segments import blob_of
from session.table import rule_of
from session.trust.statements import Removal


def check_ranges(seal: Seal, envelope: bytes, removal: Removal) -> None:
    """Returns where the removal is about this seal (`envelope`: as signed) and records of its session.

    Raises:
        RefusalError: 422 names the field.
    """
    if removal.seal_sha256 != hashlib.sha256(envelope).hexdigest():
        raise RefusalError(422, "input", "seal_sha256: this session has another seal.")
    if any(not first <= last < seal.size for first, last in removal.ranges):
        raise RefusalError(422, "input", "ranges: this session has no such records.")


def without(core: Core, sealed: rows.SealRow, removal: Removal) -> Rewritten:
    """The session without what `removal` names, its new files durable (see `server.rewriting`).

    Raises:
        RefusalError: 422 where a record must stay, or `blobs` are not the pictures of these records; names the field.
        EnvironmentFault: the disk; nothing changed.
    """
    ranges = Ranges(removal.ranges)
    named: set[str] = set()
    here: set[str] = set()

    def absent(frame: Frame) -> Frame:
        if frame.seq not in ranges:
            return frame
        rule = rule_of(frame.kind)
        if not (is_redactable(frame.kind) or (removal.by == "organisation" and rule is not None and rule.sealed)):
            raise RefusalError(422, "input", f"ranges: record {frame.seq} is of a type that stays.")
        if frame.kind == Kind.CAPTURE:
            named.add(blob_of(frame))
            here.update({blob_of(frame)} if frame.flags == SEALED else ())
        return frame.absent()

    for frame in frames_of(core, sealed):  # first all of it, so that a refusal leaves nothing
        absent(frame)
    if not here <= set(removal.blobs) <= named:
        raise RefusalError(422, "input", "blobs: these are not the pictures of the records in ranges.")
    return rewrite(core, sealed, absent)
