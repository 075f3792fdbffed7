# SPDX-License-Identifier: Apache-2.0
"""What this machine holds of its organisation, and how it is kept up to date: directory, policies, grants.

Rules:

1. Everything from the platform is checked against the root key that was pinned at enrolment, before it is kept.
2. A directory of a lower version, another text of the same version, or one of another root is refused and named, and both
   are kept as evidence; the held one stays.
3. Files are replaced by rename, so a reader in another thread sees the old or the new one.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec

from session import EnvironmentFault, FairWitnessError, IntegrityFault, PlatformFault
from session.disk import environment_fault, make_private
from session.log.note import MAX_NOTE_BYTES
from session.policy import CATALOGUE_BYTES, parse_policy
from session.ports import GrantWish, Outcome
from session.segments import read_file
from session.trust.directory import Directory, accept, open_directory
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES, read_envelope, strict_json
from session.trust.statements import DeviceCertificate, Grant, SessionCertificate, open_statement
from uploader.client import Answer, PlatformClient, Request
from uploader.evidence import Evidence
from uploader.folders import keep_file
from uploader.turns import turn

_log = logging.getLogger("fairwitness.organisation")

GRANTS_MOST: Final = 20
"""Sessions in one request for grants. Source: docs/architecture.md, The platform's interface."""
POLICY_BYTES: Final = STATEMENT_BYTES
KEEP_TRIES: Final = 32
LOG_NOTE: Final = "log.note"
TURN: Final = "turn.lock"
_STRANGE: Final = (
    "What the platform sent as {what} is not what it must be, and was not kept: {why}. Tell your organisation's admin."
)


class Organisation:
    """The folder `organisation/`: address, device.dsse, directory.dsse, policies/, catalogues/, log.note, evidence/.

    Args:
        folder: exists; belongs to this program.
        org_fp: fingerprint of the root key, as pinned at enrolment.

    Raises:
        IntegrityFault: the directory in the folder is not this organisation's.
        EnvironmentFault: a file cannot be read.
    """

    def __init__(self, folder: Path, org_fp: str) -> None:
        self._folder, self._org_fp = folder, org_fp
        self._lock = threading.Lock()
        self._evidence = Evidence(folder)
        self._raw = read_file(folder / "directory.dsse", DIRECTORY_BYTES, "the organisation's directory")
        self._directory = open_directory(self._raw)
        if self._directory.organisation != org_fp:
            raise IntegrityFault("the directory on this machine is another organisation's")

    @classmethod
    def found(cls, folder: Path, org_fp: str, directory: bytes, address: str) -> Organisation:
        """The folder's first content, at enrolment.

        Raises:
            IntegrityFault: the directory is not signed by the root key of that fingerprint; nothing is kept.
            EnvironmentFault: the folder cannot be written.
        """
        if open_directory(directory).organisation != org_fp:
            raise IntegrityFault("the directory is signed by another root key than the one that the enrolment link names")
        try:
            (folder / "policies").mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise environment_fault(error, "enrolling this device") from error
        for name, content in (("address", address.encode() + b"\n"), ("directory.dsse", directory)):
            keep_file(folder, name, content, doing="enrolling this device")
        return cls(folder, org_fp)

    @property
    def org_fp(self) -> str:
        """Fingerprint of the root key."""
        return self._org_fp

    @property
    def root_public(self) -> bytes:
        """The organisation's root key."""
        return bytes.fromhex(self._directory.root_key)

    @property
    def address(self) -> str:
        """The platform's address. Raises `EnvironmentFault` when it cannot be read."""
        return read_file(self._folder / "address", 4096, "the platform's address").decode("utf-8", "replace").strip()

    @property
    def device_certificate(self) -> bytes:
        """The device certificate as signed at enrolment, for START. Raises `EnvironmentFault` when it cannot be read."""
        return read_file(self._folder / "device.dsse", STATEMENT_BYTES, "the device certificate")

    def directory(self) -> Directory:
        """The directory in force, as far as this machine knows."""
        return self._directory

    @property
    def directory_text(self) -> bytes:
        """Its bytes, as signed."""
        return self._raw

    def offer(self, raw: bytes) -> bool:
        """Keeps a newer directory; False where it is the one that is held.

        Raises:
            PlatformFault: not the root key's, lower, or forked (names which); the held one stays.
            EnvironmentFault: it cannot be written; the held one stays.
        """
        with self._lock, turn(self._folder / TURN):
            if raw == self._raw:
                return False
            try:
                directory = accept(self._raw, raw, self.root_public)
            except IntegrityFault as fault:
                parts = {"given.dsse": raw, "held.dsse": self._raw}
                detail = f"it gives a directory that cannot follow the one that is held ({str(fault).rstrip('.')})"
                raise self.contradiction("directory", detail, parts) from fault
            newer = self._kept_by_another(raw, directory.version)
            if newer:
                raw, directory = newer, open_directory(newer)
            else:
                keep_file(self._folder, "directory.dsse", raw, doing="keeping the organisation's directory")
            self._raw, self._directory = raw, directory
        return True

    def _kept_by_another(self, raw: bytes, version: int) -> bytes:
        """What another program of this person kept meanwhile, where it is newer than `raw`; else b"".

        Raises:
            PlatformFault: it is another text of the same version.
        """
        try:
            kept = read_file(self._folder / "directory.dsse", DIRECTORY_BYTES, "the organisation's directory")
            known = open_directory(kept, self.root_public).version
        except (EnvironmentFault, IntegrityFault):
            return b""  # `raw` takes its place
        if known == version and kept != raw:
            detail = f"it gave two programs of this computer different directories of version {version}"
            raise self.contradiction("directory", detail, {"given.dsse": raw, "held.dsse": kept})
        return kept if known > version else b""

    def policy(self, sha256: str) -> bytes | None:
        """The policy of that digest, or None where it is not here yet.

        Raises:
            IntegrityFault: the file holds something else.
            EnvironmentFault: it cannot be read.
        """
        path = self._policy_path(sha256)
        if not path.exists():
            return None
        toml = read_file(path, POLICY_BYTES, "a policy")
        if hashlib.sha256(toml).hexdigest() != sha256:
            raise IntegrityFault("a policy on this machine is not the one that the directory names")
        return toml

    def missing_policies(self) -> list[str]:
        """Digests that the directory names and that are not here."""
        return [one for one in self._directory.policies if not self._policy_path(one).exists()]

    def keep_policy(self, sha256: str, toml: bytes) -> None:
        """Keeps a policy. Raises `IntegrityFault` where it is another, `EnvironmentFault` where it cannot be written."""
        if hashlib.sha256(toml).hexdigest() != sha256:
            raise IntegrityFault("a policy is not the one that the directory names")
        keep_file(self._folder / "policies", f"{sha256}.toml", toml, doing="keeping the organisation's policy")

    def catalogue(self, sha256: str) -> bytes | None:
        """The catalogue of AI tools of that digest, or None where it is not here yet.

        Raises:
            IntegrityFault: the file holds something else.
            EnvironmentFault: it cannot be read.
        """
        return catalogue_in(self._folder, sha256)

    def missing_catalogues(self) -> list[str]:
        """Digests that policies of this machine name and that are not here."""
        named: list[str] = []
        for sha256 in self._directory.policies:
            toml = self.policy(sha256)
            catalogue = parse_policy(toml).ai_tools.catalogue if toml is not None else None
            if catalogue is not None and catalogue not in named:
                named.append(catalogue)
        return [one for one in named if not _catalogue_path(self._folder, one).exists()]

    def keep_catalogue(self, sha256: str, octets: bytes) -> None:
        """Keeps a catalogue. Raises `IntegrityFault` where it is another, `EnvironmentFault` where it cannot be written."""
        if hashlib.sha256(octets).hexdigest() != sha256:
            raise IntegrityFault("a catalogue is not the one that the policy names")
        path, doing = _catalogue_path(self._folder, sha256), "keeping the organisation's catalogue"
        try:
            make_private(path.parent)
        except OSError as error:
            raise environment_fault(error, doing) from error
        keep_file(path.parent, path.name, octets, doing=doing)

    def log_note(self) -> bytes | None:
        """The head of the organisation log that was seen last, as it was signed; None before the first.

        Read anew each time: another program of this person may have seen a later one. Raises `EnvironmentFault`.
        """
        path = self._folder / LOG_NOTE
        return read_file(path, MAX_NOTE_BYTES, "the organisation log's last head") if path.exists() else None

    def keep_log_note(self, raw: bytes, is_newer: Callable[[bytes | None], bool] = lambda _held: True) -> None:
        """Keeps a head where it `is_newer` than the one held, whatever other threads and programs of this person do.

        Raises:
            EnvironmentFault: it cannot be written, and no other program wrote one as new meanwhile.
        """
        with self._lock, turn(self._folder / TURN):
            for tries_left in reversed(range(KEEP_TRIES)):
                if not is_newer(self.log_note()):
                    return
                try:
                    keep_file(self._folder, LOG_NOTE, raw, doing="keeping the head of the organisation log")
                except EnvironmentFault:  # as where another program replaces the same file at the same moment
                    if not tries_left:
                        raise
                else:
                    return

    def contradiction(self, what: str, detail: str, parts: Mapping[str, bytes]) -> PlatformFault:
        """The fault to raise, once `parts` are kept as evidence; see `uploader.evidence.Evidence`."""
        return self._evidence.contradiction(what, detail, parts)

    def contradicted(self) -> str:
        """In what the platform contradicted itself, as long as evidence of it lies here: a `PlatformFault.what`, or "".

        Whichever program or thread of this person saw it: evidence is looked for anew each time, which costs one listing.
        """
        return self._evidence.standing()

    def evidence_waits(self) -> bool:
        """Whether the disk does not take evidence: it is in memory alone, and ends with the program. See `contradicted`."""
        return self._evidence.waits()

    def _policy_path(self, sha256: str) -> Path:
        return self._folder / "policies" / f"{sha256}.toml"


def catalogue_in(folder: Path, sha256: str) -> bytes | None:
    """See `Organisation.catalogue`; `folder` is that of the organisation, which need not be whole."""
    path = _catalogue_path(folder, sha256)
    if not path.exists():
        return None
    octets = read_file(path, CATALOGUE_BYTES, "a catalogue")
    if hashlib.sha256(octets).hexdigest() != sha256:
        raise IntegrityFault("a catalogue on this machine is not the one that the policy names")
    return octets


def _catalogue_path(folder: Path, sha256: str) -> Path:
    return folder / "catalogues" / f"{sha256}.json"


class GrantShelf(Protocol):
    """Keeps unused grants. `wanted` and `keep` are called from the uplink's thread."""

    def wanted(self) -> Sequence[GrantWish]:
        """What is missing now, each with keys that are kept already; the same again until it is kept. Empty when full."""
        ...

    def keep(self, session_id: str, grant: bytes) -> None:
        """Keeps a grant whose signature holds, durably. Raises `EnvironmentFault`."""
        ...


def refresh(client: PlatformClient, organisation: Organisation) -> Answer:
    """Asks for a newer directory and for policies that are missing; what does not verify is refused, with words."""
    etag = hashlib.sha256(organisation.directory_text).hexdigest()
    answer = client.send(Request("directory", "GET", "/v1/directory", etag=etag, most_bytes=DIRECTORY_BYTES))
    if answer.done and answer.status != 304:
        answer = _kept(answer, "directory", lambda: organisation.offer(answer.body))
    for sha256 in organisation.missing_policies() if answer.done else ():
        got = client.send(Request("policy", "GET", f"/v1/policies/{sha256}", most_bytes=POLICY_BYTES))
        answer = _kept(got, "policy", lambda one=sha256, toml=got.body: organisation.keep_policy(one, toml))  # type: ignore[misc] # binds
        if not answer.done:
            break
    if answer.done:
        _refresh_catalogues(client, organisation)
    return answer


def _refresh_catalogues(client: PlatformClient, organisation: Organisation) -> None:
    """Asks for catalogues that are missing. Nothing waits for one: what rests on it is not evaluated until it is here."""
    try:
        missing = organisation.missing_catalogues()
    except FairWitnessError:
        _log.warning("refused=policy")
        return
    for sha256 in missing:
        got = client.send(Request("catalogue", "GET", f"/v1/catalogues/{sha256}", most_bytes=CATALOGUE_BYTES))
        answer = _kept(got, "catalogue", lambda one=sha256, octets=got.body: organisation.keep_catalogue(one, octets))  # type: ignore[misc] # binds
        if not answer.done:
            _log.warning("missing=catalogue status=%d", answer.status)
            return


def top_up(client: PlatformClient, organisation: Organisation, shelf: GrantShelf) -> Answer:
    """Asks for the grants that the shelf wants, by project; keeps each that holds and says what was asked.

    A platform that gives no more for now is no trouble: a grant counts as unused there until its session is heard of, so a
    session that has just begun leaves one place that the platform still takes for full.
    """
    answer = Answer(Outcome.DONE)
    wishes = list(shelf.wanted())
    for project in dict.fromkeys(wish.project for wish in wishes):
        some = [wish for wish in wishes if wish.project == project][:GRANTS_MOST]
        requests = [{"session": one.session_id, "session_certificate": one.session_certificate} for one in some]
        body = msgspec.json.encode({"project": project, "requests": requests})
        answer = client.send(Request("grants", "POST", "/v1/grants", body))
        if answer.done:
            answer = _kept(answer, "grants", lambda got=answer, asked=some: _shelve(got.body, asked, organisation, shelf))  # type: ignore[misc] # binds
        elif answer.status == 409 and answer.code == "grants":
            answer = Answer(Outcome.DONE)
        if not answer.done:
            break
    return answer


class _Grants(msgspec.Struct, frozen=True):
    grants: tuple[str, ...]


def _shelve(body: bytes, asked: Sequence[GrantWish], organisation: Organisation, shelf: GrantShelf) -> None:
    try:
        grants = msgspec.json.decode(body, type=_Grants).grants
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise IntegrityFault("not a list of grants") from error
    if len(grants) != len(asked):
        raise IntegrityFault("another number of grants than asked for")
    directory, held = organisation.directory(), hashlib.sha256(organisation.directory_text).hexdigest()
    grant_key = bytes.fromhex(directory.platform.grant_key)
    person = strict_json(read_envelope(organisation.device_certificate)[1], DeviceCertificate).person
    for text, wish in zip(grants, asked, strict=True):
        grant = open_statement(text.encode(), Grant, grant_key)
        certificate = strict_json(read_envelope(wish.session_certificate.encode())[1], SessionCertificate)
        stated = (grant.organisation, grant.session, grant.project, grant.session_key, grant.device, grant.person)
        own = (organisation.org_fp, wish.session_id, wish.project, certificate.session_key, certificate.device, person)
        if stated != own:
            raise IntegrityFault("a grant names another organisation, session, project, session key, device or person")
        if grant.directory_sha256 == held and not directory.valid_at(grant.issued_us):
            raise IntegrityFault(
                "a grant was given under a directory that was not in force, so its session would not verify"
            )
        shelf.keep(wish.session_id, text.encode())


def _kept(answer: Answer, what: str, keep: Callable[[], object]) -> Answer:
    """The answer once its body is kept, or why it was not."""
    if not answer.done:
        return answer
    try:
        keep()
    except PlatformFault as fault:
        return Answer(Outcome.RETRY, answer.status, words=str(fault), malformed=True)
    except IntegrityFault as fault:
        _log.warning("refused=%s", what)
        words = _STRANGE.format(what=what, why=fault)
        return Answer(Outcome.RETRY, answer.status, words=words, malformed=True)
    except EnvironmentFault as fault:
        return Answer(Outcome.RETRY, answer.status, words=str(fault))
    return answer
