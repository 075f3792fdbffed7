# SPDX-License-Identifier: Apache-2.0
"""What every request works with: database, blobs, keys, organisation log and clock, built once."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection

from server.access.places import Places
from server.config import ServerConfig
from server.faults import RefusalError
from server.keys import KeyRing, PlatformKeys, load_ring, private_folder, settle
from server.orglog import About, OrganisationLog
from server.quota import Quota
from server.store import rows
from server.store.blobs_fs import BlobFolders
from server.store.engine import Database
from session import EnvironmentFault
from session.crypto.signing import SigningKey
from session.ports import Clock
from session.trust.directory import Directory, open_directory

_log = logging.getLogger("fairwitness.server.core")


class InForce(msgspec.Struct, frozen=True):
    """The directory in force, with the digest of its bytes."""

    sha256: str
    envelope: bytes
    directory: Directory


class Core:
    """One platform, open. Raises `EnvironmentFault` when its folder or database cannot be used."""

    def __init__(self, config: ServerConfig, clock: Clock) -> None:
        private_folder(config.folder)
        self.config = config
        self.clock = clock
        self.database = Database(config.database)
        self.blobs = BlobFolders(config.folder)
        self.ring: KeyRing = load_ring(config.folder)
        self.log = OrganisationLog()
        self.checking = Places(2)
        """At most so many sessions are verified at once, so that witness and blobs keep their processor."""
        self.quota = Quota(config.limits)
        self.rewriting = threading.Lock()
        """One sealed session's files change at a time (`server.rewriting`)."""
        self._organisation: rows.Organisation | None = None
        self._in_force: InForce | None = None
        with self.reading() as connection:
            if rows.organisation(connection) is not None:
                self.settle_keys(connection)

    def now_us(self) -> int:
        """The platform's clock, UTC."""
        return self.clock.read().t_us

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database."""
        with self.database.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One change, durable when the block ends without an error, and otherwise none at all."""
        begun: Connection | None = None
        kept = False
        try:
            with self.database.writing() as connection:
                begun = connection
                yield connection
            kept = True
        finally:
            if begun is not None and not kept:
                self.log.forget(begun)

    def organisation(self, connection: Connection) -> rows.Organisation:
        """Whose platform this is. Raises `RefusalError` 503 before it is founded."""
        if self._organisation is None:
            self._organisation = rows.organisation(connection)
        if self._organisation is None:
            raise RefusalError(503, "not-founded", "This platform has no organisation yet: its admin must found one.")
        return self._organisation

    def in_force(self, connection: Connection) -> InForce:
        """The directory in force. Raises `RefusalError` 503 before the organisation is founded."""
        organisation = self.organisation(connection)
        sha256 = rows.newest_directory_sha256(connection)
        known = self._in_force
        if known is None or known.sha256 != sha256:
            stored = rows.newest_directory(connection)
            if stored is None:
                raise RefusalError(503, "not-founded", "This platform has no directory yet: its admin must found one.")
            directory = open_directory(stored.envelope, organisation.root_public)
            known = InForce(stored.sha256, stored.envelope, directory)
            self._in_force = known
        return known

    def keys(self, connection: Connection) -> PlatformKeys:
        """The keys that the directory in force names, as far as this connection sees it.

        Raises `RefusalError` 503 where this platform has them not: it signs nothing that no reader would take.
        """
        named = self.ring.named_by(self.in_force(connection).directory.platform)
        if named is None:
            detail = "The platform's keys are not those that the directory names: its admin must restore them or renew them."
            raise RefusalError(503, "keys", detail)
        return named

    def receipt_key(self, connection: Connection, at_us: int) -> SigningKey:
        """The key for a receipt or an access of `at_us`, µs UTC, where a verifier would take what it signs then.

        Raises `RefusalError` 503 as `keys`, and where the directory in force revokes it by then.
        """
        signing = self.keys(connection).receipt
        revoked_us = self.in_force(connection).directory.revoked_us(signing.public.hex())
        if revoked_us is not None and revoked_us <= at_us:
            raise RefusalError(503, "revoked", "The platform's receipt key is revoked: its admin must make it a new one.")
        return signing

    def read_keys(self) -> KeyRing:
        """The keys as they lie in the folder now, where new ones may have been prepared. Raises `EnvironmentFault`."""
        self.ring = load_ring(self.config.folder)
        return self.ring

    def settle_keys(self, connection: Connection) -> None:
        """Puts the keys of the directory in force in their place, after it was adopted or a start; see `server.keys`.

        Where the disk refuses, the platform goes on with them from where they lie, and the next start does it.
        """
        try:
            self.ring = settle(self.config.folder, self.in_force(connection).directory, self.now_us())
        except EnvironmentFault:
            _log.warning("new keys are in force and could not be put in their place; the next start tries again")

    def adopt(self, connection: Connection, directory: Directory, envelope: bytes) -> None:
        """From now on this version is in force: kept, its people's tokens open, and in the organisation log."""
        now_us = self.now_us()
        stored = rows.StoredDirectory(directory.version, hashlib.sha256(envelope).hexdigest(), envelope)
        rows.add_directory(connection, stored, now_us)
        rows.name_tokens(connection, [(one.id, one.person_key) for one in directory.people], now_us)
        self.log.append(connection, envelope, About("directory"), now_us)

    def close(self) -> None:
        """Gives files back."""
        self.database.close()
