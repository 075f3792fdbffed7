# SPDX-License-Identifier: Apache-2.0
"""The codes that admins made and nobody used yet: which there are, and taking one back.

Rules:

1. A code is known here by its digest alone; whoever made it has the code.
2. What is taken back opens nothing from then on, as if it had been used; whoever used it before has enrolled, and waits for
   the root's signature as ever.
"""

from __future__ import annotations

import logging
from typing import Final

import msgspec

from server.core import Core
from server.faults import RefusalError, unknown
from server.store import rows

LISTED: Final = 1000
"""Most codes in one answer, those that last longest first."""
_log = logging.getLogger("fairwitness.server.inviting")


class OpenInvitation(msgspec.Struct, frozen=True):
    """One code that still opens something, by its SHA-256."""

    code_sha256: str
    person: str
    name: str
    roles: tuple[str, ...]
    projects: tuple[str, ...]
    expires_us: int


def listing(core: Core) -> list[OpenInvitation]:
    """The codes of admins that are neither used, taken back nor expired."""
    with core.reading() as connection:
        found = rows.open_invitations(connection, core.now_us(), LISTED)
    return [
        OpenInvitation(
            code_sha256=one.code_sha256,
            person=one.person,
            name=one.name,
            roles=msgspec.json.decode(one.roles, type=tuple[str, ...]),
            projects=msgspec.json.decode(one.projects, type=tuple[str, ...]),
            expires_us=one.expires_us,
        )
        for one in found
    ]


def withdraw(core: Core, code_sha256: str) -> None:
    """The code of that digest opens nothing any more.

    Raises:
        RefusalError: 404 where no admin made such a code; 409 `used` where somebody has used it.
    """
    with core.writing() as connection:
        found = rows.invitation(connection, code_sha256)
        if found is None or found.device_key:
            raise unknown("code")
        if found.used_us is not None and found.used_us != rows.WITHDRAWN_US:
            raise RefusalError(409, "used", "Somebody has used this code already: look at who waits to be signed in.")
        rows.use_invitation(connection, code_sha256, rows.WITHDRAWN_US)
    _log.info("an invitation was taken back")
