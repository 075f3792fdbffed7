# SPDX-License-Identifier: Apache-2.0
"""The platform's own keys: grant, receipt, witness and log, each from a seed of its own.

Rules:

1. A seed is created once, on the first start, and never leaves `keys/` (folder 0700, files 0600).
2. A key that others can read is refused, not mended: what it signed is in doubt, and a person must decide.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from session import EnvironmentFault
from session.crypto.signing import SigningKey
from session.disk import RealDisk, environment_fault, make_private, write_whole


class PlatformKeys(msgspec.Struct, frozen=True):
    """The four signing keys."""

    grant: SigningKey
    receipt: SigningKey
    witness: SigningKey
    log: SigningKey

    @property
    def public(self) -> PublicKeys:
        """What the directory names."""
        return PublicKeys(
            grant=self.grant.public, receipt=self.receipt.public, witness=self.witness.public, log=self.log.public
        )


class PublicKeys(msgspec.Struct, frozen=True):
    """The four public keys, 32 bytes each, for the root to sign into the directory."""

    grant: bytes
    receipt: bytes
    witness: bytes
    log: bytes


def private_folder(folder: Path) -> None:
    """The platform's folder is there, for its account alone. Raises `EnvironmentFault` where it cannot be made."""
    try:
        make_private(folder)
    except OSError as error:
        raise environment_fault(error, "opening the platform's folder") from error


def _load(folder: Path, name: str) -> SigningKey:
    path = folder / f"{name}.seed"
    if not path.exists():
        write_whole(RealDisk(), folder, path.name, SigningKey.generate().seed)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise EnvironmentFault(f"The platform's {name} key can be read by others: run chmod 600 on it, or make a new one.")
    seed = path.read_bytes()
    if len(seed) != 32:
        raise EnvironmentFault(f"The platform's {name} key file does not hold 32 bytes: restore it from your backup.")
    return SigningKey.from_seed(seed)


def load_keys(folder: Path) -> PlatformKeys:
    """The keys in `folder`/keys, created where they are missing; durable when this returns.

    Raises:
        EnvironmentFault: a key file is readable by others or has not 32 bytes.
    """
    keys = folder / "keys"
    private_folder(keys)
    RealDisk().fsync_dir(folder)
    return PlatformKeys(
        grant=_load(keys, "grant"), receipt=_load(keys, "receipt"), witness=_load(keys, "witness"), log=_load(keys, "log")
    )
