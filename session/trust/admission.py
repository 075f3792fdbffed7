# SPDX-License-Identifier: Apache-2.0
"""How an admin who has the root key and nothing else is let in again: the root signs the digest of a token that they made.

Rules:

1. The admin's computer makes the token and sends its SHA-256 alone: what is on the way or in the log opens nothing, and
   sending the same statement again gives nobody anything.
2. The platform takes it within ten minutes of `at_us`, for somebody whom the directory in force names as an admin, and
   enters it in the organisation log, where that person reads it.
3. It names no head of the log: it is for a computer that has seen none.

Source: docs/architecture.md, The platform's interface.
"""

from __future__ import annotations

from typing import ClassVar, Final

from session.events import U53, Digest, Short
from session.trust.statements import Statement

ADMISSION_S: Final = 600
"""How far the clocks of the admin and of the platform may be apart, in seconds."""


class Admission(Statement, frozen=True, kw_only=True):
    """The root key admits the token of that SHA-256 for an admin; signed by the root key.

    `person` is "" for the first admin of the directory in force.
    """

    payload_type: ClassVar[str] = "application/vnd.fairwitness.admission.v1+json"
    subject_field: ClassVar[str] = "person"

    person: Short
    token_sha256: Digest
    at_us: U53
