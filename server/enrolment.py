# SPDX-License-Identifier: Apache-2.0
"""How a person's keys reach the root: by a code from the admin, a proof, and the next directory.

Rules:

1. A code is bound to one person, opens once, and expires; it reaches the person outside the platform.
2. The proof is the person key's signature over
   "fairwitness/v1/enrol" | SHA256(code) | person key[32] | reading key[32] | SHA256(device certificate text):
   whoever posts these keys holds the person key and the code, and nobody can move a certificate to other keys.
3. What was posted only waits: until the root signs a directory that names these keys, the token opens nothing but
   the directory.
4. A person may invite a further device of their own, without an admin: the person key's signature over
   `session.trust.pairing.invitation_message` names its device key, a token alone is not enough, and the code is good for
   ten minutes, for that device key and for the keys that the directory has for the person.
5. A further device of somebody whom the directory names stands in the organisation log, by its certificate.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Annotated, Final, TypeGuard

import msgspec

from server.access.tokens import Caller, digest_of, issue_token, new_code
from server.core import Core
from server.faults import RefusalError
from server.orglog import About
from server.store import rows, tables
from session import IntegrityFault
from session.crypto.signing import check_signature
from session.events import U53, Digest
from session.trust.directory import ROLES
from session.trust.pairing import ANSWER_S, invitation_message
from session.trust.pairing import Name as DeviceName
from session.trust.statements import DeviceCertificate, open_statement

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_log = logging.getLogger("fairwitness.server.enrolment")

PROOF_CONTEXT: Final = b"fairwitness/v1/enrol"
OTHER_KEYS: Final = (
    "Your organisation knows you by other keys than those of this recovery code. Look whether the code is for this "
    "organisation; without the right one, enrol anew and let your admin sign you in again."
)
LISTED: Final = 1000
"""Most enrolments in one answer."""


class InvitationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the admin invites, and what the root is then to sign."""

    person: Name
    name: Name
    roles: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=4)]
    projects: Annotated[tuple[Name, ...], msgspec.Meta(max_length=64)]


class EnrolRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person's machine posts. Keys and proof are hexadecimal, the certificate is the envelope's text.

    `recovered`: the keys come from a recovery code, so the directory must name them already; otherwise the code stays good.
    """

    code: Annotated[str, msgspec.Meta(min_length=16, max_length=64)]
    person_key: Digest
    reading_key: Digest
    device_certificate: Annotated[str, msgspec.Meta(max_length=16_384)]
    proof: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]
    recovered: bool = False


class DeviceInvitationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's own device asks for another one. Key and signature are hexadecimal, `at_us` its clock, µs of UTC."""

    device: DeviceName
    device_key: Digest
    at_us: U53
    signature: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]


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


def invite_device(core: Core, caller: Caller, request: DeviceInvitationRequest) -> tuple[str, int]:
    """A new code for one further device of the caller, and when it expires (µs UTC).

    Raises:
        RefusalError: 403 where the directory names no keys of the caller, or the person key did not sign it; 409 where the
            two clocks are over ten minutes apart, or such a device is enrolled.
    """
    member = caller.member
    if member is None:
        raise RefusalError(403, "waiting", "The directory does not name your keys yet: your admin signs the next one.")
    with core.writing() as connection:
        now_us = core.now_us()
        fingerprint = core.organisation(connection).fingerprint
        message = invitation_message(
            fingerprint, member.id, device=request.device, device_key=request.device_key, at_us=request.at_us
        )
        try:
            check_signature(bytes.fromhex(member.person_key), bytes.fromhex(request.signature), message)
        except IntegrityFault as error:
            raise RefusalError(403, "signature", f"signature: {error}") from error
        if abs(now_us - request.at_us) >= ANSWER_S * 1_000_000:
            raise RefusalError(
                409, "clock", "The clocks of this device and of the platform are over ten minutes apart. Set the time."
            )
        if core.in_force(connection).directory.revoked_us(request.device_key) is not None:
            raise RefusalError(409, "revoked", "device_key: it is revoked; make a new request.")
        if rows.device(connection, member.id, request.device) is not None:
            raise RefusalError(409, "device", "device: a device of this name is enrolled already; choose another.")
        code = new_code()
        row = rows.Invitation(
            code_sha256=digest_of(code),
            person=member.id,
            name=member.name,
            roles=msgspec.json.encode(member.roles).decode(),
            projects=msgspec.json.encode(member.projects).decode(),
            expires_us=min(request.at_us, now_us) + ANSWER_S * 1_000_000,
            used_us=None,
            device_key=request.device_key,
        )
        rows.put(connection, tables.invitations, row)
    _log.info("a person invited a further device of their own")
    return code, row.expires_us


def opens(core: Core, code: str) -> bool:
    """Whether a code is good now. Reads one row and no more: it is asked for anybody."""
    with core.reading() as connection:
        return _good(rows.invitation(connection, digest_of(code)), core.now_us())


def _good(invitation: rows.Invitation | None, now_us: int) -> TypeGuard[rows.Invitation]:
    return invitation is not None and invitation.used_us is None and invitation.expires_us > now_us


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
        if not _good(invitation, now_us):
            raise RefusalError(
                403, "code", "This code is not known, was used, or has expired. Ask your admin for a new one."
            )
        expected = (organisation.fingerprint, invitation.person, request.reading_key)
        if (certificate.organisation, certificate.person, certificate.reading_key) != expected:
            raise RefusalError(422, "certificate", "device_certificate: names another organisation, person or reading key.")
        if invitation.device_key not in {"", certificate.device_key}:
            raise RefusalError(403, "code", "This code is for another device. Make a new request on this one.")
        member = core.in_force(connection).directory.person(invitation.person)
        named = member is not None and (member.person_key, member.reading_key) == (request.person_key, request.reading_key)
        if (request.recovered or invitation.device_key) and not named:
            raise RefusalError(409, "keys", OTHER_KEYS)
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
        if named:
            core.log.append(connection, text, About("device", person=device.person), now_us)
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
