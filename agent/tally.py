# SPDX-License-Identifier: Apache-2.0
"""What STATS says of a tick: counts, coarse intervals, path length and idle, and nothing finer.

Rules:

1. Pure: no clock. The same observations give the same totals however they are cut into ticks.
2. STATS always fits its padded size: each number is paid off by a bounded part a tick, and what is left waits for the next.
3. Text keys are TEXT and SPACE presses; auto-repeated presses count as repeats alone.
4. An interval longer than the last edge counts in the last bin; none is measured across a gap.
5. How long keys were held is not counted, nor are intervals below 420 ms but as long or not long beside the person's own
   (`agent.rhythm`): no detector asks for more, and it tells people apart (docs/adr/0019, 0021).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from agent.paths import is_even, is_path
from agent.rhythm import Rhythm
from session.events import PAUSE_EDGES_MS, Injected, KeyClass, Kind, SourceCount, Stats
from session.frames import pack_payload
from session.table import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.sensor import Keystroke, Press, Stroke
    from session.events import Payload
    from session.ports import ClockReading

MOST_SOURCES: Final = 64
"""Input devices told apart in a session; all further ones count as the last."""

_STATS_PAD_BYTES: Final = TYPES[Kind.STATS].pad
_TEXT_KEYS: Final = (KeyClass.TEXT, KeyClass.SPACE)
_BY_A_PROGRAM: Final = Injected.YES
_NO_DEVICE: Final = -1
_ORIGINS: Final = tuple(Injected)
_PAUSE_EDGES_US: Final = tuple(edge * 1000 for edge in PAUSE_EDGES_MS)
_MOST_COUNT: Final = 999
_MOST_MOVES: Final = 99_999
_MOST_PATH_PX: Final = 9_999_999
_MOST_MS: Final = 99_999_999
"""With these bounds the numbers of STATS but its sources take 159 bytes at most, of the 255 that its padding leaves. A
device takes at most 44, which compression makes up for: the whole is digits and commas.
"""


class Devices:
    """Numbers input devices in order of appearance, from 1. No name is kept."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def number(self, device: int) -> int:
        """The session's number for the desktop's number `device`."""
        number = self._numbers.get(device)
        if number is None:
            if len(self._numbers) >= MOST_SOURCES - 1:
                return MOST_SOURCES
            number = self._numbers[device] = len(self._numbers) + 1
        return number


@dataclass
class _Source:
    """What one input device sent and no record has carried yet."""

    text_keys: int = 0
    other_keys: int = 0
    buttons: int = 0
    scrolls: int = 0
    moves: int = 0
    paths: int = 0
    even: int = 0
    jumps: int = 0


@dataclass
class _Waiting:
    """What STATS has still to carry."""

    keys: list[int] = field(default_factory=lambda: [0] * len(KeyClass))
    pauses: list[int] = field(default_factory=lambda: [0] * (len(PAUSE_EDGES_MS) + 1))
    pace: list[int] = field(default_factory=lambda: [0, 0])
    repeats: int = 0
    distance_px: int = 0
    strokes: int = 0


class Tally:
    """Counts input and gives the STATS of a tick. Not thread-safe.

    Args:
        devices: numbers of the input devices, shared with RAW.
        reading: where idle and the first tick begin.
    """

    def __init__(self, devices: Devices, reading: ClockReading) -> None:
        self._devices = devices
        self._sources: dict[int, _Source] = {}
        self._latest_device, self._latest_origin, self._latest = _NO_DEVICE, Injected.NO, _Source()
        self._waiting = _Waiting()
        self._tick_mono_us = reading.mono_us
        self._keyboard_us = self._pointer_us = reading.mono_us
        self._last_text_us: int | None = None
        self._rhythm = Rhythm()

    @property
    def waiting(self) -> bool:
        """Whether another record would carry something."""
        held = self._waiting
        return bool(self._sources) or any(
            (*held.keys, *held.pauses, *held.pace, held.repeats, held.distance_px, held.strokes)
        )

    def keystroke(self, keystroke: Keystroke) -> None:
        """Counts a press by class, interval and device."""
        pressed_us, held = keystroke.mono_us, self._waiting
        if keystroke.injected is not _BY_A_PROGRAM and pressed_us > self._keyboard_us:
            self._keyboard_us = pressed_us
        if keystroke.repeat:
            held.repeats += 1
            return
        held.keys[keystroke.key_class] += 1
        source = self._source(keystroke.source, keystroke.injected)
        if keystroke.key_class not in _TEXT_KEYS:
            source.other_keys += 1
            return
        source.text_keys += 1
        if self._last_text_us is not None:
            interval_us = pressed_us - self._last_text_us
            held.pauses[bisect_left(_PAUSE_EDGES_US, interval_us)] += 1
            if (is_long := self._rhythm.is_long(interval_us)) is not None:
                held.pace[is_long] += 1
        self._last_text_us = pressed_us

    def stroke(self, stroke: Stroke, *, begins: bool) -> None:
        """Counts pointer motion; `begins` says that it is not the continuation of a movement."""
        if stroke.injected is not _BY_A_PROGRAM:
            self._pointer_us = max(self._pointer_us, stroke.mono_us + stroke.duration_ms * 1000)
        self._source(stroke.source, stroke.injected).moves += stroke.moves
        self._waiting.distance_px += stroke.path_px
        self._waiting.strokes += begins

    def movement(self, movement: Stroke) -> None:
        """Counts how a movement that is over went, where that is known."""
        if is_path(movement):
            source = self._source(movement.source, movement.injected)
            source.paths += 1
            source.even += is_even(movement)

    def press(self, press: Press, *, jumped: bool = False) -> None:
        """Counts a button or one step of a wheel; `jumped` says that its device jumped to where it pressed."""
        if press.injected is not _BY_A_PROGRAM:
            self._pointer_us = max(self._pointer_us, press.mono_us)
        source = self._source(press.source, press.injected)
        if press.scroll:
            source.scrolls += 1
        else:
            source.buttons += 1
            source.jumps += jumped

    def interrupt(self, mono_us: int, *, keyboard: bool = True, pointer: bool = True) -> None:
        """Nothing is measured across `mono_us`: intervals begin anew, and idle counts from here."""
        if keyboard:
            self._last_text_us = None
            self._rhythm.forget()
            self._keyboard_us = max(self._keyboard_us, mono_us)
        if pointer:
            self._pointer_us = max(self._pointer_us, mono_us)

    def begin_tick(self, mono_us: int) -> None:
        """The next tick's span counts from here."""
        self._tick_mono_us = mono_us

    def record(self, reading: ClockReading) -> Stats:
        """The STATS of the tick that ends at `reading`; begins the next tick."""
        held = self._waiting
        bare = Stats(
            t_us=reading.t_us,
            mono_us=reading.mono_us,
            span_ms=_ms_since(self._tick_mono_us, reading),
            keys=_paid(held.keys),
            repeats=min(held.repeats, _MOST_COUNT),
            distance_px=min(held.distance_px, _MOST_PATH_PX),
            strokes=min(held.strokes, _MOST_COUNT),
            keyboard_idle_ms=_ms_since(self._keyboard_us, reading),
            pointer_idle_ms=_ms_since(self._pointer_us, reading),
            pauses=_paid(held.pauses),
            pace=_paid(held.pace),
        )
        held.repeats -= bare.repeats
        held.distance_px -= bare.distance_px
        held.strokes -= bare.strokes
        self._tick_mono_us = reading.mono_us
        entries = [_entry(key, source) for key, source in self._sources.items()]

        def body(count: int) -> Stats:
            return msgspec.structs.replace(bare, sources=tuple(entries[:count])) if count else bare

        count = most_that_fit(len(entries), _STATS_PAD_BYTES, body, near=len(entries))
        for entry in entries[:count]:
            self._pay(entry)
        self._latest_device = _NO_DEVICE  # what was paid off in full is gone
        return body(count)

    def _source(self, device: int, injected: Injected) -> _Source:
        if device == self._latest_device and injected is self._latest_origin:
            return self._latest
        source = self._sources.setdefault(_source_key(self._devices.number(device), injected), _Source())
        self._latest_device, self._latest_origin, self._latest = device, injected, source
        return source

    def _pay(self, entry: SourceCount) -> None:
        key = _source_key(entry.source, entry.injected)
        source = self._sources[key]
        source.text_keys -= entry.text_keys
        source.other_keys -= entry.other_keys
        source.buttons -= entry.buttons
        source.scrolls -= entry.scrolls
        source.moves -= entry.moves
        source.paths -= entry.paths
        source.even -= entry.even
        source.jumps -= entry.jumps
        if source == _Source():
            del self._sources[key]


def _source_key(number: int, injected: Injected) -> int:
    """One number for device and origin: a key per event, and the hash of an enumeration's member is computed in Python."""
    return number * len(_ORIGINS) + injected


def _entry(key: int, source: _Source) -> SourceCount:
    number, origin = divmod(key, len(_ORIGINS))
    return SourceCount(
        source=number,
        injected=_ORIGINS[origin],
        text_keys=min(source.text_keys, _MOST_COUNT),
        other_keys=min(source.other_keys, _MOST_COUNT),
        buttons=min(source.buttons, _MOST_COUNT),
        scrolls=min(source.scrolls, _MOST_COUNT),
        moves=min(source.moves, _MOST_MOVES),
        paths=min(source.paths, _MOST_COUNT),
        even=min(source.even, _MOST_COUNT),
        jumps=min(source.jumps, _MOST_COUNT),
    )


def _ms_since(mono_us: int, reading: ClockReading) -> int:
    return min(max(0, reading.mono_us - mono_us) // 1000, _MOST_MS)


def _paid(counts: list[int]) -> tuple[int, ...]:
    """Takes at most `_MOST_COUNT` off each number, and gives what was taken."""
    if max(counts) <= _MOST_COUNT:
        taken = tuple(counts)
        counts[:] = [0] * len(counts)
        return taken
    taken = tuple(min(count, _MOST_COUNT) for count in counts)
    counts[:] = [count - part for count, part in zip(counts, taken, strict=True)]
    return taken


def fits(body: Payload, padded_bytes: int) -> bool:
    """Whether the record of `body` takes `padded_bytes` when padded, and no more."""
    text = msgspec.json.encode(body)
    return len(text) < padded_bytes or len(pack_payload(text)) < padded_bytes  # the padding itself takes one byte at least


def most_that_fit(available: int, padded_bytes: int, body: Callable[[int], Payload], *, near: int = 1) -> int:
    """How many entries a record of `padded_bytes` carries, searched from `near` in growing steps, then by halving.

    0 where not even one fits. Compressed lengths are not quite monotone, so an entry that would have fitted may be missed;
    it waits for the next tick.

    Args:
        available: how many there are.
        padded_bytes: of the record.
        body: of a record with so many entries.
        near: where the search begins; it decides how long the search takes, and among counts that fit nothing.
    """
    least, beyond = 0, available + 1
    tried, step = max(1, min(near, available)), 1
    while beyond - least > 1:
        if fits(body(tried), padded_bytes):
            least = tried
            tried += step
        else:
            beyond = tried
            tried -= step
        step *= 2
        if not least < tried < beyond:
            tried = (least + beyond) // 2
    return least
