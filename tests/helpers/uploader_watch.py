# SPDX-License-Identifier: Apache-2.0
"""A session that records against the real platform, and its witness at an address of the test's choice."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from server_running import Member, RunningPlatform
from server_sessions import LiveSession, session_id_of
from uploader_clock import StillClock

from session import PlatformFault
from session.log.merkle import Tree
from session.trust.directory import Directory, open_directory
from uploader.client import PlatformClient
from uploader.evidence import Evidence
from uploader.witness import WatchedSession, Witness

_NUMBERS = itertools.count()


class Heard:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.lines: list[tuple[int, str]] = []
        self.details: list[str] = []

    def cosigned(self, size: int, line: str) -> None:
        self.told.append(f"cosigned {size}")
        self.lines.append((size, line))

    def offline(self) -> None:
        self.told.append("offline")

    def witness_fault(self, detail: str) -> None:
        self.told.append("fault")
        self.details.append(detail)

    def lost(self, cosigned_size: int) -> None:
        self.told.append(f"lost {cosigned_size}")


class Watch:
    """A session that records against the platform, and its witness at an address of the test's choice."""

    def __init__(self, platform: RunningPlatform, trainer: Member, folder: Path) -> None:
        self.platform, self.trainer = platform, trainer
        name = f"witnessed {next(_NUMBERS)}"
        self.session = LiveSession(platform, trainer, folder / session_id_of(name), name)
        self.newest = b""
        self.folder, self.org_fp = folder, trainer.organisation
        self.evidence = Evidence(folder)
        self.clock, self.heard, self.woken = StillClock(), Heard(), 0
        self.witness = self.at(platform.address)
        self.watched = self.watch()

    def directory(self) -> Directory:
        return open_directory(self.newest or self.session.directory)

    def contradiction(self, what: str, detail: str, parts: Mapping[str, bytes]) -> PlatformFault:
        return self.evidence.contradiction(what, detail, parts)

    def at(self, address: str) -> Witness:
        client = PlatformClient(address, self.trainer.client.token, clock=self.clock, timeouts_s=(5, 5))
        return Witness(client, self, clock=self.clock, randbelow=lambda most: most - 1)

    def watch(self, tree: Tree | None = None) -> WatchedSession:
        def wake() -> None:
            self.woken += 1

        tree = tree or self.session.journal.tree
        public = self.session.keys.signing.public
        terms = self.session.terms
        watched = WatchedSession(self.session.id, public, tree, self.heard, terms=terms, wake=wake)
        self.witness.watch(watched)
        return watched

    def move_to(self, address: str) -> None:
        """The same watched session, at another address."""
        self.witness = self.at(address)
        self.witness.watch(self.watched)

    def checkpoint(self) -> tuple[bytes, int]:
        self.session.tick()
        body = self.session.checkpoint()
        self.platform.clock.reach(self.session.reading.t_us)
        return body.note.encode(), self.session.journal.size - 1

    def submit(self) -> int:
        note, size = self.checkpoint()
        self.watched.submit(note, size)
        return size
