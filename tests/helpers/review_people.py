# SPDX-License-Identifier: Apache-2.0
"""People of a running platform, each with a folder of their own as enrolment leaves it, and sessions that ask something.

with running(tmp_path) as platform:
    team = Team.of(platform, tmp_path)           # ada records, ben reviews, rex reviews elsewhere
    sent = team.session("one")                   # sealed, confirmed: seq FIRST asks, and so on
    team.enrolment("ben"), team.home("ben")
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from server_running import Member, RunningPlatform
from server_sessions import LiveSession, Sending, session_id_of
from trust_people import POLICY_WITH_CAPTURES
from uploader_platform import client_of

from fairwitness.places import Places
from fairwitness.wiring import Enrolment, enrolled
from session.events import Ack, Answer, FindingRecord, Kind
from session.policy import policy_digest
from uploader.client import PlatformClient
from uploader.organisation import Organisation

POLICY = POLICY_WITH_CAPTURES.replace(b"shadow = true ", b"shadow = false")
"""Findings are past their trial, so reviewers are shown them."""
EVIDENCE = (4, 7)
_CAUSES = ("alternative.dictation", "alternative.expander")


def settle(platform: RunningPlatform, person: Member, home: Path) -> Path:
    """`home` as enrolment leaves it for `person`, with the directory in force."""
    org_fp, store = platform.organisation.fingerprint, Places(home).key_store()
    directory = person.client.get("/v1/directory").content
    Organisation.found(Places(home).organisation, org_fp, directory, platform.address)
    (Places(home).organisation / "device.dsse").write_bytes(person.certificate)
    store.put(f"person/{org_fp}/signing", person.person_key.seed)
    store.put(f"person/{org_fp}/reading", person.reading_key.seed)
    store.put(f"device/{org_fp}/signing", person.device_key.seed)
    store.put(f"platform/{org_fp}/token", person.client.token.encode())
    return home


def finding(
    t_us: int, state: str, weight: str = "A", *, shadow: bool = False, detector: str = "injected-input"
) -> FindingRecord:
    """A finding as the recorder writes it."""
    key = f"finding.injected-input.{state.replace(' ', '-')}"
    return FindingRecord(
        t_us, detector, 1, state, weight, 950_000, 900_000, "unmeasured-1", EVIDENCE, key, _CAUSES, int(shadow)
    )


@dataclass(frozen=True)
class Asking:
    """A confirmed session, and the seqs of its findings."""

    sending: Sending
    raised: int
    second: int
    clear: int
    not_evaluated: int

    @property
    def id(self) -> str:
        return self.sending.id

    @property
    def folder(self) -> Path:
        return self.sending.sealed.folder


@dataclass(frozen=True)
class Team:
    """Who works on the platform; each home lies in `folder`/<person>."""

    platform: RunningPlatform
    folder: Path
    people: dict[str, Member]

    @classmethod
    def of(cls, platform: RunningPlatform, folder: Path, policy: bytes = POLICY) -> Team:
        platform.organisation.policy = policy
        platform.put_policy()
        people = {
            "ada": platform.join("ada", "trainer"),
            "ben": platform.join("ben", "reviewer"),
            "rex": platform.join("rex", "reviewer", projects=("beta",)),
        }
        platform.issue_review_key()
        for name, person in people.items():
            settle(platform, person, folder / name)
        return cls(platform, folder, people)

    def home(self, name: str) -> Path:
        return self.folder / name

    def root_at(self, name: str) -> None:
        """The root key and the admin's token lie in this home, as on the admin's computer."""
        store, org_fp = Places(self.home(name)).key_store(), self.platform.organisation.fingerprint
        store.put(f"root/{org_fp}", self.platform.organisation.root.seed)
        store.put(f"platform/{org_fp}/token", self.platform.admin.client.token.encode())

    def enrolment(self, name: str) -> Enrolment:
        places = Places(self.home(name))
        found = enrolled(places, places.key_store(), self.platform.clock)
        assert found is not None
        return found

    def client(self, name: str) -> PlatformClient:
        return client_of(self.platform, self.people[name])

    def hire(self, name: str, *roles: str) -> None:
        """One more person on the project, with a home."""
        self.people[name] = self.platform.join(name, *roles)
        settle(self.platform, self.people[name], self.home(name))

    def session(self, name: str, *, by: str = "ada", pictures: int = 1, picture_bytes: int = 2000) -> Asking:
        """A sealed and confirmed session in a trainer's spool, with a finding of each kind and an answer to the first."""
        spool = Places(self.home(by)).spool
        spool.mkdir(parents=True, exist_ok=True)
        live = LiveSession(self.platform, self.people[by], spool / session_id_of(name), name)
        live.add(Kind.ACK, Ack(live.reading.t_us, policy_digest(self.platform.organisation.policy), "0" * 64, "en"))
        for _ in range(6):
            live.tick()
        for number in range(pictures):
            live.capture(random.Random(number).randbytes(picture_bytes))  # noqa: S311 - a picture, no secret
        live.cosigned_checkpoint()
        live.tick()
        live.stop()
        t_us, trial = live.reading.t_us, live.policy.findings.shadow
        findings = (
            finding(t_us, "raised", shadow=trial),
            finding(t_us, "raised", "B", shadow=trial),
            finding(t_us, "clear", shadow=trial),
            finding(t_us, "not evaluated", shadow=trial),
        )
        seqs = [live.add(Kind.FINDING, one).seq for one in findings]
        live.add(Kind.ANSWER, Answer(t_us, seqs[0], "I dictated that paragraph."))
        sending = live.seal_whole()
        sending.put_files()
        assert sending.put_seal().status_code == 201
        return Asking(sending, *seqs)
