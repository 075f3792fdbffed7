# SPDX-License-Identifier: Apache-2.0
"""The organisation's directory: who belongs, which keys and policies hold, signed by the root key.

Rules:

1. One DSSE envelope, one JSON object, signed by the root key alone; `organisation` is the root key's fingerprint.
2. A reader keeps the highest version that it saw. A lower one, or the same version with other bytes (a fork), is
   refused and named. Expiry is judged by when a session was granted, not by today: an old session stays valid.
3. Revocation is judged by proved time: what was cosigned or granted before `revoked_us` stands.
4. A review key belongs to one project and one epoch; its secret is wrapped for each reviewer of that epoch.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Annotated, ClassVar, Final

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.hpke import KEY_BYTES, ReadingKey, check_reading_public, check_wrapped, unwrap, wrap
from session.crypto.signing import SigningKey, check_public, fingerprint
from session.events import U53, Digest, Short
from session.trust.dsse import (
    DIRECTORY_BYTES,
    PublicKey,
    canonical_base64,
    open_envelope,
    read_envelope,
    seal_envelope,
    strict_json,
)

PAYLOAD_TYPE: Final = "application/vnd.fairwitness.directory.v1+json"
ROLES: Final = ("trainer", "reviewer", "approver", "admin")
"""What a person may be. Source: design, Trust: roles."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object inside the directory."""


class PlatformKeys(_Entry, frozen=True, kw_only=True):
    """The platform's three separate keys; `witness_name` stands in cosignature lines, `address` may be "" (no platform)."""

    address: Annotated[str, msgspec.Meta(max_length=1024)]
    grant_key: PublicKey
    receipt_key: PublicKey
    witness_key: PublicKey
    witness_name: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class Person(_Entry, frozen=True, kw_only=True):
    """One member. `reading_key` is X25519, `person_key` Ed25519; `projects` are the ones the roles hold in."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    name: Short
    roles: tuple[str, ...]
    projects: tuple[Short, ...]
    person_key: PublicKey
    reading_key: PublicKey


class EpochWrap(_Entry, frozen=True, kw_only=True):
    """The epoch's secret for one reviewer, HPKE in base64."""

    person: Short
    wrapped: Annotated[str, msgspec.Meta(max_length=256)]


class ReviewKey(_Entry, frozen=True, kw_only=True):
    """One epoch of a project's review key: sessions sealed in [from_us, until_us) are wrapped for it."""

    epoch: U53
    public_key: PublicKey
    from_us: U53
    until_us: U53
    wraps: tuple[EpochWrap, ...]


class Project(_Entry, frozen=True, kw_only=True):
    """One project: its policy, and its review keys, oldest first."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    name: Short
    policy_sha256: Digest
    review_keys: tuple[ReviewKey, ...]

    def review_key_at(self, t_us: int) -> ReviewKey | None:
        """The epoch in force at `t_us`: the newest whose time has come and not passed; None where there is none."""
        current = [one for one in self.review_keys if one.from_us <= t_us < one.until_us]
        return max(current, key=lambda one: one.epoch, default=None)


class Revocation(_Entry, frozen=True, kw_only=True):
    """From `revoked_us` on, nothing that this key signs counts; what was countersigned before stands.

    A session that was countersigned at or after it fails as a whole: where no theft is to be undone, it is now, or later.
    `revoked_key` is any public key of the organisation.
    """

    revoked_key: PublicKey
    revoked_us: U53


class Directory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the directory. `version` counts from 1; times in µs UTC, valid in [issued_us, expires_us)."""

    payload_type: ClassVar[str] = PAYLOAD_TYPE

    organisation: Digest
    name: Short
    version: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    issued_us: U53
    expires_us: U53
    root_key: PublicKey
    platform: PlatformKeys
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    policies: tuple[Digest, ...]
    revocations: tuple[Revocation, ...]

    def person(self, person_id: str) -> Person | None:
        """The member of that id, or None."""
        return next((one for one in self.people if one.id == person_id), None)

    def project(self, project_id: str) -> Project | None:
        """The project of that id, or None."""
        return next((one for one in self.projects if one.id == project_id), None)

    def valid_at(self, t_us: int) -> bool:
        """Whether this version was in force at `t_us`."""
        return self.issued_us <= t_us < self.expires_us

    def revoked_us(self, public_key: str) -> int | None:
        """Since when the key (hexadecimal) is revoked, or None."""
        return min((one.revoked_us for one in self.revocations if one.revoked_key == public_key), default=None)


def witness_name(organisation: str) -> str:
    """Name of the platform's witness, as it stands in cosignature lines."""
    return f"fairwitness/{organisation}/witness"


def platform_fingerprint(grant: bytes, receipt: bytes, witness: bytes, log: bytes) -> str:
    """What six words of a platform's four public keys are made of, hexadecimal: of all, so that none is put in unseen."""
    return hashlib.sha256(b"fairwitness/v1/platform-keys|" + grant + receipt + witness + log).hexdigest()


def sign_directory(directory: Directory, root_key: SigningKey) -> bytes:
    """The directory as one envelope.

    Raises:
        InputFault: it contradicts itself (names the field), or `root_key` is not the root key that it names.
    """
    body = msgspec.json.encode(directory)
    try:
        checked = msgspec.json.decode(body, type=Directory)
        _consistent(checked)
    except (msgspec.ValidationError, IntegrityFault) as error:
        raise InputFault(f"directory: {error}.") from error
    if root_key.public.hex() != directory.root_key:
        raise InputFault("root_key: this is not the organisation's root key.")
    return seal_envelope(PAYLOAD_TYPE, body, root_key)


def open_directory(raw: bytes, root_public: bytes | None = None) -> Directory:
    """The directory in `raw`, signed by `root_public`.

    With `root_public` None, by the root key that it names itself: then it is only consistent, and the reader must
    compare `organisation` with the fingerprint that reached them outside the platform.

    Raises:
        IntegrityFault: too large, another spelling, another signer, or it contradicts itself.
    """
    if root_public is None:
        _, claimed = read_envelope(raw, max_bytes=DIRECTORY_BYTES)
        root_public = bytes.fromhex(strict_json(claimed, Directory).root_key)
    directory = strict_json(open_envelope(raw, PAYLOAD_TYPE, root_public, max_bytes=DIRECTORY_BYTES), Directory)
    if directory.root_key != root_public.hex():
        raise IntegrityFault("the directory names another root key than the one that signed it")
    _consistent(directory)
    return directory


def accept(held: bytes | None, offered: bytes, root_public: bytes) -> Directory:
    """The offered directory, where it may take the place of the one that is held.

    Raises:
        IntegrityFault: it is not the root key's, its version is lower, or it is another text of the same version.
    """
    directory = open_directory(offered, root_public)
    if held is None or held == offered:
        return directory
    known = open_directory(held, root_public)
    if directory.version < known.version:
        raise IntegrityFault(
            f"directory version {directory.version} is lower than {known.version}, which was seen before: rolled back"
        )
    if directory.version == known.version:
        raise IntegrityFault(f"directory version {directory.version} was seen before with other content: forked")
    return directory


def epoch_info(organisation: str, project: str, epoch: int) -> bytes:
    """HPKE `info` of an epoch's wrap. Source: docs/session-format.md, Review keys."""
    return b"fairwitness/v1/epoch|" + organisation.encode() + b"|" + project.encode() + b"|" + str(epoch).encode()


def issue_review_key(  # noqa: PLR0913 - one epoch is these six things
    organisation: str,
    project: str,
    epoch: int,
    reviewers: tuple[Person, ...],
    *,
    from_us: int,
    until_us: int,
) -> ReviewKey:
    """A new epoch: a new X25519 key, its secret wrapped for each reviewer and kept nowhere else."""
    secret = ReadingKey.generate()
    info = epoch_info(organisation, project, epoch)
    return ReviewKey(
        epoch=epoch,
        public_key=secret.public.hex(),
        from_us=from_us,
        until_us=until_us,
        wraps=tuple(
            EpochWrap(
                person=one.id, wrapped=base64.b64encode(wrap(secret.seed, bytes.fromhex(one.reading_key), info)).decode()
            )
            for one in reviewers
        ),
    )


def open_review_key(
    organisation: str, project: str, review_key: ReviewKey, person: str, reading_key: ReadingKey
) -> ReadingKey:
    """The secret of an epoch, opened by one of its reviewers.

    Raises:
        IntegrityFault: the epoch was not granted to this person, the key does not fit, or the secret is another's.
    """
    found = next((one for one in review_key.wraps if one.person == person), None)
    if found is None:
        raise IntegrityFault(f"epoch {review_key.epoch} of this project was not granted to {person}")
    seed = unwrap(canonical_base64(found.wrapped), reading_key, epoch_info(organisation, project, review_key.epoch))
    if len(seed) != 32:
        raise IntegrityFault(f"the key of epoch {review_key.epoch} has not 32 bytes")
    secret = ReadingKey.from_seed(seed)
    if secret.public.hex() != review_key.public_key:
        raise IntegrityFault(f"the key of epoch {review_key.epoch} is not the one that the directory names")
    return secret


def _consistent(directory: Directory) -> None:
    """What the schema cannot say. Raises `IntegrityFault` that names the field."""
    if fingerprint(bytes.fromhex(directory.root_key)) != directory.organisation:
        raise IntegrityFault("organisation: not the fingerprint of root_key")
    if directory.issued_us >= directory.expires_us:
        raise IntegrityFault("expires_us: not after issued_us")
    if directory.platform.witness_name != witness_name(directory.organisation):
        raise IntegrityFault("platform.witness_name: not the name of this organisation's witness")
    platform = directory.platform
    if len({directory.root_key, platform.grant_key, platform.receipt_key, platform.witness_key}) != 4:
        raise IntegrityFault("platform: the root, grant, receipt and witness keys must be four different keys")
    for public in (platform.grant_key, platform.receipt_key, platform.witness_key):
        check_public(bytes.fromhex(public))
    _distinct("people.id", [one.id for one in directory.people])
    _distinct("projects.id", [one.id for one in directory.projects])
    _distinct("policies", list(directory.policies))
    for person in directory.people:
        check_public(bytes.fromhex(person.person_key))
        check_reading_public(bytes.fromhex(person.reading_key))
        if any(role not in ROLES for role in person.roles):
            raise IntegrityFault(f"people.roles: {person.id} has a role that is none of {', '.join(ROLES)}")
    for project in directory.projects:
        _consistent_project(project, directory.policies)


def _consistent_project(project: Project, policies: tuple[str, ...]) -> None:
    if project.policy_sha256 not in policies:
        raise IntegrityFault(f"projects.policy_sha256: the policy of {project.id} is not in policies")
    _distinct(f"review_keys.epoch of {project.id}", [str(one.epoch) for one in project.review_keys])
    for one in project.review_keys:
        check_reading_public(bytes.fromhex(one.public_key))
        for granted in one.wraps:
            check_wrapped(canonical_base64(granted.wrapped), KEY_BYTES)
        if one.from_us >= one.until_us:
            raise IntegrityFault(f"review_keys.until_us: epoch {one.epoch} of {project.id} ends before it begins")


def _distinct(field: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise IntegrityFault(f"{field}: the same twice")
