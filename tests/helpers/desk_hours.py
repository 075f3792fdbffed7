# SPDX-License-Identifier: Apache-2.0
"""Hours of hands on the devices of a real X server, in seconds: each event goes through it, and has the time of a script.

    with xorg_hardware() as (desk, hardware):
        events = recorded(desk, by_hardware(hardware), live(seed=1, length_s=7200), policy)

Real are the events, the server, the observer of agent/x11/input.py and all that is made of what it tells; made up are the
times on the events (in place of the server's clock, which `ServerTime` reads) and when the observer looks. An event more or
less than the script has ends the test, so no time can go to another event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import Final, NamedTuple
from unittest.mock import patch

import xcffib.xtest
from desk_hardware import KEYCODES, Hardware
from desk_server import Desk, until
from guessing_people import AI_PAGE, PAGES, Life
from xcffib.xproto import KB

from agent.minimise import Minimiser
from agent.sensor import FrontWindow, Keystroke, Observation, Press, Stroke
from agent.x11.connection import GENERIC_EVENT, Connection, connect
from agent.x11.input import HIERARCHY, PACE_MS, _Input
from session.events import TICK_US, Event, KeyClass
from session.policy import Policy
from session.ports import ClockReading

BEGIN: Final = ClockReading(1_790_000_000_000_000, 9_000_000_000, 9_000_000_000)
BATCH: Final = 100
"""Events on their way at once: the server's queue holds some hundred."""
MOVES: Final = 4
"""Events of one movement, whatever the script says: its length is all that is asked of it."""
WHEEL: Final = 4
"""The button that is a step of it, upwards."""
LETTERS: Final = "etaoinshrdlucmfywgpbkxqjz"
KEYS: Final = {
    KeyClass.SPACE: " ",
    KeyClass.DELETE: "BackSpace",
    KeyClass.ENTER: "Return",
    KeyClass.NAVIGATION: "Left",
    KeyClass.OTHER: "Escape",
}


class Deed(NamedTuple):
    """What a hand does at once: a key by its name goes down or up, the pointer makes a step, a button is clicked."""

    at_us: int
    key: str = ""
    down: bool = False
    step_px: int = 0
    button: int = 0

    @property
    def events(self) -> int:
        """How many are told of it: a step of the wheel is a motion of another axis, too."""
        return 2 if self.button == WHEEL else 1


Hands = Callable[[Sequence[Deed]], None]
"""Makes these events in their order, and returns when the server has taken all."""


def deeds_of(life: Life) -> list[Deed]:
    """What the hands of a life do, in order, in µs from its beginning; the server's clock knows whole ms."""
    found: list[Deed] = []
    up_at: dict[str, int] = {}
    for at_us, one in life.observations:
        if isinstance(one, Keystroke) and one.key_class is not KeyClass.PASTE:
            key = KEYS.get(one.key_class) or LETTERS[len(found) % len(LETTERS)]
            if (held := up_at.get(key)) is not None and found[held].at_us >= at_us:
                found[held] = found[held]._replace(at_us=at_us - 1)
            up_at[key] = len(found) + 1
            found += [Deed(at_us, key, down=True), Deed(at_us + max(1, one.dwell_ms) * 1000, key)]
        elif isinstance(one, Stroke):
            part_us = one.duration_ms * 1000 // MOVES
            # out and back by turns, so that the pointer meets no edge
            step_px = (one.path_px // MOVES + 1) * (-1 if len(found) % 2 else 1)
            found += [Deed(at_us + number * part_us, step_px=step_px) for number in range(MOVES)]
        elif isinstance(one, Press):
            found.append(Deed(at_us, button=WHEEL if one.scroll else 1))
    found.sort(key=lambda deed: deed.at_us)
    return [deed._replace(at_us=deed.at_us // 1000 * 1000) for deed in found]


def by_hardware(hardware: Hardware) -> Hands:
    """Hands on a keyboard and a mouse."""

    def hands(deeds: Sequence[Deed]) -> None:
        for on_keys, group in groupby(deeds, key=lambda deed: bool(deed.key)):
            if on_keys:
                hardware.keys([(deed.key, deed.down) for deed in group])
                continue
            for deed in group:
                if deed.button:
                    hardware.click(deed.button)
                else:
                    hardware.move(deed.step_px, 0)

    return hands


def by_xtest(desk: Desk) -> Hands:
    """The same keys from a program, by the server's automation device; it has no hand on the mouse."""
    connection = connect(desk.name, {})
    xtest, root = connection(xcffib.xtest.key), connection.root

    def hands(deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            xtest.FakeInput(2 if deed.down else 3, KEYCODES[deed.key], 0, root, 0, 0, 0)
        connection.core.GetInputFocus().reply()

    return hands


class _Script:
    """Stands for the server's clock: each event has the time that is next."""

    def __init__(self) -> None:
        self.times: deque[int] = deque()

    def mono_us(self, server_ms: int, now_us: int) -> int:
        del server_ms, now_us
        return self.times.popleft()


def recorded(desk: Desk, hands: Hands, life: Life, policy: Policy, *, keys_alone: bool = False) -> list[Event]:
    """The records of a session of this life whose hands are on the devices of `desk`.

    With `keys_alone` only keys are used. The AI tool's page is another one here: nobody asks about hands because of it.
    """
    deeds = [deed for deed in deeds_of(life) if deed.key or not keys_alone]
    fronts = deque((at_us, one) for at_us, one in life.observations if isinstance(one, FrontWindow))
    minimiser, events, tick_us = Minimiser(policy, BEGIN), list[Event](), TICK_US
    for look_us, observations in (*_looks(desk, hands, deeds), (life.length_us + 2 * TICK_US, [])):
        while tick_us <= look_us:
            while fronts and fronts[0][0] <= tick_us:
                minimiser.take(_front(*fronts.popleft()))
            for kind, body, _ in minimiser.tick(_reading(tick_us)).records:
                events.append(Event(seq=len(events) + 1, kind=kind, body=body))
            tick_us += TICK_US
        for observation in observations:
            minimiser.take(observation)
    return events


def _looks(desk: Desk, hands: Hands, deeds: Sequence[Deed]) -> Iterator[tuple[int, list[Observation]]]:
    """When the observer looked, from the beginning, and what it told then."""
    script = _Script()
    connection = connect(desk.name, {})
    try:
        # a server that is busy would otherwise repeat a key that is down between two batches
        connection.core.ChangeKeyboardControl(KB.AutoRepeatMode, [0], is_checked=True).check()
        told: list[Observation] = []
        with patch("agent.x11.input.ServerTime", lambda: script):
            observer = _Input(connection, told.append)
        waiting = iter(deeds)
        while batch := list(islice(waiting, BATCH)):
            hands(batch)
            expected = [deed for deed in batch for _ in range(deed.events)]
            came = zip(expected, _received(connection, len(expected)), strict=True)
            for look_us, pairs in groupby(came, key=lambda pair: _look_us(pair[0].at_us)):
                together = list(pairs)
                script.times.extend(BEGIN.mono_us + deed.at_us for deed, _ in together)
                observer.handle([event for _, event in together], BEGIN.mono_us + look_us)
                assert not script.times, "each time has gone to an event"
                yield look_us, told.copy()
                told.clear()
        observer.finish(BEGIN.mono_us)
    finally:
        connection.disconnect()


def _received(connection: Connection, most: int) -> list[bytes]:
    """So many events of devices, neither more nor less."""
    found: list[bytes] = []

    def all_there() -> bool:
        connection.core.GetInputFocus().reply()
        events = (event for event in connection.drain() if event and event[0] & 0x7F == GENERIC_EVENT)
        found.extend(event for event in events if int.from_bytes(event[8:10], "little") != HIERARCHY)
        return len(found) >= most

    until(all_there, f"{most} events of devices")
    assert len(found) == most
    return found


def _front(at_us: int, one: FrontWindow) -> FrontWindow:
    number = one.window - 100
    app, title = PAGES[AI_PAGE + 1 if number == AI_PAGE else number]
    return FrontWindow(BEGIN.mono_us + at_us, one.window, app, title, one.pid, f"/usr/bin/{app}")


def _look_us(at_us: int) -> int:
    """The first look after it."""
    return (at_us // (PACE_MS * 1000) + 1) * PACE_MS * 1000


def _reading(at_us: int) -> ClockReading:
    return ClockReading(BEGIN.t_us + at_us, BEGIN.mono_us + at_us, BEGIN.boottime_us + at_us)
