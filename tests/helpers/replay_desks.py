# SPDX-License-Identifier: Apache-2.0
"""Whole days and short minutes at a desk, as records: what a person's session looks like to the replay."""

from __future__ import annotations

import random
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO

import msgspec
from PIL import Image, ImageDraw
from replay_sessions import DIGEST, SESSION_ID, Tape, injected, source

from session.account.clocks import clock_changes
from session.events import (
    Answer,
    Capture,
    Checkpoint,
    ClockPair,
    Cosign,
    Edge,
    Event,
    FindingRecord,
    Focus,
    FocusChange,
    Kind,
    Moment,
    Nearby,
    Reason,
)
from session.verify.result import Verification
from session.verify.times import Mark, Times, proved_times

APPS = ("Firefox", "Writer", "Terminal", "Label Studio", "Calculator", "Files", "PDF viewer", "Zoom", "Settings")
PLAIN = (1280, 728)
"""Size of a window on 1366x768, on which a replay shows lanes and words side by side; the tests' own screen is smaller."""


@dataclass
class ListReader:
    """A `SessionReader` over records in memory."""

    records: list[Event]
    images: dict[int, bytes] = field(default_factory=dict)
    session_id: str = SESSION_ID

    def events(self) -> Sequence[Event]:
        return self.records

    def image(self, seq: int) -> bytes | None:
        return self.images.get(seq)


class Desk:
    """Writes a session tick by tick. Seconds are those since its start."""

    def __init__(self, seed: int = 1, *, tape: Tape | None = None, size: tuple[int, int] = (960, 540)) -> None:
        self.tape = tape or Tape()
        self.rng = random.Random(seed)  # noqa: S311 - a made-up desk
        self.images: dict[int, bytes] = {}
        self.size = size
        self.front = -1
        self.tape.start()

    def another(self) -> Desk:
        """A desk with the same records so far, which goes on by itself."""
        desk = copy(self)
        desk.tape, desk.images = copy(self.tape), dict(self.images)
        desk.tape.events = list(self.tape.events)
        return desk

    def reader(self) -> ListReader:
        return ListReader(self.tape.events, self.images)

    def focus(self, second: float, *changes: tuple[float, int]) -> None:
        t_us, mono_us = self.tape.at(second)
        listed = tuple(FocusChange(self.tape.at(at)[1], app + 1, APPS[app]) for at, app in changes)
        self.tape.add(Kind.FOCUS, Focus(t_us, mono_us, listed))

    def nearby(self, second: float, *told: tuple[float, str, str, int], watched: int = 3) -> int:
        """A record that tells at `second` what came, went or stayed: each as (when, kind, what, number)."""
        t_us, mono_us = self.tape.at(second)
        listed = tuple(Nearby(self.tape.at(at)[1], kind, what, number) for at, kind, what, number in told)
        return self.tape.add(Kind.FOCUS, Focus(t_us, mono_us, nearby=listed, watched=watched))

    def asked(self, second: float, detector: str, evidence: tuple[int, ...]) -> int:
        """A raised finding of context that rests on these records."""
        t_us, key = self.tape.at(second)[0], f"finding.{detector}.raised"
        body = FindingRecord(t_us, detector, 1, "raised", "C", 1_000_000, 1_000_000, "unmeasured-1", evidence, key, (), 0)
        return self.tape.add(Kind.FINDING, body)

    def capture(self, second: float, monitor: int = 0) -> int:
        t_us, mono_us = self.tape.at(second)
        encoded = screenshot(self.size, max(0, self.front), len(self.images))
        body = Capture(t_us, mono_us, monitor, 0, 0, *self.size, "image/webp", len(encoded), DIGEST, "0" * 16)
        seq = self.tape.add(Kind.CAPTURE, body, blob=DIGEST)
        self.images[seq] = encoded
        return seq

    def checkpoint(self, second: float, *, cosigned: bool = True, moment: Moment = Moment.GRID) -> None:
        seq = self.tape.add(Kind.CHECKPOINT, Checkpoint(*self.tape.at(second), moment, "note"))
        if cosigned:
            self.tape.add(Kind.COSIGN, Cosign(seq, "line"))

    def zone(self, second: float, name: str) -> None:
        t_us, mono_us = self.tape.at(second)
        self.tape.add(Kind.CLOCK, ClockPair(t_us, mono_us, mono_us, "boot", name))

    def finding(self, second: float, state: str, evidence: tuple[int, ...] = (), *, shadow: bool = False) -> int:
        key = f"finding.injected-input.{state.replace(' ', '-')}"
        body = FindingRecord(
            self.tape.at(second)[0],
            "injected-input",
            1,
            state,
            "A",
            0,
            900_000,
            "unmeasured-1",
            evidence,
            key,
            (),
            int(shadow),
        )
        return self.tape.add(Kind.FINDING, body)

    def answer(self, second: float, finding: int) -> None:
        self.tape.add(Kind.ANSWER, Answer(self.tape.at(second)[0], finding, "It was dictation."))

    def work(self, begin: int, end: int, *, capture_every: int = 0, typist: bool = True, cosigned: bool = True) -> list[int]:
        """Ticks of a person at work over (begin, end]; gives the seqs of the STATS."""
        rng, seqs = self.rng, []
        mood, left = "write", 0
        for second in range(begin + 5, end + 1, 5):
            if left <= 0:
                mood, left = rng.choice(["write", "write", "read", "browse", "think"]), rng.randint(4, 60)
                app = {"write": 1, "read": 6, "browse": 0, "think": self.front}.get(mood, 0)
                app = rng.choice([app, app, app, 3, 2, rng.randrange(len(APPS))])
                if app != self.front or self.front < 0:
                    self.front = max(0, app)
                    self.focus(second, (second - 3, self.front))
            left -= 1
            keys = max(0, round(rng.gauss(14, 6))) if mood == "write" and typist else rng.choice([0, 0, 0, 2])
            moves = rng.randint(0, 300) if mood in ("browse", "read") or rng.random() < 0.3 else 0
            scrolls = rng.randint(1, 12) if mood in ("read", "browse") and rng.random() < 0.5 else 0
            seqs.append(
                self.tape.tick(second, source(keys, other=keys // 6), source(0, moves=moves, scrolls=scrolls, number=4))
            )
            if second % 30 == 0:
                self.checkpoint(second, cosigned=cosigned)
            if capture_every and second % capture_every == 0:
                self.capture(second + 1)
        return seqs

    def software(self, begin: int, end: int) -> tuple[int, ...]:
        """Ticks in which only software types."""
        return tuple(self.tape.tick(second, injected(20)) for second in range(begin + 5, end + 1, 5))

    def away(self, begin: int, end: int, reason: Reason, scope: str = "session") -> None:
        self.tape.gap(begin, Edge.BEGIN, reason, scope)
        self.tape.gap(end, Edge.END, reason, scope)


def long_day(*, pictures: bool = True, size: tuple[int, int] = (960, 540)) -> Desk:
    """Eight hours with lunch, private time, sleep, a crash, a sensor that was denied, and one finding; the caller's own."""
    return _long_day(pictures=pictures, size=size).another()


@cache
def _long_day(*, pictures: bool, size: tuple[int, int]) -> Desk:
    desk = Desk(size=size, tape=Tape(origin_us=1_795_422_600_000_000))
    every = 600 if pictures else 0
    desk.zone(0, "Europe/Rome")
    desk.work(0, 7200, capture_every=every)
    desk.tape.gap(7200, Edge.BEGIN, Reason.DENIED, "capture")
    desk.work(7200, 10800)
    desk.tape.gap(10800, Edge.END, Reason.DENIED, "capture")
    desk.away(10800, 13200, Reason.PAUSE)
    desk.work(13200, 16200, capture_every=every)
    evidence = desk.software(16200, 16330)
    desk.work(16330, 18000, capture_every=every)
    desk.away(18000, 18900, Reason.PRIVATE)
    desk.work(18900, 21600, capture_every=every, cosigned=False)
    desk.tape.mono_us -= 700_000_000  # it stood still
    desk.tape.gap(22300, Edge.POINT, Reason.SUSPEND, since=21600)
    desk.work(22300, 25200, capture_every=every)
    desk.tape.gap(25440, Edge.POINT, Reason.CRASH, since=25200)
    desk.work(25440, 28800, capture_every=every)
    desk.finding(28800, "raised", evidence)
    desk.checkpoint(28800, moment=Moment.STOP)
    return desk


def half_a_minute() -> Desk:
    """Thirty seconds as the demonstration records them: two windows, typing by software, two screenshots."""
    desk = Desk(size=(1280, 800), tape=Tape(origin_us=1_795_422_600_000_000))
    desk.front = 1
    desk.focus(5, (0.4, 1), (3.2, 0))
    desk.tape.tick(5, injected(22), source(0, moves=40, number=4))
    desk.tape.tick(10, injected(31))
    desk.capture(11)
    desk.focus(15, (12, 1))
    desk.tape.tick(15, injected(28), source(0, moves=10, scrolls=3, number=4))
    desk.tape.tick(20)
    desk.tape.tick(25, injected(40))
    desk.front = 0
    desk.capture(26)
    desk.focus(30, (27, 6))
    desk.tape.tick(30, injected(35), source(0, moves=90, number=4))
    desk.checkpoint(30, moment=Moment.GRID)
    desk.finding(30, "not evaluated", shadow=True)
    desk.checkpoint(30, moment=Moment.STOP)
    return desk


def bare(seconds: int = 600) -> Desk:
    """A session of which nothing is readable but its time: as a reviewer sees one whose content is withheld."""
    desk = Desk(tape=Tape(origin_us=1_795_422_600_000_000))
    for second in range(5, seconds + 1, 5):
        desk.tape.add(Kind.FOCUS, None)
        desk.tape.add(Kind.STATS, None)
        if second % 30 == 0:
            desk.checkpoint(second, cosigned=False)
    desk.checkpoint(seconds, cosigned=False, moment=Moment.STOP)
    return desk


def witnessed(events: Sequence[Event], *, ahead_s: int = 0, late_s: int = 3600, offline: bool = False) -> Times:
    """What the verifier says of when: granted an hour before, each COSIGN a second after its checkpoint, a receipt.

    The machine's clock is `ahead_s` ahead of the platform's all the time; the receipt comes `late_s` after the last record.
    """
    taken = {event.seq: event.body.t_us for event in events if isinstance(event.body, Checkpoint)}
    second_us, shift_us = 1_000_000, ahead_s * 1_000_000
    marks = tuple(
        Mark(event.body.size, (taken[event.body.size] - shift_us) // second_us * second_us + second_us, event.seq)
        for event in events
        if isinstance(event.body, Cosign)
    )
    start_us, end_us = (getattr(events[at].body, "t_us", 0) for at in (0, -1))
    return proved_times(
        not_before_us=None if offline else start_us - shift_us - 3_600_000_000,
        marks=marks,
        received_us=max(taken.values()) - shift_us + late_s * second_us,
        claimed_start_us=start_us,
        claimed_end_us=end_us or max(taken.values()),
        events=events,
        clock=clock_changes(events),
    )


def screenshot(size: tuple[int, int], app: int, number: int) -> bytes:
    """A made-up desktop: a title bar, a window, lines of grey text."""
    image = Image.new("RGB", size, ("#dfe7ef", "#e9e4f2", "#23303b")[app % 3])
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((width * 0.06, height * 0.08, width * 0.94, height * 0.94), fill="#ffffff", outline="#8895a1", width=2)
    draw.rectangle((width * 0.06, height * 0.08, width * 0.94, height * 0.14), fill="#c9d3dd")
    for line in range(14 + number % 5):
        y = height * (0.2 + line * 0.036)
        draw.rectangle((width * 0.1, y, width * (0.5 + (line * 37 + number * 11) % 40 / 100), y + 6), fill="#b8c2cc")
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def verification(**changes: object) -> Verification:
    """What the verifier says of a session that is in order, trusted, and confirmed."""
    sound = Verification(
        verified=True,
        failed_step=None,
        steps=(),
        trusted=True,
        organisation=DIGEST,
        words=("acid", "amber", "brisk", "cedar", "lunar", "tidal"),
        self_signed=False,
        opening="grant",
        session_id=SESSION_ID,
        person="trainer",
        device=DIGEST,
        project="project",
        policy_name="policy",
        policy_sha256=DIGEST,
        root=DIGEST,
        times=Times(),
        records=0,
        captures=0,
        removed=0,
        lost=0,
        newer=0,
        withheld=0,
        opened=0,
        claimed=(),
        gaps=(),
        receipt=True,
        account=None,
    )
    return msgspec.structs.replace(sound, **changes)
