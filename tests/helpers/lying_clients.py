# SPDX-License-Identifier: Apache-2.0
"""Every client of the platform as a person starts it, in a folder of its own, in front of a liar.

client = Asker("uplink", team, liar, tmp_path); assert client.ask() == ""
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lying_platform import Liar
from review_people import Asking, Team, settle

from fairwitness.organisation import AdminDesk
from fairwitness.places import Places
from fairwitness.review import Reviews
from fairwitness.sending import prepare
from fairwitness.statements import take_news
from fairwitness.wiring import Enrolment, enrolled
from session import FairWitnessError
from session.log.checkpoint import parse_checkpoint
from session.log.note import parse_note
from uploader.client import PlatformClient
from uploader.uplink import Uplink

CLIENTS: Final = ("uplink", "trainer's news", "terminal", "reviewer's list", "reviewer's replay", "office")


class Asker:
    """One client; `kept` is its organisation's folder, and `session` one that a reviewer looks at."""

    def __init__(self, kind: str, team: Team, liar: Liar, folder: Path, session: Asking) -> None:
        self.kind, self.team, self.liar, self.session = kind, team, liar, session
        self.home = folder
        self.kept = folder / ("office" if kind == "office" else "organisation")
        if kind != "office":
            settle(team.platform, team.people["ben" if kind.startswith("reviewer") else "ada"], folder)
            (self.kept / "address").write_text(liar.address)

    def ask(self) -> str:
        """What it tells of trouble with the platform, "" for none."""
        try:
            if self.kind == "office":
                self.desk().directory()
                return ""
            if self.kind == "terminal":
                prepare(self.home)
                return ""
            with self.enrolment() as enrolment:
                return self._told(enrolment)
        except FairWitnessError as fault:
            return str(fault)

    def _told(self, enrolment: Enrolment) -> str:
        clock = self.team.platform.clock
        if self.kind == "reviewer's list":
            Reviews(enrolment, clock).queue()
        elif self.kind == "reviewer's replay":
            Reviews(enrolment, clock).case(self.session.id)
        else:
            client = enrolment.client(clock)
            try:
                if self.kind == "trainer's news":
                    return take_news(enrolment, client).trouble
                uplink = Uplink(client, enrolment.organisation, enrolment.outbox, shelf=enrolment.shelf, clock=clock)
                uplink.turn()
                return uplink.state().message
            finally:
                client.close()
        return ""

    @contextmanager
    def enrolment(self) -> Iterator[Enrolment]:
        """Of this client's person."""
        places = Places(self.home)
        found = enrolled(places, places.key_store(), self.team.platform.clock)
        assert found is not None
        try:
            yield found
        finally:
            found.close()

    def desk(self) -> AdminDesk:
        """The office, as the admin's computer has it."""
        platform, store = self.team.platform, Places(self.home).key_store()
        org_fp = platform.organisation.fingerprint
        store.put(f"root/{org_fp}", platform.organisation.root.seed)
        client = PlatformClient(self.liar.address, platform.admin.client.token, clock=platform.clock)
        return AdminDesk(client, org_fp, keys=store, clock=platform.clock, folder=self.kept)

    def evidence(self) -> list[Path]:
        """What it kept of contradictions."""
        return sorted((self.kept / "evidence").glob("*"))

    @property
    def seen(self) -> int:
        """How many entries the log had when this client saw it last."""
        return parse_checkpoint(parse_note((self.kept / "log.note").read_bytes()).text).size
