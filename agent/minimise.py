# SPDX-License-Identifier: Apache-2.0
"""From observations to the records of a tick: FOCUS, STATS, RAW and CLIPBOARD, and no more than the policy lets through.

Rules:

1. Pure: no clock, no file, no randomness. The same observations give the same totals however they are cut into ticks.
2. The size of a record says nothing: each type keeps to one padded size. What does not fit waits for the next tick, in a
   bounded backlog; what does not fit there is counted, and the count is recorded. CLIPBOARD carries one copy or paste in
   each tick, "none" where there was none, so that its count says nothing either. The stop has a fixed number of records.
3. What the policy turns off is dropped as it arrives, before it is held anywhere.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from agent.paths import Arrivals, joined_way
from agent.sensor import Beside, Copied, FrontWindow, Keystroke, Looks, Press, Stroke
from agent.tally import Devices, Tally, most_that_fit
from session.events import Clipboard, Disclosure, Focus, FocusChange, KeyClass, Kind, Nearby, Raw, RawKey, RawStroke, Stats
from session.table import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.sensor import Observation
    from session.events import Payload
    from session.policy import Policy
    from session.ports import ClockReading

REST_US: Final = 150_000
"""Pointer movements are parted by this much rest. Source: session/events.py, Stats.strokes."""
RAW_WITHHELD_BYTES: Final = 192
"""Padded size of RAW while it is withheld: some 35 keystrokes. Source: docs/session-format.md, Nothing to watch live."""
RAW_SENT_BYTES: Final = 512
"""Padded size of RAW where a policy sends it. Source: as above."""
BACKLOG_FOCUS: Final = 512
"""Changes of the window in front that wait for a record, at most."""
BACKLOG_BESIDE: Final = 64
"""Things beside the window in front that wait for a record, at most: one record holds some ten."""
BACKLOG_CLIPBOARD: Final = 256
"""Copies and pastes that wait for a record, at most: twenty minutes of one a tick."""
BACKLOG_RAW: Final = 4096
"""Keystrokes and movements that wait for a record, at most: ten minutes of fast typing."""

_FOCUS_PAD_BYTES: Final = TYPES[Kind.FOCUS].pad
_ENTRY_BYTES: Final = 6
"""What an entry of RAW takes, compressed, in typing. Only where the search for how many fit begins."""
CLOSING_RAW: Final = 120
"""RAW records that the stop writes whatever waits: as many as the backlog needs at ten minutes of fast typing.

How many were needed would tell how much was typed before the stop.
"""
CLOSING_FOCUS: Final = 4
"""FOCUS records of the stop: some 30 changes. What needs more comes from a program, not from a hand, and gets more."""
CLOSING_CLIPBOARD: Final = 12
"""CLIPBOARD records of the stop: twelve copies and pastes. As above."""

_MOST_DWELL_MS: Final = 99_999_999
_MOST_PART_MS: Final = 60_000
_MOST_PART_PX: Final = 1_000_000
_MOST_PART_MOVES: Final = 100_000
_APP_BYTES: Final = 128
_COPIED_APP_BYTES: Final = 90
"""With this bound CLIPBOARD stays within its padded size even where every letter is written double."""
_TITLE_BYTES: Final = 300
"""With these bounds one change always fits into FOCUS: 508 bytes as it stands, and where quotation marks or backslashes are
written double, less than that once compressed."""


_Part = TypeVar("_Part", Tally, "_Timing", "_Windows", "_Clipboard")


class TickBodies(msgspec.Struct, frozen=True):
    """What one tick writes: None where the policy turns a type off. `raw_least_bytes` is the padded size of `raw`."""

    focus: Focus | None
    stats: Stats | None
    raw: Raw | None
    raw_least_bytes: int
    clipboard: Clipboard | None = None
    clipboard_dropped: bool = False

    @property
    def overflowed(self) -> bool:
        """Whether something was dropped for want of room. How much stands in `dropped`, inside the sealed records."""
        return any(body is not None and body.dropped > 0 for body in (self.focus, self.raw))

    @property
    def records(self) -> Iterator[tuple[Kind, Payload, int]]:
        """Kind, body and least padded size (0: the type's own) of each record, in the order in which they are written."""
        if self.focus is not None:
            yield Kind.FOCUS, self.focus, 0
        if self.stats is not None:
            yield Kind.STATS, self.stats, 0
        if self.raw is not None:
            yield Kind.RAW, self.raw, self.raw_least_bytes
        if self.clipboard is not None:
            yield Kind.CLIPBOARD, self.clipboard, 0


class Minimiser:
    """Takes observations, gives the bodies of a tick's records. Not thread-safe: the writer's own.

    Args:
        policy: decides which records there are, and whether titles are among them.
        reading: the session's start; idle counts from here until the first event.
    """

    def __init__(self, policy: Policy, reading: ClockReading) -> None:
        raw = policy.disclosure_of(Kind.RAW)
        devices = Devices()
        stats_off = policy.disclosure_of(Kind.STATS) is Disclosure.OFF
        self._tally = None if stats_off else Tally(devices, reading)
        self._timing = None if raw is Disclosure.OFF else _Timing(devices)
        self._raw_least_bytes = RAW_SENT_BYTES if raw is Disclosure.SENT else RAW_WITHHELD_BYTES
        focus_off = policy.disclosure_of(Kind.FOCUS) is Disclosure.OFF
        self._windows = None if focus_off else _Windows(titles=policy.titles.detail == "full")
        self._clipboard = None if policy.disclosure_of(Kind.CLIPBOARD) is Disclosure.OFF else _Clipboard()
        self._movements: dict[int, Stroke] = {}
        self._arrivals = Arrivals()

    @property
    def waiting(self) -> bool:
        """Whether another tick at the same moment would still carry something: at stop, further records drain it."""
        return any(part is not None and part.waiting for part in self._parts)

    @property
    def _parts(self) -> tuple[Tally | _Timing | _Windows | _Clipboard | None, ...]:
        return self._tally, self._timing, self._windows, self._clipboard

    def take(self, observation: Observation) -> None:
        """Counts one observation; what carries none of the tick's records is passed over."""
        if self._clipboard is not None:
            self._clipboard.take(observation)
        if isinstance(observation, Keystroke):
            if self._tally is not None:
                self._tally.keystroke(observation)
            if self._timing is not None and not observation.repeat:
                self._timing.keep(observation)
        elif isinstance(observation, Stroke):
            stroke = _bounded(observation)
            begins = self._join_movement(stroke)
            self._arrivals.moved(stroke, begins=begins)
            if self._tally is not None:
                self._tally.stroke(stroke, begins=begins)
        elif isinstance(observation, Press):
            if self._tally is not None:
                self._tally.press(observation, jumped=self._arrivals.pressed(observation))
        elif isinstance(observation, FrontWindow | Beside | Looks) and self._windows is not None:
            self._windows.take(observation)

    def tick(self, reading: ClockReading, *, ends: bool = False) -> TickBodies:
        """The bodies of the tick that ends at `reading`, each small enough for its padded size.

        `ends` says that observation ends here, so that movements do too.
        """
        self._end_movements(rested_until_us=None if ends else reading.mono_us)
        return self._bodies(reading, self._tally, self._timing, self._windows, self._clipboard)

    def close(self, reading: ClockReading, number: int) -> TickBodies | None:
        """What the stop writes after its last tick, asked with 0, 1, 2 ... until None.

        As many records of each type whether much waits or nothing; STATS only where something waits.
        """
        self._end_movements(rested_until_us=None)
        parts = (
            _due(self._tally, number, 0),
            _due(self._timing, number, CLOSING_RAW),
            _due(self._windows, number, CLOSING_FOCUS),
            _due(self._clipboard, number, CLOSING_CLIPBOARD),
        )
        return self._bodies(reading, *parts) if any(part is not None for part in parts) else None

    def _bodies(
        self,
        reading: ClockReading,
        tally: Tally | None,
        timing: _Timing | None,
        windows: _Windows | None,
        clipboard: _Clipboard | None,
    ) -> TickBodies:
        told = clipboard.record(reading) if clipboard is not None else None
        return TickBodies(
            focus=windows.record(reading) if windows is not None else None,
            stats=tally.record(reading) if tally is not None else None,
            raw=timing.record(reading, self._raw_least_bytes) if timing is not None else None,
            raw_least_bytes=self._raw_least_bytes,
            clipboard=told,
            clipboard_dropped=clipboard is not None and clipboard.take_dropped(),
        )

    def interrupt(self, mono_us: int, sensor: str = "", *, begins: bool = False) -> None:
        """Observation by `sensor`, or by all where it is "", begins or ends: nothing is measured across `mono_us`.

        Where it is "", the next tick's span counts from here. `begins`: a sensor says that it observes again, and may have
        told before that what it found.
        """
        keyboard, pointer, window, copies = (sensor in ("", one) for one in ("keyboard", "pointer", "window", "clipboard"))
        if self._clipboard is not None and not begins:
            self._clipboard.forget(size=copies, front=window)
        if pointer:
            self._end_movements(rested_until_us=None)
            self._arrivals.forget()
        if window and self._windows is not None:
            self._windows.forget_front()
        if self._tally is not None:
            self._tally.interrupt(mono_us, keyboard=keyboard, pointer=pointer)
            if not sensor:
                self._tally.begin_tick(mono_us)

    def _join_movement(self, stroke: Stroke) -> bool:
        """Adds a part to the movement of its device; True where it begins a new one."""
        before = self._movements.get(stroke.source)
        if before is not None and stroke.mono_us - _end_us(before) < REST_US:
            self._movements[stroke.source] = _joined(before, stroke)
            return False
        if before is not None:
            self._end_movement(stroke.source)
        self._movements[stroke.source] = stroke
        return True

    def _end_movements(self, *, rested_until_us: int | None) -> None:
        for source, movement in list(self._movements.items()):
            if rested_until_us is None or rested_until_us - _end_us(movement) >= REST_US:
                self._end_movement(source)

    def _end_movement(self, source: int) -> None:
        movement = self._movements.pop(source)
        if self._tally is not None:
            self._tally.movement(movement)
        if self._timing is not None:
            self._timing.keep(movement)


class _Timing:
    """What RAW has still to carry."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._backlog: deque[Keystroke | Stroke] = deque()
        self._dropped = 0
        self._near = 0

    @property
    def waiting(self) -> bool:
        return bool(self._backlog or self._dropped)

    def keep(self, entry: Keystroke | Stroke) -> None:
        if len(self._backlog) >= BACKLOG_RAW:
            self._dropped += 1
            return
        self._backlog.append(entry)

    def record(self, reading: ClockReading, padded_bytes: int) -> Raw:
        if not self.waiting:
            return Raw(reading.t_us, reading.mono_us)
        taken = tuple(islice(self._backlog, padded_bytes))  # an entry takes more than a byte, compressed or not
        mono_us = reading.mono_us
        keys: list[RawKey] = []
        strokes: list[RawStroke] = []
        keys_before = [0]
        for entry in taken:
            if isinstance(entry, Keystroke):
                keys.append(self._key(entry, mono_us))
            else:
                strokes.append(self._stroke(entry, mono_us))
            keys_before.append(len(keys))

        def body(count: int) -> Raw:
            first = keys_before[count]
            return Raw(reading.t_us, reading.mono_us, tuple(keys[:first]), tuple(strokes[: count - first]), self._dropped)

        count = most_that_fit(len(taken), padded_bytes, body, near=self._near or padded_bytes // _ENTRY_BYTES)
        if count < len(taken):
            self._near = count
        record = body(count)
        for _ in range(count):
            self._backlog.popleft()
        self._dropped = 0
        return record

    def _key(self, entry: Keystroke, mono_us: int) -> RawKey:
        dwell_ms = entry.dwell_ms
        if not -1 <= dwell_ms <= _MOST_DWELL_MS:
            dwell_ms = min(max(-1, dwell_ms), _MOST_DWELL_MS)
        at_ms = (entry.mono_us - mono_us) // 1000
        return RawKey(at_ms, entry.key_class, dwell_ms, self._devices.number(entry.source))

    def _stroke(self, entry: Stroke, mono_us: int) -> RawStroke:
        return RawStroke(
            at_ms=(entry.mono_us - mono_us) // 1000,
            duration_ms=entry.duration_ms,
            path_px=entry.path_px,
            net_px=entry.net_px,
            moves=entry.moves,
            source=self._devices.number(entry.source),
        )


class _Clipboard:
    """What CLIPBOARD has still to carry: copies as their sensor tells them, pastes as the keyboard does.

    A paste has the size of the last copy, 0 where none was seen or one may have been missed, and the application in front.
    """

    def __init__(self) -> None:
        self._backlog: deque[tuple[str, int, int, str]] = deque()
        self._size_bytes = 0
        self._front = ""
        self._dropped = False

    @property
    def waiting(self) -> bool:
        return bool(self._backlog)

    def take(self, observation: Observation) -> None:
        if isinstance(observation, FrontWindow):
            self._front = observation.app if observation.window else ""
        elif isinstance(observation, Copied):
            self._size_bytes = observation.size_bytes
            self._keep("copy", observation.mono_us, observation.app)
        elif isinstance(observation, Keystroke) and observation.key_class is KeyClass.PASTE and not observation.repeat:
            self._keep("paste", observation.mono_us, self._front)

    def forget(self, *, size: bool, front: bool) -> None:
        """What the clipboard holds, or what is in front, may have changed unseen."""
        if size:
            self._size_bytes = 0
        if front:
            self._front = ""

    def record(self, reading: ClockReading) -> Clipboard:
        if not self._backlog:
            return Clipboard(reading.t_us, reading.mono_us, "none", 0, "")
        action, mono_us, size_bytes, app = self._backlog.popleft()
        t_us = max(0, reading.t_us - (reading.mono_us - mono_us))
        return Clipboard(t_us, max(0, mono_us), action, size_bytes, app)

    def take_dropped(self) -> bool:
        dropped, self._dropped = self._dropped, False
        return dropped

    def _keep(self, action: str, mono_us: int, app: str) -> None:
        if len(self._backlog) >= BACKLOG_CLIPBOARD:
            self._dropped = True
            return
        self._backlog.append((action, mono_us, self._size_bytes, _short(app, 128, _COPIED_APP_BYTES)))


class _Windows:
    """What FOCUS has still to carry, and the numbers of windows in order of appearance. What is beside them waits apart."""

    def __init__(self, *, titles: bool) -> None:
        self._titles = titles
        self._numbers: dict[int, int] = {}
        self._backlog: deque[FocusChange] = deque()
        self._beside: deque[Nearby] = deque()
        self._watched = 0
        self._front: tuple[int, str, str] | None = None
        self._dropped = 0

    @property
    def waiting(self) -> bool:
        return bool(self._backlog or self._beside or self._dropped)

    def forget_front(self) -> None:
        """What is in front is not known any more: the next window is a change even if it is the last one."""
        self._front = None

    def take(self, seen: FrontWindow | Beside | Looks) -> None:
        if isinstance(seen, FrontWindow):
            self._in_front(seen)
        elif isinstance(seen, Looks):
            self._watched |= seen.watched
        elif len(self._beside) < BACKLOG_BESIDE:
            self._beside.append(Nearby(max(0, seen.mono_us), seen.kind, seen.what, seen.number))
        else:
            self._dropped += 1

    def _in_front(self, front: FrontWindow) -> None:
        app = _short(front.app, 128, _APP_BYTES)
        title = _short(front.title, 512, _TITLE_BYTES) if self._titles else ""
        if self._front == (front.window, app, title):
            return  # without titles, a change of title alone is no change
        self._front = (front.window, app, title)
        if len(self._backlog) >= BACKLOG_FOCUS:
            self._dropped += 1
            return
        number = self._numbers.setdefault(front.window, len(self._numbers) + 1) if front.window else 0
        self._backlog.append(FocusChange(mono_us=max(0, front.mono_us), window=number, app=app, title=title))

    def record(self, reading: ClockReading) -> Focus:
        if not self.waiting:
            return Focus(reading.t_us, reading.mono_us, watched=self._watched)
        windows, all_of_them = len(self._backlog), len(self._backlog) + len(self._beside)

        def body(count: int) -> Focus:
            changes = tuple(islice(self._backlog, count))
            nearby = tuple(islice(self._beside, max(0, count - windows)))
            return Focus(reading.t_us, reading.mono_us, changes, self._dropped, nearby, self._watched)

        count = most_that_fit(min(all_of_them, _FOCUS_PAD_BYTES), _FOCUS_PAD_BYTES, body, near=all_of_them)
        record = body(count)
        for _ in record.changes:
            self._backlog.popleft()
        for _ in record.nearby:
            self._beside.popleft()
        self._dropped = 0
        return record


def _due(part: _Part | None, number: int, least: int) -> _Part | None:
    """`part` where it still writes at the stop: `least` records at any rate, and more while something waits."""
    return part if part is not None and (number < least or part.waiting) else None


def _end_us(stroke: Stroke) -> int:
    return stroke.mono_us + stroke.duration_ms * 1000


def _bounded(stroke: Stroke) -> Stroke:
    """The part within what a hand can do: a device that reports nonsense must not fill the record."""
    if (
        0 <= stroke.duration_ms <= _MOST_PART_MS
        and 0 <= stroke.path_px <= _MOST_PART_PX
        and 0 <= stroke.net_px <= _MOST_PART_PX
        and 0 <= stroke.moves <= _MOST_PART_MOVES
    ):
        return stroke
    return msgspec.structs.replace(
        stroke,
        duration_ms=min(max(0, stroke.duration_ms), _MOST_PART_MS),
        path_px=min(max(0, stroke.path_px), _MOST_PART_PX),
        net_px=min(max(0, stroke.net_px), _MOST_PART_PX),
        moves=min(max(0, stroke.moves), _MOST_PART_MOVES),
        way=None,
    )


def _joined(before: Stroke, after: Stroke) -> Stroke:
    """One movement of two parts. Directions are not kept, so the net length of the whole is the sum: an upper bound."""
    end_us = max(_end_us(before), _end_us(after))
    return Stroke(
        mono_us=before.mono_us,
        duration_ms=(end_us - before.mono_us) // 1000,
        path_px=before.path_px + after.path_px,
        net_px=before.net_px + after.net_px,
        moves=before.moves + after.moves,
        source=before.source,
        injected=before.injected,
        way=joined_way(before.way, after.way),
    )


def _short(text: str, most_chars: int, most_bytes: int) -> str:
    """`text` in one line of at most so many characters and UTF-8 bytes, cut between characters, without lone surrogates."""
    printable = "".join(char if char.isprintable() else " " for char in text[:most_chars])
    return printable.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")
