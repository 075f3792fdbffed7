# SPDX-License-Identifier: Apache-2.0
"""First set-up, on the platform's own machine: its keys, then the organisation's first directory.

Order: `platform_keys` tells the four public keys; the root signs a directory that names them, elsewhere; `found` takes
that directory and gives the admin's token. The root's private key never comes here.
"""

from __future__ import annotations

from pathlib import Path

from server.access.tokens import issue_token
from server.config import ServerConfig
from server.core import Core
from server.keys import KeyRing, PublicKeys, load_keys, private_folder
from server.store import rows, tables
from session import InputFault
from session.crypto.signing import fingerprint
from session.ports import Clock
from session.trust.directory import Directory, open_directory


def platform_keys(folder: Path) -> PublicKeys:
    """The public keys of the platform in `folder`, created on the first call; the same ever after.

    Raises:
        EnvironmentFault: a key file is readable by others or damaged.
    """
    private_folder(folder)
    return load_keys(folder).public


def found(config: ServerConfig, root_public: bytes, directory: bytes, clock: Clock, *, admin: str = "") -> str:
    """Founds the organisation on its first directory and returns the admin's token, which is kept nowhere else.

    Args:
        config: of the platform, which must not be founded yet.
        root_public: the organisation's root key, 32 bytes.
        directory: its first directory as signed, naming the platform's keys and at least one admin.
        clock: of the platform.
        admin: whose token it is; "" for the directory's first admin.

    Raises:
        IntegrityFault: the root did not sign the directory, or it contradicts itself.
        InputFault: founded already, other platform keys, an expired directory, or no such admin; names the field.
        EnvironmentFault: the folder or database cannot be used.
    """
    opened = open_directory(directory, root_public)
    core = Core(config, clock)
    try:
        check_keys(opened, core.ring)
        person = next((one for one in opened.people if "admin" in one.roles and admin in ("", one.id)), None)
        if person is None:
            raise InputFault("people: the directory names no such admin.")
        if not opened.valid_at(core.now_us()):
            raise InputFault("expires_us: the directory is not in force now.")
        with core.writing() as connection:
            if rows.organisation(connection) is not None:
                raise InputFault("folder: this platform has its organisation already.")
            row = rows.Organisation(fingerprint(root_public), root_public, core.now_us())
            values = {"only": 1, "fingerprint": row.fingerprint, "root_public": root_public, "founded_us": row.founded_us}
            connection.execute(tables.organisation.insert().values(**values))
            core.adopt(connection, opened, directory)
            return issue_token(connection, core, person=person.id, person_key=person.person_key, device_key="")
    finally:
        core.close()


def check_keys(directory: Directory, ours: KeyRing) -> None:
    """Raises `InputFault` unless the directory names this platform's grant, receipt and witness keys, in use or prepared."""
    for name in ("grant", "receipt", "witness"):
        held = [getattr(keys, name).public.hex() for keys in (ours.current, ours.following)]
        if getattr(directory.platform, f"{name}_key") not in held:
            raise InputFault(f"platform.{name}_key: is not this platform's; see what its set-up printed.")


def check_ends(held: Directory, offered: Directory) -> None:
    """Raises `InputFault` unless each key of the platform that gives way to another is revoked, at whatever time.

    Without that whoever had a copy of it could sign for ever what every verifier takes. A revocation stays, too: readers go
    by every directory that they know, and would refuse what the platform takes by the newest alone.
    """
    for one in held.revocations:
        since_us = offered.revoked_us(one.revoked_key)
        if since_us is None or since_us > one.revoked_us:
            raise InputFault("revocations: one that is in force is missing, or was made later. A revocation stays.")
    for name in ("grant_key", "receipt_key", "witness_key"):
        before = getattr(held.platform, name)
        if getattr(offered.platform, name) != before and offered.revoked_us(before) is None:
            raise InputFault(f"revocations: the platform's former {name} must end at some time.")
