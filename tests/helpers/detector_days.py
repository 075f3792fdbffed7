# SPDX-License-Identifier: Apache-2.0
"""Days made of scenes, for properties that every detector keeps: each tick has its records, as an agent writes them.

A scene is what somebody does for some ticks; a day is scenes in a row, with gaps, declarations and removed records between.
A detector that no scene raises is known by these properties on one side only: whoever writes one adds its scene.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from detector_tapes import BROWSER, CHAT_PAGE, EDITOR, TICK_S
from hypothesis import strategies as st
from replay_sessions import Tape, injected, source, unknown

from session.events import (
    WATCHED_DEVICES,
    WATCHED_OVERLAYS,
    WATCHED_RUNNERS,
    Capture,
    Clipboard,
    Edge,
    Event,
    Focus,
    FocusChange,
    Gap,
    Injected,
    KeyClass,
    Kind,
    Nearby,
    Note,
    Raw,
    RawKey,
    RawStroke,
    Reason,
    SourceCount,
)

SCOPES: Final = ("keyboard", "pointer", "window", "clipboard", "capture", "runners", "session")
REDACTABLE: Final = (Kind.STATS, Kind.FOCUS, Kind.CLIPBOARD, Kind.CAPTURE, Kind.RAW)
"""What a trainer may take out, of what stands in these days. Source: session/table.py."""
WATCHED: Final = WATCHED_DEVICES | WATCHED_OVERLAYS | WATCHED_RUNNERS
UNSEEN: Final = (Reason.DIED, Reason.DENIED, Reason.ABSENT, Reason.QUEUE_FULL)
"""Why a sensor may see nothing."""


class Tick(msgspec.Struct, frozen=True):
    """Five seconds: what the devices sent, which windows came in front (second within the tick), a copy or a paste.

    `screens` are what the monitors show in a screenshot of that tick, each by a word of its own; "" where none is taken.
    `nearby`: second within the tick, kind and what of a thing beside the window in front.
    """

    sources: tuple[SourceCount, ...] = ()
    windows: tuple[tuple[float, str, str], ...] = ()
    moment: tuple[float, str, int, str] | None = None
    strokes: int = 0
    distance_px: int = 0
    pauses: tuple[int, ...] = ()
    pace: tuple[int, ...] = ()
    screens: tuple[str, ...] = ()
    nearby: tuple[tuple[float, str, str], ...] = ()


HAND: Final = (
    *[(1, 0)] * 4,
    (1, 1),
    *[(1, 0)] * 6,
    (2, 1),
    *[(1, 0)] * 3,
    (1, 1),
    (3, 1),
    (1, 0),
    (4, -1),
    (1, 0),
)
"""Twenty intervals of a hand: the bin of `pauses`, and whether it is long beside the middle one; -1 where it is a pause."""


def _typed(*sources: SourceCount, even: bool = False) -> Tick:
    """Typing, with the intervals of a hand, or all of them alike."""
    text = sum(one.text_keys for one in sources)
    pauses, pace = [0] * 6, [0, 0]
    for at in range(text):
        rest, longer = HAND[at % len(HAND)]
        pauses[rest] += 1
        if longer >= 0:
            pace[longer] += 1
    return Tick(sources) if even or not text else Tick(sources, pauses=tuple(pauses), pace=tuple(pace))


def _pointed(*, moves: int = 60, buttons: int = 0, scrolls: int = 0, strokes: int = 3) -> Tick:
    return Tick(
        (SourceCount(2, Injected.NO, 0, 0, buttons, scrolls, moves),) if moves + buttons + scrolls else (),
        strokes=strokes,
        distance_px=40 * strokes,
    )


def _pictured(tick: Tick, *screens: str) -> Tick:
    return msgspec.structs.replace(tick, screens=screens)


def _by_program(*, even: int = 2, jumps: int = 0, paths: int = 2, injected: Injected = Injected.NO) -> Tick:
    """Long ways of one device, so many of them in equal steps; and presses of software after one bound."""
    one = SourceCount(2 + injected, injected, 0, 0, jumps, 0, 40 * paths + jumps, paths, even, jumps)
    return Tick((one,), strokes=paths + jumps, distance_px=400 * (paths + jumps))


def _shows(app: str, title: str = "", second: float = 1.0) -> Tick:
    return Tick(windows=((second, app, title),))


def _moves(action: str, size_bytes: int, app: str) -> Tick:
    keys = (SourceCount(1, Injected.NO, 0, 1, 0, 0, 0),) if action == "paste" else ()
    return Tick(keys, moment=(2.0, action, size_bytes, app))


_EDITS: Final = _shows(EDITOR, "Draft 2")
_ASKS: Final = _shows(BROWSER, CHAT_PAGE)

_PLUGS: Final = (
    Tick(nearby=((1.0, "device-went", "keyboard"), (4.0, "device-came", "keyboard"))),
    Tick(nearby=((1.0, "device-came", "pointer"), (2.0, "device-came", "automation"), (3.0, "other", "keyboard"))),
)

_QUITS: Final = Tick(nearby=((3.0, "runner-went", "Ollama"),))

SCENES: Final[dict[str, tuple[Tick, ...]]] = {
    "nothing": (Tick(),) * 12,
    "types": (_EDITS, *[_typed(source(20))] * 30),
    "types on like clockwork": (_EDITS, *[_typed(source(25), even=True)] * 130),
    "types on still screens": (*[_pictured(_typed(source(15)), "page", "desk"), *[_typed(source(15))] * 5] * 25,),
    "types into a page": tuple(_pictured(_typed(source(15)), f"page {n}", "desk") for n in range(40)),
    "changes the keyboard": (*_PLUGS, *[_typed(source(20))] * 10, *_PLUGS, *[_typed(source(20))] * 3),
    "has a window over it": (_EDITS, Tick(nearby=((2.0, "overlay", "kept-above"),)), *[_typed(source(20))] * 10),
    "has a model running": (_EDITS, Tick(nearby=((0.5, "runner-came", "Ollama"),)), *[_typed(source(20))] * 10, _QUITS),
    "types without a source": (_EDITS, *[_typed(unknown(25))] * 30),
    "types through a remapper": (_EDITS, *[_typed(source(20), injected(19))] * 30),
    "software types": (_EDITS, *[_typed(injected(14))] * 30),
    "software types a little": (*[_typed(injected(20))] * 10, _typed(source(3))),
    "has a tool in front": (_ASKS, *[_pointed(scrolls=3)] * 8, _EDITS),
    "glances at a tool": (_shows(BROWSER, CHAT_PAGE, 4.0), _shows(EDITOR, "Draft 2", 0.5)),
    "has a chat program in front": (_shows("claude", "Claude"), *[_pointed(buttons=1)] * 6),
    "reads a page": (_shows(BROWSER, "Glaciers - Wikipedia - Google Chrome"), *[_pointed(scrolls=2)] * 10),
    "copies from a tool": (_ASKS, Tick(), _moves("copy", 900, BROWSER), _EDITS, Tick(), _moves("paste", 900, EDITOR)),
    "copies its own": (_EDITS, _moves("copy", 300, EDITOR), Tick(), _moves("paste", 300, EDITOR)),
    "pastes from nowhere": (_EDITS, *[_typed(source(10))] * 3, _moves("paste", 20_000, EDITOR), _moves("paste", 60, EDITOR)),
    "pastes something": (_moves("paste", 250, BROWSER), _moves("copy", 12, "klipper")),
    "moves the pointer": (_EDITS, *[_pointed(strokes=n % 5 + 1, buttons=n % 7 == 0) for n in range(24)]),
    "moves the pointer in equal steps": (_EDITS, *[_by_program()] * 250),
    "lets a program point and press": (
        _EDITS,
        *[_typed(source(9)), _by_program(jumps=2, paths=0, injected=Injected.YES)] * 125,
    ),
    "moves the pointer alone": (_EDITS, *[_pointed(moves=40, strokes=5)] * 720),
}
PIECES: Final = (
    *(_typed(), _typed(source(20)), _typed(source(0, other=1)), _typed(injected(20)), _typed(unknown(25))),
    *(_typed(source(20), injected(20)), _typed(injected(20), unknown(2)), _typed(source(4), injected(25))),
    *(
        _EDITS,
        _ASKS,
        _pointed(),
        _by_program(),
        _moves("copy", 900, BROWSER),
        _moves("paste", 900, EDITOR),
        _moves("copy", 300, EDITOR),
    ),
)
"""Single ticks, for days that are made of less than scenes."""
_LONG: Final = 60
"""Ticks of a scene in a random day: a whole one of an hour is for the examples."""


class Diary:
    """Writes ticks one after the other; windows may be told a tick late, as after a busy one."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.second = 0.0
        self._numbers: dict[str, int] = {"": 0}
        self._late: tuple[FocusChange, ...] = ()
        self._shown: dict[int, tuple[str, int]] = {}

    def tick(self, tick: Tick, *, late: bool = False) -> None:
        """The records of one tick."""
        tape, begin_s = self.tape, self.second
        self.second = end_s = begin_s + TICK_S
        told = tuple(
            FocusChange(tape.at(begin_s + at)[1], self._numbers.setdefault(app, len(self._numbers)), app, title)
            for at, app, title in tick.windows
        )
        told, self._late = (self._late, told) if late else ((*self._late, *told), ())
        for monitor, screen in enumerate(tick.screens):
            if screen:
                self._picture(begin_s + 2.5 + monitor / 4, monitor, screen)
        nearby = tuple(Nearby(tape.at(begin_s + at)[1], kind, what, 1) for at, kind, what in tick.nearby)
        tape.add(Kind.FOCUS, Focus(*tape.at(end_s), told, 0, nearby, WATCHED))
        tape.tick(
            end_s, *tick.sources, pauses=tick.pauses, pace=tick.pace, strokes=tick.strokes, distance_px=tick.distance_px
        )
        tape.add(Kind.RAW, _raw(tape.at(end_s), tick))
        at, action, size_bytes, app = tick.moment or (TICK_S, "none", 0, "")
        tape.add(Kind.CLIPBOARD, Clipboard(*tape.at(begin_s + at), action, size_bytes, app))

    def _picture(self, second: float, monitor: int, screen: str) -> None:
        before, root = self._shown.get(monitor, ("", 0))
        same_as = root if screen == before else 0
        where, size = (1920 * monitor, 0, 1920, 1080), 3000
        body = Capture(*self.tape.at(second), monitor, *where, "image/webp", size, "0" * 64, "0" * 16, same_as)
        seq = self.tape.add(Kind.CAPTURE, body)
        self._shown[monitor] = (screen, same_as or seq)


def _raw(now: tuple[int, int], tick: Tick) -> Raw:
    text = sum(one.text_keys for one in tick.sources)
    keys = tuple(RawKey(5000 * n // text - 5000, KeyClass.TEXT, 80, 1) for n in range(text))
    strokes = tuple(RawStroke(900 * n - 5000, 300, 40, 30, 12, 2) for n in range(min(tick.strokes, 5)))
    return Raw(*now, keys, strokes)


def day_of(*names: str) -> list[Event]:
    """The scenes of these names, whole, one after the other."""
    diary = Diary()
    for name in names:
        for tick in SCENES[name]:
            diary.tick(tick)
    return diary.tape.events


_scenes = st.builds(
    lambda name, most: SCENES[name][:most], st.sampled_from(sorted(SCENES)), st.sampled_from([_LONG, _LONG, 3, 12])
)
_pieces = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([1, 1, 4, 9, 24])), max_size=5).map(
    lambda runs: tuple(tick for tick, times in runs for _ in range(times))
)


@st.composite
def days(draw: st.DrawFn) -> list[Event]:
    """Some scenes, cut short or not, with what comes between."""
    diary = Diary()
    for _ in range(draw(st.integers(0, 5))):
        late = draw(st.booleans())
        for tick in draw(st.one_of(_scenes, _pieces)):
            diary.tick(tick, late=late)
        _between(draw, diary)
    events = diary.tape.events
    removed = draw(st.sets(st.integers(0, max(0, len(events) - 1)), max_size=2))
    return [_without(event) if index in removed else event for index, event in enumerate(events)]


def _between(draw: st.DrawFn, diary: Diary) -> None:
    what, tape = (
        draw(st.sampled_from(["nothing", "nothing", "gap", "crash", "declare", "note", "later", "boot"])),
        diary.tape,
    )
    if what == "gap":
        scope, reason = draw(st.sampled_from(SCOPES)), draw(st.sampled_from(UNSEEN))
        tape.gap(diary.second, Edge.BEGIN, reason, scope)
        for _ in range(draw(st.sampled_from([1, 6, 40])) if scope != "session" else 0):
            diary.tick(Tick())
        if draw(st.booleans()):
            diary.second += draw(st.sampled_from([0, 90]))
            tape.gap(diary.second, Edge.END, reason, scope)
    elif what == "crash":
        diary.second += 30
        tape.gap(diary.second, Edge.POINT, Reason.CRASH, "session", since=diary.second - 30)
    elif what == "declare":
        tape.declare(diary.second, draw(st.sampled_from(["a chat page", "a chat page", "dictation", "remote desktop"])))
    elif what == "note":
        tape.add(Kind.NOTE, Note(tape.at(diary.second)[0], "words"))
    elif what == "later":
        diary.second += draw(st.sampled_from([7, 130, 4000]))
    elif what == "boot":
        tape.mono_us = 1_000_000 - round(diary.second * 1_000_000) + draw(st.integers(0, 10**9))


def _without(event: Event) -> Event:
    return Event(event.seq, event.kind, None) if event.kind in REDACTABLE else event


def thinned(events: Sequence[Event], chosen: Callable[[Event], bool]) -> list[Event]:
    """`events` with the sealed part of each that is `chosen` taken out, where a trainer may take it out."""
    return [_without(event) if chosen(event) else event for event in events]


def darkened(events: Sequence[Event], scope: str, reason: Reason, first: int, last: int) -> list[Event]:
    """`events` with one gap more, of `scope`, before the records `first` and `last`.

    It stays open where another of that scope would end with it: nobody begins to see by a further reason not to.
    """
    first, last = sorted((min(first, len(events)), min(last, len(events))))
    open_there = False
    for event in events[:last]:
        gap = event.body
        if isinstance(gap, Gap) and gap.scope == scope and gap.edge is not Edge.POINT:
            open_there = gap.edge is Edge.BEGIN
    begin = Event(0, Kind.GAP, _gap_at(events, first, Edge.BEGIN, reason, scope))
    end = () if open_there else (Event(0, Kind.GAP, _gap_at(events, last, Edge.END, reason, scope)),)
    return [*events[:first], begin, *events[first:last], *end, *events[last:]]


def pointed(events: Sequence[Event], scope: str, reason: Reason, at: int, length_s: int) -> list[Event]:
    """`events` with a gap more that was told when it was over."""
    at = min(at, len(events))
    gap = _gap_at(events, at, Edge.POINT, reason, scope)
    since = msgspec.structs.replace(gap, from_us=gap.t_us - length_s * 1_000_000)
    return [*events[:at], Event(0, Kind.GAP, since), *events[at:]]


def _gap_at(events: Sequence[Event], index: int, edge: Edge, reason: Reason, scope: str) -> Gap:
    """The clocks stand at the tick that was told last; a paste is told with the time at which it happened."""
    for event in reversed(events[:index]):
        if isinstance(event.body, Focus):
            return Gap(event.body.t_us, event.body.mono_us, edge, reason, scope)
    tape = Tape()
    return Gap(*tape.at(0), edge, reason, scope)
