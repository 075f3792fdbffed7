# SPDX-License-Identifier: Apache-2.0
"""Steps 5 and 6: under which directory and policy the session ran, and who opened it with which key."""

from __future__ import annotations

import hashlib

import msgspec

from session import InputFault, IntegrityFault
from session.crypto.hpke import check_reading_public
from session.crypto.signing import check_public, fingerprint
from session.events import Kind, Start
from session.policy import POLICY_BYTES, Policy, parse_policy, policy_digest
from session.seal import opening_statement
from session.trust.certificates import Chain, open_chain
from session.trust.directory import Directory, open_directory
from session.trust.dsse import DIRECTORY_BYTES
from session.trust.statements import NO_DIRECTORY, Grant, Personal, open_statement
from session.verify.folder import DIRECTORY, POLICY, Names, Source
from session.verify.records import Records


class TrustAnchor(msgspec.Struct, frozen=True):
    """What the reader trusts: the fingerprint of the organisation's root key (or of a person key), as it reached them.

    Args:
        root_fingerprint: 64 hexadecimal digits.
        directory: the newest directory that the reader holds, b"" for none: its revocations and keys count too. Another text
            of the version that the session began under fails step 5.
    """

    root_fingerprint: str
    directory: bytes = b""


class Ground(msgspec.Struct):
    """What step 5 established: directory and policy of the session."""

    policy: Policy
    directory: Directory | None
    newest: Directory | None
    """The reader's own, where it is given and newer."""


class Opened(msgspec.Struct):
    """What step 6 established: the opening and the keys behind it."""

    statement: Grant | Personal
    chain: Chain
    person_public: bytes
    session_public: bytes

    @property
    def not_before_us(self) -> int | None:
        """The grant's time, None without a grant."""
        return self.statement.issued_us if isinstance(self.statement, Grant) else None


def check_ground(source: Source, names: Names, records: Records, trust: TrustAnchor | None) -> tuple[Ground, str]:
    """Step 5. The directory is the root key's and START's; the policy is START's and the directory's; both can be read."""
    start = records.start
    directory, newest = _directories(source, names, start, trust)
    toml = source.read(POLICY, POLICY_BYTES)
    if policy_digest(toml) != start.policy_sha256:
        raise IntegrityFault("statements/policy.toml is not the policy that START names")
    if directory is not None and start.policy_sha256 not in directory.policies:
        raise IntegrityFault("the directory does not list the policy of this session")
    try:
        policy = parse_policy(toml)
    except InputFault as error:
        raise IntegrityFault(str(error)) from error
    if directory is None:
        return Ground(policy, None, newest), "no directory: a personal session"
    return Ground(policy, directory, newest), f"directory version {directory.version}"


def _directories(
    source: Source, names: Names, start: Start, trust: TrustAnchor | None
) -> tuple[Directory | None, Directory | None]:
    if start.directory_sha256 == NO_DIRECTORY:
        if DIRECTORY in names.fixed:
            raise IntegrityFault("a personal session has no directory, and one lies here")
        return None, None
    if DIRECTORY not in names.fixed:
        raise IntegrityFault("statements/directory.dsse is missing")
    raw = source.read(DIRECTORY, DIRECTORY_BYTES)
    if hashlib.sha256(raw).hexdigest() != start.directory_sha256:
        raise IntegrityFault("statements/directory.dsse is not the directory that START names")
    directory = open_directory(raw)
    if trust is None:
        return directory, None
    if trust.root_fingerprint != directory.organisation:
        raise IntegrityFault("the directory is of another organisation than the one that you trust")
    if not trust.directory:
        return directory, None
    newest = open_directory(trust.directory, bytes.fromhex(directory.root_key))
    if newest.version == directory.version and newest != directory:
        raise IntegrityFault(f"directory version {directory.version} is another text than the one that you hold: forked")
    return directory, newest if newest.version > directory.version else None


def check_opening(records: Records, ground: Ground, trust: TrustAnchor | None) -> tuple[Opened, str]:
    """Step 6. The platform granted this session key to this person and device, or the person opened it alone."""
    start = records.start
    envelope = records.opening.envelope
    claimed = opening_statement(envelope)
    if (records.kinds[0] == Kind.GRANT) != isinstance(claimed, Grant):
        raise IntegrityFault("the opening is of another kind than its record")
    if isinstance(claimed, Grant):
        person_public, detail = _granted(envelope, claimed, start, ground)
    else:
        person_public, detail = _alone(envelope, claimed, ground)
    if trust is not None and claimed.organisation != trust.root_fingerprint:
        raise IntegrityFault("the session is of another organisation than the one that you trust")
    named = (claimed.session, claimed.policy_sha256, claimed.directory_sha256)
    if named != (start.session_id, start.policy_sha256, start.directory_sha256):
        raise IntegrityFault("START names another session, policy or directory than the opening")
    chain = open_chain(start.device_certificate.encode(), start.session_certificate.encode(), person_public)
    _check_chain(chain, claimed, start)
    session_public = bytes.fromhex(claimed.session_key)
    check_public(session_public)
    return Opened(claimed, chain, person_public, session_public), detail


def _granted(envelope: str, claimed: Grant, start: Start, ground: Ground) -> tuple[bytes, str]:
    directory = ground.directory
    if directory is None:
        raise IntegrityFault("a granted session needs the organisation's directory")
    open_statement(envelope.encode(), Grant, bytes.fromhex(directory.platform.grant_key))
    if claimed.organisation != directory.organisation:
        raise IntegrityFault("the grant is of another organisation than the directory")
    if not directory.valid_at(claimed.issued_us):
        raise IntegrityFault("the directory was not in force when the session was granted")
    if start.t_us > claimed.start_by_us:
        raise IntegrityFault("the session began after the time by which its grant had to be used")
    person = directory.person(claimed.person)
    if person is None:
        raise IntegrityFault("the directory does not know the person of the grant")
    return bytes.fromhex(person.person_key), "granted by the platform"


def _alone(envelope: str, claimed: Personal, ground: Ground) -> tuple[bytes, str]:
    open_statement(envelope.encode(), Personal, bytes.fromhex(claimed.device_key))
    person_public = bytes.fromhex(claimed.person_key)
    if claimed.mode == "personal":
        if ground.directory is not None:
            raise IntegrityFault("a personal session names a directory")
        if fingerprint(person_public) != claimed.organisation:
            raise IntegrityFault("a personal session does not stand under its own person key")
        return person_public, "self-signed: nobody but the person stands behind it"
    directory = ground.directory
    if directory is None or claimed.organisation != directory.organisation:
        raise IntegrityFault("an offline start needs the organisation's directory")
    person = directory.person(claimed.person)
    if person is None or person.person_key != claimed.person_key:
        raise IntegrityFault("the directory does not know the person of the offline start, or knows another key")
    return person_public, "started offline, without a grant: no lower bound of time"


def _check_chain(chain: Chain, claimed: Grant | Personal, start: Start) -> None:
    certified = (chain.device.organisation, chain.device.person, chain.device.device)
    if certified != (claimed.organisation, claimed.person, claimed.device):
        raise IntegrityFault("the device certificate is of another organisation, person or device than the opening")
    if (chain.session.session, chain.session.session_key) != (claimed.session, claimed.session_key):
        raise IntegrityFault("the session certificate is of another session or session key than the opening")
    if isinstance(claimed, Personal) and chain.device.device_key != claimed.device_key:
        raise IntegrityFault("the opening names another device key than the device certificate")
    reading_public = bytes.fromhex(chain.device.reading_key)
    check_reading_public(reading_public)
    if fingerprint(reading_public) != start.reader:
        raise IntegrityFault("START wraps the content keys for another reader than the person's device certificate names")
