# SPDX-License-Identifier: Apache-2.0
"""What people say about a sealed session: taken from its author's own key, entered in the organisation log, never changed.

Rules:

1. A statement counts as its author's only by the person key that the directory in force names for the caller, at the
   moment when it is entered. To whom may not read the session, it does not exist: 404.
2. A decision is a reviewer's of the seal's project, on a record of this very seal, and nobody's on their own session. A
   reply is the session's person's, to a decision of this session that is in the log. So is a removal, of this very seal;
   what it names leaves this platform for good (`server.removing`). Retention is the organisation's: signed by its root key.
3. Each names a head that our log really had, and a time that its author's clock can have shown.
4. Once the policy's `decisions_days` have passed since the receipt, no decision is taken; and no reply either, once the
   organisation removed what was asked.
5. It enters the log in the transaction that indexes it. The same bytes again are the same entry; a later decision on the
   same finding stands beside the earlier one.
6. Nothing about it is told to anybody but the session's person, and reviewers and approvers of its project.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from sqlalchemy import Connection

from server import sessions
from server.access.tokens import Caller
from server.core import Core
from server.disclosing import OpeningRequest, check_opening, with_opened
from server.faults import RefusalError, unknown
from server.orglog import About
from server.removing import check_ranges, without
from server.rewriting import Rewritten, enter, frames_of, wipe_if_possible
from server.store import rows, said, tables
from session import IntegrityFault
from session.events import Kind
from session.policy import parse_policy
from session.retention import due, questions_ended
from session.seal import SEAL_BYTES, Seal
from session.trust.directory import Directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Decision, OpeningStatement, Removal, Reply, Statement, open_statement
from session.verify.said import CLOCKS_APART_US

PAGE: Final = 200
"""Most statements in one answer. Source: docs/architecture.md, The platform's interface."""
PAGE_BYTES: Final = 4 * 1024 * 1024
"""A page ends where it grows beyond this."""
OVER: Final = "The time for which decisions on this session are kept is over: nothing more is decided on it."
REMOVED: Final = (
    "Your organisation no longer keeps the questions of this session, nor what was decided: nothing is added to it."
)

Claimed = Decision | Reply | Removal | OpeningStatement
_KINDS: Final[dict[type[Statement], str]] = {
    Decision: "decision",
    Reply: "reply",
    Removal: "removal",
    OpeningStatement: "opening",
}
_WORDS: Final = ("decision", "reply")
_CHANGES: Final = ("removal", "opening")


class _Case(msgspec.Struct, frozen=True):
    """A sealed session and who speaks about it, by which key, as the directory in force says.

    `speaker`: their id; "" is the organisation itself, by its root key. `reviews`: the seal's project.
    """

    row: rows.SessionRow
    sealed: rows.SealRow
    seal: Seal
    directory: Directory
    directory_sha256: str
    speaker: str
    key: str
    reviews: bool = False


def take(core: Core, caller: Caller, session_id: str, raw: bytes) -> tuple[bool, int]:
    """Whether the statement is entered by this request (or was before), and its place in the organisation log.

    Raises:
        RefusalError: 404 not the caller's to read; 403 `signature`, `revoked` or `role`; 409 `log` for a head that our log
            never had, `ended` where nothing more is said; 413 `quota`; 422 `input` names the field, `decision` for a reply
            to none.
        IntegrityFault: no envelope, or not in its one spelling.
    """
    with core.reading() as connection:
        sessions.readable(connection, caller, session_id)
    claimed = _claimed(raw)
    if isinstance(claimed, Removal):
        return _removed(core, claimed, raw, lambda connection: _case(core, connection, caller, session_id))
    with core.writing() as connection:
        case = _case(core, connection, caller, session_id)
        before = _checked(core, connection, case, claimed, raw)
        return (True, _enter(core, connection, case, claimed, raw)) if before is None else (False, before)


def claimed_removal(raw: bytes) -> Removal:
    """The removal that `raw` claims to be; its signature is not checked yet. Raises `RefusalError` 422, `IntegrityFault`."""
    claimed = _claimed(raw)
    if not isinstance(claimed, Removal):
        raise RefusalError(422, "input", "payloadType: only a removal is taken here.")
    return claimed


def enter_sealed(core: Core, connection: Connection, row: rows.SessionRow, sealed: rows.SealRow, raw: bytes) -> None:
    """Enters a removal that came with the seal, and that is carried out already. `connection` must be writing.

    Raises:
        RefusalError: as `take`.
    """
    claimed = claimed_removal(raw)
    case = _case_of(core, connection, row, sealed, row.person)
    if _checked(core, connection, case, claimed, raw) is None:
        _enter(core, connection, case, claimed, raw)


def take_retention(core: Core, session_id: str, raw: bytes) -> tuple[bool, int]:
    """As `take`, for a removal in the organisation's name under retention, of any type; only the root key signs one.

    Raises:
        RefusalError: 404 no such sealed session; the rest as `take`.
        IntegrityFault: no envelope, or not in its one spelling.
    """
    claimed = claimed_removal(raw)
    return _removed(core, claimed, raw, lambda connection: _retained(core, connection, session_id))


def take_opening(core: Core, caller: Caller, session_id: str, request: OpeningRequest) -> tuple[bool, int]:
    """As `take`, for an opening: what it names is in the session when this returns.

    Raises:
        RefusalError: as `take`, and `server.disclosing`.
        IntegrityFault: no envelope, or not in its one spelling.
    """
    with core.reading() as connection:
        sessions.readable(connection, caller, session_id)
    raw = request.statement.encode()
    outer, body = read_envelope(raw)
    if outer.payload_type != OpeningStatement.payload_type:
        raise RefusalError(422, "input", "statement: only an opening is taken here.")
    claimed = strict_json(body, OpeningStatement)

    def made(case: _Case) -> Rewritten:
        with core.reading() as connection:
            entries = said.of_session(connection, session_id)
        bodies = [read_envelope(one.statement) for one in entries]
        gone = [strict_json(body, Removal) for outer, body in bodies if outer.payload_type == Removal.payload_type]
        removed = [*case.seal.redacted, *(one for removal in gone for one in removal.ranges)]
        return with_opened(core, case.sealed, claimed, request, removed)

    return _carry_out(core, claimed, raw, lambda connection: _case(core, connection, caller, session_id), made)


def _removed(core: Core, claimed: Removal, raw: bytes, case_of: Callable[[Connection], _Case]) -> tuple[bool, int]:
    return _carry_out(core, claimed, raw, case_of, lambda case: without(core, case.sealed, claimed))


def _carry_out(
    core: Core,
    claimed: Removal | OpeningStatement,
    raw: bytes,
    case_of: Callable[[Connection], _Case],
    rewritten: Callable[[_Case], Rewritten],
) -> tuple[bool, int]:
    """As `take`. What a removal names is gone from the disk when this returns; where the disk refuses, at the next start."""
    with core.rewriting:
        with core.reading() as connection:
            case = case_of(connection)
            before = _checked(core, connection, case, claimed, raw)
        if before is None:
            made = rewritten(case)
            with core.writing() as connection:
                case = case_of(connection)
                _checked(core, connection, case, claimed, raw)
                index = _enter(core, connection, case, claimed, raw)
                enter(core, connection, case.row.session, made)
                if isinstance(claimed, Removal) and claimed.by == "organisation":
                    _forget_said(core, connection, case)
    wipe_if_possible(core)
    return (True, index) if before is None else (False, before)


def _forget_said(core: Core, connection: Connection, case: _Case) -> None:
    """Decisions and replies go with the findings that they are about; their leaves and their number stay in the log."""
    sealed, session_id = rows.seal(connection, case.row.session), case.row.session
    if sealed is None or not questions_ended(_kinds(core, sealed), _organisation_ranges(connection, session_id)):
        return
    said.forget(connection, session_id)


def _kinds(core: Core, sealed: rows.SealRow) -> Iterator[tuple[int, int]]:
    return ((frame.seq, frame.kind) for frame in frames_of(core, sealed))


def _organisation_ranges(connection: Connection, session_id: str) -> list[tuple[int, int]]:
    read = [read_envelope(one.statement) for one in said.of_session(connection, session_id)]
    removals = [strict_json(body, Removal) for outer, body in read if outer.payload_type == Removal.payload_type]
    return [pair for removal in removals if removal.by == "organisation" for pair in removal.ranges]


def _retained(core: Core, connection: Connection, session_id: str) -> _Case:
    row, sealed = rows.session(connection, session_id), rows.seal(connection, session_id)
    if row is None or sealed is None:
        raise unknown("session")
    in_force, root = core.in_force(connection), core.organisation(connection).root_public
    return _Case(row, sealed, _seal_of(sealed), in_force.directory, in_force.sha256, "", root.hex())


def _checked(core: Core, connection: Connection, case: _Case, claimed: Claimed, raw: bytes) -> int | None:
    """The place in the log of a statement that stands there already; None for one that may be entered."""
    _check_author(case, claimed, raw)
    before = said.find(connection, hashlib.sha256(raw).hexdigest())
    if before is not None:
        return before.index
    if isinstance(claimed, Decision):
        _check_decision(case, claimed)
        _check_not_ended(core, connection, case)
    elif isinstance(claimed, Reply):
        _check_reply(connection, case, claimed)
        _check_not_ended(core, connection, case, kept=True)
    elif isinstance(claimed, Removal):
        _check_removal(case, claimed)
    else:
        _check_opening(case, claimed)
    _check_moment(core, connection, case, claimed)
    return None


def news(core: Core, caller: Caller, after: int) -> dict[str, object]:
    """The next page of what concerns the caller: own sessions, and the projects that they review or approve."""
    member = caller.member
    reads = member is not None and {"reviewer", "approver"}.intersection(member.roles)
    projects = member.projects if member is not None and reads else ()
    listed: list[dict[str, object]] = []
    directories: dict[str, str] = {}
    size_bytes, reached = 0, after
    with core.reading() as connection:
        without = sessions.anothers(connection, caller)
        for entry in said.concerning(connection, caller.person, projects, after=after, limit=PAGE, without=without):
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


def _claimed(raw: bytes) -> Claimed:
    """What it claims to be; its signature is not checked yet."""
    outer, body = read_envelope(raw)
    if outer.payload_type == Decision.payload_type:
        return strict_json(body, Decision)
    if outer.payload_type == Reply.payload_type:
        return strict_json(body, Reply)
    if outer.payload_type == Removal.payload_type:
        return strict_json(body, Removal)
    raise RefusalError(422, "input", "payloadType: only a decision, a reply or a removal is taken here.")


def _case(core: Core, connection: Connection, caller: Caller, session_id: str) -> _Case:
    row, sealed = sessions.readable(connection, caller, session_id)
    return _case_of(core, connection, row, sealed, caller.person)


def _case_of(core: Core, connection: Connection, row: rows.SessionRow, sealed: rows.SealRow, speaker: str) -> _Case:
    in_force = core.in_force(connection)
    person = in_force.directory.person(speaker)
    if person is None:
        raise RefusalError(403, "role", "The directory in force does not name you.")
    reviews = "reviewer" in person.roles and sealed.project in person.projects
    return _Case(row, sealed, _seal_of(sealed), in_force.directory, in_force.sha256, person.id, person.person_key, reviews)


def _seal_of(sealed: rows.SealRow) -> Seal:
    return strict_json(read_envelope(sealed.envelope, max_bytes=SEAL_BYTES)[1], Seal)


def _check_author(case: _Case, claimed: Claimed, raw: bytes) -> None:
    """About this session, in the name and by the key of who speaks."""
    if not isinstance(claimed, Removal):
        in_name = ("person", claimed.person, case.speaker)
    else:
        in_name = ("by", claimed.by, "person" if case.speaker else "organisation")
    for field, stated, true in (
        ("organisation", claimed.organisation, case.seal.organisation),
        ("session", claimed.session, case.row.session),
        in_name,
    ):
        if stated != true:
            raise RefusalError(422, "input", f"{field}: the statement names another one.")
    try:
        open_statement(raw, type(claimed), bytes.fromhex(case.key))
    except IntegrityFault as error:
        whose = "that the directory names" if case.speaker else "of the organisation"
        raise RefusalError(403, "signature", f"The statement is not signed by the key {whose}.") from error


def _check_decision(case: _Case, claimed: Decision) -> None:
    if not case.reviews:
        raise RefusalError(403, "role", "Only a reviewer of this session's project decides on its findings.")
    if case.speaker == case.row.person:
        raise RefusalError(403, "role", "Nobody decides on a session of their own.")
    if claimed.seal_sha256 != hashlib.sha256(case.sealed.envelope).hexdigest():
        raise RefusalError(422, "input", "seal_sha256: this session has another seal.")
    if claimed.finding >= case.seal.size:
        raise RefusalError(422, "input", "finding: this session has no such record.")


def _check_not_ended(core: Core, connection: Connection, case: _Case, *, kept: bool = False) -> None:
    """Raises `RefusalError` 409 where nothing more is said about the session's findings.

    `kept`: while what was decided is still here, it is replied to, whether or not its days are over.
    """
    policy = parse_policy(rows.policy(connection, case.sealed.policy) or b"")
    if not kept and Kind.FINDING in due(policy, case.sealed.sealed_us, core.now_us()):
        raise RefusalError(409, "ended", OVER)
    ranges = _organisation_ranges(connection, case.row.session)
    if ranges and questions_ended(_kinds(core, case.sealed), ranges):
        raise RefusalError(409, "ended", REMOVED)


def _check_reply(connection: Connection, case: _Case, claimed: Reply) -> None:
    if case.speaker != case.row.person:
        raise RefusalError(403, "role", "Only the session's own person replies.")
    decision = said.find(connection, claimed.decision_sha256)
    if decision is None or (decision.session, decision.kind) != (case.row.session, "decision"):
        raise RefusalError(422, "decision", "decision_sha256: there is no such decision on this session.")


def _check_removal(case: _Case, claimed: Removal) -> None:
    if case.speaker not in {case.row.person, ""}:
        raise RefusalError(403, "role", "Only the session's own person removes something of it.")
    check_ranges(case.seal, case.sealed.envelope, claimed)


def _check_opening(case: _Case, claimed: OpeningStatement) -> None:
    if case.speaker != case.row.person:
        raise RefusalError(403, "role", "Only the session's own person opens something of it.")
    check_opening(case.seal, case.sealed.envelope, case.directory, claimed)


def _check_moment(core: Core, connection: Connection, case: _Case, claimed: Claimed) -> None:
    now_us = core.now_us()
    revoked_us = case.directory.revoked_us(case.key)
    if revoked_us is not None and revoked_us <= max(now_us, claimed.at_us):  # readers hold their own word against them
        raise RefusalError(403, "revoked", "The key that signed this is revoked.")
    # a removal may be signed before the session arrives here, by somebody who is offline
    since_us = min(case.seal.sealed_us, case.sealed.sealed_us) if isinstance(claimed, Removal) else case.sealed.sealed_us
    if not since_us - CLOCKS_APART_US <= claimed.at_us <= now_us + CLOCKS_APART_US:
        raise RefusalError(422, "input", "at_us: before the seal, or still to come. Check this machine's clock.")
    if core.log.root_at(connection, claimed.log_size) != claimed.log_root:
        raise RefusalError(409, "log", "The statement names a head that the organisation log never had.")
    limits = core.config.limits
    changes = isinstance(claimed, Removal | OpeningStatement)
    kinds, most = (_CHANGES, limits.removals_most) if changes else (_WORDS, limits.statements_most)
    if said.count(connection, case.row.session, case.speaker, kinds) >= most:
        raise RefusalError(413, "quota", "You have said as much about this session as one person may.")


def _enter(core: Core, connection: Connection, case: _Case, claimed: Claimed, raw: bytes) -> int:
    kind = _KINDS[type(claimed)]
    about = About(kind, case.row.session, case.row.person, case.sealed.project)
    index = core.log.append(connection, raw, about, core.now_us())
    row = said.SaidRow(
        index=index,
        sha256=hashlib.sha256(raw).hexdigest(),
        session=case.row.session,
        kind=kind,
        finding=claimed.finding if isinstance(claimed, Decision) else None,
        author=case.speaker,
        person=case.row.person,
        project=case.sealed.project,
        directory=case.directory_sha256,
    )
    rows.put(connection, tables.statements, row)
    return index
