# SPDX-License-Identifier: Apache-2.0
"""The text of a checkpoint: which log, how many leaves, which root.

Three lines and no more (C2SP allows further lines; this format has none): origin, size in decimal without leading zeros,
root in base64.

Source: C2SP tlog-checkpoint v1.0.0; docs/session-format.md, Checkpoints.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from session import IntegrityFault
from session.log.merkle import HASH_BYTES
from session.log.note import check_name, decode_base64, encode_base64

_TEXT: Final = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]{44})\n")
_GREATEST: Final = 2**53 - 1


class CheckpointText(msgspec.Struct, frozen=True):
    """What a checkpoint says. `root` is 32 bytes over the first `size` leaves of the log `origin`."""

    origin: str
    size: int
    root: bytes


def origin_of(org_fp: str, session_id: str) -> str:
    """The origin of a session's log, which is also the name its session key signs under.

    Args:
        org_fp: fingerprint of the organisation's root key; in a personal session, of the person key.
        session_id: 32 hexadecimal digits.
    """
    return f"fairwitness/{org_fp}/{session_id}"


def format_checkpoint(checkpoint: CheckpointText) -> str:
    """The text to sign.

    Raises:
        IntegrityFault: the origin is no name, or size or root are out of range.
    """
    check_name(checkpoint.origin)
    if not 0 <= checkpoint.size <= _GREATEST or len(checkpoint.root) != HASH_BYTES:
        raise IntegrityFault("A checkpoint has a size below 2^53 and a root of 32 bytes.")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{encode_base64(checkpoint.root)}\n"


def parse_checkpoint(text: str) -> CheckpointText:
    """The checkpoint in the text of a note.

    Raises:
        IntegrityFault: it is not spelled as one.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise IntegrityFault("A checkpoint is not the three lines of the format: origin, size, root.")
    checkpoint = CheckpointText(match[1], int(match[2]), decode_base64(match[3]))
    # Number and base64 have one spelling each by then, so what is left to ask is whether the values are in range.
    format_checkpoint(checkpoint)
    return checkpoint
