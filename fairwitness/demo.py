# SPDX-License-Identifier: Apache-2.0
"""The demonstration: an organisation, a platform, a trainer and a reviewer, and one real session from desk to replay.

Every part is the real one: the platform answers over HTTP on loopback, the trainer's agent is a process of its own on a
display of its own, and the reviewer opens what the platform serves with the reviewer's own keys.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import detectors
from agent.clock import SystemClock
from detectors.again import again, agree
from fairwitness.cases import case_here
from fairwitness.desk import Desk, Hand, virtual_display, windows_shown, work
from fairwitness.opening import open_here, policy_of, verify_here
from fairwitness.organisation import AdminDesk, found_organisation
from fairwitness.places import Places
from fairwitness.record import RECORDING
from fairwitness.sending import platform_of, prepare, send_all
from server.config import ServerConfig
from server.serve import background
from session import EnvironmentFault
from session.account import account, rules_of
from session.disk import environment_fault, make_private
from session.events import FindingRecord, Kind
from session.policy import default_policy_toml
from session.ports import Clock
from uploader.client import PlatformClient
from uploader.enrol import EnrolmentLink, enrol

PROJECT = "comparisons"
TRAINER, REVIEWER, ADMIN = "trainer-ada", "reviewer-bo", "admin-eve"
Say = Callable[[str], None]


def demo_policy(for_s: float) -> bytes:
    """The policy of the demonstration: the default one with screenshots on, about four in the time."""
    interval_s = max(5, min(600, int(for_s / 4)))
    toml = default_policy_toml().decode()
    for old, new in (
        ('name = "Observes little"', 'name = "Demonstration, with screenshots"'),
        ('captures = "off"', 'captures = "sent"'),
        ("interval_s = 600", f"interval_s = {interval_s}"),
        ("shadow = true ", "shadow = false"),
    ):
        if toml.count(old) != 1:
            raise AssertionError(f"the default policy has no single line {old!r}")
        toml = toml.replace(old, new)
    return toml.encode()


def run_demo(out: Path | None, for_s: float, say: Say) -> dict[str, object]:
    """One session from desk to replay; everything it made stays in `out` (a new folder where None).

    Returns:
        what `demo --json` prints: session, events, captures, gaps, findings, verified, receipt, replay_png,
        report_html, platform.

    Raises:
        EnvironmentFault: a program is missing or something did not start; says what to do.
    """
    with organisation_at_work(out, demo_policy(for_s), say) as work:
        out = work.folder
        folder = _record(out / "trainer", for_s, say)
        say("Sealed. Sending it to the platform ...")
        send_all(out / "trainer", now=True)
        fetched = platform_of(out / "reviewer").fetch(folder.name, out / "reviewer" / "fetched")
    say("Confirmed by the platform, which is switched off now. Verifying and opening it as the reviewer ...")
    return _told(folder, fetched, out, work.address)


class AtWork(msgspec.Struct, frozen=True):
    """A founded organisation whose platform runs: the folder that holds everybody's, and the platform's address."""

    folder: Path
    address: str


@contextlib.contextmanager
def organisation_at_work(out: Path | None, policy: bytes, say: Say) -> Iterator[AtWork]:
    """An organisation with one project under `policy`, a trainer and a reviewer, each with a folder in `out`.

    Raises:
        EnvironmentFault: the folder cannot be used, or something did not start; says what to do.
    """
    out = Path(tempfile.mkdtemp(prefix="fairwitness-demo-")) if out is None else out
    try:
        make_private(out)
    except OSError as error:
        raise environment_fault(error, "the demonstration") from error
    if any(out.iterdir()):
        raise EnvironmentFault(f"The folder {out} is not empty. Please name a new one with --out.")
    clock = SystemClock()
    config = ServerConfig(folder=out / "platform", port=0)
    say("Founding an organisation and its platform ...")
    admin_keys = Places(out / "admin").key_store()
    made = found_organisation(config, "Fair Comparisons", ADMIN, keys=admin_keys, clock=clock)
    with background(config, clock) as address:
        admin = AdminDesk(PlatformClient(address, made.token, clock=clock), made.organisation, keys=admin_keys, clock=clock)
        admin.set_address(address)
        admin.put_project(PROJECT, "Comparisons of answers", policy)
        link = EnrolmentLink(platform=address, organisation=made.organisation, person="-", code="-" * 16)
        _people(admin, link, out, clock)
        yield AtWork(out, address)


def _people(admin: AdminDesk, platform: EnrolmentLink, out: Path, clock: Clock) -> None:
    """Two people who enrol over HTTP and are then signed into the directory."""
    for person, name, role, home in (
        (TRAINER, "Ada", "trainer", out / "trainer"),
        (REVIEWER, "Bo", "reviewer", out / "reviewer"),
    ):
        code = admin.invite(person, name, (role,), (PROJECT,)).code
        link = msgspec.structs.replace(platform, person=person, code=code)
        places = Places(home)
        enrol(link, places.organisation, key_store=places.key_store(), clock=clock)
    admin.admit()
    for home in (out / "trainer", out / "reviewer"):
        prepare(home)


def _record(home: Path, for_s: float, say: Say) -> Path:
    """The trainer's agent as a process of its own on the demonstration's desk."""
    say(f"Recording {for_s:g} seconds of work on a display of its own ...")
    command = [sys.executable, "-m", "fairwitness", "record", "--home", str(home)]
    command += ["--for", f"{for_s:g}", "--project", PROJECT, "--json"]
    with virtual_display() as desk, windows_shown(desk) as hand:
        printed = _agent(command, desk, hand, for_s)
    last = printed.strip().splitlines()[-1:]
    if not last:
        raise EnvironmentFault("The recording ended without a word.")
    return Path(str(json.loads(last[0])["session"]))


def _agent(command: list[str], desk: Desk, hand: Hand, for_s: float) -> str:
    """What the agent printed at its end. The hand begins when the agent says that it records."""
    agent = subprocess.Popen(  # noqa: S603 - our own program
        command, env=dict(desk.environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    said: list[str] = []
    at_work = threading.Thread(target=_work_when_recording, args=(agent, hand, for_s, said), name="hand", daemon=True)
    at_work.start()
    try:
        printed = agent.stdout.read() if agent.stdout is not None else ""
        code = agent.wait(for_s + 120)
    except subprocess.TimeoutExpired as error:
        agent.kill()
        raise EnvironmentFault("The recording did not end in time. This machine may be too busy.") from error
    at_work.join(30)
    if code != 0:
        raise EnvironmentFault(f"The recording did not end well. It said: {' '.join(said)}")
    return printed


def _work_when_recording(agent: subprocess.Popen[str], hand: Hand, for_s: float, said: list[str]) -> None:
    for line in agent.stderr or ():
        said.append(line.strip())
        if line.startswith(RECORDING):
            break
    else:
        return
    work(hand, for_s)
    said.extend(line.strip() for line in agent.stderr or ())


def _told(folder: Path, fetched: Path, out: Path, address: str) -> dict[str, object]:
    """What came of it: verified by both sides, opened and painted from the reviewer's copy."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # the picture needs no display
    from ui.replay.html import write_html  # noqa: PLC0415 - Qt only when painting
    from ui.replay.render import render_png  # noqa: PLC0415 - as above
    from ui.strings import Words  # noqa: PLC0415 - as above

    ours, theirs = verify_here(folder, out / "trainer"), verify_here(fetched, out / "reviewer")
    opened = open_here(fetched, out / "reviewer")
    events = opened.reader.events()
    policy = policy_of(fetched)
    picture = out / "replay.png"
    render_png(opened.reader, theirs, picture, policy=policy)
    report = out / "report.html"
    write_html(case_here(fetched, out / "reviewer"), report, Words())
    told = again(detectors.run(detectors.ALL, policy, events), events)
    recorded = [event.body for event in events if isinstance(event.body, FindingRecord)]
    return {
        "session": str(folder),
        "events": len(events),
        "captures": sum(event.kind == Kind.CAPTURE for event in events),
        "gaps": sum(event.kind == Kind.GAP for event in events),
        "findings": [{"detector": one.detector, "state": one.state, "class": one.weight} for one in recorded],
        "recomputed": len(told) == len(recorded) and agree(told),
        "worked_s": account(events, rules_of(policy)).worked_us / 1_000_000,
        "opened_as": opened.reads_as,
        "verified": ours.verified and theirs.verified and opened.reads_as == "reviewer",
        "receipt": str(folder / "receipt.dsse") if ours.receipt and theirs.receipt else "",
        "replay_png": str(picture),
        "report_html": str(report),
        "platform": address,
    }
