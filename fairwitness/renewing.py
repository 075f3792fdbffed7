# SPDX-License-Identifier: Apache-2.0
"""New keys of the platform: prepared there, compared by six words, signed into the directory by the root key here.

Rules:

1. Only the keys whose six words were shown are signed in; the words stand on the platform's own screen, so nobody between
   the two can put keys of their own in their place.
2. Each key that gives way is revoked in the same directory: at once where it was stolen, else once everything that rests on
   it can have ended. So whoever has a copy of it signs nothing later that a reader takes.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fairwitness import amending
from fairwitness.organisation import AdminDesk
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.signing import six_words
from session.offices import Renewal
from session.trust.directory import Directory, platform_fingerprint
from session.trust.dsse import PublicKey
from uploader.client import Request

CLOCKS_APART_US: Final = 3_600_000_000
"""A revocation goes by the platform's clock, so one that is further from this computer's is not taken."""


class _Four(msgspec.Struct, frozen=True):
    grant: PublicKey
    receipt: PublicKey
    witness: PublicKey
    log: PublicKey


class _Told(msgspec.Struct, frozen=True):
    now_us: int
    in_force: _Four
    prepared: _Four


def waiting(desk: AdminDesk) -> Renewal:
    """The new keys that were prepared on the platform.

    Raises:
        InputFault: none were.
        EnvironmentFault: the platform cannot be reached, or its clock and this computer's are over an hour apart.
        IntegrityFault: its answer is not what it must be, or names other keys in force than the directory.
    """
    held = desk.directory().platform
    told = desk.told(Request("platform-keys", "GET", "/v1/platform-keys"), _Told)
    new, old = told.prepared, told.in_force
    if (old.grant, old.receipt, old.witness) != (held.grant_key, held.receipt_key, held.witness_key):
        raise IntegrityFault("the platform says that other keys are in force than the directory names")
    if abs(told.now_us - desk.now_us()) > CLOCKS_APART_US:
        raise EnvironmentFault("The clocks of this computer and of the platform are over an hour apart. Set the time.")
    names = tuple(one for one in _Four.__struct_fields__ if getattr(new, one) != getattr(old, one))
    if not names:
        raise InputFault(
            "keys: no new keys wait on the platform. Make them on its computer: fairwitness renew-keys --folder FOLDER"
        )
    digest = platform_fingerprint(*(bytes.fromhex(one) for one in (new.grant, new.receipt, new.witness, new.log)))
    return Renewal(names, tuple(six_words(digest)), told.now_us, new.grant, new.receipt, new.witness)


def sign_in(desk: AdminDesk, renewal: Renewal, *, stolen: bool) -> Directory:
    """Publishes the directory that names these keys and ends the ones before; returns what is in force then.

    Once more, after an answer that was lost, it changes nothing.

    Args:
        desk: with the root key.
        renewal: as shown.
        stolen: somebody else may have the keys that give way: they end now, not when everything that rests on them can have
            ended.

    Raises:
        EnvironmentFault, IntegrityFault: as the platform answers; it refuses keys that were prepared anew meanwhile.
    """
    held = desk.directory()
    named = held.platform.grant_key, held.platform.receipt_key, held.platform.witness_key
    if set(renewal.names) != {"log"} and named == (renewal.grant, renewal.receipt, renewal.witness):
        return held
    new = msgspec.structs.replace(
        held.platform, grant_key=renewal.grant, receipt_key=renewal.receipt, witness_key=renewal.witness
    )
    desk.publish(amending.with_platform_keys(held, new, renewal.platform_us, stolen=stolen))
    return desk.directory()
