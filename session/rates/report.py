# SPDX-License-Identifier: Apache-2.0
"""A person's report of one period: signed by them, readable by nobody alone.

Rules:

1. The statement names where the person works and reads, and a commitment to the share; it holds no count. Share and salt go
   to the platform beside it; the share goes no further than into a sum, the salt nowhere. The salt is there because an
   admin, who has the mask, could otherwise try all likely counts against the commitment.
2. The seed of the mask is wrapped for each admin of the directory by HPKE, bound to organisation, person and period.
3. All reports on the same questions have one size but for names, however much was raised.
4. It is no record of a session, is in no session's folder, and never enters the organisation log.

Source: docs/adr/0020-rates-without-sessions.md; docs/session-format.md, Reports of rates.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from typing import Annotated, ClassVar, Final

import msgspec

from session import IntegrityFault
from session.crypto.hpke import ReadingKey, unwrap, wrap
from session.crypto.signing import SigningKey
from session.events import U53, Digest, Short
from session.rates.counts import Count, Questions, vector_of
from session.rates.rows import Cell
from session.rates.shares import SEED_BYTES, SHARE_BYTES, share_of
from session.trust.dsse import canonical_base64
from session.trust.statements import Statement, sign

SALT_BYTES: Final = 32
"""Source: as many as the commitment has, docs/adr/0020, Shares."""
SALT_LETTERS: Final = 44
"""Length of a salt in base64."""
ADMINS_MOST: Final = 32
"""Most admins that one report can be wrapped for. Source: docs/adr/0020, Shares."""
SHARE_LETTERS: Final = 4 * -(-SHARE_BYTES // 3)
"""Length of a share in base64."""


class SeedWrap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The seed of the mask for one admin; `recipient` is the SHA-256 of that reading key."""

    recipient: Digest
    wrapped: Annotated[str, msgspec.Meta(max_length=256)]


class RatesReport(Statement, frozen=True, kw_only=True):
    """A person counted their own sealed sessions of a period; signed by the person key."""

    payload_type: ClassVar[str] = "application/vnd.fairwitness.rates.v1+json"
    subject_field: ClassVar[str] = "person"

    person: Short
    period: U53
    project: Short
    system: Short
    language: Short
    questions: Questions
    commit: Digest
    wraps: Annotated[tuple[SeedWrap, ...], msgspec.Meta(min_length=1, max_length=ADMINS_MOST)]

    @property
    def cell(self) -> Cell:
        """Where the person works and reads."""
        return Cell(self.project, self.system, self.language)


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes to the platform: the statement as signed, and the share and the salt of its commitment in base64."""

    report: Annotated[str, msgspec.Meta(max_length=65536)]
    share: Annotated[str, msgspec.Meta(min_length=SHARE_LETTERS, max_length=SHARE_LETTERS)]
    salt: Annotated[str, msgspec.Meta(min_length=SALT_LETTERS, max_length=SALT_LETTERS)]


def make_report(  # noqa: PLR0913 - all by name
    person_key: SigningKey,
    *,
    organisation: str,
    person: str,
    period: int,
    cell: Cell,
    questions: Questions,
    counts: Iterable[Count],
    admins: Iterable[bytes],
) -> Posted:
    """A report of these counts under a new seed, which is kept nowhere else: the same counts never give the same report.

    Args:
        person_key: of the person.
        organisation: fingerprint of its root key.
        person: as the directory names them.
        period: its number.
        cell: without None.
        questions: those that `counts` are of.
        counts: of the person alone.
        admins: the admins' X25519 public keys, at most `ADMINS_MOST`.

    Raises:
        InputFault: a field holds what no reader would take; names it.
        IntegrityFault: an admin's key is none.
    """
    seed, salt = os.urandom(SEED_BYTES), os.urandom(SALT_BYTES)
    share = share_of(vector_of(tuple(counts)), seed)
    wraps = []
    for public in sorted(set(admins)):
        recipient = hashlib.sha256(public).hexdigest()
        sealed = wrap(seed, public, seed_info(organisation, person, period, recipient))
        wraps.append(SeedWrap(recipient=recipient, wrapped=base64.b64encode(sealed).decode()))
    statement = RatesReport(
        organisation=organisation,
        person=person,
        period=period,
        project=cell.project or "",
        system=cell.system or "",
        language=cell.language or "",
        questions=questions,
        commit=commitment(salt, share),
        wraps=tuple(wraps),
    )
    letters = (base64.b64encode(octets).decode() for octets in (share, salt))
    return Posted(sign(statement, person_key).decode(), *letters)


def commitment(salt: bytes, share: bytes) -> str:
    """What a statement says of its share, hexadecimal: it fixes the share, and tells nothing of it without the salt."""
    return hashlib.sha256(b"fairwitness/v1/rates-share|" + salt + share).hexdigest()


def posted_share(posted: Posted, report: RatesReport) -> bytes:
    """The share that came beside a report.

    Raises:
        IntegrityFault: it is not the one that the person signed for.
    """
    share, salt = canonical_base64(posted.share), canonical_base64(posted.salt)
    if (len(share), len(salt)) != (SHARE_BYTES, SALT_BYTES) or commitment(salt, share) != report.commit:
        raise IntegrityFault("the share of this report is not the one that its author signed for")
    return share


def open_seed(report: RatesReport, *keys: ReadingKey) -> bytes:
    """The seed, for an admin that it was wrapped for.

    Args:
        report: as its author signed it.
        keys: reading keys of one admin; the first that it was wrapped for opens it.

    Raises:
        IntegrityFault: it was wrapped for none of these keys, or does not open.
    """
    wraps = {one.recipient: one.wrapped for one in report.wraps}
    for key in keys:
        recipient = hashlib.sha256(key.public).hexdigest()
        if recipient in wraps:
            info = seed_info(report.organisation, report.person, report.period, recipient)
            seed = unwrap(canonical_base64(wraps[recipient]), key, info)
            if len(seed) != SEED_BYTES:
                raise IntegrityFault(f"the seed of a report of rates has not {SEED_BYTES} bytes")
            return seed
    raise IntegrityFault("a report of rates was made for other admins' keys than those on this computer")


def seed_info(organisation: str, person: str, period: int, recipient: str) -> bytes:
    """HPKE `info` of a seed. Source: docs/session-format.md, Reports of rates."""
    return f"fairwitness/v1/rates-seed|{organisation}|{period}|{recipient}|{person}".encode()
