# SPDX-License-Identifier: Apache-2.0
"""The devices that people enrolled, and which of them the directory still trusts.

Rules:

1. A device is listed with its certificate as its person signed it: who reads the list checks that, and believes no key of
   the platform's.
2. A session whose person, device or session key is revoked is cosigned no more; what was cosigned before stands.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from server.core import Core
from server.faults import RefusalError
from server.store import rows
from session.trust.directory import Directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import DeviceCertificate, SessionCertificate

LISTED = 1000
"""Most devices in one answer, the newest first."""


class ListedDevice(msgspec.Struct, frozen=True):
    """One enrolled device. `device_certificate` is the envelope's text, `person_key` the key that signed it.

    `cosigned_us`: when anything that it recorded was countersigned last, 0 where nothing was.
    """

    person: str
    device: str
    person_key: str
    device_certificate: str
    enrolled_us: int
    cosigned_us: int


def listing(core: Core) -> list[ListedDevice]:
    """The newest enrolled devices, of whomever."""
    with core.reading() as connection:
        posted = rows.devices(connection, LISTED)
        cosigned_us = rows.last_cosigned_us(connection)
    return [
        ListedDevice(
            person=one.person,
            device=one.device,
            person_key=one.person_key,
            device_certificate=one.certificate.decode(),
            enrolled_us=one.enrolled_us,
            cosigned_us=cosigned_us.get((one.person, one.device), 0),
        )
        for one in posted
    ]


def check_trusted(connection: Connection, directory: Directory, row: rows.SessionRow, now_us: int) -> None:
    """Returns where no key that this session rests on is revoked by now.

    Raises:
        RefusalError: 403 `revoked`.
    """
    session = strict_json(read_envelope(row.certificate)[1], SessionCertificate)
    keys = [session.session_key]
    device = rows.device(connection, row.person, session.device)
    if device is not None:
        keys += [device.person_key, strict_json(read_envelope(device.certificate)[1], DeviceCertificate).device_key]
    revoked = [directory.revoked_us(one) for one in keys]
    if any(since is not None and since <= now_us for since in revoked):
        raise RefusalError(403, "revoked", "A key of this session is revoked: it is countersigned no more.")
