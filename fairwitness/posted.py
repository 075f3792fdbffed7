# SPDX-License-Identifier: Apache-2.0
"""What the platform tells an admin of people who join: enrolments, devices, codes. Nothing here is believed yet."""

from __future__ import annotations

import msgspec


class Enrolment(msgspec.Struct, frozen=True):
    """What somebody posted who joined with an invitation: to be signed into the directory."""

    person: str
    name: str
    roles: tuple[str, ...]
    projects: tuple[str, ...]
    person_key: str
    reading_key: str
    device_certificate: str


class Enrolments(msgspec.Struct, frozen=True):
    """Of `GET /v1/enrolments`."""

    enrolments: tuple[Enrolment, ...]


class EnrolledDevice(msgspec.Struct, frozen=True):
    """A device of a member, as its certificate names it: the person key of the directory signed that.

    `cosigned_us`: when something of it was countersigned last, as the platform says; 0 for never.
    """

    person: str
    device: str
    device_key: str
    issued_us: int
    cosigned_us: int


class Certified(msgspec.Struct, frozen=True):
    """A device as the platform shows it; believed as far as its certificate goes."""

    person: str
    person_key: str
    device_certificate: str
    cosigned_us: int = 0


class Devices(msgspec.Struct, frozen=True):
    """Of `GET /v1/devices`."""

    devices: tuple[Certified, ...]


class Invitation(msgspec.Struct, frozen=True):
    """A one-time code, and until when it opens (µs UTC)."""

    code: str
    expires_us: int
