# SPDX-License-Identifier: Apache-2.0
"""A person's numbers in two shares, each of which is noise: the sums of both give the sum of the numbers, and nothing else.

Rules:

1. Numbers are taken modulo 2^32. A share is the vector minus a mask; the mask follows from a seed of 32 random bytes that is
   used once. Who has the share alone has noise, and so has who has the seed alone.
2. The platform adds the shares of at least ten people and gives out the sum; the admin adds the masks of the same people.
3. A share has one size, whatever is in it.

Source: docs/adr/0020-rates-without-sessions.md, Shares.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from typing import Final

from session import IntegrityFault
from session.rates.counts import WIDTH, Vector

SEED_BYTES: Final = 32
SHARE_BYTES: Final = 4 * WIDTH
_FORM: Final = struct.Struct(f">{WIDTH}I")
_LAST: Final = 0xFFFFFFFF
_MASK: Final = b"fairwitness/v1/rates-mask|"


def mask(seed: bytes) -> Vector:
    """The mask of a seed: the output of SHAKE-256, as indistinguishable from chance as the seed is unknown."""
    return _FORM.unpack(hashlib.shake_256(_MASK + seed).digest(SHARE_BYTES))


def share_of(vector: Vector, seed: bytes) -> bytes:
    """The share that hides `vector` from whoever has not the seed; always `SHARE_BYTES`."""
    return _FORM.pack(*((number - hidden) & _LAST for number, hidden in zip(vector, mask(seed), strict=True)))


def summed(shares: Iterable[bytes]) -> bytes:
    """The sum of shares, a share itself.

    Raises:
        IntegrityFault: one has not its size.
    """
    total = [0] * WIDTH
    for share in shares:
        total = [(one + other) & _LAST for one, other in zip(total, _numbers(share), strict=True)]
    return _FORM.pack(*total)


def joined(total: bytes, seeds: Iterable[bytes]) -> Vector:
    """The sum of the vectors whose shares add up to `total`, with the seeds of all of them; of any other seeds, noise.

    Raises:
        IntegrityFault: the sum has not its size.
    """
    found = list(_numbers(total))
    for seed in seeds:
        found = [(one + other) & _LAST for one, other in zip(found, mask(seed), strict=True)]
    return tuple(found)


def _numbers(share: bytes) -> Vector:
    if len(share) != SHARE_BYTES:
        raise IntegrityFault(f"a share of rates has {len(share)} bytes, not {SHARE_BYTES}")
    return _FORM.unpack(share)
