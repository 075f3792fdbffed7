# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment: the next start recovers, and the session is whole but for at most one tick of observation.

A gap says why, no second of work time is missing, and the session is sealed, sent, receipted and verifies.

The processes are real and so is their clock; their tick is 0.1 s instead of 5 s, so that moments of a few tenths of a second
cover every phase: opening, recording under load, redaction, finishing and sealing.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from office import Office, office
from recorder_killed import POLICY, Orders
from recorder_nursery import (
    Emitted,
    Held,
    Left,
    Nursery,
    emitted,
    held,
    public_bodies,
    read_as_trainer,
    sleep_until,
    what_is_left,
)

from agent.keys.file_store import FileKeyStore
from fairwitness.sending import send_all
from session.account import account, rules_of
from session.events import Gap, Reason, Start
from session.policy import parse_policy
from session.verify import verify_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from session.events import Event

pytestmark = pytest.mark.slow

TICK_S = 0.1
LATE_S = 1.0
"""How late a tick may be on a busy machine with two cores: added to the one tick that may be missing."""


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path_factory.mktemp("nursery") / "errors")
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), POLICY) as desk:
        yield desk


def kill_and_recover(nursery: Nursery, company: Office, home: Path, moments_s: list[float]) -> None:
    """Kills at each of these moments after a start, then starts once more, records on, seals, sends, checks everything."""
    company.hire(home)
    log = home / "emitted"
    began_s = time.monotonic()
    killed_us: list[int] = []
    interrupted = 0
    for moment_s in moments_s:
        pid = nursery.start(Orders(str(home), str(log), record_s=0.45, begin=not killed_us, tick_s=TICK_S))
        sleep_until(time.monotonic() + moment_s)
        killed_us.append(time.monotonic_ns() // 1000)
        nursery.kill(pid)
        left = what_is_left(home)
        interrupted += left is not None and left.began and not left.stopped
    at_kill = what_is_left(home)
    nursery.run(Orders(str(home), str(log), record_s=0.25, begin=False, tick_s=TICK_S))
    check_whole(home, at_kill, interrupted=interrupted, killed_us=killed_us, wall_s=time.monotonic() - began_s)
    give_back(company, home)


def give_back(company: Office, home: Path) -> None:
    """Grants that were not used go to the next one: after a kill before START, and from the shelf that sending filled.

    A platform holds no more than twenty unused ones for a device.
    """
    for grant in home.glob("grants/" + "?" * 32 + ".dsse"):
        name = f"session/{grant.stem}/signing"
        seed = FileKeyStore(home / "keys").get(name)
        assert seed is not None, "the key of a grant that was not used is still here"
        FileKeyStore(company.trainer / "keys").put(name, seed)
        grant.rename(company.trainer / "grants" / grant.name)


def check_whole(home: Path, at_kill: Left | None, *, interrupted: int, killed_us: list[int], wall_s: float) -> None:
    if at_kill is None or not at_kill.began:
        assert what_is_left(home) is None, "what never began is moved aside"
        return
    events = read_as_trainer(home, at_kill.folder)
    found = held(events)
    assert [item.state for item in send_all(home, now=True)] == ["confirmed"]
    verification = verify_session(at_kill.folder)
    assert verification.verified, verification.failed_step
    assert verification.receipt
    assert list(FileKeyStore(home / "keys").names(f"session/{at_kill.folder.name}/")) == []
    check_gaps(found, events, interrupted)
    check_work_time(events, wall_s)
    check_observations(found, emitted(home / "emitted"), killed_us)


def check_gaps(found: Held, events: list[Event], interrupted: int) -> None:
    # A recovery that was killed before its own gap was durable leaves one gap for two kills.
    assert min(1, interrupted) <= len(found.crashes) <= interrupted
    for gap in found.crashes:
        assert gap.scope == "session"
        assert 0 < gap.t_us - gap.from_us < 60_000_000
    assert {event.body.reason for event in events if isinstance(event.body, Gap)} <= {Reason.CRASH}


def check_work_time(events: list[Event], wall_s: float) -> None:
    """Every second from START to STOP is work: a crash this short counts. And none is more than really passed."""
    accounted = account(events, rules_of(parse_policy(POLICY)))
    assert accounted.worked_us == accounted.ended_us - accounted.started_us
    assert 0 < accounted.worked_us <= wall_s * 1_000_000
    (start,) = [event.body for event in events if isinstance(event.body, Start)]
    assert accounted.started_us == start.t_us


def check_observations(found: Held, log: list[Emitted], killed_us: list[int]) -> None:
    """What is missing is the end of what one process emitted, and no longer than a tick; no tick that was told is."""
    told_us = [one.mono_us for one in log if one.sensor == "shown"]
    assert set(told_us) <= set(found.ticks_us), "a tick that listeners were told of is missing"
    pids = list(dict.fromkeys(one.pid for one in log))
    keys_ms = list(found.keys_ms)
    for pid in pids:
        windows = [one for one in log if one.pid == pid and one.sensor == "window"]
        keys = [one for one in log if one.pid == pid and one.sensor == "keyboard"]
        is_missing_window = [f"w{one.number}.{pid}" not in found.windows for one in windows]
        is_missing_key = [take_out(keys_ms, one.mono_us // 1000) for one in keys]
        for missing, lines in ((is_missing_window, windows), (is_missing_key, keys)):
            assert missing == sorted(missing), "only the end may be missing"
            lost = [one for one, is_missing in zip(lines, missing, strict=True) if is_missing]
            check_lost(lost, found.ticks_us, killed_us)
    assert keys_ms == [], "the record holds keys that nobody emitted"


def take_out(keys_ms: list[int], mono_ms: int) -> bool:
    """Takes a key out of the record's, which are rounded down to a ms before their tick; True where it is not there."""
    for candidate_ms in (mono_ms, mono_ms - 1):
        if candidate_ms in keys_ms:
            keys_ms.remove(candidate_ms)
            return False
    return True


def check_lost(lost: list[Emitted], ticks_us: list[int], killed_us: list[int]) -> None:
    if not lost:
        return
    first_us = lost[0].mono_us
    ended_us = min((one for one in killed_us if one >= lost[-1].mono_us), default=None)
    if ended_us is None:  # the last process was not killed: what came while it was asked to stop is not observed
        assert lost[-1].mono_us - first_us <= LATE_S * 1_000_000
        return
    # All that was emitted before the last durable tick of this process is there, but for the one observation whose line
    # was written while the tick was taken; and that tick was no longer ago than a tick.
    before_us = max((tick_us for tick_us in ticks_us if tick_us < ended_us), default=0)
    assert sum(one.mono_us < before_us for one in lost) <= 1
    assert ended_us - first_us <= (TICK_S + LATE_S) * 1_000_000


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=pytest.mark.ci if seed >= 8 else ()) for seed in range(25)])
def test_a_kill_at_a_random_moment(nursery: Nursery, company: Office, tmp_path: Path, seed: int) -> None:
    moment_s = random.Random(seed).uniform(0.0, 0.75)  # noqa: S311 - moments, not secrets
    kill_and_recover(nursery, company, tmp_path / "home", [moment_s])


@pytest.mark.full
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_kills_at_two_hundred_moments_up_to_three_in_a_row(
    nursery: Nursery, company: Office, tmp_path: Path, seed: int
) -> None:
    source = random.Random(seed)  # noqa: S311 - moments, not secrets
    moments_s = [source.uniform(0.0, 0.75) for _ in range(source.randint(1, 3))]
    kill_and_recover(nursery, company, tmp_path / "home", moments_s)


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.full)])
def test_a_kill_at_every_step_of_the_disk_and_the_key_store(nursery: Nursery, tmp_path: Path, step: int) -> None:
    """Opening, a moment of recording, removal, findings, seal: the process kills itself at its n-th operation, for each n.

    A write is two operations, so that half a record is among the states. The first process that is not killed ends it.
    """
    for number in range(1, 500, step):
        home = tmp_path / str(number)
        home.mkdir()
        orders = Orders(str(home), str(home / "emitted"), record_s=0.05, begin=True, tick_s=0.02, die_at=number)
        status = nursery.wait(nursery.start(orders))
        at_kill = what_is_left(home)
        nursery.run(Orders(str(home), str(home / "emitted"), record_s=0, begin=False))
        if at_kill is not None and at_kill.began:
            verification = verify_session(at_kill.folder)
            assert verification.verified, (number, verification.failed_step)
            reasons = [body.reason for body in public_bodies(at_kill.folder) if isinstance(body, Gap)]
            assert reasons == ([] if at_kill.stopped else [Reason.CRASH]), number
            assert list(FileKeyStore(home / "keys").names("session/")) == [], number
        if status == 0:
            assert number > 60, "too few operations to have covered a session"
            return
        assert status == -9
    raise AssertionError("the session never ended")
