# SPDX-License-Identifier: Apache-2.0
"""Keys, people, and what a session has before its first record: the ground that `trust_builders` stands on."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from session.crypto.aead import content_key_commitment
from session.crypto.hpke import ReadingKey, wrap, wrap_info
from session.crypto.signing import SigningKey, fingerprint
from session.events import Start
from session.journal import SessionKeys
from session.policy import default_policy_toml, policy_digest
from session.trust.certificates import certify_device, certify_session
from session.trust.directory import Person
from session.trust.statements import NO_DIRECTORY, Personal, sign

ORIGIN_US = 1_790_000_000_000_000
"""When everything here begins: a Monday in September 2026."""
DAY_US = 86_400_000_000
MONO_US = 7_000_000_000
PROJECT = "wren"

POLICY_WITH_CAPTURES = default_policy_toml().replace(b'captures = "off"', b'captures = "sent"')
POLICY_SENDING_TIMING = POLICY_WITH_CAPTURES.replace(b'timing = "withheld"', b'timing = "sent"')
POLICY_WITHHOLDING_CAPTURES = default_policy_toml().replace(b'captures = "off"', b'captures = "withheld"')


def signing_key(name: str) -> SigningKey:
    """The signing key of that name, the same each time."""
    return SigningKey.from_seed(hashlib.sha256(b"signing " + name.encode()).digest())


def reading_key(name: str) -> ReadingKey:
    """The reading key of that name, the same each time."""
    return ReadingKey.from_seed(hashlib.sha256(b"reading " + name.encode()).digest())


@dataclass(frozen=True)
class Member:
    """A person with their keys and one device."""

    id: str
    roles: tuple[str, ...]
    person_key: SigningKey
    reading: ReadingKey
    device_key: SigningKey

    @property
    def device(self) -> str:
        return f"{self.id}-laptop"

    def listed(self) -> Person:
        return Person(
            id=self.id,
            name=self.id.title(),
            roles=self.roles,
            projects=(PROJECT,),
            person_key=self.person_key.public.hex(),
            reading_key=self.reading.public.hex(),
        )

    def device_certificate(self, org_fp: str) -> bytes:
        return certify_device(
            self.person_key,
            organisation=org_fp,
            person=self.id,
            device=self.device,
            device_public=self.device_key.public,
            reading_public=self.reading.public,
            issued_us=ORIGIN_US - DAY_US,
        )


def member(name: str, *roles: str) -> Member:
    """A person of that name."""
    return Member(name, roles, signing_key(name), reading_key(name), signing_key(f"{name}'s device"))


@dataclass(frozen=True)
class Begun:
    """What a session has before its first record."""

    folder: Path
    name: str
    org_fp: str
    person: Member
    policy_toml: bytes
    directory: bytes

    @property
    def directory_sha256(self) -> str:
        return hashlib.sha256(self.directory).hexdigest() if self.directory else NO_DIRECTORY

    @property
    def keys(self) -> SessionKeys:
        name = self.name.encode()
        return SessionKeys(
            session_id=hashlib.sha256(name).hexdigest()[:32],
            signing=signing_key(f"session {self.name}"),
            content_s=hashlib.sha256(b"content s " + name).digest(),
            content_w=hashlib.sha256(b"content w " + name).digest(),
        )

    def personal(self, /, **changes: object) -> str:
        statement = Personal(
            organisation=self.org_fp,
            mode="personal",
            session=self.keys.session_id,
            session_key=self.keys.signing.public.hex(),
            person=self.person.id,
            person_key=self.person.person_key.public.hex(),
            device=self.person.device,
            device_key=self.person.device_key.public.hex(),
            policy_sha256=policy_digest(self.policy_toml),
            directory_sha256=self.directory_sha256,
            issued_us=ORIGIN_US,
        )
        return sign(replace(statement, **changes), self.person.device_key).decode()

    def start(self) -> Start:
        policy = policy_digest(self.policy_toml)
        ckc_s = content_key_commitment("s", self.keys.content_s).hex()
        ckc_w = content_key_commitment("w", self.keys.content_w).hex()
        reader = self.person.reading.public
        info = wrap_info(self.org_fp, self.keys.session_id, policy, reader, ckc_s, ckc_w)
        certificate = certify_session(
            self.person.device_key,
            organisation=self.org_fp,
            device=self.person.device,
            session_id=self.keys.session_id,
            session_public=self.keys.signing.public,
            issued_us=ORIGIN_US - 3_600_000_000,
        )
        return Start(
            session_id=self.keys.session_id,
            t_us=ORIGIN_US,
            mono_us=MONO_US,
            boot_id="boot-1",
            agent="fairwitness test",
            suite=1,
            policy_sha256=policy,
            directory_sha256=self.directory_sha256,
            reader=fingerprint(reader),
            ckc_s=ckc_s,
            ckc_w=ckc_w,
            wrap_s=base64.b64encode(wrap(self.keys.content_s, reader, info)).decode(),
            wrap_w=base64.b64encode(wrap(self.keys.content_w, reader, info)).decode(),
            device_certificate=self.person.device_certificate(self.org_fp).decode(),
            session_certificate=certificate.decode(),
        )
