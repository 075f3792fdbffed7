# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front: marks with their time, in plain words. No Qt, no file, no clock.

Rules:

1. No mark is not nothing there: where nobody looked, that is said, apart for devices and for windows.
2. A kind that this version does not know is not shown at all. Source: docs/session-format.md, Nearby.
3. No word names a product, a maker or whose a window is: the record holds none of these.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from enum import StrEnum
from typing import Final

import msgspec

from session.events import TICK_US, WATCHED_DEVICES, WATCHED_OVERLAYS, Event, Focus, Kind
from ui.replay.view import local
from ui.strings import Words

CAME: Final = "device-came"
"""Source of the kinds: docs/session-format.md, Nearby."""
WENT: Final = "device-went"
OVERLAY: Final = "overlay"
STAYED_US: Final = 120_000_000
"""A window over the one in front is told once it stayed this long. Source: docs/session-format.md, Nearby."""

_TOLD_FOR_US: Final = {CAME: TICK_US, WENT: TICK_US, OVERLAY: STAYED_US}
"""The kinds that are shown, and for how long after its beginning each belongs to the moment that is looked at."""
_DEVICES: Final = frozenset({CAME, WENT})
_RESTS_ON: Final = {
    "new-hardware": (_DEVICES, frozenset({"keyboard", "pointer"})),
    "overlay-window": (frozenset({OVERLAY}), frozenset[str]()),
}
"""Which marks of its evidence a finding asks about; no second set: whatever it is. Source: both cards of docs/detectors/."""


class Looked(StrEnum):
    """For how much of the readable record the agent looked. CLOSED: nothing of the record is readable."""

    ALL = "all"
    PART = "part"
    NONE = "none"
    CLOSED = "closed"


class NearbyMark(msgspec.Struct, frozen=True):
    """One thing that was seen beside the window in front.

    Args:
        seq: of the FOCUS that tells it. t_us: UTC; of a window since when it stayed.
        kind: CAME, WENT or OVERLAY. what: as the record has it; number: how many, 0 where it does not say.
    """

    seq: int
    t_us: int
    kind: str
    what: str
    number: int


class NearbySeen(msgspec.Struct, frozen=True):
    """All marks of a session by time, and for how much of it devices and windows were looked for."""

    marks: tuple[NearbyMark, ...] = ()
    devices: Looked = Looked.NONE
    overlays: Looked = Looked.NONE

    def at(self, t_us: int) -> tuple[NearbyMark, ...]:
        """What belongs to the moment `t_us`: a device within a tick after it, a window while it certainly stayed."""
        return tuple(mark for mark in self.marks if mark.t_us <= t_us < mark.t_us + _TOLD_FOR_US[mark.kind])

    def next(self, t_us: int, step: int) -> int | None:
        """When the next (1) or previous (-1) mark is, None where there is none."""
        times = [mark.t_us for mark in self.marks]
        at = bisect_right(times, t_us) if step > 0 else bisect_left(times, t_us) - 1
        return times[at] if 0 <= at < len(times) else None


def nearby_seen(events: Iterable[Event], from_us: int, to_us: int) -> NearbySeen:
    """What the records say, every mark inside [from_us, to_us): one that a clock put elsewhere stands at the nearer end.

    Raises:
        ValueError: the session is empty, `to_us` <= `from_us`.
    """
    if to_us <= from_us:
        raise ValueError("an empty session has no place for a mark")
    focuses = [event for event in events if event.kind == Kind.FOCUS]
    told = [mark for event in focuses for mark in marks_of(event)]
    inside = [msgspec.structs.replace(mark, t_us=min(max(mark.t_us, from_us), to_us - 1)) for mark in told]
    bodies = [event.body for event in focuses if isinstance(event.body, Focus)]
    if focuses and not bodies:
        return NearbySeen((), Looked.CLOSED, Looked.CLOSED)
    kinds = {mark.kind for mark in told}
    return NearbySeen(
        tuple(sorted(inside, key=lambda mark: (mark.t_us, mark.seq))),
        _looked(bodies, WATCHED_DEVICES, told=bool(kinds & _DEVICES)),
        _looked(bodies, WATCHED_OVERLAYS, told=OVERLAY in kinds),
    )


def _looked(bodies: Sequence[Focus], bit: int, *, told: bool) -> Looked:
    number = sum(bool(body.watched & bit) for body in bodies)
    if number and number == len(bodies):
        return Looked.ALL
    return Looked.PART if number or told else Looked.NONE  # what is told was looked for, whatever the bits say


def marks_of(event: Event) -> tuple[NearbyMark, ...]:
    """The marks of one record, in its order; none where it is not a readable FOCUS."""
    body = event.body
    if not isinstance(body, Focus):
        return ()
    return tuple(
        NearbyMark(event.seq, body.t_us - (body.mono_us - one.mono_us), one.kind, one.what, one.number)
        for one in body.nearby
        if one.kind in _TOLD_FOR_US
    )


def evidence_us(event: Event, detector: str) -> tuple[int, ...]:
    """The moments of this record that a finding of `detector` rests on; none where it rests on the record's own time."""
    kinds, whats = _RESTS_ON.get(detector, (frozenset[str](), frozenset[str]()))
    found = (mark for mark in marks_of(event) if mark.kind in kinds and (not whats or mark.what in whats))
    return tuple(sorted({mark.t_us for mark in found}))


def mark_words(mark: NearbyMark, words: Words) -> str:
    """One mark as a sentence without its full stop: what, how many, and whether it came, went or stayed."""
    ending = "more" if mark.number > 1 else "one"
    what = "" if mark.kind == OVERLAY else f".{mark.what}"
    unknown = "" if mark.kind == OVERLAY else ".other"
    sentence = words.of(f"nearby.{mark.kind}{what}.{ending}", f"nearby.{mark.kind}{unknown}.{ending}")
    return sentence.format(number=words.number(mark.number))


def mark_line(mark: NearbyMark, words: Words, zone: tzinfo) -> str:
    """One mark with its time on the wall in `zone`."""
    return words("nearby.at", time=f"{local(mark.t_us, zone):%H:%M:%S}", what=mark_words(mark, words))


def looked_words(seen: NearbySeen, words: Words) -> tuple[str, ...]:
    """What was not observed, or only for a while, and that nothing was seen where nothing was; no mark is in it."""
    both = {seen.devices, seen.overlays}
    if Looked.CLOSED in both:
        return (words("nearby.closed"),)
    if both == {Looked.NONE}:
        return (words("nearby.none"),)
    apart = (("devices", seen.devices), ("overlays", seen.overlays))
    lacks = [words(f"nearby.{name}.{looked}") for name, looked in apart if looked is not Looked.ALL]
    if seen.marks:
        return tuple(lacks)
    observed = [name for name, looked in apart if looked is not Looked.NONE]
    return words("nearby.quiet" if len(observed) > 1 else f"nearby.{observed[0]}.quiet"), *lacks
