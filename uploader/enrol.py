# SPDX-License-Identifier: Apache-2.0
"""How a device joins an organisation: by a link that reached the trainer outside the platform.

Rules:

1. The link names the root key's fingerprint. A platform whose directory is signed by another root is refused and named.
2. Keys are made here and kept before anything is sent: the recovery secret first, then the person's keys, made of it.
   Those of an earlier enrolment are kept; a recovery code brings them back on a new machine.
3. What leaves are public keys, the device certificate and the proof; the code goes once.
4. What breaks off is mended by enrolling again with the same link, unless the platform's answer itself was lost: the code
   is then used up, and the platform says so.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec

from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.crypto.recovery_code import new_secret, person_keys
from session.crypto.signing import SigningKey, fingerprint, six_words
from session.disk import environment_fault
from session.events import Digest, Short
from session.ports import Clock, KeyStore
from session.trust.certificates import certify_device
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES, read_envelope, strict_json
from session.trust.links import Spoken, text_of, value_of
from session.trust.statements import DeviceCertificate
from uploader.client import PlatformClient, Request
from uploader.folders import keep_file
from uploader.organisation import Organisation

PROOF_CONTEXT: Final = b"fairwitness/v1/enrol"
_DOING: Final = "enrolling this device"
_LINK: Final = Spoken(
    none="This is no enrolment link: it begins with fairwitness:enrol. Copy the whole of it.",
    cut=(
        "The enrolment link is not whole. Copy all of it, from fairwitness: to its end. "
        "In a terminal it stands between two ', or else the shell cuts it."
    ),
    damaged="The enrolment link is damaged: {part}. Copy it again, or ask for a new one.",
)


class EnrolmentLink(msgspec.Struct, frozen=True):
    """What the admin hands over outside the platform.

    Args:
        platform: its address.
        organisation: fingerprint of the organisation's root key.
        person: whom the code is for.
        code: opens once.
    """

    platform: str
    organisation: Digest
    person: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    code: Annotated[str, msgspec.Meta(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]

    def __str__(self) -> str:
        """`fairwitness:enrol?platform=…&organisation=…&person=…&code=…`."""
        return text_of("enrol", self)


class Enrolled(msgspec.Struct, frozen=True):
    """Who this device is from now on."""

    organisation: Digest
    person: Short
    device: Short


class PersonNames:
    """What a person's keys of one organisation are called in the key store."""

    def __init__(self, org_fp: str) -> None:
        self.prefix = f"person/{org_fp}"
        self.recovery = f"{self.prefix}/recovery"
        self.signing = f"{self.prefix}/signing"
        self.reading = f"{self.prefix}/reading"


class _Answer(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern=r"^[!-~]+\Z")]


def parse_link(text: str) -> EnrolmentLink:
    """The link in `text`.

    Raises:
        InputFault: it is none, or damaged; says in words how.
    """
    return value_of(text, "enrol", EnrolmentLink, _LINK)


def enrol(  # noqa: PLR0913 - where from, where to, and as whom
    link: EnrolmentLink,
    folder: Path,
    *,
    key_store: KeyStore,
    clock: Clock,
    device: str = "",
    recovery: bytes | None = None,
    anew: bool = False,
) -> Enrolled:
    """Makes this device the person's, and keeps what it needs: keys and token in `key_store`, the rest in `folder`.

    Args:
        link: from the admin.
        folder: `organisation/` of this program; is made.
        key_store: gets the keys and the token.
        clock: of this machine.
        device: this device's name; "" makes one.
        recovery: the secret of the person's recovery code, where the organisation knows them already; the platform
            refuses, and uses no code up, where the directory names other keys.
        anew: makes new keys of the person, which the admin has to sign in; those that are here are set aside.

    Raises:
        InputFault: this device is enrolled with other keys than those of `recovery`.
        IntegrityFault: the platform is another organisation's: its root key is not the one that the link names.
        EnvironmentFault: the platform cannot be reached, refuses the code, or a folder or key store cannot be written.
    """
    keep_person(key_store, link.organisation, recovery, enrolled=(folder / "directory.dsse").exists(), anew=anew)
    token_name = f"platform/{link.organisation}/token"
    token = (key_store.get(token_name) or b"").decode()
    if not token or not (folder / "device.dsse").exists() or (folder / "directory.dsse").exists():
        certificate = _certificate(link, key_store, clock, device or f"device-{secrets.token_hex(4)}")
        token = _posted(link, _body(link, key_store, certificate, recovered=recovery is not None), clock)
        keep_file(_made(folder), "device.dsse", certificate, doing=_DOING)
        key_store.put(token_name, token.encode())
    # else an earlier call with this link got a token and broke off before the directory came; a token without a device is
    # that of who founded the organisation here, or restored its root key
    try:
        directory = _directory(PlatformClient(link.platform, token, clock=clock))
        _check_root(directory, link.organisation)
    except IntegrityFault:
        key_store.delete(token_name)
        raise
    organisation = Organisation.found(_made(folder), link.organisation, directory, link.platform)
    own = strict_json(read_envelope(organisation.device_certificate)[1], DeviceCertificate)
    return Enrolled(link.organisation, own.person, own.device)


def proof_message(code: str, person_public: bytes, reading_public: bytes, device_certificate: bytes) -> bytes:
    """What the proof signs. Source: docs/architecture.md, The platform's interface, enrol."""
    digests = hashlib.sha256(code.encode()).digest(), hashlib.sha256(device_certificate).digest()
    return PROOF_CONTEXT + digests[0] + person_public + reading_public + digests[1]


def keep_person(key_store: KeyStore, org_fp: str, recovery: bytes | None, *, enrolled: bool, anew: bool = False) -> None:
    """Sees to it that `key_store` holds this person's keys, and the recovery secret that they are made of.

    Keys that were made before there were recovery codes stay, without one, unless new ones are asked for. Keys that give way
    to others are kept under names of their own, so that what was recorded with them can be read.

    Args:
        key_store: of this device.
        org_fp: fingerprint of the root key.
        recovery: the secret of a recovery code, None for what is here, or for new keys.
        enrolled: whether this device is enrolled already.
        anew: makes new keys, whatever is here.

    Raises:
        InputFault: the device is enrolled with other keys than those of `recovery`.
    """
    names = PersonNames(org_fp)
    held = key_store.get(names.signing)
    secret = recovery or (None if anew else key_store.get(names.recovery))
    if secret is None and held is not None and not anew:
        return  # made before there were codes
    secret = secret or new_secret()
    keys = person_keys(secret, org_fp)
    if held is not None and held != keys.signing.seed:
        if enrolled and not anew:
            raise InputFault(
                "This computer is enrolled already, with other keys than those of this recovery code. Use the code on a "
                "computer, or under a user account, that is not enrolled yet."
            )
        _set_aside(key_store, names)
    for name, seed in ((names.recovery, secret), (names.signing, keys.signing.seed), (names.reading, keys.reading.seed)):
        if key_store.get(name) != seed:
            key_store.put(name, seed)


def _set_aside(key_store: KeyStore, names: PersonNames) -> None:
    held = {name: key_store.get(f"{names.prefix}/{name}") for name in ("recovery", "signing", "reading")}
    signing = SigningKey.from_seed(held["signing"] or b"", names.signing)
    for name, seed in held.items():
        if seed is not None:
            key_store.put(f"{names.prefix}/before-{fingerprint(signing.public)[:16]}/{name}", seed)


def _kept_seed(key_store: KeyStore, name: str) -> tuple[bytes, str]:
    """The secret of that name, made and kept on the first call, and the name."""
    seed = key_store.get(name)
    if seed is None:
        seed = secrets.token_bytes(32)
        key_store.put(name, seed)
    return seed, name


def _certificate(link: EnrolmentLink, key_store: KeyStore, clock: Clock, device: str) -> bytes:
    org_fp = link.organisation
    return certify_device(
        SigningKey.from_seed(*_kept_seed(key_store, f"person/{org_fp}/signing")),
        organisation=org_fp,
        person=link.person,
        device=device,
        device_public=SigningKey.from_seed(*_kept_seed(key_store, f"device/{org_fp}/signing")).public,
        reading_public=ReadingKey.from_seed(*_kept_seed(key_store, f"person/{org_fp}/reading")).public,
        issued_us=clock.read().t_us,
    )


def _body(link: EnrolmentLink, key_store: KeyStore, certificate: bytes, *, recovered: bool) -> bytes:
    person_key = SigningKey.from_seed(*_kept_seed(key_store, f"person/{link.organisation}/signing"))
    reading_key = ReadingKey.from_seed(*_kept_seed(key_store, f"person/{link.organisation}/reading"))
    proof = person_key.sign(proof_message(link.code, person_key.public, reading_key.public, certificate))
    return msgspec.json.encode(
        {
            "code": link.code,
            "person_key": person_key.public.hex(),
            "reading_key": reading_key.public.hex(),
            "device_certificate": certificate.decode(),
            "proof": proof.hex(),
            **({"recovered": True} if recovered else {}),
        }
    )


def _posted(link: EnrolmentLink, body: bytes, clock: Clock) -> str:
    """The token."""
    answer = PlatformClient(link.platform, "", clock=clock).send(Request("enrol", "POST", "/v1/enrol", body))
    if not answer.done:
        raise EnvironmentFault(answer.words)
    try:
        enrolled = msgspec.json.decode(answer.body, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault("the platform's answer to the enrolment is not what it must be") from error
    return enrolled.token


def _directory(client: PlatformClient) -> bytes:
    answer = client.send(Request("directory", "GET", "/v1/directory", most_bytes=DIRECTORY_BYTES))
    if answer.status == 401:
        raise IntegrityFault("the platform does not know the token that it gave; ask your admin for a new link")
    if not answer.done:
        raise EnvironmentFault(answer.words)
    return answer.body


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise environment_fault(error, _DOING) from error
    return folder


def _check_root(directory: bytes, org_fp: str) -> None:
    found = open_directory(directory).organisation
    if found != org_fp:
        raise IntegrityFault(
            "This platform is another organisation's. The link names the root key "
            f"“{' '.join(six_words(org_fp))}”, the platform shows “{' '.join(six_words(found))}”. "
            "Do not go on; tell your organisation's admin."
        )
