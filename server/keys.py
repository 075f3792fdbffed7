# SPDX-License-Identifier: Apache-2.0
"""The platform's own keys: grant, receipt, witness and log, each from a seed of its own.

Rules:

1. A seed is created here, and never leaves `keys/` (folder 0700, files 0600).
2. A key that others can read is refused, not mended: what it signed is in doubt, and a person must decide.
3. New keys are made in `keys/next/` and sign nothing until the root has signed a directory that names them. Which of the two
   a key is goes by the directory in force, so a crash between that directory and the move of the files harms nothing.
4. A seed that gave way is overwritten. Only a witness's that was not stolen is kept for longer, in `keys/former/`, until its
   revocation: it goes on cosigning sessions that were granted under a directory that names it, and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

import msgspec

from session import EnvironmentFault
from session.crypto.signing import SigningKey
from session.disk import RealDisk, environment_fault, erase, make_private, rewrite, write_whole
from session.trust import directory as trust

NAMES: Final = ("grant", "receipt", "witness", "log")
NEXT: Final = "next"
FORMER: Final = "former"
STOLEN_WITHIN_US: Final = 3_600_000_000
"""A key that ends within an hour was stolen; a planned renewal lets it go on for as long as its grants are good."""


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


class KeyRing(msgspec.Struct, frozen=True):
    """Every key that a platform holds.

    Args:
        current: those of the last directory whose keys were put in place.
        following: the same with the prepared ones instead, where there are any.
        former: witness keys that gave way to newer ones and still cosign what was granted under them.
    """

    current: PlatformKeys
    following: PlatformKeys
    former: tuple[SigningKey, ...] = ()

    def named_by(self, platform: trust.PlatformKeys) -> PlatformKeys | None:
        """The keys that a directory names, each current or prepared; None where one of them is neither."""
        found: dict[str, SigningKey] = {}
        for name in ("grant", "receipt", "witness"):
            held: tuple[SigningKey, SigningKey] = (getattr(self.current, name), getattr(self.following, name))
            named = next((one for one in held if one.public.hex() == getattr(platform, f"{name}_key")), None)
            if named is None:
                return None
            found[name] = named
        return PlatformKeys(**found, log=self.current.log)

    def witness(self, public_key: str) -> SigningKey | None:
        """The witness key of that public key (hexadecimal), former ones too; None where this platform has none."""
        held = (self.current.witness, self.following.witness, *self.former)
        return next((one for one in held if one.public.hex() == public_key), None)


def private_folder(folder: Path) -> None:
    """The platform's folder is there, for its account alone. Raises `EnvironmentFault` where it cannot be made."""
    try:
        make_private(folder)
    except OSError as error:
        raise environment_fault(error, "opening the platform's folder") from error


def _read(path: Path, name: str) -> SigningKey:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise EnvironmentFault(f"The platform's {name} key can be read by others: run chmod 600 on it, or make a new one.")
    seed = path.read_bytes()
    if len(seed) != 32:
        raise EnvironmentFault(f"The platform's {name} key file does not hold 32 bytes: restore it from your backup.")
    return SigningKey.from_seed(seed)


def _load(folder: Path, name: str) -> SigningKey:
    path = folder / f"{name}.seed"
    if not path.exists():
        write_whole(RealDisk(), folder, path.name, SigningKey.generate().seed)
    return _read(path, name)


def load_keys(folder: Path) -> PlatformKeys:
    """The keys in `folder`/keys, created where they are missing; durable when this returns.

    Raises:
        EnvironmentFault: a key file is readable by others or has not 32 bytes.
    """
    keys = folder / "keys"
    private_folder(keys)
    RealDisk().fsync_dir(folder)
    return PlatformKeys(**{name: _load(keys, name) for name in NAMES})


def load_ring(folder: Path) -> KeyRing:
    """As `load_keys`, with those that are prepared and the former witness keys.

    Raises:
        EnvironmentFault: as `load_keys`, of any of them.
    """
    current = load_keys(folder)
    prepared = {name: _read(path, name) for name in NAMES if (path := _next(folder, name)).exists()}
    former = tuple(_read(path, "former witness") for path in sorted((folder / "keys" / FORMER).glob("*.seed")))
    return KeyRing(current, msgspec.structs.replace(current, **prepared), former)


def prepare(folder: Path, names: tuple[str, ...]) -> PublicKeys:
    """Makes new keys of these names, which sign nothing yet; those that were prepared before and not put in force go.

    A platform may serve from `folder` meanwhile.

    Args:
        folder: the platform's.
        names: of `NAMES`, at least one.

    Returns:
        All four public keys as they will be once a directory names them.

    Raises:
        EnvironmentFault: the folder cannot be written, or a key file is readable by others.
    """
    load_keys(folder)
    disk = RealDisk()
    try:
        make_private(folder / "keys" / NEXT)
        for name in NAMES:
            path = _next(folder, name)
            if path.exists():
                erase(disk, path)
            if name in names:
                write_whole(disk, path.parent, path.name, SigningKey.generate().seed)
        disk.fsync_dir(folder / "keys" / NEXT)
        disk.fsync_dir(folder / "keys")
    except OSError as error:
        raise environment_fault(error, "making new keys of the platform") from error
    return load_ring(folder).following.public


def settle(folder: Path, directory: trust.Directory, now_us: int) -> KeyRing:
    """Moves the prepared keys that `directory` names to their place, and overwrites those that gave way.

    The same again changes nothing; what broke off is finished by the next call. The prepared log key, which no directory
    names, goes with any other. Former witness keys go from their revocation on.

    Args:
        folder: the platform's.
        directory: in force.
        now_us: the platform's clock.

    Raises:
        EnvironmentFault: the disk, or a key file is readable by others; the keys of `directory` sign all the same.
    """
    disk, keys, ring = RealDisk(), folder / "keys", load_ring(folder)
    named = {f"{name}_key": getattr(ring.following, name).public.hex() for name in NAMES}
    going = [
        name
        for name in ("grant", "receipt", "witness")
        if _next(folder, name).exists() and getattr(directory.platform, f"{name}_key") == named[f"{name}_key"]
    ]
    if (going or not _any_prepared(folder, but="log")) and _next(folder, "log").exists():
        going.append("log")
    try:
        for name in going:
            old: SigningKey = getattr(ring.current, name)
            if name == "witness" and not _revoked(directory, old, now_us + STOLEN_WITHIN_US):
                make_private(keys / FORMER)
                write_whole(disk, keys / FORMER, _former_name(old), old.seed)
            rewrite(disk, keys, f"{name}.seed", getattr(ring.following, name).seed)
            erase(disk, _next(folder, name))
        for one in ring.former:
            if _revoked(directory, one, now_us):
                erase(disk, keys / FORMER / _former_name(one))
    except OSError as error:
        raise environment_fault(error, "putting new keys of the platform in place") from error
    return load_ring(folder)


def _any_prepared(folder: Path, *, but: str) -> bool:
    return any(_next(folder, name).exists() for name in NAMES if name != but)


def _next(folder: Path, name: str) -> Path:
    return folder / "keys" / NEXT / f"{name}.seed"


def _former_name(key: SigningKey) -> str:
    return f"witness-{hashlib.sha256(key.public).hexdigest()[:16]}.seed"


def _revoked(directory: trust.Directory, key: SigningKey, now_us: int) -> bool:
    """Whether it is over; a key of which the directory says nothing is kept no longer than one that it revokes."""
    revoked_us = directory.revoked_us(key.public.hex())
    return revoked_us is None or revoked_us <= now_us
