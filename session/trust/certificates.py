# SPDX-License-Identifier: Apache-2.0
"""The chain from a person to a session: person key → device key → session key."""

from __future__ import annotations

import msgspec

from session import IntegrityFault
from session.crypto.signing import SigningKey
from session.events import SessionId
from session.trust.statements import DeviceCertificate, LogHead, SessionCertificate, open_statement, sign


class Chain(msgspec.Struct, frozen=True):
    """A chain whose signatures hold and whose links name one organisation, device, session and session key."""

    device: DeviceCertificate
    session: SessionCertificate


def certify_device(  # noqa: PLR0913 - a certificate is these fields
    person_key: SigningKey,
    *,
    organisation: str,
    person: str,
    device: str,
    device_public: bytes,
    reading_public: bytes,
    issued_us: int,
) -> bytes:
    """The device certificate as text bytes for START, signed by the person key."""
    certificate = DeviceCertificate(
        organisation=organisation,
        person=person,
        device=device,
        device_key=device_public.hex(),
        reading_key=reading_public.hex(),
        issued_us=issued_us,
    )
    return sign(certificate, person_key)


def certify_session(  # noqa: PLR0913 - a certificate is these fields
    device_key: SigningKey,
    *,
    organisation: str,
    device: str,
    session_id: SessionId,
    session_public: bytes,
    issued_us: int,
    seen: LogHead | None = None,
) -> bytes:
    """The session certificate as text bytes for START and for a grant's request, signed by the device key.

    `seen` is the head of the organisation log that this device saw last, None for none.
    """
    seen = seen or LogHead()
    certificate = SessionCertificate(
        organisation=organisation,
        device=device,
        session=session_id,
        session_key=session_public.hex(),
        issued_us=issued_us,
        log_size=seen.size,
        log_root=seen.root,
    )
    return sign(certificate, device_key)


def open_chain(device_certificate: bytes, session_certificate: bytes, person_public: bytes) -> Chain:
    """The chain that begins at the person key `person_public`.

    Proves that the holder of the person key vouched for the device, and the device for the session key. Says nothing
    about who sat at the device.

    Raises:
        IntegrityFault: a signature does not hold, or the links do not fit each other; names the link.
    """
    device = open_statement(device_certificate, DeviceCertificate, person_public)
    session = open_statement(session_certificate, SessionCertificate, bytes.fromhex(device.device_key))
    if session.organisation != device.organisation:
        raise IntegrityFault("session certificate: another organisation than the device certificate's")
    if session.device != device.device:
        raise IntegrityFault("session certificate: another device than the device certificate's")
    return Chain(device=device, session=session)
