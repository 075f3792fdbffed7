# SPDX-License-Identifier: Apache-2.0
"""The admin's office on this computer: the root key here, the platform over HTTP.

Rules:

1. Only keys whose six words were shown are signed in, as the window shows them: what changes in between is refused.
2. What cannot be taken is refused here, with its field, before anything is signed or sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.clock import SystemClock
from fairwitness import renewing
from fairwitness.inviting import Invitations
from fairwitness.opening import reading_keys
from fairwitness.organisation import AdminDesk
from fairwitness.places import Places
from session import EnvironmentFault, InputFault
from session.crypto.signing import SigningKey, fingerprint, six_words
from session.desks import Owner
from session.disk import RealDisk, environment_fault, make_private, write_whole
from session.offices import Invited, MemberDevice, Newcomer, Renewal, Standing
from session.ports import Clock, KeyStore
from session.rates.shown import Sums
from session.segments import read_file
from session.trust.directory import Directory
from session.trust.lifetime import WARN_DAYS, due
from uploader.client import PlatformClient

NO_ROOT: Final = (
    "There is no organisation's root key on this computer. Use the computer on which the organisation was founded, bring "
    "the key back from both recovery shares (fairwitness root restore --platform ADDRESS), or found an organisation: "
    "fairwitness found NAME --folder PLATFORM"
)
NO_ADDRESS: Final = "Where is your organisation's platform? Say it once: fairwitness admin --platform ADDRESS"
NO_ADMISSION: Final = (
    "The admin's token is not on this computer any more. Get a new one with both recovery shares: "
    "fairwitness root restore --platform ADDRESS"
)
OFFICE: Final = "office"
_ADDRESS: Final = "address"


class Office:
    """Fulfils `session.offices.AdminOffice`.

    Args:
        desk: signs with the root key and speaks to the platform.
        owner: who administers.
        invitations: makes codes and keeps them here.
        clock: for what ends soon.
        store: with the admin's own reading key, which sums are read with.
    """

    def __init__(self, desk: AdminDesk, owner: Owner, invitations: Invitations, clock: Clock, store: KeyStore) -> None:
        self._desk, self._owner, self._invitations, self._clock = desk, owner, invitations, clock
        self._store = store

    def owner(self) -> Owner:
        """Who administers here."""
        return self._owner

    def standing(self) -> Standing:
        """All that the office shows. Raises `EnvironmentFault`, `IntegrityFault`."""
        directory, now_us = self._desk.directory(), self._clock.read().t_us
        return Standing(
            directory=directory,
            newcomers=self._waiting(directory),
            devices=self._devices(directory),
            invited=tuple(self.invited()),
            due=due(directory, now_us, WARN_DAYS),
            now_us=now_us,
        )

    def directory(self) -> Directory:
        """The version in force. Raises `EnvironmentFault`, `IntegrityFault`."""
        return self._desk.directory()

    def newcomers(self) -> Sequence[Newcomer]:
        """Who waits to be signed in: enrolled, and not in the directory with these keys."""
        return self._waiting(self._desk.directory())

    def _waiting(self, held: Directory) -> tuple[Newcomer, ...]:
        found: dict[str, Newcomer] = {}
        for one in reversed(self._desk.enrolments()):
            member = held.person(one.person)
            if member is None or (member.person_key, member.reading_key) != (one.person_key, one.reading_key):
                words = tuple(six_words(fingerprint(bytes.fromhex(one.person_key))))
                keys = (one.person_key, one.reading_key)
                found[one.person] = Newcomer(one.person, one.name, one.roles, one.projects, words, *keys)
        return tuple(found.values())

    def invite(self, person: str, name: str, roles: Sequence[str], projects: Sequence[str]) -> str:
        """An enrolment link for that person. Raises `InputFault`, `EnvironmentFault`."""
        if not person.strip():
            raise InputFault("person: somebody who is invited has an identifier.")
        if not roles:
            raise InputFault("roles: somebody who is invited has at least one role.")
        return self._invitations.make(person.strip(), name.strip() or person.strip(), tuple(roles), tuple(projects))

    def invited(self) -> Sequence[Invited]:
        """The codes that still open something. Raises `EnvironmentFault`."""
        return self._invitations.open()

    def withdraw(self, code_sha256: str) -> None:
        """Takes a code back. Raises `EnvironmentFault`."""
        self._invitations.withdraw(code_sha256)

    def admit(self, newcomers: Sequence[Newcomer]) -> Directory:
        """Signs these newcomers into the directory, as they were shown.

        Raises:
            InputFault: somebody does not wait.
            EnvironmentFault, IntegrityFault: as the platform answers, or it says something else of them since then.
        """
        self._desk.admit(newcomers)
        return self._desk.directory()

    def change(self, person: str, roles: Sequence[str], projects: Sequence[str]) -> Directory:
        """Gives a person these roles and projects and no others."""
        self._desk.change(person, roles, projects)
        return self._desk.directory()

    def remove(self, person: str) -> Directory:
        """Takes a person out of the directory."""
        self._desk.remove(person)
        return self._desk.directory()

    def devices(self) -> Sequence[MemberDevice]:
        """The devices of all members, by person. Raises `EnvironmentFault`, `IntegrityFault`."""
        return self._devices(self._desk.directory())

    def _devices(self, held: Directory) -> tuple[MemberDevice, ...]:
        listed = []
        for one in self._desk.devices(held):
            member = held.person(one.person)
            keys = (one.device_key, *((member.person_key,) if member is not None else ()))
            times = [since_us for key in keys if (since_us := held.revoked_us(key)) is not None]
            words = tuple(six_words(fingerprint(bytes.fromhex(one.device_key))))
            revoked_us = min(times, default=None)
            listed.append(MemberDevice(one.person, one.device, words, one.issued_us, revoked_us, one.cosigned_us))
        return tuple(listed)

    def revoke_device(self, person: str, device: str, since_us: int | None = None) -> Directory:
        """Nothing that this device signs counts from then on."""
        self._desk.revoke_device(person, device, since_us)
        return self._desk.directory()

    def revoke_person(self, person: str, since_us: int | None = None) -> Directory:
        """Nothing that any key of this person signs counts from then on."""
        self._desk.revoke_person(person, since_us)
        return self._desk.directory()

    def renew(self) -> bool:
        """Signs anew what of the directory ends within 30 days; whether anything was."""
        return self._desk.renew()

    def platform_renewal(self) -> Renewal:
        """The new keys that were prepared on the platform. Raises as `renewing.waiting`."""
        return renewing.waiting(self._desk)

    def renew_platform(self, renewal: Renewal, *, stolen: bool) -> Directory:
        """Signs in the platform's keys as they were shown. Raises as `renewing.sign_in`."""
        return renewing.sign_in(self._desk, renewal, stolen=stolen)

    def begin_epoch(self, project: str) -> Directory:
        """A new review key for what is sealed in this project from now on."""
        self._desk.begin_epoch(project)
        return self._desk.directory()

    def grant_earlier(self, project: str, person: str) -> Sequence[int]:
        """Grants a reviewer the earlier review keys that the admin's own key opens."""
        return self._desk.grant_earlier(project, person)

    def sums(self, period: int | None = None) -> Sums:
        """How often questions on trial were raised in that period. Raises as `rates_table.table_of` does."""
        from fairwitness.rates_table import read_sums  # noqa: PLC0415 - it reads this module; seldom wanted

        return read_sums(self._desk, reading_keys(self._store), period, self._clock)

    def policy(self, sha256: str) -> bytes:
        """The TOML of a policy."""
        return self._desk.policy(sha256)

    def publish(self, project: str, name: str, policy_toml: bytes) -> Directory:
        """Puts a project under this policy."""
        if not project.strip():
            raise InputFault("project: a project has an identifier.")
        self._desk.put_project(project.strip(), name.strip() or project.strip(), policy_toml)
        return self._desk.directory()


def open_office(home: Path | None, platform: str = "", clock: Clock | None = None) -> Office:
    """The office of the admin whose root key is on this computer.

    Args:
        home: the agent's folder.
        platform: its address, needed the first time and remembered; "" for the remembered one.
        clock: None for this computer's.

    Raises:
        EnvironmentFault: no root key, token or address; or the platform cannot be reached; says what to do.
        IntegrityFault: the platform's directory is not this root key's.
    """
    places, clock = Places(home), clock or SystemClock()
    store = places.key_store()
    desk = admin_desk(home, platform, clock)
    directory, address = desk.directory(), desk.address
    if directory.platform.address != address and platform.strip():
        desk.set_address(address)
        directory = desk.directory()
    remember_address(places, address)
    admins = [one for one in directory.people if "admin" in one.roles]
    own = _own_key(store.get(f"person/{directory.organisation}/signing"))
    me = next((one for one in admins if one.person_key == own), admins[0])
    owner = Owner(me.id, me.name, directory.organisation, tuple(six_words(directory.organisation)))
    return Office(desk, owner, Invitations(desk, owner.organisation, address, keys=store, clock=clock), clock, store)


def admin_desk(home: Path | None, platform: str, clock: Clock) -> AdminDesk:
    """What signs with the root key on this computer and speaks to its platform. Raises `EnvironmentFault`."""
    places = Places(home)
    store = places.key_store()
    roots = [name.removeprefix("root/") for name in store.names("root/")]
    if not roots:
        raise EnvironmentFault(NO_ROOT)
    organisation = roots[0]
    token = store.get(f"platform/{organisation}/token")
    if token is None:
        raise EnvironmentFault(NO_ADMISSION)
    remembered = places.folder / OFFICE
    address = platform.strip() or _remembered(remembered)
    if not address:
        raise EnvironmentFault(NO_ADDRESS)
    client = PlatformClient(address, token.decode(), clock=clock)
    return AdminDesk(client, organisation, keys=store, clock=clock, folder=remembered)


def _own_key(seed: bytes | None) -> str:
    return SigningKey.from_seed(seed, "admin").public.hex() if seed is not None else ""


def _remembered(folder: Path) -> str:
    path = folder / _ADDRESS
    return read_file(path, 4096, "the platform's address").decode("utf-8", "replace").strip() if path.is_file() else ""


def remember_address(places: Places, address: str) -> None:
    """Keeps where the platform is, for the next time. Raises `EnvironmentFault` where the disk refuses."""
    folder = places.folder / OFFICE
    try:
        make_private(folder)
        write_whole(RealDisk(), folder, _ADDRESS, address.encode())
    except OSError as error:
        raise environment_fault(error, "remembering the platform's address") from error
