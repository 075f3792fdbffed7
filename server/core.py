# SPDX-License-Identifier: Apache-2.0
"""What every request works with: database, blobs, keys, organisation log and clock, built once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection

from server.access.places import Places
from server.config import ServerConfig
from server.faults import RefusalError
from server.keys import PlatformKeys, load_keys, private_folder
from server.orglog import About, OrganisationLog
from server.quota import Quota
from server.store import rows
from server.store.blobs_fs import BlobFolders
from server.store.engine import Database
from session.ports import Clock
from session.trust.directory import Directory, open_directory


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
        self.keys: PlatformKeys = load_keys(config.folder)
        self.log = OrganisationLog()
        self.checking = Places(2)
        """At most so many sessions are verified at once, so that witness and blobs keep their processor."""
        self.quota = Quota(config.limits)
        self.rewriting = threading.Lock()
        """One sealed session's files change at a time (`server.rewriting`)."""
        self._organisation: rows.Organisation | None = None
        self._in_force: InForce | None = None

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
