# SPDX-License-Identifier: Apache-2.0
"""What the admin's window asks of the program behind it; the rules of `session.desks` hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from session.desks import Owner
from session.rates.shown import Sums
from session.trust.directory import Directory
from session.trust.lifetime import Due


class Newcomer(msgspec.Struct, frozen=True):
    """Who enrolled and is not in the directory yet.

    `words`: of their person key, to be compared by voice. Both keys are hexadecimal: whoever is signed in is who was shown.
    """

    person: str
    name: str
    roles: tuple[str, ...]
    projects: tuple[str, ...]
    words: tuple[str, ...]
    person_key: str
    reading_key: str


class MemberDevice(msgspec.Struct, frozen=True):
    """A device of a member.

    Args:
        words: six, of its key.
        certified_us: since when the member vouches for it, µs UTC. It holds until it is revoked: it has no end of its own.
        revoked_us: since when nothing counts that it signs, by its own key or its person's; None where it is trusted.
        cosigned_us: when the platform last countersigned something of it, as the platform says; 0 for never.
    """

    person: str
    device: str
    words: tuple[str, ...]
    certified_us: int
    revoked_us: int | None = None
    cosigned_us: int = 0


class Invited(msgspec.Struct, frozen=True):
    """A code that still opens something.

    Args:
        code_sha256: by which the platform knows it, hexadecimal.
        expires_us: µs UTC.
        link: to be handed over; "" where the code was made on another computer.
    """

    code_sha256: str
    person: str
    name: str
    roles: tuple[str, ...]
    projects: tuple[str, ...]
    expires_us: int
    link: str = ""


class Renewal(msgspec.Struct, frozen=True):
    """New keys that wait on the platform.

    Args:
        names: which of `grant`, `receipt`, `witness` and `log` change.
        words: the six words of all four as they will be, to be compared with those on the platform's screen.
        platform_us: the platform's time when it told, UTC µs.
        grant, receipt, witness: public keys as they will be, hexadecimal.
    """

    names: tuple[str, ...]
    words: tuple[str, ...]
    platform_us: int
    grant: str
    receipt: str
    witness: str


class Standing(msgspec.Struct, frozen=True):
    """All that the office shows, as it is at `now_us` (µs UTC, this computer's clock).

    `due`: what of the directory ends within `WARN_DAYS`.
    """

    directory: Directory
    newcomers: tuple[Newcomer, ...]
    devices: tuple[MemberDevice, ...]
    invited: tuple[Invited, ...]
    due: tuple[Due, ...]
    now_us: int


class AdminOffice(Protocol):
    """An admin with the root key on this computer. All may take long; all may raise `IntegrityFault`."""

    def owner(self) -> Owner:
        """Who administers here; returns at once."""
        ...

    def standing(self) -> Standing:
        """The directory in force, who waits, the devices of all members, codes that are open, and what ends soon."""
        ...

    def invite(self, person: str, name: str, roles: Sequence[str], projects: Sequence[str]) -> str:
        """An enrolment link for that person, to reach them outside the platform; kept here until it is used or expires."""
        ...

    def withdraw(self, code_sha256: str) -> None:
        """Takes a code back: it opens nothing any more."""
        ...

    def admit(self, newcomers: Sequence[Newcomer]) -> Directory:
        """Signs these into the directory, as they were shown. `IntegrityFault` where somebody else waits under the name."""
        ...

    def change(self, person: str, roles: Sequence[str], projects: Sequence[str]) -> Directory:
        """Gives a person these roles and projects and no others; review keys begin a new epoch where reviewers changed."""
        ...

    def remove(self, person: str) -> Directory:
        """Takes a person out of the directory: their tokens stop, their sessions stay readable for others."""
        ...

    def revoke_device(self, person: str, device: str, since_us: int | None = None) -> Directory:
        """Nothing that this device signs counts from then on (now where None); what was countersigned before stands."""
        ...

    def revoke_person(self, person: str, since_us: int | None = None) -> Directory:
        """As `revoke_device`, for every key of the person on every device; they enrol anew. Review keys begin anew."""
        ...

    def renew(self) -> bool:
        """Signs anew what of the directory ends within 30 days; whether anything was."""
        ...

    def platform_renewal(self) -> Renewal:
        """The new keys that were prepared on the platform. `InputFault` where none were."""
        ...

    def renew_platform(self, renewal: Renewal, *, stolen: bool) -> Directory:
        """Signs in the platform's keys as they were shown, and ends the ones before; once more, it changes nothing.

        `stolen`: somebody else may have those, so they end now, and not when everything that rests on them can have ended.
        """
        ...

    def begin_epoch(self, project: str) -> Directory:
        """A new review key for what is sealed in this project from now on, for its reviewers of now."""
        ...

    def grant_earlier(self, project: str, person: str) -> Sequence[int]:
        """Grants a reviewer the earlier review keys of a project that the admin's own key opens; returns their epochs."""
        ...

    def sums(self, period: int | None = None) -> Sums:
        """How often questions on trial were raised in a period, as sums of ten people or more; the newest where None."""
        ...

    def policy(self, sha256: str) -> bytes:
        """The TOML of a policy that the directory names."""
        ...

    def publish(self, project: str, name: str, policy_toml: bytes) -> Directory:
        """Puts a project (new or not) under this policy: checked, uploaded, named by a newly signed directory."""
        ...
