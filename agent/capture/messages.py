# SPDX-License-Identifier: Apache-2.0
"""What the recorder's process and the capture process say to each other: u32 length, big-endian, then msgpack."""

from __future__ import annotations

import struct
from typing import Final

import msgspec

from session import IntegrityFault
from session.events import Reason

LENGTH: Final = struct.Struct(">I")
MAX_BYTES: Final = 64 * 1024 * 1024
"""Greatest message. Source: several monitors' screenshots at 16 MiB, the frame bound of docs/session-format.md."""


class Rules(msgspec.Struct, frozen=True):
    """What may be seen. Names are compared in lower case with instance, class and program of a window."""

    primary_only: bool
    mask: frozenset[str]
    show_only: frozenset[str]

    @property
    def hides(self) -> bool:
        """Whether any window could have to be masked."""
        return bool(self.mask or self.show_only)


class Probe(msgspec.Struct, frozen=True, tag="probe"):
    """Can screenshots be taken under these rules? Looks at no pixel."""

    rules: Rules


class Grab(msgspec.Struct, frozen=True, tag="grab"):
    """Take one screenshot of each monitor."""

    rules: Rules


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The answer to a probe: it works, on so many monitors."""

    monitors: int


class Shot(msgspec.Struct, frozen=True):
    """One monitor, masked. `encoded` is empty when the picture equals the one of that monitor before."""

    mono_us: int
    monitor: int
    x_px: int
    y_px: int
    width_px: int
    height_px: int
    mime: str
    encoded: bytes
    dhash: str
    masked: int


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """The answer to a grab."""

    shots: tuple[Shot, ...]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why there is no screenshot; `detail` and `advice` are for the person."""

    reason: Reason
    detail: str
    advice: str


Request = Probe | Grab
Answer = Ready | Taken | Refused

_ENCODER: Final = msgspec.msgpack.Encoder()
_REQUESTS: Final[msgspec.msgpack.Decoder[Request]] = msgspec.msgpack.Decoder(Request)
_ANSWERS: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)


def framed(message: Request | Answer) -> bytes:
    """The message with its length before it."""
    body = _ENCODER.encode(message)
    return LENGTH.pack(len(body)) + body


def body_bytes(head: bytes) -> int:
    """The length that `head` announces. Raises IntegrityFault beyond MAX_BYTES."""
    size = int(LENGTH.unpack(head)[0])
    if size > MAX_BYTES:
        raise IntegrityFault(f"The capture process announces a message of {size} bytes; the most is {MAX_BYTES}.")
    return size


def request_of(body: bytes) -> Request:
    """The request in `body`. Raises IntegrityFault."""
    try:
        return _REQUESTS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault(f"The capture process received what is no request: {error}.") from error


def answer_of(body: bytes) -> Answer:
    """The answer in `body`. Raises IntegrityFault."""
    try:
        return _ANSWERS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault(f"The capture process sent what is no answer: {error}.") from error
