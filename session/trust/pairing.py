# SPDX-License-Identifier: Apache-2.0
"""A second device of the same person: what the two devices say to each other, as text that may be seen by anybody.

Rules:

1. The new device asks with public keys only. The person compares the six words of the request on both screens, so that
   the secret goes to this device and no other.
2. The old device answers with the recovery secret and a one-time code of the platform, encrypted to the request's transport
   key. The answer has six words of its own, compared on both screens, so that nobody else's answer is taken.
3. The encryption is bound to the organisation, the person, the request and all that the answer says in clear, and so to both
   six words. An answer is good for ten minutes.

Source: docs/session-format.md, Second device; RFC 9180.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Annotated, Final

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey, unwrap, wrap
from session.crypto.recovery_code import SECRET_BYTES
from session.crypto.signing import six_words
from session.events import Digest
from session.trust.dsse import PublicKey
from session.trust.links import Spoken, text_of, value_of

ANSWER_S: Final = 600
"""How long an answer is good. Source: docs/session-format.md, Second device: long enough to carry a text by hand."""
_ANSWER_CONTEXT: Final = b"fairwitness/v1/device/answer"
_WRAP_CONTEXT: Final = b"fairwitness/v1/device/wrap"
_INVITE_CONTEXT: Final = b"fairwitness/v1/device/invite"
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
_REQUEST: Final = Spoken(
    none="This is no request of a new device: it begins with fairwitness:device. Copy the whole of it.",
    cut=(
        "The request of a new device is not whole. Copy all of it, from fairwitness: to its end. "
        "In a terminal it stands between two ', or else the shell cuts it."
    ),
    damaged="The request of a new device is damaged: {part}. Copy it again.",
)
_ANSWER: Final = Spoken(
    none="This is no answer of your other device: it begins with fairwitness:device-answer. Copy the whole of it.",
    cut=(
        "The answer of your other device is not whole. Copy all of it, from fairwitness: to its end. "
        "In a terminal it stands between two ', or else the shell cuts it."
    ),
    damaged="The answer of your other device is damaged: {part}. Copy it again.",
)


class DeviceRequest(msgspec.Struct, frozen=True):
    """A new device asks. All of it is public.

    Args:
        name: what the device will be called.
        signing: its device key, Ed25519.
        transport: its X25519 key, made for this request alone.
    """

    name: Name
    signing: PublicKey
    transport: PublicKey

    def __str__(self) -> str:
        """`fairwitness:device?name=…&signing=…&transport=…`."""
        return text_of("device", self)

    @property
    def digest(self) -> bytes:
        """SHA-256 of its text."""
        return hashlib.sha256(str(self).encode()).digest()

    @property
    def words(self) -> tuple[str, ...]:
        """The six words by which it is compared."""
        return six_words(self.digest.hex())


class DeviceAnswer(msgspec.Struct, frozen=True):
    """The old device's answer. What is secret in it is in `sealed`.

    Args:
        platform: the platform's address.
        organisation: fingerprint of the root key.
        person: whose devices both are.
        signing: the person key.
        expires: when it is no longer good, seconds of UTC since 1970 by the old device's clock.
        sealed: base64url, without padding, of the wrapped secret and code.
    """

    platform: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    organisation: Digest
    person: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    signing: PublicKey
    expires: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,12}\Z")]
    sealed: Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern=r"^[A-Za-z0-9_-]+\Z")]

    def __str__(self) -> str:
        """`fairwitness:device-answer?platform=…&organisation=…&person=…&signing=…&expires=…&sealed=…`."""
        return text_of("device-answer", self)

    def digest(self, request: DeviceRequest) -> bytes:
        """SHA-256 over what it says in clear, and the request."""
        said = (self.platform, self.organisation, self.person, self.signing, self.expires, request.digest.hex())
        return hashlib.sha256(_ANSWER_CONTEXT + b"".join(hashlib.sha256(one.encode()).digest() for one in said)).digest()

    def words(self, request: DeviceRequest) -> tuple[str, ...]:
        """The six words by which it is compared."""
        return six_words(self.digest(request).hex())


class Handed(msgspec.Struct, frozen=True):
    """What the old device hands over in secret: the recovery secret, and a code that enrols this one device."""

    secret: bytes
    code: str


def parse_request(text: str) -> DeviceRequest:
    """The request in `text`. Raises `InputFault` where it is none."""
    return value_of(text, "device", DeviceRequest, _REQUEST)


def parse_answer(text: str) -> DeviceAnswer:
    """The answer in `text`. Raises `InputFault` where it is none."""
    return value_of(text, "device-answer", DeviceAnswer, _ANSWER)


def hand_over(  # noqa: PLR0913 - an answer is these fields
    request: DeviceRequest,
    handed: Handed,
    *,
    platform: str,
    organisation: str,
    person: str,
    person_public: bytes,
    now_us: int,
) -> DeviceAnswer:
    """The answer to a request whose words were compared; good until `ANSWER_S` after `now_us`, µs of UTC.

    Raises:
        IntegrityFault: the request's transport key is none that keeps a secret.
    """
    clear = DeviceAnswer(
        platform, organisation, person, person_public.hex(), str(now_us // 1_000_000 + ANSWER_S), sealed="-"
    )
    wrapped = wrap(handed.secret + handed.code.encode(), bytes.fromhex(request.transport), pairing_info(request, clear))
    return msgspec.structs.replace(clear, sealed=base64.urlsafe_b64encode(wrapped).decode().rstrip("="))


def take_over(answer: DeviceAnswer, request: DeviceRequest, transport: ReadingKey, now_us: int) -> Handed:
    """What the answer hands to this request's device. Its six words must have been compared before.

    Raises:
        InputFault: it is over ten minutes old by this device's clock, or is for another request.
    """
    if now_us >= int(answer.expires) * 1_000_000:
        raise InputFault(
            "This answer is more than ten minutes old. Make a new one on your other device, and check the time of both."
        )
    try:
        wrapped = base64.urlsafe_b64decode(answer.sealed + "=" * (-len(answer.sealed) % 4))
        handed = unwrap(wrapped, transport, pairing_info(request, answer))
    except (IntegrityFault, binascii.Error) as error:
        raise InputFault(
            "This answer is for another request, or part of it was changed on the way. Make a new one on your other device."
        ) from error
    secret, code = handed[:SECRET_BYTES], handed[SECRET_BYTES:].decode("ascii", "replace")
    if len(secret) != SECRET_BYTES or not _CODE.fullmatch(code):
        raise InputFault("This answer does not hold what a new device needs. Make a new one on your other device.")
    return Handed(secret, code)


def invitation_message(organisation: str, person: str, *, device: str, device_key: str, at_us: int) -> bytes:
    """What the person key signs when the old device asks the platform to let the new one enrol; 164 bytes.

    Args:
        organisation: fingerprint of the root key, hexadecimal.
        person: whose devices both are.
        device: the new device's name.
        device_key: its Ed25519 key, hexadecimal.
        at_us: the old device's clock, µs of UTC.
    """
    named = hashlib.sha256(person.encode()).digest() + hashlib.sha256(device.encode()).digest()
    return _INVITE_CONTEXT + bytes.fromhex(organisation) + named + bytes.fromhex(device_key) + at_us.to_bytes(8, "big")


def pairing_info(request: DeviceRequest, answer: DeviceAnswer) -> bytes:
    """The info that binds what an answer wraps to organisation, person, request and answer; 154 bytes."""
    person = hashlib.sha256(answer.person.encode()).digest()
    return _WRAP_CONTEXT + bytes.fromhex(answer.organisation) + person + request.digest + answer.digest(request)
