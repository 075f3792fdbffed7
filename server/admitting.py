# SPDX-License-Identifier: Apache-2.0
"""An admin is let in again by the root key: see `session.trust.admission` for what is signed and why it may travel openly.

Rules:

1. Nothing but the root key's signature opens this; who holds it could sign any directory, and can publish one from then on.
2. The statement is in the organisation log in the transaction that admits the token; the same one again changes nothing.
3. The token is no more than any token of that person's: it opens what the directory in force says of an admin.
"""

from __future__ import annotations

import logging
from typing import Final

from server.core import Core
from server.faults import RefusalError
from server.orglog import About
from server.store import rows, tables
from session import IntegrityFault
from session.trust.admission import ADMISSION_S, Admission
from session.trust.directory import Directory, Person
from session.trust.statements import open_statement

_log = logging.getLogger("fairwitness.server.admitting")

NOT_THE_ROOT: Final = (
    "signature: not by the root key of this platform's organisation. Either the two recovery shares do not belong together, "
    "or this is another organisation's platform."
)


def admit(core: Core, raw: bytes) -> tuple[bool, str]:
    """Whether a token was admitted just now (False: it was already), and whose it is.

    Args:
        core: of the platform.
        raw: an `Admission` as signed.

    Raises:
        RefusalError: 422 `signature` where it is not this organisation's root key's; 403 `role` where the directory names no
            such admin, or their keys are revoked; 409 `clock` where it was not signed within these ten minutes; 409 `token`
            where the token is known as somebody else's.
    """
    with core.writing() as connection:
        organisation, now_us = core.organisation(connection), core.now_us()
        try:
            stated = open_statement(raw, Admission, organisation.root_public)
        except IntegrityFault as error:
            _log.warning("refused=admission")
            raise RefusalError(422, "signature", NOT_THE_ROOT) from error
        if stated.organisation != organisation.fingerprint:
            raise RefusalError(422, "signature", NOT_THE_ROOT)
        if abs(now_us - stated.at_us) >= ADMISSION_S * 1_000_000:
            raise RefusalError(
                409, "clock", "The clocks of this computer and of the platform are over ten minutes apart. Set the time."
            )
        directory = core.in_force(connection).directory
        admins = (one for one in directory.people if "admin" in one.roles and stated.person in ("", one.id))
        person = next((one for one in admins if not _is_revoked(directory, one, now_us)), None)
        if person is None:
            raise RefusalError(403, "role", "person: the directory in force names no such admin.")
        known = rows.token(connection, stated.token_sha256)
        if known is not None:
            if (known.person, known.person_key) != (person.id, person.person_key):
                raise RefusalError(409, "token", "token_sha256: this token is somebody else's.")
            return False, person.id
        row = rows.Token(
            token_sha256=stated.token_sha256,
            person=person.id,
            person_key=person.person_key,
            device_key="",
            issued_us=now_us,
            named_us=now_us,
        )
        rows.put(connection, tables.tokens, row)
        core.log.append(connection, raw, About("admission", person=person.id), now_us)
    _log.warning("the root key admitted a token of an admin")
    return True, person.id


def _is_revoked(directory: Directory, person: Person, now_us: int) -> bool:
    since_us = directory.revoked_us(person.person_key)
    return since_us is not None and since_us <= now_us
