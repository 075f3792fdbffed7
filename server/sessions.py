# SPDX-License-Identifier: Apache-2.0
"""Whose a session is, and who may read it.

Rules:

1. Writing is for the session's person alone. To everybody else the session does not exist: 404. That is a person, not an
   id: who is given the id of somebody who left has nothing of theirs.
2. Reading is for the person, and for reviewers whom the directory in force names for the project of its seal.
   An admin reads nothing of it.
3. Each file given out is first entered in the organisation log as an Access statement; the same file to the same
   person again within an hour is covered by that.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from server.access.tokens import Caller
from server.core import Core
from server.faults import RefusalError, unknown
from server.orglog import About
from server.store import rows, said
from session.crypto.signing import fingerprint
from session.ports import SessionListing
from session.seal import SEAL_BYTES, Seal
from session.trust.directory import open_directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Access, Grant, sign

LISTED = 1000
"""Most sessions in one answer, the newest first."""


def own(connection: Connection, caller: Caller, session_id: str) -> rows.SessionRow:
    """The caller's own session. Raises `RefusalError` 404 for any other."""
    row = rows.session(connection, session_id)
    if row is None or row.person != caller.person or session_id in anothers(connection, caller):
        raise unknown("session")
    return row


def anothers(connection: Connection, caller: Caller) -> frozenset[str]:
    """The sessions under the caller's id that are somebody else's, who had the id before.

    An id is somebody else's where a directory did not name it, and the next that did named a key that it never had before.
    A key that is replaced from one directory to the next is the same person's.
    """
    if len(rows.person_keys(connection, caller.person)) < 2:
        return frozenset()
    before, named, keys, absent = set[str](), set[str](), set[str](), False
    for envelope, _ in rows.directories_after(connection, 0):
        person = open_directory(envelope).person(caller.person)
        if person is None:
            absent = True
            continue
        if absent and person.person_key not in keys:
            before |= named
            named, keys = set(), set()
        absent = False
        named.add(hashlib.sha256(envelope).hexdigest())
        keys.add(person.person_key)
    granted = rows.grants_of(connection, caller.person)
    return frozenset(
        session_id for session_id, raw in granted if strict_json(read_envelope(raw)[1], Grant).directory_sha256 in before
    )


def still_open(connection: Connection, session_id: str) -> None:
    """Returns if the session is not sealed. Raises `RefusalError` 409 when it is."""
    if rows.is_sealed(connection, session_id):
        raise RefusalError(409, "sealed", "This session is sealed; nothing is added to it.")


def readable(connection: Connection, caller: Caller, session_id: str) -> tuple[rows.SessionRow, rows.SealRow]:
    """A sealed session that the caller may read. Raises `RefusalError` 404 for any other."""
    row, sealed = rows.session(connection, session_id), rows.seal(connection, session_id)
    if row is None or sealed is None:
        raise unknown("session")
    own = row.person == caller.person and session_id not in anothers(connection, caller)
    if not own and not caller.has("reviewer", sealed.project):
        raise unknown("session")
    return row, sealed


def listing(core: Core, caller: Caller) -> list[SessionListing]:
    """What the caller may know of: their own sessions, and the sealed ones of projects they review or approve."""
    member = caller.member
    reads = member is not None and {"reviewer", "approver"}.intersection(member.roles)
    projects = member.projects if member is not None and reads else ()
    with core.reading() as connection:
        found = rows.listed(connection, caller.person, projects, LISTED, without=anothers(connection, caller))
        named = [row.session for row in found]
        decisions, replies = said.decided(connection, named), said.replied(connection, named)
        read = rows.given(connection, caller.person, named)
    return [
        SessionListing(
            session_id=row.session,
            person=row.person,
            project=row.project,
            started_us=row.started_us,
            worked_us=row.worked_us,
            sealed_us=row.sealed_us,
            state="sealed" if row.sealed else "open",
            decisions=decisions.get(row.session, 0),
            replies=replies.get(row.session, 0),
            overlap_us=row.overlap_us,
            beyond_us=row.beyond_us,
            read=row.session in read,
        )
        for row in found
    ]


def manifest(core: Core, caller: Caller, session_id: str) -> dict[str, object]:
    """All that a session consists of: its envelopes as texts, everything else by digest. Logged before it is given."""
    with core.reading() as connection:
        row, sealed = readable(connection, caller, session_id)
    _log_access(core, row, sealed, caller, hashlib.sha256(sealed.envelope).hexdigest())
    with core.reading() as connection:
        directory = rows.directory(connection, sealed.directory)
        policy = rows.policy(connection, sealed.policy)
        sealed_under = strict_json(read_envelope(sealed.envelope, max_bytes=SEAL_BYTES)[1], Seal).directory_sha256
        later = said.of_session(connection, session_id)
        others = dict.fromkeys((sealed_under, *(one.directory for one in later)))
        directories = [rows.directory(connection, sha256) for sha256 in others if sha256 != sealed.directory]
        directories.append(_naming(connection, sealed.receipt, [directory, *directories]))
    if policy is None or directory is None:
        raise LookupError("a sealed session's directory or policy is gone from the database")
    return {
        "seal": sealed.envelope.decode(),
        "receipt": sealed.receipt.decode(),
        "segments": sealed.segments.split(),
        "blobs": sealed.captures.split(),
        "directory": directory.decode(),
        "policy": policy.decode(),
        "statements": [raw.decode() for raw in directories if raw] + [one.statement.decode() for one in later],
    }


def naming_receipt_key(connection: Connection, sealed: rows.SealRow) -> bytes:
    """A directory that names the key of a session's receipt: its own, else one that came later; b"" where there is none."""
    own = rows.directory(connection, sealed.directory)
    return _naming(connection, sealed.receipt, []) or own or b""


def _naming(connection: Connection, receipt: bytes, directories: list[bytes | None]) -> bytes | None:
    """The directory that names the key of a receipt, where none of these does: the key was renewed before it was given."""
    signer = read_envelope(receipt)[0].signatures[0].keyid
    for raw in (*directories, *(envelope for envelope, _ in rows.directories_after(connection, 0))):
        if raw is not None and fingerprint(bytes.fromhex(open_directory(raw).platform.receipt_key)) == signer:
            return None if raw in directories else raw
    return None


def logged_blob(core: Core, caller: Caller, session_id: str, sha256: str) -> int:
    """Size of a blob that the caller may read and that now stands in the log as given. Raises `RefusalError` 404."""
    with core.reading() as connection:
        row, sealed = readable(connection, caller, session_id)
        size_bytes = rows.blob_size(connection, session_id, sha256)
    if size_bytes is None or sha256 not in {*sealed.segments.split(), *sealed.captures.split()}:
        raise unknown("file")
    _log_access(core, row, sealed, caller, sha256)
    return size_bytes


def _log_access(core: Core, row: rows.SessionRow, sealed: rows.SealRow, caller: Caller, sha256: str) -> None:
    """Durable when it returns."""
    window_us = core.config.limits.access_s * 1_000_000
    with core.reading() as connection:
        last_us = rows.accessed_us(connection, row.session, caller.person, sha256)
    if last_us is not None and 0 <= core.now_us() - last_us < window_us:
        return
    with core.writing() as connection:
        now_us = max(core.now_us(), sealed.sealed_us)  # times never go back, whatever the clock does
        head = core.log.head(connection)
        statement = Access(
            organisation=core.organisation(connection).fingerprint,
            session=row.session,
            person=caller.person,
            files=(sha256,),
            at_us=now_us,
            log_size=head.size,
            log_root=head.root,
        )
        envelope = sign(statement, core.receipt_key(connection, now_us))
        core.log.append(connection, envelope, About("access", row.session, row.person, sealed.project), now_us)
        rows.set_accessed(connection, row.session, caller.person, sha256, now_us)
