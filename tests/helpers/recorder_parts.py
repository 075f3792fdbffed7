# SPDX-License-Identifier: Apache-2.0
"""A clock that stands still until told, a sensor that plays a script, and short ways to say an observation."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from agent.sensor import Ability, FrontWindow, Keystroke, Picture, Press, SensorChange, Stroke, Way
from session.events import Disclosure, Injected, KeyClass, Reason
from session.policy import Policy, default_policy_toml, parse_policy
from session.ports import ClockReading

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.sensor import Emit, Observation

T0_US = 1_795_000_000_000_000
MONO0_US = 5_000_000_000
SECOND_US = 1_000_000


@dataclass
class FakeClock:
    """Time moves by `advance` alone. `suspend` moves all but the monotonic clock, `set_utc` UTC alone."""

    t_us: int = T0_US
    mono_us: int = MONO0_US
    boottime_us: int = MONO0_US
    boot_id: str = "7d6f2c1e-0000-4000-8000-0123456789ab"

    def read(self) -> ClockReading:
        return ClockReading(self.t_us, self.mono_us, self.boottime_us)

    def advance(self, seconds: float) -> ClockReading:
        passed_us = round(seconds * SECOND_US)
        self.t_us += passed_us
        self.mono_us += passed_us
        self.boottime_us += passed_us
        return self.read()

    def suspend(self, seconds: float) -> None:
        self.t_us += round(seconds * SECOND_US)
        self.boottime_us += round(seconds * SECOND_US)

    def set_utc(self, by_seconds: float) -> None:
        self.t_us += round(by_seconds * SECOND_US)


@dataclass
class ScriptedSensor:
    """Emits what a test tells it to, from the test's own thread, and keeps count of its starts and stops."""

    name: str = "keyboard"
    greeting: tuple[Observation, ...] = ()
    emit: Emit | None = None
    starts: int = 0
    stops: int = 0
    emitted: list[Observation] = field(default_factory=list)
    stop_waits_for: threading.Event | None = None

    def start(self, emit: Emit) -> None:
        assert self.emit is None, "started twice"
        self.starts += 1
        self.emit = emit
        for observation in self.greeting:
            self.play(observation)

    def stop(self) -> None:
        self.stops += 1
        self.emit = None
        if self.stop_waits_for is not None:
            self.stop_waits_for.wait(5)

    def ability(self) -> Ability:
        return Ability(self.name, observes=True, detail="plays a script")

    def play(self, *observations: Observation) -> None:
        assert self.emit is not None, "observing while stopped"
        for observation in observations:
            self.emitted.append(observation)
            self.emit(observation)


def policy(change: Callable[[dict[str, object]], None] | None = None, **disclosure: Disclosure) -> Policy:
    """The default policy with some disclosures changed; `change` may edit the whole table."""
    base = parse_policy(default_policy_toml())
    table = msgspec.to_builtins(base)
    table["disclosure"].update({name: value.value for name, value in disclosure.items()})
    if change:
        change(table)
    return msgspec.convert(table, Policy)


def titles_in_full(table: dict[str, object]) -> None:
    table["titles"] = {"detail": "full"}


def keystroke(
    mono_us: int,
    key_class: KeyClass = KeyClass.TEXT,
    *,
    dwell_ms: int = -1,
    source: int = 11,
    injected: Injected = Injected.NO,
    repeat: bool = False,
) -> Keystroke:
    return Keystroke(mono_us, key_class, dwell_ms, source, injected, repeat)


def stroke(
    mono_us: int,
    duration_ms: int = 50,
    *,
    path_px: int = 40,
    net_px: int = 30,
    moves: int = 8,
    source: int = 12,
    injected: Injected = Injected.NO,
    way: Way | None = None,
) -> Stroke:
    return Stroke(mono_us, duration_ms, path_px, net_px, moves, source, injected, way)


def press(mono_us: int, *, scroll: bool = False, source: int = 12, injected: Injected = Injected.NO) -> Press:
    return Press(mono_us, scroll, source, injected)


def front(mono_us: int, window: int = 77, app: str = "editor", title: str = "draft") -> FrontWindow:
    return FrontWindow(mono_us, window, app, title, 4242, "/usr/bin/editor")


def picture(mono_us: int, encoded: bytes = b"RIFF....WEBP", *, monitor: int = 1, unchanged: bool = False) -> Picture:
    return Picture(mono_us, monitor, 0, 0, 1280, 720, "image/webp", encoded, "0123456789abcdef", unchanged, 1)


def ceased(mono_us: int, sensor: str = "keyboard", reason: Reason = Reason.DIED, lost: int = 0) -> SensorChange:
    return SensorChange(mono_us, sensor, observing=False, reason=reason, lost=lost)


def began(mono_us: int, sensor: str = "keyboard", lost: int = 0) -> SensorChange:
    return SensorChange(mono_us, sensor, observing=True, reason=None, lost=lost)
