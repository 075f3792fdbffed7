# SPDX-License-Identifier: Apache-2.0
"""The keys of single records, as an OPENING hands them to a review key.

Source: docs/session-format.md, 10.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from session.crypto.aead import KEY_BYTES, RecordKey
from session.crypto.hpke import ReadingKey, unwrap, wrap
from session.crypto.signing import fingerprint
from session.trust.dsse import canonical_base64
from session.trust.statements import OpeningStatement, OpeningWrap

RECORDS_MOST: Final = 512
"""Most records of one OPENING; more take several. Source: docs/session-format.md, 10."""
_LABEL: Final = b"fairwitness/v1/opening"


def wrapped_for(records: Sequence[RecordKey], public: bytes, epoch: int, *, about: tuple[str, str, str]) -> OpeningWrap:
    """The keys of these records, in this order, for the holder of the review key `public` of that epoch.

    Args:
        records: at most `RECORDS_MOST`.
        public: X25519, 32 bytes.
        epoch: of the review key.
        about: organisation, session and SHA-256 of the seal, hexadecimal.

    Raises:
        IntegrityFault: `public` is a key that nobody may wrap with.
    """
    recipient = fingerprint(public)
    wrapped = wrap(b"".join(one.secret for one in records), public, _info(about, recipient))
    return OpeningWrap(recipient=recipient, epoch=epoch, wrapped=base64.b64encode(wrapped).decode())


def opened_for(opening: OpeningStatement, key: ReadingKey) -> dict[int, RecordKey]:
    """The keys of single records, by seq, that the opening holds for `key`; none for another reader.

    Whose signature the opening bears is not asked here.

    Raises:
        IntegrityFault: what it holds for this key does not open, or is not one key for each record.
    """
    recipient, found = fingerprint(key.public), dict[int, RecordKey]()
    info = _info((opening.organisation, opening.session, opening.seal_sha256), recipient)
    for one in opening.wraps:
        if one.recipient == recipient:
            secrets = unwrap(canonical_base64(one.wrapped), key, info)
            for place, seq in enumerate(opening.records):
                found[seq] = RecordKey(secrets[KEY_BYTES * place : KEY_BYTES * (place + 1)])
    return found


def _info(about: tuple[str, str, str], recipient: str) -> bytes:
    return _LABEL + b"".join(map(bytes.fromhex, (*about, recipient)))
