# SPDX-License-Identifier: Apache-2.0
"""An organisation at work: a real platform on loopback, an admin, a trainer and a reviewer, each with a folder of their own.

with office(tmp_path, policy_toml) as desk:
    printed = desk.record(environment, for_s=8)       # `fairwitness record` as a process of its own
    desk.send(); copy = desk.fetched(desk.session())
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from uploader_proxy import RecordingProxy

from agent.clock import SystemClock
from agent.keys.file_store import FileKeyStore
from fairwitness.organisation import AdminDesk, found_organisation
from fairwitness.places import Places
from fairwitness.sending import platform_of, prepare, send_all
from server.config import ServerConfig
from server.serve import background
from session.ports import Clock
from uploader.client import PlatformClient
from uploader.enrol import EnrolmentLink, enrol

PROJECT = "project-1"
Serve = Callable[[ServerConfig, Clock], AbstractContextManager[str]]


@dataclass(frozen=True)
class Office:
    """What `office` gives. `proxy` keeps every HTTP body between the two people and the platform."""

    folder: Path
    organisation: str
    proxy: RecordingProxy

    @property
    def trainer(self) -> Path:
        return self.folder / "trainer"

    @property
    def reviewer(self) -> Path:
        return self.folder / "reviewer"

    @property
    def platform(self) -> Path:
        return self.folder / "platform"

    def start(self, environment: Mapping[str, str], for_s: float) -> subprocess.Popen[str]:
        """`fairwitness record`, running."""
        command = [sys.executable, "-m", "fairwitness", "record", "--home", str(self.trainer), "--project", PROJECT]
        command += ["--for", f"{for_s:g}", "--json"]
        return subprocess.Popen(
            command,
            env=dict(environment),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )

    def ended(self, process: subprocess.Popen[str], patience_s: float = 60) -> Path:
        """The session's folder, once `process` has sealed it; what it printed is kept in `printed.txt`."""
        out, err = process.communicate(timeout=patience_s)
        with (self.folder / "printed.txt").open("a", encoding="utf-8") as file:
            file.write(out + err)
        assert process.returncode == 0, out + err
        return Path(json.loads(out.strip().splitlines()[-1])["session"])

    def hire(self, home: Path) -> None:
        """Makes `home` another folder of the trainer's device, with one of the grants from its shelf."""
        if not list(self.trainer.glob("grants/" + "?" * 32 + ".dsse")):
            prepare(self.trainer)
        grant = next(self.trainer.glob("grants/" + "?" * 32 + ".dsse"))
        for folder in ("organisation", "grants", "keys"):
            (home / folder).mkdir(parents=True, mode=0o700)
        shutil.copytree(self.trainer / "organisation", home / "organisation", dirs_exist_ok=True)
        for path in self.trainer.glob("grants/directory-*"):
            shutil.copy(path, home / "grants")
        grant.rename(home / "grants" / grant.name)
        given, taken = FileKeyStore(self.trainer / "keys"), FileKeyStore(home / "keys")
        for name in given.names(""):
            if not name.startswith("session/") or name.split("/")[1] == grant.stem:
                secret = given.get(name)
                assert secret is not None
                taken.put(name, secret)
        given.delete(f"session/{grant.stem}/signing")

    def send(self) -> None:
        assert [item.state for item in send_all(self.trainer, now=True)][-1] == "confirmed"

    def fetched(self, session: Path) -> Path:
        """The reviewer's copy of that session, from the platform."""
        return platform_of(self.reviewer).fetch(session.name, self.reviewer / "fetched")


@contextmanager
def as_process(config: ServerConfig, _clock: Clock) -> Iterator[str]:
    """`fairwitness serve` as a process of its own, until the block ends."""
    command = [sys.executable, "-m", "fairwitness", "serve", "--folder", str(config.folder), "--port", "0"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("Listening on http"), said
            yield said.split()[-1]
        finally:
            process.terminate()
            process.communicate(timeout=30)


@contextmanager
def office(folder: Path, policy_toml: bytes, serve: Serve = background) -> Iterator[Office]:
    """A founded organisation with one project under `policy_toml`; both people are signed in and the shelf is full.

    `serve`: how the platform runs, in a thread of this process or (`as_process`) as the program that people start.
    """
    clock = SystemClock()
    keys = Places(folder / "admin").key_store()
    config = ServerConfig(folder=folder / "platform", port=0)
    made = found_organisation(config, "An organisation", "admin", keys=keys, clock=clock)
    with serve(config, clock) as address, RecordingProxy(address) as proxy:
        admin = AdminDesk(PlatformClient(address, made.token, clock=clock), made.organisation, keys=keys, clock=clock)
        admin.put_project(PROJECT, "Project", policy_toml)
        for person, role in (("trainer", "trainer"), ("reviewer", "reviewer")):
            code = admin.invite(person, person, (role,), (PROJECT,)).code
            link = EnrolmentLink(platform=proxy.address, organisation=made.organisation, person=person, code=code)
            places = Places(folder / person)
            enrol(link, places.organisation, key_store=places.key_store(), clock=clock)
        assert set(admin.admit()) == {"trainer", "reviewer"}
        for person in ("trainer", "reviewer"):
            prepare(folder / person)
        yield Office(folder, made.organisation, proxy)
