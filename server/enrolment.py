# SPDX-License-Identifier: Apache-2.0
"""How a person's keys reach the root: by a code from the admin, a proof, and the next directory.

Rules:

1. A code is bound to one person, opens once, and expires; it reaches the person outside the platform.
2. The proof is the person key's signature over
   "fairwitness/v1/enrol" | SHA256(code) | person key[32] | reading key[32] | SHA256(device certificate text):
   whoever posts these keys holds the person key and the code, and nobody can move a certificate to other keys.
3. What was posted only waits: until the root signs a directory that names these keys, the token opens nothing but
   the directory.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

import msgspec

from server.access.tokens import digest_of, issue_token, new_code
from server.core import Core
from server.faults import RefusalError
from server.store import rows, tables
from session import IntegrityFault
from session.crypto.signing import check_signature
from session.events import Digest
from session.trust.directory import ROLES
from session.trust.statements import DeviceCertificate, open_statement

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
PROOF_CONTEXT: Final = b"fairwitness/v1/enrol"
LISTED: Final = 1000
"""Most enrolments in one answer."""


class InvitationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the admin invites, and what the root is then to sign."""

    person: Name
    name: Name
    roles: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=4)]
    projects: Annotated[tuple[Name, ...], msgspec.Meta(max_length=64)]


class EnrolRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person's machine posts. Keys and proof are hexadecimal, the certificate is the envelope's text."""

    code: Annotated[str, msgspec.Meta(min_length=16, max_length=64)]
    person_key: Digest
    reading_key: Digest
    device_certificate: Annotated[str, msgspec.Meta(max_length=16_384)]
    proof: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]


class Enrolled(msgspec.Struct, frozen=True):
    """The answer: who they are, the device's name, and the token."""

    person: str
    device: str
    token: str


def proof_message(code: str, person_public: bytes, reading_public: bytes, device_certificate: bytes) -> bytes:
    """What the proof signs, see rule 2."""
    digests = hashlib.sha256(code.encode()).digest(), hashlib.sha256(device_certificate).digest()
    return PROOF_CONTEXT + digests[0] + person_public + reading_public + digests[1]


def invite(core: Core, request: InvitationRequest) -> tuple[str, int]:
    """A new code for a person, and when it expires (µs UTC). Raises `RefusalError` 422 for a role that is none."""
    if any(role not in ROLES for role in request.roles):
        raise RefusalError(422, "input", f"roles: each must be one of {', '.join(ROLES)}.")
    code = new_code()
    with core.writing() as connection:
        core.in_force(connection)
        row = rows.Invitation(
            code_sha256=digest_of(code),
            person=request.person,
            name=request.name,
            roles=msgspec.json.encode(request.roles).decode(),
            projects=msgspec.json.encode(request.projects).decode(),
            expires_us=core.now_us() + core.config.limits.invitation_s * 1_000_000,
            used_us=None,
        )
        rows.put(connection, tables.invitations, row)
    return code, row.expires_us


def enrol(core: Core, request: EnrolRequest) -> Enrolled:
    """Uses the code up and keeps the keys for the root's next directory.

    Raises:
        RefusalError: 403 for a code that is unknown, used or expired; 422 for a proof, key or certificate that does not
            hold (the code stays good); 409 where this device is known with another certificate.
    """
    text = request.device_certificate.encode()
    person_public, reading_public = bytes.fromhex(request.person_key), bytes.fromhex(request.reading_key)
    message = proof_message(request.code, person_public, reading_public, text)
    try:
        check_signature(person_public, bytes.fromhex(request.proof), message)
        certificate = open_statement(text, DeviceCertificate, person_public)
    except IntegrityFault as error:
        raise RefusalError(422, "proof", f"proof: {error}") from error
    with core.writing() as connection:
        now_us = core.now_us()
        organisation = core.organisation(connection)
        invitation = rows.invitation(connection, digest_of(request.code))
        if invitation is None or invitation.used_us is not None or invitation.expires_us <= now_us:
            raise RefusalError(
                403, "code", "This code is not known, was used, or has expired. Ask your admin for a new one."
            )
        expected = (organisation.fingerprint, invitation.person, request.reading_key)
        if (certificate.organisation, certificate.person, certificate.reading_key) != expected:
            raise RefusalError(422, "certificate", "device_certificate: names another organisation, person or reading key.")
        if rows.device(connection, invitation.person, certificate.device) is not None:
            raise RefusalError(
                409, "device", "device_certificate: a device of this name is enrolled already; choose another."
            )
        device = rows.Device(
            person=invitation.person,
            device=certificate.device,
            name=invitation.name,
            roles=invitation.roles,
            projects=invitation.projects,
            person_key=request.person_key,
            reading_key=request.reading_key,
            certificate=text,
            enrolled_us=now_us,
        )
        rows.put(connection, tables.devices, device)
        rows.use_invitation(connection, invitation.code_sha256, now_us)
        token = issue_token(
            connection, core, person=device.person, person_key=device.person_key, device_key=certificate.device_key
        )
    return Enrolled(device.person, device.device, token)


def waiting(core: Core) -> list[dict[str, object]]:
    """What people posted and the directory in force does not name yet, newest first."""
    with core.reading() as connection:
        directory = core.in_force(connection).directory
        posted = rows.devices(connection, LISTED)
    found = []
    for device in posted:
        member = directory.person(device.person)
        if member is None or (member.person_key, member.reading_key) != (device.person_key, device.reading_key):
            fields = msgspec.structs.asdict(device) | {"device_certificate": device.certificate.decode()}
            del fields["certificate"]
            found.append(
                fields | {"roles": msgspec.json.decode(device.roles), "projects": msgspec.json.decode(device.projects)}
            )
    return found
