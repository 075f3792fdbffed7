# SPDX-License-Identifier: Apache-2.0
"""The admin's side of an organisation: its root key, its directory, its people and projects.

Rules:

1. The root key lives in the admin's key store and signs directories; it never reaches the platform.
2. Every change is a new version of the directory, built from the one in force, signed, and only then published.
3. Nobody is signed in with keys that the platform chose: the person key is the one whose words were compared, and it
   signed the reading key, in the device's certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from fairwitness import amending
from fairwitness.catalogues import ensure_published
from fairwitness.posted import Devices, EnrolledDevice, Enrolment, Enrolments, Invitation
from session import EnvironmentFault, InputFault, IntegrityFault
from session.crypto.hpke import ReadingKey
from session.crypto.recovery_code import new_secret, person_keys
from session.crypto.signing import SigningKey, fingerprint
from session.offices import Newcomer
from session.policy import POLICY_BYTES, parse_policy, policy_digest
from session.ports import Clock, KeyStore
from session.trust.directory import (
    ROLES,
    Directory,
    Person,
    PlatformKeys,
    Project,
    open_directory,
    sign_directory,
    witness_name,
)
from session.trust.dsse import DIRECTORY_BYTES
from session.trust.lifetime import DAY_US, RENEW_DAYS
from session.trust.statements import DeviceCertificate, LogHead, Removal, open_statement, sign
from uploader.client import Answer, PlatformClient, Request
from uploader.enrol import PersonNames
from uploader.organisation import Organisation
from uploader.orglog import LogWatch
from uploader.transfer import session_path

if TYPE_CHECKING:
    from server.config import ServerConfig

DIRECTORY_DAYS = 365

T = TypeVar("T")


class Founded(msgspec.Struct, frozen=True):
    """A new organisation: its fingerprint, and the admin's token for its platform."""

    organisation: str
    token: str


def found_organisation(config: ServerConfig, name: str, admin: str, *, keys: KeyStore, clock: Clock) -> Founded:
    """A new organisation `name` on the platform of `config`, with one admin.

    The root key, the admin's recovery secret and the keys that are made of it are kept in `keys`.

    Raises:
        InputFault: the platform has an organisation already; names the field.
        EnvironmentFault: the folder, database or key store cannot be used.
    """
    from server.setup import found, platform_keys  # noqa: PLC0415 - only where a platform is founded: desks come without one

    public = platform_keys(config.folder)
    root, recovery = SigningKey.generate(), new_secret()
    organisation = fingerprint(root.public)
    person, names = person_keys(recovery, organisation), PersonNames(organisation)
    now_us = clock.read().t_us
    directory = Directory(
        organisation=organisation,
        name=name,
        version=1,
        issued_us=now_us,
        expires_us=now_us + DIRECTORY_DAYS * DAY_US,
        root_key=root.public.hex(),
        platform=PlatformKeys(
            address="",
            grant_key=public.grant.hex(),
            receipt_key=public.receipt.hex(),
            witness_key=public.witness.hex(),
            witness_name=witness_name(organisation),
        ),
        people=(
            Person(
                id=admin,
                name=admin,
                roles=("admin",),
                projects=(),
                person_key=person.signing.public.hex(),
                reading_key=person.reading.public.hex(),
            ),
        ),
        projects=(),
        policies=(),
        revocations=(),
    )
    for key_name, secret in (
        (f"root/{organisation}", root.seed),
        (names.recovery, recovery),
        (names.signing, person.signing.seed),
        (names.reading, person.reading.seed),
    ):
        keys.put(key_name, secret)
    token = found(config, root.public, sign_directory(directory, root), clock)
    keys.put(f"platform/{organisation}/token", token.encode())
    return Founded(organisation, token)


class AdminDesk:
    """What an admin does on a running platform.

    Args:
        client: speaks with the admin's token.
        keys: holds the root key of `organisation`.
        clock: for new versions and epochs.
        folder: remembers the highest version and the last head of the log, and keeps evidence, so that nothing is ever
            signed on top of a directory that the platform rolled back. None: remembers nothing.

    Raises:
        EnvironmentFault: the root key is not in `keys`.
    """

    def __init__(
        self, client: PlatformClient, organisation: str, *, keys: KeyStore, clock: Clock, folder: Path | None = None
    ) -> None:
        seed = keys.get(f"root/{organisation}")
        if seed is None:
            raise EnvironmentFault("The organisation's root key is not on this computer. Use the computer that founded it.")
        self._root = SigningKey.from_seed(seed, f"root/{organisation}")
        self._client = client
        self._keys = keys
        self._clock = clock
        self._folder = folder

    @property
    def address(self) -> str:
        """Of the platform."""
        return self._client.address

    def directory(self) -> Directory:
        """The directory in force.

        Raises:
            EnvironmentFault: as the platform answers. IntegrityFault: it is not this root key's.
            PlatformFault: it, or the organisation log, takes back what was seen here before.
        """
        raw = self.ask(Request("directory", "GET", "/v1/directory", most_bytes=DIRECTORY_BYTES)).body
        seen = self._seen(raw)
        if seen is not None:
            seen.offer(raw)
            LogWatch(self._client, seen).look()
        return open_directory(raw, self._root.public)

    def _seen(self, raw: bytes) -> Organisation | None:
        """What this office saw of its organisation, with `raw` as its first directory; None where it remembers nothing."""
        if self._folder is None:
            return None
        if (self._folder / "directory.dsse").is_file():
            return Organisation(self._folder, fingerprint(self._root.public))
        return Organisation.found(self._folder, fingerprint(self._root.public), raw, self._client.address)

    def invite(self, person: str, name: str, roles: tuple[str, ...], projects: tuple[str, ...] = ()) -> Invitation:
        """A one-time code for a person, to reach them outside the platform. Raises `EnvironmentFault`."""
        wish = {"person": person, "name": name, "roles": roles, "projects": projects}
        return self.told(Request("invitation", "POST", "/v1/invitations", msgspec.json.encode(wish)), Invitation)

    def enrolments(self) -> tuple[Enrolment, ...]:
        """Who has enrolled and is not in the directory with these keys, the first posting of each person last.

        Raises:
            EnvironmentFault: as the platform answers.
            IntegrityFault: somebody's person key did not sign the reading key that is shown beside it.
        """
        found = self.told(Request("enrolments", "GET", "/v1/enrolments"), Enrolments).enrolments
        for one in found:
            certificate = open_statement(one.device_certificate.encode(), DeviceCertificate, bytes.fromhex(one.person_key))
            signed = (certificate.organisation, certificate.person, certificate.reading_key)
            if signed != (fingerprint(self._root.public), one.person, one.reading_key):
                raise IntegrityFault(f"the keys that the platform shows for “{one.person}” do not belong together")
        return found

    def admit(self, shown: Sequence[Newcomer] | None = None) -> tuple[str, ...]:
        """Signs newcomers into the directory: these, or everybody who has enrolled since; returns their ids.

        Review keys begin a new epoch where the reviewers of a project changed, so that a new reviewer can read what is
        sealed from now on.

        Args:
            shown: what the admin saw of each; a newcomer of whom the platform says anything else now is refused.

        Raises:
            InputFault: somebody in `shown` does not wait.
            IntegrityFault: somebody's keys, name, roles or projects changed since they were shown.
            EnvironmentFault: as the platform answers.
        """
        posted = {one.person: one for one in reversed(self.enrolments())}
        for wanted in shown or ():
            waits = posted.get(wanted.person)
            if waits is None:  # asked for a moment ago, and the platform does not tell of them now
                raise InputFault(f"person: “{wanted.person}” is not among those who wait.")
            if (waits.person_key, waits.reading_key) != (wanted.person_key, wanted.reading_key):
                raise IntegrityFault(
                    f"the keys of “{wanted.person}” are others than those whose six words were shown; compare again"
                )
            if (waits.name, waits.roles, waits.projects) != (wanted.name, wanted.roles, wanted.projects):
                raise IntegrityFault(
                    f"the name, roles or projects of “{wanted.person}” are others than those that were shown; look again"
                )
        if shown is not None:
            posted = {one.person: posted[one.person] for one in shown}
        newcomers = {
            one.person: Person(
                id=one.person,
                name=one.name,
                roles=one.roles,
                projects=one.projects,
                person_key=one.person_key,
                reading_key=one.reading_key,
            )
            for one in posted.values()
        }
        if not newcomers:
            return ()
        held = self.directory()
        people = tuple(one for one in held.people if one.id not in newcomers) + tuple(newcomers.values())
        self._put_people(held, people)
        return tuple(newcomers)

    def change(self, person: str, roles: Sequence[str], projects: Sequence[str]) -> None:
        """Gives a person these roles and projects and no others.

        Review keys begin a new epoch where the reviewers of a project changed, so that who left reads nothing sealed later.

        Raises:
            InputFault: nobody of that name, no such role or project, or nobody would be admin any more; names the field.
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        held = self.directory()
        member = held.person(person)
        if member is None:
            raise InputFault(f"person: the directory has no “{person}”.")
        wrong = [role for role in roles if role not in ROLES]
        if wrong:
            raise InputFault(f"roles: {wrong[0]} is none of {', '.join(ROLES)}.")
        unknown = [project for project in projects if held.project(project) is None]
        if unknown:
            raise InputFault(f"projects: the directory has no project “{unknown[0]}”.")
        changed = msgspec.structs.replace(member, roles=tuple(roles), projects=tuple(projects))
        people = tuple(changed if one.id == person else one for one in held.people)
        self._put_people(held, people)

    def remove(self, person: str) -> None:
        """Takes a person out of the directory; their tokens open nothing from then on, their sessions stay readable.

        Raises:
            InputFault: nobody of that name, or nobody would be admin any more; names the field.
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        self.publish(amending.without_person(self.directory(), person, self.now_us()))

    def devices(self, held: Directory) -> tuple[EnrolledDevice, ...]:
        """The devices of all members of `held`, by person: those whose certificate the person key there signed.

        What the platform shows is believed only so far. A device that it hides cannot be seen here: to be sure, the keys of
        the person are revoked, on which all their devices rest.

        Raises:
            EnvironmentFault: as the platform answers.
            IntegrityFault: a certificate that it shows is not of the person beside it.
        """
        found: list[EnrolledDevice] = []
        for one in self.told(Request("devices", "GET", "/v1/devices"), Devices).devices:
            member = held.person(one.person)
            if member is None or member.person_key != one.person_key:
                continue  # who left, and devices of keys that were replaced: nothing rests on them
            certificate = open_statement(
                one.device_certificate.encode(), DeviceCertificate, bytes.fromhex(member.person_key)
            )
            if (certificate.organisation, certificate.person) != (held.organisation, one.person):
                raise IntegrityFault(f"a device that the platform shows for “{one.person}” is not theirs")
            named = (certificate.person, certificate.device, certificate.device_key, certificate.issued_us)
            found.append(EnrolledDevice(*named, one.cosigned_us))
        return tuple(sorted(found, key=lambda one: (one.person, one.issued_us, one.device)))

    def revoke_device(self, person: str, device: str, since_us: int | None = None) -> None:
        """From `since_us` on (now where None) nothing that this device signs counts; what was cosigned before stands.

        Raises:
            InputFault: no such device, a time that is still to come, or it is revoked already; names the field.
            EnvironmentFault, IntegrityFault: as `devices`.
        """
        keys = [one.device_key for one in self.devices(self.directory()) if (one.person, one.device) == (person, device)]
        if not keys:
            raise InputFault(f"device: “{person}” has no device “{device}”.")
        self._revoke(keys, since_us)

    def revoke_person(self, person: str, since_us: int | None = None) -> None:
        """From `since_us` on (now where None) no key of this person counts, on any device. They may enrol anew.

        Review keys begin a new epoch where they reviewed, which their reading key does not open.

        Raises:
            InputFault: nobody of that name, a time that is still to come, revoked already, or nobody would be admin any
                more; names the field.
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        member = self.directory().person(person)
        if member is None:
            raise InputFault(f"person: the directory has no “{person}”.")
        self._revoke([member.person_key], since_us)

    def renew(self, within_days: int = RENEW_DAYS) -> bool:
        """Signs anew what ends within so many days, and empties wraps whose retention is over; whether anything was.

        Raises:
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        held, now_us = self.directory(), self.now_us()
        changed = amending.renewed(held, now_us, within_days)
        retired = amending.without_old_wraps(changed or held, now_us, self._longest_retention_days(held))
        new = retired or changed
        if new is not None:
            self.publish(new)
        return new is not None

    def begin_epoch(self, project: str) -> None:
        """A new review key for what is sealed in this project from now on.

        Raises:
            InputFault: no such project. EnvironmentFault, IntegrityFault: as the platform answers.
        """
        held = self.directory()
        if held.project(project) is None:
            raise InputFault(f"project: the directory has no project “{project}”.")
        begun = tuple(
            amending.with_next_epoch(held, one, self.now_us()) if one.id == project else one for one in held.projects
        )
        self.publish(msgspec.structs.replace(held, projects=begun))

    def grant_earlier(self, project: str, person: str) -> tuple[int, ...]:
        """Grants a reviewer the earlier epochs that the admin's own reading key opens; returns which.

        Raises:
            InputFault: no such project or reviewer, or the admin's key opens none that they lack; names the field.
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        held = self.directory()
        seeds = [self._keys.get(f"person/{held.organisation}/{purpose}") for purpose in ("signing", "reading")]
        signing, reading = seeds
        own = SigningKey.from_seed(signing, "admin").public.hex() if signing is not None else ""
        granter = next((one.id for one in held.people if one.person_key == own), "")
        if reading is None or not granter:
            raise InputFault("project: the keys of the admin as a reviewer are not on this computer.")
        changed, granted = amending.with_earlier_epochs(held, project, person, granter, ReadingKey.from_seed(reading))
        self.publish(changed)
        return granted

    def policy(self, sha256: str) -> bytes:
        """The TOML of a policy that the directory names. Raises `EnvironmentFault`, `IntegrityFault`."""
        toml = self.ask(Request("policy", "GET", f"/v1/policies/{sha256}", most_bytes=POLICY_BYTES)).body
        if policy_digest(toml) != sha256:
            raise IntegrityFault("the platform gave another policy than the one that the directory names")
        return toml

    def put_project(self, project: str, name: str, policy_toml: bytes) -> None:
        """Adds a project under a policy, or puts it under another policy.

        Raises:
            InputFault: the policy has a value that cannot be taken, or names a catalogue that the platform does not have.
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        named = parse_policy(policy_toml).ai_tools.catalogue
        if named is not None:
            ensure_published(self._client, named)  # before anybody is held to it
        digest = policy_digest(policy_toml)
        self.ask(Request("policy", "PUT", f"/v1/policies/{digest}", policy_toml, content_type="application/toml"))
        held = self.directory()
        before = held.project(project)
        new = Project(id=project, name=name, policy_sha256=digest, review_keys=before.review_keys if before else ())
        new = amending.with_next_epoch(held, new, self.now_us())
        projects = (*(one for one in held.projects if one.id != project), new)
        policies = held.policies if digest in held.policies else (*held.policies, digest)
        self.publish(msgspec.structs.replace(held, projects=projects, policies=policies))

    def set_address(self, address: str) -> None:
        """Says in the directory where the platform is. Raises `EnvironmentFault`, `IntegrityFault`."""
        held = self.directory()
        platform = msgspec.structs.replace(held.platform, address=address)
        self.publish(msgspec.structs.replace(held, platform=platform))

    def remove_content(
        self, session_id: str, seal_sha256: str, ranges: tuple[tuple[int, int], ...], blobs: tuple[str, ...]
    ) -> None:
        """Has the platform take these sealed parts out of a session, under retention, signed by the root key.

        Raises:
            EnvironmentFault, IntegrityFault: as the platform answers.
        """
        seen = Organisation(self._folder, fingerprint(self._root.public)) if self._folder is not None else None
        watch = LogWatch(self._client, seen) if seen is not None else None
        head = watch.head() if watch is not None else LogHead()
        removal = Removal(
            organisation=fingerprint(self._root.public),
            session=session_id,
            seal_sha256=seal_sha256,
            ranges=ranges,
            blobs=blobs,
            reason="retention",
            by="organisation",
            at_us=self._clock.read().t_us,
            log_size=head.size,
            log_root=head.root,
        )
        raw = sign(removal, self._root)
        path = session_path(session_id, "/retention")
        self.ask(Request("retention", "POST", path, raw, content_type="application/vnd.dsse+json"))
        if watch is not None:
            watch.check_entered(raw)

    def _put_people(self, held: Directory, people: tuple[Person, ...]) -> None:
        self.publish(amending.with_people(held, people, self.now_us()))

    def _revoke(self, keys: Sequence[str], since_us: int | None) -> None:
        held, now_us = self.directory(), self.now_us()
        self.publish(amending.with_revocations(held, keys, now_us if since_us is None else since_us, now_us))

    def _longest_retention_days(self, held: Directory) -> int:
        """The longest that any policy of the directory keeps anything: sessions may be under any of them."""
        kept = [parse_policy(self.policy(one)).retention for one in held.policies]
        return max((max(one.captures_days, one.statistics_days, one.decisions_days) for one in kept), default=0)

    def now_us(self) -> int:
        """This computer's clock, UTC."""
        return self._clock.read().t_us

    def publish(self, directory: Directory) -> None:
        """Signs this as the next version and puts it in force. Raises `EnvironmentFault`, `IntegrityFault`, `InputFault`."""
        now_us = max(self._clock.read().t_us, directory.issued_us + 1)
        new = msgspec.structs.replace(
            directory, version=directory.version + 1, issued_us=now_us, expires_us=now_us + DIRECTORY_DAYS * DAY_US
        )
        signed = sign_directory(new, self._root)
        self.ask(Request("directory", "PUT", "/v1/directory", signed, content_type="application/vnd.dsse+json"))
        seen = self._seen(signed)
        if seen is not None:
            seen.offer(signed)
            LogWatch(self._client, seen).check_entered(signed)

    def told(self, request: Request, kind: type[T]) -> T:
        """What the platform answers the admin, as `kind`.

        Raises:
            EnvironmentFault: it does not do what was asked. IntegrityFault: its answer is not what it must be.
        """
        try:
            return msgspec.json.decode(self.ask(request).body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise IntegrityFault("the platform's answer is not what it must be") from error

    @property
    def client(self) -> PlatformClient:
        """How the platform is spoken to as the admin."""
        return self._client

    def ask(self, request: Request) -> Answer:
        """The platform's answer to the admin. Raises `EnvironmentFault` where it does not do what was asked."""
        answer = self._client.send(request)
        if not answer.done:
            raise EnvironmentFault(answer.words)
        return answer
