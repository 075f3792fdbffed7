# SPDX-License-Identifier: Apache-2.0
"""Decisions and replies: taken from their author's own key, entered in the organisation log, never changed.

Rules:

1. A statement counts as its author's only by the person key that the directory in force names for the caller, at the
   moment when it is entered. To whom may not read the session, it does not exist: 404.
2. A decision is a reviewer's of the seal's project, on a record of this very seal, and nobody's on their own session. A
   reply is the session's person's, to a decision of this session that is in the log.
3. Each names a head that our log really had, and a time that its author's clock can have shown.
4. It enters the log in the transaction that indexes it. The same bytes again are the same entry; a later decision on the
   same finding stands beside the earlier one.
5. Nothing about it is told to anybody but the session's person, and reviewers and approvers of its project.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec
from sqlalchemy import Connection

from server import sessions
from server.access.tokens import Caller
from server.core import Core
from server.faults import RefusalError
from server.orglog import About
from server.store import rows, said, tables
from session import IntegrityFault
from session.seal import SEAL_BYTES, Seal
from session.trust.directory import Directory, Person
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Decision, Reply, open_statement
from session.verify.said import CLOCKS_APART_US

PAGE: Final = 200
"""Most statements in one answer. Source: docs/architecture.md, The platform's interface."""
PAGE_BYTES: Final = 4 * 1024 * 1024
"""A page ends where it grows beyond this."""


class _Case(msgspec.Struct, frozen=True):
    """A sealed session and who speaks about it, as the directory in force names them."""

    row: rows.SessionRow
    sealed: rows.SealRow
    seal: Seal
    directory: Directory
    directory_sha256: str
    author: Person


def take(core: Core, caller: Caller, session_id: str, raw: bytes) -> tuple[bool, int]:
    """Whether the statement is entered by this request (or was before), and its place in the organisation log.

    Raises:
        RefusalError: 404 not the caller's to read; 403 `signature`, `revoked` or `role`; 409 `log` for a head that our log
            never had; 413 `quota`; 422 `input` names the field, `decision` for a reply to none.
        IntegrityFault: no envelope, or not in its one spelling.
    """
    with core.reading() as connection:
        sessions.readable(connection, caller, session_id)
    claimed = _claimed(raw)
    sha256 = hashlib.sha256(raw).hexdigest()
    with core.writing() as connection:
        case = _case(core, connection, caller, session_id)
        _check_author(case, claimed, raw)
        before = said.find(connection, sha256)
        if before is not None:
            return False, before.index
        if isinstance(claimed, Decision):
            _check_decision(case, claimed)
        else:
            _check_reply(connection, case, claimed)
        _check_moment(core, connection, case, claimed)
        return True, _enter(core, connection, case, claimed, raw)


def news(core: Core, caller: Caller, after: int) -> dict[str, object]:
    """The next page of what concerns the caller: own sessions, and the projects that they review or approve."""
    member = caller.member
    reads = member is not None and {"reviewer", "approver"}.intersection(member.roles)
    projects = member.projects if member is not None and reads else ()
    listed: list[dict[str, object]] = []
    directories: dict[str, str] = {}
    size_bytes, reached = 0, after
    with core.reading() as connection:
        for entry in said.concerning(connection, caller.person, projects, after=after, limit=PAGE):
            if size_bytes > PAGE_BYTES:
                break
            if entry.directory not in directories:
                directories[entry.directory] = (rows.directory(connection, entry.directory) or b"").decode()
                size_bytes += len(directories[entry.directory])
            envelope = entry.statement.decode()
            listed.append(
                {"index": entry.index, "session": entry.session, "envelope": envelope, "directory": entry.directory}
            )
            size_bytes, reached = size_bytes + len(envelope), entry.index
    return {"statements": listed, "next": reached, "directories": directories}


def _claimed(raw: bytes) -> Decision | Reply:
    """What it claims to be; its signature is not checked yet."""
    outer, body = read_envelope(raw)
    if outer.payload_type == Decision.payload_type:
        return strict_json(body, Decision)
    if outer.payload_type == Reply.payload_type:
        return strict_json(body, Reply)
    raise RefusalError(422, "input", "payloadType: only a decision or a reply is taken here.")


def _case(core: Core, connection: Connection, caller: Caller, session_id: str) -> _Case:
    row, sealed = sessions.readable(connection, caller, session_id)
    in_force = core.in_force(connection)
    author = in_force.directory.person(caller.person)
    if author is None:
        raise RefusalError(403, "role", "The directory in force does not name you.")
    seal = strict_json(read_envelope(sealed.envelope, max_bytes=SEAL_BYTES)[1], Seal)
    return _Case(row, sealed, seal, in_force.directory, in_force.sha256, author)


def _check_author(case: _Case, claimed: Decision | Reply, raw: bytes) -> None:
    for field, stated, true in (
        ("organisation", claimed.organisation, case.seal.organisation),
        ("session", claimed.session, case.row.session),
        ("person", claimed.person, case.author.id),
    ):
        if stated != true:
            raise RefusalError(422, "input", f"{field}: the statement names another one.")
    try:
        open_statement(raw, type(claimed), bytes.fromhex(case.author.person_key))
    except IntegrityFault as error:
        raise RefusalError(403, "signature", "The statement is not signed by the key that the directory names.") from error


def _check_decision(case: _Case, claimed: Decision) -> None:
    if not _reviews(case.author, case.sealed.project):
        raise RefusalError(403, "role", "Only a reviewer of this session's project decides on its findings.")
    if case.author.id == case.row.person:
        raise RefusalError(403, "role", "Nobody decides on a session of their own.")
    if claimed.seal_sha256 != hashlib.sha256(case.sealed.envelope).hexdigest():
        raise RefusalError(422, "input", "seal_sha256: this session has another seal.")
    if claimed.finding >= case.seal.size:
        raise RefusalError(422, "input", "finding: this session has no such record.")


def _check_reply(connection: Connection, case: _Case, claimed: Reply) -> None:
    if case.author.id != case.row.person:
        raise RefusalError(403, "role", "Only the session's own person replies.")
    decision = said.find(connection, claimed.decision_sha256)
    if decision is None or (decision.session, decision.kind) != (case.row.session, "decision"):
        raise RefusalError(422, "decision", "decision_sha256: there is no such decision on this session.")


def _check_moment(core: Core, connection: Connection, case: _Case, claimed: Decision | Reply) -> None:
    now_us = core.now_us()
    revoked_us = case.directory.revoked_us(case.author.person_key)
    if revoked_us is not None and revoked_us <= now_us:
        raise RefusalError(403, "revoked", "The key that signed this is revoked.")
    if not case.sealed.sealed_us - CLOCKS_APART_US <= claimed.at_us <= now_us + CLOCKS_APART_US:
        raise RefusalError(422, "input", "at_us: before the seal, or still to come. Check this machine's clock.")
    if core.log.root_at(connection, claimed.log_size) != claimed.log_root:
        raise RefusalError(409, "log", "The statement names a head that the organisation log never had.")
    if said.count(connection, case.row.session, case.author.id) >= core.config.limits.statements_most:
        raise RefusalError(413, "quota", "You have said as much about this session as one person may.")


def _enter(core: Core, connection: Connection, case: _Case, claimed: Decision | Reply, raw: bytes) -> int:
    kind = "decision" if isinstance(claimed, Decision) else "reply"
    about = About(kind, case.row.session, case.row.person, case.sealed.project)
    index = core.log.append(connection, raw, about, core.now_us())
    row = said.SaidRow(
        index=index,
        sha256=hashlib.sha256(raw).hexdigest(),
        session=case.row.session,
        kind=kind,
        finding=claimed.finding if isinstance(claimed, Decision) else None,
        author=case.author.id,
        person=case.row.person,
        project=case.sealed.project,
        directory=case.directory_sha256,
    )
    rows.put(connection, tables.statements, row)
    return index


def _reviews(person: Person, project: str) -> bool:
    return "reviewer" in person.roles and project in person.projects
