# SPDX-License-Identifier: Apache-2.0
"""What it costs to ask every detector about a session of eight hours.

`./run python bench/detectors.py [--json] [--hours H] [--events N]`

The day of bench/record.py (100,000 events: typing, pointer, windows) with ordinary titles and pages of AI tools in front,
copies and pastes, gaps of every sensor, pauses, screenshots and checkpoints, under a policy that records all of it. It is
made and encoded first, by the code of the product; a process of its own then only reads and asks.

    session_cpu_s            process CPU of `detectors.run` over the decoded records, reading the catalogue included; bar 1.0
    rss_mib                  greatest memory of that process, interpreter and decoded records included; bar 150
    incremental_core_pct     CPU of a step and a finish of every detector each minute, as a share of one core; bar 0.1
    slowest_minute_cpu_ms    the dearest of those minutes
    decode_cpu_s             process CPU of decoding the records, which every reader does anyway
    detectors_cpu_s          each detector alone, after the others have warmed the process up
    findings                 what each said: a day on which all of them abstain would cost little

Fails beyond one and a half times a bar. Linux only: memory is VmHWM, which no parent leaves behind in its child.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Ours first: this file has the name of the package that it measures.
sys.path[:0] = [str(ROOT)]

import msgspec  # noqa: E402 - after the path

import detectors  # noqa: E402 - after the path
from agent.sensor import Copied, FrontWindow, Keystroke, Observation  # noqa: E402 - after the path
from session.events import (  # noqa: E402 - after the path
    CHECKPOINT_US,
    TICK_US,
    Capture,
    Checkpoint,
    Cosign,
    Disclosure,
    Edge,
    Event,
    Gap,
    Injected,
    KeyClass,
    Kind,
    Moment,
    Payload,
    Reason,
)
from session.frames import decode_payload, encode_payload  # noqa: E402 - after the path
from session.policy import Policy, default_policy_toml, parse_policy  # noqa: E402 - after the path
from session.ports import ClockReading  # noqa: E402 - after the path
from session.table import TYPES  # noqa: E402 - after the path

BARS = {"session_cpu_s": 1.0, "rss_mib": 150.0, "incremental_core_pct": 0.1}
LEEWAY = 1.5
MINUTE_TICKS = 60_000_000 // TICK_US
DIGEST = "0" * 64
SCOPES = ("session", "keyboard", "pointer", "window", "clipboard", "capture")
TOOLS = (
    ("google-chrome", "Beta blockers in heart failure - Claude - Google Chrome"),
    ("firefox", "ChatGPT — Mozilla Firefox"),
    ("claude", "Claude"),
)

Encoded = list[list[tuple[int, int, bytes]]]
"""Minute by minute: seq, kind and payload of each record."""


def everything() -> Policy:
    """The policy as shipped, with all on that a detector may ask for, and AI tools forbidden."""
    shipped = parse_policy(default_policy_toml())
    return msgspec.structs.replace(
        shipped,
        disclosure=msgspec.structs.replace(shipped.disclosure, clipboard=Disclosure.SENT, captures=Disclosure.SENT),
        titles=msgspec.structs.replace(shipped.titles, detail="full"),
        ai_tools=msgspec.structs.replace(shipped.ai_tools, default="forbidden", local_models="noted"),
    )


class Day:
    """The day, encoded as it is told. Every quarter of an hour a minute of some sensor is missing, or a minute is paused."""

    def __init__(self, reading: Callable[[int], ClockReading]) -> None:
        from agent.minimise import Minimiser  # noqa: PLC0415 - as above
        from detectors.catalogue.match import shipped  # noqa: PLC0415 - as above
        from detectors.catalogue.ordinary import ordinary_titles, shown  # noqa: PLC0415 - what makes the day is not what is measured

        self.minutes: Encoded = []
        self._records = 0
        self._reading = reading
        self._chance = random.Random(1)  # noqa: S311 - a workload
        self._titles = list(shown(ordinary_titles(shipped().tools)))
        self._minimiser = Minimiser(everything(), reading(0))
        self._dark = ""

    def tick(self, number: int, observations: Iterable[Observation]) -> None:
        """The records of one tick."""
        now = self._reading((number + 1) * TICK_US)
        if number % MINUTE_TICKS == 0:
            self._minute(now)
        if self._dark == "session":
            return
        for one in (*observations, *self._copies(now)):
            self._minimiser.take(self._shown(one))
        for kind, body, _ in self._minimiser.tick(now).records:
            self._add(kind, body)
        if number % MINUTE_TICKS == MINUTE_TICKS // 2:
            picture = (0, 0, 0, 1920, 1080, "image/webp", 300_000, DIGEST, "0123456789abcdef")
            self._add(Kind.CAPTURE, Capture(now.t_us, now.mono_us, *picture))
        if (number + 1) % (CHECKPOINT_US // TICK_US) == 0:
            self._add(Kind.CHECKPOINT, Checkpoint(now.t_us, now.mono_us, Moment.GRID, "n" * 300))
            self._add(Kind.COSIGN, Cosign(self._records, "l" * 160))

    def _minute(self, now: ClockReading) -> None:
        self.minutes.append([])
        number = len(self.minutes) - 1
        if self._dark:
            self._gap(now, Edge.END)
            self._dark = ""
        if number % 15 == 7:
            self._dark = SCOPES[number // 15 % len(SCOPES)]
            self._gap(now, Edge.BEGIN)

    def _gap(self, now: ClockReading, edge: Edge) -> None:
        reason = Reason.PAUSE if self._dark == "session" else Reason.DIED
        self._add(Kind.GAP, Gap(now.t_us, now.mono_us, edge, reason, self._dark))

    def _copies(self, now: ClockReading) -> Iterator[Observation]:
        """A copy or a paste in every second tick."""
        at_us, drawn = now.mono_us - self._chance.randrange(TICK_US), self._chance.random()
        if drawn < 0.25:
            yield Copied(at_us, self._chance.choice((12, 80, 400, 3000)), self._chance.choice(self._titles)[0])
        elif drawn < 0.5:
            yield Keystroke(at_us, KeyClass.PASTE, 80, 11, Injected.NO)

    def _shown(self, one: Observation) -> Observation:
        if not isinstance(one, FrontWindow):
            return one
        app, title = self._chance.choice(TOOLS if self._chance.random() < 0.1 else self._titles)
        return msgspec.structs.replace(one, app=app, title=title)

    def _add(self, kind: Kind, body: Payload) -> None:
        self._records += 1
        self.minutes[-1].append((self._records, int(kind), encode_payload(body)))


def day(ticks: int, events: int) -> Encoded:
    """The day's records."""
    sys.path[1:1] = [str(ROOT / "bench"), str(ROOT / "tests" / "helpers")]
    from record import reading_after, workload  # noqa: PLC0415 - what makes the day is not what is measured

    made = Day(reading_after)
    for number, observations in enumerate(workload(ticks, events, random.Random(1))):  # noqa: S311 - a workload
        made.tick(number, observations)
    return made.minutes


def decoded(minutes: Encoded) -> list[list[Event]]:
    """The records as a reader hands them over."""
    return [
        [Event(seq, kind, body_of(kind, raw), DIGEST if kind == Kind.CAPTURE else "") for seq, kind, raw in minute]
        for minute in minutes
    ]


def body_of(kind: int, raw: bytes) -> Payload | None:
    """One payload."""
    rule = TYPES[kind]
    return None if rule.body is None else decode_payload(raw, rule.body, rule.max_bytes)


def minute_by_minute(minutes: list[list[Event]]) -> Iterator[float]:
    """CPU seconds of each minute's step and finish of every detector, as the trainer's own window asks."""
    policy = everything()
    states = [one.start(policy) for one in detectors.ALL]
    for minute in minutes:
        begun_s = time.process_time()
        states = [one.step(state, minute) for one, state in zip(detectors.ALL, states, strict=True)]
        for one, state in zip(detectors.ALL, states, strict=True):
            one.finish(state)
        yield time.process_time() - begun_s


def peak_rss_mib() -> float:
    """Greatest memory of this process since it became this program."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise SystemExit("This system does not say how much memory was used.")
    return int(found[1]) / 1024


def asked(path: Path) -> dict[str, object]:
    """All figures, of the records in `path`."""
    policy = everything()
    encoded = msgspec.msgpack.decode(path.read_bytes(), type=Encoded)
    begun_s = time.process_time()
    minutes = decoded(encoded)
    decode_cpu_s = time.process_time() - begun_s
    del encoded
    events = [event for minute in minutes for event in minute]
    begun_s = time.process_time()
    found = detectors.run(detectors.ALL, policy, events)
    session_cpu_s = time.process_time() - begun_s
    spent = list(minute_by_minute(minutes))
    rss_mib = peak_rss_mib()
    each = {}
    for one in detectors.ALL:
        begun_s = time.process_time()
        detectors.run((one,), policy, events)
        each[one.id] = round(time.process_time() - begun_s, 3)
    return {
        "session_cpu_s": round(session_cpu_s, 3),
        "rss_mib": round(rss_mib, 1),
        "incremental_core_pct": round(100 * sum(spent) / (60 * len(spent)), 4),
        "slowest_minute_cpu_ms": round(1000 * max(spent), 2),
        "decode_cpu_s": round(decode_cpu_s, 3),
        "detectors_cpu_s": each,
        "findings": {one.detector: one.state.value for one in found},
        "records": len(events),
        "minutes": len(minutes),
    }


def measured(hours: float, events: int) -> dict[str, object]:
    """Makes the day, and asks in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="fairwitness-bench-") as folder:
        path = Path(folder) / "day"
        path.write_bytes(msgspec.msgpack.encode(day(max(1, round(hours * 3600 * 1_000_000 / TICK_US)), events)))
        told = subprocess.run([sys.executable, __file__, "--of", path], check=True, capture_output=True, text=True)
    figures: dict[str, object] = json.loads(told.stdout)
    return figures | {"events": events}


def beyond(figures: Mapping[str, object]) -> list[str]:
    """The figures that are above their bars by more than the leeway."""
    return [name for name, bar in BARS.items() if float(str(figures[name])) > LEEWAY * bar]


def main() -> None:
    """Prints the figures; fails beyond one and a half times a bar."""
    arguments = argparse.ArgumentParser(description="What it costs to ask every detector about a day.")
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--hours", type=float, default=8.0)
    arguments.add_argument("--events", type=int, default=100_000)
    arguments.add_argument("--of", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.of is not None:
        print(json.dumps(asked(chosen.of)))
        return
    figures = measured(chosen.hours, chosen.events)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:>22}  {figure}")
    if beyond(figures):
        sys.exit(f"beyond {LEEWAY} times its bar: {', '.join(beyond(figures))}")


if __name__ == "__main__":
    main()
