# SPDX-License-Identifier: Apache-2.0
"""By which time the key of a statement that came after the seal is judged: never by its author's word alone.

Rules:

1. `at_us` is the author's own clock, and counts against them: who says that they signed at or after a revocation did.
2. Nothing is said about a seal before the seal was made, and that holds every cosignature: so not before the last of them.
3. Who names a head of the organisation log as large as the receipt's, or larger, signed after the seal was entered: not
   before the receipt's `received_us`, which the platform gave in that same moment.
4. When a statement was entered itself, no folder says. The platform judges by its own clock at the entry, and refuses.
5. A revocation in any known directory counts, the earliest of each key.

Source: docs/session-format.md, 10, By which time a key is judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from session import IntegrityFault
from session.crypto.signing import fingerprint
from session.trust.directory import Directory
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Receipt


class SealedBy(msgspec.Struct, frozen=True):
    """What is proved of the time at which a session was sealed; by default nothing.

    Args:
        cosigned_us: time of the last cosignature in it, µs UTC; 0 where there is none.
        received_us: of the receipt, µs UTC; 0 without one.
        log_size: size of the head that the receipt proves its seal in; 0 where it names no place in a log.
    """

    cosigned_us: int = 0
    received_us: int = 0
    log_size: int = 0

    def judged_us(self, at_us: int, log_size: int) -> int:
        """The latest time, µs UTC, before which a statement of this `at_us` and `log_size` cannot have been signed."""
        entered = 0 < self.log_size <= log_size
        return max(at_us, self.cosigned_us, self.received_us if entered else 0)


def claimed_receipt(raw: bytes) -> Receipt | None:
    """The receipt in `raw` as it stands, whoever signed it; None where it is none. Step 12 says what is wrong with it."""
    with suppress(IntegrityFault):
        outer, body = read_envelope(raw)
        if outer.payload_type == Receipt.payload_type:
            return strict_json(body, Receipt)
    return None


def sealed_by(cosigned_us: int, receipt: Receipt | None) -> SealedBy:
    """What the last cosignature (0: none) and the receipt prove, where they hold."""
    if receipt is None:
        return SealedBy(cosigned_us)
    return SealedBy(cosigned_us, receipt.received_us, receipt.log_size if receipt.log_index >= 0 else 0)


def first_revocations(directories: Iterable[Directory]) -> dict[str, int]:
    """Since when each key is revoked, µs UTC, by the fingerprint that an envelope names as `keyid`."""
    found: dict[str, int] = {}
    for directory in directories:
        for one in directory.revocations:
            keyid = fingerprint(bytes.fromhex(one.revoked_key))
            found[keyid] = min(one.revoked_us, found.get(keyid, one.revoked_us))
    return found
