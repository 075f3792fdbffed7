# SPDX-License-Identifier: Apache-2.0
"""Pointers that move by themselves, and hands: strokes as a sensor tells them, and the records that the agent makes of them.

events = recorded(there_and_back(30.0, 1200.0), 1200.0)

The kinds of mover are those that are sold and shared: a step there and back at a fixed interval, a walk, a glide, a disc
that turns under the mouse; as a USB device, or as software. The hands are drawn from quantiles of office work (Balabit
challenge: six people, remote desktop, clocks of 15.6 and 109 ms): how long a pointer rests, how far and how long it moves.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Final

import msgspec

from agent.minimise import Minimiser
from agent.sensor import FrontWindow, Keystroke, Observation, Press, Stroke
from session.events import TICK_US, Declare, Disclosure, Edge, Event, Focus, Gap, Injected, KeyClass, Kind, Reason, Stats
from session.policy import Policy, default_policy_toml, parse_policy
from session.ports import ClockReading

BEGIN_US: Final = 9_000_000_000
LOOK_US: Final = 140_000
"""A sensor tells what it found so long after it happened, at most. Source: agent/x11/input.py, PACE_MS."""
MOUSE: Final = 2

RESTS_S: Final = (0.156, 0.171, 0.187, 0.218, 0.249, 0.296, 0.359, 0.483, 0.718, 1.466, 172.0)
"""Rests of 150 ms or more in office work: the 1st percentile, the deciles, the 99.9th percentile. n = 193,434."""
LENGTHS_PX: Final = (1, 4, 8, 16, 34, 72, 143, 272, 527, 1559, 3620)
"""Ways: quantiles 0, 20 to 90 by tens, 99 and 99.9 %. n = 193,474."""
LENGTHS_AT: Final = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0)
DURATIONS_S: Final = (0.0, 0.0, 0.0, 0.0, 0.094, 0.125, 0.234, 0.359, 0.561, 0.874, 3.073)
"""Durations, as the rests."""


def there_and_back(
    every_s: float, until_s: float, *, begin_s: float = 0.0, step_px: int = 4, **more: Injected
) -> list[Stroke]:
    """A step out and one back after 50 ms, at a fixed interval: two moves, one movement."""
    return [_stroke(at, 0.05, 2 * step_px, 0, 2, **more) for at in _times(every_s, begin_s, until_s)]


def walk(every_s: float, until_s: float, *, begin_s: float = 0.0, most_px: int = 5, **more: Injected) -> list[Stroke]:
    """One step in a random direction at a fixed interval."""
    rng = random.Random(7)  # noqa: S311 - a pattern, no secret
    return [_stroke(at, 0.0, rng.randint(1, most_px), 1, 1, **more) for at in _times(every_s, begin_s, until_s)]


def glide(every_s: float, until_s: float, *, begin_s: float = 0.0, **more: Injected) -> list[Stroke]:
    """A long way in two fifths of a second at a fixed interval, as the movers that want to look like a hand do."""
    rng = random.Random(8)  # noqa: S311 - a pattern, no secret
    return [_long(at, 0.4, rng.randint(100, 900), **more) for at in _times(every_s, begin_s, until_s)]


def at_random(
    least_s: float, most_s: float, until_s: float, *, step_px: int = 4, seed: int = 0, **more: Injected
) -> list[Stroke]:
    """Small steps after intervals that are drawn anew each time."""
    rng, found, at = random.Random(seed), [], 0.0  # noqa: S311 - a pattern, no secret
    while (at := at + rng.uniform(least_s, most_s)) < until_s:
        found.append(_stroke(at, 0.05, rng.randint(1, step_px), 0, 2, **more))
    return found


def disc(until_s: float, *, px_per_s: int = 200, **more: Injected) -> list[Stroke]:
    """A disc that turns under the mouse: it never rests."""
    return [_long(0.0, until_s, round(px_per_s * until_s), **more)]


def drift(until_s: float, *, seed: int = 0) -> list[Stroke]:
    """A mouse that lies on a shiny surface, or whose desk is touched: single counts in bursts, and long rests."""
    rng, found, at = random.Random(seed), [], 0.0  # noqa: S311 - a pattern, no secret
    while (at := at + rng.expovariate(1 / 14.0)) < until_s:
        for _ in range(rng.randint(1, 9)):
            found.append(_stroke(at, 0.0, 1, 1, 1))
            at += rng.uniform(0.02, 0.9)
    return found


def ball(until_s: float, *, seed: int = 0) -> list[Stroke]:
    """A trackball that comes to rest slowly, and is touched now and then by a hand that rests on it."""
    rng, found, at = random.Random(seed), [], 0.0  # noqa: S311 - a pattern, no secret
    while (at := at + rng.lognormvariate(1.6, 1.1)) < until_s:
        length_s = rng.uniform(0.2, 1.6)
        found.append(_long(at, length_s, rng.randint(2, 260)))
        at += length_s
    return found


def hand(until_s: float, *, seed: int = 0, slower: float = 1.0, rest_s: float = 100.0) -> list[Stroke]:
    """Office work without its clicks, nor a rest longer than `rest_s`, so that nothing but its rhythm speaks for it.

    `slower` stretches the rests, as of somebody who reads with a hand on the mouse.
    """
    rng, found, at = random.Random(seed), [], 0.0  # noqa: S311 - a pattern, no secret
    even = tuple(number / 10 for number in range(11))
    while (at := at + min(rest_s, slower * _drawn(rng, even, RESTS_S))) < until_s:
        length_s = _drawn(rng, even, DURATIONS_S)
        found.append(_long(at, length_s, round(_drawn(rng, LENGTHS_AT, LENGTHS_PX))))
        at += length_s
    return found


SOFTWARE: Final = {"injected": Injected.YES}
MOVERS: Final[dict[str, Callable[[float, float, float], list[Stroke]]]] = {
    "there and back, USB": lambda every, until, begin: there_and_back(every, until, begin_s=begin),
    "there and back, unknown": lambda every, until, begin: there_and_back(
        every, until, begin_s=begin, injected=Injected.UNKNOWN
    ),
    "there and back, software": lambda every, until, begin: there_and_back(every, until, begin_s=begin, **SOFTWARE),
    "one px, USB": lambda every, until, begin: there_and_back(every, until, begin_s=begin, step_px=1),
    "walk, USB": lambda every, until, begin: walk(every, until, begin_s=begin),
    "walk, software": lambda every, until, begin: walk(every, until, begin_s=begin, **SOFTWARE),
    "glide, USB": lambda every, until, begin: glide(every, until, begin_s=begin),
    "glide, software": lambda every, until, begin: glide(every, until, begin_s=begin, **SOFTWARE),
}
"""Movers with a fixed interval: (interval, until, begin), in seconds."""


@cache
def without_timing() -> Policy:
    """The policy as shipped, but for RAW, which no detector reads."""
    shipped = parse_policy(default_policy_toml())
    return msgspec.structs.replace(shipped, disclosure=msgspec.structs.replace(shipped.disclosure, timing=Disclosure.OFF))


def recorded(observations: Iterable[Observation], until_s: float, *, first_s: float = 0.0) -> list[Event]:
    """The records of a session that begins at time 0 under one window, by the agent's own code; ticks end at 5, 10, 15 s ...

    Args:
        observations: in order of their times.
        until_s: the last tick ends at or before this.
        first_s: when the first movement's time 0 is, from the session's beginning.
    """
    shift_us = round(first_s * 1e6)
    moved = (msgspec.structs.replace(one, mono_us=one.mono_us + shift_us) for one in observations)
    waiting = deque(sorted(((_told_us(part), part) for one in moved for part in _told(one)), key=lambda told: told[0]))
    minimiser = Minimiser(without_timing(), _reading(0))
    minimiser.take(FrontWindow(mono_us=BEGIN_US, window=77, app="reader", title="", pid=1, executable=""))
    events: list[Event] = []
    for end_us in range(TICK_US, round(until_s * 1e6) + 1, TICK_US):
        while waiting and waiting[0][0] <= BEGIN_US + end_us:
            minimiser.take(waiting.popleft()[1])
        events += [
            Event(seq=len(events) + number, kind=kind, body=body)
            for number, (kind, body, _) in enumerate(minimiser.tick(_reading(end_us)).records, 1)
        ]
    return events


def press(at_s: float, *, scroll: bool = False, injected: Injected = Injected.NO) -> Press:
    """A button, or a step of the wheel."""
    return Press(mono_us=_us(at_s), scroll=scroll, source=MOUSE, injected=injected)


def keystroke(at_s: float, key_class: KeyClass = KeyClass.TEXT, *, repeat: bool = False) -> Keystroke:
    return Keystroke(BEGIN_US + round(at_s * 1e6), key_class, 80, 1, Injected.NO, repeat)


SIGNS: Final[list[tuple[str, Callable[[float], Observation]]]] = [
    ("a letter", keystroke),
    ("a modifier", lambda at: keystroke(at, KeyClass.MODIFIER)),
    ("a held key", lambda at: keystroke(at, repeat=True)),
    ("a click", press),
    ("a step of the wheel", lambda at: press(at, scroll=True)),
    ("a click by software", lambda at: press(at, injected=Injected.YES)),
    ("another window", lambda at: FrontWindow(BEGIN_US + round(at * 1e6), 78 + round(at), "editor", "", 1, "")),
]


def gap(second: float, edge: Edge, reason: Reason, scope: str) -> tuple[Kind, Gap]:
    return Kind.GAP, Gap(1_790_000_000_000_000 + round(second * 1e6), BEGIN_US + round(second * 1e6), edge, reason, scope)


def shifted(event: Event, by_us: int) -> Event:
    """The same record at another origin of time."""
    body = event.body
    if not isinstance(body, Stats | Gap | Declare | Focus):
        return event
    fields = {"t_us": body.t_us + by_us, "mono_us": body.mono_us + by_us}
    if isinstance(body, Gap) and body.from_us:
        fields["from_us"] = body.from_us + by_us
    if isinstance(body, Focus):
        changes = tuple(msgspec.structs.replace(one, mono_us=one.mono_us + by_us) for one in body.changes)
        return msgspec.structs.replace(event, body=msgspec.structs.replace(body, changes=changes, **fields))
    return msgspec.structs.replace(event, body=msgspec.structs.replace(body, **fields))


def statistics(events: Sequence[Event]) -> list[Stats]:
    """The bodies of STATS."""
    return [event.body for event in events if isinstance(event.body, Stats)]


def _times(every_s: float, begin_s: float, until_s: float) -> Iterator[float]:
    number = 0
    while (at := begin_s + number * every_s) < until_s:
        yield at
        number += 1


def _us(at_s: float) -> int:
    return BEGIN_US + round(at_s * 1e6)


def _stroke(
    at_s: float, length_s: float, path_px: int, net_px: int, moves: int, *, injected: Injected = Injected.NO
) -> Stroke:
    return Stroke(
        mono_us=_us(at_s),
        duration_ms=round(length_s * 1000),
        path_px=path_px,
        net_px=net_px,
        moves=moves,
        source=MOUSE + int(injected),
        injected=injected,
    )


def _long(at_s: float, length_s: float, path_px: int, *, injected: Injected = Injected.NO) -> Stroke:
    """A movement of a hundred moves a second."""
    return _stroke(at_s, length_s, path_px, path_px, max(1, round(length_s * 100)), injected=injected)


def _told(one: Observation) -> Iterator[Observation]:
    """As a sensor tells it: a movement in parts, what fell between two looks."""
    if not isinstance(one, Stroke) or not one.duration_ms:
        yield one
        return
    end_us = one.mono_us + one.duration_ms * 1000
    begun_us, begun_px, begun_moves = one.mono_us, 0, 0
    while begun_us < end_us:
        until_us = min(end_us, _look_us(begun_us + 1))
        share = (until_us - one.mono_us) / (end_us - one.mono_us)
        px, moves = round(one.path_px * share), max(begun_moves + 1, round(one.moves * share))
        last_us = until_us if until_us == end_us else until_us - 10_000  # the next move comes after the look
        yield msgspec.structs.replace(
            one,
            mono_us=begun_us,
            duration_ms=max(0, last_us - begun_us) // 1000,
            path_px=px - begun_px,
            net_px=min(one.net_px, px - begun_px),
            moves=moves - begun_moves,
        )
        begun_us, begun_px, begun_moves = until_us, px, moves


def _drawn(rng: random.Random, at: Sequence[float], values: Sequence[float]) -> float:
    """A number of the distribution with these quantiles, straight between them, and the last on a log scale."""
    share = rng.random()
    piece = min(max(1, bisect(at, share)), len(at) - 1)
    part = (share - at[piece - 1]) / (at[piece] - at[piece - 1])
    low, high = values[piece - 1], values[piece]
    if piece == len(at) - 1 and low > 0:
        return low * (high / low) ** part
    return low + (high - low) * part


def _look_us(at_us: int) -> int:
    """The first look at or after `at_us`."""
    return BEGIN_US - (BEGIN_US - at_us) // LOOK_US * LOOK_US


def _told_us(one: Observation) -> int:
    return _look_us(one.mono_us + (one.duration_ms * 1000 if isinstance(one, Stroke) else 0))


def _reading(at_us: int) -> ClockReading:
    return ClockReading(1_790_000_000_000_000 + at_us, BEGIN_US + at_us, BEGIN_US + at_us)
