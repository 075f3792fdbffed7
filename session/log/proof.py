# SPDX-License-Identifier: Apache-2.0
"""The body of a request to a witness: the size it last signed, the proof since then, and the new note.

`old <size>`, then the hashes of the consistency proof in base64, one a line, a blank line, and the note.

Source: C2SP tlog-witness v1.0.0, add-checkpoint; docs/session-format.md, Cosignatures.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from session import IntegrityFault
from session.log.merkle import HASH_BYTES, MAX_PROOF
from session.log.note import MAX_NOTE_BYTES, decode_base64, encode_base64, parse_note

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,15})")
_MAX_HEAD_BYTES: Final = 32 + MAX_PROOF * 45
_GREATEST: Final = 2**53 - 1


class AddCheckpoint(msgspec.Struct, frozen=True):
    """A request to cosign. `note` is the note's bytes as signed; `proof` is empty where `old` is 0."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes


def format_add_checkpoint(request: AddCheckpoint) -> bytes:
    """The body of the request.

    Raises:
        IntegrityFault: it is none that `parse_add_checkpoint` reads.
    """
    lines = [f"old {request.old}", *(encode_base64(step) for step in request.proof)]
    body = "".join(line + "\n" for line in lines).encode("ascii") + b"\n" + request.note
    parse_add_checkpoint(body)
    return body


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """The request in `body`. Checks neither proof nor signature.

    Raises:
        IntegrityFault: it is too long or not spelled as one, or has a proof although it is the first.
    """
    if len(body) > MAX_NOTE_BYTES + _MAX_HEAD_BYTES:
        raise IntegrityFault("A request to a witness is too long.")
    head, blank, note = body.partition(b"\n\n")
    try:
        first, *hashes = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise IntegrityFault("A request to a witness is not ASCII above its note.") from error
    match = _OLD.fullmatch(first)
    if not blank or match is None or int(match[1]) > _GREATEST:
        raise IntegrityFault("A request to a witness does not begin with the old size, or has no blank line.")
    old = int(match[1])
    if len(hashes) > MAX_PROOF or (old == 0 and hashes):
        raise IntegrityFault("A request to a witness has more hashes than a proof can have.")
    proof = tuple(decode_base64(line) for line in hashes)
    if any(len(step) != HASH_BYTES for step in proof):
        raise IntegrityFault("A hash in a request to a witness is not 32 bytes.")
    parse_note(note)
    return AddCheckpoint(old, proof, note)
