# SPDX-License-Identifier: Apache-2.0
"""The witness: cosigns each checkpoint of a running session with the platform's time, once, and never a fork.

Rules (C2SP tlog-witness v1.0.0, add-checkpoint, narrowed to one log a session):

1. The note must be signed by the granted session key under the origin of this organisation and session.
2. `old` must be the size cosigned last; else 409, whose body is our latest note exactly as the session signed it, so the
   session can tell its own truth from our fault. The latest checkpoint again is cosigned again, whatever `old` says.
3. The consistency proof must lead from the root cosigned last to the new one; else 422.
4. What is cosigned is on the disk before the cosignature leaves, and every cosigned size and root stays there: a seal
   that states a loss is held against those that it still has.
5. A sealed session is cosigned no more: 410. One that rests on a revoked key neither: 403.
6. The time of a cosignature is never below that of the grant or of the cosignature before it, even where this machine's
   clock was set back: a record with such a pair verifies nowhere, and its trainer would lose the hours.
7. Nothing is cosigned under a key that is revoked by then: 403 `revoked`. What was cosigned before stands. Nor by another
   key than the session's directory names: a witness key that was renewed goes on for the sessions that were granted under
   it until its revocation, and where it is gone the answer is 403 `renewed`. The session says so in a gap.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from server.core import Core
from server.devices import check_trusted
from server.faults import RefusalError, unknown
from server.store import rows
from session import IntegrityFault
from session.crypto.signing import SigningKey, fingerprint
from session.log.checkpoint import CheckpointText, origin_of, parse_checkpoint
from session.log.cosign import cosign
from session.log.merkle import EMPTY_ROOT, verify_consistency
from session.log.note import Note, parse_note, verify_note
from session.log.proof import AddCheckpoint, parse_add_checkpoint
from session.trust.directory import open_directory, witness_name
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Grant


def add_checkpoint(core: Core, session_id: str, body: bytes) -> bytes:
    """The cosignature line, with its newline.

    Raises:
        IntegrityFault: the body is not spelled as a request.
        RefusalError: see the rules; 403 for a signature that is not the session's or a revoked key, 404 for a session
            that was never granted.
    """
    request = parse_add_checkpoint(body)
    note = parse_note(request.note)
    checkpoint = parse_checkpoint(note.text)
    with core.reading() as connection:
        organisation = core.organisation(connection).fingerprint
        row = rows.session(connection, session_id)
    if row is None:
        raise unknown("session")
    _check_signature(note, checkpoint, origin_of(organisation, session_id), row.session_public)
    with core.writing() as connection:
        row = rows.session(connection, session_id)
        if row is None:
            raise unknown("session")
        now_us = proved_us(core, row)
        key = _witness_key(core, connection, row, now_us)
        if rows.is_sealed(connection, session_id):
            raise RefusalError(410, "sealed", "This session is sealed; nothing follows a seal.")
        check_trusted(connection, core.in_force(connection).directory, row, now_us)
        _check_history(row, request, checkpoint)
        kept = msgspec.structs.replace(
            row,
            cosigned_size=checkpoint.size,
            cosigned_root=checkpoint.root,
            cosigned_note=request.note,
            cosigned_first_us=row.cosigned_first_us or now_us,
            cosigned_last_us=now_us,
        )
        rows.cosigned(connection, kept)
        rows.keep_cosigned(connection, rows.Cosigned(session_id, checkpoint.size, checkpoint.root, now_us))
    line = cosign(note.text, witness_name(organisation), key, now_us // 1_000_000)
    return line.encode() + b"\n"


def _witness_key(core: Core, connection: Connection, row: rows.SessionRow, now_us: int) -> SigningKey:
    """The key whose cosignature of `now_us` a verifier would take, as far as the platform knows.

    Raises:
        RefusalError: 403 `revoked`, a key of the session's chain or the witness's own is revoked; 403 `renewed`, the
            directory that the session was granted under names a witness key that the platform has no more.
    """
    in_force = core.in_force(connection)
    newest, granted_under = in_force.directory, strict_json(read_envelope(row.grant)[1], Grant).directory_sha256
    if granted_under == in_force.sha256:
        granted = newest
    else:
        granted = open_directory(rows.directory(connection, granted_under) or in_force.envelope)
    key = core.ring.witness(granted.platform.witness_key)
    if key is None:
        detail = "The witness's key was renewed since this session was granted: the next session goes by the new one."
        raise RefusalError(403, "renewed", detail)
    person = granted.person(row.person)
    used = {fingerprint(row.session_public), fingerprint(key.public)}
    used.add(read_envelope(row.certificate)[0].signatures[0].keyid)  # of the device key
    if person is not None:
        used.add(fingerprint(bytes.fromhex(person.person_key)))
    for one in newest.revocations:
        if one.revoked_us <= now_us and fingerprint(bytes.fromhex(one.revoked_key)) in used:
            raise RefusalError(403, "revoked", "A key of this session was revoked: what it recorded before stands.")
    return key


def proved_us(core: Core, row: rows.SessionRow) -> int:
    """The platform's time for what it signs next of this session: its clock, or the time that it signed last."""
    return max(core.now_us(), row.granted_us, row.cosigned_last_us)


def _check_signature(note: Note, checkpoint: CheckpointText, origin: str, session_public: bytes) -> None:
    if checkpoint.origin != origin:
        raise RefusalError(422, "origin", "The checkpoint is of another log than this session's.")
    try:
        verify_note(note, origin, session_public)
    except IntegrityFault as error:
        raise RefusalError(403, "signature", "The checkpoint is not signed by the key that was granted.") from error


def _check_history(row: rows.SessionRow, request: AddCheckpoint, checkpoint: CheckpointText) -> None:
    if checkpoint.size == 0:
        raise RefusalError(422, "size", "A session begins with its grant: there is no checkpoint over nothing.")
    if (checkpoint.size, checkpoint.root) == (row.cosigned_size, row.cosigned_root):
        return
    if request.old > checkpoint.size:
        raise RefusalError(422, "old", "The old size is above the checkpoint's.")
    if request.old != row.cosigned_size or checkpoint.size == row.cosigned_size:
        raise RefusalError(409, "old", "The witness last cosigned another size.", note=row.cosigned_note)
    old_root = row.cosigned_root if row.cosigned_size else EMPTY_ROOT
    try:
        verify_consistency(request.old, checkpoint.size, request.proof, old_root, checkpoint.root)
    except IntegrityFault as error:
        raise RefusalError(422, "proof", str(error)) from error
