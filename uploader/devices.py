# SPDX-License-Identifier: Apache-2.0
"""A second device: asking on the new one, answering on the old one, and taking the answer. See `session.trust.pairing`.

Rules:

1. The new device makes its device key and a transport key for one request, and keeps both before it shows anything.
2. The old device answers only to a request whose words were compared: callers ask the person first.
3. The transport key is forgotten once its answer was taken, and with each new request.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec

from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.crypto.recovery_code import person_keys
from session.crypto.signing import SigningKey
from session.ports import Clock, KeyStore
from session.trust.pairing import (
    DeviceAnswer,
    DeviceRequest,
    Handed,
    hand_over,
    invitation_message,
    parse_request,
    take_over,
)
from uploader.client import PlatformClient, Request
from uploader.enrol import Enrolled, EnrolmentLink, PersonNames, enrol

NO_CODE: Final = (
    "Your keys were made before there were recovery codes, so there is no code for them. Ask your organisation for a new "
    "enrolment link, and enrol with `fairwitness enroll 'LINK' --new-keys`: you then get new keys, and a code for them."
)
_REQUEST, _DEVICE, _TRANSPORT = "pairing/request", "pairing/device", "pairing/transport"


class _Invited(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(min_length=16, max_length=64)]


def ask(key_store: KeyStore, name: str = "") -> DeviceRequest:
    """A new request of this device, in place of an earlier one.

    Args:
        key_store: gets the device key and the transport key.
        name: what this device will be called; "" makes one.

    Raises:
        InputFault: the name is over 64 characters, or holds one that cannot be shown.
        EnvironmentFault: the key store cannot be written.
    """
    device, transport = SigningKey.generate(), ReadingKey.generate()
    made = DeviceRequest(name or f"device-{secrets.token_hex(4)}", device.public.hex(), transport.public.hex())
    try:
        msgspec.convert(msgspec.to_builtins(made), DeviceRequest)
    except msgspec.ValidationError as error:
        raise InputFault("name: a device's name has 1 to 64 characters, all of which can be shown.") from error
    for kept, secret in ((_DEVICE, device.seed), (_TRANSPORT, transport.seed), (_REQUEST, str(made).encode())):
        key_store.put(kept, secret)
    return made


def asked(key_store: KeyStore) -> DeviceRequest | None:
    """The request of this device that waits for its answer, None for none."""
    raw = key_store.get(_REQUEST)
    return None if raw is None else parse_request(raw.decode())


def answer(  # noqa: PLR0913 - who answers to whom, with what, over what
    request: DeviceRequest, client: PlatformClient, *, organisation: str, person: str, key_store: KeyStore, clock: Clock
) -> DeviceAnswer:
    """The answer of this enrolled device to a request whose six words were compared; good for ten minutes.

    Raises:
        EnvironmentFault: there is no recovery code for this person's keys, or the platform cannot be reached or refuses;
            says what to do.
        IntegrityFault: the platform's answer is none, or the request's transport key keeps no secret.
    """
    secret = key_store.get(PersonNames(organisation).recovery)
    if secret is None:
        raise EnvironmentFault(NO_CODE)
    person_key = person_keys(secret, organisation).signing
    at_us = clock.read().t_us
    message = invitation_message(organisation, person, device=request.name, device_key=request.signing, at_us=at_us)
    wish = {
        "device": request.name,
        "device_key": request.signing,
        "at_us": at_us,
        "signature": person_key.sign(message).hex(),
    }
    given = client.send(Request("device", "POST", "/v1/devices", msgspec.json.encode(wish)))
    if not given.done:
        raise EnvironmentFault(given.words)
    try:
        code = msgspec.json.decode(given.body, type=_Invited).code
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault("the platform's answer to the invitation of a device is not what it must be") from error
    return hand_over(
        request,
        Handed(secret, code),
        platform=client.address,
        organisation=organisation,
        person=person,
        person_public=person_key.public,
        now_us=at_us,
    )


def take(given: DeviceAnswer, folder: Path, *, key_store: KeyStore, clock: Clock) -> Enrolled:
    """Enrols this device with an answer whose six words were compared.

    Args:
        given: of the other device.
        folder: `organisation/` of this program; is made.
        key_store: gets the keys and the token.
        clock: of this machine.

    Raises:
        InputFault: nothing was asked here, or the answer is old, for another request, or was changed.
        IntegrityFault, EnvironmentFault: as `uploader.enrol.enrol`.
    """
    request = asked(key_store)
    device, transport = key_store.get(_DEVICE), key_store.get(_TRANSPORT)
    if request is None or device is None or transport is None:
        raise InputFault("This computer has made no request that waits for an answer. Make one first.")
    handed = take_over(given, request, ReadingKey.from_seed(transport, _TRANSPORT), clock.read().t_us)
    if person_keys(handed.secret, given.organisation).signing.public.hex() != given.signing:
        raise InputFault("This answer does not hold what a new device needs. Make a new one on your other device.")
    key_store.put(f"device/{given.organisation}/signing", device)
    link = EnrolmentLink(given.platform, given.organisation, given.person, handed.code)
    done = enrol(link, folder, key_store=key_store, clock=clock, device=request.name, recovery=handed.secret)
    for name in (_TRANSPORT, _DEVICE, _REQUEST):
        key_store.delete(name)
    return done
