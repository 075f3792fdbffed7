# SPDX-License-Identifier: Apache-2.0
"""What recording a session costs without sensors: from observations, through the recorder, to a sealed record.

`./run python bench/record.py [--json] [--hours H] [--events N] [--captures N]`

An 8-hour personal session by default: 100,000 input events (typing in bursts, pointer movements, window changes) in ticks
of 5 s, a sync a tick, a checkpoint every 30 s, 480 screenshots of 320 KiB, what the stop writes, SUMMARY and seal. The
recorder is the real one, with its thread, queue and ledger; only its waiter and clock are ours, so nothing waits for real
time. The disk is the real one. All events are made before the clock starts.

    record_cpu_s          process CPU (user and system) from the recorder's start to its end: queue, minimiser, ledger, what
                          people are shown each tick; encrypting, writing and syncing records, blobs and checkpoints
    verify_cpu_s          process CPU of `verify_session` on the sealed folder without a key
    open_first_record_ms  from a folder and the trainer's key to the first decrypted record, wall, least of 3
    read_all_cpu_s        process CPU of decrypting every record once (no pictures)
    bytes_per_event       bytes in segments, CAPTURE records included and blobs left out, per input event
"""

from __future__ import annotations

import argparse
import base64
import gc
import json
import os
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from agent.recorder import SessionRecorder
from agent.sensor import Ability, FrontWindow, Keystroke, Observation, Picture, Press, Stroke
from session.crypto.aead import content_key_commitment
from session.crypto.hpke import ReadingKey, wrap, wrap_info
from session.crypto.signing import SigningKey, fingerprint
from session.disk import RealDisk
from session.events import (
    TICK_US,
    Event,
    Injected,
    KeyClass,
    Kind,
    Moment,
    Opening,
    Start,
    Summary,
)
from session.journal import Journal, SessionKeys
from session.policy import Policy, default_policy_toml, parse_policy, policy_digest
from session.ports import ClockReading, RecorderState
from session.reader import FolderReader, content_keys_for_trainer
from session.seal import seal
from session.trust.certificates import certify_device, certify_session
from session.trust.statements import NO_DIRECTORY, Personal, sign
from session.verify import verify_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.sensor import Emit

BEGIN_US = 1_700_000_000_000_000
MONO_US = 100_000_000
IMAGE_BYTES = 100_000


def policy_toml() -> bytes:
    """The shipped policy with screenshots sent."""
    return default_policy_toml().replace(b'captures = "off"', b'captures = "sent"')


class Day:
    """The recorder's clock, its one sensor, and its waiter: each wait hands over one tick's observations at once."""

    name = "input"
    boot_id = "bench"

    def __init__(self, made: list[list[Observation]], captures: int) -> None:
        self._made = made
        self._captures = captures
        self._images = [os.urandom(IMAGE_BYTES) for _ in range(8)]
        self._taken = self._tick = 0
        self._emit: Emit | None = None
        self._stop: Callable[[], None] | None = None

    def end_with(self, stop: Callable[[], None]) -> None:
        """Calls `stop` when all was handed over."""
        self._stop = stop

    def read(self) -> ClockReading:
        """The clock: the end of the last tick handed over."""
        return reading_after(self._tick * TICK_US)

    def start(self, emit: Emit) -> None:
        """The sensor observes."""
        self._emit = emit

    def stop(self) -> None:
        """The sensor has ended."""
        self._emit = None

    def ability(self) -> Ability:
        """What the sensor sees."""
        return Ability(self.name, observes=True, detail="what was made beforehand")

    def wait(self, timeout_s: float) -> None:  # noqa: ARG002 - its length is the grid's, which `read` keeps
        """The next tick, or the stop where there is none."""
        if self._tick == len(self._made) and self._stop is not None:
            self._stop()
            return
        if self._emit is None:
            raise RuntimeError("the recorder waits without observing")
        for one in self._made[self._tick]:
            self._emit(one)
        self._tick += 1
        if self._taken < self._captures * self._tick // len(self._made):
            self._emit(picture_at(self.read(), self._images[self._taken % len(self._images)]))
            self._taken += 1

    def wake(self) -> None:
        """Nothing waits: `wait` comes back at once."""


def begin(folder: Path, reading_key: ReadingKey) -> tuple[Journal, tuple[Event, Event]]:
    """A personal session with a real chain of certificates, and its first two records."""
    person, device, signing = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
    keys = SessionKeys(os.urandom(16).hex(), signing, os.urandom(32), os.urandom(32))
    org_fp, policy_sha256 = fingerprint(person.public), policy_digest(policy_toml())
    ckc_s = content_key_commitment("s", keys.content_s).hex()
    ckc_w = content_key_commitment("w", keys.content_w).hex()
    bound_to = wrap_info(org_fp, keys.session_id, policy_sha256, reading_key.public, ckc_s, ckc_w)
    wraps = [base64.b64encode(wrap(one, reading_key.public, bound_to)).decode() for one in (keys.content_s, keys.content_w)]
    personal = Personal(
        organisation=org_fp,
        mode="personal",
        session=keys.session_id,
        session_key=signing.public.hex(),
        person="bench",
        person_key=person.public.hex(),
        device="bench",
        device_key=device.public.hex(),
        policy_sha256=policy_sha256,
        directory_sha256=NO_DIRECTORY,
        issued_us=BEGIN_US,
    )
    start = Start(
        session_id=keys.session_id,
        t_us=BEGIN_US,
        mono_us=MONO_US,
        boot_id="bench",
        agent="bench",
        suite=1,
        policy_sha256=policy_sha256,
        directory_sha256=NO_DIRECTORY,
        reader=fingerprint(reading_key.public),
        ckc_s=ckc_s,
        ckc_w=ckc_w,
        wrap_s=wraps[0],
        wrap_w=wraps[1],
        device_certificate=certify_device(
            person,
            organisation=org_fp,
            person="bench",
            device="bench",
            device_public=device.public,
            reading_public=reading_key.public,
            issued_us=BEGIN_US,
        ).decode(),
        session_certificate=certify_session(
            device,
            organisation=org_fp,
            device="bench",
            session_id=keys.session_id,
            session_public=signing.public,
            issued_us=BEGIN_US,
        ).decode(),
    )
    (folder / "statements").mkdir(parents=True)
    (folder / "statements" / "policy.toml").write_bytes(policy_toml())
    opening = Opening(sign(personal, device).decode())
    journal = Journal.create(folder, keys, (Kind.PERSONAL, opening), start, org_fp=org_fp, disk=RealDisk())
    return journal, (Event(0, Kind.PERSONAL, opening), Event(1, Kind.START, start))


def workload(ticks: int, events: int, chance: random.Random) -> list[list[Observation]]:
    """`events` observations over `ticks` ticks: bursts of typing and of moving, with rest between."""
    shares = [chance.choice((0.0, 0.2, 1.0, 2.0)) for _ in range(ticks)]
    scale = events / sum(shares)
    made: list[list[Observation]] = []
    owed = 0.0
    for tick, share in enumerate(shares):
        owed += share * scale
        times = sorted(chance.randrange(TICK_US) for _ in range(int(owed)))
        owed -= len(times)
        made.append([observation(MONO_US + tick * TICK_US + at, chance) for at in times])
    return made


def observation(mono_us: int, chance: random.Random) -> Observation:
    """One event: 75 % keys, 20 % pointer, 5 % windows."""
    drawn = chance.random()
    if drawn < 0.75:
        key_class = chance.choices((KeyClass.TEXT, KeyClass.SPACE, KeyClass.DELETE, KeyClass.NAVIGATION), (75, 15, 7, 3))[0]
        return Keystroke(mono_us, key_class, chance.randint(40, 180), 11, Injected.NO)
    if drawn < 0.92:
        return Stroke(mono_us, chance.randint(50, 600), chance.randint(5, 900), chance.randint(5, 700), 30, 12, Injected.NO)
    if drawn < 0.95:
        return Press(mono_us, scroll=chance.random() < 0.5, source=12, injected=Injected.NO)
    window = chance.randint(1, 9)
    return FrontWindow(mono_us, window, f"application-{window}", "title", 1000 + window, f"/usr/bin/program-{window}")


def record(journal: Journal, past: tuple[Event, Event], policy: Policy, day: Day) -> float:
    """Writes the session; gives the CPU seconds."""
    recorder = SessionRecorder(journal, policy, day, (day,), past=past, waiter=day)
    day.end_with(recorder.stop)
    gc.collect()
    gc.freeze()  # the day's observations are ours: a session does not hold 100,000 of them for the collector to walk through
    begun_s = time.process_time()
    recorder.start()
    while not recorder.join(timeout_s=60):
        pass
    whole_s = time.process_time() - begun_s
    if recorder.status().state is not RecorderState.STOPPED:
        raise SystemExit(f"the recorder ended in state {recorder.status().state}: {recorder.status().message}")
    return whole_s


def picture_at(now: ClockReading, image: bytes) -> Picture:
    """One monitor."""
    return Picture(now.mono_us, 0, 0, 0, 1920, 1080, "image/webp", image, "0123456789abcdef", unchanged=False, masked=0)


def reading_after(after_us: int) -> ClockReading:
    """All clocks."""
    return ClockReading(BEGIN_US + after_us, MONO_US + after_us, MONO_US + after_us)


def first_record_ms(folder: Path, reading_key: ReadingKey) -> float:
    """From nothing to the first decrypted record, wall."""
    begun_s = time.perf_counter()
    reader = FolderReader(folder, content_keys_for_trainer(folder, reading_key))
    if reader.event(2).body is None:
        raise SystemExit("the first record could not be opened")
    return (time.perf_counter() - begun_s) * 1000


def measure(folder: Path, hours: float, events: int, captures: int) -> dict[str, float]:
    """All figures, each in the unit of its name."""
    reading_key = ReadingKey.generate()
    made = workload(max(1, round(hours * 3600 * 1_000_000 / TICK_US)), events, random.Random(1))  # noqa: S311 - a workload
    journal, past = begin(folder, reading_key)
    record_cpu_s = record(journal, past, parse_policy(policy_toml()), Day(made, captures))
    end = reading_after(len(made) * TICK_US + 1)
    worked_us = end.t_us - BEGIN_US
    journal.append(Kind.SUMMARY, Summary(end.t_us, worked_us, 0, 0, 0, 0, captures, 0, ()))
    journal.checkpoint(end, Moment.SEAL)
    journal.close()
    keys = journal.keys
    seal(folder, keys.signing, content_keys=keys.content, project="", sealed_us=end.t_us)
    begun_s = time.process_time()
    verification = verify_session(folder)
    verify_cpu_s = time.process_time() - begun_s
    if not verification.verified:
        raise SystemExit(f"the recorded session does not verify: {verification.failed_step}")
    open_ms = min(first_record_ms(folder, reading_key) for _ in range(3))
    begun_s = time.process_time()
    records = sum(1 for _ in FolderReader(folder, keys.content).iter_events())
    read_all_cpu_s = time.process_time() - begun_s
    segment_bytes = sum(path.stat().st_size for path in folder.glob("*.fws"))
    return {
        "record_cpu_s": round(record_cpu_s, 3),
        "verify_cpu_s": round(verify_cpu_s, 3),
        "open_first_record_ms": round(open_ms, 1),
        "read_all_cpu_s": round(read_all_cpu_s, 3),
        "bytes_per_event": round(segment_bytes / max(1, sum(map(len, made))), 1),
        "segment_bytes": segment_bytes,
        "blob_bytes": sum(path.stat().st_size for path in (folder / "blobs").iterdir()),
        "records": records,
        "events": sum(map(len, made)),
        "captures": captures,
    }


def main() -> None:
    """Prints the figures, as lines or as one JSON object."""
    arguments = argparse.ArgumentParser(description="What recording a session costs, without sensors.")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--hours", type=float, default=8.0)
    arguments.add_argument("--events", type=int, default=100_000)
    arguments.add_argument("--captures", type=int, default=480)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="fairwitness-bench-") as folder:
        figures = measure(Path(folder) / "session", chosen.hours, chosen.events, chosen.captures)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:>22}  {figure}")


if __name__ == "__main__":
    main()
