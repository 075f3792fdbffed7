# SPDX-License-Identifier: Apache-2.0
"""The shelf of unused grants: sessions that the platform allowed in advance, so that no start waits for a network.

Rules:

1. A grant lies in `grants/<session_id>.dsse`, its session key in the key store, and the directory that it names beside it.
2. A grant is on the shelf until the session that used it has a folder; a crash before that leaves it there.
3. A wish lies in `grants/<session_id>.wish` before anybody hears of it, until its grant is here: a platform holds only so
   many unused grants for a device, so one whose answer was lost is asked for again and never wished for twice.
4. What can no longer begin (begun already, not readable, out of time by the platform's clock) leaves the shelf, its key
   with it. What is out of time by this machine's clock alone is not taken, and stays: that clock may be put right.
5. Grants are checked before they come here, and again by step 6 of the verifier before a session begins under one: with
   one that does not pass, no session would ever verify, and an offline start is better.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import threading
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

import msgspec

from session import IntegrityFault
from session.crypto.signing import SigningKey
from session.disk import Disk, RealDisk, environment_fault, write_whole
from session.ports import GrantWish
from session.segments import read_file
from session.trust.directory import open_directory
from session.trust.dsse import DIRECTORY_BYTES, STATEMENT_BYTES, read_envelope, strict_json
from session.trust.statements import Grant, open_statement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.opening import Identity
    from session.ports import Clock, KeyStore

_LOG: Final = logging.getLogger("fairwitness.grants")

GRANTS_HELD: Final = 20
"""Unused grants that a device holds. Source: docs/architecture.md; the platform gives each 14 days."""

_GRANT_NAME: Final = re.compile(r"([0-9a-f]{32})\.dsse")
_DIRECTORY_NAME: Final = re.compile(r"directory-([0-9a-f]{64})\.dsse")
_WISH_NAME: Final = re.compile(r"[0-9a-f]{32}\.wish")
_DOING: Final = "keeping a grant"


class TakenGrant(msgspec.Struct, frozen=True):
    """A grant for the session that begins now, with the session key and the directory that it names."""

    session_id: str
    envelope: bytes
    signing: SigningKey
    policy_sha256: str
    directory_sha256: str
    directory: bytes


P = ParamSpec("P")
R = TypeVar("R")


def _one_at_a_time(method: Callable[Concatenate[GrantShelf, P], R]) -> Callable[Concatenate[GrantShelf, P], R]:
    """Sessions begin on one thread and grants come in on another."""

    @wraps(method)
    def locked(self: GrantShelf, /, *arguments: P.args, **options: P.kwargs) -> R:
        with self._lock:
            return method(self, *arguments, **options)

    return locked


class _Held(msgspec.Struct, frozen=True):
    grant: Grant
    envelope: bytes


class GrantShelf:
    """Grants of one organisation on one device, for the thread that starts sessions and the uplink's.

    Args:
        folder: `grants/`; made where it is missing.
        spool: where sessions that began have their folder.
        store: keeps the session keys.
        background: the same store for the uplink's thread, which opens no window of a keyring; `store` where it is None.
        clock: grants run out by its UTC.
        identity: who certifies the session keys.
        directory: the directory in force, as bytes.
        projects: identifiers of the projects to hold grants for.
        disk: the system's unless a test watches.
    """

    def __init__(  # noqa: PLR0913 - the graph's parts, each by name
        self,
        folder: Path,
        *,
        spool: Path,
        store: KeyStore,
        clock: Clock,
        identity: Identity,
        directory: Callable[[], bytes],
        projects: Callable[[], Sequence[str]],
        background: KeyStore | None = None,
        disk: Disk | None = None,
    ) -> None:
        self._folder = folder
        self._spool = spool
        self._store = store
        self._background = background or store
        self._clock = clock
        self._identity = identity
        self._directory = directory
        self._projects = projects
        self._disk = disk or RealDisk()
        self._lock = threading.Lock()

    @_one_at_a_time
    def take(self, project: str, policy_sha256: str) -> TakenGrant | None:
        """The oldest grant for this project and policy that can still begin, or None. It stays on the shelf until `used`.

        Raises:
            EnvironmentFault: the shelf or the key store cannot be read.
        """
        for held in self._sweep():
            grant = held.grant
            seed = self._store.get(f"session/{grant.session}/signing")
            if (grant.project, grant.policy_sha256) != (project, policy_sha256) or seed is None:
                continue
            signing = SigningKey.from_seed(seed)
            directory = self._kept_directory(grant.directory_sha256)
            if directory is not None and signing.public.hex() == grant.session_key and self._will_verify(held, directory):
                return TakenGrant(
                    session_id=grant.session,
                    envelope=held.envelope,
                    signing=signing,
                    policy_sha256=grant.policy_sha256,
                    directory_sha256=grant.directory_sha256,
                    directory=directory,
                )
        return None

    @_one_at_a_time
    def used(self, session_id: str) -> None:
        """The session has begun: its grant leaves the shelf. The key is the session's now. Raises `EnvironmentFault`."""
        self._unlink(self._folder / f"{session_id}.dsse")

    @_one_at_a_time
    def held(self) -> int:
        """How many grants can still begin. Raises `EnvironmentFault`."""
        return len(self._sweep())

    @_one_at_a_time
    def wanted(self) -> Sequence[GrantWish]:
        """What the platform should be asked for, so that each project has its share of `GRANTS_HELD`; at least one each.

        The same again until it is kept. Raises `EnvironmentFault`.
        """
        projects = list(self._projects())
        if not projects:
            return ()
        share = max(1, GRANTS_HELD // len(projects))
        have = [held.grant.project for held in self._sweep()]
        waiting = self._waiting()
        wishes: list[GrantWish] = []
        for project in projects:
            missing = max(0, share - have.count(project))
            known = [wish for wish in waiting if wish.project == project][:missing]
            wishes += known + [self._wish(project) for _ in range(missing - len(known))]
        return wishes

    @_one_at_a_time
    def keep(self, session_id: str, grant: bytes) -> None:
        """Keeps a grant that the caller has checked, durably, and the directory that it names.

        A grant under a newer directory than the one in force can be used once that has come.

        Raises:
            EnvironmentFault: the disk does not let us.
            IntegrityFault: it is no grant.
        """
        digest = _read_grant(grant).directory_sha256
        directory = self._directory()
        if hashlib.sha256(directory).hexdigest() == digest:
            self._put(f"directory-{digest}.dsse", directory)
        self._put(f"{session_id}.dsse", grant)
        self._unlink(self._folder / f"{session_id}.wish")

    @_one_at_a_time
    def forget_orphans(self) -> None:
        """Once at start: session keys that neither a grant nor a session needs, and directories that no grant names, go.

        Raises `EnvironmentFault`.
        """
        held = self._kept()
        kept = {one.grant.session for one in held} | {wish.session_id for wish in self._waiting()}
        for name in self._background.names("session/"):
            session_id = name.split("/")[1]
            if session_id not in kept and not (self._spool / session_id).exists():
                self._background.delete(name)
        named = {one.grant.directory_sha256 for one in held}
        for path in self._paths():
            found = _DIRECTORY_NAME.fullmatch(path.name)
            if found and found[1] not in named:
                self._unlink(path)

    def _wish(self, project: str) -> GrantWish:
        session_id, signing = secrets.token_hex(16), SigningKey.generate()
        self._background.put(f"session/{session_id}/signing", signing.seed)
        certificate = self._identity.certify(session_id, signing.public, self._clock.read().t_us)
        wish = GrantWish(project, session_id, certificate.decode())
        self._put(f"{session_id}.wish", msgspec.json.encode(wish))
        return wish

    def _waiting(self) -> list[GrantWish]:
        """The wishes whose grants are not here yet; one that cannot be read is none."""
        wishes: list[GrantWish] = []
        for path in self._paths():
            if _WISH_NAME.fullmatch(path.name):
                try:
                    wish = msgspec.json.decode(read_file(path, STATEMENT_BYTES, "a wish"), type=GrantWish)
                except (msgspec.MsgspecError, UnicodeDecodeError, IntegrityFault):
                    _LOG.warning("a wish on the shelf cannot be read, and leaves it")
                    self._unlink(path)
                    continue
                if self._background.get(f"session/{wish.session_id}/signing") is None:
                    self._unlink(path)
                    continue
                wishes.append(wish)
        return wishes

    def _sweep(self) -> list[_Held]:
        """The grants that can still begin, oldest first; those that never can leave the shelf."""
        now_us = self._clock.read().t_us
        return [one for one in self._kept() if one.grant.start_by_us > now_us]

    def _kept(self) -> list[_Held]:
        """All grants, oldest first, but for those that have begun, cannot be read, or have run out.

        Nor for those that rest on a key of the platform's that was stolen since: what begins under them is countersigned by
        nobody. This machine's clock may stand wrong for a moment, so a grant has run out for good only where a later one was
        given after that: then the platform's own clock says so.
        """
        found: list[_Held] = []
        for path in self._paths():
            named = _GRANT_NAME.fullmatch(path.name)
            if named is None:
                continue
            try:
                envelope = read_file(path, STATEMENT_BYTES, "a grant")
                grant = _read_grant(envelope)
            except IntegrityFault:
                _LOG.warning("a grant on the shelf cannot be read, and leaves it")
                self._unlink(path)
                continue
            if (self._spool / named[1]).exists():
                self._unlink(path)
            elif grant.session != named[1]:
                self._forget(named[1])
            else:
                found.append(_Held(grant, envelope))
        proved_us = max((one.grant.issued_us for one in found), default=0)
        ended = self._ended({one.grant.directory_sha256 for one in found})
        kept: list[_Held] = []
        for one in found:
            if one.grant.start_by_us <= proved_us or one.grant.directory_sha256 in ended:
                self._forget(one.grant.session)
            else:
                kept.append(one)
        return sorted(kept, key=lambda one: (one.grant.issued_us, one.grant.session))

    def _ended(self, named: set[str]) -> set[str]:
        """Which of these directories name a grant or witness key that the one in force revokes by now."""
        in_force, now_us = self._directory(), self._clock.read().t_us
        others = named - {hashlib.sha256(in_force).hexdigest()}
        ended: set[str] = set()
        newest = open_directory(in_force) if others else None
        for digest in others if newest is not None and newest.revocations else ():
            raw = self._kept_directory(digest)
            if raw is None:
                continue
            platform = open_directory(raw).platform
            times = [newest.revoked_us(key) for key in (platform.grant_key, platform.witness_key) if newest is not None]
            if any(one is not None and one <= now_us for one in times):
                ended.add(digest)
        return ended

    def _forget(self, session_id: str) -> None:
        """A grant leaves the shelf, and its key with it."""
        self._unlink(self._folder / f"{session_id}.dsse")
        self._background.delete(f"session/{session_id}/signing")

    def _kept_directory(self, digest: str) -> bytes | None:
        in_force = self._directory()
        if hashlib.sha256(in_force).hexdigest() == digest:
            return in_force
        path = self._folder / f"directory-{digest}.dsse"
        if not path.exists():
            return None
        directory = read_file(path, DIRECTORY_BYTES, "the directory of a grant")
        return directory if hashlib.sha256(directory).hexdigest() == digest else None

    def _will_verify(self, held: _Held, directory: bytes) -> bool:
        """Whether a session under this grant passes step 6 of its verifier. One that would not is no use to anybody."""
        grant = held.grant
        try:
            listed = open_directory(directory)
            open_statement(held.envelope, Grant, bytes.fromhex(listed.platform.grant_key))
        except IntegrityFault:
            return False
        person = listed.person(grant.person)
        return (
            (grant.organisation, grant.person, grant.device)
            == (self._identity.org_fp, self._identity.person, self._identity.device)
            and listed.organisation == grant.organisation
            and listed.valid_at(grant.issued_us)
            and grant.policy_sha256 in listed.policies
            and person is not None
            and person.person_key == self._identity.person_public.hex()
        )

    def _put(self, name: str, octets: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._disk, self._folder, name, octets)
        except OSError as error:
            raise environment_fault(error, _DOING) from error

    def _paths(self) -> list[Path]:
        try:
            return sorted(self._folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise environment_fault(error, "reading the grants") from error

    def _unlink(self, path: Path) -> None:
        try:
            self._disk.unlink(path)
            self._disk.fsync_dir(self._folder)
        except OSError as error:
            raise environment_fault(error, _DOING) from error


def _read_grant(envelope: bytes) -> Grant:
    return strict_json(read_envelope(envelope)[1], Grant)
