# SPDX-License-Identifier: Apache-2.0
"""How much a session and a person may send: what is on its way counts as if it were here, so that no race goes beyond it."""

from __future__ import annotations

import threading
from typing import Final

import msgspec
from sqlalchemy import Connection

from server.config import Limits
from server.faults import RefusalError
from server.store import rows

RETRY_AFTER_S: Final = 5


class Coming(msgspec.Struct, frozen=True, eq=False):
    """A file on its way."""

    person: str
    session: str
    size_bytes: int


class Quota:
    """What is on its way, in memory only: after a restart nothing is."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._coming: set[Coming] = set()

    def announce(self, person: str, session: str, size_bytes: int) -> Coming:
        """From now on it counts. Do so before the database is read, and `settle` only after it was written."""
        coming = Coming(person, session, size_bytes)
        with self._lock:
            self._coming.add(coming)
        return coming

    def settle(self, coming: Coming) -> None:
        """It came, or will not come any more."""
        with self._lock:
            self._coming.discard(coming)

    def check(self, connection: Connection, coming: Coming) -> None:
        """Returns where there is room for it.

        Raises:
            RefusalError: 413 `quota` where what is here leaves none; 503 `busy`, with `Retry-After`, where only what is on
                its way does, for it may not arrive.
        """
        with self._lock:
            others = [one for one in self._coming if one is not coming and one.person == coming.person]
        if not self._fits(connection, coming, []):
            raise RefusalError(413, "quota", "This session or its person has reached the greatest number or size of files.")
        if not self._fits(connection, coming, others):
            detail = "Other files of this person are on their way. Ask again a little later."
            raise RefusalError(503, "busy", detail, headers={"Retry-After": str(RETRY_AFTER_S)})

    def _fits(self, connection: Connection, coming: Coming, others: list[Coming]) -> bool:
        limits = self._limits
        here, here_bytes = rows.blob_totals(connection, coming.session)
        ours = [one.size_bytes for one in others if one.session == coming.session]
        unsealed_bytes = rows.unsealed_bytes(connection, coming.person)
        return (
            here + len(ours) < limits.session_max_blobs
            and here_bytes + sum(ours) + coming.size_bytes <= limits.session_max_bytes
            and unsealed_bytes + sum(one.size_bytes for one in others) + coming.size_bytes <= limits.unsealed_max_bytes
        )
