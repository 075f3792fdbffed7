# SPDX-License-Identifier: Apache-2.0
"""A trainer of an organisation with keys in a real key store, and grants as its platform would give them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from recorder_parts import T0_US, FakeClock
from trust_builders import PROJECT, Organisation, organisation

from agent.grants import GrantShelf
from agent.keys.file_store import FileKeyStore
from agent.opening import Terms, enrolled_identity
from session.policy import policy_digest
from session.trust.dsse import read_envelope, strict_json
from session.trust.statements import Grant, SessionCertificate, sign

if TYPE_CHECKING:
    from pathlib import Path

    from session.ports import GrantWish, KeyStore

DAY_US = 86_400_000_000


class Enrolled:
    """Home folder, clock, key store (files, unless another is given), identity and shelf of the organisation's trainer."""

    def __init__(self, home: Path, store: KeyStore | None = None) -> None:
        self.home = home
        self.spool = home / "spool"
        self.spool.mkdir(parents=True)
        self.clock = FakeClock()
        self.store: KeyStore = store or FileKeyStore(home / "keys")
        self.org: Organisation = organisation(issued_us=T0_US - DAY_US, expires_us=T0_US + 90 * DAY_US)
        self.projects = [PROJECT]
        self.directory = self.org.directory_bytes()
        trainer = self.org.trainer
        for name, key in (("person", trainer.person_key), ("device", trainer.device_key), ("reading", trainer.reading)):
            where = f"person/{self.org.fp}/reading" if name == "reading" else f"{name}/{self.org.fp}/signing"
            self.store.put(where, key.seed)
        self.identity = enrolled_identity(self.store, self.org.fp, trainer.device_certificate(self.org.fp))
        self.shelf = self.open_shelf()

    @property
    def policy_sha256(self) -> str:
        return policy_digest(self.org.policy_toml)

    @property
    def terms(self) -> Terms:
        return Terms(self.org.policy_toml, self.directory)

    def open_shelf(self) -> GrantShelf:
        """The shelf as the next program finds it."""
        return GrantShelf(
            self.home / "grants",
            spool=self.spool,
            store=self.store,
            clock=self.clock,
            identity=self.identity,
            directory=lambda: self.directory,
            projects=lambda: self.projects,
        )

    def grant(self, wish: GrantWish, **changes: object) -> bytes:
        """What the platform answers."""
        certificate = strict_json(read_envelope(wish.session_certificate.encode())[1], SessionCertificate)
        fields: dict[str, object] = {
            "organisation": self.org.fp,
            "session": wish.session_id,
            "session_key": certificate.session_key,
            "device": certificate.device,
            "person": self.org.trainer.id,
            "project": wish.project,
            "policy_sha256": self.policy_sha256,
            "directory_sha256": hashlib.sha256(self.directory).hexdigest(),
            "nonce": "cd" * 16,
            "issued_us": self.clock.t_us,
            "start_by_us": self.clock.t_us + 14 * DAY_US,
        }
        return sign(Grant(**(fields | changes)), self.org.grant_key)  # type: ignore[arg-type] # a test's changes

    def supply(self, most: int = 20, **changes: object) -> list[str]:
        """Asks for what is wanted, as the uplink does; the ids that were granted."""
        wishes = list(self.shelf.wanted())[:most]
        for wish in wishes:
            self.shelf.keep(wish.session_id, self.grant(wish, **changes))
        return [wish.session_id for wish in wishes]
