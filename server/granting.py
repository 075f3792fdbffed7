# SPDX-License-Identifier: Apache-2.0
"""Grants in advance, so that a start never waits for a network.

Rules:

1. A grant is for one session id, session key, device, person and project; the session key is certified by a device
   whose certificate was posted at enrolment, and that by the person key of the directory in force.
2. At most 20 grants of a device and project are unused at a time, each for 14 days. Source: docs/session-format.md, GRANT.
3. The same request again gets the same grant. All of a request are granted, or none.
4. An offline start is made known by asking for its grant afterwards; that grant then bounds no time.
"""

from __future__ import annotations

import secrets
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from server.access.tokens import Caller
from server.core import Core, InForce
from server.faults import RefusalError
from server.orglog import About
from server.store import rows, tables
from session import IntegrityFault
from session.events import SessionId
from session.trust.certificates import open_chain
from session.trust.directory import Person, Project
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Grant, SessionCertificate, sign


class GrantItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One session to come; the certificate is the envelope's text."""

    session: SessionId
    session_certificate: Annotated[str, msgspec.Meta(max_length=16_384)]


class GrantRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Grants for one project."""

    project: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    requests: Annotated[tuple[GrantItem, ...], msgspec.Meta(min_length=1, max_length=20)]


def grant(core: Core, caller: Caller, request: GrantRequest) -> list[str]:
    """The grants in the order of the request, as envelope texts.

    Raises:
        RefusalError: 403 not a trainer of the project; 409 for too many unused grants, a session id taken by another
            certificate, an expired directory or a policy whose file is missing; 422 for a certificate that does not hold.
    """
    if not caller.has("trainer", request.project):
        raise RefusalError(403, "project", "project: you are not a trainer of this project.")
    sessions = [item.session for item in request.requests]
    if len(set(sessions)) != len(sessions):
        raise RefusalError(422, "input", "requests: the same session stands twice.")
    with core.writing() as connection:
        in_force = core.in_force(connection)
        project, member = _allowed(core, connection, in_force, caller, request.project)
        return [_one(core, connection, in_force, project, member, item).decode() for item in request.requests]


def _allowed(
    core: Core, connection: Connection, in_force: InForce, caller: Caller, project_id: str
) -> tuple[Project, Person]:
    directory = in_force.directory
    project, member = directory.project(project_id), directory.person(caller.person)
    if project is None or member is None:
        raise RefusalError(403, "project", "project: the directory in force does not know it.")
    if not directory.valid_at(core.now_us()):
        raise RefusalError(409, "directory", "The organisation's directory has expired: your admin signs a new one.")
    if rows.policy(connection, project.policy_sha256) is None:
        raise RefusalError(409, "policy", "The policy of this project is not on the platform: your admin puts it there.")
    return project, member


def _one(  # noqa: PLR0913, PLR0917 - all that a grant is made of
    core: Core, connection: Connection, in_force: InForce, project: Project, member: Person, item: GrantItem
) -> bytes:
    known = rows.session(connection, item.session)
    text = item.session_certificate.encode()
    if known is not None:
        if (known.person, known.project, known.certificate) != (member.id, project.id, text):
            raise RefusalError(409, "session", "session: this identifier is taken; choose a new random one.")
        return known.grant
    now_us = core.now_us()
    certificate = _certificate(connection, in_force, member, item, now_us)
    limits = core.config.limits
    if rows.open_grants(connection, member.id, certificate.device, project.id, now_us) >= limits.grants_open:
        raise RefusalError(409, "grants", f"This device has {limits.grants_open} unused grants of this project already.")
    since_us = now_us - limits.grant_s * 1_000_000
    if rows.unsealed_sessions(connection, member.id, since_us) >= limits.unsealed_most:
        raise RefusalError(
            409, "grants", f"{limits.unsealed_most} sessions of this person wait to be sealed: seal some first."
        )
    head = core.log.head(connection)
    statement = Grant(
        organisation=in_force.directory.organisation,
        session=item.session,
        session_key=certificate.session_key,
        device=certificate.device,
        person=member.id,
        project=project.id,
        policy_sha256=project.policy_sha256,
        directory_sha256=in_force.sha256,
        nonce=secrets.token_hex(16),
        issued_us=now_us,
        start_by_us=now_us + limits.grant_s * 1_000_000,
        log_size=head.size,
        log_root=head.root,
    )
    envelope = sign(statement, core.keys(connection).grant)
    row = rows.SessionRow(
        session=item.session,
        person=member.id,
        device=certificate.device,
        project=project.id,
        session_public=bytes.fromhex(certificate.session_key),
        certificate=text,
        grant=envelope,
        granted_us=now_us,
        start_by_us=statement.start_by_us,
        cosigned_size=0,
        cosigned_root=b"",
        cosigned_note=b"",
        cosigned_first_us=0,
        cosigned_last_us=0,
    )
    rows.put(connection, tables.sessions, row)
    core.log.append(connection, envelope, About("grant", item.session, member.id, project.id), now_us)
    return envelope


def _certificate(
    connection: Connection, in_force: InForce, member: Person, item: GrantItem, now_us: int
) -> SessionCertificate:
    """The session certificate, whose chain holds and of which nothing is revoked."""
    text = item.session_certificate.encode()
    try:
        claimed = strict_json(read_envelope(text)[1], SessionCertificate)
        device = rows.device(connection, member.id, claimed.device)
        if device is None:
            raise RefusalError(422, "certificate", "session_certificate: names a device that is not enrolled.")
        chain = open_chain(device.certificate, text, bytes.fromhex(member.person_key))
    except IntegrityFault as error:
        raise RefusalError(422, "certificate", f"session_certificate: {error}") from error
    if (chain.session.organisation, chain.session.session) != (in_force.directory.organisation, item.session):
        raise RefusalError(422, "certificate", "session_certificate: names another organisation or session.")
    signed_with = (member.person_key, chain.device.device_key, chain.session.session_key)
    revoked = [in_force.directory.revoked_us(public_key) for public_key in signed_with]
    if any(since is not None and since <= now_us for since in revoked):
        raise RefusalError(403, "revoked", "session_certificate: a key in its chain is revoked.")
    return chain.session
