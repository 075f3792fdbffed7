# SPDX-License-Identifier: Apache-2.0
"""What came, went or stayed beside the window in front: marks with their time, in plain words. No Qt, no file, no clock.

Rules:

1. No mark is not nothing there: where nobody looked, that is said, apart for devices, windows and programs that run models.
   Of those programs nothing is said where neither the policy has them noted nor a record tells of them.
2. A kind that this version does not know is not shown at all. Source: docs/session-format.md, FOCUS.
3. No word names a product, a maker or whose a window is: the record holds none of these. Only a program that runs models
   has a name in it, which anyone may have written there: `shown_name` makes it plain text, and it stands last, so that no
   writing of its own turns the sentence about.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from enum import StrEnum
from typing import Final

import msgspec

from session.events import TICK_US, WATCHED_DEVICES, WATCHED_OVERLAYS, WATCHED_RUNNERS, Event, Focus, Kind
from ui.replay.view import local
from ui.strings import Words

CAME: Final = "device-came"
"""Source of the kinds: docs/session-format.md, FOCUS."""
WENT: Final = "device-went"
OVERLAY: Final = "overlay"
RUNNER_CAME: Final = "runner-came"
RUNNER_WENT: Final = "runner-went"
KINDS: Final = (CAME, WENT, OVERLAY, RUNNER_CAME, RUNNER_WENT)
"""The kinds that are shown, in the order of the legend."""
MOST_LETTERS: Final = 32
"""Letters of a program's name that are shown. Source: looked at; the longest in our catalogue has 21."""
STAYED_US: Final = 120_000_000
"""A window over the one in front is told once it stayed this long. Source: docs/session-format.md, FOCUS."""

_TOLD_FOR_US: Final = {kind: STAYED_US if kind == OVERLAY else TICK_US for kind in KINDS}
"""For how long after its beginning each belongs to the moment that is looked at."""
_DEVICES: Final = frozenset({CAME, WENT})
_RUNNERS: Final = frozenset({RUNNER_CAME, RUNNER_WENT})
_RESTS_ON: Final = {
    "new-hardware": (_DEVICES, frozenset({"keyboard", "pointer"})),
    "overlay-window": (frozenset({OVERLAY}), frozenset[str]()),
    "local-model": (frozenset({RUNNER_CAME}), frozenset[str]()),
}
"""Which marks of its evidence a finding asks about; no second set: whatever it is. Source: the cards of docs/detectors/."""


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
        kind: of KINDS. what: as the record has it; number: how many, 0 where it does not say.
    """

    seq: int
    t_us: int
    kind: str
    what: str
    number: int


class NearbySeen(msgspec.Struct, frozen=True):
    """All marks of a session by time, and for how much of it each was looked for.

    `runners` is None where nothing is to be said of programs that run models.
    """

    marks: tuple[NearbyMark, ...] = ()
    devices: Looked = Looked.NONE
    overlays: Looked = Looked.NONE
    runners: Looked | None = None

    @property
    def looked(self) -> frozenset[Looked]:
        """For how much of the record anything was looked for, of all that is to be spoken of."""
        return frozenset((self.devices, self.overlays, *([] if self.runners is None else [self.runners])))

    def at(self, t_us: int) -> tuple[NearbyMark, ...]:
        """What belongs to the moment `t_us`: a window while it certainly stayed, all else within a tick after it."""
        return tuple(mark for mark in self.marks if mark.t_us <= t_us < mark.t_us + _TOLD_FOR_US[mark.kind])

    def next(self, t_us: int, step: int) -> int | None:
        """When the next (1) or previous (-1) mark is, None where there is none."""
        times = [mark.t_us for mark in self.marks]
        at = bisect_right(times, t_us) if step > 0 else bisect_left(times, t_us) - 1
        return times[at] if 0 <= at < len(times) else None


def nearby_seen(events: Iterable[Event], from_us: int, to_us: int, *, notes_runners: bool = False) -> NearbySeen:
    """What the records say, every mark inside [from_us, to_us): one that a clock put elsewhere stands at the nearer end.

    `notes_runners`: whether the policy has programs that run models noted, so that none looked for is to be said.

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
        return NearbySeen((), Looked.CLOSED, Looked.CLOSED, Looked.CLOSED if notes_runners else None)
    kinds = {mark.kind for mark in told}
    runners = _looked(bodies, WATCHED_RUNNERS, told=bool(kinds & _RUNNERS))
    return NearbySeen(
        tuple(sorted(inside, key=lambda mark: (mark.t_us, mark.seq))),
        _looked(bodies, WATCHED_DEVICES, told=bool(kinds & _DEVICES)),
        _looked(bodies, WATCHED_OVERLAYS, told=OVERLAY in kinds),
        runners if notes_runners or runners is not Looked.NONE else None,
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
        if one.kind in KINDS
    )


def evidence_us(event: Event, detector: str) -> tuple[int, ...]:
    """The moments of this record that a finding of `detector` rests on; none where it rests on the record's own time."""
    kinds, whats = _RESTS_ON.get(detector, (frozenset[str](), frozenset[str]()))
    found = (mark for mark in marks_of(event) if mark.kind in kinds and (not whats or mark.what in whats))
    return tuple(sorted({mark.t_us for mark in found}))


def mark_words(mark: NearbyMark, words: Words) -> str:
    """One mark as a sentence without its full stop: what, how many, and whether it came, went or stayed.

    Of a program that runs models its name in place of how many: one program is often several processes.
    """
    if mark.kind in _RUNNERS:
        what, name = words(f"nearby.{mark.kind}"), shown_name(mark.what)
        return words("nearby.named", what=what, name=name) if name else what
    ending = "more" if mark.number > 1 else "one"
    what = "" if mark.kind == OVERLAY else f".{mark.what}"
    unknown = "" if mark.kind == OVERLAY else ".other"
    sentence = words.of(f"nearby.{mark.kind}{what}.{ending}", f"nearby.{mark.kind}{unknown}.{ending}")
    return sentence.format(number=words.number(mark.number))


def shown_name(name: str) -> str:
    """A name of a record as plain text of one line and at most MOST_LETTERS; "" where nothing of it can be seen.

    Marks that turn or break a line, and whatever else has no sign of its own, are shown as �.
    """
    signs = "".join(sign if sign.isprintable() or sign.isspace() else "�" for sign in name)
    line = " ".join(signs.split())
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1].rstrip()}…"


def mark_line(mark: NearbyMark, words: Words, zone: tzinfo) -> str:
    """One mark with its time on the wall in `zone`."""
    return words("nearby.at", time=f"{local(mark.t_us, zone):%H:%M:%S}", what=mark_words(mark, words))


def looked_words(seen: NearbySeen, words: Words) -> tuple[str, ...]:
    """What was not observed, or only for a while, and that nothing was seen where nothing was; no mark is in it."""
    if Looked.CLOSED in seen.looked:
        return (words("nearby.closed"),)
    apart = [("devices", seen.devices), ("overlays", seen.overlays)]
    observed = [name for name, looked in apart if looked is not Looked.NONE]
    if seen.runners is not None:
        apart.append(("runners", seen.runners))
    lacks = [words(f"nearby.{name}.{looked}") for name, looked in apart if looked is not Looked.ALL]
    if not observed:
        lacks[:2] = [words("nearby.none")]
    if seen.marks:
        return tuple(lacks)
    quiet = [words("nearby.quiet")] if len(observed) > 1 else [words(f"nearby.{name}.quiet") for name in observed]
    if seen.runners not in (None, Looked.NONE):
        quiet.append(words("nearby.runners.quiet"))
    return (*quiet, *lacks)


def why_words(seen: NearbySeen, words: Words) -> tuple[str, ...]:
    """How ordinary such marks are, of the kinds that are there."""
    kinds = {mark.kind for mark in seen.marks}
    why = [words("nearby.why")] if kinds - _RUNNERS else []
    return (*why, *([words("nearby.why.runners")] if kinds & _RUNNERS else []))
