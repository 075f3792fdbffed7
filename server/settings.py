# SPDX-License-Identifier: Apache-2.0
"""The platform's settings file: what an admin may set of its limits, and which reverse proxies are trusted.

One table says what may be set, within which bounds, and what it is for: the reader, its errors and docs/installing.md go by
it.
What is not in it is fixed by the interface that clients rely on, or by the session format, and is refused by name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from server.config import MIB, Limits
from server.forwarded import networks
from session import InputFault
from session.segments import read_file

FILE: Final = "platform.toml"
"""Its name in the platform's folder."""
FILE_BYTES: Final = 64 * 1024


class Setting(msgspec.Struct, frozen=True):
    """One limit that may be set. `least`, `most`: both included. `meaning`: for docs/installing.md."""

    least: int
    most: int
    meaning: str


SETTINGS: Final[Mapping[str, Setting]] = {
    "session_max_bytes": Setting(64 * MIB, 1 << 40, "all files of one session"),
    "session_max_blobs": Setting(100, 1_000_000, "how many files one session may have"),
    "unsealed_max_bytes": Setting(64 * MIB, 1 << 44, "all files of one person's sessions that are not sealed yet"),
    "invitation_s": Setting(600, 30 * 86_400, "how long an invitation's code opens"),
    "enrol_per_minute": Setting(1, 1_000, "wrong codes of one address in a minute; of all ten times that"),
    "access_s": Setting(60, 86_400, "for how long one entry “fetched” in the log covers further files of a session"),
    "head_s": Setting(1, 300, "how long the head of a request may take"),
    "body_s": Setting(1, 3_600, "how long a body may take before its rate is looked at"),
    "answer_s": Setting(5, 3_600, "how long an answer may stand still"),
    "connections_most": Setting(10, 100_000, "connections in all; fewer where the system gives the process fewer files"),
    "connections_of_one": Setting(1, 100_000, "connections of one address, but for trusted proxies"),
    "requests_most": Setting(1, 10_000, "requests at once in all"),
    "requests_of_one": Setting(1, 10_000, "requests at once of one address"),
}
"""What may be set, in the order of the documentation."""


class Settings(msgspec.Struct, frozen=True):
    """What a settings file says; without one, the defaults."""

    limits: Limits = Limits()
    trusted_proxies: tuple[str, ...] = ()


def read_settings(path: Path) -> Settings:
    """The settings in `path`, checked whole before anything starts.

    Raises:
        InputFault: no such file, no TOML, an unknown field, or a value that cannot be taken; names file and field.
        EnvironmentFault: it cannot be read.
    """
    if not path.is_file():
        raise InputFault(f"config: there is no file {path}.")
    try:
        told = tomllib.loads(read_file(path, FILE_BYTES, "the platform's settings").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"{path.name}: is no TOML ({error}).") from error
    for name in told:
        if name not in {"trusted_proxies", "limits"}:
            raise InputFault(f"{path.name}: {name}: there is no such setting; there are trusted_proxies and [limits].")
    return Settings(_limits(path.name, told.get("limits", {})), _proxies(path.name, told.get("trusted_proxies", [])))


def _proxies(file: str, told: object) -> tuple[str, ...]:
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise InputFault(f'{file}: trusted_proxies: must be a list of networks, as ["10.0.0.0/8"].')
    try:
        networks(told)
    except InputFault as fault:
        raise InputFault(f"{file}: {fault}") from fault
    return tuple(told)


def _limits(file: str, told: object) -> Limits:
    if not isinstance(told, dict):
        raise InputFault(f"{file}: limits: must be a table, [limits].")
    for name, value in told.items():
        setting = SETTINGS.get(name)
        if setting is None:
            fixed = name in Limits.__struct_fields__
            why = "is fixed by the interface that clients rely on" if fixed else "there is no such setting"
            raise InputFault(f"{file}: limits.{name}: {why}.")
        if type(value) is not int or not setting.least <= value <= setting.most:
            raise InputFault(f"{file}: limits.{name}: must be a whole number from {setting.least} to {setting.most}.")
    limits = msgspec.structs.replace(Limits(), **told)
    for one, of_all in (
        ("connections_of_one", "connections_most"),
        ("requests_of_one", "requests_most"),
        ("session_max_bytes", "unsealed_max_bytes"),
    ):
        if getattr(limits, one) > getattr(limits, of_all):
            most = getattr(limits, of_all)
            raise InputFault(f"{file}: limits.{one}: is more than limits.{of_all}, {most}: set both, or it says nothing.")
    return limits
