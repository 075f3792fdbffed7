# SPDX-License-Identifier: Apache-2.0
"""The type table: for each record type whether it is sealed, under which key, how it is padded, and its payload.

A type that is neither in `TYPES` nor in an extension range does not verify. Source: docs/session-format.md, Types.
"""

from __future__ import annotations

from typing import Final

import msgspec

from session.events import (
    Ack,
    Answer,
    Capture,
    CapturePublic,
    Checkpoint,
    Clipboard,
    ClockPair,
    Cosign,
    Declare,
    FindingRecord,
    Focus,
    Gap,
    Kind,
    Manual,
    Note,
    Opening,
    Payload,
    Raw,
    Redact,
    Start,
    Stats,
    Summary,
    Task,
    Trim,
)


class TypeRule(msgspec.Struct, frozen=True):
    """What the format fixes for one type.

    Args:
        sealed: whether the frame is SEALED (or ABSENT) rather than PUBLIC.
        content_key: "s" or "w", "" for PUBLIC.
        pad: multiple in bytes of the padded plaintext, 0 for PUBLIC.
        redactable: whether a REDACT may name it.
        max_bytes: greatest payload before padding, inflated; and greatest public part.
        body: schema of the payload (public for PUBLIC types).
        public: schema of the public part of a SEALED type, None where it is empty.
    """

    sealed: bool
    content_key: str
    pad: int
    redactable: bool
    max_bytes: int
    body: type[Payload] | None
    public: type[Payload] | None = None


def _public(body: type[Payload], max_bytes: int = 4096) -> TypeRule:
    return TypeRule(sealed=False, content_key="", pad=0, redactable=False, max_bytes=max_bytes, body=body)


def _sealed(  # noqa: PLR0913 - what the table has for one type
    body: type[Payload],
    pad: int,
    *,
    redactable: bool = False,
    max_bytes: int = 65536,
    content_key: str = "s",
    public: type[Payload] | None = None,
) -> TypeRule:
    return TypeRule(
        sealed=True,
        content_key=content_key,
        pad=pad,
        redactable=redactable,
        max_bytes=max_bytes,
        body=body,
        public=public,
    )


TYPES: Final[dict[int, TypeRule]] = {
    Kind.GRANT: _public(Opening, 16384),
    Kind.PERSONAL: _public(Opening, 16384),
    Kind.START: _public(Start, 16384),
    Kind.GAP: _public(Gap),
    Kind.TASK: _public(Task),
    Kind.MANUAL: _public(Manual),
    Kind.TRIM: _public(Trim),
    Kind.REDACT: _public(Redact, 65536),
    Kind.CHECKPOINT: _public(Checkpoint),
    Kind.COSIGN: _public(Cosign),
    Kind.ACK: _sealed(Ack, 256),
    Kind.FOCUS: _sealed(Focus, 512, redactable=True),
    Kind.STATS: _sealed(Stats, 256, redactable=True),
    Kind.CAPTURE: _sealed(Capture, 256, redactable=True, public=CapturePublic),
    Kind.CLIPBOARD: _sealed(Clipboard, 256, redactable=True),
    Kind.DECLARE: _sealed(Declare, 256),
    Kind.NOTE: _sealed(Note, 256, redactable=True),
    Kind.ANSWER: _sealed(Answer, 256),
    Kind.FINDING: _sealed(FindingRecord, 512),
    Kind.CLOCK: _sealed(ClockPair, 128),
    Kind.SUMMARY: _sealed(Summary, 4096, max_bytes=4095),
    Kind.RAW: _sealed(Raw, 32, redactable=True, content_key="w"),
}
"""The type table. A type that is neither here nor in an EXT range does not verify."""

_EXT_SENT: Final = TypeRule(sealed=True, content_key="s", pad=256, redactable=True, max_bytes=65536, body=None)
_EXT_WITHHELD: Final = TypeRule(sealed=True, content_key="w", pad=32, redactable=True, max_bytes=65536, body=None)
_EXT_PUBLIC: Final = TypeRule(sealed=False, content_key="", pad=0, redactable=False, max_bytes=65536, body=None)


def rule_of(kind: int) -> TypeRule | None:
    """Rule of a type byte, or None where the format knows no such type.

    Extension types verify and read as "newer record": 128 to 191 sealed and sent, 192 to 223 sealed and withheld,
    224 to 255 public. Source: docs/session-format.md, EXT.
    """
    rule = TYPES.get(kind)
    if rule is not None:
        return rule
    if 128 <= kind <= 191:
        return _EXT_SENT
    if 192 <= kind <= 223:
        return _EXT_WITHHELD
    if 224 <= kind <= 255:
        return _EXT_PUBLIC
    return None
