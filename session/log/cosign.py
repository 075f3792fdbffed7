# SPDX-License-Identifier: Apache-2.0
r"""Cosignatures: a witness saw this checkpoint, by this time.

A witness signs `cosignature/v1\ntime <seconds>\n` and then the checkpoint's text; its line holds
`key id | u64 time | signature`. What it proves is that the checkpoint existed by then and extends all that the witness
signed before; not that anything in it happened then.

Source: C2SP tlog-cosignature v1.0.1; docs/session-format.md, Cosignatures.
"""

from __future__ import annotations

import struct
from typing import Final

from session import IntegrityFault
from session.crypto.signing import SIGNATURE_BYTES, SigningKey, check_signature
from session.log.note import COSIGNATURE_V1, Signature, check_name, check_text, key_id, parse_signature

_TIME: Final = struct.Struct(">Q")
_GREATEST_S: Final = 2**43
"""Greatest time taken, so that it is still below 2^63 in µs. Source: docs/session-format.md, Cosignatures."""


def cosign(text: str, name: str, key: SigningKey, time_s: int) -> str:
    """The cosignature line over a checkpoint's text, without a newline.

    Args:
        text: of the checkpoint, as in the note, with its last newline.
        name: of the witness.
        key: of the witness.
        time_s: seconds since 1970 in UTC, at least 1.

    Raises:
        IntegrityFault: text, name or time are none that a cosignature can have.
    """
    check_text(text)
    check_name(name)
    signature = key.sign(_message(text, time_s))
    return Signature(name, key_id(name, COSIGNATURE_V1, key.public), _TIME.pack(time_s) + signature).line


def verify_cosignature(note_text: str, line: str, name: str, public: bytes) -> int:
    """The time, in seconds since 1970, at which the witness `name` cosigned this text.

    Raises:
        IntegrityFault: the line is not spelled as one, is by another name or key, or does not hold for this text.
    """
    signature = parse_signature(line)
    if (signature.name, signature.key_id) != (name, key_id(name, COSIGNATURE_V1, public)):
        raise IntegrityFault(f"A cosignature is not by {name} with the expected key.")
    if len(signature.blob) != _TIME.size + SIGNATURE_BYTES:
        raise IntegrityFault("A cosignature has the wrong length.")
    (time_s,) = _TIME.unpack_from(signature.blob)
    check_signature(public, signature.blob[_TIME.size :], _message(note_text, time_s))
    return int(time_s)


def stated_time_s(line: str) -> int:
    """The time that a cosignature line states, in seconds since 1970; whether it holds is not looked at.

    Raises:
        IntegrityFault: the line is not spelled as one.
    """
    signature = parse_signature(line)
    if len(signature.blob) != _TIME.size + SIGNATURE_BYTES:
        raise IntegrityFault("A cosignature has the wrong length.")
    return int(_TIME.unpack_from(signature.blob)[0])


def _message(text: str, time_s: int) -> bytes:
    if not 1 <= time_s <= _GREATEST_S:
        raise IntegrityFault("The time of a cosignature is out of range.")
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()
