# SPDX-License-Identifier: Apache-2.0
"""How a session begins: its keys, its opening (a grant from the shelf, or the person's own word) and START.

Rules:

1. The session's keys are in the key store before its folder exists: no folder is ever left that nobody can finish.
2. Policy and directory lie in `statements/` before START is durable, so whatever has a START can be sealed and verified.
3. Content keys are wrapped for the trainer alone. Until the seal nobody else can open anything.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from session import EnvironmentFault, InputFault
from session.crypto.aead import content_key_commitment
from session.crypto.hpke import ReadingKey, wrap, wrap_info
from session.crypto.signing import SigningKey, fingerprint
from session.disk import Disk, RealDisk, environment_fault, write_whole
from session.events import Event, Kind, Opening, Start
from session.journal import Journal, SessionKeys
from session.policy import Policy, parse_policy, policy_digest
from session.trust.certificates import certify_device, certify_session
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import NO_DIRECTORY, DeviceCertificate, LogHead, Personal, sign

if TYPE_CHECKING:
    from pathlib import Path

    from agent.grants import TakenGrant
    from session.ports import Clock, ClockReading, KeyStore

PERSONAL: Final = "personal"
"""In place of an organisation's fingerprint in the names of a person's own keys."""
SUITE: Final = 1
"""X25519 and HKDF-SHA256, ChaCha20-Poly1305, Ed25519. Source: docs/session-format.md, START."""


class Identity(msgspec.Struct, frozen=True):
    """Who records, on which device, under which organisation (or under the person's own key)."""

    org_fp: str
    person: str
    person_public: bytes
    device: str
    device_key: SigningKey
    reading_public: bytes
    device_certificate: bytes

    @property
    def is_personal(self) -> bool:
        """Whether no organisation stands behind it."""
        return self.org_fp == fingerprint(self.person_public)

    def certify(self, session_id: str, session_public: bytes, issued_us: int, seen: LogHead | None = None) -> bytes:
        """The session certificate, for START and for a grant's request."""
        return certify_session(
            self.device_key,
            organisation=self.org_fp,
            device=self.device,
            session_id=session_id,
            session_public=session_public,
            issued_us=issued_us,
            seen=seen,
        )


class Terms(msgspec.Struct, frozen=True):
    """Under what a session is recorded, as bytes: the policy, and the organisation's directory (b"" in a personal one).

    `seen` is the head of the organisation log that this computer saw last: what it signs names it.
    """

    policy_toml: bytes
    directory: bytes = b""
    seen: LogHead = LogHead()

    @property
    def policy_sha256(self) -> str:
        """Identity of the policy."""
        return policy_digest(self.policy_toml)

    @property
    def directory_sha256(self) -> str:
        """Identity of the directory."""
        return hashlib.sha256(self.directory).hexdigest() if self.directory else NO_DIRECTORY


class Opened(msgspec.Struct, frozen=True):
    """A session that has begun and holds its first two records."""

    journal: Journal
    past: tuple[Event, ...]
    policy: Policy
    org_fp: str


def personal_identity(store: KeyStore, reading: ClockReading) -> Identity:
    """The person's own identity, for sessions that no organisation stands behind; its keys are made on the first call.

    Raises:
        EnvironmentFault: the key store is locked, gone or full.
    """
    person_key = SigningKey.from_seed(*_kept_seed(store, f"person/{PERSONAL}/signing"))
    device_key = SigningKey.from_seed(*_kept_seed(store, f"device/{PERSONAL}/signing"))
    reading_key = ReadingKey.from_seed(*_kept_seed(store, f"person/{PERSONAL}/reading"))
    org_fp = fingerprint(person_key.public)
    person, device = org_fp[:16], fingerprint(device_key.public)[:16]
    certificate = certify_device(
        person_key,
        organisation=org_fp,
        person=person,
        device=device,
        device_public=device_key.public,
        reading_public=reading_key.public,
        issued_us=reading.t_us,
    )
    return Identity(
        org_fp=org_fp,
        person=person,
        person_public=person_key.public,
        device=device,
        device_key=device_key,
        reading_public=reading_key.public,
        device_certificate=certificate,
    )


def enrolled_identity(store: KeyStore, org_fp: str, device_certificate: bytes) -> Identity:
    """The identity of an enrolled trainer, from the keys and the certificate that enrolment left.

    Raises:
        InputFault: the keys in the store are not those that the certificate names, or are missing; enrol again.
        IntegrityFault: the certificate is none.
        EnvironmentFault: the key store is locked or gone.
    """
    certificate = strict_json(read_envelope(device_certificate)[1], DeviceCertificate)
    person_seed, device_seed = store.get(f"person/{org_fp}/signing"), store.get(f"device/{org_fp}/signing")
    if person_seed is None or device_seed is None:
        raise InputFault("The keys of this device are missing. Ask your organisation for a new enrolment link.")
    device_key = SigningKey.from_seed(device_seed, f"device/{org_fp}/signing")
    if (certificate.organisation, certificate.device_key) != (org_fp, device_key.public.hex()):
        raise InputFault("The keys of this device are not those that it was enrolled with. Ask for a new enrolment link.")
    return Identity(
        org_fp=org_fp,
        person=certificate.person,
        person_public=SigningKey.from_seed(person_seed, f"person/{org_fp}/signing").public,
        device=certificate.device,
        device_key=device_key,
        reading_public=bytes.fromhex(certificate.reading_key),
        device_certificate=device_certificate,
    )


def open_session(  # noqa: PLR0913 - what a session begins with, each by name
    spool: Path,
    *,
    store: KeyStore,
    clock: Clock,
    identity: Identity,
    terms: Terms,
    agent: str,
    grant: TakenGrant | None = None,
    continues: str = "",
    disk: Disk | None = None,
) -> Opened:
    """A new session in `spool`, durable with its first two records. Nothing is observed yet.

    Args:
        spool: folder of all sessions; is made where it is missing.
        store: gets the session's keys.
        clock: START's readings.
        identity: whose.
        terms: policy, and directory unless personal. With a grant, those that it names.
        agent: name and version of this program, for START.
        grant: from the shelf. None: personal, or with an organisation an *offline start* without a lower bound of time.
        continues: id of the session that this one continues after a loss, or "".
        disk: the system's unless a test watches.

    Raises:
        EnvironmentFault: the disk or the key store does not let us; nothing is recorded.
        InputFault: the policy cannot be taken, or the terms are not those of the grant.
    """
    disk = disk or RealDisk()
    policy = parse_policy(terms.policy_toml)
    reading = clock.read()
    keys = _make_keys(store, grant)
    opening = (Kind.PERSONAL, _own_word(identity, terms, keys, reading))
    if grant is not None:
        if (grant.policy_sha256, grant.directory_sha256) != (terms.policy_sha256, terms.directory_sha256):
            raise InputFault("This grant is for another policy or directory. Fair Witness will ask for a new one.")
        opening = (Kind.GRANT, grant.envelope)
    start = _start(identity, terms, keys, reading, boot_id=clock.boot_id, agent=agent, continues=continues)
    body = Opening(opening[1].decode())
    folder = spool / keys.session_id
    _put_statements(folder, terms, disk)
    journal = Journal.create(folder, keys, (opening[0], body), start, org_fp=identity.org_fp, disk=disk)
    past = (Event(0, opening[0], body), Event(1, Kind.START, start))
    return Opened(journal, past, policy, identity.org_fp)


def load_session_keys(store: KeyStore, session_id: str) -> SessionKeys:
    """The keys of a session that is not sealed yet.

    Raises:
        EnvironmentFault: the store is locked or gone, or does not hold them (any more).
    """
    signing, content_s, content_w = (store.get(f"session/{session_id}/{name}") for name in _NAMES)
    if signing is None or content_s is None or content_w is None:
        raise EnvironmentFault(
            f"The keys of session {session_id[:8]} are not in the key store, so it cannot be sealed. "
            "If you moved to another computer or restored a backup, restore the keys, too."
        )
    return SessionKeys(session_id, SigningKey.from_seed(signing, f"session/{session_id}/signing"), content_s, content_w)


_NAMES: Final[tuple[Literal["signing", "content-s", "content-w"], ...]] = ("signing", "content-s", "content-w")


def _kept_seed(store: KeyStore, name: str) -> tuple[bytes, str]:
    """The secret of that name, made and kept on the first call, and the name."""
    seed = store.get(name)
    if seed is None:
        seed = secrets.token_bytes(32)
        store.put(name, seed)
    return seed, name


def _make_keys(store: KeyStore, grant: TakenGrant | None) -> SessionKeys:
    session_id = grant.session_id if grant else secrets.token_hex(16)
    signing = grant.signing if grant else SigningKey.generate()
    keys = SessionKeys(session_id, signing, secrets.token_bytes(32), secrets.token_bytes(32))
    for name, secret in zip(_NAMES, (keys.signing.seed, keys.content_s, keys.content_w), strict=True):
        store.put(f"session/{session_id}/{name}", secret)
    return keys


def _own_word(identity: Identity, terms: Terms, keys: SessionKeys, reading: ClockReading) -> bytes:
    statement = Personal(
        organisation=identity.org_fp,
        mode="personal" if identity.is_personal else "offline",
        session=keys.session_id,
        session_key=keys.signing.public.hex(),
        person=identity.person,
        person_key=identity.person_public.hex(),
        device=identity.device,
        device_key=identity.device_key.public.hex(),
        policy_sha256=terms.policy_sha256,
        directory_sha256=terms.directory_sha256,
        issued_us=reading.t_us,
        log_size=terms.seen.size,
        log_root=terms.seen.root,
    )
    return sign(statement, identity.device_key)


def _start(  # noqa: PLR0913 - START's fields come from all of these
    identity: Identity,
    terms: Terms,
    keys: SessionKeys,
    reading: ClockReading,
    *,
    boot_id: str,
    agent: str,
    continues: str,
) -> Start:
    ckc_s = content_key_commitment("s", keys.content_s).hex()
    ckc_w = content_key_commitment("w", keys.content_w).hex()
    reader = identity.reading_public
    info = wrap_info(identity.org_fp, keys.session_id, terms.policy_sha256, reader, ckc_s, ckc_w)
    certificate = identity.certify(keys.session_id, keys.signing.public, reading.t_us, terms.seen)
    return Start(
        session_id=keys.session_id,
        t_us=reading.t_us,
        mono_us=reading.mono_us,
        boot_id=boot_id,
        agent=agent,
        suite=SUITE,
        policy_sha256=terms.policy_sha256,
        directory_sha256=terms.directory_sha256,
        reader=fingerprint(reader),
        ckc_s=ckc_s,
        ckc_w=ckc_w,
        wrap_s=base64.b64encode(wrap(keys.content_s, reader, info)).decode(),
        wrap_w=base64.b64encode(wrap(keys.content_w, reader, info)).decode(),
        device_certificate=identity.device_certificate.decode(),
        session_certificate=certificate.decode(),
        continues=continues,
    )


def _put_statements(folder: Path, terms: Terms, disk: Disk) -> None:
    statements = folder / "statements"
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for wanted in (folder, statements):
            if not wanted.is_dir():
                disk.make_folder(wanted)
        write_whole(disk, statements, "policy.toml", terms.policy_toml)
        if terms.directory:
            write_whole(disk, statements, "directory.dsse", terms.directory)
        disk.fsync_dir(folder)
    except OSError as error:
        raise environment_fault(error, "starting the session") from error
