# SPDX-License-Identifier: Apache-2.0
"""What a sensor is, and the observations that leave one.

Rules:

1. A sensor observes only between `start` and `stop`, and hands each observation to `emit`, which never blocks.
2. Reduction happens in the callback: a keystroke leaves as class, dwell, source and time. The identity of the
   key is used inside to pair press and release and to choose the class, and is forgotten there.
3. A sensor that cannot observe says so with `SensorChange` and a `Reason`; it never guesses and never raises out
   of its thread. Observing again is another `SensorChange`.
4. Times are `mono_us`, from the event's own stamp where the desktop gives one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from session.events import Injected, KeyClass, Reason


class Keystroke(msgspec.Struct, frozen=True):
    """A keystroke, told once: at its release with the dwell, or held 1 s (or at stop) with `dwell_ms` -1.

    `mono_us` is the press, so keystrokes may come up to a second late and out of order. A `repeat` is told at once.
    """

    mono_us: int
    key_class: KeyClass
    dwell_ms: int
    source: int
    injected: Injected
    repeat: bool = False


class Way(msgspec.Struct, frozen=True):
    """How a movement, or a part of one, went from event to event: sums and bounds of its steps. Counted, never recorded.

    Args:
        steps: events that moved the pointer.
        path_px: the lengths of all steps together, >= 0; unlike that of a `Stroke` not rounded.
        dx_px, dy_px: from its beginning to its end.
        least_px, most_px: the shortest and the longest step, > 0; infinite and 0 without any.
    """

    steps: int
    path_px: float
    dx_px: float
    dy_px: float
    least_px: float
    most_px: float


class Stroke(msgspec.Struct, frozen=True):
    """Pointer motion reduced at once: one movement, or the part of one that fell into a batch.

    `way` is None where the sensor cannot tell it: the device tells positions that jump by nature, or too little is known.
    """

    mono_us: int
    duration_ms: int
    path_px: int
    net_px: int
    moves: int
    source: int
    injected: Injected
    way: Way | None = None


class Press(msgspec.Struct, frozen=True):
    """A pointer button or one step of a wheel."""

    mono_us: int
    scroll: bool
    source: int
    injected: Injected


class FrontWindow(msgspec.Struct, frozen=True):
    """The window in front changed, or its title did. `window` is the desktop's own number, 0 for none."""

    mono_us: int
    window: int
    app: str
    title: str
    pid: int
    executable: str


class Beside(msgspec.Struct, frozen=True):
    """Something beside the window in front, as in `session.events.Nearby`. `scope` is whose loss it is: `Sensor.name`."""

    mono_us: int
    scope: str
    kind: str
    what: str
    number: int


class Looks(msgspec.Struct, frozen=True):
    """A sensor looks for things beside the window in front from now on: `watched` as in `session.events.Focus`."""

    mono_us: int
    watched: int


class Copied(msgspec.Struct, frozen=True):
    """Something was copied: how many bytes (0: not known) by which application, named as in `FrontWindow`. Never what."""

    mono_us: int
    size_bytes: int
    app: str


class Picture(msgspec.Struct, frozen=True):
    """One monitor, masked and encoded by the capture process. `unchanged`: equal to the last one of this monitor.

    `encoded` is filled even then: the last encoding is kept, so that every record has a blob of its own.
    """

    mono_us: int
    monitor: int
    x_px: int
    y_px: int
    width_px: int
    height_px: int
    mime: str
    encoded: bytes
    dhash: str
    unchanged: bool
    masked: int


class SensorChange(msgspec.Struct, frozen=True):
    """A sensor began (`observing`) or ceased to observe. `lost` counts observations dropped."""

    mono_us: int
    sensor: str
    observing: bool
    reason: Reason | None
    lost: int = 0


class ClockChange(msgspec.Struct, frozen=True):
    """Suspend or a jump of UTC against the monotonic clock: `reason` SUSPEND or CLOCK, and by how much (signed µs)."""

    mono_us: int
    reason: Reason
    by_us: int


Observation = Keystroke | Stroke | Press | FrontWindow | Beside | Looks | Copied | Picture | SensorChange | ClockChange
Emit = Callable[[Observation], None]


class Ability(msgspec.Struct, frozen=True):
    """What `doctor` says of a sensor on this desktop: `observes` yes or no, in plain words, and what to do."""

    sensor: str
    observes: bool
    detail: str
    advice: str = ""


class Sensor(Protocol):
    """One source of observations."""

    @property
    def name(self) -> str:
        """The `scope` of its gaps: "keyboard", "pointer", "window", "clipboard", "capture", "runners", "clock" or "idle".

        A sensor of two scopes ("input") tells its `SensorChange` for each, "keyboard" and "pointer".
        """
        ...

    def start(self, emit: Emit) -> None:
        """Begins to observe; returns at once. What is in the way becomes a `SensorChange`, never an exception."""
        ...

    def stop(self) -> None:
        """Ends; when it returns (2 s at most) nothing more is emitted and threads and processes are gone."""
        ...

    def ability(self) -> Ability:
        """What this sensor can see here, found by trying, without observing anybody."""
        ...
