# SPDX-License-Identifier: Apache-2.0
"""A real platform on loopback with a real organisation: root key, directory, policy, project, people with devices.

    with running(tmp_path) as platform:
        trainer = platform.join("t1", "trainer")
        trainer.client.get("/v1/directory")

Time stands still until `platform.clock.advance_s`. Every request goes over HTTP to a uvicorn thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import requests
from trust_people import ORIGIN_US, POLICY_WITH_CAPTURES, PROJECT, member

from server.config import Limits, ServerConfig
from server.enrolment import proof_message
from server.serve import background
from server.setup import found, platform_keys
from session.crypto.signing import SigningKey, fingerprint
from session.policy import policy_digest
from session.ports import ClockReading
from session.trust.certificates import certify_device, certify_session
from session.trust.directory import (
    Directory,
    Person,
    PlatformKeys,
    Project,
    ReviewKey,
    Revocation,
    issue_review_key,
    sign_directory,
    witness_name,
)

BEGIN_US = ORIGIN_US - 3_600_000_000
"""The platform's time at first: an hour before the sessions of `trust_builders` begin."""
DAY_S = 86_400
YEAR_US = 366 * DAY_S * 1_000_000


class StillClock:
    """A clock that moves only when told."""

    def __init__(self, t_us: int = BEGIN_US) -> None:
        self._t_us = t_us

    @property
    def boot_id(self) -> str:
        return "boot"

    def read(self) -> ClockReading:
        return ClockReading(self._t_us, self._t_us - BEGIN_US + 1, self._t_us - BEGIN_US + 1)

    def advance_s(self, seconds: float) -> None:
        self._t_us += round(seconds * 1_000_000)

    def reach(self, t_us: int) -> None:
        """Never back."""
        self._t_us = max(self._t_us, t_us)


class Client:
    """HTTP with one token, on one kept connection."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self.token = token
        self._http = requests.Session()
        self._http.trust_env = False

    def ask(self, method: str, path: str, **more: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= dict(more.pop("headers", {}))  # type: ignore[call-overload]
        return self._http.request(method, self.address + path, headers=headers, timeout=20, **more)  # type: ignore[arg-type]

    def get(self, path: str, **more: object) -> requests.Response:
        return self.ask("GET", path, **more)

    def head(self, path: str, **more: object) -> requests.Response:
        return self.ask("HEAD", path, **more)

    def put(self, path: str, **more: object) -> requests.Response:
        return self.ask("PUT", path, **more)

    def post(self, path: str, **more: object) -> requests.Response:
        return self.ask("POST", path, **more)

    def close(self) -> None:
        self._http.close()


class Member:
    """A person with a machine: their keys, their device's certificate, and a client with their token."""

    def __init__(self, person: str, roles: tuple[str, ...], projects: tuple[str, ...], organisation: str) -> None:
        self.person, self.roles, self.projects, self.organisation = person, roles, projects, organisation
        self.keys = member(person, *roles)
        self.person_key, self.device_key, self.reading_key = self.keys.person_key, self.keys.device_key, self.keys.reading
        self.device = self.keys.device
        self.certificate = self.keys.device_certificate(organisation)
        self.client = Client("")

    def certify(self, device: str) -> bytes:
        return certify_device(
            self.person_key,
            organisation=self.organisation,
            person=self.person,
            device=device,
            device_public=self.device_key.public,
            reading_public=self.reading_key.public,
            issued_us=BEGIN_US,
        )

    def entry(self) -> Person:
        return msgspec.structs.replace(self.keys.listed(), roles=self.roles, projects=self.projects)

    def enrol_body(self, code: str, *, device: str = "") -> dict[str, str]:
        certificate = self.certify(device) if device else self.certificate
        message = proof_message(code, self.person_key.public, self.reading_key.public, certificate)
        return {
            "code": code,
            "person_key": self.person_key.public.hex(),
            "reading_key": self.reading_key.public.hex(),
            "device_certificate": certificate.decode(),
            "proof": self.person_key.sign(message).hex(),
        }

    def certify_session(self, session_id: str, session_public: bytes) -> bytes:
        return certify_session(
            self.device_key,
            organisation=self.organisation,
            device=self.device,
            session_id=session_id,
            session_public=session_public,
            issued_us=BEGIN_US,
        )


class Organisation:
    """The root key and the directory that it signs, somewhere else than on the platform."""

    def __init__(self, folder: Path) -> None:
        self.root = SigningKey.generate()
        self.fingerprint = fingerprint(self.root.public)
        self.policy = POLICY_WITH_CAPTURES
        keys = platform_keys(folder)
        self.platform = PlatformKeys(
            address="http://127.0.0.1",
            grant_key=keys.grant.hex(),
            receipt_key=keys.receipt.hex(),
            witness_key=keys.witness.hex(),
            witness_name=witness_name(self.fingerprint),
        )
        self.members: list[Member] = []
        self.review_keys: tuple[ReviewKey, ...] = ()
        self.revocations: tuple[Revocation, ...] = ()
        self.version = 0

    def directory(self, **changes: object) -> Directory:
        digest = policy_digest(self.policy)
        project = Project(id=PROJECT, name="Wren", policy_sha256=digest, review_keys=self.review_keys)
        other = Project(id="beta", name="Beta", policy_sha256=digest, review_keys=())
        plain = Directory(
            organisation=self.fingerprint,
            name="Example",
            version=self.version + 1,
            issued_us=BEGIN_US - 1_000_000,
            expires_us=BEGIN_US + YEAR_US,
            root_key=self.root.public.hex(),
            platform=self.platform,
            people=tuple(member.entry() for member in self.members),
            projects=(project, other),
            policies=(digest,),
            revocations=self.revocations,
        )
        return msgspec.structs.replace(plain, **changes)

    def sign(self, **changes: object) -> bytes:
        """The next version, signed."""
        directory = self.directory(**changes)
        self.version = directory.version
        return sign_directory(directory, self.root)


class RunningPlatform:
    """A founded platform that serves, its organisation, and its admin."""

    def __init__(self, config: ServerConfig, clock: StillClock) -> None:
        self.config, self.clock = config, clock
        self.organisation = Organisation(config.folder)
        self.admin = Member("root-keeper", ("admin",), (), self.organisation.fingerprint)
        self.organisation.members.append(self.admin)
        token = found(config, self.organisation.root.public, self.organisation.sign(), clock)
        self.admin.client = Client("", token)
        self._clients: list[Client] = [self.admin.client]
        self._leaves: list[bytes] = []
        self.address = ""

    def at(self, address: str) -> None:
        """All clients speak to this address from now on."""
        self.address = address
        for client in self._clients:
            client.address = address

    def client(self, token: str = "") -> Client:
        made = Client(self.address, token)
        self._clients.append(made)
        return made

    def put_policy(self) -> None:
        toml = self.organisation.policy
        assert self.admin.client.put(f"/v1/policies/{policy_digest(toml)}", data=toml).status_code in {200, 201}

    def invite(self, person: str, *roles: str, projects: tuple[str, ...] = (PROJECT,)) -> str:
        wish = {"person": person, "name": person, "roles": roles, "projects": projects}
        answer = self.admin.client.post("/v1/invitations", json=wish)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["code"])

    def enrol(self, person: str, *roles: str, projects: tuple[str, ...] = (PROJECT,)) -> Member:
        """Invited and enrolled, but named by no directory yet."""
        member = Member(person, roles, projects, self.organisation.fingerprint)
        answer = self.client().post("/v1/enrol", json=member.enrol_body(self.invite(person, *roles, projects=projects)))
        assert answer.status_code == 201, answer.text
        member.client = self.client(answer.json()["token"])
        return member

    def join(self, person: str, *roles: str, projects: tuple[str, ...] = (PROJECT,)) -> Member:
        """Enrolled, and named by the next directory."""
        member = self.enrol(person, *roles, projects=projects)
        self.organisation.members.append(member)
        self.publish()
        return member

    def issue_review_key(self) -> None:
        """A review key of the project, in force for 90 days, for its reviewers so far."""
        reviewers = tuple(m.entry() for m in self.organisation.members if "reviewer" in m.roles and PROJECT in m.projects)
        begin = BEGIN_US - 1_000_000
        until = BEGIN_US + 90 * DAY_S * 1_000_000
        fp = self.organisation.fingerprint
        self.organisation.review_keys = (issue_review_key(fp, PROJECT, 1, reviewers, from_us=begin, until_us=until),)
        self.publish()

    def publish(self, **changes: object) -> bytes:
        """Signs the next directory and puts it in force."""
        raw = self.organisation.sign(**changes)
        answer = self.admin.client.put("/v1/directory", data=raw)
        assert answer.status_code == 204, answer.text
        return raw

    def leaves(self) -> tuple[bytes, ...]:
        """The leaf of each entry of the true log, as the admin reads them, each once: a log only grows."""
        size = int(self.admin.client.get("/v1/log/checkpoint").text.split("\n")[1])
        for index in range(len(self._leaves), size):
            self._leaves.append(bytes.fromhex(self.admin.client.get(f"/v1/log/entries/{index}").json()["leaf"]))
        return tuple(self._leaves)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@contextmanager
def running(
    folder: Path, limits: Limits | None = None, *, trusted_proxies: tuple[str, ...] = ()
) -> Iterator[RunningPlatform]:
    """A founded platform in `folder`/platform, serving from a thread until the block ends."""
    bounds = limits or Limits()
    config = ServerConfig(folder=folder / "platform", port=0, limits=bounds, trusted_proxies=trusted_proxies)
    platform = RunningPlatform(config, StillClock())
    try:
        with background(config, platform.clock) as address:
            platform.at(address)
            yield platform
    finally:
        platform.close()


def sha256(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
